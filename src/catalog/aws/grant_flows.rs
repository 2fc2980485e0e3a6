//! Grants become flows: who may read, write, invoke or publish what.
//!
//! Comes in: the grants of one holder. Goes out: one flow for each target and means. Logging, keys and names give none.

use crate::catalog::aws::actions::{self, Access};
use crate::catalog::aws::iam::{Grant, Grants, Source};
use crate::catalog::aws::managed_policies::{self, ManagedPolicy};
use crate::catalog::aws::policy_document::{self, Scope, Statement};
use crate::catalog::aws::role_facts;
use crate::catalog::draft::outsider::Outsider;
use crate::catalog::draft::{Draft, ElementIndex, FlowDraft};
use crate::catalog::names::{Arn, canonical};
use crate::catalog::targets::Target;
use crate::model::cause::CauseKind;
use crate::model::fact::{Fact, Reading, Share, Value as Answer, Word};
use crate::model::resource::{Property, Resource};
use crate::model::{Basis, ElementKind, FlowKind, Means, Rank};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a holder may do to one element, and what says so.
#[derive(Debug)]
struct Reach<'a> {
    access: Vec<Access>,
    scope: Word,
    /// The first grant.
    span: Span,
    /// Each grant that reaches this far.
    widest: Vec<Grant<'a>>,
}

type Reaches<'a> = BTreeMap<(ElementIndex, Basis), Reach<'a>>;

/// Puts the flows of a holder's grants into the draft.
pub(crate) fn add<'t>(draft: &mut Draft<'t, '_>, role: &Resource<'t>, grants: &Grants<'t>, holder: ElementIndex) {
    let mut reaches = Reaches::new();
    let known = Known::of(draft, holder);
    for statement in &grants.statements {
        if !draft.spend(1, statement.span) {
            return;
        }
        let named = name_targets(draft, grants, statement, &mut reaches);
        if statement.on_everything {
            for grant in grants.of(statement) {
                let (service, _) = actions::split(grant.action);
                // Beside one that is named, all others of a kind are no system of their own.
                if !named.contains(service) && !draft.says_what_it_calls(holder, service) {
                    reach_everything(draft, grant, Basis::Wildcard, &known, &mut reaches);
                }
            }
        }
    }
    for grant in grants.broadly_managed() {
        reach_everything(draft, grant, Basis::ManagedPolicy, &known, &mut reaches);
    }
    for ((target, basis), reach) in reaches {
        if target != holder {
            add_flows(draft, role, holder, (target, basis), &reach);
        }
    }
}

/// The elements that a holder is known to use, by the service of their ARN: what its environment names and its definition calls.
struct Known {
    used: Vec<(&'static str, ElementIndex)>,
    /// Services of which a definition or a property already says what is called.
    defined: Vec<&'static str>,
    /// What delivers events to it, and the APIs that call it.
    delivering: Vec<(&'static str, ElementIndex)>,
}

impl Known {
    fn of(draft: &Draft<'_, '_>, holder: ElementIndex) -> Self {
        let service = |element: ElementIndex| arn_service(draft, element);
        let used = draft.evidence(holder).filter_map(|(element, _)| Some((service(element)?, element))).collect();
        let called = draft.leaving(holder).filter(|(_, means)| *means != Means::DeadLetter).map(|(to, _)| to);
        let defined = called.filter_map(service).collect();
        let is_api = |element: &ElementIndex| service(*element) == Some("execute-api");
        let sources = draft.delivering(holder).chain(draft.reaching(holder).filter(is_api));
        let delivering = sources.filter_map(|element| Some((service(element)?, element))).collect();
        Self { used, defined, delivering }
    }
}

fn arn_service(draft: &Draft<'_, '_>, element: ElementIndex) -> Option<&'static str> {
    let entry = draft.entry(&draft.element_at(element).address)?;
    Some(entry.arn).filter(|service| !service.is_empty())
}

/// A statement that names resources: each of them is reached by the actions of its service. The services of which it names one.
fn name_targets<'t, 'a>(
    draft: &mut Draft<'t, '_>,
    grants: &'a Grants<'t>,
    statement: &'a Statement<'t>,
    reaches: &mut Reaches<'a>,
) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    let Scope::Only(resources) = &statement.resources else { return named };
    // Who names a cluster beside its topics and groups names it once.
    let whole = resources.iter().any(|resource| !is_within_cluster(resource));
    for resource in resources.iter().filter(|resource| !(whole && is_within_cluster(resource))) {
        let targets: Vec<_> = draft.targets(resource).into_iter().flat_map(|target| with_beginning(draft, target)).collect();
        for target in targets {
            named.extend(name_target(draft, (grants, statement), (&target, resource), reaches));
        }
    }
    named
}

