//! Resources of the Cloud Control provider, whose types and arguments are CloudFormation's in another spelling.
//! <https://registry.terraform.io/providers/hashicorp/awscc/latest/docs>

use crate::catalog::entry::{ENTRIES, FAMILIES};
use crate::dialects::terraform::aws::context::Context;
use crate::formats::terraform::value::{Kind, Value as Evaluated};
use crate::model::resource::{Entry, Property, Value};

/// The canonical type: of `awscc_lambda_function` it is `AWS::Lambda::Function`; `None` where no type is spelt so.
pub(crate) fn kind(declared: &str) -> Option<String> {
    let wanted = declared.strip_prefix("awscc_")?.replace('_', "");
    let spelt = |kind: &str| kind.trim_start_matches("AWS::").replace("::", "").to_ascii_lowercase();
    if let Some(entry) = ENTRIES.iter().find(|entry| spelt(entry.kind) == wanted) {
        return Some(entry.kind.to_owned());
    }
    let (service, rest) = declared.strip_prefix("awscc_")?.split_once('_')?;
    let family = FAMILIES.iter().find(|family| spelt(family.kind) == service)?;
    Some(format!("{}{}", family.kind, name(rest)))
}

/// `vpc_config` as `VpcConfig`.
pub(crate) fn name(argument: &str) -> String {
    let mut found = String::with_capacity(argument.len());
    for word in argument.split('_') {
        let mut letters = word.chars();
        if let Some(first) = letters.next() {
            found.extend(first.to_uppercase());
            found.push_str(letters.as_str());
        }
    }
    found
}

/// What these hold are keys of people.
const OF_PEOPLE: &[&str] = &["variables", "environment_variables", "options", "labels", "docker_labels", "parameters"];

/// Arguments under CloudFormation's names, at every level; the keys of documents and maps of texts are data and stay.
pub(crate) fn properties<'t>(context: &Context<'t, '_>, arguments: &Evaluated) -> Property<'t> {
    let (Kind::Object(entries) | Kind::Map(entries)) = &arguments.kind else { return context.value(arguments) };
    let mut found: Vec<Entry<'t>> = Vec::new();
    for (key, value) in entries.iter() {
        let value_of = if OF_PEOPLE.contains(&&**key) { context.value(value) } else { inner(context, value) };
        found.push(Entry { key: context.arena.alloc_str(&name(key)), key_span: value.span, value: value_of });
    }
    Property { value: Value::Map(context.arena.alloc_slice_copy(&found)), span: arguments.span }
}

fn inner<'t>(context: &Context<'t, '_>, value: &Evaluated) -> Property<'t> {
    match &value.kind {
        Kind::Object(_) => properties(context, value),
        Kind::Tuple(items) | Kind::List(items) | Kind::Set(items) => {
            let items: Vec<Property<'t>> = items.iter().map(|item| inner(context, item)).collect();
            Property { value: Value::List(context.arena.alloc_slice_copy(&items)), span: value.span }
        }
        _ => context.document_or_value(value),
    }
}
