//! One commit that is the head of several pull requests, while the service is away or has forgotten everything.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod service;
mod story;

use astride::decisions::ledger_text;
use astride::sandbox::github::StandIn;
use astride::worker::drain;
use astride::worker::judgement::Judgement;
use astride::worker::sweep;
use service::{SHOP, Service};
use story::{Act, act, open, stories};

/// A pull request that is clear by itself; into `release` it would not be.
async fn alone() -> Service {
    let service = Service::with(judgement()).await;
    let stories = stories();
    open(&service.standin, stories.iter().find(|story| story.name == "a_neighbour_that_is_worse_counts").unwrap());
    service.settle().await;
    assert_eq!(check(&service.standin).0, "success");
    service
}

fn judgement() -> Judgement {
    Judgement::new(ledger_text::append)
}

/// Conclusion and title of the check on the one head.
fn check(standin: &StandIn) -> (String, String) {
    standin.with(|github| {
        let shop = github.repository_named(SHOP).unwrap();
        let head = shop.pulls[&1].head.sha;
        let check = shop.checks.values().find(|check| check.head == head).unwrap();
        (check.conclusion.clone().unwrap(), check.title.clone().unwrap())
    })
}

async fn look_around(service: &Service) {
    sweep::begin(&service.bench).await.unwrap();
    service.settle().await;
}

/// The service as it comes up with an empty database.
async fn forgetful(service: &Service, api_url: &str) -> Service {
    Service::around(service.standin.clone(), api_url, "sqlite::memory:", 0, judgement()).await
}

#[tokio::test]
async fn what_is_opened_while_the_service_is_away_counts() {
    let service = alone().await;
    act(&service.standin, &Act::OpensAnother);
    service.lose().await;
    look_around(&service).await;
    let (conclusion, title) = check(&service.standin);
    assert_eq!(conclusion, "action_required");
    assert!(title.starts_with("#2 into release: "), "{title}");
}

#[tokio::test]
async fn what_is_closed_or_retargeted_while_the_service_is_away_counts_no_longer() {
    for gone in [Act::ClosesOther(2), Act::RetargetsOther(2, "main")] {
        let service = alone().await;
        act(&service.standin, &Act::OpensAnother);
        service.settle().await;
        assert_eq!(check(&service.standin).0, "action_required");
        act(&service.standin, &gone);
        service.lose().await;
        look_around(&service).await;
        assert_eq!(check(&service.standin).0, "success");
    }
}

#[tokio::test]
async fn a_lost_database_loses_no_neighbour() {
    let service = alone().await;
    let served = service::serve(&service.standin).await;
    act(&service.standin, &Act::OpensAnother);
    service.settle().await;
    // Whichever comes first, it finds the other.
    let again = forgetful(&service, &served.api_url).await;
    look_around(&again).await;
    assert_eq!(check(&service.standin).0, "action_required");
    let again = forgetful(&service, &served.api_url).await;
    act(&service.standin, &Act::Says("rita", "/stride recheck"));
    again.settle().await;
    assert_eq!(check(&service.standin).0, "action_required", "the first pull request alone was due");
    act(&service.standin, &Act::ClosesOther(2));
    again.lose().await;
    let again = forgetful(&service, &served.api_url).await;
    look_around(&again).await;
    assert_eq!(check(&service.standin).0, "success");
}

/// Two workers judge both at the same time: whoever writes last has seen the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_workers_never_write_over_each_other() {
    for _ in 0..10 {
        let service = alone().await;
        act(&service.standin, &Act::OpensAnother);
        act(&service.standin, &Act::Says("rita", "/stride recheck"));
        service.deliver().await;
        tokio::join!(drain(&service.bench), drain(&service.bench));
        assert_eq!(check(&service.standin).0, "action_required");
    }
}

/// Another head does not count any more once its pull request has moved on.
#[tokio::test]
async fn what_moves_to_another_head_counts_no_longer() {
    let service = alone().await;
    service.standin.act(|github| {
        let head = github.repository_named(SHOP).unwrap().pulls[&1].head.sha;
        github.force_push(SHOP, "beside", "mona", head).unwrap();
        let opening = astride::sandbox::github::people::Opening {
            repository: SHOP,
            by: "mona",
            head: "beside",
            base: "release",
            title: "Beside",
            body: "",
            draft: false,
        };
        github.open_pull(&opening).unwrap();
    });
    service.settle().await;
    assert_eq!(check(&service.standin).0, "action_required");
    service.push("beside", "Resources: {}\n");
    service.settle().await;
    assert_eq!(check(&service.standin).0, "success");
}
