//! The data-flow diagram of a unit: elements, flows, trust boundaries, and the facts about them.
//!
//! Comes in: what formats and the catalogue found. Goes out: one ordered value that rules, delta and report read.
//! Never knows a notation or a provider.

pub mod category;
pub mod cause;
pub mod claim;
pub mod decision;
pub mod exports;
pub mod fact;
pub mod fact_file;
pub mod formula;
pub mod holding;
mod joined;
pub mod limit;
pub mod lined;
pub mod meant;
mod moved;
pub mod nearest;
pub mod pattern;
pub mod recorded;
pub mod resource;
pub mod spelling;
pub mod stated;
pub(crate) mod strength;
pub mod type_file;
pub mod unweighed;
pub mod vocabulary;
pub mod words;

use crate::model::cause::{Cause, CauseKind};
use crate::model::exports::Export;
use crate::model::fact::Facts;
use crate::model::holding::{Destroyed, Holding};
use crate::model::recorded::RecordedThreat;
use crate::model::resource::Maker;
use crate::model::stated::Stated;
use crate::model::unweighed::Unweighed;
use crate::model::words::Words;
use crate::source::{Note, Place, RepoPath};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// The four kinds that STRIDE-per-element is applied to; the fourth, the flow, is a type of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ElementKind {
    ExternalEntity,
    Process,
    DataStore,
}

impl ElementKind {
    /// The word of the command line's JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::ExternalEntity => "external-entity",
            Self::Process => "process",
            Self::DataStore => "data-store",
        }
    }
}

/// Unit path and address: `intake/template.yaml#IntakeFn`. Stable under any edit that keeps both.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ElementId(pub String);

impl ElementId {
    pub fn new(unit: &RepoPath, address: &str) -> Self {
        Self(format!("{unit}#{address}"))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path before the address.
    pub fn unit(&self) -> &str {
        self.0.split_once('#').map_or("", |(unit, _)| unit)
    }

    /// The address behind the unit.
    pub fn address(&self) -> &str {
        self.0.split_once('#').map_or(&self.0, |(_, address)| address)
    }
}

impl fmt::Debug for ElementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl fmt::Display for ElementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Its ends and its means: `intake/template.yaml#client>IntakeFn:invoke`, plus what tells two such flows apart (`:GET /orders`)
/// where a rule must speak on each.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlowId(pub String);

impl FlowId {
    pub fn new(unit: &RepoPath, from: &ElementId, to: &ElementId, means: Means) -> Self {
        Self(format!("{unit}#{}>{}:{}", from.address(), to.address(), means.word()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for FlowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl fmt::Display for FlowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// First rank is drawn; second rank (log groups nobody subscribes to, flows that only log, only configure or rest on a managed policy
/// alone) is in the model, marked, and stays out of a comment's diagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    First,
    Second,
}

/// The type of an element that no resource states, and only flows imply.
pub const IMPLIED: &str = "external";

#[derive(Clone, Debug, PartialEq)]
pub struct Element {
    pub id: ElementId,
    pub unit: RepoPath,
    /// Logical id, construct path, cell id, or the made-up address of an implied external entity (`client`, `param:Topic`,
    /// `service:bedrock`).
    pub address: String,
    /// The address as the file spells it; another one only where that changes from one synthesis to the next.
    pub logical_id: String,
    pub maker: Maker,
    /// The type as the template states it, or `IMPLIED`.
    pub declared: String,
    pub kind: ElementKind,
    /// The catalogue's word for what it is (`lambda_function`, `queue`, `human_actor`, `any`): what rules apply to.
    pub service: &'static str,
    /// Whose it is, where no resource states it and only flows imply it.
    pub outside: Option<Outside>,
    /// What people call it; the address where nothing better is stated.
    pub name: String,
    pub place: Place,
    /// The files of its folder are one text: in which of them it stands says nothing.
    pub by_folder: bool,
    pub rank: Rank,
    pub facts: Facts,
    /// What the element has several of, or what has facts of its own: function URLs, layers, roles. Ordered by service and label.
    pub parts: Vec<Part>,
}

/// Something that belongs to an element without being one: a function URL, a layer, the role that it holds.
/// A part's facts stand before its element's when a rule reads them.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// `lambda_function_url`, `lambda_layer`, `iam_role`.
    pub service: &'static str,
    /// Tells it from its siblings: the layer's ARN, the role's address; empty where there can be only one.
    pub label: String,
    /// What must be changed to change it.
    pub cause: Arc<Cause>,
    pub place: Place,
    pub facts: Facts,
}

impl Part {
    /// Tells it from its siblings, and is the same for as long as it means the same: of a layer the account and name, not the version.
    pub fn identity(&self) -> &str {
        match self.cause.kind {
            CauseKind::Layer => &self.cause.name,
            CauseKind::Property | CauseKind::Statement | CauseKind::Principal | CauseKind::Route => &self.label,
        }
    }
}

impl Element {
    /// The name that an instance has in its own file. An address of a folder's language has no other, and any character in it.
    pub fn own_name(&self) -> &str {
        if self.by_folder { &self.logical_id } else { own_name(&self.logical_id) }
    }

    /// Where it is written, whatever unit it is an instance in: `service.yaml#Role` for each of the stacks that are made of the file.
    pub fn home(&self) -> String {
        let text = text_of(&self.place.path, self.by_folder);
        // What is outside is written nowhere, however often it is named.
        let is_written_here = text == self.unit.as_str() || self.kind == ElementKind::ExternalEntity;
        if is_written_here { self.id.as_str().to_owned() } else { format!("{text}#{}", self.own_name()) }
    }
}

/// What is one text with a file: the file, or its folder, in the spelling of units.
pub fn text_of(path: &RepoPath, by_folder: bool) -> &str {
    match path.folder() {
        _ if !by_folder => path.as_str(),
        "" => ".",
        folder => folder,
    }
}

/// The name that an instance has in its own file: the last piece of `Delivery/Role`.
pub fn own_name(logical_id: &str) -> &str {
    logical_id.rsplit('/').next().unwrap_or(logical_id)
}

/// How data moves, in the words of the modelling conventions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Means {
    Invoke,
    Event,
    Publish,
    Read,
    Write,
    ReadWrite,
    /// Known only from an environment variable or a name.
    Access,
    DeadLetter,
    Log,
    Authenticate,
    Network,
    Replicate,
    Configure,
}

impl Means {
    pub fn word(self) -> &'static str {
        match self {
            Self::Invoke => "invoke",
            Self::Event => "event",
            Self::Publish => "publish",
            Self::Read => "read",
            Self::Write => "write",
            Self::ReadWrite => "read-write",
            Self::Access => "access",
            Self::DeadLetter => "dead-letter",
            Self::Log => "log",
            Self::Authenticate => "authenticate",
            Self::Network => "network",
            Self::Replicate => "replicate",
            Self::Configure => "configure",
        }
    }
}

/// Which rules speak on a flow: the catalogue's kinds of flow. One flow may be of several (an event that crosses accounts).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FlowKind {
    SyncRequest,
    AsyncEvent,
    Poll,
    DataAccess,
    Egress,
    Admin,
    Replication,
}

