//! Who may take on a role.
//!
//! Comes in: a role's trust policy. Goes out: the fact `trust` with the principals that make it so.

use crate::catalog::aws::denial;
use crate::catalog::aws::policy_document::{self, Condition, ConditionKey, Effect, Principal, Scope, Statement};
use crate::catalog::aws::resource_policy::{everyone, is_imported, outsiders};
use crate::catalog::draft::{Draft, PartIndex};
use crate::catalog::names::{self, Arn, canonical};
use crate::catalog::witnesses::bounded;
use crate::model::cause::{Cause, CauseKind};
use crate::model::fact::{Fact, Reading, Share, Value, Word};
use crate::model::pattern;
use crate::model::resource::{Property, Resource, Value as PropertyValue};
use crate::model::strength::is_weaker;
use crate::source::Span;
use std::sync::Arc;

/// What somebody who is named by an account, a role or a user may turn out to be, with `*` among them.
const ACCOUNTS: [Word; 4] = [Word::Public, Word::CrossAccount, Word::ThirdParty, Word::ExternalId];

/// Which identity provider's workload it may turn out to be of whose condition the key is not known.
const WORKLOADS: [Word; 2] = [Word::OidcAnySub, Word::OidcPinned];

/// What an identity provider by SAML has in its ARN.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns>
const SAML: &str = "saml-provider";

/// The host in the name of the identity provider of a cluster's own: only its pods have tokens of it.
/// <https://docs.aws.amazon.com/eks/latest/userguide/enable-iam-roles-for-service-accounts.html>
const CLUSTER: &str = "oidc-provider/oidc.eks.";

pub(crate) fn state<'t>(draft: &mut Draft<'t, '_>, role: &Resource<'t>, part: PartIndex) {
    let Some(document) = role.properties.get("AssumeRolePolicyDocument") else { return };
    let mut words = Vec::new();
    let mut witnesses = Vec::new();
    let mut unresolved = None;
    let mut hidden_here = false;
    // Whoever else is named by a value that is not at hand, where that is all that is hidden.
    let mut unnamed: Option<Vec<Share>> = Some(Vec::new());
    // What whoever is not known may turn out to be; and whether that is all.
    let mut may_be: Vec<Word> = Vec::new();
    let mut is_among = true;
    let mut shares = Vec::new();
    let mut workloads = Vec::new();
    let mut directories = Vec::new();
    let mut statements = policy_document::read(document);
    denial::narrow(&mut statements);
    for statement in statements.iter().filter(|statement| statement.effect == Effect::Allow) {
        hidden_here |= statement.unresolved.is_some();
        unnamed = unnamed.filter(|_| statement.unresolved.is_none());
        is_among &= statement.unresolved.is_none();
        unresolved = unresolved.or_else(|| statement.unresolved.clone());
        for principal in &statement.principals {
            match trusted(statement, principal)
                .map(|word| if is_of_guests(draft, role, statement, word) { Some(Word::Guests) } else { word })
            {
                Ok(Some(word)) => {
                    words.push(word);
                    if word == Word::OidcPinned {
                        workloads.extend(subjects(statement).map(|subject| (subject, statement.span)));
                    }
                    let repositories = (word == Word::OidcAnyRepo).then(|| open_repositories(statement));
                    let witness = repositories.or_else(|| outsiders(statement, principal)).or_else(|| witness(principal));
                    // A parameter that is empty by default names nobody yet.
                    let witness = witness.filter(|name| !name.is_empty());
                    let mut own = vec![word];
                    own.extend(statement.is_pinned_by(ConditionKey::ExternalId).then_some(Word::ExternalId));
                    own.sort_unstable();
                    let name = witness.clone().unwrap_or_else(|| word.as_str().to_owned());
                    let cause = Arc::new(Cause { kind: CauseKind::Principal, holder: draft.home(role), name });
                    shares.push(draft.share(cause, Value::Set(own), witness.as_deref(), statement.span));
                    witnesses.extend(witness);
                }
                Ok(None) => directories.extend(directory(statement, principal).map(|directory| (directory, statement.span))),
                Err(reason) => {
                    unresolved = Some(reason);
                    match principal {
                        // Whom it holds back is written here, and only not by which word of the token.
                        Principal::Federated(_) => {
                            unnamed = None;
                            may_be.extend(WORKLOADS);
                            let held = statement.conditions.iter().filter(|condition| condition.may_name_workloads());
                            let named =
                                held.flat_map(Condition::texts).map(|subject| format!("{subject}, under a key that is not known here"));
                            workloads.extend(named.map(|subject| (subject, statement.span)));
                        }
                        Principal::Identity(value) => {
                            may_be.extend(ACCOUNTS);
                            let name = canonical(value).unwrap_or_else(|| "${?}".to_owned());
                            let cause = Arc::new(Cause { kind: CauseKind::Principal, holder: draft.home(role), name: name.clone() });
                            let share = draft.share(cause, Value::Set(vec![Word::CrossAccount]), Some(&name), statement.span);
                            unnamed.iter_mut().for_each(|unnamed| unnamed.push(share.clone()));
                            hidden_here |= !is_imported(principal);
                        }
                        _ => {
                            unnamed = None;
                            is_among = false;
                            hidden_here |= !is_imported(principal);
                        }
                    }
                }
            }
        }
        if statement.is_pinned_by(ConditionKey::ExternalId) {
            words.push(Word::ExternalId);
        }
    }
    words.sort_unstable();
    words.dedup();
    let origin = draft.stated(document.span);
    // Another account that is written out is let in whoever stands beside it.
    if let (Some(_), Some(unnamed), true) = (&unresolved, unnamed, names_outsiders(&words)) {
        witnesses.extend(unnamed.iter().map(|share| share.cause.name.clone()));
        shares.extend(unnamed);
        unresolved = None;
    }
    let reading = match unresolved {
        Some(reason) if !words.contains(&Word::Public) => {
            let among = if is_among { words.iter().copied().chain(may_be).collect() } else { Vec::new() };
            let untold = policy_document::name(document).unwrap_or_default();
            Reading { elsewhere: !hidden_here, among, untold, ..Reading::unresolved(reason, origin) }
        }
        _ => Reading::known(Value::Set(words), origin).shared(shares).witnessed(bounded(witnesses)),
    };
    draft.set_part_fact(part, Fact::Trust, reading);
    state_named(draft, role, (part, Fact::Workloads), workloads, document);
    state_named(draft, role, (part, Fact::SignIn), directories, document);
    if let Some(reading) = conditions(draft, document, &statements) {
        draft.set_part_fact(part, Fact::TrustConditions, reading);
    }
}

