//! What GitHub gives for the code that the browser brought: the App's id and credentials, once.
//!
//! Comes in: a code. Goes out: credentials in a type that does not show them. The code goes into an address, so that its letters are checked.
//!
//! Source: <https://docs.github.com/en/rest/apps/apps#create-a-github-app-from-a-manifest>, read 2026-11-28.

use crate::forge::app::AppKey;
use crate::forge::error::ForgeError;
use crate::forge::transport::Transport;
use crate::setup::Wish;
use crate::setup::files::Credentials;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use octocrab::OctoBody;
use secrecy::SecretString;
use serde::Deserialize;
use std::time::Duration;

/// Largest answer, in bytes.
const MAX_ANSWER: usize = 1024 * 1024;
const TIMEOUT: Duration = Duration::from_secs(30);
/// Longest code, in characters.
const MAX_CODE: usize = 200;

/// The answer, as far as it is used. The client's secret is not: Astride signs nobody in.
#[derive(Deserialize)]
struct Answer {
    id: u64,
    #[serde(default)]
    name: String,
    slug: String,
    html_url: String,
    owner: Option<Owner>,
    pem: String,
    webhook_secret: Option<String>,
}

#[derive(Deserialize)]
struct Owner {
    login: String,
}

/// The App, and what opens it.
pub(super) struct Registration {
    pub(super) name: String,
    pub(super) owner: String,
    pub(super) credentials: Credentials,
}

/// Whether it can be a code of GitHub's.
pub(super) fn is_code(code: &str) -> bool {
    !code.is_empty() && code.len() <= MAX_CODE && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Exchanges the code, which `is_code`.
pub(super) async fn exchange(transport: &Transport, wish: &Wish, code: &str) -> Result<Registration, ForgeError> {
    // The code is as good as the key until it is used: it stands in no message.
    let what = || "POST /app-manifests/{code}/conversions".to_owned();
    let lost = |message: String| ForgeError::Transport { what: what(), message };
    let request = Request::post(format!("{}/app-manifests/{code}/conversions", wish.api_url))
        .header(header::ACCEPT, "application/vnd.github+json")
        .header(header::USER_AGENT, "astride")
        .header("x-github-api-version", "2022-11-28")
        .body(OctoBody::empty())
        .map_err(|error| lost(error.to_string()))?;
    let answered = tokio::time::timeout(TIMEOUT, async {
        let response = transport.send(request).await.map_err(|error| lost(crate::forge::transport::chain(&error)))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MAX_ANSWER).collect().await.map_err(|error| lost(error.to_string()))?;
        Ok::<_, ForgeError>((status, body.to_bytes()))
    });
    let (status, body) = answered.await.unwrap_or_else(|_| Err(lost(format!("nothing for {} seconds", TIMEOUT.as_secs()))))?;
    match status {
        StatusCode::CREATED => read(&body, wish).map_err(|message| ForgeError::Malformed { what: what(), message }),
        StatusCode::NOT_FOUND | StatusCode::UNPROCESSABLE_ENTITY => {
            let message = "GitHub does not know the code: it was used already, or is older than an hour".to_owned();
            Err(ForgeError::Unprocessable { what: what(), message })
        }
        status => Err(ForgeError::Failed { what: what(), status: status.as_u16() }),
    }
}

/// Says nothing of what it cannot read, since that holds secrets.
fn read(body: &[u8], wish: &Wish) -> Result<Registration, String> {
    let answer: Answer = serde_json::from_slice(body).map_err(|_| "it is not what GitHub documents".to_owned())?;
    let key = SecretString::from(answer.pem);
    AppKey::parse(answer.id, &key).map_err(|error| error.to_string())?;
    let is_slug = !answer.slug.is_empty() && answer.slug.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !is_slug {
        return Err("the App's slug is none".to_owned());
    }
    // The address is printed and offered as a link, so that it has to be one of GitHub's.
    let is_ours = answer.html_url.starts_with(&format!("{}/", wish.web_url)) && answer.html_url.bytes().all(|byte| byte.is_ascii_graphic());
    let page = if is_ours { answer.html_url } else { format!("{}/apps/{}", wish.web_url, answer.slug) };
    Ok(Registration {
        name: answer.name,
        owner: answer.owner.map(|owner| owner.login).unwrap_or_default(),
        credentials: Credentials {
            app_id: answer.id,
            page,
            key,
            webhook_secret: answer.webhook_secret.filter(|secret| !secret.is_empty()).map(SecretString::from),
        },
    })
}
