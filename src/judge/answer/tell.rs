//! What people are told: the answers to commands that ask, and what of a decision waits for somebody else.
//!
//! Comes in: a command with who wrote it, the threats as they stand. Goes out: Markdown. Decides nothing.

use super::{Desk, thread_fingerprints};
use crate::change::{Day, Posted, Surface};
use crate::command::help;
use crate::command::{Command, Refusal, Target, Verb};
use crate::decisions::assigned;
use crate::decisions::authority;
use crate::decisions::{Block, Reviewed, Ruling, Standing, Verdict};
use crate::judge::matters::Matter;
use crate::report::reply::{explain, history, show};
use crate::report::reproduction;
use crate::report::{escape, lines};
use std::collections::BTreeSet;

/// So many IDs are named one by one.
const FEW: usize = 5;
/// Most IDs of a fold.
const FOLDED: usize = 40;

impl Desk<'_> {
    /// What is told of a comment that was carried out. What has to be typed comes before what may be too long.
    pub(super) fn said(&self, posted: &Posted, commands: &[Command], blocks: &[Block], told: Vec<String>) -> String {
        let words = self.proposed_words(blocks).into_iter().chain(put_off_words(posted, commands, blocks)).chain(told);
        let words: Vec<String> = words.collect();
        // A review bears no mark that would say so.
        if words.is_empty() && posted.surface == Surface::Review { done_words(blocks) } else { words.join("\n\n") }
    }

    /// What of it waits for somebody else's word, and why.
    pub(super) fn proposed_words(&self, blocks: &[Block]) -> Vec<String> {
        let named = |wanted: &dyn Fn(&Block) -> bool| {
            let ids: Vec<&str> = blocks.iter().filter(|block| wanted(block)).map(|block| block.threat.as_str()).collect();
            Some(ids).filter(|ids| !ids.is_empty())
        };
        let is_plain = |block: &Block| self.needed_of(block) < 2;
        let by_author = named(&|block| block.proposal && is_plain(block) && authority::is_author(&block.by));
        let by_bot = named(&|block| block.proposal && is_plain(block) && authority::is_bot(&block.by));
        let by_one = named(&|block| block.proposal && is_plain(block) && !authority::only_proposes(&block.by));
        let still = named(&|block| block.verdict == Verdict::Confirmed && is_plain(block) && self.is_proposed(block));
        let back = named(&|block| block.verdict == Verdict::Undone);
        let assigned = self.assigned_words(blocks);
        let commit = self.pull.authors.iter().flatten().find_map(|authors| authors.unknown.first());
        let commit = commit.map_or_else(|| "a commit".to_owned(), |commit| format!("commit {}", commit.short()));
        let unknown = format!("nobody can tell who wrote {commit}, so that two people who may decide must agree");
        let words = [
            assigned,
            back.map(|ids| format!("Taken back: what you last said here, on {}.", some(&ids))),
            by_author.map(|ids| {
                format!("Noted as a proposal, since you are an author here: somebody else types {}.{}", self.confirm(&ids), fold(&ids))
            }),
            by_bot.map(|ids| {
                format!("Noted as a proposal, since a bot says so: somebody who may decide types {}.{}", self.confirm(&ids), fold(&ids))
            }),
            by_one.map(|ids| format!("Noted as a proposal: {unknown}; somebody else types {}.{}", self.confirm(&ids), fold(&ids))),
            still.map(|ids| format!("Noted: {unknown}; one more types {}.{}", self.confirm(&ids), fold(&ids))),
        ];
        words.into_iter().flatten().chain(self.agreement_words(blocks)).chain(self.misread_words(blocks)).collect()
    }

    /// The command that confirms all of these IDs, to be copied as it stands: of many by the lines that they are, each of which names its whole set.
    pub(super) fn confirm(&self, ids: &[&str]) -> String {
        let mut names: Vec<String> = Vec::new();
        let mut rest: Vec<&str> = ids.to_vec();
        if ids.len() > FEW {
            for line in lines(&self.reviewed, &self.change.numbers) {
                let of_line: Vec<String> = line.members().map(|reviewed| reviewed.threat.id()).collect();
                if of_line.len() > 1 && of_line.iter().all(|id| rest.contains(&id.as_str())) {
                    rest.retain(|id| !of_line.iter().any(|of_line| of_line == id));
                    names.push(line.id);
                }
            }
        }
        names.extend(rest.into_iter().map(str::to_owned));
        escape::code(&format!("/stride confirm {}", names.join(" ")))
    }

    /// What is kept of that which Astride misread, and where it may be told.
    fn misread_words(&self, blocks: &[Block]) -> Vec<String> {
        let misread: Vec<&Block> = blocks.iter().filter(|block| block.verdict == Verdict::Wrong && !block.rule.is_empty()).collect();
        reproduction::words(&misread, &self.change.repository.web_url, self.settings.misread_issues.as_deref())
    }

    /// Who is asked for which answer. Whoever is asked for the first time on this pull request is mentioned, and only then.
    fn assigned_words(&self, blocks: &[Block]) -> Option<String> {
        let asked: Vec<&Block> = blocks.iter().filter(|block| block.verdict == Verdict::Assigned).collect();
        let mut names: Vec<&String> = asked.iter().filter_map(|block| block.to.as_ref()).collect();
        names.sort();
        names.dedup();
        let line = |name: &&String| {
            let of: Vec<&&Block> = asked.iter().filter(|block| block.to.as_ref() == Some(*name)).collect();
            let ids: Vec<&str> = of.iter().map(|block| block.threat.as_str()).collect();
            let is_new = of.first().is_some_and(|block| assigned::is_first(block, self.ledger.blocks.values().flatten()));
            let who = if is_new { escape::mention(name) } else { escape::text(name) };
            let by = of.first().map_or_else(String::new, |block| escape::text(&block.by.login));
            format!("{who}: {by} asks you for an answer to {}.", some(&ids))
        };
        let lines: Vec<String> = names.iter().map(line).collect();
        (!lines.is_empty()).then(|| format!("{} Until somebody decides, the check says what it said.", lines.join(" ")))
    }

    pub(super) fn is_proposed(&self, block: &Block) -> bool {
        if let Some(matter) = self.matters.iter().find(|matter| matter.fingerprint == block.fingerprint) {
            return matches!(self.rulings.get(&matter.id), Some(Ruling::Proposed(_)));
        }
        let about = |reviewed: &&Reviewed| reviewed.threat.fingerprint() == block.fingerprint;
        self.reviewed.iter().find(about).is_some_and(|reviewed| matches!(reviewed.standing, Standing::Proposed(_)))
    }

    /// What waits and bears no number, for whoever looks for one: weakened settings, files to repair.
    pub(super) fn unnumbered(&self, command: &Command) -> String {
        let is_open = |matter: &&Matter| !matches!(self.rulings.get(&matter.id), Some(Ruling::Decided(_)));
        let open: Vec<&str> = self.matters.iter().filter(is_open).map(|matter| matter.id.as_str()).collect();
        let by_number = command.what.iter().any(|target| matches!(target, Target::Number(_)));
        if open.is_empty() || !(by_number || command.what.is_empty()) {
            return String::new();
        }
        format!(" What waits and has no number: {}.", listed(&open))
    }

    /// The answer to a command that asks; `None` for one that does not.
    pub(super) fn tell(&self, posted: &Posted, command: &Command) -> Result<Option<String>, String> {
        match command.verb {
            Verb::Help => Ok(Some(help::markdown())),
            Verb::Explain | Verb::Show if self.named_matters(command).is_ok_and(|(matters, _)| !matters.is_empty()) => {
                let (matters, rest) = self.named_matters(command)?;
                let mut words: Vec<String> = matters.iter().map(|matter| matter.words(self.rulings.get(&matter.id))).collect();
                if let Some(rest) = rest {
                    words.extend(self.tell(posted, &rest)?);
                }
                Ok(Some(words.join("\n\n")))
            }
            Verb::Explain => self.find(posted, command).map(|found| Some(found.iter().map(explain).collect::<Vec<_>>().join("\n\n"))),
            Verb::Show if command.what.is_empty() && thread_fingerprints(self.change, posted.surface).is_none() => {
                Ok(Some(show(&self.reviewed, &lines(&self.reviewed, &self.change.numbers))))
            }
            Verb::Show => {
                let found = self.find(posted, command)?;
                let histories = found.iter().filter_map(|reviewed| history(reviewed, &self.ledger));
                Ok(Some(std::iter::once(show(&found, &[])).chain(histories).collect::<Vec<_>>().join("\n")))
            }
            Verb::Mitigate
            | Verb::Accept
            | Verb::Defer
            | Verb::Transfer
            | Verb::NotApplicable
            | Verb::Wrong
            | Verb::Confirm
            | Verb::Reopen
            | Verb::Undo
            | Verb::Carry
            | Verb::Assign
            | Verb::Recheck
            | Verb::Emergency => Ok(None),
        }
    }
}

