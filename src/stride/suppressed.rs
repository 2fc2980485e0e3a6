//! Which threats the suppressions of other tools speak of.
//!
//! Comes in: threats and the model that they were found in. Goes out: the same threats, each with what others were told to pass over.
//! Answers nothing and changes no outcome: what a tool was told is evidence of what somebody thought.

use crate::model::fact::Fact;
use crate::model::{FlowId, Model, Suppression};
use crate::stride::Threat;
use crate::stride::evaluate::facts_of;
use crate::stride::rule::Rule;

include!(concat!(env!("OUT_DIR"), "/suppressions.rs"));

/// Shows each suppression on the threats of its element, and of the flows into it, that say the same.
pub(crate) fn attach(threats: &mut [Threat], model: &Model) {
    if model.suppressions.is_empty() {
        return;
    }
    for threat in threats {
        let flow = model.flow(&FlowId(threat.on.to_string()));
        let on = flow.map_or(&*threat.on, |flow| flow.to.as_str());
        let first = model.suppressions.partition_point(|suppression| suppression.on.as_str() < on);
        let of_element = model.suppressions[first..].iter().take_while(|suppression| suppression.on.as_str() == on);
        threat.suppressed = of_element.filter(|suppression| speaks_of(suppression, threat.rule)).cloned().collect();
    }
}

fn speaks_of(suppression: &Suppression, rule: &Rule) -> bool {
    let named = || SUPPRESSIONS.binary_search_by(|(tool, id, _)| (*tool, *id).cmp(&(suppression.tool, &suppression.id))).ok();
    rule.references.contains(&suppression.id.as_str())
        || named().is_some_and(|index| facts_of(rule.raised).any(|fact| SUPPRESSIONS[index].2.contains(&fact)))
}
