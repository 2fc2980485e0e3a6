//! Webhooks that did not arrive, on the stand-in: asked for once, bounded, and worked off as if they had come.

mod contract;
mod service;

use astride::sandbox::github::faults::{Fault, Planned, Recorded, Then, When};
use astride::worker::redelivery::{Look, ask};
use http::StatusCode;
use service::Service;

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
    let asked = ask(&service.bench, Look::AtStart).await.unwrap();
    assert_eq!((asked, attempts(&service).len()), (asked, asked));
    assert!(asked > 0);
    // What answers is the stand-in's business; ours is that nobody is asked twice, whatever became of it.
    assert_eq!(ask(&service.bench, Look::Again).await.unwrap(), 0);
    service.lose().await;
    service.standin.act(|github| github.advance(600));
    assert_eq!(ask(&service.bench, Look::Again).await.unwrap(), 0);
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
    assert!(ask(&service.bench, Look::AtStart).await.unwrap() > 0);
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
    assert_eq!(ask(&service.bench, Look::AtStart).await.unwrap(), 0);
}

#[tokio::test]
async fn no_look_asks_for_more_than_a_hundred_and_the_next_goes_on() {
    let service = settled().await;
    for line in 0..150 {
        push_unheard(&service, &line.to_string()).await;
    }
    service.standin.act(|github| github.advance(60));
    assert_eq!(ask(&service.bench, Look::AtStart).await.unwrap(), 100);
    let lists = service.standin.requests().into_iter().filter(|request| request.path.ends_with("/hook/deliveries")).count();
    assert!(lists > 1, "the log has several pages");
    service.lose().await;
    assert!(ask(&service.bench, Look::Again).await.unwrap() > 0);
}

#[tokio::test]
async fn what_is_older_than_the_forge_keeps_is_left() {
    let service = settled().await;
    push_unheard(&service, "old").await;
    service.standin.act(|github| github.advance(7_200));
    assert_eq!(ask(&service.bench, Look::Again).await.unwrap(), 0, "a later look goes back an hour");
    service.standin.act(|github| github.advance(4 * 86_400));
    assert_eq!(ask(&service.bench, Look::AtStart).await.unwrap(), 0);
}

#[tokio::test]
async fn a_forge_that_fails_is_asked_again_at_the_next_look() {
    let service = settled().await;
    push_unheard(&service, "lost").await;
    service.standin.act(|github| github.advance(60));
    let attempt = When::Matching { method: "POST", path: "/app/hook/deliveries/*/attempts" };
    service.standin.plan(Fault::new(attempt, Then::Answer(Planned::status(StatusCode::BAD_GATEWAY))));
    ask(&service.bench, Look::AtStart).await.unwrap_err();
    assert!(ask(&service.bench, Look::Again).await.unwrap() > 0);
}
