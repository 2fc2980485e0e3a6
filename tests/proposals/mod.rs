//! The pull request that proposes settings: once, with the survey's figures, wherever there is something to judge and nothing was said yet.

use super::service::{OPENED, Service};
use super::{TEMPLATE, contract, shared, work_for, writes};
use astride::forge::permissions::Variant;
use astride::sandbox::github::StandIn;
use astride::sandbox::github::access::permissions_of;
use astride::sandbox::github::faults::{Fault, Planned, Then, When};
use astride::sandbox::github::people::{Opening, Push, Visibility};
use astride::sandbox::github::state::Pull;
use astride::sandbox::objects::Content;
use astride::settings::{self, SettingsTexts};
use astride::source::RepoPath;
use astride::worker::judgement::Judgement;
use http::StatusCode;
use std::path::Path;

const SHOP: &str = "acme/shop";
const BRANCH: &str = "astride/settings";
const TOPIC: &str = "FormTopic:
    Type: AWS::SNS::Topic
";

/// A repository with a history: one function is made public, a topic comes, a page is written; each is a pull request that is merged.
fn add_history(standin: &StandIn) {
    standin.act(|github| github.add_repository(SHOP, Visibility::Private, &[("template.yaml", TEMPLATE.into())]).unwrap());
    standin.act(|github| github.set_role(SHOP, "mona", astride::change::Right::Write).unwrap());
    let steps = [
        ("Open the orders", "template.yaml", format!("{TEMPLATE}{OPENED}")),
        ("Tell of forms", "template.yaml", format!("{TEMPLATE}{OPENED}  {TOPIC}")),
        ("Say what it is", "README.md", "A shop.\n".to_owned()),
    ];
    for (number, (title, path, text)) in (1..).zip(steps) {
        standin.act(|github| {
            github.advance(86_400);
            let branch = format!("change{number}");
            let changes = [(path, Some(Content::Text(text)))];
            github.push(&Push { repository: SHOP, branch: &branch, by: "mona", changes: &changes, message: title }).unwrap();
            let opening = Opening { repository: SHOP, by: "mona", head: &branch, base: "main", title, body: "", draft: false };
            let number = github.open_pull(&opening).unwrap();
            github.merge(SHOP, number, "mona").unwrap();
        });
    }
}

async fn installed(prepare: impl Fn(&StandIn)) -> Service {
    let service = Service::with(Judgement::new(astride::decisions::ledger_text::append)).await;
    prepare(&service.standin);
    service.lose().await;
    service.standin.act(|github| github.install("acme", None));
    service
}

/// The pull requests from our branch.
fn proposals(standin: &StandIn, repository: &str) -> Vec<Pull> {
    standin.with(|github| {
        let found = github.repository_named(repository).unwrap();
        found.pulls.values().filter(|pull| pull.head.branch == BRANCH).cloned().collect()
    })
}

