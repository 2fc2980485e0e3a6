//! What is open: what must be repaired, what blocks and what is severe in full, the rest in short.

use crate::decisions::{Because, Decided, Reviewed, Ruling, Standing};
use crate::report::carry;
use crate::report::shown::is_shown;
use crate::report::text::page::{Page, Paint};
use crate::report::text::quote;
use crate::report::text::{Style, at, plain};
use crate::report::{Arranged, Line, Repair, Report, ruled, way};
use crate::stride::rule::{RuleKind, Severity};
use crate::stride::{Outcome, Threat};
use std::collections::BTreeSet;

/// What is said of the settings, the ledger and files before anything else.
pub(super) fn to_repair(report: &Report, style: &Style<'_>, page: &mut Page) {
    for (label, words) in
        report.warnings.iter().map(|warning| ("settings  ", warning)).chain(report.ledger.uncounted.iter().map(|words| ("ledger  ", words)))
    {
        page.blank();
        page.paragraph("", label, &plain(words));
    }
    if let Some(emergency) = &report.emergency {
        let by = format!("{} by {} until {}: {}", emergency.ticket, emergency.by.login, emergency.until, emergency.reason);
        page.blank();
        page.paragraph("", "emergency  ", &plain(&by));
    }
    for repair in &report.repairs {
        let label = if report.accepted(&repair.id).is_some() { "accepted" } else { "repair" };
        page.blank();
        page.line(&[(Paint::Alarm, label), (Paint::Id, &plain(&repair.id))], 2);
        page.paragraph("  ", "", &plain(&repair.what));
        if let Some(place) = repair.in_tree() {
            quote::place(place, style, page);
        }
        page.paragraph("  ", "way out  ", &way_out(report, repair));
    }
    if let Some(weakened) = &report.weakened {
        let id = weakened.id();
        page.blank();
        page.line(&[(Paint::Alarm, "blocks"), (Paint::Strong, "settings"), (Paint::Id, &plain(&id))], 2);
        page.paragraph("  ", "", &format!("this change weakens the gate: {}", plain(&weakened.plain_words())));
        quote::place(&weakened.place, style, page);
        let way_out = || "leave them as they are, or have it accepted by its ID".to_owned();
        page.paragraph("  ", "way out  ", &stands(report.rulings.get(&id)).unwrap_or_else(way_out));
    }
}

/// What to do about a repair, or who accepted the file as it is.
fn way_out(report: &Report, repair: &Repair) -> String {
    let or = if repair.acceptable { ", or have it accepted by its ID" } else { "" };
    stands(report.rulings.get(&repair.id)).unwrap_or_else(|| format!("{}{or}", plain(&repair.way_out)))
}

/// The word that stands, if there is one.
fn stands(ruling: Option<&Ruling>) -> Option<String> {
    Some(match ruling? {
        Ruling::Decided(decided) => said(decided),
        Ruling::Proposed(decided) => format!("proposed: {}; somebody else confirms it", said(decided)),
    })
}

/// `accepted by maria: “a public form”`.
pub(super) fn said(decided: &Decided) -> String {
    let by = decided.confirmed_by.as_ref().unwrap_or(&decided.by);
    let terms = plain(&decided.terms());
    format!("{} by {}{terms}: {}", decided.verdict.word(), plain(&by.words()), plain(&decided.reason))
}

