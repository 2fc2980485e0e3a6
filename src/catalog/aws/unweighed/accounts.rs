//! Accounts in ARNs that are called as something of the unit: by its name it is taken for that, and of another account it is another thing.
//!
//! Comes in: a resource. Goes out: each account that such an ARN names. What is named by an account that was named there before is what it was.

use crate::catalog::names::{self, Arn};
use crate::catalog::targets::Target;
use crate::catalog::unweighed::Collector;
use crate::model::resource::{Alternatives, Property, Resource, Value};
use crate::model::unweighed::Kind;

/// How deep values lie.
const DEEPEST: u32 = 12;
/// What the account is told as.
const ACCOUNT: &str = "account in an ARN with the name of a resource of this template";

pub(super) fn collect<'t>(collector: &mut Collector<'_, 't, '_>, resource: &Resource<'t>) {
    walk(collector, resource, &resource.properties, 0);
}

fn walk<'t>(collector: &mut Collector<'_, 't, '_>, resource: &Resource<'t>, value: &Property<'t>, depth: u32) {
    if depth > DEEPEST {
        return;
    }
    match value.value {
        Value::List(items) | Value::Either(Alternatives { branches: items, .. }) => {
            items.iter().for_each(|item| walk(collector, resource, item, depth + 1));
        }
        Value::Map(entries) => entries.iter().for_each(|entry| walk(collector, resource, &entry.value, depth + 1)),
        Value::Text(text) if text.starts_with("arn:") => arn(collector, resource, value, text),
        _ => {}
    }
}

fn arn<'t>(collector: &mut Collector<'_, 't, '_>, resource: &Resource<'t>, value: &Property<'t>, text: &str) {
    let account = Arn::parse(text).map(|arn| arn.account).filter(|account| names::is_account_number(account));
    let Some(account) = account else { return };
    if !collector.draft.spend(1, value.span) {
        return;
    }
    if collector.draft.targets(value).iter().any(|target| matches!(target, Target::Resource(_))) {
        collector.add_text(resource, (Kind::Arrival, ACCOUNT), &account, value.span);
    }
}
