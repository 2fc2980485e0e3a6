//! What the settings made of a threat, as JSON.

use crate::stride::Threat;
use crate::stride::policy::PolicyEntry;
use serde::Serialize;

/// Which of it counts, and by which entry of the settings.
#[derive(Serialize)]
pub(in crate::report) struct RuledEntry<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<SeverityEntry<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocks: Option<BlocksEntry<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    off: Option<ByEntry<'a>>,
}

#[derive(Serialize)]
struct SeverityEntry<'a> {
    /// What the rule says.
    from: &'static str,
    to: &'static str,
    by: ByEntry<'a>,
}

#[derive(Serialize)]
struct BlocksEntry<'a> {
    to: bool,
    by: ByEntry<'a>,
}

#[derive(Serialize)]
struct ByEntry<'a> {
    /// `repository` or `organisation`: whose settings they are.
    settings: &'static str,
    file: &'a str,
    line: u32,
    why: &'a str,
}

impl<'a> RuledEntry<'a> {
    /// `None` where the settings say nothing of it.
    pub(in crate::report) fn of(threat: &'a Threat) -> Option<Self> {
        let ruled = threat.ruled.as_ref().filter(|ruled| ruled.severity.is_some() || ruled.blocks.is_some() || ruled.off.is_some())?;
        Some(Self {
            severity: ruled.severity.as_ref().map(|(from, to, by)| SeverityEntry { from: from.word(), to: to.word(), by: ByEntry::of(by) }),
            blocks: ruled.blocks.as_ref().map(|(to, by)| BlocksEntry { to: *to, by: ByEntry::of(by) }),
            off: ruled.off.as_deref().map(ByEntry::of),
        })
    }
}

impl<'a> ByEntry<'a> {
    fn of(entry: &'a PolicyEntry) -> Self {
        Self {
            settings: if entry.of_organisation { "organisation" } else { "repository" },
            file: entry.place.path.as_str(),
            line: entry.place.line,
            why: &entry.why,
        }
    }
}
