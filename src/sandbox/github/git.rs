//! The Git Data API: trees, blobs, commits, refs.
//!
//! The ledger is written through it, so its refusals matter: an unknown object is a 422, and a ref moves only forward unless forced.

use crate::change::ObjectId;
use crate::change::Timestamp;
use crate::sandbox::github::answer::Answer;
use crate::sandbox::github::answer::Answered;
use crate::sandbox::github::answer::invalid;
use crate::sandbox::github::answer::not_found;
use crate::sandbox::github::answer::refusal;
use crate::sandbox::github::answer::unprocessable;
use crate::sandbox::github::call::Call;
use crate::sandbox::github::call::Need;
use crate::sandbox::github::call::encode;
use crate::sandbox::github::state::Github;
use crate::sandbox::github::wire::node_id;
use crate::sandbox::history;
use crate::sandbox::objects::Commit;
use crate::sandbox::objects::Entry;
use crate::sandbox::objects::EntryMode;
use crate::sandbox::objects::Objects;
use crate::sandbox::objects::Paths;
use crate::sandbox::objects::Signature;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde_json::Value;
use serde_json::json;

const READ: Need = Need::read(&["contents"]);
const WRITE: Need = Need::write(&["contents"]);
/// The blobs API refuses more, in bytes.
const MAX_BLOB: usize = 100 << 20;
/// Of a path that is written, in bytes and in components: trees are built by recursion.
const MAX_PATH: usize = 4_096;
const MAX_DEPTH: usize = 200;

pub(crate) fn tree(github: &Github, call: &Call, owner: &str, name: &str, revision: &str) -> Answered {
    let repository = call.repository(github, owner, name, READ)?;
    let objects = github.objects(repository).ok_or_else(not_found)?;
    let named = ObjectId::from_hex(revision).filter(|id| objects.tree(*id).is_some());
    let of_commit = || github.resolve(repository, revision).and_then(|id| objects.commit(id)).map(|commit| commit.tree);
    let id = named.or_else(of_commit).ok_or_else(not_found)?;
    // Whatever the value is, GitHub takes the parameter's presence for yes.
    if call.parameter("recursive").is_none() {
        return Answer::ok(github.tree_json(repository, id, objects.tree(id).unwrap_or_default().to_vec(), false));
    }
    let mut listed = objects.listing(id);
    let truncated = listed.len() > github.tree_limit;
    listed.truncate(github.tree_limit);
    Answer::ok(github.tree_json(repository, id, listed, truncated))
}

pub(crate) fn blob(github: &Github, call: &Call, owner: &str, name: &str, sha: &str) -> Answered {
    let repository = call.repository(github, owner, name, READ)?;
    let id = ObjectId::from_hex(sha).ok_or_else(not_found)?;
    let bytes = github.objects(repository).and_then(|objects| objects.blob(id)).ok_or_else(not_found)?;
    if bytes.len() > MAX_BLOB {
        return Err(refusal(StatusCode::FORBIDDEN, "This API returns blobs up to 100 MB in size."));
    }
    let found = github.repository(repository).ok_or_else(not_found)?;
    Answer::ok(json!({
        "sha": sha,
        "node_id": node_id("B", sha),
        "size": bytes.len(),
        "url": format!("{}/git/blobs/{sha}", github.repository_api(found)),
        "content": wrapped_base64(bytes),
        "encoding": "base64",
    }))
}

pub(crate) fn commit(github: &Github, call: &Call, owner: &str, name: &str, sha: &str) -> Answered {
    let repository = call.repository(github, owner, name, READ)?;
    let id = ObjectId::from_hex(sha).ok_or_else(not_found)?;
    Answer::ok(github.git_commit_json(repository, id).ok_or_else(not_found)?)
}

