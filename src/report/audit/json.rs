//! The audit trail as JSON. The field names are a contract: docs/ledger-export.schema.json has them.

use crate::decisions::merge::Merge;
use crate::decisions::trail::{Entry, State};
use crate::decisions::{Block, Signature};
use crate::report::audit::{Audit, references};
use crate::stride::reference::Reference;
use crate::stride::rule::Rule;
use crate::stride::vector::FactRecord;
use serde::Serialize;
use std::collections::BTreeMap;

/// The version of the document; a reader that knows another one must not guess.
const SCHEMA_VERSION: u32 = 1;

/// One JSON document.
pub fn render(audit: &Audit) -> String {
    let unreadable = audit.unreadable.iter().map(|(file, error)| UnreadableEntry { file, error });
    let document = Document {
        schema_version: SCHEMA_VERSION,
        branch: &audit.branch,
        tip: audit.tip.to_string(),
        asked: &audit.asked,
        sound: audit.is_sound(),
        history: HistoryEntry {
            commits: audit.growth.commits,
            unsigned: audit.growth.unsigned,
            cut: audit.growth.is_cut,
            broken: &audit.growth.broken,
        },
        sums: audit.verdicts().into_iter().map(|(verdict, number)| (verdict.word(), number)).collect(),
        categories: audit.categories().into_iter().map(|(category, number)| (category.letter(), number)).collect(),
        unplaced: audit.unplaced,
        entries: audit.entries.iter().map(|entry| EntryEntry::of(entry, &audit.own_rules)).collect(),
        unreadable: unreadable.collect(),
    };
    serde_json::to_string_pretty(&document).expect("every key is a text, and no entry refuses to be written") + "\n"
}

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    branch: &'a str,
    tip: String,
    asked: &'a [String],
    sound: bool,
    history: HistoryEntry<'a>,
    sums: BTreeMap<&'static str, usize>,
    categories: BTreeMap<char, usize>,
    unplaced: usize,
    entries: Vec<EntryEntry<'a>>,
    unreadable: Vec<UnreadableEntry<'a>>,
}

#[derive(Serialize)]
struct HistoryEntry<'a> {
    commits: usize,
    unsigned: usize,
    cut: bool,
    broken: &'a [String],
}

#[derive(Serialize)]
struct UnreadableEntry<'a> {
    file: &'a str,
    error: &'a str,
}

#[derive(Serialize)]
struct EntryEntry<'a> {
    at: String,
    verdict: &'static str,
    proposal: bool,
    needed: usize,
    state: &'static str,
    /// Who brought about that state, and when.
    changed: Option<SignedEntry<'a>>,
    confirmed: Vec<SignedEntry<'a>>,
    threat: &'a str,
    fingerprint: String,
    rule: &'a str,
    references: Vec<ReferenceEntry>,
    category: char,
    element: &'a str,
    part: &'a str,
    cause: Option<CauseEntry<'a>>,
    sharers: &'a [String],
    reason: &'a str,
    until: Option<String>,
    ticket: Option<&'a str>,
    to: Option<&'a str>,
    see: Option<SeeEntry<'a>>,
    by: ByEntry<'a>,
    pull: Option<u64>,
    url: Option<&'a str>,
    branch: Option<&'a str>,
    base: String,
    head: String,
    facts: BTreeMap<&'a str, FactEntry<'a>>,
    claims: &'a BTreeMap<String, String>,
    carried_from: Option<&'a str>,
    merge: Option<MergeEntry<'a>>,
    undoes: Option<&'a str>,
    confirms: Option<&'a str>,
    repository: u64,
    file: &'a str,
    commit: Option<String>,
}

#[derive(Serialize)]
struct ByEntry<'a> {
    /// Null where no account has signed it.
    id: Option<u64>,
    login: &'a str,
    right: &'a str,
}

#[derive(Serialize)]
struct ReferenceEntry {
    id: &'static str,
    name: Option<&'static str>,
}

#[derive(Serialize)]
struct SignedEntry<'a> {
    by: ByEntry<'a>,
    at: String,
}

/// What was judged at a merge.
#[derive(Serialize)]
struct MergeEntry<'a> {
    commit: String,
    verdict: &'a str,
    gate: &'static str,
    open: &'a [String],
    matters: &'a [String],
    engine: &'a str,
}

