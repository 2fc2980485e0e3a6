//! What stood before in a module that was not read, and goes by an address of its own now: `moved` says so, and nobody can look whether it is as it was.
//!
//! Comes in: the models of both sides. Goes out: the ids at the head of what was moved out of such modules. What of it needs an answer is asked, and
//! holds nobody up: anybody can write `moved`, so that it is never passed over.

use crate::model::unweighed::{SOURCE, Unweighed};
use crate::model::{ElementId, Model};
use std::collections::BTreeSet;

pub(super) fn of(base: &Model, head: &Model) -> BTreeSet<String> {
    let unread: Vec<&Unweighed> = base.unweighed.iter().filter(|other| other.path == SOURCE).collect();
    let was_hidden = |from: &ElementId| {
        let within = |call: &&Unweighed| {
            call.unit.as_str() == from.unit()
                && from.address().strip_prefix(call.id.address()).is_some_and(|rest| rest.starts_with(['.', '[']))
        };
        !base.resources.contains(from) && unread.iter().any(within)
    };
    head.moved.iter().filter(|(from, _)| was_hidden(from)).map(|(_, to)| to.as_str().to_owned()).collect()
}
