//! Which units a change touches, and their models on both sides.
//!
//! A unit is touched when a file that it was read from differs between the sides. Entry files are found by what they say;
//! for any other changed file the templates beside and above it are asked whether they include it.

use crate::change::{Change, Mode, Side, TreeView, UnitModel};
use crate::formats::{self, Claim, Format, cdk};
use crate::judge::Needs;
use crate::judge::synthesis;
use crate::judge::synthesis::Sides;
use crate::model::claim::Claims;
use crate::model::exports::Export;
use crate::model::{ElementKind, Model};
use crate::report::Repair;
use crate::settings::Settings;
use crate::source::{FileState, Files, Note, NoteKind, Place, RepoPath};
use std::collections::{BTreeMap, BTreeSet};

/// Most templates that are asked whether they include a changed file.
const MAX_HOSTS: usize = 100;
/// Files that no template includes, though their ending says they might.
const NEVER_INCLUDED: [&str; 8] = [
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "composer.json",
    "cdk.json",
    "samconfig.yaml",
    "renovate.json",
    ".eslintrc.json",
];

/// What was found. Everything is ordered by path.
#[derive(Debug, Default)]
pub(super) struct Units {
    pub(super) base: Vec<UnitModel>,
    pub(super) head: Vec<UnitModel>,
    /// What templates that were read and are not touched give to others, on each side.
    pub(super) base_exports: Vec<Export>,
    pub(super) head_exports: Vec<Export>,
    /// Old and new path of entry files that were moved as they are.
    pub(super) moved: Vec<(RepoPath, RepoPath)>,
    pub(super) not_judged: Vec<(RepoPath, String)>,
    pub(super) repairs: Vec<Repair>,
    pub(super) notes: Vec<Note>,
}

/// Finds and reads the units; what is missing is added to `needs`, and then the result is not to be used.
pub(super) fn find(change: &Change, settings: &Settings, needs: &mut Needs) -> Units {
    let changed: BTreeSet<&RepoPath> =
        changed_paths(&change.base, &change.head).into_iter().filter(|path| !settings.exclude.is_match(path.as_str())).collect();
    let base = TreeView { side: &change.base, blobs: &change.blobs };
    let head = TreeView { side: &change.head, blobs: &change.blobs };
    let mut units = Units { moved: find_moves(change, &changed), ..Units::default() };
    let mut entries: BTreeSet<RepoPath> = BTreeSet::new();
    for path in &changed {
        let at_base = claim(&base, path, &mut needs.base);
        let at_head = claim(&head, path, &mut needs.head);
        if let Claim::NotJudged(format) = at_head {
            units.not_judged.push(((*path).clone(), format.to_owned()));
        }
        if let FileState::TooLarge(bytes) = head.state(path)
            && formats::may_be_unit(path)
        {
            units.repairs.push(too_large(path, bytes));
        }
        if matches!(at_base, Claim::Unit(_)) || matches!(at_head, Claim::Unit(_)) {
            entries.insert((*path).clone());
        }
    }
    let apps = synthesis::find(Sides { base: &base, head: &head }, &changed, needs);
    units.notes.extend(apps.stale);
    name_unsynthesised(&mut units, apps.unsynthesised, &head);
    let hosts = find_hosts(change, settings, &changed, &entries, &mut units.notes);
    for path in entries.iter().chain(&hosts) {
        let read = |view: &TreeView<'_>, needs: &mut BTreeSet<RepoPath>| match claim(view, path, needs) {
            Claim::Unit(format) => Some(read_unit(path, format, view, settings, needs)),
            Claim::NotJudged(_) | Claim::Nothing => None,
        };
        let (at_base, at_head) = (read(&base, &mut needs.base), read(&head, &mut needs.head));
        let touched =
            |unit: &Option<(UnitModel, bool)>| unit.as_ref().is_some_and(|(unit, _)| unit.files.iter().any(|file| changed.contains(file)));
        if !touched(&at_base) && !touched(&at_head) {
            units.base_exports.extend(at_base.into_iter().flat_map(|(unit, _)| unit.model.exports));
            units.head_exports.extend(at_head.into_iter().flat_map(|(unit, _)| unit.model.exports));
            continue;
        }
        if let Some((unit, true)) = &at_head {
            // What a file that cannot be read did to the model is not known: least of all that it removed everything.
            units.repairs.extend(unit.model.notes.iter().filter(|note| note.kind == NoteKind::Unreadable).map(unreadable_repair));
            units.notes.extend(unit.model.notes.iter().cloned());
            continue;
        }
        units.base.extend(at_base.map(|(unit, _)| unit));
        units.head.extend(at_head.map(|(unit, _)| unit));
    }
    drop_instances(&mut units);
    units.repairs.extend(units.head.iter().flat_map(|unit| included_repairs(unit, &changed)));
    units.repairs.sort();
    units.repairs.dedup();
    units
}

