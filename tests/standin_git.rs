//! The stand-in's objects are git's: ids, listings, merge bases, changes and patches are compared with the `git` command.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use astride::change::ObjectId;
use astride::sandbox::difference;
use astride::sandbox::github::Options;
use astride::sandbox::github::StandIn;
use astride::sandbox::github::people::Opening;
use astride::sandbox::github::people::Visibility;
use astride::sandbox::history;
use astride::sandbox::import::ImportError;
use astride::sandbox::import::import_directory;
use astride::sandbox::import::import_repository;
use astride::sandbox::objects::Commit;
use astride::sandbox::objects::Content;
use astride::sandbox::objects::EntryMode;
use astride::sandbox::objects::Objects;
use astride::sandbox::objects::Signature;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

const SUBMODULE: ObjectId = ObjectId([7; 20]);

#[test]
fn blobs_trees_and_commits_have_gits_ids() {
    let directory = tempfile::tempdir().unwrap();
    let repository = directory.path();
    git(repository, &["init", "-q", "-b", "main"]);
    // Names that sort differently with and without the slash of a directory.
    let contents: BTreeMap<&str, Content> = BTreeMap::from([
        ("a.b", "file\n".into()),
        ("a/inner/deep.yaml", "deep\n".into()),
        ("a-b", "".into()),
        ("a0", "no newline".into()),
        ("ä ö.yaml", "ümlaut\r\n".into()),
        ("bin", Content::Bytes(vec![0, 159, 146, 150])),
        ("run.sh", Content::Executable("#!/bin/sh\n".to_owned())),
        ("link", Content::Symlink("a/inner/deep.yaml".to_owned())),
    ]);
    write(repository, &contents);
    git(repository, &["add", "-A"]);
    let mut objects = Objects::default();
    for (path, content) in &contents {
        let (mode, id) = objects.add_content(content);
        if mode != EntryMode::Symlink {
            assert_eq!(id.to_string(), git(repository, &["hash-object", "--no-filters", "--", path]), "{path}");
        }
    }
    assert_eq!(import_directory(&mut objects, repository).unwrap().to_string(), git(repository, &["write-tree"]));
    git(repository, &["update-index", "--add", "--cacheinfo", &format!("160000,{SUBMODULE},module")]);
    let module = Content::Submodule(SUBMODULE);
    let tree = objects.add_contents(contents.iter().map(|(path, content)| (*path, content)).chain([("module", &module)]));
    assert_eq!(tree.to_string(), git(repository, &["write-tree"]));
    let listed: String = objects
        .listing(tree)
        .iter()
        .map(|entry| format!("{} {} {}\t{}\n", entry.mode.digits(), entry.mode.kind(), entry.id, entry.path))
        .collect();
    assert_eq!(listed.trim_end(), git(repository, &["ls-tree", "-r", "-t", "--full-tree", &tree.to_string()]));

    let signature = |name: &str, at| Signature { name: name.to_owned(), email: "a@b.c".to_owned(), at, zone: "+0200".to_owned() };
    let first = Commit {
        tree,
        parents: vec![],
        author: signature("Mona Lisa", 5),
        committer: signature("Git Hub", 1_700_000_000),
        headers: String::new(),
        message: "One\n".to_owned(),
    };
    let id = objects.add_commit(first.clone());
    assert_eq!(id.to_string(), commit_tree(repository, &first));
    let second = Commit { parents: vec![id], message: "Two\n\nwith a body\n".to_owned(), ..first };
    assert_eq!(objects.add_commit(second.clone()).to_string(), commit_tree(repository, &second));
}

