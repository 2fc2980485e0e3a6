//! Indented collections, as js-yaml reads them.
//!
//! Comes in: a reader at the first entry. Goes out: the state with the collection, and whether there was one. What turns out to be a value
//! without a colon stays in the state as it is.

use crate::source::Span;
use crate::syntax::SyntaxError;
use crate::syntax::yaml::js::cursor::{Position, is_blank, is_blank_or_break};
use crate::syntax::yaml::js::{Anchor, Content, Context, Kind, Reader, State};
use crate::syntax::yaml::tree::{Built, Pair};

/// A block mapping that is being read.
struct Mapping<'t> {
    start: Position,
    pairs: Vec<Pair<'t>>,
    /// The key whose value has not come yet, and where it begins.
    key: Option<Built<'t>>,
    key_start: Position,
    /// The key was announced by `?`.
    is_explicit: bool,
    is_detected: bool,
}

/// What one step of reading a mapping has found.
enum Step {
    /// A key, or the sign before one or before its value; whether a collection may begin behind it on its line.
    Sign { allows_compact: bool },
    /// No key: nothing at all, or a value that stands for the whole node.
    End { is_value: bool },
}

impl<'t> Reader<'t, '_, '_> {
    pub(super) fn block_sequence(&mut self, indent: isize) -> Result<bool, SyntaxError> {
        if self.cursor.at.first_tab.is_some() {
            return Ok(false);
        }
        let (start, outer) = (self.cursor.at, self.state);
        self.store_anchor(outer.anchor, Anchor::Open);
        let mut items = Vec::new();
        while self.cursor.byte() != 0 {
            self.refuse_tab()?;
            if !self.is_at(b'-') || !is_blank_or_break(self.cursor.next_byte()) {
                break;
            }
            if items.is_empty() {
                self.begin(start)?;
            }
            let dash = self.cursor.at;
            self.cursor.at.offset += 1;
            if self.cursor.pass_space(true)? > 0 && self.cursor.at.line_indent <= indent {
                items.push(self.built(Content::Nothing, dash)?);
                continue;
            }
            let line = self.cursor.at.line;
            self.node(indent, Context::BlockIn, false, true)?;
            items.push(self.child(dash)?);
            self.cursor.pass_space(true)?;
            if self.is_indented_wrongly(line, indent) {
                return Err(self.error("a list entry is indented wrongly"));
            }
            if self.cursor.at.line_indent < indent {
                break;
            }
        }
        if items.is_empty() {
            return Ok(false);
        }
        self.open -= 1;
        let span = self.ended(start, items.last());
        let list = self.tree.list(&items, span, None);
        self.state = State { kind: Some(Kind::Sequence), result: Content::Node(list), ..outer };
        Ok(true)
    }

    /// A collection is known to begin there.
    fn begin(&mut self, start: Position) -> Result<(), SyntaxError> {
        let span = self.span(start);
        self.tree.enter(self.open, span)?;
        self.open += 1;
        Ok(())
    }

    fn ended(&mut self, start: Position, last: Option<&Built<'t>>) -> Span {
        let span = self.cursor.span(start, start.line, self.tree.file);
        Span { end_line: last.map_or(span.line, |last| last.node.span.end_line).max(span.line), ..span }
    }

    fn refuse_tab(&mut self) -> Result<(), SyntaxError> {
        match self.cursor.at.first_tab {
            None => Ok(()),
            Some(tab) => {
                self.cursor.at.offset = tab;
                Err(self.error("a tab stands where lines are indented: use spaces"))
            }
        }
    }

    fn is_indented_wrongly(&self, line: usize, indent: isize) -> bool {
        (self.cursor.at.line == line || self.cursor.at.line_indent > indent) && self.cursor.byte() != 0
    }

