//! Which lines of a comment are commands, what they say, and that none takes effect where readers see no command.

#![expect(clippy::unwrap_used, reason = "a test may")]

mod shared;

use astride::change::Timestamp;
use astride::command::grammar;
use astride::command::{Command, Refusal, Target, help};
use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Options, parse_document};
use proptest::prelude::{ProptestConfig, Strategy, any};
use proptest::sample::select;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// `comment.md` is what somebody wrote on 2026-11-24, `commands.txt` what is read from it.
#[test]
fn comments_are_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/commands");
    let mut wrong = Vec::new();
    for file in shared::files(&folder).into_iter().filter(|file| file.ends_with("comment.md")) {
        let body = fs::read_to_string(&file).unwrap();
        let actual = render(&read(&body));
        wrong.extend(shared::expect(&file.with_file_name("commands.txt"), &actual).err());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn help_names_every_command_and_is_none_itself() {
    let help = help::markdown();
    for entry in help::COMMANDS.iter() {
        assert!(help.contains(&format!("`/stride {}", entry.word)), "{}", entry.word);
    }
    assert!(read(&help).is_empty());
}

/// A comment of GitHub's greatest length must not cost more than reading it.
#[test]
fn the_longest_comments_are_read_at_once() {
    for piece in [
        "> ",
        "- ",
        "`",
        "` ",
        "``` ",
        "<a ",
        "<!--",
        "[",
        "](",
        "\\",
        "<details>",
        "\n/stride x",
        "1. ",
        "\t",
        "~",
        "~a",
        "\n$",
        "|",
        "a|b\n-|-\n",
        "-|-\n",
        "> [!NOTE]\n",
        "[^1]: ",
        "&lt;",
        "/stride accept a/S-123456 ",
    ] {
        let body = format!("/stride recheck\n{}", piece.repeat(65_000 / piece.len()));
        let began = Instant::now();
        read(&body);
        assert!(began.elapsed() < Duration::from_secs(5), "{piece:?} repeated takes {:?}", began.elapsed());
    }
}

/// Whatever hides a line from readers, strikes it out or makes something else of it keeps it from being obeyed.
#[test]
fn nothing_invisible_acts() {
    for body in [
        "<!--\n\n@\n\n-->",
        "<!-- x --!>\n\n@",
        "<!-->\n\n@\n\n-->",
        "<!--->\n\n@\n\n-->",
        "<!--\r\n@",
        "<div><!--\n\n@\n\n--></div>",
        "text <!--\n@\n-->",
        "<![CDATA[\n\n@\n\n]]>",
        "<?x\n\n@\n\n?>",
        "<!X\n\n@\n\n>",
        "<script>\n\n@\n\n</script>",
        "<pre>\n\n@\n\n</pre>",
        "<textarea>\n\n@\n\n</textarea>",
        "<div>\n@\n</div>",
        "<x-y>\n@",
        "<div title=\"\n\n@\n\n\">",
        "<details>\n\n@\n\n</details>",
        "<details><table><td></details>\n\n@",
        "<del>\n\n@\n\n</del>",
        "<s>a</s><strike>\n\n@\n\n</strike>",
        "<template>\n\n@",
        "<svg>\n\n@\n\n</svg>",
        "~~a\n@\nb~~",
        "~a\n@ b~",
        "a\n@ ~~b\nc~~",
        "$a\n@\nb$",
        "$$\n@\n$$",
        "$$\n\n@\n\n$$",
        "```math\n@\n```",
        "$`a\n@ b`$",
        "$a\n```$```\n@ ```",
        "a | b\n-|-\n@",
        "@ | b\n--|--",
        "a | b\n-|-\n===\n@",
        "a\n|---|\n|\n* \n|---|\n@",
        "@\n===",
        "@\n---",
        "# @",
        "[^1]: a\n@\n\n[^1]",
        "[^1]:\n    @",
        "[a]:\n@",
        "[a]: b '\n@\n'",
        "[a\n@\nb](c)",
        "![a\n@\nb](c)",
        "`a\n@\nb`",
        "<a title='\n@\n'>x</a>",
        "    @",
        "\t@",
        "~~~\n@\n~~~",
        "a\r~~~\n@\n~~~",
        "> @",
        "> a\n@",
        "> [!NOTE]\n> a\n@",
        "> [!NOTE]\n@",
        "- @",
        "1. @",
        "- [ ] @",
        "\u{200B}@",
        "\u{200E}@",
        "\u{202E}a\n@",
        "@ \u{2066}a",
        "\\@",
        "&#47;stride recheck",
        "@ <!-- x -->",
        "@ ~~x~~",
        "@ <del>x</del>",
    ] {
        let body = body.replace('@', "/stride recheck");
        assert!(read(&body).iter().all(Result::is_err), "{body:?}: {}", render(&read(&body)));
    }
}

/// What merely looks like one of those changes nothing.
#[test]
fn what_is_plain_acts() {
    for body in [
        "@",
        "   @",
        "Hi!\n@\nThanks.",
        "It costs $5.\n@",
        "See ~/notes.\n@",
        "**Good**, *really*.\n@",
        "<!-- a note -->\n\n@",
        "<details><summary>x</summary>\n\ny\n\n</details>\n\n@",
        "~~old~~\n@",
        "a | b\n-|-\nc | d\n\n@",
        "> quote\n\n@",
        "- item\n\n@",
        "- item\n@",
        "```\ncode\n```\n@",
        "Vec<T> and a < b\n\n@",
        "[link](https://x.example) and `code`\n@",
        "Title\n===\n@",
        "[^1]: a note\n\n@",
        "> [!NOTE]\n> text\n\n@",
        "line\r\n@\r\nline",
        "👍\n@",
    ] {
        let body = body.replace('@', "/stride recheck");
        assert_eq!(read(&body).iter().filter(|command| command.is_ok()).count(), 1, "{body:?}: {}", render(&read(&body)));
    }
}

fn read(body: &str) -> Vec<Result<Command, Refusal>> {
    grammar::parse(body, Timestamp::parse("2026-11-24T08:00:00Z").unwrap())
}

fn render(parsed: &[Result<Command, Refusal>]) -> String {
    let mut out = String::new();
    for line in parsed {
        match line {
            Ok(command) => {
                write!(out, "{}: {:?}", command.line, command.verb).unwrap();
                command.what.iter().for_each(|target| write!(out, "\n   on {}", target_words(target)).unwrap());
                if !command.reason.is_empty() {
                    write!(out, "\n   reason {:?}", command.reason).unwrap();
                }
                if let Some(until) = command.until {
                    write!(out, "\n   until {until}").unwrap();
                }
                if let Some(see) = &command.see {
                    write!(out, "\n   see {}", see.path).unwrap();
                    if let Some(pattern) = &see.pattern {
                        write!(out, " for {pattern:?}").unwrap();
                    }
                }
                for (option, word) in [("ticket", &command.ticket), ("to", &command.to)] {
                    if let Some(word) = word {
                        write!(out, "\n   {option} {word}").unwrap();
                    }
                }
                out.push('\n');
            }
            Err(refusal) => writeln!(out, "{}: refused: {}", refusal.line, refusal.why).unwrap(),
        }
    }
    if out.is_empty() { "nothing\n".to_owned() } else { out }
}

fn target_words(target: &Target) -> String {
    match target {
        Target::Threat { element, category, hash } => format!("threat {element} {category} {hash}"),
        Target::Cell { element, category, set } => format!("cell {element} {category} {}", set.as_deref().unwrap_or("without a set")),
        Target::Element { element, set } => format!("element {element} {}", set.as_deref().unwrap_or("without a set")),
        Target::All { set } => format!("all {}", set.as_deref().unwrap_or("without a set")),
        Target::Rollup(id) => format!("group {id}"),
        Target::Number(number) => format!("number {number}"),
        Target::Repair(id) => format!("file {id}"),
    }
}

/// What opens and closes the constructs of Markdown, and what tells them apart.
const PIECES: [&str; 118] = [
    "/stride show",
    "/stride show",
    "/stride show",
    "/stride show",
    "/stride show `",
    "/stride show ~~",
    "/stride show | a",
    "\n",
    "\n",
    "\n",
    "\n",
    "\n\n",
    "\n\n",
    "\r",
    "\r\n",
    " ",
    "   ",
    "    ",
    "\t",
    "> ",
    ">",
    "> [!NOTE]\n",
    "- ",
    "* ",
    "+",
    "1. ",
    "2) ",
    "10. ",
    "-\n",
    "- [ ] ",
    "```",
    "```\n",
    "```math\n",
    "~~~",
    "~~~~\n",
    "`",
    "``",
    "~",
    "~~",
    "~~~ x\n",
    "~~a~~",
    "$",
    "$$",
    "$$\n",
    "$`",
    "`$",
    "<!--",
    "-->",
    "--!>",
    "<!-->",
    "<!--->",
    "--",
    "<details>",
    "</details>",
    "<details open>",
    "<div>",
    "</div>",
    "<div title=\"",
    "<pre>",
    "</pre>",
    "<script>",
    "</script>",
    "<del>",
    "</del>",
    "<b",
    "<b>",
    "<b>\n",
    "</b>",
    ">",
    "<a title=\"",
    "\"",
    "'",
    "<?",
    "?>",
    "<!X",
    "<!x",
    "<![CDATA[",
    "]]>",
    "[",
    "]",
    "](",
    ")",
    "[a]",
    "[a]: ",
    "[a]: b\n",
    "[a](b \"",
    "![a](",
    "[^1]",
    "[^1]: ",
    "\n[^1]: x\n",
    "\\",
    "\\\n",
    "  \n",
    "# ",
    "---",
    "===",
    "\n---\n",
    "\n===\n",
    "***",
    "text",
    "text\n",
    "=",
    "|",
    "a | b",
    "\n-|-\n",
    "\n|---|\n",
    "\n:-\n",
    "\n---|---\n",
    "\\|",
    "*",
    "**",
    "_",
    "&lt;",
    "&#47;",
    "\u{200B}",
    "\u{202E}",
    "@mona",
    "<https://x.example/",
];

proptest::proptest! {
    #![proptest_config(ProptestConfig::with_cases(std::env::var("ASTRIDE_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(4_000)))]

    /// An independent reader of GitHub-flavoured Markdown agrees that each command is plain text at the start of its line.
    #[test]
    fn what_is_obeyed_is_text_that_readers_see(pieces in proptest::collection::vec(select(&PIECES[..]), 1..28)) {
        let body: String = pieces.iter().zip(1..).map(|(piece, number)| piece.replace("/stride show", &format!("/stride show {number}."))).collect();
        let seen = visible_commands(&body);
        for command in read(&body).iter().flatten() {
            let number = command.reason.split('.').next().unwrap_or_default();
            proptest::prop_assert!(seen.contains(&number.to_owned()), "{number} in {body:?} is obeyed, and readers do not see it");
        }
    }

    #[test]
    fn no_text_panics(before in any::<String>(), after in any::<String>()) {
        read(&format!("{before}\n/stride {after}"));
        read(&format!("/stride accept {before} {after}\n{after}"));
    }

    /// Plain paragraphs around a command never hide it.
    #[test]
    fn a_command_on_its_own_is_always_read(text in "[a-zA-Z0-9 .,;:()-]{0,60}".prop_filter("no list", |text| !text.trim_start().starts_with(['-', '+']))) {
        let body = format!("{text}\n\n/stride recheck\n\n{text}");
        proptest::prop_assert_eq!(read(&body).len(), 1, "{:?}", body);
    }
}

/// The numbers of the commands that a paragraph shows as text at the start of a line, and of which nothing is hidden.
fn visible_commands(body: &str) -> Vec<String> {
    let arena = Arena::new();
    let mut seen = Vec::new();
    collect(parse_document(&arena, body, &github()), &mut seen);
    seen
}

/// GitHub's extensions, as comments are rendered with.
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

fn collect<'a>(node: &'a AstNode<'a>, seen: &mut Vec<String>) {
    match &node.data.borrow().value {
        NodeValue::Document | NodeValue::List(_) | NodeValue::Item(_) | NodeValue::TaskItem(_) => {
            node.children().for_each(|child| collect(child, seen));
        }
        NodeValue::Paragraph => {
            let mut pieces = Vec::new();
            flatten(node, &mut pieces);
            for line in pieces.split(|piece| *piece == Piece::Break) {
                seen.extend(number(line));
            }
        }
        _ => {}
    }
}

