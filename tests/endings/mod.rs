//! How a story may end otherwise where the store is lost: what it alone knew is asked for again, and said again it ends as if nothing had happened.

use crate::story::{SHOP, Story};
use crate::{Database, Ending, Mishap};
use astride::report::marker;
use astride::sandbox::github::StandIn;
use astride::sandbox::github::state::Github;
use std::collections::BTreeSet;

/// Stories in which somebody speaks of a head by what the store alone remembers to have stood there: an emergency, or an ID whose whole hash no comment
/// of ours has. Where it is lost, they are refused and write it once more.
const SPOKEN_AGAIN: [&str; 34] = [
    "a_bare_confirm_of_two_proposals_names_none",
    "a_change_that_switches_its_own_rule_off_waits",
    "a_file_that_cannot_be_read_is_accepted",
    "a_file_that_was_accepted_asks_again_when_it_changes",
    "a_gate_that_is_weakened_further_asks_again",
    "a_line_is_annotated_once_however_often_the_check_changes",
    "a_suggestion_that_is_typed_and_pushed_makes_an_author",
    "a_suggestion_that_somebody_edited_makes_an_author",
    "a_team_calls_an_emergency",
    "a_weakened_gate_is_answered_and_queued",
    "a_weakened_gate_is_answered_by_somebody_else",
    "an_acceptance_is_taken_back",
    "an_administrator_calls_an_emergency",
    "an_author_who_applies_a_suggestion_stays_one",
    "an_author_who_is_an_administrator_calls_an_emergency",
    "an_emergency_ends",
    "an_emergency_enters_the_merge_queue",
    "an_emergency_is_for_one_head",
    "an_emergency_lets_nobody_else_into_the_merge_queue",
    "an_emergency_lets_pass_what_cannot_be_read",
    "everything_stands_in_the_check",
    "it_is_merged_under_an_emergency",
    "other_code_owners_are_a_threat",
    "other_teams_are_a_threat",
    "rules_of_the_organisation_that_nobody_can_read_hold",
    "what_is_not_judged_is_accepted",
    "what_is_owed_is_answered",
    "what_only_says_that_it_was_suggested_makes_an_author",
    "what_was_accepted_enters_the_merge_queue",
    "who_alters_a_suggestion_is_an_author",
    "who_applies_a_suggestion_is_no_author",
    "who_applies_one_suggestion_after_another_is_no_author",
    "who_applies_suggestions_together_is_no_author",
    "who_changes_more_than_is_suggested_is_an_author",
];
/// Stories in which the store alone knows what an organisation had of its own before the edition that cannot be taken: without it, what is broken needs
/// repair until it is mended.
const KNEW_AN_EARLIER_EDITION: [&str; 1] = ["rules_of_the_organisation_that_nobody_can_read_hold"];
/// How such a refusal begins.
const UNSEEN: &str = "came after you wrote, or was not looked at yet";

/// The comments that are refused so.
pub(crate) fn unseen(standin: &StandIn) -> BTreeSet<u64> {
    standin.with(|github: &mut Github| {
        let Some(shop) = github.repository_named(SHOP) else { return BTreeSet::new() };
        let replies = shop.comments.values().filter(|comment| comment.body.contains(UNSEEN));
        replies.filter_map(|comment| Some(marker::read_reply(&comment.body)?.0.1)).collect()
    })
}

/// Whoever is refused so, and is none of these, writes the same once more; whether anybody did. They are of these from then on.
pub(crate) fn write_again(standin: &StandIn, told: &mut BTreeSet<u64>) -> bool {
    let refused: Vec<u64> = unseen(standin).into_iter().filter(|id| told.insert(*id)).collect();
    // Time passes with each act.
    if refused.is_empty() {
        return false;
    }
    standin.act(|github| {
        for id in refused {
            let said = github.repository_named(SHOP).unwrap().comments[&id].clone();
            let login = github.users[&said.author].login.clone();
            github.comment(SHOP, said.issue, &login, &said.body).unwrap();
        }
    });
    true
}

/// Whether a story may end so without its store.
pub(crate) fn is_excused(story: &Story, mishap: Mishap, ending: &Ending, calm: &Ending) -> bool {
    if mishap.database() != Database::Lost {
        return false;
    }
    if ending.again {
        return SPOKEN_AGAIN.contains(&story.name) && checks(&ending.dump) == checks(&calm.dump);
    }
    KNEW_AN_EARLIER_EDITION.contains(&story.name) && !ending.dump.contains(": success") && ending.dump.contains("1 file needs repair")
}

/// What is open, closed and merged, and how each check ends.
fn checks(dump: &str) -> Vec<&str> {
    dump.lines().filter(|line| line.starts_with("## ") || line.starts_with("### check ")).collect()
}

pub(crate) fn first_difference(expected: &str, actual: &str) -> String {
    let shorter = expected.lines().count().min(actual.lines().count());
    let line = expected.lines().zip(actual.lines()).position(|(a, b)| a != b).unwrap_or(shorter);
    let show = |text: &str| {
        let lines = text.lines().skip(line.saturating_sub(1)).take(4);
        lines.map(|line| format!("      {}\n", line.chars().take(160).collect::<String>())).collect::<String>()
    };
    format!("    expected\n{}    got\n{}", show(expected), show(actual))
}

/// The request that met the mishap.
pub(crate) fn met(mishap: Mishap, ending: &Ending) -> String {
    let mut writes = ending.requests.iter().filter(|request| request.is_write());
    let request = match mishap {
        Mishap::Killed(number, ..) | Mishap::Missing(number) => ending.requests.get(number as usize - 1),
        Mishap::BadGateway(write) | Mishap::Dropped(write) | Mishap::Limited(write) => writes.nth(write as usize - 1),
        Mishap::Moved(_) | Mishap::Webhook(..) => None,
    };
    request.map(|request| format!(" ({} {})", request.method, request.path)).unwrap_or_default()
}
