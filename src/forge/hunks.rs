//! Which lines of a file may be commented on.
//!
//! Comes in: the changed files of a comparison with their patches. Goes out: ranges of lines on the head side.

use super::wire;
use crate::change::LineRange;
use crate::source::RepoPath;
use diffy::Patch;
use std::collections::BTreeMap;

/// By path; a file whose patch is cut may be commented on as a whole.
pub(super) fn hunks_of(files: &[wire::ChangedFile]) -> BTreeMap<RepoPath, Vec<LineRange>> {
    let present = files.iter().filter(|file| file.status != "removed");
    present.map(|file| (RepoPath::new(&file.filename), file.patch.as_deref().map(read_hunks).unwrap_or_default())).collect()
}

/// The lines of the head side that a patch shows. A patch that is cut shows none: its file is commented as a whole.
fn read_hunks(patch: &str) -> Vec<LineRange> {
    let Ok(patch) = Patch::from_str(patch) else { return Vec::new() };
    let ranges = patch.hunks().iter().map(|hunk| (hunk.new_range().start(), hunk.new_range().len()));
    ranges
        .filter(|(_, length)| *length > 0)
        .filter_map(|(start, length)| Some((u32::try_from(start).ok()?, u32::try_from(start + length - 1).ok()?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::read_hunks;

    #[test]
    fn hunks_are_lines_of_the_head() {
        for (patch, expected) in [
            ("@@ -1,2 +1,3 @@\n a\n+b\n c", vec![(1, 3)]),
            ("@@ -0,0 +1 @@\n+a\n\\ No newline at end of file", vec![(1, 1)]),
            ("@@ -1 +0,0 @@\n-a", vec![]),
            ("@@ -1,9 +1,9 @@\n a", vec![]),
            ("Binary files differ", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(read_hunks(patch), expected, "{patch}");
        }
    }
}
