//! A survey as one page: for a browser, or to hand round before the bot is switched on.
//!
//! Comes in: a survey. Goes out: HTML in the manner of the report's page: nothing runs, nothing is fetched. Every foreign word has gone
//! through `escape::xml`.

use crate::change::ObjectId;
use crate::report::escape::xml;
use crate::report::html::{ROWS, code, frame, more, page};
use crate::report::link;
use crate::report::markup::count;
use crate::report::survey::{EXAMPLES, Outcome, RuleUse, Said, Survey, Surveyed, Told};
use crate::source::Place;
use std::fmt::Write;

/// The page.
pub fn render(survey: &Survey) -> String {
    let title = format!("Astride survey: {}", survey.repository);
    let (mut top, mut body) = (String::new(), String::new());
    head(survey, &title, &mut top);
    rules(survey, &mut body);
    switched_off(survey, &mut body);
    held(survey, &mut body);
    folded(survey, Outcome::Noted, "Noted: a control or data was taken away", &mut body);
    folded(survey, Outcome::Asked, "Asked, without holding anything", &mut body);
    folded(survey, Outcome::NotJudged, "Not judged", &mut body);
    folded(survey, Outcome::Failed, "Could not be surveyed", &mut body);
    page(&title, &top, &body, "")
}

fn head(survey: &Survey, title: &str, out: &mut String) {
    let class = if survey.holds() { "needs" } else { "clear" };
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(out, "<header class=\"{class}\">\n<h1>{}</h1>", xml(title));
    let period = survey.period.map_or_else(String::new, |(oldest, newest)| format!(", {} to {}", oldest.day(), newest.day()));
    let changes = count(survey.total(), "change", "changes");
    let _ = writeln!(out, "<p>{}{period}: {changes}{}</p>", code(&survey.branch), survey.per_week());
    out.push_str(&frame("What the changes come to"));
    out.push_str("<table>\n<tr><th scope=\"col\">what they come to</th><th scope=\"col\">changes</th><th scope=\"col\">share</th></tr>\n");
    let _ = writeln!(out, "{}", outcome_row(survey, survey.untouched, "touch nothing that is read"));
    for (outcome, changes) in survey.outcomes() {
        let _ = writeln!(out, "{}", outcome_row(survey, changes, outcome.meaning()));
    }
    out.push_str("</table></div>\n");
    if let Some(commit) = survey.shallow_at {
        let _ = writeln!(
            out,
            "<p class=\"soft\">The clone is shallow: it ends at {}, and nothing older was surveyed.</p>",
            code(&commit.short())
        );
    }
    out.push_str("</header>\n");
}

fn outcome_row(survey: &Survey, changes: usize, words: &str) -> String {
    format!("<tr><td>{words}</td><td>{changes}</td><td>{}</td></tr>", xml(&survey.share(changes)))
}

fn rules(survey: &Survey, out: &mut String) {
    let rules = survey.rules();
    let read: Vec<&RuleUse<'_>> = rules.iter().filter(|rule| !rule.uses.is_empty()).collect();
    if read.is_empty() {
        return;
    }
    out.push_str("<section aria-labelledby=\"rules\">\n<h2 id=\"rules\">Rules, noisiest first</h2>\n");
    out.push_str(&frame("Rules, noisiest first"));
    out.push_str(
        "<table>\n<tr><th scope=\"col\">rule</th><th scope=\"col\">changes</th><th scope=\"col\">share</th>\
         <th scope=\"col\">held</th><th scope=\"col\">times</th></tr>\n",
    );
    read.iter().for_each(|rule| rule_row(survey, rule, out));
    out.push_str("</table></div>\n<p class=\"soft\">Changes: on how many it is read. Held: how many wait for its answer. Lines that are only counted are left out.</p>\n</section>\n");
}

fn rule_row(survey: &Survey, rule: &RuleUse<'_>, out: &mut String) {
    let examples: Vec<String> = rule
        .examples(EXAMPLES)
        .into_iter()
        .map(|one| format!("{} {}", commit(survey, one.change.commit), place(survey, one.change.commit, &one.told.place)))
        .collect();
    let (severity, kind) = (rule.rule.severity.word(), rule.rule.kind.word());
    let _ = writeln!(
        out,
        "<tr><td>{} <span class=\"rank {severity}\">{severity} {kind}</span><br>{}<br><span class=\"soft\">{}</span></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
        code(rule.rule.id),
        xml(&rule.outline()),
        examples.join("<br>"),
        rule.changes(),
        xml(&survey.share(rule.changes())),
        rule.held(),
        rule.uses.len()
    );
}

