//! A file of rules as people write it: those of `config/rules`, which `build.rs` compiles, and an organisation's own, which are read when they
//! are needed.
//!
//! Comes in: the text of a file, and the vocabulary of facts. Goes out: its rules with their predicates parsed and every word checked, or all
//! that is wrong, with lines. This file is also compiled into `build.rs`, so that there is one reader and one set of errors: it names nothing
//! of the crate but what is compiled into that too.

use crate::model::category::Category;
use crate::model::lined::{Lined, Mistake, line, read_yaml};
use crate::model::vocabulary::Vocabulary;
use crate::model::words::Words;
use crate::stride::predicate::{Parsed, ParsedPredicate, parse};
use serde::Deserialize;
use serde_saphyr::Spanned;
use std::collections::{BTreeMap, BTreeSet};

/// The kinds of elements that rules speak on.
pub const ELEMENTS: [&str; 5] = ["external", "process", "store", "identity", "boundary"];
/// The kinds of flows that rules speak on, written `flow:poll`.
pub const FLOWS: [&str; 7] = ["any", "async_event", "cross_account", "data_access", "egress", "poll", "sync_request"];

/// Whether the facts settle what a rule says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleKind {
    /// The facts show a gap.
    Finding,
    /// The facts raise what a template cannot settle.
    Question,
    /// The generic question of a cell, asked in the full report only.
    Baseline,
}

impl RuleKind {
    pub fn word(self) -> &'static str {
        match self {
            Self::Finding => "finding",
            Self::Question => "question",
            Self::Baseline => "baseline",
        }
    }
}

/// How much harm a threat does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// How easily a threat comes true.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Likelihood {
    Low,
    Medium,
    High,
}

/// A rule as it stands in a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRule {
    id: Spanned<String>,
    applies_to: Spanned<AppliesTo>,
    kind: RuleKind,
    severity: Severity,
    /// Where the element faces the internet or the flow crosses a boundary; `severity` where it is left out.
    exposed_severity: Option<Severity>,
    likelihood: Likelihood,
    rollup: Spanned<String>,
    title: Spanned<String>,
    question: Spanned<String>,
    raised_when: Spanned<String>,
    /// Where it is left out the rule applies whatever the facts.
    context: Option<Spanned<String>>,
    #[serde(default)]
    answered_by: Vec<WrittenAnswer>,
    #[serde(default)]
    supersedes: Vec<Spanned<String>>,
    fixes: Vec<Spanned<String>>,
    suggestion: Option<Spanned<WrittenSuggestion>>,
    #[serde(default)]
    references: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AppliesTo {
    kind: String,
    service: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenAnswer {
    when: Spanned<String>,
    note: String,
    #[serde(default)]
    partial: bool,
}

/// A fix that is one word of the line that a fact stands on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSuggestion {
    fact: String,
    from: String,
    to: String,
}

/// A rule that was read: every word of it is one that there is.
pub struct ReadRule<V: Vocabulary> {
    /// Where it begins.
    pub line: u32,
    pub id: String,
    pub category: Category,
    /// One of `ELEMENTS`, or `flow:` and one of `FLOWS`.
    pub subject: String,
    pub service: Lined,
    pub kind: RuleKind,
    pub severity: Severity,
    pub exposed_severity: Severity,
    pub likelihood: Likelihood,
    pub rollup: String,
    /// With `{words.text}` and its like for what a notation calls a thing.
    pub title: String,
    pub question: String,
    pub raised: ParsedPredicate<V>,
    /// `None` where nothing narrows it.
    pub context: Option<ParsedPredicate<V>>,
    pub answers: Vec<ReadAnswer<V>>,
    pub supersedes: Vec<Lined>,
    /// Every fact that the predicates read.
    pub reads: BTreeSet<V::Fact>,
    pub fixes: Vec<String>,
    pub suggestion: Option<ReadSuggestion<V>>,
    pub references: Vec<Lined>,
}

impl<V: Vocabulary<Fact: PartialEq, Word: PartialEq>> ReadRule<V> {
    /// Whether another one speaks of the same things under the same conditions, whatever its words and its weight.
    pub fn speaks_like(&self, other: &Self) -> bool {
        let answer = |answer: &ReadAnswer<V>| (answer.when.clone(), answer.partial);
        (&self.subject, &self.service.text, &self.raised, &self.context, self.answers.iter().map(answer).collect::<Vec<_>>())
            == (&other.subject, &other.service.text, &other.raised, &other.context, other.answers.iter().map(answer).collect())
    }
}

