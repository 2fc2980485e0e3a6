//! The vocabulary in which an organisation's rules are written: facts of the product and of its own, their words, and the services of the
//! catalogue.
//!
//! What is the organisation's own goes by its name until it is taken: so nothing stays of what is only checked.

use super::facts::word;
use crate::catalog::entry::{ENTRIES, FAMILIES};
use crate::model::fact::{Fact, Word};
use crate::model::fact_file::ReadFact;
use crate::model::nearest::nearest;
use crate::stride::predicate::Vocabulary;
use crate::stride::rule::{RULES, Subject};
use std::collections::BTreeSet;

/// Longest name that is kept in its place; longer ones were refused before.
const MAX_NAME: usize = 48;

/// A short name, filled up with zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name([u8; MAX_NAME]);

impl Name {
    fn of(name: &str) -> Option<Self> {
        let mut bytes = [0; MAX_NAME];
        bytes.get_mut(..name.len())?.copy_from_slice(name.as_bytes());
        Some(Self(bytes))
    }

    fn is(self, name: &str) -> bool {
        Self::of(name) == Some(self)
    }
}

/// A fact that a rule reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KnownFact {
    BuiltIn(Fact),
    Own(Name),
}

/// A word that it is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownWord {
    BuiltIn(Word),
    Own(Name),
}

impl KnownFact {
    /// The fact itself, of those that were taken.
    pub(super) fn taken(self, own: &[Fact]) -> Option<Fact> {
        match self {
            Self::BuiltIn(fact) => Some(fact),
            Self::Own(name) => own.iter().copied().find(|fact| name.is(fact.as_str())),
        }
    }
}

impl KnownWord {
    /// The word itself, of a fact that was taken.
    pub(super) fn taken(self, fact: Fact) -> Option<Word> {
        match self {
            Self::BuiltIn(word) => Some(word),
            Self::Own(name) => fact.answers().iter().find(|answer| name.is(answer)).and_then(|answer| word(fact, answer)),
        }
    }
}

/// The facts of the product, and these; and the services of the catalogue.
pub struct Known {
    pub(super) facts: Vec<ReadFact>,
    services: BTreeSet<&'static str>,
}

impl Known {
    pub(super) fn with(facts: Vec<ReadFact>) -> Self {
        let entries = || ENTRIES.iter().chain(FAMILIES);
        let mut services: BTreeSet<&'static str> = RULES.iter().filter(|rule| !is_flow(rule.subject)).map(|rule| rule.service).collect();
        services.extend(entries().map(|entry| entry.service).filter(|service| !service.is_empty()));
        services.extend(entries().flat_map(|entry| entry.parts).map(|part| part.service));
        services.extend(entries().flat_map(|entry| entry.variants).map(|variant| variant.service));
        Self { facts, services }
    }

    fn own(&self, name: Name) -> Option<&ReadFact> {
        self.facts.iter().find(|fact| name.is(&fact.name))
    }

    fn answers(&self, fact: KnownFact) -> Vec<&str> {
        match fact {
            KnownFact::BuiltIn(fact) => fact.answers().to_vec(),
            KnownFact::Own(name) => self.own(name).into_iter().flat_map(|fact| &fact.answers).map(String::as_str).collect(),
        }
    }
}

impl Vocabulary for Known {
    type Fact = KnownFact;
    type Word = KnownWord;

    fn fact(&self, name: &str) -> Option<KnownFact> {
        let built_in = Fact::ALL.iter().copied().find(|fact| fact.as_str() == name).map(KnownFact::BuiltIn);
        let own = || Name::of(name).filter(|name| self.own(*name).is_some()).map(KnownFact::Own);
        built_in.or_else(own)
    }

    fn word(&self, fact: KnownFact, name: &str) -> Option<KnownWord> {
        if !self.answers(fact).contains(&name) {
            return None;
        }
        let built_in = Word::ALL.iter().copied().find(|word| word.as_str() == name).map(KnownWord::BuiltIn);
        built_in.or_else(|| Name::of(name).map(KnownWord::Own))
    }

    fn fact_type(&self, fact: KnownFact) -> &'static str {
        match fact {
            KnownFact::BuiltIn(fact) => fact.fact_type().word(),
            KnownFact::Own(name) => match self.own(name).map(|fact| fact.r#type.as_str()) {
                Some("set") => "set",
                Some("flag") => "flag",
                Some(_) | None => "enum",
            },
        }
    }

    fn fact_names(&self) -> Vec<&str> {
        Fact::ALL.iter().map(|fact| fact.as_str()).chain(self.facts.iter().map(|fact| fact.name.as_str())).collect()
    }

    fn words_of(&self, fact: KnownFact) -> Vec<&str> {
        self.answers(fact)
    }
}
impl Known {
    /// The product's word for a service that a rule on such a subject names.
    ///
    /// # Errors
    /// Nothing of that kind is of that service, in words.
    pub(super) fn service(&self, subject: Subject, name: &str) -> Result<&'static str, String> {
        let of_flow: BTreeSet<&'static str>;
        let known = if is_flow(subject) {
            of_flow = RULES.iter().filter(|rule| rule.subject == subject).map(|rule| rule.service).collect();
            &of_flow
        } else {
            &self.services
        };
        known.get(name).copied().ok_or_else(|| match nearest(name, known.iter().copied()) {
            Some(meant) => format!("`{name}` is no service; did you mean `{meant}`?"),
            None if is_flow(subject) => {
                format!("`{name}` is no service of such a flow: {}", known.iter().copied().collect::<Vec<_>>().join(", "))
            }
            None => format!("`{name}` is no service; `astride rules list` names those that there are, and `any` is every one"),
        })
    }
}

fn is_flow(subject: Subject) -> bool {
    matches!(subject, Subject::Flow(_))
}
