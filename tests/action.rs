//! The Action, run as GitHub's runner runs it: its steps in a shell, on shallow checkouts of throw-away repositories.
//!
//! `action.yml` itself is followed, with its conditions and expressions, so that its wiring is tried too. Nothing is fetched from a network:
//! origin is a folder, and GitHub's API the stand-in on loopback.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod action_runner;
mod shared;
mod standin_client;

use action_runner::{Ran, Runner, action};
use astride::change::{Timestamp, UserId};
use astride::decisions::{self, Block, Signature, Verdict, ledger_text};
use astride::sandbox::github::StandIn;
use astride::settings::SettingsTexts;
use axum::Router;
use axum::extract::{Request, State};
use axum::response::IntoResponse;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::net::TcpListener;

const NUMBER: u64 = 7;
const TEMPLATE: &str = "intake/template.yaml";

/// Origin, with a default branch `main`, and what the runner has checked out of it.
struct Hosted {
    folder: TempDir,
}

impl Hosted {
    /// The sandbox's example: `main` has its base.
    fn begin() -> Self {
        let hosted = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(hosted.author()).unwrap();
        hosted.git(&["init", "-q", "-b", "main"]);
        hosted.commit("Take in registrations", &[(TEMPLATE, &example("base"))]);
        hosted
    }

    fn author(&self) -> PathBuf {
        self.folder.path().join("author")
    }

    fn origin(&self) -> PathBuf {
        self.folder.path().join("origin.git")
    }

    fn git(&self, arguments: &[&str]) -> String {
        git(&self.author(), arguments)
    }

