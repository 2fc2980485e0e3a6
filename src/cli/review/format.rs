//! The forms in which `astride review` says what it found, and where each is written to.
//!
//! Comes in: a report and what of it to show. Goes out: the text of a format.

use crate::report::text::{self, Style};
use crate::report::{Report, annotations, comment, html, json, junit, sarif};
use clap::ValueEnum;
use std::path::PathBuf;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people: wrapped to the terminal, or to COLUMNS; a line for each paragraph where the output is neither.
    Text,
    /// The comment that the bot would write.
    Markdown,
    /// One JSON document; docs/review.schema.json describes it.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// One page for a browser, or to attach to a ticket.
    Html,
    /// Annotations of GitHub Actions, the worst ten of each level.
    Github,
    /// JUnit XML: a test suite for each unit, a test case for each threat.
    Junit,
}

/// The report in a further format, in a file.
#[derive(Clone, Debug)]
pub(super) struct Also {
    pub(super) format: Format,
    pub(super) file: PathBuf,
}

impl Also {
    /// Parses `sarif=astride.sarif`.
    ///
    /// # Errors
    /// No `=`, an unknown format, or no file.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (format, file) = text.split_once('=').ok_or("write FORMAT=FILE, for example sarif=astride.sarif")?;
        let known = || {
            let names: Vec<String> =
                Format::value_variants().iter().filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned())).collect();
            names.join(", ")
        };
        let format = Format::from_str(format, false).map_err(|_| format!("`{format}` is no format; there are {}", known()))?;
        if file.is_empty() {
            return Err("a file is missing behind `=`".to_owned());
        }
        Ok(Self { format, file: PathBuf::from(file) })
    }
}

/// The report in a format. JSON, Markdown and HTML are whole whatever `style` leaves out.
pub(super) fn render(report: &Report, format: Format, style: &Style<'_>) -> String {
    match format {
        Format::Text => text::render(report, style),
        Format::Markdown => comment::render_edit(report),
        Format::Json => json::report(report) + "\n",
        Format::Sarif => format!("{:#}\n", sarif::render(report, style.least)),
        Format::Html => html::render(report),
        Format::Github => annotations::render(report, style.least),
        Format::Junit => junit::render(report, style.least),
    }
}
