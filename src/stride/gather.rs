//! Threats with one cause, put together.
//!
//! Comes in: threats as they were found, one for each element, part or flow. Goes out: one threat for each rule and cause, on the sharer
//! that is worst off, with the others behind it. What the template covers stays by itself, and goes where the same cause is open. What one place
//! of a template says of each stage, and differs only by a value that is filled in there, has one cause too.

use crate::model::cause::{Cause, CauseKind};
use crate::stride::{Outcome, Threat, policy};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Puts together what has one cause, ordered by key.
pub fn gather(mut threats: Vec<Threat>) -> Vec<Threat> {
    join_stages(&mut threats);
    join_units(&mut threats);
    threats.sort_by(|a, b| (&a.key, rank(a)).cmp(&(&b.key, rank(b))));
    let mut gathered: Vec<Threat> = Vec::with_capacity(threats.len());
    for threat in threats {
        let is_covered = |threat: &Threat| matches!(threat.outcome, Outcome::Covered { .. });
        match gathered.last_mut().filter(|last| last.key == threat.key && !is_covered(last)) {
            // No tick stands beside a finding on the same thing.
            Some(_) if is_covered(&threat) => {}
            Some(first) => first.join(threat),
            None => gathered.push(threat),
        }
    }
    gathered
}

/// What stands in place of a value that is filled in.
const HOLE: &str = "${…}";

/// Gives one cause to flows that one place makes, one for each stage, and that differ only by a value which is filled in.
fn join_stages(threats: &mut [Threat]) {
    let mut places: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (index, threat) in threats.iter().enumerate().filter(|(_, threat)| is_of_flow(threat) && threat.on.contains("${")) {
        let place = (threat.key.rule, &threat.place, &threat.ends, &threat.part, with_holes(&threat.on));
        places.entry(place).or_default().push(index);
    }
    let alike: Vec<Vec<usize>> = places.into_values().filter(|indices| indices.len() > 1).collect();
    for indices in alike {
        let Some(holder) = indices.first().map(|first| with_holes(&threats[*first].key.cause.holder)) else { continue };
        let cause = Arc::new(Cause::property(holder, threats[indices[0]].key.cause.name.clone()));
        indices.into_iter().for_each(|index| threats[index].key.cause = Arc::clone(&cause));
    }
}

/// Gives one cause to a statement that several units take from one file, each under the same address.
fn join_units(threats: &mut [Threat]) {
    let address = |threat: &Threat| threat.key.cause.holder.rsplit('#').next().unwrap_or_default().to_owned();
    let mut places: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    let is_taken = |threat: &Threat| threat.key.cause.kind == CauseKind::Statement && threat.place.path != threat.unit;
    for (index, threat) in threats.iter().enumerate().filter(|(_, threat)| is_taken(threat)) {
        places.entry((threat.key.rule, &threat.place, &threat.key.cause.name, address(threat))).or_default().push(index);
    }
    let is_of_several = |indices: &Vec<usize>| {
        let first = &threats[indices[0]];
        let holds_unit = |index: &usize| threats[*index].key.cause.holder.split('#').next() == Some(threats[*index].unit.as_str());
        indices.iter().all(holds_unit) && indices.iter().any(|index| threats[*index].unit != first.unit)
    };
    let alike: Vec<(String, Vec<usize>)> = places
        .into_iter()
        .filter(|(_, indices)| is_of_several(indices))
        .map(|((_, place, _, address), indices)| (format!("{}#{address}", place.path), indices))
        .collect();
    for (holder, indices) in alike {
        let cause = &threats[indices[0]].key.cause;
        let cause = Arc::new(Cause { kind: cause.kind, holder, name: cause.name.clone() });
        indices.into_iter().for_each(|index| threats[index].key.cause = Arc::clone(&cause));
    }
}

fn is_of_flow(threat: &Threat) -> bool {
    threat.key.cause.kind == CauseKind::Property && threat.ends.iter().all(|end| !end.is_empty())
}

/// A name with what is filled in left open.
fn with_holes(name: &str) -> String {
    pieces(name).map(|(before, hole)| if hole.is_some() { format!("{before}{HOLE}") } else { before.to_owned() }).collect()
}

/// The texts of a name, each with what is filled in behind it.
fn pieces(name: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let mut rest = Some(name);
    std::iter::from_fn(move || {
        let text = rest.take()?;
        match text.split_once("${").and_then(|(before, hole)| Some((before, hole.split_once('}')?))) {
            Some((before, (hole, behind))) => {
                rest = Some(behind);
                Some((before, Some(hole)))
            }
            None => Some((text, None)),
        }
    })
}

impl Threat {
    /// The values by which what one place says of several stages differs, as they are written; empty where nothing else is said at that place.
    pub fn stages(&self) -> Vec<&str> {
        let is_one_of_several = self.others.iter().any(|other| other.shown == self.shown && other.place == self.place);
        if !is_one_of_several || !self.key.cause.holder.contains(HOLE) {
            return Vec::new();
        }
        let holes = |on: &'_ str| -> Vec<String> { pieces(on).filter_map(|(_, hole)| hole.map(str::to_owned)).collect() };
        let own = holes(&self.on);
        let is_shared = |hole: &str| self.others.iter().all(|other| holes(&other.on).iter().any(|known| known == hole));
        let told = self.sharers().flat_map(|sharer| pieces(&sharer.on).filter_map(|(_, hole)| hole));
        let mut stages: Vec<&str> = told.filter(|hole| !(is_shared(hole) && own.iter().any(|known| known == hole))).collect();
        stages.sort_unstable();
        stages.dedup();
        stages
    }
}

/// The worst off first: what is raised, what nobody proposes to answer, what is exposed, what holds the data that matters most.
fn rank(threat: &Threat) -> impl Ord + use<'_> {
    let raised = match threat.outcome {
        Outcome::Open => 0_u8,
        Outcome::Unclear { .. } => 1,
        Outcome::Covered { .. } => 2,
    };
    (raised, threat.stated.is_some(), Reverse(threat.worst), Reverse(threat.found_with), &threat.on, &threat.part)
}

impl Threat {
    fn join(&mut self, other: Self) {
        policy::join(self, &other);
        self.worst = self.worst.max(other.worst);
        self.of_helper &= other.of_helper;
        self.supersedes.extend(other.supersedes.iter().cloned());
        self.supersedes.sort();
        self.supersedes.dedup();
        self.suppressed.extend(other.suppressed.iter().cloned());
        self.suppressed.sort();
        self.suppressed.dedup();
        // The fingerprint is of all that share the cause.
        self.fingerprint = OnceLock::new();
        self.others.push(other);
    }
}

#[cfg(test)]
mod tests {
    use super::with_holes;

    #[test]
    fn values_that_are_filled_in_are_left_open() {
        for (name, expected) in [
            ("a.yml#arn:aws:sns:${param:file(dev.js):region}:1:t>Q:event", "a.yml#arn:aws:sns:${…}:1:t>Q:event"),
            ("a.yml#Topic>Q:event", "a.yml#Topic>Q:event"),
            ("${a}${b}c", "${…}${…}c"),
            ("open ${ end", "open ${ end"),
        ] {
            assert_eq!(with_holes(name), expected);
        }
    }
}
