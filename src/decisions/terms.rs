//! What goes with a verdict's word: to whom, until when, and where it is followed up.

use crate::change::Day;
use crate::decisions::Verdict;
use crate::settings::ReviewAfter;
use crate::stride::rule::Severity;

/// ` to payments until 2027-01-01 (OPS-12)`, empty where there is nothing of it. Foreign text.
pub(super) fn terms(to: Option<&str>, until: Option<Day>, ticket: Option<&str>) -> String {
    let to = to.map(|to| format!(" to {to}"));
    let until = until.map(|day| format!(" until {day}"));
    let ticket = ticket.map(|ticket| format!(" ({ticket})"));
    [to, until, ticket].into_iter().flatten().collect()
}

/// The day on which a decision ends. What is put off with a ticket alone ends too, since nobody here sees what becomes of the ticket.
pub fn end(verdict: Verdict, until: Option<Day>, said: Day, severity: Severity, review_after: &ReviewAfter) -> Option<Day> {
    until.or_else(|| (verdict == Verdict::Deferred).then(|| Day(said.0 + review_after.put_off(severity))))
}

#[cfg(test)]
mod tests {
    use super::end;
    use crate::change::Day;
    use crate::decisions::Verdict;
    use crate::settings::ReviewAfter;
    use crate::stride::rule::Severity;

    #[test]
    fn what_is_put_off_ends() {
        for (verdict, until, expected) in [
            (Verdict::Deferred, None, Some(Day(1180))),
            (Verdict::Deferred, Some(Day(1007)), Some(Day(1007))),
            (Verdict::Accepted, None, None),
            (Verdict::Accepted, Some(Day(1007)), Some(Day(1007))),
        ] {
            assert_eq!(end(verdict, until, Day(1000), Severity::Low, &ReviewAfter::default()), expected, "{verdict:?} {until:?}");
        }
    }
}
