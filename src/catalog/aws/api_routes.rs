//! Routes of an API, and what they amount to for the API and for what lies behind it.
//!
//! Comes in: routes, from method resources or from an OpenAPI body. Goes out: facts and flows of the API.

use crate::catalog::aws::api_integration::{self, Integration};
use crate::catalog::draft::{Draft, ElementIndex};
use crate::catalog::witnesses::bounded;
use crate::model::Basis;
use crate::model::cause::CauseKind;
use crate::model::fact::{Answer, Fact, Origin, Reading, Share, Value, Word};
use crate::model::resource::{Alternatives, Case, Property, Resource, Value as PropertyValue};
use crate::source::{Place, Span};

/// How a route asks who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Credential {
    /// The answer of the fact `authn`.
    Known(Word),
    /// Why it cannot be told.
    Unresolved(String),
}

#[derive(Clone, Debug)]
pub(crate) struct Route<'t> {
    /// `POST /orders`.
    pub name: String,
    /// Answers a browser's preflight request, which never carries a credential.
    pub preflight: bool,
    pub credential: Credential,
    /// When the credential is that weak, where another stands otherwise: `Stage is live`.
    pub when: Vec<String>,
    /// Scopes are asked for.
    pub scoped: bool,
    /// The scopes of which a token needs one, as far as they are known here.
    pub scopes: Vec<String>,
    /// The authorizer that is asked, by the address of its resource or its name in a definition.
    pub authorizer: Option<String>,
    /// The request is held to a model or to required parameters before the integration sees it.
    pub validated: bool,
    /// What the answer to a preflight request allows; `None` where it says nothing.
    pub cors: Option<Word>,
    pub integration: Option<Integration<'t>>,
    pub span: Span,
}

impl Route<'_> {
    /// What it alone makes of a fact of its API.
    fn share(&self, draft: &Draft<'_, '_>, api: ElementIndex, value: Value, witness: Option<&str>) -> Share {
        draft.share(draft.cause_on(CauseKind::Route, api, self.name.as_str()), value, witness, self.span)
    }

    /// Whether requests to it usually bring a body.
    fn takes_body(&self) -> bool {
        ["POST ", "PUT ", "PATCH ", "ANY "].iter().any(|method| self.name.starts_with(method))
    }
}

impl Credential {
    /// What the routes of an API state under `AuthorizationType`, of all branches of a condition the weakest; `key` says whether a key is
    /// asked for where nothing else is.
    pub(crate) fn stated(authorization: Option<&Property<'_>>, key: bool) -> Self {
        let without = Self::Known(if key { Word::ApiKey } else { Word::None });
        let Some(authorization) = authorization else { return without };
        if let PropertyValue::Either(Alternatives { branches, .. }) = authorization.value {
            let all = branches.iter().map(|branch| Self::stated(Some(branch), key));
            return all.min_by_key(Self::rank).unwrap_or(without);
        }
        match authorization.literal() {
            None if matches!(authorization.value, PropertyValue::Removed | PropertyValue::Null) => without,
            Some("NONE") => without,
            Some("AWS_IAM") => Self::Known(Word::Iam),
            Some("COGNITO_USER_POOLS") => Self::Known(Word::Cognito),
            Some("CUSTOM") => Self::Known(Word::Lambda),
            Some("JWT") => Self::Known(Word::Jwt),
            Some(other) => Self::Unresolved(format!("the authorization type `{other}` is not known here")),
            None => Self::Unresolved(authorization.unresolved().unwrap_or_else(|| "the authorization type is not a text".to_owned())),
        }
    }

    /// When the weakest branch of a condition holds, if the branches differ.
    pub(crate) fn weakest_case(authorization: Option<&Property<'_>>, key: bool) -> Vec<String> {
        let Some(PropertyValue::Either(alternatives)) = authorization.map(|authorization| authorization.value) else { return Vec::new() };
        let ranked = || alternatives.with_cases().map(|(branch, cases)| (Self::stated(Some(branch), key).rank(), cases));
        let lowest = ranked().map(|(rank, _)| rank).min();
        let weakest = || ranked().filter(|(rank, _)| Some(*rank) == lowest).map(|(_, cases)| cases.first());
        if weakest().any(|case| case.is_none()) {
            return Vec::new();
        }
        sorted(weakest().flatten().flat_map(Case::words).collect())
    }

