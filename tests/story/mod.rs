//! Pull requests as people act them out on the stand-in: shared by the tests that compare how they end.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each test file uses a part of it, and a test ends where it cannot go on"
)]

mod annotations;
mod bots;
mod contributions;
mod conversation;
mod deciders;
mod filled;
mod ledger;
mod organisation;
mod policy;
mod races;
mod register;
mod suggestions;
mod talk;
mod told;
mod unread;

#[allow(unused_imports, reason = "each test file uses a part of it")]
pub use told::stories;

use astride::change::Right;
use astride::sandbox::github::StandIn;
use astride::sandbox::github::people::{Push, Visibility};
use astride::sandbox::github::state::{Anchor, Github, Issue, IssueComment, Repository, ReviewComment, Talk, UserKind};
use astride::sandbox::objects::Content;
use contributions::{open_own, open_pull, push, push_as, push_to_head, rebase, rewrite_ledger, text_at};
use filled::{addressed, filled};

pub const SHOP: &str = "acme/shop";
/// Opens the pull request.
pub const AUTHOR: &str = "mona";
/// May decide.
pub const REVIEWER: &str = "rita";
/// A bot.
pub const BOT: &str = "renovate[bot]";
/// May read.
pub const READER: &str = "rex";
/// Has a fork, and no rights.
pub const STRANGER: &str = "finn";
/// The stranger's.
const FORK: &str = "finn/shop";
/// Where the organisation has what is its own.
const ORGANISATION: &str = "acme/.github";
const TEMPLATE: &str = "template.yaml";
const SETTINGS: &str = ".github/astride.yml";
const LEDGER: &str = "astride-ledger";

/// Where the pull request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    Branch,
    Fork,
    /// A bot pushes and opens it.
    Bot,
}

/// Whose name and address a commit bears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// Of no account.
    Nobody,
    Of(&'static str),
}

