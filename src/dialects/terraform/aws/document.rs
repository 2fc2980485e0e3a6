//! `aws_iam_policy_document`: the policy that a data source writes, as the document that it stands for.
//!
//! Comes in: the data source. Goes out: a map as IAM's grammar has it, each statement with its own lines.
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document>

use crate::catalog::embedded;
use crate::catalog::names::canonical;
use crate::dialects::terraform::aws::context::{Context, argument, each, items};
use crate::dialects::terraform::aws::tree::Tree;
use crate::formats::terraform::instance::Instance;
use crate::formats::terraform::value::{Kind, Value as Evaluated};
use crate::model::resource::{Alternatives, Property, Value};
use crate::source::Span;

/// Most statements of one document, those of its sources included. IAM takes far fewer.
const MAX_STATEMENTS: usize = 1_000;

/// The document of a data source. What refers to itself has none.
pub(crate) fn value<'t>(context: &Context<'t, '_>, source: &Instance, span: Span) -> Property<'t> {
    // The address is the root's own, so that it outlives the look-up.
    let Some(source) = context.instances(&source.address).first().copied() else { return context.pen(span).unknown("is nowhere") };
    let address = &*source.address;
    if let Some(known) = context.documents.borrow().get(address) {
        return known.unwrap_or_else(|| context.pen(span).unknown("refers to itself"));
    }
    context.documents.borrow_mut().insert(address, None);
    let made = made(context, source);
    context.documents.borrow_mut().insert(address, Some(made));
    made
}

fn made<'t>(context: &Context<'t, '_>, source: &Instance) -> Property<'t> {
    let mut statements: Vec<Property<'t>> = Vec::new();
    let others = |names: &[&str]| -> Vec<Property<'t>> {
        let values = names.iter().filter_map(|name| argument(&source.arguments, name));
        values.flat_map(items).filter(|value| !value.is_null()).map(|value| context.document_or_value(value)).collect()
    };
    for other in others(&["source_json", "source_policy_documents"]) {
        add_all(context, &other, &mut statements);
    }
    for statement in argument(&source.arguments, "statement").map(items).unwrap_or_default() {
        add(context, self::statement(context, statement), &mut statements);
    }
    for other in others(&["override_json", "override_policy_documents"]) {
        add_all(context, &other, &mut statements);
    }
    let pen = context.pen(source.span);
    pen.map(&[("Version", pen.text("2012-10-17")), ("Statement", pen.list(&statements))])
}

/// The statements of another document; what cannot be read is a statement that nobody can tell.
fn add_all<'t>(context: &Context<'t, '_>, document: &Property<'t>, statements: &mut Vec<Property<'t>>) {
    match document.value {
        Value::Map(_) => {
            let added = document.get("Statement").map(Property::one_or_many).unwrap_or_default();
            added.iter().for_each(|statement| add(context, *statement, statements));
        }
        // Each of its statements may be there.
        Value::Either(Alternatives { branches, .. }) => {
            for branch in branches {
                let added = branch.get("Statement").map(Property::one_or_many).unwrap_or_default();
                added.iter().for_each(|statement| add(context, context.maybe(*statement), statements));
            }
        }
        Value::Text("") | Value::Null | Value::Removed => {}
        _ => {
            let reason = document.unresolved().unwrap_or_else(|| "the document cannot be read".to_owned());
            statements.push(context.pen(document.span).unknown(&reason));
        }
    }
}

/// A statement replaces an earlier one with the same identifier.
fn add<'t>(context: &Context<'t, '_>, statement: Property<'t>, statements: &mut Vec<Property<'t>>) {
    if statements.len() >= MAX_STATEMENTS {
        // Once is enough: what is left out is hidden by the one that stands for it.
        if statements.len() == MAX_STATEMENTS {
            let why = format!("a policy document of more than {MAX_STATEMENTS} statements, the others were not read");
            context.sources.cut(statement.span, why.clone());
            statements.push(context.pen(statement.span).unknown(&why));
        }
        return;
    }
    let sid = |one: &Property<'t>| match one.value {
        Value::Map(_) => one.get("Sid").and_then(Property::literal).filter(|sid| !sid.is_empty()),
        _ => None,
    };
    match statements.iter_mut().find(|known| sid(known).is_some() && sid(known) == sid(&statement)) {
        Some(known) => *known = statement,
        None => statements.push(statement),
    }
}

