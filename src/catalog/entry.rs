//! One entry of the catalogue: everything that is known of a resource type. Compiled from `config/catalog/**` by `build.rs`.
//!
//! Comes in: nothing at run time. Goes out: constants. Never computes: what needs computing is a resolver, named by the entry.

use crate::catalog::aws::Resolver;
use crate::model::fact::{Fact, Word};
use crate::model::holding::Keeps;
use crate::model::{Basis, Door, FlowKind, Means, Rank};

include!(concat!(env!("OUT_DIR"), "/catalog.rs"));

/// What a resource of the type is in the diagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Process,
    Store,
    External,
    /// A trust boundary with members.
    Boundary,
    /// Belongs to the element that `folds` names, to the outsider that `of` names, or to every holder (`roles`, `keys`), as a part with facts
    /// of its own.
    Part,
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
    /// `AWS::SQS::Queue`; of a family its common beginning.
    pub kind: &'static str,
    pub role: Role,
    /// The catalogue's word for the service, which rules name; `any` where none has rules.
    pub service: &'static str,
    /// What people call one: `queue`.
    pub noun: &'static str,
    /// Where a property makes it something else: an HTTP API whose protocol is WebSocket.
    pub variants: &'static [Variant],
    pub rank: Rank,
    /// The property that holds the physical name; empty where there is none.
    pub name: &'static str,
    /// The service in its ARN (`sqs`), by which a name is told from an equal one of another service; empty where there is none.
    pub arn: &'static str,
    /// The properties that name the resource whose element this one is part of; the first that resolves to one counts.
    pub folds: &'static [&'static str],
    /// The properties that name what this one belongs to, with its type: of a policy its roles.
    pub attaches: &'static [(&'static str, &'static str)],
    /// The properties that name whom it lets in: of a share the accounts that it is made with.
    pub admits: &'static [&'static str],
    /// Of a part that no resource has: whose it is.
    pub of: Option<Whole>,
    /// The properties that name resources which are part of this one: of a service the task definition.
    pub absorbs: &'static [&'static str],
    /// The properties that name what this one stands for where a flow ends in it: of a target group its targets.
    pub stands_for: &'static [&'static str],
    /// The properties that name something which then stands for this one too: of a service the target groups that it registers with.
    pub joins: &'static [&'static str],
    /// Attributes whose value is a credential: of an access key its secret half.
    pub credentials: &'static [&'static str],
    /// Properties that hold environment variables: each value under the path is one.
    pub environment: &'static [&'static str],
    /// Properties that name the role that it holds, or the keys that it uses.
    pub holds: &'static [&'static str],
    /// Properties that name subnets, security groups or a VPC that it is placed in.
    pub network: &'static [&'static str],
    pub facts: &'static [FactEntry],
    pub parts: &'static [PartEntry],
    pub flows: &'static [FlowEntry],
    /// What is lost with it; `None` where nothing is.
    pub keeps: Option<HoldingEntry>,
    pub resolvers: &'static [Resolver],
}

/// What a resource keeps, and what decides whether that outlives a change.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HoldingEntry {
    pub what: Keeps,
    /// The properties that name what it works for: of a subscription filter the log group.
    pub serves: &'static [&'static str],
    /// The properties that the provider sets once.
    pub replaced: &'static [FixedEntry],
    pub retained: &'static [RetainedEntry],
    /// Where it is switched off.
    pub off: Option<Condition>,
}

/// A property of which a change makes another resource in place of the old one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FixedEntry {
    pub property: &'static str,
    /// What it is where it is left out, where that is known.
    pub default: Option<&'static str>,
    /// Values of which the provider changes one into another in place.
    pub alike: &'static [&'static [&'static str]],
}

/// For how long something is kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetainedEntry {
    /// `backups`.
    pub what: &'static str,
    /// The items that say it each; empty where the resource does.
    pub each: &'static str,
    /// The properties of an item that say what of it is meant: a prefix, a tag.
    pub scope: &'static [&'static str],
    pub property: &'static str,
    /// Seconds of one.
    pub unit: i64,
    /// In the unit, where nothing is said; `None` for ever.
    pub default: Option<i64>,
    /// An item that is new begins to keep something: of a backup plan.
    pub begins: bool,
    pub when: Option<Condition>,
}

/// An external entity that resources of a template speak of, though none states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whole {
    /// Things in the field that publish to the provider's broker.
    Devices,
}

/// What the type is where a property has a literal text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Variant {
    pub when: Condition,
    pub service: &'static str,
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
    /// Of a list of pairs of `Key` and `Value` the key whose value is read; empty where the property is read itself.
    pub key: &'static str,
    pub reader: Reader,
}

