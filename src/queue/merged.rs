//! Which merges are recorded in the ledger, so that it is not asked for each of them at every sweep.

use super::database::sql;
use super::{Store, StoreError, signed};

impl Store {
    /// Whether a merge is recorded, or needs no record.
    ///
    /// # Errors
    /// What the store says.
    pub async fn is_merge_noted(&self, repository: u64, pull: u64) -> Result<bool, StoreError> {
        let query = sql("SELECT pull FROM merged WHERE repository = $1 AND pull = $2");
        Ok(query.bind(signed(repository)).bind(signed(pull)).read_row(&self.database).await?.is_some())
    }

    /// Notes that a merge is recorded, or needs no record.
    ///
    /// # Errors
    /// What the store says; the ledger is then asked once more, which is harmless.
    pub async fn note_merge(&self, repository: u64, pull: u64) -> Result<(), StoreError> {
        let query = sql("INSERT INTO merged (repository, pull) VALUES ($1, $2) ON CONFLICT DO NOTHING");
        query.bind(signed(repository)).bind(signed(pull)).run(&self.database).await?;
        Ok(())
    }
}
