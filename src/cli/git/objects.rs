//! Git's objects, by one `git cat-file --batch` process; many at once by another, which fills its pipe before it writes.
//!
//! Comes in: names of objects. Goes out: their bytes. A process that dies is an error in its own words, never an object that is missing.

use super::command::{failure, git, words};
use crate::change::{Blob, ObjectId};
use crate::source::MAX_FILE_BYTES;
use anyhow::{Context, Result, bail};
use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::thread::JoinHandle;

/// For so many objects a process of their own is sooner done than several writes for each.
const MANY: usize = 200;

pub(super) struct Objects {
    folder: PathBuf,
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    complaints: Option<JoinHandle<String>>,
}

pub(super) struct Object {
    pub(super) id: ObjectId,
    /// Empty where the object is larger than was asked for.
    pub(super) bytes: Vec<u8>,
    pub(super) size: u64,
}

impl Objects {
    pub(super) fn start(folder: &Path) -> Result<Self> {
        Self::start_with(folder, &["cat-file", "--batch"])
    }

    /// The folder of the repository.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    fn start_with(folder: &Path, arguments: &[&str]) -> Result<Self> {
        let mut child = git(folder)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("git could not be run")?;
        let (Some(input), Some(output), Some(errors)) = (child.stdin.take(), child.stdout.take(), child.stderr.take()) else {
            bail!("git gave no pipes")
        };
        let complaints = Some(std::thread::spawn(move || words(errors)));
        let output = BufReader::with_capacity(64 * 1024, output);
        Ok(Self { folder: folder.to_owned(), child, input: Some(input), output, complaints })
    }

    /// Blobs that must be there, in this order.
    ///
    /// # Errors
    /// As `read`, or one is missing.
    pub(super) fn blobs(&mut self, ids: &[ObjectId]) -> Result<Vec<Blob>> {
        let mut blobs = Vec::with_capacity(ids.len());
        self.each(ids, MAX_FILE_BYTES, &mut |id, object| {
            let object = object
                .with_context(|| format!("blob {id} is missing from this clone\nhint: if the clone is partial, fetch it whole first"))?;
            let whole = object.size <= MAX_FILE_BYTES as u64;
            blobs.push(if whole { Blob::from_bytes(object.bytes) } else { Blob::TooLarge(object.size) });
            Ok(())
        })?;
        Ok(blobs)
    }

    /// Hands over objects in this order, each as soon as git has it: what is made of one is made while git unpacks the next ones. `None` for one
    /// that there is not.
    ///
    /// # Errors
    /// As `read`, or what `take` fails with.
    pub(super) fn each(&mut self, ids: &[ObjectId], limit: usize, take: Take<'_>) -> Result<()> {
        if ids.len() < MANY {
            return self.exchange_all(ids, limit, false, take);
        }
        // It writes what it has when its input ends.
        Self::start_with(&self.folder, &["cat-file", "--batch", "--buffer"])?.exchange_all(ids, limit, true, take)
    }

    /// Asks for all of them before the first has come: one answer after the other would be waited for by two processes in turn.
    fn exchange_all(&mut self, ids: &[ObjectId], limit: usize, is_last: bool, take: Take<'_>) -> Result<()> {
        let Some(mut input) = self.input.take() else { return Err(self.died()) };
        let (output, child) = (&mut self.output, &mut self.child);
        let mut names = String::with_capacity(ids.len() * 41);
        for id in ids {
            let _ = writeln!(names, "{id}");
        }
        let (ended, input) = std::thread::scope(|scope| {
            let names = &names;
            let asked = scope.spawn(move || {
                // A process that ends before it has read everything shows in what it answers.
                let _ = input.write_all(names.as_bytes());
                (!is_last).then_some(input)
            });
            // Where one is not what it should be, those behind it are read and left: the process stays of use.
            let mut taken = Ok(());
            let mut each = ids.iter().zip(names.lines());
            let ended = each.try_for_each(|(id, name)| {
                let object = answer(output, name, limit).map_err(|_| Ended::Silent)?.found().map_err(Ended::Odd)?;
                if taken.is_ok() {
                    taken = take(*id, object);
                }
                Ok(())
            });
            if ended.is_err() {
                // Nobody reads on, and whoever asks would wait for ever.
                let _ = child.kill();
            }
            (ended.map(|()| taken), asked.join().ok().flatten())
        });
        self.input = input;
        match ended {
            Ok(taken) => taken,
            Err(Ended::Odd(error)) => Err(error),
            Err(Ended::Silent) => Err(self.died()),
        }
    }

    /// One object by name; `None` where there is none.
    ///
    /// # Errors
    /// The process died, or its answer is not what `git cat-file --batch` documents.
    pub(super) fn read(&mut self, name: &str, limit: usize) -> Result<Option<Object>> {
        match self.exchange(name, limit) {
            Ok(answer) => answer.found(),
            Err(_) => Err(self.died()),
        }
    }

    fn exchange(&mut self, name: &str, limit: usize) -> io::Result<Answer> {
        let input = self.input.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        writeln!(input, "{name}")?;
        input.flush()?;
        answer(&mut self.output, name, limit)
    }

    /// Why the process does not answer any more.
    fn died(&mut self) -> anyhow::Error {
        drop(self.input.take());
        let status = self.child.wait().ok();
        let words = self.complaints.take().and_then(|reader| reader.join().ok()).unwrap_or_default();
        failure("cat-file", status, &words)
    }
}

/// Takes an object that was asked for.
pub(super) type Take<'t> = &'t mut dyn FnMut(ObjectId, Option<Object>) -> Result<()>;

/// Why not all objects came.
enum Ended {
    /// The process does not answer any more.
    Silent,
    /// It answers what is not understood.
    Odd(anyhow::Error),
}

enum Answer {
    Found(Object),
    Missing,
    Odd(String),
}

impl Answer {
    fn found(self) -> Result<Option<Object>> {
        match self {
            Self::Found(object) => Ok(Some(object)),
            Self::Missing => Ok(None),
            Self::Odd(header) => bail!("git cat-file gave an answer that is not understood: {header}"),
        }
    }
}

/// The next answer of the process, which is that on `name`.
fn answer(output: &mut BufReader<ChildStdout>, name: &str, limit: usize) -> io::Result<Answer> {
    let mut header = String::with_capacity(64);
    if output.read_line(&mut header)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    // `<id> SP <type> SP <size>`, or `<name> SP missing`: <https://git-scm.com/docs/git-cat-file#_batch_output>.
    let line = header.trim_end();
    if line.strip_suffix(" missing") == Some(name) {
        return Ok(Answer::Missing);
    }
    let mut words = line.split(' ');
    let (Some(id), Some(_kind), Some(size), None) = (words.next(), words.next(), words.next(), words.next()) else {
        return Ok(Answer::Odd(line.to_owned()));
    };
    let (Some(id), Ok(size)) = (ObjectId::from_hex(id), size.parse::<u64>()) else {
        return Ok(Answer::Odd(line.to_owned()));
    };
    let mut bytes = Vec::new();
    match usize::try_from(size) {
        Ok(size) if size <= limit => {
            bytes.resize(size, 0);
            output.read_exact(&mut bytes)?;
        }
        _ if io::copy(&mut output.take(size), &mut io::sink())? != size => return Err(io::ErrorKind::UnexpectedEof.into()),
        _ => {}
    }
    output.read_exact(&mut [0])?;
    Ok(Answer::Found(Object { id, bytes, size }))
}

impl Drop for Objects {
    fn drop(&mut self) {
        // Closing its input ends it.
        drop(self.input.take());
        let _ = self.child.wait();
    }
}
