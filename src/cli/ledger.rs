//! `astride ledger`: the audit trail that the ledger branch is.
//!
//! Comes in: a clone with the branch, and what of it is wanted. Goes out: its decisions as text or as documents for an auditor, and whether
//! the branch only grew. Nothing is fetched and nothing is written.

use crate::change::{Day, ObjectId};
use crate::cli::git::Repository;
use crate::cli::organisation::Organisation;
use crate::cli::terminal::Terminal;
use crate::cli::{Outcome, complain, day, judging, output, print};
use crate::decisions::Verdict;
use crate::decisions::trail::{self, Entry, same_threat};
use crate::report::audit::{Audit, Release, Wanted, csv, html, json, text};
use crate::report::text::Style;
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Read the decisions of the ledger branch: what was decided, by whom, by what right, and what became of it.
///
/// The branch is read in this clone: `git fetch origin astride-ledger` brings it. Of a ledger in a repository of its own, fetch its branch
/// into the clone of the code, and name the repository by its number.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  astride ledger log --since 2026-10-01\n  astride ledger show IntakeFn/S-8b94e136\n  astride ledger verify --from 4f2c9d1\n  astride ledger export --release v1.4..v1.5 --format html -o decisions.html"
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// List decisions, emergencies and words about them, newest first.
    Log {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        narrowing: Narrowing,
    },
    /// Print all that was said of one threat, of one pull request, or in one commit of the ledger, oldest first.
    Show {
        #[command(flatten)]
        place: Place,
        /// The ID of a threat or its fingerprint, #12 for a pull request, or a commit of the ledger.
        what: String,
    },
    /// Hold the branch to what it is for: each commit appends decisions that can be read, and changes nothing that stood there before.
    ///
    /// Signatures are counted and not checked. Exit code: 0 the branch only grew, 1 it was changed or has a file that cannot be read, 2 it
    /// could not be told.
    Verify {
        #[command(flatten)]
        place: Place,
        /// A commit that the branch was at before, as an earlier `verify` or a check on a pull request named it: it must have grown from there.
        #[arg(long, value_name = "COMMIT")]
        from: Option<String>,
    },
    /// Write the whole trail for an auditor.
    ///
    /// Exit code: 0 it is whole, 1 the branch was changed or has a file that cannot be read, 2 it could not be told.
    Export {
        #[command(flatten)]
        place: Place,
        #[command(flatten)]
        narrowing: Narrowing,
        #[command(flatten)]
        organisation: Organisation,
        #[arg(long, value_enum, default_value_t = Format::Json)]
        format: Format,
        /// Write to this file instead of standard output.
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

/// Where the branch is.
#[derive(clap::Args)]
struct Place {
    /// The git repository.
    #[arg(long, value_name = "DIR", default_value = ".")]
    repo: PathBuf,
    /// The branch with the decisions.
    #[arg(long, value_name = "BRANCH", default_value = "astride-ledger")]
    ledger: String,
    /// Only what is about the repository with this number on the forge.
    #[arg(long, value_name = "NUMBER")]
    repository_id: Option<u64>,
}

/// Which of its entries.
#[derive(clap::Args)]
struct Narrowing {
    /// Only what was said on this day or later, in UTC.
    #[arg(long, value_name = "DAY", value_parser = day)]
    since: Option<Day>,
    /// Only what was said on this day or before, in UTC.
    #[arg(long, value_name = "DAY", value_parser = day)]
    until: Option<Day>,
    /// Only what was said of the commits of a release: v1.5 for all up to it, v1.4..v1.5 for those that came with it.
    #[arg(long, value_name = "REV[..REV]")]
    release: Option<String>,
    /// Only these verdicts: accepted, deferred, emergency, …
    #[arg(long, value_name = "VERDICT", value_parser = verdict, value_delimiter = ',')]
    verdict: Vec<Verdict>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// One JSON document; docs/ledger-export.schema.json describes it.
    Json,
    /// A table for spreadsheets.
    Csv,
    /// One page for a browser or a printer.
    Html,
}

fn verdict(word: &str) -> Result<Verdict, String> {
    let known = || Verdict::ALL.map(Verdict::word).join(", ");
    Verdict::ALL.into_iter().find(|verdict| verdict.word() == word).ok_or_else(|| format!("one of {}", known()))
}

pub(super) fn run(arguments: &Arguments, terminal: Terminal) -> Result<Outcome> {
    let style = Style { colour: terminal.colour, width: terminal.width, ..Style::default() };
    match &arguments.action {
        Action::Log { place, narrowing } => {
            let audit = place.audit(Some(narrowing))?;
            print(&text::log(&audit, &style))?;
            Ok(Outcome::Clear)
        }
        Action::Show { place, what } => {
            let audit = place.audit(None)?;
            let entries = meant(&audit.entries, what)?;
            print(&text::show(&entries, &style))?;
            Ok(Outcome::Clear)
        }
        Action::Verify { place, from } => {
            let mut read = place.read()?;
            if let Some(from) = from {
                read.hold_to(from)?;
            }
            print(&text::verified(&read.audit, &style))?;
            Ok(outcome(&read.audit))
        }
        Action::Export { place, narrowing, organisation, format, output } => {
            let own_rules = organisation.read()?.own.rules().to_vec();
            let audit = Audit { own_rules, ..place.audit(Some(narrowing))? };
            let rendered = match format {
                Format::Json => json::render(&audit),
                Format::Csv => csv::render(&audit),
                Format::Html => html::render(&audit),
            };
            match output {
                Some(file) => output::write(file, &rendered)?,
                None => print(&rendered)?,
            }
            audit.growth.broken.iter().chain(&audit.unplaced_in_words()).for_each(|line| complain(line));
            Ok(outcome(&audit))
        }
    }
}

fn outcome(audit: &Audit) -> Outcome {
    match (audit.is_sound(), audit.growth.broken.is_empty() && audit.unreadable.is_empty()) {
        (true, _) => Outcome::Clear,
        (false, false) => Outcome::NeedsAnswer,
        (false, true) => Outcome::Undetermined,
    }
}

/// The branch as it was read.
struct Read {
    repository: Repository,
    commits: Vec<ObjectId>,
    audit: Audit,
}

impl Read {
    /// The branch must have grown from a commit that it was at.
    fn hold_to(&mut self, from: &str) -> Result<()> {
        let broken = match self.repository.find_commit(from)? {
            Some(id) if self.commits.contains(&id) => return Ok(()),
            Some(_) => format!("the branch does not descend from {from}, where it was before"),
            // A commit that the branch lost may be gone from the clone too, or never have been in it.
            None => format!("{from} is no commit of this clone: the branch has lost it, or it is not spelt so"),
        };
        self.audit.growth.broken.push(broken);
        Ok(())
    }
}

impl Place {
    fn read(&self) -> Result<Read> {
        let mut repository = Repository::open(&self.repo)?;
        let branch = self.ledger.as_str();
        let stand = repository.ledger_stand(&self.repo, branch)?;
        let side = stand.side.with_context(|| {
            format!("there is no branch {branch} here\nhint: `git fetch origin {branch}:{branch}` brings it, if anything was decided yet")
        })?;
        let history = repository.ledger_history(&self.repo, &side)?;
        let trail = trail::read(&history.files, judging::now());
        let mut entries = trail.entries;
        for entry in &mut entries {
            entry.commit = history.brought.get(&entry.file).and_then(|commits| commits.get(entry.index)).copied();
        }
        let audit = Audit {
            branch: branch.to_owned(),
            tip: side.commit,
            asked: Vec::new(),
            entries,
            unreadable: trail.unreadable,
            unplaced: 0,
            growth: history.growth,
            own_rules: Vec::new(),
        };
        Ok(Read { repository, commits: history.commits, audit })
    }

    /// What is wanted of the branch.
    fn audit(&self, narrowing: Option<&Narrowing>) -> Result<Audit> {
        let Read { mut repository, audit, .. } = self.read()?;
        let mut wanted = Wanted { repository: self.repository_id, ..Wanted::default() };
        if let Some(narrowing) = narrowing {
            wanted.since = narrowing.since;
            wanted.until = narrowing.until;
            wanted.verdicts = narrowing.verdict.iter().copied().collect();
            wanted.release = narrowing.release.as_ref().map(|name| self.release(&mut repository, name)).transpose()?;
        }
        Ok(audit.narrowed(&wanted))
    }

    /// The commits that came with a release.
    fn release(&self, repository: &mut Repository, name: &str) -> Result<Release> {
        let (from, to) = match name.split_once("..") {
            Some((from, to)) => (Some(from), to),
            None => (None, name),
        };
        let mut all = |revision: &str| -> Result<BTreeSet<ObjectId>> {
            let tip = repository.commit(revision)?;
            Ok(repository.ancestors(&self.repo, tip)?.into_iter().collect())
        };
        let earlier = from.map(&mut all).transpose()?.unwrap_or_default();
        let commits = all(to)?.difference(&earlier).copied().collect();
        Ok(Release { name: name.to_owned(), commits, earlier })
    }
}

/// What people name: a threat with all that was said of it at whatever facts, a pull request, a commit of the ledger.
fn meant<'e>(entries: &'e [Entry], what: &str) -> Result<Vec<&'e Entry>> {
    let is_hex = what.len() >= 7 && what.bytes().all(|byte| byte.is_ascii_hexdigit());
    let word = what.to_ascii_lowercase();
    let named = |entry: &&Entry| match what.strip_prefix('#').map(str::parse::<u64>) {
        Some(number) => number.is_ok_and(|number| number > 0 && entry.block.pull == number),
        None => {
            let digits = [Some(entry.block.fingerprint.to_string()), entry.commit.map(|commit| commit.to_string())];
            entry.block.threat == what || (is_hex && digits.into_iter().flatten().any(|digits| digits.starts_with(&word)))
        }
    };
    let found: Vec<&Entry> = entries.iter().filter(named).collect();
    if found.is_empty() {
        bail!("nothing in the ledger is named {what}\nhint: `astride ledger log` lists what there is");
    }
    if what.starts_with('#') || is_hex {
        return Ok(found);
    }
    let is_about =
        |entry: &&Entry| found.iter().any(|found| found.repository == entry.repository && same_threat(&found.block, &entry.block));
    Ok(entries.iter().filter(is_about).collect())
}
