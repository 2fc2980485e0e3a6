//! Questions about commits: who is an ancestor of whom, where two branches met, what one has that the other lacks.
//!
//! Every walk is linear in the commits it sees; a parent that is not in the store ends the walk there.

use crate::change::ObjectId;
use crate::sandbox::objects::Objects;
use std::collections::BTreeSet;

/// The commit itself and all that it descends from.
pub fn ancestors(objects: &Objects, commit: ObjectId) -> BTreeSet<ObjectId> {
    let mut seen = BTreeSet::new();
    let mut open = vec![commit];
    while let Some(id) = open.pop() {
        if let Some(commit) = objects.commit(id)
            && seen.insert(id)
        {
            open.extend(&commit.parents);
        }
    }
    seen
}

pub fn is_ancestor(objects: &Objects, ancestor: ObjectId, of: ObjectId) -> bool {
    ancestors(objects, of).contains(&ancestor)
}

/// The best common ancestor; of several (a criss-cross) the youngest. `None` where the histories never met.
pub fn merge_base(objects: &Objects, left: ObjectId, right: ObjectId) -> Option<ObjectId> {
    let common: BTreeSet<ObjectId> = ancestors(objects, left).intersection(&ancestors(objects, right)).copied().collect();
    // The set holds all ancestors of its members, so whoever is nobody's parent in it is a best one.
    let parents: BTreeSet<ObjectId> =
        common.iter().filter_map(|id| objects.commit(*id)).flat_map(|commit| commit.parents.clone()).collect();
    let age = |id: &ObjectId| objects.commit(*id).map(|commit| commit.committer.at);
    common.difference(&parents).copied().max_by_key(|id| (age(id), *id))
}

/// A commit and all its ancestors, parents before children.
pub fn commits_until(objects: &Objects, head: ObjectId) -> Vec<ObjectId> {
    in_order(objects, BTreeSet::new(), head)
}

/// What `head` has and `base` has not, parents before children: the order of a pull request's commits.
pub fn commits_between(objects: &Objects, base: ObjectId, head: ObjectId) -> Vec<ObjectId> {
    in_order(objects, ancestors(objects, base), head)
}

fn in_order(objects: &Objects, mut seen: BTreeSet<ObjectId>, head: ObjectId) -> Vec<ObjectId> {
    let mut ordered = Vec::new();
    let mut open = vec![(head, false)];
    while let Some((id, expanded)) = open.pop() {
        if expanded {
            ordered.push(id);
        } else if let Some(commit) = objects.commit(id)
            && seen.insert(id)
        {
            open.push((id, true));
            open.extend(commit.parents.iter().rev().map(|parent| (*parent, false)));
        }
    }
    ordered
}
