//! `astride review` of what is not committed yet, and of sides of every kind.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod local;

use local::{BROKEN, Local, OPEN_QUEUE, QUEUE};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::symlink;

const TABLE: &str = "Resources:\n  Orders:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      AttributeDefinitions: []\n";
const BLOCKED: &str = "Astride: 1 threat needs an answer\n";

fn queue() -> Local {
    Local::with(&[("template.yaml", QUEUE)])
}

/// The verdict alone, and what was said of a choice that nobody made.
fn verdict(local: &Local, arguments: &[&str], code: i32) -> (String, String) {
    let ran = local.astride(&[&["review"][..], arguments].concat());
    let chosen = ran.err.clone();
    (ran.ending(code).lines().next().unwrap().to_owned() + "\n", chosen)
}

#[test]
fn what_is_changed_staged_and_not_tracked_is_judged() {
    let local = queue();
    assert_eq!(verdict(&local, &[], 0).0, "Astride: nothing to judge\n");
    local.write("template.yaml", OPEN_QUEUE);
    let (said, chosen) = verdict(&local, &[], 1);
    assert_eq!((said.as_str(), chosen.as_str()), (BLOCKED, "the working tree is compared with where it left `main`\n"));
    local.git(&["add", "template.yaml"]);
    assert_eq!(verdict(&local, &[], 1).0, BLOCKED, "staged");
    // What the index has is not judged where the file has moved on.
    local.write("template.yaml", QUEUE);
    assert_eq!(verdict(&local, &[], 0).0, "Astride: nothing to judge\n");
    local.git(&["reset", "-q", "--hard"]);
    local.write("new/template.yaml", OPEN_QUEUE);
    assert_eq!(verdict(&local, &[], 1).0, BLOCKED, "not tracked");
    local.write(".gitignore", "new/\n");
    assert_eq!(verdict(&local, &[], 0).0, "Astride: nothing to judge\n", "ignored");
}

#[test]
fn a_file_that_is_gone_is_gone() {
    let local = Local::with(&[("template.yaml", TABLE)]);
    fs::remove_file(local.file("template.yaml")).unwrap();
    let (said, _) = verdict(&local, &[], 0);
    assert_eq!(said, "Astride: noted: 1 store deleted or replaced (Orders)\n");
}

#[test]
fn commits_of_the_branch_and_changes_on_top_are_one_change() {
    let local = queue();
    local.commit("open it", &[("template.yaml", OPEN_QUEUE)]);
    assert_eq!(verdict(&local, &[], 1).0, BLOCKED);
    local.write("template.yaml", QUEUE);
    assert_eq!(verdict(&local, &[], 0).0, "Astride: nothing to judge\n", "taken back before it was ever merged");
    assert_eq!(verdict(&local, &["--head", "HEAD"], 1).0, BLOCKED, "a head that is named is that");
    assert_eq!(verdict(&local, &["--base", "main"], 0).0, "Astride: nothing to judge\n", "without a head it is the working tree");
}

/// The branch goes on without us: what it has gained is not taken away by the working tree.
#[test]
fn the_merge_base_is_what_the_working_tree_is_compared_with() {
    let local = queue();
    local.git(&["switch", "-q", "main"]);
    local.commit("more", &[("more.yaml", &QUEUE.replace("Jobs", "More"))]);
    local.git(&["switch", "-q", "work"]);
    assert_eq!(verdict(&local, &[], 0).0, "Astride: nothing to judge\n");
}

