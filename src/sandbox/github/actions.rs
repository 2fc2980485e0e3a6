//! Workflow runs and their artifacts: what the repository's own CI has done, as far as GitHub shows it.
//!
//! Comes in: runs that people act out, with archives as they would upload them. Goes out: lists, the event of a run that ended, and an address in
//! another place from where an archive is had without credentials. No workflow is ever run.

use crate::change::ObjectId;
use crate::change::Timestamp;
use crate::sandbox::github::answer::Answer;
use crate::sandbox::github::answer::Answered;
use crate::sandbox::github::answer::not_found;
use crate::sandbox::github::answer::refusal;
use crate::sandbox::github::call::Call;
use crate::sandbox::github::call::Need;
use crate::sandbox::github::call::id_of;
use crate::sandbox::github::people::ActError;
use crate::sandbox::github::state::Artifact;
use crate::sandbox::github::state::Github;
use crate::sandbox::github::state::Repository;
use crate::sandbox::github::state::WorkflowRun;
use crate::sandbox::github::wire::node_id;
use crate::sandbox::github::wire::time;
use http::StatusCode;
use serde_json::Value;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;

const READ: Need = Need::read(&["actions"]);
/// Where archives are had from, below the stand-in's own address.
pub(crate) const STORAGE: &str = "/_storage/artifacts/";
/// GitHub keeps artifacts for 90 days.
const KEPT: i64 = 90 * 86_400;

/// One run of a workflow.
#[derive(Clone, Debug)]
pub struct Running<'r> {
    /// Where it runs.
    pub repository: &'r str,
    /// `.github/workflows/synth.yml`.
    pub workflow: &'r str,
    /// `push`, `pull_request`, `pull_request_target`, `workflow_dispatch` …
    pub event: &'r str,
    pub head: ObjectId,
    /// The repository that the commit was pushed to: a fork, where it came from one.
    pub from: &'r str,
    pub by: &'r str,
}

impl Github {
    /// A run begins.
    ///
    /// # Errors
    /// Somebody or something is not there.
    pub fn begin_run(&mut self, running: &Running<'_>) -> Result<u64, ActError> {
        let (repository, from, by) = (self.act_on(running.repository)?, self.act_on(running.from)?, self.user_id(running.by)?);
        let (id, number) = (self.ids.next("workflow_run"), self.ids.next("run_number"));
        let suite = self.suite(repository, self.app.id, running.head);
        let run = WorkflowRun {
            id,
            number,
            workflow: running.workflow.to_owned(),
            event: running.event.to_owned(),
            head: running.head,
            from,
            by,
            suite,
            conclusion: None,
            at: self.now,
        };
        if let Some(found) = self.repositories.get_mut(&repository) {
            found.runs.insert(id, run);
        }
        Ok(id)
    }

    /// A run ends, after it has uploaded its artifacts: names, and archives as they are.
    ///
    /// # Errors
    /// It is not there.
    pub fn end_run(&mut self, full_name: &str, id: u64, conclusion: &str, artifacts: &[(&str, Vec<u8>)]) -> Result<(), ActError> {
        let (repository, at) = (self.act_on(full_name)?, self.now);
        let ids: Vec<u64> = artifacts.iter().map(|_| self.ids.next("artifact")).collect();
        let run = self.repositories.get_mut(&repository).and_then(|found| {
            let run = found.runs.get_mut(&id)?;
            run.conclusion = Some(conclusion.to_owned());
            for (artifact, (name, archive)) in ids.into_iter().zip(artifacts) {
                let artifact = Artifact { id: artifact, name: (*name).to_owned(), run: id, archive: archive.clone(), expired: false, at };
                found.artifacts.insert(artifact.id, artifact);
            }
            Some(run.clone())
        });
        let run = run.ok_or(ActError::Nothing("run", id))?;
        if let Some(found) = self.repositories.get(&repository) {
            let payload = json!({
                "action": "completed",
                "workflow": self.workflow_json(found, &run.workflow),
                "workflow_run": self.run_json(found, &run),
            });
            self.event("workflow_run", repository, run.by, payload);
        }
        Ok(())
    }

