//! What a function's own permissions let in: services, accounts, everybody; and what opens its URL.
//!
//! Comes in: an `AWS::Lambda::Permission` or an `AWS::Lambda::Url`. Goes out: the policy facts of the function or its URL, and a flow from a
//! service that nothing else of the template stands for.

use crate::catalog::aws::conditions::{self, is_definite_arn};
use crate::catalog::aws::resource_policy::{is_of_service, outsider};
use crate::catalog::aws::{resource_policy, trust, unpinned_api};
use crate::catalog::draft::outsider::Outsider;
use crate::catalog::draft::{Draft, ElementIndex, FlowDraft};
use crate::catalog::names::{self, Arn, canonical};
use crate::model::fact::{Fact, Reading, Value, Word};
use crate::model::resource::{Property, Resource, Value as PropertyValue};
use crate::model::{Basis, Means};
use crate::source::Span;

const URL: &str = "lambda_function_url";
const URL_KIND: &str = "AWS::Lambda::Url";
const FUNCTION: &str = "AWS::Lambda::Function";
const PERMISSION: &str = "AWS::Lambda::Permission";

/// Services that hand a function an event and do not wait for its answer: what fails is tried again by Lambda.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html>
const ASYNCHRONOUS: &[&str] =
    &["cloudformation", "codecommit", "codepipeline", "config", "events", "iot", "logs", "s3", "scheduler", "ses", "sns"];

/// The resolver of `AWS::Lambda::Permission`.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, permission: &Resource<'t>) {
    let properties = &permission.properties;
    let Some(function) = properties.get("FunctionName") else { return };
    let mut ends: Vec<ElementIndex> = draft.targets(function).iter().filter_map(|target| draft.end(target, function.span)).collect();
    let Some((word, witness)) = permitted(draft, properties) else { return };
    // What opens the URL of a function is said of that URL; where it is not here, of the permission.
    if is_for_url(permission) && !(word == Ok(Word::Public) && asks_for_a_signature(properties)) {
        let mut functions = draft.owners(permission.address);
        if functions.any(|function| draft.attached(function.address).any(|other| other.kind == URL_KIND)) {
            return;
        }
        ends = vec![draft.alone(permission)];
    }
    if ends.is_empty() && draft.is_attached_elsewhere(permission.address, FUNCTION) {
        ends.push(draft.alone(permission));
    }
    for end in ends {
        let is_here = draft.element_at(end).outside.is_none();
        if is_here {
            call_by_service(draft, permission, end);
        }
        let mut word = word.clone();
        // Which API should come in is not told by what is not here.
        if word == Ok(Word::ApiUnscoped) && !(is_here && unpinned_api::state(draft, end, permission)) {
            word = Ok(Word::ServiceUnscoped);
        }
        let witness = witness.clone().filter(|_| word != Ok(Word::Account));
        resource_policy::state_word(draft, end, word, witness, permission);
    }
}

/// A service that may invoke a function, with nothing of it here that does, invokes it by itself: a subscription of the whole account.
fn call_by_service(draft: &mut Draft<'_, '_>, permission: &Resource<'_>, function: ElementIndex) {
    let principal = permission.properties.get("Principal").and_then(canonical);
    let Some(service) = principal.as_deref().and_then(names::without_suffix).filter(|name| !name.contains('.')) else { return };
    // The edge of a distribution is let in to fetch a function, and runs it elsewhere.
    let action = permission.properties.get("Action").and_then(Property::literal);
    if action.is_some_and(|action| action == "lambda:GetFunction") {
        return;
    }
    let source = permission.properties.get("SourceArn").and_then(canonical);
    let names_source = source.as_deref().is_some_and(|text| Arn::parse(text).is_none_or(|arn| !arn.is_wildcard()));
    let is_of = |draft: &Draft<'_, '_>, end| is_of_service(draft, end, service);
    // A resource that is known by a permission of its own needs no other one: this one lets in the rest of the service.
    let calls = |from: &ElementIndex| draft.flows_between(*from, function).any(|flow| flow.basis != Basis::Permission);
    let known =
        draft.reaching(function).filter(calls).any(|from| is_of(draft, from)) || draft.leaving(function).any(|(to, _)| is_of(draft, to));
    if names_source || known {
        return;
    }
    let account = permission.properties.get("SourceAccount").and_then(Property::literal);
    let from = match account.filter(|account| names::is_account_number(account)) {
        // The service of another account acts for that account.
        Some(account) => draft.external(Outsider::Account(account), permission.span),
        None => draft.external(Outsider::Service(service), permission.span),
    };
    let means = if ASYNCHRONOUS.contains(&service) { Means::Event } else { Means::Invoke };
    draft.flow(FlowDraft::new(from, function, means, Basis::Permission, permission.span).via("permission"));
}