    fn commit(&self, message: &str, files: &[(&str, &str)]) -> String {
        for (path, text) in files {
            let path = self.author().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// A branch off `main` with these files, as pull request 7; gives its head.
    fn open_pull(&self, files: &[(&str, &str)]) -> String {
        self.git(&["checkout", "-q", "-b", "orders", "main"]);
        let head = self.commit("Take in forms", files);
        self.git(&["update-ref", &format!("refs/pull/{NUMBER}/head"), &head]);
        head
    }

    /// Commits to the ledger branch, which has no history in common with `main`.
    fn write_ledger(&self, file: &str, text: &str) {
        let blob = self.folder.path().join("ledger.yml");
        fs::write(&blob, text).unwrap();
        let id = self.git(&["hash-object", "-w", blob.to_str().unwrap()]);
        self.git(&["checkout", "-q", "--orphan", "astride-ledger"]);
        self.git(&["rm", "-rfq", "--cached", "."]);
        self.git(&["update-index", "--add", "--cacheinfo", &format!("100644,{id},1/{file}")]);
        self.git(&["commit", "-q", "-m", "Decide"]);
        self.git(&["checkout", "-q", "-f", "main"]);
    }

    /// A checkout of one commit as actions/checkout makes it: shallow, detached, without tags.
    fn check_out(&self, commit: &str) -> PathBuf {
        git(self.folder.path(), &["clone", "-q", "--mirror", "author", "origin.git"]);
        git(&self.origin(), &["config", "uploadpack.allowAnySHA1InWant", "true"]);
        let workspace = self.folder.path().join("workspace");
        fs::create_dir(&workspace).unwrap();
        git(&workspace, &["init", "-q"]);
        git(&workspace, &["remote", "add", "origin", &format!("file://{}", self.origin().display())]);
        git(&workspace, &["fetch", "-q", "--no-tags", "--depth=1", "origin", commit]);
        git(&workspace, &["checkout", "-q", "--detach", commit]);
        workspace
    }
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "user.name=mona", "-c", "user.email=mona@example.test", "-c", "commit.gpgsign=false"])
        .args(arguments)
        .env("GIT_AUTHOR_DATE", "2026-09-01T12:00:00Z")
        .env("GIT_COMMITTER_DATE", "2026-09-01T12:00:00Z")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn example(side: &str) -> String {
    fs::read_to_string(example_folder(side).join(TEMPLATE)).unwrap()
}

fn example_folder(side: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sandbox/example").join(side)
}

fn pull_event(head: &str, from: &str) -> Value {
    json!({
        "pull_request": {"number": NUMBER, "head": {"sha": head, "repo": {"full_name": from}}, "base": {"ref": "main"}},
        "repository": {"full_name": "acme/shop", "default_branch": "main"},
    })
}

fn pull_runner(hosted: &Hosted, head: &str, from: &str) -> Runner {
    Runner::new(&hosted.check_out(head), "pull_request", &pull_event(head, from))
}

/// The ledger file's name and text in which somebody accepts whatever blocks the sandbox's example.
fn decided() -> (String, String) {
    let change = shared::change(&example_folder("base"), &example_folder("head"));
    let report = shared::judge(&change, &SettingsTexts::default());
    let mut blocks = report.reviewed.iter().filter(|reviewed| reviewed.blocks).map(|reviewed| {
        let threat = &reviewed.threat;
        let block = Block {
            threat: threat.id(),
            fingerprint: threat.fingerprint(),
            rule: threat.rule.id.to_owned(),
            cause: Some((*threat.key.cause).clone()),
            on: threat.on.to_string(),
            part: threat.part.to_string(),
            sharers: Vec::new(),
            worst: threat.worst,
            category: threat.rule.category,
            verdict: Verdict::Accepted,
            proposal: false,
            reason: "public on purpose".to_owned(),
            facts: threat.vector(),
            claims: BTreeMap::new(),
            by: Signature { id: UserId(3), login: "rita".to_owned(), right: "maintain".to_owned() },
            at: Timestamp(1_780_000_000),
            comment: 5,
            url: String::new(),
            pull: NUMBER,
            base: change.base.commit,
            head: change.head.commit,
            until: None,
            see: None,
            covers: Vec::new(),
            carried_from: None,
        };
        (decisions::scope(threat), block)
    });
    let (unit, block) = blocks.next().unwrap();
    assert!(blocks.next().is_none(), "the example blocks on one threat");
    (ledger_text::file_name(&unit), ledger_text::append("", &unit, &[block]))
}

#[test]
fn what_needs_an_answer_fails_the_job_and_is_shown() {
    let hosted = Hosted::begin();
    let head = hosted.open_pull(&[(TEMPLATE, &example("head"))]);
    let runner = pull_runner(&hosted, &head, "acme/shop");
    let ran = runner.run(".");
    assert_eq!((ran.code, ran.outputs["verdict"].as_str()), (1, "needs-answer"), "{}", ran.log);
    assert!(ran.log.contains("::error file=intake/template.yaml,line=30"), "{}", ran.log);
    assert!(ran.summary.contains("### Astride: 1 threat needs an answer"), "{}", ran.summary);
    assert!(ran.summary.contains("```mermaid"), "{}", ran.summary);
    assert!(!ran.summary.contains("astride:comment"), "{}", ran.summary);
    let report: Value = serde_json::from_str(&fs::read_to_string(&ran.outputs["report"]).unwrap()).unwrap();
    assert_eq!(report["head"], head);
    let sarif: Value = serde_json::from_str(&fs::read_to_string(&ran.outputs["sarif"]).unwrap()).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "STR-FURL-S-01");
}

#[test]
fn advise_passes_what_needs_an_answer() {
    let hosted = Hosted::begin();
    let head = hosted.open_pull(&[(TEMPLATE, &example("head"))]);
    let ran = pull_runner(&hosted, &head, "acme/shop").input("mode", "advise").run(".");
    assert_eq!((ran.code, ran.outputs["verdict"].as_str()), (0, "needs-answer"), "{}", ran.log);
}

#[test]
fn a_mode_that_is_none_is_refused() {
    let hosted = Hosted::begin();
    let head = hosted.open_pull(&[(TEMPLATE, &example("base").replace("Timeout: 10", "Timeout: 20"))]);
    let ran = pull_runner(&hosted, &head, "acme/shop").input("mode", "warn").run(".");
    assert_eq!(ran.code, 2, "{}", ran.log);
    assert!(ran.log.contains("`mode: warn` is neither enforce nor advise"), "{}", ran.log);
}

