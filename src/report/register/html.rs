//! The register as one page, of one repository or of several: what is due, what was said lately, what is open, owed and decided.
//!
//! Comes in: registers with the words of their ledgers, the day. Goes out: HTML in the manner of the report's page: nothing runs, nothing is
//! fetched, no row is left out but of what the files themselves cover. Every foreign word has gone through `escape::xml`.

mod counts;

use crate::change::{Day, ObjectId};
use crate::decisions::Reviewed;
use crate::decisions::trail::Entry;
use crate::model::category::Category;
use crate::report::audit;
use crate::report::escape::xml;
use crate::report::html::{code, frame, page};
use crate::report::register::due::{Due, Group, due};
use crate::report::register::{Register, Stock, asked, decision, said, spoken};
use crate::report::ruled;
use crate::stride::rule::Rule;
use std::collections::BTreeMap;
use std::fmt::Write;

/// How far back the page tells what was said, in days.
const LATELY: i64 = 30;

/// The page.
pub fn render(stocks: &[Stock], today: Day) -> String {
    let title = match stocks {
        [only] => format!("Threats of {}", only.name),
        several => format!("Threats of {} repositories", several.len()),
    };
    let (mut top, mut body) = (String::new(), String::new());
    let is_whole = stocks.iter().all(|stock| stock.register.is_whole());
    let waits = |reviewed: &Reviewed| matches!(Group::of(reviewed), Some(Group::Debt | Group::Open | Group::Unclear));
    let class = match stocks.iter().any(|stock| stock.register.threats.iter().any(waits)) {
        _ if !is_whole => "repair",
        true => "noted",
        false => "clear",
    };
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(top, "<header class=\"{class}\">\n<h1>{}</h1>", xml(&title));
    if !is_whole {
        top.push_str("<p><b>Something could not be read, so that threats may be missing.</b></p>\n");
    }
    top.push_str("</header>\n");
    if stocks.len() > 1 {
        overview(stocks, today, &mut body);
    }
    stocks.iter().enumerate().for_each(|(index, stock)| one(stock, index, today, &mut body));
    meanings(&mut body);
    page(&title, &top, &body, &format!("{today} · "))
}

