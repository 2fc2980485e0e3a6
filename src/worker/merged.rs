//! Merges: what was judged of a pull request when it went in is recorded in the ledger, and whoever still waits for an answer there gets one.
//!
//! Comes in: a pull request that was merged. Goes out: one commit on the ledger's branch, unless it has the record already. It is judged once
//! more, as of the merge and against the base that it had, so that the record needs nothing that only the store knew. What was said before the
//! merge counts and comes first; what was said after it is refused.

use super::run::{Outcome, RunError, engine, judged, said};
use super::{Bench, details};
use crate::change::{Actor, ObjectId, Posted, Timestamp};
use crate::command::grammar;
use crate::decisions::{Decided, Ruling, Signature, Standing, authority, ledger_text};
use crate::forge::apply;
use crate::forge::error::ForgeError;
use crate::forge::site::Site;
use crate::forge::snapshot::Snapshot;
use crate::forge::talk::Talk;
use crate::forge::wire;
use crate::judge::merged::Merged;
use crate::plan;
use crate::plan::Effect;
use crate::queue::job::Job;
use crate::report::{Judged, Reply, Report};
use crate::source::RepoPath;
use std::collections::BTreeSet;

/// How far back the sweep looks for merges that no event told of, in seconds.
const LOOK_BACK: i64 = 14 * 86_400;
/// What was said after the merge has nothing left to decide here.
const LATE: &str = "Not done: this pull request is merged, and nothing is decided on it any more. What went in unanswered is owed: the next \
                    pull request that touches it lists it, and a command there answers it.";
/// What nobody could judge any more.
const UNHEARD: &str = "Not done: this pull request was merged, and could not be judged once more.";
/// Times that it begins anew because the ledger has moved.
const MAX_ROUNDS: usize = 6;

/// The merged pull requests of which nobody knows that they are recorded, or that all is answered which is said there.
///
/// # Errors
/// Of the forge.
pub(super) async fn unrecorded(bench: &Bench, site: &Site) -> Result<Vec<wire::Pull>, RunError> {
    if site.is_archived {
        return Ok(Vec::new());
    }
    let mut unrecorded = Vec::new();
    for pull in site.merged_since(since(bench)).await? {
        let noted = bench.store.noted_merge(site.repository.id, pull.number).await?;
        if noted.is_none_or(|seen| seen < wire::timestamp(&pull.updated_at)) {
            unrecorded.push(pull);
        }
    }
    Ok(unrecorded)
}

fn since(bench: &Bench) -> Timestamp {
    Timestamp(bench.clock.timestamp().0.saturating_sub(LOOK_BACK))
}

