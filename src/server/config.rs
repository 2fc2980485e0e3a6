//! The service's settings: a YAML file, and over it the environment.
//!
//! Comes in: the file's text and the environment as a map. Goes out: checked settings, or what is wrong with the file's line or the
//! variable's name. Never reads the process's environment by itself; the only files that it opens are the private key and the authorities.

mod environment;
mod limits;
mod settle;
mod written;

pub use settle::plain_url;
pub use written::schema;

use crate::change::Docs;
use crate::forge::transport::Route;
use crate::model::meant;
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use written::{Written, keys};

/// Where the service listens, where nothing else is said.
pub const LISTEN: &str = "0.0.0.0:8080";
pub const API_URL: &str = "https://api.github.com";
pub const WEB_URL: &str = "https://github.com";
const STORE_URL: &str = "sqlite://astride.db";
const BRANCH: &str = "astride-ledger";

/// Everything that `astride serve` has to be told.
#[derive(Clone, Debug)]
pub struct Config {
    /// `address:port`, or `name:port`.
    pub listen: String,
    pub edge: Edge,
    /// The pages that checks link to; `None` where they are off, or nobody knows where they would be reached.
    pub pages: Option<Pages>,
    pub github: Github,
    /// May bear a password.
    pub store_url: SecretString,
    pub worker: Worker,
    pub ledger: LedgerPlace,
    /// Where the outgoing webhook goes; `None` for nowhere.
    pub notify: Option<Notify>,
    /// Where they came from, if they can be read again.
    pub source: Option<Source>,
}

/// Where settings come from. May bear secrets, and shows none.
#[derive(Clone)]
pub struct Source {
    pub file: Option<PathBuf>,
    pub environment: BTreeMap<String, String>,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({:?})", self.file)
    }
}

/// What a client may cost that nobody has signed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Until the headers of a request are there.
    pub header_timeout: Duration,
    /// Until its body is there.
    pub body_timeout: Duration,
    /// Open at the same time.
    pub max_connections: usize,
    /// Of bodies that are held at the same time and whose signature was not checked yet.
    pub unsigned_bytes: usize,
}

impl Default for Edge {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_millis(limits::HEADER_TIMEOUT_MS),
            body_timeout: Duration::from_millis(limits::BODY_TIMEOUT_MS),
            max_connections: limits::MAX_CONNECTIONS,
            unsigned_bytes: limits::UNSIGNED_MIB * limits::MIB,
        }
    }
}

/// The pages that checks link to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pages {
    /// Where people reach the service, without a slash at the end.
    pub public_url: String,
    /// How long a page is kept.
    pub keep: Duration,
}

#[derive(Clone, Debug)]
pub struct Github {
    /// Without a slash at the end.
    pub api_url: String,
    /// Without a slash at the end.
    pub web_url: String,
    /// Where the documentation is published.
    pub docs: Docs,
    pub app_id: u64,
    /// PEM, PKCS#1 or PKCS#8.
    pub private_key: SecretString,
    /// Never empty, none of them empty.
    pub webhook_secrets: Vec<SecretString>,
    /// Authorities and proxy.
    pub route: Route,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    /// Pull requests at a time.
    pub concurrency: usize,
    /// Between two writes of one installation, once a burst is used up.
    pub write_gap: Duration,
    /// What one judgement may take, which is tried in a process of its own: MiB of address space, and seconds of the processor.
    pub judgement_mib: u64,
    pub judgement_seconds: u64,
}

/// Where decisions are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerPlace {
    pub branch: String,
    /// Owner and name; `None` for the reviewed repository itself.
    pub repository: Option<(String, String)>,
}

/// The outgoing webhook.
#[derive(Clone, Debug)]
pub struct Notify {
    /// HTTPS, or HTTP on this machine. Of some services whoever knows it may post.
    pub url: SecretString,
    /// Signs what is sent; `None` where it is not signed.
    pub secret: Option<SecretString>,
}

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{file}:{line}: {message}")]
    File { file: String, line: u64, message: String },
    #[error("{variable}: {message}")]
    Variable { variable: String, message: String },
    #[error("{file}: cannot be read: {source}")]
    Unreadable { file: String, source: std::io::Error },
    #[error("{key} is not set: {why}; set it in the settings file or as {}", variable_of(key))]
    Missing { key: &'static str, why: &'static str },
    #[error("{key}: {message}")]
    Value { key: &'static str, message: String },
}

/// Loads the settings: from a file if one is given, the environment over it, the defaults below.
///
/// # Errors
/// The first thing that is wrong, and where.
pub fn load(file: Option<&Path>, environment: &BTreeMap<String, String>) -> Result<Config, ConfigError> {
    let (name, text) = read_text(file)?;
    let source = Source { file: file.map(Path::to_owned), environment: environment.clone() };
    Ok(Config { source: Some(source), ..parse(&name, &text, environment)? })
}

