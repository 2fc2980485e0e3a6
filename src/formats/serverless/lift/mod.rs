//! The plugin serverless-lift: constructs that stand for several resources, functions and permissions.
//!
//! Comes in: the section `constructs`. Goes out: functions and events for the service, resources for the stack, and what
//! `${construct:id.variable}` stands for. Ids are those that the CDK gives, without its digests.
//!
//! <https://github.com/getlift/lift/tree/master/docs>, read 2026-11-24.

mod network;
mod queue;
mod storage;
mod table;
mod webhook;
mod website;

use crate::formats::serverless::pen::{Pen, lines, present, word};
use crate::formats::serverless::service::Service;
use crate::formats::serverless::stack::Stack;
use crate::formats::serverless::variables::Variables;
use crate::source::{NoteKind, Span};
use crate::syntax::{Entry, Node};
use std::collections::BTreeMap;

/// What a construct is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Storage,
    Queue,
    Webhook,
    StaticWebsite,
    SinglePageApp,
    ServerSideWebsite,
    Table,
    Network,
}

pub(super) struct Construct<'t> {
    id: &'t str,
    kind: Kind,
    settings: Node<'t>,
    span: Span,
}

impl Construct<'_> {
    /// The logical id of a part.
    fn part(&self, part: &str) -> String {
        logical_id(self.id, part)
    }
}

fn kind(word: &str) -> Option<Kind> {
    Some(match word {
        "storage" => Kind::Storage,
        "queue" | "queue-fifo" => Kind::Queue,
        "webhook" => Kind::Webhook,
        "static-website" => Kind::StaticWebsite,
        "single-page-app" => Kind::SinglePageApp,
        "server-side-website" => Kind::ServerSideWebsite,
        "database/dynamodb-single-table" => Kind::Table,
        "vpc" => Kind::Network,
        _ => return None,
    })
}

/// The CDK leaves out a part's name with which the one before it ends already.
fn logical_id(id: &str, part: &str) -> String {
    let alphanumeric: String = id.chars().filter(char::is_ascii_alphanumeric).collect();
    if id.ends_with(part) { alphanumeric } else { alphanumeric + part }
}

/// The constructs of the file; those of a kind that is not known are noted.
pub(super) fn constructs<'t>(variables: &Variables<'t, '_>) -> Vec<Construct<'t>> {
    let mut constructs = Vec::new();
    for entry in variables.entries("constructs") {
        let stated = word(entry.value, "type").unwrap_or_default();
        match kind(stated) {
            Some(kind) => {
                note_extensions(variables, kind, entry);
                constructs.push(Construct { id: entry.key, kind, settings: entry.value, span: lines(&entry) });
            }
            None => {
                let text = format!("construct `{}` is of the type `{stated}`, which is not known", entry.key);
                variables.sources.note(entry.key_span, NoteKind::Unsupported, text);
            }
        }
    }
    constructs
}

/// Extensions of what a construct does not make.
fn note_extensions<'t>(variables: &Variables<'t, '_>, kind: Kind, construct: Entry<'t>) {
    let extensions = present(construct.value, "extensions").map(|extensions| extensions.entries()).unwrap_or_default();
    for extension in extensions.iter().filter(|extension| extended(kind, extension.key).is_none()) {
        let text = format!("construct `{}` has no `{}` that could be extended", construct.key, extension.key);
        variables.sources.note(extension.key_span, NoteKind::Unsupported, text);
    }
}

/// The functions that constructs bring along.
pub(super) fn functions<'t>(constructs: &[Construct<'t>], pen: Pen<'t>) -> Vec<Entry<'t>> {
    let function = |construct: &Construct<'t>| {
        let (setting, rest) = match construct.kind {
            Kind::Queue => ("worker", "Worker"),
            Kind::Webhook => ("authorizer", "Authorizer"),
            Kind::Storage | Kind::StaticWebsite | Kind::SinglePageApp | Kind::ServerSideWebsite | Kind::Table | Kind::Network => {
                return None;
            }
        };
        let stated = construct.settings.entries().iter().find(|entry| entry.key == setting && entry.value.is_map())?;
        Some(Entry { key: pen.name(&[construct.id, rest].concat()), ..*stated })
    };
    constructs.iter().filter_map(function).collect()
}

/// The events that constructs add to functions, by the function's name.
pub(super) fn events<'t>(constructs: &[Construct<'t>], pen: Pen<'t>) -> BTreeMap<&'t str, Vec<Node<'t>>> {
    let mut events: BTreeMap<&'t str, Vec<Node<'t>>> = BTreeMap::new();
    for construct in constructs.iter().filter(|construct| construct.kind == Kind::Queue) {
        let (function, event) = queue::event(construct, pen.at(construct.span));
        events.entry(function).or_default().push(event);
    }
    events
}

