//! Webhook deliveries: the log that GitHub keeps, what is handed out, and what happens to it on the way.
//!
//! Comes in: an event and its payload. Goes out: signed deliveries to the sink, as the plan lets them pass. What the receiver said is
//! told back with `answered`.

use crate::change::Timestamp;
use hmac::Hmac;
use hmac::KeyInit;
use hmac::Mac;
use serde_json::Value;
use sha2::Sha256;
use tokio::sync::mpsc::UnboundedSender;

/// One attempt to deliver one event.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Of the attempt.
    pub id: u64,
    /// Of the event: a redelivery keeps it.
    pub guid: String,
    pub event: String,
    pub action: Option<String>,
    pub installation: Option<u64>,
    pub repository: Option<u64>,
    /// The exact bytes that are signed.
    pub body: String,
    /// `sha256=…`, the value of `X-Hub-Signature-256`.
    pub signature: String,
    pub redelivery: bool,
    pub at: Timestamp,
    /// The status that the receiver answered; `None` where nobody did.
    pub answered: Option<u16>,
}

impl Delivery {
    /// The headers that GitHub sends with it.
    pub fn headers(&self, app: u64) -> Vec<(&'static str, String)> {
        vec![
            ("content-type", "application/json".to_owned()),
            ("user-agent", "GitHub-Hookshot/standin".to_owned()),
            ("x-github-delivery", self.guid.clone()),
            ("x-github-event", self.event.clone()),
            ("x-github-hook-id", "1".to_owned()),
            ("x-github-hook-installation-target-id", app.to_string()),
            ("x-github-hook-installation-target-type", "integration".to_owned()),
            ("x-hub-signature-256", self.signature.clone()),
        ]
    }

    /// `pull_request.opened`, or the event alone.
    pub fn name(&self) -> String {
        self.action.as_ref().map_or_else(|| self.event.clone(), |action| format!("{}.{action}", self.event))
    }
}

/// Where deliveries go. Must not call back into the stand-in: it may be called from within a request.
pub trait Deliver: Send {
    fn deliver(&self, delivery: &Delivery);
}

impl Deliver for UnboundedSender<Delivery> {
    fn deliver(&self, delivery: &Delivery) {
        // A receiver that is gone is a service that is down: the delivery stays unanswered in the log.
        let _ = self.send(delivery.clone());
    }
}

/// What happens to a delivery on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Twice,
    Lost,
    /// Comes after so many later ones.
    Late(u32),
}

/// Which delivery it happens to.
#[derive(Clone, Debug)]
pub enum Which {
    /// By its place in the log, from 1.
    Number(u64),
    /// The next of this name: `pull_request.opened`, or an event without its action.
    Named(&'static str),
}

#[derive(Default)]
pub struct Deliveries {
    secret: Vec<u8>,
    log: Vec<Delivery>,
    guids: u64,
    plan: Vec<(Which, Way)>,
    /// What is ready to go.
    outbox: Vec<Delivery>,
    late: Vec<(u32, Delivery)>,
}

impl Deliveries {
    /// What signs them.
    pub(crate) fn secret(&self) -> String {
        String::from_utf8_lossy(&self.secret).into_owned()
    }

    pub(crate) fn new(secret: &str) -> Self {
        Self { secret: secret.as_bytes().to_vec(), ..Self::default() }
    }

    pub(crate) fn log(&self) -> &[Delivery] {
        &self.log
    }

    pub(crate) fn plan(&mut self, which: Which, way: Way) {
        self.plan.push((which, way));
    }

    /// Logs an event and puts it on its way.
    pub(crate) fn send(&mut self, event: &str, payload: &Value, at: Timestamp) {
        self.guids += 1;
        let guid = format!("{:08x}-0000-4000-8000-{:012x}", self.guids, self.guids);
        let body = payload.to_string();
        let delivery = Delivery {
            id: 0,
            guid,
            event: event.to_owned(),
            action: payload["action"].as_str().map(str::to_owned),
            installation: payload["installation"]["id"].as_u64(),
            repository: payload["repository"]["id"].as_u64(),
            signature: signature(&self.secret, body.as_bytes()),
            body,
            redelivery: false,
            at,
            answered: None,
        };
        self.dispatch(delivery);
    }

    /// A new attempt of a logged delivery, with its GUID and its bytes. Returns whether there is such a one.
    pub(crate) fn redeliver(&mut self, id: u64, at: Timestamp) -> bool {
        let Some(found) = self.log.iter().find(|delivery| delivery.id == id) else { return false };
        let again = Delivery { redelivery: true, at, answered: None, ..found.clone() };
        self.dispatch(again);
        true
    }

    pub(crate) fn answered(&mut self, id: u64, status: u16) {
        if let Some(delivery) = self.log.iter_mut().find(|delivery| delivery.id == id) {
            delivery.answered = Some(status);
        }
    }

    /// What is to be handed to the sink now, in order.
    pub(crate) fn take(&mut self) -> Vec<Delivery> {
        std::mem::take(&mut self.outbox)
    }

    /// Lets everything go that was held back.
    pub(crate) fn release_late(&mut self) {
        self.outbox.extend(self.late.drain(..).map(|(_, delivery)| delivery));
    }

    fn dispatch(&mut self, mut delivery: Delivery) {
        delivery.id = self.log.len() as u64 + 1;
        self.log.push(delivery.clone());
        let planned = self.plan.iter().position(|(which, _)| match which {
            Which::Number(number) => delivery.id == *number,
            Which::Named(name) => delivery.event == *name || delivery.name() == *name,
        });
        let held = self.release_due();
        match planned.map(|index| self.plan.remove(index).1) {
            None => self.outbox.push(delivery),
            Some(Way::Twice) => self.outbox.extend([delivery.clone(), delivery]),
            Some(Way::Lost) => {}
            Some(Way::Late(count)) => self.late.push((count, delivery)),
        }
        self.outbox.extend(held);
    }

    /// Those that have waited for enough others; they follow the one that comes now.
    fn release_due(&mut self) -> Vec<Delivery> {
        let mut due = Vec::new();
        for (mut count, delivery) in std::mem::take(&mut self.late) {
            count = count.saturating_sub(1);
            if count == 0 {
                due.push(delivery);
            } else {
                self.late.push((count, delivery));
            }
        }
        due
    }
}

/// `sha256=` and the HMAC in hex, as GitHub signs.
pub fn signature(secret: &[u8], body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(body);
    let hex: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={hex}")
}