#[test]
fn what_changes_no_threat_passes() {
    let hosted = Hosted::begin();
    let head = hosted.open_pull(&[(TEMPLATE, &example("base").replace("Timeout: 10", "Timeout: 20"))]);
    let ran = pull_runner(&hosted, &head, "acme/shop").run(".");
    assert_eq!((ran.code, ran.outputs["verdict"].as_str()), (0, "clear"), "{}", ran.log);
}

#[test]
fn a_decision_on_the_ledger_branch_turns_it_green() {
    let hosted = Hosted::begin();
    let (file, text) = decided();
    hosted.write_ledger(&file, &text);
    let head = hosted.open_pull(&[(TEMPLATE, &example("head"))]);
    let ran = pull_runner(&hosted, &head, "acme/shop").run(".");
    assert_eq!(ran.code, 0, "{}", ran.log);
    assert!(ran.summary.contains("public on purpose"), "{}", ran.summary);
}

#[test]
fn a_fork_hears_in_summary_and_annotations_alone() {
    let hosted = Hosted::begin();
    let head = hosted.open_pull(&[(TEMPLATE, &example("head"))]);
    // The API lies where nobody listens: a request would be a warning.
    let ran = pull_runner(&hosted, &head, "mallory/shop").context("token", "read-only").run(".");
    assert_eq!((ran.code, ran.outputs["verdict"].as_str()), (1, "needs-answer"), "{}", ran.log);
    assert!(ran.log.contains("a pull request from a fork gets no comment"), "{}", ran.log);
    assert!(!ran.log.contains("::warning title=Astride"), "{}", ran.log);
    assert!(ran.summary.contains("1 threat needs an answer"), "{}", ran.summary);
}

#[test]
fn an_entry_of_the_merge_queue_is_judged_against_its_own_base() {
    let hosted = Hosted::begin();
    let head = hosted.open_pull(&[(TEMPLATE, &example("head"))]);
    let queued = hosted.commit("Merge #8", &[("README.md", "Shop\n")]);
    let event = |base: &str| json!({"merge_group": {"base_sha": base, "head_sha": queued}});
    let workspace = hosted.check_out(&queued);
    let on_main = Runner::new(&workspace, "merge_group", &event(&hosted.git(&["rev-parse", "main"]))).run(".");
    assert_eq!((on_main.code, on_main.outputs["verdict"].as_str()), (1, "needs-answer"), "{}", on_main.log);
    let on_the_entry_before = Runner::new(&workspace, "merge_group", &event(&head)).run(".");
    assert_eq!(on_the_entry_before.code, 0, "{}", on_the_entry_before.log);
    assert!(!on_the_entry_before.steps.contains(&"comment.sh".to_owned()), "{:?}", on_the_entry_before.steps);
}

#[test]
fn a_merge_base_that_lies_deep_is_fetched() {
    let hosted = Hosted::begin();
    let head = hosted.open_pull(&[(TEMPLATE, &example("head"))]);
    hosted.git(&["checkout", "-q", "main"]);
    for number in 0..150 {
        hosted.git(&["commit", "-q", "--allow-empty", "-m", &format!("Other work {number}")]);
    }
    let ran = pull_runner(&hosted, &head, "acme/shop").run(".");
    assert_eq!(ran.code, 1, "{}", ran.log);
    assert!(ran.summary.contains("1 threat needs an answer"), "{}", ran.summary);
}

