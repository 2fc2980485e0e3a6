//! Amazon States Language: what a state machine calls, reads and writes.
//!
//! Comes in: a definition, as a property tree or as JSON text with references in it. Goes out: one task for each thing that a state acts on.
//! Never follows an expression: what a state takes from its input is unknown.
//!
//! Source: <https://states-language.net/spec.html>, <https://docs.aws.amazon.com/step-functions/latest/dg/integrate-services.html>.

use crate::catalog::aws::actions;
use crate::catalog::embedded;
use crate::catalog::names::{Arn, canonical};
use crate::catalog::secrets;
use crate::model::resource::{Entry, Property, Value};
use crate::source::{MAX_DEPTH, Span};
use bumpalo::Bump;

/// Most tasks that are read of one definition.
const MAX_TASKS: usize = 2_000;

/// A definition as far as it could be read.
#[derive(Clone, Debug, Default)]
pub struct Machine<'t> {
    /// In order of the definition; states inside maps and branches follow the state that holds them.
    pub tasks: Vec<Task<'t>>,
    /// Whether an execution ends by itself after some time, whichever definition holds.
    pub timeout: bool,
    /// The first distributed map that starts as many executions as its list has items: `MaxConcurrency` is left out, or zero.
    pub unbounded_map: Option<Span>,
    /// Where the first argument stands that looks like a secret in clear text.
    pub secret: Option<Span>,
    /// What was not read, and why.
    pub unread: Vec<(Span, String)>,
}

/// One thing that one state acts on. A state that writes to three tables is three tasks of the same name.
#[derive(Clone, Debug)]
pub struct Task<'t> {
    /// The state's.
    pub name: &'t str,
    pub action: TaskAction<'t>,
    /// What is acted on: a function, a queue's URL, a table's name, a bucket. `None` where the call names nothing (a default bus).
    pub target: Option<Property<'t>>,
    pub span: Span,
    /// The execution stands still until somebody comes with the token.
    pub wait_for_token: bool,
    /// The state gives up after some time.
    pub timeout: bool,
    /// The state says what follows a failure.
    pub catch: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskAction<'t> {
    /// The state names the function or activity itself: what it is, its target tells.
    Direct,
    /// An integration. The service is spelt as in IAM actions (`states`, `events`), an HTTP call is `http`; the operation is in camel case.
    Call { service: &'t str, operation: &'t str, means: Means },
    /// The resource cannot be told from the template.
    Unknown,
}

/// What an operation does to its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Means {
    Invoke,
    Publish,
    Read,
    Write,
}

/// Reads a definition. Cannot fail: what is not understood is in `unread`.
pub fn read<'t>(definition: &Property<'t>, arena: &'t Bump) -> Machine<'t> {
    // Whichever arm of a condition holds, its tasks may run.
    let arms: Vec<_> = match definition.value {
        Value::Either(arms) => arms.iter().filter(|arm| arm.is_present()).collect(),
        _ => vec![definition],
    };
    let mut machine = Machine { timeout: !arms.is_empty(), ..Machine::default() };
    arms.into_iter().for_each(|arm| read_into(&mut machine, arm, arena));
    machine
}

fn read_into<'t>(machine: &mut Machine<'t>, definition: &Property<'t>, arena: &'t Bump) {
    match embedded::tree(definition, arena) {
        Ok(root) => {
            machine.timeout &= root.get("TimeoutSeconds").is_some();
            read_states(machine, &root);
        }
        Err(why) => {
            machine.timeout = false;
            machine.unread.push((definition.span, why));
        }
    }
}

fn read_states<'t>(machine: &mut Machine<'t>, root: &Property<'t>) {
    let mut open = vec![(*root, 0)];
    while let Some((holder, depth)) = open.pop() {
        if depth > MAX_DEPTH {
            machine.unread.push((holder.span, "states are nested too deep".to_owned()));
            continue;
        }
        let states = holder.get("States").map_or(&[][..], Property::entries);
        let mut inner = Vec::new();
        for state in states {
            if machine.tasks.len() >= MAX_TASKS {
                machine.unread.push((state.key_span, format!("the definition has more than {MAX_TASKS} tasks")));
                return;
            }
            read_state(machine, states, state);
            let nested = ["Iterator", "ItemProcessor"].iter().filter_map(|key| state.value.get(key));
            let branches = state.value.get("Branches").map_or(&[][..], Property::items);
            inner.extend(nested.chain(branches).map(|holder| (*holder, depth + 1)));
        }
        open.extend(inner.into_iter().rev());
    }
}

