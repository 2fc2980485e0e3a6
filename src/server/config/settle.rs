//! From what is written to what holds: defaults, bounds, and what must be said.

use super::written::{self, SecretText, Switch, Written};
use super::{API_URL, BRANCH, Config, ConfigError, Edge, Github, LISTEN, LedgerPlace, Notify, Pages, STORE_URL, WEB_URL, Worker, limits};
use crate::change::Docs;
use crate::forge::transport::Route;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::fmt::Display;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::time::Duration;

/// Everything that the service has to be told, or the first thing that is wrong.
pub(super) fn settle(written: Written, environment: &BTreeMap<String, String>) -> Result<Config, ConfigError> {
    let edge = settle_edge(&written.server)?;
    let pages = settle_pages(&written.server)?;
    Ok(Config {
        listen: settle_listen(written.server.listen)?,
        edge,
        pages,
        github: settle_github(written.github, environment)?,
        store_url: written.store.url.map_or_else(|| STORE_URL.to_owned(), |url| url.0).into(),
        worker: settle_worker(&written.worker)?,
        ledger: settle_ledger(written.ledger)?,
        notify: settle_notify(written.notify)?,
        source: None,
    })
}

/// A host by address or name, and a port.
pub(super) fn settle_listen(listen: Option<String>) -> Result<String, ConfigError> {
    let Some(listen) = listen else { return Ok(LISTEN.to_owned()) };
    let refuse = |message: String| Err(ConfigError::Value { key: "server.listen", message });
    if listen.parse::<SocketAddr>().is_ok() {
        return Ok(listen);
    }
    let is_name = |host: &str| host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    match listen.rsplit_once(':') {
        Some(("", port)) if port.parse::<u16>().is_ok() => refuse(format!("`{listen}` names no host: write 0.0.0.0:{port}")),
        Some((host, port)) if is_name(host) && port.parse::<u16>().is_ok() => Ok(listen),
        _ => refuse(format!("`{listen}` is not an address or name with a port, such as 127.0.0.1:8080 or localhost:8080")),
    }
}

fn settle_worker(written: &written::Worker) -> Result<Worker, ConfigError> {
    Ok(Worker {
        concurrency: within("worker.concurrency", written.concurrency.unwrap_or(limits::CONCURRENT), &limits::CONCURRENCY)?,
        write_gap: Duration::from_millis(written.write_gap_ms.unwrap_or(limits::WRITE_GAP_MS)),
        judgement_mib: within("worker.judgement_mib", written.judgement_mib.unwrap_or(limits::MIB_OF_JUDGEMENT), &limits::JUDGEMENT_MIB)?,
        judgement_seconds: within(
            "worker.judgement_seconds",
            written.judgement_seconds.unwrap_or(limits::SECONDS_OF_JUDGEMENT),
            &limits::JUDGEMENT_SECONDS,
        )?,
    })
}

fn within<N: PartialOrd + Display>(key: &'static str, number: N, possible: &RangeInclusive<N>) -> Result<N, ConfigError> {
    if possible.contains(&number) {
        return Ok(number);
    }
    Err(ConfigError::Value { key, message: format!("{number} is not between {} and {}", possible.start(), possible.end()) })
}

fn settle_edge(written: &written::Server) -> Result<Edge, ConfigError> {
    let default = Edge::default();
    let edge = Edge {
        header_timeout: written.header_timeout_ms.map_or(default.header_timeout, Duration::from_millis),
        body_timeout: written.body_timeout_ms.map_or(default.body_timeout, Duration::from_millis),
        max_connections: written.max_connections.unwrap_or(default.max_connections),
        unsigned_bytes: written.unsigned_mib.map_or(default.unsigned_bytes, |mib| mib.saturating_mul(limits::MIB)),
    };
    let refuse = |key: &'static str, message: &str| Err(ConfigError::Value { key, message: message.to_owned() });
    if edge.header_timeout.is_zero() {
        return refuse("server.header_timeout_ms", "it is 0, and nobody can send headers in no time");
    }
    if edge.body_timeout.is_zero() {
        return refuse("server.body_timeout_ms", "it is 0, and nobody can send a body in no time");
    }
    if edge.max_connections < limits::LEAST_CONNECTIONS {
        return refuse("server.max_connections", "it is below 8, and GitHub delivers several at a time");
    }
    if edge.unsigned_bytes < limits::LEAST_UNSIGNED_MIB * limits::MIB {
        return refuse("server.unsigned_mib", "it is below 50, twice the largest delivery");
    }
    Ok(edge)
}

/// Pages are on where somebody has said where they are reached.
fn settle_pages(written: &written::Server) -> Result<Option<Pages>, ConfigError> {
    let days = within("server.pages_days", written.pages_days.unwrap_or(limits::DAYS_OF_PAGES), &limits::PAGES_DAYS)?;
    let public_url = written.public_url.as_deref().filter(|url| !url.is_empty());
    let public_url = public_url.map(|url| settle_url("server.public_url", url)).transpose()?;
    let is_on = written.pages.is_none_or(Switch::is_on);
    let keep = Duration::from_secs(days * 24 * 60 * 60);
    Ok(public_url.filter(|_| is_on).map(|public_url| Pages { public_url, keep }))
}