#[test]
fn the_default_branch_is_found_and_named() {
    let local = queue();
    local.git(&["update-ref", "refs/remotes/origin/develop", "main"]);
    local.git(&["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/develop"]);
    assert!(verdict(&local, &[], 0).1.contains("where it left `origin/develop`"));
    local.git(&["symbolic-ref", "-d", "refs/remotes/origin/HEAD"]);
    local.git(&["branch", "-m", "main", "release"]);
    assert!(verdict(&local, &[], 0).1.contains("its last commit: no default branch was found"));
    local.git(&["config", "init.defaultBranch", "release"]);
    assert!(verdict(&local, &[], 0).1.contains("where it left `release`"));
    local.git(&["switch", "-q", "release"]);
    local.write("template.yaml", OPEN_QUEUE);
    let (said, chosen) = verdict(&local, &[], 1);
    assert_eq!(
        (said.as_str(), chosen.as_str()),
        (BLOCKED, "the working tree is compared with its last commit: `release` itself is checked out\n")
    );
    assert_eq!(local.astride(&["review", "-q"]).err, "");
}

#[test]
fn a_checkout_that_nobody_works_on_is_compared_with_nothing_by_itself() {
    let local = queue();
    local.commit("open it", &[("template.yaml", OPEN_QUEUE)]);
    local.git(&["switch", "-q", "--detach"]);
    local.git(&["branch", "-m", "main", "elsewhere"]);
    let said = local.astride(&["review", "-q"]).refused();
    assert!(said.contains("no default branch was found") && said.contains("--base"), "{said}");
    assert_eq!(verdict(&local, &["--base", "HEAD~1"], 1).0, BLOCKED);
    // Somebody who works on a branch is told what it is compared with.
    local.git(&["switch", "-q", "elsewhere"]);
    assert!(verdict(&local, &[], 0).1.contains("no default branch was found"));
}

#[test]
fn a_repository_that_is_named_is_read_whatever_the_environment_says() {
    let (open, other) = (queue(), queue());
    open.commit("open it", &[("template.yaml", OPEN_QUEUE)]);
    let git_dir = other.file(".git");
    let elsewhere = [("GIT_DIR", git_dir.to_str().unwrap()), ("GIT_WORK_TREE", other.path().to_str().unwrap())];
    let review = ["review", "--repo", open.path().to_str().unwrap(), "--base", "main", "--head", "HEAD"];
    assert!(other.astride_with(&review, &elsewhere).ending(1).starts_with(BLOCKED));
    let here = ["review", "--base", "main", "--head", "HEAD"];
    assert!(open.astride_with(&here, &elsewhere).ending(0).starts_with("Astride: nothing to judge\n"), "as git would take it");
}

#[test]
fn what_stands_for_an_object_is_not_followed() {
    let local = queue();
    local.commit("open it", &[("template.yaml", OPEN_QUEUE)]);
    local.git(&["replace", "HEAD:template.yaml", "main:template.yaml"]);
    assert_eq!(verdict(&local, &["--base", "main", "--head", "HEAD"], 1).0, BLOCKED);
    local.git(&["replace", "-f", "HEAD", "main"]);
    assert_eq!(verdict(&local, &["--base", "main", "--head", "HEAD"], 1).0, BLOCKED);
}

#[test]
fn before_the_first_commit_everything_is_new() {
    let local = Local::begin();
    local.write("template.yaml", OPEN_QUEUE);
    let (said, chosen) = verdict(&local, &[], 1);
    assert_eq!((said.as_str(), chosen.as_str()), (BLOCKED, "the working tree is compared with nothing: there is no commit yet\n"));
}

#[test]
fn nothing_is_a_base_by_its_word_and_by_its_id() {
    let local = queue();
    local.commit("open it", &[("template.yaml", OPEN_QUEUE)]);
    for base in ["empty", "4b825dc642cb6eb9a060e54bf8d69288fbee4904", "4b825dc"] {
        assert_eq!(verdict(&local, &["--base", base, "--head", "HEAD"], 1).0, BLOCKED, "{base}");
        assert_eq!(verdict(&local, &["--base", base], 1).0, BLOCKED, "{base}");
    }
}