/// Where the service listens, for whoever asks it from outside and need not know anything else.
///
/// # Errors
/// As [`load`], but that nothing is required.
pub fn listen(file: Option<&Path>, environment: &BTreeMap<String, String>) -> Result<String, ConfigError> {
    let (name, text) = read_text(file)?;
    settle::settle_listen(environment::overlay(read_file(&name, &text)?, environment)?.server.listen)
}

fn read_text(file: Option<&Path>) -> Result<(String, String), ConfigError> {
    let Some(path) = file else { return Ok(Default::default()) };
    let name = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => Ok((name, text)),
        Err(source) => Err(ConfigError::Unreadable { file: name, source }),
    }
}

/// As [`load`], with the file's text at hand.
///
/// # Errors
/// The first thing that is wrong, and where.
pub fn parse(file: &str, text: &str, environment: &BTreeMap<String, String>) -> Result<Config, ConfigError> {
    settle::settle(environment::overlay(read_file(file, text)?, environment)?, environment)
}

fn read_file(file: &str, text: &str) -> Result<Written, ConfigError> {
    // A file of nothing but comments is a null document, not a mapping.
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Ok(Written::default());
    }
    serde_saphyr::from_str(text).map_err(|error| {
        let line = error.location().map_or(1, |location| location.line());
        let message = meant::message(&error.to_string(), &sections());
        ConfigError::File { file: file.to_owned(), line, message }
    })
}

/// Each section's keys.
fn sections() -> Vec<(String, Vec<String>)> {
    let mut sections: BTreeMap<String, Vec<String>> = BTreeMap::new();
    keys().into_iter().for_each(|key| sections.entry(key.section).or_default().push(key.name));
    sections.into_iter().collect()
}

/// `ASTRIDE_GITHUB_APP_ID` of `github.app_id`.
fn variable_of(key: &str) -> String {
    key.split_once('.').map_or_else(|| key.to_owned(), |(section, key)| environment::variable(section, key))
}

