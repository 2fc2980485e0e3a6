//! Installation tokens: one for each scope, asked for once however many need it, and never for more than the installation was granted.

use super::error::{ForgeError, found};
use super::permissions::{Feature, Level, permissions_of, permissions_of_tokens, read_granted};
use super::shared::{Forge, Installed};
use super::wire;
use crate::change::Timestamp;
use http::Method;
use secrecy::SecretString;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Mutex as AsyncMutex;

/// What a token may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// One repository, with all that we were granted.
    Repository(u64),
    /// All repositories of the installation, reading only.
    ReadAll,
    /// The workflow runs of one repository and what they made, reading only.
    Input(u64),
}

/// A token is renewed this long before it ends, in seconds, so that a run does not outlive it.
const MARGIN: i64 = 300;

type Slot = Arc<AsyncMutex<Option<(SecretString, Timestamp)>>>;

#[derive(Debug, Default)]
pub struct Tokens(Mutex<BTreeMap<(u64, Scope), Slot>>);

impl Tokens {
    /// The token that is good for the scope, a new one if need be. Who comes while it is being asked for waits for the same.
    pub(super) async fn get(&self, forge: &Forge, installation: u64, scope: Scope) -> Result<SecretString, ForgeError> {
        let slot = self.slot(installation, scope);
        let mut slot = slot.lock().await;
        let now = forge.clock().timestamp();
        if let Some((token, _)) = slot.as_ref().filter(|(_, expires)| expires.0 - MARGIN > now.0) {
            return Ok(token.clone());
        }
        let created = create(forge, installation, scope).await?;
        let expires = Timestamp::parse(&created.expires_at).unwrap_or(Timestamp(now.0 + 3600));
        let token = SecretString::from(created.token);
        *slot = Some((token.clone(), expires));
        Ok(token)
    }

    pub(super) async fn forget(&self, installation: u64, scope: Scope) {
        *self.slot(installation, scope).lock().await = None;
    }

    fn slot(&self, installation: u64, scope: Scope) -> Slot {
        Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry((installation, scope)).or_default())
    }
}

async fn create(forge: &Forge, installation: u64, scope: Scope) -> Result<wire::Token, ForgeError> {
    let app = forge.app();
    let path = format!("/app/installations/{installation}");
    let granted = found(app.get::<wire::Installation>(&path).await)?;
    // Of an App that is not there nothing is known to be installed or not.
    if granted.is_none() && forge.credentials().are_refused() {
        return Err(ForgeError::Unauthorized { what: format!("GET {path}") });
    }
    let granted = granted.filter(|granted| granted.suspended_at.is_none()).ok_or(ForgeError::NotInstalled { installation })?;
    let at = granted.created_at();
    let granted = read_granted(&granted.permissions);
    // Asking for more than was granted would be refused whole.
    let wanted = match scope {
        Scope::Repository(_) | Scope::ReadAll => permissions_of_tokens(),
        Scope::Input(_) => permissions_of(Feature::GeneratedInput),
    };
    let permissions: BTreeMap<&str, &str> = wanted
        .into_iter()
        .filter_map(|(permission, wanted)| {
            let granted = *granted.get(&permission)?;
            let level = if scope == Scope::ReadAll { Level::Read } else { wanted.min(granted) };
            Some((permission.key(), level.word()))
        })
        .collect();
    forge.note_installed(installation, Installed { at, granted });
    let mut body = json!({"permissions": permissions});
    match scope {
        Scope::Repository(repository) | Scope::Input(repository) => body["repository_ids"] = json!([repository]),
        Scope::ReadAll => {}
    }
    let created = app.write(Method::POST, &format!("/app/installations/{installation}/access_tokens"), &body).await;
    created.map_err(|error| match (error, scope) {
        // It was transferred to another owner, or taken out of the installation.
        (ForgeError::Unprocessable { message, .. }, Scope::Repository(id) | Scope::Input(id)) if message.contains("repository") => {
            ForgeError::NoRepository { name: format!("repository {id}") }
        }
        (error, Scope::Repository(_) | Scope::Input(_) | Scope::ReadAll) => error,
    })
}
