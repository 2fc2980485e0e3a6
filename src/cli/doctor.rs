//! `astride doctor`: what is right and wrong about the App and its service.

use crate::cli::{Outcome, print};
use crate::clock::Clock;
use crate::doctor::{self, Diagnosis, State};
use crate::server::config;
use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Look at the App and its service: credentials, permissions, events, webhook, required check, ledger, clock.
///
/// Each line is good, wrong with the way out, left out, or not verifiable with the reason. Nothing is written. Exit code: 0 nothing is wrong,
/// 1 something is, 2 it could not be told.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  astride doctor --config server.yml\n  astride doctor --config server.yml --repo acme/shop --format json"
)]
pub(super) struct Arguments {
    /// The service's settings file; without it, the environment alone.
    #[arg(long, value_name = "FILE", env = "ASTRIDE_CONFIG")]
    config: Option<PathBuf>,
    /// A repository whose check and ledger are looked at too.
    #[arg(long, value_name = "OWNER/NAME")]
    repo: Option<String>,
    /// Say what holds for the GitHub Action, which has no App to look at.
    #[arg(long, conflicts_with_all = ["config", "repo"])]
    action: bool,
    #[arg(long, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome> {
    if arguments.action {
        print(&match arguments.format {
            Format::Text => format!("{}\n", doctor::ACTION),
            Format::Json => json(&Diagnosis::default())?,
        })?;
        return Ok(Outcome::Clear);
    }
    let repository = match arguments.repo.as_deref().map(|name| name.split_once('/')) {
        None => None,
        Some(Some((owner, name))) if !owner.is_empty() && !name.is_empty() && !name.contains('/') => Some((owner, name)),
        Some(_) => bail!("--repo wants OWNER/NAME"),
    };
    let environment: BTreeMap<String, String> = std::env::vars().collect();
    let settings = config::load(arguments.config.as_deref(), &environment)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime")?;
    let diagnosis = runtime.block_on(doctor::diagnose(&settings, repository, Clock::system()))?;
    print(&match arguments.format {
        Format::Text => text(&diagnosis, repository.is_none()),
        Format::Json => json(&diagnosis)?,
    })?;
    Ok(match (diagnosis.has(State::Wrong), diagnosis.has(State::Failed)) {
        (true, _) => Outcome::NeedsAnswer,
        (false, true) => Outcome::Undetermined,
        (false, false) => Outcome::Clear,
    })
}

fn text(diagnosis: &Diagnosis, without_repository: bool) -> String {
    let plain = |text: &str| text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect::<String>();
    let mut text = String::new();
    for line in &diagnosis.lines {
        text.push_str(&format!("{:<15} {}: {}\n", line.state.words(), line.area, plain(&line.text)));
        if !line.way_out.is_empty() {
            text.push_str(&format!("{:<15} -> {}\n", "", plain(&line.way_out)));
        }
    }
    let count = |state: State| diagnosis.lines.iter().filter(|line| line.state == state).count();
    let counts: Vec<String> = [State::Good, State::Wrong, State::LeftOut, State::NotVerifiable, State::Failed]
        .into_iter()
        .map(|state| (state, count(state)))
        .filter(|(_, count)| *count > 0)
        .map(|(state, count)| format!("{count} {}", state.words()))
        .collect();
    text.push_str(&format!("\n{}.\n", counts.join(", ")));
    if without_repository {
        text.push_str("With --repo OWNER/NAME, its required check and its ledger are looked at too.\n");
    }
    text.push_str(&format!("Without the App: {}.\n", doctor::ACTION));
    text
}

fn json(diagnosis: &Diagnosis) -> Result<String> {
    let document = json!({"schema_version": 1, "lines": diagnosis.lines, "action": doctor::ACTION});
    Ok(format!("{}\n", serde_json::to_string_pretty(&document)?))
}
