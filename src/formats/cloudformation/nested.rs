//! The sections of a template, and the templates within it.
//!
//! Comes in: the root of a template. Goes out: `Template`s in the unit, the template itself before the nested stacks in it.

use crate::catalog::made_when::VALUES_ASKED;
use crate::formats::cloudformation::binding;
use crate::formats::cloudformation::body;
use crate::formats::cloudformation::construct;
use crate::formats::cloudformation::expansion::Loops;
use crate::formats::cloudformation::parameter::Changeable;
use crate::formats::cloudformation::scope::{Declaration, Defaults, Frame, Presence, Scope, unknown};
use crate::formats::cloudformation::text;
use crate::formats::cloudformation::unit::Unit;
use crate::formats::cloudformation::{Output, Parameter, Template, is_sam_transform, is_sam_type};
use crate::model::resource::{Alternatives, BodyKind, Entry, External, ExternalKind, Property, Resource, Resources, Value};
use crate::source::{NoteKind, RepoPath, Span};
use crate::syntax;
use crate::syntax::Node;
use crate::syntax::yaml::Dialect;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// Most templates around a nested one.
const MAX_LEVEL: usize = 5;
/// Most templates in one unit, each use of a shared one counted.
const MAX_TEMPLATES: usize = 200;

/// How far a nested stack is read.
#[derive(Clone)]
pub(super) enum Nested<'t> {
    /// It is being read: whoever asks now goes in a circle.
    Reading,
    /// Its outputs by name.
    Read(Rc<BTreeMap<&'t str, Property<'t>>>),
    /// Its template is not in the repository, or cannot be read.
    Remote,
}

fn is_stack_set(kind: &str) -> bool {
    kind == "AWS::CloudFormation::StackSet"
}

pub(super) fn is_stack(kind: &str) -> bool {
    matches!(kind, "AWS::CloudFormation::Stack" | "AWS::Serverless::Application")
}

/// Reads one template and all within it; gives its outputs.
pub(super) fn read<'t>(unit: &Unit<'t, '_>, root: Node<'t>, frame: Frame<'t>) -> BTreeMap<&'t str, Property<'t>> {
    let (scope, root) = opened_whole(unit, root, frame);
    note_odd_sections(&scope, root);
    let empty = Property { value: Value::Null, span: root.span };
    let mut template = Template {
        scope: scope.frame.scope,
        path: scope.frame.path.clone(),
        resources: Resources::default(),
        globals: root.get("Globals").map_or(empty, |globals| scope.value(globals)),
        transforms: transforms(&scope, root),
        parameters: scope.parameters_in_order(root),
        outputs: Vec::new(),
        metadata: root.get("Metadata").map_or(empty, |metadata| scope.value(metadata)),
    };
    let place = unit.place(template.clone());
    template.resources = Resources { list: resources(&scope), ..Resources::default() };
    template.outputs = outputs(&scope, root);
    let by_name = template.outputs.iter().map(|output| (output.name, passed(output.value))).collect();
    unit.fill(place, template);
    by_name
}

/// Sections whose names have a character that no section's has: CloudFormation refuses them, and a reader that passes over such a character
/// takes them for something else.
fn note_odd_sections(scope: &Scope<'_, '_>, root: Node<'_>) {
    for entry in root.entries().iter().filter(|entry| !entry.key.is_ascii()) {
        scope.note(entry.key_span, NoteKind::Refused, format!("no template has a section `{}`", entry.key.escape_debug()));
    }
}

/// The scope and the root with what is included at the top, for which names are resolved as the template alone defines them.
fn opened_whole<'t, 's>(unit: &'s Unit<'t, 's>, root: Node<'t>, frame: Frame<'t>) -> (Scope<'t, 's>, Node<'t>) {
    let includes = transform_names(root).iter().any(|(name, _)| *name == "AWS::Include") || root.get("Fn::Transform").is_some();
    if !includes {
        return (opened(unit, root, frame), root);
    }
    let whole = opened(unit, root, frame.clone()).with_included_sections(root);
    (opened(unit, whole, frame), whole)
}

