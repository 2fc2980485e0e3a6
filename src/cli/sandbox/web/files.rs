//! The files of the change, and one file as a commit has it, where the links of the comment lead.
//!
//! Comes in: the stand-in's state. Goes out: HTML.

use crate::change::ObjectId;
use crate::cli::sandbox::web::Site;
use crate::cli::sandbox::web::view::{View, page};
use crate::report::escape::xml;
use crate::report::markup::count;
use crate::sandbox::difference::ChangedFile;
use crate::sandbox::github::state::Github;
use std::fmt::Write;

/// Most lines of a file or a patch that are shown.
const LINES: usize = 5_000;

pub(super) fn render(view: &View<'_>, files: &[ChangedFile], out: &mut String) {
    out.push_str("<section id=\"files\" aria-labelledby=\"files-title\">\n<h2 id=\"files-title\">Files changed</h2>\n");
    for file in files {
        let renamed = file.previous.as_ref().map(|previous| format!(", was {}", xml(previous))).unwrap_or_default();
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(
            out,
            "<article class=\"diff\">\n<h3><a href=\"{}\">{}</a> <span class=\"soft\">{}{renamed}, +{} −{}</span></h3>",
            xml(&address(view.site, view.pull.head.sha, &file.path)),
            xml(&file.path),
            file.status.word(),
            file.additions,
            file.deletions
        );
        match &file.patch {
            Some(patch) => lines(&file.path, patch, out),
            None => out.push_str("<p class=\"soft\">Binary, or too large to be shown.</p>\n"),
        }
        out.push_str("</article>\n");
    }
    out.push_str("</section>\n");
}

fn address(site: &Site, commit: ObjectId, path: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(byte);
    let path: String = path.bytes().map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect();
    format!("{}/{}/blob/{commit}/{path}", site.root(), site.repository)
}

fn lines(path: &str, patch: &str, out: &mut String) {
    let _ = write!(out, "<pre class=\"scroll\" role=\"region\" aria-label=\"Diff of {}\" tabindex=\"0\">", xml(path));
    for line in patch.lines().take(LINES) {
        let tag = match line.chars().next() {
            Some('+') => "ins",
            Some('-') => "del",
            Some('@') => "b",
            _ => "span",
        };
        // Each is a block: a line end between them would be one more line.
        let _ = write!(out, "<{tag}>{}</{tag}>", xml(line));
    }
    out.push_str("</pre>\n");
    more(patch.lines().count(), out);
}

/// A file as a commit has it, each line with its number; `None` where there is none of that name.
pub(super) fn blob(github: &Github, site: &Site, commit: &str, path: &str) -> Option<String> {
    let repository = github.repository_named(&site.repository)?;
    let commit = ObjectId::from_hex(commit)?;
    let objects = github.objects(repository.id)?;
    let entry = objects.find(objects.commit(commit)?.tree, path)?;
    let text = String::from_utf8_lossy(objects.blob(entry.id)?).into_owned();
    let mut out = format!(
        "<header>\n<p class=\"soft\">{} at <code>{}</code></p>\n<h1>{}</h1>\n<nav aria-label=\"Back\"><a href=\"{}\">The pull request</a></nav>\n</header>\n<main id=\"main\">\n<section>\n",
        xml(&site.repository),
        commit.short(),
        xml(path),
        xml(&site.pull())
    );
    out.push_str("<div class=\"lines scroll\" role=\"region\" aria-label=\"Lines of the file\" tabindex=\"0\"><ol>\n");
    for (number, line) in (1..).zip(text.lines().take(LINES)) {
        let _ = writeln!(out, "<li id=\"L{number}\"><code>{}</code></li>", xml(line));
    }
    out.push_str("</ol></div>\n");
    more(text.lines().count(), &mut out);
    out.push_str("</section>\n</main>\n");
    Some(page(site, path, &out, false))
}

fn more(lines: usize, out: &mut String) {
    if lines > LINES {
        let _ = writeln!(out, "<p class=\"soft\">and {} more</p>", count(lines - LINES, "line", "lines"));
    }
}
