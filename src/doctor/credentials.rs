//! Whether GitHub takes the App's key, and whether the clocks agree, on which its tokens rest.

use crate::doctor::{Diagnosis, State};
use crate::forge::app::{SKEW, clock_words};
use crate::forge::error::ForgeError;
use crate::forge::shared::Forge;
use crate::forge::wire;

const AREA: &str = "credentials";

/// The App; `None` where nothing more can be asked.
pub(super) async fn look(forge: &Forge, diagnosis: &mut Diagnosis) -> Option<wire::App> {
    let (app, date) = match forge.sign_in().await {
        Ok(answer) => answer,
        Err(error) => {
            diagnosis.add(AREA, State::Failed, error.to_string(), error.way_out());
            return None;
        }
    };
    match date.map(|date| forge.clock().timestamp().0 - date.0) {
        None => diagnosis.not_verifiable("clock", "GitHub's answer bears no date", ""),
        Some(ahead) => match clock_words(ahead) {
            None => diagnosis.good("clock", format!("within {SKEW} seconds of GitHub's")),
            Some(words) => {
                diagnosis.wrong("clock", format!("{words}: tokens are refused"), "set this machine's clock by a time server");
            }
        },
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
            diagnosis.wrong(AREA, format!("GitHub knows no App {id}"), error.way_out());
        }
        other => diagnosis.add(AREA, State::Failed, other.to_string(), other.way_out()),
    }
}
