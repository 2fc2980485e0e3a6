//! `push`: the author's next commit, a fix from a list or a file as it was left by an editor.
//!
//! Comes in: what was typed behind `push`. Goes out: a commit on the pull request's branch, or why there is none.

use crate::cli::sandbox::AUTHOR;
use crate::sandbox::github::StandIn;
use crate::sandbox::github::people::Push;
use crate::sandbox::objects::Content;
use anyhow::{Context, Result, anyhow, bail};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

/// A change of an example that answers something.
struct Fix {
    words: &'static str,
    from: &'static str,
    to: &'static str,
}

const FIXES: [Fix; 6] = [
    Fix { words: "callers of the function's URL sign their requests (AuthType AWS_IAM)", from: "AuthType: NONE", to: "AuthType: AWS_IAM" },
    Fix {
        words: "the function gets no URL at all",
        from: "      # The sign-up form posts straight to the function.\n      FunctionUrlConfig:\n        AuthType: NONE\n",
        to: "",
    },
    Fix {
        words: "the function cannot be run more than ten times at once",
        from: "      Environment:\n        Variables:\n          SUBMISSIONS_TABLE",
        to: "      ReservedConcurrentExecutions: 10\n      Environment:\n        Variables:\n          SUBMISSIONS_TABLE",
    },
    Fix {
        words: "callers of the function's URL sign their requests (authorization_type AWS_IAM)",
        from: "authorization_type = \"NONE\"",
        to: "authorization_type = \"AWS_IAM\"",
    },
    Fix {
        words: "the function gets no URL at all",
        from: "# The sign-up form posts straight to the function.\nresource \"aws_lambda_function_url\" \"form\" {\n  function_name      = aws_lambda_function.intake.function_name\n  authorization_type = \"NONE\"\n}\n\n",
        to: "",
    },
    Fix {
        words: "the function cannot be run more than ten times at once",
        from: "  environment {\n    variables = {\n      SUBMISSIONS_TABLE",
        to: "  reserved_concurrent_executions = 10\n\n  environment {\n    variables = {\n      SUBMISSIONS_TABLE",
    },
];

/// The files of the pull request's branch and of the one that it goes to.
struct Sides {
    head: BTreeMap<String, String>,
    base: BTreeMap<String, String>,
}

impl Sides {
    fn of(standin: &StandIn, repository: &str) -> Result<Self> {
        standin.with(|github| {
            let id = github.repository_named(repository).map(|found| found.id).ok_or_else(|| anyhow!("no repository"))?;
            let objects = github.objects(id).ok_or_else(|| anyhow!("no objects"))?;
            let texts = |branch: &str| -> BTreeMap<String, String> {
                github.resolve(id, branch).map(|tip| objects.texts(tip).into_iter().collect()).unwrap_or_default()
            };
            Ok(Self { head: texts("refs/heads/change"), base: texts("refs/heads/main") })
        })
    }

    /// A file of the pull request's branch.
    fn text(&self, path: &str) -> Result<&str> {
        let text = self.head.get(path).map(String::as_str);
        text.ok_or_else(|| anyhow!("the pull request has no file {path}: `push` lists what it changes"))
    }

    /// The files that the pull request changes, by path.
    fn changed(&self) -> impl Iterator<Item = (&String, &String)> {
        self.head.iter().filter(|(path, text)| self.base.get(*path) != Some(*text))
    }
}

/// A fix of the list: what it does, and the file that it changes.
pub(super) struct Offer {
    pub(super) words: &'static str,
    pub(super) path: String,
}

/// What the author can push, in the order of the numbers, and the files that the pull request changes, by path.
pub(super) struct Offers {
    pub(super) fixes: Vec<Offer>,
    pub(super) files: Vec<(String, String)>,
}

/// What could be pushed.
///
/// # Errors
/// The stand-in has no such repository.
pub(super) fn offers(standin: &StandIn, repository: &str) -> Result<Offers> {
    let sides = Sides::of(standin, repository)?;
    let fixes = fixes(&sides).into_iter().map(|(path, fix)| Offer { words: fix.words, path: path.clone() }).collect();
    let files = sides.changed().map(|(path, text)| (path.clone(), text.clone())).collect();
    Ok(Offers { fixes, files })
}

