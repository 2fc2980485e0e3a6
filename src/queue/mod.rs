//! The store: a queue of due pull requests, an inbox of commands, and caches; one SQLite file.
//!
//! Comes in: what the server received and what workers found out. Goes out: jobs, one run at a time for each pull request.
//! Never holds what cannot be got again from git and the forge.

pub mod cache;
pub mod first_contact;
pub mod inbox;
pub mod job;
pub mod ledger_tip;
pub mod merged;
pub mod published;

use crate::clock::Clock;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{SqlSafeStr, SqlitePool};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// How long a statement waits for another process that holds the file.
const BUSY: Duration = Duration::from_secs(10);

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("store.url `{0}` is not supported: use sqlite://path/to/file.db (PostgreSQL is planned and not built yet)")]
    Backend(String),
    #[error("the store's tables could not be brought up to date: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    #[error("the store failed: {0}")]
    Sql(#[from] sqlx::Error),
}

/// Cheap to clone. All writes go through one connection, so that they never wait for each other inside SQLite.
#[derive(Clone, Debug)]
pub struct Store {
    writer: SqlitePool,
    reader: SqlitePool,
    clock: Clock,
    due: Arc<Notify>,
}

impl Store {
    /// Opens or creates the store of a `sqlite://` URL; `sqlite::memory:` for one that dies with the process.
    ///
    /// # Errors
    /// `Backend` for any other URL; else what SQLite says.
    pub async fn open(url: &str, clock: Clock) -> Result<Self, StoreError> {
        if !url.starts_with("sqlite:") {
            return Err(StoreError::Backend(url.split_once(':').map_or(url, |(scheme, _)| scheme).to_owned()));
        }
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY);
        let writer = pool(1).connect_with(options.clone()).await?;
        let scripts = [
            ("the first tables", include_str!("schema.sql")),
            ("neighbours", include_str!("second.sql")),
            ("what ends", include_str!("third.sql")),
            ("the ledger's branches", include_str!("fourth.sql")),
            ("heads and organisations", include_str!("fifth.sql")),
            ("first contact", include_str!("sixth.sql")),
            ("merges", include_str!("seventh.sql")),
        ];
        let migrations = (1..)
            .zip(scripts)
            .map(|(version, (name, script))| Migration::new(version, name.into(), MigrationType::Simple, script.into_sql_str(), false));
        Migrator::with_migrations(migrations.collect()).run(&writer).await?;
        // A database in memory belongs to its connection.
        let reader = if url.contains(":memory:") { writer.clone() } else { pool(2).connect_with(options).await? };
        Ok(Self { writer, reader, clock, due: Arc::default() })
    }

    /// Waits until something was put into the queue by this process.
    pub async fn wait(&self) {
        self.due.notified().await;
    }

    /// Wakes the workers.
    pub fn wake(&self) {
        self.due.notify_one();
    }

    /// Whether the store takes writes.
    ///
    /// # Errors
    /// What SQLite says.
    pub async fn check(&self) -> Result<(), StoreError> {
        let mut transaction = self.writer.begin().await?;
        sqlx::query("UPDATE delivery SET at = at WHERE guid = ''").execute(&mut *transaction).await?;
        Ok(transaction.rollback().await?)
    }

    /// Closes the connections once their statements are done.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

/// The forge's ids are unsigned, SQLite's integers are not; no id comes near the difference.
fn signed(id: u64) -> i64 {
    id.cast_signed()
}

fn unsigned(id: i64) -> u64 {
    id.cast_unsigned()
}
