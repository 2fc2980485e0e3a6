//! The entries of one mapping, made unique.
//!
//! Comes in: entries as written. Goes out: one slice of the arena in the order of the text, of equal keys the last.

use crate::source::NoteKind;
use crate::syntax::{Entry, Notes};
use bumpalo::Bump;

/// Up to this many entries are compared one by one, more are sorted.
const FEW: usize = 12;

/// Moves the entries into the arena. Of equal keys the last stays, as CloudFormation, libyaml and every JSON reader have it.
pub(super) fn unique<'t>(entries: &[Entry<'t>], arena: &'t Bump, notes: &mut Notes<'_>) -> &'t [Entry<'t>] {
    let overridden = overridden(entries);
    for (first, last) in &overridden {
        let (first, last) = (entries[*first], entries[*last]);
        let text = format!(
            "key `{}` stands twice, on lines {} and {}; the last one counts",
            shown(last.key),
            first.key_span.line,
            last.key_span.line
        );
        notes(last.key_span, NoteKind::DuplicateKey, text);
    }
    if overridden.is_empty() {
        return arena.alloc_slice_copy(entries);
    }
    let mut gone = overridden.iter().map(|(first, _)| *first).peekable();
    let kept: Vec<Entry<'t>> =
        entries.iter().enumerate().filter(|(index, _)| gone.next_if_eq(index).is_none()).map(|(_, entry)| *entry).collect();
    arena.alloc_slice_copy(&kept)
}

/// The first entry whose key stands in an earlier one.
pub(super) fn first_duplicate<'t>(entries: &[Entry<'t>]) -> Option<Entry<'t>> {
    overridden(entries).into_iter().map(|(_, last)| last).min().and_then(|last| entries.get(last)).copied()
}

/// Pairs of an entry and a later one of the same key, ordered by the first.
fn overridden(entries: &[Entry<'_>]) -> Vec<(usize, usize)> {
    doubled(entries.len(), |index| entries[index].key)
}

/// The same of any list of so many keys.
pub(super) fn doubled<'k>(count: usize, key: impl Fn(usize) -> &'k str) -> Vec<(usize, usize)> {
    if count <= FEW {
        let later = |index: usize| (index + 1..count).rev().find(|later| key(*later) == key(index));
        return (0..count).filter_map(|index| later(index).map(|last| (index, last))).collect();
    }
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|index| (key(*index), *index));
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    for run in order.chunk_by(|a, b| key(*a) == key(*b)) {
        if let [firsts @ .., last] = run {
            pairs.extend(firsts.iter().map(|first| (*first, *last)));
        }
    }
    pairs.sort_unstable();
    pairs
}

/// Enough of a key to find it.
pub(super) fn shown(key: &str) -> &str {
    key.char_indices().nth(80).map_or(key, |(end, _)| &key[..end])
}
