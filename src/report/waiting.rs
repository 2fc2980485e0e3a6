//! What the gate waits for, and what lets a change pass.
//!
//! Comes in: a report. Goes out: what of it is open, what people accepted, and when that ends.

use super::{Awaited, Repair, Reply, Report, Verdict, Weakened};
use crate::change::{Day, Timestamp};
use crate::decisions::emergency::Emergency;
use crate::decisions::{Block, Decided, Ruling, Standing, matter_key};
use crate::stride::ThreatKey;
use std::collections::BTreeSet;

impl Report {
    /// Who accepted what bears this ID, and why.
    pub fn accepted(&self, id: &str) -> Option<&Decided> {
        match self.rulings.get(id)? {
            Ruling::Decided(decided) => Some(decided),
            Ruling::Proposed(_) => None,
        }
    }

    /// The repairs that nobody has accepted.
    pub fn open_repairs(&self) -> impl Iterator<Item = &Repair> {
        self.repairs.iter().filter(|repair| self.accepted(&repair.id).is_none())
    }

    /// What weakens the gate and nobody has answered.
    pub fn open_weakened(&self) -> Option<&Weakened> {
        self.weakened.as_ref().filter(|weakened| self.accepted(&weakened.id()).is_none())
    }

    /// What the change brings that may need somebody's word.
    pub fn introduces(&self) -> BTreeSet<ThreatKey> {
        let threats = self.reviewed.iter().filter(|reviewed| reviewed.introduced).map(|reviewed| reviewed.threat.key.clone());
        let repairs = self.repairs.iter().map(|repair| matter_key(Repair::RULE, &repair.id));
        let weakened = self.weakened.iter().map(|weakened| matter_key(Weakened::RULE, &weakened.id()));
        threats.chain(repairs).chain(weakened).collect()
    }

    /// What the gate waits for.
    pub fn outstanding(&self) -> BTreeSet<ThreatKey> {
        let repairs = self.open_repairs().map(|repair| matter_key(Repair::RULE, &repair.id));
        let weakened = self.open_weakened().map(|weakened| matter_key(Weakened::RULE, &weakened.id()));
        let awaited = self.awaited.iter().map(|awaited| matter_key(Awaited::RULE, &awaited.what));
        self.blocking().map(|reviewed| reviewed.threat.key.clone()).chain(repairs).chain(weakened).chain(awaited).collect()
    }

    /// Whether the gate waits for something.
    pub fn waits(&self) -> bool {
        matches!(self.verdict, Verdict::NeedsAnswer | Verdict::Undetermined)
    }

    /// The blocks that a comment's commands would write.
    pub fn said_by(&self, reply: &Reply) -> impl Iterator<Item = &Block> {
        self.blocks.iter().map(|(_, block)| block).filter(move |block| block.is_typed() && block.comment == reply.to)
    }

    /// The emergency by which the change passes though the gate waits for something.
    pub fn passes_by(&self) -> Option<&Emergency> {
        self.emergency.as_ref().filter(|_| self.waits())
    }

    /// When the first thing ends that the report rests on: an emergency, or a decision with a last day.
    pub fn stands_until(&self) -> Option<Timestamp> {
        let standing = self.reviewed.iter().filter_map(|reviewed| match &reviewed.standing {
            Standing::Decided(decided) | Standing::Proposed(decided) => decided.until,
            Standing::SwitchedOff
            | Standing::Open
            | Standing::Unclear
            | Standing::Covered
            | Standing::Claimed
            | Standing::Reopened { .. } => None,
        });
        let ruled = self.rulings.values().filter_map(|ruling| match ruling {
            Ruling::Proposed(decided) | Ruling::Decided(decided) => decided.until,
        });
        let days = standing.chain(ruled).map(Day::end);
        days.chain(self.emergency.as_ref().map(|emergency| emergency.until)).min()
    }
}
