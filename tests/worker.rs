//! The worker on the stand-in: from the signed webhook to what people see.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod logged;
mod service;

use astride::change::{Change, ObjectId, Timestamp};
use astride::decisions::ledger_text;
use astride::judge::{LedgerTexts, Step};
use astride::sandbox::github::Options;
use astride::sandbox::github::faults::{Fault, Planned, Recorded, Then, When};
use astride::sandbox::github::people::{Opening, Push, Visibility};
use astride::sandbox::github::state::{Github, UserKind};
use astride::sandbox::objects::Content;
use astride::server::config::LedgerPlace;
use astride::settings::SettingsTexts;
use astride::worker::judgement::Judgement;
use astride::worker::{drain, sweep};
use http::StatusCode;
use logged::Log;
use service::{OPENED, SHOP, Service, append};
use std::sync::Arc;
use tracing::Level;

#[tokio::test]
async fn a_pull_request_gets_its_check_and_comment_once() {
    let service = Service::new().await;
    service.open_pull();
    assert!(service.settle().await > 0);
    let dump = service.standin.dump();
    assert!(dump.contains("action_required"), "{dump}");
    assert!(dump.contains("comment by astride[bot]"), "{dump}");
    // The first sweep also gives the default branch its check.
    sweep::begin(&service.bench).await.unwrap();
    service.settle().await;
    service.wait(600);
    service.settle().await;
    let writes = service.writes();
    service.standin.act(|github| github.set_lag(SHOP, 1, 0, 0).unwrap());
    sweep::begin(&service.bench).await.unwrap();
    service.settle().await;
    assert_eq!(service.standin.dump(), dump);
    assert_eq!(service.writes(), writes, "running again must write nothing");
}

#[tokio::test]
async fn whatever_goes_wrong_once_the_end_is_the_same() {
    let calm = Service::new().await;
    calm.open_pull();
    calm.settle().await;
    let expected = calm.standin.dump();
    let (requests, writes) = (calm.standin.requests().len() as u64, calm.writes() as u64);
    let bad = || Planned::status(StatusCode::BAD_GATEWAY);
    let mut faults = Vec::new();
    for number in 1..=requests {
        faults.push(Fault::new(When::Number(number), Then::Answer(bad())));
        faults.push(Fault::new(When::Number(number), Then::Drop));
        faults.push(Fault::new(When::Number(number), Then::Answer(Planned::status(StatusCode::UNAUTHORIZED))));
        faults.push(Fault::new(When::Number(number), Then::Answer(Planned::secondary_limit(30))));
    }
    for number in 1..=writes {
        faults.push(Fault::new(When::Write(number), Then::ExecuteAndAnswer(bad())));
        faults.push(Fault::new(When::Write(number), Then::ExecuteAndDrop));
    }
    for fault in faults {
        let what = format!("{fault:?}");
        let service = Service::new().await;
        service.standin.plan(fault);
        service.open_pull();
        service.settle().await;
        service.standin.act(|github| github.advance(3600));
        service.settle().await;
        assert_eq!(service.standin.dump(), expected, "after: {what}");
    }
}

#[tokio::test]
async fn lost_webhooks_are_made_up_for_by_the_sweep() {
    let service = Service::new().await;
    service.open_pull();
    service.lose().await;
    service.settle().await;
    assert!(!service.standin.dump().contains("action_required"));
    sweep::begin(&service.bench).await.unwrap();
    service.settle().await;
    assert!(service.standin.dump().contains("action_required"));
}

#[tokio::test]
async fn an_older_head_than_the_event_told_of_is_never_judged() {
    let service = Service::new().await;
    service.open_pull();
    service.settle().await;
    service.push("orders", "Resources: {}\n");
    service.standin.with(|github| github.set_lag(SHOP, 1, 1, 2).unwrap());
    let head = service.standin.with(|github| github.repository_named(SHOP).unwrap().branch("orders").unwrap());
    service.settle().await;
    service.standin.act(|github| github.advance(60));
    service.settle().await;
    service.standin.act(|github| github.advance(60));
    service.settle().await;
    assert_eq!(checks_of_changes(&service).last().unwrap(), &head.to_string());
}

/// The heads of the checks that were put there, without that of the default branch.
fn checks_of_changes(service: &Service) -> Vec<String> {
    let main = service.standin.with(|github| github.repository_named(SHOP).unwrap().branch("main").unwrap().to_string());
    let requests = service.standin.requests().into_iter();
    let checks = requests.filter(|request| request.method == "POST" && request.path.ends_with("/check-runs"));
    checks.filter_map(|check| check.body["head_sha"].as_str().map(str::to_owned)).filter(|head| *head != main).collect()
}

