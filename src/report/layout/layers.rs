//! The layers of one box: which child stands in which column, and which lanes lead past the columns between.
//!
//! Comes in: children and links between them. Goes out: layers of items, and the chain of items that each line runs along.

use crate::report::layout::boxes::Link;
use std::collections::BTreeSet;

/// The layers of a box. Items are the children, by their number, and after them the lanes.
#[derive(Default)]
pub(super) struct Layered {
    /// The layer of each item; `None` for a child without any link.
    pub(super) layer: Vec<Option<usize>>,
    pub(super) layers: usize,
    pub(super) chains: Vec<Chain>,
}

/// A line's items from left to right, never empty.
pub(super) struct Chain {
    pub(super) line: usize,
    pub(super) items: Vec<usize>,
    /// Whether it comes in through the box's left side, and goes out through its right one.
    pub(super) enters: bool,
    pub(super) leaves: bool,
}

/// The lines to be turned round so that no cycle is left: those that lead back to where a walk, begun at the first child, came from.
pub(super) fn backward(children: usize, lines: &[(usize, usize, usize)]) -> BTreeSet<usize> {
    let mut leaving: Vec<Vec<(usize, usize)>> = vec![Vec::new(); children];
    let mut entered = vec![false; children];
    for (line, from, to) in lines {
        leaving[*from].push((*line, *to));
        entered[*to] = true;
    }
    #[derive(Clone, Copy, PartialEq, Eq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut marks = vec![Mark::New; children];
    let mut backward = BTreeSet::new();
    let starts = (0..children).filter(|child| !entered[*child]).chain(0..children);
    for start in starts {
        let mut open = if marks[start] == Mark::New { vec![(start, 0)] } else { Vec::new() };
        marks[start] = if marks[start] == Mark::New { Mark::Open } else { marks[start] };
        while let Some((child, next)) = open.pop() {
            let Some((line, to)) = leaving[child].get(next).copied() else {
                marks[child] = Mark::Done;
                continue;
            };
            open.push((child, next + 1));
            match marks[to] {
                Mark::New => {
                    marks[to] = Mark::Open;
                    open.push((to, 0));
                }
                Mark::Open => {
                    backward.insert(line);
                }
                Mark::Done => {}
            }
        }
    }
    backward
}

/// Layers by the longest path; what nothing leads to is drawn up to what it leads to.
pub(super) fn layer(children: usize, links: &[Link], lanes: &mut usize) -> Layered {
    let order = in_order(children, links);
    let mut right_of: Vec<Vec<usize>> = vec![Vec::new(); children];
    let mut layer = vec![0_usize; children];
    let (mut linked, mut led_to, mut enters, mut leaves) =
        (vec![false; children], vec![false; children], vec![false; children], vec![false; children]);
    for link in links {
        link.left.into_iter().chain(link.right).for_each(|child| linked[child] = true);
        match (link.left, link.right) {
            (Some(left), Some(right)) => {
                right_of[left].push(right);
                led_to[right] = true;
            }
            (None, Some(right)) => enters[right] = true,
            (Some(left), None) => leaves[left] = true,
            (None, None) => {}
        }
    }
    for child in &order {
        for right in &right_of[*child] {
            layer[*right] = layer[*right].max(layer[*child] + 1);
        }
    }
    let last = layer.iter().copied().max().unwrap_or(0);
    for child in order.iter().rev().filter(|child| !led_to[**child] && !enters[**child]) {
        match right_of[*child].iter().map(|right| layer[*right]).min() {
            Some(next) => layer[*child] = next.saturating_sub(1),
            None if leaves[*child] => layer[*child] = last,
            None => {}
        }
    }
    let layers = (0..children).filter(|child| linked[*child]).map(|child| layer[child] + 1).max().unwrap_or(0);
    let mut layered =
        Layered { layer: (0..children).map(|child| linked[child].then_some(layer[child])).collect(), layers, chains: Vec::new() };
    links.iter().for_each(|link| layered.chain(link, lanes));
    layered
}

/// The children so that every link leads forward.
fn in_order(children: usize, links: &[Link]) -> Vec<usize> {
    let mut waiting = vec![0_usize; children];
    let mut right_of: Vec<Vec<usize>> = vec![Vec::new(); children];
    for link in links {
        if let (Some(left), Some(right)) = (link.left, link.right) {
            right_of[left].push(right);
            waiting[right] += 1;
        }
    }
    let mut order: Vec<usize> = (0..children).filter(|child| waiting[*child] == 0).collect();
    let mut next = 0;
    while let Some(child) = order.get(next).copied() {
        next += 1;
        for right in &right_of[child] {
            waiting[*right] -= 1;
            if waiting[*right] == 0 {
                order.push(*right);
            }
        }
    }
    order
}

impl Layered {
    fn chain(&mut self, link: &Link, lanes: &mut usize) {
        let layer = |child: Option<usize>| child.and_then(|child| self.layer[child]);
        let first = layer(link.left).map_or(0, |layer| layer + 1);
        let end = layer(link.right).unwrap_or(self.layers);
        let mut items: Vec<usize> = link.left.into_iter().collect();
        for at in first..end {
            if *lanes == 0 {
                break;
            }
            *lanes -= 1;
            items.push(self.layer.len());
            self.layer.push(Some(at));
        }
        items.extend(link.right);
        self.chains.push(Chain { line: link.line, items, enters: link.left.is_none(), leaves: link.right.is_none() });
    }
}
