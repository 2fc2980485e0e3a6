//! The resolvers of the AWS vocabulary: what needs computing, named by the catalogue's entries.
//!
//! Comes in: a draft of the model and one resource. Goes out: facts, parts and flows put into the draft.

mod acting_role;
mod action_weight;
pub mod actions;
mod admitted;
mod agent;
mod agent_memory;
mod api_integration;
mod api_routes;
mod arn_by_use;
pub mod asl;
mod assumed_roles;
mod authorizer;
mod balanced_targets;
mod boundary;
mod build_filter;
mod capacity;
mod collection_policy;
pub mod conditions;
pub(super) mod confined;
mod containers;
mod database_transport;
mod default_policy;
mod denial;
mod deployers;
mod device_policy;
mod distribution;
mod edge_cache;
mod escalations;
mod event_rule;
mod event_source;
mod event_source_mapping;
pub(crate) mod fate;
mod foreign_reach;
mod grant_flows;
mod graphql_api;
mod graphql_schema;
mod handed_out;
mod http_api;
mod iam;
mod identity_denial;
mod ingress;
mod integration_role;
mod key_policy;
mod layer_permission;
mod load_balancer;
pub mod managed_policies;
mod model_use;
mod named_rights;
mod network_callers;
mod one_service;
mod open_api;
pub(crate) mod own_account;
mod own_rights;
mod permission;
pub mod policy_document;
mod pool_routes;
mod queue_visibility;
mod record_template;
mod resource_policy;
mod rest_api;
mod role_elsewhere;
pub(super) mod role_facts;
mod scheduled_call;
mod security_group;
mod shared_policy;
mod shell;
mod sign_in;
pub(super) mod state_machine;
pub(crate) mod stood;
mod stream_alarm;
mod subject_claims;
mod tags;
mod topic_rule;
mod trust;
mod unheld_role;
mod unnamed_source;
mod unpinned_api;
pub(super) mod unweighed;
pub(super) mod user_data;

use crate::catalog::draft::{Draft, ElementIndex};
use crate::model::resource::{Property, Resource};

/// A resolver: reads one resource and puts what it finds into the draft.
pub type Resolve = for<'t, 's, 'r> fn(&mut Draft<'t, 's>, &'r Resource<'t>);

/// What every resource may hold, of whatever type it is, that no resolver of its type reads.
pub(crate) fn resolve_any<'t>(draft: &mut Draft<'t, '_>, resource: &Resource<'t>) {
    shared_policy::resolve_any(draft, resource);
}

/// What an operation of a service acts on that is called by its name with an input; `None` where a target is named and no operation.
pub(crate) fn operation_targets<'t>(draft: &mut Draft<'t, '_>, call: &Property<'t>) -> Option<Vec<ElementIndex>> {
    scheduled_call::ends(draft, call)
}

/// When a resolver runs: all of one phase run, in order of the template, before any of the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Definitions and properties that name their targets.
    Definitions,
    /// Grants: what a wildcard means depends on the flows that the definitions have shown.
    Grants,
    /// What is seen from the other end, once everybody's policies are read.
    Views,
}

/// What entries name under `resolvers:`; an unknown name does not compile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resolver {
    /// Roles: how far those reach with which rules and schedules act.
    ActingRole,
    /// Rules and schedules: that a role which is not here may grant anything.
    ActingRoleElsewhere,
    /// Whom a policy on a resource lets in besides what is drawn already.
    Admitted,
    /// Agents: what they may do unasked, and what filters their prompts.
    Agent,
    /// Memories of agents: whether they are kept apart by actor.
    AgentMemory,
    /// Load balancers: whether what stands behind one can be reached past it.
    BalancedTargets,
    /// Build projects: whose pull requests start a build.
    BuildFilter,
    /// Search collections: who may use their documents.
    CollectionAccess,
    /// Search collections: whether the internet may connect.
    CollectionNetwork,
    /// Task definitions: what the weakest of their containers gives away.
    Containers,
    /// Databases: whether they refuse clear text.
    DatabaseTransport,
    /// Policies of devices: as whom they connect, and which topics they use.
    DevicePolicy,
    /// Distributions: whether their origins can be called another way, and whose they are.
    Distribution,
    /// Distributions: whether credentials are part of what answers are kept under.
    EdgeCache,
    /// Rules of a bus: whether one feeds itself.
    EventRule,
    /// What the targets of an element's events let in.
    EventSource,
    /// Polls: what a mapping can say of its source.
    EventSourceMapping,
    /// Function URLs: whether a permission opens them.
    FunctionUrl,
    /// GraphQL APIs: what their schemas and resolvers show.
    GraphqlApi,
    /// What holds a role that may be defined elsewhere.
    Holder,
    /// HTTP and WebSocket APIs: routes, integrations, authorizers.
    HttpApi,
    /// Roles and users: what their policies grant.
    Iam,
    /// Policies that are attached to nothing of the template.
    IamPolicy,
    /// Keys: who may use and who may delete them.
    KeyPolicy,
    /// Layers: who else may load them.
    LayerPermission,
    /// Permissions on layers that are not here.
    LayerPermissionAlone,
    /// Rules of security groups that are not here.
    SecurityRule,
    /// Methods of REST APIs that are not here.
    MethodAlone,
    /// Routes of HTTP and WebSocket APIs that are not here.
    RouteAlone,
    /// Load balancers: attributes, and rules of listeners taken together.
    LoadBalancer,
    /// Groups of machines: that they replace what is lost.
    MachineGroup,
    /// Permissions to invoke a function.
    Permission,
    /// Queues: whether messages stay hidden for long enough.
    QueueVisibility,
    /// Policies on queues, topics, buckets, buses, streams, secrets, tables, domains and APIs.
    ResourcePolicy,
    /// What is shared by naming whom it is shared with.
    Shared,
    /// REST APIs: methods, integrations, authorizers.
    RestApi,
    /// Scaling targets: what they let grow.
    ScalingTarget,
    /// Container services: whether they grow with their load.
    ServiceScaling,
    /// Security groups: who may open a connection to whom.
    SecurityGroup,
    /// Machines: whether one stands alone.
    SingleMachine,
    /// State machines: what their definitions call.
    StateMachine,
    /// Streams of tables: whether somebody is told when a consumer falls behind.
    StreamAlarm,
    /// Topic rules: what becomes of what they cannot deliver, and the roles that they act with.
    TopicRule,
    /// Machines: what they run when they start.
    UserData,
}

