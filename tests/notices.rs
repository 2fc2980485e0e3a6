//! The outgoing webhook: what is told, how it is signed, and what becomes of it where the receiver is slow, refuses, sends elsewhere or is gone.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod service;
mod shared;
mod stores;

use astride::decisions::ledger_text;
use astride::forge::transport::{Route, Transport};
use astride::sandbox::github::Options;
use astride::sandbox::github::StandIn;
use astride::sandbox::github::people::Push;
use astride::server::config::Notify;
use astride::worker::judgement::Judgement;
use astride::worker::notify::{Notifier, tell_all};
use astride::worker::sweep;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use service::{SHOP, Service};
use sha2::Sha256;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

const SECRET: &str = "a secret of the receiver";
const DAY: i64 = 86_400;

/// What has been posted, and what is answered.
#[derive(Clone)]
struct Receiver {
    posted: Arc<Mutex<Vec<(HeaderMap, String)>>>,
    answer: Arc<Mutex<StatusCode>>,
    url: String,
    _task: Arc<AbortOnDropHandle<()>>,
}

async fn post(State((posted, answer)): State<(Posted, Arc<Mutex<StatusCode>>)>, headers: HeaderMap, body: Bytes) -> Response {
    posted.lock().unwrap().push((headers, String::from_utf8(body.to_vec()).unwrap()));
    let status = *answer.lock().unwrap();
    (status, [("location", "/elsewhere")]).into_response()
}

type Posted = Arc<Mutex<Vec<(HeaderMap, String)>>>;

impl Receiver {
    async fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook/of/T0KEN", listener.local_addr().unwrap());
        let (posted, answer) = (Posted::default(), Arc::new(Mutex::new(StatusCode::OK)));
        let router = Router::new().fallback(post).with_state((posted.clone(), answer.clone()));
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, router).await;
        });
        Self { posted, answer, url, _task: Arc::new(AbortOnDropHandle::new(task)) }
    }

    fn answers(&self, status: StatusCode) {
        *self.answer.lock().unwrap() = status;
    }

    fn notifier(&self) -> Notifier {
        let notify = Notify { url: self.url.clone().into(), secret: Some(SECRET.to_owned().into()) };
        Notifier::new(notify, Transport::without_redirects(&Route::default()).unwrap())
    }

    /// The messages so far; each must bear its signature.
    fn messages(&self) -> Vec<Value> {
        let posted = self.posted.lock().unwrap().clone();
        let checked = posted.iter().map(|(headers, body)| {
            let header = |name: &str| headers[name].to_str().unwrap().to_owned();
            let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
            let digest = mac.chain_update(format!("{}.{body}", header("x-astride-timestamp"))).finalize().into_bytes();
            let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(header("x-astride-signature-256"), format!("sha256={digest}"));
            let message: Value = serde_json::from_str(body).unwrap();
            assert_eq!(
                (message["event"].as_str(), message["delivery"].as_str()),
                (Some(&*header("x-astride-event")), Some(&*header("x-astride-delivery")))
            );
            message
        });
        checked.collect()
    }

    fn events(&self) -> Vec<String> {
        self.messages().iter().map(|message| message["event"].as_str().unwrap().to_owned()).collect()
    }
}

async fn telling(receiver: &Receiver) -> Service {
    let mut service = Service::with(Judgement::new(ledger_text::append)).await;
    service.bench = service.bench.telling(Some(receiver.notifier()));
    service
}

async fn settle(service: &Service, receiver: &Receiver) {
    service.settle().await;
    tell_all(&service.bench, &receiver.notifier()).await;
}

async fn say(service: &Service, receiver: &Receiver, by: &str, text: &str) {
    service.standin.act(|github| github.comment(SHOP, 1, by, text).unwrap());
    settle(service, receiver).await;
}

