//! Listings and blobs of a commit, through git's objects: the Contents API would follow symbolic links and hide submodules.

use super::client::Client;
use super::error::ForgeError;
use super::wire;
use crate::change::{Blob, Listed, Mode, ObjectId, Side};
use crate::source::{MAX_FILE_BYTES, RepoPath};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::{BTreeMap, BTreeSet};
use tokio::task::JoinSet;

/// Subtrees that are walked one by one where the whole listing is cut.
const MAX_WALKED: usize = 300;
/// Blobs that are asked for at the same time.
const AT_ONCE: usize = 6;

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
    pub async fn side(&self, commit: ObjectId, tree: &str) -> Result<Side, ForgeError> {
        let whole = self.tree(tree, Depth::Whole).await?;
        let mut entries = whole.tree;
        let mut truncated = whole.truncated;
        if truncated {
            (entries, truncated) = self.walk(tree).await?;
        }
        let listing = entries.iter().filter_map(|entry| Some((RepoPath::new(&entry.path), listed(entry)?))).collect();
        Ok(Side { commit, listing, truncated })
    }

    /// The tree of a commit, from the cache where it is there.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn tree_of(&self, commit: ObjectId) -> Result<String, ForgeError> {
        let known = self.client.forge().store().object(&self.commit_key(commit)).await?;
        if let Some(tree) = known.and_then(|body| String::from_utf8(body).ok()) {
            return Ok(tree);
        }
        Ok(self.git_commit(commit).await?.tree.sha)
    }

    /// The commit that a branch stood at before this one; `None` for the first one of a history.
    ///
    /// # Errors
    /// Of the forge.
    pub(super) async fn first_parent(&self, commit: ObjectId) -> Result<Option<ObjectId>, ForgeError> {
        let known = self.client.forge().store().object(&self.parent_key(commit)).await?;
        let parent = match known.and_then(|body| String::from_utf8(body).ok()) {
            Some(parent) => parent,
            None => self.git_commit(commit).await?.parents.first().map(|parent| parent.sha.clone()).unwrap_or_default(),
        };
        Ok(ObjectId::from_hex(&parent))
    }

    /// A commit as git has it; its tree and its first parent are kept.
    async fn git_commit(&self, commit: ObjectId) -> Result<wire::GitCommit, ForgeError> {
        let found: wire::GitCommit = self.client.get_object(&self.path(&format!("/git/commits/{commit}"))).await?;
        self.keep_tree_of(commit, &found.tree.sha).await?;
        let parent = found.parents.first().map(|parent| parent.sha.clone()).unwrap_or_default();
        self.client.forge().store().keep_objects(&[(self.parent_key(commit), parent.into_bytes())]).await?;
        Ok(found)
    }

    fn parent_key(&self, id: ObjectId) -> String {
        format!("{}/parent/{id}", self.id)
    }

    /// # Errors
    /// Of the store.
    pub(crate) async fn keep_tree_of(&self, commit: ObjectId, tree: &str) -> Result<(), ForgeError> {
        Ok(self.client.forge().store().keep_objects(&[(self.commit_key(commit), tree.as_bytes().to_vec())]).await?)
    }

    fn commit_key(&self, id: ObjectId) -> String {
        format!("{}/commit/{id}", self.id)
    }

    async fn walk(&self, root: &str) -> Result<(Vec<wire::TreeEntry>, bool), ForgeError> {
        let mut waiting = vec![(String::new(), root.to_owned())];
        let mut entries = Vec::new();
        let mut walked = 0;
        while let Some((folder, tree)) = waiting.pop() {
            walked += 1;
            if walked > MAX_WALKED {
                return Ok((entries, true));
            }
            // Below the root most subtrees fit in one answer.
            let whole = if folder.is_empty() { None } else { Some(self.tree(&tree, Depth::Whole).await?).filter(|tree| !tree.truncated) };
            let cut = whole.is_none();
            let listing = match whole {
                Some(listing) => listing,
                None => self.tree(&tree, Depth::One).await?,
            };
            for mut entry in listing.tree {
                entry.path = if folder.is_empty() { entry.path } else { format!("{folder}/{}", entry.path) };
                if cut && entry.kind == "tree" {
                    waiting.push((entry.path, entry.sha));
                } else {
                    entries.push(entry);
                }
            }
        }
        Ok((entries, false))
    }

    /// The blob of a file below a tree; `None` where there is none, or where it is no plain file.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn find_file(&self, tree: &str, path: &RepoPath) -> Result<Option<ObjectId>, ForgeError> {
        let mut tree = tree.to_owned();
        let (folder, name) = path.as_str().rsplit_once('/').unwrap_or(("", path.as_str()));
        for part in folder.split('/').filter(|part| !part.is_empty()) {
            let listing = self.tree(&tree, Depth::One).await?;
            let Some(entry) = listing.tree.into_iter().find(|entry| entry.path == part && entry.kind == "tree") else { return Ok(None) };
            tree = entry.sha;
        }
        let listing = self.tree(&tree, Depth::One).await?;
        let file = listing.tree.iter().find(|entry| entry.path == name).and_then(listed);
        Ok(file.filter(|listed| listed.mode == Mode::File).map(|listed| listed.id))
    }

    /// A tree by its id, from the cache where it is there.
    pub(crate) async fn tree(&self, tree: &str, depth: Depth) -> Result<wire::Tree, ForgeError> {
        let (query, key) = match depth {
            Depth::Whole => ("?recursive=1", format!("{}/tree/{tree}/whole", self.id)),
            Depth::One => ("", format!("{}/tree/{tree}", self.id)),
        };
        let store = self.client.forge().store();
        if let Some(known) = store.object(&key).await?.and_then(|body| serde_json::from_slice::<wire::Tree>(&body).ok()) {
            return Ok(known);
        }
        let value: serde_json::Value = self.client.get_object(&self.path(&format!("/git/trees/{}{query}", escape(tree)))).await?;
        let body = value.to_string().into_bytes();
        let what = || format!("tree {tree}");
        let read = serde_json::from_value(value).map_err(|error| ForgeError::Malformed { what: what(), message: error.to_string() })?;
        store.keep_objects(&[(key, body)]).await?;
        Ok(read)
    }

    /// The blobs with these ids, a few at a time, from the cache where they are there.
    ///
    /// # Errors
    /// The first of the forge's.
    pub async fn blobs(&self, ids: BTreeSet<ObjectId>) -> Result<BTreeMap<ObjectId, Vec<u8>>, ForgeError> {
        let mut found = BTreeMap::new();
        let mut missing = Vec::new();
        let store = self.client.forge().store();
        for id in ids {
            match store.object(&self.blob_key(id)).await? {
                Some(bytes) => {
                    found.insert(id, bytes);
                }
                None => missing.push(id),
            }
        }
        let mut running = JoinSet::new();
        let mut fetched = Vec::new();
        let mut missing = missing.into_iter();
        loop {
            while running.len() < AT_ONCE
                && let Some(id) = missing.next()
            {
                let place = self.clone();
                running.spawn(async move { place.fetch_blob(id).await.map(|bytes| (id, bytes)) });
            }
            let Some(joined) = running.join_next().await else { break };
            let (id, bytes) = joined.map_err(|error| ForgeError::Setup(error.to_string()))??;
            fetched.push((self.blob_key(id), bytes.clone()));
            found.insert(id, bytes);
        }
        store.keep_objects(&fetched).await?;
        Ok(found)
    }

    /// What one repository may read, another may not: so the id alone is no key.
    fn blob_key(&self, id: ObjectId) -> String {
        format!("{}/blob/{id}", self.id)
    }

    async fn fetch_blob(&self, id: ObjectId) -> Result<Vec<u8>, ForgeError> {
        let path = self.path(&format!("/git/blobs/{id}"));
        let blob: wire::Blob = match self.client.get_object(&path).await {
            // Larger than any file that is read: its exact size does not matter.
            Err(ForgeError::TooLarge { .. }) => return Ok(vec![0; MAX_FILE_BYTES + 1]),
            other => other?,
        };
        let malformed = |message: String| ForgeError::Malformed { what: format!("GET {path}"), message };
        match blob.encoding.as_str() {
            "base64" => decode(&blob.content).ok_or_else(|| malformed("content is not base64".to_owned())),
            "utf-8" => Ok(blob.content.into_bytes()),
            other => Err(malformed(format!("encoding `{other}` is not known"))),
        }
    }
}

/// How deep a tree is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    One,
    Whole,
}

/// GitHub breaks its base64 into lines.
pub(crate) fn decode(content: &str) -> Option<Vec<u8>> {
    let joined: Vec<u8> = content.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    STANDARD.decode(joined).ok()
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

/// The bytes of a blob as what they turn out to be.
pub fn read_blob(bytes: Vec<u8>) -> Blob {
    Blob::from_bytes(bytes)
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
