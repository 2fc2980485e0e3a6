//! The GraphQL documents that the bot needs: a pull request with its page, resolving a thread, and the authors of commits.
//!
//! They are known by the fields that they ask for; anything else is an error. Errors come with status 200, as in life.

use crate::change::ObjectId;
use crate::change::Timestamp;
use crate::sandbox::github::answer::Answer;
use crate::sandbox::github::answer::Answered;
use crate::sandbox::github::call::Call;
use crate::sandbox::github::call::Need;
use crate::sandbox::github::call::covers;
use crate::sandbox::github::state::Anchor;
use crate::sandbox::github::state::Github;
use crate::sandbox::github::state::IssueComment;
use crate::sandbox::github::state::Pull;
use crate::sandbox::github::state::Repository;
use crate::sandbox::github::state::Review;
use crate::sandbox::github::state::ReviewComment;
use crate::sandbox::github::state::UserKind;
use crate::sandbox::github::wire::node_id;
use crate::sandbox::github::wire::read_node_id;
use crate::sandbox::github::wire::time;
use crate::sandbox::objects::Commit;
use crate::sandbox::objects::Objects;
use serde_json::Value;
use serde_json::json;

const PAGE: usize = 100;
/// Bytes of a blob that are told as a text.
const TEXT: usize = 512 * 1024;

pub(crate) fn answer(github: &mut Github, call: &Call) -> Answered {
    call.grant()?;
    let document = call.body["query"].as_str().unwrap_or_default();
    let variables = &call.body["variables"];
    let answered = if document.contains("resolveReviewThread(") {
        resolve(github, call, variables)
    } else if document.contains("reviewThreads(") && document.contains("pullRequest(") {
        threads(github, call, document, variables)
    } else if document.contains("nodes(ids: $ids)") && document.contains("... on IssueComment") {
        Ok(comments(github, call, variables))
    } else if document.contains("authors(first: 100)") && document.contains("object(oid:") {
        objects(github, call, document, variables, |github, objects, id| {
            objects.commit(id).map(|commit| json!({"authors": {"nodes": github.authors_of(commit)}}))
        })
    } else if document.contains("... on Blob") && document.contains("object(oid:") {
        objects(github, call, document, variables, |_, objects, id| objects.blob(id).map(blob_node))
    } else {
        Err(error("undefinedField", "the stand-in knows resolveReviewThread, reviewThreads, nodes, authors and blobs only"))
    };
    Answer::ok(answered.unwrap_or_else(|errors| errors))
}

/// Needs write on pull requests and on contents: see the facts about `resolveReviewThread`.
fn resolve(github: &mut Github, call: &Call, variables: &Value) -> Result<Value, Value> {
    let wanted = find_text(variables, &["threadId", "thread", "id"]);
    let (repository, first) = wanted.and_then(|id| github.thread_named(id)).ok_or_else(|| not_resolved("thread"))?;
    let forbidden = || error("FORBIDDEN", "Resource not accessible by integration");
    let grant = call.grant().map_err(|_| forbidden())?;
    let found = github.repositories.get(&repository).ok_or_else(forbidden)?;
    let may = covers(github, grant, found) && Need::write(&["pull_requests"]).met_by(grant) && Need::write(&["contents"]).met_by(grant);
    if !may {
        return Err(forbidden());
    }
    let bot = github.bot;
    let comment = github.repositories.get_mut(&repository).and_then(|found| found.review_comments.get_mut(&first));
    comment.ok_or_else(|| not_resolved("thread"))?.resolved_by.get_or_insert(bot);
    Ok(json!({"data": {"resolveReviewThread": {"thread": {"id": node_id("PRRT", first), "isResolved": true}}}}))
}

