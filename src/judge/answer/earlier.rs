//! Commands about what was said before: taking back one's own last word, and carrying a decision over to the threat that took its place.
//!
//! Comes in: a command, the ledger, the threats as they stand. Goes out: blocks to append, or why not. Nothing is erased.

use super::standing::By;
use super::{Desk, verdict_words};
use crate::change::Posted;
use crate::command::resolve;
use crate::command::{Command, See, Target, Verb};
use crate::decisions::{Block, Reviewed, Verdict, emergency, undone};
use crate::report::escape;
use crate::source::RepoPath;
use std::collections::BTreeSet;

impl Desk<'_> {
    /// Takes back what the author said last on this pull request: all that one comment did.
    pub(super) fn undo(&self, posted: &Posted, command: &Command, by: &By) -> Result<Vec<(RepoPath, Block)>, String> {
        if !command.what.is_empty() {
            return Err("Not done: `/stride undo` takes back your last command, and names nothing; \
                        for a decision on one threat there is `/stride reopen <id> <why>`."
                .to_owned());
        }
        // What was said last may be about what the head touches no more.
        let (others, untold) = match &self.others {
            Some(Ok(others)) => (others.as_slice(), None),
            Some(Err(why)) => (&[][..], Some(why)),
            None => (&[][..], None),
        };
        let blocks = self.ledger.blocks.iter().flat_map(|(unit, blocks)| blocks.iter().map(move |block| (unit, block)));
        let all: Vec<(&RepoPath, &Block)> = blocks.chain(others.iter().map(|(unit, block)| (unit, block))).collect();
        let gone: BTreeSet<&str> = all.iter().filter_map(|(_, block)| block.undoes.as_deref()).collect();
        let is_own = |block: &Block| {
            let is_here = block.pull == self.pull.number && block.url != posted.url && !block.url.is_empty();
            let is_said = block.verdict != Verdict::Undone && block.carried_from.is_none();
            // An emergency is over whenever whoever called it says so, also where nobody can tell what else was said since.
            is_here && is_said && block.by.id == posted.author.id && (untold.is_none() || block.rule == emergency::RULE)
        };
        let own = all.iter().filter(|(_, block)| is_own(block) && !gone.contains(block.url.as_str()));
        let last = own.clone().max_by_key(|(_, block)| (block.at, block.comment));
        let Some((_, last)) = last else {
            if let Some(why) = untold {
                return Err(format!(
                    "Not done: what you said last cannot be told, since {why}. For a decision on one threat there is `/stride reopen <id> <why>`."
                ));
            }
            return Err("Not done: the ledger has nothing that you said on this pull request and have not taken back.".to_owned());
        };
        let mut undoing = Vec::new();
        for (unit, block) in own.filter(|(_, block)| block.url == last.url) {
            if block.rule == emergency::RULE { self.check_branch() } else { self.check_ledger(unit) }?;
            let said = Block {
                reason: command.reason.clone(),
                undoes: Some(block.url.clone()),
                ..Block::posted(posted, self.change, self.pull.number, by.right.clone(), Verdict::Undone)
            };
            undoing.push(((*unit).clone(), said.about(block)));
        }
        Ok(undoing)
    }

    /// Says of a threat what was decided on another, with its end and what it rests on. It is whoever carries it that says so.
    pub(super) fn carry(&self, posted: &Posted, command: &Command, by: &By) -> Result<Vec<(RepoPath, Block)>, String> {
        let [old, new] = command.what.as_slice() else {
            return Err("Not done: `/stride carry` takes two IDs, the old one and the one that stands now.".to_owned());
        };
        let Target::Threat { element, category, hash } = old else {
            return Err("Not done: the first ID is the one of the decision, whole: `IntakeFn/S-7f3a9c21`.".to_owned());
        };
        let old_id = escape::code(&format!("{element}/{category}-{hash}"));
        let blocks: Vec<Block> = self.ledger.blocks.values().flatten().cloned().collect();
        let said: Vec<&Block> = undone::left(blocks.iter().collect());
        let is_old = |block: &&&Block| {
            let name = block.threat.rsplit_once('-').map_or(block.threat.as_str(), |(name, _)| name);
            name == format!("{element}/{category}") && block.fingerprint.to_string().starts_with(hash.as_str())
        };
        let decisions: Vec<&&Block> =
            said.iter().filter(is_old).filter(|block| !matches!(block.verdict, Verdict::Confirmed | Verdict::Assigned)).collect();
        let Some(last) = decisions.last() else {
            let ids = blocks.iter().map(|block| block.threat.as_str());
            let meant = resolve::meant(&format!("{element}/{category}"), ids);
            return Err(format!("Not done: the ledger of these files has no decision on {old_id}.{meant}"));
        };
        if decisions.iter().any(|block| block.fingerprint != last.fingerprint) {
            return Err(format!("Not done: more than one thing was decided under {old_id}; give more digits of the one that you mean."));
        }
        if !last.verdict.is_answer() {
            return Err(format!("Not done: the decision on {old_id} was taken back."));
        }
        if last.until.is_some_and(|until| until < posted.at.day()) {
            return Err(format!("Not done: the decision on {old_id} has run out; decide anew."));
        }
        let found = self.find(posted, &Command { what: vec![new.clone()], ..command.clone() })?;
        let repeated = Command {
            verb: Verb::Carry,
            reason: carried_words(last, &old_id, command),
            until: last.until,
            see: last.see.clone().map(|pin| See { path: pin.path, pattern: pin.pattern }),
            ticket: last.ticket.clone(),
            to: last.to.clone(),
            ..command.clone()
        };
        let of_rule = |reviewed: &&Reviewed| reviewed.threat.rule.id == last.rule;
        let suiting: Vec<&Reviewed> = found.iter().filter(of_rule).collect();
        if suiting.is_empty() {
            return Err(format!("Not done: {old_id} is about another question (rule {}); decide on the new ID.", escape::text(&last.rule)));
        }
        suiting.into_iter().map(|reviewed| self.block(posted, &repeated, last.verdict, by, reviewed)).collect()
    }
}

fn carried_words(old: &Block, old_id: &str, command: &Command) -> String {
    let remark = if command.reason.is_empty() { String::new() } else { format!("{}; ", command.reason) };
    let id = old_id.trim_matches('`');
    format!("{remark}carried from {id}, {} by {} on {}: {}", verdict_words(old), old.by.login, old.at.day(), old.reason)
}
