//! Lists and mappings made of tokens.
//!
//! Comes in: tokens from the first of a collection on. Goes out: the collection. What is missing in it is `Null`.

use crate::source::{NoteKind, Span};
use crate::syntax::SyntaxError;
use crate::syntax::yaml::error_of;
use crate::syntax::yaml::tag::Tag;
use crate::syntax::yaml::tree::{Built, Role};
use crate::syntax::yaml::yaml11::composer::{Composer, Properties};
use crate::syntax::yaml::yaml11::token::{Kind, Token};

/// A collection whose end has not come yet.
struct Open<'t> {
    span: Span,
    tag: Option<Tag<'t>>,
    /// Number of children of the lists and mappings around it.
    first: usize,
}

impl<'t> Composer<'t, '_, '_> {
    pub(super) fn block_list(&mut self, properties: Properties<'t>) -> Result<Built<'t>, SyntaxError> {
        let open = self.open_list(properties)?;
        self.scanner.take()?;
        while self.is_at(|kind| *kind == Kind::BlockEntry)? {
            self.entry(|kind| matches!(kind, Kind::BlockEntry | Kind::BlockEnd))?;
        }
        self.take_block_end()?;
        self.close_list(open, None)
    }

    /// A list at the column of the mapping around it, which no token ends.
    pub(super) fn indentless_list(&mut self, properties: Properties<'t>) -> Result<Built<'t>, SyntaxError> {
        let open = self.open_list(properties)?;
        while self.is_at(|kind| *kind == Kind::BlockEntry)? {
            self.entry(|kind| matches!(kind, Kind::BlockEntry | Kind::Key | Kind::Value | Kind::BlockEnd))?;
        }
        self.close_list(open, None)
    }

    fn entry(&mut self, is_absent_before: fn(&Kind<'t>) -> bool) -> Result<(), SyntaxError> {
        let token = self.scanner.take()?;
        let item = if self.is_at(is_absent_before)? { self.nothing(token.start)? } else { self.node(true, false)? };
        self.items.push(item);
        Ok(())
    }

    pub(super) fn block_mapping(&mut self, properties: Properties<'t>) -> Result<Built<'t>, SyntaxError> {
        let open = self.open_mapping(properties)?;
        self.scanner.take()?;
        let is_absent_before = |kind: &Kind<'t>| matches!(kind, Kind::Key | Kind::Value | Kind::BlockEnd);
        while self.is_at(|kind| *kind == Kind::Key)? {
            let token = self.scanner.take()?;
            let key = if self.is_at(is_absent_before)? { self.nothing(token.start)? } else { self.node(true, true)? };
            let token = self.scanner.peek()?;
            let value = if token.kind == Kind::Value {
                self.scanner.take()?;
                if self.is_at(is_absent_before)? { self.nothing(token.start)? } else { self.node(true, true)? }
            } else {
                self.nothing(token.start)?
            };
            self.pairs.push((key, value));
        }
        self.take_block_end()?;
        self.close_mapping(open, None)
    }

    fn take_block_end(&mut self) -> Result<(), SyntaxError> {
        let token = self.scanner.take()?;
        match token.kind {
            Kind::BlockEnd => Ok(()),
            kind => Err(token.start.error(format!("{} stands within an indented block: is it indented wrongly?", kind.word()))),
        }
    }

    pub(super) fn flow_list(&mut self, properties: Properties<'t>) -> Result<Built<'t>, SyntaxError> {
        let open = self.open_list(properties)?;
        self.scanner.take()?;
        while !self.is_at(|kind| *kind == Kind::FlowSequenceEnd)? {
            if self.items.len() > open.first {
                self.take_comma("`]`")?;
            }
            match self.scanner.peek()?.kind {
                Kind::FlowSequenceEnd => break,
                Kind::Key => {
                    let item = self.single_pair()?;
                    self.items.push(item);
                }
                _ => {
                    let item = self.node(false, false)?;
                    self.items.push(item);
                }
            }
        }
        let end = self.scanner.take()?;
        self.close_list(open, Some(end))
    }

    /// `[key: value]`: a mapping of one entry.
    fn single_pair(&mut self) -> Result<Built<'t>, SyntaxError> {
        let open = self.open_mapping(Properties::none())?;
        let pair = self.flow_pair(|kind| matches!(kind, Kind::FlowEntry | Kind::FlowSequenceEnd))?;
        self.pairs.push(pair);
        self.close_mapping(open, None)
    }

    pub(super) fn flow_mapping(&mut self, properties: Properties<'t>) -> Result<Built<'t>, SyntaxError> {
        let open = self.open_mapping(properties)?;
        self.scanner.take()?;
        while !self.is_at(|kind| *kind == Kind::FlowMappingEnd)? {
            if self.pairs.len() > open.first {
                self.take_comma("`}`")?;
            }
            match self.scanner.peek()?.kind {
                Kind::FlowMappingEnd => break,
                Kind::Key => {
                    let pair = self.flow_pair(|kind| matches!(kind, Kind::FlowEntry | Kind::FlowMappingEnd))?;
                    self.pairs.push(pair);
                }
                _ => {
                    let key = self.node(false, false)?;
                    let next = self.scanner.peek()?.start;
                    let value = self.nothing(next)?;
                    self.pairs.push((key, value));
                }
            }
        }
        let end = self.scanner.take()?;
        self.close_mapping(open, Some(end))
    }

    fn flow_pair(&mut self, is_end: fn(&Kind<'t>) -> bool) -> Result<(Built<'t>, Built<'t>), SyntaxError> {
        let token = self.scanner.take()?;
        let key =
            if self.is_at(|kind| *kind == Kind::Value || is_end(kind))? { self.nothing(token.start)? } else { self.node(false, false)? };
        let token = self.scanner.peek()?;
        if token.kind != Kind::Value {
            return Ok((key, self.nothing(token.start)?));
        }
        self.scanner.take()?;
        let value = if self.is_at(is_end)? { self.nothing(token.start)? } else { self.node(false, false)? };
        Ok((key, value))
    }

    fn take_comma(&mut self, end: &str) -> Result<(), SyntaxError> {
        let token = self.scanner.take()?;
        match token.kind {
            Kind::FlowEntry => Ok(()),
            kind => Err(token.start.error(format!("`,` or {end} is missing before {}", kind.word()))),
        }
    }

    fn open_list(&mut self, properties: Properties<'t>) -> Result<Open<'t>, SyntaxError> {
        self.open(properties, self.items.len(), &["seq", "omap", "pairs"])
    }

    fn open_mapping(&mut self, properties: Properties<'t>) -> Result<Open<'t>, SyntaxError> {
        self.open(properties, self.pairs.len(), &["map", "set"])
    }

    fn open(&mut self, properties: Properties<'t>, first: usize, core: &[&str]) -> Result<Open<'t>, SyntaxError> {
        let token = self.scanner.peek()?;
        let span = properties.tag_start.unwrap_or(token.start).to_line(token.start.line, self.tree.file);
        match properties.tag {
            None | Some(Tag::NonSpecific | Tag::Local(_)) => {}
            Some(Tag::Core(name)) if core.contains(&name) => {}
            Some(tag @ (Tag::Core(_) | Tag::Other(_))) => return Err(error_of(span, NoteKind::Unreadable, tag.unknown())),
        }
        self.note_unsupported(properties.tag, span);
        self.tree.enter(self.depth, span)?;
        self.depth += 1;
        Ok(Open { span, tag: properties.tag, first })
    }

    fn close_list(&mut self, open: Open<'t>, end: Option<Token<'t>>) -> Result<Built<'t>, SyntaxError> {
        self.depth -= 1;
        let items = self.items.get(open.first..).unwrap_or_default();
        for item in items {
            refuse_key(*item)?;
        }
        let span = ended(open.span, items.last(), end);
        let list = self.tree.list(items, span, open.tag.and_then(Tag::kept));
        self.items.truncate(open.first);
        Ok(list)
    }

    fn close_mapping(&mut self, open: Open<'t>, end: Option<Token<'t>>) -> Result<Built<'t>, SyntaxError> {
        self.depth -= 1;
        let pairs = self.pairs.get(open.first..).unwrap_or_default();
        for (_, value) in pairs {
            refuse_key(*value)?;
        }
        let span = ended(open.span, pairs.last().map(|(_, value)| value), end);
        let mapping = self.tree.mapping_of_yaml11(pairs, span, open.tag.and_then(Tag::kept))?;
        self.pairs.truncate(open.first);
        Ok(mapping)
    }
}

/// `<<` and `=` are keys: PyYAML makes no value of them.
pub(super) fn refuse_key(value: Built<'_>) -> Result<(), SyntaxError> {
    match value.role {
        Role::Plain => Ok(()),
        Role::Merge | Role::DefaultValue => Err(error_of(
            value.node.span,
            NoteKind::Unreadable,
            "`<<` and `=` are keys in YAML 1.1: quote them where they are text".to_owned(),
        )),
    }
}

/// A block collection ends with its last child, a flow collection with its bracket.
fn ended(span: Span, last: Option<&Built<'_>>, end: Option<Token<'_>>) -> Span {
    let of_last = last.map_or(span.line, |last| last.node.span.end_line);
    let of_end = end.map_or(span.line, |end| crate::syntax::line(end.end_line + 1));
    Span { end_line: of_last.max(of_end).max(span.line), ..span }
}
