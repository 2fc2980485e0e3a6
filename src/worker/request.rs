//! What a judgement is asked and what it answers, as text between two processes of this program.
//!
//! Comes in: the inputs of one judgement. Goes out: JSON, and the inputs again. Private: both ends are the same binary, and a version is
//! compared all the same. A report stays where it was made: who asks hears that there is one, and makes it again.

use crate::change::{
    Actor, Blob, Change, LineRange, Listed, Mode, ObjectId, Posted, Pull, Repository, Right, Side, Surface, Timestamp, UserId,
};
use crate::judge::{LedgerTexts, Needs};
use crate::settings::SettingsTexts;
use crate::source::RepoPath;
use crate::stride::Fingerprint;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The inputs of one call of `judge`.
#[derive(Debug)]
pub struct Request {
    pub change: Change,
    pub settings: SettingsTexts,
    pub ledger: LedgerTexts,
    pub now: Timestamp,
}

/// What the child says.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// It needs more; with the list.
    Needs(Missing),
    /// There is a report, and it could be made within the limits.
    Done,
    /// The request is not of this version, or no request.
    Refused(String),
}

/// `Needs` as text.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    base: Vec<String>,
    head: Vec<String>,
    rights: Vec<(WrittenSurface, u64)>,
    ledger: Vec<String>,
    history: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Written {
    version: String,
    now: i64,
    repository: (u64, String, String, bool, String),
    pull: Option<WrittenPull>,
    base_tip: String,
    base: WrittenSide,
    head: WrittenSide,
    blobs: Vec<(String, WrittenBlob)>,
    history: Vec<(String, Vec<WrittenSide>)>,
    hunks: Vec<(String, Vec<LineRange>)>,
    threads: Vec<(u64, Vec<String>)>,
    posted: Vec<WrittenPosted>,
    settings: (Option<(String, String)>, Option<String>),
    ledger: (Option<String>, Vec<(String, Option<String>)>),
}

