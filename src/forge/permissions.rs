//! What each feature asks of GitHub; `endpoints` is the one table.
//!
//! Comes in: nothing; it is data. Goes out: the App's manifests, the permissions of its tokens, SECURITY.md's table, and what `astride doctor`
//! compares with. It also names what later features need, so that no installation has to accept new permissions again.
//!
//! Sources, read 2026-11-28: <https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps>,
//! <https://docs.github.com/en/webhooks/webhook-events-and-payloads>; for what the published OpenAPI description in use lacks, the page that the
//! row names.

pub mod endpoints;

use endpoints::{ENDPOINTS, EVENTS, Endpoint, Event};
use std::collections::{BTreeMap, BTreeSet};

/// A permission of a GitHub App, in the order in which people are shown them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    Metadata,
    Checks,
    PullRequests,
    Contents,
    Issues,
    MergeQueues,
    Members,
    Actions,
}

impl Permission {
    pub const ALL: [Self; 8] =
        [Self::Metadata, Self::Checks, Self::PullRequests, Self::Contents, Self::Issues, Self::MergeQueues, Self::Members, Self::Actions];

    /// As manifests and the API spell it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Metadata => "metadata",
            Self::Checks => "checks",
            Self::PullRequests => "pull_requests",
            Self::Contents => "contents",
            Self::Issues => "issues",
            Self::MergeQueues => "merge_queues",
            Self::Members => "members",
            Self::Actions => "actions",
        }
    }

    /// As GitHub's pages show it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Metadata => "Metadata",
            Self::Checks => "Checks",
            Self::PullRequests => "Pull requests",
            Self::Contents => "Contents",
            Self::Issues => "Issues",
            Self::MergeQueues => "Merge queues",
            Self::Members => "Members (organization)",
            Self::Actions => "Actions",
        }
    }
}

/// What a permission lets its bearer do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Read,
    Write,
}

impl Level {
    pub fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    /// `admin`, which some permissions of organisations have, includes writing.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "read" => Some(Self::Read),
            "write" | "admin" => Some(Self::Write),
            _ => None,
        }
    }
}

/// By permission, the level.
pub type Permissions = BTreeMap<Permission, Level>;

/// In whose name an endpoint is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Without credentials.
    Nobody,
    /// The App, by its JWT, which needs no permission.
    App,
    /// An installation, by a token with this permission.
    Installation(Permission, Level),
}

/// What something is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    SignIn,
    Change,
    Check,
    Conversation,
    Rights,
    Ledger,
    LedgerProtection,
    MergeQueue,
    Threads,
    Teams,
    Proposal,
    RegisterIssue,
    ReviewRequests,
    GeneratedInput,
    Redelivery,
    Setup,
    Doctor,
}

impl Feature {
    pub const ALL: [Self; 17] = [
        Self::SignIn,
        Self::Change,
        Self::Check,
        Self::Conversation,
        Self::Rights,
        Self::Ledger,
        Self::LedgerProtection,
        Self::MergeQueue,
        Self::Threads,
        Self::Teams,
        Self::Proposal,
        Self::RegisterIssue,
        Self::ReviewRequests,
        Self::GeneratedInput,
        Self::Redelivery,
        Self::Setup,
        Self::Doctor,
    ];

    /// What it does, to be read after "for".
    pub fn words(self) -> &'static str {
        match self {
            Self::SignIn => "signing in, and finding installations and repositories",
            Self::Change => "reading pull requests, their files and their history",
            Self::Check => "the required check",
            Self::Conversation => "comments, review threads, reactions and commands",
            Self::Rights => "the permission of whoever gives a command",
            Self::Ledger => "committing decisions to the ledger branch",
            Self::LedgerProtection => "saying whether a ruleset protects the ledger branch",
            Self::MergeQueue => "checks on merge groups",
            Self::Threads => "resolving answered review threads",
            Self::Teams => "asking whether somebody is in a team that decides, owns the code or may call an emergency",
            Self::Proposal => "the pull request that proposes a settings file",
            Self::RegisterIssue => "the issue with the register, where the settings ask for it",
            Self::ReviewRequests => "asking deciders for a review",
            Self::GeneratedInput => "input that a workflow run produced",
            Self::Redelivery => "asking for failed deliveries again",
            Self::Setup => "`astride setup`",
            Self::Doctor => "`astride doctor`",
        }
    }

    /// What is missing without it; `None` for what nothing works without.
    pub fn without(self) -> Option<&'static str> {
        match self {
            Self::SignIn | Self::Change | Self::Check | Self::Conversation | Self::Rights => None,
            Self::Ledger => Some("commands that decide are refused; decisions have to be pushed by people"),
            Self::LedgerProtection => Some("the check says that it cannot tell who may push to the ledger branch"),
            Self::MergeQueue => Some("a merge queue that requires the check waits until it gives up"),
            Self::Threads => Some("answered threads get their reply and stay unresolved"),
            Self::Teams => Some("where the settings or CODEOWNERS name a team, nobody decides or calls an emergency as its member"),
            Self::Proposal => Some("no settings file is proposed; write one by hand"),
            Self::RegisterIssue => Some("no issue is written; `astride threats --format html` makes the same page"),
            Self::ReviewRequests => Some("nobody is asked; the check says whom GitHub would not ask, and the comment who may decide"),
            Self::GeneratedInput => Some("where the settings name a workflow that makes input, the check stays red; else nothing"),
            Self::Redelivery => Some("lost deliveries are found by the next sweep"),
            Self::Setup => Some("register the App by hand"),
            Self::Doctor => Some("the diagnosis says what it could not verify"),
        }
    }
}

