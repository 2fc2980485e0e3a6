//! The register as a block of a Markdown file that people write: the diagram, the threats, and where all of it is from.
//!
//! Comes in: the register, and the file as it is. Goes out: the file with the block between its markers and every other byte as it was, or why
//! there is no place for the block. Of the same tree and decisions the block has the same bytes: it names no commit and no time.

use crate::model::ElementKind;
use crate::report::escape;
use crate::report::mermaid;
use crate::report::register::markdown::{body, sums};
use crate::report::register::{Register, State};
use crate::source::RepoPath;
use std::collections::BTreeSet;

/// The line that the block begins with.
pub const BEGIN: &str = "<!-- astride:threats:begin -->";
/// The line that it ends with.
pub const END: &str = "<!-- astride:threats:end -->";
/// Most elements and flows of a picture that can be read.
const MOST_DRAWN: usize = 250;
/// Most units that are named.
const MOST_NAMED: usize = 20;

/// Why the block has no place in a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misplaced {
    #[error("it has no place for the threats: put the lines `{BEGIN}` and `{END}` where they are to stand")]
    NoMarkers,
    #[error("line {line}: `{marker}` stands there a second time; which one counts?")]
    Doubled { line: usize, marker: &'static str },
    #[error("line {line}: `{BEGIN}` stands there, and no `{END}` behind it")]
    Unended { line: usize },
    #[error("line {line}: `{END}` stands there, and no `{BEGIN}` before it")]
    Unbegun { line: usize },
}

/// The block, its markers included.
pub fn block(register: &Register, ledger: &str) -> String {
    let drawn = drawn(register).map_or_else(String::new, |diagram| format!("{diagram}\n\n"));
    let threats = body(register, "###", &|row| row.state != State::Covered);
    format!("{BEGIN}\n\n## Threats\n\n{drawn}{}.\n{threats}\n{}\n\n{END}\n", sums(register), provenance(register, ledger))
}

fn drawn(register: &Register) -> Option<String> {
    let size = register.model.elements.len() + register.model.flows.len();
    if !register.model.elements.iter().any(|element| element.kind != ElementKind::ExternalEntity) {
        return None;
    }
    if size > MOST_DRAWN {
        return Some("The model is too large for a picture here; `astride model --format svg` draws it.".to_owned());
    }
    Some(format!("```mermaid\n{}```", mermaid::whole(&register.model)))
}

/// What was read, where decisions are kept, and what wrote it.
fn provenance(register: &Register, ledger: &str) -> String {
    let units: BTreeSet<&RepoPath> = register.model.elements.iter().map(|element| &element.unit).collect();
    let named: Vec<String> = units.iter().take(MOST_NAMED).map(|unit| escape::code(unit.as_str())).collect();
    let more = units.len().saturating_sub(MOST_NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let read = if named.is_empty() { "nothing".to_owned() } else { format!("{}{more}", named.join(", ")) };
    format!(
        "<sub>Read from {read} · decisions on {} · written by `astride threats --write`, version {}, catalogue {}: what stands between the markers \
         is replaced</sub>",
        escape::code(ledger),
        env!("CARGO_PKG_VERSION"),
        crate::CATALOGUE_VERSION,
    )
}

/// The file with the block in its place; a new one where there is none.
///
/// # Errors
/// The markers do not say where the block belongs.
pub fn placed(existing: Option<&str>, block: &str) -> Result<String, Misplaced> {
    let Some(text) = existing else { return Ok(format!("# Threat model\n\n{block}")) };
    let (mut begin, mut end) = (None, None);
    let mut at = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let place = Marker { line: index + 1, from: at, to: at + line.len() };
        match line.trim() {
            BEGIN if begin.replace(place).is_some() => return Err(Misplaced::Doubled { line: index + 1, marker: BEGIN }),
            END if end.replace(place).is_some() => return Err(Misplaced::Doubled { line: index + 1, marker: END }),
            _ => {}
        }
        at += line.len();
    }
    let (begin, end) = match (begin, end) {
        (Some(begin), Some(end)) if begin.line < end.line => (begin, end),
        (Some(_), Some(end)) | (None, Some(end)) => return Err(Misplaced::Unbegun { line: end.line }),
        (Some(begin), None) => return Err(Misplaced::Unended { line: begin.line }),
        (None, None) => return Err(Misplaced::NoMarkers),
    };
    let marked = &text[begin.from..begin.to];
    let block = if marked.ends_with("\r\n") { block.replace('\n', "\r\n") } else { block.to_owned() };
    // The last line of a file need not end.
    let block = if text[..end.to].ends_with('\n') { block.as_str() } else { block.trim_end() };
    Ok([&text[..begin.from], block, &text[end.to..]].concat())
}

/// Where a marker's line stands: from 1, and in bytes.
#[derive(Clone, Copy)]
struct Marker {
    line: usize,
    from: usize,
    to: usize,
}

#[cfg(test)]
mod tests {
    use super::{BEGIN, END, Misplaced, placed};

    #[test]
    fn the_rest_of_the_file_stays() {
        let block = format!("{BEGIN}\nnew\n{END}\n");
        for (before, after) in [
            (None, format!("# Threat model\n\n{block}")),
            (Some(format!("a\n{BEGIN}\nold\n{END}\nb")), format!("a\n{block}b")),
            (Some(format!("a\r\n{BEGIN}\r\nold\r\n{END}\r\nb\r\n")), format!("a\r\n{}b\r\n", block.replace('\n', "\r\n"))),
            (Some(format!("{BEGIN}\n{END}")), block.trim_end().to_owned()),
            (Some(format!("one `{BEGIN}` in a sentence\n{BEGIN}\n{END}\n")), format!("one `{BEGIN}` in a sentence\n{block}")),
        ] {
            let placed_once = placed(before.as_deref(), &block).unwrap();
            assert_eq!(placed_once, after);
            assert_eq!(placed(Some(&placed_once), &block).unwrap(), after);
        }
    }

    #[test]
    fn markers_that_say_nothing_are_errors() {
        for (text, error) in [
            (String::new(), Misplaced::NoMarkers),
            ("# Threat model\n".to_owned(), Misplaced::NoMarkers),
            (format!("a\n{BEGIN}\n"), Misplaced::Unended { line: 2 }),
            (format!("{END}\n"), Misplaced::Unbegun { line: 1 }),
            (format!("{END}\n{BEGIN}\n"), Misplaced::Unbegun { line: 1 }),
            (format!("{BEGIN}\n{END}\n{BEGIN}\n"), Misplaced::Doubled { line: 3, marker: BEGIN }),
            (format!("{BEGIN}\n{END}\n{END}\n"), Misplaced::Doubled { line: 3, marker: END }),
        ] {
            assert_eq!(placed(Some(&text), "").unwrap_err(), error, "{text:?}");
        }
    }
}
