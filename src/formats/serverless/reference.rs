//! What an ARN that an event names is called, for the logical ids of what the framework makes for it.
//!
//! Comes in: a node that is a text or a call of CloudFormation's functions. Goes out: a name. Never says where it points.

use crate::formats::serverless::naming;
use crate::syntax::{Node, Value};

/// The resource that is referred to, or the last part of what is written.
pub(super) fn name(arn: Node<'_>) -> String {
    let written = match arn.value {
        Value::Map([call]) => return of_call(call.key, call.value),
        _ => arn.scalar().unwrap_or_default(),
    };
    match arn.tag {
        Some("!GetAtt") => written.split('.').next().unwrap_or(written).to_owned(),
        Some(_) => of_call(arn.tag.unwrap_or_default(), Node { tag: None, ..arn }),
        // A stream's ARN ends in the time at which it was switched on.
        None => match written.split_once(":table/") {
            Some((_, table)) => table.split('/').next().unwrap_or(table).to_owned(),
            None => naming::last_part(written).to_owned(),
        },
    }
}

fn of_call(function: &str, argument: Node<'_>) -> String {
    let last = |items: &[Node<'_>]| items.last().map(|last| name(*last)).unwrap_or_default();
    match (function.trim_start_matches(['!']).trim_start_matches("Fn::"), argument.value) {
        ("GetAtt", Value::List([first, ..])) => first.scalar().unwrap_or_default().to_owned(),
        ("GetAtt", _) => argument.scalar().unwrap_or_default().split('.').next().unwrap_or_default().to_owned(),
        ("Join", Value::List([_, pieces])) => last(pieces.items()),
        ("Sub", Value::List([template, ..])) => naming::last_part(template.scalar().unwrap_or_default()).to_owned(),
        (_, Value::List(items)) => last(items),
        (_, Value::Map(_)) => name(argument),
        _ => naming::last_part(argument.scalar().unwrap_or_default()).to_owned(),
    }
}

/// The service in an ARN that is a text.
pub(super) fn service(arn: Node<'_>) -> Option<&str> {
    arn.scalar().filter(|_| arn.tag.is_none())?.strip_prefix("arn:")?.split(':').nth(1)
}
