//! What differs between two trees, told as GitHub tells it: status, counts, and the `patch` without a file header.
//!
//! A patch is left out for binary and for large files, as GitHub leaves it out; renames are found by equal content, then by likeness.

use crate::change::ObjectId;
use crate::sandbox::objects::Entry;
use crate::sandbox::objects::EntryMode;
use crate::sandbox::objects::Objects;
use diffy::DiffOptions;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Above this many lines on both sides together no patch is made: `diffy` has no heuristics and grows with the square.
const MAX_PATCH_LINES: usize = 6_000;
/// Renames with changes are looked for among at most this many pairs.
const MAX_RENAME_PAIRS: usize = 10_000;
/// Shared bytes, in per cent of the larger file, from which a removed and an added file are one that was renamed.
const RENAME_LIKENESS: usize = 50;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Added,
    Removed,
    Modified,
    Renamed,
}

impl Status {
    pub fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Modified => "modified",
            Self::Renamed => "renamed",
        }
    }
}

/// One file that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedFile {
    /// Its name in the newer tree, or the name it had, where it was removed.
    pub path: String,
    pub previous: Option<String>,
    pub status: Status,
    /// The blob of the newer tree; of the older one, where it was removed.
    pub id: ObjectId,
    pub additions: usize,
    pub deletions: usize,
    /// Hunks only, no trailing newline.
    pub patch: Option<String>,
}

/// The files that differ, by path.
pub fn changed_files(objects: &Objects, base: ObjectId, head: ObjectId) -> Vec<ChangedFile> {
    let mut pairs = Vec::new();
    compare_trees(objects, "", Some(base), Some(head), &mut pairs);
    let mut changed: Vec<ChangedFile> = join_renames(objects, pairs).iter().filter_map(|pair| changed_file(objects, pair)).collect();
    changed.sort_by(|left, right| left.path.cmp(&right.path));
    changed
}

/// The lines that a patch shows of the older (`left`) and the newer (`right`) file, one range per hunk.
pub fn hunk_lines(patch: &str) -> Vec<(RangeInclusive<u64>, RangeInclusive<u64>)> {
    patch.lines().filter_map(hunk_header).collect()
}

/// The part of the patch from its hunk's header to the line, as `diff_hunk` of a review comment shows it; for the newer file.
pub fn diff_hunk(patch: &str, line: u64) -> Option<String> {
    let mut hunk: Vec<&str> = Vec::new();
    let mut next = 0;
    for text in patch.lines() {
        if let Some((_, right)) = hunk_header(text) {
            hunk = vec![text];
            next = *right.start();
            continue;
        }
        hunk.push(text);
        if text.starts_with('-') || text.starts_with('\\') {
            continue;
        }
        if next == line {
            return Some(hunk.join("\n"));
        }
        next += 1;
    }
    None
}

#[derive(Debug)]
struct Pair {
    old: Option<Entry>,
    new: Option<Entry>,
}

/// Walks both trees side by side and skips what is equal.
fn compare_trees(objects: &Objects, prefix: &str, old: Option<ObjectId>, new: Option<ObjectId>, pairs: &mut Vec<Pair>) {
    if old == new {
        return;
    }
    let mut names: BTreeMap<&str, (Option<&Entry>, Option<&Entry>)> = BTreeMap::new();
    for entry in old.and_then(|id| objects.tree(id)).unwrap_or_default() {
        names.entry(&entry.path).or_default().0 = Some(entry);
    }
    for entry in new.and_then(|id| objects.tree(id)).unwrap_or_default() {
        names.entry(&entry.path).or_default().1 = Some(entry);
    }
    for (name, (old, new)) in names {
        let path = format!("{prefix}{name}");
        let directory = |entry: Option<&Entry>| entry.filter(|entry| entry.mode == EntryMode::Directory).map(|entry| entry.id);
        let file = |entry: Option<&Entry>| {
            entry.filter(|entry| entry.mode != EntryMode::Directory).map(|entry| Entry { path: path.clone(), ..entry.clone() })
        };
        compare_trees(objects, &format!("{path}/"), directory(old), directory(new), pairs);
        let pair = Pair { old: file(old), new: file(new) };
        if pair.old != pair.new {
            pairs.push(pair);
        }
    }
}

fn join_renames(objects: &Objects, pairs: Vec<Pair>) -> Vec<Pair> {
    let (mut removed, mut added, mut joined) = (Vec::new(), Vec::new(), Vec::new());
    for pair in pairs {
        match (pair.old, pair.new) {
            (Some(old), None) => removed.push(old),
            (None, Some(new)) => added.push(new),
            (old, new) => joined.push(Pair { old, new }),
        }
    }
    let small = removed.len() * added.len() <= MAX_RENAME_PAIRS;
    for new in added {
        let same = removed.iter().position(|old| old.id == new.id && old.mode == new.mode);
        let like = || removed.iter().position(|old| small && likeness(objects, old.id, new.id) > RENAME_LIKENESS);
        let old = same.or_else(like).map(|index| removed.remove(index));
        joined.push(Pair { old, new: Some(new) });
    }
    joined.extend(removed.into_iter().map(|old| Pair { old: Some(old), new: None }));
    joined
}

