//! The two trees of a change: listings, and the blobs that were fetched.
//!
//! Comes in: bytes and paths. Goes out: the state of a path, symbolic links followed within the tree.

use crate::change::{Listing, ObjectId};
use crate::source::listing::{Entry, entries_of};
use crate::source::plan::{Plan, Plans};
use crate::source::{FileState, Files, MAX_FILE_BYTES, RepoPath};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The mode of a tree's entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    File,
    Symlink,
    Submodule,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    pub mode: Mode,
    pub id: ObjectId,
}

/// What a blob turned out to be when it was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blob {
    Text(Arc<str>),
    /// Text with bytes that no encoding explains, each of them U+FFFD; the line of the first, from 1.
    Undecodable {
        text: Arc<str>,
        line: u32,
    },
    /// Bytes.
    TooLarge(u64),
}

impl Blob {
    /// Decodes as YAML's readers do: UTF-16 where a byte order mark says so, else UTF-8. The mark itself is no part of the text.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        if bytes.len() > MAX_FILE_BYTES {
            return Self::TooLarge(bytes.len() as u64);
        }
        match bytes.as_slice() {
            [0xff, 0xfe, rest @ ..] => Self::from_utf16(rest, u16::from_le_bytes),
            [0xfe, 0xff, rest @ ..] => Self::from_utf16(rest, u16::from_be_bytes),
            [0xef, 0xbb, 0xbf, rest @ ..] => Self::from_utf8(rest.to_vec()),
            _ => Self::from_utf8(bytes),
        }
    }

    fn from_utf8(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::Text(Arc::from(text)),
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let line = line_after(&error.as_bytes()[..valid]);
                Self::Undecodable { text: Arc::from(String::from_utf8_lossy(error.as_bytes())), line }
            }
        }
    }

    fn from_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Self {
        let (pairs, odd) = bytes.as_chunks::<2>();
        let (mut text, mut damaged_at) = (String::with_capacity(bytes.len()), None);
        for decoded in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
            text.push(decoded.unwrap_or_else(|_| {
                damaged_at.get_or_insert(text.len());
                char::REPLACEMENT_CHARACTER
            }));
        }
        if !odd.is_empty() {
            damaged_at.get_or_insert(text.len());
            text.push(char::REPLACEMENT_CHARACTER);
        }
        match damaged_at {
            None => Self::Text(Arc::from(text)),
            Some(at) => Self::Undecodable { line: line_after(&text.as_bytes()[..at]), text: Arc::from(text) },
        }
    }

    /// What of it is text, if it was read at all.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Undecodable { text, .. } => Some(text),
            Self::TooLarge(_) => None,
        }
    }

    /// What a path with this blob is, were it a plain file.
    pub fn state(&self) -> FileState<'_> {
        match self {
            Self::TooLarge(bytes) => FileState::TooLarge(*bytes),
            Self::Text(text) | Self::Undecodable { text, .. } if text.starts_with(GIT_CRYPT) => FileState::Encrypted,
            Self::Undecodable { text, line } => FileState::Undecodable { text, line: *line },
            Self::Text(text) if is_lfs_pointer(text) => FileState::LfsPointer,
            Self::Text(text) => FileState::Text(text),
        }
    }
}

/// What git-crypt puts before the nonce of each file (<https://github.com/AGWA/git-crypt>, `commands.cpp`, read 2026-11-29).
const GIT_CRYPT: &str = "\0GITCRYPT\0";

/// The line that follows on this much text, from 1.
fn line_after(text: &[u8]) -> u32 {
    let breaks = text.iter().filter(|byte| **byte == b'\n').count();
    u32::try_from(breaks).unwrap_or(u32::MAX - 1) + 1
}

