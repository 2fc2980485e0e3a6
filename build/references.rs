//! `config/references.yml` → `TAXONOMIES`: what rules refer to, with the names that its publishers give it.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Taxonomy {
    prefix: String,
    name: String,
    full_name: String,
    organization: String,
    page: String,
    item_page: Option<String>,
    ids: BTreeMap<String, String>,
}

/// What may be referred to, and what of it rules have named so far.
pub struct References {
    taxonomies: Vec<Taxonomy>,
    named: BTreeSet<String>,
}

impl References {
    pub fn read(path: &Path) -> Result<Self, String> {
        let error = |reason: String| format!("{}: {reason}", path.display());
        let text = fs::read_to_string(path).map_err(|reason| error(reason.to_string()))?;
        let taxonomies = serde_saphyr::from_str(&text).map_err(|reason| error(reason.to_string()))?;
        Ok(Self { taxonomies, named: BTreeSet::new() })
    }

    /// Takes what one rule refers to: of each taxonomy only ids that are listed, of other tools only what looks like a check of theirs, and a
    /// weakness at least.
    pub fn take(&mut self, references: &[String]) -> Result<(), String> {
        if !references.iter().any(|reference| reference.starts_with("CWE-")) {
            return Err("it names no weakness (CWE)".to_owned());
        }
        for reference in references {
            let listed = |taxonomy: &Taxonomy| Some(taxonomy.ids.contains_key(reference.strip_prefix(&taxonomy.prefix)?));
            match self.taxonomies.iter().find_map(listed) {
                Some(false) => return Err(format!("{reference} is not in config/references.yml")),
                None if !is_check(reference) => {
                    return Err(format!("{reference} is neither of a known taxonomy nor a check of a known tool"));
                }
                Some(true) | None => self.named.insert(reference.clone()),
            };
        }
        Ok(())
    }

    /// The constant; an error where no rule has named an entry.
    pub fn code(&self) -> Result<String, String> {
        let mut code =
            String::from("/// In the order of the file; the ids of each are ordered.\npub static TAXONOMIES: &[Taxonomy] = &[\n");
        for Taxonomy { prefix, name, full_name, organization, page, item_page, ids } in &self.taxonomies {
            if let Some(id) = ids.keys().find(|id| !self.named.contains(&format!("{prefix}{id}"))) {
                return Err(format!("config/references.yml: no rule refers to {prefix}{id}"));
            }
            let ids: Vec<(&String, &String)> = ids.iter().collect();
            writeln!(
                code,
                "    Taxonomy {{ prefix: {prefix:?}, name: {name:?}, full_name: {full_name:?}, organization: {organization:?}, page: {page:?}, \
                 item_page: {item_page:?}, ids: &{ids:?} }},"
            )
            .expect("writing to a string cannot fail");
        }
        Ok(code + "];\n")
    }
}

/// `CKV_AWS_258`, `CKV2_AWS_5`, `SecurityHub Lambda.1`.
fn is_check(reference: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let checkov = ["CKV_AWS_", "CKV2_AWS_"].iter().find_map(|prefix| reference.strip_prefix(prefix));
    let hub = reference.strip_prefix("SecurityHub ").and_then(|control| control.split_once('.'));
    checkov.is_some_and(is_number)
        || hub.is_some_and(|(service, number)| service.bytes().all(|byte| byte.is_ascii_alphanumeric()) && is_number(number))
}
