//! Files by path, one commit, and the comparison of two: the convenient routes, with their traps.
//!
//! A symlink answers with its target's content, a file above 1 MB without any, a listing ends at a thousand entries.

use crate::change::ObjectId;
use crate::sandbox::github::answer::Answer;
use crate::sandbox::github::answer::Answered;
use crate::sandbox::github::answer::not_found;
use crate::sandbox::github::answer::refusal;
use crate::sandbox::github::answer::unprocessable;
use crate::sandbox::github::call::Call;
use crate::sandbox::github::call::Need;
use crate::sandbox::github::call::encode;
use crate::sandbox::github::git::wrapped_base64;
use crate::sandbox::github::state::Github;
use crate::sandbox::github::state::Repository;
use crate::sandbox::history;
use crate::sandbox::objects::Entry;
use crate::sandbox::objects::EntryMode;
use crate::sandbox::objects::Objects;
use http::StatusCode;
use serde_json::Value;
use serde_json::json;

const READ: Need = Need::read(&["contents"]);
const MAX_INLINE: usize = 1 << 20;
const MAX_RAW: usize = 100 << 20;
const MAX_LISTED: usize = 1_000;
const MAX_COMPARED: usize = 300;
const MAX_COMMITS: usize = 250;

pub(crate) fn get(github: &Github, call: &Call, owner: &str, name: &str, path: &str) -> Answered {
    let repository = call.repository(github, owner, name, READ)?;
    let found = github.repository(repository).ok_or_else(not_found)?;
    let revision = call.parameter("ref").unwrap_or(&found.default_branch);
    let no_commit = || refusal(StatusCode::NOT_FOUND, &format!("No commit found for the ref {revision}"));
    let commit = github.resolve(repository, revision).ok_or_else(no_commit)?;
    let objects = github.objects(repository).ok_or_else(not_found)?;
    let root = objects.commit(commit).ok_or_else(not_found)?.tree;
    let path = path.trim_matches('/');
    if path.is_empty() {
        return Answer::ok(listing_json(github, found, objects, root, "", revision));
    }
    let entry = objects.find(root, path).ok_or_else(not_found)?;
    match entry.mode {
        EntryMode::Directory => Answer::ok(listing_json(github, found, objects, entry.id, &format!("{path}/"), revision)),
        EntryMode::Symlink => match follow(objects, root, &entry) {
            // As in life: the answer is the target's and says nothing of the link.
            Some(target) => file_json(github, found, objects, &Entry { path: path.to_owned(), ..target }, revision),
            None => Answer::ok(link_json(github, found, objects, &entry, revision)),
        },
        EntryMode::Submodule => {
            let mut shown = entry_json(github, found, objects, &entry, revision);
            shown["submodule_git_url"] = json!("https://example.org/submodule.git");
            Answer::ok(shown)
        }
        EntryMode::File | EntryMode::Executable => file_json(github, found, objects, &entry, revision),
    }
}

fn file_json(github: &Github, found: &Repository, objects: &Objects, entry: &Entry, revision: &str) -> Answered {
    let bytes = objects.blob(entry.id).ok_or_else(not_found)?;
    if bytes.len() > MAX_RAW {
        return Err(refusal(StatusCode::FORBIDDEN, "This API returns blobs up to 100 MB in size."));
    }
    let mut shown = entry_json(github, found, objects, entry, revision);
    let inline = bytes.len() <= MAX_INLINE;
    shown["content"] = json!(if inline { wrapped_base64(bytes) } else { String::new() });
    shown["encoding"] = json!(if inline { "base64" } else { "none" });
    Answer::ok(shown)
}

/// The file that a link within the repository leads to.
fn follow(objects: &Objects, root: ObjectId, link: &Entry) -> Option<Entry> {
    let target = std::str::from_utf8(objects.blob(link.id)?).ok()?;
    let mut parts: Vec<&str> = link.path.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    let target = objects.find(root, &parts.join("/"))?;
    matches!(target.mode, EntryMode::File | EntryMode::Executable).then_some(target)
}

fn link_json(github: &Github, found: &Repository, objects: &Objects, entry: &Entry, revision: &str) -> Value {
    let mut shown = entry_json(github, found, objects, entry, revision);
    let target = objects.blob(entry.id).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    shown["type"] = json!("symlink");
    shown["target"] = json!(target);
    shown
}

fn listing_json(github: &Github, found: &Repository, objects: &Objects, tree: ObjectId, prefix: &str, revision: &str) -> Value {
    let entries = objects.tree(tree).unwrap_or_default().iter().take(MAX_LISTED);
    entries
        .map(|entry| entry_json(github, found, objects, &Entry { path: format!("{prefix}{}", entry.path), ..entry.clone() }, revision))
        .collect()
}

pub(crate) fn entry_json(github: &Github, found: &Repository, objects: &Objects, entry: &Entry, revision: &str) -> Value {
    let (api, page, path) = (github.repository_api(found), github.repository_page(found), encode(&entry.path));
    let kind = match entry.mode {
        EntryMode::Directory => "dir",
        EntryMode::Symlink => "symlink",
        // Listings call a submodule a file, for the sake of old clients.
        EntryMode::File | EntryMode::Executable | EntryMode::Submodule => "file",
    };
    let url = format!("{api}/contents/{path}?ref={}", encode(revision));
    let html = format!("{page}/blob/{}/{path}", encode(revision));
    let git = format!("{api}/git/{}s/{}", entry.mode.kind(), entry.id);
    json!({
        "type": kind,
        "size": objects.blob(entry.id).map_or(0, <[u8]>::len),
        "name": entry.path.rsplit('/').next(),
        "path": entry.path,
        "sha": entry.id.to_string(),
        "url": url,
        "git_url": git,
        "html_url": html,
        "download_url": if kind == "dir" { Value::Null } else { json!(format!("{page}/raw/{}/{path}", encode(revision))) },
        "_links": {"self": url, "git": git, "html": html},
    })
}