fn threads(github: &Github, call: &Call, document: &str, variables: &Value) -> Result<Value, Value> {
    let owner = find_text(variables, &["owner"]).unwrap_or_default();
    let name = find_text(variables, &["name", "repo", "repository"]).unwrap_or_default();
    let number = ["number", "pull", "pullNumber"].iter().find_map(|key| variables[*key].as_u64()).unwrap_or_default();
    let Ok(repository) = call.repository(github, owner, name, Need::read(&["pull_requests"])) else {
        return Err(not_resolved("Repository"));
    };
    let found = github.repository(repository).ok_or_else(|| not_resolved("Repository"))?;
    let Some(pull) = found.pulls.get(&number) else { return Err(not_resolved("PullRequest")) };
    let whole = variables["whole"].as_bool().unwrap_or(true);
    let mut shown = github.pull_node(found, pull);
    shown["reviewThreads"] = github.threads_node(found, number, document, variables);
    if document.contains("comments(first: 100)") {
        let talk = || found.comments.values().filter(|comment| comment.issue == number);
        let nodes: Vec<Value> = talk().take(PAGE).map(|comment| github.comment_node(comment, whole)).collect();
        shown["comments"] = json!({"totalCount": talk().count(), "nodes": nodes});
    }
    if document.contains("reviews(last: $reviews)") {
        let last = number_of(variables, "reviews").unwrap_or(0).min(PAGE);
        let submitted: Vec<&Review> = found.reviews.values().filter(|review| review.pull == number && review.state != "PENDING").collect();
        let newest = submitted.iter().skip(submitted.len().saturating_sub(last));
        shown["reviews"] = json!({"nodes": newest.map(|review| github.review_node(found, review)).collect::<Vec<_>>()});
    }
    if document.contains("itemTypes: [REVIEW_REQUESTED_EVENT]") {
        shown["timelineItems"] = json!({"nodes": github.requests_nodes(found, pull)});
    }
    if document.contains("associatedPullRequests(first: 100)") && whole {
        let holding = github.pulls_with(found, pull.head.sha);
        let listed: Vec<Value> = holding.iter().take(PAGE).map(|pull| github.pull_node(found, pull)).collect();
        let commit = json!({"oid": pull.head.sha.to_string(), "associatedPullRequests": {"totalCount": holding.len(), "nodes": listed}});
        shown["commits"] = json!({"nodes": [{"commit": commit}]});
    }
    Ok(json!({"data": {"repository": {"pullRequest": shown}}}))
}

/// Comments by their nodes, in the order asked for; what is not there, or not to be seen, is null. See
/// <https://docs.github.com/en/graphql/reference/queries#nodes>.
fn comments(github: &Github, call: &Call, variables: &Value) -> Value {
    let seen = |node: &str| {
        let id = read_node_id("IC", node)?;
        let found = github.repositories.values().find(|found| found.comments.contains_key(&id))?;
        call.grant().ok().filter(|grant| covers(github, grant, found) && Need::read(&["pull_requests", "issues"]).met_by(grant))?;
        found.comments.get(&id).map(|comment| github.comment_node(comment, true))
    };
    let asked = variables["ids"].as_array().into_iter().flatten();
    json!({"data": {"nodes": asked.map(|node| node.as_str().and_then(seen)).collect::<Vec<_>>()}})
}

/// `c0: object(oid: "…") { … }`, any number of them: of a commit its authors (first who wrote it, then whom `Co-authored-by:` trailers name), of a
/// blob its text. What is not there is null. See <https://docs.github.com/en/graphql/reference/objects#repository>.
fn objects(
    github: &Github,
    call: &Call,
    document: &str,
    variables: &Value,
    shown: impl Fn(&Github, &Objects, ObjectId) -> Option<Value>,
) -> Result<Value, Value> {
    let owner = find_text(variables, &["owner"]).unwrap_or_default();
    let name = find_text(variables, &["name"]).unwrap_or_default();
    let Ok(repository) = call.repository(github, owner, name, Need::read(&["contents"])) else {
        return Err(not_resolved("Repository"));
    };
    let objects = github.objects(repository).ok_or_else(|| not_resolved("Repository"))?;
    let mut found = json!({});
    for (at, opening) in document.match_indices(": object(oid: \"") {
        let id = document[at + opening.len()..].split('"').next().and_then(ObjectId::from_hex);
        let alias = document[..at].rsplit([' ', '{']).next().unwrap_or_default();
        found[alias] = id.and_then(|id| shown(github, objects, id)).unwrap_or_default();
    }
    Ok(json!({"data": {"repository": found}}))
}

