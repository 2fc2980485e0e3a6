//! What one GraphQL query tells of a pull request and its page: where its ends are, who else has its head, what is said on it, and who edited that.
//!
//! Comes in: the number of a pull request. Goes out: as much of it as the forge told. What is missing here is asked by REST, and never taken for
//! "there is none". Comments have REST's shape, without whether an App wrote them in somebody's name: GraphQL has no word for that, and whoever looks
//! for new commands asks by REST. Check runs are not asked for here, because their ids do not fit into GraphQL's `Int`.
//!
//! Source: GitHub's schema as `@octokit/graphql-schema` 15.26.1 has it, read 2026-11-29.

use super::client::Client;
use super::error::ForgeError;
use super::permissions::Feature;
use super::tree::Place;
use super::wire;
use crate::change::{Actor, Approval, ObjectId, Posted, Surface, Timestamp, UserId};
use crate::server::event::may_bear_command;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// `$whole` asks for what is said too, and not only for what REST does not tell. Ids are asked for as `fullDatabaseId`: those of comments are larger
/// than what `databaseId` holds.
const PAGE: &str = "query($owner: String!, $name: String!, $number: Int!, $after: String, $reviews: Int!, $said: Int!, $whole: Boolean!) {
  repository(owner: $owner, name: $name) { pullRequest(number: $number) {
    number state isDraft createdAt updatedAt author { ...account }
    headRefOid headRefName headRepository { nameWithOwner } baseRefOid baseRefName
    commits(last: 1) @include(if: $whole) { nodes { commit { oid
      associatedPullRequests(first: 100) { totalCount nodes { number state headRefOid repository { databaseId } } } } } }
    reviewThreads(first: 100, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes { id isResolved
      comments(first: $said) { totalCount nodes { replyTo { fullDatabaseId } ...said
        id fullDatabaseId url createdAt updatedAt body @include(if: $whole) } } } }
    comments(first: 100) { totalCount nodes { ...said id fullDatabaseId url createdAt updatedAt body @include(if: $whole) } }
    reviews(last: $reviews) { nodes { fullDatabaseId state commit { oid } body url submittedAt lastEditedAt author { ...account } } }
    timelineItems(first: 100, itemTypes: [REVIEW_REQUESTED_EVENT]) { nodes { ... on ReviewRequestedEvent {
      actor { __typename login } requestedReviewer { __typename ... on User { login } ... on Team { combinedSlug } } } } } } } }
fragment said on Comment { author { ...account } lastEditedAt editor { __typename login } }
fragment account on Actor { __typename login
  ... on User { databaseId } ... on Bot { databaseId } ... on Mannequin { databaseId } ... on Organization { databaseId } }";

/// Who edited comments that are beyond the first hundred of their conversation.
const EDITS: &str =
    "query($ids: [ID!]!) { nodes(ids: $ids) { ... on IssueComment { fullDatabaseId lastEditedAt editor { __typename login } } } }";

/// How much is asked for in one answer, from all to what fits if people write long texts: reviews, comments of each thread, and whether what is said
/// comes along.
const SIZES: [(u32, u32, bool); 3] = [(100, 50, true), (100, 1, false), (10, 1, false)];

/// Review requests that are asked for, oldest first.
const MAX_REQUESTED: usize = 100;

/// Somebody who was asked for a review, and the login of whoever asked.
pub(super) struct Requested {
    pub(super) name: String,
    pub(super) by: String,
}

/// Who edited a comment last.
pub(super) enum Edited {
    Never,
    /// By the login that REST has; empty where the account is gone.
    By(String),
}

pub(super) struct ThreadState {
    pub(super) node: String,
    pub(super) resolved: bool,
    pub(super) edited: Edited,
}

/// All that is said on a page, in the order of the ids.
pub(super) struct Said {
    pub(super) talk: Vec<wire::IssueComment>,
    pub(super) review: Vec<wire::IssueComment>,
}

/// What the query told.
#[derive(Default)]
pub struct Graph {
    /// The pull request, where all of it is told and it is open.
    pub pull: Option<wire::Pull>,
    /// The open pull requests with its head, the pull request among them, where all are told.
    pub(super) at_head: Option<BTreeSet<u64>>,
    /// `None` where not all of it came along.
    pub(super) said: Option<Said>,
    /// By the first comment's id.
    pub(super) threads: BTreeMap<u64, ThreadState>,
    /// The first comments of the conversation, among which ours is.
    pub(super) talk: BTreeMap<u64, Edited>,
    /// Reviews by people that may bear commands and were never edited.
    pub(super) reviews: Vec<Posted>,
    /// Approving reviews by people, as far as they still say so.
    pub(super) approvals: Vec<Approval>,
    /// Who was asked for a review, by whomever; `None` where that is not told.
    pub(super) requested: Option<Vec<Requested>>,
}

