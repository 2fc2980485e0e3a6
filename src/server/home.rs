//! The service's own page: what it is, and whether it is well. No secret, no repository and nobody's name is on it.

use crate::forge::shared::Forge;
use crate::report::escape::xml;
use crate::report::html;
use crate::server::config::{Config, WEB_URL};
use crate::server::details::guarded;
use crate::server::{Desk, ready};
use axum::extract::State;
use axum::response::Response;
use std::fmt::Write;

/// What the service knows of itself.
#[derive(Clone, Debug, Default)]
pub struct Home {
    /// Where people see GitHub.
    web_url: String,
    /// Who knows the App's name, once GitHub has told it.
    forge: Option<Forge>,
    /// Where this program's documentation is published.
    reviewing: Option<String>,
    /// Whether checks link to pages here.
    pub(super) has_pages: bool,
}

impl Home {
    /// The home of a service with these settings.
    pub fn of(config: &Config, forge: Forge) -> Self {
        Self {
            web_url: config.github.web_url.clone(),
            forge: Some(forge),
            reviewing: config.github.docs.reviewing(),
            has_pages: config.pages.is_some(),
        }
    }

    /// The page of the App's installation, once its name is known.
    /// Source: <https://docs.github.com/en/apps/sharing-github-apps/sharing-your-github-app>; an Enterprise Server has its own path.
    fn installation(&self) -> Option<String> {
        // GitHub's address has no path. One with a path is the sandbox's, which is a secret, and where there is no installation page.
        self.web_url.split_once("://").filter(|(_, place)| !place.contains('/'))?;
        let login = self.forge.as_ref()?.known_login()?;
        let slug = login.strip_suffix("[bot]").unwrap_or(login);
        let folder = if self.web_url == WEB_URL { "apps" } else { "github-apps" };
        Some(format!("{}/{folder}/{slug}/installations/new", self.web_url))
    }
}

pub(super) async fn show(State(desk): State<Desk>) -> Response {
    let (status, words) = ready(State(desk.clone())).await;
    let words = words.trim_end();
    let health = match words.strip_prefix("ok").filter(|_| status.is_success()) {
        Some(but) => format!("It is ready{but}."),
        None => format!("It is not ready: {words}."),
    };
    let class = if status.is_success() { "clear" } else { "needs" };
    let head = format!(
        "<header class=\"{class}\">\n<h1>Astride</h1>\n<p>A review bot for threat models: it reads the infrastructure templates of a pull request on both sides, \
         and says which STRIDE threats on what is new still need a person’s answer.</p>\n<p><b>{}</b></p>\n</header>\n",
        xml(&health)
    );
    let mut body = "<section aria-labelledby=\"use\">\n<h2 id=\"use\">How it is used</h2>\n".to_owned();
    // Writing to a string cannot fail, here and below.
    match desk.home.installation() {
        Some(url) => {
            let _ = writeln!(body, "<p><a href=\"{}\">Install the GitHub App</a> on the repositories that it shall review.</p>", xml(&url));
        }
        None => body.push_str("<p>Its GitHub App is installed on the repositories that it shall review.</p>\n"),
    }
    if let Some(url) = &desk.home.reviewing {
        let _ = writeln!(body, "<p><a href=\"{}\">How reviewers answer it</a>.</p>", xml(url));
    }
    body.push_str("<p class=\"soft\">GitHub posts to <code>/webhook</code>; <code>/livez</code>, <code>/readyz</code> and <code>/metrics</code> are for whoever runs it.</p>\n</section>\n");
    let about = format!("Version {} · ", env!("CARGO_PKG_VERSION"));
    guarded(html::page("Astride", &head, &body, &about))
}
