//! The numbers of the page: by age, by whose threats are, over time, and the rules that misread.
//!
//! Comes in: what `counted` makes of a register and of the words of its ledger. Goes out: tables, and a small picture of the months, which the
//! table beside it says in words.

use crate::change::Day;
use crate::decisions::trail::Entry;
use crate::report::escape::xml;
use crate::report::html::{code, frame};
use crate::report::register::Stock;
use crate::report::register::counted::{self, ByGroup, GROUPS, MONTHS, Month};
use std::fmt::Write;

/// Width of a month and height of the picture, in pixels.
const STEP: usize = 28;
const HEIGHT: usize = 120;

/// By age, and by whose they are.
pub(super) fn of_one(stock: &Stock, index: usize, today: Day, out: &mut String) {
    let ages = counted::by_age(stock, today);
    let rows = ages.iter().map(|(words, numbers)| ((*words).to_owned(), *numbers, None));
    table(&format!("ages{index}"), "By age", "since the last word, or the merge", rows.collect(), out);
    let owners = counted::by_owner(stock, today);
    let rows = owners.iter().map(|(name, numbers, due)| (name.clone(), *numbers, Some(*due)));
    table(&format!("owners{index}"), "By owner", "who is asked, answered, or owns the code", rows.collect(), out);
}

/// A table of numbers by group; with how many are due, where that is told.
fn table(id: &str, title: &str, first: &str, rows: Vec<(String, ByGroup, Option<usize>)>, out: &mut String) {
    if rows.is_empty() {
        return;
    }
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(out, "<section aria-labelledby=\"{id}\">\n<h3 id=\"{id}\">{title}</h3>");
    out.push_str(&frame(title));
    let _ = write!(out, "<table>\n<tr><th scope=\"col\">{first}</th>");
    for group in GROUPS {
        let _ = write!(out, "<th scope=\"col\">{}</th>", group.words().to_lowercase());
    }
    out.push_str(if rows.iter().any(|(_, _, due)| due.is_some()) { "<th scope=\"col\">due</th></tr>\n" } else { "</tr>\n" });
    for (name, numbers, due) in rows {
        let cells: String = numbers.iter().chain(&due).map(|number| format!("<td>{number}</td>")).collect();
        let _ = writeln!(out, "<tr><th scope=\"row\">{}</th>{cells}</tr>", xml(&name));
    }
    out.push_str("</table></div>\n</section>\n");
}

/// What stood at the end of each month, and which rules misread. `id` tells the sections of one page apart.
pub(super) fn of_ledger(said: &[&Entry], id: &str, today: Day, out: &mut String) {
    over_time(&counted::over_time(said, today), id, out);
    misread(said, id, out);
}

fn over_time(months: &[Month], id: &str, out: &mut String) {
    if months.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "<section aria-labelledby=\"months{id}\">\n<h3 id=\"months{id}\">Over time</h3>\n<p class=\"soft\">At the end of each of the last {MONTHS} months, \
         by the ledger alone: a threat that was mended without a word is counted on, and one that nobody has spoken of is not. From the bottom: owed, accepted, transferred, otherwise answered.</p>"
    );
    picture(months, out);
    out.push_str(&frame("Over time"));
    out.push_str("<table>\n<tr><th scope=\"col\">month</th>");
    for words in ["owed", "accepted", "transferred", "otherwise answered", "taken back or ended in it"] {
        let _ = write!(out, "<th scope=\"col\">{words}</th>");
    }
    out.push_str("</tr>\n");
    for month in months {
        let cells: String = numbers(month).iter().chain([&month.reopened]).map(|number| format!("<td>{number}</td>")).collect();
        let _ = writeln!(out, "<tr><th scope=\"row\">{}</th>{cells}</tr>", month.name);
    }
    out.push_str("</table></div>\n</section>\n");
}

fn numbers(month: &Month) -> [usize; 4] {
    [month.owed, month.accepted, month.transferred, month.settled]
}

/// A column for each month: what is owed at the bottom, what is answered above it.
fn picture(months: &[Month], out: &mut String) {
    let most = months.iter().map(|month| numbers(month).iter().sum::<usize>()).max().unwrap_or_default().max(1);
    let width = STEP * months.len();
    let _ = write!(
        out,
        "<svg class=\"months\" role=\"img\" aria-label=\"Owed and answered threats by month; the table below has the numbers\" width=\"{width}\" \
         height=\"{HEIGHT}\" viewBox=\"0 0 {width} {HEIGHT}\">"
    );
    for (column, month) in months.iter().enumerate() {
        let mut top = HEIGHT;
        for (kind, number) in ["owed", "accepted", "transferred", "settled"].into_iter().zip(numbers(month)) {
            let height = number * HEIGHT / most;
            top -= height.min(top);
            if height > 0 {
                let (left, wide) = (column * STEP + 2, STEP - 4);
                let _ = write!(
                    out,
                    "<rect class=\"{kind}\" x=\"{left}\" y=\"{top}\" width=\"{wide}\" height=\"{height}\"><title>{}: {number} {kind}</title></rect>",
                    month.name
                );
            }
        }
    }
    out.push_str("</svg>\n");
}

/// Which rules people found to have misread, and how often of how many answers.
fn misread(said: &[&Entry], id: &str, out: &mut String) {
    let rules = counted::misread(said);
    if rules.is_empty() {
        return;
    }
    let line = |(rule, wrong, all): &(&str, usize, usize)| {
        format!("<li>{}: {wrong} of {all} answers that stand, {} %</li>\n", code(rule), wrong * 100 / all)
    };
    let items: String = rules.iter().map(line).collect();
    let _ = writeln!(
        out,
        "<section aria-labelledby=\"wrong{id}\">\n<h3 id=\"wrong{id}\">Rules that misread</h3>\n<ul>\n{items}</ul>\n</section>"
    );
}
