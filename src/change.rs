//! Everything the core may know of a pull request, as one value: read whole before judgement begins.
//!
//! Comes in: from the forge, a local repository or two directories. Goes out: to `judge`. Never changes, never fetches.

use crate::model::Model;
use crate::source::budget::Spent;
use crate::source::{FileState, Files, MAX_FILE_BYTES, RepoPath};
use crate::stride::Fingerprint;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// A git object's SHA-1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub [u8; 20]);

impl ObjectId {
    /// Parses 40 hex digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 20];
        if text.len() != 40 || !text.is_ascii() {
            return None;
        }
        for (index, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
        }
        Some(Self(bytes))
    }

    /// The first seven digits, as people quote it.
    pub fn short(self) -> String {
        self.to_string()[..7].to_owned()
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// Seconds since 1970, UTC. Shown and kept as `2026-11-24T08:00:00Z`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// A day in the proleptic Gregorian calendar, `2026-11-24`; as days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i64);

impl Day {
    /// Parses `YYYY-MM-DD`; `None` where that is no day.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return None;
        }
        let number =
            |range: std::ops::Range<usize>| text.get(range).filter(|part| part.bytes().all(|b| b.is_ascii_digit()))?.parse::<i64>().ok();
        let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
        let parsed = Self::from_civil(year, month, day);
        (parsed.civil() == (year, month, day)).then_some(parsed)
    }

    // Howard Hinnant's days_from_civil, <https://howardhinnant.github.io/date_algorithms.html>.
    fn from_civil(year: i64, month: i64, day: i64) -> Self {
        let year = if month <= 2 { year - 1 } else { year };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Self(era * 146_097 + day_of_era - 719_468)
    }

    fn civil(self) -> (i64, i64, i64) {
        let shifted = self.0 + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        (year_of_era + era * 400 + i64::from(month <= 2), month, day)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl Timestamp {
    pub fn day(self) -> Day {
        Day(self.0.div_euclid(86_400))
    }

    /// Parses `2026-11-24T08:00:00Z`, GitHub's form; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (day, time) = text.strip_suffix('Z')?.split_once('T')?;
        let mut seconds = Day::parse(day)?.0 * 86_400;
        let parts: Vec<&str> = time.split('.').next()?.split(':').collect();
        let [hours, minutes, whole] = parts.as_slice() else { return None };
        for (part, unit) in [(hours, 3600), (minutes, 60), (whole, 1)] {
            seconds += part.parse::<i64>().ok()? * unit;
        }
        Some(Self(seconds))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = self.0.rem_euclid(86_400);
        write!(f, "{}T{:02}:{:02}:{:02}Z", self.day(), second / 3600, second / 60 % 60, second % 60)
    }
}

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

    /// What a path with this blob is, were it a plain file.
    pub fn state(&self) -> FileState<'_> {
        match self {
            Self::TooLarge(bytes) => FileState::TooLarge(*bytes),
            Self::Undecodable { text, line } => FileState::Undecodable { text, line: *line },
            Self::Text(text) if is_lfs_pointer(text) => FileState::LfsPointer,
            Self::Text(text) => FileState::Text(text),
        }
    }
}

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
    pub listing: BTreeMap<RepoPath, Listed>,
    /// The listing was cut by the forge: what is missing from it is not known to be absent, and the check says so.
    pub truncated: bool,
}

/// One side together with the blobs.
pub struct TreeView<'c> {
    pub side: &'c Side,
    pub blobs: &'c Blobs,
}

/// Most symbolic links that a look-up follows.
const MAX_LINKS: usize = 16;

impl Files for TreeView<'_> {
    fn state(&self, path: &RepoPath) -> FileState<'_> {
        self.follow(path, &mut |_| {})
    }

    fn behind(&self, path: &RepoPath) -> Vec<RepoPath> {
        let mut passed = Vec::new();
        self.follow(path, &mut |through| passed.push(through));
        passed
    }
}