#[derive(Serialize)]
struct CauseEntry<'a> {
    kind: &'static str,
    holder: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct SeeEntry<'a> {
    path: &'a str,
    blob: String,
    pattern: Option<&'a str>,
}

/// As the ledger keeps it.
#[derive(Serialize)]
#[serde(untagged)]
enum FactEntry<'a> {
    Unread {},
    Unresolved { unresolved: &'a str },
    Known { answer: &'a [String], witnesses: &'a [String], reach: &'a [String] },
}

impl<'a> EntryEntry<'a> {
    fn of(entry: &'a Entry, own_rules: &[&'static Rule]) -> Self {
        let Block { cause, see, .. } = &entry.block;
        let block = &entry.block;
        let changed = match &entry.state {
            State::Replaced(by, at) | State::TakenBack(by, at) | State::Answered(by, at) => {
                Some(SignedEntry { by: ByEntry::of(by), at: at.to_string() })
            }
            State::Stands | State::Waits | State::Ended(_) | State::Carried | State::Holds | State::Over | State::Owed | State::Said => {
                None
            }
        };
        Self {
            at: block.at.to_string(),
            verdict: block.verdict.word(),
            proposal: block.proposal,
            needed: block.needed,
            state: entry.state.word(),
            changed,
            confirmed: entry.confirmed.iter().map(|(by, at)| SignedEntry { by: ByEntry::of(by), at: at.to_string() }).collect(),
            threat: &block.threat,
            fingerprint: block.fingerprint.to_string(),
            rule: &block.rule,
            references: references(block, own_rules).iter().map(|reference| ReferenceEntry::of(reference)).collect(),
            category: block.category.letter(),
            element: &block.on,
            part: &block.part,
            cause: cause.as_ref().map(|cause| CauseEntry { kind: cause.kind.word(), holder: &cause.holder, name: &cause.name }),
            sharers: &block.sharers,
            reason: &block.reason,
            until: block.until.map(|day| day.to_string()),
            ticket: block.ticket.as_deref(),
            to: block.to.as_deref(),
            see: see.as_ref().map(|pin| SeeEntry { path: pin.path.as_str(), blob: pin.blob.to_string(), pattern: pin.pattern.as_deref() }),
            by: ByEntry::of(&block.by),
            pull: Some(block.pull).filter(|pull| *pull > 0),
            url: Some(block.url.as_str()).filter(|url| !url.is_empty()),
            branch: Some(block.branch.as_str()).filter(|branch| !branch.is_empty()),
            base: block.base.to_string(),
            head: block.head.to_string(),
            facts: block.facts.iter().map(|(fact, record)| (fact.as_str(), FactEntry::of(record))).collect(),
            claims: &block.claims,
            carried_from: block.carried_from.as_deref(),
            merge: block.merge.as_ref().map(MergeEntry::of),
            undoes: block.undoes.as_deref(),
            confirms: block.confirms.as_deref(),
            repository: entry.repository,
            file: &entry.file,
            commit: entry.commit.map(|commit| commit.to_string()),
        }
    }
}

impl ReferenceEntry {
    fn of(reference: &'static str) -> Self {
        Self { id: reference, name: Reference::find(reference).map(|found| found.name) }
    }
}

impl<'a> MergeEntry<'a> {
    fn of(merge: &'a Merge) -> Self {
        let Merge { commit, verdict, gate, open, matters, engine } = merge;
        Self { commit: commit.to_string(), verdict, gate: gate.word(), open, matters, engine }
    }
}

impl<'a> ByEntry<'a> {
    fn of(by: &'a Signature) -> Self {
        Self { id: Some(by.id.0).filter(|id| *id > 0), login: &by.login, right: &by.right }
    }
}

impl<'a> FactEntry<'a> {
    fn of(record: &'a FactRecord) -> Self {
        match record {
            FactRecord::Unread => Self::Unread {},
            FactRecord::Unresolved(reason) => Self::Unresolved { unresolved: reason },
            FactRecord::Known { answer, witnesses, reach } => Self::Known { answer, witnesses, reach },
        }
    }
}
