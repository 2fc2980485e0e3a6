//! Stories of pull requests, as people act them out on the stand-in: shared by the tests that compare how they end.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each test file uses a part of it, and a test ends where it cannot go on"
)]

use astride::change::Right;
use astride::sandbox::github::StandIn;
use astride::sandbox::github::people::{Opening, Push, Visibility};
use astride::sandbox::github::state::{Talk, UserKind};
use astride::sandbox::objects::Content;

pub const SHOP: &str = "acme/shop";
/// Opens the pull request.
pub const AUTHOR: &str = "mona";
/// May decide.
pub const REVIEWER: &str = "rita";
/// May read.
pub const READER: &str = "rex";

const PLAIN: &str = "AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Resources:
  OrdersFn:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      Runtime: nodejs22.x
      CodeUri: src/
";
const PUBLIC: &str = "      FunctionUrlConfig:
        AuthType: NONE
";
const SIGNED: &str = "      FunctionUrlConfig:
        AuthType: AWS_IAM
";
const TAGS: &str = "      Tags:
        team: orders
";
const BROKEN: &str = "  OrdersQueue: {Type: AWS::SQS::Queue
";

/// One thing that people do.
pub enum Act {
    /// Comments on the pull request; `{}` is the first command that our comment offers, with a reason.
    Says(&'static str, &'static str),
    /// Replies in our first review thread.
    Replies(&'static str, &'static str),
    /// Submits a review.
    Reviews(&'static str, &'static str),
    /// Edits the last comment of people.
    Edits(&'static str, &'static str),
    /// Pushes the template to the pull request's branch.
    Pushes(String),
    /// Pushes something else to the base branch.
    PushesToBase,
    Retargets(&'static str),
    Closes,
    Reopens,
    Drafts,
    Readies,
    Queues,
    ReRuns,
}

pub struct Story {
    pub name: &'static str,
    /// The template that the pull request brings.
    pub brings: String,
    pub acts: Vec<Act>,
}

pub fn stories() -> Vec<Story> {
    use Act::{Closes, Drafts, Edits, Pushes, PushesToBase, Queues, ReRuns, Readies, Reopens, Replies, Retargets, Reviews, Says};
    let public = || format!("{PLAIN}{PUBLIC}");
    let story = |name, acts| Story { name, brings: public(), acts };
    vec![
        story("a_reviewer_decides", vec![Says(REVIEWER, "{}")]),
        story(
            "an_author_proposes_and_a_reviewer_confirms",
            vec![Says(AUTHOR, "{}"), Says(AUTHOR, "/stride confirm {id}"), Says(REVIEWER, "/stride confirm {id}")],
        ),
        story("a_reply_in_the_thread_names_no_id", vec![Replies(REVIEWER, "/stride mitigate the form checks a signature")]),
        story("a_review_decides", vec![Reviews(REVIEWER, "Looks good.\n\n{}")]),
        story(
            "what_is_refused_says_why",
            vec![
                Says(READER, "{}"),
                Says(REVIEWER, "/stride accept OrdersFn/S-00000000 public"),
                Says(REVIEWER, "/stride accept {id}"),
                Says(REVIEWER, "/stride accept {id} <why>"),
                Says(REVIEWER, "/stride acept {id} public"),
                Says(REVIEWER, "/stride confirm {id}"),
            ],
        ),
        story(
            "what_is_no_command_does_nothing",
            vec![
                Says(REVIEWER, "> {}"),
                Says(REVIEWER, "```\n{}\n```"),
                Says("renovate[bot]", "{}"),
                Says(REVIEWER, "I would accept that."),
            ],
        ),
        story(
            "questions_are_answered",
            vec![Says(REVIEWER, "/stride explain {id}"), Says(REVIEWER, "/stride show"), Says(READER, "/stride help")],
        ),
        story("a_fix_is_pushed", vec![Pushes(format!("{PLAIN}{SIGNED}"))]),
        story("a_decision_outlives_a_push_that_changes_nothing", vec![Says(REVIEWER, "{}"), Pushes(format!("{PLAIN}{PUBLIC}{TAGS}"))]),
        story("a_decision_is_taken_back", vec![Says(REVIEWER, "{}"), Says(REVIEWER, "/stride reopen {id} the form moves")]),
        story("a_later_edit_changes_nothing", vec![Says(REVIEWER, "Thanks!"), Edits(REVIEWER, "{}")]),
        story("a_template_breaks_and_is_repaired", vec![Pushes(format!("{PLAIN}{PUBLIC}{BROKEN}")), Pushes(public())]),
        story("it_is_closed_and_reopened", vec![Closes, Reopens]),
        story("it_is_a_draft_and_then_ready", vec![Drafts, Readies]),
        story("the_base_moves", vec![PushesToBase, Says(REVIEWER, "{}")]),
        story("it_goes_to_another_base", vec![Retargets("release")]),
        story("the_check_is_run_again", vec![ReRuns, Says(REVIEWER, "/stride recheck")]),
        story("it_enters_the_merge_queue", vec![Says(REVIEWER, "{}"), Queues]),
        Story { name: "nothing_of_ours_changes", brings: format!("{PLAIN}{TAGS}"), acts: vec![Says(REVIEWER, "Nice.")] },
    ]
}

/// The repository and its people, and the pull request.
pub fn open(standin: &StandIn, story: &Story) {
    standin.act(|github| {
        github.add_repository(SHOP, Visibility::Private, &[("template.yaml", PLAIN.into()), ("README.md", "shop\n".into())]).unwrap();
        github.install("acme", None);
        for (person, right) in [(AUTHOR, Right::Write), (REVIEWER, Right::Maintain), (READER, Right::Read)] {
            github.add_user(person, UserKind::Person);
            github.set_role(SHOP, person, right).unwrap();
        }
        github.add_user("renovate[bot]", UserKind::Bot);
        let changes = [("notes.md", Some(Content::Text("notes\n".to_owned())))];
        github.push(&Push { repository: SHOP, branch: "release", by: REVIEWER, changes: &changes, message: "Release" }).unwrap();
    });
    push(standin, "orders", &story.brings);
    standin.act(|github| {
        let opening = Opening { repository: SHOP, by: AUTHOR, head: "orders", base: "main", title: "Orders", body: "", draft: false };
        github.open_pull(&opening).unwrap()
    });
}

/// One act, as the clock stands.
pub fn act(standin: &StandIn, act: &Act) {
    let said = |text: &str| filled(standin, text);
    match act {
        Act::Says(by, text) => {
            let text = said(text);
            standin.act(|github| github.comment(SHOP, 1, by, &text).unwrap());
        }
        Act::Replies(by, text) => {
            let first = standin.with(|github| {
                let bot = github.bot;
                github.repository_named(SHOP).unwrap().review_comments.values().find(|comment| comment.author == bot).unwrap().id
            });
            standin.act(|github| github.reply(SHOP, first, by, text).unwrap());
        }
        Act::Reviews(by, text) => {
            let text = said(text);
            standin.act(|github| github.review(SHOP, 1, by, "COMMENTED", &text).unwrap());
        }
        Act::Edits(by, text) => {
            let text = said(text);
            standin.act(|github| {
                let bot = github.bot;
                let last = github.repository_named(SHOP).unwrap().comments.values().rfind(|comment| comment.author != bot).unwrap().id;
                github.change_comment(SHOP, Talk::Issue, last, by, &text).unwrap();
            });
        }
        Act::Pushes(template) => push(standin, "orders", template),
        Act::PushesToBase => standin.act(|github| {
            let changes = [("README.md", Some(Content::Text("the shop\n".to_owned())))];
            github.push(&Push { repository: SHOP, branch: "main", by: REVIEWER, changes: &changes, message: "Say more" }).unwrap();
        }),
        Act::Retargets(base) => standin.act(|github| github.retarget(SHOP, 1, AUTHOR, base).unwrap()),
        Act::Closes => standin.act(|github| github.close(SHOP, 1, AUTHOR).unwrap()),
        Act::Reopens => standin.act(|github| github.reopen(SHOP, 1, AUTHOR).unwrap()),
        Act::Drafts => standin.act(|github| github.convert_to_draft(SHOP, 1, AUTHOR).unwrap()),
        Act::Readies => standin.act(|github| github.ready_for_review(SHOP, 1, AUTHOR).unwrap()),
        Act::Queues => {
            standin.act(|github| github.queue(SHOP, 1, REVIEWER).unwrap());
        }
        Act::ReRuns => standin.act(|github| {
            let head = github.repository_named(SHOP).unwrap().branch("orders").unwrap();
            github.rerequest_suite(SHOP, head, AUTHOR).unwrap();
        }),
    }
}

fn push(standin: &StandIn, branch: &str, template: &str) {
    standin.act(|github| {
        let changes = [("template.yaml", Some(Content::Text(template.to_owned())))];
        github.push(&Push { repository: SHOP, branch, by: AUTHOR, changes: &changes, message: "Orders" }).unwrap();
    });
}

/// `{}` is the command that our comment first offered, `{id}` its ID: what stood there before anybody said anything.
fn filled(standin: &StandIn, text: &str) -> String {
    if !text.contains('{') {
        return text.to_owned();
    }
    let id = standin.with(|github| {
        let bot = github.bot;
        let threads = github.repository_named(SHOP).unwrap().review_comments.values().filter(|comment| comment.author == bot);
        let bodies: Vec<String> = threads.map(|comment| comment.body.clone()).collect();
        bodies.iter().find_map(|body| body.split('`').find(|word| word.contains("/S-")).map(str::to_owned)).expect("a thread names an ID")
    });
    text.replace("{id}", &id).replace("{}", &format!("/stride accept {id} the form is public on purpose"))
}
