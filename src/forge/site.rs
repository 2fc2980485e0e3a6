//! A repository as the App finds it: under its present name, with its ledger, and what the installation lets us do there.
//!
//! Comes in: the number and the last known name of a repository. Goes out: where it is. What is gone, hidden or somebody else's by now is an error of
//! its own.

use super::error::{ForgeError, found};
use super::permissions::Feature;
use super::shared::Forge;
use super::token::Scope;
use super::tree::{Place, escape};
use super::wire;
use crate::change::{Repository, Timestamp};
use crate::ledger::Branch;
use crate::queue::job::RepositoryKey;
use crate::report::notice::Scene;
use crate::server::config::LedgerPlace;

/// Where a change is, and where its ledger is.
#[derive(Clone, Debug)]
pub struct Site {
    pub place: Place,
    pub repository: Repository,
    pub ledger: Branch,
    pub default_branch: String,
    pub is_archived: bool,
    pub is_fork: bool,
    pub(super) installation: u64,
}

/// Looks the repository up under its present name.
///
/// # Errors
/// `NoRepository` where nothing of that name is shown, `OtherRepository` where the name belongs to another one by now; else of the forge.
pub async fn find_site(forge: &Forge, key: &RepositoryKey, ledger: &LedgerPlace) -> Result<Site, ForgeError> {
    let client = forge.installation(key.installation, Scope::Repository(key.id));
    let named = Place { client: client.clone(), id: key.id, owner: key.owner.clone(), name: key.name.clone() };
    let there: Option<wire::Repository> = found(client.get(&named.path("")).await)?;
    let found = there.ok_or_else(|| ForgeError::NoRepository { name: format!("{}/{}", key.owner, key.name) })?;
    if found.id != key.id {
        return Err(ForgeError::OtherRepository { name: format!("{}/{}", key.owner, key.name), id: key.id });
    }
    let place = Place { owner: found.owner.login, name: found.name, ..named };
    let repository = Repository {
        id: key.id,
        owner: place.owner.clone(),
        name: place.name.clone(),
        private: found.private,
        web_url: format!("{}/{}/{}", forge.web_url(), place.owner, place.name),
    };
    let kept_in = match &ledger.repository {
        None => place.clone(),
        Some((owner, name)) => find_place(forge, owner, name).await?,
    };
    let ledger = Branch { place: kept_in, name: ledger.branch.clone(), of: key.id };
    let default_branch = found.default_branch;
    Ok(Site { place, repository, ledger, default_branch, is_archived: found.archived, is_fork: found.fork, installation: key.installation })
}

async fn find_place(forge: &Forge, owner: &str, name: &str) -> Result<Place, ForgeError> {
    let path = format!("/repos/{}/{}", escape(owner), escape(name));
    let installation: wire::Installation = forge.app().get(&format!("{path}/installation")).await?;
    let reader = forge.installation(installation.id, Scope::ReadAll);
    let found: wire::Repository = reader.get(&path).await?;
    let client = forge.installation(installation.id, Scope::Repository(found.id));
    Ok(Place { client, id: found.id, owner: found.owner.login, name: found.name })
}

impl Site {
    /// The repository, as notices name it.
    pub fn scene(&self) -> Scene {
        let Repository { id, owner, name, private, web_url } = &self.repository;
        Scene { repository: *id, name: format!("{owner}/{name}"), web_url: web_url.clone(), private: *private, pull: None }
    }

    /// Whether the App may do here what a feature asks for.
    pub fn lets(&self, feature: Feature) -> bool {
        self.place.client.forge().lets(self.installation, feature)
    }

    /// Whether nobody has been told yet that the installation does not let us do this.
    pub fn is_first_refusal(&self, feature: Feature) -> bool {
        self.place.client.forge().is_first_refusal(self.installation, feature)
    }

    /// Whether a pull request was open before the App was installed.
    pub fn is_older_than_we(&self, pull: &wire::Pull) -> bool {
        let opened = wire::timestamp(&pull.created_at);
        opened.0 > 0 && opened < self.place.client.forge().installed_at(self.installation)
    }

    /// Whether something happened before the App was installed.
    pub fn is_before_us(&self, at: Timestamp) -> bool {
        at < self.place.client.forge().installed_at(self.installation)
    }

    /// The open pull requests, all or those into one branch.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn open_pulls(&self, base: Option<&str>) -> Result<Vec<wire::Pull>, ForgeError> {
        let filter = base.map(|branch| format!("&base={}", escape(branch))).unwrap_or_default();
        let (pulls, _) = self.place.client.pages(&self.place.path(&format!("/pulls?state=open{filter}"))).await?;
        Ok(pulls)
    }
}
