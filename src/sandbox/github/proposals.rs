//! What an App proposes: a file on a branch, and a pull request that brings it.

use crate::sandbox::github::answer::Answer;
use crate::sandbox::github::answer::Answered;
use crate::sandbox::github::answer::invalid;
use crate::sandbox::github::answer::not_found;
use crate::sandbox::github::answer::refusal;
use crate::sandbox::github::answer::unprocessable;
use crate::sandbox::github::call::Call;
use crate::sandbox::github::call::Need;
use crate::sandbox::github::call::encode;
use crate::sandbox::github::contents::entry_json;
use crate::sandbox::github::git::decode_base64;
use crate::sandbox::github::people::Opening;
use crate::sandbox::github::state::Github;
use crate::sandbox::github::state::Pull;
use crate::sandbox::history;
use crate::sandbox::objects::Commit;
use crate::sandbox::objects::Entry;
use crate::sandbox::objects::EntryMode;
use crate::sandbox::objects::Signature;
use http::StatusCode;
use serde_json::json;

/// Commits one file on a branch that is there. A file that is there already is replaced only by whoever names its blob.
pub(crate) fn put_file(github: &mut Github, call: &Call, owner: &str, name: &str, path: &str) -> Answered {
    let repository = call.repository(github, owner, name, Need::write(&["contents"]))?;
    let message = call.needed("Content", "message")?;
    let content = call.text("content").and_then(|content| decode_base64(&content));
    let content = content.ok_or_else(|| unprocessable("content is not valid Base64"))?;
    let found = github.repository(repository).ok_or_else(not_found)?;
    let branch = call.text("branch").unwrap_or_else(|| found.default_branch.clone());
    let no_branch = || refusal(StatusCode::NOT_FOUND, &format!("Branch {branch} not found"));
    let parent = found.branch(&branch).ok_or_else(no_branch)?;
    let author = github.signature(github.bot);
    let committer = Signature { name: "GitHub".to_owned(), email: "noreply@github.com".to_owned(), ..author.clone() };
    let objects = github.objects_mut(repository).ok_or_else(not_found)?;
    let root = objects.commit(parent).ok_or_else(not_found)?.tree;
    let standing = objects.find(root, path).map(|entry| entry.id.to_string());
    match (&standing, call.text("sha")) {
        (Some(_), None) => return Err(unprocessable("Invalid request.\n\n\"sha\" wasn't supplied.")),
        (Some(standing), Some(sha)) if *standing != sha => {
            return Err(refusal(StatusCode::CONFLICT, &format!("{path} does not match {sha}")));
        }
        _ => {}
    }
    let blob = objects.add_blob(&content);
    let mut paths = objects.paths(root);
    paths.insert(path.to_owned(), (EntryMode::File, blob));
    let tree = objects.add_paths(&paths);
    let commit = Commit { tree, parents: vec![parent], author, committer, headers: String::new(), message };
    let id = objects.add_commit(commit.signed());
    github.move_ref(repository, &format!("refs/heads/{branch}"), Some(id), github.bot);
    let found = github.repository(repository).ok_or_else(not_found)?;
    let objects = github.objects(repository).ok_or_else(not_found)?;
    let entry = Entry { path: path.to_owned(), mode: EntryMode::File, id: blob };
    let shown = json!({
        "content": entry_json(github, found, objects, &entry, &branch),
        "commit": github.git_commit_json(repository, id),
    });
    let status = if standing.is_some() { StatusCode::OK } else { StatusCode::CREATED };
    Ok(Answer::new(status, shown))
}

/// Opens a pull request between two branches of the repository.
pub(crate) fn open_pull(github: &mut Github, call: &Call, owner: &str, name: &str) -> Answered {
    let repository = call.repository(github, owner, name, Need::write(&["pull_requests"]))?;
    let (title, head, base) =
        (call.needed("PullRequest", "title")?, call.needed("PullRequest", "head")?, call.needed("PullRequest", "base")?);
    let found = github.repository(repository).ok_or_else(not_found)?;
    let full_name = found.full_name();
    let tips = found.branch(&head).zip(found.branch(&base));
    let (head_tip, base_tip) = tips.ok_or_else(|| invalid("PullRequest", "head", "is invalid"))?;
    let is_same = |pull: &&Pull| pull.open && pull.head.branch == head && pull.base.branch == base;
    if found.pulls.values().any(|pull| is_same(&pull)) {
        return Err(invalid("PullRequest", "base", &format!("A pull request already exists for {owner}:{}.", encode(&head))));
    }
    let objects = github.objects(repository).ok_or_else(not_found)?;
    if history::commits_between(objects, base_tip, head_tip).is_empty() {
        return Err(invalid("PullRequest", "head", &format!("No commits between {base} and {head}")));
    }
    let bot = github.user(github.bot).ok_or_else(not_found)?.login.clone();
    let body = call.text("body").unwrap_or_default();
    let draft = call.body["draft"].as_bool().unwrap_or(false);
    let opening = Opening { repository: &full_name, by: &bot, head: &head, base: &base, title: &title, body: &body, draft };
    let number = github.open_pull(&opening).map_err(|error| unprocessable(&error.to_string()))?;
    let found = github.repository(repository).ok_or_else(not_found)?;
    let pull = found.pulls.get(&number).ok_or_else(not_found)?;
    Answer::created(github.full_pull_json(found, pull))
}
