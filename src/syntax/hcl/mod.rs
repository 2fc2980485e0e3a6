//! HCL, the language of Terraform and OpenTofu, read into a tree with places.
//!
//! Comes in: the text of a file in native syntax, a template, or the tree of a file in JSON notation. Goes out: bodies, blocks and
//! expressions that borrow from the text and from one arena, and comments. What is not valid is noted, and the rest of the file is kept:
//! an argument whose value could not be read is there and unreadable, never absent. Never evaluates, and never says what a block means.
//!
//! The grammar is that of <https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md> and
//! <https://developer.hashicorp.com/terraform/language/syntax/configuration>; where they leave something open, the verdicts and values
//! of Terraform 1.11.4 stand in `tests/cases/syntax/hcl` (both 2026-11-28).

mod blocks;
mod collections;
mod cursor;
mod directives;
mod expressions;
mod heredoc;
mod json;

mod literals;
mod recovery;
mod templates;
mod traversals;
pub mod tree;

pub use cursor::Position;
pub use json::{BlockType, parse_json, parse_json_values};

use crate::source::{FileId, MAX_DEPTH, MAX_FILE_BYTES, MAX_NODES, NoteKind, Span};
use crate::syntax::Notes;
use crate::syntax::hcl::cursor::{Cursor, Mark};
use crate::syntax::hcl::literals::Piece;
use crate::syntax::hcl::tree::{Body, Comment, Expr, ExprKind, Item, Name, ObjectItem, Part, Step};
use bumpalo::Bump;

/// Most levels of expressions in one expression: operators of one chain count as levels, brackets count for `MAX_DEPTH` too.
pub const MAX_HEIGHT: u16 = 256;
/// Most errors that are noted in one file; what stands behind the last one is not read.
pub const MAX_ERRORS: usize = 1_000;
/// Most heredocs without an end that are passed over in one file; what stands behind the last one is not read.
const MAX_ENDLESS: usize = 16;

/// A file that was read.
#[derive(Clone, Copy, Debug)]
pub struct Parsed<'t> {
    pub body: Body<'t>,
    /// In the order of the text.
    pub comments: &'t [Comment<'t>],
}

/// Reads a file in native syntax. What is not valid, or beyond a limit, is noted with a kind that `hides`.
pub fn parse<'t>(text: &'t str, file: FileId, arena: &'t Bump, notes: &mut Notes<'_>) -> Parsed<'t> {
    if text.len() > MAX_FILE_BYTES {
        let span = Span { line: 1, end_line: 1, column: 1, file };
        notes(span, NoteKind::Limit, format!("file has {} bytes, more than {MAX_FILE_BYTES}", text.len()));
        return Parsed { body: Body::UNREAD, comments: &[] };
    }
    let mut parser = Parser::new(text, Position::File(file), arena);
    let mut body = parser.file();
    if parser.is_unclosed {
        // Where a brace is missing, only the indentation says which blocks are whose.
        parser = Parser { closes_by_indentation: true, ..Parser::new(text, Position::File(file), arena) };
        body = parser.file();
    }
    let comments = arena.alloc_slice_copy(&parser.cursor.comments);
    parser.report(notes);
    Parsed { body, comments }
}

/// Reads a template that stands for itself: the text of a file that `templatefile` names, or a string of JSON.
pub fn parse_template<'t>(text: &'t str, position: Position, arena: &'t Bump, notes: &mut Notes<'_>) -> Expr<'t> {
    let mut parser = Parser::new(text, position, arena);
    let template = parser.template_of_text();
    parser.finish(template, notes)
}

/// Reads a text that is one expression: what stands in quotes where a reference is meant, `"aws_s3_bucket.b"` in `depends_on`.
pub fn parse_expression<'t>(text: &'t str, position: Position, arena: &'t Bump, notes: &mut Notes<'_>) -> Expr<'t> {
    let mut parser = Parser::new(text, position, arena);
    let expression = parser.whole_expression();
    parser.finish(expression, notes)
}

/// Reading of a part was given up; the parser knows why.
#[derive(Clone, Copy, Debug)]
struct Stop;

type Read<T> = Result<T, Stop>;