impl FlowKind {
    pub fn word(self) -> &'static str {
        match self {
            Self::SyncRequest => "sync_request",
            Self::AsyncEvent => "async_event",
            Self::Poll => "poll",
            Self::DataAccess => "data_access",
            Self::Egress => "egress",
            Self::Admin => "admin",
            Self::Replication => "replication",
        }
    }
}

/// What the flow rests on; the strongest of them comes first in the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    Property,
    Definition,
    Connector,
    Policy,
    SharedRole,
    EqualName,
    Network,
    Permission,
    Environment,
    Wildcard,
    ManagedPolicy,
    Script,
    /// A model file states it.
    Stated,
}

impl Basis {
    pub fn word(self) -> &'static str {
        match self {
            Self::Property => "property",
            Self::Definition => "definition",
            Self::Connector => "connector",
            Self::Policy => "policy naming the resource",
            Self::SharedRole => "shared role",
            Self::EqualName => "equal name",
            Self::Network => "network rule",
            Self::Permission => "permission alone",
            Self::Environment => "environment variable",
            Self::Wildcard => "wildcard policy",
            Self::ManagedPolicy => "managed policy",
            Self::Script => "script",
            Self::Stated => "stated",
        }
    }
}

/// Which way data goes on a flow, seen from its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Payload {
    Out,
    In,
    Both,
}

impl Payload {
    pub fn word(self) -> &'static str {
        match self {
            Self::Out => "out",
            Self::In => "in",
            Self::Both => "both",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    pub id: FlowId,
    pub unit: RepoPath,
    pub from: ElementId,
    pub to: ElementId,
    pub kind: FlowKind,
    pub means: Means,
    /// How it is realised, in words of the notation: `event source mapping`, `subscription`, `GET /orders`; the most telling first, unique.
    pub via: Vec<String>,
    pub basis: Basis,
    /// What it comes in by, where that has rules of its own.
    pub door: Option<Door>,
    pub payload: Payload,
    pub place: Place,
    pub rank: Rank,
    pub facts: Facts,
}

/// What a call comes in by, where that has facts of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Door {
    FunctionUrl,
    /// The actions of an agent.
    ActionGroup,
}

/// Whose an external entity is that only flows imply.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outside {
    /// A service of the provider, used by name: `bedrock`.
    Service(String),
    /// Something else that the own account has: its default bus, its scheduler, a stored parameter.
    OwnAccount,
    /// What another stack exports under this name.
    Import(String),
    /// Something else of another stack: what a parameter carries, what an ARN without an account names.
    OtherStack,
    OtherAccount,
    /// Anybody and anything else.
    World,
}

