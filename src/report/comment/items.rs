//! The open threats: those that stand alone, what is optional in a list, and the commands to paste.
//!
//! Comes in: a report and the arrangement of its open threats. Goes out: Markdown.

use crate::change::Answers;
use crate::decisions::{Reviewed, Standing};
use crate::model::fact::Fact;
use crate::model::{ElementId, ElementKind, Rank};
use crate::report::carry;
use crate::report::comment::history;
use crate::report::escape;
use crate::report::headline::is_open_question;
use crate::report::markup::{confirmed_by, line, line_and_rule, linked, question, rank, rule, ruled, sentence, stated, suppressed, title};
use crate::report::{Arranged, Line, Report, way};
use crate::stride::rule::RuleKind;
use crate::stride::{Claim, Outcome, Threat};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Most other elements that a line names.
const MOST_NAMED: usize = 2;
/// Most proposals for one line that are spelt out.
const MOST_PROPOSED: usize = 5;
/// Most rules that an optional line spells out.
const MOST_SPELT: usize = 2;
/// Most statements that the line on those which have none of their own names.
const MOST_STATED: usize = 5;

/// What stands alone: fact, line, consequence, question, fix.
pub(super) fn items(report: &Report, arranged: &Arranged<'_>) -> Option<String> {
    let mut items: Vec<String> = arranged.alone.iter().map(|line| item(report, line)).collect();
    let beyond = arranged.low.iter().filter(|reviewed| reviewed.blocks).count();
    if beyond > 0 {
        items.push(format!("**And {beyond} more** that need an answer stand in the check's details."));
    }
    (!items.is_empty()).then(|| items.join("\n\n"))
}

fn item(report: &Report, said: &Line<'_>) -> String {
    let number = said.number;
    let reviewed = said.first;
    let threat = &reviewed.threat;
    let head = match (said.blocks(), threat.rule.kind) {
        (true, _) => format!("**{number}. {}.**", rank(reviewed)),
        (false, RuleKind::Question) => format!("{number}\\. {}, question.", rank(reviewed)),
        (false, RuleKind::Finding) if is_open_question(reviewed) => format!("{number}\\. {}, question.", rank(reviewed)),
        (false, RuleKind::Finding | RuleKind::Baseline) => format!("{number}\\. {}, optional.", rank(reviewed)),
    };
    let mut out = format!("{head} {} ({}).", title(threat).trim_end_matches('.'), line_and_rule(report, threat));
    let way = way::in_markdown(report, said.members().map(|reviewed| &reviewed.threat));
    out.push_str(&way);
    let (same, beside): (Vec<&Reviewed>, Vec<&Reviewed>) = said.others.iter().partition(|other| other.threat.rule.id == threat.rule.id);
    out.push_str(&shared_by(reviewed));
    if !same.is_empty() {
        let _ = write!(out, " The same on {}.", others(report, Some(reviewed), &same));
    }
    out.push_str(&also(report, &beside));
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
    let (named, more) = behind(report, said);
    if !named.is_empty() {
        let _ = write!(out, " The answer holds for {} behind it too.", and_more(&named, named.len() + more));
    }
    let remarks = said
        .members()
        .flat_map(|reviewed| [ruled(&reviewed.threat), stated(report, reviewed), suppressed(report, &reviewed.threat)])
        .flatten();
    for remark in remarks.collect::<BTreeSet<String>>() {
        let _ = write!(out, "\n   {remark}");
    }
    out.push_str(&proposed(report, said));
    let hints = said.members().filter_map(|reviewed| carry::hint(report, &reviewed.threat.id(), escape::text, escape::code));
    for [sentence, command] in hints.collect::<BTreeSet<_>>() {
        let _ = write!(out, "\n   {sentence}: {command}.");
    }
    // Told once, where it was said: a comment that is written again rings nobody's bell.
    let assigned: BTreeSet<&String> = said.members().filter_map(|reviewed| reviewed.assigned.as_ref()).collect();
    if !assigned.is_empty() {
        let names: Vec<String> = assigned.into_iter().map(|name| escape::text(name)).collect();
        let _ = write!(out, "\n   Assigned to {}.", names.join(", "));
    }
    out
}

