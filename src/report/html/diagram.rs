//! The data-flow diagram of the page, as a picture and in words.
//!
//! Comes in: a report. Goes out: HTML with the picture in it, never so small that it cannot be read: it scrolls inside its frame.

use crate::model::{Flow, Model};
use crate::report::escape::xml;
use crate::report::html::{code, frame, more};
use crate::report::mermaid::{self, Extent};
use crate::report::{Report, svg};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Down to what share of its size a picture shrinks to fit, in per cent; beyond that its letters are too small, and it scrolls.
const LEAST: i32 = 72;

pub(super) fn render(report: &Report, out: &mut String) {
    let Some((picture, width)) = svg::change(&report.after, &report.delta) else { return };
    out.push_str("<section aria-labelledby=\"diagram\">\n<h2 id=\"diagram\">Data flows of the change</h2>\n");
    // Writing to a string cannot fail, here and below.
    let least = width * LEAST / 100;
    let _ = writeln!(
        out,
        "<style>.picture{{min-width:{least}px;max-width:{width}px}}</style>\n{}\n<div class=\"picture\">\n{picture}</div></div>",
        frame("Data-flow diagram")
    );
    if let Some(words) = mermaid::left_out(&report.after, &report.delta, Extent::PAGE) {
        let _ = writeln!(out, "<p class=\"soft\">{}</p>", xml(&words));
    }
    in_words(report, out);
    out.push_str("</section>\n");
}

/// What the picture shows, for whoever cannot see it.
fn in_words(report: &Report, out: &mut String) {
    let Some((_, flows)) = mermaid::changed(&report.after, &report.delta, Extent::PAGE) else { return };
    let new: BTreeSet<_> = report.delta.flows_added.iter().collect();
    let _ = writeln!(out, "<details class=\"words\">\n<summary>The diagram in words</summary>\n<ul>");
    for flow in flows.iter().take(super::ROWS) {
        let word = if new.contains(&flow.id) { " <b>new</b>" } else { "" };
        let _ = writeln!(out, "<li>{}: {}{word}</li>", ends(&report.after, flow), xml(&mermaid::label(flow)));
    }
    out.push_str("</ul>\n");
    more(flows.len(), "flows", out);
    out.push_str("</details>\n");
}

fn ends(model: &Model, flow: &Flow) -> String {
    let name = |id| model.element(id).map_or_else(String::new, |element| code(&element.name));
    format!("{} → {}", name(&flow.from), name(&flow.to))
}
