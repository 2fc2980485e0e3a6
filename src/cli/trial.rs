//! `astride trial`: one judgement within hard limits, for the service. Nobody types it.

use super::Outcome;
use crate::worker::trial;
use anyhow::Result;

#[derive(clap::Args)]
#[command(hide = true)]
pub(super) struct Arguments {
    /// Of address space.
    bytes: u64,
    /// Of the processor's time.
    seconds: u64,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome> {
    trial::take_part(arguments.bytes, arguments.seconds, std::io::stdin().lock())?;
    Ok(Outcome::Clear)
}
