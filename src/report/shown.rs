//! What of a report is shown where people ask for less: a matter of display, on which no verdict depends.

use crate::decisions::Reviewed;
use crate::model::cause::{Cause, CauseKind};
use crate::report::Report;
use crate::stride::rule::{RuleKind, Severity};
use std::collections::BTreeMap;

/// Whether a threat is shown where only those of at least this severity are wanted. What blocks always is.
pub(super) fn is_shown(reviewed: &Reviewed, least: Severity) -> bool {
    (reviewed.blocks && reviewed.needs_answer()) || reviewed.threat.severity >= least
}

impl Report {
    /// The open threats that are shown, the generic questions left out: highest score first, and together what one answer ends.
    pub(super) fn open_by_cause(&self, least: Severity) -> Vec<Vec<&Reviewed>> {
        let mut places: BTreeMap<(Option<&str>, &Cause), usize> = BTreeMap::new();
        let mut groups: Vec<Vec<&Reviewed>> = Vec::new();
        for reviewed in self.open().filter(|reviewed| is_shown(reviewed, least)) {
            let cause = &*reviewed.key().cause;
            let apart = (cause.kind == CauseKind::Property).then_some(reviewed.key().rule);
            let place = *places.entry((apart, cause)).or_insert(groups.len());
            match groups.get_mut(place) {
                Some(group) => group.push(reviewed),
                None => groups.push(vec![reviewed]),
            }
        }
        groups
    }

    /// How many open threats are not shown.
    pub fn left_out(&self, least: Severity) -> usize {
        self.open().filter(|reviewed| !is_shown(reviewed, least)).count()
    }

    /// What has no answer, the generic questions left out where they do not block.
    fn open(&self) -> impl Iterator<Item = &Reviewed> {
        self.reviewed
            .iter()
            .filter(|reviewed| reviewed.needs_answer() && (reviewed.blocks || reviewed.threat.rule.kind != RuleKind::Baseline))
    }
}
