//! Ways into what runs in a cluster, as far as the configuration states them: ingresses, services with a load balancer, and releases and manifests
//! whose texts ask for one that faces the internet.
//!
//! Comes in: an instance of the providers `kubernetes`, `helm` or `kubectl`. Goes out: a resource with what opens it, each as it is written, whose
//! values `config/governing.yml` has shown to somebody. What is said to stay inside gives none.
//! <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/> (2026-12-01).

use crate::dialects::terraform::aws::context::Context;
use crate::dialects::terraform::aws::making::{Made, Making};
use crate::dialects::terraform::aws::tree::Tree;
use crate::formats::terraform::instance::Instance;
use crate::model::resource::{Alternatives, Entry, Property, Value};
use crate::source::Span;

const KIND: &str = "Custom::ClusterEntry";
/// The word of the load balancers' controller, and of what is made without it.
const FACING: &str = "internet-facing";
/// What says that an entry stays inside, in classes and in values of annotations.
const INSIDE: [&str; 2] = ["internal", "private"];

/// Makes the way in that an instance states, if it states one.
pub(crate) fn make<'t, 's>(context: &Context<'t, 's>, instance: &'s Instance, made: &mut Made<'t, 's>) {
    let read: fn(&Property<'_>) -> Vec<(String, Span)> = match &*instance.kind {
        "kubernetes_ingress" | "kubernetes_ingress_v1" => of_ingress,
        "kubernetes_service" | "kubernetes_service_v1" => of_service,
        "helm_release" => of_release,
        "kubernetes_manifest" | "kubectl_manifest" => facing,
        _ => return,
    };
    let arguments = context.value(&instance.arguments);
    let opened = read(&arguments);
    if opened.is_empty() {
        return;
    }
    let texts: Vec<&str> = opened.iter().map(|(text, _)| text.as_str()).collect();
    let span = opened.first().map_or(instance.span, |(_, span)| *span);
    let opened = Property { value: Value::Text(context.arena.alloc_str(&texts.join(", "))), span };
    let entry = Entry { key: "Entry", key_span: instance.span, value: opened };
    let value = Value::Map(context.arena.alloc_slice_copy(&[entry]));
    made.list.push(Making::new(context, instance, KIND, Tree::of(&Property { value, span: instance.span })));
}

/// Whoever the controller lets in: of which it is nobody knows here.
fn of_ingress(arguments: &Property<'_>) -> Vec<(String, Span)> {
    let class = within(arguments, &["spec", "ingress_class_name"]);
    let is_inside = class.iter().any(|class| class.literal().is_some_and(says_inside)) || stays_inside(arguments);
    if is_inside {
        return Vec::new();
    }
    let mut opened = facing(arguments);
    let hosts = within(arguments, &["spec", "rule", "host"]);
    let named = [("class", class), ("host", hosts)];
    for (what, values) in named {
        opened.extend(values.iter().filter_map(|value| Some((format!("{what} {}", value.literal()?), value.span))));
    }
    if opened.is_empty() {
        opened.push(("an ingress".to_owned(), arguments.span));
    }
    opened
}

fn of_service(arguments: &Property<'_>) -> Vec<(String, Span)> {
    let kind = within(arguments, &["spec", "type"]).into_iter().find(|kind| kind.literal() == Some("LoadBalancer"));
    let Some(kind) = kind.filter(|_| !stays_inside(arguments)) else { return Vec::new() };
    let mut opened = vec![("type LoadBalancer".to_owned(), kind.span)];
    opened.extend(facing(arguments));
    opened
}

/// What values say, in their own text or one by one.
fn of_release(arguments: &Property<'_>) -> Vec<(String, Span)> {
    let mut opened = Vec::new();
    for set in within(arguments, &["set"]) {
        let text = |key| set.get(key).and_then(Property::literal).unwrap_or_default();
        let (name, value) = (text("name"), text("value"));
        if value == FACING || name.ends_with("service.type") && value == "LoadBalancer" {
            opened.push((format!("{name} {value}"), set.span));
        }
    }
    within(arguments, &["values"]).iter().for_each(|values| collect(values, "", &mut opened));
    opened
}

/// Each text that asks for a load balancer that faces the internet, by the line that it stands in.
fn facing(value: &Property<'_>) -> Vec<(String, Span)> {
    let mut opened = Vec::new();
    collect(value, "", &mut opened);
    opened
}

fn collect(value: &Property<'_>, key: &str, opened: &mut Vec<(String, Span)>) {
    match value.value {
        Value::Text(text) if text == FACING => opened.push((format!("{key} {FACING}").trim_start().to_owned(), value.span)),
        Value::Text(text) => {
            let lines = text.lines().map(str::trim).filter(|line| line.contains(FACING) && !line.starts_with('#'));
            opened.extend(lines.map(|line| (line.to_owned(), value.span)));
        }
        Value::Joined(pieces) => pieces.iter().for_each(|piece| collect(piece, key, opened)),
        Value::List(items) => items.iter().for_each(|item| collect(item, key, opened)),
        Value::Either(Alternatives { branches, .. }) => branches.iter().for_each(|branch| collect(branch, key, opened)),
        Value::Map(entries) => entries.iter().for_each(|entry| collect(&entry.value, entry.key, opened)),
        _ => {}
    }
}

/// Whether an annotation says that the load balancer has no public address.
fn stays_inside(arguments: &Property<'_>) -> bool {
    let is_so = |entry: &Entry<'_>| match entry.value.literal() {
        Some("true" | "0.0.0.0/0") => entry.key.ends_with("internal"),
        Some(text) => (entry.key.ends_with("scheme") || entry.key.contains("class")) && says_inside(text),
        None => false,
    };
    within(arguments, &["metadata", "annotations"]).iter().flat_map(|annotations| annotations.entries()).any(is_so)
}

fn says_inside(text: &str) -> bool {
    INSIDE.iter().any(|word| text.split(['-', '_', '.']).any(|part| part == *word))
}

/// The values at a path of keys, through all blocks on the way.
fn within<'t>(value: &Property<'t>, path: &[&str]) -> Vec<Property<'t>> {
    match value.value {
        Value::List(items) => items.iter().flat_map(|item| within(item, path)).collect(),
        Value::Either(Alternatives { branches, .. }) => branches.iter().flat_map(|branch| within(branch, path)).collect(),
        _ => match path.split_first() {
            None => vec![*value],
            Some((key, rest)) => value.get(key).map(|inner| within(inner, rest)).unwrap_or_default(),
        },
    }
}
