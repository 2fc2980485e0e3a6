//! What a role's grants amount to: how wide they are, and which of them let the holder go further than meant.
//!
//! Comes in: the grants of a role. Goes out: facts of the holder and of its `iam_role` part, with the actions that make them so.

use crate::catalog::aws::action_weight;
use crate::catalog::aws::actions::{self, Access};
use crate::catalog::aws::assumed_roles;
use crate::catalog::aws::boundary::Boundary;
use crate::catalog::aws::escalations::ESCALATIONS;
use crate::catalog::aws::iam::{Grant, Grants, Source};
use crate::catalog::aws::named_rights::{self, Does};
use crate::catalog::aws::own_rights::{self, Written};
use crate::catalog::aws::policy_document::ConditionKey;
use crate::catalog::aws::trust;
use crate::catalog::draft::{Draft, ElementIndex, PartIndex};
use crate::catalog::witnesses::bounded;
use crate::model::cause::CauseKind;
use crate::model::fact::{Answer, Fact, Origin, Reading, Share, Value, Word};
use crate::model::resource::Resource;
use crate::source::Span;
use std::sync::Arc;

/// Actions that make the record of what happened disappear.
const LOG_TAMPERING: &[&str] = &[
    "bedrock:DeleteModelInvocationLoggingConfiguration",
    "bedrock:PutModelInvocationLoggingConfiguration",
    "cloudtrail:DeleteTrail",
    "cloudtrail:PutEventSelectors",
    "cloudtrail:StopLogging",
    "cloudtrail:UpdateTrail",
    "config:DeleteConfigurationRecorder",
    "config:StopConfigurationRecorder",
    "ec2:DeleteFlowLogs",
    "guardduty:DeleteDetector",
    "logs:DeleteLogGroup",
    "logs:DeleteLogStream",
    "logs:PutRetentionPolicy",
];

/// Actions that destroy what holds data, or the keys to it.
const DESTRUCTIVE: &[&str] = &[
    "backup:DeleteBackupVault",
    "backup:DeleteRecoveryPoint",
    "dynamodb:DeleteBackup",
    "dynamodb:DeleteItem",
    "dynamodb:DeleteTable",
    "ec2:DeleteSnapshot",
    "kms:DisableKey",
    "kms:ScheduleKeyDeletion",
    "lambda:DeleteFunction",
    "rds:DeleteDBCluster",
    "rds:DeleteDBInstance",
    "rds:DeleteDBSnapshot",
    "s3:DeleteBucket",
    "s3:DeleteObject",
    "secretsmanager:DeleteSecret",
    "sqs:DeleteQueue",
    "sqs:PurgeQueue",
];

/// Reads of data that count when granted on everything.
const DATA_READS: &[&str] = &[
    "athena:GetQueryResults",
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:PartiQLSelect",
    "dynamodb:Query",
    "dynamodb:Scan",
    // The blocks of any snapshot are the disk that it is of.
    "ebs:GetSnapshotBlock",
    "kinesis:GetRecords",
    "kms:Decrypt",
    "rds-data:ExecuteStatement",
    "s3:GetObject",
    "sqs:ReceiveMessage",
];

const SECRET_READS: &[&str] = &[
    "secretsmanager:BatchGetSecretValue",
    "secretsmanager:GetSecretValue",
    "ssm:GetParameter",
    "ssm:GetParameters",
    "ssm:GetParametersByPath",
];

/// The actions that count for a fact which is witnessed by how they are granted on everything.
pub(crate) fn listed(fact: Fact) -> &'static [&'static str] {
    match fact {
        Fact::IamDataReadAll => DATA_READS,
        Fact::IamDestructive => DESTRUCTIVE,
        Fact::SecretReadAll => SECRET_READS,
        _ => &[],
    }
}

/// How wide a scope is; wider is more.
pub(crate) fn width(scope: Word) -> u8 {
    match scope {
        Word::Admin => 5,
        Word::WildcardAction => 4,
        Word::WildcardResource => 3,
        Word::Wide => 2,
        Word::Scoped => 1,
        _ => 0,
    }
}

/// How wide an action is in itself.
pub(crate) fn breadth(action: &str) -> Word {
    match actions::split(action) {
        ("*", _) => Word::Admin,
        (_, "*") => Word::WildcardAction,
        _ => Word::Scoped,
    }
}

