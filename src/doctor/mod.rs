//! What is right and wrong about an App and its service, as far as its own credentials show.
//!
//! Comes in: the settings, and perhaps a repository. Goes out: lines, each good, wrong with the way out, left out, or not verifiable with the
//! reason. What cannot be read is never good. Nothing is written anywhere.

mod answer;
mod credentials;
mod gate;
mod grants;
mod ledger;
mod pages;
mod webhook;

use crate::clock::Clock;
use crate::forge::error::ForgeError;
use crate::forge::shared::{Forge, Pace};
use crate::metrics::Metrics;
use crate::queue::Store;
use crate::server::config::Config;
use serde::Serialize;
use std::time::Duration;

/// Before the second try of a read.
const BACK_OFF: Duration = Duration::from_millis(500);
/// What people without the App have to know of the Action.
pub const ACTION: &str = "as an Action, Astride runs from a workflow that the author of a pull request can edit in that pull request, so that it advises \
                          and binds nobody; what binds is the App's check, or a workflow that a ruleset of the organisation requires";

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Good,
    Wrong,
    /// Something that works without it is not there.
    LeftOut,
    /// The App may not read it.
    NotVerifiable,
    /// It should have been read, and that failed.
    Failed,
}

impl State {
    pub fn words(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Wrong => "wrong",
            Self::LeftOut => "left out",
            Self::NotVerifiable => "not verifiable",
            Self::Failed => "failed",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    pub area: &'static str,
    pub state: State,
    pub text: String,
    /// What to do about it; empty where nothing is to be done.
    pub way_out: String,
}

/// Everything that was looked at, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnosis {
    pub lines: Vec<Line>,
}

impl Diagnosis {
    /// Whether any line stands so.
    pub fn has(&self, state: State) -> bool {
        self.lines.iter().any(|line| line.state == state)
    }

    fn add(&mut self, area: &'static str, state: State, text: impl Into<String>, way_out: impl Into<String>) {
        self.lines.push(Line { area, state, text: text.into(), way_out: way_out.into() });
    }

    fn good(&mut self, area: &'static str, text: impl Into<String>) {
        self.add(area, State::Good, text, "");
    }

    fn wrong(&mut self, area: &'static str, text: impl Into<String>, way_out: impl Into<String>) {
        self.add(area, State::Wrong, text, way_out);
    }

    fn not_verifiable(&mut self, area: &'static str, text: impl Into<String>, way_out: impl Into<String>) {
        self.add(area, State::NotVerifiable, text, way_out);
    }

    fn failed(&mut self, area: &'static str, error: &ForgeError) {
        self.add(area, State::Failed, error.to_string(), "");
    }
}

/// Looks at everything that the settings lead to; with a repository, at its check and its ledger too.
///
/// # Errors
/// The key, the authorities or the proxy are unusable, so that nothing can be asked.
pub async fn diagnose(config: &Config, repository: Option<(&str, &str)>, clock: Clock) -> Result<Diagnosis, ForgeError> {
    // Nothing of it outlives the look, so that no file is made.
    let store = Store::open("sqlite::memory:", clock.clone()).await?;
    let pace = Pace { write_gap: Duration::ZERO, back_off: BACK_OFF };
    let forge = Forge::new(&config.github, pace, store, clock, Metrics::default())?;
    let mut diagnosis = Diagnosis::default();
    let Some(app) = credentials::look(&forge, &mut diagnosis).await else { return Ok(diagnosis) };
    grants::look(&forge, &app, &mut diagnosis).await;
    webhook::look(&forge, &config.github.route, &mut diagnosis).await;
    pages::look(config.pages.as_ref(), &config.github.route, &mut diagnosis).await;
    let mut place = None;
    if let Some((owner, name)) = repository {
        place = gate::look(&forge, &app, owner, name, &mut diagnosis).await;
    }
    ledger::look(&forge, &config.ledger, place, &mut diagnosis).await;
    Ok(diagnosis)
}
