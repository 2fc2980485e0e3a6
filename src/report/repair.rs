//! A file that must be repaired, or accepted as it is by an ID that names its path and its content.

use crate::change::ObjectId;
use crate::source::{Place, RepoPath};
use crate::stride::Fingerprint;
use sha2::{Digest, Sha256};

/// Something that must be repaired, and how.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Repair {
    pub place: Place,
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
