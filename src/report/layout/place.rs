//! Coordinates inside one box: the order in each layer, and heights at which lines run as straight as can be.
//!
//! Comes in: the boxes, of which the inner ones are placed already. Goes out: where each item of one box stands, from its corner.

use crate::report::layout::ELEMENT_WIDTH;
use crate::report::layout::bands::{self, Turn};
use crate::report::layout::boxes::{Boxes, Child, Frame};
use crate::report::layout::layers::Chain;
use std::collections::BTreeMap;

/// Space around the contents of a boundary; above them stands its name.
const PADDING: i32 = 26;
const TITLE: i32 = 42;
/// Space around the whole picture.
const MARGIN: i32 = 24;
/// Least distance of two layers, and what a label needs besides its width.
const CHANNEL: i32 = 64;
const LABEL_SPACE: i32 = 40;
/// What each line that runs there adds to a channel, and how many of them count.
const LINE_SPACE: i32 = 5;
const MAX_LINES: i32 = 30;
const LANE_HEIGHT: i32 = 14;
/// Between children, and between anything and a lane.
const GAP: i32 = 26;
const LANE_GAP: i32 = 12;
/// Times that each layer is ordered after its neighbours, and then moved without changing the order.
const SWEEPS: usize = 8;
const MOVES: usize = 6;
/// How wide a row of things without any flow may be, at least.
const ROW: i32 = 760;

/// Where everything of a box stands.
#[derive(Default)]
pub(super) struct Placed {
    /// The box's corner in the whole picture.
    pub(super) left: i32,
    pub(super) top: i32,
    pub(super) width: i32,
    pub(super) height: i32,
    /// From the box's corner: each layer's left and right edge, each item's left and top.
    pub(super) layers: Vec<(i32, i32)>,
    pub(super) x: Vec<i32>,
    pub(super) y: Vec<i32>,
    /// From the box's corner: the height at which a line passes the box's side.
    pub(super) ports: BTreeMap<usize, i32>,
    /// By line and the layer that it turns round to enter.
    pub(super) turns: BTreeMap<(usize, usize), Turn>,
}

/// The corner of an inner box in the whole picture.
pub(super) fn origin(outer: &Frame, inner: usize) -> (i32, i32) {
    let item = outer.children.iter().position(|child| *child == Child::Box(inner)).unwrap_or(0);
    (outer.placed.left + outer.placed.x[item], outer.placed.top + outer.placed.y[item])
}

/// The height, below an item's top, at which a line meets it.
pub(super) fn port(boxes: &Boxes, index: usize, item: usize, line: usize) -> i32 {
    match boxes.boxes[index].children.get(item) {
        Some(Child::Element(element)) => boxes.heights[*element] / 2,
        Some(Child::Box(inner)) => boxes.boxes[*inner].placed.ports.get(&line).copied().unwrap_or(boxes.boxes[*inner].placed.height / 2),
        None => LANE_HEIGHT / 2,
    }
}

/// Places the contents of a box, beginning from where they stood in the round before.
pub(super) fn place(boxes: &Boxes, index: usize) -> Placed {
    let frame = &boxes.boxes[index];
    let (width, height): (Vec<i32>, Vec<i32>) = (0..frame.layered.layer.len()).map(|item| size(boxes, frame, item)).unzip();
    let mut y = if frame.placed.y.is_empty() { vec![0; height.len()] } else { frame.placed.y.clone() };
    let mut layers: Vec<Vec<usize>> = vec![Vec::new(); frame.layered.layers];
    for (item, layer) in frame.layered.layer.iter().enumerate() {
        if let Some(layer) = layer {
            layers[*layer].push(item);
        }
    }
    let pulls = Pulls::of(boxes, index);
    let mut column = Column { children: frame.children.len(), height: &height, y: &mut y };
    layers.iter_mut().for_each(|layer| {
        layer.sort_by_key(|item| (column.y[*item], *item));
        column.stack(layer, |_| None);
    });
    for sweep in 0..SWEEPS {
        if sweep % 2 == 0 {
            layers.iter_mut().for_each(|layer| column.order(layer, |item, y| pulls.drawn_left(item, y)));
        } else {
            layers.iter_mut().rev().for_each(|layer| column.order(layer, |item, y| pulls.drawn_right(item, y)));
        }
    }
    for turn in 0..MOVES {
        let mut move_one = |layer: &Vec<usize>| {
            let wanted: BTreeMap<usize, i32> =
                layer.iter().filter_map(|item| pulls.drawn_both(*item, column.y).map(|wanted| (*item, wanted))).collect();
            column.stack(layer, |item| wanted.get(&item).copied());
        };
        if turn % 2 == 0 { layers.iter().rev().for_each(&mut move_one) } else { layers.iter().for_each(&mut move_one) }
    }
    assemble(boxes, index, &layers, &width, &height, y)
}

