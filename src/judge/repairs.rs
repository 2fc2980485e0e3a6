//! What a change must repair: the files that claim a format and are not read whole.
//!
//! Comes in: notes of the units of both sides. Goes out: repairs, each with an ID that is bound to the file as it is. What was not read
//! before either, at the same node of the same text, is no repair of this change.

use crate::change::{Change, Listed, ObjectId, TreeView, UnitModel};
use crate::formats::program::IS_A_PROGRAM;
use crate::judge::unread_before;
use crate::report::{NotJudged, Repair, Whose};
use crate::settings::Settings;
use crate::source::{FileState, Files, Note, NoteKind, Place, RepoPath};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

/// What a unit of the head hides, as far as the base did not hide the same.
pub(super) fn of_unit(change: &Change, settings: &Settings, base: Option<&UnitModel>, head: &UnitModel) -> Vec<Repair> {
    let hiding = |unit: &UnitModel| -> Vec<Note> { unit.model.notes.iter().filter(|note| note.kind.hides()).cloned().collect() };
    let mut repairs = of_programs(change, head);
    let head_notes = hiding(head);
    if head_notes.is_empty() {
        return repairs;
    }
    let base_view = TreeView { side: &change.base, blobs: &change.blobs };
    let head_view = TreeView { side: &change.head, blobs: &change.blobs };
    let before: BTreeSet<(NoteKind, String, String)> =
        base.map(hiding).unwrap_or_default().into_iter().map(|note| identity(&base_view, note)).collect();
    let is_old = |note: &Note| {
        let same_file = change.base.listing.get(&note.place.path) == change.head.listing.get(&note.place.path);
        // Behind the end of what is read of a unit another text may stand than before.
        let is_cut = note.kind == NoteKind::Limit && !head.model.cut.is_empty();
        let may_be_old = !is_cut && (same_file || matches!(note.kind, NoteKind::Limit | NoteKind::Refused));
        may_be_old && before.contains(&identity(&head_view, note.clone()))
    };
    let is_news = |note: &&Note| {
        !is_old(note) && !is_moved(change, settings, note) && !unread_before::explains(change, note) && !unread_before::stood(change, note)
    };
    repairs.extend(head_notes.iter().filter(is_news).map(|note| of_note(change, note)));
    repairs
}

/// Whether the syntax of a file is what it was before the change moved it, byte for byte: no line of it is of this change. What was excluded where it was
/// is read for the first time.
fn is_moved(change: &Change, settings: &Settings, note: &Note) -> bool {
    let (path, [before, now]) = (&note.place.path, [&change.base.listing, &change.head.listing]);
    let Some(listed) = now.get(path).filter(|_| note.kind == NoteKind::Unreadable && !before.contains_key(path)) else { return false };
    let is_it = |(old, known): (&RepoPath, &Listed)| {
        known.id == listed.id && old.file_name() == path.file_name() && !now.contains_key(old) && !settings.excludes(old)
    };
    before.iter().any(is_it)
}

/// Programs that give a service its values and are others now: what they give nobody can tell here.
fn of_programs(change: &Change, head: &UnitModel) -> Vec<Repair> {
    let is_another = |path: &&RepoPath| {
        let [before, now] = [&change.base, &change.head].map(|side| side.listing.get(*path));
        before.is_some() && now.is_some() && before != now
    };
    // One that gives what is deployed as a whole is told by itself.
    let is_told = |path: &&RepoPath| head.model.notes.iter().any(|note| note.kind.hides() && note.place.path == **path);
    let gives = |path: &&RepoPath| {
        let said = format!("{path} {IS_A_PROGRAM}");
        head.model.notes.iter().any(|note| note.text == said)
    };
    let repair = |path: &RepoPath| {
        let text = format!("`{}` takes values from this program, which is not read: nobody can tell here what is deployed", head.unit);
        of(change, &Note::on_file(path, NoteKind::Hidden, text), "write the values into a file that can be read")
    };
    head.files.iter().filter(is_another).filter(gives).filter(|path| !is_told(path)).map(repair).collect()
}