/// Whether accounts of others are among those that are let in.
fn names_outsiders(words: &[Word]) -> bool {
    words.iter().any(|word| matches!(word, Word::CrossAccount | Word::ThirdParty))
}

/// Whether an identity pool hands out the role to guests, and the statement does not say which of those who come by the pool are let in.
fn is_of_guests(draft: &Draft<'_, '_>, role: &Resource<'_>, statement: &Statement<'_>, word: Option<Word>) -> bool {
    word == Some(Word::OidcPinned)
        && !statement.conditions.iter().any(|condition| condition.key == ConditionKey::OidcMethod)
        && is_handed_to_guests(draft, role)
}

/// Whether an identity pool hands out a role to guests.
fn is_handed_to_guests(draft: &Draft<'_, '_>, role: &Resource<'_>) -> bool {
    let names_it = |other: &Resource<'_>| {
        let guests = other.properties.at("Roles.unauthenticated").and_then(Property::reference);
        other.kind == "AWS::Cognito::IdentityPoolRoleAttachment" && guests.is_some_and(|guests| guests.address == role.address)
    };
    draft.mentioning(role.address).any(names_it)
}

/// Who may take on a role by the word of an identity provider: each is a cause of its own, whoever else may.
fn state_named<'t>(
    draft: &mut Draft<'t, '_>,
    role: &Resource<'t>,
    (part, fact): (PartIndex, Fact),
    mut named: Vec<(String, Span)>,
    document: &Property<'t>,
) {
    named.sort();
    named.dedup_by(|one, other| one.0 == other.0);
    if named.is_empty() {
        return;
    }
    let holder = draft.home(role);
    let share = |(name, span): &(String, Span)| {
        let cause = Arc::new(Cause { kind: CauseKind::Principal, holder: holder.clone(), name: name.clone() });
        draft.share(cause, Value::List(vec![name.clone()]), Some(name), *span)
    };
    let shares = named.iter().map(share).collect();
    let names: Vec<String> = named.into_iter().map(|(name, _)| name).collect();
    let reading = Reading::known(Value::List(bounded(names)), draft.stated(document.span)).shared(shares);
    draft.set_part_fact(part, fact, reading);
}

