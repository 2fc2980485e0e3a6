//! A role that SAM generates: who may assume it, its managed policies, its inline policies.
//!
//! Comes in: SAM's `Policies` property (names, ARNs, documents, policy templates). Goes out: the properties of an `AWS::IAM::Role`.
//! Never judges what a policy allows.

use crate::formats::sam::Expansion;
use crate::formats::sam::grant::{PolicyTemplate, Statement};
use crate::formats::sam::pen::{Fields, Pen, entry_span, lines};
use crate::model::resource::{Alternatives, Entry, Property, Resource, Value};
use crate::source::NoteKind;
use std::collections::BTreeSet;

/// What a generated role will hold.
#[derive(Default)]
pub struct Grants<'t> {
    /// ARNs and references.
    pub managed: Vec<Property<'t>>,
    /// `{PolicyName, PolicyDocument}`.
    pub inline: Vec<Property<'t>>,
    /// AWS's own policies that are in `managed`, by name.
    named: BTreeSet<String>,
}

impl<'t> Grants<'t> {
    /// One of AWS's own policies; it is listed once however often it is asked for.
    pub fn add_managed(&mut self, pen: Pen<'t>, name: &str) {
        if self.named.insert(name.to_owned()) {
            self.managed.push(managed_arn(pen, name));
        }
    }

    pub fn add_inline(&mut self, pen: Pen<'t>, name: &str, statements: &[Property<'t>]) {
        self.inline.push(pen.map(&[("PolicyName", pen.text(name)), ("PolicyDocument", document(pen, statements))]));
    }

    /// What `Policies` says. `name` is the prefix of the inline policies' names.
    pub fn add_policies(&mut self, expansion: &Expansion<'t, '_>, name: &str, policies: &'t Property<'t>) {
        for policy in policies.one_or_many() {
            match policy.value {
                Value::Either(Alternatives { branches: arms, .. }) => {
                    arms.iter().for_each(|arm| self.add_conditional(expansion, name, arm))
                }
                _ => self.add_policy(expansion, name, policy),
            }
        }
    }

    /// One arm of a condition that cannot be decided: the policy may be there, or not.
    fn add_conditional(&mut self, expansion: &Expansion<'t, '_>, name: &str, arm: &Property<'t>) {
        let pen = expansion.pen(arm.span);
        let mut grants = Self::default();
        arm.items().iter().for_each(|policy| grants.add_policy(expansion, name, policy));
        if arm.items().is_empty() {
            grants.add_policy(expansion, name, arm);
        }
        let perhaps = |policy: Property<'t>| pen.either(&[policy, pen.value(Value::Removed)]);
        self.managed.extend(grants.managed.into_iter().map(perhaps));
        self.inline.extend(grants.inline.into_iter().map(perhaps));
    }

    fn add_policy(&mut self, expansion: &Expansion<'t, '_>, name: &str, policy: &Property<'t>) {
        let pen = expansion.pen(policy.span);
        match policy.value {
            Value::Text(text) if !text.starts_with("arn:") => self.add_managed(pen, text),
            Value::Null | Value::Removed => {}
            Value::Map(_) if policy.get("Statement").is_some() => self.push_document(pen, name, *policy),
            Value::Map([entry]) => self.add_template(expansion, name, entry),
            Value::Map(_) | Value::List(_) | Value::Bool(_) | Value::Number(_) => {
                expansion.note(policy.span, NoteKind::Unsupported, "an entry of Policies is neither a name nor a policy".to_owned());
                self.push_document(pen, name, pen.unknown("the policy is not understood"));
            }
            Value::Text(_)
            | Value::Reference(_)
            | Value::External(_)
            | Value::Ambient(_)
            | Value::Joined(_)
            | Value::Either(_)
            | Value::Unknown(_) => self.managed.push(*policy),
        }
    }

    fn add_template(&mut self, expansion: &Expansion<'t, '_>, name: &str, entry: &Entry<'t>) {
        let pen = expansion.pen(lines(entry));
        match PolicyTemplate::find(entry.key) {
            Some(template) => {
                let find = |parameter: &str| entry.value.get(parameter).copied();
                let statements: Vec<_> = template.statements.iter().map(|grant| statement_of(pen, grant, find)).collect();
                self.push_document(pen, name, document(pen, &statements));
            }
            None => {
                expansion.note(pen.span(), NoteKind::Unsupported, format!("the policy template {} is not known", entry.key));
                self.push_document(pen, name, pen.unknown("the policy template is not known"));
            }
        }
    }

    fn push_document(&mut self, pen: Pen<'t>, name: &str, document: Property<'t>) {
        let name = pen.text(&format!("{name}Policy{}", self.inline.len()));
        self.inline.push(pen.map(&[("PolicyName", name), ("PolicyDocument", document)]));
    }
}

/// Adds the role `address` that `service` assumes, before whatever else was made since `index`.
pub fn add_role<'t>(
    expansion: &mut Expansion<'t, '_>,
    index: usize,
    parent: &Resource<'t>,
    address: &str,
    service: &str,
    grants: &Grants<'t>,
) {
    let pen = expansion.pen(entry_span(&parent.properties, "Policies"));
    let mut fields = Fields::new(pen);
    fields.put("AssumeRolePolicyDocument", assumed_by(pen, service));
    fields.rename(&parent.properties, "AssumeRolePolicyDocument", "AssumeRolePolicyDocument");
    if !grants.managed.is_empty() {
        fields.put("ManagedPolicyArns", pen.list(&grants.managed));
    }
    if !grants.inline.is_empty() {
        fields.put("Policies", pen.list(&grants.inline));
    }
    fields.rename(&parent.properties, "RolePath", "Path");
    fields.copy(&parent.properties, &["PermissionsBoundary"]);
    expansion.imply_at(index, parent, address, "AWS::IAM::Role", fields.done());
}

