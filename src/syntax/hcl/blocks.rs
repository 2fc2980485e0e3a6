//! Bodies: arguments and blocks.

use crate::source::{NoteKind, Span};
use crate::syntax::hcl::cursor::Mark;
use crate::syntax::hcl::tree::{Attribute, Block, Body, Expr, ExprKind, Item, Name};
use crate::syntax::hcl::{Parser, Read, Stop};
use crate::syntax::mapping;

/// What a body is the body of.
#[derive(Clone, Copy)]
enum Holder<'t> {
    File,
    Block(Name<'t>, Mark),
}

/// What has to stand behind an item.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    LineBreak,
    /// It is the only item of a block on one line.
    Brace,
}

/// How the items of a body ended.
#[derive(Clone, Copy)]
enum Closed {
    AtBrace,
    /// There is no brace; the last item ended there.
    Behind(Mark),
}

impl<'t> Parser<'t> {
    pub(super) fn file(&mut self) -> Body<'t> {
        self.cursor.pass_byte_order_mark();
        self.body(Holder::File).0
    }

    /// Items up to the end of the file, or to and with the brace that closes the block.
    fn body(&mut self, holder: Holder<'t>) -> (Body<'t>, Closed) {
        let base = self.items.len();
        let errors = self.found.len();
        if let Holder::Block(..) = holder {
            self.one_line_item();
        }
        let closed = self.items_of(holder);
        if let (Closed::Behind(_), false, Holder::Block(kind, start)) = (closed, self.is_spent, holder) {
            self.is_unclosed = true;
            self.complain(start, format!("the block `{}` is not closed", mapping::shown(kind.text)));
        }
        for (first, last) in set_twice(&self.items[base..]) {
            self.note_at(last.span, NoteKind::Unreadable, said_twice(first, last));
        }
        let items = self.arena.alloc_slice_copy(&self.items[base..]);
        self.items.truncate(base);
        (Body { items, is_whole: self.found.len() == errors && !self.is_spent }, closed)
    }

    fn items_of(&mut self, holder: Holder<'t>) -> Closed {
        let mut column = 0;
        loop {
            let end = self.cursor.mark;
            self.cursor.pass_blanks(true);
            if self.is_spent || self.cursor.is_at_end() || self.is_outside(holder) {
                return Closed::Behind(end);
            }
            let start = self.cursor.mark;
            if self.cursor.eat(b'}') {
                if let Holder::Block(..) = holder {
                    return Closed::AtBrace;
                }
                self.complain(start, "a brace is closed that is not open".to_owned());
                continue;
            }
            column = start.column().max(column);
            if self.item(Ending::LineBreak).is_err() {
                self.recover(start, column);
            }
        }
    }

    /// Whether the line here is not indented as the items of a block are. Braces decide, unless one is missing.
    fn is_outside(&self, holder: Holder<'t>) -> bool {
        let Holder::Block(_, start) = holder else { return false };
        let here = self.cursor.mark;
        if !self.closes_by_indentation || here.line == start.line {
            return false;
        }
        match self.cursor.byte() {
            b'}' => here.column() < start.column(),
            _ => here.column() <= start.column() && self.cursor.is_at_identifier(),
        }
    }

    /// The one argument that may stand on the line of a block's brace.
    fn one_line_item(&mut self) {
        self.cursor.pass_blanks(false);
        if !self.cursor.is_at_break() && !self.cursor.is_at_end() && self.cursor.byte() != b'}' && !self.is_spent {
            let start = self.cursor.mark;
            if self.item(Ending::Brace).is_err() && !self.pass_to_last_brace(start) {
                self.recover(start, start.column());
            }
        }
    }

    /// Moves on to the brace at the end of a line that has broken items; `false` where there is none.
    fn pass_to_last_brace(&mut self, start: Mark) -> bool {
        let rest = self.cursor.rest();
        let line = rest.find('\n').map_or(rest, |end| &rest[..end]).trim_end();
        let is_here = self.cursor.mark.line == start.line && line.ends_with('}');
        if is_here {
            self.cursor.pass_to(self.cursor.mark.at + line.len() - 1);
        }
        is_here
    }

    /// An argument or a block, and the end of its line.
    fn item(&mut self, ending: Ending) -> Read<()> {
        let start = self.cursor.mark;
        let Some(name) = self.cursor.identifier() else { return self.refuse_here("an argument or a block") };
        let name = self.name(name, start);
        self.cursor.pass_blanks(false);
        match self.cursor.byte() {
            b'=' if self.cursor.byte_at(1) != b'=' && self.cursor.byte_at(1) != b'>' => {
                self.cursor.pass(1);
                self.attribute(name, start)?;
                self.end_of_item(ending)
            }
            b'"' | b'{' => self.block(name, start, ending),
            _ if self.cursor.is_at_identifier() => self.block(name, start, ending),
            _ => self.refuse_here(&format!("`=`, a label or `{{` behind `{}`", mapping::shown(name.text))),
        }
    }

    fn attribute(&mut self, name: Name<'t>, start: Mark) -> Read<()> {
        let equals = self.cursor.mark;
        let value = self.expression();
        if value.is_err() {
            self.forget_unfinished();
        }
        let unreadable = self.expr_at(ExprKind::Unreadable, equals, equals, 0);
        let kept: Expr<'t> = value.unwrap_or(unreadable);
        let span = Span { end_line: kept.span.end_line, ..self.cursor.span_to(start, start) };
        let mut bytes = self.cursor.bytes_to(start, start);
        bytes.end = kept.bytes.end;
        self.weigh()?;
        self.items.push(Item::Attribute(Attribute { name, value: kept, span, bytes }));
        value.map(|_| ())
    }

    fn block(&mut self, kind: Name<'t>, start: Mark, within: Ending) -> Read<()> {
        if within == Ending::Brace {
            self.complain(start, "a block on one line holds no other block".to_owned());
        }
        let base = self.names.len();
        let labels = self.labels();
        let labels = labels.map(|()| &*self.arena.alloc_slice_copy(&self.names[base..]));
        self.names.truncate(base);
        let labels = labels?;
        self.weigh()?;
        let (body, closed) = self.deeper(|parser| Ok(parser.body(Holder::Block(kind, start))))?;
        let end = match closed {
            Closed::AtBrace => self.cursor.mark,
            Closed::Behind(end) => end,
        };
        let (span, bytes) = (self.cursor.span_to(start, end), self.cursor.bytes_to(start, end));
        self.items.push(Item::Block(Block { kind, labels, body, span, bytes }));
        match closed {
            Closed::AtBrace => self.end_of_item(within),
            Closed::Behind(_) => Ok(()),
        }
    }

    /// Labels, and the brace behind them.
    fn labels(&mut self) -> Read<()> {
        loop {
            self.cursor.pass_blanks(false);
            if self.cursor.eat(b'{') {
                return Ok(());
            }
            let start = self.cursor.mark;
            let label = match self.cursor.identifier() {
                Some(label) => label,
                None if self.cursor.byte() == b'"' => self.label()?,
                None => return self.refuse_here("a label or `{`"),
            };
            let label = self.name(label, start);
            self.weigh()?;
            self.names.push(label);
        }
    }

    fn end_of_item(&mut self, ending: Ending) -> Read<()> {
        self.cursor.pass_blanks(false);
        if ending == Ending::Brace {
            if self.cursor.byte() != b'}' {
                let message = "a block on one line holds one argument and is closed on that line".to_owned();
                self.complain(self.cursor.mark, message);
                return if self.cursor.is_at_break() { Ok(()) } else { Err(Stop) };
            }
            return Ok(());
        }
        match self.cursor.byte() {
            _ if self.cursor.is_at_break() || self.cursor.is_at_end() => Ok(()),
            b'}' => {
                self.complain(self.cursor.mark, "the end of the line is expected, found `}`".to_owned());
                Ok(())
            }
            _ => self.refuse_here("the end of the line"),
        }
    }
}

/// Arguments that are set twice, which Terraform refuses: the first and the last of each.
pub(super) fn set_twice<'t>(items: &[Item<'t>]) -> Vec<(Name<'t>, Name<'t>)> {
    let names: Vec<Name<'t>> = items
        .iter()
        .filter_map(|item| match item {
            Item::Attribute(attribute) => Some(attribute.name),
            Item::Block(_) => None,
        })
        .collect();
    let pairs = mapping::doubled(names.len(), |index| names[index].text);
    pairs.into_iter().map(|(first, last)| (names[first], names[last])).collect()
}

pub(super) fn said_twice(first: Name<'_>, last: Name<'_>) -> String {
    format!("the argument `{}` is set already on line {}", mapping::shown(last.text), first.span.line)
}
