//! `config/managed_policies.yml` → `MANAGED_POLICIES`.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// What each policy allows, by its name.
type Policies = BTreeMap<String, Vec<String>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    broad: Policies,
    execution: Policies,
    /// By the service that they are made for.
    service: BTreeMap<String, Policies>,
}

pub fn compile(path: &Path) -> Result<String, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let file: File = serde_saphyr::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut policies: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
    let made_for = file.service.into_iter().map(|(service, policies)| (format!("Purpose::Service({service:?})"), policies));
    let sections = [("Purpose::Broad".to_owned(), file.broad), ("Purpose::Execution".to_owned(), file.execution)];
    for (purpose, section) in sections.into_iter().chain(made_for) {
        for (name, allows) in section {
            if let Some(action) = allows.iter().find(|action| *action != "*" && !action.contains(':')) {
                return Err(format!("{}: {name}: `{action}` names no service; an action is `service:Action`", path.display()));
            }
            if policies.insert(name.clone(), (purpose.clone(), allows)).is_some() {
                return Err(format!("{}: {name} stands there twice", path.display()));
            }
        }
    }
    let mut code = String::from("/// In order of their names.\npub static MANAGED_POLICIES: &[ManagedPolicy] = &[\n");
    for (name, (purpose, allows)) in &policies {
        let _ = writeln!(code, "    ManagedPolicy {{ name: {name:?}, purpose: {purpose}, allows: &{allows:?} }},");
    }
    code += "];\n";
    Ok(code)
}
