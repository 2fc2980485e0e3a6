//! The pull request's page on the terminal: what is new since the last look.

use crate::sandbox::github::StandIn;
use crate::sandbox::github::state::{Github, Reaction};
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal, Write};

/// The page as it was last shown.
#[derive(Default)]
pub(super) struct Page {
    /// By id: the body.
    comments: BTreeMap<u64, String>,
    /// By id of a review comment: its body, and whether its thread is resolved.
    threads: BTreeMap<u64, (String, bool)>,
    /// Comment and reaction, as shown.
    reactions: BTreeSet<(u64, String)>,
    /// Title and conclusion.
    check: (String, String),
    /// Lines of the ledger's files.
    ledger: BTreeMap<String, usize>,
}

impl Page {
    pub(super) fn is_green(&self) -> bool {
        self.check.1 == "success"
    }

    /// The commands that the sticky comment offers to paste.
    pub(super) fn offered(&self) -> Vec<String> {
        let lines = self.comments.values().filter(|body| body.starts_with("<!-- astride:comment -->")).flat_map(|body| body.lines());
        lines.filter(|line| line.starts_with("/stride ")).map(str::to_owned).collect()
    }

    /// Shows what has appeared or changed, in the order in which a reader of the page would meet it.
    pub(super) fn show_news(&mut self, standin: &StandIn, repository: &str) -> Result<()> {
        let news = standin.with(|github| self.news(github, repository));
        let mut out = std::io::stdout().lock();
        out.write_all(news.as_bytes())?;
        out.flush()?;
        Ok(())
    }

    fn news(&mut self, github: &Github, repository: &str) -> String {
        let mut out = String::new();
        let Some(repository) = github.repository_named(repository) else { return out };
        for comment in repository.comments.values() {
            if comment.author == github.bot && self.comments.get(&comment.id) != Some(&comment.body) {
                let word = if self.comments.contains_key(&comment.id) { "edited comment" } else { "comment" };
                out += &block(word, &comment.body);
                self.comments.insert(comment.id, comment.body.clone());
            }
            self.show_reactions(github, comment.id, &comment.reactions, &mut out);
        }
        for comment in repository.review_comments.values() {
            let state = (comment.body.clone(), comment.resolved_by.is_some());
            if comment.author == github.bot && self.threads.get(&comment.id) != Some(&state) {
                let word = match (comment.reply_to, state.1) {
                    (Some(_), _) => "reply in the review thread".to_owned(),
                    (None, false) => format!("review thread on {}", comment.path),
                    (None, true) => format!("review thread on {}, resolved", comment.path),
                };
                out += &block(&word, if state.1 { "" } else { &comment.body });
                self.threads.insert(comment.id, state);
            }
            self.show_reactions(github, comment.id, &comment.reactions, &mut out);
        }
        self.show_ledger(github, repository.id, &mut out);
        if let Some(check) = repository.checks.values().rfind(|check| check.app == github.app.id) {
            let now = (check.title.clone().unwrap_or_default(), check.conclusion.clone().unwrap_or_default());
            if self.check != now {
                out += &block(&format!("check {}: {}", check.name, now.1), &now.0);
                self.check = now;
            }
        }
        out
    }

    fn show_reactions(&mut self, github: &Github, comment: u64, reactions: &[Reaction], out: &mut String) {
        for reaction in reactions.iter().filter(|reaction| reaction.user == github.bot) {
            if self.reactions.insert((comment, reaction.content.clone())) {
                let sign = match reaction.content.as_str() {
                    "eyes" => "👀 seen",
                    "+1" => "👍 done",
                    "confused" => "😕 refused",
                    other => other,
                };
                *out += &format!("  {sign}\n");
            }
        }
    }

    /// New lines of the decisions on the ledger branch.
    fn show_ledger(&mut self, github: &Github, repository: u64, out: &mut String) {
        let Some(tip) = github.resolve(repository, "refs/heads/astride-ledger") else { return };
        let Some(objects) = github.objects(repository) else { return };
        for (path, text) in objects.texts(tip) {
            let shown = self.ledger.entry(path.clone()).or_default();
            let lines: Vec<&str> = text.lines().collect();
            if lines.len() > *shown {
                *out += &block(&format!("commit on astride-ledger, {path}"), &lines[*shown..].join("\n"));
                *shown = lines.len();
            }
        }
    }
}

fn block(title: &str, body: &str) -> String {
    // Markers are for the machine.
    let body = body.strip_prefix("<!--").and_then(|rest| rest.split_once("-->\n")).map_or(body, |(_, rest)| rest);
    let rule = format!("── {title} ");
    let rule = format!("{rule}{}", "─".repeat(78usize.saturating_sub(rule.chars().count())));
    let rule = if std::io::stdout().is_terminal() { format!("\u{1b}[1m{rule}\u{1b}[0m") } else { rule };
    if body.is_empty() { format!("\n{rule}\n") } else { format!("\n{rule}\n{}\n", body.trim_end()) }
}
