//! How much one comment, and one author, may put into the ledger.
//!
//! Comes in: the blocks that a comment would write, the ledger. Goes out: whether they may be written. Nothing that the ledger has is taken out again,
//! so that whoever may write into it without limit fills it for everybody.

use super::Desk;
use crate::change::Posted;
use crate::decisions::authority;
use crate::decisions::{Block, ledger_text};
use crate::report::escape;
use crate::source::RepoPath;

/// Most bytes that one comment may write in its author's words. Each block that it makes has its reason, so that a reason on ten threats counts ten times.
const MAX_WORDS: usize = 64 * 1024;
/// Largest block, in bytes: what a threat rests on is in it.
const MAX_BLOCK: usize = 1024 * 1024;
/// Most bytes of one author's words on one pull request that nobody has confirmed.
const MAX_UNCONFIRMED: usize = 512 * 1024;

impl Desk<'_> {
    /// # Errors
    /// What is too much, in words for the person.
    pub(super) fn check_bounds(&self, posted: &Posted, blocks: &[(RepoPath, Block)]) -> Result<(), String> {
        let words: usize = blocks.iter().map(|(_, block)| words(block)).sum();
        if words > MAX_WORDS {
            return Err(format!(
                "Not done: with its reason on each of {} threats this comment takes {} of the ledger, and {} is the most; \
                 say it shorter, or put it into a document and name that with `see=`.",
                blocks.len(),
                kibibytes(words),
                kibibytes(MAX_WORDS)
            ));
        }
        if let Some((_, block)) = blocks.iter().find(|(_, block)| ledger_text::size(block) > MAX_BLOCK) {
            let id = escape::code(&block.threat);
            return Err(format!("Not done: what {id} rests on takes more than {} of the ledger; make it smaller.", kibibytes(MAX_BLOCK)));
        }
        let new: usize =
            blocks.iter().filter(|(_, block)| authority::only_proposes(&block.by)).map(|(_, block)| ledger_text::size(block)).sum();
        let unconfirmed = if new > 0 { self.unconfirmed(posted) } else { 0 };
        if unconfirmed > 0 && unconfirmed + new > MAX_UNCONFIRMED {
            return Err(format!(
                "Not done: what you said on this pull request, and nobody has confirmed, takes {} of the ledger, and {} is the most; \
                 somebody who may decide confirms it or decides first.",
                kibibytes(unconfirmed + new),
                kibibytes(MAX_UNCONFIRMED)
            ));
        }
        Ok(())
    }

    /// How many bytes of the words of an author or a bot here nobody has confirmed.
    fn unconfirmed(&self, posted: &Posted) -> usize {
        let all: Vec<&Block> = self.ledger.blocks.values().flatten().collect();
        let is_own = |block: &&&Block| {
            block.pull == self.pull.number
                && block.by.id == posted.author.id
                && authority::only_proposes(&block.by)
                && block.carried_from.is_none()
        };
        let is_confirmed = |block: &Block| all.iter().any(|other| other.fingerprint == block.fingerprint && block.is_confirmed_by(other));
        all.iter().filter(is_own).filter(|block| !is_confirmed(block)).map(|block| ledger_text::size(block)).sum()
    }
}

/// The first block that says once more what an earlier command of the comment said of the same: two answers, or the same twice.
pub(super) fn said_twice<'b>(earlier: &[(RepoPath, Block)], made: &'b [(RepoPath, Block)]) -> Option<&'b Block> {
    let is_same = |a: &Block, b: &Block| {
        a.fingerprint == b.fingerprint && a.rule == b.rule && (a.verdict == b.verdict || (a.verdict.is_answer() && b.verdict.is_answer()))
    };
    made.iter().map(|(_, block)| block).find(|block| earlier.iter().any(|(_, known)| is_same(known, block)))
}

/// How many bytes of a block are what its author typed.
fn words(block: &Block) -> usize {
    let see = block.see.as_ref().map_or(0, |pin| pin.path.as_str().len() + pin.pattern.as_ref().map_or(0, String::len));
    let others = [&block.ticket, &block.to].into_iter().flatten().map(String::len).sum::<usize>();
    block.reason.len() + see + others
}

fn kibibytes(bytes: usize) -> String {
    format!("{} KiB", bytes.div_ceil(1024))
}
