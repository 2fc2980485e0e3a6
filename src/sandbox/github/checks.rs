//! Check runs and their suites.

use crate::change::ObjectId;
use crate::change::Timestamp;
use crate::sandbox::github::answer::Answer;
use crate::sandbox::github::answer::Answered;
use crate::sandbox::github::answer::invalid;
use crate::sandbox::github::answer::not_accessible;
use crate::sandbox::github::answer::not_found;
use crate::sandbox::github::answer::unprocessable;
use crate::sandbox::github::call::Call;
use crate::sandbox::github::call::Need;
use crate::sandbox::github::call::id_of;
use crate::sandbox::github::state::CheckRun;
use crate::sandbox::github::state::Github;
use crate::sandbox::github::state::Repository;
use crate::sandbox::github::wire::extend;
use crate::sandbox::github::wire::node_id;
use crate::sandbox::github::wire::time;
use serde_json::Value;
use serde_json::json;
use std::collections::BTreeMap;

const READ: Need = Need::read(&["checks"]);
const WRITE: Need = Need::write(&["checks"]);
/// Of summary and of text, in characters.
const MAX_OUTPUT: usize = 65_535;
/// Per request; more are appended by further ones.
const MAX_ANNOTATIONS: usize = 50;
/// Of an annotation's title, in characters, and of its message, in bytes.
const MAX_TITLE: usize = 255;
const MAX_MESSAGE: usize = 64 * 1024;
const LEVELS: [&str; 3] = ["notice", "warning", "failure"];
const CONCLUSIONS: [&str; 7] = ["success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required"];

pub(crate) fn create(github: &mut Github, call: &Call, owner: &str, name: &str) -> Answered {
    let repository = call.repository(github, owner, name, WRITE)?;
    let head = call.sha("CheckRun", "head_sha")?;
    if github.objects(repository).is_none_or(|objects| objects.commit(head).is_none()) {
        return Err(unprocessable(&format!("No commit found for SHA: {head}")));
    }
    let mut run = CheckRun {
        id: 0,
        suite: 0,
        app: github.app.id,
        name: call.needed("CheckRun", "name")?,
        head,
        status: "queued".to_owned(),
        conclusion: None,
        external_id: None,
        details_url: None,
        title: None,
        summary: None,
        text: None,
        annotations: Vec::new(),
        buttons: Vec::new(),
        started_at: github.now,
        completed_at: None,
    };
    fill(&mut run, call, github.now)?;
    let id = github.add_check(repository, run).ok_or_else(not_found)?;
    Answer::created(github.shown_check(repository, id).ok_or_else(not_found)?)
}

pub(crate) fn update(github: &mut Github, call: &Call, owner: &str, name: &str, id: &str) -> Answered {
    let repository = call.repository(github, owner, name, WRITE)?;
    let (id, now) = (id_of(id)?, github.now);
    let mut run = github.repository(repository).and_then(|found| found.checks.get(&id)).ok_or_else(not_found)?.clone();
    if run.app != github.app.id {
        return Err(not_accessible());
    }
    let was_completed = run.status == "completed";
    if let Some(name) = call.text("name") {
        run.name = name;
    }
    fill(&mut run, call, now)?;
    let completed = !was_completed && run.status == "completed";
    github.repositories.get_mut(&repository).ok_or_else(not_found)?.checks.insert(id, run);
    if completed {
        github.check_event(repository, id, github.bot, "completed", json!({}));
    }
    Answer::ok(github.shown_check(repository, id).ok_or_else(not_found)?)
}

pub(crate) fn get(github: &Github, call: &Call, owner: &str, name: &str, id: &str) -> Answered {
    let repository = call.repository(github, owner, name, READ)?;
    Answer::ok(github.shown_check(repository, id_of(id)?).ok_or_else(not_found)?)
}

pub(crate) fn annotations(github: &Github, call: &Call, owner: &str, name: &str, id: &str) -> Answered {
    let repository = call.repository(github, owner, name, READ)?;
    let found = github.repository(repository).ok_or_else(not_found)?;
    let run = found.checks.get(&id_of(id)?).ok_or_else(not_found)?;
    let page = github.repository_page(found);
    let shown = run.annotations.iter().map(|annotation| {
        let mut shown = json!({
            "start_column": null, "end_column": null, "title": null, "raw_details": null,
            "blob_href": format!("{page}/blob/{}/{}", run.head, annotation["path"].as_str().unwrap_or_default()),
        });
        extend(&mut shown, annotation.clone());
        shown
    });
    call.page(github, shown.collect())
}