/// `beside` are all states of the same level, the state itself among them.
fn read_state<'t>(machine: &mut Machine<'t>, beside: &[Entry<'t>], state: &Entry<'t>) {
    let arguments = ["Parameters", "Arguments"].iter().filter_map(|key| state.value.get(key));
    machine.secret = machine.secret.or_else(|| arguments.filter_map(|arguments| secret(arguments, 0)).next());
    match state.value.get("Type").and_then(Property::literal) {
        Some("Task") => read_call(machine, beside, state, &state.value),
        Some("Map") => {
            machine.unbounded_map = machine.unbounded_map.or_else(|| is_unbounded(&state.value).then_some(state.key_span));
            let calls = ["ItemReader", "ResultWriter"].iter().filter_map(|key| state.value.get(key));
            calls.for_each(|call| read_call(machine, beside, state, call));
        }
        _ => {}
    }
}

/// An inline map runs at most forty iterations at once, whatever it says: only a distributed one is without bounds.
/// Source: <https://docs.aws.amazon.com/step-functions/latest/dg/state-map.html>.
fn is_unbounded(map: &Property<'_>) -> bool {
    let distributed = map.at("ItemProcessor.ProcessorConfig.Mode").and_then(Property::literal) == Some("DISTRIBUTED");
    let bound = map.get("MaxConcurrency").is_some_and(|bound| bound.literal() != Some("0")) || map.get("MaxConcurrencyPath").is_some();
    distributed && !bound
}

fn secret(arguments: &Property<'_>, depth: usize) -> Option<Span> {
    if depth > MAX_DEPTH {
        return None;
    }
    let here = match arguments.value {
        Value::Map(_) => secrets::literal(arguments),
        _ => None,
    };
    here.or_else(|| {
        let entries = arguments.entries().iter().map(|entry| &entry.value);
        entries.chain(arguments.items()).find_map(|value| secret(value, depth + 1))
    })
}

/// `call` is what has the resource and its arguments: the state itself, or a map's reader or writer.
fn read_call<'t>(machine: &mut Machine<'t>, beside: &[Entry<'t>], state: &Entry<'t>, call: &Property<'t>) {
    let span = Span { end_line: state.value.span.end_line.max(state.key_span.line), ..state.key_span };
    let has = |key: &str| state.value.get(key).is_some();
    let mut task = Task {
        name: state.key,
        action: TaskAction::Unknown,
        target: None,
        span: if call.span == state.value.span { span } else { call.span },
        wait_for_token: false,
        timeout: has("TimeoutSeconds") || has("TimeoutSecondsPath") || has("HeartbeatSeconds") || has("HeartbeatSecondsPath"),
        catch: state.value.get("Catch").is_some_and(|catchers| !catchers.items().is_empty()),
    };
    let Some(resource) = call.get("Resource") else {
        // A reader or writer without a resource only formats; a task without one is not valid.
        if call.span == state.value.span {
            machine.unread.push((span, format!("state {} names no resource", state.key)));
        }
        return;
    };
    match integration(resource) {
        Some((service, operation, pattern)) => {
            task.action = TaskAction::Call { service, operation, means: means_of(service, operation) };
            task.wait_for_token = pattern == Some("waitForTaskToken");
            let targets = targets_of(beside, service, operation, call);
            match targets.as_slice() {
                [] => machine.tasks.push(task),
                _ => machine.tasks.extend(targets.into_iter().map(|target| Task { target: Some(target), ..task.clone() })),
            }
        }
        None => {
            let is_known =
                resource.unresolved().is_none() || matches!(resource.value, Value::Joined(_) | Value::External(_) | Value::Either(_));
            task.action = if is_known { TaskAction::Direct } else { TaskAction::Unknown };
            task.target = Some(*resource);
            task.wait_for_token = last_text(resource).is_some_and(|text| text.contains(":activity:"));
            machine.tasks.push(task);
        }
    }
}

