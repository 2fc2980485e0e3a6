//! Nodes made of tokens, as PyYAML's `parser.py` and `composer.py` make them.
//!
//! Comes in: tokens. Goes out: the roots of the documents. Recursion is as deep as the collections, which is limited.

use crate::source::{FileId, NoteKind, Span};
use crate::syntax::yaml::tag::{CORE, Tag};
use crate::syntax::yaml::tree::{Built, Pair, Role, Tree};
use crate::syntax::yaml::yaml11::collections::refuse_key;
use crate::syntax::yaml::yaml11::cursor::Mark;
use crate::syntax::yaml::yaml11::properties::NON_SPECIFIC;
use crate::syntax::yaml::yaml11::resolve;
use crate::syntax::yaml::yaml11::scanner::Scanner;
use crate::syntax::yaml::yaml11::token::{Directive, Kind, Style, Token};
use crate::syntax::yaml::{Read, error_of};
use crate::syntax::{Node, Notes, SyntaxError, Value};
use bumpalo::Bump;
use std::collections::BTreeMap;

pub(super) struct Composer<'t, 'n, 'm> {
    pub(super) scanner: Scanner<'t>,
    pub(super) tree: Tree<'t, 'n, 'm>,
    /// Prefixes of tags by their handles.
    handles: Vec<(&'t str, &'t str)>,
    /// `None` while the node is not finished.
    anchors: BTreeMap<&'t str, Option<Built<'t>>>,
    /// Collections around the node.
    pub(super) depth: usize,
    /// Finished children of the open lists.
    pub(super) items: Vec<Built<'t>>,
    /// Finished children of the open mappings.
    pub(super) pairs: Vec<Pair<'t>>,
}

/// What stands before the content of a node.
#[derive(Clone, Copy)]
pub(super) struct Properties<'t> {
    anchor: Option<&'t str>,
    pub(super) tag: Option<Tag<'t>>,
    /// Where they begin.
    pub(super) start: Option<Mark>,
    /// Where the tag begins.
    pub(super) tag_start: Option<Mark>,
}

impl Properties<'_> {
    pub(super) fn none() -> Self {
        Self { anchor: None, tag: None, start: None, tag_start: None }
    }
}

impl<'t, 'n, 'm> Composer<'t, 'n, 'm> {
    pub(super) fn new(text: &'t str, file: FileId, arena: &'t Bump, notes: &'n mut Notes<'m>) -> Self {
        Self {
            scanner: Scanner::new(text, arena),
            tree: Tree::new(file, arena, notes),
            handles: Vec::new(),
            anchors: BTreeMap::new(),
            depth: 0,
            items: Vec::new(),
            pairs: Vec::new(),
        }
    }

