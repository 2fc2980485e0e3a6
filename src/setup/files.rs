//! What is left on disk: the private key, and settings of the service that name it. Both are for their owner's eyes alone.
//!
//! Comes in: a folder, and credentials. Goes out: two files. What is there already is not touched unless that is asked for.

use crate::server::config;
use crate::setup::Wish;
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

const KEY: &str = "astride.private-key.pem";
const SETTINGS: &str = "server.yml";

/// What is wrong with the folder.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    #[error("{} is there already, and --force was not given", .0.display())]
    Exists(PathBuf),
    #[error("{}: {source}", .path.display())]
    Io { path: PathBuf, source: io::Error },
    /// A fault of ours: the key is stored all the same.
    #[error("the settings that were written would not be taken: {0}")]
    Settings(String),
}

/// Where the files are, once they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    pub settings: PathBuf,
    pub key: PathBuf,
}

/// What GitHub gave.
#[derive(Debug)]
pub(super) struct Credentials {
    pub(super) app_id: u64,
    /// The App's page, for the comment in the settings.
    pub(super) page: String,
    pub(super) key: SecretString,
    pub(super) webhook_secret: Option<SecretString>,
}

/// A folder that can be written to.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    force: bool,
}

impl Folder {
    /// Makes the folder if need be, and sees that both files can be written before anything is registered.
    ///
    /// # Errors
    /// `Exists` where one is there, unless `force`; else why the folder cannot be used.
    pub fn prepare(path: &Path, force: bool) -> Result<Self, FilesError> {
        let io = |source| FilesError::Io { path: path.to_owned(), source };
        if !path.is_dir() {
            DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(io)?;
        }
        let folder = Self { path: fs::canonicalize(path).map_err(io)?, force };
        if let Some(there) = [KEY, SETTINGS].map(|name| folder.path.join(name)).into_iter().find(|file| !force && file.exists()) {
            return Err(FilesError::Exists(there));
        }
        let probe = folder.path.join(format!(".{SETTINGS}.{}", std::process::id()));
        write_new(&probe, b"")?;
        fs::remove_file(&probe).map_err(io)?;
        Ok(folder)
    }

    /// Stores the key first, which GitHub gives only once, then the settings.
    pub(super) fn store(&self, credentials: &Credentials, wish: &Wish) -> Result<Files, FilesError> {
        let files = Files { settings: self.path.join(SETTINGS), key: self.path.join(KEY) };
        self.write(&files.key, credentials.key.expose_secret().as_bytes())?;
        let settings = settings(credentials, wish, &files.key);
        self.write(&files.settings, settings.as_bytes())?;
        if credentials.webhook_secret.is_some() {
            config::parse(SETTINGS, &settings, &BTreeMap::new()).map_err(|error| FilesError::Settings(error.to_string()))?;
        }
        Ok(files)
    }

    fn write(&self, file: &Path, bytes: &[u8]) -> Result<(), FilesError> {
        if !self.force {
            return write_new(file, bytes);
        }
        // Beside it and renamed, so that the new file has its own mode whatever the old one had.
        let beside = file.with_extension(format!("new-{}", std::process::id()));
        write_new(&beside, bytes)?;
        fs::rename(&beside, file).map_err(|source| FilesError::Io { path: file.to_owned(), source })
    }
}

fn write_new(path: &Path, bytes: &[u8]) -> Result<(), FilesError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::AlreadyExists => FilesError::Exists(path.to_owned()),
        _ => FilesError::Io { path: path.to_owned(), source },
    };
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)
}

fn settings(credentials: &Credentials, wish: &Wish, key: &Path) -> String {
    // JSON's strings are YAML's too.
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let mut text = format!(
        "# Settings of `astride serve`, written by `astride setup` for {}\n# The webhook secret stands below: keep this file to yourself.\n\
         github:\n  app_id: {}\n  private_key_file: {}\n",
        credentials.page,
        credentials.app_id,
        quoted(&key.display().to_string())
    );
    match &credentials.webhook_secret {
        Some(secret) => {
            let _ = writeln!(text, "  webhook_secrets: [{}]", quoted(secret.expose_secret()));
        }
        None => text.push_str(
            "  # GitHub gave no webhook secret: set one in the App's settings, and the same one here.\n  # webhook_secrets: []\n",
        ),
    }
    if wish.api_url != config::API_URL {
        let _ = writeln!(text, "  api_url: {}\n  web_url: {}", quoted(&wish.api_url), quoted(&wish.web_url));
    }
    match wish.public_url() {
        Some(url) => {
            let _ = writeln!(
                text,
                "server:\n  # Each check links to a page below this address, for whoever has the link: let browsers reach /checks/ there. Without it there are \
                 no pages.\n  public_url: {}",
                quoted(url)
            );
        }
        None => text.push_str("# server:\n#   # Where browsers reach the service: with it, each check links to a page with the whole report.\n#   public_url: https://HOST\n"),
    }
    // The service cannot write to the folder with the key: systemd and containers mount it read-only.
    text.push_str("# store:\n#   # The database: as it comes, astride.db in the folder that the service is started in.\n#   url: sqlite://astride.db\n");
    if let Some(ledger) = &wish.ledger {
        let _ = writeln!(text, "ledger:\n  repository: {}", quoted(ledger));
    }
    text
}
