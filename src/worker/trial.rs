//! A judgement on trial: in a process of its own, with hard limits, before the service does the same in its own memory.
//!
//! Comes in: what a change is judged from. Goes out: whether it can be judged within the limits. The same input takes the same work on any
//! machine, so that what ends well there ends well here; what does not takes nothing down but the trial. The process is this binary,
//! gets no environment and so no secret, and reads only what it is handed.

mod plan_form;

use crate::change::{Blob, Blobs, Change, Listed, Mode, ObjectId, Side, Timestamp};
use crate::judge::register::register;
use crate::judge::{LedgerTexts, Step, judge};
use crate::report::{check, comment};
use crate::settings::SettingsTexts;
use crate::settings::own::Own;
use crate::source::RepoPath;
use crate::worker::trial::plan_form::PlanForm;
use rustix::process::{Resource, Rlimit, setrlimit};
use serde::{Deserialize, Serialize};
use std::io::{self, Read};
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

/// The hidden command of the binary that takes part.
pub const COMMAND: &str = "trial";
/// Largest input that a trial reads, in bytes.
const MAX_INPUT: u64 = 512 * 1024 * 1024;

/// How a trial is held, and its limits.
#[derive(Clone, Debug)]
pub struct Trial {
    /// This binary.
    pub program: PathBuf,
    /// Of address space.
    pub bytes: u64,
    /// Of the processor's time; as a backstop the same on the clock, and once more.
    pub seconds: u64,
}

/// What is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Matter {
    /// What a change brings.
    Change,
    /// All that a tree has.
    Tree,
}

/// Why a judgement cannot be made within the limits.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    #[error("the judgement takes more than {bytes} bytes or {seconds} seconds")]
    TooHeavy { bytes: u64, seconds: u64 },
    /// The machine gives no process.
    #[error("the trial of the judgement could not be held: {0}")]
    NotHeld(#[from] io::Error),
}

impl Trial {
    /// Tries a judgement. A panic is none of a trial's matters: the service catches it itself.
    ///
    /// # Errors
    /// Where the process died, was too slow, or could not be started.
    pub async fn hold(&self, matter: Matter, change: &Change, settings: &SettingsTexts, now: Timestamp) -> Result<(), TrialError> {
        let input = serde_json::to_vec(&Question::of(matter, change, settings, now)).map_err(io::Error::from)?;
        let mut child = Command::new(&self.program)
            .args([COMMAND, &self.bytes.to_string(), &self.seconds.to_string()])
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let mut stdin = child.stdin.take();
        let feeding = async {
            if let Some(stdin) = &mut stdin {
                // A process that dies takes no more: how it ended is what counts.
                let _ = stdin.write_all(&input).await;
                let _ = stdin.shutdown().await;
            }
            drop(stdin.take());
            child.wait().await
        };
        let too_heavy = || TrialError::TooHeavy { bytes: self.bytes, seconds: self.seconds };
        match timeout(Duration::from_secs(self.seconds.saturating_mul(2)), feeding).await {
            Ok(ended) => match ended?.code() {
                // 101 is a panic of the core.
                Some(0 | 101) => Ok(()),
                Some(_) | None => Err(too_heavy()),
            },
            Err(_) => Err(too_heavy()),
        }
    }
}

/// The other side: limits itself, reads what it is handed, and judges it as the service would.
///
/// # Errors
/// Of the limits and of the input; then nothing was judged.
pub fn take_part(bytes: u64, seconds: u64, input: impl Read) -> io::Result<()> {
    for (resource, limit) in [(Resource::As, bytes), (Resource::Cpu, seconds), (Resource::Core, 0)] {
        setrlimit(resource, Rlimit { current: Some(limit), maximum: Some(limit) })?;
    }
    let mut text = Vec::new();
    input.take(MAX_INPUT).read_to_end(&mut text)?;
    let question: Question = serde_json::from_slice(&text)?;
    drop(text);
    let (matter, now) = (question.matter, Timestamp(question.now));
    let (change, settings) = question.put();
    let mut ledger = LedgerTexts::default();
    loop {
        let needs = match matter {
            Matter::Change => match judge(&change, &settings, &ledger, now) {
                Step::Needs(needs) => needs,
                Step::Done(report) => {
                    comment::render_edit(&report);
                    check::render(&report);
                    return Ok(());
                }
            },
            Matter::Tree => match register(&change, &settings, &ledger, now) {
                Err(needs) => *needs,
                Ok(_) => return Ok(()),
            },
        };
        if needs.ledger.is_empty() {
            return Ok(());
        }
        // What people said is not tried: its files are read in one go each, and are bounded by what one file may have and by what is fetched.
        ledger.files.extend(needs.ledger.into_iter().map(|unit| (unit, None)));
    }
}

