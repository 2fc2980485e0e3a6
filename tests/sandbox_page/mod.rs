//! The sandbox with its page, as a process of its own, and the test as a browser that reads no HTML but what it looks for.

#![allow(dead_code, reason = "each test file uses its part of it")]
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

use super::program::{self, Running, program};
use std::process::ExitStatus;

/// The sandbox, with its page.
pub(crate) struct Shown {
    running: Running,
    pub(crate) url: String,
    pub(crate) address: String,
    /// The path of the pull request's page.
    pub(crate) pull: String,
}

impl Shown {
    pub(crate) fn begin(more: &[&str]) -> Self {
        let mut running = Running::start(program(&[&["sandbox", "--web"], more].concat()));
        let opens = running.line_with("opens pull request #1 of ");
        let repository = opens.split_once(" of ").unwrap().1.split(';').next().unwrap().to_owned();
        let url = running.line_with("  http://127.0.0.1:");
        let (address, key) = url.trim_start_matches("http://").split_once('/').unwrap();
        let pull = format!("/{key}/{repository}/pull/1");
        Self { running, address: address.to_owned(), pull, url }
    }

    pub(crate) async fn get(&self, path: &str) -> String {
        program::get(&self.address, &self.address, path).await
    }

    /// The page, which is there.
    pub(crate) async fn page(&self) -> String {
        let page = self.get(&self.pull).await;
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        page
    }

    /// What stands in each of the page's forms.
    pub(crate) async fn token(&self) -> String {
        let page = self.page().await;
        page.split_once("name=\"token\" value=\"").unwrap().1.split('"').next().unwrap().to_owned()
    }

    /// Sends a form as the page would; gives the answer.
    pub(crate) async fn post(&self, form: &str, fields: &[(&str, String)]) -> String {
        let token = self.token().await;
        let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let body = format!("token={token}&{}", fields.join("&"));
        let (path, address) = (&self.pull, &self.address);
        let request = format!(
            "POST {path}/{form} HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\nconnection: close\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        program::send(address, &request).await
    }

    /// The same where it is taken; gives the place of the page that it leads to.
    pub(crate) async fn form(&self, form: &str, fields: &[(&str, &str)]) -> String {
        let fields: Vec<(&str, String)> = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let answer = self.post(form, &fields).await;
        assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
        let location = answer.split_once("location: ").unwrap().1.lines().next().unwrap();
        location.strip_prefix(&format!("{}#", self.pull)).unwrap().to_owned()
    }

    /// Ends it with Ctrl-C: how it ended, and what it said.
    pub(crate) fn end(self) -> (ExitStatus, String, String) {
        self.running.interrupt();
        self.running.finish()
    }
}

/// A text as the value of a form's field.
pub(crate) fn encoded(text: &str) -> String {
    text.bytes().map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}