/// Whether it opens a function's URL and nothing else of it.
fn is_for_url(permission: &Resource<'_>) -> bool {
    let properties = &permission.properties;
    properties.get("FunctionUrlAuthType").is_some()
        || properties.get("InvokedViaFunctionUrl").is_some()
        || properties.get("Action").and_then(Property::literal) == Some("lambda:InvokeFunctionUrl")
}

/// Whether it opens a URL that takes signed requests alone: whoever has an account of the provider signs, so that everybody there is let in.
fn asks_for_a_signature(permission: &Property<'_>) -> bool {
    permission.get("FunctionUrlAuthType").and_then(Property::literal) == Some("AWS_IAM")
}

/// Whether it opens a function's URL too, or might, where its action is not known here.
fn may_open_url(permission: &Resource<'_>) -> bool {
    let action = permission.properties.get("Action").and_then(Property::literal);
    is_for_url(permission) || action.is_none_or(|action| matches!(action, "lambda:*" | "*"))
}

/// The word for a permission's principal, and how it is shown.
fn permitted<'t>(draft: &Draft<'t, '_>, permission: &Property<'t>) -> Option<(Result<Word, String>, Option<String>)> {
    let principal = permission.get("Principal")?;
    let text = canonical(principal);
    // Whoever it is held to that is not known here is the one to name.
    let is_elsewhere = |value: &&Property<'t>| !is_of_here(draft, value);
    let held_to = ["PrincipalOrgID", "SourceAccount", "SourceArn"].iter().filter_map(|key| permission.get(key));
    if let Some(outsider) = held_to.filter(is_elsewhere).find_map(outsider) {
        return Some((Ok(Word::CrossAccount), Some(outsider)));
    }
    let word = match text.as_deref() {
        _ if is_always_there(permission, "PrincipalOrgID") => Ok(Word::Org),
        Some("*") if is_always_there(permission, "SourceAccount") || names_source(permission) => Ok(Word::ServiceScoped),
        Some("*") => Ok(Word::Public),
        Some(name) if names::without_suffix(name).is_some() => Ok(permitted_service(permission, name)),
        _ => trust::foreign(principal).map(|foreign| if foreign { Word::CrossAccount } else { Word::Account }),
    };
    Some((word, text))
}

/// Whether an ARN names a resource of the unit by what the provider calls it: that is in the own account, whatever number is written beside it.
fn is_of_here<'t>(draft: &Draft<'t, '_>, source: &Property<'t>) -> bool {
    let PropertyValue::Joined(pieces) = source.value else { return false };
    let Some(arn) = canonical(source).and_then(|text| Arn::parse(&text)) else { return false };
    // What a resource of one's own making or another stack hands on may be anybody's.
    let is_provided = |kind: &str| kind.starts_with("AWS::") && !kind.starts_with("AWS::CloudFormation::") && kind != "AWS::SSM::Parameter";
    let names = |piece: &&Property<'t>| canonical(piece).is_some_and(|text| arn.resource.split(['/', ':']).any(|part| part == text));
    let called = pieces.iter().filter(names).filter_map(Property::reference).filter(|reference| reference.attribute.is_none());
    called.filter_map(|reference| draft.resource(reference.address)).any(|resource| is_provided(resource.kind))
}

fn permitted_service(permission: &Property<'_>, name: &str) -> Word {
    let source = permission.get("SourceArn").and_then(canonical);
    let has_account = source.as_deref().and_then(Arn::parse).is_some_and(|arn| !arn.account.is_empty());
    match (is_always_there(permission, "SourceAccount"), names_source(permission)) {
        (true, _) => Word::ServiceScoped,
        (false, true) if name.starts_with("s3.") && !has_account => Word::S3NameOnly,
        (false, true) => Word::ServiceScoped,
        // A filter of logs, and a load balancer, call functions of their own account only:
        // <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutSubscriptionFilter.html>,
        // <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html>, read 2026-12-01.
        (false, false) if name.starts_with("logs.") || name.starts_with("elasticloadbalancing.") => Word::Account,
        (false, false) if unpinned_api::is_gateway(name) => Word::ApiUnscoped,
        (false, false) => Word::ServiceUnscoped,
    }
}

