//! Policies on resources: who outside of a role may use a queue, a topic, a bucket, a bus, a secret, a table, an API or a function.
//!
//! Comes in: a policy resource, or a resource that carries its policy itself. Goes out: the policy facts of its targets, and whether
//! deliveries from services are held to their source.

use crate::catalog::aws::actions::{self, Access};
use crate::catalog::aws::policy_document::{self, ConditionKey, Effect, Principal, Scope, Statement};
use crate::catalog::aws::trust;
use crate::catalog::aws::{arn_by_use, denial, shared_policy, unnamed_source};
use crate::catalog::draft::{Carrier, Draft, ElementIndex};
use crate::catalog::names::{self, Arn, canonical};
use crate::catalog::paths;
use crate::catalog::witnesses::bounded;
use crate::model::Means;
use crate::model::cause::{Cause, CauseKind};
use crate::model::fact::{Answer, Fact, Origin, Reading, Share, Value, Word};
use crate::model::resource::{External, ExternalKind, Property, Resource, Value as PropertyValue};
use crate::model::strength::is_weaker;
use crate::source::Span;
use std::sync::Arc;

/// Where a type spells its document and what the document is about; no target is the resource itself.
struct Shape {
    kind: &'static str,
    document: &'static str,
    targets: &'static [&'static str],
}

const SHAPES: &[Shape] = &[
    Shape { kind: "AWS::ECR::Repository", document: "RepositoryPolicyText", targets: &[] },
    Shape { kind: "AWS::EFS::FileSystem", document: "FileSystemPolicy", targets: &[] },
    Shape { kind: "AWS::Elasticsearch::Domain", document: "AccessPolicies", targets: &[] },
    Shape { kind: "AWS::Kinesis::ResourcePolicy", document: "ResourcePolicy", targets: &["ResourceArn"] },
    Shape { kind: "AWS::MSK::ClusterPolicy", document: "Policy", targets: &["ClusterArn"] },
    Shape { kind: "AWS::OpenSearchService::Domain", document: "AccessPolicies", targets: &[] },
    Shape { kind: "AWS::ApiGateway::RestApi", document: "Policy", targets: &[] },
    Shape { kind: "AWS::ApiGateway::RestApi", document: "Body.x-amazon-apigateway-policy", targets: &[] },
    Shape { kind: "AWS::DynamoDB::Table", document: "ResourcePolicy.PolicyDocument", targets: &[] },
    Shape { kind: "AWS::DynamoDB::Table", document: "StreamSpecification.ResourcePolicy.PolicyDocument", targets: &[] },
    Shape { kind: "AWS::Events::EventBus", document: "Policy", targets: &[] },
    Shape { kind: "AWS::Events::EventBusPolicy", document: "Statement", targets: &["EventBusName"] },
    Shape { kind: "AWS::S3::BucketPolicy", document: "PolicyDocument", targets: &["Bucket"] },
    Shape { kind: "AWS::SNS::TopicInlinePolicy", document: "PolicyDocument", targets: &["TopicArn"] },
    Shape { kind: "AWS::SNS::TopicPolicy", document: "PolicyDocument", targets: &["Topics[]"] },
    Shape { kind: "AWS::SQS::QueueInlinePolicy", document: "PolicyDocument", targets: &["Queue"] },
    Shape { kind: "AWS::SQS::QueuePolicy", document: "PolicyDocument", targets: &["Queues[]"] },
    Shape { kind: "AWS::SecretsManager::ResourcePolicy", document: "ResourcePolicy", targets: &["SecretId"] },
];

/// The resolver of every type in `SHAPES`.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, resource: &Resource<'t>) {
    for (targets, statements) in documents(draft, resource) {
        let (here, elsewhere): (Vec<_>, Vec<_>) = targets.iter().partition(|target| draft.element_at(**target).outside.is_none());
        apply(draft, resource, &here, &statements);
        for target in elsewhere {
            shared_policy::admit(draft, resource, target, &statements);
        }
        // Nobody can tell what it is about: whom it lets in is told all the same.
        if targets.is_empty() {
            let alone = draft.alone(resource);
            shared_policy::admit(draft, resource, alone, &statements);
        }
    }
}