impl Graph {
    /// Asks for a pull request's page. Empty where we may not know, or where the forge knows of no such pull request, which REST then says.
    ///
    /// # Errors
    /// Of the forge.
    pub(super) async fn read(place: &Place, number: u64) -> Result<Self, ForgeError> {
        let mut refused = None;
        for size in SIZES {
            match read(place, number, size).await {
                // The forge may not show it yet.
                Err(ForgeError::NotFound { .. }) => refused = Some(Ok(Self::default())),
                // Whoever writes long texts must not keep anybody from reading the page, and what takes the forge too long is a failure of its own.
                Err(error @ (ForgeError::TooLarge { .. } | ForgeError::Failed { .. })) => refused = Some(Err(error)),
                Err(error @ ForgeError::TooMuch { .. }) => refused = Some(Err(error)),
                Err(error) if is_refusal(&error) => {
                    tell_refusal(place, &error);
                    return Ok(Self::default());
                }
                other => return other,
            }
        }
        match refused {
            Some(Err(error)) if is_refusal(&error) => {
                tell_refusal(place, &error);
                Ok(Self::default())
            }
            refused => refused.unwrap_or_else(|| Ok(Self::default())),
        }
    }
}

/// By whom comments were edited. Empty where we may not know.
///
/// # Errors
/// Of the forge.
pub(super) async fn read_edits(place: &Place, nodes: &[&str]) -> Result<BTreeMap<u64, Edited>, ForgeError> {
    if nodes.is_empty() {
        return Ok(BTreeMap::new());
    }
    match place.client.graphql(EDITS, &json!({"ids": nodes})).await {
        Ok(data) => Ok(edits(&data["nodes"])),
        Err(ForgeError::NotFound { .. }) => Ok(BTreeMap::new()),
        Err(error) if is_refusal(&error) => {
            tell_refusal(place, &error);
            Ok(BTreeMap::new())
        }
        Err(error) => Err(error),
    }
}

/// Whether the forge will not answer such a query, asked again as it is.
fn is_refusal(error: &ForgeError) -> bool {
    matches!(error, ForgeError::Forbidden { .. } | ForgeError::Unprocessable { .. } | ForgeError::TooMuch { .. })
}

/// Says once for an installation what it goes without: REST tells of comments, and not of this.
fn tell_refusal(place: &Place, error: &ForgeError) {
    let Some(installation) = place.client.installation() else { return };
    if place.client.forge().is_first_refusal(installation, Feature::Conversation) {
        tracing::warn!(
            installation,
            %error,
            "GraphQL does not tell of reviews, of threads that are resolved and of who edited what: commands in reviews are not heard, and threads stay open"
        );
    }
}

async fn read(place: &Place, number: u64, (reviews, said, whole): (u32, u32, bool)) -> Result<Graph, ForgeError> {
    let mut graph = Graph::default();
    let mut threads: Vec<Value> = Vec::new();
    let mut after = Value::Null;
    let client: &Client = &place.client;
    loop {
        let variables = json!({
            "owner": place.owner, "name": place.name, "number": number, "after": after, "reviews": reviews, "said": said, "whole": whole,
        });
        let mut data = client.graphql(PAGE, &variables).await?;
        let mut pull = take(&mut data, "/repository/pullRequest");
        let mut page = take(&mut pull, "/reviewThreads");
        if let Value::Array(nodes) = take(&mut page, "/nodes") {
            threads.extend(nodes);
        }
        let more = page["pageInfo"]["hasNextPage"].as_bool() == Some(true) && page["pageInfo"]["endCursor"] != after;
        if more {
            after = take(&mut page, "/pageInfo/endCursor");
            continue;
        }
        graph.pull = read_pull(&pull);
        graph.at_head = graph.pull.as_ref().and_then(|_| read_at_head(&pull, place.id, number));
        graph.talk = edits(&pull["comments"]["nodes"]);
        graph.reviews = nodes(&pull["reviews"]).filter_map(read_review).collect();
        graph.approvals = read_approvals(&pull["reviews"]);
        graph.requested = read_requested(&pull["timelineItems"]);
        let are_all = page["totalCount"].as_u64() == u64::try_from(threads.len()).ok();
        graph.said = read_said(&pull["comments"], &threads).filter(|_| whole && are_all);
        graph.threads = threads.iter().filter_map(read_thread).collect();
        return Ok(graph);
    }
}

