//! Files that cannot be read and could not be before, by the choice of those whose they are: what changes in them is not judged, and nobody
//! can mend that in a change.
//!
//! Comes in: a path on both sides. Goes out: what it is called among what is not judged. Where the base could be read it says nothing.

use crate::change::{Change, Side, TreeView};
use crate::formats::terraform::signs;
use crate::source::{FileState, Files, Note, NoteKind, RepoPath};
use std::collections::BTreeSet;

const ENCRYPTED: &str = "git-crypt, encrypted";
const OLDER: &str = "Terraform before 0.12";
/// What such files are called.
pub(super) const NAMES: [&str; 2] = [ENCRYPTED, OLDER];

/// Why a file cannot be read on either side; `None` where one side can be, or there is no file on it.
pub(super) fn why(change: &Change, path: &RepoPath) -> Option<&'static str> {
    let is_encrypted = |side| view(change, side).state(path) == FileState::Encrypted;
    if is_encrypted(&change.base) && is_encrypted(&change.head) {
        return Some(ENCRYPTED);
    }
    let is_older = |side| !older_lines(change, side, path).is_empty();
    (signs::is_configuration(path) && is_older(&change.base) && is_older(&change.head)).then_some(OLDER)
}

/// Whether a note on the head says nothing but that. A mistake beside what is of the older syntax is one all the same.
pub(super) fn explains(change: &Change, note: &Note) -> bool {
    let path = &note.place.path;
    match note.kind {
        NoteKind::Hidden => why(change, path) == Some(ENCRYPTED),
        NoteKind::Unreadable => why(change, path) == Some(OLDER) && older_lines(change, &change.head, path).contains(&note.place.line),
        _ => false,
    }
}

fn older_lines(change: &Change, side: &Side, path: &RepoPath) -> BTreeSet<u32> {
    match view(change, side).state(path) {
        FileState::Text(text) => signs::lines_before_0_12(path, text),
        _ => BTreeSet::new(),
    }
}

fn view<'c>(change: &'c Change, side: &'c Side) -> TreeView<'c> {
    TreeView { side, blobs: &change.blobs }
}