/// What was proposed for a line, each word once: it may stand for hundreds of threats.
fn proposed(report: &Report, said: &Line<'_>) -> String {
    let mut words: BTreeMap<String, Vec<&Reviewed>> = BTreeMap::new();
    for reviewed in said.members() {
        if let Standing::Proposed(decided) = &reviewed.standing {
            words.entry(history::said(decided)).or_default().push(reviewed);
        }
    }
    let mut out = String::new();
    for (words, of) in words.iter().take(MOST_PROPOSED) {
        let _ = match of.as_slice() {
            [one] => write!(out, "\n   Proposed: {words}; {}.", confirmed_by(report, &one.threat.id())),
            _ => write!(out, "\n   Proposed for {} of it: {words}; {}.", of.len(), confirmed_by(report, &said.number.to_string())),
        };
    }
    if words.len() > MOST_PROPOSED {
        let _ = write!(out, "\n   {} more proposals stand in the check's details.", words.len() - MOST_PROPOSED);
    }
    out
}

/// Who else has the cause: `` One cause, shared with `Tests` and 10 more. ``
fn shared_by(reviewed: &Reviewed) -> String {
    let threat = &reviewed.threat;
    let names: BTreeSet<&str> = threat.others.iter().map(|other| &*other.shown).filter(|shown| *shown != &*threat.shown).collect();
    let named: Vec<String> = names.iter().take(MOST_NAMED).map(|name| escape::code(name)).collect();
    let mut out = String::new();
    if !named.is_empty() {
        let _ = write!(out, " One cause, shared with {}.", and_more(&named, names.len()));
    }
    let stages = threat.stages();
    if !stages.is_empty() {
        let named: Vec<String> = stages.iter().take(MOST_NAMED).map(|stage| escape::code(stage)).collect();
        let _ = write!(out, " The same with {}.", and_more(&named, stages.len()));
    }
    let undecided: Vec<String> = reviewed.undecided.iter().take(MOST_NAMED).map(|name| escape::code(name)).collect();
    if !undecided.is_empty() {
        let _ = write!(out, " Decided for others; not for {}.", and_more(&undecided, reviewed.undecided.len()));
    }
    out
}

/// What else the same cause raises: `` The same cause: `Ci` may write `Docs` with more rights than it needs (tampering). ``
fn also(report: &Report, beside: &[&Reviewed]) -> String {
    let mut said: Vec<String> = Vec::new();
    for other in beside {
        let title = title(&other.threat);
        let fact = title.split_once(": ").map_or(title.as_str(), |(fact, _)| fact).trim_end_matches('.');
        let rule = rule(report, other.threat.rule).map_or_else(String::new, |rule| format!(", {rule}"));
        let words = format!("{fact} ({}{rule})", other.threat.rule.category.words().to_lowercase());
        if !said.contains(&words) {
            said.push(words);
        }
    }
    if said.is_empty() { String::new() } else { format!(" Of the same cause: {}.", said.join("; ")) }
}

/// `` `Queue1` (line 20), `Queue2` (line 31) and 4 more ``.
fn others(report: &Report, first: Option<&Reviewed>, others: &[&Reviewed]) -> String {
    let name = |Reviewed { threat, .. }: &Reviewed| escape::code(first.map_or(&*threat.shown, |first| threat.named_beside(&first.threat)));
    let named: Vec<String> = others
        .iter()
        .take(MOST_NAMED)
        .map(|other| format!("{} ({})", name(other), line(report, &other.threat, &other.threat.place)))
        .collect();
    and_more(&named, others.len())
}

pub(super) fn and_more(named: &[String], all: usize) -> String {
    match (named, all - named.len()) {
        ([first @ .., last], 0) if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        (named, 0) => named.join(", "),
        (named, more) => format!("{} and {more} more", named.join(", ")),
    }
}

/// The elements further behind that raise the same, and for which the line stands: some by name, and how many more.
fn behind(report: &Report, said: &Line<'_>) -> (Vec<String>, usize) {
    let own: BTreeSet<&str> = said.members().map(|reviewed| &*reviewed.threat.on).collect();
    let names: BTreeSet<&str> = said
        .members()
        .flat_map(|reviewed| &reviewed.threat.supersedes)
        .filter(|other| !own.contains(&*other.on))
        .filter_map(|other| report.after.element(&ElementId(other.on.to_string())))
        // That a function's own log group is behind it tells nobody anything.
        .filter(|element| element.kind != ElementKind::ExternalEntity && element.rank == Rank::First)
        .map(|element| element.name.as_str())
        .collect();
    let named: Vec<String> = names.iter().take(MOST_NAMED).map(|name| escape::code(name)).collect();
    let more = names.len() - named.len();
    (named, more)
}

