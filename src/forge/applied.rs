//! Commits that apply our own suggestions unchanged: who presses the button is no author of what it does.
//!
//! Comes in: a commit of a pull request. Goes out: whether it changes nothing but lines that `judge::suggested` knows for fixes of ours. GitHub names
//! whoever suggests a change as co-author of the commit that applies it; a commit without such a line is not looked into.
//! Source: <https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/reviewing-changes-in-pull-requests/incorporating-feedback-in-your-pull-request>,
//! read 2026-12-01.

use super::authors::{WEB_FLOW, has_trailer};
use super::error::ForgeError;
use super::mechanical::Paths;
use super::object::Commit;
use super::site::Site;
use super::wire;
use crate::change::{Blob, ObjectId};
use crate::judge::suggested;
use crate::source::RepoPath;
use std::collections::BTreeSet;
use tokio::task::spawn_blocking;

/// Commits that are looked into; whoever wrote others is an author.
pub(super) const MAX_APPLYING: usize = 20;
/// Files that such a commit changes at most.
const MAX_FILES: usize = 5;
/// Files of all such commits that are read as what they are; who changed others is an author.
pub(super) const MAX_READINGS: usize = 10;

/// Whether a commit may be one: GitHub itself commits what is applied.
pub(super) fn may_apply(commit: &wire::Commit) -> bool {
    let by_forge = commit.committer.as_ref().is_some_and(|committer| committer.login == WEB_FLOW);
    by_forge && commit.parents.len() == 1 && has_trailer(&commit.commit.message)
}

impl Site {
    /// Whether a commit applies suggestions of ours and does nothing else. What cannot be told is no such commit. `readings` are left for this pull
    /// request.
    ///
    /// # Errors
    /// Those that may pass.
    pub(super) async fn applies_suggestions(&self, commit: &wire::Commit, readings: &mut usize) -> Result<bool, ForgeError> {
        match self.changes_fixes_alone(commit, readings).await {
            Err(error) if !error.is_passing() => {
                tracing::info!(%error, commit = commit.sha, "whether a commit applies suggestions cannot be told");
                Ok(false)
            }
            answer => answer,
        }
    }

    async fn changes_fixes_alone(&self, commit: &wire::Commit, readings: &mut usize) -> Result<bool, ForgeError> {
        let Commit { tree, parents } = self.place.believe(commit).await?;
        let [parent] = parents.as_slice() else { return Ok(false) };
        let old = self.place.commit(*parent).await?.tree;
        let (old, new) = tokio::try_join!(self.paths(old), self.paths(tree))?;
        let (Some(old), Some(new)) = (old, new) else { return Ok(false) };
        let Some(changed) = changed(&old, &new) else { return Ok(false) };
        let wanted: BTreeSet<ObjectId> = changed.iter().flat_map(|(_, ids)| *ids).collect();
        let blobs = self.place.blobs(wanted).await?;
        let text = |id: ObjectId| Blob::from_bytes(blobs.get(&id)?.clone()).text().map(str::to_owned);
        let texts = changed.into_iter().map(|(path, [old, new])| Some((path, text(old)?, text(new)?)));
        let Some(texts) = texts.collect::<Option<Vec<_>>>() else { return Ok(false) };
        if texts.len() > *readings || !texts.iter().all(|(_, old, new)| suggested::may_be_suggested(old, new)) {
            return Ok(false);
        }
        *readings -= texts.len();
        let reading = spawn_blocking(move || texts.iter().all(|(path, old, new)| suggested::is_suggested(path, old, new)));
        // What ends in a panic is not told.
        Ok(reading.await.unwrap_or(false))
    }
}

/// The files whose content alone differs, few of them and at least one; `None` where anything else does.
fn changed(old: &Paths, new: &Paths) -> Option<Vec<(RepoPath, [ObjectId; 2])>> {
    if old.len() != new.len() {
        return None;
    }
    let mut files = Vec::new();
    for ((path, (mode, sha)), (other, (mode_now, sha_now))) in old.iter().zip(new) {
        if path != other || mode != mode_now {
            return None;
        }
        if sha != sha_now {
            let ids = [ObjectId::from_hex(sha)?, ObjectId::from_hex(sha_now)?];
            files.push(mode.starts_with("100").then(|| (RepoPath::new(path), ids))?);
        }
    }
    (!files.is_empty() && files.len() <= MAX_FILES).then_some(files)
}

#[cfg(test)]
mod tests {
    use super::{Paths, changed};

    fn paths(files: &[(&str, &str, char)]) -> Paths {
        let file = |(path, mode, id): &(&str, &str, char)| ((*path).to_owned(), ((*mode).to_owned(), id.to_string().repeat(40)));
        files.iter().map(file).collect()
    }

    #[test]
    fn nothing_but_contents_may_differ() {
        let old = paths(&[("a", "100644", '1'), ("b", "100644", '1'), ("c", "120000", '1')]);
        for (new, expected) in [
            (paths(&[("a", "100644", '2'), ("b", "100644", '1'), ("c", "120000", '1')]), Some(1)),
            (paths(&[("a", "100644", '2'), ("b", "100644", '2'), ("c", "120000", '1')]), Some(2)),
            (old.clone(), None),
            (paths(&[("a", "100755", '2'), ("b", "100644", '1'), ("c", "120000", '1')]), None),
            (paths(&[("a", "100644", '2'), ("c", "120000", '1')]), None),
            (paths(&[("a", "100644", '2'), ("b", "100644", '1'), ("c", "120000", '1'), ("d", "100644", '1')]), None),
            (paths(&[("a", "100644", '1'), ("b", "100644", '1'), ("c", "120000", '2')]), None),
        ] {
            assert_eq!(changed(&old, &new).map(|files| files.len()), expected, "{new:?}");
        }
    }
}
