//! The sticky comment: what a reviewer reads.
//!
//! Comes in: a report. Goes out: Markdown, or nothing where there is nothing to say. The headline is all that is read on a phone;
//! what blocks comes first, what is optional in one line, what was read and covered below the fold.

use crate::decisions::{Because, Decided, Reviewed, Standing};
use crate::delta::{FactChange, RecordedChange};
use crate::model::fact::{Fact, Value, Word};
use crate::model::{Category, ElementId, ElementKind, Flow, Model, RecordedStatus};
use crate::report::escape;
use crate::report::marker;
use crate::report::markup::{count, cut, line, linked, question, rank, sentence, title};
use crate::report::matrix::{self, Cell};
use crate::report::mermaid;
use crate::report::{Arranged, Report, Rollup, Verdict};
use crate::source::{Note, NoteKind};
use crate::stride::rule::RuleKind;
use crate::stride::{Outcome, Threat, ThreatKey};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Characters that the comment may have; GitHub takes 65,536.
const BUDGET: usize = 60_000;
/// Lines of a list below the fold.
const FOLDED: usize = 40;

/// The comment, or `None` where a first comment would say nothing.
pub fn render(report: &Report) -> Option<String> {
    let body = whole(report, Detail::All);
    if body.len() <= BUDGET {
        return worth_saying(report).then_some(body);
    }
    Some(cut(whole(report, Detail::Items), BUDGET))
}

/// The comment for a page on which one stands already: it then also says that all is well.
pub fn render_edit(report: &Report) -> String {
    render(report).unwrap_or_else(|| cut(whole(report, Detail::All), BUDGET))
}

/// Something is open or was decided by people, needs repair, or was not read.
fn worth_saying(report: &Report) -> bool {
    report.verdict != Verdict::Clear
        || !report.warnings.is_empty()
        || report.delta.recorded.iter().any(|change| change.is_loss() || change.to == Some(RecordedStatus::Open))
        || report.reviewed.iter().any(|reviewed| reviewed.needs_answer() && reviewed.threat.rule.kind != RuleKind::Baseline)
        || report.reviewed.iter().any(|reviewed| reviewed.introduced && matches!(reviewed.standing, Standing::Decided(_)))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    All,
    /// No diagram, no matrix, short lists: for a comment that would be too long.
    Items,
}

fn whole(report: &Report, detail: Detail) -> String {
    let arranged = report.arranged();
    let numbers = arranged.numbers();
    let mut sections = vec![format!("{}\n### {}", marker::COMMENT, headline(report))];
    sections.extend(summary(report));
    sections.extend(report.warnings.iter().map(|warning| format!("**Settings:** {warning}")));
    sections.extend(repairs(report));
    sections.extend(reopened(report));
    sections.extend(recorded(report));
    if detail == Detail::All {
        match mermaid::change(&report.after, &report.delta) {
            Some(diagram) => sections.push(format!("```mermaid\n{diagram}```")),
            None => sections.extend(changed_facts(report)),
        }
        sections.extend(matrix_table(report, &numbers));
    }
    sections.extend(items(report, &arranged));
    sections.extend(optional(report, &arranged));
    sections.extend(unread(report));
    sections.extend(commands(report, &arranged));
    sections.extend(decided(report));
    sections.push(fold(report));
    sections.push(footer(report));
    sections.join("\n\n") + "\n"
}

/// One line that can be read on a phone: what needs whom.
pub fn headline(report: &Report) -> String {
    let blocking = report.blocking().count();
    let waiting = report.blocking().filter(|reviewed| matches!(reviewed.standing, Standing::Proposed(_))).count();
    let questions = report.arranged().single.iter().filter(|reviewed| is_open_question(reviewed)).count();
    let removed =
        report.reviewed.iter().any(|reviewed| matches!(reviewed.standing, Standing::Reopened { because: Because::FactsChanged(_), .. }));
    let mut parts = Vec::new();
    if !report.repairs.is_empty() {
        parts.push(format!("{} repair", count(report.repairs.len(), "file needs", "files need")));
    }
    if removed {
        parts.push("a control was removed".to_owned());
    }
    if report.advise && blocking > 0 {
        parts.push(format!("{blocking} open"));
    } else if blocking > waiting {
        parts.push(format!("{} an answer", count(blocking - waiting, "threat needs", "threats need")));
    }
    if waiting > 0 {
        parts.push(format!("{} confirmation", count(waiting, "proposal needs", "proposals need")));
    }
    if questions > 0 {
        parts.push(count(questions, "question", "questions"));
    }
    let lost = report.delta.recorded.iter().filter(|change| change.is_loss()).count();
    if lost > 0 {
        parts.push(format!("{} lost", count(lost, "recorded answer", "recorded answers")));
    }
    if parts.is_empty() { "Astride: clear".to_owned() } else { format!("Astride: {}", parts.join(", ")) }
}

