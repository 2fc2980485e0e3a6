//! What changed, was read, and raises nothing: a line each where somebody looks further, so that nothing passes without being named.
//!
//! Comes in: a report. Goes out: what none of its threats, flows and lines speaks of; foreign text is not escaped yet.

use crate::delta::{Unasked, What};
use crate::report::Report;
use crate::source::{Place, RepoPath};
use std::collections::{BTreeMap, BTreeSet};

/// In the order of resources.
pub fn told(report: &Report) -> Vec<&Unasked> {
    if report.delta.stated.is_empty() {
        return Vec::new();
    }
    let (head, base) = (Spoken::of_head(report), Spoken::of_base(report));
    let named: BTreeSet<(&str, &str)> = report.delta.unweighed.iter().map(|other| (other.id.as_str(), other.path.as_str())).collect();
    let is_named = |other: &Unasked| {
        let above = other.path.match_indices('.').map(|(at, _)| &other.path[..at]).chain([other.path.as_str()]);
        above.into_iter().any(|path| named.contains(&(other.id.as_str(), path)))
    };
    let is_lost = |other: &Unasked| report.delta.losses.iter().any(|loss| loss.id == other.id);
    let spoken = |other: &Unasked| if other.what == What::Gone { &base } else { &head };
    report.delta.stated.iter().filter(|other| !is_named(other) && !is_lost(other) && !spoken(other).within(&other.place)).collect()
}

/// The resource, its type and the property, which is empty where it is the whole resource or where the notation has words of its own.
pub(super) fn pieces<'r>(report: &Report, other: &'r Unasked) -> [&'r str; 3] {
    let has_own_words = report.after.words.contains_key(&RepoPath::new(other.id.unit()));
    [other.id.address(), &other.declared, if has_own_words { "" } else { &other.path }]
}

/// The lines of one side that the report speaks of, by file; in order.
struct Spoken<'r>(BTreeMap<&'r RepoPath, BTreeSet<u32>>);

impl<'r> Spoken<'r> {
    fn of_head(report: &'r Report) -> Self {
        let threats = report.reviewed.iter().filter(|reviewed| reviewed.introduced).map(|reviewed| &reviewed.threat);
        let evidence = threats.clone().flat_map(|threat| threat.evidence.iter().filter_map(|evidence| evidence.place()));
        let flows = report.delta.flows_added.iter().filter_map(|id| report.after.flow(id)).map(|flow| &flow.place);
        let unweighed = report.delta.unweighed.iter().map(|other| &other.place);
        Self::of(threats.map(|threat| &threat.place).chain(evidence).chain(flows).chain(unweighed))
    }

    fn of_base(report: &'r Report) -> Self {
        let flows = report.delta.flows_removed.iter().filter_map(|id| report.before.flow(id)).map(|flow| &flow.place);
        Self::of(flows.chain(report.delta.unweighed.iter().map(|other| &other.place)))
    }

    fn of(places: impl Iterator<Item = &'r Place>) -> Self {
        let mut lines: BTreeMap<&RepoPath, BTreeSet<u32>> = BTreeMap::new();
        for place in places {
            lines.entry(&place.path).or_default().insert(place.line);
        }
        Self(lines)
    }

    /// Whether it speaks of a line of this place.
    fn within(&self, place: &Place) -> bool {
        self.0.get(&place.path).is_some_and(|lines| lines.range(place.line..=place.end_line).next().is_some())
    }
}
