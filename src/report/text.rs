//! The report for a terminal: what is open first, then what is covered, then what was not read.
//!
//! Comes in: a report, and whether to colour. Goes out: plain text, with ANSI colours where asked. Control characters of foreign text
//! never reach the terminal.

use crate::decisions::{Decided, Reviewed, Ruling, Standing};
use crate::report::headline::headline;
use crate::report::markup::{claimed_by, count};
use crate::report::shown::is_shown;
use crate::report::{Line, Repair, Report, taken};
use crate::source::Place;
use crate::stride::rule::{RuleKind, Severity};
use crate::stride::{Outcome, Threat};
use std::collections::BTreeSet;
use std::fmt::Write;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colour {
    #[default]
    Never,
    Ansi,
}

/// How much is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// The verdict alone, in one line.
    Quiet,
    #[default]
    Normal,
    /// Also what is covered.
    Verbose,
}

/// How the report is to look.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    pub colour: Colour,
    pub detail: Detail,
    /// Of threats that do not block only those of at least this severity.
    pub least: Severity,
}

impl Default for Style {
    fn default() -> Self {
        Self { colour: Colour::Never, detail: Detail::Normal, least: Severity::Low }
    }
}

/// The whole report.
pub fn render(report: &Report, style: &Style) -> String {
    let colour = style.colour;
    let mut out = String::new();
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(out, "{}", paint(colour, "1", &format!("Astride: {}", plain(&headline(report)))));
    if style.detail == Detail::Quiet {
        return out;
    }
    delta(report, &mut out);
    for warning in &report.warnings {
        let _ = writeln!(out, "\nsettings: {}", plain(warning));
    }
    for words in &report.ledger.uncounted {
        let _ = writeln!(out, "\nledger: {}", plain(words));
    }
    if let Some(emergency) = &report.emergency {
        let (ticket, login, reason) = (plain(&emergency.ticket), plain(&emergency.by.login), plain(&emergency.reason));
        let _ = writeln!(out, "\nemergency {ticket} by {login} until {}: {reason}", emergency.until);
    }
    if let Some(weakened) = &report.weakened {
        let id = weakened.id();
        let (title, id_words, place) = (paint(colour, "31", "settings"), paint(colour, "36", &id), at(&weakened.place));
        let way_out = "way out: leave them as they are, or have it accepted by its ID";
        let stands = stands(report.rulings.get(&id)).unwrap_or_else(|| way_out.to_owned());
        let _ =
            writeln!(out, "\n{title}  {id_words}  {place}\n  this change weakens the gate: {}\n  {stands}", plain(&weakened.plain_words()));
    }
    for repair in &report.repairs {
        let _ = writeln!(
            out,
            "\n{}  {}  {}\n  {}\n  {}",
            paint(colour, "31", "repair"),
            paint(colour, "36", &repair.id),
            at(&repair.place),
            plain(&repair.what),
            ask(report, repair)
        );
    }
    for words in taken::lines(report) {
        let _ = writeln!(out, "\ntaken away: {}", plain(&words));
    }
    let arranged = report.arranged();
    let shown = |reviewed: &&Reviewed| is_shown(reviewed, style.least);
    arranged.alone.iter().flat_map(Line::members).filter(shown).for_each(|reviewed| single(reviewed, colour, &mut out));
    let rest: Vec<&Reviewed> = arranged.rollups.iter().flat_map(Line::members).chain(arranged.low.iter().copied()).filter(shown).collect();
    if !rest.is_empty() {
        out.push_str("\noptional\n");
    }
    rest.iter().for_each(|reviewed| optional(reviewed, &mut out));
    let left_out = report.left_out(style.least);
    if left_out > 0 {
        let _ = writeln!(out, "\n{left_out} open below {}, left out", style.least.word());
    }
    settled(report, style, &mut out);
    out
}

/// What to do about a repair, or who accepted the file as it is.
fn ask(report: &Report, repair: &Repair) -> String {
    let or = if repair.acceptable { ", or have it accepted by its ID" } else { "" };
    let way_out = || format!("way out: {}{or}", plain(&repair.way_out));
    stands(report.rulings.get(&repair.id)).unwrap_or_else(way_out)
}

/// The word that stands, if there is one.
fn stands(ruling: Option<&Ruling>) -> Option<String> {
    let said = |decided: &Decided| {
        let by = decided.confirmed_by.as_ref().unwrap_or(&decided.by);
        format!("{} by {}: {}", decided.verdict.word(), plain(&by.login), plain(&decided.reason))
    };
    Some(match ruling? {
        Ruling::Decided(decided) => said(decided),
        Ruling::Proposed(decided) => format!("proposed: {}; somebody else confirms it", said(decided)),
    })
}

fn delta(report: &Report, out: &mut String) {
    let delta = &report.delta;
    for id in &delta.elements_added {
        let _ = writeln!(out, "  + {}", plain(id.as_str()));
    }
    for id in &delta.elements_removed {
        let _ = writeln!(out, "  - {}", plain(id.as_str()));
    }
    for rename in &delta.elements_renamed {
        let _ = writeln!(out, "  ~ {} was {}", plain(rename.to.as_str()), plain(rename.from.as_str()));
    }
    for (id, changes) in &delta.elements_changed {
        let facts: BTreeSet<&str> = changes.iter().map(|change| change.fact.as_str()).collect();
        let facts: Vec<&str> = facts.into_iter().collect();
        let _ = writeln!(out, "  * {} ({})", plain(id.as_str()), facts.join(", "));
    }
    for id in &delta.flows_added {
        let _ = writeln!(out, "  + {}", plain(id.as_str()));
    }
    for id in &delta.flows_removed {
        let _ = writeln!(out, "  - {}", plain(id.as_str()));
    }
    if !delta.recorded.is_empty() {
        out.push_str("\nrecorded in the model file\n");
    }
    for change in &delta.recorded {
        let title = if change.threat.title.is_empty() { &change.threat.id } else { &change.threat.title };
        let _ = writeln!(out, "  “{}” {}  {}", plain(title), change.words(), at(&change.threat.place));
    }
}

