//! Which format a file is of.
//!
//! Comes in: a path, a text and the documents that were parsed from it. Goes out: a claim. What the content says decides, and never a
//! name where the content can be read: no name is exempt, and none claims alone. Where the content cannot be parsed, names and the
//! words that stand in it say whether somebody should look.

use crate::formats::{Claim, Format, PARAMETERS, TERRAFORM, TERRAFORM_PLAN, TERRAFORM_STATE, TERRAFORM_VALUES, cdk, cloudformation};
use crate::source::RepoPath;
use crate::syntax::Node;
use std::borrow::Cow;

/// Endings of files that hold trees of keys and values, in YAML or JSON.
const STRUCTURED: [&str; 5] = ["yaml", "yml", "json", "template", "cfn"];
/// Endings of other formats that describe architecture or threats.
const OTHERS: [&str; 8] = ["tf", "tofu", "hcl", "tfstate", "thf", "tm7", "otm", "bicep"];
/// The sections of a template
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html>, read 2026-11-28), with SAM's `Globals`.
const SECTIONS: [&str; 13] = [
    "AWSTemplateFormatVersion",
    "Conditions",
    "Description",
    "Fn::Transform",
    "Globals",
    "Hooks",
    "Mappings",
    "Metadata",
    "Outputs",
    "Parameters",
    "Resources",
    "Rules",
    "Transform",
];
/// What stands between the parts of a type's name, whoever publishes it.
const TYPE_SEPARATOR: &str = "::";

/// Whether a file of that name is worth reading where a whole folder is searched.
pub(super) fn may_be_unit(path: &RepoPath) -> bool {
    let name = lowercase(path.file_name());
    match ending(&name) {
        "" => false,
        // Of languages that are about everything only what calls itself a threat model.
        "ts" | "js" => is_serverless_program(&name),
        "py" => names_threats(&name) || name.starts_with("tm") || name.contains("pytm"),
        "xml" | "drawio" => names_threats(&name),
        "backup" => name.ends_with(".tfstate.backup"),
        ending => STRUCTURED.contains(&ending) || OTHERS.contains(&ending),
    }
}

/// Whether the ending says that the file holds a tree of keys and values.
pub(super) fn is_structured(path: &RepoPath) -> bool {
    // Every path of a tree is asked.
    let ending = path.as_str().bytes().rposition(|byte| matches!(byte, b'.' | b'/')).map_or("", |at| &path.as_str()[at..]);
    let Some(ending) = ending.strip_prefix('.') else { return false };
    STRUCTURED.iter().any(|known| known.eq_ignore_ascii_case(ending))
}

/// Whether a tool would deploy or open the file by its name alone: `template.yaml`, `shop.template`, `serverless.yml`, a model file.
pub(super) fn is_default_name(path: &RepoPath) -> bool {
    let name = path.file_name();
    if !may_be_default(name) {
        return false;
    }
    let name = lowercase(name);
    let is_template = name.starts_with("template.") || name.ends_with(".template") || name.contains(".template.");
    let is_service = name.starts_with("serverless.") && !is_serverless_program(&name);
    let is_model = is_structured(path) && (names_threats(&name) || name.ends_with(".tc.json"));
    is_template || is_service || is_model || name == "template"
}

/// Whether a text could be a unit, so that it takes parsing to say. It errs on the side of yes: a key that is written with escapes has a
/// backslash.
pub(super) fn must_be_parsed(text: &str) -> bool {
    const WORDS: [&str; 8] = ["Resources", "AWSTemplateFormatVersion", "Transform", "AWS::", "provider", "service", "diagrams", "schema"];
    text.contains('\\') || WORDS.iter().any(|word| text.contains(word))
}

/// Whether a text that cannot be parsed looks like a unit, so that it is shown as unreadable instead of passing for nothing of ours.
pub(super) fn looks_like_unit(text: &str) -> bool {
    let text = unescaped(text);
    let has_all = |words: &[&str]| words.iter().all(|word| text.contains(word));
    has_all(&["AWSTemplateFormatVersion"])
        || has_all(&["Resources", "AWS::"])
        || has_all(&["Transform", "AWS::Serverless"])
        || has_all(&["\"detail\"", "\"diagrams\""])
        || has_all(&["\"schema\"", "\"threats\""])
}

