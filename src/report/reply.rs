//! What a reply to `show` and `explain` says.
//!
//! Comes in: threats as they stand. Goes out: Markdown, with foreign text through the escaping door.

use crate::decisions::reconcile;
use crate::decisions::{Because, Block, Decided, Ledger, Reviewed, Standing};
use crate::report::comment::history::{and_confirmed, verdict_and_by};
use crate::report::markup::{claim_words, reason};
use crate::report::text::open::quoted;
use crate::report::{Line, Reply, escape, marker, ruled};
use crate::stride::Outcome;
use crate::stride::reference;
use crate::stride::rule::RuleKind;
use std::fmt::Write;

/// To whoever decides where the App may not commit decisions.
const NO_LEDGER: &str = "Not done: Astride may only read here, so that it cannot commit decisions. \
                                    Push the decision to the ledger branch, or have the App given write access to contents.";

/// The same where code owners decide, since nothing that is pushed counts there.
const NO_LEDGER_FOR_OWNERS: &str = "Not done: Astride may only read here, so that it cannot commit decisions, and where code owners \
                                               decide, a decision that somebody pushes does not count. \
                                               Have the App given write access to contents.";
/// Most bytes of a reply: the forge takes 65,536 characters.
const BUDGET: usize = 60_000;

/// What is posted: by its first line it is known again, and what does not fit is cut off its end.
pub(crate) fn body(reply: &Reply) -> String {
    let body = format!("{}\n{}", marker::reply(reply), reply.text);
    if body.len() <= BUDGET {
        return body;
    }
    let (mut kept, mut is_fenced) = (String::new(), false);
    for line in body.split_inclusive('\n') {
        if kept.len() + line.len() > BUDGET {
            break;
        }
        kept.push_str(line);
        is_fenced ^= line.starts_with("```");
    }
    let left_out = body[kept.len()..].lines().filter(|line| !line.trim().is_empty()).count();
    let fence = if is_fenced { "```\n" } else { "" };
    format!(
        "{kept}{fence}\n{left_out} more lines did not fit into a comment and are left out. Ask about fewer at once; `astride review` on a clone prints \
         everything.\n"
    )
}

/// Most rows of a reply: the check's details have all.
const MOST_SHOWN: usize = 40;

/// What is said of a decision that the App may not commit.
pub(crate) fn no_ledger(owners_decide: bool) -> &'static str {
    if owners_decide { NO_LEDGER_FOR_OWNERS } else { NO_LEDGER }
}

