//! Ways into a cluster that stand in files which nobody judges: manifests and values that ask for a load balancer that faces the internet.
//!
//! Comes in: the changed files, their texts on both sides, and which of them were judged. Goes out: a note for each such line that the base's file
//! does not have. Of what is judged a threat says it.

use crate::change::{Change, TreeView};
use crate::source::{FileState, Files, Note, NoteKind, Place, RepoPath};
use std::collections::BTreeSet;

/// The word for it, and the keys that decide it.
/// <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/#scheme>,
/// <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/#lb-scheme> (2026-12-01)
const FACING: &str = "internet-facing";
const KEYS: [&str; 2] = ["ingress.kubernetes.io/scheme", "aws-load-balancer-scheme"];

/// Endings of files in which such text stands.
const ENDINGS: [&str; 5] = [".yaml", ".yml", ".tpl", ".tmpl", ".json"];

pub(super) fn find(change: &Change, changed: &BTreeSet<&RepoPath>, judged: &BTreeSet<RepoPath>) -> Vec<Note> {
    let base = TreeView { side: &change.base, blobs: &change.blobs };
    let head = TreeView { side: &change.head, blobs: &change.blobs };
    let may_hold = |path: &&&RepoPath| ENDINGS.iter().any(|ending| path.as_str().ends_with(ending)) && !judged.contains(**path);
    let of_file = |path: &RepoPath| -> Vec<Note> {
        let before: BTreeSet<&str> = opening(&base, path).into_iter().map(|(_, line)| line).collect();
        let new = opening(&head, path).into_iter().filter(|(_, line)| !before.contains(line));
        let note = |(number, line): (u32, &str)| Note {
            place: Place { path: path.clone(), line: number, end_line: number },
            kind: NoteKind::PublicEntry,
            text: format!("{line}: the file is not judged, and what this lets in from the internet is for somebody to see"),
        };
        new.map(note).collect()
    };
    changed.iter().filter(may_hold).flat_map(|path| of_file(path)).collect()
}

/// The lines of a file that ask for it, with their numbers.
fn opening<'t>(view: &'t TreeView<'t>, path: &RepoPath) -> Vec<(u32, &'t str)> {
    let FileState::Text(text) = view.state(path) else { return Vec::new() };
    let opens = |line: &str| !line.starts_with('#') && line.contains(FACING) && KEYS.iter().any(|key| line.contains(key));
    (1..).zip(text.lines().map(str::trim)).filter(|(_, line)| opens(line)).collect()
}
