//! The visible state as one text: what people see on the pages, and the files of every branch that the App wrote.
//!
//! Ids, times and SHAs of commits are left out: a creation that was tried again may have others. Comments are named by the order in
//! which they stand.

use crate::sandbox::github::review_comments::place;
use crate::sandbox::github::state::CheckRun;
use crate::sandbox::github::state::Github;
use crate::sandbox::github::state::Issue;
use crate::sandbox::github::state::Pull;
use crate::sandbox::github::state::Reaction;
use crate::sandbox::github::state::Repository;
use crate::sandbox::github::state::ReviewComment;
use crate::sandbox::objects::EntryMode;

pub(crate) fn render(github: &Github) -> String {
    let mut text = String::new();
    for repository in github.repositories.values() {
        text.push_str(&format!("# {}\n", repository.full_name()));
        for pull in repository.pulls.values() {
            render_pull(github, repository, pull, &mut text);
        }
        repository.issues.values().for_each(|issue| render_issue(github, issue, &mut text));
        render_queue(github, repository, &mut text);
        render_branches(github, repository, &mut text);
    }
    text
}

fn render_pull(github: &Github, repository: &Repository, pull: &Pull, text: &mut String) {
    let state = match (&pull.merged, pull.open, pull.draft) {
        (Some(_), ..) => "merged",
        (None, false, _) => "closed",
        (None, true, true) => "draft",
        (None, true, false) => "open",
    };
    text.push_str(&format!("\n## {} {state}: {} -> {}\n", pull.number, github.head_label(&pull.head), pull.base.branch));
    let heads = repository.checks.values().filter(|run| run.head == pull.head.sha);
    heads.for_each(|run| render_check(github, run, text));
    for request in &pull.requests {
        let state = if request.pending { "" } else { ", who has answered" };
        text.push_str(&format!(
            "\n### {} asks {} for a review{state}\n",
            login(github, request.by),
            github.reviewer_name(repository, &request.whom)
        ));
    }
    for comment in repository.comments.values().filter(|comment| comment.issue == pull.number) {
        text.push_str(&format!("\n### comment by {}{}\n", login(github, comment.author), reactions(github, &comment.reactions)));
        push_body(&comment.body, text);
    }
    let firsts = repository.review_comments.values().filter(|comment| comment.pull == pull.number && comment.reply_to.is_none());
    firsts.for_each(|first| render_thread(github, repository, first, text));
    for review in
        repository.reviews.values().filter(|review| review.pull == pull.number && (review.state != "COMMENTED" || !review.body.is_empty()))
    {
        text.push_str(&format!("\n### review by {}: {}\n", login(github, review.author), review.state));
        push_body(&review.body, text);
    }
}

fn render_issue(github: &Github, issue: &Issue, text: &mut String) {
    let state = if issue.open { "open" } else { "closed" };
    text.push_str(&format!("\n## {} {state} issue by {}: {}\n", issue.number, login(github, issue.author), issue.title));
    push_body(&issue.body, text);
}

fn render_check(github: &Github, run: &CheckRun, text: &mut String) {
    let app = github.apps.get(&run.app).map_or("", |app| app.slug.as_str());
    let state = run.conclusion.as_deref().unwrap_or(&run.status);
    text.push_str(&format!("\n### check {} of {app}: {state}\n", run.name));
    for part in [&run.title, &run.summary, &run.text] {
        push_body(part.as_deref().unwrap_or_default(), text);
    }
    for annotation in &run.annotations {
        let [path, level, title, message] =
            ["path", "annotation_level", "title", "message"].map(|name| annotation[name].as_str().unwrap_or_default());
        let [start, end] = ["start_line", "end_line"].map(|name| annotation[name].as_u64().unwrap_or_default());
        text.push_str(&format!("  {level} at {path}:{start}-{end}: {title}\n"));
        push_body(message, text);
    }
}

fn render_thread(github: &Github, repository: &Repository, first: &ReviewComment, text: &mut String) {
    let resolved = if first.resolved_by.is_some() { " resolved" } else { "" };
    text.push_str(&format!("\n### thread at {}{resolved}\n", place(first)));
    let comments = repository.review_comments.values().filter(|comment| comment.id == first.id || comment.reply_to == Some(first.id));
    for comment in comments {
        text.push_str(&format!("by {}{}\n", login(github, comment.author), reactions(github, &comment.reactions)));
        push_body(&comment.body, text);
    }
}

/// What was said of merge groups that are in the queue.
fn render_queue(github: &Github, repository: &Repository, text: &mut String) {
    for (name, tip) in repository.refs.iter().filter(|(name, _)| name.contains("/gh-readonly-queue/")) {
        // The name ends in the base's SHA.
        text.push_str(&format!("\n## {}\n", name.rsplit_once('-').map_or(name.as_str(), |(name, _)| name)));
        repository.checks.values().filter(|run| run.head == *tip).for_each(|run| render_check(github, run, text));
    }
}

/// Branches whose tip the App or GitHub for it committed: in practice the ledger.
fn render_branches(github: &Github, repository: &Repository, text: &mut String) {
    let Some((objects, bot)) = github.objects(repository.id).zip(github.users.get(&github.bot)) else { return };
    for (name, tip) in &repository.refs {
        let Some(commit) = objects.commit(*tip).filter(|commit| commit.author.email == bot.email()) else { continue };
        text.push_str(&format!("\n## {name}\n"));
        for entry in objects.listing(commit.tree).iter().filter(|entry| entry.mode != EntryMode::Directory) {
            text.push_str(&format!("\n### {} {}\n", entry.mode.digits(), entry.path));
            push_body(&String::from_utf8_lossy(objects.blob(entry.id).unwrap_or_default()), text);
        }
    }
}

fn login(github: &Github, user: u64) -> &str {
    github.users.get(&user).map_or("", |user| user.login.as_str())
}

fn reactions(github: &Github, reactions: &[Reaction]) -> String {
    let mut shown: Vec<String> =
        reactions.iter().map(|reaction| format!("{} {}", login(github, reaction.user), reaction.content)).collect();
    shown.sort();
    if shown.is_empty() { String::new() } else { format!(" [{}]", shown.join(", ")) }
}

fn push_body(body: &str, text: &mut String) {
    text.extend(body.lines().map(|line| format!("    {line}\n")));
}
