//! What becomes of posted commands: blocks for the ledger, and replies.
//!
//! Comes in: posted comments in order of time, the threats as they stand, the ledger. Goes out: blocks to append and what to tell people;
//! each comment sees what the earlier ones said. A comment takes effect as a whole or not at all, so that after a crash the ledger
//! alone tells whether it did.

mod approved;
mod bare;
mod blocks;
mod bounds;
pub(super) mod deciders;
mod earlier;
mod meant;
mod standing;
mod tell;
mod turns;

use crate::change::{Change, Posted, Pull, Right, Surface, TreeView, UserId};
use crate::command::grammar;
use crate::command::resolve::{self, Published};
use crate::command::{Command, Refusal, Verb};
use crate::decisions::authority::{self, Authority, Unasked};
use crate::decisions::pin::Pin;
use crate::decisions::reconcile::{self, Hearing};
use crate::decisions::{Block, Ledger, Reviewed, Ruling, Verdict, assigned, ledger_text};
use crate::judge::answer::standing::{By, narrow};
use crate::judge::answer::turns::Turn;
use crate::judge::emergency;
use crate::judge::ledger::Others;
use crate::judge::matters::{self, Matter};
use crate::judge::ownership::Moved;
use crate::judge::pins;
use crate::judge::reproduction::Budget;
use crate::report::{Line, Reply, escape, lines};
use crate::settings::Settings;
use crate::source::RepoPath;
use crate::stride::rule::Severity;
use crate::stride::{Fingerprint, Threat};
use std::collections::{BTreeMap, BTreeSet};

/// Blocks to append with the unit that each belongs to, and what to tell; or why nothing is done.
type CarriedOut = Result<(Vec<(RepoPath, Block)>, Vec<String>), Vec<Refusal>>;

/// What came of the posted comments.
#[derive(Debug, Default)]
pub(super) struct Answers {
    pub(super) blocks: Vec<(RepoPath, Block)>,
    pub(super) replies: Vec<Reply>,
    /// Comments whose author's right must be looked up first.
    pub(super) rights: BTreeSet<(Surface, u64)>,
    /// Teams and accounts of which it must be looked up first whether one is in the other.
    pub(super) members: BTreeSet<(String, String)>,
    /// Whether the ledger's other files must be read first.
    pub(super) others: bool,
}

/// What must be looked up of the pull request before the words on it can be weighed: nothing where nobody has spoken.
pub(super) fn unasked<'t>(
    change: &Change,
    settings: &Settings,
    (ledger, matters): (&Ledger, &[Matter]),
    concerned: impl Iterator<Item = &'t Threat>,
) -> Unasked {
    let Some(pull) = &change.pull else { return Unasked::default() };
    // The repository's scope holds words on every file that there ever was.
    let is_asked = |unit: &RepoPath, block: &Block| {
        *unit != ledger_text::repository_scope() || matters.iter().any(|matter| matter.fingerprint == block.fingerprint)
    };
    let blocks = ledger.blocks.iter().flat_map(|(unit, blocks)| blocks.iter().filter(move |block| is_asked(unit, block)));
    // What is decided for the repository stands there too.
    let blocks = blocks.chain(concerned.flat_map(|threat| ledger.about(threat)));
    let mut speakers: BTreeSet<UserId> = blocks.filter(|block| !block.for_organisation).map(|block| block.by.id).collect();
    let decides = |posted: &&Posted| grammar::parse(&posted.body, posted.at).iter().flatten().any(|command| speaks(command.verb));
    let is_heard = |posted: &&Posted| !posted.author.bot || settings.names_bot(&posted.author);
    speakers.extend(change.posted.iter().filter(is_heard).filter(decides).map(|posted| posted.author.id));
    // Where nobody has spoken, nothing can be approved.
    let confirms = settings.talk.approves() && !speakers.is_empty();
    speakers.extend(change.approvals.reviews.iter().filter(|_| confirms).map(|approval| approval.posted.author.id));
    let unasked = authority::unasked(pull, &speakers);
    // Where owners or several must agree, whoever may write alone has nobody to ask.
    let asks_others = settings.owners || !settings.teams.is_empty() || settings.needed_for(Severity::Critical) > 1;
    let is_known = unasked.authors || pull.sole_maintainer.is_some() || pull.authors.as_ref().is_some_and(Result::is_err);
    Unasked { sole_maintainer: unasked.sole_maintainer || (asks_others && !speakers.is_empty() && !is_known), ..unasked }
}

