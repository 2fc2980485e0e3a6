//! What a permissions boundary leaves of a role's rights.
//!
//! Comes in: a role. Goes out: whether its boundary takes away what raises rights, and which actions it leaves, in any branch of a condition.
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>.

use crate::catalog::aws::iam::Grants;
use crate::catalog::aws::identity_denial;
use crate::catalog::aws::managed_policies::{ManagedPolicy, Purpose};
use crate::catalog::aws::policy_document::{self, Scope, Statement};
use crate::catalog::aws::role_facts;
use crate::catalog::draft::Draft;
use crate::catalog::names::canonical;
use crate::model::fact::{Answer, Reading, Value, Word};
use crate::model::pattern;
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

    /// Whether it caps the role; of one that is there and does not, by its name.
    pub(crate) fn reading(&self, draft: &Draft<'t, '_>, role: &Resource<'t>, caps: bool) -> Reading {
        if caps {
            return Reading::word(Word::On, draft.stated(self.span));
        }
        let is_here = self.branches.iter().any(|branch| matches!(branch, Branch::Here(_)));
        let stated = role.properties.get("PermissionsBoundary").filter(|_| is_here);
        let name = |stated: &Property<'t>| stated.reference().map(|reference| reference.address.to_owned()).or_else(|| canonical(stated));
        let named = stated.and_then(name).map(|name| format!("{} allows as much", name.rsplit('/').next().unwrap_or_default()));
        Reading::word(Word::Off, draft.stated(self.span)).witnessed(named.into_iter().collect())
    }

    /// Why it cannot be told what it leaves: it is not here.
    pub(crate) fn untold(&self) -> Option<&'static str> {
        let is_elsewhere = self.branches.iter().any(|branch| matches!(branch, Branch::Elsewhere));
        is_elsewhere.then_some("what its permissions boundary leaves is not known here")
    }

    /// Leaves of what is granted what the boundary allows as well, where all of it can be read and no condition decides whether it is there.
    pub(crate) fn hold(self, grants: &mut Grants<'t>) {
        let Ok([Branch::Here(mut allowed)]) = <[Branch<'t>; 1]>::try_from(self.branches) else { return };
        if allowed.untold.is_some() || !allowed.managed.is_empty() {
            return;
        }
        let stated = std::mem::take(&mut grants.statements);
        grants.statements = stated.iter().flat_map(|statement| within(statement, &allowed.statements)).collect();
        // Of a policy of the provider that is granted on everything what is left is granted where the boundary allows it.
        let (broad, others) =
            std::mem::take(&mut grants.managed).into_iter().partition(|(policy, _)| matches!(policy.purpose, Purpose::Broad));
        grants.managed = others;
        let broad: Vec<(&ManagedPolicy, Span)> = broad;
        for (policy, span) in broad {
            grants.statements.extend(allowed.statements.iter().filter_map(|bound| {
                let actions = meet(&Scope::Only(policy.allows.to_vec()), &bound.actions)?;
                Some(Statement { actions, span, ..bound.clone() })
            }));
        }
        grants.denials.append(&mut allowed.denials);
    }
}

/// What a boundary leaves of a statement, one statement for each of the boundary's that meets it.
fn within<'t>(statement: &Statement<'t>, bounds: &[Statement<'t>]) -> Vec<Statement<'t>> {
    let spares = |bound: &Statement<'t>| {
        let whole = match (&statement.actions, &bound.actions) {
            (Scope::Only(granted), Scope::Only(bounds)) => {
                granted.iter().all(|granted| bounds.iter().any(|bound| pattern::is_at_least(bound, granted)))
            }
            (Scope::AllBut(_), Scope::Only(bounds)) => bounds.contains(&"*"),
            (_, Scope::AllBut(_)) => false,
        };
        whole && bound.conditions.is_empty() && reaches_all(bound)
    };
    if bounds.iter().any(spares) {
        return vec![statement.clone()];
    }
    let left = |bound: &Statement<'t>| {
        let actions = meet(&statement.actions, &bound.actions)?;
        let resources = if reaches_all(statement) { bound.resources.clone() } else { statement.resources.clone() };
        Some(Statement {
            actions,
            on_everything: policy_document::reach_everything(&resources),
            large_of: policy_document::large_of(&resources),
            resources,
            is_held_to_tag: statement.is_held_to_tag || bound.is_held_to_tag,
            conditions: statement.conditions.iter().chain(&bound.conditions).cloned().collect(),
            ..statement.clone()
        })
    };
    bounds.iter().filter_map(left).collect()
}

/// Whether a statement is for whatever there is.
fn reaches_all(statement: &Statement<'_>) -> bool {
    matches!(&statement.resources, Scope::Only(resources) if resources.iter().any(|resource| resource.literal() == Some("*")))
}

/// The actions that both cover, as either writes them; where two patterns overlap and neither covers the other, as the first does.
fn meet<'t>(granted: &Scope<&'t str>, bound: &Scope<&'t str>) -> Option<Scope<&'t str>> {
    let is_spared = |spared: &[&'t str], action: &str| spared.iter().any(|spared| pattern::is_at_least(spared, action));
    let actions = match (granted, bound) {
        (Scope::Only(granted), Scope::Only(bounds)) => granted.iter().flat_map(|granted| left_of(granted, bounds)).collect(),
        (Scope::Only(granted), Scope::AllBut(spared)) => granted.iter().copied().filter(|action| !is_spared(spared, action)).collect(),
        (Scope::AllBut(spared), Scope::Only(bounds)) => bounds.iter().copied().filter(|action| !is_spared(spared, action)).collect(),
        (Scope::AllBut(granted), Scope::AllBut(bound)) => {
            return Some(Scope::AllBut(granted.iter().chain(bound).copied().collect()));
        }
    };
    let actions: Vec<&'t str> = actions;
    (!actions.is_empty()).then_some(Scope::Only(actions))
}

/// What a boundary's patterns leave of a pattern of actions.
fn left_of<'t>(granted: &'t str, bounds: &[&'t str]) -> Vec<&'t str> {
    if bounds.iter().any(|bound| pattern::is_at_least(bound, granted)) {
        return vec![granted];
    }
    let (within, others): (Vec<&'t str>, Vec<&'t str>) = bounds.iter().copied().partition(|bound| pattern::is_at_least(granted, bound));
    if others.iter().any(|bound| identity_denial::may_overlap(bound, granted)) { vec![granted] } else { within }
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
