//! Stories of what cannot be read, and of what it was before.

use super::told::{BROKEN, PLAIN, PUBLIC, TAGS, brings, story};
use super::{AUTHOR, Act, READER, REVIEWER, Story};

/// What a template generator fills in, with one more property.
fn filled_in(tier: &str) -> String {
    format!("{PLAIN}{{% if public %}}\n{PUBLIC}{{% endif %}}\n{TAGS}        tier: {tier}\n")
}

pub(super) fn stories() -> Vec<Story> {
    use Act::Says;
    let broken = || format!("{PLAIN}{TAGS}{BROKEN}");
    let accepts = |by: &'static str| Says(by, "/stride accept {repair} it is generated and checked elsewhere");
    vec![
        Story { main: Some(filled_in("one")), ..brings("a_template_that_was_readable_once_needs_repair", filled_in("two"), vec![]) },
        Story {
            base: vec![("lib/template.yaml.j2", "Resources:\n{% for name in names %}\n  - [\n")],
            brings: vec![("lib/template.yaml.j2", "Resources:\n{% for name in others %}\n  - [\n".to_owned())],
            ..story("a_template_source_that_never_was_readable_is_not_judged", vec![])
        },
        brings(
            "a_file_that_cannot_be_read_is_accepted",
            broken(),
            vec![
                accepts(READER),
                Says(REVIEWER, "/stride wrong {repair} it is fine"),
                accepts(AUTHOR),
                Says(AUTHOR, "/stride confirm {repair}"),
                Says(REVIEWER, "/stride explain {repair}"),
                Says(REVIEWER, "/stride confirm {repair}"),
            ],
        ),
        brings(
            "a_file_that_was_accepted_asks_again_when_it_changes",
            broken(),
            vec![accepts(REVIEWER), Act::Pushes(format!("{}# and more\n", broken()))],
        ),
        brings(
            "an_acceptance_is_taken_back",
            broken(),
            vec![accepts(REVIEWER), Says(REVIEWER, "/stride reopen {repair} we want it read after all")],
        ),
        brings("what_was_accepted_enters_the_merge_queue", broken(), vec![accepts(REVIEWER), Act::Queues]),
        Story {
            settings: Some("mode: enforce\ngate: {unread: fail}\n"),
            brings: vec![("main.tf", "resource \"google_storage_bucket\" \"b\" {}\n".to_owned())],
            ..story("what_is_not_judged_is_accepted", vec![accepts(REVIEWER)])
        },
    ]
}