/// Puts the facts of a role on its holder and on its part. Of several roles of one holder the worst counts.
pub(crate) fn state(draft: &mut Draft<'_, '_>, readings: &[(Fact, Arc<Reading>)], holder: ElementIndex, part: PartIndex) {
    for (fact, reading) in readings {
        if is_worse(draft.element_at(holder).facts.get(*fact).map(Arc::as_ref), reading) {
            draft.set_fact(holder, *fact, Arc::clone(reading));
        }
        draft.set_part_fact(part, *fact, Arc::clone(reading));
    }
}

/// The facts that a role's grants give.
pub(crate) fn readings<'t>(draft: &Draft<'t, '_>, role: &Resource<'t>, grants: &Grants<'t>) -> Vec<(Fact, Reading)> {
    let mut readings = vec![(Fact::IamScope, scope(draft, grants, role))];
    let boundary = Boundary::of(draft, role);
    let is_bounded = boundary.caps(draft, role);
    let untold = boundary.untold().filter(|_| is_bounded).map(|reason| Reading::elsewhere(reason, draft.stated(boundary.span)));
    readings.push((Fact::BoundaryPolicy, untold.clone().unwrap_or_else(|| boundary.reading(draft, role, is_bounded))));
    let left = |list: &[&'static str]| -> Vec<&'static str> { list.iter().copied().filter(|action| boundary.leaves(action)).collect() };
    let everywhere = |list: &[&'static str]| held(grants.on_everything().chain(grants.broadly_managed()), &left(list));
    let anywhere = |list: &[&'static str]| held(grants.all(), &left(list));
    readings.push((Fact::IamDestructive, flag(draft, grants, role, everywhere(DESTRUCTIVE))));
    // What reads by its name and is not known here may read these: nothing is promised of it.
    let is_hidden = grants.untold.as_ref().is_some_and(|untold| untold.reads_only);
    let reads = [Fact::IamDataReadAll, Fact::SecretReadAll].map(|fact| (fact, everywhere(listed(fact))));
    let told = reads.into_iter().filter(|(_, held)| !is_hidden || !held.is_empty());
    readings.extend(told.map(|(fact, held)| (fact, flag(draft, grants, role, held))));
    readings.push((Fact::IamLogTamper, flag(draft, grants, role, named(anywhere(LOG_TAMPERING)))));
    let mut written = own_rights::written(draft, role, grants);
    written.retain(|written| boundary.leaves(written.action));
    let mut escalations = escalations(grants);
    let own = written.iter().filter(|written| written.is_own);
    escalations.extend(own.map(|written| Held { action: written.action.to_owned(), ..Held::of(written.grant) }));
    escalations.retain(|held| boundary.leaves(&held.action));
    let assumed = assumed_roles::of(draft, grants).into_iter().filter(|_| boundary.leaves(assumed_roles::ASSUME));
    escalations.extend(assumed.map(|assumed| Held { action: assumed.shown, ..Held::of(assumed.grant) }));
    escalations.retain(|_| untold.is_some() || !is_bounded);
    let untold = untold.filter(|_| !escalations.is_empty());
    readings.push((Fact::IamPrivesc, untold.unwrap_or_else(|| flag(draft, grants, role, escalations))));
    readings.extend(writes_rights(draft, role, &written));
    for (fact, does) in [(Fact::OpensNamed, Does::Opens), (Fact::EndsNamed, Does::Ends)] {
        let mut named = named_rights::of(draft, grants, does);
        named.retain(|named| boundary.leaves(named.grant.action));
        let held: Vec<Held> = named.into_iter().map(|named| Held { action: named.shown, ..Held::of(named.grant) }).collect();
        if !held.is_empty() {
            readings.push((fact, flag(draft, grants, role, held)));
        }
    }
    readings.push((Fact::IamPassrole, pass_role(draft, grants, role, &left(&["iam:PassRole"]))));
    readings.extend(leading_keys(draft, grants));
    readings.extend(rarer(draft, grants, role, &boundary));
    if trust::lets_strangers_in(draft, role) {
        readings.push((Fact::Granted, granted(draft, grants, role)));
    }
    if trust::lets_accounts_in(role) {
        readings.push((Fact::GrantedOutside, granted_outside(draft, grants, role)));
    }
    // What the provider keeps and is not known here is one thing that cannot be told, and is told with how wide the role is.
    if grants.untold.as_ref().is_some_and(|untold| untold.is_elsewhere) {
        readings.retain(|(fact, reading)| *fact == Fact::IamScope || matches!(reading.answer, Answer::Known(_)));
    }
    readings
}

/// Whose rights a role may write by a part of their names, where it is not known to be among them.
fn writes_rights<'t>(draft: &Draft<'t, '_>, role: &Resource<'t>, written: &[Written<'_>]) -> Option<(Fact, Reading)> {
    let others = written.iter().filter(|written| !written.is_own);
    let held: Vec<Held> = others.map(|written| Held { action: written.shown(), ..Held::of(written.grant) }).collect();
    let span = held.first()?.span;
    let shares = held.iter().map(|held| held.share(draft, role, Value::List(vec![held.action.clone()]))).collect();
    let mut names: Vec<String> = held.into_iter().map(|held| held.action).collect();
    names.sort();
    names.dedup();
    Some((Fact::WritesRights, Reading::known(Value::List(bounded(names)), draft.stated(span)).shared(shares)))
}

/// What a role may do that is worth a look where somebody of another account assumes it, statement by statement.
fn granted_outside<'t>(draft: &Draft<'t, '_>, grants: &Grants<'t>, role: &Resource<'t>) -> Reading {
    let is_looking = |action: &str| {
        let only_sees = |access: &Access| matches!(access, Access::Describe | Access::Log);
        actions::access(action).iter().all(only_sees) && !weighs(action) && !escalates(action)
    };
    list(draft, role, grants.all().filter(|grant| !is_looking(grant.action)))
}

/// Whether an action is one of those by which rights are raised.
fn escalates(action: &str) -> bool {
    ESCALATIONS.iter().flat_map(|set| set.iter()).any(|listed| actions::covers(action, listed))
}

/// What a role may do beyond writing its log, statement by statement: of one that strangers assume each of them counts.
fn granted<'t>(draft: &Draft<'t, '_>, grants: &Grants<'t>, role: &Resource<'t>) -> Reading {
    list(draft, role, grants.all().filter(|grant| !REPORTS.iter().any(|reports| grant.action.starts_with(reports))))
}