/// What stands at a path, and nothing where the answer has another shape: to index what is to be changed panics there.
fn take(value: &mut Value, path: &str) -> Value {
    value.pointer_mut(path).map(Value::take).unwrap_or_default()
}

fn nodes(connection: &Value) -> impl Iterator<Item = &Value> {
    connection["nodes"].as_array().into_iter().flatten()
}

/// Whether a connection shows all that it has.
fn is_whole(connection: &Value) -> bool {
    let shown = connection["nodes"].as_array().map_or(0, Vec::len);
    connection["totalCount"].as_u64() == u64::try_from(shown).ok()
}

/// GraphQL writes large numbers as texts.
fn id(value: &Value) -> Option<u64> {
    value["fullDatabaseId"].as_str()?.parse().ok()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// Who edited the comments of a list of nodes, by their ids.
fn edits(nodes: &Value) -> BTreeMap<u64, Edited> {
    nodes.as_array().into_iter().flatten().filter_map(|node| Some((id(node)?, read_edit(node)))).collect()
}

/// GraphQL leaves out the `[bot]` of a login.
fn read_edit(node: &Value) -> Edited {
    if node.get("lastEditedAt").is_some_and(Value::is_null) {
        return Edited::Never;
    }
    Edited::By(login(&node["editor"]).unwrap_or_default())
}

fn login(account: &Value) -> Option<String> {
    let suffix = if account["__typename"] == "Bot" { "[bot]" } else { "" };
    account["login"].as_str().map(|login| format!("{login}{suffix}"))
}

/// An account as REST has it: `Ok(None)` where it is gone, `Err` where GraphQL does not tell its number.
fn read_account(account: &Value) -> Result<Option<wire::User>, ()> {
    if account.is_null() {
        return Ok(None);
    }
    let known = login(account).zip(account["databaseId"].as_u64()).zip(text(&account["__typename"]));
    known.map(|((login, id), kind)| Some(wire::User { id, login, kind })).ok_or(())
}

/// `None` too where the account or the repository it comes from is not told: whether they are gone is REST's to say.
fn read_pull(pull: &Value) -> Option<wire::Pull> {
    if pull["state"] != "OPEN" {
        return None;
    }
    Some(wire::Pull {
        number: pull["number"].as_u64()?,
        state: "open".to_owned(),
        draft: pull["isDraft"].as_bool()?,
        user: Some(read_account(&pull["author"]).ok()??),
        head: wire::End {
            branch: text(&pull["headRefName"])?,
            sha: text(&pull["headRefOid"])?,
            repo: Some(wire::HeadRepository { full_name: text(&pull["headRepository"]["nameWithOwner"])? }),
        },
        base: wire::End { branch: text(&pull["baseRefName"])?, sha: text(&pull["baseRefOid"])?, repo: None },
        created_at: text(&pull["createdAt"])?,
        updated_at: text(&pull["updatedAt"])?,
        merged_at: None,
        merge_commit_sha: None,
        merged_by: None,
    })
}

/// The pull request itself must be in the list: of a commit that the default branch has, the forge tells of the one alone that brought it there,
/// and a machine of the forge may not have heard of the commit yet.
fn read_at_head(pull: &Value, repository: u64, number: u64) -> Option<BTreeSet<u64>> {
    let head = &pull["headRefOid"];
    let commit = &nodes(&pull["commits"]).next()?["commit"];
    let listed = Some(&commit["associatedPullRequests"]).filter(|listed| commit["oid"] == *head && is_whole(listed))?;
    let is_there = |node: &&Value| {
        node["state"] == "OPEN" && node["headRefOid"] == *head && node["repository"]["databaseId"].as_u64() == Some(repository)
    };
    let numbers: BTreeSet<u64> = nodes(listed).filter(is_there).filter_map(|node| node["number"].as_u64()).collect();
    numbers.contains(&number).then_some(numbers)
}

fn read_said(talk: &Value, threads: &[Value]) -> Option<Said> {
    let are_whole = is_whole(talk) && threads.iter().all(|thread| is_whole(&thread["comments"]));
    if !are_whole {
        return None;
    }
    let by_id = |comments: Option<Vec<wire::IssueComment>>| {
        let mut comments = comments?;
        comments.sort_by_key(|comment| comment.id);
        Some(comments)
    };
    let talk = by_id(nodes(talk).map(read_comment).collect());
    let review = by_id(threads.iter().flat_map(|thread| nodes(&thread["comments"])).map(read_comment).collect());
    Some(Said { talk: talk?, review: review? })
}

/// `None` where something of it is not told.
fn read_comment(node: &Value) -> Option<wire::IssueComment> {
    Some(wire::IssueComment {
        id: id(node)?,
        node_id: text(&node["id"])?,
        user: read_account(&node["author"]).ok()?,
        body: Some(text(&node["body"])?),
        html_url: text(&node["url"])?,
        created_at: text(&node["createdAt"])?,
        updated_at: text(&node["updatedAt"])?,
        performed_via_github_app: None,
        in_reply_to_id: id(&node["replyTo"]),
        reactions: wire::Reactions::default(),
    })
}

fn read_thread(thread: &Value) -> Option<(u64, ThreadState)> {
    let first = nodes(&thread["comments"]).next()?;
    let resolved = thread["isResolved"].as_bool().unwrap_or(false);
    Some((id(first)?, ThreadState { node: text(&thread["id"])?, resolved, edited: read_edit(first) }))
}

fn read_review(node: &Value) -> Option<Posted> {
    let unedited = node["lastEditedAt"].is_null();
    read_submitted(node).filter(|posted| unedited && may_bear_command(&posted.body))
}

/// The newest word of each person on the pull request as a whole, where it approves. What is only a comment takes nothing back.
fn read_approvals(reviews: &Value) -> Vec<Approval> {
    let is_word = |node: &&Value| ["APPROVED", "CHANGES_REQUESTED", "DISMISSED"].iter().any(|state| node["state"] == *state);
    let words = nodes(reviews).filter(is_word).filter_map(|node| Some((read_submitted(node)?, node)));
    let mut newest: BTreeMap<UserId, (Posted, &Value)> = BTreeMap::new();
    for (posted, node) in words {
        let is_older = |(known, _): &(Posted, &Value)| (known.at, known.id) > (posted.at, posted.id);
        if !newest.get(&posted.author.id).is_some_and(is_older) {
            newest.insert(posted.author.id, (posted, node));
        }
    }
    let approving = newest.into_values().filter(|(_, node)| node["state"] == "APPROVED").filter_map(|(posted, node)| {
        let commit = node["commit"]["oid"].as_str().and_then(ObjectId::from_hex)?;
        Some(Approval { posted: Posted { body: String::new(), ..posted }, commit })
    });
    let mut approvals: Vec<Approval> = approving.collect();
    approvals.sort_by_key(|approval| (approval.posted.at, approval.posted.id));
    approvals
}

/// Who was asked for a review; `None` where there may be more. Whoever is gone, or is not for us to see, has no name.
fn read_requested(events: &Value) -> Option<Vec<Requested>> {
    events["nodes"].as_array().filter(|nodes| nodes.len() < MAX_REQUESTED)?;
    let read = |event: &Value| {
        let asked = &event["requestedReviewer"];
        let name = asked["login"].as_str().or_else(|| asked["combinedSlug"].as_str()).unwrap_or_default();
        Requested { name: name.to_owned(), by: login(&event["actor"]).unwrap_or_default() }
    };
    Some(nodes(events).map(read).collect())
}

/// A submitted review of a person.
fn read_submitted(node: &Value) -> Option<Posted> {
    let (author, body) = (&node["author"], node["body"].as_str()?);
    if author["__typename"] != "User" {
        return None;
    }
    Some(Posted {
        id: id(node)?,
        surface: Surface::Review,
        url: text(&node["url"])?,
        author: Actor { id: UserId(author["databaseId"].as_u64()?), login: text(&author["login"])?, bot: false },
        at: Timestamp::parse(node["submittedAt"].as_str()?)?,
        body: body.to_owned(),
        right: None,
    })
}

#[cfg(test)]
mod tests {
    use super::read_pull;
    use serde_json::{Value, json};

    #[test]
    fn what_may_be_gone_is_asked_by_rest() {
        let told = json!({
            "number": 1, "state": "OPEN", "isDraft": false, "createdAt": "2026-11-30T00:00:00Z", "updatedAt": "2026-11-30T00:00:00Z",
            "author": {"__typename": "User", "login": "mona", "databaseId": 7},
            "headRefOid": "aa", "headRefName": "orders", "headRepository": {"nameWithOwner": "acme/shop"},
            "baseRefOid": "bb", "baseRefName": "main",
        });
        let pull = read_pull(&told).unwrap();
        assert_eq!((pull.user.unwrap().login, pull.head.repo.unwrap().full_name), ("mona".to_owned(), "acme/shop".to_owned()));
        for gone in ["author", "headRepository"] {
            let mut less = told.clone();
            less[gone] = Value::Null;
            assert!(read_pull(&less).is_none(), "{gone}");
        }
    }
}
