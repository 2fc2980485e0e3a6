//! The webhook's signature: whether the forge sent these bytes.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use std::sync::{Arc, PoisonError, RwLock};

/// The secrets that webhooks may be signed with: several while they are being changed. Clones are the same ones.
#[derive(Clone, Debug)]
pub struct Secrets(Arc<RwLock<Arc<[SecretString]>>>);

impl Secrets {
    pub fn new(secrets: &[SecretString]) -> Self {
        Self(Arc::new(RwLock::new(secrets.into())))
    }

    /// Those that are in use now.
    pub fn current(&self) -> Arc<[SecretString]> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes others into use; whether they are others.
    pub fn replace(&self, secrets: &[SecretString]) -> bool {
        let same = |(old, new): (&SecretString, &SecretString)| old.expose_secret() == new.expose_secret();
        let current = self.current();
        if current.len() == secrets.len() && current.iter().zip(secrets).all(same) {
            return false;
        }
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = secrets.into();
        true
    }
}

/// Checks `X-Hub-Signature-256` over the raw body, in constant time, against every secret that is in use.
///
/// Source: <https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries>
pub fn check(secrets: &[SecretString], header: Option<&[u8]>, body: &[u8]) -> bool {
    let Some(signature) = header.and_then(|header| header.strip_prefix(b"sha256=")).and_then(hex) else { return false };
    secrets.iter().any(|secret| {
        Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes())
            .is_ok_and(|mac| mac.chain_update(body).verify_slice(&signature).is_ok())
    })
}

fn hex(text: &[u8]) -> Option<[u8; 32]> {
    let text = str::from_utf8(text).ok().filter(|text| text.len() == 64 && text.is_ascii())?;
    let mut bytes = [0; 32];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * index..2 * index + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::check;
    use secrecy::SecretString;

    #[test]
    fn only_the_right_bytes_pass() {
        // The example of GitHub's documentation.
        let secrets = [SecretString::from("other"), SecretString::from("It's a Secret to Everybody")];
        let good = b"sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert!(check(&secrets, Some(good), b"Hello, World!"));
        assert!(!check(&secrets, Some(good), b"Hello, World?"));
        assert!(!check(&secrets[..1], Some(good), b"Hello, World!"));
        assert!(!check(&[], Some(good), b"Hello, World!"));
        for header in [None, Some(&b""[..]), Some(b"sha256="), Some(&good[..70]), Some(&good[7..]), Some(b"sha1=00")] {
            assert!(!check(&secrets, header, b"Hello, World!"));
        }
    }
}
