//! What each feature asks of GitHub: the one table of endpoints, permissions and events.
//!
//! Comes in: nothing; it is data. Goes out: the App's manifests, the permissions of its tokens, SECURITY.md's table, and what `astride doctor`
//! compares with. It also names what later features need, so that no installation has to accept new permissions again.
//!
//! Sources, read 2026-11-28: <https://docs.github.com/en/rest/authentication/permissions-required-for-github-apps>,
//! <https://docs.github.com/en/webhooks/webhook-events-and-payloads>; for what the published OpenAPI description in use lacks, the page that the
//! row names.

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
    EmergencyTeam,
    Proposal,
    ReviewRequests,
    GeneratedInput,
    Redelivery,
    Setup,
    Doctor,
}

impl Feature {
    pub const ALL: [Self; 16] = [
        Self::SignIn,
        Self::Change,
        Self::Check,
        Self::Conversation,
        Self::Rights,
        Self::Ledger,
        Self::LedgerProtection,
        Self::MergeQueue,
        Self::Threads,
        Self::EmergencyTeam,
        Self::Proposal,
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
            Self::EmergencyTeam => "asking whether somebody is in the team that may call an emergency",
            Self::Proposal => "the pull request that proposes a settings file",
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
            Self::EmergencyTeam => Some("nobody can call an emergency where the settings name a team"),
            Self::Proposal => Some("no settings file is proposed; write one by hand"),
            Self::ReviewRequests => Some("nobody is asked; the comment names who may decide"),
            Self::GeneratedInput => Some("only what is in git is judged"),
            Self::Redelivery => Some("lost deliveries are found by the next sweep"),
            Self::Setup => Some("register the App by hand"),
            Self::Doctor => Some("the diagnosis says what it could not verify"),
        }
    }

    /// Whether this release does it already.
    pub fn is_built(self) -> bool {
        !matches!(self, Self::Proposal | Self::ReviewRequests | Self::GeneratedInput | Self::Redelivery)
    }
}

/// One endpoint, and what it needs.
#[derive(Clone, Copy, Debug)]
pub struct Endpoint {
    pub method: &'static str,
    /// As GitHub's documentation spells it: `/repos/{owner}/{repo}`.
    pub path: &'static str,
    /// Of GraphQL, the field that the document asks for; else empty.
    pub field: &'static str,
    pub caller: Caller,
    pub feature: Feature,
    /// Where GitHub documents it, for what the OpenAPI description in use lacks; else empty.
    pub page: &'static str,
}

impl Endpoint {
    const fn page(self, page: &'static str) -> Self {
        Self { page, ..self }
    }

    /// Whether a request is one to this endpoint. `document` is the GraphQL document, empty for REST.
    pub fn answers(&self, method: &str, path: &str, document: &str) -> bool {
        self.method == method && document.contains(self.field) && self.field.is_empty() == document.is_empty() && fits(self.path, path)
    }
}

/// Whether a path is one of the pattern's: each `{…}` stands for a segment, and the last one for all that follow, since branches have slashes.
fn fits(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.split('/').peekable(), path.split('/'));
    while let Some(wanted) = pattern.next() {
        let Some(found) = path.next() else { return false };
        let is_parameter = wanted.starts_with('{');
        if is_parameter && pattern.peek().is_none() {
            return !found.is_empty() && (OPEN_ENDED.contains(&wanted) || path.next().is_none());
        }
        if if is_parameter { found.is_empty() } else { found != wanted } {
            return false;
        }
    }
    path.next().is_none()
}

/// Parameters that may hold slashes.
const OPEN_ENDED: [&str; 3] = ["{branch}", "{ref}", "{basehead}"];

const fn as_app(method: &'static str, path: &'static str, feature: Feature) -> Endpoint {
    Endpoint { method, path, field: "", caller: Caller::App, feature, page: "" }
}

const fn read(permission: Permission, path: &'static str, feature: Feature) -> Endpoint {
    Endpoint { method: "GET", path, field: "", caller: Caller::Installation(permission, Level::Read), feature, page: "" }
}

const fn write(permission: Permission, method: &'static str, path: &'static str, feature: Feature) -> Endpoint {
    Endpoint { method, path, field: "", caller: Caller::Installation(permission, Level::Write), feature, page: "" }
}

const fn query(permission: Permission, level: Level, field: &'static str, feature: Feature, page: &'static str) -> Endpoint {
    Endpoint { method: "POST", path: "/graphql", field, caller: Caller::Installation(permission, level), feature, page }
}

