//! The Markdown of a comment as HTML, as GitHub shows it in outline.
//!
//! Comes in: the text of a comment, by anybody, and the drawn diagram that stands for the Mermaid one. Goes out: HTML that runs nothing and
//! fetches nothing. Of HTML in the text, what our own comments are made of stays, without attributes, and is closed where it was opened;
//! everything else is shown as the text that it is. Links lead to addresses of the web only; pictures become links.

use crate::report::escape::xml;
use comrak::nodes::{AstNode, NodeCodeBlock, NodeValue};
use comrak::{Arena, Options, format_html, parse_document};
use std::collections::VecDeque;

/// The elements that our comments hold.
const ELEMENTS: [&str; 6] = ["details", "summary", "sub", "b", "i", "br"];
/// Headings of a comment stand below those of the page: by how many, and between which levels.
const HEADINGS: std::ops::RangeInclusive<u8> = 4..=6;

/// The comment. `picture` is HTML of ours, which stands in place of the first Mermaid diagram.
pub(super) fn html(body: &str, picture: Option<&str>) -> String {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    // In comments GitHub keeps the ends of lines.
    options.render.hardbreaks = true;
    let arena = Arena::new();
    let root = parse_document(&arena, body, &options);
    let mut writing = Writing { open: Vec::new(), picture };
    let nodes: VecDeque<&AstNode<'_>> = root.descendants().collect();
    nodes.into_iter().for_each(|node| writing.settle(node));
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = format_html(root, &options, &mut out);
    writing.open.iter().rev().for_each(|element| out.push_str(&format!("</{element}>")));
    // Every other `<` of the text is escaped.
    out.replace("<table>", &format!("{}<table>", frame("Table"))).replace("</table>", "</table></div>")
}

/// The beginning of a frame whose content scrolls inside it where it is too wide; the keyboard reaches it too.
pub(super) fn frame(label: &str) -> String {
    format!("<div class=\"scroll\" role=\"region\" aria-label=\"{label}\" tabindex=\"0\">")
}

struct Writing<'p> {
    /// The elements of the text that are open.
    open: Vec<&'static str>,
    picture: Option<&'p str>,
}

impl Writing<'_> {
    /// Makes of a node what may be shown.
    fn settle<'a>(&mut self, node: &'a AstNode<'a>) {
        let shown = match &node.data.borrow().value {
            NodeValue::HtmlBlock(block) => Some(NodeValue::Raw(self.elements(&block.literal))),
            NodeValue::HtmlInline(literal) => Some(NodeValue::Raw(self.elements(literal))),
            NodeValue::CodeBlock(code) => self.drawn(code).map(NodeValue::Raw),
            NodeValue::Image(link) => Some(NodeValue::Link(link.clone())),
            NodeValue::Heading(heading) => {
                let mut heading = *heading;
                heading.level = (heading.level + 1).clamp(*HEADINGS.start(), *HEADINGS.end());
                Some(NodeValue::Heading(heading))
            }
            _ => None,
        };
        if let Some(shown) = shown {
            node.data.borrow_mut().value = shown;
        }
        let leads_nowhere = matches!(&node.data.borrow().value, NodeValue::Link(link) if !is_of_the_web(&link.url));
        if leads_nowhere {
            while let Some(child) = node.first_child() {
                node.insert_before(child);
            }
            node.detach();
        }
    }

    fn drawn(&mut self, code: &NodeCodeBlock) -> Option<String> {
        if code.info.trim() == "mermaid" { self.picture.take().map(str::to_owned) } else { None }
    }

    /// HTML of the text with our own elements, and the rest of it as text. Comments vanish: they are marks for the machine.
    fn elements(&mut self, html: &str) -> String {
        let mut out = String::new();
        let mut rest = html;
        while let Some(at) = rest.find('<') {
            out.push_str(&text(&rest[..at]));
            rest = &rest[at..];
            if let Some(comment) = rest.strip_prefix("<!--") {
                rest = comment.split_once("-->").map_or("", |(_, after)| after);
            } else if let Some((element, closes, after)) = element(rest) {
                self.element(element, closes, &mut out);
                rest = after;
            } else {
                out.push_str("&lt;");
                rest = &rest[1..];
            }
        }
        out.push_str(&text(rest));
        out
    }

    /// What is closed was opened in this text: nothing of the page around it can be.
    fn element(&mut self, element: &'static str, closes: bool, out: &mut String) {
        if element == "br" {
            out.push_str("<br>");
        } else if !closes {
            self.open.push(element);
            out.push_str(&format!("<{element}>"));
        } else if self.open.contains(&element) {
            while let Some(last) = self.open.pop() {
                out.push_str(&format!("</{last}>"));
                if last == element {
                    break;
                }
            }
        }
    }
}

