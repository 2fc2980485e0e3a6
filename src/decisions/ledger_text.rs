//! The ledger's files: one YAML file per unit, and more where it is full (`parts`); blocks appended in order of time.
//!
//! Comes in: text, or blocks. Goes out: blocks, or text with blocks appended; earlier bytes are never touched, so that `git log -p` reads
//! well. Every foreign string is written as a quoted scalar in which nothing but itself can stand.

pub mod grown;
pub mod parts;
mod writing;
mod written;

use crate::change::Timestamp;
use crate::decisions::Block;
use crate::decisions::ledger_text::writing::{one_line, write_block};
use crate::decisions::ledger_text::written::Written;
use crate::model::lined::read_yaml;
use crate::source::RepoPath;
use std::fmt::Write;

/// The edition that blocks are written in. Those of the first bear no number.
const EDITION: u32 = 2;
/// Largest ledger file that is read, in bytes.
const MAX_BYTES: usize = 5 * 1024 * 1024;

/// What belongs to the repository as a whole, in the place of a unit's path: no file of git has the empty path.
pub fn repository_scope() -> RepoPath {
    RepoPath::new("")
}

/// The ledger file of the repository's scope. No unit has it: in their names, a `+` is escaped.
const REPOSITORY: &str = "+repository.yml";

/// How the scopes of merges begin: no path of git's begins with a stroke.
const MERGES: &str = "/merges";

/// What went in within a month, in the place of a unit's path: such a file is read by auditors, and by no judgement.
pub fn merges_scope(at: Timestamp) -> RepoPath {
    let day = at.day().to_string();
    RepoPath::new(&format!("{MERGES}-{}", day.get(..7).unwrap_or(&day)))
}

/// What a file is about, in its first line.
fn about(unit: &RepoPath) -> String {
    let (scope, number) = parts::of_part(unit);
    if number > 1 {
        return format!("{} Part {number}.", about(&RepoPath::new(scope)));
    }
    match unit.as_str().strip_prefix(MERGES) {
        Some(month) => format!("Merges of {}. Append only.", month.trim_start_matches('-')),
        None => {
            let what = if *unit == repository_scope() { "the repository" } else { unit.as_str() };
            format!("Decisions on {}. Append only: the last verdict on a threat counts.", one_line(what))
        }
    }
}

/// The file of a unit within the folder of its repository: the unit's path with everything escaped that is no letter, digit, `_`, `-` or
/// inner `.`, so that each unit has one file and no name can leave the folder.
pub fn file_name(unit: &RepoPath) -> String {
    let (scope, number) = parts::of_part(unit);
    if number > 1 {
        return parts::name_of_part(&file_name(&RepoPath::new(scope)), number);
    }
    if *unit == repository_scope() {
        return REPOSITORY.to_owned();
    }
    if let Some(merges) = unit.as_str().strip_prefix(MERGES) {
        return format!("+merges{merges}.yml");
    }
    let mut name = String::new();
    for (index, byte) in unit.as_str().bytes().enumerate() {
        match byte {
            b'.' if index > 0 => name.push('.'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' => name.push(char::from(byte)),
            // Writing to a string cannot fail.
            _ => {
                let _ = write!(name, "%{byte:02X}");
            }
        }
    }
    format!("{name}.yml")
}

/// A ledger file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct LedgerError {
    /// From 1.
    pub line: u32,
    pub message: String,
}

/// Parses a ledger file into its blocks, in the order of the file.
///
/// # Errors
/// The first thing that is wrong. A file with an error counts for nothing, and is never appended to.
pub fn parse(text: &str) -> Result<Vec<Block>, LedgerError> {
    if text.len() > MAX_BYTES {
        return Err(LedgerError { line: 1, message: format!("file has {} bytes, more than {MAX_BYTES}", text.len()) });
    }
    if text.lines().all(|line| line.trim().is_empty() || line.starts_with('#')) {
        return Ok(Vec::new());
    }
    let written: Vec<Written> = read_yaml(text).map_err(|error| {
        let line = error.location().and_then(|location| u32::try_from(location.line()).ok()).unwrap_or(1).max(1);
        let message = error.to_string();
        LedgerError { line, message: message.lines().next().unwrap_or_default().to_owned() }
    })?;
    let starts: Vec<u32> = (1..).zip(text.lines()).filter(|(_, line)| line.starts_with("- ")).map(|(number, _)| number).collect();
    // Else nobody could tell which bytes are which block, and so who wrote it.
    if starts.len() != written.len() {
        let message = format!("{} decisions, and {} lines that begin one", written.len(), starts.len());
        return Err(LedgerError { line: 1, message });
    }
    written
        .into_iter()
        .enumerate()
        .map(|(index, written)| written.block().map_err(|message| LedgerError { line: starts.get(index).copied().unwrap_or(1), message }))
        .collect()
}