fn apply<'t>(draft: &mut Draft<'t, '_>, resource: &Resource<'t>, targets: &[ElementIndex], statements: &[Statement<'t>]) {
    for target in targets.iter().copied() {
        let mut found = Found::default();
        for statement in statements {
            found.add(statement);
            hold_to_source(draft, target, statement);
        }
        let holder = draft.element_at(target).home();
        found.state(draft, Carrier::Element(target), &holder, resource.span);
        if draft.element_at(target).service == "event_bus" {
            hold_to_events(draft, target, statements);
        }
        if let Some(refusing) = refuses_clear_text(statements) {
            let reading = Reading::word(Word::Enforced, draft.stated(refusing));
            draft.set_fact(target, Fact::InTransit, reading);
        }
    }
}

/// The policies that a resource bears: the elements that each is about, and its statements.
pub(crate) fn documents<'t>(draft: &mut Draft<'t, '_>, resource: &Resource<'t>) -> Vec<(Vec<ElementIndex>, Vec<Statement<'t>>)> {
    SHAPES.iter().filter(|shape| shape.kind == resource.kind).filter_map(|shape| document(draft, resource, shape)).collect()
}

/// Where a type has the documents of its policies, and what they are called there.
pub(crate) fn written<'t>(resource: &Resource<'t>) -> impl Iterator<Item = (&'static str, &'t Property<'t>)> {
    let shapes = SHAPES.iter().filter(|shape| shape.kind == resource.kind);
    shapes.filter_map(|shape| Some((shape.document, resource.properties.at(shape.document)?)))
}

fn document<'t>(draft: &mut Draft<'t, '_>, resource: &Resource<'t>, shape: &Shape) -> Option<(Vec<ElementIndex>, Vec<Statement<'t>>)> {
    let mut statements = match resource.properties.at(shape.document) {
        Some(document) if shape.document == "Statement" => policy_document::read_statement(document),
        Some(document) => policy_document::read(document),
        // The old spelling of bus policies: principal and action stand beside the bus.
        None if shape.document == "Statement" => policy_document::read_statement(&resource.properties),
        None => return None,
    };
    denial::narrow(&mut statements);
    arn_by_use::settle(draft, &mut statements);
    let mut targets: Vec<ElementIndex> = Vec::new();
    for value in shape.targets.iter().flat_map(|path| paths::find(&resource.properties, path)) {
        let named = draft.targets_beside(resource.kind, &value);
        targets.extend(named.iter().filter_map(|target| draft.end(target, value.span)));
    }
    if shape.targets.is_empty() {
        targets.extend(draft.element(resource.address));
    }
    Some((targets, statements))
}

/// What the statements of one document let in.
#[derive(Debug, Default)]
pub(crate) struct Found {
    all: Words,
    read: Words,
    write: Words,
    unnamed: Vec<(String, Span)>,
}

#[derive(Debug, Default)]
struct Words {
    words: Vec<Word>,
    witnesses: Vec<String>,
    span: Option<Span>,
    admitted: Vec<Admitted>,
    /// Why part of it cannot be told; `None` where all of it can.
    unresolved: Option<String>,
    /// Whether anything of that is hidden here, and not in another stack of the account that exports it.
    hidden_here: bool,
    /// What the hidden part may turn out to be, where the kind of each principal in it is known; `None` where it may be anything.
    among: Option<Vec<Word>>,
    /// Whoever is named by a value that is not at hand, as somebody of another account.
    unnamed: Vec<Admitted>,
    /// Whether anything is hidden but whom such a value names.
    hides_more: bool,
}

/// One principal that is let in.
#[derive(Clone, Debug)]
struct Admitted {
    word: Word,
    /// How the principal is shown; `None` where it is of the own account.
    witness: Option<String>,
    span: Span,
    /// What it may do, and with what.
    reach: Vec<String>,
}