/// A line for each repository.
fn overview(stocks: &[Stock], today: Day, out: &mut String) {
    out.push_str("<section aria-labelledby=\"all\">\n<h2 id=\"all\">All of them</h2>\n");
    out.push_str(&frame("All of them"));
    out.push_str("<table>\n<tr><th scope=\"col\">repository</th><th scope=\"col\">due</th>");
    Group::ALL.iter().for_each(|group| {
        let _ = write!(out, "<th scope=\"col\">{}</th>", group.words().to_lowercase());
    });
    out.push_str("</tr>\n");
    for (index, stock) in stocks.iter().enumerate() {
        let threats = &stock.register.threats;
        let _ = write!(
            out,
            "<tr><th scope=\"row\"><a href=\"#r{index}\">{}</a></th><td>{}</td>",
            xml(&stock.name),
            due(&stock.register, today).len()
        );
        for group in Group::ALL {
            let _ = write!(out, "<td>{}</td>", threats.iter().filter(|reviewed| Group::of(reviewed) == Some(group)).count());
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</table></div>\n</section>\n");
    let said: Vec<&Entry> = stocks.iter().flat_map(|stock| &stock.said).collect();
    counts::of_ledger(&said, "all", today, out);
}

fn one(stock: &Stock, index: usize, today: Day, out: &mut String) {
    let register = &stock.register;
    let sums = register.sums_in_words().unwrap_or_else(|| "no threats".to_owned());
    let _ = writeln!(
        out,
        "<section aria-labelledby=\"r{index}\">\n<h2 id=\"r{index}\">{}</h2>\n<p>{} <span class=\"soft\">in {}</span></p>\n</section>",
        xml(&stock.name),
        xml(&sums),
        if register.commit == ObjectId([0; 20]) { "the working tree".to_owned() } else { code(&register.commit.short()) }
    );
    let unread = register.repairs.iter().map(|repair| format!("{}, line {}: {}", repair.place.path, repair.place.line, repair.what));
    let unread: Vec<String> = unread.chain(register.not_judged.iter().map(|other| format!("{} ({})", other.path, other.format))).collect();
    if !unread.is_empty() {
        let items: String = unread.iter().map(|words| format!("<li>{}</li>\n", xml(words))).collect();
        let _ = writeln!(
            out,
            "<section aria-labelledby=\"unread{index}\">\n<h3 id=\"unread{index}\">Not read</h3>\n<ul>\n{items}</ul>\n</section>"
        );
    }
    due_table(&due(register, today), index, out);
    let lately: Vec<&Entry> = stock.said.iter().filter(|entry| today.0 - entry.block.at.day().0 <= LATELY).collect();
    let rules: Vec<&'static Rule> = register.threats.iter().map(|reviewed| reviewed.threat.rule).collect();
    audit::html::table(&format!("lately{index}"), &format!("Said in the last {LATELY} days"), &lately, (false, &rules), out);
    categories(register, index, out);
    Group::ALL.into_iter().filter(|group| *group != Group::Covered).for_each(|group| group_table(stock, group, index, out));
    switched_off(register, index, out);
    counts::of_one(stock, index, today, out);
    counts::of_ledger(&stock.said.iter().collect::<Vec<_>>(), &index.to_string(), today, out);
}

/// For whoever reads it for the first time.
fn meanings(out: &mut String) {
    let items: String = Group::ALL.iter().map(|group| format!("<dt>{}</dt><dd>{}</dd>\n", group.words(), xml(group.meaning()))).collect();
    let _ = writeln!(out, "<details>\n<summary><h2>What the words mean</h2></summary>\n<dl>\n{items}</dl>\n</details>");
}

fn due_table(due: &[Due<'_>], index: usize, out: &mut String) {
    let _ = writeln!(out, "<section aria-labelledby=\"due{index}\">\n<h3 id=\"due{index}\">Due: {}</h3>", due.len());
    if !due.is_empty() {
        out.push_str(&frame("Due"));
        out.push_str("<table>\n<tr><th scope=\"col\">when</th><th scope=\"col\">threat</th><th scope=\"col\">decision</th></tr>\n");
        for Due { reviewed, decided, day, why } in due {
            let _ = writeln!(
                out,
                "<tr><td>{day}<br><span class=\"soft\">{why}</span></td><td>{}</td><td>{}, on {}</td></tr>",
                threat(reviewed),
                said(decided, &xml),
                decided.at.day()
            );
        }
        out.push_str("</table></div>\n");
    }
    out.push_str("</section>\n");
}

fn categories(register: &Register, index: usize, out: &mut String) {
    let mut counts: BTreeMap<(Category, Group), usize> = BTreeMap::new();
    for reviewed in &register.threats {
        if let Some(group) = Group::of(reviewed) {
            *counts.entry((reviewed.threat.rule.category, group)).or_default() += 1;
        }
    }
    let _ = writeln!(out, "<section aria-labelledby=\"categories{index}\">\n<h3 id=\"categories{index}\">By STRIDE category</h3>");
    out.push_str(&frame("By STRIDE category"));
    out.push_str("<table>\n<tr><th scope=\"col\">category</th>");
    Group::ALL.iter().for_each(|group| {
        let _ = write!(out, "<th scope=\"col\">{}</th>", group.words().to_lowercase());
    });
    out.push_str("</tr>\n");
    for category in Category::ALL {
        let _ = write!(out, "<tr><th scope=\"row\">{}</th>", category.words());
        for group in Group::ALL {
            let _ = write!(out, "<td>{}</td>", counts.get(&(category, group)).copied().unwrap_or_default());
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</table></div>\n</section>\n");
}

fn group_table(stock: &Stock, group: Group, index: usize, out: &mut String) {
    let rows: Vec<&Reviewed> = stock.register.threats.iter().filter(|reviewed| Group::of(reviewed) == Some(group)).collect();
    let (words, id) = (group.words(), group.words().to_lowercase().replace(' ', "-"));
    let _ = writeln!(out, "<section aria-labelledby=\"{id}{index}\">\n<h3 id=\"{id}{index}\">{words}: {}</h3>", rows.len());
    if !rows.is_empty() {
        out.push_str(&frame(words));
        out.push_str(
            "<table>\n<tr><th scope=\"col\">severity</th><th scope=\"col\">threat</th><th scope=\"col\">whose</th><th scope=\"col\">since</th><th scope=\"col\">what was said</th></tr>\n",
        );
        rows.iter().for_each(|reviewed| row(reviewed, out));
        out.push_str("</table></div>\n");
    }
    out.push_str("</section>\n");
}

fn row(reviewed: &Reviewed, out: &mut String) {
    let decided = decision(&reviewed.standing);
    let debt = reviewed.debt();
    let whose = asked(reviewed).or_else(|| decided.and_then(|decided| decided.to.as_deref())).unwrap_or_default();
    let since = debt.map(|debt| debt.at).or(decided.map(|decided| decided.at)).map_or_else(|| "–".to_owned(), |at| at.day().to_string());
    let said = spoken(&reviewed.standing, &xml);
    let owed = debt.map(|debt| xml(&debt.words()));
    let by_settings = ruled::all(&reviewed.threat, xml);
    let _ = writeln!(
        out,
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{since}</td><td>{}</td></tr>",
        reviewed.threat.severity.word(),
        threat(reviewed),
        xml(whose),
        owed.into_iter().chain(said).chain(by_settings).collect::<Vec<_>>().join("<br>")
    );
}

fn threat(reviewed: &Reviewed) -> String {
    let threat = &reviewed.threat;
    let place = format!("{}, line {}", threat.place.path, threat.place.line);
    format!("{}<br>{}<br><span class=\"soft\">{} · {}</span>", code(&threat.id()), xml(&threat.title()), threat.rule.id, xml(&place))
}

/// What the settings have not asked, by the entry that says so.
fn switched_off(register: &Register, index: usize, out: &mut String) {
    let switched_off = ruled::switched_off(&register.threats);
    if switched_off.is_empty() {
        return;
    }
    let number: usize = switched_off.iter().map(|off| off.threats.len()).sum();
    let items: String = switched_off.iter().map(|off| format!("<li>{}: {}</li>\n", off.rules(code), off.why(xml))).collect();
    let _ = writeln!(
        out,
        "<section aria-labelledby=\"off{index}\">\n<h3 id=\"off{index}\">Switched off by the settings: {number}</h3>\n<ul>\n{items}</ul>\n</section>"
    );
}
