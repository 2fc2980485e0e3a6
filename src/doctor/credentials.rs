//! Whether GitHub takes the App's key, and whether the clocks agree, on which its tokens rest.

use crate::doctor::{Diagnosis, State};
use crate::forge::error::ForgeError;
use crate::forge::shared::Forge;
use crate::forge::wire;

const AREA: &str = "credentials";
/// Seconds between the clocks that are let pass. GitHub refuses a token that is dated a minute ahead of its own clock.
const SKEW: i64 = 30;

/// The App; `None` where nothing more can be asked.
pub(super) async fn look(forge: &Forge, diagnosis: &mut Diagnosis) -> Option<wire::App> {
    let (app, date) = match forge.sign_in().await {
        Ok(answer) => answer,
        Err(error) => {
            diagnosis.add(
                AREA,
                State::Failed,
                error.to_string(),
                "see whether this machine reaches GitHub: the network, HTTPS_PROXY, github.ca_file",
            );
            return None;
        }
    };
    match date.map(|date| forge.clock().timestamp().0 - date.0) {
        None => diagnosis.not_verifiable("clock", "GitHub's answer bears no date", ""),
        Some(ahead) if ahead.abs() <= SKEW => diagnosis.good("clock", format!("within {SKEW} seconds of GitHub's")),
        Some(ahead) => {
            let direction = if ahead > 0 { "ahead of" } else { "behind" };
            diagnosis.wrong(
                "clock",
                format!("{} seconds {direction} GitHub's: tokens are refused", ahead.abs()),
                "set this machine's clock by a time server",
            );
        }
    }
    match app {
        Ok(app) => {
            diagnosis.good(AREA, format!("GitHub takes the key of App {}, {}", forge.app_id(), app.slug));
            Some(app)
        }
        Err(error) => {
            refused(forge, &error, diagnosis);
            None
        }
    }
}

fn refused(forge: &Forge, error: &ForgeError, diagnosis: &mut Diagnosis) {
    let id = forge.app_id();
    match error {
        ForgeError::Unauthorized { .. } => diagnosis.wrong(
            AREA,
            format!("GitHub refuses the key for App {id}"),
            "make a new private key in the App's settings and store it where github.private_key_file says; see the clock too",
        ),
        ForgeError::NotFound { .. } => {
            diagnosis.wrong(AREA, format!("GitHub knows no App {id}"), "compare github.app_id and github.api_url with the App's settings");
        }
        other => diagnosis.failed(AREA, other),
    }
}
