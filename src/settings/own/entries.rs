//! An organisation's resource types as entries of the catalogue, which live as long as the process.
//!
//! Comes in: types that were read and checked. Goes out: entries like those of the product, and which of their properties are weighed.

use super::types::OwnTypeFile;
use super::vocabulary::{KnownFact, KnownWord};
use crate::catalog::entry::{
    Condition, End, Entry, FactEntry, FactReading, FixedEntry, FlowEntry, HoldingEntry, Literal, Onto, PartEntry, Reader, RetainedEntry,
    Role, Variant,
};
use crate::catalog::own_types::{OwnType, OwnTypes};
use crate::model::fact::Fact;
use crate::model::holding::Keeps;
use crate::model::lined::At;
use crate::model::type_file::{
    ReadAnswer, ReadCondition, ReadEnd, ReadFact, ReadFlow, ReadKeeps, ReadPart, ReadReader, ReadRetained, is_family,
};
use crate::model::{Basis, FlowKind, Means, Rank};

/// What is weighed of a type that has no meaning: everything.
const ALL: &str = "*";

/// The types that live as long as the process, with the facts that were taken.
pub(super) fn made(types: Vec<At<OwnTypeFile>>, facts: &[Fact]) -> OwnTypes {
    let mut made: Vec<OwnType> = types.into_iter().filter_map(|stated| own_type(stated.value, facts)).collect();
    made.sort_by(|a, b| a.entry.kind.cmp(b.entry.kind));
    let (families, types): (Vec<OwnType>, Vec<OwnType>) = made.into_iter().partition(|own| is_family(own.entry.kind));
    OwnTypes::new(types.leak(), families.leak())
}

/// `None` where it says what no type says that was checked.
fn own_type(stated: OwnTypeFile, facts: &[Fact]) -> Option<OwnType> {
    let role = role(stated.role)?;
    let mut weighed: Vec<String> =
        stated.paths().into_iter().chain(stated.ignores.iter().cloned()).map(|path| path.replace("[]", "")).collect();
    if role == Role::Silent {
        weighed.push(ALL.to_owned());
    }
    let variants =
        stated.variants.into_iter().map(|variant| Variant { when: condition(variant.value.when), service: text(variant.value.service) });
    let entry = Entry {
        role,
        service: stated.service.map_or("any", |service| text(service.value)),
        noun: text(stated.noun),
        variants: list(variants.collect()),
        rank: rank(stated.rank),
        name: text(stated.name),
        arn: "",
        folds: &[],
        attaches: &[],
        admits: &[],
        of: None,
        absorbs: &[],
        stands_for: &[],
        joins: &[],
        credentials: texts(stated.credentials),
        environment: texts(stated.environment),
        holds: texts(stated.roles.into_iter().chain(stated.keys).collect()),
        network: texts(stated.network),
        facts: fact_entries(stated.facts, facts)?,
        parts: list(stated.parts.into_iter().map(|part| part_entry(part.value, facts)).collect::<Option<_>>()?),
        flows: list(stated.flows.into_iter().map(|flow| flow_entry(flow.value)).collect::<Option<_>>()?),
        keeps: match stated.keeps {
            Some(keeps) => Some(holding(keeps.value)?),
            None => None,
        },
        resolvers: &[],
        kind: text(stated.kind),
    };
    Some(OwnType { entry, weighed: texts(weighed) })
}

fn part_entry(part: ReadPart<KnownFact, KnownWord>, facts: &[Fact]) -> Option<PartEntry> {
    let ReadPart { service, each, labelled, facts: read } = part;
    Some(PartEntry { service: text(service), each: text(each), labelled, facts: fact_entries(read, facts)? })
}

/// Facts, doors and bases of flows are the product's alone.
fn flow_entry(flow: ReadFlow<KnownFact, KnownWord>) -> Option<FlowEntry> {
    Some(FlowEntry {
        each: text(flow.each),
        from: end(flow.from)?,
        to: end(flow.to)?,
        onto: match flow.onto {
            None => Onto::Anything,
            Some("store") => Onto::Store,
            Some("owned") => Onto::Owned,
            Some(_) => Onto::Other,
        },
        means: means(flow.means)?,
        kind: match flow.kind {
            Some(kind) => Some(flow_kind(kind)?),
            None => None,
        },
        via: text(flow.via),
        door: None,
        basis: Basis::Property,
        rank: flow.rank.map(|stated| rank(Some(stated))),
        when: flow.when.map(condition),
        unless: flow.unless.map(condition),
        facts: &[],
    })
}

fn end(end: ReadEnd) -> Option<End> {
    match end {
        ReadEnd::Itself => Some(End::Itself),
        ReadEnd::Client => Some(End::Client),
        ReadEnd::Scheduler => Some(End::Scheduler),
        ReadEnd::Property(path) => Some(End::Property(text(path))),
        ReadEnd::After(path, beginning) => Some(End::After(text(path), text(beginning))),
        ReadEnd::Devices | ReadEnd::Bus(_) | ReadEnd::Call(_) | ReadEnd::Service(_) => None,
    }
}

fn holding(keeps: ReadKeeps) -> Option<HoldingEntry> {
    let replaced = keeps.replaced.into_iter().map(|fixed| FixedEntry {
        property: text(fixed.property),
        default: fixed.default.map(text),
        alike: list(fixed.alike.into_iter().map(texts).collect()),
    });
    Some(HoldingEntry {
        what: match keeps.what {
            "data" => Keeps::Data,
            "records" => Keeps::Records,
            "backups" => Keeps::Backups,
            _ => return None,
        },
        serves: &[],
        replaced: list(replaced.collect()),
        retained: list(keeps.retained.into_iter().map(retained).collect()),
        off: keeps.switched_off.map(condition),
    })
}

