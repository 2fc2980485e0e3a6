//! The stories: each shows one thing, and ends as its file under `tests/cases/stories` says.

use super::annotations;
use super::bots;
use super::conversation;
use super::deciders;
use super::ledger;
use super::organisation;
use super::policy;
use super::races;
use super::register;
use super::suggestions;
use super::talk;
use super::unread;
use super::{AUTHOR, Act, Head, Identity, READER, REVIEWER, SETTINGS, STRANGER, Story, TEMPLATE};
use astride::change::Right;

pub const PLAIN: &str = "AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Resources:
  OrdersFn:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      Runtime: nodejs22.x
      CodeUri: src/
";
pub(super) const PUBLIC: &str = "      FunctionUrlConfig:
        AuthType: NONE
";
pub(super) const SIGNED: &str = "      FunctionUrlConfig:
        AuthType: AWS_IAM
";
pub(super) const TAGS: &str = "      Tags:
        team: orders
";
pub(super) const READS_ALL: &str = "      Policies:
        - Version: '2012-10-17'
          Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: '*'}]
";
pub(super) const MAY_ALL: &str = "      Policies:
        - Version: '2012-10-17'
          Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]
";
pub(super) const QUEUE: &str = "  OrdersQueue: {Type: AWS::SQS::Queue}
";
pub(super) const BILLING: &str = "  BillingFn:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      Runtime: nodejs22.x
      CodeUri: src/
      FunctionUrlConfig:
        AuthType: NONE
";
pub(super) const BROKEN: &str = "  OrdersQueue: {Type: AWS::SQS::Queue
";
/// What most stories are judged by.
pub(super) const ENFORCE: &str = "mode: enforce\n";
const STRICT: &str = "version: 1\nmode: enforce\ndecide: {right: maintain}\n";

pub fn stories() -> Vec<Story> {
    let mut stories = decisions();
    stories.extend(refusals());
    stories.extend(authority());
    stories.extend(pushes());
    stories.extend(modes());
    stories.extend(organisation::stories());
    stories.extend(policy::stories());
    stories.extend(races::stories());
    stories.extend(gate());
    stories.extend(emergencies());
    stories.extend(ledger::stories());
    stories.extend(unread::stories());
    stories.extend(states());
    stories.extend(neighbours());
    stories.extend(conversation::stories());
    stories.extend(register::stories());
    stories.extend(deciders::stories());
    stories.extend(annotations::stories());
    stories.extend(talk::stories());
    stories.extend(suggestions::stories());
    stories.extend(bots::stories());
    stories
}

pub(super) fn public() -> String {
    format!("{PLAIN}{PUBLIC}")
}

/// A pull request that makes a function public.
pub(super) fn story(name: &'static str, acts: Vec<Act>) -> Story {
    brings(name, public(), acts)
}

pub(super) fn brings(name: &'static str, template: String, acts: Vec<Act>) -> Story {
    Story { name, settings: Some(ENFORCE), base: Vec::new(), main: None, head: Head::Branch, brings: vec![(TEMPLATE, template)], acts }
}

/// People decide, in every place where they can.
fn decisions() -> Vec<Story> {
    use Act::{Edits, Replies, Resolves, Reviews, Says};
    vec![
        story("a_reviewer_decides", vec![Says(REVIEWER, "{}")]),
        story(
            "an_author_proposes_and_a_reviewer_confirms",
            vec![Says(AUTHOR, "{}"), Says(AUTHOR, "/stride confirm {id}"), Says(REVIEWER, "/stride confirm {id}")],
        ),
        story(
            "a_bare_confirm_is_of_the_only_proposal",
            vec![Says(AUTHOR, "{}"), Says(AUTHOR, "/stride confirm"), Says(REVIEWER, "/stride confirm")],
        ),
        brings(
            "a_bare_confirm_of_two_proposals_names_none",
            format!("{PLAIN}{PUBLIC}{BILLING}"),
            vec![
                Says(AUTHOR, "/stride accept {id} a public form"),
                Says(AUTHOR, "/stride accept {now} another one"),
                Says(REVIEWER, "/stride confirm"),
            ],
        ),
        brings(
            "what_the_author_states_is_confirmed",
            format!("{PLAIN}{PUBLIC}    # astride: webhook=yes, signature_check=on\n"),
            vec![
                Says(AUTHOR, "/stride confirm {id}"),
                Says(REVIEWER, "/stride explain {id}"),
                Says(REVIEWER, "/stride confirm {id} seen in verify.js"),
            ],
        ),
        Story {
            settings: Some("mode: enforce\nwrong: {issues: acme/astride-rules}\n"),
            ..story(
                "what_was_misread_is_kept_without_a_name",
                vec![Says(REVIEWER, "/stride wrong {id} the form is behind our own gateway")],
            )
        },
        story("a_reply_in_the_thread_names_no_id", vec![Replies(REVIEWER, "/stride mitigate the form checks a signature")]),
        story("a_thread_that_is_resolved_by_hand_is_not_decided", vec![Resolves(AUTHOR), Act::ReRuns, Act::ReRuns, Says(REVIEWER, "{}")]),
        story("a_review_decides", vec![Reviews(REVIEWER, "Looks good.\n\n{}")]),
        story("a_decision_is_taken_back", vec![Says(REVIEWER, "{}"), Says(REVIEWER, "/stride reopen {id} the form moves")]),
        story("a_later_edit_changes_nothing", vec![Says(REVIEWER, "Thanks!"), Edits(REVIEWER, "{}")]),
        story("a_word_stays_when_its_comment_is_edited", vec![Says(REVIEWER, "{}"), Edits(REVIEWER, "Never mind.")]),
        story("a_word_stays_when_its_comment_is_deleted", vec![Says(REVIEWER, "{}"), Act::Deletes(REVIEWER)]),
        story(
            "questions_are_answered",
            vec![Says(REVIEWER, "/stride explain {id}"), Says(REVIEWER, "/stride show"), Says(READER, "/stride help")],
        ),
    ]
}

