//! The tree of boundaries, and which lines run in which of them.
//!
//! Comes in: a drawing. Goes out: a box for each boundary and one around all, each with its children and the links between them.

use crate::model::{Boundary, BoundaryKind, ElementId, ElementKind, Model};
use crate::report::layout::layers::{self, Layered};
use crate::report::layout::{Drawing, place};
use std::collections::{BTreeMap, BTreeSet};

/// Most boundaries that are drawn, and how deep they may nest.
const MAX_BOUNDARIES: usize = 200;
const MAX_DEPTH: usize = 8;
/// Most lanes of long lines; beyond it they cut across, as a picture of that size is read by nobody.
const MAX_LANES: usize = 20_000;

/// What stands in a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Child {
    Element(usize),
    Box(usize),
}

/// A line's part in one box, from left to right; `None` is the box's own side.
#[derive(Clone, Copy)]
pub(super) struct Link {
    pub(super) line: usize,
    pub(super) left: Option<usize>,
    pub(super) right: Option<usize>,
}

/// One boundary with its contents laid out; the first is the whole picture, and an outer one comes before those in it.
pub(super) struct Frame {
    pub(super) parent: Option<usize>,
    pub(super) children: Vec<Child>,
    pub(super) layered: Layered,
    pub(super) placed: place::Placed,
}

pub(super) struct Boxes {
    pub(super) boxes: Vec<Frame>,
    pub(super) heights: Vec<i32>,
    /// For each element, the box that it stands in.
    pub(super) home: Vec<usize>,
    /// For each element, its number among the children of that box.
    pub(super) item: Vec<usize>,
    /// For each line, its elements from left to right, and the innermost box that holds both.
    pub(super) ends: Vec<(usize, usize)>,
    pub(super) meeting: Vec<usize>,
    pub(super) label_widths: Vec<i32>,
    /// How many lines each element has.
    pub(super) degree: Vec<usize>,
}

/// The boundaries that are drawn, an outer one before those in it.
pub(super) fn drawn<'m>(model: &'m Model, elements: &BTreeMap<&ElementId, usize>) -> Vec<&'m Boundary> {
    let by_id: BTreeMap<&ElementId, &Boundary> = model.boundaries.iter().map(|boundary| (&boundary.id, boundary)).collect();
    let mut sized: Vec<(usize, &Boundary)> = model
        .boundaries
        .iter()
        .take(MAX_BOUNDARIES)
        .map(|boundary| (inside(boundary, &by_id).iter().filter(|id| elements.contains_key(*id)).count(), boundary))
        .filter(|(members, _)| *members > 0)
        .collect();
    // Nested boxes with the same members are told apart by who contains whom.
    sized.sort_by_key(|(members, boundary)| (std::cmp::Reverse((*members, inside(boundary, &by_id).len())), &boundary.id));
    sized.into_iter().map(|(_, boundary)| boundary).collect()
}

/// Everything that lies in a boundary, however deep.
fn inside<'m>(boundary: &'m Boundary, by_id: &BTreeMap<&ElementId, &'m Boundary>) -> BTreeSet<&'m ElementId> {
    let mut found = BTreeSet::new();
    let mut open = vec![boundary];
    while let Some(boundary) = open.pop() {
        for id in &boundary.contains {
            if found.insert(id)
                && let Some(inner) = by_id.get(id)
            {
                open.push(inner);
            }
        }
    }
    found
}

/// The parent of each box and the home of each element: the innermost boundary that holds it. Where two boundaries overlap, what lies
/// in both stands in the smaller one.
fn tree(drawing: &Drawing<'_>) -> (Vec<Option<usize>>, Vec<usize>) {
    let by_id: BTreeMap<&ElementId, &Boundary> = drawing.boundaries.iter().map(|boundary| (&boundary.id, *boundary)).collect();
    let members: Vec<BTreeSet<&ElementId>> = drawing.boundaries.iter().map(|boundary| inside(boundary, &by_id)).collect();
    let mut parents = vec![None];
    let mut depths = vec![0];
    for (index, boundary) in drawing.boundaries.iter().enumerate() {
        let parent = (0..index)
            .rev()
            .find(|outer| members[*outer].contains(&boundary.id) && depths[outer + 1] < MAX_DEPTH)
            .map_or(0, |outer| outer + 1);
        parents.push(Some(parent));
        depths.push(depths[parent] + 1);
    }
    let mut home = vec![0; drawing.elements.len()];
    for (index, element) in drawing.elements.iter().enumerate() {
        home[index] = (0..members.len()).rev().find(|outer| members[*outer].contains(&element.id)).map_or(0, |outer| outer + 1);
    }
    (parents, home)
}

