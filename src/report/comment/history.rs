//! Before and after: facts that changed, decisions that broke or stand, what a model file's own list gained and lost.
//!
//! Comes in: a report. Goes out: Markdown.

use crate::decisions::{Because, Decided, Reviewed, Standing, Verdict};
use crate::delta::{FactChange, RecordedChange, RecordedNews, part_name};
use crate::model::fact::{self, Answer, Fact, Facts, Reading, Value, Word};
use crate::model::{ElementId, Model};
use crate::report::Report;
use crate::report::carry;
use crate::report::comment::FOLDED;
use crate::report::comment::items::and_more;
use crate::report::escape;
use crate::report::markup::{TOGETHER, count, linked, title, together};
use crate::report::text::open::quoted;
use std::collections::{BTreeMap, BTreeSet};

/// Whose promise broke, by which change.
pub(super) fn reopened(report: &Report) -> Option<String> {
    // One word may have answered hundreds of threats.
    let mut broken: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for reviewed in &report.reviewed {
        let Standing::Reopened { was, because } = &reviewed.standing else { continue };
        let why = match because {
            Because::Expired(day) => format!("it ran until {day}"),
            Because::Unbacked(pin, loss) => pin.words(*loss, escape::code),
            Because::TakenBack { by, reason } => format!("{} took it back{}", escape::text(&by.login), escape::text(&quoted(reason))),
            Because::FactsChanged(changes) => changes
                .iter()
                .map(|(fact, then, now)| format!("{} was {}, now {}", escape::text(fact), escape::text(then), escape::text(now)))
                .collect::<Vec<_>>()
                .join("; "),
        };
        broken.entry(format!("{}: {why}", said(was))).or_default().push(escape::code(&reviewed.threat.id()));
    }
    let lines: Vec<String> = broken
        .iter()
        .map(|(words, ids)| format!("**Reopened:** {}, {words}.", and_more(ids.get(..NAMED).unwrap_or(ids), ids.len())))
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n\n"))
}

/// What was decided on what the change takes for a rename, where nothing of it is asked here.
pub(super) fn renamed(report: &Report) -> Option<String> {
    let hints = carry::aside(report, escape::text, escape::code).into_iter();
    let lines: Vec<String> = hints.map(|[sentence, command]| format!("**Before:** {sentence}: {command}.")).collect();
    (!lines.is_empty()).then(|| lines.join("\n\n"))
}

/// `mitigated by maria on 2026-03-02 (#311): "caller id comes from the verified token"`.
pub(in crate::report) fn said(decided: &Decided) -> String {
    let pull = if decided.pull > 0 { format!(" (#{})", decided.pull) } else { String::new() };
    format!("{} on {}{pull}: “{}”", verdict_and_by(decided), decided.at.day(), escape::text(&decided.reason))
}

/// `deferred until 2027-01-01 (OPS-12) by maria`: whoever is asked to confirm it is told all that it says.
pub(in crate::report) fn verdict_and_by(decided: &Decided) -> String {
    format!("{} by {}", escape::text(&format!("{}{}", decided.verdict.word(), decided.terms())), escape::text(&decided.by.words()))
}

/// `, confirmed by rita`, where somebody did.
pub(in crate::report) fn and_confirmed(decided: &Decided) -> String {
    decided.confirmed_by.as_ref().map_or_else(String::new, |by| format!(", confirmed by {}", escape::text(&by.login)))
}

/// As `said`, with whoever confirmed a proposal.
pub(in crate::report) fn said_and_confirmed(decided: &Decided) -> String {
    format!("{}{}", said(decided), and_confirmed(decided))
}

/// Most threats that a model file opens or closes with a reason, and that are named one by one.
const NAMED: usize = 5;

/// What the model file's own list of threats gained and lost: what was lost, deleted or closed without a word first, and one by one.
pub(super) fn recorded(report: &Report) -> Option<String> {
    let mut changes: Vec<(RecordedNews, &RecordedChange)> = report.delta.recorded.iter().map(|change| (change.news(), change)).collect();
    changes.sort_by_key(|(news, _)| *news);
    let is_told = |news: RecordedNews| news < RecordedNews::Closed;
    changes.first().filter(|(news, _)| is_told(*news))?;
    let most = |news: RecordedNews| match news {
        RecordedNews::AnswerLost | RecordedNews::OpenDeleted | RecordedNews::ClosedWithoutBasis => FOLDED,
        RecordedNews::Opened | RecordedNews::Closed => NAMED,
        RecordedNews::Other => 0,
    };
    let mut lines = Vec::new();
    let mut named: BTreeMap<RecordedNews, usize> = BTreeMap::new();
    for (news, change) in &changes {
        let so_far = named.entry(*news).or_default();
        if *so_far < most(*news) {
            *so_far += 1;
            let title = if change.threat.title.is_empty() { &change.threat.id } else { &change.threat.title };
            let place = linked(report, &change.threat.place, &format!("line {}", change.threat.place.line));
            lines.push(format!("- “{}” ({place}) {}", escape::text(title), change.words()));
        }
    }
    let rest = changes.len() - lines.len();
    if rest > 0 {
        lines.push(format!("- {} besides", count(rest, "other change", "other changes")));
    }
    Some(format!("**Recorded in the model file:**\n\n{}", lines.join("\n")))
}

