//! Files that a root names and the tree does not have: what they grant cannot be told.
//!
//! Comes in: a change, the threats of the head and those of the base. Goes out: one repair for each root that names such files, where rights or
//! trust of critical weight would come out of them. That says all that anybody knows: what may stand in a file that is not there is no threat
//! one by one.

use crate::change::Change;
use crate::judge::introduced::Before;
use crate::judge::repairs;
use crate::report::Repair;
use crate::source::{Note, NoteKind, Place, RepoPath};
use crate::stride::{Outcome, Threat};
use std::collections::{BTreeMap, BTreeSet};

/// Most files that are named.
const MAX_NAMED: usize = 5;

/// What has to be added, of roots that did not wait for it before.
pub(super) fn repairs(change: &Change, threats: &[Threat], before: &Before<'_>) -> Vec<Repair> {
    let mut absent: BTreeMap<&RepoPath, (&Place, BTreeSet<&str>)> = BTreeMap::new();
    let holds = |threat: &&Threat| before.lacks(threat) && before.tells(threat);
    for threat in threats.iter().filter(holds) {
        let Some(files) = behind(threat, change) else { continue };
        let (first, known) = absent.entry(&threat.unit).or_insert_with(|| (&threat.place, BTreeSet::new()));
        *first = (*first).min(&threat.place);
        known.extend(files);
    }
    absent.into_values().map(|(place, files)| repair(change, place, &files)).collect()
}

/// Whether all that cannot be told of a threat would stand in files that are not there.
pub(super) fn hides(threat: &Threat, change: &Change) -> bool {
    behind(threat, change).is_some()
}

fn repair(change: &Change, place: &Place, files: &BTreeSet<&str>) -> Repair {
    let named: Vec<&str> = files.iter().copied().take(MAX_NAMED).collect();
    let more = files.len() - named.len();
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let (verb, grant) = if files.len() == 1 { ("is", "it grants") } else { ("are", "they grant") };
    let text = format!("{}{more} {verb} not in the repository: the plan fails, or nobody can tell here what {grant}", named.join(", "));
    repairs::of(
        change,
        &Note { place: place.clone(), kind: NoteKind::MissingFile, text },
        "add it, or have somebody review and accept it by its ID",
    )
}

/// The files that are not there of which nothing is known that a threat rests on; `None` where anything else is hidden, or nothing.
fn behind<'t>(threat: &'t Threat, change: &Change) -> Option<BTreeSet<&'t str>> {
    let Outcome::Unclear { reasons } = &threat.outcome else { return None };
    let absent = |(_, reason): &'t (_, String)| {
        let file = reason.strip_prefix("the file ")?.strip_suffix(" could not be read")?;
        (!change.head.listing.contains_key(file)).then_some(file)
    };
    let files: Option<BTreeSet<&str>> = reasons.iter().map(absent).collect();
    files.filter(|files| !files.is_empty())
}
