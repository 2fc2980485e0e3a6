//! `astride sandbox --web`: the pull request as a page in a browser on this machine, with forms for what people do.
//!
//! Comes in: requests of the person's browser, and whatever else on this machine or any web page may send here. Goes out: pages without
//! script, and what people do, to the stand-in. All of it stands under a path that nobody can guess; a request under another host's name is
//! refused, as DNS rebinding would bring it; a form counts only from this very page and with the token that stood in it.

mod conversation;
mod files;
mod forms;
mod markdown;
mod picture;
mod view;

use crate::capability::{equal, random};
use crate::change::ObjectId;
use crate::cli::sandbox::page::PULL;
use crate::cli::sandbox::push;
use crate::cli::sandbox::web::view::{Draft, View};
use crate::report::svg;
use crate::sandbox::github::StandIn;
use crate::sandbox::objects::Objects;
use crate::sandbox::stage::Settling;
use anyhow::{Context, Result};
use axum::Router;
use axum::extract::{Path, Query, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, Method, StatusCode, header};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;

const STYLE: &str = include_str!("page.css");

/// Where the page is: known before there is anything to show, since GitHub's links lead there.
pub(super) struct Door {
    listener: TcpListener,
    address: SocketAddr,
    /// Stands before every path.
    key: String,
}

impl Door {
    /// Opens it on loopback; port 0 is any free one.
    ///
    /// # Errors
    /// The port is taken, or the machine gives no random bytes.
    pub(super) async fn open(port: u16) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.with_context(|| format!("port {port} of 127.0.0.1"))?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, key: random()? })
    }

    /// The beginning of every address of the page.
    pub(super) fn url(&self) -> String {
        format!("http://{}/{}", self.address, self.key)
    }
}

/// The pull request on its page.
pub(super) struct Site {
    standin: StandIn,
    settling: Settling,
    repository: String,
    address: SocketAddr,
    key: String,
    /// Stands in every form.
    token: String,
    policy: HeaderValue,
    /// How long a form waits for what comes of it.
    patience: Duration,
    /// The last picture, with the two commits that it is of.
    drawn: Mutex<Option<Drawn>>,
}

type Drawn = ((ObjectId, ObjectId), Option<String>);

/// Serves the page until the task is dropped.
///
/// # Errors
/// Accepting fails for good.
pub(super) async fn serve(door: Door, standin: StandIn, settling: Settling, repository: &str, patience: Duration) -> Result<()> {
    let picture = STANDARD.encode(Sha256::digest(svg::style()));
    let policy =
        format!("default-src 'none'; style-src 'self' 'sha256-{picture}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    let site = Arc::new(Site {
        standin,
        settling,
        repository: repository.to_owned(),
        address: door.address,
        key: door.key,
        token: random()?,
        policy: HeaderValue::from_str(&policy)?,
        patience,
        drawn: Mutex::new(None),
    });
    Ok(axum::serve(door.listener, router(site)).await?)
}

fn router(site: Arc<Site>) -> Router {
    let (root, pull) = (site.root(), site.pull());
    let blob = format!("{root}/{}/blob/{{commit}}/{{*path}}", site.repository);
    Router::new()
        .route(&root, get(enter))
        .route(&format!("{root}/page.css"), get(|| async { ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE) }))
        .route(&pull, get(show))
        .route(&format!("{pull}/comments"), post(forms::comment))
        .route(&format!("{pull}/fixes"), post(forms::fix))
        .route(&format!("{pull}/edits"), post(forms::edit))
        .route(&blob, get(blob_page))
        .fallback(|| async { StatusCode::NOT_FOUND })
        .layer(from_fn_with_state(site.clone(), guard))
        .with_state(site)
}

/// Only our own name, the path's key, and forms of our own pages are answered to; every answer says what a browser may do with it.
async fn guard(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let own = [site.address.to_string(), format!("localhost:{}", site.address.port())];
    let origin = request.headers().get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let is_own_form = origin == Some(&format!("http://{host}"));
    let key = request.uri().path().split('/').nth(1).unwrap_or_default();
    let mut response = if !own.iter().any(|own| own == host) {
        (StatusCode::MISDIRECTED_REQUEST, "this page answers to its own address alone\n").into_response()
    } else if !equal(key, &site.key) {
        StatusCode::NOT_FOUND.into_response()
    } else if request.method() == Method::POST && !is_own_form {
        (StatusCode::FORBIDDEN, "a form counts from this page alone\n").into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, site.policy.clone());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // A form must say where it comes from; nobody else learns the path.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

async fn enter(State(site): State<Arc<Site>>) -> Redirect {
    Redirect::to(&site.pull())
}

/// What an address may ask of the page.
#[derive(Default, Deserialize)]
struct Asked {
    /// Stands in the comment box already.
    #[serde(default)]
    draft: String,
    /// Anything: the page is not read again by itself, whatever the service does.
    #[serde(default)]
    held: String,
}

async fn show(State(site): State<Arc<Site>>, Query(asked): Query<Asked>) -> Response {
    site.page(Draft { body: asked.draft, held: !asked.held.is_empty(), ..Draft::default() }).await
}

async fn blob_page(State(site): State<Arc<Site>>, Path((commit, path)): Path<(String, String)>) -> Response {
    let page = site.standin.with(|github| files::blob(github, &site, &commit, &path));
    page.map_or_else(|| StatusCode::NOT_FOUND.into_response(), |page| Html(page).into_response())
}

impl Site {
    fn root(&self) -> String {
        format!("/{}", self.key)
    }

    /// The path of the page.
    fn pull(&self) -> String {
        format!("{}/{}/pull/{PULL}", self.root(), self.repository)
    }

    /// The page as it stands, around what somebody was about to say. What went wrong with it makes the answer a refusal.
    async fn page(&self, draft: Draft) -> Response {
        let picture = self.picture().await;
        let settled = self.settling.is_settled().await;
        let offers = push::offers(&self.standin, &self.repository);
        let offers = match offers {
            Ok(offers) => offers,
            Err(error) => return (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}\n")).into_response(),
        };
        let status = if draft.refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let page = self.standin.with(|github| {
            let repository = github.repository_named(&self.repository)?;
            let pull = repository.pulls.get(&PULL)?;
            let view = View { site: self, github, repository, pull, offers: &offers, picture: picture.as_deref(), settled, draft: &draft };
            Some(view.render())
        });
        page.map_or_else(|| StatusCode::NOT_FOUND.into_response(), |page| (status, Html(page)).into_response())
    }

    /// The drawn diagram of what the pull request has now; judged only when a commit has changed.
    async fn picture(&self) -> Option<String> {
        let (objects, ends) = self.standin.with(|github| {
            let repository = github.repository_named(&self.repository)?;
            let pull = repository.pulls.get(&PULL)?;
            let ends = (github.pull_base(repository.id, pull)?, pull.head.sha);
            let known = self.drawn().as_ref().is_some_and(|(of, _)| *of == ends);
            Some(((!known).then(|| github.objects(repository.id).cloned()).flatten(), ends))
        })?;
        if let Some(objects) = objects {
            let drawn = draw(objects, ends).await;
            *self.drawn() = Some((ends, drawn));
        }
        self.drawn().as_ref().and_then(|(_, picture)| picture.clone())
    }

    fn drawn(&self) -> std::sync::MutexGuard<'_, Option<Drawn>> {
        self.drawn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Beside the requests, because it takes a moment.
async fn draw(objects: Objects, (base, head): (ObjectId, ObjectId)) -> Option<String> {
    tokio::task::spawn_blocking(move || picture::draw(&objects, base, head)).await.ok().flatten()
}
