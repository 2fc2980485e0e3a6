//! Settings as texts, before anybody has read them: a repository's, its organisation's, and what the organisation has of its own.
//!
//! Comes in: what the rim found. Goes out: the settings to judge by, and what is wrong with those that were to be.

use crate::settings::own::{Own, OwnBroken};
use crate::settings::owners::CodeOwners;
use crate::settings::talk::Talk;
use crate::settings::{Mode, ORGANISATION, Settings, parse};
use crate::source::{Place, RepoPath};

/// The settings as text, and where they stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingsTexts {
    /// The file of the base branch, or else the organisation's.
    pub in_force: Option<(RepoPath, String)>,
    /// The last text that was valid, for when this one is not.
    pub last_valid: Option<String>,
    /// The organisation's, where the repository has a file of its own, which can only ask for more.
    pub organisation: Option<String>,
    /// The CODEOWNERS file of the base branch, where the settings ask for it: its text, or why it cannot be read; `None` where there is none.
    pub code_owners: Option<Result<String, String>>,
    /// Why the organisation's cannot be read: then those above are the last that could, or else nobody knows what it asks for.
    pub unread: Option<String>,
    /// What the organisation has of its own: the last that could be read.
    pub own: Own,
    /// Why that is not what it has now.
    pub own_broken: Option<OwnBroken>,
}

impl SettingsTexts {
    /// The settings to judge by, and a warning where they are not those that the file asks for.
    pub fn read(&self) -> (Settings, Option<SettingsError>) {
        // Whoever wrote settings that nobody can read has asked for a gate.
        let enforced = || Settings { mode: Mode::Enforce, talk: Talk::cautious(), ..Settings::default() };
        let (mut settings, mut error) = match &self.in_force {
            None => (Settings::default(), None),
            Some((path, text)) => match parse(path, text) {
                Ok(settings) => (settings, None),
                Err(error) => {
                    let fallback = self.last_valid.as_deref().and_then(|text| parse(path, text).ok()).unwrap_or_else(enforced);
                    (fallback, Some(error))
                }
            },
        };
        match self.asked_for() {
            None => {}
            Some(Ok(organisation)) => settings.tighten(&organisation),
            Some(Err(unknown)) => {
                settings.tighten(&enforced());
                error.get_or_insert(unknown);
            }
        }
        if settings.owners || settings.talk.asks_owners() {
            let read = |text: &Result<String, String>| text.as_ref().map(|text| CodeOwners::read(text)).map_err(String::clone);
            settings.code_owners = Some(self.code_owners.as_ref().map_or_else(|| Ok(CodeOwners::default()), read));
        }
        (settings.with_own(&self.own), error)
    }

    /// What the organisation asks for beside the repository's own settings; an error where that is not known.
    pub fn asked_for(&self) -> Option<Result<Settings, SettingsError>> {
        let path = RepoPath::new(ORGANISATION.1);
        if let Some(text) = &self.organisation {
            return Some(parse(&path, text));
        }
        let why = self.unread.as_ref().filter(|_| self.in_force.as_ref().is_none_or(|(in_force, _)| *in_force != path))?;
        let message = format!("the organisation's settings cannot be read: {why}");
        Some(Err(SettingsError { place: Place { path, line: 1, end_line: 1 }, message }))
    }
}

/// Settings that do not parse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}:{}: {message}", place.path, place.line)]
pub struct SettingsError {
    pub place: Place,
    pub message: String,
}
