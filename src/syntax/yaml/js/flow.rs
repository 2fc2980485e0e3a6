//! Collections in brackets, as js-yaml reads them.
//!
//! Comes in: a reader at `[` or `{`. Goes out: the state with the collection, and whether there was one.

use crate::source::Span;
use crate::syntax::SyntaxError;
use crate::syntax::yaml::js::cursor::{Position, is_blank_or_break};
use crate::syntax::yaml::js::resolve;
use crate::syntax::yaml::js::{Anchor, Content, Context, Kind, Reader, State};
use crate::syntax::yaml::tree::{Built, Pair, Role};

impl<'t> Reader<'t, '_, '_> {
    pub(super) fn flow_collection(&mut self, indent: isize) -> Result<bool, SyntaxError> {
        let (end, kind) = match self.cursor.byte() {
            b'[' => (b']', Kind::Sequence),
            b'{' => (b'}', Kind::Mapping),
            _ => return Ok(false),
        };
        let (start, outer) = (self.cursor.at, self.state);
        let span = self.span(start);
        self.tree.enter(self.open, span)?;
        self.open += 1;
        self.store_anchor(outer.anchor, Anchor::Open);
        self.cursor.at.offset += 1;
        let (mut items, mut pairs): (Vec<Built<'t>>, Vec<Pair<'t>>) = (Vec::new(), Vec::new());
        let mut may_follow = true;
        loop {
            self.cursor.pass_space(true)?;
            let byte = self.cursor.byte();
            if byte == 0 {
                self.cursor.at = start;
                return Err(self.error("the collection that begins here has no end"));
            } else if byte == end {
                break;
            } else if !may_follow {
                return Err(self.error("`,` is missing in a collection"));
            } else if byte == b',' {
                return Err(self.error("a value is missing before `,`"));
            }
            let (key, value) = self.flow_entry(indent)?;
            match (kind, value) {
                (Kind::Mapping, value) => {
                    let value = value.map_or_else(|| self.built(Content::Nothing, self.cursor.at), Ok)?;
                    pairs.push((key, value));
                }
                (Kind::Sequence | Kind::Scalar, Some(value)) => items.push(self.single_pair(key, value)?),
                (Kind::Sequence | Kind::Scalar, None) => items.push(Built { role: Role::Plain, ..key }),
            }
            self.cursor.pass_space(true)?;
            may_follow = self.is_at(b',');
            if may_follow {
                self.cursor.at.offset += 1;
            }
        }
        self.cursor.at.offset += 1;
        self.open -= 1;
        let span = self.span(start);
        let built = match kind {
            Kind::Mapping => self.tree.mapping_of_js(&pairs, span, None)?,
            Kind::Sequence | Kind::Scalar => self.tree.list(&items, span, None),
        };
        self.state = State { kind: Some(kind), result: Content::Node(built), ..outer };
        Ok(true)
    }

    /// A node, and what stands behind its colon.
    fn flow_entry(&mut self, indent: isize) -> Result<(Built<'t>, Option<Built<'t>>), SyntaxError> {
        let is_explicit = self.is_at(b'?') && is_blank_or_break(self.cursor.next_byte());
        if is_explicit {
            self.cursor.at.offset += 1;
            self.cursor.pass_space(true)?;
        }
        let start = self.cursor.at;
        self.node(indent, Context::FlowIn, false, true)?;
        let key = self.key(start)?;
        self.cursor.pass_space(true)?;
        if (is_explicit || self.cursor.at.line == start.line) && self.is_at(b':') {
            self.cursor.at.offset += 1;
            self.cursor.pass_space(true)?;
            let from = self.cursor.at;
            self.node(indent, Context::FlowIn, false, true)?;
            return Ok((key, Some(self.child(from)?)));
        }
        let value = if is_explicit { Some(self.built(Content::Nothing, start)?) } else { None };
        Ok((key, value))
    }

    /// What was read last as a key.
    pub(super) fn key(&mut self, from: Position) -> Result<Built<'t>, SyntaxError> {
        let role = if self.state.tag == Some(resolve::MERGE) { Role::Merge } else { Role::Plain };
        Ok(Built { role, ..self.child(from)? })
    }

    fn single_pair(&mut self, key: Built<'t>, value: Built<'t>) -> Result<Built<'t>, SyntaxError> {
        self.tree.enter(self.open, key.node.span)?;
        let span = Span { end_line: value.node.span.end_line.max(key.node.span.line), ..key.node.span };
        self.tree.mapping_of_js(&[(key, value)], span, None)
    }
}
