//! What an operator does on the first day: `serve --check`, the health check without settings, readiness, and the ping of a new webhook.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod program;
mod service;

use astride::change::Timestamp;
use astride::clock::Clock;
use astride::queue::Store;
use astride::sandbox::github::deliveries::signature;
use astride::sandbox::github::faults::{Fault, Planned, Then, When};
use astride::sandbox::github::people::Visibility;
use astride::sandbox::github::{Options, StandIn};
use astride::sandbox::stage::Stage;
use axum::body::Body;
use http::{Request, StatusCode};
use program::{Ended, Played, play, program, run, send};
use serde_json::{Value, json};
use service::Service;
use std::fs;
use std::io::{Read, Write};
use tempfile::TempDir;
use tower::ServiceExt;

const SECRET: &str = "a secret";

async fn github() -> Played {
    let played = play(StandIn::new(Options { webhook_secret: SECRET.to_owned(), ..Options::default() })).await;
    played.standin.act(|github| {
        github.add_repository("acme/shop", Visibility::Private, &[("README.md", "shop\n".into())]).unwrap();
        github.install("acme", None);
    });
    played
}

/// A folder with a key and a settings file, in which a piece of the text is replaced.
fn settings(played: &Played, from: &str, to: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let (key, file) = (folder.path().join("key.pem"), folder.path().join("server.yml"));
    fs::write(&key, played.standin.private_key()).unwrap();
    let text = format!(
        "server: {{listen: 'localhost:0'}}\ngithub:\n  app_id: 4242\n  private_key_file: {}\n  webhook_secrets: ['{SECRET}']\n  api_url: {}\nstore: {{url: 'sqlite://{}/astride.db'}}\n",
        key.display(),
        played.api,
        folder.path().display()
    );
    assert!(text.contains(from), "{from}");
    fs::write(&file, text.replace(from, to)).unwrap();
    let file = file.display().to_string();
    (folder, file)
}

