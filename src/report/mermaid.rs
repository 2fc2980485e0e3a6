//! Data-flow diagrams as Mermaid text: the whole model, or what a pull request adds to it.
//!
//! Comes in: a model, and what is new in it. Goes out: a `flowchart`. Shapes are the field's: a rounded box for a process,
//! a drum for a data store, a plain box for an external entity, a subgraph for a trust boundary; what is new is drawn thick.

use crate::delta::Delta;
use crate::model::{Basis, Boundary, Element, ElementId, ElementKind, Flow, Model, Payload, Rank};
use crate::report::escape::mermaid as escape;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// How much of a change its diagram shows.
#[derive(Clone, Copy)]
pub struct Extent {
    flows: usize,
    /// Elements without a flow, and older flows between what is shown.
    beside: usize,
}

impl Extent {
    /// In a comment: beyond that a picture explains nothing.
    pub const COMMENT: Self = Self { flows: 12, beside: 4 };
    /// On a page of its own, where it can be scrolled: beyond that nobody follows a line.
    pub const PAGE: Self = Self { flows: 250, beside: 100 };
}

/// The diagram of a change, or `None` where no flow of the first rank is new.
pub fn change(model: &Model, delta: &Delta) -> Option<String> {
    let (shown, flows) = changed(model, delta, Extent::COMMENT)?;
    let new_elements: BTreeSet<&ElementId> = delta.elements_added.iter().collect();
    let new_flows: BTreeSet<_> = delta.flows_added.iter().collect();
    Some(draw(model, &shown, &flows, &|element| new_elements.contains(&element.id), &|flow| new_flows.contains(&flow.id)))
}

/// How much of a change its diagram leaves out, in words; `None` where it shows all.
pub fn left_out(model: &Model, delta: &Delta, extent: Extent) -> Option<String> {
    let (shown, flows) = changed(model, delta, extent)?;
    let drawn: BTreeSet<_> = flows.iter().map(|flow| &flow.id).collect();
    let new: BTreeSet<_> = delta.flows_added.iter().collect();
    let all: Vec<_> = model.flows.iter().filter(|flow| flow.rank == Rank::First && new.contains(&flow.id)).collect();
    let some = all.iter().filter(|flow| drawn.contains(&flow.id)).count();
    let added: BTreeSet<&ElementId> = delta.elements_added.iter().collect();
    let elements: Vec<_> = model.elements.iter().filter(|element| element.rank == Rank::First && added.contains(&element.id)).collect();
    let of_elements = elements.iter().filter(|element| shown.contains(&element.id)).count();
    let mut words = Vec::new();
    words.extend((some < all.len()).then(|| format!("{some} of {} new flows", all.len())));
    words.extend((of_elements < elements.len()).then(|| format!("{of_elements} of {} new elements", elements.len())));
    (!words.is_empty()).then(|| format!("The diagram shows {}.", words.join(" and ")))
}

/// The elements and flows that explain a change, or `None` where no flow of the first rank is new.
pub(super) fn changed<'m>(model: &'m Model, delta: &Delta, extent: Extent) -> Option<(BTreeSet<&'m ElementId>, Vec<&'m Flow>)> {
    let new: BTreeSet<_> = delta.flows_added.iter().collect();
    let mut flows: Vec<&Flow> = model.flows.iter().filter(|flow| flow.rank == Rank::First && new.contains(&flow.id)).collect();
    if flows.is_empty() {
        return None;
    }
    // What crosses a boundary is what the picture is for.
    flows.sort_by_key(|flow| (model.element(&flow.from).map(|element| element.kind), &flow.id));
    // An element whose flows are left out would look as if it had none.
    let connected: BTreeSet<&ElementId> = flows.iter().flat_map(|flow| [&flow.from, &flow.to]).collect();
    flows.truncate(extent.flows);
    let mut shown: BTreeSet<&ElementId> = flows.iter().flat_map(|flow| [&flow.from, &flow.to]).collect();
    let added: BTreeSet<&ElementId> = delta.elements_added.iter().collect();
    let alone = |element: &&Element| element.rank == Rank::First && added.contains(&element.id) && !connected.contains(&element.id);
    shown.extend(model.elements.iter().filter(alone).map(|element| &element.id).take(extent.beside));
    // Flows that were there before, between the elements shown, place the new ones.
    flows.extend(
        model
            .flows
            .iter()
            .filter(|flow| flow.rank == Rank::First && !new.contains(&flow.id) && shown.contains(&flow.from) && shown.contains(&flow.to)),
    );
    flows.truncate(extent.flows + extent.beside);
    Some((shown, flows))
}

/// The diagram of a whole model: everything of the first rank.
pub fn whole(model: &Model) -> String {
    let flows: Vec<&Flow> = model.flows.iter().filter(|flow| flow.rank == Rank::First).collect();
    let mut shown: BTreeSet<&ElementId> =
        model.elements.iter().filter(|element| element.rank == Rank::First).map(|element| &element.id).collect();
    shown.extend(flows.iter().flat_map(|flow| [&flow.from, &flow.to]));
    draw(model, &shown, &flows, &|_| false, &|_| false)
}

