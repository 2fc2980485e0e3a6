//! Input that is not in git and that a team's own CI produces: what the CDK synthesises, for one.
//!
//! Comes in: a folder, and plans. Goes out: its files in the tree of a side, under the paths that they have below the folder; plans beside the
//! tree. Nothing is executed, and what is missing, hidden behind a link or too large is an error: a side is never judged by half of its input.

use crate::change::{Blobs, Change, Side};
use crate::cli::disk;
use crate::cli::review::plans::{self, PlanFile, PlanFiles};
use crate::judge::generated;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// Most files of one input.
const MAX_FILES: usize = 20_000;
/// Most bytes of one input.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// The folders that are given for the two sides.
#[derive(clap::Args)]
pub(super) struct Inputs {
    /// A folder with files of the base that are not in git, as `cdk synth` writes them: each takes its place in the tree of the base, under
    /// the path that it has below DIR.
    #[arg(long, value_name = "DIR", requires = "head_input")]
    base_input: Option<PathBuf>,
    /// The same for the head. Without one for the base, all that it holds counts as new.
    #[arg(long, value_name = "DIR")]
    head_input: Option<PathBuf>,
    #[command(flatten)]
    plans: PlanFiles,
}

impl Inputs {
    /// The flags with their values, as far as they are given.
    pub(super) fn given(&self) -> Vec<(&'static str, Option<String>)> {
        let shown = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
        let folders = [("--base-input", shown(&self.base_input)), ("--head-input", shown(&self.head_input))];
        folders.into_iter().chain(self.plans.given()).collect()
    }

    /// What to say of a choice that nobody made.
    pub(super) fn words(&self) -> Option<&'static str> {
        let alone = self.head_input.is_some() && self.base_input.is_none();
        alone.then_some("nothing is given with --base-input: all that --head-input holds counts as new, unless git has it on the base")
    }

    /// Puts the files into the trees. `root` is the working tree or the folder, if that is what is judged: what lies in it twice is judged
    /// once, under the path that it is given for. Gives what to say of plans that are of one side alone.
    ///
    /// # Errors
    /// A folder cannot be read, holds nothing, holds what no input may, or more than is read; or a plan is none that can be used.
    pub(super) fn place(&self, change: &mut Change, root: Option<&Path>) -> Result<Option<&'static str>> {
        let given = [&self.base_input, &self.head_input];
        if let Some(root) = root {
            for folder in given.into_iter().flatten() {
                leave_out(change, folder, root)?;
            }
        }
        let mut found = self.plans.found();
        for (index, (folder, side)) in given.into_iter().zip([&mut change.base, &mut change.head]).enumerate() {
            if let Some(folder) = folder {
                let plans = place(folder, side, &mut change.blobs).with_context(|| format!("the input {}", folder.display()))?;
                found[index].extend(plans);
            }
        }
        plans::place(found, change, root)
    }
}

/// Takes what lies below a folder, and is not on the base, out of the working tree.
fn leave_out(change: &mut Change, folder: &Path, root: &Path) -> Result<()> {
    let [folder, root] = [folder, root].map(|path| fs::canonicalize(path).with_context(|| path.display().to_string()));
    let (folder, root) = (folder?, root?);
    let Some(below) = folder.strip_prefix(&root).ok().and_then(Path::to_str).filter(|below| !below.is_empty()) else { return Ok(()) };
    let prefix = format!("{below}/");
    let base = &change.base.listing;
    change.head.listing.retain(|path, _| base.contains_key(path) || !path.as_str().starts_with(&prefix));
    Ok(())
}

/// Puts the files of a folder into the tree; gives the plans among them.
fn place(folder: &Path, side: &mut Side, blobs: &mut Blobs) -> Result<Vec<PlanFile>> {
    if !folder.is_dir() {
        bail!("it is no folder");
    }
    let files = disk::everything(folder)?;
    if files.is_empty() {
        bail!("it holds no file: the step that makes it made nothing");
    }
    if files.len() > MAX_FILES {
        bail!("it holds {} files, more than the {MAX_FILES} that are read\nhint: give only what is deployed", files.len());
    }
    let (mut bytes, mut found) = (0, Vec::new());
    for (path, full) in files {
        let metadata = fs::symlink_metadata(&full).with_context(|| full.display().to_string())?;
        if !metadata.is_file() {
            bail!("{path} is a link or no plain file: what it leads to is not read");
        }
        bytes += metadata.len();
        if bytes > MAX_BYTES {
            bail!("it holds more than the {MAX_BYTES} bytes that are read\nhint: give only what is deployed");
        }
        if plans::is_plan(&path, &full)? {
            found.push(PlanFile::beside(&path, &full));
            continue;
        }
        let listed = disk::list(&path, &full, blobs)?;
        let why = blobs.get(&listed.id).and_then(|blob| generated::refused(side, &path, listed.id, blob));
        if let Some(why) = why {
            bail!("{path} {why}\nhint: keep it in one place");
        }
        side.listing.insert(path, listed);
    }
    Ok(found)
}
