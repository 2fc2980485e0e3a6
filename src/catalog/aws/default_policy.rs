//! The policies that topics and queues have where nobody gives them one: everybody, held to one account, which is their owner's.
//!
//! Comes in: the resources of a unit, before anything is made of them. Goes out: the same, where the number in such a statement stands as the account of
//! whoever deploys. People copy these policies from the console with the number of the account that they deploy to. Where the unit tells its own account
//! and that is another one, nothing is taken for it, nor where another statement lets in that number too.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html>

use crate::catalog::aws::own_account;
use crate::catalog::names::is_account_number;
use crate::model::resource::{Entry, External, ExternalKind, Property, Resources, Value};
use bumpalo::Bump;

/// Where the documents of topics and queues stand.
const TYPES: [&str; 4] = ["AWS::SNS::TopicPolicy", "AWS::SNS::TopicInlinePolicy", "AWS::SQS::QueuePolicy", "AWS::SQS::QueueInlinePolicy"];
/// What the provider calls the one statement.
const SIDS: [&str; 2] = ["__default_statement_ID", "__owner_statement"];

/// Writes the owner of such policies as whoever deploys.
pub(crate) fn put_in<'t>(resources: &mut Resources<'t>, arena: &'t Bump) {
    let told = own_account::of_roles(&resources.list);
    for resource in resources.list.iter_mut().filter(|resource| TYPES.contains(&resource.kind)) {
        let statements = resource.properties.at("PolicyDocument.Statement").map(Property::one_or_many).unwrap_or_default();
        let Some(owner) = statements.iter().find_map(owner) else { continue };
        // Whom another statement lets in by that number is somebody.
        let lets_in = |other: &Property<'t>| ["Principal", "NotPrincipal", "Condition"].iter().any(|key| names(other.get(key), owner));
        let is_told_once = statements.iter().filter(|other| owner_is(other, owner)).count() == 1;
        if !is_told_once || statements.iter().any(|other| !owner_is(other, owner) && lets_in(other)) {
            continue;
        }
        if (told.as_deref().is_none_or(|told| told == owner) || !is_account_number(owner))
            && let Some(properties) = own_account::written(&resource.properties, owner, arena)
        {
            resource.properties = properties;
        }
    }
}

/// The account of a statement that lets in everybody of one account, as the provider writes it: `AWS:SourceOwner` alone, or under its name. A variable
/// without a value stands for the account that is deployed to under that name alone.
fn owner<'t>(statement: &Property<'t>) -> Option<&'t str> {
    let principal = statement.get("Principal")?;
    let is_everybody = [Some(principal), principal.get("AWS")]
        .into_iter()
        .flatten()
        .any(|value| value.literal() == Some("*") || matches!(value.items(), [only] if only.literal() == Some("*")));
    let [operator] = statement.get("Condition")?.entries() else { return None };
    let [key] = operator.value.entries() else { return None };
    let is_named = statement.get("Sid").and_then(Property::literal).is_some_and(|sid| SIDS.contains(&sid));
    let is_owner = key.key.eq_ignore_ascii_case("aws:SourceOwner") || is_named && key.key.eq_ignore_ascii_case("aws:SourceAccount");
    let account = account(key).or_else(|| variable(key).filter(|_| is_named))?;
    (is_everybody && operator.key.eq_ignore_ascii_case("StringEquals") && is_owner).then_some(account)
}

fn owner_is(statement: &Property<'_>, account: &str) -> bool {
    owner(statement) == Some(account)
}

/// Whether a number stands anywhere in a value.
fn names(value: Option<&Property<'_>>, number: &str) -> bool {
    value.is_some_and(|value| match value.value {
        Value::Text("") => number.is_empty(),
        Value::Text(text) | Value::Number(text) => !number.is_empty() && text.contains(number),
        Value::List(items) | Value::Joined(items) => items.iter().any(|item| names(Some(item), number)),
        Value::Map(entries) => entries.iter().any(|entry| names(Some(&entry.value), number)),
        Value::Either(alternatives) => alternatives.branches.iter().any(|branch| names(Some(branch), number)),
        Value::External(external) => external.name == number,
        _ => false,
    })
}

fn account<'t>(key: &Entry<'t>) -> Option<&'t str> {
    match only(key)?.value {
        Value::Text(text) | Value::Number(text) if is_account_number(text) => Some(text),
        _ => None,
    }
}

/// The variable whose value an account is, where nobody gives it one here and its name says that it is the number of an account; empty where that is
/// what it is by default.
fn variable<'t>(key: &Entry<'t>) -> Option<&'t str> {
    match only(key)?.value {
        Value::External(External { kind: ExternalKind::Variable | ExternalKind::Parameter, name }) => {
            let name: &'t str = name;
            (!is_account_number(name) && name.to_ascii_lowercase().contains("account")).then_some(name)
        }
        Value::Text("") => Some(""),
        _ => None,
    }
}

fn only<'t>(key: &Entry<'t>) -> Option<Property<'t>> {
    match key.value.items() {
        [only] => Some(*only),
        [] => Some(key.value),
        _ => None,
    }
}
