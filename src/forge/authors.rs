//! Who wrote a pull request: the people of its commits, and those who pushed them.
//!
//! Comes in: the commits of a pull request. Goes out: accounts by id, and the commits of which nobody can tell who wrote them. An e-mail
//! address in a commit can be anybody's, so that a commit is told by the person who brought it to the branch, or by the key that signed it;
//! a bot that brings what is not a bot's own may do so for anybody. A merge of the base that holds nothing but what both sides brought makes
//! nobody an author (`mechanical`), nor does a commit that applies our own suggestions (`applied`).
//!
//! Sources, as published in 2026: <https://docs.github.com/en/rest/repos/repos#list-repository-activities> for pushes,
//! <https://docs.github.com/en/rest/collaborators/collaborators#list-repository-collaborators> for who may write,
//! <https://docs.github.com/en/graphql/reference/objects#commit> for co-authors.

use super::activity;
use super::applied::{MAX_APPLYING, MAX_READINGS, may_apply};
use super::error::{ForgeError, found};
use super::mechanical::{MAX_MERGES, is_merge_of_base};
use super::site::Site;
use super::tree::escape;
use super::wire;
use crate::change::{Authors, ObjectId, UserId};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Commits of a pull request that are read at most. Of a pull request that has more, too little is known.
const MAX_COMMITS: usize = 5_000;
/// Commits on a page of a comparison.
pub(super) const PAGE: usize = 100;
/// Ends of a list of commits of which it is asked whether the base has them: one for each merge of the base. Of a list with more, too little
/// is known.
const MAX_ENDS: usize = 100;
/// Authors of one commit that are read.
const MAX_CO_AUTHORS: usize = 100;
/// Commits whose co-authors are asked for in one request.
const CO_AUTHORED: usize = 50;
/// What GitHub commits in somebody's name: its own account, which is no person.
pub(super) const WEB_FLOW: &str = "web-flow";

/// The commits of a pull request as a comparison lists them, oldest first: one page, and how many there are.
#[derive(Clone, Debug, Default)]
pub(super) struct Commits {
    /// `base...head`, as it was asked for.
    pub(super) basehead: String,
    /// Where the two histories meet.
    pub(super) merge_base: String,
    pub(super) listed: Vec<wire::Commit>,
    pub(super) total: usize,
}

/// Where the head of a pull request is pushed to.
#[derive(Clone, Debug, Default)]
pub(super) struct HeadBranch {
    /// `owner/name`; `None` where the fork is gone.
    pub(super) repository: Option<String>,
    /// Empty for a merge group, whose pull requests are asked for by themselves.
    pub(super) branch: String,
}

impl Site {
    /// The authors of a pull request, or why they cannot be known.
    ///
    /// # Errors
    /// Those that may pass.
    pub(super) async fn authors(&self, commits: &Commits, head: &HeadBranch) -> Result<Result<Authors, String>, ForgeError> {
        match self.find_authors(commits, head).await {
            Ok(authors) => Ok(Ok(authors)),
            Err(error) if error.is_passing() => Err(error),
            Err(error) => {
                tracing::warn!(%error, "the authors of a pull request could not be looked up");
                Ok(Err("the authors could not be looked up".to_owned()))
            }
        }
    }

    async fn find_authors(&self, commits: &Commits, head: &HeadBranch) -> Result<Authors, ForgeError> {
        let all = self.all_commits(commits).await?;
        let cut = all.len() < commits.total || !self.is_whole(commits, &all).await?;
        let listed: BTreeSet<&str> = all.iter().map(|commit| commit.sha.as_str()).collect();
        let mut authors = Authors { cut, ..Authors::default() };
        let mut written = Vec::new();
        let (mut merges, mut applying, mut readings) = (0, 0, MAX_READINGS);
        for commit in &all {
            let merge = !cut && is_merge_of_base(commit, &listed) && merges < MAX_MERGES;
            let applies = !cut && may_apply(commit) && applying < MAX_APPLYING;
            (merges, applying) = (merges + usize::from(merge), applying + usize::from(applies));
            let is_nobodys =
                merge && self.is_mechanical(commit).await? || applies && self.applies_suggestions(commit, &mut readings).await?;
            if !is_nobodys {
                written.push(commit);
            }
        }
        let pushers = self.pushers(&all, head).await?;
        for commit in &written {
            let pusher = pushers.get(commit.sha.as_str());
            authors.people.extend(accounts(commit).chain(pusher).filter_map(person));
            let told = if head.branch.is_empty() { belongs_to_somebody(commit) } else { is_told(commit, pusher) };
            if !told {
                authors.unknown.extend(ObjectId::from_hex(&commit.sha));
            }
        }
        authors.people.extend(self.co_authors(&written).await?);
        Ok(authors)
    }

