//! What a change destroys or makes unreadable, for programs.
//!
//! Comes in: a loss. Goes out: an entry of the review's JSON.

use crate::delta::Loss;
use crate::model::holding::Keeps;
use crate::report::losses::{self, Pieces};
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct LossEntry<'a> {
    id: &'a str,
    name: &'a str,
    keeps: &'static str,
    what: String,
    before: String,
    now: String,
    outcome: String,
    file: Option<&'a str>,
    line: Option<u32>,
}

impl<'a> LossEntry<'a> {
    pub(super) fn of(loss: &'a Loss) -> Self {
        let Pieces { what, before, now, outcome } = losses::pieces(loss);
        Self {
            id: loss.id.as_str(),
            name: &loss.name,
            keeps: word(loss.keeps),
            what,
            before,
            now,
            outcome,
            file: loss.place.as_ref().map(|place| place.path.as_str()),
            line: loss.place.as_ref().map(|place| place.line),
        }
    }
}

fn word(keeps: Keeps) -> &'static str {
    match keeps {
        Keeps::Data => "data",
        Keeps::Records => "records",
        Keeps::Backups => "backups",
        Keeps::Key => "key",
        Keeps::Audit => "audit",
        Keeps::Shipping => "shipping",
    }
}
