//! What resources state that nothing weighs, where that takes more than the path of a property: rules that watch, refuse or lead somewhere, tags
//! that decide, groups of a schema, conditions of policies, scopes and routes at large, ways through a network.
//!
//! Comes in: a draft, once everything is read, and one resource. Goes out: what is told of it.

mod access_logs;
mod access_tags;
mod accounts;
mod api_keys;
mod authorizers;
mod boundary_policies;
mod denials;
mod dns_records;
mod edge_behaviours;
mod endpoint_policies;
mod event_rules;
mod images;
mod listener_rules;
mod lowered;
mod network_rules;
mod parameter_groups;
mod routes;
mod schema_groups;
mod statements;
mod trusted_services;

pub(in crate::catalog) use self::denials::denials;
use crate::catalog::aws::{action_weight, asl, state_machine};
use crate::catalog::draft::Draft;
use crate::catalog::names::{Arn, canonical};
use crate::catalog::paths;
use crate::catalog::targets::Target;
use crate::catalog::unweighed::Collector;
use crate::model::resource::Resource;
use crate::model::unweighed::Kind;
use std::collections::{BTreeMap, BTreeSet};

/// What of the whole unit decides what is told of one resource.
pub(in crate::catalog) struct Surroundings<'t, 's> {
    /// The listeners of which a rule refuses requests or asks who sends them, with their other rules.
    guarded_listeners: BTreeMap<&'t str, Vec<&'s Resource<'t>>>,
    /// The keys of tags of which conditions and variables of policies speak.
    tag_keys: BTreeSet<String>,
    /// The policies that are somebody's permissions boundary.
    boundaries: BTreeSet<&'t str>,
}

impl<'t, 's> Surroundings<'t, 's> {
    pub(in crate::catalog) fn of(draft: &Draft<'t, 's>) -> Self {
        Self {
            guarded_listeners: listener_rules::guarded(draft),
            tag_keys: access_tags::keys(draft),
            boundaries: boundary_policies::of(draft),
        }
    }
}

/// Adds what is told of a resource.
pub(in crate::catalog) fn collect<'t>(collector: &mut Collector<'_, 't, '_>, resource: &Resource<'t>, surroundings: &Surroundings<'t, '_>) {
    match resource.kind {
        "AWS::ApiGateway::Method" => api_keys::collect(collector, resource),
        "AWS::ApiGateway::Authorizer" | "AWS::ApiGatewayV2::Authorizer" => authorizers::collect_resource(collector, resource),
        "AWS::ApiGateway::RestApi" | "AWS::ApiGatewayV2::Api" => {
            authorizers::collect_body(collector, resource);
            routes::collect(collector, resource);
        }
        "AWS::ApiGateway::Stage" | "AWS::ApiGatewayV2::Stage" => access_logs::collect(collector, resource),
        "AWS::AppSync::GraphQLSchema" => schema_groups::collect(collector, resource),
        "AWS::CloudFront::Distribution" => edge_behaviours::collect(collector, resource),
        "AWS::EC2::SecurityGroup" => network_rules::collect(collector, resource),
        "AWS::EC2::VPCEndpoint" => endpoint_policies::collect(collector, resource),
        "AWS::ElasticLoadBalancingV2::Listener" => {
            let others = surroundings.guarded_listeners.get(resource.address).map(Vec::as_slice);
            listener_rules::collect_listener(collector, resource, others);
        }
        "AWS::ElasticLoadBalancingV2::ListenerRule" => listener_rules::collect_rule(collector, resource),
        "AWS::Events::Rule" => event_rules::collect(collector, resource),
        "AWS::IAM::ManagedPolicy" => boundary_policies::collect(collector, resource, &surroundings.boundaries),
        "AWS::IAM::Role" => trusted_services::collect(collector, resource),
        "AWS::Route53::RecordSet" => dns_records::collect(collector, resource),
        "AWS::Scheduler::Schedule" => scheduled_calls(collector, resource),
        _ => {}
    }
    images::collect(collector, resource);
    lowered::collect(collector, resource);
    parameter_groups::collect(collector, resource);
    statements::collect(collector, resource);
    if resource.implied_by.is_none() {
        access_tags::collect(collector, resource, &surroundings.tag_keys);
        accounts::collect(collector, resource);
    }
}

/// What a schedule does to the account by calling an operation of a service.
fn scheduled_calls<'t>(collector: &mut Collector<'_, 't, '_>, schedule: &Resource<'t>) {
    for target in paths::find(&schedule.properties, "Target.Arn") {
        let arn = canonical(&target).and_then(|text| Arn::parse(&text)).filter(|arn| arn.service == "scheduler");
        let call = arn.as_ref().and_then(|arn| arn.resource.strip_prefix("aws-sdk:")?.split_once(':'));
        let acts = |(service, operation): (&str, &str)| {
            action_weight::acts_on_the_account(&state_machine::action_of(asl::iam_prefix(service), operation))
        };
        if call.is_some_and(acts) {
            collector.add(schedule, (Kind::Opening, "Target.Arn"), &target, target.span);
        }
    }
}

/// Whether an alarm does nothing but let something grow and shrink: it watches over nothing.
pub(in crate::catalog) fn only_scales(draft: &Draft<'_, '_>, resource: &Resource<'_>) -> bool {
    if resource.kind != "AWS::CloudWatch::Alarm" {
        return false;
    }
    let scales = |target: &Target<'_>| match target {
        Target::Resource(reference) => draft.resource(reference.address).is_some_and(|policy| policy.kind.ends_with("::ScalingPolicy")),
        Target::Arn(arn) => arn.service == "autoscaling",
        Target::External(_) | Target::Name(_) | Target::Wildcard | Target::Unknown(_) => false,
    };
    let actions = paths::find(&resource.properties, "AlarmActions[]");
    let targets: Vec<Target<'_>> = actions.iter().flat_map(|action| draft.targets(action)).collect();
    !targets.is_empty() && targets.iter().all(scales)
}