/// Bytes of equal lines in per cent of the larger file.
fn likeness(objects: &Objects, old: ObjectId, new: ObjectId) -> usize {
    let (Some(old), Some(new)) = (objects.blob(old), objects.blob(new)) else { return 0 };
    let larger = old.len().max(new.len());
    if larger == 0 || old.len().min(new.len()) * 100 / larger < RENAME_LIKENESS {
        return 0;
    }
    let mut lines: BTreeMap<&[u8], usize> = BTreeMap::new();
    for line in old.split_inclusive(|byte| *byte == b'\n') {
        *lines.entry(line).or_default() += 1;
    }
    let mut shared = 0;
    for line in new.split_inclusive(|byte| *byte == b'\n') {
        if let Some(count) = lines.get_mut(line).filter(|count| **count > 0) {
            *count -= 1;
            shared += line.len();
        }
    }
    shared * 100 / larger
}

fn changed_file(objects: &Objects, pair: &Pair) -> Option<ChangedFile> {
    let shown = pair.new.as_ref().or(pair.old.as_ref())?;
    let status = match (&pair.old, &pair.new) {
        (None, _) => Status::Added,
        (_, None) => Status::Removed,
        (Some(old), Some(new)) if old.path != new.path => Status::Renamed,
        (Some(_), Some(_)) => Status::Modified,
    };
    let text = |entry: &Option<Entry>| entry.as_ref().map_or(Some(String::new()), |entry| entry_text(objects, entry));
    let (patch, additions, deletions) = match (text(&pair.old), text(&pair.new)) {
        (Some(old), Some(new)) => text_patch(&old, &new),
        _ => (None, 0, 0),
    };
    let previous = pair.old.as_ref().filter(|_| status == Status::Renamed).map(|old| old.path.clone());
    Some(ChangedFile { path: shown.path.clone(), previous, status, id: shown.id, additions, deletions, patch })
}

/// `None` for what git shows as binary.
fn entry_text(objects: &Objects, entry: &Entry) -> Option<String> {
    if entry.mode == EntryMode::Submodule {
        return Some(format!("Subproject commit {}\n", entry.id));
    }
    let bytes = objects.blob(entry.id)?;
    let binary = bytes.iter().take(8_000).any(|byte| *byte == 0);
    (!binary).then(|| String::from_utf8_lossy(bytes).into_owned())
}

fn text_patch(old: &str, new: &str) -> (Option<String>, usize, usize) {
    if old == new {
        return (None, 0, 0);
    }
    if old.lines().count() + new.lines().count() > MAX_PATCH_LINES {
        return (None, new.lines().count(), old.lines().count());
    }
    let text = DiffOptions::new().set_context_len(3).create_patch(old, new).to_string();
    let old_lines: Vec<&str> = old.lines().collect();
    let (mut lines, mut additions, mut deletions) = (Vec::new(), 0, 0);
    // The first two lines name the files; GitHub leaves them out.
    for line in text.split('\n').skip(2) {
        if let Some((left, _)) = hunk_header(line) {
            lines.push(format!("{line}{}", heading(&old_lines, *left.start())));
            continue;
        }
        additions += usize::from(line.starts_with('+'));
        deletions += usize::from(line.starts_with('-'));
        lines.push(line.to_owned());
    }
    (Some(lines.join("\n").trim_end_matches('\n').to_owned()), additions, deletions)
}

/// Git's guess at where a hunk is: the last line before it that begins with a letter, `_` or `$`.
fn heading(lines: &[&str], start: u64) -> String {
    let before = usize::try_from(start.saturating_sub(1)).unwrap_or(0).min(lines.len());
    let found = lines[..before]
        .iter()
        .rev()
        .find(|line| line.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_' || first == '$'));
    found.map_or(String::new(), |line| format!(" {}", line.chars().take(80).collect::<String>().trim_end()))
}

/// Reads `@@ -1,2 +3,4 @@ …`; an empty side gives an empty range.
fn hunk_header(line: &str) -> Option<(RangeInclusive<u64>, RangeInclusive<u64>)> {
    let (ranges, _) = line.strip_prefix("@@ -")?.split_once(" @@")?;
    let (left, right) = ranges.split_once(" +")?;
    Some((hunk_range(left)?, hunk_range(right)?))
}

fn hunk_range(text: &str) -> Option<RangeInclusive<u64>> {
    let (start, count) = text.split_once(',').unwrap_or((text, "1"));
    let (start, count): (u64, u64) = (start.parse().ok()?, count.parse().ok()?);
    // With a count of zero the start names the line before.
    Some(if count == 0 { start + 1..=start } else { start..=start + count - 1 })
}
