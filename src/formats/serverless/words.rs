//! What the Serverless Framework calls that of which sentences speak.

use crate::model::words::Words;

include!(concat!(env!("OUT_DIR"), "/serverless_phrases.rs"));

/// Of a service: what it makes is a stack.
pub(super) static WORDS: Words = Words {
    open_input: "a value that is filled in at deployment and is not hidden",
    hide_input: "give the function its name, and read it at run time",
    phrases: PHRASES,
    ..Words::TEMPLATE
};