/// Whether what stands from a byte on begins a block of its own, or holds none: else it goes on with what stands before it, and says something
/// in the name of whoever wrote that.
pub fn begins_block(text: &str, at: usize) -> bool {
    let Some((before, rest)) = text.split_at_checked(at) else { return false };
    let is_line = before.is_empty() || before.ends_with('\n') || rest.starts_with(['\n', '\r']);
    let first = rest.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#'));
    is_line && first.is_none_or(|line| line.starts_with("- "))
}

/// The byte at which each block of a file begins that parses.
pub fn starts(text: &str) -> Vec<usize> {
    let mut at = 0;
    let lines = text.split_inclusive('\n').map(|line| {
        at += line.len();
        (at - line.len(), line)
    });
    lines.filter(|(_, line)| line.starts_with("- ")).map(|(at, _)| at).collect()
}

/// How many bytes a block takes.
pub fn size(block: &Block) -> usize {
    let mut out = String::new();
    write_block(&mut out, block);
    out.len()
}

/// The text with the blocks appended. Blocks that stand there already (same comment, same threat, same verdict; from the desk, all that they say) are left out, so that
/// appending twice is appending once.
pub fn append(text: &str, unit: &RepoPath, blocks: &[Block]) -> String {
    let known = parse(text).unwrap_or_default();
    let mut out = text.to_owned();
    if out.is_empty() {
        out = format!("# {}\n", about(unit));
    }
    if !out.ends_with('\n') {
        out.push('\n');
    }
    for (index, block) in blocks.iter().enumerate() {
        if !is_known(&known, block) && !is_known(&blocks[..index], block) {
            write_block(&mut out, block);
        }
    }
    out
}

/// Whether a block is among others, by what makes it one of its own.
fn is_known(among: &[Block], block: &Block) -> bool {
    among.iter().any(|known| same(known, block))
}

fn same(a: &Block, b: &Block) -> bool {
    // From the desk there is no comment to tell one word from the next.
    let from_the_desk = a.comment == 0 && a.url.is_empty();
    (a.comment, &a.url, a.fingerprint, a.verdict) == (b.comment, &b.url, b.fingerprint, b.verdict) && (!from_the_desk || a == b)
}

#[cfg(test)]
mod tests {
    use super::{append, begins_block, file_name, merges_scope, parse, starts};
    use crate::change::{Day, ObjectId, Timestamp, UserId};
    use crate::decisions::merge::{Gate, Merge};
    use crate::decisions::pin::Pin;
    use crate::decisions::{Block, Signature, Verdict};
    use crate::model::category::Category;
    use crate::model::cause::{Cause, CauseKind};
    use crate::source::RepoPath;
    use crate::stride::vector::FactRecord;
    use crate::stride::{Fingerprint, Worst};
    use proptest::prelude::any;
    use proptest::sample::select;
    use std::collections::BTreeMap;

    fn block(text: &str) -> Block {
        Block {
            threat: text.to_owned(),
            fingerprint: Fingerprint([7; 32]),
            rule: "STR-FURL-S-01".to_owned(),
            cause: Some(Cause { kind: CauseKind::Statement, holder: text.to_owned(), name: text.to_owned() }),
            on: text.to_owned(),
            part: text.to_owned(),
            sharers: vec![text.to_owned()],
            worst: Worst { exposed: true, data_class: 2 },
            category: Category::Spoofing,
            verdict: Verdict::Accepted,
            proposal: true,
            needed: 2,
            reason: text.to_owned(),
            reproduction: text.to_owned(),
            facts: BTreeMap::from([
                (
                    "authn".to_owned(),
                    FactRecord::Known { answer: vec![text.to_owned()], witnesses: vec![text.to_owned(); 2], reach: vec![text.to_owned()] },
                ),
                ("at_rest".to_owned(), FactRecord::Unresolved(text.to_owned())),
                ("dlq".to_owned(), FactRecord::Unread),
                ("policy".to_owned(), FactRecord::Known { answer: Vec::new(), witnesses: Vec::new(), reach: Vec::new() }),
            ]),
            claims: BTreeMap::from([(text.to_owned(), text.to_owned())]),
            by: Signature { id: UserId(3), login: text.to_owned(), right: "write".to_owned() },
            at: Timestamp(1_780_000_000),
            comment: 5,
            url: text.to_owned(),
            pull: 9,
            base: ObjectId([1; 20]),
            head: ObjectId([2; 20]),
            until: Day::parse("2027-01-01"),
            see: Some(Pin { path: RepoPath::new(text), blob: ObjectId([3; 20]), pattern: Some(text.to_owned()) }),
            ticket: Some(text.to_owned()),
            to: Some(text.to_owned()),
            undoes: Some(text.to_owned()),
            confirms: Some(text.to_owned()),
            branch: text.to_owned(),
            covers: vec![Fingerprint([8; 32])],
            carried_from: Some(text.to_owned()),
            merge: Some(Merge {
                commit: ObjectId([4; 20]),
                verdict: text.to_owned(),
                gate: Gate::Bypassed,
                open: vec![text.to_owned()],
                matters: vec![text.to_owned(); 2],
                engine: text.to_owned(),
            }),
            pushed: false,
            for_organisation: false,
        }
    }

