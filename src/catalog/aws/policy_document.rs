//! Policy documents of IAM and of resources.
//!
//! Comes in: the property that holds a document. Goes out: its statements, in order of the text, with everything symbolic kept.
//! Never decides what a statement means for an element: `iam` and `resource_policy` do.
//! Grammar: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>.

use crate::catalog::aws::conditions::{self, flatten};
pub use crate::catalog::aws::conditions::{Condition, ConditionKey};
use crate::catalog::names::{self, Arn, canonical};
use crate::model::pattern;
use crate::model::resource::{Alternatives, Entry, External, ExternalKind, Property, Value};
use crate::source::Span;
use sha2::{Digest, Sha256};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Allow,
    Deny,
}

/// What a statement names under `Action` or `Resource`, or everything but that.
#[derive(Clone, Debug)]
pub enum Scope<T> {
    Only(Vec<T>),
    AllBut(Vec<T>),
}

impl<T> Scope<T> {
    /// What is named, on either side.
    pub fn named(&self) -> &[T] {
        match self {
            Self::Only(named) | Self::AllBut(named) => named,
        }
    }
}

/// Who a statement of a resource policy or a trust policy is about.
#[derive(Clone, Copy, Debug)]
pub enum Principal<'t> {
    /// `*`, `{AWS: "*"}`, or `NotPrincipal` of what is allowed.
    Everyone,
    /// An account, a role or a user: a number, an ARN, or a reference.
    Identity(Property<'t>),
    /// A service of the provider, as written: `sns.amazonaws.com`.
    Service(&'t str),
    /// An identity provider.
    Federated(Property<'t>),
    /// The origin access identity of a distribution.
    CanonicalUser(Property<'t>),
    Unknown(Property<'t>),
}

#[derive(Clone, Debug)]
pub struct Statement<'t> {
    pub effect: Effect,
    /// As written, wildcards included.
    pub actions: Scope<&'t str>,
    /// Empty under `Only` in trust policies, which name none.
    pub resources: Scope<Property<'t>>,
    /// Whether it reaches everything, or all resources of a kind.
    pub on_everything: bool,
    /// Whose resources those are that it reaches at large, `lambda` of `arn:aws:lambda:eu-west-1:111122223333:function:*`; empty where one of them may
    /// be anybody's.
    pub large_of: Vec<String>,
    /// Whether what it reaches is held to a tag that is written out, or that the caller bears as well.
    pub is_held_to_tag: bool,
    /// The prefixes of the actions that its resources take, where it allows every action on them; empty where nobody has asked, or any may be.
    pub services: Vec<String>,
    pub principals: Vec<Principal<'t>>,
    pub conditions: Vec<Condition<'t>>,
    /// Whether neither it nor anything in it depends on an undecided condition: what denies is believed only then.
    pub is_certain: bool,
    /// Why part of the statement cannot be told; `None` where all of it can.
    pub unresolved: Option<String>,
    /// The service on behalf of whose resource callers come, where only a parameter names that, which can be nothing else.
    pub source_by_use: Option<&'static str>,
    pub span: Span,
}

fn resource_text(value: &Property<'_>) -> String {
    canonical(value).unwrap_or_else(|| "?".to_owned())
}

fn all_but(mut texts: Vec<String>) -> String {
    texts.sort_unstable();
    format!("all but {}", texts.join(", "))
}

/// Longest meaning that is spelt out whole, in bytes.
const MAX_MEANING: usize = 300;

impl Statement<'_> {
    /// What it says, whatever the order in which it is written: `Allow s3:GetObject on ${Docs}/*`. A long one ends in a hash of all of it.
    pub fn meaning(&self) -> String {
        let mut actions: Vec<&str> = self.actions.named().to_vec();
        actions.sort_unstable();
        actions.dedup();
        let mut resources: Vec<String> = self.resources.named().iter().map(resource_text).collect();
        resources.sort_unstable();
        resources.dedup();
        let mut conditions: Vec<String> = self
            .conditions
            .iter()
            .map(|condition| {
                let mut values: Vec<String> = condition.texts().collect();
                values.sort_unstable();
                format!("{:?} {} {}", condition.key, condition.operator, values.join(" or "))
            })
            .collect();
        conditions.sort_unstable();
        let but = |scope: bool| if scope { "all but " } else { "" };
        let effect = match self.effect {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        };
        let all_but_actions = but(matches!(self.actions, Scope::AllBut(_)));
        let all_but_resources = but(matches!(self.resources, Scope::AllBut(_)));
        let condition = if conditions.is_empty() { String::new() } else { format!(" if {}", conditions.join(" and ")) };
        let whole = format!("{effect} {all_but_actions}{} on {all_but_resources}{}{condition}", actions.join(", "), resources.join(", "));
        if whole.len() <= MAX_MEANING {
            return whole;
        }
        let digest: [u8; 32] = Sha256::digest(whole.as_bytes()).into();
        let hash: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        let end = (0..=MAX_MEANING).rev().find(|end| whole.is_char_boundary(*end)).unwrap_or(0);
        format!("{}… {hash}", &whole[..end])
    }

    /// What it reaches, as patterns; what is left out of everything reaches as far as the list of it is short.
    pub fn reached_resources(&self) -> Vec<String> {
        let texts = self.resources.named().iter().map(resource_text);
        match &self.resources {
            Scope::Only(_) => texts.collect(),
            Scope::AllBut(_) => vec![all_but(texts.collect())],
        }
    }

    /// The actions that it is about, as patterns.
    pub fn reached_actions(&self) -> Vec<String> {
        let texts = self.actions.named().iter().map(|action| (*action).to_owned());
        match &self.actions {
            Scope::Only(_) => texts.collect(),
            Scope::AllBut(_) => vec![all_but(texts.collect())],
        }
    }

    pub fn has(&self, key: ConditionKey) -> bool {
        self.conditions.iter().any(|condition| condition.key == key)
    }

    /// Whether a condition narrows a statement for everyone to callers that are known: a `*` under it is not public.
    pub fn restricts_callers(&self) -> bool {
        self.conditions.iter().any(|condition| condition.key.narrows_callers() && condition.narrows())
    }

    /// Whether it reaches everything, or all resources of a kind, and nothing tells which of them.
    pub fn is_at_large(&self) -> bool {
        self.on_everything && !self.is_held_to_tag && !self.is_by_named_services()
    }

    /// The same for one of its actions: what another service keeps no action of this one ever reaches.
    pub fn is_at_large_for(&self, action: &str) -> bool {
        // Services whose actions reach what has their own name in its ARN, and nothing else.
        // <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>, read 2026-12-01.
        const OWN: [&str; 16] = [
            "athena",
            "dynamodb",
            "events",
            "firehose",
            "glue",
            "kinesis",
            "kms",
            "lambda",
            "logs",
            "s3",
            "secretsmanager",
            "ses",
            "sns",
            "sqs",
            "ssm",
            "states",
        ];
        let is_own =
            action.split_once(':').is_some_and(|(service, _)| OWN.contains(&service) && !self.large_of.iter().any(|of| of == service));
        self.is_at_large() && (self.large_of.is_empty() || !is_own)
    }

    /// Whether a name in it is open before its end.
    pub fn leaves_names_open(&self) -> bool {
        matches!(&self.resources, Scope::Only(resources) if resources.iter().any(leaves_name_open))
    }

    /// Whether all that it allows is the use of keys by services that are named: it reaches no further than a right at one of those does.
    /// <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service>, read 2026-11-30.
    fn is_by_named_services(&self) -> bool {
        const USES: [&str; 5] = ["Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey*", "ReEncrypt*"];
        let uses_key = |action: &&str| action.strip_prefix("kms:").is_some_and(|name| USES.iter().any(|used| pattern::matches(used, name)));
        let Scope::Only(actions) = &self.actions else { return false };
        let is_named = |text: String| text.split_once('.').is_some_and(|(service, _)| names::wildcard(service).is_none());
        let names_services =
            |condition: &Condition<'_>| condition.key == ConditionKey::ViaService && condition.narrows() && condition.texts().all(is_named);
        !actions.is_empty() && actions.iter().all(uses_key) && self.conditions.iter().any(names_services)
    }

    /// Whether a condition on the key holds callers to something definite.
    pub fn is_pinned_by(&self, key: ConditionKey) -> bool {
        self.conditions.iter().any(|condition| condition.key == key && condition.narrows())
    }
}

/// The statements of a document. A document that is no mapping gives one statement that is unresolved as a whole.
/// Of an undecided condition all branches are read.
pub fn read<'t>(document: &Property<'t>) -> Vec<Statement<'t>> {
    let mut statements = Vec::new();
    read_into(document, true, &mut statements);
    statements
}

