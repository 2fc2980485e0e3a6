//! Units in which nothing has changed but resources of unknown types: not judged, like a format that is not supported.
//!
//! Comes in: the units that were read, and what changed in their models. Goes out: their changed files among those that are not judged.

use crate::delta::Delta;
use crate::judge::units::{UNKNOWN_TYPES, Units};
use crate::model::unweighed::Kind;
use crate::report::NotJudged;
use crate::source::RepoPath;
use std::collections::BTreeSet;

/// Moves the files of such units from what was judged to what was not, and what is said of them out of `delta`.
pub(super) fn name(units: &mut Units, delta: &mut Delta) {
    let seen: BTreeSet<RepoPath> =
        delta.unweighed.iter().filter(|other| other.kind != Kind::UnknownType).map(|other| other.unit.clone()).collect();
    let unknown: BTreeSet<RepoPath> = delta.unweighed.iter().map(|other| other.unit.clone()).collect();
    for unit in unknown.difference(&seen) {
        let hides = units.repairs.iter().any(|repair| repair.place.path == *unit);
        if hides || delta.is_about(unit) {
            continue;
        }
        let opened = units.base.iter().chain(&units.head).filter(|read| read.unit == *unit).flat_map(|read| read.files.iter());
        let files: BTreeSet<RepoPath> = opened.chain([unit]).filter(|path| units.judged.contains(*path)).cloned().collect();
        if files.is_empty() {
            continue;
        }
        units.judged.retain(|path| !files.contains(path));
        let named = |path: RepoPath| NotJudged { format: format_of(&path), path, by_default_name: false };
        units.not_judged.extend(files.into_iter().map(named));
        delta.unweighed.retain(|other| other.unit != *unit);
    }
}

fn format_of(path: &RepoPath) -> String {
    let of_terraform = [".tf", ".tf.json", ".tofu"].iter().any(|ending| path.as_str().ends_with(ending));
    if of_terraform { UNKNOWN_TYPES.replacen("CloudFormation", "Terraform", 1) } else { UNKNOWN_TYPES.to_owned() }
}