impl Words {
    fn add(&mut self, admitted: Admitted) {
        let Admitted { word, span, .. } = admitted;
        // The first place that lets in somebody else is the one to show.
        if self.span.is_none() || word == Word::Public && !self.words.contains(&Word::Public) {
            self.span = Some(span);
        }
        self.words.push(word);
        self.witnesses.extend(admitted.witness.clone());
        self.admitted.push(admitted);
    }

    /// Remembers why part of it cannot be told; the first reason is the one to show.
    fn hide(&mut self, reason: &str, here: bool, among: &[Word]) {
        let is_first = self.unresolved.is_none();
        self.unresolved.get_or_insert_with(|| reason.to_owned());
        self.hidden_here |= here;
        let known = if is_first { Some(Vec::new()) } else { self.among.take() };
        self.among = known.filter(|_| !among.is_empty()).map(|known| known.into_iter().chain(among.iter().copied()).collect());
    }
}

impl Found {
    pub(crate) fn add(&mut self, statement: &Statement<'_>) {
        if statement.effect == Effect::Deny {
            return;
        }
        if let Some(reason) = &statement.unresolved {
            for words in [&mut self.all, &mut self.read, &mut self.write] {
                words.hide(reason, true, &[]);
                words.hides_more = true;
            }
        }
        let (reads, writes) = uses(statement);
        self.unnamed.extend(statement.source_by_use.map(|service| (service.to_owned(), statement.span)));
        for principal in &statement.principals {
            if let Principal::Service(name) = principal
                && unnamed_source::is_held_to_it(statement)
            {
                self.unnamed.push(((*name).to_owned(), statement.span));
            }
            match admitted(statement, principal) {
                Ok(word) => {
                    let witness = outsiders(statement, principal).or_else(|| trust::witness(principal));
                    let witness = witness.filter(|_| word != Word::Account);
                    // Beside what bears the policy nothing is reached, so that `*` adds nothing to the actions.
                    let resources = || statement.reached_resources().into_iter().filter(|resource| resource != "*");
                    let reach = || statement.reached_actions().into_iter().chain(resources()).collect();
                    let admitted = |word| Admitted { word, witness: witness.clone(), span: statement.span, reach: reach() };
                    self.all.add(admitted(word));
                    let narrowed = if matches!(word, Word::ServiceUnscoped | Word::S3NameOnly) { Word::ServiceScoped } else { word };
                    if reads {
                        self.read.add(admitted(if word == Word::ServiceUnscoped { word } else { narrowed }));
                    }
                    if writes {
                        self.write.add(admitted(narrowed));
                    }
                }
                // Nobody can tell who may do this; what else may be done is another statement's.
                Err(reason) => {
                    let here = !is_imported(principal);
                    // No canonical user is everybody, and none is a service.
                    let among: &[Word] = if matches!(principal, Principal::CanonicalUser(_)) { &USERS } else { &[] };
                    let witness = trust::witness(principal).unwrap_or_else(|| "${?}".to_owned());
                    let reach = statement.reached_actions();
                    let is_imported = is_imported(principal);
                    let unnamed = Admitted { word: Word::CrossAccount, witness: Some(witness), span: statement.span, reach };
                    let asked = [(&mut self.all, true), (&mut self.read, reads), (&mut self.write, writes)];
                    for (words, _) in asked.into_iter().filter(|(_, asked)| *asked) {
                        words.hide(&reason, here, among);
                        words.hides_more |= is_imported;
                        words.unnamed.push(unnamed.clone());
                    }
                }
            }
        }
    }

