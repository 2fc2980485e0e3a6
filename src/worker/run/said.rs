//! What becomes of commands that write something into the ledger: done with it, or refused where it cannot be written.

use super::{Run, RunError};
use crate::decisions::{Block, Verdict};
use crate::forge::site::Site;
use crate::forge::snapshot::Snapshot;
use crate::report::reply::no_ledger;
use crate::report::{Reply, Report};
use crate::worker::desk_line;

impl Run<'_> {
    /// Refuses the commands that would have been carried out, since nothing can be committed; whether there were any. Their people are told in
    /// the next round.
    pub(super) async fn refuse(&self, snapshot: &Snapshot, report: &Report) -> Result<bool, RunError> {
        let refused = refused(self.site, snapshot, report);
        self.bench.store.settle(self.site.repository.id, &refused).await?;
        Ok(!refused.is_empty())
    }
}

/// What is replied to the commands of which nothing can be committed, because the App may only read: why, and where the same can be done in a clone, how.
pub(in crate::worker) fn refused(site: &Site, snapshot: &Snapshot, report: &Report) -> Vec<Reply> {
    let ledger = &site.ledger;
    let by_owners = snapshot.settings.read().0.owners;
    let of_owners = |block: &&Block| by_owners && (block.verdict.is_answer() || block.verdict == Verdict::Confirmed);
    let refuse = |reply: Reply| {
        let why = no_ledger(report.said_by(&reply).any(|block| of_owners(&block)));
        // A ledger that lies elsewhere has no branch in a clone of this repository.
        let is_here = ledger.place.id == site.repository.id;
        let pushable = report.said_by(&reply).filter(|block| !of_owners(block));
        let line = is_here.then(|| desk_line::markdown(pushable, ledger.of, &ledger.name)).flatten();
        Reply { done: false, text: format!("{why}{}", line.unwrap_or_default()), ..reply }
    };
    written(report).into_iter().map(refuse).collect()
}

/// The replies to commands that write something into the ledger.
pub(super) fn written(report: &Report) -> Vec<Reply> {
    report.replies.iter().filter(|reply| reply.done && report.said_by(reply).next().is_some()).cloned().collect()
}
