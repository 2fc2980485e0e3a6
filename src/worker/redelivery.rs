//! Webhooks that did not arrive: found in the App's own log, and asked for once more.
//!
//! A webhook that fails is not sent again by itself. At start the log is read as far back as the forge redelivers, later to the last look that
//! worked it off and an hour further; an event none of whose attempts arrived is asked for once, in the order in which they were. What is older, or
//! too much, is the sweep's to find.

use super::Bench;
use crate::change::Timestamp;
use crate::forge::error::ForgeError;
use crate::forge::wire::HookDelivery;
use crate::server::EVENTS;
use std::collections::{BTreeMap, BTreeSet};

/// How far back the forge redelivers, in seconds: three days on github.com, seven on GitHub Enterprise Server.
/// Source: <https://docs.github.com/en/webhooks/testing-and-troubleshooting-webhooks/redelivering-webhooks>
const REACH: i64 = 3 * 86_400;
/// How far a look goes back behind the last one that worked the log off, in seconds: what was under way then has ended since.
const RECENT: i64 = 3_600;
/// Most that are asked for at once.
const MAX_ASKED: usize = 100;
/// A younger attempt may still be under way, in seconds.
const SETTLED: i64 = 30;

/// How far back is looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// The service was not there, who knows how long.
    AtStart,
    /// The log was worked off then: what was refused since, because the store failed perhaps, is still to be found.
    Since(Timestamp),
}

/// What a look did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Deliveries that were asked for.
    pub count: usize,
    /// Whether there are more: the next look has to go as far back again.
    pub is_cut: bool,
}

/// Asks for what did not arrive.
///
/// # Errors
/// Of the forge and of the store; what was asked for until then is remembered.
pub async fn ask(bench: &Bench, look: Look) -> Result<Asked, ForgeError> {
    let now = bench.clock.timestamp().0;
    let since = match look {
        Look::AtStart => now - REACH,
        Look::Since(last) => (last.0.min(now) - RECENT).max(now - REACH),
    };
    let (attempts, cut) = bench.forge.deliveries(Timestamp(since)).await?;
    let lost = find_lost(&attempts, Timestamp(now - SETTLED));
    let mut asked = Asked::default();
    for attempt in &lost {
        if bench.store.is_delivered(&attempt.guid).await? || !bench.store.note_redelivery(&attempt.guid).await? {
            continue;
        }
        if asked.count == MAX_ASKED {
            bench.store.drop_redelivery(&attempt.guid).await?;
            asked.is_cut = true;
            break;
        }
        match bench.forge.redeliver(attempt.id).await {
            Ok(()) => asked.count += 1,
            // The forge keeps it no longer, or will not send it: the sweep finds what it told of.
            Err(error @ (ForgeError::NotFound { .. } | ForgeError::Unprocessable { .. } | ForgeError::Malformed { .. })) => {
                tracing::warn!(%error, delivery = attempt.guid, "a delivery that failed could not be asked for again");
            }
            Err(error) => {
                bench.store.drop_redelivery(&attempt.guid).await?;
                return Err(error);
            }
        }
    }
    if asked.count > 0 || cut {
        tracing::info!(asked = asked.count, failed = lost.len(), cut, "deliveries that failed were asked for again");
    }
    Ok(asked)
}

/// The last attempt of each event that never arrived and was not asked for again yet, oldest first.
fn find_lost(attempts: &[HookDelivery], before: Timestamp) -> Vec<&HookDelivery> {
    let is_settled = |attempt: &HookDelivery| crate::forge::wire::timestamp(&attempt.delivered_at) <= before;
    // Somebody asked for it already, or it came in the end.
    let done: BTreeSet<&str> = attempts
        .iter()
        .filter(|attempt| attempt.redelivery || (200..300).contains(&attempt.status_code) || !is_settled(attempt))
        .map(|attempt| attempt.guid.as_str())
        .collect();
    let is_ours = |event: &str| event != "ping" && EVENTS.contains(&event);
    let mut lost: BTreeMap<&str, &HookDelivery> = BTreeMap::new();
    for attempt in attempts.iter().filter(|attempt| is_ours(&attempt.event) && !done.contains(attempt.guid.as_str())) {
        lost.entry(&attempt.guid).or_insert(attempt);
    }
    let mut lost: Vec<&HookDelivery> = lost.into_values().collect();
    lost.sort_by(|one, other| (&one.delivered_at, one.id).cmp(&(&other.delivered_at, other.id)));
    lost
}

#[cfg(test)]
mod tests {
    use super::{HookDelivery, Timestamp, find_lost};

    #[test]
    fn what_never_arrived_is_asked_for_once() {
        let attempt = |id: u64, guid: &str, event: &str, minute: u32, status_code: u16, redelivery: bool| HookDelivery {
            id,
            guid: guid.to_owned(),
            delivered_at: format!("2026-01-01T00:{minute:02}:00Z"),
            redelivery,
            event: event.to_owned(),
            status: String::new(),
            status_code,
        };
        // Newest first, as the log is.
        let log = [
            attempt(9, "young", "pull_request", 59, 502, false),
            attempt(8, "asked", "push", 30, 503, true),
            attempt(7, "foreign", "star", 29, 500, false),
            attempt(6, "tried", "ping", 28, 500, false),
            attempt(5, "late", "issue_comment", 27, 200, false),
            attempt(4, "newer", "merge_group", 26, 401, false),
            attempt(3, "asked", "push", 25, 502, false),
            attempt(2, "late", "issue_comment", 24, 502, false),
            attempt(1, "older", "pull_request", 23, 502, false),
        ];
        let before = crate::forge::wire::timestamp("2026-01-01T00:58:00Z");
        let lost = find_lost(&log, before);
        assert_eq!(lost.iter().map(|attempt| attempt.id).collect::<Vec<_>>(), [1, 4]);
        assert!(find_lost(&log, Timestamp(0)).is_empty());
    }
}
