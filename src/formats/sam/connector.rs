//! Connectors: `AWS::Serverless::Connector` and the `Connectors` attribute of a resource.
//!
//! Comes in: the expanded resources, and the connectors between them. Goes out: the policies and permissions that `config/sam/connectors.yml`
//! has for each pair of types. Never guesses: a pair that is not known is noted and grants nothing here.

use crate::formats::sam::Expansion;
use crate::formats::sam::grant::{CONNECTORS, ConnectorGrant, ConnectorMeans};
use crate::formats::sam::pen::{Pen, lines};
use crate::formats::sam::policy;
use crate::model::resource::{Property, Resource};
use crate::source::NoteKind;
use std::collections::BTreeMap;

pub fn expand_all<'t>(expansion: &mut Expansion<'t, '_>, stated: &[Resource<'t>]) {
    if !stated.iter().any(|resource| resource.kind == "AWS::Serverless::Connector" || resource.attributes.get("Connectors").is_some()) {
        return;
    }
    let known = expansion.by_address();
    for resource in stated {
        if resource.kind == "AWS::Serverless::Connector" {
            let pen = expansion.pen(resource.span);
            let source = resource.properties.get("Source").copied().unwrap_or_else(|| pen.map(&[]));
            add_connector(expansion, &known, resource, resource.address, pen, source, &resource.properties);
        }
        for entry in resource.attributes.get("Connectors").map_or(&[][..], Property::entries) {
            let pen = expansion.pen(lines(entry));
            let Some(properties) = entry.value.get("Properties") else { continue };
            let own_id = resource.address.strip_prefix(expansion.scope).unwrap_or(resource.address);
            let mut source = vec![("Id", pen.text(own_id))];
            source.extend(properties.at("SourceReference.Qualifier").map(|qualifier| ("Qualifier", *qualifier)));
            let address = [resource.address, entry.key].concat();
            add_connector(expansion, &known, resource, &address, pen, pen.map(&source), properties);
        }
    }
}

/// A connector between ends that are not looked up by id.
pub fn connect<'t>(
    expansion: &mut Expansion<'t, '_>,
    parent: &Resource<'t>,
    address: &str,
    pen: Pen<'t>,
    source: Property<'t>,
    destination: Property<'t>,
    permissions: Property<'t>,
) {
    let properties = pen.map(&[("Destination", destination), ("Permissions", permissions)]);
    add_connector(expansion, &BTreeMap::new(), parent, address, pen, source, &properties);
}

/// One end of a connector.
struct End<'t> {
    kind: &'t str,
    arn: Option<Property<'t>>,
    name: Option<Property<'t>>,
    id: Option<Property<'t>>,
    qualifier: Option<Property<'t>>,
    role: Option<Property<'t>>,
    queue_url: Option<Property<'t>>,
}

impl<'t> End<'t> {
    fn value(&self, what: &str) -> Option<Property<'t>> {
        match what {
            "Arn" => self.arn,
            "Name" => self.name,
            "ResourceId" => self.id,
            "Qualifier" => self.qualifier,
            _ => None,
        }
    }
}

fn add_connector<'t>(
    expansion: &mut Expansion<'t, '_>,
    known: &BTreeMap<&'t str, Resource<'t>>,
    parent: &Resource<'t>,
    address: &str,
    pen: Pen<'t>,
    source: Property<'t>,
    properties: &Property<'t>,
) {
    let Some(destinations) = properties.get("Destination") else { return };
    let several = !destinations.items().is_empty();
    for (index, destination) in destinations.one_or_many().iter().enumerate() {
        let suffix = if several { format!("Destination{index}") } else { String::new() };
        let from = end(expansion, known, pen, &source, destination);
        let to = end(expansion, known, pen, destination, &source);
        match (from, to) {
            (Some(from), Some(to)) => add_pair(expansion, parent, address, &suffix, pen, &from, &to, properties.get("Permissions")),
            _ => {
                let text = format!("an end of the connector {address} is not a resource of this template");
                expansion.note(pen.span(), NoteKind::Unresolved, text);
            }
        }
    }
}