    #[test]
    fn what_is_appended_begins_a_block() {
        for (before, rest, begins) in [
            ("", "# Decisions\n- version: 2\n", true),
            ("- a: 1\n", "- a: 2\n", true),
            ("- a: 1", "\n- a: 2\n", true),
            ("- a: 1\n", "\n# nothing\n", true),
            ("- a: 1\n", "  covers: []\n", false),
            ("- a: 1\n", "# and\n  covers: []\n- a: 2\n", false),
            ("- a: 1", "0\n- a: 2\n", false),
        ] {
            assert_eq!(begins_block(&format!("{before}{rest}"), before.len()), begins, "{before:?} {rest:?}");
        }
    }

    #[test]
    fn names_of_files_are_safe() {
        for (unit, name) in [
            ("template.yaml", "template.yaml.yml"),
            ("a/b c.yaml", "a%2Fb%20c.yaml.yml"),
            ("../x", "%2E.%2Fx.yml"),
            (".hidden/ä b.yml", "%2Ehidden%2F%C3%A4%20b.yml.yml"),
            ("a%2Fb", "a%252Fb.yml"),
            ("", "+repository.yml"),
            (merges_scope(Timestamp(1_780_000_000)).as_str(), "+merges-2026-05.yml"),
            ("merges-2026-05", "merges-2026-05.yml"),
        ] {
            assert_eq!(file_name(&RepoPath::new(unit)), name);
        }
    }

    #[test]
    fn appending_twice_is_appending_once() {
        let unit = RepoPath::new("template.yaml");
        let once = append("", &unit, &[block("x")]);
        assert_eq!(append(&once, &unit, &[block("x")]), once);
        assert_eq!(append("", &unit, &[block("x"), block("x")]), once);
        assert!(append(&once, &unit, &[Block { comment: 6, ..block("x") }]).starts_with(&once));
    }

    #[test]
    fn each_block_is_known_by_the_line_that_begins_it() {
        let unit = RepoPath::new("template.yaml");
        let text = append("", &unit, &[block("x"), Block { comment: 6, ..block("- y") }]);
        let begin: Vec<&str> = starts(&text).into_iter().map(|at| &text[at..at + 12]).collect();
        assert_eq!(begin, ["- version: 2"; 2]);
        let flow = text.replacen("- version: 2", "-\n  version: 2", 1);
        assert!(parse(&flow).unwrap_err().message.contains("lines that begin one"));
    }

    #[test]
    fn errors_name_their_block() {
        let unit = RepoPath::new("template.yaml");
        let text = append("", &unit, &[block("x"), Block { comment: 6, ..block("x") }]);
        let broken = text.replacen("verdict: accepted", "verdict: forgiven", 1);
        let error = parse(&broken).unwrap_err();
        assert_eq!((error.line, error.message.contains("forgiven")), (2, true));
    }

    /// What means something to YAML, or hides.
    const PIECES: [&str; 32] = [
        "\0",
        "\u{7}",
        "\t",
        "\r",
        "\n",
        "\u{85}",
        "\u{A0}",
        "\u{2028}",
        "\u{202E}",
        "\u{FEFF}",
        "\u{FFFE}",
        "\u{10FFFF}",
        "\"",
        "'",
        "\\",
        ": ",
        "#",
        " #",
        "- ",
        "? ",
        "---\n",
        "...\n",
        "&a",
        "*a",
        "<<",
        "!!str ",
        "%YAML",
        "{",
        "]",
        "|\n",
        "${HOME}",
        "verdict: accepted",
    ];

    proptest::proptest! {
        #[test]
        fn whatever_people_write_reads_back(text in any::<String>(), pieces in proptest::collection::vec(select(&PIECES[..]), 0..8)) {
            for text in [text, pieces.concat()] {
                let blocks = [block(&text), Block { comment: 6, ..block(&text) }];
                let written = append("", &RepoPath::new(&text), &blocks);
                proptest::prop_assert_eq!(parse(&written).unwrap(), blocks.to_vec());
                proptest::prop_assert_eq!(written.lines().filter(|line| line.starts_with('-')).count(), 2);
            }
        }
    }
}