/// A file of a format that is not judged, where the settings say that such files fail.
pub(super) fn not_judged(change: &Change, other: &NotJudged) -> Repair {
    let what = format!("the file is not judged ({}), and the settings say that such files fail", other.format);
    of(change, &Note::on_file(&other.path, NoteKind::NotJudged, what), "have somebody review and accept it by its ID")
}

/// A note without its line, and with the text of the node that it stands on.
fn identity(view: &TreeView<'_>, note: Note) -> (NoteKind, String, String) {
    let node = match view.state(&note.place.path) {
        FileState::Text(text) | FileState::Undecodable { text, .. } => {
            let [first, last] = [note.place.line, note.place.end_line].map(|line| usize::try_from(line).unwrap_or(usize::MAX));
            let lines = text.lines().skip(first.saturating_sub(1)).take(last.saturating_sub(first) + 1);
            lines.collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    };
    let text = if note.text.starts_with("line ") {
        note.text.split_once(": ").map_or(note.text.clone(), |(_, text)| text.to_owned())
    } else {
        note.text
    };
    (note.kind, text, node)
}

/// A repair of the file that a note stands on.
pub(super) fn of_note(change: &Change, note: &Note) -> Repair {
    let way_out = match note.kind {
        NoteKind::Limit => "make it smaller, or split it",
        NoteKind::LeftOut => "keep fewer such files beside it, or have somebody review this one and accept it by its ID",
        NoteKind::Refused => "write it as the provider takes it",
        NoteKind::Hidden => "put the file itself there",
        _ => "fix the syntax and push",
    };
    of(change, note, way_out)
}

/// A repair with another way out.
pub(super) fn of(change: &Change, note: &Note, way_out: &str) -> Repair {
    let content = content(change, &note.place.path);
    Repair {
        id: Repair::id_of(&note.place.path, content),
        content,
        place: note.place.clone(),
        whose: Whose::Tree,
        what: note.text.clone(),
        way_out: way_out.to_owned(),
        acceptable: true,
    }
}

/// What stands at a path, as one id: at the head the entry itself or the one above it that hides it (a submodule, a link), with all that links
/// lead to; where there is none, what the base had, so that no two removals are taken for one. Of the repository as a whole, the head.
pub(super) fn content(change: &Change, path: &RepoPath) -> Option<ObjectId> {
    if path.as_str() == "." {
        return Some(change.head.commit);
    }
    let head = TreeView { side: &change.head, blobs: &change.blobs };
    let entry = |path: &RepoPath| change.head.listing.get(path).map(|listed| listed.id);
    let above = path.as_str().match_indices('/').find_map(|(end, _)| entry(&RepoPath::new(&path.as_str()[..end])));
    let own = entry(path).or(above);
    let behind: Vec<String> = head.behind(path).iter().filter_map(entry).map(|id| id.to_string()).collect();
    let Some(own) = own.filter(|_| !behind.is_empty()) else {
        return own.or_else(|| change.base.listing.get(path).map(|listed| listed.id));
    };
    let digest: [u8; 32] = Sha256::digest(format!("{own} {}", behind.join(" "))).into();
    let mut id = [0; 20];
    id.copy_from_slice(&digest[..20]);
    Some(ObjectId(id))
}

/// What takes more than the service gives holds anything.
pub(super) fn too_heavy(change: &Change) -> Option<Repair> {
    let why = change.too_heavy.as_ref()?;
    let root = RepoPath::new(".");
    Some(Repair {
        id: Repair::id_of(&root, Some(change.head.commit)),
        content: Some(change.head.commit),
        place: Place { path: root, line: 1, end_line: 1 },
        whose: Whose::Tree,
        what: format!("{why}, so that nobody can tell what it changes"),
        way_out: "make the change smaller, or run `astride review` on a clone".to_owned(),
        acceptable: true,
    })
}

/// A listing that the forge cut could hide anything.
pub(super) fn truncated(change: &Change) -> Option<Repair> {
    let cut = change.base.truncated || change.head.truncated;
    cut.then(|| {
        let what = "the forge's listing of the repository is cut, and what it leaves out cannot be judged";
        let note = Note::on_file(&RepoPath::new("."), NoteKind::Limit, what.to_owned());
        of(change, &note, "run `astride review` on a clone, and have the settings exclude what is generated")
    })
}