    fn unresolved(&self) -> Option<String> {
        match self {
            Self::Unresolved(reason) => Some(reason.clone()),
            Self::Known(_) => None,
        }
    }

    /// An open branch before one that cannot be told, and that before any that asks for something.
    fn rank(&self) -> u8 {
        match self {
            Self::Known(Word::None) => 0,
            Self::Unresolved(_) => 1,
            Self::Known(word) => 2 + strength(*word),
        }
    }
}

/// How hard a credential is to come by; less is weaker.
fn strength(word: Word) -> u8 {
    match word {
        Word::None => 0,
        Word::ApiKey => 1,
        Word::Lambda => 2,
        Word::Jwt => 3,
        Word::Cognito => 4,
        _ => 5,
    }
}

/// Puts the facts of all routes of an API, and the flows to their integrations, into the draft. `basis` says where routes are stated.
pub(crate) fn state<'t>(draft: &mut Draft<'t, '_>, api: ElementIndex, routes: &[Route<'t>], basis: Basis) {
    for route in routes {
        if let Some(integration) = &route.integration {
            for target in api_integration::add_flows(draft, api, &route.name, integration, basis) {
                if !route.preflight {
                    behind(draft, api, target, route);
                }
            }
        }
    }
    authentication(draft, api, routes);
    integrations(draft, api, routes);
    if draft.element_at(api).service == "rest_api" {
        validation(draft, api, routes);
        crafted_calls(draft, api, routes);
        cross_origin(draft, api, routes);
    }
}

/// How a route asks who calls whose API is not here: whether outsiders reach that nobody can tell.
pub(crate) fn state_alone<'t>(draft: &mut Draft<'t, '_>, bearer: &Resource<'t>, service: &'static str, route: &Route<'t>) {
    if route.preflight {
        return;
    }
    let origin = || draft.stated(route.span);
    let answers = match &route.credential {
        Credential::Known(word) => {
            let of =
                |guard: Word| Reading::known(Value::List((*word == guard).then(|| route.name.clone()).into_iter().collect()), origin());
            [Reading::word(*word, origin()), of(Word::None), of(Word::ApiKey)]
        }
        Credential::Unresolved(reason) => [(); 3].map(|()| Reading::unresolved(reason.clone(), origin())),
    };
    let exposure = Reading::unresolved(format!("the API is not in this {}", draft.words().text), origin());
    let alone = draft.alone(bearer);
    let part = draft.part(alone, service, bearer.address, bearer.span);
    for (fact, reading) in [Fact::Authn, Fact::AuthnWeakRoutes, Fact::AuthnKeyRoutes].into_iter().zip(answers) {
        draft.set_part_fact(part, fact, reading);
    }
    draft.set_part_fact(part, Fact::Exposure, exposure);
}

fn asked<'r, 't>(routes: &'r [Route<'t>]) -> impl Iterator<Item = &'r Route<'t>> + Clone {
    routes.iter().filter(|route| !route.preflight)
}

