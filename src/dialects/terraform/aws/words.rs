//! What Terraform and its provider for AWS call that of which sentences speak.

use crate::model::words::Words;

/// Of a root.
pub(super) static WORDS: Words = Words {
    text: "configuration",
    deployed: "state",
    others: "other configurations",
    open_input: "a variable that is not sensitive",
    hide_input: "sensitive = true on the variable",
    url_auth: "authorization_type",
};
