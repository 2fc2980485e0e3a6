//! Our reader of HCL against those of others: Terraform's own by `terraform fmt`, and the crate hcl-edit.
//!
//! The recorded verdicts, every `.tf` file of the corpora and seeded mutations of both are taken by us exactly where Terraform takes them.
//! hcl-edit places items and values where we do. `ASTRIDE_MUTATIONS` says how many mutations.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot set itself up fails, and says what it compared")]

#[path = "hcl/corpora.rs"]
mod files;
#[path = "shared/random.rs"]
mod random;
mod shared;

use astride::source::FileId;
use astride::syntax::hcl;
use astride::syntax::hcl::tree::{Body, Bytes, Item};
use bumpalo::Bump;
use files::terraform_files;
use hcl_edit::Span as _;
use hcl_edit::parser::parse_body;
use hcl_edit::structure;
use random::Random;
use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::process::{Command, Stdio};

/// Mutations where nothing else is said.
const MUTATIONS: usize = 3_000;

#[test]
fn terraform_takes_what_we_take() {
    if !has_terraform() {
        return shared::skip("which files Terraform takes: terraform is not here");
    }
    let mut random = Random(0x5eed_0003);
    let recorded = recorded();
    let seeds: Vec<String> = recorded.iter().map(|(text, _)| text.clone()).chain(corpora()).collect();
    let wanted = std::env::var("ASTRIDE_MUTATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(MUTATIONS);
    let mutations: Vec<String> = (0..wanted).map(|_| mutated(&seeds, recorded.len(), &mut random)).collect();
    for (name, texts) in [("recorded and real files", &seeds), ("mutations", &mutations)] {
        let refused = refused_by_terraform(texts);
        eprintln!("{} {name}, {} refused by Terraform", texts.len(), refused.len());
        for (index, text) in texts.iter().enumerate() {
            assert_eq!(first_note(text).is_some(), refused.contains(&index), "{text:?}: {:?}", first_note(text));
        }
    }
    let known: BTreeSet<usize> = (0..recorded.len()).filter(|index| !recorded[*index].1).collect();
    assert_eq!(refused_by_terraform(&seeds[..recorded.len()]), known, "the recorded verdicts are Terraform's");
}

/// Files of the corpora that hcl-edit 0.10 refuses and Terraform takes, by their first line: a key stands twice in an object.
const REFUSED_BY_HCL_EDIT: [&str; 1] = [r#"resource "terraform_data" "t" { input = { acl = "private", acl = "public" } }"#];

#[test]
fn hcl_edit_places_items_where_we_do() {
    let (mut compared, mut differing) = (0, Vec::new());
    let recorded = recorded();
    let texts: Vec<String> = recorded.iter().map(|(text, _)| text.clone()).chain(corpora()).collect();
    for (index, text) in texts.iter().enumerate() {
        let arena = Bump::new();
        let mut is_valid = true;
        let body = hcl::parse(text, FileId(0), &arena, &mut |_, _, _| is_valid = false).body;
        match parse_body(text) {
            Ok(theirs) if is_valid => compared += same_places(&body, &theirs, text),
            Ok(_) | Err(_) if index < recorded.len() => {}
            theirs => differing.extend((theirs.is_ok() != is_valid).then(|| text.lines().next().unwrap_or_default().to_owned())),
        }
    }
    eprintln!("{compared} items at the same places");
    assert!(compared > recorded.len() / 4, "{compared}");
    differing.retain(|line| !REFUSED_BY_HCL_EDIT.contains(&line.as_str()));
    assert_eq!(differing, Vec::<String>::new());
}

/// Compares the places of items and values; how many there are.
fn same_places(ours: &Body<'_>, theirs: &structure::Body, text: &str) -> usize {
    assert_eq!(ours.items.len(), theirs.len(), "{text}");
    let mut count = 0;
    for (ours, theirs) in ours.items.iter().zip(theirs) {
        count += 1;
        match (ours, theirs) {
            (Item::Attribute(ours), structure::Structure::Attribute(theirs)) => {
                assert_eq!(range(ours.bytes, text), theirs.span().map(|span| trimmed(span, text)), "{text}");
                assert_eq!(range(ours.value.bytes, text), theirs.value.span().map(|span| trimmed(span, text)), "{text}");
            }
            (Item::Block(ours), structure::Structure::Block(theirs)) => {
                assert_eq!(range(ours.bytes, text), theirs.span().map(|span| trimmed(span, text)), "{text}");
                count += same_places(&ours.body, &theirs.body, text);
            }
            (ours, _) => panic!("{ours:?} of another kind in {text}"),
        }
    }
    count
}

fn range(bytes: Bytes, text: &str) -> Option<Range<usize>> {
    Some(trimmed(bytes.start as usize..bytes.end as usize, text))
}

/// Without blanks at its end: they differ on those behind the end of a heredoc.
fn trimmed(range: Range<usize>, text: &str) -> Range<usize> {
    let end = range.start + text.get(range.clone()).unwrap_or_default().trim_end().len();
    range.start..end
}

fn first_note(text: &str) -> Option<String> {
    let arena = Bump::new();
    let mut first = None;
    hcl::parse(text, FileId(0), &arena, &mut |span, _, note| {
        first.get_or_insert_with(|| format!("{}:{} {note}", span.line, span.column));
    });
    first
}

fn has_terraform() -> bool {
    terraform().arg("version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

fn terraform() -> Command {
    let mut command = Command::new("terraform");
    command.env("TF_CLI_CONFIG_FILE", "/dev/null").env("CHECKPOINT_DISABLE", "1");
    command
}

/// Which of the texts Terraform refuses, by their indexes. One process looks at many, but not at all: it takes far longer then.
fn refused_by_terraform(texts: &[String]) -> BTreeSet<usize> {
    const AT_ONCE: usize = 500;
    let refused = |(batch, texts): (usize, &[String])| refused_of_batch(texts).into_iter().map(move |index| batch * AT_ONCE + index);
    texts.chunks(AT_ONCE).enumerate().flat_map(refused).collect()
}

fn refused_of_batch(texts: &[String]) -> BTreeSet<usize> {
    let folder = tempfile::tempdir().unwrap();
    for (index, text) in texts.iter().enumerate() {
        fs::write(folder.path().join(format!("t{index}.tf")), text).unwrap();
    }
    let output = terraform().args(["fmt", "-no-color", "-list=false", "-write=false"]).arg(folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let name = |line: &str| line.strip_prefix("  on ")?.rsplit_once(" line ")?.0.rsplit('/').next().map(str::to_owned);
    let index = |name: String| name.strip_prefix('t')?.strip_suffix(".tf")?.parse().ok();
    said.lines().filter_map(name).filter_map(index).collect()
}

/// The texts whose verdicts are recorded, and whether they are valid.
fn recorded() -> Vec<(String, bool)> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/syntax/hcl/verdicts.json");
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

fn corpora() -> impl Iterator<Item = String> {
    terraform_files().into_iter().filter_map(|path| fs::read_to_string(path).ok())
}

const PIECES: &[&str] = &[
    " ",
    "\n",
    "\t",
    "\r\n",
    "\r",
    "=",
    "==",
    "=>",
    ":",
    "::",
    "?",
    "!",
    "-",
    "+",
    "*",
    "/",
    "//",
    "/*",
    "*/",
    "#",
    "%",
    "%{",
    "${",
    "$${",
    "%%{",
    "~}",
    "}",
    "{",
    "(",
    ")",
    "[",
    "]",
    "[*]",
    ".*",
    ".0",
    ".",
    "...",
    ",",
    "\"",
    "\\",
    "\\n",
    "\\u00e9",
    "<<E\n",
    "<<-E\n",
    "\nE\n",
    "for x in y : ",
    "if",
    "in",
    "%{ if x }",
    "%{ else }",
    "%{ endif }",
    "%{ for a in b }",
    "%{ endfor }",
    "x",
    "1",
    "1.5",
    "null",
    "f(",
    "&&",
    "||",
    "<",
    ">=",
    "&",
    "'",
    "`",
    ";",
    "@",
    "é",
    "\u{2003}",
    "\0",
    "\u{feff}",
    "$",
    "$$",
    "a = 1\n",
    "b {\n",
    "~",
    "${~",
    "${ x }",
];

/// One of the texts, or some lines of a long one, with up to three changes. Half of them are made of the `short` first ones.
fn mutated(seeds: &[String], short: usize, random: &mut Random) -> String {
    const LONG: usize = 3_000;
    let count = if random.below(2) == 0 { short } else { seeds.len() };
    let seed = &seeds[random.below(count)];
    let (from, lines) = if seed.len() < LONG { (0, LONG) } else { (random.below(seed.lines().count()), 1 + random.below(30)) };
    let mut text: Vec<char> = seed.split_inclusive('\n').skip(from).take(lines).flat_map(str::chars).collect();
    for _ in 0..random.below(4) {
        let at = random.below(text.len() + 1);
        let piece: Vec<char> = PIECES[random.below(PIECES.len())].chars().collect();
        let end = (at + 1 + random.below(3)).min(text.len());
        match random.below(4) {
            0 => drop(text.splice(at..at, piece)),
            1 => drop(text.drain(at.min(end)..end)),
            2 => drop(text.splice(at.min(end)..end, piece)),
            _ => {
                let copy: Vec<char> = text[at..(at + random.below(12)).min(text.len())].to_vec();
                let to = random.below(text.len() + 1);
                text.splice(to..to, copy);
            }
        }
    }
    text.into_iter().collect()
}
