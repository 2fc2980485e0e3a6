//! Which units a change touches, and their models on both sides.
//!
//! A unit is touched when a path that it asked for differs between the sides. Every changed file is asked what it is, whatever its name;
//! of unchanged files those that could open another one are read, and count if they open one that changed.

use crate::catalog::claims::Claims;
use crate::change::{Change, Mode, TreeView, UnitModel};
use crate::formats::terraform::signs;
use crate::formats::{self, Claim, Format, PARAMETERS, Reading, TERRAFORM, cdk};
use crate::judge::Needs;
use crate::judge::checkout;
use crate::judge::folders;
use crate::judge::hidden::{self, Fate, Sight};
use crate::judge::hosts;
use crate::judge::last_readable;
use crate::judge::look::{Seen, is_output_of_service, look};
use crate::judge::plans;
use crate::judge::public_entries;
use crate::judge::renamed;
use crate::judge::repairs;
use crate::judge::roots;
use crate::judge::synthesis;
use crate::judge::synthesis::Sides;
use crate::judge::unread_before;
use crate::model::exports::Export;
use crate::model::{ElementKind, Model};
use crate::report::{NotJudged, Repair};
use crate::settings::Settings;
use crate::source::budget::Spent;
use crate::source::{FileState, Files, Note, NoteKind, Place, RepoPath};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is said of a unit all of whose resources are of types that are not known here.
pub(super) const UNKNOWN_TYPES: &str = "CloudFormation, of types that are not known here";
/// What is said of what the Serverless Framework made of a service, and is kept no more.
const OUTPUT_REMOVED: &str = "Serverless Framework output, removed";
/// Most changed files without an ending of ours whose content is looked at.
const MAX_OTHERS: usize = 3_000;

/// What was found. Everything is ordered by path.
#[derive(Debug, Default)]
pub(super) struct Units {
    pub(super) base: Vec<UnitModel>,
    pub(super) head: Vec<UnitModel>,
    /// What templates that were read and are not touched give to others, on each side.
    pub(super) base_exports: Vec<Export>,
    pub(super) head_exports: Vec<Export>,
    /// Old and new path of entry files that were moved, as they are or with changes.
    pub(super) moved: Vec<(RepoPath, RepoPath)>,
    /// Old and new folder of configuration that was moved, in the spelling of units.
    pub(super) folders: BTreeMap<String, String>,
    pub(super) not_judged: Vec<NotJudged>,
    pub(super) repairs: Vec<Repair>,
    pub(super) notes: Vec<Note>,
    /// Files of which neither the base nor an ancestor has a version that can be read.
    pub(super) first_read: BTreeSet<RepoPath>,
    /// Changed files that were judged, as entries or as parts of a unit.
    pub(super) judged: BTreeSet<RepoPath>,
}

