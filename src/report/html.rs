//! The report as one page: for a browser, or to attach to a ticket.
//!
//! Comes in: a report. Goes out: HTML that needs nothing else: style and picture are in it, no script runs, nothing is fetched (the page
//! forbids it itself). Every foreign word has gone through `escape::xml`.

mod diagram;
pub mod policy;
mod settled;
mod threats;

use crate::change::{ObjectId, Timestamp};
use crate::decisions::merge::Debt;
use crate::model::category::Category;
use crate::report::comment::summary::counts;
use crate::report::escape::xml;
use crate::report::headline::headline;
use crate::report::markup::{count, sharing};
use crate::report::matrix::{self, Cell, Row};
use crate::report::{Repair, Report, Verdict, carry, link, taken};
use crate::source::Place;
use crate::stride::ThreatKey;
use std::collections::BTreeMap;
use std::fmt::Write;

const STYLE: &str = include_str!("html.css");
/// Most files that the head names: each threat names its own.
const UNITS: usize = 12;
/// Most rows of any table and list; what is beyond is counted.
pub(super) const ROWS: usize = 200;

/// The page.
pub fn render(report: &Report) -> String {
    whole(report, &commits(report))
}

/// The page of what was judged at a time.
pub fn render_at(report: &Report, at: Timestamp) -> String {
    whole(report, &format!("Judged at {at} · {}", commits(report)))
}

/// What stands in the place of a page that is too large to be kept.
pub fn too_large(report: &Report) -> String {
    let headline = format!("Astride: {}", headline(report));
    let mut head = String::new();
    header(report, &headline, &mut head);
    let body = "<section>\n<p>The report is too large to be kept here: <code>astride review</code> writes it.</p>\n</section>\n";
    page(&headline, &head, body, &commits(report))
}

/// `about` leads the last line.
fn whole(report: &Report, about: &str) -> String {
    let arranged = report.arranged();
    let headline = format!("Astride: {}", headline(report));
    let (mut head, mut out) = (String::new(), String::new());
    header(report, &headline, &mut head);
    weakened(report, &mut out);
    repairs(report, &mut out);
    taken_away(report, &mut out);
    diagram::render(report, &mut out);
    matrix_table(report, &arranged.numbers(), &mut out);
    threats::open(report, &arranged, &mut out);
    settled::recorded(report, &mut out);
    settled::decided(report, &mut out);
    settled::covered(report, &mut out);
    settled::switched_off(report, &mut out);
    settled::unread(report, &mut out);
    page(&headline, &head, &out, about)
}

/// A page around its head and what it shows: the style is in it, nothing runs and nothing is fetched, which the page forbids itself. `about`
/// leads its last line.
pub fn page(title: &str, head: &str, body: &str, about: &str) -> String {
    let styled = policy::policy(&format!("<style>\n{STYLE}</style>{head}{body}"));
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{styled}\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">Skip to what was found</a>\n{head}<main id=\"main\">\n{body}</main>\n\
         <footer>{about}Astride, catalogue {}</footer>\n</body>\n</html>\n",
        xml(title),
        crate::CATALOGUE_VERSION
    )
}

/// Two folders that are compared have no commits to name.
fn commits(report: &Report) -> String {
    let folders = report.head == ObjectId([0; 20]);
    if folders { String::new() } else { format!("{} against {} · ", report.head.short(), report.base.short()) }
}

