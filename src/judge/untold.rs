//! What could not be told of an element before, by the names under which it is written.
//!
//! Comes in: a threat of the head that cannot be ruled out, and the element as it was at the base. Goes out: whether the threat rests on the same
//! unknown things and no others, with nothing weaker beside them: a policy by its name that the former role had, an import that is handed on to
//! a module. What has no name is never the same.

use crate::model::Element;
use crate::model::fact::{Fact, Facts, Reading};
use crate::model::strength::is_weaker;
use crate::stride::{Outcome, Threat};

/// Whether all that cannot be told of what runs is what its role grants, which is given by the name of a parameter or of an export.
pub(super) fn is_of_a_role_elsewhere(threat: &Threat, reasons: &[(Fact, String)]) -> bool {
    let reading =
        |fact: &Fact| threat.evidence.iter().find(|evidence| evidence.fact == *fact).and_then(|evidence| evidence.reading.as_deref());
    threat.part.is_empty()
        && reasons.iter().all(|(fact, _)| reading(fact).is_some_and(|reading| reading.elsewhere && !reading.untold.is_empty()))
}

/// Whether all that cannot be told has a name under which it is written: an export, a parameter, a document that a provider makes.
pub(super) fn has_a_name(threat: &Threat, reasons: &[(Fact, String)]) -> bool {
    let reading =
        |fact: &Fact| threat.evidence.iter().find(|evidence| evidence.fact == *fact).and_then(|evidence| evidence.reading.as_deref());
    reasons.iter().all(|(fact, _)| reading(fact).is_some_and(|reading| !reading.untold.is_empty()))
}

/// Whether nothing is unknown but what was unknown of the element, or of one part of it.
pub(super) fn stood(threat: &Threat, before: &Element) -> bool {
    let Outcome::Unclear { reasons } = &threat.outcome else { return false };
    let readings = || threat.evidence.iter().filter_map(|evidence| Some((evidence.fact, evidence.reading.as_deref()?)));
    let is_reason = |fact: Fact| reasons.iter().any(|(reason, _)| *reason == fact);
    let is_as_unknown = |(fact, now): (Fact, &Reading), then: &Facts| {
        let known = then.get(fact).map(|reading| reading.untold.as_slice()).unwrap_or_default();
        !now.untold.is_empty() && now.untold.iter().all(|name| known.contains(name))
    };
    let is_as_strong = |(fact, now): (Fact, &Reading), then: &Facts| then.get(fact).is_none_or(|then| !is_weaker(fact, now, then));
    let is_it = |then: &Facts| {
        readings().all(|(fact, now)| if is_reason(fact) { is_as_unknown((fact, now), then) } else { is_as_strong((fact, now), then) })
            && reasons.iter().all(|(fact, _)| readings().any(|(other, _)| other == *fact))
    };
    is_it(&before.facts) || before.parts.iter().any(|part| is_it(&part.facts))
}
