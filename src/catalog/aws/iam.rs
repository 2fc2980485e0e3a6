//! Roles: what their policies grant becomes flows and facts of every holder.
//!
//! Comes in: a role (or user) with everything attached to it. Goes out: flows, facts, and one `iam_role` part for each holder; a role that
//! nothing of the template holds may be a build service's.
//! Runs after all definitions, because what a wildcard reaches depends on the flows and the environment that they show.

use crate::catalog::aws::actions::{self, Access};
use crate::catalog::aws::boundary::Boundary;
use crate::catalog::aws::identity_denial::{self, Denial};
use crate::catalog::aws::managed_policies::{self, ManagedPolicy, Purpose};
use crate::catalog::aws::policy_document::{self, Scope, Statement};
use crate::catalog::aws::{
    deployers, foreign_reach, grant_flows, handed_out, model_use, one_service, role_facts, tags, trust, unheld_role,
};
use crate::catalog::draft::outsider::Outsider;
use crate::catalog::draft::{Draft, ElementIndex, at};
use crate::catalog::names::{Arn, canonical};
use crate::catalog::paths;
use crate::catalog::targets::Target;
use crate::model::fact::{Fact, Reading, Word};
use crate::model::resource::{Property, Resource, Value};
use crate::source::Span;
use std::sync::Arc;

/// Everything that a role may do.
#[derive(Debug, Default)]
pub(crate) struct Grants<'t> {
    /// Statements of inline and attached policies of the template that allow something.
    pub statements: Vec<Statement<'t>>,
    /// What the same policies deny under no condition.
    pub denials: Vec<Denial<'t>>,
    /// Policies of the provider, where each is attached.
    pub managed: Vec<(&'static ManagedPolicy, Span)>,
    /// The service that alone may assume the role, where one of those policies is made for a service.
    pub service: Option<&'t str>,
    /// What of it cannot be told; `None` where all of it can.
    pub untold: Option<Untold>,
}

/// Why part of what a role may do cannot be told.
#[derive(Clone, Debug)]
pub(crate) struct Untold {
    pub reason: String,
    pub span: Span,
    /// The provider keeps it, for one of its services.
    pub is_elsewhere: bool,
    /// By its name it only reads.
    pub reads_only: bool,
    /// All that is not known, by the names under which it is written; `None` where some of it has none.
    pub names: Option<Vec<String>>,
}

impl Untold {
    /// Asked about, where the provider keeps it, and else counted as if it were so.
    pub(crate) fn reading(&self, draft: &Draft<'_, '_>) -> Reading {
        let origin = draft.stated(self.span);
        let reading = if self.is_elsewhere { Reading::elsewhere(&self.reason, origin) } else { Reading::unresolved(&self.reason, origin) };
        Reading { untold: self.names.clone().unwrap_or_default(), ..reading }
    }

    /// The same of how wide a role is: what the provider keeps and is not known here makes no administrator, and what only reads changes nothing.
    pub(crate) fn scope(&self, draft: &Draft<'_, '_>) -> Reading {
        let among = match (self.is_elsewhere, self.reads_only) {
            (true, true) => vec![Word::Scoped, Word::Wide],
            (true, false) => vec![Word::Scoped, Word::Wide, Word::WildcardResource, Word::WildcardAction],
            (false, _) => Vec::new(),
        };
        Reading { among, ..self.reading(draft) }
    }
}

/// A grant of one action, as written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Grant<'a> {
    pub action: &'a str,
    pub span: Span,
    pub source: Source<'a>,
    denials: &'a [Denial<'a>],
}

/// What grants an action.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source<'a> {
    Statement(&'a Statement<'a>),
    /// A policy that the provider keeps.
    Managed(&'static str),
}

impl Source<'_> {
    /// The resources that it reaches; of a policy that the provider keeps its name says all.
    pub(crate) fn reached_resources(self) -> Vec<String> {
        match self {
            Self::Statement(statement) => statement.reached_resources(),
            Self::Managed(_) => Vec::new(),
        }
    }

    /// What it says; of a policy that the provider keeps its name says all.
    pub(crate) fn meaning(self) -> String {
        match self {
            Self::Statement(statement) => statement.meaning(),
            Self::Managed(name) => format!("the managed policy {name}"),
        }
    }
}

const GROUP: &str = "AWS::IAM::Group";
/// Where an identity holds policies of its own, and where it names those of others.
const INLINE: &[&str] = &["Policies[].PolicyDocument", "InlinePolicy"];
const MANAGED: &[&str] = &["ManagedPolicyArns[]", "ManagedPolicies[]"];

