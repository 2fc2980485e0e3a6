//! `config/rules/*.yml` → `RULES: &[Rule]`. `waiting.yml` lists rules that are not shipped, for a test to check.

use crate::build::facts::{Facts, camel};
use crate::build::references::References;
use crate::predicate::{Comparison, Literal, Parsed, Vocabulary, parse};
use crate::words::Words;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    id: String,
    applies_to: AppliesTo,
    kind: String,
    severity: String,
    /// Where the element faces the internet or the flow crosses a boundary; `severity` where it is left out.
    exposed_severity: Option<String>,
    likelihood: String,
    rollup: String,
    title: String,
    question: String,
    raised_when: String,
    /// Where it is left out the rule applies whatever the facts.
    context: Option<String>,
    #[serde(default)]
    answered_by: Vec<Answer>,
    #[serde(default)]
    supersedes: Vec<String>,
    fixes: Vec<String>,
    suggestion: Option<Suggestion>,
    #[serde(default)]
    references: Vec<String>,
}

/// A fix that is one word of the line that a fact stands on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Suggestion {
    fact: String,
    from: String,
    to: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AppliesTo {
    kind: String,
    service: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    when: String,
    note: String,
    #[serde(default)]
    partial: bool,
}

/// The rules as code, and all sentences that they say to people.
pub struct Rules {
    pub code: String,
    pub said: Vec<String>,
}

pub fn compile(folder: &Path, facts: &Facts, references: &mut References) -> Result<Rules, String> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .map_err(|error| format!("{}: {error}", folder.display()))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "yml") && !path.ends_with("waiting.yml"))
        .collect();
    files.sort();
    let mut entries = Vec::new();
    let mut supersedes = BTreeMap::new();
    let mut said = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
        let rules: Vec<Rule> = serde_saphyr::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
        for rule in rules {
            let code = rule_code(&rule, facts).and_then(|code| references.take(&rule.references).map(|()| code));
            let code = code.map_err(|error| format!("{}: {}: {error}", file.display(), rule.id))?;
            said.extend([rule.title, rule.question].into_iter().chain(rule.fixes));
            if supersedes.insert(rule.id.clone(), rule.supersedes).is_some() {
                return Err(format!("{}: {} stands twice", file.display(), rule.id));
            }
            entries.push((subject_order(&rule.applies_to.kind), rule.applies_to.kind, rule.applies_to.service, rule.id, code));
        }
    }
    check_supersedes(&supersedes).map_err(|error| format!("{}: {error}", folder.display()))?;
    entries.sort();
    let mut code = String::from(
        "/// The built-in rules, ordered by subject, service and id: those that are looked up together stand together.\npub static RULES: &[Rule] = &[\n",
    );
    for (_, _, _, _, entry) in &entries {
        code += entry;
    }
    code += "];\n";
    Ok(Rules { code, said })
}

/// The order of `enum Subject`.
fn subject_order(kind: &str) -> usize {
    ["external", "process", "store", "flow", "identity", "boundary"].iter().position(|known| kind.starts_with(known)).unwrap_or(usize::MAX)
}

/// Each rule that is named exists, and no rule supersedes itself, not even through others.
fn check_supersedes(supersedes: &BTreeMap<String, Vec<String>>) -> Result<(), String> {
    for start in supersedes.keys() {
        let mut due: Vec<&String> = supersedes[start].iter().collect();
        let mut seen = BTreeSet::new();
        while let Some(rule) = due.pop() {
            if rule == start {
                return Err(format!("{start} supersedes itself"));
            }
            let next = supersedes.get(rule).ok_or_else(|| format!("{start} supersedes {rule}, which does not exist"))?;
            if seen.insert(rule) {
                due.extend(next);
            }
        }
    }
    Ok(())
}

