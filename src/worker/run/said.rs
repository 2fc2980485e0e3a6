//! What becomes of commands that write something into the ledger: done with it, or refused where it cannot be written.

use super::{Run, RunError};
use crate::report::reply::NO_LEDGER;
use crate::report::{Reply, Report};
use crate::worker::desk_line;

impl Run<'_> {
    /// Refuses the commands that would have been carried out, since nothing can be committed; whether there were any. Their people are told in
    /// the next round.
    pub(super) async fn refuse(&self, report: &Report) -> Result<bool, RunError> {
        let ledger = &self.site.ledger;
        let refuse = |reply: Reply| {
            // A ledger that lies elsewhere has no branch in a clone of this repository.
            let is_here = ledger.place.id == self.site.repository.id;
            let line = is_here.then(|| desk_line::markdown(report.said_by(&reply), ledger.of, &ledger.name)).flatten();
            Reply { done: false, text: format!("{NO_LEDGER}{}", line.unwrap_or_default()), ..reply }
        };
        let refused: Vec<Reply> = written(report).into_iter().map(refuse).collect();
        self.bench.store.settle(self.site.repository.id, &refused).await?;
        Ok(!refused.is_empty())
    }
}

/// The replies to commands that write something into the ledger.
pub(super) fn written(report: &Report) -> Vec<Reply> {
    report.replies.iter().filter(|reply| reply.done && report.said_by(reply).next().is_some()).cloned().collect()
}
