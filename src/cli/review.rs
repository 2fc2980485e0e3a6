//! `astride review`: what the bot would say on a change.

use crate::change::{Blobs, Change};
use crate::cli::disk;
use crate::cli::judging::{self, Judging};
use crate::cli::progress::Progress;
use crate::cli::{Outcome, print};
use crate::judge::LedgerTexts;
use crate::report::text::Colour;
use crate::report::{Report, comment, html, json, sarif, text};
use crate::settings::{self, SettingsTexts};
use crate::source::RepoPath;
use anyhow::Result;
use std::fs;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

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
    let report = judge(arguments)?;
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
        let mut change = Change::between(base, head, blobs);
        let text = fs::read_to_string(base_folder.join(settings::PATH)).ok();
        let settings = SettingsTexts { in_force: text.map(|text| (RepoPath::new(settings::PATH), text)), ..SettingsTexts::default() };
        return judging::until_done(&mut change, &settings, LedgerTexts::default(), judging::now(), |_, _, _| Ok(()));
    }
    let mut judging = Judging::open(&arguments.repo, &arguments.ledger)?;
    let sides = judging.repository.sides(&arguments.repo, &arguments.base, &arguments.head)?;
    let mut change = Change { base_tip: sides.base_tip, ..Change::between(sides.base, sides.head, Blobs::new()) };
    judging.judge(&mut change, judging::now())
}