pub(crate) fn create_blob(github: &mut Github, call: &Call, owner: &str, name: &str) -> Answered {
    let repository = call.repository(github, owner, name, WRITE)?;
    let content = call.needed("Blob", "content")?;
    let bytes = match call.text("encoding").as_deref() {
        None | Some("utf-8") => content.into_bytes(),
        Some("base64") => decode_base64(&content).ok_or_else(|| unprocessable("content is not valid Base64"))?,
        Some(other) => return Err(unprocessable(&format!("unknown encoding {other}"))),
    };
    let id = github.objects_mut(repository).ok_or_else(not_found)?.add_blob(&bytes);
    let found = github.repository(repository).ok_or_else(not_found)?;
    Answer::created(json!({"sha": id.to_string(), "url": format!("{}/git/blobs/{id}", github.repository_api(found))}))
}

pub(crate) fn create_tree(github: &mut Github, call: &Call, owner: &str, name: &str) -> Answered {
    let repository = call.repository(github, owner, name, WRITE)?;
    let objects = github.objects_mut(repository).ok_or_else(not_found)?;
    let mut paths = match call.text("base_tree") {
        None => Paths::new(),
        Some(base) => {
            let id = ObjectId::from_hex(&base).ok_or_else(|| unprocessable("base_tree is not a valid oid"))?;
            let id = objects.commit(id).map_or(id, |commit| commit.tree);
            objects.tree(id).ok_or_else(not_found)?;
            objects.paths(id)
        }
    };
    let entries = call.body["tree"].as_array().ok_or_else(|| unprocessable("Invalid tree info"))?;
    for entry in entries {
        place_entry(objects, &mut paths, entry)?;
    }
    if paths.is_empty() && !entries.is_empty() {
        return Err(unprocessable("tree is empty"));
    }
    let id = objects.add_paths(&paths);
    let listed = objects.tree(id).unwrap_or_default().to_vec();
    Answer::created(github.tree_json(repository, id, listed, false))
}

/// One entry of the request: a content, an object that is there, or null, which removes.
fn place_entry(objects: &mut Objects, paths: &mut Paths, entry: &Value) -> Result<(), Box<Answer>> {
    let malformed = || unprocessable("tree.path contains a malformed path component");
    let path = entry["path"].as_str().filter(|path| is_path(path)).ok_or_else(malformed)?;
    let below = format!("{path}/");
    if entry["sha"].is_null() && entry.get("sha").is_some() {
        paths.retain(|other, _| other != path && !other.starts_with(&below));
        return Ok(());
    }
    let mode = entry["mode"].as_str().and_then(EntryMode::from_digits).ok_or_else(|| unprocessable("Must supply a valid tree.mode"))?;
    let id = match (entry["content"].as_str(), entry["sha"].as_str()) {
        (Some(_), Some(_)) => return Err(unprocessable("Must supply either tree.sha or tree.content, not both")),
        (Some(content), None) => objects.add_blob(content.as_bytes()),
        (None, Some(sha)) => {
            ObjectId::from_hex(sha).ok_or_else(|| unprocessable(&format!("tree.sha {sha} is not a valid {}", mode.kind())))?
        }
        (None, None) => return Err(unprocessable("Must supply tree.sha or tree.content")),
    };
    let there = match mode {
        EntryMode::File | EntryMode::Executable | EntryMode::Symlink => objects.blob(id).is_some(),
        EntryMode::Directory => objects.tree(id).is_some(),
        EntryMode::Submodule => true,
    };
    if !there {
        return Err(unprocessable(&format!("tree.sha {id} is not a valid {}", mode.kind())));
    }
    paths.retain(|other, _| !other.starts_with(&below) && !path.starts_with(&format!("{other}/")));
    if mode == EntryMode::Directory {
        paths.extend(objects.paths(id).into_iter().map(|(inner, entry)| (format!("{below}{inner}"), entry)));
    } else {
        paths.insert(path.to_owned(), (mode, id));
    }
    Ok(())
}