/// The identity provider by SAML that a principal is: by its name where it is the own account's.
fn directory(statement: &Statement<'_>, principal: &Principal<'_>) -> Option<String> {
    let Principal::Federated(provider) = principal else { return None };
    let text = canonical(provider).unwrap_or_default();
    if !signs_in_by_saml(statement, &text) {
        return None;
    }
    if let PropertyValue::Reference(reference) = provider.value {
        return Some(reference.address.to_owned());
    }
    let known = Some(text).filter(|text| text.contains(SAML)).unwrap_or_else(|| UNKNOWN_DIRECTORY.to_owned());
    Some(Arn::parse(&known).filter(|arn| arn.account == "${account}").map_or(known, |arn| arn.resource))
}

/// A provider that only a value which is not at hand names.
const UNKNOWN_DIRECTORY: &str = "a directory that is not known here";

/// Whether whoever is let in has signed in by SAML: the provider says so, or the one action by which that is done and which no other provider's
/// token is taken for. <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html>
fn signs_in_by_saml(statement: &Statement<'_>, provider: &str) -> bool {
    const WITH_SAML: &str = "sts:AssumeRoleWithSAML";
    let is_beside = |action: &str| ["sts:SetSourceIdentity", "sts:TagSession"].iter().any(|other| action.eq_ignore_ascii_case(other));
    let by_action = || match &statement.actions {
        Scope::Only(actions) => {
            actions.iter().any(|action| action.eq_ignore_ascii_case(WITH_SAML))
                && actions.iter().all(|action| action.eq_ignore_ascii_case(WITH_SAML) || is_beside(action))
        }
        Scope::AllBut(_) => false,
    };
    provider.contains(SAML) || by_action()
}

/// The subjects that the conditions of a statement name.
fn subjects<'a>(statement: &'a Statement<'_>) -> impl Iterator<Item = String> + 'a {
    let conditions = statement.conditions.iter().filter(|condition| condition.key == ConditionKey::OidcSubject && condition.narrows());
    conditions.flat_map(Condition::texts).map(|text| if text == "${?}" { UNKNOWN_SUBJECT.to_owned() } else { text })
}

/// A subject that only a value which is not at hand names.
const UNKNOWN_SUBJECT: &str = "a subject that is not known here";

/// A number is one of thousandths.
const ONE: i64 = 1000;

/// How many conditions hold back whoever is trusted, in the statement that has the fewest of them; `None` where nobody is trusted. A service has
/// mostly none: it counts where nobody else is trusted.
fn conditions(draft: &Draft<'_, '_>, document: &Property<'_>, statements: &[Statement<'_>]) -> Option<Reading> {
    let allowing = || statements.iter().filter(|statement| statement.effect == Effect::Allow);
    let is_service = |statement: &&Statement<'_>| statement.principals.iter().all(|principal| matches!(principal, Principal::Service(_)));
    let origin = draft.stated(document.span);
    if let Some(reason) = allowing().find_map(|statement| statement.unresolved.clone()) {
        return Some(Reading::unresolved(reason, origin));
    }
    let held_back = |statement: &Statement<'_>| {
        let failing = statement.conditions.iter().filter(|condition| condition.can_fail());
        failing.map(|condition| condition.written.to_owned()).collect::<Vec<String>>()
    };
    let of_others = allowing().filter(|statement| !is_service(statement)).map(held_back).min_by_key(Vec::len);
    let fewest = of_others.or_else(|| allowing().map(held_back).min_by_key(Vec::len))?;
    let number = i64::try_from(fewest.len()).ok()?.checked_mul(ONE)?;
    Some(Reading::known(Value::Number(number), origin).witnessed(bounded(fewest)))
}

/// Whether anybody at all may assume a role: of any account, or by any workflow of an identity provider.
pub(crate) fn lets_strangers_in(draft: &Draft<'_, '_>, role: &Resource<'_>) -> bool {
    let Some(document) = role.properties.get("AssumeRolePolicyDocument") else { return false };
    let mut statements = policy_document::read(document);
    denial::narrow(&mut statements);
    let allowing = statements.iter().filter(|statement| statement.effect == Effect::Allow);
    let mut words = allowing.flat_map(|statement| statement.principals.iter().map(|principal| trusted(statement, principal)));
    words.any(|word| matches!(word, Ok(Some(Word::Public | Word::Guests | Word::OidcAnySub | Word::OidcAnyRepo))))
        || is_handed_to_guests(draft, role)
}

