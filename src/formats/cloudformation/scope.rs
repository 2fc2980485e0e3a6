//! What the names of one template mean, and the values that its nodes resolve to.
//!
//! Comes in: nodes of a template. Goes out: properties. Work is bounded for the whole unit, nested stacks included.

use crate::catalog::embedded;
use crate::formats::cloudformation::construct;
use crate::formats::cloudformation::construct::Construct;
use crate::formats::cloudformation::expansion::Loops;
use crate::formats::cloudformation::intrinsic;
use crate::formats::cloudformation::intrinsic::Intrinsic;
use crate::formats::cloudformation::nested::Nested;
use crate::formats::cloudformation::parameter::{Changeable, Declared};
use crate::formats::cloudformation::policy;
use crate::formats::cloudformation::text;
use crate::formats::cloudformation::text::SubPart;
use crate::formats::cloudformation::unit::Unit;
use crate::model::resource::{Alternatives, Entry, External, ExternalKind, Property, Value};
use crate::source::{NoteKind, RepoPath, Span};
use crate::syntax;
use crate::syntax::Node;
use bumpalo::Bump;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// Properties that hold a policy document wherever they stand.
const POLICIES: [&str; 12] = [
    "AccessPolicies",
    "AccessPolicy",
    "AssumeRolePolicyDocument",
    "DestinationPolicy",
    "FileSystemPolicy",
    "InlinePolicy",
    "KeyPolicy",
    "PermissionsPolicyDocument",
    "Policy",
    "PolicyDocument",
    "RepositoryPolicyText",
    "ResourcePolicy",
];
/// Deepest chain of calls while one value is resolved, nested stacks included.
const MAX_CALLS: usize = 256;

/// How a template came to be read.
#[derive(Clone)]
pub(super) struct Frame<'t> {
    pub(super) path: RepoPath,
    /// What stands before its addresses.
    pub(super) scope: &'t str,
    /// The same in logical ids, where addresses are others.
    pub(super) logical_scope: &'t str,
    /// The same in the words of people.
    pub(super) named_scope: &'t str,
    /// The construct path that the paths of a nested stack begin with.
    pub(super) within: Option<&'t str>,
    /// The files of the templates around it, itself last.
    pub(super) ancestors: Vec<RepoPath>,
    /// What the outer template gives for parameters, and whether a deployer may give it another value.
    pub(super) given: BTreeMap<&'t str, (Property<'t>, Changeable)>,
}

impl Frame<'_> {
    pub(super) fn entry(path: &RepoPath) -> Self {
        Self {
            path: path.clone(),
            scope: "",
            logical_scope: "",
            named_scope: "",
            within: None,
            ancestors: vec![path.clone()],
            given: BTreeMap::new(),
        }
    }
}

/// A resource as declared, before anything of it is resolved.
#[derive(Clone, Copy, Debug)]
pub(super) struct Declaration<'t> {
    pub(super) kind: &'t str,
    pub(super) node: Node<'t>,
    pub(super) span: Span,
    pub(super) loops: Loops<'t>,
    pub(super) presence: Presence,
    /// Its place among the template's resources, from 0.
    pub(super) position: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// There, or there under a condition that nobody can decide here.
    Possible,
    /// A condition surely leaves it out.
    LeftOut,
}

/// Whether the default of a parameter stands for its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Defaults {
    Stand,
    /// As above, but an empty default only says that somebody else must give the value: names are not made of it.
    StandUnlessEmpty,
    /// A deployer may give another: what rests on it is not decided.
    MayChange,
}

pub(super) struct Scope<'t, 's> {
    pub(super) unit: &'s Unit<'t, 's>,
    pub(super) frame: Frame<'t>,
    pub(super) parameters: BTreeMap<&'t str, Declared<'t>>,
    pub(super) conditions: BTreeMap<&'t str, (Node<'t>, Loops<'t>)>,
    pub(super) decided: RefCell<BTreeMap<&'t str, Option<bool>>>,
    pub(super) mappings: Option<Node<'t>>,
    pub(super) declarations: BTreeMap<&'t str, Declaration<'t>>,
    /// What the CDK says of them, if it wrote the template.
    pub(super) constructs: BTreeMap<&'t str, Construct<'t>>,
    pub(super) nested: RefCell<BTreeMap<&'t str, Nested<'t>>>,
    pub(super) is_sam: bool,
    pub(super) loops: Cell<Loops<'t>>,
    pub(super) defaults: Cell<Defaults>,
    /// What the branch of a condition that is being resolved rules out: a parameter, by its question, and a text that it is not.
    pub(super) ruled_out: RefCell<Vec<(&'t str, &'t str)>>,
    /// Whether a piece of a text is being resolved.
    pub(super) in_text: Cell<bool>,
}