/// What answers a rule.
pub struct ReadAnswer<V: Vocabulary> {
    pub when: ParsedPredicate<V>,
    pub note: String,
    pub partial: bool,
}

/// A fix that is one word of the line that a fact stands on.
pub struct ReadSuggestion<V: Vocabulary> {
    pub fact: V::Fact,
    pub from: String,
    pub to: String,
}

/// Reads the rules of a file.
///
/// # Errors
/// Everything that is wrong with it, in order of the lines; of what is no list of rules the first.
pub fn read<V: Vocabulary>(text: &str, vocabulary: &V) -> Result<Vec<ReadRule<V>>, Vec<Mistake>> {
    let written: Vec<Spanned<WrittenRule>> = read_yaml(text).map_err(|error| vec![Mistake::of(&error)])?;
    let (mut rules, mut mistakes) = (Vec::new(), Vec::new());
    for written in written {
        let mut reader = Reader { vocabulary, reads: BTreeSet::new(), mistakes: Vec::new() };
        let id = written.value.id.value.clone();
        let rule = reader.rule(line(&written), written.value);
        mistakes.extend(reader.mistakes.into_iter().map(|mistake| Mistake::at(mistake.line, format!("{id}: {}", mistake.message))));
        rules.extend(rule);
    }
    mistakes.sort();
    if mistakes.is_empty() { Ok(rules) } else { Err(mistakes) }
}

