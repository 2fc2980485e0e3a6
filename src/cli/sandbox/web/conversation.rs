//! The conversation of the pull request, oldest first: what was pushed, said, answered in threads, and reviewed.
//!
//! Comes in: the stand-in's state. Goes out: HTML.

use crate::change::Timestamp;
use crate::cli::sandbox::page::{PULL, sign};
use crate::cli::sandbox::web::markdown;
use crate::cli::sandbox::web::view::View;
use crate::report::escape::{editable, xml};
use crate::sandbox::github::state::{Anchor, IssueComment, Reaction, Review, ReviewComment};
use crate::sandbox::history;
use crate::sandbox::objects::Commit;
use std::fmt::Write;

/// Most commits that are listed.
const COMMITS: usize = 50;

enum Item<'v> {
    Pushed(&'v Commit, String),
    Said(&'v IssueComment),
    Thread(&'v ReviewComment),
    Reviewed(&'v Review),
}

pub(super) fn render(view: &View<'_>, out: &mut String) {
    let mut items: Vec<(Timestamp, Item<'_>)> = pushed(view);
    let repository = view.repository;
    items.extend(repository.comments.values().filter(|comment| comment.issue == PULL).map(|said| (said.created_at, Item::Said(said))));
    let firsts = repository.review_comments.values().filter(|comment| comment.pull == PULL && comment.reply_to.is_none());
    items.extend(firsts.map(|first| (first.created_at, Item::Thread(first))));
    let reviews = repository.reviews.values().filter(|review| review.pull == PULL && !review.body.is_empty());
    items.extend(reviews.map(|review| (review.at, Item::Reviewed(review))));
    // What was written first stands first, and of one second what is in this order.
    items.sort_by_key(|(at, _)| *at);
    out.push_str("<section id=\"conversation\" aria-labelledby=\"conversation-title\">\n<h2 id=\"conversation-title\">Conversation</h2>\n");
    if let Some(body) = view.pull.body.as_deref().filter(|body| !body.trim().is_empty()) {
        let _ = writeln!(
            out,
            "<article class=\"comment\">\n<h3>{}</h3>\n{}</article>",
            name(view, view.pull.author),
            markdown::html(body, None)
        );
    }
    for (at, item) in items {
        match item {
            Item::Pushed(commit, id) => push(commit, &id, at, out),
            Item::Said(comment) => said(view, comment, out),
            Item::Thread(first) => thread(view, first, out),
            Item::Reviewed(review) => reviewed(view, review, out),
        }
    }
    out.push_str("</section>\n");
}

fn pushed<'v>(view: &View<'v>) -> Vec<(Timestamp, Item<'v>)> {
    let base = view.github.pull_base(view.repository.id, view.pull);
    let Some((objects, base)) = view.github.objects(view.repository.id).zip(base) else { return Vec::new() };
    let mut commits = history::commits_between(objects, base, view.pull.head.sha);
    let surplus = commits.len().saturating_sub(COMMITS);
    commits.drain(..surplus);
    let item = |id: &crate::change::ObjectId| {
        let commit = objects.commit(*id)?;
        Some((Timestamp(commit.committer.at), Item::Pushed(commit, id.short())))
    };
    commits.iter().filter_map(item).collect()
}

fn push(commit: &Commit, id: &str, at: Timestamp, out: &mut String) {
    let subject = commit.message.lines().next().unwrap_or_default();
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(out, "<p class=\"event\">{} pushed <code>{id}</code> {} {}</p>", xml(&commit.author.name), xml(subject), time(at));
}

fn said(view: &View<'_>, comment: &IssueComment, out: &mut String) {
    let is_ours = comment.author == view.github.bot;
    let picture = view.picture.filter(|_| is_ours).map(framed);
    let edited = if comment.updated_at == comment.created_at { "" } else { " · edited" };
    let _ = writeln!(
        out,
        "<article class=\"comment{}\" id=\"c{}\">\n<h3>{} <span class=\"soft\">{}{edited}</span></h3>\n{}{}</article>",
        if is_ours { " ours" } else { "" },
        comment.id,
        name(view, comment.author),
        time(comment.created_at),
        markdown::html(&comment.body, picture.as_deref()),
        reactions(view, &comment.reactions)
    );
}

/// The picture in a frame, in which it scrolls where it is too wide.
fn framed(picture: &str) -> String {
    format!("{}\n{picture}</div>\n", markdown::frame("Data-flow diagram"))
}

fn thread(view: &View<'_>, first: &ReviewComment, out: &mut String) {
    let resolved = first.resolved_by.map(|by| format!(" · resolved by {}", name(view, by))).unwrap_or_default();
    let at = match first.anchor {
        Anchor::File => String::new(),
        Anchor::Line { original, .. } => format!(", line {original}"),
    };
    let _ = writeln!(
        out,
        "<article class=\"thread\" id=\"r{}\">\n<h3>Review thread on {}{at}<span class=\"soft\">{resolved}</span></h3>",
        first.id,
        xml(&first.path)
    );
    let hunk: Vec<&str> = first.diff_hunk.lines().collect();
    if !hunk.is_empty() {
        let shown = hunk[hunk.len().saturating_sub(4)..].iter().map(|line| xml(line)).collect::<Vec<_>>().join("\n");
        let _ = writeln!(out, "<pre class=\"scroll\" role=\"region\" aria-label=\"Lines of the diff\" tabindex=\"0\">{shown}</pre>");
    }
    let replies = view.repository.review_comments.values().filter(|comment| comment.reply_to == Some(first.id));
    for comment in std::iter::once(first).chain(replies) {
        let anchor = if comment.id == first.id { String::new() } else { format!(" id=\"r{}\"", comment.id) };
        let _ = writeln!(
            out,
            "<div class=\"comment\"{anchor}>\n<p><b>{}</b> <span class=\"soft\">{}</span></p>\n{}{}</div>",
            name(view, comment.author),
            time(comment.created_at),
            markdown::html(&comment.body, None),
            reactions(view, &comment.reactions)
        );
    }
    reply(view, first.id, out);
    out.push_str("</article>\n");
}

fn reply(view: &View<'_>, first: u64, out: &mut String) {
    if !view.may_type() {
        return;
    }
    let drafted = view.draft.thread == Some(first);
    let body = if drafted { editable(&view.draft.body) } else { String::new() };
    let _ = writeln!(
        out,
        "<form method=\"post\" action=\"{}/comments\">\n{}<input type=\"hidden\" name=\"thread\" value=\"{first}\">\n{}\
         <label for=\"reply{first}\">Reply; a command needs no ID here</label>\n\
         <textarea id=\"reply{first}\" name=\"body\" rows=\"2\" required spellcheck=\"false\">\n{body}</textarea>\n\
         <button type=\"submit\">Reply</button>\n</form>",
        xml(&view.site.pull()),
        view.token(),
        view.who(&format!("by{first}"), drafted),
    );
}

fn reviewed(view: &View<'_>, review: &Review, out: &mut String) {
    let _ = writeln!(
        out,
        "<article class=\"comment\">\n<h3>{} <span class=\"soft\">reviewed: {}</span></h3>\n{}</article>",
        name(view, review.author),
        xml(&review.state.to_lowercase().replace('_', " ")),
        markdown::html(&review.body, None)
    );
}

fn reactions(view: &View<'_>, reactions: &[Reaction]) -> String {
    let shown: Vec<String> = reactions
        .iter()
        .map(|reaction| format!("<li>{} <span class=\"soft\">by {}</span></li>", xml(sign(&reaction.content)), name(view, reaction.user)))
        .collect();
    if shown.is_empty() { String::new() } else { format!("<ul class=\"reactions\" aria-label=\"Reactions\">{}</ul>\n", shown.join("")) }
}

fn name(view: &View<'_>, user: u64) -> String {
    view.github.user(user).map_or_else(|| "somebody".to_owned(), |user| xml(&user.login))
}

fn time(at: Timestamp) -> String {
    format!("<time datetime=\"{at}\">{}</time>", at.to_string().replace('T', " ").replace('Z', " UTC"))
}