fn warnings(log: &Log) -> Vec<String> {
    let loud = |line: &&str| line.contains(" WARN astride") || line.contains("ERROR astride");
    log.text().lines().filter(loud).map(str::to_owned).collect()
}

/// A pause of the forge is said once, however many pull requests wait for it.
#[tokio::test]
async fn a_pause_of_the_forge_is_one_warning() {
    for (fault, word) in
        [(Planned::secondary_limit(600), "asks for a pause"), (Planned::status(StatusCode::BAD_GATEWAY), "does not answer")]
    {
        let (log, _logs) = Log::start(Level::INFO);
        let service = Service::new().await;
        service.open_pull();
        for number in 1..8 {
            service.standin.act(|github| {
                let branch = format!("orders{number}");
                let changes = [("notes.md", Some(Content::Text(number.to_string())))];
                let push = Push { repository: SHOP, branch: &branch, by: "mona", changes: &changes, message: "Notes" };
                github.push(&push).unwrap();
                let opening = Opening { repository: SHOP, by: "mona", head: &branch, base: "main", title: "", body: "", draft: false };
                github.open_pull(&opening).unwrap();
            });
        }
        let everything = When::Matching { method: "GET", path: "/repos/**" };
        service.standin.plan(Fault::new(everything, Then::Answer(fault)).times(10_000));
        assert!(service.settle().await >= 8);
        let warnings = warnings(&log);
        assert!(warnings.len() == 1 && warnings[0].contains(word), "{warnings:#?}");
    }
}

#[tokio::test]
async fn a_panic_of_the_core_is_a_red_check() {
    fn panic(_: &Change, _: &SettingsTexts, _: &LedgerTexts, _: Timestamp) -> Step {
        panic!("this panic is part of the test")
    }
    let service = Service::with(Judgement { judge: panic, ..Judgement::new(append) }).await;
    service.open_pull();
    for _ in 0..12 {
        service.settle().await;
        service.standin.act(|github| github.advance(3600));
    }
    let dump = service.standin.dump();
    assert!(dump.contains("failure") && dump.contains("Could not be judged"), "{dump}");
    assert_eq!(service.bench.store.depth().await.unwrap()[3], 1, "given up");
}

#[tokio::test]
async fn a_rerun_of_a_head_and_a_merge_group_are_judged() {
    let service = Service::new().await;
    let number = service.open_pull();
    service.settle().await;
    let head: ObjectId = service.standin.with(|github| github.repository_named(SHOP).unwrap().branch("orders").unwrap());
    service.standin.act(|github| github.rerequest_suite(SHOP, head, "mona").unwrap());
    assert!(service.settle().await >= 2, "one run finds the pull request, one judges it");
    service.standin.act(|github| github.queue(SHOP, number, "rita").unwrap());
    service.settle().await;
    assert_eq!(checks_of_changes(&service).len(), 2, "{}", service.standin.dump());
}

/// Decisions that come together are commits of our own, each of which the forge tells of, some when others stand on them already.
#[tokio::test]
async fn our_own_commits_on_the_ledger_make_nobody_else_due() {
    let service = Service::with(Judgement::new(ledger_text::append)).await;
    let id = two_pulls(&service).await;
    service.standin.act(|github| github.comment(SHOP, 1, "rita", &format!("/stride accept {id} on purpose")).unwrap());
    service.settle().await;
    let begun = service.standin.with(ledger_tip);
    for (number, text) in [(1, format!("/stride reopen {id} not so")), (2, format!("/stride accept {id} on purpose"))] {
        service.standin.act(|github| github.comment(SHOP, number, "rita", &text).unwrap());
    }
    service.deliver().await;
    drain(&service.bench).await;
    let before = service.standin.requests().len();
    let (first, second) = service.standin.with(|github| (parent_of(github, 1), ledger_tip(github)));
    assert!(first != begun && second != first && service.standin.with(|github| parent_of(github, 2)) == begun, "each decision is a commit");
    service.settle().await;
    assert!(!are_listed(&service.standin.requests()[before..]), "nobody else is looked for");
    // What another bot commits there is looked at by everybody.
    let before = service.standin.requests().len();
    push_by_bot(&service, SHOP, "notes.md", "words\n".to_owned());
    service.settle().await;
    assert!(are_listed(&service.standin.requests()[before..]), "everybody is looked for");
}

