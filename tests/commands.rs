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
    for entry in help::COMMANDS.iter().filter(|entry| entry.verb.is_some()) {
        assert!(help.contains(&format!("`/stride {}", entry.word)), "{}", entry.word);
    }
    assert!(read(&help).is_empty());
}

/// A comment of GitHub's greatest length must not cost more than reading it.
#[test]
fn the_longest_comments_are_read_at_once() {
    for piece in
        ["> ", "- ", "`", "``` ", "<a ", "<!--", "[", "](", "\\", "<details>", "\n/stride x", "1. ", "\t", "/stride accept a/S-123456 "]
    {
        let body = format!("/stride recheck\n{}", piece.repeat(65_000 / piece.len()));
        read(&body);
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
                    write!(out, "\n   see {see}").unwrap();
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
    }
}

/// What opens and closes the constructs of Markdown, and what tells them apart.
const PIECES: [&str; 64] = [
    "/stride show",
    "/stride show",
    "/stride show",
    "/stride show `",
    "\n",
    "\n",
    "\n",
    "\n\n",
    "\n\n",
    " ",
    "   ",
    "    ",
    "\t",
    "> ",
    ">",
    "- ",
    "* ",
    "+",
    "1. ",
    "2) ",
    "10. ",
    "-\n",
    "```",
    "```\n",
    "~~~",
    "~~~~\n",
    "`",
    "``",
    "<!--",
    "-->",
    "<!-->",
    "--",
    "<details>",
    "</details>",
    "<details open>",
    "<div>",
    "</div>",
    "<pre>",
    "</pre>",
    "<b",
    "<b>",
    "</b>",
    ">",
    "<a title=\"",
    "\"",
    "'",
    "<?",
    "?>",
    "<!X",
    "<![CDATA[",
    "]]>",
    "[",
    "]",
    "](",
    ")",
    "[a]: ",
    "[a](b \"",
    "\\",
    "# ",
    "---",
    "===",
    "text",
    "=",
    "<https://x.example/",
];

proptest::proptest! {
    #![proptest_config(ProptestConfig::with_cases(std::env::var("ASTRIDE_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(4_000)))]

    /// An independent reader of GitHub-flavoured Markdown agrees that each command is plain text at the start of its line.
    #[test]
    fn what_is_obeyed_is_text_that_readers_see(pieces in proptest::collection::vec(select(&PIECES[..]), 1..24)) {
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

/// The numbers of the commands that a paragraph shows as text.
fn visible_commands(body: &str) -> Vec<String> {
    let mut options = Options::default();
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    let arena = Arena::new();
    let mut seen = Vec::new();
    collect(parse_document(&arena, body, &options), &mut seen);
    seen
}

fn collect<'a>(node: &'a AstNode<'a>, seen: &mut Vec<String>) {
    match &node.data.borrow().value {
        NodeValue::BlockQuote | NodeValue::CodeBlock(_) | NodeValue::HtmlBlock(_) | NodeValue::Link(_) | NodeValue::Image(_) => {}
        NodeValue::Text(text) => {
            seen.extend(text.strip_prefix("/stride show ").and_then(|rest| rest.split('.').next()).map(str::to_owned));
        }
        _ => node.children().for_each(|child| collect(child, seen)),
    }
}
