//! How `astride review` looks to a person: width, colours, quoted lines, what comes first and what comes next.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod local;

use local::{Local, OPEN_QUEUE, QUEUE};

const REVIEW: [&str; 5] = ["review", "--base", "main", "--head", "work"];

fn opened() -> Local {
    let local = Local::with(&[("template.yaml", QUEUE), ("data.yaml", &QUEUE.replace("Jobs", "Data"))]);
    local.commit("open it", &[("template.yaml", OPEN_QUEUE)]);
    local
}

#[test]
fn lines_fit_the_width_there_is() {
    let local = opened();
    for columns in [40, 60, 80, 100] {
        let out = local.astride_with(&REVIEW, &[("COLUMNS", &columns.to_string())]).ending(1);
        let too_long: Vec<&str> = out
            .lines()
            .filter(|line| {
                line.chars().count() > columns && line.trim().contains(' ') && !line.contains("/stride") && !line.contains("astride ")
            })
            .collect();
        assert!(too_long.is_empty(), "{columns}: {too_long:?}");
        assert!(out.lines().all(|line| line.trim_end() == line), "{out}");
    }
    let piped = local.astride(&REVIEW).ending(1);
    assert!(piped.contains("\n  Jobs is open to everybody (*): anyone can send to it or read from it\n"), "one line a paragraph: {piped}");
}

#[test]
fn what_blocks_comes_first_and_the_next_command_last() {
    let out = opened().astride(&REVIEW).ending(1);
    let place = |what: &str| out.find(what).unwrap_or_else(|| panic!("{what}: {out}"));
    let order = ["Astride: ", "\nblocks  critical ", "\noptional\n", "\nchanged in the model\n", "\ncovered by the template", "\nnext\n"]
        .map(place);
    assert!(order.is_sorted(), "{out}");
    let next = &out[place("\nnext\n")..];
    assert!(next.contains("\n    astride rules show STR-"), "{next}");
    assert!(next.contains("\n    astride review --base main --head work --format html -o astride.html\n"), "{next}");
    assert!(next.contains("\n    /stride accept Jobs/"), "{next}");
}

/// The commands that are named can be typed.
#[test]
fn the_next_commands_are_commands() {
    let local = opened();
    let out = local.astride(&REVIEW).ending(1);
    let commands: Vec<&str> = out.lines().filter_map(|line| line.strip_prefix("    astride ")).collect();
    assert_eq!(commands.len(), 2, "{out}");
    for command in commands {
        let ran = local.astride(&command.split(' ').collect::<Vec<_>>());
        assert!(ran.code < 2, "{command}: {}", ran.err);
    }
    assert!(local.read("astride.html").starts_with("<!doctype html>"));
}

#[test]
fn nothing_waits_and_nothing_is_next() {
    let local = opened();
    let out = local.astride(&["review", "--base", "main", "--head", "main"]).ending(0);
    assert_eq!(out, "Astride: nothing to judge\n");
}

#[test]
fn the_line_is_quoted_and_nothing_in_it_hides() {
    let local = Local::with(&[("template.yaml", QUEUE)]);
    let statement = OPEN_QUEUE.replace("\"*\"}]\n", "\"*\"}]  # \u{202e}x\n");
    local.commit("open it", &[("template.yaml", &statement)]);
    let out = local.astride(&REVIEW).ending(1);
    let quoted = "   --> template.yaml:9\n    |\n  9 | Statement: [{Effect: Allow, Principal: \"*\", Action: \"sqs:*\", Resource: \"*\"}]  # \\u{202e}x\n    | ^^^^";
    assert!(out.contains(quoted), "{out}");
    assert!(!out.contains('\u{202e}'), "{out:?}");
    local.commit("break it", &[("template.yaml", &statement.replace("x\n", "x\u{7f}\u{1b}[2J\n"))]);
    let out = local.astride(&REVIEW).ending(2);
    assert!(out.contains("x\\u{7f}\\u{1b}[2J\n") && !out.contains(['\u{7f}', '\u{1b}']), "{out:?}");
}

#[test]
fn colours_come_where_they_are_wanted_and_say_nothing_alone() {
    let local = opened();
    let plain = local.astride(&REVIEW).ending(1);
    assert!(!plain.contains('\u{1b}'), "a pipe gets none");
    let coloured = local.astride(&[&REVIEW[..], &["--color", "always"]].concat()).ending(1);
    assert!(coloured.contains("\u{1b}[1;31mblocks\u{1b}[0m"), "{coloured}");
    assert_eq!(without_colours(&coloured), plain, "the words are the same");
    for (arguments, variables, expected) in [
        (&["--color=auto"][..], &[("CLICOLOR_FORCE", "1")][..], true),
        (&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
        (&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "")], true),
        (&["--color=never"], &[("CLICOLOR_FORCE", "1")], false),
        (&["--color=always", "-o", "/dev/stdout"], &[], false),
    ] {
        let out = local.astride_with(&[&REVIEW[..], arguments].concat(), variables).ending(1);
        assert_eq!(out.contains('\u{1b}'), expected, "{arguments:?} {variables:?}");
    }
    local.astride(&[&REVIEW[..], &["--color", "sometimes"]].concat()).refused();
}

fn without_colours(text: &str) -> String {
    let mut pieces = text.split("\u{1b}[");
    let first = pieces.next().unwrap().to_owned();
    pieces.fold(first, |text, piece| text + piece.split_once('m').unwrap().1)
}

#[test]
fn what_is_older_is_counted_and_listed_where_people_ask() {
    let local = Local::with(&[("template.yaml", &(OPEN_QUEUE.to_owned() + "  Other:\n    Type: AWS::SQS::Queue\n"))]);
    local.commit(
        "one more",
        &[("template.yaml", &(OPEN_QUEUE.to_owned() + "  Other:\n    Type: AWS::SQS::Queue\n  Third:\n    Type: AWS::SQS::Queue\n"))],
    );
    let normal = local.astride(&REVIEW).ending(0);
    let verbose = local.astride(&[&REVIEW[..], &["-v"]].concat()).ending(0);
    assert!(normal.contains(" older, not judged here; -v lists them\n"), "{normal}");
    let listed = verbose.split_once(" older, not judged here\n").unwrap().1;
    assert!(listed.starts_with("  critical  Jobs/") && listed.contains("  Other/D-"), "{verbose}");
}
