//! Stories of other bots: what they propose where the settings name them, and what they may not.

use super::told::{ENFORCE, story};
use super::{AUTHOR, Act, BOT, REVIEWER, SETTINGS, Story};

const NAMED: &str = "mode: enforce\ndecide: {bots: [1006]}\n";
const TWO: &str = "mode: enforce\ndecide: {bots: [1006], needed: {low: 2}}\n";

pub(super) fn stories() -> Vec<Story> {
    use Act::Says;
    let named = |name: &'static str, acts: Vec<Act>| Story { settings: Some(NAMED), ..story(name, acts) };
    vec![
        named("a_named_bot_proposes_and_a_person_confirms", vec![Says(BOT, "{}"), Says(REVIEWER, "/stride confirm {id} as it says")]),
        named(
            "a_named_bot_decides_nothing",
            vec![
                Says(AUTHOR, "{}"),
                Says(BOT, "/stride confirm {id}"),
                Says(BOT, "/stride emergency OPS-7 the shop is down"),
                Says(BOT, "/stride undo"),
                Says(REVIEWER, "/stride confirm {id}"),
                Says(BOT, "/stride reopen {id} it is not"),
            ],
        ),
        Story {
            settings: Some(TWO),
            ..story("a_named_bot_is_none_of_the_two", vec![Says(BOT, "{}"), Says(REVIEWER, "/stride confirm {id}")])
        },
        story("a_bot_that_nobody_names_is_not_heard", vec![Says(BOT, "{}"), Says(REVIEWER, "{}")]),
        Story {
            settings: Some(ENFORCE),
            brings: vec![(SETTINGS, NAMED.to_owned())],
            ..story("a_pull_request_that_names_a_bot_weakens_the_gate", vec![Says(BOT, "/stride accept {settings} it helps")])
        },
    ]
}