fn rule_code(rule: &Rule, facts: &Facts) -> Result<String, String> {
    let category = rule.id.split('-').nth(2).and_then(category).ok_or("the id names no STRIDE category")?;
    let subject = match rule.applies_to.kind.as_str() {
        "external" => "Subject::External".to_owned(),
        "process" => "Subject::Process".to_owned(),
        "store" => "Subject::Store".to_owned(),
        "identity" => "Subject::Identity".to_owned(),
        "boundary" => "Subject::Boundary".to_owned(),
        other => match other.strip_prefix("flow:") {
            Some(kind) => format!("Subject::Flow({kind:?})"),
            None => return Err(format!("unknown kind of element `{other}`")),
        },
    };
    one_of("kind", &rule.kind, &["finding", "question", "baseline"])?;
    one_of("severity", &rule.severity, &["low", "medium", "high", "critical"])?;
    let exposed_severity = rule.exposed_severity.as_ref().unwrap_or(&rule.severity);
    one_of("exposed_severity", exposed_severity, &["low", "medium", "high", "critical"])?;
    one_of("likelihood", &rule.likelihood, &["low", "medium", "high"])?;
    let mut reads = BTreeSet::new();
    let raised = predicate_code(&rule.raised_when, facts, &mut reads)?;
    let context = match &rule.context {
        Some(context) => predicate_code(context, facts, &mut reads)?,
        None => "&[Op::Always]".to_owned(),
    };
    let mut answers = String::new();
    for answer in &rule.answered_by {
        let when = predicate_code(&answer.when, facts, &mut reads)?;
        answers += &format!("RuleAnswer {{ when: {when}, note: {:?}, partial: {} }}, ", answer.note, answer.partial);
    }
    for fix in &rule.fixes {
        check_words(fix)?;
    }
    for text in [&rule.title, &rule.question] {
        check_placeholders(text, rule.applies_to.kind.starts_with("flow:"), &reads, facts)?;
    }
    let suggestion = match &rule.suggestion {
        Some(suggestion) => format!("Some({})", suggestion_code(suggestion, &reads, facts)?),
        None => "None".to_owned(),
    };
    let reads: Vec<String> = reads.iter().map(|fact| format!("Fact::{}", camel(facts.name(*fact)))).collect();
    Ok(format!(
        "    Rule {{ id: {:?}, subject: {subject}, service: {:?}, category: Category::{category}, kind: RuleKind::{}, severity: Severity::{}, \
         exposed_severity: Severity::{}, likelihood: Likelihood::{}, rollup: {:?}, title: {:?}, question: {:?}, title_pattern: {:?}, question_pattern: {:?}, raised: {raised}, context: {context}, answers: &[{answers}], \
         supersedes: &{:?}, reads: &[{}], fixes: &{:?}, fix_patterns: &{:?}, suggestion: {suggestion}, references: &{:?} }},\n",
        rule.id,
        rule.applies_to.service,
        camel(&rule.kind),
        camel(&rule.severity),
        camel(exposed_severity),
        camel(&rule.likelihood),
        rule.rollup,
        with_usual_words(&rule.title),
        with_usual_words(&rule.question),
        rule.title,
        rule.question,
        rule.supersedes,
        reads.join(", "),
        rule.fixes.iter().map(|fix| with_usual_words(fix)).collect::<Vec<_>>(),
        rule.fixes,
        rule.references,
    )
    .replace("Op::", "crate::stride::predicate::Op::")
    .replace("Literal::", "crate::stride::predicate::Literal::")
    .replace("Comparison::", "crate::stride::predicate::Comparison::"))
}

/// Words only, so that a line that holds one bears no markup where it is replaced.
fn suggestion_code(suggestion: &Suggestion, reads: &BTreeSet<u8>, facts: &Facts) -> Result<String, String> {
    let Suggestion { fact, from, to } = suggestion;
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if facts.fact(fact).is_none_or(|fact| !reads.contains(&fact)) {
        return Err(format!("the suggestion is about `{fact}`, which the rule does not read"));
    }
    if from == to || !is_word(from) || !is_word(to) {
        return Err(format!("the suggestion replaces `{from}` by `{to}`: two words are wanted"));
    }
    Ok(format!("Suggestion {{ fact: Fact::{}, from: {from:?}, to: {to:?} }}", camel(fact)))
}

/// As it reads where nobody knows of which notation it speaks.
fn with_usual_words(text: &str) -> String {
    let mut pieces = text.split("{words.");
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    for (name, rest) in pieces.filter_map(|piece| piece.split_once('}')) {
        filled.extend([Words::TEMPLATE.find(name).unwrap_or_default(), rest]);
    }
    filled
}

