//! A headless Chromium that is driven over a pipe, as its maintainers' own tools do it: pages of a server on this machine, by keyboard alone.
//!
//! Comes in: addresses, keys, expressions. Goes out: what the page says, pictures, and every address that was asked for.
//! The protocol is JSON with a zero byte behind each message: <https://chromedevtools.github.io/devtools-protocol/>, `--remote-debugging-pipe`.

#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use super::{CHECKS, NOBODY, Scheme};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Most keys that may lead to something.
const MOST_KEYS: usize = 200;

pub(crate) struct Driven {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    session: String,
    sent: u64,
    /// What the browser told meanwhile.
    told: Vec<Value>,
    _profile: tempfile::TempDir,
}

impl Driven {
    /// Starts it with a screen of so many pixels.
    pub(crate) fn start(browser: &Path, (width, height): (u32, u32), scheme: Scheme) -> Self {
        let profile = tempfile::tempdir().unwrap();
        // The browser speaks on 3 and 4; the shell puts our pipes there. A minute and a half, and it is stopped whatever it does.
        let mut command = Command::new("sh");
        command.args(["-c", "exec 3<&0 4>&1 </dev/null >/dev/null 2>&1; exec timeout --kill-after=5 90 \"$@\"", "sh"]).arg(browser);
        command.args(["--headless=new", "--disable-gpu", "--no-first-run", "--no-sandbox", "--remote-debugging-pipe"]);
        command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps"]);
        command.arg(format!("--user-data-dir={}", profile.path().join("profile").display()));
        command.current_dir(profile.path()).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", profile.path());
        if rustix::process::geteuid().is_root() {
            chown(profile.path(), Some(NOBODY), Some(NOBODY)).unwrap();
            command.uid(NOBODY).gid(NOBODY);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let (to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut driven = Self { child, to, from, session: String::new(), sent: 0, told: Vec::new(), _profile: profile };
        let target = driven.command("Target.createTarget", json!({"url": "about:blank"}));
        let attached = driven.command("Target.attachToTarget", json!({"targetId": target["targetId"], "flatten": true}));
        driven.session = attached["sessionId"].as_str().unwrap().to_owned();
        for domain in ["Page", "Runtime", "Network", "Log"] {
            driven.command(&format!("{domain}.enable"), json!({}));
        }
        let screen = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        driven.command("Emulation.setDeviceMetricsOverride", screen);
        let scheme = if scheme == Scheme::Dark { "dark" } else { "light" };
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        driven.command("Emulation.setEmulatedMedia", media);
        driven
    }

    /// Opens an address, and waits until it is loaded.
    pub(crate) fn open(&mut self, url: &str) {
        let gone = self.command("Page.navigate", json!({"url": url}));
        assert!(gone.get("errorText").is_none(), "{url}: {gone}");
        self.loaded();
    }

    /// Waits for the next page.
    pub(crate) fn loaded(&mut self) {
        loop {
            if let Some(at) = self.told.iter().position(|told| told["method"] == "Page.loadEventFired") {
                self.told.remove(at);
                return;
            }
            let message = self.read();
            self.told.push(message);
        }
    }

    /// What an expression of the page's own language gives.
    pub(crate) fn ask(&mut self, expression: &str) -> Value {
        let answer = self.command("Runtime.evaluate", json!({"expression": expression, "returnByValue": true}));
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    pub(crate) fn text(&mut self, selector: &str) -> String {
        let expression = format!("document.querySelector({}).innerText", json!(selector));
        self.ask(&expression).as_str().unwrap().to_owned()
    }

    /// Presses `Tab` until the keyboard is on what is meant; each place on the way shows that it is.
    pub(crate) fn tab_to(&mut self, selector: &str) {
        for _ in 0..MOST_KEYS {
            self.press("Tab", 9, "");
            let seen = self.ask(&format!(
                "(() => {{ const at = document.activeElement; return {{ there: at.matches({}), \
                 shown: at === document.body || at.matches('.skip') || getComputedStyle(at).outlineStyle !== 'none', what: at.outerHTML.slice(0, 120) }}; }})()",
                json!(selector)
            ));
            assert_eq!(seen["shown"], true, "nobody sees that the keyboard is on {}", seen["what"]);
            if seen["there"] == true {
                return;
            }
        }
        panic!("the keyboard never comes to {selector}");
    }

    pub(crate) fn enter(&mut self) {
        self.press("Enter", 13, "\r");
    }

    fn press(&mut self, key: &str, code: u32, text: &str) {
        let event = |kind: &str| json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text});
        let down = if text.is_empty() { "rawKeyDown" } else { "keyDown" };
        self.command("Input.dispatchKeyEvent", event(down));
        self.command("Input.dispatchKeyEvent", json!({"type": "keyUp", "key": key, "code": key, "windowsVirtualKeyCode": code}));
    }

    /// Types into whatever the keyboard is on.
    pub(crate) fn type_in(&mut self, text: &str) {
        self.command("Input.insertText", json!({"text": text}));
    }

    /// What is wrong with the page as it is laid out, with all that is folded and without.
    pub(crate) fn wrong(&mut self) -> Vec<String> {
        let expression = format!(
            "(() => {{ {CHECKS}\nconst found = {{ wrong: [], elements: 0, texts: 0, forms: true }};\n\
             const frame = {{ contentDocument: document, contentWindow: window }};\ncheck('folded', frame, found);\n\
             document.querySelectorAll('details').forEach(node => {{ node.open = true; }});\n\
             const width = document.documentElement.clientWidth;\n\
             if (document.documentElement.scrollWidth > width) found.wrong.push('unfolded: it scrolls sideways');\n\
             document.querySelectorAll('details').forEach(node => {{ node.open = false; }});\n\
             if (found.texts < 5) found.wrong.push('there is hardly anything');\nreturn found.wrong; }})()"
        );
        self.ask(&expression).as_array().unwrap().iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// What is on the screen, as PNG.
    pub(crate) fn picture(&mut self) -> Vec<u8> {
        let shot = self.command("Page.captureScreenshot", json!({"format": "png"}));
        STANDARD.decode(shot["data"].as_str().unwrap()).unwrap()
    }

    /// The addresses that pages asked for, without what a browser's own pages are.
    pub(crate) fn asked_for(&self) -> Vec<String> {
        let urls = self.told.iter().filter(|told| told["method"] == "Network.requestWillBeSent");
        urls.filter_map(|told| told["params"]["request"]["url"].as_str()).map(str::to_owned).collect()
    }

    /// What the policy or the browser refused, as its log has it.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let entries = self.told.iter().filter(|told| told["method"] == "Log.entryAdded" || told["method"] == "Runtime.exceptionThrown");
        entries.map(|told| told["params"].to_string()).collect()
    }

    fn command(&mut self, method: &str, params: Value) -> Value {
        self.sent += 1;
        let mut message = json!({"id": self.sent, "method": method, "params": params});
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        self.to.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let answer = self.read();
            if answer["id"] == self.sent {
                assert!(answer.get("error").is_none(), "{method}: {answer}");
                return answer["result"].clone();
            }
            self.told.push(answer);
        }
    }

    fn read(&mut self) -> Value {
        let mut bytes = Vec::new();
        self.from.read_until(0, &mut bytes).unwrap();
        assert!(!bytes.is_empty(), "the browser is gone");
        serde_json::from_slice(bytes.strip_suffix(&[0]).unwrap_or(&bytes)).unwrap()
    }
}

impl Drop for Driven {
    fn drop(&mut self) {
        // `timeout` hands it on to the browser.
        let _ = rustix::process::kill_process(rustix::process::Pid::from_child(&self.child), rustix::process::Signal::TERM);
        let _ = self.child.wait();
    }
}
