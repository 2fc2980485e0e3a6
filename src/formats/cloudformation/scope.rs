//! What the names of one template mean, and the values that its nodes resolve to.
//!
//! Comes in: nodes of a template. Goes out: properties. Work is bounded for the whole unit, nested stacks included.

use crate::formats::cloudformation::Template;
use crate::formats::cloudformation::expansion::Loops;
use crate::formats::cloudformation::intrinsic;
use crate::formats::cloudformation::intrinsic::Intrinsic;
use crate::formats::cloudformation::nested;
use crate::formats::cloudformation::nested::Nested;
use crate::formats::cloudformation::parameter::{Changeable, Declared};
use crate::formats::cloudformation::text;
use crate::formats::cloudformation::text::SubPart;
use crate::model::resource::{Entry, External, ExternalKind, Property, Reference, Value};
use crate::source::{NoteKind, RepoPath, Sources, Span};
use crate::syntax;
use crate::syntax::Node;
use bumpalo::Bump;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// Most values that one unit may resolve to; what lies beyond is unknown.
const MAX_VALUES: usize = 2_000_000;
/// Deepest chain of calls while one value is resolved, nested stacks included.
const MAX_CALLS: usize = 256;
/// How many bytes of text, or entries that are looked through, cost as much as one value.
const PER_VALUE: usize = 32;

/// What all templates of a unit share.
pub(super) struct Unit<'t, 's> {
    pub(super) sources: &'s Sources<'t>,
    pub(super) arena: &'t Bump,
    templates: RefCell<Vec<Template<'t>>>,
    /// Files other than the entry, each parsed once; `None` for those that could not be.
    documents: RefCell<BTreeMap<RepoPath, Option<&'t [Node<'t>]>>>,
    /// The files whose content is being resolved in the place of an include, outermost first.
    pub(super) including: RefCell<Vec<RepoPath>>,
    values: Cell<usize>,
    calls: Cell<usize>,
}

impl<'t, 's> Unit<'t, 's> {
    pub(super) fn new(sources: &'s Sources<'t>, arena: &'t Bump) -> Self {
        Self {
            sources,
            arena,
            templates: RefCell::default(),
            documents: RefCell::default(),
            including: RefCell::default(),
            values: Cell::new(0),
            calls: Cell::new(0),
        }
    }

    /// Puts a template at its place before those within it are read.
    pub(super) fn place(&self, template: Template<'t>) -> usize {
        self.templates.borrow_mut().push(template);
        self.templates.borrow().len() - 1
    }

    pub(super) fn fill(&self, index: usize, template: Template<'t>) {
        self.templates.borrow_mut()[index] = template;
    }

    pub(super) fn template_count(&self) -> usize {
        self.templates.borrow().len()
    }

    pub(super) fn into_templates(self) -> Vec<Template<'t>> {
        self.templates.into_inner()
    }

    /// Counts one value; `false` once there are too many, which is noted once.
    pub(super) fn spend(&self, span: Span) -> bool {
        self.spend_values(1, span)
    }

    /// Counts work that grows with a text or a list, so that no template can make more than so much of itself.
    pub(super) fn spend_work(&self, amount: usize, span: Span) -> bool {
        self.spend_values(amount / PER_VALUE, span)
    }

    fn spend_values(&self, values: usize, span: Span) -> bool {
        let before = self.values.get();
        self.values.set(before.saturating_add(values));
        let exceeded = self.values.get() > MAX_VALUES;
        if exceeded && before <= MAX_VALUES {
            self.sources.note(span, NoteKind::Limit, format!("the unit has more than {MAX_VALUES} values, the rest is not read"));
        }
        !exceeded
    }

    /// The documents of another file of the unit. What is wrong with them is noted when they are first asked for.
    pub(super) fn documents(&self, path: &RepoPath, from: Span) -> Option<&'t [Node<'t>]> {
        if let Some(known) = self.documents.borrow().get(path) {
            return *known;
        }
        let documents = self.parsed(path, from);
        self.documents.borrow_mut().insert(path.clone(), documents);
        documents
    }

    fn parsed(&self, path: &RepoPath, from: Span) -> Option<&'t [Node<'t>]> {
        let (file, text) = self.sources.open(path, Some(from))?;
        let mut notes = |span, kind, text| self.sources.note(span, kind, text);
        match syntax::parse(text, file, self.arena, &mut notes) {
            Ok(documents) => Some(self.arena.alloc_slice_copy(&documents)),
            Err(error) => {
                self.sources.note(
                    Span { line: error.line, end_line: error.line, column: error.column, file },
                    error.kind,
                    error.to_string(),
                );
                None
            }
        }
    }
}

