//! Which merges are recorded in the ledger, so that it is not asked for each of them at every sweep.

use super::{Store, StoreError, signed};

impl Store {
    /// Whether a merge is recorded, or needs no record.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn is_merge_noted(&self, repository: u64, pull: u64) -> Result<bool, StoreError> {
        let query = sqlx::query("SELECT 1 FROM merged WHERE repository = ?1 AND pull = ?2");
        Ok(query.bind(signed(repository)).bind(signed(pull)).fetch_optional(&self.reader).await?.is_some())
    }

    /// Notes that a merge is recorded, or needs no record.
    ///
    /// # Errors
    /// What SQLite says; the ledger is then asked once more, which is harmless.
    pub async fn note_merge(&self, repository: u64, pull: u64) -> Result<(), StoreError> {
        let query = sqlx::query("INSERT OR IGNORE INTO merged (repository, pull) VALUES (?1, ?2)");
        query.bind(signed(repository)).bind(signed(pull)).execute(&self.writer).await?;
        Ok(())
    }
}