async fn check(played: &Played, from: &str, to: &str) -> Ended {
    let (_folder, file) = settings(played, from, to);
    run(program(&["serve", "--check", "--config", &file])).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_is_checked_without_being_started() {
    let played = github().await;
    let well = check(&played, "", "").await;
    assert_eq!(well.code, 0, "{}", well.err);
    assert!(well.out.contains("GitHub takes the key of App 4242, astride"), "{}", well.out);
    let nobody = "http://127.0.0.1:1";
    for (from, to, why) in [
        ("app_id: 4242", "app_id: 7", "GitHub does not take the App's credentials"),
        ("app_id: 4242", "app_idd: 7", "server.yml:3: unknown field `app_idd`"),
        ("key.pem", "lost.pem", "lost.pem: cannot be read"),
        ("key.pem", "server.yml", "private key is not an RSA key in PEM"),
        ("/astride.db", "/no/such/folder/astride.db", "the store's file cannot be opened: see that the folder"),
        (played.api.as_str(), nobody, "no answer"),
        ("localhost:0", "no-such-host.invalid:80", "is no address that is known here"),
        ("api_url", "ca_file: Cargo.toml\n  api_url", "github.ca_file has no certificate in it"),
    ] {
        let ended = check(&played, from, to).await;
        assert_eq!(ended.code, 2, "{to}: {}", ended.out);
        assert!(ended.err.contains(why), "{to}: {}", ended.err);
    }
}

/// Who stands between, who refuses and who fails are told apart, each with what to do about it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_that_fails_says_what_to_do() {
    let page = |status| Planned { status, headers: Vec::new(), body: Value::from("<html><title>Sign in to acme-guest</title></html>") };
    let refusal = Planned { status: StatusCode::UNAUTHORIZED, headers: Vec::new(), body: json!({"message": "Bad credentials"}) };
    let limit = Planned::secondary_limit(60);
    for (answer, words) in [
        (page(StatusCode::OK), ["a page of HTML came", "see HTTPS_PROXY, NO_PROXY and github.api_url"]),
        (page(StatusCode::PROXY_AUTHENTICATION_REQUIRED), ["with status 407", "see HTTPS_PROXY, NO_PROXY and github.api_url"]),
        (refusal, ["GitHub does not take the App's credentials", "see github.app_id, the App's key and this machine's clock"]),
        (Planned::status(StatusCode::BAD_GATEWAY), ["failed with 502", "see its status page, and try again"]),
        (limit, ["rate limit is used up", "wait an hour"]),
    ] {
        let played = github().await;
        played.standin.plan(Fault::new(When::Matching { method: "GET", path: "/app" }, Then::Answer(answer)).times(9));
        let ended = check(&played, "", "").await;
        assert_eq!((ended.code, ended.err.lines().count()), (2, 1), "{}", ended.err);
        assert!(words.iter().all(|words| ended.err.contains(words)), "{words:?}: {}", ended.err);
    }
    let nobody = github().await;
    let ended = check(&nobody, nobody.api.as_str(), "http://127.0.0.1:1").await;
    assert_eq!(ended.err.matches("Connection refused").count(), 1, "the last cause is said once: {}", ended.err);
    assert!(ended.err.contains("see whether this machine reaches GitHub"), "{}", ended.err);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_is_wrong_is_said_before_the_start() {
    let played = github().await;
    let shown = |ahead: i64| played.standin.with(|github| github.set_now(Timestamp(Clock::system().timestamp().0 - ahead)));
    shown(0);
    played.standin.with(|github| github.hour_counts = true);
    assert!(!check(&played, "", "").await.out.contains("clock"));
    // A token may be dated a minute ahead, so that GitHub still takes it.
    shown(45);
    let ended = check(&played, "", "").await;
    assert!(
        ended.code == 0 && ended.out.contains("this machine's clock is 4") && ended.out.contains("seconds ahead of GitHub's"),
        "{ended:?}"
    );
    shown(4_000);
    let ended = check(&played, "", "").await;
    assert!(ended.code == 2 && ended.err.contains("seconds ahead of GitHub's: set it by a time server"), "{ended:?}");
}

/// Who checks is often root, and who serves is not: what the one made the other could not write.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_makes_no_database_and_says_where_it_will_be() {
    let played = github().await;
    let (folder, file) = settings(&played, "", "");
    let before = fs::read_dir(folder.path()).unwrap().count();
    let ended = run(program(&["serve", "--check", "--config", &file])).await;
    let words = format!("the store {}/astride.db will be made at the start, as user", folder.path().display());
    assert!(ended.code == 0 && ended.out.contains(&words), "{ended:?}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), before, "nothing was left behind");
    let store = Store::open(&format!("sqlite://{}/astride.db", folder.path().display()), Clock::system()).await.unwrap();
    let ended = run(program(&["serve", "--check", "--config", &file])).await;
    assert!(ended.code == 0 && ended.out.contains("in use by a service that runs"), "{ended:?}");
    store.close().await;
    let ended = run(program(&["serve", "--check", "--config", &file])).await;
    assert!(ended.code == 0 && ended.out.contains("the store takes writes"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parameter_of_the_store_that_nobody_knows_stops_the_start() {
    let played = github().await;
    for (parameter, meant) in [("sslmod=verify-full", "did you mean `sslmode`?"), ("sslmode=verifyfull", "did you mean `verify-full`?")] {
        let (_folder, file) = settings(&played, "", "");
        for arguments in [&["serve", "--check", "--config", file.as_str()][..], &["serve", "--config", &file]] {
            let mut command = program(arguments);
            command.env("ASTRIDE_STORE_URL", format!("postgres://astride:hidden@127.0.0.1:1/astride?{parameter}"));
            let ended = run(command).await;
            assert!(ended.code == 2 && ended.err.contains("store.url") && ended.err.contains(meant), "{ended:?}");
            assert!(!ended.err.contains("hidden"), "{ended:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_misspelt_variable_is_refused_with_what_was_meant() {
    let played = github().await;
    let (_folder, file) = settings(&played, "", "");
    let mut command = program(&["serve", "--check", "--config", &file]);
    command.env("ASTRIDE_WORKER_CONCURENCY", "8");
    let ended = run(command).await;
    assert_eq!(ended.code, 2);
    assert!(ended.err.contains("did you mean ASTRIDE_WORKER_CONCURRENCY?"), "{}", ended.err);
}

/// The image's health check runs without a settings file, whatever the service was started with.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_is_asked_for_without_settings() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::set(StandIn::new(Options::default()), SECRET, &folder.path().join("astride.db"), Clock::system()).await.unwrap();
    let healthy = |listen: String| {
        let mut command = program(&["serve", "--health"]);
        command.env("ASTRIDE_SERVER_LISTEN", listen);
        run(command)
    };
    let port = stage.service.port();
    for host in ["127.0.0.1", "localhost", "0.0.0.0"] {
        let ended = healthy(format!("{host}:{port}")).await;
        assert_eq!(ended.code, 0, "{host}: {}", ended.err);
    }
    // What `/readyz` says is what is said here: a proxy, a service that has no worker, a store that is gone.
    for (answer, why) in [
        ("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 19\r\n\r\nno worker is alive\n", "not ready: no worker is alive"),
        ("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n", "not ready: HTTP/1.1 502 Bad Gateway"),
    ] {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let answering = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.read_exact(&mut [0; 16]).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            let _ = stream.read_to_end(&mut Vec::new());
        });
        let ended = healthy(address).await;
        answering.join().unwrap();
        assert!(ended.code == 2 && ended.err.trim_end().ends_with(why), "{}", ended.err);
    }
    stage.strike().await;
    let ended = healthy(format!("127.0.0.1:{port}")).await;
    assert!(ended.code == 2 && ended.err.contains("nothing answers"), "{}", ended.err);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readiness_knows_what_github_said_last_to_the_credentials() {
    let service = Service::new().await;
    // GitHub's clock is the service's.
    service.standin.with(|github| github.hour_counts = true);
    let ready = async || {
        let response = service.router.clone().oneshot(Request::get("/readyz").body(Body::empty()).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        (status, String::from_utf8(axum::body::to_bytes(response.into_body(), 1024).await.unwrap().to_vec()).unwrap())
    };
    let app = service.bench.forge.app();
    assert_eq!(ready().await.0, 200, "nothing was heard yet");
    // The App was deleted, or its key was. A probe asks GitHub for nothing.
    let id = service.standin.with(|github| std::mem::replace(&mut github.app.id, 7));
    app.get::<Value>("/app").await.unwrap_err();
    let asked = service.standin.requests().len();
    assert_eq!(
        ready().await,
        (503, "GitHub refuses the App's credentials: see github.app_id and the App's key; `astride doctor` says more\n".to_owned())
    );
    assert_eq!(service.standin.requests().len(), asked);
    service.standin.with(|github| github.app.id = id);
    // What is not there for the App to see says nothing about its credentials.
    app.get::<Value>("/repos/acme/nothing/installation").await.unwrap_err();
    assert_eq!(ready().await.0, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readiness_asks_the_store_once_in_some_seconds() {
    let service = Service::new().await;
    let ready = async || {
        service.pulse.beat();
        let response = service.router.clone().oneshot(Request::get("/readyz").body(Body::empty()).unwrap()).await.unwrap();
        response.status().as_u16()
    };
    assert_eq!(ready().await, 200);
    service.bench.store.close().await;
    assert_eq!(ready().await, 200, "each question is a write to the store");
    service.wait(4);
    assert_eq!(ready().await, 503);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signed_ping_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::set(StandIn::new(Options::default()), SECRET, &folder.path().join("astride.db"), Clock::system()).await.unwrap();
    let body = r#"{"zen":"Keep it logically awesome.","hook_id":1,"hook":{"type":"App"}}"#;
    let ping = async |signature: String| {
        let request = format!(
            "POST /webhook HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\nx-github-event: ping\r\n\
             x-github-delivery: 1\r\nx-hub-signature-256: {signature}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        send(&stage.service.to_string(), &request).await
    };
    let answer = ping(signature(SECRET.as_bytes(), body.as_bytes())).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("pong\n"), "{answer}");
    let answer = ping(signature(b"another", body.as_bytes())).await;
    assert!(answer.starts_with("HTTP/1.1 401") && !answer.contains("pong"), "{answer}");
    stage.strike().await;
}
