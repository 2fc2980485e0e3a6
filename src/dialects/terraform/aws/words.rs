//! What Terraform and its provider for AWS call that of which sentences speak.

use crate::model::words::Words;

include!(concat!(env!("OUT_DIR"), "/terraform_phrases.rs"));

/// Of a root.
pub(super) static WORDS: Words = Words {
    text: "configuration",
    deployed: "state",
    others: "other configurations",
    open_input: "a variable that is not sensitive",
    hide_input: "sensitive = true on the variable",
    url_auth: "authorization_type",
    phrases: PHRASES,
};
