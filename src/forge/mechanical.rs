//! Merges of the base that hold nothing but what both sides brought: whoever made one has written nothing.
//!
//! Comes in: a commit of two parents. Goes out: whether its tree is what theirs and the one that they have grown from give, path by path.

use super::error::{ForgeError, found};
use super::object::Commit;
use super::site::Site;
use super::tree::Depth;
use super::wire;
use crate::change::ObjectId;
use std::collections::{BTreeMap, BTreeSet};

/// Merges that are looked into; the authors of others count.
pub(super) const MAX_MERGES: usize = 20;

/// Files of a tree: path → mode and object.
pub(super) type Paths = BTreeMap<String, (String, String)>;

impl Site {
    /// Whether a merge is what three trees give, path by path: then nobody has written anything into it. What both sides changed is settled
    /// by somebody, whatever git would have made of it.
    ///
    /// # Errors
    /// Of the forge.
    pub(super) async fn is_mechanical(&self, merge: &wire::Commit) -> Result<bool, ForgeError> {
        let Commit { tree, parents } = self.place.believe(merge).await?;
        let [one, other] = parents.as_slice() else { return Ok(false) };
        let path = self.place.path(&format!("/compare/{one}...{other}?per_page=1"));
        let Some(compared) = found(self.place.client.get::<wire::Comparison>(&path).await)? else { return Ok(false) };
        let old = self.place.believe(&compared.merge_base_commit).await?.tree;
        let (one, other) = (self.place.commit(*one).await?.tree, self.place.commit(*other).await?.tree);
        let (old, one, other, merged) = tokio::try_join!(self.paths(old), self.paths(one), self.paths(other), self.paths(tree))?;
        let (Some(old), Some(one), Some(other), Some(merged)) = (old, one, other, merged) else { return Ok(false) };
        Ok(merge_by_path(&old, &one, &other).is_some_and(|expected| expected == merged))
    }

    /// The files of a tree; `None` where the listing is cut.
    ///
    /// # Errors
    /// Of the forge.
    pub(super) async fn paths(&self, tree: ObjectId) -> Result<Option<Paths>, ForgeError> {
        let listing = self.place.tree(tree, Depth::Whole).await?;
        let files = listing.tree.into_iter().filter(|entry| entry.kind != "tree");
        Ok((!listing.truncated).then(|| files.map(|entry| (entry.path, (entry.mode, entry.sha))).collect()))
    }
}

/// What comes of two sides that have grown from one tree, where no file was changed on both; `None` where one was.
fn merge_by_path(old: &Paths, one: &Paths, other: &Paths) -> Option<Paths> {
    let mut merged = Paths::new();
    let all: BTreeSet<&String> = old.keys().chain(one.keys()).chain(other.keys()).collect();
    for path in all {
        let (before, here, there) = (old.get(path), one.get(path), other.get(path));
        let after = if here == there || there == before {
            here
        } else if here == before {
            there
        } else {
            return None;
        };
        merged.extend(after.map(|file| (path.clone(), file.clone())));
    }
    Some(merged)
}

/// A commit of two parents one of which the base has. In a whole list of what the base has not, that one is missing.
pub(super) fn is_merge_of_base(commit: &wire::Commit, listed: &BTreeSet<&str>) -> bool {
    let own = commit.parents.iter().filter(|parent| listed.contains(parent.sha.as_str())).count();
    commit.parents.len() == 2 && own < 2
}

#[cfg(test)]
mod tests {
    use super::{Paths, merge_by_path};

    fn paths(files: &[(&str, &str)]) -> Paths {
        files.iter().map(|(path, sha)| ((*path).to_owned(), ("100644".to_owned(), (*sha).to_owned()))).collect()
    }

    #[test]
    fn trees_are_merged_by_path() {
        let old = paths(&[("a", "1"), ("b", "1"), ("c", "1")]);
        let one = paths(&[("a", "2"), ("b", "1"), ("c", "1"), ("d", "1")]);
        let other = paths(&[("a", "1"), ("b", "2"), ("e", "1")]);
        let merged = paths(&[("a", "2"), ("b", "2"), ("d", "1"), ("e", "1")]);
        assert_eq!(merge_by_path(&old, &one, &other), Some(merged));
        let both = paths(&[("a", "3"), ("b", "1"), ("c", "1")]);
        assert_eq!(merge_by_path(&old, &one, &both), None, "both sides changed `a`");
        assert_eq!(merge_by_path(&old, &one, &one), Some(one.clone()), "both sides did the same");
        assert_eq!(merge_by_path(&old, &one, &paths(&[("b", "1"), ("c", "1")])), None, "one changed `a`, one removed it");
    }
}
