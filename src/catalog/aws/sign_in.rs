//! Sign-in at load balancers: whether every request that a listener forwards was authenticated, and what the sign-in is worth.
//!
//! Comes in: the listeners of a load balancer with their rules. Goes out: `authn`, the weakest of all ways through the listeners, with the
//! ways that stand open; and `open_sign_in`, the issuers at which anybody may register. A rule is looked at before the default action,
//! so that one open rule is a way past it. Ways that redirect or answer by themselves lead nowhere.

mod consoles;

use crate::catalog::draft::{Draft, ElementIndex};
use crate::catalog::paths;
use crate::catalog::witnesses::bounded;
use crate::model::fact::{Fact, Origin, Reading, Value as Answer, Word};
use crate::model::resource::{Alternatives, Property, Resource, Value};
use crate::source::Span;

/// A listener authenticates nobody unless an action says so.
const PAGE: &str = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-elasticloadbalancingv2-listener.html";

/// Issuers of tokens at which anybody may register an account, by how they begin without their scheme. A listener takes whoever they know:
/// it compares no domain and no tenant.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html>,
/// <https://developers.google.com/identity/openid-connect/openid-connect>,
/// <https://learn.microsoft.com/en-us/entra/identity-platform/v2-protocols-oidc>
const OPEN_ISSUERS: &[&str] = &[
    "accounts.google.com",
    "appleid.apple.com",
    "gitlab.com",
    "login.microsoftonline.com/9188040d-6c67-4b5b-b112-36a304b66dad",
    "login.microsoftonline.com/common",
    "login.microsoftonline.com/consumers",
    "login.microsoftonline.com/organizations",
    "www.facebook.com",
    "www.linkedin.com/oauth",
];

/// One way through a listener: its default actions in one branch of a condition, or those of one rule.
struct Way<'t> {
    listener: Option<Property<'t>>,
    actions: Vec<Property<'t>>,
    /// How people recognise it: the paths of a rule, the port of a listener.
    shown: String,
    /// The rule or the listener.
    address: &'t str,
    /// The hosts that a rule is for; empty where it is for all.
    hosts: Vec<Property<'t>>,
    span: Span,
}

/// What stands on a way before it forwards.
#[derive(Clone)]
enum Guard {
    By(Word, Span),
    /// Nothing.
    Open,
    /// Something that lets pass who has not signed in, and why.
    Optional(&'static str),
    /// Cannot be told, and why.
    Hidden(String, Span),
}

/// Puts into the draft what the listeners of a load balancer ask of callers.
pub(crate) fn state(draft: &mut Draft<'_, '_>, balancer: ElementIndex) {
    let ways: Vec<Way<'_>> = ways(draft, balancer).into_iter().filter(Way::forwards).collect();
    if !ways.is_empty() {
        let reading = weakest(draft, &ways);
        draft.set_fact(balancer, Fact::Authn, reading);
    }
    consoles::state(draft, balancer, &ways);
    let (issuers, span) = open_issuers(&ways);
    if let Some(span) = span {
        let reading = Reading::known(Answer::List(bounded(issuers)), draft.stated(span));
        draft.set_fact(balancer, Fact::OpenSignIn, reading);
    }
}

/// Whether some way through the listeners makes people sign in, so that targets are told who they are.
pub(crate) fn signs_in(draft: &Draft<'_, '_>, balancer: ElementIndex) -> bool {
    let guards = ways(draft, balancer).into_iter().map(|way| way.guard());
    guards.into_iter().any(|guard| matches!(guard, Guard::By(Word::Oidc | Word::Cognito, _) | Guard::Optional(_)))
}

/// Whether some rules of the listeners make people sign in and others pass them on as they come.
pub(crate) fn path_based_access(draft: &Draft<'_, '_>, balancer: ElementIndex) -> Reading {
    let ways: Vec<Way<'_>> = rules(draft, balancer).into_iter().filter(Way::forwards).collect();
    let open = ways.iter().find(|way| matches!(way.guard(), Guard::Open | Guard::Optional(_)));
    match open.filter(|_| ways.iter().any(|way| matches!(way.guard(), Guard::By(..)))) {
        Some(open) => Reading::known(Answer::Flag(true), draft.stated(open.span)),
        None => Reading::known(Answer::Flag(false), Origin::Derived(None)),
    }
}

fn ways<'t>(draft: &Draft<'t, '_>, balancer: ElementIndex) -> Vec<Way<'t>> {
    let mut ways = Vec::new();
    for listener in draft.of_kind("AWS::ElasticLoadBalancingV2::Listener").filter(|found| draft.element(found.address) == Some(balancer)) {
        let port = listener.properties.get("Port").and_then(Property::literal);
        let shown = port.map_or_else(|| listener.address.to_owned(), |port| format!("port {port}"));
        for actions in listener.properties.get("DefaultActions").map(branches).unwrap_or_default() {
            let (address, span) = (listener.address, listener.span);
            ways.push(Way { listener: Some(listener.properties), actions, shown: shown.clone(), address, hosts: Vec::new(), span });
        }
    }
    ways.extend(rules(draft, balancer));
    ways
}

fn rules<'t>(draft: &Draft<'t, '_>, balancer: ElementIndex) -> Vec<Way<'t>> {
    let mut ways = Vec::new();
    for rule in draft.of_kind("AWS::ElasticLoadBalancingV2::ListenerRule").filter(|rule| draft.element(rule.address) == Some(balancer)) {
        let listener = rule.properties.get("ListenerArn").and_then(Property::reference);
        let listener = listener.and_then(|listener| draft.resource(listener.address)).map(|listener| listener.properties);
        for actions in rule.properties.get("Actions").map(branches).unwrap_or_default() {
            ways.push(Way { listener, actions, shown: conditions(rule), address: rule.address, hosts: hosts(rule), span: rule.span });
        }
    }
    ways
}

/// The paths and hosts of a rule, or its own name.
fn conditions(rule: &Resource<'_>) -> String {
    let under = ["Conditions[].PathPatternConfig.Values[]", "Conditions[].HostHeaderConfig.Values[]", "Conditions[].Values[]"];
    let values = under.iter().flat_map(|path| paths::find(&rule.properties, path));
    let texts: Vec<String> = values.filter_map(|value| value.literal().map(str::to_owned)).collect();
    if texts.is_empty() { rule.address.to_owned() } else { bounded(texts).join(", ") }
}

fn hosts<'t>(rule: &Resource<'t>) -> Vec<Property<'t>> {
    let stated = paths::find(&rule.properties, "Conditions[].HostHeaderConfig.Values[]");
    let conditions = paths::find(&rule.properties, "Conditions[]");
    let by_field = conditions.iter().filter(|condition| condition.get("Field").and_then(Property::literal) == Some("host-header"));
    stated.into_iter().chain(by_field.flat_map(|condition| paths::find(condition, "Values[]"))).collect()
}

