//! What the service logs while it is played with: kept in memory, and shown only when something does not come to an end.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use tracing_subscriber::EnvFilter;

/// Most bytes that are kept.
const KEPT: usize = 64 * 1024;
/// Most lines that are shown.
const SHOWN: usize = 12;

/// The last of what was logged.
#[derive(Clone, Default)]
pub(super) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Keeps what this process logs from now on.
    pub(super) fn keep() -> Self {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().with_env_filter(EnvFilter::new("warn,astride=info")).with_ansi(false);
        // Somebody else's log is as good; then this one stays empty.
        let _ = subscriber.with_writer(move || writer.clone()).try_init();
        log
    }

    /// The last lines, oldest first.
    pub(super) fn last_lines(&self) -> String {
        let Ok(kept) = self.0.lock() else { return String::new() };
        let text = String::from_utf8_lossy(&kept);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(SHOWN)..].iter().map(|line| format!("  {line}\n")).collect()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Ok(mut kept) = self.0.lock() {
            kept.extend_from_slice(bytes);
            let surplus = kept.len().saturating_sub(KEPT);
            kept.drain(..surplus);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