    /// Ninety days have passed for all artifacts.
    ///
    /// # Errors
    /// The repository is not there.
    pub fn expire_artifacts(&mut self, full_name: &str) -> Result<(), ActError> {
        let repository = self.act_on(full_name)?;
        for artifact in self.repositories.get_mut(&repository).into_iter().flat_map(|found| found.artifacts.values_mut()) {
            artifact.expired = true;
        }
        Ok(())
    }

    fn run_json(&self, repository: &Repository, run: &WorkflowRun) -> Value {
        let (api, page) = (self.repository_api(repository), self.repository_page(repository));
        let (url, workflow) = (format!("{api}/actions/runs/{}", run.id), workflow_id(&run.workflow));
        let is_own = run.from == repository.id;
        let from = self.repositories.get(&run.from);
        json!({
            "id": run.id,
            "name": file_name(&run.workflow),
            "node_id": node_id("WFR", run.id),
            "check_suite_id": run.suite,
            "check_suite_node_id": node_id("CS", run.suite),
            "head_branch": from.and_then(|from| self.branch_of_head(from, run.head)).unwrap_or_else(|| "main".to_owned()),
            "head_sha": run.head.to_string(),
            "path": run.workflow,
            "display_title": "A commit",
            "run_number": run.number,
            "run_attempt": 1,
            "event": run.event,
            "status": if run.conclusion.is_some() { "completed" } else { "in_progress" },
            "conclusion": run.conclusion,
            "workflow_id": workflow,
            "url": url,
            "html_url": format!("{page}/actions/runs/{}", run.id),
            // Of forks the list stays empty, as for checks.
            "pull_requests": if is_own { self.pulls_of_head(repository, run.head) } else { Vec::new() },
            "created_at": time(run.at),
            "updated_at": time(run.at),
            "run_started_at": time(run.at),
            "actor": self.user_json(run.by),
            "triggering_actor": self.user_json(run.by),
            "referenced_workflows": [],
            "jobs_url": format!("{url}/jobs"),
            "logs_url": format!("{url}/logs"),
            "check_suite_url": format!("{api}/check-suites/{}", run.suite),
            "artifacts_url": format!("{url}/artifacts"),
            "cancel_url": format!("{url}/cancel"),
            "rerun_url": format!("{url}/rerun"),
            "previous_attempt_url": null,
            "workflow_url": format!("{api}/actions/workflows/{workflow}"),
            "head_commit": self.head_commit_json(repository.id, run.head),
            "repository": self.repository_json(repository),
            "head_repository": from.map(|from| self.repository_json(from)),
        })
    }

    fn workflow_json(&self, repository: &Repository, path: &str) -> Value {
        let (api, page, id) = (self.repository_api(repository), self.repository_page(repository), workflow_id(path));
        json!({
            "id": id,
            "node_id": node_id("W", id),
            "name": file_name(path),
            "path": path,
            "state": "active",
            "created_at": time(repository.created_at),
            "updated_at": time(repository.created_at),
            "url": format!("{api}/actions/workflows/{id}"),
            "html_url": format!("{page}/blob/main/{path}"),
            "badge_url": format!("{page}/workflows/{id}/badge.svg"),
        })
    }

