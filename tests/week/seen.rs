//! What people see: pages as they are rendered, and what of them has changed between two moments.
//!
//! Folds are shown closed and links by their words, as a reader meets them. What stands in the check's details is behind a click, and left out.

use crate::acts::shop;
use astride::sandbox::github::state::{Github, Reaction, ReviewComment};
use std::collections::BTreeMap;

/// Everything that can be seen, by place.
pub struct Seen(BTreeMap<(u64, u8, u64), Part>);

/// One thing on a page.
#[derive(Clone, PartialEq, Eq)]
struct Part {
    /// Where it stands.
    place: String,
    lines: Vec<String>,
}

impl Seen {
    pub fn of(github: &Github) -> Self {
        let mut parts = BTreeMap::new();
        for pull in shop(github).pulls.values() {
            let mut checks = shop(github).checks.values().filter(|check| check.head == pull.head.sha && check.app == github.app.id);
            if let Some(check) = checks.next_back() {
                parts.insert((pull.number, 0, 0), part(format!("#{} check", pull.number), &check_text(check)));
            }
        }
        for comment in shop(github).comments.values() {
            let (number, by) = (comment.issue, login(github, comment.author));
            let body = if comment.author == github.bot { comment.body.as_str() } else { "" };
            let is_page = body.starts_with("<!-- astride:comment");
            let place = match (comment.author == github.bot, is_page) {
                (true, true) => format!("#{number} comment"),
                (true, false) => format!("#{number} reply"),
                (false, _) => format!("#{number} on what {by} said"),
            };
            let text = format!("{}{}", visible(body), reactions(github, &comment.reactions));
            parts.insert((number, 1, comment.id), part(place, &text));
        }
        for comment in shop(github).review_comments.values().filter(|comment| comment.author == github.bot || !comment.reactions.is_empty())
        {
            let body = if comment.author == github.bot { comment.body.as_str() } else { "" };
            let resolved = comment.resolved_by.map_or_else(String::new, |by| format!("(resolved by {})\n", login(github, by)));
            let text = format!("{resolved}{}{}", visible(body), reactions(github, &comment.reactions));
            parts.insert((comment.pull, 2, comment.id), part(thread_place(github, comment), &text));
        }
        for (name, tip) in shop(github).refs.iter().filter(|(name, _)| name.contains("/gh-readonly-queue/")) {
            for check in shop(github).checks.values().filter(|check| check.head == *tip) {
                let queued = name.rsplit_once("/pr-").map_or("", |(_, queued)| queued.split('-').next().unwrap_or_default());
                parts.insert((queued.parse().unwrap_or(0), 3, 0), part(format!("#{queued} check in the merge queue"), &check_text(check)));
            }
        }
        for issue in shop(github).issues.values() {
            let text = format!("{}\n{}", issue.title, visible(&issue.body));
            parts.insert((issue.number, 4, 0), part(format!("issue {}", issue.number), &text));
        }
        let mut at = shop(github).branch("astride-ledger");
        let mut commits = Vec::new();
        while let Some(commit) = at.and_then(|at| github.objects(shop(github).id)?.commit(at).cloned()) {
            commits.push(commit.message.lines().next().unwrap_or_default().to_owned());
            at = commit.parents.first().copied();
        }
        for (place, subject) in commits.into_iter().rev().enumerate() {
            parts.insert((u64::MAX, 5, place as u64), part("ledger".to_owned(), &subject));
        }
        Self(parts)
    }
}

fn check_text(check: &astride::sandbox::github::state::CheckRun) -> String {
    let state = check.conclusion.as_deref().unwrap_or(&check.status);
    format!("{state}: {}\n{}", check.title.as_deref().unwrap_or_default(), visible(check.summary.as_deref().unwrap_or_default()))
}

