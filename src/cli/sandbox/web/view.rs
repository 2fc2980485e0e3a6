//! The page of the pull request: its head, its checks, and the forms; conversation and files are beside this file.
//!
//! Comes in: the stand-in's state, and what somebody was about to say. Goes out: HTML without script. Every foreign word has gone through
//! `escape`.

use crate::cli::sandbox::page::{PULL, offered, own_check};
use crate::cli::sandbox::push::Offers;
use crate::cli::sandbox::web::{Site, conversation, files, markdown};
use crate::cli::sandbox::{AUTHOR, REVIEWER};
use crate::report::check::without_ledger_lines;
use crate::report::escape::{editable, xml};
use crate::report::markup::{count, sentence};
use crate::sandbox::difference::{ChangedFile, changed_files};
use crate::sandbox::github::state::{CheckRun, Github, Pull, Repository};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Seconds until the page is read again while the service is at work.
const AGAIN: u32 = 2;
/// Most lines that a box for text has at first.
const BOX_LINES: usize = 24;

/// What somebody was about to say or push.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) by: String,
    pub(super) body: String,
    pub(super) thread: Option<u64>,
    /// A file and its text.
    pub(super) edited: Option<(String, String)>,
    /// What was wrong with it; empty where nothing was sent.
    pub(super) refused: String,
    /// Somebody types while the service is at work, and reads the page again by hand.
    pub(super) held: bool,
}

/// Everything that the page shows.
pub(super) struct View<'v> {
    pub(super) site: &'v Site,
    pub(super) github: &'v Github,
    pub(super) repository: &'v Repository,
    pub(super) pull: &'v Pull,
    pub(super) offers: &'v Offers,
    pub(super) picture: Option<&'v str>,
    pub(super) settled: bool,
    pub(super) draft: &'v Draft,
}

/// Who takes part: whoever has a role in the repository.
pub(super) fn people(github: &Github, repository: &str) -> Vec<String> {
    let roles = github.repository_named(repository).map(|found| &found.roles);
    let people = roles.into_iter().flat_map(|roles| roles.keys()).filter_map(|id| github.user(*id));
    people.map(|user| user.login.clone()).collect()
}

/// A page around what it shows. `again`: whether it is read again by itself.
pub(super) fn page(site: &Site, title: &str, body: &str, again: bool) -> String {
    let again = if again { format!("<meta http-equiv=\"refresh\" content=\"{AGAIN}\">\n") } else { String::new() };
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n{again}<title>{}</title>\n<link rel=\"stylesheet\" href=\"{}/page.css\">\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">Skip to the conversation</a>\n{body}\
         <footer>Astride’s sandbox: GitHub is played on this machine, and nothing leaves it.</footer>\n</body>\n</html>\n",
        xml(title),
        xml(&site.root())
    )
}

