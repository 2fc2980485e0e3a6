//! Whether the ledger's branch has only grown since it was last looked at, and what of it people pushed.
//!
//! Comes in: the branch's tip, and the tip that was last seen. Goes out: what is wrong with the branch, in words, or the parts of its files
//! that somebody else than the App wrote, with whoever pushed them. A commit is the App's if the forge verified its signature and its author
//! is the App's bot: nobody else can have both. An Enterprise Server may be set up to sign nothing: there a commit is the App's if the log of
//! pushes says that the App pushed it first. Commits and files are proven by their hashes; the signature, and who pushed, are the forge's word.
//!
//! Source: <https://docs.github.com/en/authentication/managing-commit-signature-verification/about-commit-signature-verification>,
//! read 2026-11-28.

use super::{Branch, Tip};
use crate::change::ObjectId;
use crate::clock::Millis;
use crate::decisions::ledger_text::grown::grows;
use crate::forge::activity;
use crate::forge::authors::first_pushers;
use crate::forge::error::{ForgeError, found};
use crate::forge::object::Commit;
use crate::forge::tree::Depth;
use crate::forge::wire;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Commits on a page of the branch's history.
const PAGE: usize = 100;
/// Commits that are looked at in one go. What lies further back and was never looked at is taken as it is, and said.
const MAX_COMMITS: usize = 1_000;
/// How long the forge may show a branch as it was before it moved, in milliseconds.
const LAG: Millis = 60_000;
/// The mode of a symbolic link, which git keeps as a blob.
const LINK: &str = "120000";
/// The account and the address by which the forge commits in the name of an App.
const BY_FORGE: (&str, &str) = ("web-flow", "noreply@github.com");

/// What the look at the branch gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Growth {
    /// What is wrong with it, in words: then nothing is appended to it, and the gate stays shut.
    pub broken: Option<String>,
    /// The branch is where it was before: pushed back, or not shown yet as it is.
    pub lags: bool,
    /// In the order of the commits.
    pub pushed: Vec<Pushed>,
    /// Where the branch should be.
    pub should_be: Option<ObjectId>,
}

/// Bytes of a ledger file that somebody else than the App appended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pushed {
    pub file: String,
    pub from: usize,
    pub to: usize,
    /// The commit that brought them.
    pub commit: String,
    /// Id and login of whoever pushed it, where the forge tells.
    pub by: Option<(u64, String)>,
}

/// A commit of the branch, with what is proven of it.
struct Link {
    shown: wire::Commit,
    id: ObjectId,
    commit: Commit,
}

/// What stands in the folder of a repository.
#[derive(Default)]
struct Folder {
    /// File name → blob.
    files: BTreeMap<String, ObjectId>,
    /// What stands there and is no file, in words.
    other: Option<String>,
}

impl Branch {
    /// Looks at what has come to the branch since it was last looked at.
    ///
    /// # Errors
    /// Of the forge. What is wrong with the branch is none.
    pub async fn growth(&self, tip: &Tip) -> Result<Growth, ForgeError> {
        let store = self.place.client.forge().store();
        let key = self.key();
        let known = store.ledger_seen(&key).await?;
        let (seen, mut pushed) = match &known {
            Some((tip, pushed)) => (Some(*tip), serde_json::from_str::<Vec<Pushed>>(pushed).unwrap_or_default()),
            None => (None, Vec::new()),
        };
        if seen == tip.commit {
            return Ok(Growth { pushed, ..Growth::default() });
        }
        let broken = |what: String| Growth { broken: Some(what), should_be: seen, pushed: pushed.clone(), ..Growth::default() };
        let Some(commit) = tip.commit else {
            return Ok(broken("the branch is gone".to_owned()));
        };
        let chain = match self.chain(commit, seen).await? {
            Ok(chain) => chain,
            Err(what) => {
                let lags = match seen {
                    Some(seen) => self.lags(commit, seen).await?,
                    None => false,
                };
                return Ok(Growth { lags, ..broken(what) });
            }
        };
        match self.people(&chain).await? {
            Ok(more) => pushed.extend(more),
            Err((good, what)) => return Ok(Growth { should_be: good, ..broken(what) }),
        }
        let text = serde_json::to_string(&pushed).unwrap_or_default();
        store.keep_ledger_seen(&key, commit, &text).await?;
        Ok(Growth { pushed, ..Growth::default() })
    }