/// Every endpoint that is asked, or will be.
pub const ENDPOINTS: &[Endpoint] = {
    use Feature::{
        Change, Check, Conversation, Doctor, EmergencyTeam, GeneratedInput, Ledger, LedgerProtection, Proposal, Redelivery, ReviewRequests,
        Rights, Setup, SignIn, Threads,
    };
    use Level::{Read, Write};
    use Permission::{Actions, Checks, Contents, Members, Metadata, PullRequests};
    &[
        as_app("GET", "/app", SignIn),
        as_app("GET", "/app/installations", SignIn),
        as_app("GET", "/app/installations/{installation_id}", SignIn),
        as_app("POST", "/app/installations/{installation_id}/access_tokens", SignIn),
        as_app("GET", "/repos/{owner}/{repo}/installation", Ledger),
        as_app("GET", "/app/hook/config", Doctor),
        as_app("GET", "/app/hook/deliveries", Doctor),
        as_app("POST", "/app/hook/deliveries/{delivery_id}/attempts", Redelivery),
        Endpoint {
            method: "POST",
            path: "/app-manifests/{code}/conversions",
            field: "",
            caller: Caller::Nobody,
            feature: Setup,
            page: "https://docs.github.com/en/rest/apps/apps#create-a-github-app-from-a-manifest",
        },
        read(Metadata, "/installation/repositories", SignIn),
        read(Metadata, "/repos/{owner}/{repo}", SignIn),
        read(Metadata, "/repos/{owner}/{repo}/collaborators/{username}/permission", Rights),
        read(Metadata, "/repos/{owner}/{repo}/collaborators", Rights)
            .page("https://docs.github.com/en/rest/collaborators/collaborators#list-repository-collaborators"),
        read(Metadata, "/repos/{owner}/{repo}/rules/branches/{branch}", LedgerProtection)
            .page("https://docs.github.com/en/rest/repos/rules#get-rules-for-a-branch"),
        read(Metadata, "/repos/{owner}/{repo}/rulesets/{ruleset_id}", Doctor)
            .page("https://docs.github.com/en/rest/repos/rules#get-a-repository-ruleset"),
        read(Contents, "/repos/{owner}/{repo}/git/ref/{ref}", Change),
        read(Contents, "/repos/{owner}/{repo}/git/matching-refs/{ref}", Change),
        read(Contents, "/repos/{owner}/{repo}/git/commits/{commit_sha}", Change),
        read(Contents, "/repos/{owner}/{repo}/git/trees/{tree_sha}", Change),
        read(Contents, "/repos/{owner}/{repo}/git/blobs/{file_sha}", Change),
        read(Contents, "/repos/{owner}/{repo}/compare/{basehead}", Change),
        read(Contents, "/repos/{owner}/{repo}/commits", Change).page("https://docs.github.com/en/rest/commits/commits#list-commits"),
        read(Contents, "/repos/{owner}/{repo}/commits/{ref}", Change),
        read(Contents, "/repos/{owner}/{repo}/activity", Change)
            .page("https://docs.github.com/en/rest/repos/repos#list-repository-activities"),
        read(PullRequests, "/repos/{owner}/{repo}/commits/{commit_sha}/pulls", Change),
        read(PullRequests, "/repos/{owner}/{repo}/pulls", Change),
        read(PullRequests, "/repos/{owner}/{repo}/pulls/{pull_number}", Change),
        read(PullRequests, "/repos/{owner}/{repo}/pulls/{pull_number}/files", Change),
        query(Contents, Read, "object(oid:", Change, "https://docs.github.com/en/graphql/reference/objects#commit"),
        read(Checks, "/repos/{owner}/{repo}/commits/{ref}/check-runs", Check),
        write(Checks, "POST", "/repos/{owner}/{repo}/check-runs", Check),
        write(Checks, "PATCH", "/repos/{owner}/{repo}/check-runs/{check_run_id}", Check),
        read(PullRequests, "/repos/{owner}/{repo}/issues/{issue_number}/comments", Conversation),
        write(PullRequests, "POST", "/repos/{owner}/{repo}/issues/{issue_number}/comments", Conversation),
        write(PullRequests, "PATCH", "/repos/{owner}/{repo}/issues/comments/{comment_id}", Conversation),
        write(PullRequests, "DELETE", "/repos/{owner}/{repo}/issues/comments/{comment_id}", Conversation),
        read(PullRequests, "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions", Conversation),
        write(PullRequests, "POST", "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions", Conversation),
        read(PullRequests, "/repos/{owner}/{repo}/pulls/{pull_number}/comments", Conversation),
        write(PullRequests, "POST", "/repos/{owner}/{repo}/pulls/{pull_number}/comments", Conversation),
        write(PullRequests, "POST", "/repos/{owner}/{repo}/pulls/{pull_number}/comments/{comment_id}/replies", Conversation),
        read(PullRequests, "/repos/{owner}/{repo}/pulls/comments/{comment_id}/reactions", Conversation)
            .page("https://docs.github.com/en/rest/reactions/reactions#list-reactions-for-a-pull-request-review-comment"),
        write(PullRequests, "POST", "/repos/{owner}/{repo}/pulls/comments/{comment_id}/reactions", Conversation),
        read(PullRequests, "/repos/{owner}/{repo}/pulls/{pull_number}/reviews", Conversation),
        query(PullRequests, Read, "reviewThreads(", Conversation, "https://docs.github.com/en/graphql/reference/objects#pullrequest"),
        // Resolving asks for both permissions, as GitHub answers and not as it documents.
        query(
            PullRequests,
            Write,
            "resolveReviewThread(",
            Threads,
            "https://docs.github.com/en/graphql/reference/mutations#resolvereviewthread",
        ),
        query(
            Contents,
            Write,
            "resolveReviewThread(",
            Threads,
            "https://docs.github.com/en/graphql/reference/mutations#resolvereviewthread",
        ),
        write(Contents, "POST", "/repos/{owner}/{repo}/git/blobs", Ledger),
        write(Contents, "POST", "/repos/{owner}/{repo}/git/trees", Ledger),
        write(Contents, "POST", "/repos/{owner}/{repo}/git/commits", Ledger),
        write(Contents, "POST", "/repos/{owner}/{repo}/git/refs", Ledger),
        write(Contents, "PATCH", "/repos/{owner}/{repo}/git/refs/{ref}", Ledger),
        read(Members, "/orgs/{org}/teams/{team_slug}/memberships/{username}", EmergencyTeam),
        read(Members, "/orgs/{org}/teams/{team_slug}/members", ReviewRequests),
        write(PullRequests, "POST", "/repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers", ReviewRequests)
            .page("https://docs.github.com/en/rest/pulls/review-requests#request-reviewers-for-a-pull-request"),
        write(Contents, "PUT", "/repos/{owner}/{repo}/contents/{path}", Proposal),
        write(PullRequests, "POST", "/repos/{owner}/{repo}/pulls", Proposal),
        read(Actions, "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs", GeneratedInput)
            .page("https://docs.github.com/en/rest/actions/workflow-runs#list-workflow-runs-for-a-workflow"),
        read(Actions, "/repos/{owner}/{repo}/actions/runs/{run_id}/artifacts", GeneratedInput)
            .page("https://docs.github.com/en/rest/actions/artifacts#list-workflow-run-artifacts"),
        read(Actions, "/repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}", GeneratedInput)
            .page("https://docs.github.com/en/rest/actions/artifacts#download-an-artifact"),
    ]
};

