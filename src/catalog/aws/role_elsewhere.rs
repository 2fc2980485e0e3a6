//! Roles that another template defines: what they grant cannot be told here.
//!
//! Comes in: what holds a role. Goes out: the facts of a role on it, unresolved, with the names of the parameter or of the export that gives the role.

use crate::catalog::draft::Draft;
use crate::catalog::targets::Target;
use crate::model::fact::{Fact, Reading};
use crate::model::resource::Resource;

/// The facts that a role gives.
const ROLE_FACTS: &[Fact] = &[
    Fact::IamScope,
    Fact::IamPrivesc,
    Fact::IamPassrole,
    Fact::IamDataReadAll,
    Fact::IamDestructive,
    Fact::IamLogTamper,
    Fact::SecretReadAll,
];

/// The resolver of what holds a role: one that another template defines may grant anything.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, holder: &Resource<'t>) {
    let Some(element) = draft.element(holder.address) else { return };
    let Some(role) = ["Role", "RoleArn", "TaskRoleArn"].iter().find_map(|key| holder.properties.get(key)) else { return };
    let is_here = |target: &Target<'t>| match target {
        Target::Resource(reference) => draft.resource(reference.address).is_some_and(|resource| resource.kind == "AWS::IAM::Role"),
        Target::External(_) | Target::Arn(_) | Target::Name(_) | Target::Wildcard | Target::Unknown(_) => false,
    };
    if draft.targets(role).iter().all(is_here) {
        return;
    }
    // A parameter or another stack gives it: who deploys decides, and not whoever writes a name here.
    let given = |target: &Target<'t>| match target {
        Target::External(external) => Some(external.name.to_owned()),
        Target::Resource(_) | Target::Arn(_) | Target::Name(_) | Target::Wildcard | Target::Unknown(_) => None,
    };
    let untold: Vec<String> = draft.targets(role).iter().map(given).collect::<Option<_>>().unwrap_or_default();
    for fact in ROLE_FACTS {
        if draft.element_at(element).facts.get(*fact).is_none() {
            let reading = Reading { untold: untold.clone(), ..draft.defined_elsewhere("the role", role.span) };
            draft.set_fact(element, *fact, reading);
        }
    }
}
