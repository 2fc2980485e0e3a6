//! What is to be said about a change: the first of the two functions that are the product.
//!
//! Comes in: everything that may be known of the change, as a value. Goes out: a report, or what must be fetched first.
//! Pure, total and ordered: same bytes in, same bytes out.

mod absent;
mod answer;
mod asking;
mod bodies;
mod branches;
mod carry;
mod checkout;
mod claims;
mod emergency;
mod excepted;
mod first_reading;
mod folders;
pub mod generated;
mod groups;
mod hidden;
mod hosts;
mod instances;
mod introduced;
mod joined;
mod last_readable;
mod ledger;
mod look;
mod matters;
mod mentions;
pub mod merged;
mod moved;
mod newcomers;
mod opened;
mod out_of_sight;
mod owed;
mod own;
mod own_accounts;
mod ownership;
mod pairs;
mod pins;
mod placed;
pub mod plans;
mod public_entries;
pub mod register;
mod renamed;
mod repairs;
pub mod reproduction;
mod roots;
mod route_names;
mod routes;
mod settings;
mod siblings;
mod stages;
mod stood;
pub mod suggested;
mod synthesis;
mod texts;
mod trusted;
mod units;
mod unknown;
mod unread_before;
mod untold;
mod witnessed;

pub use crate::judge::texts::{LedgerTexts, PushedText};

use crate::change::{Change, Surface, Timestamp};
use crate::decisions::assigned::assignee;
use crate::decisions::authority::{self, Unasked};
use crate::decisions::merge;
use crate::decisions::pin::Pin;
use crate::decisions::reconcile::{self, Hearing};
use crate::decisions::{Ledger, Reviewed, Ruling};
use crate::delta;
use crate::delta::Delta;
use crate::judge::branches::News;
use crate::judge::introduced::Before;
use crate::judge::ledger::Scales;
use crate::judge::settings::InForce;
use crate::judge::stages::{Asked, Stages};
use crate::judge::units::Units;
use crate::model::Model;
use crate::model::exports;
use crate::report::{Judged, LedgerWords, Repair, Report, Verdict, Weakened, thread};
use crate::settings::{Generated, Mode, Settings, SettingsTexts, Unread};
use crate::source::RepoPath;
use crate::stride::policy::RuleSet;
use crate::stride::rule::RuleKind;
use crate::stride::threats::find_under;
use crate::stride::{self, Outcome, Threat};
use std::collections::{BTreeMap, BTreeSet};

/// Either the report, or what must be fetched before there can be one.
#[derive(Debug)]
pub enum Step {
    Needs(Needs),
    Done(Box<Report>),
}

/// What is missing. The rim fetches all of it and asks again; it bounds the rounds and the bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Files of the merge base.
    pub base: BTreeSet<RepoPath>,
    /// Files of the head.
    pub head: BTreeSet<RepoPath>,
    /// Comments whose author's permission must be looked up.
    pub rights: BTreeSet<(Surface, u64)>,
    /// By `organisation/team` and login, accounts of which it must be looked up whether they are members.
    pub members: BTreeSet<(String, String)>,
    /// Who wrote the commits of the pull request.
    pub authors: bool,
    /// Which account alone has write access.
    pub sole_maintainer: bool,
    /// Units whose ledger files must be read.
    pub ledger: BTreeSet<RepoPath>,
    /// Whether the ledger's other files must be read too: what somebody said last may lie in any.
    pub others: bool,
    /// Files whose earlier versions must be fetched: those of the base's ancestors.
    pub history: BTreeSet<RepoPath>,
    /// Input that is not in git, and that must be looked for before anything else.
    pub input: Option<Generated>,
}

