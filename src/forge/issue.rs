//! The one issue in which the register is kept.
//!
//! Comes in: a body. Goes out: the issue with that body. It is found again by who opened it and by its marker, or by its title where somebody
//! has removed the marker; of several the oldest is the one. The forge is the record: what the store forgets is found here.
//!
//! Source: <https://docs.github.com/en/rest/issues/issues>, read 2026-11-29.

use super::activity::query;
use super::error::ForgeError;
use super::page::normal;
use super::site::Site;
use super::wire;
use crate::report::marker;
use crate::report::register::issue::TITLE;
use http::Method;
use serde_json::{Value, json};

/// The issue as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingIssue {
    pub number: u64,
    pub body: String,
    pub is_open: bool,
}

impl Site {
    /// The register's issue; `None` where there is none yet.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn find_register_issue(&self) -> Result<Option<StandingIssue>, ForgeError> {
        let me = self.place.client.forge().login().await?;
        let path = self.place.path(&format!("/issues?creator={}&state=all&sort=created&direction=asc", query(me)));
        let (issues, _) = self.place.client.pages::<wire::Issue>(&path).await?;
        let is_ours = |issue: &wire::Issue| issue.pull_request.is_none() && issue.user.as_ref().is_some_and(|user| user.login == me);
        let body = |issue: &wire::Issue| normal(issue.body.as_deref().unwrap_or_default());
        let found = issues.into_iter().find(|issue| is_ours(issue) && (body(issue).starts_with(marker::REGISTER) || issue.title == TITLE));
        Ok(found.map(|issue| StandingIssue { number: issue.number, body: body(&issue), is_open: issue.state == "open" }))
    }

    /// Gives the issue this body; opens it where there is none.
    ///
    /// # Errors
    /// Of the forge; `NotFound` where the repository has no issues.
    pub async fn write_register_issue(&self, standing: Option<&StandingIssue>, body: &str) -> Result<(), ForgeError> {
        let client = &self.place.client;
        match standing {
            // Its title is people's to choose.
            Some(issue) => {
                let path = self.place.path(&format!("/issues/{}", issue.number));
                client.write::<Value>(Method::PATCH, &path, &json!({"body": body})).await?
            }
            None => client.write::<Value>(Method::POST, &self.place.path("/issues"), &json!({"title": TITLE, "body": body})).await?,
        };
        Ok(())
    }
}
