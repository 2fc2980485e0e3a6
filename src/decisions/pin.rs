//! The file that a decision rests on, and what has become of it.
//!
//! Comes in: a path, its content when the word was said, and a pattern if one was given. Goes out: whether the file still bears the word.
//! What can no longer be found or read bears nothing.

use crate::change::ObjectId;
use crate::source::RepoPath;
use regex::{Regex, RegexBuilder};

/// Longest pattern, in characters.
const MAX_PATTERN: usize = 200;
/// Most bytes that a pattern may be compiled to.
const MAX_COMPILED: usize = 1 << 20;

/// `see=PATH` or `see=PATH#PATTERN`, with what stood there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    pub path: RepoPath,
    pub blob: ObjectId,
    /// The decision holds as long as this matches somewhere in the file.
    pub pattern: Option<String>,
}

/// What has become of a pinned file at the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pinned {
    /// As it was, or still matched.
    Holds,
    /// Another content, without a pattern that would say whether that matters: a quiet line tells.
    Changed,
    Lost(Loss),
}

/// Why a pinned file bears a decision no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    Gone,
    Unmatched,
    /// It is there, and what it says cannot be known.
    Unread,
}

impl Pin {
    /// Why the file bears the decision no longer, with foreign text as it is `shown`.
    pub fn words(&self, loss: Loss, shown: impl Fn(&str) -> String) -> String {
        let path = shown(self.path.as_str());
        match loss {
            Loss::Gone => format!("{path} is gone"),
            Loss::Unmatched => format!("{path} has nothing that matches {} any more", shown(self.pattern.as_deref().unwrap_or_default())),
            Loss::Unread => format!("{path} cannot be read any more"),
        }
    }
}

/// A pattern in the syntax of <https://docs.rs/regex/1/regex/#syntax>, whose search takes linear time.
///
/// # Errors
/// It is none, or asks for too much.
pub fn pattern(text: &str) -> Result<Regex, String> {
    let long = text.chars().count() > MAX_PATTERN;
    let compiled = RegexBuilder::new(text).multi_line(true).size_limit(MAX_COMPILED).build().ok();
    compiled.filter(|_| !long && !text.is_empty()).ok_or_else(|| {
        format!("Behind `#` stands a pattern of at most {MAX_PATTERN} characters that can be searched for: `see=src/auth.ts#verify_token`.")
    })
}
