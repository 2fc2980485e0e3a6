//! Services of the provider that a role trusts: whoever may start something of another one, a machine, a build, has the role's rights there.
//!
//! Comes in: a role. Goes out: each service that may take it on.

use crate::catalog::aws::policy_document::{self, Effect, Principal};
use crate::catalog::unweighed::Collector;
use crate::model::resource::Resource;
use crate::model::unweighed::Kind;

const TRUST: &str = "AssumeRolePolicyDocument";
const TOLD_AS: &str = "services that may take it on";

pub(super) fn collect<'t>(collector: &mut Collector<'_, 't, '_>, role: &Resource<'t>) {
    let Some(document) = role.properties.get(TRUST) else { return };
    for statement in policy_document::read(document).iter().filter(|statement| statement.effect == Effect::Allow) {
        for principal in &statement.principals {
            if let Principal::Service(name) = principal {
                // Where the region or the suffix is filled in, the service is the first part.
                let service = name.split('.').next().unwrap_or(name);
                collector.add_text(role, (Kind::Arrival, TOLD_AS), service, statement.span);
            }
        }
    }
}