/// The name of a document that stands nowhere here: an export, or what a provider that is not read makes.
pub(crate) fn name(document: &Property<'_>) -> Option<Vec<String>> {
    match document.value {
        Value::External(External { kind: ExternalKind::Import, name }) => Some(vec![(*name).to_owned()]),
        _ => None,
    }
}

/// The statement of a policy that has one outside of a document, as bus policies do.
pub fn read_statement<'t>(stated: &Property<'t>) -> Vec<Statement<'t>> {
    let mut statements = Vec::new();
    read_statements(stated, true, &mut statements);
    statements
}

fn read_into<'t>(document: &Property<'t>, is_certain: bool, statements: &mut Vec<Statement<'t>>) {
    match document.value {
        Value::Map(_) => document.get("Statement").iter().for_each(|listed| read_statements(listed, is_certain, statements)),
        Value::Either(Alternatives { branches, .. }) => branches.iter().for_each(|branch| read_into(branch, false, statements)),
        Value::Null | Value::Removed => {}
        _ => statements.push(opaque(document)),
    }
}

fn read_statements<'t>(listed: &Property<'t>, is_certain: bool, statements: &mut Vec<Statement<'t>>) {
    match listed.value {
        Value::List(items) => items.iter().for_each(|item| read_statements(item, is_certain, statements)),
        Value::Either(Alternatives { branches, .. }) => branches.iter().for_each(|branch| read_statements(branch, false, statements)),
        Value::Map(_) => statements.push(Statement { is_certain: is_certain && !depends(listed), ..statement(listed) }),
        Value::Null | Value::Removed => {}
        _ => statements.push(opaque(listed)),
    }
}