#[test]
fn a_repository_is_imported_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let repository = directory.path();
    let long: String =
        (1..=60).map(|line| if line % 20 == 1 { format!("Section{line}:\n") } else { format!("  key{line}: {line}\n") }).collect();
    git(repository, &["init", "-q", "-b", "main"]);
    commit(
        repository,
        &[("long.yaml", Some(&long)), ("old.yaml", Some("old: 1\n")), ("moved.yaml", Some(&long[..300])), ("same.yaml", Some("same\n"))],
    );
    git(repository, &["checkout", "-q", "-b", "topic"]);
    let changed = long.replace("  key10: 10\n", "  key10: ten\n").replace("  key50: 50\n", "");
    commit(repository, &[("long.yaml", Some(&changed)), ("old.yaml", None), ("new/a.yaml", Some("a: 1\nb: 2"))]);
    commit(repository, &[("moved.yaml", None), ("new/moved.yaml", Some(&long[..300].replace("key2:", "kay2:")))]);
    git(repository, &["checkout", "-q", "main"]);
    commit(repository, &[("same.yaml", Some("not the same\n"))]);
    git(repository, &["checkout", "-q", "topic"]);
    git(repository, &["merge", "-q", "--no-edit", "main"]);
    commit(repository, &[("after.yaml", Some("after: 1\n"))]);
    git(repository, &["checkout", "-q", "main"]);
    commit(repository, &[("same.yaml", Some("once more\n"))]);

    let mut objects = Objects::default();
    let imported = import_repository(&mut objects, repository, "main", "topic").unwrap();
    assert_eq!(imported.head.to_string(), git(repository, &["rev-parse", "topic"]));
    let base = history::merge_base(&objects, imported.base, imported.head).unwrap();
    assert_eq!(base.to_string(), git(repository, &["merge-base", "main", "topic"]));
    let commits: Vec<String> = history::commits_between(&objects, imported.base, imported.head).iter().map(ObjectId::to_string).collect();
    let listed = git(repository, &["rev-list", "--topo-order", "main..topic"]);
    assert_eq!(commits.iter().rev().map(String::as_str).collect::<Vec<_>>(), listed.lines().collect::<Vec<_>>());
    assert_eq!(commits.len(), 4);

    let standin = StandIn::new(Options::default());
    let branches = [("trunk", imported.base), ("topic", imported.head)];
    let number = standin.act(|github| {
        github.adopt_repository("acme/shop", Visibility::Public, objects, &branches).unwrap();
        let opening = Opening { repository: "acme/shop", by: "acme", head: "topic", base: "trunk", title: "Topic", body: "", draft: false };
        github.open_pull(&opening)
    });
    assert_eq!(number, Ok(1));

    let first = git(repository, &["rev-list", "--max-parents=0", "topic"]);
    let mut objects = Objects::default();
    let imported = import_repository(&mut objects, repository, &first, "topic").unwrap();
    let tree = |commit: ObjectId| objects.commit(commit).unwrap().tree;
    let files = difference::changed_files(&objects, tree(imported.base), tree(imported.head));
    let shown: Vec<String> = files.iter().map(|file| format!("{}\t{}\t{}", file.additions, file.deletions, file.path)).collect();
    let mut numbers: Vec<String> =
        git(repository, &["diff", "--numstat", "--no-renames", &first, "topic"]).lines().map(str::to_owned).collect();
    numbers.retain(|line| !line.contains("moved"));
    for line in numbers {
        assert!(shown.contains(&line), "{line} is not among {shown:#?}");
    }
    let moved = files.iter().find(|file| file.path == "new/moved.yaml").unwrap();
    assert_eq!((moved.status.word(), moved.previous.as_deref(), moved.additions, moved.deletions), ("renamed", Some("moved.yaml"), 1, 1));
    for path in ["long.yaml", "new/a.yaml", "old.yaml"] {
        let text = git(repository, &["diff", "-U3", &first, "topic", "--", path]);
        let patch = &text[text.find("@@").unwrap()..];
        assert_eq!(files.iter().find(|file| file.path == path).unwrap().patch.as_deref(), Some(patch), "{path}");
    }
}

#[test]
fn a_revision_is_never_an_option() {
    let directory = tempfile::tempdir().unwrap();
    git(directory.path(), &["init", "-q", "-b", "main"]);
    commit(directory.path(), &[("a", Some("a"))]);
    for revision in ["--output=/tmp/x", "-x", ""] {
        let refused = import_repository(&mut Objects::default(), directory.path(), revision, "main");
        assert!(matches!(refused, Err(ImportError::Revision(_))), "{revision:?}");
    }
    assert!(matches!(import_repository(&mut Objects::default(), directory.path(), "absent", "main"), Err(ImportError::Git { .. })));
}

fn commit(repository: &Path, changes: &[(&str, Option<&str>)]) {
    for (path, content) in changes {
        let path = repository.join(path);
        match content {
            Some(content) => {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, content).unwrap();
            }
            None => std::fs::remove_file(path).unwrap(),
        }
    }
    git(repository, &["add", "-A"]);
    git(repository, &["commit", "-q", "-m", "change"]);
}

fn write(root: &Path, contents: &BTreeMap<&str, Content>) {
    use std::os::unix::fs::PermissionsExt;
    for (path, content) in contents {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        match content {
            Content::Text(text) => std::fs::write(path, text).unwrap(),
            Content::Bytes(bytes) => std::fs::write(path, bytes).unwrap(),
            Content::Executable(text) => {
                std::fs::write(&path, text).unwrap();
                std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
            }
            Content::Symlink(target) => std::os::unix::fs::symlink(target, path).unwrap(),
            Content::Submodule(_) => {}
        }
    }
}

fn commit_tree(repository: &Path, commit: &Commit) -> String {
    let tree = commit.tree.to_string();
    let parents: Vec<String> = commit.parents.iter().flat_map(|parent| ["-p".to_owned(), parent.to_string()]).collect();
    let mut arguments = vec!["commit-tree", &tree, "-m", commit.message.trim_end()];
    arguments.extend(parents.iter().map(String::as_str));
    let date = |signature: &Signature| format!("@{} {}", signature.at, signature.zone);
    let mut command = command(repository, &arguments);
    for (role, signature) in [("AUTHOR", &commit.author), ("COMMITTER", &commit.committer)] {
        command.env(format!("GIT_{role}_NAME"), &signature.name).env(format!("GIT_{role}_EMAIL"), &signature.email);
        command.env(format!("GIT_{role}_DATE"), date(signature));
    }
    run(&mut command)
}

fn git(repository: &Path, arguments: &[&str]) -> String {
    run(&mut command(repository, arguments))
}

fn command(repository: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command
        .current_dir(repository)
        .args(["-c", "core.quotePath=false", "-c", "core.autocrlf=false", "-c", "commit.gpgSign=false"])
        .args(arguments);
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null").env("LC_ALL", "C");
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "Test").env(format!("GIT_{role}_EMAIL"), "test@example.org");
    }
    command
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}
