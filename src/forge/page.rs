//! What stands on a pull request's page: our comment, threads, check and answers, and the comments of people that nobody told us of.
//!
//! Only what our own App wrote counts as ours: anybody can type a marker. Whoever has write access may edit what we wrote, so that a marker
//! counts only as long as nobody but the App has edited its comment.

use super::error::ForgeError;
use super::graph::{self, Edited, Graph, Said, ThreadState, read_edits};
use super::tree::Place;
use super::wire;
use crate::change::{Actor, Approvals, ObjectId, Posted, Surface, Timestamp};
use crate::plan::{Page, Requested, StandingAnswer, StandingCheck, StandingComment, StandingThread};
use crate::report::{Reply, marker};
use crate::server::event::{may_be_named, may_bear_command};
use std::collections::{BTreeMap, BTreeSet};

/// The required check's name.
pub const CHECK: &str = "astride";

/// A page as read, with the comments on it.
#[derive(Debug)]
pub struct Read {
    pub page: Page,
    /// What approves it, and what stood there before.
    pub approvals: Approvals,
    /// Comments of people that may bear commands, were never edited, that nobody told us of, and that we left without an answer.
    pub unanswered: Vec<Posted>,
    /// Comments that nobody told us of, which a reply of ours answers but which lack their mark: a crash came between the two.
    pub unmarked: Vec<Reply>,
}

/// Surface and id of the comments that events told of, or earlier runs: they are waited for or answered, and need no second look.
pub type Known = BTreeSet<(String, u64)>;

/// What of a page is looked for: what is said on it, and our check.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub number: u64,
    pub head: ObjectId,
    /// The comments whose answers are looked for in any case.
    pub answers: &'a [(Surface, u64)],
    pub known: &'a Known,
}

/// Reads the page of a pull request, as far as GraphQL has not told it.
///
/// # Errors
/// Of the forge. That threads' states cannot be read is none.
pub async fn read(place: &Place, asked: Asked<'_>, mut graph: Graph) -> Result<Read, ForgeError> {
    let Asked { number, head, answers, known } = asked;
    let me = place.client.forge().login().await?;
    let (all, check) = tokio::try_join!(comments(place, number, me, graph.said.take(), known), find_check(place, head))?;
    graph.talk.extend(read_edits(place, &all.beyond(&graph.talk)).await?);
    let (sticky, threads) = (all.sticky(&graph.talk), all.threads(&graph.threads));
    let mentioned = all.ours(&all.talk).any(|(_, body)| body.starts_with(marker::ASK));
    let is_ours = |asked: graph::Requested| Requested { by_us: asked.by == me, name: asked.name };
    let requested = graph.requested.take().map(|requested| requested.into_iter().map(is_ours).collect());
    let shown_since = check.as_ref().and_then(|check| check.started_at);
    let approvals = Approvals { reviews: std::mem::take(&mut graph.approvals), shown_since, replied: all.replied_at() };
    let mut page = Page { me: all.me(), comments: sticky, threads, check, mentioned, requested, ..Page::default() };
    let replies = all.replied();
    let unanswered: Vec<Posted> = all
        .posted(graph.reviews)
        .into_iter()
        .filter(|posted| {
            let word = marker::surface_word(posted.surface);
            !replies.contains_key(&(word, posted.id)) && !known.contains(&(word.to_owned(), posted.id))
        })
        .collect();
    let unmarked = all.unmarked(&replies, known);
    let mut wanted: BTreeMap<(&str, u64), Surface> =
        answers.iter().map(|(surface, id)| ((marker::surface_word(*surface), *id), *surface)).collect();
    wanted.extend(unanswered.iter().map(|posted| ((marker::surface_word(posted.surface), posted.id), posted.surface)));
    wanted.extend(unmarked.iter().map(|reply| ((marker::surface_word(reply.surface), reply.to), reply.surface)));
    for ((word, to), surface) in wanted {
        let reactions = own_reactions(place, me, surface, to).await?;
        page.answers.push(StandingAnswer { to, surface, reactions, replied: replies.contains_key(&(word, to)) });
    }
    Ok(Read { page, approvals, unanswered, unmarked })
}

/// All comments: as GraphQL told them, unless there may be news among them. Only REST says whether an App typed a command, and how a comment is
/// marked.
async fn comments<'m>(place: &Place, number: u64, me: &'m str, said: Option<Said>, known: &Known) -> Result<Comments<'m>, ForgeError> {
    let told = said.map(|Said { talk, review }| Comments { me, talk, review });
    if let Some(told) = told.filter(|told| !told.may_have_news(known)) {
        return Ok(told);
    }
    let talk = place.path(&format!("/issues/{number}/comments"));
    let review = place.path(&format!("/pulls/{number}/comments"));
    let (talk, review) = tokio::try_join!(place.client.pages(&talk), place.client.pages(&review))?;
    Ok(Comments { me, talk: talk.0, review: review.0 })
}