fn last_text<'t>(property: &Property<'t>) -> Option<&'t str> {
    match property.value {
        Value::Joined(pieces) => pieces.last().and_then(Property::literal),
        _ => property.literal(),
    }
}

/// Service, operation and pattern of `arn:aws:states:::<service>:<operation>.<pattern>`. What stands before the service may be filled in
/// later, and some write the region and the account that should be empty.
fn integration<'t>(resource: &Property<'t>) -> Option<(&'t str, &'t str, Option<&'t str>)> {
    let text = last_text(resource)?;
    let name = match text.rsplit_once(":states:::") {
        Some((_, name)) => name,
        None => called_from_somewhere(resource, text)?,
    };
    let name = name.strip_prefix("aws-sdk:").unwrap_or(name);
    let (service, call) = name.split_once(':')?;
    let (operation, pattern) = call.split_once('.').map_or((call, None), |(operation, pattern)| (operation, Some(pattern)));
    Some((iam_prefix(service), operation, pattern))
}

/// What follows the account in `arn:aws:states:eu-west-1:1:sns:publish`, of which `text` is the end. Activities and other machines stand
/// in the same place, and are called themselves.
fn called_from_somewhere<'t>(resource: &Property<'t>, text: &'t str) -> Option<&'t str> {
    let arn = Arn::parse(&canonical(resource)?).filter(|arn| arn.service == "states")?;
    let (kind, _) = arn.resource.split_once(':')?;
    let is_call = !matches!(kind, "activity" | "stateMachine" | "execution" | "express");
    let start = text.len().checked_sub(arn.resource.len())?;
    text.get(start..).filter(|name| is_call && *name == arn.resource)
}

/// A service of the SDK under the prefix of its IAM actions.
fn iam_prefix(service: &str) -> &str {
    match service {
        "bedrockagent" | "bedrockagentruntime" | "bedrockruntime" => "bedrock",
        "bedrockagentcore" => "bedrock-agentcore",
        "cloudwatchlogs" => "logs",
        "cognitoidentity" => "cognito-identity",
        "cognitoidentityprovider" => "cognito-idp",
        "costexplorer" => "ce",
        "dynamodbstreams" => "dynamodb",
        "efs" => "elasticfilesystem",
        "elasticloadbalancingv2" => "elasticloadbalancing",
        "elasticmapreduce" => "emr",
        "eventbridge" => "events",
        "iotdataplane" => "iot",
        "lexruntimev2" => "lex",
        "location" => "geo",
        "opensearch" => "es",
        "opensearchserverless" => "aoss",
        "pinpoint" => "mobiletargeting",
        "rdsdata" => "rds-data",
        "redshiftdata" => "redshift-data",
        "redshiftserverless" => "redshift-serverless",
        "sagemakerruntime" => "sagemaker",
        "sesv2" => "ses",
        "sfn" => "states",
        "timestreamquery" | "timestreamwrite" => "timestream",
        other => other,
    }
}

/// By the verb that the operation begins with; what is no reading verb counts as writing. Services that only answer are invoked.
fn means_of(service: &str, operation: &str) -> Means {
    const PUBLISH: &[&str] = &["publish", "sendMessage", "sendEmail", "putEvents", "putRecord", "sendTask"];
    const INVOKE: &[&str] = &[
        "invoke",
        "start",
        "run",
        "submit",
        "converse",
        "call",
        "createProcessingJob",
        "createTrainingJob",
        "createTransformJob",
        "createHyperParameterTuningJob",
        "createLabelingJob",
        "createJob",
        "addStep",
        "retrieveAndGenerate",
        "applyGuardrail",
    ];
    const READ: &[&str] = &[
        "adminGet",
        "adminList",
        "get",
        "retrieve",
        "list",
        "describe",
        "query",
        "scan",
        "batchGet",
        "head",
        "select",
        "search",
        "detect",
        "receive",
        "transactGet",
        "lookup",
        "decrypt",
        "filter",
        "recognize",
        "translate",
        "compare",
        "analyze",
        "classify",
    ];
    let begins = |verbs: &[&str]| verbs.iter().any(|verb| operation.starts_with(verb));
    if begins(PUBLISH) {
        Means::Publish
    } else if begins(INVOKE) || actions::answers_only(service) {
        Means::Invoke
    } else if begins(READ) {
        Means::Read
    } else {
        Means::Write
    }
}