/// What could be pushed, to be read.
pub(super) fn choices(standin: &StandIn, repository: &str) -> Result<String> {
    let offers = offers(standin, repository)?;
    let mut out = format!("What {AUTHOR} can push:\n");
    for (number, offer) in offers.fixes.iter().enumerate() {
        out.push_str(&format!("  push {:<28} {}\n", number + 1, offer.words));
    }
    for (path, _) in &offers.files {
        out.push_str(&format!("  push {path:<28} as you leave it in your editor\n"));
    }
    Ok(out)
}

/// The fixes that have something to fix, each with its file.
fn fixes(sides: &Sides) -> Vec<(&String, &'static Fix)> {
    let applies = |fix: &Fix, text: &str| text.contains(fix.from) && (fix.to.is_empty() || !text.contains(fix.to));
    let of = |fix: &'static Fix| sides.changed().find(|(_, text)| applies(fix, text)).map(|(path, _)| (path, fix));
    FIXES.iter().filter_map(of).collect()
}

/// Pushes what was asked for: the number of a fix, or a path. Gives what is to be said of it.
///
/// # Errors
/// There is no such fix or file, the editor failed, or nothing was changed.
pub(super) fn push(standin: &StandIn, repository: &str, wanted: &str, scratch: &Path) -> Result<String> {
    match wanted.parse::<usize>() {
        Ok(number) => push_fix(standin, repository, number),
        Err(_) => {
            let sides = Sides::of(standin, repository)?;
            let text = edited(sides.text(wanted)?, wanted, scratch)?;
            push_text(standin, repository, wanted, &text)
        }
    }
}

/// Pushes a fix by its number, from 1.
///
/// # Errors
/// There is none.
pub(super) fn push_fix(standin: &StandIn, repository: &str, number: usize) -> Result<String> {
    let sides = Sides::of(standin, repository)?;
    let fixes = fixes(&sides);
    let chosen = number.checked_sub(1).and_then(|index| fixes.get(index));
    let Some((path, fix)) = chosen else { bail!("no fix has the number {number}: `push` lists them") };
    commit(standin, repository, path, &sides.text(path)?.replacen(fix.from, fix.to, 1), fix.words)
}

/// Pushes a file as somebody has edited it.
///
/// # Errors
/// The pull request has no such file, or it is as it was.
pub(super) fn push_text(standin: &StandIn, repository: &str, path: &str, text: &str) -> Result<String> {
    let sides = Sides::of(standin, repository)?;
    if sides.text(path)? == text {
        bail!("{path} is as it was: nothing to push");
    }
    commit(standin, repository, path, text, &format!("Edit {path}"))
}

fn commit(standin: &StandIn, repository: &str, path: &str, text: &str, message: &str) -> Result<String> {
    let changes: [(&str, Option<Content>); 1] = [(path, Some(text.into()))];
    let push = Push { repository, branch: "change", by: AUTHOR, changes: &changes, message };
    standin.act(|github| github.push(&push)).map_err(|error| anyhow!("{error}"))?;
    Ok(format!("{AUTHOR} pushes: {message}"))
}

/// The text as the person's editor left it.
fn edited(text: &str, path: &str, scratch: &Path) -> Result<String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let file = scratch.join(name);
    fs::write(&file, text).with_context(|| format!("{}", file.display()))?;
    let editor = ["VISUAL", "EDITOR"].iter().find_map(|name| std::env::var(name).ok().filter(|editor| !editor.is_empty()));
    let editor = editor.unwrap_or_else(|| "vi".to_owned());
    // As git does it: the variable may hold arguments, and the shell takes them apart.
    let status = Command::new("sh").args(["-c", &format!("{editor} \"$@\""), &editor]).arg(&file).status();
    let status = status.with_context(|| format!("the editor {editor:?}"))?;
    if !status.success() {
        bail!("the editor {editor:?} failed ({status}): nothing is pushed");
    }
    fs::read_to_string(&file).with_context(|| format!("{}", file.display()))
}
