//! `astride judge`: one judgement for a service, in this process alone. Not for people: its input and output are private.

use crate::cli::Outcome;
use crate::worker::apart::{self, Limits};
use anyhow::{Context, Result};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Most bytes of address space.
    #[arg(long)]
    memory: u64,
    /// Most seconds of processor time.
    #[arg(long)]
    seconds: u64,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome> {
    let limits = Limits { memory: arguments.memory, seconds: arguments.seconds };
    apart::serve_one(limits, std::io::stdin().lock(), std::io::stdout().lock()).context("no judgement")?;
    Ok(Outcome::Clear)
}
