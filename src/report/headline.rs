//! The verdict in one line: the first line of the comment, of the terminal and of the page, and the title of the check.
//!
//! Comes in: a report. Goes out: plain text that can be read on a phone. What could not be read comes first, then what waits for people;
//! what is not weighed or not judged is said behind whatever else there is.

use crate::decisions::emergency::Emergency;
use crate::decisions::{Because, Reviewed, Standing};
use crate::delta::RecordedNews;
use crate::report::markup::count;
use crate::report::{Judged, Report, Verdict, answers_wanted, ruled, taken, unweighed};
use crate::stride::rule::{RuleKind, Severity};
use crate::stride::{Outcome, rank};
use std::collections::BTreeMap;

/// Most formats and files that the line names.
const NAMED: usize = 3;
/// Most letters of the line: with our name before it, it is two lines on a phone.
const LETTERS: usize = 118;

/// How much the line names: a long one says how many there are, and what they are stands below it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    All,
    /// Of each kind the first.
    First,
    /// Of controls what they are and not whose; of anything else how many there are.
    What,
    Numbers,
}

/// `2 threats need an answer, 1 question`.
pub fn headline(report: &Report) -> String {
    let mut longer = [Names::All, Names::First, Names::What].into_iter().map(|names| told(report, names));
    longer.find(|line| line.chars().count() <= LETTERS).unwrap_or_else(|| told(report, Names::Numbers))
}

fn told(report: &Report, names: Names) -> String {
    let mut parts = if matches!(report.verdict, Verdict::Noted) { Vec::new() } else { waiting(report, names) };
    if parts.is_empty() {
        parts.push(match (report.verdict, report.judged()) {
            (_, Judged::Irrelevant) if report.weakened.is_none() => "nothing to judge".to_owned(),
            (_, Judged::Nothing) => format!("nothing judged: {}", formats(report)),
            (Verdict::Noted, _) => format!("noted: {}", taken::words(report, names).unwrap_or_default()),
            (_, Judged::All | Judged::Part | Judged::Irrelevant) => "clear".to_owned(),
        });
    }
    let questions = report.arranged().alone.iter().filter(|line| is_open_question(line.first)).count();
    if questions > 0 {
        parts.push(count(questions, "question", "questions"));
    }
    let shared = report.shared_states().count();
    if shared > 0 {
        parts.push(count(shared, "state for two roots", "states for two roots each"));
    }
    let entries = report.public_entries().count();
    if entries > 0 {
        parts.push(count(entries, "way into a cluster to look at", "ways into a cluster to look at"));
    }
    let recorded = |news: RecordedNews| report.delta.recorded.iter().filter(|change| change.news() == news).count();
    for (news, one, many, what) in [
        (RecordedNews::AnswerLost, "recorded answer", "recorded answers", "lost"),
        (RecordedNews::OpenDeleted, "open threat", "open threats", "deleted from the model file"),
        (RecordedNews::ClosedWithoutBasis, "threat", "threats", "closed without a reason in the model file"),
    ] {
        match recorded(news) {
            0 => {}
            number => parts.push(format!("{} {what}", count(number, one, many))),
        }
    }
    let switched_off = ruled::number_of(&report.reviewed);
    if switched_off > 0 {
        parts.push(format!("{switched_off} switched off by the settings"));
    }
    parts.extend(unweighed::words(report));
    parts.extend(not_judged(report, names));
    parts.join(", ")
}

/// The title of the check, where the mode shows: `advise: 2 open`.
pub fn title(report: &Report) -> String {
    let headline = headline(report);
    let mode = match report.passes_by() {
        Some(emergency) => format!("emergency {} by @{} until {}: ", emergency.ticket, emergency.by.login, minute(emergency)),
        None if report.advise && report.waits() => "advise: ".to_owned(),
        None => String::new(),
    };
    let stale = if report.stale().next().is_some() { ", templates may be older than the code" } else { "" };
    format!("{mode}{headline}{stale}")
}

/// `2026-11-27 08:04 UTC`.
pub(super) fn minute(emergency: &Emergency) -> String {
    let until = emergency.until.to_string();
    until.get(..16).map_or(until.clone(), |minute| format!("{} UTC", minute.replace('T', " ")))
}