/// The resolver of `AWS::IAM::Role`, `AWS::IAM::User` and `AWS::IAM::Group`.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, role: &Resource<'t>) {
    let mut holders = draft.holders(role.address);
    holders.extend(draft.element(role.address));
    // What deploys may touch all that it deploys: its rights are judged, and no flow is drawn of each.
    let deployers = if holders.is_empty() { deployers::find(draft, role) } else { Vec::new() };
    let is_alone = holders.is_empty() && deployers.is_empty();
    // The rights of a group are those of its users.
    if is_alone && role.kind == GROUP && has_users(draft, role) {
        return;
    }
    let grants = grants(draft, role);
    let readings = readings(draft, role, &grants);
    for holder in holders {
        if !draft.spend(grants.statements.len(), role.span) {
            return;
        }
        // All that a pipe does stands in its properties: a right beside it is used by whatever else has the role.
        if draft.element_at(holder).service != "event_pipe" {
            grant_flows::add(draft, role, &grants, holder);
        }
        state(draft, role, &readings, holder);
        unheld_role::state_handed_out(draft, role, &grants, holder);
        handed_out::state(draft, role, &grants, holder);
        model_use::state(draft, &grants, holder, role.span);
    }
    for (host, name) in deployers {
        let pipeline = draft.external(Outsider::Pipeline { host, name }, role.span);
        state(draft, role, &readings, pipeline);
    }
    // Who acts with it is not told here: what it may do is judged all the same.
    if is_alone {
        let alone = draft.alone(role);
        state(draft, role, &readings, alone);
        let part = draft.part(alone, "iam_role", role.address, role.span);
        unheld_role::state(draft, role, &grants, part);
        foreign_reach::state(draft, role, &grants, part);
    }
}

/// The resolver of policies: one that is attached to nothing of the template is judged by itself.
pub(crate) fn resolve_policy<'t>(draft: &mut Draft<'t, '_>, policy: &Resource<'t>) {
    let attached = ["AWS::IAM::Role", "AWS::IAM::User", GROUP];
    let bears = |other: &Resource<'t>| attached.contains(&other.kind);
    let is_here = draft.owners(policy.address).any(bears) || draft.attached(policy.address).any(bears);
    if is_here && !attached.iter().any(|kind| draft.is_attached_elsewhere(policy.address, kind)) {
        return;
    }
    let Some(document) = policy.properties.get("PolicyDocument") else { return };
    let mut grants = Grants::default();
    grants.add_document(document);
    grants.take_off_denials();
    grants.settle(draft);
    let readings = readings(draft, policy, &grants);
    let alone = draft.alone(policy);
    let part = draft.part(alone, "iam_role", policy.address, policy.span);
    role_facts::state(draft, &readings, alone, part);
    unheld_role::state(draft, policy, &grants, part);
    foreign_reach::state(draft, policy, &grants, part);
}

/// The facts of a role, read once for all of its holders.
fn readings<'t>(draft: &Draft<'t, '_>, role: &Resource<'t>, grants: &Grants<'t>) -> Vec<(Fact, Arc<Reading>)> {
    role_facts::readings(draft, role, grants).into_iter().map(|(fact, reading)| (fact, Arc::new(reading))).collect()
}

/// The facts of the role, on its holder and on its part of it.
fn state<'t>(draft: &mut Draft<'t, '_>, role: &Resource<'t>, readings: &[(Fact, Arc<Reading>)], holder: ElementIndex) {
    let part = draft.part(holder, "iam_role", role.address, role.span);
    trust::state(draft, role, part);
    role_facts::state(draft, readings, holder, part);
    // Of what else holds a role its source means another thing: of a bus who sends.
    if draft.element_at(holder).service == "event_pipe"
        && let Some(reading) = trust::source_condition(draft, role)
    {
        draft.set_fact(holder, Fact::SourceCondition, reading);
    }
}

/// Everything that a role's policies grant.
pub(crate) fn grants<'t>(draft: &Draft<'t, '_>, role: &Resource<'t>) -> Grants<'t> {
    let mut grants = Grants::default();
    for identity in std::iter::once(role).chain(groups(draft, role)) {
        // A permission set of the identity centre spells the same in its own words.
        for policy in INLINE.iter().flat_map(|path| paths::find(&identity.properties, path)) {
            grants.add_document(&policy);
        }
        for attached in MANAGED.iter().flat_map(|path| paths::find(&identity.properties, path)) {
            grants.attach(draft, &attached);
        }
        for document in draft.attached(identity.address).filter_map(|policy| policy.properties.get("PolicyDocument")) {
            grants.add_document(document);
        }
    }
    grants.take_off_denials();
    Boundary::of(draft, role).hold(&mut grants);
    grants.settle(draft);
    if grants.managed.iter().any(|(policy, _)| matches!(policy.purpose, Purpose::Service(_))) {
        grants.service = trust::only_service(role);
    }
    grants
}

