//! The intake: stores deliveries in groups, one transaction for all that came while the last one was being written.
//!
//! Comes in: arrivals, each with somebody who waits. Goes out: their answers, after the commit has reached the disk. Never holds
//! back: a group is whatever has gathered, so that a lone delivery waits for nobody.

use crate::queue::Store;
use crate::queue::inbox::Arrival;
use tokio::sync::mpsc;
use tokio::sync::oneshot;

/// Most deliveries in one transaction.
const GROUP: usize = 128;
/// Most deliveries that wait; beyond it the forge is told to try again.
const WAITING: usize = 1024;

/// Why a delivery was not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotStored {
    #[error("too many deliveries are waiting")]
    Full,
    #[error("the store failed")]
    Failed,
}

/// Takes arrivals; cheap to clone. The intake ends when all clones are gone.
#[derive(Clone, Debug)]
pub struct Intake(mpsc::Sender<(Arrival, oneshot::Sender<bool>)>);

impl Intake {
    /// Starts the one task that writes deliveries.
    pub fn start(store: Store) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        tokio::spawn(write(store, receiver));
        Self(sender)
    }

    /// Returns once the delivery is durably stored.
    ///
    /// # Errors
    /// It is not, and the forge must be told so.
    pub async fn store(&self, arrival: Arrival) -> Result<(), NotStored> {
        let (sender, receiver) = oneshot::channel();
        self.0.try_send((arrival, sender)).map_err(|_| NotStored::Full)?;
        match receiver.await {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(NotStored::Failed),
        }
    }
}

async fn write(store: Store, mut receiver: mpsc::Receiver<(Arrival, oneshot::Sender<bool>)>) {
    let mut group = Vec::with_capacity(GROUP);
    while receiver.recv_many(&mut group, GROUP).await > 0 {
        let (arrivals, waiting): (Vec<Arrival>, Vec<oneshot::Sender<bool>>) = group.drain(..).unzip();
        let stored = store.record(&arrivals).await;
        match &stored {
            Ok(_) => store.took_write(),
            Err(error) => store.failed("storing deliveries", error),
        }
        for waiting in waiting {
            // Nobody listens where the client has hung up; the delivery is stored all the same.
            let _ = waiting.send(stored.is_ok());
        }
    }
}