fn retained(retained: ReadRetained) -> RetainedEntry {
    let ReadRetained { what, each, scope, property, unit, default, begins, when } = retained;
    let (what, each, scope, property) = (text(what), text(each), texts(scope), text(property));
    RetainedEntry { what, each, scope, property, unit, default, begins, when: when.map(condition) }
}

fn fact_entries(read: Vec<At<ReadFact<KnownFact, KnownWord>>>, facts: &[Fact]) -> Option<&'static [FactEntry]> {
    let entry = |read: ReadFact<KnownFact, KnownWord>| {
        let fact = read.fact.taken(facts)?;
        let readings = read.readings.into_iter().map(|reading| {
            Some(FactReading { property: text(reading.property), key: text(reading.key), reader: reader(reading.reader, fact)? })
        });
        let readings = list(readings.collect::<Option<_>>()?);
        let default = match read.default {
            Some((answer, source)) => Some((literal(answer, fact)?, text(source))),
            None => None,
        };
        Some(FactEntry { fact, readings, default })
    };
    Some(list(read.into_iter().map(|read| entry(read.value)).collect::<Option<_>>()?))
}

fn reader(read: ReadReader<KnownWord>, fact: Fact) -> Option<Reader> {
    Some(match read {
        ReadReader::Map(map) => {
            let pairs = map.into_iter().map(|(key, answer)| Some((text(key), literal(answer, fact)?)));
            Reader::Map(list(pairs.collect::<Option<_>>()?))
        }
        ReadReader::Present(answer) => Reader::Present(literal(answer, fact)?),
        ReadReader::AboveZero(above, zero) => Reader::AboveZero(literal(above, fact)?, literal(zero, fact)?),
        ReadReader::Named(name) => named_reader(name)?,
    })
}

fn literal(answer: ReadAnswer<KnownWord>, fact: Fact) -> Option<Literal> {
    Some(match answer {
        ReadAnswer::Word(word) => Literal::Word(word.taken(fact)?),
        ReadAnswer::Set(words) => Literal::Set(list(words.into_iter().map(|word| word.taken(fact)).collect::<Option<_>>()?)),
        ReadAnswer::Flag(flag) => Literal::Flag(flag),
        ReadAnswer::Number(number) => Literal::Number(number),
        ReadAnswer::Never => Literal::Never,
    })
}

fn condition(read: ReadCondition) -> Condition {
    Condition { property: text(read.property), is: text(read.is) }
}

fn rank(stated: Option<&str>) -> Rank {
    if stated == Some("second") { Rank::Second } else { Rank::First }
}

fn role(word: &str) -> Option<Role> {
    Some(match word {
        "process" => Role::Process,
        "store" => Role::Store,
        "external" => Role::External,
        "silent" => Role::Silent,
        _ => return None,
    })
}

fn means(word: &str) -> Option<Means> {
    let all = [
        Means::Invoke,
        Means::Event,
        Means::Publish,
        Means::Read,
        Means::Write,
        Means::ReadWrite,
        Means::Access,
        Means::Network,
        Means::Replicate,
        Means::Configure,
    ];
    all.into_iter().find(|means| means.word() == word)
}

fn flow_kind(word: &str) -> Option<FlowKind> {
    let all = [
        FlowKind::SyncRequest,
        FlowKind::AsyncEvent,
        FlowKind::Poll,
        FlowKind::DataAccess,
        FlowKind::Egress,
        FlowKind::Admin,
        FlowKind::Replication,
    ];
    all.into_iter().find(|kind| kind.word() == word)
}

fn named_reader(name: &str) -> Option<Reader> {
    Some(match name {
        "kms_key" => Reader::KmsKey,
        "number" => Reader::Number,
        "runtime" => Reader::Runtime,
        "image" => Reader::Image,
        "layer_owner" => Reader::LayerOwner,
        "layer_integrity" => Reader::LayerIntegrity,
        "origins" => Reader::Origins,
        "literal_secret" => Reader::LiteralSecret,
        "echoed_secret" => Reader::EchoedSecret,
        "resolved_secret" => Reader::ResolvedSecret,
        "written" => Reader::Written,
        "written_for_good" => Reader::WrittenForGood,
        "stands_in" => Reader::StandsIn,
        "is_setting" => Reader::IsSetting,
        "secret_name" => Reader::SecretName,
        "wide_range" => Reader::WideRange,
        "keys" => Reader::Keys,
        "password_policy" => Reader::PasswordPolicy,
        "insecure_callback" => Reader::InsecureCallback,
        _ => return None,
    })
}

fn text(text: String) -> &'static str {
    text.leak()
}

fn texts(texts: Vec<String>) -> &'static [&'static str] {
    list(texts.into_iter().map(text).collect())
}

fn list<T>(list: Vec<T>) -> &'static [T] {
    list.leak()
}

#[cfg(test)]
mod tests {
    use super::{flow_kind, means, named_reader};
    use crate::model::type_file::{FLOW_KINDS, MEANS, READERS};

    #[test]
    fn every_word_that_is_read_is_taken() {
        for (name, ..) in READERS {
            assert!(named_reader(name).is_some(), "{name}");
        }
        for name in FLOW_KINDS {
            assert!(flow_kind(name).is_some(), "{name}");
        }
        // Three say what the other end is for, and are refused before.
        let refused: Vec<&&str> = MEANS.iter().filter(|name| means(name).is_none()).collect();
        assert_eq!(refused, [&"dead-letter", &"log", &"authenticate"]);
    }
}