fn draw(
    model: &Model,
    shown: &BTreeSet<&ElementId>,
    flows: &[&Flow],
    new_element: &dyn Fn(&Element) -> bool,
    new_flow: &dyn Fn(&Flow) -> bool,
) -> String {
    let numbers: BTreeMap<&ElementId, usize> = shown.iter().enumerate().map(|(number, id)| (*id, number)).collect();
    let mut out = String::from("flowchart LR\n");
    let mut placed = BTreeSet::new();
    let inner: BTreeSet<&ElementId> = model.boundaries.iter().flat_map(|boundary| &boundary.contains).collect();
    for boundary in model.boundaries.iter().filter(|boundary| !inner.contains(&boundary.id)) {
        draw_boundary(model, boundary, &numbers, new_element, 1, &mut placed, &mut out);
    }
    for id in shown.iter().filter(|id| !placed.contains(**id)) {
        draw_element(model, id, &numbers, new_element, 1, &mut out);
    }
    for flow in flows {
        let (Some(from), Some(to)) = (numbers.get(&flow.from), numbers.get(&flow.to)) else { continue };
        let label = escape(&label(flow));
        // What a model file draws with an arrow at both ends.
        let both_ways = flow.basis == Basis::Stated && flow.payload == Payload::Both;
        let arrow = match (new_flow(flow), both_ways) {
            (true, false) => ("==", "==>"),
            (false, false) => ("--", "-->"),
            (true, true) => ("<==", "==>"),
            (false, true) => ("<--", "-->"),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(out, "  e{from} {} \"{label}\" {} e{to}", arrow.0, arrow.1);
    }
    out
}

/// A boundary with what is shown inside it; nothing at all where that is nothing.
fn draw_boundary<'m>(
    model: &'m Model,
    boundary: &'m Boundary,
    numbers: &BTreeMap<&ElementId, usize>,
    new_element: &dyn Fn(&Element) -> bool,
    depth: usize,
    placed: &mut BTreeSet<&'m ElementId>,
    out: &mut String,
) {
    let mut inside = String::new();
    for id in &boundary.contains {
        if let Some(nested) = model.boundaries.iter().find(|nested| nested.id == *id)
            && depth < 8
        {
            draw_boundary(model, nested, numbers, new_element, depth + 1, placed, &mut inside);
        } else if numbers.contains_key(id) && placed.insert(id) {
            draw_element(model, id, numbers, new_element, depth + 1, &mut inside);
        }
    }
    if inside.is_empty() {
        return;
    }
    let indent = "  ".repeat(depth);
    let number = model.boundaries.iter().position(|other| other.id == boundary.id).unwrap_or(0);
    let _ = write!(out, "{indent}subgraph b{number} [\"{}\"]\n{inside}{indent}end\n", escape(&boundary.name));
}

fn draw_element(
    model: &Model,
    id: &ElementId,
    numbers: &BTreeMap<&ElementId, usize>,
    new_element: &dyn Fn(&Element) -> bool,
    depth: usize,
    out: &mut String,
) {
    let (Some(element), Some(number)) = (model.element(id), numbers.get(id)) else { return };
    let mut name = escape(&element.name);
    if new_element(element) && element.kind != ElementKind::ExternalEntity {
        name.push_str(" (new)");
    }
    let shape = match element.kind {
        ElementKind::ExternalEntity => format!("[\"{name}\"]"),
        ElementKind::Process => format!("([\"{name}\"])"),
        ElementKind::DataStore => format!("[(\"{name}\")]"),
    };
    let _ = writeln!(out, "{}e{number}{shape}", "  ".repeat(depth));
}

/// What the flow is, in few words: how it is realised where that tells more than its means, and is short.
pub(super) fn label(flow: &Flow) -> String {
    let tells = match flow.basis {
        Basis::Property | Basis::Definition | Basis::Connector | Basis::Network | Basis::Script | Basis::Stated => true,
        Basis::Policy
        | Basis::SharedRole
        | Basis::EqualName
        | Basis::Permission
        | Basis::Environment
        | Basis::Wildcard
        | Basis::ManagedPolicy => false,
    };
    match flow.via.as_slice() {
        _ if !is_named(flow) => flow.means.word().to_owned(),
        [only] if tells && only.chars().count() <= 40 => only.clone(),
        [first, rest @ ..] if tells && first.chars().count() <= 32 => format!("{first} +{}", rest.len()),
        _ => flow.means.word().to_owned(),
    }
}

/// Whether the flow says how it is realised: one that a model file leaves without a name bears its cell's id, which tells nobody anything.
pub(super) fn is_named(flow: &Flow) -> bool {
    flow.via.first().is_some_and(|via| !flow.id.as_str().strip_suffix(via.as_str()).is_some_and(|rest| rest.ends_with(':')))
}
