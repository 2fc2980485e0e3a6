//! Decisions from the desk: who signs them, and the commit on the local ledger branch, or the file in the organisation's repository.
//!
//! Comes in: blocks by the unit that they belong to. Goes out: one commit, and what to type to push it; or files to be merged elsewhere. Nothing is pushed; the number of an
//! account is never made up.

use crate::change::UserId;
use crate::cli::git::{LedgerBranch, Repository};
use crate::cli::judging::Judging;
use crate::cli::organisation::lines;
use crate::cli::output;
use crate::cli::threats::Tree;
use crate::decisions::ledger_text::parts;
use crate::decisions::{Block, Signature, ledger_text, organisation};
use crate::settings::own;
use crate::source::RepoPath;
use anyhow::{Context, Result, anyhow, bail};
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// By what right, as the ledger keeps it: whoever could write to this clone.
const RIGHT: &str = "local";
/// The end of the address that GitHub gives to those who keep theirs to themselves: `<id>+<login>@…`
/// (<https://docs.github.com/account-and-profile/reference/email-addresses-reference>, read 2026-11-28).
const NO_REPLY: &str = "@users.noreply.github.com";

/// Who decides.
#[derive(clap::Args)]
pub(super) struct Signing {
    /// The number of your account on the forge: `gh api user --jq .id`. Taken from git's user.email where that is GitHub's private address.
    #[arg(long, value_name = "NUMBER")]
    user_id: Option<u64>,
}

impl Signing {
    /// Who git says that commits here are by, with the number of the account as far as it is known.
    pub(super) fn signature(&self, repository: &Path) -> Result<Signature> {
        let ident = Repository::identity(repository)?;
        let private = ident.email.strip_suffix(NO_REPLY).and_then(|rest| rest.split_once('+'));
        let private = private.and_then(|(id, login)| Some((id.parse::<u64>().ok()?, login.to_owned())));
        let (id, login) = private.unwrap_or((0, ident.name));
        Ok(Signature { id: UserId(self.user_id.unwrap_or(id)), login, right: RIGHT.to_owned() })
    }
}

/// Commits the blocks behind what the ledger branch has, and says what to do with the commit.
pub(super) fn append(
    judging: &mut Judging<'_>,
    tree: &Tree,
    by: &Signature,
    blocks: &BTreeMap<RepoPath, Vec<Block>>,
    message: &str,
) -> Result<String> {
    let branch = tree.at.ledger.as_str();
    let stand = judging.repository.ledger_branch(&tree.repo, branch)?;
    let folder = tree.at.own(&stand.folders())?;
    let files = files(judging, &stand, folder, blocks)?;
    let commit = judging.repository.append(&tree.repo, branch, &stand, &files, message)?;
    let mut out = format!("commit {} on the local branch {branch}\npush it: git push origin {branch}\n", commit.short());
    if by.id == UserId(0) {
        out.push_str("note: without --user-id no account has signed these, and an App that reads the branch will not count them\n");
    }
    if folder == 0 {
        out.push_str("note: without --repository-id they lie in the folder 0, which is read here and not by an App\n");
    }
    Ok(out)
}

/// What a dry run ends with.
pub(super) const DRY_RUN: &str = "not written, this is a dry run\n";

/// Writes the blocks into the files of the organisation's repository that have its decisions, and says what to do with them.
pub(super) fn decide_for_organisation<'b>(folder: &Path, blocks: impl Iterator<Item = &'b Block>, dry_run: bool) -> Result<String> {
    let mut texts: BTreeMap<RepoPath, String> = BTreeMap::new();
    for block in blocks {
        let path = organisation::file_of(&block.rule);
        let text = match texts.remove(&path) {
            Some(text) => text,
            None => written(&folder.join(path.as_str()))?,
        };
        texts.insert(path, organisation::appended(&text, block));
    }
    for (path, text) in &texts {
        let read = organisation::read([(path, text.as_str())].into_iter());
        read.map_err(|errors| anyhow!("nothing is decided for all repositories\n{}", lines(&errors).trim_end()))?;
        if text.len() > own::MAX_FILE_BYTES {
            bail!("{path} would have {} bytes, at most {} are possible: begin another file beside it", text.len(), own::MAX_FILE_BYTES);
        }
    }
    if dry_run {
        return Ok(DRY_RUN.to_owned());
    }
    let mut out = String::new();
    for (path, text) in &texts {
        let file = folder.join(path.as_str());
        fs::create_dir_all(file.parent().unwrap_or(folder)).with_context(|| format!("{}", file.display()))?;
        output::write(&file, text)?;
        out.push_str(&format!("written to {path} in {}\n", folder.display()));
    }
    Ok(out + "commit it there: it counts in all repositories of the organisation once it is on the default branch\n")
}

/// A file's text; empty where there is none.
fn written(path: &Path) -> Result<String> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(error).with_context(|| format!("{}", path.display())),
    }
}

/// The ledger's files with the blocks behind what stands there.
fn files(
    judging: &mut Judging<'_>,
    stand: &LedgerBranch,
    folder: u64,
    blocks: &BTreeMap<RepoPath, Vec<Block>>,
) -> Result<BTreeMap<String, String>> {
    let path = |part: &RepoPath| format!("{folder}/{}", ledger_text::file_name(part));
    let mut files = BTreeMap::new();
    for (unit, blocks) in blocks {
        let mut old = Vec::new();
        if let Some(side) = &stand.side {
            let parts = (1..).map(|number| path(&parts::part(unit, number)));
            for path in parts.take_while(|path| side.listing.contains_key(&RepoPath::new(path))) {
                let text = judging.repository.text_at(side.commit, &path)?;
                let text = text.with_context(|| format!("the ledger's file {path} is no text, and nothing is appended to it"))?;
                ledger_text::parse(&text)
                    .with_context(|| format!("the ledger's file {path} cannot be read, and nothing is appended to it"))?;
                old.push(text);
            }
        }
        let old: Vec<&str> = old.iter().map(String::as_str).collect();
        let grown = parts::grown(&old, unit, blocks, ledger_text::append);
        files.extend(grown.into_iter().map(|(part, text)| (path(&part), text)));
    }
    Ok(files)
}