/// One thing that people do.
pub enum Act {
    /// Comments on the pull request of this number; `{id}` is the ID that our first thread names, `{now}` that of the newest, `{}` a
    /// command that accepts the first, and `{repair}` and `{settings}` are the IDs of that kind in our comment.
    Says(&'static str, &'static str),
    SaysOn(u64, &'static str, &'static str),
    /// Replies in our first review thread.
    Replies(&'static str, &'static str),
    /// Resolves our first review thread by hand.
    Resolves(&'static str),
    /// Submits a review.
    Reviews(&'static str, &'static str),
    /// Submits a review that approves, with or without a text.
    Approves(&'static str, &'static str),
    /// Dismisses the last review that approves.
    Dismisses(&'static str),
    /// Edits the last comment of people.
    Edits(&'static str, &'static str),
    /// Deletes the last comment of people.
    Deletes(&'static str),
    /// Pushes the template to the pull request's branch.
    Pushes(String),
    /// Somebody pushes the template there, in this name.
    PushesAs(&'static str, Identity, String),
    /// The author pushes the template there, with this message.
    PushesSaying(&'static str, String),
    /// Presses "Update branch".
    UpdatesBranch(&'static str),
    /// Has GitHub commit what so many of our first threads suggest, and these files with it.
    AppliesSuggestions(&'static str, usize, Vec<(&'static str, String)>),
    /// Edits what our first thread suggests.
    EditsSuggestion(&'static str, &'static str),
    /// Merges the base into the pull request's branch by hand, and may change the template too.
    MergesBase(&'static str, Option<String>),
    /// Opens a pull request of a branch of their own, with this template.
    OpensOwn(&'static str, String),
    /// As that, with the template at this path.
    OpensOwnAt(&'static str, &'static str, String),
    /// As that, with the template of `main` moved there.
    OpensMove(&'static str, &'static str),
    Gets(&'static str, Right),
    /// Pushes any files there.
    PushesFiles(Vec<(&'static str, String)>),
    /// Removes a file there.
    Removes(&'static str),
    /// Puts the same template on the base branch's tip, and forces the branch there.
    Rebases,
    /// Pushes a file to the base branch.
    PushesToBase(&'static str, String),
    /// Opens a second pull request of the same branch, into `release`.
    OpensAnother,
    Retargets(&'static str),
    RetargetsOther(u64, &'static str),
    Closes,
    ClosesOther(u64),
    Reopens,
    Drafts,
    Readies,
    Queues,
    /// These pull requests enter the queue as one group.
    QueuesTogether(&'static [u64]),
    Merges,
    ReRuns,
    /// Presses the button on our check.
    PressesRecheck(&'static str),
    /// The organisation has a team with these people.
    Teams(&'static str, &'static [&'static str]),
    /// Time passes, in seconds.
    Passes(i64),
    /// Time passes, in seconds, and the service looks around.
    Waits(i64),
    /// The organisation's own settings, in its repository `.github`.
    OrganisationSets(&'static str),
    /// Files in the same place, which is made where it is not there yet.
    OrganisationHas(Vec<(&'static str, String)>),
    /// A person rewrites the ledger's only file.
    RewritesLedger(&'static str, fn(&str) -> String),
    /// A person puts the ledger's branch back by so many commits.
    PutsLedgerBack(usize),
    DeletesLedger,
    /// A ruleset lets the App alone write the ledger's branch.
    ProtectsLedger,
    /// Opens an issue.
    OpensIssue(&'static str, &'static str, &'static str),
    /// Closes the issue of this number.
    ClosesIssue(u64),
    /// Changes our issue.
    ChangesIssue(fn(&mut Issue)),
    /// Pushes to, and opens a pull request in, a repository that has no template.
    WorksElsewhere,
    /// Pushes files to a branch of the organisation's `.github`, and opens a pull request of it where there is none yet.
    ProposesToOrganisation(Vec<(&'static str, String)>),
    /// Deletes the last reply of ours.
    DeletesOurs(&'static str),
    /// Two accounts change their names for each other's.
    SwapsNames(&'static str, &'static str),
    /// All of it happens before the service sees anything of it.
    AtOnce(Vec<Self>),
}

pub struct Story {
    pub name: &'static str,
    /// The settings of the base; `None` where it has no such file.
    pub settings: Option<&'static str>,
    /// Files of the base besides the template.
    pub base: Vec<(&'static str, &'static str)>,
    /// The template of `main`, if it is another one than that of `release`.
    pub main: Option<String>,
    pub head: Head,
    /// What the pull request brings.
    pub brings: Vec<(&'static str, String)>,
    pub acts: Vec<Act>,
}

/// The repository and its people, and the pull request.
pub fn open(standin: &StandIn, story: &Story) {
    standin.act(|github| {
        let mut files: Vec<(&str, Content)> = vec![(TEMPLATE, told::PLAIN.into()), ("README.md", "shop\n".into())];
        files.extend(story.settings.map(|text| (SETTINGS, text.into())));
        files.extend(story.base.iter().map(|(path, text)| (*path, (*text).into())));
        github.add_repository(SHOP, Visibility::Private, &files).unwrap();
        github.install("acme", None);
        for (person, right) in [(AUTHOR, Right::Write), (REVIEWER, Right::Maintain), (READER, Right::Read)] {
            github.add_user(person, UserKind::Person);
            github.set_role(SHOP, person, right).unwrap();
        }
        github.add_user(BOT, UserKind::Bot);
        push(github, SHOP, "release", REVIEWER, &[("notes.md", "notes\n".to_owned())]);
        if let Some(template) = &story.main {
            push(github, SHOP, "main", AUTHOR, &[(TEMPLATE, template.clone())]);
        }
    });
    let (repository, by, head) = match story.head {
        Head::Branch => (SHOP, AUTHOR, "orders"),
        Head::Bot => (SHOP, BOT, "orders"),
        Head::Fork => {
            standin.act(|github| github.fork(SHOP, STRANGER).unwrap());
            (FORK, STRANGER, "finn:orders")
        }
    };
    standin.act(|github| push(github, repository, "orders", by, &story.brings));
    standin.act(|github| open_pull(github, SHOP, by, head, "main"));
}

/// One act, as the clock stands.
pub fn act(standin: &StandIn, act: &Act) {
    match act {
        Act::Says(by, text) => say(standin, 1, by, text),
        Act::SaysOn(pull, by, text) => say(standin, *pull, by, text),
        Act::Replies(by, text) => standin.act(|github| {
            let first = shop(github).review_comments.values().find(|comment| comment.author == github.bot).unwrap().id;
            github.reply(SHOP, first, by, text).unwrap();
        }),
        Act::Resolves(by) => standin.act(|github| {
            let first = shop(github).review_comments.values().find(|comment| comment.author == github.bot).unwrap().id;
            github.set_resolved(SHOP, first, Some(by)).unwrap();
        }),
        Act::Reviews(by, text) => standin.act(|github| {
            let text = filled(github, text);
            github.review(SHOP, 1, by, "COMMENTED", &text).unwrap();
        }),
        Act::Approves(by, text) => standin.act(|github| {
            let text = filled(github, text);
            github.review(SHOP, 1, by, "APPROVED", &text).unwrap();
        }),
        Act::Dismisses(by) => standin.act(|github| {
            let last = shop(github).reviews.values().rfind(|review| review.state == "APPROVED").unwrap().id;
            github.dismiss_review(SHOP, last, by).unwrap();
        }),
        Act::Edits(by, text) => standin.act(|github| {
            let (last, text) = (last_said(github).id, filled(github, text));
            github.change_comment(SHOP, Talk::Issue, last, by, &text).unwrap();
        }),
        Act::Deletes(by) => standin.act(|github| {
            let last = last_said(github).id;
            github.delete_comment(SHOP, Talk::Issue, last, by).unwrap();
        }),
        Act::Pushes(template) => standin.act(|github| push_to_head(github, &[(TEMPLATE, template.clone())])),
        Act::PushesAs(by, identity, template) => standin.act(|github| push_as(github, by, *identity, template)),
        Act::PushesSaying(message, template) => standin.act(|github| {
            let message = addressed(github, message);
            let changes = [(TEMPLATE, Some(Content::Text(template.clone())))];
            github.push(&Push { repository: SHOP, branch: "orders", by: AUTHOR, changes: &changes, message: &message }).unwrap();
        }),
        Act::UpdatesBranch(by) => standin.act(|github| {
            github.update_branch(SHOP, 1, by).unwrap();
        }),
        Act::AppliesSuggestions(by, threads, files) => standin.act(|github| {
            let is_there = |comment: &&ReviewComment| matches!(comment.anchor, Anchor::Line { current: Some(_), .. });
            let ours = shop(github).review_comments.values().filter(|comment| comment.author == github.bot && comment.reply_to.is_none());
            let ours = ours.filter(is_there);
            let comments: Vec<u64> = ours.map(|comment| comment.id).take(*threads).collect();
            let changes: Vec<(&str, Option<Content>)> =
                files.iter().map(|(path, text)| (*path, Some(Content::Text(text.clone())))).collect();
            github.apply_suggestions(SHOP, 1, by, &comments, &changes).unwrap();
        }),
        Act::EditsSuggestion(by, text) => standin.act(|github| {
            let ours = shop(github).review_comments.values().find(|comment| comment.author == github.bot).unwrap();
            let (id, body) = (ours.id, ours.body.replace("AuthType: AWS_IAM", text));
            github.change_comment(SHOP, Talk::Review, id, by, &body).unwrap();
        }),
        Act::MergesBase(by, template) => standin.act(|github| {
            let changes: Vec<(&str, Option<Content>)> =
                template.iter().map(|template| (TEMPLATE, Some(Content::Text(template.clone())))).collect();
            github.merge_base(SHOP, 1, by, &changes).unwrap();
        }),
        Act::OpensOwn(by, template) => open_own(standin, by, TEMPLATE, template),
        Act::OpensOwnAt(by, path, template) => open_own(standin, by, path, template),
        Act::OpensMove(by, to) => standin.act(|github| {
            let template = text_at(github, shop(github).branch("main").unwrap(), TEMPLATE);
            let changes = [(TEMPLATE, None), (*to, Some(Content::Text(template)))];
            github.push(&Push { repository: SHOP, branch: "own", by, changes: &changes, message: "Move" }).unwrap();
            open_pull(github, SHOP, by, "own", "main");
        }),
        Act::Gets(person, right) => standin.act(|github| github.set_role(SHOP, person, *right).unwrap()),
        Act::PushesFiles(files) => standin.act(|github| push_to_head(github, files)),
        Act::Removes(path) => standin.act(|github| {
            github.push(&Push { repository: SHOP, branch: "orders", by: AUTHOR, changes: &[(path, None)], message: "Orders" }).unwrap();
        }),
        Act::Rebases => standin.act(rebase),
        Act::PushesToBase(path, text) => standin.act(|github| push(github, SHOP, "main", REVIEWER, &[(path, text.clone())])),
        Act::OpensAnother => standin.act(|github| open_pull(github, SHOP, AUTHOR, "orders", "release")),
        Act::Retargets(base) => standin.act(|github| github.retarget(SHOP, 1, AUTHOR, base).unwrap()),
        Act::RetargetsOther(number, base) => standin.act(|github| github.retarget(SHOP, *number, AUTHOR, base).unwrap()),
        Act::ClosesOther(number) => standin.act(|github| github.close(SHOP, *number, AUTHOR).unwrap()),
        Act::Closes => standin.act(|github| github.close(SHOP, 1, AUTHOR).unwrap()),
        Act::Reopens => standin.act(|github| github.reopen(SHOP, 1, AUTHOR).unwrap()),
        Act::Drafts => standin.act(|github| github.convert_to_draft(SHOP, 1, AUTHOR).unwrap()),
        Act::Readies => standin.act(|github| github.ready_for_review(SHOP, 1, AUTHOR).unwrap()),
        Act::Queues => {
            standin.act(|github| github.queue(SHOP, 1, REVIEWER).unwrap());
        }
        Act::QueuesTogether(pulls) => {
            standin.act(|github| github.queue_together(SHOP, pulls, REVIEWER).unwrap());
        }
        Act::Merges => {
            standin.act(|github| github.merge(SHOP, 1, REVIEWER).unwrap());
        }
        Act::ReRuns => standin.act(|github| {
            let head = shop(github).pulls[&1].head.sha;
            github.rerequest_suite(SHOP, head, AUTHOR).unwrap();
        }),
        Act::PressesRecheck(by) => standin.act(|github| {
            let head = shop(github).pulls[&1].head.sha;
            let ours = shop(github).checks.values().rfind(|check| check.head == head && check.app == github.app.id).unwrap().id;
            github.press_button(SHOP, ours, by, "recheck").unwrap();
        }),
        Act::Teams(slug, people) => standin.act(|github| github.set_team("acme", slug, people)),
        Act::Waits(seconds) | Act::Passes(seconds) => standin.act(|github| github.advance(*seconds)),
        Act::OrganisationSets(text) => standin.act(|github| {
            github.add_repository(ORGANISATION, Visibility::Private, &[("astride.yml", (*text).into())]).unwrap();
        }),
        Act::OrganisationHas(files) => standin.act(|github| {
            let content = |text: &String| Content::Text(text.clone());
            if github.repository_named(ORGANISATION).is_some() {
                push(github, ORGANISATION, "main", REVIEWER, files);
            } else {
                let files: Vec<(&str, Content)> = files.iter().map(|(path, text)| (*path, content(text))).collect();
                github.add_repository(ORGANISATION, Visibility::Private, &files).unwrap();
                github.set_role(ORGANISATION, REVIEWER, Right::Write).unwrap();
            }
        }),
        Act::RewritesLedger(by, rewrite) => standin.act(|github| rewrite_ledger(github, by, *rewrite)),
        Act::PutsLedgerBack(commits) => standin.act(|github| {
            let mut tip = shop(github).branch(LEDGER).unwrap();
            for _ in 0..*commits {
                tip = github.objects(shop(github).id).unwrap().commit(tip).unwrap().parents[0];
            }
            github.force_push(SHOP, LEDGER, REVIEWER, tip).unwrap();
        }),
        Act::DeletesLedger => standin.act(|github| github.delete_branch(SHOP, LEDGER, REVIEWER).unwrap()),
        Act::ProtectsLedger => standin.act(|github| {
            github.protect_branch(SHOP, LEDGER, &["update", "deletion", "non_fast_forward"], true).unwrap();
        }),
        Act::OpensIssue(by, title, body) => standin.act(|github| {
            github.open_issue(SHOP, by, title, body).unwrap();
        }),
        Act::ClosesIssue(number) => standin.act(|github| github.edit_issue(SHOP, *number, |issue| issue.open = false).unwrap()),
        Act::ChangesIssue(change) => standin.act(|github| {
            let ours = shop(github).issues.values().find(|issue| issue.author == github.bot).expect("there is an issue of ours").number;
            github.edit_issue(SHOP, ours, change).unwrap();
        }),
        Act::ProposesToOrganisation(files) => standin.act(|github| {
            push(github, ORGANISATION, "own", REVIEWER, files);
            if github.repository_named(ORGANISATION).unwrap().pulls.is_empty() {
                open_pull(github, ORGANISATION, REVIEWER, "own", "main");
            }
        }),
        Act::DeletesOurs(by) => standin.act(|github| {
            let replies = shop(github).comments.values().filter(|comment| comment.body.starts_with("<!-- astride:reply"));
            let last = replies.map(|comment| comment.id).next_back().unwrap();
            github.delete_comment(SHOP, Talk::Issue, last, by).unwrap();
        }),
        Act::SwapsNames(one, other) => standin.act(|github| {
            let [first, second] = [one, other].map(|login| github.user_named(login).unwrap().id);
            for (account, login) in [(first, other), (second, one)] {
                github.users.get_mut(&account).unwrap().login = (*login).to_owned();
            }
        }),
        Act::AtOnce(acts) => acts.iter().for_each(|one| self::act(standin, one)),
        Act::WorksElsewhere => standin.act(|github| {
            github.add_repository("acme/docs", Visibility::Private, &[("README.md", "docs\n".into())]).unwrap();
            push(github, "acme/docs", "words", AUTHOR, &[("words.md", "words\n".to_owned())]);
            open_pull(github, "acme/docs", AUTHOR, "words", "main");
        }),
    }
}

fn say(standin: &StandIn, pull: u64, by: &str, text: &str) {
    standin.act(|github| {
        let text = filled(github, text);
        github.comment(SHOP, pull, by, &text).unwrap();
    });
}

fn shop(github: &Github) -> &Repository {
    github.repository_named(SHOP).unwrap()
}

fn last_said(github: &Github) -> &IssueComment {
    shop(github).comments.values().rfind(|comment| comment.author != github.bot).unwrap()
}
