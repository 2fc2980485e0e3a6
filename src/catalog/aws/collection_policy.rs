//! Policies of search collections: whether the internet may connect to a collection, and who may use its documents.
//!
//! Comes in: a network policy or a data access policy of OpenSearch Serverless, which names its collections by patterns. Goes out: `placement` and
//! `policy` of the collections that it covers, and flows from other accounts. What a data access policy lets in to collections that are not
//! here is told of the policy itself.
//!
//! Sources: <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-network.html>,
//! <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/serverless-data-access.html>.

use crate::catalog::aws::resource_policy::Found;
use crate::catalog::aws::{admitted, shared_policy, trust};
use crate::catalog::draft::{Carrier, Draft, ElementIndex, FlowDraft};
use crate::catalog::embedded;
use crate::catalog::names::canonical;
use crate::catalog::paths;
use crate::model::fact::{Fact, Reading, Word};
use crate::model::resource::{Property, Resource};
use crate::model::{Basis, Means};
use crate::source::NoteKind;
use bumpalo::Bump;

const COLLECTION: &str = "AWS::OpenSearchServerless::Collection";

/// The resolver of `AWS::OpenSearchServerless::SecurityPolicy`: of its kinds those on networks say who may connect.
pub(crate) fn resolve_network<'t>(draft: &mut Draft<'t, '_>, policy: &Resource<'t>) {
    if policy.properties.get("Type").and_then(Property::literal) != Some("network") {
        return;
    }
    let arena = Bump::new();
    for statement in statements(draft, policy, &arena) {
        let open = paths::find(&statement, "AllowFromPublic");
        let reading = match open.iter().find_map(Property::unresolved) {
            Some(reason) => Reading::unresolved(reason, draft.stated(policy.span)),
            None if open.iter().any(|value| value.literal() == Some("true")) => Reading::word(Word::Public, draft.stated(policy.span)),
            None => Reading::word(Word::Vpc, draft.stated(policy.span)),
        };
        for collection in covered(draft, &statement) {
            // Of several policies each lets somebody in.
            if !draft.element_at(collection).facts.is(Fact::Placement, Word::Public) {
                draft.set_fact(collection, Fact::Placement, reading.clone());
            }
        }
    }
}

/// The resolver of `AWS::OpenSearchServerless::AccessPolicy`.
pub(crate) fn resolve_access<'t>(draft: &mut Draft<'t, '_>, policy: &Resource<'t>) {
    let arena = Bump::new();
    for statement in statements(draft, policy, &arena) {
        let principals = paths::find(&statement, "Principal[]");
        let collections = covered(draft, &statement);
        for collection in &collections {
            let holder = draft.element_at(*collection).home();
            found(&principals, policy).state_policy(draft, Carrier::Element(*collection), &holder, policy.span);
            for principal in &principals {
                use_documents(draft, principal, *collection, &statement, policy);
            }
        }
        if collections.is_empty() {
            let alone = draft.alone(policy);
            let (part, holder) = (shared_policy::part(draft, alone, policy), draft.home(policy));
            found(&principals, policy).state_policy(draft, part, &holder, policy.span);
        }
    }
}

/// The statements of a policy, which is the text of its JSON. Of one that cannot be read a note says so.
fn statements<'a>(draft: &Draft<'_, '_>, policy: &Resource<'a>, arena: &'a Bump) -> Vec<Property<'a>> {
    let mut statements = Vec::new();
    for text in paths::find(&policy.properties, "Policy") {
        if !draft.spend_text(canonical(&text).map_or(0, |text| text.len()), text.span) {
            break;
        }
        match embedded::document(&text, arena) {
            Ok(document) => statements.extend(paths::find(&document, "[]")),
            Err(reason) => {
                draft.note(text.span, NoteKind::Unresolved, format!("the policy of `{}` cannot be told: {reason}", policy.address))
            }
        }
    }
    statements
}

/// The collections of the template that the rules of a statement name.
fn covered(draft: &Draft<'_, '_>, statement: &Property<'_>) -> Vec<ElementIndex> {
    let patterns: Vec<String> = paths::find(statement, "Rules[].Resource[]").iter().filter_map(canonical).collect();
    let is_covered = |collection: &&Resource<'_>| {
        let name = collection.properties.get("Name").and_then(canonical);
        name.is_some_and(|name| patterns.iter().any(|pattern| names(pattern, &name)))
    };
    if !draft.spend(patterns.len(), statement.span) {
        return Vec::new();
    }
    draft.of_kind(COLLECTION).filter(is_covered).filter_map(|collection| draft.element(collection.address)).collect()
}

/// Whether `collection/logs*` or `index/logs/*` is about a collection.
fn names(pattern: &str, name: &str) -> bool {
    let Some((_, rest)) = pattern.split_once('/') else { return false };
    let collection = rest.split('/').next().unwrap_or(rest);
    match collection.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => collection == name,
    }
}

fn found(principals: &[Property<'_>], policy: &Resource<'_>) -> Found {
    let mut found = Found::default();
    for principal in principals {
        // Identities of a provider sign in through the own account: `saml/111122223333/acme/group/search`.
        let is_signed_in = principal.literal().is_some_and(|text| text.starts_with("saml/") || text.starts_with("iamidentitycenter/"));
        let word = if is_signed_in {
            Ok(Word::Account)
        } else {
            trust::foreign(principal).map(|foreign| if foreign { Word::CrossAccount } else { Word::Account })
        };
        let witness = canonical(principal).filter(|_| word != Ok(Word::Account));
        found.add_word(word, witness, policy.span);
    }
    found
}

/// The flow of a principal that uses the documents of a collection.
fn use_documents(
    draft: &mut Draft<'_, '_>,
    principal: &Property<'_>,
    collection: ElementIndex,
    statement: &Property<'_>,
    policy: &Resource<'_>,
) {
    let permissions = paths::find(statement, "Rules[].Permission[]");
    let may = |words: &[&str]| {
        permissions.iter().filter_map(Property::literal).any(|permission| permission == "aoss:*" || words.contains(&permission))
    };
    let means = match (may(&["aoss:ReadDocument"]), may(&["aoss:WriteDocument"])) {
        (true, true) => Means::ReadWrite,
        (true, false) => Means::Read,
        (false, true) => Means::Write,
        (false, false) => return,
    };
    for who in admitted::identities(draft, principal) {
        if who != collection && !draft.has_flow(who, collection) {
            draft.flow(FlowDraft::new(who, collection, means, Basis::Policy, policy.span).via("data access policy"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_pattern_names_collections_by_their_beginning() {
        for (pattern, name, expected) in [
            ("collection/logs", "logs", true),
            ("index/logs/*", "logs", true),
            ("collection/lo*", "logs", true),
            ("collection/*", "logs", true),
            ("collection/log", "logs", false),
            ("logs", "logs", false),
        ] {
            assert_eq!(names(pattern, name), expected, "{pattern}");
        }
    }
}