#[cfg(test)]
mod tests {
    use super::environment::variable;
    use super::{keys, listen, parse, schema};
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
        assert_eq!(config.store_url.expose_secret(), "sqlite://astride.db");
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
            (FILE, &[("ASTRIDE_SERVER_LISTEN", ":8080")], "server.listen: `:8080` names no host: write 0.0.0.0:8080"),
            (FILE, &[("ASTRIDE_GITHUB_APPID", "7")], "ASTRIDE_GITHUB_APPID: there is no such setting: did you mean ASTRIDE_GITHUB_APP_ID?"),
            (FILE, &[("ASTRIDE_SERVER_LISTENS_WHERE", "7")], "ASTRIDE_SERVER_LISTENS_WHERE: there is no such setting"),
            ("github: {app_idd: 7}", &[], "server.yml:1: unknown field `app_idd`"),
            ("store: {}\napp_id: 7\n", &[], "server.yml:2: unknown field `app_id`"),
            (FILE, &[("ASTRIDE_GITHUB_CA_FILE", "/nonexistent/ca.pem")], "/nonexistent/ca.pem: cannot be read"),
            (FILE, &[("ASTRIDE_LEDGER_BRANCH", "a b")], "ledger.branch: `a b`"),
            (
                FILE,
                &[("ASTRIDE_NOTIFY_URL", "http://hooks.example.com/T0KEN")],
                "notify.url: it is not an https address, and only what stays",
            ),
            (FILE, &[("ASTRIDE_NOTIFY_URL", "hooks")], "notify.url: it is not an https address"),
            (FILE, &[("ASTRIDE_NOTIFY_SECRET_FILE", "/nonexistent/secret")], "notify.url: it is empty"),
            (FILE, &[("ASTRIDE_WORKER_CONCURRENCY", "0")], "worker.concurrency: 0 is not between"),
            (FILE, &[("ASTRIDE_GITHUB_API_URL", "ftp://x")], "github.api_url: `ftp://x`"),
            (FILE, &[("ASTRIDE_GITHUB_API_URL", "http://ghes.acme.example/api/v3")], "github.api_url: it is not an https address"),
            (FILE, &[("ASTRIDE_SERVER_PUBLIC_URL", "astride.acme.example")], "server.public_url: `astride.acme.example`"),
            (FILE, &[("ASTRIDE_SERVER_PAGES_DAYS", "0")], "server.pages_days: 0 is not between 1 and 3650"),
        ] {
            let error = parse("server.yml", file, &environment(variables)).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}\n  is not\n{expected}");
        }
    }

    #[test]
    fn a_misspelt_key_is_shown_the_right_one() {
        for (file, meant) in [("github:\n  app_idd: 7\n", "did you mean `app_id`?"), ("app_id: 7\n", "it belongs into `github:`")] {
            let error = parse("server.yml", file, &BTreeMap::new()).unwrap_err().to_string();
            assert!(error.ends_with(meant), "{error}");
            assert_eq!(error.matches("line").count(), 0, "{error}");
        }
    }

    #[test]
    fn what_is_no_setting_of_ours_does_no_harm() {
        let set = environment(&[
            ("ASTRIDE_CONFIG", "server.yml"),
            ("ASTRIDE_SERVICE_HOST", "10.0.0.1"),
            ("ASTRIDE_PORT", "tcp://10.0.0.1:80"),
            ("ASTRIDE_SERVER_PORT_80_TCP_ADDR", "10.0.0.1"),
            ("ASTRIDE_GITHUB_APPID", ""),
        ]);
        assert_eq!(parse("server.yml", FILE, &set).unwrap().github.app_id, 7);
    }

    #[test]
    fn notices_go_over_https_or_stay_here_and_show_no_address() {
        for url in ["https://hooks.example.com/T0KEN", "http://127.0.0.1:9/T0KEN", "http://localhost/T0KEN", "http://[::1]:9/T0KEN"] {
            let config = parse("server.yml", FILE, &environment(&[("ASTRIDE_NOTIFY_URL", url)])).unwrap();
            assert_eq!(config.notify.as_ref().unwrap().url.expose_secret(), url);
            assert!(!format!("{config:?}").contains("T0KEN"), "{config:?}");
        }
        let error = parse("server.yml", FILE, &environment(&[("ASTRIDE_NOTIFY_URL", "http://10.0.0.1/T0KEN")])).unwrap_err();
        assert!(!error.to_string().contains("T0KEN"), "{error}");
        assert!(parse("server.yml", FILE, &BTreeMap::new()).unwrap().notify.is_none());
    }

    #[test]
    fn names_are_listened_on_too_and_need_no_other_setting() {
        for address in ["localhost:8080", "[::1]:80", "127.0.0.1:0", "astride.internal:8443"] {
            assert_eq!(listen(None, &environment(&[("ASTRIDE_SERVER_LISTEN", address)])).unwrap(), address);
        }
        assert_eq!(listen(None, &BTreeMap::new()).unwrap(), super::LISTEN);
    }

    #[test]
    fn pages_are_on_where_somebody_says_where_they_are_reached() {
        let pages = |pairs: &[(&str, &str)]| parse("server.yml", FILE, &environment(pairs)).unwrap().pages;
        let url = ("ASTRIDE_SERVER_PUBLIC_URL", "https://astride.acme.example/");
        let on = pages(&[url]).unwrap();
        assert_eq!((on.public_url.as_str(), on.keep.as_secs()), ("https://astride.acme.example", 90 * 86_400));
        assert_eq!(pages(&[url, ("ASTRIDE_SERVER_PAGES", "off")]), None);
        assert_eq!(pages(&[("ASTRIDE_SERVER_PAGES", "on")]), None);
        assert!(pages(&[url, ("ASTRIDE_SERVER_PAGES", "on"), ("ASTRIDE_SERVER_PAGES_DAYS", "7")]).is_some());
    }

    #[test]
    fn proxies_come_from_the_environment() {
        let set = environment(&[("HTTPS_PROXY", "http://one:1"), ("https_proxy", "http://two:2"), ("NO_PROXY", "git.acme.example")]);
        let route = parse("server.yml", FILE, &set).unwrap().github.route;
        assert_eq!((route.proxy.as_str(), route.no_proxy.as_str()), ("http://two:2", "git.acme.example"));
    }

    #[test]
    fn the_documented_file_says_what_the_code_does() {
        let documented = include_str!("../../config/server.yml");
        let required =
            environment(&[("ASTRIDE_GITHUB_APP_ID", "7"), ("ASTRIDE_GITHUB_PRIVATE_KEY", "K"), ("ASTRIDE_GITHUB_WEBHOOK_SECRETS", "s")]);
        let from_file = format!("{:?}", parse("server.yml", documented, &required).unwrap());
        assert_eq!(from_file, format!("{:?}", parse("", "", &required).unwrap()));
        for key in keys() {
            let (section, name) = (key.section, key.name);
            let variable = variable(&section, &name);
            assert!(documented.contains(&format!("# {variable}")), "{variable} is not documented");
            let default = match &schema().as_value()["properties"][&section]["properties"][&name]["default"] {
                serde_json::Value::Null => String::new(),
                serde_json::Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            assert!(documented.contains(format!("{name}: {default}").trim_end()), "{section}.{name}: default is not {default}");
        }
    }
}
