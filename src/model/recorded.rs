//! Threats that a model file records itself.

use crate::model::category::Category;
use crate::source::{Place, RepoPath};

/// A threat that a model file records itself: evidence on its element, or a thing of its own where it names none.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedThreat {
    /// The file's own id of it, or what stands for one.
    pub id: String,
    pub unit: RepoPath,
    /// The element or flow that it is recorded on, by id; `None` where the file does not say.
    pub on: Option<String>,
    /// `None` where the file's word is no STRIDE category.
    pub category: Option<Category>,
    pub title: String,
    /// What the file says of it beyond the title; empty where nothing.
    pub description: String,
    /// How severe the file says it is, as it spells that; empty where it does not.
    pub severity: String,
    pub status: RecordedStatus,
    /// The status as the file spells it; empty where it states none.
    pub raw_status: String,
    /// What the file says for it: mitigations, justification.
    pub rationale: String,
    pub place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordedStatus {
    Open,
    Mitigated,
    Accepted,
    Transferred,
    NotApplicable,
    FalsePositive,
    /// Resolved, but nothing says by what: asked for, not an answer.
    ResolvedWithoutBasis,
}

impl RecordedStatus {
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Mitigated => "mitigated",
            Self::Accepted => "accepted",
            Self::Transferred => "transferred",
            Self::NotApplicable => "not applicable",
            Self::FalsePositive => "false positive",
            Self::ResolvedWithoutBasis => "resolved (basis unstated)",
        }
    }

    /// Whether the cell of the chart counts as answered.
    pub fn answers(self) -> bool {
        match self {
            Self::Mitigated | Self::Accepted | Self::Transferred | Self::NotApplicable | Self::FalsePositive => true,
            Self::Open | Self::ResolvedWithoutBasis => false,
        }
    }
}