    fn artifact_json(&self, repository: &Repository, artifact: &Artifact) -> Value {
        let url = format!("{}/actions/artifacts/{}", self.repository_api(repository), artifact.id);
        let run = repository.runs.get(&artifact.run);
        let digest: String = Sha256::digest(&artifact.archive).iter().map(|byte| format!("{byte:02x}")).collect();
        json!({
            "id": artifact.id,
            "node_id": node_id("A", artifact.id),
            "name": artifact.name,
            "size_in_bytes": artifact.archive.len(),
            "url": url,
            "archive_download_url": format!("{url}/zip"),
            "expired": artifact.expired,
            "digest": format!("sha256:{digest}"),
            "created_at": time(artifact.at),
            "updated_at": time(artifact.at),
            "expires_at": time(Timestamp(artifact.at.0 + KEPT)),
            "workflow_run": run.map(|run| json!({
                "id": run.id,
                "repository_id": repository.id,
                "head_repository_id": run.from,
                "head_branch": "main",
                "head_sha": run.head.to_string(),
            })),
        })
    }

    /// An archive as the storage has it.
    pub(crate) fn stored_archive(&self, id: u64) -> Option<Vec<u8>> {
        let artifact = self.repositories.values().find_map(|repository| repository.artifacts.get(&id))?;
        (!artifact.expired).then(|| artifact.archive.clone())
    }
}

/// The runs of a workflow, newest first.
pub(crate) fn runs(github: &Github, call: &Call, owner: &str, name: &str, workflow: &str) -> Answered {
    let repository = call.repository(github, owner, name, READ)?;
    let found = github.repository(repository).ok_or_else(not_found)?;
    let is_named = |path: &str| file_name(path) == workflow || workflow_id(path).to_string() == workflow;
    // A workflow is known once it has run, or lies on the default branch.
    let lies_there = github.resolve(repository, "HEAD").and_then(|head| {
        let objects = github.objects(repository)?;
        let listing = objects.listing(objects.commit(head)?.tree);
        listing.iter().any(|entry| entry.path.starts_with(".github/workflows/") && is_named(&entry.path)).then_some(())
    });
    let has_run = found.runs.values().any(|run| is_named(&run.workflow));
    if lies_there.is_none() && !has_run {
        return Err(not_found());
    }
    let wanted = |run: &&WorkflowRun| {
        is_named(&run.workflow)
            && call.parameter("head_sha").is_none_or(|sha| run.head.to_string() == sha)
            && call.parameter("event").is_none_or(|event| run.event == event)
    };
    let runs: Vec<Value> = found.runs.values().rev().filter(wanted).map(|run| github.run_json(found, run)).collect();
    call.counted_page(github, "workflow_runs", runs)
}

pub(crate) fn artifacts(github: &Github, call: &Call, owner: &str, name: &str, run: &str) -> Answered {
    let repository = call.repository(github, owner, name, READ)?;
    let found = github.repository(repository).ok_or_else(not_found)?;
    let run = found.runs.get(&id_of(run)?).ok_or_else(not_found)?;
    let of_run = found.artifacts.values().rev().filter(|artifact| artifact.run == run.id);
    let named = of_run.filter(|artifact| call.parameter("name").is_none_or(|name| artifact.name == name));
    call.counted_page(github, "artifacts", named.map(|artifact| github.artifact_json(found, artifact)).collect())
}

/// Leads to the archive, which lies on another host.
pub(crate) fn download(github: &Github, call: &Call, owner: &str, name: &str, id: &str) -> Answered {
    let repository = call.repository(github, owner, name, READ)?;
    let found = github.repository(repository).ok_or_else(not_found)?;
    let artifact = found.artifacts.get(&id_of(id)?).ok_or_else(not_found)?;
    if artifact.expired {
        return Err(refusal(StatusCode::GONE, "Artifact has expired"));
    }
    let host = github.api_url.trim_end_matches("/api/v3").replace("127.0.0.1", "localhost");
    Ok(Answer::new(StatusCode::FOUND, Value::Null).with("location", format!("{host}{STORAGE}{}", artifact.id)))
}

/// A number for a workflow, which GitHub gives in the order in which they come.
fn workflow_id(path: &str) -> u64 {
    path.bytes().fold(7, |id, byte| (id * 31 + u64::from(byte)) % 90_000_000)
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