/// Goes through the posted comments. `threads` gives the fingerprints that a thread of ours asks about.
pub(super) fn answer(
    change: &Change,
    settings: &Settings,
    (reviewed, matters, rulings): (&[Reviewed], &[Matter], &BTreeMap<String, Ruling>),
    (ledger, moved, others): (&Ledger, &Moved, Option<Others>),
) -> Answers {
    let mut answers = Answers::default();
    let Some(pull) = &change.pull else { return answers };
    let (reviewed, rulings, ledger) = (reviewed.to_vec(), rulings.clone(), ledger.clone());
    let mut desk = Desk { change, pull, settings, reviewed, matters, rulings, ledger, moved, others };
    for turn in turns::of(change, settings) {
        match turn {
            Turn::Says(posted) => desk.hear(posted, &mut answers),
            Turn::Approves(approval) => desk.approve(approval, &mut answers),
        }
    }
    answers
}

/// Whether a block is what a comment said.
fn is_of(block: &Block, posted: &Posted) -> bool {
    let is_same = block.comment == posted.id && block.url == posted.url && block.by.id == posted.author.id;
    is_same && block.carried_from.is_none() && !authority::is_by_approval(&block.by)
}

/// The state that the next comment finds.
struct Desk<'c> {
    change: &'c Change,
    pull: &'c Pull,
    settings: &'c Settings,
    reviewed: Vec<Reviewed>,
    matters: &'c [Matter],
    rulings: BTreeMap<String, Ruling>,
    ledger: Ledger,
    moved: &'c Moved,
    /// `None` where nobody has asked for them.
    others: Option<Others>,
}