/// A role that takes nothing from what the template says of its parent.
pub fn add_service_role<'t>(
    expansion: &mut Expansion<'t, '_>,
    parent: &Resource<'t>,
    address: &str,
    service: &str,
    grants: &Grants<'t>,
    pen: Pen<'t>,
) {
    let mut fields = Fields::new(pen);
    fields.put("AssumeRolePolicyDocument", assumed_by(pen, service));
    if !grants.managed.is_empty() {
        fields.put("ManagedPolicyArns", pen.list(&grants.managed));
    }
    expansion.imply(parent, address, "AWS::IAM::Role", fields.done());
}

/// A role for one event: it holds what is said here alone.
pub fn add_event_role<'t>(
    expansion: &mut Expansion<'t, '_>,
    parent: &Resource<'t>,
    address: &str,
    service: &str,
    boundary: Option<&Property<'t>>,
    statements: &[Property<'t>],
    pen: Pen<'t>,
) {
    let policy = pen.map(&[("PolicyName", pen.text(&format!("{address}Policy"))), ("PolicyDocument", document(pen, statements))]);
    let mut fields = Fields::new(pen);
    fields.put("AssumeRolePolicyDocument", assumed_by(pen, service));
    fields.put("Policies", pen.list(&[policy]));
    fields.put_some("PermissionsBoundary", boundary);
    expansion.imply(parent, address, "AWS::IAM::Role", fields.done());
}

pub fn document<'t>(pen: Pen<'t>, statements: &[Property<'t>]) -> Property<'t> {
    pen.map(&[("Version", pen.text("2012-10-17")), ("Statement", pen.list(statements))])
}

/// A statement that allows `actions` on one resource.
pub fn allow<'t>(pen: Pen<'t>, actions: &[&str], resource: Property<'t>) -> Property<'t> {
    pen.map(&[("Effect", pen.text("Allow")), ("Action", pen.texts(actions)), ("Resource", resource)])
}

/// A statement of a resource's policy that allows a service to act on it, for one source only.
pub fn allow_service<'t>(pen: Pen<'t>, service: &str, action: &str, resource: Property<'t>, source: Property<'t>) -> Property<'t> {
    pen.map(&[
        ("Effect", pen.text("Allow")),
        ("Principal", pen.map(&[("Service", pen.text(service))])),
        ("Action", pen.texts(&[action])),
        ("Resource", resource),
        ("Condition", pen.map(&[("ArnEquals", pen.map(&[("aws:SourceArn", source)]))])),
    ])
}

pub fn statement_of<'t>(pen: Pen<'t>, grant: &Statement, find: impl Fn(&str) -> Option<Property<'t>>) -> Property<'t> {
    let resources: Vec<_> = grant.resources.iter().map(|pattern| filled(pen, pattern, &find)).collect();
    let mut fields = Fields::new(pen);
    fields.put("Effect", pen.text("Allow"));
    fields.put("Action", pen.texts(grant.actions));
    fields.put("Resource", pen.list(&resources));
    if let Some(condition) = &grant.condition {
        let value = filled(pen, condition.value, &find);
        fields.put("Condition", pen.map(&[(condition.operator, pen.map(&[(condition.key, value)]))]));
    }
    fields.done()
}

/// A parameter that is not given leaves the pattern unknown, not literal.
fn filled<'t>(pen: Pen<'t>, pattern: &str, find: impl Fn(&str) -> Option<Property<'t>>) -> Property<'t> {
    pen.pattern(pattern, |name| Some(find(name).unwrap_or_else(|| pen.unknown(&format!("the parameter {name} is not given")))))
}

fn assumed_by<'t>(pen: Pen<'t>, service: &str) -> Property<'t> {
    let statement = pen.map(&[
        ("Effect", pen.text("Allow")),
        ("Principal", pen.map(&[("Service", pen.texts(&[service]))])),
        ("Action", pen.texts(&["sts:AssumeRole"])),
    ]);
    document(pen, &[statement])
}

/// AWS's managed policies that lie under `service-role/`, of those that SAM templates name without their path.
const SERVICE_ROLE_POLICIES: &[&str] = &[
    "AWSAppSyncPushToCloudWatchLogs",
    "AWSCodeDeployRoleForLambda",
    "AWSLambdaBasicDurableExecutionRolePolicy",
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaDynamoDBExecutionRole",
    "AWSLambdaENIManagementAccess",
    "AWSLambdaKinesisExecutionRole",
    "AWSLambdaMSKExecutionRole",
    "AWSLambdaRole",
    "AWSLambdaSQSQueueExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "AmazonAPIGatewayPushToCloudWatchLogs",
    "AmazonS3ObjectLambdaExecutionRolePolicy",
];

fn managed_arn<'t>(pen: Pen<'t>, name: &str) -> Property<'t> {
    let path = if SERVICE_ROLE_POLICIES.contains(&name) { "service-role/" } else { "" };
    pen.pattern(&["arn:${AWS::Partition}:iam::aws:policy/", path, name].concat(), |_| None)
}