/// The runs on a commit: by default the latest of each name and App.
pub(crate) fn of_ref(github: &Github, call: &Call, owner: &str, name: &str, revision: &str) -> Answered {
    let repository = call.repository(github, owner, name, READ)?;
    let no_commit = || unprocessable(&format!("No commit found for SHA: {revision}"));
    let head = github.resolve(repository, revision).ok_or_else(no_commit)?;
    let found = github.repository(repository).ok_or_else(not_found)?;
    let app = call.parameter("app_id").and_then(|id| id.parse::<u64>().ok());
    let wanted = |run: &&CheckRun| {
        run.head == head
            && app.is_none_or(|app| run.app == app)
            && call.parameter("check_name").is_none_or(|name| name == run.name)
            && call.parameter("status").is_none_or(|status| status == run.status)
    };
    let mut runs: Vec<&CheckRun> = found.checks.values().filter(wanted).collect();
    if call.parameter("filter") != Some("all") {
        let latest: BTreeMap<(u64, &str), u64> = runs.iter().map(|run| ((run.app, run.name.as_str()), run.id)).collect();
        runs.retain(|run| latest.get(&(run.app, run.name.as_str())) == Some(&run.id));
    }
    runs.reverse();
    call.counted_page(github, "check_runs", runs.iter().map(|run| github.check_json(found, run)).collect())
}

pub(crate) fn suites_of_ref(github: &Github, call: &Call, owner: &str, name: &str, revision: &str) -> Answered {
    let repository = call.repository(github, owner, name, READ)?;
    let head = github.resolve(repository, revision).ok_or_else(not_found)?;
    let found = github.repository(repository).ok_or_else(not_found)?;
    let suites = github.suites.iter().filter(|((of, _, sha), _)| *of == repository && *sha == head);
    call.counted_page(github, "check_suites", suites.map(|((_, app, _), id)| github.suite_json(found, *app, head, *id)).collect())
}

/// What create and update share.
fn fill(run: &mut CheckRun, call: &Call, now: Timestamp) -> Result<(), Box<Answer>> {
    let at = |name: &str| call.body[name].as_str().and_then(Timestamp::parse);
    if let Some(status) = call.text("status") {
        run.status = status;
        if run.status != "completed" {
            run.conclusion = None;
            run.completed_at = None;
        }
    }
    if let Some(conclusion) = call.text("conclusion") {
        if !CONCLUSIONS.contains(&conclusion.as_str()) {
            return Err(unprocessable(&format!("Invalid request.\n\n{conclusion} is not a member of {CONCLUSIONS:?}.")));
        }
        run.conclusion = Some(conclusion);
        run.status = "completed".to_owned();
        run.completed_at = Some(at("completed_at").unwrap_or(now));
    }
    if run.status == "completed" && run.conclusion.is_none() {
        return Err(unprocessable("Invalid request.\n\nMissing `conclusion` for a completed check run."));
    }
    run.started_at = at("started_at").unwrap_or(run.started_at);
    run.external_id = call.text("external_id").or(run.external_id.take());
    run.details_url = call.text("details_url").or(run.details_url.take());
    if let Some(actions) = call.body["actions"].as_array() {
        if actions.len() > 3 {
            return Err(unprocessable("Invalid request.\n\nNo more than 3 items are allowed; more were supplied."));
        }
        run.buttons = actions.iter().map(|action| action["identifier"].as_str().unwrap_or_default().to_owned()).collect();
    }
    if call.body["output"].is_object() { fill_output(run, &call.body["output"]) } else { Ok(()) }
}

fn fill_output(run: &mut CheckRun, output: &Value) -> Result<(), Box<Answer>> {
    for name in ["summary", "text"] {
        let length = output[name].as_str().unwrap_or_default().chars().count();
        if length > MAX_OUTPUT {
            return Err(unprocessable(&format!("Invalid request.\n\nOnly {MAX_OUTPUT} characters are allowed; {length} were supplied.")));
        }
    }
    let annotations = output["annotations"].as_array().cloned().unwrap_or_default();
    if annotations.len() > MAX_ANNOTATIONS {
        let length = annotations.len();
        return Err(unprocessable(&format!(
            "Invalid request.\n\nNo more than {MAX_ANNOTATIONS} items are allowed; {length} were supplied."
        )));
    }
    annotations.iter().try_for_each(check_annotation)?;
    let text = |name: &str| output[name].as_str().map(str::to_owned);
    run.title = text("title").or(run.title.take());
    run.summary = text("summary").or(run.summary.take());
    run.text = text("text").or(run.text.take());
    run.annotations.extend(annotations);
    Ok(())
}

/// Whether an annotation can be taken: what it must have, and how much of it.
fn check_annotation(annotation: &Value) -> Result<(), Box<Answer>> {
    for name in ["path", "annotation_level", "message"] {
        if annotation[name].as_str().is_none_or(str::is_empty) {
            return Err(unprocessable(&format!("Invalid request.\n\n\"{name}\" wasn't supplied.")));
        }
    }
    let [start, end] = ["start_line", "end_line"].map(|name| annotation[name].as_u64());
    let Some((start, end)) = start.zip(end) else {
        return Err(unprocessable("Invalid request.\n\n\"start_line\", \"end_line\" weren't supplied."));
    };
    if start == 0 || end < start {
        return Err(invalid("CheckAnnotation", "end_line", "must be greater than or equal to the start line"));
    }
    let level = annotation["annotation_level"].as_str().unwrap_or_default();
    if !LEVELS.contains(&level) {
        return Err(unprocessable(&format!("Invalid request.\n\n{level} is not a member of {LEVELS:?}.")));
    }
    if annotation["title"].as_str().is_some_and(|title| title.chars().count() > MAX_TITLE) {
        return Err(invalid("CheckAnnotation", "title", "is too long (maximum is 255 characters)"));
    }
    if annotation["message"].as_str().is_some_and(|message| message.len() > MAX_MESSAGE) {
        return Err(invalid("CheckAnnotation", "message", "is too long (maximum is 64 KB)"));
    }
    Ok(())
}

