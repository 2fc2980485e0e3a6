//! `config/rules/*.yml` → `RULES: &[Rule]`. `waiting.yml` lists rules that are not shipped, for a test to check.
//!
//! What a file says is read and checked by `stride/rule_file`, which the library has too: here its rules become code.

use crate::build::facts::{Facts, camel};
use crate::build::references::References;
use crate::model::lined::{Lined, Mistake};
use crate::stride::predicate::{Literal, Parsed};
use crate::stride::rule_file::{self, ReadRule, with_usual_words};
use std::fs;
use std::path::Path;

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
    let files: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let mut rules: Vec<(&str, ReadRule<Facts>)> = Vec::new();
    for file in &files {
        let text = fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
        let read =
            rule_file::read(&text, facts).map_err(|mistakes| in_lines(mistakes.into_iter().map(|mistake| (file.as_str(), mistake))))?;
        for rule in &read {
            let named: Vec<String> = rule.references.iter().map(|reference| reference.text.clone()).collect();
            references.take(&named).map_err(|error| format!("{file}:{}: {}: {error}", rule.line, rule.id))?;
        }
        rules.extend(read.into_iter().map(|rule| (file.as_str(), rule)));
    }
    rule_file::check_together(&rules).map_err(|wrong| in_lines(wrong.into_iter()))?;
    let mut rules: Vec<ReadRule<Facts>> = rules.into_iter().map(|(_, rule)| rule).collect();
    rules.sort_by(|a, b| order(a).cmp(&order(b)));
    let mut code = String::from(
        "/// The built-in rules, ordered by subject, service and id: those that are looked up together stand together.\npub static RULES: &[Rule] = &[\n",
    );
    for rule in &rules {
        code += &rule_code(rule, facts);
    }
    code += "];\n";
    let said = rules.into_iter().flat_map(|rule| [rule.title, rule.question].into_iter().chain(rule.fixes)).collect();
    Ok(Rules { code, said })
}

/// `config/rules/lambda.yml:12: …`, a line each.
fn in_lines<'f>(mistakes: impl Iterator<Item = (&'f str, Mistake)>) -> String {
    mistakes.map(|(file, mistake)| format!("{file}:{}: {}", mistake.line, mistake.message)).collect::<Vec<_>>().join("\n")
}

/// The order of `enum Subject`, then service and id.
fn order(rule: &ReadRule<Facts>) -> (usize, &str, &str, &str) {
    let subjects = ["external", "process", "store", "flow", "identity", "boundary"];
    let subject = subjects.iter().position(|known| rule.subject.starts_with(known)).unwrap_or(usize::MAX);
    (subject, &rule.subject, &rule.service.text, &rule.id)
}

fn rule_code(rule: &ReadRule<Facts>, facts: &Facts) -> String {
    let subject = match rule.subject.strip_prefix("flow:") {
        Some(flow) => format!("Subject::Flow({flow:?})"),
        None => format!("Subject::{}", camel(&rule.subject)),
    };
    let answers = rule.answers.iter().map(|answer| {
        format!("RuleAnswer {{ when: {}, note: {:?}, partial: {} }}, ", predicate_code(&answer.when, facts), answer.note, answer.partial)
    });
    let suggestion = rule.suggestion.as_ref().map_or_else(
        || "None".to_owned(),
        |suggestion| {
            let fact = camel(facts.name(suggestion.fact));
            format!("Some(Suggestion {{ fact: Fact::{fact}, from: {:?}, to: {:?} }})", suggestion.from, suggestion.to)
        },
    );
    let texts = |lined: &[Lined]| lined.iter().map(|lined| lined.text.clone()).collect::<Vec<_>>();
    format!(
        "    Rule {{ id: {:?}, subject: {subject}, service: {:?}, category: Category::{:?}, kind: RuleKind::{:?}, severity: Severity::{:?}, \
         exposed_severity: Severity::{:?}, likelihood: Likelihood::{:?}, rollup: {:?}, title: {:?}, question: {:?}, title_pattern: {:?}, question_pattern: {:?}, raised: {}, context: {}, answers: &[{}], \
         supersedes: &{:?}, reads: &[{}], fixes: &{:?}, fix_patterns: &{:?}, suggestion: {suggestion}, references: &{:?} }},\n",
        rule.id,
        rule.service.text,
        rule.category,
        rule.kind,
        rule.severity,
        rule.exposed_severity,
        rule.likelihood,
        rule.rollup,
        with_usual_words(&rule.title),
        with_usual_words(&rule.question),
        rule.title,
        rule.question,
        predicate_code(&rule.raised, facts),
        rule.context.as_ref().map_or_else(|| "&[Op::Always]".to_owned(), |context| predicate_code(context, facts)),
        answers.collect::<String>(),
        texts(&rule.supersedes),
        rule.reads.iter().map(|fact| fact_code(*fact, facts)).collect::<Vec<_>>().join(", "),
        rule.fixes.iter().map(|fix| with_usual_words(fix)).collect::<Vec<_>>(),
        rule.fixes,
        texts(&rule.references),
    )
}

fn predicate_code(predicate: &[Parsed<u8, u16>], facts: &Facts) -> String {
    let fact = |fact: &u8| fact_code(*fact, facts);
    let literal = |literal: &Literal<u16>| literal_code(*literal, facts);
    let ops = predicate.iter().map(|op| match op {
        Parsed::Always => "Op::Always".to_owned(),
        Parsed::Truthy(read) => format!("Op::Truthy({})", fact(read)),
        Parsed::Is(read, wanted) => format!("Op::Is({}, {})", fact(read), literal(wanted)),
        Parsed::In(read, wanted) => {
            format!("Op::In({}, &[{}])", fact(read), wanted.iter().map(literal).collect::<Vec<_>>().join(", "))
        }
        Parsed::Has(read, word) => format!("Op::Has({}, {})", fact(read), word_code(*word, facts)),
        Parsed::Compare(read, comparison, wanted) => {
            format!("Op::Compare({}, Comparison::{comparison:?}, {})", fact(read), literal(wanted))
        }
        Parsed::Not => "Op::Not".to_owned(),
        Parsed::And => "Op::And".to_owned(),
        Parsed::Or => "Op::Or".to_owned(),
    });
    format!("&[{}]", ops.collect::<Vec<_>>().join(", "))
}

fn literal_code(literal: Literal<u16>, facts: &Facts) -> String {
    match literal {
        Literal::Word(word) => format!("Literal::Word({})", word_code(word, facts)),
        Literal::Flag(_) | Literal::Number(_) | Literal::Never => format!("Literal::{literal:?}"),
    }
}

fn fact_code(fact: u8, facts: &Facts) -> String {
    format!("Fact::{}", camel(facts.name(fact)))
}

fn word_code(word: u16, facts: &Facts) -> String {
    format!("Word::{}", camel(facts.word_name(word)))
}
