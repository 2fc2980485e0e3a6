//! Which pull requests and merge groups are judged with input of which commits, so that a workflow's run that ends makes due what waits for it
//! and nothing else. Losing it costs the time until the next sweep.

use super::database::sql;
use super::job::Subject;
use super::{Store, StoreError, signed};
use crate::change::ObjectId;

const NOTE: &str = "
INSERT INTO input (repository, commit_id, subject, at) VALUES ($1, $2, $3, $4)
ON CONFLICT (repository, commit_id, subject) DO UPDATE SET at = excluded.at";

impl Store {
    /// Notes that something is judged with input of these commits.
    ///
    /// # Errors
    /// What the store says.
    pub async fn note_input(&self, repository: u64, commits: &[ObjectId], subject: &Subject) -> Result<(), StoreError> {
        for commit in commits {
            let query = sql(NOTE).bind(signed(repository)).bind(commit.to_string()).bind(subject.to_string()).bind(self.clock.now());
            query.run(&self.database).await?;
        }
        Ok(())
    }

    /// What is judged with input of a commit, in order.
    ///
    /// # Errors
    /// What the store says.
    pub async fn judged_with_input_of(&self, repository: u64, commit: ObjectId) -> Result<Vec<Subject>, StoreError> {
        let query = sql("SELECT subject FROM input WHERE repository = $1 AND commit_id = $2 ORDER BY subject");
        let rows = query.bind(signed(repository)).bind(commit.to_string()).read_rows(&self.database).await?;
        Ok(rows.iter().filter_map(|row| Subject::parse(&row.get::<String>(0))).collect())
    }
}