    pub(super) async fn all_commits(&self, commits: &Commits) -> Result<Vec<wire::Commit>, ForgeError> {
        let mut all = commits.listed.clone();
        let mut number = 1;
        while all.len() < commits.total.min(MAX_COMMITS) && all.len() == number * PAGE {
            number += 1;
            let path = self.place.path(&format!("/compare/{}?per_page={PAGE}&page={number}", commits.basehead));
            let page: wire::Comparison = self.place.client.get_fresh(&path).await?;
            all.extend(page.commits);
        }
        Ok(all)
    }

    /// Whether the commits reach from the head down to what the base has, however many the forge says there are; `false` where there are too
    /// many ends to ask for.
    async fn is_whole(&self, commits: &Commits, all: &[wire::Commit]) -> Result<bool, ForgeError> {
        if all.len() < commits.total {
            return Ok(false);
        }
        let (base, head) = commits.basehead.split_once("...").unwrap_or_default();
        let ends = ends(head, &commits.merge_base, all);
        if ends.len() > MAX_ENDS {
            return Ok(false);
        }
        for end in ends {
            let path = self.place.path(&format!("/compare/{}...{base}?per_page=1", escape(end)));
            let compared = found(self.place.client.get::<wire::Comparison>(&path).await)?;
            if compared.is_none_or(|compared| compared.merge_base_commit.sha != end) {
                return Err(ForgeError::Untrue { what: format!("the commits of GET /compare/{}", commits.basehead) });
            }
        }
        Ok(true)
    }

    /// Who brought each commit to the branch of the head first. Empty where the forge does not tell: the activity of a private fork is not
    /// ours to see.
    async fn pushers(&self, commits: &[wire::Commit], head: &HeadBranch) -> Result<BTreeMap<String, wire::MaybeUser>, ForgeError> {
        let Some(repository) = &head.repository else { return Ok(BTreeMap::new()) };
        match activity::of_branch(&self.place.client, &format!("/repos/{}", escape(repository)), &head.branch).await {
            Ok(activity) => Ok(first_pushers(commits, &activity)),
            Err(error) if error.is_passing() => Err(error),
            Err(error) => {
                tracing::info!(%error, "pushes to a pull request's branch are not ours to see");
                Ok(BTreeMap::new())
            }
        }
    }

    /// The accounts of those whom `Co-authored-by:` trailers name. An address that is no account's makes nobody an author.
    async fn co_authors(&self, commits: &[&wire::Commit]) -> Result<Vec<UserId>, ForgeError> {
        let trailed: Vec<&str> =
            commits.iter().filter(|commit| has_trailer(&commit.commit.message)).map(|commit| commit.sha.as_str()).collect();
        if let Some(sha) = trailed.iter().find(|sha| ObjectId::from_hex(sha).is_none()) {
            return Err(ForgeError::Malformed { what: "a commit".to_owned(), message: format!("`{sha}` is no object id") });
        }
        let mut people = Vec::new();
        for some in trailed.chunks(CO_AUTHORED) {
            let objects: Vec<String> = some
                .iter()
                .enumerate()
                .map(|(index, sha)| {
                    format!("c{index}: object(oid: \"{sha}\") {{ ... on Commit {{ authors(first: 100) {{ nodes {{ user {{ databaseId }} }} }} }} }}")
                })
                .collect();
            let document =
                format!("query($owner: String!, $name: String!) {{ repository(owner: $owner, name: $name) {{ {} }} }}", objects.join(" "));
            let data = self.place.client.graphql(&document, &json!({"owner": self.place.owner, "name": self.place.name})).await?;
            for (index, sha) in some.iter().enumerate() {
                let nodes = data["repository"][format!("c{index}")]["authors"]["nodes"].as_array();
                // What is not told, or not to the end, is not nobody.
                let nodes = nodes.filter(|nodes| !nodes.is_empty() && nodes.len() < MAX_CO_AUTHORS).ok_or_else(|| {
                    ForgeError::Malformed { what: "POST /graphql".to_owned(), message: format!("the authors of commit {sha} are not told") }
                })?;
                people.extend(nodes.iter().filter_map(|node| node["user"]["databaseId"].as_u64()).map(UserId));
            }
        }
        Ok(people)
    }

    /// The account that alone has write access, if there is one; or why nobody can tell.
    ///
    /// # Errors
    /// Those that may pass.
    pub(super) async fn sole_maintainer(&self) -> Result<Result<Option<UserId>, String>, ForgeError> {
        match self.find_sole_maintainer().await {
            Ok(sole) => Ok(Ok(sole)),
            Err(error) if error.is_passing() => Err(error),
            Err(error) => {
                tracing::warn!(%error, "the collaborators of a repository could not be listed");
                Ok(Err("the collaborators could not be listed".to_owned()))
            }
        }
    }

