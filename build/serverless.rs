//! `config/serverless/plugins.yml` → `READ_PLUGINS`, `PASSED_PLUGINS`, `MOVING_PLUGINS`.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plugins {
    read: Vec<String>,
    passed: Vec<String>,
    moves: BTreeMap<String, String>,
}

pub fn compile(folder: &Path) -> Result<String, String> {
    let path = folder.join("plugins.yml");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let plugins: Plugins = serde_saphyr::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    if let Some(twice) = plugins.read.iter().chain(&plugins.passed).find(|name| plugins.moves.contains_key(*name)) {
        return Err(format!("{}: {twice} stands in two lists", path.display()));
    }
    if let Some(twice) = plugins.read.iter().find(|name| plugins.passed.contains(name)) {
        return Err(format!("{}: {twice} stands in two lists", path.display()));
    }
    if let Some((name, _)) = plugins.moves.iter().find(|(_, what)| what.is_empty() || what.ends_with('.')) {
        return Err(format!("{}: {name}: what it does is said in words without a full stop", path.display()));
    }
    let mut code = format!("/// What they add is read.\npub(super) static READ_PLUGINS: &[&str] = &{:?};\n\n", plugins.read);
    let _ = writeln!(code, "/// They package, test or print.\npub(super) static PASSED_PLUGINS: &[&str] = &{:?};\n", plugins.passed);
    code += "/// In order of their names, each with what it does.\npub(super) static MOVING_PLUGINS: &[(&str, &str)] = &[\n";
    for (name, what) in &plugins.moves {
        let _ = writeln!(code, "    ({name:?}, {what:?}),");
    }
    code += "];\n";
    Ok(code)
}