fn is_path(path: &str) -> bool {
    path.len() <= MAX_PATH && path.split('/').count() <= MAX_DEPTH && path.split('/').all(is_path_component)
}

fn is_path_component(component: &str) -> bool {
    !component.is_empty() && component != "." && component != ".." && !component.eq_ignore_ascii_case(".git")
}

pub(crate) fn create_commit(github: &mut Github, call: &Call, owner: &str, name: &str) -> Answered {
    let repository = call.repository(github, owner, name, WRITE)?;
    let tree = call.sha("Commit", "tree")?;
    let objects = github.objects(repository).ok_or_else(not_found)?;
    if objects.tree(tree).is_none() {
        return Err(unprocessable("Tree SHA does not exist"));
    }
    let mut parents = Vec::new();
    for parent in call.body["parents"].as_array().into_iter().flatten() {
        let id = parent.as_str().and_then(ObjectId::from_hex).filter(|id| objects.commit(*id).is_some());
        parents.push(id.ok_or_else(|| unprocessable("Parent SHA does not exist or is not a commit object"))?);
    }
    let bot = github.user(github.bot).ok_or_else(not_found)?;
    let ours = Signature { name: bot.login.clone(), email: bot.email(), at: github.now.0, zone: "+0000".to_owned() };
    let by_github = Signature { name: "GitHub".to_owned(), email: "noreply@github.com".to_owned(), ..ours.clone() };
    let author = signature(&call.body["author"], &ours)?;
    // Only what names nobody is committed, and signed, by GitHub:
    // <https://docs.github.com/en/authentication/managing-commit-signature-verification/about-commit-signature-verification>, "for bots".
    let named = call.body["author"].is_object() || call.body["committer"].is_object();
    let committer = if call.body["committer"].is_object() {
        signature(&call.body["committer"], &ours)?
    } else if call.body["author"].is_object() {
        author.clone()
    } else if github.signs {
        by_github
    } else {
        ours
    };
    let commit = Commit { tree, parents, author, committer, headers: String::new(), message: call.needed("Commit", "message")? };
    let commit = if named || !github.signs { commit } else { commit.signed() };
    let id = github.objects_mut(repository).ok_or_else(not_found)?.add_commit(commit);
    Answer::created(github.git_commit_json(repository, id).ok_or_else(not_found)?)
}

fn signature(given: &Value, otherwise: &Signature) -> Result<Signature, Box<Answer>> {
    if given.is_null() {
        return Ok(otherwise.clone());
    }
    let (Some(name), Some(email)) = (given["name"].as_str(), given["email"].as_str()) else {
        return Err(unprocessable("Invalid request.\n\n\"email\", \"name\" weren't supplied."));
    };
    let at = given["date"].as_str().and_then(Timestamp::parse).map_or(otherwise.at, |at| at.0);
    Ok(Signature { name: name.to_owned(), email: email.to_owned(), at, zone: "+0000".to_owned() })
}

pub(crate) fn get_ref(github: &Github, call: &Call, owner: &str, name: &str, short: &str) -> Answered {
    let repository = call.repository(github, owner, name, READ)?;
    let full = format!("refs/{short}");
    Answer::ok(github.ref_json(repository, &full).ok_or_else(not_found)?)
}

pub(crate) fn matching_refs(github: &Github, call: &Call, owner: &str, name: &str, short: &str) -> Answered {
    let repository = call.repository(github, owner, name, READ)?;
    let prefix = format!("refs/{short}");
    let found = github.repository(repository).ok_or_else(not_found)?;
    let matching = found.refs.keys().filter(|full| full.starts_with(&prefix));
    Answer::ok(matching.filter_map(|full| github.ref_json(repository, full)).collect())
}

