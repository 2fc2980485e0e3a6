//! What could not be read, above the fold; what the template covers and what was not judged, below it.
//!
//! Comes in: a report. Goes out: Markdown.

use crate::decisions::{Reviewed, Ruling, Standing};
use crate::delta::What;
use crate::model::category::Category;
use crate::report::comment::FOLDED;
use crate::report::comment::history::said_and_confirmed;
use crate::report::escape;
use crate::report::markup::{accept, claimed_by, confirmed_by, count, line, linked, reason, texts};
use crate::report::{Repair, Report, ruled, unasked, unweighed};
use crate::source::{Note, Place};
use crate::stride::rule::{Rule, Subject};
use crate::stride::{Outcome, Threat};
use std::collections::{BTreeMap, BTreeSet};

/// The group of the rules on what roles reach.
const ROLE_SCOPE: &str = "role_scope";

pub(super) fn repairs(report: &Report) -> Option<String> {
    let lines: Vec<String> = report
        .open_repairs()
        .map(|repair| {
            let place = place_of(report, repair);
            let (what, way_out) = (escape::text(&repair.what), escape::text(&repair.way_out));
            let ask = match report.rulings.get(&repair.id) {
                Some(Ruling::Proposed(decided)) => {
                    format!("Proposed: {}; {}.", said_and_confirmed(decided), confirmed_by(report, &repair.id))
                }
                Some(Ruling::Decided(_)) | None => {
                    let accept = accept(report, &repair.id).filter(|_| repair.acceptable);
                    format!("*Way out:* {way_out}{}.", accept.map_or_else(String::new, |command| format!("; or {command}")))
                }
            };
            format!("- {place}: {what}. {ask}")
        })
        .collect();
    (!lines.is_empty()).then(|| format!("**Could not be read, so nobody can tell:**\n\n{}", bounded(lines)))
}

/// Where a repair is, as a link where that is in the tree.
fn place_of(report: &Report, repair: &Repair) -> String {
    let words = format!("{}, line {}", escape::text(repair.place.path.as_str()), repair.place.line);
    repair.in_tree().map_or_else(|| words.clone(), |place| linked(report, place, &words))
}

/// In what the change weakens its own gate, and who said that it may.
pub(super) fn weakened(report: &Report) -> Option<String> {
    let weakened = report.weakened.as_ref()?;
    let id = weakened.id();
    let place = linked(report, &weakened.place, &escape::text(weakened.place.path.as_str()));
    let ask = match report.rulings.get(&id) {
        None => {
            let accept = accept(report, &id).map_or_else(String::new, |command| format!(" {command}"));
            format!("Is that meant, and who wants it?{accept}")
        }
        Some(Ruling::Proposed(decided)) => {
            format!("Proposed: {}; {}.", said_and_confirmed(decided), confirmed_by(report, &id))
        }
        Some(Ruling::Decided(decided)) => format!("It was {}, `{id}`.", said_and_confirmed(decided)),
    };
    let severity = if report.accepted(&id).is_some() { "" } else { "Elevation of privilege, high. " };
    Some(format!("**{severity}This pull request weakens the gate** ({place}): {}. {ask}", weakened.words()))
}

/// What could not be read and was accepted as it is.
pub(super) fn accepted(report: &Report) -> Option<String> {
    let line = |repair: &Repair| {
        let decided = report.accepted(&repair.id)?;
        let place = place_of(report, repair);
        Some(format!("- {place}: {}; {}, `{}`.", escape::text(&repair.what), said_and_confirmed(decided), repair.id))
    };
    let lines: Vec<String> = report.repairs.iter().filter_map(line).take(FOLDED).collect();
    (!lines.is_empty()).then(|| format!("**Could not be read, and accepted as it is:**\n\n{}", lines.join("\n")))
}

/// What was read is older than what it is made from.
pub(super) fn stale(report: &Report) -> Option<String> {
    let lines: Vec<String> = report.stale().map(|note| note_line(report, note)).collect();
    (!lines.is_empty()).then(|| format!("**Older than the code:**\n\n{}", bounded(lines)))
}

/// Roots that keep their state where another one does.
pub(super) fn shared_states(report: &Report) -> Option<String> {
    let lines: Vec<String> = report.shared_states().map(|note| note_line(report, note)).collect();
    (!lines.is_empty()).then(|| format!("**One state for two roots.** On purpose?\n\n{}", bounded(lines)))
}

