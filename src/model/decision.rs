//! What a unit decides of its deployment beside its resources.
//!
//! Comes in: what a format has read. Goes out: a value that the catalogue makes a question of.

use crate::source::Span;

/// What decides whose programs make the resources of a unit, where, and with whose rights.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'t> {
    /// What states it, unique within the unit: `provider aws`.
    pub name: &'t str,
    /// What it decides, in words: `whose program makes resources`.
    pub what: &'static str,
    /// What is written: `hashicorp/aws`.
    pub text: &'t str,
    pub span: Span,
}
