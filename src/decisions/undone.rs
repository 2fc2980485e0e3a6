//! What is left of the ledger when those who took their own words back are heard.
//!
//! Comes in: blocks in order of time. Goes out: the blocks that still speak. A word is taken back only by whoever said it, and only later.

use crate::decisions::Block;

/// The blocks that were not taken back, without those that took others back.
pub fn left(blocks: Vec<&Block>) -> Vec<&Block> {
    let undoing: Vec<&Block> = blocks.iter().copied().filter(|block| block.undoes.is_some()).collect();
    let is_undone = |block: &Block| undoing.iter().any(|undoing| undoes(undoing, block));
    blocks.into_iter().filter(|block| block.undoes.is_none() && !is_undone(block)).collect()
}

/// Whether a block takes another one back, because whoever said it says so.
pub fn undoes(undoing: &Block, block: &Block) -> bool {
    let same = undoing.by.id == block.by.id && undoing.undoes.as_deref() == Some(block.url.as_str());
    same && !block.url.is_empty() && undoing.at >= block.at
}