/// Ways into a cluster in files that are not judged.
pub(super) fn public_entries(report: &Report) -> Option<String> {
    let lines: Vec<String> = report.public_entries().map(|note| note_line(report, note)).collect();
    (!lines.is_empty()).then(|| format!("**Opened to the internet, in files that are not judged.** On purpose?\n\n{}", bounded(lines)))
}

pub(super) fn unread(report: &Report) -> Option<String> {
    let notes: Vec<&Note> = report.unread_at_first().collect();
    let lines: Vec<String> = notes.iter().take(5).map(|note| note_line(report, note)).collect();
    let more = notes.len().saturating_sub(5);
    let more = if more > 0 { format!("\n- and {more} more, below") } else { String::new() };
    (!lines.is_empty()).then(|| format!("**Not read:**\n\n{}{more}", lines.join("\n")))
}

/// What somebody meant to state and did not.
pub(super) fn idle_annotations(report: &Report) -> Option<String> {
    let lines: Vec<String> = report.idle_annotations().map(|note| note_line(report, note)).collect();
    (!lines.is_empty()).then(|| format!("**Annotations that count for nothing as they are written:**\n\n{}", bounded(lines)))
}

/// As many lines of a list as are read, and how many there are besides.
fn bounded(mut lines: Vec<String>) -> String {
    let beyond = lines.split_off(lines.len().min(FOLDED));
    lines.extend((!beyond.is_empty()).then(|| format!("- and {} more", beyond.len())));
    lines.join("\n")
}

fn note_line(report: &Report, note: &Note) -> String {
    let place = linked(report, &note.place, &format!("{}, line {}", escape::text(note.place.path.as_str()), note.place.line));
    format!("- {place}: {}", escape::text(&note.text))
}

/// Proof of reading and of restraint.
pub(super) fn fold(report: &Report) -> String {
    let covered = report.reviewed.iter().filter(|reviewed| matches!(reviewed.standing, Standing::Covered));
    let (stated, covered): (Vec<&Reviewed>, Vec<&Reviewed>) = covered.partition(|reviewed| reviewed.threat.claimed.is_some());
    let repairs: BTreeSet<(&Place, &str)> = report.repairs.iter().map(|repair| (&repair.place, repair.what.as_str())).collect();
    let is_repair = |note: &&Note| note.kind.hides() && repairs.contains(&(&note.place, note.text.as_str()));
    let others: Vec<&Note> = report.notes.iter().filter(|note| !is_repair(note)).collect();
    let mut head = vec![format!("{} covered by the {}", covered.len(), texts(report))];
    if !stated.is_empty() {
        head.push(format!("{} by what people state", stated.len()));
    }
    let switched_off = ruled::switched_off(&report.reviewed);
    if !switched_off.is_empty() {
        head.push(format!("{} switched off by the settings", switched_off.iter().map(|off| off.threats.len()).sum::<usize>()));
    }
    head.push(format!("{} older, not judged here", report.older.len()));
    head.push(match report.not_judged.len() {
        0 if others.is_empty() && unweighed::told(report).next().is_none() => "nothing unread".to_owned(),
        0 => count(others.len() + unweighed::told(report).count(), "note", "notes"),
        files => format!("{} not judged", count(files, "file", "files")),
    });
    let unasked = unasked::told(report);
    if !unasked.is_empty() {
        head.push(format!("{} nothing", count(unasked.len(), "change raises", "changes raise")));
    }
    let stated = stated.iter().map(|reviewed| format!("- ✓ {}: {}", escape::code(&reviewed.threat.shown), covered_words(report, reviewed)));
    let switched_off = switched_off.iter().map(|off| format!("- switched off: {}: {}", off.rules(escape::code), off.why(escape::text)));
    let suppressions = report.other_suppressions().map(|other| {
        let place = linked(report, &other.place, &format!("line {}", other.place.line));
        let (on, id) = (escape::code(other.on.address()), escape::code(&other.id));
        format!("- stated for other tools on {on}: {} {id}{} ({place})", other.tool, reason(other))
    });
    let not_judged = report.not_judged.iter();
    let not_judged =
        not_judged.map(|other| format!("- not judged: {} ({})", escape::code(other.path.as_str()), escape::text(&other.format)));
    let unweighed = unweighed::told(report).map(|other| {
        let [resource, kind, property] = unweighed::pieces(report, other);
        let place = linked(report, &other.place, &format!("line {}", other.place.line));
        let property = if property.is_empty() { String::new() } else { format!(" {}", escape::code(property)) };
        format!("- not weighed: {} ({}){property} ({place})", escape::code(resource), escape::text(kind))
    });
    let unasked = unasked.iter().map(|other| {
        let [resource, kind, property] = unasked::pieces(report, other);
        let place = match other.what {
            What::Gone => format!("line {} before", other.place.line),
            What::New | What::Changed | What::Beyond => linked(report, &other.place, &format!("line {}", other.place.line)),
        };
        let property = if property.is_empty() { String::new() } else { format!(" {}", escape::code(property)) };
        format!("- {}, raises nothing: {} ({}){property} ({place})", other.what.word(), escape::code(resource), escape::text(kind))
    });
    let lists = [
        covered_lines(report, &covered),
        stated.collect(),
        switched_off.collect(),
        suppressions.collect(),
        unweighed.collect(),
        not_judged.collect(),
        unasked.collect(),
        others.iter().map(|note| note_line(report, note)).collect(),
    ];
    let body: String = lists.into_iter().filter(|list| !list.is_empty()).map(|list| bounded(list) + "\n").collect();
    let head = head.join(" · ");
    if body.is_empty() { head } else { format!("<details><summary>{head}</summary>\n\n{body}\n</details>") }
}

