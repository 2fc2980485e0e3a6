//! What is not valid, and where reading goes on behind it.
//!
//! A broken argument or block costs itself: reading goes on at the next line that is indented no more than it and begins an item, or
//! closes the block around. Each line is gone through twice at most.

use crate::source::{NoteKind, Span};
use crate::syntax::hcl::cursor::Mark;
use crate::syntax::hcl::{MAX_ENDLESS, MAX_ERRORS, Parser, Read, Stop};

impl<'t> Parser<'t> {
    /// Gives up what is being read, because something else is wanted here.
    pub(super) fn refuse_here<T>(&mut self, wanted: &str) -> Read<T> {
        let message = format!("{wanted} is expected, found {}", self.shown_here());
        self.refuse(self.cursor.mark, message)
    }

    /// Gives up what is being read.
    pub(super) fn refuse<T>(&mut self, at: Mark, message: String) -> Read<T> {
        self.complain(at, message);
        Err(Stop)
    }

    /// Notes what is not valid; what is being read can be read on.
    pub(super) fn complain(&mut self, at: Mark, message: String) {
        self.note(at, NoteKind::Unreadable, message);
    }

    pub(super) fn limit<T>(&mut self, message: String) -> Read<T> {
        self.note(self.cursor.mark, NoteKind::Limit, message);
        Err(Stop)
    }

    fn note(&mut self, at: Mark, kind: NoteKind, message: String) {
        self.note_at(self.cursor.span_to(at, at), kind, message);
    }

    pub(super) fn note_at(&mut self, span: Span, kind: NoteKind, message: String) {
        if self.found.len() < MAX_ERRORS {
            self.found.push((span, kind, message));
        } else if self.found.len() == MAX_ERRORS {
            let message = format!("more than {MAX_ERRORS} errors, the rest is not read");
            self.found.push((span, NoteKind::Limit, message));
            self.is_spent = true;
        }
    }

    /// What stands here, as people call it.
    pub(super) fn shown_here(&self) -> String {
        match self.cursor.character() {
            None => "the end of the text".to_owned(),
            Some('\n') => "the end of the line".to_owned(),
            Some('\r') if self.cursor.is_at_break() => "the end of the line".to_owned(),
            Some(character) if character.is_control() => format!("the character U+{:04X}", u32::from(character)),
            Some(character) => format!("`{character}`"),
        }
    }

    /// Moves on to where the next item may begin, behind one that began at `item` and could not be read. `column`: how far items are
    /// indented here.
    pub(super) fn recover(&mut self, item: Mark, column: usize) {
        if let Some(marker) = self.heredocs.first().copied() {
            self.heredocs.clear();
            self.pass_heredoc(marker);
        }
        if self.cursor.mark.line > item.line && !self.cursor.is_at_break() {
            self.back_to_line_start();
        } else {
            self.pass_line();
        }
        while !self.cursor.is_at_end() && !self.is_at_next_item(column) {
            self.pass_line();
        }
    }

    /// Whether the line here is indented no more than items are and begins one, or closes the block around them.
    fn is_at_next_item(&mut self, items: usize) -> bool {
        let line_start = self.cursor.mark;
        self.pass_indentation();
        let column = self.cursor.mark.column();
        let is_next = match self.cursor.byte() {
            b'}' => column < items,
            b'#' => column <= items,
            _ => column <= items && self.cursor.is_at_identifier(),
        };
        if !is_next {
            self.cursor.mark = line_start;
        }
        is_next
    }

    /// Passes the rest of a heredoc, up to its marker where there is one.
    fn pass_heredoc(&mut self, marker: &str) {
        let start = self.cursor.mark;
        self.pass_line();
        while !self.cursor.is_at_end() {
            let line = self.cursor.rest().lines().next().unwrap_or_default();
            self.pass_line();
            if line.trim() == marker {
                return;
            }
        }
        self.cursor.mark = start;
        self.count_endless();
    }

    /// Counts a text that is looked through to its end in vain.
    pub(super) fn count_endless(&mut self) {
        self.endless += 1;
        if self.endless > MAX_ENDLESS && !self.is_spent {
            self.is_spent = true;
            let message = format!("more than {MAX_ENDLESS} heredocs have no end, the rest is not read");
            self.note(self.cursor.mark, NoteKind::Limit, message);
        }
    }

    pub(super) fn pass_line(&mut self) {
        let rest = self.cursor.rest();
        let end = rest.find('\n').map_or(rest.len(), |end| end + 1);
        self.cursor.pass_to(self.cursor.mark.at + end);
    }

    fn pass_indentation(&mut self) {
        while matches!(self.cursor.byte(), b' ' | b'\t') {
            self.cursor.pass(1);
        }
    }

    fn back_to_line_start(&mut self) {
        let before = self.cursor.text.get(..self.cursor.mark.at).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        self.cursor.mark = Mark::at_line_start(start, self.cursor.mark.line);
    }
}
