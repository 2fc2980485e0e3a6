//! A threat of a change, as JSON: what it is about, where it stands, and on which evidence.

use crate::decisions::Reviewed;
use crate::report::Report;
use crate::report::json::earlier::EarlierEntry;
use crate::report::json::model::SuppressionEntry;
use crate::report::json::ruled::RuledEntry;
use crate::report::json::way::HopEntry;
use crate::report::json::{state, way};
use crate::report::way::Ways;
use crate::source::Place;
use crate::stride::{Claim, Claimed, Evidence, ThreatKey};
use serde::{Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};

/// A threat of what is new or changed, with what has become of it.
#[derive(Serialize)]
pub(super) struct ThreatEntry<'a> {
    id: String,
    fingerprint: String,
    rule: &'static str,
    kind: &'static str,
    category: char,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<RuledEntry<'a>>,
    element: &'a str,
    part: &'a str,
    cause: CauseEntry<'a>,
    sharers: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    undecided: Vec<&'a str>,
    number: Option<usize>,
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<EarlierEntry<'a>>,
    introduced: bool,
    blocks: bool,
    file: &'a str,
    line: u32,
    title: String,
    question: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    way: Vec<HopEntry<'a>>,
    #[serde(serialize_with = "words")]
    facts: &'a [Evidence],
    #[serde(serialize_with = "origins")]
    origins: &'a [Evidence],
    claimed: Option<PlaceEntry<'a>>,
    stated: Vec<ClaimEntry<'a>>,
    suppressed: Vec<SuppressionEntry<'a>>,
}

/// What must be changed to end it; decisions bind to it.
#[derive(Serialize)]
struct CauseEntry<'a> {
    kind: &'static str,
    /// Empty where it belongs to the repository as a whole.
    holder: &'a str,
    name: &'a str,
}

#[derive(Serialize)]
struct PlaceEntry<'a> {
    file: &'a str,
    line: u32,
}

#[derive(Serialize)]
struct ClaimEntry<'a> {
    words: &'a str,
    status: &'static str,
    file: &'a str,
    line: u32,
}

/// Where an answer comes from.
#[derive(Serialize)]
#[serde(untagged)]
enum OriginEntry<'a> {
    /// `people` state it, or the `change`, or the `template` says so.
    Place { by: &'static str, file: &'a str, line: u32 },
    /// The provider does so where nothing is said.
    Page { by: &'static str, page: &'static str },
}

impl<'a> ThreatEntry<'a> {
    pub(super) fn of(reviewed: &'a Reviewed, report: &'a Report, numbers: &BTreeMap<&ThreatKey, usize>, ways: &Ways<'a>) -> Self {
        let threat = &reviewed.threat;
        let cause = &threat.key.cause;
        // Everybody who shares it, the element included.
        let sharers: BTreeSet<&str> = threat.sharers().map(|sharer| &*sharer.on).collect();
        Self {
            cause: CauseEntry { kind: cause.kind.word(), holder: &cause.holder, name: &cause.name },
            sharers: sharers.into_iter().collect(),
            undecided: reviewed.undecided.iter().map(|name| &**name).collect(),
            number: numbers.get(&threat.key).copied(),
            id: threat.id(),
            fingerprint: threat.fingerprint().to_string(),
            rule: threat.rule.id,
            kind: threat.rule.kind.word(),
            category: threat.rule.category.letter(),
            severity: threat.severity.word(),
            settings: RuledEntry::of(threat),
            element: &threat.on,
            part: &threat.part,
            state: state(&reviewed.standing),
            assigned: reviewed.assigned.as_deref(),
            before: report.carriable.get(&threat.id()).map(EarlierEntry::of),
            introduced: reviewed.introduced,
            blocks: reviewed.blocks && reviewed.needs_answer(),
            file: threat.place.path.as_str(),
            line: threat.place.line,
            title: threat.title(),
            question: threat.question(),
            way: way::entries(ways, threat),
            facts: &threat.evidence,
            origins: &threat.evidence,
            claimed: threat.claimed.as_ref().map(PlaceEntry::of),
            stated: threat.stated.iter().flat_map(|stated| &stated.claims).map(ClaimEntry::of).collect(),
            suppressed: threat.suppressed.iter().map(SuppressionEntry::of).collect(),
        }
    }
}

impl<'a> PlaceEntry<'a> {
    fn of(place: &'a Place) -> Self {
        Self { file: place.path.as_str(), line: place.line }
    }
}

impl<'a> ClaimEntry<'a> {
    fn of(claim: &'a Claim) -> Self {
        Self { words: &claim.words, status: claim.status.word(), file: claim.place.path.as_str(), line: claim.place.line }
    }
}

impl<'a> OriginEntry<'a> {
    /// Nothing where the answer is derived or unread.
    fn of(evidence: &'a Evidence) -> Option<Self> {
        if let Some(place) = evidence.place() {
            let by = evidence.claimed.map_or("template", |claimed| match claimed {
                Claimed::Given => "people",
                Claimed::New => "change",
                Claimed::Proposed => "change, unconfirmed",
            });
            return Some(Self::Place { by, file: place.path.as_str(), line: place.line });
        }
        evidence.default_page().map(|page| Self::Page { by: "provider", page })
    }
}

fn words<S: Serializer>(evidence: &[Evidence], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(evidence.iter().map(|evidence| (evidence.fact.as_str(), evidence.words())))
}

fn origins<S: Serializer>(evidence: &[Evidence], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(evidence.iter().filter_map(|evidence| Some((evidence.fact.as_str(), OriginEntry::of(evidence)?))))
}
