//! The ways of the lines through placed boxes, and the finished layout.
//!
//! Comes in: a drawing and its boxes, placed. Goes out: rectangles and routes in the whole picture.

use crate::report::layout::bands::Turn;
use crate::report::layout::boxes::{Boxes, Child};
use crate::report::layout::place::{self, Placed, labelled_at_start};
use crate::report::layout::{Drawing, ELEMENT_WIDTH, Layout, Point, Rectangle, Route};
use std::collections::BTreeMap;

pub(super) fn layout(drawing: &Drawing<'_>, boxes: &Boxes) -> Layout {
    let elements = elements(boxes);
    let boundaries = boxes.boxes.iter().skip(1).map(|frame| {
        let placed = &frame.placed;
        Rectangle { left: placed.left, top: placed.top, width: placed.width, height: placed.height }
    });
    let mut ways: Vec<Way> = (0..drawing.lines.len()).map(|line| way(boxes, &elements, line)).collect();
    spread(boxes, &elements, &mut ways);
    let lines = drawing.lines.iter().zip(boxes.ends.iter().zip(ways)).map(|(line, (ends, way))| {
        let (mut points, mut label) = (way.points, way.label);
        let is_reversed = line.from != ends.0;
        if is_reversed {
            points.reverse();
            label = points.len().saturating_sub(2).saturating_sub(label);
        }
        if line.from == line.to { Route::default() } else { Route { points, label, is_reversed } }
    });
    let whole = &boxes.boxes[0].placed;
    Layout { width: whole.width, height: whole.height, boundaries: boundaries.collect(), lines: lines.collect(), elements }
}

fn elements(boxes: &Boxes) -> Vec<Rectangle> {
    let mut elements = vec![Rectangle::default(); boxes.heights.len()];
    for frame in &boxes.boxes {
        let placed = &frame.placed;
        for (item, child) in frame.children.iter().enumerate() {
            if let Child::Element(element) = child {
                elements[*element] = Rectangle {
                    left: placed.left + placed.x[item],
                    top: placed.top + placed.y[item],
                    width: ELEMENT_WIDTH,
                    height: boxes.heights[*element],
                };
            }
        }
    }
    elements
}

/// A line's way from its left element to its right one.
struct Way {
    points: Vec<Point>,
    /// The first point of the bend that bears the label.
    label: usize,
    /// The last point that the left element's boxes decide on, and the first one of the right element's.
    first: usize,
    last: usize,
}

fn way(boxes: &Boxes, elements: &[Rectangle], line: usize) -> Way {
    let (left, right) = boxes.ends[line];
    let meeting = boxes.meeting[line];
    let mut points = vec![(elements[left].right(), middle(&elements[left]))];
    for at in upwards(boxes, boxes.home[left], meeting) {
        pass(boxes, at, line, &mut points);
    }
    let first = points.len() + usize::from(boxes.home[left] != meeting);
    pass(boxes, meeting, line, &mut points);
    let last = points.len().saturating_sub(2 + usize::from(boxes.home[right] != meeting));
    let label = if labelled_at_start(boxes, line) { first } else { last };
    let mut down = upwards(boxes, boxes.home[right], meeting);
    down.reverse();
    for at in down {
        pass(boxes, at, line, &mut points);
    }
    points.push((elements[right].left, middle(&elements[right])));
    Way { points, label, first, last: last + 1 }
}

fn middle(element: &Rectangle) -> i32 {
    element.top + element.height / 2
}

/// The boxes from `home` up to the one below `meeting`.
fn upwards(boxes: &Boxes, home: usize, meeting: usize) -> Vec<usize> {
    let mut found = Vec::new();
    let mut at = home;
    while at != meeting {
        found.push(at);
        let Some(parent) = boxes.boxes[at].parent else { break };
        at = parent;
    }
    found
}

/// The points at the edges of the layers that a line runs through in one box. An item at the beginning is left through its layer's right
/// edge, one at the end is entered through the left edge, a lane between is passed through both.
fn pass(boxes: &Boxes, index: usize, line: usize, points: &mut Vec<Point>) {
    let frame = &boxes.boxes[index];
    let placed = &frame.placed;
    let Ok(chain) = frame.layered.chains.binary_search_by_key(&line, |chain| chain.line) else { return };
    let chain = &frame.layered.chains[chain];
    for item in &chain.items {
        let Some((layer, (left, right))) = frame.layered.layer[*item].map(|layer| (layer, placed.layers[layer])) else { continue };
        let y = placed.top + placed.y[*item] + place::port(boxes, index, *item, line);
        let (left, right) = (placed.left + left, placed.left + right);
        let begins = !chain.enters && Some(item) == chain.items.first();
        let turn = placed.turns.get(&(line, layer)).filter(|_| Some(item) != chain.items.first());
        let left = turn.map_or(left, |turn| turn_round(turn, placed, points));
        // An inner box may be narrower than its layer: the way leads straight from its side to the layer's edge.
        let side = |edge: i32| placed.left + placed.x[*item] + edge;
        match (frame.children.get(*item), begins) {
            (Some(Child::Element(_)), true) => points.push((right, y)),
            (Some(Child::Element(_)), false) => points.push((left, y)),
            (Some(Child::Box(inner)), true) => points.extend([(side(boxes.boxes[*inner].placed.width), y), (right, y)]),
            (Some(Child::Box(_)), false) => points.extend([(left, y), (side(0), y)]),
            (None, _) => points.extend([(left, y), (right, y)]),
        }
    }
}

/// Leads a line back between two bands; where it turns into the lower one.
fn turn_round(turn: &Turn, placed: &Placed, points: &mut Vec<Point>) -> i32 {
    let (right, left, y) = (placed.left + turn.right, placed.left + turn.left, placed.top + turn.y);
    points.iter_mut().last().into_iter().for_each(|last| last.0 = right);
    points.extend([(right, y), (left, y)]);
    left
}

/// Gives each line its own place at the sides of its elements, in the order of where they come from, and up to the side of its boxes.
fn spread(boxes: &Boxes, elements: &[Rectangle], ways: &mut [Way]) {
    let mut sides: BTreeMap<(usize, bool), Vec<(i32, usize)>> = BTreeMap::new();
    for (line, way) in ways.iter().enumerate() {
        let (left, right) = boxes.ends[line];
        if left != right {
            let turns = |own: i32| move |point: &&Point| point.1 != own;
            let (own, other) = (middle(&elements[left]), middle(&elements[right]));
            sides.entry((left, true)).or_default().push((way.points.iter().find(turns(own)).map_or(own, |point| point.1), line));
            sides
                .entry((right, false))
                .or_default()
                .push((way.points.iter().rev().find(turns(other)).map_or(other, |point| point.1), line));
        }
    }
    for ((element, leaves), mut lines) in sides {
        lines.sort_unstable();
        let count = i64::try_from(lines.len()).unwrap_or(i64::MAX - 1);
        let own = middle(&elements[element]);
        for (position, (_, line)) in (1..).zip(lines) {
            let y = elements[element].top + i32::try_from(i64::from(elements[element].height) * position / (count + 1)).unwrap_or(0);
            let way = &mut ways[line];
            let level = |point: &&mut Point| point.1 == own;
            if leaves {
                way.points[..=way.first].iter_mut().take_while(level).for_each(|point| point.1 = y);
            } else {
                way.points[way.last..].iter_mut().rev().take_while(level).for_each(|point| point.1 = y);
            }
        }
    }
}
