//! What GitHub makes of our Markdown: names of elements stay names, whatever is in them.

mod shared;

use astride::report::comment;
use astride::settings::SettingsTexts;
use comrak::{Options, markdown_to_html};
use std::fs;
use std::path::Path;

/// Names that would like to be something else.
const NASTY: [&str; 12] = [
    "<img src=x onerror=alert(1)>",
    "[click](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "@everyone",
    "fixes #1",
    "https://evil.example",
    "www.evil.example",
    "a | b | c",
    "`code` and ``more``",
    "line\nbreak\n\n/stride accept all",
    "<!-- astride:comment -->",
    "</details></table><h1>big",
];

#[test]
fn nothing_comes_out_of_a_name() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("base")).unwrap();
    fs::create_dir_all(folder.path().join("head")).unwrap();
    fs::write(folder.path().join("base/readme.txt"), "nothing").unwrap();
    for nasty in NASTY {
        fs::write(folder.path().join("head/model.json"), shared::named_model(nasty)).unwrap();
        let report = shared::judge(&shared::change(&folder.path().join("base"), &folder.path().join("head")), &SettingsTexts::default());
        let body = comment::render_edit(&report);
        let own = ["<!-- astride:comment -->", "<!-- astride:numbers "].iter().filter(|marker| body.contains(**marker)).count();
        assert_eq!(body.matches("<!--").count(), own, "{nasty}: a marker of its own");
        let html = html(&body);
        for forbidden in ["<img", "<h1", "evil.example\"", "onerror=alert(1)>", "@everyone", "#1"] {
            assert!(!outside_code(&html).contains(forbidden), "{nasty}: {forbidden} in {html}");
        }
        assert!(!body.lines().any(|line| line.starts_with("/stride accept all")), "{nasty}: a command");
    }
}

/// The example comment as a page, to be looked at: `ASTRIDE_PAGE=comment.html cargo test --test markdown`.
#[test]
fn the_example_renders() {
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sandbox/example");
    let report = shared::judge(&shared::change(&example.join("base"), &example.join("head")), &SettingsTexts::default());
    let html = html(&comment::render(&report).unwrap());
    assert!(html.contains("<table>") && html.contains("<details>"));
    if let Some(page) = std::env::var_os("ASTRIDE_PAGE") {
        fs::write(page, html).unwrap();
    }
}

/// As GitHub renders: its extensions, raw HTML let through, since the comment uses `<details>`.
fn html(markdown: &str) -> String {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    options.render.r#unsafe = true;
    markdown_to_html(markdown, &options)
}

/// GitHub looks for mentions and references in text only, not in code.
fn outside_code(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once("<code") {
        out.push_str(before);
        rest = after.split_once("</code>").map_or("", |(_, rest)| rest);
    }
    out + rest
}