impl Desk<'_> {
    fn take(&mut self, posted: &Posted, commands: Vec<Result<Command, Refusal>>, answers: &mut Answers) {
        let reply = |done: bool, text: String| Reply { to: posted.id, surface: posted.surface, done, text };
        let asked: Vec<Command> = commands.iter().flatten().cloned().collect();
        let recorded: Vec<Block> = self.recorded(posted).cloned().collect();
        if !recorded.is_empty() {
            let told = asked.iter().filter_map(|command| self.tell(posted, command).ok().flatten()).collect();
            answers.replies.push(reply(true, self.said(posted, &asked, &recorded, told)));
            return;
        }
        // Written once more it would not count either.
        let in_vain: Vec<&str> =
            self.ledger.uncounted.iter().filter(|(block, _)| is_of(block, posted)).map(|(_, words)| words.as_str()).collect();
        if !in_vain.is_empty() {
            answers.replies.push(reply(false, format!("What this says stands in the ledger, where {}.", in_vain.join("; "))));
            return;
        }
        let among = commands.len();
        match self.carry_out(posted, commands) {
            Ok((blocks, told)) => {
                let own: Vec<Block> = blocks.iter().map(|(_, block)| block.clone()).collect();
                self.note(&blocks);
                // Who asks in the same comment is told how it stands with what was said there.
                let again: Result<Vec<String>, String> =
                    asked.iter().filter(|_| !own.is_empty()).filter_map(|command| self.tell(posted, command).transpose()).collect();
                let told = again.ok().filter(|_| !own.is_empty()).unwrap_or(told);
                answers.replies.push(reply(true, self.said(posted, &asked, &own, told)));
                answers.blocks.extend(blocks);
            }
            Err(refusals) => answers.replies.push(reply(false, tell::refused(&refusals, among))),
        }
    }

    /// The blocks that the ledger has of this comment.
    fn recorded(&self, posted: &Posted) -> impl Iterator<Item = &Block> {
        let others = self.others.iter().flatten().flatten().map(|(_, block)| block);
        self.ledger.blocks.values().flatten().chain(others).filter(move |block| is_of(block, posted))
    }

    /// All commands of a comment, or why none.
    fn carry_out(&self, posted: &Posted, commands: Vec<Result<Command, Refusal>>) -> CarriedOut {
        let mut blocks: Vec<(RepoPath, Block)> = Vec::new();
        let mut told = Vec::new();
        let mut refusals = Vec::new();
        let first = commands.iter().flatten().map(|command| command.line).next().unwrap_or(1);
        for command in commands {
            let result = command.and_then(|command| {
                let refuse = |why: String| Refusal { line: command.line, why };
                let told = self.tell(posted, &command).map_err(refuse)?;
                let made = self.decide(posted, &command).map_err(refuse)?;
                match bounds::said_twice(&blocks, &made) {
                    Some(block) => Err(refuse(format!("Not done: {} is decided twice in this comment.", escape::code(&block.threat)))),
                    None => Ok((made, told)),
                }
            });
            match result {
                Ok((made, words)) => {
                    blocks.extend(made);
                    told.extend(words);
                }
                Err(refusal) => refusals.push(refusal),
            }
        }
        if refusals.is_empty() {
            self.reproduce(&mut blocks);
            refusals.extend(self.check_bounds(posted, &blocks).err().map(|why| Refusal { line: first, why }));
        }
        if refusals.is_empty() { Ok((blocks, told)) } else { Err(refusals) }
    }

    fn find(&self, posted: &Posted, command: &Command) -> Result<Vec<Reviewed>, String> {
        let said: Vec<Line<'_>> = lines(&self.reviewed, &self.change.numbers);
        let blocks: Vec<Block> = self.ledger.blocks.values().flatten().cloned().collect();
        // What only asks decides nothing that somebody has not seen, and what takes back a decision makes nothing green.
        let decides = speaks(command.verb);
        let unseen = if decides && command.verb != Verb::Reopen { emergency::unseen(self.change, posted) } else { None };
        let numbers = &self.change.numbers;
        let published = Published { reviewed: &self.reviewed, lines: &said, numbers, unseen, blocks: &blocks, decides };
        let thread = thread_fingerprints(self.change, posted.surface);
        let found = resolve::find_threats(&command.what, thread, &published);
        found.map(|found| found.into_iter().cloned().collect()).map_err(|why| format!("{why}{}", self.unnumbered(command)))
    }

    /// The blocks of a command that decides; none for one that only asks.
    fn decide(&self, posted: &Posted, command: &Command) -> Result<Vec<(RepoPath, Block)>, String> {
        if !speaks(command.verb) {
            return Ok(Vec::new());
        }
        if command.verb == Verb::Emergency {
            // Of a file that cannot be read the next part is written.
            self.check_branch()?;
            return emergency::block(self.change, self.pull, self.settings, posted, command).map(|block| vec![block]);
        }
        let by = match authority::check(posted, self.pull, self.settings) {
            Authority::Decides(right) => By { right, lacking: None },
            Authority::Proposes(right, lacking) => By { right, lacking: Some(lacking) },
            Authority::Refused(why) => return Err(format!("Not done: {why}.")),
            Authority::Unknown => return Err("Not done: your permission is not known.".to_owned()),
        };
        let verdict = match (command.verb, verdict(command.verb)) {
            (Verb::Undo, _) => return self.undo(posted, command, &by),
            (Verb::Carry, _) => return self.carry(posted, command, &by),
            (_, Some(verdict)) => verdict,
            (_, None) => return Ok(Vec::new()),
        };
        may_ask(posted, verdict)?;
        let (matters, rest) = self.named_matters(command)?;
        let mut blocks: Vec<(RepoPath, Block)> = Vec::new();
        // Of them nothing is remembered but the ID, which has few digits.
        let is_green = !matters.is_empty() && verdict != Verdict::Reopened;
        if let Some(why) = emergency::unseen(self.change, posted).filter(|_| is_green) {
            return Err(why);
        }
        for matter in matters {
            blocks.push(self.matter_block(posted, command, verdict, &by, matter)?);
        }
        if let Some(command) = &rest {
            let mut found = self.find(posted, command)?;
            narrow(&mut found, &command.what, verdict)?;
            for reviewed in &found {
                blocks.push(self.block(posted, command, verdict, &by, reviewed)?);
            }
        }
        Ok(blocks)
    }

    /// What a command names that is no threat, and the command about the rest of what it names; `None` where that is nothing.
    fn named_matters(&self, command: &Command) -> Result<(Vec<&Matter>, Option<Command>), String> {
        let (mut matters, mut rest) = (Vec::new(), Vec::new());
        for target in &command.what {
            let found: Vec<&Matter> = self.matters.iter().filter(|matter| matter.is_named_by(target)).collect();
            match found.as_slice() {
                [] => rest.push(target.clone()),
                [one] if matters.contains(one) => {}
                [one] => matters.push(*one),
                [one, ..] => return Err(format!("More than one file answers to that; give more digits of {}.", escape::code(&one.id))),
            }
        }
        let only = rest.is_empty() && !matters.is_empty();
        Ok((matters, (!only).then(|| Command { what: rest, ..command.clone() })))
    }

    /// Adds to what was misread what raises it by itself, as far as that is done for all blocks of one comment together.
    fn reproduce(&self, blocks: &mut [(RepoPath, Block)]) {
        let head = TreeView { side: &self.change.head, blobs: &self.change.blobs };
        let mut budget = Budget::default();
        for (_, block) in blocks.iter_mut().filter(|(_, block)| block.verdict == Verdict::Wrong) {
            let about = self.reviewed.iter().find(|reviewed| reviewed.threat.fingerprint() == block.fingerprint);
            let found = about.and_then(|reviewed| budget.find(&head, &reviewed.threat, &self.change.reproductions));
            block.reproduction = found.unwrap_or_default();
        }
    }

    /// Lets the next comment see what this one said.
    fn note(&mut self, blocks: &[(RepoPath, Block)]) {
        for (unit, block) in blocks {
            self.ledger.blocks.entry(unit.clone()).or_default().push(block.clone());
        }
        let pinned = |pin: &Pin| pins::state(self.change, pin);
        for reviewed in &mut self.reviewed {
            if let Some((_, newest)) = blocks.last() {
                let said = self.ledger.about(&reviewed.threat);
                let electorate = authority::electorate(self.change, &reviewed.threat.key);
                let hearing = Hearing { blocks: &said, electorate: &electorate, today: newest.at.day(), pinned: &pinned };
                (reviewed.standing, reviewed.undecided) = reconcile::standing(&reviewed.threat, &hearing);
                reviewed.assigned = assigned::assignee(&reviewed.threat, said.iter().copied());
            }
        }
        if let Some((_, newest)) = blocks.last() {
            self.rulings = matters::rulings(self.matters, self.change, &self.ledger, newest.at);
        }
    }
}

