//! Brings files of a directory, or commits of a local repository, into the object store.
//!
//! Comes in: a path and, for a repository, two revisions. Goes out: ids in the store, equal to git's own. Never runs a shell, never
//! writes, and never lets a revision pass for an option.

use crate::change::ObjectId;
use crate::sandbox::objects::EntryMode;
use crate::sandbox::objects::Objects;
use crate::sandbox::objects::Paths;
use std::fs;
use std::io;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("cannot read {path}: {source}")]
    Read { path: String, source: io::Error },
    #[error("git {command} failed: {message}")]
    Git { command: String, message: String },
    #[error("git answered something unexpected to {0}")]
    Unexpected(String),
    #[error("no revision: {0:?}")]
    Revision(String),
}

/// Adds all files below a directory but `.git`; gives the root tree's id.
pub fn import_directory(objects: &mut Objects, root: &Path) -> Result<ObjectId, ImportError> {
    let mut paths = Paths::new();
    let mut open = vec![(root.to_owned(), String::new())];
    while let Some((directory, prefix)) = open.pop() {
        let failed = |source| ImportError::Read { path: directory.display().to_string(), source };
        for entry in fs::read_dir(&directory).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_dir() && name != ".git" {
                open.push((entry.path(), format!("{prefix}{name}/")));
            } else if !kind.is_dir() {
                paths.insert(format!("{prefix}{name}"), import_file(objects, &entry.path(), kind).map_err(failed)?);
            }
        }
    }
    Ok(objects.add_paths(&paths))
}

fn import_file(objects: &mut Objects, path: &Path, kind: fs::FileType) -> io::Result<(EntryMode, ObjectId)> {
    if kind.is_symlink() {
        let target = fs::read_link(path)?;
        return Ok((EntryMode::Symlink, objects.add_blob(target.to_string_lossy().as_bytes())));
    }
    let mode = if is_executable(&fs::metadata(path)?) { EntryMode::Executable } else { EntryMode::File };
    Ok((mode, objects.add_blob(&fs::read(path)?)))
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    false
}

/// What a local repository gave: two commits with their trees, and the history between them and where they met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imported {
    pub base: ObjectId,
    pub head: ObjectId,
}

/// How far back the base's history is brought along: as far as the service looks for settings and files that could be read.
const MOST_BACK: usize = 60;

/// Adds two revisions and their merge base with all files, the commits that lead from it to them, and what came before the base.
///
/// Of the commits in between the files are left out: nobody asks for them, and there may be thousands.
pub fn import_repository(objects: &mut Objects, repository: &Path, base: &str, head: &str) -> Result<Imported, ImportError> {
    let (base, head) = (resolve(repository, base)?, resolve(repository, head)?);
    let boundary = git(repository, &["merge-base", &base.to_string(), &head.to_string()])?;
    let boundary = String::from_utf8_lossy(&boundary).trim().to_owned();
    let listed = git(repository, &["rev-list", &base.to_string(), &head.to_string(), &format!("^{boundary}")])?;
    let mut commits: Vec<String> = String::from_utf8_lossy(&listed).lines().map(str::to_owned).collect();
    commits.push(boundary.clone());
    let back = git(repository, &["rev-list", "--first-parent", &format!("--max-count={MOST_BACK}"), &base.to_string()])?;
    let back: Vec<String> = String::from_utf8_lossy(&back).lines().map(str::to_owned).collect();
    commits.extend(back.iter().filter(|commit| **commit != boundary).cloned());
    commits.sort_unstable();
    commits.dedup();
    for (id, bytes) in read_objects(repository, &commits)? {
        objects.add_raw_commit(&bytes).ok_or_else(|| ImportError::Unexpected(format!("commit {id}")))?;
    }
    for commit in [boundary, base.to_string(), head.to_string()].iter().chain(&back) {
        import_tree(objects, repository, commit)?;
    }
    Ok(Imported { base, head })
}

/// A commit, and the paths in which it differs from its first parent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub commit: String,
    pub subject: String,
    pub paths: Vec<String>,
}