impl Boxes {
    /// Finds the layers of every box. An outer box decides on which side a line enters an inner one, so it goes first.
    pub(super) fn new(drawing: &Drawing<'_>, heights: Vec<i32>, label_widths: &[i32]) -> Self {
        let (parents, home) = tree(drawing);
        let mut children: Vec<Vec<Child>> = vec![Vec::new(); parents.len()];
        home.iter().enumerate().for_each(|(element, home)| children[*home].push(Child::Element(element)));
        for (inner, parent) in parents.iter().enumerate() {
            if let Some(parent) = parent {
                children[*parent].push(Child::Box(inner));
            }
        }
        // What comes from outside begins the picture.
        for children in &mut children {
            children.sort_by_key(|child| (!is_outside(drawing, *child), *child));
        }
        let mut links: Vec<Vec<Link>> = vec![Vec::new(); parents.len()];
        let mut ends: Vec<(usize, usize)> = drawing.lines.iter().map(|line| (line.from, line.to)).collect();
        let meeting: Vec<usize> = ends.iter().map(|(from, to)| meeting(&parents, home[*from], home[*to])).collect();
        let mut at: Vec<Vec<usize>> = vec![Vec::new(); parents.len()];
        meeting.iter().enumerate().for_each(|(line, meeting)| at[*meeting].push(line));
        let mut item = vec![0; home.len()];
        for (number, child) in children.iter().flat_map(|children| children.iter().enumerate()) {
            if let Child::Element(element) = child {
                item[*element] = number;
            }
        }
        let mut lanes = MAX_LANES;
        let mut boxes: Vec<Frame> = Vec::new();
        for (index, children) in children.into_iter().enumerate() {
            let position: BTreeMap<Child, usize> = children.iter().enumerate().map(|(position, child)| (*child, position)).collect();
            let child_of = |element: usize| position.get(&within(&parents, home[element], index, element)).copied();
            let mut own = Vec::new();
            for line in &at[index] {
                if let (Some(from), Some(to)) = (child_of(ends[*line].0), child_of(ends[*line].1))
                    && from != to
                {
                    own.push((*line, from, to));
                }
            }
            let backward = layers::backward(children.len(), &own);
            for (line, from, to) in own {
                let (left, right) = if backward.contains(&line) { (to, from) } else { (from, to) };
                if backward.contains(&line) {
                    ends[line] = (ends[line].1, ends[line].0);
                }
                links[index].push(Link { line, left: Some(left), right: Some(right) });
                descend(&mut links, &parents, home[ends[line].0], index, line, Side::Right);
                descend(&mut links, &parents, home[ends[line].1], index, line, Side::Left);
            }
            links[index].sort_by_key(|link| link.line);
            let own = resolve(&links[index], &ends, child_of);
            let layered = layers::layer(children.len(), &own, &mut lanes);
            boxes.push(Frame { parent: parents[index], children, layered, placed: place::Placed::default() });
        }
        let mut degree = vec![0; drawing.elements.len()];
        ends.iter().flat_map(|ends| [ends.0, ends.1]).for_each(|element| degree[element] += 1);
        Self { boxes, heights, home, item, ends, meeting, label_widths: label_widths.to_vec(), degree }
    }

    /// One round: the innermost boxes first, then where they stand.
    pub(super) fn place(&mut self) {
        for index in (0..self.boxes.len()).rev() {
            let placed = place::place(self, index);
            self.boxes[index].placed = placed;
        }
        for index in 0..self.boxes.len() {
            let (left, top) = self.boxes[index].parent.map_or((0, 0), |parent| place::origin(&self.boxes[parent], index));
            self.boxes[index].placed.left = left;
            self.boxes[index].placed.top = top;
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

/// Leads a line through every box between its meeting place and its element, out at the given side. The child is found later.
fn descend(links: &mut [Vec<Link>], parents: &[Option<usize>], home: usize, meeting: usize, line: usize, side: Side) {
    let mut at = home;
    while at != meeting {
        let (left, right) = match side {
            Side::Left => (None, Some(0)),
            Side::Right => (Some(0), None),
        };
        links[at].push(Link { line, left, right });
        let Some(parent) = parents[at] else { return };
        at = parent;
    }
}

/// Gives the links that come through a side their child.
fn resolve(links: &[Link], ends: &[(usize, usize)], child_of: impl Fn(usize) -> Option<usize>) -> Vec<Link> {
    links
        .iter()
        .filter_map(|link| match (link.left, link.right) {
            (None, Some(_)) => Some(Link { right: Some(child_of(ends[link.line].1)?), ..*link }),
            (Some(_), None) => Some(Link { left: Some(child_of(ends[link.line].0)?), ..*link }),
            (Some(_), Some(_)) | (None, None) => Some(*link),
        })
        .collect()
}

/// The child of box `outer` that is, or holds, the element.
fn within(parents: &[Option<usize>], home: usize, outer: usize, element: usize) -> Child {
    let mut child = Child::Element(element);
    let mut at = home;
    while at != outer {
        child = Child::Box(at);
        let Some(parent) = parents[at] else { break };
        at = parent;
    }
    child
}

/// The innermost box that holds both.
fn meeting(parents: &[Option<usize>], one: usize, other: usize) -> usize {
    let mut above = BTreeSet::from([one]);
    let mut at = one;
    while let Some(parent) = parents[at] {
        above.insert(parent);
        at = parent;
    }
    let mut at = other;
    while !above.contains(&at) {
        let Some(parent) = parents[at] else { return 0 };
        at = parent;
    }
    at
}

fn is_outside(drawing: &Drawing<'_>, child: Child) -> bool {
    match child {
        Child::Element(element) => drawing.elements[element].kind == ElementKind::ExternalEntity,
        Child::Box(index) => index.checked_sub(1).is_some_and(|index| drawing.boundaries[index].kind == BoundaryKind::Internet),
    }
}
