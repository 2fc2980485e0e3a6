//! Threats as the files of other threat-modelling tools list them: each once, with its standing in the few words that those formats share.
//!
//! Comes in: the register of a tree. Goes out: what rules raise, with what people decided, and behind it what model files record themselves.
//! The generic questions of the chart are listed only where somebody answered them: every tool asks its own.

use crate::decisions::{Decided, Reviewed, Standing, Verdict};
use crate::model::category::Category;
use crate::model::recorded::{RecordedStatus, RecordedThreat};
use crate::report::markup::sentence;
use crate::report::register::{Register, decision};
use crate::report::ruled;
use crate::report::text::open::why;
use crate::report::text::{at, plain};
use crate::source::Place;
use crate::stride::rule::{Rule, RuleKind, Severity};
use crate::stride::{Outcome, Threat, ThreatKey};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// One threat of a list.
pub(super) struct Listed<'r> {
    /// Stays from one export to the next: of rule and cause, or the file's own. Two threats of files may have one id.
    pub(super) id: String,
    /// The ids of the elements and flows that it belongs to, the worst off first; empty where it belongs to none.
    pub(super) on: Vec<&'r str>,
    pub(super) category: Option<Category>,
    pub(super) title: String,
    pub(super) description: String,
    /// What answers it, or would: the decision first, with who decided and why.
    pub(super) mitigation: String,
    pub(super) status: RecordedStatus,
    pub(super) place: &'r Place,
    pub(super) source: Source<'r>,
}

/// Who lists it.
#[derive(Clone, Copy)]
pub(super) enum Source<'r> {
    Rule { rule: &'static Rule, severity: Severity, score: u32, standing: &'r Standing },
    File(&'r RecordedThreat),
}

impl<'r> Listed<'r> {
    /// The decision that stands on it, or stood until it was reopened.
    pub(super) fn decided(&self) -> Option<&'r Decided> {
        match self.source {
            Source::Rule { standing, .. } => decision(standing),
            Source::File(_) => None,
        }
    }
}

/// The list: the severest first, what model files record last.
pub(super) fn threats(register: &Register) -> Vec<Listed<'_>> {
    let recorded: BTreeSet<_> =
        register.recorded.iter().map(|threat| (threat.on.as_deref().unwrap_or_default(), threat.category, threat.title.clone())).collect();
    let raised = register.threats.iter().filter(|reviewed| is_listed(reviewed)).map(of_rule);
    // An earlier export that was kept as a model file has it already.
    let raised = raised.filter(|listed| !recorded.contains(&(listed.on[0], listed.category, listed.title.clone())));
    raised.chain(register.recorded.iter().map(of_file)).collect()
}

fn is_listed(reviewed: &Reviewed) -> bool {
    reviewed.threat.rule.kind != RuleKind::Baseline || decision(&reviewed.standing).is_some()
}

fn of_rule(reviewed: &Reviewed) -> Listed<'_> {
    let Reviewed { threat, standing, .. } = reviewed;
    let mut on: Vec<&str> = Vec::new();
    for sharer in threat.sharers() {
        if !on.contains(&&*sharer.on) {
            on.push(&sharer.on);
        }
    }
    Listed {
        id: id(&threat.key),
        on,
        category: Some(threat.rule.category),
        title: title(threat, standing),
        description: description(threat),
        mitigation: mitigation(threat, standing),
        status: status(standing),
        place: &threat.place,
        source: Source::Rule { rule: threat.rule, severity: threat.severity, score: threat.score, standing },
    }
}

/// Without the facts, so that a changed fact makes no other threat of it.
fn id(key: &ThreatKey) -> String {
    let cause = &key.cause;
    let digest: [u8; 32] = Sha256::digest(format!("{}\n{}\n{}\n{}", key.rule, cause.kind.word(), cause.holder, cause.name)).into();
    let hex: String = digest[..6].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{hex}", key.rule)
}

fn status(standing: &Standing) -> RecordedStatus {
    match standing {
        Standing::Open | Standing::Unclear | Standing::Claimed | Standing::Proposed(_) | Standing::Reopened { .. } => RecordedStatus::Open,
        Standing::Covered => RecordedStatus::Mitigated,
        // Somebody who may has said once for all that it is not asked here.
        Standing::SwitchedOff => RecordedStatus::Accepted,
        Standing::Decided(decided) => match decided.verdict {
            Verdict::Mitigated => RecordedStatus::Mitigated,
            // Debt is a risk that is taken until its date.
            Verdict::Accepted | Verdict::Deferred => RecordedStatus::Accepted,
            Verdict::Transferred => RecordedStatus::Transferred,
            Verdict::NotApplicable => RecordedStatus::NotApplicable,
            Verdict::Wrong => RecordedStatus::FalsePositive,
            Verdict::Confirmed
            | Verdict::Reopened
            | Verdict::Emergency
            | Verdict::Undone
            | Verdict::Assigned
            | Verdict::Merged
            | Verdict::MergedOpen => RecordedStatus::Open,
        },
    }
}

