//! What happened to branches and by whom, and the rules that hold for them.
//!
//! Sources: <https://docs.github.com/en/rest/repos/repos#list-repository-activities>, <https://docs.github.com/en/rest/repos/rules>.

use crate::change::ObjectId;
use crate::sandbox::github::answer::Answer;
use crate::sandbox::github::answer::Answered;
use crate::sandbox::github::answer::not_found;
use crate::sandbox::github::answer::unprocessable;
use crate::sandbox::github::call::Call;
use crate::sandbox::github::call::Need;
use crate::sandbox::github::call::encode;
use crate::sandbox::github::call::id_of;
use crate::sandbox::github::state::Activity;
use crate::sandbox::github::state::Github;
use crate::sandbox::github::state::Ruleset;
use crate::sandbox::github::wire::extend;
use crate::sandbox::github::wire::node_id;
use crate::sandbox::github::wire::time;
use crate::sandbox::history;
use http::StatusCode;
use serde_json::Value;
use serde_json::json;

const READ: Need = Need::read(&["contents"]);
const METADATA: Need = Need::read(&["metadata"]);
const ZERO: ObjectId = ObjectId([0; 20]);

/// Newest first. Paged by cursors, which only the `Link` header tells.
pub(crate) fn list(github: &Github, call: &Call, owner: &str, name: &str) -> Answered {
    let repository = call.repository(github, owner, name, READ)?;
    let found = github.repository(repository).ok_or_else(not_found)?;
    let branch = call.parameter("ref").map(|name| if name.starts_with("refs/") { name.to_owned() } else { format!("refs/heads/{name}") });
    let actor = call.parameter("actor").and_then(|login| github.user_named(login)).map(|user| user.id);
    let wanted = |act: &&Activity| {
        branch.as_ref().is_none_or(|branch| *branch == act.full_ref)
            && call.parameter("activity_type").is_none_or(|kind| kind == act.kind)
            && (call.parameter("actor").is_none() || actor == Some(act.actor))
    };
    let mut acts: Vec<&Activity> = found.activity.iter().filter(wanted).collect();
    if call.parameter("direction") != Some("asc") {
        acts.reverse();
    }
    let size = call.parameter("per_page").and_then(|size| size.parse().ok()).unwrap_or(30_usize).clamp(1, 100);
    let after = call.parameter("after").map(|cursor| cursor.parse::<u64>().map_err(|_| unprocessable("Invalid cursor"))).transpose()?;
    let start = after.and_then(|id| acts.iter().position(|act| act.id == id)).map_or(0, |at| at + 1);
    let page: Vec<&Activity> = acts.iter().skip(start).take(size).copied().collect();
    let shown = page.iter().map(|act| github.activity_json(act)).collect();
    let answer = Answer::new(StatusCode::OK, Value::Array(shown));
    match page.last().filter(|_| start + page.len() < acts.len()) {
        None => Ok(answer),
        Some(last) => {
            let link = format!("<{}/activity?per_page={size}&after={}>; rel=\"next\"", github.repository_api(found), last.id);
            Ok(answer.with("link", link))
        }
    }
}

/// The active rules that hold for a branch, whether or not it is there.
pub(crate) fn rules(github: &Github, call: &Call, owner: &str, name: &str, branch: &str) -> Answered {
    let repository = call.repository(github, owner, name, METADATA)?;
    let found = github.repository(repository).ok_or_else(not_found)?;
    let holding = found.rulesets.values().filter(|ruleset| ruleset.branch == branch);
    let rules = holding.flat_map(|ruleset| {
        rules_json(ruleset).into_iter().map(|mut rule| {
            let source = json!({"ruleset_source_type": "Repository", "ruleset_source": found.full_name(), "ruleset_id": ruleset.id});
            extend(&mut rule, source);
            rule
        })
    });
    call.page(github, rules.collect())
}

