//! Which branch changes go to, where nobody names it.

use super::Repository;
use super::command::run;
use crate::change::ObjectId;
use anyhow::Result;
use std::path::Path;

/// Names that are tried behind what git's settings say.
const USUAL: [&str; 3] = ["main", "master", "trunk"];

/// The branch that changes go to.
pub(in crate::cli) struct DefaultBranch {
    /// As people write it: `origin/main`, `main`.
    pub name: String,
    pub tip: ObjectId,
    /// Whether it is the one that is checked out, here or as the branch of this name on `origin`.
    pub is_checked_out: bool,
}

impl Repository {
    /// The default branch of `origin`, else a branch with the name that new repositories get (`init.defaultBranch`), else `main`, `master` or
    /// `trunk`; that of `origin` before the local one. `None` where there is no such branch.
    ///
    /// # Errors
    /// The object reader died.
    pub(in crate::cli) fn default_branch(&mut self, folder: &Path) -> Result<Option<DefaultBranch>> {
        // Without an answer `git` ends with an error, which says no more than that.
        let said = |arguments: &[&str]| run(folder, arguments).ok().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        let checked_out = said(&["symbolic-ref", "-q", "--short", "HEAD"]);
        let of_origin = said(&["symbolic-ref", "-q", "--short", "refs/remotes/origin/HEAD"]);
        let configured = said(&["config", "--get", "init.defaultBranch"]);
        let usual = configured.into_iter().chain(USUAL.map(str::to_owned));
        let names = of_origin.into_iter().chain(usual.flat_map(|name| [format!("origin/{name}"), name]));
        for name in names {
            let full = if name.starts_with("origin/") { format!("refs/remotes/{name}") } else { format!("refs/heads/{name}") };
            if let Some(tip) = self.find_commit(&full)? {
                let is_checked_out = checked_out.as_deref() == Some(name.strip_prefix("origin/").unwrap_or(&name));
                return Ok(Some(DefaultBranch { name, tip, is_checked_out }));
            }
        }
        Ok(None)
    }

    /// Whether no branch is checked out, or the clone has no history: what a CI's checkout brings, where nothing is changed on top.
    ///
    /// # Errors
    /// `git` failed.
    pub(in crate::cli) fn is_checkout_of_ci(folder: &Path) -> Result<bool> {
        let is_detached = run(folder, &["rev-parse", "--abbrev-ref", "HEAD"])?.trim() == "HEAD";
        Ok(is_detached || run(folder, &["rev-parse", "--is-shallow-repository"])?.trim() == "true")
    }
}
