//! Stories of what becomes of the ledger's branch when others than the App write to it.

use super::told::story;
use super::{AUTHOR, Act, READER, REVIEWER, Story};

/// The first block once more, without the comment that it came from.
pub(super) fn again(text: &str) -> String {
    let blocks: Vec<&str> = text.split("- version").collect();
    let block = blocks[1].replace("comment: 2000002", "comment: 0").replace("https://github.com/acme/shop/pull/1#issuecomment-2000002", "");
    format!("{text}- version{}", block.replace("2026-11-24T08:04:00Z", "2026-11-24T08:06:00Z"))
}

/// As that, in the author's own name.
fn again_by_mona(text: &str) -> String {
    let block = again(text).split_off(text.len());
    format!("{text}{}", block.replace("id: 1004, login: \"rita\"", "id: 1003, login: \"mona\""))
}

/// As `again`, with a time that is still to come.
fn later(text: &str) -> String {
    let block = again(text).split_off(text.len());
    format!("{text}{}", block.replace("2026-11-24T08:06:00Z", "2027-11-24T08:06:00Z"))
}

pub(super) fn stories() -> Vec<Story> {
    use Act::{DeletesLedger, Passes, ProtectsLedger, PutsLedgerBack, ReRuns, RewritesLedger, Says, SwapsNames};
    let decides = || Says(REVIEWER, "{}");
    let takes_back = || Says(REVIEWER, "/stride reopen {id} the form moves");
    // Until it is believed that the forge shows what is there.
    let patiently = |acts: Vec<Act>| acts.into_iter().chain([Passes(120), ReRuns]).collect::<Vec<Act>>();
    let forgives = |text: &str| text.replace("the form is public on purpose", "whatever");
    vec![
        story(
            "a_ledger_that_is_rewritten_denies",
            vec![decides(), RewritesLedger(REVIEWER, forgives), Says(REVIEWER, "/stride na {id} no form")],
        ),
        story("a_ledger_that_is_put_right_counts_again", vec![decides(), RewritesLedger(REVIEWER, forgives), PutsLedgerBack(1), ReRuns]),
        story(
            "a_broken_ledger_file_is_put_right",
            vec![decides(), RewritesLedger(REVIEWER, |text| format!("{text}- [\n")), PutsLedgerBack(1), ReRuns],
        ),
        story("a_ledger_that_is_cut_back_denies", patiently(vec![decides(), takes_back(), PutsLedgerBack(1), ReRuns])),
        story("a_ledger_that_is_deleted_denies", vec![decides(), takes_back(), DeletesLedger, ReRuns]),
        story("a_decision_is_pushed_by_whoever_made_it", vec![decides(), takes_back(), RewritesLedger(REVIEWER, again)]),
        story(
            "a_decision_that_was_pushed_outlives_a_name",
            vec![decides(), takes_back(), RewritesLedger(REVIEWER, again), SwapsNames(REVIEWER, READER), ReRuns],
        ),
        story(
            "a_decision_that_is_pushed_with_a_time_to_come_does_not_count",
            vec![decides(), takes_back(), RewritesLedger(REVIEWER, later), Says(REVIEWER, "/stride show {id}")],
        ),
        story("a_decision_that_is_pushed_in_another_name_does_not_count", vec![decides(), takes_back(), RewritesLedger(AUTHOR, again)]),
        story("a_decision_that_an_author_pushes_does_not_count", vec![decides(), takes_back(), RewritesLedger(AUTHOR, again_by_mona)]),
        story("a_ledger_that_the_app_alone_may_write", vec![ProtectsLedger, decides()]),
    ]
}
