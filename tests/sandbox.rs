//! `astride sandbox` as a person plays it: by a script, on their own repository, in a terminal.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod local;
mod shared;

use local::{Local, OPEN_QUEUE, QUEUE, Ran};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const COMMENT: &str = "\n### Astride: ";

/// A script played in a repository.
fn play(local: &Local, script: &str, arguments: &[&str]) -> Ran {
    local.write(".git/script", script);
    local.astride(&[&["sandbox", "--script", ".git/script"], arguments].concat())
}

#[test]
fn a_pushed_fix_makes_the_check_green() {
    let local = Local::begin();
    let out = play(&local, "help\npush\npush 9\npush 1\n", &[]).ending(0);
    assert!(
        out.contains("push          what li can push") && out.contains("  push 1 ") && out.contains("no fix has the number 9"),
        "{out}"
    );
    let pushed = out.split_once("li pushes: ").unwrap().1;
    assert!(pushed.contains("check astride: success") && pushed.contains("\n### Astride: clear"), "{pushed}");
    // What stands as it stood is not shown again.
    assert!(out.contains("public on purpose, and what does it do to tell callers apart?"), "{out}");
    assert!(!pushed.contains("public on purpose") && !pushed.contains("Verdicts:"), "{pushed}");
}

/// Each fix of each example is there to be pushed, and does what it says.
#[test]
fn the_example_is_there_in_terraform_too() {
    let local = Local::begin();
    let out = play(&local, "push\npush 3\npush 1\n", &["--example", "terraform"]).ending(0);
    assert!(out.contains("push 3 ") && !out.contains("push 4 ") && out.contains("intake/main.tf"), "{out}");
    let (before, pushed) = out.split_once("li pushes: the function cannot be run").unwrap();
    assert!(before.contains("The URL of `aws_lambda_function.intake` has authorization_type NONE"), "{before}");
    assert!(before.contains("no reserved concurrency") && !pushed.contains("no reserved concurrency"), "{pushed}");
    assert!(pushed.contains("check astride: success"), "{pushed}");
    play(&local, "push 2\n", &["--example", "terraform"]).ending(0);
    let refused = local.astride(&["sandbox", "--example", "terraform", "--repo", "."]).refused();
    assert!(refused.contains("cannot be used with"), "{refused}");
}

/// The service writes a check on the default branch too, where it comes to a repository for the first time.
#[test]
fn the_check_is_that_of_the_pull_request() {
    let out = play(&Local::begin(), "hello\n", &[]).ending(1);
    assert_eq!(out.matches("── check astride: ").count(), 1, "{out}");
    assert!(out.contains("── check astride: action_required") && !out.contains("a branch, and no pull request"), "{out}");
    assert!(out.ends_with("The check is not green.\n"), "{out}");
}

#[test]
fn a_file_is_pushed_as_the_editor_leaves_it() {
    let local = Local::begin();
    local.write(".git/script", "push intake/template.yaml\nshow\n");
    let editor = |editor: &str| local.astride_with(&["sandbox", "--script", ".git/script"], &[("VISUAL", editor)]);
    let out = editor("sed -i s/NONE/AWS_IAM/").ending(0);
    assert!(out.contains("li pushes: Edit intake/template.yaml"), "{out}");
    let out = editor("true").ending(1);
    assert!(out.contains("intake/template.yaml is as it was: nothing to push"), "{out}");
    assert_eq!(out.matches(COMMENT).count(), 2, "`show` shows the comment again: {out}");
    assert!(editor("false").ending(1).contains("the editor \"false\" failed"));
}

#[test]
fn a_fresh_clone_shows_its_newest_change() {
    let local = Local::with(&[("template.yaml", QUEUE)]);
    local.commit("open the queue", &[("template.yaml", OPEN_QUEUE)]);
    local.commit("words", &[("README.md", "shop\n")]);
    local.git(&["branch", "-f", "main", "work"]);
    local.git(&["switch", "-q", "main"]);
    let out = play(&local, "", &["--repo", ".", "--base", "main", "--head", "HEAD"]).ending(0);
    assert!(out.starts_with("main and HEAD are the same: the newest change of something that is read is taken, "), "{out}");
    assert!(out.contains("“open the queue”") && out.contains(COMMENT) && out.contains("is open to everybody"), "{out}");
    let empty = Local::with(&[("README.md", "shop\n")]);
    let error = play(&empty, "", &["--repo", ".", "--base", "main"]).refused();
    assert!(error.contains("nothing differs") && error.contains("`astride sandbox` alone plays an example"), "{error}");
}