pub(crate) fn commit(github: &Github, call: &Call, owner: &str, name: &str, revision: &str) -> Answered {
    let repository = call.repository(github, owner, name, READ)?;
    let no_commit = || unprocessable(&format!("No commit found for SHA: {revision}"));
    let id = github.resolve(repository, revision).ok_or_else(no_commit)?;
    let found = github.repository(repository).ok_or_else(not_found)?;
    let parent = github.objects(repository).and_then(|objects| objects.commit(id)?.parents.first().copied());
    let files = github.files_between(repository, parent, id);
    let mut shown = github.commit_json(repository, id);
    let (additions, deletions) = files.iter().fold((0, 0), |sum, file| (sum.0 + file.additions, sum.1 + file.deletions));
    shown["stats"] = json!({"total": additions + deletions, "additions": additions, "deletions": deletions});
    shown["files"] = files.iter().take(MAX_COMPARED).map(|file| github.file_json(found, file, id)).collect();
    Answer::ok(shown)
}

/// A commit and its ancestors, newest first.
pub(crate) fn commits(github: &Github, call: &Call, owner: &str, name: &str) -> Answered {
    let repository = call.repository(github, owner, name, READ)?;
    let found = github.repository(repository).ok_or_else(not_found)?;
    let revision = call.parameter("sha").unwrap_or(&found.default_branch);
    let start = github.resolve(repository, revision).ok_or_else(not_found)?;
    let objects = github.objects(repository).ok_or_else(not_found)?;
    let mut commits = history::commits_until(objects, start);
    if let Some(path) = call.parameter("path") {
        commits.retain(|id| touches(objects, *id, path));
    }
    commits.reverse();
    call.page(github, commits.iter().map(|id| github.commit_json(repository, *id)).collect())
}

/// Whether a commit leaves another file at the path than each of its parents had: what `git log -- path` shows.
fn touches(objects: &Objects, commit: ObjectId, path: &str) -> bool {
    let at = |id: ObjectId| objects.commit(id).and_then(|commit| objects.find(commit.tree, path)).map(|entry| (entry.mode, entry.id));
    let parents = objects.commit(commit).map(|commit| commit.parents.clone()).unwrap_or_default();
    let own = at(commit);
    if parents.is_empty() { own.is_some() } else { parents.iter().all(|parent| at(*parent) != own) }
}

/// `base...head`, either of which may be `owner:branch` of the same network.
pub(crate) fn compare(github: &Github, call: &Call, owner: &str, name: &str, basehead: &str) -> Answered {
    let repository = call.repository(github, owner, name, READ)?;
    let (base, head) = basehead.split_once("...").ok_or_else(not_found)?;
    let base_id = resolve_across(github, repository, base).ok_or_else(not_found)?;
    let head_id = resolve_across(github, repository, head).ok_or_else(not_found)?;
    let objects = github.objects(repository).ok_or_else(not_found)?;
    let no_base = || refusal(StatusCode::NOT_FOUND, &format!("No common ancestor between {base} and {head}."));
    let merge_base = history::merge_base(objects, base_id, head_id).ok_or_else(no_base)?;
    let ahead = history::commits_between(objects, base_id, head_id);
    let behind = history::commits_between(objects, head_id, base_id).len();
    let status = match (ahead.len(), behind) {
        (0, 0) => "identical",
        (_, 0) => "ahead",
        (0, _) => "behind",
        _ => "diverged",
    };
    let found = github.repository(repository).ok_or_else(not_found)?;
    let page = format!("{}/compare/{}", github.repository_page(found), encode(basehead));
    let files = github.files_between(repository, Some(merge_base), head_id);
    let commits: Vec<Value> = ahead.iter().map(|id| github.commit_json(repository, *id)).collect();
    let number = call.parameter("page").and_then(|text| text.parse().ok()).unwrap_or(1_usize);
    // Unpaged there are 250 at most, and no word of more but `total_commits`.
    let paged = match call.parameter("per_page") {
        Some(_) => call.page(github, commits)?,
        None => Answer::new(StatusCode::OK, commits.into_iter().take(MAX_COMMITS).collect()),
    };
    let mut shown = json!({
        "url": format!("{}/compare/{}", github.repository_api(found), encode(basehead)),
        "html_url": page,
        "permalink_url": page,
        "diff_url": format!("{page}.diff"),
        "patch_url": format!("{page}.patch"),
        "base_commit": github.commit_json(repository, base_id),
        "merge_base_commit": github.commit_json(repository, merge_base),
        "status": status,
        "ahead_by": ahead.len(),
        "behind_by": behind,
        "total_commits": ahead.len(),
        "commits": paged.body,
    });
    // The files stand on the first page only.
    if number <= 1 {
        shown["files"] = files.iter().take(MAX_COMPARED).map(|file| github.file_json(found, file, head_id)).collect();
    }
    Ok(Answer { body: shown, ..paged })
}

fn resolve_across(github: &Github, repository: u64, revision: &str) -> Option<ObjectId> {
    let Some((owner, branch)) = revision.split_once(':') else { return github.resolve(repository, revision) };
    let network = github.repository(repository)?.network;
    let fork = github.repositories.values().find(|other| other.network == network && other.owner.eq_ignore_ascii_case(owner))?;
    fork.branch(branch)
}
