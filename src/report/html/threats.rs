//! The open threats of the page, ranked, each with its evidence.
//!
//! Comes in: a report and the arrangement of its open threats. Goes out: HTML.

use crate::decisions::{Reviewed, Standing};
use crate::report::carry;
use crate::report::escape::xml;
use crate::report::headline::is_open_question;
use crate::report::html::{ROWS, code, more, place};
use crate::report::markup::claim_words;
use crate::report::{Arranged, Line, Report, ruled};
use crate::stride::rule::RuleKind;
use crate::stride::{Outcome, Threat};
use std::collections::BTreeSet;
use std::fmt::Write;

pub(super) fn open(report: &Report, arranged: &Arranged<'_>, out: &mut String) {
    if arranged.lines().next().is_some() {
        out.push_str("<section aria-labelledby=\"threats\">\n<h2 id=\"threats\">Threats</h2>\n");
        for line in arranged.lines() {
            let number = line.number;
            if line.others.is_empty() {
                threat(report, &format!("{number}. "), &format!(" id=\"t{number}\""), line.first, out);
            } else {
                group(report, number, line, out);
            }
        }
        out.push_str("</section>\n");
    }
    folded(report, "Of low weight", &arranged.low, out);
    folded(report, "Generic questions of the chart", &arranged.baselines, out);
}

fn threat(report: &Report, number: &str, anchor: &str, reviewed: &Reviewed, out: &mut String) {
    let threat = &reviewed.threat;
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(
        out,
        "<article class=\"threat\"{anchor}>\n<h3>{number}{}</h3>\n<p><span class=\"rank {}\">{}, {}</span><span class=\"soft\">{}</span></p>",
        xml(&threat.title()),
        threat.severity.word(),
        threat.severity.word(),
        threat.rule.category.words().to_lowercase(),
        weight(reviewed)
    );
    let _ = writeln!(out, "<p>{}</p>", xml(&threat.question()));
    if let Outcome::Unclear { reasons } = &threat.outcome {
        let reasons: Vec<String> = reasons.iter().map(|(fact, reason)| format!("{}: {}", code(fact.as_str()), xml(reason))).collect();
        let _ = writeln!(out, "<p>Not resolved: {}.</p>", reasons.join("; "));
    }
    fixes(threat, out);
    evidence(report, reviewed, out);
    if let Standing::Proposed(decided) = &reviewed.standing {
        let _ = writeln!(
            out,
            "<p><b>Proposed:</b> {} by {}: “{}”; somebody else confirms.</p>",
            decided.verdict.word(),
            xml(&decided.by.words()),
            xml(&decided.reason)
        );
    }
    carried([reviewed], report, out);
    said(report, threat, out);
    out.push_str("</article>\n");
}

/// What was decided on what stood in the place of these, and how to say the same of them.
fn carried<'r>(threats: impl IntoIterator<Item = &'r Reviewed>, report: &Report, out: &mut String) {
    let hints = threats.into_iter().filter_map(|reviewed| carry::hint(report, &reviewed.threat.id(), xml, code));
    for [sentence, command] in hints.collect::<BTreeSet<_>>() {
        let _ = writeln!(out, "<p><b>Before:</b> {sentence}: {command}.</p>");
    }
}

/// What the settings say, what the change states, and what other tools were told to pass over.
fn said(report: &Report, threat: &Threat, out: &mut String) {
    for said in ruled::all(threat, xml) {
        let _ = writeln!(out, "<p><b>Settings:</b> {said}.</p>");
    }
    let then = if threat.proposals().is_empty() { "does not count before it is merged" } else { "needs confirmation" };
    for claim in threat.stated.iter().flat_map(|stated| &stated.claims).take(ROWS) {
        let _ = writeln!(out, "<p><b>Stated by this change:</b> {} ({}), {then}.</p>", code(&claim.words), place(report, &claim.place));
    }
    for other in threat.suppressed.iter().take(ROWS) {
        let reason = if other.reason.is_empty() { String::new() } else { format!(": “{}”", xml(&other.reason)) };
        let at = place(report, &other.place);
        let _ = writeln!(out, "<p><b>Stated for {}, no answer here:</b> {}{reason} ({at}).</p>", other.tool, code(&other.id));
    }
}

