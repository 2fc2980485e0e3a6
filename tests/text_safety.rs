//! Whatever people write, in each place where it is shown: it shows as what it is, and nothing comes out of it.
//!
//! Comes in: texts that are made up of what means something to Markdown, HTML, GitHub, Mermaid, Slack and shells, and any others. An independent
//! reader of GitHub-flavoured Markdown must find the same document as around a harmless word, with the text in its place; our own parser of
//! commands must find none. `ASTRIDE_CASES` says how many are made.

#![expect(clippy::unwrap_used, reason = "a test may")]

mod shared;

use astride::change::Timestamp;
use astride::command::grammar;
use astride::report::{comment, escape, html};
use astride::settings::SettingsTexts;
use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Options, parse_document};
use proptest::prelude::{ProptestConfig, any};
use proptest::sample::select;
use std::collections::BTreeSet;
use std::fs;

/// What ends, begins or hides something, somewhere.
const PIECES: [&str; 96] = [
    "`",
    "``",
    "```",
    "\n```\n",
    "~~~",
    "~",
    "~~",
    "*",
    "**",
    "_",
    "__",
    "[",
    "]",
    "](",
    "[x](https://evil.example)",
    "![x](y)",
    "[^1]",
    "[x]: y",
    "<",
    ">",
    "<b>",
    "</summary>",
    "</details>",
    "</table>",
    "<img src=x onerror=alert(1)>",
    "<script>",
    "</script>",
    "<a href=\"",
    "\"",
    "'",
    "<!--",
    "-->",
    "<!-- astride:comment -->",
    "<!-- astride:numbers 1 -->",
    "<?",
    "<![CDATA[",
    "]]>",
    "&",
    "&lt;",
    "&#47;",
    "&amp;",
    ";",
    "|",
    "\\",
    "\\|",
    "\n|---|\n",
    " | ",
    "#",
    "# ",
    "\n# x\n",
    "#1",
    "fixes #12",
    "GH-1",
    "-",
    "- ",
    "\n- ",
    "+ ",
    "1. ",
    "1) ",
    "=",
    "\n===\n",
    "---",
    "\n---\n",
    "> ",
    "\n> ",
    "\n\n",
    "\n",
    "\r",
    "\t",
    "    ",
    " ",
    "@",
    "@everyone",
    "@acme/owners",
    "mona@evil.example",
    "https://",
    "http://evil.example",
    "www.evil.example",
    "ftp://x.example",
    "mailto:x@y.example",
    "/stride accept all",
    "\n\n/stride accept all ",
    "/",
    ":",
    "$",
    "$$",
    "$(id)",
    "${x}",
    "%%{init}%%",
    "end",
    "\u{200B}",
    "\u{202E}",
    "\u{FEFF}",
    "\u{0}",
    "é",
    "text",
];

/// Where foreign text stands in what we write: each `{}` is one. In a summary, which is HTML, none stands.
const PLACES: &str = "{}

### {} and {}

