//! Causes that are the same before and after a change, though their names are not.
//!
//! Comes in: the threats of one side or the blocks of the ledger, and the threats at the head. Goes out: which old cause is which new
//! one: first what says the same on the same element and only stands elsewhere; then, where what is named by its meaning is gone and
//! another of the same rule and holder is new, the two with most witnesses in common, ties in canonical order.

use crate::decisions::Ledger;
use crate::model::cause::{Cause, CauseKind};
use crate::stride::vector::Vector;
use crate::stride::{Threat, ThreatKey};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Most pairs of one rule and holder that are weighed: beyond that they are taken in canonical order.
const MOST_WEIGHED: usize = 10_000;

/// One cause of a rule that has no counterpart yet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    rule: String,
    cause: Arc<Cause>,
    /// Ids of those that share it, by their names at the head.
    on: BTreeSet<String>,
    witnesses: BTreeSet<String>,
}

/// The threats of the base under the keys of the head, and the new causes by the old ones where they only stand elsewhere.
pub(super) fn under_new_names(
    base: BTreeMap<ThreatKey, Threat>,
    head: &[Threat],
    new_name: &dyn Fn(&str) -> Option<String>,
) -> (BTreeMap<ThreatKey, Threat>, BTreeMap<Arc<Cause>, Arc<Cause>>) {
    let there: BTreeSet<&ThreatKey> = head.iter().map(|threat| &threat.key).collect();
    let name = |id: &str| new_name(id).unwrap_or_else(|| id.to_owned());
    let gone = base.iter().filter(|(key, _)| !there.contains(key)).map(|(key, threat)| Candidate::of(key, threat, &name));
    let new = head.iter().filter(|threat| !base.contains_key(&threat.key)).map(|threat| Candidate::of(&threat.key, threat, &str::to_owned));
    let (moved, changed) = pair(gone.collect(), new.collect());
    let threats = base.into_iter().map(|(key, threat)| {
        let old = (key.rule.to_owned(), Arc::clone(&key.cause));
        let cause = moved.get(&old).or_else(|| changed.get(&old)).cloned();
        (ThreatKey { rule: key.rule, cause: cause.unwrap_or(key.cause) }, threat)
    });
    let threats = threats.collect();
    (threats, moved.into_iter().map(|((_, old), new)| (old, new)).collect())
}

/// Lets the blocks on a cause that is gone be about the one that it has become; whether their word still holds the facts tell.
pub(super) fn follow(ledger: &mut Ledger, head: &[Threat]) {
    let there: BTreeSet<(&str, &Cause)> = head.iter().map(|threat| (threat.key.rule, &*threat.key.cause)).collect();
    let mut gone: BTreeMap<(String, Arc<Cause>), Candidate> = BTreeMap::new();
    for block in ledger.blocks.values().flatten() {
        let Some(cause) = &block.cause else { continue };
        if there.contains(&(&block.rule, cause)) {
            continue;
        }
        let on = std::iter::once(&block.on).chain(&block.sharers).cloned().collect();
        let candidate = Candidate { rule: block.rule.clone(), cause: Arc::new(cause.clone()), on, witnesses: witnesses(&block.facts) };
        gone.insert((candidate.rule.clone(), Arc::clone(&candidate.cause)), candidate);
    }
    if gone.is_empty() {
        return;
    }
    let (moved, changed) =
        pair(gone.into_values().collect(), head.iter().map(|threat| Candidate::of(&threat.key, threat, &str::to_owned)).collect());
    for block in ledger.blocks.values_mut().flatten() {
        let Some(cause) = &block.cause else { continue };
        let old = (block.rule.clone(), Arc::new(cause.clone()));
        if let Some(new) = moved.get(&old).or_else(|| changed.get(&old)) {
            block.cause = Some(Cause::clone(new));
        }
    }
}

impl Candidate {
    fn of(key: &ThreatKey, threat: &Threat, name: &dyn Fn(&str) -> String) -> Self {
        Self {
            rule: key.rule.to_owned(),
            cause: Arc::clone(&key.cause),
            on: threat.sharers().map(|sharer| name(&sharer.on)).collect(),
            witnesses: witnesses(&threat.vector()),
        }
    }

    /// It says the same, on one element at least, and stands elsewhere. A property of what has another name is another property.
    fn is_moved_to(&self, other: &Self) -> bool {
        self.cause.kind != CauseKind::Property
            && (self.cause.kind, &self.cause.name) == (other.cause.kind, &other.cause.name)
            && !self.on.is_disjoint(&other.on)
    }
}

fn witnesses(facts: &Vector) -> BTreeSet<String> {
    facts.values().flat_map(|record| record.names()).map(str::to_owned).collect()
}

/// The new cause by rule and old cause.
type Pairs = BTreeMap<(String, Arc<Cause>), Arc<Cause>>;

/// What only stands elsewhere, and what says something else now.
fn pair(mut gone: Vec<Candidate>, mut new: Vec<Candidate>) -> (Pairs, Pairs) {
    gone.sort();
    new.sort();
    let by_name = |candidate: &Candidate| (candidate.cause.kind, candidate.cause.name.clone());
    let moved = take(&mut gone, &mut new, by_name, Candidate::is_moved_to);
    let by_holder = |candidate: &Candidate| (candidate.cause.kind, candidate.cause.holder.clone());
    let changed = take(&mut gone, &mut new, by_holder, |old, new| old.cause.may_become(&new.cause));
    (moved, changed)
}

/// Rule, and what pairs are looked for within: kind and name, or kind and holder.
type GroupKey = (String, (CauseKind, String));

/// Takes out of both lists what belongs together, group by group.
fn take(
    gone: &mut Vec<Candidate>,
    new: &mut Vec<Candidate>,
    group: impl Fn(&Candidate) -> (CauseKind, String),
    belongs: impl Fn(&Candidate, &Candidate) -> bool,
) -> Pairs {
    let mut pairs = Pairs::new();
    let mut groups: BTreeMap<GroupKey, [Vec<usize>; 2]> = BTreeMap::new();
    for (side, list) in [&*gone, &*new].into_iter().enumerate() {
        for (index, candidate) in list.iter().enumerate() {
            groups.entry((candidate.rule.clone(), group(candidate))).or_default()[side].push(index);
        }
    }
    let mut taken: [BTreeSet<usize>; 2] = Default::default();
    for [olds, news] in groups.into_values() {
        let weighs = olds.len().saturating_mul(news.len()) <= MOST_WEIGHED;
        let common = |old: usize, other: usize| if weighs { gone[old].witnesses.intersection(&new[other].witnesses).count() } else { 0 };
        let mut possible: Vec<(Reverse<usize>, usize, usize)> = if weighs {
            let all = olds.iter().flat_map(|old| news.iter().map(move |other| (*old, *other)));
            all.map(|(old, other)| (Reverse(common(old, other)), old, other)).collect()
        } else {
            olds.iter().zip(&news).map(|(old, other)| (Reverse(0), *old, *other)).collect()
        };
        possible.sort_unstable();
        for (_, old, other) in possible {
            let is_free = !taken[0].contains(&old) && !taken[1].contains(&other);
            if is_free && belongs(&gone[old], &new[other]) {
                taken[0].insert(old);
                taken[1].insert(other);
                pairs.insert((gone[old].rule.clone(), Arc::clone(&gone[old].cause)), Arc::clone(&new[other].cause));
            }
        }
    }
    for (list, taken) in [gone, new].into_iter().zip(taken) {
        let mut index = 0..;
        list.retain(|_| index.next().is_none_or(|index| !taken.contains(&index)));
    }
    pairs
}
