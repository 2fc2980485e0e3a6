//! The sandbox's page and the service's own in a browser: every screen, dark and light, the keyboard alone, and nothing from elsewhere.
//!
//! `ASTRIDE_SCREENSHOTS=DIR` keeps the pictures. Without a Chromium in PATH the tests say that they were left out.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod browser;
mod local;
mod program;
mod sandbox_page;
mod shared;

use browser::Scheme;
use browser::driven::Driven;
use local::{Local, OPEN_QUEUE, QUEUE};
use sandbox_page::Shown;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

const PHONE: (u32, u32) = (390, 844);
const DESK: (u32, u32) = (1280, 900);
const HOSTILE: &str = "<img src=http://evil.example/a.png onerror=alert(1)> <script>alert(2)</script> ![x](http://evil.example/b.png) \
                       <style>body{background:url(http://evil.example/c)}</style>";

fn browser() -> Option<PathBuf> {
    let browser = browser::find();
    if browser.is_none() {
        shared::skip("what a browser shows of the sandbox's page: no Chromium in PATH");
    }
    browser
}

fn keep(name: &str, picture: &[u8]) {
    let Some(folder) = std::env::var_os("ASTRIDE_SCREENSHOTS").map(PathBuf::from) else { return };
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("{name}.png")), picture).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_fits_every_screen_and_asks_nobody_else() {
    let Some(browser) = browser() else { return };
    let shown = Shown::begin(&[]);
    shown.form("comments", &[("by", "maria"), ("body", HOSTILE)]).await;
    shown.form("comments", &[("by", "maria"), ("body", "/stride accept nothing")]).await;
    let page = shown.page().await;
    let blob = page.split('"').find(|part| part.contains("/blob/") && part.contains("#L")).unwrap().to_owned();
    // The service's own two pages: the one that the check links to, and the one about itself.
    let details = page.split('"').find(|part| part.contains("/checks/")).unwrap().to_owned();
    let service = details.split("checks/").next().unwrap().to_owned();
    let mut pictures = Vec::new();
    for (screen, scheme) in [(PHONE, Scheme::Light), (PHONE, Scheme::Dark), (DESK, Scheme::Light), (DESK, Scheme::Dark)] {
        let mut driven = Driven::start(&browser, screen, scheme);
        for (name, url) in [("sandbox", shown.url.as_str()), ("file", &blob), ("details", &details), ("home", &service)] {
            driven.open(url);
            let wrong = driven.wrong();
            assert!(wrong.is_empty(), "{name}, {screen:?}, {scheme:?}:\n{}", wrong.join("\n"));
            let picture = driven.picture();
            assert_eq!(browser::size(&picture), screen);
            keep(&format!("{name}-{}x{}-{scheme:?}", screen.0, screen.1).to_lowercase(), &picture);
            pictures.push(picture);
        }
        let own = format!("http://{}/", shown.address);
        let elsewhere: Vec<String> =
            driven.asked_for().into_iter().filter(|url| !url.starts_with(&own) && !url.starts_with(&service)).collect();
        assert_eq!(elsewhere, Vec::<String>::new(), "something was asked of others");
        assert!(driven.asked_for().iter().any(|url| url.ends_with("/page.css")), "the requests are seen");
        // A browser asks for this by itself.
        let complaints: Vec<String> = driven.complaints().into_iter().filter(|what| !what.contains("favicon.ico")).collect();
        assert_eq!(complaints, Vec::<String>::new(), "the policy fits the page");
    }
    let [phone_light, phone_dark, desk_light, desk_dark] = [0, 4, 8, 12].map(|at| &pictures[at..at + 4]);
    for (light, dark) in phone_light.iter().zip(phone_dark).chain(desk_light.iter().zip(desk_dark)) {
        assert!(light != dark, "dark and light look the same");
    }
}

/// Names that would be markup, and one that is longer than any screen.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_and_long_names_fit_too() {
    let Some(browser) = browser() else { return };
    let long = format!("{}.yaml", "long-name-without-end".repeat(10));
    let name = "<img src=x onerror=alert(1)>&\"'.yaml";
    let local = Local::with(&[(name, QUEUE), (&long, QUEUE)]);
    local.commit(&format!("<script>alert(1)</script> {}", "subject".repeat(30)), &[(name, OPEN_QUEUE), (&long, OPEN_QUEUE)]);
    let shown = Shown::begin(&["--repo", &local.path().display().to_string(), "--base", "main", "--head", "work"]);
    let page = shown.page().await;
    let details = page.split('"').find(|part| part.contains("/checks/")).unwrap().to_owned();
    let mut driven = Driven::start(&browser, PHONE, Scheme::Light);
    for (name, url) in [("hostile", shown.url.as_str()), ("hostile-details", &details)] {
        driven.open(url);
        let wrong = driven.wrong();
        assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
        assert!(driven.text("main").contains("<img src=x onerror=alert(1)>"), "{name}: it is text");
        keep(name, &driven.picture());
    }
    let complaints: Vec<String> = driven.complaints().into_iter().filter(|what| !what.contains("favicon.ico")).collect();
    assert_eq!(complaints, Vec::<String>::new());
}

