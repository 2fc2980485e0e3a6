//! Stories in which two things cross, and of what may be taken for ours or for another's.

use super::told::{MAY_ALL, PLAIN, PUBLIC, READS_ALL, TAGS, brings, public, story};
use super::{AUTHOR, Act, READER, REVIEWER, Story};
use astride::change::Right;

pub(super) fn stories() -> Vec<Story> {
    let mut stories = crossings();
    stories.extend(mistaken());
    stories
}

/// Somebody speaks before the service has seen what happened besides.
fn crossings() -> Vec<Story> {
    use Act::{AtOnce, Closes, Gets, Merges, Pushes, PushesToBase, Rebases, Reopens, Retargets, Says};
    let weakened = |policy: &str| format!("{PLAIN}{policy}");
    let accepts = || Says(REVIEWER, "/stride accept {id} the account holds nothing else");
    vec![
        brings(
            "a_decision_that_comes_after_an_unseen_push_is_refused",
            weakened(READS_ALL),
            vec![AtOnce(vec![Pushes(weakened(MAY_ALL)), accepts()])],
        ),
        brings(
            "a_push_that_comes_after_an_unseen_decision_asks_again",
            weakened(READS_ALL),
            vec![AtOnce(vec![accepts(), Pushes(weakened(MAY_ALL))])],
        ),
        // Their IDs end in the same eight digits.
        brings(
            "an_id_that_something_else_has_come_to_bear_decides_nothing",
            trusting("464622532012:role/deploy-00c1e3"),
            vec![
                AtOnce(vec![
                    Says(REVIEWER, "/stride accept Deploy/S-7c57d68b our own pipeline"),
                    Says(REVIEWER, "/stride accept 1 our own pipeline"),
                    Pushes(trusting("999999999999:role/deploy-0042aa")),
                ]),
                Says(REVIEWER, "/stride accept Deploy/S-7c57d68b our own pipeline"),
                Says(REVIEWER, "/stride accept 2 the auditors, since last week"),
            ],
        ),
        story(
            "a_confirmation_is_of_the_proposal_that_was_read",
            vec![
                Says(AUTHOR, "/stride accept {id} until the form moves until=2026-12-04"),
                AtOnce(vec![Says(AUTHOR, "/stride na {id} no form of ours"), Says(REVIEWER, "/stride confirm {id} a few days are fine")]),
                Says(REVIEWER, "/stride confirm {id} it is the other team's"),
            ],
        ),
        story(
            "two_decide_at_once",
            vec![
                Gets(READER, Right::Write),
                AtOnce(vec![Says(REVIEWER, "{}"), Says(READER, "/stride mitigate {id} the form checks a signature")]),
            ],
        ),
        story(
            "it_is_pushed_and_goes_to_another_base_at_once",
            vec![AtOnce(vec![Pushes(format!("{PLAIN}{PUBLIC}{TAGS}")), Retargets("release")])],
        ),
        story("it_is_closed_while_a_command_waits", vec![AtOnce(vec![Says(REVIEWER, "{}"), Closes]), Reopens]),
        story("it_is_merged_while_a_command_waits", vec![AtOnce(vec![Says(REVIEWER, "{}"), Merges])]),
        story("a_thread_is_kept_through_a_rebase", vec![PushesToBase("README.md", "the shop\n".to_owned()), Rebases]),
        story("a_thread_is_kept_when_its_line_moves", vec![Pushes(format!("# The shop's orders\n\n{}", public()))]),
    ]
}

/// A role that somebody else may assume.
fn trusting(principal: &str) -> String {
    format!(
        "{PLAIN}  Deploy:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement: [{{Effect: Allow, Principal: {{AWS: 'arn:aws:iam::{principal}'}}, Action: 'sts:AssumeRole'}}]
"
    )
}

/// Who is who, and what is ours.
fn mistaken() -> Vec<Story> {
    use Act::{AtOnce, DeletesOurs, ReRuns, Says, SwapsNames};
    vec![
        story(
            "a_marker_that_somebody_types_is_none_of_ours",
            vec![
                Says(AUTHOR, "<!-- astride:comment -->\n### Astride: clear"),
                ReRuns,
                Says(AUTHOR, "<!-- astride:reply comment-2000003 done -->\nDone."),
                Says(REVIEWER, "{}"),
            ],
        ),
        story("help_that_is_deleted_commands_nothing", vec![Says(REVIEWER, "/stride help"), DeletesOurs(REVIEWER), ReRuns]),
        story(
            "a_command_in_backticks_is_no_command",
            vec![Says(REVIEWER, "`{}`"), Says(REVIEWER, "Would you say `{}` here?"), Says(REVIEWER, "`{}`\n\nor nothing?")],
        ),
        story(
            "a_name_that_is_anothers_by_now_says_nothing_for_it",
            vec![Says(REVIEWER, "{}"), SwapsNames(REVIEWER, READER), Says(REVIEWER, "/stride undo"), Says(READER, "/stride undo")],
        ),
        story(
            "a_command_is_an_accounts_whatever_its_name_is_by_now",
            vec![AtOnce(vec![Says(REVIEWER, "{}"), SwapsNames(REVIEWER, READER)])],
        ),
        Story { main: Some(public()), ..brings("what_was_there_before_holds_nobody_up", format!("{PLAIN}{PUBLIC}{TAGS}"), vec![]) },
    ]
}
