//! Small pieces of Markdown that comment, threads and check have in common.
//!
//! Comes in: plain values. Goes out: Markdown in which every foreign word has gone through `escape`.

use crate::change::Answers;
use crate::decisions::Reviewed;
use crate::decisions::authority::is_author;
use crate::decisions::emergency::Emergency;
use crate::model::words::Words;
use crate::model::{Model, Suppression, text_of};
use crate::report::escape;
use crate::report::headline::minute;
use crate::report::{Report, link, ruled};
use crate::source::Place;
use crate::stride::rule::Rule;
use crate::stride::{Claimed, Evidence, Threat};
use std::collections::{BTreeMap, BTreeSet};

/// Most statements that one sentence names.
const MOST_CLAIMS: usize = 3;

/// `[line 41](…)`, or `line 41` where there is no place to link to. The path is named where it is not the unit's own, and where there are
/// several units.
pub(super) fn line(report: &Report, threat: &Threat, place: &Place) -> String {
    let words = if place.path == threat.unit && report.units.len() < 2 {
        format!("line {}", place.line)
    } else {
        format!("{}, line {}", escape::text(place.path.as_str()), place.line)
    };
    let root = root(report, threat, place).map(|root| format!(", in the root {}", escape::code(root)));
    format!("{}{}", linked(report, place, &words), root.unwrap_or_default())
}

/// The root that a threat is of where its line stands in a module, which other roots may call with other values.
fn root<'t>(report: &Report, threat: &'t Threat, place: &Place) -> Option<&'t str> {
    let is_of_root = report.units.len() > 1 && threat.words.text == "configuration";
    (is_of_root && text_of(&place.path, true) != threat.unit.as_str()).then_some(threat.unit.as_str())
}

/// What was read of what is deployed, in the words of its notations: `template`, `configuration and the template`.
pub(super) fn texts(report: &Report) -> String {
    let of = |model: &Model| -> BTreeSet<&str> { model.elements.iter().map(|element| model.words(&element.unit).text).collect() };
    let texts = [of(&report.after), of(&report.before)].into_iter().find(|texts| !texts.is_empty());
    let texts = texts.unwrap_or_else(|| [<&Words>::default().text].into());
    texts.into_iter().collect::<Vec<_>>().join(" and the ")
}

/// `[STR-FURL-S-01](…)`; nothing where the documentation is published nowhere.
pub(super) fn rule(report: &Report, rule: &Rule) -> Option<String> {
    report.presentation.docs.rule(rule.id).map(|url| format!("[{}]({url})", rule.id))
}

/// `[line 41](…), [STR-FURL-S-01](…)`: where it stands, and why it is said.
pub(super) fn line_and_rule(report: &Report, threat: &Threat) -> String {
    let rule = rule(report, threat.rule).map_or_else(String::new, |rule| format!(", {rule}"));
    format!("{}{rule}", line(report, threat, &threat.place))
}

/// What confirms a proposal, to stand behind a semicolon.
pub(super) fn confirmed_by(report: &Report, id: &str) -> String {
    match &report.presentation.answers {
        Answers::Commands => format!("somebody else confirms with `/stride confirm {id}`{}", report.asking.or_approves()),
        Answers::Ledger(_) => "nobody else has confirmed it".to_owned(),
    }
}

/// The command that accepts what has this ID, where commands are read.
pub(super) fn accept(report: &Report, id: &str) -> Option<String> {
    (report.presentation.answers == Answers::Commands).then(|| format!("`/stride accept {id} <why>`"))
}

/// `[words](link)`, or the words alone. The words are already escaped.
pub(super) fn linked(report: &Report, place: &Place, words: &str) -> String {
    link(&report.web_url, report.head, place).map_or_else(|| words.to_owned(), |url| format!("[{words}]({url})"))
}

/// The sentence that a rule says of its element, with the element's names as code.
pub(super) fn title(threat: &Threat) -> String {
    with_names(&threat.title(), threat)
}

pub(super) fn question(threat: &Threat) -> String {
    with_names(&threat.question(), threat)
}

/// What the change itself states on a threat that is open, and what would make it count.
pub(super) fn stated(report: &Report, reviewed: &Reviewed) -> Option<String> {
    let threat = &reviewed.threat;
    let stated = threat.stated.as_ref().filter(|stated| reviewed.needs_answer() && !stated.claims.is_empty())?;
    let claims: Vec<String> = stated
        .claims
        .iter()
        .take(MOST_CLAIMS)
        .map(|claim| format!("{} ({})", escape::code(&claim.words), line(report, threat, &claim.place)))
        .collect();
    let more = stated.claims.len().saturating_sub(MOST_CLAIMS);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let then = if stated.answers && report.presentation.answers == Answers::Commands {
        format!("needs confirmation: somebody else types `/stride confirm {}`", threat.id())
    } else {
        "does not count before it is merged, and makes less of this then".to_owned()
    };
    Some(format!("*Stated by this pull request:* {}{more}; {then}.", claims.join(", ")))
}