fn size(boxes: &Boxes, frame: &Frame, item: usize) -> (i32, i32) {
    match frame.children.get(item) {
        Some(Child::Element(element)) => (ELEMENT_WIDTH, boxes.heights[*element]),
        Some(Child::Box(inner)) => (boxes.boxes[*inner].placed.width, boxes.boxes[*inner].placed.height),
        None => (0, LANE_HEIGHT),
    }
}

/// What draws items up and down: their neighbours along each line.
struct Pulls {
    /// By item: the neighbour, and how far the item's top should stand below the neighbour's.
    left: Vec<Vec<(usize, i32)>>,
    right: Vec<Vec<(usize, i32)>>,
    /// By item: where the far end of a line that leaves the box would have its top.
    outside_left: Vec<Vec<i32>>,
    outside_right: Vec<Vec<i32>>,
}

impl Pulls {
    fn of(boxes: &Boxes, index: usize) -> Self {
        let frame = &boxes.boxes[index];
        let items = frame.layered.layer.len();
        let mut pulls = Self {
            left: vec![Vec::new(); items],
            right: vec![Vec::new(); items],
            outside_left: vec![Vec::new(); items],
            outside_right: vec![Vec::new(); items],
        };
        for chain in &frame.layered.chains {
            for pair in chain.items.windows(2) {
                let [one, other] = pair else { continue };
                let below = port(boxes, index, *one, chain.line) - port(boxes, index, *other, chain.line);
                pulls.left[*other].push((*one, below));
                pulls.right[*one].push((*other, -below));
            }
            pulls.outside(boxes, index, chain);
        }
        pulls
    }

    fn outside(&mut self, boxes: &Boxes, index: usize, chain: &Chain) {
        let ends = boxes.ends[chain.line];
        let top = boxes.boxes[index].placed.top;
        if let (true, Some(first), Some(middle)) = (chain.enters, chain.items.first(), middle(boxes, ends.0)) {
            self.outside_left[*first].push(middle - top - port(boxes, index, *first, chain.line));
        }
        if let (true, Some(last), Some(middle)) = (chain.leaves, chain.items.last(), middle(boxes, ends.1)) {
            self.outside_right[*last].push(middle - top - port(boxes, index, *last, chain.line));
        }
    }

    fn drawn_left(&self, item: usize, y: &[i32]) -> Option<i32> {
        mean(self.left[item].iter().map(|(other, below)| y[*other] + below).chain(self.outside_left[item].iter().copied()))
    }

    fn drawn_right(&self, item: usize, y: &[i32]) -> Option<i32> {
        mean(self.right[item].iter().map(|(other, below)| y[*other] + below).chain(self.outside_right[item].iter().copied()))
    }

    /// Both sides weigh the same, however many lines they have.
    fn drawn_both(&self, item: usize, y: &[i32]) -> Option<i32> {
        mean(self.drawn_left(item, y).into_iter().chain(self.drawn_right(item, y)))
    }
}

/// The middle of an element in the whole picture, once it has been placed.
fn middle(boxes: &Boxes, element: usize) -> Option<i32> {
    let frame = &boxes.boxes[boxes.home[element]];
    let item = boxes.item[element];
    frame.placed.y.get(item).map(|y| frame.placed.top + y + boxes.heights[element] / 2)
}