/// Whether anything in a value depends on an undecided condition.
fn depends(value: &Property<'_>) -> bool {
    match value.value {
        Value::Either(_) => true,
        Value::List(items) | Value::Joined(items) => items.iter().any(depends),
        Value::Map(entries) => entries.iter().any(|entry| depends(&entry.value)),
        _ => false,
    }
}

/// Stands for what could not be read.
fn opaque<'t>(value: &Property<'t>) -> Statement<'t> {
    Statement {
        effect: Effect::Allow,
        actions: Scope::Only(Vec::new()),
        resources: Scope::Only(Vec::new()),
        on_everything: false,
        large_of: Vec::new(),
        is_held_to_tag: false,
        services: Vec::new(),
        principals: Vec::new(),
        conditions: Vec::new(),
        is_certain: false,
        unresolved: Some(value.unresolved().unwrap_or_else(|| "the policy document is given as text".to_owned())),
        source_by_use: None,
        span: value.span,
    }
}

fn statement<'t>(value: &Property<'t>) -> Statement<'t> {
    let mut unresolved = None;
    let effect = match value.get("Effect").map(|effect| effect.literal()) {
        Some(Some("Deny")) => Effect::Deny,
        Some(Some(_)) | None => Effect::Allow,
        Some(None) => {
            unresolved = Some("the effect of the statement cannot be told".to_owned());
            Effect::Allow
        }
    };
    let principals = principals(value);
    let conditions = conditions::read(value);
    // Whom it lets in hangs on it; of those that are named it takes away at most.
    if principals.iter().any(|principal| matches!(principal, Principal::Everyone)) {
        let callers = conditions.iter().filter(|condition| condition.key.narrows_callers());
        unresolved = unresolved.or_else(|| callers.into_iter().find_map(Condition::unresolved));
    }
    let resources = match value.get("NotResource") {
        Some(excluded) => Scope::AllBut(flatten(excluded)),
        None => Scope::Only(value.get("Resource").map(flatten).unwrap_or_default()),
    };
    let actions = conditions.iter().filter_map(Condition::holds_for_only).fold(actions(value, &mut unresolved), hold);
    Statement {
        effect,
        actions,
        on_everything: reach_everything(&resources),
        large_of: large_of(&resources),
        is_held_to_tag: conditions.iter().any(|condition| condition.key == ConditionKey::ResourceTag && condition.narrows()),
        services: Vec::new(),
        resources,
        principals,
        conditions,
        is_certain: true,
        unresolved,
        source_by_use: None,
        span: value.span,
    }
}

/// Whether a resource has a wildcard in its name, and something written out behind it.
pub(crate) fn leaves_name_open(resource: &Property<'_>) -> bool {
    canonical(resource).and_then(|text| Arn::parse(&text)).is_some_and(|arn| arn.leaves_name_open())
}

/// Whether resources are everything, or all of a kind.
pub(crate) fn reach_everything(resources: &Scope<Property<'_>>) -> bool {
    match resources {
        Scope::AllBut(_) => true,
        Scope::Only(resources) => resources.iter().any(|resource| {
            let text = canonical(resource).unwrap_or_default();
            text == "*" || Arn::parse(&text).is_some_and(|arn| arn.is_wildcard())
        }),
    }
}

