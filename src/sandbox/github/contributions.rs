//! What people contribute: pushes, pull requests and what becomes of them, the merge queue.

use crate::change::ObjectId;
use crate::sandbox::github::people::ActError;
use crate::sandbox::github::people::Opening;
use crate::sandbox::github::people::Push;
use crate::sandbox::github::state::End;
use crate::sandbox::github::state::Github;
use crate::sandbox::github::state::Lag;
use crate::sandbox::github::state::Merged;
use crate::sandbox::github::state::Pull;
use crate::sandbox::github::state::Repository;
use crate::sandbox::history;
use crate::sandbox::objects::Commit;
use crate::sandbox::objects::Content;
use crate::sandbox::objects::Objects;
use crate::sandbox::objects::Signature;
use serde_json::Value;
use serde_json::json;

impl Github {
    /// Commits and pushes; gives the new tip. Base branches are pushed to in the same way.
    pub fn push(&mut self, push: &Push<'_>) -> Result<ObjectId, ActError> {
        let by = self.user_id(push.by)?;
        self.push_signed(push, by, self.signature(by))
    }

    /// Commits under a name and an address that need not be the pusher's own.
    pub fn push_as(&mut self, push: &Push<'_>, name: &str, email: &str) -> Result<ObjectId, ActError> {
        let by = self.user_id(push.by)?;
        let signature = Signature { name: name.to_owned(), email: email.to_owned(), ..self.signature(by) };
        self.push_signed(push, by, signature)
    }

    fn push_signed(&mut self, push: &Push<'_>, by: u64, signature: Signature) -> Result<ObjectId, ActError> {
        let repository = self.act_on(push.repository)?;
        let commit = self.commit_on(repository, push, signature)?;
        self.move_ref(repository, &format!("refs/heads/{}", push.branch), Some(commit), by);
        Ok(commit)
    }

    /// "Update branch": GitHub merges the base into a pull request's head, in the name of whoever asks.
    pub fn update_branch(&mut self, full_name: &str, number: u64, by: &str) -> Result<ObjectId, ActError> {
        let user = self.user_id(by)?;
        let author = self.signature(user);
        let committer = Signature { name: "GitHub".to_owned(), email: "noreply@github.com".to_owned(), ..author.clone() };
        let merge = self.merge_of_base(full_name, number, &[], (author, committer))?;
        self.push_to_head(full_name, number, user, merge.signed())
    }

    /// Merges the base into a pull request's head on somebody's own machine, with these changes besides.
    pub fn merge_base(
        &mut self,
        full_name: &str,
        number: u64,
        by: &str,
        changes: &[(&str, Option<Content>)],
    ) -> Result<ObjectId, ActError> {
        let user = self.user_id(by)?;
        let signature = self.signature(user);
        let merge = self.merge_of_base(full_name, number, changes, (signature.clone(), signature))?;
        self.push_to_head(full_name, number, user, merge)
    }

    /// Path by path; where both have changed a file, the head's stays.
    fn merge_of_base(
        &mut self,
        full_name: &str,
        number: u64,
        changes: &[(&str, Option<Content>)],
        (author, committer): (Signature, Signature),
    ) -> Result<Commit, ActError> {
        let repository = self.act_on(full_name)?;
        let pull = self.pull(repository, number).ok_or(ActError::NoPull(number))?.clone();
        let no_branch = || ActError::NoBranch(pull.base.branch.clone());
        let tip = self.repositories.get(&repository).and_then(|found| found.branch(&pull.base.branch)).ok_or_else(no_branch)?;
        let met = self.pull_base(repository, &pull).ok_or_else(no_branch)?;
        let objects = self.objects_mut(repository).ok_or_else(no_branch)?;
        let paths =
            |objects: &Objects, commit: ObjectId| objects.commit(commit).map(|commit| objects.paths(commit.tree)).unwrap_or_default();
        let (old, theirs) = (paths(objects, met), paths(objects, tip));
        let mut merged = paths(objects, pull.head.sha);
        for path in old.keys().chain(theirs.keys()) {
            if old.get(path) != theirs.get(path) && old.get(path) == merged.get(path) {
                match theirs.get(path) {
                    Some(entry) => merged.insert(path.clone(), *entry),
                    None => merged.remove(path),
                };
            }
        }
        for (path, content) in changes {
            match content {
                Some(content) => merged.insert((*path).to_owned(), objects.add_content(content)),
                None => merged.remove(*path),
            };
        }
        let tree = objects.add_paths(&merged);
        let message = format!("Merge branch '{}' into {}\n", pull.base.branch, pull.head.branch);
        Ok(Commit { tree, parents: vec![pull.head.sha, tip], author, committer, headers: String::new(), message })
    }

