//! Whom the forge would not ask for a review, so that it is not asked to at every run.

use super::database::sql;
use super::{Store, StoreError, signed};
use std::collections::BTreeSet;

impl Store {
    /// Whom the forge would not ask for a review of a pull request.
    ///
    /// # Errors
    /// What the store says.
    pub async fn refused_requests(&self, repository: u64, pull: u64) -> Result<BTreeSet<String>, StoreError> {
        let query = sql("SELECT name FROM refused_request WHERE repository = $1 AND pull = $2");
        let rows = query.bind(signed(repository)).bind(signed(pull)).read_rows(&self.database).await?;
        Ok(rows.iter().map(|row| row.get("name")).collect())
    }

    /// Notes that the forge would not ask somebody.
    ///
    /// # Errors
    /// What the store says; the forge is then asked once more, which is harmless.
    pub async fn note_refused_request(&self, repository: u64, pull: u64, name: &str) -> Result<(), StoreError> {
        let query = sql("INSERT INTO refused_request (repository, pull, name, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING");
        query.bind(signed(repository)).bind(signed(pull)).bind(name).bind(self.clock.now()).run(&self.database).await?;
        Ok(())
    }
}
