//! What the program says of itself: completions, manual pages, rules; and what it says to what it does not know.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod local;

use local::{Local, OPEN_QUEUE, QUEUE};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

#[test]
fn each_shell_gets_its_completions() {
    let local = Local::begin();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = local.astride(&["completions", shell]).ending(0);
        assert!(script.contains("min-severity") && script.contains("threats") && !script.contains("\ntrial"), "{shell}");
    }
    local.write("completions.bash", &local.astride(&["completions", "bash"]).ending(0));
    let checked = Command::new("bash").arg("-n").arg(local.file("completions.bash")).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    let error = local.astride(&["completions", "tcsh"]).refused();
    assert!(error.contains("[possible values: bash"), "{error}");
}

#[test]
fn each_command_has_a_manual_page() {
    let local = Local::begin();
    local.astride(&["man", "pages/man1"]).ending(0);
    let page = local.read("pages/man1/astride-review.1");
    assert!(page.starts_with(".ie") && page.contains(".SH OPTIONS") && page.contains("merge base"), "{page}");
    let mut pages: Vec<_> =
        fs::read_dir(local.file("pages/man1")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    pages.sort();
    assert!(pages.contains(&"astride.1".to_owned()) && !pages.iter().any(|name| name.contains("trial")), "{pages:?}");
    local.write("file", "");
    let error = local.astride(&["man", "file"]).refused();
    assert!(error.contains("file cannot be written: "), "{error}");
}

#[test]
fn rules_are_found_by_all_words_of_whatever_they_say() {
    let local = Local::begin();
    let all = local.astride(&["rules", "list"]).ending(0);
    let found = local.astride(&["rules", "list", "URL", "Critical", "spoofing"]).ending(0);
    assert!(found.contains("STR-FURL-S-01 ") && found.lines().count() < all.lines().count() / 10, "{found}");
    assert!(found.lines().all(|line| line.contains(" critical ") && line.to_lowercase().contains("url")), "{found}");
    let ran = local.astride(&["rules", "list", "no-such-word"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "", "no rule has all of these words: no-such-word\n"));
    let ran = local.astride(&["rules", "list", "fuction"]);
    assert_eq!(ran.err, "no rule has all of these words: fuction; did you mean `function`?\n");
    let json: Value = serde_json::from_str(&local.astride(&["rules", "list", "--format", "json"]).ending(0)).unwrap();
    assert_eq!(json.as_array().unwrap().len(), all.lines().count());
    let one: Value = serde_json::from_str(&local.astride(&["rules", "show", "STR-FURL-S-01", "--format", "json"]).ending(0)).unwrap();
    assert!(json.as_array().unwrap().contains(&one));
}

#[test]
fn what_is_mistyped_is_refused_with_what_was_meant() {
    let local = Local::with(&[("template.yaml", QUEUE)]);
    assert!(local.astride(&["rules", "show", "str-furl-s-01"]).ending(0).starts_with("STR-FURL-S-01  "), "the case does not matter");
    for (arguments, said) in [
        (&["rules", "show", "STR-FURL-S-011"][..], "there is no rule `STR-FURL-S-011`; did you mean `STR-FURL-S-01`?"),
        (&["rules", "show", "str-fulr-s-01"], "did you mean `STR-FURL-S-01`?"),
        (&["rules", "show", "something"], "hint: `astride rules list` prints them all"),
        (&["rules", "show", "Jobs/S-1a0ccce8"], "is the ID of a threat"),
        (&["explain", "Jobs/S-1a0ccce8"], "hint: `astride rules show RULE` explains a rule"),
        (&["review", "--staged"], "hint: the working tree is judged, staged or not"),
        (&["review", "template.yaml"], "`astride threats FILE` lists the threats of one file"),
        (&["serve", "--check", "--config", "none.yml"], "none.yml: cannot be read: No such file or directory (os error 2)\n"),
        (&["reveiw"], "subcommands exist: 'serve', 'review'"),
        (&["review", "--bsae", "main"], "a similar argument exists: '--base'"),
        (&["review", "--base", "mian"], "revision `mian` does not exist in this repository\nhint: "),
        (&["review", "--format", "sarf"], "a similar value exists: 'sarif'"),
    ] {
        let error = local.astride(arguments).refused();
        assert!(error.contains(said), "{arguments:?}: {error}");
    }
}

/// The command that `review --staged` hints at.
#[test]
fn what_is_staged_can_be_judged_alone() {
    let local = Local::with(&[("template.yaml", QUEUE)]);
    local.write("template.yaml", OPEN_QUEUE);
    local.git(&["add", "template.yaml"]);
    local.write("template.yaml", QUEUE);
    let tree = local.git(&["write-tree"]);
    let staged = local.git(&["commit-tree", "-p", "HEAD", "-m", "staged", tree.trim()]);
    let out = local.astride(&["review", "--base", "HEAD", "--head", staged.trim()]).ending(1);
    assert!(out.starts_with("Astride: 1 threat needs an answer\n"), "{out}");
    local.astride(&["review"]).ending(0);
}

#[test]
fn settings_are_found_from_within_a_folder_of_the_repository() {
    let local = Local::with(&[("template.yaml", QUEUE)]);
    local.write("deep/er/template.yaml", QUEUE);
    local.write(".github/astride.yml", "version: 1\nmode: advice\n");
    let check = || {
        let run =
            Command::new(env!("CARGO_BIN_EXE_astride")).args(["config", "check"]).current_dir(local.file("deep/er")).output().unwrap();
        (run.status.code(), String::from_utf8(run.stdout).unwrap())
    };
    let (code, said) = check();
    assert!(code == Some(2) && said.contains("astride.yml:2: ") && said.contains("did you mean `advise`?"), "{said}");
    fs::remove_file(local.file(".github/astride.yml")).unwrap();
    let (code, said) = check();
    assert!(code == Some(0) && said.starts_with("there is no .github/astride.yml here"), "{said}");
}

#[test]
fn paths_of_settings_that_fit_nothing_are_warned_of_with_their_line() {
    let local = Local::with(&[("examples/orders/template.yaml", QUEUE)]);
    let settings = "version: 1
exclude: ['examples']
rules:
- {paths: ['example/**'], off: true, why: sandboxes}
- {paths: ['examples/**'], kind: question, blocks: yes, why: shown to customers}
facts:
  'examples/oders/template.yaml#Jobs': {data_class: internal}
";
    local.write(".github/astride.yml", settings);
    let said = local.astride(&["config", "check"]).ending(0);
    let warnings: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("warning: ")).collect();
    let [exclude, rules, facts] = warnings.as_slice() else { panic!("{said}") };
    assert!(exclude.contains("astride.yml:2: exclude: `examples` fits no file, only a folder: did you mean `examples/**`?"), "{said}");
    assert!(rules.contains("astride.yml:4: rules: `example/**` fits no file of this repository: did you mean `examples/**`?"), "{said}");
    assert!(
        facts.contains("astride.yml:7: facts: `examples/oders/template.yaml` fits no file") && facts.contains("`examples/orders/"),
        "{said}"
    );
    // An organisation's settings are about other repositories.
    local.write("astride.yml", "exclude: ['nowhere/**']\n");
    assert!(!local.astride(&["config", "check", "astride.yml"]).ending(0).contains("warning"));
}