    pub(super) fn push_to_head(&mut self, full_name: &str, number: u64, by: u64, commit: Commit) -> Result<ObjectId, ActError> {
        let repository = self.act_on(full_name)?;
        let head = self.pull(repository, number).ok_or(ActError::NoPull(number))?.head.clone();
        let id = self.objects_mut(repository).ok_or(ActError::NoPull(number))?.add_commit(commit);
        self.move_ref(head.repository, &format!("refs/heads/{}", head.branch), Some(id), by);
        Ok(id)
    }

    /// Moves a branch to any commit, forwards or not.
    pub fn force_push(&mut self, full_name: &str, branch: &str, by: &str, to: ObjectId) -> Result<(), ActError> {
        let (repository, by) = (self.act_on(full_name)?, self.user_id(by)?);
        self.move_ref(repository, &format!("refs/heads/{branch}"), Some(to), by);
        Ok(())
    }

    pub fn delete_branch(&mut self, full_name: &str, branch: &str, by: &str) -> Result<(), ActError> {
        let (repository, by) = (self.act_on(full_name)?, self.user_id(by)?);
        self.move_ref(repository, &format!("refs/heads/{branch}"), None, by);
        Ok(())
    }

    fn commit_on(&mut self, repository: u64, push: &Push<'_>, signature: Signature) -> Result<ObjectId, ActError> {
        let no_branch = || ActError::NoBranch(push.branch.to_owned());
        let found = self.repositories.get(&repository).ok_or_else(no_branch)?;
        let parent = found.branch(push.branch).or_else(|| found.branch(&found.default_branch)).ok_or_else(no_branch)?;
        let objects = self.objects_mut(repository).ok_or_else(no_branch)?;
        let tree = objects.commit(parent).ok_or_else(no_branch)?.tree;
        let mut paths = objects.paths(tree);
        for (path, content) in push.changes {
            match content {
                Some(content) => paths.insert((*path).to_owned(), objects.add_content(content)),
                None => paths.remove(*path),
            };
        }
        let tree = objects.add_paths(&paths);
        let message = format!("{}\n", push.message);
        Ok(objects.add_commit(Commit {
            tree,
            parents: vec![parent],
            author: signature.clone(),
            committer: signature,
            headers: String::new(),
            message,
        }))
    }

    /// Opens a pull request; gives its number.
    pub fn open_pull(&mut self, opening: &Opening<'_>) -> Result<u64, ActError> {
        let repository = self.act_on(opening.repository)?;
        let author = self.user_id(opening.by)?;
        let head = self.head_end(repository, opening.head)?;
        let base = self.repositories.get(&repository).and_then(|found| found.branch(opening.base));
        let base = base.ok_or_else(|| ActError::NoBranch(opening.base.to_owned()))?;
        let base = End { repository, branch: opening.base.to_owned(), sha: base };
        let (id, now) = (self.ids.next("pull"), self.now);
        let Some(found) = self.repositories.get_mut(&repository) else { return Err(ActError::NoRepository(opening.repository.to_owned())) };
        let number = found.next_number();
        found.refs.insert(format!("refs/pull/{number}/head"), head.sha);
        let pull = Pull {
            id,
            number,
            title: opening.title.to_owned(),
            body: (!opening.body.is_empty()).then(|| opening.body.to_owned()),
            author,
            draft: opening.draft,
            open: true,
            merged: None,
            head,
            base,
            created_at: now,
            updated_at: now,
            closed_at: None,
            requests: Vec::new(),
            lag: Lag::default(),
        };
        found.pulls.insert(number, pull);
        self.pull_event(repository, number, author, "opened", json!({}));
        Ok(number)
    }

    fn head_end(&self, repository: u64, head: &str) -> Result<End, ActError> {
        let no_branch = || ActError::NoBranch(head.to_owned());
        let found = self.repositories.get(&repository).ok_or_else(no_branch)?;
        let (source, branch) = match head.split_once(':') {
            None => (found, head),
            Some((owner, branch)) => {
                let fork = |other: &&Repository| other.network == found.network && other.owner.eq_ignore_ascii_case(owner);
                (self.repositories.values().find(fork).ok_or_else(no_branch)?, branch)
            }
        };
        Ok(End { repository: source.id, branch: branch.to_owned(), sha: source.branch(branch).ok_or_else(no_branch)? })
    }

    /// Lets the next reads of a pull request lag: so many times 404, then so many times with the head before the last push.
    pub fn set_lag(&mut self, full_name: &str, number: u64, missing: u32, stale: u32) -> Result<(), ActError> {
        self.change_pull(full_name, number, |pull| {
            pull.lag = Lag { missing, stale: (stale > 0).then_some((stale, pull.head.sha)) };
        })?;
        Ok(())
    }

