//! How people are spoken with: where it stands what is asked, whether an approving review confirms, and who is asked for an answer.
//!
//! Comes in: `comment.mode`, `decide.approvals`, `decide.ask` and `decide.ask_whom` as written. Goes out: what they mean, beside an organisation's.

use crate::settings::Settings;
use crate::settings::owners::{CodeOwners, Owner};
use schemars::JsonSchema;
use serde::Deserialize;

/// Where it stands what is asked.
#[derive(Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CommentMode {
    /// In one comment, which is edited.
    #[default]
    Update,
    /// In the check alone: there is no comment and no thread.
    Check,
    /// In a comment that is replaced by a new one when what is asked has changed; of the old one a line is left.
    New,
}

/// How whoever should decide is told that something waits.
#[derive(Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Ask {
    #[default]
    None,
    /// By a mention, once in a comment of its own.
    Mention,
    /// By a review request.
    Review,
}

/// What the settings say of it, as far as they say anything: an organisation's words fill what a repository leaves out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Talk {
    pub mode: Option<CommentMode>,
    pub approvals: Option<bool>,
    pub ask: Option<Ask>,
    /// Who is asked; `None` for the code owners of what waits.
    pub whom: Option<Vec<Owner>>,
}

impl Talk {
    /// Fills in what the organisation says. Its word against approving reviews holds whatever the repository says; its word for them is the
    /// repository's own to give.
    pub(super) fn beside(&mut self, organisation: &Self) {
        self.mode = self.mode.or(organisation.mode);
        self.ask = self.ask.or(organisation.ask);
        if self.whom.is_none() {
            self.whom.clone_from(&organisation.whom);
        }
        if organisation.approvals == Some(false) {
            self.approvals = Some(false);
        }
    }

    /// For where nobody knows what was asked for: it may be that approving reviews are forbidden.
    pub(super) fn cautious() -> Self {
        Self { approvals: Some(false), ..Self::default() }
    }

    pub fn mode(&self) -> CommentMode {
        self.mode.unwrap_or_default()
    }

    /// Whether an approving review confirms what was proposed before it.
    pub fn approves(&self) -> bool {
        self.approvals == Some(true)
    }

    pub fn ask(&self) -> Ask {
        self.ask.unwrap_or_default()
    }

    /// Whether code owners must be known to know who is asked.
    pub fn asks_owners(&self) -> bool {
        self.ask() != Ask::None && self.whom.is_none()
    }
}

impl Settings {
    /// The code owners, where they decide.
    pub fn deciding_owners(&self) -> Option<&Result<CodeOwners, String>> {
        self.code_owners.as_ref().filter(|_| self.owners)
    }
}

/// The people and teams of a list.
///
/// # Errors
/// An entry that is neither, in words.
pub(super) fn read_whom(written: &[String]) -> Result<Vec<Owner>, String> {
    let read = |word: &String| match Owner::read(word) {
        Some(owner @ (Owner::Person(_) | Owner::Team(_))) => Ok(owner),
        Some(Owner::Email(_)) | None => {
            let meant = if word.starts_with('@') { String::new() } else { format!(", did you mean `@{word}`?") };
            Err(format!("decide.ask_whom has `{word}`, which is neither `@login` nor `@organisation/team`{meant}"))
        }
    };
    written.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::{Ask, CommentMode, Talk};
    use crate::settings::{PATH, parse};
    use crate::source::RepoPath;

    #[test]
    fn errors_say_what_was_meant() {
        for (text, line, part) in [
            ("decide:\n  ask: reviews\n", 2, "did you mean `review`?"),
            ("decide: {ask_whom: [acme/security]}\n", 1, "did you mean `@acme/security`?"),
            ("comment: {mode: chek}\n", 1, "did you mean `check`?"),
        ] {
            let error = parse(&RepoPath::new(PATH), text).unwrap_err();
            assert!(error.place.line == line && error.message.contains(part), "{text:?}: {error}");
        }
    }

    #[test]
    fn the_organisations_words_fill_what_is_left_out() {
        let organisation = Talk { mode: Some(CommentMode::Check), ask: Some(Ask::Review), ..Talk::default() };
        let mut silent = Talk::default();
        silent.beside(&organisation);
        assert_eq!((silent.mode(), silent.ask()), (CommentMode::Check, Ask::Review));
        let mut own = Talk { mode: Some(CommentMode::Update), ask: Some(Ask::None), ..Talk::default() };
        own.beside(&organisation);
        assert_eq!((own.mode(), own.ask()), (CommentMode::Update, Ask::None));
    }

    #[test]
    fn an_organisation_only_forbids_approvals() {
        for (organisation, own, expected) in [
            (None, Some(true), true),
            (Some(true), Some(true), true),
            (Some(true), None, false),
            (Some(false), Some(true), false),
            (None, None, false),
        ] {
            let mut talk = Talk { approvals: own, ..Talk::default() };
            talk.beside(&Talk { approvals: organisation, ..Talk::default() });
            assert_eq!(talk.approves(), expected, "{organisation:?} {own:?}");
        }
    }
}