/// How a template came to be read.
#[derive(Clone)]
pub(super) struct Frame<'t> {
    pub(super) path: RepoPath,
    /// What stands before its addresses.
    pub(super) scope: &'t str,
    /// The files of the templates around it, itself last.
    pub(super) ancestors: Vec<RepoPath>,
    /// What the outer template gives for parameters, and whether a deployer may give it another value.
    pub(super) given: BTreeMap<&'t str, (Property<'t>, Changeable)>,
}

impl Frame<'_> {
    pub(super) fn entry(path: &RepoPath) -> Self {
        Self { path: path.clone(), scope: "", ancestors: vec![path.clone()], given: BTreeMap::new() }
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
    pub(super) nested: RefCell<BTreeMap<&'t str, Nested<'t>>>,
    pub(super) is_sam: bool,
    pub(super) loops: Cell<Loops<'t>>,
    pub(super) defaults: Cell<Defaults>,
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
            entries.push(Entry { key: entry.key, key_span: entry.key_span, value: self.value_in(loops, entry.value) });
        }
        Property { value: Value::Map(self.arena().alloc_slice_copy(&entries)), span: node.span }
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

    /// What `Ref` names: a loop's variable, a pseudo parameter, a parameter, a resource.
    fn reference(&self, name: &'t str, span: Span) -> Property<'t> {
        if let Some((_, value)) = self.loops.get().iter().rev().find(|(variable, _)| *variable == name) {
            return Property { value: Value::Text(value), span };
        }
        if let Some(pseudo) = name.strip_prefix("AWS::") {
            return self.pseudo(pseudo, span);
        }
        if let Some(parameter) = self.parameters.get(name) {
            return self.parameter(parameter, span);
        }
        match name.split_once('.') {
            // SAM's own: `Fn.Alias`, `Fn.Version`, `Api.Stage`.
            Some((address, attribute)) if self.is_sam => self.resource(address, Some(attribute), name, span),
            _ => self.resource(name, None, name, span),
        }
    }

    fn pseudo(&self, name: &str, span: Span) -> Property<'t> {
        let value = match name {
            "AccountId" => Value::Ambient("account"),
            "Region" => Value::Ambient("region"),
            "Partition" => Value::Ambient("partition"),
            "StackName" => Value::Ambient("stack"),
            "StackId" => Value::Ambient("stack-id"),
            "URLSuffix" => Value::Ambient("url-suffix"),
            "NoValue" => Value::Removed,
            "NotificationARNs" => Value::Unknown("the topics that a stack notifies are known only at deployment"),
            _ => {
                self.note(span, NoteKind::Dangling, format!("there is no pseudo parameter `AWS::{name}`"));
                Value::Unknown("refers to a pseudo parameter that does not exist")
            }
        };
        Property { value, span }
    }

    fn parameter(&self, parameter: &Declared<'t>, span: Span) -> Property<'t> {
        let literal = !matches!(parameter.value.value, Value::External(_));
        let stands = match self.defaults.get() {
            Defaults::Stand => true,
            Defaults::StandUnlessEmpty => parameter.value.literal() != Some(""),
            Defaults::MayChange => parameter.changeable == Changeable::No,
        };
        if literal && !stands {
            return Property { value: Value::External(External { kind: ExternalKind::Parameter, name: parameter.name }), span };
        }
        // A list is walked by whoever meets it, as often as it is referred to.
        if !self.unit.spend_work(parameter.value.items().len() * PER_VALUE, span) {
            return unknown("the unit has too many values", span);
        }
        if literal { parameter.value } else { Property { span, ..parameter.value } }
    }

    fn resource(&self, address: &'t str, attribute: Option<&'t str>, written: &str, span: Span) -> Property<'t> {
        match self.declarations.get(address) {
            Some(declaration) if declaration.presence == Presence::LeftOut => {
                unknown("refers to a resource that its condition leaves out", span)
            }
            Some(_) => self.to(address, attribute, span),
            None if self.is_sam && self.may_be_generated(address) => self.to(address, attribute, span),
            None => {
                self.note(span, NoteKind::Dangling, format!("`{written}` names nothing in this template"));
                unknown("refers to something that the template does not define", span)
            }
        }
    }

    fn to(&self, address: &'t str, attribute: Option<&'t str>, span: Span) -> Property<'t> {
        Property { value: Value::Reference(Reference { address: self.scoped(address), attribute }), span }
    }

    /// The address as the unit knows it.
    pub(super) fn scoped(&self, address: &'t str) -> &'t str {
        match self.frame.scope {
            "" => address,
            scope => self.arena().alloc_str(&format!("{scope}{address}")),
        }
    }

    /// Whether SAM makes a resource of that id: an implicit one, or one that is named after a declared one (`FnRole`).
    fn may_be_generated(&self, address: &str) -> bool {
        const IMPLICIT: [&str; 5] = [
            "ServerlessRestApi",
            "ServerlessHttpApi",
            "ServerlessDeploymentApplication",
            "CodeDeployServiceRole",
            "ServerlessWebSocketApi",
        ];
        let implicit = IMPLICIT.iter().any(|prefix| address.starts_with(prefix));
        let named_after =
            |end: usize| self.declarations.get(&address[..end]).is_some_and(|found| found.kind.starts_with("AWS::Serverless::"));
        implicit || address.char_indices().skip(1).any(|(end, _)| named_after(end))
    }

    /// `Fn::GetAtt`: `[Name, Attribute]` or `Name.Attribute`, of which the attribute may have dots.
    fn attribute(&self, argument: Node<'t>, span: Span) -> Option<Property<'t>> {
        let (name, attribute) = match argument.value {
            syntax::Value::List([name, rest @ ..]) if !rest.is_empty() => {
                let parts: Option<Vec<&'t str>> = rest.iter().map(|part| self.value(*part).literal()).collect();
                let name = self.value(*name).literal()?;
                let Some(parts) = parts else { return Some(unknown("the attribute is known only at deployment", span)) };
                let attribute = if let [only] = parts.as_slice() { only } else { &*self.arena().alloc_str(&parts.join(".")) };
                (name, attribute)
            }
            _ => self.looped(argument.scalar()?).split_once('.')?,
        };
        Some(self.attribute_of(name, attribute, span))
    }

    fn attribute_of(&self, name: &'t str, attribute: &'t str, span: Span) -> Property<'t> {
        match (attribute.strip_prefix("Outputs."), self.declarations.get(name)) {
            (Some(output), Some(declaration)) if nested::is_stack(declaration.kind) => self.output(name, output, span),
            _ => self.resource(name, Some(attribute), name, span),
        }
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
        let pieces: Vec<Property<'t>> =
            text::sub_parts(text).into_iter().map(|part| self.sub_piece(part, &variables, template.span)).collect();
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
        let list = self.value(*list);
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
        let name = match self.defaults.get() {
            Defaults::MayChange => self.value(argument),
            Defaults::Stand | Defaults::StandUnlessEmpty => self.value_with(Defaults::StandUnlessEmpty, argument),
        };
        let name = name.literal().unwrap_or_else(|| self.arena().alloc_str(&text::written(&[name])));
        Property { value: Value::External(External { kind: ExternalKind::Import, name }), span }
    }
}

pub(super) fn unknown<'t>(reason: &'t str, span: Span) -> Property<'t> {
    Property { value: Value::Unknown(reason), span }
}