    /// What was found of all principals, as one fact.
    pub(crate) fn reading<'t>(self, draft: &Draft<'t, '_>, bearer: &Resource<'t>, at: Span) -> Reading {
        joined(draft, None, (self.all, &draft.home(bearer)), at)
    }

    /// Adds one principal by its word alone; the error says why it cannot be told.
    pub(crate) fn add_word(&mut self, word: Result<Word, String>, witness: Option<String>, span: Span) {
        match word {
            Ok(word) => self.all.add(Admitted { word, witness, span, reach: Vec::new() }),
            Err(reason) => {
                self.all.hide(&reason, true, &[]);
                self.all.hides_more = true;
            }
        }
    }

    /// Adds what was found of all principals to the one fact that says who is let in.
    pub(crate) fn state_policy(self, draft: &mut Draft<'_, '_>, bearer: Carrier, holder: &str, at: Span) {
        let known = draft.facts_of(bearer).get(Fact::Policy);
        let reading = joined(draft, known, (self.all, holder), at);
        draft.state(bearer, Fact::Policy, reading);
    }

    /// Adds what was found to the policy facts of what bears it: several documents count together.
    pub(crate) fn state(mut self, draft: &mut Draft<'_, '_>, bearer: Carrier, holder: &str, at: Span) {
        unnamed_source::state(draft, bearer, holder, std::mem::take(&mut self.unnamed));
        for (fact, words) in [(Fact::Policy, self.all), (Fact::PolicyRead, self.read), (Fact::PolicyWrite, self.write)] {
            let known = draft.facts_of(bearer).get(fact);
            // A policy that says nothing of reading leaves reading as it was.
            if words.words.is_empty() && words.unresolved.is_none() && known.is_some() {
                continue;
            }
            let reading = joined(draft, known, (words, holder), at);
            draft.state(bearer, fact, reading);
        }
    }
}

/// What is known and what was found of the policies of one holder, as one fact. Each principal is a cause of its own.
fn joined(draft: &Draft<'_, '_>, known: Option<&Arc<Reading>>, (found, holder): (Words, &str), at: Span) -> Reading {
    let Words { mut words, mut witnesses, span, mut admitted, mut unresolved, mut hidden_here, mut among, unnamed, hides_more } = found;
    // Another account that is written out is let in whoever stands beside it.
    if unresolved.is_some() && !hides_more && words.contains(&Word::CrossAccount) {
        witnesses.extend(unnamed.iter().filter_map(|unnamed| unnamed.witness.clone()));
        admitted.extend(unnamed);
        unresolved = None;
    }
    let mut shares: Vec<Share> = admitted
        .into_iter()
        .map(|Admitted { word, witness, span, reach }| {
            let name = witness.clone().unwrap_or_else(|| word.as_str().to_owned());
            let cause = Arc::new(Cause { kind: CauseKind::Principal, holder: holder.to_owned(), name });
            Share { reach, ..draft.share(cause, Value::Set(vec![word]), witness.as_deref(), span) }
        })
        .collect();
    let known = known.filter(|known| !matches!(known.origin, Origin::Default(_)));
    if let Some(known) = known {
        match &known.answer {
            Answer::Known(Value::Set(set)) => words.extend(set),
            Answer::Unresolved(reason) => {
                let both = unresolved.is_none().then(Vec::new).or(among);
                among =
                    both.filter(|_| !known.among.is_empty()).map(|among| among.into_iter().chain(known.among.iter().copied()).collect());
                unresolved = Some(reason.clone());
                hidden_here |= !known.elsewhere;
            }
            Answer::Known(_) => {}
        }
        witnesses.extend(known.witnesses.iter().cloned());
        shares.extend(known.shares.iter().cloned());
    }
    words.sort_unstable();
    words.dedup();
    let origin = draft.stated(span.unwrap_or(at));
    match unresolved {
        Some(reason) if !words.contains(&Word::Public) => {
            let among = among.map_or_else(Vec::new, |among| among.into_iter().chain(words).collect());
            Reading { elsewhere: !hidden_here, among, ..Reading::unresolved(reason, origin) }
        }
        _ => Reading::known(Value::Set(words), origin).shared(shares).witnessed(bounded(witnesses)),
    }
}

/// What a canonical user that is not known may turn out to be.
const USERS: [Word; 2] = [Word::Account, Word::CrossAccount];

/// Whether a principal is what another stack of the same account and region exports, mostly a role of its own.
pub(crate) fn is_imported(principal: &Principal<'_>) -> bool {
    let (Principal::Identity(value) | Principal::Unknown(value)) = principal else { return false };
    matches!(value.value, PropertyValue::External(External { kind: ExternalKind::Import, .. }))
}