    pub fn close(&mut self, full_name: &str, number: u64, by: &str) -> Result<(), ActError> {
        let (by, now) = (self.user_id(by)?, self.now);
        let repository = self.change_pull(full_name, number, |pull| {
            pull.open = false;
            pull.closed_at = Some(now);
        })?;
        self.pull_event(repository, number, by, "closed", json!({}));
        Ok(())
    }

    /// Brings the head to its branch as it is now; refused where the branch is gone or went another way, as GitHub refuses.
    pub fn reopen(&mut self, full_name: &str, number: u64, by: &str) -> Result<(), ActError> {
        let (repository, by) = (self.act_on(full_name)?, self.user_id(by)?);
        let head = self.pull(repository, number).ok_or(ActError::NoPull(number))?.head.clone();
        let tip = self.repositories.get(&head.repository).and_then(|found| found.branch(&head.branch));
        let tip = tip.ok_or_else(|| ActError::NoBranch(head.branch.clone()))?;
        if !self.objects(repository).is_some_and(|objects| history::is_ancestor(objects, head.sha, tip)) {
            return Err(ActError::Refused(format!("the {} branch was force-pushed or recreated", head.branch)));
        }
        self.change_pull(full_name, number, |pull| {
            pull.open = true;
            pull.closed_at = None;
            pull.head.sha = tip;
        })?;
        self.pull_event(repository, number, by, "reopened", json!({}));
        Ok(())
    }

    pub fn convert_to_draft(&mut self, full_name: &str, number: u64, by: &str) -> Result<(), ActError> {
        let by = self.user_id(by)?;
        let repository = self.change_pull(full_name, number, |pull| pull.draft = true)?;
        self.pull_event(repository, number, by, "converted_to_draft", json!({}));
        Ok(())
    }

    pub fn ready_for_review(&mut self, full_name: &str, number: u64, by: &str) -> Result<(), ActError> {
        let by = self.user_id(by)?;
        let repository = self.change_pull(full_name, number, |pull| pull.draft = false)?;
        self.pull_event(repository, number, by, "ready_for_review", json!({}));
        Ok(())
    }

    /// Changes the base branch: an `edited` event with the old base.
    pub fn retarget(&mut self, full_name: &str, number: u64, by: &str, base: &str) -> Result<(), ActError> {
        let (repository, by) = (self.act_on(full_name)?, self.user_id(by)?);
        let tip = self.repositories.get(&repository).and_then(|found| found.branch(base));
        let tip = tip.ok_or_else(|| ActError::NoBranch(base.to_owned()))?;
        let old = self.pull(repository, number).ok_or(ActError::NoPull(number))?.base.clone();
        self.change_pull(full_name, number, |pull| pull.base = End { repository, branch: base.to_owned(), sha: tip })?;
        let changes = json!({"changes": {"base": {"ref": {"from": old.branch}, "sha": {"from": old.sha.to_string()}}}});
        self.pull_event(repository, number, by, "edited", changes);
        Ok(())
    }

    /// Merges with a merge commit; gives it. A conflict is settled for the head, path by path.
    pub fn merge(&mut self, full_name: &str, number: u64, by: &str) -> Result<ObjectId, ActError> {
        let (repository, by) = (self.act_on(full_name)?, self.user_id(by)?);
        let pull = self.pull(repository, number).ok_or(ActError::NoPull(number))?.clone();
        let no_branch = || ActError::NoBranch(pull.base.branch.clone());
        let tip = self.repositories.get(&repository).and_then(|found| found.branch(&pull.base.branch)).ok_or_else(no_branch)?;
        let message = format!("Merge pull request #{number} from {}\n", self.head_label(&pull.head).replace(':', "/"));
        let merged = self.merge_commit(repository, &pull, tip, by, message).ok_or_else(no_branch)?;
        let at = self.now;
        self.change_pull(full_name, number, |pull| {
            pull.open = false;
            pull.closed_at = Some(at);
            pull.merged = Some(Merged { by, sha: merged, at });
            pull.base.sha = tip;
        })?;
        self.pull_event(repository, number, by, "closed", json!({}));
        self.move_ref(repository, &format!("refs/heads/{}", pull.base.branch), Some(merged), by);
        if let Some(last) = self.repositories.get_mut(&repository).and_then(|found| found.activity.last_mut()) {
            last.kind = "pr_merge";
        }
        Ok(merged)
    }

