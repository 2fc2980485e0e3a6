//! Translations where the structure differs and not only the names; entries of the table name them under `by`.
//!
//! Each runs right after the resource, or the part, of its instance was made, and changes what was made.

mod account;
mod api;
mod attachment;
mod containers;
mod function_url;
mod grants;
mod publishing;
pub(crate) mod security_group;
mod webhook;

use crate::dialects::terraform::aws::context::Context;
use crate::dialects::terraform::aws::making::Made;
use crate::formats::terraform::instance::Instance;

/// What the table names; an unknown name does not compile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Translation {
    /// The public access block of an account counts for each of its buckets.
    AccountBlock,
    /// A deployment that makes its stage.
    Deployment,
    /// An HTTP API that makes its route, its integration and its stage.
    QuickApi,
    /// Policies that are attached to roles, users and groups.
    PolicyAttachment,
    /// The groups of a user.
    GroupMembership,
    /// Containers, whose documents spell names in camel case.
    Containers,
    /// What a function URL that asks for no signature brings along.
    FunctionUrl,
    /// Grants of an access control list.
    Grants,
    /// Logs of a search domain, by what they log.
    LogPublishing,
    /// Rules that stand in their group, one for each source.
    SecurityGroup,
    /// A rule of a group, one for each source.
    SecurityGroupRule,
    /// A webhook that starts builds.
    Webhook,
}

impl Translation {
    pub(crate) fn apply<'t, 's>(self, context: &Context<'t, 's>, instance: &'s Instance, made: &mut Made<'t, 's>) {
        match self {
            Self::AccountBlock => account::block(context, instance, made),
            Self::Deployment => api::deployment(context, instance, made),
            Self::QuickApi => api::quick(context, instance, made),
            Self::PolicyAttachment => attachment::attach(context, instance, made),
            Self::GroupMembership => attachment::of_user(context, instance, made),
            Self::Containers => containers::spell(context, made),
            Self::FunctionUrl => function_url::permit(context, instance, made),
            Self::Grants => grants::spell(context, instance, made),
            Self::LogPublishing => publishing::by_kind(context, made),
            Self::SecurityGroup => security_group::inline(context, instance, made),
            Self::SecurityGroupRule => security_group::apart(context, instance, made),
            Self::Webhook => webhook::add(context, instance, made),
        }
    }
}
