//! `config/governing.yml` → `GOVERNING`.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stated {
    what: String,
    by: Vec<String>,
    #[serde(default)]
    elsewhere: bool,
}

pub fn compile(path: &Path) -> Result<String, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let types: BTreeMap<String, Stated> = serde_saphyr::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut code = String::from("/// By resource type, in order.\nstatic GOVERNING: &[Governing] = &[\n");
    for (kind, Stated { what, by, elsewhere }) in &types {
        if what.is_empty() || by.is_empty() {
            return Err(format!("{}: `{kind}` says neither what it decides nor by which properties", path.display()));
        }
        let _ = writeln!(code, "    Governing {{ kind: {kind:?}, what: {what:?}, by: &{by:?}, elsewhere: {elsewhere} }},");
    }
    code += "];\n";
    Ok(code)
}