impl View<'_> {
    pub(super) fn render(&self) -> String {
        let files = self.files();
        let mut out = String::new();
        self.head(files.len(), &mut out);
        out.push_str("<main id=\"main\">\n");
        self.status(&mut out);
        out.push_str("<div class=\"columns\">\n<div>\n");
        conversation::render(self, &mut out);
        self.checks(&mut out);
        self.say(&mut out);
        out.push_str("</div>\n<div>\n");
        self.fixes(&mut out);
        self.edits(&mut out);
        out.push_str("</div>\n</div>\n");
        files::render(self, &files, &mut out);
        out.push_str("</main>\n");
        page(self.site, &format!("{} · #{PULL} · {}", self.pull.title, self.site.repository), &out, !self.may_type())
    }

    /// Whether there is anything to type in. A page that is read again by itself has nothing, since that would be lost.
    pub(super) fn may_type(&self) -> bool {
        self.settled || self.draft.held || !self.draft.refused.is_empty() || !self.draft.body.is_empty()
    }

    fn files(&self) -> Vec<ChangedFile> {
        let changed = || {
            let objects = self.github.objects(self.repository.id)?;
            let base = objects.commit(self.github.pull_base(self.repository.id, self.pull)?)?;
            Some(changed_files(objects, base.tree, objects.commit(self.pull.head.sha)?.tree))
        };
        changed().unwrap_or_default()
    }

    fn head(&self, files: usize, out: &mut String) {
        let author = self.github.user(self.pull.author).map_or("somebody", |user| &user.login);
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(
            out,
            "<header>\n<p class=\"soft\">{}</p>\n<h1>{} <span class=\"soft\">#{PULL}</span></h1>\n\
             <p><b class=\"open\">Open</b> {} wants to merge <code>{}</code> into <code>{}</code></p>\n{}\
             <nav aria-label=\"Parts of the page\"><a href=\"#conversation\">Conversation</a> <a href=\"#checks\">Checks</a> \
             <a href=\"#say\">Comment</a> <a href=\"#push\">Push</a> <a href=\"#files\">{}</a></nav>\n</header>",
            xml(&self.site.repository),
            xml(&self.pull.title),
            xml(author),
            xml(&self.pull.head.branch),
            xml(&self.pull.base.branch),
            self.verdict(),
            count(files, "file changed", "files changed"),
        );
    }

    /// Our own check in a line, where it is seen first.
    fn verdict(&self) -> String {
        let check = own_check(self.github, self.repository, Some(self.pull.head.sha));
        let Some(check) = check else { return "<p>The check has not begun.</p>\n".to_owned() };
        let (class, sign, words) = outcome(check);
        format!(
            "<p class=\"verdict {class}\"><span aria-hidden=\"true\">{sign}</span> <b>{}</b>: {words}, {}</p>\n",
            xml(&check.name),
            xml(check.title.as_deref().unwrap_or_default())
        )
    }

    fn status(&self, out: &mut String) {
        if !self.draft.refused.is_empty() {
            let _ = writeln!(out, "<p class=\"refused\" role=\"alert\">{}</p>", xml(&self.draft.refused));
        }
        let pull = xml(&self.site.pull());
        let _ = match (self.settled, self.may_type()) {
            (true, _) => Ok(()),
            (false, false) => writeln!(
                out,
                "<p class=\"busy\" role=\"status\">The service is at work; this page is read again by itself until it is done. \
                 <a href=\"{pull}?held=yes#say\">Stop that, and type</a></p>"
            ),
            (false, true) => {
                writeln!(out, "<p class=\"busy\" role=\"status\">The service is at work. <a href=\"{pull}\">Read the page again</a></p>")
            }
        };
    }

    /// The latest run of each name and App at the head.
    fn checks(&self, out: &mut String) {
        let at_head = self.repository.checks.values().filter(|check| check.head == self.pull.head.sha);
        let latest: BTreeMap<(u64, &str), &CheckRun> = at_head.map(|check| ((check.app, check.name.as_str()), check)).collect();
        out.push_str("<section id=\"checks\" aria-labelledby=\"checks-title\">\n<h2 id=\"checks-title\">Checks</h2>\n");
        if latest.is_empty() {
            out.push_str("<p class=\"soft\">There is none at this commit yet.</p>\n");
        }
        for check in latest.values() {
            let (class, sign, words) = outcome(check);
            let _ = writeln!(
                out,
                "<article class=\"check {class}\">\n<h3><span aria-hidden=\"true\">{sign}</span> {}: {words}</h3>\n<p>{}</p>",
                xml(&check.name),
                xml(check.title.as_deref().unwrap_or_default())
            );
            if let Some(url) = &check.details_url {
                let _ = writeln!(out, "<p><a href=\"{}\">Details: the whole report of what was judged</a></p>", xml(url));
            }
            for (title, text) in [("Summary", &check.summary), ("Every threat and note", &check.text)] {
                let text = text.as_deref().map(without_ledger_lines).filter(|text| !text.trim().is_empty());
                if let Some(text) = text {
                    let _ = writeln!(out, "<details>\n<summary>{title}</summary>\n{}</details>", markdown::html(text, None));
                }
            }
            annotations(check, out);
            out.push_str("</article>\n");
        }
        out.push_str("</section>\n");
    }

    /// A part of the page that is typed in, while nothing can be typed.
    fn closed(&self, id: &str, title: &str, out: &mut String) {
        let _ = writeln!(
            out,
            "<section id=\"{id}\" aria-labelledby=\"{id}-title\">\n<h2 id=\"{id}-title\">{title}</h2>\n\
             <p class=\"soft\">This is here when the service is done.</p>\n</section>"
        );
    }

    fn say(&self, out: &mut String) {
        if !self.may_type() {
            return self.closed("say", "Add a comment", out);
        }
        let own = self.draft.thread.is_none();
        let body = if own { editable(&self.draft.body) } else { String::new() };
        let _ = writeln!(
            out,
            "<section id=\"say\" aria-labelledby=\"say-title\">\n<h2 id=\"say-title\">Add a comment</h2>\n\
             <form method=\"post\" action=\"{}/comments\">\n{}{}\
             <label for=\"body\">Comment, or a command such as <code>/stride help</code></label>\n\
             <textarea id=\"body\" name=\"body\" rows=\"4\" required spellcheck=\"false\">\n{body}</textarea>\n\
             <button type=\"submit\">Comment</button>\n</form>",
            xml(&self.site.pull()),
            self.token(),
            self.who("by", own),
        );
        self.offered(out);
        out.push_str("</section>\n");
    }

    /// The commands that the comment offers: each puts itself into the box.
    fn offered(&self, out: &mut String) {
        let bodies = self.repository.comments.values().filter(|comment| comment.author == self.github.bot).map(|comment| &comment.body);
        let offered = offered(bodies);
        if offered.is_empty() {
            return;
        }
        out.push_str("<p id=\"offered\">What the comment offers; each is put into the box, where its reason is to be filled in:</p>\n<ul aria-labelledby=\"offered\">\n");
        for line in &offered {
            let _ =
                writeln!(out, "<li><a href=\"{}?draft={}#say\"><code>{}</code></a></li>", xml(&self.site.pull()), encoded(line), xml(line));
        }
        out.push_str("</ul>\n");
    }

    fn fixes(&self, out: &mut String) {
        if !self.may_type() {
            return self.closed("push", "Push a fix", out);
        }
        out.push_str("<section id=\"push\" aria-labelledby=\"push-title\">\n<h2 id=\"push-title\">Push a fix</h2>\n");
        if self.offers.fixes.is_empty() {
            out.push_str("<p class=\"soft\">There is none on the list for what the files say now.</p>\n");
        }
        for (number, offer) in (1..).zip(&self.offers.fixes) {
            let _ = writeln!(
                out,
                "<form method=\"post\" action=\"{}/fixes\" class=\"fix\">\n{}<input type=\"hidden\" name=\"number\" value=\"{number}\">\n\
                 <p id=\"fix{number}\">{} <span class=\"soft\">({})</span></p>\n\
                 <button type=\"submit\" aria-describedby=\"fix{number}\">Push as {AUTHOR}</button>\n</form>",
                xml(&self.site.pull()),
                self.token(),
                xml(&sentence(offer.words)),
                xml(&offer.path)
            );
        }
        out.push_str("</section>\n");
    }

    fn edits(&self, out: &mut String) {
        if !self.may_type() {
            return self.closed("edit", "Edit and push", out);
        }
        out.push_str("<section id=\"edit\" aria-labelledby=\"edit-title\">\n<h2 id=\"edit-title\">Edit and push</h2>\n");
        if self.offers.files.is_empty() {
            out.push_str("<p class=\"soft\">The pull request changes no file any more.</p>\n");
        }
        for (number, (path, text)) in (1..).zip(&self.offers.files) {
            let edited = self.draft.edited.as_ref().filter(|(edited, _)| edited == path).map(|(_, text)| text);
            let shown = edited.unwrap_or(text);
            let open = if edited.is_some() { " open" } else { "" };
            let _ = writeln!(
                out,
                "<details{open}>\n<summary>{0}</summary>\n<form method=\"post\" action=\"{1}/edits\">\n{2}<input type=\"hidden\" name=\"path\" value=\"{0}\">\n\
                 <label for=\"text{number}\">The file, as {AUTHOR} shall push it</label>\n\
                 <textarea id=\"text{number}\" name=\"text\" rows=\"{3}\" spellcheck=\"false\" class=\"file\">\n{4}</textarea>\n\
                 <button type=\"submit\">Push as {AUTHOR}</button>\n</form>\n</details>",
                xml(path),
                xml(&self.site.pull()),
                self.token(),
                shown.lines().count().clamp(4, BOX_LINES),
                editable(shown)
            );
        }
        out.push_str("</section>\n");
    }

    /// What makes a form count.
    pub(super) fn token(&self) -> String {
        format!("<input type=\"hidden\" name=\"token\" value=\"{}\">\n", xml(&self.site.token))
    }

    /// The list of people, the reviewer first in mind; `drafted`: whether the draft is this form's.
    pub(super) fn who(&self, id: &str, drafted: bool) -> String {
        let chosen = if drafted && !self.draft.by.is_empty() { &self.draft.by } else { REVIEWER };
        let mut out = format!("<label for=\"{id}\">As</label>\n<select id=\"{id}\" name=\"by\">");
        for person in people(self.github, &self.site.repository) {
            let is_author = self.github.user(self.pull.author).is_some_and(|author| author.login == person);
            let role = if is_author { ", who wrote it" } else { ", who reviews it" };
            let selected = if person == *chosen { " selected" } else { "" };
            let _ = write!(out, "<option value=\"{0}\"{selected}>{0}{role}</option>", xml(&person));
        }
        out.push_str("</select>\n");
        out
    }
}