/// What a fix takes from the notation is a word of it.
fn check_words(fix: &str) -> Result<(), String> {
    let mut names = fix.split("{words.").skip(1).filter_map(|piece| piece.split_once('}'));
    names.find(|(name, _)| Words::TEMPLATE.find(name).is_none()).map_or(Ok(()), |(name, _)| Err(format!("no notation has a word `{name}`")))
}

/// A placeholder names the element, its part, an end of a flow, or a fact that the rule reads.
fn check_placeholders(text: &str, of_flow: bool, reads: &BTreeSet<u8>, facts: &Facts) -> Result<(), String> {
    for (index, _) in text.match_indices('{') {
        let placeholder = text[index + 1..].split('}').next().unwrap_or_default();
        let fact = placeholder.strip_suffix(".witnesses").or_else(|| placeholder.strip_suffix(".when")).unwrap_or(placeholder);
        let known = match placeholder {
            "element" | "part" | "role" | "fault" => true,
            "from" | "to" => of_flow,
            _ if placeholder.strip_prefix("words.").is_some_and(|name| Words::TEMPLATE.find(name).is_some()) => true,
            _ => facts.fact(fact).is_some_and(|fact| reads.contains(&fact)),
        };
        if !known {
            return Err(format!("nothing fills the placeholder {{{placeholder}}}"));
        }
    }
    Ok(())
}

fn one_of(field: &str, value: &str, allowed: &[&str]) -> Result<(), String> {
    if allowed.contains(&value) { Ok(()) } else { Err(format!("{field} `{value}` is none of {}", allowed.join(", "))) }
}

fn category(letter: &str) -> Option<&'static str> {
    Some(match letter {
        "S" => "Spoofing",
        "T" => "Tampering",
        "R" => "Repudiation",
        "I" => "InformationDisclosure",
        "D" => "DenialOfService",
        "E" => "ElevationOfPrivilege",
        _ => return None,
    })
}

pub fn predicate_code(text: &str, facts: &Facts, reads: &mut BTreeSet<u8>) -> Result<String, String> {
    let ops = parse(text, facts)?;
    let mut code = String::from("&[");
    for op in &ops {
        code += &match op {
            Parsed::Always => "Op::Always".to_owned(),
            Parsed::Truthy(fact) => format!("Op::Truthy({fact})"),
            Parsed::Is(fact, literal) => format!("Op::Is({fact}, {})", literal_code(*literal)),
            Parsed::In(fact, literals) => {
                let literals: Vec<_> = literals.iter().map(|literal| literal_code(*literal)).collect();
                format!("Op::In({fact}, &[{}])", literals.join(", "))
            }
            Parsed::Has(fact, word) => format!("Op::Has({fact}, {word})"),
            Parsed::Compare(fact, comparison, literal) => {
                format!("Op::Compare({fact}, Comparison::{}, {})", comparison_code(*comparison), literal_code(*literal))
            }
            Parsed::Not => "Op::Not".to_owned(),
            Parsed::And => "Op::And".to_owned(),
            Parsed::Or => "Op::Or".to_owned(),
        };
        code += ", ";
        match op {
            Parsed::Truthy(fact) | Parsed::Is(fact, _) | Parsed::In(fact, _) | Parsed::Has(fact, _) | Parsed::Compare(fact, ..) => {
                reads.insert(*fact);
            }
            Parsed::Always | Parsed::Not | Parsed::And | Parsed::Or => {}
        }
    }
    code.push(']');
    Ok(code)
}

fn literal_code(literal: Literal) -> String {
    match literal {
        Literal::Word(word) => format!("Literal::Word({word})"),
        Literal::Flag(flag) => format!("Literal::Flag({flag})"),
        Literal::Number(number) => format!("Literal::Number({number})"),
        Literal::Never => "Literal::Never".to_owned(),
    }
}

fn comparison_code(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Less => "Less",
        Comparison::LessOrEqual => "LessOrEqual",
        Comparison::More => "More",
        Comparison::MoreOrEqual => "MoreOrEqual",
    }
}
