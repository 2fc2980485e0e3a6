//! Where the ledger's branches were when they were last looked at, and what of them people pushed.
//!
//! Losing it costs another look at the whole branch. That a branch was cut in between is then known from our checks alone, each of which
//! names the tip that it was made with: those on open pull requests and on the change's own commits are asked once.

use super::database::sql;
use super::job::RepositoryKey;
use super::{Store, StoreError, signed, unsigned};
use crate::change::ObjectId;
use crate::clock::Millis;

const KEEP: &str = "
INSERT INTO ledger (branch, tip, pushed) VALUES ($1, $2, $3)
ON CONFLICT (branch) DO UPDATE SET tip = excluded.tip, pushed = excluded.pushed, behind_since = 0";

impl Store {
    /// # Errors
    /// What the store says.
    pub async fn ledger_seen(&self, branch: &str) -> Result<Option<(ObjectId, String)>, StoreError> {
        let row = sql("SELECT tip, pushed FROM ledger WHERE branch = $1").bind(branch).read_row(&self.database).await?;
        Ok(row.and_then(|row| Some((ObjectId::from_hex(row.get("tip"))?, row.get("pushed")))))
    }

    /// The repositories that are reviewed with the branch of this name in the repository `place`, each as it was last named, with the tip that its
    /// folder was last looked at. One of which nothing was due lately is not among them.
    ///
    /// # Errors
    /// What the store says.
    pub async fn reviewed_with(&self, place: u64, name: &str) -> Result<Vec<(RepositoryKey, Option<ObjectId>)>, StoreError> {
        let rows = sql("SELECT branch, tip FROM ledger WHERE branch LIKE $1").bind(format!("{place}/%")).read_rows(&self.database).await?;
        let mut reviewed = Vec::new();
        for row in rows {
            let branch: String = row.get("branch");
            let id = branch.split_once('/').and_then(|(_, rest)| rest.split_once('/')).filter(|(_, own)| *own == name);
            let Some(id) = id.and_then(|(id, _)| id.parse::<u64>().ok()) else { continue };
            let named = sql("SELECT owner, name, installation FROM job WHERE repository = $1 ORDER BY run_at DESC LIMIT 1");
            let Some(named) = named.bind(signed(id)).read_row(&self.database).await? else { continue };
            let installation = unsigned(named.get("installation"));
            let key = RepositoryKey { id, owner: named.get("owner"), name: named.get("name"), installation };
            reviewed.push((key, ObjectId::from_hex(row.get("tip"))));
        }
        Ok(reviewed)
    }

    /// # Errors
    /// What the store says.
    pub async fn keep_ledger_seen(&self, branch: &str, tip: ObjectId, pushed: &str) -> Result<(), StoreError> {
        let query = sql(KEEP);
        query.bind(branch).bind(tip.to_string()).bind(pushed).run(&self.database).await?;
        Ok(())
    }

    /// Whether a branch was looked at, or looked for, since we began to remember. Notes that it was asked for.
    ///
    /// # Errors
    /// What the store says.
    pub async fn ledger_is_known(&self, branch: &str) -> Result<bool, StoreError> {
        sql("INSERT INTO ledger (branch, tip, pushed) VALUES ($1, '', '') ON CONFLICT DO NOTHING").bind(branch).run(&self.database).await?;
        let query = sql(
            "SELECT CASE WHEN tip <> '' OR pushed <> '' THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END FROM ledger WHERE branch = $1",
        )
        .bind(branch);
        Ok(query.row(&self.database).await?.is_some_and(|row| row.get::<i64>(0) != 0))
    }

    /// Notes that nothing speaks against what the branch is now.
    ///
    /// # Errors
    /// What the store says.
    pub async fn note_ledger_known(&self, branch: &str) -> Result<(), StoreError> {
        sql("UPDATE ledger SET pushed = '[]' WHERE branch = $1 AND tip = ''").bind(branch).run(&self.database).await?;
        Ok(())
    }

    /// Notes that a branch is behind where it was, and gives since when it has been so; now, where nothing is known of it.
    ///
    /// # Errors
    /// What the store says.
    pub async fn ledger_behind_since(&self, branch: &str) -> Result<Millis, StoreError> {
        let now = self.clock.now();
        let update = sql("UPDATE ledger SET behind_since = $2 WHERE branch = $1 AND behind_since = 0");
        update.bind(branch).bind(now).run(&self.database).await?;
        let row = sql("SELECT behind_since FROM ledger WHERE branch = $1").bind(branch).row(&self.database).await?;
        Ok(row.map_or(now, |row| row.get("behind_since")))
    }
}
