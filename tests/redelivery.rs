//! Webhooks that did not arrive, on the stand-in: asked for once, bounded, and worked off as if they had come.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod contract;
mod service;
mod shared;
mod stores;

use astride::change::Timestamp;
use astride::sandbox::github::faults::{Fault, Planned, Recorded, Then, When};
use astride::sandbox::github::{Options, StandIn};
use astride::worker::judgement::Judgement;
use astride::worker::redelivery::{Look, ask};
use astride::worker::{Bench, work};
use http::StatusCode;
use service::{Served, Service, append, serve};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

/// A service with a pull request that is judged, and whose deliveries have arrived.
async fn settled() -> Service {
    let service = Service::new().await;
    service.open_pull();
    service.settle().await;
    service
}

fn attempts(service: &Service) -> Vec<Recorded> {
    service.standin.requests().into_iter().filter(|request| request.path.ends_with("/attempts")).collect()
}

async fn asked(service: &Service, look: Look) -> usize {
    ask(&service.bench, look).await.unwrap().count
}

/// A look right after one that worked the log off.
fn again(service: &Service) -> Look {
    Look::Since(Timestamp(service.bench.clock.timestamp().0))
}

/// What was pushed while nobody listened.
async fn push_unheard(service: &Service, line: &str) {
    service.push("orders", &format!("Resources: {{}} # {line}\n"));
    service.lose().await;
}

#[tokio::test]
async fn what_was_lost_is_asked_for_once_and_worked_off() {
    let service = settled().await;
    push_unheard(&service, "lost").await;
    service.standin.act(|github| github.advance(60));
    let first = asked(&service, Look::AtStart).await;
    assert_eq!(attempts(&service).len(), first);
    assert!(first > 0);
    // What answers is the stand-in's business; ours is that nobody is asked twice, whatever became of it.
    assert_eq!(asked(&service, again(&service)).await, 0);
    service.lose().await;
    service.standin.act(|github| github.advance(600));
    assert_eq!(asked(&service, again(&service)).await, 0);
    contract::assert_requests(&service.standin.requests());
    contract::assert_standin(&service.standin.requests(), &service.standin.deliveries());
}

#[tokio::test]
async fn a_redelivery_brings_the_head_that_nobody_told_of() {
    let service = settled().await;
    push_unheard(&service, "lost").await;
    service.standin.act(|github| github.advance(60));
    service.settle().await;
    let unheard = service.standin.dump();
    assert!(!unheard.contains(": success"), "nobody knows of it: {unheard}");
    assert!(asked(&service, Look::AtStart).await > 0);
    service.settle().await;
    let heard = service.standin.dump();
    assert!(heard.contains(": success"), "{heard}");
}

#[tokio::test]
async fn what_arrived_is_never_asked_for() {
    let service = settled().await;
    // It was stored, and the answer did not get through.
    for delivery in service.standin.deliveries().iter().filter(|delivery| delivery.event == "pull_request") {
        service.standin.answered(delivery.id, 504);
    }
    service.standin.act(|github| github.advance(60));
    assert_eq!(asked(&service, Look::AtStart).await, 0);
}

#[tokio::test]
async fn no_look_asks_for_more_than_a_hundred_and_the_next_goes_on() {
    let service = settled().await;
    for line in 0..150 {
        push_unheard(&service, &line.to_string()).await;
    }
    service.standin.act(|github| github.advance(60));
    let first = ask(&service.bench, Look::AtStart).await.unwrap();
    assert_eq!((first.count, first.is_cut), (100, true));
    let lists = service.standin.requests().into_iter().filter(|request| request.path.ends_with("/hook/deliveries")).count();
    assert!(lists > 1, "the log has several pages");
    service.lose().await;
    assert!(asked(&service, again(&service)).await > 0);
}

#[tokio::test]
async fn what_is_older_than_the_forge_keeps_is_left() {
    let service = settled().await;
    push_unheard(&service, "old").await;
    service.standin.act(|github| github.advance(7_200));
    assert_eq!(asked(&service, again(&service)).await, 0, "a later look goes back an hour");
    service.standin.act(|github| github.advance(4 * 86_400));
    assert_eq!(asked(&service, Look::AtStart).await, 0);
}

#[tokio::test]
async fn a_forge_that_fails_is_asked_again_at_the_next_look() {
    let service = settled().await;
    push_unheard(&service, "lost").await;
    service.standin.act(|github| github.advance(60));
    let attempt = When::Matching { method: "POST", path: "/app/hook/deliveries/*/attempts" };
    service.standin.plan(Fault::new(attempt, Then::Answer(Planned::status(StatusCode::BAD_GATEWAY))));
    ask(&service.bench, Look::AtStart).await.unwrap_err();
    assert!(asked(&service, again(&service)).await > 0);
}

