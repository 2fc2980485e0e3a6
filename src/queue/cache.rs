//! Caches: git objects by id, which cannot change, and the forge's answers with their ETags. Bounded; what was used longest ago goes.

use super::{Store, StoreError};
use sqlx::Row;

/// Largest entry, in bytes; larger ones are fetched again.
const MAX_ENTRY: usize = 2 * 1024 * 1024;
/// Most bytes that each cache may hold.
const MAX_BYTES: i64 = 256 * 1024 * 1024;
/// A use is noted at most once an hour, so that reading rarely writes.
const TOUCH: i64 = 3_600_000;

impl Store {
    /// # Errors
    /// What SQLite says.
    pub async fn object(&self, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row = sqlx::query("SELECT body, used FROM object WHERE id = ?1").bind(id).fetch_optional(&self.reader).await?;
        let Some(row) = row else { return Ok(None) };
        let now = self.clock.now();
        if row.get::<i64, _>(1) + TOUCH < now {
            sqlx::query("UPDATE object SET used = ?2 WHERE id = ?1").bind(id).bind(now).execute(&self.writer).await?;
        }
        Ok(Some(row.get(0)))
    }

    /// # Errors
    /// What SQLite says.
    pub async fn keep_objects(&self, objects: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut transaction = self.writer.begin().await?;
        for (id, body) in objects.iter().filter(|(_, body)| body.len() <= MAX_ENTRY) {
            sqlx::query("INSERT OR IGNORE INTO object (id, used, bytes, body) VALUES (?1, ?2, ?3, ?4)")
                .bind(id)
                .bind(now)
                .bind(body.len() as i64)
                .bind(body.as_slice())
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Drops an object that is not what it should be.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn drop_object(&self, id: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM object WHERE id = ?1").bind(id).execute(&self.writer).await?;
        Ok(())
    }

    /// The ETag and body of the last answer.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn answer(&self, key: &str) -> Result<Option<(String, Vec<u8>)>, StoreError> {
        let row = sqlx::query("SELECT etag, body FROM answer WHERE key = ?1").bind(key).fetch_optional(&self.reader).await?;
        Ok(row.map(|row| (row.get(0), row.get(1))))
    }

    /// # Errors
    /// What SQLite says.
    pub async fn keep_answer(&self, key: &str, etag: &str, body: &[u8]) -> Result<(), StoreError> {
        if body.len() <= MAX_ENTRY {
            sqlx::query("INSERT OR REPLACE INTO answer (key, used, bytes, etag, body) VALUES (?1, ?2, ?3, ?4, ?5)")
                .bind(key)
                .bind(self.clock.now())
                .bind(body.len() as i64)
                .bind(etag)
                .bind(body)
                .execute(&self.writer)
                .await?;
        }
        Ok(())
    }

    /// Brings both caches below their bound.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn evict(&self) -> Result<(), StoreError> {
        for statement in [
            "DELETE FROM object WHERE id IN (SELECT id FROM (SELECT id, sum(bytes) OVER (ORDER BY used DESC, id) AS total FROM object) WHERE total > ?1)",
            "DELETE FROM answer WHERE key IN (SELECT key FROM (SELECT key, sum(bytes) OVER (ORDER BY used DESC, key) AS total FROM answer) WHERE total > ?1)",
        ] {
            sqlx::query(statement).bind(MAX_BYTES).execute(&self.writer).await?;
        }
        Ok(())
    }
}