/// Whether it is held to a source, and to one that is somebody's: `arn:aws:sns:*:*:*` is anybody's.
fn names_source(permission: &Property<'_>) -> bool {
    let Some(source) = permission.get("SourceArn").filter(|source| !conditions::may_be_left_out(source)) else { return false };
    let is_definite = |text: String| names::wildcard(&text).is_none() || is_definite_arn(&text);
    conditions::flatten(source).iter().all(|source| canonical(source).is_none_or(is_definite))
}

/// Whether a property is there in every branch of a condition.
fn is_always_there(permission: &Property<'_>, key: &str) -> bool {
    permission.get(key).is_some_and(|value| !conditions::may_be_left_out(value))
}

/// The resolver of `AWS::Lambda::Url`: without a public permission nobody outside of the account gets through.
pub(crate) fn resolve_url<'t>(draft: &mut Draft<'t, '_>, url: &Resource<'t>) {
    let Some(function) = url.properties.get("TargetFunctionArn") else { return };
    let element = draft.element(url.address).unwrap_or_else(|| draft.alone(url));
    let access = access(draft, url, function, &draft.element_at(element).address);
    let part = draft.part(element, URL, url.address, url.span);
    let (exposure, policy) = match access {
        Err((reason, span)) => {
            let reading = Reading::unresolved(reason, draft.stated(span));
            (reading.clone(), reading)
        }
        Ok((word, witness, span)) => {
            let exposure = if word == Word::Public { Word::Internet } else { Word::Account };
            let policy = Reading::known(Value::Set(vec![word]), draft.stated(span)).witnessed(witness.into_iter().collect());
            (Reading::word(exposure, draft.stated(span)), policy)
        }
    };
    if url.properties.get("AuthType").and_then(Property::literal) == Some("NONE") {
        draft.set_part_fact(part, Fact::Exposure, exposure);
    }
    draft.set_part_fact(part, Fact::Policy, policy);
}

/// Whom the permissions let in that open a function's URL, how that is shown, and where; why and where it cannot be told.
fn access<'t>(
    draft: &Draft<'t, '_>,
    url: &Resource<'t>,
    function: &Property<'t>,
    address: &str,
) -> Result<(Word, Option<String>, Span), (String, Span)> {
    let target = canonical(function);
    let names_it = |permission: &&Resource<'t>| {
        permission.properties.get("FunctionName").is_some_and(|named| {
            named.reference().is_some_and(|reference| reference.address == url.address) || target.is_some() && canonical(named) == target
        })
    };
    let opens = |other: &&Resource<'t>| other.kind == PERMISSION && may_open_url(other);
    let (by_name, elsewhere): (Vec<_>, Vec<_>) = draft.attached_elsewhere(FUNCTION).filter(opens).partition(names_it);
    let own = draft.attached(address).filter(opens).chain(by_name);
    let own: Vec<_> = own.filter_map(|permission| Some((permitted(draft, &permission.properties)?, permission.span))).collect();
    if let Some((_, span)) = own.iter().find(|((word, _), _)| *word == Ok(Word::Public)) {
        return Ok((Word::Public, None, *span));
    }
    if let Some(((Err(reason), _), span)) = own.iter().find(|((word, _), _)| word.is_err()) {
        return Err((reason.clone(), *span));
    }
    if let Some(permission) =
        elsewhere.iter().find(|permission| !matches!(permitted(draft, &permission.properties), Some((Ok(Word::Account), _)) | None))
    {
        return Err((format!("it cannot be told which function `{}` opens", permission.address), permission.span));
    }
    let foreign = own.into_iter().find_map(|((word, witness), span)| match word {
        Ok(word @ (Word::CrossAccount | Word::Org)) => Some((word, witness, span)),
        _ => None,
    });
    match foreign {
        Some(foreign) => Ok(foreign),
        None if draft.resource(address).is_some_and(|resource| resource.kind == FUNCTION) => Ok((Word::Account, None, url.span)),
        None => Err((format!("the function is not in this {}, nor is who may call it", draft.words().text), url.span)),
    }
}