fn fact_words(fact: Fact) -> String {
    escape::code(fact.as_str())
}

fn fixes(threat: &Threat) -> Option<String> {
    let fixes = threat.fixes();
    (!fixes.is_empty()).then(|| fixes.iter().take(2).map(|fix| escape::text(fix)).collect::<Vec<_>>().join("; "))
}

/// Everything that may stay open, a line for each group: no guilt.
pub(super) fn optional(report: &Report, arranged: &Arranged<'_>) -> Option<String> {
    let line = |said: &Line<'_>| {
        let by_settings: BTreeSet<String> = said.members().filter_map(|reviewed| ruled(&reviewed.threat)).collect();
        let by_settings: String = by_settings.iter().map(|said| format!(". {}", said.trim_end_matches('.'))).collect();
        format!("- {}: {}, {}{by_settings}", said.number, spelt(report, said), escape::code(&said.id))
    };
    let mut lines: Vec<String> = arranged.rollups.iter().map(line).collect();
    let low = arranged.low.iter().filter(|reviewed| !reviewed.blocks).count();
    if low > 0 {
        let more = if lines.is_empty() { "of low weight" } else { "more" };
        lines.push(format!("- {low} {more} in the check's details"));
    }
    (!lines.is_empty()).then(|| format!("Optional:\n{}", lines.join("\n")))
}

/// What the change states on threats that have no line of their own.
pub(super) fn stated_besides(report: &Report, arranged: &Arranged<'_>) -> Option<String> {
    let in_lines = arranged.rollups.iter().flat_map(|line| line.members());
    let others = arranged.low.iter().chain(&arranged.baselines).copied();
    let besides = in_lines.chain(others).filter(|reviewed| reviewed.standing == Standing::Claimed);
    let claims: BTreeSet<&Claim> = besides.flat_map(|reviewed| reviewed.threat.proposals()).collect();
    let named: Vec<String> = claims
        .iter()
        .take(MOST_STATED)
        .map(|claim| {
            let place = linked(report, &claim.place, &format!("{}, line {}", escape::text(claim.place.path.as_str()), claim.place.line));
            format!("{} ({place})", escape::code(&claim.words))
        })
        .collect();
    let more = claims.len().saturating_sub(MOST_STATED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!named.is_empty()).then(|| {
        format!("*Stated by this pull request, needs confirmation before it answers what is optional:* {}{more}.", named.join(", "))
    })
}

/// The fact of each rule in the line, with the elements that raise it: what is missing where, without the consequence.
fn spelt(report: &Report, said: &Line<'_>) -> String {
    if let Outcome::Unclear { reasons } = &said.first.threat.outcome {
        return untold(report, said, reasons);
    }
    let mut by_rule: Vec<Vec<&Reviewed>> = Vec::new();
    for reviewed in said.members() {
        match by_rule.iter_mut().find(|members| members.first().is_some_and(|first| first.threat.rule.id == reviewed.threat.rule.id)) {
            Some(members) => members.push(reviewed),
            None => by_rule.push(vec![reviewed]),
        }
    }
    let mut words: Vec<String> = by_rule.iter().take(MOST_SPELT).filter_map(|members| fact_of_rule(report, members)).collect();
    let rest: usize = by_rule.iter().skip(MOST_SPELT).map(Vec::len).sum();
    if rest > 0 {
        words.push(format!("{rest} more of {}", said.group.replace('_', " ")));
    }
    words.join("; ")
}

