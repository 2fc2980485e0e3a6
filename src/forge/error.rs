//! What can go wrong between the forge and us, and whether trying again helps.

use crate::clock::Millis;
use crate::queue::StoreError;

/// An error of the forge. `what` is method and path, never a token or a body.
#[derive(Debug, thiserror::Error)]
pub enum ForgeError {
    #[error("{what}: not found")]
    NotFound { what: String },
    #[error("{what}: not allowed: {message}")]
    Forbidden { what: String, message: String },
    #[error("{what}: credentials are refused")]
    Unauthorized { what: String },
    /// Until then every request of the installation is refused.
    #[error("{what}: rate limit is used up")]
    RateLimited { what: String, until: Millis },
    /// 409 and 422: what was asked does not fit what is there.
    #[error("{what}: refused: {message}")]
    Unprocessable { what: String, message: String },
    /// No answer, or half of one. A write may have landed.
    #[error("{what}: no answer: {message}")]
    Transport { what: String, message: String },
    /// 5xx. A write may have landed.
    #[error("{what}: the forge failed with {status}")]
    Failed { what: String, status: u16 },
    #[error("{what}: answer is larger than {limit} bytes")]
    TooLarge { what: String, limit: usize },
    /// A query for more than the forge computes for one: less may be answered.
    #[error("{what}: asks for too much: {message}")]
    TooMuch { what: String, message: String },
    #[error("{what}: answer is not understood: {message}")]
    Malformed { what: String, message: String },
    /// A git object that does not hash to its id, or an answer that contradicts another one.
    #[error("{what}: the answer is not what its id names")]
    Untrue { what: String },
    /// The ledger's branch is not where it was when the blocks were judged: judge again.
    #[error("the ledger has moved on")]
    TipMoved,
    /// The forge does not show yet what its own event told of.
    #[error("the forge still shows an older head than its event told of")]
    Lagging,
    /// The repository of that name is another one now.
    #[error("{name} is not repository {id} any more")]
    OtherRepository { name: String, id: u64 },
    /// Gone, out of the installation, or under another name that the App may not see.
    #[error("{name} is not there any more, or is not shown to the App")]
    NoRepository { name: String },
    /// The App was taken away there, or its installation is suspended.
    #[error("the App is not installed there any more (installation {installation})")]
    NotInstalled { installation: u64 },
    /// What answered is not the forge. A write has not landed.
    #[error("{what}: a page of HTML came instead of GitHub's answer, with status {status}")]
    Intercepted { what: String, status: u16 },
    #[error("the App's private key is not an RSA key in PEM")]
    Key,
    #[error("the client could not be set up: {0}")]
    Setup(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is done where another answers in the forge's place.
pub const INTERCEPTED: &str = "something between this machine and GitHub answers in its place, a proxy or a page to sign in: see HTTPS_PROXY, NO_PROXY and github.api_url";

impl ForgeError {
    /// Whether it may be gone when the same is asked again.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::RateLimited { .. }
            | Self::Transport { .. }
            | Self::Failed { .. }
            | Self::Unauthorized { .. }
            | Self::Intercepted { .. }
            | Self::Untrue { .. }
            | Self::TipMoved
            | Self::Lagging
            | Self::Store(_) => true,
            Self::NotFound { .. }
            | Self::Forbidden { .. }
            | Self::Unprocessable { .. }
            | Self::TooLarge { .. }
            | Self::TooMuch { .. }
            | Self::Malformed { .. }
            | Self::OtherRepository { .. }
            | Self::NotInstalled { .. }
            | Self::NoRepository { .. }
            | Self::Key
            | Self::Setup(_) => false,
        }
    }

    /// Whether the forge pauses as a whole: that is said once, by whoever meets it first, and not by each run.
    pub fn is_pause(&self) -> bool {
        matches!(self, Self::RateLimited { .. } | Self::Transport { .. } | Self::Failed { .. } | Self::Intercepted { .. })
    }

    /// What whoever runs the service does about it, where that is known.
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            Self::NotInstalled { .. } => {
                Some("nothing more is asked for it; install the App again, or lift the suspension, and it goes on by itself")
            }
            Self::NoRepository { .. } => {
                Some("the next event or sweep knows its new name; where it was taken out of the installation, add it there again")
            }
            Self::OtherRepository { .. } => Some("its name is another one's now; the next event or sweep names it anew"),
            Self::Intercepted { .. } => Some(INTERCEPTED),
            Self::Unauthorized { .. } => Some("see github.app_id, the App's key and this machine's clock; `astride doctor` says more"),
            _ if self.is_lack_of_permission() => {
                Some("have an owner accept the App's permissions on its installation's page; `astride doctor` names what is missing")
            }
            _ => None,
        }
    }

    /// What whoever sets the service up does about it, where a running one would only try again.
    pub fn way_out(&self) -> &'static str {
        match self {
            Self::Failed { .. } => "GitHub itself fails, or a proxy before it: see its status page, and try again",
            Self::Transport { .. } => "see whether this machine reaches GitHub: the network, HTTPS_PROXY, github.ca_file",
            Self::RateLimited { .. } => "wait an hour, and try again",
            Self::NotFound { .. } => "compare github.app_id and github.api_url with the App's settings",
            _ => self.advice().unwrap_or("`astride doctor` says more"),
        }
    }

    /// Whether it is refused for as long as the App has no more permissions than it has.
    pub fn is_lack_of_permission(&self) -> bool {
        matches!(self, Self::Forbidden { message, .. } if message.contains("not accessible by integration"))
    }

    /// When the forge said to come back.
    pub fn retry_at(&self) -> Option<Millis> {
        match self {
            Self::RateLimited { until, .. } => Some(*until),
            _ => None,
        }
    }
}

/// `None` where the answer is that there is none.
pub fn found<T>(answer: Result<T, ForgeError>) -> Result<Option<T>, ForgeError> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(ForgeError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
