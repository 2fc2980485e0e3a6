//! Stories of what can be said of a threat besides that it is accepted or mitigated, and of taking it back.

use super::told::{PLAIN, brings, public, story};
use super::{AUTHOR, Act, Head, READER, REVIEWER, STRANGER, Story};

/// What the function calls before it answers.
const AUTH: &str = "src/auth.ts";
const DAY: i64 = 86_400;
/// Two rules speak of it, and each is fixed on a line of its own.
const DATABASE: &str = "  OrdersDb:
    Type: AWS::RDS::DBInstance
    Properties:
      Engine: postgres
      DBInstanceClass: db.t3.micro
      AllocatedStorage: '20'
      StorageEncrypted: true
      PubliclyAccessible: true
      MasterUsername: orders
      MasterUserPassword: hunter2hunter2
";

pub(super) fn stories() -> Vec<Story> {
    use Act::{PushesFiles, Removes, Says, Waits};
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
            "what_is_deferred_by_its_ticket_alone_comes_back",
            vec![Says(REVIEWER, "/stride defer {id} the authorizer comes with the next release ticket=OPS-12"), Waits(181 * DAY)],
        ),
        brings(
            "each_line_of_a_resource_has_its_thread",
            format!("{PLAIN}{DATABASE}"),
            vec![
                Act::Replies(REVIEWER, "/stride accept a password of a test database"),
                Says(REVIEWER, "/stride mitigate {now} nothing routes to its subnets"),
            ],
        ),
        story(
            "a_reason_goes_on_to_an_empty_line",
            vec![Says(REVIEWER, "/Stride Accept {id} the form is public\nand has been since May,\nuntil=2027-01-01\n\nThanks for asking!")],
        ),
        story(
            "a_risk_is_transferred",
            vec![
                Says(AUTHOR, "/stride transfer {id} their gateway checks the caller to=@acme/gateway"),
                Says(REVIEWER, "/stride transfer {id} their gateway checks the caller"),
                Says(REVIEWER, "/stride confirm {id}"),
            ],
        ),
        Story {
            base: vec![(AUTH, "verify_token(caller)\n")],
            ..story(
                "a_decision_rests_on_what_a_file_says",
                vec![
                    Says(REVIEWER, "/stride mitigate {id} the handler checks the token see=src/auth.ts#verify_("),
                    Says(REVIEWER, "/stride mitigate {id} the handler checks the token see=src/auth.ts#check_token"),
                    Says(REVIEWER, "/stride mitigate {id} the handler checks the token see=src/auth.ts#^verify_token\\("),
                    PushesFiles(vec![(AUTH, "verify_token(caller, now)\n".to_owned())]),
                ],
            )
        },
        Story {
            base: vec![(AUTH, "verify_token(caller)\n")],
            ..story(
                "a_file_says_no_longer_what_a_decision_rested_on",
                vec![
                    Says(REVIEWER, "/stride mitigate {id} the handler checks the token see=src/auth.ts#^verify_token"),
                    PushesFiles(vec![(AUTH, "// verify_token(caller)\n".to_owned())]),
                ],
            )
        },
        Story {
            base: vec![(AUTH, "verify_token(caller)\n")],
            ..story("a_file_that_a_decision_rests_on_is_moved", vec![mitigates_by_file(), moves(), Removes(AUTH)])
        },
        Story {
            base: vec![(AUTH, "verify_token(caller)\n")],
            ..story("a_file_that_a_decision_rests_on_is_removed", vec![mitigates_by_file(), Removes(AUTH)])
        },
        story(
            "nothing_is_decided_twice_in_one_comment",
            vec![
                Says(AUTHOR, "/stride accept {id} the form is public\n/stride accept {id} on purpose\n/stride na {id} no form"),
                Says(AUTHOR, "/stride accept {id} the form is public\n/stride assign {id} @rita"),
            ],
        ),
        story("a_word_is_undone", vec![Says(REVIEWER, "{}"), Says(REVIEWER, "/stride undo I meant the other pull request")]),
        story(
            "an_undone_reopening_leaves_the_decision",
            vec![Says(REVIEWER, "{}"), Says(REVIEWER, "/stride reopen {id} the form moves"), Says(REVIEWER, "/stride undo")],
        ),
        // The one that was decided last is no part of the change any more.
        Story {
            base: vec![("a/template.yaml", PLAIN), ("b/template.yaml", PLAIN)],
            brings: vec![("a/template.yaml", public()), ("b/template.yaml", public())],
            ..story(
                "the_last_word_is_undone_wherever_it_lies",
                vec![
                    Says(REVIEWER, "/stride accept {id} the form is public on purpose"),
                    Says(REVIEWER, "/stride accept {now} so is the other one"),
                    PushesFiles(vec![("b/template.yaml", PLAIN.to_owned())]),
                    Says(REVIEWER, "/stride undo that was a mistake"),
                    Says(REVIEWER, "/stride undo and that too"),
                    Says(REVIEWER, "/stride undo"),
                ],
            )
        },
        story("nobody_undoes_what_others_said", vec![Says(REVIEWER, "{}"), Says(AUTHOR, "/stride undo"), Says(READER, "/stride undo")]),
        story(
            "a_threat_is_assigned_and_told_once",
            vec![
                Says(REVIEWER, "/stride assign {id} @mona you wrote the form"),
                Says(REVIEWER, "/stride assign 2 @Mona"),
                Says(AUTHOR, "/stride assign {id} @acme/payments-owners"),
                Says(REVIEWER, "/stride show {id}"),
            ],
        ),
        story(
            "an_assignment_answers_nothing_and_ends_with_the_answer",
            vec![
                Says(REVIEWER, "/stride assign {id} @mona"),
                PushesFiles(vec![("src/auth.ts", "verify_token(caller)\n".to_owned())]),
                Says(REVIEWER, "{}"),
                Says(REVIEWER, "/stride assign {id} @mona"),
            ],
        ),
        story(
            "an_assignment_is_taken_back",
            vec![Says(REVIEWER, "/stride assign {id} @mona"), Says(AUTHOR, "/stride assign {id} @rita"), Says(AUTHOR, "/stride undo")],
        ),
        story(
            "a_wrong_assignment_is_answered",
            vec![
                Says(REVIEWER, "/stride assign {id}"),
                Says(REVIEWER, "/stride assign {id} mona"),
                Says(REVIEWER, "/stride assign {id} @who"),
                Says(REVIEWER, "/stride assign {id} @mona until=2026-12-01"),
                Says(REVIEWER, "/stride asign {id} @mona"),
                Says(REVIEWER, "/stride assign OrdersFn/S-00000000 @mona"),
                Says(READER, "/stride assign {id} @mona"),
            ],
        ),
        Story {
            head: Head::Fork,
            ..story("a_stranger_has_nobody_mentioned", vec![Says(STRANGER, "/stride assign {id} @acme/everyone"), Says(STRANGER, "{}")])
        },
        story("an_assignment_in_a_thread_names_no_id", vec![Act::Replies(REVIEWER, "/stride assign @mona")]),
        story(
            "a_threat_is_shown_with_its_history",
            vec![
                Says(AUTHOR, "{}"),
                Says(REVIEWER, "/stride confirm {id}"),
                Says(REVIEWER, "/stride undo"),
                Says(REVIEWER, "/stride show {id}"),
                Says(REVIEWER, "/stride explain #1"),
            ],
        ),
    ]
}

fn mitigates_by_file() -> Act {
    Act::Says(REVIEWER, "/stride mitigate {id} the handler checks the token see=src/auth.ts")
}

fn moves() -> Act {
    Act::PushesFiles(vec![("lib/auth.ts", "verify_token(caller)\n".to_owned())])
}
