//! `config/weighed.yml`, and what the catalogue's entries and `config/governing.yml` read → `WEIGHED`, `WEIGHED_FAMILIES`, `VALUES`, `CHANGES`,
//! `PARTS`, `SWITCHES`, `OPENING`, `NEUTRAL`, `EDITIONS`, `GUARDS`.

use crate::build::catalog::CatalogType;
use crate::build::{catalog_paths, governing};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stated {
    /// Property names that decide nothing, of whatever type, at whatever depth.
    anywhere: BTreeSet<String>,
    /// Property names of which another value is another edition of the same.
    editions: BTreeSet<String>,
    /// By type, or what types begin with, paths that decide nothing; `*` is everything.
    of: BTreeMap<String, BTreeSet<String>>,
    /// By type, paths of which only another value is told.
    values: BTreeMap<String, Vec<String>>,
    /// By type, paths of which another value is told, one in place of none and none in place of one.
    changes: BTreeMap<String, Vec<String>>,
    /// By type that guards, paths of the things by which it does.
    parts: BTreeMap<String, Vec<String>>,
    /// By type that guards, paths of what switches it off where it is false.
    switches: BTreeMap<String, Vec<String>>,
    /// Words in the names of properties that open something to everybody.
    opening: BTreeSet<String>,
    /// Types that guard others as a whole.
    guards: BTreeSet<String>,
    /// By type, paths that resolvers read by name.
    code: BTreeMap<String, BTreeSet<String>>,
}

pub fn compile(path: &Path, catalog: &BTreeMap<String, CatalogType>, governing: &Path) -> Result<String, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let stated: Stated = serde_saphyr::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut weighed: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (kind, read) in catalog_paths::read(catalog) {
        let paths = weighed.entry(kind).or_default();
        paths.extend(read.paths.iter().map(|path| plain(path)));
        paths.extend(Some(plain(&read.name)).filter(|name| !name.is_empty()));
    }
    for (kind, paths) in governing::paths(governing)? {
        weighed.entry(kind).or_default().extend(paths.iter().map(|path| plain(path)));
    }
    for (kind, paths) in stated.of.into_iter().chain(stated.code) {
        weighed.entry(kind).or_default().extend(paths);
    }
    let (families, types): (Vec<_>, Vec<_>) = weighed.iter().partition(|(kind, _)| kind.ends_with("::"));
    let mut code = String::new();
    for (name, order, entries) in
        [("WEIGHED", "By resource type, in order.", types), ("WEIGHED_FAMILIES", "By what types begin with.", families)]
    {
        let _ = writeln!(code, "/// {order}\nstatic {name}: &[(&str, &[&str])] = &[");
        for (kind, paths) in entries {
            let _ = writeln!(code, "    ({kind:?}, &{:?}),", paths.iter().collect::<Vec<_>>());
        }
        code += "];\n";
    }
    for (name, types) in
        [("VALUES", &stated.values), ("CHANGES", &stated.changes), ("PARTS", &stated.parts), ("SWITCHES", &stated.switches)]
    {
        let _ = writeln!(code, "/// By resource type, in order.\nstatic {name}: &[(&str, &[&str])] = &[");
        for (kind, paths) in types {
            let _ = writeln!(code, "    ({kind:?}, &{paths:?}),");
        }
        code += "];\n";
    }
    let _ = writeln!(code, "/// In order.\nstatic EDITIONS: &[&str] = &{:?};", stated.editions.iter().collect::<Vec<_>>());
    let _ = writeln!(code, "/// In order.\nstatic NEUTRAL: &[&str] = &{:?};", stated.anywhere.iter().collect::<Vec<_>>());
    let _ = writeln!(code, "/// In order.\nstatic OPENING: &[&str] = &{:?};", stated.opening.iter().collect::<Vec<_>>());
    let by_value: BTreeSet<&str> = stated.anywhere.iter().filter_map(|name| Some(name.split_once('=')?.0)).collect();
    let _ = writeln!(code, "/// In order.\nstatic NEUTRAL_BY_VALUE: &[&str] = &{:?};", by_value.iter().collect::<Vec<_>>());
    let _ = writeln!(code, "/// In order.\nstatic GUARDS: &[&str] = &{:?};", stated.guards.iter().collect::<Vec<_>>());
    Ok(code)
}

/// Without what marks lists.
fn plain(path: &str) -> String {
    path.replace("[]", "")
}
