//! Build projects: whether their filters let anybody's pull request start a build.
//!
//! Comes in: a build project with the groups of filters of its webhook. Goes out: `build_filter`, where a group names pull requests that are
//! opened or changed, and not whose. A branch is no answer: whoever forks a repository names the branches of the fork.
//! Sources: <https://docs.aws.amazon.com/codebuild/latest/userguide/github-webhook.html>,
//! <https://docs.aws.amazon.com/codebuild/latest/userguide/pull-request-build-policy.html>, read 2026-11-28.

use crate::catalog::draft::Draft;
use crate::catalog::paths;
use crate::model::fact::{Fact, Reading, Word};
use crate::model::resource::{Property, Resource};

/// Events that bring the code of a pull request; one that is merged or closed brings none.
const BRINGING_CODE: &[&str] = &["PULL_REQUEST_CREATED", "PULL_REQUEST_UPDATED", "PULL_REQUEST_REOPENED"];

/// The resolver of `AWS::CodeBuild::Project`.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, project: &Resource<'t>) {
    let Some(element) = draft.element(project.address) else { return };
    let says = |path: &str, word: &str| paths::find(&project.properties, path).iter().any(|value| value.literal() == Some(word));
    let asks_first = ["ALL_PULL_REQUESTS", "FORK_PULL_REQUESTS"]
        .iter()
        .any(|word| says("Triggers.PullRequestBuildPolicy.RequiresCommentApproval", word));
    if asks_first || says("Triggers.Webhook", "false") {
        return;
    }
    let groups = paths::find(&project.properties, "Triggers.FilterGroups[]");
    if let Some(group) = groups.iter().find(|group| admits_anybody(group)) {
        let reading = Reading::word(Word::PullRequests, draft.stated(group.span));
        draft.set_fact(element, Fact::BuildFilter, reading);
    }
}

/// Whether all filters of a group let in a pull request of somebody who is not named.
fn admits_anybody(group: &Property<'_>) -> bool {
    let filters = || group.items().iter().filter_map(|filter| Some((filter, filter.get("Type")?.literal()?)));
    let brings = |filter: &Property<'_>| {
        let events = filter.get("Pattern").and_then(Property::literal).unwrap_or_default();
        events.split(',').any(|event| BRINGING_CODE.contains(&event.trim()))
    };
    let names_actor = filters().any(|(filter, kind)| {
        kind == "ACTOR_ACCOUNT_ID"
            && filter.get("ExcludeMatchedPattern").and_then(Property::literal) != Some("true")
            && filter.get("Pattern").and_then(Property::literal).is_none_or(names_accounts)
    });
    !names_actor && filters().any(|(filter, kind)| kind == "EVENT" && brings(filter))
}

/// Whether a pattern names accounts, each from its beginning to its end: `^(123|456)$`. The provider looks for it anywhere in an id, so that `123`
/// means every account whose id has it.
fn names_accounts(pattern: &str) -> bool {
    let ids = |text: &str| text.split('|').all(|id| id.len() >= 2 && id.bytes().all(|byte| byte.is_ascii_digit()));
    let whole = |text: &str| text.strip_prefix('^').and_then(|rest| rest.strip_suffix('$')).map(str::to_owned);
    match whole(pattern) {
        // `^1|2$` is bound on one side only.
        Some(inner) if !inner.contains('|') => ids(&inner),
        Some(inner) => {
            inner.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).map(|group| group.trim_start_matches("?:")).is_some_and(ids)
                || pattern.split('|').all(|one| whole(one).is_some_and(|id| ids(&id)))
        }
        None => false,
    }
}