fn refusals() -> Vec<Story> {
    use Act::Says;
    vec![
        story(
            "what_is_refused_says_why",
            vec![
                Says(READER, "{}"),
                Says(REVIEWER, "/stride accept OrdersFn/S-00000000 public"),
                Says(REVIEWER, "/stride accept {id}"),
                Says(REVIEWER, "/stride accept {id} <why>"),
                Says(REVIEWER, "/stride acept {id} public"),
                Says(REVIEWER, "/stride confirm {id}"),
            ],
        ),
        story(
            "what_is_no_command_does_nothing",
            vec![
                Says(REVIEWER, "> {}"),
                Says(REVIEWER, "```\n{}\n```"),
                Says("renovate[bot]", "{}"),
                Says(REVIEWER, "I would accept that."),
            ],
        ),
    ]
}

/// Whose word counts on the pull request at hand.
fn authority() -> Vec<Story> {
    use Act::{Closes, Gets, MergesBase, OpensOwn, PushesAs, PushesSaying, PushesToBase, Says, SaysOn, UpdatesBranch};
    let decides = || Says(REVIEWER, "{}");
    let base_moves = || PushesToBase("README.md", "the shop\n".to_owned());
    let plain = |name: &'static str, acts: Vec<Act>| brings(name, format!("{PLAIN}{TAGS}"), acts);
    vec![
        Story {
            head: Head::Fork,
            ..story(
                "a_decision_on_a_strangers_pull_request_is_no_way_around",
                vec![decides(), Closes, OpensOwn(REVIEWER, public()), SaysOn(2, AUTHOR, "/stride confirm {id}")],
            )
        },
        Story {
            head: Head::Fork,
            ..story("a_decision_on_a_strangers_pull_request_holds_for_others", vec![decides(), Closes, OpensOwn(AUTHOR, public())])
        },
        plain(
            "a_commit_of_nobody_is_its_pushers",
            vec![PushesAs(REVIEWER, Identity::Nobody, public()), decides(), Says(REVIEWER, "/stride confirm {id}")],
        ),
        plain("a_commit_of_nobody_that_the_author_pushed", vec![PushesAs(AUTHOR, Identity::Nobody, public()), decides()]),
        Story {
            head: Head::Fork,
            brings: vec![(TEMPLATE, format!("{PLAIN}{TAGS}"))],
            ..story(
                "a_commit_of_nobody_that_nobody_pushed_needs_two",
                vec![
                    PushesAs(STRANGER, Identity::Nobody, public()),
                    decides(),
                    Says(REVIEWER, "/stride confirm {id}"),
                    Says(AUTHOR, "/stride confirm {id}"),
                ],
            )
        },
        plain("a_commit_in_another_name_is_its_pushers_too", vec![PushesAs(REVIEWER, Identity::Of(AUTHOR), public()), decides()]),
        story("who_updates_the_branch_is_no_author", vec![base_moves(), UpdatesBranch(REVIEWER), decides()]),
        story("who_merges_the_base_is_no_author", vec![base_moves(), MergesBase(REVIEWER, None), decides()]),
        plain("who_changes_more_than_the_base_is_an_author", vec![base_moves(), MergesBase(REVIEWER, Some(public())), decides()]),
        plain("a_co_author_proposes", vec![PushesSaying("Orders\n\nCo-authored-by: {rita}", public()), decides()]),
        plain(
            "a_co_author_without_an_account_is_nobody",
            vec![PushesSaying("Orders\n\nCo-authored-by: Rita <rita@nowhere.test>", public()), decides()],
        ),
        Story { head: Head::Bot, ..story("a_bots_pull_request_has_no_author", vec![Says(AUTHOR, "{}")]) },
        Story {
            head: Head::Bot,
            brings: vec![(TEMPLATE, format!("{PLAIN}{TAGS}"))],
            ..story(
                "who_pushes_to_a_bots_pull_request_is_an_author",
                vec![PushesAs(AUTHOR, Identity::Of(AUTHOR), public()), Says(AUTHOR, "{}"), Says(REVIEWER, "/stride confirm {id}")],
            )
        },
        story(
            "the_sole_maintainer_decides",
            vec![Gets(REVIEWER, Right::Read), Says(AUTHOR, "{}"), Gets(REVIEWER, Right::Write), Act::ReRuns],
        ),
        story(
            "another_maintainer_comes_and_nothing_says_so",
            vec![Gets(REVIEWER, Right::Read), Says(AUTHOR, "{}"), Gets(REVIEWER, Right::Write), Act::Waits(1_000)],
        ),
    ]
}

