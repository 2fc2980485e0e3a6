//! Stories of the register's issue.

use super::told::story;
use super::{Act, READER, REVIEWER, Story};

const WEEKLY: &str = "mode: enforce\nregister: {issue: weekly}\n";
const DAY: i64 = 86_400;

pub(super) fn stories() -> Vec<Story> {
    use Act::{ChangesIssue, ClosesIssue, Merges, OpensIssue, Says, Waits};
    let kept = |name: &'static str, acts: Vec<Act>| Story { settings: Some(WEEKLY), ..story(name, acts) };
    let decided = || Says(REVIEWER, "/stride accept {id} the form is public on purpose until=2027-01-15");
    vec![
        kept("the_register_is_kept_in_an_issue", vec![decided()]),
        kept("the_register_says_what_has_changed", vec![decided(), Merges, Waits(8 * DAY)]),
        kept("the_register_says_what_is_owed", vec![Merges, Waits(8 * DAY)]),
        kept(
            "the_register_is_edited_when_something_becomes_due",
            vec![decided(), Merges, Waits(8 * DAY), Waits(8 * DAY), Waits(20 * DAY), Waits(2 * DAY)],
        ),
        kept(
            "the_register_is_found_by_who_opened_it",
            vec![
                OpensIssue(READER, "Threat register", "<!-- astride:register 2026-11-24 2026-11-24 - 0,0,0,0,0,0,0 -->\nNothing is owed."),
                Merges,
                ChangesIssue(|issue| issue.body = "Nothing is owed.".to_owned()),
                Waits(DAY),
            ],
        ),
        kept(
            "a_ticket_that_is_closed_makes_its_deferral_due",
            vec![
                OpensIssue(READER, "The form asks nobody", "It is to check a signature."),
                Says(REVIEWER, "/stride defer {id} the form checks a signature by then ticket=acme/shop#2"),
                Merges,
                Waits(8 * DAY),
                ClosesIssue(2),
                Waits(8 * DAY),
            ],
        ),
        kept("the_registers_issue_is_closed", vec![Merges, ChangesIssue(|issue| issue.open = false), Waits(40 * DAY)]),
    ]
}