/// What an App is registered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// Everything, with the ledger in each reviewed repository.
    Standard,
    /// Advice alone: nothing is ever written to a repository's contents.
    ReadOnly,
    /// Everything, with the ledger in a repository of its own.
    SeparateLedger,
}

impl Variant {
    pub const ALL: [Self; 3] = [Self::Standard, Self::ReadOnly, Self::SeparateLedger];

    pub fn word(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::ReadOnly => "read-only",
            Self::SeparateLedger => "separate-ledger",
        }
    }

    /// Whether an App of this variant does it.
    pub fn has(self, feature: Feature) -> bool {
        match self {
            Self::Standard | Self::SeparateLedger => true,
            Self::ReadOnly => !matches!(feature, Feature::Ledger | Feature::Threads | Feature::Proposal | Feature::RegisterIssue),
        }
    }

    /// What an App of this variant asks an installation for.
    pub fn permissions(self) -> Permissions {
        permissions_for(|feature| self.has(feature))
    }

    /// The events that it subscribes to, in the order of the table.
    pub fn events(self) -> impl Iterator<Item = &'static Event> {
        EVENTS.iter().filter(move |event| self.has(event.feature))
    }
}

/// What a token of an installation is asked for at most. Workflow runs are read with a token of their own, which
/// is asked for only where the settings name a workflow.
pub fn permissions_of_tokens() -> Permissions {
    let endpoints = ENDPOINTS.iter().filter(|endpoint| endpoint.feature != Feature::GeneratedInput);
    endpoints.fold(Permissions::new(), |wanted, endpoint| add(wanted, endpoint.caller))
}

/// What was granted, as the forge words it, of the permissions that are known.
pub fn read_granted(words: &BTreeMap<String, String>) -> Permissions {
    let level = |permission: Permission| Level::from_word(words.get(permission.key())?);
    Permission::ALL.into_iter().filter_map(|permission| Some((permission, level(permission)?))).collect()
}

/// What the endpoints of one feature ask an installation for.
pub fn permissions_of(feature: Feature) -> Permissions {
    ENDPOINTS
        .iter()
        .filter(|endpoint| endpoint.feature == feature)
        .fold(Permissions::new(), |wanted, endpoint| add(wanted, endpoint.caller))
}

/// The permissions of endpoints and events for the features that are wanted.
fn permissions_for(wanted: impl Fn(Feature) -> bool) -> Permissions {
    let endpoints = ENDPOINTS.iter().filter(|endpoint| wanted(endpoint.feature));
    let permissions = endpoints.fold(Permissions::new(), |permissions, endpoint| add(permissions, endpoint.caller));
    let events = EVENTS.iter().filter(|event| wanted(event.feature));
    events.fold(permissions, |permissions, event| add(permissions, Caller::Installation(event.permission, Level::Read)))
}

fn add(mut permissions: Permissions, caller: Caller) -> Permissions {
    if let Caller::Installation(permission, level) = caller {
        let known = permissions.entry(permission).or_insert(level);
        *known = level.max(*known);
    }
    permissions
}

/// The features that use a permission at least at this level, in order.
pub fn features_of(permission: Permission, level: Level) -> BTreeSet<Feature> {
    let of_endpoint =
        |endpoint: &&Endpoint| matches!(endpoint.caller, Caller::Installation(needed, at) if needed == permission && at == level);
    let endpoints = ENDPOINTS.iter().filter(of_endpoint).map(|endpoint| endpoint.feature);
    let events = EVENTS.iter().filter(|event| event.permission == permission && level == Level::Read).map(|event| event.feature);
    endpoints.chain(events).collect()
}

#[cfg(test)]
mod tests {
    use super::endpoints::ENDPOINTS;
    use super::{Level, Permission, Variant, permissions_of_tokens};

    #[test]
    fn what_is_read_only_writes_no_contents() {
        let level = |variant: Variant| variant.permissions().get(&Permission::Contents).copied();
        assert_eq!(level(Variant::ReadOnly), Some(Level::Read));
        assert_eq!(level(Variant::Standard), Some(Level::Write));
    }

    #[test]
    fn a_manifest_covers_every_event_and_every_token() {
        for variant in Variant::ALL {
            let permissions = variant.permissions();
            for event in variant.events() {
                assert!(permissions.contains_key(&event.permission), "{}: {}", variant.word(), event.name);
            }
        }
        let standard = Variant::Standard.permissions();
        for (permission, level) in permissions_of_tokens() {
            assert!(standard.get(&permission).is_some_and(|granted| *granted >= level), "{permission:?}");
        }
        assert!(ENDPOINTS.iter().all(|endpoint| endpoint.field.is_empty() != (endpoint.path == "/graphql")));
    }
}
