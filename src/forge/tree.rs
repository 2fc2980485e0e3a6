//! Listings of a commit, through git's objects: the Contents API would follow symbolic links and hide submodules.
//!
//! What is given out hashes to the id that was asked for, whether it comes from the forge or from the cache. Two things cannot be
//! hashed: a listing that the forge cut, which is told as such, and a level of a tree with a name that is no UTF-8.

use super::client::Client;
use super::error::ForgeError;
use super::object;
use super::wire;
use crate::change::{Listed, Mode, ObjectId, Side};
use crate::source::RepoPath;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Subtrees that are walked one by one where the whole listing is cut.
const MAX_WALKED: usize = 300;

/// A repository on the forge, with the client that may read it.
#[derive(Clone, Debug)]
pub struct Place {
    pub client: Client,
    pub id: u64,
    pub owner: String,
    pub name: String,
}

impl Place {
    /// `/repos/owner/name`, and what follows.
    pub fn path(&self, rest: &str) -> String {
        format!("/repos/{}/{}{rest}", escape(&self.owner), escape(&self.name))
    }

    /// The listing of a commit whose tree is known.
    ///
    /// # Errors
    /// Of the forge; a cut listing is none, and is told in the side.
    pub async fn side(&self, commit: ObjectId, tree: ObjectId) -> Result<Side, ForgeError> {
        let whole = self.tree(tree, Depth::Whole).await?;
        let (mut entries, mut truncated) = (whole.tree, whole.truncated);
        if truncated {
            (entries, truncated) = self.walk(tree).await?;
        }
        let listing = entries.iter().filter_map(|entry| Some((RepoPath::new(&entry.path), listed(entry)?))).collect();
        Ok(Side { commit, listing, truncated, plans: BTreeMap::new() })
    }

    async fn walk(&self, root: ObjectId) -> Result<(Vec<wire::TreeEntry>, bool), ForgeError> {
        let mut waiting = vec![(String::new(), root)];
        let mut entries = Vec::new();
        let mut walked = 0;
        let mut truncated = false;
        while let Some((folder, tree)) = waiting.pop() {
            walked += 1;
            if walked > MAX_WALKED {
                return Ok((entries, true));
            }
            // Below the root most subtrees fit in one answer.
            let whole = if folder.is_empty() { None } else { Some(self.tree(tree, Depth::Whole).await?).filter(|tree| !tree.truncated) };
            let cut = whole.is_none();
            let listing = match whole {
                Some(listing) => listing,
                None => self.tree(tree, Depth::One).await?,
            };
            truncated |= listing.truncated;
            for mut entry in listing.tree {
                entry.path = if folder.is_empty() { entry.path } else { format!("{folder}/{}", entry.path) };
                match ObjectId::from_hex(&entry.sha).filter(|_| cut && entry.kind == "tree") {
                    Some(tree) => waiting.push((entry.path, tree)),
                    None => entries.push(entry),
                }
            }
        }
        Ok((entries, truncated))
    }

    /// The blob of a file below a tree; `None` where there is none, or where it is no plain file.
    ///
    /// # Errors
    /// Of the forge; `TooLarge` where a folder is listed in part, and may hold it.
    pub async fn find_file(&self, tree: ObjectId, path: &RepoPath) -> Result<Option<ObjectId>, ForgeError> {
        let mut tree = tree;
        let (folder, name) = path.as_str().rsplit_once('/').unwrap_or(("", path.as_str()));
        for part in folder.split('/').filter(|part| !part.is_empty()) {
            let found = self.find_entry(tree, part).await?.filter(|entry| entry.kind == "tree");
            let Some(folder) = found.and_then(|entry| ObjectId::from_hex(&entry.sha)) else { return Ok(None) };
            tree = folder;
        }
        let file = self.find_entry(tree, name).await?.as_ref().and_then(listed);
        Ok(file.filter(|listed| listed.mode == Mode::File).map(|listed| listed.id))
    }

    pub(super) async fn find_entry(&self, tree: ObjectId, name: &str) -> Result<Option<wire::TreeEntry>, ForgeError> {
        let listing = self.tree(tree, Depth::One).await?;
        let limit = listing.tree.len();
        match listing.tree.into_iter().find(|entry| entry.path == name) {
            None if listing.truncated => Err(ForgeError::TooLarge { what: format!("tree {tree}"), limit }),
            found => Ok(found),
        }
    }

    /// A tree by its id, from the cache where it is there. What is not cut hashes to the id.
    pub(crate) async fn tree(&self, tree: ObjectId, depth: Depth) -> Result<wire::Tree, ForgeError> {
        let (query, key) = match depth {
            Depth::Whole => ("?recursive=1", format!("{}/tree/{tree}/whole", self.id)),
            Depth::One => ("", format!("{}/tree/{tree}", self.id)),
        };
        let holds = |listing: &wire::Tree| match depth {
            _ if listing.truncated => true,
            Depth::Whole => object::is_whole_tree(tree, &listing.tree),
            Depth::One => object::is_tree(tree, &listing.tree),
        };
        let store = self.client.forge().store();
        if let Some(body) = store.object(&key).await? {
            if let Some(known) = serde_json::from_slice(&body).ok().filter(holds) {
                return Ok(known);
            }
            store.drop_object(&key).await?;
        }
        let path = self.path(&format!("/git/trees/{tree}{query}"));
        let read = |value: &Value| wire::Tree::deserialize(value).ok();
        let value: Value = self.client.get_object_if(&path, |value| read(value).is_some_and(|listing| holds(&listing))).await?;
        let listing = read(&value).unwrap_or_default();
        if !listing.truncated {
            store.keep_objects(&[(key, value.to_string().into_bytes())]).await?;
        }
        Ok(listing)
    }
}

/// How deep a tree is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    One,
    Whole,
}

/// `None` for folders, which a listing of paths does not have.
fn listed(entry: &wire::TreeEntry) -> Option<Listed> {
    let mode = match (entry.kind.as_str(), entry.mode.as_str()) {
        ("blob", "120000") => Mode::Symlink,
        ("blob", _) => Mode::File,
        ("commit", _) => Mode::Submodule,
        _ => return None,
    };
    Some(Listed { mode, id: ObjectId::from_hex(&entry.sha)? })
}

/// Percent-encodes what does not belong into a path; slashes stay.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => escaped.push(char::from(byte)),
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}
