//! `astride config`: whether a settings file would be taken, and what may stand in one.

use crate::cli::git;
use crate::cli::organisation::{self, Organisation};
use crate::cli::{Outcome, print};
use crate::decisions;
use crate::report::markup::count;
use crate::server;
use crate::settings::{self, Mode, Settings, SettingsError};
use crate::source::RepoPath;
use crate::stride::rule::Severity;
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Check a repository's settings file, or print the schema of one.
#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Say whether a settings file is valid, what it asks for, and which of its paths fit no file; of a folder, whether an organisation's settings, own rules, facts and resource types are.
    Check {
        /// The file; without it, that of the repository around this folder. Or a clone of an organisation's `.github` repository.
        #[arg(default_value = settings::PATH)]
        file: PathBuf,
        #[command(flatten)]
        organisation: Organisation,
    },
    /// Print the JSON Schema of a repository's settings, for editors and checks.
    Schema {
        /// Of the settings of `astride serve` instead.
        #[arg(long)]
        server: bool,
    },
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome> {
    match &arguments.command {
        Command::Check { file, .. } if file.is_dir() => check_organisation(file),
        Command::Check { file, organisation } => check(file, organisation),
        Command::Schema { server } => {
            let schema = if *server { server::config::schema() } else { settings::schema() };
            print(&format!("{}\n", serde_json::to_string_pretty(&schema).context("the schema cannot be written")?))?;
            Ok(Outcome::Clear)
        }
    }
}

fn check(file: &Path, organisation: &Organisation) -> Result<Outcome> {
    let given = organisation.read()?;
    let is_default = *file == *settings::PATH;
    let found = if is_default { at_the_root(file) } else { file.to_owned() };
    let file = found.as_path();
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound && is_default => {
            print(&format!("there is no {} here: the organisation's settings apply, else the defaults\n", settings::PATH))?;
            return Ok(Outcome::Clear);
        }
        Err(error) => return Err(error).with_context(|| format!("{}", file.display())),
    };
    match settings::parse(&RepoPath::new(&file.display().to_string()), &text) {
        Ok(settings) => {
            // Without the organisation nobody knows what may be stated of its own facts.
            let held = if organisation.folder().is_some() { given.held(settings.clone()) } else { settings.clone() };
            let wrong: Vec<SettingsError> = held.refused.into_iter().chain(held.unstated).collect();
            if !wrong.is_empty() {
                print(&organisation::lines(&wrong))?;
                return Ok(Outcome::Undetermined);
            }
            let unfitting = files_around(file).map(|files| settings.unfitting(&files)).unwrap_or_default();
            let warnings: String = unfitting.iter().map(|warning| format!("warning: {warning}\n")).collect();
            print(&(describe(file, &settings) + &warnings))?;
            Ok(Outcome::Clear)
        }
        Err(error) => {
            print(&format!("{error}\n"))?;
            Ok(Outcome::Undetermined)
        }
    }
}

/// The settings and what else lies in a clone of an organisation's `.github` repository.
fn check_organisation(folder: &Path) -> Result<Outcome> {
    let mut wrong = Vec::new();
    let own = organisation::own(folder)?;
    let mut said = String::new();
    match organisation::settings(folder)?.map(|(path, text)| settings::parse(&path, &text).map(|settings| (path, settings))) {
        Some(Ok((path, settings))) => {
            said += &describe(Path::new(path.as_str()), &settings);
            wrong.extend(own.iter().flat_map(|own| settings.clone().with_own(own).unstated));
        }
        Some(Err(error)) => wrong.push(error),
        None => said += &format!("there is no {} here: the organisation asks for nothing\n", settings::ORGANISATION.1),
    }
    match own {
        Ok(own) => {
            let (rules, facts) = (count(own.rules().len(), "rule", "rules"), count(own.facts().len(), "fact", "facts"));
            let types = count(own.types().all().count(), "resource type", "resource types");
            said += &format!("{}/ is valid: {rules}, {facts} and {types} of the organisation's own\n", settings::own::FOLDER);
            match decisions::organisation::read(own.decisions()) {
                Ok(decided) if decided.is_empty() => {}
                Ok(decided) => said += &format!("{} for all repositories\n", count(decided.len(), "decision", "decisions")),
                Err(errors) => wrong.extend(errors),
            }
        }
        Err(errors) => wrong.extend(errors),
    }
    if wrong.is_empty() {
        print(&said)?;
        return Ok(Outcome::Clear);
    }
    print(&organisation::lines(&wrong))?;
    Ok(Outcome::Undetermined)
}

/// The file of the repository around the current folder, which need not be its root.
fn at_the_root(file: &Path) -> PathBuf {
    let here = std::env::current_dir().unwrap_or_default();
    match here.ancestors().find(|folder| folder.join(".git").exists()) {
        Some(root) if root != here => root.join(file),
        Some(_) | None => file.to_owned(),
    }
}

/// The files of the repository whose settings a file is; `None` where it lies elsewhere, as an organisation's does, or git cannot tell.
fn files_around(file: &Path) -> Option<BTreeSet<RepoPath>> {
    let path = fs::canonicalize(file).ok()?;
    let root = path.ancestors().find(|folder| folder.join(settings::PATH) == path)?;
    if !root.join(".git").exists() {
        return None;
    }
    git::paths(root).ok()
}

/// What valid settings ask for, the mode first.
fn describe(file: &Path, settings: &Settings) -> String {
    let words = |severity: Option<Severity>| severity.map_or("none", Severity::word);
    let mode = match settings.mode {
        Mode::Advise => "mode advise (the App's check is always green, and its title says what is open)",
        Mode::Enforce => "mode enforce (the App's check is red until what blocks is answered)",
    };
    let rules = match settings.rules.own.len() {
        0 => String::new(),
        number => format!(", {} on rules", count(number, "entry", "entries")),
    };
    let excluded: Vec<&str> = settings.excluded.iter().map(|entry| entry.pattern.as_str()).collect();
    format!(
        "{} is valid: {mode}, findings from {} and questions from {} block, {} decides, {} threads at most, {} left out, {} stated, {} trusted{rules}\n",
        file.display(),
        words(settings.findings),
        words(settings.questions),
        settings.deciders(),
        settings.threads,
        if excluded.is_empty() { "nothing".to_owned() } else { excluded.join(", ") },
        count(settings.facts.len() + settings.own_stated.len(), "fact", "facts"),
        count(settings.trust.len(), "account or organisation", "accounts and organisations"),
    )
}
