//! Everything the core may know of a pull request, as one value: read whole before judgement begins.
//!
//! Comes in: from the forge, a local repository or two directories. Goes out: to `judge`. Never changes, never fetches.

mod approval;
mod input;
mod listing;
mod presentation;
mod readings;
mod reproductions;
mod tree;

pub use crate::change::approval::{Approval, Approvals};
pub use crate::change::input::{Input, Missing};
pub use crate::change::listing::Listing;
pub use crate::change::presentation::{Answers, Docs, Presentation};
pub use crate::change::readings::{Read, Readings};
pub use crate::change::reproductions::{Made, Of, Reproductions};
pub use crate::change::tree::{Blob, Blobs, Listed, Mode, Side, TreeView};

use crate::model::Model;
use crate::source::RepoPath;
use crate::source::budget::Spent;
use crate::source::given::Choices;
use crate::stride::numbers::Numbers;
use crate::stride::{Fingerprint, ThreatKey};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A git object's SHA-1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub [u8; 20]);

/// What is above any digit's value.
const NO_DIGIT: u8 = 0xF0;
/// The value of each letter as a hex digit: every path of a tree comes with forty of them.
const DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 16 {
        digits[b"0123456789abcdef"[value] as usize] = value as u8;
        digits[b"0123456789ABCDEF"[value] as usize] = value as u8;
        value += 1;
    }
    digits
};

impl ObjectId {
    /// Parses 40 hex digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits: &[u8; 40] = text.as_bytes().try_into().ok()?;
        let (mut bytes, mut odd) = ([0; 20], 0);
        for (byte, [high, low]) in bytes.iter_mut().zip(digits.as_chunks::<2>().0) {
            let (high, low) = (DIGITS[usize::from(*high)], DIGITS[usize::from(*low)]);
            odd |= high | low;
            *byte = high << 4 | low & 0xF;
        }
        (odd & NO_DIGIT == 0).then_some(Self(bytes))
    }

    /// The first seven digits, as people quote it.
    pub fn short(self) -> String {
        self.to_string()[..7].to_owned()
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 40];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
            pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
        f.write_str(str::from_utf8(&text).unwrap_or_default())
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

    /// The first second behind it.
    pub fn end(self) -> Timestamp {
        Timestamp((self.0 + 1).saturating_mul(86_400))
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

impl Timestamp {
    /// A time as HTTP writes it: `Sat, 28 Nov 2026 18:00:00 GMT`.
    /// Source: <https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7>; the two older forms are not sent any more.
    pub fn parse_http(text: &str) -> Option<Self> {
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let parts: Vec<&str> = text.split(' ').collect();
        let [_, day, month, year, time, "GMT"] = parts.as_slice() else { return None };
        let month = MONTHS.iter().position(|known| known == month)? + 1;
        Self::parse(&format!("{year}-{month:02}-{day}T{time}Z"))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let second = self.0.rem_euclid(86_400);
        write!(f, "{}T{:02}:{:02}:{:02}Z", self.day(), second / 3600, second / 60 % 60, second % 60)
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
    /// The branch that it is to go into; empty where that is not known.
    pub base: String,
    pub author: Actor,
    /// Who wrote its commits. `None` until it was looked up (`judge` asks for it); `Some(Err)` where the look-up failed, and then
    /// nobody's word counts.
    pub authors: Option<Result<Authors, String>>,
    /// The only account with write access, if there is one alone. `None` until it was looked up; `Some(Err)` where nobody can tell.
    pub sole_maintainer: Option<Result<Option<UserId>, String>>,
    pub draft: bool,
    /// Other open pull requests with the same head.
    pub same_head: Vec<u64>,
}

/// Who wrote the commits of a pull request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authors {
    /// Authors, committers, co-authors and pushers, people only.
    pub people: BTreeSet<UserId>,
    /// Commits that belong to no account, and of which nobody knows who pushed them.
    pub unknown: Vec<ObjectId>,
    /// The list of commits was cut: whoever decides might be an author of one, so nobody but the platform's admins may.
    pub cut: bool,
}

/// One pull request of a merge group, with what it introduces when it is judged by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constituent {
    pub pull: Pull,
    /// The head that it was judged at.
    pub head: ObjectId,
    pub introduces: BTreeSet<ThreatKey>,
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
    /// Of a merge group: the pull requests in it. Empty otherwise.
    pub group: Vec<Constituent>,
    pub base_tip: ObjectId,
    /// The merge base's tree.
    pub base: Side,
    pub head: Side,
    pub blobs: Blobs,
    /// What was read for other changes of the repository, if anybody keeps it; nothing of the outcome depends on it.
    pub readings: Readings,
    /// What was cut down of what people called misread; nothing of the outcome depends on it.
    pub reproductions: Reproductions,
    /// Earlier versions of single files among the base's ancestors, newest first, each as a tree that has nothing else; at most
    /// `MAX_VERSIONS`. A file that is missing here has not been asked for.
    pub history: BTreeMap<RepoPath, Vec<Side>>,
    /// Lines that review comments may stand on, by path; a path that is missing allows none, an empty list the file only.
    pub hunks: BTreeMap<RepoPath, Vec<LineRange>>,
    /// Why it cannot be judged within the limits, where that was tried often enough: then nothing of it is read.
    pub too_heavy: Option<String>,
    /// The numbers that our comment gave.
    pub numbers: Numbers,
    /// How the report on it is shown; nothing of the outcome depends on it.
    pub presentation: Presentation,
    /// What each of our own review threads asks about, by the id of its first comment.
    pub threads: BTreeMap<u64, Vec<Fingerprint>>,
    /// Comments that may bear commands, in order of time, and whose outcome is not known yet.
    pub posted: Vec<Posted>,
    /// Approving reviews, in order of time.
    pub approvals: Approvals,
    /// By `organisation/team` and login whether that account is an active member; `Err` where it cannot be looked up. A pair that is
    /// missing is asked for.
    pub members: BTreeMap<(String, String), Result<bool, String>>,
    /// Since when our check has stood on the head, and the pull request has had that head. Who wrote before that cannot have seen what stands there: an
    /// emergency is then refused, and so is an answer by an ID of which we remember no more than its digits. `None` where it was not judged at this head
    /// before, as far as we remember.
    pub shown_at: Option<Timestamp>,
    /// Whether input that is not in git stands in the trees.
    pub input: Input,
}

impl Change {
    /// Two trees side by side, with nothing of a forge about them.
    pub fn between(base: Side, head: Side, blobs: Blobs) -> Self {
        let listing = head.listing.over(&base.listing);
        Self {
            repository: Repository { id: 0, owner: String::new(), name: String::new(), private: true, web_url: String::new() },
            pull: None,
            group: Vec::new(),
            base_tip: base.commit,
            base,
            head: Side { listing, ..head },
            blobs,
            readings: Readings::default(),
            reproductions: Reproductions::default(),
            history: BTreeMap::new(),
            hunks: BTreeMap::new(),
            too_heavy: None,
            numbers: Numbers::default(),
            presentation: Presentation::default(),
            threads: BTreeMap::new(),
            posted: Vec::new(),
            approvals: Approvals::default(),
            members: BTreeMap::new(),
            shown_at: None,
            input: Input::default(),
        }
    }
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
    /// Which values of its parameters it tells apart.
    pub choices: Choices,
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
        assert_eq!(Timestamp::parse_http("Tue, 24 Nov 2026 08:07:51 GMT"), Timestamp::parse(text));
        assert_eq!(Timestamp::parse_http("Tue, 24 Now 2026 08:07:51 GMT"), None);
    }
}
