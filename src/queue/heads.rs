//! One writer for each head, over all processes that share the store: a head has one check, whatever the number of its pull requests.
//!
//! Within a process a lock in memory; between processes an advisory lock of PostgreSQL, held by a session of its own, which ends with its process
//! however that dies.

use super::database::in_time;
use super::{Store, StoreError};
use crate::change::ObjectId;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, OwnedMutexGuard};

/// Most locks: two heads may share one, which only makes them wait.
const LOCKS: usize = 64;
/// Before a lock that another process holds is asked for again.
const POLL: Duration = Duration::from_millis(100);
/// Installations that share a database and differ in their schema do not wait for each other.
const TRY: &str = "SELECT pg_try_advisory_lock(hashtext(current_schema()::text), $1)";
const RELEASE: &str = "SELECT pg_advisory_unlock(hashtext(current_schema()::text), $1)";

/// The locks of one process. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Heads {
    own: Arc<[Arc<Mutex<()>>]>,
    shared: Option<Session>,
}

/// Held until it is dropped.
#[derive(Debug)]
pub struct HeadLock {
    _own: OwnedMutexGuard<()>,
    _shared: Option<Shared>,
}

impl Heads {
    pub(super) fn new(shared: Option<Session>) -> Self {
        Self { own: (0..LOCKS).map(|_| Arc::default()).collect(), shared }
    }

    pub(super) async fn close(&self) {
        if let Some(session) = &self.shared {
            session.close().await;
        }
    }
}

impl Store {
    /// Waits until nobody else writes to a head.
    ///
    /// # Errors
    /// What the store says.
    pub async fn lock_head(&self, head: &str) -> Result<HeadLock, StoreError> {
        let first = ObjectId::from_hex(head).map_or(0, |head| head.0[0]);
        let number = usize::from(first) % LOCKS;
        let own = Arc::clone(&self.heads.own[number]).lock_owned().await;
        let shared = match &self.heads.shared {
            Some(session) => Some(session.lock(number as i32).await?),
            None => None,
        };
        Ok(HeadLock { _own: own, _shared: shared })
    }
}

/// The session that holds the advisory locks; begun when the first is asked for, and again where it broke.
#[derive(Clone)]
pub(super) struct Session {
    options: Arc<PgConnectOptions>,
    connection: Arc<Mutex<Option<PgConnection>>>,
}

impl Session {
    pub(super) fn new(options: PgConnectOptions) -> Self {
        Self { options: Arc::new(options), connection: Arc::default() }
    }

    /// A task of its own asks, so that whoever gives up waiting does not break the session off, and the locks of others with it.
    async fn lock(&self, number: i32) -> Result<Shared, StoreError> {
        let session = self.clone();
        let asking = tokio::spawn(async move {
            while !in_time(session.ask(TRY, number)).await? {
                tokio::time::sleep(POLL).await;
            }
            Ok(Shared { session, number })
        });
        asking.await.unwrap_or_else(|_| Err(StoreError::Closed))
    }

    async fn ask(&self, question: &'static str, number: i32) -> Result<bool, sqlx::Error> {
        let mut connection = self.connection.lock().await;
        // A session that fails is left, and its locks with it: the next question begins another.
        let mut open = match connection.take() {
            Some(open) => open,
            None => self.options.connect().await?,
        };
        let answer = sqlx::query_scalar(question).bind(number).fetch_one(&mut open).await?;
        *connection = Some(open);
        Ok(answer)
    }

    async fn close(&self) {
        if let Some(open) = self.connection.lock().await.take() {
            // What is left is closed by the server.
            let _ = open.close().await;
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session")
    }
}

#[derive(Debug)]
struct Shared {
    session: Session,
    number: i32,
}

impl Drop for Shared {
    /// The session counts how often it holds a lock, so that a colleague in this process that is quicker than this keeps it.
    fn drop(&mut self) {
        let (session, number) = (self.session.clone(), self.number);
        // Without a runtime the process is about to end, and the session with it.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        runtime.spawn(async move {
            if let Err(error) = in_time(session.ask(RELEASE, number)).await {
                tracing::warn!(%error, "the lock of a head could not be released; its session was ended");
            }
        });
    }
}
