//! Registering the GitHub App by its manifest: a page on loopback sends the operator to GitHub and takes what comes back.
//!
//! Comes in: what the operator wishes, and a folder. Goes out: the App's id, private key and webhook secret in files that nobody else may
//! read. Nothing secret is ever shown. The page is bound to loopback, has no script, and takes back only what it sent away itself.
//!
//! Source: <https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest>, read 2026-11-28.

pub mod files;
mod html;
pub mod manifest;
mod registration;
mod site;
mod states;

use crate::forge::error::ForgeError;
use crate::forge::permissions::Variant;
use crate::forge::transport::{Route, Transport};
use crate::setup::files::{Files, FilesError, Folder};
use crate::setup::site::Site;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// How long the page waits for the operator. GitHub's code is good for an hour.
pub const PATIENCE: Duration = Duration::from_secs(60 * 60);

/// What the operator wishes.
#[derive(Clone, Debug)]
pub struct Wish {
    pub variant: Variant,
    /// The organisation that shall own the App; `None` for the account that registers it.
    pub organisation: Option<String>,
    /// What the App shall be called; whoever registers it can still change it.
    pub name: String,
    /// Where the service will take webhooks; `None` where that is not known yet.
    pub webhook_url: Option<String>,
    /// Without a slash at the end.
    pub web_url: String,
    /// Without a slash at the end.
    pub api_url: String,
    /// The repository for decisions, as `owner/name`.
    pub ledger: Option<String>,
}

impl Wish {
    /// Where browsers reach the service, by where GitHub does: the same address without the webhook's own path. `None` where a proxy gives the
    /// webhook another path, or where the way is not encrypted: a link to a page is the access to it.
    pub fn public_url(&self) -> Option<&str> {
        let url = self.webhook_url.as_deref().filter(|url| url.starts_with("https://"))?;
        url.strip_suffix("/webhook").filter(|url| !url.contains(['?', '#']))
    }
}

/// Why there is no App, or nothing of it on disk.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    #[error(transparent)]
    Files(#[from] FilesError),
    #[error(transparent)]
    Forge(#[from] ForgeError),
    #[error("the page cannot be served: {0}")]
    Page(#[from] io::Error),
    #[error("nobody came back from GitHub within {} minutes", PATIENCE.as_secs() / 60)]
    Abandoned,
}

/// What was registered; nothing of it is secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    pub id: u64,
    pub name: String,
    /// The account that owns it.
    pub owner: String,
    /// Where it is installed.
    pub install_url: String,
    pub files: Files,
    /// Whether GitHub made a webhook secret; without one the service does not start.
    pub has_secret: bool,
}

/// The page, served and not opened yet.
#[derive(Debug)]
pub struct Setup {
    /// What to open in a browser. Whoever knows it can register an App here, so it is shown to the operator alone.
    pub url: String,
    listener: TcpListener,
    site: Arc<Site>,
    outcomes: mpsc::Receiver<Result<Registered, String>>,
}

impl Setup {
    /// Opens the port, on loopback alone; port 0 takes any.
    ///
    /// # Errors
    /// The port is taken, or there is nothing to trust GitHub by.
    pub async fn open(wish: Wish, folder: Folder, route: &Route, port: u16) -> Result<Self, SetupError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let (sender, outcomes) = mpsc::channel(8);
        let site = Arc::new(Site::new(wish, folder, Transport::new(route)?, listener.local_addr()?, sender)?);
        Ok(Self { url: site.url(), listener, site, outcomes })
    }

    /// Waits until an App is registered and stored. What goes wrong before is handed to `complain`, and can be tried again on the page.
    ///
    /// # Errors
    /// Nobody came back, or the page broke down.
    pub async fn finish(mut self, complain: impl Fn(&str)) -> Result<Registered, SetupError> {
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let serving = tokio::spawn(axum::serve(self.listener, site::router(self.site)).with_graceful_shutdown(stopped).into_future());
        let waiting = async {
            while let Some(outcome) = self.outcomes.recv().await {
                match outcome {
                    Ok(registered) => return Some(registered),
                    Err(what) => complain(&what),
                }
            }
            None
        };
        let registered = tokio::time::timeout(PATIENCE, waiting).await.ok().flatten();
        stop.cancel();
        // The last page is on its way to the browser; a connection that is kept open for more must not hold the operator up.
        let _ = tokio::time::timeout(Duration::from_secs(2), serving).await;
        registered.ok_or(SetupError::Abandoned)
    }
}

#[cfg(test)]
mod tests {
    use super::Wish;
    use crate::forge::permissions::Variant;

    #[test]
    fn where_browsers_reach_the_service() {
        for (webhook, expected) in [
            (Some("https://astride.acme.example/webhook"), Some("https://astride.acme.example")),
            (Some("https://acme.example/astride/webhook"), Some("https://acme.example/astride")),
            (Some("https://acme.example/hooks/astride"), None),
            (Some("http://astride.acme.example/webhook"), None),
            (None, None),
        ] {
            let wish = Wish {
                variant: Variant::Standard,
                organisation: None,
                name: String::new(),
                webhook_url: webhook.map(str::to_owned),
                web_url: String::new(),
                api_url: String::new(),
                ledger: None,
            };
            assert_eq!(wish.public_url(), expected, "{webhook:?}");
        }
    }
}
