//! Which words of a template name nothing of whoever wrote it: those of providers and notations.

use crate::catalog::aws::actions;

include!(concat!(env!("OUT_DIR"), "/public_words.rs"));

/// Whether a word is one of a provider's or of a notation's, as the catalogue's own files spell it.
pub fn is_public(word: &str) -> bool {
    PUBLIC.binary_search(&word).is_ok()
}

/// Whether a word behind `service:` is an action of it that is known by its name.
pub fn is_action(service: &str, word: &str) -> bool {
    actions::is_listed(service, word)
}

#[cfg(test)]
mod tests {
    use super::{PUBLIC, is_action, is_public};

    #[test]
    fn words_of_providers_and_notations_are_public() {
        assert!(PUBLIC.is_sorted());
        for word in ["AWS", "Lambda", "Url", "AuthType", "NONE", "aws_lambda_function_url", "authorization_type", "Resources", "jsonencode"]
        {
            assert!(is_public(word), "{word}");
        }
        for word in ["IntakeFn", "acme", "OrdersTable", "swordfish", "shop"] {
            assert!(!is_public(word), "{word}");
        }
        assert!(is_action("s3", "GetObject") && !is_action("acme", "GetObject") && !is_action("s3", "AcmeReports"));
    }
}