#[test]
fn revisions_and_folders_are_mixed() {
    let local = queue();
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("template.yaml"), OPEN_QUEUE).unwrap();
    let other = other.path().to_str().unwrap();
    assert_eq!(verdict(&local, &["--base", "main", "--head", other], 1).0, BLOCKED);
    let (said, _) = verdict(&local, &["--base", other, "--head", "main"], 0);
    assert_eq!(said, "Astride: clear\n");
    assert_eq!(verdict(&local, &["--base", other], 0).0, "Astride: clear\n", "the working tree behind a folder");
    assert_eq!(verdict(&local, &["--base", "empty", "--head", other], 1).0, BLOCKED);
}

#[test]
fn a_word_that_is_a_folder_and_a_revision_is_asked_back() {
    let local = queue();
    local.write("main/template.yaml", OPEN_QUEUE);
    let error = local.astride(&["review", "--base", "main"]).refused();
    assert!(error.contains("`main` is a revision and a folder") && error.contains("`./main` for the folder"), "{error}");
    let [folder, branch] = ["./main", "refs/heads/main"].map(|base| local.astride(&["review", "--base", base]).ending(1));
    assert!(folder.contains("  - template.yaml#client\n") && !branch.contains("  - template.yaml"), "{folder}{branch}");
}

#[test]
fn the_settings_in_force_are_the_bases() {
    const QUIET: &str = "exclude: ['**/*.yaml']\n";
    let local = queue();
    local.write("template.yaml", OPEN_QUEUE);
    local.write(".github/astride.yml", QUIET);
    let (said, _) = verdict(&local, &[], 1);
    assert!(said.contains("the gate is weakened"), "the working tree cannot excuse itself: {said}");
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".github")).unwrap();
    fs::write(folder.path().join(".github/astride.yml"), QUIET).unwrap();
    assert_eq!(verdict(&local, &["--base", folder.path().to_str().unwrap()], 0).0, "Astride: nothing to judge\n");
}

/// A link is a link, whether it is tracked or not, and leads nowhere out of the tree.
#[test]
fn links_are_read_as_in_a_commit() {
    let local = queue();
    local.write("shared.txt", OPEN_QUEUE);
    fs::remove_file(local.file("template.yaml")).unwrap();
    symlink("shared.txt", local.file("template.yaml")).unwrap();
    let on_disk = local.astride(&["review", "--format", "json"]).ending(1);
    local.commit("link it", &[]);
    let committed = local.astride(&["review", "--format", "json", "--head", "HEAD"]).ending(1);
    assert_eq!(threats(&on_disk), threats(&committed));
    fs::remove_file(local.file("template.yaml")).unwrap();
    symlink("/etc/hostname", local.file("template.yaml")).unwrap();
    assert!(verdict(&local, &[], 2).0.starts_with("Astride: 1 file needs repair"));
}

fn threats(json: &str) -> Value {
    serde_json::from_str::<Value>(json).unwrap()["threats"].clone()
}

/// Git runs programs that the settings name as filters; reading a working tree must not.
#[test]
fn no_filter_runs_and_a_large_file_is_the_pointer_that_would_be_committed() {
    let local = queue();
    let mark = local.file("ran");
    let touch = format!("touch {} && cat", mark.display());
    for key in ["filter.lfs.clean", "filter.other.clean", "filter.lfs.process"] {
        local.git(&["config", key, &touch]);
    }
    local.write(".gitattributes", "template.yaml filter=lfs\nother.yaml filter=other\n");
    local.write("template.yaml", OPEN_QUEUE);
    local.write("other.yaml", &QUEUE.replace("Jobs", "Other"));
    let said = local.astride(&["review"]).ending(2);
    assert!(said.starts_with("Astride: 1 file needs repair\n") && said.contains("Git LFS"), "{said}");
    assert!(!mark.exists(), "a filter ran");
}

#[test]
fn a_repository_within_is_a_submodule_and_nothing_of_it_is_read() {
    let local = queue();
    fs::create_dir(local.file("inner")).unwrap();
    local.git(&["-C", "inner", "init", "-q"]);
    local.write("inner/template.yaml", OPEN_QUEUE);
    assert_eq!(verdict(&local, &[], 0).0, "Astride: nothing judged: 1 git submodule\n");
}

