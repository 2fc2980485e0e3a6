//! How many bytes of bodies that nobody has signed for may be held at once, over all connections.
//!
//! Comes in: bodies, as they arrive. Goes out: whole bodies, or why not. Where the bound is met, the body that has been arriving longest
//! makes way: whoever sends slowly, or never ends, loses to whoever comes, so that a signed delivery is never kept waiting.

use axum::body::{Body, Bytes};
use http_body_util::BodyExt;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotRead {
    TooLarge,
    CutOff,
    TooSlow,
    /// It had to make way for others.
    CrowdedOut,
}

/// Cheap to clone; all clones share one bound.
#[derive(Clone, Debug)]
pub(super) struct Bodies(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Bytes.
    most: usize,
    timeout: Duration,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    bytes: usize,
    begun: u64,
    /// In the order in which they began.
    bodies: BTreeMap<u64, Arriving>,
}

#[derive(Debug)]
struct Arriving {
    bytes: usize,
    make_way: CancellationToken,
}

/// A body that was read whole, which counts as held until this is dropped.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) bytes: Bytes,
    _place: Place,
}

impl Whole {
    /// The body, now that somebody has signed for it: it does not count any more.
    pub(super) fn signed(self) -> Bytes {
        self.bytes
    }
}

#[derive(Debug)]
struct Place {
    bodies: Bodies,
    number: u64,
    make_way: CancellationToken,
}

impl Bodies {
    pub(super) fn new(most: usize, timeout: Duration) -> Self {
        Self(Arc::new(Inner { most, timeout, held: Mutex::default() }))
    }

    /// Reads a body of at most `limit` bytes.
    pub(super) async fn read(&self, body: Body, limit: usize) -> Result<Whole, NotRead> {
        let place = self.begin();
        let make_way = place.make_way.clone();
        tokio::select! {
            biased;
            () = make_way.cancelled() => Err(NotRead::CrowdedOut),
            read = tokio::time::timeout(self.0.timeout, self.collect(&place, body, limit)) => {
                let bytes = read.unwrap_or(Err(NotRead::TooSlow))?;
                Ok(Whole { bytes, _place: place })
            }
        }
    }

    async fn collect(&self, place: &Place, mut body: Body, limit: usize) -> Result<Bytes, NotRead> {
        let mut all = Vec::new();
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| NotRead::CutOff)?.into_data() else { continue };
            if all.len() + data.len() > limit {
                return Err(NotRead::TooLarge);
            }
            self.hold(place.number, data.len())?;
            all.extend_from_slice(&data);
        }
        Ok(Bytes::from(all))
    }

    fn begin(&self) -> Place {
        let mut held = self.held();
        held.begun += 1;
        let (number, make_way) = (held.begun, CancellationToken::new());
        held.bodies.insert(number, Arriving { bytes: 0, make_way: make_way.clone() });
        Place { bodies: self.clone(), number, make_way }
    }

    /// Counts more bytes of a body. The oldest of the others make way until all fits.
    fn hold(&self, number: u64, bytes: usize) -> Result<(), NotRead> {
        let mut held = self.held();
        while held.bytes + bytes > self.0.most {
            let oldest = held.bodies.iter().find(|(other, arriving)| **other != number && arriving.bytes > 0).map(|(other, _)| *other);
            let Some(oldest) = oldest else { return Err(NotRead::CrowdedOut) };
            held.leave(oldest);
        }
        held.bytes += bytes;
        if let Some(arriving) = held.bodies.get_mut(&number) {
            arriving.bytes += bytes;
        }
        Ok(())
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Held> {
        self.0.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn leave(&mut self, number: u64) {
        if let Some(arriving) = self.bodies.remove(&number) {
            self.bytes -= arriving.bytes;
            arriving.make_way.cancel();
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.bodies.held().leave(self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::{Bodies, NotRead};
    use axum::body::Body;
    use std::time::Duration;

    #[tokio::test]
    async fn the_oldest_makes_way() {
        let bodies = Bodies::new(10, Duration::from_secs(60));
        let slow = bodies.begin();
        bodies.hold(slow.number, 6).unwrap();
        let whole = bodies.read(Body::from("12345678"), 100).await.unwrap();
        assert!(slow.make_way.is_cancelled(), "it had 6 of 10 bytes");
        assert_eq!(bodies.held().bytes, 8);
        drop(slow);
        drop(whole);
        assert_eq!(bodies.held().bytes, 0);
    }

    #[tokio::test]
    async fn what_cannot_fit_is_refused() {
        let bodies = Bodies::new(10, Duration::from_secs(60));
        assert_eq!(bodies.read(Body::from("12345678901"), 100).await.unwrap_err(), NotRead::CrowdedOut);
        assert_eq!(bodies.read(Body::from("12345"), 4).await.unwrap_err(), NotRead::TooLarge);
        assert_eq!(bodies.held().bytes, 0);
    }
}