/// Of `queue/orders-*` the queues of the unit whose names begin so, if it has any; else what it was.
fn with_beginning<'t>(draft: &Draft<'t, '_>, target: Target<'t>) -> Vec<Target<'t>> {
    let named = match &target {
        Target::Arn(arn) => draft.find_by_beginning(arn),
        Target::Resource(_) | Target::External(_) | Target::Name(_) | Target::Wildcard | Target::Unknown(_) => Vec::new(),
    };
    if named.is_empty() { vec![target] } else { named.into_iter().map(Target::Resource).collect() }
}

/// Whether a resource is a topic, a consumer group or a transaction of a Kafka cluster.
fn is_within_cluster(resource: &Property<'_>) -> bool {
    let arn = canonical(resource).and_then(|text| Arn::parse(&text));
    let within = |arn: Arn| arn.service == "kafka" && !arn.resource.starts_with("cluster/");
    arn.is_some_and(within)
}

/// One target of a statement; the services whose actions reach it.
fn name_target<'t, 'a>(
    draft: &mut Draft<'t, '_>,
    (grants, statement): (&'a Grants<'t>, &'a Statement<'t>),
    (target, resource): (&Target<'t>, &Property<'t>),
    reaches: &mut Reaches<'a>,
) -> BTreeSet<String> {
    let span = resource.span;
    let written = canonical(resource).unwrap_or_default();
    let mut named = BTreeSet::new();
    let service = match target {
        Target::Resource(reference) => draft.entry(reference.address).map(|entry| entry.arn.to_owned()),
        Target::Arn(arn) => Some(arn.service.clone()),
        // What a parameter carries may stand in an ARN that says of which service it is.
        Target::External(_) | Target::Name(_) => Arn::parse(&written).map(|arn| arn.service),
        Target::Wildcard | Target::Unknown(_) => return named,
    };
    let service = service.filter(|service| !service.is_empty() && !service.contains(['$', '*']));
    let is_carried = matches!(target, Target::External(_) | Target::Name(_));
    for grant in grants.of(statement) {
        let (acting, _) = actions::split(grant.action);
        // Whoever takes on a role of another account does there what its owner lets it.
        if let (Some(account), "sts") = (account_of_role(target), acting) {
            let end = draft.external(Outsider::Account(account), span);
            put(reaches, (end, Basis::Policy), &[Access::Invoke], Word::Scoped, grant);
            continue;
        }
        let of_another = |service: &str| service != acting && service != actions::keeper(acting);
        if acting != "*" && service.as_deref().is_some_and(of_another) {
            continue;
        }
        // What a parameter carries is what the action is about: a role that may be passed is no end of a flow.
        if is_carried && is_machinery(acting) {
            continue;
        }
        let mut access = flowing(grant, &written);
        // A log group of the template is written to by whoever may: a function's own group is only the commonest case.
        if acting == "logs" && matches!(target, Target::Resource(_)) && actions::access(grant.action).contains(&Access::Log) {
            access.push(Access::Log);
        }
        if access.is_empty() {
            continue;
        }
        let Some(end) = end(draft, target, span) else { return named };
        let reached = if policy_document::leaves_name_open(resource) { Word::Wide } else { Word::Scoped };
        put(reaches, (end, Basis::Policy), &access, reached.max_scope(role_facts::breadth(grant.action)), grant);
        named.insert(acting.to_owned());
    }
    named
}

/// The number of the account whose role an ARN names.
fn account_of_role<'a>(target: &'a Target<'_>) -> Option<&'a str> {
    match target {
        Target::Arn(arn) if arn.service == "iam" && arn.resource.starts_with("role/") => arn.literal_account(),
        _ => None,
    }
}

/// The element of a named target. Services used by name stand for whatever ARN a statement gives of them.
fn end<'t>(draft: &mut Draft<'t, '_>, target: &Target<'t>, span: Span) -> Option<ElementIndex> {
    match target {
        // A schedule is made as it is needed.
        Target::Arn(Arn { service, .. }) if actions::is_used_by_name(service) || service == "scheduler" => {
            Some(draft.external(Outsider::Service(service), span))
        }
        // Logs, network interfaces and roles are nothing that data flows to, and a rule is how an event flows.
        Target::Arn(Arn { service, .. }) if is_machinery(service) => None,
        Target::Arn(Arn { service, resource, .. }) if service == "events" && resource.starts_with("rule/") => None,
        // The catalogue itself stands beside each of its databases and tables that a statement is about.
        Target::Arn(Arn { service, resource, .. }) if service == "glue" && resource == "catalog" => None,
        _ => draft.end(target, span),
    }
}

