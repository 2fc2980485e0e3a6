//! The settings in force, and what the change makes of them.
//!
//! Comes in: the settings' texts on the base, the head's own file. Goes out: the settings to judge by, warnings, what must be repaired, and in
//! what the change weakens the gate: that is a threat of the change, and needs somebody's answer like any other.

use crate::change::{Change, Mode, ObjectId, TreeView};
use crate::judge::{Needs, repairs};
use crate::report::{Repair, Weakened, escape};
use crate::settings::{self, Settings, SettingsError, SettingsTexts};
use crate::source::{FileState, Files, Note, NoteKind, Place, RepoPath};
use sha2::{Digest, Sha256};

/// What is to be judged by, and what there is to say of it.
#[derive(Debug, Default)]
pub(super) struct InForce {
    pub(super) settings: Settings,
    pub(super) warnings: Vec<String>,
    pub(super) repairs: Vec<Repair>,
    pub(super) weakened: Option<Weakened>,
}

/// Reads the settings in force, and compares the head's with them. What is not at hand is added to `needs`.
pub(super) fn read(change: &Change, texts: &SettingsTexts, needs: &mut Needs) -> InForce {
    let (settings, error) = texts.read();
    let mut read = InForce { settings, ..InForce::default() };
    let path = RepoPath::new(settings::PATH);
    let changes = change.base.listing.get(&path) != change.head.listing.get(&path);
    if changes {
        compare(change, texts, &path, needs, &mut read);
    }
    if let Some(error) = error {
        invalid(change, texts, &error, changes && read.repairs.is_empty(), &mut read);
    }
    read
}

/// Settings of the base that do not parse: those before them apply, or else somebody must repair them first.
fn invalid(change: &Change, texts: &SettingsTexts, error: &SettingsError, is_repaired: bool, read: &mut InForce) {
    let Place { path, line, .. } = &error.place;
    read.warnings.push(format!(
        "{} line {line} is not valid ({}); {} until it is repaired.",
        escape::code(path.as_str()),
        escape::text(&error.message),
        if texts.last_valid.is_some() { "the last valid settings apply" } else { "the gate is enforced by the defaults" },
    ));
    if texts.last_valid.is_some() || is_repaired {
        return;
    }
    let text = texts.in_force.as_ref().map_or("", |(_, text)| text);
    let digest: [u8; 32] = Sha256::digest(text).into();
    let mut content = [0; 20];
    content.copy_from_slice(&digest[..20]);
    let what = format!("the settings in force are not valid, and no earlier ones are known: {}", error.message);
    let id = Repair::id_of(path, Some(ObjectId(content)));
    // It is not the head's file, so that its ID names the text itself.
    if !change.head.listing.contains_key(path) || change.base.listing.get(path) == change.head.listing.get(path) {
        read.repairs.push(Repair { id, place: error.place.clone(), what, way_out: "repair the settings".to_owned(), acceptable: true });
    }
}

fn compare(change: &Change, texts: &SettingsTexts, path: &RepoPath, needs: &mut Needs, read: &mut InForce) {
    let view = TreeView { side: &change.head, blobs: &change.blobs };
    let is_own = texts.in_force.as_ref().is_some_and(|(in_force, _)| in_force == path);
    let mut repair = |place: Place, what: String, way_out: &str| {
        let note = Note { place, kind: NoteKind::Unreadable, text: what };
        read.repairs.push(repairs::of(change, &note, way_out));
    };
    let is_file = change.head.listing.get(path).is_some_and(|listed| listed.mode == Mode::File);
    let head = match view.state(path) {
        FileState::NotFetched(missing) => {
            needs.head.insert(missing);
            return;
        }
        FileState::Text(text) if is_file => match settings::parse(path, text) {
            Ok(head) => head,
            Err(error) => return repair(error.place, error.message, "fix the settings and push"),
        },
        FileState::Absent if is_own => Settings::default(),
        FileState::Absent => return,
        // What a link leads to is read here and would not be read on the base.
        FileState::Text(_)
        | FileState::TooLarge(_)
        | FileState::LfsPointer
        | FileState::Submodule
        | FileState::BrokenLink(_)
        | FileState::Undecodable { .. } => {
            let place = Place { path: path.clone(), line: 1, end_line: 1 };
            return repair(place, "the settings are no plain text file".to_owned(), "make them one");
        }
    };
    read.weakened = Weakened::of(path, is_file, read.settings.weakened_by(&head));
}
