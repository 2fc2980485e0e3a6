//! What is settled and what was not read: recorded answers, decisions, controls that the template shows, notes.
//!
//! Comes in: a report. Goes out: HTML.

use crate::decisions::{Because, Decided, Reviewed, Standing};
use crate::delta::What;
use crate::report::escape::xml;
use crate::report::html::{ROWS, code, frame, more, place};
use crate::report::markup::{claimed_by, texts};
use crate::report::text::open::quoted;
use crate::report::{Report, ruled, unasked, unweighed};
use crate::stride::Outcome;
use std::fmt::Write;

/// What the model file's own list of threats gained and lost.
pub(super) fn recorded(report: &Report, out: &mut String) {
    if report.delta.recorded.is_empty() {
        return;
    }
    out.push_str("<section aria-labelledby=\"recorded\">\n<h2 id=\"recorded\">Recorded in the model file</h2>\n<ul>\n");
    for change in report.delta.recorded.iter().take(ROWS) {
        let title = if change.threat.title.is_empty() { &change.threat.id } else { &change.threat.title };
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(out, "<li>“{}” {} ({})</li>", xml(title), change.words(), place(report, &change.threat.place));
    }
    out.push_str("</ul>\n");
    more(report.delta.recorded.len(), "changes", out);
    out.push_str("</section>\n");
}

/// What people said, and what became of it.
pub(super) fn decided(report: &Report, out: &mut String) {
    let rows: Vec<String> = report.reviewed.iter().filter_map(decision).collect();
    if rows.is_empty() {
        return;
    }
    out.push_str("<section aria-labelledby=\"decisions\">\n<h2 id=\"decisions\">Decisions</h2>\n");
    out.push_str(&frame("Decisions"));
    out.push_str("<table>\n<tr><th scope=\"col\">threat</th><th scope=\"col\">decision</th><th scope=\"col\">by</th></tr>\n");
    rows.iter().take(ROWS).for_each(|row| out.push_str(row));
    out.push_str("</table></div>\n");
    more(rows.len(), "decisions", out);
    out.push_str("</section>\n");
}

fn decision(reviewed: &Reviewed) -> Option<String> {
    let row = |decided: &Decided, now: &str| {
        let confirmed = decided.confirmed_by.as_ref().map_or_else(String::new, |by| format!(", confirmed by {}", xml(&by.login)));
        format!(
            "<tr><td>{}<br>{}</td><td>{}: {}{now}</td><td>{}{confirmed}<br><span class=\"soft\">{}</span></td></tr>\n",
            code(&reviewed.threat.id()),
            xml(&reviewed.threat.title()),
            xml(&format!("{}{}", decided.verdict.word(), decided.terms())),
            xml(&decided.reason),
            xml(&decided.by.words()),
            decided.at.day()
        )
    };
    match &reviewed.standing {
        Standing::Decided(decided) => Some(row(decided, "")),
        Standing::Reopened { was, because } => Some(row(was, &format!("<br><b>Reopened:</b> {}", why(because)))),
        Standing::Open | Standing::Unclear | Standing::Covered | Standing::SwitchedOff | Standing::Claimed | Standing::Proposed(_) => None,
    }
}

fn why(because: &Because) -> String {
    match because {
        Because::Expired(day) => format!("it ran until {day}"),
        Because::Unbacked(pin, loss) => pin.words(*loss, code),
        Because::TakenBack { by, reason } => format!("{} took it back{}", xml(&by.login), xml(&quoted(reason))),
        Because::FactsChanged(changes) => changes
            .iter()
            .map(|(fact, then, now)| format!("{} was {}, now {}", code(fact), xml(then), xml(now)))
            .collect::<Vec<_>>()
            .join("; "),
    }
}