/// The argument that names what a service's operations act on, the first that is there.
const TARGET_KEYS: &[(&str, &[&str])] = &[
    ("aoss", &["Id"]),
    ("apigateway", &["ApiEndpoint"]),
    ("appsync", &["ApiId"]),
    ("athena", &["WorkGroup"]),
    ("batch", &["JobQueue"]),
    ("bedrock", &["AgentId", "KnowledgeBaseId", "FlowIdentifier", "ModelId"]),
    ("bedrock-agentcore", &["AgentRuntimeArn"]),
    ("codebuild", &["ProjectName"]),
    ("codepipeline", &["Name"]),
    ("cognito-idp", &["UserPoolId"]),
    ("databrew", &["Name"]),
    ("dynamodb", &["TableName"]),
    ("ecr", &["RepositoryName"]),
    ("ecs", &["TaskDefinition", "Cluster"]),
    ("eks", &["ClusterName"]),
    ("emr", &["ClusterId"]),
    ("emr-serverless", &["ApplicationId"]),
    ("es", &["DomainName"]),
    ("events", &["EventBusName", "Name"]),
    ("firehose", &["DeliveryStreamName"]),
    ("glue", &["JobName", "Name"]),
    ("http", &["ApiEndpoint"]),
    ("kinesis", &["StreamName", "StreamARN"]),
    ("kms", &["KeyId"]),
    ("lambda", &["FunctionName"]),
    ("logs", &["LogGroupName"]),
    ("rds", &["DBClusterIdentifier", "DBInstanceIdentifier"]),
    ("rds-data", &["ResourceArn"]),
    ("redshift-data", &["ClusterIdentifier", "WorkgroupName"]),
    ("s3", &["Bucket"]),
    ("sagemaker", &["EndpointName"]),
    ("scheduler", &["Name"]),
    ("secretsmanager", &["SecretId"]),
    ("sns", &["TopicArn", "TargetArn"]),
    ("sqs", &["QueueUrl"]),
    ("ssm", &["Name", "Path"]),
    ("states", &["StateMachineArn", "ExecutionArn"]),
    ("timestream", &["TableName", "DatabaseName"]),
];

fn targets_of<'t>(beside: &[Entry<'t>], service: &str, operation: &str, call: &Property<'t>) -> Vec<Property<'t>> {
    let argument = |arguments: &Property<'t>, key: &str| argument(beside, arguments, key);
    let Some(arguments) = call.get("Arguments").or_else(|| call.get("Parameters")) else { return Vec::new() };
    if let Some(why) = dynamic(arguments) {
        return vec![Property { value: Value::Unknown(why), span: arguments.span }];
    }
    match (service, operation) {
        ("events", "putEvents") => buses(beside, arguments),
        ("dynamodb", _) if arguments.get("RequestItems").is_some() => {
            let items = arguments.get("RequestItems").map_or(&[][..], Property::entries);
            items.iter().map(|entry| Property { value: Value::Text(entry.key), span: entry.key_span }).collect()
        }
        ("dynamodb", _) if arguments.get("TransactItems").is_some() => {
            let items = arguments.get("TransactItems").map_or(&[][..], Property::items);
            items.iter().flat_map(Property::entries).filter_map(|item| argument(&item.value, "TableName")).collect()
        }
        _ => {
            let keys = TARGET_KEYS.iter().find(|(known, _)| *known == service).map_or(&[][..], |(_, keys)| *keys);
            keys.iter().find_map(|key| argument(arguments, key)).into_iter().collect()
        }
    }
}

/// The bus of each event; events that name none go to the default bus.
fn buses<'t>(beside: &[Entry<'t>], arguments: &Property<'t>) -> Vec<Property<'t>> {
    let entries = match argument(beside, arguments, "Entries") {
        Some(entries) if matches!(entries.value, Value::Unknown(_)) => return vec![entries],
        Some(entries) => entries.items(),
        None => &[],
    };
    let named: Vec<Option<Property<'t>>> = entries.iter().map(|entry| argument(beside, entry, "EventBusName")).collect();
    let is_named = named.iter().any(Option::is_some);
    let default = |span| Property { value: Value::Text("default"), span };
    named.into_iter().zip(entries).filter_map(|(bus, entry)| bus.or_else(|| is_named.then(|| default(entry.span)))).collect()
}

