//! What a browser may do with a page of ours: show it, with the very styles that are in it. Nothing else is shown, run, fetched or sent.
//!
//! Comes in: a page, or what it is made of. Goes out: a content security policy that names each style by its hash, so that a style which somebody had
//! brought into a page would not count.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// The policy of a page. Foreign text in it is escaped, and begins no style.
pub fn policy(page: &str) -> String {
    let styles = page.split("<style>").skip(1).filter_map(|rest| rest.split_once("</style>"));
    let mut hashes: Vec<String> = styles.map(|(style, _)| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(style)))).collect();
    hashes.sort();
    hashes.dedup();
    let styles = if hashes.is_empty() { "'none'".to_owned() } else { hashes.join(" ") };
    format!("default-src 'none'; style-src {styles}; base-uri 'none'; form-action 'none'")
}

#[cfg(test)]
mod tests {
    use super::policy;

    #[test]
    fn each_style_is_named_once_and_nothing_else_counts() {
        assert_eq!(policy("<p>&lt;style&gt;</p>"), "default-src 'none'; style-src 'none'; base-uri 'none'; form-action 'none'");
        // printf 'p{}' | openssl dgst -sha256 -binary | base64
        let hash = "'sha256-gG2yISYereRMiG2lMXrbiUgi0Ubw9p7QCeWcroOvy9Y='";
        let both = policy("<style>p{}</style><svg><style>p{}</style></svg>");
        assert_eq!(both, format!("default-src 'none'; style-src {hash}; base-uri 'none'; form-action 'none'"));
        assert_eq!(policy("<style>p{}</style><style>b{}</style>").matches("'sha256-").count(), 2);
    }
}
