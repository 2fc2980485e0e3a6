//! Registering an App from a manifest: what GitHub checks of it, and the code that stands for the credentials, once and for an hour.
//!
//! Comes in: a manifest that a person agrees to. Goes out: a code, and for it the App with its key and secrets. The stand-in plays one App:
//! the one that is registered takes the place of the one before.
//!
//! Source: <https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest>; that events need their permissions,
//! and which cannot be named, is what GitHub answers.

use crate::change::Timestamp;
use crate::forge::permissions::endpoints::{ALWAYS_SENT, EVENTS};
use crate::sandbox::github::access::APP_KEY;
use crate::sandbox::github::access::Level;
use crate::sandbox::github::access::Permissions;
use crate::sandbox::github::answer::Answer;
use crate::sandbox::github::answer::Answered;
use crate::sandbox::github::answer::not_found;
use crate::sandbox::github::people::ActError;
use crate::sandbox::github::state::App;
use crate::sandbox::github::state::Github;
use crate::sandbox::github::state::UserKind;
use serde_json::Value;
use serde_json::json;

/// How long a code is good, in seconds.
const CODE_SECONDS: i64 = 3600;
/// Longest name of an App, in characters.
const MAX_NAME: usize = 34;

impl Github {
    /// A person agrees to a manifest: the App is there, and a code takes the person back to whoever made it.
    ///
    /// # Errors
    /// What GitHub says of a manifest that it does not take.
    pub fn register_app(&mut self, manifest: &Value, owner: &str) -> Result<String, ActError> {
        let app = self.app_of(manifest).map_err(|why| ActError::Refused(format!("Invalid GitHub App configuration: {why}")))?;
        self.hook_url = manifest["hook_attributes"]["url"].as_str().unwrap_or_default().to_owned();
        self.hook_active = manifest["hook_attributes"]["active"].as_bool().unwrap_or(true);
        self.apps.insert(app.id, app.clone());
        self.app = app;
        self.app_owner = Some(self.add_user(owner, UserKind::Organization));
        let code = format!("{:040x}", self.ids.next("manifest code"));
        self.codes.insert(code.clone(), self.now);
        Ok(code)
    }

    fn app_of(&self, manifest: &Value) -> Result<App, String> {
        let text = |name: &str| manifest[name].as_str().filter(|text| !text.is_empty()).ok_or_else(|| format!("{name} is missing"));
        let (name, _) = (text("name")?, text("url")?);
        if name.chars().count() > MAX_NAME {
            return Err(format!("Name is too long (maximum is {MAX_NAME} characters)"));
        }
        let mut permissions = Permissions::new();
        for (permission, level) in manifest["default_permissions"].as_object().into_iter().flatten() {
            let level =
                level.as_str().and_then(Level::from_word).ok_or_else(|| format!("Default permission records {permission} is not valid"))?;
            permissions.insert(permission.clone(), level);
        }
        let events: Vec<&str> = manifest["default_events"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if let Some(event) = events.iter().find(|event| ALWAYS_SENT.contains(event)) {
            return Err(format!("Default events unsupported: {event}"));
        }
        let covered = |event: &&&str| EVENTS.iter().any(|known| known.name == **event && permissions.contains_key(known.permission.key()));
        if let Some(event) = events.iter().find(|event| !covered(event)) {
            return Err(format!("Default events are not supported by permissions: {event}"));
        }
        let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
        Ok(App {
            id: self.app.id,
            slug: name.chars().map(letter).collect(),
            name: name.to_owned(),
            permissions,
            events: events.into_iter().map(str::to_owned).collect(),
        })
    }
}

/// The App for a code. A code is good once.
pub(crate) fn convert(github: &mut Github, code: &str) -> Answered {
    let made: Timestamp = github.codes.remove(code).ok_or_else(not_found)?;
    if github.now.0 - made.0 >= CODE_SECONDS {
        return Err(not_found());
    }
    let mut shown = github.app_json(&github.app);
    shown["client_secret"] = json!("0123456789abcdef0123456789abcdef01234567");
    shown["webhook_secret"] = if github.hook_url.is_empty() { Value::Null } else { json!(github.deliveries.secret()) };
    shown["pem"] = json!(APP_KEY);
    Answer::created(shown)
}
