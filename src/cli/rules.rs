//! `astride rules`: look at what is asked, and when.

mod json;

use crate::cli::organisation::Organisation;
use crate::cli::{Outcome, complain, print};
use crate::model::claim;
use crate::model::fact::Fact;
use crate::model::nearest::nearest;
use crate::stride::reference;
use crate::stride::rule::{OWN, Rule, Subject};
use anyhow::{Result, bail};
use std::fmt::Write;

/// Look at the rules: which there are, and what one of them asks, reads and takes for an answer.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  astride rules list bucket critical\n  astride rules show STR-FURL-S-01\n  astride rules list --format json"
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// Whose rules.
type Rules = [&'static Rule];

#[derive(clap::Subcommand)]
enum Command {
    /// List the rules: id, kind, severity, what they speak on.
    List {
        /// Only rules that have all of these words in their id, title, service, category, kind or severity; case is ignored.
        words: Vec<String>,
        #[command(flatten)]
        organisation: Organisation,
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Show one rule whole.
    Show {
        /// The rule's id, for example STR-FURL-S-01; case is ignored.
        id: String,
        #[command(flatten)]
        organisation: Organisation,
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// List the facts that people can state in an annotation, with their answers.
    Facts {
        #[command(flatten)]
        organisation: Organisation,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome> {
    match &arguments.command {
        Command::List { words, organisation, format } => {
            let all = organisation.read()?.own.all_rules();
            let rules = matching(words, &all);
            if rules.is_empty() {
                let meant = words.iter().find_map(|word| meant(word, &all)).map(|meant| format!("; did you mean `{meant}`?"));
                complain(&format!("no rule has all of these words: {}{}", words.join(" "), meant.unwrap_or_default()));
            }
            print(&match format {
                Format::Text => list(&rules),
                Format::Json => json::list(&rules),
            })?;
        }
        Command::Show { id, organisation, format } => {
            let rule = find(id, &organisation.read()?.own.all_rules())?;
            print(&match format {
                Format::Text => show(rule),
                Format::Json => json::show(rule),
            })?;
        }
        Command::Facts { organisation } => print(&facts(organisation.read()?.own.facts()))?,
    }
    Ok(Outcome::Clear)
}

/// The rule of an id, in whatever case it was typed.
fn find(id: &str, rules: &Rules) -> Result<&'static Rule> {
    if let Some(rule) = rules.iter().find(|rule| rule.id.eq_ignore_ascii_case(id)) {
        return Ok(rule);
    }
    if id.to_ascii_uppercase().starts_with(OWN) {
        bail!(
            "there is no rule `{id}`\nhint: rules of an organisation's own are read with --organisation DIR, a clone of its `.github` repository"
        );
    }
    if id.contains('/') {
        bail!(
            "`{id}` is the ID of a threat, and rules have ids like STR-FURL-S-01\nhint: `astride review` names the rule beside the ID of what blocks"
        );
    }
    match nearest(&id.to_ascii_uppercase(), rules.iter().map(|rule| rule.id)) {
        Some(meant) => bail!("there is no rule `{id}`; did you mean `{meant}`?"),
        None => bail!("there is no rule `{id}`\nhint: `astride rules list` prints them all, `astride rules list bucket` those on buckets"),
    }
}

fn facts(own: &[Fact]) -> String {
    let mut out = String::new();
    for fact in Fact::ALL.iter().chain(own).filter(|fact| fact.is_claimable()) {
        let _ = writeln!(out, "{:<20} {:<44} {}", fact.as_str(), claim::answers(*fact).join(", "), fact.meaning());
    }
    out
}

fn matching(words: &[String], rules: &Rules) -> Vec<&'static Rule> {
    let words: Vec<String> = words.iter().flat_map(|word| word.split_whitespace()).map(str::to_lowercase).collect();
    rules.iter().copied().filter(|rule| words.iter().all(|word| searched(rule).contains(word))).collect()
}

/// What the words of `rules list` are looked for in.
fn searched(rule: &Rule) -> String {
    let Rule { id, title, .. } = rule;
    let text = format!("{id} {title} {} {} {} {}", subject(rule), rule.category.words(), rule.kind.word(), rule.severity.word());
    text.to_lowercase()
}

/// The word of a rule that a mistyped one was meant to be; short words are near to anything.
fn meant(word: &str, rules: &Rules) -> Option<String> {
    let word = word.to_lowercase();
    let texts: Vec<String> = rules.iter().map(|rule| searched(rule)).collect();
    let known = || texts.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric())).filter(|known| known.len() > 3);
    if word.len() < 4 || known().any(|known| known.contains(&word)) {
        return None;
    }
    nearest(&word, known()).map(str::to_owned)
}

fn list(rules: &[&Rule]) -> String {
    let mut out = String::new();
    for rule in rules {
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
    if rule.is_own() {
        let _ = writeln!(out, "of          the organisation");
    }
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
    for (position, name) in rule.references.iter().enumerate() {
        let _ = writeln!(out, "{:<12}{}", if position == 0 { "references" } else { "" }, reference::words(name));
    }
    out.push('\n');
    for fact in rule.reads {
        let _ = writeln!(out, "{}: {}", fact.as_str(), Fact::meaning(*fact));
    }
    out
}
