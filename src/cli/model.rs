//! `astride model`: the data-flow model that templates and model files describe.

use crate::change::{Blobs, TreeView};
use crate::cli::disk::{self, DiskFiles};
use crate::cli::git::Repository;
use crate::cli::progress::Progress;
use crate::cli::{Outcome, print};
use crate::formats::{self, Claim};
use crate::model::Model;
use crate::model::exports;
use crate::report::{dot, json, mermaid, otm, svg, threat_dragon};
use crate::source::{FileState, Files, Note, NoteKind, Place, RepoPath};
use anyhow::{Result, bail};
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

/// Print the model: elements, data flows, trust boundaries and facts.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  astride model template.yaml --format mermaid\n  astride model --repo . --rev HEAD")]
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
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
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
    /// Open Threat Model 0.2.0.
    Otm,
    /// A Threat Dragon file, version 2.
    ThreatDragon,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome> {
    let progress = Progress::start("reading the model");
    let mut model = Model::default();
    match &arguments.repo {
        Some(folder) => model.join(from_repository(folder, &arguments.rev)?),
        None => {
            for path in &arguments.paths {
                model.join(from_path(path)?);
            }
        }
    }
    exports::connect(&mut model);
    drop(progress);
    match arguments.format {
        Format::Json => print(&(json::model(&model) + "\n"))?,
        Format::Mermaid => print(&mermaid::whole(&model))?,
        Format::Dot => print(&dot::render(&model))?,
        Format::Svg => print(&svg::render(&model))?,
        Format::Otm => print(&format!("{:#}\n", otm::render(&model)))?,
        Format::ThreatDragon => print(&format!("{:#}\n", threat_dragon::render(&model)))?,
    }
    Ok(if model.notes.iter().any(|note| note.kind == NoteKind::Unreadable) { Outcome::Undetermined } else { Outcome::Clear })
}

fn from_repository(folder: &Path, revision: &str) -> Result<Model> {
    let mut repository = Repository::open(folder)?;
    let side = repository.side_of(revision)?;
    let mut blobs = Blobs::new();
    let candidates: BTreeSet<RepoPath> = side.listing.keys().filter(|path| is_entry(path)).cloned().collect();
    repository.fetch(&side, &candidates, &mut blobs)?;
    let mut model = Model::default();
    for path in &candidates {
        loop {
            let view = TreeView { side: &side, blobs: &blobs };
            let (found, needs) = read(path, &view);
            if needs.is_empty() {
                model.join(found);
                break;
            }
            repository.fetch(&side, &needs, &mut blobs)?;
        }
    }
    Ok(model)
}

/// Whether a file of a folder is read by itself: what is nested is read where it is nested.
fn is_entry(path: &RepoPath) -> bool {
    formats::may_be_unit(path) && !formats::cdk::is_nested_output(path)
}

/// A file that the person named, or every unit of a folder.
fn from_path(path: &Path) -> Result<Model> {
    if !path.exists() {
        bail!("{}: no such file or folder", path.display());
    }
    let (root, prefix) = root_of(path)?;
    let mut files = DiskFiles::new(&root);
    let mut model = Model::default();
    if path.is_dir() {
        for (below, _) in disk::walk(path)? {
            let unit = if prefix.is_empty() { below } else { RepoPath::new(&format!("{prefix}/{below}")) };
            if is_entry(&unit) {
                model.join(from_disk(&unit, &mut files));
            }
        }
        return Ok(model);
    }
    let unit = RepoPath::new(&prefix);
    let mut found = from_disk(&unit, &mut files);
    if let FileState::Text(text) = files.state(&unit)
        && formats::claim(&unit, text) == Claim::Nothing
    {
        bail!("{}: neither a template nor a threat-model file that astride knows", path.display());
    }
    // People find their own spelling of the path again.
    found.move_unit(&unit, &RepoPath::new(&path.display().to_string()));
    model.join(found);
    Ok(model)
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

fn from_disk(unit: &RepoPath, files: &mut DiskFiles) -> Model {
    files.load(unit);
    loop {
        let (model, needs) = read(unit, files);
        if needs.is_empty() {
            return model;
        }
        needs.iter().for_each(|path| files.load(path));
    }
}

/// One unit, and what it needs to be read whole.
fn read(unit: &RepoPath, files: &dyn Files) -> (Model, BTreeSet<RepoPath>) {
    let FileState::Text(text) = files.state(unit) else { return (Model::default(), BTreeSet::new()) };
    match formats::claim(unit, text) {
        Claim::Unit(format) => {
            let reading = formats::read(unit, format, files);
            (reading.model, reading.needs)
        }
        Claim::NotJudged(name) => {
            let place = Place { path: unit.clone(), line: 1, end_line: 1 };
            let note = Note { place, kind: NoteKind::NotJudged, text: format!("{name} is not read yet") };
            (Model { notes: vec![note], ..Model::default() }, BTreeSet::new())
        }
        Claim::Nothing => (Model::default(), BTreeSet::new()),
    }
}