/// An event that the App subscribes to, the permission without which it cannot, and what it is for.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    pub name: &'static str,
    pub permission: Permission,
    pub feature: Feature,
}

/// Every event that is subscribed to. A manifest with an event that no permission of it covers is refused whole; comments on pull requests are
/// events of issues.
pub const EVENTS: [Event; 9] = [
    Event { name: "pull_request", permission: Permission::PullRequests, feature: Feature::Change },
    Event { name: "push", permission: Permission::Contents, feature: Feature::Change },
    Event { name: "check_run", permission: Permission::Checks, feature: Feature::Check },
    Event { name: "check_suite", permission: Permission::Checks, feature: Feature::Check },
    Event { name: "issue_comment", permission: Permission::Issues, feature: Feature::Conversation },
    Event { name: "pull_request_review", permission: Permission::PullRequests, feature: Feature::Conversation },
    Event { name: "pull_request_review_comment", permission: Permission::PullRequests, feature: Feature::Conversation },
    Event { name: "merge_group", permission: Permission::MergeQueues, feature: Feature::MergeQueue },
    Event { name: "repository", permission: Permission::Metadata, feature: Feature::SignIn },
];

/// Events that every App gets; a manifest that names one of them is refused.
pub const ALWAYS_SENT: [&str; 3] = ["installation", "installation_repositories", "ping"];

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
            Self::ReadOnly => !matches!(feature, Feature::Ledger | Feature::Threads | Feature::Proposal),
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

/// What a token of an installation is asked for at most: what is built already uses no more.
pub fn permissions_of_tokens() -> Permissions {
    let endpoints = ENDPOINTS.iter().filter(|endpoint| endpoint.feature.is_built());
    endpoints.fold(Permissions::new(), |wanted, endpoint| add(wanted, endpoint.caller))
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
    use super::{ENDPOINTS, Level, Permission, Variant, fits, permissions_of_tokens};

    #[test]
    fn paths_fit_their_patterns() {
        for (pattern, path, expected) in [
            ("/repos/{owner}/{repo}", "/repos/acme/shop", true),
            ("/repos/{owner}/{repo}", "/repos/acme/shop/pulls", false),
            ("/repos/{owner}/{repo}", "/repos/acme/", false),
            ("/repos/{owner}/{repo}/rules/branches/{branch}", "/repos/acme/shop/rules/branches/a/b", true),
            ("/repos/{owner}/{repo}/pulls/{pull_number}", "/repos/acme/shop/pulls/1/files", false),
            ("/repos/{owner}/{repo}/commits/{ref}/check-runs", "/repos/acme/shop/commits/abc/check-runs", true),
        ] {
            assert_eq!(fits(pattern, path), expected, "{pattern} {path}");
        }
    }

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