pub(crate) fn create_ref(github: &mut Github, call: &Call, owner: &str, name: &str) -> Answered {
    let repository = call.repository(github, owner, name, WRITE)?;
    let full = call.needed("Reference", "ref")?;
    if !full.starts_with("refs/") || full.matches('/').count() < 2 || !full.split('/').all(is_path_component) {
        return Err(unprocessable("Reference name must start with 'refs' and have at least two slashes."));
    }
    let target = known_commit(github, repository, call)?;
    if github.repository(repository).is_some_and(|found| found.refs.contains_key(&full)) {
        return Err(unprocessable("Reference already exists"));
    }
    github.move_ref(repository, &full, Some(target), github.bot);
    Answer::created(github.ref_json(repository, &full).ok_or_else(not_found)?)
}

pub(crate) fn update_ref(github: &mut Github, call: &Call, owner: &str, name: &str, short: &str) -> Answered {
    let repository = call.repository(github, owner, name, WRITE)?;
    let full = format!("refs/{short}");
    let target = known_commit(github, repository, call)?;
    let tip = github.repository(repository).and_then(|found| found.refs.get(&full)).copied();
    let tip = tip.ok_or_else(|| unprocessable("Reference does not exist"))?;
    let forced = call.body["force"].as_bool().unwrap_or(false);
    let objects = github.objects(repository).ok_or_else(not_found)?;
    if !forced && !history::is_ancestor(objects, tip, target) {
        return Err(unprocessable("Update is not a fast forward"));
    }
    github.move_ref(repository, &full, Some(target), github.bot);
    Answer::ok(github.ref_json(repository, &full).ok_or_else(not_found)?)
}

pub(crate) fn delete_ref(github: &mut Github, call: &Call, owner: &str, name: &str, short: &str) -> Answered {
    let repository = call.repository(github, owner, name, WRITE)?;
    let full = format!("refs/{short}");
    if github.repository(repository).is_none_or(|found| !found.refs.contains_key(&full)) {
        return Err(unprocessable("Reference does not exist"));
    }
    github.move_ref(repository, &full, None, github.bot);
    Answer::no_content()
}

fn known_commit(github: &Github, repository: u64, call: &Call) -> Result<ObjectId, Box<Answer>> {
    let id = call.sha("Reference", "sha")?;
    let objects = github.objects(repository).ok_or_else(not_found)?;
    if objects.commit(id).is_none() {
        return Err(invalid("Reference", "sha", "Object does not exist"));
    }
    Ok(id)
}

/// Lines of 60 characters, each with its newline, as GitHub sends blobs and contents.
pub(crate) fn wrapped_base64(bytes: &[u8]) -> String {
    let text = STANDARD.encode(bytes);
    let mut wrapped = String::with_capacity(text.len() + text.len() / 60 + 1);
    for (index, letter) in text.chars().enumerate() {
        if index > 0 && index % 60 == 0 {
            wrapped.push('\n');
        }
        wrapped.push(letter);
    }
    if !wrapped.is_empty() {
        wrapped.push('\n');
    }
    wrapped
}

pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text.split_ascii_whitespace().collect::<String>()).ok()
}

impl Github {
    fn tree_json(&self, repository: u64, id: ObjectId, listed: Vec<Entry>, truncated: bool) -> Value {
        let api = self.repository(repository).map(|found| self.repository_api(found)).unwrap_or_default();
        let entries = listed.iter().map(|entry| {
            let mut shown =
                json!({"path": entry.path, "mode": entry.mode.digits(), "type": entry.mode.kind(), "sha": entry.id.to_string()});
            if let Some(bytes) = self.objects(repository).and_then(|objects| objects.blob(entry.id)) {
                shown["size"] = json!(bytes.len());
            }
            // A submodule's commit lies elsewhere and has no address here.
            if entry.mode != EntryMode::Submodule {
                shown["url"] = json!(format!("{api}/git/{}s/{}", entry.mode.kind(), entry.id));
            }
            shown
        });
        json!({"sha": id.to_string(), "url": format!("{api}/git/trees/{id}"), "tree": entries.collect::<Vec<_>>(), "truncated": truncated})
    }

