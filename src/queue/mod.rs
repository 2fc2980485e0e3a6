//! The store: a queue of due pull requests, an inbox of commands, and caches; one SQLite file, or a PostgreSQL database that replicas share.
//!
//! Comes in: what the server received and what workers found out. Goes out: jobs, one run at a time for each pull request.
//! Never holds what cannot be got again from git and the forge.

mod address;
pub mod cache;
pub mod chores;
mod database;
pub mod details;
pub mod due;
pub mod first_contact;
pub mod heads;
pub mod inbox;
pub mod input;
pub mod job;
pub mod ledger_tip;
pub mod merged;
pub mod notice;
mod open;
pub mod published;
pub mod refused;
mod tables;
pub mod trouble;
mod watch;

use crate::clock::Clock;
use crate::outage::Outage;
use database::Database;
use heads::Heads;
use sqlx::migrate::MigrateError;
use std::fs::File;
use std::sync::Arc;
use tokio::sync::Notify;
use trouble::Trouble;
use watch::Opened;

/// Why the store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("store.url `{0}` is not supported: use sqlite://path/to/file.db or postgres://user@host/database")]
    Backend(String),
    #[error(
        "the store {0} is in use by another process: one SQLite file serves one process; end the other one, or use PostgreSQL for several replicas"
    )]
    InUse(String),
    #[error("{}: {file}: {error}", Trouble::of_file(error))]
    File { file: String, error: std::io::Error },
    #[error("the store's database is encoded as {0}: create one with UTF8, CREATE DATABASE astride ENCODING 'UTF8' TEMPLATE template0")]
    Encoding(String),
    #[error(
        "the store was brought up to date by a newer release than this one: start that one, or put the store's backup back, or begin with an empty store (no decision is in it)"
    )]
    Newer,
    #[error("the store's tables could not be brought up to date: {}: {error}", Trouble::of_migration(error))]
    Migrate { error: MigrateError },
    #[error("{}: {error}", Trouble::of(error))]
    Sql {
        #[from]
        error: sqlx::Error,
    },
    #[error("the store did not answer within {0} seconds: see that the database answers others; the service goes on by itself")]
    Slow(u64),
    #[error("store.url: {0}")]
    Parameter(String),
    #[error(
        "the store's file {0} was moved or deleted while the service ran, which ends: start it again on the file that shall be used; no decision is in it, and a sweep finds what is due"
    )]
    Displaced(String),
    #[error("the store is being closed")]
    Closed,
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(_) => Self::Newer,
            error => Self::Migrate { error },
        }
    }
}

impl StoreError {
    /// What is wrong, in words that name no place.
    pub fn trouble(&self) -> Trouble {
        match self {
            Self::Sql { error } => Trouble::of(error),
            Self::Migrate { error } => Trouble::of_migration(error),
            Self::Slow(_) => Trouble::Unreachable,
            Self::File { error, .. } => Trouble::of_file(error),
            Self::InUse(_) => Trouble::Locked,
            Self::Displaced(_) => Trouble::Displaced,
            Self::Backend(_) | Self::Parameter(_) | Self::Encoding(_) | Self::Newer | Self::Closed => Trouble::Other,
        }
    }
}

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    database: Database,
    clock: Clock,
    due: Arc<Notify>,
    heads: Heads,
    /// The lock on SQLite's file.
    file: Option<Arc<File>>,
    /// That file.
    opened: Option<Opened>,
    outage: Arc<Outage>,
}

impl Store {
    /// Waits until something was put into the queue by this process. What others put there is found by looking.
    pub async fn wait(&self) {
        self.due.notified().await;
    }

    /// Wakes the workers.
    pub fn wake(&self) {
        self.due.notify_one();
    }

    /// Closes the connections once their statements are done.
    pub async fn close(&self) {
        self.database.close().await;
        self.heads.close().await;
        if let Some(Err(error)) = self.file.as_ref().map(|file| file.unlock()) {
            tracing::warn!(%error, "the store's file could not be unlocked; it is with the end of this process");
        }
    }
}

/// The forge's ids are unsigned, the database's integers are not; no id comes near the difference.
fn signed(id: u64) -> i64 {
    id.cast_signed()
}

fn unsigned(id: i64) -> u64 {
    id.cast_unsigned()
}
