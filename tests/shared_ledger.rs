//! A ledger's branch that others write to as well: repositories that share it, and people who push. What of it is about whom, and how much of it is read.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod service;

use astride::change::{ObjectId, UserId};
use astride::decisions::ledger_text;
use astride::forge::site::{Site, find_site};
use astride::ledger::Most;
use astride::queue::job::RepositoryKey;
use astride::sandbox::github::faults::{Fault, Planned, Recorded, Then, When};
use astride::sandbox::github::people::{Push, Visibility};
use astride::sandbox::github::state::{Github, UserKind};
use astride::sandbox::objects::Content;
use astride::server::config::LedgerPlace;
use astride::settings::Settings;
use astride::worker::judgement::Judgement;
use astride::worker::sweep;
use http::StatusCode;
use service::{SHOP, Service};
use std::collections::BTreeMap;
use std::sync::Arc;

const DECISIONS: &str = "acme/decisions";
const LEDGER: &str = "astride-ledger";
/// A file of a repository that nobody here reviews.
const ELSEWHERE: &str = "7/template.yaml.yml";

async fn service() -> Service {
    Service::with(Judgement::new(ledger_text::append)).await
}

/// A shop whose decisions lie in another repository, and one of them there.
async fn shared() -> Service {
    let mut service = service().await;
    let repository = Some(("acme".to_owned(), "decisions".to_owned()));
    service.bench.ledger = Arc::new(LedgerPlace { branch: LEDGER.to_owned(), repository });
    service.standin.act(|github| {
        github.add_repository(DECISIONS, Visibility::Private, &[("README.md", "decisions\n".into())]).unwrap();
    });
    decide(&service).await;
    service
}

async fn decide(service: &Service) {
    service.open_pull();
    service.settle().await;
    says(service, "/stride accept 1 on purpose");
    service.settle().await;
}

fn says(service: &Service, text: &str) {
    service.standin.act(|github| github.comment(SHOP, 1, "rita", text).unwrap());
}

/// The ledger's only file, with its text, and its last block.
fn only_file(service: &Service, repository: &str) -> (String, String, String) {
    let (path, text) = service.standin.with(|github| {
        let found = github.repository_named(repository).unwrap();
        let (id, tip) = (found.id, found.branch(LEDGER).unwrap());
        github.objects(id).unwrap().texts(tip).into_iter().next().unwrap()
    });
    let block = text.rsplit_once("\n- ").map(|(_, block)| format!("- {block}")).unwrap();
    (path, text, block)
}

fn push(service: &Service, repository: &str, by: &str, path: &str, text: &str) {
    service.standin.act(|github| {
        github.add_user("renovate[bot]", UserKind::Bot);
        let changes = [(path, Some(Content::Text(text.to_owned())))];
        github.push(&Push { repository, branch: LEDGER, by, changes: &changes, message: "Notes" }).unwrap();
    });
}

fn lists(requests: &[Recorded], repository: &str) -> bool {
    let path = format!("/repos/{repository}/pulls");
    requests.iter().any(|request| request.path == path && request.method == "GET")
}

async fn site(service: &Service) -> Site {
    let id = service.standin.with(|github: &mut Github| github.repository_named(SHOP).unwrap().id);
    let key = RepositoryKey { id, owner: "acme".to_owned(), name: "shop".to_owned(), installation: 5001 };
    find_site(&service.bench.forge, &key, &service.bench.ledger).await.unwrap()
}

/// A run that looks at the branch between the push and the look has seen it for its own pull request alone.
#[tokio::test]
async fn what_a_run_has_seen_meanwhile_is_still_told_to_others() {
    for by in ["rita", "renovate[bot]"] {
        let service = shared().await;
        let (path, text, block) = only_file(&service, DECISIONS);
        push(&service, DECISIONS, by, &path, &format!("{text}{block}"));
        says(&service, "/stride recheck");
        let before = service.standin.requests().len();
        service.settle().await;
        let requests = &service.standin.requests()[before..];
        let looked = requests.iter().position(|request| request.path.ends_with("/decisions/activity")).expect("the run looks who pushed");
        assert!(lists(&requests[looked..], SHOP), "{by}: everybody is looked for");
    }
}

/// The run that wrote it has judged with it.
#[tokio::test]
async fn what_the_app_commits_is_told_to_nobody() {
    let service = shared().await;
    let before = service.standin.requests().len();
    says(&service, "/stride accept 2 checked in the handler");
    service.settle().await;
    let requests = &service.standin.requests()[before..];
    assert!(requests.iter().any(|request| request.method == "PATCH" && request.path.contains("/decisions/git/refs/")), "it is committed");
    assert!(!lists(requests, SHOP), "nobody is looked for");
}