fn header(report: &Report, headline: &str, out: &mut String) {
    let class = match report.verdict {
        Verdict::Clear => "clear",
        Verdict::Noted => "noted",
        Verdict::NotJudged => "unjudged",
        Verdict::NeedsAnswer => "needs",
        Verdict::Undetermined => "repair",
    };
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(out, "<header class=\"{class}\">\n<h1>{}</h1>", xml(headline));
    whose(report, out);
    if let Some((units, parts)) = counts(report) {
        let named: Vec<String> = units.iter().take(UNITS).map(|unit| code(unit)).collect();
        let more = units.len().saturating_sub(UNITS);
        let more = if more > 0 { format!(" and {}", count(more, "more file", "more files")) } else { String::new() };
        let _ = writeln!(out, "<p>{}{more}: {}</p>", named.join(", "), xml(&parts.join(", ")));
    }
    if let Some(emergency) = &report.emergency {
        let (ticket, login, reason) = (xml(&emergency.ticket), xml(&emergency.by.login), xml(&emergency.reason));
        let _ = writeln!(out, "<p><b>Emergency {ticket}</b> by {login} until {}: {reason}</p>", emergency.until);
    }
    for reviewed in report.owed.iter().take(ROWS) {
        let words = reviewed.owed.as_ref().map(Debt::words).unwrap_or_default();
        let _ = writeln!(out, "<p><b>Debt:</b> {}, {}</p>", code(&reviewed.threat.id()), xml(&words));
    }
    for [sentence, command] in carry::aside(report, xml, code).into_iter().take(ROWS) {
        let _ = writeln!(out, "<p><b>Before:</b> {sentence}: {command}.</p>");
    }
    if !report.older.is_empty() {
        let _ = writeln!(out, "<p class=\"soft\">{} older on the same units, not judged here.</p>", report.older.len());
    }
    for warning in &report.warnings {
        let _ = writeln!(out, "<p><b>Settings:</b> {}</p>", xml(warning));
    }
    out.push_str("</header>\n");
}

/// Which repository and pull request it is of: a page is looked at on its own. On the command line nobody knows where it lies.
fn whose(report: &Report, out: &mut String) {
    let Some(name) = report.web_url.splitn(4, '/').nth(3) else { return };
    let (url, name) = match report.pull {
        Some(number) => (format!("{}/pull/{number}", report.web_url), format!("{name}#{number}")),
        None => (report.web_url.clone(), name.to_owned()),
    };
    let _ = writeln!(out, "<p><a href=\"{}\">{}</a></p>", xml(&url), xml(&name));
}

fn weakened(report: &Report, out: &mut String) {
    let Some(weakened) = &report.weakened else { return };
    let id = weakened.id();
    let stands = match report.accepted(&id) {
        Some(decided) => {
            let by = decided.confirmed_by.as_ref().unwrap_or(&decided.by);
            format!("Accepted by {}: {}", xml(&by.login), xml(&decided.reason))
        }
        None => "Somebody who is no author must answer for it".to_owned(),
    };
    let (place, words) = (place(report, &weakened.place), xml(&weakened.plain_words()));
    let _ = writeln!(
        out,
        "<section aria-labelledby=\"weakened\">\n<h2 id=\"weakened\">The gate is weakened</h2>\n<p>{place}: {words}. {stands}: <code>{}</code>.</p>\n</section>",
        xml(&id)
    );
}

fn repairs(report: &Report, out: &mut String) {
    if report.repairs.is_empty() {
        return;
    }
    out.push_str("<section aria-labelledby=\"repairs\">\n<h2 id=\"repairs\">Could not be read, so nobody can tell</h2>\n<ul>\n");
    for repair in report.repairs.iter().take(ROWS) {
        let ask = match report.accepted(&repair.id) {
            Some(decided) => {
                format!("Accepted by {}: {}", xml(&decided.confirmed_by.as_ref().unwrap_or(&decided.by).login), xml(&decided.reason))
            }
            None if !repair.acceptable => format!("<i>Way out:</i> {}", xml(&repair.way_out)),
            None => format!("<i>Way out:</i> {}; or have it accepted as <code>{}</code>", xml(&repair.way_out), xml(&repair.id)),
        };
        let _ = writeln!(out, "<li>{}: {}. {ask}.</li>", repair_place(report, repair), xml(&repair.what));
    }
    out.push_str("</ul>\n");
    more(report.repairs.len(), "files", out);
    out.push_str("</section>\n");
}

fn taken_away(report: &Report, out: &mut String) {
    let lines = taken::lines(report);
    if lines.is_empty() {
        return;
    }
    out.push_str("<section aria-labelledby=\"taken\">\n<h2 id=\"taken\">Taken away</h2>\n<ul>\n");
    for line in lines.iter().take(ROWS) {
        let _ = writeln!(out, "<li>{}</li>", xml(line));
    }
    out.push_str("</ul>\n");
    more(lines.len(), "controls and stores", out);
    out.push_str("</section>\n");
}

