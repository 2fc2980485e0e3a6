//! A pull request as it is now, and not as it was before the event that made it due.
//!
//! Comes in: a number, and what an event told of it. Goes out: where its ends are, or `Lagging` where the forge still shows what was before.

use super::error::ForgeError;
use super::graph::Graph;
use super::site::Site;
use super::wire;
use crate::change::ObjectId;

/// A head, and the time at which the forge said so, in seconds since 1970.
type Told = Option<(ObjectId, i64)>;

impl Site {
    /// The pull request, not older than `told`.
    ///
    /// # Errors
    /// `Lagging` where the forge still shows what was before; else of the forge.
    pub async fn pull(&self, number: u64, told: Told) -> Result<wire::Pull, ForgeError> {
        let path = self.place.path(&format!("/pulls/{number}"));
        let client = &self.place.client;
        let pull: wire::Pull = client.get_fresh(&path).await?;
        if !lags(&pull, told) {
            return Ok(pull);
        }
        // Mostly it is one of the forge's machines that is behind, for a moment.
        client.pause().await;
        let pull = client.get_fresh(&path).await?;
        if lags(&pull, told) { Err(ForgeError::Lagging) } else { Ok(pull) }
    }

    /// The pull request and its page as one query tells them, not older than `told`. What the query does not tell is missing.
    ///
    /// # Errors
    /// As `pull`.
    pub async fn look(&self, number: u64, told: Told) -> Result<Graph, ForgeError> {
        let is_behind = |graph: &Graph| graph.pull.as_ref().is_some_and(|pull| lags(pull, told));
        let graph = Graph::read(&self.place, number).await?;
        if !is_behind(&graph) {
            return Ok(graph);
        }
        self.place.client.pause().await;
        let graph = Graph::read(&self.place, number).await?;
        if is_behind(&graph) { Err(ForgeError::Lagging) } else { Ok(graph) }
    }
}

/// Whether a pull request is shown as it was before an event told of it.
fn lags(pull: &wire::Pull, told: Told) -> bool {
    let shown_at = wire::timestamp(&pull.updated_at).0;
    told.is_some_and(|(head, at)| shown_at < at || shown_at == at && head.to_string() != pull.head.sha)
}
