//! The pull request that proposes settings, with the figures of a survey.
//!
//! Comes in: a survey. Goes out: Markdown, in which every foreign word has gone through `escape`.

use crate::change::Docs;
use crate::report::escape;
use crate::report::markup::count;
use crate::report::survey::{Outcome, RuleUse, Survey};
use crate::settings;
use std::fmt::Write;

/// The branch that it comes from: by it, and by its author, it is found again.
pub const BRANCH: &str = "astride/settings";
pub const TITLE: &str = "Settings for Astride, in advise mode";
/// Of the commit.
pub const MESSAGE: &str = "Add settings for Astride, in advise mode";
/// Most rules that are named.
const RULES: usize = 10;

/// What the pull request says.
pub fn body(survey: &Survey, docs: &Docs) -> String {
    let mut out = format!(
        "Astride is installed in this repository. It comments on pull requests that change the architecture, and holds none of them.\n\n\
         This adds `{}`, the file in which you say what it does here. It asks for `mode: advise`, which is what holds without a file too: \
         merging it changes nothing today.\n\n",
        settings::PATH
    );
    figures(survey, docs, &mut out);
    out.push_str(
        "**When the figures are right for you**, set `mode: enforce` in that file, and make the check `astride` required, with this App as \
         its source.",
    );
    out.push_str(&docs.maintaining().map_or_else(String::new, |url| format!(" [More on settings]({url}).")));
    out.push_str("\n\n**To decline**, close this pull request: it is not proposed again, and Astride goes on advising.\n");
    out
}

fn figures(survey: &Survey, docs: &Docs, out: &mut String) {
    if survey.total() == 0 {
        return;
    }
    let period = survey.period.map_or_else(String::new, |(oldest, newest)| format!(", {} to {}", oldest.day(), newest.day()));
    let branch = escape::code(&survey.branch);
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(
        out,
        "**What it would have said** of the last {} of {branch}{period}, if it had held merges then:\n",
        count(survey.total(), "change", "changes")
    );
    out.push_str("| changes | |\n|---:|---|\n");
    for (outcome, changes) in survey.outcomes().into_iter().filter(|(_, changes)| *changes > 0) {
        let _ = writeln!(out, "| {changes} | {} |", outcome.meaning());
    }
    if survey.untouched > 0 {
        let _ = writeln!(out, "| {} | touch nothing that is read |", survey.untouched);
    }
    out.push('\n');
    rules(survey, docs, out);
    held(survey, out);
    out.push_str("`astride survey` says the same line by line, of as many changes as you like.\n\n");
}

fn rules(survey: &Survey, docs: &Docs, out: &mut String) {
    let rules = survey.rules();
    let read: Vec<&RuleUse<'_>> = rules.iter().filter(|rule| !rule.uses.is_empty()).collect();
    if read.is_empty() {
        return;
    }
    out.push_str("| rule, noisiest first | changes | held |\n|---|---:|---:|\n");
    for rule in read.iter().take(RULES) {
        let rank = format!("{} {}", rule.rule.severity.word(), rule.rule.kind.word());
        let name = docs.rule(rule.rule.id).map_or_else(|| format!("`{}`", rule.rule.id), |url| format!("[{}]({url})", rule.rule.id));
        let _ = writeln!(out, "| {name}, {rank}: {} | {} | {} |", escape::text(&rule.outline()), rule.changes(), rule.held());
    }
    if let Some(more) = read.len().checked_sub(RULES).filter(|more| *more > 0) {
        let _ = writeln!(out, "| and {} | | |", count(more, "more rule", "more rules"));
    }
    out.push('\n');
}

/// The changes that would have waited, to be looked at.
fn held(survey: &Survey, out: &mut String) {
    let held: Vec<String> = [Outcome::Held, Outcome::Repair]
        .into_iter()
        .flat_map(|outcome| survey.with(outcome))
        .map(|change| {
            format!("- [{}]({}/commit/{}) {}\n", change.commit.short(), survey.web_url, change.commit, escape::text(&change.subject))
        })
        .collect();
    if !held.is_empty() {
        let _ = writeln!(out, "These would have been held:\n\n{}", held.concat());
    }
}