    fn merge_commit(&mut self, repository: u64, pull: &Pull, onto: ObjectId, by: u64, message: String) -> Option<ObjectId> {
        let changed = self.pull_files(repository, pull);
        let author = self.signature(by);
        let committer = Signature { name: "GitHub".to_owned(), email: "noreply@github.com".to_owned(), ..author.clone() };
        let objects = self.objects_mut(repository)?;
        let heads = objects.paths(objects.commit(pull.head.sha)?.tree);
        let mut paths = objects.paths(objects.commit(onto)?.tree);
        for file in changed {
            for path in [Some(file.path), file.previous].into_iter().flatten() {
                match heads.get(&path) {
                    Some(entry) => paths.insert(path, *entry),
                    None => paths.remove(&path),
                };
            }
        }
        let tree = objects.add_paths(&paths);
        let commit = Commit { tree, parents: vec![onto, pull.head.sha], author, committer, headers: String::new(), message };
        Some(objects.add_commit(commit.signed()))
    }

    /// Puts a pull request into the merge queue: makes the group's commit and branch, and asks for checks; gives its head.
    pub fn queue(&mut self, full_name: &str, number: u64, by: &str) -> Result<ObjectId, ActError> {
        self.queue_together(full_name, &[number], by)
    }

    /// Puts pull requests into the queue as one group: each has a branch on top of the one before it, and is to be checked with all that
    /// is ahead of it.
    pub fn queue_together(&mut self, full_name: &str, numbers: &[u64], by: &str) -> Result<ObjectId, ActError> {
        let (repository, by) = (self.act_on(full_name)?, self.user_id(by)?);
        let mut group = None;
        for number in numbers {
            let pull = self.pull(repository, *number).ok_or(ActError::NoPull(*number))?.clone();
            let no_branch = || ActError::NoBranch(pull.base.branch.clone());
            let tip = self.repositories.get(&repository).and_then(|found| found.branch(&pull.base.branch)).ok_or_else(no_branch)?;
            let (onto, base) = group.unwrap_or((tip, tip));
            let message = format!("Merge pull request #{number} from {}\n", self.head_label(&pull.head).replace(':', "/"));
            let head = self.merge_commit(repository, &pull, onto, by, message).ok_or_else(no_branch)?;
            let branch = format!("refs/heads/gh-readonly-queue/{}/pr-{number}-{onto}", pull.base.branch);
            self.move_ref(repository, &branch, Some(head), by);
            let shown = self.merge_group_json(repository, &branch, &pull.base.branch, base, head);
            self.event("merge_group", repository, by, json!({"action": "checks_requested", "merge_group": shown}));
            group = Some((head, base));
        }
        group.map(|(head, _)| head).ok_or(ActError::NoPull(0))
    }

    /// Takes a group out of the queue again, by its head; `reason` is `merged`, `invalidated` or `dequeued`.
    pub fn unqueue(&mut self, full_name: &str, head: ObjectId, by: &str, reason: &str) -> Result<(), ActError> {
        let (repository, by) = (self.act_on(full_name)?, self.user_id(by)?);
        let queued = |name: &&String| name.starts_with("refs/heads/gh-readonly-queue/");
        let found = self.repository(repository).and_then(|found| found.refs.iter().find(|(name, tip)| queued(name) && **tip == head));
        let branch = found.map(|(name, _)| name.clone()).ok_or_else(|| ActError::NoBranch(head.to_string()))?;
        let base = branch.trim_start_matches("refs/heads/gh-readonly-queue/").rsplit_once("/pr-").map_or("", |(base, _)| base);
        let parent = self.objects(repository).and_then(|objects| objects.commit(head)?.parents.first().copied());
        let group = self.merge_group_json(repository, &branch, base, parent.unwrap_or(head), head);
        self.event("merge_group", repository, by, json!({"action": "destroyed", "reason": reason, "merge_group": group}));
        self.move_ref(repository, &branch, None, by);
        Ok(())
    }

    fn merge_group_json(&self, repository: u64, branch: &str, base: &str, tip: ObjectId, head: ObjectId) -> Value {
        json!({
            "head_sha": head.to_string(),
            "head_ref": branch,
            "base_sha": tip.to_string(),
            "base_ref": format!("refs/heads/{base}"),
            "head_commit": self.head_commit_json(repository, head),
        })
    }

    fn change_pull(&mut self, full_name: &str, number: u64, change: impl FnOnce(&mut Pull)) -> Result<u64, ActError> {
        let (repository, now) = (self.act_on(full_name)?, self.now);
        let pull = self.repositories.get_mut(&repository).and_then(|found| found.pulls.get_mut(&number)).ok_or(ActError::NoPull(number))?;
        change(pull);
        pull.updated_at = now;
        Ok(repository)
    }
}
