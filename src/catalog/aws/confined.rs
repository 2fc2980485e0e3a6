//! Functions whose code may do nothing but write logs and traces: whoever runs one gets what its answer says, and nothing else happens.
//!
//! Comes in: a draft with all flows and grants. Goes out: the functions. Only what is read in full counts: a role of another template or one
//! whose name is written out, so that others may give it rights by that name, an environment that is filled in elsewhere or names a host, a
//! network or a file system is more than nothing, whatever the code does with it.

use crate::catalog::aws::iam;
use crate::catalog::draft::Draft;
use crate::catalog::targets::Target;
use crate::model::fact::{Fact, Value as Answer};
use crate::model::resource::{Property, Resource, Value};
use crate::model::{ElementId, Means};
use std::collections::{BTreeMap, BTreeSet};

/// What a function records of itself, and what it needs to do so.
const RECORDS: &[&str] = &[
    "cloudwatch:PutMetricData",
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:DescribeLogGroups",
    "logs:DescribeLogStreams",
    "logs:PutLogEvents",
    "logs:TagResource",
    "xray:GetSamplingRules",
    "xray:GetSamplingStatisticSummaries",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
];

/// What gives rights to a role, or takes it on for a function.
const HOLDERS: &[&str] = &["AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::RolePolicy", FUNCTION];
const FUNCTION: &str = "AWS::Lambda::Function";
const ROLE: &str = "AWS::IAM::Role";

/// The functions, by id.
pub(crate) fn find(draft: &Draft<'_, '_>) -> BTreeSet<ElementId> {
    let mut harmless: BTreeMap<&str, bool> = BTreeMap::new();
    let mut found = BTreeSet::new();
    for function in draft.of_kind(FUNCTION) {
        let Some(role) = only_role(draft, function).filter(|_| reaches_nothing(draft, function)) else { continue };
        if draft.is_spent() {
            return BTreeSet::new();
        }
        if *harmless.entry(role.address).or_insert_with(|| only_records(draft, role)) {
            found.extend(draft.element(function.address).map(|element| draft.element_at(element).id.clone()));
        }
    }
    found
}

/// Whether a function is given nothing beside its code: no network, no file system, no secret, no value that is filled in elsewhere, and
/// nothing that it sends to.
fn reaches_nothing(draft: &Draft<'_, '_>, function: &Resource<'_>) -> bool {
    const MORE: [&str; 4] = ["DeadLetterConfig", "FileSystemConfigs", "TenancyConfig", "VpcConfig"];
    let Some(element) = draft.element(function.address) else { return false };
    let properties = &function.properties;
    let is_plain = |value: &Property<'_>| value.literal().is_some_and(|text| !text.contains(['.', '/', ':', '{']));
    let environment = properties.get("Environment").is_none_or(|environment| match environment.get("Variables").map(|all| all.value) {
        Some(Value::Map(variables)) => variables.iter().all(|variable| is_plain(&variable.value)),
        Some(_) => false,
        None => true,
    });
    let holds_none = |fact| draft.element_at(element).facts.value(fact) == Some(&Answer::Flag(false));
    MORE.iter().all(|key| properties.get(key).is_none())
        && environment
        && [Fact::SecretsEnv, Fact::SecretResolved].into_iter().all(holds_none)
        && draft.evidence(element).next().is_none()
        && draft.leaving(element).all(|(_, means)| means == Means::Log)
}

/// The one role of a function, where it is of this unit and nobody knows its name before it is made.
fn only_role<'t, 's>(draft: &Draft<'t, 's>, function: &Resource<'t>) -> Option<&'s Resource<'t>> {
    match draft.targets(function.properties.get("Role")?).as_slice() {
        [Target::Resource(reference)] => {
            draft.resource(reference.address).filter(|role| role.kind == ROLE && role.properties.get("RoleName").is_none())
        }
        _ => None,
    }
}

/// Whether everything that a role may do is known, and is to write logs and traces; what else names it may let it do more.
fn only_records<'t>(draft: &Draft<'t, '_>, role: &Resource<'t>) -> bool {
    let grants = iam::grants(draft, role);
    let records = |action: &str| RECORDS.iter().any(|record| record.eq_ignore_ascii_case(action));
    grants.untold.is_none()
        && grants.all().all(|grant| records(grant.action))
        && draft.mentioning(role.address).all(|other| HOLDERS.contains(&other.kind))
}