/// The rule's title says that it is so; of what the template covers it is not.
fn title(threat: &Threat, standing: &Standing) -> String {
    let ruled_out = if matches!(standing, Standing::Covered) { "Ruled out: " } else { "" };
    format!("{ruled_out}{}", plain(&threat.title()))
}

fn description(threat: &Threat) -> String {
    let mut lines = vec![plain(&threat.question())];
    if let Outcome::Unclear { reasons } = &threat.outcome {
        lines.extend(reasons.iter().map(|(fact, reason)| format!("Not known: {} ({}).", fact.as_str(), plain(reason))));
    }
    let others: BTreeSet<&str> = threat.others.iter().map(|other| &*other.shown).filter(|shown| *shown != &*threat.shown).collect();
    if !others.is_empty() {
        lines.push(format!("Also on {}.", plain(&others.into_iter().collect::<Vec<_>>().join(", "))));
    }
    lines.push(format!("Rule {} at {}; ID {}.", threat.rule.id, at(&threat.place), plain(&threat.id())));
    lines.join("\n")
}

fn mitigation(threat: &Threat, standing: &Standing) -> String {
    let said = match standing {
        Standing::Open | Standing::Unclear => None,
        Standing::Covered => Some(covered(threat)),
        Standing::SwitchedOff => ruled::off(threat, plain).map(|words| format!("{}.", sentence(&words))),
        Standing::Claimed => Some("The change itself states an answer, which nobody has confirmed.".to_owned()),
        Standing::Proposed(decided) => Some(format!("Proposed, not confirmed: {}", said(decided))),
        Standing::Decided(decided) => Some(said(decided)),
        Standing::Reopened { was, because } => Some(format!("Reopened, because {}. Before: {}", why(because), said(was))),
    };
    let fixes = threat.fixes();
    let fix = (status(standing) == RecordedStatus::Open && !fixes.is_empty()).then(|| format!("Fix: {}.", fixes.join("; ")));
    said.into_iter().chain(fix).collect::<Vec<_>>().join("\n")
}

fn covered(threat: &Threat) -> String {
    match &threat.outcome {
        Outcome::Covered { note, place: Some(place) } => format!("Covered: {} ({}).", plain(note), at(place)),
        Outcome::Covered { note, place: None } => format!("Covered: {}.", plain(note)),
        Outcome::Open | Outcome::Unclear { .. } => "Covered.".to_owned(),
    }
}

/// `Accepted by octocat (write) on 2026-11-24 until 2027-01-01: behind the firewall`.
fn said(decided: &Decided) -> String {
    let by = decided.confirmed_by.as_ref().unwrap_or(&decided.by);
    let verdict = match decided.verdict {
        Verdict::Mitigated => "Mitigated",
        Verdict::Accepted => "Accepted",
        Verdict::Deferred => "Deferred",
        Verdict::Transferred => "Transferred",
        Verdict::NotApplicable => "Not applicable",
        Verdict::Wrong => "Wrong",
        Verdict::Confirmed => "Confirmed",
        Verdict::Reopened => "Reopened",
        Verdict::Emergency => "Emergency",
        Verdict::Undone => "Undone",
        Verdict::Assigned => "Assigned",
        Verdict::Merged => "Merged",
        Verdict::MergedOpen => "Merged open",
    };
    let terms = plain(&decided.terms());
    let link = if decided.url.is_empty() { String::new() } else { format!(" ({})", plain(&decided.url)) };
    format!("{verdict}, by {} ({}) on {}{terms}: {}{link}", plain(&by.login), plain(&by.right), decided.at.day(), plain(&decided.reason))
}

fn of_file(threat: &RecordedThreat) -> Listed<'_> {
    Listed {
        id: format!("{}#{}", threat.unit, threat.id),
        on: threat.on.as_deref().into_iter().collect(),
        category: threat.category,
        title: threat.title.clone(),
        description: threat.description.clone(),
        mitigation: threat.rationale.clone(),
        status: threat.status,
        place: &threat.place,
        source: Source::File(threat),
    }
}
