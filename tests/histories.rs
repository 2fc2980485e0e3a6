//! `astride review` in a repository whose history crosses: two commits that are both merge bases.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

use std::fs;
use std::path::Path;
use std::process::Command;

const PLAIN: &str = "Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n";
const OPEN: &str = "Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n  JobsPolicy:\n    Type: AWS::SQS::QueuePolicy\n    Properties:\n      Queues: [!Ref Jobs]\n      PolicyDocument:\n        Statement: [{Effect: Allow, Principal: \"*\", Action: \"sqs:*\", Resource: \"*\"}]\n";

fn git(folder: &Path, arguments: &[&str]) -> String {
    let identity = ["-c", "user.name=mona", "-c", "user.email=mona@example.test", "-c", "commit.gpgsign=false"];
    let output = Command::new("git").arg("-C").arg(folder).args(identity).args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn commit(folder: &Path, text: &str, message: &str) -> String {
    fs::write(folder.join("template.yaml"), text).unwrap();
    git(folder, &["add", "."]);
    git(folder, &["commit", "-q", "--allow-empty", "-m", message]);
    git(folder, &["rev-parse", "HEAD"])
}

/// A commit of two parents with a tree of its own choice, as a merge that resolved a conflict leaves it.
fn merge(folder: &Path, tree_of: &str, parents: [&str; 2]) -> String {
    let tree = git(folder, &["rev-parse", &format!("{tree_of}^{{tree}}")]);
    git(folder, &["commit-tree", &tree, "-p", parents[0], "-p", parents[1], "-m", "merge"])
}

#[test]
fn what_one_merge_base_has_and_the_tip_has_not_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    git(folder, &["init", "-q", "-b", "main"]);
    commit(folder, PLAIN, "first");
    let plain = commit(folder, PLAIN, "still plain");
    git(folder, &["checkout", "-q", "-b", "other", "HEAD~1"]);
    let open = commit(folder, OPEN, "open");
    // Each side has merged the other: main without what is open, the head with it.
    let main = merge(folder, &plain, [&plain, &open]);
    let head = merge(folder, &open, [&open, &plain]);
    assert_eq!(git(folder, &["merge-base", "--all", &main, &head]).lines().count(), 2);
    let review = |base: &str, head: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_astride"))
            .current_dir(folder)
            .args(["review", "--base", base, "--head", head])
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, text) = review(&main, &head);
    assert_eq!(code, Some(1), "{text}");
    // The twin: nothing that the tip has not.
    let (code, text) = review(&main, &merge(folder, &plain, [&open, &plain]));
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn a_branch_that_is_not_here_is_named_as_git_fetches_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    git(folder, &["init", "-q", "-b", "main"]);
    commit(folder, PLAIN, "first");
    let output = Command::new(env!("CARGO_BIN_EXE_astride"))
        .current_dir(folder)
        .args(["review", "--base", "origin/main", "--head", "HEAD"])
        .output()
        .unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{words}");
    assert!(words.contains("`git fetch origin main`"), "{words}");
}

/// Whoever may push a tag must not choose what a pull request is compared with.
#[test]
fn a_tag_that_is_named_like_the_base_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    git(folder, &["init", "-q", "-b", "main"]);
    commit(folder, PLAIN, "first");
    git(folder, &["checkout", "-q", "-b", "feature"]);
    commit(folder, OPEN, "open");
    git(folder, &["update-ref", "refs/remotes/origin/main", "main"]);
    let review = |base: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_astride"))
            .current_dir(folder)
            .args(["review", "--base", base, "--head", "feature"])
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(review("origin/main").0, Some(1));
    git(folder, &["tag", "origin/main", "feature"]);
    let (code, words) = review("origin/main");
    assert_eq!(code, Some(2), "{words}");
    assert!(words.contains("refs/tags/origin/main and refs/remotes/origin/main"), "{words}");
    assert_eq!(review("refs/remotes/origin/main").0, Some(1));
    // A tag of the very commit is no question.
    git(folder, &["tag", "main", "main"]);
    assert_eq!(review("main").0, Some(1));
}

/// Git keeps two folders that are alike as one object.
#[test]
fn a_folder_that_stands_twice_is_read_at_both_places() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    git(folder, &["init", "-q", "-b", "main"]);
    for place in ["first/deploy", "second/deploy", "first-again"] {
        fs::create_dir_all(folder.join(place)).unwrap();
        fs::write(folder.join(place).join("stack.yaml"), PLAIN).unwrap();
    }
    commit(folder, PLAIN, "first");
    fs::write(folder.join("second/deploy/stack.yaml"), OPEN).unwrap();
    git(folder, &["add", "."]);
    git(folder, &["commit", "-q", "-m", "open"]);
    let review = |base: &str, head: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_astride"))
            .current_dir(folder)
            .args(["review", "--base", base, "--head", head])
            .output()
            .unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, text) = review("HEAD~1", "HEAD");
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("second/deploy/stack.yaml") && !text.contains("first"), "{text}");
    // The twin: all of them are opened, so that the head has one object where the base has one.
    for place in ["first/deploy", "first-again"] {
        fs::write(folder.join(place).join("stack.yaml"), OPEN).unwrap();
    }
    git(folder, &["commit", "-q", "-a", "-m", "open all"]);
    let (code, text) = review("HEAD~2", "HEAD");
    assert_eq!(code, Some(1), "{text}");
    for place in ["first/deploy", "second/deploy", "first-again"] {
        assert!(text.contains(&format!("{place}/stack.yaml")), "{place}: {text}");
    }
}
