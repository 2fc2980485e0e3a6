//! Stories of code owners, and of threats on which more than one must agree.

use super::ledger::again;
use super::told::{public, story};
use super::{AUTHOR, Act, Head, READER, REVIEWER, SETTINGS, Story, TEMPLATE};
use astride::change::Right;

const OWNERS: &str = ".github/CODEOWNERS";
const OWNED: &str = "mode: enforce\ndecide: {owners: true}\n";
const BY_TEAM: &str = "mode: enforce\ndecide: {teams: [security]}\n";
const BY_TWO: &str = "mode: enforce\ndecide: {needed: {critical: 2}}\n";

pub(super) fn stories() -> Vec<Story> {
    use Act::{AtOnce, Gets, PushesFiles, PushesToBase, Removes, RewritesLedger, Says, Teams};
    let owned = |name: &'static str, owners: &'static str, acts: Vec<Act>| Story {
        settings: Some(OWNED),
        base: vec![(OWNERS, owners)],
        ..story(name, acts)
    };
    let by_two = |name: &'static str, acts: Vec<Act>| Story { settings: Some(BY_TWO), ..story(name, acts) };
    let second = || Gets(READER, Right::Write);
    let confirms = |by: &'static str| Says(by, "/stride confirm {id}");
    vec![
        owned(
            "code_owners_decide",
            "*.yaml @acme/platform @finn\n/docs/ @rita\n",
            vec![Teams("platform", &[READER]), second(), Says(REVIEWER, "{}"), Says(READER, "{}")],
        ),
        Story {
            settings: Some("mode: enforce\ndecide: {teams: [security, acme/platform]}\n"),
            ..story(
                "members_of_a_team_decide",
                vec![
                    Teams("security", &[READER]),
                    Teams("platform", &[AUTHOR]),
                    second(),
                    Says(REVIEWER, "{}"),
                    Says(AUTHOR, "{}"),
                    confirms(READER),
                ],
            )
        },
        Story {
            settings: Some("mode: enforce\ndecide: {teams: [security], ask: mention}\n"),
            ..story("teams_that_decide_are_told_once", vec![Teams("security", &[REVIEWER]), Act::ReRuns, Says(REVIEWER, "{}")])
        },
        Story {
            settings: Some("mode: enforce\ndecide: {teams: [security]}\n"),
            ..story(
                "other_teams_are_a_threat",
                vec![
                    Teams("security", &[REVIEWER]),
                    PushesFiles(vec![(SETTINGS, "mode: enforce\ndecide: {teams: [security, everybody]}\n".to_owned())]),
                    Says(REVIEWER, "/stride accept {settings} everybody is asked from now on"),
                ],
            )
        },
        Story {
            settings: Some("mode: enforce\ndecide: {owners: true, teams: [security]}\n"),
            base: vec![(OWNERS, "* @rita @rex\n")],
            ..story(
                "an_owner_who_is_in_a_deciding_team_decides",
                vec![Teams("security", &[READER, AUTHOR]), second(), Says(REVIEWER, "{}"), Says(READER, "{}")],
            )
        },
        Story {
            settings: Some(BY_TEAM),
            ..story(
                "owners_beside_teams_are_no_threat",
                vec![
                    Teams("security", &[REVIEWER]),
                    PushesFiles(vec![
                        (SETTINGS, "mode: enforce\ndecide: {owners: true, teams: [security]}\n".to_owned()),
                        (OWNERS, "* @acme/everybody\n".to_owned()),
                    ]),
                    Says(REVIEWER, "{}"),
                ],
            )
        },
        Story {
            settings: Some(BY_TEAM),
            ..story(
                "owners_in_the_place_of_teams_are_a_threat",
                vec![
                    Teams("security", &[REVIEWER]),
                    PushesFiles(vec![
                        (SETTINGS, "mode: enforce\ndecide: {owners: true}\n".to_owned()),
                        (OWNERS, "* @acme/everybody\n".to_owned()),
                    ]),
                    Says(REVIEWER, "{}"),
                ],
            )
        },
        owned(
            "a_template_that_is_moved_keeps_its_owners",
            "/template.yaml @rita\n/misc/ @rex @finn\n",
            vec![
                second(),
                AtOnce(vec![PushesFiles(vec![("misc/template.yaml", public())]), Removes(TEMPLATE)]),
                Says(READER, "/stride accept {now} the form is public on purpose"),
                Says(REVIEWER, "/stride accept {now} the form is public on purpose"),
                PushesToBase(OWNERS, "/template.yaml @rita\n/misc/ @rex @rita\n".to_owned()),
                Says(REVIEWER, "/stride accept {now} the form is public on purpose"),
            ],
        ),
        Story {
            settings: Some(BY_TEAM),
            ..story(
                "a_member_of_a_deciding_team_pushes_a_decision",
                vec![
                    Teams("security", &[REVIEWER]),
                    Says(REVIEWER, "{}"),
                    Says(REVIEWER, "/stride reopen {id} the form moves"),
                    RewritesLedger(REVIEWER, again),
                ],
            )
        },
        owned(
            "code_owners_confirm_what_an_author_proposes",
            "* @rex\n",
            vec![second(), Says(AUTHOR, "{}"), confirms(REVIEWER), confirms(READER)],
        ),
        owned("what_nobody_owns_is_anyones_to_decide", "* @rex\ntemplate.yaml\n", vec![Says(REVIEWER, "{}")]),
        owned("an_owner_who_may_not_write_decides_nothing", "* @rex\n", vec![Says(READER, "{}")]),
        owned(
            "other_code_owners_are_a_threat",
            "* @rita\n",
            vec![
                PushesFiles(vec![(OWNERS, "* @rita\ntemplate.yaml @mona\n".to_owned())]),
                Says(REVIEWER, "{}"),
                Says(REVIEWER, "/stride accept {settings} mona joins the owners"),
            ],
        ),
        Story {
            settings: Some("mode: enforce\ndecide: {owners: true, needed: {high: 2}}\n"),
            base: vec![(OWNERS, "* @rita\n")],
            ..story(
                "fewer_deciders_are_a_threat",
                vec![PushesFiles(vec![(SETTINGS, "mode: enforce\ndecide: {needed: {critical: 2}}\n".to_owned())])],
            )
        },
        by_two("what_is_critical_needs_two", vec![Says(REVIEWER, "{}"), confirms(REVIEWER), second(), confirms(READER)]),
        by_two("an_author_is_none_of_the_two", vec![Says(AUTHOR, "{}"), confirms(REVIEWER), second(), confirms(READER)]),
        Story {
            settings: Some("mode: enforce\ndecide: {owners: true, needed: {critical: 2}}\n"),
            base: vec![(OWNERS, "* @rita\n")],
            head: Head::Fork,
            ..story("the_sole_maintainer_needs_nobody_else", vec![Gets(REVIEWER, Right::Read), Says(AUTHOR, "{}")])
        },
        Story {
            settings: Some("mode: enforce\ndecide: {owners: true, needed: {critical: 2}}\n"),
            base: vec![(OWNERS, "*.yaml @rita @rex\n")],
            ..story("who_else_must_agree_is_said", vec![second(), Says(REVIEWER, "{}"), confirms(READER)])
        },
        story(
            "a_decision_outlives_stricter_deciders",
            vec![
                Says(REVIEWER, "{}"),
                PushesToBase(OWNERS, "* @rex\n".to_owned()),
                PushesToBase(SETTINGS, "mode: enforce\ndecide: {owners: true, needed: {low: 2}}\n".to_owned()),
                Act::ReRuns,
            ],
        ),
        by_two(
            "what_is_pushed_needs_two_as_well",
            vec![
                Says(REVIEWER, "{}"),
                Says(REVIEWER, "/stride reopen {id} said on the ledger again"),
                RewritesLedger(REVIEWER, |text| {
                    let pushed = again(text).split_off(text.len());
                    format!("{text}{}", pushed.replace("  proposal: true\n  needed: 2\n", ""))
                }),
            ],
        ),
    ]
}