#[test]
fn a_merge_that_is_not_settled_is_judged_as_it_lies_there() {
    let local = queue();
    local.commit("ours", &[("template.yaml", &QUEUE.replace("Queue\n", "Queue\n    Properties: {KmsMasterKeyId: a}\n"))]);
    local.git(&["switch", "-q", "main"]);
    local.commit("theirs", &[("template.yaml", &QUEUE.replace("Queue\n", "Queue\n    Properties: {KmsMasterKeyId: b}\n"))]);
    local.git(&["switch", "-q", "work"]);
    let merged = std::process::Command::new("git").arg("-C").arg(local.path()).args(["merge", "-q", "main"]).output().unwrap();
    assert!(!merged.status.success());
    assert_eq!(verdict(&local, &[], 2).0, "Astride: 1 file needs repair\n", "with its markers it is no template");
    local.write("template.yaml", OPEN_QUEUE);
    assert_eq!(verdict(&local, &[], 1).0, BLOCKED);
}

#[test]
fn names_of_any_bytes_are_read_as_in_a_commit() {
    let local = queue();
    local.write("new\nline \"quoted\" ä.yaml", OPEN_QUEUE);
    local.write("odd folder/-q.yaml", &QUEUE.replace("Jobs", "Odd"));
    let on_disk = local.astride(&["review", "--format", "json"]).ending(1);
    local.commit("them", &[]);
    let committed = local.astride(&["review", "--format", "json", "--head", "HEAD"]).ending(1);
    assert_eq!(threats(&on_disk), threats(&committed));
}

/// Whoever lets git write other line ends than it keeps has changed nothing by touching a file.
#[test]
fn line_ends_that_git_wrote_are_no_change() {
    let local = queue();
    local.git(&["config", "core.autocrlf", "true"]);
    let text = QUEUE.replace('\n', "\r\n");
    local.write("template.yaml", &text);
    assert_eq!(verdict(&local, &[], 0).0, "Astride: nothing to judge\n");
    local.write("template.yaml", &(text + "  More:\r\n    Type: AWS::SQS::Queue\r\n"));
    assert_eq!(verdict(&local, &[], 0).0, "Astride: clear\n");
}

#[test]
fn a_folder_below_the_root_is_enough() {
    let local = queue();
    local.write("template.yaml", OPEN_QUEUE);
    local.write("docs/readme.md", "x\n");
    assert_eq!(verdict(&local, &["--repo", "docs"], 1).0, BLOCKED);
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_and_never_nothing() {
    let local = queue();
    fs::create_dir(local.file("gone")).unwrap();
    let bare = local.file("gone/bare.git");
    local.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    let error = local.astride(&["review", "--repo", bare.to_str().unwrap(), "--base", "main", "--head", "worktree"]).refused();
    assert!(error.contains("a bare repository has no working tree"), "{error}");
    local.astride(&["review", "--repo", bare.to_str().unwrap(), "--base", "main"]).ending(0);
    let outside = tempfile::tempdir().unwrap();
    let error = local.astride(&["review", "--repo", outside.path().to_str().unwrap()]).refused();
    assert!(error.contains("not a git repository") && error.contains("hint: "), "{error}");
    let error = local.astride(&["review", "--base", "no-such-branch"]).refused();
    assert!(error.contains("revision `no-such-branch` does not exist") && error.contains("hint: "), "{error}");
}

#[test]
fn a_clean_working_tree_is_its_commit() {
    let local = queue();
    let commit = local.commit("open it", &[("template.yaml", OPEN_QUEUE)]);
    let json: Value = serde_json::from_str(&local.astride(&["review", "--format", "json"]).ending(1)).unwrap();
    assert_eq!(json["head"], commit.as_str());
    local.write("template.yaml", BROKEN);
    let json: Value = serde_json::from_str(&local.astride(&["review", "--format", "json"]).ending(2)).unwrap();
    assert_eq!(json["head"], "0".repeat(40));
}
