//! Plans that a team's own CI hands over: what `terraform show -json` or `tofu show -json` writes of one.
//!
//! Comes in: files, by a flag or within an input. Goes out: plans beside the trees, without their secrets: the text itself comes into no tree, and
//! what cannot be used is an error that names the file and never what stands in it.

use crate::change::{Change, Side};
use crate::cli::disk;
use crate::formats::terraform::plan::{MAX_PLAN_BYTES, Refused};
use crate::formats::terraform::signs::is_configuration;
use crate::formats::unit_of;
use crate::judge::generated;
use crate::judge::plans::{self, NotTaken};
use crate::source::{MAX_FILE_BYTES, RepoPath};
use anyhow::{Context, Result, anyhow, bail};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Most folders that an error names.
const MAX_NAMED: usize = 5;

/// What is said where the head alone has a plan.
const BORROWED: &str = "there is a plan for the head and none for the base: variables that nothing else gives a value have the head's on the base, \
     and what else only the plan knows counts as new";

/// The plans that are given for the two sides.
#[derive(clap::Args)]
pub(super) struct PlanFiles {
    /// A plan of the base as `terraform show -json` writes it, and the folder of its root module: infra/prod=plan.json. Without a folder, the
    /// only one that has configuration, or else the repository's own. May be repeated.
    #[arg(long, value_name = "[ROOT=]FILE", requires = "head_plan")]
    base_plan: Vec<String>,
    /// The same for the head. What the configuration leaves open is as the plan says; a plan of another configuration is an error.
    #[arg(long, value_name = "[ROOT=]FILE")]
    head_plan: Vec<String>,
}

/// A file with a plan, and of which folder it is, as far as that is said.
pub(super) struct PlanFile {
    of: Of,
    file: PathBuf,
}

enum Of {
    /// This folder.
    Root(RepoPath),
    /// This one, or the first above it that has configuration.
    Near(RepoPath),
    /// Whichever folder it can be.
    Any,
}

impl PlanFiles {
    /// The flags with their values.
    pub(super) fn given(&self) -> impl Iterator<Item = (&'static str, Option<String>)> {
        let base = self.base_plan.iter().map(|value| ("--base-plan", Some(value.clone())));
        base.chain(self.head_plan.iter().map(|value| ("--head-plan", Some(value.clone()))))
    }

    /// The plans of base and head.
    pub(super) fn found(&self) -> [Vec<PlanFile>; 2] {
        [&self.base_plan, &self.head_plan].map(|values| values.iter().map(|value| PlanFile::parse(value)).collect())
    }
}

impl PlanFile {
    fn parse(value: &str) -> Self {
        match value.split_once('=').filter(|_| !Path::new(value).is_file()) {
            Some((root, file)) => {
                let root = root.trim_start_matches("./").trim_end_matches('/');
                Self { of: Of::Root(RepoPath::new(if root == "." { "" } else { root })), file: PathBuf::from(file) }
            }
            None => Self { of: Of::Any, file: PathBuf::from(value) },
        }
    }

    /// A plan that lies at a path of an input.
    pub(super) fn beside(path: &RepoPath, file: &Path) -> Self {
        Self { of: Of::Near(RepoPath::new(path.folder())), file: file.to_owned() }
    }
}

/// Whether a file of an input is a plan or a state: by its beginning, as tools write it, or by what stands in it.
///
/// # Errors
/// It cannot be read.
pub(super) fn is_plan(path: &RepoPath, file: &Path) -> Result<bool> {
    let mut bytes = Vec::new();
    let opened = File::open(file).with_context(|| file.display().to_string())?;
    opened.take(MAX_FILE_BYTES as u64).read_to_end(&mut bytes).with_context(|| file.display().to_string())?;
    Ok(generated::is_plan(path, &bytes))
}

/// Puts the plans of base and head beside their trees; gives what to say where the head alone has one. `root` is the folder that is judged where
/// it is no commit: a plan that lies in it is no part of it.
///
/// # Errors
/// A file is no plan that can be used, or nobody can tell of which folder it is.
pub(super) fn place(found: [Vec<PlanFile>; 2], change: &mut Change, root: Option<&Path>) -> Result<Option<&'static str>> {
    if let Some(root) = root {
        found.iter().flatten().try_for_each(|plan| leave_out(change, &plan.file, root))?;
    }
    let [base, head] = found;
    for (plans, side) in [(base, &mut change.base), (head, &mut change.head)] {
        for plan in plans {
            take(&plan, side).with_context(|| format!("the plan {}", plan.file.display()))?;
        }
    }
    Ok(plans::lend(change).then_some(BORROWED))
}

/// Takes a file out of what is judged, unless the base has it.
fn leave_out(change: &mut Change, file: &Path, root: &Path) -> Result<()> {
    let [file, root] = [file, root].map(|path| fs::canonicalize(path).with_context(|| path.display().to_string()));
    let (file, root) = (file?, root?);
    let Some(path) = file.strip_prefix(&root).ok().and_then(Path::to_str).map(RepoPath::new) else { return Ok(()) };
    if !change.base.listing.contains_key(&path) {
        change.head.listing.remove(&path);
    }
    Ok(())
}

fn take(plan: &PlanFile, side: &mut Side) -> Result<()> {
    let bytes = read(&plan.file)?;
    let folder = folder(plan, side)?;
    plans::put(&bytes, disk::blob_id(&bytes), &folder, side).map_err(|error| match error {
        NotTaken::InGit(_) => anyhow!("{error}\nhint: hand over what your CI planned"),
        NotTaken::Refused(_) | NotTaken::Another(_) => anyhow!("{error}"),
    })
}

/// The bytes of a plain file, if they are no more than are read.
fn read(file: &Path) -> Result<Vec<u8>> {
    let metadata = fs::metadata(file).context("it cannot be read")?;
    if !metadata.is_file() {
        bail!("it is no file");
    }
    if metadata.len() > MAX_PLAN_BYTES as u64 {
        return Err(Refused::TooLarge.into());
    }
    fs::read(file).context("it cannot be read")
}

/// The folder of the root that a plan is of.
fn folder(plan: &PlanFile, side: &Side) -> Result<RepoPath> {
    let folders: BTreeSet<&str> = side.listing.keys().filter(|path| is_configuration(path)).map(RepoPath::folder).collect();
    match &plan.of {
        Of::Root(root) if folders.contains(root.as_str()) => Ok(root.clone()),
        Of::Root(root) => bail!("the folder {} has no Terraform configuration on its side", unit_of(root)),
        Of::Near(at) => plans::folder_near(at, side).context("no folder that it lies in has Terraform configuration on its side"),
        Of::Any => match folders.iter().copied().collect::<Vec<_>>().as_slice() {
            [only] => Ok(RepoPath::new(only)),
            [] => bail!("nothing on its side is Terraform configuration"),
            several if several.contains(&"") => Ok(RepoPath::new("")),
            several => {
                let named = several.iter().take(MAX_NAMED).copied().collect::<Vec<_>>().join(", ");
                bail!("nobody can tell of which folder it is: {named}\nhint: say so, {}={}", several[0], plan.file.display())
            }
        },
    }
}
