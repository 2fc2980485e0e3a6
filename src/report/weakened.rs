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
    /// The file whose settings they are, or the folder: a part of the ID.
    pub of: RepoPath,
    /// Where the first of them stands.
    pub place: Place,
    /// The settings are taken out as a whole.
    pub removed: bool,
    /// At least one; each setting that asks for less.
    pub causes: Vec<Weakening>,
    /// Where each of them stands, in the same order.
    pub places: Vec<Place>,
}

impl Weakened {
    /// What the ledger keeps in the place of a threat's rule.
    pub const RULE: &'static str = "settings";

    /// `None` where nothing asks for less.
    pub fn of(path: RepoPath, stays: bool, causes: Vec<(Weakening, Place)>) -> Option<Self> {
        let (causes, places): (Vec<Weakening>, Vec<Place>) = causes.into_iter().unzip();
        let place = places.first()?.clone();
        Some(Self { of: path, place, removed: !stays, causes, places })
    }

    /// Each place once, with what is weakened there as plain text.
    pub fn by_place(&self) -> Vec<(&Place, String)> {
        let mut places: Vec<&Place> = Vec::new();
        for place in &self.places {
            if !places.contains(&place) {
                places.push(place);
            }
        }
        let at = |place: &Place| {
            let here = self.causes.iter().zip(&self.places).filter(|(_, other)| *other == place);
            Self { causes: here.map(|(cause, _)| cause.clone()).collect(), ..self.clone() }
        };
        places.iter().map(|place| (*place, at(place).plain_words())).collect()
    }

    /// `settings/E-7f3a9c21`.
    pub fn id(&self) -> String {
        format!("settings/E-{}", self.fingerprint().short())
    }

    pub fn fingerprint(&self) -> Fingerprint {
        let mut hash = Sha256::new();
        hash.update(format!("settings {}", self.of));
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