fn opened<'t, 's>(unit: &'s Unit<'t, 's>, root: Node<'t>, frame: Frame<'t>) -> Scope<'t, 's> {
    let parameters = root.get("Parameters").map(|section| section.entries()).unwrap_or_default();
    let parameters = parameters.iter().map(|entry| (entry.key, binding::declared(unit, entry, &frame))).collect();
    let mut scope = Scope {
        unit,
        frame,
        parameters,
        conditions: BTreeMap::new(),
        decided: RefCell::default(),
        mappings: root.get("Mappings"),
        declarations: BTreeMap::new(),
        constructs: BTreeMap::new(),
        nested: RefCell::default(),
        is_sam: transform_names(root).iter().any(|(name, _)| is_sam_transform(name)),
        loops: Cell::new(&[]),
        defaults: Cell::new(Defaults::Stand),
        ruled_out: RefCell::default(),
        in_text: Cell::new(false),
    };
    scope.mappings = scope.mappings.map(|mappings| scope.with_included_mappings(mappings));
    if let Some(conditions) = root.get("Conditions") {
        scope.conditions = scope.expanded(conditions).into_iter().map(|(entry, loops)| (entry.key, (entry.value, loops))).collect();
    }
    if let Some(section) = root.get("Resources") {
        // A macro there sees every resource beside it.
        let transform = section.get("Fn::Transform").filter(|transform| !body::is_include(transform));
        unit.rewritten.set(unit.rewritten.get() || transform.is_some());
        let entries = scope.expanded(section).into_iter().enumerate();
        scope.declarations = entries.filter_map(|(position, (entry, loops))| declaration(&scope, &entry, loops, position)).collect();
        // Who writes SAM's types means SAM, also where the transform has been forgotten.
        scope.is_sam |= scope.declarations.values().any(|declaration| is_sam_type(declaration.kind));
        scope.constructs = construct::find(&scope.declarations, &scope.frame, unit.arena);
    }
    scope
}

pub(super) fn span_of(entry: &syntax::Entry<'_>) -> Span {
    Span { end_line: entry.value.span.end_line.max(entry.key_span.end_line), ..entry.key_span }
}

fn declaration<'t>(
    scope: &Scope<'t, '_>,
    entry: &syntax::Entry<'t>,
    loops: Loops<'t>,
    position: usize,
) -> Option<(&'t str, Declaration<'t>)> {
    let kind = type_of(scope, entry, loops)?;
    let condition = entry.value.get("Condition").and_then(|condition| Some((condition.scalar()?, condition.span)));
    let before = scope.loops.replace(loops);
    let answer = condition.and_then(|(name, span)| scope.holds(scope.looped(name), span));
    scope.loops.set(before);
    let presence = if answer == Some(false) { Presence::LeftOut } else { Presence::Possible };
    Some((entry.key, Declaration { kind, node: entry.value, span: span_of(entry), loops, presence, position }))
}

/// The type of a resource, a text: CloudFormation takes no function there.
fn type_of<'t>(scope: &Scope<'t, '_>, entry: &syntax::Entry<'t>, loops: Loops<'t>) -> Option<&'t str> {
    let Some(stated) = entry.value.get("Type") else {
        scope.note(entry.key_span, NoteKind::Inconsistent, format!("resource `{}` has no type", entry.key));
        return None;
    };
    let Some(kind) = stated.scalar().filter(|_| stated.tag.is_none()) else {
        scope.note(
            stated.span,
            NoteKind::Refused,
            format!("the type of `{}` is not written as a text, so that it is not known", entry.key),
        );
        return None;
    };
    let before = scope.loops.replace(loops);
    let kind = scope.looped(kind);
    scope.loops.set(before);
    Some(kind)
}

/// The resources in order of the template, nested stacks read on the way.
fn resources<'t>(scope: &Scope<'t, '_>) -> Vec<Resource<'t>> {
    let mut order: Vec<(&'t str, Declaration<'t>)> = scope.declarations.iter().map(|(name, declaration)| (*name, *declaration)).collect();
    order.sort_by_key(|(_, declaration)| declaration.position);
    let mut list = Vec::with_capacity(order.len());
    for (name, declaration) in order {
        if declaration.presence == Presence::LeftOut {
            continue;
        }
        list.push(resource(scope, name, &declaration));
        if is_stack(declaration.kind) || is_stack_set(declaration.kind) {
            scope.nested_stack(name);
        }
        scope.add_body_of(name, &declaration);
    }
    list
}