fn fixes(threat: &Threat, out: &mut String) {
    let fixes: Vec<String> = threat.fixes().iter().map(|fix| xml(fix)).collect();
    if !fixes.is_empty() {
        let _ = writeln!(out, "<p><b>Fix:</b> {}.</p>", fixes.join("; "));
    }
}

fn weight(reviewed: &Reviewed) -> &'static str {
    match (reviewed.blocks, reviewed.threat.rule.kind) {
        (true, _) => "needs an answer",
        (false, RuleKind::Question) => "question",
        (false, RuleKind::Finding) if is_open_question(reviewed) => "question",
        (false, RuleKind::Finding) => "optional",
        (false, RuleKind::Baseline) => "baseline",
    }
}

/// The facts that the rule read, each with the line that states it or the default that it is.
fn evidence(report: &Report, reviewed: &Reviewed, out: &mut String) {
    let threat = &reviewed.threat;
    let _ = write!(out, "<dl><dt>place</dt><dd>{}</dd>", place(report, &threat.place));
    for evidence in &threat.evidence {
        let origin = match (evidence.place(), evidence.default_page()) {
            (Some(at), _) if evidence.claimed.is_some() => {
                format!(" <span class=\"soft\">({}, {})</span>", claim_words(evidence).unwrap_or_default(), place(report, at))
            }
            (Some(at), _) if *at != threat.place => format!(" <span class=\"soft\">({})</span>", place(report, at)),
            (None, Some(_)) => " <span class=\"soft\">(the provider's default)</span>".to_owned(),
            (Some(_), _) | (None, None) => String::new(),
        };
        let _ = write!(out, "<dt>{}</dt><dd>{}{origin}</dd>", code(evidence.fact.as_str()), xml(&evidence.words()));
    }
    let _ = writeln!(out, "<dt>rule</dt><dd>{}</dd><dt>ID</dt><dd>{}</dd></dl>", code(threat.rule.id), code(&threat.id()));
}

fn group(report: &Report, number: usize, line: &Line<'_>, out: &mut String) {
    let _ = writeln!(
        out,
        "<article class=\"threat\" id=\"t{number}\">\n<h3>{number}. {}</h3>\n<p class=\"soft\">{} · {}</p>",
        xml(&line.group.replace('_', " ")),
        if line.blocks() { "needs an answer" } else { "optional" },
        code(&line.id)
    );
    let first = &line.first.threat;
    if line.others.iter().all(|other| other.threat.rule.id == first.rule.id) {
        let _ = writeln!(out, "<p>{}</p>", xml(&first.question()));
        fixes(first, out);
    }
    out.push_str("<ul>\n");
    line.members().take(ROWS).for_each(|member| item(report, member, out));
    out.push_str("</ul>\n");
    more(line.others.len() + 1, "threats", out);
    carried(line.members(), report, out);
    out.push_str("</article>\n");
}

fn item(report: &Report, reviewed: &Reviewed, out: &mut String) {
    let threat = &reviewed.threat;
    let by_settings: String = ruled::all(threat, xml).iter().map(|said| format!("<br><b>Settings:</b> {said}")).collect();
    let _ = writeln!(
        out,
        "<li><span class=\"rank {}\">{}</span>{} <span class=\"soft\">({}; {})</span>{by_settings}</li>",
        threat.severity.word(),
        threat.severity.word(),
        xml(&threat.title()),
        place(report, &threat.place),
        code(&threat.id())
    );
}

fn folded(report: &Report, title: &str, threats: &[&Reviewed], out: &mut String) {
    if threats.is_empty() {
        return;
    }
    let _ = writeln!(out, "<details>\n<summary><h2>{title}: {}</h2></summary>\n<ul>", threats.len());
    threats.iter().take(ROWS).for_each(|reviewed| item(report, reviewed, out));
    out.push_str("</ul>\n");
    more(threats.len(), "threats", out);
    out.push_str("</details>\n");
}
