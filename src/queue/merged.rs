//! Which merges are recorded in the ledger, so that neither it nor the page is asked for each of them at every sweep.

use super::database::sql;
use super::{Store, StoreError, signed};
use crate::change::Timestamp;

impl Store {
    /// When the pull request had changed last as it was looked at; `None` where its merge is not known to be recorded, or to need no record.
    ///
    /// # Errors
    /// What the store says.
    pub async fn noted_merge(&self, repository: u64, pull: u64) -> Result<Option<Timestamp>, StoreError> {
        let query = sql("SELECT changed_at FROM merged WHERE repository = $1 AND pull = $2");
        let row = query.bind(signed(repository)).bind(signed(pull)).read_row(&self.database).await?;
        Ok(row.map(|row| Timestamp(row.get("changed_at"))))
    }

    /// Notes that a merge is recorded, or needs no record, and that all is answered that was said until then.
    ///
    /// # Errors
    /// What the store says; the ledger is then asked once more, which is harmless.
    pub async fn note_merge(&self, repository: u64, pull: u64, changed_at: Timestamp) -> Result<(), StoreError> {
        let query = sql("INSERT INTO merged (repository, pull, changed_at) VALUES ($1, $2, $3)
             ON CONFLICT (repository, pull) DO UPDATE SET changed_at = excluded.changed_at");
        query.bind(signed(repository)).bind(signed(pull)).bind(changed_at.0).run(&self.database).await?;
        Ok(())
    }
}