/// Whose resources are reached at large; empty where they may be anybody's.
pub(crate) fn large_of(resources: &Scope<Property<'_>>) -> Vec<String> {
    let Scope::Only(resources) = resources else { return Vec::new() };
    let mut services = Vec::new();
    for text in resources.iter().map(|resource| canonical(resource).unwrap_or_default()) {
        match Arn::parse(&text) {
            Some(arn) if arn.is_wildcard() && arn.service.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'-') => {
                services.push(arn.service);
            }
            Some(arn) if arn.is_wildcard() => return Vec::new(),
            None if text == "*" => return Vec::new(),
            Some(_) | None => {}
        }
    }
    services.sort_unstable();
    services.dedup();
    services
}

fn actions<'t>(statement: &Property<'t>, unresolved: &mut Option<String>) -> Scope<&'t str> {
    let mut texts = |value: &Property<'t>| -> Vec<&'t str> {
        let values = flatten(value);
        if let Some(reason) = values.iter().find_map(Property::unresolved) {
            *unresolved = Some(reason);
        }
        values.iter().filter_map(Property::literal).collect()
    };
    match (statement.get("NotAction"), statement.get("Action")) {
        (Some(excluded), _) => Scope::AllBut(texts(excluded)),
        (None, Some(named)) => Scope::Only(texts(named)),
        (None, None) => Scope::Only(Vec::new()),
    }
}

/// What is left of actions of which only some can meet a condition: of `s3:*` those, and one that is named and none of them is left out. What
/// cannot be told is left as it is.
fn hold<'t>(written: Scope<&'t str>, only: &'static [&'static str]) -> Scope<&'t str> {
    let covers = |named: &[&str], action: &str| named.iter().any(|pattern| *pattern == "*" || pattern::matches(pattern, action));
    let left = |kept: &dyn Fn(&str) -> bool| Scope::Only(only.iter().copied().filter(|action| kept(action)).collect());
    match written {
        Scope::Only(named) if named.is_empty() => Scope::Only(named),
        Scope::Only(named) => left(&|action| covers(&named, action)),
        Scope::AllBut(named) => left(&|action| !covers(&named, action)),
    }
}

fn principals<'t>(statement: &Property<'t>) -> Vec<Principal<'t>> {
    if statement.get("NotPrincipal").is_some() {
        // Whom it leaves out may be everybody: a denial then denies nobody for certain.
        let denies = statement.get("Effect").and_then(Property::literal) == Some("Deny");
        return if denies { Vec::new() } else { vec![Principal::Everyone] };
    }
    let Some(value) = statement.get("Principal") else { return Vec::new() };
    let of_branch = |branch: &Property<'t>| match branch.value {
        Value::Map(entries) => entries.iter().flat_map(principals_of_type).collect(),
        Value::Text("*") => vec![Principal::Everyone],
        Value::Text(_) => vec![Principal::Identity(*branch)],
        // What the unit makes is never everybody, in whatever form it is named.
        Value::Reference(_) => vec![Principal::Identity(*branch)],
        // Of which kind it is only the deployment knows.
        _ => vec![Principal::Unknown(*branch)],
    };
    flatten(value).iter().flat_map(of_branch).collect()
}

fn principals_of_type<'t>(entry: &Entry<'t>) -> Vec<Principal<'t>> {
    let one = |value: &Property<'t>| match entry.key {
        "AWS" if value.literal() == Some("*") => Principal::Everyone,
        "AWS" => Principal::Identity(*value),
        "Service" => service_principal(value),
        "Federated" => Principal::Federated(*value),
        "CanonicalUser" => Principal::CanonicalUser(*value),
        _ => Principal::Unknown(*value),
    };
    flatten(&entry.value).iter().map(one).collect()
}

/// `events.amazonaws.com`, also where region or suffix are filled in at deployment (`states.${region}.amazonaws.com`).
fn service_principal<'t>(value: &Property<'t>) -> Principal<'t> {
    match value.value {
        Value::Text(text) => Principal::Service(text),
        Value::Joined(pieces) => match pieces.first().and_then(Property::literal).and_then(|head| head.split('.').next()) {
            Some(head) if !head.is_empty() => Principal::Service(head),
            _ => Principal::Unknown(*value),
        },
        _ => Principal::Unknown(*value),
    }
}
