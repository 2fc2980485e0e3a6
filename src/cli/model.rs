//! `astride model`: the data-flow model that templates and model files describe.

use crate::catalog::claims::Claims;
use crate::change::{Blobs, TreeView};
use crate::cli::disk::{self, DiskFiles};
use crate::cli::git::Repository;
use crate::cli::judging::{self, Judging};
use crate::cli::ledger_at::LedgerAt;
use crate::cli::organisation::{Given, Organisation};
use crate::cli::progress::Progress;
use crate::cli::threats::Tree;
use crate::cli::{Outcome, complain, output, print};
use crate::formats::terraform::signs;
use crate::formats::{self, Claim, Reading};
use crate::judge::register;
use crate::model::Model;
use crate::model::exports;
use crate::report::register::Register;
use crate::report::{dot, json, mermaid, otm, svg, threat_dragon};
use crate::source::{FileState, Files, Note, NoteKind, RepoPath};
use anyhow::{Result, bail};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// Print the model: elements, data flows, trust boundaries and facts.
///
/// Notes on what was not read go to standard error. Exit code: 0 all was read, 2 something of it was not, or nothing was found.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  astride model template.yaml --format mermaid\n  astride model template.yaml --format svg -o model.svg\n  astride model --repo . --rev HEAD"
)]
pub(super) struct Arguments {
    /// Templates, model files, or folders that are searched for them.
    #[arg(required_unless_present = "repo", conflicts_with = "repo")]
    paths: Vec<PathBuf>,
    /// A git repository to read from instead.
    #[arg(long, value_name = "DIR")]
    repo: Option<PathBuf>,
    /// The revision to read.
    #[arg(long, value_name = "REV", default_value = "HEAD", requires = "repo")]
    rev: String,
    /// The branch with the decisions, which the formats that list threats show.
    #[arg(long, value_name = "BRANCH", default_value = "astride-ledger", requires = "repo")]
    ledger: String,
    /// The number of the repository on the forge, where the branch has the decisions of several.
    #[arg(long, value_name = "NUMBER", env = "GITHUB_REPOSITORY_ID", hide_env_values = true)]
    repository_id: Option<u64>,
    #[command(flatten)]
    organisation: Organisation,
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    /// Write to this file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Arguments {
    fn write(&self, text: &str) -> Result<()> {
        match &self.output {
            Some(file) => output::write(file, text),
            None => print(text),
        }
    }
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Format {
    /// One JSON document; ARCHITECTURE.md describes it.
    Json,
    /// A Mermaid flowchart.
    Mermaid,
    /// Graphviz.
    Dot,
    /// A picture of the data-flow diagram.
    Svg,
    /// Open Threat Model 0.2.0, with threats and decisions.
    Otm,
    /// A Threat Dragon file, version 2, with threats and decisions.
    ThreatDragon,
}

/// What was read, put together.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) model: Model,
    pub(super) units: usize,
    /// Files with configuration that a unit was made of: they are no units by themselves.
    parts: BTreeSet<RepoPath>,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome> {
    match arguments.format {
        Format::Json => draw(arguments, |model| json::model(model) + "\n"),
        Format::Mermaid => draw(arguments, mermaid::whole),
        Format::Dot => draw(arguments, dot::render),
        Format::Svg => draw(arguments, svg::render),
        Format::Otm => list(arguments, otm::render),
        Format::ThreatDragon => list(arguments, threat_dragon::render),
    }
}

/// The model by itself.
fn draw(arguments: &Arguments, render: impl Fn(&Model) -> String) -> Result<Outcome> {
    let progress = Progress::start("reading the model");
    let claims = arguments.organisation.read()?.claims();
    let mut gathered = match &arguments.repo {
        Some(folder) => from_repository(folder, &arguments.rev, &claims)?,
        None => from_paths(&arguments.paths, &claims)?,
    };
    gathered.connect();
    let Gathered { model, units, .. } = gathered;
    drop(progress);
    arguments.write(&render(&model))?;
    let is_whole = units > 0 && !model.notes.iter().any(|note| note.kind.hides());
    Ok(ending(&model.notes, units == 0, is_whole))
}

/// The model with its threats and what people decided of them: what lies on disk has no ledger.
fn list(arguments: &Arguments, render: impl Fn(&Register) -> Value) -> Result<Outcome> {
    let progress = Progress::start("listing the threats of the model");
    let register = match &arguments.repo {
        Some(folder) => {
            let tree = Tree {
                repo: folder.clone(),
                rev: Some(arguments.rev.clone()),
                at: LedgerAt { ledger: arguments.ledger.clone(), repository_id: arguments.repository_id },
                organisation: arguments.organisation.clone(),
            };
            tree.register(&mut Judging::open(folder, &tree.at)?.with(arguments.organisation.read()?))?
        }
        None => register_of_paths(&arguments.paths, &arguments.organisation.read()?)?,
    };
    drop(progress);
    arguments.write(&format!("{:#}\n", render(&register)))?;
    for repair in &register.repairs {
        complain(&format!("{}:{}: {}", repair.place.path, repair.place.line, repair.what));
    }
    Ok(ending(&register.notes, register.is_empty, register.is_whole()))
}

/// Every threat of what lies on disk, about which nobody has decided anything, with what an organisation has of its own.
///
/// # Errors
/// As `from_paths`.
pub(super) fn register_of_paths(paths: &[PathBuf], organisation: &Given) -> Result<Register> {
    let mut gathered = from_paths(paths, &organisation.claims())?;
    gathered.connect();
    Ok(register::of_paths(gathered.model, gathered.units == 0, &organisation.own, judging::now()))
}

/// Says what was not read.
fn ending(notes: &[Note], is_empty: bool, is_whole: bool) -> Outcome {
    for note in notes {
        complain(&format!("{}:{}: {} ({})", note.place.path, note.place.line, note.text, note.kind.word()));
    }
    if is_empty {
        complain("nothing was read: no template and no threat-model file that astride reads");
    }
    if is_whole { Outcome::Clear } else { Outcome::Undetermined }
}

fn from_repository(folder: &Path, revision: &str, claims: &Claims) -> Result<Gathered> {
    let mut gathered = Gathered::default();
    let mut repository = Repository::open(folder)?;
    let side = repository.side_of(revision)?;
    let mut blobs = Blobs::new();
    let candidates: BTreeSet<RepoPath> = side.listing.keys().filter(|path| is_entry(path)).cloned().collect();
    repository.fetch(&side, &candidates, &mut blobs)?;
    let paths: Vec<RepoPath> = side.listing.keys().cloned().collect();
    let roots = signs::roots_of(&paths, &TreeView { side: &side, blobs: &blobs });
    for path in roots.iter().map(formats::unit_of).chain(candidates) {
        if gathered.parts.contains(&path) {
            continue;
        }
        loop {
            let view = TreeView { side: &side, blobs: &blobs };
            let reading = formats::read(&path, &view, claims);
            if reading.needs.is_empty() {
                gathered.take(&path, reading);
                break;
            }
            repository.fetch(&side, &reading.needs, &mut blobs)?;
        }
    }
    Ok(gathered)
}

/// What these files and folders hold, as it lies on disk.
///
/// # Errors
/// One of them is not there, or is a file that is not read.
fn from_paths(paths: &[PathBuf], claims: &Claims) -> Result<Gathered> {
    let mut gathered = Gathered::default();
    for path in paths {
        from_path(path, claims, &mut gathered)?;
    }
    Ok(gathered)
}

/// Whether a file of a folder is read by itself: what is nested is read where it is nested.
fn is_entry(path: &RepoPath) -> bool {
    formats::may_be_unit(path) && !formats::cdk::is_nested_output(path)
}

/// A file that the person named, or every unit of a folder.
fn from_path(path: &Path, claims: &Claims, gathered: &mut Gathered) -> Result<()> {
    if !path.exists() {
        bail!("{}: no such file or folder", path.display());
    }
    let (root, prefix) = root_of(path)?;
    let mut files = DiskFiles::new(&root);
    if path.is_dir() {
        let below = |(path, _): (RepoPath, PathBuf)| if prefix.is_empty() { path } else { RepoPath::new(&format!("{prefix}/{path}")) };
        let paths: Vec<RepoPath> = disk::walk(path)?.into_iter().map(below).collect();
        paths.iter().filter(|path| signs::is_configuration(path)).for_each(|path| files.load(path));
        let roots = signs::roots_of(&paths, &files);
        for unit in roots.iter().map(formats::unit_of).chain(paths.into_iter().filter(is_entry)) {
            if !gathered.parts.contains(&unit) {
                let reading = from_disk(&unit, claims, &mut files);
                gathered.take(&unit, reading);
            }
        }
        return Ok(());
    }
    // A file with configuration is a part of its folder.
    let file = RepoPath::new(&prefix);
    if signs::is_configuration(&file) {
        let unit = formats::unit_of(&RepoPath::new(file.folder()));
        let reading = from_disk(&unit, claims, &mut files);
        gathered.take(&unit, reading);
        return Ok(());
    }
    let unit = file;
    let mut reading = from_disk(&unit, claims, &mut files);
    let unparsed = reading.model.notes.iter().find(|note| note.kind.hides());
    match (reading.claim, unparsed) {
        (Claim::Nothing, Some(note)) => bail!("{}:{}: {}", path.display(), note.place.line, note.text),
        (Claim::Nothing, None) => {
            bail!("{}: neither a template nor a threat-model file that astride knows", path.display())
        }
        (Claim::Unit(_) | Claim::NotJudged(_) | Claim::Unreadable, _) => {}
    }
    // People find their own spelling of the path again.
    let spelled = RepoPath::new(&path.display().to_string());
    reading.model.move_unit(&unit, &spelled);
    gathered.take(&spelled, reading);
    Ok(())
}

impl Gathered {
    /// Puts everything into its order, and joins what units give to one another.
    pub(super) fn connect(&mut self) {
        self.model.sort();
        exports::connect(&mut self.model);
    }

