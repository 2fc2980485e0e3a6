//! The audit trail as one page: for an auditor, to be read or printed without anything else.
//!
//! Comes in: the trail. Goes out: HTML in the manner of the report's page: nothing runs, nothing is fetched, and no row is left out. Every
//! foreign word has gone through `escape::xml`.

use crate::decisions::trail::Entry;
use crate::report::audit::{Audit, are_several, became, is_exception, references, signature, verdict, what, where_said};
use crate::report::escape::xml;
use crate::report::html::{code, frame, page};
use crate::stride::rule::Rule;
use std::fmt::Write;

/// The page.
pub fn render(audit: &Audit) -> String {
    let title = format!("Decisions on {}", audit.branch);
    let (mut top, mut body) = (String::new(), String::new());
    head(audit, &title, &mut top);
    history(audit, &mut body);
    sums(audit, &mut body);
    let several = are_several(audit.entries.iter());
    let exceptions: Vec<&Entry> = audit.exceptions().collect();
    let (merges, others): (Vec<&Entry>, Vec<&Entry>) =
        audit.entries.iter().filter(|entry| !is_exception(&entry.block)).partition(|entry| entry.block.merge.is_some());
    let rules = &audit.own_rules;
    table("exceptions", "Emergencies, and merges past a shut gate", &exceptions, (several, rules), &mut body);
    table("decisions", "Decisions, in order of time", &others, (several, rules), &mut body);
    table("merges", "Merges", &merges, (several, rules), &mut body);
    page(&title, &top, &body, &format!("{} at {} · ", xml(&audit.branch), audit.tip))
}

fn head(audit: &Audit, title: &str, out: &mut String) {
    let class = if audit.is_sound() { "clear" } else { "repair" };
    let asked = if audit.asked.is_empty() { "everything".to_owned() } else { audit.asked.join(", ") };
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(out, "<header class=\"{class}\">\n<h1>{}</h1>\n<p>{}: {}</p>", xml(title), xml(&asked), xml(&audit.sums_in_words()));
    if let (Some(first), Some(last)) = (audit.entries.first(), audit.entries.last()) {
        let _ = writeln!(out, "<p class=\"soft\">From {} to {}.</p>", first.block.at, last.block.at);
    }
    if audit.waiting() > 0 {
        let _ = writeln!(out, "<p><b>Proposals that nobody has confirmed:</b> {}</p>", audit.waiting());
    }
    if audit.owed() > 0 {
        let _ = writeln!(out, "<p><b>Merged without an answer, and without a word since:</b> {}</p>", audit.owed());
    }
    if let Some(words) = audit.unplaced_in_words() {
        let _ = writeln!(out, "<p><b>Not told:</b> {}.</p>", xml(&words));
    }
    out.push_str("</header>\n");
}

fn history(audit: &Audit, out: &mut String) {
    out.push_str("<section aria-labelledby=\"history\">\n<h2 id=\"history\">How the branch grew</h2>\n<ul>\n");
    for line in audit.growth.in_words() {
        let _ = writeln!(out, "<li>{}</li>", xml(&line));
    }
    for (file, error) in &audit.unreadable {
        let _ = writeln!(out, "<li><b>Not read:</b> {}: {}</li>", code(file), xml(error));
    }
    out.push_str("</ul>\n</section>\n");
}

fn sums(audit: &Audit, out: &mut String) {
    let categories = audit.categories();
    if categories.is_empty() {
        return;
    }
    out.push_str("<section aria-labelledby=\"categories\">\n<h2 id=\"categories\">Answers by STRIDE category</h2>\n<table>\n");
    out.push_str("<tr><th scope=\"col\">category</th><th scope=\"col\">answers</th></tr>\n");
    for (category, number) in categories {
        let _ = writeln!(out, "<tr><th scope=\"row\">{}</th><td>{number}</td></tr>", category.words());
    }
    out.push_str("</table>\n</section>\n");
}

/// A table of entries. `several` says whether they are of more than one repository; what their rules refer to is looked for in the own rules, too.
pub(in crate::report) fn table(
    id: &str,
    title: &str,
    entries: &[&Entry],
    (several, own_rules): (bool, &[&'static Rule]),
    out: &mut String,
) {
    let _ = writeln!(out, "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{title}: {}</h2>", entries.len());
    if !entries.is_empty() {
        out.push_str(&frame(title));
        out.push_str(
            "<table>\n<tr><th scope=\"col\">when, who</th><th scope=\"col\">on what</th><th scope=\"col\">what was said, and what became of it</th><th scope=\"col\">by which evidence</th></tr>\n",
        );
        entries.iter().for_each(|entry| row(entry, several, own_rules, out));
        out.push_str("</table></div>\n");
    }
    out.push_str("</section>\n");
}

fn row(entry: &Entry, several: bool, own_rules: &[&'static Rule], out: &mut String) {
    let block = &entry.block;
    let pull = link(&block.url, &where_said(entry, several));
    let reason = if block.reason.is_empty() { String::new() } else { format!(": {}", xml(&block.reason)) };
    let confirms = block.confirms.as_ref().map_or_else(String::new, |url| format!(" {}", link(url, "this proposal")));
    let became = became(entry);
    let became = if became.is_empty() { String::new() } else { format!("<br><b>{}</b>", xml(&became)) };
    let named: String = references(block, own_rules).iter().map(|reference| format!(" · {}", xml(reference))).collect();
    let _ = writeln!(
        out,
        "<tr><td>{}<br>{}<br>{pull}</td><td>{}<br><span class=\"soft\">{} · {}{named}</span></td><td>{}{confirms}{reason}{became}</td><td>{}</td></tr>",
        block.at,
        xml(&signature(&block.by)),
        code(&what(block)),
        xml(&block.rule),
        xml(&block.on),
        xml(&verdict(block)),
        evidence(entry)
    );
}

fn evidence(entry: &Entry) -> String {
    let block = &entry.block;
    let facts = block.facts.iter().map(|(fact, record)| format!("{}: {}", code(fact), xml(&record.words())));
    let claims = block.claims.iter().map(|(name, answer)| format!("stated: {}: {}", code(name), xml(answer)));
    let commit = entry.commit.map(|commit| format!("<span class=\"soft\">ledger commit {}</span>", code(&commit.short())));
    let sides = format!("<span class=\"soft\">{} against {}</span>", code(&block.head.short()), code(&block.base.short()));
    facts.chain(claims).chain([sides]).chain(commit).collect::<Vec<_>>().join("<br>")
}

/// A link, where the address is one that a browser may follow.
fn link(url: &str, words: &str) -> String {
    if url.starts_with("https://") || url.starts_with("http://") {
        format!("<a href=\"{}\">{}</a>", xml(url), xml(words))
    } else {
        xml(words)
    }
}
