//! Threats whose cause is somebody whom the settings trust: they are answered there, once for every file.
//!
//! Comes in: threats as they were found, the settings in force. Goes out: the same, those covered. Who is let in stays in the model and in the
//! picture; what a trusted account may do is asked about as of anybody.

use crate::judge::newcomers;
use crate::settings::{self, Settings, Trusted};
use crate::stride::{Outcome, Threat};
use std::collections::BTreeMap;

/// Covers what is known of those who are trusted. What could not be read of a threat stays unclear.
pub(super) fn cover(mut threats: Vec<Threat>, settings: &Settings) -> Vec<Threat> {
    let trusted: BTreeMap<&str, &Trusted> = settings.trust.iter().map(|trusted| (trusted.id.as_str(), trusted)).collect();
    if trusted.is_empty() {
        return threats;
    }
    for threat in threats.iter_mut().filter(|threat| threat.outcome == Outcome::Open) {
        let outsiders = newcomers::outsiders_of(threat).unwrap_or_default();
        let by: Option<Vec<&Trusted>> = outsiders.iter().map(|id| trusted.get(id).copied()).collect();
        let Some((first, others)) = by.as_deref().and_then(<[_]>::split_first) else { continue };
        let own = std::iter::once(first).chain(others).find(|by| by.place.path.as_str() == settings::PATH);
        let whose = if own.is_some() { "the settings" } else { "the organisation's settings" };
        let who: Vec<String> = std::iter::once(first).chain(others).map(|by| format!("{} ({})", by.id, by.who)).collect();
        let note = format!("{whose} trust {}", who.join(", "));
        threat.outcome = Outcome::Covered { note, place: own.map(|by| by.place.clone()) };
    }
    threats
}