#[test]
fn a_model_is_written_to_a_file() {
    let local = Local::with(&[("template.yaml", QUEUE)]);
    for format in ["json", "mermaid", "dot", "svg", "otm", "threat-dragon"] {
        let printed = local.astride(&["model", "template.yaml", "--format", format]).ending(0);
        assert_eq!(local.astride(&["model", "template.yaml", "--format", format, "-o", "model"]).ending(0), "");
        assert_eq!(local.read("model"), printed, "{format}");
    }
}

/// Git runs hooks with variables of its own; what is staged is judged, and the commit refused.
#[test]
fn a_hook_of_git_refuses_what_blocks() {
    let local = Local::with(&[("template.yaml", QUEUE)]);
    let hook = local.file(".git/hooks/pre-commit");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, format!("#!/bin/sh\nexec {} review\n", env!("CARGO_BIN_EXE_astride"))).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    local.write("template.yaml", OPEN_QUEUE);
    let commit = Command::new("git").arg("-C").arg(local.path()).args(["commit", "-qam", "open it"]).output().unwrap();
    let said = String::from_utf8_lossy(&commit.stdout) + String::from_utf8_lossy(&commit.stderr);
    assert!(!commit.status.success() && said.contains("Astride: 1 threat needs an answer"), "{said}");
    local.write("template.yaml", &QUEUE.replace("Queue\n", "Queue\n    Properties: {VisibilityTimeout: 30}\n"));
    local.commit("harmless", &[]);
}

/// What https://pre-commit.com reads: every hook runs a command that there is.
#[test]
fn the_hooks_of_pre_commit_run_a_command_that_there_is() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml")).unwrap();
    let entries: Vec<&str> = text.lines().filter_map(|line| line.trim().strip_prefix("entry: astride ")).collect();
    assert_eq!(entries.len(), text.lines().filter(|line| line.starts_with("- id: ")).count());
    let local = Local::with(&[("template.yaml", OPEN_QUEUE)]);
    for entry in entries {
        local.astride(&entry.split(' ').collect::<Vec<_>>()).ending(0);
    }
}
