//! Conditions of what policies allow: a condition that goes, or takes other values besides, lets more through by
//! a statement that stands where it stood. And the identities of the unit that it lets in.
//!
//! Comes in: a resource with such a policy. Goes out: for each principal, action and resource the conditions under which they are allowed, in
//! all combinations of their values. Whom a condition names is asked about by rules; that it names somebody counts here, and not whom. Of a trust
//! policy another fact says how many conditions there are: there each counts by its values alone.

use crate::catalog::aws::policy_document::{self, Condition, ConditionKey, Effect, Principal, Scope, Statement};
use crate::catalog::aws::resource_policy;
use crate::catalog::governed;
use crate::catalog::names::canonical;
use crate::catalog::paths;
use crate::catalog::unweighed::Collector;
use crate::model::limit::{Limit, OF_THE_UNIT, Way};
use crate::model::resource::{Property, Resource, Value};
use crate::model::unweighed::Kind;

const ROLE: (&str, &str) = ("AWS::IAM::Role", "AssumeRolePolicyDocument");
/// Types whose policies have resolvers of their own, and where they stand.
const OTHERS: [(&str, &str); 12] = [
    ("AWS::IAM::Group", "Policies[].PolicyDocument"),
    ("AWS::IAM::GroupPolicy", "PolicyDocument"),
    ("AWS::IAM::ManagedPolicy", "PolicyDocument"),
    ("AWS::IAM::Policy", "PolicyDocument"),
    ROLE,
    ("AWS::IAM::Role", "Policies[].PolicyDocument"),
    ("AWS::IAM::RolePolicy", "PolicyDocument"),
    ("AWS::IAM::User", "Policies[].PolicyDocument"),
    ("AWS::IAM::UserPolicy", "PolicyDocument"),
    ("AWS::KMS::Key", "KeyPolicy"),
    ("AWS::KMS::ReplicaKey", "KeyPolicy"),
    ("AWS::S3::AccessPoint", "Policy"),
];
/// Most combinations that are told apart for one statement: of more, values count together.
const MOST_COMBINATIONS: usize = 64;
/// Most pairs of an action and a resource of one statement that are told apart.
const MOST_PAIRS: usize = 16;
const TOLD_AS: &str = "conditions for";
/// The same where whoever bears the policy is meant.
const OF_RIGHTS: &str = "conditions of rights";
/// What a principal is told as that is a resource of the unit, before the first action that it is allowed.
const PRINCIPAL: &str = "principal of";
/// Stands for whoever is named.
const SOMEBODY: &str = "somebody";

pub(super) fn collect<'t>(collector: &mut Collector<'_, 't, '_>, resource: &Resource<'t>) {
    let others = OTHERS.iter().filter(|(kind, _)| *kind == resource.kind);
    let others = others.flat_map(|(_, path)| paths::find(&resource.properties, path).into_iter().map(|document| (*path, document)));
    let written = resource_policy::written(resource).map(|(path, document)| (path, *document));
    for (name, document) in written.chain(others) {
        let statements = match name {
            "Statement" => policy_document::read_statement(&document),
            _ => policy_document::read(&document),
        };
        for statement in statements.iter().filter(|statement| statement.effect == Effect::Allow && statement.unresolved.is_none()) {
            add(collector, resource, statement, name == ROLE.1);
            own_principals(collector, resource, statement);
        }
    }
}

fn add<'t>(collector: &mut Collector<'_, 't, '_>, resource: &Resource<'t>, statement: &Statement<'t>, is_trust: bool) {
    // The name by which a service of the provider comes is one that the template gives it.
    let is_of_services =
        !statement.principals.is_empty() && statement.principals.iter().all(|principal| matches!(principal, Principal::Service(_)));
    let is_own_name = |condition: &Condition<'t>| is_of_services && condition.key == ConditionKey::ExternalId;
    let conditions: Vec<&Condition<'t>> =
        statement.conditions.iter().filter(|condition| holds_back(condition) && !is_own_name(condition)).collect();
    let ways = if is_trust { each_alone(collector, &conditions) } else { together(collector, &conditions, pairs(statement)) };
    // Everybody under no condition that holds callers to anything is a threat, or was one; an API asks for more than its policy.
    let is_api = resource.kind == "AWS::ApiGateway::RestApi";
    let named = statement.principals.iter().filter_map(who).filter(|who| who != "*" || is_api || statement.restricts_callers());
    let mut told_as: Vec<String> = named.map(|who| format!("{TOLD_AS} {who}")).collect();
    if statement.principals.is_empty() {
        told_as.push(OF_RIGHTS.to_owned());
    }
    for path in told_as {
        for way in &ways {
            if !collector.draft.spend(1, statement.span) {
                return;
            }
            collector.add_way(resource, &path, way.clone(), statement.span);
        }
    }
}

