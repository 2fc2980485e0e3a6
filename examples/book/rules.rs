//! A page for each rule, and the index of them: from the rule's entry in `config/rules`, its facts and its cases.

use astride::model::fact::Fact;
use astride::stride::reference::Reference;
use astride::stride::rule::{RULES, Rule as Compiled, Subject};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

/// Cases of a rule, in the order in which they are shown, and what they show.
const CASES: [(&str, &str); 4] = [("fires", "raised"), ("covered", "covered"), ("silent", "silent"), ("unknown", "cannot be told")];

/// What of a rule's entry only its text says.
#[derive(Deserialize)]
struct Entry {
    id: String,
    raised_when: String,
    context: Option<String>,
    #[serde(default)]
    answered_by: Vec<Answer>,
}

#[derive(Deserialize)]
struct Answer {
    when: String,
    note: String,
    #[serde(default)]
    partial: bool,
}

pub(crate) struct Rule {
    entry: Entry,
    compiled: &'static Compiled,
    /// Lines of a table: facts, and what comes of them.
    examples: Vec<(String, &'static str)>,
    /// As people read it, in the case that raises the rule.
    title: String,
}

/// All rules that are shipped, in the order of their ids.
///
/// # Errors
/// A file cannot be read or is no list of rules.
pub(crate) fn read(root: &Path) -> io::Result<Vec<Rule>> {
    let compiled: BTreeMap<&str, &'static Compiled> = RULES.iter().map(|rule| (rule.id, rule)).collect();
    let mut rules = Vec::new();
    for file in fs::read_dir(root.join("config/rules"))? {
        let path = file?.path();
        // A list of those that wait for something, and no entries.
        if path.ends_with("waiting.yml") {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        let entries: Vec<Entry> = serde_saphyr::from_str(&text).map_err(io::Error::other)?;
        for entry in entries {
            let Some(compiled) = compiled.get(entry.id.as_str()) else { continue };
            rules.push(rule(root, entry, compiled)?);
        }
    }
    rules.sort_by(|a, b| a.entry.id.cmp(&b.entry.id));
    Ok(rules)
}

fn rule(root: &Path, entry: Entry, compiled: &'static Compiled) -> io::Result<Rule> {
    let mut title = compiled.title.to_owned();
    let mut examples = Vec::new();
    for (case, outcome) in CASES {
        let Ok(text) = fs::read_to_string(root.join("tests/cases/rules").join(&entry.id).join(format!("{case}.yml"))) else {
            continue;
        };
        let read: BTreeMap<String, Value> = serde_saphyr::from_str(&text).map_err(io::Error::other)?;
        if let Some(Value::String(words)) = read.get("title") {
            title.clone_from(words);
        }
        let facts = read.get("facts").map(facts).unwrap_or_default();
        examples.push((facts, outcome));
    }
    Ok(Rule { entry, compiled, examples, title })
}

/// Each fact as code: `authn: none`, `exposure: internet`.
fn facts(facts: &Value) -> String {
    let Some(facts) = facts.as_object().filter(|facts| !facts.is_empty()) else { return "nothing is stated".to_owned() };
    facts.iter().map(|(name, value)| format!("`{name}: {}`", words(value))).collect::<Vec<_>>().join(", ")
}

fn words(value: &Value) -> String {
    let list = |values: &[Value]| values.iter().map(words).collect::<Vec<_>>().join(", ");
    match value {
        Value::String(word) => word.clone(),
        Value::Array(values) => format!("[{}]", list(values)),
        Value::Object(map) => match (map.get("is"), map.get("witnesses")) {
            (Some(is), Some(Value::Array(witnesses))) => format!("{} ({})", words(is), list(witnesses)),
            _ => "cannot be resolved".to_owned(),
        },
        other => other.to_string(),
    }
}

impl Rule {
    /// Within the book.
    pub(crate) fn path(&self) -> String {
        format!("rules/{}.md", self.entry.id)
    }

    fn subject(&self) -> String {
        let service = self.compiled.service.replace('_', " ");
        match self.compiled.subject {
            Subject::Flow(kind) => format!("flows ({}) of: {service}", kind.replace('_', " ")),
            Subject::Identity => format!("roles, on whoever holds them: {service}"),
            Subject::Boundary => format!("boundaries, on the flows that cross them: {service}"),
            Subject::External => format!("external entities: {service}"),
            Subject::Process => format!("processes: {service}"),
            Subject::Store => format!("data stores: {service}"),
        }
    }

    fn severity(&self) -> String {
        let (own, exposed) = (self.compiled.severity.word(), self.compiled.exposed_severity.word());
        if own == exposed { own.to_owned() } else { format!("{own}, {exposed} where it is exposed") }
    }

    pub(crate) fn page(&self, all: &[Self]) -> String {
        let (rule, entry) = (self.compiled, &self.entry);
        let mut out = format!("# {}\n\n**{}**\n\n", entry.id, escaped(&self.title));
        let _ = writeln!(out, "{}, {} {}. Speaks on {}.\n", rule.category.words(), self.severity(), rule.kind.word(), self.subject());
        let _ = writeln!(out, "It asks: *{}*\n", escaped(&rule.question.replace("{element}", "OrdersFn").replace(['{', '}'], "")));
        let _ = writeln!(out, "## When it is raised\n\n`{}`\n", entry.raised_when);
        out.push_str("| fact | what it is |\n|---|---|\n");
        for fact in rule.reads {
            let _ = writeln!(out, "| `{}` | {} |", fact.as_str(), escaped(Fact::meaning(*fact)));
        }
        out.push_str("\n## When it is silent\n\n");
        for answer in &entry.answered_by {
            let part = if answer.partial { "Covered in part, which lowers its rank" } else { "Covered" };
            let _ = writeln!(out, "- {part} (`{}`): {}.", answer.when, escaped(&answer.note));
        }
        if let Some(context) = entry.context.as_ref().filter(|context| **context != entry.raised_when) {
            let _ = writeln!(out, "- It applies only where `{context}`.");
        }
        let louder: Vec<String> = all.iter().filter(|other| other.compiled.supersedes.contains(&rule.id)).map(Self::link).collect();
        if !louder.is_empty() {
            let _ = writeln!(out, "- Another line says it nearer to its cause: {}.", louder.join(", "));
        }
        out.push_str("- A person has answered it, and the facts are still those that the answer was given on.\n\n## Fix\n\n");
        for fix in rule.fixes {
            let _ = writeln!(out, "- {}", escaped(fix));
        }
        out.push_str("\n## Examples\n\n| facts | outcome |\n|---|---|\n");
        for (facts, outcome) in &self.examples {
            let _ = writeln!(out, "| {facts} | {outcome} |");
        }
        if !rule.supersedes.is_empty() {
            let behind: Vec<String> = all.iter().filter(|other| rule.supersedes.contains(&other.compiled.id)).map(Self::link).collect();
            let _ = writeln!(out, "\nWhere it is raised, its line also speaks for {}.", behind.join(", "));
        }
        if !rule.references.is_empty() {
            let _ = writeln!(out, "\nReferences: {}.", rule.references.iter().map(|name| reference(name)).collect::<Vec<_>>().join(", "));
        }
        out
    }

    fn link(&self) -> String {
        format!("[{0}]({0}.md)", self.entry.id)
    }
}

/// With its name and its page, where its publisher is known.
fn reference(name: &str) -> String {
    let Some(found) = Reference::find(name) else { return escaped(name) };
    let page = found.page().unwrap_or_else(|| found.taxonomy.page.to_owned());
    format!("[{}]({page}) ({})", escaped(name), escaped(found.name))
}

/// Text that is no Markdown.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if matches!(c, '*' | '_' | '`' | '<' | '[' | ']' | '|' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// The rules by category, then by service.
pub(crate) fn index(rules: &[Rule]) -> String {
    let mut out = String::from("## By category\n");
    let mut categories: BTreeMap<_, Vec<&Rule>> = BTreeMap::new();
    let mut services: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in rules {
        categories.entry(rule.compiled.category).or_default().push(rule);
        services.entry(rule.compiled.service).or_default().push(rule);
    }
    for (category, rules) in categories {
        let _ = writeln!(out, "\n### {}\n", category.words());
        let links: Vec<String> = rules.iter().map(|rule| format!("[{}]({})", rule.entry.id, rule.path())).collect();
        let _ = writeln!(out, "{} rules: {}", links.len(), links.join(" · "));
    }
    out.push_str("\n## By service\n");
    for (service, rules) in services {
        let _ = writeln!(out, "\n### {}\n\n| rule | category | severity | says |\n|---|---|---|---|", service.replace('_', " "));
        for rule in rules {
            let _ = writeln!(
                out,
                "| [{}]({}) | {} | {} {} | {} |",
                rule.entry.id,
                rule.path(),
                rule.compiled.category.words(),
                rule.compiled.severity.word(),
                rule.compiled.kind.word(),
                escaped(&rule.title)
            );
        }
    }
    out
}

/// Lines of the book's table of contents.
pub(crate) fn summary(rules: &[Rule]) -> String {
    rules.iter().map(|rule| format!("  - [{}]({})\n", rule.entry.id, rule.path())).collect()
}
