//! The settings file as people write it, and the schema that is made from these types: the one list of keys.
//!
//! The comments here are the schema's descriptions, so that they speak to whoever writes the file.

use super::limits;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Settings of `astride serve`. Each key is also an environment variable, `ASTRIDE_<SECTION>_<KEY>`, which wins over the file.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(title = "Settings of `astride serve`", extend("$id" = SCHEMA_ID))]
pub(super) struct Written {
    pub(super) server: Server,
    pub(super) github: Github,
    pub(super) store: Store,
    pub(super) worker: Worker,
    pub(super) ledger: Ledger,
    pub(super) notify: Notify,
}

const SCHEMA_ID: &str = "urn:astride:server-settings";

/// Where webhooks are taken, and what a client may cost that nobody has signed for.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Server {
    /// Address or name, and port, to listen on. The webhook is POST /webhook; /livez, /readyz and /metrics stand beside it.
    #[schemars(extend("default" = super::LISTEN))]
    pub(super) listen: Option<String>,
    /// Milliseconds that a client may take to send the headers of a request.
    #[schemars(range(min = 1), extend("default" = limits::HEADER_TIMEOUT_MS))]
    pub(super) header_timeout_ms: Option<u64>,
    /// Milliseconds that a client may take to send the body.
    #[schemars(range(min = 1), extend("default" = limits::BODY_TIMEOUT_MS))]
    pub(super) body_timeout_ms: Option<u64>,
    /// Connections that may be open at the same time; beyond it the oldest that stores nothing is closed.
    #[schemars(range(min = limits::LEAST_CONNECTIONS), extend("default" = limits::MAX_CONNECTIONS))]
    pub(super) max_connections: Option<usize>,
    /// MiB of bodies that may be held at the same time before their signature is checked; beyond it the oldest is dropped.
    #[schemars(range(min = limits::LEAST_UNSIGNED_MIB), extend("default" = limits::UNSIGNED_MIB))]
    pub(super) unsigned_mib: Option<usize>,
    /// Where people reach the service, such as https://astride.acme.example: then each check links to a page with the whole report of what was judged.
    /// Without it there are no such links.
    pub(super) public_url: Option<String>,
    /// Whether checks link to such pages, where `public_url` is set.
    #[schemars(with = "Option<bool>", extend("type" = ["string", "boolean", "null"], "default" = "on", "enum" = ["on", "off", true, false, null]))]
    pub(super) pages: Option<Switch>,
    /// Days that a page is kept.
    #[schemars(range(min = *limits::PAGES_DAYS.start(), max = *limits::PAGES_DAYS.end()), extend("default" = limits::DAYS_OF_PAGES))]
    pub(super) pages_days: Option<u64>,
}

/// Whether there is something. To some readers of YAML `off` is a word, and to some it says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "`on` or `off` is expected")]
pub(super) enum Switch {
    Is(bool),
    Word(Word),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Word {
    On,
    Off,
}

impl Switch {
    pub(super) fn is_on(self) -> bool {
        matches!(self, Self::Is(true) | Self::Word(Word::On))
    }
}

/// The App, and where GitHub is.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Github {
    /// Where GitHub's REST API is. GitHub Enterprise Server: https://HOST/api/v3
    #[schemars(extend("default" = super::API_URL))]
    pub(super) api_url: Option<String>,
    /// Where people see GitHub, for links. Without it, taken from `api_url` on GitHub Enterprise Server.
    #[schemars(extend("default" = super::WEB_URL))]
    pub(super) web_url: Option<String>,
    /// Where this documentation is published, for links from comments to the page of each rule and to the one for reviewers. Without it there are
    /// no such links.
    pub(super) docs_url: Option<String>,
    /// The App's id. Required.
    pub(super) app_id: Option<u64>,
    /// A file with the App's private key in PEM. This or `private_key` is required.
    pub(super) private_key_file: Option<String>,
    /// The App's private key itself, in PEM.
    pub(super) private_key: Option<SecretText>,
    /// The secrets that webhooks may be signed with: one, or two while it is being changed. In the environment separated by commas. Required.
    #[schemars(length(min = 1))]
    pub(super) webhook_secrets: Option<Vec<SecretText>>,
    /// A file of certificates in PEM that are trusted instead of the machine's own, for a GitHub Enterprise Server or a proxy that an authority
    /// of your own vouches for.
    pub(super) ca_file: Option<String>,
}