/// Proof of reading and of restraint.
pub(super) fn covered(report: &Report, out: &mut String) {
    let covered: Vec<&Reviewed> = report.reviewed.iter().filter(|reviewed| matches!(reviewed.standing, Standing::Covered)).collect();
    if covered.is_empty() {
        return;
    }
    let _ = writeln!(out, "<details>\n<summary><h2>Covered by the {}: {}</h2></summary>\n<ul>", texts(report), covered.len());
    for reviewed in covered.iter().take(ROWS) {
        let threat = &reviewed.threat;
        if let Outcome::Covered { note, place: at } = &threat.outcome {
            let by = claimed_by(threat).map_or_else(String::new, |by| format!("{by}, "));
            let at = at.as_ref().map_or_else(String::new, |at| format!(" <span class=\"soft\">({by}{})</span>", place(report, at)));
            let _ = writeln!(
                out,
                "<li><span class=\"ok\" aria-hidden=\"true\">✓</span> {} {}: {}{at}</li>",
                threat.rule.category.letter(),
                code(&threat.shown),
                xml(note)
            );
        }
    }
    out.push_str("</ul>\n");
    more(covered.len(), "controls", out);
    out.push_str("</details>\n");
}

/// What the settings have not asked, by the entry that says so.
pub(super) fn switched_off(report: &Report, out: &mut String) {
    let switched_off = ruled::switched_off(&report.reviewed);
    if switched_off.is_empty() {
        return;
    }
    let number: usize = switched_off.iter().map(|off| off.threats.len()).sum();
    let _ = writeln!(out, "<details>\n<summary><h2>Switched off by the settings: {number}</h2></summary>");
    for off in switched_off {
        let _ = writeln!(out, "<p>{}: {}</p>\n<ul>", off.rules(code), off.why(xml));
        for Reviewed { threat, .. } in off.threats.iter().take(ROWS) {
            let (title, place, id) = (xml(&threat.title()), place(report, &threat.place), code(&threat.id()));
            let _ = writeln!(out, "<li>{title} <span class=\"soft\">({place}; {id})</span></li>");
        }
        out.push_str("</ul>\n");
        more(off.threats.len(), "threats", out);
    }
    out.push_str("</details>\n");
}

/// What was not judged or not read whole.
pub(super) fn unread(report: &Report, out: &mut String) {
    let unasked = unasked::told(report);
    let count = unasked.len()
        + unweighed::told(report).count()
        + report.not_judged.len()
        + report.notes.len()
        + report.other_suppressions().count();
    if count == 0 {
        return;
    }
    let _ = writeln!(out, "<details>\n<summary><h2>Notes: {count}</h2></summary>\n<ul>");
    for other in unweighed::told(report).take(ROWS) {
        let [resource, kind, property] = unweighed::pieces(report, other);
        let property = if property.is_empty() { String::new() } else { format!(" {}", code(property)) };
        let _ = writeln!(out, "<li>not weighed: {} ({}){property} ({})</li>", code(resource), xml(kind), place(report, &other.place));
    }
    for other in unasked.iter().take(ROWS) {
        let [resource, kind, property] = unasked::pieces(report, other);
        let property = if property.is_empty() { String::new() } else { format!(" {}", code(property)) };
        let place = match other.what {
            What::Gone => format!("line {} before", other.place.line),
            What::New | What::Changed | What::Beyond => place(report, &other.place),
        };
        let _ = writeln!(out, "<li>{}, raises nothing: {} ({}){property} ({place})</li>", other.what.word(), code(resource), xml(kind));
    }
    for other in report.not_judged.iter().take(ROWS) {
        let _ = writeln!(out, "<li>not judged: {} ({})</li>", code(other.path.as_str()), xml(&other.format));
    }
    for other in report.other_suppressions().take(ROWS) {
        let (on, id, reason) = (code(other.on.address()), code(&other.id), xml(&other.reason));
        let _ = writeln!(out, "<li>stated for {} on {on}: {id} {reason} ({})</li>", other.tool, place(report, &other.place));
    }
    for note in report.notes.iter().take(ROWS) {
        let _ = writeln!(
            out,
            "<li>{}: {} <span class=\"soft\">({})</span></li>",
            place(report, &note.place),
            xml(&note.text),
            note.kind.word()
        );
    }
    out.push_str("</ul>\n");
    more(count, "notes", out);
    out.push_str("</details>\n");
}