/// Finds and reads the units; what is missing is added to `needs`, and then the result is not to be used.
pub(super) fn find(change: &Change, settings: &Settings, needs: &mut Needs) -> Units {
    // What is left out is no entry of its own; what it is a part of is judged with it.
    let differing: BTreeSet<&RepoPath> = change.base.listing.differing(&change.head.listing).into_iter().collect();
    let changed: BTreeSet<&RepoPath> = differing.iter().copied().filter(|path| !settings.excludes(path)).collect();
    let base = TreeView { side: &change.base, blobs: &change.blobs };
    let head = TreeView { side: &change.head, blobs: &change.blobs };
    let mut units = Units { moved: find_moves(change, &changed), folders: folders::find(change, &differing), ..Units::default() };
    let mut sights: BTreeMap<&RepoPath, Sight> = BTreeMap::new();
    let mut spent = Spent::default();
    let mut unread: Vec<&RepoPath> = Vec::new();
    for path in looked_at(&changed, change, &mut units) {
        if spent.is_too_much() {
            unread.push(path);
            continue;
        }
        let sight = Sight {
            base: look(&base, path, settings, &change.readings, &mut needs.base),
            head: look(&head, path, settings, &change.readings, &mut needs.head),
        };
        spent.add(sight.base.spent());
        spent.add(sight.head.spent());
        sights.insert(path, sight);
    }
    let hosts = hosts::find(change, settings, &differing, needs);
    if hosts.left_out > 0 {
        name_unasked(change, &sights, hosts.left_out, &mut units);
    }
    let roots = roots::find(change, settings, &differing, needs);
    units.notes.extend(roots.shared.iter().cloned());
    units.repairs.extend(plans::without_root(change, &roots));
    units.notes.extend(plans::borrowed(change));
    let mut stand = last_readable::find(change, settings, &sights, needs);
    let apps = synthesis::find(Sides { base: &base, head: &head }, &changed, needs);
    if !needs.is_empty() {
        return units;
    }
    name_unread(change, settings, &sights, &mut units, needs);
    let checked_out = checkout::look(change, &changed, needs);
    units.repairs.extend(checked_out.rewritten.iter().map(|note| repairs::of(change, note, "have git keep such files as they are")));
    units.notes.extend(apps.stale);
    units.notes.append(&mut stand.notes);
    units.first_read = stand.first_read;
    name_unsynthesised(&mut units, apps.unsynthesised, &head);
    for (path, sight) in sights {
        let [before, now] = [sight.base, sight.head].map(unit_of);
        let pair = [before.or_else(|| stand.units.remove(path)), now];
        take((change, settings), path, pair, &differing, &mut units);
    }
    let readings = change.readings.for_both_sides();
    for path in &hosts.entries {
        if spent.is_too_much() {
            unread.push(path);
            continue;
        }
        let pair = [
            unit_of(look(&base, path, settings, &readings, &mut needs.base)),
            unit_of(look(&head, path, settings, &readings, &mut needs.head)),
        ];
        pair.iter().flatten().for_each(|unit| spent.add(unit.spent));
        take((change, settings), path, pair, &differing, &mut units);
    }
    for (folder, is_root) in &roots.folders {
        if spent.is_too_much() {
            unread.push(folder);
            continue;
        }
        let pair = roots::read(change, folder, *is_root, settings, needs);
        pair.iter().flatten().for_each(|unit| spent.add(unit.spent));
        take((change, settings), folder, pair, &differing, &mut units);
    }
    if let Some((first, count)) = &roots.left_out {
        let text = format!("the tree has more configuration files than are looked at: this one is not read, nor are {} others", count - 1);
        let note = Note::on_file(first, NoteKind::Limit, text);
        match changed.iter().any(|path| signs::is_configuration(path) || signs::has_values(path)) {
            true => units.repairs.push(repairs::of(change, &note, "leave out by `exclude` what is not yours")),
            false => units.notes.push(note),
        }
    }
    if let Some(first) = unread.first() {
        let text = format!("the change makes more work than is done for one: this file is not read, nor are {} others", unread.len() - 1);
        units.repairs.push(repairs::of(change, &Note::on_file(first, NoteKind::Limit, text), "split the change"));
    }
    for path in nested_now(change, &units) {
        let alone = unit_of(look(&base, &path, settings, &change.readings, &mut needs.base));
        units.base.extend(alone.map(|reading| model_of(&path, reading)));
    }
    drop_instances(&mut units);
    hidden::name_dropped_values(change, &mut units);
    // Beside what has to be repaired in it nothing else is said of a file.
    let has_repair = |path: &RepoPath| units.repairs.iter().any(|repair| repair.place.path == *path);
    units.not_judged.retain(|other| !unread_before::NAMES.contains(&&*other.format) || !has_repair(&other.path));
    for other in units.not_judged.iter().filter(|other| unread_before::NAMES.contains(&&*other.format)) {
        units.judged.remove(&other.path);
    }
    let is_part_of_others = |other: &NotJudged| other.format.starts_with(TERRAFORM) || other.format == PARAMETERS;
    units.not_judged.retain(|other| !is_part_of_others(other) || !units.judged.contains(&other.path));
    for path in roots::files_of_others(change, settings, &units.judged) {
        units.judged.remove(&path);
        units.not_judged.push(NotJudged { format: roots::format_of(change, &path), path, by_default_name: false });
    }
    let is_named = |path: &RepoPath| units.judged.contains(path) || units.repairs.iter().any(|repair| repair.place.path == *path);
    let elsewhere: Vec<NotJudged> = checked_out.elsewhere.into_iter().filter(|other| !is_named(&other.path)).collect();
    units.not_judged.extend(elsewhere);
    folders::follow(change, &mut units);
    units.notes.extend(public_entries::find(change, &changed, &units.judged));
    units.base.sort_by(|a, b| a.unit.cmp(&b.unit));
    units.head.sort_by(|a, b| a.unit.cmp(&b.unit));
    units.repairs.sort();
    units.repairs.dedup();
    units.not_judged.sort();
    units.not_judged.dedup();
    units
}

/// The changed paths whose content is looked at: all with an ending of ours, and so many of the others. How many are left out is said.
fn looked_at<'c>(changed: &BTreeSet<&'c RepoPath>, change: &Change, units: &mut Units) -> Vec<&'c RepoPath> {
    let (mut paths, mut others): (Vec<&RepoPath>, Vec<&RepoPath>) =
        changed.iter().partition(|path| formats::may_be_unit(path) || formats::is_default_name(path));
    let left_out = others.split_off(others.len().min(MAX_OTHERS));
    if let Some(first) = left_out.first() {
        let text = format!(
            "more than {MAX_OTHERS} files of other endings changed: this one is not looked at, nor are {} others",
            left_out.len() - 1
        );
        units.repairs.push(repairs::of(change, &Note::on_file(first, NoteKind::Limit, text), "split the change"));
    }
    paths.extend(others);
    paths
}

