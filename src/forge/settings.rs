//! The settings of a repository as text: those at the base branch's tip, and the organisation's; and where they do not parse or cannot be
//! read, the last ones before them that did.
//!
//! Comes in: the tip of the base branch. Goes out: texts. What they ask for is not read here.

use super::error::{ForgeError, found};
use super::object;
use super::own::{self, OwnFound, OwnSeen};
use super::shared::Forge;
use super::site::Site;
use super::snapshot::BaseTip;
use super::token::Scope;
use super::tree::{Place, escape};
use super::wire;
use crate::change::{Mode, ObjectId, Side};
use crate::clock::Millis;
use crate::settings::{self, ORGANISATION, SettingsTexts, owners};
use crate::source::RepoPath;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// Commits of the base branch that are looked through for settings that parse. Each costs a request for the commit and one or two for
/// its trees, once: what git names by its content is kept.
const MAX_COMMITS_BACK: usize = 20;

/// How long an organisation is believed to have no settings, in milliseconds.
const BELIEVED: Millis = 5 * 60_000;

/// In a digest, before what stands there and cannot be taken.
const WRONG: &str = " ! ";

/// When organisations were last seen without settings, by installation: that there are none is answered without an ETag, and would be asked
/// for in every run.
#[derive(Debug, Default)]
pub(super) struct WithoutSettings(Mutex<BTreeMap<u64, Millis>>);

impl WithoutSettings {
    fn is_known(&self, installation: u64, now: Millis) -> bool {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&installation).copied();
        seen.is_some_and(|at| (0..BELIEVED).contains(&(now - at)))
    }

    fn note(&self, installation: u64, now: Millis) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(installation, now);
    }
}

/// What was seen of an organisation's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    /// There is no repository for them, or it is not ours to see: nobody can tell the one from the other.
    NoRepository,
    /// The repository can be read, and has no such file.
    NoFile,
    File(ObjectId, String),
    /// They may be there, and cannot be read, for this reason.
    Unread(String),
}

impl Site {
    /// The settings in force, with the code owners where they ask for them.
    pub(super) async fn settings(&self, base_tip: BaseTip, base: &Side) -> Result<SettingsTexts, ForgeError> {
        let texts = self.written_settings(base_tip, base).await?;
        let (settings, _) = texts.read();
        let code_owners = if settings.owners || settings.talk.asks_owners() { self.code_owners(base_tip).await? } else { None };
        Ok(SettingsTexts { code_owners, ..texts })
    }

    /// The first CODEOWNERS file of the base branch's tip that is there, or why it is not loaded.
    async fn code_owners(&self, base_tip: BaseTip) -> Result<Option<Result<String, String>>, ForgeError> {
        for path in owners::PATHS {
            let Some(id) = self.place.find_file(base_tip.tree, &RepoPath::new(path)).await? else { continue };
            let bytes = self.place.blobs(BTreeSet::from([id])).await?.into_values().next().unwrap_or_default();
            if bytes.len() > owners::MAX_BYTES {
                return Ok(Some(Err(format!("{path} has more than {} bytes", owners::MAX_BYTES))));
            }
            let text = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
            return Ok(Some(text.ok_or_else(|| format!("{path} is no text"))));
        }
        Ok(None)
    }

    /// The base branch's own settings, to which the organisation's may add, or else the organisation's.
    async fn written_settings(&self, base_tip: BaseTip, base: &Side) -> Result<SettingsTexts, ForgeError> {
        let path = RepoPath::new(settings::PATH);
        let organisation = self.organisation_settings().await?;
        if let Some((id, text)) = self.own_settings(base_tip, base, &path).await? {
            let last_valid =
                if settings::parse(&path, &text).is_ok() { None } else { self.last_valid_settings(base_tip.commit, id, &path).await? };
            // Without an earlier version they are handed on as they are, and say themselves what is wrong.
            let invalid = organisation.in_force.as_ref().filter(|_| organisation.last_valid.is_some());
            let invalid = invalid.and_then(|(path, text)| settings::parse(path, text).err());
            let why = invalid.map(|error| format!("{} line {}: {}", error.place.path, error.place.line, error.message));
            let asked_for = organisation.last_valid.or(organisation.in_force.map(|(_, text)| text));
            let unread = organisation.unread.or(why);
            let in_force = Some((path, text));
            let (own, own_broken) = (organisation.own, organisation.own_broken);
            return Ok(SettingsTexts { in_force, last_valid, organisation: asked_for, unread, own, own_broken, code_owners: None });
        }
        Ok(organisation)
    }