/// Head and base move.
fn pushes() -> Vec<Story> {
    use Act::{Pushes, PushesFiles, PushesToBase, Rebases, Says};
    let weakened = |policy: &str| format!("{PLAIN}{policy}");
    vec![
        story("a_fix_is_pushed", vec![Pushes(format!("{PLAIN}{SIGNED}"))]),
        story("a_decision_outlives_a_push_that_changes_nothing", vec![Says(REVIEWER, "{}"), Pushes(format!("{PLAIN}{PUBLIC}{TAGS}"))]),
        story("a_decision_outlives_a_rebase", vec![Says(REVIEWER, "{}"), PushesToBase("README.md", "the shop\n".to_owned()), Rebases]),
        brings(
            "a_push_weakens_what_was_decided",
            weakened(READS_ALL),
            vec![
                Says(REVIEWER, "/stride accept {id} the account holds nothing else"),
                Pushes(weakened(MAY_ALL)),
                Says(REVIEWER, "/stride accept {now} for the migration"),
            ],
        ),
        story("a_template_breaks_and_is_repaired", vec![Pushes(format!("{PLAIN}{PUBLIC}{BROKEN}")), Pushes(public())]),
        story("the_base_moves", vec![PushesToBase("README.md", "the shop\n".to_owned()), Says(REVIEWER, "{}")]),
        story("the_base_gets_what_the_pull_request_brings", vec![PushesToBase(TEMPLATE, public())]),
        story("the_base_gets_stricter_settings", vec![PushesToBase(SETTINGS, STRICT.to_owned()), Says(REVIEWER, "{}")]),
        Story {
            settings: Some(STRICT),
            ..story(
                "the_settings_of_the_base_break",
                vec![PushesToBase(SETTINGS, "version: 1\nmode: [\n".to_owned()), Says(REVIEWER, "{}")],
            )
        },
        Story {
            settings: Some(STRICT),
            brings: vec![(TEMPLATE, public()), (SETTINGS, "version: 1\nmode: [\n".to_owned())],
            ..story("the_gate_is_weakened", vec![PushesFiles(vec![(SETTINGS, "version: 1\nmode: advise\n".to_owned())])])
        },
        Story { brings: vec![("notes.md", "notes\n".to_owned())], ..story("nothing_of_ours_changes", vec![Says(REVIEWER, "Nice.")]) },
        brings("tags_are_pushed", format!("{PLAIN}{TAGS}"), vec![Pushes(format!("{PLAIN}{TAGS}        tier: one\n"))]),
    ]
}

/// Nobody has asked for a gate, or the organisation has.
fn modes() -> Vec<Story> {
    use Act::{OrganisationSets, Pushes, ReRuns, Says};
    vec![
        Story { settings: None, ..story("without_settings_it_advises", vec![Says(REVIEWER, "/stride show")]) },
        Story { settings: None, ..story("without_settings_a_repair_is_said", vec![Pushes(format!("{PLAIN}{PUBLIC}{BROKEN}"))]) },
        Story {
            settings: Some("mode: enforce\ncomment: {agents: false}\n"),
            ..story("the_fold_for_agents_is_switched_off", vec![Says(REVIEWER, "{}")])
        },
        Story {
            settings: None,
            ..story("the_button_on_the_check_is_pressed", vec![OrganisationSets(ENFORCE), Act::Passes(600), Act::PressesRecheck(AUTHOR)])
        },
        Story { settings: None, ..story("the_organisation_enforces", vec![OrganisationSets(ENFORCE), Act::Waits(600), ReRuns]) },
    ]
}

