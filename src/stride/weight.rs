//! How much a threat weighs: its severity where it stands, and the score that ranks it.
//!
//! Comes in: a rule, what it says, whether the element is exposed. Goes out: a severity and hundredths. The figures are expert hints.

use crate::stride::Outcome;
use crate::stride::evaluate::Checked;
use crate::stride::rule::{Likelihood, Rule, RuleKind, Severity};

/// The rule's severity, the one that it names for exposed elements, one less where a control answers it in part.
pub(crate) fn severity(rule: &Rule, checked: &Checked, exposed: bool) -> Severity {
    let severity = if exposed { rule.exposed_severity } else { rule.severity };
    if checked.partly_answered { lowered(severity) } else { severity }
}

pub(crate) fn lowered(severity: Severity) -> Severity {
    match severity {
        Severity::Critical => Severity::High,
        Severity::High => Severity::Medium,
        Severity::Medium | Severity::Low => Severity::Low,
    }
}

/// The score of a threat of a rule where settings say how severe it is.
pub(crate) fn scored_as(rule: &Rule, score: u32, severity: Severity) -> u32 {
    score * figure(severity) / figure(rule.severity)
}

fn figure(severity: Severity) -> u32 {
    match severity {
        Severity::Critical => 8,
        Severity::High => 5,
        Severity::Medium => 2,
        Severity::Low => 1,
    }
}

/// In hundredths: severity × likelihood × kind, more where exposed, less where unclear or partly answered.
pub(crate) fn score(rule: &Rule, checked: &Checked, exposed: bool) -> u32 {
    let severity = figure(rule.severity);
    let likelihood_in_hundredths = match rule.likelihood {
        Likelihood::High => 150,
        Likelihood::Medium => 100,
        Likelihood::Low => 60,
    };
    let tenths = [
        match rule.kind {
            RuleKind::Finding => 12,
            RuleKind::Question => 10,
            RuleKind::Baseline => 5,
        },
        if exposed { 15 } else { 10 },
        if matches!(checked.outcome, Outcome::Unclear { .. }) { 6 } else { 10 },
        if checked.partly_answered { 5 } else { 10 },
    ];
    tenths.iter().fold(severity * likelihood_in_hundredths, |score, tenths| score * tenths / 10)
}
