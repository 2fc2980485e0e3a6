//! External entities that no resource states but that flows imply.
//!
//! Comes in: what is known of one. Goes out: its made-up address, its name, and what rules speak on it.

use crate::catalog::names::Arn;
use crate::model::Outside;
use crate::model::resource::{Body, External, ExternalKind};

/// What a load balancer or an API of another stack or account is to rules: nobody can tell here whom it lets through.
pub const FRONT_DOOR: &str = "front_door";

/// An external entity that no resource states but that flows imply.
#[derive(Clone, Copy, Debug)]
pub enum Outsider<'a> {
    /// Whoever calls a public entry point.
    Client,
    /// What fires schedules.
    Scheduler,
    /// Things in the field that publish to the provider's broker.
    Devices,
    /// A build service that deploys from outside, by the host of its tokens.
    Pipeline { host: &'a str, name: &'a str },
    /// The event bus that every account has.
    DefaultBus,
    /// A service of the provider, used by name: `bedrock`.
    Service(&'a str),
    /// What a parameter, an import or a look-up carries.
    Carried(External<'a>),
    /// A resource that only its ARN names.
    Arn(&'a Arn),
    /// Another account, by its number, or the accounts of an organisation by its id.
    Account(&'a str),
    /// A host on the network, without scheme and path.
    Host(&'a str),
    /// What a deployed unit shows of itself.
    Output(&'a str),
    /// What a unit says beside its resources.
    Aside(&'a str),
    /// A text that is deployed with the unit and lies elsewhere.
    Body(&'a Body<'a>),
    /// Anything else, by the name that the template gives it.
    Named(&'a str),
}

impl Outsider<'_> {
    /// The made-up address, stable under any edit that keeps the name.
    pub fn address(&self) -> String {
        match self {
            Self::Client => "client".to_owned(),
            Self::Scheduler => "scheduler".to_owned(),
            Self::Devices => "devices".to_owned(),
            Self::Pipeline { host, .. } => format!("pipeline:{host}"),
            Self::DefaultBus => "bus:default".to_owned(),
            Self::Service(name) => format!("service:{name}"),
            Self::Carried(external) => format!("{}:{}", external.kind.prefix(), external.name),
            Self::Arn(arn) => Arn { resource: arn.owner().to_owned(), ..(*arn).clone() }.text(),
            Self::Account(number) => format!("account:{number}"),
            Self::Host(host) => format!("host:{host}"),
            Self::Output(name) => format!("output:{name}"),
            Self::Aside(name) => format!("aside:{name}"),
            Self::Body(body) => format!("{}:{}", body.kind.word(), body.source),
            Self::Named(name) => format!("name:{name}"),
        }
    }

    /// Whose it is.
    pub(super) fn outside(&self) -> Outside {
        match self {
            Self::Service(name) => Outside::Service((*name).to_owned()),
            Self::Scheduler | Self::DefaultBus | Self::Output(_) | Self::Aside(_) => Outside::OwnAccount,
            Self::Carried(external) => match external.kind {
                ExternalKind::StoredParameter
                | ExternalKind::DecryptedParameter
                | ExternalKind::SecureParameter
                | ExternalKind::Secret
                | ExternalKind::SecretDetail => Outside::OwnAccount,
                ExternalKind::Import => Outside::Import(external.name.to_owned()),
                ExternalKind::Parameter
                | ExternalKind::Variable
                | ExternalKind::HiddenParameter
                | ExternalKind::StandInParameter
                | ExternalKind::WrittenParameter
                | ExternalKind::NestedOutput => Outside::OtherStack,
            },
            Self::Account(_) => Outside::OtherAccount,
            Self::Arn(arn) if arn.literal_account().is_some() => Outside::OtherAccount,
            Self::Arn(_) => Outside::OtherStack,
            Self::Named(name) if is_resource_name(name) => Outside::OtherStack,
            Self::Client | Self::Devices | Self::Pipeline { .. } | Self::Host(_) | Self::Body(_) | Self::Named(_) => Outside::World,
        }
    }

    pub(super) fn name(&self) -> String {
        match self {
            Self::Client => "client".to_owned(),
            Self::Scheduler => "scheduler".to_owned(),
            Self::Devices => "devices".to_owned(),
            Self::DefaultBus => "default event bus".to_owned(),
            Self::Pipeline { name, .. } | Self::Service(name) | Self::Host(name) | Self::Aside(name) | Self::Named(name) => {
                (*name).to_owned()
            }
            Self::Carried(external) => external.name.to_owned(),
            Self::Output(name) => format!("output {name}"),
            Self::Body(body) => format!("{} {}", body.kind.words(), body.written),
            Self::Arn(arn) => arn.owner().to_owned(),
            Self::Account(id) if id.starts_with("o-") => format!("organization {id}"),
            Self::Account(number) => format!("account {number}"),
        }
    }

    /// What rules speak on it: services of the own account are not asked who they are.
    pub(super) fn service(&self) -> &'static str {
        match self {
            Self::Client => "human_actor",
            Self::Pipeline { .. } => "deploy_pipeline",
            Self::Body(_) => "external_body",
            Self::Output(_) => "stack_output",
            Self::Scheduler | Self::DefaultBus | Self::Aside(_) | Self::Service(_) => "any",
            Self::Carried(External {
                kind:
                    ExternalKind::StoredParameter
                    | ExternalKind::DecryptedParameter
                    | ExternalKind::SecureParameter
                    | ExternalKind::Secret
                    | ExternalKind::SecretDetail,
                ..
            }) => "any",
            // What hands on the requests of whoever calls it is no caller itself.
            Self::Arn(arn) if arn.is_front_door() => FRONT_DOOR,
            Self::Devices | Self::Carried(_) | Self::Arn(_) | Self::Account(_) | Self::Host(_) | Self::Named(_) => "external_system",
        }
    }
}

/// Whether a literal name is one that the provider gives within an account (a table, a queue): no host, mail address, phone number or words.
fn is_resource_name(name: &str) -> bool {
    !name.contains(['.', '@', '+', '/', ':', ' '])
}
