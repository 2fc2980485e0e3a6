//! Stories of what can be said of a threat besides that it is accepted or mitigated, and of taking it back.

use super::told::story;
use super::{AUTHOR, Act, REVIEWER, Story};

const DAY: i64 = 86_400;

pub(super) fn stories() -> Vec<Story> {
    use Act::{Says, Waits};
    vec![
        story(
            "what_was_deferred_comes_back",
            vec![
                Says(REVIEWER, "/stride defer {id} the authorizer comes with the next release"),
                Says(REVIEWER, "/stride defer {id} the authorizer comes with the next release until=2026-12-01 ticket=OPS-12"),
                Waits(8 * DAY),
            ],
        ),
        story(
            "what_is_deferred_is_debt",
            vec![Says(REVIEWER, "/stride defer {id} the authorizer comes with the next release until=2026-12-01 ticket=OPS-12")],
        ),
        story(
            "a_risk_is_transferred",
            vec![
                Says(AUTHOR, "/stride transfer {id} their gateway checks the caller to=@acme/gateway"),
                Says(REVIEWER, "/stride transfer {id} their gateway checks the caller"),
                Says(REVIEWER, "/stride confirm {id}"),
            ],
        ),
    ]
}