/// One more word on who may use an element, beside what is known of it. Of what is not here the permission says it of itself.
pub(crate) fn state_word<'t>(
    draft: &mut Draft<'t, '_>,
    element: ElementIndex,
    word: Result<Word, String>,
    witness: Option<String>,
    permission: &Resource<'t>,
) {
    let mut found = Found::default();
    found.add_word(word, witness, permission.span);
    let (bearer, holder) = match draft.element_at(element).outside {
        None => (Carrier::Element(element), draft.element_at(element).home()),
        Some(_) => (shared_policy::part(draft, element, permission), draft.home(permission)),
    };
    let unnamed = unnamed_source::of_permission(permission).map(|service| (service, permission.span));
    unnamed_source::state(draft, bearer, &holder, unnamed.into_iter().collect());
    found.state_policy(draft, bearer, &holder, permission.span);
}

/// Actions that take out what is there though they are no flow of a role that has them: a subscriber gets every message from then on, and
/// a pulled image is read whole.
const TAKES: &[&str] = &["sns:Subscribe", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];

/// Actions that change who may use what they are about: whoever has one lets itself write.
const HANDS_OUT: &[&str] =
    &["sns:AddPermission", "sns:SetTopicAttributes", "s3:PutBucketAcl", "s3:PutBucketPolicy", "ecr:SetRepositoryPolicy"];

/// Whether a statement lets its principals read, and whether it lets them write.
fn uses(statement: &Statement<'_>) -> (bool, bool) {
    let named = match &statement.actions {
        Scope::Only(named) => named.as_slice(),
        Scope::AllBut(_) => return (true, true),
    };
    let mut uses = (false, false);
    for action in named {
        if *action == "*" {
            return (true, true);
        }
        let action = lower_service(action);
        uses.0 |= TAKES.iter().any(|taking| actions::covers(&action, taking));
        uses.1 |= HANDS_OUT.iter().any(|handing| actions::covers(&action, handing));
        for access in actions::access(&action) {
            uses.0 |= matches!(access, Access::Read | Access::Receive);
            uses.1 |= matches!(access, Access::Write | Access::Publish | Access::Invoke);
        }
    }
    uses
}

/// Actions in capitals are an old spelling of queues and topics: `SQS:SendMessage`.
pub(crate) fn lower_service(action: &str) -> String {
    let (service, name) = actions::split(action);
    format!("{}:{name}", service.to_ascii_lowercase())
}

/// The word for a principal under the statement's conditions.
fn admitted(statement: &Statement<'_>, principal: &Principal<'_>) -> Result<Word, String> {
    match principal {
        Principal::Everyone => Ok(everyone(statement)),
        Principal::Service(name) => Ok(service(statement, name)),
        Principal::CanonicalUser(user) => canonical_user(user),
        Principal::Federated(_) => Ok(Word::CrossAccount),
        Principal::Identity(identity) => trust::foreign(identity).map(|foreign| if foreign { Word::CrossAccount } else { Word::Account }),
        Principal::Unknown(value) => Err(value.unresolved().unwrap_or_else(|| "a principal of an unknown kind".to_owned())),
    }
}

/// A canonical user is an account: the own one where something of the unit or of another stack says which, as the identity of a distribution does.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-bucket-user-policy-specifying-principal-intro.html>
fn canonical_user(user: &Property<'_>) -> Result<Word, String> {
    match user.value {
        PropertyValue::Reference(_) | PropertyValue::External(External { kind: ExternalKind::Import, .. }) => Ok(Word::Account),
        PropertyValue::Text(_) => Ok(Word::CrossAccount),
        _ => Err(user.unresolved().unwrap_or_else(|| "a canonical user that cannot be told".to_owned())),
    }
}