/// Each rule stands once, each that is named exists, and no rule supersedes itself, not even through others. Rules are given with the file
/// that they stand in.
///
/// # Errors
/// Each violation, with the file that it stands in.
pub fn check_together<'f, V: Vocabulary>(rules: &[(&'f str, ReadRule<V>)]) -> Result<(), Vec<(&'f str, Mistake)>> {
    let mut wrong = Vec::new();
    let mut known: BTreeMap<&str, &ReadRule<V>> = BTreeMap::new();
    for (file, rule) in rules {
        if known.insert(&rule.id, rule).is_some() {
            wrong.push((*file, Mistake::at(rule.line, format!("{} stands twice", rule.id))));
        }
    }
    for (file, rule) in rules {
        for named in &rule.supersedes {
            if !known.contains_key(named.text.as_str()) {
                wrong.push((*file, Mistake::at(named.line, format!("{} supersedes {}, which does not exist", rule.id, named.text))));
            } else if reaches(&known, &named.text, &rule.id) {
                wrong.push((*file, Mistake::at(named.line, format!("{} supersedes itself", rule.id))));
            }
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

fn reaches<V: Vocabulary>(known: &BTreeMap<&str, &ReadRule<V>>, from: &str, to: &str) -> bool {
    let (mut due, mut seen) = (vec![from], BTreeSet::new());
    while let Some(rule) = due.pop() {
        if rule == to {
            return true;
        }
        if seen.insert(rule) {
            due.extend(known.get(rule).into_iter().flat_map(|rule| &rule.supersedes).map(|named| named.text.as_str()));
        }
    }
    false
}

/// As a sentence reads where nobody knows of which notation it speaks.
pub fn with_usual_words(text: &str) -> String {
    let mut pieces = text.split("{words.");
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    for (name, rest) in pieces.filter_map(|piece| piece.split_once('}')) {
        filled.extend([Words::TEMPLATE.find(name).unwrap_or_default(), rest]);
    }
    filled
}

/// Reads one rule, and gathers what is wrong with it.
struct Reader<'v, V: Vocabulary> {
    vocabulary: &'v V,
    reads: BTreeSet<V::Fact>,
    mistakes: Vec<Mistake>,
}

impl<V: Vocabulary> Reader<'_, V> {
    fn rule(&mut self, begins: u32, written: WrittenRule) -> Option<ReadRule<V>> {
        let category = written.id.value.split('-').nth(2).and_then(category);
        self.wants(line(&written.id), category.is_some(), "the id names no STRIDE category: STR-LAMBDA-S-01 is about spoofing");
        let subject = written.applies_to.value.kind.clone();
        let is_known = subject.strip_prefix("flow:").map_or(ELEMENTS.contains(&subject.as_str()), |flow| FLOWS.contains(&flow));
        let applies_to = line(&written.applies_to);
        self.wants(
            applies_to,
            is_known,
            format!("unknown kind of element `{subject}`: {}, or flow: and {}", list(&ELEMENTS), list(&FLOWS)),
        );
        let rollup = &written.rollup.value;
        let is_group = !rollup.is_empty() && rollup.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        self.wants(line(&written.rollup), is_group, format!("rollup `{rollup}` is no word of small letters and `_`"));
        let raised = self.predicate(&written.raised_when);
        let context = written.context.as_ref().map(|context| self.predicate(context));
        let answers = written.answered_by.into_iter().map(|answer| {
            let WrittenAnswer { when, note, partial } = answer;
            Some(ReadAnswer { when: self.predicate(&when)?, note, partial })
        });
        let answers: Vec<_> = answers.collect();
        for fix in &written.fixes {
            self.words(fix);
        }
        // What a predicate reads that cannot be read itself is not known.
        if self.mistakes.is_empty() {
            for text in [&written.title, &written.question] {
                self.placeholders(text, subject.starts_with("flow:"));
            }
        }
        let suggestion = written.suggestion.and_then(|suggestion| self.suggestion(suggestion));
        Some(ReadRule {
            line: begins,
            id: written.id.value,
            category: category?,
            subject,
            service: Lined { line: applies_to, text: written.applies_to.value.service },
            kind: written.kind,
            severity: written.severity,
            exposed_severity: written.exposed_severity.unwrap_or(written.severity),
            likelihood: written.likelihood,
            rollup: written.rollup.value,
            title: written.title.value,
            question: written.question.value,
            raised: raised?,
            context: match context {
                Some(context) => Some(context?),
                None => None,
            },
            answers: answers.into_iter().collect::<Option<_>>()?,
            supersedes: written.supersedes.into_iter().map(Lined::of).collect(),
            reads: std::mem::take(&mut self.reads),
            fixes: written.fixes.into_iter().map(|fix| fix.value).collect(),
            suggestion,
            references: written.references.into_iter().map(Lined::of).collect(),
        })
    }

    fn wants(&mut self, line: u32, holds: bool, message: impl Into<String>) {
        if !holds {
            self.mistakes.push(Mistake::at(line, message));
        }
    }

    fn predicate(&mut self, written: &Spanned<String>) -> Option<ParsedPredicate<V>> {
        match parse(&written.value, self.vocabulary) {
            Ok(parsed) => {
                self.reads.extend(parsed.iter().filter_map(Parsed::fact));
                Some(parsed)
            }
            Err(message) => {
                self.mistakes.push(Mistake::at(line(written), message));
                None
            }
        }
    }

    /// Words only, so that a line that holds one bears no markup where it is replaced.
    fn suggestion(&mut self, written: Spanned<WrittenSuggestion>) -> Option<ReadSuggestion<V>> {
        let at = line(&written);
        let WrittenSuggestion { fact, from, to } = written.value;
        let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let found = self.vocabulary.fact(&fact).filter(|fact| self.reads.contains(fact));
        self.wants(at, found.is_some(), format!("the suggestion is about `{fact}`, which the rule does not read"));
        let are_words = from != to && is_word(&from) && is_word(&to);
        self.wants(at, are_words, format!("the suggestion replaces `{from}` by `{to}`: two words are wanted"));
        Some(ReadSuggestion { fact: found?, from, to })
    }

    /// What a fix takes from the notation is a word of it.
    fn words(&mut self, fix: &Spanned<String>) {
        let names = fix.value.split("{words.").skip(1).filter_map(|piece| piece.split_once('}'));
        for (name, _) in names {
            self.wants(line(fix), Words::TEMPLATE.find(name).is_some(), format!("no notation has a word `{name}`"));
        }
    }

    /// A placeholder names the element, its part, an end of a flow, or a fact that the rule reads.
    fn placeholders(&mut self, text: &Spanned<String>, of_flow: bool) {
        for (index, _) in text.value.match_indices('{') {
            let placeholder = text.value[index + 1..].split('}').next().unwrap_or_default();
            let fact = placeholder.strip_suffix(".witnesses").or_else(|| placeholder.strip_suffix(".when")).unwrap_or(placeholder);
            let is_filled = match placeholder {
                "element" | "part" | "role" | "fault" => true,
                "from" | "to" => of_flow,
                _ if placeholder.strip_prefix("words.").is_some_and(|name| Words::TEMPLATE.find(name).is_some()) => true,
                _ => self.vocabulary.fact(fact).is_some_and(|fact| self.reads.contains(&fact)),
            };
            self.wants(line(text), is_filled, format!("nothing fills the placeholder {{{placeholder}}}"));
        }
    }
}

fn category(letter: &str) -> Option<Category> {
    let mut letters = letter.chars();
    letters.next().filter(|_| letters.next().is_none()).and_then(Category::from_letter)
}

fn list(words: &[&str]) -> String {
    words.join(", ")
}
