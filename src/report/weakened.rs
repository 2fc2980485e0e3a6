//! In what a pull request weakens its own gate: one threat, whatever the number of settings.
//!
//! Comes in: the settings that ask for less. Goes out: an ID that names exactly them, so that a word on it does not hold for more; and the
//! words for it.

use crate::report::escape;
use crate::settings::Weakening;
use crate::source::{Place, RepoPath};
use crate::stride::Fingerprint;
use sha2::{Digest, Sha256};

/// What is weakened, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weakened {
    pub place: Place,
    /// The settings are taken out as a whole.
    pub removed: bool,
    /// At least one; each setting that asks for less.
    pub causes: Vec<Weakening>,
}

impl Weakened {
    /// What the ledger keeps in the place of a threat's rule.
    pub const RULE: &'static str = "settings";

    /// `None` where nothing asks for less.
    pub fn of(path: &RepoPath, stays: bool, causes: Vec<Weakening>) -> Option<Self> {
        let place = Place { path: path.clone(), line: 1, end_line: 1 };
        (!causes.is_empty()).then_some(Self { place, removed: !stays, causes })
    }

    /// `settings/E-7f3a9c21`.
    pub fn id(&self) -> String {
        format!("settings/E-{}", self.fingerprint().short())
    }

    pub fn fingerprint(&self) -> Fingerprint {
        let mut hash = Sha256::new();
        hash.update(format!("settings {}", self.place.path));
        for Weakening { setting, from, to } in &self.causes {
            hash.update(format!("\n{setting} {}:{from} {}:{to}", from.len(), to.len()));
        }
        Fingerprint(hash.finalize().into())
    }

    /// As Markdown: `` `mode` goes from `enforce` to `advise`; `exclude` gains `infra/**` ``.
    pub fn words(&self) -> String {
        self.joined(escape::code)
    }

    /// As plain text.
    pub fn plain_words(&self) -> String {
        self.joined(|text| format!("`{text}`"))
    }

    fn joined(&self, code: impl Fn(&str) -> String) -> String {
        let cause = |Weakening { setting, from, to }: &Weakening| match (from.as_str(), to.as_str()) {
            ("", to) => format!("{} gains {}", code(setting), code(to)),
            (from, "") => format!("{} loses {}", code(setting), code(from)),
            (from, to) => format!("{} goes from {} to {}", code(setting), code(from), code(to)),
        };
        let causes: Vec<String> = self.causes.iter().map(cause).collect();
        let removed = if self.removed { "the settings are removed: " } else { "" };
        format!("{removed}{}", causes.join("; "))
    }
}