fn resource<'t>(scope: &Scope<'t, '_>, name: &'t str, declaration: &Declaration<'t>) -> Resource<'t> {
    let node = declaration.node;
    let empty = Property { value: Value::Map(&[]), span: declaration.span };
    let resolved = |properties: Node<'t>| scope.where_made(declaration, &|| scope.value_in(declaration.loops, properties));
    let properties = node.get("Properties").map_or(empty, resolved);
    let mut attributes: Vec<Entry<'t>> = node
        .entries()
        .iter()
        .filter(|entry| !matches!(entry.key, "Type" | "Properties" | VALUES_ASKED))
        .map(|entry| Entry { key: entry.key, key_span: entry.key_span, value: attribute(scope, declaration.loops, entry) })
        .collect();
    let condition = attributes.iter().find(|entry| entry.key == "Condition").copied();
    let asked =
        condition.and_then(|condition| Some(Entry { key: VALUES_ASKED, value: scope.values_asked(&condition.value)?, ..condition }));
    attributes.extend(asked);
    Resource {
        address: scope.scoped(name),
        called: scope.called(name),
        kind: declaration.kind,
        declared: declaration.kind,
        span: declaration.span,
        properties: shaped(scope, named(scope, declaration.kind, properties), empty),
        attributes: Property { value: Value::Map(scope.arena().alloc_slice_copy(&attributes)), span: node.span },
        implied_by: None,
        supplied: &[],
    }
}

/// What stands beside the properties; of a condition what it is made of.
fn attribute<'t>(scope: &Scope<'t, '_>, loops: Loops<'t>, entry: &syntax::Entry<'t>) -> Property<'t> {
    match entry.value.scalar().filter(|_| entry.key == "Condition") {
        Some(name) => {
            let before = scope.loops.replace(loops);
            let made_when = scope.made_when(scope.looped(name), entry.value.span);
            scope.loops.set(before);
            made_when
        }
        None => scope.value_in(loops, entry.value),
    }
}

/// What the properties are: a map, or what a condition or a macro makes of them. A shape that the provider refuses is noted, and hides
/// whatever was meant.
fn shaped<'t>(scope: &Scope<'t, '_>, properties: Property<'t>, empty: Property<'t>) -> Property<'t> {
    match properties.value {
        Value::Null | Value::Removed => empty,
        Value::Map(_) | Value::Unknown(_) | Value::External(_) => properties,
        Value::Either(Alternatives { branches, .. }) => {
            branches.iter().filter(|branch| is_refused(branch)).for_each(|branch| refuse(scope, branch.span));
            properties
        }
        _ => {
            refuse(scope, properties.span);
            unknown("has a shape that CloudFormation refuses", properties.span)
        }
    }
}

/// The properties, with a note on those that no resource of AWS can have by their names: a merge key that is quoted, a mark of another
/// tool, a character that nobody sees.
fn named<'t>(scope: &Scope<'t, '_>, kind: &str, properties: Property<'t>) -> Property<'t> {
    if !kind.starts_with("AWS::") || kind == "AWS::CloudFormation::CustomResource" {
        return properties;
    }
    for entry in properties.entries().iter().filter(|entry| !entry.key.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
        let name = entry.key.escape_debug();
        scope.note(entry.key_span, NoteKind::Refused, format!("no resource has a property `{name}`: what stands there is not read"));
    }
    properties
}

fn is_refused(branch: &Property<'_>) -> bool {
    !matches!(branch.value, Value::Null | Value::Removed | Value::Map(_) | Value::Unknown(_) | Value::External(_))
}

fn refuse(scope: &Scope<'_, '_>, span: Span) {
    scope.note(span, NoteKind::Refused, "the properties of a resource are a mapping, and this is none".to_owned());
}

fn outputs<'t>(scope: &Scope<'t, '_>, root: Node<'t>) -> Vec<Output<'t>> {
    let Some(section) = root.get("Outputs") else { return Vec::new() };
    let mut outputs = Vec::new();
    for (entry, loops) in scope.expanded(section) {
        let Some(value) = entry.value.get("Value") else { continue };
        let export = entry.value.get("Export").and_then(|export| export.get("Name"));
        outputs.push(Output {
            name: entry.key,
            value: scope.value_in(loops, value),
            export: export.map(|name| exported(scope, scope.value_in(loops, name))),
            span: span_of(&entry),
        });
    }
    outputs
}

fn exported<'t>(scope: &Scope<'t, '_>, name: Property<'t>) -> Property<'t> {
    match name.value {
        Value::Text(text) => Property { value: Value::Text(construct::export_name(text, scope.arena())), ..name },
        _ => name,
    }
}

/// A transform is named by a text, by a map with `Name`, or by a list of these.
fn transform_names<'t>(root: Node<'t>) -> Vec<(&'t str, Span)> {
    let Some(transform) = root.get("Transform") else { return Vec::new() };
    let named = |node: &Node<'t>| node.scalar().or_else(|| node.get("Name")?.scalar()).map(|name| (name, node.span));
    match transform.items() {
        [] => named(&transform).into_iter().collect(),
        items => items.iter().filter_map(named).collect(),
    }
}