/// `main` was merged into the branch: of the two ways to a common commit, the short one leads to the older.
#[test]
fn the_nearest_merge_base_is_taken_and_not_the_first_that_is_seen() {
    let hosted = Hosted::begin();
    let old = hosted.git(&["rev-parse", "main"]);
    let opened = hosted.commit("Open the URL", &[(TEMPLATE, &example("head"))]);
    hosted.git(&["checkout", "-q", "-b", "orders", &opened]);
    for number in 0..60 {
        hosted.git(&["commit", "-q", "--allow-empty", "-m", &format!("Work {number}")]);
    }
    // Both sides merge the old commit's other child, which they reach in one step.
    let tree = hosted.git(&["rev-parse", &format!("{old}^{{tree}}")]);
    let side = hosted.git(&["commit-tree", &tree, "-p", &old, "-m", "Aside"]);
    let merge = |tip: &str| {
        let tree = hosted.git(&["rev-parse", &format!("{tip}^{{tree}}")]);
        hosted.git(&["commit-tree", &tree, "-p", tip, "-p", &side, "-m", "Merge"])
    };
    let head = merge(&hosted.git(&["rev-parse", "orders"]));
    let base = merge(&opened);
    hosted.git(&["update-ref", "refs/heads/orders", &head]);
    hosted.git(&["update-ref", "refs/heads/main", &base]);
    let ran = pull_runner(&hosted, &head, "acme/shop").run(".");
    assert_eq!(ran.code, 0, "the URL was open before this change: {}", ran.log);
}

#[test]
fn histories_without_a_common_commit_are_an_error() {
    let hosted = Hosted::begin();
    hosted.git(&["checkout", "-q", "--orphan", "orders"]);
    let head = hosted.commit("Begin anew", &[(TEMPLATE, &example("head"))]);
    let ran = pull_runner(&hosted, &head, "acme/shop").run(".");
    assert_eq!(ran.code, 2, "{}", ran.log);
    assert!(ran.log.contains("::error title=Astride::") && ran.log.contains("have no commit in common"), "{}", ran.log);
}

#[test]
fn a_full_checkout_stays_full() {
    let hosted = Hosted::begin();
    let head = hosted.open_pull(&[(TEMPLATE, &example("head"))]);
    let workspace = hosted.check_out(&head);
    git(&workspace, &["fetch", "-q", "--unshallow", "origin"]);
    let ran = Runner::new(&workspace, "pull_request", &pull_event(&head, "acme/shop")).run(".");
    assert_eq!(ran.code, 1, "{}", ran.log);
    assert_eq!(git(&workspace, &["rev-parse", "--is-shallow-repository"]), "false");
}

#[test]
fn settings_that_never_were_valid_fail_in_either_mode() {
    let hosted = Hosted::begin();
    hosted.commit("Settings", &[(".github/astride.yml", "gate: {findings: [\n")]);
    let head = hosted.open_pull(&[(TEMPLATE, &example("base").replace("Timeout: 10", "Timeout: 20"))]);
    let ran = pull_runner(&hosted, &head, "acme/shop").input("mode", "advise").run(".");
    assert_eq!((ran.code, ran.outputs["verdict"].as_str()), (2, "undetermined"), "{}", ran.log);
}

#[test]
fn files_that_are_not_read_follow_the_settings() {
    for (settings, outcome) in [("gate: {unread: note}\n", (0, "not-judged")), ("gate: {unread: fail}\n", (2, "undetermined"))] {
        let hosted = Hosted::begin();
        hosted.commit("Settings", &[(".github/astride.yml", settings)]);
        let head = hosted.open_pull(&[("main.tf", "resource \"aws_sqs_queue\" \"jobs\" {}\n")]);
        let ran = pull_runner(&hosted, &head, "acme/shop").run(".");
        assert_eq!((ran.code, ran.outputs["verdict"].as_str()), outcome, "{settings}: {}", ran.log);
    }
}

#[test]
fn a_program_that_cannot_judge_fails_the_job() {
    let hosted = Hosted::begin();
    let head = hosted.open_pull(&[(TEMPLATE, &example("head"))]);
    let ran = pull_runner(&hosted, &head, "acme/shop").input("binary", "/bin/false").input("mode", "advise").run(".");
    assert_eq!(ran.code, 2, "{}", ran.log);
    assert!(ran.log.contains("the change could not be judged (exit code 1)"), "{}", ran.log);
    let ran = pull_runner_without_checkout().run(".");
    assert_eq!(ran.code, 2, "{}", ran.log);
    assert!(ran.log.contains("check it out first"), "{}", ran.log);
}