/// Whether the text is a pointer of Git LFS and nothing else: a file that only begins like one is read as what it is
/// (<https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md>, read 2026-11-28).
fn is_lfs_pointer(text: &str) -> bool {
    const VERSION: &str = "version https://git-lfs.github.com/spec/";
    const MAX_BYTES: usize = 1024;
    let is_line = |line: &str| {
        line.split_once(' ').is_some_and(|(key, value)| {
            let known = key == "version" || key == "oid" || key == "size" || key.starts_with("ext-");
            known && !value.contains(": ")
        })
    };
    text.len() <= MAX_BYTES && text.starts_with(VERSION) && text.lines().all(is_line)
}

/// The blobs that were fetched, by id: the two sides share them.
pub type Blobs = BTreeMap<ObjectId, Blob>;

/// One side of the change: a commit and all its paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The merge base or the head; of a directory, the zero id.
    pub commit: ObjectId,
    pub listing: Listing,
    /// The listing was cut by the forge: what is missing from it is not known to be absent, and the check says so.
    pub truncated: bool,
    /// What was handed over beside it: never from the tree.
    pub plans: Plans,
}

impl Side {
    /// The files whose text is at hand and is such a one, in order. Of a large tree that is a small part: it is gone through only where there is such
    /// a text, and most ids are passed over by how they begin.
    pub fn texts<'c>(&'c self, blobs: &'c Blobs, is_such: impl Fn(&str) -> bool) -> impl Iterator<Item = (&'c RepoPath, &'c str)> {
        let texts = blobs.iter().filter_map(|(id, blob)| Some((id, blob.text().filter(|text| is_such(text))?)));
        let texts: BTreeMap<&ObjectId, &str> = texts.collect();
        let beginning = |id: &ObjectId| usize::from(u16::from_be_bytes([id.0[0], id.0[1]]));
        let mut begins = vec![false; usize::from(u16::MAX) + 1];
        texts.keys().for_each(|id| begins[beginning(id)] = true);
        let listed = (!texts.is_empty()).then(|| self.listing.iter()).into_iter().flatten();
        let listed = listed.filter(move |(_, listed)| begins[beginning(&listed.id)]);
        listed.filter_map(move |(path, listed)| Some((path, *texts.get(&listed.id)?)))
    }
}

/// One side together with the blobs.
pub struct TreeView<'c> {
    pub side: &'c Side,
    pub blobs: &'c Blobs,
}

/// Most symbolic links that a look-up follows.
const MAX_LINKS: usize = 16;

/// Where a look-up of a path led: the entries on its way, and whether there is a folder where they end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trace {
    entries: Vec<(RepoPath, Listed)>,
    leads_to_folder: bool,
}

/// What a look-up of a path comes past.
enum Passed<'c> {
    Entry(&'c RepoPath, &'c Listed),
    /// A symbolic link, and the path that it names.
    Link(&'c RepoPath, RepoPath),
    Folder,
}

impl Files for TreeView<'_> {
    fn state(&self, path: &RepoPath) -> FileState<'_> {
        self.follow(path, &mut |_| {})
    }

    fn behind(&self, path: &RepoPath) -> Vec<RepoPath> {
        let mut passed = Vec::new();
        self.follow(path, &mut |past| {
            if let Passed::Link(at, next) = past {
                passed.extend([at.clone(), next]);
            }
        });
        passed
    }

    fn list(&self, folder: &RepoPath) -> Option<Vec<Entry>> {
        let real = self.real_folder(folder)?;
        let entries = if self.side.truncated {
            return None;
        } else {
            entries_of(&real, |start| self.side.listing.from(start).next().map(|(path, _)| path))
        };
        if real == *folder {
            return Some(entries);
        }
        let renamed = |entry: Entry| {
            let path =
                if folder.as_str().is_empty() { entry.path.file_name().to_owned() } else { format!("{folder}/{}", entry.path.file_name()) };
            Entry { path: RepoPath::new(&path), ..entry }
        };
        Some(entries.into_iter().map(renamed).collect())
    }

    fn plan(&self, unit: &RepoPath) -> Option<&Plan> {
        self.side.plans.get(unit).map(|plan| &**plan)
    }
}