/// The lines that stand alone, as far as they are `wanted`.
pub(super) fn alone(report: &Report, arranged: &Arranged<'_>, style: &Style<'_>, wanted: impl Fn(&Line<'_>) -> bool, page: &mut Page) {
    let is_shown = |line: &&Line<'_>| line.members().any(|reviewed| is_shown(reviewed, style.least));
    for line in arranged.alone.iter().filter(|line| wanted(line)).filter(is_shown) {
        in_full(report, line, style, page);
    }
}

fn in_full(report: &Report, line: &Line<'_>, style: &Style<'_>, page: &mut Page) {
    let threat = &line.first.threat;
    let kind = match threat.rule.kind {
        RuleKind::Finding => "",
        RuleKind::Question => ", question",
        RuleKind::Baseline => ", baseline",
    };
    let weight = format!("{} {}{kind}", threat.severity.word(), threat.rule.category.words().to_lowercase());
    let (label, paint) = if line.blocks() { ("blocks", Paint::Alarm) } else { ("open", Paint::Warning) };
    page.blank();
    // The ID of a line that stands for several is one of this change: a clone knows threats by their own.
    page.line(
        &[(paint, label), (of_severity(threat.severity), &weight), (Paint::Id, &plain(&threat.id())), (Paint::Soft, threat.rule.id)],
        2,
    );
    page.paragraph("  ", "", &plain(&threat.title()));
    quote::place(&threat.place, style, page);
    if let Outcome::Unclear { reasons } = &threat.outcome {
        for (fact, reason) in reasons {
            page.paragraph("  ", "not known  ", &format!("{}: {}", fact.as_str(), plain(reason)));
        }
    }
    if let Some(way) = way::in_text(&report.after, line.members().map(|reviewed| &reviewed.threat)) {
        page.paragraph("  ", "opens  ", &plain(&way));
    }
    page.paragraph("  ", "ask  ", &plain(&threat.question()));
    let fixes = threat.fixes();
    if !fixes.is_empty() {
        page.paragraph("  ", "fix  ", &fixes.join("; "));
    }
    others(line, page);
    line.members().for_each(|reviewed| so_far(reviewed, page));
    let hints = line.members().filter_map(|reviewed| carry::hint(report, &reviewed.threat.id(), plain, plain));
    before(hints.collect(), page);
}

/// What was decided on what the change takes for a rename, where no line speaks of it.
pub(super) fn renamed(report: &Report, page: &mut Page) {
    let hints = carry::aside(report, plain, plain);
    if !hints.is_empty() {
        page.blank();
        before(hints, page);
    }
}

fn before(hints: BTreeSet<[String; 2]>, page: &mut Page) {
    for [sentence, command] in hints {
        page.paragraph("  ", "before  ", &format!("{sentence}, comment:"));
        // To be copied whole, it stands in a line of its own.
        page.raw(&format!("    {}", page.painted(Paint::Id, &command)));
    }
}

/// The other threats that the line is about, each with what it says if that is something else.
fn others(line: &Line<'_>, page: &mut Page) {
    for Reviewed { threat, .. } in &line.others {
        if threat.rule.id == line.first.threat.rule.id {
            let name = plain(threat.named_beside(&line.first.threat));
            page.paragraph("  ", "likewise  ", &format!("{name}, {}, {}", at(&threat.place), plain(&threat.id())));
        } else {
            page.paragraph("  ", "also  ", &format!("{} ({}), {}", plain(&threat.title()), at(&threat.place), plain(&threat.id())));
        }
    }
}

/// What the settings and people have said of a threat so far, and what the change itself and others state.
fn so_far(reviewed: &Reviewed, page: &mut Page) {
    ruled::all(&reviewed.threat, plain).iter().for_each(|said| page.paragraph("  ", "settings  ", said));
    match &reviewed.standing {
        Standing::Proposed(decided) => {
            page.paragraph("  ", "proposed  ", &format!("{}; somebody else confirms it", said(decided)));
        }
        Standing::Reopened { was, because } => page.paragraph("  ", "before  ", &format!("{}; {}", said(was), why(because))),
        Standing::Open | Standing::Unclear | Standing::Covered | Standing::SwitchedOff | Standing::Claimed | Standing::Decided(_) => {}
    }
    stated(&reviewed.threat, page);
}

/// `: “the form moves”`, as somebody wrote it; nothing where nobody said anything.
pub(in crate::report) fn quoted(reason: &str) -> String {
    if reason.is_empty() { String::new() } else { format!(": “{reason}”") }
}

/// Why an answer stands no longer.
pub(in crate::report) fn why(because: &Because) -> String {
    match because {
        Because::Expired(day) => format!("it ran until {day}"),
        Because::Unbacked(pin, loss) => pin.words(*loss, plain),
        Because::TakenBack { by, reason } => format!("{} took it back{}", plain(&by.login), plain(&quoted(reason))),
        Because::FactsChanged(changes) => {
            let changes = changes.iter().map(|(fact, then, now)| format!("{} was {}, now {}", plain(fact), plain(then), plain(now)));
            changes.collect::<Vec<_>>().join("; ")
        }
    }
}

fn stated(threat: &Threat, page: &mut Page) {
    let confirmed = if threat.proposals().is_empty() { "does not count before it is merged" } else { "needs confirmation" };
    for claim in threat.stated.iter().flat_map(|stated| &stated.claims) {
        page.paragraph("  ", "", &format!("stated by this change, {confirmed}: {}  {}", plain(&claim.words), at(&claim.place)));
    }
    for other in &threat.suppressed {
        let (id, reason) = (plain(&other.id), plain(&other.reason));
        page.paragraph("  ", "", &format!("stated for {}, no answer here: {id} {reason}  {}", other.tool, at(&other.place)));
    }
}

/// What may stay open: the ID and the place of each, and what it is about.
pub(super) fn optional(arranged: &Arranged<'_>, style: &Style<'_>, page: &mut Page) {
    let rolled_up = arranged.rollups.iter().flat_map(Line::members).chain(arranged.low.iter().copied());
    let rest: Vec<&Reviewed> = rolled_up.filter(|reviewed| is_shown(reviewed, style.least)).collect();
    if rest.is_empty() {
        return;
    }
    page.blank();
    page.line(&[(Paint::Strong, "optional")], 2);
    rest.iter().for_each(|reviewed| in_short(&reviewed.threat, page));
}

pub(super) fn in_short(threat: &Threat, page: &mut Page) {
    let severity = format!("  {:<8}", threat.severity.word());
    page.line(&[(of_severity(threat.severity), &severity), (Paint::Id, &plain(&threat.id())), (Paint::Soft, &at(&threat.place))], 12);
    page.paragraph("            ", "", &plain(&threat.title()));
    ruled::all(threat, plain).iter().for_each(|said| page.paragraph("            ", "settings  ", said));
}

fn of_severity(severity: Severity) -> Paint {
    match severity {
        Severity::Critical | Severity::High => Paint::Alarm,
        Severity::Medium => Paint::Warning,
        Severity::Low => Paint::Soft,
    }
}