/// The lists that a value may be, one for each branch of a condition.
fn branches<'t>(value: &Property<'t>) -> Vec<Vec<Property<'t>>> {
    match value.value {
        Value::Either(Alternatives { branches: either, .. }) => either.iter().flat_map(branches).collect(),
        Value::List(items) => vec![items.to_vec()],
        Value::Null | Value::Removed => Vec::new(),
        _ => vec![vec![*value]],
    }
}

impl<'t> Way<'t> {
    fn forwards(&self) -> bool {
        let forward = ["TargetGroupArn", "ForwardConfig"];
        self.actions.iter().any(|action| {
            let of_type = paths::find(action, "Type").iter().any(|kind| kind.literal().is_none_or(|kind| kind == "forward"));
            of_type || forward.iter().any(|path| !paths::find(action, path).is_empty())
        })
    }

    /// The strongest of what stands before the target: who passes one action has passed those before it.
    fn guard(&self) -> Guard {
        let mut found = Guard::Open;
        for action in &self.actions {
            match (guard_of(action), &found) {
                (guard @ Guard::By(..), _) => return guard,
                (Guard::Open, _) => {}
                (guard, Guard::Open) => found = guard,
                (Guard::Optional(_) | Guard::Hidden(..), _) => {}
            }
        }
        let modes = self.listener.as_ref().map(|listener| paths::find(listener, "MutualAuthentication.Mode")).unwrap_or_default();
        match modes.first() {
            Some(mode) if modes.iter().all(|mode| mode.literal() == Some("verify")) => Guard::By(Word::Mtls, mode.span),
            _ => found,
        }
    }
}

