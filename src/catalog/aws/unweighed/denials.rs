//! Statements that deny: each is a guard of its own, and one that denies less than it did is told as a guard that is weakened.
//!
//! Comes in: a resource with policies anywhere in its properties. Goes out: of each such statement what it closes to whom, on what and when, in
//! all combinations, so that a statement that is written otherwise is told from one that denies less.
//! Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>.

use crate::catalog::draft::Draft;
use crate::catalog::names::canonical;
use crate::catalog::paths;
use crate::catalog::unweighed::Collector;
use crate::model::limit::{Limit, Way};
use crate::model::resource::{Entry, Property, Resource, Value};
use crate::model::unweighed::Kind;

/// What is attached to identities: what it denies is denied to them, wherever it is written.
const POLICIES: [&str; 5] =
    ["AWS::IAM::GroupPolicy", "AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::UserPolicy"];
/// Where such a policy names to whom it is given.
const GIVEN_TO: [&str; 6] = ["GroupName", "Groups[]", "RoleName", "Roles[]", "UserName", "Users[]"];
/// What a statement that denies is called.
const DENIAL: &str = "Deny";
/// How deep the statements of a policy lie.
const DEEPEST_STATEMENT: u32 = 8;
/// Most combinations that are told apart for one statement: of more, values count together.
const MOST_COMBINATIONS: usize = 64;
/// The parts of a statement that it names one by one, and what leaves out those that it names.
const PARTS: [(&str, &str); 2] = [("Action", "NotAction"), ("Resource", "NotResource")];

/// Adds the statements of a resource that deny. What they close is told where they are there in every case.
pub(in crate::catalog) fn denials<'t>(collector: &mut Collector<'_, 't, '_>, resource: &Resource<'t>, in_every_case: bool) {
    walk(collector, (resource, in_every_case), &resource.properties, 0);
}

fn walk<'t>(collector: &mut Collector<'_, 't, '_>, resource: (&Resource<'t>, bool), value: &Property<'t>, depth: u32) {
    if depth > DEEPEST_STATEMENT || !collector.draft.spend(1, value.span) {
        return;
    }
    match value.value {
        Value::List(items) => items.iter().for_each(|item| walk(collector, resource, item, depth + 1)),
        Value::Map(entries) if entries.iter().any(|entry| entry.key == "Effect" && entry.value.literal() == Some(DENIAL)) => {
            add(collector, resource, value);
        }
        Value::Map(entries) => entries.iter().for_each(|entry| walk(collector, resource, &entry.value, depth + 1)),
        _ => {}
    }
}

fn add<'t>(collector: &mut Collector<'_, 't, '_>, (resource, in_every_case): (&Resource<'t>, bool), statement: &Property<'t>) {
    let closed = if in_every_case { closed(statement) } else { None };
    for identity in denied(collector.draft, resource) {
        collector.add(resource, (Kind::Guard, DENIAL), statement, statement.span);
        collector.is_of(identity);
        let Some(first) = collector.found.last().cloned() else { return };
        let mut ways = closed.iter().flatten();
        if let Some(way) = ways.next() {
            collector.closes(way.clone());
        }
        for way in ways {
            if !collector.draft.spend(1, statement.span) {
                return;
            }
            collector.found.push(first.clone());
            collector.closes(way.clone());
        }
    }
}

/// What a statement closes, in all combinations; `None` where a part of it cannot be told.
fn closed(statement: &Property<'_>) -> Option<Vec<Way>> {
    let mut parts = vec![principals(statement)?];
    for (named, left_out) in PARTS {
        parts.push(part(statement, named, left_out)?);
    }
    for operator in statement.get("Condition").map_or(Some(&[][..]), entries)? {
        for key in entries(&operator.value)? {
            parts.push(condition(operator.key, key.key, &key.value)?);
        }
    }
    let mut combinations: Vec<Vec<Limit>> = vec![Vec::new()];
    for part in parts {
        let part = if combinations.len() * part.len() > MOST_COMBINATIONS { vec![as_one(part)] } else { part };
        let with = |limits: &Vec<Limit>| combinations.iter().map(|all| all.iter().chain(limits).cloned().collect()).collect::<Vec<_>>();
        combinations = part.iter().flat_map(with).collect();
    }
    Some(combinations.into_iter().map(|limits| Way { what: String::new(), limits }).collect())
}

/// What stands in a map, or in none that is left out; `None` where only the deployment knows.
fn entries<'p, 't>(value: &'p Property<'t>) -> Option<&'p [Entry<'t>]> {
    match &value.value {
        Value::Map(entries) => Some(entries),
        Value::Null | Value::Removed => Some(&[]),
        _ => None,
    }
}

