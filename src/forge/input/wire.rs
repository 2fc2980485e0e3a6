//! What the forge says of workflow runs and of what they made, as far as it is read.
//!
//! Source: <https://docs.github.com/en/rest/actions>, read 2026-11-29.

use serde::Deserialize;

/// A page of a workflow's runs.
#[derive(Debug, Deserialize)]
pub(super) struct WorkflowRuns {
    pub(super) workflow_runs: Vec<WorkflowRun>,
}

/// One run of a workflow. What is not said of it is nothing that it could count by.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct WorkflowRun {
    pub(super) id: u64,
    pub(super) head_sha: String,
    /// Of the workflow's file, perhaps with the repository before it and `@branch` behind.
    pub(super) path: String,
    pub(super) event: String,
    pub(super) status: Option<String>,
    pub(super) conclusion: Option<String>,
    pub(super) repository: OfRepository,
    /// `None` where it is gone.
    pub(super) head_repository: Option<OfRepository>,
}

/// A repository of which the number alone counts.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct OfRepository {
    pub(super) id: u64,
}

/// A page of what a run made.
#[derive(Debug, Deserialize)]
pub(super) struct Artifacts {
    pub(super) artifacts: Vec<Artifact>,
}

/// One thing that a run made.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Artifact {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) size_in_bytes: u64,
    pub(super) expired: bool,
    /// `sha256:…`; `None` for what older tools uploaded.
    pub(super) digest: Option<String>,
    pub(super) workflow_run: Option<RunOfArtifact>,
}

/// The run that made it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct RunOfArtifact {
    pub(super) id: u64,
    pub(super) head_sha: String,
}