fn transforms<'t>(scope: &Scope<'t, '_>, root: Node<'t>) -> Vec<&'t str> {
    let named = transform_names(root);
    for (name, span) in &named {
        if !body::is_provided(name) {
            scope.add_body(BodyKind::Macro, name, *span);
            scope.unit.rewritten.set(true);
        }
    }
    named.into_iter().map(|(name, _)| name).collect()
}

impl<'t> Scope<'t, '_> {
    fn parameters_in_order(&self, root: Node<'t>) -> Vec<Parameter<'t>> {
        let entries = root.get("Parameters").map(|section| section.entries()).unwrap_or_default();
        let declared = entries.iter().filter_map(|entry| self.parameters.get(entry.key));
        declared.map(|parameter| Parameter { name: parameter.name, value: parameter.value, span: parameter.span }).collect()
    }

    /// An output of a nested stack.
    pub(super) fn output(&self, stack: &'t str, output: &'t str, span: Span) -> Property<'t> {
        match self.nested_stack(stack) {
            Nested::Reading => unknown("nested stacks refer to each other in a circle", span),
            Nested::Remote => {
                let name = self.arena().alloc_str(&format!("{}.{output}", self.scoped(stack)));
                Property { value: Value::External(External { kind: ExternalKind::NestedOutput, name }), span }
            }
            Nested::Read(outputs) if self.defaults.get() == Defaults::MayChange && outputs.contains_key(output) => {
                unknown("an output may rest on what a deployer gives", span)
            }
            Nested::Read(outputs) => outputs.get(output).copied().unwrap_or_else(|| {
                self.note(span, NoteKind::Dangling, format!("the template of `{stack}` has no output `{output}`"));
                unknown("refers to an output that the nested template does not have", span)
            }),
        }
    }

    /// Resolves what a resource has, which is there only where its condition holds.
    fn where_made<R>(&self, declaration: &Declaration<'t>, resolve: &dyn Fn() -> R) -> R {
        let Some(condition) = declaration.node.get("Condition") else { return resolve() };
        let before = self.loops.replace(declaration.loops);
        let made = self.under(condition, true, &|| {
            self.loops.set(before);
            resolve()
        });
        self.loops.set(before);
        made
    }

    /// Reads a nested stack when it is first needed.
    fn nested_stack(&self, name: &'t str) -> Nested<'t> {
        if let Some(known) = self.nested.borrow().get(name) {
            return known.clone();
        }
        self.nested.borrow_mut().insert(name, Nested::Reading);
        // Whoever asks first, the stack is read as it stands.
        let before = (self.defaults.replace(Defaults::Stand), self.ruled_out.take(), self.in_text.replace(false));
        let read = |declaration: &Declaration<'t>| self.where_made(declaration, &|| self.read_nested(name, declaration));
        let outcome = self.declarations.get(name).and_then(read);
        let outcome = outcome.map_or(Nested::Remote, |outputs| Nested::Read(Rc::new(outputs)));
        self.defaults.set(before.0);
        self.ruled_out.replace(before.1);
        self.in_text.set(before.2);
        self.nested.borrow_mut().insert(name, outcome.clone());
        outcome
    }

    fn read_nested(&self, name: &'t str, declaration: &Declaration<'t>) -> Option<BTreeMap<&'t str, Property<'t>>> {
        let (path, root) = match self.inline_template(name, declaration) {
            Some(root) => (self.frame.path.clone(), root),
            None => self.template_in_repository(name, declaration)?,
        };
        let called = self.called(name);
        let within_it = |name: &str| &*self.arena().alloc_str(&[name, "/"].concat());
        let frame = Frame {
            scope: within_it(self.scoped(name)),
            logical_scope: within_it(called.in_template),
            named_scope: within_it(called.by_people),
            within: self.constructs.get(name).and_then(|construct| construct.nested),
            ancestors: self.frame.ancestors.iter().cloned().chain([path.clone()]).collect(),
            given: self.given(declaration),
            path,
        };
        Some(read(self.unit, root, frame))
    }

    /// Whether the template of a nested stack is read as part of this unit.
    pub(super) fn is_read(&self, name: &'t str) -> bool {
        matches!(self.nested_stack(name), Nested::Reading | Nested::Read(_))
    }

    /// A template that stands in a property, as text. All of it bears the lines of that property.
    fn inline_template(&self, name: &str, declaration: &Declaration<'t>) -> Option<Node<'t>> {
        let body = declaration.node.get("Properties")?.get("TemplateBody")?;
        let Value::Text(text) = self.value_in(declaration.loops, body).value else { return None };
        if !self.may_nest(name, body.span) || !self.unit.spend_work(text.len(), body.span) {
            return None;
        }
        let documents = syntax::parse(text, Dialect::Yaml11, body.span.file, self.arena(), &mut |_, _, _| {}).ok()?;
        let root = documents.first().filter(|root| root.get("Resources").is_some())?;
        Some(root.at(body.span, self.arena()))
    }

    fn template_in_repository(&self, name: &str, declaration: &Declaration<'t>) -> Option<(RepoPath, Node<'t>)> {
        let (path, span) = self.template_paths(declaration).into_iter().next()?;
        if self.frame.ancestors.contains(&path) {
            self.note(span, NoteKind::Inconsistent, format!("nested stack `{name}` is made of a template that it stands in"));
            return None;
        }
        if !self.may_nest(name, span) {
            return None;
        }
        let documents = self.unit.documents(&path, span)?;
        let root = documents.iter().find(|document| document.get("Resources").is_some());
        // What a transform makes of it may have some.
        if root.is_none() && !documents.iter().any(|document| document.get("Transform").is_some()) {
            self.note(span, NoteKind::Refused, format!("`{path}` has no resources, so that nested stack `{name}` cannot be made of it"));
        }
        Some((path, *root?))
    }

    /// Whether one more template may be read in this one.
    fn may_nest(&self, name: &str, span: Span) -> bool {
        let may = self.frame.ancestors.len() <= MAX_LEVEL && self.unit.template_count() < MAX_TEMPLATES;
        if !may {
            let why = format!("nested stack `{name}` is not read: more than {MAX_LEVEL} levels or {MAX_TEMPLATES} templates");
            self.unit.sources.cut(span, why);
        }
        may
    }

    /// The paths of the repository that the template may lie at.
    fn template_paths(&self, declaration: &Declaration<'t>) -> Vec<(RepoPath, Span)> {
        let places = self.template_places(declaration);
        places.iter().filter_map(|place| Some((self.frame.path.sibling(place.literal()?)?, place.span))).collect()
    }

    /// Where the template of a stack may lie, by branches: what the CDK says of its own asset, else `TemplateURL` or `Location`.
    pub(super) fn template_places(&self, declaration: &Declaration<'t>) -> Vec<Property<'t>> {
        let properties = declaration.node.get("Properties");
        let asset = declaration.node.get("Metadata").and_then(|metadata| metadata.get("aws:asset:path"));
        let named = ["TemplateURL", "Location"].iter().find_map(|key| properties?.get(key));
        let in_repository = |node: &Node<'t>| node.scalar().is_some_and(|text| self.frame.path.sibling(text).is_some());
        let Some(node) = asset.filter(in_repository).or(named) else { return Vec::new() };
        let value = self.value_in(declaration.loops, node);
        match value.value {
            Value::Either(Alternatives { branches, .. }) => branches.iter().copied().filter(Property::is_present).collect(),
            _ => vec![value],
        }
    }

    /// The parameters that the outer template gives.
    fn given(&self, declaration: &Declaration<'t>) -> BTreeMap<&'t str, (Property<'t>, Changeable)> {
        let given = declaration.node.get("Properties").and_then(|properties| properties.get("Parameters"));
        let before = self.loops.replace(declaration.loops);
        let mut bound = BTreeMap::new();
        for entry in given.map(|given| given.entries()).unwrap_or_default() {
            let value = passed(self.value(entry.value));
            if value.is_present() {
                let certain = text::same(&value, &passed(self.certain(entry.value)));
                bound.insert(entry.key, (value, if certain { Changeable::No } else { Changeable::Yes }));
            }
        }
        self.loops.set(before);
        bound
    }
}

/// What goes from one template to another is a text or a list of texts; anything else could grow at every level.
fn passed(value: Property<'_>) -> Property<'_> {
    let is_collection = |value: &Property<'_>| matches!(value.value, Value::Map(_) | Value::List(_));
    let grows = match value.value {
        Value::Map(_) => true,
        Value::List(items) | Value::Either(Alternatives { branches: items, .. }) => items.iter().any(is_collection),
        _ => false,
    };
    if grows { unknown("a collection stands where a text is expected", value.span) } else { value }
}