/// What one action asks of a caller, in the weakest branch of a condition.
fn guard_of(action: &Property<'_>) -> Guard {
    if let Value::Either(Alternatives { branches, .. }) = action.value {
        let guards: Vec<Guard> = branches.iter().map(guard_of).collect();
        let is = |wanted: fn(&Guard) -> bool| guards.iter().find(|guard| wanted(guard)).cloned();
        let open = is(|guard| matches!(guard, Guard::Open));
        let partial = open.filter(|_| guards.iter().any(|guard| !matches!(guard, Guard::Open)));
        return partial
            .map(|_| Guard::Optional("in one branch of a condition only"))
            .or_else(|| is(|guard| matches!(guard, Guard::Optional(_))))
            .or_else(|| is(|guard| matches!(guard, Guard::Hidden(..))))
            .or_else(|| guards.first().cloned())
            .unwrap_or(Guard::Open);
    }
    let Some(kind) = action.get("Type") else { return Guard::Open };
    if let Some(reason) = kind.unresolved() {
        return Guard::Hidden(reason, kind.span);
    }
    let (word, unauthenticated) = match kind.literal() {
        Some("authenticate-cognito") => (Word::Cognito, "AuthenticateCognitoConfig.OnUnauthenticatedRequest"),
        Some("authenticate-oidc") => (Word::Oidc, "AuthenticateOidcConfig.OnUnauthenticatedRequest"),
        Some("jwt-validation") => return Guard::By(Word::Jwt, action.span),
        _ => return Guard::Open,
    };
    // Who has not signed in is sent to the sign-in unless something else is said.
    let said = paths::find(action, unauthenticated);
    if said.iter().any(|value| value.literal() == Some("allow")) {
        return Guard::Optional("OnUnauthenticatedRequest allow");
    }
    match said.iter().find_map(|value| value.unresolved().map(|reason| (reason, value.span))) {
        Some((reason, span)) => Guard::Hidden(reason, span),
        None => Guard::By(word, action.span),
    }
}

fn weakest(draft: &Draft<'_, '_>, ways: &[Way<'_>]) -> Reading {
    let guards: Vec<(&Way<'_>, Guard)> = ways.iter().map(|way| (way, way.guard())).collect();
    let is_open = |guard: &Guard| matches!(guard, Guard::Open | Guard::Optional(_));
    if guards.iter().all(|(_, guard)| matches!(guard, Guard::Open)) {
        return Reading::word(Word::None, Origin::Default(PAGE));
    }
    if let Some((first, _)) = guards.iter().find(|(_, guard)| is_open(guard)) {
        let shown = |(way, guard): &(&Way<'_>, Guard)| match guard {
            Guard::Optional(why) => format!("{}: {why}", way.shown),
            Guard::By(..) | Guard::Open | Guard::Hidden(..) => way.shown.clone(),
        };
        let open = guards.iter().filter(|(_, guard)| is_open(guard)).map(shown).collect();
        return Reading::word(Word::None, draft.stated(first.span)).witnessed(bounded(open));
    }
    let hidden = guards.iter().find_map(|(_, guard)| match guard {
        Guard::Hidden(reason, span) => Some((reason.clone(), *span)),
        Guard::By(..) | Guard::Open | Guard::Optional(_) => None,
    });
    if let Some((reason, span)) = hidden {
        return Reading::unresolved(reason, draft.stated(span));
    }
    let order = Fact::Authn.weakest_first();
    let by = guards.iter().filter_map(|(_, guard)| match guard {
        Guard::By(word, span) => Some((order.iter().position(|known| *known == word.as_str()), *word, *span)),
        Guard::Open | Guard::Optional(_) | Guard::Hidden(..) => None,
    });
    match by.min_by_key(|(position, ..)| *position) {
        Some((_, word, span)) => Reading::word(word, draft.stated(span)),
        None => Reading::word(Word::None, Origin::Default(PAGE)),
    }
}

/// The issuers at which anybody may register, as written, and where the first of them stands.
fn open_issuers(ways: &[Way<'_>]) -> (Vec<String>, Option<Span>) {
    let actions = ways.iter().flat_map(|way| &way.actions);
    let issuers: Vec<Property<'_>> = actions.flat_map(|action| paths::find(action, "AuthenticateOidcConfig.Issuer")).collect();
    let bare = |issuer: &Property<'_>| {
        let text = issuer.literal()?;
        Some(text.split_once("://").map_or(text, |(_, rest)| rest).to_owned())
    };
    let open: Vec<(String, Span)> =
        issuers.iter().filter_map(|issuer| Some((bare(issuer)?, issuer.span))).filter(|(issuer, _)| is_open_issuer(issuer)).collect();
    let span = open.first().map(|(_, span)| *span);
    let mut names: Vec<String> = open.into_iter().map(|(issuer, _)| issuer.trim_end_matches('/').to_owned()).collect();
    names.sort_unstable();
    names.dedup();
    (names, span)
}

fn is_open_issuer(issuer: &str) -> bool {
    let issuer = issuer.to_ascii_lowercase();
    OPEN_ISSUERS.iter().any(|open| issuer.strip_prefix(open).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::is_open_issuer;

    #[test]
    fn an_issuer_is_open_by_its_whole_name() {
        for (issuer, expected) in [
            ("accounts.google.com", true),
            ("accounts.google.com.example.com", false),
            ("login.microsoftonline.com/common/v2.0", true),
            ("login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0", false),
            ("acme.okta.com", false),
        ] {
            assert_eq!(is_open_issuer(issuer), expected, "{issuer}");
        }
    }
}
