//! What the settings made of threats, in words: severities that are set, what the gate waits for or does not, and what is not asked at all.
//!
//! Comes in: threats with the entries that count for them. Goes out: sentences for every surface, with the entry's reason and line.
//! Reasons are foreign text and go through whatever door the surface has.

use crate::decisions::{Reviewed, Standing};
use crate::stride::Threat;
use crate::stride::policy::PolicyEntry;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Threats that one entry switches off.
pub(crate) struct SwitchedOff<'r> {
    pub(crate) entry: &'r PolicyEntry,
    pub(crate) threats: Vec<&'r Reviewed>,
}

impl SwitchedOff<'_> {
    /// `STR-LAMBDA-D-01 (2), STR-SQS-R-01 (1)`, with the ids as they are shown.
    pub(crate) fn rules(&self, shown: impl Fn(&str) -> String) -> String {
        let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
        for reviewed in &self.threats {
            *rules.entry(reviewed.threat.rule.id).or_default() += 1;
        }
        rules.into_iter().map(|(rule, number)| format!("{} ({number})", shown(rule))).collect::<Vec<_>>().join(", ")
    }

    /// The reason and where it stands: `only deployed to sandboxes (.github/astride.yml, line 14)`.
    pub(crate) fn why(&self, text: impl Fn(&str) -> String) -> String {
        reason(self.entry, &text)
    }
}

/// What is switched off, by entry, in the order of the settings.
pub(crate) fn switched_off(reviewed: &[Reviewed]) -> Vec<SwitchedOff<'_>> {
    let mut by_entry: BTreeMap<(bool, u32), SwitchedOff<'_>> = BTreeMap::new();
    for reviewed in reviewed.iter().filter(|reviewed| reviewed.standing == Standing::SwitchedOff) {
        if let Some(entry) = entry_of(&reviewed.threat) {
            let place = (entry.of_organisation, entry.place.line);
            by_entry.entry(place).or_insert_with(|| SwitchedOff { entry, threats: Vec::new() }).threats.push(reviewed);
        }
    }
    by_entry.into_values().collect()
}

/// How many threats of what a change brings are switched off.
pub(crate) fn number_of(reviewed: &[Reviewed]) -> usize {
    reviewed.iter().filter(|reviewed| reviewed.introduced && reviewed.standing == Standing::SwitchedOff).count()
}

/// `switched off by the settings: only deployed to sandboxes (.github/astride.yml, line 14)`.
pub(crate) fn off(threat: &Threat, text: impl Fn(&str) -> String) -> Option<String> {
    why_off(threat, text).map(|why| format!("switched off {why}"))
}

/// `by the settings: only deployed to sandboxes (.github/astride.yml, line 14)`.
pub(crate) fn why_off(threat: &Threat, text: impl Fn(&str) -> String) -> Option<String> {
    let entry = entry_of(threat)?;
    Some(format!("by {}: {}", whose(entry), reason(entry, &text)))
}

/// `high, lowered to low by the settings: only deployed to sandboxes (.github/astride.yml, line 14)`, one for each entry that counts.
pub(crate) fn remarks(threat: &Threat, text: impl Fn(&str) -> String) -> Vec<String> {
    let Some(ruled) = &threat.ruled else { return Vec::new() };
    let mut said: Vec<(String, &Arc<PolicyEntry>)> = Vec::new();
    if let Some((found, counts, by)) = &ruled.severity {
        let moved = if counts > found { "raised" } else { "lowered" };
        said.push((format!("{}, {moved} to {}", found.word(), counts.word()), by));
    }
    if let Some((blocks, by)) = &ruled.blocks {
        let waits = if *blocks { "the gate waits for it" } else { "the gate does not wait for it" };
        match said.last_mut().filter(|(_, other)| Arc::ptr_eq(other, by)) {
            Some((words, _)) => *words = format!("{words}, and {waits},"),
            None => said.push((waits.to_owned(), by)),
        }
    }
    said.into_iter().map(|(words, by)| format!("{words} by {}: {}", whose(by), reason(by, &text))).collect()
}

/// All that the settings say of a threat.
pub(crate) fn all(threat: &Threat, text: impl Fn(&str) -> String) -> Vec<String> {
    off(threat, &text).into_iter().chain(remarks(threat, &text)).collect()
}

fn entry_of(threat: &Threat) -> Option<&PolicyEntry> {
    threat.ruled.as_ref()?.off.as_deref()
}

fn whose(entry: &PolicyEntry) -> &'static str {
    if entry.of_organisation { "the organisation's settings" } else { "the settings" }
}

fn reason(entry: &PolicyEntry, text: &dyn Fn(&str) -> String) -> String {
    format!("{} ({})", text(&entry.why), text(&entry.cited()))
}
