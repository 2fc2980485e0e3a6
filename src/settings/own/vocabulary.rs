//! The vocabulary in which an organisation's rules are written: facts, their words, and the services of the catalogue.

use crate::catalog::entry::{ENTRIES, FAMILIES};
use crate::model::fact::{Fact, Word};
use crate::model::nearest::nearest;
use crate::stride::predicate::Vocabulary;
use crate::stride::rule::{RULES, Subject};
use std::collections::BTreeSet;

/// The facts of the product.
pub struct Known;

impl Vocabulary for Known {
    type Fact = Fact;
    type Word = Word;

    fn fact(&self, name: &str) -> Option<Fact> {
        Fact::ALL.iter().copied().find(|fact| fact.as_str() == name)
    }

    fn word(&self, fact: Fact, name: &str) -> Option<Word> {
        let word = Word::ALL.iter().copied().find(|word| word.as_str() == name);
        word.filter(|_| fact.answers().contains(&name))
    }

    fn fact_type(&self, fact: Fact) -> &'static str {
        fact.fact_type().word()
    }

    fn fact_names(&self) -> Vec<&str> {
        Fact::ALL.iter().map(|fact| fact.as_str()).collect()
    }

    fn words_of(&self, fact: Fact) -> Vec<&str> {
        fact.answers().to_vec()
    }
}

/// The product's word for a service that a rule on such a subject names.
///
/// # Errors
/// Nothing of that kind is of that service, in words.
pub(super) fn service(subject: Subject, name: &str) -> Result<&'static str, String> {
    let of_rules = RULES.iter().filter(|rule| rule.subject == subject || !matches!(subject, Subject::Flow(_)) && !is_flow(rule.subject));
    let mut known: BTreeSet<&'static str> = of_rules.map(|rule| rule.service).collect();
    if !is_flow(subject) {
        let entries = || ENTRIES.iter().chain(FAMILIES);
        known.extend(entries().map(|entry| entry.service).filter(|service| !service.is_empty()));
        known.extend(entries().flat_map(|entry| entry.parts).map(|part| part.service));
        known.extend(entries().flat_map(|entry| entry.variants).map(|variant| variant.service));
    }
    known.get(name).copied().ok_or_else(|| match nearest(name, known.iter().copied()) {
        Some(meant) => format!("`{name}` is no service; did you mean `{meant}`?"),
        None if is_flow(subject) => {
            format!("`{name}` is no service of such a flow: {}", known.iter().copied().collect::<Vec<_>>().join(", "))
        }
        None => format!("`{name}` is no service; `astride rules list` names those that there are, and `any` is every one"),
    })
}

fn is_flow(subject: Subject) -> bool {
    matches!(subject, Subject::Flow(_))
}
