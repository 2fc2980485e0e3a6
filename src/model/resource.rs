//! The neutral resource: one block of a template, before the catalogue says what it is.
//!
//! Every infrastructure format ends here, with references kept symbolic. Nothing here names a cloud or a notation:
//! intrinsics, variables and templates of strings have become references, externals, joined texts and unknowns.

use crate::model::decision::Decision;
use crate::model::words::Words;
use crate::source::{FileId, Span};
use bumpalo::Bump;
use std::collections::BTreeMap;

/// A value of a property and where it stands. `Copy`: children are shared slices of the unit's arena.
#[derive(Clone, Copy, Debug)]
pub struct Property<'t> {
    pub value: Value<'t>,
    pub span: Span,
}

#[derive(Clone, Copy, Debug)]
pub enum Value<'t> {
    Null,
    Bool(bool),
    /// As written.
    Number(&'t str),
    Text(&'t str),
    List(&'t [Property<'t>]),
    /// In the order of the text, keys unique.
    Map(&'t [Entry<'t>]),
    /// Another resource of the unit, or one of its attributes.
    Reference(Reference<'t>),
    /// Something that the unit takes from outside: a parameter without a default, an import, a looked-up value.
    External(External<'t>),
    /// A value that the provider fills in at deployment: `account`, `region`, `partition`, `stack`, `stack-id`, `url-suffix`.
    Ambient(&'t str),
    /// One string made of pieces (texts, references, externals, ambients, unknowns); never nested, never fewer than two.
    Joined(&'t [Property<'t>]),
    /// A condition that cannot be decided: any of these may be the value.
    Either(Alternatives<'t>),
    /// The value is left out on purpose (`AWS::NoValue`): as if the property were not there.
    Removed,
    /// Cannot be resolved, with the reason in plain words.
    Unknown(&'t str),
}

/// Several values of which one holds at deployment.
#[derive(Clone, Copy, Debug)]
pub struct Alternatives<'t> {
    /// At least two, different from one another, none of them an alternative itself.
    pub branches: &'t [Property<'t>],
    /// The entries of the maps among the branches, put together: each key with the alternatives that it has in them.
    pub entries: &'t [Entry<'t>],
    /// When each branch holds, by its position; shorter where nothing is known of the branches behind.
    cases: &'t [&'t [Case<'t>]],
}

/// One thing that must be so for a branch to hold: a parameter has one of these values, a condition is true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case<'t> {
    /// What is asked, in words that stand before "is": the name of a parameter, `the condition IsLive`.
    pub question: &'t str,
    /// The answers with which the branch may hold; at least one.
    pub answers: &'t [&'t str],
}

impl<'t> Alternatives<'t> {
    /// The alternatives as a value. What is a map in one branch and cannot be told in another has unknown entries.
    pub fn of(branches: &[Property<'t>], arena: &'t Bump) -> Value<'t> {
        Self::by_case(branches, &[], arena)
    }

    /// As `of`, with when each branch holds.
    pub fn by_case(branches: &[Property<'t>], cases: &[&'t [Case<'t>]], arena: &'t Bump) -> Value<'t> {
        let branches = &*arena.alloc_slice_copy(branches);
        Value::Either(Self { branches, entries: merged_entries(branches, arena), cases: arena.alloc_slice_copy(cases) })
    }

    /// The branches, each with what must be so for it to hold; nothing where that is not known.
    pub fn with_cases(&self) -> impl Iterator<Item = (&'t Property<'t>, &'t [Case<'t>])> + use<'t> {
        let cases = self.cases;
        self.branches.iter().enumerate().map(move |(position, branch)| (branch, cases.get(position).copied().unwrap_or_default()))
    }
}

impl Case<'_> {
    /// `Stage is live`, for each answer.
    pub fn words(&self) -> impl Iterator<Item = String> {
        self.answers.iter().map(|answer| format!("{} is {answer}", self.question))
    }
}

/// What a key of a map may have as its value where some branches are no maps.
fn value_under<'t>(branch: &Property<'t>, key: &str) -> Property<'t> {
    let value = match branch.value {
        Value::Map(entries) => entries.iter().find(|entry| entry.key == key).map(|entry| entry.value),
        Value::Null | Value::Removed => None,
        _ => Some(Property { value: Value::Unknown(UNTOLD), span: branch.span }),
    };
    value.unwrap_or(Property { value: Value::Removed, span: branch.span })
}