/// The ledger's repository has pull requests too, and they wait for nobody else's.
#[tokio::test]
async fn what_fails_for_others_keeps_nothing_of_the_ledgers_repository() {
    let service = shared().await;
    let (path, text, block) = only_file(&service, DECISIONS);
    let trees = When::Matching { method: "GET", path: "/repos/acme/decisions/git/trees/*" };
    service.standin.plan(Fault::new(trees, Then::Answer(Planned::status(StatusCode::BAD_GATEWAY))).times(1_000));
    let before = service.standin.requests().len();
    push(&service, DECISIONS, "rita", &path, &format!("{text}{block}"));
    service.settle().await;
    assert!(lists(&service.standin.requests()[before..], DECISIONS), "its own are looked for");
    assert!(!lists(&service.standin.requests()[before..], SHOP));
    service.standin.recover();
    service.wait(3_600);
    service.settle().await;
    assert!(lists(&service.standin.requests()[before..], SHOP), "and others' as soon as that can be done");
}

/// What others have decided changes nothing of what was judged here.
#[tokio::test]
async fn a_sweep_judges_nothing_again_because_of_others_decisions() {
    let service = shared().await;
    sweep::begin(&service.bench).await.unwrap();
    service.settle().await;
    let (path, text, block) = only_file(&service, DECISIONS);
    for (path, text, is_judged) in [(ELSEWHERE, "# theirs\n", false), (&*path, &*format!("{text}{block}"), true)] {
        push(&service, DECISIONS, "rita", path, text);
        // No event tells of it.
        service.lose().await;
        let before = service.standin.requests().len();
        sweep::begin(&service.bench).await.unwrap();
        service.settle().await;
        let asked = service.standin.requests()[before..].iter().any(|request| request.path.starts_with("/repos/acme/shop/compare/"));
        assert_eq!(asked, is_judged, "{path}");
    }
}

/// `/stride undo` may have to read every file: nothing is read where they are more than may be.
#[tokio::test]
async fn no_more_of_a_ledger_is_read_than_may_be() {
    let service = service().await;
    decide(&service).await;
    let (path, text, _) = only_file(&service, SHOP);
    let shop = service.standin.with(|github: &mut Github| github.repository_named(SHOP).unwrap().id);
    for name in ["a", "b", "c"] {
        push(&service, SHOP, "rita", &format!("{shop}/{name}.yaml.yml"), &format!("# {}\n", "x".repeat(997)));
    }
    let site = site(&service).await;
    let tip = site.ledger.at(site.ledger.tip().await.unwrap()).await.unwrap();
    let own = ledger_text::parts::scope_of(path.rsplit('/').next().unwrap()).unwrap();
    let at_hand = BTreeMap::from([(own, Some(text))]);
    let before = service.standin.requests().len();
    for (files, bytes) in [(2, 9_999), (9, 2_999)] {
        assert_eq!(site.ledger.other_texts(&tip, &at_hand, Most { files, bytes }).await.unwrap(), Err(3), "{files} files, {bytes} bytes");
    }
    assert_eq!(service.standin.requests().len(), before, "none is read");
    let texts = site.ledger.other_texts(&tip, &at_hand, Most { files: 3, bytes: 3_000 }).await.unwrap().unwrap();
    assert_eq!(texts.values().map(String::len).collect::<Vec<_>>(), [1_000; 3]);
}

/// Each account is asked about once for one look, and of its teams only what decides.
#[tokio::test]
async fn who_pushed_often_is_asked_about_once() {
    let service = service().await;
    decide(&service).await;
    let (path, mut text, block) = only_file(&service, SHOP);
    for _ in 0..3 {
        text.push_str(&block);
        push(&service, SHOP, "rita", &path, &text);
    }
    let site = site(&service).await;
    let tip: ObjectId = site.branch_tip("main").await.unwrap().unwrap();
    let snapshot = site.see_whole(tip).await.unwrap();
    for (owners, members) in [(false, 1), (true, 0)] {
        let settings = Settings { teams: vec!["security".to_owned()], owners, ..Settings::default() };
        let before = service.standin.requests().len();
        let files = site.ledger_files(&snapshot, &settings).await.unwrap();
        let asked = |end: &str| service.standin.requests()[before..].iter().filter(|request| request.path.ends_with(end)).count();
        let pushed: Vec<Option<UserId>> = files.pushed.values().flatten().map(|part| part.by.as_ref().map(|by| by.id)).collect();
        assert!(pushed.len() == 3 && pushed.iter().all(|by| by.is_some() && *by == pushed[0]), "{pushed:?}");
        assert_eq!(asked("/collaborators/rita/permission"), 1);
        assert_eq!((files.members.len(), asked("/memberships/rita")), (members, members), "code owners decide: {owners}");
    }
}
