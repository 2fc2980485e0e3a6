//! What the forms of the page do: a comment or a reply, a fix of the list, a file as it was edited.
//!
//! Comes in: a form, with the token of the page. Goes out: the page again once the service has worked off what came of it, at the place where
//! it shows; or the page with what is wrong and what was typed.

use crate::capability::equal;
use crate::cli::sandbox::page::PULL;
use crate::cli::sandbox::push;
use crate::cli::sandbox::web::Site;
use crate::cli::sandbox::web::view::{Draft, people};
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use serde::Deserialize;
use std::sync::Arc;

/// Somebody says something.
#[derive(Deserialize)]
pub(super) struct Comment {
    token: String,
    by: String,
    body: String,
    /// The first comment of the thread that it is a reply in.
    thread: Option<u64>,
}

pub(super) async fn comment(State(site): State<Arc<Site>>, Form(form): Form<Comment>) -> Response {
    if !equal(&form.token, &site.token) {
        return refused();
    }
    let body = lines(&form.body);
    let draft =
        |what: &str| Draft { by: form.by.clone(), body: body.clone(), thread: form.thread, refused: what.to_owned(), ..Draft::default() };
    if body.trim().is_empty() {
        return site.page(draft("There is nothing to say yet: write a comment, or a command.")).await;
    }
    if !site.standin.with(|github| people(github, &site.repository).contains(&form.by)) {
        return site.page(draft("Nobody of that name takes part in this pull request.")).await;
    }
    let said = site.standin.act(|github| match form.thread {
        Some(first) => github.reply(&site.repository, first, &form.by, body.trim_end()).map(|id| format!("r{id}")),
        None => github.comment(&site.repository, PULL, &form.by, body.trim_end()).map(|id| format!("c{id}")),
    });
    match said {
        Ok(place) => done(&site, &place).await,
        Err(error) => site.page(draft(&error.to_string())).await,
    }
}

/// The author pushes a fix of the list.
#[derive(Deserialize)]
pub(super) struct Fix {
    token: String,
    number: usize,
}

pub(super) async fn fix(State(site): State<Arc<Site>>, Form(form): Form<Fix>) -> Response {
    if !equal(&form.token, &site.token) {
        return refused();
    }
    match push::push_fix(&site.standin, &site.repository, form.number) {
        Ok(_) => done(&site, "checks").await,
        Err(error) => site.page(Draft { refused: format!("{error:#}"), ..Draft::default() }).await,
    }
}

/// The author pushes a file as it was edited.
#[derive(Deserialize)]
pub(super) struct Edit {
    token: String,
    path: String,
    text: String,
}

pub(super) async fn edit(State(site): State<Arc<Site>>, Form(form): Form<Edit>) -> Response {
    if !equal(&form.token, &site.token) {
        return refused();
    }
    let text = as_written(&site, &form.path, &lines(&form.text));
    match push::push_text(&site.standin, &site.repository, &form.path, &text) {
        Ok(_) => done(&site, "checks").await,
        Err(error) => {
            let edited = Some((form.path.clone(), text));
            site.page(Draft { edited, refused: format!("{error:#}"), ..Draft::default() }).await
        }
    }
}

/// Waits until the service has come to an end, but not for ever: the page says that it is at work.
async fn done(site: &Site, place: &str) -> Response {
    let _ = tokio::time::timeout(site.patience, site.settling.settle()).await;
    Redirect::to(&format!("{}#{place}", site.pull())).into_response()
}

fn refused() -> Response {
    (StatusCode::FORBIDDEN, "this form is of an older page: open the page anew\n").into_response()
}

/// The text with the ends of lines that the file has.
fn as_written(site: &Site, path: &str, text: &str) -> String {
    let offers = push::offers(&site.standin, &site.repository).ok();
    let before = offers.and_then(|offers| offers.files.into_iter().find(|(file, _)| file == path));
    if before.is_some_and(|(_, before)| before.contains("\r\n")) { text.replace('\n', "\r\n") } else { text.to_owned() }
}

/// Browsers end lines of text areas with CR LF (<https://html.spec.whatwg.org/multipage/form-control-infrastructure.html>).
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n")
}