fn end<'t>(
    expansion: &Expansion<'t, '_>,
    known: &BTreeMap<&'t str, Resource<'t>>,
    pen: Pen<'t>,
    reference: &Property<'t>,
    other: &Property<'t>,
) -> Option<End<'t>> {
    let Some(id) = reference.get("Id") else {
        let value = |key: &str| reference.get(key).copied();
        return Some(End {
            kind: cloudformation_type(reference.get("Type")?.literal()?),
            arn: value("Arn"),
            name: value("Name"),
            id: value("ResourceId"),
            qualifier: value("Qualifier"),
            role: value("RoleName"),
            queue_url: value("QueueUrl"),
        });
    };
    let resource = known.get(expansion.scoped(id.literal()?))?;
    let address = resource.address;
    let itself = pen.resource(address);
    let is_arn = matches!(
        resource.kind,
        "AWS::SNS::Topic" | "AWS::StepFunctions::StateMachine" | "AWS::AppSync::DataSource" | "AWS::AppSync::GraphQLApi"
    );
    let is_api = matches!(resource.kind, "AWS::ApiGateway::RestApi" | "AWS::ApiGatewayV2::Api");
    let other_address = other.get("Id").and_then(Property::literal).map(|id| expansion.scoped(id));
    Some(End {
        kind: resource.kind,
        arn: Some(if is_arn { itself } else { pen.attribute(address, "Arn") }),
        name: Some(pen.attribute(address, "Name")),
        id: Some(if is_api { itself } else { pen.attribute(address, "ApiId") }),
        qualifier: reference.get("Qualifier").copied().or_else(|| is_api.then(|| pen.text("*"))),
        role: role_of(resource, other_address).and_then(Property::reference).map(|role| pen.resource(role.address)),
        queue_url: Some(itself),
    })
}

fn cloudformation_type(kind: &str) -> &str {
    match kind {
        "AWS::Serverless::Function" => "AWS::Lambda::Function",
        "AWS::Serverless::StateMachine" => "AWS::StepFunctions::StateMachine",
        "AWS::Serverless::Api" => "AWS::ApiGateway::RestApi",
        "AWS::Serverless::HttpApi" => "AWS::ApiGatewayV2::Api",
        "AWS::Serverless::SimpleTable" => "AWS::DynamoDB::Table",
        other => other,
    }
}

fn role_of<'t>(resource: &Resource<'t>, other: Option<&str>) -> Option<&'t Property<'t>> {
    match resource.kind {
        "AWS::Lambda::Function" => resource.properties.get("Role"),
        "AWS::StepFunctions::StateMachine" => resource.properties.get("RoleArn"),
        "AWS::AppSync::DataSource" => resource.properties.get("ServiceRoleArn"),
        "AWS::Events::Rule" => {
            let targets = resource.properties.get("Targets")?.items();
            let named = |target: &&Property<'t>| target.get("Arn").and_then(Property::reference).map(|arn| arn.address) == other;
            targets.iter().find(named)?.get("RoleArn")
        }
        _ => None,
    }
}