/// The closed list of ways to turn a property into an answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reader {
    /// By the literal text; `*` is any other literal. A literal without an answer says nothing.
    Map(&'static [(&'static str, Literal)]),
    /// The answer where the property is there at all, whatever it holds but an empty text.
    Present(Literal),
    /// A key: `alias/aws/…` is `provider_kms`, any other `cmk`.
    KmsKey,
    /// The number itself.
    Number,
    /// The answers where the number is above zero, and where it is zero.
    AboveZero(Literal, Literal),
    /// Whether a Lambda runtime is still supported, by the dated table.
    Runtime,
    /// `digest` or `tag`, by how the image's name ends.
    Image,
    /// Whose account is in the ARN of a layer.
    LayerOwner,
    /// What pins a layer: our own resource is `unsigned`, another account's is `external`.
    LayerIntegrity,
    /// `any`, `any_credentials` or `restricted`, by the origins under the property and the `AllowCredentials` beside them.
    Origins,
    /// Whether a variable looks like a literal secret.
    LiteralSecret,
    /// `shown` or `hidden`: whether a parameter that carries a secret here may be read by whoever may look at the stack.
    EchoedSecret,
    /// True where a variable takes a secret that is looked up at deployment.
    ResolvedSecret,
    /// Whether a value is written out here, rather than taken from elsewhere.
    Written,
    /// The same, but for what only stands in until somebody sets a value: of what keeps values, rather than being made with one.
    WrittenForGood,
    /// Whether a value only stands in until somebody sets one.
    StandsIn,
    /// Whether a value is a switch or a time.
    IsSetting,
    /// Whether the text is the name of something secret.
    SecretName,
    /// Whether one of the address ranges that a text lists is a good part of the internet.
    WideRange,
    /// The keys of a map.
    Keys,
    /// `strong` from twelve characters, or from eight of three kinds.
    PasswordPolicy,
    /// Whether an address to call back is plain HTTP (but not of the own machine), or of a scheme that anybody can claim.
    InsecureCallback,
}

/// An answer that an entry can give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Literal {
    Word(Word),
    Set(&'static [Word]),
    Flag(bool),
    /// In thousandths.
    Number(i64),
    Never,
}

/// A part that a property makes, one for each value of the path.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PartEntry {
    pub service: &'static str,
    pub each: &'static str,
    /// Whether the value tells the part from its siblings; where not, there is only one.
    pub labelled: bool,
    /// Read from the value; an empty property is the value itself.
    pub facts: &'static [FactEntry],
}

/// One end of a flow that properties make.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum End {
    /// The element of the resource itself.
    Itself,
    /// What the property names.
    Property(&'static str),
    /// What follows this beginning in the property's text: of `/aws/lambda/Pay` the function `Pay`.
    After(&'static str, &'static str),
    /// What the property names, or the default event bus where it is absent.
    Bus(&'static str),
    /// What is called by the map under the path: its `Arn` names a target, or an operation whose target its `Input` names.
    Call(&'static str),
    Client,
    Scheduler,
    /// Things in the field that publish to the provider's broker.
    Devices,
    /// A service of the provider that acts by itself: what records, alarms and reports.
    Service(&'static str),
}

/// A property that decides whether a flow is there: present at all, or with this literal text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Condition {
    pub property: &'static str,
    /// Empty where presence is enough.
    pub is: &'static str,
}

/// Which ends a flow entry speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Onto {
    Anything,
    /// Only flows that end in a data store.
    Store,
    /// Flows that end in a data store, or in what another account owns.
    Owned,
    /// Only flows that end in anything else.
    Other,
}

/// A flow that properties make.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlowEntry {
    /// The values that make a flow each; empty where the resource is the only one.
    pub each: &'static str,
    pub from: End,
    pub to: End,
    pub onto: Onto,
    pub means: Means,
    pub kind: Option<FlowKind>,
    pub via: &'static str,
    pub door: Option<Door>,
    pub basis: Basis,
    pub rank: Option<Rank>,
    pub when: Option<Condition>,
    pub unless: Option<Condition>,
    /// Read from what makes the flow.
    pub facts: &'static [FactEntry],
}

/// The entry of a resource type, or of the family that it belongs to.
pub fn find(kind: &str) -> Option<&'static Entry> {
    if let Ok(index) = ENTRIES.binary_search_by(|entry| entry.kind.cmp(kind)) {
        return Some(&ENTRIES[index]);
    }
    FAMILIES.iter().find(|family| kind.starts_with(family.kind))
}

/// Whether a type, or a family, has an entry under its very name.
pub fn is_exact(kind: &str) -> bool {
    ENTRIES.binary_search_by(|entry| entry.kind.cmp(kind)).is_ok() || FAMILIES.iter().any(|family| family.kind == kind)
}