/// What the template shows, a line for each element and flow: the strongest control of each category.
fn covered_lines(report: &Report, covered: &[&Reviewed]) -> Vec<String> {
    let mut by_subject: BTreeMap<(&str, &str), Vec<&Reviewed>> = BTreeMap::new();
    for reviewed in covered {
        by_subject.entry((&*reviewed.threat.on, &*reviewed.threat.shown)).or_default().push(reviewed);
    }
    let beyond = by_subject.len().saturating_sub(FOLDED);
    let mut lines: Vec<String> = by_subject
        .iter()
        .take(FOLDED)
        .filter_map(|((_, shown), covered)| {
            let (of_role, own): (Vec<&Reviewed>, Vec<&Reviewed>) =
                covered.iter().copied().partition(|reviewed| reviewed.threat.rule.subject == Subject::Identity);
            let mut own = strongest(&own);
            if let Some(rights) = rights(report, &of_role) {
                own.entry(Category::ElevationOfPrivilege).or_insert(rights);
            }
            let controls: Vec<String> = own.values().map(|reviewed| covered_words(report, reviewed)).collect();
            (!controls.is_empty()).then(|| format!("- ✓ {}: {}", escape::code(shown), controls.join(" · ")))
        })
        .collect();
    if beyond > 0 {
        let last = lines.pop().unwrap_or_default();
        lines.push(format!("{last}\n- and {beyond} more elements and flows"));
    }
    lines
}

fn strongest<'r>(covered: &[&'r Reviewed]) -> BTreeMap<Category, &'r Reviewed> {
    let mut strongest: BTreeMap<Category, &Reviewed> = BTreeMap::new();
    for reviewed in covered {
        let best = strongest.entry(reviewed.threat.rule.category).or_insert(reviewed);
        if reviewed.threat.severity > best.threat.severity {
            *best = reviewed;
        }
    }
    strongest
}

/// What is covered of the rights of a role; nothing where any rule finds them too wide, now or before: half a role is no promise.
fn rights<'r>(report: &Report, covered: &[&'r Reviewed]) -> Option<&'r Reviewed> {
    let of_rights = |rule: &Rule| (rule.rollup, rule.category) == (ROLE_SCOPE, Category::ElevationOfPrivilege);
    let on = &covered.first()?.threat.on;
    let mut found = report.reviewed.iter().filter(|reviewed| reviewed.standing != Standing::Covered).map(|reviewed| &reviewed.threat);
    let is_wide = |threat: &Threat| of_rights(threat.rule) && threat.sharers().any(|sharer| sharer.on == *on);
    if found.any(is_wide) || report.older.iter().any(is_wide) {
        return None;
    }
    covered.iter().copied().find(|reviewed| of_rights(reviewed.threat.rule))
}

/// `S callers sign their requests (line 12)`.
fn covered_words(report: &Report, reviewed: &Reviewed) -> String {
    let threat = &reviewed.threat;
    let letter = threat.rule.category.letter();
    let Outcome::Covered { note, place } = &threat.outcome else { return letter.to_string() };
    let by = claimed_by(threat).map_or_else(String::new, |by| format!("{by}, "));
    let place = place.as_ref().map_or_else(String::new, |place| format!(" ({by}{})", line(report, threat, place)));
    format!("{letter} {}{place}", escape::text(note))
}
