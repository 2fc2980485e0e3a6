//! What a tag names.
//!
//! Comes in: a tag with its handle resolved. Goes out: whose tag it is.

/// The prefix of the tags that YAML itself defines (<https://yaml.org/type/>, read 2026-11-28).
pub(super) const CORE: &str = "tag:yaml.org,2002:";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag<'t> {
    /// `!` alone.
    NonSpecific,
    /// `!Ref`: a tag of the application, with its exclamation mark.
    Local(&'t str),
    /// `!!int`: what follows the prefix.
    Core(&'t str),
    /// A URI that no reader here knows.
    Other(&'t str),
}

impl<'t> Tag<'t> {
    pub(super) fn of(resolved: &'t str) -> Self {
        match resolved.strip_prefix(CORE) {
            Some(name) => Self::Core(name),
            None if resolved == "!" => Self::NonSpecific,
            None if resolved.starts_with('!') => Self::Local(resolved),
            None => Self::Other(resolved),
        }
    }

    /// What the tree keeps of it.
    pub(super) fn kept(self) -> Option<&'t str> {
        match self {
            Self::Local(tag) => Some(tag),
            Self::NonSpecific | Self::Core(_) | Self::Other(_) => None,
        }
    }

    pub(super) fn unknown(self) -> String {
        match self {
            Self::NonSpecific => "the tag `!` is not known".to_owned(),
            Self::Core(name) => format!("the tag `!!{name}` makes nothing of this value"),
            Self::Local(tag) | Self::Other(tag) => format!("the tag `{tag}` is not known"),
        }
    }
}
