//! What a permissions boundary leaves of a role's rights.
//!
//! Comes in: a role. Goes out: whether its boundary takes away what raises rights, and which actions it leaves, in any branch of a condition.
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>.

use crate::catalog::aws::iam::Grants;
use crate::catalog::aws::role_facts;
use crate::catalog::draft::Draft;
use crate::model::fact::{Answer, Value, Word};
use crate::model::resource::{Alternatives, Property, Resource, Value as PropertyValue};
use crate::source::Span;

/// The boundary of a role, branch by branch.
pub(crate) struct Boundary<'t> {
    branches: Vec<Branch<'t>>,
    pub span: Span,
}

enum Branch<'t> {
    /// There is none.
    Unbounded,
    /// It is not here, and believed.
    Elsewhere,
    /// What it allows, without what it denies.
    Here(Grants<'t>),
}

impl<'t> Boundary<'t> {
    pub(crate) fn of(draft: &Draft<'t, '_>, role: &Resource<'t>) -> Self {
        let stated = role.properties.get("PermissionsBoundary");
        let mut branches = Vec::new();
        match stated {
            Some(stated) => collect(draft, stated, &mut branches),
            None => branches.push(Branch::Unbounded),
        }
        Self { branches, span: stated.map_or(role.span, |stated| stated.span) }
    }

    /// Whether it takes rights away in every branch: one that allows everything, or what raises rights, does not.
    pub(crate) fn caps(&self, draft: &Draft<'t, '_>, role: &Resource<'t>) -> bool {
        self.branches.iter().all(|branch| match branch {
            Branch::Unbounded => false,
            Branch::Elsewhere => true,
            Branch::Here(allowed) => {
                let is_admin = matches!(role_facts::scope(draft, allowed, role).answer, Answer::Known(Value::Word(Word::Admin)));
                let is_whole = allowed.statements.iter().all(|statement| statement.unresolved.is_none());
                is_whole && !is_admin && !role_facts::raises_rights(allowed)
            }
        })
    }

    /// Whether an action may be left in some branch.
    pub(crate) fn leaves(&self, action: &str) -> bool {
        self.branches.iter().any(|branch| match branch {
            Branch::Unbounded | Branch::Elsewhere => true,
            // What a policy of the provider allows under a condition, or on some resources, is not known here.
            Branch::Here(allowed) => {
                allowed.untold.is_some() || !allowed.managed.is_empty() || allowed.all().any(|grant| grant.covers(action))
            }
        })
    }
}

fn collect<'t>(draft: &Draft<'t, '_>, stated: &Property<'t>, branches: &mut Vec<Branch<'t>>) {
    match stated.value {
        PropertyValue::Either(Alternatives { branches: each, .. }) => each.iter().for_each(|branch| collect(draft, branch, branches)),
        PropertyValue::Null | PropertyValue::Removed => branches.push(Branch::Unbounded),
        _ => {
            let mut allowed = Grants::default();
            allowed.attach(draft, stated);
            allowed.take_off_denials();
            let is_here = !allowed.statements.is_empty() || !allowed.managed.is_empty() || allowed.untold.is_none();
            branches.push(if is_here { Branch::Here(allowed) } else { Branch::Elsewhere });
        }
    }
}
