//! Stories about the annotations of the check: each stands there once, whatever happens to the check, and all of them stand there.

use super::told::{PLAIN, story};
use super::{Act, REVIEWER, SETTINGS, Story, TEMPLATE};

/// A function that everybody may call.
fn open_function(number: usize) -> String {
    format!(
        "  Open{number}Fn:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: index.handler\n      Runtime: nodejs22.x\n      \
         CodeUri: src/\n      FunctionUrlConfig: {{AuthType: NONE}}\n"
    )
}

fn open_functions(many: usize) -> String {
    (1..=many).map(open_function).collect()
}

pub fn stories() -> Vec<Story> {
    use Act::{PushesToBase, ReRuns, Says};
    let open = |name: &'static str, many: usize, acts: Vec<Act>| Story {
        brings: vec![(TEMPLATE, format!("{PLAIN}{}", open_functions(many)))],
        ..story(name, acts)
    };
    vec![
        open(
            "a_line_is_annotated_once_however_often_the_check_changes",
            2,
            vec![
                ReRuns,
                Says(REVIEWER, "{}"),
                PushesToBase("README.md", "the shop\n".to_owned()),
                Says(REVIEWER, "/stride reopen {id} it moves"),
            ],
        ),
        open("more_lines_are_annotated_than_one_request_takes", 18, vec![ReRuns]),
        open("more_lines_are_open_than_are_annotated", 68, vec![]),
        Story {
            brings: vec![(SETTINGS, "mode: enforce\nfacts:\n  '**#OrdersFn': {own_registry: listed}\n".to_owned())],
            ..story("what_counts_for_nothing_in_the_heads_settings_is_annotated", vec![])
        },
    ]
}
