//! Who may push to the ledger's branch, as far as the forge tells without the right to administer.
//!
//! Comes in: a branch. Goes out: a sentence. What cannot be read is said to be not verifiable, and never good.
//!
//! Source: <https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch>, read 2026-11-28: every active rule of rulesets, without who
//! may bypass it; branch protection of the older kind is for administrators to read.

use super::error::ForgeError;
use super::tree::{Place, escape};
use super::wire;

/// What a ruleset has to forbid to everybody but the App, and how people call it.
const FORBIDDEN: [(&str, &str); 3] = [("update", "pushes"), ("deletion", "deletion"), ("non_fast_forward", "force pushes")];

/// What of it none of the rules forbids, in words.
pub(crate) fn allowed_by(rules: &[wire::Rule]) -> Vec<&'static str> {
    FORBIDDEN.into_iter().filter(|(kind, _)| rules.iter().all(|rule| rule.kind != *kind)).map(|(_, words)| words).collect()
}

impl Place {
    /// The rules of rulesets that hold for a branch, whether or not it is there.
    ///
    /// # Errors
    /// Of the forge.
    pub(crate) async fn rules(&self, branch: &str) -> Result<Vec<wire::Rule>, ForgeError> {
        self.client.get_fresh(&self.path(&format!("/rules/branches/{}?per_page=100", escape(branch)))).await
    }

    /// What is to be said of a branch that the App alone should write.
    ///
    /// # Errors
    /// Those that may pass.
    pub(crate) async fn protection(&self, branch: &str) -> Result<String, ForgeError> {
        let rules = match self.rules(branch).await {
            Ok(rules) => rules,
            Err(error) if error.is_passing() => return Err(error),
            Err(_) => return Ok("who may push to it is not verifiable".to_owned()),
        };
        Ok(match allowed_by(&rules).as_slice() {
            [] => "a ruleset lets nobody push to it or delete it but those who bypass it, and who they are is not verifiable".to_owned(),
            missing => format!(
                "no ruleset forbids {} to others than the App; whether branch protection does is not verifiable",
                missing.join(", ")
            ),
        })
    }
}
