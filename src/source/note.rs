//! What was not read or not understood, and where.

use crate::source::{Place, RepoPath};

/// Why something was not read, or not read whole. Each has a stable word, under which notes are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoteKind {
    /// The text is not valid in its syntax, or has bytes that are no text: nothing of the file was read, or not all of it.
    Unreadable,
    /// The content of a file cannot be seen: a pointer, a link that leads nowhere, a submodule, more bytes than are read.
    Hidden,
    /// A node has a shape that the provider refuses: what stands there was not read.
    Refused,
    /// A limit on size, depth, nodes or files was hit.
    Limit,
    /// A file is not looked at, since too many others are.
    LeftOut,
    /// A key stands twice in one mapping; the last one counts.
    DuplicateKey,
    /// A file that the unit names is missing or is not text.
    MissingFile,
    /// A file that the unit names lies outside the repository.
    OutsideFile,
    /// A resource type that no catalogue entry and no prefix knows.
    UnknownType,
    /// A value that could not be resolved where it matters.
    Unresolved,
    /// A reference to something that the unit does not define.
    Dangling,
    /// A construct that is understood in part or not at all (macro, transform, intrinsic).
    Unsupported,
    /// The file is of a format that is not judged yet.
    NotJudged,
    /// What was read is made from files that changed, and was not made again.
    Stale,
    /// A flow that the template itself contradicts or that is doubtful.
    Doubt,
    /// The content is legal but inconsistent, and somebody should look.
    Inconsistent,
    /// An annotation for us that counts for nothing as it is written.
    Annotation,
    /// Two roots keep their state in one place.
    SharedState,
    /// A file that is not judged opens a way in from the internet.
    PublicEntry,
    /// A plan that was handed over does not belong to the files: nothing of it is used.
    Misfit,
}

impl NoteKind {
    pub const ALL: [Self; 20] = [
        Self::Unreadable,
        Self::Hidden,
        Self::Refused,
        Self::Limit,
        Self::LeftOut,
        Self::DuplicateKey,
        Self::MissingFile,
        Self::OutsideFile,
        Self::UnknownType,
        Self::Unresolved,
        Self::Dangling,
        Self::Unsupported,
        Self::NotJudged,
        Self::Stale,
        Self::Doubt,
        Self::Inconsistent,
        Self::Annotation,
        Self::SharedState,
        Self::PublicEntry,
        Self::Misfit,
    ];

    /// Whether something of a file that claims a format was not read: such a file is not read whole.
    pub fn hides(self) -> bool {
        matches!(self, Self::Unreadable | Self::Hidden | Self::Refused | Self::Limit | Self::LeftOut)
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Hidden => "hidden",
            Self::Refused => "refused",
            Self::Limit => "limit",
            Self::LeftOut => "left-out",
            Self::DuplicateKey => "duplicate-key",
            Self::MissingFile => "missing-file",
            Self::OutsideFile => "outside-file",
            Self::UnknownType => "unknown-type",
            Self::Unresolved => "unresolved",
            Self::Dangling => "dangling",
            Self::Unsupported => "unsupported",
            Self::NotJudged => "not-judged",
            Self::Stale => "stale",
            Self::Doubt => "doubt",
            Self::Inconsistent => "inconsistent",
            Self::Annotation => "annotation",
            Self::SharedState => "shared-state",
            Self::PublicEntry => "public-entry",
            Self::Misfit => "misfit",
        }
    }
}

/// One thing that was not understood, with where. Text is plain: only `report` writes markup.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    pub place: Place,
    pub kind: NoteKind,
    pub text: String,
}

impl Note {
    /// A note on a file as a whole.
    pub fn on_file(path: &RepoPath, kind: NoteKind, text: String) -> Self {
        Self { place: Place { path: path.clone(), line: 1, end_line: 1 }, kind, text }
    }
}
