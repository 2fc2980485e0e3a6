//! `cloudFront` events: the distribution that all of them share, with functions at its edge.
//!
//! Comes in: the events and `provider.cloudFront`. Goes out: the distribution, and what lets the edge call each function.

use crate::formats::serverless::pen::{Fields, Pen, word};
use crate::formats::serverless::service::{Service, Trigger};
use crate::formats::serverless::stack::Stack;
use crate::syntax::Node;
use std::collections::BTreeMap;

pub(super) fn add_all<'t>(service: &Service<'t>, stack: &mut Stack<'t>) {
    let triggers: Vec<Trigger<'_, 't>> = service.triggers("cloudFront").collect();
    let Some(first) = triggers.first() else { return };
    let pen = first.pen;
    let mut origins = Fields::new(pen);
    // By path pattern; the empty one is the default.
    let mut behaviors: BTreeMap<&str, (Node<'t>, Vec<Node<'t>>, &Trigger<'_, 't>)> = BTreeMap::new();
    for trigger in &triggers {
        let origin = trigger.get("origin").unwrap_or_else(|| pen.text(""));
        let id = origin_id(origin);
        origins.put(&id, origin_of(trigger.pen.at(origin.span), origin, &id));
        let pattern = word(trigger.event.value, "pathPattern").unwrap_or_default();
        let version = trigger.function.named("LambdaVersion");
        let version = if stack.has(&version) { trigger.pen.reference(&version) } else { trigger.target() };
        let association = trigger
            .pen
            .map(&[("EventType", trigger.get("eventType").unwrap_or_else(|| pen.text("viewer-request"))), ("LambdaFunctionARN", version)]);
        behaviors.entry(pattern).or_insert((trigger.pen.text(&id), Vec::new(), trigger)).1.push(association);
        add_permission(stack, trigger);
    }
    let origins: Vec<Node<'t>> = origins.done().entries().iter().map(|entry| entry.value).collect();
    let made: Vec<(&str, Node<'t>)> = behaviors
        .iter()
        .map(|(pattern, (origin, associations, trigger))| (*pattern, behavior(trigger, pattern, *origin, associations)))
        .collect();
    let default = made.iter().find(|(pattern, _)| pattern.is_empty()).or(made.first()).map(|(_, behavior)| *behavior);
    let others: Vec<_> = made.iter().filter(|(pattern, _)| !pattern.is_empty()).map(|(_, behavior)| *behavior).collect();
    let mut config = Fields::new(pen);
    config.put("Enabled", pen.flag(true));
    config.put("Origins", pen.list(&origins));
    config.put_some("DefaultCacheBehavior", default);
    config.put("CacheBehaviors", pen.list(&others));
    stack.add("CloudFrontDistribution", "AWS::CloudFront::Distribution", pen.map(&[("DistributionConfig", config.done())]));
}

fn origin_id(origin: Node<'_>) -> String {
    let domain = origin.scalar().or_else(|| word(origin, "DomainName")).unwrap_or("origin");
    domain.split_once("://").map_or(domain, |(_, rest)| rest).to_owned()
}

/// An origin by its URL, or as CloudFormation has it.
fn origin_of<'t>(pen: Pen<'t>, origin: Node<'t>, id: &str) -> Node<'t> {
    let mut fields = Fields::new(pen);
    fields.put("Id", pen.text(id));
    if origin.is_map() {
        fields.extend(origin);
        return fields.done();
    }
    let url = origin.scalar().unwrap_or_default();
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    fields.put("DomainName", pen.text(rest.split('/').next().unwrap_or(rest)));
    match scheme {
        "s3" => fields.put("S3OriginConfig", pen.map(&[])),
        _ => {
            let policy = if scheme == "https" { "https-only" } else { "match-viewer" };
            fields.put("CustomOriginConfig", pen.map(&[("OriginProtocolPolicy", pen.text(policy))]));
        }
    }
    fields.done()
}

fn behavior<'t>(trigger: &Trigger<'_, 't>, pattern: &str, origin: Node<'t>, associations: &[Node<'t>]) -> Node<'t> {
    let pen = trigger.pen;
    let mut fields = Fields::new(pen);
    fields.put("ViewerProtocolPolicy", pen.text("allow-all"));
    if let Some(stated) = trigger.get("behavior").filter(Node::is_map) {
        fields.extend(stated);
    }
    fields.put("TargetOriginId", origin);
    if !pattern.is_empty() {
        fields.put("PathPattern", pen.text(pattern));
    }
    fields.put("LambdaFunctionAssociations", pen.list(associations));
    fields.done()
}

fn add_permission<'t>(stack: &mut Stack<'t>, trigger: &Trigger<'_, 't>) {
    let pen = trigger.pen;
    let allowed = pen.map(&[
        ("FunctionName", trigger.target()),
        ("Action", pen.text("lambda:GetFunction")),
        ("Principal", pen.text("edgelambda.amazonaws.com")),
    ]);
    stack.add(&[&trigger.function.id, "InvokePermission"].concat(), "AWS::Lambda::Permission", allowed);
}
