//! What a file is compared with whose version on the base cannot be read: its last version among the base's ancestors that could.
//!
//! Comes in: what was seen of the changed paths. Goes out: units in place of those of the base, with a note on each. A file of which no version
//! could be read is read for the first time: that is said of it as a whole.

use crate::change::{Change, Mode, Side, TreeView};
use crate::formats::Reading;
use crate::judge::Needs;
use crate::judge::hidden::Sight;
use crate::judge::look::{Seen, look};
use crate::settings::Settings;
use crate::source::{Note, NoteKind, RepoPath};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What stands for the base.
#[derive(Default)]
pub(super) struct Stand {
    pub(super) units: BTreeMap<RepoPath, Arc<Reading>>,
    pub(super) notes: Vec<Note>,
    /// Files of which no earlier version can be read.
    pub(super) first_read: BTreeSet<RepoPath>,
}

/// Finds what stands for the base of files that are units at the head; versions that are not at hand are added to `needs`.
pub(super) fn find(change: &Change, settings: &Settings, sights: &BTreeMap<&RepoPath, Sight>, needs: &mut Needs) -> Stand {
    let mut found = Stand::default();
    let is_unread = |sight: &Sight| sight.head.is_unit() && matches!(sight.base, Seen::Unparsed { .. } | Seen::Hidden(_));
    for (path, _) in sights.iter().filter(|(_, sight)| is_unread(sight)) {
        let Some(versions) = change.history.get(*path) else {
            needs.history.insert((*path).clone());
            continue;
        };
        let unit = versions.iter().find_map(|version| unit_of(change, settings, path, version, needs));
        let text = match unit {
            Some(unit) => {
                found.units.insert((*path).clone(), unit);
                "the base's version of this file cannot be read: the change is compared with the last one that could"
            }
            None => {
                found.first_read.insert((*path).clone());
                "no earlier version of this file can be read: this is its first reading"
            }
        };
        found.notes.push(Note::on_file(path, NoteKind::Inconsistent, text.to_owned()));
    }
    found
}

/// The unit of one version, among the other files as the base has them.
fn unit_of(change: &Change, settings: &Settings, path: &RepoPath, version: &Side, needs: &mut Needs) -> Option<Arc<Reading>> {
    let listed = version.listing.get(path).filter(|listed| listed.mode == Mode::File)?;
    let mut side = change.base.clone();
    side.listing.insert(path.clone(), *listed);
    match look(&TreeView { side: &side, blobs: &change.blobs }, path, settings, &change.readings, &mut needs.base) {
        Seen::Unit(unit) => Some(unit),
        Seen::Missing | Seen::NotJudged(_) | Seen::Hidden(_) | Seen::Unparsed { .. } | Seen::Nothing => None,
    }
}
