//! What a repository and its organisation say of rules, and what becomes of threats by it.

use super::told::{public, story};
use super::{AUTHOR, Act, READER, REVIEWER, SETTINGS, Story, TEMPLATE};

const OFF: &str = "mode: enforce
rules:
- {rule: STR-FURL-S-01, off: true, why: 'only deployed to sandboxes, SEC-12'}
";
const LOWERED: &str = "mode: enforce
decide: {needed: {critical: 2}}
rules:
- {rule: STR-FURL-S-01, severity: high, why: behind the network of the company}
";
const HELD: &str = "mode: enforce
lock: [rules]
rules:
- {rule: STR-FURL-D-01, blocks: yes, why: we sell availability}
";

pub(super) fn stories() -> Vec<Story> {
    use Act::{Merges, OpensMove, OrganisationSets, PushesFiles, PushesToBase, Replies, Says, Waits};
    vec![
        Story {
            settings: Some("exclude: ['examples/**']\n"),
            ..story(
                "the_organisation_locks_what_is_left_out",
                vec![
                    OrganisationSets("mode: enforce\nlock: [exclude, facts]\nexclude: ['docs/**']\n"),
                    Waits(600),
                    PushesFiles(vec![(
                        SETTINGS,
                        "exclude: ['examples/**', 'docs/**', '**']\nfacts: {'**#OrdersFn': {signature_check: on}}\n".to_owned(),
                    )]),
                ],
            )
        },
        story(
            "a_rule_is_switched_off_and_on_again",
            vec![
                PushesToBase(SETTINGS, OFF.to_owned()),
                Says(REVIEWER, "/stride accept {id} a public form"),
                Says(REVIEWER, "/stride show OrdersFn"),
                PushesToBase(SETTINGS, "mode: enforce\n".to_owned()),
                Says(REVIEWER, "/stride show"),
            ],
        ),
        story(
            "a_decision_moves_while_its_rule_is_switched_off",
            vec![
                Says(REVIEWER, "/stride accept {id} a public form"),
                Merges,
                PushesToBase(SETTINGS, OFF.to_owned()),
                OpensMove(AUTHOR, "orders/template.yaml"),
            ],
        ),
        Story {
            settings: Some(LOWERED),
            ..story(
                "a_lowered_severity_needs_fewer",
                vec![Says(REVIEWER, "/stride explain {id}"), Replies(REVIEWER, "/stride accept a public form")],
            )
        },
        Story {
            settings: Some(OFF),
            ..story("the_organisation_locks_rules", vec![OrganisationSets(HELD), Waits(600), Says(READER, "/stride show")])
        },
        Story {
            brings: vec![(TEMPLATE, public()), (SETTINGS, OFF.to_owned())],
            ..story("a_change_that_switches_its_own_rule_off_waits", vec![Says(REVIEWER, "/stride accept {settings} agreed in SEC-12")])
        },
    ]
}
