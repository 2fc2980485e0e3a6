//! The day of installation: an organisation of forty repositories with three hundred open pull requests.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a helper that fails is a test that fails, and what it costs is read")]

mod contract;
mod proposals;
mod service;
mod shared;

use astride::change::Right;
use astride::decisions::ledger_text;
use astride::forge::permissions::Variant;
use astride::sandbox::github::StandIn;
use astride::sandbox::github::access::permissions_of;
use astride::sandbox::github::faults::{Fault, Planned, Recorded, Then, When};
use astride::sandbox::github::people::{Opening, Push, Visibility};
use astride::sandbox::objects::Content;
use astride::worker::judgement::Judgement;
use http::StatusCode;
use service::{DOCS, OPENED, Service};
use std::collections::BTreeMap;

const REPOSITORIES: u64 = 40;
const PULLS: u64 = 300;
const TEMPLATE: &str = "Transform: AWS::Serverless-2016-10-31
Resources:
  OrdersFn:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      Runtime: nodejs22.x
      CodeUri: src/
";

fn name(number: u64) -> String {
    format!("acme/shop{number}")
}

/// Every fourth repository has nothing to judge.
fn has_templates(repository: u64) -> bool {
    !repository.is_multiple_of(4)
}

/// A pull request that makes a function public, or changes a page where there is nothing to judge.
fn open_pull(standin: &StandIn, repository: u64, number: u64) {
    let (repository, branch) = (name(repository), format!("change{number}"));
    let judged = has_templates(repository.trim_start_matches("acme/shop").parse().unwrap());
    standin.act(|github| {
        let changed =
            if judged { ("template.yaml", format!("{TEMPLATE}{OPENED}# {number}\n")) } else { ("README.md", format!("{number}\n")) };
        let changes = [(changed.0, Some(Content::Text(changed.1)))];
        github.push(&Push { repository: &repository, branch: &branch, by: "mona", changes: &changes, message: "Change" }).unwrap();
        let opening = Opening { repository: &repository, by: "mona", head: &branch, base: "main", title: "Change", body: "", draft: false };
        github.open_pull(&opening).unwrap();
    });
}

/// A third of those with templates have settings already.
fn has_settings(repository: u64) -> bool {
    repository % 4 == 1
}

fn add_repository(standin: &StandIn, number: u64) {
    standin.act(|github| {
        let files = [("template.yaml", TEMPLATE.into()), (".github/astride.yml", "mode: enforce\n".into())];
        let plain = [("README.md", "shop\n".into())];
        let files: &[(&str, Content)] = match (has_templates(number), has_settings(number)) {
            (true, true) => &files,
            (true, false) => &files[..1],
            (false, _) => &plain,
        };
        github.add_repository(&name(number), Visibility::Private, files).unwrap();
        github.set_role(&name(number), "mona", Right::Write).unwrap();
        github.set_role(&name(number), "rita", Right::Maintain).unwrap();
    });
}

fn writes(requests: &[Recorded]) -> Vec<&Recorded> {
    requests.iter().filter(|request| request.is_write() && !request.path.contains("access_tokens")).collect()
}

