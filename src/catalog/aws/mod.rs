//! The resolvers of the AWS vocabulary: what needs computing, named by the catalogue's entries.
//!
//! Comes in: a draft of the model and one resource. Goes out: facts, parts and flows put into the draft.

pub mod actions;
pub mod asl;
mod grant_flows;
mod iam;
pub mod managed_policies;
pub mod policy_document;
mod role_facts;
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
}

/// What entries name under `resolvers:`; an unknown name does not compile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resolver {
    /// Roles and users: what their policies grant.
    Iam,
}

impl Resolver {
    pub fn phase(self) -> Phase {
        match self {
            Self::Iam => Phase::Grants,
        }
    }

    pub fn resolve(self) -> Resolve {
        match self {
            Self::Iam => iam::resolve,
        }
    }
}
