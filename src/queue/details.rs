//! The pages that checks link to: what was judged at each head, until it is too old or there are too many.
//!
//! Comes in: a page with the capability that its address bears. Goes out: the same.

use super::database::sql;
use super::job::millis;
use super::{Store, StoreError, signed};
use crate::change::ObjectId;
use std::time::Duration;

/// Most bytes that all pages together may have; beyond it the oldest go.
const MAX_BYTES: i64 = 256 * 1024 * 1024;

/// A page that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// What its address bears.
    pub capability: String,
    /// HTML.
    pub page: String,
}

const KEEP: &str = "
INSERT INTO details (repository, head, capability, at, bytes, page) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (repository, head) DO UPDATE SET capability = excluded.capability, at = excluded.at, bytes = excluded.bytes, page = excluded.page";

impl Store {
    /// Keeps a page in the place of the one that was judged at this head before.
    ///
    /// # Errors
    /// What the store says.
    pub async fn keep_details(&self, repository: u64, head: ObjectId, details: &Details) -> Result<(), StoreError> {
        sql(KEEP)
            .bind(signed(repository))
            .bind(head.to_string())
            .bind(&details.capability)
            .bind(self.clock.now())
            .bind(details.page.len() as i64)
            .bind(&details.page)
            .run(&self.database)
            .await?;
        Ok(())
    }

    /// What the address of a head's page bears, where one is kept.
    ///
    /// # Errors
    /// What the store says.
    pub async fn details_capability(&self, repository: u64, head: ObjectId) -> Result<Option<String>, StoreError> {
        let query = sql("SELECT capability FROM details WHERE repository = $1 AND head = $2");
        let row = query.bind(signed(repository)).bind(head.to_string()).read_row(&self.database).await?;
        Ok(row.map(|row| row.get(0)))
    }

    /// The page of a head.
    ///
    /// # Errors
    /// What the store says.
    pub async fn details(&self, repository: u64, head: ObjectId) -> Result<Option<Details>, StoreError> {
        let query = sql("SELECT capability, page FROM details WHERE repository = $1 AND head = $2");
        let row = query.bind(signed(repository)).bind(head.to_string()).read_row(&self.database).await?;
        Ok(row.map(|row| Details { capability: row.get(0), page: row.get(1) }))
    }

    /// Forgets the page of a head, of which nothing is true any more.
    ///
    /// # Errors
    /// What the store says.
    pub async fn drop_details(&self, repository: u64, head: ObjectId) -> Result<(), StoreError> {
        let query = sql("DELETE FROM details WHERE repository = $1 AND head = $2");
        query.bind(signed(repository)).bind(head.to_string()).run(&self.database).await?;
        Ok(())
    }

    /// Forgets the pages that are older, and the oldest of what is too much.
    ///
    /// # Errors
    /// What the store says.
    pub async fn forget_details(&self, older: Duration) -> Result<(), StoreError> {
        let before = self.clock.now().saturating_sub(millis(older));
        sql("DELETE FROM details WHERE at <= $1").bind(before).run(&self.database).await?;
        const SURPLUS: &str = "DELETE FROM details WHERE (repository, head) IN (SELECT repository, head FROM
            (SELECT repository, head, sum(bytes) OVER (ORDER BY at DESC, repository, head) AS total FROM details) AS newest WHERE total > $1)";
        sql(SURPLUS).bind(MAX_BYTES).run(&self.database).await?;
        Ok(())
    }
}