impl<'t> Scope<'t, '_> {
    pub(super) fn arena(&self) -> &'t Bump {
        self.unit.arena
    }

    pub(super) fn note(&self, span: Span, kind: NoteKind, text: String) {
        self.unit.sources.note(span, kind, text);
    }

    pub(super) fn value(&self, node: Node<'t>) -> Property<'t> {
        let span = node.span;
        if !self.unit.spend(span) {
            return unknown("the unit has too many values", span);
        }
        if self.unit.calls.get() >= MAX_CALLS {
            self.note(span, NoteKind::Limit, "nested too deeply to be resolved".to_owned());
            return unknown("nested too deeply to be resolved", span);
        }
        self.unit.calls.set(self.unit.calls.get() + 1);
        let value = match intrinsic::find(&node) {
            Some((function, argument)) => self.call(function, argument, span),
            None => self.plain(node),
        };
        self.unit.calls.set(self.unit.calls.get() - 1);
        value
    }

    /// Resolves with other loop variables, then goes back to those before.
    pub(super) fn value_in(&self, loops: Loops<'t>, node: Node<'t>) -> Property<'t> {
        let before = self.loops.replace(loops);
        let value = self.value(node);
        self.loops.set(before);
        value
    }

    /// Resolves while no default stands, so that a literal is one for every deployer.
    pub(super) fn certain(&self, node: Node<'t>) -> Property<'t> {
        self.value_with(Defaults::MayChange, node)
    }

    fn value_with(&self, defaults: Defaults, node: Node<'t>) -> Property<'t> {
        let before = self.defaults.replace(defaults);
        let value = self.value(node);
        self.defaults.set(before);
        value
    }

    fn plain(&self, node: Node<'t>) -> Property<'t> {
        let value = match node.value {
            syntax::Value::Null => Value::Null,
            syntax::Value::Bool(flag) => Value::Bool(flag),
            syntax::Value::Number(number) => Value::Number(number),
            syntax::Value::Text(text) => return text::literal(self.looped(text), node.span, self.arena()),
            syntax::Value::List(items) => {
                let items: Vec<_> =
                    items.iter().map(|item| self.value(*item)).filter(|item| !matches!(item.value, Value::Removed)).collect();
                Value::List(self.arena().alloc_slice_copy(&items))
            }
            syntax::Value::Map(_) => return self.map(node),
        };
        Property { value, span: node.span }
    }

    fn map(&self, node: Node<'t>) -> Property<'t> {
        let mut entries = Vec::with_capacity(node.entries().len());
        for (entry, loops) in self.expanded(node) {
            let value = self.value_in(loops, entry.value);
            let value = if POLICIES.contains(&entry.key) { self.document(value) } else { value };
            entries.push(Entry { key: entry.key, key_span: entry.key_span, value });
        }
        let map = Property { value: Value::Map(self.arena().alloc_slice_copy(&entries)), span: node.span };
        let map = policy::spelled(map, self.arena());
        match node.get("Fn::Transform") {
            // What a transform makes of the mapping that it stands in nobody can tell here.
            Some(transform) if self.included(transform).is_none() => {
                let made = unknown("a transform makes it at deployment", transform.span);
                Property { value: Alternatives::of(&[map, made], self.arena()), span: node.span }
            }
            Some(_) | None => map,
        }
    }

    /// A policy may be written as the text of its JSON: the tree says more.
    fn document(&self, value: Property<'t>) -> Property<'t> {
        match value.value {
            Value::Text(_) | Value::Joined(_) => {
                embedded::tree(&value, self.arena()).map_or(value, |tree| policy::spelled(tree, self.arena()))
            }
            // What is filled into a text may differ by stage.
            Value::Either(alternatives) => {
                let branches: Vec<Property<'t>> = alternatives.branches.iter().map(|branch| self.document(*branch)).collect();
                let cases: Vec<_> = alternatives.with_cases().map(|(_, cases)| cases).collect();
                Property { value: Alternatives::by_case(&branches, &cases, self.arena()), ..value }
            }
            _ => value,
        }
    }

    fn call(&self, function: Intrinsic<'t>, argument: Node<'t>, span: Span) -> Property<'t> {
        let resolved = match function {
            Intrinsic::Ref => argument.scalar().map(|name| self.reference(self.looped(name), span)),
            Intrinsic::GetAtt => self.attribute(argument, span),
            Intrinsic::Sub => self.substitute(argument, span),
            Intrinsic::Join => self.join(argument, span),
            Intrinsic::Select => self.select(argument, span),
            Intrinsic::Split => self.split(argument, span),
            Intrinsic::FindInMap => self.find_in_map(argument, span),
            Intrinsic::If => self.choose(argument, span),
            Intrinsic::Base64 => Some(Property { span, ..self.value(argument) }),
            // The tree says more than its text would: whoever wants the string reads it as the document that it is.
            Intrinsic::ToJsonString => Some(Property { span, ..self.value(argument) }),
            Intrinsic::Length => self.length(argument, span),
            Intrinsic::ImportValue => Some(self.import(argument, span)),
            Intrinsic::GetStackOutput => self.stack_output(argument, span),
            Intrinsic::Cidr => Some(unknown("address blocks are computed at deployment", span)),
            Intrinsic::GetAzs => Some(unknown("availability zones are known only at deployment", span)),
            Intrinsic::Transform => Some(self.transform(argument, span)),
            Intrinsic::And | Intrinsic::Or | Intrinsic::Not | Intrinsic::Equals | Intrinsic::Condition => {
                Some(self.condition_as_value(function, argument, span))
            }
            Intrinsic::Other(name) => {
                self.note(span, NoteKind::Unsupported, format!("function or tag `{name}` is not known"));
                Some(unknown("stands under a function or tag that is not known", span))
            }
        };
        resolved.unwrap_or_else(|| {
            self.note(span, NoteKind::Unsupported, format!("`{function:?}` is not written as CloudFormation expects it"));
            unknown("the function is not written as CloudFormation expects it", span)
        })
    }

    /// `Fn::Sub`: a text, or a text and its own variables.
    fn substitute(&self, argument: Node<'t>, span: Span) -> Option<Property<'t>> {
        let (template, variables) = match argument.value {
            syntax::Value::List([template, variables]) => (*template, variables.entries()),
            syntax::Value::List([template]) => (*template, [].as_slice()),
            _ => (argument, [].as_slice()),
        };
        let text = self.looped(template.scalar()?);
        let variables: BTreeMap<&str, Node<'t>> = variables.iter().map(|variable| (variable.key, variable.value)).collect();
        let before = self.in_text.replace(true);
        let pieces: Vec<Property<'t>> =
            text::sub_parts(text).into_iter().map(|part| self.sub_piece(part, &variables, template.span)).collect();
        self.in_text.set(before);
        Some(self.joined(&pieces, span))
    }

    /// One string of pieces, within the bounds of the unit.
    pub(super) fn joined(&self, pieces: &[Property<'t>], span: Span) -> Property<'t> {
        if self.unit.spend_work(text::work(pieces), span) {
            text::join(pieces, span, self.arena())
        } else {
            unknown("the unit has too many values", span)
        }
    }

    fn sub_piece(&self, part: SubPart<'t>, variables: &BTreeMap<&str, Node<'t>>, span: Span) -> Property<'t> {
        let name = match part {
            SubPart::Literal(text) => return Property { value: Value::Text(text), span },
            SubPart::Variable(name) => name,
        };
        if !self.unit.spend(span) {
            return unknown("the unit has too many values", span);
        }
        if let Some(variable) = variables.get(name) {
            return self.value(*variable);
        }
        let is_parameter = self.parameters.contains_key(name) || name.starts_with("AWS::");
        match name.split_once('.') {
            Some((address, attribute)) if !is_parameter => self.attribute_of(address, attribute, span),
            _ => self.reference(name, span),
        }
    }

    /// `Fn::Join`: `[delimiter, list]`, where the list may be a function that gives one.
    fn join(&self, argument: Node<'t>, span: Span) -> Option<Property<'t>> {
        let [delimiter, list] = argument.items() else { return None };
        let delimiter = Property { value: Value::Text(delimiter.scalar().unwrap_or_default()), span: delimiter.span };
        let before = self.in_text.replace(true);
        let list = self.value(*list);
        self.in_text.set(before);
        let Value::List(items) = list.value else { return Some(self.joined(&[list], span)) };
        let mut pieces = Vec::with_capacity(items.len() * 2);
        for item in items {
            if !pieces.is_empty() {
                pieces.push(delimiter);
            }
            pieces.push(*item);
        }
        Some(self.joined(&pieces, span))
    }

    fn import(&self, argument: Node<'t>, span: Span) -> Property<'t> {
        self.imported(self.name_elsewhere(argument), span)
    }

    /// `Fn::GetStackOutput`: `{StackName, OutputName, Region, RoleArn}`.
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html>,
    /// read 2026-11-24.
    fn stack_output(&self, argument: Node<'t>, span: Span) -> Option<Property<'t>> {
        let [stack, output] = ["StackName", "OutputName"].map(|key| argument.get(key).map(|node| self.name_elsewhere(node)));
        Some(self.imported(self.arena().alloc_str(&format!("{}:{}", stack?, output?)), span))
    }

    /// A name that means something in another stack, as a person would write it.
    fn name_elsewhere(&self, node: Node<'t>) -> &'t str {
        let name = match self.defaults.get() {
            Defaults::MayChange => self.value(node),
            Defaults::Stand | Defaults::StandUnlessEmpty => self.value_with(Defaults::StandUnlessEmpty, node),
        };
        name.literal().unwrap_or_else(|| self.arena().alloc_str(&text::written(&[name])))
    }

    fn imported(&self, name: &'t str, span: Span) -> Property<'t> {
        let name = construct::export_name(name, self.arena());
        Property { value: Value::External(External { kind: ExternalKind::Import, name }), span }
    }
}

pub(super) fn unknown<'t>(reason: &'t str, span: Span) -> Property<'t> {
    Property { value: Value::Unknown(reason), span }
}