/// Who of the same unit is let in: whoever is named by an id or an account is a party of the model, and these are none.
fn own_principals<'t>(collector: &mut Collector<'_, 't, '_>, resource: &Resource<'t>, statement: &Statement<'t>) {
    let actions = statement.reached_actions();
    let path = format!("{PRINCIPAL} {}", actions.iter().min().map_or("a statement", String::as_str));
    for principal in &statement.principals {
        if let Principal::Identity(value) = principal
            && let Some(reference) = value.reference()
        {
            if !collector.draft.spend(1, value.span) {
                return;
            }
            collector.add_text(resource, (Kind::Arrival, &path), reference.address, value.span);
        }
    }
}

fn who(principal: &Principal<'_>) -> Option<String> {
    match principal {
        Principal::Everyone => Some("*".to_owned()),
        Principal::Service(name) => Some((*name).to_owned()),
        Principal::Identity(value) | Principal::Federated(value) | Principal::CanonicalUser(value) | Principal::Unknown(value) => {
            canonical(value)
        }
    }
}

/// Each action with each resource; all of them as one where there are too many.
fn pairs(statement: &Statement<'_>) -> Vec<String> {
    let resources = match &statement.resources {
        Scope::Only(named) if named.is_empty() => vec![String::new()],
        _ => statement.reached_resources(),
    };
    let actions = statement.reached_actions();
    if actions.len() * resources.len() > MOST_PAIRS {
        return vec![format!("{} on {}", actions.join(", "), resources.join(", "))];
    }
    actions.iter().flat_map(|action| resources.iter().map(move |resource| format!("{action} on {resource}"))).collect()
}

/// Whether a condition holds back anybody: one that is true where its key is missing does not.
fn holds_back(condition: &Condition<'_>) -> bool {
    let operator = condition.operator.to_ascii_lowercase();
    let is_vacuous = operator.ends_with("ifexists") || operator.starts_with("forallvalues:") || operator == "null";
    !is_vacuous && condition.texts().all(|text| text != "*")
}

fn each_alone<'t>(collector: &Collector<'_, 't, '_>, conditions: &[&Condition<'t>]) -> Vec<Way> {
    let of_condition = |condition: &&Condition<'t>| {
        let what = of(condition);
        let limits = limits(collector, condition).into_iter();
        limits.map(|limits| Way { what: what.clone(), limits }).collect::<Vec<_>>()
    };
    conditions.iter().flat_map(of_condition).collect()
}

/// Of each condition one value, in all combinations.
fn together<'t>(collector: &Collector<'_, 't, '_>, conditions: &[&Condition<'t>], pairs: Vec<String>) -> Vec<Way> {
    let mut all: Vec<Vec<Limit>> = vec![Vec::new()];
    for condition in conditions {
        let mut ways = limits(collector, condition);
        if ways.is_empty() {
            continue;
        }
        if all.len() * ways.len() > MOST_COMBINATIONS {
            let texts: Vec<String> = ways.into_iter().flatten().map(|limit| limit.to).collect();
            ways = vec![vec![Limit::new(of(condition), texts.join(", "))]];
        }
        let with = |way: &Vec<Limit>| all.iter().map(|limits| limits.iter().chain(way).cloned().collect()).collect::<Vec<Vec<Limit>>>();
        all = ways.iter().flat_map(with).collect();
    }
    let of_pair = |what: &String| all.iter().map(|limits| Way { what: what.clone(), limits: limits.clone() }).collect::<Vec<_>>();
    pairs.iter().flat_map(of_pair).collect()
}

/// What a condition asks for: its key, and how it compares, whatever spelling of the same that is.
fn of(condition: &Condition<'_>) -> String {
    let operator = condition.operator.to_ascii_lowercase();
    let operator = operator.strip_prefix("foranyvalue:").unwrap_or(&operator);
    let compares = match operator {
        "stringequals" | "stringequalsignorecase" | "stringlike" | "arnequals" | "arnlike" => "text",
        "stringnotequals" | "stringnotequalsignorecase" | "stringnotlike" | "arnnotequals" | "arnnotlike" => "other text",
        other => other,
    };
    format!("{:?} {compares}", condition.key)
}

/// What a condition holds callers to: one of its values, or none of them all together.
fn limits<'t>(collector: &Collector<'_, 't, '_>, condition: &Condition<'t>) -> Vec<Vec<Limit>> {
    let of = of(condition);
    let mut values: Vec<String> = condition.values.iter().filter_map(|value| to(collector, condition.key, value)).collect();
    values.sort_unstable();
    values.dedup();
    if condition.operator.to_ascii_lowercase().contains("not") {
        return vec![values.into_iter().map(|value| Limit::excluding(of.as_str(), value)).collect()];
    }
    values.into_iter().map(|value| vec![Limit::new(of.as_str(), value)]).collect()
}

fn to<'t>(collector: &Collector<'_, 't, '_>, key: ConditionKey, value: &Property<'t>) -> Option<String> {
    match (key, value.value) {
        (ConditionKey::Organization | ConditionKey::SourceAccount | ConditionKey::OidcSubject, _) => Some(SOMEBODY.to_owned()),
        (_, Value::Bool(flag)) => Some(flag.to_string()),
        (_, Value::Text(_)) => canonical(value),
        _ if governed::is_here(collector.draft, value) => Some(OF_THE_UNIT.to_owned()),
        _ => canonical(value),
    }
}