fn authentication(draft: &mut Draft<'_, '_>, api: ElementIndex, routes: &[Route<'_>]) {
    let weakest = asked(routes)
        .filter_map(|route| match route.credential {
            Credential::Known(word) => Some((strength(word), word, route.span)),
            Credential::Unresolved(_) => None,
        })
        .min_by_key(|(strength, _, _)| *strength);
    let unresolved = asked(routes).find_map(|route| match &route.credential {
        Credential::Unresolved(reason) => Some((reason.clone(), route.span)),
        Credential::Known(_) => None,
    });
    let reading = match (weakest, unresolved) {
        (Some((0, word, span)), _) | (Some((_, word, span)), None) => Reading::word(word, draft.stated(span)),
        (_, Some((reason, span))) => Reading::unresolved(reason, draft.stated(span)),
        (None, None) => return,
    };
    let Origin::Stated(place) = reading.origin.clone() else { return };
    draft.set_fact(api, Fact::Authn, reading);
    for (fact, word) in [(Fact::AuthnWeakRoutes, Word::None), (Fact::AuthnKeyRoutes, Word::ApiKey)] {
        let reading = guarded_by(draft, api, routes, word, &place);
        draft.set_fact(api, fact, reading);
    }
    let secured = asked(routes).filter(|route| matches!(route.credential, Credential::Known(word) if strength(word) > 1));
    let authz = match (secured.clone().count(), secured.filter(|route| route.scoped).count()) {
        (0, _) => Word::None,
        (all, scoped) if all == scoped => Word::Scoped,
        (_, _) => Word::Coarse,
    };
    draft.set_fact(api, Fact::Authz, Reading::word(authz, Origin::Stated(place)));
}

/// The routes of which a credential is all that is asked for; unknown where there is none and a route does not say what it asks for.
fn guarded_by(draft: &Draft<'_, '_>, api: ElementIndex, routes: &[Route<'_>], word: Word, place: &Place) -> Reading {
    let guarded = || asked(routes).filter(|route| route.credential == Credential::Known(word));
    let names = sorted(guarded().map(|route| route.name.clone()).collect());
    let share =
        |route: &Route<'_>| Share { reach: route.when.clone(), ..route.share(draft, api, Value::List(vec![route.name.clone()]), None) };
    let shares = guarded().map(share).collect();
    match asked(routes).find_map(|route| route.credential.unresolved()) {
        Some(reason) if names.is_empty() => Reading::unresolved(reason, Origin::Stated(place.clone())),
        Some(_) | None => Reading::known(Value::List(names), Origin::Stated(place.clone())).shared(shares),
    }
}

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort_unstable();
    texts.dedup();
    texts
}

/// Of several kinds of integration the one with most room for mistakes is told.
fn integrations(draft: &mut Draft<'_, '_>, api: ElementIndex, routes: &[Route<'_>]) {
    let kinds = asked(routes).filter_map(|route| route.integration.as_ref());
    let order = |word: Word| match word {
        Word::AwsService => 3_u8,
        Word::Http => 2,
        Word::Lambda => 1,
        _ => 0,
    };
    if let Some(integration) = kinds.clone().max_by_key(|integration| order(integration.kind)) {
        let reading = Reading::word(integration.kind, draft.stated(integration.span));
        draft.set_fact(api, Fact::Integration, reading);
    }
    let in_clear = |integration: &&Integration<'_>| integration.is_in_clear();
    let over_internet = || kinds.clone().filter(|integration| integration.kind == Word::Http && !integration.private_link);
    // Of an address that only the deployment knows nothing is said.
    let encrypted = || {
        over_internet().next().filter(|_| over_internet().all(Integration::is_encrypted)).map(|integration| (integration, Word::Enforced))
    };
    if let Some((integration, word)) = over_internet().find(in_clear).map(|integration| (integration, Word::Off)).or_else(encrypted) {
        draft.set_fact(api, Fact::OriginTls, Reading::word(word, draft.stated(integration.span)));
    }
    let mut over_http = kinds.filter(|integration| integration.kind == Word::Http);
    let Some(first) = over_http.next() else { return };
    if draft.element_at(api).facts.get(Fact::BackendAuth).is_some() {
        return;
    }
    let weakest = std::iter::once(first).chain(over_http).min_by_key(|integration| integration.backend_auth() != Word::None);
    if let Some(weakest) = weakest {
        let reading = Reading::word(weakest.backend_auth(), draft.stated(weakest.span));
        draft.set_fact(api, Fact::BackendAuth, reading);
    }
}

fn validation(draft: &mut Draft<'_, '_>, api: ElementIndex, routes: &[Route<'_>]) {
    let bodies = asked(routes).any(Route::takes_body);
    let judged = || asked(routes).filter(move |route| !bodies || route.takes_body());
    let Some(first) = judged().next() else { return };
    let open: Vec<String> = judged().filter(|route| !route.validated).map(|route| route.name.clone()).collect();
    let span = judged().find(|route| !route.validated).map_or(first.span, |route| route.span);
    let word = if open.is_empty() { Word::On } else { Word::Off };
    let unchecked = judged().filter(|route| !route.validated);
    let shares = unchecked.map(|route| route.share(draft, api, Value::Word(Word::Off), Some(&route.name))).collect();
    let reading = Reading::word(word, draft.stated(span)).shared(shares).witnessed(bounded(open));
    draft.set_fact(api, Fact::InputSchema, reading);
}

/// The routes that put something of an unchecked request into the call of a service.
fn crafted_calls(draft: &mut Draft<'_, '_>, api: ElementIndex, routes: &[Route<'_>]) {
    let (mut names, mut shares, mut unresolved, mut first) = (Vec::new(), Vec::new(), None, None);
    for route in asked(routes) {
        let Some(integration) = route.integration.as_ref().filter(|integration| integration.kind == Word::AwsService) else {
            // Whatever else such a route lets through: it has no share in this.
            shares.push(route.share(draft, api, Value::List(Vec::new()), None));
            continue;
        };
        let mapped = if route.validated { Ok(false) } else { integration.puts_request_into_call() };
        let own: Vec<String> = (mapped == Ok(true)).then(|| route.name.clone()).into_iter().collect();
        first.get_or_insert(integration.span);
        names.extend(own.clone());
        unresolved = unresolved.or(mapped.err().map(|reason| (reason, integration.span)));
        shares.push(route.share(draft, api, Value::List(own), None));
    }
    let reading = match (unresolved, first) {
        (Some((reason, span)), _) if names.is_empty() => Reading::unresolved(reason, draft.stated(span)),
        (_, Some(span)) => Reading::known(Value::List(sorted(names)), draft.stated(span)).shared(shares),
        (_, None) => return,
    };
    draft.set_fact(api, Fact::CraftedCallRoutes, reading);
}

fn cross_origin(draft: &mut Draft<'_, '_>, api: ElementIndex, routes: &[Route<'_>]) {
    let openness = |word: Word| match word {
        Word::AnyCredentials => 3_u8,
        Word::Any => 2,
        Word::Restricted => 1,
        _ => 0,
    };
    let widest = routes.iter().filter_map(|route| route.cors.map(|word| (word, route.span))).max_by_key(|(word, _)| openness(*word));
    let reading = match (widest, routes.first()) {
        (Some((word, span)), _) => Reading::word(word, draft.stated(span)),
        (None, Some(first)) => Reading::word(Word::None, draft.stated(first.span)),
        (None, None) => return,
    };
    draft.set_fact(api, Fact::Cors, reading);
}

/// What stands in front of a function counts for it too: the weakest of several entries.
fn behind(draft: &mut Draft<'_, '_>, api: ElementIndex, target: ElementIndex, route: &Route<'_>) {
    if draft.element_at(target).service != "lambda_function" {
        return;
    }
    let place = draft.sources.place(route.span);
    let unsupported = draft.element_at(api).facts.is(Fact::InputSchema, Word::Unsupported);
    let validated = match (unsupported, route.validated) {
        (true, _) => Word::Unsupported,
        (false, true) => Word::On,
        (false, false) => Word::Off,
    };
    let known = |fact| draft.element_at(target).facts.get(fact).map(|reading| reading.answer.clone());
    if known(Fact::InputSchema).is_none_or(|known| known == Answer::Known(Value::Word(Word::On))) {
        draft.set_fact(target, Fact::InputSchema, Reading::word(validated, Origin::Derived(Some(place.clone()))));
    }
    for fact in [Fact::Exposure, Fact::Throttle, Fact::Waf] {
        let ahead = draft.element_at(api).facts.get(fact).cloned();
        let there = draft.element_at(target).facts.get(fact).is_some();
        if let Some(ahead) = ahead.filter(|_| !there) {
            draft.set_fact(target, fact, Reading { origin: Origin::Derived(Some(place.clone())), ..Reading::clone(&ahead) });
        }
    }
}