/// The element of ours whose tag begins here, whether the tag closes it, and what follows.
fn element(html: &str) -> Option<(&'static str, bool, &str)> {
    let (tag, after) = html.strip_prefix('<')?.split_once('>')?;
    let name = tag.strip_prefix('/').unwrap_or(tag);
    let known = ELEMENTS.into_iter().find(|element| *element == name)?;
    Some((known, tag.starts_with('/'), after))
}

/// Text of an HTML block: references to characters stay what they are.
fn text(html: &str) -> String {
    let mut pieces = html.split('&');
    let first = xml(pieces.next().unwrap_or_default());
    pieces.fold(first, |out, piece| {
        let name = piece.split_once(';').map(|(name, _)| name).filter(|name| is_reference(name));
        match name {
            Some(name) => format!("{out}&{name};{}", xml(&piece[name.len() + 1..])),
            None => format!("{out}&amp;{}", xml(piece)),
        }
    })
}

fn is_reference(name: &str) -> bool {
    let name = name.strip_prefix('#').unwrap_or(name);
    (1..=8).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_of_the_web(url: &str) -> bool {
    ["https://", "http://"].iter().any(|scheme| url.starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use super::html;

    #[test]
    fn a_comment_is_shown_as_github_shows_it() {
        for (markdown, expected) in [
            ("### Astride: 1 threat", "<h4>Astride: 1 threat</h4>\n"),
            ("`a` **b** ~~c~~\nd", "<p><code>a</code> <strong>b</strong> <del>c</del><br />\nd</p>\n"),
            ("[line 3](https://x.test/a#L3)", "<p><a href=\"https://x.test/a#L3\">line 3</a></p>\n"),
            (
                "<details><summary>2 &lt;b&gt; & c</summary>\n\n- a\n\n</details>",
                "<details><summary>2 &lt;b&gt; &amp; c</summary> \n<ul>\n<li>a</li>\n</ul>\n</details>",
            ),
            (
                "|a|\n|-|\n|b|",
                "<div class=\"scroll\" role=\"region\" aria-label=\"Table\" tabindex=\"0\"><table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td>b</td>\n</tr>\n</tbody>\n</table></div>\n",
            ),
            ("<sub>small</sub>", "<p><sub>small</sub></p>\n"),
            ("<!-- astride:comment -->\ntext", "<p>text</p>\n"),
        ] {
            assert_eq!(html(markdown, None).replace("\n\n", "\n").trim_start_matches(['\n', ' ']), expected, "{markdown}");
        }
    }

    #[test]
    fn what_is_not_ours_is_text() {
        for hostile in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "<details open onclick=alert(1)>x</details>",
            "<sub onclick=alert(1)>x</sub>",
            "<style>*{display:none}</style>",
            "<form action=/x><input></form>",
            "<SCRIPT>alert(1)</SCRIPT>",
            "<svg/onload=alert(1)>",
            "<a href=\"javascript:alert(1)\">x</a>",
            "`</table></div>`",
        ] {
            let shown = html(hostile, None);
            let tags: Vec<&str> = shown.split('<').skip(1).collect();
            let known = ["p>", "/p>", "/details>", "/sub>", "br", "code>", "/code>"];
            assert!(tags.iter().all(|tag| known.iter().any(|known| tag.starts_with(known))), "{shown}");
        }
    }

    #[test]
    fn nothing_around_a_comment_is_closed_and_nothing_stays_open() {
        let shown = html("</details></div></article>\n\n<details><summary>a", None);
        assert!(!shown.contains("</div>") && !shown.contains("</article>"), "{shown}");
        assert_eq!(shown.matches("<details>").count(), shown.matches("</details>").count(), "{shown}");
        assert!(shown.ends_with("</summary></details>"), "{shown}");
    }

    #[test]
    fn links_lead_to_the_web_alone_and_no_picture_is_fetched() {
        for (markdown, expected) in [
            ("[x](javascript:alert(1))", "<p>x</p>\n"),
            ("[**x** y](data:text/html,a)", "<p><strong>x</strong> y</p>\n"),
            ("[x](/push)", "<p>x</p>\n"),
            ("![x](https://e.test/a.png)", "<p><a href=\"https://e.test/a.png\">x</a></p>\n"),
        ] {
            assert_eq!(html(markdown, None), expected, "{markdown}");
        }
    }

    #[test]
    fn the_picture_stands_for_the_first_diagram() {
        let shown = html("```mermaid\na\n```\n\n```mermaid\nb\n```", Some("<svg></svg>"));
        assert!(shown.starts_with("<svg></svg>") && shown.contains("<pre><code class=\"language-mermaid\">b"), "{shown}");
    }
}
