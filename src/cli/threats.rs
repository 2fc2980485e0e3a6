//! `astride threats`: the register of a tree.

mod document;
mod stocks;

use crate::change::Docs;
use crate::change::{Blobs, Side};
use crate::cli::git::{Repository, Trees};
use crate::cli::judging::{self, Judging};
use crate::cli::ledger_at::LedgerAt;
use crate::cli::model;
use crate::cli::organisation::Organisation;
use crate::cli::progress::Progress;
use crate::cli::terminal::Terminal;
use crate::cli::{Outcome, output, print, severity};
use crate::report::register::{Register, State, Wanted, csv, html, json, markdown, text};
use crate::report::sarif;
use crate::report::text::Style;
use crate::settings::{self, Settings, SettingsTexts};
use crate::source::RepoPath;
use crate::stride::rule::Severity;
use anyhow::{Result, bail};
use globset::{Glob, GlobMatcher};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// List every threat of a tree with its state: open, unclear, proposed, decided (by whom, when, until when), switched off, covered, recorded.
///
/// Decisions are those of the ledger branch; `recorded` is what threat-model files list themselves. Exit code: 0 all was read, 2 something
/// of it was not, or nothing was found.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  astride threats\n  astride threats --rev origin/main --state open --min-severity high\n  astride threats --rev v1.4 --format csv -o threats.csv\n  astride threats --write\n  astride threats --format html -o threats.html\n  astride threats --clones ~/src --format html -o all.html\n  astride threats infra/template.yaml"
)]
pub(super) struct Arguments {
    /// Templates, model files, or folders that are searched for them, read as they lie there and without any decisions.
    #[arg(conflicts_with_all = ["rev", "repo", "ledger"])]
    paths: Vec<PathBuf>,
    /// One page (`--format html`) of all the clones in this folder, each at what is checked out there.
    #[arg(long, value_name = "DIR", conflicts_with_all = ["paths", "repo", "rev", "write"])]
    clones: Option<PathBuf>,
    #[command(flatten)]
    tree: Tree,
    /// Only threats of these states.
    #[arg(long, value_name = "STATE", value_parser = state, value_delimiter = ',')]
    state: Vec<State>,
    #[command(flatten)]
    narrowing: Narrowing,
    /// Also the generic question of each cell that nothing specific was found in.
    #[arg(long)]
    generic: bool,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write to this file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Keep the register in the repository's document (docs/security/threat-model.md, or what the settings say): the block between its markers
    /// is replaced, and nothing else. What is covered is counted, and not listed.
    #[arg(long, conflicts_with_all = ["paths", "format", "output", "docs_url"])]
    write: bool,
    /// Where Astride's documentation is published, for links to the page of each rule (SARIF only).
    #[arg(long, value_name = "URL", value_parser = Docs::at)]
    docs_url: Option<Docs>,
}

/// Which tree.
#[derive(Clone, clap::Args)]
pub(super) struct Tree {
    /// The git repository.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(super) repo: PathBuf,
    /// The revision; without it, the working tree, and of a bare repository HEAD.
    #[arg(long, value_name = "REV")]
    pub(super) rev: Option<String>,
    #[command(flatten)]
    pub(super) at: LedgerAt,
    #[command(flatten)]
    pub(super) organisation: Organisation,
}

/// Which of its threats.
#[derive(clap::Args)]
pub(super) struct Narrowing {
    /// Only threats of this severity and above: low, medium, high, critical.
    #[arg(long, value_name = "SEVERITY", value_parser = severity, default_value = "low")]
    pub(super) min_severity: Severity,
    /// Only threats of units whose path matches, for example `infra/**`, or of the units in this folder.
    #[arg(long, value_name = "PATTERN", value_parser = Units::parse)]
    pub(super) unit: Option<Units>,
}

/// A pattern of units' paths.
#[derive(Clone, Debug)]
pub(super) struct Units(GlobMatcher, String);

impl Units {
    fn parse(pattern: &str) -> Result<Self, String> {
        let glob = Glob::new(pattern).map_err(|error| error.to_string())?;
        Ok(Self(glob.compile_matcher(), format!("{}/", pattern.trim_end_matches('/'))))
    }

