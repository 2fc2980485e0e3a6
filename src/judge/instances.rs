//! Flaws of modules: the same one in an instance that takes the place of another, or in one instance more.
//!
//! Comes in: the threats of both sides, both models and the texts of the head. Goes out: which threats of the head an instance of the same module
//! of the unit had that is gone, as many as are gone; and for those that the text of the module itself brings about, whatever it is called with,
//! how many instances had the same before. What a caller's arguments bring about is the caller's, and news.

use crate::change::{Change, TreeView};
use crate::model::Model;
use crate::model::cause::CauseKind;
use crate::model::{Element, ElementId};
use crate::source::{FileState, Files, Place, RepoPath};
use crate::stride::freshness::{self, Freshness};
use crate::stride::vector::{FactRecord, Vector};
use crate::stride::{Outcome, Threat, ThreatKey};
use std::collections::{BTreeMap, BTreeSet};

/// Threats of new instances.
pub(super) struct Instances {
    /// An instance had them that is gone.
    replaced: BTreeSet<ThreatKey>,
    /// How many instances had the same before.
    beside: BTreeMap<ThreatKey, usize>,
}

/// What a threat is about, whatever the instance: rule, unit, the module's folder, the name in it, and what the cause says.
type Flaw<'t> = (&'static str, &'t RepoPath, &'t str, &'t str, CauseKind, &'t str);

impl Instances {
    /// `before` are the threats of the base by the keys that they have at the head.
    pub(super) fn of(before: &BTreeMap<ThreatKey, Threat>, head: &[Threat], (base, after): (&Model, &Model), change: &Change) -> Self {
        let mut known: BTreeMap<Flaw<'_>, Vec<(&Threat, bool)>> = BTreeMap::new();
        let there: BTreeSet<&ThreatKey> = head.iter().map(|threat| &threat.key).collect();
        for (key, threat) in before.iter().filter(|(_, threat)| threat.outcome == Outcome::Open) {
            if let Some((flaw, _)) = flaw(threat) {
                known.entry(flaw).or_default().push((threat, !there.contains(key) && !stands(after, threat)));
            }
        }
        let mut found = Self { replaced: BTreeSet::new(), beside: BTreeMap::new() };
        let is_new = |threat: &&Threat| threat.outcome == Outcome::Open && !before.contains_key(&threat.key) && !stands(base, threat);
        for threat in head.iter().filter(is_new) {
            let Some(known) = flaw(threat).and_then(|(flaw, _)| known.get_mut(&flaw)) else { continue };
            let as_bad: Vec<usize> = (0..known.len()).filter(|index| says_no_more(known[*index].0, threat)).collect();
            if let Some(gone) = as_bad.iter().find(|index| known[**index].1) {
                known[*gone].1 = false;
                found.replaced.insert(threat.key.clone());
            } else if !as_bad.is_empty() && is_of_the_module(&threat.place, change) {
                found.beside.insert(threat.key.clone(), as_bad.len());
            }
        }
        found
    }

    /// Whether an instance of the same module had the same, and is gone.
    pub(super) fn replaced(&self, threat: &Threat) -> bool {
        self.replaced.contains(&threat.key)
    }

    /// How many instances had the same before; `None` where the module does not bring it about.
    pub(super) fn beside(&self, threat: &Threat) -> Option<usize> {
        self.beside.get(&threat.key).copied()
    }
}

/// What a threat is about, and the instance that it is of; `None` for what stands in no module.
fn flaw(threat: &Threat) -> Option<(Flaw<'_>, &str)> {
    let cause = &threat.key.cause;
    let (text, address) = cause.holder.split_once('#')?;
    let (instance, name) = within_module(address)?;
    let is_in_module = text != threat.unit.as_str() && cause.kind != CauseKind::Layer;
    is_in_module.then(|| ((threat.key.rule, &threat.unit, text, name, cause.kind, cause.name.as_str()), instance))
}

/// Whether what bears the cause of a threat stands in a model.
fn stands(model: &Model, threat: &Threat) -> bool {
    let address = threat.key.cause.holder.split_once('#').map_or("", |(_, address)| address);
    let id = ElementId::new(&threat.unit, address);
    model.resources.contains(&id) || model.element(&id).is_some_and(|element: &Element| element.unit == threat.unit)
}

/// The instance of a module and the name within it: `module.a["x"].module.b` and `aws_sqs_queue.jobs` of the address in which they stand.
fn within_module(address: &str) -> Option<(&str, &str)> {
    let mut rest = address;
    while let Some(call) = rest.strip_prefix("module.") {
        rest = behind_part(call)?;
    }
    let end = address.len().checked_sub(rest.len() + 1)?;
    Some((&address[..end], rest))
}

