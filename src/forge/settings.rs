//! The settings of a repository as text: those at the base branch's tip, or else the organisation's; and where they do not parse, the last
//! ones before them that did.
//!
//! Comes in: the tip of the base branch. Goes out: texts. What they ask for is not read here.

use super::error::{ForgeError, found};
use super::object;
use super::snapshot::{BaseTip, Site};
use super::token::Scope;
use super::tree::{decode, escape};
use super::wire;
use crate::change::{Mode, ObjectId, Side};
use crate::clock::Millis;
use crate::settings;
use crate::settings::SettingsTexts;
use crate::source::RepoPath;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// The organisation's settings stand in a repository of that name, in a file of this one.
const ORGANISATION: (&str, &str) = (".github", "astride.yml");
/// Commits of the base branch that are looked through for settings that parse. Each costs a request for the commit and one or two for
/// its trees, once: what git names by its content is kept.
const MAX_COMMITS_BACK: usize = 20;

/// How long an organisation is believed to have no settings, in milliseconds.
const BELIEVED: Millis = 5 * 60_000;

/// When organisations were last seen without settings, by installation: that there are none is answered without an ETag, and would be asked
/// for in every run.
#[derive(Debug, Default)]
pub(super) struct WithoutSettings(Mutex<BTreeMap<u64, Millis>>);

impl WithoutSettings {
    fn is_known(&self, installation: u64, now: Millis) -> bool {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&installation).copied();
        seen.is_some_and(|at| now - at < BELIEVED)
    }

    fn note(&self, installation: u64, now: Millis) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(installation, now);
    }
}

impl Site {
    /// The settings in force: the base branch's own, else the organisation's.
    pub(super) async fn settings(&self, base_tip: BaseTip, base: &Side) -> Result<SettingsTexts, ForgeError> {
        let path = RepoPath::new(settings::PATH);
        if let Some((id, text)) = self.own_settings(base_tip, base, &path).await? {
            let last_valid =
                if settings::parse(&path, &text).is_ok() { None } else { self.last_valid_settings(base_tip.commit, id, &path).await? };
            return Ok(SettingsTexts { in_force: Some((path, text)), last_valid });
        }
        let text = self.organisation_settings().await?;
        Ok(SettingsTexts { in_force: text.map(|text| (RepoPath::new(ORGANISATION.1), text)), last_valid: None })
    }

    /// The digest of what the organisation asks for, empty where it asks for nothing.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn organisation_digest(&self) -> Result<String, ForgeError> {
        let text = self.organisation_settings().await?;
        Ok(text.map(|text| object::blob_id(text.as_bytes()).to_string()).unwrap_or_default())
    }

    async fn organisation_settings(&self) -> Result<Option<String>, ForgeError> {
        let forge = self.place.client.forge();
        if forge.without_settings().is_known(self.installation, forge.clock().now()) {
            return Ok(None);
        }
        let (repository, file) = ORGANISATION;
        let reader = forge.installation(self.installation, Scope::ReadAll);
        let path = format!("/repos/{}/{repository}/contents/{file}", escape(&self.repository.owner));
        // Asked more than once: one false "not found" would open the gate of a whole organisation for a while.
        let text = match found(reader.get_fresh(&path).await) {
            Ok(contents) => read_contents(contents)?,
            // The App is not installed there: then that repository says nothing to us.
            Err(ForgeError::Forbidden { .. }) => None,
            Err(error) => return Err(error),
        };
        if text.is_none() {
            forge.without_settings().note(self.installation, forge.clock().now());
        }
        Ok(text)
    }

    /// The settings at the base branch's tip, through git's objects: where they are not there, nothing is asked for and nothing can be
    /// mistaken for their absence.
    async fn own_settings(&self, base_tip: BaseTip, base: &Side, path: &RepoPath) -> Result<Option<(ObjectId, String)>, ForgeError> {
        let listed = if base.commit == base_tip.commit && !base.truncated {
            base.listing.get(path).filter(|listed| listed.mode == Mode::File).map(|listed| listed.id)
        } else {
            self.place.find_file(base_tip.tree, path).await?
        };
        let Some(id) = listed else { return Ok(None) };
        Ok(self.settings_text(id).await?.map(|text| (id, text)))
    }

    /// Bytes that are not text make settings that do not parse, which is shown.
    async fn settings_text(&self, id: ObjectId) -> Result<Option<String>, ForgeError> {
        let blobs = self.place.blobs(BTreeSet::from([id])).await?;
        Ok(blobs.into_values().next().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// The newest settings before `broken` that parse, along the first parents: what the branch itself was. `None` where there are none
    /// within reach, or where the branch had no settings before them.
    async fn last_valid_settings(&self, tip: ObjectId, broken: ObjectId, path: &RepoPath) -> Result<Option<String>, ForgeError> {
        let mut commit = self.place.commit(tip).await?;
        let mut seen = BTreeSet::from([broken]);
        for _ in 0..MAX_COMMITS_BACK {
            let Some(parent) = commit.parents.first() else { return Ok(None) };
            commit = self.place.commit(*parent).await?;
            let Some(id) = self.place.find_file(commit.tree, path).await? else { return Ok(None) };
            if seen.insert(id)
                && let Some(text) = self.settings_text(id).await?
                && settings::parse(path, &text).is_ok()
            {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }
}

/// A link or a folder of that name is no settings file.
fn read_contents(contents: Option<wire::Contents>) -> Result<Option<String>, ForgeError> {
    let Some(contents) = contents.filter(|contents| contents.kind == "file") else { return Ok(None) };
    let bytes = decode(&contents.content).filter(|bytes| object::blob_id(bytes).to_string() == contents.sha);
    let untrue = || ForgeError::Untrue { what: "the organisation's settings".to_owned() };
    bytes.map(|bytes| Some(String::from_utf8_lossy(&bytes).into_owned())).ok_or_else(untrue)
}
