//! Documents and directives of js-yaml.
//!
//! Comes in: a reader at the beginning. Goes out: the roots of the documents.

use crate::syntax::yaml::js::cursor::{Position, is_blank, is_blank_or_break, is_break};
use crate::syntax::yaml::js::properties::{decode, is_handle, is_uri};
use crate::syntax::yaml::js::{Context, Reader, State};
use crate::syntax::{Node, SyntaxError};

impl<'t> Reader<'t, '_, '_> {
    pub(super) fn documents(&mut self) -> Result<Vec<Node<'t>>, SyntaxError> {
        if let Some(null) = self.cursor.text.find('\0') {
            self.cursor.at.offset = null;
            return Err(self.error("the text has a null byte"));
        }
        while self.is_at(b' ') {
            self.cursor.at.line_indent += 1;
            self.cursor.at.offset += 1;
        }
        let mut documents = Vec::new();
        while self.cursor.at.offset + 1 < self.cursor.end {
            documents.push(self.document()?);
        }
        Ok(documents)
    }

    fn document(&mut self) -> Result<Node<'t>, SyntaxError> {
        self.tags.clear();
        self.anchors.clear();
        self.state = State::default();
        let has_directives = self.directives()?;
        self.cursor.pass_space(true)?;
        let is_marker = (0..3).all(|ahead| self.cursor.byte_at(self.cursor.at.offset + ahead) == b'-');
        if self.cursor.at.line_indent == 0 && is_marker {
            self.cursor.at.offset += 3;
            self.cursor.pass_space(true)?;
        } else if has_directives {
            return Err(self.error("`---` is expected behind directives"));
        }
        let start = self.cursor.at;
        self.node(start.line_indent - 1, Context::BlockOut, false, true)?;
        self.cursor.pass_space(true)?;
        let root = self.child(start)?.node;
        if self.cursor.is_at_separator() {
            if self.is_at(b'.') {
                self.cursor.at.offset += 3;
                self.cursor.pass_space(true)?;
            }
        } else if self.cursor.at.offset + 1 < self.cursor.end {
            return Err(self.error("the document ends before this: is it indented wrongly?"));
        }
        Ok(root)
    }

    fn directives(&mut self) -> Result<bool, SyntaxError> {
        let (mut has_directives, mut has_version) = (false, false);
        while self.cursor.byte() != 0 {
            self.cursor.pass_space(true)?;
            if self.cursor.at.line_indent > 0 || !self.is_at(b'%') {
                break;
            }
            has_directives = true;
            let start = self.cursor.at;
            self.cursor.at.offset += 1;
            let words = self.words()?;
            match words.split_first() {
                None | Some((&"", _)) => return Err(self.error("a directive has a name")),
                Some((&"YAML", arguments)) => {
                    if std::mem::replace(&mut has_version, true) {
                        return Err(self.error("the version of YAML is stated twice"));
                    }
                    self.version(arguments, start)?;
                }
                Some((&"TAG", arguments)) => self.tag_directive(arguments, start)?,
                Some(_) => {}
            }
        }
        Ok(has_directives)
    }

    /// The words of a line up to a comment, and its end. The first one begins here.
    fn words(&mut self) -> Result<Vec<&'t str>, SyntaxError> {
        let mut words = Vec::new();
        loop {
            let from = self.cursor.at.offset;
            self.cursor.pass_while(|byte| !is_blank_or_break(byte));
            words.push(self.cursor.slice(from, self.cursor.at.offset));
            self.cursor.pass_while(is_blank);
            if self.is_at(b'#') {
                self.cursor.pass_comment();
            }
            if self.cursor.byte() == 0 {
                return Ok(words);
            }
            if is_break(self.cursor.byte()) {
                self.cursor.pass_break()?;
                return Ok(words);
            }
        }
    }

    fn refused_at(&mut self, at: Position, message: &str) -> SyntaxError {
        self.cursor.at = at;
        self.error(message)
    }

    fn version(&mut self, arguments: &[&str], start: Position) -> Result<(), SyntaxError> {
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let major = match arguments {
            [version] => version.split_once('.').filter(|(major, minor)| is_number(major) && is_number(minor)).map(|(major, _)| major),
            _ => None,
        };
        match major {
            Some(major) if major.trim_start_matches('0') == "1" => Ok(()),
            Some(_) => Err(self.refused_at(start, "only versions 1.x of YAML are read")),
            None => Err(self.refused_at(start, "a version of YAML is two numbers with a point between them")),
        }
    }

    fn tag_directive(&mut self, arguments: &[&'t str], start: Position) -> Result<(), SyntaxError> {
        let (handle, prefix) = match arguments {
            [handle, prefix] if is_handle(handle) && is_uri(prefix) => (*handle, *prefix),
            _ => return Err(self.refused_at(start, "a directive of tags has a handle and a prefix")),
        };
        let Some(prefix) = decode(prefix, self.tree.arena) else {
            return Err(self.refused_at(start, "an escape of a tag is `%` and two hexadecimal digits, in UTF-8"));
        };
        if self.tags.insert(handle, prefix).is_some() {
            return Err(self.refused_at(start, "a handle of tags is stated twice"));
        }
        Ok(())
    }
}