/// A changed file that is no unit may be a part of one that was not asked: of a definition that has to be looked at, of anything else it
/// is a note.
fn name_unasked(change: &Change, sights: &BTreeMap<&RepoPath, Sight>, left_out: usize, units: &mut Units) {
    let head = TreeView { side: &change.head, blobs: &change.blobs };
    let text = format!("{left_out} files were not asked whether they are made of a changed one");
    let is_part = |path: &RepoPath| match head.state(path) {
        FileState::Text(text) | FileState::Undecodable { text, .. } => formats::may_be_part(text),
        _ => false,
    };
    let part = sights.iter().find(|(path, sight)| matches!(sight.head, Seen::Nothing | Seen::NotJudged(_)) && is_part(path));
    match part {
        Some((path, _)) => {
            units.repairs.push(repairs::of(change, &Note::on_file(path, NoteKind::Limit, text), "change what is made of it too"))
        }
        None => units.notes.push(Note::on_file(&RepoPath::new("."), NoteKind::Limit, text)),
    }
}

/// Names what cannot be read: as not judged, or as something to repair.
fn name_unread(change: &Change, settings: &Settings, sights: &BTreeMap<&RepoPath, Sight>, units: &mut Units, needs: &mut Needs) {
    for (path, sight) in sights {
        let is_gone = matches!(sight.head, Seen::Missing);
        let fate = hidden::fate(change, settings, path, sight, needs);
        let is_ours = matches!(fate, Fate::Repair(_)) || signs::has_values(path) || signs::is_configuration(path);
        let fate = match unread_before::why(change, path).filter(|_| is_ours) {
            Some(format) => Fate::NotJudged(format),
            None => fate,
        };
        let format = match (fate, &sight.base) {
            (Fate::Repair(note), _) => {
                units.repairs.push(repairs::of_note(change, &note));
                continue;
            }
            (Fate::NotJudged(format), _) => format.to_owned(),
            (Fate::Nothing, Seen::NotJudged(format)) if is_gone => format!("{format}, removed"),
            (Fate::Nothing, _) => continue,
        };
        let by_default_name = format == hidden::SOURCE_TEMPLATE && formats::is_default_name(path);
        units.not_judged.push(NotJudged { path: (*path).clone(), format, by_default_name });
    }
    hidden::name_moved(change, settings, sights, units, needs);
}

fn unit_of(seen: Seen) -> Option<Arc<Reading>> {
    match seen {
        Seen::Unit(reading) => Some(reading),
        Seen::Missing | Seen::NotJudged(_) | Seen::Hidden(_) | Seen::Unparsed { .. } | Seen::Nothing => None,
    }
}

/// Takes a unit in if it was made of something that changed, and what it gives to others if not.
fn take(
    (change, settings): (&Change, &Settings),
    path: &RepoPath,
    pair: [Option<Arc<Reading>>; 2],
    changed: &BTreeSet<&RepoPath>,
    units: &mut Units,
) {
    let files = pair.iter().flatten().flat_map(|reading| &reading.files);
    let touched: Vec<RepoPath> = files.filter(|file| changed.contains(file)).cloned().collect();
    // What comes or goes in a folder counts where the unit asked what stands there.
    let listed: BTreeSet<&str> = pair.iter().flatten().flat_map(|reading| &reading.listed).map(RepoPath::as_str).collect();
    let comes_or_goes = |path: &&RepoPath| change.base.listing.contains_key(*path) != change.head.listing.contains_key(*path);
    let is_listed = changed.iter().copied().filter(comes_or_goes).any(|path| listed.contains(path.folder()));
    let [base, head] = pair;
    if head.is_none() && base.is_some() && is_output_of_service(change, path) && units.moved.iter().all(|(from, _)| from != path) {
        units.not_judged.push(NotJudged { path: path.clone(), format: OUTPUT_REMOVED.to_owned(), by_default_name: false });
        return;
    }
    let is_planned = plans::units(change).contains(path);
    if touched.is_empty() && !is_listed && !is_planned {
        units.base_exports.extend(base.iter().flat_map(|reading| &reading.model.exports).cloned());
        units.head_exports.extend(head.iter().flat_map(|reading| &reading.model.exports).cloned());
        return;
    }
    let is_root = [&base, &head].iter().any(|side| side.as_ref().is_some_and(|reading| reading.claim == Claim::Unit(Format::Terraform)));
    let [mut base, mut head] = [base, head].map(|reading| reading.map(|reading| model_of(path, reading)));
    units.repairs.extend(plans::take_misfits(change, [&mut base, &mut head]));
    let is_broken = head.is_none() && units.repairs.iter().any(|repair| repair.place.path == *path);
    if is_broken {
        // What a file that cannot be read did to the model is not known: least of all that it removed everything.
        return;
    }
    let says_nothing = |side: Option<&UnitModel>| side.is_none() || is_unknown(side);
    if says_nothing(head.as_ref()) && says_nothing(base.as_ref()) {
        let format = |path: &RepoPath| if is_root { roots::format_of(change, path) } else { UNKNOWN_TYPES.to_owned() };
        let is_named = |path: &RepoPath| units.not_judged.iter().any(|other| other.path == *path && other.format != TERRAFORM);
        let named: Vec<NotJudged> = touched
            .into_iter()
            .filter(|path| !is_named(path))
            .map(|path| NotJudged { format: format(&path), path, by_default_name: false })
            .collect();
        units.not_judged.retain(|other| !named.iter().any(|now| now.path == other.path));
        units.not_judged.extend(named);
        return;
    }
    // Of what did not change, another plan is what changed.
    units.judged.extend(touched.is_empty().then(|| path.clone()).into_iter().filter(|_| is_planned));
    units.judged.extend(touched);
    units.repairs.extend(head.iter().flat_map(|unit| repairs::of_unit(change, settings, base.as_ref(), unit)));
    units.base.extend(base);
    units.head.extend(head);
}