/// A pull request asks less of its own gate.
fn gate() -> Vec<Story> {
    use Act::{PushesFiles, Queues, Removes, Says};
    let brings = |name: &'static str, settings: &str, acts: Vec<Act>| Story {
        settings: Some(STRICT),
        brings: vec![(SETTINGS, settings.to_owned())],
        ..story(name, acts)
    };
    let accepts = |by: &'static str| Says(by, "/stride accept {settings} we try it out first");
    let advise = STRICT.replace("enforce", "advise");
    vec![
        brings("a_weakened_gate_needs_an_answer", &advise, vec![]),
        brings(
            "a_weakened_gate_is_answered_by_somebody_else",
            &advise,
            vec![
                accepts(READER),
                accepts(AUTHOR),
                Says(AUTHOR, "/stride confirm {settings}"),
                Says(REVIEWER, "/stride confirm {settings}"),
            ],
        ),
        brings(
            "a_gate_that_is_weakened_further_asks_again",
            &advise,
            vec![accepts(REVIEWER), PushesFiles(vec![(SETTINGS, format!("{advise}exclude: ['**']\n"))])],
        ),
        brings("a_weakened_gate_is_answered_and_queued", &advise, vec![accepts(REVIEWER), Queues]),
        brings("a_tightened_gate_needs_no_answer", &format!("{STRICT}gate: {{questions: high, unread: fail}}\n"), vec![]),
        brings("the_settings_are_removed", STRICT, vec![Removes(SETTINGS)]),
    ]
}

/// What cannot wait.
fn emergencies() -> Vec<Story> {
    use Act::{Gets, OpensOwnAt, Pushes, Queues, QueuesTogether, Says, Teams, Waits};
    let calls = |by: &'static str| Says(by, "/stride emergency OPS-12 the shop is down, we look at it tomorrow");
    let by_team = "mode: enforce\ngate: {emergency_team: security}\n";
    let admin = || Gets(REVIEWER, Right::Admin);
    vec![
        story("an_administrator_calls_an_emergency", vec![calls(AUTHOR), calls(REVIEWER), admin(), calls(REVIEWER)]),
        story("an_author_who_is_an_administrator_calls_an_emergency", vec![Gets(AUTHOR, Right::Admin), calls(AUTHOR)]),
        story("an_emergency_ends", vec![admin(), calls(REVIEWER), Waits(73 * 3_600)]),
        story("an_emergency_is_for_one_head", vec![admin(), calls(REVIEWER), Pushes(format!("{PLAIN}{PUBLIC}{TAGS}"))]),
        Story {
            settings: Some(by_team),
            ..story("a_team_calls_an_emergency", vec![admin(), Teams("security", &[READER]), calls(REVIEWER), calls(READER)])
        },
        story("an_emergency_enters_the_merge_queue", vec![admin(), calls(REVIEWER), Queues]),
        story(
            "an_emergency_lets_nobody_else_into_the_merge_queue",
            vec![
                admin(),
                calls(REVIEWER),
                OpensOwnAt(REVIEWER, "billing/template.yaml", format!("{PLAIN}{MAY_ALL}")),
                QueuesTogether(&[1, 2]),
            ],
        ),
        brings("an_emergency_lets_pass_what_cannot_be_read", format!("{PLAIN}{TAGS}{BROKEN}"), vec![admin(), calls(REVIEWER)]),
    ]
}

