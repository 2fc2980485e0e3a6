//! Commits: their trees and their parents, as far as the forge's word for them can be proven.
//!
//! Most commits can be built again from what the forge shows of them, and hash to their id (`object`). Of the others, which bear headers
//! that the API does not show, two of the forge's answers must agree.

use super::error::ForgeError;
use super::object;
use super::object::Commit;
use super::tree::Place;
use super::wire;
use crate::change::ObjectId;

impl Place {
    /// A commit by its id, from the cache where it is there.
    ///
    /// # Errors
    /// Of the forge; `Untrue` where its answers are not about this commit, or contradict each other.
    pub(crate) async fn commit(&self, id: ObjectId) -> Result<Commit, ForgeError> {
        let (store, key) = (self.client.forge().store(), self.commit_key(id));
        if let Some(bytes) = store.object(&key).await? {
            if let Some(commit) = Commit::parse(&bytes).filter(|_| object::is_commit(id, &bytes)) {
                return Ok(commit);
            }
            store.drop_object(&key).await?;
        }
        let fetched = self.fetch_commit(id).await?;
        if let Some(commit) = self.keep_commit(id, &fetched).await? {
            return Ok(commit);
        }
        let shown: wire::Commit = self.client.get(&self.path(&format!("/commits/{id}"))).await?;
        self.agreed(id, &fetched.fields(), &shown.fields())
    }

    /// A commit of which another answer tells, which need not be asked for if it proves itself.
    ///
    /// # Errors
    /// As `commit`.
    pub(crate) async fn believe(&self, shown: &wire::Commit) -> Result<Commit, ForgeError> {
        let untrue = || ForgeError::Untrue { what: format!("commit {}", shown.sha) };
        let id = ObjectId::from_hex(&shown.sha).ok_or_else(untrue)?;
        if object::commit_bytes(id, &shown.fields()).is_some() {
            return Commit::claimed(&shown.fields()).ok_or_else(untrue);
        }
        let fetched = self.fetch_commit(id).await?;
        self.agreed(id, &fetched.fields(), &shown.fields())
    }

    /// Keeps a commit if it proves itself, and gives what it says then.
    pub(crate) async fn keep_commit(&self, id: ObjectId, told: &wire::GitCommit) -> Result<Option<Commit>, ForgeError> {
        let Some(bytes) = object::commit_bytes(id, &told.fields()) else { return Ok(None) };
        let commit = Commit::parse(&bytes);
        self.client.forge().store().keep_objects(&[(self.commit_key(id), bytes)]).await?;
        Ok(commit)
    }

    async fn fetch_commit(&self, id: ObjectId) -> Result<wire::GitCommit, ForgeError> {
        let sha = id.to_string();
        let about_it = |commit: &wire::GitCommit| commit.sha == sha && Commit::claimed(&commit.fields()).is_some();
        self.client.get_object_if(&self.path(&format!("/git/commits/{id}")), about_it).await
    }

    fn agreed(&self, id: ObjectId, one: &wire::CommitFields<'_>, other: &wire::CommitFields<'_>) -> Result<Commit, ForgeError> {
        let commit = Commit::claimed(one).filter(|commit| Commit::claimed(other).as_ref() == Some(commit));
        commit.ok_or_else(|| ForgeError::Untrue { what: format!("commit {id}") })
    }

    fn commit_key(&self, id: ObjectId) -> String {
        format!("{}/object/{id}", self.id)
    }
}
