//! Where everything of a data-flow diagram stands: layers from left to right, nested boxes for trust boundaries.
//!
//! Comes in: a model, and which of its elements and flows are drawn. Goes out: rectangles and routes in whole pixels. A box holds its
//! members and nothing else, because each boundary is laid out by itself and then stands as one block in the boundary around it.
//! The method is Sugiyama's (cycles broken, longest path, lanes for long flows, barycentres), run on each boundary; a chain that is too long is broken into
//! bands.
//! The same model gives the same layout, byte for byte.

mod bands;
mod boxes;
mod layers;
mod place;
mod route;

use crate::model::{Boundary, Element, ElementId, ElementKind, Flow, Model, Rank};
use crate::report::layout::boxes::Boxes;
use std::collections::{BTreeMap, BTreeSet};

/// Width of every element, in pixels.
pub const ELEMENT_WIDTH: i32 = 168;
/// Height of an element with few flows on a side; a data store has a lid besides.
const ELEMENT_HEIGHT: i32 = 54;
const STORE_HEIGHT: i32 = 66;
/// Height that one more flow on a side needs, and most flows on a side that it grows for.
const PORT_HEIGHT: i32 = 17;
const MAX_PORTS: i32 = 16;
/// Rounds in which the boundaries are ordered after what lies outside of them.
const ROUNDS: usize = 4;

/// What is drawn.
pub struct Drawing<'m> {
    /// Ordered by id.
    pub elements: Vec<&'m Element>,
    /// Flows between the same two elements in the same direction are one line.
    pub lines: Vec<Line<'m>>,
    /// Those that hold something drawn; an outer one before those in it.
    pub boundaries: Vec<&'m Boundary>,
}

/// The flows from one element to another.
pub struct Line<'m> {
    /// Indices of elements.
    pub from: usize,
    pub to: usize,
    /// In order of id, never empty.
    pub flows: Vec<&'m Flow>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rectangle {
    pub left: i32,
    pub top: i32,
    pub width: i32,
    pub height: i32,
}

impl Rectangle {
    pub fn right(&self) -> i32 {
        self.left + self.width
    }

    pub fn bottom(&self) -> i32 {
        self.top + self.height
    }

    pub fn meets(&self, other: &Self) -> bool {
        self.left < other.right() && other.left < self.right() && self.top < other.bottom() && other.top < self.bottom()
    }
}

pub type Point = (i32, i32);

/// The way of a line, from its source to its target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// Alternately the ends of straight pieces and of bends: 0–1 straight, 1–2 a bend, 2–3 straight, and so on. Of even length;
    /// empty where an element's flow leads back to itself.
    pub points: Vec<Point>,
    /// The bend that has room for the label, as the index of its first point.
    pub label: usize,
    /// It enters its target from the right.
    pub is_reversed: bool,
}

/// Where it all stands; each list has the order of the drawing's.
pub struct Layout {
    pub width: i32,
    pub height: i32,
    pub elements: Vec<Rectangle>,
    pub boundaries: Vec<Rectangle>,
    pub lines: Vec<Route>,
}

impl<'m> Drawing<'m> {
    /// Everything of the first rank, and the ends of its flows.
    pub fn first_rank(model: &'m Model) -> Self {
        let flows: Vec<&Flow> = model.flows.iter().filter(|flow| flow.rank == Rank::First).collect();
        let elements = model.elements.iter().filter(|element| element.rank == Rank::First).map(|element| &element.id).collect();
        Self::of(model, elements, &flows)
    }

    /// The whole model.
    pub fn whole(model: &'m Model) -> Self {
        let elements = model.elements.iter().map(|element| &element.id).collect();
        Self::of(model, elements, &model.flows.iter().collect::<Vec<_>>())
    }

    /// The given flows with their ends, and the elements named besides. An end that the model does not have is not drawn.
    pub fn of(model: &'m Model, mut shown: BTreeSet<&'m ElementId>, flows: &[&'m Flow]) -> Self {
        shown.extend(flows.iter().flat_map(|flow| [&flow.from, &flow.to]));
        let elements: Vec<&Element> = model.elements.iter().filter(|element| shown.contains(&element.id)).collect();
        let index: BTreeMap<&ElementId, usize> = elements.iter().enumerate().map(|(index, element)| (&element.id, index)).collect();
        let mut lines: BTreeMap<(usize, usize), Vec<&Flow>> = BTreeMap::new();
        for flow in flows {
            if let (Some(from), Some(to)) = (index.get(&flow.from), index.get(&flow.to)) {
                lines.entry((*from, *to)).or_default().push(flow);
            }
        }
        let boundaries = boxes::drawn(model, &index);
        Self { elements, lines: lines.into_iter().map(|((from, to), flows)| Line { from, to, flows }).collect(), boundaries }
    }
}

/// Lays a drawing out. `label_widths` has a width in pixels for each line.
pub fn lay_out(drawing: &Drawing<'_>, label_widths: &[i32]) -> Layout {
    let mut boxes = Boxes::new(drawing, heights(drawing), label_widths);
    for _ in 0..ROUNDS {
        boxes.place();
    }
    route::layout(drawing, &boxes)
}

/// An element is as high as the fuller of its sides needs.
fn heights(drawing: &Drawing<'_>) -> Vec<i32> {
    let mut ports = vec![(0, 0); drawing.elements.len()];
    for line in &drawing.lines {
        ports[line.from].1 += 1;
        ports[line.to].0 += 1;
    }
    let full = |(entering, leaving): (i32, i32)| PORT_HEIGHT * (1 + entering.max(leaving).min(MAX_PORTS));
    let least = |element: &Element| match element.kind {
        ElementKind::DataStore => STORE_HEIGHT,
        ElementKind::ExternalEntity | ElementKind::Process => ELEMENT_HEIGHT,
    };
    drawing.elements.iter().zip(ports).map(|(element, ports)| full(ports).max(least(element))).collect()
}
