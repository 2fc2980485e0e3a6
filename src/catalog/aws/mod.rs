//! The resolvers of the AWS vocabulary: what needs computing, named by the catalogue's entries.
//!
//! Comes in: a draft of the model and one resource. Goes out: facts, parts and flows put into the draft.

pub mod actions;
mod admitted;
mod agent;
mod agent_memory;
mod api_integration;
mod api_routes;
pub mod asl;
mod authorizer;
mod containers;
pub(crate) mod default_endpoint;
mod denial;
mod deployers;
mod device_policy;
mod distribution;
mod grant_flows;
mod http_api;
mod iam;
mod ingress;
mod integration_role;
mod key_policy;
mod load_balancer;
pub mod managed_policies;
mod model_use;
mod open_api;
mod permission;
pub mod policy_document;
mod resource_policy;
mod rest_api;
mod role_facts;
mod security_group;
mod state_machine;
mod topic_rule;
mod trust;

use crate::catalog::draft::Draft;
use crate::model::resource::Resource;

/// A resolver: reads one resource and puts what it finds into the draft.
pub type Resolve = for<'t, 's, 'r> fn(&mut Draft<'t, 's>, &'r Resource<'t>);

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
    /// Whom a policy on a resource lets in besides what is drawn already.
    Admitted,
    /// Agents: what they may do unasked, and what filters their prompts.
    Agent,
    /// Memories of agents: whether they are kept apart by actor.
    AgentMemory,
    /// Task definitions: what the weakest of their containers gives away.
    Containers,
    /// Policies of devices: as whom they connect, and which topics they use.
    DevicePolicy,
    /// Distributions: whether their origins can be called another way, and whose they are.
    Distribution,
    /// What the targets of an element's events let in.
    EventSource,
    /// Function URLs: whether a permission opens them.
    FunctionUrl,
    /// What holds a role that may be defined elsewhere.
    Holder,
    /// HTTP and WebSocket APIs: routes, integrations, authorizers.
    HttpApi,
    /// Roles and users: what their policies grant.
    Iam,
    /// Keys: who may use and who may delete them.
    KeyPolicy,
    /// Load balancers: attributes, and rules of listeners taken together.
    LoadBalancer,
    /// Permissions to invoke a function.
    Permission,
    /// Policies on queues, topics, buckets, buses, streams, secrets, tables, domains and APIs.
    ResourcePolicy,
    /// REST APIs: methods, integrations, authorizers.
    RestApi,
    /// Security groups: who may open a connection to whom.
    SecurityGroup,
    /// State machines: what their definitions call.
    StateMachine,
    /// Topic rules: what becomes of what they cannot deliver, and the roles that they act with.
    TopicRule,
}

impl Resolver {
    pub fn phase(self) -> Phase {
        match self {
            Self::AgentMemory
            | Self::Containers
            | Self::DevicePolicy
            | Self::HttpApi
            | Self::RestApi
            | Self::ResourcePolicy
            | Self::StateMachine
            | Self::TopicRule => Phase::Definitions,
            Self::Admitted
            | Self::Agent
            | Self::Distribution
            | Self::EventSource
            | Self::KeyPolicy
            | Self::LoadBalancer
            | Self::SecurityGroup => Phase::Views,
            Self::FunctionUrl | Self::Holder | Self::Iam | Self::Permission => Phase::Grants,
        }
    }

    pub fn resolve(self) -> Resolve {
        match self {
            Self::Admitted => admitted::resolve,
            Self::Agent => agent::resolve,
            Self::AgentMemory => agent_memory::resolve,
            Self::Containers => containers::resolve,
            Self::DevicePolicy => device_policy::resolve,
            Self::Distribution => distribution::resolve,
            Self::EventSource => resource_policy::resolve_source,
            Self::FunctionUrl => permission::resolve_url,
            Self::Holder => iam::resolve_holder,
            Self::HttpApi => http_api::resolve,
            Self::Iam => iam::resolve,
            Self::KeyPolicy => key_policy::resolve,
            Self::LoadBalancer => load_balancer::resolve,
            Self::Permission => permission::resolve,
            Self::ResourcePolicy => resource_policy::resolve,
            Self::RestApi => rest_api::resolve,
            Self::SecurityGroup => security_group::resolve,
            Self::StateMachine => state_machine::resolve,
            Self::TopicRule => topic_rule::resolve,
        }
    }
}