fn statement<'t>(context: &Context<'t, '_>, block: &Evaluated) -> Property<'t> {
    match &block.kind {
        Kind::Either(branches) => {
            let branches: Vec<Property<'t>> = branches.iter().map(|branch| statement(context, branch)).collect();
            return context.either(&branches, block.span);
        }
        Kind::Object(_) | Kind::Map(_) => {}
        _ => return context.value(block),
    }
    let arena = context.arena;
    let mut made = Tree::new(block.span);
    let put = |made: &mut Tree<'t>, key: &str, value: Property<'t>| made.put(key, value, value.span, arena);
    if let Some(sid) = argument(block, "sid") {
        put(&mut made, "Sid", context.value(sid));
    }
    let effect = argument(block, "effect").map_or_else(|| context.pen(block.span).text("Allow"), |effect| context.value(effect));
    put(&mut made, "Effect", effect);
    let lists = [("actions", "Action"), ("not_actions", "NotAction"), ("resources", "Resource"), ("not_resources", "NotResource")];
    for (name, key) in lists {
        if let Some(value) = argument(block, name) {
            put(&mut made, key, one_or_list(with_variables(context, context.value(value))));
        }
    }
    for (name, key) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
        let blocks = argument(block, name).map(items).unwrap_or_default();
        if !blocks.is_empty() {
            put(&mut made, key, principals(context, blocks));
        }
    }
    let conditions = argument(block, "condition").map(items).unwrap_or_default();
    if !conditions.is_empty() {
        put(&mut made, "Condition", self::conditions(context, conditions));
    }
    made.done(arena)
}

/// `{type = "*", identifiers = ["*"]}` is everybody; otherwise the identifiers by type.
fn principals<'t>(context: &Context<'t, '_>, blocks: &[Evaluated]) -> Property<'t> {
    let span = blocks.first().map_or_else(Span::default, |block| block.span);
    let mut found = Tree::new(span);
    for block in blocks {
        let (Some(kind), Some(identifiers)) = (argument(block, "type"), argument(block, "identifiers")) else {
            return context.pen(block.span).unknown("its principals cannot be told");
        };
        let kind = context.value(kind);
        let identifiers = with_variables(context, context.value(identifiers));
        match kind.literal() {
            Some("*") => return Property { span: block.span, ..context.pen(block.span).text("*") },
            Some(kind) => {
                let target = format!("{kind}[]");
                found.put(&target, identifiers, block.span, context.arena);
            }
            None => return context.pen(block.span).unknown(&kind.unresolved().unwrap_or_default()),
        }
    }
    single_items(context, found.done(context.arena))
}

