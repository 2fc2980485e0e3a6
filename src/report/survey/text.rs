//! A survey for a terminal: the sums, the rules, and the changes that would have been held.
//!
//! Comes in: a survey. Goes out: plain text, without the control characters of foreign names.

use crate::report::markup::count;
use crate::report::survey::{EXAMPLES, Outcome, RuleUse, Said, Survey, Surveyed};
use crate::report::text::{at, plain};
use std::fmt::Write;

/// The whole survey.
pub fn render(survey: &Survey) -> String {
    let mut out = String::new();
    head(survey, &mut out);
    rules(survey, &mut out);
    switched_off(survey, &mut out);
    changes(survey, Outcome::Held, "held, newest first", &mut out);
    changes(survey, Outcome::Repair, "to repair, newest first", &mut out);
    changes(survey, Outcome::Noted, "noted, newest first", &mut out);
    changes(survey, Outcome::Failed, "could not be surveyed", &mut out);
    out
}

fn head(survey: &Survey, out: &mut String) {
    let period = survey.period.map_or_else(String::new, |(oldest, newest)| format!(", {} to {}", oldest.day(), newest.day()));
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(out, "Astride survey: {}, {}{period}\n", plain(&survey.repository), plain(&survey.branch));
    let _ = writeln!(out, "{}{}", count(survey.total(), "change", "changes"), survey.per_week());
    let _ = writeln!(out, "{:>6}  touch nothing that is read", survey.untouched);
    for (outcome, changes) in survey.outcomes() {
        let _ = writeln!(out, "{changes:>6}  {}", outcome.meaning());
    }
    if let Some(commit) = survey.shallow_at {
        let _ = writeln!(
            out,
            "\nthe clone is shallow: it ends at {}, and nothing older was surveyed\nhint: fetch more of the history, with `git fetch --unshallow` or `git fetch --deepen=1000`",
            commit.short()
        );
    }
}

fn rules(survey: &Survey, out: &mut String) {
    let rules = survey.rules();
    let read: Vec<&RuleUse<'_>> = rules.iter().filter(|rule| !rule.uses.is_empty()).collect();
    if read.is_empty() {
        return;
    }
    out.push_str("\nrules, noisiest first\nchanges  share   held  times  rule\n");
    for rule in read {
        let _ = writeln!(
            out,
            "{:>7}  {:>5}  {:>5}  {:>5}  {}, {} {}: {}",
            rule.changes(),
            survey.share(rule.changes()),
            rule.held(),
            rule.uses.len(),
            rule.rule.id,
            rule.rule.severity.word(),
            rule.rule.kind.word(),
            rule.outline()
        );
        for one in rule.examples(EXAMPLES) {
            let _ = writeln!(out, "{:>31}{}  {}", "", one.change.commit.short(), at(&one.told.place));
        }
    }
}

fn switched_off(survey: &Survey, out: &mut String) {
    let rules = survey.switched_off();
    if rules.is_empty() {
        return;
    }
    out.push_str("\nswitched off by the settings: not asked\nchanges  share  times  rule\n");
    for silence in rules {
        let (rule, share) = (silence.rule, survey.share(silence.changes));
        let _ = writeln!(
            out,
            "{:>7}  {share:>5}  {:>5}  {}, {} {}",
            silence.changes,
            silence.times,
            rule.id,
            rule.severity.word(),
            rule.kind.word()
        );
        for reason in silence.reasons {
            let _ = writeln!(out, "{:>24}{}", "", plain(reason));
        }
    }
}

fn changes(survey: &Survey, outcome: Outcome, title: &str, out: &mut String) {
    let mut changes = survey.with(outcome).peekable();
    if changes.peek().is_none() {
        return;
    }
    let _ = writeln!(out, "\n{title}");
    changes.for_each(|change| one(change, out));
}

fn one(change: &Surveyed, out: &mut String) {
    let _ = writeln!(out, "  {}  {}  {}", change.commit.short(), change.at.day(), plain(&change.subject));
    match &change.said {
        Ok(said) => lines(change, said, out),
        Err(why) => {
            let _ = writeln!(out, "    {}", plain(why));
        }
    }
}

fn lines(change: &Surveyed, said: &Said, out: &mut String) {
    if let Some((place, words)) = &said.weakened {
        let _ = writeln!(out, "    settings  {}\n      the gate is weakened: {}", at(place), plain(words));
    }
    for repair in &said.repairs {
        let _ = writeln!(out, "    repair  {}  {}\n      {}", plain(&repair.id), at(&repair.place), plain(&repair.what));
    }
    for told in change.blocking() {
        let rank = format!("{} {}", told.severity.word(), told.category().words().to_lowercase());
        let _ = writeln!(out, "    {rank}  {}  {}  {}", plain(&told.id), told.rule.id, at(&told.place));
        let _ = writeln!(out, "      {}", plain(&told.title));
    }
    for words in &said.taken_away {
        let _ = writeln!(out, "    taken away: {}", plain(words));
    }
}
