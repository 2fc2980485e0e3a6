//! What must be done so that the page says what the report says.
//!
//! `plan` compares what should stand there with what stands there. The list is empty when the page already says it,
//! so running a job twice is harmless, and a crash between any two effects is mended by the next run.

mod asking;
mod comments;
mod neighbours;

pub use asking::Requested;

use crate::change::{Actor, ObjectId, Surface, Timestamp};
use crate::decisions::Block;
use crate::report::check;
use crate::report::check::annotations;
use crate::report::comment;
use crate::report::marker;
use crate::report::reply;
use crate::report::thread;
use crate::report::{Check, CheckAnnotation, Conclusion, Reply, Report, Thread};
use crate::settings::owners::Owner;
use crate::settings::talk::CommentMode;
use crate::source::RepoPath;
use crate::stride::Fingerprint;
use std::collections::BTreeSet;

/// The page as it stands: what we posted before, and what people did to it.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Our App's user, the only author whose markers count.
    pub me: Option<Actor>,
    /// Our sticky comments, oldest first; there should be one at most.
    pub comments: Vec<StandingComment>,
    pub threads: Vec<StandingThread>,
    /// Our check run on the head, the newest.
    pub check: Option<StandingCheck>,
    /// Our replies and reactions, by the comment that they answer.
    pub answers: Vec<StandingAnswer>,
    /// The ledger's tip when its blocks were read.
    pub ledger_tip: Option<ObjectId>,
    /// The branch that the pull request is to go into.
    pub base: String,
    /// Other open pull requests with the same head, as they would be judged by themselves.
    pub neighbours: Vec<Neighbour>,
    /// Whether a comment of ours has mentioned whoever is asked.
    pub mentioned: bool,
    /// Who was asked for a review, by whomever; `None` where the forge does not tell.
    pub requested: Option<Vec<Requested>>,
    /// Whom the forge would not ask.
    pub refused: BTreeSet<String>,
    /// Whether it stood like this before we came: then its people did not ask for a comment, and get it with their next push.
    pub from_before: bool,
}

impl Page {
    /// Whether nothing is begun to be said on it but the check. Whoever gives a command is answered, and so is spoken with.
    fn is_quiet(&self, report: &Report) -> bool {
        self.from_before && self.comments.is_empty() && self.threads.is_empty() && report.replies.is_empty()
    }
}

/// Another open pull request with the same head, or a merge group. A check belongs to a commit, so that it is the one of all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    pub number: u64,
    /// The branch that it is to go into.
    pub base: String,
    /// Its own, whatever its neighbours say.
    pub check: Check,
    /// The forge did not say what it is about, and may the next time.
    pub is_untold: bool,
}

impl Neighbour {
    /// A merge group whose commit is the pull request's head.
    pub fn group(check: Check) -> Self {
        Self { number: 0, base: String::new(), check, is_untold: false }
    }

