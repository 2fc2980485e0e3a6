//! Tags, anchors and aliases of js-yaml.
//!
//! Comes in: a reader at `!`, `&` or `*`. Goes out: the state with the property in it, and whether there was one.

use crate::syntax::SyntaxError;
use crate::syntax::yaml::js::cursor::{is_blank_or_break, is_flow_indicator};
use crate::syntax::yaml::js::{Anchor, Content, Reader};
use crate::syntax::yaml::tag::CORE;
use bumpalo::Bump;

impl<'t> Reader<'t, '_, '_> {
    pub(super) fn tag(&mut self) -> Result<bool, SyntaxError> {
        if !self.is_at(b'!') {
            return Ok(false);
        }
        if self.state.tag.is_some() {
            return Err(self.error("a value has two tags"));
        }
        let start = self.cursor.at.offset;
        self.cursor.at.offset += 1;
        let tag = if self.is_at(b'<') { self.verbatim()? } else { self.shorthand(start)? };
        self.state.tag = Some(tag);
        Ok(true)
    }

    fn verbatim(&mut self) -> Result<&'t str, SyntaxError> {
        self.cursor.at.offset += 1;
        let start = self.cursor.at.offset;
        self.cursor.at.offset += 1;
        self.cursor.pass_while(|byte| byte != b'>');
        if self.cursor.at.offset >= self.cursor.end {
            return Err(self.error("a tag that begins with `!<` ends with `>`"));
        }
        let name = self.cursor.slice(start, self.cursor.at.offset);
        self.cursor.at.offset += 1;
        self.named(name)
    }

    fn shorthand(&mut self, start: usize) -> Result<&'t str, SyntaxError> {
        let mut handle = None;
        if self.is_at(b'!') {
            handle = Some("!!");
            self.cursor.at.offset += 1;
        }
        let mut from = self.cursor.at.offset;
        while self.cursor.byte() != 0 && !is_blank_or_break(self.cursor.byte()) {
            if self.is_at(b'!') {
                let named = self.cursor.slice(from - 1, self.cursor.at.offset + 1);
                if handle.is_some() || !is_handle(named) {
                    return Err(self.error("a tag has `!` only around its handle"));
                }
                handle = Some(named);
                from = self.cursor.at.offset + 1;
            }
            self.cursor.at.offset += 1;
        }
        let written = self.cursor.slice(from, self.cursor.at.offset);
        if written.bytes().any(is_flow_indicator) {
            return Err(self.error("a tag has none of `,[]{}`"));
        }
        let name = self.named(written)?;
        let handle = handle.unwrap_or("!");
        match (self.tags.get(handle), handle) {
            (Some(prefix), _) => Ok(self.joined(prefix, name)),
            (None, "!") if name.len() == written.len() => Ok(self.cursor.slice(start, self.cursor.at.offset)),
            (None, "!") => Ok(self.joined("!", name)),
            (None, "!!") => Ok(self.joined(CORE, name)),
            (None, _) => Err(self.error(format!("no directive says what the handle `{handle}` means"))),
        }
    }

    fn joined(&self, prefix: &str, name: &str) -> &'t str {
        self.tree.arena.alloc_str(&format!("{prefix}{name}"))
    }

    fn named(&self, written: &'t str) -> Result<&'t str, SyntaxError> {
        if !written.is_empty() && !is_uri(written) {
            return Err(self.error("a tag has a character that no tag has"));
        }
        decode(written, self.tree.arena).ok_or_else(|| self.error("an escape of a tag is `%` and two hexadecimal digits, in UTF-8"))
    }

    pub(super) fn anchor(&mut self) -> Result<bool, SyntaxError> {
        if !self.is_at(b'&') {
            return Ok(false);
        }
        if self.state.anchor.is_some() {
            return Err(self.error("a value has two anchors"));
        }
        self.state.anchor = Some(self.name_of_anchor()?);
        Ok(true)
    }

    pub(super) fn alias(&mut self) -> Result<bool, SyntaxError> {
        if !self.is_at(b'*') {
            return Ok(false);
        }
        let start = self.cursor.at;
        let name = self.name_of_anchor()?;
        let span = self.span(start);
        self.state.result = match self.anchors.get(name) {
            Some(Anchor::Finished(Content::Node(named))) => Content::Node(self.tree.alias(*named, span, self.open)?),
            Some(Anchor::Finished(content)) => *content,
            Some(Anchor::Open) => return Err(self.error("an alias stands inside the node that it names")),
            None => return Err(self.error(format!("no anchor `{name}` stands before its alias"))),
        };
        self.cursor.pass_space(true)?;
        Ok(true)
    }

    fn name_of_anchor(&mut self) -> Result<&'t str, SyntaxError> {
        self.cursor.at.offset += 1;
        let start = self.cursor.at.offset;
        self.cursor.pass_while(|byte| !is_blank_or_break(byte) && !is_flow_indicator(byte));
        let name = self.cursor.slice(start, self.cursor.at.offset);
        if name.is_empty() { Err(self.error("an anchor has a name")) } else { Ok(name) }
    }

    pub(super) fn store_anchor(&mut self, anchor: Option<&'t str>, value: Anchor<'t>) {
        let Some(name) = anchor else { return };
        let before = self.anchors.insert(name, value);
        if self.attempts > 0 {
            self.changes.push((name, before));
        }
    }
}

/// `!`, `!!` or `!name!`.
pub(super) fn is_handle(handle: &str) -> bool {
    let name = handle.strip_prefix('!').and_then(|rest| if rest.is_empty() { Some("") } else { rest.strip_suffix('!') });
    name.is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
}

/// js-yaml's `PATTERN_TAG_URI`, of which the first character may be any but a flow indicator.
pub(super) fn is_uri(uri: &str) -> bool {
    let mut characters = uri.chars();
    let Some(first) = characters.next() else { return false };
    let mut rest = characters.as_str().as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let is_escape = *byte == b'%' && after.get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        if !(is_escape || byte.is_ascii_alphanumeric() || b"-#;/?:@&=+$,_.!~*'()[]".contains(byte)) {
            return false;
        }
        rest = if is_escape { after.get(2..).unwrap_or_default() } else { after };
    }
    !matches!(first, ',' | '[' | ']' | '{' | '}')
}

/// `decodeURIComponent`; `None` where it throws.
pub(super) fn decode<'t>(written: &'t str, arena: &'t Bump) -> Option<&'t str> {
    if !written.contains('%') {
        return Some(written);
    }
    let mut bytes = Vec::new();
    let mut rest = written.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        if *byte == b'%' {
            let digits = after.get(..2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
            bytes.push(u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?);
            rest = after.get(2..)?;
        } else {
            bytes.push(*byte);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok().map(|decoded| &*arena.alloc_str(&decoded))
}
