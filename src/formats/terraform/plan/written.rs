//! A plan as the tool writes it: the parts of it that are read.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

#[derive(Deserialize)]
pub(super) struct Written {
    pub(super) format_version: Option<String>,
    /// A state has it, and no plan does.
    values: Option<IgnoredAny>,
    #[serde(default)]
    pub(super) variables: BTreeMap<String, Variable>,
    pub(super) planned_values: Option<Values>,
    #[serde(default)]
    resource_changes: Vec<ResourceChange>,
    prior_state: Option<State>,
    configuration: Option<Configuration>,
    #[serde(default)]
    pub(super) errored: bool,
    pub(super) complete: Option<bool>,
}

#[derive(Deserialize)]
pub(super) struct Variable {
    #[serde(default)]
    pub(super) value: Value,
}

#[derive(Deserialize)]
pub(super) struct Values {
    #[serde(default)]
    pub(super) outputs: BTreeMap<String, OutputValue>,
    #[serde(default)]
    pub(super) root_module: Module,
}

#[derive(Deserialize)]
pub(super) struct OutputValue {
    #[serde(default)]
    pub(super) sensitive: bool,
    #[serde(default)]
    pub(super) value: Value,
}

#[derive(Default, Deserialize)]
pub(super) struct Module {
    #[serde(default)]
    pub(super) resources: Vec<Resource>,
    #[serde(default)]
    pub(super) child_modules: Vec<Self>,
}

#[derive(Deserialize)]
pub(super) struct Resource {
    pub(super) address: String,
    mode: String,
    #[serde(default)]
    pub(super) values: Value,
    #[serde(default)]
    pub(super) sensitive_values: Value,
}

#[derive(Deserialize)]
struct State {
    values: Option<Values>,
}

#[derive(Deserialize)]
struct Configuration {
    #[serde(default)]
    root_module: ConfigurationModule,
}

#[derive(Default, Deserialize)]
struct ConfigurationModule {
    #[serde(default)]
    variables: BTreeMap<String, ConfigurationVariable>,
}

#[derive(Deserialize)]
struct ConfigurationVariable {
    #[serde(default)]
    sensitive: bool,
}

#[derive(Deserialize)]
pub(super) struct ResourceChange {
    pub(super) address: String,
    module_address: Option<String>,
    mode: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    name: String,
    index: Option<Value>,
    /// It is what a replacement left behind.
    deposed: Option<String>,
    pub(super) change: Change,
}

#[derive(Deserialize)]
pub(super) struct Change {
    actions: Vec<String>,
    #[serde(default)]
    after: Value,
    #[serde(default)]
    pub(super) after_unknown: Value,
    #[serde(default)]
    pub(super) after_sensitive: Value,
    #[serde(default)]
    replace_paths: Vec<Vec<Value>>,
}

impl Written {
    pub(super) fn is_state(&self) -> bool {
        self.values.is_some() && self.planned_values.is_none()
    }

    /// Whether the configuration says that a variable is a secret: beside its value nothing does.
    pub(super) fn is_sensitive(&self, variable: &str) -> bool {
        let declared = self.configuration.as_ref().and_then(|configuration| configuration.root_module.variables.get(variable));
        declared.is_some_and(|declared| declared.sensitive)
    }

    /// What becomes of each object, without what an earlier replacement left behind.
    pub(super) fn changes(&self) -> impl Iterator<Item = &ResourceChange> {
        self.resource_changes.iter().filter(|change| change.deposed.is_none())
    }

    /// The data sources that were read before anything was planned.
    pub(super) fn known_data(&self) -> Vec<&Resource> {
        let mut found = Vec::new();
        let state = self.prior_state.as_ref().and_then(|state| state.values.as_ref());
        let mut open: Vec<&Module> = state.iter().map(|values| &values.root_module).collect();
        while let Some(module) = open.pop() {
            found.extend(module.resources.iter().filter(|resource| resource.mode == "data"));
            open.extend(&module.child_modules);
        }
        found
    }

    /// The outputs of the root, as they were and as they will be.
    pub(super) fn outputs(&self) -> impl Iterator<Item = &OutputValue> {
        let before = self.prior_state.iter().filter_map(|state| state.values.as_ref());
        before.chain(&self.planned_values).flat_map(|values| values.outputs.values())
    }
}

impl Resource {
    pub(super) fn is_managed(&self) -> bool {
        self.mode == "managed"
    }
}

impl ResourceChange {
    pub(super) fn is_managed(&self) -> bool {
        self.mode == "managed"
    }

    /// What will be there; `None` where nothing will, or where what is there is no longer the tool's.
    pub(super) fn after(&self) -> Option<&Value> {
        let goes = self.change.actions.iter().all(|action| action == "delete" || action == "forget");
        Some(&self.change.after).filter(|after| !goes && !after.is_null())
    }

    pub(super) fn destroys(&self) -> bool {
        self.change.actions.iter().any(|action| action == "delete")
    }

    /// The first names of what makes another object necessary.
    pub(super) fn needs_replacement(&self) -> BTreeSet<Arc<str>> {
        let names = self.change.replace_paths.iter().filter_map(|path| path.first()?.as_str());
        let is_name = |name: &&str| name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        names.filter(is_name).map(Arc::from).collect()
    }

    /// Whether the address is made of the parts that stand beside it.
    pub(super) fn has_its_address(&self) -> bool {
        let within = match &self.module_address {
            Some(module) => self.address.strip_prefix(module.as_str()).and_then(|rest| rest.strip_prefix('.')),
            None => Some(self.address.as_str()),
        };
        let plain = match self.is_managed() {
            true => format!("{}.{}", self.kind, self.name),
            false => format!("{}.{}.{}", self.mode, self.kind, self.name),
        };
        let Some(key) = within.and_then(|within| within.strip_prefix(plain.as_str())) else { return false };
        match &self.index {
            None | Some(Value::Null) => key.is_empty(),
            Some(Value::Number(number)) => key == format!("[{number}]"),
            Some(Value::String(_)) => key.starts_with("[\"") && key.ends_with("\"]"),
            Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => false,
        }
    }
}