fn single(reviewed: &Reviewed, colour: Colour, out: &mut String) {
    let threat = &reviewed.threat;
    let code = match threat.severity {
        Severity::Critical | Severity::High => "31",
        Severity::Medium => "33",
        Severity::Low => "2",
    };
    let kind = match threat.rule.kind {
        RuleKind::Finding => "",
        RuleKind::Question => ", question",
        RuleKind::Baseline => ", baseline",
    };
    let _ = writeln!(
        out,
        "\n{}{kind}  {}  {}",
        paint(colour, code, &format!("{} {}", threat.severity.word(), threat.rule.category.words().to_lowercase())),
        paint(colour, "36", &plain(&threat.id())),
        at(&threat.place)
    );
    let _ = writeln!(out, "  {}", plain(&threat.title()));
    if let Outcome::Unclear { reasons } = &threat.outcome {
        for (fact, reason) in reasons {
            let _ = writeln!(out, "  cannot be told: {} ({})", fact.as_str(), plain(reason));
        }
    }
    let _ = writeln!(out, "  {}", plain(&threat.question()));
    said(threat, out);
    if !threat.rule.fixes.is_empty() {
        let _ = writeln!(out, "  fix: {}", threat.rule.fixes.join("; "));
    }
}

/// What the change states on a threat, and what other tools were told.
fn said(threat: &Threat, out: &mut String) {
    let confirmed = if threat.proposals().is_empty() { "does not count before it is merged" } else { "needs confirmation" };
    for claim in threat.stated.iter().flat_map(|stated| &stated.claims) {
        let place = at(&claim.place);
        let _ = writeln!(out, "  stated by this change, {confirmed}: {}  {place}", plain(&claim.words));
    }
    for suppression in &threat.suppressed {
        let place = at(&suppression.place);
        let (id, reason) = (plain(&suppression.id), plain(&suppression.reason));
        let _ = writeln!(out, "  stated for {}, no answer here: {id} {reason}  {place}", suppression.tool);
    }
}

fn optional(reviewed: &Reviewed, out: &mut String) {
    let threat = &reviewed.threat;
    let _ = writeln!(out, "  {} {}  {}  {}", threat.severity.word(), plain(&threat.id()), plain(&threat.title()), at(&threat.place));
}

fn settled(report: &Report, style: &Style, out: &mut String) {
    let covered: Vec<&Reviewed> = report.reviewed.iter().filter(|reviewed| matches!(reviewed.standing, Standing::Covered)).collect();
    let decided: Vec<&Reviewed> = report.reviewed.iter().filter(|reviewed| matches!(reviewed.standing, Standing::Decided(_))).collect();
    if !decided.is_empty() {
        out.push_str("\ndecided\n");
    }
    for reviewed in decided {
        if let Standing::Decided(decided) = &reviewed.standing {
            let _ = writeln!(
                out,
                "  {} {} by {}: {}",
                plain(&reviewed.threat.id()),
                decided.verdict.word(),
                plain(&decided.by.login),
                plain(&decided.reason)
            );
        }
    }
    if !covered.is_empty() {
        let listed = if style.detail == Detail::Verbose { "" } else { "; -v lists them" };
        let _ = writeln!(out, "\ncovered by the template: {}{listed}", count(covered.len(), "threat", "threats"));
    }
    for reviewed in covered.into_iter().filter(|_| style.detail == Detail::Verbose) {
        if let Outcome::Covered { note, place } = &reviewed.threat.outcome {
            let by = claimed_by(&reviewed.threat).map_or_else(String::new, |by| format!(", {by}"));
            let place = place.as_ref().map_or_else(String::new, |place| format!("{by}  {}", at(place)));
            let _ = writeln!(
                out,
                "  {} {} {}: {}{place}",
                paint(style.colour, "32", "✓"),
                reviewed.threat.rule.category.letter(),
                plain(&reviewed.threat.shown),
                plain(note)
            );
        }
    }
    for other in report.other_suppressions() {
        let place = at(&other.place);
        let (on, id, reason) = (plain(other.on.address()), plain(&other.id), plain(&other.reason));
        let _ = writeln!(out, "\nstated for {} on {on}: {id} {reason}  {place}", other.tool);
    }
    for other in &report.not_judged {
        let _ = writeln!(out, "\nnot judged: {} ({})", plain(other.path.as_str()), plain(&other.format));
    }
    if !report.notes.is_empty() {
        out.push_str("\nnotes\n");
    }
    for note in &report.notes {
        let _ = writeln!(out, "  {}: {} ({})", at(&note.place), plain(&note.text), note.kind.word());
    }
    if report.older > 0 {
        let _ = writeln!(out, "\n{} older, not judged here", count(report.older, "threat is", "threats are"));
    }
}

fn paint(colour: Colour, code: &str, text: &str) -> String {
    match colour {
        Colour::Never => text.to_owned(),
        Colour::Ansi => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
    }
}

/// `template.yaml:12`.
pub(super) fn at(place: &Place) -> String {
    format!("{}:{}", plain(place.path.as_str()), place.line)
}

/// Foreign text without control characters: an element's name must not move the cursor.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