fn is_open_question(reviewed: &Reviewed) -> bool {
    reviewed.needs_answer() && !reviewed.blocks && reviewed.threat.rule.kind == RuleKind::Question
}

/// `intake/template.yaml`: 1 new table, 1 changed function, 2 new flows, 1 from the internet.
fn summary(report: &Report) -> Option<String> {
    let mut units: BTreeSet<&str> = BTreeSet::new();
    let mut kinds: BTreeMap<(&str, String), usize> = BTreeMap::new();
    let mut tally = |word: &'static str, id: &ElementId, model: &Model| {
        if let Some(element) = model.element(id).filter(|element| element.kind != ElementKind::ExternalEntity) {
            *kinds.entry((word, noun(element.service))).or_default() += 1;
        }
    };
    report.delta.elements_added.iter().for_each(|id| tally("new", id, &report.after));
    report.delta.elements_changed.iter().for_each(|(id, _)| tally("changed", id, &report.after));
    report.delta.elements_removed.iter().for_each(|id| tally("removed", id, &report.before));
    let ids = report
        .delta
        .elements_added
        .iter()
        .chain(report.delta.elements_changed.iter().map(|(id, _)| id))
        .chain(&report.delta.elements_removed);
    units.extend(ids.filter_map(|id| id.as_str().split_once('#')).map(|(unit, _)| unit));
    units.extend(report.delta.flows_added.iter().filter_map(|id| id.as_str().split_once('#')).map(|(unit, _)| unit));
    let mut parts: Vec<String> = kinds.iter().map(|((word, noun), number)| count_with(*number, word, noun)).collect();
    if !report.delta.elements_renamed.is_empty() {
        parts.push(format!("{} renamed", report.delta.elements_renamed.len()));
    }
    let flows = report.delta.flows_added.len();
    if flows > 0 {
        parts.push(count_with(flows, "new", "flow"));
        let entering = report.delta.flows_added.iter().filter_map(|id| report.after.flow(id)).filter(|flow| crosses_internet(flow)).count();
        if entering > 0 {
            parts.push(format!("{entering} across the internet boundary"));
        }
    }
    if parts.is_empty() || units.is_empty() {
        return None;
    }
    let named: Vec<String> = units.iter().take(3).map(|unit| escape::code(unit)).collect();
    let more = units.len().saturating_sub(3);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(format!("{}{more}: {}", named.join(", "), parts.join(", ")))
}

fn crosses_internet(flow: &Flow) -> bool {
    matches!(flow.facts.value(Fact::Crosses), Some(Value::Set(words)) if words.contains(&Word::Internet))
}

fn count_with(number: usize, word: &str, noun: &str) -> String {
    let plural = if number == 1 {
        noun.to_owned()
    } else if let Some(stem) = noun.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u'])) {
        format!("{stem}ies")
    } else if noun.ends_with('s') {
        format!("{noun}es")
    } else {
        format!("{noun}s")
    };
    format!("{number} {word} {plural}")
}

/// What people call a service: `lambda_function` is a function.
pub(super) fn noun(service: &str) -> String {
    match service {
        "lambda_function" => "function".to_owned(),
        "rest_api" => "REST API".to_owned(),
        "http_api" => "HTTP API".to_owned(),
        "websocket_api" => "WebSocket API".to_owned(),
        "object_store" => "bucket".to_owned(),
        "any" => "element".to_owned(),
        other => other.replace('_', " "),
    }
}

fn repairs(report: &Report) -> Option<String> {
    let lines: Vec<String> = report
        .repairs
        .iter()
        .take(FOLDED)
        .map(|repair| {
            let place = linked(report, &repair.place, &format!("{}, line {}", escape::text(repair.place.path.as_str()), repair.place.line));
            format!("- {place}: {}. *Way out:* {}.", escape::text(&repair.what), escape::text(&repair.way_out))
        })
        .collect();
    (!lines.is_empty()).then(|| format!("**Could not be read, so nobody can tell:**\n\n{}", lines.join("\n")))
}