/// A row each, and which of them have one answer. The generic questions are only counted beside others.
pub(crate) fn show(reviewed: &[Reviewed], lines: &[Line<'_>]) -> String {
    let raised = reviewed.iter().filter(|reviewed| !matches!(reviewed.standing, Standing::Covered));
    let is_generic = |reviewed: &&Reviewed| {
        reviewed.threat.rule.kind == RuleKind::Baseline && matches!(reviewed.standing, Standing::Open | Standing::Unclear)
    };
    let (generic, mut shown): (Vec<&Reviewed>, Vec<&Reviewed>) = raised.partition(is_generic);
    let mut left_out = generic.len();
    if shown.is_empty() {
        (shown, left_out) = (generic, 0);
    }
    left_out += shown.len().saturating_sub(MOST_SHOWN);
    let mut out = String::from("| threat | stands | |\n|---|---|---|\n");
    for reviewed in shown.into_iter().take(MOST_SHOWN) {
        let (stands, words) = match &reviewed.standing {
            Standing::Open => ("open", String::new()),
            Standing::Unclear => ("unclear", String::new()),
            Standing::Covered => ("covered", String::new()),
            Standing::SwitchedOff => ("switched off", ruled::why_off(&reviewed.threat, escape::text).unwrap_or_default()),
            Standing::Claimed => ("stated", claimed_words(reviewed)),
            Standing::Proposed(decided) => ("proposed", said(decided)),
            Standing::Decided(decided) => ("decided", said(decided)),
            Standing::Reopened { was, because: Because::TakenBack { by, reason } } => {
                let why = escape::text(&quoted(reason));
                ("reopened", format!("{}; {} took it back{why}", said(was), escape::text(&by.login)))
            }
            Standing::Reopened { was, .. } => ("reopened", said(was)),
        };
        // Writing to a string cannot fail, here and below.
        let _ =
            writeln!(out, "| {} {} | {stands} | {words} |", escape::code(&reviewed.threat.id()), escape::text(&reviewed.threat.title()));
    }
    for line in lines.iter().filter(|line| !line.others.is_empty()) {
        let _ = write!(out, "\n{} answers {} of them at once.", escape::code(&line.id), line.others.len() + 1);
    }
    if left_out > 0 {
        let _ = write!(out, "\n{left_out} more, generic questions included, stand in the check's details.");
    }
    out
}

/// Most words of a threat's history that a reply tells: the newest.
const MOST_TOLD: usize = 20;

/// Every word that the ledger has on a threat, in order of time; `None` where there is none.
pub(crate) fn history(reviewed: &Reviewed, ledger: &Ledger) -> Option<String> {
    let all = ledger.all_about(&reviewed.threat);
    let said: Vec<&Block> = all.into_iter().filter(|block| reconcile::concerns(block, &reviewed.threat)).collect();
    let mut out = format!("{}, from the first word on:\n\n", escape::code(&reviewed.threat.id()));
    let left_out = said.len().saturating_sub(MOST_TOLD);
    if left_out > 0 {
        let _ = writeln!(out, "- {left_out} earlier");
    }
    for block in said.iter().skip(left_out) {
        let proposed = if block.proposal { " (proposed)" } else { "" };
        let reason = if block.reason.is_empty() { String::new() } else { format!(": {}", escape::text(&block.reason)) };
        let until = block.until.map_or_else(String::new, |day| format!(" until {day}"));
        let pull = if block.pull > 0 { format!(" on #{}", block.pull) } else { String::new() };
        let (login, right) = (escape::text(&block.by.login), escape::text(&block.by.right));
        let to = block.to.as_ref().map_or_else(String::new, |to| format!(" to {}", escape::text(to)));
        let _ = writeln!(out, "- {}: {}{to}{proposed} by {login} ({right}){pull}{until}{reason}", block.at.day(), block.verdict.word());
    }
    (!said.is_empty()).then_some(out)
}

/// The evidence of a threat, what is stated of it, and what would cover it.
pub(crate) fn explain(reviewed: &Reviewed) -> String {
    let threat = &reviewed.threat;
    let mut out = format!(
        "{} ({}, {}): {}\n\n| fact | reads | from |\n|---|---|---|\n",
        escape::code(&threat.id()),
        threat.rule.id,
        threat.severity.word(),
        escape::text(&threat.title())
    );
    for evidence in &threat.evidence {
        let by = claim_words(evidence).map_or_else(String::new, |by| format!("{by}: "));
        let from = match (evidence.place(), evidence.default_page()) {
            (Some(place), _) => format!("{by}{}, line {}", escape::code(place.path.as_str()), place.line),
            (None, Some(page)) => format!("the provider's default, {}", escape::code(page)),
            (None, None) => String::new(),
        };
        let _ = writeln!(out, "| {} | {} | {from} |", escape::code(evidence.fact.as_str()), escape::text(&evidence.words()));
    }
    for said in ruled::all(threat, escape::text) {
        let _ = writeln!(out, "\nSettings: {said}");
    }
    for claim in threat.stated.iter().flat_map(|stated| &stated.claims) {
        let place = format!("{}, line {}", escape::code(claim.place.path.as_str()), claim.place.line);
        let _ = writeln!(out, "\nStated by this pull request, needs confirmation: {} ({place})", escape::code(&claim.words));
    }
    for other in &threat.suppressed {
        let place = format!("{}, line {}", escape::code(other.place.path.as_str()), other.place.line);
        let _ = writeln!(out, "\nStated for {}, no answer here: {}{} ({place})", other.tool, escape::code(&other.id), reason(other));
    }
    if let Outcome::Open | Outcome::Unclear { .. } = threat.outcome {
        let _ = writeln!(out, "\n{}", escape::text(&threat.question()));
    }
    for answer in threat.rule.answers.iter().filter(|answer| !answer.partial) {
        let _ = writeln!(out, "- covered by: {}", escape::text(answer.note));
    }
    for fix in threat.fixes() {
        let _ = writeln!(out, "- fix: {}", escape::text(&fix));
    }
    if !threat.rule.references.is_empty() {
        let named: Vec<String> = threat.rule.references.iter().map(|name| escape::text(&reference::words(name))).collect();
        let _ = writeln!(out, "- references: {}", named.join("; "));
    }
    out
}

fn said(decided: &Decided) -> String {
    format!("{}{}: {}", verdict_and_by(decided), and_confirmed(decided), escape::text(&decided.reason))
}

fn claimed_words(reviewed: &Reviewed) -> String {
    let words: Vec<String> = reviewed.threat.proposals().iter().map(|claim| escape::code(&claim.words)).collect();
    format!("by this pull request: {}", words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::{BUDGET, body};
    use crate::change::Surface;
    use crate::report::Reply;

    #[test]
    fn what_does_not_fit_is_counted() {
        let reply = |text: String| Reply { to: 7, surface: Surface::Comment, done: true, text };
        assert_eq!(body(&reply("Done.".to_owned())), "<!-- astride:reply comment-7 done -->\nDone.");
        let row = "| a | b |\n";
        let long = body(&reply(format!("Type `/stride confirm A/S-00000001`.\n\n{}", row.repeat(20_000))));
        assert!(long.len() <= BUDGET + 200 && long.starts_with("<!-- astride:reply comment-7 done -->\nType `/stride confirm "));
        let kept = long.matches(row).count();
        assert!(long.contains(&format!("\n{} more lines did not fit", 20_000 - kept)), "{kept}");
        let fenced = body(&reply(format!("```yaml\n{}```\n", "a: b\n".repeat(20_000))));
        assert_eq!(fenced.matches("```").count(), 2, "what is cut off ends its fence");
    }
}