/// The value of an argument. With `.$` behind the key, or written as an expression, it is known only to an execution, unless a state beside
/// it lays the value down.
fn argument<'t>(beside: &[Entry<'t>], arguments: &Property<'t>, key: &str) -> Option<Property<'t>> {
    let (entry, suffix) = arguments
        .entries()
        .iter()
        .find_map(|entry| Some((entry, entry.key.strip_prefix(key)?)).filter(|(_, suffix)| matches!(*suffix, "" | ".$")))?;
    if let Some(known) = entry.value.literal().filter(|_| suffix == ".$").and_then(|path| laid_down(beside, path)) {
        return Some(known);
    }
    if let Some(constant) = entry.value.literal().and_then(constant) {
        return Some(Property { value: Value::Text(constant), span: entry.value.span });
    }
    let why = if suffix == ".$" { Some(FROM_INPUT) } else { dynamic(&entry.value) };
    Some(why.map_or(entry.value, |why| Property { value: Value::Unknown(why), span: entry.value.span }))
}

/// What a JSONata expression that is nothing but a string stands for: `{% 'orders' %}`.
fn constant(text: &str) -> Option<&str> {
    let expression = text.trim().strip_prefix("{%")?.strip_suffix("%}")?.trim();
    let inner = ['\'', '"'].into_iter().find_map(|quote| expression.strip_prefix(quote)?.strip_suffix(quote))?;
    (!inner.contains(['\'', '"', '\\'])).then_some(inner)
}

/// What the one Pass state that writes to a path writes there: of `$.mail.TopicArn` the topic, where `ResultPath` is `$.mail`.
fn laid_down<'t>(beside: &[Entry<'t>], path: &str) -> Option<Property<'t>> {
    let passes = beside.iter().filter(|state| state.value.get("Type").and_then(Property::literal) == Some("Pass"));
    let mut values = passes.filter_map(|pass| {
        let at = pass.value.get("ResultPath").map_or(Some("$"), Property::literal)?;
        let within = path.strip_prefix(at)?.strip_prefix('.')?;
        let value = pass.value.get("Result").or_else(|| pass.value.get("Parameters"))?.at(within)?;
        matches!(value.value, Value::Text(_) | Value::Joined(_) | Value::Reference(_) | Value::External(_)).then_some(value)
    });
    let only = values.next();
    only.filter(|_| values.next().is_none()).copied()
}

const FROM_INPUT: &str = "is taken from the input of the execution";

