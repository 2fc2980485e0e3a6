//! A working week of five people on one repository, through the real router with signed webhooks: what each of them sees, in order of time.
//!
//! Comes in: `tests/week/script.txt`, over the files of `tests/week/base`. Goes out: `tests/cases/week.md`, to be read as each of the five would.

#![allow(unreachable_pub, reason = "its parts are modules of this file alone")]
#![allow(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

#[path = "week/acts.rs"]
mod acts;
#[path = "week/script.rs"]
mod script;
#[path = "week/seen.rs"]
mod seen;
mod service;
mod shared;

use acts::{Scene, shop};
use astride::command::grammar::parse;
use astride::decisions::ledger_text;
use astride::sandbox::github::Options;
use astride::sandbox::github::state::{Github, Reaction, Repository};
use astride::worker::judgement::Judgement;
use astride::worker::sweep;
use seen::{Seen, changes};
use service::Service;
use std::fmt::Write as _;
use std::path::Path;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_week_reads_as_its_transcript_says() {
    let start = acts::time("2026-11-23 08:00");
    let service = Service::beside(Options { start, ..Options::default() }, Judgement::new(ledger_text::append)).await;
    let mut scene = Scene::set(&service.standin);
    service.settle().await;
    let mut transcript = String::from("# A week at acme/shop\n");
    let mut seen = service.standin.with(|github| Seen::of(github));
    let script = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/week/script.txt")).unwrap();
    for step in script::read(&script) {
        transcript.push_str(&scene.act(&service.standin, &step));
        if step.is_morning() {
            sweep::begin(&service.bench).await.unwrap();
        }
        service.settle().await;
        let now = service.standin.with(|github| Seen::of(github));
        transcript.push_str(&changes(&seen, &now));
        service.standin.with(|github| nothing_is_green_with_something_open(shop(github)));
        seen = now;
    }
    let (said, wrong) = service.standin.with(|github| every_command_has_one_answer(github));
    writeln!(transcript, "\n## At the end\n\n{said}\n{}", service.standin.with(|github| ends(github))).unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/week.md");
    shared::expect(&file, &transcript).unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    running_again_writes_nothing(&service).await;
}

/// A check that passes says of nothing that it needs an answer, but where an emergency was called.
fn nothing_is_green_with_something_open(shop: &Repository) {
    for check in shop.checks.values().filter(|check| check.conclusion.as_deref() == Some("success")) {
        let title = check.title.as_deref().unwrap_or_default();
        let is_open = title.contains("needs an answer") || title.contains("need an answer");
        assert!(!is_open || title.starts_with("emergency "), "green, and {title:?}");
    }
}

/// Every comment that bears a command was answered once: with a mark, and at most one reply. What bears none was not answered at all, nor was
/// what was said on a closed pull request.
fn every_command_has_one_answer(github: &Github) -> (String, Vec<String>) {
    let shop = shop(github);
    let comments =
        shop.comments.values().map(|said| ("comment", said.id, said.author, said.issue, said.created_at, &said.body, &said.reactions));
    let replies =
        shop.review_comments.values().map(|said| ("thread", said.id, said.author, said.pull, said.created_at, &said.body, &said.reactions));
    let bodies = shop.comments.values().map(|comment| &comment.body).chain(shop.review_comments.values().map(|comment| &comment.body));
    let ours: Vec<&String> = bodies.filter(|body| body.starts_with("<!-- astride:reply")).collect();
    let (mut commands, mut refused, mut wrong) = (0, 0, Vec::new());
    for (kind, id, _, number, at, body, reactions) in comments.chain(replies).filter(|said| said.2 != github.bot) {
        let is_heard = shop.pulls.get(&number).is_some_and(|pull| pull.closed_at.is_none_or(|closed| at < closed));
        let parsed = if is_heard { parse(body, github.now()) } else { Vec::new() };
        let answers = ours.iter().filter(|reply| reply.contains(&format!(" {kind}-{id} "))).count();
        let marks = reactions.iter().filter(|reaction| is_mark(github, reaction)).count();
        if answers > 1 || marks > 1 || (answers + marks > 0) == parsed.is_empty() {
            wrong.push(format!("{answers} replies and {marks} marks to {body:?}"));
        }
        commands += parsed.len();
        refused += usize::from(reactions.iter().any(|reaction| reaction.content == "confused"));
    }
    (format!("{commands} commands, {refused} comments with one that was refused."), wrong)
}

fn is_mark(github: &Github, reaction: &Reaction) -> bool {
    reaction.user == github.bot && reaction.content != "eyes"
}

/// How each pull request stands, and how many words the ledger has.
fn ends(github: &Github) -> String {
    let shop = shop(github);
    let mut out = String::new();
    for pull in shop.pulls.values() {
        let pages =
            shop.comments.values().filter(|comment| comment.issue == pull.number && comment.body.starts_with("<!-- astride:comment"));
        assert!(pages.count() <= 1, "#{} has two comments of ours", pull.number);
        let state = if pull.merged.is_some() {
            "merged"
        } else if pull.open {
            "open"
        } else {
            "closed"
        };
        let check = shop.checks.values().rfind(|check| check.head == pull.head.sha).expect("every pull request has its check");
        let conclusion = check.conclusion.as_deref().unwrap_or("in progress");
        writeln!(out, "- #{} {state}, {conclusion}: {}", pull.number, check.title.as_deref().unwrap_or_default()).unwrap();
    }
    let texts = shop.branch("astride-ledger").map(|tip| github.objects(shop.id).expect("its objects").texts(tip)).unwrap_or_default();
    let blocks: usize = texts.iter().map(|(_, text)| text.matches("\n- version:").count()).sum();
    writeln!(out, "- the ledger: {blocks} words in {} files", texts.len()).unwrap();
    out
}

async fn running_again_writes_nothing(service: &Service) {
    let writes = service.writes();
    sweep::begin(&service.bench).await.unwrap();
    service.settle().await;
    assert_eq!(service.writes(), writes, "running again wrote");
}
