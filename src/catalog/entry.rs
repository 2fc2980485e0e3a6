//! One entry of the catalogue: everything that is known of a resource type. Compiled from `config/catalog/**` by `build.rs`.

use crate::catalog::aws::Resolver;
use crate::model::fact::{Fact, Word};
use crate::model::{FlowKind, Means, Rank};

include!(concat!(env!("OUT_DIR"), "/catalog.rs"));

/// What a resource of the type is in the diagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Process,
    Store,
    External,
    /// A trust boundary with members.
    Boundary,
    /// Realises flows, is none itself: a subscription, a mapping.
    Flow,
    /// Carries facts for, or stands in for, the element that it folds into.
    Config,
    /// Known and without meaning for the diagram.
    Silent,
}

/// What is known of one resource type.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Entry {
    /// `AWS::SQS::Queue`.
    pub kind: &'static str,
    pub role: Role,
    /// The catalogue's word for the service, which rules name; `any` where none has rules.
    pub service: &'static str,
    /// What people call one: `queue`.
    pub noun: &'static str,
    pub rank: Rank,
    /// The property that holds the physical name; empty where there is none.
    pub name: &'static str,
    /// How its ARN spells it: service, and what stands before the name. Service is empty where there is none.
    pub arn: ArnShape,
    /// The properties that name the resource whose element this one is part of; the first that resolves to one counts.
    pub folds: &'static [&'static str],
    /// Properties that hold maps of environment variables.
    pub environment: &'static [&'static str],
    /// Properties that name the role that it holds.
    pub roles: &'static [&'static str],
    /// Properties that name subnets, security groups or a VPC that it is placed in.
    pub network: &'static [&'static str],
    /// What makes it a public entry point.
    pub client: Client,
    pub facts: &'static [FactEntry],
    pub flows: &'static [FlowEntry],
    pub resolvers: &'static [Resolver],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArnShape {
    pub service: &'static str,
    /// `table/`; empty where the name follows the account.
    pub prefix: &'static str,
}

/// When the external entity "client" calls an element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Client {
    Never,
    Always,
    /// Unless the property has this literal text.
    Unless {
        property: &'static str,
        text: &'static str,
    },
    /// Only where the property has this literal text.
    When {
        property: &'static str,
        text: &'static str,
    },
}

/// How one fact is read: the readings are tried in order, the first that says something counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FactEntry {
    pub fact: Fact,
    pub readings: &'static [FactReading],
    /// What the provider does where no reading says anything, and the page that says so.
    pub default: Option<(Literal, &'static str)>,
}

/// One way of reading a fact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FactReading {
    /// Path of the property; one that begins with `@` is read from beside the properties (`@DeletionPolicy`).
    pub property: &'static str,
    pub reader: Reader,
}

/// The closed list of ways to turn a property into an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reader {
    /// The literal text, `*` for any other literal.
    Map(&'static [(&'static str, Literal)]),
    /// The answer where the property is there at all.
    Present(Literal),
    /// A key: `alias/aws/…` is `provider_kms`, any other `cmk`.
    KmsKey,
    /// The number itself.
    Number,
    /// The answer where the number is above zero, and where it is zero.
    AboveZero(Literal, Literal),
}

/// An answer that an entry can give.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Literal {
    Word(Word),
    Set(&'static [Word]),
    Flag(bool),
    /// In thousandths.
    Number(i64),
    Never,
}

/// One end of a flow that properties make.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum End {
    /// The element of the resource itself.
    Itself,
    /// What the property names.
    Property(&'static str),
    /// A made-up external entity.
    Outside(&'static str),
}

/// A flow that properties make.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlowEntry {
    pub from: End,
    pub to: End,
    pub means: Means,
    pub kind: Option<FlowKind>,
    pub via: &'static str,
    pub rank: Rank,
}

/// The entry of a resource type.
pub fn find(kind: &str) -> Option<&'static Entry> {
    ENTRIES.binary_search_by(|entry| entry.kind.cmp(kind)).ok().map(|index| &ENTRIES[index])
}
