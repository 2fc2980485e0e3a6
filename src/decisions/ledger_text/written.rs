//! A block as a ledger file spells it.
//!
//! Comes in: what the YAML says. Goes out: a block, of whichever edition, or what is wrong with it.

use super::EDITION;
use crate::change::{Day, ObjectId, Timestamp, UserId};
use crate::decisions::merge::{Gate, Merge};
use crate::decisions::pin::Pin;
use crate::decisions::{Block, Signature, Verdict, first_edition};
use crate::model::category::Category;
use crate::model::cause::{Cause, CauseKind};
use crate::source::RepoPath;
use crate::stride::vector::FactRecord;
use crate::stride::{Fingerprint, Worst};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A block as the file spells it. Fields that a later edition adds are passed over.
#[derive(Deserialize)]
pub(super) struct Written {
    #[serde(default = "first")]
    version: u32,
    threat: String,
    fingerprint: String,
    rule: String,
    cause: Option<WrittenCause>,
    on: String,
    #[serde(default)]
    part: String,
    #[serde(default)]
    sharers: Vec<String>,
    #[serde(default)]
    worst: WrittenWorst,
    category: String,
    verdict: String,
    #[serde(default)]
    proposal: bool,
    #[serde(default = "one")]
    needed: usize,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    reproduction: String,
    until: Option<String>,
    see: Option<WrittenSee>,
    ticket: Option<String>,
    to: Option<String>,
    undoes: Option<String>,
    confirms: Option<String>,
    by: WrittenSignature,
    at: String,
    #[serde(default)]
    comment: u64,
    #[serde(default)]
    url: String,
    #[serde(default)]
    pull: u64,
    #[serde(default)]
    branch: String,
    base: String,
    head: String,
    #[serde(default)]
    facts: BTreeMap<String, WrittenFact>,
    #[serde(default)]
    claims: BTreeMap<String, String>,
    #[serde(default)]
    covers: Vec<String>,
    carried_from: Option<String>,
    merge: Option<WrittenMerge>,
}

fn one() -> usize {
    1
}

fn first() -> u32 {
    1
}

#[derive(Deserialize)]
struct WrittenCause {
    kind: String,
    holder: String,
    name: String,
}

#[derive(Default, Deserialize)]
struct WrittenWorst {
    #[serde(default)]
    exposed: bool,
    #[serde(default)]
    data_class: u8,
}

/// A sentence in the first edition, lists in the second.
#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenFact {
    Words(String),
    Record {
        unresolved: Option<String>,
        answer: Option<Vec<String>>,
        #[serde(default)]
        witnesses: Vec<String>,
        #[serde(default)]
        reach: Vec<String>,
    },
}

impl WrittenFact {
    fn record(self) -> Result<FactRecord, String> {
        match self {
            Self::Words(words) => Err(format!("`{words}` is no record of a fact")),
            Self::Record { unresolved: Some(reason), .. } => Ok(FactRecord::Unresolved(reason)),
            Self::Record { unresolved: None, answer: Some(answer), witnesses, reach } => Ok(FactRecord::Known { answer, witnesses, reach }),
            Self::Record { unresolved: None, answer: None, .. } => Ok(FactRecord::Unread),
        }
    }

    fn words(self) -> Result<String, String> {
        match self {
            Self::Words(words) => Ok(words),
            Self::Record { .. } => Err("a block of the first edition keeps its facts as sentences".to_owned()),
        }
    }
}

#[derive(Deserialize)]
struct WrittenSee {
    path: String,
    blob: String,
    pattern: Option<String>,
}

#[derive(Deserialize)]
struct WrittenMerge {
    commit: String,
    verdict: String,
    gate: String,
    #[serde(default)]
    open: Vec<String>,
    #[serde(default)]
    matters: Vec<String>,
    #[serde(default)]
    engine: String,
}

impl WrittenMerge {
    fn merge(self) -> Result<Merge, String> {
        let Self { verdict, open, matters, engine, .. } = self;
        let commit = ObjectId::from_hex(&self.commit).ok_or_else(|| format!("`{}` is no commit", self.commit))?;
        let gate = Gate::ALL.into_iter().find(|gate| gate.word() == self.gate);
        let gate = gate.ok_or_else(|| format!("`{}` is no way past the gate", self.gate))?;
        Ok(Merge { commit, verdict, gate, open, matters, engine })
    }
}

#[derive(Deserialize)]
struct WrittenSignature {
    id: u64,
    login: String,
    #[serde(default)]
    right: String,
}

impl Written {
    pub(super) fn block(self) -> Result<Block, String> {
        let object = |text: &str| ObjectId::from_hex(text).ok_or_else(|| format!("`{text}` is no commit"));
        let fingerprint = |text: &str| Fingerprint::from_hex(text).ok_or_else(|| format!("`{text}` is no fingerprint"));
        let (facts, claims) = match self.version {
            1 => {
                let words = self.facts.into_iter().map(|(name, fact)| Ok((name, fact.words()?)));
                first_edition::facts(words.collect::<Result<_, String>>()?)
            }
            EDITION => {
                let records = self.facts.into_iter().map(|(name, fact)| Ok((name, fact.record()?)));
                (records.collect::<Result<_, String>>()?, self.claims)
            }
            newer => return Err(format!("the block is of edition {newer}, which this version of Astride does not know")),
        };
        let cause = match self.cause {
            None => None,
            Some(WrittenCause { kind, holder, name }) => {
                let kind = CauseKind::from_word(&kind).ok_or_else(|| format!("`{kind}` is no kind of cause"))?;
                Some(Cause { kind, holder, name })
            }
        };
        Ok(Block {
            cause,
            sharers: self.sharers,
            worst: Worst { exposed: self.worst.exposed, data_class: self.worst.data_class },
            facts,
            claims,
            fingerprint: fingerprint(&self.fingerprint)?,
            category: self
                .category
                .chars()
                .next()
                .and_then(Category::from_letter)
                .ok_or_else(|| format!("`{}` is no category", self.category))?,
            verdict: Verdict::ALL
                .into_iter()
                .find(|verdict| verdict.word() == self.verdict)
                .ok_or_else(|| format!("`{}` is no verdict", self.verdict))?,
            until: match &self.until {
                Some(until) => Some(Day::parse(until).ok_or_else(|| format!("`{until}` is no day"))?),
                None => None,
            },
            see: match self.see {
                Some(see) => Some(Pin { path: RepoPath::new(&see.path), blob: object(&see.blob)?, pattern: see.pattern }),
                None => None,
            },
            at: Timestamp::parse(&self.at).ok_or_else(|| format!("`{}` is no time", self.at))?,
            base: object(&self.base)?,
            head: object(&self.head)?,
            covers: self.covers.iter().map(|text| fingerprint(text)).collect::<Result<_, _>>()?,
            by: Signature { id: UserId(self.by.id), login: self.by.login, right: self.by.right },
            threat: self.threat,
            rule: self.rule,
            on: self.on,
            part: self.part,
            proposal: self.proposal,
            needed: self.needed.max(1),
            reproduction: self.reproduction,
            reason: self.reason,
            comment: self.comment,
            url: self.url,
            pull: self.pull,
            ticket: self.ticket,
            to: self.to,
            undoes: self.undoes,
            confirms: self.confirms,
            branch: self.branch,
            carried_from: self.carried_from,
            merge: self.merge.map(WrittenMerge::merge).transpose()?,
            pushed: false,
            for_organisation: false,
        })
    }
}