/// The queue, inbox and cache.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Store {
    /// The database: sqlite://FILE, on a local disk and for one process, or postgres://USER@HOST/DATABASE, which several replicas may share.
    /// Losing it loses no decision.
    #[schemars(extend("default" = super::STORE_URL))]
    pub(super) url: Option<SecretText>,
}

/// What works on pull requests.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Worker {
    /// Pull requests that are worked on at the same time.
    #[schemars(range(min = *limits::CONCURRENCY.start(), max = *limits::CONCURRENCY.end()), extend("default" = limits::CONCURRENT))]
    pub(super) concurrency: Option<usize>,
    /// Milliseconds between two writes to GitHub in one installation, after a burst of ten. GitHub asks for a second.
    #[schemars(extend("default" = limits::WRITE_GAP_MS))]
    pub(super) write_gap_ms: Option<u64>,
    /// MiB of address space that one judgement may take.
    #[schemars(range(min = *limits::JUDGEMENT_MIB.start(), max = *limits::JUDGEMENT_MIB.end()), extend("default" = limits::MIB_OF_JUDGEMENT))]
    pub(super) judgement_mib: Option<u64>,
    /// Seconds of the processor that one judgement may take.
    #[schemars(range(min = *limits::JUDGEMENT_SECONDS.start(), max = *limits::JUDGEMENT_SECONDS.end()), extend("default" = limits::SECONDS_OF_JUDGEMENT))]
    pub(super) judgement_seconds: Option<u64>,
}

/// Where decisions are kept.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Ledger {
    /// The branch that decisions are committed on.
    #[schemars(extend("default" = super::BRANCH))]
    pub(super) branch: Option<String>,
    /// OWNER/NAME of a repository to keep all decisions in; empty for the reviewed repository itself.
    pub(super) repository: Option<String>,
}

/// The outgoing webhook: what opens, is decided, ends, and emergencies.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Notify {
    /// Where it is posted: https://…, or http:// on this machine alone. Empty for nowhere.
    pub(super) url: Option<SecretText>,
    /// A file with the secret that signs it. Without one it is not signed.
    pub(super) secret_file: Option<String>,
}

/// Text that `Debug` does not show.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub(super) struct SecretText(pub(super) String);

impl std::fmt::Debug for SecretText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// The JSON Schema of the file.
pub fn schema() -> Schema {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    let mut schema = settings.into_generator().into_root_schema_for::<Written>();
    // `serde(default)` leaves the sections' empty values here, which say nothing.
    if let Some(sections) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        sections.values_mut().filter_map(Value::as_object_mut).for_each(|section| drop(section.remove("default")));
    }
    schema
}

/// How the value of a key is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    List,
}

/// One key, as the schema lists it.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub(super) section: String,
    pub(super) name: String,
    pub(super) kind: Kind,
}

/// Every key, in the schema's order.
pub(super) fn keys() -> Vec<Key> {
    let schema = schema();
    let properties = |value: &Value| value["properties"].as_object().cloned().unwrap_or_default();
    let sections = properties(schema.as_value()).into_iter();
    let keys = sections.flat_map(|(section, described)| {
        properties(&described).into_iter().map(move |(name, described)| Key {
            section: section.clone(),
            name,
            kind: kind(&described["type"]),
        })
    });
    keys.collect()
}

fn kind(described: &Value) -> Kind {
    let is = |word: &str| described == word || described.as_array().is_some_and(|words| words.iter().any(|known| known == word));
    match (is("integer"), is("array")) {
        (true, _) => Kind::Number,
        (false, true) => Kind::List,
        (false, false) => Kind::Text,
    }
}
