//! The door for plans: what `terraform show -json` and `tofu show -json` write of one.
//!
//! Comes in: the text of a plan, secrets and all. Goes out: what will be there, without them, or why the text is refused. No part of the text is
//! ever in a message, and what was there before is not read at all.
//! <https://developer.hashicorp.com/terraform/internals/json-format> (2026-11-29).

mod secrets;
mod written;

use crate::formats::terraform::plan::secrets::Secrets;
use crate::formats::terraform::plan::written::{Module, Resource, ResourceChange, Written};
use crate::source::plan::{Plan, Planned};
use serde_json::Value;
use serde_json::error::Category;
use serde_json::value::Index;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Largest plan that is read, in bytes.
pub const MAX_PLAN_BYTES: usize = 64 * 1024 * 1024;
/// Most values in one plan.
const MAX_VALUES: usize = 1_000_000;
/// Most commas and opening brackets in the text of one: what has more has more values than are read, or hardly anything else.
const MAX_SEPARATORS: usize = 4 * MAX_VALUES;
/// How much of a text is looked at to tell whether it may be a plan.
const BEGINNING: usize = 4_096;

/// Why a text is not taken for a plan. The caller says of which file.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("it has more than the {MAX_PLAN_BYTES} bytes that are read of a plan")]
    TooLarge,
    #[error("it has more than the {MAX_VALUES} values that are read of a plan")]
    TooManyValues,
    #[error("it is no UTF-8 text")]
    NoText,
    #[error("it is no JSON from line {0}, column {1} on")]
    NoJson(usize, usize),
    #[error("at line {0}, column {1} stands what no plan has there")]
    NoPlan(usize, usize),
    #[error("it is a state and not a plan: `terraform show -json` needs the file that `terraform plan -out` wrote")]
    State,
    #[error("it is the log of a run: `terraform show -json` of the file that `terraform plan -out` wrote gives the plan")]
    Log,
    #[error("it does not say which format it has")]
    NoVersion,
    #[error("its format is not version 1, the one that is read")]
    Version,
    #[error("the tool could not finish it (`errored`)")]
    Errored,
    #[error("it is not of everything (`complete` is false): plan without -target")]
    Incomplete,
    #[error("it contradicts itself at resource change {0}: the address is not that of its type, name, module and index")]
    Address(usize),
    #[error("it contradicts itself at resource change {0}: the address stands there a second time")]
    Doubled(usize),
    #[error("it contradicts itself at resource change {0}: `planned_values` say something else")]
    Values(usize),
    #[error("it contradicts itself: `planned_values` have something that no resource change makes")]
    Unmade,
    #[error("it has more secrets than are kept apart")]
    TooManySecrets,
}

/// Whether a text, or its beginning, may be what is read here: such a file is handed to nobody else.
pub fn may_be_plan(bytes: &[u8]) -> bool {
    let beginning = String::from_utf8_lossy(&bytes[..bytes.len().min(BEGINNING)]);
    let text = beginning.trim_start_matches('\u{feff}').trim_start();
    let first = text.strip_prefix('{').map(str::trim_start);
    first.is_some_and(|first| first.starts_with("\"format_version\"")) && text.contains("\"terraform_version\"")
}

/// Reads a plan.
///
/// # Errors
/// The text is none, or none that can be relied on: nothing of it is to be used.
pub fn read(bytes: &[u8]) -> Result<Plan, Refused> {
    if bytes.len() > MAX_PLAN_BYTES {
        return Err(Refused::TooLarge);
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Refused::NoText)?;
    let text = text.trim_start_matches('\u{feff}');
    if text.trim_start().starts_with("{\"@level\"") {
        return Err(Refused::Log);
    }
    // Before a value is made of any: each takes many times its text.
    if text.bytes().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count() > MAX_SEPARATORS {
        return Err(Refused::TooManyValues);
    }
    let written: Written = serde_json::from_str(text).map_err(|error| match error.classify() {
        Category::Data => Refused::NoPlan(error.line(), error.column()),
        Category::Io | Category::Syntax | Category::Eof => Refused::NoJson(error.line(), error.column()),
    })?;
    check(&written)?;
    let secrets = Secrets::of(&written).ok_or(Refused::TooManySecrets)?;
    let mut door = Door { secrets, values: 0 };
    let mut plan = Plan::default();
    for (name, variable) in &written.variables {
        let value = if written.is_sensitive(name) { Planned::Hidden } else { door.value(name, &variable.value, &NOTHING, &NOTHING)? };
        plan.variables.insert(name.as_str().into(), value);
    }
    for change in written.changes() {
        door.add(change, &mut plan)?;
    }
    for resource in written.known_data() {
        let answer = door.value("", &resource.values, &NOTHING, &resource.sensitive_values)?;
        plan.answers.insert(resource.address.as_str().into(), answer);
    }
    Ok(plan)
}

/// The mask of what is neither unknown nor secret.
static NOTHING: Value = Value::Null;

