//! What a release is made of: the archive, the list of files that a build needs, and the targets that its parts agree on.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod shared;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "x86_64-unknown-linux-musl";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// Packages a program that only tells its version: the real one, unstripped, takes a minute to compress. The words are the real one's.
fn package(folder: &Path, target: &str) -> PathBuf {
    let place = tempfile::tempdir().unwrap();
    let program = place.path().join("astride");
    fs::write(&program, format!("#!/bin/sh\necho astride {}\n", env!("CARGO_PKG_VERSION"))).unwrap();
    fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    let output = Command::new("bash")
        .arg(root().join("scripts/package.sh"))
        .arg(target)
        .arg(&program)
        .arg(folder)
        .env("ASTRIDE_RUNS", env!("CARGO_BIN_EXE_astride"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    PathBuf::from(String::from_utf8(output.stdout).unwrap().trim())
}

fn run(program: &str, arguments: &[&str], folder: &Path) -> String {
    let output = Command::new(program).args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_archive_has_what_a_user_needs_and_is_reproducible() {
    let folder = tempfile::tempdir().unwrap();
    let archive = package(folder.path(), TARGET);
    let name = format!("astride-{}-{TARGET}", env!("CARGO_PKG_VERSION"));
    assert_eq!(archive.file_name().unwrap().to_str().unwrap(), format!("{name}.tar.gz"));
    let listed = run("tar", &["-tzf", archive.to_str().unwrap()], folder.path());
    let files = [
        "astride",
        "LICENSE",
        "README.md",
        "CHANGELOG.md",
        "completions/astride.bash",
        "completions/astride.fish",
        "man/astride.1",
        "man/astride-review.1",
    ];
    for file in files {
        assert!(listed.lines().any(|line| line == format!("{name}/{file}")), "{file} is missing in\n{listed}");
    }
    run("tar", &["-xzf", archive.to_str().unwrap()], folder.path());
    let version = run(folder.path().join(&name).join("astride").to_str().unwrap(), &["--version"], folder.path());
    assert_eq!(version.trim(), format!("astride {}", env!("CARGO_PKG_VERSION")));

    let other = tempfile::tempdir().unwrap();
    assert_eq!(fs::read(&archive).unwrap(), fs::read(package(other.path(), TARGET)).unwrap(), "the same program gives other bytes");
}

#[test]
fn the_checksums_name_each_archive_once() {
    let folder = tempfile::tempdir().unwrap();
    for target in [TARGET, "aarch64-apple-darwin", TARGET] {
        package(folder.path(), target);
    }
    let sums = fs::read_to_string(folder.path().join("SHA256SUMS")).unwrap();
    let names: Vec<&str> = sums.lines().map(|line| line.split_once("  ").unwrap().1).collect();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(names, [format!("astride-{version}-aarch64-apple-darwin.tar.gz"), format!("astride-{version}-{TARGET}.tar.gz")]);
    run("sha256sum", &["--check", "--strict", "SHA256SUMS"], folder.path());
}

/// The targets that a text names.
fn targets(text: &str) -> BTreeSet<&str> {
    let is_target = |word: &&str| word.ends_with("-unknown-linux-musl") || word.ends_with("-apple-darwin");
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-')
        .filter(is_target)
        .filter(|word| word.contains("86_64") || word.starts_with("aarch64"))
        .collect()
}

#[test]
fn the_action_downloads_what_the_workflow_builds() {
    let (workflow, install) = (text(".github/workflows/release.yml"), text("action/install.sh"));
    let built = targets(&workflow);
    assert_eq!(built.len(), 4, "{built:?}");
    assert_eq!(built, targets(&install));
}

#[test]
fn actions_of_others_are_pinned_by_commit_with_their_version() {
    let mut files = shared::files(&root().join(".github/workflows"));
    files.extend(shared::files(&root().join("docs/examples")));
    let mut pinned = 0;
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for line in text.lines().filter_map(|line| line.split_once("uses: ").map(|(_, action)| action)) {
            let (action, version) = line.split_once(" # v").unwrap_or_else(|| panic!("{}: {line} has no version", file.display()));
            let (name, commit) = action.split_once('@').unwrap();
            let is_ours = name.starts_with("OWNER/astride") && commit == "COMMIT";
            assert!(is_ours || (commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit())), "{}: {line}", file.display());
            assert!(version.split('.').count() == 3, "{}: {line}", file.display());
            pinned += usize::from(!is_ours);
        }
    }
    assert!(pinned >= 10, "{pinned} actions");
}

/// `cargo package` would leave out what a build needs only if it were ignored or excluded.
#[test]
fn a_package_has_what_its_build_needs() {
    let output =
        Command::new(env!("CARGO")).args(["package", "--list", "--allow-dirty", "--offline"]).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listed: BTreeSet<String> = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    let mut needed: Vec<PathBuf> = ["src", "build", "config"].iter().flat_map(|folder| shared::files(&root().join(folder))).collect();
    needed.extend(["Cargo.toml", "build.rs", "LICENSE", "README.md"].map(|name| root().join(name)));
    for file in needed {
        let name = file.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        assert!(listed.contains(&name), "{name} is left out");
    }
}
