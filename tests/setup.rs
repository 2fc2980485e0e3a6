//! `astride setup` from the command to the files, with the stand-in as GitHub and the test as the operator's browser.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod program;

use astride::sandbox::github::access::APP_KEY;
use astride::sandbox::github::{Options, StandIn};
use astride::server::config;
use program::{Played, Running, get, mode, play, program, run};
use secrecy::ExposeSecret;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// The program, waiting for the browser, and where its page is.
struct Waiting {
    running: Running,
    address: String,
    path: String,
}

/// What the page's form would post, and where to.
struct Form {
    action: String,
    manifest: Value,
}

impl Form {
    fn state(&self) -> &str {
        self.action.split_once("?state=").unwrap().1
    }
}

fn begin(played: &Played, out: &Path, more: &[&str]) -> Waiting {
    let out = out.display().to_string();
    let mut arguments = vec!["setup", "--out", &out, "--web-url", &played.api, "--api-url", &played.api, "--no-browser"];
    arguments.extend(more);
    let mut running = Running::start(program(&arguments));
    let url = running.line_with("http://127.0.0.1:");
    let (address, path) = url.trim_start_matches("http://").split_once('/').unwrap();
    Waiting { address: address.to_owned(), path: format!("/{path}"), running }
}

async fn open(waiting: &Waiting) -> Form {
    let page = get(&waiting.address, &waiting.address, &waiting.path).await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    let value = |before: &str| {
        let (value, _) = page.split_once(before).unwrap().1.split_once('"').unwrap();
        value.replace("&quot;", "\"").replace("&#39;", "'").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    };
    Form { action: value("action=\""), manifest: serde_json::from_str(&value("name=\"manifest\" value=\"")).unwrap() }
}

async fn come_back(waiting: &Waiting, code: &str, state: &str) -> String {
    get(&waiting.address, &waiting.address, &format!("/callback?code={code}&state={state}")).await
}