/// Why nothing of a comment with so many commands was done.
pub(super) fn refused(refusals: &[Refusal], among: usize) -> String {
    if let ([only], 1) = (refusals, among) {
        return only.why.clone();
    }
    let lines: Vec<String> = refusals.iter().map(|refusal| format!("- line {}: {}", refusal.line, refusal.why)).collect();
    format!("Nothing in this comment was done:\n\n{}", lines.join("\n"))
}

/// IDs in code, with commas between them.
pub(super) fn listed(ids: &[&str]) -> String {
    ids.iter().map(|id| escape::code(id)).collect::<Vec<_>>().join(", ")
}

/// As `listed`, of many only the first.
pub(super) fn some(ids: &[&str]) -> String {
    let named = listed(ids.get(..FEW).unwrap_or(ids));
    if ids.len() > FEW { format!("{named} and {} more", ids.len() - FEW) } else { named }
}

/// Which threats a command is about that does not name each of them.
pub(super) fn fold(ids: &[&str]) -> String {
    if ids.len() <= FEW {
        return String::new();
    }
    let named: Vec<String> = ids.iter().take(FOLDED).map(|id| format!("- {}", escape::code(id))).collect();
    let more = if ids.len() > FOLDED { format!("\n- {} more", ids.len() - FOLDED) } else { String::new() };
    format!("\n\n<details><summary>{} threats</summary>\n\n{}{more}\n\n</details>", ids.len(), named.join("\n"))
}