    /// Whether a commit that one of our checks names is what the branch grew from.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn grew_from(&self, tip: Option<ObjectId>, before: ObjectId) -> Result<bool, ForgeError> {
        match tip {
            Some(commit) if commit == before => Ok(true),
            Some(commit) => self.is_below(before, commit).await,
            None => Ok(false),
        }
    }

    /// Whether a branch that is where it was before may still be shown as it was, because the forge is slow: for a while.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn lags(&self, tip: ObjectId, seen: ObjectId) -> Result<bool, ForgeError> {
        if !self.is_below(tip, seen).await? {
            return Ok(false);
        }
        let forge = self.place.client.forge();
        let since = forge.store().ledger_behind_since(&self.key()).await?;
        Ok(forge.clock().now() - since < LAG)
    }

    /// Whether a commit of the branch is our own, and the branch stands where it was looked at last. The run that wrote it has judged with it. The
    /// event for a commit may arrive when later commits already stand on top. The first commit of a ledger is nobody's own: whoever was judged
    /// before it was judged without a ledger, and is due whatever became of the run that wrote it.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn is_own(&self, commit: ObjectId) -> Result<bool, ForgeError> {
        let Some((seen, pushed)) = self.place.client.forge().store().ledger_seen(&self.key()).await? else { return Ok(false) };
        if seen == commit {
            let pushed: Vec<Pushed> = serde_json::from_str(&pushed).unwrap_or_default();
            let is_pushed = pushed.iter().any(|part| part.commit == commit.to_string());
            return Ok(!is_pushed && !self.place.commit(commit).await?.parents.is_empty());
        }
        // A branch that somebody put back stands on a commit of ours too.
        if self.tip().await? != Some(seen) {
            return Ok(false);
        }
        let path = self.place.path(&format!("/commits?sha={commit}&per_page=1"));
        let page: Vec<wire::Commit> = self.place.client.get_fresh(&path).await?;
        let Some(shown) = page.first().filter(|shown| shown.sha == commit.to_string()) else { return Ok(false) };
        let is_first = self.place.believe(shown).await?.parents.is_empty();
        Ok(!is_first && is_by_app(shown, self.place.client.forge().login().await?))
    }

    /// Notes that the branch was moved or begun by ourselves, from where it was looked at last: from then on it is known where it has to be.
    pub(super) async fn note_own(&self, from: &Tip, to: ObjectId) -> Result<(), ForgeError> {
        let store = self.place.client.forge().store();
        let key = self.key();
        match store.ledger_seen(&key).await? {
            Some((seen, pushed)) if Some(seen) == from.commit => Ok(store.keep_ledger_seen(&key, to, &pushed).await?),
            None if from.commit.is_none() => Ok(store.keep_ledger_seen(&key, to, "[]").await?),
            Some(_) | None => Ok(()),
        }
    }

    pub(crate) fn key(&self) -> String {
        format!("{}/{}/{}", self.place.id, self.of, self.name)
    }

    /// The commits from the tip down to the one that was last seen, or else to the first, newest first; or what is wrong with them.
    async fn chain(&self, tip: ObjectId, seen: Option<ObjectId>) -> Result<Result<Vec<Link>, String>, ForgeError> {
        let mut listed: BTreeMap<String, wire::Commit> = BTreeMap::new();
        let mut chain: Vec<Link> = Vec::new();
        let mut next = Some(tip);
        while let Some(id) = next.filter(|id| Some(*id) != seen) {
            if chain.len() == MAX_COMMITS {
                let far = format!("its last {MAX_COMMITS} commits do not reach where it was");
                return Ok(if seen.is_some() { Err(far) } else { Ok(chain) });
            }
            if !listed.contains_key(&id.to_string()) {
                let path = self.place.path(&format!("/commits?sha={id}&per_page={PAGE}"));
                let page: Vec<wire::Commit> = self.place.client.get_fresh(&path).await?;
                listed = page.into_iter().map(|commit| (commit.sha.clone(), commit)).collect();
            }
            let untrue = || ForgeError::Untrue { what: format!("the history of commit {id}") };
            let shown = listed.remove(&id.to_string()).ok_or_else(untrue)?;
            let commit = self.place.believe(&shown).await?;
            if commit.parents.len() > 1 {
                return Ok(Err(format!("commit {} is a merge", id.short())));
            }
            next = commit.parents.first().copied();
            chain.push(Link { shown, id, commit });
        }
        match (next, seen) {
            (None, Some(_)) => Ok(Err("it does not descend from where it was".to_owned())),
            (None, None) | (Some(_), _) => Ok(Ok(chain)),
        }
    }

    /// What people appended in these commits; or the last good commit, and which one did something else.
    async fn people(&self, chain: &[Link]) -> Result<Result<Vec<Pushed>, (Option<ObjectId>, String)>, ForgeError> {
        let me = self.place.client.forge().login().await?;
        let mut pushed = Vec::new();
        let mut pushers = None;
        for link in chain.iter().rev().filter(|link| !is_by_app(&link.shown, me)) {
            if pushers.is_none() {
                pushers = Some(self.pushers(chain).await?);
            }
            let by = pushers.as_ref().and_then(|pushers| pushers.get(&link.shown.sha));
            let by = by.and_then(|actor| Some((actor.id?, actor.login.clone())));
            // Where nothing is signed, the log of pushes says what is ours.
            if by.as_ref().is_some_and(|(_, login)| login == me) {
                continue;
            }
            match self.appended(link).await? {
                Ok(parts) => pushed.extend(parts.into_iter().map(|part| Pushed { by: by.clone(), ..part })),
                Err(what) => {
                    let who = by.map_or_else(|| "somebody".to_owned(), |(_, login)| login);
                    let good = link.commit.parents.first().copied();
                    return Ok(Err((good, format!("commit {}, pushed by {who}, {what}", link.id.short()))));
                }
            }
        }
        Ok(Ok(pushed))
    }

    async fn pushers(&self, chain: &[Link]) -> Result<BTreeMap<String, wire::MaybeUser>, ForgeError> {
        let commits: Vec<wire::Commit> = chain.iter().map(|link| link.shown.clone()).collect();
        match activity::of_branch(&self.place.client, &self.place.path(""), &self.name).await {
            Ok(activity) => Ok(first_pushers(&commits, &activity)),
            Err(error) if error.is_passing() => Err(error),
            Err(error) => {
                tracing::info!(%error, "pushes to the ledger's branch are not ours to see");
                Ok(BTreeMap::new())
            }
        }
    }

    /// What a commit adds at the end of files; or that it does anything else to them.
    async fn appended(&self, link: &Link) -> Result<Result<Vec<Pushed>, String>, ForgeError> {
        let before = match link.commit.parents.first() {
            Some(parent) => self.folder(self.place.commit(*parent).await?.tree).await?.files,
            None => BTreeMap::new(),
        };
        let Folder { files: after, other } = self.folder(link.commit.tree).await?;
        if let Some(what) = other {
            return Ok(Err(what));
        }
        if let Some(gone) = before.keys().find(|file| !after.contains_key(*file)) {
            return Ok(Err(format!("deletes {gone}")));
        }
        let mut pushed = Vec::new();
        for (file, id) in after.iter().filter(|(file, id)| before.get(*file) != Some(*id)) {
            let old = before.get(file).copied();
            let blobs = self.place.blobs(old.into_iter().chain([*id]).collect::<BTreeSet<_>>()).await?;
            let bytes = |id: ObjectId| blobs.get(&id).map(Vec::as_slice).unwrap_or_default();
            let (old, new) = (old.map_or(&[][..], bytes), bytes(*id));
            if let Err(what) = grows(file, old, new) {
                return Ok(Err(what));
            }
            pushed.push(Pushed { file: file.clone(), from: old.len(), to: new.len(), commit: link.shown.sha.clone(), by: None });
        }
        Ok(Ok(pushed))
    }

    /// The reviewed repository's folder: what is no file in it is no part of a ledger, and nothing that could be read as one.
    async fn folder(&self, root: ObjectId) -> Result<Folder, ForgeError> {
        let root = self.place.tree(root, Depth::One).await?;
        let name = self.of.to_string();
        let Some(inner) = root.tree.iter().find(|entry| entry.path == name) else { return Ok(Folder::default()) };
        let id = ObjectId::from_hex(&inner.sha).filter(|_| inner.kind == "tree");
        let Some(id) = id else {
            return Ok(Folder { other: Some(format!("puts {} where the folder {name} should be", kind(inner))), ..Folder::default() });
        };
        let listing = self.place.tree(id, Depth::One).await?;
        let (files, others): (Vec<_>, Vec<_>) = listing.tree.iter().partition(|entry| entry.kind == "blob" && entry.mode != LINK);
        Ok(Folder {
            files: files.into_iter().filter_map(|entry| Some((entry.path.clone(), ObjectId::from_hex(&entry.sha)?))).collect(),
            other: others.first().map(|entry| format!("puts {} where a ledger file should be, {}", kind(entry), entry.path)),
        })
    }

    /// Whether the history of one commit holds another, by the forge's word. One that was written a moment ago may not be shown yet.
    async fn is_below(&self, below: ObjectId, above: ObjectId) -> Result<bool, ForgeError> {
        let path = self.place.path(&format!("/compare/{below}...{above}?per_page=1"));
        let compared = found(self.place.client.get_fresh::<wire::Comparison>(&path).await)?;
        Ok(compared.is_some_and(|compared| compared.merge_base_commit.sha == below.to_string()))
    }
}

/// What stands in a tree, in words.
fn kind(entry: &wire::TreeEntry) -> &'static str {
    match entry.kind.as_str() {
        "tree" => "a folder",
        "commit" => "a submodule",
        _ if entry.mode == LINK => "a link",
        _ => "a file",
    }
}

/// Whether a commit is the App's: the forge signs in its name what the App commits, and nobody else's.
fn is_by_app(commit: &wire::Commit, me: &str) -> bool {
    let verified = commit.commit.verification.as_ref().is_some_and(|verification| verification.verified);
    let is_me = |user: &Option<wire::MaybeUser>| user.as_ref().is_some_and(|user| user.login == me);
    let (account, address) = BY_FORGE;
    let by_forge = commit.committer.as_ref().is_some_and(|user| user.login == account) || commit.commit.committer.email == address;
    verified && is_me(&commit.author) && (by_forge || is_me(&commit.committer))
}