fn merged_entries<'t>(branches: &[Property<'t>], arena: &'t Bump) -> &'t [Entry<'t>] {
    let mut keys: Vec<(&'t str, Span)> = Vec::new();
    for entry in branches.iter().flat_map(|branch| branch.map_entries()) {
        if !keys.iter().any(|(key, _)| *key == entry.key) {
            keys.push((entry.key, entry.key_span));
        }
    }
    arena.alloc_slice_fill_iter(keys.into_iter().map(|(key, key_span)| {
        let mut values: Vec<Property<'t>> = Vec::new();
        for value in branches.iter().map(|branch| value_under(branch, key)) {
            match value.value {
                Value::Either(inner) => values.extend(inner.branches),
                _ => values.push(value),
            }
        }
        values.dedup_by(|a, b| a.is_same(b));
        let value = match values.as_slice() {
            [only] => *only,
            several => Property { value: Alternatives::of(several, arena), span: several[0].span },
        };
        Entry { key, key_span, value }
    }))
}

/// Why a part of something that cannot be resolved cannot be told.
const UNTOLD: &str = "stands in a part that cannot be resolved";

/// What stands under any key of something that cannot be resolved. It has no place of its own.
static UNTOLD_PART: Property<'static> =
    Property { value: Value::Unknown(UNTOLD), span: Span { line: 0, end_line: 0, column: 0, file: FileId(0) } };

#[derive(Clone, Copy, Debug)]
pub struct Entry<'t> {
    pub key: &'t str,
    pub key_span: Span,
    pub value: Property<'t>,
}

/// A reference to a resource of the same unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference<'t> {
    pub address: &'t str,
    /// `None` for the resource itself (CloudFormation's `Ref`), else the attribute (`Arn`, `StreamArn`).
    pub attribute: Option<&'t str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct External<'t> {
    pub kind: ExternalKind,
    /// The parameter's, export's or secret's name.
    pub name: &'t str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExternalKind {
    /// A parameter of the template without a usable default.
    Parameter,
    /// The same in a notation that calls it a variable.
    Variable,
    /// A parameter of which the provider shows nobody the value (CloudFormation's `NoEcho`).
    HiddenParameter,
    /// The same, of which what is written out stands in for a value that somebody is to give.
    StandInParameter,
    /// A parameter that is a secret by its declaration, and has its value written out there.
    WrittenParameter,
    /// Another stack's exported output.
    Import,
    /// A value of the parameter store, looked up at deployment.
    StoredParameter,
    /// The same, decrypted where it is stored encrypted.
    DecryptedParameter,
    /// The same, of which it is known that it is stored encrypted.
    SecureParameter,
    /// A secret, looked up at deployment.
    Secret,
    /// A field beside a secret that is none by its name, looked up at deployment: a user, a host.
    SecretDetail,
    /// An output of a nested unit that was not read.
    NestedOutput,
}

impl ExternalKind {
    /// The prefix of the external entity's address: `param:BookingTopic`.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Parameter | Self::Variable | Self::HiddenParameter | Self::StandInParameter | Self::WrittenParameter => "param",
            Self::Import => "import",
            Self::StoredParameter | Self::DecryptedParameter | Self::SecureParameter => "ssm",
            Self::Secret | Self::SecretDetail => "secret",
            Self::NestedOutput => "nested",
        }
    }
}