/// Whether another account, or somebody of it, may assume a role.
pub(crate) fn lets_accounts_in(role: &Resource<'_>) -> bool {
    let Some(document) = role.properties.get("AssumeRolePolicyDocument") else { return false };
    let mut statements = policy_document::read(document);
    denial::narrow(&mut statements);
    let allowing = statements.iter().filter(|statement| statement.effect == Effect::Allow);
    let mut words = allowing.flat_map(|statement| statement.principals.iter().map(|principal| trusted(statement, principal)));
    words.any(|word| matches!(word, Ok(Some(Word::CrossAccount | Word::ThirdParty))))
}

/// The service that may take on a role, where nobody else may.
pub(crate) fn only_service<'t>(role: &Resource<'t>) -> Option<&'t str> {
    let statements = policy_document::read(role.properties.get("AssumeRolePolicyDocument")?);
    let mut only = None;
    for statement in statements.iter().filter(|statement| statement.effect == Effect::Allow) {
        for principal in &statement.principals {
            match principal {
                Principal::Service(service) if only.is_none_or(|known| known == *service) => only = Some(*service),
                _ => return None,
            }
        }
        if statement.unresolved.is_some() {
            return None;
        }
    }
    only
}

/// Whether a role that a service may take on says on whose behalf; none where no service may.
pub(crate) fn source_condition(draft: &Draft<'_, '_>, role: &Resource<'_>) -> Option<Reading> {
    let statements = policy_document::read(role.properties.get("AssumeRolePolicyDocument")?);
    if let Some((reason, span)) = statements.iter().find_map(|statement| Some((statement.unresolved.clone()?, statement.span))) {
        return Some(Reading::unresolved(reason, draft.stated(span)));
    }
    let is_service = |principal: &Principal<'_>| matches!(principal, Principal::Service(_));
    let of_services =
        statements.iter().filter(|statement| statement.effect == Effect::Allow && statement.principals.iter().any(is_service));
    let held =
        |statement: &Statement<'_>| statement.is_pinned_by(ConditionKey::SourceArn) || statement.is_pinned_by(ConditionKey::SourceAccount);
    let readings = of_services.map(|statement| {
        let word = if held(statement) { Word::On } else { Word::Off };
        Reading::word(word, draft.stated(statement.span))
    });
    readings.reduce(|known, other| if is_weaker(Fact::SourceCondition, &other, &known) { other } else { known })
}

/// The word for a trusted principal; none where it belongs to the own account.
fn trusted(statement: &Statement<'_>, principal: &Principal<'_>) -> Result<Option<Word>, String> {
    match principal {
        Principal::Everyone => Ok(match everyone(statement) {
            Word::Public => Some(Word::Public),
            Word::Account => None,
            // Held to an organisation, another account or a source: callers that need not be of this account.
            _ => Some(Word::CrossAccount),
        }),
        Principal::Service(_) => Ok(Some(Word::Service)),
        Principal::Federated(provider) => federated(statement, provider),
        Principal::CanonicalUser(_) => Ok(Some(Word::CrossAccount)),
        Principal::Identity(identity) => foreign(identity).map(|foreign| {
            let word = if statement.is_pinned_by(ConditionKey::ExternalId) { Word::ThirdParty } else { Word::CrossAccount };
            foreign.then_some(word)
        }),
        Principal::Unknown(value) => Err(value.unresolved().unwrap_or_else(|| "a principal of an unknown kind".to_owned())),
    }
}

