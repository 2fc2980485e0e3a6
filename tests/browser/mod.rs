//! A headless Chromium that lays pages out: found by name in PATH, run as nobody with a profile of its own, stopped after a minute.
//!
//! Comes in: pages. Goes out: what `harness.html` finds about them, a picture, and every request that left. All traffic is sent to a proxy
//! of ours, which notes it and answers nothing.

#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]
#![allow(dead_code, reason = "each test file uses its part of it")]

pub(crate) mod driven;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

/// What is wrong with a page, as `check` finds it.
const CHECKS: &str = include_str!("checks.js");
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
/// Whom a Chromium asks things by itself, whatever it shows: updates, accounts, the time.
const MAKERS: [&str; 3] = [".google.com", ".googleapis.com", ".gvt1.com"];
/// Of a user who owns nothing.
const NOBODY: u32 = 65_534;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Dark,
    Light,
}

/// What was seen of some pages.
pub(crate) struct Seen {
    pub(crate) found: Value,
    /// The first page at the top, as PNG.
    pub(crate) picture: Vec<u8>,
    /// First lines of whatever the pages asked of the network.
    pub(crate) requests: Vec<String>,
}

/// The browser's program, if there is one.
pub(crate) fn find() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    NAMES.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file()))
}

/// Lays the pages out on a screen of so many pixels. Pages are given by name and text.
pub(crate) fn look(browser: &Path, pages: &[(&str, &str)], (width, height): (u32, u32), scheme: Scheme) -> Seen {
    let folder = tempfile::tempdir().unwrap();
    let frames: String = pages.iter().map(|(name, _)| format!("<iframe src=\"{name}\"></iframe>\n")).collect();
    let harness = include_str!("harness.html").replace("FRAMES\n", &frames).replace("CHECKS\n", CHECKS);
    for (name, text) in pages.iter().copied().chain([("harness.html", harness.as_str())]) {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let (proxy, requests) = proxy();
    let mut command = Command::new("timeout");
    command.args(["--kill-after=5", "60"]).arg(browser);
    command.args(["--headless=new", "--disable-gpu", "--no-first-run", "--hide-scrollbars", "--force-device-scale-factor=1"]);
    // What a browser asks its maker for by itself.
    command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps"]);
    // The sandbox needs rights that containers mostly lack; the pages are our own, and the user owns nothing.
    command.args(["--no-sandbox", "--allow-file-access-from-files", "--virtual-time-budget=5000", "--dump-dom"]);
    command.args([
        format!("--proxy-server={proxy}"),
        "--proxy-bypass-list=<-loopback>".to_owned(),
        format!("--window-size={width},{height}"),
    ]);
    command.arg(format!("--blink-settings=preferredColorScheme={}", if scheme == Scheme::Dark { 0 } else { 1 }));
    command.arg(format!("--user-data-dir={}", folder.path().join("profile").display()));
    command.arg(format!("--screenshot={}", folder.path().join("picture.png").display()));
    command.arg(format!("file://{}", folder.path().join("harness.html").display()));
    command.current_dir(folder.path()).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", folder.path());
    if rustix::process::geteuid().is_root() {
        chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
        command.uid(NOBODY).gid(NOBODY);
    }
    let output = command.stdin(Stdio::null()).output().unwrap();
    let dumped = String::from_utf8_lossy(&output.stdout);
    let found = dumped.split_once("<pre id=\"found\">").and_then(|(_, rest)| rest.split_once("</pre>")).map_or("", |(found, _)| found);
    assert!(!found.is_empty(), "the browser measured nothing: {:?}\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    let found = serde_json::from_slice(&STANDARD.decode(found).unwrap()).unwrap();
    let picture = fs::read(folder.path().join("picture.png")).unwrap_or_default();
    let mut requests = requests.lock().unwrap().clone();
    // A connection that the browser opens ahead and closes without a word asks for nothing.
    requests.retain(|request| !request.is_empty() && !MAKERS.iter().any(|maker| host(request).ends_with(maker)));
    Seen { found, picture, requests }
}

/// The host of a request's first line: `GET http://host/path HTTP/1.1`, `CONNECT host:443 HTTP/1.1`.
fn host(request: &str) -> &str {
    let target = request.split(' ').nth(1).unwrap_or_default();
    let target = target.split_once("://").map_or(target, |(_, rest)| rest);
    target.split(['/', ':']).next().unwrap_or_default()
}

/// A proxy that lets nothing through: its address, and what was asked of it.
fn proxy() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(Mutex::new(Vec::new()));
    let noted = requests.clone();
    // Ends with the test's process.
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut line = String::new();
            let _ = BufReader::new(stream).read_line(&mut line);
            noted.lock().unwrap().push(line.trim().to_owned());
        }
    });
    (address, requests)
}

/// Width and height of a PNG, from its first chunk (<https://www.w3.org/TR/png-3/#11IHDR>).
pub(crate) fn size(png: &[u8]) -> (u32, u32) {
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n") && png.len() > 24, "no picture");
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    (number(16), number(20))
}