fn first_id(receiver: &Receiver) -> String {
    receiver.messages()[0]["items"][0]["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_opens_is_decided_and_ends_is_told_once() {
    let receiver = Receiver::listen().await;
    let service = telling(&receiver).await;
    service.open_pull();
    settle(&service, &receiver).await;
    let opened = receiver.messages();
    assert_eq!(opened.len(), 1, "{opened:#?}");
    assert_eq!(
        (opened[0]["event"].as_str(), opened[0]["pull"]["number"].as_u64(), opened[0]["repository"]["name"].as_str()),
        (Some("opened"), Some(1), Some(SHOP))
    );
    let id = first_id(&receiver);
    let text = opened[0]["text"].as_str().unwrap();
    assert!(text.starts_with("*<https://github.com/acme/shop/pull/1|acme/shop#1>*: 1 waits for an answer\n• `OrdersFn/S-"), "{text}");
    say(&service, &receiver, "rita", &format!("/stride accept {id} public & on purpose, a > b until=2026-12-01")).await;
    let decided = receiver.messages().pop().unwrap();
    assert_eq!((decided["event"].as_str(), decided["items"][0]["by"]["login"].as_str()), (Some("decided"), Some("rita")), "{decided:#}");
    assert_eq!(decided["items"][0]["reason"], "public & on purpose, a > b");
    assert!(decided["text"].as_str().unwrap().contains("public &amp; on purpose, a &gt; b"), "{decided:#}");
    // Whatever is run again tells nothing.
    sweep::begin(&service.bench).await.unwrap();
    settle(&service, &receiver).await;
    assert_eq!(receiver.events(), ["opened", "decided"]);
    service.wait(30 * DAY);
    sweep::begin(&service.bench).await.unwrap();
    settle(&service, &receiver).await;
    let events: BTreeSet<String> = receiver.events().into_iter().collect();
    assert!(events.contains("expired"), "{events:?}");
    let deliveries: BTreeSet<String> = receiver.messages().iter().map(|message| message["delivery"].as_str().unwrap().to_owned()).collect();
    assert_eq!(deliveries.len(), receiver.messages().len(), "each has an id of its own");
}

/// What is no threat and holds the gate is told when somebody's word on it counts, as a threat is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn that_settings_may_ask_for_less_is_told() {
    let receiver = Receiver::listen().await;
    let service = telling(&receiver).await;
    service.open_pull();
    settle(&service, &receiver).await;
    service.standin.act(|github| {
        let changes = [(".github/astride.yml", Some("mode: enforce\ngate: {findings: critical}\n".into()))];
        github.push(&Push { repository: SHOP, branch: "orders", by: "mona", changes: &changes, message: "Less" }).unwrap()
    });
    settle(&service, &receiver).await;
    let opened = receiver.messages().pop().unwrap();
    let item = &opened["items"][0];
    let (id, what) = (item["id"].as_str().unwrap(), "the pull request weakens the gate's settings");
    assert_eq!((opened["event"].as_str(), item["what"].as_str()), (Some("opened"), Some(what)), "{opened:#}");
    say(&service, &receiver, "rita", &format!("/stride accept {id} it is reviewed elsewhere")).await;
    let decided = receiver.messages().pop().unwrap();
    let item = &decided["items"][0];
    assert_eq!(
        (decided["event"].as_str(), item["id"].as_str(), item["what"].as_str()),
        (Some("decided"), Some(id), Some(what)),
        "{decided:#}"
    );
    assert_eq!((item["verdict"].as_str(), item["by"]["login"].as_str()), (Some("accepted"), Some("rita")), "{decided:#}");
    sweep::begin(&service.bench).await.unwrap();
    settle(&service, &receiver).await;
    assert_eq!(receiver.events(), ["opened", "opened", "decided"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emergency_is_told() {
    let receiver = Receiver::listen().await;
    let service = telling(&receiver).await;
    service.open_pull();
    service.standin.act(|github| github.set_role(SHOP, "rita", astride::change::Right::Admin).unwrap());
    settle(&service, &receiver).await;
    say(&service, &receiver, "rita", "/stride emergency OPS-7 the shop is down").await;
    let told = receiver.messages().pop().unwrap();
    assert_eq!((told["event"].as_str(), told["items"][0]["ticket"].as_str()), (Some("emergency"), Some("OPS-7")), "{told:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_taken_is_told_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    told_again_after_a_restart(format!("sqlite://{}", folder.path().join("store.db").display())).await;
    if let Some(store) = stores::postgres("notices") {
        told_again_after_a_restart(store).await;
    }
}

async fn told_again_after_a_restart(store: String) {
    let receiver = Receiver::listen().await;
    let standin = StandIn::new(Options::default());
    let served = service::serve(&standin).await;
    let start = async |ahead: i64| {
        let mut service = Service::around(standin.clone(), &served.api_url, &store, ahead, Judgement::new(ledger_text::append)).await;
        service.bench = service.bench.telling(Some(receiver.notifier()));
        service
    };
    let first = start(0).await;
    first.open_pull();
    receiver.answers(StatusCode::INTERNAL_SERVER_ERROR);
    settle(&first, &receiver).await;
    // It is not due again yet.
    settle(&first, &receiver).await;
    assert_eq!(receiver.events(), ["opened"]);
    first.bench.store.close().await;
    receiver.answers(StatusCode::OK);
    let second = start(3_600).await;
    settle(&second, &receiver).await;
    let [refused, taken] = &receiver.messages()[..] else { panic!("{:#?}", receiver.messages()) };
    assert_eq!(refused, taken, "the same delivery, with the same id");
    assert_eq!(second.bench.store.waiting_notices().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redirects_are_not_followed_and_all_ends_some_day() {
    let receiver = Receiver::listen().await;
    let service = telling(&receiver).await;
    service.open_pull();
    receiver.answers(StatusCode::TEMPORARY_REDIRECT);
    settle(&service, &receiver).await;
    assert_eq!(receiver.events(), ["opened"], "one request, to the one address");
    for _ in 0..40 {
        service.wait(2 * 3_600);
        tell_all(&service.bench, &receiver.notifier()).await;
    }
    assert_eq!(receiver.events().len(), 20, "then it is given up");
    assert_eq!(service.bench.store.waiting_notices().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_run_waits_for_a_receiver_that_is_gone() {
    let receiver = Receiver::listen().await;
    let service = telling(&receiver).await;
    service.open_pull();
    drop(receiver);
    service.settle().await;
    let checks = service.standin.with(|github| github.repository_named(SHOP).unwrap().checks.len());
    assert!(checks > 0 && service.bench.store.waiting_notices().await.unwrap() == 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_an_address_nothing_is_kept() {
    let service = Service::with(Judgement::new(ledger_text::append)).await;
    service.open_pull();
    service.settle().await;
    assert_eq!(service.bench.store.waiting_notices().await.unwrap(), 0);
}