fn rules_json(ruleset: &Ruleset) -> Vec<Value> {
    let mut rules: Vec<Value> = ruleset.rules.iter().map(|kind| json!({"type": kind})).collect();
    for queue in rules.iter_mut().filter(|rule| rule["type"] == "merge_queue") {
        queue["parameters"] = json!({
            "check_response_timeout_minutes": 60, "grouping_strategy": "ALLGREEN", "max_entries_to_build": 5, "max_entries_to_merge": 5,
            "merge_method": "MERGE", "min_entries_to_merge": 1, "min_entries_to_merge_wait_minutes": 5,
        });
    }
    if !ruleset.required.is_empty() {
        let required = ruleset.required.iter().map(|(context, app)| match app {
            Some(app) => json!({"context": context, "integration_id": app}),
            None => json!({"context": context}),
        });
        let parameters = json!({"required_status_checks": required.collect::<Vec<_>>(), "strict_required_status_checks_policy": false});
        rules.push(json!({"type": "required_status_checks", "parameters": parameters}));
    }
    rules
}

/// Who may bypass a ruleset is shown to those alone who may change it.
pub(crate) fn ruleset(github: &Github, call: &Call, owner: &str, name: &str, id: &str) -> Answered {
    let repository = call.repository(github, owner, name, METADATA)?;
    let found = github.repository(repository).ok_or_else(not_found)?;
    let ruleset = found.rulesets.get(&id_of(id)?).ok_or_else(not_found)?;
    let mut shown = ruleset_json(&found.full_name(), ruleset);
    shown["current_user_can_bypass"] = json!(if ruleset.lets_app_by { "always" } else { "never" });
    if Need::write(&["administration"]).met_by(call.grant()?) {
        let actor = json!({"actor_id": github.app.id, "actor_type": "Integration", "bypass_mode": "always"});
        shown["bypass_actors"] = if ruleset.lets_app_by { json!([actor]) } else { json!([]) };
    }
    Answer::ok(shown)
}

fn ruleset_json(full_name: &str, ruleset: &Ruleset) -> Value {
    let branch = format!("refs/heads/{}", ruleset.branch);
    json!({
        "id": ruleset.id,
        "name": format!("Protect {}", ruleset.branch),
        "target": "branch",
        "source_type": "Repository",
        "source": full_name,
        "enforcement": "active",
        "conditions": {"ref_name": {"include": [branch], "exclude": []}},
        "rules": rules_json(ruleset),
        "node_id": node_id("RRS", ruleset.id),
        "_links": {"self": {"href": format!("https://api.github.com/repos/{}/rulesets/{}", encode(full_name), ruleset.id)}},
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
    })
}

impl Github {
    fn activity_json(&self, act: &Activity) -> Value {
        json!({
            "id": act.id,
            "node_id": node_id("PSH", act.id),
            "before": act.before.unwrap_or(ZERO).to_string(),
            "after": act.after.unwrap_or(ZERO).to_string(),
            "ref": act.full_ref,
            "timestamp": time(act.at),
            "activity_type": act.kind,
            "actor": self.user_json(act.actor),
        })
    }

    pub(crate) fn note_activity(&mut self, repository: u64, full: &str, before: Option<ObjectId>, after: Option<ObjectId>, by: u64) {
        if !full.starts_with("refs/heads/") {
            return;
        }
        let forwards = |before, after| self.objects(repository).is_some_and(|objects| history::is_ancestor(objects, before, after));
        let kind = match (before, after) {
            (None, _) => "branch_creation",
            (Some(_), None) => "branch_deletion",
            (Some(before), Some(after)) if forwards(before, after) => "push",
            (Some(_), Some(_)) => "force_push",
        };
        let (id, at) = (self.ids.next("activity"), self.now);
        if let Some(found) = self.repositories.get_mut(&repository) {
            found.activity.push(Activity { id, full_ref: full.to_owned(), before, after, kind, actor: by, at });
        }
    }
}
