//! Long chains, broken into bands: rows of layers below one another, as the lines of a text.
//!
//! Comes in: how wide the layers of a box and the channels between them are, and which lines run from one layer to the next. Goes out:
//! where each band begins, and how the lines turn from the end of one to the beginning of the next.

use crate::report::layout::layers::Layered;
use std::ops::Range;

/// Widest that a chain may be before it is broken, in pixels, and how many layers are a chain at least.
const MAX_WIDTH: i32 = 1400;
const MIN_LAYERS: usize = 6;
/// Distance of two lines between two bands.
pub(super) const LINE_GAP: i32 = 14;
/// Distance of two lines that turn round, and how far the innermost reaches out.
const TURN_GAP: i32 = 6;
const TURN: i32 = 30;

/// The way of a line from the end of a band to the beginning of the next, from the box's corner.
#[derive(Clone, Copy)]
pub(super) struct Turn {
    /// Where it turns at the right, and again at the left.
    pub(super) right: i32,
    pub(super) left: i32,
    /// The height at which it runs back between the bands.
    pub(super) y: i32,
}

/// The layers of each band: one band where the box is not too wide.
pub(super) fn bands(widths: &[i32], channels: &[i32]) -> Vec<Range<usize>> {
    let layers = widths.len();
    let wide = |layer: usize| widths[layer] + if layer == 0 { 0 } else { channels[layer] };
    let total: i32 = (0..layers).map(wide).sum();
    if total <= MAX_WIDTH || layers < MIN_LAYERS {
        return std::iter::once(0..layers).collect();
    }
    let count = total.div_euclid(MAX_WIDTH) + 1;
    let aim = total / count;
    let mut bands: Vec<Range<usize>> = Vec::new();
    let (mut start, mut width) = (0, 0);
    for layer in 0..layers {
        if layer - start >= 2 && layers - layer >= 2 && width + wide(layer) / 2 > aim {
            bands.push(start..layer);
            (start, width) = (layer, 0);
        }
        width += wide(layer);
    }
    bands.push(start..layers);
    bands
}

/// The lines that run from the layer before `first` into it, with the item that each leaves.
pub(super) fn crossing(layered: &Layered, first: usize) -> Vec<(usize, usize)> {
    let mut crossing = Vec::new();
    for chain in &layered.chains {
        for pair in chain.items.windows(2) {
            if let [one, other] = pair
                && layered.layer[*one].map(|layer| layer + 1) == Some(first)
                && layered.layer[*other] == Some(first)
            {
                crossing.push((chain.line, *one));
            }
        }
    }
    crossing
}

/// Space that the turning of so many lines takes at either side.
pub(super) fn space(lines: usize) -> i32 {
    if lines == 0 { 0 } else { TURN + TURN_GAP * i32::try_from(lines).unwrap_or(i32::MAX / 8).min(40) }
}

/// The turns of lines, given from the lowest to the highest where they leave the upper band: so they do not cross. `right` and `left` are
/// the sides of the two bands, `top` is where the space between them begins.
pub(super) fn turns(lines: &[usize], right: i32, left: i32, top: i32) -> impl Iterator<Item = (usize, Turn)> {
    let last = i32::try_from(lines.len()).unwrap_or(i32::MAX / 32) - 1;
    (0..).zip(lines).map(move |(number, line)| {
        let turn = Turn { right: right + TURN_GAP * number, left: left - TURN_GAP * (last - number), y: top + LINE_GAP * number };
        (*line, turn)
    })
}
