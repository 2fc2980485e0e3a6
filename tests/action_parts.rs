//! The Action's steps that speak to GitHub: the comment, the download of a release, and running reviews again.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod action_runner;
mod standin_client;

use action_runner::{Answers, Ran, Runner, action, pull_event, serve};
use astride::sandbox::github::StandIn;
use serde_json::{Value, json};
use std::fs;
use std::net::SocketAddr;
use std::process::Command;
use tempfile::TempDir;

/// The comment step alone, on the stand-in's pull request 1.
struct Commented {
    standin: StandIn,
    client: standin_client::Client,
    runtime: tokio::runtime::Runtime,
    address: SocketAddr,
    folder: TempDir,
}

impl Commented {
    fn begin() -> Self {
        let (standin, client) = standin_client::shop();
        let served = standin.clone();
        let address = serve(|listener| async move { served.serve(listener).await.unwrap() });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { standin, client, runtime, address, folder: tempfile::tempdir().unwrap() }
    }

    fn run(&self, body: &str, verdict: &str, permissions: Value) -> Ran {
        let head = standin_client::head(&self.standin).to_string();
        self.run_for(&head, body, verdict, permissions)
    }

    fn run_for(&self, head: &str, body: &str, verdict: &str, permissions: Value) -> Ran {
        let (markdown, report) = (self.folder.path().join("report.md"), self.folder.path().join("report.json"));
        fs::write(&markdown, format!("<!-- astride:comment -->\n{body}\n")).unwrap();
        let nothing = json!({"verdict": verdict, "warnings": [], "repairs": [], "weakened": null, "emergency": null});
        fs::write(&report, nothing.to_string()).unwrap();
        let token = self.runtime.block_on(self.client.token(json!({"permissions": permissions})));
        let mut event = pull_event(head, "acme/shop");
        event["pull_request"]["number"] = json!(1);
        let ran = Runner::new(self.folder.path(), "pull_request", &event)
            .context("api_url", &format!("http://{}", self.address))
            .context("token", &token)
            .input("author", "astride[bot]")
            .variable("ASTRIDE_HEAD", head)
            .variable("ASTRIDE_MARKDOWN", markdown.to_str().unwrap())
            .variable("ASTRIDE_REPORT", report.to_str().unwrap())
            .run_only(".", "comment.sh");
        assert!(!token.is_empty() && !ran.log.contains(&token), "the token is printed: {}", ran.log);
        ran
    }

    /// Author and body of the comments, in their order.
    fn comments(&self) -> Vec<(String, String)> {
        let answer = self.runtime.block_on(self.client.get("/repos/acme/shop/issues/1/comments?per_page=100"));
        let comments = answer.body.as_array().unwrap().clone();
        comments
            .iter()
            .map(|comment| (comment["user"]["login"].as_str().unwrap().to_owned(), comment["body"].as_str().unwrap().to_owned()))
            .collect()
    }

    fn writes(&self) -> usize {
        self.standin.requests().iter().filter(|request| request.method != "GET" && !request.path.contains("access_tokens")).count()
    }
}

fn may_write() -> Value {
    json!({"pull_requests": "write"})
}

#[test]
fn one_comment_is_kept_and_written_only_when_its_text_changes() {
    let commented = Commented::begin();
    let ran = commented.run("one threat", "needs-answer", may_write());
    assert_eq!(ran.code, 0, "{}", ran.log);
    assert_eq!(commented.comments().len(), 1, "{}", ran.log);
    let writes = commented.writes();
    commented.run("one threat", "needs-answer", may_write());
    assert_eq!(commented.writes(), writes, "the same text is written again");
    commented.run("two threats", "needs-answer", may_write());
    let comments = commented.comments();
    assert_eq!((comments.len(), comments[0].0.as_str()), (1, "astride[bot]"));
    assert!(
        comments[0].1.contains("two threats") && comments[0].1.contains("Written by a workflow, which reads no comments"),
        "{}",
        comments[0].1
    );
    // Once there is a comment, it also says that all is well.
    commented.run("clear", "clear", may_write());
    assert!(commented.comments()[0].1.contains("clear"));
}

#[test]
fn nothing_to_say_is_no_first_comment() {
    let commented = Commented::begin();
    for verdict in ["clear", "not-judged"] {
        let ran = commented.run("clear", verdict, may_write());
        assert_eq!((ran.code, commented.comments().len()), (0, 0), "{}", ran.log);
    }
    commented.run("noted", "noted", may_write());
    assert_eq!(commented.comments().len(), 1);
}

#[test]
fn the_marker_of_somebody_else_is_left_alone() {
    let commented = Commented::begin();
    commented.standin.act(|github| github.comment(standin_client::SHOP, 1, "mona", "<!-- astride:comment -->\nall is well").unwrap());
    let ran = commented.run("one threat", "needs-answer", may_write());
    assert_eq!(ran.code, 0, "{}", ran.log);
    let comments = commented.comments();
    assert_eq!(comments.len(), 2, "{}", ran.log);
    assert_eq!(comments[0], ("mona".to_owned(), "<!-- astride:comment -->\nall is well".to_owned()));
}

#[test]
fn the_comment_is_found_behind_a_hundred_others() {
    let commented = Commented::begin();
    for number in 0..100 {
        commented.standin.act(|github| github.comment(standin_client::SHOP, 1, "mona", &format!("comment {number}")).unwrap());
    }
    commented.run("one threat", "needs-answer", may_write());
    let writes = commented.writes();
    commented.run("one threat", "needs-answer", may_write());
    assert_eq!(commented.writes(), writes, "a second comment is written");
}

