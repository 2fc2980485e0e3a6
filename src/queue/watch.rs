//! What is said of a store that fails, and whether its file is still the one that was opened.
//!
//! Comes in: failures, from whoever meets them. Goes out: one line for an outage, and one when it is over.

use super::{Store, StoreError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The file that was opened, by what the kernel knows it by.
#[derive(Clone, Debug)]
pub(super) struct Opened {
    path: PathBuf,
    identity: (u64, u64),
}

impl Opened {
    /// The file that lies there now.
    pub(super) fn at(path: &Path) -> io::Result<Self> {
        let path = path.canonicalize()?;
        Ok(Self { identity: identity(&path)?, path })
    }

    fn is_there(&self) -> bool {
        // What cannot be looked at is not said to be gone.
        identity(&self.path).map_or_else(|error| error.kind() != io::ErrorKind::NotFound, |identity| identity == self.identity)
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    path.metadata().map(|file| (file.dev(), file.ino()))
}

impl Store {
    /// Notes that the store failed in something. An outage is one line, however many meet it.
    pub fn failed(&self, doing: &'static str, error: &StoreError) {
        if matches!(error, StoreError::Closed) {
            return;
        }
        if self.outage.begins(self.clock.now()) {
            tracing::error!(%error, doing, "the store fails; this is said once, and when it is over");
        } else {
            tracing::debug!(%error, doing, "the store still fails");
        }
    }

    /// Notes that it took a write.
    pub fn took_write(&self) {
        if self.outage.ends() {
            tracing::info!("the store takes writes again");
        }
    }

    /// After a failure, sees whether it takes writes again; otherwise it is asked nothing.
    pub async fn look_again(&self) {
        if self.outage.lasts() && self.check().await.is_ok() {
            self.took_write();
        }
    }

    /// Whether the database's file was moved away or deleted since it was opened: what is written there is lost with the process.
    ///
    /// # Errors
    /// `Displaced`.
    pub fn stays(&self) -> Result<(), StoreError> {
        match &self.opened {
            Some(opened) if !opened.is_there() => Err(StoreError::Displaced(opened.path.display().to_string())),
            _ => Ok(()),
        }
    }
}