/// What follows a name and its key: `aws_s3_bucket.files` of `shop["a.b"].aws_s3_bucket.files`.
fn behind_part(text: &str) -> Option<&str> {
    let (mut is_quoted, mut depth) = (false, 0_u32);
    for (index, letter) in text.char_indices() {
        match letter {
            '"' => is_quoted = !is_quoted,
            '[' if !is_quoted => depth += 1,
            ']' if !is_quoted => depth = depth.saturating_sub(1),
            '.' if !is_quoted && depth == 0 => return Some(&text[index + 1..]),
            _ => {}
        }
    }
    None
}

/// Whether a threat says no more of one instance than another said of its own, and reaches nothing worse.
fn says_no_more(old: &Threat, new: &Threat) -> bool {
    let instance = |threat| flaw(threat).map_or("", |(_, instance)| instance);
    let before = under_another_name(old.vector(), instance(old), instance(new));
    (old.worst.exposed || !new.worst.exposed)
        && old.worst.data_class >= new.worst.data_class
        && matches!(freshness::compare(new.rule, &before, new.counted().0), Freshness::Same | Freshness::Strengthened)
}

/// Facts that name what stands in one instance as if it stood in another.
fn under_another_name(mut vector: Vector, old: &str, new: &str) -> Vector {
    let (old, new) = (format!("{old}."), format!("{new}."));
    for record in vector.values_mut() {
        if let FactRecord::Known { answer, witnesses, reach } = record {
            let texts = [answer, witnesses, reach].into_iter().flatten();
            texts.for_each(|text| *text = text.replace(&old, &new));
        }
    }
    vector
}

/// What a caller hands over.
const HANDED_OVER: [&str; 3] = ["var.", "local.", "each."];

/// Arguments that say what something is called and where it belongs, and nothing of what it lets happen.
const NAMING: [&str; 14] = [
    "count",
    "depends_on",
    "description",
    "for_each",
    "identifier",
    "name",
    "name_prefix",
    "provider",
    "security_group_id",
    "subnet_id",
    "subnet_ids",
    "tags",
    "tags_all",
    "vpc_id",
];

/// Whether what stands at a place of the head is written out there, so that no argument of the module decides it.
fn is_of_the_module(place: &Place, change: &Change) -> bool {
    let view = TreeView { side: &change.head, blobs: &change.blobs };
    match view.state(&place.path) {
        FileState::Text(text) => is_written_out(text, place),
        _ => false,
    }
}

fn is_written_out(text: &str, place: &Place) -> bool {
    let first = usize::try_from(place.line).unwrap_or(usize::MAX).saturating_sub(1);
    let least = usize::try_from(place.end_line.saturating_sub(place.line)).unwrap_or_default();
    let (mut depth, mut named_at) = (0_isize, None);
    for (index, line) in text.lines().skip(first).enumerate() {
        if index > least && depth <= 0 {
            break;
        }
        let argument = line.split_once('=').map(|(name, _)| name.trim());
        if named_at.is_none() && argument.is_some_and(|name| NAMING.contains(&name)) {
            named_at = Some(depth);
        } else if named_at.is_none() && HANDED_OVER.iter().any(|word| line.contains(word)) {
            return false;
        }
        depth += line.chars().map(|letter| isize::from("{[(".contains(letter)) - isize::from("}])".contains(letter))).sum::<isize>();
        named_at = named_at.filter(|at| depth > *at);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{is_written_out, within_module};
    use crate::source::{Place, RepoPath};

    #[test]
    fn an_address_is_an_instance_and_a_name_in_it() {
        for (address, expected) in [
            ("module.a.aws_sqs_queue.jobs", Some(("module.a", "aws_sqs_queue.jobs"))),
            ("module.a[0].module.b[\"x.y\"].aws_sqs_queue.jobs[1]", Some(("module.a[0].module.b[\"x.y\"]", "aws_sqs_queue.jobs[1]"))),
            ("aws_sqs_queue.jobs", None),
            ("module.a", None),
        ] {
            assert_eq!(within_module(address), expected, "{address}");
        }
    }

    #[test]
    fn what_is_handed_over_is_not_written_out() {
        for (text, line, expected) in [
            ("resource \"a\" \"b\" {\n  cidr_blocks = [\"0.0.0.0/0\"]\n}\nx = var.y\n", 1, true),
            ("resource \"a\" \"b\" {\n  cidr_blocks = var.ranges\n}\n", 1, false),
            (
                "resource \"a\" \"b\" {\n  name = var.name\n  tags = merge({\n    Name = var.name\n  }, local.tags)\n  port = 22\n}\n",
                1,
                true,
            ),
            ("resource \"a\" \"b\" {\n  tags = {\n    Name = var.name\n  }\n  port = each.value\n}\n", 1, false),
            ("resource \"a\" \"b\" {\n  public = true\n  port = var.port\n}\n", 2, true),
        ] {
            let place = Place { path: RepoPath::new("main.tf"), line, end_line: line };
            assert_eq!(is_written_out(text, &place), expected, "{text}");
        }
    }
}
