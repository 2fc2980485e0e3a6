//! The one table: every endpoint that is asked, every event that is subscribed to, and what each needs.
//!
//! A row of what the published OpenAPI description in use lacks names its page.

use super::{Caller, Feature, Level, Permission};

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
const OPEN_ENDED: [&str; 4] = ["{branch}", "{ref}", "{basehead}", "{path}"];

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
        Change, Check, Conversation, Doctor, GeneratedInput, Ledger, LedgerProtection, Proposal, Redelivery, RegisterIssue, ReviewRequests,
        Rights, Setup, SignIn, Teams, Threads,
    };
    use Level::{Read, Write};
    use Permission::{Actions, Checks, Contents, Issues, Members, Metadata, PullRequests};
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
        read(Metadata, "/user/{account_id}", Rights).page("https://docs.github.com/en/rest/users/users#get-a-user-using-their-id"),
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
        read(Checks, "/repos/{owner}/{repo}/check-runs/{check_run_id}/annotations", Check),
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
        read(Members, "/orgs/{org}/teams/{team_slug}/memberships/{username}", Teams),
        write(PullRequests, "POST", "/repos/{owner}/{repo}/pulls/{pull_number}/requested_reviewers", ReviewRequests)
            .page("https://docs.github.com/en/rest/pulls/review-requests#request-reviewers-for-a-pull-request"),
        write(Contents, "PUT", "/repos/{owner}/{repo}/contents/{path}", Proposal),
        write(PullRequests, "POST", "/repos/{owner}/{repo}/pulls", Proposal),
        read(Issues, "/repos/{owner}/{repo}/issues", RegisterIssue),
        read(Issues, "/repos/{owner}/{repo}/issues/{issue_number}", RegisterIssue),
        write(Issues, "POST", "/repos/{owner}/{repo}/issues", RegisterIssue),
        write(Issues, "PATCH", "/repos/{owner}/{repo}/issues/{issue_number}", RegisterIssue),
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
pub const EVENTS: [Event; 10] = [
    Event { name: "pull_request", permission: Permission::PullRequests, feature: Feature::Change },
    Event { name: "push", permission: Permission::Contents, feature: Feature::Change },
    Event { name: "check_run", permission: Permission::Checks, feature: Feature::Check },
    Event { name: "check_suite", permission: Permission::Checks, feature: Feature::Check },
    Event { name: "issue_comment", permission: Permission::Issues, feature: Feature::Conversation },
    Event { name: "pull_request_review", permission: Permission::PullRequests, feature: Feature::Conversation },
    Event { name: "pull_request_review_comment", permission: Permission::PullRequests, feature: Feature::Conversation },
    Event { name: "merge_group", permission: Permission::MergeQueues, feature: Feature::MergeQueue },
    Event { name: "workflow_run", permission: Permission::Actions, feature: Feature::GeneratedInput },
    Event { name: "repository", permission: Permission::Metadata, feature: Feature::SignIn },
];

/// Events that every App gets; a manifest that names one of them is refused.
pub const ALWAYS_SENT: [&str; 3] = ["installation", "installation_repositories", "ping"];

#[cfg(test)]
mod tests {
    use super::fits;

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
}