impl<'t> Property<'t> {
    /// The entries of a map; of alternatives, those of all their maps.
    pub fn entries(&self) -> &'t [Entry<'t>] {
        match self.value {
            Value::Map(entries) => entries,
            Value::Either(alternatives) => alternatives.entries,
            _ => &[],
        }
    }

    fn map_entries(&self) -> &'t [Entry<'t>] {
        match self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// Whether two values are one scalar or one slice of the arena: cheap, and never true of different ones.
    fn is_same(&self, other: &Self) -> bool {
        match (self.value, other.value) {
            (Value::Null, Value::Null) | (Value::Removed, Value::Removed) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Text(a), Value::Text(b)) | (Value::Number(a), Value::Number(b)) => a == b,
            (Value::Reference(a), Value::Reference(b)) => a == b,
            (Value::Unknown(a), Value::Unknown(b)) => a == b,
            _ => false,
        }
    }

    /// The items of a list, or nothing.
    pub fn items(&self) -> &'t [Self] {
        match self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The items of a list, or the value itself where one may stand for a list of one (IAM's `Action`, SAM's `Policies`).
    pub fn one_or_many(&'t self) -> &'t [Self] {
        match self.value {
            Value::List(items) => items,
            Value::Null | Value::Removed => &[],
            _ => std::slice::from_ref(self),
        }
    }

    /// The value under a key; `Null` and `Removed` count as absent. What cannot be resolved may have anything under any key.
    pub fn get(&self, key: &str) -> Option<&'t Self> {
        let found = self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value);
        let found = found.or_else(|| self.hides_entries().then_some(&UNTOLD_PART));
        found.filter(|value| value.is_present())
    }

    /// Whether there may be entries that nobody can see.
    pub fn hides_entries(&self) -> bool {
        match self.value {
            Value::Unknown(_) | Value::External(_) => true,
            Value::Either(alternatives) => alternatives.branches.iter().any(Self::hides_entries),
            _ => false,
        }
    }

    /// The value under a dotted path of keys.
    pub fn at(&self, path: &str) -> Option<&'t Self> {
        let mut keys = path.split('.');
        let first = self.get(keys.next()?)?;
        keys.try_fold(first, |value, key| value.get(key))
    }

    pub fn is_present(&self) -> bool {
        !matches!(self.value, Value::Null | Value::Removed)
    }

    /// The text of a literal scalar, as written.
    pub fn literal(&self) -> Option<&'t str> {
        match self.value {
            Value::Text(text) | Value::Number(text) => Some(text),
            Value::Bool(true) => Some("true"),
            Value::Bool(false) => Some("false"),
            _ => None,
        }
    }

    pub fn reference(&self) -> Option<Reference<'t>> {
        match self.value {
            Value::Reference(reference) => Some(reference),
            _ => None,
        }
    }

    /// Whether the value or a piece of it is one that nobody knows here, in any branch.
    pub fn is_unknown(&self) -> bool {
        match self.value {
            Value::Unknown(_) => true,
            Value::Joined(items) | Value::List(items) | Value::Either(Alternatives { branches: items, .. }) => {
                items.iter().any(Self::is_unknown)
            }
            _ => false,
        }
    }

    /// Why the value cannot be told from the template; `None` where it can.
    pub fn unresolved(&self) -> Option<String> {
        match self.value {
            Value::External(external) => Some(format!("{} `{}` has no value here", external.kind.words(), external.name)),
            Value::Unknown(reason) => Some(reason.to_owned()),
            Value::Either(_) => Some("depends on a condition".to_owned()),
            Value::Ambient(name) => Some(format!("the {name} is known only at deployment")),
            Value::Joined(pieces) => pieces.iter().find_map(Self::unresolved),
            _ => None,
        }
    }
}

impl ExternalKind {
    pub fn words(self) -> &'static str {
        match self {
            Self::Parameter | Self::HiddenParameter | Self::StandInParameter | Self::WrittenParameter => "parameter",
            Self::Variable => "variable",
            Self::Import => "import",
            Self::StoredParameter | Self::DecryptedParameter | Self::SecureParameter => "stored parameter",
            Self::Secret | Self::SecretDetail => "secret",
            Self::NestedOutput => "output of a nested template",
        }
    }
}

/// One block of a template.
#[derive(Clone, Copy, Debug)]
pub struct Resource<'t> {
    /// What the format treats as identity: a logical id, a Terraform address, a construct path.
    pub address: &'t str,
    /// What the template and its authors call it.
    pub called: Called<'t>,
    /// The type in the catalogue's vocabulary (`AWS::Lambda::Function`).
    pub kind: &'t str,
    /// The type as the template states it (`AWS::Serverless::Function`); equal to `kind` where nothing was expanded.
    pub declared: &'t str,
    /// From the address to the last line of the block.
    pub span: Span,
    /// A map, possibly empty.
    pub properties: Property<'t>,
    /// What stands beside the properties (`DeletionPolicy`, `Metadata`, `DependsOn`), a map.
    pub attributes: Property<'t>,
    /// The address of the resource that a transform made this one for; `None` for what the template states itself.
    pub implied_by: Option<&'t str>,
    /// What stands among properties and attributes that nobody wrote: what the notation's own tool sets where nothing is said.
    pub supplied: &'t [Supplied],
}

/// A value that a tool sets where nothing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Supplied {
    /// Of the property; one that begins with `@` stands beside the properties.
    pub path: &'static str,
    /// The page that says so.
    pub page: &'static str,
}

/// What a resource is called, where its address is not the whole story: a toolkit writes ids that nobody would say, and resources that
/// nobody asked for.
#[derive(Clone, Copy, Debug)]
pub struct Called<'t> {
    /// As the template spells it, a hash behind it and all.
    pub in_template: &'t str,
    /// What its authors call it.
    pub by_people: &'t str,
    pub maker: Maker,
}