pub(crate) fn everyone(statement: &Statement<'_>) -> Word {
    let pinned = |key| statement.is_pinned_by(key);
    if pinned(ConditionKey::Organization) {
        // Of one that is written out nobody knows whose it is.
        if outsiders(statement, &Principal::Everyone).is_some() { Word::CrossAccount } else { Word::Org }
    } else if pinned(ConditionKey::SourceArn) {
        if foreign_sources(statement).is_some() { Word::CrossAccount } else { Word::ServiceScoped }
    } else if held_to(statement, ACCOUNTS).any(|value| trust::foreign(value) == Ok(true)) {
        Word::CrossAccount
    } else if statement.restricts_callers() {
        Word::Account
    } else {
        Word::Public
    }
}

/// The organisations or other accounts to which everybody is held, where one is written out; what else the condition admits is named beside it.
pub(crate) fn outsiders(statement: &Statement<'_>, principal: &Principal<'_>) -> Option<String> {
    match principal {
        Principal::Everyone => {}
        Principal::Service(_) => return foreign_sources(statement),
        Principal::Identity(_) | Principal::Federated(_) | Principal::CanonicalUser(_) | Principal::Unknown(_) => return None,
    }
    let organisations: Vec<String> = held_to(statement, &[ConditionKey::Organization]).map(shown).collect();
    if organisations.iter().any(|text| text.starts_with("o-")) {
        return Some(organisations.join(", "));
    }
    let accounts: Vec<&Property<'_>> = held_to(statement, ACCOUNTS).filter(|value| trust::foreign(value) != Ok(false)).collect();
    let foreign = accounts.iter().any(|value| trust::foreign(value) == Ok(true));
    let named = || accounts.into_iter().map(shown).collect::<Vec<_>>().join(", ");
    if foreign { Some(named()) } else { foreign_sources(statement) }
}

/// The accounts, organisations and resources of other accounts on whose behalf a service is let in.
fn foreign_sources(statement: &Statement<'_>) -> Option<String> {
    let sources = &[ConditionKey::SourceArn, ConditionKey::SourceAccount, ConditionKey::Organization];
    let mut named: Vec<String> = held_to(statement, sources).filter_map(outsider).collect();
    named.sort_unstable();
    named.dedup();
    (!named.is_empty()).then(|| named.join(", "))
}

/// Another account, organisation, or resource of another account that a value names, as it is written. A bucket's ARN names none.
pub(crate) fn outsider(value: &Property<'_>) -> Option<String> {
    let text = canonical(value)?;
    let is_organisation = text.starts_with("o-");
    let account = || Arn::parse(&text).map_or_else(|| text.clone(), |arn| arn.account);
    (is_organisation || names::is_account_number(&account())).then_some(text)
}

/// What says of which account a caller is.
const ACCOUNTS: &[ConditionKey] = &[ConditionKey::Caller, ConditionKey::SourceAccount];

/// The values to which conditions hold callers by one of the keys.
fn held_to<'s, 't>(statement: &'s Statement<'t>, keys: &'s [ConditionKey]) -> impl Iterator<Item = &'s Property<'t>> {
    statement.conditions.iter().filter(|condition| keys.contains(&condition.key) && condition.narrows()).flat_map(|held| &held.values)
}

fn shown(value: &Property<'_>) -> String {
    canonical(value).unwrap_or_else(|| "one filled in at deployment".to_owned())
}

/// A service is scoped by the resource or the account on whose behalf it may call. A bucket's ARN alone names no account.
fn service(statement: &Statement<'_>, name: &str) -> Word {
    if foreign_sources(statement).is_some() {
        return Word::CrossAccount;
    }
    let account = statement.is_pinned_by(ConditionKey::SourceAccount) || statement.is_pinned_by(ConditionKey::Organization);
    if account {
        return Word::ServiceScoped;
    }
    if !statement.is_pinned_by(ConditionKey::SourceArn) {
        return Word::ServiceUnscoped;
    }
    if name.starts_with("s3.") { Word::S3NameOnly } else { Word::ServiceScoped }
}

