//! Vocabularies that name the same things as a canonical model: what they state becomes resources of its types.
//!
//! Comes in: what a notation's evaluator found. Goes out: neutral resources in the canonical model's words, with the lines that a person
//! wrote and the words that a person used. Never fails: what is not translated is a note.

pub mod terraform;