/// Several values that count together: they are the same, or another matter.
fn as_one(part: Vec<Vec<Limit>>) -> Vec<Limit> {
    let mut texts: Vec<String> = part.iter().flatten().map(|limit| limit.to.clone()).collect();
    texts.sort_unstable();
    let together = |first: Limit| Limit { of: format!("{} {}", first.of, texts.join(", ")), to: String::new(), ..first };
    part.into_iter().flatten().next().map(together).into_iter().collect()
}

/// Whom a statement denies: each that it names, or everybody but those.
fn principals(statement: &Property<'_>) -> Option<Vec<Vec<Limit>>> {
    const PRINCIPAL: &str = "Principal";
    if let Some(left_out) = statement.get("NotPrincipal") {
        return Some(vec![of_types(left_out)?.into_iter().map(|who| Limit::excluding(PRINCIPAL, who)).collect()]);
    }
    let Some(named) = statement.get(PRINCIPAL) else { return Some(vec![Vec::new()]) };
    Some(of_types(named)?.into_iter().map(|who| vec![Limit::new(PRINCIPAL, who)]).collect())
}

/// Principals with their types; everybody is of no type.
fn of_types(named: &Property<'_>) -> Option<Vec<String>> {
    let Value::Map(entries) = named.value else { return texts(named) };
    let mut all = Vec::new();
    for entry in entries {
        let of_type = texts(&entry.value)?.into_iter();
        all.extend(of_type.map(|who| if who == "*" { who } else { format!("{} {who}", entry.key) }));
    }
    Some(all)
}

fn part(statement: &Property<'_>, named: &str, left_out: &str) -> Option<Vec<Vec<Limit>>> {
    if let Some(left_out) = statement.get(left_out) {
        return Some(vec![texts(left_out)?.into_iter().map(|text| Limit::excluding(named, text)).collect()]);
    }
    let Some(listed) = statement.get(named) else { return Some(vec![Vec::new()]) };
    Some(texts(listed)?.into_iter().map(|text| vec![Limit::new(named, text)]).collect())
}

/// When a statement denies: if one of the values is there, or none of them. Of sets of values it counts whether they are the same.
fn condition(operator: &str, key: &str, value: &Property<'_>) -> Option<Vec<Vec<Limit>>> {
    let texts = texts(value)?;
    let operator = operator.to_ascii_lowercase();
    let excludes = operator.contains("not");
    let is_pattern = texts.iter().any(|text| text.contains(['*', '?']));
    let compares = match operator.strip_suffix("ifexists").unwrap_or(&operator) {
        // Without a wildcard both ask for the same.
        "stringequals" if !is_pattern => "stringlike",
        "stringnotequals" if !is_pattern => "stringnotlike",
        "arnequals" => "arnlike",
        "arnnotequals" => "arnnotlike",
        other => other,
    };
    // Where the key is missing, a comparison with another one denies all the same.
    let is_lax = operator.ends_with("ifexists") && !excludes;
    let of = format!("{} {compares}{}", key.to_ascii_lowercase(), if is_lax { " if it is there" } else { "" });
    let limit = |text: String| if excludes { Limit::excluding(of.as_str(), text) } else { Limit::new(of.as_str(), text) };
    let limits = texts.into_iter().map(limit);
    Some(if compares.starts_with("for") {
        vec![as_one(limits.map(|limit| vec![limit]).collect())]
    } else if excludes {
        vec![limits.collect()]
    } else {
        limits.map(|limit| vec![limit]).collect()
    })
}

/// The texts of a value or a list of values; `None` where one of them hangs on a condition or is not known.
fn texts(value: &Property<'_>) -> Option<Vec<String>> {
    let one = |value: &Property<'_>| match value.value {
        Value::Bool(flag) => Some(flag.to_string()),
        // What has a part that nobody can tell is no text to compare by.
        _ => canonical(value).filter(|text| !text.contains("${?}")),
    };
    match value.value {
        Value::List(items) => items.iter().map(one).collect(),
        _ => one(value).map(|text| vec![text]),
    }
}

/// To whom a policy is attached here, or elsewhere by a name that is written out; the resource itself where that is nobody, or where it is no such
/// policy.
fn denied<'t>(draft: &Draft<'t, '_>, resource: &Resource<'t>) -> Vec<&'t str> {
    const IDENTITIES: [&str; 3] = ["AWS::IAM::Group", "AWS::IAM::Role", "AWS::IAM::User"];
    let mut identities: Vec<&'t str> = Vec::new();
    if POLICIES.contains(&resource.kind) {
        let bearing = draft.owners(resource.address).chain(draft.attached(resource.address));
        identities.extend(bearing.filter(|bearer| IDENTITIES.contains(&bearer.kind)).map(|bearer| bearer.address));
        if identities.is_empty() {
            let names = GIVEN_TO.iter().flat_map(|path| paths::find(&resource.properties, path));
            identities.extend(names.filter_map(|name| name.literal()));
        }
        identities.sort_unstable();
        identities.dedup();
    }
    if identities.is_empty() {
        identities.push(resource.address);
    }
    identities
}
