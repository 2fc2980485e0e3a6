//! Threat Composer workspaces: recorded threats with what was done about them, and elements and flows where the description tabulates them.
//!
//! Comes in: the JSON tree of a `.tc.json`. Goes out: a model. The format has no structured elements: two layouts of tables in the
//! Markdown of `dataflow.description` are known (see `data_flow`); where neither is used the model has threats alone.
//! Format: <https://github.com/awslabs/threat-composer>, `schemas/threat-composer-v1.schema.json`.

mod data_flow;

use crate::model::Model;
use crate::model::category::Category;
use crate::model::recorded::{RecordedStatus, RecordedThreat};
use crate::source::{NoteKind, RepoPath, Sources};
use crate::syntax::Node;
use std::collections::BTreeMap;

/// Reads a workspace whose root is `root`.
pub(super) fn read(sources: &Sources<'_>, unit: &RepoPath, root: Node<'_>) -> Model {
    let mut model = Model::default();
    if let Some(description) = root.get("dataflow").and_then(|dataflow| dataflow.get("description"))
        && let Some(text) = description.scalar()
    {
        data_flow::read(sources, unit, text, description.span, &mut model);
    }
    let mitigations = mitigations(&root);
    for threat in list(&root, "threats") {
        read_threat(sources, unit, &threat, &mitigations, &mut model);
    }
    model.sort();
    model
}

/// Content and status of each mitigation that is linked to a threat, by the threat's id.
fn mitigations<'t>(root: &Node<'t>) -> BTreeMap<&'t str, Vec<(&'t str, &'t str)>> {
    let known: BTreeMap<&str, (&str, &str)> = list(root, "mitigations")
        .filter_map(|mitigation| {
            Some((text(&mitigation, "id")?, (text(&mitigation, "content").unwrap_or(""), text(&mitigation, "status").unwrap_or(""))))
        })
        .collect();
    let mut linked: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for link in list(root, "mitigationLinks") {
        if let (Some(threat), Some(mitigation)) = (text(&link, "linkedId"), text(&link, "mitigationId").and_then(|id| known.get(id))) {
            linked.entry(threat).or_default().push(*mitigation);
        }
    }
    linked.values_mut().for_each(|mitigations| mitigations.sort_unstable());
    linked
}

fn read_threat(
    sources: &Sources<'_>,
    unit: &RepoPath,
    threat: &Node<'_>,
    mitigations: &BTreeMap<&str, Vec<(&str, &str)>>,
    model: &mut Model,
) {
    let Some(id) = text(threat, "id") else {
        sources.note(threat.span, NoteKind::Inconsistent, "threat without an id, left out".to_owned());
        return;
    };
    let linked = mitigations.get(id).map_or(&[][..], Vec::as_slice);
    let raw_status = text(threat, "status").unwrap_or("");
    let status = status(raw_status, linked);
    if raw_status == "threatResolved"
        && linked.iter().any(|(_, status)| matches!(*status, "mitigationInProgress" | "mitigationIdentified" | ""))
    {
        sources.note(threat.span, NoteKind::Inconsistent, format!("threat {id} is resolved while a mitigation linked to it is not"));
    }
    let mut rationale: Vec<&str> = linked.iter().map(|(content, _)| *content).collect();
    rationale.extend(metadata(threat, "Comments").into_iter().filter_map(|value| value.scalar()));
    let record = |category: Option<Category>, on: Option<String>| RecordedThreat {
        id: id.to_owned(),
        unit: unit.clone(),
        on,
        category,
        title: text(threat, "statement").unwrap_or_default().to_owned(),
        description: String::new(),
        severity: metadata(threat, "Priority").and_then(|value| value.scalar()).unwrap_or_default().to_owned(),
        status,
        raw_status: raw_status.to_owned(),
        rationale: rationale.join("; "),
        place: sources.place(threat.span),
    };
    let categories = categories(threat);
    let subjects = subjects(threat, model);
    let ons: Vec<Option<String>> = if subjects.is_empty() { vec![None] } else { subjects.into_iter().map(Some).collect() };
    for on in ons {
        match categories.as_slice() {
            [] => model.recorded.push(record(None, on)),
            categories => model.recorded.extend(categories.iter().map(|category| record(Some(*category), on.clone()))),
        }
    }
}

/// `threatResolved` covers mitigation, transfer, avoidance and acceptance alike (the tool's own words): it is an answer only
/// if a linked mitigation is resolved, or if all that are linked will not be done, which is an acceptance without a reason.
fn status(raw: &str, linked: &[(&str, &str)]) -> RecordedStatus {
    match raw {
        "threatResolvedNotUseful" => RecordedStatus::NotApplicable,
        "threatResolved" if linked.iter().any(|(_, status)| *status == "mitigationResolved") => RecordedStatus::Mitigated,
        "threatResolved" => RecordedStatus::ResolvedWithoutBasis,
        _ => RecordedStatus::Open,
    }
}

fn categories(threat: &Node<'_>) -> Vec<Category> {
    let letters = metadata(threat, "STRIDE").into_iter().flat_map(|value| {
        let items = value.items();
        if items.is_empty() { vec![value] } else { items.to_vec() }
    });
    let mut categories: Vec<Category> =
        letters.filter_map(|letter| letter.scalar().and_then(crate::formats::stride_words::category)).collect();
    categories.sort_unstable();
    categories.dedup();
    categories
}

/// The elements and flows that the threat names: by a tag that is an element's or a flow's name, or by an asset that is.
fn subjects(threat: &Node<'_>, model: &Model) -> Vec<String> {
    let names: Vec<&str> = list(threat, "tags").chain(list(threat, "impactedAssets")).filter_map(|name| name.scalar()).collect();
    let same = |name: &str| names.iter().any(|known| known.trim().eq_ignore_ascii_case(name));
    let elements = model.elements.iter().filter(|element| same(&element.name)).map(|element| element.id.as_str().to_owned());
    let flows = model.flows.iter().filter(|flow| flow.via.iter().any(|via| same(via))).map(|flow| flow.id.as_str().to_owned());
    let mut subjects: Vec<String> = elements.chain(flows).collect();
    subjects.sort();
    subjects
}

fn metadata<'t>(threat: &Node<'t>, key: &str) -> Option<Node<'t>> {
    list(threat, "metadata").find(|entry| text(entry, "key") == Some(key)).and_then(|entry| entry.get("value"))
}

fn list<'t>(node: &Node<'t>, key: &str) -> impl Iterator<Item = Node<'t>> + use<'t> {
    node.get(key).map_or(&[][..], |list| list.items()).iter().copied()
}

fn text<'t>(node: &Node<'t>, key: &str) -> Option<&'t str> {
    node.get(key)?.scalar()
}

#[cfg(test)]
mod tests {
    use super::{RecordedStatus, status};

    #[test]
    fn resolved_needs_a_basis() {
        for (raw, linked, expected) in [
            ("threatResolved", &[("a", "mitigationResolved")][..], RecordedStatus::Mitigated),
            ("threatResolved", &[("a", "mitigationResolvedWillNotAction")], RecordedStatus::ResolvedWithoutBasis),
            ("threatResolved", &[], RecordedStatus::ResolvedWithoutBasis),
            ("threatResolvedNotUseful", &[], RecordedStatus::NotApplicable),
            ("threatIdentified", &[("a", "mitigationResolved")], RecordedStatus::Open),
            ("", &[], RecordedStatus::Open),
        ] {
            assert_eq!(status(raw, linked), expected, "{raw} {linked:?}");
        }
    }
}