    fn take(&mut self, path: &RepoPath, reading: Reading) {
        match reading.claim {
            Claim::Unit(_) => {
                self.units += 1;
                self.parts.extend(reading.files.into_iter().filter(signs::is_configuration));
                self.model.extend(reading.model);
            }
            Claim::NotJudged(name) => {
                let why = match name == formats::TERRAFORM && signs::is_configuration(path) {
                    true => format!("{name} is read folder by folder, where one declares a resource or calls a module"),
                    false => format!("{name} is not read yet"),
                };
                self.model.notes.push(Note::on_file(path, NoteKind::NotJudged, why));
            }
            Claim::Unreadable => self.model.notes.extend(reading.model.notes),
            Claim::Nothing => {}
        }
    }
}

/// Where to resolve the siblings of a path from: the working folder, or the file system's root where the path leaves it.
fn root_of(path: &Path) -> Result<(PathBuf, String)> {
    let inside = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if inside {
        let parts: Vec<String> = path
            .components()
            .filter_map(|part| match part {
                Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
                _ => None,
            })
            .collect();
        return Ok((PathBuf::from("."), parts.join("/")));
    }
    let full = std::path::absolute(path)?.canonicalize()?;
    Ok((PathBuf::from("/"), full.display().to_string().trim_start_matches('/').to_owned()))
}

fn from_disk(unit: &RepoPath, claims: &Claims, files: &mut DiskFiles) -> Reading {
    files.load(unit);
    loop {
        let reading = match files.state(unit) {
            FileState::NotFetched(missing) => {
                files.load(&missing);
                continue;
            }
            _ => formats::read(unit, files, claims),
        };
        if reading.needs.is_empty() {
            return reading;
        }
        reading.needs.iter().for_each(|path| files.load(path));
    }
}