/// Whether a user of the template is in a group.
fn has_users(draft: &Draft<'_, '_>, group: &Resource<'_>) -> bool {
    let is_user = |other: &Resource<'_>| other.kind == "AWS::IAM::User";
    draft.attached(group.address).any(|other| is_user(other) || draft.owners(other.address).any(is_user))
}

/// The groups that a user is in, by what the user says or by what adds the user to one; each once.
fn groups<'t, 's>(draft: &Draft<'t, 's>, user: &Resource<'t>) -> Vec<&'s Resource<'t>> {
    let additions = draft.attached(user.address).filter_map(|addition| addition.properties.get("GroupName").copied());
    let own = paths::find(&user.properties, "Groups[]").into_iter();
    let targets = own.chain(additions).flat_map(|named| draft.targets(&named));
    let mut groups: Vec<&'s Resource<'t>> = Vec::new();
    for target in targets {
        let Target::Resource(reference) = target else { continue };
        let group = draft.resource(reference.address).filter(|resource| resource.kind == GROUP);
        groups.extend(group.filter(|group| groups.iter().all(|known| known.address != group.address)));
    }
    groups
}

impl<'t> Grants<'t> {
    /// Takes what is denied off what is allowed, once all documents are there.
    pub(crate) fn take_off_denials(&mut self) {
        self.denials = identity_denial::take_off(&mut self.statements);
    }

    /// Says what all of the statements together and the resources that they name make of each of them.
    fn settle(&mut self, draft: &Draft<'t, '_>) {
        tags::free(&mut self.statements);
        self.statements.iter_mut().for_each(|statement| statement.services = one_service::of(draft, statement));
    }

    /// Notes what cannot be told: the first of it, but that which the provider keeps only where there is nothing else.
    fn hide(&mut self, mut untold: Untold) {
        if let Some(known) = &mut self.untold {
            let all = known.names.take().zip(untold.names.take()).map(|(mut names, more)| {
                names.extend(more);
                names
            });
            (known.names, untold.names) = (all.clone(), all);
        }
        if self.untold.as_ref().is_none_or(|known| (known.is_elsewhere && !untold.is_elsewhere) || (known.reads_only && !untold.reads_only))
        {
            self.untold = Some(untold);
        }
    }

    fn add_document(&mut self, document: &Property<'t>) {
        let statements = policy_document::read(document);
        if let Some(reason) = statements.iter().find_map(|statement| statement.unresolved.clone()) {
            self.hide(Untold {
                reason,
                span: document.span,
                is_elsewhere: false,
                reads_only: false,
                names: policy_document::name(document),
            });
        }
        self.statements.extend(statements);
    }

    pub(crate) fn attach(&mut self, draft: &Draft<'t, '_>, attached: &Property<'t>) {
        if let Value::Reference(reference) = attached.value {
            // A policy of the template that also lists the role itself would count twice; that is harmless.
            if let Some(document) = draft.resource(reference.address).and_then(|policy| policy.properties.get("PolicyDocument")) {
                self.add_document(document);
                return;
            }
        }
        let written = canonical(attached);
        let arn = written.as_deref().and_then(Arn::parse);
        // An account may give a policy of its own the name of one of the provider's.
        let is_own = arn.as_ref().is_some_and(|arn| !arn.is_of_provider());
        let name = written.as_deref().and_then(|text| text.rsplit('/').next());
        let here = name.filter(|_| is_own).and_then(|name| draft.find_of_kind(name, Some("AWS::IAM::ManagedPolicy")));
        if let Some(document) = here.and_then(|position| draft.resources()[at(position)].properties.get("PolicyDocument")) {
            return self.add_document(document);
        }
        let text = written.as_deref().filter(|text| !text.contains("${"));
        let name = text.and_then(|text| text.rsplit('/').next());
        match name.filter(|_| !is_own).and_then(managed_policies::find) {
            Some(policy) => self.managed.push((policy, attached.span)),
            None => {
                let reason =
                    name.map_or_else(|| attached.unresolved().unwrap_or_default(), |name| format!("the policy `{name}` is not known here"));
                // Of the provider's own those that make an administrator are known here: another is none, whatever else it is. By name alone
                // the SAM transform takes the provider's, and no others.
                let of_provider = text.is_some_and(|text| text.contains(":iam::aws:policy/") || !text.contains(':'));
                let reads_only = of_provider && name.is_some_and(|name| name.contains("ReadOnly"));
                let names = written.as_deref().filter(|text| !text.contains("${?}")).map(|text| vec![text.to_owned()]);
                self.hide(Untold { reason, span: attached.span, is_elsewhere: of_provider, reads_only, names });
            }
        }
    }