/// The text of a blob: none of what is binary, the beginning of what is large, and no byte order mark.
fn blob_node(bytes: &[u8]) -> Value {
    let text = str::from_utf8(bytes).ok().filter(|text| !text.contains('\0')).map(|text| text.trim_start_matches('\u{feff}'));
    let cut = text.map(|text| text.get(..TEXT).unwrap_or(text));
    json!({"isBinary": text.is_none(), "isTruncated": cut != text, "byteSize": bytes.len(), "text": cut})
}

fn find_text<'v>(variables: &'v Value, names: &[&str]) -> Option<&'v str> {
    names.iter().find_map(|name| variables[*name].as_str().or_else(|| variables["input"][*name].as_str()))
}

fn number_of(variables: &Value, name: &str) -> Option<usize> {
    variables[name].as_u64().and_then(|number| usize::try_from(number).ok())
}

fn error(kind: &str, message: &str) -> Value {
    json!({"data": null, "errors": [{"type": kind, "message": message, "path": []}]})
}

fn not_resolved(what: &str) -> Value {
    error("NOT_FOUND", &format!("Could not resolve to a {what} with the given name."))
}

impl Github {
    fn authors_of(&self, commit: &Commit) -> Vec<Value> {
        let trailers = commit.message.lines().filter(|line| line.to_ascii_lowercase().starts_with("co-authored-by:"));
        let addresses = trailers.filter_map(|line| line.rsplit_once('<')?.1.strip_suffix('>'));
        let all = std::iter::once(commit.author.email.as_str()).chain(addresses);
        all.map(|email| json!({"user": self.user_with_email(email).map(|user| json!({"databaseId": user.id}))})).collect()
    }

    fn thread_named(&self, node: &str) -> Option<(u64, u64)> {
        let first = read_node_id("PRRT", node)?;
        let holder =
            self.repositories.values().find(|found| found.review_comments.get(&first).is_some_and(|comment| comment.reply_to.is_none()));
        holder.map(|found| (found.id, first))
    }

    /// GraphQL leaves out the `[bot]` of a login.
    pub(crate) fn account_node(&self, id: u64) -> Value {
        let Some(user) = self.users.get(&id) else { return Value::Null };
        let kind = match user.kind {
            UserKind::Person => "User",
            UserKind::Bot => "Bot",
            UserKind::Organization => "Organization",
        };
        json!({"__typename": kind, "login": user.login.trim_end_matches("[bot]"), "databaseId": id})
    }

    /// As it stands by itself and in lists.
    fn pull_node(&self, found: &Repository, pull: &Pull) -> Value {
        let state = match (pull.open, &pull.merged) {
            (true, _) => "OPEN",
            (false, Some(_)) => "MERGED",
            (false, None) => "CLOSED",
        };
        let head = self.repositories.get(&pull.head.repository);
        json!({
            "number": pull.number,
            "state": state,
            "isDraft": pull.draft,
            "createdAt": time(pull.created_at),
            "updatedAt": time(pull.updated_at),
            "author": self.account_node(pull.author),
            "headRefOid": pull.head.sha.to_string(),
            "headRefName": pull.head.branch,
            "headRepository": head.map(|head| json!({"nameWithOwner": head.full_name()})),
            "baseRefOid": pull.base.sha.to_string(),
            "baseRefName": pull.base.branch,
            "repository": {"databaseId": found.id},
        })
    }

    /// What a comment of either kind has. Its number is told as a text alone: in GitHub's `databaseId` those of today do not fit.
    fn said_node(&self, id: u64, author: u64, body: &str, (created, updated): (Timestamp, Timestamp), editor: Option<u64>) -> Value {
        json!({
            "fullDatabaseId": id.to_string(),
            "author": self.account_node(author),
            "body": body,
            "createdAt": time(created),
            "updatedAt": time(updated),
            "lastEditedAt": editor.map(|_| time(updated)),
            "editor": editor.map(|editor| self.account_node(editor)),
        })
    }

