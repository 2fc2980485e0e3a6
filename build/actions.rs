//! `config/actions/without_resource.yml` → `WITHOUT_RESOURCE`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

pub fn compile(path: &Path) -> Result<String, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let actions: BTreeMap<String, BTreeSet<String>> =
        serde_saphyr::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut code = String::from(
        "/// Services and their actions that take no resource, both in order.\npub static WITHOUT_RESOURCE: &[(&str, &[&str])] = &[\n",
    );
    for (service, names) in &actions {
        let names: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
        let _ = writeln!(code, "    ({service:?}, &[{}]),", names.join(", "));
    }
    code += "];\n";
    Ok(code)
}