/// The service looks for the last valid settings in the base's history, which therefore has to be there.
#[test]
fn invalid_settings_are_said_and_hang_nothing() {
    let local = Local::with(&[("template.yaml", QUEUE)]);
    local.git(&["switch", "-q", "main"]);
    for text in ["mode: enforce\n".as_bytes(), b"modes: enforce\n", b"mode: \xff\xfe\n"] {
        fs::create_dir_all(local.file(".github")).unwrap();
        fs::write(local.file(".github/astride.yml"), text).unwrap();
        local.commit("settings", &[]);
    }
    local.git(&["switch", "-q", "-c", "change"]);
    local.commit("open it", &[("template.yaml", OPEN_QUEUE)]);
    let out = play(&local, "", &["--repo", ".", "--base", "main", "--head", "change"]).ending(1);
    assert!(out.contains(COMMENT) && out.contains("is open to everybody") && out.contains("**Settings:**"), "{out}");
}

#[test]
fn what_does_not_come_to_an_end_is_ended_with_the_log() {
    let out = play(&Local::begin(), "", &["--timeout", "0"]).ending(2);
    assert!(out.contains("The service did not come to an end within 0 s. What it logged last:\n"), "{out}");
}

#[test]
fn markdown_is_rendered_where_there_is_a_width_and_left_alone_elsewhere() {
    let local = Local::begin();
    local.write(".git/script", "");
    let run = |variables: &[(&str, &str)]| local.astride_with(&["sandbox", "--script", ".git/script"], variables).ending(1);
    let plain = run(&[]);
    assert!(plain.contains(COMMENT) && plain.contains("```mermaid") && !plain.contains('\u{1b}'), "{plain}");
    let rendered = run(&[("COLUMNS", "60")]);
    assert!(!rendered.contains("###") && !rendered.contains("```") && !rendered.contains("**") && !rendered.contains("</"), "{rendered}");
    assert!(rendered.contains("\n  client → IntakeFn: function URL (new)\n"), "{rendered}");
    let comment = rendered.split_once("── comment").unwrap().1;
    let long: Vec<&str> = comment.lines().filter(|line| line.chars().count() > 60 && line.trim().contains(' ')).collect();
    assert!(long.is_empty(), "{long:?}");
}

/// In a pseudo-terminal, by util-linux's `script`: lines can be edited, and Ctrl-C ends it cleanly.
#[test]
fn a_terminal_asks_and_ctrl_c_ends_it() {
    let script = ["/usr/bin/script", "/bin/script"].map(PathBuf::from).into_iter().find(|file| file.is_file());
    let Some(script) = script else {
        shared::skip("the sandbox's prompt in a terminal: util-linux's `script` is not installed");
        return;
    };
    // A word that is mistyped and taken back with the backspace key, and then the interrupt key, both typed ahead of the prompt.
    let out = typed(&script, "helx\u{7f}p\r\u{3}");
    assert!(out.contains("maria> ") && out.contains("push          what li can push"), "{out}");
    assert!(out.trim_end().ends_with("The check is not green."), "{out}");
    let left: Vec<_> = fs::read_dir(std::env::temp_dir()).unwrap().flatten().collect();
    let store = out.split_once("its store is ").unwrap().1.split("/astride.db").next().unwrap().to_owned();
    assert!(!left.iter().any(|entry| entry.path() == Path::new(&store)), "{store} is left behind");
}

fn typed(script: &Path, keys: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("keys");
    fs::write(&input, keys).unwrap();
    let command = format!("stty cols 100 rows 40; exec {} sandbox", env!("CARGO_BIN_EXE_astride"));
    // The keys come once the prompt is there: a terminal that is not yet in raw mode would take Ctrl-C for a signal.
    let feeder = format!("until grep -q 'maria> ' {0}/log 2>/dev/null; do sleep 0.1; done; cat {0}/keys; sleep 1", folder.path().display());
    let fed = Command::new("sh")
        .args([
            "-c",
            &format!("({feeder}) | timeout 60 {} -q -f -c '{command}' {}/log >/dev/null", script.display(), folder.path().display()),
        ])
        .env("TERM", "xterm")
        .stdin(Stdio::null())
        .status()
        .unwrap();
    let log = fs::read(folder.path().join("log")).unwrap_or_default();
    assert!(fed.success(), "{fed:?}: {}", String::from_utf8_lossy(&log));
    let text = String::from_utf8_lossy(&log).replace('\r', "");
    text.lines().filter(|line| !line.starts_with("Script ")).map(|line| format!("{line}\n")).collect()
}
