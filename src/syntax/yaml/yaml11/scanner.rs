//! The tokens of YAML 1.1, as PyYAML's `scanner.py` finds them.
//!
//! Comes in: a text. Goes out: its tokens, one after the other; indentation has become tokens, and a key is preceded by its own, which is
//! known only when its colon is found. A simple key therefore stands on one line and has at most 1,024 characters.

use crate::syntax::SyntaxError;
use crate::syntax::yaml::yaml11::cursor::{Cursor, Mark, is_blank_or_break, shown};
use crate::syntax::yaml::yaml11::token::{Kind, Token};
use bumpalo::Bump;
use std::collections::VecDeque;

/// Most characters of a key that no `?` announces.
const MAX_SIMPLE_KEY: usize = 1024;

/// A place where a key may have begun.
#[derive(Clone, Copy)]
struct SimpleKey {
    /// Number of its first token in the text.
    token: usize,
    /// Nothing else can stand there.
    required: bool,
    flow_level: usize,
    mark: Mark,
}

pub(super) struct Scanner<'t> {
    pub(super) cursor: Cursor<'t>,
    pub(super) arena: &'t Bump,
    /// From the byte of each `#` to its end.
    pub(super) comments: Vec<(usize, usize)>,
    tokens: VecDeque<Token<'t>>,
    /// How many tokens were taken.
    taken: usize,
    is_done: bool,
    pub(super) flow_level: usize,
    /// Column of the innermost block collection; -1 outside of any.
    pub(super) indent: isize,
    indents: Vec<isize>,
    pub(super) allows_simple_key: bool,
    /// At most one of each flow level, in the order of the levels and of the text.
    simple_keys: VecDeque<SimpleKey>,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str, arena: &'t Bump) -> Self {
        Self {
            cursor: Cursor::new(text),
            arena,
            comments: Vec::new(),
            tokens: VecDeque::new(),
            taken: 0,
            is_done: false,
            flow_level: 0,
            indent: -1,
            indents: Vec::new(),
            allows_simple_key: true,
            simple_keys: VecDeque::new(),
        }
    }

    /// The next token, which stays.
    pub(super) fn peek(&mut self) -> Result<Token<'t>, SyntaxError> {
        while self.needs_more()? {
            self.fetch()?;
        }
        let end = Token { kind: Kind::StreamEnd, start: self.cursor.mark(), end_line: self.cursor.mark().line };
        Ok(self.tokens.front().copied().unwrap_or(end))
    }

    /// The next token, which is gone then.
    pub(super) fn take(&mut self) -> Result<Token<'t>, SyntaxError> {
        let token = self.peek()?;
        if self.tokens.pop_front().is_some() {
            self.taken += 1;
        }
        Ok(token)
    }

    fn needs_more(&mut self) -> Result<bool, SyntaxError> {
        if self.is_done {
            return Ok(false);
        }
        if self.tokens.is_empty() {
            return Ok(true);
        }
        // The next token may turn out to begin a key.
        self.drop_stale_keys()?;
        Ok(self.simple_keys.front().is_some_and(|key| key.token == self.taken))
    }

    fn fetch(&mut self) -> Result<(), SyntaxError> {
        self.pass_to_token();
        self.drop_stale_keys()?;
        self.unwind(self.column());
        let next = self.cursor.peek_at(1);
        let is_in_flow = self.flow_level > 0;
        match self.cursor.peek() {
            0 => self.end_stream(),
            b'%' if self.cursor.column() == 0 => self.fetch_directive(),
            b'-' if self.is_at_marker() => self.fetch_marker(Kind::DocumentStart),
            b'.' if self.is_at_marker() => self.fetch_marker(Kind::DocumentEnd),
            b'[' => self.open_flow(Kind::FlowSequenceStart),
            b'{' => self.open_flow(Kind::FlowMappingStart),
            b']' => self.close_flow(Kind::FlowSequenceEnd),
            b'}' => self.close_flow(Kind::FlowMappingEnd),
            b',' => self.fetch_flow_entry(),
            b'-' if is_blank_or_break(next) => self.fetch_block_entry(),
            b'?' if is_in_flow || is_blank_or_break(next) => self.fetch_key(),
            b':' if is_in_flow || is_blank_or_break(next) => self.fetch_value(),
            b'*' | b'&' => self.fetch_scalar_like(Self::scan_anchor),
            b'!' => self.fetch_scalar_like(Self::scan_tag),
            b'|' | b'>' if !is_in_flow => self.fetch_block_scalar(),
            b'\'' => self.fetch_scalar_like(Self::scan_single_quoted),
            b'"' => self.fetch_scalar_like(Self::scan_double_quoted),
            first if begins_plain(first, next, is_in_flow) => self.fetch_scalar_like(Self::scan_plain),
            _ => Err(self.error(format!("{} cannot begin anything here", shown(self.cursor.rest())))),
        }
    }

    pub(super) fn error(&self, message: impl Into<String>) -> SyntaxError {
        self.cursor.mark().error(message)
    }

    pub(super) fn column(&self) -> isize {
        self.cursor.column().cast_signed()
    }

    /// Spaces, comments and line breaks. A tab is none of them.
    fn pass_to_token(&mut self) {
        loop {
            self.cursor.pass_spaces();
            self.pass_comment();
            if !self.cursor.pass_break() {
                return;
            }
            if self.flow_level == 0 {
                self.allows_simple_key = true;
            }
        }
    }

    pub(super) fn pass_comment(&mut self) {
        if self.cursor.peek() != b'#' {
            return;
        }
        let start = self.cursor.mark().offset;
        self.cursor.pass_line();
        self.comments.push((start, self.cursor.mark().offset));
    }

    fn is_at_marker(&self) -> bool {
        self.cursor.column() == 0 && self.cursor.is_at_document_marker()
    }

    fn push(&mut self, kind: Kind<'t>, start: Mark) {
        self.tokens.push_back(Token { kind, start, end_line: self.cursor.mark().line });
    }

    /// Adds an indicator of that many bytes.
    fn push_indicator(&mut self, kind: Kind<'t>, length: usize) {
        let start = self.cursor.mark();
        self.cursor.pass(length);
        self.push(kind, start);
    }

    fn drop_stale_keys(&mut self) -> Result<(), SyntaxError> {
        let mark = self.cursor.mark();
        let is_stale = |key: &mut SimpleKey| key.mark.line != mark.line || mark.column - key.mark.column > MAX_SIMPLE_KEY;
        while let Some(stale) = self.simple_keys.pop_front_if(is_stale) {
            refuse_if_required(stale)?;
        }
        Ok(())
    }

    /// The next token may begin a key.
    fn save_key(&mut self) -> Result<(), SyntaxError> {
        if self.allows_simple_key {
            self.drop_key()?;
            let required = self.flow_level == 0 && self.indent == self.column();
            let token = self.taken + self.tokens.len();
            self.simple_keys.push_back(SimpleKey { token, required, flow_level: self.flow_level, mark: self.cursor.mark() });
        }
        Ok(())
    }

    fn take_key(&mut self) -> Option<SimpleKey> {
        let level = self.flow_level;
        self.simple_keys.pop_back_if(|key| key.flow_level == level)
    }

    /// What may have begun at this level was no key.
    fn drop_key(&mut self) -> Result<(), SyntaxError> {
        self.take_key().map_or(Ok(()), refuse_if_required)
    }

    /// Ends the block collections that stand deeper than the column.
    fn unwind(&mut self, column: isize) {
        while self.flow_level == 0 && self.indent > column {
            self.indent = self.indents.pop().unwrap_or(-1);
            self.push(Kind::BlockEnd, self.cursor.mark());
        }
    }

    /// Whether a block collection begins at the column.
    fn indents_to(&mut self, column: isize) -> bool {
        let is_deeper = self.indent < column;
        if is_deeper {
            self.indents.push(self.indent);
            self.indent = column;
        }
        is_deeper
    }

    fn end_stream(&mut self) -> Result<(), SyntaxError> {
        self.unwind(-1);
        self.drop_key()?;
        self.allows_simple_key = false;
        self.simple_keys.clear();
        self.push(Kind::StreamEnd, self.cursor.mark());
        self.is_done = true;
        Ok(())
    }

    fn fetch_directive(&mut self) -> Result<(), SyntaxError> {
        self.unwind(-1);
        self.drop_key()?;
        self.allows_simple_key = false;
        let start = self.cursor.mark();
        let directive = self.scan_directive()?;
        self.push(Kind::Directive(directive), start);
        Ok(())
    }

    fn fetch_marker(&mut self, kind: Kind<'t>) -> Result<(), SyntaxError> {
        self.unwind(-1);
        self.drop_key()?;
        self.allows_simple_key = false;
        self.push_indicator(kind, 3);
        Ok(())
    }

    fn open_flow(&mut self, kind: Kind<'t>) -> Result<(), SyntaxError> {
        self.save_key()?;
        self.flow_level += 1;
        self.allows_simple_key = true;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn close_flow(&mut self, kind: Kind<'t>) -> Result<(), SyntaxError> {
        self.drop_key()?;
        if self.flow_level == 0 {
            return Err(self.error(format!("{} closes nothing", kind.word())));
        }
        self.flow_level -= 1;
        self.allows_simple_key = false;
        self.push_indicator(kind, 1);
        Ok(())
    }

    fn fetch_flow_entry(&mut self) -> Result<(), SyntaxError> {
        self.allows_simple_key = true;
        self.drop_key()?;
        self.push_indicator(Kind::FlowEntry, 1);
        Ok(())
    }

    fn fetch_block_entry(&mut self) -> Result<(), SyntaxError> {
        self.begin_block(Kind::BlockSequenceStart, "a list entry cannot begin here")?;
        self.allows_simple_key = true;
        self.drop_key()?;
        self.push_indicator(Kind::BlockEntry, 1);
        Ok(())
    }

    fn fetch_key(&mut self) -> Result<(), SyntaxError> {
        self.begin_block(Kind::BlockMappingStart, "a key cannot begin here")?;
        self.allows_simple_key = self.flow_level == 0;
        self.drop_key()?;
        self.push_indicator(Kind::Key, 1);
        Ok(())
    }

    fn fetch_value(&mut self) -> Result<(), SyntaxError> {
        if let Some(key) = self.take_key() {
            let index = key.token - self.taken;
            let token = |kind| Token { kind, start: key.mark, end_line: key.mark.line };
            self.tokens.insert(index, token(Kind::Key));
            if self.flow_level == 0 && self.indents_to(key.mark.column.cast_signed()) {
                self.tokens.insert(index, token(Kind::BlockMappingStart));
            }
            self.allows_simple_key = false;
        } else {
            self.begin_block(Kind::BlockMappingStart, "a value cannot begin here: is the text before `:` quoted or indented wrongly?")?;
            self.allows_simple_key = self.flow_level == 0;
            self.drop_key()?;
        }
        self.push_indicator(Kind::Value, 1);
        Ok(())
    }

    /// A block collection begins here, where it is not there already.
    fn begin_block(&mut self, kind: Kind<'t>, refusal: &str) -> Result<(), SyntaxError> {
        if self.flow_level > 0 {
            return Ok(());
        }
        if !self.allows_simple_key {
            return Err(self.error(refusal));
        }
        if self.indents_to(self.column()) {
            self.push(kind, self.cursor.mark());
        }
        Ok(())
    }

    fn fetch_block_scalar(&mut self) -> Result<(), SyntaxError> {
        self.allows_simple_key = true;
        self.drop_key()?;
        let token = self.scan_block_scalar()?;
        self.tokens.push_back(token);
        Ok(())
    }

    /// What may begin a key: scalars, and what stands before them.
    fn fetch_scalar_like(&mut self, scan: fn(&mut Self) -> Result<Token<'t>, SyntaxError>) -> Result<(), SyntaxError> {
        self.save_key()?;
        self.allows_simple_key = false;
        let token = scan(self)?;
        self.tokens.push_back(token);
        Ok(())
    }
}

fn refuse_if_required(key: SimpleKey) -> Result<(), SyntaxError> {
    if key.required { Err(key.mark.error("a key begins here and has no `:` on its line")) } else { Ok(()) }
}

fn begins_plain(first: u8, next: u8, is_in_flow: bool) -> bool {
    let is_indicator = is_blank_or_break(first) || b"-?:,[]{}#&*!|>'\"%@`".contains(&first);
    !is_indicator || (!is_blank_or_break(next) && (first == b'-' || (!is_in_flow && matches!(first, b'?' | b':'))))
}
