//! The pieces of templates: texts with their escapes, and what stands between them.

use crate::source::Span;
use crate::syntax::hcl::cursor::Mark;
use crate::syntax::hcl::tree::{Expr, Variables};
use crate::syntax::hcl::{Parser, Read};

/// What a template is cut into, in order.
#[derive(Clone, Copy)]
pub(super) enum Piece<'t> {
    Literal(Literal<'t>),
    Value(Expr<'t>),
    If(Expr<'t>, Span),
    Else(Mark),
    EndIf(Mark),
    For(Variables<'t>, Expr<'t>, Span),
    EndFor(Mark),
}

/// A text of at most one line.
#[derive(Clone, Copy)]
pub(super) struct Literal<'t> {
    pub(super) text: &'t str,
    /// Where it begins in the text that is read; `None` where escapes were resolved.
    pub(super) offset: Option<usize>,
    pub(super) start: Mark,
}

/// What a literal stands in. In quotes it has escapes and ends with them, elsewhere it ends with its line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Notation {
    Quotes,
    Heredoc,
    Text,
}

impl<'t> Literal<'t> {
    /// Without so many bytes at its beginning.
    pub(super) fn without_start(self, bytes: usize) -> Self {
        let text = self.text.get(bytes..).unwrap_or_default();
        Self { text, offset: self.offset.map(|offset| offset + bytes), ..self }
    }

    pub(super) fn trimmed_start(self) -> Self {
        self.without_start(self.text.len() - self.text.trim_start().len())
    }

    pub(super) fn trimmed_end(self) -> Self {
        Self { text: self.text.trim_end(), ..self }
    }
}

impl<'t> Parser<'t> {
    /// The text up to what ends it: an interpolation, a directive, the quotes, the end of the line (which it has with it).
    pub(super) fn literal(&mut self, notation: Notation) -> Literal<'t> {
        let start = self.cursor.mark;
        let mut decoded: Option<String> = None;
        let mut copied = start.at;
        // Behind a carriage return within a line, Terraform finds no interpolation in a text of its own, up to the end.
        let mut is_rest = false;
        loop {
            match self.cursor.byte() {
                0 if self.cursor.is_at_end() => break,
                b'"' | b'\n' | b'\r' if notation == Notation::Quotes => break,
                b'\n' if !is_rest => {
                    self.cursor.pass_any();
                    break;
                }
                b'\r' if notation == Notation::Heredoc && !self.cursor.is_at_break() => {
                    self.complain(self.cursor.mark, "a carriage return stands within a line".to_owned());
                    self.cursor.pass(1);
                }
                b'\r' if notation == Notation::Text && !is_rest && !self.cursor.is_at_break() => {
                    if self.cursor.mark.at > start.at {
                        break;
                    }
                    is_rest = true;
                    self.cursor.pass(1);
                }
                b'\\' if notation == Notation::Quotes => {
                    let text = decoded.get_or_insert_default();
                    text.push_str(self.cursor.slice(copied));
                    self.escape(text);
                    copied = self.cursor.mark.at;
                }
                sign @ (b'$' | b'%') => {
                    let count = self.cursor.rest().bytes().take_while(|byte| *byte == sign).count();
                    if self.cursor.byte_at(count) != b'{' {
                        self.cursor.pass(count);
                        continue;
                    }
                    if is_rest && count != 2 {
                        self.cursor.pass(count);
                        continue;
                    }
                    if count == 1 {
                        break;
                    }
                    // Doubled: the sign once less, and no interpolation.
                    self.cursor.pass(count - 1);
                    decoded.get_or_insert_default().push_str(self.cursor.slice(copied));
                    self.cursor.pass(1);
                    copied = self.cursor.mark.at;
                    self.cursor.pass(1);
                }
                _ => self.cursor.pass_any(),
            }
        }
        let rest = self.cursor.slice(copied);
        match decoded {
            None => Literal { text: rest, offset: Some(start.at), start },
            Some(text) => Literal { text: self.arena.alloc_str(&(text + rest)), offset: None, start },
        }
    }

    /// Resolves an escape. What is none stays as it is written, and is noted.
    fn escape(&mut self, text: &mut String) {
        let start = self.cursor.mark;
        self.cursor.pass(1);
        let (digits, resolved) = match self.cursor.byte() {
            b'n' => (0, Some('\n')),
            b'r' => (0, Some('\r')),
            b't' => (0, Some('\t')),
            b'"' => (0, Some('"')),
            b'\\' => (0, Some('\\')),
            b'u' => (4, self.code_point(4)),
            b'U' => (8, self.code_point(8)),
            _ => (0, None),
        };
        if let Some(character) = resolved {
            self.cursor.pass(1 + digits);
            text.push(character);
        } else {
            let shown = self.cursor.character().filter(|next| !next.is_control()).map_or_else(String::new, String::from);
            self.complain(start, format!("`\\{shown}` is no escape"));
            text.push('\\');
        }
    }

    fn code_point(&self, digits: usize) -> Option<char> {
        let written = self.cursor.rest().get(1..=digits).filter(|written| written.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        u32::from_str_radix(written, 16).ok().and_then(char::from_u32)
    }

    /// A quoted label of a block.
    pub(super) fn label(&mut self) -> Read<&'t str> {
        self.cursor.pass(1);
        let literal = self.literal(Notation::Quotes);
        match self.cursor.byte() {
            b'"' => {
                self.cursor.pass(1);
                Ok(literal.text)
            }
            b'$' | b'%' => self.refuse(self.cursor.mark, "a label holds no interpolation".to_owned()),
            _ => self.refuse_here("`\"` at the end of the label"),
        }
    }
}