impl Github {
    pub(crate) fn add_check(&mut self, repository: u64, mut run: CheckRun) -> Option<u64> {
        let (id, app) = (self.ids.next("check_run"), run.app);
        run.id = id;
        run.suite = self.suite(repository, app, run.head);
        let completed = run.status == "completed";
        self.repositories.get_mut(&repository)?.checks.insert(id, run);
        let by = if app == self.app.id { self.bot } else { self.app_user(app) };
        self.check_event(repository, id, by, "created", json!({}));
        if completed {
            self.check_event(repository, id, by, "completed", json!({}));
        }
        Some(id)
    }

    fn app_user(&self, app: u64) -> u64 {
        let login = self.apps.get(&app).map(|app| format!("{}[bot]", app.slug));
        login.and_then(|login| self.user_named(&login)).map_or(self.bot, |user| user.id)
    }

    pub(crate) fn shown_check(&self, repository: u64, id: u64) -> Option<Value> {
        let found = self.repositories.get(&repository)?;
        Some(self.check_json(found, found.checks.get(&id)?))
    }

    pub(crate) fn check_json(&self, repository: &Repository, run: &CheckRun) -> Value {
        let api = self.repository_api(repository);
        let (url, page) = (format!("{api}/check-runs/{}", run.id), format!("{}/runs/{}", self.repository_page(repository), run.id));
        json!({
            "id": run.id,
            "name": run.name,
            "node_id": node_id("CR", run.id),
            "head_sha": run.head.to_string(),
            "external_id": run.external_id.clone().unwrap_or_default(),
            "url": url,
            "html_url": page,
            "details_url": run.details_url.as_ref().unwrap_or(&page),
            "status": run.status,
            "conclusion": run.conclusion,
            "started_at": time(run.started_at),
            "completed_at": run.completed_at.map(time),
            "output": {
                "title": run.title,
                "summary": run.summary,
                "text": run.text,
                "annotations_count": run.annotations.len(),
                "annotations_url": format!("{url}/annotations"),
            },
            "check_suite": {"id": run.suite},
            "app": self.apps.get(&run.app).map(|app| self.app_json(app)),
            "pull_requests": self.pulls_of_head(repository, run.head),
        })
    }

    pub(crate) fn suite_json(&self, repository: &Repository, app: u64, head: ObjectId, id: u64) -> Value {
        let runs: Vec<&CheckRun> = repository.checks.values().filter(|run| run.suite == id).collect();
        let api = self.repository_api(repository);
        json!({
            "id": id,
            "node_id": node_id("CS", id),
            "head_branch": self.branch_of_head(repository, head),
            "head_sha": head.to_string(),
            "status": if !runs.is_empty() && runs.iter().all(|run| run.status == "completed") { "completed" } else { "queued" },
            "conclusion": runs.last().and_then(|run| run.conclusion.clone()),
            "url": format!("{api}/check-suites/{id}"),
            "before": null,
            "after": head.to_string(),
            "pull_requests": self.pulls_of_head(repository, head),
            "app": self.apps.get(&app).map(|app| self.app_json(app)),
            "repository": self.repository_json(repository),
            "created_at": time(runs.first().map_or(self.now, |run| run.started_at)),
            "updated_at": time(runs.last().map_or(self.now, |run| run.completed_at.unwrap_or(run.started_at))),
            "head_commit": self.head_commit_json(repository.id, head),
            "latest_check_runs_count": runs.len(),
            "check_runs_url": format!("{api}/check-suites/{id}/check-runs"),
        })
    }

    /// Open pull requests of this repository's own branches: for forks GitHub leaves the list empty.
    pub(crate) fn pulls_of_head(&self, repository: &Repository, head: ObjectId) -> Vec<Value> {
        let own = repository.pulls.values().filter(|pull| pull.open && pull.head.sha == head && pull.head.repository == repository.id);
        let api = self.repository_api(repository);
        let here = json!({"id": repository.id, "url": api, "name": repository.name});
        own.map(|pull| {
            json!({
                "id": pull.id,
                "number": pull.number,
                "url": format!("{api}/pulls/{}", pull.number),
                "head": {"ref": pull.head.branch, "sha": pull.head.sha.to_string(), "repo": here},
                "base": {"ref": pull.base.branch, "sha": pull.base.sha.to_string(), "repo": here},
            })
        })
        .collect()
    }

    /// Null for what only a fork has.
    pub(crate) fn branch_of_head(&self, repository: &Repository, head: ObjectId) -> Option<String> {
        repository.refs.iter().find(|(_, tip)| **tip == head).and_then(|(name, _)| name.strip_prefix("refs/heads/")).map(str::to_owned)
    }
}
