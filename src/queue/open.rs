//! Opening a store: the file or the server, its tables, and that nobody else has the file, nor may read it.

use super::database::{Database, in_time};
use super::heads::{Heads, Session};
use super::watch::Opened;
use super::{Store, StoreError, address, tables};
use crate::clock::Clock;
use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// How long a statement waits for another program that holds the file.
const BUSY: Duration = Duration::from_secs(10);
/// How long a statement waits for one of PostgreSQL's connections. The forge waits ten seconds for the answer to a delivery.
const CONNECTING: Duration = Duration::from_secs(5);
/// Connections to PostgreSQL at the same time; one more holds the locks of heads.
const CONNECTIONS: u32 = 8;
/// What a URL has in it that is of no file.
const IN_MEMORY: &str = ":memory:";

impl Store {
    /// Opens or creates the store of a `sqlite://` or `postgres://` URL; `sqlite::memory:` for one that dies with the process.
    ///
    /// # Errors
    /// `Backend` for any other URL, `Parameter` for one with a word that nobody knows, `InUse` for a file that another process has; else what the
    /// database says.
    pub async fn open(url: &str, clock: Clock) -> Result<Self, StoreError> {
        let kind = url.split_once(':');
        if matches!(kind, Some(("sqlite" | "postgres" | "postgresql", _))) {
            address::check(url)?;
        }
        match kind {
            Some(("sqlite", _)) => open_sqlite(url, clock).await,
            Some(("postgres" | "postgresql", _)) => open_postgres(url, clock).await,
            other => Err(StoreError::Backend(other.map_or(url, |(scheme, _)| scheme).to_owned())),
        }
    }

    /// The file that `open` would make, where it is not there and could be made; nothing of it stays.
    ///
    /// # Errors
    /// As `open`; `File` where none may be made there.
    pub fn missing(url: &str) -> Result<Option<PathBuf>, StoreError> {
        if !url.starts_with("sqlite:") || url.contains(IN_MEMORY) {
            return Ok(None);
        }
        address::check(url)?;
        let options = SqliteConnectOptions::from_str(url)?;
        let file = std::path::absolute(options.get_filename()).unwrap_or_else(|_| options.get_filename().to_owned());
        if file.exists() {
            return Ok(None);
        }
        let probe = beside(&file, &format!(".{}.check", std::process::id()));
        let made = private().create_new(true).open(&probe).and_then(|_| std::fs::remove_file(&probe));
        made.map_err(|error| StoreError::File { file: file.display().to_string(), error })?;
        Ok(Some(file))
    }
}

/// A file that its owner alone reads, whatever the process's umask: webhooks, file contents and reports are in it. What SQLite puts beside the database
/// gets the same permissions from it.
fn private() -> OpenOptions {
    let mut options = File::options();
    options.write(true).mode(0o600);
    options
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

async fn open_sqlite(url: &str, clock: Clock) -> Result<Store, StoreError> {
    let options = SqliteConnectOptions::from_str(url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY);
    // A database in memory belongs to its connection.
    let in_memory = url.contains(IN_MEMORY);
    let file = if in_memory { None } else { Some(Arc::new(take_file(options.get_filename())?)) };
    if !in_memory {
        make(options.get_filename())?;
    }
    let path = options.get_filename().to_owned();
    let writer = sqlite_pool(1).connect_with(options.clone()).await?;
    tables::for_sqlite().run(&writer).await?;
    let reader = if in_memory { writer.clone() } else { sqlite_pool(2).connect_with(options).await? };
    let opened = if in_memory { None } else { Opened::at(&path).ok() };
    let (due, heads, outage) = (Arc::default(), Heads::new(None), Arc::default());
    Ok(Store { database: Database::Sqlite { writer, reader }, clock, due, heads, file, opened, outage })
}

fn sqlite_pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

/// Takes the database's file for this process. The lock is the kernel's, and ends with the process however that dies; it is on a file of its own,
/// because SQLite's locks are lost where anybody else closes the database.
fn take_file(database: &Path) -> Result<File, StoreError> {
    // By whatever link it is named, it is one file; which other names a file has nobody can tell.
    let named = std::fs::canonicalize(database);
    if let (Err(error), true) = (&named, database.is_symlink()) {
        let error = io::Error::new(error.kind(), "it is a link to a file that is not there: name the file itself");
        return Err(StoreError::File { file: database.display().to_string(), error });
    }
    let database = &named.unwrap_or_else(|_| database.to_owned());
    if std::fs::metadata(database).is_ok_and(|file| file.nlink() > 1) {
        let error = io::Error::other("it has a second name (a hard link), by which another service could take it: copy it instead");
        return Err(StoreError::File { file: database.display().to_string(), error });
    }
    let lock = beside(database, ".lock");
    let file = private().create(true).truncate(false).open(&lock);
    let file = file.map_err(|error| StoreError::File { file: lock.display().to_string(), error })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(database.display().to_string())),
        Err(TryLockError::Error(error)) => Err(StoreError::File { file: lock.display().to_string(), error }),
    }
}

/// Makes the database's file where there is none; SQLite fills it.
fn make(database: &Path) -> Result<(), StoreError> {
    match private().create_new(true).open(database) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(StoreError::File { file: database.display().to_string(), error }),
        _ => Ok(()),
    }
}

async fn open_postgres(url: &str, clock: Clock) -> Result<Store, StoreError> {
    let options = PgConnectOptions::from_str(url)?.application_name("astride");
    // A pool tries again where nobody answers, and forgets why.
    let mut first = in_time(PgConnection::connect_with(&options)).await?;
    let encoding: String = sqlx::query_scalar("SHOW server_encoding").fetch_one(&mut first).await?;
    if encoding != "UTF8" {
        return Err(StoreError::Encoding(encoding));
    }
    first.close().await?;
    let pool = PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(CONNECTING).connect_lazy_with(options.clone());
    // Replicas that start together wait for each other here.
    tables::for_postgres().run(&pool).await?;
    let heads = Heads::new(Some(Session::new(options.clone())));
    let (due, outage) = (Arc::default(), Arc::default());
    Ok(Store { database: Database::Postgres(pool), clock, due, heads, file: None, opened: None, outage })
}