/// Who wants a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    Author,
    /// The toolkit that wrote the template, for its own work at deployment.
    Toolkit,
}

impl<'t> Called<'t> {
    /// A resource whose address is its name in every respect.
    pub fn by(address: &'t str) -> Self {
        Self { in_template: address, by_people: address, maker: Maker::Author }
    }
}

/// The resources of one unit, in order of the template, addresses unique.
#[derive(Clone, Debug, Default)]
pub struct Resources<'t> {
    pub list: Vec<Resource<'t>>,
    /// What people wrote beside them, in the order in which it counts.
    pub remarks: Vec<Remark<'t>>,
    /// What is deployed with them and lies elsewhere, in the order in which it is named.
    pub bodies: Vec<Body<'t>>,
    /// What the deployed unit shows of itself, in order of the template.
    pub outputs: Vec<Output<'t>>,
    /// What the unit says beside resources and outputs, and deploys nowhere, in order of the template.
    pub asides: Vec<Output<'t>>,
    /// What the unit decides of its deployment beside its resources, each once.
    pub decisions: Vec<Decision<'t>>,
    /// A macro may rewrite any of the resources: what they state is not what is deployed for certain.
    pub rewritten: bool,
    /// What lies in another account than the unit's own: by address, the account's number or what it is called.
    pub accounts: BTreeMap<&'t str, &'t str>,
    /// The number of the unit's own account, where it is known to be that of one stage.
    pub own_account: Option<&'t str>,
    /// The files of a folder are one text: what stands in one may stand in another.
    pub by_folder: bool,
    /// What the notation calls things.
    pub words: &'static Words,
}

/// A value of a unit that is no resource's. An output is shown in clear text to everybody who may look at the unit, once it is deployed.
#[derive(Clone, Copy, Debug)]
pub struct Output<'t> {
    /// Unique within the unit.
    pub name: &'t str,
    pub value: Property<'t>,
    /// The name under which other units import it.
    pub export: Option<Property<'t>>,
    pub span: Span,
}

/// A text that is deployed with a unit and that nobody can read in the repository.
#[derive(Clone, Copy, Debug)]
pub struct Body<'t> {
    pub kind: BodyKind,
    /// Where it lies, as the template says.
    pub written: &'t str,
    /// The same without a version: what stays when only the version is raised.
    pub source: &'t str,
    pub span: Span,
}

/// How a body from elsewhere comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BodyKind {
    /// A program that may rewrite whatever stands in the unit.
    Macro,
    /// A text that is put into its place.
    Include,
    /// A nested template.
    Template,
    /// A template that is deployed to other accounts.
    StackSet,
    /// A registered building block.
    Module,
    /// A published application.
    Application,
    /// A nested template that has the name of a file beside the unit and lies where only the deployment knows.
    Copy,
    /// A module in a submodule of the repository.
    Submodule,
}

impl BodyKind {
    /// What its address begins with.
    pub fn word(self) -> &'static str {
        match self {
            Self::Macro => "macro",
            Self::Include => "include",
            Self::Template => "template",
            Self::StackSet => "stack-set",
            Self::Module => "module",
            Self::Application => "application",
            Self::Copy => "copy",
            Self::Submodule => "submodule",
        }
    }

    /// What people call it.
    pub fn words(self) -> &'static str {
        match self {
            Self::StackSet => "stack set",
            Self::Copy => "template",
            Self::Macro | Self::Include | Self::Template | Self::Module | Self::Application | Self::Submodule => self.word(),
        }
    }
}

/// What people wrote beside a resource that says nothing to the provider.
#[derive(Clone, Copy, Debug)]
pub struct Remark<'t> {
    /// The resource's.
    pub address: &'t str,
    pub span: Span,
    pub said: Said<'t>,
}

#[derive(Clone, Copy, Debug)]
pub enum Said<'t> {
    /// A fact and its answer, as written.
    Fact { name: &'t str, answer: &'t str },
    /// Another tool is told to pass over a rule of its own.
    Suppression { tool: &'static str, id: &'t str, reason: &'t str },
}

impl<'t> Resources<'t> {
    /// An index by address, for callers that look up more than once.
    pub fn by_address(&self) -> BTreeMap<&'t str, &Resource<'t>> {
        self.list.iter().map(|resource| (resource.address, resource)).collect()
    }
}
