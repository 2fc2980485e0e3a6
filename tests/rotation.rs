//! Key and secrets are rotated while the service runs: the new ones are taken from the files, the old ones stay where something is wrong, and no
//! log has any of them.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod logged;
mod service;

use astride::sandbox::github::deliveries::signature;
use astride::serve::Renewal;
use astride::server::config;
use axum::body::Body;
use http::Request;
use logged::Log;
use service::{Service, append};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;
use tower::ServiceExt;
use tracing::Level;
use tracing::subscriber::DefaultGuard;

const SECOND_KEY: &str = include_str!("rotation/key.pem");
const OLD: &str = "the secret that is to go";
const NEW: &str = "the secret that comes";

/// A service whose settings and key lie in a folder.
struct Rotated {
    service: Service,
    folder: TempDir,
    renewal: Renewal,
    log: Log,
    _logging: DefaultGuard,
}

impl Rotated {
    async fn start() -> Self {
        let (log, logging) = Log::start(Level::INFO);
        let service = Service::with(astride::worker::judgement::Judgement::new(append)).await;
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("key.pem"), service.standin.private_key()).unwrap();
        write_settings(&folder, &[OLD]);
        let settings = config::load(Some(&folder.path().join("server.yml")), &BTreeMap::new()).unwrap();
        service.secrets.replace(&settings.github.webhook_secrets);
        let source = settings.source.clone().unwrap();
        let renewal = Renewal::new(source, &settings.github, service.bench.forge.clone(), service.secrets.clone());
        Self { service, folder, renewal, log, _logging: logging }
    }

    fn key(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }

    async fn post(&self, secret: &str) -> u16 {
        let body = "{}";
        let request = Request::post("/webhook")
            .header("x-github-event", "ping")
            .header("x-github-delivery", "1")
            .header("x-hub-signature-256", signature(secret.as_bytes(), body.as_bytes()))
            .body(Body::from(body));
        self.service.router.clone().oneshot(request.unwrap()).await.unwrap().status().as_u16()
    }

    /// Whether the App can sign in.
    async fn signs_in(&self) -> bool {
        self.service.bench.forge.sign_in().await.unwrap().0.is_ok()
    }

    fn lines_with(&self, words: &str) -> usize {
        let log = self.log.text();
        for secret in [OLD, NEW].into_iter().chain(SECOND_KEY.lines().filter(|line| line.len() > 60)) {
            assert!(!log.contains(secret), "a secret is in the log");
        }
        log.lines().filter(|line| line.contains(words)).count()
    }
}

fn write_settings(folder: &TempDir, secrets: &[&str]) {
    let quoted: Vec<String> = secrets.iter().map(|secret| format!("'{secret}'")).collect();
    let key = folder.path().join("key.pem");
    let text = format!("github: {{app_id: 4242, private_key_file: {}, webhook_secrets: [{}]}}\n", key.display(), quoted.join(", "));
    fs::write(folder.path().join("server.yml"), text).unwrap();
}

#[tokio::test]
async fn webhooks_signed_by_either_secret_count_while_both_are_set() {
    let mut rotated = Rotated::start().await;
    assert_eq!((rotated.post(OLD).await, rotated.post(NEW).await), (200, 401));
    write_settings(&rotated.folder, &[OLD, NEW]);
    rotated.renewal.look().await;
    assert_eq!((rotated.post(OLD).await, rotated.post(NEW).await, rotated.post("").await), (200, 200, 401));
    // Somebody is writing the file: what is in use stays, and that is said once.
    fs::write(rotated.folder.path().join("server.yml"), "github: {app_id: 4242, webh").unwrap();
    rotated.renewal.look().await;
    rotated.renewal.look().await;
    assert_eq!((rotated.post(OLD).await, rotated.post(NEW).await), (200, 200));
    assert_eq!(rotated.lines_with("the settings cannot be read again"), 1);
    // None at all is no setting either.
    write_settings(&rotated.folder, &[]);
    rotated.renewal.look().await;
    assert_eq!(rotated.post(OLD).await, 200);
    write_settings(&rotated.folder, &[NEW]);
    rotated.renewal.look().await;
    rotated.renewal.look().await;
    assert_eq!((rotated.post(OLD).await, rotated.post(NEW).await), (401, 200));
    assert_eq!(rotated.lines_with("the webhook's secrets have changed"), 2);
}

#[tokio::test]
async fn the_key_is_changed_without_a_restart() {
    let mut rotated = Rotated::start().await;
    let first = rotated.service.standin.private_key().to_owned();
    // GitHub has both for a while, as it has while people change them.
    rotated.service.standin.with(|github| github.app_keys = vec![first.clone(), SECOND_KEY.to_owned()]);
    fs::write(rotated.key(), SECOND_KEY).unwrap();
    assert!(rotated.signs_in().await);
    rotated.renewal.look().await;
    rotated.service.standin.with(|github| github.app_keys = vec![SECOND_KEY.to_owned()]);
    assert!(rotated.signs_in().await);
    assert_eq!(rotated.lines_with("the App's private key has changed"), 1);
    // It goes on with the new one: a token is asked for, and a pull request is judged.
    rotated.service.standin.with(|github| github.revoke_tokens());
    rotated.service.secrets.replace(&[astride::sandbox::github::Options::default().webhook_secret.into()]);
    rotated.service.open_pull();
    rotated.service.settle().await;
    assert!(rotated.service.writes() > 0);
}

#[tokio::test]
async fn a_key_that_is_none_of_the_apps_changes_nothing() {
    let mut rotated = Rotated::start().await;
    fs::write(rotated.key(), SECOND_KEY).unwrap();
    for _ in 0..3 {
        rotated.renewal.look().await;
        assert!(rotated.signs_in().await && !rotated.service.bench.forge.credentials().are_refused());
    }
    assert_eq!(rotated.lines_with("GitHub does not take the App's new private key"), 1);
    // Half of a file, and none.
    for broken in [&SECOND_KEY[..SECOND_KEY.len() / 2], "", "no key"] {
        fs::write(rotated.key(), broken).unwrap();
        rotated.renewal.look().await;
        rotated.renewal.look().await;
        assert!(rotated.signs_in().await);
    }
    fs::remove_file(rotated.key()).unwrap();
    rotated.renewal.look().await;
    assert!(rotated.signs_in().await);
    assert_eq!((rotated.lines_with("write the new one whole"), rotated.lines_with("cannot be read again")), (1, 1));
    // The right one at last.
    let first = rotated.service.standin.private_key().to_owned();
    rotated.service.standin.with(|github| github.app_keys = vec![first, SECOND_KEY.to_owned()]);
    fs::write(rotated.key(), format!("{SECOND_KEY}\n")).unwrap();
    rotated.renewal.look().await;
    assert_eq!(rotated.lines_with("the App's private key has changed"), 1);
}
