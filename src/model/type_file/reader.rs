//! One type of a file, word by word.
//!
//! Comes in: a type as it is written. Goes out: the same, with every word looked up, and what is wrong with it.

use super::written::{self, Answer, WrittenCondition, WrittenFlow, WrittenPart, WrittenReading, WrittenType};
use super::{
    BASES, DOORS, FLOW_KINDS, FactsIn, MEANS, ONTO, RANKS, READERS, ROLES, ReadAnswer, ReadCondition, ReadEnd, ReadFact, ReadFlow,
    ReadPart, ReadReader, ReadReading, ReadType, ReadVariant, TypeIn, WHOLES,
};
use crate::model::lined::{At, Lined, Mistake, line};
use crate::model::nearest::nearest;
use crate::model::vocabulary::{Vocabulary, thousandths};
use serde_saphyr::Spanned;
use std::collections::BTreeMap;

/// Reads one type, and gathers what is wrong with it. What is wrong is read as nothing: nobody takes a type that has a mistake.
pub(super) struct Reader<'v, V: Vocabulary> {
    pub(super) vocabulary: &'v V,
    pub(super) mistakes: Vec<Mistake>,
}

impl<V: Vocabulary> Reader<'_, V> {
    pub(super) fn read(&mut self, kind: &str, begins: u32, written: WrittenType) -> TypeIn<V> {
        let role = match &written.is {
            Some(is) => self.word("is", is, ROLES),
            None => {
                let possible = self.possible("is", ROLES);
                self.wants(begins, false, format!("`is` says what it is: {}", possible.join(", ")));
                ""
            }
        };
        let service = written.service.map(|service| At { line: line(&service), value: service.value });
        let (is_part, is_element) = (role == "part", matches!(role, "process" | "store" | "external" | "part"));
        self.wants(begins, !is_part || service.is_some(), "a part needs a service");
        if let Some(service) = &service {
            self.wants(service.line, is_element || matches!(role, "boundary" | ""), format!("a {role} has no service"));
        }
        if let Some(of) = &written.of {
            self.wants(line(of), is_part, "only a part is of something");
        }
        let variants = written.variants.into_iter().map(|variant| {
            let at = line(&variant);
            let written::WrittenVariant { property, is, service } = variant.value;
            At { line: at, value: ReadVariant { when: ReadCondition { property, is }, service } }
        });
        ReadType {
            kind: kind.to_owned(),
            role,
            service,
            noun: if written.noun.is_empty() { noun(kind) } else { written.noun },
            variants: variants.collect(),
            rank: written.rank.as_ref().map(|rank| self.word("rank", rank, RANKS)),
            name: written.name,
            arn: written.arn,
            folds: written.folds,
            attaches: written.attaches.into_iter().collect(),
            admits: written.admits,
            of: written.of.as_ref().map(|of| self.word("of", of, WHOLES)),
            absorbs: written.absorbs,
            stands_for: written.stands_for,
            joins: written.joins,
            credentials: written.credentials,
            environment: written.environment,
            roles: written.roles,
            keys: written.keys,
            network: written.network,
            facts: self.facts(begins, written.facts),
            parts: written.parts.into_iter().map(|part| self.part(part)).collect(),
            flows: written.flows.into_iter().map(|flow| self.flow(flow)).collect(),
            keeps: written.keeps.map(|keeps| At { line: line(&keeps), value: self.keeps(role, keeps) }),
            ignores: written.ignores,
            resolvers: written.resolvers.into_iter().map(Lined::of).collect(),
        }
    }

    pub(super) fn wants(&mut self, line: u32, holds: bool, message: impl Into<String>) {
        if !holds {
            self.mistakes.push(Mistake::at(line, message));
        }
    }

    /// A word of a closed list.
    pub(super) fn word(&mut self, field: &str, written: &Spanned<String>, allowed: &[&'static str]) -> &'static str {
        let value = &written.value;
        if let Some(known) = allowed.iter().find(|known| **known == value.as_str()) {
            return known;
        }
        let possible = self.possible(field, allowed);
        let meant = nearest(value, possible.iter().copied()).map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
        self.wants(line(written), false, format!("{field} `{value}` is none of {}{meant}", possible.join(", ")));
        ""
    }

    /// The words of a list that may be offered.
    fn possible(&self, field: &str, allowed: &[&'static str]) -> Vec<&'static str> {
        allowed.iter().copied().filter(|word| self.vocabulary.offers(field, word)).collect()
    }

    fn part(&mut self, written: Spanned<WrittenPart>) -> At<ReadPart<V::Fact, V::Word>> {
        let begins = line(&written);
        let WrittenPart { service, each, labelled, facts } = written.value;
        At { line: begins, value: ReadPart { service, each, labelled, facts: self.facts(begins, facts) } }
    }

    fn flow(&mut self, written: Spanned<WrittenFlow>) -> At<ReadFlow<V::Fact, V::Word>> {
        let begins = line(&written);
        let written = written.value;
        let after = written.after.as_deref();
        let flow = ReadFlow {
            from: end(&written.from, after),
            to: end(&written.to, after),
            onto: written.onto.as_ref().map(|onto| self.word("onto", onto, ONTO)),
            means: self.word("means", &written.means, MEANS),
            kind: written.kind.as_ref().map(|kind| self.word("kind", kind, FLOW_KINDS)),
            door: written.door.as_ref().map(|door| self.word("door", door, DOORS)),
            basis: written.basis.as_ref().map_or("property", |basis| self.word("basis", basis, BASES)),
            rank: written.rank.as_ref().map(|rank| self.word("rank", rank, RANKS)),
            facts: self.facts(begins, written.facts),
            each: written.each,
            via: written.via,
            when: written.when.map(condition),
            unless: written.unless.map(condition),
        };
        At { line: begins, value: flow }
    }

    fn facts(&mut self, begins: u32, written: BTreeMap<String, Vec<Spanned<WrittenReading>>>) -> FactsIn<V> {
        let mut facts = Vec::new();
        for (name, readings) in written {
            let at = readings.first().map_or(begins, line);
            let Some(fact) = self.vocabulary.fact(&name) else {
                let meant = nearest(&name, self.vocabulary.fact_names().into_iter());
                let meant = meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
                self.wants(at, false, format!("unknown fact `{name}`{meant}"));
                continue;
            };
            facts.push(At { line: at, value: self.fact(&name, fact, readings) });
        }
        facts
    }

    fn fact(&mut self, name: &str, fact: V::Fact, written: Vec<Spanned<WrittenReading>>) -> ReadFact<V::Fact, V::Word> {
        let mut read = ReadFact { fact, readings: Vec::new(), default: None };
        let number = written.len();
        for (position, reading) in written.into_iter().enumerate() {
            let at = line(&reading);
            let is_last = position + 1 == number;
            if let Err(message) = self.reading(&mut read, reading.value, is_last) {
                self.wants(at, false, format!("{name}: {message}"));
            }
        }
        read
    }

    /// Adds a reading, or the default, to a fact.
    fn reading(&self, read: &mut ReadFact<V::Fact, V::Word>, written: WrittenReading, is_last: bool) -> Result<(), String> {
        if let Some(answer) = &written.default {
            let source = written.source.ok_or("a default needs its source")?;
            if !is_last || written.property.is_some() {
                return Err("a default stands alone, and last".to_owned());
            }
            read.default = Some((self.answer(read.fact, answer)?, source));
            return Ok(());
        }
        let answer = |answer: &Answer| self.answer(read.fact, answer);
        let reader = match &written {
            WrittenReading { map: Some(map), present: None, above_zero: None, zero: None, reader: None, .. } => {
                ReadReader::Map(map.iter().map(|(text, said)| Ok((text.clone(), answer(said)?))).collect::<Result<_, String>>()?)
            }
            WrittenReading { map: None, present: Some(said), above_zero: None, zero: None, reader: None, .. } => {
                ReadReader::Present(answer(said)?)
            }
            WrittenReading { map: None, present: None, above_zero: Some(above), zero: Some(zero), reader: None, .. } => {
                ReadReader::AboveZero(answer(above)?, answer(zero)?)
            }
            WrittenReading { map: None, present: None, above_zero: None, zero: None, reader: Some(reader), .. } => {
                ReadReader::Named(self.reader(read.fact, reader)?)
            }
            _ => return Err("needs exactly one of map, present, above_zero with zero, reader".to_owned()),
        };
        let property = written.property.ok_or("neither a property nor a default")?;
        read.readings.push(ReadReading { property, key: written.key, reader });
        Ok(())
    }

    /// A reader that answers as the fact is answered.
    fn reader(&self, fact: V::Fact, name: &str) -> Result<&'static str, String> {
        let Some((known, of, words)) = READERS.iter().find(|(known, ..)| *known == name) else {
            let names: Vec<&str> = READERS.iter().map(|(known, ..)| *known).collect();
            return Err(format!("reader `{name}` is none of {}", names.join(", ")));
        };
        let (is, fits) = (self.vocabulary.fact_type(fact), |word: &&&str| self.vocabulary.word(fact, word).is_none());
        match words.iter().find(fits) {
            _ if is != *of => Err(format!("the reader `{name}` gives an answer of type {of}, and the fact is of type {is}")),
            Some(word) => Err(format!("the reader `{name}` answers with `{word}`, which is no answer of it")),
            None => Ok(known),
        }
    }

    fn answer(&self, fact: V::Fact, written: &Answer) -> Result<ReadAnswer<V::Word>, String> {
        let word = |name: &String| {
            let known = self.vocabulary.words_of(fact);
            let meant = nearest(name, known.iter().copied()).map_or_else(String::new, |meant| format!("; did you mean `{meant}`?"));
            let none = || format!("`{name}` is no answer of it, which is one of {}{meant}", known.join(", "));
            self.vocabulary.word(fact, name).ok_or_else(none)
        };
        let thousand = |number: Option<i64>| number.map(ReadAnswer::Number).ok_or("that is no number of at most three decimals");
        match (self.vocabulary.fact_type(fact), written) {
            ("flag", Answer::Flag(flag)) => Ok(ReadAnswer::Flag(*flag)),
            ("number", Answer::Number(number)) => Ok(thousand(number.checked_mul(1000))?),
            ("number", Answer::Fraction(number)) => Ok(thousand(thousandths(&number.to_string()))?),
            ("number", Answer::Word(never)) if never == "never" => Ok(ReadAnswer::Never),
            ("enum", Answer::Word(name)) => Ok(ReadAnswer::Word(word(name)?)),
            ("set", Answer::Set(names)) => Ok(ReadAnswer::Set(names.iter().map(word).collect::<Result<_, _>>()?)),
            (kind, _) => Err(format!("that is no answer of a {kind}")),
        }
    }
}

/// What people call one, where nothing says so: of `Acme::Shop::Mailer` a mailer, of `acme_mailer` an acme mailer.
fn noun(kind: &str) -> String {
    let last = kind.trim_end_matches("::").rsplit("::").next().unwrap_or_default();
    last.to_lowercase().split(['_', '@']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Names of properties are no made-up ends.
fn end(written: &str, after: Option<&str>) -> ReadEnd {
    match (written, after) {
        ("self", _) => ReadEnd::Itself,
        ("client", _) => ReadEnd::Client,
        ("scheduler", _) => ReadEnd::Scheduler,
        ("devices", _) => ReadEnd::Devices,
        (property, Some(after)) => ReadEnd::After(property.to_owned(), after.to_owned()),
        (property, None) => match property.split_once(':') {
            Some(("bus", property)) => ReadEnd::Bus(property.to_owned()),
            Some(("call", property)) => ReadEnd::Call(property.to_owned()),
            Some(("service", name)) => ReadEnd::Service(name.to_owned()),
            Some(_) | None => ReadEnd::Property(property.to_owned()),
        },
    }
}

pub(super) fn condition(written: WrittenCondition) -> ReadCondition {
    ReadCondition { property: written.property, is: written.is }
}
