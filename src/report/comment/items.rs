//! The open threats: those that stand alone, what is optional in one line, and the commands to paste.
//!
//! Comes in: a report and the arrangement of its open threats. Goes out: Markdown.

use crate::decisions::{Reviewed, Standing};
use crate::model::fact::Fact;
use crate::report::comment::history::said;
use crate::report::comment::summary::is_open_question;
use crate::report::escape;
use crate::report::markup::{line, linked, question, rank, sentence, stated, suppressed, title};
use crate::report::{Arranged, Report, Rollup};
use crate::stride::rule::RuleKind;
use crate::stride::{Claim, Outcome, Threat};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Most statements that the line on those which have none of their own names.
const MOST_NAMED: usize = 5;

/// The threats that stand alone: fact, line, consequence, question, fix. Roll-ups that block stand with them.
pub(super) fn items(report: &Report, arranged: &Arranged<'_>) -> Option<String> {
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
    for said in [stated(report, reviewed), suppressed(report, threat)].into_iter().flatten() {
        let _ = write!(out, "\n   {said}");
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
pub(super) fn optional(report: &Report, arranged: &Arranged<'_>) -> Option<String> {
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

/// What the change states on threats that have no line of their own.
pub(super) fn stated_besides(report: &Report, arranged: &Arranged<'_>) -> Option<String> {
    let rolled = arranged.rollups.iter().flat_map(|rollup| &rollup.members);
    let besides = rolled.chain(&arranged.low).chain(&arranged.baselines).filter(|reviewed| reviewed.standing == Standing::Claimed);
    let claims: BTreeSet<&Claim> = besides.flat_map(|reviewed| reviewed.threat.proposals()).collect();
    let named: Vec<String> = claims
        .iter()
        .take(MOST_NAMED)
        .map(|claim| {
            let place = linked(report, &claim.place, &format!("{}, line {}", escape::text(claim.place.path.as_str()), claim.place.line));
            format!("{} ({place})", escape::code(&claim.words))
        })
        .collect();
    let more = claims.len().saturating_sub(MOST_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!named.is_empty()).then(|| {
        format!("*Stated by this pull request, needs confirmation before it answers what is optional:* {}{more}.", named.join(", "))
    })
}

/// One threat by its fact, several by their group and elements.
fn rollup_words(rollup: &Rollup<'_>, first: &Reviewed) -> String {
    let names: BTreeSet<&str> = rollup.members.iter().map(|reviewed| &*reviewed.threat.shown).collect();
    if rollup.members.len() == 1 {
        let title = title(&first.threat);
        return title.split_once(": ").map_or(title.trim_end_matches('.'), |(fact, _)| fact).to_owned();
    }
    let named: Vec<String> = names.iter().take(3).map(|name| escape::code(name)).collect();
    let more = if names.len() > 3 { format!(" +{}", names.len() - 3) } else { String::new() };
    format!("{}: {}{more}", group_words(rollup), named.join(", "))
}

/// What to paste, and who may.
pub(super) fn commands(report: &Report, arranged: &Arranged<'_>) -> Option<String> {
    let asked = |reviewed: &&&Reviewed| reviewed.blocks || is_open_question(reviewed);
    let open = arranged.single.iter().filter(asked).filter(|reviewed| !matches!(reviewed.standing, Standing::Proposed(_)));
    let mut lines = String::new();
    for reviewed in open {
        let (verb, placeholder) = match (&reviewed.standing, reviewed.threat.rule.kind) {
            (Standing::Claimed, _) => ("confirm", ""),
            (_, RuleKind::Question) => ("mitigate", " <how>"),
            (_, RuleKind::Finding | RuleKind::Baseline) => ("accept", " <why>"),
        };
        let _ = writeln!(lines, "/stride {verb} {}{placeholder}", reviewed.threat.id());
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