struct Parser<'t> {
    cursor: Cursor<'t>,
    arena: &'t Bump,
    /// Whether line breaks are blanks here: in brackets, but not between the items of a body or an object.
    breaks_are_blanks: bool,
    depth: usize,
    nodes: usize,
    found: Vec<(Span, NoteKind, String)>,
    /// No more is read.
    is_spent: bool,
    /// A block has no closing brace.
    is_unclosed: bool,
    /// A block ends where an item is not indented more than it.
    closes_by_indentation: bool,
    /// Markers of the heredocs around, outermost first.
    heredocs: Vec<&'t str>,
    endless: usize,
    // What is being read; kept to spare an allocation for each.
    items: Vec<Item<'t>>,
    names: Vec<Name<'t>>,
    exprs: Vec<Expr<'t>>,
    object_items: Vec<ObjectItem<'t>>,
    steps: Vec<Step<'t>>,
    pieces: Vec<Piece<'t>>,
    parts: Vec<Part<'t>>,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str, position: Position, arena: &'t Bump) -> Self {
        Self {
            cursor: Cursor::new(text, position),
            arena,
            breaks_are_blanks: false,
            depth: 0,
            nodes: 0,
            found: Vec::new(),
            is_spent: false,
            is_unclosed: false,
            closes_by_indentation: false,
            heredocs: Vec::new(),
            endless: 0,
            items: Vec::new(),
            names: Vec::new(),
            exprs: Vec::new(),
            object_items: Vec::new(),
            steps: Vec::new(),
            pieces: Vec::new(),
            parts: Vec::new(),
        }
    }

    fn finish(self, read: Read<Expr<'t>>, notes: &mut Notes<'_>) -> Expr<'t> {
        let start = Cursor::new(self.cursor.text, self.cursor.position()).mark;
        let unreadable = self.expr_at(ExprKind::Unreadable, start, self.cursor.mark, 0);
        self.report(notes);
        read.unwrap_or(unreadable)
    }

    fn report(mut self, notes: &mut Notes<'_>) {
        self.found.sort_by_key(|(span, _, _)| *span);
        self.found.into_iter().for_each(|(span, kind, text)| notes(span, kind, text));
    }

    fn pass_blanks(&mut self) {
        self.cursor.pass_blanks(self.breaks_are_blanks);
    }

    /// Reads a part in which line breaks are blanks, or are not.
    fn with_breaks<T>(&mut self, are_blanks: bool, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.breaks_are_blanks, are_blanks);
        let result = read(self);
        self.breaks_are_blanks = before;
        result
    }

    /// Reads a part that is nested in what is being read.
    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth >= MAX_DEPTH {
            return self.limit(format!("nested deeper than {MAX_DEPTH}"));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    /// An expression from a place to here; `below`: the height of what it is made of.
    fn expr(&mut self, kind: ExprKind<'t>, from: Mark, below: u16) -> Read<Expr<'t>> {
        self.expr_to(kind, from, self.cursor.mark, below)
    }

    fn expr_to(&mut self, kind: ExprKind<'t>, from: Mark, to: Mark, below: u16) -> Read<Expr<'t>> {
        if below >= MAX_HEIGHT {
            return self.limit(format!("more than {MAX_HEIGHT} operators or levels in one expression"));
        }
        self.weigh()?;
        Ok(self.expr_at(kind, from, to, below + 1))
    }

    fn expr_at(&self, kind: ExprKind<'t>, from: Mark, to: Mark, height: u16) -> Expr<'t> {
        Expr { kind, span: self.cursor.span_to(from, to), bytes: self.cursor.bytes_to(from, to), height }
    }

    /// Counts a node.
    fn weigh(&mut self) -> Read<()> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            self.is_spent = true;
            return self.limit(format!("more than {MAX_NODES} nodes, the rest is not read"));
        }
        Ok(())
    }

    /// Takes back what an expression that could not be read was made of: none stands in another one here.
    fn forget_unfinished(&mut self) {
        self.exprs.clear();
        self.object_items.clear();
        self.steps.clear();
        self.pieces.clear();
        self.parts.clear();
    }

    fn name(&self, text: &'t str, from: Mark) -> Name<'t> {
        Name { text, span: self.cursor.span(from) }
    }

    /// Passes what has to stand here.
    fn want(&mut self, byte: u8, what: &str) -> Read<()> {
        if self.cursor.eat(byte) { Ok(()) } else { self.refuse_here(what) }
    }
}
