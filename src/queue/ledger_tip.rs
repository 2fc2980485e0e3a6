//! Where the ledger's branches were when they were last looked at, and what of them people pushed.
//!
//! Losing it costs another look at the whole branch. That a branch was cut in between is then known from our checks alone, each of which
//! names the tip that it was made with: those on open pull requests and on the change's own commits are asked once.

use super::{Store, StoreError};
use crate::change::ObjectId;
use crate::clock::Millis;
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

    /// Whether a branch was looked at, or looked for, since we began to remember. Notes that it was asked for.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn ledger_is_known(&self, branch: &str) -> Result<bool, StoreError> {
        sqlx::query("INSERT OR IGNORE INTO ledger (branch, tip, pushed) VALUES (?1, '', '')").bind(branch).execute(&self.writer).await?;
        let query = sqlx::query("SELECT tip <> '' OR pushed <> '' FROM ledger WHERE branch = ?1").bind(branch);
        Ok(query.fetch_one(&self.writer).await?.get(0))
    }

    /// Notes that nothing speaks against what the branch is now.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn note_ledger_known(&self, branch: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE ledger SET pushed = '[]' WHERE branch = ?1 AND tip = ''").bind(branch).execute(&self.writer).await?;
        Ok(())
    }

    /// Notes that a branch is behind where it was, and gives since when it has been so; now, where nothing is known of it.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn ledger_behind_since(&self, branch: &str) -> Result<Millis, StoreError> {
        let now = self.clock.now();
        let update = sqlx::query("UPDATE ledger SET behind_since = ?2 WHERE branch = ?1 AND behind_since = 0");
        update.bind(branch).bind(now).execute(&self.writer).await?;
        let row = sqlx::query("SELECT behind_since FROM ledger WHERE branch = ?1").bind(branch).fetch_optional(&self.writer).await?;
        Ok(row.map_or(now, |row| row.get("behind_since")))
    }
}
