//! Anchors, aliases, tags and directives of YAML 1.1.
//!
//! Comes in: a text at `&`, `*`, `!` or `%`. Goes out: their tokens. A handle is not resolved here.

use crate::syntax::SyntaxError;
use crate::syntax::yaml::yaml11::cursor::{is_blank_or_break, is_break, is_space_or_break, shown};
use crate::syntax::yaml::yaml11::scanner::Scanner;
use crate::syntax::yaml::yaml11::token::{Directive, Kind, Token};

/// The tag `!` alone.
pub(super) const NON_SPECIFIC: &str = "!";

impl<'t> Scanner<'t> {
    pub(super) fn scan_anchor(&mut self) -> Result<Token<'t>, SyntaxError> {
        let start = self.cursor.mark();
        let is_alias = self.cursor.peek() == b'*';
        self.cursor.pass(1);
        let name = self.cursor.pass_while(is_word);
        let next = self.cursor.peek();
        if name.is_empty() || !(is_blank_or_break(next) || b"?:,]}%@`".contains(&next)) {
            let message = format!("{} stands in a name of letters, digits, `-` and `_`", shown(self.cursor.rest()));
            return Err(self.error(message));
        }
        let kind = if is_alias { Kind::Alias(name) } else { Kind::Anchor(name) };
        Ok(Token { kind, start, end_line: start.line })
    }

    pub(super) fn scan_tag(&mut self) -> Result<Token<'t>, SyntaxError> {
        let start = self.cursor.mark();
        let kind = match self.cursor.peek_at(1) {
            b'<' => {
                self.cursor.pass(2);
                let suffix = self.scan_uri()?;
                if self.cursor.peek() != b'>' {
                    return Err(self.error("a tag that begins with `!<` ends with `>`"));
                }
                self.cursor.pass(1);
                Kind::Tag(None, suffix)
            }
            next if is_blank_or_break(next) => {
                self.cursor.pass(1);
                Kind::Tag(None, NON_SPECIFIC)
            }
            _ => {
                let handle = if self.is_at_named_handle() { self.scan_handle()? } else { self.cursor_slice(1) };
                Kind::Tag(Some(handle), self.scan_uri()?)
            }
        };
        if !is_space_or_break(self.cursor.peek()) {
            return Err(self.error(format!("{} stands behind a tag instead of a space", shown(self.cursor.rest()))));
        }
        Ok(Token { kind, start, end_line: start.line })
    }

    /// Whether a second `!` stands in the tag that begins here.
    fn is_at_named_handle(&self) -> bool {
        self.cursor.rest().bytes().skip(1).take_while(|byte| !is_space_or_break(*byte)).any(|byte| byte == b'!')
    }

    fn cursor_slice(&mut self, length: usize) -> &'t str {
        let from = self.cursor.mark().offset;
        self.cursor.pass(length);
        self.cursor.since(from)
    }

    /// `!`, `!!` or `!name!`.
    fn scan_handle(&mut self) -> Result<&'t str, SyntaxError> {
        let from = self.cursor.mark().offset;
        if self.cursor.peek() != b'!' {
            return Err(self.error(format!("a handle of tags begins with `!`, not with {}", shown(self.cursor.rest()))));
        }
        self.cursor.pass(1);
        if self.cursor.peek() != b' ' {
            self.cursor.pass_while(is_word);
            if self.cursor.peek() != b'!' {
                return Err(self.error(format!("a handle of tags ends with `!`, not with {}", shown(self.cursor.rest()))));
            }
            self.cursor.pass(1);
        }
        Ok(self.cursor.since(from))
    }

    fn scan_uri(&mut self) -> Result<&'t str, SyntaxError> {
        let written = self.cursor.pass_while(|byte| byte.is_ascii_alphanumeric() || b"-;/?:@&=+$,_.!~*'()[]%".contains(&byte));
        if written.is_empty() {
            return Err(self.error(format!("a tag has a name; found {}", shown(self.cursor.rest()))));
        }
        if !written.contains('%') {
            return Ok(written);
        }
        let decoded = decode(written).ok_or_else(|| self.error("an escape of a tag is `%` and two hexadecimal digits, in UTF-8"))?;
        Ok(self.arena.alloc_str(&decoded))
    }

    pub(super) fn scan_directive(&mut self) -> Result<Directive<'t>, SyntaxError> {
        self.cursor.pass(1);
        let name = self.cursor.pass_while(is_word);
        if name.is_empty() || !is_space_or_break(self.cursor.peek()) {
            return Err(self.error(format!("a directive has a name; found {}", shown(self.cursor.rest()))));
        }
        let directive = match name {
            "YAML" => self.scan_version()?,
            "TAG" => self.scan_tag_directive()?,
            _ => {
                self.cursor.pass_line();
                Directive::Other
            }
        };
        self.cursor.pass_spaces();
        self.pass_comment();
        if !is_break(self.cursor.peek()) {
            return Err(self.error(format!("{} stands behind a directive", shown(self.cursor.rest()))));
        }
        self.cursor.pass_break();
        Ok(directive)
    }

    fn scan_version(&mut self) -> Result<Directive<'t>, SyntaxError> {
        self.cursor.pass_spaces();
        let major = self.cursor.pass_while(|byte| byte.is_ascii_digit());
        let has_point = self.cursor.peek() == b'.';
        if has_point {
            self.cursor.pass(1);
        }
        let minor = self.cursor.pass_while(|byte| byte.is_ascii_digit());
        if !has_point || major.is_empty() || minor.is_empty() || !is_space_or_break(self.cursor.peek()) {
            return Err(self.error("a version of YAML is two numbers with a point between them"));
        }
        Ok(Directive::Yaml(major.trim_start_matches('0') == "1"))
    }

    fn scan_tag_directive(&mut self) -> Result<Directive<'t>, SyntaxError> {
        self.cursor.pass_spaces();
        let handle = self.scan_handle()?;
        if self.cursor.peek() != b' ' {
            return Err(self.error("the handle of a directive is followed by a space"));
        }
        self.cursor.pass_spaces();
        let prefix = self.scan_uri()?;
        if !is_space_or_break(self.cursor.peek()) {
            return Err(self.error(format!("{} stands in the prefix of a directive", shown(self.cursor.rest()))));
        }
        Ok(Directive::Tag(handle, prefix))
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// Percent escapes resolved; every run of them is UTF-8 of its own.
fn decode(written: &str) -> Option<String> {
    let mut decoded = String::new();
    let mut rest = written;
    while let Some(start) = rest.find('%') {
        decoded.push_str(rest.get(..start)?);
        rest = rest.get(start..)?;
        let mut bytes = Vec::new();
        while let Some(escape) = rest.strip_prefix('%') {
            let digits = escape.get(..2).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = escape.get(2..)?;
        }
        decoded.push_str(&String::from_utf8(bytes).ok()?);
    }
    decoded.push_str(rest);
    Some(decoded)
}
