//! `astride review`: what the bot would say on a change.

mod format;
mod inputs;
mod plans;
mod sides;

use crate::change::{Answers, Change, Docs, Presentation, TreeView};
use crate::cli::judging::{self, Judging};
use crate::cli::ledger_at::{self, LedgerAt};
use crate::cli::organisation::Organisation;
use crate::cli::progress::Progress;
use crate::cli::review::format::{Also, Format, render};
use crate::cli::review::inputs::Inputs;
use crate::cli::review::sides::Compared;
use crate::cli::terminal::Terminal;
use crate::cli::{Outcome, complain, output, print, severity};
use crate::judge::LedgerTexts;
use crate::report::Report;
use crate::report::escape;
use crate::report::text::{Detail, Style, plain};
use crate::stride::rule::Severity;
use anyhow::{Result, bail};
use std::collections::BTreeSet;
use std::mem::ManuallyDrop;
use std::path::PathBuf;

/// Say what a change does to the threat model, and which threats need an answer.
///
/// Exit code: 0 nothing needs an answer, 1 something does, 2 it cannot be told.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  astride review\n  astride review --base origin/main --head HEAD\n  astride review --repo ../shop --base main --head feature --format markdown\n  astride review --base old-folder --head new-folder\n  astride review --base empty --head HEAD\n\nWords that are a revision and a folder: write ./main for the folder, refs/heads/main for the branch.\n\nAn app of the AWS CDK is judged by what it synthesises. Synthesise both sides, and give what is not in git:\n  git worktree add ../before origin/main && (cd ../before && npm ci && npx cdk synth -q -o ../inputs/base/cdk.out)\n  npx cdk synth -q -o ../inputs/head/cdk.out\n  astride review --base-input ../inputs/base --head-input ../inputs/head"
)]
pub(super) struct Arguments {
    /// The git repository.
    #[arg(long, value_name = "DIR", default_value = ".")]
    repo: PathBuf,
    /// What to compare with: a revision, and then its merge base with the head is taken; a folder, which stands for the repository's root;
    /// `empty` for nothing at all; `worktree` for the working tree. Without it, the default branch: that of `origin`, else the branch that
    /// init.defaultBranch names, else main, master or trunk. Where that is checked out itself, its last commit.
    #[arg(long, visible_alias = "base-dir", value_name = "REV or DIR")]
    base: Option<String>,
    /// What to judge: a revision, a folder, or `worktree`, the working tree with what is staged, changed and not tracked, without what is
    /// ignored. Without it, the working tree; of a bare repository, HEAD.
    #[arg(long, visible_alias = "head-dir", value_name = "REV or DIR")]
    head: Option<String>,
    #[command(flatten)]
    inputs: Inputs,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write to this file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Write the same report to a file in a further format, for example `sarif=astride.sarif`; may be repeated.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = Also::parse)]
    also: Vec<Also>,
    /// Show only threats of this severity and above, and whatever blocks: low, medium, high, critical. The verdict stays what it is, and
    /// JSON, Markdown and HTML stay whole.
    #[arg(long, value_name = "SEVERITY", value_parser = severity, default_value = "low")]
    min_severity: Severity,
    /// Print the verdict alone (text only).
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// Also list what the template covers, what is older, and every change of the model (text only).
    #[arg(short, long)]
    verbose: bool,
    /// Exit with 0 whatever the verdict is; an error still exits with 2.
    #[arg(long)]
    exit_zero: bool,
    #[command(flatten)]
    organisation: Organisation,
    #[command(flatten)]
    at: LedgerAt,
    /// How Markdown says that people answer: by commands in comments, which an App reads, or by decisions on the ledger branch alone.
    #[arg(long, value_enum, default_value_t = AnswerBy::Commands)]
    answers: AnswerBy,
    /// Where Astride's documentation is published, for links from Markdown and SARIF to the page of each rule.
    #[arg(long, value_name = "URL", value_parser = Docs::at)]
    docs_url: Option<Docs>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum AnswerBy {
    Commands,
    Ledger,
}

impl Arguments {
    fn presentation(&self) -> Presentation {
        let answers = match self.answers {
            AnswerBy::Commands => Answers::Commands,
            AnswerBy::Ledger => Answers::Ledger(self.at.ledger.clone()),
        };
        Presentation { details: None, docs: self.docs_url.clone().unwrap_or_default(), answers }
    }
}

