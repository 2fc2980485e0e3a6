//! Directives of templates, `%{ if … }` and `%{ for … }`, and the nesting that they make of pieces.

use crate::syntax::hcl::cursor::Mark;
use crate::syntax::hcl::literals::Piece;
use crate::syntax::hcl::tree::{ForDirective, If, Part};
use crate::syntax::hcl::{Parser, Read};

/// Parts up to what closes them.
struct Nested<'t> {
    parts: &'t [Part<'t>],
    /// The height of their highest expression.
    below: u16,
    closing: Closing,
}

#[derive(Clone, Copy)]
enum Closing {
    End,
    Else(Mark),
    EndIf(Mark),
    EndFor(Mark),
}

impl<'t> Parser<'t> {
    /// A directive behind its `%{`.
    pub(super) fn directive(&mut self, start: Mark) -> Read<Piece<'t>> {
        self.pass_blanks();
        let at = self.cursor.mark;
        let span = self.cursor.span(start);
        match self.cursor.identifier() {
            Some("if") => Ok(Piece::If(self.expression()?, span)),
            Some("else") => Ok(Piece::Else(start)),
            Some("endif") => Ok(Piece::EndIf(start)),
            Some("for") => {
                let variables = self.for_variables()?;
                Ok(Piece::For(variables, self.expression()?, span))
            }
            Some("endfor") => Ok(Piece::EndFor(start)),
            Some(_) | None => self.refuse(at, "`if`, `else`, `endif`, `for` or `endfor` is expected behind `%{`".to_owned()),
        }
    }

    /// All pieces from `base` on as parts, and the height of their highest expression.
    pub(super) fn nested_parts(&mut self, base: usize) -> Read<(&'t [Part<'t>], u16)> {
        let mut at = base;
        let nested = self.parts_from(&mut at)?;
        match nested.closing.found() {
            Some((mark, found)) => self.refuse(mark, format!("no directive is open that `{found}` may end")),
            None => Ok((nested.parts, nested.below)),
        }
    }

    fn parts_from(&mut self, at: &mut usize) -> Read<Nested<'t>> {
        let base = self.parts.len();
        let mut below = 0;
        let closing = loop {
            let Some(piece) = self.pieces.get(*at).copied() else { break Closing::End };
            let from = *at;
            *at += 1;
            let part = match piece {
                Piece::Literal(_) => {
                    while let Some(Piece::Literal(_)) = self.pieces.get(*at) {
                        *at += 1;
                    }
                    let Some(text) = self.melded(from, *at) else { continue };
                    text
                }
                Piece::Value(value) => {
                    below = below.max(value.height);
                    Part::Value(value)
                }
                Piece::If(condition, span) => {
                    let yes = self.deeper(|parser| parser.parts_from(at))?;
                    let no = match yes.closing {
                        Closing::Else(_) => self.deeper(|parser| parser.parts_from(at))?,
                        closing => Nested { parts: &[], below: 0, closing },
                    };
                    if !matches!(no.closing, Closing::EndIf(_)) {
                        return self.refuse_closing(no.closing, "`%{ endif }`");
                    }
                    below = below.max(condition.height).max(yes.below.max(no.below) + 1);
                    Part::If(self.arena.alloc(If { condition, yes: yes.parts, no: no.parts, span }))
                }
                Piece::For(variables, collection, span) => {
                    let inner = self.deeper(|parser| parser.parts_from(at))?;
                    if !matches!(inner.closing, Closing::EndFor(_)) {
                        return self.refuse_closing(inner.closing, "`%{ endfor }`");
                    }
                    below = below.max(collection.height).max(inner.below + 1);
                    Part::For(self.arena.alloc(ForDirective { variables, collection, parts: inner.parts, span }))
                }
                Piece::Else(mark) => break Closing::Else(mark),
                Piece::EndIf(mark) => break Closing::EndIf(mark),
                Piece::EndFor(mark) => break Closing::EndFor(mark),
            };
            self.weigh()?;
            self.parts.push(part);
        };
        let parts = self.arena.alloc_slice_copy(&self.parts[base..]);
        self.parts.truncate(base);
        Ok(Nested { parts, below, closing })
    }

    /// Literals that stand side by side, as one text; `None` where nothing is left of them.
    fn melded(&self, from: usize, to: usize) -> Option<Part<'t>> {
        let literals = || {
            self.pieces[from..to].iter().filter_map(|piece| match piece {
                Piece::Literal(literal) if !literal.text.is_empty() => Some(*literal),
                _ => None,
            })
        };
        let (first, last) = (literals().next()?, literals().next_back()?);
        let mut next = first.offset;
        let is_slice = literals().all(|literal| {
            let adjoins = literal.offset.is_some() && literal.offset == next;
            next = literal.offset.map(|offset| offset + literal.text.len());
            adjoins
        });
        let text = match (first.offset, next) {
            (Some(start), Some(end)) if is_slice => self.cursor.text.get(start..end).unwrap_or_default(),
            _ if literals().nth(1).is_none() => first.text,
            _ => self.arena.alloc_str(&literals().map(|literal| literal.text).collect::<String>()),
        };
        Some(Part::Text(text, self.cursor.span_to(first.start, last.start)))
    }

    fn refuse_closing<T>(&mut self, found: Closing, wanted: &str) -> Read<T> {
        match found.found() {
            Some((mark, found)) => self.refuse(mark, format!("{wanted} is expected, found `{found}`")),
            None => self.refuse_here(wanted),
        }
    }
}

impl Closing {
    /// The directive, and where it stands.
    fn found(self) -> Option<(Mark, &'static str)> {
        match self {
            Self::End => None,
            Self::Else(mark) => Some((mark, "%{ else }")),
            Self::EndIf(mark) => Some((mark, "%{ endif }")),
            Self::EndFor(mark) => Some((mark, "%{ endfor }")),
        }
    }
}
