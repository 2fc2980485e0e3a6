//! The ledger's branch on the forge: read at its tip, appended to through git's objects.
//!
//! Comes in: blocks that were judged with a tip. Goes out: a commit whose parent is that tip, or `TipMoved`. Never forced, never rewritten;
//! no author is named, so that the forge signs the commit as the App's.

mod growth;

pub use growth::{Growth, Pushed};

use crate::change::ObjectId;
use crate::decisions::ledger_text::{file_name, parts};
use crate::decisions::{Block, Verdict};
use crate::forge::error::{ForgeError, found};
use crate::forge::object::blob_id;
use crate::forge::tree::{Depth, Place, escape};
use crate::forge::wire;
use crate::source::{MAX_FILE_BYTES, RepoPath};
use http::Method;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Writes blocks at the end of a ledger file's text.
pub type Append = fn(old: &str, unit: &RepoPath, blocks: &[Block]) -> String;

/// Most commits of a branch whose beginning is news.
const MOST_WHILE_NEW: usize = 20;

/// The branch, and what of it belongs to one reviewed repository.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Where the branch is: the reviewed repository or one for decisions alone.
    pub place: Place,
    pub name: String,
    /// The reviewed repository's id: the folder.
    pub of: u64,
}

/// The branch as it was at one tip.
#[derive(Clone, Debug, Default)]
pub struct Tip {
    pub commit: Option<ObjectId>,
    /// The tip's tree.
    tree: Option<ObjectId>,
    /// File name → blob, of the reviewed repository's folder.
    files: BTreeMap<String, Blob>,
}

/// A file of the branch.
#[derive(Clone, Copy, Debug)]
struct Blob {
    id: ObjectId,
    /// As the forge says; as many as any file may have where it does not.
    bytes: usize,
}

/// How much of a ledger is read at once.
#[derive(Clone, Copy, Debug)]
pub struct Most {
    pub files: usize,
    pub bytes: usize,
}

/// Most bytes of all files of a repository, which the register reads.
const MAX_BYTES: usize = 64 * 1024 * 1024;

impl Blob {
    fn of(entry: &wire::TreeEntry) -> Option<Self> {
        let bytes = entry.size.and_then(|size| usize::try_from(size).ok()).unwrap_or(MAX_FILE_BYTES);
        Some(Self { id: ObjectId::from_hex(&entry.sha)?, bytes })
    }
}

fn sum<'b>(blobs: impl Iterator<Item = &'b Blob>) -> usize {
    blobs.map(|blob| blob.bytes).sum()
}

