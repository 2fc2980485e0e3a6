//! What agents can do by themselves.
//!
//! Comes in: the elements of a diagram of which it is known who changes data, and the flows that leave one. Goes out: `tools` and
//! `tool_confirm` of an agent; nothing of anything else.

use crate::catalog::draft::DraftedFlow;
use crate::model::fact::{Fact, Origin, Reading, Value, Word};
use crate::model::strength::is_weaker;
use crate::model::{Door, Element, Flow};
use std::sync::Arc;

/// What an agent's tools do, by what the functions behind its action groups do, and whether somebody confirms it: one that changes
/// something is enough, and so is one of those that nobody confirms.
pub(crate) fn of_agent<'f>(elements: &[Element], leaving: impl Iterator<Item = &'f DraftedFlow>) -> Vec<(Fact, Arc<Reading>)> {
    let called: Vec<&DraftedFlow> = leaving.filter(|(_, _, flow)| flow.door == Some(Door::ActionGroup)).collect();
    let changes = |(_, to, _): &DraftedFlow| elements[to.position()].facts.value(Fact::MutatesData).cloned();
    let writing: Vec<&DraftedFlow> = called.iter().copied().filter(|flow| changes(flow) == Some(Value::Flag(true))).collect();
    let unclear: Vec<&DraftedFlow> = called.iter().copied().filter(|flow| changes(flow).is_none()).collect();
    let place = |flow: &Flow| Origin::Derived(Some(flow.place.clone()));
    let (tools, concerned) = match (writing.first(), unclear.first(), called.first()) {
        (Some((_, _, flow)), _, _) => {
            let names = writing.iter().map(|(_, to, _)| elements[to.position()].name.clone()).collect();
            (Reading::word(Word::Write, place(flow)).witnessed(names), writing)
        }
        (None, Some((_, to, flow)), _) => {
            let reason = format!("what {} changes is not told here", elements[to.position()].name);
            (Reading::unresolved(reason, place(flow)), unclear)
        }
        (None, None, Some((_, _, flow))) => (Reading::word(Word::Read, place(flow)), Vec::new()),
        (None, None, None) => return Vec::new(),
    };
    let confirmed = concerned.iter().filter_map(|(_, _, flow)| flow.facts.get(Fact::ToolConfirm));
    let weakest = confirmed.reduce(|known, other| if is_weaker(Fact::ToolConfirm, other, known) { other } else { known });
    let confirm = weakest.map(|reading| (Fact::ToolConfirm, reading.clone()));
    std::iter::once((Fact::Tools, Arc::new(tools))).chain(confirm).collect()
}