/// Whose promise broke, by which change.
fn reopened(report: &Report) -> Option<String> {
    let mut lines = Vec::new();
    for reviewed in &report.reviewed {
        let Standing::Reopened { was, because } = &reviewed.standing else { continue };
        let why = match because {
            Because::Expired(day) => format!("it ran until {day}"),
            Because::TakenBack(by) => format!("{} took it back", escape::text(&by.login)),
            Because::FactsChanged(changes) => changes
                .iter()
                .map(|(fact, then, now)| format!("{} was {}, now {}", escape::text(fact), escape::text(then), escape::text(now)))
                .collect::<Vec<_>>()
                .join("; "),
        };
        lines.push(format!("**Reopened:** {}, {}: {why}.", escape::code(&reviewed.threat.id()), said(was)));
    }
    (!lines.is_empty()).then(|| lines.join("\n\n"))
}

/// `mitigated by maria on 2026-03-02 (#311): "caller id comes from the verified token"`.
fn said(decided: &Decided) -> String {
    let pull = if decided.pull > 0 { format!(" (#{})", decided.pull) } else { String::new() };
    format!(
        "{} by {} on {}{pull}: “{}”",
        decided.verdict.word(),
        escape::text(&decided.by.login),
        decided.at.day(),
        escape::text(&decided.reason)
    )
}

/// What the model file's own list of threats gained and lost: losses first, and one by one.
fn recorded(report: &Report) -> Option<String> {
    let (losses, others): (Vec<_>, Vec<_>) = report.delta.recorded.iter().partition(|change| change.is_loss());
    let name = |change: &RecordedChange| {
        let title = if change.threat.title.is_empty() { &change.threat.id } else { &change.threat.title };
        let place = linked(report, &change.threat.place, &format!("line {}", change.threat.place.line));
        format!("“{}” ({place})", escape::text(title))
    };
    let status = |status: Option<RecordedStatus>| status.map_or("deleted", RecordedStatus::word);
    let mut lines: Vec<String> = losses
        .iter()
        .take(FOLDED)
        .map(|change| format!("- {} was {}, is now {}", name(change), status(change.from), status(change.to)))
        .collect();
    let opened: Vec<_> = others.iter().filter(|change| change.to == Some(RecordedStatus::Open)).collect();
    lines.extend(opened.iter().take(5).map(|change| format!("- {} is new and open", name(change))));
    let rest = others.len() - opened.len() + opened.len().saturating_sub(5);
    if rest > 0 && !lines.is_empty() {
        lines.push(format!("- {} besides", count(rest, "other change", "other changes")));
    }
    (!lines.is_empty()).then(|| format!("**Recorded in the model file:**\n\n{}", lines.join("\n")))
}

/// Before and after of the facts that introduced threats rest on: the argument, where no flow is new.
fn changed_facts(report: &Report) -> Option<String> {
    let read: BTreeSet<(&str, Fact)> = report
        .reviewed
        .iter()
        .filter(|reviewed| reviewed.needs_answer())
        .flat_map(|reviewed| reviewed.threat.rule.reads.iter().map(|fact| (reviewed.threat.key.on.as_str(), *fact)))
        .collect();
    let mut rows = Vec::new();
    let changes = report.delta.elements_changed.iter().map(|(id, changes)| (id.as_str(), changes));
    let changes = changes.chain(report.delta.flows_changed.iter().map(|(id, changes)| (id.as_str(), changes)));
    for (id, changes) in changes {
        for change in changes.iter().filter(|change| read.contains(&(id, change.fact))) {
            rows.push(fact_row(id, change));
        }
    }
    rows.truncate(FOLDED);
    (!rows.is_empty()).then(|| format!("| element | fact | before | now |\n|---|---|---|---|\n{}", rows.join("\n")))
}

fn fact_row(id: &str, change: &FactChange) -> String {
    let address = id.split_once('#').map_or(id, |(_, address)| address);
    let part = if change.part.is_empty() { String::new() } else { format!(" ({})", escape::text(&change.part)) };
    let words = |words: &Option<String>| words.as_deref().map_or_else(|| "not stated".to_owned(), escape::text);
    format!(
        "| {}{part} | {} | {} | {} |",
        escape::code(address),
        escape::text(change.fact.as_str()),
        words(&change.from),
        words(&change.to)
    )
}