fn model_of(unit: &RepoPath, reading: Arc<Reading>) -> UnitModel {
    let Reading { model, files, spent, choices, .. } = Arc::unwrap_or_clone(reading);
    UnitModel { unit: unit.clone(), model, files, spent, choices }
}

/// Whether a unit is read and says nothing that anybody here knows; what of it could not be read may say anything.
fn is_unknown(unit: Option<&UnitModel>) -> bool {
    unit.is_some_and(|unit| unit.model.unknown.contains(&unit.unit) && !unit.model.notes.iter().any(|note| note.kind.hides()))
}

/// Reads units of the head once more, with `claims`.
pub(super) fn read_again(change: &Change, units: &BTreeSet<&RepoPath>, claims: &Claims) -> Model {
    let view = TreeView { side: &change.head, blobs: &change.blobs };
    let mut model = Model::default();
    for unit in units {
        // Whatever they need was at hand the first time.
        let reading = formats::read(unit, &view, claims);
        if let Claim::Unit(_) = reading.claim {
            model.extend(reading.model);
        }
    }
    model
}

/// Apps of the CDK are named where their output is not in git; where it is, it is judged.
fn name_unsynthesised(units: &mut Units, apps: BTreeSet<RepoPath>, head: &TreeView<'_>) {
    units
        .not_judged
        .retain(|other| other.format != cdk::NAME || !apps.contains(&other.path) && !synthesis::is_synthesised(head, &other.path));
    let named = |path| NotJudged { path, format: cdk::NAME.to_owned(), by_default_name: false };
    units.not_judged.extend(apps.into_iter().map(named));
    for other in units.not_judged.iter_mut().filter(|other| other.format == cdk::NAME) {
        other.format.push_str(", its synthesised templates are not in git");
    }
}

/// Templates that did not change, that a changed one opens now, and that no changed one opened before: what they have is not new.
fn nested_now(change: &Change, units: &Units) -> BTreeSet<RepoPath> {
    let opened = |side: &[UnitModel]| -> BTreeSet<RepoPath> {
        side.iter().flat_map(|unit| unit.files.iter().filter(|file| **file != unit.unit)).cloned().collect()
    };
    let stands = |path: &RepoPath| change.head.listing.get(path).is_some_and(|listed| change.base.listing.get(path) == Some(listed));
    let (before, now) = (opened(&units.base), opened(&units.head));
    now.into_iter().filter(|path| stands(path) && !before.contains(path)).collect()
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

/// Entry files that are gone at the head and stand there under another name, byte for byte; pairs that are unique on both sides.
fn find_moves(change: &Change, changed: &BTreeSet<&RepoPath>) -> Vec<(RepoPath, RepoPath)> {
    let mut gone: BTreeMap<_, Vec<&RepoPath>> = BTreeMap::new();
    let mut new: BTreeMap<_, Vec<&RepoPath>> = BTreeMap::new();
    for path in changed {
        match (change.base.listing.get(*path), change.head.listing.get(*path)) {
            (Some(listed), None) if listed.mode == Mode::File => gone.entry(listed.id).or_default().push(path),
            (None, Some(listed)) if listed.mode == Mode::File => new.entry(listed.id).or_default().push(path),
            _ => {}
        }
    }
    let pairs = gone.iter().filter_map(|(id, old)| match (old.as_slice(), new.get(id).map(Vec::as_slice)) {
        ([old], Some([new])) => Some((*old, *new)),
        _ => None,
    });
    renamed::as_deployed(pairs.collect()).into_iter().map(|(old, new)| (old.clone(), new.clone())).collect()
}
