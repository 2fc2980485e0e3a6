//! What the Serverless Framework calls that of which sentences speak.

use crate::model::words::Words;

include!(concat!(env!("OUT_DIR"), "/serverless_phrases.rs"));

/// Of a service: what it makes is a stack.
pub(super) static WORDS: Words = Words { phrases: PHRASES, ..Words::TEMPLATE };