/// Whether a file is called a template and has no section that every one has, as a key: the configuration of a server, a document, a picture.
/// Of names that end as YAML and JSON do nothing is said.
pub(super) fn is_no_template(path: &RepoPath, text: &str) -> bool {
    const KEYS: [&str; 3] = ["AWSTemplateFormatVersion", "Resources", "Transform"];
    let name = lowercase(path.file_name());
    let is_called_one =
        name.ends_with(".template") || name.starts_with("template.") && !matches!(ending(&name), "yaml" | "yml" | "json" | "cfn");
    let text = unescaped(text);
    let is_key = |(at, key): (usize, &str)| {
        let (before, behind) = (&text[..at], &text[at + key.len()..]);
        let stands_apart = !before.ends_with(|letter: char| letter.is_alphanumeric() || matches!(letter, '/' | '_' | '-' | '$' | '.'));
        stands_apart && behind.trim_start_matches(['"', '\'']).trim_start().starts_with(':')
    };
    is_called_one && !KEYS.iter().any(|key| text.match_indices(key).any(is_key)) && !text.contains("AWS::")
}

/// The text without the escapes by which double quotes can hide a word: characters by their numbers, and line ends within one.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once('\\') {
        plain.push_str(before);
        let digits = match escape.as_bytes().first() {
            Some(b'x') => 2,
            Some(b'u') => 4,
            Some(b'U') => 8,
            Some(b'\r' | b'\n') => {
                rest = escape.trim_start();
                continue;
            }
            _ => 0,
        };
        let code = escape.get(1..=digits).and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let character = code.and_then(char::from_u32);
        plain.extend(character);
        rest = if character.is_some() { escape.get(1 + digits..).unwrap_or_default() } else { escape };
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// What a parsed file is.
pub(super) fn claim(path: &RepoPath, text: &str, documents: &[Node<'_>]) -> Claim {
    let name = path.file_name().to_ascii_lowercase();
    if documents.iter().any(is_cloudformation) && !documents.iter().any(|root| is_named_service(&name, root)) {
        return Claim::Unit(Format::CloudFormation);
    }
    let units = documents.iter().find_map(|root| threat_model_unit(root).or_else(|| service(&name, root)));
    units.or_else(|| not_judged(path, text, documents)).unwrap_or(Claim::Nothing)
}

/// What a file is whose text is no tree of keys and values, or is one that no unit is made of.
pub(super) fn not_judged(path: &RepoPath, text: &str, documents: &[Node<'_>]) -> Option<Claim> {
    let name = path.file_name().to_ascii_lowercase();
    let has = |word: &str| text.contains(word);
    let format = match ending(&name) {
        "tf" | "tofu" => TERRAFORM,
        // Where a root takes them, they are a part of it.
        "tfvars" => TERRAFORM_VALUES,
        "hcl" if matches!(&*name, "terragrunt.hcl" | "terragrunt.stack.hcl") => "Terragrunt",
        "hcl" if name.ends_with(".tm.hcl") => "Terramate",
        "hcl" if [".tfcomponent.hcl", ".tfstack.hcl", ".tfdeploy.hcl"].iter().any(|end| name.ends_with(end)) => "Terraform Stacks",
        "tfstate" | "backup" if has("\"terraform_version\"") => TERRAFORM_STATE,
        "hcl" if has("threatmodel ") => "threatcl",
        "toml" if name == "samconfig.toml" && has("parameter_overrides") => PARAMETERS,
        "bicep" => "Bicep",
        "tm7" => "Microsoft Threat Modeling Tool",
        "thf" => "ThreatForge",
        "otm" => "Open Threat Model",
        "py" if (has("from pytm import") || has("import pytm")) && has("TM(") => "pytm",
        "drawio" | "xml" if names_threats(&name) && (has("<mxfile") || has("<mxGraphModel")) => "draw.io",
        "ts" | "js" if is_serverless_program(&name) => "Serverless Framework",
        ending if STRUCTURED.contains(&ending) => {
            structured(&name, text, documents).or_else(|| are_pairs(path, documents).then_some(PARAMETERS))?
        }
        _ => return None,
    };
    Some(Claim::NotJudged(format))
}

fn structured(name: &str, text: &str, documents: &[Node<'_>]) -> Option<&'static str> {
    if name.ends_with(".tf.json") || name.ends_with(".tofu.json") {
        return Some(TERRAFORM);
    }
    if name.ends_with(".tfvars.json") {
        return Some(TERRAFORM_VALUES);
    }
    // Sources of Kubernetes manifests are often templates themselves, and no YAML.
    let has_line = |key: &str| text.lines().any(|line| line.starts_with(key));
    let unparsed = documents.is_empty() && has_line("apiVersion:") && has_line("kind:");
    let parsed = documents.iter().find_map(|root| threat_model(root, text).or_else(|| infrastructure(name, text, root)));
    parsed.or(unparsed.then_some("Kubernetes"))
}

pub(super) fn ending(name: &str) -> &str {
    name.bytes().rposition(|byte| byte == b'.').map_or("", |point| &name[point + 1..])
}

/// Whether a name has one of the words that stand in every name by which alone a file is deployed or opened, in any case. Every path of a tree is
/// asked, and nothing is copied for it.
fn may_be_default(name: &str) -> bool {
    let name = name.as_bytes();
    name.iter().enumerate().any(|(at, letter)| {
        let begins = |word: &[u8]| name.get(at..at + word.len()).is_some_and(|part| part.eq_ignore_ascii_case(word));
        // This bit is all by which a capital differs from its letter; a point has it.
        match letter | 0x20 {
            b't' => begins(b"template") || begins(b"threat"),
            b's' => begins(b"serverless"),
            b'd' => begins(b"dfd") || begins(b"data-flow") || begins(b"dataflow"),
            b'.' => begins(b".tc.json"),
            _ => false,
        }
    })
}

/// In lower case. Every path of a tree is asked for its name, and most are so already.
fn lowercase(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) { name.to_ascii_lowercase().into() } else { name.into() }
}

fn names_threats(name: &str) -> bool {
    ["threat", "dfd", "data-flow", "dataflow"].iter().any(|word| name.contains(word))
}

/// A service of the Serverless Framework that is written as a program.
fn is_serverless_program(name: &str) -> bool {
    matches!(name, "serverless.ts" | "serverless.js" | "serverless.config.ts" | "serverless.config.js")
}

/// A template names its version, or has resources of types that a publisher gives, or takes them from a transform or a loop.
/// `Resources` alone is not enough: other tools have such a key.
fn is_cloudformation(root: &Node<'_>) -> bool {
    if root.get("AWSTemplateFormatVersion").is_some() {
        return true;
    }
    if cloudformation::is_inside_of_resources(root) {
        return true;
    }
    let is_made_elsewhere = root.get("Transform").is_some() || root.get("Fn::Transform").is_some();
    let Some(resources) = root.get("Resources") else {
        // A template can leave everything to a macro or an include.
        return is_made_elsewhere && root.entries().iter().all(|entry| SECTIONS.contains(&entry.key));
    };
    is_made_elsewhere
        || resources.entries().iter().any(|entry| {
            let kind = entry.value.get("Type").and_then(|kind| kind.scalar());
            kind.is_some_and(|kind| kind.contains(TYPE_SEPARATOR)) || entry.key.starts_with("Fn::")
        })
}

/// A template may have every key that a service has; under the name of a service, without what only a template has, it is one.
fn is_named_service(name: &str, root: &Node<'_>) -> bool {
    let of_template = root.get("AWSTemplateFormatVersion").is_some();
    name.starts_with("serverless.") && !of_template && root.get("service").is_some() && root.get("provider").is_some()
}

fn threat_model_unit(root: &Node<'_>) -> Option<Claim> {
    const COMPOSER: [&str; 8] =
        ["threats", "mitigations", "assumptions", "applicationInfo", "architecture", "dataflow", "brainstorm", "workspace"];
    if let Some(diagrams) = root.get("detail").filter(|_| root.get("summary").is_some()).and_then(|detail| detail.get("diagrams")) {
        let has = |key: &str| diagrams.items().iter().any(|diagram| diagram.get(key).is_some());
        let is_first = has("diagramJson") || !(has("cells") || has("version") || root.get("version").is_some());
        return Some(if is_first { Claim::NotJudged("Threat Dragon 1") } else { Claim::Unit(Format::ThreatDragon) });
    }
    let is_composer = root.get("schema").is_some() && COMPOSER.iter().any(|key| root.get(key).is_some()) && root.get("detail").is_none();
    is_composer.then_some(Claim::Unit(Format::ThreatComposer))
}

/// A service of the Serverless Framework: by its name, or by what it cannot do without. Other providers' are not judged.
fn service(name: &str, root: &Node<'_>) -> Option<Claim> {
    let has = |key: &str| root.get(key).is_some();
    let named = name.starts_with("serverless.") && (has("service") || has("provider"));
    let deploys = ["functions", "resources", "constructs", "stepFunctions"].into_iter().any(has);
    let provider = provider_name(root);
    let meant = named || (has("service") && deploys && provider == Some("aws"));
    // A provider that stands in a file or a variable may be AWS.
    let is_other = provider.is_some_and(|name| name != "aws" && !name.contains("${"));
    meant.then_some(if is_other { Claim::NotJudged("Serverless Framework") } else { Claim::Unit(Format::Serverless) })
}

/// The name of the provider, or its short form; `None` where it is not written.
fn provider_name<'t>(root: &Node<'t>) -> Option<&'t str> {
    let provider = root.get("provider")?;
    provider.scalar().or_else(|| provider.get("name")?.scalar())
}

fn threat_model(root: &Node<'_>, text: &str) -> Option<&'static str> {
    const TM_BOM: [&str; 6] = ["scope", "trust_zones", "actors", "components", "data_stores", "data_flows"];
    let has = |key: &str| root.get(key).is_some();
    let schema = root.get("$schema").and_then(|schema| schema.scalar()).unwrap_or_default();
    if has("otmVersion") && has("project") {
        Some("Open Threat Model")
    } else if TM_BOM.into_iter().all(has)
        || schema.contains("www-project-threat-model-library/blob/")
        // The draft of TM-BOM was a CycloneDX document.
        || (has("bomFormat") && text.contains("\"threat-model\""))
    {
        Some("TM-BOM")
    } else if has("technical_assets") || has("threagile_version") {
        Some("Threagile")
    } else if has("elements") && has("flows") && has("boundaries") && text.contains("\"__class__\"") {
        Some("pytm")
    } else {
        None
    }
}

fn infrastructure(name: &str, text: &str, root: &Node<'_>) -> Option<&'static str> {
    let has = |key: &str| root.get(key).is_some();
    let schema = root.get("$schema").and_then(|schema| schema.scalar()).unwrap_or_default();
    if name == cdk::APP && has("app") {
        Some(cdk::NAME)
    } else if schema.contains("schema.management.azure.com/schemas/") && schema.contains("deploymentTemplate.json") {
        Some("Azure Resource Manager")
    } else if has("apiVersion") && has("kind") && has("metadata") {
        Some("Kubernetes")
    } else if name.contains("compose") && has("services") {
        Some("Compose")
    } else if has("format_version") && has("terraform_version") {
        Some(TERRAFORM_PLAN)
    } else if has("terraform_version") && has("serial") && has("lineage") {
        Some(TERRAFORM_STATE)
    } else if are_parameters(root) || (matches!(name, "samconfig.yaml" | "samconfig.yml") && text.contains("parameter_overrides")) {
        Some(PARAMETERS)
    } else {
        None
    }
}

/// Whether a file that is called after values is a list of `Name=value`.
fn are_pairs(path: &RepoPath, documents: &[Node<'_>]) -> bool {
    let is_list = |root: &Node<'_>| !root.items().is_empty() && cloudformation::handed::values(root).is_some();
    cloudformation::handed::may_give_values(path) && documents.first().is_some_and(is_list)
}

/// Whether a file gives values to the parameters of a template. A list of texts may be anybody's.
fn are_parameters(root: &Node<'_>) -> bool {
    cloudformation::handed::values(root).is_some() && root.items().iter().all(|item| item.scalar().is_none())
}

#[cfg(test)]
mod tests {
    use super::{is_default_name, may_be_unit};
    use crate::formats::Claim::{NotJudged, Nothing, Unit, Unreadable};
    use crate::formats::Format::{CloudFormation, Serverless, ThreatComposer, ThreatDragon};
    use crate::formats::claim;
    use crate::source::RepoPath;

    #[test]
    fn files_are_known_by_what_stands_in_them() {
        let queue = "Resources:\n  A: {Type: 'AWS::SQS::Queue'}\n";
        for (name, text, expected) in [
            ("template.yaml", "AWSTemplateFormatVersion: '2010-09-09'\nResources: {}\n", Unit(CloudFormation)),
            ("template.yaml", "\u{feff}Resources:\n  A:\n    Type: AWS::SQS::Queue\n", Unit(CloudFormation)),
            ("template.yaml", "Transform: AWS::Serverless-2016-10-31\nResources:\n", Unit(CloudFormation)),
            ("a.template", "{\"Resources\": {\"A\": {\"Type\": \"AWS::SQS::Queue\"}}}", Unit(CloudFormation)),
            ("a.yaml", "{Resources: {A: {Type: 'AWS::SQS::Queue'}}}", Unit(CloudFormation)),
            ("a.yaml", "# {\n{Resources: {A: {Type: 'AWS::SQS::Queue'}}} # it's\n", Unit(CloudFormation)),
            ("a.yaml", "---\n  Resources:\n    A: {Type: 'AWS::SQS::Queue'}\n", Unit(CloudFormation)),
            ("a.yaml", "? Resources\n: A: {Type: 'AWS::SQS::Queue'}\n", Unit(CloudFormation)),
            ("a.yaml", "\"Res\\x6furces\":\n  A: {Type: 'AWS::SQS::Queue'}\n", Unit(CloudFormation)),
            ("a.yaml", "Description: \"a\n  schema: x\n  threats: y\"\nResources: {A: {Type: 'AWS::SQS::Queue'}}\n", Unit(CloudFormation)),
            ("notes.txt", queue, Unit(CloudFormation)),
            ("package-lock.json", "{\"Resources\": {\"A\": {\"Type\": \"AWS::SQS::Queue\"}}}", Unit(CloudFormation)),
            ("stack", queue, Unit(CloudFormation)),
            ("broken.yaml", "\"Res\\x6furces\":\n  A:\n    Type: \"A\\\n      WS::SQS::Queue\"\n    B: [", Unreadable),
            // Readers of YAML 1.1 see what others take for a comment.
            ("notes.txt", "# Notes\u{2028}Resources:\u{2028}  A: {Type: \"A\\x57S::SQS::Queue\"}\n", Unreadable),
            ("notes.txt", "# Notes\u{2028}on provider, service and Resources\n", Nothing),
            // A tab behind a colon is refused by readers of templates alone, a key that stands twice by those of services alone.
            ("a.yaml", "Resources:\n  A:\tx\n  B: {Type: 'AWS::SQS::Queue'}\n", Unreadable),
            ("orders.yml", "service: a\nprovider:\tx\nfunctions: {}\n", Nothing),
            ("orders.yml", "service: a\nprovider:\n  name:\taws\nfunctions: {}\n", Unit(Serverless)),
            ("orders.yml", "service: a\nservice: b\nprovider: aws\nfunctions: {}\n", Unreadable),
            ("serverless.yml", "service: a\nservice: b\nprovider: aws\nfunctions: {}\n", Unreadable),
            ("broken.json", "{\"Resources\": {\"A\": {\"Type\": \"AWS::SQS::Queue\"", Unreadable),
            ("m.json", r#"{"summary": {}, "detail": {"diagrams": [{"cells": []}]}, "version": "2.0"}"#, Unit(ThreatDragon)),
            ("m.json", r#"{"summary": {}, "detail": {"diagrams": [{"diagramJson": {}}]}}"#, NotJudged("Threat Dragon 1")),
            ("m.tc.json", r#"{"schema": 1, "threats": []}"#, Unit(ThreatComposer)),
            ("schema.json", r#"{"$schema": "x", "properties": {"schema": {}, "threats": {}}}"#, Nothing),
            ("main.tf", "resource \"aws_sqs_queue\" \"q\" {}", NotJudged("Terraform")),
            ("main.tf.json", "{\"resource\": {}}", NotJudged("Terraform")),
            ("prod.json", r#"[{"ParameterKey": "Cidr", "ParameterValue": "10.0.0.0/8"}]"#, NotJudged("CloudFormation parameter")),
            ("prod.json", r#"{"Parameters": {"Cidr": "10.0.0.0/8"}, "Tags": {"a": "b"}}"#, NotJudged("CloudFormation parameter")),
            ("prod.json", r#"{"Parameters": {"Cidr": {"Type": "String"}}}"#, Nothing),
            ("prod.json", r#"{"Parameters": {"Cidr": "x"}, "Steps": []}"#, Nothing),
            ("samconfig.toml", "[default.deploy.parameters]\nparameter_overrides = \"A=1\"\n", NotJudged("CloudFormation parameter")),
            ("samconfig.toml", "[default.deploy.parameters]\nregion = \"eu-west-1\"\n", Nothing),
            (
                "prod/terraform.tfstate",
                r#"{"version": 4, "terraform_version": "1.9.5", "serial": 3, "lineage": "a"}"#,
                NotJudged("Terraform state"),
            ),
            ("terraform.tfstate.backup", r#"{"version": 4, "terraform_version": "1.9.5"}"#, NotJudged("Terraform state")),
            ("state.json", r#"{"version": 4, "terraform_version": "1.9.5", "serial": 3, "lineage": "a"}"#, NotJudged("Terraform state")),
            ("plan.json", r#"{"format_version": "1.2", "terraform_version": "1.9.5", "planned_values": {}}"#, NotJudged("Terraform plan")),
            ("lock.json", r#"{"format_version": "1.2", "planned_values": {}}"#, Nothing),
            ("main.tf", "resource \"azurerm_storage_account\" \"q\" {}", NotJudged("Terraform")),
            ("Shop.template.json", "{\"Resources\": {\"Q1A2B3C4D\": {\"Type\": \"AWS::SQS::Queue\"}}}", Unit(CloudFormation)),
            ("manifest.json", "{\"version\": \"48.0.0\", \"artifacts\": {\"Shop\": {\"type\": \"aws:cloudformation:stack\"}}}", Nothing),
            ("tree.json", "{\"version\": \"tree-0.1\", \"tree\": {\"aws:cdk:cloudformation:type\": \"AWS::SQS::Queue\"}}", Nothing),
            ("Shop.assets.json", "{\"version\": \"48.0.0\", \"files\": {}, \"dockerImages\": {}}", Nothing),
            (
                "serverless.yml",
                "service: a\nprovider:\n  name: aws\nresources:\n  Resources:\n    A: {Type: 'AWS::SQS::Queue'}\n",
                Unit(Serverless),
            ),
            ("serverless.yml", "service: a\nprovider: aws # here\n", Unit(Serverless)),
            ("serverless.yml", "service: a\nprovider: ${file(provider.yml)}\n", Unit(Serverless)),
            ("serverless.yml", "service: a\nprovider:\n  HOSTname: x\n  tags: {name: google}\n  name: aws\n", Unit(Serverless)),
            ("serverless.json", r#"{"service": "a", "provider": {"name": "aws"}}"#, Unit(Serverless)),
            ("orders.yml", "service: a\nprovider:\n  runtime: x\n  name: 'aws'\nfunctions: {}\n", Unit(Serverless)),
            ("orders.yml", "service: a\nprovider:\n  name: x\nfunctions: {}\n", Nothing),
            ("serverless.yml", "service: a\nprovider:\n  name: google\n", NotJudged("Serverless Framework")),
            ("serverless.yml", "# \"provider\": google\nservice: a\nprovider:\n  # name: google\n  name: aws\n", Unit(Serverless)),
            (
                "serverless.template.yaml",
                "Description: \"a\n  service: x\n  provider: google\"\nResources: {A: {Type: 'AWS::SQS::Queue'}}\n",
                Unit(CloudFormation),
            ),
            // Part of a service, and judged there where one of the change takes it in. A variable proves nothing: anybody can write one
            // into a comment.
            (
                "tables.yml",
                "Resources:\n  A:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: '${self:custom.q}'}\n",
                Unit(CloudFormation),
            ),
            (
                "template.yaml",
                "# www-project-threat-model-library/blob/\nResources:\n  A: {Type: 'AWS::SQS::Queue'}\n",
                Unit(CloudFormation),
            ),
            ("serverless_rule.yaml", queue, Unit(CloudFormation)),
            // The resources alone, which a build step puts into the section.
            ("queue.yml", "Q:\n  Type: AWS::SQS::Queue\n  Properties: {QueueName: a}\n", Unit(CloudFormation)),
            ("queue.json", r#"{"Q": {"Type": "AWS::SQS::Queue"}, "C": {"Type": "Custom::A", "DependsOn": "Q"}}"#, Unit(CloudFormation)),
            ("queue.yml", "Q:\n  Type: AWS::SQS::Queue\n  Details: {QueueName: a}\n", Nothing),
            ("queue.yml", "Q: {Type: 'AWS::SQS::Queue'}\nname: a\n", Nothing),
            ("events.yml", "Get:\n  Type: Api\n  Properties: {Path: /, Method: get}\n", Nothing),
            ("other.yml", "A:\n  Type: Acme::Shop::Queue\n  Properties: {}\n", Nothing),
            ("cdk.json", "{\"app\": \"npx ts-node bin/a.ts\"}", NotJudged("AWS CDK")),
            ("threagile.yaml", "threagile_version: 1.0.0\ntechnical_assets:\n", NotJudged("Threagile")),
            ("model.otm", "{\"otmVersion\": \"0.2.0\"}", NotJudged("Open Threat Model")),
            ("shop.hcl", "threatmodel \"Shop\" {\n}", NotJudged("threatcl")),
            ("prod.tfvars", "cidr = \"0.0.0.0/0\"\n", NotJudged("Terraform values")),
            ("prod.tfvars.json", "{\"cidr\": \"0.0.0.0/0\"}", NotJudged("Terraform values")),
            ("terragrunt.hcl", "inputs = {}\n", NotJudged("Terragrunt")),
            ("a.tm.hcl", "globals {}\n", NotJudged("Terramate")),
            ("a.tfstack.hcl", "component \"a\" {}\n", NotJudged("Terraform Stacks")),
            ("packer.hcl", "source \"amazon-ebs\" \"a\" {}", Nothing),
            ("tm.py", "from pytm import TM\ntm = TM('x')\n", NotJudged("pytm")),
            ("tm.py", "print('TM(')\n", Nothing),
            ("deploy.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n", NotJudged("Kubernetes")),
            ("docker-compose.yml", "services:\n  a:\n    image: b\n", NotJudged("Compose")),
            ("dfd.drawio", "<mxfile>", NotJudged("draw.io")),
            ("architecture.drawio", "<mxfile>", Nothing),
            ("samconfig.yaml", "version: 0.1\ndefault:\n  deploy:\n    parameters:\n      capabilities: CAPABILITY_IAM\n", Nothing),
            ("buildspec.yml", "version: 0.2\nphases:\n  build:\n    commands: ['aws cloudformation package']\n", Nothing),
            ("event.json", r#"{"Records": [{"eventSource": "aws:sqs", "body": "AWS::SQS::Queue Resources"}]}"#, Nothing),
            ("event.json", r#"{"detail": {"Resources": {"Type": "AWS::SQS::Queue"}}}"#, Nothing),
            ("api.yaml", "openapi: 3.0.1\npaths:\n  /:\n    get:\n      uri: {Fn::Sub: '${AWS::Region}'}\n", Nothing),
            ("flow.asl.json", r#"{"StartAt": "A", "States": {"A": {"Resource": "arn:aws:states:::sqs:sendMessage"}}}"#, Nothing),
            ("package-lock.json", "{\"Resources\": \"AWS::\"}", Nothing),
            ("README.md", "# AWS::SQS::Queue\n\n```yaml\nResources:\n  A: [\n```\n", Nothing),
            ("empty.yaml", "", Nothing),
        ] {
            assert_eq!(claim(&RepoPath::new(&format!("a/{name}")), text), expected, "{name}: {text}");
        }
    }

    #[test]
    fn names_say_what_is_worth_a_look() {
        for (name, expected) in [
            ("infra/template.yaml", true),
            ("a.template", true),
            ("ThreatDragonModels/a/a.json", true),
            ("main.tf", true),
            ("threat_model.py", true),
            ("src/handler.py", false),
            ("pom.xml", false),
            ("README.md", false),
            ("Makefile", false),
        ] {
            assert_eq!(may_be_unit(&RepoPath::new(name)), expected, "{name}");
        }
    }

    #[test]
    fn names_that_tools_deploy_by_default() {
        for (name, expected) in [
            ("template.yaml", true),
            ("Template.YML", true),
            ("template.yaml.j2", true),
            ("shop.template", true),
            ("Shop.template.json", true),
            ("serverless.yml", true),
            ("threatmodel.json", true),
            ("serverless.ts", false),
            ("templates.yaml", false),
            ("shop.yaml", false),
            ("package.json", false),
        ] {
            assert_eq!(is_default_name(&RepoPath::new(name)), expected, "{name}");
        }
    }
}