#[expect(clippy::too_many_arguments, reason = "the two ends, and what the resources between them are called and bear")]
fn add_pair<'t>(
    expansion: &mut Expansion<'t, '_>,
    parent: &Resource<'t>,
    address: &str,
    suffix: &str,
    pen: Pen<'t>,
    from: &End<'t>,
    to: &End<'t>,
    permissions: Option<&'t Property<'t>>,
) {
    let asked = |category: &str| {
        permissions.is_some_and(|permissions| permissions.one_or_many().iter().any(|asked| asked.literal() == Some(category)))
    };
    let grants: Vec<_> =
        CONNECTORS.iter().filter(|grant| grant.source == from.kind && grant.destination == to.kind && asked(grant.category)).collect();
    let Some(first) = grants.first() else {
        let text = format!("the connector {address} from {} to {} is not known for these permissions", from.kind, to.kind);
        expansion.note(pen.span(), NoteKind::Unsupported, text);
        return;
    };
    let find = |name: &str| match name.split_once('.') {
        Some(("Source", what)) => from.value(what),
        Some(("Destination", what)) => to.value(what),
        _ => None,
    };
    match first.means {
        ConnectorMeans::SourceRole => add_role_policy(expansion, parent, &format!("{address}Policy{suffix}"), pen, &grants, from, find),
        ConnectorMeans::DestinationRole => add_role_policy(expansion, parent, &format!("{address}Policy{suffix}"), pen, &grants, to, find),
        ConnectorMeans::TopicPolicy { principal } => {
            let topic = to.arn.unwrap_or_else(|| pen.unknown("the topic's ARN is not given"));
            let document = service_document(pen, principal, &grants, from, topic);
            let properties = pen.map(&[("PolicyDocument", document), ("Topics", pen.list(&[topic]))]);
            expansion.imply(parent, &format!("{address}TopicPolicy{suffix}"), "AWS::SNS::TopicPolicy", properties);
        }
        ConnectorMeans::QueuePolicy { principal } => {
            let queue = to.arn.unwrap_or_else(|| pen.unknown("the queue's ARN is not given"));
            let url = to.queue_url.unwrap_or_else(|| pen.unknown("the queue's URL is not given"));
            let document = service_document(pen, principal, &grants, from, queue);
            let properties = pen.map(&[("PolicyDocument", document), ("Queues", pen.list(&[url]))]);
            expansion.imply(parent, &format!("{address}QueuePolicy{suffix}"), "AWS::SQS::QueuePolicy", properties);
        }
        ConnectorMeans::FunctionPermission { principal, source_arn, own_account } => {
            let function = to.arn.unwrap_or_else(|| pen.unknown("the function's ARN is not given"));
            let mut fields = vec![
                ("Action", pen.text("lambda:InvokeFunction")),
                ("FunctionName", function),
                ("Principal", pen.text(principal)),
                ("SourceArn", pen.pattern(source_arn, find)),
            ];
            if own_account {
                fields.push(("SourceAccount", pen.pattern("${AWS::AccountId}", find)));
            }
            let address = format!("{address}{}LambdaPermission{suffix}", first.category);
            expansion.imply(parent, &address, "AWS::Lambda::Permission", pen.map(&fields));
        }
    }
}

fn add_role_policy<'t>(
    expansion: &mut Expansion<'t, '_>,
    parent: &Resource<'t>,
    address: &str,
    pen: Pen<'t>,
    grants: &[&ConnectorGrant],
    holder: &End<'t>,
    find: impl Fn(&str) -> Option<Property<'t>>,
) {
    let statements: Vec<_> =
        grants.iter().flat_map(|grant| grant.statements).map(|grant| policy::statement_of(pen, grant, &find)).collect();
    let role = holder.role.unwrap_or_else(|| pen.unknown("the role of the connector's end is not in this template"));
    let properties = pen.map(&[("PolicyDocument", policy::document(pen, &statements)), ("Roles", pen.list(&[role]))]);
    expansion.imply(parent, address, "AWS::IAM::ManagedPolicy", properties);
}

fn service_document<'t>(pen: Pen<'t>, principal: &str, grants: &[&ConnectorGrant], from: &End<'t>, resource: Property<'t>) -> Property<'t> {
    let source = from.arn.unwrap_or_else(|| pen.unknown("the source's ARN is not given"));
    let actions = grants.iter().flat_map(|grant| grant.statements).flat_map(|statement| statement.actions);
    let statements: Vec<_> = actions.map(|action| policy::allow_service(pen, principal, action, resource, source)).collect();
    policy::document(pen, &statements)
}