/// What other tools were told to pass over, in the words of whoever told them.
pub(super) fn suppressed(report: &Report, threat: &Threat) -> Option<String> {
    let said: Vec<String> = threat
        .suppressed
        .iter()
        .take(MOST_CLAIMS)
        .map(|suppression| {
            let place = line(report, threat, &suppression.place);
            format!("{} {}{} ({place})", suppression.tool, escape::code(&suppression.id), reason(suppression))
        })
        .collect();
    (!said.is_empty()).then(|| format!("*Stated for other tools, and no answer here:* {}.", said.join(", ")))
}

/// What the settings say of it: `*Settings:* high, lowered to low by the settings: …`
pub(super) fn ruled(threat: &Threat) -> Option<String> {
    let said = ruled::all(threat, escape::text);
    (!said.is_empty()).then(|| format!("*Settings:* {}.", said.join("; ")))
}

/// `: “access is logged by the trail”`, or nothing.
pub fn reason(suppression: &Suppression) -> String {
    if suppression.reason.is_empty() { String::new() } else { format!(": “{}”", escape::text(&suppression.reason)) }
}

/// Who says what covers a threat, where no template shows it.
pub(super) fn claimed_by(threat: &Threat) -> Option<&'static str> {
    let place = threat.claimed.as_ref()?;
    let evidence = threat.evidence.iter().find(|evidence| evidence.place() == Some(place));
    Some(evidence.and_then(claim_words).unwrap_or("stated"))
}

/// Who states an answer, where it is people.
pub fn claim_words(evidence: &Evidence) -> Option<&'static str> {
    evidence.claimed.map(|claimed| match claimed {
        Claimed::Given => "stated",
        Claimed::New => "stated by this pull request",
        Claimed::Proposed => "stated by this pull request, needs confirmation",
    })
}

fn with_names(sentence: &str, threat: &Threat) -> String {
    let ends = threat.shown.split(" → ");
    let mut names: Vec<&str> = std::iter::once(&*threat.shown).chain(ends).filter(|name| !name.is_empty()).collect();
    // The longest first, so that a flow's name is not taken for that of its end.
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names.dedup();
    let mut out = String::with_capacity(sentence.len() + 16);
    let mut rest = sentence;
    let mut plain = 0;
    while plain < rest.len() {
        let named = names.iter().find(|name| rest[plain..].starts_with(**name) && stands_alone(rest, plain, name.len()));
        if let Some(name) = named {
            out.push_str(&escape::text(&rest[..plain]));
            out.push_str(&escape::code(name));
            rest = &rest[plain + name.len()..];
            plain = 0;
        } else {
            plain += rest[plain..].chars().next().map_or(1, char::len_utf8);
        }
    }
    out.push_str(&escape::text(rest));
    out
}

/// Whether the name at `start` is no part of a longer word.
fn stands_alone(text: &str, start: usize, length: usize) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    !text[..start].chars().next_back().is_some_and(is_word) && !text[start + length..].chars().next().is_some_and(is_word)
}

/// `Spoofing, critical`.
pub(super) fn rank(reviewed: &Reviewed) -> String {
    format!("{}, {}", reviewed.threat.rule.category.words(), reviewed.threat.severity.word())
}

/// `1 threat`, `2 threats`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// The first letter large, for the start of a sentence.
pub fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Cut to at most `limit` bytes at a character's border, with a word that it was cut.
pub(super) fn cut(text: String, limit: usize) -> String {
    const SAYS_SO: &str = "\n\n… cut here for size; `astride review` prints it whole.\n";
    if text.len() <= limit {
        return text;
    }
    let mut end = limit.saturating_sub(SAYS_SO.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{SAYS_SO}", &text[..end])
}

/// ` and 11 more`; nothing where there are none.
pub(super) fn sharing(others: usize) -> String {
    if others == 0 { String::new() } else { format!(" and {others} more") }
}

/// Who lets the change pass, for how long, and why.
pub(super) fn emergency(emergency: &Emergency) -> String {
    let author = if is_author(&emergency.by) { " (an author of this pull request)" } else { "" };
    format!(
        "**Emergency {}** by {}{author}, until {}: “{}”. Nothing is answered by it.",
        escape::code(&emergency.ticket),
        escape::text(&emergency.by.login),
        minute(emergency),
        escape::text(&emergency.reason)
    )
}

/// As many rows as say the same of one thing each; more are one row, which names so many.
pub(super) const TOGETHER: usize = 3;

/// What stands in rows, each with what it says: where more than `TOGETHER` say the same, all of them are one row, in the place of the first.
pub(super) fn together<'r, R, S: Clone + Ord>(rows: &[(&'r R, S)]) -> Vec<(S, Vec<&'r R>)> {
    let mut numbers: BTreeMap<&S, usize> = BTreeMap::new();
    rows.iter().for_each(|(_, said)| *numbers.entry(said).or_default() += 1);
    let mut out: Vec<(S, Vec<&'r R>)> = Vec::new();
    let mut places: BTreeMap<&S, usize> = BTreeMap::new();
    for (row, said) in rows {
        match places.get(said).filter(|_| numbers[said] > TOGETHER) {
            Some(place) => out[*place].1.push(row),
            None => {
                places.insert(said, out.len());
                out.push((said.clone(), vec![row]));
            }
        }
    }
    out
}
