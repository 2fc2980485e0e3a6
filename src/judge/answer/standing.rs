//! What a verdict can be given on, as things stand.
//!
//! Comes in: who speaks by what right, the verdict, the threat with its standing. Goes out: which threats are meant, or why not.

use crate::change::Posted;
use crate::command::{Command, Target};
use crate::decisions::authority::Lacking;
use crate::decisions::{Reviewed, Standing, Verdict};
use crate::model::recorded::RecordedStatus;
use crate::report::{escape, ruled};

/// By what right somebody speaks, and what the word lacks to count.
pub(super) struct By {
    pub(super) right: String,
    pub(super) lacking: Option<Lacking>,
}

impl By {
    pub(super) fn is_author(&self) -> bool {
        self.lacking == Some(Lacking::IsAuthor)
    }

    /// Whether the word is a proposal whoever owns the file.
    pub(super) fn only_proposes(&self) -> bool {
        self.is_author() || self.lacking == Some(Lacking::IsBot)
    }
}

/// Of a thread or a set, a command is about the threats that it can be about; if there are none, the refusal says so of each.
///
/// # Errors
/// All that it names by number is decided: whoever repeats what was said may not know of it, and whoever wants to decide anew names the ID.
pub(super) fn narrow(found: &mut Vec<Reviewed>, named: &[Target], verdict: Verdict) -> Result<(), String> {
    let by_name = |target: &Target| match target {
        Target::Threat { .. } | Target::Repair(_) => true,
        Target::Cell { .. } | Target::Element { .. } | Target::All { .. } | Target::Rollup(_) | Target::Number(_) => false,
    };
    let suits = |reviewed: &Reviewed| match (verdict, &reviewed.standing) {
        (Verdict::Confirmed, standing) => matches!(standing, Standing::Proposed(_)) || is_confirmable(reviewed),
        (Verdict::Reopened, standing) => matches!(standing, Standing::Proposed(_) | Standing::Decided(_)),
        (Verdict::Assigned, standing) => standing.is_asked(),
        (verdict, standing) => verdict.is_answer() && !matches!(standing, Standing::Covered | Standing::SwitchedOff | Standing::Decided(_)),
    };
    if !named.iter().any(by_name) && found.iter().any(suits) {
        found.retain(suits);
    }
    let by_number = !named.is_empty() && named.iter().all(|target| matches!(target, Target::Number(_)));
    match found.first().map(|first| (&first.standing, escape::code(&first.threat.id()))) {
        Some((Standing::Decided(decided), id)) if by_number && verdict.is_answer() => {
            let confirmed =
                decided.confirmed_by.as_ref().map_or_else(String::new, |by| format!(", confirmed by {}", escape::text(&by.login)));
            let (word, by, day) = (decided.verdict.word(), escape::text(&decided.by.login), decided.at.day());
            Err(format!("Not done: {id} is decided, {word} by {by} on {day}{confirmed}. To decide anew, name the ID."))
        }
        _ => Ok(()),
    }
}

/// Whether the verdict can be given on the threat as it stands.
pub(super) fn check_standing(posted: &Posted, verdict: Verdict, by: &By, reviewed: &Reviewed) -> Result<(), String> {
    let id = escape::code(&reviewed.threat.id());
    match (verdict, &reviewed.standing) {
        (_, Standing::Covered) => Err(format!("Not done: the {} itself covers {id}.", reviewed.threat.words.text)),
        (_, Standing::SwitchedOff) => {
            let why = ruled::off(&reviewed.threat, escape::text).unwrap_or_default();
            Err(format!("Not done: nothing is asked of {id}, {why}."))
        }
        (Verdict::Confirmed, _) if by.is_author() => {
            Err("Not done: an author of this pull request cannot confirm; somebody else does.".to_owned())
        }
        (Verdict::Confirmed, Standing::Proposed(decided)) if decided.by.id == posted.author.id => {
            Err("Not done: nobody confirms an own proposal; somebody else does.".to_owned())
        }
        (Verdict::Confirmed, Standing::Proposed(_)) => Ok(()),
        (Verdict::Confirmed, _) if is_confirmable(reviewed) => Ok(()),
        (Verdict::Confirmed, Standing::Open | Standing::Unclear)
            if reviewed.threat.stated.as_ref().is_some_and(|stated| !stated.claims.is_empty()) =>
        {
            Err(format!("Not done: what is stated makes less of {id} and does not answer it; decide on it."))
        }
        (Verdict::Confirmed, _) => Err(format!("Not done: nothing is proposed for {id}.")),
        (Verdict::Assigned, Standing::Decided(decided)) => {
            let by = escape::text(&decided.confirmed_by.as_ref().unwrap_or(&decided.by).login);
            Err(format!("Not done: {id} is decided by {by}, and there is nothing left to ask for."))
        }
        (Verdict::Reopened, Standing::Decided(_) | Standing::Proposed(_)) => Ok(()),
        (Verdict::Reopened, _) => Err(format!("Not done: nothing is decided on {id}.")),
        (verdict, Standing::Decided(decided)) if verdict.is_answer() && by.lacking.is_some() => {
            let by = escape::text(&decided.confirmed_by.as_ref().unwrap_or(&decided.by).login);
            Err(format!("Not done: {id} is decided by {by}, and a proposal does not change that."))
        }
        _ => Ok(()),
    }
}

/// Whether the change itself states what would answer the threat, and nobody's word stands in its way.
pub(super) fn is_confirmable(reviewed: &Reviewed) -> bool {
    let undecided = match reviewed.standing {
        Standing::Open | Standing::Unclear | Standing::Claimed | Standing::Reopened { .. } => true,
        Standing::SwitchedOff | Standing::Covered | Standing::Proposed(_) | Standing::Decided(_) => false,
    };
    undecided && !reviewed.threat.proposals().is_empty()
}

/// What a confirmation says: a proposal counts, or else what the change states is taken for true.
pub(super) fn confirmed(command: &Command, reviewed: &Reviewed) -> (Verdict, String) {
    let claims = reviewed.threat.proposals();
    let Some(first) = claims.first().filter(|_| is_confirmable(reviewed)) else {
        return (Verdict::Confirmed, command.reason.clone());
    };
    let verdict = match first.status {
        RecordedStatus::Accepted => Verdict::Accepted,
        RecordedStatus::NotApplicable => Verdict::NotApplicable,
        RecordedStatus::FalsePositive => Verdict::Wrong,
        RecordedStatus::Mitigated | RecordedStatus::Transferred | RecordedStatus::Open | RecordedStatus::ResolvedWithoutBasis => {
            Verdict::Mitigated
        }
    };
    let words: Vec<String> =
        claims.iter().map(|claim| format!("{} ({}, line {})", claim.words, claim.place.path, claim.place.line)).collect();
    let reason = if command.reason.is_empty() { String::new() } else { format!("; {}", command.reason) };
    (verdict, format!("confirms what is stated: {}{reason}", words.join(", ")))
}

pub(super) fn is_own_proposal(posted: &Posted, reviewed: &Reviewed) -> bool {
    matches!(&reviewed.standing, Standing::Proposed(decided) if decided.by.id == posted.author.id)
}
