//! `astride config check`: whether a settings file would be taken.

use crate::cli::{Outcome, print};
use crate::report::markup::count;
use crate::settings;
use crate::source::RepoPath;
use anyhow::{Context, Result};
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

/// Check a repository's settings file.
#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Say whether a settings file is valid, and what it asks for.
    Check {
        /// The file.
        #[arg(default_value = settings::PATH)]
        file: PathBuf,
    },
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome> {
    let Command::Check { file } = &arguments.command;
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound && *file == *settings::PATH => {
            print(&format!("there is no {} here: the organisation's settings apply, else the defaults\n", settings::PATH))?;
            return Ok(Outcome::Clear);
        }
        Err(error) => return Err(error).with_context(|| format!("{}", file.display())),
    };
    match settings::parse(&RepoPath::new(&file.display().to_string()), &text) {
        Ok(settings) => {
            let words = |severity: Option<crate::stride::rule::Severity>| severity.map_or("none", |severity| severity.word());
            print(&format!(
                "{} is valid: findings from {} and questions from {} block, {} decides, {} threads at most, {} left out, {} stated, {} trusted\n",
                file.display(),
                words(settings.findings),
                words(settings.questions),
                settings.deciders(),
                settings.threads,
                if settings.exclude_patterns.is_empty() { "nothing".to_owned() } else { settings.exclude_patterns.join(", ") },
                count(settings.facts.len(), "fact", "facts"),
                count(settings.trust.len(), "account or organisation", "accounts and organisations"),
            ))?;
            Ok(Outcome::Clear)
        }
        Err(error) => {
            print(&format!("{error}\n"))?;
            Ok(Outcome::Undetermined)
        }
    }
}
