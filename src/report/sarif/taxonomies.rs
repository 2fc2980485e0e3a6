//! What rules refer to, as SARIF wants it: the taxonomies with the taxa that are named, and each rule's relationships to them.
//!
//! Comes in: the rules of a log. Goes out: `taxonomies`, `supportedTaxonomies`, and for each rule `relationships` and tags.
//! Source: SARIF 2.1.0, 3.14.8, 3.19.4, 3.49.15 and 3.53.

use crate::stride::reference::{Reference, TAXONOMIES, Taxonomy};
use crate::stride::rule::Rule;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What the rules of one log refer to.
pub(super) struct Named {
    /// Each taxonomy with its taxa, which are ordered; both are found by their position.
    taxonomies: Vec<(&'static Taxonomy, Vec<Reference>)>,
}

impl Named {
    pub(super) fn of<'r>(rules: impl Iterator<Item = &'r Rule>) -> Self {
        let named: BTreeSet<&str> = rules.flat_map(|rule| rule.references).copied().collect();
        let named: Vec<Reference> = named.into_iter().filter_map(Reference::find).collect();
        let taxa = |taxonomy: &'static Taxonomy| {
            let taxa: Vec<Reference> = named.iter().filter(|reference| reference.taxonomy == taxonomy).copied().collect();
            (!taxa.is_empty()).then_some((taxonomy, taxa))
        };
        Self { taxonomies: TAXONOMIES.iter().filter_map(taxa).collect() }
    }

    pub(super) fn taxonomies(&self) -> Vec<Value> {
        self.taxonomies.iter().map(|(taxonomy, taxa)| component(taxonomy, taxa)).collect()
    }

    /// For the driver, which refers to them by position.
    pub(super) fn supported(&self) -> Vec<Value> {
        self.taxonomies.iter().enumerate().map(|(index, (taxonomy, _))| json!({"name": taxonomy.name, "index": index})).collect()
    }

    pub(super) fn relationships(&self, rule: &Rule) -> Vec<Value> {
        let of = |reference: Reference| {
            let position = self.taxonomies.iter().position(|(taxonomy, _)| *taxonomy == reference.taxonomy)?;
            let index = self.taxonomies[position].1.iter().position(|taxon| *taxon == reference)?;
            let component = json!({"name": reference.taxonomy.name, "index": position});
            Some(json!({"target": {"id": reference.own_id(), "index": index, "toolComponent": component}, "kinds": ["relevant"]}))
        };
        rule.references.iter().filter_map(|reference| of(Reference::find(reference)?)).collect()
    }
}

/// The tags by which GitHub's code scanning finds weaknesses: `external/cwe/cwe-306`.
pub(super) fn tags(rule: &Rule) -> impl Iterator<Item = String> {
    rule.references
        .iter()
        .filter(|reference| reference.starts_with("CWE-"))
        .map(|weakness| format!("external/cwe/{}", weakness.to_lowercase()))
}

fn component(taxonomy: &Taxonomy, taxa: &[Reference]) -> Value {
    json!({
        "name": taxonomy.name,
        "fullName": taxonomy.full_name,
        "organization": taxonomy.organization,
        "informationUri": taxonomy.page,
        "shortDescription": {"text": taxonomy.full_name},
        "isComprehensive": false,
        "taxa": taxa.iter().map(taxon).collect::<Vec<_>>(),
    })
}

fn taxon(reference: &Reference) -> Value {
    let mut taxon = json!({"id": reference.own_id(), "name": reference.name, "shortDescription": {"text": reference.name}});
    if let Some(page) = reference.page() {
        taxon["helpUri"] = json!(page);
    }
    taxon
}
