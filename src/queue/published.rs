//! What stands on each pull request since the last run that ended well.
//!
//! The sweep compares it with the forge, and whatever moves away from a head makes the others at that head due.

use super::database::sql;
use super::{Store, StoreError, signed, unsigned};
use crate::change::{ObjectId, Timestamp};

/// What a run was about and what it said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    pub head: ObjectId,
    pub base_tip: ObjectId,
    pub ledger_tip: Option<ObjectId>,
    /// Version of engine and catalogue.
    pub engine: String,
    /// `success`, `action_required` or `failure`: this pull request's own, whatever its siblings say.
    pub conclusion: String,
    /// The others with the same head, in words that change when one comes, goes or is retargeted.
    pub neighbours: String,
    /// When the forge says that the pull request had changed last, comments included: what was said later has not been heard.
    pub changed_at: Timestamp,
    /// Since when, by the forge's clock, it was seen to have this head.
    pub head_since: Timestamp,
    /// The digest of the organisation's settings, read before it was judged.
    pub organisation: String,
    /// When something that it rests on ends: an emergency, a decision.
    pub stands_until: Option<Timestamp>,
}

const PUBLISH: &str = "
INSERT INTO published (repository, pull, at, head, base, ledger, engine, conclusion, changed_at, neighbours, stands_until, head_since,
    organisation)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (repository, pull) DO UPDATE SET at = excluded.at, head = excluded.head, base = excluded.base, ledger = excluded.ledger,
    engine = excluded.engine, conclusion = excluded.conclusion, changed_at = excluded.changed_at, neighbours = excluded.neighbours,
    stands_until = excluded.stands_until, head_since = excluded.head_since, organisation = excluded.organisation";

impl Store {
    /// # Errors
    /// What the store says.
    pub async fn publish(&self, repository: u64, pull: u64, published: &Published) -> Result<(), StoreError> {
        sql(PUBLISH)
            .bind(signed(repository))
            .bind(signed(pull))
            .bind(self.clock.now())
            .bind(published.head.to_string())
            .bind(published.base_tip.to_string())
            .bind(published.ledger_tip.map(|tip| tip.to_string()).unwrap_or_default())
            .bind(&published.engine)
            .bind(&published.conclusion)
            .bind(published.changed_at.0)
            .bind(&published.neighbours)
            .bind(published.stands_until.map_or(0, |until| until.0))
            .bind(published.head_since.0)
            .bind(&published.organisation)
            .run(&self.database)
            .await?;
        Ok(())
    }

    /// # Errors
    /// What the store says.
    pub async fn published(&self, repository: u64, pull: u64) -> Result<Option<Published>, StoreError> {
        let query = sql("SELECT head, base, ledger, engine, conclusion, changed_at, neighbours, stands_until, head_since, organisation
             FROM published WHERE repository = $1 AND pull = $2");
        let row = query.bind(signed(repository)).bind(signed(pull)).read_row(&self.database).await?;
        Ok(row.and_then(|row| {
            Some(Published {
                head: ObjectId::from_hex(row.get("head"))?,
                base_tip: ObjectId::from_hex(row.get("base"))?,
                ledger_tip: ObjectId::from_hex(row.get("ledger")),
                engine: row.get("engine"),
                conclusion: row.get("conclusion"),
                neighbours: row.get("neighbours"),
                changed_at: Timestamp(row.get("changed_at")),
                head_since: Timestamp(row.get("head_since")),
                organisation: row.get("organisation"),
                stands_until: Some(Timestamp(row.get("stands_until"))).filter(|until| until.0 > 0),
            })
        }))
    }

    /// The pull requests that were judged at this head.
    ///
    /// # Errors
    /// What the store says.
    pub async fn published_at(&self, repository: u64, head: ObjectId) -> Result<Vec<u64>, StoreError> {
        let query = sql("SELECT pull FROM published WHERE repository = $1 AND head = $2 ORDER BY pull");
        let rows = query.bind(signed(repository)).bind(head.to_string()).read_rows(&self.database).await?;
        Ok(rows.iter().map(|row| unsigned(row.get(0))).collect())
    }

    /// Forgets a pull request that is no longer open.
    ///
    /// # Errors
    /// What the store says.
    pub async fn unpublish(&self, repository: u64, pull: u64) -> Result<(), StoreError> {
        let query = sql("DELETE FROM published WHERE repository = $1 AND pull = $2");
        query.bind(signed(repository)).bind(signed(pull)).run(&self.database).await?;
        Ok(())
    }
}