fn settle_github(written: written::Github, environment: &BTreeMap<String, String>) -> Result<Github, ConfigError> {
    let api_url = settle_url("github.api_url", written.api_url.as_deref().unwrap_or(API_URL))?;
    if api_url.parse::<http::Uri>().is_ok_and(|uri| uri.scheme_str() == Some("http") && !is_here(uri.host().unwrap_or_default())) {
        let message = "it is not an https address, and the App's key and tokens would go there unencrypted".to_owned();
        return Err(ConfigError::Value { key: "github.api_url", message });
    }
    let web_url = match &written.web_url {
        Some(url) => settle_url("github.web_url", url)?,
        // GitHub Enterprise Server has its API below the web address.
        None => api_url.strip_suffix("/api/v3").unwrap_or(WEB_URL).to_owned(),
    };
    let docs = Docs::at(written.docs_url.as_deref().unwrap_or_default());
    let docs = docs.map_err(|message| ConfigError::Value { key: "github.docs_url", message })?;
    let app_id = written.app_id.ok_or(ConfigError::Missing { key: "github.app_id", why: "it says which App to act as" })?;
    let webhook_secrets = written.webhook_secrets.unwrap_or_default();
    if webhook_secrets.is_empty() {
        return Err(ConfigError::Missing {
            key: "github.webhook_secrets",
            why: "without a secret anybody could send webhooks, so the service does not start without one",
        });
    }
    if webhook_secrets.iter().any(|secret| secret.0.trim().is_empty()) {
        return Err(ConfigError::Value { key: "github.webhook_secrets", message: "one of the secrets is empty".to_owned() });
    }
    let private_key = settle_key(written.private_key, written.private_key_file.as_deref())?;
    let webhook_secrets = webhook_secrets.into_iter().map(|secret| SecretString::from(secret.0)).collect();
    let authorities = written.ca_file.as_deref().map(read_bytes).transpose()?.unwrap_or_default();
    let route = Route { authorities, ..Route::of_environment(environment) };
    Ok(Github { api_url, web_url, docs, app_id, private_key, webhook_secrets, route })
}

fn settle_key(key: Option<SecretText>, file: Option<&str>) -> Result<SecretString, ConfigError> {
    match (key, file) {
        (Some(_), Some(_)) => {
            let message = "github.private_key_file is set too: which one?".to_owned();
            Err(ConfigError::Value { key: "github.private_key", message })
        }
        // In an environment variable the line ends often stand as `\n`.
        (Some(key), None) => Ok(SecretString::from(key.0.replace("\\n", "\n"))),
        (None, Some(file)) => Ok(SecretString::from(String::from_utf8_lossy(&read_bytes(file)?).into_owned())),
        (None, None) => Err(ConfigError::Missing { key: "github.private_key_file", why: "the App signs in with it" }),
    }
}

fn read_bytes(file: &str) -> Result<Vec<u8>, ConfigError> {
    std::fs::read(file).map_err(|source| ConfigError::Unreadable { file: file.to_owned(), source })
}

fn settle_url(key: &'static str, url: &str) -> Result<String, ConfigError> {
    plain_url(url).map_err(|message| ConfigError::Value { key, message })
}

/// An address of the web without a slash at its end.
///
/// # Errors
/// It is none, in words.
pub fn plain_url(url: &str) -> Result<String, String> {
    let url = url.trim_end_matches('/');
    let parsed = url.parse::<http::Uri>().ok().filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some());
    parsed.map(|_| url.to_owned()).ok_or_else(|| format!("`{url}` is not an http or https address"))
}

/// Whether a host is this machine.
fn is_here(host: &str) -> bool {
    matches!(host, "localhost" | "[::1]") || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
}

/// The address is named in no message: of some services whoever knows it may post.
fn settle_notify(written: written::Notify) -> Result<Option<Notify>, ConfigError> {
    let refuse = |key: &'static str, message: &str| Err(ConfigError::Value { key, message: message.to_owned() });
    let Some(url) = written.url.map(|url| url.0).filter(|url| !url.is_empty()) else {
        return match written.secret_file.filter(|file| !file.is_empty()) {
            Some(_) => refuse("notify.url", "it is empty, and notify.secret_file is set: where is it to be posted?"),
            None => Ok(None),
        };
    };
    let uri = url.parse::<http::Uri>().ok();
    let (scheme, host) = (uri.as_ref().and_then(http::Uri::scheme_str), uri.as_ref().and_then(http::Uri::host).unwrap_or_default());
    match scheme {
        _ if host.is_empty() => return refuse("notify.url", "it is not an https address"),
        Some("https") => {}
        Some("http") if is_here(host) => {}
        _ => return refuse("notify.url", "it is not an https address, and only what stays on this machine may go unencrypted"),
    }
    let secret = match written.secret_file.as_deref().filter(|file| !file.is_empty()) {
        None => None,
        Some(file) => {
            let secret = String::from_utf8_lossy(&read_bytes(file)?).trim().to_owned();
            if secret.is_empty() {
                return refuse("notify.secret_file", "the file is empty");
            }
            Some(SecretString::from(secret))
        }
    };
    Ok(Some(Notify { url: url.into(), secret }))
}

fn settle_ledger(written: written::Ledger) -> Result<LedgerPlace, ConfigError> {
    let branch = written.branch.unwrap_or_else(|| BRANCH.to_owned());
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/');
    if branch.is_empty() || !branch.bytes().all(plain) || branch.contains("..") || branch.starts_with(['/', '-']) || branch.ends_with('/') {
        return Err(ConfigError::Value { key: "ledger.branch", message: format!("`{branch}` is not a plain branch name") });
    }
    let Some(repository) = written.repository.filter(|name| !name.is_empty()) else { return Ok(LedgerPlace { branch, repository: None }) };
    match repository.split_once('/') {
        Some((owner, name)) if !owner.is_empty() && !name.is_empty() && !name.contains('/') => {
            Ok(LedgerPlace { branch, repository: Some((owner.to_owned(), name.to_owned())) })
        }
        _ => Err(ConfigError::Value { key: "ledger.repository", message: format!("`{repository}` is not owner/name") }),
    }
}
