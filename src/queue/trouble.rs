//! What is wrong with a store, in one line that says what to do about it.
//!
//! Comes in: an error of sqlx. Goes out: words for the log and for whoever starts the service. No address and no password is in them; what the
//! database itself said is.

use std::fmt;
use std::io::ErrorKind;

/// What a database's error means to whoever runs the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    Full,
    ReadOnly,
    Corrupt,
    Locked,
    NotOpened,
    Displaced,
    Unreachable,
    Refused,
    NoDatabase,
    NoRight,
    Crowded,
    Encryption,
    Other,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.word(), self.advice())
    }
}

impl Trouble {
    /// What it is, for whoever asks whether the service is ready.
    pub fn word(self) -> &'static str {
        match self {
            Self::Full => "the store's disk is full",
            Self::ReadOnly => "the store is read-only",
            Self::Corrupt => "the store is damaged",
            Self::Locked => "the store is locked by another program",
            Self::NotOpened => "the store's file cannot be opened",
            Self::Displaced => "the store's file was moved or deleted",
            Self::Unreachable => "PostgreSQL cannot be reached",
            Self::Refused => "PostgreSQL refuses the user or the password",
            Self::NoDatabase => "the database does not exist",
            Self::NoRight => "the database's user lacks a right",
            Self::Crowded => "PostgreSQL has no connection left",
            Self::Encryption => "the connection to PostgreSQL cannot be encrypted",
            Self::Other => "the store fails",
        }
    }

    /// What to do about it.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Full => "make room on the disk; the service goes on by itself",
            Self::ReadOnly => "let the service's user write to the database file and its folder, or point store.url at the primary server",
            Self::Corrupt => {
                "stop the service, move the database away with the files beside it (-wal, -shm) and start it again: no decision is in it, and a sweep finds what is due"
            }
            Self::Locked => "end what holds the file, a backup perhaps; the service goes on by itself",
            Self::NotOpened => "see that the folder of store.url is there, and that the service's user may write to it",
            Self::Displaced => {
                "start the service again on the file that shall be used: no decision is in it, and a sweep finds what is due"
            }
            Self::Unreachable => {
                "see that the server runs and that host and port in store.url are right; a service that runs goes on by itself"
            }
            Self::Refused => "see user and password in store.url, or PGPASSWORD, and the server's pg_hba.conf",
            Self::NoDatabase => "create it: CREATE DATABASE astride OWNER astride",
            Self::NoRight => "make the user of store.url the owner of the database, or of the schema that it uses",
            Self::Crowded => "raise max_connections of the server, or run fewer replicas: each takes up to nine",
            Self::Encryption => "see sslmode and sslrootcert in store.url, and whether the server takes TLS",
            Self::Other => "the log of the database says more",
        }
    }

    pub(super) fn of(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => Self::by_code(&error.code().unwrap_or_default()),
            sqlx::Error::Io(error) if error.kind() == ErrorKind::StorageFull => Self::Full,
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => Self::Unreachable,
            sqlx::Error::Tls(_) => Self::Encryption,
            sqlx::Error::Migrate(error) => Self::of_migration(error),
            _ => Self::Other,
        }
    }

    pub(super) fn of_file(error: &std::io::Error) -> Self {
        match error.kind() {
            ErrorKind::StorageFull => Self::Full,
            ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            _ => Self::NotOpened,
        }
    }

    pub(super) fn of_migration(error: &sqlx::migrate::MigrateError) -> Self {
        use sqlx::migrate::MigrateError::{Execute, ExecuteMigration};
        match error {
            Execute(error) | ExecuteMigration(error, _) => Self::of(error),
            _ => Self::Other,
        }
    }

    /// Codes of SQLite are numbers, whose last byte is the kind; those of PostgreSQL have five characters.
    /// Sources: <https://www.sqlite.org/rescode.html>, <https://www.postgresql.org/docs/current/errcodes-appendix.html>
    fn by_code(code: &str) -> Self {
        if code.len() == 5 {
            return match code {
                "53100" => Self::Full,
                "25006" => Self::ReadOnly,
                "XX001" | "XX002" => Self::Corrupt,
                "28P01" | "28000" => Self::Refused,
                "3D000" => Self::NoDatabase,
                "42501" | "3F000" => Self::NoRight,
                "53300" => Self::Crowded,
                "57P01" | "57P02" | "57P03" => Self::Unreachable,
                _ => Self::Other,
            };
        }
        match code.parse::<u32>().unwrap_or_default() & 0xff {
            13 => Self::Full,
            8 => Self::ReadOnly,
            11 | 26 => Self::Corrupt,
            5 | 6 => Self::Locked,
            14 => Self::NotOpened,
            _ => Self::Other,
        }
    }
}