fn dynamic(property: &Property<'_>) -> Option<&'static str> {
    let text = match property.value {
        Value::Joined(pieces) => pieces.first().and_then(Property::literal),
        _ => property.literal(),
    };
    text.filter(|text| text.trim_start().starts_with("{%")).map(|_| FROM_INPUT)
}

#[cfg(test)]
mod tests {
    use super::{Means, TaskAction, read};
    use crate::model::resource::{Property, Reference, Value};
    use crate::source::Span;
    use bumpalo::Bump;

    fn text(text: &str) -> Property<'_> {
        Property { value: Value::Text(text), span: Span::default() }
    }

    fn lines(definition: &Property<'_>) -> Vec<String> {
        let arena = Bump::new();
        let definition = Property { value: definition.value, span: definition.span };
        let machine = read(&definition, &arena);
        let mut lines: Vec<_> = machine.unread.iter().map(|(_, why)| why.clone()).collect();
        for task in &machine.tasks {
            let action = match task.action {
                TaskAction::Direct => "direct".to_owned(),
                TaskAction::Call { service, operation, means } => format!("{service}:{operation} {means:?}"),
                TaskAction::Unknown => "unknown".to_owned(),
            };
            let target = task.target.map_or("nothing".to_owned(), |target| format!("{:?}", target.value));
            let mut flags = String::new();
            for (flag, word) in [(task.wait_for_token, " waits"), (task.timeout, " timeout"), (task.catch, " catch")] {
                flags += if flag { word } else { "" };
            }
            lines.push(format!("{}: {action} on {target}{flags}", task.name));
        }
        lines
    }

    #[test]
    fn every_kind_of_task_is_read() {
        let definition = text(
            r#"{"States": {
                "A": {"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:f", "TimeoutSeconds": 5},
                "B": {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "Parameters": {"QueueUrl": "u"}},
                "C": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:getItem", "Parameters": {"TableName.$": "$.t"}},
                "D": {"Type": "Task", "Resource": "arn:aws:states:::events:putEvents", "Parameters": {"Entries": [{"Source": "s"}]}},
                "E": {"Type": "Map", "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "Arguments": {"Bucket": "{% $b %}"}},
                      "ItemProcessor": {"States": {"F": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
                      "Arguments": {"FunctionName": "g"}, "Catch": [{"Next": "X"}]}}}},
                "G": {"Type": "Task"},
                "H": {"Type": "Task", "Resource": "arn:aws:states:eu-west-1:123456789012:aws-sdk:s3:getObject", "Parameters": {"Bucket": "b"}},
                "I": {"Type": "Task", "Resource": "arn:aws:states:eu-west-1:123456789012:activity:sign"},
                "J": {"Type": "Pass", "Result": {"TopicArn": "t"}, "ResultPath": "$.mail"},
                "K": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Parameters": {"TopicArn.$": "$.mail.TopicArn"}}
            }}"#,
        );
        let expected = [
            "state G names no resource",
            "A: direct on Text(\"arn:aws:lambda:eu-west-1:123456789012:function:f\") timeout",
            "B: sqs:sendMessage Publish on Text(\"u\") waits",
            "C: dynamodb:getItem Read on Unknown(\"is taken from the input of the execution\")",
            "D: events:putEvents Publish on nothing",
            "E: s3:getObject Read on Unknown(\"is taken from the input of the execution\")",
            "H: s3:getObject Read on Text(\"b\")",
            "I: direct on Text(\"arn:aws:states:eu-west-1:123456789012:activity:sign\") waits",
            "K: sns:publish Publish on Text(\"t\")",
            "F: lambda:invoke Invoke on Text(\"g\") catch",
        ];
        assert_eq!(lines(&definition), expected);
    }

    #[test]
    fn a_text_with_references_is_read_as_json() {
        let function = Property { value: Value::Reference(Reference { address: "Fn", attribute: Some("Arn") }), span: Span::default() };
        let partition = Property { value: Value::Ambient("partition"), span: Span::default() };
        let pieces = [
            text(r#"{"States": {"A": {"Type": "Task", "Resource": ""#),
            function,
            text(r#"", "TimeoutSeconds": "#),
            partition,
            text(r#"}, "B": {"Type": "Task", "Resource": "arn:"#),
            partition,
            text(r#":states:::sns:publish", "Parameters": {"TopicArn": "t"}}}}"#),
        ];
        let definition = Property { value: Value::Joined(&pieces), span: Span::default() };
        let expected = [
            "A: direct on Reference(Reference { address: \"Fn\", attribute: Some(\"Arn\") }) timeout",
            "B: sns:publish Publish on Text(\"t\")",
        ];
        assert_eq!(lines(&definition), expected);
    }

    #[test]
    fn what_is_no_definition_is_said() {
        assert_eq!(lines(&text("[1]")), ["the document is not a map"]);
        assert_eq!(lines(&Property { value: Value::Bool(true), span: Span::default() }), ["the document is neither a map nor a text"]);
    }

    #[test]
    fn means_follow_the_verb() {
        for (service, operation, means) in [
            ("dynamodb", "putItem", Means::Write),
            ("dynamodb", "batchGetItem", Means::Read),
            ("bedrock", "invokeModel", Means::Invoke),
            ("sns", "publish", Means::Publish),
            ("rekognition", "detectLabels", Means::Invoke),
            ("sagemaker", "createTrainingJob", Means::Invoke),
        ] {
            assert_eq!(super::means_of(service, operation), means, "{service}:{operation}");
        }
    }
}