/// Our newest check run on a commit.
///
/// # Errors
/// Of the forge.
pub async fn find_check(place: &Place, head: ObjectId) -> Result<Option<StandingCheck>, ForgeError> {
    let app = place.client.forge().app_id();
    let path = place.path(&format!("/commits/{head}/check-runs?check_name={CHECK}&app_id={app}&filter=latest"));
    let (runs, _) = place.client.pages_in(&path, |page: wire::CheckRuns| page.check_runs).await?;
    let ours = runs.into_iter().filter(|run| run.name == CHECK && run.app.as_ref().is_some_and(|found| found.id == app));
    Ok(ours.max_by_key(|run| run.id).map(|run| StandingCheck {
        id: run.id,
        conclusion: run.conclusion,
        started_at: run.started_at.as_deref().and_then(Timestamp::parse),
        title: run.output.title.unwrap_or_default(),
        summary: run.output.summary.unwrap_or_default(),
        text: run.output.text.unwrap_or_default(),
        details: run.details_url,
        annotated: run.output.annotations_count,
    }))
}

struct Comments<'c> {
    me: &'c str,
    talk: Vec<wire::IssueComment>,
    review: Vec<wire::IssueComment>,
}

impl Comments<'_> {
    fn is_ours(&self, comment: &wire::IssueComment) -> bool {
        comment.user.as_ref().is_some_and(|user| user.login == self.me)
    }

    fn ours<'c>(&'c self, comments: &'c [wire::IssueComment]) -> impl Iterator<Item = (&'c wire::IssueComment, &'c str)> {
        comments.iter().filter(|comment| self.is_ours(comment)).map(|comment| (comment, comment.body.as_deref().unwrap_or_default()))
    }

    fn me(&self) -> Option<Actor> {
        let (comment, _) = self.ours(&self.talk).chain(self.ours(&self.review)).next()?;
        Some(wire::actor(comment.user.as_ref()))
    }

    /// Whether there are comments that no event told of, and that may bear a command or may lack their mark.
    fn may_have_news(&self, known: &Known) -> bool {
        let replies = self.replied();
        self.surfaces().any(|(comment, surface)| {
            let word = marker::surface_word(surface);
            let may_bear = self.may_speak(comment);
            !known.contains(&(word.to_owned(), comment.id)) && (may_bear || replies.contains_key(&(word, comment.id)))
        })
    }

    /// What others have edited gave no numbers; it is written again in any case.
    fn sticky(&self, editors: &BTreeMap<u64, Edited>) -> Vec<StandingComment> {
        let sticky = self.ours(&self.talk).filter(|(_, body)| body.starts_with(marker::COMMENT));
        let mut sticky: Vec<StandingComment> = sticky
            .map(|(comment, body)| StandingComment {
                id: comment.id,
                body: if self.is_as_written(comment, editors.get(&comment.id)) {
                    normal(body)
                } else {
                    marker::without_numbers(&normal(body))
                },
                updated_at: Timestamp::parse(&comment.updated_at).unwrap_or_default(),
            })
            .collect();
        sticky.sort_by_key(|comment| comment.id);
        sticky
    }

    /// Nodes of our comments that may have been edited, and of which nobody has told by whom.
    fn beyond(&self, editors: &BTreeMap<u64, Edited>) -> Vec<&str> {
        self.ours(&self.talk)
            .filter(|(comment, body)| body.starts_with(marker::COMMENT) && comment.is_edited())
            .filter(|(comment, _)| !editors.contains_key(&comment.id))
            .map(|(comment, _)| comment.node_id.as_str())
            .collect()
    }

    /// Whether nobody but ourselves has edited a comment of ours. Where the forge does not tell who did, it must not have been edited at all.
    fn is_as_written(&self, comment: &wire::IssueComment, edited: Option<&Edited>) -> bool {
        match edited {
            Some(Edited::Never) => true,
            Some(Edited::By(editor)) => *editor == self.me,
            None => !comment.is_edited(),
        }
    }

    /// A thread that others have edited asks about nobody knows what: nothing can be answered in it, and another one takes its place.
    fn threads(&self, states: &BTreeMap<u64, ThreadState>) -> Vec<StandingThread> {
        let firsts = self
            .ours(&self.review)
            .filter(|(comment, body)| comment.in_reply_to_id.is_none() && marker::read_thread(body).is_some())
            .filter(|(comment, _)| self.is_as_written(comment, states.get(&comment.id).map(|state| &state.edited)));
        let threads = firsts.map(|(first, body)| {
            let state = states.get(&first.id);
            StandingThread {
                id: first.id,
                node: state.map(|state| state.node.clone()),
                body: normal(body),
                resolved: state.map(|state| state.resolved),
                closed_by_us: self.replied_in(first.id, marker::CLOSED),
                told_by_hand: self.replied_in(first.id, marker::BY_HAND),
            }
        });
        threads.collect()
    }

    /// Whether a reply of ours with this mark stands in a thread.
    fn replied_in(&self, first: u64, mark: &str) -> bool {
        self.ours(&self.review).any(|(reply, body)| reply.in_reply_to_id == Some(first) && body.starts_with(mark))
    }

    /// The comments that a reply of ours names, and whether it says that they were carried out.
    fn replied(&self) -> BTreeMap<(&'static str, u64), bool> {
        self.ours(&self.talk).chain(self.ours(&self.review)).filter_map(|(_, body)| marker::read_reply(body)).collect()
    }

    /// When we replied, by what the address of the answered comment ends in. What anybody has edited proves nothing.
    fn replied_at(&self) -> BTreeMap<String, Timestamp> {
        let replies =
            self.talk.iter().chain(&self.review).filter(|comment| self.is_ours(comment) && comment.created_at == comment.updated_at);
        let read = |reply: &wire::IssueComment| {
            let ((word, id), _) = marker::read_reply(reply.body.as_deref()?)?;
            Some((marker::address_end(word, id), Timestamp::parse(&reply.created_at)?))
        };
        replies.filter_map(read).collect()
    }

    /// Somebody else's reaction may hide that ours is missing, which does no harm and spares a request for each comment.
    fn unmarked(&self, replies: &BTreeMap<(&'static str, u64), bool>, known: &Known) -> Vec<Reply> {
        let missing = self.surfaces().filter_map(|(comment, surface)| {
            let word = marker::surface_word(surface);
            let done = *replies.get(&(word, comment.id))?;
            let marks = if done { comment.reactions.plus_one } else { comment.reactions.confused };
            let told = known.contains(&(word.to_owned(), comment.id));
            (marks == 0 && !told).then(|| Reply { to: comment.id, surface, done, text: String::new() })
        });
        missing.collect()
    }

    /// Whether it may bear a command of a person, or of another bot.
    fn may_speak(&self, comment: &wire::IssueComment) -> bool {
        let author = wire::actor(comment.user.as_ref());
        let is_named = || !self.is_ours(comment) && may_be_named(&author.login, comment.body.as_deref().unwrap_or_default());
        is_spoken(comment) && (!author.bot || is_named())
    }

    fn surfaces(&self) -> impl Iterator<Item = (&wire::IssueComment, Surface)> {
        let talk = self.talk.iter().map(|comment| (comment, Surface::Comment));
        let review = self.review.iter().map(|comment| (comment, Surface::Thread(comment.in_reply_to_id.unwrap_or(comment.id))));
        talk.chain(review)
    }

    fn posted(&self, reviews: Vec<Posted>) -> Vec<Posted> {
        let mut posted: Vec<Posted> = self
            .surfaces()
            .filter(|(comment, _)| self.may_speak(comment) && (is_bots(comment) || comment.performed_via_github_app.is_none()))
            .map(|(comment, surface)| Posted {
                id: comment.id,
                surface,
                url: comment.html_url.clone(),
                author: wire::actor(comment.user.as_ref()),
                at: Timestamp::parse(&comment.created_at).unwrap_or_default(),
                body: comment.body.clone().unwrap_or_default(),
                right: None,
            })
            .chain(reviews)
            .collect();
        posted.sort_by_key(|posted| (posted.at, posted.id));
        posted
    }
}

