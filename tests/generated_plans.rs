//! Terraform plans in a workflow's artifact, played on the stand-in with the files of `tests/cases/plans`: right, missing, stale, foreign and hostile.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod archive;
mod service;

use archive::{Entry, file, zip};
use astride::change::{ObjectId, Right};
use astride::decisions::ledger_text;
use astride::sandbox::github::actions::Running;
use astride::sandbox::github::people::{Opening, Push, Visibility};
use astride::sandbox::github::state::{CheckRun, UserKind};
use astride::sandbox::github::{Options, StandIn};
use astride::sandbox::objects::Content;
use astride::worker::judgement::Judgement;
use astride::worker::trial::Trial;
use service::{SHOP, Served, Service, serve};
use std::fs;
use std::path::{Path, PathBuf};

const WORKFLOW: &str = ".github/workflows/plan.yml";
const SETTINGS: &str = "mode: enforce\ngenerated: {workflow: .github/workflows/plan.yml, artifact: plans}\n";

fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/plans").join(name)
}

/// The files below a folder, by their paths in it.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(at) = waiting.pop() {
        for entry in fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                found.push((path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

/// A case as a pull request, whose plans a workflow makes.
struct Shop {
    service: Service,
    _served: Served,
    store: tempfile::TempDir,
    case: PathBuf,
    base: ObjectId,
}

impl Shop {
    async fn open(name: &str) -> Self {
        let standin = StandIn::new(Options::default());
        let served = serve(&standin).await;
        let store = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", store.path().join("astride.db").display());
        // As the service does it: each judgement is tried in a process of its own first.
        let trial = Trial { program: PathBuf::from(env!("CARGO_BIN_EXE_astride")), bytes: 2 << 30, seconds: 120 };
        let judgement = Judgement::new(ledger_text::append).on_trial(trial);
        let service = Service::around(standin, &served.api_url, &url, 0, judgement).await;
        let case = case(name);
        let base = service.standin.act(|github| {
            let before = files(&case.join("base"));
            let mut there: Vec<(&str, Content)> = before.iter().map(|(path, text)| (path.as_str(), text.as_str().into())).collect();
            there.extend([(".github/astride.yml", SETTINGS.into()), (WORKFLOW, "on: [push]\n".into())]);
            github.add_repository(SHOP, Visibility::Private, &there).unwrap();
            github.install("acme", None);
            for (login, right) in [("mona", Right::Write), ("rita", Right::Admin)] {
                github.set_role(SHOP, login, right).unwrap();
            }
            github.resolve(github.repository_named(SHOP).unwrap().id, "main").unwrap()
        });
        let shop = Self { service, _served: served, store, case, base };
        let after = files(&shop.case.join("head"));
        shop.push(&after);
        shop.service.standin.act(|github| {
            let opening = Opening { repository: SHOP, by: "mona", head: "orders", base: "main", title: "Orders", body: "", draft: false };
            github.open_pull(&opening).unwrap();
        });
        shop
    }

    fn push(&self, files: &[(String, String)]) {
        self.service.standin.act(|github| {
            let changes: Vec<(&str, Option<Content>)> =
                files.iter().map(|(path, text)| (path.as_str(), Some(text.as_str().into()))).collect();
            github.push(&Push { repository: SHOP, branch: "orders", by: "mona", changes: &changes, message: "Orders" }).unwrap()
        });
    }

    fn head(&self) -> ObjectId {
        self.service.standin.with(|github| github.pull(github.repository_named(SHOP).unwrap().id, 1).unwrap().head.sha)
    }

    fn plan(&self, side: &str) -> Vec<u8> {
        fs::read(self.case.join(format!("{side}-plan.json"))).unwrap()
    }

    fn upload(&self, head: ObjectId, from: &str, entries: &[Entry]) {
        self.service.standin.act(|github| {
            let running = Running { repository: SHOP, workflow: WORKFLOW, event: "push", head, from, by: "mona" };
            let run = github.begin_run(&running).unwrap();
            github.end_run(SHOP, run, "success", &[("plans", zip(entries))]).unwrap();
        });
    }

    /// What the workflow of the case makes: each plan lies beside its root.
    fn plan_both(&self, folder: &str) {
        let at = format!("{folder}plan.json");
        self.upload(self.base, SHOP, &[file(&at, &self.plan("base"))]);
        self.upload(self.head(), SHOP, &[file(&at, &self.plan("head"))]);
    }

    async fn settle(&self) {
        self.service.settle().await;
    }

    fn check(&self) -> CheckRun {
        let head = self.head();
        self.service.standin.with(|github| {
            let checks = &github.repository_named(SHOP).unwrap().checks;
            checks.values().rfind(|check| check.head == head && check.app == github.app.id).expect("a check stands there").clone()
        })
    }

    fn said(&self) -> String {
        let check = self.check();
        format!("{}\n{}\n{}", check.title.unwrap_or_default(), check.summary.unwrap_or_default(), check.text.unwrap_or_default())
    }

    fn assert_ends(&self, conclusion: &str, why: &str) {
        assert_eq!(self.check().conclusion.as_deref(), Some(conclusion), "{}", self.said());
        assert!(self.said().contains(why), "not {why:?}: {}", self.said());
    }

    fn comment(&self) -> String {
        self.service.standin.with(|github| {
            let comments = &github.repository_named(SHOP).unwrap().comments;
            comments.values().find(|comment| comment.author == github.bot).map(|comment| comment.body.clone()).unwrap_or_default()
        })
    }
}

/// As `astride review` says it of the same files.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_plan_tells_is_judged_as_on_the_command_line() {
    let shop = Shop::open("a_variable_is_known_by_the_plan").await;
    shop.settle().await;
    shop.assert_ends("failure", "waits for generated input");
    shop.upload(shop.base, SHOP, &[file("infra/plan.json", &shop.plan("base"))]);
    shop.settle().await;
    shop.assert_ends("failure", "the head, commit");
    shop.upload(shop.head(), SHOP, &[file("infra/plan.json", &shop.plan("head"))]);
    shop.settle().await;
    let expected = fs::read_to_string(shop.case.join("expected.txt")).unwrap();
    let blocking = expected.lines().find(|line| line.starts_with("blocks")).unwrap();
    let id = blocking.split_whitespace().find(|word| word.contains('/')).unwrap();
    shop.assert_ends("action_required", "");
    assert!(shop.comment().contains(id), "{id}: {}", shop.comment());
    // A push that plans what the base had is green.
    shop.push(&[("infra/notes.md".to_owned(), "closed again\n".to_owned())]);
    let planned = String::from_utf8(shop.plan("head")).unwrap().replace("0.0.0.0/0", "10.0.0.0/8");
    shop.upload(shop.head(), SHOP, &[file("infra/plan.json", planned.as_bytes())]);
    shop.settle().await;
    shop.assert_ends("success", "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_that_is_missing_is_never_green() {
    let shop = Shop::open("a_variable_is_known_by_the_plan").await;
    let other = || file("notes/made.txt", b"made\n");
    shop.upload(shop.base, SHOP, &[file("infra/plan.json", &shop.plan("base"))]);
    shop.upload(shop.head(), SHOP, &[other()]);
    shop.settle().await;
    shop.assert_ends("failure", "has no Terraform plan of infra, and that of the base has one");
    // The head alone: it is said that the base borrows from it.
    shop.upload(shop.base, SHOP, &[other()]);
    shop.upload(shop.head(), SHOP, &[file("infra/plan.json", &shop.plan("head"))]);
    shop.settle().await;
    shop.assert_ends("success", "a plan of it for the head and none for the base");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stale_plan_is_never_green() {
    for (name, why) in
        [("stale_at_the_head", "the plan for the head is not of this configuration"), ("stale_at_the_base", "the plan for the base")]
    {
        let shop = Shop::open(name).await;
        shop.plan_both("infra/");
        shop.settle().await;
        shop.assert_ends("failure", why);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_plan_is_never_green() {
    let shop = Shop::open("of_another_root").await;
    shop.plan_both("infra/");
    shop.settle().await;
    shop.assert_ends("failure", "not of this configuration: it makes");
    let shop = Shop::open("a_variable_is_known_by_the_plan").await;
    shop.service.standin.act(|github| {
        github.add_user("finn", UserKind::Person);
        github.fork(SHOP, "finn").unwrap();
    });
    shop.upload(shop.base, SHOP, &[file("infra/plan.json", &shop.plan("base"))]);
    shop.upload(shop.head(), "finn/shop", &[file("infra/plan.json", &shop.plan("base"))]);
    shop.settle().await;
    shop.assert_ends("failure", "is a fork's");
    shop.upload(shop.head(), SHOP, &[file("elsewhere/plan.json", &shop.plan("head"))]);
    shop.settle().await;
    shop.assert_ends("failure", "no folder that it lies in has configuration at that commit");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hostile_plan_is_refused_whole() {
    let shop = Shop::open("a_variable_is_known_by_the_plan").await;
    shop.upload(shop.base, SHOP, &[file("infra/plan.json", &shop.plan("base"))]);
    let head = String::from_utf8(shop.plan("head")).unwrap();
    let begun = "{\"format_version\":\"1.2\",\"terraform_version\":\"1.11.4\",";
    let many = format!("{begun}\"x\":[{}0]}}", "0,".repeat(4_000_001));
    let large = format!("{begun}\"x\":\"{}\"}}", "astride and its shop ".repeat(900_000));
    let deep = format!("{begun}\"variables\":{{\"office\":{{\"value\":{}{}}}}}}}", "[".repeat(500), "]".repeat(500));
    let numbers: String = (0..2_400_000).map(|number| format!("{number} ")).collect();
    let beyond = format!("{begun}\"x\":\"{numbers}\"}}");
    let tampered = head.replacen("\"0.0.0.0/0\"", "\"10.0.0.0/8\"", 2);
    assert_ne!(tampered, head);
    let hostile: Vec<(Vec<Entry>, &str)> = vec![
        (vec![archive::stored("infra/plan.json", many.as_bytes())], "more than the 1000000 values"),
        (vec![archive::stored("infra/plan.json", &large.as_bytes()[..15 << 20])], "no JSON"),
        (vec![file("infra/plan.json", beyond.as_bytes())], "more than the 16777216 bytes"),
        (vec![file("infra/plan.json", deep.as_bytes())], "no JSON"),
        (vec![file("infra/plan.json", format!("{begun}\"values\":{{\"root_module\":{{}}}}}}").as_bytes())], "a state and not a plan"),
        (vec![file("infra/plan.json", format!("{begun}\"errored\":true}}").as_bytes())], "could not finish it"),
        (vec![file("infra/plan.json", format!("{begun}\"complete\":false}}").as_bytes())], "not of everything"),
        (vec![file("infra/plan.json", tampered.as_bytes())], "contradicts itself"),
        (vec![file("infra/plan.json", head.as_bytes()), file("infra/second.json", head.as_bytes())], "another plan of the folder infra"),
    ];
    for (entries, why) in hostile {
        shop.upload(shop.head(), SHOP, &entries);
        shop.settle().await;
        shop.assert_ends("failure", why);
        assert_eq!(shop.comment(), "");
    }
    // What lies in git is the word of whoever committed it.
    shop.push(&[("infra/plan.json".to_owned(), head.clone())]);
    shop.upload(shop.head(), SHOP, &[file("infra/plan.json", head.as_bytes())]);
    shop.settle().await;
    shop.assert_ends("failure", "a plan in git is the word of whoever committed it");
}

/// Neither on the page nor in the database: a plan is kept nowhere.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_of_a_plan_leaves_its_door() {
    let shop = Shop::open("secrets_stay_behind_the_door").await;
    shop.plan_both("");
    shop.settle().await;
    assert!(shop.check().conclusion.is_some_and(|conclusion| conclusion != "failure"), "{}", shop.said());
    assert_keeps_no_secret(&shop);
}

/// A plan is known whatever the order of its keys, also where it is too large to be read as anything else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_of_a_large_plan_in_another_order_leaves_its_door() {
    let shop = Shop::open("secrets_stay_behind_the_door").await;
    let large = |side: &str| {
        let plan = String::from_utf8(shop.plan(side)).unwrap();
        let begun = plan.trim_start().strip_prefix('{').unwrap();
        format!("{{\"a\":\"{}\",{begun}", "a".repeat(6 << 20))
    };
    for (commit, side) in [(shop.base, "base"), (shop.head(), "head")] {
        shop.upload(commit, SHOP, &[archive::stored("plan.json", large(side).as_bytes())]);
    }
    shop.settle().await;
    assert!(shop.check().conclusion.is_some_and(|conclusion| conclusion != "failure"), "{}", shop.said());
    assert_keeps_no_secret(&shop);
}

fn assert_keeps_no_secret(shop: &Shop) {
    let mut kept = format!("{}{}{}", shop.said(), shop.comment(), shop.service.standin.dump()).into_bytes();
    for entry in fs::read_dir(shop.store.path()).unwrap() {
        kept.extend(fs::read(entry.unwrap().path()).unwrap());
    }
    assert!(kept.windows(7).any(|bytes| bytes == b"main.tf"), "the database was read");
    for secret in ["correct-horse", "battery-staple"] {
        assert!(!kept.windows(secret.len()).any(|bytes| bytes == secret.as_bytes()), "{secret}");
    }
}