fn pull_runner_without_checkout() -> Runner {
    // The folder outlives the runner's process alone; it is empty.
    let folder = tempfile::tempdir().unwrap().keep();
    Runner::new(&folder, "pull_request", &pull_event(&"1".repeat(40), "acme/shop"))
}

#[test]
fn events_with_secrets_and_unknown_ones_are_refused() {
    let hosted = Hosted::begin();
    let head = hosted.open_pull(&[(TEMPLATE, &example("head"))]);
    let workspace = hosted.check_out(&head);
    for event in ["pull_request_target", "issue_comment"] {
        let ran = Runner::new(&workspace, event, &pull_event(&head, "acme/shop")).run(".");
        assert_eq!(ran.code, 2, "{}", ran.log);
        assert!(ran.log.contains("::error title=Astride::") && ran.log.contains(event), "{}", ran.log);
    }
    let event = pull_event("--upload-pack=touch /tmp/x", "acme/shop");
    let ran = Runner::new(&workspace, "pull_request", &event).run(".");
    assert!(ran.code == 2 && ran.log.contains("is no revision"), "{}", ran.log);
}

#[test]
fn a_workflow_that_is_started_by_hand_names_its_sides() {
    let hosted = Hosted::begin();
    let head = hosted.open_pull(&[(TEMPLATE, &example("head"))]);
    let event = pull_event(&head, "acme/shop");
    let started = |hosted: &Hosted| Runner::new(&hosted.check_out(&head), "workflow_dispatch", &event).context("sha", &head);
    let ran = started(&hosted).run(".");
    assert_eq!(ran.code, 1, "{}", ran.log);
    let workspace = hosted.folder.path().join("workspace");
    let ran = Runner::new(&workspace, "workflow_dispatch", &event).context("sha", &head).input("base", &head).run(".");
    assert_eq!(ran.code, 0, "{}", ran.log);
}

#[test]
fn a_push_lists_what_the_branch_holds_and_fails_nothing() {
    let hosted = Hosted::begin();
    let (file, text) = decided();
    hosted.write_ledger(&file, &text);
    let pushed = hosted.commit("Take in forms", &[(TEMPLATE, &example("head"))]);
    let workspace = hosted.check_out(&pushed);
    let runner = Runner::new(&workspace, "push", &json!({"after": pushed})).context("sha", &pushed);
    let ran = runner.run(".");
    assert_eq!((ran.code, ran.outputs["verdict"].as_str()), (0, ""), "{}", ran.log);
    let sarif: Value = serde_json::from_str(&fs::read_to_string(&ran.outputs["sarif"]).unwrap()).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let of = |rule: &str| results.iter().find(|result| result["ruleId"] == rule).unwrap_or_else(|| panic!("{rule} is not listed"));
    assert_eq!(of("STR-FURL-D-01").get("suppressions"), None);
    assert_eq!(of("STR-FURL-S-01")["suppressions"][0]["justification"], "accepted: public on purpose");
    assert!(ran.summary.contains("public on purpose"), "{}", ran.summary);
    assert!(!ran.log.contains("::warning title=Astride"), "{}", ran.log);
}

#[test]
fn a_register_that_is_not_whole_says_so() {
    let hosted = Hosted::begin();
    let pushed = hosted.commit("Break it", &[(TEMPLATE, "Resources:\n  Jobs:\n   - [\n")]);
    let runner = Runner::new(&hosted.check_out(&pushed), "push", &json!({"after": pushed})).context("sha", &pushed);
    let ran = runner.run(".");
    assert_eq!(ran.code, 0, "{}", ran.log);
    assert!(ran.log.contains("::warning title=Astride::the register is not whole"), "{}", ran.log);
    let ran = runner.input("binary", "/bin/false").run(".");
    assert_eq!(ran.code, 2, "{}", ran.log);
}