impl Flow {
    /// Where it is written, whatever unit it is an instance in; the ends are its own.
    pub fn home(&self, [from, to]: [Option<&Element>; 2]) -> String {
        let text = text_of(&self.place.path, [from, to].into_iter().flatten().any(|end| end.by_folder));
        if text == self.unit.as_str() {
            return self.id.as_str().to_owned();
        }
        let plain = FlowId::new(&self.unit, &self.from, &self.to, self.means);
        let rest = self.id.as_str().strip_prefix(plain.as_str()).unwrap_or_default();
        let name = |end: Option<&Element>, id: &ElementId| end.map_or_else(|| id.address().to_owned(), |end| end.own_name().to_owned());
        format!("{text}#{}>{}:{}{rest}", name(from, &self.from), name(to, &self.to), self.means.word())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BoundaryKind {
    Internet,
    Account,
    Network,
    /// Another stack or another template's resources.
    Stack,
    Tenant,
    /// What a model file draws.
    Stated,
}

impl BoundaryKind {
    pub fn word(self) -> &'static str {
        match self {
            Self::Internet => "internet",
            Self::Account => "account",
            Self::Network => "network",
            Self::Stack => "stack",
            Self::Tenant => "tenant",
            Self::Stated => "stated",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Boundary {
    /// Unit path and address, like an element's.
    pub id: ElementId,
    pub kind: BoundaryKind,
    pub name: String,
    /// Elements and nested boundaries directly inside, ordered, unique.
    pub contains: Vec<ElementId>,
}

/// What people told another tool to pass over: evidence of what they thought, and no answer to anything.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Suppression {
    pub on: ElementId,
    pub place: Place,
    /// `cfn-nag`, `checkov`, `cfn-guard`.
    pub tool: &'static str,
    /// That tool's id of its rule.
    pub id: String,
    /// In the words of whoever wrote it, often empty.
    pub reason: String,
}

/// The model of one unit, or of several put together. Ordered by id throughout; ids unique.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    pub elements: Vec<Element>,
    pub flows: Vec<Flow>,
    pub boundaries: Vec<Boundary>,
    pub recorded: Vec<RecordedThreat>,
    /// Ordered, unique.
    pub suppressions: Vec<Suppression>,
    /// Units of which a macro may rewrite everything: nothing in them shows a control.
    pub rewritten: Vec<RepoPath>,
    /// Units that are larger than what is read of one: what was not read may take back any control.
    pub cut: Vec<RepoPath>,
    /// Units all of whose resources are of types that are not known here: nothing of them is judged.
    pub unknown: Vec<RepoPath>,
    /// What the units give to others by name; in no order that means anything.
    pub exports: Vec<Export>,
    /// What keeps data, ordered by id, unique by it.
    pub holdings: Vec<Holding>,
    /// Every resource that the units state.
    pub resources: BTreeSet<ElementId>,
    /// What runs code that may do nothing but write logs and traces, as far as it is read in full.
    pub confined: BTreeSet<ElementId>,
    /// What the units state that nothing is made of.
    pub unweighed: Vec<Unweighed>,
    /// What the resources of the units state, ordered by id.
    pub stated: Vec<Stated>,
    /// What the units say goes on under another address: from where, to where. What lies below an address moves with it. In no order that
    /// means anything, and often older than the change.
    pub moved: Vec<(ElementId, ElementId)>,
    /// What a plan destroys and makes anew, with the names of the properties that need it.
    pub replaced: BTreeMap<ElementId, BTreeSet<String>>,
    /// What a plan destroys and does not make anew, in no order that means anything.
    pub destroyed: Vec<Destroyed>,
    pub notes: Vec<Note>,
    /// The words of the notations of units, where those are not the usual ones.
    pub words: BTreeMap<RepoPath, &'static Words>,
    /// Of one unit as one stage has it: the number of the account that it is deployed to, where that is told.
    pub own_account: Option<String>,
}

impl Model {
    /// The words of the notation that a unit is written in.
    pub fn words(&self, unit: &RepoPath) -> &'static Words {
        self.words.get(unit).copied().unwrap_or_default()
    }

    pub fn element(&self, id: &ElementId) -> Option<&Element> {
        self.elements.binary_search_by(|element| element.id.cmp(id)).ok().map(|index| &self.elements[index])
    }

    pub fn holding(&self, id: &ElementId) -> Option<&Holding> {
        self.holdings.binary_search_by(|holding| holding.id.cmp(id)).ok().map(|index| &self.holdings[index])
    }

    pub fn flow(&self, id: &FlowId) -> Option<&Flow> {
        self.flows.binary_search_by(|flow| flow.id.cmp(id)).ok().map(|index| &self.flows[index])
    }
}