    pub fn is_group(&self) -> bool {
        self.number == 0
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingComment {
    pub id: u64,
    pub body: String,
    pub updated_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingThread {
    /// The first comment's id.
    pub id: u64,
    /// The GraphQL id, where it could be read: needed to resolve.
    pub node: Option<String>,
    /// Begins with its marker.
    pub body: String,
    /// `None` where the forge did not tell.
    pub resolved: Option<bool>,
    /// A reply of ours that says how it was answered is already there.
    pub closed_by_us: bool,
    /// So is one that says that resolving it by hand decides nothing.
    pub told_by_hand: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingCheck {
    pub id: u64,
    /// `None` while it is not completed.
    pub conclusion: Option<String>,
    /// When it was first put there.
    pub started_at: Option<Timestamp>,
    pub title: String,
    pub summary: String,
    pub text: String,
    /// Where its link leads; the forge gives one of its own where we have given none.
    pub details: Option<String>,
    /// How many annotations it has.
    pub annotated: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingAnswer {
    pub to: u64,
    pub surface: Surface,
    /// `eyes`, `+1`, `confused` that we left.
    pub reactions: Vec<String>,
    /// Whether a reply of ours with its marker stands there.
    pub replied: bool,
}

/// The reaction that says that a command was read.
pub const SEEN: &str = "eyes";

/// The reaction that says what came of a command.
pub fn mark(reply: &Reply) -> &'static str {
    if reply.done { DONE } else { REFUSED }
}

pub const DONE: &str = "+1";
pub const REFUSED: &str = "confused";

/// One write. Every creation carries a marker by which a retry finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    CreateCheck {
        head: ObjectId,
        check: Check,
    },
    /// Those of its annotations are added that do not stand there yet.
    UpdateCheck {
        id: u64,
        /// How many annotations stand there.
        annotated: usize,
        check: Check,
    },
    /// Adds annotations for which another request had no room, to the check that stands on the head.
    AnnotateCheck {
        head: ObjectId,
        check: Check,
    },
    /// Appends blocks to the ledger; the tip is the one that was judged with. After it, everything is judged again.
    AppendLedger {
        tip: Option<ObjectId>,
        blocks: Vec<(RepoPath, Block)>,
    },
    CreateComment {
        body: String,
    },
    UpdateComment {
        id: u64,
        body: String,
    },
    /// A duplicate of our sticky comment, left by a race.
    DeleteComment {
        id: u64,
    },
    /// Cuts a comment of ours to one line that leads to the one that begins like this.
    CutComment {
        id: u64,
        successor: String,
    },
    CreateThread {
        head: ObjectId,
        thread: Thread,
    },
    /// Says in the thread how it was answered.
    ReplyInThread {
        id: u64,
        body: String,
    },
    ResolveThread {
        node: String,
    },
    React {
        to: u64,
        surface: Surface,
        reaction: &'static str,
    },
    Reply {
        to: u64,
        surface: Surface,
        body: String,
    },
    /// Asks somebody for a review. That the forge refuses is no error.
    RequestReview {
        whom: Owner,
    },
}

/// What must be written, in the order in which it must be written.
///
/// Red first, so that no merge slips through while we write; then the ledger, after which everything is judged again; then what people
/// read; green last. Cutting the list anywhere leaves a state from which the next run goes on.
pub fn plan(report: &Report, page: &Page) -> Vec<Effect> {
    let mut check = neighbours::shared(check::render(report), report.pull, page);
    let quiet = page.is_quiet(report);
    if quiet && report.asking.mode != CommentMode::Check && comment::render(report).is_some() {
        check.summary.push_str(check::FROM_BEFORE);
    }
    check = asking::with_remark(check, report, page);
    let red = check.conclusion != Conclusion::Success;
    let (check_effect, annotations) = plan_check(report, page, check);
    let mut effects = Vec::new();
    if red {
        effects.extend(check_effect.clone());
    }
    effects.extend(report.replies.iter().filter_map(|reply| plan_reaction(reply, SEEN, page)));
    if !report.blocks.is_empty() {
        effects.push(Effect::AppendLedger { tip: page.ledger_tip, blocks: report.blocks.clone() });
        return effects;
    }
    // What input that is missing would show is not gone: comment and threads stay until it is there.
    if !quiet && report.awaited.is_empty() {
        comments::plan_comment(report, page, &mut effects);
        plan_threads(report, page, &mut effects);
        asking::plan_asking(report, page, &mut effects);
    }
    effects.extend(report.replies.iter().flat_map(|reply| plan_answer(reply, page)));
    if !red {
        effects.extend(check_effect);
    }
    effects.extend(annotations);
    effects
}

/// What must be written so that these commands are answered, on a page of which nothing else is written any more.
pub fn plan_answers(replies: &[Reply], page: &Page) -> Vec<Effect> {
    let seen = replies.iter().filter_map(|reply| plan_reaction(reply, SEEN, page));
    seen.chain(replies.iter().flat_map(|reply| plan_answer(reply, page))).collect()
}

/// What must be written so that a page that people have left says what became of it in the end: what stands there is brought up to date, and
/// nothing is begun. Nobody is asked for anything any more.
pub fn plan_final(report: &Report, page: &Page) -> Vec<Effect> {
    let is_of_what_stands = |effect: &Effect| match effect {
        Effect::UpdateCheck { .. } | Effect::UpdateComment { .. } | Effect::ReplyInThread { .. } | Effect::ResolveThread { .. } => true,
        Effect::CreateCheck { .. }
        | Effect::AnnotateCheck { .. }
        | Effect::AppendLedger { .. }
        | Effect::CreateComment { .. }
        | Effect::DeleteComment { .. }
        | Effect::CutComment { .. }
        | Effect::CreateThread { .. }
        | Effect::React { .. }
        | Effect::Reply { .. }
        | Effect::RequestReview { .. } => false,
    };
    plan(report, page).into_iter().filter(is_of_what_stands).collect()
}

fn plan_answer(reply: &Reply, page: &Page) -> impl Iterator<Item = Effect> {
    plan_reply(reply, page).into_iter().chain(plan_reaction(reply, mark(reply), page))
}

/// The check with the annotations that one request takes, and requests for the others. Since the forge adds what it is sent, a check that says
/// what it should is left alone as soon as it has as many as there should be.
fn plan_check(report: &Report, page: &Page, check: Check) -> (Option<Effect>, Vec<Effect>) {
    let head = report.head;
    let part = |annotations: &[CheckAnnotation]| Check { annotations: annotations.to_vec(), ..check.clone() };
    let (first, others) = check.annotations.split_at(check.annotations.len().min(annotations::A_REQUEST));
    let others =
        others.chunks(annotations::A_REQUEST).map(|annotations| Effect::AnnotateCheck { head, check: part(annotations) }).collect();
    let Some(standing) = &page.check else { return (Some(Effect::CreateCheck { head, check: part(first) }), others) };
    let same = standing.conclusion.as_deref() == Some(check.conclusion.word())
        && standing.title == check.title
        && standing.summary == check.summary
        && (check.details.is_none() || standing.details == check.details)
        && standing.annotated >= check.annotations.len()
        && check::says_the_same(&standing.text, &check.text);
    if same {
        return (None, Vec::new());
    }
    (Some(Effect::UpdateCheck { id: standing.id, annotated: standing.annotated, check: part(first) }), others)
}

/// A thread that still asks for something stays as it is; one that asks for nothing any more is answered and resolved.
fn plan_threads(report: &Report, page: &Page, effects: &mut Vec<Effect>) {
    let mut asked: BTreeSet<Fingerprint> = BTreeSet::new();
    for standing in &page.threads {
        let Some(fingerprints) = marker::read_thread(&standing.body) else { continue };
        let Some(words) = thread::closing_words(report, &fingerprints) else {
            if !standing.closed_by_us {
                asked.extend(fingerprints);
                effects.extend(plan_by_hand(standing));
            }
            continue;
        };
        if !standing.closed_by_us {
            effects.push(Effect::ReplyInThread { id: standing.id, body: format!("{}\n{words}", marker::CLOSED) });
        }
        if let (Some(node), Some(false)) = (&standing.node, standing.resolved) {
            effects.push(Effect::ResolveThread { node: node.clone() });
        }
    }
    // What is asked stands in the check alone.
    let threads = report.threads.iter().filter(|_| report.asking.mode != CommentMode::Check);
    for thread in threads {
        let fingerprints = marker::read_thread(&thread.body).unwrap_or_default();
        if !fingerprints.iter().all(|fingerprint| asked.contains(fingerprint)) {
            effects.push(Effect::CreateThread { head: report.head, thread: thread.clone() });
        }
    }
}

/// Somebody has resolved a thread that still asks: that is no decision, and it is said there once.
fn plan_by_hand(standing: &StandingThread) -> Option<Effect> {
    let untold = standing.resolved == Some(true) && !standing.told_by_hand;
    untold.then(|| Effect::ReplyInThread { id: standing.id, body: format!("{}\n{}", marker::BY_HAND, thread::BY_HAND) })
}

fn plan_reply(reply: &Reply, page: &Page) -> Option<Effect> {
    let standing = page.answers.iter().find(|answer| (answer.surface, answer.to) == (reply.surface, reply.to));
    let wanted = !reply.text.is_empty() && !standing.is_some_and(|answer| answer.replied);
    wanted.then(|| Effect::Reply { to: reply.to, surface: reply.surface, body: reply::body(reply) })
}

fn plan_reaction(reply: &Reply, reaction: &'static str, page: &Page) -> Option<Effect> {
    let standing = page.answers.iter().find(|answer| (answer.surface, answer.to) == (reply.surface, reply.to));
    let there = standing.is_some_and(|answer| answer.reactions.iter().any(|known| known == reaction));
    (!there).then_some(Effect::React { to: reply.to, surface: reply.surface, reaction })
}