/// Before and after of the facts that introduced threats rest on: the argument, where no flow is new.
pub(super) fn changed_facts(report: &Report) -> Option<String> {
    let read: BTreeSet<(&str, Fact)> = report
        .reviewed
        .iter()
        .filter(|reviewed| reviewed.needs_answer())
        .flat_map(|reviewed| reviewed.threat.rule.reads.iter().map(|fact| (&*reviewed.threat.on, *fact)))
        .collect();
    let mut rows: Vec<([String; 2], usize)> = Vec::new();
    let changes = report.delta.elements_changed.iter().map(|(id, changes)| (id.as_str(), changes));
    let changes = changes.chain(report.delta.flows_changed.iter().map(|(id, changes)| (id.as_str(), changes)));
    for (id, changes) in changes {
        let of_element = |fact: Fact| changes.iter().any(|change| change.fact == fact && change.part.is_empty());
        for change in changes.iter().filter(|change| !change.takes_away && read.contains(&(id, change.fact))) {
            // The routes stand beside the answer that they make weak.
            let is_told = change.part.is_empty() && ROUTES.iter().any(|(_, routes)| *routes == change.fact) && of_element(Fact::Authn);
            if !is_told {
                let row = fact_row(report, id, change);
                match rows.iter_mut().find(|(known, _)| *known == row) {
                    Some((_, times)) => *times += 1,
                    None => rows.push((row, 1)),
                }
            }
        }
    }
    rows.truncate(FOLDED);
    // Units of one shape, such as templates that are generated, have the same rows: each is told once.
    let told = |([element, rest], times): &([String; 2], usize)| match times {
        1 => format!("| {element} | {rest} |"),
        _ => format!("| {element}, {times} times | {rest} |"),
    };
    let rows: Vec<String> = rows.iter().map(told).collect();
    (!rows.is_empty()).then(|| format!("| element | fact | before | now |\n|---|---|---|---|\n{}", rows.join("\n")))
}

/// Which fact names the routes that ask for no more than this: `authn` says of an API what its weakest route asks for.
const ROUTES: &[(Word, Fact)] = &[(Word::None, Fact::AuthnWeakRoutes), (Word::ApiKey, Fact::AuthnKeyRoutes)];

fn fact_row(report: &Report, id: &str, change: &FactChange) -> [String; 2] {
    let address = id.split_once('#').map_or(id, |(_, address)| address);
    let part = if change.part.is_empty() { String::new() } else { format!(" ({})", escape::text(&change.part)) };
    let [from, to] = before_and_now(report, id, change).map(|words| escape::text(&words));
    [format!("{}{part}", escape::code(address)), format!("{} | {from} | {to}", escape::text(change.fact.as_str()))]
}

/// The answers of a fact in words, before and now.
pub(in crate::report) fn before_and_now(report: &Report, id: &str, change: &FactChange) -> [String; 2] {
    let told = listed(report, id, change).or_else(|| if change.part.is_empty() { between(report, id, change) } else { None });
    let told = told.unwrap_or_else(|| [change.from.clone(), change.to.clone()]);
    told.map(|words| words.map_or_else(|| "not stated".to_owned(), |words| fact::said(&words).to_owned()))
}

/// Of a list of names what goes and what comes, and how many others stay.
fn listed(report: &Report, id: &str, change: &FactChange) -> Option<[Option<String>; 2]> {
    let id = ElementId(id.to_owned());
    let before = report.delta.renamed_from().get(&id).map_or(&id, |rename| &rename.from);
    let names = |model: &Model, id: &ElementId| {
        let element = model.element(id)?;
        let part = || element.parts.iter().find(|part| part_name(part.service, part.identity()) == change.part);
        let facts = if change.part.is_empty() { &element.facts } else { &part()?.facts };
        match facts.value(change.fact)? {
            Value::List(names) => Some(names.clone()),
            Value::Word(_) | Value::Set(_) | Value::Flag(_) | Value::Number(_) | Value::Never => None,
        }
    };
    let (then, now) = (names(&report.before, before)?, names(&report.after, &id)?);
    let stay = then.iter().filter(|name| now.contains(name)).count();
    if stay < MANY_NAMES {
        return None;
    }
    let without = |own: &[String], other: &[String]| {
        let mut shown: Vec<String> = own.iter().filter(|name| !other.contains(name)).cloned().collect();
        shown.push(count(stay, "other", "others"));
        Some(shown.join(", "))
    };
    Some([without(&then, &now), without(&now, &then)])
}

/// So many names that stay are not written out twice.
const MANY_NAMES: usize = 3;

