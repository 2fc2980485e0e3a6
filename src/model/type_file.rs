//! A file of resource types as people write it: those of `config/catalog`, which `build.rs` compiles, and an organisation's own.
//!
//! Comes in: the text of a file, and the vocabulary of facts. Goes out: its types with every word checked, or all that is wrong, with lines.
//! This file is also compiled into `build.rs`, so that there is one reader and one set of errors: it names nothing of the crate but what is
//! compiled into that too, and words of closed lists stay words.
//!
//! A file is a map of resource types; a type that ends in `::` or `_` is a family. The grammar is closed:
//!
//! ```text
//! TYPE: WORD                        nothing but what it is
//! TYPE:
//!   is: process | store | external | boundary | part | flow | config | silent
//!   service, noun, rank, name, arn  see `catalog::entry::Entry`
//!   variants: [{property: PATH, is: TEXT, service}]
//!   of: devices                      the outsider that a part belongs to
//!   attaches: {PATH: TYPE}          what it belongs to, by reference, name or ARN
//!   admits: [PATH]                   whom it lets in, by account, organisation or identity
//!   credentials: [ATTRIBUTE]         attributes whose value is a credential
//!   folds, absorbs, stands_for, joins, environment, roles, keys, network: [PATH]
//!   facts: {FACT: [READING, …]}     in order, the first that says something counts
//!   parts: [{service, each: PATH, labelled, facts}]
//!   flows: [{each: PATH, from: END, to: END, onto, after, means, kind, via, door, basis, rank, when, unless, facts}]
//!                                   ends and facts are read from each value under `each`, or from the resource
//!   keeps:
//!     what: data | records | backups | key | audit | shipping
//!     serves: [PATH]                 what it works for: of a subscription filter the log group
//!     replaced: [PATH | {property: PATH, default: TEXT, alike: [[TEXT, TEXT]]}]
//!                                   a change makes another resource; `default` is what an absent one is, `alike` what is changed in place
//!     retained: [{what, each: PATH, scope: [PATH], property: PATH, unit: days | hours | minutes | seconds, default: NUMBER, begins, when}]
//!                                   for how long; without a default for ever; `begins` where an item that is new shortens nothing
//!     switched_off: {property: PATH, is: TEXT}
//!   ignores: [PATH]                  what decides nothing: of the product's own types `config/weighed.yml` says it
//!   resolvers: [NAME]
//! READING: {property: PATH, key, map: {TEXT: ANSWER} | present: ANSWER | above_zero: ANSWER, zero: ANSWER | reader: NAME}
//!        | {default: ANSWER, source: URL}
//! END: self | client | scheduler | devices | service:NAME | bus:PATH | call:PATH | PATH
//! PATH: names joined by dots; `name[]` is each item of a list, `*` each value of a map, a leading `@` reads beside the properties
//! ```

mod keeps;
mod paths;
mod reader;
mod written;

pub use keeps::{ReadFixed, ReadKeeps, ReadRetained};

use crate::model::lined::{At, Lined, Mistake, line, read_yaml};
use crate::model::vocabulary::Vocabulary;
use reader::Reader;
use serde_saphyr::Spanned;
use std::collections::BTreeMap;
use written::{TextOr, WrittenType};

