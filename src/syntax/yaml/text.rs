//! The text of one scalar, put together from pieces.
//!
//! Comes in: slices of the source and single characters. Goes out: one slice, borrowed from the source where it is one piece of it.

use bumpalo::Bump;
use bumpalo::collections::String as Owned;

pub(super) struct ScalarText<'t> {
    arena: &'t Bump,
    borrowed: &'t str,
    owned: Option<Owned<'t>>,
}

impl<'t> ScalarText<'t> {
    pub(super) fn new(arena: &'t Bump) -> Self {
        Self { arena, borrowed: "", owned: None }
    }

    /// Adds what stands so in the source.
    pub(super) fn push(&mut self, slice: &'t str) {
        if self.owned.is_none() && self.borrowed.is_empty() {
            self.borrowed = slice;
        } else if !slice.is_empty() {
            self.owned().push_str(slice);
        }
    }

    /// Adds a character that stands otherwise in the source, or nowhere.
    pub(super) fn push_char(&mut self, character: char) {
        self.owned().push(character);
    }

    pub(super) fn push_breaks(&mut self, count: usize) {
        for _ in 0..count {
            self.push_char('\n');
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.borrowed.is_empty() && self.owned.as_ref().is_none_or(|owned| owned.is_empty())
    }

    pub(super) fn finish(self) -> &'t str {
        self.owned.map_or(self.borrowed, Owned::into_bump_str)
    }

    fn owned(&mut self) -> &mut Owned<'t> {
        let (arena, borrowed) = (self.arena, self.borrowed);
        self.owned.get_or_insert_with(|| Owned::from_str_in(borrowed, arena))
    }
}
