//! The documents of a file of the unit, read as the provider of the file reads them.
//!
//! Comes in: a path, and the place that names it. Goes out: its documents; `None` where the file is not at hand or not valid, which is noted.
//! This is the one place that picks a dialect of YAML.

use crate::formats::{Claim, Format};
use crate::source::{FileId, NoteKind, RepoPath, Sources, Span};
use crate::syntax;
use crate::syntax::yaml::{self, Dialect};
use crate::syntax::{Node, SyntaxError};
use bumpalo::Bump;

/// Opens and parses a file that the unit names.
pub(super) fn open<'t>(
    path: &RepoPath,
    dialect: Dialect,
    from: Option<Span>,
    sources: &Sources<'t>,
    arena: &'t Bump,
) -> Option<Vec<Node<'t>>> {
    let (file, text) = sources.open(path, from)?;
    match Parsed::read(file, text, dialect, arena) {
        Ok(parsed) => Some(parsed.noted(sources)),
        Err(error) => {
            note(&error, file, sources);
            None
        }
    }
}

/// An entry file whose text is read.
pub(super) struct Claimed<'t> {
    pub(super) claim: Claim,
    pub(super) documents: Vec<Node<'t>>,
}

/// Why an entry file is not read.
pub(super) struct Refused {
    pub(super) error: SyntaxError,
    /// Another reader takes it for a unit.
    pub(super) is_unit_elsewhere: bool,
}

/// Parses an entry file as the provider of what it turns out to be. Its name says which reading is tried first; where that one refuses it,
/// or finds no unit in it, the other one is asked, so that no unit is missed because two readers differ.
pub(super) fn claimed<'t>(
    path: &RepoPath,
    (file, text): (FileId, &'t str),
    sources: &Sources<'t>,
    arena: &'t Bump,
    claim: impl Fn(&[Node<'t>]) -> Claim,
) -> Result<Claimed<'t>, Refused> {
    let first = of_name(path);
    let read = |dialect| {
        let parsed = Parsed::read(file, text, dialect, arena)?;
        Ok((claim(&parsed.documents), parsed))
    };
    match read(first) {
        Ok((claim, parsed)) if !is_worth_another_reading(claim, first, text) => Ok(parsed.claimed(claim, sources)),
        Ok((claim, parsed)) => match read(other(first)) {
            Ok((again, parsed)) if of_claim(again) == Some(other(first)) => Ok(parsed.claimed(again, sources)),
            Err(error) if of_claim(claim) == Some(other(first)) => Err(Refused { error, is_unit_elsewhere: true }),
            Ok(_) | Err(_) => Ok(parsed.claimed(claim, sources)),
        },
        Err(error) => match read(other(first)) {
            Ok((claim, parsed)) if of_claim(claim) == Some(other(first)) => Ok(parsed.claimed(claim, sources)),
            Ok((Claim::Unit(_), _)) => Err(Refused { error, is_unit_elsewhere: true }),
            Ok(_) | Err(_) => Err(Refused { error, is_unit_elsewhere: hides_unit(file, text, arena, claim) }),
        },
    }
}

/// Whether a text that is refused for its line breaks is a unit where they are such.
fn hides_unit<'t>(file: FileId, text: &str, arena: &'t Bump, claim: impl Fn(&[Node<'t>]) -> Claim) -> bool {
    let broken = yaml::with_breaks_of_yaml11(text).map(|broken| &*arena.alloc_str(&broken));
    let parsed = broken.and_then(|broken| Parsed::read(file, broken, Dialect::Yaml11, arena).ok());
    parsed.is_some_and(|parsed| matches!(claim(&parsed.documents), Claim::Unit(_)))
}

/// Notes why a file cannot be parsed, where it says so.
pub(super) fn note(error: &SyntaxError, file: FileId, sources: &Sources<'_>) {
    let span = Span { line: error.line, end_line: error.line, column: error.column, file };
    sources.note(span, error.kind, error.to_string());
}

/// The reading of what a file is called after.
fn of_name(path: &RepoPath) -> Dialect {
    if path.file_name().to_ascii_lowercase().starts_with("serverless.") { Dialect::Js } else { Dialect::Yaml11 }
}

/// The reading of the provider of a unit; `None` where it makes no difference.
fn of_claim(claim: Claim) -> Option<Dialect> {
    match claim {
        Claim::Unit(Format::CloudFormation) => Some(Dialect::Yaml11),
        Claim::Unit(Format::Serverless) => Some(Dialect::Js),
        Claim::Unit(Format::Terraform | Format::ThreatDragon | Format::ThreatComposer)
        | Claim::NotJudged(_)
        | Claim::Unreadable
        | Claim::Nothing => None,
    }
}

/// A unit of the other reader, or a text that may be one for it: a service has both of these words, a template the other.
fn is_worth_another_reading(claim: Claim, first: Dialect, text: &str) -> bool {
    match (of_claim(claim), first) {
        (Some(dialect), _) => dialect != first,
        (None, Dialect::Yaml11) => text.contains("service") && text.contains("provider"),
        (None, Dialect::Js) => text.contains("Resources"),
    }
}

fn other(dialect: Dialect) -> Dialect {
    match dialect {
        Dialect::Yaml11 => Dialect::Js,
        Dialect::Js => Dialect::Yaml11,
    }
}

/// One reading of a text, with what it has found odd.
struct Parsed<'t> {
    documents: Vec<Node<'t>>,
    notes: Vec<(Span, NoteKind, String)>,
}

impl<'t> Parsed<'t> {
    fn read(file: FileId, text: &'t str, dialect: Dialect, arena: &'t Bump) -> Result<Self, SyntaxError> {
        let mut notes = Vec::new();
        let documents = syntax::parse(text, dialect, file, arena, &mut |span, kind, text| notes.push((span, kind, text)))?;
        Ok(Self { documents, notes })
    }

    fn noted(self, sources: &Sources<'_>) -> Vec<Node<'t>> {
        for (span, kind, text) in self.notes {
            sources.note(span, kind, text);
        }
        self.documents
    }

    fn claimed(mut self, claim: Claim, sources: &Sources<'_>) -> Claimed<'t> {
        if claim == Claim::Unit(Format::CloudFormation) {
            self.refuse_sections_that_stand_twice();
        }
        Claimed { claim, documents: self.noted(sources) }
    }

    /// What CloudFormation makes of a section that stands twice is not defined
    /// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html>, read 2026-11-28).
    fn refuse_sections_that_stand_twice(&mut self) {
        let sections: Vec<Span> = self.documents.iter().flat_map(|root| root.entries()).map(|section| section.key_span).collect();
        for (span, kind, _) in &mut self.notes {
            if *kind == NoteKind::DuplicateKey && sections.contains(span) {
                *kind = NoteKind::Refused;
            }
        }
    }
}
