//! The check run: the same verdict in a title, a summary and the full list.
//!
//! Comes in: a report. Goes out: conclusion and texts within GitHub's limits. Never `neutral` or `skipped`:
//! those satisfy a required check.

pub mod annotations;

use crate::change::ObjectId;
use crate::decisions::merge::Debt;
use crate::decisions::{Reviewed, Ruling, Standing};
use crate::delta::What;
use crate::model::unweighed::Unweighed;
use crate::report::comment;
use crate::report::comment::history::said_and_confirmed;
use crate::report::escape;
use crate::report::headline;
use crate::report::markup;
use crate::report::markup::{claimed_by, count, cut, line, question, rank, ruled as by_settings, stated, suppressed, title};
use crate::report::{Check, Conclusion, Report, Verdict, carry, ruled, unasked, unweighed};
use crate::settings::talk::CommentMode;
use crate::stride::{Outcome, Threat};
use std::fmt::Write;

/// Characters of summary and text each; GitHub takes 65,535.
const BUDGET: usize = 60_000;
/// GitHub shows the title on one line.
const TITLE: usize = 120;
/// Most threats that a line names as those it stands for.
const MOST_NAMED: usize = 12;
/// Most lines of what nothing weighs.
const UNWEIGHED: usize = 8;

/// The button on a completed check, and the only one: its identifier, what it is called, and what it does. GitHub takes 20, 20 and 40 characters.
pub const RECHECK: (&str, &str, &str) = ("recheck", "Recheck", "Judges this commit again");

/// Stands under the summary of a pull request that was there before the App, which gets nothing but its check.
pub const FROM_BEFORE: &str = "\n\nThis pull request was open before Astride was installed: the comment comes with the next push, or with a first command (`/stride show`).";

/// Stands under what is said while generated input is missing.
const WHILE_INPUT_IS_MISSING: &str = "Until it is there, comment and threads stay as they are, and commands wait for their answer; an emergency is heard at once. \
     Nothing was found in what is missing *and* nothing was cleared.";

/// What stands once on the head of a default branch, where there is nothing to judge: required checks are chosen from those that were seen.
pub fn of_default_branch() -> Check {
    Check {
        conclusion: Conclusion::Success,
        title: "nothing to judge: a branch, and no pull request".to_owned(),
        summary:
            "Astride judges pull requests and merge groups. This check is put here once, so that `astride` can be chosen as a required \
                  check, with this App as its source. It says nothing about this commit."
                .to_owned(),
        text: String::new(),
        details: None,
        annotations: Vec::new(),
    }
}

/// The check as it should stand for this report.
pub fn render(report: &Report) -> Check {
    let conclusion = conclusion(report);
    let (annotations, left_out) = annotations::of(report, conclusion != Conclusion::Success);
    let mut summary = cut(summary(report), BUDGET);
    if report.asking.mode == CommentMode::Check
        && let Some(comment) = comment::for_check(report)
    {
        let room = BUDGET.saturating_sub(summary.len());
        summary.push_str(&cut(format!("\n\n---\n\n{comment}"), room));
    }
    if left_out > 0 {
        summary.push_str(&format!("\n\n{left_out} more are not annotated on their lines: the list below has them."));
    }
    Check {
        conclusion,
        title: at_a_word(headline::title(report)),
        summary,
        text: cut(full_list(report), BUDGET),
        details: report.presentation.details.clone(),
        annotations,
    }
}

/// A title that GitHub would cut in the middle of a word ends at one.
fn at_a_word(title: String) -> String {
    if title.chars().count() <= TITLE {
        return title;
    }
    let kept: String = title.chars().take(TITLE - 2).collect();
    let words = kept.rsplit_once(' ').map_or(kept.as_str(), |(words, _)| words);
    format!("{} …", words.trim_end_matches([' ', ',', ':', '(']))
}

fn conclusion(report: &Report) -> Conclusion {
    match report.verdict {
        _ if report.advise || report.emergency.is_some() => Conclusion::Success,
        Verdict::Clear | Verdict::Noted | Verdict::NotJudged => Conclusion::Success,
        Verdict::NeedsAnswer => Conclusion::ActionRequired,
        Verdict::Undetermined => Conclusion::Failure,
    }
}

