//! Generated input for the App, played on the stand-in: right, missing, stale, foreign and hostile, each with what is like it and does no harm.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod archive;
mod contract;
mod service;

use archive::{Entry, file, zip};
use astride::change::{ObjectId, Right};
use astride::decisions::ledger_text;
use astride::forge::permissions::Variant;
use astride::sandbox::github::access::permissions_of;
use astride::sandbox::github::actions::Running;
use astride::sandbox::github::deliveries::{Way, Which};
use astride::sandbox::github::people::{Opening, Push, Visibility};
use astride::sandbox::github::state::{CheckRun, UserKind};
use astride::sandbox::objects::Content;
use astride::worker::judgement::Judgement;
use astride::worker::sweep;
use service::{SHOP, Service};

const WORKFLOW: &str = ".github/workflows/synth.yml";
const ARTIFACT: &str = "astride-input";
const SETTINGS: &str = "mode: enforce\ngenerated: {workflow: .github/workflows/synth.yml, artifact: astride-input}\n";
/// What the generator writes: a function that nobody reaches, and the same with a public address.
const CLOSED: &str = "AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Resources:
  OrdersFn:
    Type: AWS::Serverless::Function
    Properties: {Handler: index.handler, Runtime: nodejs22.x, CodeUri: src/}
";
const OPENED: &str = "AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Resources:
  OrdersFn:
    Type: AWS::Serverless::Function
    Properties: {Handler: index.handler, Runtime: nodejs22.x, CodeUri: src/, FunctionUrlConfig: {AuthType: NONE}}
";
const TEMPLATE: &str = "out/template.yaml";

/// A repository whose template is generated, and a pull request that changes what it is made from.
struct Shop {
    service: Service,
    base: ObjectId,
}

impl Shop {
    async fn open() -> Self {
        let service = Service::with(Judgement::new(ledger_text::append)).await;
        let base = service.standin.act(|github| {
            let files = [("src/app.ts", "app\n".into()), (".github/astride.yml", SETTINGS.into()), (WORKFLOW, "on: [push]\n".into())];
            github.add_repository(SHOP, Visibility::Private, &files).unwrap();
            github.install("acme", None);
            for (login, right) in [("mona", Right::Write), ("rita", Right::Admin)] {
                github.set_role(SHOP, login, right).unwrap();
            }
            github.resolve(github.repository_named(SHOP).unwrap().id, "main").unwrap()
        });
        let shop = Self { service, base };
        shop.push("orders", &[("src/app.ts", "app with orders\n")]);
        shop.service.standin.act(|github| {
            let opening = Opening { repository: SHOP, by: "mona", head: "orders", base: "main", title: "Orders", body: "", draft: false };
            github.open_pull(&opening).unwrap();
        });
        shop
    }

    fn push(&self, branch: &str, files: &[(&str, &str)]) -> ObjectId {
        self.service.standin.act(|github| {
            let changes: Vec<(&str, Option<Content>)> = files.iter().map(|(path, text)| (*path, Some((*text).into()))).collect();
            github.push(&Push { repository: SHOP, branch, by: "mona", changes: &changes, message: "Orders" }).unwrap()
        })
    }

    fn head(&self) -> ObjectId {
        self.service.standin.with(|github| github.pull(github.repository_named(SHOP).unwrap().id, 1).unwrap().head.sha)
    }

    /// A run of the workflow begins and ends, and uploads this.
    fn run(&self, event: &str, head: ObjectId, from: &str, conclusion: &str, artifacts: &[(&str, Vec<u8>)]) {
        self.run_of(WORKFLOW, event, head, from, conclusion, artifacts);
    }

    fn run_of(&self, workflow: &str, event: &str, head: ObjectId, from: &str, conclusion: &str, artifacts: &[(&str, Vec<u8>)]) {
        self.service.standin.act(|github| {
            let run = github.begin_run(&Running { repository: SHOP, workflow, event, head, from, by: "mona" }).unwrap();
            github.end_run(SHOP, run, conclusion, artifacts).unwrap();
        });
    }