fn mean(values: impl Iterator<Item = i32>) -> Option<i32> {
    let (mut sum, mut count) = (0_i64, 0_i64);
    values.for_each(|value| {
        sum += i64::from(value);
        count += 1;
    });
    (count > 0).then(|| i32::try_from(sum / count).unwrap_or(i32::MAX / 4))
}

/// The items of one layer, from top to bottom.
struct Column<'c> {
    children: usize,
    height: &'c [i32],
    y: &'c mut Vec<i32>,
}

impl Column<'_> {
    /// Sorts a layer after where its items are drawn to, and moves them there.
    fn order(&mut self, layer: &mut [usize], pull: impl Fn(usize, &[i32]) -> Option<i32>) {
        let wanted: BTreeMap<usize, i32> = layer.iter().map(|item| (*item, pull(*item, self.y).unwrap_or(self.y[*item]))).collect();
        layer.sort_by_key(|item| (wanted[item] + self.height[*item] / 2, *item));
        self.stack(layer, |item| wanted.get(&item).copied());
    }

    /// Moves each item as near as possible to where it wants to be, in the given order and without touching: items that would overlap
    /// become one block, which stands at the mean of their wishes.
    fn stack(&mut self, layer: &[usize], wanted: impl Fn(usize) -> Option<i32>) {
        let mut offset = 0;
        let mut offsets = Vec::with_capacity(layer.len());
        // Sum of wishes, weight, number of items.
        let mut blocks: Vec<(i64, i64, usize)> = Vec::new();
        for (position, item) in layer.iter().enumerate() {
            if position > 0 {
                offset += self.height[layer[position - 1]] + self.gap(layer[position - 1], *item);
            }
            offsets.push(offset);
            let wish = i64::from(wanted(*item).unwrap_or(self.y[*item])) - i64::from(offset);
            let weight = if *item < self.children { 2 } else { 1 };
            let mut block = (wish * weight, weight, 1);
            while let Some(above) = blocks.last().copied() {
                if above.0 * block.1 <= block.0 * above.1 {
                    break;
                }
                blocks.pop();
                block = (above.0 + block.0, above.1 + block.1, above.2 + block.2);
            }
            blocks.push(block);
        }
        let mut position = 0;
        for (sum, weight, items) in blocks {
            let start = i32::try_from(sum.div_euclid(weight)).unwrap_or(0);
            for _ in 0..items {
                self.y[layer[position]] = start + offsets[position];
                position += 1;
            }
        }
    }

    fn gap(&self, one: usize, other: usize) -> i32 {
        if one < self.children && other < self.children { GAP } else { LANE_GAP }
    }
}

