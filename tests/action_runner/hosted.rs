//! A repository on its host, and shallow checkouts of it as actions/checkout makes them.

use super::NUMBER;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

pub(crate) const TEMPLATE: &str = "intake/template.yaml";

/// Origin, with a default branch `main`, and what the runner has checked out of it.
pub(crate) struct Hosted {
    pub(crate) folder: TempDir,
}

impl Hosted {
    /// The sandbox's example: `main` has its base.
    pub(crate) fn begin() -> Self {
        let hosted = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(hosted.author()).unwrap();
        hosted.git(&["init", "-q", "-b", "main"]);
        hosted.commit("Take in registrations", &[(TEMPLATE, &example("base"))]);
        hosted
    }

    pub(crate) fn author(&self) -> PathBuf {
        self.folder.path().join("author")
    }

    pub(crate) fn origin(&self) -> PathBuf {
        self.folder.path().join("origin.git")
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        git(&self.author(), arguments)
    }

    pub(crate) fn commit(&self, message: &str, files: &[(&str, &str)]) -> String {
        for (path, text) in files {
            let path = self.author().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// A branch off `main` with these files, as pull request 7; gives its head.
    pub(crate) fn open_pull(&self, files: &[(&str, &str)]) -> String {
        self.git(&["checkout", "-q", "-b", "orders", "main"]);
        let head = self.commit("Take in forms", files);
        self.git(&["update-ref", &format!("refs/pull/{NUMBER}/head"), &head]);
        head
    }

    /// Commits to the ledger branch, which has no history in common with `main`.
    pub(crate) fn write_ledger(&self, file: &str, text: &str) {
        let blob = self.folder.path().join("ledger.yml");
        fs::write(&blob, text).unwrap();
        let id = self.git(&["hash-object", "-w", blob.to_str().unwrap()]);
        self.git(&["checkout", "-q", "--orphan", "astride-ledger"]);
        self.git(&["rm", "-rfq", "--cached", "."]);
        self.git(&["update-index", "--add", "--cacheinfo", &format!("100644,{id},1/{file}")]);
        self.git(&["commit", "-q", "-m", "Decide"]);
        self.git(&["checkout", "-q", "-f", "main"]);
    }

    /// A checkout of one commit as actions/checkout makes it: shallow, detached, without tags.
    pub(crate) fn check_out(&self, commit: &str) -> PathBuf {
        git(self.folder.path(), &["clone", "-q", "--mirror", "author", "origin.git"]);
        git(&self.origin(), &["config", "uploadpack.allowAnySHA1InWant", "true"]);
        let workspace = self.folder.path().join("workspace");
        fs::create_dir(&workspace).unwrap();
        git(&workspace, &["init", "-q"]);
        git(&workspace, &["remote", "add", "origin", &format!("file://{}", self.origin().display())]);
        git(&workspace, &["fetch", "-q", "--no-tags", "--depth=1", "origin", commit]);
        git(&workspace, &["checkout", "-q", "--detach", commit]);
        workspace
    }
}

pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "user.name=mona", "-c", "user.email=mona@example.test", "-c", "commit.gpgsign=false"])
        .args(arguments)
        .env("GIT_AUTHOR_DATE", "2026-09-01T12:00:00Z")
        .env("GIT_COMMITTER_DATE", "2026-09-01T12:00:00Z")
        .output()
        .unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

pub(crate) fn example(side: &str) -> String {
    fs::read_to_string(example_folder(side).join(TEMPLATE)).unwrap()
}

pub(crate) fn example_folder(side: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sandbox/example").join(side)
}