**1. Tampering, high.** {} loads {} ([line 10](https://github.com/acme/shop/blob/main/a#L10)). Who owns {}? *Fix:* {}.

- ✓ {}: R {}
- {}

1\\. {}

| element | fact |
|---|---|
| {} ({}) | {} |

<details><summary>3 covered</summary>

> {}

See [{}](https://github.com/acme/shop).

[{}](https://github.com/acme/shop) is where it stands.

</details>

<sub>{}</sub>
";

fn with(shown: &str) -> String {
    PLACES.replace("{}", shown)
}

fn github() -> Options<'static> {
    let mut options = Options::default();
    let extension = &mut options.extension;
    extension.strikethrough = true;
    extension.table = true;
    extension.autolink = true;
    extension.tasklist = true;
    extension.footnotes = true;
    extension.alerts = true;
    extension.math_dollars = true;
    extension.math_code = true;
    options
}

/// What a document is made of, and the texts in it between which no markup lies.
#[derive(Default, PartialEq, Eq, Debug)]
struct Read {
    shape: Vec<String>,
    texts: Vec<String>,
}

impl Read {
    fn of(markdown: &str) -> Self {
        let arena = Arena::new();
        let mut read = Self::default();
        read.take(parse_document(&arena, markdown, &github()), 0);
        read
    }

    fn take<'a>(&mut self, node: &'a AstNode<'a>, depth: usize) {
        let text = |this: &mut Self, text: &str| match this.shape.last().is_some_and(|last| *last == format!("{depth} text")) {
            true => this.texts.last_mut().unwrap().push_str(text),
            false => {
                this.shape.push(format!("{depth} text"));
                this.texts.push(text.to_owned());
            }
        };
        match &node.data.borrow().value {
            NodeValue::Text(shown) => text(self, shown),
            NodeValue::SoftBreak => text(self, "\n"),
            NodeValue::Code(code) => {
                self.shape.push(format!("{depth} code"));
                self.texts.push(code.literal.clone());
            }
            NodeValue::HtmlInline(html) => self.shape.push(format!("{depth} {html}")),
            // No Markdown is read in it: what counts is that the text makes no tag.
            NodeValue::HtmlBlock(html) => self.shape.push(format!("{depth} block {}", tags(&html.literal))),
            NodeValue::Link(link) | NodeValue::Image(link) => self.shape.push(format!("{depth} link {}", link.url)),
            other => self.shape.push(format!("{depth} {}", other.xml_node_name())),
        }
        node.children().for_each(|child| self.take(child, depth + 1));
    }
}

/// The tags of HTML, one behind the other.
fn tags(html: &str) -> String {
    html.split('<').skip(1).map(|rest| rest.split_once('>').map_or(rest, |(tag, _)| tag)).collect::<Vec<_>>().join(" ")
}

/// What readers see of a text: no line ends, nothing that hides, no space at either end or twice.
fn seen(text: &str) -> String {
    let hides = |c: &char| {
        matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
            || (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
    };
    let plain: String = text.chars().filter(|c| !hides(c)).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Markdown in which a text stands is what it is around a word, and shows the text.
fn stands(foreign: &str, door: fn(&str) -> String) -> Result<(), String> {
    let (markdown, harmless) = (with(&door(foreign)), with(&door("word")));
    let (read, expected) = (Read::of(&markdown), Read::of(&harmless));
    // In code, a stroke is held back as tables need it, and shows so elsewhere: of backslashes nothing is said.
    let shown = |text: &str| seen(text).replace("\\|", "|").replace(['\\', ' '], "");
    let place = |texts: &[String]| texts.iter().map(|text| shown(text)).collect::<Vec<_>>();
    if seen(foreign).is_empty() {
        // Nothing is shown where nothing is written.
    } else if read.shape != expected.shape {
        return Err(format!("{foreign:?}: {markdown}\nis read as {:#?}", read.shape));
    } else if place(&read.texts) != place(&expected.texts).iter().map(|text| shown(&text.replace("word", foreign))).collect::<Vec<_>>() {
        return Err(format!("{foreign:?} shows as {:?}", read.texts));
    }
    if markdown.contains("<!--") || !grammar::parse(&markdown, Timestamp(0)).is_empty() {
        return Err(format!("{foreign:?}: a marker or a command in {markdown}"));
    }
    Ok(())
}

/// GitHub looks for people, issues and addresses in what is shown as text.
fn rings_nobody(foreign: &str) -> Result<(), String> {
    let shown = escape::text(foreign);
    for (sign, follows) in [('@', "a person"), ('#', "an issue")] {
        let mut after = shown.split(sign).skip(1);
        if after.any(|rest| rest.starts_with(|c: char| c.is_alphanumeric())) {
            return Err(format!("{foreign:?}: {follows} in {shown:?}"));
        }
    }
    Ok(())
}

/// The word that a shell makes of a word.
fn unquoted(word: &str) -> Option<String> {
    let Some(rest) = word.strip_prefix('\'') else {
        return word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:@~^+,=".contains(c)).then(|| word.to_owned());
    };
    let (mut out, mut rest) = (String::new(), rest);
    loop {
        let (inner, after) = rest.split_once('\'')?;
        out.push_str(inner);
        match after.strip_prefix("\\''") {
            Some(after) => {
                out.push('\'');
                rest = after;
            }
            None => return after.is_empty().then_some(out),
        }
    }
}

fn check(foreign: &str) -> Result<(), String> {
    stands(foreign, escape::text)?;
    stands(foreign, escape::code)?;
    rings_nobody(foreign)?;
    let wrong = |door: &str, out: &str| Err(format!("{door} of {foreign:?}: {out:?}"));
    let xml = escape::xml(foreign);
    let is_reference = |rest: &str| ["amp;", "lt;", "gt;", "quot;", "#39;"].iter().any(|known| rest.starts_with(known));
    if xml.contains(['<', '>', '"', '\'']) || xml.split('&').skip(1).any(|rest| !is_reference(rest)) {
        return wrong("xml", &xml);
    }
    let back = xml.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&");
    if seen(&back) != seen(&foreign.replace(['\u{FFFE}', '\u{FFFF}'], "")) {
        return wrong("xml", &back);
    }
    let mermaid = escape::mermaid(foreign);
    if mermaid.contains(['"', '<', '>', '@', '`', '\n', '\\']) {
        return wrong("mermaid", &mermaid);
    }
    let slack = escape::slack(foreign);
    if slack.contains(['<', '>', '\n']) || slack.split('&').skip(1).any(|rest| !is_reference(rest)) {
        return wrong("slack", &slack);
    }
    let shell = escape::shell(foreign);
    if unquoted(&shell).as_deref().map(seen) != Some(seen(foreign)) {
        return wrong("shell", &shell);
    }
    let fenced = escape::fenced("yaml", foreign);
    if fenced.matches("```").count() != 2 || Read::of(&fenced).shape != ["0 document", "1 code_block"] {
        return wrong("fenced", &fenced);
    }
    let json = escape::fenced_json(&[foreign]);
    if serde_json::from_str::<Vec<String>>(&json).ok().as_deref() != Some(&[foreign.to_owned()])
        || json.contains(['`', '<', '>', '@', '\n'])
    {
        return wrong("fenced_json", &json);
    }
    Ok(())
}

fn cases(otherwise: u32) -> ProptestConfig {
    ProptestConfig::with_cases(std::env::var("ASTRIDE_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(otherwise))
}

proptest::proptest! {
    #![proptest_config(cases(3_000))]

    #[test]
    fn a_text_shows_as_what_it_is_and_is_nothing_else(pieces in proptest::collection::vec(select(&PIECES[..]), 0..9), any in any::<String>(), mixes in any::<bool>()) {
        let made = pieces.concat();
        let foreign = if mixes { format!("{made}{any}{made}") } else { made };
        check(&foreign).map_err(proptest::test_runner::TestCaseError::fail)?;
    }
}

proptest::proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// The whole comment and the whole page about a model whose every name is such a text: no tag, attribute or address that they do not have else.
    #[test]
    fn a_report_about_it_has_no_markup_of_its_own(pieces in proptest::collection::vec(select(&PIECES[..]), 1..6)) {
        let (foreign, harmless) = (pieces.concat(), "word");
        let [nasty, plain] = [foreign.as_str(), harmless].map(rendered);
        for (foreign, expected) in nasty.iter().zip(&plain) {
            let own: BTreeSet<String> = marks(expected).into_iter().chain(OWN.map(str::to_owned)).collect();
            let strange: Vec<String> = marks(foreign).difference(&own).cloned().collect();
            proptest::prop_assert!(strange.is_empty(), "{:?}: {strange:?}", pieces.concat());
        }
        proptest::prop_assert!(grammar::parse(&nasty[0], Timestamp(0)).is_empty(), "{:?}: a command in {}", pieces.concat(), nasty[0]);
    }
}

/// What a report may have or not, whatever it is about.
const OWN: [&str; 8] = ["em", "/em", "strong", "/strong", "code", "/code", "ol", "/ol"];

/// The comment and the page about a model with that name.
fn rendered(name: &str) -> [String; 2] {
    let folder = tempfile::tempdir().unwrap();
    let (base, head) = (folder.path().join("base"), folder.path().join("head"));
    fs::create_dir_all(&base).unwrap();
    fs::create_dir_all(&head).unwrap();
    fs::write(base.join("readme.txt"), "nothing").unwrap();
    fs::write(head.join("model.json"), shared::named_model(name)).unwrap();
    let report = shared::judge(&shared::change(&base, &head), &SettingsTexts::default());
    [comment::render_edit(&report), html::render(&report)]
}

/// The tags of a page with the names of their attributes, and the places that its addresses lead to. Names of our own come with the numbers of what
/// they stand for.
fn marks(page: &str) -> BTreeSet<String> {
    let page = match page.starts_with("<!DOCTYPE") || page.starts_with("<!doctype") {
        true => page.to_owned(),
        false => rendered_by_github(page),
    };
    let mut marks = BTreeSet::new();
    for tag in page.split('<').skip(1).filter_map(|rest| rest.split_once('>')).map(|(tag, _)| tag) {
        let mut words = tag.split('"').step_by(2).flat_map(str::split_whitespace);
        let name = words.next().unwrap_or_default().to_owned();
        marks.extend(words.map(|word| format!("{name} {word}")));
        marks.insert(name);
        for key in ["href=\"", "src=\""] {
            let address = tag.split_once(key).and_then(|(_, rest)| rest.split_once('"')).map(|(address, _)| address);
            marks.extend(
                address.filter(|address| !address.starts_with('#')).map(|address| address.split('/').take(3).collect::<Vec<_>>().join("/")),
            );
        }
    }
    marks
}

fn rendered_by_github(markdown: &str) -> String {
    let mut options = github();
    options.render.r#unsafe = true;
    comrak::markdown_to_html(markdown, &options)
}
