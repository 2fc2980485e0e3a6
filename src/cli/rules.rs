//! `astride rules`: look at what is asked, and when.

use crate::cli::{Outcome, print};
use crate::model::claim;
use crate::model::fact::Fact;
use crate::stride::rule::{RULES, Rule, Subject};
use anyhow::{Result, bail};
use std::fmt::Write;

/// Look at the rules: which there are, and what one of them asks, reads and takes for an answer.
#[derive(clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// List all rules: id, kind, severity, what they speak on.
    List {
        /// Only rules whose id contains this text, case ignored.
        filter: Option<String>,
    },
    /// Show one rule whole.
    Show {
        /// The rule's id, for example STR-FURL-S-01.
        id: String,
    },
    /// List the facts that people can state in an annotation, with their answers.
    Facts,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome> {
    match &arguments.command {
        Command::List { filter } => print(&list(filter.as_deref().unwrap_or_default()))?,
        Command::Show { id } => match RULES.iter().find(|rule| rule.id.eq_ignore_ascii_case(id)) {
            Some(rule) => print(&show(rule))?,
            None => bail!("there is no rule `{id}`; `astride rules list` prints them all"),
        },
        Command::Facts => print(&facts())?,
    }
    Ok(Outcome::Clear)
}

fn facts() -> String {
    let mut out = String::new();
    for fact in Fact::ALL.iter().filter(|fact| fact.is_claimable()) {
        let _ = writeln!(out, "{:<20} {:<44} {}", fact.as_str(), claim::answers(*fact).join(", "), fact.meaning());
    }
    out
}

fn list(filter: &str) -> String {
    let filter = filter.to_ascii_uppercase();
    let mut out = String::new();
    for rule in RULES.iter().filter(|rule| rule.id.contains(&filter)) {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{:<18} {:<9} {:<9} {:<24} {}", rule.id, rule.kind.word(), rule.severity.word(), subject(rule), rule.title);
    }
    out
}

fn subject(rule: &Rule) -> String {
    match rule.subject {
        Subject::Flow(kind) => format!("flow:{kind} {}", rule.service),
        Subject::External | Subject::Process | Subject::Store | Subject::Identity | Subject::Boundary => rule.service.to_owned(),
    }
}

fn show(rule: &Rule) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}  {}, {} {}\n", rule.id, rule.category.words(), rule.severity.word(), rule.kind.word());
    let _ = writeln!(out, "{}\n{}\n", rule.title, rule.question);
    let _ = writeln!(out, "speaks on   {}", subject(rule));
    let _ = writeln!(out, "roll-up     {}", rule.rollup.replace('_', " "));
    let _ = writeln!(out, "reads       {}", rule.reads.iter().map(|fact| fact.as_str()).collect::<Vec<_>>().join(", "));
    for answer in rule.answers {
        let _ = writeln!(out, "covered by  {}{}", answer.note, if answer.partial { " (in part)" } else { "" });
    }
    for fix in rule.fixes {
        let _ = writeln!(out, "fix         {fix}");
    }
    if !rule.supersedes.is_empty() {
        let _ = writeln!(out, "supersedes  {}", rule.supersedes.join(", "));
    }
    let _ = writeln!(out, "references  {}\n", rule.references.join(", "));
    for fact in rule.reads {
        let _ = writeln!(out, "{}: {}", fact.as_str(), Fact::meaning(*fact));
    }
    out
}
