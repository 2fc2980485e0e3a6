//! What a `serverless.yml` declares: its provider, its functions and their events, with every variable resolved.
//!
//! Comes in: the variables of the file. Goes out: one value that all that follows reads. Never says what a setting stands for.

use crate::formats::serverless::lift;
use crate::formats::serverless::lift::Construct;
use crate::formats::serverless::naming;
use crate::formats::serverless::pen::{Fields, Pen, at, is_intrinsic, is_on, lines, present, word};
use crate::formats::serverless::variables::Variables;
use crate::source::{NoteKind, Span};
use crate::syntax::{Entry, Node, Value};
use bumpalo::Bump;
use std::cell::Cell;

/// The events of the framework: <https://www.serverless.com/framework/docs/providers/aws/guide/events>, read 2026-11-24.
const EVENTS: [&str; 22] = [
    "activemq",
    "alb",
    "alexaSkill",
    "alexaSmartHome",
    "cloudFront",
    "cloudwatchEvent",
    "cloudwatchLog",
    "cognitoUserPool",
    "eventBridge",
    "http",
    "httpApi",
    "iot",
    "iotFleetProvisioning",
    "kafka",
    "msk",
    "rabbitmq",
    "s3",
    "schedule",
    "sns",
    "sqs",
    "stream",
    "websocket",
];
/// Events that hold a route and who may call it.
const ROUTES: [&str; 2] = ["http", "httpApi"];
/// Settings of the provider that hold who may do what.
const HOLDERS: [&str; 3] = ["apiGateway", "httpApi", "iam"];
/// The plugin that gives functions roles of their own.
const ROLES_PLUGIN: &str = "serverless-iam-roles-per-function";
/// Most settings of the provider that all functions together take over; what lies beyond is left out of them.
pub(super) const MAX_COPIED: usize = 500_000;

pub(super) struct Service<'t> {
    arena: &'t Bump,
    /// A map, possibly empty.
    pub(super) provider: Node<'t>,
    /// From `provider` to its last line; of the file where there is no provider.
    pub(super) span: Span,
    /// `<service>-<stage>`, with which the names of what is deployed begin.
    pub(super) prefix: [Node<'t>; 3],
    pub(super) stage: Node<'t>,
    pub(super) functions: Vec<Function<'t>>,
    pub(super) plugins: Vec<&'t str>,
    /// Roles of functions' own may do what the provider's may; so they do where the plugin that makes them is forgotten.
    pub(super) own_roles_inherit: bool,
    /// How many settings of the provider were copied into functions so far.
    copied: Cell<usize>,
    /// Where the first settings stand that were left out, because they were too many.
    pub(super) left_out: Cell<Option<Span>>,
}

/// A function with its events.
pub(super) struct Function<'t> {
    pub(super) name: &'t str,
    /// As it stands in logical ids.
    pub(super) normalized: String,
    /// The logical id.
    pub(super) id: String,
    /// Its physical name.
    pub(super) full_name: Node<'t>,
    pub(super) settings: Node<'t>,
    /// From its key to its last line.
    pub(super) span: Span,
    pub(super) events: Vec<Event<'t>>,
    pub(super) role: Role<'t>,
}

/// The role that a function acts with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Role<'t> {
    /// The one that the framework makes for all functions.
    Shared,
    /// One that is made for this function.
    Own,
    /// One that stands elsewhere, as written.
    Named(Node<'t>),
}

#[derive(Clone, Copy)]
pub(super) struct Event<'t> {
    pub(super) kind: &'t str,
    pub(super) value: Node<'t>,
    pub(super) span: Span,
    /// Its place among the function's events, from 1.
    pub(super) position: usize,
}

/// An event together with the function that it is of.
#[derive(Clone, Copy)]
pub(super) struct Trigger<'a, 't> {
    pub(super) function: &'a Function<'t>,
    pub(super) event: Event<'t>,
    /// Its place among the function's events of this kind, from 1.
    pub(super) number: usize,
    pub(super) pen: Pen<'t>,
}

impl<'t> Trigger<'_, 't> {
    /// A setting of the event.
    pub(super) fn get(&self, key: &str) -> Option<Node<'t>> {
        present(self.event.value, key)
    }

    /// What the event calls.
    pub(super) fn target(&self) -> Node<'t> {
        self.function.arn(self.pen)
    }
}