/// More than GitHub takes: what is too long is cut between lines, and says so.
#[test]
fn a_summary_that_is_too_long_is_cut() {
    let hosted = Hosted::begin();
    let head = hosted.open_pull(&[(TEMPLATE, &example("head"))]);
    let program = hosted.folder.path().join("program");
    let script = "#!/bin/sh\nfor also; do case $also in\nmarkdown=*) yes 'a long line, é' | head -n 90000 >\"${also#*=}\" ;;\njson=*) echo '{\"verdict\":\"clear\",\"headline\":\"clear\"}' >\"${also#*=}\" ;;\nesac; done\n";
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let ran = pull_runner(&hosted, &head, "acme/shop").input("binary", program.to_str().unwrap()).input("comment", "false").run(".");
    assert_eq!(ran.code, 0, "{}", ran.log);
    assert!(ran.summary.len() < 1024 * 1024 && ran.summary.contains("The summary is cut here"), "{}", ran.summary.len());
    let (kept, _) = ran.summary.split_once("\n\n_").unwrap();
    assert!(kept.lines().all(|line| line == "a long line, é"));
}

/// Serves for the rest of the process.
fn serve<F: Future<Output = ()> + Send + 'static>(serving: impl FnOnce(TcpListener) -> F + Send + 'static) -> SocketAddr {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            sender.send(listener.local_addr().unwrap()).unwrap();
            serving(listener).await;
        });
    });
    receiver.recv().unwrap()
}

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
    assert!(comments[0].1.contains("two threats") && comments[0].1.contains("<code>astride-ledger</code>"), "{}", comments[0].1);
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

/// Answers from a table of paths, and remembers what was asked.
#[derive(Clone, Default)]
struct Answers {
    bodies: BTreeMap<String, (u16, Vec<u8>)>,
    asked: Arc<Mutex<Vec<String>>>,
    /// What was sent as `Authorization`, in the order of the requests.
    authorizations: Arc<Mutex<Vec<String>>>,
}

impl Answers {
    fn with(mut self, path: &str, status: u16, body: impl Into<Vec<u8>>) -> Self {
        self.bodies.insert(path.to_owned(), (status, body.into()));
        self
    }

    fn serve(&self) -> String {
        let answers = self.clone();
        let router = Router::new().fallback(Self::answer).with_state(answers);
        format!("http://{}", serve(|listener| async move { axum::serve(listener, router).await.unwrap() }))
    }

    async fn answer(State(answers): State<Self>, request: Request) -> impl IntoResponse {
        let asked = format!("{} {}", request.method(), request.uri());
        answers.asked.lock().unwrap().push(asked.clone());
        let sent = request.headers().get_all("authorization").iter().map(|value| value.to_str().unwrap().to_owned());
        answers.authorizations.lock().unwrap().extend(sent);
        let (status, body) = answers.bodies.get(&asked).cloned().unwrap_or((404, Vec::new()));
        (http::StatusCode::from_u16(status).unwrap(), body)
    }
}

/// A checkout that keeps its credentials has set the header too: sent twice, it would be refused.
#[test]
fn the_token_reaches_origin_once_and_no_log() {
    let hosted = Hosted::begin();
    let head = hosted.open_pull(&[(TEMPLATE, &example("head"))]);
    let workspace = hosted.check_out(&head);
    let answers = Answers::default();
    let server = answers.serve();
    git(&workspace, &["remote", "set-url", "origin", &format!("{server}/acme/shop.git")]);
    git(&workspace, &["config", &format!("http.{server}/.extraheader"), "AUTHORIZATION: basic b2xk"]);
    let runner = Runner::new(&workspace, "pull_request", &pull_event(&head, "acme/shop"));
    let ran = runner.context("server_url", &server).context("token", "s3cret").run(".");
    assert!(ran.code == 2 && ran.log.contains("does the job have `contents: read`?"), "{}", ran.log);
    // x-access-token:s3cret
    let encoded = "eC1hY2Nlc3MtdG9rZW46czNjcmV0";
    assert_eq!(*answers.authorizations.lock().unwrap(), [format!("basic {encoded}")]);
    assert!(!ran.log.contains("s3cret") && !ran.log.contains(encoded), "{}", ran.log);
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