impl Resolver {
    pub fn phase(self) -> Phase {
        match self {
            Self::AgentMemory
            | Self::BuildFilter
            | Self::Containers
            | Self::DatabaseTransport
            | Self::DevicePolicy
            | Self::EdgeCache
            | Self::EventSourceMapping
            | Self::GraphqlApi
            | Self::HttpApi
            | Self::LayerPermissionAlone
            | Self::MethodAlone
            | Self::RouteAlone
            | Self::SecurityRule
            | Self::Shared
            | Self::ResourcePolicy
            | Self::RestApi
            | Self::StateMachine
            | Self::TopicRule
            | Self::UserData => Phase::Definitions,
            Self::FunctionUrl
            | Self::Holder
            | Self::Iam
            | Self::IamPolicy
            | Self::LayerPermission
            | Self::Permission
            | Self::ScalingTarget => Phase::Grants,
            Self::ActingRole
            | Self::ActingRoleElsewhere
            | Self::Admitted
            | Self::Agent
            | Self::BalancedTargets
            | Self::CollectionAccess
            | Self::CollectionNetwork
            | Self::Distribution
            | Self::EventRule
            | Self::EventSource
            | Self::KeyPolicy
            | Self::LoadBalancer
            | Self::MachineGroup
            | Self::QueueVisibility
            | Self::SecurityGroup
            | Self::ServiceScaling
            | Self::SingleMachine
            | Self::StreamAlarm => Phase::Views,
        }
    }

    pub fn resolve(self) -> Resolve {
        match self {
            Self::ActingRole => acting_role::resolve,
            Self::ActingRoleElsewhere => acting_role::resolve_user,
            Self::Admitted => admitted::resolve,
            Self::Agent => agent::resolve,
            Self::AgentMemory => agent_memory::resolve,
            Self::BalancedTargets => balanced_targets::resolve,
            Self::BuildFilter => build_filter::resolve,
            Self::CollectionAccess => collection_policy::resolve_access,
            Self::CollectionNetwork => collection_policy::resolve_network,
            Self::Containers => containers::resolve,
            Self::DatabaseTransport => database_transport::resolve,
            Self::DevicePolicy => device_policy::resolve,
            Self::Distribution => distribution::resolve,
            Self::EdgeCache => edge_cache::resolve,
            Self::EventRule => event_rule::resolve,
            Self::EventSource => event_source::resolve,
            Self::EventSourceMapping => event_source_mapping::resolve,
            Self::FunctionUrl => permission::resolve_url,
            Self::GraphqlApi => graphql_api::resolve,
            Self::Holder => role_elsewhere::resolve,
            Self::HttpApi => http_api::resolve,
            Self::Iam => iam::resolve,
            Self::IamPolicy => iam::resolve_policy,
            Self::KeyPolicy => key_policy::resolve,
            Self::LayerPermission => layer_permission::resolve,
            Self::LayerPermissionAlone => layer_permission::resolve_alone,
            Self::SecurityRule => security_group::resolve_alone,
            Self::MethodAlone => rest_api::resolve_alone,
            Self::RouteAlone => http_api::resolve_alone,
            Self::LoadBalancer => load_balancer::resolve,
            Self::MachineGroup => capacity::resolve_group,
            Self::Permission => permission::resolve,
            Self::QueueVisibility => queue_visibility::resolve,
            Self::ResourcePolicy => resource_policy::resolve,
            Self::Shared => shared_policy::resolve_shared,
            Self::RestApi => rest_api::resolve,
            Self::ScalingTarget => capacity::resolve_target,
            Self::ServiceScaling => capacity::resolve_service,
            Self::SecurityGroup => security_group::resolve,
            Self::SingleMachine => capacity::resolve_machine,
            Self::StateMachine => state_machine::resolve,
            Self::StreamAlarm => stream_alarm::resolve,
            Self::TopicRule => topic_rule::resolve,
            Self::UserData => user_data::resolve,
        }
    }
}
