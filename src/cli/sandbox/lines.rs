//! Where the lines come from that are said: a file, a default script, or a person at a terminal.
//!
//! At a terminal a line can be edited and earlier ones come back with the arrow keys. Ctrl-C and Ctrl-D end it.

use crate::cli::sandbox::page::Page;
use crate::cli::sandbox::{AUTHOR, Arguments, REVIEWER};
use anyhow::{Context, Result};
use rustyline::DefaultEditor;
use rustyline::error::ReadlineError;
use std::fs;
use std::io::IsTerminal;

pub(super) enum Lines {
    /// Lines in their order.
    Played(std::vec::IntoIter<String>),
    Asked(Box<DefaultEditor>),
}

impl Lines {
    /// # Errors
    /// The script cannot be read, or the terminal not be asked.
    pub(super) fn new(arguments: &Arguments, page: &Page) -> Result<Self> {
        if let Some(file) = &arguments.script {
            let text = fs::read_to_string(file).with_context(|| format!("{}", file.display()))?;
            let lines: Vec<String> =
                text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect();
            return Ok(Self::Played(lines.into_iter()));
        }
        if std::io::stdin().is_terminal() {
            return Ok(Self::Asked(Box::new(DefaultEditor::new()?)));
        }
        Ok(Self::Played(default_lines(page).into_iter()))
    }

    pub(super) fn are_played(&self) -> bool {
        matches!(self, Self::Played(_))
    }

    /// The next line, `None` at the end.
    ///
    /// # Errors
    /// The terminal cannot be read.
    pub(super) fn next(&mut self) -> Result<Option<String>> {
        let editor = match self {
            Self::Played(lines) => return Ok(lines.next()),
            Self::Asked(editor) => editor,
        };
        loop {
            match editor.readline(&format!("{REVIEWER}> ")) {
                Ok(line) if line.trim().is_empty() => {}
                Ok(line) => {
                    let _ = editor.add_history_entry(&line);
                    return Ok(Some(line.trim().to_owned()));
                }
                Err(ReadlineError::Interrupted | ReadlineError::Eof) => return Ok(None),
                Err(error) => return Err(error).context("the terminal"),
            }
        }
    }
}

/// What the comment offers to paste, with reasons: the author proposes, the reviewer confirms, and decides the rest.
fn default_lines(page: &Page) -> Vec<String> {
    let offered = page.offered();
    let filled = |line: &String| {
        line.replace("<why>", "the form is public on purpose").replace("<how>", "the handler checks every field against its schema")
    };
    let mut lines: Vec<String> = Vec::new();
    if let Some(first) = offered.first() {
        lines.push(format!("@{AUTHOR} {}", filled(first)));
        if let Some(id) = first.split_whitespace().nth(2) {
            lines.push(format!("/stride confirm {id} the security review agrees"));
        }
    }
    lines.extend(offered.iter().skip(1).map(filled));
    lines
}
