//! Starts the person's browser.

use std::process::{Command, Stdio};

/// Opens an address. A browser that cannot be opened is no trouble: the address is on the screen.
pub(super) fn open(url: &str) {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let _ = Command::new(program).arg(url).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
}
