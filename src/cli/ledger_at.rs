//! Where the decisions on a repository lie: a branch, and the folder in it that has the repository's number.
//!
//! Comes in: arguments. Goes out: which folders of the branch count. A branch may have the decisions of several repositories, and two of them may
//! have files of one name: whose a folder is must be known.

use anyhow::{Result, bail};

/// The branch that is asked where nobody names another.
pub(super) const BRANCH: &str = "astride-ledger";
/// The folder of what was decided from the desk before anybody named the number of the repository.
const UNNUMBERED: u64 = 0;

#[derive(Clone, Debug, clap::Args)]
pub(super) struct LedgerAt {
    /// The branch with the decisions, if the repository has it.
    #[arg(long, value_name = "BRANCH", default_value = BRANCH)]
    pub(super) ledger: String,
    /// The number of the repository on the forge: `gh api repos/OWNER/NAME --jq .id`. Where the ledger has the decisions of one repository
    /// only, it is that one.
    #[arg(long, value_name = "NUMBER", env = "GITHUB_REPOSITORY_ID", hide_env_values = true)]
    pub(super) repository_id: Option<u64>,
}

impl Default for LedgerAt {
    fn default() -> Self {
        Self { ledger: BRANCH.to_owned(), repository_id: None }
    }
}

impl LedgerAt {
    /// The folder that the repository's decisions are written to, of those that the branch has.
    ///
    /// # Errors
    /// They are several, and none is named.
    pub(super) fn own(&self, folders: &[u64]) -> Result<u64> {
        let numbered: Vec<u64> = folders.iter().copied().filter(|number| *number != UNNUMBERED).collect();
        match (self.repository_id, numbered.as_slice()) {
            (Some(number), _) => Ok(number),
            (None, []) => Ok(UNNUMBERED),
            (None, [number]) => Ok(*number),
            (None, several) => {
                bail!("the ledger has the decisions of {} repositories\nhint: name this one with --repository-id", several.len())
            }
        }
    }

    /// Whether what a folder has is about the repository whose folder is `own`.
    pub(super) fn counts(folder: u64, own: u64) -> bool {
        folder == own || folder == UNNUMBERED
    }
}

#[cfg(test)]
mod tests {
    use super::LedgerAt;

    #[test]
    fn whose_a_folder_is_must_be_known() {
        for (given, folders, own) in [
            (None, &[][..], Some(0)),
            (None, &[0], Some(0)),
            (None, &[7], Some(7)),
            (None, &[0, 7], Some(7)),
            (None, &[7, 8], None),
            (Some(8), &[7, 8], Some(8)),
            (Some(9), &[7], Some(9)),
        ] {
            let at = LedgerAt { repository_id: given, ..LedgerAt::default() };
            assert_eq!(at.own(folders).ok(), own, "{given:?} {folders:?}");
        }
    }
}
