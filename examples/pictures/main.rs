//! A comment as a page, for a picture of it in the documentation: `scripts/pictures.sh` runs this and takes the picture.
//!
//! Comes in, by two paths: the Markdown that `astride review` wrote, and the HTML report of the same change, of which the drawn diagram is
//! taken, as GitHub draws the Mermaid one itself. Goes out: a page on standard output.

#![expect(clippy::print_stdout, reason = "the page is what the program is for")]

use std::env;
use std::error::Error;
use std::fs;

const STYLE: &str = "body{margin:0;padding:16px;background:#fff;color:#1f2328;font:14px/1.5 system-ui,sans-serif;max-width:828px}\
    .comment{border:1px solid #d1d9e0;border-radius:6px}.by{background:#f6f8fa;border-bottom:1px solid #d1d9e0;padding:8px 16px;border-radius:6px 6px 0 0}\
    .body{padding:4px 16px 12px}h3{font-size:1.25em;margin:12px 0}table{border-collapse:collapse;margin:12px 0}\
    th,td{border:1px solid #d1d9e0;padding:6px 13px}code{background:#f0f1f3;border-radius:6px;padding:.2em .4em;font:85% ui-monospace,monospace}\
    pre{background:#f6f8fa;border-radius:6px;padding:12px}pre code{background:none;padding:0}a{color:#0969da;text-decoration:none}\
    sub{font-size:.8em;vertical-align:baseline;color:#59636e}svg{max-width:100%;height:auto}summary{cursor:pointer}";

fn main() -> Result<(), Box<dyn Error>> {
    let paths: Vec<String> = env::args().skip(1).collect();
    let [comment, report] = paths.as_slice() else { return Err("usage: pictures COMMENT.md REPORT.html".into()) };
    let (comment, report) = (fs::read_to_string(comment)?, fs::read_to_string(report)?);
    let mut options = comrak::Options::default();
    options.extension.table = true;
    // Our own comment holds `<sub>` and `<details>`; everything foreign in it is escaped.
    options.render.r#unsafe = true;
    let html = comrak::markdown_to_html(&comment, &options);
    let drawn = between(&report, "<svg", "</svg>").ok_or("the report has no diagram")?;
    let mermaid = between(&html, "<pre><code class=\"language-mermaid\">", "</code></pre>").ok_or("the comment has no diagram")?;
    let html = html.replace(mermaid, drawn);
    println!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>The comment</title><style>{STYLE}</style>\
         <div class=\"comment\"><div class=\"by\"><b>astride</b> bot commented</div><div class=\"body\">{html}</div></div></html>"
    );
    Ok(())
}

/// The first piece of a text that begins and ends so, both included.
fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    let from = text.find(start)?;
    let to = from + text[from..].find(end)? + end.len();
    Some(&text[from..to])
}