    pub(super) fn read(mut self) -> Result<Read<'t>, SyntaxError> {
        let mut documents = Vec::new();
        let first = self.scanner.peek()?.kind;
        if !matches!(first, Kind::Directive(_) | Kind::DocumentStart | Kind::StreamEnd) {
            self.handles = default_handles();
            documents.push(root(self.node(true, false)?)?);
            self.end_document()?;
        }
        loop {
            while self.is_at(|kind| *kind == Kind::DocumentEnd)? {
                self.scanner.take()?;
            }
            if self.is_at(|kind| *kind == Kind::StreamEnd)? {
                break;
            }
            self.read_directives()?;
            let token = self.scanner.take()?;
            if token.kind != Kind::DocumentStart {
                return Err(token.start.error(format!("the document ends before {}: is it indented wrongly?", token.kind.word())));
            }
            documents.push(root(self.document_content(token)?)?);
            self.end_document()?;
        }
        Ok(Read { documents, comments: self.scanner.comments })
    }

    fn document_content(&mut self, start: Token<'t>) -> Result<Built<'t>, SyntaxError> {
        let ends = |kind: &Kind<'_>| matches!(kind, Kind::Directive(_) | Kind::DocumentStart | Kind::DocumentEnd | Kind::StreamEnd);
        if self.is_at(ends)? { self.nothing(start.start) } else { self.node(true, false) }
    }

    fn end_document(&mut self) -> Result<(), SyntaxError> {
        self.anchors.clear();
        if self.is_at(|kind| *kind == Kind::DocumentEnd)? {
            self.scanner.take()?;
        }
        Ok(())
    }

    fn read_directives(&mut self) -> Result<(), SyntaxError> {
        self.handles.clear();
        let mut has_version = false;
        while let Token { kind: Kind::Directive(directive), start, .. } = self.scanner.peek()? {
            self.scanner.take()?;
            match directive {
                Directive::Yaml(_) if has_version => return Err(start.error("the version of YAML is stated twice")),
                Directive::Yaml(false) => return Err(start.error("only versions 1.x of YAML are read")),
                Directive::Yaml(true) => has_version = true,
                Directive::Tag(handle, _) if self.handles.iter().any(|(known, _)| *known == handle) => {
                    return Err(start.error(format!("the handle `{handle}` is stated twice")));
                }
                Directive::Tag(handle, prefix) => self.handles.push((handle, prefix)),
                Directive::Other => {}
            }
        }
        self.handles.extend(default_handles());
        Ok(())
    }

    pub(super) fn is_at(&mut self, is_wanted: impl Fn(&Kind<'t>) -> bool) -> Result<bool, SyntaxError> {
        Ok(is_wanted(&self.scanner.peek()?.kind))
    }

    /// A node. `block`: block collections may begin here; `indentless`: and a list at the column of the mapping around it.
    pub(super) fn node(&mut self, block: bool, indentless: bool) -> Result<Built<'t>, SyntaxError> {
        let token = self.scanner.peek()?;
        if let Kind::Alias(name) = token.kind {
            self.scanner.take()?;
            return self.alias(name, token.start);
        }
        let properties = self.properties()?;
        if let Some(anchor) = properties.anchor
            && self.anchors.insert(anchor, None).is_some()
        {
            let start = properties.start.unwrap_or(token.start);
            return Err(start.error(format!("the anchor `{anchor}` is set twice")));
        }
        let built = self.content(properties, block, indentless)?;
        if let Some(anchor) = properties.anchor {
            self.anchors.insert(anchor, Some(built));
        }
        Ok(built)
    }

    fn alias(&mut self, name: &str, start: Mark) -> Result<Built<'t>, SyntaxError> {
        match self.anchors.get(name) {
            Some(Some(named)) => self.tree.alias(*named, start.to_line(start.line, self.tree.file), self.depth),
            Some(None) => Err(start.error("an alias stands inside the node that it names")),
            None => Err(start.error(format!("no anchor `{name}` stands before its alias"))),
        }
    }

    fn properties(&mut self) -> Result<Properties<'t>, SyntaxError> {
        let mut properties = Properties::none();
        loop {
            let token = self.scanner.peek()?;
            match token.kind {
                Kind::Anchor(name) if properties.anchor.is_none() => properties.anchor = Some(name),
                Kind::Tag(handle, suffix) if properties.tag_start.is_none() => {
                    properties.tag = Some(self.resolved(handle, suffix, token.start)?);
                    properties.tag_start = Some(token.start);
                }
                _ => return Ok(properties),
            }
            properties.start.get_or_insert(token.start);
            self.scanner.take()?;
        }
    }

    fn resolved(&self, handle: Option<&'t str>, suffix: &'t str, start: Mark) -> Result<Tag<'t>, SyntaxError> {
        let Some(handle) = handle else { return Ok(Tag::of(suffix)) };
        let Some((_, prefix)) = self.handles.iter().find(|(known, _)| *known == handle) else {
            return Err(start.error(format!("no directive says what the handle `{handle}` means")));
        };
        if *prefix == CORE {
            return Ok(Tag::Core(suffix));
        }
        let written = self.scanner.cursor.slice(start.offset, start.offset + 1 + suffix.len());
        let is_as_written = handle == NON_SPECIFIC && *prefix == NON_SPECIFIC && written.ends_with(suffix);
        Ok(Tag::of(if is_as_written { written } else { self.tree.arena.alloc_str(&format!("{prefix}{suffix}")) }))
    }

    fn content(&mut self, properties: Properties<'t>, block: bool, indentless: bool) -> Result<Built<'t>, SyntaxError> {
        let token = self.scanner.peek()?;
        match token.kind {
            Kind::BlockEntry if indentless => self.indentless_list(properties),
            Kind::Scalar(text, style) => {
                self.scanner.take()?;
                self.scalar(properties, token, text, style == Style::Plain)
            }
            Kind::FlowSequenceStart => self.flow_list(properties),
            Kind::FlowMappingStart => self.flow_mapping(properties),
            Kind::BlockSequenceStart if block => self.block_list(properties),
            Kind::BlockMappingStart if block => self.block_mapping(properties),
            _ => match properties.start {
                Some(start) => self.scalar(properties, Token { start, end_line: start.line, ..token }, "", properties.tag.is_none()),
                None => Err(token.start.error(format!("a value is missing before {}", token.kind.word()))),
            },
        }
    }

    fn scalar(&mut self, properties: Properties<'t>, token: Token<'t>, text: &'t str, is_plain: bool) -> Result<Built<'t>, SyntaxError> {
        let span = properties.tag_start.unwrap_or(token.start).to_line(token.end_line, self.tree.file);
        // A text that begins on the next line is there: whoever counts its lines counts from there.
        let is_below = matches!(self.scanner.cursor.slice(token.start.offset, token.start.offset + 1), "|" | ">") && !is_plain;
        let span = if is_below { Span { line: (span.line + 1).min(span.end_line), ..span } } else { span };
        let (value, role) = resolve::scalar(text, is_plain, properties.tag, self.tree.arena)
            .map_err(|message| error_of(span, NoteKind::Unreadable, message))?;
        self.note_unsupported(properties.tag, span);
        self.tree.scalar(value, role, span, properties.tag.and_then(Tag::kept))
    }

    /// Tags that PyYAML knows and CloudFormation refuses:
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-formats.html>, read 2026-11-28.
    pub(super) fn note_unsupported(&mut self, tag: Option<Tag<'t>>, span: Span) {
        if let Some(Tag::Core(name @ ("binary" | "omap" | "pairs" | "set"))) = tag {
            self.tree.note(span, NoteKind::Refused, format!("CloudFormation does not take the tag `!!{name}`"));
        }
    }

    /// An absent value, at the mark.
    pub(super) fn nothing(&mut self, mark: Mark) -> Result<Built<'t>, SyntaxError> {
        self.tree.scalar(Value::Null, Role::Plain, mark.to_line(mark.line, self.tree.file), None)
    }
}

fn root(built: Built<'_>) -> Result<Node<'_>, SyntaxError> {
    refuse_key(built)?;
    Ok(built.node)
}

fn default_handles<'t>() -> Vec<(&'t str, &'t str)> {
    vec![("!", NON_SPECIFIC), ("!!", CORE)]
}