async fn github() -> Played {
    play(StandIn::new(Options { webhook_secret: "it's a \"secret\"".to_owned(), ..Options::default() })).await
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_is_registered_and_the_service_can_start_with_it() {
    let (played, folder) = (github().await, folder());
    let out = folder.path().join("astride");
    let waiting = begin(&played, &out, &["--org", "acme", "--webhook-url", "https://astride.acme.example/webhook"]);
    let form = open(&waiting).await;
    assert!(form.action.starts_with(&format!("{}/organizations/acme/settings/apps/new?state=", played.api)), "{}", form.action);
    assert_eq!(form.manifest["redirect_url"], format!("http://{}/callback", waiting.address));
    assert_eq!(form.manifest["hook_attributes"]["url"], "https://astride.acme.example/webhook");
    let code = played.standin.act(|github| github.register_app(&form.manifest, "acme")).unwrap();
    let page = come_back(&waiting, &code, form.state()).await;
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("/installations/new"), "{page}");
    let (status, out_text, err) = waiting.running.finish();
    assert!(status.success(), "{err}");

    let (key, settings) = (out.join("astride.private-key.pem"), out.join("server.yml"));
    assert_eq!((mode(&out), mode(&key), mode(&settings)), (0o700, 0o600, 0o600));
    let config = config::load(Some(&settings), &BTreeMap::new()).unwrap();
    assert_eq!((config.github.app_id, config.github.api_url.as_str()), (4242, played.api.as_str()));
    // The folder with the key is read-only to a unit or a container: the database goes where the service is started.
    assert_eq!(config.store_url.expose_secret(), "sqlite://astride.db");
    // Where GitHub reaches the service, browsers do.
    assert_eq!(config.pages.map(|pages| pages.public_url).as_deref(), Some("https://astride.acme.example"));
    assert_eq!(fs::read_to_string(&key).unwrap(), APP_KEY);
    for secret in ["it's a", "BEGIN", "client_secret", &code, form.state()] {
        assert!(!out_text.contains(secret) && !err.contains(secret) && !page.contains(secret), "{secret} is shown");
    }
    for part in ["Astride for acme is registered for acme as App 4242", "installations/new", "astride doctor --config", "required"] {
        assert!(out_text.contains(part), "{part} is not said:\n{out_text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_variant_is_a_manifest_that_github_takes() {
    let played = github().await;
    for (variant, more, contents) in
        [("standard", &[][..], "write"), ("read-only", &[], "read"), ("separate-ledger", &["--ledger", "acme/decisions"], "write")]
    {
        let folder = folder();
        let mut arguments = vec!["--variant", variant, "--no-webhook-url", "--name", "Astride of acme"];
        arguments.extend(more);
        let waiting = begin(&played, folder.path(), &arguments);
        let form = open(&waiting).await;
        assert_eq!(form.manifest["default_permissions"]["contents"], contents, "{variant}");
        assert_eq!(form.manifest["hook_attributes"]["active"], false);
        let code = played.standin.act(|github| github.register_app(&form.manifest, "mona")).unwrap();
        come_back(&waiting, &code, form.state()).await;
        let (status, out, err) = waiting.running.finish();
        assert!(status.success(), "{variant}: {err}");
        assert!(out.contains("set the webhook's address"), "{out}");
        let config = config::load(Some(&folder.path().join("server.yml")), &BTreeMap::new()).unwrap();
        assert_eq!(config.ledger.repository.is_some(), variant == "separate-ledger");
        assert!(config.pages.is_none(), "nobody said where the service is");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_was_sent_away_is_taken_back() {
    let (played, folder) = (github().await, folder());
    let waiting = begin(&played, folder.path(), &["--no-webhook-url"]);
    let (address, path) = (waiting.address.as_str(), waiting.path.as_str());
    // Another name for this address, as a rebound one would be; a path that is guessed; the page's policy.
    for (host, path, status) in [
        ("evil.example", path, "421"),
        ("localhost", path, "421"),
        ("", path, "421"),
        (address, "/", "404"),
        (address, &path[..path.len() - 1], "404"),
        (address, path, "200"),
    ] {
        let page = get(address, host, path).await;
        assert!(page.starts_with(&format!("HTTP/1.1 {status}")), "{host} {path}: {page}");
        let policy = page.lines().find(|line| line.starts_with("content-security-policy: ")).unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'") && !policy.contains("script-src"));
        assert!(!page.contains("<script"));
    }
    let form = open(&waiting).await;
    let code = played.standin.act(|github| github.register_app(&form.manifest, "mona")).unwrap();
    for (code, state) in [(code.as_str(), ""), (&code, "x"), (&code, &form.state()[1..]), ("a/../b", form.state()), ("", form.state())] {
        let page = come_back(&waiting, code, state).await;
        assert!(page.starts_with("HTTP/1.1 403"), "{code} {state}: {page}");
    }
    assert!(played.standin.requests().is_empty(), "GitHub was asked for a state that is not ours");
    // A code that GitHub does not know uses the state up, and the page can be opened anew.
    let wrong = come_back(&waiting, "unknown", form.state()).await;
    assert!(wrong.starts_with("HTTP/1.1 502") && wrong.contains("does not know the code"), "{wrong}");
    assert!(come_back(&waiting, &code, form.state()).await.starts_with("HTTP/1.1 403"));
    let again = open(&waiting).await;
    assert!(come_back(&waiting, &code, again.state()).await.starts_with("HTTP/1.1 200"));
    let (status, _, err) = waiting.running.finish();
    assert!(status.success());
    assert!(err.contains("does not know the code") && !err.contains(&code), "{err}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_good_once_and_for_an_hour() {
    let played = github().await;
    let manifest = serde_json::json!({"name": "Astride", "url": "https://acme.example"});
    let register = || played.standin.act(|github| github.register_app(&manifest, "acme")).unwrap();
    let convert = async |code: &str| {
        let request =
            format!("POST /app-manifests/{code}/conversions HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
        program::send(played.api.trim_start_matches("http://"), &request).await
    };
    let code = register();
    let answer = convert(&code).await;
    assert!(answer.starts_with("HTTP/1.1 201") && answer.contains("\"client_id\"") && answer.contains("BEGIN RSA PRIVATE KEY"), "{answer}");
    assert!(convert(&code).await.starts_with("HTTP/1.1 404"));
    let code = register();
    played.standin.with(|github| github.advance(3600));
    assert!(convert(&code).await.starts_with("HTTP/1.1 404"));
}

#[test]
fn the_stand_in_refuses_what_github_refuses() {
    let standin = StandIn::new(Options::default());
    for (more, why) in [
        (serde_json::json!({"default_events": ["installation"]}), "Default events unsupported: installation"),
        (
            serde_json::json!({"default_permissions": {"pull_requests": "write"}, "default_events": ["issue_comment"]}),
            "not supported by permissions: issue_comment",
        ),
        (serde_json::json!({"name": "a name of more than thirty-four letters"}), "Name is too long"),
        (serde_json::json!({"url": ""}), "url is missing"),
    ] {
        let mut manifest = serde_json::json!({"name": "Astride", "url": "https://acme.example"});
        manifest.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let refused = standin.act(|github| github.register_app(&manifest, "acme")).unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_there_already_is_kept() {
    let (played, folder) = (github().await, folder());
    let (key, settings) = (folder.path().join("astride.private-key.pem"), folder.path().join("server.yml"));
    fs::write(&key, "an older key").unwrap();
    let out = folder.path().display().to_string();
    let refused = run(program(&["setup", "--out", &out, "--no-webhook-url", "--no-browser"])).await;
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("is there already, and --force was not given"), "{}", refused.err);
    let waiting = begin(&played, folder.path(), &["--no-webhook-url", "--force"]);
    let form = open(&waiting).await;
    let code = played.standin.act(|github| github.register_app(&form.manifest, "mona")).unwrap();
    come_back(&waiting, &code, form.state()).await;
    assert!(waiting.running.finish().0.success());
    assert_eq!((fs::read_to_string(&key).unwrap().as_str(), mode(&key), mode(&settings)), (APP_KEY, 0o600, 0o600));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_wishes_are_refused_before_anything_happens() {
    let folder = folder();
    let out = folder.path().join("never").display().to_string();
    for (arguments, why) in [
        (&["--no-webhook-url", "--org", "a/b"][..], "no name of an organisation"),
        (&["--webhook-url", "ftp://x/webhook"], "--webhook-url: `ftp://x/webhook` is not an http or https address"),
        (&["--no-webhook-url", "--variant", "separate-ledger"], "--ledger"),
        (&["--no-webhook-url", "--variant", "separate-ledger", "--ledger", "acme"], "`acme` is not OWNER/NAME"),
        (&["--no-webhook-url", "--ledger", "acme/decisions"], "--ledger goes with --variant separate-ledger"),
        (&["--no-webhook-url", "--name", "a name of more than thirty-four letters"], "GitHub takes 1 to 34 characters"),
        (&[], "--webhook-url"),
    ] {
        let mut all = vec!["setup", "--no-browser", "--out", &out];
        all.extend(arguments);
        let refused = run(program(&all)).await;
        assert_eq!(refused.code, 2, "{arguments:?}");
        assert!(refused.err.contains(why), "{arguments:?}: {}", refused.err);
    }
    assert!(!Path::new(&out).exists());
}
