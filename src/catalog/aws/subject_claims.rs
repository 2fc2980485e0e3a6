//! Subjects of workflows that are made of claims which their owner has chosen: `repository_owner_id:1234567:ref:refs/heads/main`.
//!
//! Comes in: a subject up to its first wildcard. Goes out: whether it begins with such a claim, and whether it says whose the workflow is. A claim
//! whose value is open says nothing: everybody's tokens have it.

/// Claims of workflows that a subject may be made of, <https://docs.github.com/en/actions/reference/security/oidc>, read 2026-12-01.
const CLAIMS: [&str; 14] = [
    "actor",
    "actor_id",
    "base_ref",
    "context",
    "enterprise",
    "environment",
    "event_name",
    "head_ref",
    "job_workflow_ref",
    "ref",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
];

/// Whether a subject begins with a claim by its name.
pub(super) fn is_one(before: &str) -> bool {
    before.split_once(':').is_some_and(|(name, _)| CLAIMS.contains(&name))
}

/// Whether the value of the claim ends before the wildcard, or has an owner in it.
pub(super) fn is_definite(before: &str) -> bool {
    before.split_once(':').is_some_and(|(_, value)| value.contains(['/', ':']))
}
