//! What the scanner finds.
//!
//! Comes in: nothing. Goes out: the kinds of tokens, with their places.

use crate::syntax::yaml::yaml11::cursor::Mark;

#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind<'t>,
    pub(super) start: Mark,
    /// The last line of it, from 0.
    pub(super) end_line: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind<'t> {
    StreamEnd,
    Directive(Directive<'t>),
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowMappingStart,
    FlowSequenceEnd,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(&'t str),
    Anchor(&'t str),
    /// The handle, `None` in `!<…>` and for `!` alone; and the suffix.
    Tag(Option<&'t str>, &'t str),
    Scalar(&'t str, Style),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    /// Quoted, or a block scalar.
    Marked,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Directive<'t> {
    /// Whether the major version is 1.
    Yaml(bool),
    /// The handle and its prefix.
    Tag(&'t str, &'t str),
    Other,
}

impl Kind<'_> {
    /// How an error names it.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::StreamEnd => "the end of the text",
            Self::Directive(_) => "a directive",
            Self::DocumentStart => "`---`",
            Self::DocumentEnd => "`...`",
            Self::BlockSequenceStart | Self::BlockEntry => "a list entry",
            Self::BlockMappingStart | Self::Key => "a key",
            Self::BlockEnd => "the end of the indented block",
            Self::FlowSequenceStart => "`[`",
            Self::FlowMappingStart => "`{`",
            Self::FlowSequenceEnd => "`]`",
            Self::FlowMappingEnd => "`}`",
            Self::FlowEntry => "`,`",
            Self::Value => "`:`",
            Self::Alias(_) => "an alias",
            Self::Anchor(_) => "an anchor",
            Self::Tag(..) => "a tag",
            Self::Scalar(..) => "text",
        }
    }
}
