//! The way that a threat opens, as JSON.

use crate::report::way::{Hop, Ways};
use crate::stride::Threat;
use serde::Serialize;

/// One hop, from outside to data.
#[derive(Serialize)]
pub(super) struct HopEntry<'a> {
    element: &'a str,
    name: &'a str,
    file: &'a str,
    line: u32,
    /// What is behind it is unknown.
    unread: bool,
}

pub(super) fn entries<'a>(ways: &Ways<'a>, threat: &Threat) -> Vec<HopEntry<'a>> {
    let entry = |hop: Hop<'a>| HopEntry {
        element: hop.element.id.as_str(),
        name: &hop.element.name,
        file: hop.place.path.as_str(),
        line: hop.place.line,
        unread: hop.unread,
    };
    ways.opened_by(threat).into_iter().map(entry).collect()
}