pub(super) fn run(arguments: &Arguments, terminal: Terminal) -> Result<Outcome> {
    let mut files = BTreeSet::new();
    for file in arguments.also.iter().map(|also| &also.file).chain(&arguments.output) {
        if !files.insert(file) {
            bail!("{} is to hold two formats at once", file.display());
        }
    }
    let progress = Progress::start("judging the change");
    let (report, change) = judge(arguments)?;
    // The process ends with what it prints: the paths of a large tree are given back all at once.
    let change = ManuallyDrop::new(change);
    drop(progress);
    write(arguments, terminal, &report, &change)?;
    Ok(match report.verdict.exit() {
        _ if arguments.exit_zero => Outcome::Clear,
        0 => Outcome::Clear,
        1 => Outcome::NeedsAnswer,
        _ => Outcome::Undetermined,
    })
}

/// Writes the report in each format that is asked for.
fn write(arguments: &Arguments, terminal: Terminal, report: &Report, change: &Change) -> Result<()> {
    let detail = match (arguments.quiet, arguments.verbose) {
        (true, _) => Detail::Quiet,
        (false, true) => Detail::Verbose,
        (false, false) => Detail::Normal,
    };
    let sources = TreeView { side: &change.head, blobs: &change.blobs };
    let command = command(arguments);
    let in_file = Style { detail, least: arguments.min_severity, sources: Some(&sources), command: &command, ..Style::default() };
    for Also { format, file } in &arguments.also {
        output::write(file, &render(report, *format, &in_file))?;
    }
    if let Some(file) = &arguments.output {
        return output::write(file, &render(report, arguments.format, &in_file));
    }
    let Terminal { colour, width } = terminal;
    print(&render(report, arguments.format, &Style { colour, width, ..in_file }))
}

/// The command with what it compares, to be typed again.
fn command(arguments: &Arguments) -> String {
    let repo = Some(arguments.repo.display().to_string()).filter(|repo| repo != ".");
    let ledger = Some(arguments.at.ledger.clone()).filter(|ledger| ledger != ledger_at::BRANCH);
    let organisation = arguments.organisation.folder().map(|folder| folder.display().to_string());
    let (base, head) = (arguments.base.clone(), arguments.head.clone());
    let given = [("--repo", repo), ("--base", base), ("--head", head), ("--organisation", organisation), ("--ledger", ledger)];
    let given = given.into_iter().chain(arguments.inputs.given()).filter_map(|(flag, value)| Some(format!(" {flag} {}", quoted(&value?))));
    given.fold("astride review".to_owned(), |command, part| command + &part)
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    escape::shell(&plain(word))
}

fn judge(arguments: &Arguments) -> Result<(Report, Change)> {
    let (base, head) = (arguments.base.as_deref(), arguments.head.as_deref());
    if let Some((base, head)) = sides::are_folders(base, head) {
        let mut change = Change { presentation: arguments.presentation(), ..sides::folders(&base, &head)? };
        let chosen = arguments.inputs.place(&mut change, Some(&head))?;
        chosen.filter(|_| !arguments.quiet).into_iter().for_each(complain);
        let settings = arguments.organisation.read()?.add_to(judging::settings_in(&base));
        let report = judging::until_done(&mut change, &settings, &LedgerTexts::empty(), judging::now(), |_, _| Ok(()))?;
        return Ok((report, change));
    }
    let mut judging = Judging::open(&arguments.repo, &arguments.at)?.with(arguments.organisation.read()?);
    let Compared { mut change, settings_in, chosen, worktree } = sides::find(&mut judging, base, head)?;
    let choices = chosen.into_iter().chain(arguments.inputs.words().map(str::to_owned));
    choices.filter(|_| !arguments.quiet).for_each(|chosen| complain(&chosen));
    let chosen = arguments.inputs.place(&mut change, worktree.as_deref())?;
    chosen.filter(|_| !arguments.quiet).into_iter().for_each(complain);
    change.presentation = arguments.presentation();
    let report = match settings_in {
        Some(folder) => {
            let settings = judging.settings_of(&folder);
            judging.judge_by(&settings, &mut change, judging::now())?
        }
        None => judging.judge(&mut change, judging::now())?,
    };
    Ok((report, change))
}
