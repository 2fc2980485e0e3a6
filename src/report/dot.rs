//! The data-flow diagram in Graphviz's language.
//!
//! Comes in: a model. Goes out: a `digraph` with a cluster for each trust boundary; shapes are the field's.
//! Source of the grammar: <https://graphviz.org/doc/info/lang.html>.

use crate::model::{Boundary, Element, ElementId, ElementKind, Model, Rank};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Deepest nesting of boundaries that is drawn.
const MAX_DEPTH: usize = 8;

/// The diagram of everything of the first rank.
pub fn render(model: &Model) -> String {
    let ends: BTreeSet<&ElementId> =
        model.flows.iter().filter(|flow| flow.rank == Rank::First).flat_map(|flow| [&flow.from, &flow.to]).collect();
    let shown: BTreeMap<&ElementId, &Element> = model
        .elements
        .iter()
        .filter(|element| element.rank == Rank::First || ends.contains(&element.id))
        .map(|element| (&element.id, element))
        .collect();
    let mut out =
        String::from("digraph model {\n  rankdir=LR;\n  node [fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\", fontsize=10];\n");
    let nested: BTreeSet<&ElementId> = model.boundaries.iter().flat_map(|boundary| &boundary.contains).collect();
    let mut placed = BTreeSet::new();
    for boundary in model.boundaries.iter().filter(|boundary| !nested.contains(&boundary.id)) {
        cluster(model, boundary, &shown, 1, &mut placed, &mut out);
    }
    for (id, element) in shown.iter().filter(|(id, _)| !placed.contains(*id)) {
        node(id, element, 1, &mut out);
    }
    for flow in model.flows.iter().filter(|flow| flow.rank == Rank::First) {
        let label = flow.via.first().map_or(flow.means.word(), String::as_str);
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(out, "  {} -> {} [label={}];", quoted(flow.from.as_str()), quoted(flow.to.as_str()), quoted(label));
    }
    out.push_str("}\n");
    out
}

fn cluster<'m>(
    model: &'m Model,
    boundary: &'m Boundary,
    shown: &BTreeMap<&ElementId, &Element>,
    depth: usize,
    placed: &mut BTreeSet<&'m ElementId>,
    out: &mut String,
) {
    let mut inside = String::new();
    for id in &boundary.contains {
        if let Some(element) = shown.get(id) {
            if placed.insert(id) {
                node(id, element, depth + 1, &mut inside);
            }
        } else if let Some(nested) = model.boundaries.iter().find(|nested| nested.id == *id)
            && depth < MAX_DEPTH
        {
            cluster(model, nested, shown, depth + 1, placed, &mut inside);
        }
    }
    if !inside.is_empty() {
        let indent = "  ".repeat(depth);
        let name = quoted(&format!("cluster {}", boundary.id));
        let _ = write!(out, "{indent}subgraph {name} {{\n{indent}  label={}; style=dashed;\n{inside}{indent}}}\n", quoted(&boundary.name));
    }
}

fn node(id: &ElementId, element: &Element, depth: usize, out: &mut String) {
    let shape = match element.kind {
        ElementKind::ExternalEntity => "box",
        ElementKind::Process => "ellipse",
        ElementKind::DataStore => "cylinder",
    };
    let _ = writeln!(out, "{}{} [label={}, shape={shape}];", "  ".repeat(depth), quoted(id.as_str()), quoted(&element.name));
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
