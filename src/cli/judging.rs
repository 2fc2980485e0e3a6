//! A change of a local repository, put together and judged: what `review` does once and `survey` for each change of a branch.
//!
//! Comes in: a repository and the two sides. Goes out: the report. Settings and decisions are those of the base.

use crate::change::{Blobs, Change, ObjectId, Side, Timestamp};
use crate::cli::git::Repository;
use crate::cli::ledger_at::LedgerAt;
use crate::cli::organisation::Given;
use crate::judge::{self, LedgerTexts, Needs, Step};
use crate::report::Report;
use crate::report::register::Register;
use crate::settings::{self, SettingsTexts};
use crate::source::RepoPath;
use anyhow::{Result, bail};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Most times that judgement may ask for more files.
const MAX_ROUNDS: usize = 20;

/// A repository whose changes are judged, with its decisions.
pub(super) struct Judging<'r> {
    folder: &'r Path,
    pub(super) repository: Repository,
    branch: String,
    /// The ledger branch's tip and its files by name; `None` where there is no such branch.
    ledger: Option<(ObjectId, Arc<BTreeMap<String, String>>)>,
    organisation: Given,
}

impl<'r> Judging<'r> {
    /// Opens the repository that the folder lies in, and reads the branch with the decisions.
    ///
    /// # Errors
    /// As `Repository::open` and `Repository::ledger`.
    pub(super) fn open(folder: &'r Path, at: &LedgerAt) -> Result<Self> {
        let mut repository = Repository::open(folder)?;
        let ledger = repository.ledger(at)?.map(|(tip, files)| (tip, Arc::new(files)));
        Ok(Self { folder, repository, branch: at.ledger.clone(), ledger, organisation: Given::default() })
    }

    /// With what an organisation adds to the settings of each side.
    #[must_use]
    pub(super) fn with(self, organisation: Given) -> Self {
        Self { organisation, ..self }
    }

    /// The folder that it was opened by.
    pub(super) fn folder(&self) -> &'r Path {
        self.folder
    }

    /// Judges a change whose files have not been fetched yet, by the settings of its base.
    ///
    /// # Errors
    /// An object is missing, the object reader died, or the files name one another without an end.
    pub(super) fn judge(&mut self, change: &mut Change, now: Timestamp) -> Result<Report> {
        let settings = self.settings_texts(change.base_tip)?;
        self.judge_by(&settings, change, now)
    }

    /// The same by other settings.
    ///
    /// # Errors
    /// As `judge`.
    pub(super) fn judge_by(&mut self, settings: &SettingsTexts, change: &mut Change, now: Timestamp) -> Result<Report> {
        let ledger = self.ledger_texts();
        until_done(change, settings, &ledger, now, |needs, change| self.fetch(needs, change))
    }

    /// All threats of one side, by its own settings.
    ///
    /// # Errors
    /// As `judge`.
    pub(super) fn register(&mut self, settings: &SettingsTexts, side: Side, blobs: Blobs, now: Timestamp) -> Result<Register> {
        let mut change = judge::register::change(side, blobs);
        let ledger = self.ledger_texts();
        let step = |change: &Change| judge::register::register(change, settings, &ledger, now);
        rounds(&mut change, step, |needs, change| self.fetch(needs, change))
    }

    fn ledger_texts(&self) -> LedgerTexts {
        let all = self.ledger.as_ref().map(|(_, files)| files.clone()).unwrap_or_default();
        let tip = self.ledger.as_ref().map(|(tip, _)| *tip);
        LedgerTexts { tip, branch: self.branch.clone(), all: Some(all), ..LedgerTexts::default() }
    }

    fn fetch(&mut self, needs: &Needs, change: &mut Change) -> Result<()> {
        self.repository.fetch(&change.base, &needs.base, &mut change.blobs)?;
        self.repository.fetch(&change.head, &needs.head, &mut change.blobs)?;
        // What is no commit has no ancestors.
        let has_history = change.base.commit != ObjectId([0; 20]);
        for path in needs.history.iter().filter(|_| has_history) {
            let versions = self.repository.versions(self.folder, change.base.commit, path, &mut change.blobs)?;
            change.history.insert(path.clone(), versions);
        }
        Ok(())
    }

    /// The settings at the base branch's tip, and where they do not parse those that did before.
    pub(super) fn settings_texts(&mut self, base_tip: ObjectId) -> Result<SettingsTexts> {
        let path = RepoPath::new(settings::PATH);
        let Some(text) = self.repository.text_at(base_tip, settings::PATH)? else {
            return Ok(self.organisation.add_to(SettingsTexts::default()));
        };
        let is_valid = |text: &str| settings::parse(&path, text).is_ok();
        let last_valid = if is_valid(&text) { None } else { self.repository.last_valid(base_tip, settings::PATH, is_valid)? };
        let texts = SettingsTexts { in_force: Some((path.clone(), text)), last_valid, ..SettingsTexts::default() };
        Ok(self.organisation.add_to(texts))
    }

    /// The settings that lie in a folder, with what the organisation adds to them.
    pub(super) fn settings_of(&self, folder: &Path) -> SettingsTexts {
        self.organisation.add_to(settings_in(folder))
    }
}

/// The settings that lie in a folder, whatever git says of them.
pub(super) fn settings_in(folder: &Path) -> SettingsTexts {
    let text = fs::read_to_string(folder.join(settings::PATH)).ok();
    SettingsTexts { in_force: text.map(|text| (RepoPath::new(settings::PATH), text)), ..SettingsTexts::default() }
}

/// The time on this machine.
pub(super) fn now() -> Timestamp {
    Timestamp(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(0)))
}

/// Judges, fetches what is missing, and judges again.
///
/// # Errors
/// What `fetch` fails with, or no end after `MAX_ROUNDS`.
pub(super) fn until_done(
    change: &mut Change,
    settings: &SettingsTexts,
    ledger: &LedgerTexts,
    now: Timestamp,
    fetch: impl FnMut(&Needs, &mut Change) -> Result<()>,
) -> Result<Report> {
    let step = |change: &Change| match judge::judge(change, settings, ledger, now) {
        // Whether the App's check only advises is of no concern here: it is said what it would hold if it enforced.
        Step::Done(report) => Ok(Report { advise: false, ..*report }),
        Step::Needs(needs) => Err(Box::new(needs)),
    };
    rounds(change, step, fetch)
}

/// Takes a step, fetches what it lacks, and takes it again.
fn rounds<T>(
    change: &mut Change,
    step: impl Fn(&Change) -> Result<T, Box<Needs>>,
    mut fetch: impl FnMut(&Needs, &mut Change) -> Result<()>,
) -> Result<T> {
    for _ in 0..MAX_ROUNDS {
        match step(change) {
            Ok(done) => return Ok(done),
            Err(needs) => {
                for path in &needs.history {
                    change.history.entry(path.clone()).or_default();
                }
                fetch(&needs, change)?;
            }
        }
    }
    bail!("after {MAX_ROUNDS} rounds some file still names another one")
}
