//! Where text comes from: paths, spans, notes, limits, and the files of one side of a change.
//!
//! Comes in: nothing but text that somebody else fetched. Goes out: the small values that every layer above uses to say *where*.
//! Never opens a file: what is missing is recorded as needed, and the caller is asked for it.

pub mod budget;
pub mod given;
pub mod listing;
mod note;
pub mod plan;

pub use crate::source::note::{Note, NoteKind};

use crate::source::budget::{Budget, Stage};
use crate::source::given::{Choices, Given};
use crate::source::listing::{Entry, entries_of};
use crate::source::plan::Plan;
use bumpalo::Bump;
use std::borrow::Borrow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Bound;
use std::sync::Arc;

/// Largest file that is read, in bytes; larger ones are named in a note.
pub const MAX_FILE_BYTES: usize = 5 * 1024 * 1024;
/// Deepest nesting of collections that is read.
pub const MAX_DEPTH: usize = 128;
/// Most nodes that one file may have, aliases counted as often as they are used.
pub const MAX_NODES: usize = 1_000_000;
/// Most files that one unit may be made of: as many as are asked which roots there are. Work and bytes are bounded by the budget.
pub const MAX_FILES_PER_UNIT: usize = 5_000;
/// Most notes that one unit may bear; a last one says that there would be more.
pub const MAX_NOTES_PER_UNIT: usize = 10_000;

/// A path inside the repository: `/` separated, relative, without `.` and `..` parts. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepoPath(Arc<str>);

impl RepoPath {
    pub fn new(path: &str) -> Self {
        Self(Arc::from(path))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part, `template.yaml` of `intake/template.yaml`.
    pub fn file_name(&self) -> &str {
        self.0.bytes().rposition(|byte| byte == b'/').map_or(&self.0, |slash| &self.0[slash + 1..])
    }

    /// The folder, empty for the root; without a trailing slash.
    pub fn folder(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The path that a file of the folder `from` has where that folder is `to`; of another file its own.
    #[must_use]
    pub fn moved(&self, from: &Self, to: &Self) -> Self {
        let rest = self.0.strip_prefix(from.as_str()).filter(|rest| rest.starts_with('/'));
        rest.map_or_else(|| self.clone(), |rest| Self::new(&format!("{to}{rest}")))
    }

    /// The path that `relative`, written in this file, names. `None` where it leaves the repository, is absolute or is a URL.
    pub fn sibling(&self, relative: &str) -> Option<Self> {
        if relative.is_empty() || relative.starts_with('/') || relative.contains("://") {
            return None;
        }
        let mut parts: Vec<&str> = self.folder().split('/').filter(|part| !part.is_empty()).collect();
        for part in relative.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop()?;
                }
                name => parts.push(name),
            }
        }
        Some(Self::new(&parts.join("/")))
    }
}

impl AsRef<str> for RepoPath {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for RepoPath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Index of a file within its unit; 0 is the entry file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileId(pub u16);

/// Where a node stands. Lines count from 1, columns in characters from 1; `end_line` is the last line that bears content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    pub line: u32,
    pub end_line: u32,
    pub column: u16,
    pub file: FileId,
}

/// A span with its path: what outlives the reading of a unit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub path: RepoPath,
    /// First line, from 1.
    pub line: u32,
    /// Last line, from 1; never before `line`.
    pub end_line: u32,
}

/// What is known of one path of a tree, symbolic links followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileState<'t> {
    Text(&'t str),
    /// Text with bytes that no encoding explains. Each of them is U+FFFD here; `line` is where the first one stands, from 1.
    Undecodable {
        text: &'t str,
        line: u32,
    },
    Absent,
    /// It exists, but nobody has fetched the blob of this path: of the file itself, or of a symbolic link on the way to it.
    NotFetched(RepoPath),
    /// Bytes.
    TooLarge(u64),
    LfsPointer,
    /// By git-crypt: whoever has no key sees bytes.
    Encrypted,
    /// The path is a submodule, or lies in one.
    Submodule,
    /// A symbolic link that leaves the repository, leads nowhere or in a circle, with its target as written.
    BrokenLink(&'t str),
}

impl FileState<'_> {
    /// Why the content cannot be seen, in plain words; `None` where it can, where there is none, and where it is not fetched yet.
    pub fn hidden(&self) -> Option<String> {
        match self {
            Self::Text(_) | Self::Undecodable { .. } | Self::Absent | Self::NotFetched(_) => None,
            Self::TooLarge(bytes) => Some(format!("the file has {bytes} bytes, more than the {MAX_FILE_BYTES} that are read")),
            Self::LfsPointer => Some("the file is a Git LFS pointer, its content is not in git".to_owned()),
            Self::Encrypted => Some("the file is encrypted with git-crypt, its content is not in git in clear text".to_owned()),
            Self::Submodule => Some("the path lies in a submodule, whose content is not in this repository".to_owned()),
            Self::BrokenLink(target) => Some(format!("the file is a symbolic link to `{target}`, which is no file of this repository")),
        }
    }
}