/// Where a policy denies everybody what is sent in clear text: reading and writing, unless nothing of it can be read.
fn refuses_clear_text(statements: &[Statement<'_>]) -> Option<Span> {
    let refuses = |statement: &&Statement<'_>| {
        let everyone = statement.principals.iter().any(|principal| matches!(principal, Principal::Everyone));
        // Beside other conditions it holds only where they do too.
        let insecure = matches!(statement.conditions.as_slice(),
            [only] if only.key == ConditionKey::SecureTransport && only.texts().any(|text| text == "false"));
        statement.effect == Effect::Deny && statement.is_certain && everyone && insecure
    };
    let publishes = |statement: &Statement<'_>| statement.actions.named().iter().any(|action| lower_service(action) == "sns:Publish");
    let mut refused = (false, false);
    let mut first = None;
    for statement in statements.iter().filter(refuses) {
        let (reads, writes) = uses(statement);
        refused.0 |= reads || publishes(statement);
        refused.1 |= writes;
        first.get_or_insert(statement.span);
    }
    first.filter(|_| refused == (true, true))
}

/// Whether every statement that lets somebody else put events on a bus says which events.
fn hold_to_events(draft: &mut Draft<'_, '_>, bus: ElementIndex, statements: &[Statement<'_>]) {
    let admits = |statement: &&Statement<'_>| {
        let foreign =
            |principal: &Principal<'_>| matches!(admitted(statement, principal), Ok(Word::Public | Word::CrossAccount | Word::Org));
        statement.effect == Effect::Allow && statement.principals.iter().any(foreign)
    };
    for statement in statements.iter().filter(admits) {
        let word = if statement.is_pinned_by(ConditionKey::EventSource) { Word::On } else { Word::Off };
        let reading = Reading::word(word, draft.stated(statement.span));
        let known = draft.element_at(bus).facts.get(Fact::SourceCondition);
        if known.is_none_or(|known| is_weaker(Fact::SourceCondition, &reading, known)) {
            draft.set_fact(bus, Fact::SourceCondition, reading);
        }
    }
}

/// Whether deliveries of the named services to the target are held to their source.
fn hold_to_source(draft: &mut Draft<'_, '_>, target: ElementIndex, statement: &Statement<'_>) {
    for principal in &statement.principals {
        let name = match principal {
            Principal::Service(name) => name.split('.').next().unwrap_or_default(),
            // Topics and buckets were long let in as anybody with their ARN.
            Principal::Everyone if statement.has(ConditionKey::SourceArn) => "",
            Principal::Everyone
            | Principal::Identity(_)
            | Principal::Federated(_)
            | Principal::CanonicalUser(_)
            | Principal::Unknown(_) => continue,
        };
        let held = statement.is_pinned_by(ConditionKey::SourceArn) || statement.is_pinned_by(ConditionKey::SourceAccount);
        let sources: Vec<ElementIndex> =
            draft.delivering(target).filter(|from| name.is_empty() || is_of_service(draft, *from, name)).collect();
        for from in sources {
            if let Some(flow) = draft.find_flow(from, target, Means::Event) {
                let reading = Reading::word(if held { Word::On } else { Word::Off }, draft.stated(statement.span));
                draft.set_flow_fact(flow, Fact::SourceCondition, reading);
            }
        }
    }
}

pub(crate) fn is_of_service(draft: &Draft<'_, '_>, element: ElementIndex, name: &str) -> bool {
    let address = &draft.element_at(element).address;
    match name {
        "events" if address == "bus:default" => true,
        "iot" if address == "devices" => true,
        "apigateway" => is_api(draft, element),
        // Gateways and runtimes of agents call as the service that they belong to.
        "bedrock" => draft.entry(address).is_some_and(|entry| matches!(entry.arn, "bedrock" | "bedrock-agentcore")),
        _ => match draft.entry(address) {
            Some(entry) => entry.arn == name,
            None => Arn::parse(address).is_some_and(|arn| arn.service == name),
        },
    }
}

pub(crate) fn is_api(draft: &Draft<'_, '_>, element: ElementIndex) -> bool {
    matches!(draft.element_at(element).service, "rest_api" | "http_api" | "websocket_api")
}
