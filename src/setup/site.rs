//! The pages on loopback: one with the form that goes to GitHub, one that GitHub sends the browser back to.
//!
//! Comes in: requests of the operator's browser, and whatever else on this machine or any web page may send here. Goes out: pages, and one
//! registration. A request under another host's name is refused, as DNS rebinding would bring it; the form stands under a path that nobody
//! can guess; what comes back counts only with a `state` that stood in the form.

use crate::capability::{equal, random};
use crate::forge::transport::Transport;
use crate::setup::files::Folder;
use crate::setup::html::{STYLE, escape, page};
use crate::setup::manifest::manifest;
use crate::setup::states::States;
use crate::setup::{Registered, Wish, registration};
use axum::Router;
use axum::extract::{Query, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::mpsc::Sender;

#[derive(Debug)]
pub(super) struct Site {
    wish: Wish,
    folder: Folder,
    transport: Transport,
    address: SocketAddr,
    /// Where the form stands.
    secret_path: String,
    states: States,
    policy: HeaderValue,
    outcomes: Sender<Result<Registered, String>>,
}

impl Site {
    pub(super) fn new(
        wish: Wish,
        folder: Folder,
        transport: Transport,
        address: SocketAddr,
        outcomes: Sender<Result<Registered, String>>,
    ) -> io::Result<Self> {
        let style = STANDARD.encode(Sha256::digest(STYLE));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{style}'; form-action {}; base-uri 'none'; frame-ancestors 'none'",
            wish.web_url
        );
        let policy = HeaderValue::from_str(&policy).map_err(io::Error::other)?;
        Ok(Self { wish, folder, transport, address, secret_path: random()?, states: States::default(), policy, outcomes })
    }

    /// Where the form is.
    pub(super) fn url(&self) -> String {
        format!("http://{}/{}", self.address, self.secret_path)
    }
}

pub(super) fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/callback", get(come_back))
        .route("/{path}", get(form))
        .fallback(|| async { StatusCode::NOT_FOUND })
        .layer(from_fn_with_state(site.clone(), guard))
        .with_state(site)
}

/// Only our own name is answered to, and every answer says what a browser may do with it.
async fn guard(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let mut response = if host == Some(&site.address.to_string()) {
        next.run(request).await
    } else {
        (StatusCode::MISDIRECTED_REQUEST, "this page answers to its own address alone\n").into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, site.policy.clone());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // GitHub may see where the form came from, and nobody the path that it stood under.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("strict-origin"));
    response
}

async fn form(State(site): State<Arc<Site>>, axum::extract::Path(path): axum::extract::Path<String>) -> Response {
    if !equal(&path, &site.secret_path) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let Ok(state) = site.states.open(Instant::now()) else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let wish = &site.wish;
    let action = match &wish.organisation {
        Some(organisation) => format!("{}/organizations/{organisation}/settings/apps/new?state={state}", wish.web_url),
        None => format!("{}/settings/apps/new?state={state}", wish.web_url),
    };
    let manifest = manifest(wish, &format!("http://{}/callback", site.address)).to_string();
    let mut body = format!(
        "<p>GitHub shows you the App before it is registered. It asks for:</p>\n<table>{}</table>\n",
        wish.variant.permissions().iter().fold(String::new(), |mut rows, (permission, level)| {
            let _ = write!(rows, "<tr><td>{}</td><td>{}</td></tr>", escape(permission.title()), level.word());
            rows
        })
    );
    if wish.webhook_url.is_none() {
        body.push_str("<p>Its webhook is not active yet: set its address in the App's settings once the service runs.</p>\n");
    }
    let _ = write!(
        body,
        "<form method=\"post\" action=\"{}\"><input type=\"hidden\" name=\"manifest\" value=\"{}\">\
         <button type=\"submit\">Register {} on {}</button></form>",
        escape(&action),
        escape(&manifest),
        escape(&wish.name),
        escape(wish.web_url.trim_start_matches("https://"))
    );
    Html(page("Register the GitHub App", &body)).into_response()
}

#[derive(Deserialize)]
struct Returned {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
}

async fn come_back(State(site): State<Arc<Site>>, Query(returned): Query<Returned>) -> Response {
    // Who brings no state of ours learns nothing more.
    if !registration::is_code(&returned.code) || !site.states.close(&returned.state, Instant::now()) {
        let body = "<p>This is no answer to a form of this page, or it was used already. Open the page anew.</p>";
        return (StatusCode::FORBIDDEN, Html(page("Not taken", body))).into_response();
    }
    let outcome = finish(&site, &returned.code).await;
    let response = match &outcome {
        Ok(registered) => {
            let body = format!(
                "<p>{} is registered, and its credentials are stored. Close this page; the terminal says what comes next.</p>\n\
                 <p><a href=\"{}\" rel=\"noreferrer\">Install it</a> on the repositories that it shall review.</p>",
                escape(&registered.name),
                escape(&registered.install_url)
            );
            Html(page("Registered", &body)).into_response()
        }
        Err(what) => (StatusCode::BAD_GATEWAY, Html(page("Not stored", &format!("<p>{}</p>", escape(what))))).into_response(),
    };
    // Whoever waited has left if this fails, and the page says it all the same.
    let _ = site.outcomes.send(outcome).await;
    response
}

/// Exchanges the code and stores what comes.
async fn finish(site: &Site, code: &str) -> Result<Registered, String> {
    let found = registration::exchange(&site.transport, &site.wish, code).await.map_err(|error| error.to_string())?;
    let files = site.folder.store(&found.credentials, &site.wish).map_err(|error| {
        format!("the App is registered as {}, and its credentials could not be stored: {error}. Make a new private key in its settings, or delete it and begin anew", found.credentials.page)
    })?;
    Ok(Registered {
        id: found.credentials.app_id,
        name: found.name,
        owner: found.owner,
        install_url: format!("{}/installations/new", found.credentials.page),
        files,
        has_secret: found.credentials.webhook_secret.is_some(),
    })
}
