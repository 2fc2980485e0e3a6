//! `config/actions/without_resource.yml` → `WITHOUT_RESOURCE`, `config/actions/changing.yml` → `CHANGING`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// The lists, with what each is: its file, the name of its table, and what that says.
const LISTS: [(&str, &str, &str); 2] = [
    ("without_resource.yml", "WITHOUT_RESOURCE", "Services and their actions that take no resource, both in order."),
    ("changing.yml", "CHANGING", "Services and their actions that change something, both in order."),
];

pub fn compile(folder: &Path) -> Result<String, String> {
    let mut code = String::new();
    for (file, table, says) in LISTS {
        let path = folder.join(file);
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let actions: BTreeMap<String, BTreeSet<String>> =
            serde_saphyr::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        let _ = writeln!(code, "/// {says}\npub static {table}: &[(&str, &[&str])] = &[");
        for (service, names) in &actions {
            let names: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
            let _ = writeln!(code, "    ({service:?}, &[{}]),", names.join(", "));
        }
        code += "];\n";
    }
    Ok(code)
}
