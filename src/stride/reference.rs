//! What rules refer to: weaknesses, attack patterns, techniques and controls by the names of their publishers.
//!
//! The lists are generated from `config/references.yml` by `build.rs`, which takes no rule that refers to anything else. What no list has is the
//! check of another tool, and its id is all there is to say of it.

include!(concat!(env!("OUT_DIR"), "/references.rs"));

/// A list of a publisher, as far as rules refer to it.
#[derive(Debug, PartialEq, Eq)]
pub struct Taxonomy {
    /// What rules write before the id: `CWE-`, `NIST `.
    pub prefix: &'static str,
    /// `CWE`.
    pub name: &'static str,
    pub full_name: &'static str,
    pub organization: &'static str,
    pub page: &'static str,
    /// The page of one entry, with `{id}` or, a slash for each point in it, `{path}`.
    pub item_page: Option<&'static str>,
    /// Ids without the prefix, with their names.
    pub ids: &'static [(&'static str, &'static str)],
}

/// One entry of such a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    pub taxonomy: &'static Taxonomy,
    /// Without the prefix.
    pub id: &'static str,
    pub name: &'static str,
}

impl Reference {
    /// What a rule's reference names; `None` for the check of another tool.
    pub fn find(reference: &str) -> Option<Self> {
        TAXONOMIES.iter().find_map(|taxonomy| {
            let wanted = reference.strip_prefix(taxonomy.prefix)?;
            let (id, name) = taxonomy.ids.iter().find(|(id, _)| *id == wanted)?;
            Some(Self { taxonomy, id, name })
        })
    }

    /// As its publisher calls it: `CWE-306`, `T1190`.
    pub fn own_id(&self) -> String {
        let prefix = self.taxonomy.prefix;
        if prefix.ends_with(' ') { self.id.to_owned() } else { format!("{prefix}{}", self.id) }
    }

    pub fn page(&self) -> Option<String> {
        Some(self.taxonomy.item_page?.replace("{id}", self.id).replace("{path}", &self.id.replace('.', "/")))
    }
}

/// `CWE-306 (Missing Authentication for Critical Function)`; the id alone where there is no name.
pub fn words(reference: &str) -> String {
    Reference::find(reference).map_or_else(|| reference.to_owned(), |found| format!("{reference} ({})", found.name))
}
