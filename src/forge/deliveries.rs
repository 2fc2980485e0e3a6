//! The App's log of webhook deliveries, and asking for one of them again.
//!
//! Comes in: how far back to look. Goes out: the attempts since, newest first. Pages are found by the cursor of the forge's own link, of which
//! nothing else is followed.

use super::error::ForgeError;
use super::shared::Forge;
use super::wire;
use crate::change::Timestamp;
use http::{HeaderMap, Method, header};
use serde_json::Value;

/// Attempts on one page.
const PAGE: u32 = 100;
/// Most pages of one look.
const MAX_PAGES: usize = 10;

impl Forge {
    /// The attempts since then, newest first; the flag says that there are more than are read.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn deliveries(&self, since: Timestamp) -> Result<(Vec<wire::HookDelivery>, bool), ForgeError> {
        let client = self.app();
        let mut all: Vec<wire::HookDelivery> = Vec::new();
        let mut path = format!("/app/hook/deliveries?per_page={PAGE}");
        for _ in 0..MAX_PAGES {
            let what = "GET /app/hook/deliveries";
            let answer = client.send(Method::GET, &client.url(&path), what, None, None).await?;
            let answer = client.checked(what, answer)?;
            let page: Vec<wire::HookDelivery> = serde_json::from_slice(&answer.body)
                .map_err(|error| ForgeError::Malformed { what: what.to_owned(), message: error.to_string() })?;
            let is_old = page.iter().any(|attempt| wire::timestamp(&attempt.delivered_at) < since);
            all.extend(page.into_iter().filter(|attempt| wire::timestamp(&attempt.delivered_at) >= since));
            match next_cursor(&answer.headers).filter(|_| !is_old) {
                Some(cursor) => path = format!("/app/hook/deliveries?per_page={PAGE}&cursor={cursor}"),
                None => return Ok((all, false)),
            }
        }
        Ok((all, true))
    }

    /// Has one sent once more, with its GUID and its bytes.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn redeliver(&self, attempt: u64) -> Result<(), ForgeError> {
        let path = format!("/app/hook/deliveries/{attempt}/attempts");
        self.app().write::<Value>(Method::POST, &path, &serde_json::json!({})).await?;
        Ok(())
    }
}

/// The cursor of the link to the next page, where it is one.
fn next_cursor(headers: &HeaderMap) -> Option<String> {
    let link = headers.get(header::LINK)?.to_str().ok()?;
    let next = link.split(',').find(|link| link.contains("rel=\"next\""))?;
    let (_, query) = next.split_once('<')?.1.split_once('>')?.0.split_once('?')?;
    let cursor = query.split('&').find_map(|pair| pair.strip_prefix("cursor="))?;
    let is_plain =
        !cursor.is_empty() && cursor.len() <= 200 && cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.%=".contains(&byte));
    is_plain.then(|| cursor.to_owned())
}