/// The files of one side of a change, as far as they were fetched.
pub trait Files {
    fn state(&self, path: &RepoPath) -> FileState<'_>;

    /// What stands in a folder, in the order of the paths; nothing where there is no such folder. Symbolic links on the way to it are
    /// followed, and the paths are those below `folder` as it is given. `None` where this cannot be said, or not completely.
    fn list(&self, folder: &RepoPath) -> Option<Vec<Entry>> {
        let _ = folder;
        None
    }

    /// The paths that a look-up of `path` passes through besides `path` itself: symbolic links, and the file that they lead to.
    /// Empty where there is no link.
    fn behind(&self, path: &RepoPath) -> Vec<RepoPath> {
        let _ = path;
        Vec::new()
    }

    /// The plan that was handed over of a unit.
    fn plan(&self, unit: &RepoPath) -> Option<&Plan> {
        let _ = unit;
        None
    }
}

/// What one unit reads from: opens files, remembers which ones it asked for, numbers those it reads, gathers notes.
pub struct Sources<'t> {
    files: &'t dyn Files,
    opened: RefCell<Vec<RepoPath>>,
    numbers: RefCell<BTreeMap<RepoPath, FileId>>,
    asked: RefCell<BTreeSet<RepoPath>>,
    listed: RefCell<BTreeSet<RepoPath>>,
    needs: RefCell<BTreeSet<RepoPath>>,
    notes: RefCell<Vec<Note>>,
    budget: Budget<'t>,
    given: Given,
    choices: RefCell<Choices>,
}

impl<'t> Sources<'t> {
    pub fn new(files: &'t dyn Files) -> Self {
        Self {
            files,
            opened: RefCell::default(),
            numbers: RefCell::default(),
            asked: RefCell::default(),
            listed: RefCell::default(),
            needs: RefCell::default(),
            notes: RefCell::default(),
            budget: Budget::default(),
            given: Given::Anything,
            choices: RefCell::default(),
        }
    }

    /// Takes something for given of the parameters of the entry template.
    #[must_use]
    pub fn with_given(self, given: &Given) -> Self {
        Self { given: given.clone(), ..self }
    }

    pub fn given(&self) -> &Given {
        &self.given
    }

    /// Remembers which values parameters of the entry template may have.
    pub fn offer(&self, choices: Choices) {
        *self.choices.borrow_mut() = choices;
    }

    pub fn choices(&self) -> Choices {
        self.choices.borrow().clone()
    }

    /// Counts the bytes of the arena that the unit is read into, too.
    #[must_use]
    pub fn in_arena(self, arena: &'t Bump) -> Self {
        Self { budget: Budget::with_arena(arena), ..self }
    }

    /// Counts work; `false` once there is too much of it, which is noted where that was, once for a stage.
    pub fn spend(&self, stage: Stage, units: usize, span: Span) -> bool {
        self.spend_with_bytes(stage, units, 0, span)
    }

    /// As above, with bytes that outlive the reading.
    pub fn spend_with_bytes(&self, stage: Stage, units: usize, bytes: usize, span: Span) -> bool {
        if let Some(why) = self.budget.spend(stage, units, bytes) {
            self.note(span, NoteKind::Limit, why);
        }
        !self.budget.is_spent(stage)
    }

    /// Notes that a part of the unit is not read which may hold anything.
    pub fn cut(&self, span: Span, why: String) {
        self.budget.cut();
        self.note(span, NoteKind::Limit, why);
    }

