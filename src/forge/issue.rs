//! The one issue in which the register is kept.
//!
//! Comes in: a body. Goes out: the issue with that body. It is found again by who opened it and by its marker, or by its title where somebody
//! has removed the marker; of several the oldest is the one. The forge is the record: what the store forgets is found here.
//!
//! Source: <https://docs.github.com/en/rest/issues/issues>, read 2026-11-29.

use super::activity::query;
use super::error::{ForgeError, found};
use super::page::normal;
use super::site::Site;
use super::wire;
use crate::change::{Day, Timestamp};
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

    /// On which day an issue was closed; `None` where it is open, or nobody can tell.
    ///
    /// # Errors
    /// Of the forge, where it may pass.
    pub async fn issue_closed(&self, number: u64) -> Result<Option<Day>, ForgeError> {
        match found(self.place.client.get::<wire::Issue>(&self.place.path(&format!("/issues/{number}"))).await) {
            Ok(issue) => {
                let closed = issue.filter(|issue| issue.state == "closed").and_then(|issue| issue.closed_at);
                Ok(closed.and_then(|at| Timestamp::parse(&at)).map(Timestamp::day))
            }
            Err(error) if error.is_passing() => Err(error),
            Err(error) => {
                tracing::info!(%error, number, "whether an issue is closed cannot be told");
                Ok(None)
            }
        }
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
