//! The block that a command writes about one thing: a threat, or what has an ID and is none.
//!
//! Comes in: a comment, its command, by what right its author speaks. Goes out: the block with the scope that it belongs to, or why there is none.

use super::deciders::OF_MATTERS;
use super::standing::{By, check_standing, confirmed, is_own_proposal};
use super::{Desk, needs_nobody};
use crate::change::Posted;
use crate::command::Command;
use crate::decisions::{self, Block, Reviewed, Ruling, Standing, Verdict, ledger_text, reconcile, terms, undone};
use crate::judge::matters::{self, Matter};
use crate::judge::pins;
use crate::report::escape;
use crate::source::RepoPath;

impl Desk<'_> {
    pub(super) fn matter_block(
        &self,
        posted: &Posted,
        command: &Command,
        verdict: Verdict,
        by: &By,
        matter: &Matter,
    ) -> Result<(RepoPath, Block), String> {
        if command.see.is_some() {
            return Err(format!("Not done: {} is bound to its content already, and takes no `see=`.", escape::code(&matter.id)));
        }
        matters::check(posted.author.id, verdict, by.lacking, matter, self.rulings.get(&matter.id))?;
        self.may_take_back(
            posted,
            verdict,
            by,
            self.rulings.get(&matter.id).is_some_and(|ruling| ruling.is_proposal_of(posted.author.id)),
        )?;
        self.check_ledger(&matter.unit)?;
        let confirms = match self.rulings.get(&matter.id) {
            Some(Ruling::Proposed(decided)) if verdict == Verdict::Confirmed => {
                let said = self.ledger.blocks.values().flatten().filter(|block| block.fingerprint == matter.fingerprint);
                let mut said = undone::left(said.collect());
                said.sort_by_key(|block| block.at);
                self.meant_proposal(posted, &matter.id, decided, &said)?
            }
            _ => None,
        };
        let right = self.right_at(posted, &matter.place.path, verdict, by)?;
        let needed = self.needed(OF_MATTERS, verdict, by);
        let block = Block {
            threat: matter.id.clone(),
            fingerprint: matter.fingerprint,
            rule: matter.rule.to_owned(),
            on: matter.place.path.to_string(),
            part: matter.part.clone(),
            confirms,
            proposal: (by.lacking.is_some() || needed > 1) && !needs_nobody(verdict),
            needed,
            reason: command.reason.clone(),
            until: terms::end(verdict, command.until, posted.at.day(), OF_MATTERS, &self.settings.review_after),
            ticket: command.ticket.clone(),
            to: command.to.clone(),
            ..Block::posted(posted, self.change, self.pull.number, right, verdict)
        };
        Ok((matter.unit.clone(), block))
    }

    /// Taking back makes the gate stricter, and still is no author's to do with what others decided, unless the right is there anyway.
    pub(super) fn may_take_back(&self, posted: &Posted, verdict: Verdict, by: &By, is_own: bool) -> Result<(), String> {
        let has_right = posted.right.as_ref().is_some_and(|right| right.as_ref().is_ok_and(|right| *right >= self.settings.decide));
        if verdict == Verdict::Reopened && by.is_author() && !has_right && !is_own {
            return Err(format!("Not done: {} takes a decision back.", self.settings.deciders()));
        }
        Ok(())
    }

    /// Nothing is written to a branch that was changed by others.
    pub(super) fn check_branch(&self) -> Result<(), String> {
        let broken = self.ledger.broken.as_ref();
        broken.map_or(Ok(()), |what| Err(format!("Not done: {}; that must be put right first.", escape::text(what))))
    }

    /// Nothing is decided where nobody can tell what was decided before.
    pub(super) fn check_ledger(&self, unit: &RepoPath) -> Result<(), String> {
        self.check_branch()?;
        if !self.ledger.unreadable.contains_key(unit) {
            return Ok(());
        }
        let whose = if *unit == ledger_text::repository_scope() { "the repository".to_owned() } else { escape::code(unit.as_str()) };
        Err(format!("Not done: the ledger file of {whose} cannot be read; it must be repaired first."))
    }

    pub(super) fn block(
        &self,
        posted: &Posted,
        command: &Command,
        verdict: Verdict,
        by: &By,
        reviewed: &Reviewed,
    ) -> Result<(RepoPath, Block), String> {
        let threat = &reviewed.threat;
        check_standing(posted, verdict, by, reviewed)?;
        self.may_take_back(posted, verdict, by, is_own_proposal(posted, reviewed))?;
        let scope = decisions::scope(threat);
        self.check_ledger(&scope)?;
        let see = pins::pin(self.change, command)?;
        let (said, reason) = if verdict == Verdict::Confirmed { confirmed(command, reviewed) } else { (verdict, command.reason.clone()) };
        // Whoever confirms a statement is bound to it: when it is taken back, so is the confirmation.
        let bound = if verdict == Verdict::Confirmed && said != Verdict::Confirmed { threat.proposals() } else { &[] };
        let confirms = match &reviewed.standing {
            Standing::Proposed(decided) if said == Verdict::Confirmed => {
                let mut of_threat = self.ledger.about(threat);
                of_threat.retain(|block| reconcile::concerns(block, threat));
                self.meant_proposal(posted, &threat.id(), decided, &of_threat)?
            }
            _ => None,
        };
        let right = self.right_at(posted, &threat.place.path, said, by)?;
        let needed = self.needed(threat.severity, said, by);
        let block = Block {
            proposal: (by.lacking.is_some() || needed > 1) && !needs_nobody(said),
            needed,
            reason,
            confirms,
            claims: bound.iter().map(|claim| (claim.name.clone(), claim.answer.clone())).collect(),
            until: terms::end(said, command.until, posted.at.day(), threat.severity, &self.settings.review_after),
            ticket: command.ticket.clone(),
            to: command.to.clone(),
            see,
            ..Block::posted(posted, self.change, self.pull.number, right, said).on(threat)
        };
        Ok((scope, block))
    }
}