fn summary(report: &Report) -> String {
    let mut lines = Vec::new();
    let delta = &report.delta;
    lines.push(format!(
        "{} added, {} removed, {} changed, {} renamed; {} added, {} removed.",
        count(delta.elements_added.len(), "element", "elements"),
        delta.elements_removed.len(),
        delta.elements_changed.len(),
        delta.elements_renamed.len(),
        count(delta.flows_added.len(), "flow", "flows"),
        delta.flows_removed.len(),
    ));
    for awaited in &report.awaited {
        lines.push(format!("- **input** of {}. Way out: {}.", escape::text(&awaited.what), escape::text(&awaited.way_out)));
    }
    for repair in report.open_repairs() {
        lines.push(format!(
            "- **repair** {} {}, line {}: {}. Way out: {}.",
            escape::code(&repair.id),
            escape::code(repair.place.path.as_str()),
            repair.place.line,
            escape::text(&repair.what),
            escape::text(&repair.way_out)
        ));
    }
    lines.extend(report.emergency.as_ref().map(|emergency| format!("- {}", markup::emergency(emergency))));
    if let Some(weakened) = report.open_weakened() {
        lines.push(format!(
            "- {} Elevation of privilege: this pull request weakens the gate: {}.",
            escape::code(&weakened.id()),
            weakened.words()
        ));
    }
    lines.extend(rulings(report));
    for reviewed in report.blocking() {
        let by_settings = by_settings(&reviewed.threat).map_or_else(String::new, |said| format!(". {said}"));
        lines.push(format!("- {} {}: {}{by_settings}", escape::code(&reviewed.threat.id()), rank(reviewed), title(&reviewed.threat)));
    }
    let switched_off = ruled::switched_off(&report.reviewed).into_iter();
    lines.extend(switched_off.map(|off| format!("- switched off: {}: {}", off.rules(escape::code), off.why(escape::text))));
    lines.extend(unweighed::told(report).take(UNWEIGHED).map(|other| unweighed_line(report, other)));
    let more = unweighed::told(report).count().saturating_sub(UNWEIGHED);
    if more > 0 {
        lines.push(format!("- {more} more are not weighed"));
    }
    for other in &report.not_judged {
        lines.push(format!("- not judged: {} ({})", escape::code(other.path.as_str()), escape::text(&other.format)));
    }
    for note in report.stale().chain(report.shared_states()).chain(report.public_entries()) {
        lines.push(format!("- {}: {}", escape::code(note.place.path.as_str()), escape::text(&note.text)));
    }
    lines.extend(report.ledger.uncounted.iter().map(|words| format!("- ledger: {words}")));
    let before = carry::aside(report, escape::text, escape::code).into_iter();
    lines.extend(before.map(|[sentence, command]| format!("- before: {sentence}: {command}.")));
    lines.extend(
        report
            .ledger
            .protection
            .iter()
            .filter(|_| report.ledger.is_new)
            .map(|words| format!("- New with this pull request: the ledger {words} (said once; the details of each check have it)")),
    );
    if !report.awaited.is_empty() {
        lines.push(WHILE_INPUT_IS_MISSING.to_owned());
    } else if report.waits() {
        lines.push("Push a fix, or answer in the pull request with `/stride help` for how.".to_owned());
    }
    lines.join("\n")
}

fn unweighed_line(report: &Report, other: &Unweighed) -> String {
    let [resource, kind, property] = unweighed::pieces(report, other);
    let property = if property.is_empty() { String::new() } else { format!(" {}", escape::code(property)) };
    let (path, line) = (escape::code(other.place.path.as_str()), other.place.line);
    format!("- not weighed: {} ({}){property} ({path}, line {line})", escape::code(resource), escape::text(kind))
}

/// What people said of what is decided by its ID alone.
fn rulings(report: &Report) -> impl Iterator<Item = String> {
    report.rulings.iter().map(|(id, ruling)| match ruling {
        Ruling::Decided(decided) => format!("- {} {}.", escape::code(id), said_and_confirmed(decided)),
        Ruling::Proposed(decided) => {
            format!("- {} proposed: {}; somebody else confirms it.", escape::code(id), said_and_confirmed(decided))
        }
    })
}

/// How the line begins that says with which tip of the ledger's branch a check was made.
const LEDGER: &str = "Ledger at ";

/// First, so that no other text can stand in its place and no limit cuts it; behind the tip, who may write there.
fn ledger_lines(report: &Report) -> String {
    let Some(tip) = report.ledger.tip else { return String::new() };
    let protection = report.ledger.protection.as_ref().map_or_else(String::new, |words| format!("{words}\n"));
    format!("{LEDGER}{tip}\n{protection}\n")
}

/// The tip that a check of ours was made with.
pub fn read_ledger_tip(text: &str) -> Option<ObjectId> {
    ObjectId::from_hex(text.strip_prefix(LEDGER)?.lines().next()?.trim_end())
}

/// The text of a check behind what it begins with of the ledger: what people read of the change.
pub fn without_ledger_lines(text: &str) -> &str {
    at_ledger_lines(text).map_or(text, |(_, rest)| rest)
}

/// Whether two texts say the same. A ledger that has grown is no news by itself, nor is one that was begun; who may write there is.
pub fn says_the_same(standing: &str, text: &str) -> bool {
    let protection = |text| at_ledger_lines(text).map(|(protection, _)| protection).filter(|words| !words.is_empty());
    let is_as_protected = match (protection(standing), protection(text)) {
        (Some(standing), Some(now)) => standing == now,
        (None, _) | (_, None) => true,
    };
    is_as_protected && without_ledger_lines(standing) == without_ledger_lines(text)
}