    pub(super) fn has(&self, unit: &RepoPath) -> bool {
        self.0.is_match(unit.as_str()) || unit.as_str().starts_with(&self.1)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For a terminal; what is covered is counted, and listed by `--state covered`.
    Text,
    /// One JSON document; docs/threats-register.schema.json describes it.
    Json,
    /// A table for spreadsheets.
    Csv,
    /// SARIF 2.1.0, the register that code scanning shows of a branch.
    Sarif,
    /// Tables for a wiki or a ticket.
    Markdown,
    /// One page: what is due, what was said lately, what is open, owed and decided.
    Html,
}

fn state(word: &str) -> Result<State, String> {
    let known = || State::ALL.map(State::word).join(", ");
    State::ALL.into_iter().find(|state| state.word() == word).ok_or_else(|| format!("one of {}", known()))
}

pub(super) fn run(arguments: &Arguments, terminal: Terminal) -> Result<Outcome> {
    let states: BTreeSet<State> = arguments.state.iter().copied().collect();
    let unit = |path: &RepoPath| arguments.narrowing.unit.as_ref().is_none_or(|units| units.has(path));
    let wanted = Wanted { states: states.clone(), least: arguments.narrowing.min_severity, generic: arguments.generic, unit: &unit };
    if let Some(folder) = &arguments.clones {
        return of_clones(folder, arguments, &wanted);
    }
    let progress = Progress::start("listing the threats");
    let mut document = settings::DOCUMENT.to_owned();
    let register = if arguments.paths.is_empty() {
        let mut judging = Judging::open(&arguments.tree.repo, &arguments.tree.at)?.with(arguments.tree.organisation.read()?);
        let (register, settings) = arguments.tree.register_and_settings(&mut judging)?;
        document = settings.document;
        register
    } else {
        model::register_of_paths(&arguments.paths, &arguments.tree.organisation.read()?)?
    };
    drop(progress);
    let is_whole = register.is_whole();
    let register = register.narrowed(&wanted);
    let outcome = if is_whole { Outcome::Clear } else { Outcome::Undetermined };
    if arguments.write {
        print(&document::write(&arguments.tree, &RepoPath::new(&document), &register)?)?;
        return Ok(outcome);
    }
    let style = match &arguments.output {
        Some(_) => Style::default(),
        None => Style { colour: terminal.colour, width: terminal.width, ..Style::default() },
    };
    let rendered = match arguments.format {
        Format::Text => text::render(&register, &states, &style),
        Format::Json => json::render(&register),
        Format::Csv => csv::render(&register),
        Format::Sarif => format!("{:#}\n", sarif::register(&register, &arguments.docs_url.clone().unwrap_or_default())),
        Format::Markdown => markdown::render(&register),
        Format::Html => {
            let stock = if arguments.paths.is_empty() { stocks::of(&arguments.tree, register)? } else { stocks::of_files(register) };
            html::render(&[stock], judging::now().day())
        }
    };
    match &arguments.output {
        Some(file) => output::write(file, &rendered)?,
        None => print(&rendered)?,
    }
    Ok(outcome)
}

/// The page of every clone in a folder.
fn of_clones(folder: &Path, arguments: &Arguments, wanted: &Wanted<'_>) -> Result<Outcome> {
    if arguments.format != Format::Html {
        bail!("a folder of clones is one page: add `--format html`");
    }
    let progress = Progress::start("listing the threats");
    let stocks = stocks::of_clones(folder, &arguments.tree, wanted)?;
    drop(progress);
    let is_whole = stocks.iter().all(|stock| stock.register.is_whole());
    let rendered = html::render(&stocks, judging::now().day());
    match &arguments.output {
        Some(file) => output::write(file, &rendered)?,
        None => print(&rendered)?,
    }
    Ok(if is_whole { Outcome::Clear } else { Outcome::Undetermined })
}

impl Tree {
    /// The same, but of a commit where none is named.
    pub(super) fn committed(&self) -> Self {
        Self { rev: Some(self.rev.clone().unwrap_or_else(|| "HEAD".to_owned())), ..self.clone() }
    }

    /// Every threat of the tree.
    ///
    /// # Errors
    /// There is no such revision, or something cannot be read.
    pub(super) fn register(&self, judging: &mut Judging<'_>) -> Result<Register> {
        self.register_and_settings(judging).map(|(register, _)| register)
    }

    fn register_and_settings(&self, judging: &mut Judging<'_>) -> Result<(Register, Settings)> {
        let mut blobs = Blobs::new();
        let (side, settings) = self.side(judging, &mut blobs)?;
        let register = judging.register(&settings, side, blobs, judging::now())?;
        Ok((register, settings.read().0))
    }

    fn side(&self, judging: &mut Judging<'_>, blobs: &mut Blobs) -> Result<(Side, SettingsTexts)> {
        let root = if self.rev.is_some() { None } else { Repository::worktree_root(&self.repo)? };
        match root {
            Some(root) => Ok((judging.repository.worktree(&root, blobs, &mut Trees::default())?, judging.settings_of(&root))),
            None => {
                let side = judging.repository.side_of(self.rev.as_deref().unwrap_or("HEAD"))?;
                let settings = judging.settings_texts(side.commit)?;
                Ok((side, settings))
            }
        }
    }
}
