//! Where the ledger's branches were when they were last looked at, and what of them people pushed.
//!
//! Losing it costs another look at the whole branch. That a branch was cut in between is then known from our checks alone, each of which
//! names the tip that it was made with.

use super::{Store, StoreError};
use crate::change::ObjectId;
use sqlx::Row;

impl Store {
    /// # Errors
    /// What SQLite says.
    pub async fn ledger_seen(&self, branch: &str) -> Result<Option<(ObjectId, String)>, StoreError> {
        let row = sqlx::query("SELECT tip, pushed FROM ledger WHERE branch = ?1").bind(branch).fetch_optional(&self.reader).await?;
        Ok(row.and_then(|row| Some((ObjectId::from_hex(row.get("tip"))?, row.get("pushed")))))
    }

    /// # Errors
    /// What SQLite says.
    pub async fn keep_ledger_seen(&self, branch: &str, tip: ObjectId, pushed: &str) -> Result<(), StoreError> {
        let query = sqlx::query("INSERT OR REPLACE INTO ledger (branch, tip, pushed) VALUES (?1, ?2, ?3)");
        query.bind(branch).bind(tip.to_string()).bind(pushed).execute(&self.writer).await?;
        Ok(())
    }
}
