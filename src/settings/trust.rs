//! Whom a repository or an organisation trusts: its own accounts, its organisation, a vendor's account.
//!
//! Comes in: the section `trust` of settings, ids to words that say who that is. Goes out: entries with the lines that they stand in.

use crate::settings::sections::{Wrong, mapping, place};
use crate::source::{Place, RepoPath};
use crate::syntax::Node;
use schemars::{Schema, SchemaGenerator, json_schema};
use std::collections::BTreeSet;

/// Most entries.
const MAX_TRUSTED: usize = 1000;

/// Somebody who may be let in without being asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trusted {
    /// Number of an account, or id of an organisation.
    pub id: String,
    /// Who that is, in the words of whoever wrote the settings.
    pub who: String,
    pub place: Place,
}

impl Trusted {
    /// `111122223333 (our log archive)`.
    pub(super) fn words(&self) -> String {
        format!("{} ({})", self.id, self.who)
    }
}

/// The numbers of accounts and the ids of organisations in a text, `arn:aws:iam::111122223333:role/deploy` or `o-exampleorgid`.
pub fn ids(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').filter(|word| is_account(word) || is_organisation(word))
}

fn is_account(word: &str) -> bool {
    word.len() == 12 && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// `o-` and 10 to 32 lower-case letters or digits: <https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html>.
fn is_organisation(word: &str) -> bool {
    word.strip_prefix("o-").is_some_and(|rest| (10..=32).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// The JSON Schema of the section.
pub(super) fn schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "propertyNames": {"pattern": "^([0-9]{12}|o-[A-Za-z0-9]{10,32})$"},
        "maxProperties": MAX_TRUSTED,
        "additionalProperties": {"type": "string", "pattern": "[^ ]"},
    })
}

pub(super) fn read(section: Node<'_>, path: &RepoPath) -> Result<Vec<Trusted>, Wrong> {
    let entries = mapping(section, "trust: wants a mapping of account numbers and organisation ids to who that is")?;
    if entries.len() > MAX_TRUSTED {
        return Err((section.span, format!("trust: {} entries, at most {MAX_TRUSTED} are possible", entries.len())));
    }
    let mut trusted = Vec::new();
    for entry in entries {
        if !is_account(entry.key) && !is_organisation(entry.key) {
            let message = format!("trust: `{}` is neither an account number (12 digits) nor an organisation's id (`o-…`)", entry.key);
            return Err((entry.key_span, message));
        }
        let who = entry.value.scalar().map(str::trim).filter(|who| !who.is_empty());
        let who = who.ok_or_else(|| (entry.value.span, format!("trust: say who `{}` is", entry.key)))?;
        trusted.push(Trusted { id: entry.key.to_owned(), who: who.to_owned(), place: place(path, entry.key_span) });
    }
    Ok(trusted)
}

/// Those whom `head` trusts and `base` does not, in words.
pub(super) fn gained(base: &[Trusted], head: &[Trusted]) -> Vec<String> {
    let known: BTreeSet<&str> = base.iter().map(|trusted| trusted.id.as_str()).collect();
    let new = head.iter().filter(|trusted| !known.contains(trusted.id.as_str()));
    new.map(Trusted::words).collect()
}
