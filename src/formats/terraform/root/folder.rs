//! The files of a module: which of a folder's files Terraform or OpenTofu takes, and in which order.
//!
//! <https://developer.hashicorp.com/terraform/language/files/override>, OpenTofu's `internal/configs/parser_config_dir.go` (2026-11-28).

use crate::formats::terraform::schema::BLOCKS;
use crate::source::budget::Stage;
use crate::source::{FileId, Note, NoteKind, RepoPath, Sources, Span};
use crate::syntax::hcl::tree::Body;
use crate::syntax::hcl::{parse, parse_json};
use bumpalo::Bump;
use std::collections::BTreeSet;

/// Bytes of text for which one unit of work is counted.
const BYTES_OF_A_UNIT: usize = 64;

/// What the files of a folder hold.
#[derive(Default)]
pub(super) struct Read<'t> {
    /// In the order of the files' names.
    pub(super) bodies: Vec<Body<'t>>,
    /// Those that change what the others say, in the order in which they do.
    pub(super) overrides: Vec<Body<'t>>,
    /// A file is for OpenTofu alone.
    pub(super) is_tofu: bool,
    /// `false` where a file could not be read, or not whole: what is not declared here may be declared there.
    pub(super) is_whole: bool,
    pub(super) is_there: bool,
}

/// One file of a module by its name.
struct File {
    path: RepoPath,
    stem: String,
    is_tofu: bool,
    is_json: bool,
}

impl File {
    /// `None` where neither tool takes the file.
    fn of(path: &RepoPath) -> Option<Self> {
        let name = path.file_name();
        if name.starts_with('.') || name.ends_with('~') || name.starts_with('#') && name.ends_with('#') {
            return None;
        }
        let endings = [(".tf", false, false), (".tofu", true, false), (".tf.json", false, true), (".tofu.json", true, true)];
        let (stem, is_tofu, is_json) =
            endings.into_iter().find_map(|(ending, is_tofu, is_json)| Some((name.strip_suffix(ending)?, is_tofu, is_json)))?;
        Some(Self { path: path.clone(), stem: stem.to_owned(), is_tofu, is_json })
    }

    fn is_override(&self) -> bool {
        self.stem == "override" || self.stem.ends_with("_override")
    }
}

/// Whether a folder has a file that makes it a module.
pub(super) fn is_module(folder: &RepoPath, sources: &Sources<'_>) -> bool {
    sources.list(folder).into_iter().flatten().any(|entry| !entry.is_folder && File::of(&entry.path).is_some())
}

/// Reads the files of a folder. `from` is the place that names it.
pub(super) fn read<'t>(folder: &RepoPath, from: Option<Span>, sources: &Sources<'t>, arena: &'t Bump) -> Read<'t> {
    let Some(entries) = sources.list(folder) else {
        let note = format!("the files of {} cannot be listed", shown(folder));
        match from {
            Some(span) => sources.note(span, NoteKind::Hidden, note),
            None => sources.note_at(Note::on_file(folder, NoteKind::Hidden, String::new()).place, NoteKind::Hidden, note),
        }
        return Read::default();
    };
    let files: Vec<File> = entries.iter().filter(|entry| !entry.is_folder).filter_map(|entry| File::of(&entry.path)).collect();
    if let (Some(span), true) = (from, files.is_empty()) {
        sources.note(span, NoteKind::MissingFile, format!("there is no file of a module in {}", shown(folder)));
    }
    let hiding: BTreeSet<(String, bool)> = files.iter().filter(|file| file.is_tofu).map(|file| (file.stem.clone(), file.is_json)).collect();
    let is_there = !files.is_empty();
    let mut read = Read { is_tofu: !hiding.is_empty(), is_whole: is_there, is_there, ..Read::default() };
    for file in &files {
        if !file.is_tofu && hiding.contains(&(file.stem.clone(), file.is_json)) {
            let note = "OpenTofu takes the .tofu file of the same name instead, Terraform does not; it is read as OpenTofu reads it";
            sources.note_at(
                Note::on_file(&file.path, NoteKind::Inconsistent, String::new()).place,
                NoteKind::Inconsistent,
                note.to_owned(),
            );
            continue;
        }
        let body = body(file, from, sources, arena);
        read.is_whole &= body.is_whole && body.blocks().all(|block| block.body.is_whole || block.kind.text != "locals");
        if file.is_override() { read.overrides.push(body) } else { read.bodies.push(body) }
    }
    read
}

fn body<'t>(file: &File, from: Option<Span>, sources: &Sources<'t>, arena: &'t Bump) -> Body<'t> {
    let Some((id, text)) = sources.open(&file.path, from) else { return Body::UNREAD };
    if !sources.spend(Stage::Read, text.len() / BYTES_OF_A_UNIT, start(id)) {
        return Body::UNREAD;
    }
    let mut notes = |span, kind, text| sources.note(span, kind, text);
    if file.is_json { parse_json(text, id, BLOCKS, arena, &mut notes) } else { parse(text, id, arena, &mut notes).body }
}

/// The beginning of a file.
pub(super) fn start(file: FileId) -> Span {
    Span { line: 1, end_line: 1, column: 1, file }
}

/// A folder in words.
pub(super) fn shown(folder: &RepoPath) -> String {
    if folder.as_str().is_empty() { "the repository's root".to_owned() } else { format!("`{folder}`") }
}
