//! Pull requests as people act them out on the stand-in: shared by the tests that compare how they end.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each test file uses a part of it, and a test ends where it cannot go on"
)]

mod annotations;
mod conversation;
mod deciders;
mod register;
mod told;

#[allow(unused_imports, reason = "each test file uses a part of it")]
pub use told::stories;

use astride::change::{ObjectId, Right};
use astride::sandbox::github::StandIn;
use astride::sandbox::github::people::{Opening, Push, Visibility};
use astride::sandbox::github::state::{Github, Issue, IssueComment, Repository, Talk, UserKind};
use astride::sandbox::objects::Content;

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
    /// Changes our issue.
    ChangesIssue(fn(&mut Issue)),
    /// Pushes to, and opens a pull request in, a repository that has no template.
    WorksElsewhere,
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
        Act::Teams(slug, people) => standin.act(|github| github.set_team("acme", slug, people)),
        Act::Waits(seconds) | Act::Passes(seconds) => standin.act(|github| github.advance(*seconds)),
        Act::OrganisationSets(text) => standin.act(|github| {
            github.add_repository("acme/.github", Visibility::Private, &[("astride.yml", (*text).into())]).unwrap();
        }),
        Act::OrganisationHas(files) => standin.act(|github| {
            let content = |text: &String| Content::Text(text.clone());
            if github.repository_named("acme/.github").is_some() {
                push(github, "acme/.github", "main", REVIEWER, files);
            } else {
                let files: Vec<(&str, Content)> = files.iter().map(|(path, text)| (*path, content(text))).collect();
                github.add_repository("acme/.github", Visibility::Private, &files).unwrap();
                github.set_role("acme/.github", REVIEWER, Right::Write).unwrap();
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
        Act::ChangesIssue(change) => standin.act(|github| {
            let ours = shop(github).issues.values().find(|issue| issue.author == github.bot).expect("there is an issue of ours").number;
            github.edit_issue(SHOP, ours, change).unwrap();
        }),
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

fn open_pull(github: &mut Github, repository: &str, by: &str, head: &str, base: &str) {
    let opening = Opening { repository, by, head, base, title: "Orders", body: "", draft: false };
    github.open_pull(&opening).unwrap();
}

fn push_to_head(github: &mut Github, files: &[(&str, String)]) {
    let head = &shop(github).pulls[&1].head;
    let (repository, by) = if head.repository == shop(github).id { (SHOP, AUTHOR) } else { (FORK, STRANGER) };
    push(github, repository, "orders", by, files);
}

fn open_own(standin: &StandIn, by: &str, path: &str, template: &str) {
    standin.act(|github| push(github, SHOP, "own", by, &[(path, template.to_owned())]));
    standin.act(|github| open_pull(github, SHOP, by, "own", "main"));
}

fn push_as(github: &mut Github, by: &str, identity: Identity, template: &str) {
    let changes = [(TEMPLATE, Some(Content::Text(template.to_owned())))];
    let (name, email) = match identity {
        Identity::Nobody => ("n".to_owned(), "nobody@nowhere.test".to_owned()),
        Identity::Of(login) => (login.to_owned(), github.user_named(login).unwrap().email()),
    };
    let repository = if by == STRANGER { FORK } else { SHOP };
    let push = Push { repository, branch: "orders", by, changes: &changes, message: "Orders" };
    github.push_as(&push, &name, &email).unwrap();
}

/// The text with `{login}` as that person's name and address.
fn addressed(github: &Github, text: &str) -> String {
    let mut out = text.to_owned();
    for login in [AUTHOR, REVIEWER] {
        out = out.replace(&format!("{{{login}}}"), &format!("{login} <{}>", github.user_named(login).unwrap().email()));
    }
    out
}

fn push(github: &mut Github, repository: &str, branch: &str, by: &str, files: &[(&str, String)]) {
    let changes: Vec<(&str, Option<Content>)> = files.iter().map(|(path, text)| (*path, Some(Content::Text(text.clone())))).collect();
    github.push(&Push { repository, branch, by, changes: &changes, message: "Orders" }).unwrap();
}

fn rebase(github: &mut Github) {
    let head = shop(github).branch("orders").unwrap();
    let template = text_at(github, head, TEMPLATE);
    push(github, SHOP, "scratch", AUTHOR, &[(TEMPLATE, template)]);
    let rebased = shop(github).branch("scratch").unwrap();
    github.force_push(SHOP, "orders", AUTHOR, rebased).unwrap();
    github.delete_branch(SHOP, "scratch", AUTHOR).unwrap();
}

fn rewrite_ledger(github: &mut Github, by: &str, rewrite: fn(&str) -> String) {
    let tip = shop(github).branch(LEDGER).unwrap();
    let (path, text) = github.objects(shop(github).id).unwrap().texts(tip).into_iter().next().unwrap();
    push(github, SHOP, LEDGER, by, &[(&path, rewrite(&text))]);
}

fn text_at(github: &Github, commit: ObjectId, path: &str) -> String {
    let texts = github.objects(shop(github).id).unwrap().texts(commit);
    texts.into_iter().find(|(found, _)| found == path).unwrap().1
}

fn shop(github: &Github) -> &Repository {
    github.repository_named(SHOP).unwrap()
}

fn last_said(github: &Github) -> &IssueComment {
    shop(github).comments.values().rfind(|comment| comment.author != github.bot).unwrap()
}

/// The text with `{repair}` and `{settings}` as the IDs of that kind that our comment shows.
fn with_repair(github: &Github, text: &str) -> String {
    let mut out = text.to_owned();
    for (hole, kind) in [("{repair}", "repair/"), ("{settings}", "settings/")] {
        if out.contains(hole) {
            let ours = shop(github).comments.values().filter(|comment| comment.author == github.bot);
            let id = ours.filter_map(|comment| Some(comment.body.split_once(kind)?.1.split([' ', '`']).next()?.to_owned())).next_back();
            out = out.replace(hole, &format!("{kind}{}", id.expect("our comment names an ID of that kind")));
        }
    }
    out
}

fn filled(github: &Github, text: &str) -> String {
    if !text.contains('{') {
        return text.to_owned();
    }
    let text = &with_repair(github, text);
    if !["{id}", "{now}", "{}"].iter().any(|hole| text.contains(hole)) {
        return text.clone();
    }
    let threads = shop(github).review_comments.values().filter(|comment| comment.author == github.bot);
    let named: Vec<&str> =
        threads.filter_map(|comment| comment.body.split('`').find(|word| word.contains('/') && !word.contains(' '))).collect();
    let (first, newest) = (named.first().expect("a thread names an ID"), named.last().expect("a thread names an ID"));
    text.replace("{id}", first).replace("{now}", newest).replace("{}", &format!("/stride accept {first} the form is public on purpose"))
}