/// An identity provider is pinned by its subject; the audience alone lets every workflow or user of it in, and every pod of a cluster.
fn federated(statement: &Statement<'_>, provider: &Property<'_>) -> Result<Option<Word>, String> {
    let text = canonical(provider).unwrap_or_default();
    if signs_in_by_saml(statement, &text) {
        return Ok(None);
    }
    if admits_guests(statement) {
        return Ok(Some(Word::Guests));
    }
    // An identity pool hands its own identities out: the pool's id in the audience is what pins it.
    let pinned = statement.is_pinned_by(ConditionKey::OidcSubject)
        || text.contains("cognito-identity") && statement.is_pinned_by(ConditionKey::OidcAudience);
    if !pinned && let Some(held) = statement.conditions.iter().find(|condition| condition.may_name_workloads()) {
        let subjects: Vec<String> = held.texts().collect();
        return Err(format!("by which key its condition asks for {} is not known here", subjects.join(", ")));
    }
    Ok(Some(match pinned {
        true if open_repositories(statement).is_empty() => Word::OidcPinned,
        true => Word::OidcAnyRepo,
        false if text.contains(CLUSTER) => Word::OidcAnyPod,
        false => Word::OidcAnySub,
    }))
}

/// Whether an identity pool's guests are let in, who sign in nowhere.
/// <https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html>
fn admits_guests(statement: &Statement<'_>) -> bool {
    let methods = statement.conditions.iter().filter(|condition| condition.key == ConditionKey::OidcMethod);
    methods.flat_map(Condition::texts).any(|text| pattern::matches(&text, "unauthenticated"))
}

/// Which subjects let in any repository of an owner; empty where each names one.
fn open_repositories(statement: &Statement<'_>) -> String {
    statement.conditions.iter().flat_map(Condition::open_repositories).collect::<Vec<_>>().join(", ")
}

/// The accounts by which load balancers sign when they write access logs, in regions opened before August 2022. Of
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html>, as public templates repeat it; 2026-11-24.
const LOAD_BALANCERS: &[&str] = &[
    "009996457667",
    "027434742980",
    "033677994240",
    "037604701340",
    "048591011584",
    "054676820928",
    "076674570225",
    "098369216593",
    "114774131450",
    "127311923021",
    "156460612806",
    "190560391635",
    "383597477331",
    "507241528517",
    "582318560864",
    "589379963580",
    "600734575887",
    "635631232127",
    "638102146993",
    "652711504416",
    "718504428378",
    "754344448648",
    "783225319266",
    "797873946194",
    "897822967062",
    "985666609251",
];

/// Whether an identity is of another account than the stack's. The provider's own are not.
pub(crate) fn foreign(identity: &Property<'_>) -> Result<bool, String> {
    match identity.value {
        PropertyValue::Reference(_) | PropertyValue::Ambient(_) => return Ok(false),
        PropertyValue::External(_) | PropertyValue::Unknown(_) | PropertyValue::Either(_) => {
            return Err(identity.unresolved().unwrap_or_default());
        }
        _ => {}
    }
    let Some(text) = canonical(identity) else { return Err("a principal of an unknown kind".to_owned()) };
    let account = match Arn::parse(&text) {
        Some(arn) if arn.service == "iam" && arn.resource.starts_with("user/CloudFront") => return Ok(false),
        // No wildcard may stand within an ARN of a principal: whatever is filled in, it is one account.
        Some(arn) if matches!(arn.service.as_str(), "iam" | "sts") && is_filled_in(&arn.account) => return Ok(true),
        Some(arn) => arn.account,
        None => text,
    };
    match account.as_str() {
        "${account}" => Ok(false),
        "cloudfront" => Ok(false),
        text if LOAD_BALANCERS.contains(&text) => Ok(false),
        text if names::is_account_number(text) => Ok(true),
        text if is_filled_in(text) => Err(identity.unresolved().unwrap_or_else(|| "the account cannot be told".to_owned())),
        // `current account`, `<account id>`: whoever fills that in knows whose it is.
        text if text.contains([' ', '<', '>']) => Err(format!("`{text}` is the number of no account")),
        text => Ok(!text.contains("${")),
    }
}

/// Whether part of a text is only known at deployment.
fn is_filled_in(text: &str) -> bool {
    ["${param:", "${?}", "${import:", "${ssm:"].iter().any(|hole| text.contains(hole))
}

/// How a principal is shown.
pub(crate) fn witness(principal: &Principal<'_>) -> Option<String> {
    match principal {
        Principal::Everyone => Some("*".to_owned()),
        Principal::Service(name) => Some((*name).to_owned()),
        Principal::Federated(Property { value: PropertyValue::Reference(provider), .. }) => Some(provider.address.to_owned()),
        Principal::Identity(value) | Principal::Federated(value) | Principal::CanonicalUser(value) | Principal::Unknown(value) => {
            canonical(value)
        }
    }
}