/// Reads units of the head once more, with `claims`.
pub(super) fn read_again(change: &Change, units: &BTreeSet<&RepoPath>, claims: &Claims) -> Model {
    let view = TreeView { side: &change.head, blobs: &change.blobs };
    let mut model = Model::default();
    for unit in units {
        // Whatever they need was at hand the first time.
        if let Claim::Unit(format) = claim(&view, unit, &mut BTreeSet::new()) {
            model.extend(formats::read_with(unit, format, &view, claims).model);
        }
    }
    model
}

/// Apps of the CDK are named where their output is not in git; where it is, it is judged.
fn name_unsynthesised(units: &mut Units, apps: BTreeSet<RepoPath>, head: &TreeView<'_>) {
    units.not_judged.retain(|(path, format)| format != cdk::NAME || !apps.contains(path) && !synthesis::is_synthesised(head, path));
    units.not_judged.extend(apps.into_iter().map(|app| (app, cdk::NAME.to_owned())));
    units.not_judged.sort();
    for (_, format) in units.not_judged.iter_mut().filter(|(_, format)| format == cdk::NAME) {
        format.push_str(", its synthesised templates are not in git");
    }
}

/// A template that another of the change nests is judged where it is nested, unless one side has it alone.
fn drop_instances(units: &mut Units) {
    let sides =
        [&units.base, &units.head].map(|side| (side.iter().map(|unit| unit.unit.clone()).collect::<BTreeSet<_>>(), hosts_by_unit(side)));
    let mut dropped: BTreeSet<RepoPath> = BTreeSet::new();
    for path in sides.iter().flat_map(|(paths, _)| paths) {
        // Of templates that nest each other one stays.
        let is_hosted = |hosts: &BTreeMap<RepoPath, Vec<RepoPath>>| {
            hosts.get(path).is_some_and(|hosts| hosts.iter().any(|host| !dropped.contains(host)))
        };
        if sides.iter().all(|(paths, hosts)| !paths.contains(path) || is_hosted(hosts)) {
            dropped.insert(path.clone());
        }
    }
    units.base.retain(|unit| !dropped.contains(&unit.unit));
    units.head.retain(|unit| !dropped.contains(&unit.unit));
}

/// By unit the others of its side that opened its file and have all of its elements. Opening alone is not enough: a file can be named as
/// a definition, and a nested stack can leave out by a condition what stands in the template.
fn hosts_by_unit(side: &[UnitModel]) -> BTreeMap<RepoPath, Vec<RepoPath>> {
    let by_path: BTreeMap<&RepoPath, &UnitModel> = side.iter().map(|unit| (&unit.unit, unit)).collect();
    let mut hosts: BTreeMap<RepoPath, Vec<RepoPath>> = BTreeMap::new();
    for host in side {
        let opened: Vec<&UnitModel> =
            host.files.iter().filter(|file| **file != host.unit).filter_map(|file| by_path.get(file).copied()).collect();
        if opened.is_empty() {
            continue;
        }
        let places: BTreeSet<&Place> = host.model.elements.iter().map(|element| &element.place).collect();
        for unit in opened {
            // What an outer template gives to an inner one is no party from outside there.
            let mut own = unit.model.elements.iter().filter(|element| element.kind != ElementKind::ExternalEntity);
            if own.all(|element| places.contains(&element.place)) {
                hosts.entry(unit.unit.clone()).or_default().push(host.unit.clone());
            }
        }
    }
    hosts
}

/// Paths whose entry differs between the two listings.
fn changed_paths<'c>(base: &'c Side, head: &'c Side) -> Vec<&'c RepoPath> {
    let mut changed: Vec<&RepoPath> =
        head.listing.iter().filter(|(path, listed)| base.listing.get(*path) != Some(listed)).map(|(path, _)| path).collect();
    changed.extend(base.listing.keys().filter(|path| !head.listing.contains_key(*path)));
    changed
}

fn claim(view: &TreeView<'_>, path: &RepoPath, needs: &mut BTreeSet<RepoPath>) -> Claim {
    if !formats::may_be_unit(path) {
        return Claim::Nothing;
    }
    match view.state(path) {
        FileState::Text(text) => formats::claim(path, text),
        FileState::NotFetched => {
            needs.insert(path.clone());
            Claim::Nothing
        }
        FileState::Absent
        | FileState::TooLarge(_)
        | FileState::Symlink
        | FileState::LfsPointer
        | FileState::Submodule
        | FileState::Binary => Claim::Nothing,
    }
}

