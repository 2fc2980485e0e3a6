//! Units that nobody changed and that are made of something that changed: a nested template, a definition, an included file.
//!
//! Comes in: what changed, and both trees. Goes out: the entry files that are worth reading, wherever they lie. Which of them open a
//! changed file is known when they have been read. Files that cannot open another one are left out by the words that opening takes.

use crate::change::{Blob, Change, Listed, Mode, TreeView};
use crate::formats;
use crate::formats::cloudformation::handed;
use crate::judge::Needs;
use crate::settings::Settings;
use crate::source::{FileState, Files, RepoPath};
use std::collections::BTreeSet;

/// Most files that are asked, the nearest to what changed first.
const MAX_HOSTS: usize = 5_000;

/// Where to look for units.
#[derive(Debug, Default)]
pub(super) struct Hosts {
    /// Ordered by path.
    pub(super) entries: BTreeSet<RepoPath>,
    /// How many files were not asked.
    pub(super) left_out: usize,
}

/// Finds the files that may open a changed one. What is not at hand is added to `needs`.
pub(super) fn find(change: &Change, settings: &Settings, changed: &BTreeSet<&RepoPath>, needs: &mut Needs) -> Hosts {
    if changed.is_empty() {
        return Hosts::default();
    }
    let (candidates, left_out) = candidates(change, settings, changed);
    let base = TreeView { side: &change.base, blobs: &change.blobs };
    let head = TreeView { side: &change.head, blobs: &change.blobs };
    let mut hosts = Hosts { left_out, ..Hosts::default() };
    let mut values_changed = changed.iter().any(|path| formats::may_give_values(path));
    // A file of any name gives values where the configuration of SAM names it.
    let may_be_named = !values_changed && changed.iter().any(|path| formats::is_structured(path));
    for path in change.head.listing.keys().filter(|path| may_be_named && handed::names_values(path)) {
        match head.state(path) {
            FileState::Text(text) => values_changed |= handed::named_values(path, text).iter().any(|named| changed.contains(named)),
            FileState::NotFetched(missing) => {
                needs.head.insert(missing);
            }
            _ => {}
        }
    }
    for (path, listed) in candidates {
        let may_open = if listed.mode == Mode::File {
            // An unchanged file is the same on both sides, and is what its entry says.
            let blob = change.blobs.get(&listed.id);
            let state = blob.map_or_else(|| FileState::NotFetched(path.clone()), Blob::state);
            may_open(change, state, (listed, false), values_changed, &mut needs.head)
        } else {
            // What stands behind a link may differ between the sides.
            let at = |view: &TreeView<'_>, needs: &mut BTreeSet<RepoPath>| {
                let is_link = !view.behind(path).is_empty();
                may_open(change, view.state(path), (listed, is_link), values_changed, needs)
            };
            let at_base = at(&base, &mut needs.base);
            at(&head, &mut needs.head) || at_base
        };
        if may_open {
            hosts.entries.insert(path.clone());
        }
    }
    hosts
}

/// An unchanged path with its entry, which is the same on both sides.
type Candidate<'c> = (&'c RepoPath, &'c Listed);

/// Unchanged files that may be units by their names, and all symbolic links: of these the file behind may have changed.
fn candidates<'c>(change: &'c Change, settings: &Settings, changed: &BTreeSet<&RepoPath>) -> (Vec<Candidate<'c>>, usize) {
    let is_unchanged = |path: &RepoPath| !changed.contains(path) && !settings.excludes(path);
    // What did not change stands on both sides, so that one of them is gone through.
    let mut unchanged: Vec<Candidate<'_>> = Vec::new();
    for (path, listed) in &change.base.listing {
        let may_open = || formats::is_structured(path) || listed.mode == Mode::Symlink || formats::is_default_name(path);
        if listed.mode != Mode::Submodule && may_open() && is_unchanged(path) {
            unchanged.push((path, listed));
        }
    }
    if unchanged.len() <= MAX_HOSTS {
        return (unchanged, 0);
    }
    let folders = folders_around(changed);
    let left_out = unchanged.len() - MAX_HOSTS;
    let mut nearest: [Vec<Candidate<'_>>; 4] = Default::default();
    for (path, listed) in unchanged {
        let is_around = folders.contains(path.folder());
        nearest[2 * usize::from(!formats::is_default_name(path)) + usize::from(!is_around)].push((path, listed));
    }
    (nearest.into_iter().flatten().take(MAX_HOSTS).collect(), left_out)
}

/// The folders of the paths, and those above them.
fn folders_around<'c>(paths: &BTreeSet<&'c RepoPath>) -> BTreeSet<&'c str> {
    let mut folders: BTreeSet<&str> = BTreeSet::new();
    for path in paths {
        let mut folder = path.folder();
        while folders.insert(folder) && !folder.is_empty() {
            folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
        }
    }
    folders
}

/// Whether a text in this state may open another file; `is_link` where it stands behind a link.
fn may_open(
    change: &Change,
    state: FileState<'_>,
    (listed, is_link): (&Listed, bool),
    values_changed: bool,
    needs: &mut BTreeSet<RepoPath>,
) -> bool {
    match state {
        FileState::Text(text) | FileState::Undecodable { text, .. } => {
            let takes = values_changed && formats::may_take_values(text);
            takes || is_link || change.readings.may_open_others(listed.id, text)
        }
        FileState::NotFetched(missing) => {
            needs.insert(missing);
            false
        }
        FileState::Absent
        | FileState::TooLarge(_)
        | FileState::LfsPointer
        | FileState::Encrypted
        | FileState::Submodule
        | FileState::BrokenLink(_) => false,
    }
}