impl<'c> TreeView<'c> {
    /// Looks a path up, and follows the symbolic links on its way within the tree. `passed` is told each link, and the file behind them.
    fn follow(&self, path: &RepoPath, passed: &mut dyn FnMut(RepoPath)) -> FileState<'c> {
        let mut path = path.clone();
        let mut last_target = None;
        for _ in 0..=MAX_LINKS {
            let Some((at, listed)) = self.listed(&path) else {
                let leads_nowhere = last_target.filter(|_| !self.is_folder(&path));
                return leads_nowhere.map_or(FileState::Absent, FileState::BrokenLink);
            };
            let blob = self.blobs.get(&listed.id);
            match (listed.mode, blob) {
                (Mode::Submodule, _) => return FileState::Submodule,
                (Mode::File, _) if *at != path => return FileState::Absent,
                (Mode::File | Mode::Symlink, None) => return FileState::NotFetched(at.clone()),
                (Mode::File, Some(blob)) => return blob.state(),
                (Mode::Symlink, Some(blob)) => {
                    let target = match blob {
                        Blob::Text(text) | Blob::Undecodable { text, .. } => &**text,
                        Blob::TooLarge(_) => "",
                    };
                    let rest = path.as_str()[at.as_str().len()..].trim_start_matches('/');
                    let whole = if rest.is_empty() { target.to_owned() } else { format!("{}/{rest}", target.trim_end_matches('/')) };
                    let Some(next) = at.sibling(&whole) else { return FileState::BrokenLink(target) };
                    passed(at.clone());
                    passed(next.clone());
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
        let below = self.side.listing.range(RepoPath::new(&prefix)..).next();
        path.as_str().is_empty() || below.is_some_and(|(below, _)| below.as_str().starts_with(&prefix))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub u64);

/// A person or a bot, by the id that does not change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub id: UserId,
    pub login: String,
    pub bot: bool,
}

/// What a person may do in the repository, as the permission look-up said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    None,
    Read,
    Triage,
    Write,
    Maintain,
    Admin,
}

impl Right {
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Read => "read",
            Self::Triage => "triage",
            Self::Write => "write",
            Self::Maintain => "maintain",
            Self::Admin => "admin",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        [Self::None, Self::Read, Self::Triage, Self::Write, Self::Maintain, Self::Admin].into_iter().find(|right| right.word() == word)
    }
}

/// Where a command was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Surface {
    /// A comment on the pull request.
    Comment,
    /// A reply in a review thread; the id of the thread's first comment.
    Thread(u64),
    /// The body of a submitted review.
    Review,
}

/// One comment that may bear commands, with its body as it was when created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Ids of comments and reviews are unique within their surface's kind; the pair with `surface` is the identity.
    pub id: u64,
    pub surface: Surface,
    pub url: String,
    pub author: Actor,
    pub at: Timestamp,
    pub body: String,
    /// `None` until it was looked up (`judge` asks for it); `Some(Err)` where the look-up failed, which is a refusal.
    pub right: Option<Result<Right, String>>,
}

/// What is known of the pull request itself; `None` for the command line and for merge groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pull {
    pub number: u64,
    pub author: Actor,
    /// Authors and committers of the commits, by id, as far as the forge knows them.
    pub commit_authors: Vec<UserId>,
    /// The list of commits was cut: whoever decides might be an author of one, so nobody but the platform's admins may.
    pub commits_truncated: bool,
    pub draft: bool,
    /// Other open pull requests with the same head.
    pub same_head: Vec<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    pub id: u64,
    pub owner: String,
    pub name: String,
    pub private: bool,
    /// `https://github.com/owner/name`, for links; empty on the command line.
    pub web_url: String,
}

/// Most versions of a file that its history holds.
pub const MAX_VERSIONS: usize = 50;

/// Lines of a file on the head side, inclusive, from 1.
pub type LineRange = (u32, u32);

/// One pull request, as it stands.
#[derive(Clone, Debug)]
pub struct Change {
    pub repository: Repository,
    pub pull: Option<Pull>,
    pub base_tip: ObjectId,
    /// The merge base's tree.
    pub base: Side,
    pub head: Side,
    pub blobs: Blobs,
    /// Earlier versions of single files among the base's ancestors, newest first, each as a tree that has nothing else; at most
    /// `MAX_VERSIONS`. A file that is missing here has not been asked for.
    pub history: BTreeMap<RepoPath, Vec<Side>>,
    /// Lines that review comments may stand on, by path; a path that is missing allows none, an empty list the file only.
    pub hunks: BTreeMap<RepoPath, Vec<LineRange>>,
    /// What each of our own review threads asks about, by the id of its first comment.
    pub threads: BTreeMap<u64, Vec<Fingerprint>>,
    /// Comments that may bear commands, in order of time, and whose outcome is not known yet.
    pub posted: Vec<Posted>,
}

/// The model of one unit on one side, with what it was read from.
#[derive(Clone, Debug)]
pub struct UnitModel {
    pub unit: RepoPath,
    pub model: Model,
    /// Every path that was asked for while the unit was read, whether or not there is such a file.
    pub files: BTreeSet<RepoPath>,
    /// What reading it took.
    pub spent: Spent,
}

#[cfg(test)]
mod tests {
    use super::{Day, Timestamp};

    #[test]
    fn days_and_times_read_back() {
        for text in ["1970-01-01", "2000-02-29", "2026-11-24", "2100-03-01"] {
            assert_eq!(Day::parse(text).map(|day| day.to_string()).as_deref(), Some(text));
        }
        for text in ["2026-02-29", "2026-13-01", "26-01-01", "2026-1-01", "tomorrow"] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
        let text = "2026-11-24T08:07:51Z";
        assert_eq!(Timestamp::parse(text).map(|time| time.to_string()).as_deref(), Some(text));
    }
}