/// What a resource can be in the diagram.
pub const ROLES: &[&str] = &["process", "store", "external", "boundary", "part", "flow", "config", "silent"];
/// How data moves.
pub const MEANS: &[&str] = &[
    "invoke",
    "event",
    "publish",
    "read",
    "write",
    "read-write",
    "access",
    "dead-letter",
    "log",
    "authenticate",
    "network",
    "replicate",
    "configure",
];
/// What a flow is known by.
pub const BASES: &[&str] = &["property", "definition", "connector", "policy", "equal-name", "permission", "network"];
/// Which rules speak on a flow.
pub const FLOW_KINDS: &[&str] = &["sync_request", "async_event", "poll", "data_access", "egress", "admin", "replication"];
/// What a call comes in by, where that has facts of its own.
pub const DOORS: &[&str] = &["function_url", "action_group"];
/// Which ends a flow is restricted to.
pub const ONTO: &[&str] = &["store", "owned", "other"];
/// How much of a diagram something is.
pub const RANKS: &[&str] = &["first", "second"];
/// What can be lost with a resource.
pub const KEPT: &[&str] = &["data", "records", "backups", "key", "audit", "shipping"];
/// Whose a part is that no resource has.
pub const WHOLES: &[&str] = &["devices"];
/// The ways to turn a property into an answer that take nothing besides: name, type of the fact, and the words that come of it.
pub const READERS: &[(&str, &str, &[&str])] = &[
    ("kms_key", "enum", &["provider_kms", "cmk"]),
    ("number", "number", &[]),
    ("runtime", "enum", &["supported", "deprecated", "unknown"]),
    ("image", "enum", &["digest", "tag"]),
    ("layer_owner", "enum", &["same_account", "aws", "third_party", "unknown"]),
    ("layer_integrity", "enum", &["unsigned", "digest", "external", "unknown"]),
    ("origins", "enum", &["any_credentials", "any", "restricted"]),
    ("literal_secret", "flag", &[]),
    ("echoed_secret", "enum", &["shown", "unmarked", "hidden"]),
    ("resolved_secret", "flag", &[]),
    ("written", "flag", &[]),
    ("written_for_good", "flag", &[]),
    ("stands_in", "flag", &[]),
    ("is_setting", "flag", &[]),
    ("secret_name", "flag", &[]),
    ("wide_range", "flag", &[]),
    ("keys", "list", &[]),
    ("password_policy", "enum", &["strong", "weak"]),
    ("insecure_callback", "flag", &[]),
];
/// Longest name of a type that a message shows, in characters.
const MAX_SHOWN: usize = 80;

/// A resource type that was read: every word of it is one that there is. Services and resolvers are looked up by whoever takes it.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadType<F, W> {
    /// `AWS::SQS::Queue`; of a family its common beginning.
    pub kind: String,
    /// One of `ROLES`.
    pub role: &'static str,
    pub service: Option<At<String>>,
    /// What people call one; where nothing says so, the last word of the type.
    pub noun: String,
    pub variants: Vec<At<ReadVariant>>,
    /// One of `RANKS`, where it is stated.
    pub rank: Option<&'static str>,
    pub name: String,
    pub arn: String,
    pub folds: Vec<String>,
    /// Path and type, ordered.
    pub attaches: Vec<(String, String)>,
    pub admits: Vec<String>,
    /// One of `WHOLES`.
    pub of: Option<&'static str>,
    pub absorbs: Vec<String>,
    pub stands_for: Vec<String>,
    pub joins: Vec<String>,
    pub credentials: Vec<String>,
    pub environment: Vec<String>,
    pub roles: Vec<String>,
    pub keys: Vec<String>,
    pub network: Vec<String>,
    /// Ordered by name.
    pub facts: Vec<At<ReadFact<F, W>>>,
    pub parts: Vec<At<ReadPart<F, W>>>,
    pub flows: Vec<At<ReadFlow<F, W>>>,
    pub keeps: Option<At<ReadKeeps>>,
    pub ignores: Vec<String>,
    pub resolvers: Vec<Lined>,
}

impl<F: Clone + PartialEq, W: Clone + PartialEq> ReadType<F, W> {
    /// Whether another one takes the same resources for the same, whatever people call them.
    pub fn reads_like(&self, other: &Self) -> bool {
        *self == Self { noun: self.noun.clone(), ..other.clone() }
    }
}

/// What the type is where a property has a literal text.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadVariant {
    pub when: ReadCondition,
    pub service: String,
}

/// How one fact is read.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadFact<F, W> {
    pub fact: F,
    pub readings: Vec<ReadReading<W>>,
    /// What the provider does where no reading says anything, and the page that says so.
    pub default: Option<(ReadAnswer<W>, String)>,
}