    async fn find_sole_maintainer(&self) -> Result<Option<UserId>, ForgeError> {
        // The filter is a short cut: whether it means this permission or more, the documentation does not say.
        let writing = self.writers("&permission=push").await?;
        if writing.len() > 1 {
            return Ok(None);
        }
        let writing = self.writers("").await?;
        let mut ids = writing.into_iter();
        Ok(ids.next().filter(|_| ids.next().is_none()))
    }

    async fn writers(&self, filter: &str) -> Result<BTreeSet<UserId>, ForgeError> {
        let path = self.place.path(&format!("/collaborators?affiliation=all{filter}"));
        let (all, cut) = self.place.client.pages::<wire::Collaborator>(&path).await?;
        if cut {
            return Err(ForgeError::TooLarge { what: format!("GET {path}"), limit: all.len() });
        }
        let writers = all.iter().filter(|user| user.permissions.push && !user.user.actor().bot);
        Ok(writers.map(|user| UserId(user.user.id)).collect())
    }
}

/// Author and committer, as far as the forge knows them.
fn accounts(commit: &wire::Commit) -> impl Iterator<Item = &wire::MaybeUser> {
    [&commit.author, &commit.committer].into_iter().flatten().filter(|user| user.id.is_some() && user.login != WEB_FLOW)
}

/// People only: nobody's pull request is a bot's.
fn person(user: &wire::MaybeUser) -> Option<UserId> {
    user.id.filter(|_| !user.is_bot()).map(UserId)
}

/// Whether an account stands for it: that of whoever committed it, or of the author where the forge itself has committed.
fn belongs_to_somebody(commit: &wire::Commit) -> bool {
    let known = |user: &Option<wire::MaybeUser>| user.as_ref().is_some_and(|user| user.id.is_some() && user.login != WEB_FLOW);
    let by_forge = commit.committer.as_ref().is_some_and(|committer| committer.login == WEB_FLOW);
    let verified = commit.commit.verification.as_ref().is_some_and(|verification| verification.verified);
    known(&commit.committer) || (by_forge && verified && known(&commit.author))
}

/// Whether somebody certainly stands for a commit: the person who brought it to the branch, or whose key signed it. What a bot brings is
/// told if it is a bot's own. The forge's own signature says that it committed, and not whose work that is: it signs what is squashed, too.
fn is_told(commit: &wire::Commit, pusher: Option<&wire::MaybeUser>) -> bool {
    let verified = commit.commit.verification.as_ref().is_some_and(|verification| verification.verified);
    let is_known = |user: &&wire::MaybeUser| user.id.is_some() && user.login != WEB_FLOW;
    if verified && commit.committer.as_ref().is_some_and(|committer| is_known(&committer)) {
        return true;
    }
    match pusher {
        Some(pusher) if pusher.is_bot() => {
            let by_bot = |user: &Option<wire::MaybeUser>| user.as_ref().filter(is_known).is_some_and(wire::MaybeUser::is_bot);
            belongs_to_somebody(commit) && by_bot(&commit.author) && accounts(commit).all(wire::MaybeUser::is_bot)
        }
        Some(_) => true,
        None => false,
    }
}

/// Where a list of commits ends: what its commits go on from and it does not hold, save where both histories meet.
pub(super) fn ends<'c>(head: &'c str, merge_base: &str, all: &'c [wire::Commit]) -> BTreeSet<&'c str> {
    let listed: BTreeSet<&str> = all.iter().map(|commit| commit.sha.as_str()).collect();
    let parents = all.iter().flat_map(|commit| commit.parents.iter().map(|parent| parent.sha.as_str()));
    parents.chain([head]).filter(|sha| !listed.contains(sha) && *sha != merge_base).collect()
}

pub(super) fn has_trailer(message: &str) -> bool {
    message.lines().any(|line| line.trim_start().to_ascii_lowercase().starts_with("co-authored-by:"))
}

/// Of each commit the first push that brought it. Activity comes newest first.
pub(crate) fn first_pushers(commits: &[wire::Commit], activity: &[wire::Activity]) -> BTreeMap<String, wire::MaybeUser> {
    let parents: BTreeMap<&str, &[wire::Sha]> = commits.iter().map(|commit| (commit.sha.as_str(), commit.parents.as_slice())).collect();
    let mut pushers = BTreeMap::new();
    // Whoever merges another pull request into the branch brings what others wrote, and stands for it.
    let pushes = activity.iter().rev().filter(|act| act.activity_type != "branch_deletion");
    for push in pushes {
        let Some(actor) = push.actor.as_ref().filter(|actor| actor.id.is_some()) else { continue };
        let had = below(&push.before, &parents);
        for sha in below(&push.after, &parents).into_iter().filter(|sha| !had.contains(sha)) {
            pushers.entry(sha.to_owned()).or_insert_with(|| actor.clone());
        }
    }
    pushers
}

