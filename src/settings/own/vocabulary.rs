//! The vocabulary in which an organisation's rules are written: facts of the product and of its own, their words, and the services of the
//! catalogue.
//!
//! What is the organisation's own goes by its name until it is taken: so nothing stays of what is only checked.

use super::facts::{is_word, word};
use super::types::{self, OwnTypeFile};
use crate::catalog::entry::{ENTRIES, Entry, FAMILIES, Role};
use crate::catalog::own_types::OWN_SERVICE;
use crate::model::fact::{Fact, Word};
use crate::model::fact_file::ReadFact;
use crate::model::lined::At;
use crate::model::nearest::nearest;
use crate::model::vocabulary::Vocabulary;
use crate::stride::rule::{RULES, Subject};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// What stands before others and is known for it: what is behind such a one counts as guarded by the provider.
const DOORS: [&str; 2] = ["cdn_distribution", "load_balancer"];
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

/// The facts of the product, and these; and the services of the catalogue, and those of the organisation's own types.
pub struct Known {
    pub(super) facts: Vec<ReadFact>,
    services: BTreeSet<&'static str>,
    own_services: BTreeSet<String>,
}

impl Known {
    pub(super) fn with(facts: Vec<ReadFact>) -> Self {
        let entries = || ENTRIES.iter().chain(FAMILIES);
        let mut services: BTreeSet<&'static str> = RULES.iter().filter(|rule| !is_flow(rule.subject)).map(|rule| rule.service).collect();
        services.extend(entries().map(|entry| entry.service).filter(|service| !service.is_empty()));
        services.extend(entries().flat_map(|entry| entry.parts).map(|part| part.service));
        services.extend(entries().flat_map(|entry| entry.variants).map(|variant| variant.service));
        Self { facts, services, own_services: BTreeSet::new() }
    }

    /// The same, with the services that are named by these types.
    pub(super) fn with_services_of(mut self, types: &[At<OwnTypeFile>]) -> Self {
        let services = types.iter().map(|stated| &stated.value).flat_map(|stated| {
            let of_type = stated.service.iter().map(|service| &service.value);
            let of_variants = stated.variants.iter().map(|variant| &variant.value.service);
            of_type.chain(of_variants).chain(stated.parts.iter().map(|part| &part.value.service))
        });
        self.own_services = services.filter(|service| service.starts_with(OWN_SERVICE)).cloned().collect();
        self
    }

    /// Whether an own type of a role may be of a service: one of its own, or one that the product gives to elements of that role.
    ///
    /// # Errors
    /// It may not, in words.
    pub(super) fn check_element(&self, role: &str, name: &str) -> Result<(), String> {
        let of_role = match role {
            "process" => Role::Process,
            "store" => Role::Store,
            _ => Role::External,
        };
        let services = |entry: &'static Entry| entry.variants.iter().map(|variant| variant.service).chain([entry.service]);
        let known = ENTRIES.iter().chain(FAMILIES).filter(|entry| entry.role == of_role).flat_map(services);
        check_service(name, &format!("a {role}"), known.filter(|service| !DOORS.contains(service) && *service != "any").collect())
    }

    /// The same of a part.
    ///
    /// # Errors
    /// It may not, in words.
    pub(super) fn check_part(&self, name: &str) -> Result<(), String> {
        check_service(name, "a part", ENTRIES.iter().flat_map(|entry| entry.parts).map(|part| part.service).collect())
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

    fn offers(&self, field: &str, word: &str) -> bool {
        types::offers(field, word)
    }
}

impl Known {
    /// The service that a rule on such a subject names; one of the product's is borrowed.
    ///
    /// # Errors
    /// Nothing of that kind is of that service, in words.
    pub(super) fn service(&self, subject: Subject, name: &str) -> Result<Cow<'static, str>, String> {
        let of_flow: BTreeSet<&'static str>;
        let known = if is_flow(subject) {
            of_flow = RULES.iter().filter(|rule| rule.subject == subject).map(|rule| rule.service).collect();
            &of_flow
        } else {
            &self.services
        };
        if let Some(own) = self.own_services.get(name).filter(|_| !is_flow(subject)) {
            return Ok(Cow::Owned(own.clone()));
        }
        known.get(name).map(|service| Cow::Borrowed(*service)).ok_or_else(|| match nearest(name, known.iter().copied()) {
            Some(meant) => format!("`{name}` is no service; did you mean `{meant}`?"),
            None if is_flow(subject) => {
                format!("`{name}` is no service of such a flow: {}", known.iter().copied().collect::<Vec<_>>().join(", "))
            }
            None => format!("`{name}` is no service; `astride rules list` names those that there are, and `any` is every one"),
        })
    }
}

fn check_service(name: &str, what: &str, known: BTreeSet<&'static str>) -> Result<(), String> {
    let is_own = name.strip_prefix(OWN_SERVICE).is_some_and(is_word);
    if is_own || known.contains(name) {
        return Ok(());
    }
    let known: Vec<&str> = known.into_iter().collect();
    let meant = nearest(name, known.iter().copied()).map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
    let shown: String = name.chars().filter(|letter| !letter.is_control()).take(MAX_NAME).collect();
    Err(format!("`{shown}` is no service of {what}: {OWN_SERVICE} and a word of yours, or one of {}{meant}", known.join(", ")))
}

fn is_flow(subject: Subject) -> bool {
    matches!(subject, Subject::Flow(_))
}