/// Until when it is put off where a ticket alone was named, and why.
fn put_off_words(posted: &Posted, commands: &[Command], blocks: &[Block]) -> Option<String> {
    let mut undated = commands.iter().filter(|command| command.verb == Verb::Defer && command.until.is_none());
    let named: Vec<Day> = commands.iter().filter_map(|command| command.until).collect();
    undated.next()?;
    let deferred = blocks.iter().filter(|block| block.verdict == Verdict::Deferred);
    let days: BTreeSet<Day> = deferred.filter_map(|block| block.until).filter(|day| !named.contains(day)).collect();
    let (first, last) = (days.first()?, days.last()?);
    let days = if first == last { format!("{first}") } else { format!("days between {first} and {last}") };
    let after = first.0 - posted.at.day().0;
    Some(format!(
        "Put off until {days}: closing a ticket opens nothing here, so that a deferral without a date ends after {after} days \
         (`decide.review_after`). For another day, decide again with `until=`."
    ))
}

/// ``Done: accepted `OrdersFn/S-8b94e136`.``, where nothing else says so.
fn done_words(blocks: &[Block]) -> String {
    let mut by_verdict: Vec<(&str, Vec<&str>)> = Vec::new();
    for block in blocks {
        match by_verdict.iter_mut().find(|(word, _)| *word == block.verdict.word()) {
            Some((_, ids)) => ids.push(&block.threat),
            None => by_verdict.push((block.verdict.word(), vec![&block.threat])),
        }
    }
    let words: Vec<String> = by_verdict.iter().map(|(word, ids)| format!("{word} {}", some(ids))).collect();
    if words.is_empty() { "Done.".to_owned() } else { format!("Done: {}.", words.join("; ")) }
}