    pub(crate) fn git_commit_json(&self, repository: u64, id: ObjectId) -> Option<Value> {
        let found = self.repository(repository)?;
        let commit = self.objects(repository)?.commit(id)?;
        let (api, page) = (self.repository_api(found), self.repository_page(found));
        let parents = commit.parents.iter().map(|parent| {
            json!({
                "sha": parent.to_string(),
                "url": format!("{api}/git/commits/{parent}"),
                "html_url": format!("{page}/commit/{parent}"),
            })
        });
        Some(json!({
            "sha": id.to_string(),
            "node_id": node_id("C", id),
            "url": format!("{api}/git/commits/{id}"),
            "html_url": format!("{page}/commit/{id}"),
            "author": signature_json(&commit.author),
            "committer": signature_json(&commit.committer),
            "message": commit.message,
            "tree": {"sha": commit.tree.to_string(), "url": format!("{api}/git/trees/{}", commit.tree)},
            "parents": parents.collect::<Vec<_>>(),
            "verification": verification_json(commit),
        }))
    }

    /// As the commits of a pull request and of a comparison are shown.
    pub(crate) fn commit_json(&self, repository: u64, id: ObjectId) -> Value {
        let (Some(found), Some(commit)) = (self.repository(repository), self.objects(repository).and_then(|objects| objects.commit(id)))
        else {
            return Value::Null;
        };
        let (api, page) = (self.repository_api(found), self.repository_page(found));
        let user = |signature: &Signature| self.user_with_email(&signature.email).map(|user| self.user_json(user.id));
        let parents = commit.parents.iter().map(|parent| {
            json!({
                "sha": parent.to_string(),
                "url": format!("{api}/commits/{parent}"),
                "html_url": format!("{page}/commit/{parent}"),
            })
        });
        json!({
            "sha": id.to_string(),
            "node_id": node_id("C", id),
            "url": format!("{api}/commits/{id}"),
            "html_url": format!("{page}/commit/{id}"),
            "comments_url": format!("{api}/commits/{id}/comments"),
            "commit": {
                "url": format!("{api}/git/commits/{id}"),
                "author": signature_json(&commit.author),
                "committer": signature_json(&commit.committer),
                "message": commit.message.trim_end(),
                "comment_count": 0,
                "tree": {"sha": commit.tree.to_string(), "url": format!("{api}/git/trees/{}", commit.tree)},
                "verification": verification_json(commit),
            },
            // Null where the address is nobody's: the name in a commit proves nothing.
            "author": user(&commit.author),
            "committer": user(&commit.committer),
            "parents": parents.collect::<Vec<_>>(),
        })
    }

    fn ref_json(&self, repository: u64, full: &str) -> Option<Value> {
        let found = self.repository(repository)?;
        let (id, api) = (found.refs.get(full)?, self.repository_api(found));
        Some(json!({
            "ref": full,
            "node_id": node_id("REF", full),
            "url": format!("{api}/git/{}", encode(full)),
            "object": {"type": "commit", "sha": id.to_string(), "url": format!("{api}/git/commits/{id}")},
        }))
    }
}

pub(crate) fn signature_json(signature: &Signature) -> Value {
    json!({"name": signature.name, "email": signature.email, "date": Timestamp(signature.at).to_string()})
}

/// GitHub signs what it commits itself, and knows no other key.
fn verification_json(commit: &Commit) -> Value {
    let signed = commit.signature();
    let verified = signed.is_some() && commit.committer.email == "noreply@github.com";
    let reason = match (&signed, verified) {
        (None, _) => "unsigned",
        (Some(_), true) => "valid",
        (Some(_), false) => "unknown_key",
    };
    let (payload, signature) = signed.unzip();
    json!({
        "verified": verified,
        "reason": reason,
        "signature": signature,
        "payload": payload,
        "verified_at": verified.then(|| Timestamp(commit.committer.at).to_string()),
    })
}
