//! Files that cannot be read and could not be before, by the choice of those whose they are: what changes in them is not judged, and nobody
//! can mend that in a change.
//!
//! Comes in: a path on both sides. Goes out: what it is called among what is not judged. Where the base could be read it says nothing.

use crate::change::{Change, Side, TreeView};
use crate::formats::terraform::{older, signs};
use crate::source::{FileState, Files, Note, NoteKind, RepoPath};
use std::collections::BTreeSet;

const ENCRYPTED: &str = "git-crypt, encrypted";
const OLDER: &str = "Terraform before 0.12";
const FILLED_IN: &str = "Terraform template source (ERB or the like)";
/// What such files are called.
pub(super) const NAMES: [&str; 3] = [ENCRYPTED, OLDER, FILLED_IN];

/// Why a file cannot be read on either side; `None` where one side can be, or there is no file on it. What another tool fills in may be new: nothing
/// that Terraform takes looks like that.
pub(super) fn why(change: &Change, path: &RepoPath) -> Option<&'static str> {
    let is_encrypted = |side| view(change, side).state(path) == FileState::Encrypted;
    if is_encrypted(&change.base) && is_encrypted(&change.head) {
        return Some(ENCRYPTED);
    }
    let is_older = |side| !older_lines(change, side, path).is_empty();
    if signs::is_configuration(path) && is_older(&change.base) && is_older(&change.head) {
        return Some(OLDER);
    }
    let is_filled_in = |side| !lines(change, side, path, signs::lines_to_fill_in).is_empty();
    let is_new = || !change.base.listing.contains_key(path);
    let may_be = signs::is_configuration(path) || signs::has_values(path);
    (may_be && is_filled_in(&change.head) && (is_new() || is_filled_in(&change.base))).then_some(FILLED_IN)
}

/// Whether a note on the head says nothing but that. A mistake beside what is of the older syntax is one all the same.
pub(super) fn explains(change: &Change, note: &Note) -> bool {
    let path = &note.place.path;
    match note.kind {
        NoteKind::Hidden => why(change, path) == Some(ENCRYPTED),
        NoteKind::Unreadable => {
            let of_head = |read| lines(change, &change.head, path, read).contains(&note.place.line);
            match why(change, path) {
                Some(OLDER) => of_head(older::lines_before_0_12) || is_older_as_before(change, note),
                Some(FILLED_IN) => of_head(signs::lines_to_fill_in),
                _ => false,
            }
        }
        _ => false,
    }
}

/// The lines at which a file is of the older language; what is a mistake today is of it only where the folder says that it is written so.
fn older_lines(change: &Change, side: &Side, path: &RepoPath) -> BTreeSet<u32> {
    let mut found = lines(change, side, path, older::lines_before_0_12);
    let took = lines(change, side, path, older::lines_that_it_took);
    if !took.is_empty() && is_of_older_folder(change, side, path) {
        found.extend(took);
    }
    found
}

/// Whether the files of a folder say that they are of the older language, and none that it is a later one.
fn is_of_older_folder(change: &Change, side: &Side, path: &RepoPath) -> bool {
    let view = view(change, side);
    let beside = side.listing.keys().filter(|other| other.folder() == path.folder() && signs::is_configuration(other));
    let says = |other: &RepoPath| match view.state(other) {
        FileState::Text(text) => older::is_before_0_12(text),
        _ => None,
    };
    let said: Vec<bool> = beside.filter_map(says).collect();
    !said.is_empty() && said.into_iter().all(|says| says)
}

/// Whether a line that only the older language took stood on the base, word by word.
fn is_older_as_before(change: &Change, note: &Note) -> bool {
    let path = &note.place.path;
    let (before, after) = (view(change, &change.base), view(change, &change.head));
    let (FileState::Text(base), FileState::Text(head)) = (before.state(path), after.state(path)) else { return false };
    let line = older::line_of(head, note.place.line);
    let stood = || older_lines(change, &change.base, path).into_iter().any(|known| older::line_of(base, known) == line);
    older_lines(change, &change.head, path).contains(&note.place.line) && stood()
}

/// Whether a mistake stood on the base in the same block of the outermost level, word by word: what it hides did not change. One that may hide what
/// stands behind the block is none.
pub(super) fn stood(change: &Change, note: &Note) -> bool {
    let path = &note.place.path;
    if note.kind != NoteKind::Unreadable || !path.file_name().ends_with(".tf") {
        return false;
    }
    let (before, after) = (view(change, &change.base), view(change, &change.head));
    let (FileState::Text(base), FileState::Text(head)) = (before.state(path), after.state(path)) else { return false };
    let [old, new] = [older::errors(base), older::errors(head)];
    let goes_on = |message: &str| ["heredoc", "is not closed", "a brace is closed"].iter().any(|words| message.contains(words));
    if old.iter().chain(&new).any(|(_, message)| goes_on(message)) {
        return false;
    }
    let block = older::block_around(head, note.place.line);
    let is_same = |(line, message): &(u32, String)| {
        let of_base = old.iter().filter(|(_, other)| other == message).map(|(known, _)| *known);
        let mut same = of_base.filter(|known| older::line_of(base, *known) == older::line_of(head, *line));
        same.any(|known| older::block_around(base, known) == block)
    };
    let mut here = new.iter().filter(|(line, _)| *line == note.place.line).peekable();
    here.peek().is_some() && here.all(is_same)
}

fn lines(change: &Change, side: &Side, path: &RepoPath, read: fn(&RepoPath, &str) -> BTreeSet<u32>) -> BTreeSet<u32> {
    match view(change, side).state(path) {
        FileState::Text(text) => read(path, text),
        _ => BTreeSet::new(),
    }
}

fn view<'c>(change: &'c Change, side: &'c Side) -> TreeView<'c> {
    TreeView { side, blobs: &change.blobs }
}