fn matrix_table(report: &Report, numbers: &BTreeMap<&ThreatKey, usize>) -> Option<String> {
    let rows = matrix::rows(report, numbers);
    let open: Vec<_> = rows.iter().filter(|row| row.is_open()).collect();
    let cells: usize = open.iter().map(|row| row.cells.iter().filter(|cell| !cell.items.is_empty()).count()).sum();
    if cells < 3 {
        return None;
    }
    let mut out = String::from("| | S | T | R | I | D | E |\n|---|:-:|:-:|:-:|:-:|:-:|:-:|\n");
    for row in open.iter().take(FOLDED) {
        let new = if row.new { " (new)" } else { " (changed)" };
        let cells: Vec<String> = row.cells.iter().map(cell_mark).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(out, "| {}{new} | {} |", escape::code(&row.shown), cells.join(" | "));
    }
    out.push_str(
        "\n<sub>**Bold** blocks · numbers: see below · ✓ covered or decided · · low, in the check's details · – not in the chart</sub>",
    );
    Some(out)
}

fn cell_mark(cell: &Cell) -> String {
    if !cell.items.is_empty() {
        let items: Vec<String> = cell.items.iter().map(usize::to_string).collect();
        let items = items.join(" ");
        return if cell.blocks { format!("**{items}**") } else { items };
    }
    match cell {
        Cell { covered: true, .. } | Cell { decided: true, .. } => "✓".to_owned(),
        Cell { low: true, .. } => "·".to_owned(),
        Cell { in_chart: false, .. } => "–".to_owned(),
        Cell { .. } => String::new(),
    }
}

/// The threats that stand alone: fact, line, consequence, question, fix. Roll-ups that block stand with them.
fn items(report: &Report, arranged: &Arranged<'_>) -> Option<String> {
    let mut items: Vec<String> =
        arranged.single.iter().enumerate().map(|(position, reviewed)| item(report, position + 1, reviewed)).collect();
    for (position, rollup) in arranged.rollups.iter().enumerate().filter(|(_, rollup)| rollup.blocks()) {
        items.push(format!(
            "**{}. {}.** {}",
            arranged.single.len() + position + 1,
            sentence(&group_words(rollup)),
            members(report, rollup)
        ));
    }
    (!items.is_empty()).then(|| items.join("\n\n"))
}

fn group_words(rollup: &Rollup<'_>) -> String {
    rollup.group.replace('_', " ")
}

/// `OrdersTable (line 12): no point-in-time recovery`, each once.
fn members(report: &Report, rollup: &Rollup<'_>) -> String {
    let titles: Vec<String> = rollup
        .members
        .iter()
        .take(4)
        .map(|reviewed| {
            format!("{} ({})", title(&reviewed.threat).trim_end_matches('.'), line(report, &reviewed.threat, &reviewed.threat.place))
        })
        .collect();
    let more = rollup.members.len().saturating_sub(4);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!("{}{more}.", titles.join("; "))
}

fn item(report: &Report, number: usize, reviewed: &Reviewed) -> String {
    let threat = &reviewed.threat;
    let head = match (reviewed.blocks, threat.rule.kind) {
        (true, _) => format!("**{number}. {}.**", rank(reviewed)),
        (false, RuleKind::Question) => format!("{number}\\. {}, question.", rank(reviewed)),
        (false, RuleKind::Finding | RuleKind::Baseline) => format!("{number}\\. {}, optional.", rank(reviewed)),
    };
    let mut out = format!("{head} {} ({}).", title(threat).trim_end_matches('.'), line(report, threat, &threat.place));
    if let Outcome::Unclear { reasons } = &threat.outcome {
        let reasons: Vec<String> =
            reasons.iter().map(|(fact, reason)| format!("{}: {}", fact_words(*fact), escape::text(reason))).collect();
        let _ = write!(out, " Not resolved: {}.", reasons.join("; "));
    }
    let _ = write!(out, " {}", question(threat));
    if let Some(fixes) = fixes(threat) {
        let _ = write!(out, " *Fix:* {fixes}.");
    }
    if let Some(reference) =
        threat.rule.references.iter().find(|reference| reference.starts_with("CKV")).or_else(|| threat.rule.references.first())
    {
        let _ = write!(out, " ({reference})");
    }
    if let Standing::Proposed(decided) = &reviewed.standing {
        let _ = write!(out, "\n   Proposed: {}; somebody else confirms with `/stride confirm {}`.", said(decided), threat.id());
    }
    out
}