    /// The digest of what the organisation asks for, and of what stands there that nobody can take; empty where there is nothing.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn organisation_digest(&self) -> Result<String, ForgeError> {
        let SettingsTexts { in_force, last_valid, unread, own, own_broken, .. } = self.organisation_settings().await?;
        let (valid, invalid): (Option<String>, Option<String>) = match in_force {
            Some((path, text)) if settings::parse(&path, &text).is_err() => (last_valid, Some(text)),
            Some((_, text)) => (Some(text), None),
            None => (None, unread),
        };
        let invalid = invalid.map(|text| blob_name(&text));
        let wrong: Vec<String> = invalid.into_iter().chain(own_broken.map(|broken| broken.error.to_string())).collect();
        let applies = digest(valid.as_deref(), own.edition());
        Ok(if wrong.is_empty() { applies } else { format!("{applies}{WRONG}{}", wrong.join(" ")) })
    }

    /// The organisation's settings. What was seen once holds until it is seen that it is gone.
    async fn organisation_settings(&self) -> Result<SettingsTexts, ForgeError> {
        let forge = self.place.client.forge();
        if forge.without_settings().is_known(self.installation, forge.clock().now()) {
            return Ok(SettingsTexts::default());
        }
        let path = RepoPath::new(ORGANISATION.1);
        let (store, key) = (forge.store(), memory_of(self.installation));
        let known = store.ledger_seen(&key).await?.filter(|(_, text)| !text.is_empty());
        let (seen, own) = self.look_for_settings().await?;
        let has_own = !matches!(own, OwnSeen::None | OwnSeen::NoRepository);
        let OwnFound { own, broken: own_broken } = forge.own(self.installation, own).await?;
        let none = SettingsTexts { own, own_broken, ..SettingsTexts::default() };
        let last_valid = known.as_ref().map(|(_, text)| text.clone());
        let unread = match seen {
            Seen::File(id, text) => {
                let is_valid = settings::parse(&path, &text).is_ok();
                if is_valid && known.as_ref().is_none_or(|(seen, _)| *seen != id) {
                    store.keep_ledger_seen(&key, id, &text).await?;
                }
                let last_valid = last_valid.filter(|_| !is_valid);
                return Ok(SettingsTexts { in_force: Some((path, text)), last_valid, ..none });
            }
            Seen::NoRepository | Seen::NoFile if known.is_none() => {
                if !has_own && none.own_broken.is_none() {
                    forge.without_settings().note(self.installation, forge.clock().now());
                }
                return Ok(none);
            }
            Seen::NoFile => {
                store.keep_ledger_seen(&key, ObjectId([0; 20]), "").await?;
                return Ok(none);
            }
            Seen::NoRepository => "their repository or its branch is gone, or is not shown to the App any more".to_owned(),
            Seen::Unread(why) => why,
        };
        tracing::warn!(installation = self.installation, why = unread, "the settings of an organisation cannot be read");
        Ok(SettingsTexts { in_force: last_valid.map(|text| (path, text)), unread: Some(unread), ..none })
    }

    /// Through git's objects: there a link is a link, and what is not listed is not there.
    async fn look_for_settings(&self) -> Result<(Seen, OwnSeen), ForgeError> {
        let (name, file) = ORGANISATION;
        let client = self.place.client.forge().installation(self.installation, Scope::ReadAll);
        let path = format!("/repos/{}/{name}", escape(&self.repository.owner));
        let refused = || {
            let why = "the forge refuses it".to_owned();
            Ok((Seen::Unread(why.clone()), OwnSeen::Unread(why)))
        };
        let nowhere = || Ok((Seen::NoRepository, OwnSeen::NoRepository));
        // Asked more than once: one false "not found" would open the gate of a whole organisation for a while.
        let repository: wire::Repository = match found(client.get_fresh(&path).await) {
            Ok(Some(repository)) => repository,
            Ok(None) => return nowhere(),
            Err(ForgeError::Forbidden { .. }) => return refused(),
            Err(error) => return Err(error),
        };
        // A name may lead to where its repository has gone since.
        if !repository.name.eq_ignore_ascii_case(name) || !repository.owner.login.eq_ignore_ascii_case(&self.repository.owner) {
            return nowhere();
        }
        let place = Place { client, id: repository.id, owner: repository.owner.login, name: repository.name };
        match read_branch(&place, &repository.default_branch, file).await {
            Err(ForgeError::Forbidden { .. } | ForgeError::NotFound { .. }) => refused(),
            seen => seen,
        }
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

impl Forge {
    /// Whether a digest of what an organisation asks for is of something else than what was last seen and could be taken. What is wrong there
    /// changes nothing of what applies, and where nothing was seen nothing has changed.
    ///
    /// # Errors
    /// Of the store.
    pub async fn asks_otherwise(&self, installation: u64, digested: &str) -> Result<bool, ForgeError> {
        let known = self.store().ledger_seen(&memory_of(installation)).await?.filter(|(_, text)| !text.is_empty());
        let own = self.known_own(installation).await?.map(|(tree, _)| tree.to_string());
        let is_known = known.is_some() || own.is_some();
        let text = known.as_ref().map(|(_, text)| text.as_str());
        let applied = digested.split(WRONG).next().unwrap_or_default();
        Ok(is_known && applied != digest(text, own.as_deref().unwrap_or_default()))
    }
}

/// Where the store remembers an organisation's settings: beside the tips of ledgers, which are the same kind of memory.
fn memory_of(installation: u64) -> String {
    format!("settings/{installation}")
}

/// Names the settings of an organisation that apply and what it has of its own; empty where it has neither.
fn digest(text: Option<&str>, own: &str) -> String {
    let text = text.map(blob_name).unwrap_or_default();
    if own.is_empty() { text } else { format!("{text} {own}") }
}

fn blob_name(text: &str) -> String {
    object::blob_id(text.as_bytes()).to_string()
}

/// What stands at the tip of a branch: the settings, and the organisation's own files.
async fn read_branch(place: &Place, branch: &str, file: &str) -> Result<(Seen, OwnSeen), ForgeError> {
    let path = place.path(&format!("/git/ref/heads/{}", escape(branch)));
    let tip: wire::Reference = match place.client.get_fresh(&path).await {
        Ok(tip) => tip,
        // A repository without any commit, or one whose branch is being renamed: no tree says that the file is gone.
        Err(ForgeError::NotFound { .. } | ForgeError::Unprocessable { .. }) => return Ok((Seen::NoRepository, OwnSeen::NoRepository)),
        Err(error) => return Err(error),
    };
    let id = |text: &str| ObjectId::from_hex(text).ok_or_else(|| ForgeError::Untrue { what: format!("GET {path}") });
    let tree = place.commit(id(&tip.object.sha)?).await?.tree;
    Ok((read_file(place, tree, file).await?, own::look(place, tree).await?))
}

/// A file at the root of a tree. A link is none: what it leads to may be changed without anybody's notice.
async fn read_file(place: &Place, tree: ObjectId, file: &str) -> Result<Seen, ForgeError> {
    let Some(entry) = place.find_entry(tree, file).await? else { return Ok(Seen::NoFile) };
    if entry.kind != "blob" || entry.mode == "120000" {
        return Ok(Seen::Unread(format!("{file} is no plain file")));
    }
    let Some(id) = ObjectId::from_hex(&entry.sha) else { return Err(ForgeError::Untrue { what: format!("tree {tree}") }) };
    let bytes = place.blobs(BTreeSet::from([id])).await?.into_values().next().unwrap_or_default();
    Ok(Seen::File(id, String::from_utf8_lossy(&bytes).into_owned()))
}