fn switched_off(survey: &Survey, out: &mut String) {
    let rules = survey.switched_off();
    if rules.is_empty() {
        return;
    }
    out.push_str("<section aria-labelledby=\"off\">\n<h2 id=\"off\">Switched off by the settings: not asked</h2>\n");
    out.push_str(&frame("Switched off by the settings"));
    out.push_str(
        "<table>\n<tr><th scope=\"col\">rule</th><th scope=\"col\">changes</th><th scope=\"col\">share</th><th scope=\"col\">times</th></tr>\n",
    );
    for silence in rules {
        let (severity, kind) = (silence.rule.severity.word(), silence.rule.kind.word());
        let reasons: Vec<String> = silence.reasons.iter().map(|reason| xml(reason)).collect();
        let _ = writeln!(
            out,
            "<tr><td>{} <span class=\"rank {severity}\">{severity} {kind}</span><br><span class=\"soft\">{}</span></td><td>{}</td><td>{}</td><td>{}</td></tr>",
            code(silence.rule.id),
            reasons.join("<br>"),
            silence.changes,
            xml(&survey.share(silence.changes)),
            silence.times
        );
    }
    out.push_str("</table></div>\n</section>\n");
}

/// What would have been held, unfolded.
fn held(survey: &Survey, out: &mut String) {
    for (outcome, title) in [(Outcome::Held, "Held until a threat is answered"), (Outcome::Repair, "Held until a file can be read")] {
        let changes: Vec<&Surveyed> = survey.with(outcome).collect();
        if changes.is_empty() {
            continue;
        }
        let _ = writeln!(out, "<section>\n<h2>{title}: {}</h2>", changes.len());
        changes.iter().take(ROWS).for_each(|change| one(survey, change, out));
        more(changes.len(), "changes", out);
        out.push_str("</section>\n");
    }
}

fn folded(survey: &Survey, outcome: Outcome, title: &str, out: &mut String) {
    let changes: Vec<&Surveyed> = survey.with(outcome).collect();
    if changes.is_empty() {
        return;
    }
    let _ = writeln!(out, "<details>\n<summary><h2>{title}: {}</h2></summary>", changes.len());
    changes.iter().take(ROWS).for_each(|change| one(survey, change, out));
    more(changes.len(), "changes", out);
    out.push_str("</details>\n");
}

fn one(survey: &Survey, change: &Surveyed, out: &mut String) {
    let _ = writeln!(
        out,
        "<article class=\"threat\">\n<h3>{}</h3>\n<p class=\"soft\">{} · {}</p>\n<ul>",
        xml(&change.subject),
        commit(survey, change.commit),
        change.at.day()
    );
    match &change.said {
        Ok(said) => lines(survey, change, said, out),
        Err(why) => {
            let _ = writeln!(out, "<li>{}</li>", xml(why));
        }
    }
    out.push_str("</ul>\n</article>\n");
}

fn lines(survey: &Survey, change: &Surveyed, said: &Said, out: &mut String) {
    let at = |place_of: &Place| place(survey, change.commit, place_of);
    if let Some((place, words)) = &said.weakened {
        let _ = writeln!(out, "<li><b>The gate is weakened</b> ({}): {}</li>", at(place), xml(words));
    }
    for repair in &said.repairs {
        let _ = writeln!(out, "<li><b>Repair</b> ({}; {}): {}</li>", at(&repair.place), code(&repair.id), xml(&repair.what));
    }
    said.threats.iter().filter(|told| told.is_read()).for_each(|told| threat(survey, change, told, out));
    for words in &said.taken_away {
        let _ = writeln!(out, "<li><b>Taken away:</b> {}</li>", xml(words));
    }
    for other in &said.not_judged {
        let _ = writeln!(out, "<li>{} ({})</li>", code(other.path.as_str()), xml(&other.format));
    }
}

fn threat(survey: &Survey, change: &Surveyed, told: &Told, out: &mut String) {
    let severity = told.severity.word();
    let waits = if told.blocks { " · needs an answer" } else { "" };
    let _ = writeln!(
        out,
        "<li><span class=\"rank {severity}\">{severity} {}</span>{} <span class=\"soft\">({}; {} · {}{waits})</span></li>",
        told.rule.kind.word(),
        xml(&told.title),
        place(survey, change.commit, &told.place),
        code(&told.id),
        told.rule.id
    );
}

/// The short id of a commit, as a link where there is a place to link to.
fn commit(survey: &Survey, commit: ObjectId) -> String {
    let words = code(&commit.short());
    if survey.web_url.is_empty() {
        words
    } else {
        format!("<a href=\"{}\">{words}</a>", xml(&format!("{}/commit/{commit}", survey.web_url)))
    }
}

/// `intake/template.yaml:12`, as a link to the line at that commit where there is a place to link to.
fn place(survey: &Survey, commit: ObjectId, place: &Place) -> String {
    let words = format!("{}:{}", xml(place.path.as_str()), place.line);
    link(&survey.web_url, commit, place).map_or_else(|| words.clone(), |url| format!("<a href=\"{}\">{words}</a>", xml(&url)))
}