/// We mention whoever is asked, and so for nobody who could not assign an issue here: the author of a pull request from a fork may be anybody.
fn may_ask(posted: &Posted, verdict: Verdict) -> Result<(), String> {
    let may = posted.right.as_ref().is_some_and(|right| right.as_ref().is_ok_and(|right| *right >= Right::Triage));
    if verdict != Verdict::Assigned || may { Ok(()) } else { Err("Not done: asking somebody takes triage access here.".to_owned()) }
}

/// Who confirms, takes back or asks says nothing that would need a second person's word.
fn needs_nobody(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Confirmed | Verdict::Reopened | Verdict::Assigned)
}

/// Whether a command says something that the ledger keeps.
fn speaks(verb: Verb) -> bool {
    verdict(verb).is_some() || matches!(verb, Verb::Undo | Verb::Carry)
}

/// The verdict's word, with what goes with it, for a reason.
fn verdict_words(block: &Block) -> String {
    let to = block.to.as_ref().map_or_else(String::new, |to| format!(" to {to}"));
    format!("{}{to}", block.verdict.word())
}

/// What a command decides on what it names; `None` for one that only asks, or that is about what was said before.
fn verdict(verb: Verb) -> Option<Verdict> {
    match verb {
        Verb::Confirm => Some(Verdict::Confirmed),
        Verb::Reopen => Some(Verdict::Reopened),
        Verb::Emergency => Some(Verdict::Emergency),
        Verb::Assign => Some(Verdict::Assigned),
        verb => verb.verdict(),
    }
}

/// What the thread of ours asks about that the comment replies in.
fn thread_fingerprints(change: &Change, surface: Surface) -> Option<&[Fingerprint]> {
    match surface {
        Surface::Thread(first) => change.threads.get(&first).map(Vec::as_slice),
        Surface::Comment | Surface::Review => None,
    }
}
