//! What an organisation has of its own, as it stands on the default branch of its `.github` repository.
//!
//! Comes in: the tree of that branch. Goes out: the edition that is there, or the last one that could be read and why it is not that. What was
//! seen once holds until it is seen that it is gone.

use super::error::ForgeError;
use super::shared::Forge;
use super::tree::{Depth, Place};
use crate::change::ObjectId;
use crate::settings::SettingsError;
use crate::settings::own::{FOLDER, MAX_FILES, Own, OwnBroken, OwnTexts};
use crate::source::{Place as SourcePlace, RepoPath};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// Most bytes of editions that are read in one life of the service: what was read of one stays.
const MAX_READ: usize = 256 * 1024 * 1024;

/// What stands in the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum OwnSeen {
    /// There is no such folder, and the repository can be read.
    None,
    /// The repository is not there, or not ours to see.
    NoRepository,
    Folder(ObjectId, OwnTexts),
    /// It is there, and cannot be read, for this reason.
    Unread(String),
}

/// The edition that applies, and why it is not the one that is there.
#[derive(Clone, Debug, Default)]
pub(super) struct OwnFound {
    pub(super) own: Own,
    pub(super) broken: Option<OwnBroken>,
}

/// The editions as they were read last, by installation, so that each is read once; and how many bytes that took.
#[derive(Debug, Default)]
pub(super) struct OwnEditions(Mutex<(BTreeMap<u64, Own>, usize)>);

impl OwnEditions {
    /// Reads an edition, unless it is the one that was read last.
    fn read(&self, installation: u64, tree: ObjectId, texts: &OwnTexts) -> Result<Own, SettingsError> {
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (editions, bytes) = &mut *guard;
        let name = tree.to_string();
        if let Some(known) = editions.get(&installation).filter(|own| own.edition() == name) {
            return Ok(known.clone());
        }
        let size: usize = texts.values().map(String::len).sum();
        if bytes.saturating_add(size) > MAX_READ {
            return Err(unread("own rules were changed so often that the service must be started again before it reads more of them"));
        }
        let own =
            Own::read(texts.clone(), &name).map_err(|errors| errors.into_iter().next().unwrap_or_else(|| unread("nothing is read")))?;
        *bytes += size;
        editions.insert(installation, own.clone());
        Ok(own)
    }
}

fn unread(why: &str) -> SettingsError {
    SettingsError { place: SourcePlace { path: RepoPath::new(FOLDER), line: 1, end_line: 1 }, message: why.to_owned() }
}

/// What stands in the folder of a tree.
pub(super) async fn look(place: &Place, root: ObjectId) -> Result<OwnSeen, ForgeError> {
    let Some(entry) = place.find_entry(root, FOLDER).await? else { return Ok(OwnSeen::None) };
    let Some(tree) = ObjectId::from_hex(&entry.sha).filter(|_| entry.kind == "tree") else {
        return Ok(OwnSeen::Unread(format!("{FOLDER} is no folder")));
    };
    let listing = place.tree(tree, Depth::Whole).await?;
    if listing.truncated {
        return Ok(OwnSeen::Unread(format!("{FOLDER} is too large to be listed")));
    }
    let mut files = BTreeMap::new();
    for entry in listing.tree.iter().filter(|entry| entry.kind != "tree") {
        let path = RepoPath::new(&format!("{FOLDER}/{}", entry.path));
        if !Own::holds(&path) {
            continue;
        }
        let Some(id) = ObjectId::from_hex(&entry.sha).filter(|_| entry.kind == "blob" && entry.mode != "120000") else {
            return Ok(OwnSeen::Unread(format!("{path} is no plain file")));
        };
        files.insert(path, id);
    }
    if files.len() > MAX_FILES {
        return Ok(OwnSeen::Unread(format!("{FOLDER} has {} files, at most {MAX_FILES} are possible", files.len())));
    }
    let blobs = place.blobs(files.values().copied().collect::<BTreeSet<_>>()).await?;
    let mut texts = OwnTexts::new();
    for (path, id) in files {
        let text = blobs.get(&id).and_then(|bytes| String::from_utf8(bytes.clone()).ok());
        let Some(text) = text else { return Ok(OwnSeen::Unread(format!("{path} is no text"))) };
        texts.insert(path, text);
    }
    Ok(if texts.is_empty() { OwnSeen::None } else { OwnSeen::Folder(tree, texts) })
}

impl Forge {
    /// The edition that applies to an installation, and what is wrong with the one that is there. Remembers what could be read.
    pub(super) async fn own(&self, installation: u64, seen: OwnSeen) -> Result<OwnFound, ForgeError> {
        let known = self.known_own(installation).await?;
        let (store, key) = (self.store(), memory_of(installation));
        let error = match seen {
            OwnSeen::None => {
                if known.is_some() {
                    store.keep_ledger_seen(&key, ObjectId([0; 20]), "").await?;
                }
                return Ok(OwnFound::default());
            }
            OwnSeen::NoRepository if known.is_none() => return Ok(OwnFound::default()),
            OwnSeen::Folder(tree, texts) => match self.own_editions().read(installation, tree, &texts) {
                Ok(own) => {
                    if known.as_ref().is_none_or(|(known, _)| *known != tree) {
                        store.keep_ledger_seen(&key, tree, &written(&texts)).await?;
                    }
                    return Ok(OwnFound { own, broken: None });
                }
                Err(error) => error,
            },
            OwnSeen::NoRepository => unread("their repository or its branch is gone, or is not shown to the App any more"),
            OwnSeen::Unread(why) => unread(&why),
        };
        tracing::warn!(installation, %error, "the own rules of an organisation cannot be read");
        let own = known.and_then(|(tree, texts)| self.own_editions().read(installation, tree, &texts).ok());
        let broken = Some(OwnBroken { error, has_earlier: own.is_some() });
        Ok(OwnFound { own: own.unwrap_or_default(), broken })
    }

    /// What was seen last of an organisation's own files and could be read.
    pub(super) async fn known_own(&self, installation: u64) -> Result<Option<(ObjectId, OwnTexts)>, ForgeError> {
        let known = self.store().ledger_seen(&memory_of(installation)).await?;
        Ok(known.and_then(|(tree, text)| Some((tree, read(&text)?))))
    }
}

/// Where the store remembers them: beside the organisation's settings.
fn memory_of(installation: u64) -> String {
    format!("own/{installation}")
}

fn written(texts: &OwnTexts) -> String {
    let texts: BTreeMap<&str, &String> = texts.iter().map(|(path, text)| (path.as_str(), text)).collect();
    serde_json::to_string(&texts).expect("texts by names are always JSON")
}

fn read(text: &str) -> Option<OwnTexts> {
    let texts: BTreeMap<String, String> = serde_json::from_str(text).ok()?;
    Some(texts.into_iter().map(|(path, text)| (RepoPath::new(&path), text)).collect())
}