/// The service's sweeps on a store of a file, whose clock the test turns: what would take minutes takes a look.
struct Sweeping {
    service: Service,
    url: String,
    _folder: tempfile::TempDir,
    _served: Served,
    _working: AbortOnDropHandle<()>,
}

impl Sweeping {
    async fn start() -> Self {
        let (folder, standin) = (tempfile::tempdir().unwrap(), StandIn::new(Options::default()));
        let (served, url) = (serve(&standin).await, format!("sqlite://{}", folder.path().join("astride.db").display()));
        let service = Service::around(standin, &served.api_url, &url, 0, Judgement::new(append)).await;
        service.open_pull();
        service.settle().await;
        let bench = Bench { look: Duration::from_millis(5), ..service.bench.clone() };
        let working = AbortOnDropHandle::new(tokio::spawn(work(bench, 0, service.pulse.clone(), CancellationToken::new())));
        let sweeping = Self { service, url, _folder: folder, _served: served, _working: working };
        sweeping.after(1).await;
        sweeping
    }

    /// How often the log was looked at, and the installations behind it.
    fn looks(&self) -> (usize, usize) {
        let requests = self.service.standin.requests();
        let count = |path: &str| requests.iter().filter(|request| request.method == "GET" && request.path == path).count();
        (count("/app/hook/deliveries"), count("/app/installations"))
    }

    /// Waits until that many sweeps were made.
    async fn after(&self, looks: usize) {
        for _ in 0..2_000 {
            if self.looks() == (looks, looks) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{looks} sweeps are expected, and not {:?}", self.looks());
    }

    /// Long enough for ten looks whether a sweep is due.
    async fn while_nothing_happens(&self) {
        let before = self.looks();
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(self.looks(), before);
    }

    fn pass(&self, seconds: i64) {
        // Without what an act takes by itself.
        self.service.standin.with(|github| github.advance(seconds));
    }

    /// As where somebody else's migration goes wrong.
    fn breaks(&self, is_broken: bool) {
        let (from, to) = if is_broken { ("chore", "away") } else { ("away", "chore") };
        stores::execute(&self.url, &format!("ALTER TABLE {from} RENAME TO {to}"));
    }
}

#[tokio::test]
async fn the_log_is_looked_at_when_the_service_starts_and_every_quarter_of_an_hour() {
    let sweeping = Sweeping::start().await;
    assert!(sweeping.service.bench.forge.known_login().is_some(), "who the App is, GitHub was asked first");
    sweeping.while_nothing_happens().await;
    sweeping.pass(14 * 60);
    sweeping.while_nothing_happens().await;
    for looks in 2..5 {
        sweeping.pass(15 * 60);
        sweeping.after(looks).await;
        sweeping.while_nothing_happens().await;
    }
}

#[tokio::test]
async fn after_an_outage_the_log_is_looked_at_back_to_the_last_good_look() {
    let sweeping = Sweeping::start().await;
    sweeping.breaks(true);
    push_unheard(&sweeping.service, "refused").await;
    sweeping.pass(5 * 3_600);
    sweeping.while_nothing_happens().await;
    sweeping.breaks(false);
    sweeping.after(2).await;
    let first = attempts(&sweeping.service).len();
    assert!(first > 0, "what was refused five hours ago is asked for");
    // Beyond three days GitHub sends nothing again.
    sweeping.service.settle().await;
    sweeping.breaks(true);
    push_unheard(&sweeping.service, "too old").await;
    sweeping.pass(4 * 86_400);
    sweeping.while_nothing_happens().await;
    sweeping.breaks(false);
    sweeping.after(3).await;
    assert_eq!(attempts(&sweeping.service).len(), first);
}

/// The log that could not be read is read as far back again.
#[tokio::test]
async fn a_look_that_failed_is_made_up_for() {
    let sweeping = Sweeping::start().await;
    push_unheard(&sweeping.service, "lost").await;
    let log = When::Matching { method: "GET", path: "/app/hook/deliveries" };
    sweeping.service.standin.plan(Fault::new(log, Then::Answer(Planned::status(StatusCode::FORBIDDEN))).times(10));
    for looks in 2..12 {
        sweeping.pass(15 * 60);
        sweeping.after(looks).await;
    }
    assert!(attempts(&sweeping.service).is_empty());
    sweeping.pass(15 * 60);
    sweeping.after(12).await;
    assert!(!attempts(&sweeping.service).is_empty(), "two and a half hours later");
}
