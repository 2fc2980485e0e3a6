//! Running `git`, and what is said when it fails.
//!
//! Comes in: a folder and arguments of ours. Goes out: what git printed, or an error in git's own words with a hint where there is one.
//! Runs nothing of the repository's own (no hooks, filters, text conversions or external diffs) and asks nobody anything.

use anyhow::{Context, Error, Result, anyhow, bail};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Output, Stdio};

/// Most characters of git's own words that are shown.
const MAX_SHOWN: usize = 2_000;
/// Most bytes of git's complaints that are kept.
const MAX_COMPLAINTS: u64 = 64 * 1024;
/// As much as a pipe holds.
const BUFFER: usize = 64 * 1024;
/// The folder of a command line that names none.
const HERE: &str = ".";
/// Variables by which git finds a repository other than the one that lies in a folder, <https://git-scm.com/docs/git#_environment_variables>;
/// git sets some of them for its hooks.
const PLACES: [&str; 8] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_WORK_TREE",
];

/// What git prints for these arguments.
///
/// # Errors
/// `git` could not be run, or ended with anything but success.
pub(super) fn run(folder: &Path, arguments: &[&str]) -> Result<String> {
    Ok(String::from_utf8_lossy(&run_bytes(folder, arguments)?).into_owned())
}

/// The same, byte for byte: names of files need not be UTF-8.
///
/// # Errors
/// As `run`.
pub(super) fn run_bytes(folder: &Path, arguments: &[&str]) -> Result<Vec<u8>> {
    let output = git(folder).args(arguments).output().context("git could not be run")?;
    checked(arguments, output)
}

/// What a `git` command prints that is fed with these bytes.
///
/// # Errors
/// As `run`.
pub(super) fn feed(mut command: Command, arguments: &[&str], input: Vec<u8>) -> Result<Vec<u8>> {
    let mut child = command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("git could not be run")?;
    let writer = child.stdin.take().map(|mut to| std::thread::spawn(move || to.write_all(&input)));
    let output = child.wait_with_output().context("git could not be waited for")?;
    // A process that ends before it has read everything says why itself.
    if let Some(writer) = writer {
        let _ = writer.join();
    }
    checked(arguments, output)
}

/// Hands over what `git` prints, record by record, each of which a NUL ends; each as soon as it is there.
///
/// # Errors
/// As `run`, or what `take` fails with. What comes after that is not read.
pub(super) fn each_record(folder: &Path, arguments: &[&str], take: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let mut child = git(folder).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().context("git could not be run")?;
    let (Some(output), Some(errors)) = (child.stdout.take(), child.stderr.take()) else { bail!("git gave no pipes") };
    let complaints = std::thread::spawn(move || words(errors));
    let mut output = BufReader::with_capacity(BUFFER, output);
    let mut record = Vec::new();
    let mut taken = Ok(());
    while taken.is_ok() && output.read_until(0, &mut record).context("git could not be read from")? > 0 {
        // What no NUL ends was cut off; how git ended says why.
        taken = record.strip_suffix(&[0]).map_or(Ok(()), &mut *take);
        record.clear();
    }
    drop(output);
    let status = child.wait().context("git could not be waited for")?;
    taken?;
    let verb = arguments.first().copied().unwrap_or_default();
    let complaints = complaints.join().unwrap_or_default();
    if status.success() { Ok(()) } else { Err(failure(verb, Some(status), &complaints)) }
}

/// What a process complains of; the rest is read and forgotten, so that it never waits for a reader.
pub(super) fn words(mut errors: impl Read) -> String {
    let mut words = Vec::new();
    let _ = (&mut errors).take(MAX_COMPLAINTS).read_to_end(&mut words);
    let _ = io::copy(&mut errors, &mut io::sink());
    String::from_utf8_lossy(&words).into_owned()
}

fn checked(arguments: &[&str], output: Output) -> Result<Vec<u8>> {
    if output.status.success() {
        return Ok(output.stdout);
    }
    let verb = arguments.first().copied().unwrap_or_default();
    Err(failure(verb, Some(output.status), &String::from_utf8_lossy(&output.stderr)))
}

/// A `git` command that runs nothing of the repository's own, and takes each object and each parent for what its id says: what
/// `refs/replace` and `info/grafts` put in their place is not followed.
///
/// A folder that is named is the one that is read, whatever the environment says.
pub(in crate::cli) fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(folder)
        .args(["--literal-pathspecs", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"])
        .env("LC_ALL", "C")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("GIT_GRAFT_FILE", "/dev/null")
        .stdin(Stdio::null());
    if folder != Path::new(HERE) {
        PLACES.iter().for_each(|name| {
            command.env_remove(name);
        });
    }
    command
}

/// An error of git in its own words, and what to do about it.
pub(super) fn failure(verb: &str, status: Option<ExitStatus>, words: &str) -> Error {
    let words: String = words.trim().chars().take(MAX_SHOWN).collect();
    let ended = match status {
        Some(status) => status.to_string(),
        None => "no exit status".to_owned(),
    };
    let said = if words.is_empty() { format!("it said nothing ({ended})") } else { words };
    match hint(&said) {
        Some(hint) => anyhow!("git {verb} failed: {said}\nhint: {hint}"),
        None => anyhow!("git {verb} failed: {said}"),
    }
}

fn hint(words: &str) -> Option<&'static str> {
    const HINTS: [(&str, &str); 4] = [
        ("not a git repository", "name one with --repo, or compare two folders with --base DIR --head DIR"),
        ("dubious ownership", "the folder belongs to another user; if you trust it, run the command that git names above"),
        ("No such file or directory", "check the path behind --repo"),
        ("missing blob", "the clone is partial; fetch the missing objects with `git fetch --refetch --filter=` first"),
    ];
    HINTS.into_iter().find(|(part, _)| words.contains(part)).map(|(_, hint)| hint)
}
