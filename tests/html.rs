//! The pages as a browser shows them: on a phone and on a desk, dark and light. Nothing is wider than the screen, foreign names are text,
//! everything can be read and reached, and nothing is fetched.
//!
//! `ASTRIDE_SCREENSHOTS=DIR` keeps the pictures. Without a Chromium in PATH the test says that it was left out.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod browser;
mod local;
mod shared;

use astride::report::html;
use astride::settings::SettingsTexts;
use browser::{Scheme, Seen};
use local::{Local, OPEN_QUEUE, QUEUE};
use std::fs;
use std::path::{Path, PathBuf};

const PHONE: (u32, u32) = (390, 844);
const DESK: (u32, u32) = (1280, 800);

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page(base: &Path, head: &Path) -> String {
    html::render(&shared::judge(&shared::change(base, head), &SettingsTexts::default()))
}

/// The sandbox's example, names that would like to be markup, the survey of a repository, and a ledger for its auditor.
fn pages() -> Vec<(&'static str, String)> {
    let example = root().join("src/sandbox/example");
    let cases = root().join("tests/cases/exports");
    let local = Local::with(&[("template.yaml", QUEUE)]);
    local.commit("open <b>it</b>", &[("template.yaml", OPEN_QUEUE)]);
    let survey = local.astride(&["survey", "--branch", "work", "--format", "html"]).ending(0);
    vec![
        ("example.html", page(&example.join("base"), &example.join("head"))),
        ("hostile.html", page(&cases.join("page/base"), &cases.join("hostile_names/input"))),
        ("survey.html", survey),
        ("ledger.html", fs::read_to_string(root().join("tests/cases/ledger/export.html")).unwrap()),
    ]
}

fn browser() -> Option<PathBuf> {
    let browser = browser::find();
    if browser.is_none() {
        shared::skip("what a browser shows of the HTML pages: no Chromium in PATH");
    }
    browser
}

fn look(browser: &Path, pages: &[(&str, String)], screen: (u32, u32), scheme: Scheme) -> Seen {
    let pages: Vec<(&str, &str)> = pages.iter().map(|(name, text)| (*name, text.as_str())).collect();
    browser::look(browser, &pages, screen, scheme)
}

#[test]
fn pages_fit_every_screen_and_fetch_nothing() {
    let Some(browser) = browser() else { return };
    let pages = pages();
    let mut pictures = Vec::new();
    for (screen, scheme) in [(PHONE, Scheme::Light), (PHONE, Scheme::Dark), (DESK, Scheme::Light), (DESK, Scheme::Dark)] {
        let seen = look(&browser, &pages, screen, scheme);
        let wrong: Vec<&str> = seen.found["wrong"].as_array().unwrap().iter().filter_map(|wrong| wrong.as_str()).collect();
        assert!(wrong.is_empty(), "{screen:?}, {scheme:?}:\n{}", wrong.join("\n"));
        assert_eq!(seen.found["dark"], scheme == Scheme::Dark, "the scheme is the one that was asked for");
        assert!(seen.found["elements"].as_u64() > Some(300) && seen.found["texts"].as_u64() > Some(100), "{}", seen.found);
        assert_eq!(seen.requests, Vec::<String>::new(), "something left this machine");
        let hostile = seen.found["said"]["hostile.html"].as_str().unwrap();
        assert!(hostile.contains("<script>alert(1)</script>") && hostile.contains("<img src=x onerror=alert(3)>"), "{hostile}");
        assert_eq!(browser::size(&seen.picture), screen);
        keep(screen, scheme, &seen.picture);
        pictures.push(seen.picture);
    }
    assert!(pictures[0] != pictures[1] && pictures[2] != pictures[3], "dark and light look the same");
}

fn keep((width, height): (u32, u32), scheme: Scheme, picture: &[u8]) {
    let Some(folder) = std::env::var_os("ASTRIDE_SCREENSHOTS").map(PathBuf::from) else { return };
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(format!("report-{width}x{height}-{scheme:?}.png").to_lowercase()), picture).unwrap();
}

/// What the test above looks for is found where it is.
#[test]
fn a_bad_page_is_found_out() {
    let Some(browser) = browser() else { return };
    let bad = "<!doctype html><body onload='1'><main><h1>a</h1><h3>b</h3><p style='width:5000px;color:#aaa;background:#fff'>wide and pale</p>\
               <img src='http://picture.example.test/a.png'><a href='#nowhere'>there</a></main></body>";
    let seen = look(&browser, &[("bad.html", bad.to_owned())], PHONE, Scheme::Light);
    let wrong = seen.found["wrong"].to_string();
    for expected in [
        "scrolls sideways",
        "wider than the screen",
        "<IMG",
        "event handler",
        "h3 after h1",
        "contrast of 2.3",
        "leads nowhere",
        "no header",
    ] {
        assert!(wrong.contains(expected), "{expected}: {wrong}");
    }
    assert!(seen.requests.iter().any(|request| request.contains("picture.example.test")), "{:?}", seen.requests);
}
