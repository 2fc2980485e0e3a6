//! YAML 1.1 as PyYAML's `SafeLoader` reads it, with CloudFormation's tags.
//!
//! Comes in: a text. Goes out: its documents. `scanner` finds tokens, `composer` makes nodes of them, `resolve` gives scalars their
//! values. Where PyYAML, libyaml and the specification differ, PyYAML is followed: a tab before a token is refused, a key without `?`
//! stands on one line, and braces do not care for indentation.

mod block;
mod collections;
mod composer;
mod cursor;
mod plain;
mod properties;
mod quoted;
mod resolve;
mod scanner;
mod token;

use crate::source::FileId;
use crate::syntax::yaml::{Read, characters};
use crate::syntax::{Notes, SyntaxError};
use bumpalo::Bump;

pub(super) fn read<'t>(text: &'t str, file: FileId, arena: &'t Bump, notes: &mut Notes<'_>) -> Result<Read<'t>, SyntaxError> {
    characters::check(text)?;
    composer::Composer::new(text, file, arena, notes).read()
}