/// The text of the settings on our branch.
fn proposed_text(standin: &StandIn) -> String {
    standin.with(|github| {
        let found = github.repository_named(SHOP).unwrap();
        let objects = github.objects(found.id).unwrap();
        let tree = objects.commit(found.branch(BRANCH).unwrap()).unwrap().tree;
        let entry = objects.find(tree, settings::PATH).unwrap();
        String::from_utf8(objects.blob(entry.id).unwrap().to_vec()).unwrap()
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_are_proposed_once_with_the_figures_of_a_survey() {
    let service = installed(add_history).await;
    work_for(&service, 2).await;
    let [pull] = &proposals(&service.standin, SHOP)[..] else { panic!("one pull request is opened") };
    let body = pull.body.clone().unwrap();
    let told = format!("{}\n\n{body}", pull.title);
    let stable = told.replace(&service.standin.with(|github| github.web_url.clone()), "https://github.example");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/proposal.md");
    shared::expect(&file, &stable).unwrap_or_else(|error| panic!("{error}"));

    // It is what this release takes, and it changes nothing: it is judged like any other, and nothing is said on it.
    let text = proposed_text(&service.standin);
    let texts = SettingsTexts { in_force: Some((RepoPath::new(settings::PATH), text)), ..SettingsTexts::default() };
    assert_eq!(texts.read().1, None);
    let (checks, comments) = service.standin.with(|github| {
        let found = github.repository_named(SHOP).unwrap();
        let checks: Vec<_> = found.checks.values().filter(|check| check.head == pull.head.sha).cloned().collect();
        (checks, found.comments.len() + found.review_comments.len())
    });
    let said: Vec<_> = checks.iter().map(|check| (check.conclusion.as_deref(), check.title.as_deref())).collect();
    assert_eq!((said, comments), (vec![(Some("success"), Some("nothing to judge"))], 0));
    contract::assert_requests(&service.standin.requests());

    // Whoever closes it has answered, whatever becomes of the branch and of the database.
    service.standin.act(|github| {
        github.close(SHOP, pull.number, "mona").unwrap();
        github.delete_branch(SHOP, BRANCH, "mona").unwrap();
    });
    let served = super::service::serve(&service.standin).await;
    let judgement = Judgement::new(astride::decisions::ledger_text::append);
    let again = Service::around(service.standin.clone(), &served.api_url, "sqlite::memory:", 600, judgement).await;
    let before = again.standin.requests().len();
    astride::worker::sweep::begin(&again.bench).await.unwrap();
    work_for(&again, 2).await;
    assert_eq!(proposals(&again.standin, SHOP).len(), 1);
    assert!(writes(&again.standin.requests()[before..]).is_empty(), "the check stands there too");
}

/// Whatever is cut off, before or after it is carried out: in the end there are one branch with one commit, one pull request and one check.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proposal_that_was_cut_short_is_taken_up() {
    for path in ["/repos/*/*/git/refs", "/repos/*/*/contents/**", "/repos/*/*/pulls", "/repos/*/*/check-runs"] {
        for then in [Then::ExecuteAndDrop, Then::Drop, Then::ExecuteAndAnswer(Planned::status(StatusCode::BAD_GATEWAY))] {
            let service = installed(add_history).await;
            let method = if path.contains("contents") { "PUT" } else { "POST" };
            service.standin.plan(Fault::new(When::Matching { method, path }, then.clone()));
            work_for(&service, 3).await;
            let [pull] = &proposals(&service.standin, SHOP)[..] else { panic!("{path}, {then:?}: one pull request is opened") };
            service.standin.with(|github| {
                let found = github.repository_named(SHOP).unwrap();
                let commit = github.objects(found.id).unwrap().commit(pull.head.sha).unwrap();
                assert_eq!(commit.parents, [found.branch("main").unwrap()], "{path}, {then:?}");
                let at_tip = found.checks.values().filter(|check| Some(check.head) == found.branch("main")).count();
                assert_eq!(at_tip, 1, "{path}, {then:?}");
            });
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_proposed_where_nobody_could_want_it() {
    let template = || [("template.yaml", TEMPLATE.into())];
    let service = installed(|standin| {
        standin.act(|github| {
            let with_settings = [("template.yaml", TEMPLATE.into()), (settings::PATH, "mode: advise\n".into())];
            github.add_repository("acme/decided", Visibility::Private, &with_settings).unwrap();
            github.add_repository("acme/pages", Visibility::Private, &[("package.json", "{}\n".into())]).unwrap();
            github.add_repository("acme/old", Visibility::Private, &template()).unwrap();
            github.archive_repository("acme/old").unwrap();
            github.add_repository("upstream/tool", Visibility::Public, &template()).unwrap();
            github.fork("upstream/tool", "acme").unwrap();
            github.add_repository("acme/taken", Visibility::Private, &template()).unwrap();
            github.set_role("acme/taken", "mona", astride::change::Right::Write).unwrap();
            let changes = [(settings::PATH, Some(Content::Text("mode: advise\ndecide: {right: write}\n".to_owned())))];
            github.push(&Push { repository: "acme/taken", branch: BRANCH, by: "mona", changes: &changes, message: "Mine" }).unwrap();
        });
    })
    .await;
    work_for(&service, 3).await;
    let requests = service.standin.requests();
    let all = writes(&requests);
    let mut checked: Vec<&str> = all.iter().filter_map(|write| write.path.strip_suffix("/check-runs")).collect();
    checked.sort_unstable();
    let expected = ["decided", "pages", "taken", "tool"].map(|name| format!("/repos/acme/{name}"));
    assert_eq!((checked, all.len()), (expected.iter().map(String::as_str).collect(), 4), "a check for each, and nothing else");
}

/// What had nothing to judge on the day of installation is proposed settings after it has got something.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repository_that_gets_its_first_template_is_proposed_settings() {
    let service = installed(|standin| {
        standin.act(|github| github.add_repository(SHOP, Visibility::Private, &[("README.md", "A shop.\n".into())]).unwrap());
        standin.act(|github| github.set_role(SHOP, "mona", astride::change::Right::Write).unwrap());
    })
    .await;
    work_for(&service, 2).await;
    let sweep = || async {
        astride::worker::sweep::begin(&service.bench).await.unwrap();
        work_for(&service, 2).await;
        proposals(&service.standin, SHOP).len()
    };
    assert_eq!(sweep().await, 0);
    let number = service.standin.act(|github| {
        let changes = [("template.yaml", Some(Content::Text(TEMPLATE.to_owned())))];
        github.push(&Push { repository: SHOP, branch: "orders", by: "mona", changes: &changes, message: "Orders" }).unwrap();
        let opening = Opening { repository: SHOP, by: "mona", head: "orders", base: "main", title: "Orders", body: "", draft: false };
        github.open_pull(&opening).unwrap()
    });
    work_for(&service, 1).await;
    service.standin.act(|github| github.merge(SHOP, number, "mona").unwrap());
    assert_eq!(sweep().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_organisation_that_has_settings_is_proposed_none() {
    let service = installed(|standin| {
        add_history(standin);
        let of_all = [("astride.yml", "mode: advise\n".into())];
        standin.act(|github| github.add_repository("acme/.github", Visibility::Private, &of_all).unwrap());
    })
    .await;
    work_for(&service, 2).await;
    assert!(proposals(&service.standin, SHOP).is_empty());
}

/// Nothing is tried that the App may not do; when it may, the next sweep makes up for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_that_may_only_read_proposes_nothing() {
    let service = Service::with(Judgement::new(astride::decisions::ledger_text::append)).await;
    add_history(&service.standin);
    service.lose().await;
    service.standin.act(|github| github.install("acme", Some(permissions_of(Variant::ReadOnly))));
    work_for(&service, 2).await;
    let requests = service.standin.requests();
    let all = writes(&requests);
    assert!(all.iter().all(|write| write.path.ends_with("/check-runs")), "{:?}", all.iter().map(|write| &write.path).collect::<Vec<_>>());
    assert_eq!(all.len(), 1);

    service.standin.act(|github| github.grant("acme", permissions_of(Variant::Standard)).unwrap());
    service.wait(3600);
    astride::worker::sweep::begin(&service.bench).await.unwrap();
    work_for(&service, 2).await;
    assert_eq!(proposals(&service.standin, SHOP).len(), 1);
}