/// One way of reading a fact.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadReading<W> {
    pub property: String,
    pub key: String,
    pub reader: ReadReader<W>,
}

/// How a property becomes an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum ReadReader<W> {
    /// By the literal text, ordered.
    Map(Vec<(String, ReadAnswer<W>)>),
    Present(ReadAnswer<W>),
    AboveZero(ReadAnswer<W>, ReadAnswer<W>),
    /// One of `READERS`.
    Named(&'static str),
}

/// An answer that a type can give.
#[derive(Clone, Debug, PartialEq)]
pub enum ReadAnswer<W> {
    Word(W),
    Set(Vec<W>),
    Flag(bool),
    /// In thousandths.
    Number(i64),
    Never,
}

/// A part that a property makes, one for each value of the path.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadPart<F, W> {
    pub service: String,
    pub each: String,
    pub labelled: bool,
    pub facts: Vec<At<ReadFact<F, W>>>,
}

/// A flow that properties make; words are of the lists above.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadFlow<F, W> {
    pub each: String,
    pub from: ReadEnd,
    pub to: ReadEnd,
    pub onto: Option<&'static str>,
    pub means: &'static str,
    pub kind: Option<&'static str>,
    pub via: String,
    pub door: Option<&'static str>,
    /// `property` where nothing is stated.
    pub basis: &'static str,
    pub rank: Option<&'static str>,
    pub when: Option<ReadCondition>,
    pub unless: Option<ReadCondition>,
    pub facts: Vec<At<ReadFact<F, W>>>,
}

/// One end of a flow.
#[derive(Clone, Debug, PartialEq)]
pub enum ReadEnd {
    Itself,
    Client,
    Scheduler,
    Devices,
    Property(String),
    /// What follows this beginning in the property's text.
    After(String, String),
    Bus(String),
    Call(String),
    Service(String),
}

/// A property that is there, or that has this literal text.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadCondition {
    pub property: String,
    /// Empty where presence is enough.
    pub is: String,
}

/// A type in the words of a vocabulary.
pub type TypeIn<V> = ReadType<<V as Vocabulary>::Fact, <V as Vocabulary>::Word>;
/// Facts of a type, with their lines.
type FactsIn<V> = Vec<At<ReadFact<<V as Vocabulary>::Fact, <V as Vocabulary>::Word>>>;

/// Reads the types of a file, ordered by name.
///
/// # Errors
/// Everything that is wrong with it, in order of the lines; of what is no mapping of types the first.
pub fn read<V: Vocabulary>(text: &str, vocabulary: &V) -> Result<Vec<At<TypeIn<V>>>, Vec<Mistake>> {
    let written: BTreeMap<String, Spanned<TextOr<WrittenType>>> =
        read_yaml(text).map_err(|error| vec![Mistake::offering(&error, &|word| vocabulary.offers("", word))])?;
    let (mut types, mut mistakes) = (Vec::new(), Vec::new());
    for (kind, written) in written {
        let begins = line(&written);
        let whole = match written.value {
            TextOr::Text(word) => {
                let is = Some(Spanned::new(word, written.referenced, written.defined));
                WrittenType { is, ..WrittenType::default() }
            }
            TextOr::Whole(whole) => *whole,
        };
        let mut reader = Reader { vocabulary, mistakes: Vec::new() };
        let read = reader.read(&kind, begins, whole);
        let named: String = kind.chars().filter(|letter| !letter.is_control()).take(MAX_SHOWN).collect();
        mistakes.extend(reader.mistakes.into_iter().map(|mistake| Mistake::at(mistake.line, format!("{named}: {}", mistake.message))));
        types.push(At { line: begins, value: read });
    }
    mistakes.sort();
    if mistakes.is_empty() { Ok(types) } else { Err(mistakes) }
}

/// Whether a type stands for all that begin so.
pub fn is_family(kind: &str) -> bool {
    kind.ends_with("::") || kind.ends_with('_')
}
