//! A file that must be repaired, or accepted as it is by an ID that names its path and its content.

use crate::change::ObjectId;
use crate::source::{Place, RepoPath};
use crate::stride::Fingerprint;
use sha2::{Digest, Sha256};

/// Where the place of a repair is a path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// In the tree that is judged.
    #[default]
    Tree,
    /// On the ledger's branch; or the branch's own name.
    Ledger,
    /// In the organisation's `.github` repository.
    Organisation,
}

impl Whose {
    /// The word of it in JSON; `None` for the tree, of which nothing need be said.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Tree => None,
            Self::Ledger => Some("ledger"),
            Self::Organisation => Some("organisation"),
        }
    }
}

/// Something that must be repaired, and how.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Repair {
    pub place: Place,
    pub whose: Whose,
    pub what: String,
    pub way_out: String,
    /// What people type to accept it: bound to the file's path and content, so that another version of the file asks again.
    pub id: String,
    /// The content that the ID names, where there is any.
    pub content: Option<ObjectId>,
    /// Whether anybody may accept it: not what the record of acceptances itself needs.
    pub acceptable: bool,
}

impl Repair {
    /// Its place in the tree that is judged; `None` where it is elsewhere, so that nothing may link there or annotate it.
    pub fn in_tree(&self) -> Option<&Place> {
        Some(&self.place).filter(|_| self.whose == Whose::Tree)
    }

    /// What the ledger keeps in the place of a threat's rule.
    pub const RULE: &'static str = "repair";

    /// The ID of the repairs of one file: `repair/template.yaml-7f3a9c21`.
    pub fn id_of(path: &RepoPath, blob: Option<ObjectId>) -> String {
        let plain = |c: char| if c.is_ascii_alphanumeric() || "_-.".contains(c) { c } else { '_' };
        let name: String = path.file_name().chars().map(plain).collect();
        format!("repair/{name}-{}", Self::fingerprint_of(path, blob).short())
    }

    /// What the ID is the beginning of.
    pub fn fingerprint_of(path: &RepoPath, blob: Option<ObjectId>) -> Fingerprint {
        let blob = blob.map(|id| id.to_string()).unwrap_or_default();
        Fingerprint(Sha256::digest(format!("repair {}:{path} {blob}", path.as_str().len())).into())
    }
}
