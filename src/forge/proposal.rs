//! A pull request of our own: one file on a branch of its own.
//!
//! Comes in: what is proposed. Goes out: whether it stands there. The forge is the record: a pull request of our account from that branch,
//! open or closed, is never opened again. Each step is taken only if it is missing, so that a run that was cut short is taken up by the next.

use super::activity::query;
use super::error::{ForgeError, found};
use super::object::blob_id;
use super::site::Site;
use super::tree::escape;
use super::wire;
use crate::change::ObjectId;
use crate::source::RepoPath;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::{Value, json};

/// What is proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    pub branch: &'static str,
    pub path: RepoPath,
    pub text: &'static str,
    /// Of the commit.
    pub message: &'static str,
    pub title: String,
    pub body: String,
}

/// What became of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proposed {
    Opened,
    /// The branch is there, and has something else on it: it is somebody's.
    BranchTaken,
}

impl Site {
    /// Whether our own account has ever opened a pull request from that branch.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn has_proposed(&self, branch: &str) -> Result<bool, ForgeError> {
        let me = self.place.client.forge().login().await?;
        let label = query(&format!("{}:{branch}", self.place.owner));
        let (pulls, _) = self.place.client.pages::<wire::Pull>(&self.place.path(&format!("/pulls?state=all&head={label}"))).await?;
        Ok(pulls.iter().any(|pull| pull.user.as_ref().is_some_and(|user| user.login == me)))
    }

    /// Opens the pull request, with its branch on top of `tip`, the default branch's.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn propose(&self, proposal: &Proposal, tip: ObjectId) -> Result<Proposed, ForgeError> {
        let standing = match self.branch_tip(proposal.branch).await? {
            Some(standing) => standing,
            None => {
                let reference = json!({"ref": format!("refs/heads/{}", proposal.branch), "sha": tip.to_string()});
                self.write::<wire::Reference>(Method::POST, "/git/refs", &reference).await?;
                tip
            }
        };
        if !self.has_own_commits(standing, tip).await? {
            let content = STANDARD.encode(proposal.text);
            let file = json!({"message": proposal.message, "content": content, "branch": proposal.branch});
            self.write::<Value>(Method::PUT, &format!("/contents/{}", escape(proposal.path.as_str())), &file).await?;
        } else if !self.is_all(standing, proposal, tip).await? {
            return Ok(Proposed::BranchTaken);
        }
        let pull =
            json!({"title": proposal.title, "body": proposal.body, "head": proposal.branch, "base": self.default_branch, "draft": false});
        self.write::<wire::Pull>(Method::POST, "/pulls", &pull).await?;
        Ok(Proposed::Opened)
    }

    async fn has_own_commits(&self, standing: ObjectId, tip: ObjectId) -> Result<bool, ForgeError> {
        Ok(standing != tip && self.compare(&format!("{tip}...{standing}")).await?.total_commits > 0)
    }

    /// Whether the branch brings the proposed file as it is proposed, and nothing else: what a run has left that was cut short.
    async fn is_all(&self, standing: ObjectId, proposal: &Proposal, tip: ObjectId) -> Result<bool, ForgeError> {
        let compared = self.compare(&format!("{tip}...{standing}")).await?;
        let is_alone =
            compared.total_commits == 1 && matches!(compared.files.as_slice(), [file] if file.filename == proposal.path.as_str());
        let tree = self.place.commit(standing).await?.tree;
        let blob = self.place.find_file(tree, &proposal.path).await?;
        Ok(is_alone && blob == Some(blob_id(proposal.text.as_bytes())))
    }

    async fn write<T: serde::de::DeserializeOwned>(&self, method: Method, path: &str, body: &Value) -> Result<T, ForgeError> {
        self.place.client.write(method, &self.place.path(path), body).await
    }

    /// The tip of the default branch; `None` for a repository without any commit.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn default_tip(&self) -> Result<Option<ObjectId>, ForgeError> {
        match found(self.branch_tip(&self.default_branch).await) {
            Ok(tip) => Ok(tip.flatten()),
            // So the forge calls an empty repository.
            Err(ForgeError::Unprocessable { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