fn fact_words(fact: Fact) -> String {
    escape::code(fact.as_str())
}

fn fixes(threat: &Threat) -> Option<String> {
    (!threat.rule.fixes.is_empty()).then(|| threat.rule.fixes.iter().take(2).map(|fix| escape::text(fix)).collect::<Vec<_>>().join("; "))
}

/// Everything that may stay open, in one line: no guilt.
fn optional(report: &Report, arranged: &Arranged<'_>) -> Option<String> {
    let mut parts = Vec::new();
    for (position, rollup) in arranged.rollups.iter().enumerate().filter(|(_, rollup)| !rollup.blocks()) {
        let Some(first) = rollup.members.first() else { continue };
        let number = arranged.single.len() + position + 1;
        parts.push(format!("{number} {} ({})", rollup_words(rollup, first), line(report, &first.threat, &first.threat.place)));
    }
    if !arranged.low.is_empty() {
        parts.push(format!("+{} of low weight in the check's details", arranged.low.len()));
    }
    (!parts.is_empty()).then(|| format!("Optional: {}", parts.join(" · ")))
}

/// One threat by its fact, several by their group and elements.
fn rollup_words(rollup: &Rollup<'_>, first: &Reviewed) -> String {
    let names: BTreeSet<&str> = rollup.members.iter().map(|reviewed| reviewed.threat.shown.as_str()).collect();
    if rollup.members.len() == 1 {
        let title = title(&first.threat);
        return title.split_once(": ").map_or(title.trim_end_matches('.'), |(fact, _)| fact).to_owned();
    }
    let named: Vec<String> = names.iter().take(3).map(|name| escape::code(name)).collect();
    let more = if names.len() > 3 { format!(" +{}", names.len() - 3) } else { String::new() };
    format!("{}: {}{more}", group_words(rollup), named.join(", "))
}

fn unread(report: &Report) -> Option<String> {
    let notes: Vec<&Note> =
        report.notes.iter().filter(|note| matches!(note.kind, NoteKind::Limit | NoteKind::MissingFile | NoteKind::OutsideFile)).collect();
    let lines: Vec<String> = notes.iter().take(5).map(|note| note_line(report, note)).collect();
    let more = notes.len().saturating_sub(5);
    let more = if more > 0 { format!("\n- and {more} more, below") } else { String::new() };
    (!lines.is_empty()).then(|| format!("**Not read:**\n\n{}{more}", lines.join("\n")))
}

fn note_line(report: &Report, note: &Note) -> String {
    let place = linked(report, &note.place, &format!("{}, line {}", escape::text(note.place.path.as_str()), note.place.line));
    format!("- {place}: {}", escape::text(&note.text))
}

/// What to paste, and who may.
fn commands(report: &Report, arranged: &Arranged<'_>) -> Option<String> {
    let asked = |reviewed: &&&Reviewed| reviewed.blocks || is_open_question(reviewed);
    let open = arranged.single.iter().filter(asked).filter(|reviewed| !matches!(reviewed.standing, Standing::Proposed(_)));
    let mut lines = String::new();
    for reviewed in open {
        let (verb, placeholder) = match reviewed.threat.rule.kind {
            RuleKind::Question => ("mitigate", "<how>"),
            RuleKind::Finding | RuleKind::Baseline => ("accept", "<why>"),
        };
        let _ = writeln!(lines, "/stride {verb} {} {placeholder}", reviewed.threat.id());
    }
    for rollup in arranged.rollups.iter().filter(|rollup| rollup.blocks()) {
        let _ = writeln!(lines, "/stride accept {} <why>", rollup.id);
    }
    if lines.is_empty() {
        return None;
    }
    let public =
        if report.public { " Decisions are commits on a branch of this public repository: what is accepted is public." } else { "" };
    Some(format!(
        "Push a fix (nothing to type), or comment:\n```\n{lines}```\nVerdicts: `mitigate`, `accept`, `na`, `wrong`; add `until=YYYY-MM-DD` where it should come back. \
         {} decides; authors of this pull request propose, and somebody else types `/stride confirm <id>`.{public}",
        sentence(&report.deciders),
    ))
}