    /// The actions of a statement that are not denied wherever it reaches.
    pub(crate) fn of<'a>(&'a self, statement: &'a Statement<'t>) -> impl Iterator<Item = Grant<'a>> {
        actions(statement).map(|grant| Grant { denials: &self.denials, ..grant }).filter(|grant| !grant.is_denied(grant.action))
    }

    /// Every action that is granted on everything, or on all resources of a kind, by statements of the template.
    pub(crate) fn on_everything(&self) -> impl Iterator<Item = Grant<'_>> {
        let statements = self.statements.iter().filter(|statement| statement.is_at_large());
        statements.flat_map(|statement| self.of(statement).filter(|grant| statement.is_at_large_for(grant.action)))
    }

    /// Every action that is granted at all, managed policies included.
    pub(crate) fn all(&self) -> impl Iterator<Item = Grant<'_>> {
        let managed = self.managed.iter().flat_map(|(policy, span)| self.of_managed(policy, *span));
        self.statements.iter().flat_map(|statement| self.of(statement)).chain(managed)
    }

    /// The actions of broad managed policies, which are granted on everything.
    pub(crate) fn broadly_managed(&self) -> impl Iterator<Item = Grant<'_>> {
        let widens = |policy: &ManagedPolicy| match policy.purpose {
            Purpose::Broad => true,
            Purpose::Execution => false,
            Purpose::Service(service) => self.service != Some(service),
        };
        let broad = self.managed.iter().filter(move |(policy, _)| widens(policy));
        broad.flat_map(|(policy, span)| self.of_managed(policy, *span))
    }

    /// What a policy of the provider grants, and the template's policies do not deny.
    pub(crate) fn of_managed(&self, policy: &'static ManagedPolicy, span: Span) -> impl Iterator<Item = Grant<'_>> {
        let grant = move |action| Grant { action, span, source: Source::Managed(policy.name), denials: &self.denials };
        policy.allows.iter().map(move |action| grant(*action)).filter(|grant| !grant.is_denied(grant.action))
    }
}

impl Grant<'_> {
    /// Whether it grants an action, somewhere at least.
    pub(crate) fn covers(&self, action: &str) -> bool {
        actions::covers(self.action, action) && self.reaches(action) && !self.is_denied(action)
    }

    /// Whether what it reaches takes an action: of what is all of a few services, theirs alone.
    fn reaches(&self, action: &str) -> bool {
        let Source::Statement(Statement { services, .. }) = self.source else { return true };
        services.is_empty() || services.iter().any(|service| actions::split(action).0 == service)
    }

    /// The resources that it reaches: of a service that takes its own alone, those.
    pub(crate) fn reached_resources(&self) -> Vec<String> {
        let service = actions::split(self.action).0;
        let mut reached = self.source.reached_resources();
        if actions::takes_its_own_alone(service) {
            reached
                .retain(|resource| Arn::parse(resource).is_none_or(|arn| arn.service == service || arn.service.contains(['*', '?', '$'])));
        }
        reached
    }

    /// The classes of access that it grants to one resource, given as a policy would name it.
    pub(crate) fn access_to(&self, resource: &str) -> Vec<Access> {
        if self.denials.is_empty() {
            return actions::access(self.action);
        }
        actions::access_without(self.action, &|action| self.is_denied_on(action, resource))
    }

    /// Whether an action is denied wherever it is granted.
    fn is_denied(&self, action: &str) -> bool {
        if self.denials.is_empty() {
            return false;
        }
        match self.source {
            Source::Statement(Statement { resources: Scope::Only(resources), .. }) if !resources.is_empty() => {
                resources.iter().all(|resource| canonical(resource).is_some_and(|resource| self.is_denied_on(action, &resource)))
            }
            Source::Statement(_) | Source::Managed(_) => self.is_denied_on(action, "*"),
        }
    }

    fn is_denied_on(&self, action: &str, resource: &str) -> bool {
        self.denials.iter().any(|denial| denial.covers(action, resource))
    }
}

/// The actions of a statement; all but some are all.
pub(crate) fn actions<'a>(statement: &'a Statement<'_>) -> impl Iterator<Item = Grant<'a>> {
    let (named, all): (&[&str], &[&str]) = match &statement.actions {
        Scope::Only(named) => (named, &[]),
        Scope::AllBut(_) => (&[], &["*"]),
    };
    let grant = |action| Grant { action, span: statement.span, source: Source::Statement(statement), denials: &[] };
    named.iter().chain(all).map(move |action| grant(*action))
}