/// Whoever was judged before there was a ledger is told that there is one, also where the run that began it has ended before it noted so.
#[tokio::test]
async fn a_ledger_that_is_begun_makes_everybody_due() {
    for is_forgotten in [false, true] {
        let service = Service::with(Judgement::new(ledger_text::append)).await;
        let id = two_pulls(&service).await;
        service.standin.act(|github| github.comment(SHOP, 1, "rita", &format!("/stride accept {id} on purpose")).unwrap());
        service.deliver().await;
        drain(&service.bench).await;
        let tip = service.standin.with(ledger_tip);
        let shop = service.standin.with(|github| github.repository_named(SHOP).unwrap().id);
        if is_forgotten {
            // The next run has looked at it, and has not begun it.
            service.bench.store.keep_ledger_seen(&format!("{shop}/{shop}/astride-ledger"), tip, "[]").await.unwrap();
        }
        service.settle().await;
        for number in [1, 2] {
            let published = service.bench.store.published(shop, number).await.unwrap().unwrap();
            assert_eq!(published.ledger_tip, Some(tip), "pull request {number}, forgotten: {is_forgotten}");
        }
    }
}

/// That somebody has looked at what a bot pushed does not make it a commit of our own.
#[tokio::test]
async fn a_bots_decisions_are_looked_at_by_everybody() {
    let service = Service::with(Judgement::new(ledger_text::append)).await;
    let id = two_pulls(&service).await;
    service.standin.act(|github| github.comment(SHOP, 1, "rita", &format!("/stride accept {id} on purpose")).unwrap());
    service.settle().await;
    let (path, text) = service.standin.with(|github| {
        let (shop, tip) = (github.repository_named(SHOP).unwrap().id, ledger_tip(github));
        github.objects(shop).unwrap().texts(tip).into_iter().next().unwrap()
    });
    let block = text.split_once("- ").map(|(_, block)| format!("- {block}")).unwrap();
    push_by_bot(&service, SHOP, &path, format!("{text}{block}"));
    service.standin.act(|github| github.comment(SHOP, 1, "rita", "/stride recheck").unwrap());
    let before = service.standin.requests().len();
    // The pull request's turn comes first, and its run looks at the branch.
    service.settle().await;
    let requests = &service.standin.requests()[before..];
    let looked = requests.iter().position(|request| request.path.ends_with("/activity")).expect("somebody looks who pushed");
    assert!(are_listed(&requests[looked..]), "everybody is looked for");
}

/// A push to a ledger in a repository of its own says something of those whose decisions lie there, and of no others.
#[tokio::test]
async fn what_is_pushed_to_a_shared_ledger_is_about_those_whose_decisions_it_holds() {
    let mut service = Service::with(Judgement::new(ledger_text::append)).await;
    let repository = Some(("acme".to_owned(), "decisions".to_owned()));
    service.bench.ledger = Arc::new(LedgerPlace { branch: "astride-ledger".to_owned(), repository });
    service.standin.act(|github| {
        github.add_repository("acme/decisions", Visibility::Private, &[("README.md", "decisions\n".into())]).unwrap();
    });
    let id = two_pulls(&service).await;
    service.standin.act(|github| github.comment(SHOP, 1, "rita", &format!("/stride accept {id} on purpose")).unwrap());
    service.settle().await;
    let (shop, path, text) = service.standin.with(|github| {
        let shop = github.repository_named(SHOP).unwrap().id;
        let decisions = github.repository_named("acme/decisions").unwrap();
        let tip = decisions.branch("astride-ledger").unwrap();
        let (path, text) = github.objects(decisions.id).unwrap().texts(tip).into_iter().next().unwrap();
        (shop, path, text)
    });
    assert!(path.starts_with(&shop.to_string()), "{path}");
    let block = text.split_once("- ").map(|(_, block)| format!("- {block}")).unwrap();
    for (path, text, is_about_it) in [("notes.md".to_owned(), "words\n".to_owned(), false), (path, format!("{text}{block}"), true)] {
        let before = service.standin.requests().len();
        push_by_bot(&service, "acme/decisions", &path, text);
        service.settle().await;
        assert_eq!(are_listed(&service.standin.requests()[before..]), is_about_it, "{path}");
    }
}

/// Two pull requests with the same threat, and its ID.
async fn two_pulls(service: &Service) -> String {
    service.open_pull();
    let template = format!("{}{OPENED}", service.standin.with(template_of_main));
    service.push("other", &template);
    service.standin.act(|github| {
        let opening = Opening { repository: SHOP, by: "mona", head: "other", base: "main", title: "Other", body: "", draft: false };
        github.open_pull(&opening).unwrap()
    });
    service.settle().await;
    service.standin.with(|github| {
        let mut threads = github.repository_named(SHOP).unwrap().review_comments.values();
        let first = threads.find(|comment| comment.author == github.bot).unwrap();
        first.body.split('`').find(|word| word.contains('/') && !word.contains(' ')).unwrap().to_owned()
    })
}

