//! Writing a report to a file.
//!
//! Comes in: a path and a text. Goes out: the file with the whole text, or as it was before with an error that names it.

use anyhow::{Context, Result};
use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Writes a file whole: a reader finds the old text or the new one, and never a part of it.
///
/// # Errors
/// It cannot be written; what was there before is then still there.
pub(super) fn write(file: &Path, text: &str) -> Result<()> {
    replace(file, text).with_context(|| format!("{} cannot be written", file.display()))
}

fn replace(file: &Path, text: &str) -> std::io::Result<()> {
    let existing = fs::metadata(file).ok();
    if existing.as_ref().is_some_and(|metadata| !metadata.is_file()) {
        // A pipe or a device is written to where it is; a folder says that it is one.
        return OpenOptions::new().write(true).open(file)?.write_all(text.as_bytes());
    }
    // What a link names is replaced, and not the link.
    let file = if existing.is_some() { fs::canonicalize(file)? } else { file.to_owned() };
    let beside = beside(&file)?;
    let written = write_new(&beside, text).and_then(|()| {
        if let Some(metadata) = existing {
            fs::set_permissions(&beside, metadata.permissions())?;
        }
        fs::rename(&beside, &file)
    });
    if written.is_err() {
        // Whether this works or not, the first error is the one to report.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write_new(file: &Path, text: &str) -> std::io::Result<()> {
    let mut new = OpenOptions::new().write(true).create_new(true).open(file)?;
    new.write_all(text.as_bytes())?;
    new.sync_all()
}

/// A name of our own in the same folder.
fn beside(file: &Path) -> std::io::Result<PathBuf> {
    let name = file.file_name().ok_or(std::io::ErrorKind::InvalidFilename)?;
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}.tmp", std::process::id()));
    Ok(file.with_file_name(hidden))
}
