//! What one process does for all that share the store.

use super::database::sql;
use super::job::millis;
use super::{Store, StoreError};
use crate::clock::AHEAD;
use std::time::Duration;

const TAKE_TURN: &str = "
INSERT INTO chore (name, at) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET at = excluded.at WHERE chore.at <= $3 OR chore.at > $4";

impl Store {
    /// Whether it is this process that does a chore now: no other has begun it for so long. A period of nothing takes the turn at once. One that was
    /// begun in a time that has not come yet was begun by a clock that went wrong.
    ///
    /// # Errors
    /// What the store says.
    pub async fn take_turn(&self, chore: &str, period: Duration) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let taken =
            sql(TAKE_TURN).bind(chore).bind(now).bind(now.saturating_sub(millis(period))).bind(now + AHEAD).run(&self.database).await?;
        Ok(taken > 0)
    }

    /// Whether a chore was begun no longer ago than that. As in `take_turn`, a time that has not come yet is none.
    ///
    /// # Errors
    /// What the store says.
    pub async fn is_within(&self, chore: &str, period: Duration) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let since = now.saturating_sub(millis(period));
        let query = sql("SELECT at FROM chore WHERE name = $1 AND at > $2 AND at <= $3").bind(chore).bind(since).bind(now + AHEAD);
        let row = query.read_row(&self.database).await?;
        Ok(row.is_some())
    }

    /// Whether the store takes writes.
    ///
    /// # Errors
    /// What the store says.
    pub async fn check(&self) -> Result<(), StoreError> {
        self.stays()?;
        const PROBE: &str = "INSERT INTO chore (name, at) VALUES ('probe', $1) ON CONFLICT (name) DO UPDATE SET at = excluded.at";
        sql(PROBE).bind(self.clock.now()).run(&self.database).await?;
        Ok(())
    }
}