fn check(written: &Written) -> Result<(), Refused> {
    if written.is_state() {
        return Err(Refused::State);
    }
    let version = written.format_version.as_deref().ok_or(Refused::NoVersion)?;
    if version.split('.').next() != Some("1") {
        return Err(Refused::Version);
    }
    if written.errored {
        return Err(Refused::Errored);
    }
    if written.complete == Some(false) {
        return Err(Refused::Incomplete);
    }
    agree(written)
}

/// Whether the plan says the same wherever it says something twice.
fn agree(written: &Written) -> Result<(), Refused> {
    let mut planned: BTreeMap<&str, &Value> = BTreeMap::new();
    written.planned_values.iter().for_each(|values| gather(&values.root_module, &mut planned));
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for (number, change) in (1..).zip(written.changes()) {
        if !change.has_its_address() {
            return Err(Refused::Address(number));
        }
        if !seen.insert(&change.address) {
            return Err(Refused::Doubled(number));
        }
        let planned = planned.remove(&*change.address).filter(|_| change.is_managed());
        if change.is_managed() && !is_same(planned, change.after()) {
            return Err(Refused::Values(number));
        }
    }
    if planned.is_empty() { Ok(()) } else { Err(Refused::Unmade) }
}

/// Whether both are there with the same values; where none of them is known, the tool leaves them out.
fn is_same(planned: Option<&Value>, after: Option<&Value>) -> bool {
    let is_empty = |values: &Value| values.as_object().is_some_and(serde_json::Map::is_empty);
    match (planned, after) {
        (Some(Value::Null), Some(after)) => is_empty(after),
        (planned, after) => planned == after,
    }
}

/// The values of managed resources, by address.
fn gather<'w>(module: &'w Module, found: &mut BTreeMap<&'w str, &'w Value>) {
    let managed = module.resources.iter().filter(|resource| resource.is_managed());
    found.extend(managed.map(|resource: &Resource| (&*resource.address, &resource.values)));
    module.child_modules.iter().for_each(|child| gather(child, found));
}

/// What lets values pass.
struct Door {
    secrets: Secrets,
    values: usize,
}

impl Door {
    fn add(&mut self, change: &ResourceChange, plan: &mut Plan) -> Result<(), Refused> {
        let address: Arc<str> = change.address.as_str().into();
        let Some(after) = change.after() else {
            if change.destroys() && change.is_managed() {
                plan.destroyed.insert(address, change.kind.as_str().into());
            }
            return Ok(());
        };
        let values = self.value("", after, &change.change.after_unknown, &change.change.after_sensitive)?;
        if !change.is_managed() {
            plan.answers.insert(address, values);
            return Ok(());
        }
        if change.destroys() {
            plan.replaced.insert(Arc::clone(&address), change.needs_replacement());
        }
        plan.made.insert(address, values);
        Ok(())
    }

    /// A value that stands under a name, with the masks of what nobody knows yet and of what is secret.
    fn value(&mut self, name: &str, value: &Value, unknown: &Value, secret: &Value) -> Result<Planned, Refused> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(Refused::TooManyValues);
        }
        if *secret == Value::Bool(true) {
            return Ok(Planned::Hidden);
        }
        if *unknown == Value::Bool(true) {
            return Ok(Planned::Later);
        }
        Ok(match value {
            // Of what is not there, parts may be known to be unknown.
            Value::Null if has_unknown(unknown) => Planned::Later,
            Value::Null => Planned::Null,
            Value::Bool(flag) => Planned::Bool(*flag),
            Value::Number(number) if self.secrets.hides(name, &number.to_string()) => Planned::Hidden,
            Value::Number(number) => Planned::Number(number.to_string().into()),
            Value::String(text) if self.secrets.hides(name, text) => Planned::Hidden,
            Value::String(text) => Planned::Text(text.as_str().into()),
            Value::Array(items) => {
                let more = unknown.as_array().map_or(0, Vec::len).max(items.len());
                let item = |at: usize| self.value(name, items.get(at).unwrap_or(&NOTHING), part(unknown, at), part(secret, at));
                Planned::List((0..more).map(item).collect::<Result<_, _>>()?)
            }
            Value::Object(entries) => {
                let mut known = BTreeMap::new();
                let is_pair = secrets::is_secret_pair(entries);
                for (key, value) in entries {
                    if is_pair && key == "value" {
                        known.insert(key.as_str().into(), Planned::Hidden);
                        continue;
                    }
                    known.insert(key.as_str().into(), self.value(key, value, part(unknown, key), part(secret, key))?);
                }
                // What is not known is left out of the values.
                for (key, unknown) in unknown.as_object().into_iter().flatten().filter(|(key, _)| !entries.contains_key(*key)) {
                    known.insert(key.as_str().into(), self.value(key, &NOTHING, unknown, part(secret, key))?);
                }
                Planned::Map(known)
            }
        })
    }
}

/// What a mask says of a part.
fn part<I: Index>(mask: &Value, at: I) -> &Value {
    mask.get(at).unwrap_or(&NOTHING)
}

fn has_unknown(mask: &Value) -> bool {
    match mask {
        Value::Bool(is_unknown) => *is_unknown,
        Value::Array(parts) => parts.iter().any(has_unknown),
        Value::Object(parts) => parts.values().any(has_unknown),
        Value::Null | Value::Number(_) | Value::String(_) => false,
    }
}
