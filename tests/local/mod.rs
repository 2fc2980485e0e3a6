//! A repository in a folder of its own, and the program run in it as a person would.

#![allow(dead_code, reason = "each test file uses its part of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// A queue, as closed as queues are.
pub(crate) const QUEUE: &str = "Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n";
/// The same queue, which everybody may use: it blocks.
pub(crate) const OPEN_QUEUE: &str = "Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n  JobsPolicy:\n    Type: AWS::SQS::QueuePolicy\n    Properties:\n      Queues: [!Ref Jobs]\n      PolicyDocument:\n        Statement: [{Effect: Allow, Principal: \"*\", Action: \"sqs:*\", Resource: \"*\"}]\n";
pub(crate) const BROKEN: &str = "Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n   Properties: [\n";

pub(crate) struct Local {
    folder: TempDir,
}

impl Local {
    /// An empty repository on the branch `main`.
    pub(crate) fn begin() -> Self {
        let local = Self { folder: tempfile::tempdir().unwrap() };
        local.git(&["init", "-q", "-b", "main"]);
        local.git(&["config", "user.name", "mona"]);
        local.git(&["config", "user.email", "mona@example.test"]);
        local
    }

    /// One commit on `main` with these files, and a branch `work` that is checked out.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let local = Self::begin();
        local.commit("first", files);
        local.git(&["switch", "-q", "-c", "work"]);
        local
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn file(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.file(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let file = self.file(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    pub(crate) fn commit(&self, message: &str, files: &[(&str, &str)]) -> String {
        files.iter().for_each(|(path, text)| self.write(path, text));
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = bare(Command::new("git").arg("-C").arg(self.path()).args(arguments)).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// The program, run in the repository.
    pub(crate) fn astride(&self, arguments: &[&str]) -> Ran {
        self.astride_with(arguments, &[])
    }

    /// The same with variables of the environment.
    pub(crate) fn astride_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_astride"));
        command.current_dir(self.path()).args(arguments);
        Ran::of(bare(&mut command).envs(variables.iter().copied()).output().unwrap())
    }
}

/// Nothing of the machine's own settings has a part in a test.
fn bare(command: &mut Command) -> &mut Command {
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "COLUMNS", "GITHUB_ACTIONS"] {
        command.env_remove(name);
    }
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env("TERM", "xterm")
}

/// What a run left.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// The standard output of a run that ended so.
    pub(crate) fn ending(self, code: i32) -> String {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        self.out
    }

    /// The error of a run that could not tell, which it says nowhere else.
    pub(crate) fn refused(self) -> String {
        assert_eq!((self.code, self.out.as_str()), (2, ""), "{}", self.err);
        self.err
    }
}