    pub(super) fn block_mapping(&mut self, indent: isize, flow_indent: isize) -> Result<bool, SyntaxError> {
        if self.cursor.at.first_tab.is_some() {
            return Ok(false);
        }
        let (start, outer) = (self.cursor.at, self.state);
        self.store_anchor(outer.anchor, Anchor::Open);
        let mut mapping = Mapping { start, pairs: Vec::new(), key: None, key_start: start, is_explicit: false, is_detected: false };
        while self.cursor.byte() != 0 {
            if !mapping.is_explicit {
                self.refuse_tab()?;
            }
            let line = self.cursor.at.line;
            let allows_compact = match self.step(&mut mapping, flow_indent)? {
                Step::Sign { allows_compact } => allows_compact,
                Step::End { is_value: true } => {
                    self.state = State { tag: outer.tag, anchor: outer.anchor, ..self.state };
                    return Ok(true);
                }
                Step::End { is_value: false } => break,
            };
            if self.cursor.at.line == line || self.cursor.at.line_indent > indent {
                self.entry(&mut mapping, indent, allows_compact)?;
            }
            if self.is_indented_wrongly(line, indent) {
                return Err(self.error("an entry of a mapping is indented wrongly"));
            }
            if self.cursor.at.line_indent < indent {
                break;
            }
        }
        if mapping.is_explicit {
            self.store(&mut mapping, None)?;
        }
        if !mapping.is_detected {
            return Ok(false);
        }
        self.open -= 1;
        let span = self.ended(start, mapping.pairs.last().map(|(_, value)| value));
        let built = self.tree.mapping_of_js(&mapping.pairs, span, None)?;
        self.state = State { kind: Some(Kind::Mapping), result: Content::Node(built), ..outer };
        Ok(true)
    }

    /// Reads `?`, `:` or a key with its colon.
    fn step(&mut self, mapping: &mut Mapping<'t>, flow_indent: isize) -> Result<Step, SyntaxError> {
        let byte = self.cursor.byte();
        if !(matches!(byte, b'?' | b':') && is_blank_or_break(self.cursor.next_byte())) {
            return self.implicit_key(mapping, flow_indent);
        }
        if byte == b'?' {
            if mapping.is_explicit {
                self.store(mapping, None)?;
            }
            self.detect(mapping)?;
            mapping.is_explicit = true;
        } else if mapping.is_explicit {
            mapping.is_explicit = false;
        } else {
            return Err(self.error("a value stands here without its key"));
        }
        self.cursor.at.offset += 1;
        Ok(Step::Sign { allows_compact: true })
    }

    fn implicit_key(&mut self, mapping: &mut Mapping<'t>, flow_indent: isize) -> Result<Step, SyntaxError> {
        let start = self.cursor.at;
        mapping.key_start = start;
        if !self.node(flow_indent, Context::FlowOut, false, true)? {
            return Ok(Step::End { is_value: false });
        }
        if self.cursor.at.line != start.line {
            let refusal = "a key stands on one line, with its colon";
            return if mapping.is_detected { Err(self.error(refusal)) } else { Ok(Step::End { is_value: true }) };
        }
        self.cursor.pass_while(is_blank);
        if !self.is_at(b':') {
            let refusal = "a key has no colon";
            return if mapping.is_detected { Err(self.error(refusal)) } else { Ok(Step::End { is_value: true }) };
        }
        self.cursor.at.offset += 1;
        if !is_blank_or_break(self.cursor.byte()) {
            return Err(self.error("a space is missing behind the colon of a key"));
        }
        let key = self.key(start)?;
        if mapping.is_explicit {
            self.store(mapping, None)?;
        }
        self.detect(mapping)?;
        mapping.is_explicit = false;
        mapping.key = Some(key);
        mapping.key_start = start;
        Ok(Step::Sign { allows_compact: false })
    }

    fn detect(&mut self, mapping: &mut Mapping<'t>) -> Result<(), SyntaxError> {
        if !std::mem::replace(&mut mapping.is_detected, true) {
            self.begin(mapping.start)?;
        }
        Ok(())
    }

    /// Reads what stands behind a sign or a key: an explicit key, or a value.
    fn entry(&mut self, mapping: &mut Mapping<'t>, indent: isize, allows_compact: bool) -> Result<(), SyntaxError> {
        let start = self.cursor.at;
        if mapping.is_explicit {
            mapping.key_start = start;
        }
        let is_there = self.node(indent, Context::BlockOut, true, allows_compact)?;
        if mapping.is_explicit {
            if is_there {
                mapping.key = Some(self.child(start)?);
            }
        } else {
            let value = if is_there { Some(self.child(start)?) } else { None };
            self.store(mapping, value)?;
        }
        self.cursor.pass_space(true)?;
        Ok(())
    }

    /// Ends the pair of the current key.
    fn store(&mut self, mapping: &mut Mapping<'t>, value: Option<Built<'t>>) -> Result<(), SyntaxError> {
        let at = mapping.key_start;
        let key = mapping.key.take().map_or_else(|| self.built(Content::Nothing, at), Ok)?;
        let value = value.map_or_else(|| self.built(Content::Nothing, at), Ok)?;
        mapping.pairs.push((key, value));
        Ok(())
    }
}
