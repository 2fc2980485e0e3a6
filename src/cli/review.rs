//! `astride review`: what the bot would say on a change.

use crate::change::{Blobs, Change, ObjectId, Timestamp};
use crate::cli::disk;
use crate::cli::git::Repository;
use crate::cli::progress::Progress;
use crate::cli::{Outcome, print};
use crate::decisions::ledger_text;
use crate::judge::{self, LedgerTexts, Needs, Step};
use crate::report::text::Colour;
use crate::report::{Report, comment, html, json, sarif, text};
use crate::settings::{self, SettingsTexts};
use crate::source::RepoPath;
use anyhow::{Result, bail};
use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// Most times that judgement may ask for more files.
const MAX_ROUNDS: usize = 20;

/// Say what a change does to the threat model, and which threats need an answer.
///
/// Exit code: 0 nothing needs an answer, 1 something does, 2 it cannot be told.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  astride review --base origin/main --head HEAD\n  astride review --repo ../shop --base main --head feature --format markdown\n  astride review --base old-folder --head new-folder\n\nAn app of the AWS CDK is judged by what it synthesises. Synthesise both sides and give the two folders:\n  git worktree add ../before origin/main && (cd ../before && npm ci && npx cdk synth -q)\n  npx cdk synth -q\n  astride review --base-dir ../before/cdk.out --head-dir cdk.out"
)]
pub(super) struct Arguments {
    /// The git repository.
    #[arg(long, value_name = "DIR", default_value = ".")]
    repo: PathBuf,
    /// A revision, or a folder. Of two revisions, the merge base is what the head is compared with.
    #[arg(long, visible_alias = "base-dir", value_name = "REV or DIR")]
    base: String,
    /// A revision, or a folder.
    #[arg(long, visible_alias = "head-dir", value_name = "REV or DIR", default_value = "HEAD")]
    head: String,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The branch with the decisions, if the repository has it.
    #[arg(long, value_name = "BRANCH", default_value = "astride-ledger")]
    ledger: String,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For a terminal.
    Text,
    /// The comment that the bot would write.
    Markdown,
    /// One JSON document; ARCHITECTURE.md describes it.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// One page for a browser, or to attach to a ticket.
    Html,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome> {
    let progress = Progress::start("judging the change");
    // Whether the App's check only advises is of no concern here: who runs this reads its exit code.
    let report = Report { advise: false, ..judge(arguments)? };
    drop(progress);
    let colour = if std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() { Colour::Ansi } else { Colour::Never };
    match arguments.format {
        Format::Text => print(&text::render(&report, colour))?,
        Format::Markdown => print(&comment::render_edit(&report))?,
        Format::Json => print(&(json::report(&report) + "\n"))?,
        Format::Sarif => print(&format!("{:#}\n", sarif::render(&report)))?,
        Format::Html => print(&html::render(&report))?,
    }
    Ok(match report.verdict.exit() {
        0 => Outcome::Clear,
        1 => Outcome::NeedsAnswer,
        _ => Outcome::Undetermined,
    })
}

fn judge(arguments: &Arguments) -> Result<Report> {
    let (base_folder, head_folder) = (Path::new(&arguments.base), Path::new(&arguments.head));
    if base_folder.is_dir() && head_folder.is_dir() {
        let mut blobs = Blobs::new();
        let base = disk::side(base_folder, &mut blobs)?;
        let head = disk::side(head_folder, &mut blobs)?;
        let change = Change::between(base, head, blobs);
        let text = fs::read_to_string(base_folder.join(settings::PATH)).ok();
        let settings = SettingsTexts { in_force: text.map(|text| (RepoPath::new(settings::PATH), text)), ..SettingsTexts::default() };
        return until_done(change, &settings, LedgerTexts::default(), |_, _, _| Ok(()));
    }
    let mut repository = Repository::open(&arguments.repo)?;
    let sides = repository.sides(&arguments.repo, &arguments.base, &arguments.head)?;
    let settings = settings_texts(&mut repository, sides.base_tip)?;
    let ledger = repository.ledger(&arguments.ledger)?;
    let change = Change { base_tip: sides.base_tip, ..Change::between(sides.base, sides.head, Blobs::new()) };
    let tip = LedgerTexts { tip: ledger.as_ref().map(|(tip, _)| *tip), branch: arguments.ledger.clone(), ..LedgerTexts::default() };
    until_done(change, &settings, tip, |needs, change, texts| {
        repository.fetch(&change.base, &needs.base, &mut change.blobs)?;
        repository.fetch(&change.head, &needs.head, &mut change.blobs)?;
        for path in &needs.history {
            let versions = repository.versions(&arguments.repo, change.base.commit, path, &mut change.blobs)?;
            change.history.insert(path.clone(), versions);
        }
        for unit in &needs.ledger {
            let text = ledger.as_ref().and_then(|(_, files)| files.get(&ledger_text::file_name(unit)).cloned());
            texts.files.insert(unit.clone(), text);
        }
        Ok(())
    })
}

/// The settings at the base branch's tip, and where they do not parse those that did before.
fn settings_texts(repository: &mut Repository, base_tip: ObjectId) -> Result<SettingsTexts> {
    let path = RepoPath::new(settings::PATH);
    let Some(text) = repository.text_at(base_tip, settings::PATH)? else { return Ok(SettingsTexts::default()) };
    let is_valid = |text: &str| settings::parse(&path, text).is_ok();
    let last_valid = if is_valid(&text) { None } else { repository.last_valid(base_tip, settings::PATH, is_valid)? };
    Ok(SettingsTexts { in_force: Some((path.clone(), text)), last_valid, ..SettingsTexts::default() })
}

/// Judges, fetches what is missing, and judges again.
fn until_done(
    mut change: Change,
    settings: &SettingsTexts,
    mut ledger: LedgerTexts,
    mut fetch: impl FnMut(&Needs, &mut Change, &mut LedgerTexts) -> Result<()>,
) -> Result<Report> {
    let now = Timestamp(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(0)));
    for _ in 0..MAX_ROUNDS {
        match judge::judge(&change, settings, &ledger, now) {
            Step::Done(report) => return Ok(*report),
            Step::Needs(needs) => {
                for unit in &needs.ledger {
                    ledger.files.entry(unit.clone()).or_default();
                }
                for path in &needs.history {
                    change.history.entry(path.clone()).or_default();
                }
                fetch(&needs, &mut change, &mut ledger)?;
            }
        }
    }
    bail!("after {MAX_ROUNDS} rounds some file still names another one")
}