fn matrix_table(report: &Report, numbers: &BTreeMap<&ThreatKey, usize>, out: &mut String) {
    let mut rows = matrix::rows(report, numbers);
    let all = rows.len();
    rows.retain(Row::says_something);
    if rows.is_empty() {
        return;
    }
    out.push_str("<section aria-labelledby=\"matrix\">\n<h2 id=\"matrix\">STRIDE per element</h2>\n");
    out.push_str(&frame("STRIDE per element"));
    out.push_str("<table class=\"matrix\">\n<tr><th scope=\"col\">new or changed</th>");
    for (letter, words) in Category::ALL.map(|category| (category.letter(), category.words())) {
        let _ = write!(out, "<th scope=\"col\"><abbr title=\"{words}\">{letter}</abbr></th>");
    }
    out.push_str("</tr>\n");
    rows.iter().take(ROWS).for_each(|row| matrix_row(row, out));
    out.push_str("</table></div>\n");
    more(rows.len(), "rows", out);
    if rows.len() < all {
        let _ =
            writeln!(out, "<p class=\"soft\">Without anything to show, and so left out: {}</p>", count(all - rows.len(), "row", "rows"));
    }
    out.push_str("<p class=\"soft\"><b>Bold</b> blocks · numbers: see the list · ✓ covered or decided");
    out.push_str(if matrix::has_off(&rows) { " · off: by the settings" } else { "" });
    out.push_str(" · a dot: of low weight · – not in the chart</p>\n</section>\n");
}

fn matrix_row(row: &Row, out: &mut String) {
    let _ = write!(
        out,
        "<tr><th scope=\"row\">{}{} <span class=\"soft\">{}</span></th>",
        code(&row.shown),
        sharing(row.sharers),
        if row.new { "new" } else { "changed" }
    );
    row.cells.iter().for_each(|cell| {
        let _ = write!(out, "<td>{}</td>", mark(cell));
    });
    out.push_str("</tr>\n");
}

fn mark(cell: &Cell) -> String {
    if !cell.items.is_empty() {
        let items: Vec<String> = cell.items.iter().map(|item| format!("<a href=\"#t{item}\">{item}</a>")).collect();
        return if cell.blocks { format!("<b>{}</b>", items.join(" ")) } else { items.join(" ") };
    }
    match cell {
        Cell { off: true, .. } => "<span class=\"soft\" aria-label=\"switched off by the settings\">off</span>".to_owned(),
        Cell { covered: true, .. } | Cell { decided: true, .. } => {
            "<span class=\"ok\" role=\"img\" aria-label=\"covered or decided\">✓</span>".to_owned()
        }
        Cell { low: true, .. } => "<span role=\"img\" aria-label=\"of low weight\">·</span>".to_owned(),
        Cell { in_chart: false, .. } => "<span class=\"soft\" role=\"img\" aria-label=\"not in the chart\">–</span>".to_owned(),
        Cell { .. } => String::new(),
    }
}

/// The beginning of a frame whose content scrolls inside it where it is too wide; the keyboard reaches it too.
pub(super) fn frame(label: &str) -> String {
    format!("<div class=\"scroll\" role=\"region\" aria-label=\"{label}\" tabindex=\"0\">")
}

pub(super) fn code(foreign: &str) -> String {
    format!("<code>{}</code>", xml(foreign))
}

/// Where a repair is, as a link where that is in the tree.
fn repair_place(report: &Report, repair: &Repair) -> String {
    repair.in_tree().map_or_else(|| place_words(&repair.place), |at| place(report, at))
}

fn place_words(place: &Place) -> String {
    format!("{}, line {}", xml(place.path.as_str()), place.line)
}

/// `intake/template.yaml, line 12`, as a link where there is a place to link to.
fn place(report: &Report, place: &Place) -> String {
    let words = place_words(place);
    link(&report.web_url, report.head, place).map_or_else(|| words.clone(), |url| format!("<a href=\"{}\">{words}</a>", xml(&url)))
}

/// Says what a cut list leaves out.
pub(super) fn more(length: usize, what: &str, out: &mut String) {
    if length > ROWS {
        let _ = writeln!(out, "<p class=\"soft\">and {} more {what}</p>", length - ROWS);
    }
}