impl<'t> Function<'t> {
    pub(super) fn arn(&self, pen: Pen<'t>) -> Node<'t> {
        pen.attribute(&self.id, "Arn")
    }

    /// A logical id that begins with the function's name.
    pub(super) fn named(&self, rest: &str) -> String {
        [&self.normalized, rest].concat()
    }
}

impl<'t> Service<'t> {
    pub(super) fn of(variables: &Variables<'t, '_>, constructs: &[Construct<'t>]) -> Self {
        let arena = variables.arena;
        let pen = Pen::new(arena, variables.span());
        let provider_entry = variables.entry("provider");
        let provider = variables.section("provider");
        if let Some(hidden) = provider.filter(|provider| variables.is_outside(*provider)) {
            variables.note_hidden(hidden, "the provider's settings");
        }
        for (key, hidden) in provider.iter().flat_map(|provider| HOLDERS.iter().filter_map(|key| Some((key, present(*provider, key)?)))) {
            if variables.is_outside(hidden) {
                variables.note_hidden(hidden, &format!("the provider's setting `{key}`"));
            }
        }
        let provider = provider.filter(Node::is_map).unwrap_or_else(|| pen.map(&[]));
        let provider = placed(provider, lift::placement(constructs, pen), pen);
        let text = |content: &'static str| variables.value(pen.text(content));
        let prefix = [text("${self:service}"), pen.text("-"), text("${sls:stage}")];
        let plugins = variables.plugins();
        let mut service = Self {
            arena,
            provider,
            span: provider_entry.map_or(variables.span(), |entry| lines(&entry)),
            stage: prefix[2],
            prefix,
            functions: Vec::new(),
            own_roles_inherit: !plugins.contains(&ROLES_PLUGIN)
                || text("${self:custom.serverless-iam-roles-per-function.defaultInherit, false}").scalar() == Some("true"),
            plugins,
            copied: Cell::new(0),
            left_out: Cell::new(None),
        };
        let mut events = lift::events(constructs, pen);
        let declared = variables.entries("functions").into_iter().chain(lift::functions(constructs, pen));
        for entry in declared {
            if !entry.value.is_map() {
                variables.sources.note(entry.key_span, NoteKind::Unsupported, format!("function `{}` is not a mapping", entry.key));
                continue;
            }
            if variables.is_outside(entry.value) {
                variables.note_hidden(entry.value, &format!("the function `{}`", entry.key));
            }
            let function = service.function(variables, entry, events.remove(entry.key).unwrap_or_default());
            service.functions.push(function);
        }
        service
    }

    /// The triggers of one kind, in order.
    pub(super) fn triggers<'a>(&'a self, kind: &'static str) -> impl Iterator<Item = Trigger<'a, 't>> {
        self.functions.iter().flat_map(move |function| self.triggers_of(function, kind))
    }

    /// The triggers of one kind of one function, in order.
    pub(super) fn triggers_of<'a>(
        &self,
        function: &'a Function<'t>,
        kind: &'static str,
    ) -> impl Iterator<Item = Trigger<'a, 't>> + use<'a, 't> {
        let arena = self.arena;
        let of_kind = function.events.iter().filter(move |event| event.kind == kind);
        of_kind.enumerate().map(move |(index, event)| Trigger {
            function,
            event: *event,
            number: index + 1,
            pen: Pen::new(arena, event.span),
        })
    }

