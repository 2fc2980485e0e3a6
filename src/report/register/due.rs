//! What of a register people have to look at again, and under which heading each threat of it stands.
//!
//! Comes in: threats with their standing, after how many days they are looked at again, the day. Goes out: what is due, and groups. Decides
//! nothing: what has run out is open already.

use crate::change::Day;
use crate::decisions::{Because, Decided, Reviewed, Standing, Verdict};
use crate::report::register::Register;
use crate::stride::rule::RuleKind;
use std::collections::BTreeSet;

/// How long before its end a decision is due, in days.
const AHEAD: i64 = 30;

/// A decision that somebody has to look at.
pub struct Due<'r> {
    pub reviewed: &'r Reviewed,
    pub decided: &'r Decided,
    /// The day on which it ended, ends, or was to be looked at.
    pub day: Day,
    pub why: String,
}

/// What is due on a day, the longest due first.
pub fn due(register: &Register, today: Day) -> Vec<Due<'_>> {
    let of = |reviewed| of(reviewed, register, today);
    let mut due: Vec<Due<'_>> = register.threats.iter().filter_map(of).collect();
    due.sort_by_key(|due| (due.day, due.reviewed.threat.id()));
    due
}

fn of<'r>(reviewed: &'r Reviewed, register: &Register, today: Day) -> Option<Due<'r>> {
    let review_after = &register.review_after;
    let closed = |decided: &Decided| decided.ticket.as_ref().and_then(|ticket| register.closed.get(ticket)).copied();
    let due = |decided, day, why: &str| Some(Due { reviewed, decided, day, why: why.to_owned() });
    match &reviewed.standing {
        Standing::Reopened { was, because: Because::Expired(day) } => due(was, *day, "ended"),
        Standing::Reopened { was, because: Because::Unbacked(..) } => due(was, today, "what it rested on is gone"),
        Standing::Reopened { was, because: Because::FactsChanged(_) } => due(was, today, "what it was said of has changed"),
        Standing::Decided(decided) if decided.see_changed.is_some() => due(decided, today, "what it rests on has changed"),
        Standing::Decided(decided) if put_off(decided) && closed(decided).is_some() => {
            due(decided, closed(decided)?, "its ticket was closed")
        }
        Standing::Decided(decided) => match decided.until {
            Some(until) => (until.0 - today.0 <= AHEAD).then(|| due(decided, until, "ends")).flatten(),
            None => {
                let severity = reviewed.threat.severity;
                let days = if put_off(decided) { review_after.put_off(severity) } else { review_after.days(severity)? };
                let day = Day(decided.at.day().0 + days);
                if day <= today { due(decided, day, &format!("said {days} days earlier")) } else { None }
            }
        },
        Standing::SwitchedOff
        | Standing::Open
        | Standing::Unclear
        | Standing::Covered
        | Standing::Claimed
        | Standing::Proposed(_)
        | Standing::Reopened { because: Because::TakenBack { .. }, .. } => None,
    }
}

fn put_off(decided: &Decided) -> bool {
    decided.verdict == Verdict::Deferred
}

/// The tickets that put something off, each once, in order.
pub fn tickets(register: &Register) -> BTreeSet<&str> {
    let decided = register.threats.iter().filter_map(|reviewed| match &reviewed.standing {
        Standing::Decided(decided) if put_off(decided) => decided.ticket.as_deref(),
        _ => None,
    });
    decided.collect()
}

/// Where a threat stands in the register that people keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Merged while it waited for an answer, or put off.
    Debt,
    Open,
    /// Nobody can tell from the files.
    Unclear,
    Accepted,
    Transferred,
    /// Mitigated, not applicable, misread.
    Settled,
    Covered,
}

impl Group {
    pub const ALL: [Self; 7] = [Self::Debt, Self::Open, Self::Unclear, Self::Accepted, Self::Transferred, Self::Settled, Self::Covered];

    pub fn words(self) -> &'static str {
        match self {
            Self::Debt => "Debt",
            Self::Open => "Open",
            Self::Unclear => "Unclear",
            Self::Accepted => "Accepted",
            Self::Transferred => "Transferred",
            Self::Settled => "Otherwise answered",
            Self::Covered => "Covered",
        }
    }

    /// What it is to be in this group, for people.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Debt => {
                "owed: merged while it waited for an answer, or put off until later; it stays here until it is answered or mended"
            }
            Self::Open => "nobody has answered it, or what was said does not count; what was there before Astride stands here too",
            Self::Unclear => "the files do not tell whether it is so",
            Self::Accepted => "somebody who may takes the risk",
            Self::Transferred => "somebody else bears the risk",
            Self::Settled => "mitigated elsewhere, not applicable here, or misread by Astride",
            Self::Covered => "the files themselves show the control",
        }
    }

    /// Of a threat that is worth a line; `None` for a generic question, and for what the settings have not asked, which is listed by
    /// itself.
    pub fn of(reviewed: &Reviewed) -> Option<Self> {
        if reviewed.threat.rule.kind == RuleKind::Baseline {
            return None;
        }
        Some(match &reviewed.standing {
            _ if reviewed.debt().is_some() => Self::Debt,
            Standing::Open | Standing::Claimed | Standing::Proposed(_) | Standing::Reopened { .. } => Self::Open,
            Standing::Unclear => Self::Unclear,
            Standing::SwitchedOff => return None,
            Standing::Covered => Self::Covered,
            Standing::Decided(decided) if decided.verdict == Verdict::Deferred => Self::Debt,
            Standing::Decided(decided) if decided.verdict == Verdict::Accepted => Self::Accepted,
            Standing::Decided(decided) if decided.verdict == Verdict::Transferred => Self::Transferred,
            Standing::Decided(_) => Self::Settled,
        })
    }
}