/// Who may write the ledger, in words, and what follows behind the first empty line; `None` where a text does not begin with the ledger.
fn at_ledger_lines(text: &str) -> Option<(&str, &str)> {
    read_ledger_tip(text)?;
    let (_, mut rest) = text.split_once('\n').unwrap_or((text, ""));
    let mut protection = "";
    while let Some((line, behind)) = rest.split_once('\n').or_else(|| (!rest.is_empty()).then_some((rest, ""))) {
        if line.trim().is_empty() {
            return Some((protection, behind.trim_start_matches(['\r', '\n'])));
        }
        (protection, rest) = (line.trim(), behind);
    }
    Some((protection, ""))
}

/// Every threat of what is new or changed, and every note.
fn full_list(report: &Report) -> String {
    let mut out = ledger_lines(report);
    for reviewed in &report.reviewed {
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "- {} {}, {}: {}",
            standing_word(reviewed),
            escape::code(&reviewed.threat.id()),
            rank(reviewed),
            full_line(report, reviewed)
        );
    }
    for reviewed in &report.owed {
        let words = reviewed.owed.as_ref().map(Debt::words).unwrap_or_default();
        let (id, rank) = (escape::code(&reviewed.threat.id()), rank(reviewed));
        let _ = writeln!(out, "- owed {id}, {rank}: {} ({})", title(&reviewed.threat), escape::text(&words));
    }
    if !report.older.is_empty() {
        let _ = writeln!(out, "\n{} older, not judged here.", count(report.older.len(), "threat is", "threats are"));
    }
    let unasked = unasked::told(report);
    if !unasked.is_empty() {
        out.push_str("\nChanged, and raises nothing:\n\n");
    }
    for other in unasked {
        let [resource, kind, property] = unasked::pieces(report, other);
        let property = if property.is_empty() { String::new() } else { format!(" {}", escape::code(property)) };
        let (path, line) = (escape::code(other.place.path.as_str()), other.place.line);
        let before = if other.what == What::Gone { " before" } else { "" };
        let _ = writeln!(
            out,
            "- {}: {} ({}){property} ({path}, line {line}{before})",
            other.what.word(),
            escape::code(resource),
            escape::text(kind)
        );
    }
    if !report.notes.is_empty() {
        out.push_str("\nNotes:\n\n");
    }
    for note in &report.notes {
        let _ = writeln!(
            out,
            "- {}, line {}: {} ({})",
            escape::code(note.place.path.as_str()),
            note.place.line,
            escape::text(&note.text),
            note.kind.word()
        );
    }
    out
}

fn full_line(report: &Report, reviewed: &Reviewed) -> String {
    let threat = &reviewed.threat;
    match &threat.outcome {
        Outcome::Covered { note, .. } => {
            let by = claimed_by(threat).map_or_else(String::new, |by| format!("{by}, "));
            format!("{} ({by}{})", escape::text(note), line(report, threat, &threat.place))
        }
        Outcome::Open | Outcome::Unclear { .. } => {
            let stated = stated(report, reviewed).map_or_else(String::new, |stated| format!(" {stated}"));
            let suppressed = suppressed(report, threat).map_or_else(String::new, |suppressed| format!(" {suppressed}"));
            let behind = stands_for(threat);
            let by_settings = by_settings(threat).map_or_else(String::new, |said| format!(" {said}"));
            format!(
                "{} ({}) {}{behind}{by_settings}{stated}{suppressed}",
                title(threat),
                line(report, threat, &threat.place),
                question(threat)
            )
        }
    }
}

/// What the same answer holds for: nothing that was found goes unsaid.
fn stands_for(threat: &Threat) -> String {
    let address = |on: &str| escape::code(on.split_once('#').map_or(on, |(_, address)| address));
    let named: Vec<String> =
        threat.supersedes.iter().take(MOST_NAMED).map(|other| format!("{} on {}", other.key.rule, address(&other.on))).collect();
    let more = match threat.supersedes.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    if named.is_empty() { String::new() } else { format!(" Stands for {}{more}.", named.join(", ")) }
}

pub(super) fn standing_word(reviewed: &Reviewed) -> &'static str {
    match &reviewed.standing {
        Standing::Open if reviewed.blocks && reviewed.introduced => "**open**",
        Standing::Open => "open",
        Standing::Unclear => "unclear",
        Standing::Covered => "covered",
        Standing::SwitchedOff => "switched off",
        Standing::Claimed | Standing::Proposed(_) => "proposed",
        Standing::Decided(_) => "decided",
        Standing::Reopened { .. } => "**reopened**",
    }
}