    /// A run as it should be.
    fn synth(&self, head: ObjectId, template: &str) {
        self.run("push", head, SHOP, "success", &input(&[file(TEMPLATE, template.as_bytes())]));
    }

    async fn settle(&self) {
        self.service.settle().await;
    }

    fn check(&self) -> CheckRun {
        self.check_on(self.head())
    }

    fn check_on(&self, head: ObjectId) -> CheckRun {
        self.service.standin.with(|github| {
            let checks = &github.repository_named(SHOP).unwrap().checks;
            checks.values().rfind(|check| check.head == head && check.app == github.app.id).expect("a check stands there").clone()
        })
    }

    /// Red, and for this reason: the words stand in title or summary.
    fn assert_waits(&self, why: &str) {
        let check = self.check();
        let said = format!("{}\n{}", check.title.unwrap_or_default(), check.summary.unwrap_or_default());
        assert_eq!(check.conclusion.as_deref(), Some("failure"), "{said}");
        assert!(said.contains(why), "not {why:?}: {said}");
    }

    fn conclusion(&self) -> String {
        self.check().conclusion.unwrap_or_default()
    }

    fn comment(&self) -> Option<String> {
        self.service.standin.with(|github| {
            let comments = &github.repository_named(SHOP).unwrap().comments;
            comments.values().find(|comment| comment.author == github.bot).map(|comment| comment.body.clone())
        })
    }

    fn say(&self, by: &str, text: &str) {
        self.service.standin.act(|github| github.comment(SHOP, 1, by, text).unwrap());
    }

    /// What was asked, and what the stand-in said, is as GitHub describes it.
    fn assert_contract(&self) {
        let (requests, deliveries) = (self.service.standin.requests(), self.service.standin.deliveries());
        contract::assert_requests(&requests);
        contract::assert_standin(&requests, &deliveries);
    }
}