#[derive(Serialize, Deserialize)]
struct WrittenSide {
    commit: String,
    listing: Vec<(String, WrittenMode, String)>,
    truncated: bool,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum WrittenMode {
    File,
    Symlink,
    Submodule,
}

#[derive(Serialize, Deserialize)]
enum WrittenBlob {
    Text(String),
    Undecodable(String, u32),
    TooLarge(u64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum WrittenSurface {
    Comment,
    Thread(u64),
    Review,
}

type WrittenActor = (u64, String, bool);

#[derive(Serialize, Deserialize)]
struct WrittenPosted {
    id: u64,
    surface: WrittenSurface,
    url: String,
    author: WrittenActor,
    at: i64,
    body: String,
    right: Option<Result<String, String>>,
}

#[derive(Serialize, Deserialize)]
struct WrittenPull {
    number: u64,
    author: WrittenActor,
    commit_authors: Vec<u64>,
    commits_truncated: bool,
    draft: bool,
    same_head: Vec<u64>,
}

/// Writes a request.
///
/// # Errors
/// Where JSON refuses it, which is a bug.
pub fn write(
    change: &Change,
    settings: &SettingsTexts,
    ledger: &LedgerTexts,
    now: Timestamp,
    version: &str,
) -> Result<Vec<u8>, serde_json::Error> {
    let repository = &change.repository;
    let files = ledger.files.iter().map(|(path, text)| (path.to_string(), text.clone()));
    serde_json::to_vec(&Written {
        version: version.to_owned(),
        now: now.0,
        repository: (repository.id, repository.owner.clone(), repository.name.clone(), repository.private, repository.web_url.clone()),
        pull: change.pull.as_ref().map(write_pull),
        base_tip: change.base_tip.to_string(),
        base: write_side(&change.base),
        head: write_side(&change.head),
        blobs: change.blobs.iter().map(|(id, blob)| (id.to_string(), write_blob(blob))).collect(),
        history: change.history.iter().map(|(path, sides)| (path.to_string(), sides.iter().map(write_side).collect())).collect(),
        hunks: change.hunks.iter().map(|(path, ranges)| (path.to_string(), ranges.clone())).collect(),
        threads: change.threads.iter().map(|(id, about)| (*id, about.iter().map(Fingerprint::to_string).collect())).collect(),
        posted: change.posted.iter().map(write_posted).collect(),
        settings: (settings.in_force.as_ref().map(|(path, text)| (path.to_string(), text.clone())), settings.last_valid.clone()),
        ledger: (ledger.tip.map(|tip| tip.to_string()), files.collect()),
    })
}

/// Reads a request; `None` where it is none of this version.
pub fn read(bytes: &[u8], version: &str) -> Option<Request> {
    let written: Written = serde_json::from_slice(bytes).ok()?;
    if written.version != version {
        return None;
    }
    let (id, owner, name, private, web_url) = written.repository;
    let (in_force, last_valid) = written.settings;
    let (tip, files) = written.ledger;
    let all_sides = |sides: Vec<WrittenSide>| sides.into_iter().map(read_side).collect::<Option<Vec<_>>>();
    let fingerprints = |about: Vec<String>| about.iter().map(|text| Fingerprint::from_hex(text)).collect::<Option<Vec<_>>>();
    Some(Request {
        change: Change {
            repository: Repository { id, owner, name, private, web_url },
            pull: written.pull.map(read_pull),
            base_tip: ObjectId::from_hex(&written.base_tip)?,
            base: read_side(written.base)?,
            head: read_side(written.head)?,
            blobs: written.blobs.into_iter().map(|(id, blob)| Some((ObjectId::from_hex(&id)?, read_blob(blob)))).collect::<Option<_>>()?,
            history: written
                .history
                .into_iter()
                .map(|(path, sides)| Some((RepoPath::new(&path), all_sides(sides)?)))
                .collect::<Option<_>>()?,
            hunks: written.hunks.into_iter().map(|(path, ranges)| (RepoPath::new(&path), ranges)).collect(),
            threads: written.threads.into_iter().map(|(id, about)| Some((id, fingerprints(about)?))).collect::<Option<_>>()?,
            posted: written.posted.into_iter().map(read_posted).collect::<Option<_>>()?,
        },
        settings: SettingsTexts { in_force: in_force.map(|(path, text)| (RepoPath::new(&path), text)), last_valid },
        ledger: LedgerTexts {
            tip: tip.as_deref().map(ObjectId::from_hex).map_or(Some(None), |tip| tip.map(Some))?,
            files: files.into_iter().map(|(path, text)| (RepoPath::new(&path), text)).collect(),
        },
        now: Timestamp(written.now),
    })
}

impl From<&Needs> for Missing {
    fn from(needs: &Needs) -> Self {
        let paths = |paths: &std::collections::BTreeSet<RepoPath>| paths.iter().map(RepoPath::to_string).collect();
        Self {
            base: paths(&needs.base),
            head: paths(&needs.head),
            rights: needs.rights.iter().map(|(surface, id)| (write_surface(*surface), *id)).collect(),
            ledger: paths(&needs.ledger),
            history: paths(&needs.history),
        }
    }
}

impl From<Missing> for Needs {
    fn from(missing: Missing) -> Self {
        let paths = |paths: Vec<String>| paths.iter().map(|path| RepoPath::new(path)).collect();
        Self {
            base: paths(missing.base),
            head: paths(missing.head),
            rights: missing.rights.into_iter().map(|(surface, id)| (read_surface(surface), id)).collect(),
            ledger: paths(missing.ledger),
            history: paths(missing.history),
        }
    }
}

fn write_side(side: &Side) -> WrittenSide {
    let mode = |mode| match mode {
        Mode::File => WrittenMode::File,
        Mode::Symlink => WrittenMode::Symlink,
        Mode::Submodule => WrittenMode::Submodule,
    };
    let listing = side.listing.iter().map(|(path, listed)| (path.to_string(), mode(listed.mode), listed.id.to_string()));
    WrittenSide { commit: side.commit.to_string(), listing: listing.collect(), truncated: side.truncated }
}

fn read_side(written: WrittenSide) -> Option<Side> {
    let listed = |(path, mode, id): (String, WrittenMode, String)| {
        let mode = match mode {
            WrittenMode::File => Mode::File,
            WrittenMode::Symlink => Mode::Symlink,
            WrittenMode::Submodule => Mode::Submodule,
        };
        Some((RepoPath::new(&path), Listed { mode, id: ObjectId::from_hex(&id)? }))
    };
    let listing = written.listing.into_iter().map(listed).collect::<Option<_>>()?;
    Some(Side { commit: ObjectId::from_hex(&written.commit)?, listing, truncated: written.truncated })
}

fn write_blob(blob: &Blob) -> WrittenBlob {
    match blob {
        Blob::Text(text) => WrittenBlob::Text(text.to_string()),
        Blob::Undecodable { text, line } => WrittenBlob::Undecodable(text.to_string(), *line),
        Blob::TooLarge(bytes) => WrittenBlob::TooLarge(*bytes),
    }
}

fn read_blob(written: WrittenBlob) -> Blob {
    match written {
        WrittenBlob::Text(text) => Blob::Text(Arc::from(text)),
        WrittenBlob::Undecodable(text, line) => Blob::Undecodable { text: Arc::from(text), line },
        WrittenBlob::TooLarge(bytes) => Blob::TooLarge(bytes),
    }
}

fn write_surface(surface: Surface) -> WrittenSurface {
    match surface {
        Surface::Comment => WrittenSurface::Comment,
        Surface::Thread(id) => WrittenSurface::Thread(id),
        Surface::Review => WrittenSurface::Review,
    }
}

fn read_surface(written: WrittenSurface) -> Surface {
    match written {
        WrittenSurface::Comment => Surface::Comment,
        WrittenSurface::Thread(id) => Surface::Thread(id),
        WrittenSurface::Review => Surface::Review,
    }
}

fn write_actor(actor: &Actor) -> WrittenActor {
    (actor.id.0, actor.login.clone(), actor.bot)
}

fn read_actor((id, login, bot): WrittenActor) -> Actor {
    Actor { id: UserId(id), login, bot }
}

fn write_posted(posted: &Posted) -> WrittenPosted {
    WrittenPosted {
        id: posted.id,
        surface: write_surface(posted.surface),
        url: posted.url.clone(),
        author: write_actor(&posted.author),
        at: posted.at.0,
        body: posted.body.clone(),
        right: posted.right.clone().map(|right| right.map(|right| right.word().to_owned())),
    }
}

fn read_posted(written: WrittenPosted) -> Option<Posted> {
    let right = match written.right {
        None => None,
        Some(Err(error)) => Some(Err(error)),
        Some(Ok(word)) => Some(Ok(Right::from_word(&word)?)),
    };
    Some(Posted {
        id: written.id,
        surface: read_surface(written.surface),
        url: written.url,
        author: read_actor(written.author),
        at: Timestamp(written.at),
        body: written.body,
        right,
    })
}

fn write_pull(pull: &Pull) -> WrittenPull {
    WrittenPull {
        number: pull.number,
        author: write_actor(&pull.author),
        commit_authors: pull.commit_authors.iter().map(|author| author.0).collect(),
        commits_truncated: pull.commits_truncated,
        draft: pull.draft,
        same_head: pull.same_head.clone(),
    }
}

fn read_pull(written: WrittenPull) -> Pull {
    Pull {
        number: written.number,
        author: read_actor(written.author),
        commit_authors: written.commit_authors.into_iter().map(UserId).collect(),
        commits_truncated: written.commits_truncated,
        draft: written.draft,
        same_head: written.same_head,
    }
}
