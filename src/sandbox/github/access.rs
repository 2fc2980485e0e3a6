//! Who calls: the App by a signed JWT, or an installation by a token with its repositories and permissions.
//!
//! Comes in: the `Authorization` header. Goes out: a `Caller`, and the refusals that GitHub gives. A JWT's signature is verified with
//! the App's key; tokens age by the stand-in's clock.

use crate::change::Timestamp;
use crate::forge::permissions;
use crate::forge::permissions::Variant;
use crate::sandbox::github::answer::Answer;
use crate::sandbox::github::answer::bad_credentials;
use crate::sandbox::github::answer::refusal;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use ring::rsa::KeyPair as RsaKeyPair;
use ring::signature::KeyPair;
use ring::signature::RSA_PKCS1_2048_8192_SHA256;
use ring::signature::UnparsedPublicKey;
use rustls_pki_types::PrivatePkcs1KeyDer;
use rustls_pki_types::pem::PemObject;
use serde_json::Value;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// The key of the App that the stand-in plays. It opens nothing but the stand-in.
pub const APP_KEY: &str = include_str!("app-key.pem");

const TOKEN_SECONDS: i64 = 3600;
/// GitHub refuses a JWT that lives longer than ten minutes; a minute of drift is let pass.
const JWT_SECONDS: i64 = 660;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Read,
    Write,
}

impl Level {
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Read, Self::Write].into_iter().find(|level| level.word() == word)
    }
}

pub type Permissions = BTreeMap<String, Level>;

/// What an App of this variant asks for.
pub fn permissions_of(variant: Variant) -> Permissions {
    let level = |level| match level {
        permissions::Level::Read => Level::Read,
        permissions::Level::Write => Level::Write,
    };
    variant.permissions().into_iter().map(|(permission, granted)| (permission.key().to_owned(), level(granted))).collect()
}

/// The App's presence on one account.
#[derive(Clone, Debug)]
pub struct Installation {
    pub id: u64,
    /// The user or organisation.
    pub account: u64,
    pub permissions: Permissions,
    /// `None` is all of the account.
    pub repositories: Option<BTreeSet<u64>>,
    pub suspended: bool,
    pub created_at: Timestamp,
}

/// What a token lets its bearer do.
#[derive(Clone, Debug)]
pub struct Grant {
    pub installation: u64,
    pub permissions: Permissions,
    /// `None` is all that the installation has.
    pub repositories: Option<BTreeSet<u64>>,
    pub expires_at: Timestamp,
}

#[derive(Clone, Debug)]
pub enum Caller {
    App {
        /// When the JWT says that it was made, by the caller's own clock.
        issued_at: i64,
    },
    Installation(Grant),
    Nobody,
}

/// The tokens in circulation.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    grants: BTreeMap<String, Grant>,
}

impl Tokens {
    pub(crate) fn mint(&mut self, grant: Grant) -> String {
        let token = format!("ghs_standin{:029}", self.grants.len() + 1);
        self.grants.insert(token.clone(), grant);
        token
    }

    /// As if GitHub had forgotten them: every token is refused from now on.
    pub(crate) fn revoke_all(&mut self) {
        for grant in self.grants.values_mut() {
            grant.expires_at = Timestamp(i64::MIN);
        }
    }

    fn find(&self, token: &str, now: Timestamp) -> Option<&Grant> {
        self.grants.get(token).filter(|grant| now < grant.expires_at)
    }
}

pub(crate) fn token_expiry(now: Timestamp) -> Timestamp {
    Timestamp(now.0.saturating_add(TOKEN_SECONDS))
}

/// Reads the header; a wrong credential is refused, a missing one is nobody.
pub(crate) fn caller(
    authorization: Option<&str>,
    tokens: &Tokens,
    (app, keys): (u64, &[String]),
    now: Timestamp,
) -> Result<Caller, Box<Answer>> {
    let Some(header) = authorization else { return Ok(Caller::Nobody) };
    let (scheme, credential) = header.split_once(' ').ok_or_else(bad_credentials)?;
    if !scheme.eq_ignore_ascii_case("bearer") && !scheme.eq_ignore_ascii_case("token") {
        return Err(bad_credentials());
    }
    if credential.matches('.').count() == 2 {
        return Ok(Caller::App { issued_at: verify_jwt(credential, app, keys)? });
    }
    tokens.find(credential, now).cloned().map(Caller::Installation).ok_or_else(bad_credentials)
}

/// Verifies signature, issuer and span; gives the time of issue.
///
/// The span is judged and not the hour: the stand-in's clock need not be the caller's.
fn verify_jwt(token: &str, app: u64, keys: &[String]) -> Result<i64, Box<Answer>> {
    let undecodable = || refusal(StatusCode::UNAUTHORIZED, "A JSON web token could not be decoded");
    let (signed, signature) = token.rsplit_once('.').ok_or_else(undecodable)?;
    let (header, claims) = signed.split_once('.').ok_or_else(undecodable)?;
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
    let json = |part: &str| decode(part).and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let (header, claims) = json(header).zip(json(claims)).ok_or_else(undecodable)?;
    let signature = decode(signature).ok_or_else(undecodable)?;
    if header["alg"] != "RS256" || !keys.iter().any(|key| is_signed(signed.as_bytes(), &signature, key)) {
        return Err(undecodable());
    }
    let issuer = claims["iss"].as_u64().or_else(|| claims["iss"].as_str()?.parse().ok());
    if issuer != Some(app) {
        return Err(refusal(StatusCode::NOT_FOUND, "Integration not found"));
    }
    let (Some(issued_at), Some(expires_at)) = (claims["iat"].as_i64(), claims["exp"].as_i64()) else {
        return Err(refusal(
            StatusCode::UNAUTHORIZED,
            "'Expiration time' claim ('exp') must be a numeric value representing the future time",
        ));
    };
    if expires_at.saturating_sub(issued_at) > JWT_SECONDS {
        return Err(refusal(StatusCode::UNAUTHORIZED, "'Expiration time' claim ('exp') is too far in the future"));
    }
    if expires_at <= issued_at {
        return Err(refusal(
            StatusCode::UNAUTHORIZED,
            "'Expiration time' claim ('exp') must be a numeric value representing the future time",
        ));
    }
    Ok(issued_at)
}

fn is_signed(message: &[u8], signature: &[u8], key: &str) -> bool {
    let Ok(der) = PrivatePkcs1KeyDer::from_pem_slice(key.as_bytes()) else { return false };
    let Ok(pair) = RsaKeyPair::from_der(der.secret_pkcs1_der()) else { return false };
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref()).verify(message, signature).is_ok()
}