/// `` `iam_scope` of `IntakeFn` (line 12) cannot be told: the role is not defined in this template ``.
fn untold(report: &Report, said: &Line<'_>, reasons: &[(Fact, String)]) -> String {
    let of = |reviewed: &Reviewed| match &reviewed.threat.outcome {
        Outcome::Unclear { reasons } => reasons.iter().map(|(fact, _)| *fact).collect(),
        Outcome::Open | Outcome::Covered { .. } => Vec::new(),
    };
    let facts: BTreeSet<Fact> = said.members().flat_map(of).collect();
    let facts: Vec<String> = facts.iter().map(|fact| fact_words(*fact)).collect();
    let mut subjects: Vec<&Reviewed> = Vec::new();
    for reviewed in said.members() {
        if !subjects.iter().any(|known| known.threat.shown == reviewed.threat.shown) {
            subjects.push(reviewed);
        }
    }
    let why = reasons.first().map(|(_, reason)| format!(": {}", escape::text(reason))).unwrap_or_default();
    format!("{} of {} cannot be told{why}", and_more(&facts, facts.len()), others(report, None, &subjects))
}

fn fact_of_rule(report: &Report, members: &[&Reviewed]) -> Option<String> {
    let (first, rest) = members.split_first()?;
    let title = title(&first.threat);
    let fact = title.split_once(": ").map_or(title.as_str(), |(fact, _)| fact);
    let likewise = if rest.is_empty() { String::new() } else { format!(", likewise {}", others(report, Some(first), rest)) };
    Some(format!("{} ({}){likewise}", fact.trim_end_matches('.'), line_and_rule(report, &first.threat)))
}

/// What to paste, and who may.
pub(super) fn commands(report: &Report, arranged: &Arranged<'_>) -> Option<String> {
    let (mut lines, mut asked) = (String::new(), String::new());
    for said in arranged.alone.iter().filter(|said| said.blocks() || is_open_question(said.first)) {
        if said.members().all(|reviewed| matches!(reviewed.standing, Standing::Proposed(_))) {
            continue;
        }
        let is_claimed = said.members().all(|reviewed| reviewed.standing == Standing::Claimed);
        let (verb, placeholder) = match said.first.threat.rule.kind {
            _ if is_claimed => ("confirm", ""),
            RuleKind::Question => ("mitigate", " <how>"),
            RuleKind::Finding | RuleKind::Baseline => ("accept", " <why>"),
        };
        let _ = writeln!(lines, "/stride {verb} {}{placeholder}", said.id);
        if said.blocks() {
            said.members().for_each(|reviewed| asked.push_str(&format!(" --id {}", escape::shell(&reviewed.threat.id()))));
        }
    }
    if lines.is_empty() {
        return who_decides(report);
    }
    if let Answers::Ledger(branch) = &report.presentation.answers {
        return (!asked.is_empty()).then(|| on_the_ledger(report, branch, &asked));
    }
    let public =
        if report.public { " Decisions are commits on a branch of this public repository: what is accepted is public." } else { "" };
    Some(format!(
        "Push a fix (nothing to type), or comment:\n```\n{lines}```\nVerdicts: `mitigate`, `accept`, `defer`, `transfer`, `na`, `wrong`; add `until=YYYY-MM-DD` where it should come back. \
         {} decides{}; authors of this pull request propose, and somebody else types `/stride confirm <id>`{}.{public}",
        sentence(&report.deciders),
        report.agreement,
        report.asking.or_approves(),
    ))
}

/// Who may answer what has no line of its own: a file to repair, weakened settings.
fn who_decides(report: &Report) -> Option<String> {
    let waits = report.open_repairs().any(|repair| repair.acceptable) || report.open_weakened().is_some();
    (waits && report.presentation.answers == Answers::Commands).then(|| {
        format!(
            "{} decides{}; authors of this pull request propose, and somebody else types `/stride confirm <id>`{}.",
            sentence(&report.deciders),
            report.agreement,
            report.asking.or_approves(),
        )
    })
}

/// What to type in a clone where nobody reads commands.
fn on_the_ledger(report: &Report, branch: &str, asked: &str) -> String {
    let ledger = if branch == "astride-ledger" { String::new() } else { format!(" --ledger {}", escape::shell(branch)) };
    format!(
        "Push a fix. Commands in comments are not read here: what is decided counts once it is on the branch {}. In a clone, by somebody who may \
         push there and did not write this change:\n```\nastride baseline --rev {}{asked}{ledger} --reason \"…\" --until YYYY-MM-DD\n```\n\
         It prints the command that pushes the decision; this comment is written again then.",
        escape::code(branch),
        report.head.short(),
    )
}