fn thread_place(github: &Github, comment: &ReviewComment) -> String {
    let by = login(github, comment.author);
    match (comment.author == github.bot, comment.reply_to) {
        (true, None) => format!("#{} thread at {}", comment.pull, comment.path),
        (true, Some(_)) => format!("#{} reply in the thread", comment.pull),
        (false, _) => format!("#{} on what {by} said in the thread", comment.pull),
    }
}

fn login(github: &Github, user: u64) -> &str {
    github.users.get(&user).map_or("", |user| user.login.as_str())
}

fn reactions(github: &Github, reactions: &[Reaction]) -> String {
    let ours: Vec<&str> =
        reactions.iter().filter(|reaction| reaction.user == github.bot).map(|reaction| reaction.content.as_str()).collect();
    if ours.is_empty() { String::new() } else { format!("\nastride reacts: {}", ours.join(", ")) }
}

fn part(place: String, text: &str) -> Part {
    Part { place, lines: text.trim().lines().map(str::to_owned).collect() }
}

/// The text as it is rendered, with its folds closed.
fn visible(body: &str) -> String {
    let mut out = String::new();
    let mut folds = 0;
    for line in body.lines() {
        if line.starts_with("<details>") {
            let summary = line.trim_start_matches("<details>").trim_start_matches("<summary>").replace("</summary>", "");
            out.push_str(&format!("▸ {summary}\n"));
            folds += 1;
        }
        let is_shown = folds == 0;
        if line.starts_with("</details>") {
            folds -= 1;
            continue;
        }
        if is_shown && !(line.starts_with("<!--") && line.ends_with("-->")) {
            let line = line.replace("<sub>", "").replace("</sub>", "").replace("\\.", ".").replace("\\*", "*").replace("\\_", "_");
            out.push_str(&format!("{}\n", by_their_words(&line)));
        }
    }
    let mut short = String::new();
    for line in out.lines() {
        if !(line.is_empty() && (short.is_empty() || short.ends_with("\n\n"))) {
            short.push_str(&format!("{line}\n"));
        }
    }
    short
}

/// Links by their words: `[line 11](https://…)` is `line 11`.
fn by_their_words(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, behind)) = rest.split_once("](http") {
        let Some((before, words)) = before.rsplit_once('[') else { break };
        let Some((_, behind)) = behind.split_once(')') else { break };
        out.push_str(&format!("{before}{words}"));
        rest = behind;
    }
    out + rest
}

/// What is new, changed and gone, as Markdown.
pub fn changes(before: &Seen, now: &Seen) -> String {
    let mut out = String::new();
    for (key, part) in &now.0 {
        match before.0.get(key) {
            Some(old) if old == part => {}
            Some(old) => out.push_str(&told(&format!("{}, changed", part.place), &difference(&old.lines, &part.lines))),
            None if part.lines.is_empty() => {}
            None => out.push_str(&told(&part.place, &part.lines)),
        }
    }
    for (key, part) in &before.0 {
        if !now.0.contains_key(key) {
            out.push_str(&told(&format!("{}, gone", part.place), &[]));
        }
    }
    if out.is_empty() { "\nNothing changes.\n".to_owned() } else { out }
}

fn told(place: &str, lines: &[String]) -> String {
    let mut out = format!("\n**{place}**\n\n");
    out.extend(lines.iter().map(|line| format!("{}\n", format!("    {line}").trim_end())));
    out
}

/// The lines that only one of the two has, in order, by their longest common subsequence.
fn difference(old: &[String], new: &[String]) -> Vec<String> {
    let mut common = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for (i, before) in old.iter().enumerate().rev() {
        for (j, after) in new.iter().enumerate().rev() {
            common[i][j] = if before == after { common[i + 1][j + 1] + 1 } else { common[i + 1][j].max(common[i][j + 1]) };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut out = Vec::new();
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && common[i + 1][j] >= common[i][j + 1]) {
            out.push(format!("- {}", old[i]));
            i += 1;
        } else {
            out.push(format!("+ {}", new[j]));
            j += 1;
        }
    }
    out.retain(|line| !matches!(line.as_str(), "- " | "+ "));
    out
}
