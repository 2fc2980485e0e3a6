//! The outgoing webhook: what the store holds to be told is posted to the one address of the settings, and tried again until it arrives.
//!
//! Comes in: deliveries from the store. Goes out: signed POSTs. Each arrives at least once, with an id by which the receiver knows what it has
//! had before. No run waits for it, no redirect is followed, and neither the address nor the secret comes into a log.

use super::Bench;
use crate::change::Timestamp;
use crate::clock::Millis;
use crate::forge::transport::Transport;
use crate::forge::transport::chain;
use crate::queue::notice::{Delivery, Told};
use crate::report::notice::message;
use crate::server::config::Notify;
use hmac::{Hmac, KeyInit, Mac};
use http::{Method, Request, StatusCode, header};
use octocrab::OctoBody;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long a delivery is this process's: longer than an attempt may take.
const LEASE: Duration = Duration::from_secs(60);
/// How long the receiver may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Between two looks at what waits.
const LOOK: Duration = Duration::from_secs(2);
/// Before the second attempt, in milliseconds; doubled for each further one.
const BACK_OFF: Millis = 15_000;
const MAX_BACK_OFF: Millis = 3_600_000;
/// Attempts of one delivery: with these pauses, about twelve hours.
const MAX_ATTEMPTS: i64 = 20;

/// Posts to the receiver. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Notifier {
    notify: Arc<Notify>,
    transport: Transport,
}

impl Notifier {
    pub fn new(notify: Notify, transport: Transport) -> Self {
        Self { notify: Arc::new(notify), transport }
    }
}

/// Tells what there is to tell, until `stop`.
pub(super) async fn tell_regularly(bench: Bench, stop: CancellationToken) {
    let Some(notifier) = &bench.notifier else { return };
    while !stop.is_cancelled() {
        tell_all(&bench, notifier).await;
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Tells whatever is due now, once each.
pub async fn tell_all(bench: &Bench, notifier: &Notifier) {
    loop {
        match bench.store.claim_delivery(LEASE).await {
            Ok(Some(delivery)) => tell(bench, notifier, &delivery).await,
            Ok(None) => return,
            Err(error) => {
                bench.store.failed("reading what is to be told", &error);
                return;
            }
        }
    }
}

async fn tell(bench: &Bench, notifier: &Notifier, delivery: &Delivery) {
    let now = bench.clock.now();
    let (id, event, attempts) = (&delivery.id, &delivery.event, delivery.attempts);
    let told = match notifier.post(delivery, bench.clock.timestamp()).await {
        Ok(()) => Told::Yes,
        Err(error) if attempts >= MAX_ATTEMPTS => {
            tracing::error!(error, delivery = id, event, attempts, "a notice is given up");
            Told::Never
        }
        Err(error) => {
            tracing::warn!(error, delivery = id, event, attempts, "a notice was not taken; it is tried again");
            Told::Again(now.saturating_add(pause(id, attempts)))
        }
    };
    bench.metrics.effect(match told {
        Told::Yes => "tell",
        Told::Again(_) | Told::Never => "tell-failed",
    });
    if let Err(error) = bench.store.end_delivery(id, told).await {
        bench.store.failed("storing how a notice ended", &error);
    }
}

/// How long is waited after so many attempts: doubled each time, and up to a half more, by the delivery's own id, so that what failed together
/// does not come back together.
fn pause(delivery: &str, attempts: i64) -> Millis {
    let doubled = BACK_OFF.saturating_mul(1 << (attempts - 1).clamp(0, 20)).min(MAX_BACK_OFF);
    let digest = Sha256::digest(format!("{delivery} {attempts}"));
    let share = Millis::from(u16::from_be_bytes([digest[0], digest[1]]));
    doubled + doubled / 2 * share / Millis::from(u16::MAX)
}

impl Notifier {
    async fn post(&self, delivery: &Delivery, now: Timestamp) -> Result<(), String> {
        let at = Timestamp(delivery.at.div_euclid(1_000));
        let body = message(&delivery.event, &delivery.id, at, &delivery.place, &delivery.items).map_err(|error| error.to_string())?;
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(self.notify.url.expose_secret())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, concat!("astride/", env!("CARGO_PKG_VERSION")))
            .header("x-astride-event", &delivery.event)
            .header("x-astride-delivery", &delivery.id)
            .header("x-astride-timestamp", now.0);
        if let Some(secret) = &self.notify.secret {
            request = request.header("x-astride-signature-256", signature(secret.expose_secret(), now, &body));
        }
        // What the address is made of is never said, here and below.
        let request = request.body(OctoBody::from(body)).map_err(|_| "the request could not be made".to_owned())?;
        let answered = tokio::time::timeout(TIMEOUT, self.transport.send(request)).await;
        let answered = answered.map_err(|_| format!("no answer for {} seconds", TIMEOUT.as_secs()))?;
        let status = answered.map_err(|error| format!("no answer: {}", self.without_address(chain(&error))))?.status();
        match status {
            status if status.is_success() => Ok(()),
            status if status.is_redirection() => Err(format!("answered {status}, and redirects are not followed")),
            StatusCode::GONE => Err("answered 410: nobody listens there any more".to_owned()),
            status => Err(format!("answered {status}")),
        }
    }

    fn without_address(&self, words: String) -> String {
        words.replace(self.notify.url.expose_secret(), "the address")
    }
}

/// `sha256=…` over the timestamp, a dot and the body: so that nobody can send an old body again as a new one.
fn signature(secret: &str, now: Timestamp, body: &str) -> String {
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    let digest = mac.chain_update(now.0.to_string()).chain_update(".").chain_update(body).finalize().into_bytes();
    format!("sha256={}", digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::{BACK_OFF, MAX_ATTEMPTS, MAX_BACK_OFF, pause, signature};
    use crate::change::Timestamp;

    #[test]
    fn pauses_grow_and_differ() {
        for attempts in 1..=MAX_ATTEMPTS {
            let least = BACK_OFF.saturating_mul(1 << (attempts - 1).min(20)).min(MAX_BACK_OFF);
            assert!((least..=least + least / 2).contains(&pause("a", attempts)), "{attempts}");
        }
        assert_ne!(pause("a", 3), pause("b", 3));
    }

    #[test]
    fn the_time_is_signed_too() {
        let signed = |seconds: i64| signature("secret", Timestamp(seconds), "{}");
        // printf '1.{}' | openssl dgst -sha256 -hmac secret
        assert_eq!(signed(1), "sha256=1122767b193110cfec322b6f199b599edbf608ed087f2d27afb0b97d99523908");
        assert_ne!(signed(1), signed(2));
    }
}