/// What others may know of a construct, by its type as written.
pub(super) fn variable<'t>(id: &str, stated: &str, name: &str, pen: Pen<'t>) -> Option<Node<'t>> {
    let part = |part: &str| logical_id(id, part);
    Some(match (kind(stated)?, name) {
        (Kind::Storage, "bucketName") => pen.reference(&part("Bucket")),
        (Kind::Storage, "bucketArn") => pen.attribute(&part("Bucket"), "Arn"),
        (Kind::Queue, "queueUrl") => pen.reference(&part("Queue")),
        (Kind::Queue, "queueArn") => pen.attribute(&part("Queue"), "Arn"),
        (Kind::Queue, "dlqUrl") => pen.reference(&part("Dlq")),
        (Kind::Queue, "dlqArn") => pen.attribute(&part("Dlq"), "Arn"),
        (Kind::Webhook, "busName") => pen.reference(&part("Bus")),
        (Kind::Table, "tableName") => pen.reference(&part("Table")),
        (Kind::Table, "tableArn") => pen.attribute(&part("Table"), "Arn"),
        (Kind::Table, "tableStreamArn") => pen.attribute(&part("Table"), "StreamArn"),
        (Kind::ServerSideWebsite, "assetsBucketName") => pen.reference(&part("Assets")),
        (Kind::StaticWebsite | Kind::SinglePageApp | Kind::ServerSideWebsite, "cname") => pen.attribute(&part("CDN"), "DomainName"),
        (Kind::StaticWebsite | Kind::SinglePageApp | Kind::ServerSideWebsite, "url") => {
            pen.joined(&[pen.text("https://"), pen.attribute(&part("CDN"), "DomainName")])
        }
        _ => return None,
    })
}

pub(super) fn add_all<'t>(constructs: &[Construct<'t>], service: &Service<'t>, stack: &mut Stack<'t>) {
    for construct in constructs {
        let pen = stack.pen(construct.span);
        match construct.kind {
            Kind::Storage => storage::add(construct, stack, pen),
            Kind::Queue => queue::add(construct, service, stack, pen),
            Kind::Webhook => webhook::add(construct, stack, pen),
            Kind::StaticWebsite => website::add_static(construct, stack, pen),
            Kind::SinglePageApp => website::add_single_page(construct, stack, pen),
            Kind::ServerSideWebsite => website::add_server_side(construct, stack, pen),
            Kind::Table => table::add(construct, stack, pen),
            Kind::Network => network::add(construct, stack, pen),
        }
        extend(construct, stack);
    }
}

/// What the file says over what a construct makes.
fn extend<'t>(construct: &Construct<'t>, stack: &mut Stack<'t>) {
    let extensions = present(construct.settings, "extensions").map(|extensions| extensions.entries()).unwrap_or_default();
    for extension in extensions {
        if let Some(part) = extended(construct.kind, extension.key) {
            stack.merge(&construct.part(part), extension.value);
        }
    }
}

/// The part that an extension changes.
fn extended(kind: Kind, extension: &str) -> Option<&'static str> {
    Some(match (kind, extension) {
        (Kind::Storage | Kind::StaticWebsite | Kind::SinglePageApp, "bucket") => "Bucket",
        (Kind::ServerSideWebsite, "bucket") => "Assets",
        (Kind::StaticWebsite | Kind::SinglePageApp | Kind::ServerSideWebsite, "distribution") => "CDN",
        (Kind::Queue, "queue") => "Queue",
        (Kind::Queue, "dlq") => "Dlq",
        (Kind::Queue, "alarm") => "Alarm",
        (Kind::Webhook, "api") => "HttpApi",
        (Kind::Webhook, "bus") => "Bus",
        (Kind::Table, "table") => "Table",
        _ => return None,
    })
}

/// The setting `vpc` that constructs give to the provider.
pub(super) fn placement<'t>(constructs: &[Construct<'t>], pen: Pen<'t>) -> Option<Node<'t>> {
    network::placement(constructs, pen)
}

/// The statement that refuses requests to a bucket over plain HTTP.
pub(super) fn encrypted_only<'t>(pen: Pen<'t>, resources: &[Node<'t>]) -> Node<'t> {
    let condition = pen.map(&[("Bool", pen.map(&[("aws:SecureTransport", pen.flag(false))]))]);
    pen.map(&[
        ("Effect", pen.text("Deny")),
        ("Action", pen.text("s3:*")),
        ("Principal", pen.text("*")),
        ("Resource", pen.list(resources)),
        ("Condition", condition),
    ])
}
