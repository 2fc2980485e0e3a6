//! The report for a terminal: the verdict, what blocks with the lines of the template, what else is open, what has changed, what to type next.
//!
//! Comes in: a report, and how it is to look. Goes out: text, with ANSI colours where asked; no colour says anything that no word says.
//! Control characters of foreign text never reach the terminal.

mod changed;
mod next;
pub(super) mod open;
pub(super) mod page;
mod quote;
mod settled;

use crate::report::headline::headline;
use crate::report::text::page::{Page, Paint};
use crate::report::{Report, taken};
use crate::source::{Files, Place};
use crate::stride::rule::Severity;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colour {
    #[default]
    Never,
    Ansi,
}

/// How much is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// The verdict alone, in one line.
    Quiet,
    #[default]
    Normal,
    /// Also what is covered, what is older, and every change.
    Verbose,
}

/// How the report is to look.
#[derive(Clone, Copy)]
pub struct Style<'s> {
    pub colour: Colour,
    pub detail: Detail,
    /// Of threats that do not block only those of at least this severity.
    pub least: Severity,
    /// Columns to wrap at; `None` where nothing is wrapped.
    pub width: Option<usize>,
    /// Where lines are quoted from.
    pub sources: Option<&'s dyn Files>,
    /// The command that this report comes of, to be typed again with more behind it.
    pub command: &'s str,
}

impl Default for Style<'_> {
    fn default() -> Self {
        Self { colour: Colour::Never, detail: Detail::Normal, least: Severity::Low, width: None, sources: None, command: "astride review" }
    }
}

/// The whole report.
pub fn render(report: &Report, style: &Style<'_>) -> String {
    let mut page = Page::new(style.colour, style.width);
    page.line(&[(Paint::Strong, &format!("Astride: {}", plain(&headline(report))))], 2);
    if style.detail == Detail::Quiet {
        return page.into_text();
    }
    open::to_repair(report, style, &mut page);
    let arranged = report.arranged();
    open::alone(report, &arranged, style, |line| line.blocks(), &mut page);
    for words in taken::lines(report) {
        page.blank();
        page.paragraph("", "taken away  ", &plain(&words));
    }
    open::alone(report, &arranged, style, |line| !line.blocks(), &mut page);
    open::optional(&arranged, style, &mut page);
    let left_out = report.left_out(style.least);
    if left_out > 0 {
        page.blank();
        page.paragraph("", "", &format!("{left_out} open below {}, left out", style.least.word()));
    }
    changed::elements(report, style, &mut page);
    changed::recorded(report, &mut page);
    settled::decided(report, &mut page);
    open::renamed(report, &mut page);
    settled::covered(report, style, &mut page);
    settled::switched_off(report, style, &mut page);
    settled::remarks(report, &mut page);
    settled::owed(report, &mut page);
    settled::older(report, style, &mut page);
    next::commands(report, &arranged, style, &mut page);
    page.into_text()
}

/// `template.yaml:12`.
pub(super) fn at(place: &Place) -> String {
    format!("{}:{}", plain(place.path.as_str()), place.line)
}

/// Foreign text without control characters and marks of direction: an element's name must not move the cursor.
pub fn plain(text: &str) -> String {
    text.chars().map(|c| if page::hides(c) { ' ' } else { c }).collect()
}
