//! The App's key and the webhook's secrets, read again while the service runs: who rotates them writes files, and restarts nothing.
//!
//! Comes in: where the settings came from. Goes out: the new ones in use, or one line that says why the old ones stay. Looks at what the files say
//! and not at their times, so that it does not matter how somebody replaces them. Nothing of a secret is ever logged.

use crate::forge::error::ForgeError;
use crate::forge::shared::Forge;
use crate::server::config::{self, Github, Source};
use crate::server::signature::Secrets;
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Between two looks: a rotation takes people minutes.
const LOOK: Duration = Duration::from_secs(10);

/// What is in use, and what was looked at last.
#[derive(Debug)]
pub struct Renewal {
    source: Source,
    forge: Forge,
    secrets: Secrets,
    key: SecretString,
    /// A key that GitHub refused: it is not tried again before another one is there.
    refused: Option<SecretString>,
    /// The trouble that was told last.
    told: Option<String>,
}

impl Renewal {
    /// Begins with what the service was started with.
    pub fn new(source: Source, github: &Github, forge: Forge, secrets: Secrets) -> Self {
        Self { source, forge, secrets, key: github.private_key.clone(), refused: None, told: None }
    }

    /// Looks regularly until `stop`.
    pub async fn keep_looking(mut self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(LOOK) => self.look().await,
                () = stop.cancelled() => return,
            }
        }
    }

    /// Reads the settings again, and takes over what is new of key and secrets. Other settings take a restart.
    pub async fn look(&mut self) {
        let github = match config::load(self.source.file.as_deref(), &self.source.environment) {
            Ok(config) => config.github,
            // Perhaps somebody is writing it; and a mistake in it must not stop what works.
            Err(error) => return self.tell(format!("the settings cannot be read again: {error}; those in use stay, mend the file")),
        };
        if self.secrets.replace(&github.webhook_secrets) {
            let count = github.webhook_secrets.len();
            tracing::info!(secrets = count, "the webhook's secrets have changed, and are in use");
            if count > 1 {
                tracing::warn!("more than one webhook secret is set: remove the old one when the new one is in use everywhere");
            }
        }
        self.look_at_key(github.private_key).await;
    }

    async fn look_at_key(&mut self, key: SecretString) {
        let is = |other: &SecretString| other.expose_secret() == key.expose_secret();
        if is(&self.key) || self.refused.as_ref().is_some_and(is) {
            self.told = None;
            return;
        }
        match self.forge.renew_key(&key).await {
            Ok(()) => {
                tracing::info!("the App's private key has changed, and is in use");
                (self.key, self.refused, self.told) = (key, None, None);
            }
            // Half of a file, mostly: the next look sees all of it.
            Err(error @ ForgeError::Key) => {
                self.tell(format!("github.private_key_file: {error}; the key in use stays, write the new one whole"))
            }
            Err(error @ (ForgeError::Unauthorized { .. } | ForgeError::NotFound { .. })) => {
                self.refused = Some(key);
                self.tell(format!(
                    "GitHub does not take the App's new private key: {error}; the key in use stays, see that it is of this App"
                ));
            }
            Err(error) => self.tell(format!("the App's new private key could not be tried: {error}; the key in use stays until it can")),
        }
    }

    /// Once, and not at every look.
    fn tell(&mut self, trouble: String) {
        if self.told.as_ref() != Some(&trouble) {
            tracing::error!("{trouble}");
            self.told = Some(trouble);
        }
    }
}