    pub fn budget(&self) -> &Budget<'t> {
        &self.budget
    }

    /// Opens a file of the unit. A file that is not at hand is put on the list of needs, silently: the caller comes again with it.
    /// Anything else that is not text is noted at `from`, the place that names the file.
    pub fn open(&self, path: &RepoPath, from: Option<Span>) -> Option<(FileId, &'t str)> {
        if self.asked.borrow_mut().insert(path.clone()) {
            self.asked.borrow_mut().extend(self.files.behind(path));
        }
        let state = self.files.state(path);
        match state {
            FileState::Text(text) if text.len() > MAX_FILE_BYTES => {
                let bytes = text.len();
                self.budget.cut();
                self.miss(path, from, NoteKind::Limit, &format!("file has {bytes} bytes, more than {MAX_FILE_BYTES}"));
                None
            }
            FileState::Text(text) => self.number(path, from).map(|id| (id, text)),
            FileState::Undecodable { text, line } => {
                let place = Place { path: path.clone(), line, end_line: line };
                self.note_at(place, NoteKind::Unreadable, "the line has a byte that is not UTF-8 text".to_owned());
                self.number(path, from).map(|id| (id, text))
            }
            FileState::NotFetched(missing) => {
                self.needs.borrow_mut().insert(missing);
                None
            }
            FileState::Absent => {
                self.miss(path, from, NoteKind::MissingFile, "file does not exist");
                None
            }
            FileState::TooLarge(_) | FileState::LfsPointer | FileState::Encrypted | FileState::Submodule | FileState::BrokenLink(_) => {
                self.miss(path, from, NoteKind::Hidden, &state.hidden().unwrap_or_default());
                None
            }
        }
    }

    /// The text of a file that may turn out to be none of the unit's: looking at it does not make it a part of the unit. `None` where it is not at
    /// hand, or hidden.
    pub fn glance(&self, path: &RepoPath) -> Option<&'t str> {
        match self.files.state(path) {
            FileState::Text(text) | FileState::Undecodable { text, .. } => Some(text),
            FileState::NotFetched(missing) => {
                self.needs.borrow_mut().insert(missing);
                None
            }
            _ => None,
        }
    }

    /// Whether there is a file, which need not be opened. The unit is read again when one comes or goes.
    pub fn has(&self, path: &RepoPath) -> bool {
        self.asked.borrow_mut().insert(path.clone());
        !self.lacks(path)
    }

    /// Whether there surely is no file at a path.
    pub fn lacks(&self, path: &RepoPath) -> bool {
        self.files.state(path) == FileState::Absent
    }

    /// Why the content of a file cannot be seen, where there is one.
    pub fn hidden(&self, path: &RepoPath) -> Option<String> {
        self.files.state(path).hidden()
    }

    /// Whether a path is a submodule or lies in one: what it holds is in another repository.
    pub fn is_in_submodule(&self, path: &RepoPath) -> bool {
        self.asked.borrow_mut().insert(path.clone());
        self.asked.borrow_mut().extend(self.files.behind(path));
        self.files.state(path) == FileState::Submodule
    }

    /// What stands in a folder, as `Files::list` says. The unit is read again when something comes there or goes.
    pub fn list(&self, folder: &RepoPath) -> Option<Vec<Entry>> {
        self.listed.borrow_mut().insert(folder.clone());
        self.asked.borrow_mut().extend(self.files.behind(folder));
        self.entries(folder)
    }

    fn entries(&self, folder: &RepoPath) -> Option<Vec<Entry>> {
        let entries = self.files.list(folder);
        if let (None, FileState::NotFetched(missing)) = (&entries, self.files.state(folder)) {
            self.needs.borrow_mut().insert(missing);
        }
        entries
    }

    /// What stands in a folder, for a caller that opens what is the unit's: that something else comes there is no reason to read the unit again.
    /// Empty where nobody can tell.
    pub fn peek(&self, folder: &RepoPath) -> Vec<Entry> {
        self.entries(folder).unwrap_or_default()
    }

    /// The plan that was handed over of a unit.
    pub fn plan(&self, unit: &RepoPath) -> Option<&'t Plan> {
        self.files.plan(unit)
    }

    fn number(&self, path: &RepoPath, from: Option<Span>) -> Option<FileId> {
        if let Some(known) = self.numbers.borrow().get(path) {
            return Some(*known);
        }
        let mut opened = self.opened.borrow_mut();
        if opened.len() >= MAX_FILES_PER_UNIT {
            drop(opened);
            self.budget.cut();
            self.miss(path, from, NoteKind::Limit, &format!("unit names more than {MAX_FILES_PER_UNIT} files"));
            return None;
        }
        let number = FileId(u16::try_from(opened.len()).ok()?);
        opened.push(path.clone());
        self.numbers.borrow_mut().insert(path.clone(), number);
        Some(number)
    }

    /// What hides content is noted on the file itself, whose content it is; what is not there, where it is named.
    fn miss(&self, path: &RepoPath, from: Option<Span>, kind: NoteKind, why: &str) {
        match from {
            Some(span) if !kind.hides() => self.note(span, kind, format!("{path}: {why}")),
            Some(_) | None => self.notes.borrow_mut().push(Note::on_file(path, kind, why.to_owned())),
        }
    }

    pub fn note(&self, span: Span, kind: NoteKind, text: String) {
        self.note_at(self.place(span), kind, text);
    }

    /// Notes what stands outside of the unit's own files.
    pub fn note_at(&self, place: Place, kind: NoteKind, text: String) {
        let mut notes = self.notes.borrow_mut();
        if notes.len() < MAX_NOTES_PER_UNIT {
            notes.push(Note { place, kind, text });
        } else if notes.len() == MAX_NOTES_PER_UNIT {
            self.budget.cut();
            notes.push(Note { place, kind: NoteKind::Limit, text: format!("more than {MAX_NOTES_PER_UNIT} notes, the rest is left out") });
        }
    }

    /// The path of an opened file. A file id that was never given out names the entry file.
    pub fn path(&self, file: FileId) -> RepoPath {
        let opened = self.opened.borrow();
        opened.get(usize::from(file.0)).or_else(|| opened.first()).cloned().unwrap_or_else(|| RepoPath::new(""))
    }

    pub fn place(&self, span: Span) -> Place {
        Place { path: self.path(span.file), line: span.line.max(1), end_line: span.end_line.max(span.line).max(1) }
    }

    /// The files that this unit was read from, entry first.
    pub fn opened(&self) -> Vec<RepoPath> {
        self.opened.borrow().clone()
    }

    /// Every path that this unit asked for, whether or not it is there: when one of them changes, the unit must be read again.
    pub fn asked(&self) -> BTreeSet<RepoPath> {
        self.asked.borrow().clone()
    }

    /// Every folder whose entries this unit asked for: when a path comes or goes directly below one of them, the unit must be read again.
    pub fn listed(&self) -> BTreeSet<RepoPath> {
        self.listed.borrow().clone()
    }

    /// The files that must be fetched before the unit can be read whole.
    pub fn into_parts(self) -> (BTreeSet<RepoPath>, Vec<Note>) {
        (self.needs.into_inner(), self.notes.into_inner())
    }
}

/// Files held in memory: what tests, the sandbox and directories use.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles(pub BTreeMap<RepoPath, String>);

impl Files for MemoryFiles {
    fn state(&self, path: &RepoPath) -> FileState<'_> {
        self.0.get(path).map_or(FileState::Absent, |text| FileState::Text(text))
    }

    fn list(&self, folder: &RepoPath) -> Option<Vec<Entry>> {
        Some(entries_of(folder, |start| self.0.range::<str, _>((Bound::Included(start), Bound::Unbounded)).next().map(|(path, _)| path)))
    }
}

#[cfg(test)]
mod tests {
    use super::RepoPath;

    #[test]
    fn siblings_stay_inside_the_repository() {
        let template = RepoPath::new("a/b/template.yaml");
        for (relative, expected) in [
            ("x.json", Some("a/b/x.json")),
            ("./s/x.json", Some("a/b/s/x.json")),
            ("../x.json", Some("a/x.json")),
            ("../../../x.json", None),
            ("/etc/passwd", None),
            ("https://example.com/x", None),
            ("", None),
        ] {
            assert_eq!(template.sibling(relative).as_ref().map(RepoPath::as_str), expected, "{relative}");
        }
    }
}