fn is_bots(comment: &wire::IssueComment) -> bool {
    wire::actor(comment.user.as_ref()).bot
}

/// Whether a comment may bear a command. An edited one never counts: nobody knows what it said when others read it.
fn is_spoken(comment: &wire::IssueComment) -> bool {
    !comment.is_edited() && comment.body.as_deref().is_some_and(may_bear_command)
}

/// GitHub may store line ends as CRLF.
pub(super) fn normal(body: &str) -> String {
    body.replace("\r\n", "\n")
}

async fn own_reactions(place: &Place, me: &str, surface: Surface, to: u64) -> Result<Vec<String>, ForgeError> {
    let kind = match surface {
        Surface::Comment => "issues",
        Surface::Thread(_) => "pulls",
        // Reviews bear no reactions.
        Surface::Review => return Ok(Vec::new()),
    };
    let path = place.path(&format!("/{kind}/comments/{to}/reactions"));
    match place.client.pages::<wire::Reaction>(&path).await {
        Ok((reactions, _)) => {
            let ours = reactions.into_iter().filter(|reaction| reaction.user.as_ref().is_some_and(|user| user.login == me));
            Ok(ours.map(|reaction| reaction.content).collect())
        }
        // The comment is gone, or reactions are not for us to see.
        Err(ForgeError::NotFound { .. } | ForgeError::Forbidden { .. }) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}
