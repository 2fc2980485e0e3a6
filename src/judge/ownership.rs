//! Whose code something is: the owners of the path where it lies, and of the path that it had before the change moved it; and who is in a team.
//!
//! Comes in: the code owners of the base, a path, the units of both sides. Goes out: each of these paths that has owners. Whoever decides must be an
//! owner of every one of them, so that no change chooses its own deciders by moving a file, or a part of it.

use crate::judge::renamed::{Content, content};
use crate::judge::units::Units;
use crate::settings::owners::{CodeOwners, Owner};
use crate::source::RepoPath;
use std::collections::{BTreeMap, BTreeSet};

/// By `organisation/team` and login whether that account is in it, as far as it was looked up.
pub(super) type Members = BTreeMap<(String, String), Result<bool, String>>;

/// Whether somebody is in one of several teams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Membership<'t> {
    In(&'t Owner),
    InNone,
    /// It was not looked up, or cannot be.
    NotKnown,
}

/// Whether an account is in one of these teams.
pub(super) fn membership<'t>(teams: &'t [Owner], login: &str, members: &Members) -> Membership<'t> {
    let is_in = |team: &&Owner| members.get(&(team.name().to_owned(), login.to_owned())).and_then(|asked| asked.as_ref().ok().copied());
    match teams.iter().find(|team| is_in(team) == Some(true)) {
        Some(team) => Membership::In(team),
        None if teams.iter().any(|team| is_in(&team).is_none()) => Membership::NotKnown,
        None => Membership::InNone,
    }
}

/// Old and new paths of the units and files that the change moves, and of units that have something by now that the change takes out of another one.
pub(super) type Moved = [(RepoPath, RepoPath)];

/// What is moved, as a whole or in parts. That it is the same is not certain: where it is not, more people must agree than needed.
pub(super) fn moved(units: &Units) -> Vec<(RepoPath, RepoPath)> {
    let before: BTreeMap<&RepoPath, Content<'_>> = units.base.iter().map(content).collect();
    let after: BTreeMap<&RepoPath, Content<'_>> = units.head.iter().map(content).collect();
    let mut pairs: BTreeSet<(RepoPath, RepoPath)> = units.moved.iter().cloned().collect();
    let mut gone: BTreeMap<(&str, &str), Vec<&RepoPath>> = BTreeMap::new();
    for (part, unit) in parts_without(&before, &after) {
        gone.entry(part).or_default().push(unit);
    }
    for (part, new) in parts_without(&after, &before) {
        let old = gone.get(&part).into_iter().flatten().filter(|old| **old != new);
        pairs.extend(old.map(|old| ((*old).clone(), new.clone())));
    }
    pairs.into_iter().collect()
}

/// The parts of one side's units that these do not have on the other.
fn parts_without<'u>(
    one: &BTreeMap<&'u RepoPath, Content<'u>>,
    other: &BTreeMap<&'u RepoPath, Content<'u>>,
) -> BTreeSet<((&'u str, &'u str), &'u RepoPath)> {
    let is_kept = |unit: &RepoPath, part: &(&str, &str)| other.get(unit).is_some_and(|parts| parts.contains(part));
    let all = one.iter().flat_map(|(unit, parts)| parts.iter().map(move |part| (*part, *unit)));
    all.filter(|(part, unit)| !is_kept(unit, part)).collect()
}

/// Each path of a file that has owners, with these: where it was before first. Empty where none has any.
pub(super) fn owned<'o>(owners: &'o CodeOwners, path: &RepoPath, moved: &Moved) -> Vec<(RepoPath, &'o [Owner])> {
    let mut paths: Vec<RepoPath> = moved.iter().filter_map(|(old, new)| former(path, old, new)).collect();
    paths.push(path.clone());
    let owned = paths.into_iter().map(|path| (owners.of(&path), path)).filter(|(owners, _)| !owners.is_empty());
    owned.map(|(owners, path)| (path, owners)).collect()
}

/// Where a file was before, if it is what was moved or lies in the folder that was.
fn former(path: &RepoPath, old: &RepoPath, new: &RepoPath) -> Option<RepoPath> {
    if path == new {
        return Some(old.clone());
    }
    let rest = match new.as_str() {
        // Of what lies further below nobody knows whether it is a part of the root.
        "." => Some(path.as_str()).filter(|_| path.folder().is_empty()),
        new => path.as_str().strip_prefix(new).and_then(|rest| rest.strip_prefix('/')),
    }?;
    Some(if old.as_str() == "." { RepoPath::new(rest) } else { RepoPath::new(&format!("{old}/{rest}")) })
}

#[cfg(test)]
mod tests {
    use super::owned;
    use crate::settings::owners::CodeOwners;
    use crate::source::RepoPath;

    #[test]
    fn a_path_that_was_moved_has_the_owners_of_both() {
        let owners = CodeOwners::read("/payments/ @rita\n/misc/ @mona\n/free/\n/main.tf @rex\n");
        for (path, old, new, expected) in [
            ("misc/t.yaml", "payments/t.yaml", "misc/t.yaml", &["payments/t.yaml", "misc/t.yaml"][..]),
            ("free/t.yaml", "payments/t.yaml", "free/t.yaml", &["payments/t.yaml"]),
            ("misc/t.yaml", "free/t.yaml", "misc/t.yaml", &["misc/t.yaml"]),
            ("misc/other.yaml", "payments/t.yaml", "misc/t.yaml", &["misc/other.yaml"]),
            // A root is moved with its files.
            ("misc/main.tf", "payments", "misc", &["payments/main.tf", "misc/main.tf"]),
            ("miscellany/main.tf", "payments", "misc", &[]),
            ("main.tf", "payments", ".", &["payments/main.tf", "main.tf"]),
            ("free/main.tf", "payments", ".", &[]),
            ("misc/main.tf", ".", "misc", &["main.tf", "misc/main.tf"]),
        ] {
            let moved = [(RepoPath::new(old), RepoPath::new(new))];
            let found = owned(&owners, &RepoPath::new(path), &moved);
            let paths: Vec<&str> = found.iter().map(|(path, _)| path.as_str()).collect();
            assert_eq!(paths, expected, "{path}: {old} to {new}");
        }
    }
}