/// Records the merge of a pull request, if it is one and has no record yet.
///
/// # Errors
/// Of the forge, where it may pass; and of the judgement, where it is tried again.
pub(super) async fn record(bench: &Bench, job: &Job, site: &Site, pull: &wire::Pull) -> Result<Outcome, RunError> {
    let repository = site.repository.id;
    let (Some(at), Some(commit)) = (&pull.merged_at, pull.merge_commit_sha.as_deref().and_then(ObjectId::from_hex)) else {
        return Ok(Outcome::Done);
    };
    let (at, changed_at) = (wire::timestamp(at), wire::timestamp(&pull.updated_at));
    let is_before = at < since(bench) || site.is_before_us(at);
    let noted = bench.store.noted_merge(repository, pull.number).await?;
    if is_before || noted.is_some() {
        return refuse(bench, site, pull, noted.filter(|_| !is_before)).await;
    }
    let merged = Merged {
        pull: pull.number,
        url: format!("{}/pull/{}", site.repository.web_url, pull.number),
        branch: pull.base.branch.clone(),
        commit,
        by: signature(site, &wire::actor(pull.merged_by.as_ref())).await?,
        at,
        engine: engine(),
    };
    for _ in 0..MAX_ROUNDS {
        match try_to_record(bench, job, site, pull, &merged).await {
            // What was said is in the ledger, and is judged with.
            Ok(Recorded::Again) => {}
            Ok(Recorded::Settled) => {
                bench.store.note_merge(repository, pull.number, changed_at).await?;
                return Ok(Outcome::Done);
            }
            // The sweep comes back to it.
            Ok(Recorded::NotYet) => return Ok(Outcome::Done),
            Err(RunError::Forge(ForgeError::TipMoved)) => {}
            // Where the App may only read, there is no record. Whatever else the forge refuses is tried again, since it may be behind.
            Err(RunError::Forge(error)) if error.is_lack_of_permission() => {
                tracing::info!(%error, pull = pull.number, "the merge is not recorded");
                bench.store.note_merge(repository, pull.number, changed_at).await?;
                return Ok(Outcome::Done);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(Outcome::Moved)
}

/// Refuses what was said since the merge was recorded. What is older than that, only an event tells of.
async fn refuse(bench: &Bench, site: &Site, pull: &wire::Pull, noted: Option<Timestamp>) -> Result<Outcome, RunError> {
    let (repository, changed_at) = (site.repository.id, wire::timestamp(&pull.updated_at));
    let is_news = noted.is_some_and(|seen| seen < changed_at) || !bench.store.waiting(repository, pull.number).await?.is_empty();
    if is_news {
        let talk = site.hear(pull).await?;
        let refused = talk.waiting.open.iter().filter_map(|posted| refusal(posted, LATE)).collect();
        Desk { bench, site, number: pull.number, talk: &talk }.tell(refused).await?;
    }
    if noted.is_some() {
        bench.store.note_merge(repository, pull.number, changed_at).await?;
    }
    Ok(Outcome::Done)
}

/// Whether there is anything left to record.
enum Recorded {
    Settled,
    /// The ledger has got what people said before the merge.
    Again,
    /// The ledger is not what it was: once it is mended, the record can be written.
    NotYet,
}

async fn try_to_record(bench: &Bench, job: &Job, site: &Site, pull: &wire::Pull, merged: &Merged) -> Result<Recorded, RunError> {
    let mut snapshot = site.see_merged(pull).await?;
    if snapshot.growth.lags {
        return Err(ForgeError::Lagging.into());
    }
    if let Some(what) = &snapshot.growth.broken {
        tracing::warn!(what, pull = pull.number, "the merge is not recorded yet: the ledger is not what it was");
        return Ok(Recorded::NotYet);
    }
    let talk = site.hear(pull).await?;
    snapshot.take_talk(talk.clone());
    site.note_shown(&mut snapshot, pull.number).await?;
    let late: Vec<Posted> = snapshot.change.posted.extract_if(.., |posted| posted.at > merged.at).collect();
    snapshot.change.approvals.reviews.retain(|approval| approval.posted.at <= merged.at);
    let sides = [snapshot.change.base.commit, snapshot.change.head.commit];
    let judged = match judged(bench, site, &mut snapshot, job.attempts, merged.at).await {
        Ok(report) => Some(report),
        Err(RunError::Panicked | RunError::TooMuch(_)) => None,
        Err(error) => return Err(error),
    };
    let desk = Desk { bench, site, number: pull.number, talk: &talk };
    if !desk.answer(&snapshot, judged.as_ref(), &late).await? {
        return Ok(Recorded::Again);
    }
    if is_recorded(site, merged).await? {
        return Ok(Recorded::Settled);
    }
    let blocks = match judged {
        // In a repository that has nothing to judge no ledger is begun.
        Some(report) if snapshot.tip.commit.is_none() && report.judged() == Judged::Irrelevant => return Ok(Recorded::Settled),
        Some(report) => merged.record(&report),
        None => merged.unjudged(sides),
    };
    site.ledger.append(&snapshot.tip, &blocks, bench.judgement.append).await?;
    bench.metrics.effect("append-ledger");
    Ok(Recorded::Settled)
}

/// Where commands on a merged pull request are answered.
struct Desk<'d> {
    bench: &'d Bench,
    site: &'d Site,
    number: u64,
    talk: &'d Talk,
}

impl Desk<'_> {
    /// Writes what people said before the merge, and gives `false`: then it is judged once more. Where that is written, they are told.
    async fn answer(&self, snapshot: &Snapshot, report: Option<&Report>, late: &[Posted]) -> Result<bool, RunError> {
        let mut replies: Vec<Reply> = report.map(|report| report.replies.clone()).unwrap_or_default();
        if let Some(report) = report.filter(|report| says_something(report)) {
            match self.site.ledger.append(&snapshot.tip, &report.blocks, self.bench.judgement.append).await {
                Ok(_) => {
                    self.bench.metrics.effect("append-ledger");
                    return Ok(false);
                }
                Err(error) if error.is_lack_of_permission() => {
                    for refused in said::refused(self.site, snapshot, report) {
                        replies.iter_mut().filter(|reply| is_same(reply, &refused)).for_each(|reply| reply.clone_from(&refused));
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        let unheard = snapshot.change.posted.iter().filter(|posted| !replies.iter().any(|reply| is_to(reply, posted)));
        let refused = unheard.map(|posted| (posted, UNHEARD)).chain(late.iter().map(|posted| (posted, LATE)));
        let refused: Vec<Reply> = refused.filter_map(|(posted, why)| refusal(posted, why)).collect();
        if let Some(report) = report.filter(|report| replies.iter().any(|reply| reply.done) || is_confirmed_by_review(report, self.number))
        {
            self.show(snapshot, report).await?;
        }
        replies.extend(refused);
        self.tell(replies).await?;
        Ok(true)
    }

    /// Brings comment, threads and check to what was said right before the merge. It comes before the answers, by whose absence a later run
    /// knows that there is something left to do.
    async fn show(&self, snapshot: &Snapshot, report: &Report) -> Result<(), RunError> {
        let repository = self.site.repository.id;
        let mut report = Report { blocks: Vec::new(), ..report.clone() };
        let link = details::link(self.bench, repository, &mut report).await?;
        let mut effects = plan::plan_final(&report, &snapshot.page);
        // The check of a commit that other pull requests have for their head is theirs now.
        if !self.site.pulls_at(report.head).await?.is_empty() {
            effects.retain(|effect| !matches!(effect, Effect::UpdateCheck { .. }));
        }
        details::keep(self.bench, repository, &report, link, &effects).await?;
        self.write(&effects).await
    }

    /// Answers these commands, and those of which only the answer is missing.
    async fn tell(&self, mut replies: Vec<Reply>) -> Result<(), RunError> {
        let told_late = self.talk.waiting.unanswered.iter().filter(|late| !replies.iter().any(|reply| reply.to == late.to));
        let told_late: Vec<Reply> = told_late.cloned().collect();
        replies.extend(told_late);
        let repository = self.site.repository.id;
        self.bench.store.settle(repository, &replies).await?;
        self.write(&plan::plan_answers(&replies, &self.talk.page)).await?;
        Ok(self.bench.store.answered(repository, &replies).await?)
    }

    async fn write(&self, effects: &[Effect]) -> Result<(), RunError> {
        for effect in effects {
            match apply::apply(&self.site.place, self.number, effect).await {
                Ok(()) => self.bench.metrics.effect(apply::word(effect)),
                // The conversation may be locked.
                Err(error @ (ForgeError::Forbidden { .. } | ForgeError::Unprocessable { .. } | ForgeError::NotFound { .. })) => {
                    tracing::warn!(%error, effect = apply::word(effect), "left out");
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// Whether an approving review on the pull request has confirmed what stands: nothing is replied to it.
fn is_confirmed_by_review(report: &Report, number: u64) -> bool {
    let is_it = |decided: &Decided| decided.pull == number && decided.confirmed_by.as_ref().is_some_and(authority::is_by_approval);
    let of_threats = report.reviewed.iter().any(|reviewed| matches!(&reviewed.standing, Standing::Decided(decided) if is_it(decided)));
    of_threats || report.rulings.values().any(|ruling| matches!(ruling, Ruling::Decided(decided) if is_it(decided)))
}

/// Whether people have said what is not in the ledger yet.
fn says_something(report: &Report) -> bool {
    report.blocks.iter().any(|(_, block)| block.is_typed())
}

fn is_same(reply: &Reply, other: &Reply) -> bool {
    (reply.surface, reply.to) == (other.surface, other.to)
}

fn is_to(reply: &Reply, posted: &Posted) -> bool {
    (reply.surface, reply.to) == (posted.surface, posted.id)
}

/// `None` for what is no command.
fn refusal(posted: &Posted, why: &str) -> Option<Reply> {
    // A bot is told nothing after the merge: it could only have proposed.
    let commands = if posted.author.bot { Vec::new() } else { grammar::parse(&posted.body, posted.at) };
    (!commands.is_empty()).then(|| Reply { to: posted.id, surface: posted.surface, done: false, text: why.to_owned() })
}

async fn is_recorded(site: &Site, merged: &Merged) -> Result<bool, RunError> {
    let scope: RepoPath = ledger_text::merges_scope(merged.at);
    let tip = site.ledger.at(site.ledger.tip().await?).await?;
    let texts = site.ledger.texts(&tip, &BTreeSet::from([scope.clone()])).await?;
    let mut blocks = texts.values().flatten().filter_map(|text| ledger_text::parse(text).ok()).flatten();
    Ok(blocks.any(|block| merged.is(&block)))
}

/// Who merged it, by what right.
async fn signature(site: &Site, actor: &Actor) -> Result<Signature, RunError> {
    let (_, right) = site.right(actor).await?;
    let right = right.map_or("unknown", |right| right.word());
    Ok(Signature { id: actor.id, login: actor.login.clone(), right: right.to_owned() })
}