    pub(super) fn pen(&self, span: Span) -> Pen<'t> {
        Pen::new(self.arena, span)
    }

    pub(super) fn find(&self, name: &str) -> Option<&Function<'t>> {
        self.functions.iter().find(|function| function.name == name)
    }

    /// A setting of the provider.
    pub(super) fn setting(&self, path: &str) -> Option<Node<'t>> {
        at(self.provider, path)
    }

    /// Two maps in one, of which the second counts.
    pub(super) fn merged(&self, general: Node<'t>, own: Node<'t>) -> Node<'t> {
        if !(general.is_map() && own.is_map()) || is_intrinsic(general) || is_intrinsic(own) {
            return own;
        }
        let before = self.copied.get();
        self.copied.set(before.saturating_add(general.entries().len()));
        if self.copied.get() > MAX_COPIED {
            self.left_out.set(self.left_out.get().or(Some(own.span)));
            return own;
        }
        let mut fields = Fields::new(self.pen(own.span));
        fields.extend(general);
        fields.extend(own);
        fields.done()
    }

    /// `<service>-<stage>` and then the pieces.
    pub(super) fn name_with(&self, pen: Pen<'t>, tail: &[Node<'t>]) -> Node<'t> {
        pen.joined(&[&self.prefix, tail].concat())
    }

    /// `<stage>-<service>` and then the pieces, as APIs are named.
    pub(super) fn api_name(&self, pen: Pen<'t>, tail: &[Node<'t>]) -> Node<'t> {
        let [service, dash, stage] = self.prefix;
        pen.joined(&[&[stage, dash, service], tail].concat())
    }

    fn function(&self, variables: &Variables<'t, '_>, entry: Entry<'t>, added: Vec<Node<'t>>) -> Function<'t> {
        let settings = entry.value;
        let pen = self.pen(entry.key_span);
        let own_name = present(settings, "name");
        let full_name = own_name.unwrap_or_else(|| self.name_with(pen, &[pen.text("-"), pen.text(entry.key)]));
        let stated = present(settings, "events");
        if let Some(unknown) = stated.filter(|events| !matches!(events.value, Value::List(_))) {
            variables.note_hidden(unknown, &format!("the list of events of `{}`", entry.key));
        }
        let events = stated.map(|events| events.items()).unwrap_or_default();
        let listed = events.iter().copied().chain(added).enumerate();
        Function {
            name: entry.key,
            normalized: naming::normalized(entry.key),
            id: naming::function(entry.key),
            full_name,
            settings,
            span: lines(&entry),
            events: listed.filter_map(|(index, event)| read_event(variables, event, index + 1)).collect(),
            role: self.role_of(variables, entry.key, settings),
        }
    }

    fn role_of(&self, variables: &Variables<'t, '_>, name: &str, settings: Node<'t>) -> Role<'t> {
        if let Some(role) = present(settings, "role") {
            return Role::Named(role);
        }
        if let Some(own) = present(settings, "iamRoleStatements") {
            if !self.plugins.contains(&ROLES_PLUGIN) {
                let text = format!("iamRoleStatements of `{name}` has no effect, because the plugin {ROLES_PLUGIN} is not named");
                variables.sources.note(own.span, NoteKind::Inconsistent, text);
            }
            return Role::Own;
        }
        if at(self.provider, "iam.role").is_some_and(|role| word(role, "mode") == Some("perFunction")) {
            return Role::Own;
        }
        let given = present(self.provider, "role").or_else(|| at(self.provider, "iam.role").filter(|role| is_given(*role)));
        given.map_or(Role::Shared, Role::Named)
    }
}

/// The provider with a setting `vpc` that it has from elsewhere, unless it states its own.
fn placed<'t>(provider: Node<'t>, placement: Option<Node<'t>>, pen: Pen<'t>) -> Node<'t> {
    let Some(placement) = placement.filter(|_| present(provider, "vpc").is_none()) else { return provider };
    let mut fields = Fields::new(pen.at(provider.span));
    fields.extend(provider);
    fields.put("vpc", placement);
    fields.done()
}

/// Whether `iam.role` names a role, rather than saying what the framework's own is like.
fn is_given(role: Node<'_>) -> bool {
    role.scalar().is_some() || is_intrinsic(role)
}

/// An event is a map of one key, or the bare kind.
fn read_event<'t>(variables: &Variables<'t, '_>, event: Node<'t>, position: usize) -> Option<Event<'t>> {
    if variables.is_outside(event) {
        variables.note_hidden(event, "an event");
        return None;
    }
    let (kind, value, span) = match event.value {
        Value::Map([entry, ..]) => (entry.key, entry.value, lines(entry)),
        Value::Text(kind) => (kind, Node { value: Value::Null, ..event }, event.span),
        Value::Null => return None,
        Value::Map([]) | Value::Bool(_) | Value::Number(_) | Value::List(_) => {
            variables.sources.note(event.span, NoteKind::Unsupported, "an event is written as no event is".to_owned());
            return None;
        }
    };
    if ROUTES.contains(&kind) && variables.is_outside(value) {
        variables.note_hidden(value, &format!("an event of the kind `{kind}`"));
    }
    if !EVENTS.contains(&kind) {
        variables.sources.note(span, NoteKind::Unsupported, format!("events of the kind `{kind}` are not known"));
    }
    Some(Event { kind, value, span, position })
}

/// Whether logs of the function are switched off.
pub(super) fn is_silent(function: &Function<'_>) -> bool {
    is_on(function.settings, "disableLogs")
}
