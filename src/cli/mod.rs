//! The command line: one file a command, all of them thin over the library.
//!
//! Comes in: arguments. Goes out: text on standard output, an exit code: 0 nothing needs an answer, 1 something does, 2 could not tell.

mod baseline;
mod browser;
mod config;
mod decide;
mod desk;
mod disk;
mod doctor;
mod git;
mod judging;
mod ledger;
mod ledger_at;
mod misuse;
mod model;
mod organisation;
mod output;
mod progress;
mod review;
mod rules;
mod sandbox;
mod serve;
mod serve_log;
mod setup;
mod shells;
mod survey;
mod terminal;
mod threats;
mod trial;

use crate::change::Day;
use crate::cli::terminal::{Terminal, When};
use crate::stride::rule::Severity;
use clap::{CommandFactory, Parser, Subcommand};
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

/// Keeps a team's threat model alive, one pull request at a time.
///
/// Astride reads infrastructure templates and threat-model files on both sides of a change, finds the elements, data flows and
/// trust-boundary crossings that are new or changed, and says which STRIDE threats on them still need a person's answer.
#[derive(Parser)]
#[command(name = "astride", version, propagate_version = true, max_term_width = 100)]
struct Arguments {
    /// When to colour what is printed.
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value_t = When::Auto)]
    color: When,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Review(review::Arguments),
    Survey(survey::Arguments),
    Threats(threats::Arguments),
    Baseline(baseline::Arguments),
    Decide(decide::Arguments),
    Ledger(ledger::Arguments),
    Model(model::Arguments),
    Rules(rules::Arguments),
    Config(config::Arguments),
    Setup(setup::Arguments),
    Doctor(doctor::Arguments),
    Serve(serve::Arguments),
    Sandbox(sandbox::Arguments),
    Completions(shells::Completions),
    Man(shells::Man),
    #[command(hide = true)]
    Trial(trial::Arguments),
}

/// What a command found, as its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Clear,
    NeedsAnswer,
    Undetermined,
}

/// Runs the program on its arguments.
pub fn run() -> ExitCode {
    let Arguments { color, command } = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return misuse::end(&error),
    };
    let result = match command {
        Command::Review(arguments) => review::run(&arguments, Terminal::look(color)),
        Command::Survey(arguments) => survey::run(&arguments),
        Command::Threats(arguments) => threats::run(&arguments, Terminal::look(color)),
        Command::Baseline(arguments) => baseline::run(&arguments),
        Command::Decide(arguments) => decide::run(&arguments),
        Command::Ledger(arguments) => ledger::run(&arguments, Terminal::look(color)),
        Command::Model(arguments) => model::run(&arguments),
        Command::Rules(arguments) => rules::run(&arguments),
        Command::Config(arguments) => config::run(&arguments),
        Command::Setup(arguments) => setup::run(&arguments),
        Command::Doctor(arguments) => doctor::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Sandbox(arguments) => sandbox::run(&arguments, Terminal::look(color)),
        Command::Completions(arguments) => shells::completions(&arguments, Arguments::command()),
        Command::Man(arguments) => shells::man(&arguments, Arguments::command()),
        Command::Trial(arguments) => trial::run(&arguments),
    };
    match result {
        Ok(Outcome::Clear) => ExitCode::SUCCESS,
        Ok(Outcome::NeedsAnswer) => ExitCode::from(1),
        Ok(Outcome::Undetermined) => ExitCode::from(2),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {}", chain(&error));
            ExitCode::from(2)
        }
    }
}

/// An error with its causes, each of them once: some say theirs themselves.
fn chain(error: &anyhow::Error) -> String {
    error.chain().fold(String::new(), |said, cause| match cause.to_string() {
        cause if said.is_empty() => cause,
        cause if said.ends_with(&cause) => said,
        cause => format!("{said}: {cause}"),
    })
}

/// Writes to standard output, and whole. A reader that closed it has what it wanted: the exit code says the rest.
fn print(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(anyhow::Error::from(error).context("standard output cannot be written to"))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// A day as people type it.
fn day(word: &str) -> Result<Day, String> {
    Day::parse(word).ok_or_else(|| "a day is written YYYY-MM-DD".to_owned())
}

/// A severity by its word.
fn severity(word: &str) -> Result<Severity, String> {
    const ALL: [Severity; 4] = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    ALL.into_iter().find(|severity| severity.word() == word).ok_or_else(|| "one of low, medium, high, critical".to_owned())
}

/// Writes a line to standard error, without control characters of foreign names in it.
fn complain(line: &str) {
    let plain: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    // Nobody can be told that standard error is gone.
    let _ = writeln!(std::io::stderr(), "{plain}");
}