fn are_listed(requests: &[Recorded]) -> bool {
    requests.iter().any(|request| request.path == "/repos/acme/shop/pulls" && request.method == "GET")
}

fn ledger_tip(github: &mut Github) -> ObjectId {
    github.repository_named(SHOP).unwrap().branch("astride-ledger").unwrap()
}

/// The commit so many below the ledger's tip.
fn parent_of(github: &mut Github, steps: usize) -> ObjectId {
    let (shop, tip) = (github.repository_named(SHOP).unwrap().id, ledger_tip(github));
    (0..steps).fold(tip, |commit, _| github.objects(shop).unwrap().commit(commit).unwrap().parents[0])
}

fn push_by_bot(service: &Service, repository: &str, path: &str, text: String) {
    service.standin.act(|github| {
        github.add_user("renovate[bot]", UserKind::Bot);
        let changes = [(path, Some(Content::Text(text)))];
        let push = Push { repository, branch: "astride-ledger", by: "renovate[bot]", changes: &changes, message: "Notes" };
        github.push(&push).unwrap();
    });
}

fn template_of_main(github: &mut Github) -> String {
    let shop = github.repository_named(SHOP).unwrap();
    let texts = github.objects(shop.id).unwrap().texts(shop.branch("main").unwrap());
    texts.into_iter().find(|(path, _)| path == "template.yaml").unwrap().1
}

/// An Enterprise Server that signs nothing: what is ours is known by who pushed it.
#[tokio::test]
async fn our_commits_count_without_a_signature() {
    let service = unsigned().await;
    service.settle().await;
    let id = asked_id(&service);
    service.standin.act(|github| github.comment(SHOP, 1, "rita", &format!("/stride accept {id} on purpose")).unwrap());
    service.settle().await;
    let dump = service.standin.dump();
    assert!(dump.contains("check astride") && dump.contains("success"), "{dump}");
    assert_eq!(ledger_commits(&service), 1);
}

/// Where the forge tells nobody whose the ledger's commits are, they count while the store remembers them; without it nothing counts, and nothing is
/// written again and again.
#[tokio::test]
async fn a_ledger_of_nobody_is_written_once() {
    let service = unsigned().await;
    let hidden = |path| Fault::new(When::Matching { method: "GET", path }, Then::Answer(Planned::status(StatusCode::NOT_FOUND)));
    service.standin.plan(hidden("/repos/acme/shop/activity").times(1_000));
    service.settle().await;
    let id = asked_id(&service);
    service.standin.act(|github| github.comment(SHOP, 1, "rita", &format!("/stride accept {id} on purpose")).unwrap());
    service.settle().await;
    let dump = service.standin.dump();
    assert!(!dump.contains("success") && dump.contains("Noted as a proposal: nobody can tell who wrote"), "{dump}");
    assert_eq!(ledger_commits(&service), 1);
    let again = service.forgotten(Judgement::new(ledger_text::append)).await;
    sweep::begin(&again.bench).await.unwrap();
    again.settle().await;
    let dump = again.standin.dump();
    assert!(!dump.contains("success") && dump.contains("does not count: nobody knows who pushed commit"), "{dump}");
    assert_eq!(ledger_commits(&again), 1);
}

async fn unsigned() -> Service {
    let service = Service::beside(Options { signs: false, ..Options::default() }, Judgement::new(ledger_text::append)).await;
    service.open_pull();
    service
}

fn asked_id(service: &Service) -> String {
    service.standin.with(|github| {
        let mut threads = github.repository_named(SHOP).unwrap().review_comments.values();
        let first = threads.find(|comment| comment.author == github.bot).unwrap();
        first.body.split('`').find(|word| word.contains('/') && !word.contains(' ')).unwrap().to_owned()
    })
}

fn ledger_commits(service: &Service) -> usize {
    service.standin.with(|github| {
        let shop = github.repository_named(SHOP).unwrap();
        let (id, mut tip) = (shop.id, shop.branch("astride-ledger"));
        let mut count = 0;
        while let Some(commit) = tip {
            count += 1;
            tip = github.objects(id).unwrap().commit(commit).unwrap().parents.first().copied();
        }
        count
    })
}
