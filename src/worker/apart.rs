//! Judgement in a process of its own, so that no change that people write can take the memory or the time of the service.
//!
//! Comes in: the inputs of one judgement. Goes out: what it needs, or that it can be done within the limits; or how the process ended.
//! `judge` gives the same for the same bytes, so that what a child could do within its limits the service can do within the same: it makes
//! the report itself, one at a time. A child has no environment, opens no file and no connection, and limits itself before it reads.

use crate::judge::{self, Step};
use crate::report::{check, comment};
use crate::worker::request::{self, Answer, Missing};
use crate::worker::run::engine;
use rustix::process::{Resource, Rlimit, setrlimit};
use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Most bytes of an answer: lists of paths.
const MAX_ANSWER: u64 = 64 * 1024 * 1024;

/// How a child is begun, and what it may take.
#[derive(Clone, Debug)]
pub struct Apart {
    pub program: PathBuf,
    pub arguments: Vec<OsString>,
    /// Longest that its answer is waited for: more than the processor time that it has, since others work beside it.
    pub patience: Duration,
}

/// What a child may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Address space, in bytes.
    pub memory: u64,
    /// Processor time, in seconds.
    pub seconds: u64,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Died {
    #[error("it ended without an answer ({0})")]
    Ended(String),
    #[error("it had not ended after {0} seconds")]
    TooSlow(u64),
    #[error("it could not be begun: {0}")]
    NotBegun(String),
}

impl Apart {
    /// This program, with its hidden command.
    pub fn new(program: PathBuf, limits: Limits) -> Self {
        let number = |flag: &str, number: u64| [OsString::from(flag), OsString::from(number.to_string())];
        let arguments = [OsString::from("judge")].into_iter();
        let arguments = arguments.chain(number("--memory", limits.memory)).chain(number("--seconds", limits.seconds));
        Self { program, arguments: arguments.collect(), patience: Duration::from_secs(2 * limits.seconds) }
    }

    /// Asks a child, and waits for it.
    ///
    /// # Errors
    /// How it ended, where it did not answer. The caller tries again, and not for ever.
    pub fn ask(&self, request: Vec<u8>) -> Result<Answer, Died> {
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| Died::NotBegun(error.to_string()))?;
        let answer = self.answer(&mut child, request);
        if answer.is_err() {
            // One that has ended already cannot be killed.
            let _ = child.kill();
        }
        let ended = child.wait().map_or_else(|error| error.to_string(), |status| status.to_string());
        match answer? {
            bytes if bytes.is_empty() => Err(Died::Ended(ended)),
            bytes => serde_json::from_slice(&bytes).map_err(|_| Died::Ended(ended)),
        }
    }

    /// Writes and reads on threads of their own: neither end waits for the other, and nobody longer than there is patience.
    fn answer(&self, child: &mut Child, request: Vec<u8>) -> Result<Vec<u8>, Died> {
        let no_pipe = || Died::NotBegun("it has no pipes".to_owned());
        let (mut to, from) = child.stdin.take().zip(child.stdout.take()).ok_or_else(no_pipe)?;
        // A child that died reads nothing more: its end says so.
        std::thread::spawn(move || to.write_all(&request));
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let read = from.take(MAX_ANSWER).read_to_end(&mut bytes).map(|_| bytes);
            // Nobody waits any more where the answer came too late.
            let _ = sender.send(read);
        });
        match receiver.recv_timeout(self.patience) {
            Ok(read) => read.map_err(|error| Died::Ended(error.to_string())),
            Err(_) => Err(Died::TooSlow(self.patience.as_secs())),
        }
    }
}

/// What the child does: limits itself, reads a request, judges, answers.
///
/// # Errors
/// Where it cannot limit itself, or the answer cannot be written.
pub fn serve_one(limits: Limits, mut from: impl Read, mut to: impl Write) -> std::io::Result<()> {
    let at_most = |most: u64| Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(Resource::As, at_most(limits.memory))?;
    setrlimit(Resource::Cpu, at_most(limits.seconds))?;
    setrlimit(Resource::Core, at_most(0))?;
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes)?;
    let answer = answer(&bytes);
    to.write_all(&serde_json::to_vec(&answer)?)?;
    to.flush()
}

fn answer(bytes: &[u8]) -> Answer {
    let Some(request) = request::read(bytes, &engine()) else { return Answer::Refused("no request of this version".to_owned()) };
    match judge::judge(&request.change, &request.settings, &request.ledger, request.now) {
        Step::Needs(needs) => Answer::Needs(Missing::from(&needs)),
        Step::Done(report) => {
            // Whoever makes the report puts it into words as well.
            let words = check::render(&report).text.len() + comment::render_edit(&report).len();
            if words > 0 { Answer::Done } else { Answer::Refused("the report has no words".to_owned()) }
        }
    }
}