/// From the address to green: a command is typed, then a fix pushed, and every place where the keyboard is can be seen.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_keyboard_alone_is_enough() {
    let Some(browser) = browser() else { return };
    let shown = Shown::begin(&[]);
    let mut driven = Driven::start(&browser, DESK, Scheme::Light);
    driven.open(&shown.url);
    assert!(driven.text(".verdict").contains("action required"));
    driven.tab_to("#body");
    driven.type_in("/stride help");
    driven.tab_to("#say button");
    driven.enter();
    driven.loaded();
    assert!(driven.text("#conversation").contains("/stride help"), "the comment stands there");
    driven.tab_to("#push form:first-of-type button");
    keep("sandbox-keyboard", &driven.picture());
    driven.enter();
    driven.loaded();
    let verdict = driven.text(".verdict");
    assert!(verdict.contains("success") && verdict.contains("clear"), "{verdict}");
    keep("sandbox-green", &driven.picture());
    let (status, out, _) = shown.end();
    assert!(status.success(), "{out}");
}

/// While the service is at work the page is read again by itself, and nothing can be typed that would be lost; whoever wants to type stops it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_is_typed_is_lost() {
    let Some(browser) = browser() else { return };
    let shown = Arc::new(Shown::begin(&[]));
    let path = shown.page().await.split_once("name=\"path\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let mut driven = Driven::start(&browser, DESK, Scheme::Light);
    // So much to judge that the service is at work for a while.
    let function = |number: usize| {
        format!("  F{number}: {{Type: AWS::Serverless::Function, Properties: {{CodeUri: ., Handler: a.b, Runtime: python3.13}}}}\n")
    };
    let functions: String = (0..2_000).map(function).collect();
    let template = format!("AWSTemplateFormatVersion: '2010-09-09'\nTransform: AWS::Serverless-2016-10-31\nResources:\n{functions}");
    let pushing = tokio::spawn({
        let shown = shown.clone();
        async move { shown.form("edits", &[("path", &path), ("text", &template)]).await }
    });
    while !shown.page().await.contains("The service is at work") {
        assert!(!pushing.is_finished(), "the service was never seen at work");
    }
    driven.open(&shown.url);
    assert!(driven.text(".busy").contains("read again by itself"));
    assert_eq!(driven.ask("document.querySelectorAll('textarea, select, button').length"), 0);
    let wrong = driven.wrong();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    keep("sandbox-busy", &driven.picture());
    driven.open(&format!("http://{}{}?held=yes", shown.address, shown.pull));
    driven.tab_to("#body");
    driven.type_in("/stride accept 1 it takes me longer than two seconds to say why");
    assert_eq!(driven.ask("document.querySelectorAll('meta[http-equiv]').length"), 0);
    // What the service does meanwhile changes nothing under the reader's hands.
    pushing.await.unwrap();
    assert!(driven.ask("document.getElementById('body').value").as_str().unwrap().ends_with("to say why"));
    // It is done: the page is as ever, and is not read again.
    driven.open(&shown.url);
    assert_eq!(driven.ask("document.querySelectorAll('.busy, meta[http-equiv]').length"), 0);
    assert_ne!(driven.ask("document.querySelectorAll('textarea').length"), 0);
}

/// What the policy is for: a page of ours that had let something in would still run and fetch nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_would_get_in_neither_runs_nor_fetches() {
    let Some(browser) = browser() else { return };
    let shown = Shown::begin(&[]);
    let mut driven = Driven::start(&browser, DESK, Scheme::Light);
    driven.open(&shown.url);
    driven.ask(
        "(() => { const add = (kind, set) => { const made = document.createElement(kind); set(made); document.body.append(made); };\n\
         add('script', made => { made.textContent = 'window.ran = true'; });\n\
         add('img', made => { made.src = 'http://evil.example/a.png'; });\n\
         add('style', made => { made.textContent = 'body { display: none }'; }); })()",
    );
    assert_eq!(driven.ask("window.ran === undefined && getComputedStyle(document.body).display !== 'none'"), true);
    let complaints = driven.complaints().join("\n");
    for what in ["script", "evil.example", "style"] {
        assert!(complaints.contains(what), "{what}: {complaints}");
    }
}