/// What becomes of a pull request.
fn states() -> Vec<Story> {
    use Act::{
        Closes, Drafts, Gets, Merges, OpensMove, OpensOwn, OpensOwnAt, Pushes, Queues, QueuesTogether, ReRuns, Readies, Reopens, Retargets,
        Says, SaysOn,
    };
    vec![
        story("it_is_closed_and_reopened", vec![Closes, Pushes(format!("{PLAIN}{PUBLIC}{QUEUE}")), Reopens]),
        story("it_is_a_draft_and_then_ready", vec![Drafts, Readies]),
        story("it_goes_to_another_base", vec![Retargets("release")]),
        story("the_check_is_run_again", vec![ReRuns, Says(REVIEWER, "/stride recheck")]),
        story("it_enters_the_merge_queue", vec![Says(REVIEWER, "{}"), Queues]),
        story("it_enters_the_merge_queue_unanswered", vec![Queues]),
        story(
            "two_that_review_each_other_are_queued_together",
            vec![
                Says(REVIEWER, "{}"),
                OpensOwnAt(REVIEWER, "billing/template.yaml", format!("{PLAIN}{MAY_ALL}")),
                SaysOn(2, AUTHOR, "/stride accept {now} for the migration"),
                QueuesTogether(&[1, 2]),
            ],
        ),
        Story {
            head: Head::Fork,
            ..story("a_group_asks_whose_pull_request_it_is", vec![Says(REVIEWER, "{}"), OpensOwn(REVIEWER, public()), QueuesTogether(&[2])])
        },
        story("it_is_merged", vec![Says(REVIEWER, "{}"), Merges]),
        story("it_is_merged_past_the_gate", vec![Merges]),
        story(
            "a_command_after_the_merge_is_refused",
            vec![Merges, Says(REVIEWER, "/stride accept OrdersFn/S-02c2e798 the form is public on purpose")],
        ),
        Story { settings: None, ..story("it_is_merged_while_the_gate_advises", vec![Merges]) },
        story(
            "it_is_merged_under_an_emergency",
            vec![Gets(REVIEWER, Right::Admin), Says(REVIEWER, "/stride emergency OPS-12 the shop is down"), Merges],
        ),
        Story { brings: vec![("notes.md", "notes\n".to_owned())], ..story("it_is_merged_without_anything_to_judge", vec![Merges]) },
        brings("it_is_merged_unread", format!("{PLAIN}{TAGS}{BROKEN}"), vec![Merges]),
        story("what_was_merged_unanswered_is_owed", vec![Merges, OpensOwn(AUTHOR, format!("{PLAIN}{PUBLIC}{READS_ALL}"))]),
        story("what_is_owed_is_no_part_of_what_is_older", vec![Merges, OpensOwn(AUTHOR, format!("{PLAIN}{PUBLIC}{BILLING}"))]),
        story(
            "a_decision_follows_a_move",
            vec![Says(REVIEWER, "/stride accept {id} a public form"), Merges, OpensMove(AUTHOR, "orders/template.yaml")],
        ),
        story(
            "a_decision_follows_a_rename",
            vec![
                Says(REVIEWER, "/stride accept {id} a public form"),
                Merges,
                OpensOwn(AUTHOR, public().replace("OrdersFn", "OrdersFormFn")),
            ],
        ),
        story(
            "a_decision_on_what_goes_by_another_name_is_shown",
            vec![
                Says(REVIEWER, "/stride accept {id} a public form\n/stride mitigate 2 the handler checks each field"),
                Merges,
                OpensOwn(AUTHOR, format!("{}      ReservedConcurrentExecutions: 5\n", public().replace("OrdersFn", "OrdersFormFn"))),
            ],
        ),
        story("what_is_owed_follows_a_move", vec![Merges, OpensMove(AUTHOR, "orders/template.yaml")]),
        story(
            "what_is_owed_is_answered",
            vec![
                Merges,
                OpensOwn(AUTHOR, format!("{PLAIN}{PUBLIC}{READS_ALL}")),
                SaysOn(2, REVIEWER, "/stride accept OrdersFn/S-02c2e798 the form is public on purpose"),
            ],
        ),
    ]
}

/// A pull request that changes tags of what is public on `main`, and is not on `release`.
fn beside_release(name: &'static str, acts: Vec<Act>) -> Story {
    Story { main: Some(public()), ..brings(name, format!("{PLAIN}{PUBLIC}{TAGS}"), acts) }
}

/// Other pull requests, other repositories.
fn neighbours() -> Vec<Story> {
    use Act::{ClosesOther, OpensAnother, RetargetsOther, Says, SaysOn, WorksElsewhere};
    vec![
        Story { head: Head::Fork, ..story("it_comes_from_a_fork", vec![Says(STRANGER, "{}"), Says(REVIEWER, "/stride confirm {id}")]) },
        story("two_pull_requests_have_one_head", vec![OpensAnother, Says(REVIEWER, "{}"), SaysOn(2, REVIEWER, "/stride show")]),
        beside_release("a_neighbour_that_is_worse_counts", vec![OpensAnother]),
        beside_release("a_neighbour_that_is_worse_is_closed", vec![OpensAnother, ClosesOther(2)]),
        beside_release("a_neighbour_that_is_worse_is_retargeted", vec![OpensAnother, RetargetsOther(2, "main")]),
        beside_release("a_neighbour_that_is_worse_is_answered", vec![OpensAnother, SaysOn(2, REVIEWER, "{}")]),
        brings("another_repository_has_no_template", format!("{PLAIN}{TAGS}"), vec![WorksElsewhere]),
    ]
}