impl<'c> TreeView<'c> {
    /// The folder that a path leads to past symbolic links; itself where it is none. `None` where a link on the way is not fetched or leads
    /// nowhere, and where a submodule stands in the way.
    fn real_folder(&self, folder: &RepoPath) -> Option<RepoPath> {
        let mut folder = folder.clone();
        for _ in 0..=MAX_LINKS {
            let Some((at, listed)) = self.listed(&folder) else { return Some(folder) };
            let target = match listed.mode {
                Mode::File => return Some(folder),
                Mode::Submodule => return None,
                Mode::Symlink => self.blobs.get(&listed.id)?.text()?,
            };
            let rest = folder.as_str()[at.as_str().len()..].trim_start_matches('/');
            folder = at.sibling(&format!("{}/{rest}", target.trim_end_matches('/')))?;
        }
        None
    }

    /// Where a look-up of a path leads: as long as it leads there, and the entries are what they are, its state is the same.
    pub(super) fn trace(&self, path: &RepoPath) -> Trace {
        let mut trace = Trace { entries: Vec::new(), leads_to_folder: false };
        self.follow(path, &mut |past| match past {
            Passed::Entry(at, listed) => trace.entries.push((at.clone(), *listed)),
            Passed::Link(..) => {}
            Passed::Folder => trace.leads_to_folder = true,
        });
        trace
    }

    /// Looks a path up, and follows the symbolic links on its way within the tree. `passed` is told what it comes past.
    fn follow(&self, path: &RepoPath, passed: &mut dyn FnMut(Passed<'c>)) -> FileState<'c> {
        let mut path = path.clone();
        let mut last_target = None;
        for _ in 0..=MAX_LINKS {
            let Some((at, listed)) = self.listed(&path) else {
                let Some(target) = last_target else { return FileState::Absent };
                if !self.is_folder(&path) {
                    return FileState::BrokenLink(target);
                }
                passed(Passed::Folder);
                return FileState::Absent;
            };
            passed(Passed::Entry(at, listed));
            let blob = self.blobs.get(&listed.id);
            match (listed.mode, blob) {
                (Mode::Submodule, _) => return FileState::Submodule,
                (Mode::File, _) if *at != path => return FileState::Absent,
                (Mode::File | Mode::Symlink, None) => return FileState::NotFetched(at.clone()),
                (Mode::File, Some(blob)) => return blob.state(),
                (Mode::Symlink, Some(blob)) => {
                    let target = blob.text().unwrap_or_default();
                    let rest = path.as_str()[at.as_str().len()..].trim_start_matches('/');
                    let whole = if rest.is_empty() { target.to_owned() } else { format!("{}/{rest}", target.trim_end_matches('/')) };
                    let Some(next) = at.sibling(&whole) else { return FileState::BrokenLink(target) };
                    passed(Passed::Link(at, next.clone()));
                    (path, last_target) = (next, Some(target));
                }
            }
        }
        FileState::BrokenLink(last_target.unwrap_or_default())
    }

    /// The entry of a path, or else of the outermost folder above it that is no folder but a link, a submodule or a file.
    fn listed(&self, path: &RepoPath) -> Option<(&'c RepoPath, &'c Listed)> {
        let listing = &self.side.listing;
        listing.get_key_value(path).or_else(|| {
            let ends = path.as_str().match_indices('/').map(|(end, _)| end);
            ends.map(|end| &path.as_str()[..end]).find_map(|above| listing.get_key_value(above))
        })
    }

    fn is_folder(&self, path: &RepoPath) -> bool {
        let prefix = format!("{path}/");
        let below = self.side.listing.from(&prefix).next();
        path.as_str().is_empty() || below.is_some_and(|(below, _)| below.as_str().starts_with(&prefix))
    }
}