/// The commits of the first-parent history that have a parent here, the newest first.
///
/// # Errors
/// Git failed.
pub fn newest_changes(repository: &Path, from: ObjectId, most: usize) -> Result<Vec<Change>, ImportError> {
    let most = format!("--max-count={most}");
    let format = "--format=%x01%H%x02%s%x02";
    let listed = git(
        repository,
        &["log", "--first-parent", "-m", "--min-parents=1", "--no-renames", "--name-only", "-z", &most, format, &from.to_string()],
    )?;
    let change = |record: &str| {
        let (commit, rest) = record.split_once('\x02')?;
        let (subject, paths) = rest.split_once('\x02')?;
        let paths = paths.split(['\0', '\n']).filter(|path| !path.is_empty()).map(str::to_owned).collect();
        Some(Change { commit: commit.to_owned(), subject: subject.to_owned(), paths })
    };
    Ok(String::from_utf8_lossy(&listed).split('\x01').filter_map(change).collect())
}

fn resolve(repository: &Path, revision: &str) -> Result<ObjectId, ImportError> {
    if revision.is_empty() || revision.starts_with('-') {
        return Err(ImportError::Revision(revision.to_owned()));
    }
    let answer = git(repository, &["rev-parse", "--verify", "--end-of-options", &format!("{revision}^{{commit}}")])?;
    ObjectId::from_hex(String::from_utf8_lossy(&answer).trim()).ok_or_else(|| ImportError::Revision(revision.to_owned()))
}

fn import_tree(objects: &mut Objects, repository: &Path, commit: &str) -> Result<(), ImportError> {
    let unexpected = || ImportError::Unexpected(format!("ls-tree {commit}"));
    let listing = git(repository, &["ls-tree", "-r", "-z", "--full-tree", commit])?;
    let mut paths = Paths::new();
    for record in String::from_utf8_lossy(&listing).split_terminator('\0') {
        let (head, path) = record.split_once('\t').ok_or_else(unexpected)?;
        let mut words = head.split(' ');
        let mode = words.next().and_then(EntryMode::from_digits).ok_or_else(unexpected)?;
        let id = words.nth(1).and_then(ObjectId::from_hex).ok_or_else(unexpected)?;
        paths.insert(path.to_owned(), (mode, id));
    }
    let missing = paths.values().filter(|(mode, id)| mode.kind() == "blob" && objects.blob(*id).is_none());
    let missing: Vec<String> = missing.map(|(_, id)| id.to_string()).collect();
    for (_, bytes) in read_objects(repository, &missing)? {
        objects.add_blob(&bytes);
    }
    objects.add_paths(&paths);
    Ok(())
}

/// Reads objects by id through one `git cat-file --batch`; a thread feeds it, so that neither pipe can block the other.
fn read_objects(repository: &Path, ids: &[String]) -> Result<Vec<(String, Vec<u8>)>, ImportError> {
    let failed = |source| ImportError::Read { path: repository.display().to_string(), source };
    let unexpected = || ImportError::Unexpected("cat-file --batch".to_owned());
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut child = command(repository, &["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(failed)?;
    let mut input = child.stdin.take().ok_or_else(unexpected)?;
    let asked: String = ids.iter().map(|id| format!("{id}\n")).collect();
    let feeder = std::thread::spawn(move || input.write_all(asked.as_bytes()));
    let mut output = Vec::new();
    child.stdout.take().ok_or_else(unexpected)?.read_to_end(&mut output).map_err(failed)?;
    feeder.join().map_err(|_| unexpected())?.map_err(failed)?;
    child.wait().map_err(failed)?;
    parse_batch(&output, ids).ok_or_else(unexpected)
}

fn parse_batch(mut output: &[u8], ids: &[String]) -> Option<Vec<(String, Vec<u8>)>> {
    let mut objects = Vec::new();
    for id in ids {
        let end = output.iter().position(|byte| *byte == b'\n')?;
        let head = std::str::from_utf8(&output[..end]).ok()?;
        let size: usize = head.rsplit(' ').next()?.parse().ok()?;
        objects.push((id.clone(), output.get(end + 1..end + 1 + size)?.to_vec()));
        output = output.get(end + 2 + size..)?;
    }
    Some(objects)
}

fn git(repository: &Path, arguments: &[&str]) -> Result<Vec<u8>, ImportError> {
    let name = arguments.first().copied().unwrap_or_default().to_owned();
    let failed = |message: String| ImportError::Git { command: name.clone(), message };
    let output = command(repository, arguments).output().map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    Ok(output.stdout)
}

fn command(repository: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.current_dir(repository).args(["--literal-pathspecs", "--no-replace-objects", "-c", "core.fsmonitor=false"]).args(arguments);
    command.env("LC_ALL", "C").env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_OPTIONAL_LOCKS", "0").stdin(Stdio::null());
    command
}
