//! Causes that are the same before and after a change, though their names are not.
//!
//! Comes in: the threats of one side or the blocks of the ledger, and the threats at the head. Goes out: which old cause is which new
//! one: first what says the same on the same element and only stands elsewhere; then, where what is named by its meaning is gone and
//! another of the same rule and holder is new, routes that lead to the same functions by the same method, then by another, and then the two
//! with most witnesses in common, ties in canonical order.

use crate::decisions::Ledger;
use crate::judge::routes::is_greedy;
use crate::model::Model;
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
    /// Addresses of what a route leads to.
    leads_to: BTreeSet<String>,
}

/// The threats of the base under the keys of the head, and the new causes by the old ones where they only stand elsewhere.
pub(super) fn under_new_names(
    base: BTreeMap<ThreatKey, Threat>,
    head: &[Threat],
    (before, after): (&Model, &Model),
    new_name: &dyn Fn(&str) -> Option<String>,
) -> (BTreeMap<ThreatKey, Threat>, BTreeMap<Arc<Cause>, Arc<Cause>>) {
    let there: BTreeSet<&ThreatKey> = head.iter().map(|threat| &threat.key).collect();
    let name = |id: &str| new_name(id).unwrap_or_else(|| id.to_owned());
    let gone = base.iter().filter(|(key, _)| !there.contains(key)).map(|(key, threat)| {
        let leads_to = behind(before, &threat.on, &threat.key.cause);
        Candidate { leads_to, ..Candidate::of(key, threat, &name) }
    });
    let new = head.iter().filter(|threat| !base.contains_key(&threat.key)).map(|threat| {
        let leads_to = behind(after, &threat.on, &threat.key.cause);
        Candidate { leads_to, ..Candidate::of(&threat.key, threat, &str::to_owned) }
    });
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
        let cause = Arc::new(cause.clone());
        let candidate = Candidate { rule: block.rule.clone(), cause, on, witnesses: witnesses(&block.facts), leads_to: BTreeSet::new() };
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
            leads_to: BTreeSet::new(),
        }
    }

    /// How well two routes fit by what they lead to: the same by the same method, the same, something else.
    fn route_fits(&self, other: &Self) -> u8 {
        let leads_to_the_same = !self.leads_to.is_empty() && self.leads_to == other.leads_to;
        u8::from(leads_to_the_same) + u8::from(leads_to_the_same && method(&self.cause) == method(&other.cause))
    }

    /// It says the same, on one element at least, and stands elsewhere. A property of what has another name is another property.
    fn is_moved_to(&self, other: &Self) -> bool {
        self.cause.kind != CauseKind::Property
            && (self.cause.kind, &self.cause.name) == (other.cause.kind, &other.cause.name)
            && !self.on.is_disjoint(&other.on)
    }
}

/// Whether a route only goes by another path, which takes in no more, or by another method that writes as much, and leads to what it led to.
pub(super) fn is_renamed_route((model, old): (&Model, &Threat), (after, new): (&Model, &Threat)) -> bool {
    const WRITES: [&str; 3] = ["POST", "PUT", "PATCH"];
    let [was, is] = [&old.key.cause, &new.key.cause];
    let are_routes = was.kind == CauseKind::Route && is.kind == CauseKind::Route && was.name != is.name;
    let is_as_much = method(was) == method(is) || [was, is].iter().all(|route| WRITES.contains(&method(route)));
    let (before, now) = (leads_to(model, &old.on, &was.name), leads_to(after, &new.on, &is.name));
    let takes_no_more = is_greedy(&was.name) || !is_greedy(&is.name);
    are_routes && is_as_much && takes_no_more && !before.is_empty() && before == now
}

/// Addresses of what a route of an API leads to.
pub(super) fn leads_to(model: &Model, api: &str, route: &str) -> BTreeSet<String> {
    let leaving = model.flows.iter().filter(|flow| flow.from.as_str() == api && flow.via.iter().any(|known| known == route));
    leaving.map(|flow| flow.to.address().to_owned()).collect()
}

/// The same for a cause, which may be no route.
fn behind(model: &Model, on: &str, cause: &Cause) -> BTreeSet<String> {
    if cause.kind == CauseKind::Route { leads_to(model, on, &cause.name) } else { BTreeSet::new() }
}

fn method(route: &Cause) -> &str {
    route.name.split(' ').next().unwrap_or_default()
}

fn witnesses(facts: &Vector) -> BTreeSet<String> {
    facts.values().flat_map(|record| record.names()).map(str::to_owned).collect()
}

/// The new cause by rule and old cause.
type Pairs = BTreeMap<(String, Arc<Cause>), Arc<Cause>>;

/// What only stands elsewhere, and what says something else now.
fn pair(mut gone: Vec<Candidate>, mut new: Vec<Candidate>) -> (Pairs, Pairs) {
    // A layer is who publishes it and its name: another one is other code, whatever else is alike.
    let may_move = |candidate: &Candidate| candidate.cause.kind != CauseKind::Layer;
    gone.retain(may_move);
    new.retain(may_move);
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

/// How well an old cause and a new one fit, the best first, and their positions.
type Weighed = (Reverse<(u8, usize)>, usize, usize);

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
        let common = |old: usize, other: usize| gone[old].witnesses.intersection(&new[other].witnesses).count();
        let weight = |old: usize, other: usize| Reverse((gone[old].route_fits(&new[other]), common(old, other)));
        let mut possible: Vec<Weighed> = if weighs {
            let all = olds.iter().flat_map(|old| news.iter().map(move |other| (*old, *other)));
            all.map(|(old, other)| (weight(old, other), old, other)).collect()
        } else {
            olds.iter().zip(&news).map(|(old, other)| (Reverse((0, 0)), *old, *other)).collect()
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
