//! `astride survey`: what the bot would have said of the changes of a branch.

use crate::change::{Blobs, Change, ObjectId, Readings, Side};
use crate::cli::git::{Commit, Repository, Selection, Trees};
use crate::cli::judging::Judging;
use crate::cli::ledger_at::LedgerAt;
use crate::cli::organisation::Organisation;
use crate::cli::progress::Progress;
use crate::cli::{Outcome, output, print};
use crate::report::survey::{LookedAt, Said, Survey, Surveyed, html, json, text};
use anyhow::{Result, bail};
use std::path::{Path, PathBuf};

/// How many changes are surveyed where nobody says how many.
const LAST: usize = 300;
/// Bytes of readings that are kept for the next changes, about.
const READINGS: usize = 512 * 1024 * 1024;

/// Most trees that are kept for the next changes.
const TREES: usize = 50_000;

/// Say what the bot would have said of the changes of a branch: what to read before switching it on.
///
/// Each commit of the branch's first-parent history is one change, a merge as well as a squashed or rebased commit, and is compared with
/// its first parent. Settings are those of its base, decisions those of the ledger branch. Nothing is fetched and nothing is written.
/// Exit code: 0 the survey was made, 2 it was not.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  astride survey\n  astride survey ../shop --since 90.days --format html -o survey.html\n  astride survey shop.git --branch main --last 1000 --merges --format json"
)]
pub(super) struct Arguments {
    /// The git repository, or a bare clone of it.
    #[arg(value_name = "REPO", default_value = ".")]
    repo: PathBuf,
    /// Only changes since then: `90.days`, `2026-09-01`, as `git log --since` takes it.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only the newest changes, this many; 300 where neither this nor --since is given.
    #[arg(long, value_name = "NUMBER")]
    last: Option<usize>,
    /// The branch that changes come in on; else the default branch of `origin`, else the one that is checked out.
    #[arg(long, value_name = "BRANCH")]
    branch: Option<String>,
    /// Only merge commits: where pull requests are merged so, all else was pushed past them.
    #[arg(long, conflicts_with = "commits")]
    merges: bool,
    /// Every commit of the first-parent history, which is what is done by default: where pull requests are squashed or rebased, there are
    /// no merges.
    #[arg(long)]
    commits: bool,
    /// These commits instead of a history, each against its first parent.
    #[arg(long, value_name = "SHA", value_delimiter = ',', conflicts_with_all = ["since", "last", "branch", "merges", "commits"])]
    only: Vec<String>,
    #[command(flatten)]
    organisation: Organisation,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write to this file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Where the repository is browsed, for links to lines: https://github.com/owner/name, or https://gitlab.com/owner/name/-; by default
    /// that of `origin`, if it is on github.com.
    #[arg(long, value_name = "URL")]
    link: Option<String>,
    #[command(flatten)]
    at: LedgerAt,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For a terminal.
    Text,
    /// One JSON document; docs/survey.schema.json describes it.
    Json,
    /// One page for a browser.
    Html,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome> {
    let progress = Progress::start("surveying the changes");
    let survey = survey(arguments)?;
    drop(progress);
    let rendered = match arguments.format {
        Format::Text => text::render(&survey),
        Format::Json => json::render(&survey) + "\n",
        Format::Html => html::render(&survey),
    };
    match &arguments.output {
        Some(file) => output::write(file, &rendered)?,
        None => print(&rendered)?,
    }
    Ok(Outcome::Clear)
}

fn survey(arguments: &Arguments) -> Result<Survey> {
    let folder = arguments.repo.as_path();
    let mut judging = Judging::open(folder, &arguments.at)?.with(arguments.organisation.read()?);
    let web_url = match &arguments.link {
        Some(link) => checked(link)?,
        None => Repository::origin(folder).as_deref().and_then(web_url).unwrap_or_default(),
    };
    let (branch, commits) = commits(arguments, folder, &mut judging.repository)?;
    let mut survey = Survey::of(name(folder, &web_url), web_url, branch);
    let mut kept = Kept { trees: Trees::default(), readings: Readings::keeping(READINGS), last: None };
    // From the oldest to the newest, since what one change leads to is where the next one begins.
    for id in commits.into_iter().rev() {
        take(arguments, &mut judging, id, &mut kept, &mut survey)?;
    }
    survey.changes.reverse();
    Ok(survey)
}

/// The name of the branch, and the commits to survey, newest first.
fn commits(arguments: &Arguments, folder: &Path, repository: &mut Repository) -> Result<(String, Vec<ObjectId>)> {
    if !arguments.only.is_empty() {
        // A commit that is not here is a change that cannot be judged; any other word that names nothing is a mistake.
        let named = arguments.only.iter().map(|word| ObjectId::from_hex(word).map_or_else(|| repository.commit(word), Ok));
        return Ok(("named commits".to_owned(), named.collect::<Result<_>>()?));
    }
    let (branch, tip) = repository.branch(folder, arguments.branch.as_deref())?;
    let last = arguments.last.or_else(|| arguments.since.is_none().then_some(LAST));
    let selection = Selection { since: arguments.since.as_deref(), last, merges_only: arguments.merges };
    Ok((branch, repository.first_parents(folder, tip, &selection)?))
}

/// What one change leaves for the next.
struct Kept {
    trees: Trees,
    readings: Readings,
    /// The side that the last change led to.
    last: Option<Side>,
}

/// Takes a commit in. At the end of a history there is one that cannot be compared with anything, and is no change.
fn take(arguments: &Arguments, judging: &mut Judging<'_>, id: ObjectId, kept: &mut Kept, survey: &mut Survey) -> Result<()> {
    let commit = match judging.repository.describe(id) {
        Ok(commit) => commit,
        Err(error) => {
            survey.changes.push(Surveyed::failed(id, format!("{error:#}")));
            return Ok(());
        }
    };
    let base = match commit.parents.first().copied() {
        Some(base) if judging.repository.has_commit(base)? => base,
        parent => {
            if arguments.only.is_empty() {
                survey.shallow_at = parent.map(|_| id);
            } else {
                survey.changes.push(Surveyed::failed(id, "its first parent is not in this repository, or it has none".to_owned()));
            }
            return Ok(());
        }
    };
    let said = said(judging, &commit, base, kept).map_err(|error| format!("{error:#}"));
    survey.take(LookedAt { commit: id, base, at: commit.at, subject: commit.subject }, said);
    Ok(())
}

/// What would have been said, judged as on the day of the commit; `None` where the change touches nothing that is read, and nothing would
/// have been.
fn said(judging: &mut Judging<'_>, commit: &Commit, base: ObjectId, kept: &mut Kept) -> Result<Option<Said>> {
    if kept.trees.len() > TREES {
        kept.trees.clear();
    }
    let base = match kept.last.take().filter(|side| side.commit == base) {
        Some(side) => side,
        None => judging.repository.side(base, &mut kept.trees)?,
    };
    let head = judging.repository.side(commit.id, &mut kept.trees)?;
    let mut change = Change { readings: kept.readings.clone(), ..Change::between(base, head, Blobs::new()) };
    let report = judging.judge(&mut change, commit.at);
    kept.last = Some(change.head);
    Ok(Said::if_any(&report?))
}

/// What people call the repository: `owner/name`, or the folder's name.
fn name(folder: &Path, web_url: &str) -> String {
    let path = web_url.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map(|(_, path)| path.to_owned());
    path.unwrap_or_else(|| {
        let full = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let names: Vec<_> = full.iter().map(|name| name.to_string_lossy()).filter(|name| name != ".git").collect();
        names.last().map_or_else(|| "repository".to_owned(), |name| name.strip_suffix(".git").unwrap_or(name).to_owned())
    })
}

/// The page of a repository on github.com, from the address that it is cloned from.
fn web_url(origin: &str) -> Option<String> {
    const FORMS: [&str; 4] = ["https://github.com/", "ssh://git@github.com/", "git@github.com:", "git://github.com/"];
    let path = FORMS.iter().find_map(|form| origin.strip_prefix(form))?;
    let path = path.trim_end_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path);
    let is_plain = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    let (owner, name) = path.split_once('/')?;
    (is_plain(owner) && is_plain(name)).then(|| format!("https://github.com/{owner}/{name}"))
}

/// An address that links can begin with.
fn checked(link: &str) -> Result<String> {
    let link = link.trim_end_matches('/');
    if !(link.starts_with("https://") || link.starts_with("http://")) || link.chars().any(char::is_whitespace) {
        bail!("`{link}` is no address of a page\nhint: --link https://github.com/owner/name");
    }
    Ok(link.to_owned())
}

#[cfg(test)]
mod tests {
    use super::web_url;

    #[test]
    fn pages_are_derived_from_addresses_on_github_alone() {
        for (origin, expected) in [
            ("https://github.com/acme/shop.git", Some("https://github.com/acme/shop")),
            ("git@github.com:acme/shop.git", Some("https://github.com/acme/shop")),
            ("ssh://git@github.com/acme/shop", Some("https://github.com/acme/shop")),
            ("https://token@github.com/acme/shop", None),
            ("https://github.com.evil.example/acme/shop", None),
            ("https://github.com/acme/shop\"onclick", None),
            ("../shop", None),
        ] {
            assert_eq!(web_url(origin).as_deref(), expected, "{origin}");
        }
    }
}