fn is_machinery(service: &str) -> bool {
    matches!(service, "logs" | "ec2" | "iam" | "kms" | "ecr" | "cloudwatch")
}

/// A grant on `*`: certain where the environment names a target of the service, otherwise the service itself.
fn reach_everything<'a>(draft: &mut Draft<'_, '_>, grant: Grant<'a>, basis: Basis, known: &Known, reaches: &mut Reaches<'a>) {
    let (service, _) = actions::split(grant.action);
    let access = flowing(grant, "*");
    // What an event source mapping does with the right to receive is the event flow itself: `sqs:*` says no more than that. Whoever may
    // read and write besides, as `dynamodb:*` lets whoever is called by a stream, may use other tables.
    let is_polling = access.contains(&Access::Receive)
        && !access.iter().any(|access| matches!(access, Access::Read | Access::Write))
        && known.delivering.iter().any(|(delivering, _)| *delivering == service);
    if access.is_empty() || is_polling {
        return;
    }
    let scope = match service {
        "*" => Word::Admin,
        // It takes no resource that could be named.
        _ if actions::is_harmless_on_everything(grant.action) || actions::reads_logs(grant.action) => Word::Wide,
        _ => Word::WildcardResource.max_scope(role_facts::breadth(grant.action)),
    };
    let mut certain = false;
    for (_, element) in known.used.iter().filter(|(used, _)| service == "*" || *used == service) {
        let whole = format!("${{{}.Arn}}", draft.element_at(*element).address);
        put(reaches, (*element, Basis::Environment), &flowing(grant, &whole), scope, grant);
        certain = true;
    }
    // The event of a bucket names an object in it, the call of an API its connection: whoever may use any of them uses that one.
    let answers = matches!(service, "s3" | "execute-api");
    for (_, source) in known.delivering.iter().filter(|(delivering, _)| answers && *delivering == service) {
        put(reaches, (*source, basis), &access, scope, grant);
        certain = true;
    }
    if certain || service == "*" || known.defined.contains(&service) || access == [Access::Configure] {
        return;
    }
    let outsider = if service == "events" { Outsider::DefaultBus } else { Outsider::Service(service) };
    let end = draft.external(outsider, grant.span);
    put(reaches, (end, basis), &access, scope, grant);
}

/// The classes of access to a resource that are flows of their own: configuring counts only where there is no other.
fn flowing(grant: Grant<'_>, resource: &str) -> Vec<Access> {
    let mut access = match grant.action {
        "*" => vec![Access::Read, Access::Write],
        _ => grant.access_to(resource),
    };
    access.retain(|access| !matches!(access, Access::Log | Access::Describe));
    access
}

/// Scopes from the narrowest to the widest.
trait Scoped {
    fn max_scope(self, other: Self) -> Self;
}

impl Scoped for Word {
    fn max_scope(self, other: Self) -> Self {
        if role_facts::width(other) > role_facts::width(self) { other } else { self }
    }
}

fn put<'a>(reaches: &mut Reaches<'a>, end: (ElementIndex, Basis), access: &[Access], scope: Word, grant: Grant<'a>) {
    let reach = reaches.entry(end).or_insert_with(|| Reach { access: Vec::new(), scope, span: grant.span, widest: Vec::new() });
    reach.access.extend_from_slice(access);
    reach.access.sort_unstable();
    reach.access.dedup();
    if role_facts::width(scope) > role_facts::width(reach.scope) {
        reach.scope = scope;
        reach.widest.clear();
    }
    if role_facts::width(scope) == role_facts::width(reach.scope) {
        reach.widest.push(grant);
    }
}