impl Branch {
    /// Where the branch is now; an empty tip where there is none yet.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn tip(&self) -> Result<Option<ObjectId>, ForgeError> {
        // A list, because "there is none yet" is an answer with an ETag then, and cannot be mistaken for "not found just now".
        let path = self.place.path(&format!("/git/matching-refs/heads/{}", escape(&self.name)));
        let references: Vec<wire::Reference> = self.place.client.get(&path).await?;
        let full_name = format!("refs/heads/{}", self.name);
        let reference = references.into_iter().find(|reference| reference.name == full_name);
        let malformed = || ForgeError::Malformed { what: format!("GET {path}"), message: "no object id".to_owned() };
        reference.map(|reference| ObjectId::from_hex(&reference.object.sha).ok_or_else(malformed)).transpose()
    }

    /// The folders of the branch at a commit, by the id of the repository whose decisions they hold.
    ///
    /// # Errors
    /// Of the forge; `TooLarge` where the listing is cut.
    pub async fn folders(&self, commit: ObjectId) -> Result<BTreeMap<u64, ObjectId>, ForgeError> {
        let tree = self.place.commit(commit).await?.tree;
        let root = self.place.tree(tree, Depth::One).await?;
        if root.truncated {
            return Err(ForgeError::TooLarge { what: "the ledger's folders".to_owned(), limit: root.tree.len() });
        }
        Ok(root.tree.iter().filter_map(|entry| Some((entry.path.parse().ok()?, ObjectId::from_hex(&entry.sha)?))).collect())
    }

    /// Whether the branch holds for the repository, now that it is at `now`, what it held at another commit: others that share it move it on, and
    /// their decisions are about nothing here. Where it was put back, it does not.
    ///
    /// # Errors
    /// As `folders`.
    pub async fn stands_as_at(&self, now: Option<ObjectId>, before: Option<ObjectId>) -> Result<bool, ForgeError> {
        let (Some(now), Some(before)) = (now, before) else { return Ok(now == before) };
        if now == before {
            return Ok(true);
        }
        let Some(held) = found(self.folders(before).await)? else { return Ok(false) };
        Ok(held.get(&self.of) == self.folders(now).await?.get(&self.of) && self.grew_from(Some(now), before).await?)
    }

    /// What the branch holds for the repository at a commit.
    ///
    /// # Errors
    /// Of the forge; `TooLarge` where the listing is cut, because a decision that is not seen must not be written again.
    pub async fn at(&self, commit: Option<ObjectId>) -> Result<Tip, ForgeError> {
        let Some(commit) = commit else { return Ok(Tip::default()) };
        let tree = self.place.commit(commit).await?.tree;
        let root = self.place.tree(tree, Depth::One).await?;
        let folder = self.of.to_string();
        let mut files = BTreeMap::new();
        let found = root.tree.iter().find(|entry| entry.path == folder && entry.kind == "tree");
        if let Some(inner) = found.and_then(|entry| ObjectId::from_hex(&entry.sha)) {
            let listing = self.place.tree(inner, Depth::One).await?;
            if listing.truncated || root.truncated {
                return Err(ForgeError::TooLarge { what: format!("the ledger's folder {folder}"), limit: listing.tree.len() });
            }
            let blobs = listing.tree.iter().filter(|entry| entry.kind == "blob");
            files = blobs.filter_map(|entry| Some((entry.path.clone(), Blob::of(entry)?))).collect();
        }
        Ok(Tip { commit: Some(commit), tree: Some(tree), files })
    }

    /// The names of the files that the branch had for the repository in its first commit; `None` where it has more than a few commits, and where it
    /// began is no news any more. Our own commits are kept, and not asked for again.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn beginning(&self, tip: &Tip) -> Result<Option<BTreeSet<String>>, ForgeError> {
        let mut at = tip.commit;
        for _ in 0..MOST_WHILE_NEW {
            let Some(id) = at else { return Ok(None) };
            at = self.place.commit(id).await?.parents.first().copied();
            if at.is_none() {
                return Ok(Some(self.at(Some(id)).await?.files.into_keys().collect()));
            }
        }
        Ok(None)
    }

    /// The texts of these units' files, `None` where there is none; with them the later parts of each, by their scopes. What is no text begins with
    /// a null byte, and so never reads as a ledger.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn texts(&self, tip: &Tip, units: &BTreeSet<RepoPath>) -> Result<BTreeMap<RepoPath, Option<String>>, ForgeError> {
        let later = |unit: &RepoPath| -> Vec<RepoPath> {
            let parts = (2..).map(|number| parts::part(unit, number));
            parts.take_while(|part| tip.files.contains_key(&file_name(part))).collect()
        };
        let scopes: BTreeSet<RepoPath> = units.iter().flat_map(|unit| later(unit).into_iter().chain([unit.clone()])).collect();
        let ids: BTreeMap<&RepoPath, ObjectId> =
            scopes.iter().filter_map(|scope| Some((scope, tip.files.get(&file_name(scope))?.id))).collect();
        let blobs = self.place.blobs(ids.values().copied().collect()).await?;
        let found = |scope: &RepoPath| ids.get(scope).and_then(|id| blobs.get(id)).map(|bytes| text(bytes));
        Ok(scopes.iter().map(|scope| (scope.clone(), found(scope))).collect())
    }

    /// The texts of all files of decisions of the reviewed repository besides those that are at hand, by their scopes; or how many there are, where
    /// those are more than `most`: then none is read.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn other_texts(
        &self,
        tip: &Tip,
        at_hand: &BTreeMap<RepoPath, Option<String>>,
        most: Most,
    ) -> Result<Result<BTreeMap<RepoPath, String>, usize>, ForgeError> {
        let of_file = |(name, blob): (&String, &Blob)| Some((parts::scope_of(name)?, *blob));
        let files: BTreeMap<RepoPath, Blob> =
            tip.files.iter().filter_map(of_file).filter(|(scope, _)| !at_hand.contains_key(scope)).collect();
        if files.len() > most.files || sum(files.values()) > most.bytes {
            return Ok(Err(files.len()));
        }
        let blobs = self.place.blobs(files.values().map(|blob| blob.id).collect()).await?;
        let texts = files.into_iter().filter_map(|(scope, blob)| Some((scope, text(blobs.get(&blob.id)?))));
        Ok(Ok(texts.collect()))
    }

    /// The texts of all files of the reviewed repository, by name. What is no text is left out: whoever reads it as a unit's says so.
    ///
    /// # Errors
    /// Of the forge; `TooLarge` where they are more than is read at once.
    pub async fn all_texts(&self, tip: &Tip) -> Result<BTreeMap<String, String>, ForgeError> {
        if sum(tip.files.values()) > MAX_BYTES {
            return Err(ForgeError::TooLarge { what: format!("the ledger's folder {}", self.of), limit: MAX_BYTES });
        }
        let blobs = self.place.blobs(tip.files.values().map(|blob| blob.id).collect()).await?;
        let text = |blob: &Blob| String::from_utf8(blobs.get(&blob.id)?.clone()).ok();
        Ok(tip.files.iter().filter_map(|(name, blob)| Some((name.clone(), text(blob)?))).collect())
    }

    /// Commits the blocks on top of the tip that was judged with, and gives the new tip.
    ///
    /// # Errors
    /// `TipMoved` where the branch is elsewhere by now; else of the forge.
    pub async fn append(&self, tip: &Tip, blocks: &[(RepoPath, Block)], append: Append) -> Result<ObjectId, ForgeError> {
        let mut by_unit: BTreeMap<RepoPath, Vec<Block>> = BTreeMap::new();
        for (unit, block) in blocks {
            by_unit.entry(unit.clone()).or_default().push(block.clone());
        }
        let units: BTreeSet<RepoPath> = by_unit.keys().cloned().collect();
        let old = self.texts(tip, &units).await?;
        let mut entries = Vec::new();
        for (unit, blocks) in &by_unit {
            let parts = (1..).map_while(|number| old.get(&parts::part(unit, number))?.as_deref());
            for (part, text) in parts::grown(&parts.collect::<Vec<&str>>(), unit, blocks, append) {
                let blob: wire::Sha = self.post("/git/blobs", &json!({"content": text, "encoding": "utf-8"})).await?;
                if blob.sha != blob_id(text.as_bytes()).to_string() {
                    return Err(ForgeError::Untrue { what: "POST /git/blobs".to_owned() });
                }
                let path = format!("{}/{}", self.of, file_name(&part));
                entries.push(json!({"path": path, "mode": "100644", "type": "blob", "sha": blob.sha}));
            }
        }
        let mut tree = json!({"tree": entries});
        if let Some(base) = &tip.tree {
            tree["base_tree"] = json!(base.to_string());
        }
        let tree: wire::Sha = self.post("/git/trees", &tree).await?;
        let parents: Vec<String> = tip.commit.iter().map(ToString::to_string).collect();
        let commit = json!({"message": message(blocks), "tree": tree.sha, "parents": parents});
        let commit: wire::GitCommit = self.post("/git/commits", &commit).await?;
        let moved = self.move_to(tip, &commit.sha).await?;
        self.place.keep_commit(moved, &commit).await?;
        self.note_own(tip, moved).await?;
        Ok(moved)
    }

    async fn move_to(&self, tip: &Tip, commit: &str) -> Result<ObjectId, ForgeError> {
        let moved: Result<wire::Reference, ForgeError> = if tip.commit.is_some() {
            let path = self.place.path(&format!("/git/refs/heads/{}", escape(&self.name)));
            self.place.client.write(Method::PATCH, &path, &json!({"sha": commit, "force": false})).await
        } else {
            self.post("/git/refs", &json!({"ref": format!("refs/heads/{}", self.name), "sha": commit})).await
        };
        match moved {
            Ok(reference) => ObjectId::from_hex(&reference.object.sha)
                .ok_or_else(|| ForgeError::Malformed { what: "the ledger's new tip".to_owned(), message: reference.object.sha }),
            Err(ForgeError::Unprocessable { .. }) => Err(ForgeError::TipMoved),
            Err(error) => Err(error),
        }
    }

    async fn post<T: serde::de::DeserializeOwned>(&self, path: &str, body: &serde_json::Value) -> Result<T, ForgeError> {
        self.place.client.write(Method::POST, &self.place.path(path), body).await
    }
}

/// What is no text begins with a null byte, and so never reads as a ledger.
fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap_or_else(|_| format!("\0{}", String::from_utf8_lossy(bytes)))
}

/// First line: how many and for which pull request; then one line for each.
fn message(blocks: &[(RepoPath, Block)]) -> String {
    let pull = blocks.first().map_or(0, |(_, block)| block.pull);
    let count = blocks.len();
    let is_merge = blocks.iter().all(|(_, block)| matches!(block.verdict, Verdict::Merged | Verdict::MergedOpen));
    let what = match count {
        _ if is_merge => "what was judged at the merge".to_owned(),
        1 => "1 decision".to_owned(),
        count => format!("{count} decisions"),
    };
    let lines: Vec<String> = blocks
        .iter()
        .map(|(_, block)| format!("{} {} by {} (id {})", block.threat, block.verdict.word(), block.by.login, block.by.id.0))
        .collect();
    let on = if is_merge { "of" } else { "on" };
    format!("{what} {on} pull request {pull}\n\n{}\n", lines.join("\n"))
}
