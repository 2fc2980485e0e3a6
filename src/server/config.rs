//! The service's settings: a YAML file, and over it the environment.
//!
//! Comes in: the file's text and the environment as a map. Goes out: checked settings, or what is wrong with the file's line or the
//! variable's name. Never reads the process's environment by itself; the only file that it opens is the private key.

use crate::worker::apart::Limits;
use secrecy::SecretString;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

/// Everything that `astride serve` has to be told.
#[derive(Clone, Debug)]
pub struct Config {
    pub listen: SocketAddr,
    pub github: Github,
    pub store_url: String,
    pub worker: Worker,
    pub ledger: LedgerPlace,
}

#[derive(Clone, Debug)]
pub struct Github {
    /// Without a slash at the end.
    pub api_url: String,
    /// Without a slash at the end.
    pub web_url: String,
    pub app_id: u64,
    /// PEM, PKCS#1 or PKCS#8.
    pub private_key: SecretString,
    /// Never empty, none of them empty.
    pub webhook_secrets: Vec<SecretString>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    /// Pull requests at a time.
    pub concurrency: usize,
    /// Between two writes of one installation, once a burst is used up.
    pub write_gap: Duration,
    /// What one judgement may take.
    pub judgement: Limits,
}

/// Where decisions are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerPlace {
    pub branch: String,
    /// Owner and name; `None` for the reviewed repository itself.
    pub repository: Option<(String, String)>,
}

/// Section, key, default in words.
pub const KEYS: [(&str, &str, &str); 14] = [
    ("server", "listen", "0.0.0.0:8080"),
    ("github", "api_url", "https://api.github.com"),
    ("github", "web_url", "https://github.com"),
    ("github", "app_id", ""),
    ("github", "private_key_file", ""),
    ("github", "private_key", ""),
    ("github", "webhook_secrets", ""),
    ("store", "url", "sqlite://astride.db"),
    ("worker", "concurrency", "4"),
    ("worker", "write_gap_ms", "1000"),
    ("worker", "judgement_memory_mb", "1024"),
    ("worker", "judgement_seconds", "30"),
    ("ledger", "branch", "astride-ledger"),
    ("ledger", "repository", ""),
];

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{file}:{line}: {message}")]
    File { file: String, line: u64, message: String },
    #[error("{variable}: {message}")]
    Variable { variable: String, message: String },
    #[error("{file}: cannot be read: {source}")]
    Unreadable { file: String, source: std::io::Error },
    #[error("{key} is not set: {why}; set it in the settings file or as {}", variable(key))]
    Missing { key: &'static str, why: &'static str },
    #[error("{key}: {message}")]
    Value { key: &'static str, message: String },
}