/// Before and now of a fact of an element, with the routes that it is true of, and of its witnesses those that differ.
fn between(report: &Report, id: &str, change: &FactChange) -> Option<[Option<String>; 2]> {
    let id = ElementId(id.to_owned());
    let before = report.delta.renamed_from().get(&id).map_or(&id, |rename| &rename.from);
    let [before, after] = [&report.before.element(before)?.facts, &report.after.element(&id)?.facts];
    if change.fact == Fact::Authn {
        let with_routes = |facts: &Facts, words: &Option<String>| Some(format!("{}{}", words.as_deref()?, routes(facts)));
        return Some([with_routes(before, &change.from), with_routes(after, &change.to)]);
    }
    let [then, now] = [before.get(change.fact)?, after.get(change.fact)?];
    let same_answer = matches!(then.answer, Answer::Known(_)) && then.answer == now.answer;
    let shared = then.witnesses.iter().filter(|witness| now.witnesses.contains(witness)).count();
    if !same_answer || shared == 0 {
        return None;
    }
    let others = if shared == 1 { "1 other".to_owned() } else { format!("{shared} others") };
    let differing = |one: &Reading, other: &Reading| {
        let own: Vec<&str> = one.witnesses.iter().filter(|witness| !other.witnesses.contains(witness)).map(String::as_str).collect();
        let answer = Reading { witnesses: Vec::new(), ..one.clone() }.words();
        Some(if own.is_empty() { format!("{answer} ({others})") } else { format!("{answer} ({} and {others})", own.join(", ")) })
    };
    Some([differing(then, now), differing(now, then)])
}

/// ` (GET /orders, POST /orders)`: the routes of which the answer to `authn` is true.
fn routes(facts: &Facts) -> String {
    let known = facts.value(Fact::Authn);
    let named = ROUTES.iter().find(|(word, _)| known == Some(&Value::Word(*word))).and_then(|(_, routes)| facts.value(*routes));
    match named {
        Some(Value::List(routes)) if !routes.is_empty() => format!(" ({})", routes.join(", ")),
        _ => String::new(),
    }
}

/// What was put off: it is answered for now, and still owed.
pub(super) fn debt(report: &Report) -> Option<String> {
    let decided = report.reviewed.iter().filter(|reviewed| reviewed.introduced).filter_map(|reviewed| match &reviewed.standing {
        Standing::Decided(decided) => Some(decided),
        Standing::SwitchedOff
        | Standing::Open
        | Standing::Unclear
        | Standing::Covered
        | Standing::Claimed
        | Standing::Proposed(_)
        | Standing::Reopened { .. } => None,
    });
    let deferred: Vec<&Decided> = decided.filter(|decided| decided.verdict == Verdict::Deferred).collect();
    let number = count(deferred.len(), "threat is deferred", "threats are deferred");
    let next = deferred.iter().filter_map(|decided| decided.until).min();
    let next = next.map_or_else(String::new, |day| format!("; the first comes back after {day}"));
    let put_off = (!deferred.is_empty()).then(|| format!("{number}{next}"));
    let parts: Vec<String> = put_off.into_iter().chain(owed(report)).collect();
    (!parts.is_empty()).then(|| format!("**Debt:** {}.", parts.join("; ")))
}

/// What went in unanswered with earlier pull requests: it holds nobody up here, and is not forgotten.
fn owed(report: &Report) -> Option<String> {
    let number = count(report.owed.len(), "threat of these units was", "threats of these units were");
    let named = report.owed.iter().take(NAMED).map(|reviewed| {
        let since = reviewed.owed.as_ref().map_or(0, |debt| debt.pull);
        format!("{} in #{since}", escape::code(&reviewed.threat.id()))
    });
    let named: Vec<String> = named.collect();
    let more = report.owed.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!named.is_empty()).then(|| format!("{number} merged without an answer: {}{more}", named.join(", ")))
}

/// What an auditor takes a picture of.
pub(super) fn decided(report: &Report) -> Option<String> {
    let cells: Vec<(&Reviewed, String)> = report.reviewed.iter().filter(|reviewed| reviewed.introduced).filter_map(decision).collect();
    let rows: Vec<String> = together(&cells)
        .into_iter()
        .take(FOLDED)
        .map(|(decision, of)| {
            let threats = match of.as_slice() {
                [only] => format!("{} {}", escape::code(&only.threat.id()), title(&only.threat)),
                several => {
                    let named: Vec<String> = several.iter().take(TOGETHER).map(|one| escape::code(&one.threat.id())).collect();
                    format!("{} and {} more", named.join(", "), several.len() - named.len())
                }
            };
            format!("| {threats} | {decision} |")
        })
        .collect();
    (!rows.is_empty()).then(|| format!("| threat | decision | by |\n|---|---|---|\n{}", rows.join("\n")))
}

/// What was decided on a threat and who did it, as cells of a table; `None` where nothing is.
fn decision(reviewed: &Reviewed) -> Option<(&Reviewed, String)> {
    let Standing::Decided(decided) = &reviewed.standing else { return None };
    let see = decided.see_changed.as_ref().map_or_else(String::new, |path| format!(" ({} has changed since)", escape::code(path.as_str())));
    let terms = escape::text(&format!("{}{}", decided.verdict.word(), decided.terms()));
    let (reason, by) = (escape::text(&decided.reason), escape::text(&decided.by.words()));
    Some((reviewed, format!("{terms}: {reason}{see} | {by}{}", and_confirmed(decided))))
}
