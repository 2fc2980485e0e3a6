//! The neutral resource: one block of a template, before the catalogue says what it is.
//!
//! Every infrastructure format ends here, with references kept symbolic. Nothing here names a cloud or a notation:
//! intrinsics, variables and templates of strings have become references, externals, joined texts and unknowns.

use crate::source::Span;

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
    Either(&'t [Property<'t>]),
    /// The value is left out on purpose (`AWS::NoValue`): as if the property were not there.
    Removed,
    /// Cannot be resolved, with the reason in plain words.
    Unknown(&'t str),
}

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
    /// A parameter that is masked where the stack is looked at (`NoEcho`): what it carries is meant to be secret.
    MaskedParameter,
    /// Another stack's exported output.
    Import,
    /// A value of the parameter store, looked up at deployment.
    StoredParameter,
    /// A secret, looked up at deployment.
    Secret,
    /// An output of a nested unit that was not read.
    NestedOutput,
}

impl ExternalKind {
    /// The prefix of the external entity's address: `param:BookingTopic`.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Parameter | Self::MaskedParameter => "param",
            Self::Import => "import",
            Self::StoredParameter => "ssm",
            Self::Secret => "secret",
            Self::NestedOutput => "nested",
        }
    }
}

impl<'t> Property<'t> {
    pub fn entries(&self) -> &'t [Entry<'t>] {
        match self.value {
            Value::Map(entries) => entries,
            _ => &[],
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

    /// The value under a key; `Null` and `Removed` count as absent.
    pub fn get(&self, key: &str) -> Option<&'t Self> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.value).filter(|value| value.is_present())
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
            Self::Parameter | Self::MaskedParameter => "parameter",
            Self::Import => "import",
            Self::StoredParameter => "stored parameter",
            Self::Secret => "secret",
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
    pub fn by_address(&self) -> std::collections::BTreeMap<&'t str, &Resource<'t>> {
        self.list.iter().map(|resource| (resource.address, resource)).collect()
    }
}