fn add_flows<'t>(
    draft: &mut Draft<'t, '_>,
    role: &Resource<'t>,
    holder: ElementIndex,
    (target, basis): (ElementIndex, Basis),
    reach: &Reach<'_>,
) {
    let polled = draft.has_event(target, holder);
    let delivers = draft.has_event(holder, target) || draft.find_flow(holder, target, Means::DeadLetter).is_some();
    let configures_alone = reach.access == [Access::Configure];
    for access in told(draft, target, &reach.access) {
        let means = match access {
            Access::Read => Means::Read,
            Access::Write => Means::Write,
            // What a pipe, a destination or a dead-letter configuration does with the right to deliver is the flow that is there.
            Access::Invoke | Access::Publish if delivers => continue,
            Access::Invoke => Means::Invoke,
            Access::Publish => Means::Publish,
            // What an event source mapping does with the right to receive is the event flow itself.
            Access::Receive if !polled => Means::Read,
            Access::Configure if configures_alone => Means::Configure,
            Access::Log => Means::Log,
            Access::Receive | Access::Configure | Access::Describe => continue,
        };
        let mut flow = FlowDraft::new(holder, target, means, basis, reach.span).via(via(basis));
        // The environment variable makes the target of the grant certain: that is more than a variable alone.
        if basis == Basis::Environment {
            flow.rank = Rank::First;
        }
        if access == Access::Receive {
            flow.kind = FlowKind::Poll;
        }
        let flow = draft.flow(flow);
        let Some(fact) = scope_fact(means) else { continue };
        let scope = if only_watch(&reach.widest) { Word::Wide } else { reach.scope };
        let reading = Arc::new(scope_reading(draft, role, (access, scope), reach));
        note_store_scope(draft, target, fact, &reading, scope);
        draft.set_flow_fact(flow, fact, reading);
    }
}

/// Of a service as a whole one kind of use is told: what a wildcard lets a holder do with it besides is in its scope.
fn told(draft: &Draft<'_, '_>, target: ElementIndex, access: &[Access]) -> Vec<Access> {
    let element = draft.element_at(target);
    let whole = element.kind == ElementKind::ExternalEntity && element.service == "any";
    let leading = [Access::Publish, Access::Invoke].into_iter().find(|leading| whole && access.contains(leading));
    leading.map_or_else(|| access.to_vec(), |leading| vec![leading])
}

fn via(basis: Basis) -> &'static str {
    match basis {
        Basis::Wildcard => "wildcard policy",
        Basis::ManagedPolicy => "managed policy",
        Basis::Environment => "environment variable and wildcard policy",
        Basis::Property
        | Basis::Definition
        | Basis::Connector
        | Basis::Policy
        | Basis::SharedRole
        | Basis::EqualName
        | Basis::Network
        | Basis::Permission
        | Basis::Script
        | Basis::Stated => "policy",
    }
}

fn scope_fact(means: Means) -> Option<Fact> {
    match means {
        Means::Read => Some(Fact::ReaderScope),
        Means::Write | Means::Publish => Some(Fact::WriterScope),
        Means::Invoke
        | Means::Event
        | Means::ReadWrite
        | Means::Access
        | Means::DeadLetter
        | Means::Log
        | Means::Authenticate
        | Means::Network
        | Means::Replicate
        | Means::Configure => None,
    }
}

/// Whether all of it rests on policies of the provider's own that show how things run. That they are wide is said of who holds them.
fn only_watch(grants: &[Grant<'_>]) -> bool {
    let watches = |grant: &Grant<'_>| match grant.source {
        Source::Managed(name) => managed_policies::find(name).is_some_and(ManagedPolicy::only_watches),
        Source::Statement(_) => false,
    };
    !grants.is_empty() && grants.iter().all(watches)
}

/// How far the grants reach that are used so, each statement with its share.
fn scope_reading<'t>(draft: &Draft<'t, '_>, role: &Resource<'t>, (access, scope): (Access, Word), reach: &Reach<'_>) -> Reading {
    let mut shares: Vec<Share> = Vec::new();
    let mut last: Option<Span> = None;
    for grant in reach.widest.iter().filter(|grant| flowing(**grant, "*").contains(&access)) {
        // The actions of one statement follow each other, and share one meaning.
        if last.replace(grant.span) == Some(grant.span) {
            continue;
        }
        let cause = draft.cause(CauseKind::Statement, grant.span, role, grant.source.meaning());
        let share = draft.share(cause, Answer::Word(scope), None, grant.span);
        shares.push(Share { reach: grant.source.reached_resources(), ..share });
    }
    Reading::word(scope, draft.stated(reach.span)).shared(shares)
}

/// The worst grant counts on the store itself.
fn note_store_scope(draft: &mut Draft<'_, '_>, store: ElementIndex, fact: Fact, reading: &Arc<Reading>, scope: Word) {
    let known = match draft.element_at(store).facts.value(fact) {
        Some(Answer::Word(word)) => role_facts::width(*word),
        _ => 0,
    };
    if role_facts::width(scope) > known {
        draft.set_fact(store, fact, Arc::clone(reading));
    }
}
