//! Files that decisions rest on, as they are at the head.
//!
//! Comes in: the pins of the ledger and of commands, both trees. Goes out: what must be fetched to tell, and whether each pin holds. A file that
//! was moved as it is, is followed: by what the base has at its path, and by what was pinned.

use crate::change::{Change, ObjectId, TreeView};
use crate::command::{Command, grammar};
use crate::decisions::Ledger;
use crate::decisions::pin::{self, Loss, Pin, Pinned};
use crate::report::escape;
use crate::source::{FileState, Files, RepoPath};
use std::collections::BTreeSet;

/// What of the head must be fetched before patterns can be searched for.
pub(super) fn unread(change: &Change, ledger: &Ledger) -> BTreeSet<RepoPath> {
    let blocks = ledger.blocks.values().flatten();
    let pinned = blocks.filter_map(|block| block.see.as_ref()).filter(|pin| pin.pattern.is_some()).filter_map(|pin| {
        let (path, blob) = follow(change, pin)?;
        (blob != pin.blob).then(|| path.clone())
    });
    let commands = change.posted.iter().flat_map(|posted| grammar::parse(&posted.body, posted.at)).flatten();
    let named = commands.filter_map(|command| command.see).filter(|see| see.pattern.is_some()).map(|see| see.path);
    let missing = |path: RepoPath| match view(change).state(&path) {
        FileState::NotFetched(missing) => Some(missing),
        _ => None,
    };
    pinned.chain(named).filter_map(missing).collect()
}

/// What has become of a pin.
pub(super) fn state(change: &Change, pin: &Pin) -> Pinned {
    let Some((path, blob)) = follow(change, pin) else { return Pinned::Lost(Loss::Gone) };
    match &pin.pattern {
        // It was searched for when it was pinned.
        _ if blob == pin.blob => Pinned::Holds,
        None => Pinned::Changed,
        Some(pattern) => match matches(change, path, pattern) {
            Some(true) => Pinned::Holds,
            Some(false) => Pinned::Lost(Loss::Unmatched),
            None => Pinned::Lost(Loss::Unread),
        },
    }
}

/// The pin that a command makes.
///
/// # Errors
/// The file is not there, or has nothing that matches: words for the person.
pub(super) fn pin(change: &Change, command: &Command) -> Result<Option<Pin>, String> {
    let Some(see) = &command.see else { return Ok(None) };
    let path = escape::code(see.path.as_str());
    let listed = change.head.listing.get(&see.path).ok_or_else(|| format!("Not done: there is no {path} at the head."))?;
    if let Some(pattern) = &see.pattern {
        match matches(change, &see.path, pattern) {
            Some(true) => {}
            Some(false) => return Err(format!("Not done: nothing in {path} at the head matches {}.", escape::code(pattern))),
            None => return Err(format!("Not done: {path} cannot be read, so that nothing can be searched for in it.")),
        }
    }
    Ok(Some(Pin { path: see.path.clone(), blob: listed.id, pattern: see.pattern.clone() }))
}

/// `None` where it cannot be told.
fn matches(change: &Change, path: &RepoPath, pattern: &str) -> Option<bool> {
    let view = view(change);
    let FileState::Text(text) = view.state(path) else { return None };
    Some(pin::pattern(pattern).ok()?.is_match(text))
}

/// Where the pinned file is at the head, and its content there.
fn follow<'c>(change: &'c Change, pin: &Pin) -> Option<(&'c RepoPath, ObjectId)> {
    if let Some((path, listed)) = change.head.listing.get_key_value(&pin.path) {
        return Some((path, listed.id));
    }
    let before = change.base.listing.get(&pin.path).map(|listed| listed.id);
    before.into_iter().chain([pin.blob]).find_map(|blob| {
        let mut bearing = change.head.listing.bearing(blob);
        let (path, listed) = bearing.next()?;
        // Of several nobody knows which it was.
        bearing.next().is_none().then_some((path, listed.id))
    })
}

fn view(change: &Change) -> TreeView<'_> {
    TreeView { side: &change.head, blobs: &change.blobs }
}
