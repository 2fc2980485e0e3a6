//! What goes with a verdict's word: to whom, until when, and where it is followed up.

use crate::change::Day;

/// ` to payments until 2027-01-01 (OPS-12)`, empty where there is nothing of it. Foreign text.
pub(super) fn terms(to: Option<&str>, until: Option<Day>, ticket: Option<&str>) -> String {
    let to = to.map(|to| format!(" to {to}"));
    let until = until.map(|day| format!(" until {day}"));
    let ticket = ticket.map(|ticket| format!(" ({ticket})"));
    [to, until, ticket].into_iter().flatten().collect()
}
