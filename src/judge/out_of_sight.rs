//! What stood before in a module that was not read, and goes by an address of its own now: `moved` says so, and nobody can look whether it is as it was.
//!
//! Comes in: the models of both sides. Goes out: the ids at the head of what was moved out of such modules. What of it needs an answer is asked, and
//! holds nobody up: anybody can write `moved`, so that it is never passed over.

use crate::model::{ElementId, Model};
use crate::source::NoteKind;
use std::collections::BTreeSet;

pub(super) fn of(base: &Model, head: &Model) -> BTreeSet<String> {
    let unread: Vec<String> =
        base.notes.iter().filter(|note| note.kind == NoteKind::Unsupported).filter_map(|note| module(&note.text)).collect();
    let was_hidden = |from: &ElementId| {
        let within = |module: &String| from.address().strip_prefix(module.as_str()).is_some_and(|rest| rest.starts_with(['.', '[']));
        !base.resources.contains(from) && unread.iter().any(within)
    };
    head.moved.iter().filter(|(from, _)| was_hidden(from)).map(|(_, to)| to.as_str().to_owned()).collect()
}

/// The module of which a note says that it was not read: ``module `module.api` of `acme/api/aws` was not read``.
fn module(text: &str) -> Option<String> {
    let rest = text.strip_prefix("module `")?;
    let (address, rest) = rest.split_once('`')?;
    rest.ends_with("was not read").then(|| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::module;

    #[test]
    fn a_module_that_was_not_read_is_named() {
        assert_eq!(module("module `module.api` of `acme/api/aws` was not read").as_deref(), Some("module.api"));
        assert_eq!(module("the module is not there"), None);
    }
}