/// What a judgement's work depends on, as it is handed over.
#[derive(Serialize, Deserialize)]
struct Question {
    matter: Matter,
    base: SideForm,
    head: SideForm,
    blobs: Vec<(String, BlobForm)>,
    history: Vec<(String, Vec<SideForm>)>,
    in_force: Option<(String, String)>,
    last_valid: Option<String>,
    own: Vec<(String, String)>,
    now: i64,
}

#[derive(Serialize, Deserialize)]
struct SideForm {
    commit: String,
    /// Path, kind and id.
    listing: Vec<(String, char, String)>,
    truncated: bool,
    /// By the unit.
    plans: Vec<(String, PlanForm)>,
}

#[derive(Serialize, Deserialize)]
enum BlobForm {
    Text(String),
    Undecodable(String, u32),
    TooLarge(u64),
}

impl Question {
    fn of(matter: Matter, change: &Change, settings: &SettingsTexts, now: Timestamp) -> Self {
        let blob = |blob: &Blob| match blob {
            Blob::Text(text) => BlobForm::Text(text.to_string()),
            Blob::Undecodable { text, line } => BlobForm::Undecodable(text.to_string(), *line),
            Blob::TooLarge(bytes) => BlobForm::TooLarge(*bytes),
        };
        let versions = |sides: &Vec<Side>| sides.iter().map(SideForm::of).collect();
        Self {
            matter,
            base: SideForm::of(&change.base),
            head: SideForm::of(&change.head),
            blobs: change.blobs.iter().map(|(id, known)| (id.to_string(), blob(known))).collect(),
            history: change.history.iter().map(|(path, sides)| (path.to_string(), versions(sides))).collect(),
            in_force: settings.in_force.as_ref().map(|(path, text)| (path.to_string(), text.clone())),
            last_valid: settings.last_valid.clone(),
            own: settings.own.texts().map(|(path, text)| (path.to_string(), text.to_owned())).collect(),
            now: now.0,
        }
    }

    fn put(self) -> (Change, SettingsTexts) {
        let blob = |form: BlobForm| match form {
            BlobForm::Text(text) => Blob::Text(text.into()),
            BlobForm::Undecodable(text, line) => Blob::Undecodable { text: text.into(), line },
            BlobForm::TooLarge(bytes) => Blob::TooLarge(bytes),
        };
        let blobs: Blobs = self.blobs.into_iter().filter_map(|(id, form)| Some((ObjectId::from_hex(&id)?, blob(form)))).collect();
        let versions = |sides: Vec<SideForm>| sides.into_iter().map(SideForm::put).collect();
        let history = self.history.into_iter().map(|(path, sides)| (RepoPath::new(&path), versions(sides))).collect();
        let change = Change { history, ..Change::between(self.base.put(), self.head.put(), blobs) };
        let in_force = self.in_force.map(|(path, text)| (RepoPath::new(&path), text));
        let own = self.own.into_iter().map(|(path, text)| (RepoPath::new(&path), text)).collect();
        // It was read before it was handed over.
        let own = Own::read(own, "").unwrap_or_default();
        (change, SettingsTexts { in_force, last_valid: self.last_valid, own, ..SettingsTexts::default() })
    }
}

impl SideForm {
    fn of(side: &Side) -> Self {
        let kind = |mode: Mode| match mode {
            Mode::File => 'f',
            Mode::Symlink => 'l',
            Mode::Submodule => 'm',
        };
        let listed = |(path, listed): (&RepoPath, &Listed)| (path.to_string(), kind(listed.mode), listed.id.to_string());
        Self {
            commit: side.commit.to_string(),
            listing: side.listing.iter().map(listed).collect(),
            truncated: side.truncated,
            plans: side.plans.iter().map(|(unit, plan)| (unit.to_string(), PlanForm::of(plan))).collect(),
        }
    }

    fn put(self) -> Side {
        let mode = |kind: char| match kind {
            'l' => Mode::Symlink,
            'm' => Mode::Submodule,
            _ => Mode::File,
        };
        let entry = |(path, kind, id): (String, char, String)| {
            Some((RepoPath::new(&path), Listed { mode: mode(kind), id: ObjectId::from_hex(&id)? }))
        };
        Side {
            commit: ObjectId::from_hex(&self.commit).unwrap_or(ObjectId([0; 20])),
            listing: self.listing.into_iter().filter_map(entry).collect(),
            truncated: self.truncated,
            plans: self.plans.into_iter().map(|(unit, plan)| (RepoPath::new(&unit), Arc::new(plan.put()))).collect(),
        }
    }
}