/// By what a program tells how it runs, which reads nothing and leads nowhere.
const REPORTS: [&str; 3] = ["logs:", "mobileanalytics:Put", "rum:PutRumEvents"];

/// Actions that are granted, each with the statement that grants it.
fn list<'t, 'g>(draft: &Draft<'t, '_>, role: &Resource<'t>, grants: impl Iterator<Item = Grant<'g>>) -> Reading {
    let held: Vec<Held> = grants.map(Held::of).collect();
    let span = held.first().map_or(role.span, |held| held.span);
    let shares = held.iter().map(|held| held.share(draft, role, Value::List(vec![held.action.clone()]))).collect();
    let actions = bounded(held.iter().map(|held| held.action.clone()).collect());
    Reading::known(Value::List(actions), draft.stated(span)).shared(shares)
}

/// The facts that are read only where something is there.
fn rarer<'t>(draft: &Draft<'t, '_>, grants: &Grants<'t>, role: &Resource<'t>, boundary: &Boundary<'t>) -> Vec<(Fact, Reading)> {
    let mut readings = Vec::new();
    for (fact, action) in [(Fact::CreatesSchedules, "scheduler:CreateSchedule"), (Fact::PushToClients, "execute-api:ManageConnections")] {
        if !boundary.leaves(action) {
            continue;
        }
        let held = held(grants.all(), &[action]);
        if !held.is_empty() {
            readings.push((fact, flag(draft, grants, role, held)));
        }
    }
    readings
}

/// An action as it is granted, or as part of a set that is granted together, and what grants it.
struct Held {
    action: String,
    span: Span,
    meaning: String,
    reach: Vec<String>,
}

impl Held {
    fn of(grant: Grant<'_>) -> Self {
        Self { action: grant.action.to_owned(), span: grant.span, meaning: grant.source.meaning(), reach: grant.reached_resources() }
    }

