//! The pull request's page on the terminal: what is new since the last look.

use crate::change::ObjectId;
use crate::cli::print;
use crate::cli::sandbox::markdown;
use crate::cli::terminal::Terminal;
use crate::report::text::Colour;
use crate::sandbox::github::StandIn;
use crate::sandbox::github::state::{CheckRun, Github, Reaction, Repository};
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};

/// What the sticky comment begins with.
const STICKY: &str = "<!-- astride:comment -->";

/// The pull request that is played.
pub(super) const PULL: u64 = 1;

/// The commands that the sticky one of these comments offers to paste.
pub(super) fn offered<'b>(bodies: impl IntoIterator<Item = &'b String>) -> Vec<String> {
    let lines = bodies.into_iter().filter(|body| body.starts_with(STICKY)).flat_map(|body| body.lines());
    lines.filter(|line| line.starts_with("/stride ")).map(str::to_owned).collect()
}

/// The page as it was last shown.
pub(super) struct Page {
    terminal: Terminal,
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
    /// Nothing has been shown yet.
    pub(super) fn of(terminal: Terminal) -> Self {
        Self {
            terminal,
            comments: BTreeMap::new(),
            threads: BTreeMap::new(),
            reactions: BTreeSet::new(),
            check: (String::new(), String::new()),
            ledger: BTreeMap::new(),
        }
    }

    /// The sticky comment as it stands.
    pub(super) fn whole(&self) -> String {
        let sticky = self.comments.values().find(|body| body.starts_with(STICKY));
        sticky.map_or_else(|| "There is no comment.\n".to_owned(), |body| self.block("comment", body))
    }

    pub(super) fn is_green(&self) -> bool {
        self.check.1 == "success"
    }

    /// The commands that the sticky comment offers to paste.
    pub(super) fn offered(&self) -> Vec<String> {
        offered(self.comments.values())
    }

    /// Shows what has appeared or changed, in the order in which a reader of the page would meet it.
    pub(super) fn show_news(&mut self, standin: &StandIn, repository: &str) -> Result<()> {
        let news = standin.with(|github| self.news(github, repository));
        print(&news)
    }

    fn news(&mut self, github: &Github, repository: &str) -> String {
        let mut out = String::new();
        let Some(repository) = github.repository_named(repository) else { return out };
        for comment in repository.comments.values() {
            if comment.author == github.bot && self.comments.get(&comment.id) != Some(&comment.body) {
                out += &match self.comments.get(&comment.id) {
                    Some(before) => self.block("comment, what changed", &changed(before, &comment.body)),
                    None => self.block("comment", &comment.body),
                };
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
                out += &self.block(&word, if state.1 { "" } else { &comment.body });
                self.threads.insert(comment.id, state);
            }
            self.show_reactions(github, comment.id, &comment.reactions, &mut out);
        }
        self.show_ledger(github, repository.id, &mut out);
        let head = repository.pulls.get(&PULL).map(|pull| pull.head.sha);
        if let Some(check) = own_check(github, repository, head) {
            let now = (check.title.clone().unwrap_or_default(), check.conclusion.clone().unwrap_or_default());
            if self.check != now {
                out += &block(self.terminal, &format!("check {}: {}", check.name, now.1), &now.0);
                self.check = now;
            }
        }
        out
    }

    fn show_reactions(&mut self, github: &Github, comment: u64, reactions: &[Reaction], out: &mut String) {
        for reaction in reactions.iter().filter(|reaction| reaction.user == github.bot) {
            if self.reactions.insert((comment, reaction.content.clone())) {
                *out += &format!("  {}\n", sign(&reaction.content));
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
                *out += &block(self.terminal, &format!("commit on astride-ledger, {path}"), &lines[*shown..].join("\n"));
                *shown = lines.len();
            }
        }
    }

    /// A comment under its title: as GitHub shows it on a terminal, as it is written for everything else.
    fn block(&self, title: &str, body: &str) -> String {
        // Markers are for the machine.
        let body = body.strip_prefix("<!--").and_then(|rest| rest.split_once("-->\n")).map_or(body, |(_, rest)| rest);
        match self.terminal.width {
            Some(width) => block(self.terminal, title, &markdown::render(body, self.terminal.colour, width)),
            None => block(self.terminal, title, body),
        }
    }
}

/// Our own check at a commit, the latest.
pub(super) fn own_check<'g>(github: &Github, repository: &'g Repository, head: Option<ObjectId>) -> Option<&'g CheckRun> {
    repository.checks.values().rfind(|check| check.app == github.app.id && Some(check.head) == head)
}

/// What a reaction of ours says.
pub(super) fn sign(reaction: &str) -> &str {
    match reaction {
        "eyes" => "👀 seen",
        "+1" => "👍 done",
        "confused" => "😕 refused",
        other => other,
    }
}

/// The lines of a comment that were not there before; a block of code is in one piece.
fn changed(before: &str, after: &str) -> String {
    let known: BTreeSet<String> = pieces(before).iter().map(|piece| without_addresses(piece)).collect();
    let new = |piece: &String| piece.is_empty() || !known.contains(&without_addresses(piece));
    let mut changed: Vec<String> = pieces(after).into_iter().filter(new).collect();
    changed.dedup_by(|one, other| one.is_empty() && other.is_empty());
    changed.join("\n").trim().to_owned()
}

fn pieces(body: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut in_code = false;
    for line in body.lines().filter(|line| !line.starts_with("<!--")) {
        match pieces.last_mut().filter(|_| in_code) {
            Some(code) => *code += &format!("\n{line}"),
            None => pieces.push(line.to_owned()),
        }
        in_code ^= line.starts_with("```");
    }
    pieces
}

/// Links lead to the newest commit, which changes with each push and says nothing.
fn without_addresses(text: &str) -> String {
    let mut pieces = text.split("](http");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, rest| text + rest.split_once(')').map_or(rest, |(_, rest)| rest))
}

fn block(terminal: Terminal, title: &str, body: &str) -> String {
    let rule = format!("── {title} ");
    let rule = format!("{rule}{}", "─".repeat(terminal.width.unwrap_or(78).saturating_sub(rule.chars().count())));
    let rule = if terminal.colour == Colour::Ansi { format!("\u{1b}[1m{rule}\u{1b}[0m") } else { rule };
    if body.is_empty() { format!("\n{rule}\n") } else { format!("\n{rule}\n{}\n", body.trim_end()) }
}

#[cfg(test)]
mod tests {
    use super::changed;

    #[test]
    fn only_what_changed_is_shown_again() {
        let before = "<!-- a -->\n### Astride: 2 threats\n\none ([line 3](https://x.test/1#L3))\n\n```\na\nb\n```\nend";
        let after = "<!-- b -->\n### Astride: 1 threat\n\none ([line 3](https://x.test/2#L3))\n\n```\na\nc\n```\nend";
        assert_eq!(changed(before, after), "### Astride: 1 threat\n\n```\na\nc\n```");
        assert_eq!(changed(before, before), "");
    }
}