/// Works until nothing is due for a while; gives the number of writes of each minute in which there were some.
async fn work_for(service: &Service, minutes: usize) -> Vec<usize> {
    let mut by_minute = Vec::new();
    for _ in 0..minutes {
        let before = service.standin.requests().len();
        for _ in 0..20 {
            service.settle().await;
            service.wait(3);
        }
        by_minute.push(writes(&service.standin.requests()[before..]).len());
    }
    by_minute.retain(|count| *count > 0);
    by_minute
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_organisation_hears_little_and_slowly() {
    let service = Service::with(Judgement::new(ledger_text::append)).await;
    (1..=REPOSITORIES).for_each(|number| add_repository(&service.standin, number));
    (0..PULLS).for_each(|number| open_pull(&service.standin, number % REPOSITORIES + 1, number));
    service.lose().await;
    service.standin.act(|github| github.install("acme", None));
    let by_minute = work_for(&service, 40).await;
    let requests = service.standin.requests();
    let all = writes(&requests);
    let ends_with = |end: &str| all.iter().filter(|write| write.path.ends_with(end)).count() as u64;
    let (checks, files, pulls) = (ends_with("/check-runs"), ends_with("/contents/.github/astride.yml"), ends_with("/pulls"));
    let unchanged = requests.iter().filter(|request| request.status == Some(304)).count();
    let of_app = requests.iter().filter(|request| request.caller == "app").count();
    println!("{} requests, {unchanged} answered 304, {of_app} by the App itself", requests.len());
    println!("{} requests, {} writes: {checks} checks, {pulls} pull requests; by minute {by_minute:?}", requests.len(), all.len());

    // A check for each and one for each default branch; settings for those that have something to judge and none; and not a word more.
    let proposed = (1..=REPOSITORIES).filter(|number| has_templates(*number) && !has_settings(*number)).count() as u64;
    assert_eq!((files, pulls, ends_with("/git/refs")), (proposed, proposed, proposed));
    assert_eq!(checks, PULLS + REPOSITORIES + proposed, "those that propose are judged too");
    assert_eq!(all.len() as u64, checks + 3 * proposed, "something else was written");
    // A minute may begin and end with one repository's.
    assert!(by_minute.iter().all(|count| *count <= 25), "{by_minute:?}");
    let known: BTreeMap<&str, &str> =
        all.iter().filter_map(|write| Some((write.body["head_sha"].as_str()?, write.path.as_str()))).collect();
    assert_eq!(known.len() as u64, checks, "each head is written once");
    let of_pulls = |write: &&&Recorded| write.body["output"]["title"].as_str().is_some_and(|title| !title.contains("a branch"));
    let is_proposal = |write: &&&Recorded| {
        let head = write.body["head_sha"].as_str().unwrap_or_default();
        service.standin.with(|github| {
            github.repositories.values().any(|found| found.branch("astride/settings").is_some_and(|tip| tip.to_string() == head))
        })
    };
    let checks: Vec<&Recorded> = all.iter().filter(of_pulls).filter(|write| !is_proposal(write)).copied().collect();
    let mut heads: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    checks.iter().for_each(|write| heads.entry(&write.path).or_default().push(write.body["head_sha"].as_str().unwrap()));
    for (path, heads) in &heads {
        let repository = path.trim_start_matches("/repos/").trim_end_matches("/check-runs");
        let pulls: Vec<String> = service.standin.with(|github| {
            let found = github.repository_named(repository).unwrap();
            let people = found.pulls.values().rev().filter(|pull| pull.author != github.bot);
            people.map(|pull| pull.head.sha.to_string()).collect()
        });
        assert_eq!(*heads, pulls, "{repository}");
    }
    for write in &checks {
        let (title, summary) = (write.body["output"]["title"].as_str().unwrap(), write.body["output"]["summary"].as_str().unwrap());
        let number: u64 = write.path.trim_start_matches("/repos/acme/shop").split('/').next().unwrap().parse().unwrap();
        assert_eq!(title == "nothing to judge", !has_templates(number), "{title}");
        assert_eq!(summary.contains("was open before Astride was installed"), has_templates(number), "{summary}");
    }
    // Everything is looked at again, and stays quiet.
    let before = requests.len();
    astride::worker::sweep::begin(&service.bench).await.unwrap();
    work_for(&service, 2).await;
    assert_eq!(writes(&service.standin.requests()[before..]).len(), 0);
}

/// A history that one machine of GitHub does not show for a moment is there all the same: settings are proposed.
#[tokio::test]
async fn a_history_that_is_not_found_for_a_moment_is_looked_at() {
    let service = Service::with(Judgement::new(ledger_text::append)).await;
    add_repository(&service.standin, 2);
    let history = When::Matching { method: "GET", path: "/repos/*/*/commits" };
    service.standin.plan(Fault::new(history, Then::Answer(Planned::status(StatusCode::NOT_FOUND))));
    service.standin.act(|github| github.install("acme", None));
    work_for(&service, 40).await;
    let requests = service.standin.requests();
    assert!(requests.iter().any(|request| request.path.ends_with("/commits") && request.status == Some(404)), "it was not found");
    assert_eq!(writes(&requests).iter().filter(|write| write.path.ends_with("/pulls")).count(), 1, "settings are proposed");
}

fn push_main(standin: &StandIn, template: &str) {
    standin.act(|github| {
        let changes = [("template.yaml", Some(Content::Text(template.to_owned())))];
        github.push(&Push { repository: &name(1), branch: "main", by: "mona", changes: &changes, message: "Base" }).unwrap();
    });
}

/// The comments and threads that stand on a pull request, by their first lines.
fn said(standin: &StandIn, repository: u64, pull: u64) -> (usize, usize) {
    standin.with(|github| {
        let found = github.repository_named(&name(repository)).unwrap();
        let bot = github.bot;
        let comments = found.comments.values().filter(|comment| comment.issue == pull && comment.author == bot).count();
        (comments, found.review_comments.values().filter(|comment| comment.pull == pull && comment.author == bot).count())
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_push_or_a_command_begins_the_conversation() {
    let service = Service::with(Judgement::new(ledger_text::append)).await;
    add_repository(&service.standin, 1);
    (1..=3).for_each(|number| open_pull(&service.standin, 1, number));
    service.lose().await;
    service.standin.act(|github| github.install("acme", None));
    work_for(&service, 1).await;
    assert_eq!([1, 2, 3].map(|pull| said(&service.standin, 1, pull)), [(0, 0); 3]);

    service.standin.act(|github| {
        let changes = [("template.yaml", Some(Content::Text(format!("{TEMPLATE}{OPENED}# again\n"))))];
        github.push(&Push { repository: &name(1), branch: "change1", by: "mona", changes: &changes, message: "Again" }).unwrap();
        github.comment(&name(1), 2, "rita", "/stride show").unwrap();
    });
    work_for(&service, 1).await;
    assert_eq!(said(&service.standin, 1, 1), (1, 1), "a push");
    let (comments, threads) = said(&service.standin, 1, 2);
    assert!(comments >= 1 && threads == 1, "a command: {comments} comments, {threads} threads");
    assert_eq!(said(&service.standin, 1, 3), (0, 0), "nothing happened there");

    // The base moves on, and the database is another one: what was said stays, and what was not is not said now.
    push_main(&service.standin, &format!("{TEMPLATE}# base\n"));
    work_for(&service, 1).await;
    assert_eq!((said(&service.standin, 1, 1), said(&service.standin, 1, 3)), ((1, 1), (0, 0)));

    // What is opened from now on is spoken to at once.
    open_pull(&service.standin, 1, 4);
    work_for(&service, 1).await;
    assert_eq!(said(&service.standin, 1, 4), (1, 1));
}

/// Comments and threads link to the page of each rule where the documentation is published, and comments once to the one for reviewers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_said_links_to_the_documentation() {
    let service = Service::with_docs(Judgement::new(ledger_text::append)).await;
    add_repository(&service.standin, 1);
    service.standin.act(|github| github.install("acme", None));
    open_pull(&service.standin, 1, 1);
    work_for(&service, 1).await;
    let page = format!("[STR-FURL-S-01]({DOCS}/rules/STR-FURL-S-01.html)");
    let (comment, thread) = service.standin.with(|github| {
        let found = github.repository_named(&name(1)).unwrap();
        let comment = found.comments.values().next().unwrap().body.clone();
        (comment, found.review_comments.values().next().unwrap().body.clone())
    });
    assert!(comment.contains(&page) && thread.contains(&page), "{comment}\n{thread}");
    assert_eq!(comment.matches(&format!("[how to review]({DOCS}/reviewing.html)")).count(), 1, "{comment}");
}

/// An App that may not write contents advises, and says why a decision was not taken.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_only_app_advises_and_writes_no_contents() {
    let service = Service::with(Judgement::new(ledger_text::append)).await;
    add_repository(&service.standin, 1);
    service.standin.act(|github| github.install("acme", Some(permissions_of(Variant::ReadOnly))));
    open_pull(&service.standin, 1, 1);
    work_for(&service, 1).await;
    assert_eq!(said(&service.standin, 1, 1), (1, 1));
    service.standin.act(|github| github.comment(&name(1), 1, "rita", "/stride accept 1 the form is public on purpose").unwrap());
    work_for(&service, 3).await;
    let requests = service.standin.requests();
    let refused: Vec<&Recorded> = writes(&requests).into_iter().filter(|write| write.status == Some(403)).collect();
    assert_eq!(refused.len(), 1, "it is tried once");
    let answer =
        writes(&requests).into_iter().find(|write| write.body["body"].as_str().is_some_and(|body| body.contains("may only read here")));
    let told = answer.expect("somebody is told").body["body"].as_str().unwrap();
    let line = told.lines().find(|line| line.starts_with("astride decide ")).unwrap_or_else(|| panic!("no line to type: {told}"));
    assert!(
        line.contains(" --user-id ") && line.contains(" --repository-id ") && line.ends_with(" the form is public on purpose'"),
        "{line}"
    );
    let marks: Vec<&str> =
        writes(&requests).iter().filter_map(|write| write.body["content"].as_str()).filter(|mark| mark.len() < 10).collect();
    assert_eq!(marks, ["eyes", "confused"]);
    assert!(requests.iter().all(|request| !request.path.contains("/git/refs") || request.method == "GET"));
}

/// Who decides right before the merge is told the same as anybody else of whom nothing can be committed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_only_app_says_at_the_merge_what_to_type() {
    let service = Service::with(Judgement::new(ledger_text::append)).await;
    add_repository(&service.standin, 1);
    service.standin.act(|github| github.install("acme", Some(permissions_of(Variant::ReadOnly))));
    open_pull(&service.standin, 1, 1);
    work_for(&service, 1).await;
    service.standin.act(|github| {
        github.comment(&name(1), 1, "rita", "/stride accept 1 the form is public on purpose").unwrap();
        github.merge(&name(1), 1, "rita").unwrap();
    });
    work_for(&service, 3).await;
    let requests = service.standin.requests();
    let told: Vec<&str> = writes(&requests).iter().filter_map(|write| write.body["body"].as_str()).collect();
    let told = told.into_iter().find(|body| body.contains("may only read here")).expect("somebody is told");
    let line = told.lines().find(|line| line.starts_with("astride decide ")).unwrap_or_else(|| panic!("no line to type: {told}"));
    assert!(line.ends_with(" the form is public on purpose'"), "{line}");
}

/// A decision that follows a move is written down for later; where nothing can be, that is no reason for the check to fail. And who asked for help has
/// got it, whatever becomes of others' decisions.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nothing_can_be_committed_a_move_stays_green() {
    let service = Service::with(Judgement::new(ledger_text::append)).await;
    add_repository(&service.standin, 1);
    service.standin.act(|github| github.install("acme", None));
    open_pull(&service.standin, 1, 1);
    work_for(&service, 1).await;
    service.standin.act(|github| github.merge(&name(1), 1, "rita").unwrap());
    work_for(&service, 1).await;
    service.standin.act(|github| {
        github.grant("acme", permissions_of(Variant::ReadOnly)).unwrap();
        github.revoke_tokens();
        let changes = [("template.yaml", None), ("orders/template.yaml", Some(Content::Text(format!("{TEMPLATE}{OPENED}# 1\n"))))];
        github.push(&Push { repository: &name(1), branch: "moves", by: "mona", changes: &changes, message: "Move" }).unwrap();
        let opening = Opening { repository: &name(1), by: "mona", head: "moves", base: "main", title: "Move", body: "", draft: false };
        github.open_pull(&opening).unwrap();
    });
    work_for(&service, 2).await;
    let requests = service.standin.requests();
    let checks: Vec<&Recorded> = writes(&requests).into_iter().filter(|write| write.path.contains("/check-runs")).collect();
    let last = &checks.last().expect("there is a check").body;
    assert_eq!(last["conclusion"], "success", "{}", service.standin.dump());
    let text = last["output"].to_string();
    let id: String = text.split("OrdersFn/S-").nth(1).expect("what is owed is named").chars().take(8).collect();
    service.standin.act(|github| {
        github.comment(&name(1), 2, "rita", &format!("/stride accept OrdersFn/S-{id} the form is public on purpose")).unwrap();
        github.comment(&name(1), 2, "rita", "/stride help").unwrap();
    });
    work_for(&service, 3).await;
    let requests = service.standin.requests();
    let told: Vec<&str> = writes(&requests)
        .iter()
        .filter_map(|write| write.body["body"].as_str())
        .filter(|body| body.starts_with("<!-- astride:reply"))
        .collect();
    assert!(told.iter().any(|body| body.contains(" done -->") && body.contains("`/stride accept ")), "{told:#?}");
    assert_eq!(told.iter().filter(|body| body.contains("refused -->")).count(), 1, "{told:#?}");
}