#[derive(Debug, PartialEq)]
enum Piece {
    Text(String),
    /// Something that readers see, and that is no plain text.
    Shown,
    Hidden,
    Break,
}

fn flatten<'a>(node: &'a AstNode<'a>, pieces: &mut Vec<Piece>) {
    for child in node.children() {
        match &child.data.borrow().value {
            NodeValue::Text(text) => pieces.push(Piece::Text(text.to_string())),
            NodeValue::SoftBreak | NodeValue::LineBreak => pieces.push(Piece::Break),
            NodeValue::Emph | NodeValue::Strong => flatten(child, pieces),
            NodeValue::HtmlInline(html) if html.starts_with("<!") || html.starts_with("<?") => pieces.push(Piece::Hidden),
            NodeValue::Strikethrough => {
                pieces.push(Piece::Hidden);
                let mut inner = Vec::new();
                flatten(child, &mut inner);
                pieces.extend(inner.into_iter().map(|piece| if piece == Piece::Break { piece } else { Piece::Hidden }));
            }
            NodeValue::Code(_) | NodeValue::HtmlInline(_) | NodeValue::Math(_) | NodeValue::FootnoteReference(_) => {
                pieces.push(Piece::Shown);
                let place = child.data.borrow().sourcepos;
                if place.start.line != place.end.line {
                    pieces.extend([Piece::Break, Piece::Shown]);
                }
            }
            // A link or an image may go on over the end of a line, and does not say where.
            _ => {
                let mut inner = Vec::new();
                flatten(child, &mut inner);
                pieces.extend(inner.into_iter().map(|piece| if piece == Piece::Break { piece } else { Piece::Shown }));
                pieces.extend([Piece::Shown, Piece::Break, Piece::Shown]);
            }
        }
    }
}

fn number(line: &[Piece]) -> Option<String> {
    let Some(Piece::Text(first)) = line.first() else { return None };
    let text = first.strip_prefix("/stride show ")?;
    let shown = !line.contains(&Piece::Hidden);
    text.split('.').next().filter(|_| shown).map(str::to_owned)
}
