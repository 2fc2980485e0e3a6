//! Approving reviews as confirmations, where the settings ask for it.
//!
//! Comes in: a review that approves the head, what was proposed, and when we said so. Goes out: a confirming block for each proposal that its author
//! could see there. The same people may confirm so as by `/stride confirm`. Nothing is replied: a review that confirms nothing is none of ours.
//! All of it follows from the page and the ledger, so that nothing has to be remembered.

use super::standing::By;
use super::{Answers, Desk};
use crate::change::{Approval, Surface};
use crate::command::{Command, Verb};
use crate::decisions::authority::{self, Authority, BY_APPROVAL};
use crate::decisions::{Block, Decided, Reviewed, Ruling, Standing, Verdict};
use crate::judge::matters::Matter;
use crate::source::RepoPath;
use crate::stride::Fingerprint;

/// What a review can confirm.
struct Proposals<'m> {
    threats: Vec<Reviewed>,
    matters: Vec<&'m Matter>,
}

impl<'c> Desk<'c> {
    /// Writes what a review confirms, or notes what must be looked up first.
    pub(super) fn approve(&mut self, approval: &Approval, answers: &mut Answers) {
        let posted = &approval.posted;
        let proposals = self.proposed_before(approval);
        if proposals.threats.is_empty() && proposals.matters.is_empty() {
            return;
        }
        if posted.right.is_none() {
            answers.rights.insert((Surface::Review, posted.id));
            return;
        }
        let of_threats = proposals.threats.iter().map(|reviewed| reviewed.threat.place.path.clone());
        let paths = of_threats.chain(proposals.matters.iter().map(|matter| matter.place.path.clone()));
        let mut teams = self.teams_of(posted, paths);
        teams.retain(|question| !self.change.members.contains_key(question));
        if !teams.is_empty() {
            answers.members.extend(teams);
            return;
        }
        let mut blocks = self.confirmed_by(approval, &proposals);
        self.reproduce(&mut blocks);
        self.note(&blocks);
        answers.blocks.extend(blocks);
    }

    /// What others proposed on this pull request, and we had replied to before the review, which is of the head that still stands.
    fn proposed_before(&self, approval: &Approval) -> Proposals<'c> {
        let (posted, approvals) = (&approval.posted, &self.change.approvals);
        let is_of_head = approval.commit == self.change.head.commit && approvals.shown_since.is_some_and(|since| since < posted.at);
        let is_shown = |decided: &Decided| {
            let is_here = is_of_head && decided.pull == self.pull.number && decided.by.id != posted.author.id;
            is_here && decided.at < posted.at && approvals.replied_before(&decided.url, posted.at)
        };
        let is_new = |fingerprint: Fingerprint| {
            let mut blocks = self.ledger.blocks.values().flatten();
            !blocks.any(|block| is_of(block, approval) && block.fingerprint == fingerprint)
        };
        let threats = self.reviewed.iter().filter(|reviewed| match &reviewed.standing {
            Standing::Proposed(decided) => is_shown(decided) && is_new(reviewed.threat.fingerprint()),
            _ => false,
        });
        let all: &'c [Matter] = self.matters;
        let matters = all.iter().filter(|matter| match self.rulings.get(&matter.id) {
            Some(Ruling::Proposed(decided)) => is_shown(decided) && is_new(matter.fingerprint),
            Some(Ruling::Decided(_)) | None => false,
        });
        Proposals { threats: threats.cloned().collect(), matters: matters.collect() }
    }

    /// A block for each that its author may confirm; none for the others, which wait as they did.
    fn confirmed_by(&self, approval: &Approval, proposals: &Proposals<'_>) -> Vec<(RepoPath, Block)> {
        let posted = &approval.posted;
        let by = match authority::check(posted, self.pull, self.settings) {
            Authority::Decides(right) => By { right, lacking: None },
            Authority::Proposes(right, lacking) => By { right, lacking: Some(lacking) },
            Authority::Refused(_) | Authority::Unknown => return Vec::new(),
        };
        let command = Command::bare(1, Verb::Confirm);
        let threats = proposals.threats.iter().map(|reviewed| self.block(posted, &command, Verdict::Confirmed, &by, reviewed));
        let matters = proposals.matters.iter().map(|matter| self.matter_block(posted, &command, Verdict::Confirmed, &by, matter));
        let with_right = |(scope, mut block): (RepoPath, Block)| {
            block.by.right.push_str(BY_APPROVAL);
            (scope, block)
        };
        threats.chain(matters).filter_map(Result::ok).map(with_right).collect()
    }
}

/// Whether a block is what an approving review confirmed; whoever decides in its text has blocks of that too.
fn is_of(block: &Block, approval: &Approval) -> bool {
    block.comment == approval.posted.id && block.by.id == approval.posted.author.id && authority::is_by_approval(&block.by)
}