/// A commit and its ancestors, as far as they are listed.
fn below<'c>(sha: &str, parents: &BTreeMap<&'c str, &'c [wire::Sha]>) -> BTreeSet<&'c str> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&str> = vec![sha];
    while let Some(sha) = open.pop() {
        if let Some((known, above)) = parents.get_key_value(sha)
            && seen.insert(*known)
        {
            open.extend(above.iter().map(|parent| parent.sha.as_str()));
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::{belongs_to_somebody, first_pushers, has_trailer, is_told};
    use crate::forge::wire;
    use serde_json::json;

    fn commit(sha: &str, parent: &str) -> wire::Commit {
        let body = json!({"tree": {"sha": "t"}});
        serde_json::from_value(json!({"sha": sha, "commit": body, "parents": [{"sha": parent}]})).unwrap()
    }

    #[test]
    fn a_commit_is_of_who_pushed_it_first() {
        let commits = [commit("a", "base"), commit("b", "a"), commit("c", "b")];
        let act = |kind: &str, before: &str, after: &str, id: u64| {
            let actor = json!({"id": id, "login": format!("user{id}"), "type": "User"});
            serde_json::from_value(json!({"activity_type": kind, "before": before, "after": after, "actor": actor})).unwrap()
        };
        let activity: Vec<wire::Activity> = vec![
            act("force_push", "b", "c", 3),
            act("pr_merge", "b", "c", 9),
            act("branch_deletion", "b", "0", 4),
            act("push", "a", "b", 2),
            act("branch_creation", "0", "a", 1),
        ];
        let pushers = first_pushers(&commits, &activity);
        let ids: Vec<(&str, Option<u64>)> = pushers.iter().map(|(sha, user)| (sha.as_str(), user.id)).collect();
        assert_eq!(ids, [("a", Some(1)), ("b", Some(2)), ("c", Some(9))]);
    }

    #[test]
    fn commits_that_are_nobodys() {
        let user = |login: &str| json!({"id": 5, "login": login, "type": "User"});
        let web_flow = user("web-flow");
        for (author, committer, verified, known) in [
            (user("mona"), user("mona"), false, true),
            (json!(null), user("mona"), false, true),
            (user("mona"), json!(null), false, false),
            (json!({}), json!({}), false, false),
            (user("mona"), web_flow.clone(), true, true),
            (user("mona"), web_flow.clone(), false, false),
            (json!(null), web_flow, true, false),
        ] {
            let verification = json!({"verified": verified, "payload": null, "signature": null});
            let shown = json!({
                "sha": "a", "commit": {"tree": {"sha": "t"}, "verification": verification}, "author": author, "committer": committer,
            });
            let commit: wire::Commit = serde_json::from_value(shown.clone()).unwrap();
            assert_eq!(belongs_to_somebody(&commit), known, "{shown}");
        }
    }

    #[test]
    fn commits_of_which_it_can_be_told_who_wrote_them() {
        let user = |login: &str| json!({"id": 5, "login": login, "type": if login.ends_with("[bot]") { "Bot" } else { "User" }});
        let person: wire::MaybeUser = serde_json::from_value(user("rita")).unwrap();
        let bot: wire::MaybeUser = serde_json::from_value(user("renovate[bot]")).unwrap();
        for (author, committer, verified, pusher, told) in [
            (user("mona"), user("mona"), false, Some(&person), true),
            (json!(null), json!(null), false, Some(&person), true),
            (user("mona"), user("mona"), false, None, false),
            (user("mona"), user("mona"), true, None, true),
            (user("mona"), user("web-flow"), true, None, false),
            (user("mona"), user("web-flow"), true, Some(&person), true),
            (user("mona"), user("mona"), false, Some(&bot), false),
            (json!(null), json!(null), false, Some(&bot), false),
            (json!(null), user("renovate[bot]"), false, Some(&bot), false),
            (user("renovate[bot]"), user("web-flow"), true, Some(&bot), true),
            (user("renovate[bot]"), user("renovate[bot]"), false, Some(&bot), true),
            (user("renovate[bot]"), user("renovate[bot]"), false, None, false),
        ] {
            let verification = json!({"verified": verified, "payload": null, "signature": null});
            let shown = json!({
                "sha": "a", "commit": {"tree": {"sha": "t"}, "verification": verification}, "author": author, "committer": committer,
            });
            let commit: wire::Commit = serde_json::from_value(shown.clone()).unwrap();
            assert_eq!(is_told(&commit, pusher), told, "{shown} {pusher:?}");
        }
    }

    #[test]
    fn trailers() {
        assert!(has_trailer("Words\n\nCo-Authored-By: Mona <mona@example.test>"));
        assert!(!has_trailer("Words on co-authored-by: lines"));
    }
}
