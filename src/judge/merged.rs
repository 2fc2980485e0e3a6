//! The record of a merge: what was judged of a pull request when it went in.
//!
//! Comes in: the report as of the merge, who merged it into what. Goes out: one block for the merge, and one for each threat that went in while
//! it waited for an answer. Nothing is decided by them.

use crate::change::{ObjectId, Timestamp};
use crate::decisions::merge::{self, Gate, Merge};
use crate::decisions::{self, Block, Signature, Verdict, ledger_text};
use crate::report::{self, Report};
use crate::source::RepoPath;

/// That a pull request was merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    pub pull: u64,
    /// The pull request's page.
    pub url: String,
    /// The branch that it went into.
    pub branch: String,
    /// The commit that it is there.
    pub commit: ObjectId,
    pub by: Signature,
    pub at: Timestamp,
    /// The version of the engine and of its catalogue.
    pub engine: String,
}

impl Merged {
    /// Whether a block is the record of this merge.
    pub fn is(&self, block: &Block) -> bool {
        block.verdict == Verdict::Merged && block.fingerprint == merge::fingerprint(self.pull, self.commit)
    }

    /// The record, by the scope that each block belongs to.
    pub fn record(&self, report: &Report) -> Vec<(RepoPath, Block)> {
        let open: Vec<&decisions::Reviewed> = report.blocking().collect();
        let matters = report.open_repairs().map(|repair| repair.id.clone()).chain(report.open_weakened().map(report::Weakened::id));
        let merge = Merge {
            commit: self.commit,
            verdict: report.verdict.word().to_owned(),
            gate: gate(report),
            open: open.iter().map(|reviewed| reviewed.threat.id()).collect(),
            matters: matters.collect(),
            engine: self.engine_with(&report.own),
        };
        let ticket = report.passes_by().map(|emergency| emergency.ticket.clone());
        let sides = [report.base, report.head];
        let mut blocks = vec![self.block(sides, merge, ticket)];
        blocks.extend(open.into_iter().map(|reviewed| {
            let block = self.said(sides, Verdict::MergedOpen).on(&reviewed.threat);
            (decisions::scope(&reviewed.threat), block)
        }));
        blocks
    }

    /// The engine, and which edition of the organisation's own rules it judged by: what it takes to judge the same again.
    fn engine_with(&self, own: &str) -> String {
        if own.is_empty() { self.engine.clone() } else { format!("{} own {own}", self.engine) }
    }

    /// The record of what could not be judged.
    pub fn unjudged(&self, sides: [ObjectId; 2]) -> Vec<(RepoPath, Block)> {
        let verdict = report::Verdict::Undetermined.word().to_owned();
        let (commit, engine) = (self.commit, self.engine.clone());
        let merge = Merge { commit, verdict, gate: Gate::Unknown, open: Vec::new(), matters: Vec::new(), engine };
        vec![self.block(sides, merge, None)]
    }

    fn block(&self, sides: [ObjectId; 2], merge: Merge, ticket: Option<String>) -> (RepoPath, Block) {
        let block = Block {
            threat: format!("merge/{}", self.pull),
            fingerprint: merge::fingerprint(self.pull, self.commit),
            rule: merge::RULE.to_owned(),
            on: self.branch.clone(),
            ticket,
            merge: Some(merge),
            ..self.said(sides, Verdict::Merged)
        };
        (ledger_text::merges_scope(self.at), block)
    }

    fn said(&self, sides: [ObjectId; 2], verdict: Verdict) -> Block {
        let (url, branch) = (self.url.clone(), self.branch.clone());
        Block { url, pull: self.pull, branch, ..Block::said(self.by.clone(), self.at, sides, verdict) }
    }
}

fn gate(report: &Report) -> Gate {
    if !report.waits() {
        Gate::Passed
    } else if report.advise {
        Gate::Advised
    } else if report.passes_by().is_some() {
        Gate::Emergency
    } else {
        Gate::Bypassed
    }
}
