//! The Action, run as GitHub's runner runs it: its steps in a shell, on shallow checkouts of throw-away repositories.
//!
//! `action.yml` itself is followed, with its conditions and expressions, so that its wiring is tried too. Nothing is fetched from a network:
//! origin is a folder.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod action_runner;
mod shared;

use action_runner::hosted::{Hosted, TEMPLATE, example, example_folder, git};
use action_runner::{Answers, NUMBER, Runner, pull_event};
use astride::change::{Timestamp, UserId};
use astride::decisions::{self, Block, Signature, Verdict, ledger_text};
use astride::settings::SettingsTexts;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

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
            needed: 1,
            reason: "public on purpose".to_owned(),
            reproduction: String::new(),
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
            ticket: None,
            to: None,
            undoes: None,
            confirms: None,
            branch: String::new(),
            covers: Vec::new(),
            carried_from: None,
            merge: None,
            pushed: false,
            for_organisation: false,
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

/// Nobody reads commands here: what the comment says instead is typed by another person as it stands there, and turns the job green.
#[test]
fn what_the_comment_says_is_how_a_decision_is_made() {
    const DOCS: &str = "https://docs.acme.example/astride";
    let hosted = Hosted::begin();
    let head = hosted.open_pull(&[(TEMPLATE, &example("head"))]);
    let runner = pull_runner(&hosted, &head, "acme/shop").input("docs-url", DOCS);
    let ran = runner.run(".");
    assert!(!ran.summary.contains("/stride"), "{}", ran.summary);
    assert!(ran.summary.contains(&format!("[STR-FURL-S-01]({DOCS}/rules/STR-FURL-S-01.html)")), "{}", ran.summary);
    assert_eq!(ran.summary.matches(&format!("[how to review]({DOCS}/reviewing.html)")).count(), 1, "{}", ran.summary);
    let sarif = fs::read_to_string(&ran.outputs["sarif"]).unwrap();
    assert!(sarif.contains(&format!("\"helpUri\": \"{DOCS}/rules/STR-FURL-S-01.html\"")), "{sarif}");

    let line = ran.summary.lines().find(|line| line.starts_with("astride baseline ")).expect("a line to type");
    let typed = line.replace("\"…\"", "public").replace("YYYY-MM-DD", "2099-12-31");
    let clone = hosted.folder.path().join("rita");
    git(hosted.folder.path(), &["clone", "-q", hosted.origin().to_str().unwrap(), clone.to_str().unwrap()]);
    git(&clone, &["config", "user.name", "rita"]);
    git(&clone, &["config", "user.email", "rita@example.test"]);
    let astride = |words: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_astride")).args(words.split(' ').skip(1)).current_dir(&clone).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap())
    };
    let (code, said) = astride(line);
    assert!(code == Some(2) && said.contains("YYYY-MM-DD"), "placeholders are refused: {said}");
    let (code, said) = astride(&typed);
    assert!(code == Some(0) && said.contains("1 open threat is accepted"), "{said}");
    let push = said.lines().find_map(|line| line.strip_prefix("push it: git ")).expect("the command that pushes");
    git(&clone, &push.split(' ').collect::<Vec<_>>());
    let ran = runner.run(".");
    assert_eq!(ran.code, 0, "{}", ran.log);
    assert!(ran.summary.contains("accepted until 2099-12-31: public | rita"), "{}", ran.summary);
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
        let head = hosted.open_pull(&[("main.tf", "resource \"google_pubsub_topic\" \"jobs\" {}\n")]);
        let ran = pull_runner(&hosted, &head, "acme/shop").run(".");
        assert_eq!((ran.code, ran.outputs["verdict"].as_str()), outcome, "{settings}: {}", ran.log);
    }
}

#[test]
fn what_is_not_in_git_is_handed_over() {
    let inputs = tempfile::tempdir().unwrap();
    for side in ["base", "head"] {
        let folder = inputs.path().join(side).join("cdk out");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("Shop.template.yaml"), example(side)).unwrap();
    }
    let folder = |side: &str| inputs.path().join(side).to_str().unwrap().to_owned();
    let run = |base: &str, head_input: &str| {
        let hosted = Hosted::begin();
        let head = hosted.open_pull(&[("docs/page.md", "A page.\n")]);
        let runner = pull_runner(&hosted, &head, "acme/shop").input("base-input", base).input("head-input", head_input);
        let ran = runner.run(".");
        (ran.code, ran.outputs.get("verdict").cloned().unwrap_or_default(), ran.log)
    };
    let (code, verdict, log) = run(&folder("base"), &folder("head"));
    assert_eq!((code, verdict.as_str()), (1, "needs-answer"), "{log}");
    assert!(log.contains("cdk out/Shop.template.yaml"), "{log}");
    let (code, verdict, log) = run(&folder("head"), &folder("head"));
    assert_eq!((code, verdict.as_str()), (0, "clear"), "{log}");
    // What the step before did not make is no reason to pass.
    let (code, verdict, log) = run(&folder("base"), &folder("nothing"));
    assert_eq!((code, verdict.as_str()), (2, ""), "{log}");
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