/// What has to be done before the gate opens, and whom it waits for.
fn waiting(report: &Report, names: Names) -> Vec<String> {
    let mut parts = Vec::new();
    if !report.awaited.is_empty() {
        let is_pending = report.awaited.iter().all(|awaited| awaited.is_pending);
        parts.push(if is_pending { "waits for generated input".to_owned() } else { "generated input is missing".to_owned() });
    }
    let repairs = report.files_to_repair();
    if repairs > 0 {
        parts.push(format!("{} repair", count(repairs, "file needs", "files need")));
    }
    let is_proposed = |reviewed: &&Reviewed| matches!(reviewed.standing, Standing::Claimed | Standing::Proposed(_));
    let (proposed, open): (Vec<_>, Vec<_>) = report.blocking().partition(is_proposed);
    let weakens = report.open_weakened();
    let weakening_is_proposed = weakens.is_some_and(|weakened| report.rulings.contains_key(&weakened.id()));
    let open = answers_wanted(open) + usize::from(weakens.is_some() && !weakening_is_proposed);
    let proposed = answers_wanted(proposed) + usize::from(weakening_is_proposed);
    if open > 0 {
        parts.push(if report.advise {
            format!("{open} open")
        } else {
            format!("{} an answer", count(open, "threat needs", "threats need"))
        });
    }
    if proposed > 0 {
        parts.push(format!("{} confirmation", count(proposed, "proposal needs", "proposals need")));
    }
    if weakens.is_some() {
        parts.push("the gate is weakened".to_owned());
    }
    let facts_changed = |reviewed: &Reviewed| matches!(reviewed.standing, Standing::Reopened { because: Because::FactsChanged(_), .. });
    match taken::words(report, names) {
        Some(words) => parts.push(words),
        None if report.reviewed.iter().any(facts_changed) => parts.push("a control was removed".to_owned()),
        None => {}
    }
    parts
}

/// Whether something is asked that holds nobody up: a question, or a grave finding that the base has much alike.
pub(in crate::report) fn is_open_question(reviewed: &Reviewed) -> bool {
    let is_asked = match reviewed.threat.rule.kind {
        RuleKind::Question => !rank::is_known_question(&reviewed.threat),
        RuleKind::Finding => reviewed.threat.severity >= Severity::High && reviewed.threat.outcome == Outcome::Open,
        RuleKind::Baseline => false,
    };
    reviewed.needs_answer() && !reviewed.blocks && is_asked
}

/// `4 Terraform files, 1 Kubernetes file`.
fn formats(report: &Report) -> String {
    let mut files: BTreeMap<&str, usize> = BTreeMap::new();
    for other in &report.not_judged {
        *files.entry(other.format.split([',', '(']).next().unwrap_or_default().trim()).or_default() += 1;
    }
    let more = files.len().saturating_sub(NAMED);
    let named = files.iter().take(NAMED).map(|(format, files)| {
        let plural = if *files == 1 { "" } else { "s" };
        // A link and a submodule are no files.
        let noun = if format.ends_with("link") || format.ends_with("submodule") { "" } else { " file" };
        format!("{files} {format}{noun}{plural}")
    });
    let mut named: Vec<String> = named.collect();
    if more > 0 {
        named.push(format!("{more} more"));
    }
    named.join(", ")
}

/// `2 of 5 files not judged`, with the names of those that a tool would deploy; nothing where the line is about them already.
fn not_judged(report: &Report, names: Names) -> Vec<String> {
    let files = report.not_judged.len();
    let deployed: Vec<&str> = report.not_judged.iter().filter(|other| other.by_default_name).map(|other| other.path.as_str()).collect();
    let mut parts = Vec::new();
    if report.judged() == Judged::Part {
        let all = files + report.judged_files.max(report.files_to_repair());
        parts.push(format!("{files} of {all} files not judged"));
    }
    match (names, deployed.as_slice()) {
        (Names::First | Names::What | Names::Numbers, [first, _, ..]) => {
            parts.push(format!("{first} and {} more are template sources", deployed.len() - 1));
        }
        (Names::All | Names::First | Names::What | Names::Numbers, _) => {
            parts.extend(deployed.iter().take(NAMED).map(|path| format!("{path} is a template source")));
        }
    }
    parts
}
