//! Folders of configuration that the change moves, whether they are roots or modules.
//!
//! Comes in: both trees. Goes out: old and new folder, where the old one holds no configuration any more, the new one held none, and at least half
//! of the files of each are the other's under the same name, byte for byte. Where two folders could be meant, none is: nobody can tell then.

use crate::change::{Change, Listed, Side};
use crate::formats;
use crate::formats::terraform::signs;
use crate::judge::renamed;
use crate::judge::units::Units;
use crate::source::RepoPath;
use std::collections::{BTreeMap, BTreeSet};

/// The files of a folder by their names.
type Folder<'c> = BTreeMap<&'c str, &'c Listed>;

/// Old and new folders, in the spelling of units.
pub(super) fn find(change: &Change, changed: &BTreeSet<&RepoPath>) -> BTreeMap<String, String> {
    let [was_there, is_there] = [&change.base, &change.head].map(|side| move |path: &RepoPath| side.listing.contains_key(path));
    let mut gone: BTreeSet<&str> = BTreeSet::new();
    let mut new: BTreeSet<&str> = BTreeSet::new();
    for path in changed.iter().filter(|path| signs::is_configuration(path)) {
        if was_there(path) && !is_there(path) {
            gone.insert(path.folder());
        } else if !was_there(path) {
            new.insert(path.folder());
        }
    }
    gone.retain(|folder| files(&change.head, folder).is_empty());
    new.retain(|folder| files(&change.base, folder).is_empty());
    if gone.is_empty() || new.is_empty() {
        return BTreeMap::new();
    }
    let [gone, new] = [(&change.base, gone), (&change.head, new)].map(|(side, folders)| {
        let with_files = folders.into_iter().map(|folder| (folder, files(side, folder)));
        with_files.collect::<BTreeMap<&str, Folder<'_>>>()
    });
    // By its files a new folder is found, and not by trying all.
    let mut holders: BTreeMap<(&str, [u8; 20]), Vec<&str>> = BTreeMap::new();
    for (folder, files) in &new {
        for (name, listed) in files {
            holders.entry((name, listed.id.0)).or_default().push(folder);
        }
    }
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    for (old, files) in &gone {
        let mut common: BTreeMap<&str, usize> = BTreeMap::new();
        let same = files.iter().filter_map(|(name, listed)| holders.get(&(*name, listed.id.0)));
        same.flatten().for_each(|folder| *common.entry(folder).or_default() += 1);
        let is_most = |(folder, count): &(&str, usize)| count * 2 >= files.len().max(new[folder].len());
        pairs.extend(common.into_iter().filter(is_most).map(|(folder, _)| (*old, folder)));
    }
    let is_unique = |(old, new): &&(&str, &str)| {
        pairs.iter().filter(|(other, _)| other == old).count() == 1 && pairs.iter().filter(|(_, other)| other == new).count() == 1
    };
    let named = pairs.iter().filter(is_unique).map(|(old, new)| [old, new].map(|folder| formats::unit_of(&RepoPath::new(folder))));
    named.map(|[old, new]| (old.as_str().to_owned(), new.as_str().to_owned())).collect()
}

/// Notes which units go on under another path: by their folders, and else by what they have.
pub(super) fn follow(change: &Change, units: &mut Units) {
    note(units);
    let renamed = renamed::find(change, &units.base, &units.head, &units.moved);
    units.moved.extend(renamed);
    note(units);
}

/// Notes which units go on in another folder, and that the folders of units that were found otherwise are moved, too.
fn note(units: &mut Units) {
    let is_moved =
        |moved: &[(RepoPath, RepoPath)], old: &str, new: &str| moved.iter().any(|(from, to)| from.as_str() == old || to.as_str() == new);
    for (old, new) in &units.folders {
        let are_units = units.base.iter().any(|unit| unit.unit.as_str() == old) && units.head.iter().any(|unit| unit.unit.as_str() == new);
        if are_units && !is_moved(&units.moved, old, new) {
            units.moved.push((RepoPath::new(old), RepoPath::new(new)));
        }
    }
    let is_unit = |path: &RepoPath| units.base.iter().any(|unit| unit.unit == *path);
    for (old, new) in units.moved.iter().filter(|(old, _)| is_unit(old)) {
        units.folders.entry(old.as_str().to_owned()).or_insert_with(|| new.as_str().to_owned());
    }
}

/// The files with configuration that stand in a folder.
fn files<'c>(side: &'c Side, folder: &str) -> Folder<'c> {
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let below = side.listing.from(&prefix).take_while(|(path, _)| path.as_str().starts_with(&prefix));
    let here = below.filter(|(path, _)| path.folder() == folder && signs::is_configuration(path));
    here.map(|(path, listed)| (path.file_name(), listed)).collect()
}
