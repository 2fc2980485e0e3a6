//! The manifest of the App: what GitHub is asked to register.
//!
//! Comes in: a wish, and where to come back to. Goes out: JSON. Permissions and events are those of `forge::permissions`.

use crate::setup::Wish;
use http::Uri;
use serde_json::{Map, Value, json};

/// Longest name that GitHub takes, in characters.
pub const MAX_NAME: usize = 34;
/// Stands where no webhook address is known yet; the hook is not active then.
pub const NO_WEBHOOK: &str = "https://example.com/webhook";

/// The name of an App that nobody named.
pub fn default_name(organisation: Option<&str>) -> String {
    let name = organisation.map_or_else(|| "Astride".to_owned(), |organisation| format!("Astride for {organisation}"));
    if name.chars().count() <= MAX_NAME { name } else { "Astride".to_owned() }
}

/// The manifest, as the form posts it.
pub fn manifest(wish: &Wish, come_back_to: &str) -> Value {
    let permissions: Map<String, Value> =
        wish.variant.permissions().into_iter().map(|(permission, level)| (permission.key().to_owned(), json!(level.word()))).collect();
    json!({
        "name": wish.name,
        "url": homepage(wish),
        "description": "Reviews the threat model of each pull request: what it adds, and what of it still needs an answer.",
        "public": false,
        "redirect_url": come_back_to,
        "hook_attributes": {"url": wish.webhook_url.as_deref().unwrap_or(NO_WEBHOOK), "active": wish.webhook_url.is_some()},
        "default_permissions": permissions,
        "default_events": wish.variant.events().map(|event| event.name).collect::<Vec<_>>(),
    })
}

/// GitHub wants a page of the App's: the service's own host, or else GitHub itself.
fn homepage(wish: &Wish) -> String {
    let service = wish.webhook_url.as_deref().and_then(|url| url.parse::<Uri>().ok());
    let origin = service.and_then(|uri| Some(format!("{}://{}", uri.scheme_str()?, uri.authority()?)));
    origin.unwrap_or_else(|| wish.web_url.clone())
}
