//! Units that go on under another path and were changed on the way.
//!
//! Comes in: the units of both sides that the change touches. Goes out: old and new path of those that have most of their elements in common,
//! where each is the other's only match: what the old one had is not new in the new one. Where there are too many to compare, none is paired, and
//! everything of a new path is new.

use crate::change::{Change, Side, UnitModel};
use crate::model::ElementKind;
use crate::source::RepoPath;
use std::collections::{BTreeMap, BTreeSet};

/// Most pairs of an old and a new path that are compared.
const MOST_PAIRS: usize = 10_000;
/// Elements in common below which two units are no rename of each other, whatever their share.
const LEAST_COMMON: usize = 2;

/// Pairs of paths, old and new, ordered by the old one; `moved` are those that were found by their bytes.
pub(super) fn find(change: &Change, base: &[UnitModel], head: &[UnitModel], moved: &[(RepoPath, RepoPath)]) -> Vec<(RepoPath, RepoPath)> {
    // A folder is in no listing, and stands on a side where it is a unit.
    let stands =
        |side: &Side, units: &[UnitModel], path: &RepoPath| side.listing.contains_key(path) || units.iter().any(|unit| unit.unit == *path);
    let is_gone = |unit: &&UnitModel| !stands(&change.head, head, &unit.unit) && !moved.iter().any(|(old, _)| *old == unit.unit);
    let is_new = |unit: &&UnitModel| !stands(&change.base, base, &unit.unit) && !moved.iter().any(|(_, new)| *new == unit.unit);
    let old: Vec<(&RepoPath, Content<'_>)> = base.iter().filter(is_gone).map(content).collect();
    let new: Vec<(&RepoPath, Content<'_>)> = head.iter().filter(is_new).map(content).collect();
    if old.len().saturating_mul(new.len()) > MOST_PAIRS {
        return Vec::new();
    }
    let alike: Vec<(usize, usize)> = (0..old.len())
        .flat_map(|before| (0..new.len()).map(move |after| (before, after)))
        .filter(|(before, after)| !comes_into_use(old[*before].0, new[*after].0) && are_alike(&old[*before].1, &new[*after].1))
        .collect();
    let matches = |of: fn(&(usize, usize)) -> usize| {
        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        alike.iter().for_each(|pair| *counts.entry(of(pair)).or_default() += 1);
        counts
    };
    let (olds, news) = (matches(|pair| pair.0), matches(|pair| pair.1));
    let unique = alike.iter().filter(|(before, after)| olds[before] == 1 && news[after] == 1);
    unique.map(|(before, after)| (old[*before].0.clone(), new[*after].0.clone())).collect()
}

/// Words of folders whose files nobody deploys.
const OUT_OF_USE: [&str; 10] =
    ["archive", "archived", "archives", "attic", "deprecated", "disabled", "obsolete", "old", "retired", "unused"];

/// Whether a file leaves a folder whose files nobody deploys: what it has was not there before.
fn comes_into_use(old: &RepoPath, new: &RepoPath) -> bool {
    let is_out_of_use = |path: &RepoPath| path.folder().split('/').any(|part| OUT_OF_USE.contains(&part.to_ascii_lowercase().as_str()));
    is_out_of_use(old) && !is_out_of_use(new)
}

/// Moves by what is deployed where. Files that change places between folders under other names go on in their folders: what stands in `prod` now
/// is compared with what stood there.
pub(super) fn as_deployed<'p>(mut pairs: Vec<(&'p RepoPath, &'p RepoPath)>) -> Vec<(&'p RepoPath, &'p RepoPath)> {
    pairs.retain(|(old, new)| !comes_into_use(old, new));
    let leaves = |(old, new): &(&RepoPath, &RepoPath)| old.folder() != new.folder();
    let crosses = |pair: &(&RepoPath, &RepoPath)| {
        leaves(pair)
            && pairs.iter().any(|other| leaves(other) && (other.0.folder(), other.1.folder()) == (pair.1.folder(), pair.0.folder()))
    };
    let (crossing, mut found): (Vec<_>, Vec<_>) = pairs.iter().copied().partition(crosses);
    for (_, new) in &crossing {
        let mut before = crossing.iter().map(|(old, _)| *old).filter(|old| old.folder() == new.folder());
        let mut now = crossing.iter().map(|(_, new)| *new).filter(|other| other.folder() == new.folder());
        if let (Some(old), None, Some(_), None) = (before.next(), before.next(), now.next(), now.next()) {
            found.push((old, new));
        }
    }
    found
}

/// Address and type of each element that a unit declares, and the addresses of what else it declares: of calls of modules that were not read.
pub(super) type Content<'u> = BTreeSet<(&'u str, &'u str)>;

pub(super) fn content(unit: &UnitModel) -> (&RepoPath, Content<'_>) {
    let own = unit.model.elements.iter().filter(|element| element.kind != ElementKind::ExternalEntity);
    let mut content: Content<'_> = own.map(|element| (element.address.as_str(), element.declared.as_str())).collect();
    let known: BTreeSet<&str> = content.iter().map(|(address, _)| *address).collect();
    let others = unit.model.resources.iter().filter(|id| id.unit() == unit.unit.as_str()).map(|id| id.address());
    content.extend(others.filter(|address| !known.contains(address)).map(|address| (address, "")));
    (&unit.unit, content)
}

/// Half of the larger one at least is in both.
fn are_alike(old: &Content<'_>, new: &Content<'_>) -> bool {
    let common = old.intersection(new).count();
    common >= LEAST_COMMON && common * 2 >= old.len().max(new.len())
}
