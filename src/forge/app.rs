//! The App's own credentials: a private key that signs short-lived JWTs.

use super::answer::Answer;
use super::error::ForgeError;
use crate::change::Timestamp;
use crate::clock::Millis;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The clock of the forge may be behind ours, in seconds.
const BACKDATED: i64 = 60;
/// GitHub takes ten minutes at most, in seconds.
/// Source: <https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app>
const LIFETIME: i64 = 540;

/// What the forge last said to the App's own credentials. Clones tell the same.
#[derive(Clone, Debug, Default)]
pub struct Credentials(Arc<Standing>);

#[derive(Debug, Default)]
struct Standing {
    refused: AtomicBool,
    /// When the first and the last page of HTML came since the forge's own last answer.
    intercepted: Mutex<Option<(Millis, Millis)>>,
    /// By how many seconds our clock was ahead of the forge's when it last refused them.
    ahead: AtomicI64,
}

/// Seconds between the clocks that are let pass: GitHub refuses a token that is dated a minute ahead of its own clock.
pub const SKEW: i64 = 30;

/// How far this machine's clock is from the forge's, where that is more than is let pass.
pub fn clock_words(ahead: i64) -> Option<String> {
    let direction = if ahead > 0 { "ahead of" } else { "behind" };
    (ahead.abs() > SKEW).then(|| format!("{} seconds {direction} GitHub's", ahead.abs()))
}

impl Credentials {
    /// Whether it refused them.
    pub fn are_refused(&self) -> bool {
        self.0.refused.load(Ordering::Relaxed)
    }

    /// What to do about it, in one line.
    pub fn advice(&self) -> String {
        match clock_words(self.0.ahead.load(Ordering::Relaxed)) {
            None => "see github.app_id and the App's key; `astride doctor` says more".to_owned(),
            Some(words) => format!("this machine's clock is {words}: set it by a time server"),
        }
    }

    /// Between the first and the last page of HTML since the forge's own last answer: something else answers in its place. `None` where the last
    /// answer was the forge's.
    pub fn intercepted_for(&self) -> Option<Millis> {
        let intercepted = self.0.intercepted.lock().unwrap_or_else(PoisonError::into_inner);
        intercepted.map(|(first, last)| last - first)
    }

    /// Notes who gave an answer. That there was none says nothing of it.
    pub(super) fn note_way(&self, answer: &Answer, now: Millis) {
        let mut intercepted = self.0.intercepted.lock().unwrap_or_else(PoisonError::into_inner);
        // A time that has not come yet is of a clock that was ahead.
        let first = intercepted.map_or(now, |(first, _)| first.min(now));
        *intercepted = answer.is_intercepted().then_some((first, now));
    }

    /// Notes an answer to the App's JWT; whether it is news that they are refused.
    pub(super) fn note(&self, answer: &Answer, now: Timestamp) -> bool {
        // Whoever signs for an App that is not there is told that nothing is found.
        let refused = answer.status == StatusCode::UNAUTHORIZED || answer.status == StatusCode::NOT_FOUND && answer.is_about_the_app();
        let passing = answer.status.is_server_error();
        if refused {
            self.0.ahead.store(answer.ahead(now).unwrap_or_default(), Ordering::Relaxed);
        }
        !passing && !self.0.refused.swap(refused, Ordering::Relaxed) && refused
    }
}

pub struct AppKey {
    id: u64,
    pair: RsaKeyPair,
}

impl AppKey {
    /// Parses a PEM file, PKCS#1 as GitHub hands it out or PKCS#8.
    ///
    /// # Errors
    /// `Key`, which does not show the key.
    pub fn parse(id: u64, pem: &SecretString) -> Result<Self, ForgeError> {
        let der = PrivateKeyDer::from_pem_slice(pem.expose_secret().as_bytes()).map_err(|_| ForgeError::Key)?;
        let pair = match &der {
            PrivateKeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.secret_pkcs1_der()),
            PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()),
            _ => return Err(ForgeError::Key),
        };
        Ok(Self { id, pair: pair.map_err(|_| ForgeError::Key)? })
    }

    /// Signs a token that is good for the next minutes.
    ///
    /// # Errors
    /// `Key`, where ring cannot sign with it.
    pub fn jwt(&self, now: Timestamp) -> Result<SecretString, ForgeError> {
        let claims = format!(r#"{{"iat":{},"exp":{},"iss":"{}"}}"#, now.0 - BACKDATED, now.0 + LIFETIME, self.id);
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT"}"#), URL_SAFE_NO_PAD.encode(claims));
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).map_err(|_| ForgeError::Key)?;
        Ok(SecretString::from(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }
}

impl fmt::Debug for AppKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AppKey({})", self.id)
    }
}