    /// What it alone would make of a fact.
    fn share<'t>(&self, draft: &Draft<'t, '_>, role: &Resource<'t>, value: Value) -> Share {
        let cause = draft.cause(CauseKind::Statement, self.span, role, self.meaning.clone());
        Share { reach: self.reach.clone(), ..draft.share(cause, value, Some(&self.action), self.span) }
    }
}

/// Log actions that come with a whole service are not counted: `logs:*` is what functions are given to write their own log.
fn named(held: Vec<Held>) -> Vec<Held> {
    held.into_iter().filter(|held| held.action != "logs:*").collect()
}

/// The grants, as written, that cover an action of the list.
fn held<'a>(grants: impl Iterator<Item = Grant<'a>>, list: &[&str]) -> Vec<Held> {
    grants.filter(|grant| list.iter().any(|action| grant.covers(action))).map(Held::of).collect()
}

/// Whether a set of actions that raises rights is held whole.
pub(crate) fn raises_rights(grants: &Grants<'_>) -> bool {
    !escalations(grants).is_empty()
}

/// The actions of each set that is held whole. What several statements grant together has all of them as its cause.
fn escalations(grants: &Grants<'_>) -> Vec<Held> {
    let granted: Vec<Grant<'_>> = grants.on_everything().chain(grants.broadly_managed()).collect();
    let mut found = Vec::new();
    for set in ESCALATIONS {
        let held: Option<Vec<&Grant<'_>>> = set.iter().map(|action| granted.iter().find(|grant| grant.covers(action))).collect();
        if let Some(grants) = held {
            let mut meanings: Vec<String> = grants.iter().map(|grant| grant.source.meaning()).collect();
            meanings.sort_unstable();
            meanings.dedup();
            let meaning = meanings.join(" + ");
            found.extend(set.iter().zip(grants).map(|(action, grant)| Held {
                action: (*action).to_owned(),
                span: grant.span,
                meaning: meaning.clone(),
                reach: grant.source.reached_resources(),
            }));
        }
    }
    found
}

/// True with the first place that shows it; otherwise false, or unresolved where part of the grants could not be read.
fn flag<'t>(draft: &Draft<'t, '_>, grants: &Grants<'t>, role: &Resource<'t>, held: Vec<Held>) -> Reading {
    match (held.first(), &grants.untold) {
        (Some(first), _) => {
            let shares = held.iter().map(|held| held.share(draft, role, Value::Flag(true))).collect();
            let reading = Reading::known(Value::Flag(true), draft.stated(first.span)).shared(shares);
            reading.witnessed(bounded(held.into_iter().map(|held| held.action).collect()))
        }
        (None, Some(untold)) if !untold.reads_only => untold.reading(draft),
        (None, _) => Reading::known(Value::Flag(false), draft.stated(role.span)),
    }
}

/// The worst of all statements, with the actions that make it so: how wide the role is.
pub(crate) fn scope<'t>(draft: &Draft<'t, '_>, grants: &Grants<'t>, role: &Resource<'t>) -> Reading {
    let mut worst = Word::Scoped;
    let mut span = grants.statements.first().map_or(role.span, |statement| statement.span);
    let mut wide: Vec<Grant<'_>> = Vec::new();
    let stated = grants.statements.iter().flat_map(|statement| {
        let is_open = statement.leaves_names_open();
        grants.of(statement).map(move |grant| (grant, statement.is_at_large_for(grant.action), is_open))
    });
    for (grant, everything, is_open) in stated.chain(grants.broadly_managed().map(|grant| (grant, true, false))) {
        let scope = match scope_of(grant.action, everything) {
            Word::Scoped if is_open && weighs(grant.action) => Word::Wide,
            scope => scope,
        };
        if width(scope) > width(worst) {
            (worst, span) = (scope, grant.span);
            wide.clear();
        }
        if scope == worst && scope != Word::Scoped && !is_said_with_another(grant, grants) {
            wide.push(grant);
        }
    }
    if let (Some(untold), Word::Scoped) = (&grants.untold, worst) {
        return untold.scope(draft);
    }
    let shares = wide.iter().map(|grant| Held::of(*grant).share(draft, role, Value::Word(worst))).collect();
    let witnesses = bounded(wide.iter().map(|grant| grant.action.to_owned()).collect());
    // What else it may do stays unknown beside what it may.
    let untold = grants.untold.as_ref().and_then(|untold| untold.names.clone()).unwrap_or_default();
    Reading { untold, ..Reading::word(worst, draft.stated(span)).shared(shares).witnessed(witnesses) }
}