fn input(entries: &[Entry]) -> Vec<(&'static str, Vec<u8>)> {
    vec![(ARTIFACT, zip(entries))]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ci_made_of_both_commits_is_judged() {
    let shop = Shop::open().await;
    shop.settle().await;
    shop.assert_waits("waits for generated input");
    shop.assert_waits("the head, commit");
    shop.assert_waits("the base, commit");
    assert_eq!(shop.comment(), None, "nothing is said of what is not there");
    shop.synth(shop.base, CLOSED);
    shop.settle().await;
    shop.assert_waits("the head, commit");
    shop.synth(shop.head(), OPENED);
    shop.settle().await;
    assert_eq!(shop.conclusion(), "action_required", "{:?}", shop.check());
    let comment = shop.comment().expect("a comment");
    assert!(comment.contains("OrdersFn") && comment.contains(TEMPLATE), "{comment}");
    // A push: what is said stays until it can be said anew, and then it is green.
    shop.push("orders", &[("src/app.ts", "app with orders, mended\n")]);
    shop.settle().await;
    shop.assert_waits("waits for generated input");
    assert_eq!(shop.comment(), Some(comment.clone()));
    shop.synth(shop.head(), CLOSED);
    shop.settle().await;
    assert_eq!(shop.conclusion(), "success", "{:?}", shop.check());
    assert_ne!(shop.comment(), Some(comment));
    let writes = shop.service.writes();
    sweep::begin(&shop.service.bench).await.unwrap();
    shop.settle().await;
    assert_eq!(shop.service.writes(), writes, "running again writes nothing");
    shop.assert_contract();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_missing_is_never_green() {
    let shop = Shop::open().await;
    shop.synth(shop.base, CLOSED);
    let head = shop.head();
    let run = shop.service.standin.act(|github| {
        github.begin_run(&Running { repository: SHOP, workflow: WORKFLOW, event: "push", head, from: SHOP, by: "mona" }).unwrap()
    });
    shop.settle().await;
    shop.assert_waits("not done yet");
    shop.service.standin.act(|github| github.end_run(SHOP, run, "failure", &input(&[file(TEMPLATE, CLOSED.as_bytes())])).unwrap());
    shop.settle().await;
    shop.assert_waits("ended with failure");
    for (conclusion, artifacts, why) in [
        ("success", vec![], "without an artifact"),
        ("success", vec![("other", zip(&[file(TEMPLATE, CLOSED.as_bytes())]))], "without an artifact"),
        ("success", input(&[]), "holds no file"),
        ("skipped", vec![], "ended with skipped"),
        ("neutral", vec![], "ended with neutral"),
    ] {
        shop.run("push", head, SHOP, conclusion, &artifacts);
        shop.settle().await;
        shop.assert_waits(why);
    }
    shop.synth(head, CLOSED);
    shop.settle().await;
    assert_eq!(shop.conclusion(), "success");
    // It was green, and is looked at again: what is gone meanwhile is no input any more.
    shop.service.standin.act(|github| github.expire_artifacts(SHOP).unwrap());
    shop.push("main", &[("notes.md", "notes\n")]);
    shop.settle().await;
    shop.assert_waits("has expired");
    shop.assert_contract();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_of_another_commit_is_never_green() {
    let shop = Shop::open().await;
    shop.synth(shop.base, CLOSED);
    let before = shop.head();
    shop.synth(before, CLOSED);
    shop.settle().await;
    assert_eq!(shop.conclusion(), "success");
    shop.push("orders", &[("src/app.ts", "app with a public address\n")]);
    shop.settle().await;
    shop.assert_waits("has no run");
    // The workflow runs once more, of the commit before.
    shop.synth(before, CLOSED);
    shop.settle().await;
    shop.assert_waits("has no run");
    shop.synth(shop.head(), OPENED);
    shop.settle().await;
    assert_eq!(shop.conclusion(), "action_required");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_made_is_never_green() {
    let shop = Shop::open().await;
    shop.synth(shop.base, CLOSED);
    let (head, files) = (shop.head(), input(&[file(TEMPLATE, CLOSED.as_bytes())]));
    shop.service.standin.act(|github| {
        github.add_user("finn", UserKind::Person);
        github.fork(SHOP, "finn").unwrap();
    });
    for (event, from, why) in [
        ("pull_request", "finn/shop", "is a fork's"),
        ("push", "finn/shop", "is a fork's"),
        ("pull_request", SHOP, "was not begun by a push"),
        ("pull_request_target", SHOP, "was not begun by a push"),
        ("workflow_dispatch", SHOP, "was not begun by a push"),
        ("workflow_run", SHOP, "was not begun by a push"),
    ] {
        shop.service.standin.act(|github| github.repositories.values_mut().for_each(|found| found.runs.retain(|_, run| run.head != head)));
        shop.run(event, head, from, "success", &files);
        shop.settle().await;
        shop.assert_waits(why);
    }
    // What another workflow uploads under the same name is nobody's input.
    shop.service.standin.act(|github| github.repositories.values_mut().for_each(|found| found.runs.retain(|_, run| run.head != head)));
    shop.run_of(".github/workflows/other.yml", "push", head, SHOP, "success", &files);
    shop.settle().await;
    shop.assert_waits("has no run");
    // A fork's run beside the repository's own changes nothing.
    shop.synth(head, OPENED);
    shop.run("pull_request", head, "finn/shop", "success", &files);
    shop.settle().await;
    assert_eq!(shop.conclusion(), "action_required");
    shop.assert_contract();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forks_commit_counts_once_it_is_pushed_here() {
    let shop = Shop::open().await;
    shop.synth(shop.base, CLOSED);
    let (number, head) = shop.service.standin.act(|github| {
        github.add_user("finn", UserKind::Person);
        github.fork(SHOP, "finn").unwrap();
        let changes = [("src/app.ts", Some("app of a stranger\n".into()))];
        let push = Push { repository: "finn/shop", branch: "more", by: "finn", changes: &changes, message: "More" };
        let head = github.push(&push).unwrap();
        let opening = Opening { repository: SHOP, by: "finn", head: "finn:more", base: "main", title: "More", body: "", draft: false };
        (github.open_pull(&opening).unwrap(), head)
    });
    assert_eq!(number, 2);
    shop.run("pull_request", head, "finn/shop", "success", &input(&[file(TEMPLATE, CLOSED.as_bytes())]));
    shop.settle().await;
    let check = shop.check_on(head);
    assert_eq!(check.conclusion.as_deref(), Some("failure"));
    assert!(check.summary.unwrap_or_default().contains("push the commit to a branch of this repository"));
    shop.synth(head, CLOSED);
    shop.settle().await;
    assert_eq!(shop.check_on(head).conclusion.as_deref(), Some("success"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hostile_artifact_is_refused_whole() {
    let shop = Shop::open().await;
    shop.synth(shop.base, CLOSED);
    let head = shop.head();
    let closed = || file(TEMPLATE, CLOSED.as_bytes());
    let plan = br#"{"format_version":"1.2","terraform_version":"1.9.0","planned_values":{"root_module":{}}}"#;
    let hostile: Vec<(Vec<u8>, &str)> = vec![
        (b"<html>sign in</html>".to_vec(), "no ZIP archive"),
        (zip(&[closed(), file("../../etc/cron.d/x", b"x")]), "plain relative path"),
        (zip(&[closed(), Entry { mode: 0o120_777, ..archive::stored("out/link", b"/etc/passwd") }]), "link"),
        (zip(&[closed(), file("x", &vec![b' '; 8 << 20])]), "smaller than any text"),
        (zip(&[closed(), archive::stored("x", &vec![b' '; 17 << 20])]), "is larger than"),
        (zip(&[closed(), file(".github/astride.yml", b"mode: advise\n")]), "the settings of the gate"),
        (zip(&[closed(), file(".github/workflows/more.yml", b"on: [push]\n")]), "would be a workflow"),
        (zip(&[closed(), file("src/app.ts", b"another app\n")]), "is in git too"),
        (zip(&[closed(), file("src/app.ts/more", b"more\n")]), "would lie below src/app.ts"),
        (zip(&[closed(), file("src", b"no folder\n")]), "is a folder in git"),
        (zip(&[closed(), file("params/prod.json", br#"["Public=no"]"#)]), "would give values to the parameters of templates"),
        (zip(&[closed(), file("plan.json", plan)]), "no folder that it lies in has configuration"),
    ];
    for (archive, why) in hostile {
        shop.run("push", head, SHOP, "success", &[(ARTIFACT, archive)]);
        shop.settle().await;
        shop.assert_waits(why);
        assert_eq!(shop.comment(), None);
    }
    // The same file as in git, folders, and what is stored and not deflated.
    let innocent = [archive::folder("out/"), archive::stored(TEMPLATE, CLOSED.as_bytes()), file("src/app.ts", b"app with orders\n")];
    shop.run("push", head, SHOP, "success", &input(&innocent));
    shop.settle().await;
    assert_eq!(shop.conclusion(), "success", "{:?}", shop.check());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_permission_it_says_so() {
    let shop = Shop::open().await;
    let mut less = permissions_of(Variant::Standard);
    less.remove("actions");
    shop.service.standin.act(|github| github.grant("acme", less).unwrap());
    shop.synth(shop.base, CLOSED);
    shop.synth(shop.head(), CLOSED);
    shop.settle().await;
    shop.assert_waits("actions: read");
    // It is granted, and the next token knows.
    shop.service.standin.act(|github| {
        github.grant("acme", permissions_of(Variant::Standard)).unwrap();
        github.revoke_tokens();
    });
    shop.push("main", &[("notes.md", "notes\n")]);
    shop.settle().await;
    assert_eq!(shop.conclusion(), "success", "{:?}", shop.check());
    // Workflow runs are read with a token that can do nothing else, and no other token can.
    let asked: Vec<String> = shop
        .service
        .standin
        .requests()
        .iter()
        .filter(|request| request.path.ends_with("/access_tokens"))
        .map(|request| request.body["permissions"].to_string())
        .collect();
    assert!(asked.iter().any(|permissions| permissions == r#"{"actions":"read"}"#), "{asked:?}");
    assert!(asked.iter().all(|permissions| permissions == r#"{"actions":"read"}"# || !permissions.contains("actions")), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_is_lost_costs_time_alone() {
    let shop = Shop::open().await;
    shop.synth(shop.base, CLOSED);
    shop.settle().await;
    shop.service.standin.plan_delivery(Which::Named("workflow_run.completed"), Way::Lost);
    shop.synth(shop.head(), CLOSED);
    shop.settle().await;
    shop.assert_waits("waits for generated input");
    sweep::begin(&shop.service.bench).await.unwrap();
    shop.settle().await;
    assert_eq!(shop.conclusion(), "success");
}

/// A run that nobody waits for asks the forge for nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_runs_cost_no_request() {
    let shop = Shop::open().await;
    shop.synth(shop.base, CLOSED);
    shop.synth(shop.head(), CLOSED);
    shop.settle().await;
    // The first contact with the repository is due a little later.
    shop.service.wait(600);
    shop.settle().await;
    let before = shop.service.standin.requests().len();
    let other = shop.push("unrelated", &[("notes.md", "notes\n")]);
    shop.service.lose().await;
    shop.run_of(".github/workflows/lint.yml", "push", other, SHOP, "success", &[]);
    shop.settle().await;
    assert_eq!(shop.service.standin.requests().len(), before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_changes_the_workflow_is_asked() {
    let shop = Shop::open().await;
    shop.synth(shop.base, CLOSED);
    shop.push("orders", &[(WORKFLOW, "on: [push]\n# and writes what I like\n")]);
    shop.synth(shop.head(), CLOSED);
    shop.settle().await;
    shop.assert_waits("the workflow that makes the generated input is changed");
    let summary = shop.check().summary.unwrap_or_default();
    let id = summary.split('`').find(|part| part.starts_with("repair/")).expect("an ID").to_owned();
    shop.say("mona", &format!("/stride accept {id} fine"));
    shop.settle().await;
    assert_eq!(shop.conclusion(), "failure", "an author proposes");
    shop.say("rita", &format!("/stride accept {id} looked at"));
    shop.settle().await;
    assert_eq!(shop.conclusion(), "success", "{:?}", shop.check());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_wait_and_an_emergency_does_not() {
    let shop = Shop::open().await;
    shop.synth(shop.base, CLOSED);
    shop.settle().await;
    shop.say("rita", "/stride accept 1 known");
    shop.settle().await;
    let answered = |shop: &Shop| {
        shop.service
            .standin
            .with(|github| github.repository_named(SHOP).unwrap().comments.values().map(|comment| comment.reactions.len()).sum::<usize>())
    };
    assert_eq!(answered(&shop), 0, "what it is about cannot be known yet");
    shop.say("rita", "/stride emergency INC-7 the shop is down");
    shop.settle().await;
    assert_eq!(shop.conclusion(), "success", "{:?}", shop.check());
    assert!(shop.check().title.unwrap_or_default().contains("emergency INC-7"));
    shop.synth(shop.head(), CLOSED);
    shop.settle().await;
    assert!(answered(&shop) > 2, "every command has its answer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merge_group_waits_for_its_own() {
    let shop = Shop::open().await;
    shop.synth(shop.base, CLOSED);
    shop.synth(shop.head(), CLOSED);
    shop.settle().await;
    assert_eq!(shop.conclusion(), "success");
    let group = shop.service.standin.act(|github| github.queue(SHOP, 1, "mona").unwrap());
    shop.settle().await;
    assert_eq!(shop.check_on(group).conclusion.as_deref(), Some("failure"));
    shop.run("merge_group", group, SHOP, "success", &input(&[file(TEMPLATE, CLOSED.as_bytes())]));
    shop.settle().await;
    assert_eq!(shop.check_on(group).conclusion.as_deref(), Some("success"));
}

/// Where the settings name no workflow, nothing is asked for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn others_are_asked_nothing() {
    let service = Service::with(Judgement::new(ledger_text::append)).await;
    service.open_pull();
    service.settle().await;
    assert!(service.standin.requests().iter().all(|request| !request.path.contains("/actions/")));
}