    fn comment_node(&self, comment: &IssueComment, whole: bool) -> Value {
        let times = (comment.created_at, comment.updated_at);
        let mut shown = self.said_node(comment.id, comment.author, &comment.body, times, comment.editor);
        shown["id"] = json!(node_id("IC", comment.id));
        shown["url"] = json!(format!("{}/issues/{}#issuecomment-{}", self.web_url, comment.issue, comment.id));
        without_body(shown, whole)
    }

    /// Nobody edits reviews here.
    fn review_node(&self, found: &Repository, review: &Review) -> Value {
        let rest = self.review_json(found, review);
        json!({
            "id": rest["node_id"],
            "fullDatabaseId": review.id.to_string(),
            "state": review.state,
            "commit": {"oid": review.commit.to_string()},
            "body": review.body,
            "url": rest["html_url"],
            "submittedAt": rest["submitted_at"],
            "lastEditedAt": null,
            "author": self.account_node(review.author),
        })
    }

    fn threads_node(&self, found: &Repository, number: u64, document: &str, variables: &Value) -> Value {
        let after = find_text(variables, &["after", "cursor"]).and_then(|cursor| read_node_id("CURSOR", cursor)).unwrap_or(0);
        let all = || found.review_comments.values().filter(|comment| comment.pull == number && comment.reply_to.is_none());
        let mut firsts: Vec<&ReviewComment> = all().filter(|comment| comment.id > after).collect();
        let more = firsts.len() > PAGE;
        firsts.truncate(PAGE);
        let said = if document.contains("comments(first: $said)") { number_of(variables, "said") } else { None };
        let whole = variables["whole"].as_bool().unwrap_or(true);
        json!({
            "totalCount": all().count(),
            "nodes": firsts.iter().map(|first| self.thread_node(found, first, said.unwrap_or(1), whole)).collect::<Vec<_>>(),
            "pageInfo": {"hasNextPage": more, "endCursor": firsts.last().map(|last| node_id("CURSOR", last.id))},
        })
    }

    /// All fields that a client may have asked for: what was not asked does no harm.
    fn thread_node(&self, found: &Repository, first: &ReviewComment, said: usize, whole: bool) -> Value {
        let (line, outdated) = match first.anchor {
            Anchor::File => (None, false),
            Anchor::Line { current, .. } => (current, current.is_none()),
        };
        let comments = || found.review_comments.values().filter(|comment| comment.id == first.id || comment.reply_to == Some(first.id));
        let shown = comments().take(said).map(|comment| {
            let times = (comment.created_at, comment.updated_at);
            let mut shown = self.said_node(comment.id, comment.author, &comment.body, times, comment.editor);
            shown["id"] = json!(node_id("PRRC", comment.id));
            shown["url"] = json!(format!("{}/pull/{}#discussion_r{}", self.repository_page(found), comment.pull, comment.id));
            shown["replyTo"] = comment.reply_to.map_or(Value::Null, |to| json!({"fullDatabaseId": to.to_string()}));
            without_body(shown, whole)
        });
        json!({
            "id": node_id("PRRT", first.id),
            "isResolved": first.resolved_by.is_some(),
            "isOutdated": outdated,
            "path": first.path,
            "line": line,
            "subjectType": if first.anchor == Anchor::File { "FILE" } else { "LINE" },
            "resolvedBy": first.resolved_by.map(|by| self.account_node(by)),
            "comments": {"totalCount": comments().count(), "nodes": shown.collect::<Vec<_>>()},
        })
    }
}

/// What `@include(if: $whole)` leaves out.
fn without_body(mut shown: Value, whole: bool) -> Value {
    if let (Value::Object(fields), false) = (&mut shown, whole) {
        fields.remove("body");
    }
    shown
}