#[test]
fn a_token_that_may_not_write_fails_nothing() {
    let commented = Commented::begin();
    let ran = commented.run("one threat", "needs-answer", json!({"pull_requests": "read"}));
    assert_eq!((ran.code, commented.comments().len()), (0, 0), "{}", ran.log);
    assert!(ran.log.contains("::notice title=Astride::the token may not write comments"), "{}", ran.log);
}

#[test]
fn an_older_run_does_not_write_over_a_newer_one() {
    let commented = Commented::begin();
    let ran = commented.run_for(&"1".repeat(40), "one threat", "needs-answer", may_write());
    assert_eq!((ran.code, commented.comments().len()), (0, 0), "{}", ran.log);
    assert!(ran.log.contains("newer head"), "{}", ran.log);
}

fn target() -> &'static str {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => "x86_64-unknown-linux-musl",
        ("linux", "aarch64") => "aarch64-unknown-linux-musl",
        ("macos", "x86_64") => "x86_64-apple-darwin",
        ("macos", "aarch64") => "aarch64-apple-darwin",
        other => panic!("there is no release for {other:?}"),
    }
}

#[test]
fn a_release_is_taken_only_with_the_right_checksum() {
    let folder = tempfile::tempdir().unwrap();
    let name = format!("astride-0.1.0-{}", target());
    fs::create_dir(folder.path().join(&name)).unwrap();
    fs::write(folder.path().join(&name).join("astride"), "#!/bin/sh\necho released\n").unwrap();
    let archive = folder.path().join("archive.tar.gz");
    let tar = Command::new("tar").arg("-czf").arg(&archive).arg("-C").arg(folder.path()).arg(&name).status().unwrap();
    assert!(tar.success());
    let archive = fs::read(archive).unwrap();
    let checksum: String = <sha2::Sha256 as sha2::Digest>::digest(&archive).iter().map(|byte| format!("{byte:02x}")).collect();
    let release = format!("GET /acme/astride/releases/download/v0.1.0/{name}.tar.gz");
    let sums = "GET /acme/astride/releases/download/v0.1.0/SHA256SUMS";
    let run = |stated: &str, pinned: &str| {
        let answers = Answers::default().with(&release, 200, archive.clone()).with(sums, 200, format!("{stated}  {name}.tar.gz\n"));
        let runner = Runner::new(folder.path(), "pull_request", &json!({})).input("binary", "").input("sha256", pinned);
        runner.context("server_url", &answers.serve()).run_only(".", "install.sh")
    };
    let good = run(&checksum, "");
    assert_eq!(good.code, 0, "{}", good.log);
    let wrong = "0".repeat(64);
    for ran in [run(&wrong, ""), run(&checksum, &wrong), run("", "")] {
        assert_eq!(ran.code, 2, "{}", ran.log);
        assert!(ran.log.contains("has the checksum"), "{}", ran.log);
    }
    assert_eq!(run(&wrong, &checksum).code, 0, "a pinned checksum counts instead of the release's");
    let missing = Runner::new(folder.path(), "pull_request", &json!({})).input("binary", "");
    let missing = missing.context("server_url", &Answers::default().serve()).run_only(".", "install.sh");
    assert!(missing.code == 2 && missing.log.contains("could not be downloaded"), "{}", missing.log);
}

#[test]
fn the_version_that_is_downloaded_is_the_actions_own() {
    assert_eq!(action(".").inputs["version"].default, env!("CARGO_PKG_VERSION"));
}

#[test]
fn decisions_run_the_reviews_of_open_heads_again() {
    let head = |number: u64| json!({"number": number, "head": {"sha": format!("{number:040}")}});
    let runs = |number: u64| {
        format!("GET /repos/acme/shop/actions/workflows/astride.yml/runs?head_sha={number:040}&event=pull_request&per_page=1")
    };
    let run = |id: u64, status: &str| json!({"workflow_runs": [{"id": id, "status": status}]}).to_string();
    let answers = Answers::default()
        .with(
            "GET /repos/acme/shop/pulls?state=open&sort=updated&direction=desc&per_page=100",
            200,
            json!([head(1), head(2), head(3), head(4), head(1)]).to_string(),
        )
        .with(&runs(1), 200, run(11, "completed"))
        .with(&runs(2), 200, run(12, "in_progress"))
        .with(&runs(3), 200, json!({"workflow_runs": []}).to_string())
        .with(&runs(4), 200, run(14, "completed"))
        .with("POST /repos/acme/shop/actions/runs/14/rerun", 403, "{}")
        .with("POST /repos/acme/shop/actions/runs/11/rerun", 201, "{}");
    let folder = tempfile::tempdir().unwrap();
    let runner = Runner::new(folder.path(), "push", &json!({})).context("api_url", &answers.serve()).variable("ASTRIDE_PAUSE", "0");
    let ran = runner.run("action/rerun");
    assert_eq!(ran.code, 0, "{}", ran.log);
    assert!(ran.log.contains("1 reviews run again"), "{}", ran.log);
    assert!(ran.log.contains("::warning title=Astride::1 reviews could not be run again"), "{}", ran.log);
    let asked = answers.asked.lock().unwrap();
    assert_eq!(asked.iter().filter(|asked| asked.starts_with("POST")).count(), 2, "{asked:?}");
}