/// Puts the layers side by side, and below them what has no flow.
fn assemble(boxes: &Boxes, index: usize, layers: &[Vec<usize>], width: &[i32], height: &[i32], mut y: Vec<i32>) -> Placed {
    let frame = &boxes.boxes[index];
    let (side, title) = if index == 0 { (MARGIN, MARGIN) } else { (PADDING, TITLE) };
    let mut placed = Placed { left: frame.placed.left, top: frame.placed.top, x: vec![side; height.len()], ..Placed::default() };
    let channels = channels(boxes, index);
    let widths: Vec<i32> = layers.iter().map(|layer| layer.iter().map(|item| width[*item]).max().unwrap_or(0)).collect();
    let bands = bands::bands(&widths, &channels);
    let crossing: Vec<Vec<(usize, usize)>> = bands.iter().skip(1).map(|band| bands::crossing(&frame.layered, band.start)).collect();
    let space = bands::space(crossing.iter().map(Vec::len).max().unwrap_or(0));
    let (mut right, mut bottom) = (side, title);
    let mut ends: Vec<(i32, i32)> = Vec::new();
    for (number, band) in bands.iter().enumerate() {
        let top = if number == 0 { title } else { bottom + gutter(crossing[number - 1].len()) };
        let mut end = side + space;
        for layer in band.clone() {
            let left = if layer == band.start { end } else { end + channels[layer] };
            end = left + widths[layer];
            placed.layers.push((left, end));
            layers[layer].iter().for_each(|item| placed.x[*item] = left + (widths[layer] - width[*item]) / 2);
        }
        bottom = move_to(top, &layers[band.clone()], height, &mut y);
        ends.push((end, bottom));
        right = right.max(end + space);
    }
    for ((band, lines), (end, bottom)) in bands.iter().skip(1).zip(crossing).zip(ends) {
        let mut lines: Vec<(i32, usize)> = lines.iter().map(|(line, item)| (y[*item] + port(boxes, index, *item, *line), *line)).collect();
        lines.sort_unstable_by(|a, b| b.cmp(a));
        let lines: Vec<usize> = lines.into_iter().map(|(_, line)| line).collect();
        let turns = bands::turns(&lines, end, side + space, bottom + GAP);
        placed.turns.extend(turns.map(|(line, turn)| ((line, band.start), turn)));
    }
    let apart: Vec<usize> = (0..frame.children.len()).filter(|child| frame.layered.layer[*child].is_none()).collect();
    let row = right.max(ROW.min(side + i32::try_from(apart.len().isqrt() + 1).unwrap_or(4) * (ELEMENT_WIDTH + GAP)));
    let (mut x, mut top, mut end) = (side, if layers.is_empty() { title } else { bottom + GAP }, bottom);
    for child in apart {
        if x > side && x + width[child] > row {
            (x, top) = (side, end + GAP);
        }
        (placed.x[child], y[child]) = (x, top);
        x += width[child] + GAP;
        right = right.max(placed.x[child] + width[child]);
        end = end.max(top + height[child]);
    }
    for chain in &frame.layered.chains {
        let through = if chain.enters { chain.items.first() } else { chain.items.last() };
        if let Some(item) = through.filter(|_| chain.enters || chain.leaves) {
            placed.ports.insert(chain.line, y[*item] + port(boxes, index, *item, chain.line));
        }
    }
    placed.width = right + side;
    placed.height = end + side;
    placed.y = y;
    placed
}

/// Moves layers so that the highest item stands at `top`, and takes out the bands in which nothing stands: groups that no line ties together
/// have no reason to keep apart. Where the lowest one ends.
fn move_to(top: i32, layers: &[Vec<usize>], height: &[i32], y: &mut [i32]) -> i32 {
    let mut items: Vec<usize> = layers.iter().flatten().copied().collect();
    items.sort_by_key(|item| (y[*item], *item));
    let start = items.first().map_or(top, |item| y[*item]);
    let (mut end, mut shift) = (top, top - start);
    for item in items {
        shift -= (y[item] + shift - end - GAP).max(0);
        y[item] += shift;
        end = end.max(y[item] + height[item]);
    }
    end
}

/// The height of the space between two bands in which so many lines run back.
fn gutter(lines: usize) -> i32 {
    2 * GAP + bands::LINE_GAP * i32::try_from(lines).unwrap_or(0)
}

/// The width of the channel to the left of each layer.
fn channels(boxes: &Boxes, index: usize) -> Vec<i32> {
    let layered = &boxes.boxes[index].layered;
    let mut lines = vec![0; layered.layers + 1];
    for item in layered.chains.iter().flat_map(|chain| chain.items.iter().skip(usize::from(!chain.enters))) {
        layered.layer[*item].into_iter().for_each(|layer| lines[layer] += 1);
    }
    let mut channels: Vec<i32> = lines.iter().map(|lines: &i32| CHANNEL + LINE_SPACE * (lines - 3).clamp(0, MAX_LINES)).collect();
    for chain in layered.chains.iter().filter(|chain| !chain.enters && !chain.leaves) {
        let item = if labelled_at_start(boxes, chain.line) { chain.items.get(1) } else { chain.items.last() };
        if let Some(layer) = item.and_then(|item| layered.layer[*item]) {
            channels[layer] = channels[layer].max(boxes.label_widths[chain.line] + LABEL_SPACE);
        }
    }
    channels
}

/// A label stands near the end that has fewer lines, where they run apart.
pub(super) fn labelled_at_start(boxes: &Boxes, line: usize) -> bool {
    let (left, right) = boxes.ends[line];
    boxes.degree[left] < boxes.degree[right]
}