/// By operator and key; what stands twice has the values of both.
fn conditions<'t>(context: &Context<'t, '_>, blocks: &[Evaluated]) -> Property<'t> {
    let span = blocks.first().map_or_else(Span::default, |block| block.span);
    let mut tests: Vec<(String, Vec<(String, Property<'t>)>)> = Vec::new();
    for block in blocks {
        let said = |name: &str| argument(block, name).map(|value| context.value(value));
        // Of `${module.eks.oidc_provider}:sub` it is known what it ends in.
        let variable = said("variable").and_then(|variable| canonical(&variable));
        let (Some(test), Some(variable)) = (said("test").and_then(|test| test.literal()), variable) else {
            return context.pen(block.span).unknown("a condition cannot be told");
        };
        let values = argument(block, "values").map_or_else(|| context.pen(block.span).list(&[]), |values| context.value(values));
        let values = with_variables(context, values);
        let position = tests.iter().position(|(known, _)| known == test).unwrap_or_else(|| {
            tests.push((test.to_owned(), Vec::new()));
            tests.len() - 1
        });
        let keys = &mut tests[position].1;
        match keys.iter_mut().find(|(known, _)| *known == variable) {
            Some((_, known)) => {
                let all: Vec<Property<'t>> = each(*known).into_iter().chain(each(values)).collect();
                *known = context.pen(known.span).list(&all);
            }
            None => keys.push((variable, values)),
        }
    }
    let pen = context.pen(span);
    let tests: Vec<(String, Property<'t>)> = tests
        .into_iter()
        .map(|(test, keys)| {
            let keys: Vec<(&str, Property<'t>)> = keys.iter().map(|(key, values)| (key.as_str(), one_or_list(*values))).collect();
            (test, pen.map(&keys))
        })
        .collect();
    let tests: Vec<(&str, Property<'t>)> = tests.iter().map(|(test, keys)| (test.as_str(), *keys)).collect();
    pen.map(&tests)
}

/// A list of one stands for itself, as in the text that the provider writes.
fn one_or_list(value: Property<'_>) -> Property<'_> {
    match value.value {
        Value::List([only]) => *only,
        _ => value,
    }
}

fn single_items<'t>(context: &Context<'t, '_>, map: Property<'t>) -> Property<'t> {
    let entries: Vec<(&str, Property<'t>)> = map.entries().iter().map(|entry| (entry.key, one_or_list(entry.value))).collect();
    context.pen(map.span).map(&entries)
}

/// With IAM's variables as IAM spells them: `&{aws:username}` is `${aws:username}`.
fn with_variables<'t>(context: &Context<'t, '_>, value: Property<'t>) -> Property<'t> {
    let each = |items: &[Property<'t>]| -> Vec<Property<'t>> { items.iter().map(|item| with_variables(context, *item)).collect() };
    let changed = match value.value {
        Value::Text(text) if text.contains("&{") => Value::Text(context.arena.alloc_str(&text.replace("&{", "${"))),
        Value::List(items) => Value::List(context.arena.alloc_slice_copy(&each(items))),
        Value::Joined(items) => Value::Joined(context.arena.alloc_slice_copy(&each(items))),
        Value::Either(Alternatives { branches, .. }) => Alternatives::of(&each(branches), context.arena),
        other => other,
    };
    Property { value: changed, ..value }
}

impl<'t> Context<'t, '_> {
    /// A text that holds a document as the document; any other value as it is. A text that is no document cannot be told.
    pub(crate) fn document_or_value(&self, value: &Evaluated) -> Property<'t> {
        self.read_document(self.value(value))
    }

    pub(crate) fn read_document(&self, value: Property<'t>) -> Property<'t> {
        match value.value {
            Value::Text(text) if !text.trim_start().starts_with(['{', '[']) => value,
            Value::Text(_) | Value::Joined(_) => match embedded::document_from(&value, first_line(&value), self.arena) {
                Ok(document) => document,
                Err(_) if matches!(value.value, Value::Joined(_)) && !begins_a_document(&value) => value,
                Err(reason) => self.pen(value.span).unknown(&reason),
            },
            Value::Either(Alternatives { branches, .. }) => {
                let branches: Vec<Property<'t>> = branches.iter().map(|branch| self.read_document(*branch)).collect();
                self.either(&branches, value.span)
            }
            _ => value,
        }
    }
}

/// The line in which the text of a heredoc begins: the one behind its opening, where the text has as many lines as stand between both ends.
/// A text with a line break that is not one of the file's has others.
fn first_line(value: &Property<'_>) -> Option<u32> {
    let breaks = |text: &str| u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX);
    let lines = match value.value {
        Value::Text(text) => breaks(text),
        Value::Joined(pieces) => pieces.iter().filter_map(Property::literal).map(breaks).sum(),
        _ => 0,
    };
    let between = value.span.end_line.saturating_sub(value.span.line);
    (lines > 1 && between == lines + 1).then_some(value.span.line + 1)
}

fn begins_a_document(value: &Property<'_>) -> bool {
    match value.value {
        Value::Joined([first, ..]) => first.literal().is_some_and(|text| text.trim_start().starts_with(['{', '['])),
        _ => false,
    }
}