impl Needs {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Judges a change.
pub fn judge(change: &Change, settings: &SettingsTexts, texts: &LedgerTexts, now: Timestamp) -> Step {
    let mut needs = Needs::default();
    let InForce { settings, warnings, mut repairs, weakened, remarks } = settings::read(change, settings, &mut needs);
    if let Some(input) = generated::wanted(change, &settings) {
        return Step::Needs(Needs { input: Some(input), ..needs });
    }
    let without_input = generated::while_missing(change, &settings);
    let change = without_input.as_ref().unwrap_or(change);
    repairs.extend(generated::workflow_changed(change, &settings));
    let mut units = if change.too_heavy.is_some() { Units::default() } else { units::find(change, &settings, &mut needs) };
    let scales = &Scales::new(&settings, &change.repository.owner, &change.members, now);
    let mut ledger = ledger::read(&units, texts, scales, &mut needs);
    if needs.is_empty() {
        needs.head.extend(pins::unread(change, &ledger));
    }
    if !needs.is_empty() {
        return Step::Needs(needs);
    }
    repairs.append(&mut units.repairs);
    repairs.extend(repairs::truncated(change));
    repairs.extend(repairs::too_heavy(change));
    if settings.unread == Unread::Fail {
        repairs.extend(units.not_judged.iter().map(|other| repairs::not_judged(change, other)));
    }
    let moved = ownership::moved(&units);
    let (before, mut after) = joined::models(&mut units);
    let mut delta = delta::compare(&before, &after);
    unknown::name(&mut units, &mut delta);
    delta::state_taken(&mut after, &delta);
    let rules = settings.rule_set(&units.moved);
    let stated = claims::find(&before, &after, &delta, &settings.facts);
    let asked = Asked { base: &units.base, head: &units.head, moved: &units.moved, folders: &units.folders };
    let stages = Stages::read(change, &asked, &settings, &stated.units());
    let of_head = stages.of_head(head_threats(change, &settings, (&before, &after), &delta, &rules), (&after, &delta), &rules);
    let threats = stride::gather(trusted::cover(of_head, &settings));
    let of_base = stages.of_base(find_under(&before, &rules.of_base()), &before, &rules.of_base());
    let base_threats = Before::new(trusted::cover(of_base, &settings), &threats, (&before, &after), &delta, change);
    repairs.extend(first_reading::repairs(change, &units.first_read, &threats));
    repairs.extend(absent::repairs(change, &threats, &base_threats));
    let mut matters = matters::of_repairs(&repairs, &units);
    matters.extend(weakened.as_ref().map(|weakened| matters::of_weakened(weakened, change)));
    // Nobody accepts that the record of what was accepted cannot be read.
    repairs.extend(ledger::repairs(change, texts, &ledger));
    let mut news = branches::find(change, &units, (&threats, &base_threats), &settings, &rules);
    repairs.extend(news.left_out.iter().map(|note| repairs::of(change, note, "split the change")));
    carry::rename(&mut ledger, &delta, &units.moved, &after);
    pairs::follow(&mut ledger, &threats);
    let unchanged = carry::unchanged(&ledger, &threats);
    let in_branches = std::mem::take(&mut news.threats);
    news.state_in(&mut delta);
    let (concerned, older) = split(threats.into_iter().chain(in_branches).collect(), &base_threats, &delta, &news);
    let asked = concerned.iter().chain(owed::asked(&older, &ledger));
    let Unasked { authors, sole_maintainer } = answer::unasked(change, &settings, (&ledger, &matters), asked);
    if authors || sole_maintainer {
        return Step::Needs(Needs { authors, sole_maintainer, ..Needs::default() });
    }
    let mut reviewed = review(concerned, change, (&base_threats, &after, &news), &settings, &ledger, now);
    opened::count_once(&mut delta, &before, &after, &reviewed);
    let (owed, older) = owed::find(older, &reviewed, change, &ledger, now);
    // What such a file has is answered as a whole.
    reviewed.iter_mut().for_each(|reviewed| reviewed.blocks &= !units.first_read.contains(&reviewed.threat.unit));
    let rulings = matters::rulings(&matters, change, &ledger, now);
    let others = ledger::others(texts, scales, &mut needs);
    if !needs.is_empty() {
        return Step::Needs(needs);
    }
    let answers = answer::answer(change, &settings, (&owed::answerable(&reviewed, &owed), &matters, &rulings), (&ledger, &moved, others));
    if !answers.rights.is_empty() || !answers.members.is_empty() || answers.others {
        return Step::Needs(Needs { rights: answers.rights, members: answers.members, others: answers.others, ..Needs::default() });
    }
    let mut report =
        report(change, &settings, warnings, repairs, units, Found { before, after, delta, reviewed, rulings, weakened, older, owed });
    report.remarks = remarks;
    report.carriable = carry::hints(&ledger, &report, now);
    report.ledger = ledger::words(change, texts, &ledger);
    report.awaited = generated::missing(change, &settings);
    if !report.awaited.is_empty() {
        report.verdict = Verdict::Undetermined;
    }
    // A branch that has not only grown proves nothing, and nothing is written to it.
    if texts.broken.is_none() {
        report.emergency = emergency::find(change, &report, &ledger, now);
        // Where input is missing, what is not seen is not gone.
        if report.awaited.is_empty() {
            let reviewed = report.reviewed.iter().map(|reviewed| &reviewed.threat);
            report.blocks = carry::blocks(&ledger, reviewed.chain(&unchanged), change, now);
            report.blocks.extend(carry::debts(&ledger, &report.owed));
        }
        report.blocks.extend(answers.blocks);
    }
    report.replies = answers.replies;
    report.asking.whom = asking::whom(change, &settings, &report, &moved);
    Step::Done(Box::new(report))
}

/// The threats of the head, on which nothing counts that the change itself states and nobody has confirmed.
fn head_threats(
    change: &Change,
    settings: &Settings,
    (before, after): (&Model, &Model),
    delta: &Delta,
    rules: &RuleSet<'_>,
) -> Vec<Threat> {
    let stated = find_under(after, rules);
    let proposals = claims::find(before, after, delta, &settings.facts);
    if proposals.is_empty() {
        return proposals.mark(stated);
    }
    let again = proposals.units();
    let mut counted = after.clone();
    counted.elements.retain(|element| !again.contains(&element.unit));
    counted.flows.retain(|flow| !again.contains(&flow.unit));
    counted.recorded.retain(|recorded| !again.contains(&recorded.unit));
    counted.join(units::read_again(change, &again, &proposals.claims(settings)));
    exports::connect(&mut counted);
    delta::state_taken(&mut counted, delta);
    proposals.withhold(&mut counted);
    proposals.merge(stated, find_under(&counted, rules), after)
}

/// Threats of what is new or changed, and the others that are open.
fn split(threats: Vec<Threat>, before: &Before<'_>, delta: &Delta, news: &News) -> (Vec<Threat>, Vec<Threat>) {
    let touched: BTreeSet<&str> = delta.subjects().collect();
    let is_touched = |threat: &Threat| threat.sharers().any(|sharer| touched.contains(&*sharer.on));
    let (concerned, mut others): (Vec<Threat>, Vec<Threat>) = threats
        .into_iter()
        .partition(|threat| is_touched(threat) || news.branches.contains_key(&threat.key) || (before.lacks(threat) && !is_covered(threat)));
    others.retain(|threat| !is_covered(threat) && !threat.is_off() && threat.rule.kind != RuleKind::Baseline);
    others.sort_by(|a, b| (b.score, &a.key).cmp(&(a.score, &b.key)));
    (concerned, others)
}

fn is_covered(threat: &Threat) -> bool {
    matches!(threat.outcome, Outcome::Covered { .. })
}

/// Each threat with what has become of it, highest score first.
fn review(
    threats: Vec<Threat>,
    change: &Change,
    (before, after, news): (&Before<'_>, &Model, &News),
    settings: &Settings,
    ledger: &Ledger,
    now: Timestamp,
) -> Vec<Reviewed> {
    let pinned = |pin: &Pin| pins::state(change, pin);
    let known = newcomers::Known::of(change);
    let mut reviewed: Vec<Reviewed> = threats
        .into_iter()
        .map(|mut threat| {
            threat.branch = threat.branch.take().or_else(|| news.branches.get(&threat.key).cloned());
            if threat.branch.is_some() {
                // What cannot be told of the whole is sure there.
                threat.outcome = Outcome::Open;
            }
            let place_of_branch = news.places.get(&threat.key);
            let introduced = (before.lacks(&threat) || threat.branch.is_some()) && !known.knows_owners(&threat, after);
            threat.is_new = before.is_new(&threat);
            threat.is_usual = before.is_usual(&threat);
            threat.instances = before.instances(&threat);
            threat.news = before.adds_to(&threat);
            threat.others.iter_mut().for_each(|other| other.is_new = before.is_new(other));
            let place = place_of_branch.or_else(|| introduced::added::place_of_news(&threat, before, after)).cloned();
            if let Some(place) = place.or_else(|| witnessed::place(&threat, change)) {
                threat.place = place;
            }
            let told = before.tells(&threat) && !absent::hides(&threat, change);
            // Beside everybody nobody is a newcomer; whom the base knows is known there too.
            let counts = |kind: &RuleKind| *kind != RuleKind::Finding || !before.let_everybody_in(&threat);
            let by_default = news.by_default.contains(&threat.key).then_some(RuleKind::Question);
            let by_whom = by_default.or_else(|| known.counts_as(&threat).filter(counts));
            let counted = by_whom.map_or_else(|| before.counts_as(&threat), |kind| Some(kind).filter(|kind| *kind != threat.rule.kind));
            let blocks = introduced && told && settings.waits_for(&threat, counted);
            let said = ledger.about(&threat);
            let electorate = authority::electorate(change, &threat.key);
            let hearing = Hearing { blocks: &said, electorate: &electorate, today: now.day(), pinned: &pinned };
            let (standing, undecided) = reconcile::standing(&threat, &hearing);
            let owed = merge::owed(&threat, said.iter().copied());
            let assigned = assignee(&threat, said.iter().copied());
            Reviewed { threat, standing, undecided, introduced, blocks, owed, assigned }
        })
        .collect();
    reviewed.sort_by(|a, b| (b.threat.score, &a.threat.key).cmp(&(a.threat.score, &b.threat.key)));
    reviewed
}

struct Found {
    before: Model,
    after: Model,
    delta: Delta,
    reviewed: Vec<Reviewed>,
    rulings: BTreeMap<String, Ruling>,
    weakened: Option<Weakened>,
    older: Vec<Threat>,
    owed: Vec<Reviewed>,
}

fn report(change: &Change, settings: &Settings, warnings: Vec<String>, mut repairs: Vec<Repair>, units: Units, judged: Found) -> Report {
    repairs.sort();
    let mut report = Report {
        verdict: Verdict::Clear,
        advise: settings.mode == Mode::Advise,
        agents: settings.agents,
        base: change.base.commit,
        head: change.head.commit,
        notes: judged.after.notes.iter().cloned().chain(units.notes).collect(),
        delta: judged.delta,
        before: judged.before,
        after: judged.after,
        units: judged.reviewed.iter().map(|reviewed| reviewed.threat.unit.clone()).collect(),
        reviewed: judged.reviewed,
        older: judged.older,
        owed: judged.owed,
        repairs,
        awaited: Vec::new(),
        rulings: judged.rulings,
        emergency: None,
        own: settings.own.edition().to_owned(),
        weakened: judged.weakened,
        judged_files: units.judged.len(),
        not_judged: units.not_judged,
        blocks: Vec::new(),
        threads: Vec::new(),
        numbers: change.numbers.clone(),
        replies: Vec::new(),
        warnings,
        remarks: Vec::new(),
        carriable: BTreeMap::new(),
        deciders: settings.deciders(),
        agreement: settings.agreement(),
        web_url: change.repository.web_url.clone(),
        presentation: change.presentation.clone(),
        public: !change.repository.private,
        ledger: LedgerWords::default(),
        asking: asking::means(settings),
        pull: change.pull.as_ref().map(|pull| pull.number),
        same_head: change.pull.as_ref().map(|pull| pull.same_head.clone()).unwrap_or_default(),
    };
    report.verdict = verdict(&report);
    report.number_lines();
    report.threads = thread::render(&report, change, settings.threads);
    report
}

/// The row of DESIGN's table that a report belongs to. What could not be read wins over what blocks.
fn verdict(report: &Report) -> Verdict {
    if report.open_repairs().next().is_some() {
        Verdict::Undetermined
    } else if report.blocking().next().is_some() || report.open_weakened().is_some() {
        Verdict::NeedsAnswer
    } else if report.judged() == Judged::Nothing {
        Verdict::NotJudged
    } else if report.delta.takes_away() {
        Verdict::Noted
    } else {
        Verdict::Clear
    }
}