/// What a check says at lines of files.
fn annotations(check: &CheckRun, out: &mut String) {
    if check.annotations.is_empty() {
        return;
    }
    let _ = writeln!(out, "<details>\n<summary>Annotations: {}</summary>\n<ul>", check.annotations.len());
    for annotation in &check.annotations {
        let [path, level, title, message] =
            ["path", "annotation_level", "title", "message"].map(|name| xml(annotation[name].as_str().unwrap_or_default()));
        let line = annotation["start_line"].as_u64().unwrap_or_default();
        let message = message.replace('\n', "<br>");
        let _ = writeln!(out, "<li><b>{level}</b> <code>{path}:{line}</code> {title}<br>{message}</li>");
    }
    out.push_str("</ul>\n</details>\n");
}

/// How a check stands: a class, a sign, and words, so that nobody needs the colour.
fn outcome(check: &CheckRun) -> (&'static str, &'static str, &'static str) {
    match check.conclusion.as_deref() {
        Some("success") => ("green", "✓", "success"),
        Some("action_required") => ("amber", "!", "action required"),
        Some("failure") => ("red", "✗", "failure"),
        Some(_) => ("amber", "–", "ended otherwise"),
        None => ("amber", "…", "in progress"),
    }
}

/// A text as the value of a query.
fn encoded(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    text.bytes().map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
