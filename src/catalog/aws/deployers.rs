//! Pipelines outside of the account that sign in with tokens of their own to deploy.
//!
//! Comes in: a role. Goes out: the build service that its trust policy admits, by the host of the identity provider.
//! Only hosts of build services count: clusters and identity pools trust in the same words, and are something else.

use crate::catalog::aws::policy_document::{self, Effect, Principal};
use crate::catalog::draft::Draft;
use crate::catalog::names::canonical;
use crate::model::resource::{Property, Resource};

/// Hosts of identity providers, and what people call the service behind each.
const BUILD_SERVICES: &[(&str, &str)] = &[
    ("token.actions.githubusercontent.com", "GitHub Actions"),
    ("gitlab.com", "GitLab CI/CD"),
    ("api.bitbucket.org", "Bitbucket Pipelines"),
    ("oidc.circleci.com", "CircleCI"),
    ("app.terraform.io", "HCP Terraform"),
    ("agent.buildkite.com", "Buildkite"),
];

/// A build service: the host of its tokens, and its name.
pub(crate) type BuildService = (&'static str, &'static str);

/// The build services that may take on a role, ordered by host, unique.
pub(crate) fn find<'t>(draft: &Draft<'t, '_>, role: &Resource<'t>) -> Vec<BuildService> {
    let Some(document) = role.properties.get("AssumeRolePolicyDocument") else { return Vec::new() };
    let statements = policy_document::read(document);
    let allowing = statements.iter().filter(|statement| statement.effect == Effect::Allow);
    let mut found: Vec<BuildService> = allowing
        .flat_map(|statement| &statement.principals)
        .filter_map(|principal| match principal {
            Principal::Federated(provider) => build_service(draft, provider),
            Principal::Everyone | Principal::Identity(_) | Principal::Service(_) | Principal::CanonicalUser(_) | Principal::Unknown(_) => {
                None
            }
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// By the ARN of the provider, or by the address of the one that the template makes.
fn build_service<'t>(draft: &Draft<'t, '_>, provider: &Property<'t>) -> Option<BuildService> {
    let made_here = provider.reference().and_then(|reference| draft.resource(reference.address));
    let text = made_here.and_then(|made| made.properties.get("Url")).and_then(canonical).or_else(|| canonical(provider))?;
    let (_, host) = text.rsplit_once("oidc-provider/").or_else(|| text.split_once("://")).unwrap_or(("", &text));
    let host = host.split('/').next()?;
    BUILD_SERVICES.iter().find(|(known, _)| *known == host).copied()
}
