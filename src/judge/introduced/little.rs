//! Open doors behind which little happens: code that may do nothing but write logs and traces.
//!
//! Comes in: a threat and the model that it is of. Goes out: whether all that it opens is such code. What nobody can tell is not little, and what
//! was little and is not any more is news.

use crate::model::cause::CauseKind;
use crate::model::{ElementId, Model};
use crate::stride::{Outcome, Threat};

/// The rules on routes that ask nobody. A function URL is a door of its own making, and stays a finding.
pub(super) const ROUTES: [&str; 2] = ["STR-APIGW-S-01", "STR-HTTPAPI-S-01"];

/// Whether everything that an open door leads to may do nothing but write logs and traces.
pub(super) fn is_behind(threat: &Threat, model: &Model) -> bool {
    is_door(threat) && threat.sharers().all(|sharer| leads_to_little(sharer, model))
}

/// Whether such a door is new together with all that it opens, and only reads: to take a guard away from what stood is another matter, and so is
/// a route that is there to change something.
pub(super) fn is_new_with_it(threat: &Threat, model: &Model, is_old: &dyn Fn(&ElementId) -> bool) -> bool {
    let reads = |route: &str| ["GET ", "HEAD "].iter().any(|method| route.starts_with(method));
    let is_new = |sharer: &Threat| behind(sharer, model).iter().all(|id| !is_old(id));
    is_behind(threat, model) && threat.sharers().all(|sharer| reads(&sharer.key.cause.name) && is_new(sharer))
}

/// Whether a threat is about a door that asks nobody.
pub(super) fn is_door(threat: &Threat) -> bool {
    threat.outcome == Outcome::Open && ROUTES.contains(&threat.key.rule) && threat.key.cause.kind == CauseKind::Route
}

fn leads_to_little(threat: &Threat, model: &Model) -> bool {
    let behind = behind(threat, model);
    !behind.is_empty() && behind.iter().all(|id| model.confined.contains(id))
}

/// What a door leads to.
fn behind(threat: &Threat, model: &Model) -> Vec<ElementId> {
    let route = &threat.key.cause.name;
    let leaving = model.flows.iter().filter(|flow| flow.from.as_str() == &*threat.on && flow.via.contains(route));
    leaving.map(|flow| flow.to.clone()).collect()
}