/// The file as people write it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Written {
    server: WrittenServer,
    github: WrittenGithub,
    store: WrittenStore,
    worker: WrittenWorker,
    ledger: WrittenLedger,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WrittenServer {
    listen: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WrittenGithub {
    api_url: Option<String>,
    web_url: Option<String>,
    app_id: Option<u64>,
    private_key_file: Option<String>,
    private_key: Option<SecretText>,
    webhook_secrets: Option<Vec<SecretText>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WrittenStore {
    url: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WrittenWorker {
    concurrency: Option<usize>,
    write_gap_ms: Option<u64>,
    judgement_memory_mb: Option<u64>,
    judgement_seconds: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct WrittenLedger {
    branch: Option<String>,
    repository: Option<String>,
}

/// Text that `Debug` does not show.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
struct SecretText(String);

impl std::fmt::Debug for SecretText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// Loads the settings: from a file if one is given, the environment over it, the defaults below.
///
/// # Errors
/// The first thing that is wrong, and where.
pub fn load(file: Option<&Path>, environment: &BTreeMap<String, String>) -> Result<Config, ConfigError> {
    match file {
        None => parse("", "", environment),
        Some(path) => {
            let name = path.display().to_string();
            let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable { file: name.clone(), source })?;
            parse(&name, &text, environment)
        }
    }
}

/// As [`load`], with the file's text at hand.
///
/// # Errors
/// The first thing that is wrong, and where.
pub fn parse(file: &str, text: &str, environment: &BTreeMap<String, String>) -> Result<Config, ConfigError> {
    let mut written = read_file(file, text)?;
    overlay(&mut written, environment)?;
    settle(written)
}

fn read_file(file: &str, text: &str) -> Result<Written, ConfigError> {
    // A file of nothing but comments is a null document, not a mapping.
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Ok(Written::default());
    }
    serde_saphyr::from_str(text).map_err(|error| {
        let line = error.location().map_or(1, |location| location.line());
        let message = error.to_string().lines().next().unwrap_or_default().to_owned();
        ConfigError::File { file: file.to_owned(), line, message }
    })
}

/// `ASTRIDE_GITHUB_APP_ID` of `github.app_id`.
fn variable(key: &str) -> String {
    format!("ASTRIDE_{}", key.replace('.', "_").to_uppercase())
}

/// The environment wins over the file. An empty variable counts as not set: that is how people blank one out.
fn overlay(written: &mut Written, environment: &BTreeMap<String, String>) -> Result<(), ConfigError> {
    let text = |key: &str| environment.get(&variable(key)).filter(|value| !value.is_empty()).cloned();
    let replace = |slot: &mut Option<String>, key: &str| *slot = text(key).or_else(|| slot.take());
    replace(&mut written.server.listen, "server.listen");
    replace(&mut written.github.api_url, "github.api_url");
    replace(&mut written.github.web_url, "github.web_url");
    replace(&mut written.store.url, "store.url");
    replace(&mut written.ledger.branch, "ledger.branch");
    replace(&mut written.ledger.repository, "ledger.repository");
    let github = &mut written.github;
    github.app_id = number(environment, "github.app_id")?.or(github.app_id);
    match (text("github.private_key"), text("github.private_key_file")) {
        (None, None) => {}
        (key, key_file) => (github.private_key, github.private_key_file) = (key.map(SecretText), key_file),
    }
    if let Some(secrets) = text("github.webhook_secrets") {
        github.webhook_secrets = Some(secrets.split(',').map(|secret| SecretText(secret.trim().to_owned())).collect());
    }
    written.worker.concurrency = number(environment, "worker.concurrency")?.or(written.worker.concurrency);
    written.worker.write_gap_ms = number(environment, "worker.write_gap_ms")?.or(written.worker.write_gap_ms);
    written.worker.judgement_memory_mb = number(environment, "worker.judgement_memory_mb")?.or(written.worker.judgement_memory_mb);
    written.worker.judgement_seconds = number(environment, "worker.judgement_seconds")?.or(written.worker.judgement_seconds);
    Ok(())
}

fn number<N: std::str::FromStr>(environment: &BTreeMap<String, String>, key: &str) -> Result<Option<N>, ConfigError> {
    let variable = variable(key);
    let Some(text) = environment.get(&variable).filter(|value| !value.is_empty()) else { return Ok(None) };
    let number = text.trim().parse().map_err(|_| ConfigError::Variable { variable, message: format!("`{text}` is not a whole number") })?;
    Ok(Some(number))
}

fn settle(written: Written) -> Result<Config, ConfigError> {
    let listen = written.server.listen.unwrap_or_else(|| default("server", "listen").to_owned());
    let listen = listen.parse().map_err(|_| ConfigError::Value {
        key: "server.listen",
        message: format!("`{listen}` is not an address with a port, such as 127.0.0.1:8080"),
    })?;
    let concurrency = written.worker.concurrency.unwrap_or(4);
    if !(1..=64).contains(&concurrency) {
        return Err(ConfigError::Value { key: "worker.concurrency", message: format!("{concurrency} is not between 1 and 64") });
    }
    let write_gap = Duration::from_millis(written.worker.write_gap_ms.unwrap_or(1000));
    Ok(Config {
        listen,
        github: settle_github(written.github)?,
        store_url: written.store.url.unwrap_or_else(|| default("store", "url").to_owned()),
        worker: Worker { concurrency, write_gap, judgement: settle_judgement(&written.worker)? },
        ledger: settle_ledger(written.ledger)?,
    })
}

fn settle_judgement(written: &WrittenWorker) -> Result<Limits, ConfigError> {
    let megabytes = written.judgement_memory_mb.unwrap_or(1024);
    if !(256..=65_536).contains(&megabytes) {
        let message = format!("{megabytes} is not between 256 and 65536");
        return Err(ConfigError::Value { key: "worker.judgement_memory_mb", message });
    }
    let seconds = written.judgement_seconds.unwrap_or(30);
    if !(1..=600).contains(&seconds) {
        return Err(ConfigError::Value { key: "worker.judgement_seconds", message: format!("{seconds} is not between 1 and 600") });
    }
    Ok(Limits { memory: megabytes * 1024 * 1024, seconds })
}

fn settle_github(written: WrittenGithub) -> Result<Github, ConfigError> {
    let api_url = settle_url("github.api_url", written.api_url.as_deref().unwrap_or(default("github", "api_url")))?;
    let web_url = match &written.web_url {
        Some(url) => settle_url("github.web_url", url)?,
        // GitHub Enterprise Server has its API below the web address.
        None => api_url.strip_suffix("/api/v3").unwrap_or(default("github", "web_url")).to_owned(),
    };
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
    Ok(Github { api_url, web_url, app_id, private_key, webhook_secrets })
}

fn settle_key(key: Option<SecretText>, file: Option<&str>) -> Result<SecretString, ConfigError> {
    match (key, file) {
        (Some(_), Some(_)) => {
            let message = "github.private_key_file is set too: which one?".to_owned();
            Err(ConfigError::Value { key: "github.private_key", message })
        }
        // In an environment variable the line ends often stand as `\n`.
        (Some(key), None) => Ok(SecretString::from(key.0.replace("\\n", "\n"))),
        (None, Some(file)) => std::fs::read_to_string(file)
            .map(SecretString::from)
            .map_err(|source| ConfigError::Unreadable { file: file.to_owned(), source }),
        (None, None) => Err(ConfigError::Missing { key: "github.private_key_file", why: "the App signs in with it" }),
    }
}

fn settle_url(key: &'static str, url: &str) -> Result<String, ConfigError> {
    let url = url.trim_end_matches('/');
    let parsed = url.parse::<http::Uri>().ok().filter(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some());
    match parsed {
        Some(_) => Ok(url.to_owned()),
        None => Err(ConfigError::Value { key, message: format!("`{url}` is not an http or https address") }),
    }
}

fn settle_ledger(written: WrittenLedger) -> Result<LedgerPlace, ConfigError> {
    let branch = written.branch.unwrap_or_else(|| default("ledger", "branch").to_owned());
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

fn default(section: &str, key: &str) -> &'static str {
    KEYS.iter().find(|(known_section, known_key, _)| (*known_section, *known_key) == (section, key)).map_or("", |(_, _, default)| default)
}

#[cfg(test)]
mod tests {
    use super::{KEYS, parse, variable};
    use secrecy::ExposeSecret;
    use std::collections::BTreeMap;

    const FILE: &str = "github:\n  app_id: 7\n  private_key: KEY\n  webhook_secrets: [one, two]\n";

    fn environment(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_environment_wins_over_the_file() {
        let set = environment(&[
            ("ASTRIDE_GITHUB_APP_ID", "8"),
            ("ASTRIDE_GITHUB_WEBHOOK_SECRETS", "three, four"),
            ("ASTRIDE_GITHUB_API_URL", "https://git.example.com/api/v3/"),
            ("ASTRIDE_GITHUB_PRIVATE_KEY", "a\\nb"),
            ("ASTRIDE_WORKER_CONCURRENCY", "9"),
            ("ASTRIDE_LEDGER_REPOSITORY", "acme/decisions"),
            ("ASTRIDE_STORE_URL", ""),
        ]);
        let config = parse("server.yml", FILE, &set).unwrap();
        assert_eq!((config.github.app_id, config.worker.concurrency), (8, 9));
        assert_eq!(
            (config.github.api_url.as_str(), config.github.web_url.as_str()),
            ("https://git.example.com/api/v3", "https://git.example.com")
        );
        assert_eq!(config.github.webhook_secrets.iter().map(ExposeSecret::expose_secret).collect::<Vec<_>>(), ["three", "four"]);
        assert_eq!(config.github.private_key.expose_secret(), "a\nb");
        assert_eq!(config.ledger.repository, Some(("acme".to_owned(), "decisions".to_owned())));
        assert_eq!(config.store_url, "sqlite://astride.db");
        assert!(!format!("{config:?}").contains("three"), "secrets must not show");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (file, variables, expected) in [
            ("github:\n  app_idd: 7\n", &[][..], "server.yml:2: "),
            ("", &[("ASTRIDE_GITHUB_APP_ID", "x")], "ASTRIDE_GITHUB_APP_ID: `x` is not a whole number"),
            ("", &[], "github.app_id is not set"),
            ("github: {app_id: 7, private_key: K}", &[], "github.webhook_secrets is not set: without a secret anybody"),
            ("github: {app_id: 7, private_key: K, webhook_secrets: ['']}", &[], "github.webhook_secrets: one of the secrets is empty"),
            ("github: {app_id: 7, webhook_secrets: [s]}", &[], "github.private_key_file is not set"),
            (
                "github: {app_id: 7, webhook_secrets: [s], private_key_file: /nonexistent/key.pem}",
                &[],
                "/nonexistent/key.pem: cannot be read",
            ),
            (FILE, &[("ASTRIDE_SERVER_LISTEN", "here")], "server.listen: `here` is not an address"),
            (FILE, &[("ASTRIDE_LEDGER_BRANCH", "a b")], "ledger.branch: `a b`"),
            (FILE, &[("ASTRIDE_WORKER_CONCURRENCY", "0")], "worker.concurrency: 0 is not between"),
            (FILE, &[("ASTRIDE_GITHUB_API_URL", "ftp://x")], "github.api_url: `ftp://x`"),
        ] {
            let error = parse("server.yml", file, &environment(variables)).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}\n  is not\n{expected}");
        }
    }

    #[test]
    fn the_documented_file_says_what_the_code_does() {
        let documented = include_str!("../../config/server.yml");
        let required =
            environment(&[("ASTRIDE_GITHUB_APP_ID", "7"), ("ASTRIDE_GITHUB_PRIVATE_KEY", "K"), ("ASTRIDE_GITHUB_WEBHOOK_SECRETS", "s")]);
        let from_file = format!("{:?}", parse("server.yml", documented, &required).unwrap());
        assert_eq!(from_file, format!("{:?}", parse("", "", &required).unwrap()));
        for (section, key, default) in KEYS {
            let variable = variable(&format!("{section}.{key}"));
            assert!(documented.contains(&format!("# {variable}")), "{variable} is not documented");
            assert!(documented.contains(&format!("{key}: {default}").trim_end().to_owned()), "{section}.{key}: default is not {default}");
        }
    }
}
