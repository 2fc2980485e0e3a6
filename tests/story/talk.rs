//! Stories of how people are spoken with: where it stands what is asked, approving reviews, and who is told that something waits.

use super::ledger::again;
use super::told::{MAY_ALL, PLAIN, PUBLIC, TAGS, public, story};
use super::{AUTHOR, Act, READER, REVIEWER, SETTINGS, STRANGER, Story};
use astride::change::Right;

const OWNERS: &str = ".github/CODEOWNERS";

pub(super) fn stories() -> Vec<Story> {
    let mut stories = modes();
    stories.extend(approvals());
    stories.extend(asking());
    stories
}

fn by(settings: &'static str, name: &'static str, acts: Vec<Act>) -> Story {
    Story { settings: Some(settings), ..story(name, acts) }
}

/// One comment, a new one, or none.
fn modes() -> Vec<Story> {
    use Act::{Pushes, PushesToBase, ReRuns, Says};
    const CHECK: &str = "mode: enforce\ncomment: {mode: check}\n";
    const NEW: &str = "mode: enforce\ncomment: {mode: new}\n";
    let accepts = || Says(REVIEWER, "/stride accept OrdersFn/S-02c2e798 the form is public on purpose");
    vec![
        by(CHECK, "everything_stands_in_the_check", vec![Says(REVIEWER, "/stride accept 1 the form is public"), accepts()]),
        story(
            "a_comment_goes_into_the_check",
            vec![PushesToBase(SETTINGS, CHECK.to_owned()), ReRuns, Says(REVIEWER, "/stride accept 1 the form is public on purpose")],
        ),
        by(NEW, "a_new_comment_says_that_all_is_answered", vec![Says(REVIEWER, "{}")]),
        by(
            NEW,
            "a_new_comment_asks_what_is_new",
            vec![
                Pushes(format!("{PLAIN}{PUBLIC}{TAGS}")),
                Pushes(format!("{PLAIN}{MAY_ALL}{PUBLIC}")),
                Says(REVIEWER, "/stride accept 1 the form is public on purpose"),
            ],
        ),
        story(
            "a_comment_that_was_edited_is_replaced_from_then_on",
            vec![PushesToBase(SETTINGS, NEW.to_owned()), ReRuns, Says(REVIEWER, "{}")],
        ),
        Story {
            settings: Some("mode: enforce\n"),
            ..story(
                "an_organisation_says_where_it_stands",
                vec![Act::OrganisationSets("comment: {mode: check}\n"), Act::Waits(600), ReRuns],
            )
        },
    ]
}