/// Whether an older version of an object is read by a statement that reads the objects as well: that is no more at large than they are.
fn is_said_with_another<'t>(grant: Grant<'t>, grants: &'t Grants<'t>) -> bool {
    let Source::Statement(statement) = grant.source else { return false };
    grant.action == "s3:GetObjectVersion" && grants.of(statement).any(|other| other.action == "s3:GetObject")
}

fn scope_of(action: &str, everything: bool) -> Word {
    if everything && actions::is_harmless_on_everything(action) || !everything && action.starts_with("logs:") {
        return Word::Scoped;
    }
    match breadth(action) {
        // Every action, but on named resources only.
        Word::Admin if !everything => Word::WildcardAction,
        // All that a service does, with what is named: it is one's own. Of keys and identities that is who may do what.
        Word::WildcardAction if !everything && !action_weight::hands_out_rights(actions::split(action).0) => Word::Wide,
        Word::WildcardAction | Word::Scoped if everything && !weighs(action) => Word::Wide,
        Word::Scoped if everything => Word::WildcardResource,
        breadth => breadth,
    }
}

/// Whether an action at large is worth holding a change for.
fn weighs(action: &str) -> bool {
    action_weight::weighs(action)
        || [DATA_READS, SECRET_READS, DESTRUCTIVE, LOG_TAMPERING]
            .iter()
            .flat_map(|list| list.iter())
            .any(|listed| actions::covers(action, listed))
}

fn pass_role<'t>(draft: &Draft<'t, '_>, grants: &Grants<'t>, role: &Resource<'t>, left: &[&str]) -> Reading {
    let passing = held(grants.all(), left);
    let wild = held(grants.on_everything().chain(grants.broadly_managed()), left);
    let reading = |word: Word, held: &[Held], first: &Held| {
        let shares = held.iter().map(|held| held.share(draft, role, Value::Word(word))).collect();
        Reading::word(word, draft.stated(first.span)).shared(shares).witnessed(vec![first.action.clone()])
    };
    match (wild.first(), passing.first(), &grants.untold) {
        (Some(first), _, _) => reading(Word::Wildcard, &wild, first),
        (None, _, Some(untold)) if !untold.reads_only => untold.reading(draft),
        (None, Some(first), _) => reading(Word::Scoped, &passing, first),
        (None, None, _) => Reading::word(Word::None, draft.stated(role.span)),
    }
}

/// Whether access to tables is bound to keys of the caller; read only where a table is reached at all.
fn leading_keys(draft: &Draft<'_, '_>, grants: &Grants<'_>) -> Option<(Fact, Reading)> {
    let mut on_tables = grants.statements.iter().filter(|statement| {
        grants.of(statement).any(|grant| {
            grant.action.starts_with("dynamodb:")
                && actions::access(grant.action).iter().any(|access| matches!(access, Access::Read | Access::Write))
        })
    });
    let first = on_tables.clone().next()?;
    let all = on_tables.all(|statement| statement.has(ConditionKey::LeadingKeys));
    Some((Fact::LeadingKeys, Reading::word(if all { Word::On } else { Word::Off }, draft.stated(first.span))))
}

/// Whether a new reading should stand before the one that is there.
fn is_worse(known: Option<&Reading>, new: &Reading) -> bool {
    let Some(known) = known else { return true };
    match (&known.origin, &known.answer, &new.answer) {
        (Origin::Default(_), _, _) => true,
        (_, Answer::Known(Value::Word(known)), Answer::Known(Value::Word(new))) => rank(*new) > rank(*known),
        (_, Answer::Known(Value::Flag(known)), Answer::Known(Value::Flag(new))) => *new && !*known,
        (_, Answer::Unresolved(_), Answer::Known(new)) => {
            matches!(new, Value::Flag(true)) || matches!(new, Value::Word(word) if rank(*word) > 1)
        }
        (_, Answer::Known(known), Answer::Unresolved(_)) => {
            matches!(known, Value::Flag(false)) || matches!(known, Value::Word(word) if rank(*word) <= 1)
        }
        _ => false,
    }
}

fn rank(word: Word) -> u8 {
    match word {
        Word::Wildcard | Word::Off => 3,
        _ => width(word),
    }
}