/// What an auditor takes a picture of.
fn decided(report: &Report) -> Option<String> {
    let mut rows = Vec::new();
    for reviewed in report.reviewed.iter().filter(|reviewed| reviewed.introduced) {
        let Standing::Decided(decided) = &reviewed.standing else { continue };
        let until = decided.until.map_or_else(String::new, |day| format!(" until {day}"));
        let confirmed = decided.confirmed_by.as_ref().map_or_else(String::new, |by| format!(", confirmed by {}", escape::text(&by.login)));
        let see =
            decided.see_changed.as_ref().map_or_else(String::new, |path| format!(" ({} has changed since)", escape::code(path.as_str())));
        rows.push(format!(
            "| {} {} | {}{until}: {}{see} | {}{confirmed} |",
            escape::code(&reviewed.threat.id()),
            title(&reviewed.threat),
            decided.verdict.word(),
            escape::text(&decided.reason),
            escape::text(&decided.by.login),
        ));
    }
    rows.truncate(FOLDED);
    (!rows.is_empty()).then(|| format!("| threat | decision | by |\n|---|---|---|\n{}", rows.join("\n")))
}

/// Proof of reading and of restraint.
fn fold(report: &Report) -> String {
    let covered: Vec<&Reviewed> = report.reviewed.iter().filter(|reviewed| matches!(reviewed.standing, Standing::Covered)).collect();
    let others: Vec<&Note> = report.notes.iter().filter(|note| note.kind != NoteKind::Unreadable).collect();
    let mut head = vec![format!("{} covered by the template", covered.len()), format!("{} older, not judged here", report.older)];
    head.push(match report.not_judged.len() {
        0 if others.is_empty() => "nothing unread".to_owned(),
        0 => count(others.len(), "note", "notes"),
        files => format!("{} not judged", count(files, "file", "files")),
    });
    let mut body = String::new();
    for line in covered_lines(report, &covered).iter().take(FOLDED) {
        let _ = writeln!(body, "{line}");
    }
    for (path, format) in report.not_judged.iter().take(FOLDED) {
        let _ = writeln!(body, "- not judged: {} ({})", escape::code(path.as_str()), escape::text(format));
    }
    for note in others.iter().take(FOLDED) {
        let _ = writeln!(body, "{}", note_line(report, note));
    }
    format!("<details><summary>{}</summary>\n\n{body}\n</details>", head.join(" · "))
}

/// What the template shows, a line for each element and flow: the strongest control of each category.
fn covered_lines(report: &Report, covered: &[&Reviewed]) -> Vec<String> {
    let mut by_subject: BTreeMap<(&str, &str), BTreeMap<Category, &Reviewed>> = BTreeMap::new();
    for reviewed in covered {
        let subject = (reviewed.threat.key.on.as_str(), reviewed.threat.shown.as_str());
        let best = by_subject.entry(subject).or_default().entry(reviewed.threat.rule.category).or_insert(reviewed);
        if reviewed.threat.severity > best.threat.severity {
            *best = reviewed;
        }
    }
    by_subject
        .iter()
        .map(|((_, shown), controls)| {
            let controls: Vec<String> = controls.values().map(|reviewed| covered_words(report, reviewed)).collect();
            format!("- ✓ {}: {}", escape::code(shown), controls.join(" · "))
        })
        .collect()
}

/// `S callers sign their requests (line 12)`.
fn covered_words(report: &Report, reviewed: &Reviewed) -> String {
    let threat = &reviewed.threat;
    let letter = threat.rule.category.letter();
    let Outcome::Covered { note, place } = &threat.outcome else { return letter.to_string() };
    let place = place.as_ref().map_or_else(String::new, |place| format!(" ({})", line(report, threat, place)));
    format!("{letter} {}{place}", escape::text(note))
}

fn footer(report: &Report) -> String {
    let same = if report.same_head.is_empty() {
        String::new()
    } else {
        let pulls: Vec<String> = report.same_head.iter().map(|number| format!("#{number}")).collect();
        format!(" · same head as {}", pulls.join(", "))
    };
    format!("<sub>{} against {} · catalogue {}{same}</sub>", report.head.short(), report.base.short(), crate::CATALOGUE_VERSION)
}
