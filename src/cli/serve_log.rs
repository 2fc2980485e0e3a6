//! Where the service's log goes: to standard output, as long as that takes it.
//!
//! Comes in: lines. Goes out: the same, or nothing: a full disk behind the output or a pipe that nobody reads any more ends no service and holds up no
//! webhook. The first line that is taken again says how many were lost.

use rustix::io::{Errno, write};
use std::io;
use std::sync::Mutex;

/// How many lines were lost since the last that was taken.
static LOST: Mutex<u64> = Mutex::new(0);

/// Standard output, which fails for nobody.
pub(super) struct Lines;

impl io::Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let Ok(mut lost) = LOST.lock() else { return Ok(line.len()) };
        let told = if *lost == 0 { Ok(()) } else { put(format!("\nastride: {lost} lines of the log could not be written\n").as_bytes()) };
        match told.and_then(|()| put(line)) {
            Ok(()) => *lost = 0,
            Err(_) => *lost += 1,
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes all of it, past the buffer of the process, which would keep what it could not write and try it again before each line.
fn put(mut bytes: &[u8]) -> Result<(), Errno> {
    while !bytes.is_empty() {
        match write(io::stdout(), bytes) {
            Ok(0) => return Err(Errno::PIPE),
            Ok(written) => bytes = &bytes[written..],
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
