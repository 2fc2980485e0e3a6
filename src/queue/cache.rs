//! Caches: git objects by id, which cannot change, and the forge's answers with their ETags. Bounded; what was used longest ago goes.

use super::database::sql;
use super::{Store, StoreError};

/// Largest entry, in bytes; larger ones are fetched again.
const MAX_ENTRY: usize = 2 * 1024 * 1024;
/// Longest key of an answer, in bytes: PostgreSQL indexes none of more than 2,700.
const MAX_KEY: usize = 2_000;
/// Most bytes that each cache may hold.
const MAX_BYTES: i64 = 256 * 1024 * 1024;
/// A use is noted at most once an hour, so that reading rarely writes.
const TOUCH: i64 = 3_600_000;

const KEEP_ANSWER: &str = "
INSERT INTO answer (key, used, bytes, etag, body) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (key) DO UPDATE SET used = excluded.used, bytes = excluded.bytes, etag = excluded.etag, body = excluded.body";

impl Store {
    /// # Errors
    /// What the store says.
    pub async fn object(&self, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row = sql("SELECT body, used FROM object WHERE id = $1").bind(id).read_row(&self.database).await?;
        let Some(row) = row else { return Ok(None) };
        let now = self.clock.now();
        if row.get::<i64>(1) + TOUCH < now {
            sql("UPDATE object SET used = $2 WHERE id = $1").bind(id).bind(now).run(&self.database).await?;
        }
        Ok(Some(row.get(0)))
    }

    /// # Errors
    /// What the store says.
    pub async fn keep_objects(&self, objects: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut transaction = self.database.begin().await?;
        // In one order everywhere: two replicas that keep the same ones wait for each other, and not in a circle.
        let mut kept: Vec<&(String, Vec<u8>)> = objects.iter().filter(|(_, body)| body.len() <= MAX_ENTRY).collect();
        kept.sort();
        for (id, body) in kept {
            sql("INSERT INTO object (id, used, bytes, body) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING")
                .bind(id)
                .bind(now)
                .bind(body.len() as i64)
                .bind(body.as_slice())
                .run_in(&mut transaction)
                .await?;
        }
        transaction.commit().await
    }

    /// Drops an object that is not what it should be.
    ///
    /// # Errors
    /// What the store says.
    pub async fn drop_object(&self, id: &str) -> Result<(), StoreError> {
        sql("DELETE FROM object WHERE id = $1").bind(id).run(&self.database).await?;
        Ok(())
    }

    /// The ETag and body of the last answer.
    ///
    /// # Errors
    /// What the store says.
    pub async fn answer(&self, key: &str) -> Result<Option<(String, Vec<u8>)>, StoreError> {
        let row = sql("SELECT etag, body FROM answer WHERE key = $1").bind(key).read_row(&self.database).await?;
        Ok(row.map(|row| (row.get(0), row.get(1))))
    }

    /// # Errors
    /// What the store says.
    pub async fn keep_answer(&self, key: &str, etag: &str, body: &[u8]) -> Result<(), StoreError> {
        if body.len() <= MAX_ENTRY && key.len() <= MAX_KEY {
            sql(KEEP_ANSWER).bind(key).bind(self.clock.now()).bind(body.len() as i64).bind(etag).bind(body).run(&self.database).await?;
        }
        Ok(())
    }

    /// Brings both caches below their bound.
    ///
    /// # Errors
    /// What the store says.
    pub async fn evict(&self) -> Result<(), StoreError> {
        for statement in [
            "DELETE FROM object WHERE id IN (SELECT id FROM (SELECT id, sum(bytes) OVER (ORDER BY used DESC, id) AS total FROM object) AS newest WHERE total > $1)",
            "DELETE FROM answer WHERE key IN (SELECT key FROM (SELECT key, sum(bytes) OVER (ORDER BY used DESC, key) AS total FROM answer) AS newest WHERE total > $1)",
        ] {
            sql(statement).bind(MAX_BYTES).run(&self.database).await?;
        }
        Ok(())
    }
}