fn read_unit(
    path: &RepoPath,
    format: Format,
    view: &TreeView<'_>,
    settings: &Settings,
    needs: &mut BTreeSet<RepoPath>,
) -> (UnitModel, bool) {
    let claims = Claims { statements: settings.facts.clone(), ..Claims::default() };
    let reading = formats::read_with(path, format, view, &claims);
    needs.extend(reading.needs);
    (UnitModel { unit: path.clone(), model: reading.model, files: reading.files }, reading.unreadable)
}

/// Entry files that are gone at the head and stand there under another name, byte for byte; pairs that are unique on both sides.
fn find_moves(change: &Change, changed: &BTreeSet<&RepoPath>) -> Vec<(RepoPath, RepoPath)> {
    let mut gone: BTreeMap<_, Vec<&RepoPath>> = BTreeMap::new();
    let mut new: BTreeMap<_, Vec<&RepoPath>> = BTreeMap::new();
    for path in changed.iter().filter(|path| formats::may_be_unit(path)) {
        match (change.base.listing.get(*path), change.head.listing.get(*path)) {
            (Some(listed), None) if listed.mode == Mode::File => gone.entry(listed.id).or_default().push(path),
            (None, Some(listed)) if listed.mode == Mode::File => new.entry(listed.id).or_default().push(path),
            _ => {}
        }
    }
    gone.iter()
        .filter_map(|(id, old)| match (old.as_slice(), new.get(id).map(Vec::as_slice)) {
            ([old], Some([new])) => Some(((*old).clone(), (*new).clone())),
            _ => None,
        })
        .collect()
}

/// Templates that might include a changed file: those in its folder and in the folders above.
fn find_hosts(
    change: &Change,
    settings: &Settings,
    changed: &BTreeSet<&RepoPath>,
    entries: &BTreeSet<RepoPath>,
    notes: &mut Vec<Note>,
) -> BTreeSet<RepoPath> {
    let mut folders: BTreeSet<&str> = BTreeSet::new();
    for path in changed.iter().filter(|path| may_be_included(path)) {
        let mut folder = path.folder();
        while folders.insert(folder) && !folder.is_empty() {
            folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
        }
    }
    if folders.is_empty() {
        return BTreeSet::new();
    }
    let mut hosts: BTreeSet<RepoPath> = change
        .head
        .listing
        .keys()
        .chain(change.base.listing.keys())
        .filter(|path| folders.contains(path.folder()) && formats::may_be_unit(path) && !NEVER_INCLUDED.contains(&path.file_name()))
        .filter(|path| !entries.contains(*path) && !changed.contains(*path) && !settings.exclude.is_match(path.as_str()))
        .cloned()
        .collect();
    if hosts.len() > MAX_HOSTS
        && let Some(first_left_out) = hosts.iter().nth(MAX_HOSTS).cloned()
    {
        let left_out = hosts.split_off(&first_left_out);
        notes.push(Note {
            place: Place { path: first_left_out, line: 1, end_line: 1 },
            kind: NoteKind::Limit,
            text: format!("{} more templates were not asked whether they include a changed file", left_out.len()),
        });
    }
    hosts
}

fn may_be_included(path: &RepoPath) -> bool {
    let ending = path.file_name().rsplit_once('.').map_or("", |(_, ending)| ending);
    matches!(ending, "json" | "yaml" | "yml" | "template" | "asl" | "txt" | "vtl") && !NEVER_INCLUDED.contains(&path.file_name())
}

fn too_large(path: &RepoPath, bytes: u64) -> Repair {
    Repair {
        place: Place { path: path.clone(), line: 1, end_line: 1 },
        what: format!("the file has {bytes} bytes, more than can be judged"),
        way_out: "split it, or add it to `exclude` in the settings of the base branch".to_owned(),
    }
}

fn unreadable_repair(note: &Note) -> Repair {
    Repair { place: note.place.clone(), what: note.text.clone(), way_out: "fix the syntax and push".to_owned() }
}

/// A changed file that the unit names, and that cannot be read, is the pull request's to repair.
fn included_repairs(unit: &UnitModel, changed: &BTreeSet<&RepoPath>) -> Vec<Repair> {
    unit.model
        .notes
        .iter()
        .filter(|note| note.kind == NoteKind::Unreadable && changed.contains(&note.place.path))
        .map(unreadable_repair)
        .collect()
}
