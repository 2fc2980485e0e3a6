//! The listener: HTTP/1.1 over TCP, with bounds on what a client may keep open and for how long.
//!
//! Comes in: connections, from anybody. Goes out: requests to the router. A client that does not send its headers in time is hung up on.
//! Where the bound on connections is met, the one that has been open longest makes way, so that slow clients keep nobody out.

use crate::server::config::Edge;
use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Bytes that a connection may buffer of what it reads: headers, and a piece of a body.
const BUFFER: usize = 64 * 1024;
/// How long requests in progress may take to end.
const DRAIN: Duration = Duration::from_secs(10);
/// Before accepting is tried again where the machine has no file left for it.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stop`, and then lets the requests in progress end.
///
/// # Errors
/// The listener has failed for good.
pub async fn listen(listener: TcpListener, router: Router, edge: &Edge, stop: CancellationToken) -> io::Result<()> {
    let tracker = TaskTracker::new();
    let open = Connections::new(edge.max_connections);
    let serving = Serving { router, header_timeout: edge.header_timeout, stop: stop.clone() };
    let ended = loop {
        let stream = tokio::select! {
            () = stop.cancelled() => break Ok(()),
            accepted = listener.accept() => accepted,
        };
        match stream {
            Ok((stream, _)) => {
                let (serving, place) = (serving.clone(), open.enter());
                tracker.spawn(async move { serving.connection(stream, &place).await });
            }
            Err(error) if is_about_one_connection(&error) => {}
            Err(error) if is_short_of_files(&error) => {
                tracing::error!(%error, "no connection can be accepted");
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => break Err(error),
        }
    };
    tracker.close();
    // What does not end in time is cut off when the process ends.
    let _ = tokio::time::timeout(DRAIN, tracker.wait()).await;
    ended
}

#[derive(Clone)]
struct Serving {
    router: Router,
    header_timeout: Duration,
    stop: CancellationToken,
}

impl Serving {
    async fn connection(self, stream: TcpStream, place: &Place) {
        let router = self.router.layer(Extension(place.busy.clone()));
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(self.header_timeout).max_buf_size(BUFFER);
        let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
        tokio::pin!(connection);
        tokio::select! {
            _ = connection.as_mut() => {}
            () = place.make_way.cancelled() => {}
            () = self.stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                let _ = connection.await;
            }
        }
    }
}

fn is_about_one_connection(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset)
}

/// EMFILE, ENFILE and ENOMEM of Linux.
fn is_short_of_files(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(24 | 23 | 12))
}

/// Whether a delivery is being stored that the forge has signed: its connection makes way for nobody. Each request bears the one of its
/// connection as an extension.
#[derive(Clone, Debug, Default)]
pub(super) struct Busy(Arc<AtomicBool>);

impl Busy {
    pub(super) fn set(&self, busy: bool) {
        self.0.store(busy, Ordering::Relaxed);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The connections that are open, in the order in which they came.
#[derive(Clone)]
struct Connections(Arc<Mutex<Open>>);

struct Open {
    most: usize,
    came: u64,
    open: BTreeMap<u64, (CancellationToken, Busy)>,
}

/// Counts as an open connection until it is dropped.
struct Place {
    connections: Connections,
    number: u64,
    make_way: CancellationToken,
    busy: Busy,
}

impl Connections {
    fn new(most: usize) -> Self {
        Self(Arc::new(Mutex::new(Open { most, came: 0, open: BTreeMap::new() })))
    }

    fn enter(&self) -> Place {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while open.open.len() >= open.most {
            let idle = open.open.iter().find(|(_, (_, busy))| !busy.is_set()).map(|(number, _)| *number);
            let Some((oldest, _)) = idle.and_then(|number| open.open.remove(&number)) else { break };
            oldest.cancel();
        }
        open.came += 1;
        let (number, make_way, busy) = (open.came, CancellationToken::new(), Busy::default());
        open.open.insert(number, (make_way.clone(), busy.clone()));
        Place { connections: self.clone(), number, make_way, busy }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.0.lock().unwrap_or_else(PoisonError::into_inner).open.remove(&self.number);
    }
}