/// A review approves.
fn approvals() -> Vec<Story> {
    use Act::{Approves, AtOnce, Dismisses, Gets, Merges, PushesFiles, PushesToBase, ReRuns, RewritesLedger, Says, Teams};
    const APPROVALS: &str = "mode: enforce\ndecide: {approvals: true}\n";
    let proposes = || Says(AUTHOR, "{}");
    let pushes = || PushesFiles(vec![("notes.md", "notes\n".to_owned())]);
    let approving = |name: &'static str, acts: Vec<Act>| by(APPROVALS, name, acts);
    vec![
        approving("an_approving_review_confirms", vec![proposes(), Approves(REVIEWER, ""), ReRuns]),
        story("an_approving_review_confirms_nothing_unless_asked_to", vec![proposes(), Approves(REVIEWER, "")]),
        // The author pushes the block once more, past the App: nobody was shown it by a reply.
        approving(
            "an_approving_review_confirms_nothing_that_was_pushed",
            vec![
                proposes(),
                Says(AUTHOR, "/stride undo"),
                RewritesLedger(AUTHOR, again),
                Approves(REVIEWER, ""),
                ReRuns,
                Says(REVIEWER, "/stride confirm {id}"),
            ],
        ),
        Story {
            brings: vec![(super::TEMPLATE, format!("{PLAIN}{PUBLIC}    # astride: webhook=yes, signature_check=on\n"))],
            ..approving("an_approving_review_confirms_nothing_that_the_change_states", vec![Approves(REVIEWER, ""), ReRuns])
        },
        approving("an_approving_review_that_comes_too_early_confirms_nothing", vec![Approves(REVIEWER, ""), proposes()]),
        approving(
            "an_approving_review_of_another_commit_confirms_nothing",
            vec![proposes(), AtOnce(vec![Approves(REVIEWER, ""), pushes()])],
        ),
        approving(
            "an_authors_approving_review_confirms_nothing",
            vec![
                proposes(),
                Act::PushesAs(REVIEWER, super::Identity::Of(REVIEWER), format!("{PLAIN}{PUBLIC}{TAGS}")),
                Approves(REVIEWER, ""),
            ],
        ),
        approving("an_approving_review_without_the_right_confirms_nothing", vec![proposes(), Approves(READER, "")]),
        approving("a_dismissed_review_confirms_nothing", vec![proposes(), AtOnce(vec![Approves(REVIEWER, ""), Dismisses(AUTHOR)]), ReRuns]),
        approving(
            "a_review_that_is_dismissed_later_undoes_nothing",
            vec![proposes(), Approves(REVIEWER, ""), Dismisses(AUTHOR), Says(REVIEWER, "/stride reopen {id} the form moves"), proposes()],
        ),
        approving(
            "an_approving_review_is_undone_and_confirms_no_more",
            vec![proposes(), Approves(REVIEWER, ""), Says(REVIEWER, "/stride undo"), ReRuns],
        ),
        approving(
            "an_approving_review_that_speaks_does_both",
            vec![proposes(), Approves(REVIEWER, "Well done.\n\n/stride accept OrdersFn/S-00000000 that too")],
        ),
        approving("an_approval_and_the_merge_come_at_once", vec![proposes(), AtOnce(vec![Approves(REVIEWER, ""), Merges])]),
        Story {
            base: vec![(OWNERS, "* @acme/platform\n")],
            ..by(
                "mode: enforce\ndecide: {approvals: true, owners: true}\n",
                "code_owners_confirm_by_approving",
                vec![Teams("platform", &[READER]), Gets(READER, Right::Write), proposes(), Approves(REVIEWER, ""), Approves(READER, "")],
            )
        },
        approving(
            "an_organisation_forbids_approvals",
            vec![Act::OrganisationSets("decide: {approvals: false}\n"), Act::Waits(600), proposes(), Approves(REVIEWER, "")],
        ),
        Story {
            brings: vec![(SETTINGS, APPROVALS.to_owned())],
            ..story("approvals_that_confirm_weaken_the_gate", vec![PushesToBase("README.md", "the shop\n".to_owned())])
        },
    ]
}

/// Whoever should decide is told.
fn asking() -> Vec<Story> {
    use Act::{Drafts, Pushes, Readies, Says, Teams};
    const MENTION: &str = "mode: enforce\ndecide: {ask: mention, ask_whom: ['@acme/security', '@mona']}\n";
    const REVIEW: &str = "mode: enforce\ndecide: {ask: review}\n";
    let again = || Pushes(format!("{PLAIN}{MAY_ALL}{PUBLIC}"));
    let owned = |name: &'static str, owners: &'static str, acts: Vec<Act>| Story { base: vec![(OWNERS, owners)], ..by(REVIEW, name, acts) };
    vec![
        by(MENTION, "whoever_should_decide_is_mentioned_once", vec![again(), Says(REVIEWER, "{}")]),
        Story {
            base: vec![(OWNERS, "*.yaml @acme/platform @mona me@acme.test @rita\n")],
            ..story(
                "a_team_is_asked_for_a_review",
                vec![Teams("platform", &[READER]), Act::PushesToBase(SETTINGS, REVIEW.to_owned()), Act::ReRuns],
            )
        },
        owned(
            "code_owners_are_asked_for_a_review_once",
            "*.yaml @rita @mona me@acme.test\n",
            vec![again(), Act::Reviews(REVIEWER, "On it."), Pushes(format!("{PLAIN}{MAY_ALL}{PUBLIC}{TAGS}"))],
        ),
        owned("whom_github_would_not_ask_is_said", "* @finn @rita @acme/nobody\n", vec![again(), Act::ReRuns]),
        owned("nobody_is_asked_in_a_draft", "* @rita\n", vec![Drafts, Readies]),
        Story { brings: vec![("notes.md", "notes\n".to_owned())], ..owned("nobody_is_asked_where_nothing_waits", "* @rita\n", vec![]) },
        Story { settings: Some("decide: {ask: review}\n"), ..owned("nobody_is_asked_where_the_gate_advises", "* @rita\n", vec![]) },
        Story { head: super::Head::Fork, ..owned("an_author_of_a_fork_is_never_asked", "* @finn @rita\n", vec![Says(STRANGER, "{}")]) },
        Story { brings: vec![(super::TEMPLATE, public())], ..owned("nobody_owns_it_and_nobody_is_asked", "/docs/ @rita\n", vec![]) },
    ]
}
