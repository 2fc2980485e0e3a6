//! Which format a file is of.
//!
//! Comes in: a path and a text. Goes out: a claim, by the words that the format cannot do without. Never parses: a file that is broken
//! in its syntax is claimed all the same, so that it is shown as unreadable instead of passing as nothing of ours.

use crate::formats::{Claim, Format, cdk};
use crate::source::RepoPath;
use std::collections::BTreeSet;

/// What files of our formats are called.
const EXTENSIONS: [&str; 12] = ["yaml", "yml", "json", "template", "cfn", "tf", "tofu", "hcl", "thf", "tm7", "otm", "bicep"];

pub(super) fn may_be_unit(path: &RepoPath) -> bool {
    let name = path.file_name().to_ascii_lowercase();
    let Some((_, extension)) = name.rsplit_once('.') else { return false };
    match extension {
        // Of languages that are about everything only what calls itself a threat model.
        "ts" | "js" => is_serverless_program(&name),
        "py" => names_threats(&name) || name.starts_with("tm") || name.contains("pytm"),
        "xml" | "drawio" => names_threats(&name),
        _ => EXTENSIONS.contains(&extension) && !is_lock_or_tool(&name),
    }
}

fn names_threats(name: &str) -> bool {
    ["threat", "dfd", "data-flow", "dataflow"].iter().any(|word| name.contains(word))
}

/// A service of the Serverless Framework that is written as a program.
fn is_serverless_program(name: &str) -> bool {
    matches!(name, "serverless.ts" | "serverless.js" | "serverless.config.ts" | "serverless.config.js")
}

/// Files that are known by name to be something else, and often large.
fn is_lock_or_tool(name: &str) -> bool {
    matches!(name, "package.json" | "package-lock.json" | "tsconfig.json" | "pnpm-lock.yaml" | "composer.lock" | "cdk.context.json")
}

pub(super) fn claim(path: &RepoPath, text: &str) -> Claim {
    let name = path.file_name().to_ascii_lowercase();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    if is_lock_or_tool(&name) {
        return Claim::Nothing;
    }
    match extension {
        "tf" | "tofu" => Claim::NotJudged(if has(text, "azurerm_") { "Terraform (azurerm)" } else { "Terraform" }),
        "hcl" if has(text, "threatmodel ") => Claim::NotJudged("threatcl"),
        "bicep" => Claim::NotJudged("Bicep"),
        "tm7" => Claim::NotJudged("Microsoft Threat Modeling Tool"),
        "thf" => Claim::NotJudged("ThreatForge"),
        "otm" => Claim::NotJudged("Open Threat Model"),
        "py" if (has(text, "from pytm import") || has(text, "import pytm")) && has(text, "TM(") => Claim::NotJudged("pytm"),
        "drawio" | "xml" if is_diagram_of_threats(&name, text) => Claim::NotJudged("draw.io"),
        "ts" | "js" if is_serverless_program(&name) => Claim::NotJudged("Serverless Framework"),
        "json" | "yaml" | "yml" | "template" | "cfn" => structured(&name, text),
        _ => Claim::Nothing,
    }
}

fn is_diagram_of_threats(name: &str, text: &str) -> bool {
    names_threats(name) && (has(text, "<mxfile") || has(text, "<mxGraphModel"))
}

fn structured(name: &str, text: &str) -> Claim {
    let keys = Keys::of(text);
    match threat_model(&keys, text) {
        // Nothing that stands in a template makes it a model that is not judged.
        Some(Claim::NotJudged(_)) if is_cloudformation(&keys, text) => return Claim::Unit(Format::CloudFormation),
        Some(claim) => return claim,
        None => {}
    }
    if let Some(claim) = serverless(name, &keys, text) {
        return claim;
    }
    if is_cloudformation(&keys, text) {
        return Claim::Unit(Format::CloudFormation);
    }
    infrastructure(name, &keys, text).map_or(Claim::Nothing, Claim::NotJudged)
}

fn threat_model(keys: &Keys<'_>, text: &str) -> Option<Claim> {
    const COMPOSER: [&str; 8] =
        ["threats", "mitigations", "assumptions", "applicationInfo", "architecture", "dataflow", "brainstorm", "workspace"];
    const TM_BOM: [&str; 6] = ["scope", "trust_zones", "actors", "components", "data_stores", "data_flows"];
    if keys.has("summary") && keys.has("detail") && has(text, "\"diagrams\"") {
        let first = has(text, "\"diagramJson\"") || !(has(text, "\"cells\"") || has(text, "\"version\""));
        return Some(if first { Claim::NotJudged("Threat Dragon 1") } else { Claim::Unit(Format::ThreatDragon) });
    }
    if keys.has("schema") && COMPOSER.iter().any(|key| keys.has(key)) && !keys.has("detail") {
        return Some(Claim::Unit(Format::ThreatComposer));
    }
    let name = if keys.has("otmVersion") && keys.has("project") {
        "Open Threat Model"
    } else if TM_BOM.iter().all(|key| keys.has(key)) || has(text, "www-project-threat-model-library/blob/") || is_draft(keys, text) {
        "TM-BOM"
    } else if keys.has("technical_assets") || keys.has("threagile_version") {
        "Threagile"
    } else if keys.has("elements") && keys.has("flows") && keys.has("boundaries") && has(text, "\"__class__\"") {
        "pytm"
    } else {
        return None;
    };
    Some(Claim::NotJudged(name))
}

/// The draft of TM-BOM that was a CycloneDX document.
fn is_draft(keys: &Keys<'_>, text: &str) -> bool {
    keys.has("bomFormat") && has(text, "\"threat-model\"")
}

/// `Resources` is not enough: other tools have such a key. A template names a type of a provider, a transform or its version.
fn is_cloudformation(keys: &Keys<'_>, text: &str) -> bool {
    let types = ["AWS::", "Custom::", "Alexa::"].iter().any(|prefix| has(text, prefix));
    keys.has("AWSTemplateFormatVersion") || (keys.has("Resources") && (types || keys.has("Transform")))
}

/// A service of the Serverless Framework: by its name, or by what it cannot do without. Other providers' are not judged.
fn serverless(name: &str, keys: &Keys<'_>, text: &str) -> Option<Claim> {
    let named = name.starts_with("serverless.") && (keys.has("service") || keys.has("provider"));
    let deploys = keys.has("functions") || keys.has("resources") || keys.has("constructs") || keys.has("stepFunctions");
    let meant = named || (keys.has("service") && keys.has("provider") && deploys && names_aws(text));
    if !meant {
        return None;
    }
    Some(if names_other_provider(text) { Claim::NotJudged("Serverless Framework") } else { Claim::Unit(Format::Serverless) })
}

fn names_aws(text: &str) -> bool {
    provider_name(text).is_some_and(|name| name == "aws")
}

/// Whether the provider is surely another: one that stands in a file may be AWS.
fn names_other_provider(text: &str) -> bool {
    provider_name(text).is_some_and(|name| name != "aws" && !name.contains("${"))
}

/// The name of the provider: the first that stands under the key `provider`, or its short form. What stands in a comment names nothing.
fn provider_name(text: &str) -> Option<&str> {
    let is_key = |at: &usize| is_top_key(text, *at) && !is_comment(text, *at);
    let start = text.match_indices("provider").map(|(at, _)| at).find(is_key)? + "provider".len();
    let section = value_after(&text[start..])?;
    let short = scalar(section);
    if !short.is_empty() && !short.starts_with('{') {
        return Some(short);
    }
    let names = text[start..].match_indices("name").map(|(at, _)| start + at).filter(|at| !is_comment(text, *at));
    names.filter_map(|at| value_after(&text[at + "name".len()..])).map(scalar).next()
}

/// Whether what stands there may be a key of the document itself: in JSON behind a brace or a comma, in YAML at the start of a line.
fn is_top_key(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches(['"', '\'']);
    let starts = |text: &str| text.is_empty() || text.ends_with(['\n', '\u{feff}']);
    starts(before) || (text.trim_start().starts_with('{') && before.trim_end().ends_with(['{', ',']))
}

fn is_comment(text: &str, at: usize) -> bool {
    let line = text[..at].rsplit('\n').next().unwrap_or_default();
    line.contains('#') && !text.trim_start().starts_with('{')
}

/// What stands behind the colon of a key, quoted or not.
fn value_after(rest: &str) -> Option<&str> {
    rest.trim_start_matches(['"', '\'']).trim_start_matches(' ').strip_prefix(':')
}

/// A scalar on one line, without quotes and comment.
fn scalar(value: &str) -> &str {
    let end = value.find(['\n', ',', '#', '}']).unwrap_or(value.len());
    value[..end].trim().trim_matches(['"', '\''])
}

fn infrastructure(name: &str, keys: &Keys<'_>, text: &str) -> Option<&'static str> {
    if name.ends_with(".tf.json") || name.ends_with(".tofu.json") {
        return Some("Terraform");
    }
    if name == cdk::APP && keys.has("app") {
        return Some(cdk::NAME);
    }
    if has(text, "schema.management.azure.com/schemas/") && has(text, "deploymentTemplate.json") {
        return Some("Azure Resource Manager");
    }
    if keys.has("apiVersion") && keys.has("kind") && keys.has("metadata") {
        return Some("Kubernetes");
    }
    let compose = name.contains("compose") && keys.has("services");
    compose.then_some("Compose")
}

fn has(text: &str, word: &str) -> bool {
    text.contains(word)
}

/// The keys of the outermost mapping, found without parsing: in YAML what stands in the first column before a colon, in JSON what stands
/// in quotes one brace deep.
struct Keys<'t>(BTreeSet<&'t str>);

impl<'t> Keys<'t> {
    fn of(text: &'t str) -> Self {
        let text = text.trim_start_matches('\u{feff}').trim_start();
        Self(if text.starts_with('{') { braced(text) } else { text.lines().filter_map(unindented).collect() })
    }

    fn has(&self, key: &str) -> bool {
        self.0.contains(key)
    }
}

fn unindented(line: &str) -> Option<&str> {
    if !line.starts_with(|first: char| first.is_ascii_alphanumeric() || matches!(first, '"' | '\'' | '$')) {
        return None;
    }
    let (key, _) = line.split_once(':')?;
    Some(key.trim().trim_matches(['"', '\'']))
}

/// Keys one brace deep, in JSON and in YAML's flow form.
fn braced(text: &str) -> BTreeSet<&str> {
    let bytes = text.as_bytes();
    let (mut keys, mut depth, mut at) = (BTreeSet::new(), 0_usize, 0);
    let mut last_word = (0, 0);
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'"' | b'\'') => {
                let start = at + 1;
                at = end_of_quoted(bytes, start, quote);
                last_word = (start, at);
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b':' if depth == 1 => {
                keys.extend(text.get(last_word.0..last_word.1));
            }
            byte if depth == 1 && byte.is_ascii_alphanumeric() => {
                let start = at;
                while bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric) {
                    at += 1;
                }
                last_word = (start, at + 1);
            }
            _ => {}
        }
        at += 1;
    }
    keys
}

/// Where the closing quote stands, or the end of the text.
fn end_of_quoted(bytes: &[u8], start: usize, quote: u8) -> usize {
    let mut at = start;
    while at < bytes.len() && bytes[at] != quote {
        at += if bytes[at] == b'\\' && quote == b'"' { 2 } else { 1 };
    }
    at.min(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::{claim, may_be_unit};
    use crate::formats::Claim::{NotJudged, Nothing, Unit};
    use crate::formats::Format::{CloudFormation, Serverless, ThreatComposer, ThreatDragon};
    use crate::source::RepoPath;

    #[test]
    fn files_are_known_by_what_stands_in_them() {
        for (name, text, expected) in [
            ("template.yaml", "AWSTemplateFormatVersion: '2010-09-09'\nResources: {}\n", Unit(CloudFormation)),
            ("template.yaml", "\u{feff}Resources:\n  A:\n    Type: AWS::SQS::Queue\n", Unit(CloudFormation)),
            ("template.yaml", "Transform: AWS::Serverless-2016-10-31\nResources:\n", Unit(CloudFormation)),
            ("a.template", "{\"Resources\": {\"A\": {\"Type\": \"AWS::SQS::Queue\"}}}", Unit(CloudFormation)),
            ("a.yaml", "{Resources: {A: {Type: 'AWS::SQS::Queue'}}}", Unit(CloudFormation)),
            ("broken.json", "{\"Resources\": {\"A\": {\"Type\": \"AWS::SQS::Queue\"", Unit(CloudFormation)),
            ("m.json", r#"{"summary": {}, "detail": {"diagrams": [{"cells": []}]}, "version": "2.0"}"#, Unit(ThreatDragon)),
            ("m.json", r#"{"summary": {}, "detail": {"diagrams": [{"diagramJson": {}}]}}"#, NotJudged("Threat Dragon 1")),
            ("m.tc.json", r#"{"schema": 1, "threats": []}"#, Unit(ThreatComposer)),
            ("schema.json", r#"{"$schema": "x", "properties": {"schema": {}, "threats": {}}}"#, Nothing),
            ("main.tf", "resource \"aws_sqs_queue\" \"q\" {}", NotJudged("Terraform")),
            ("main.tf.json", "{\"resource\": {}}", NotJudged("Terraform")),
            ("main.tf", "resource \"azurerm_storage_account\" \"q\" {}", NotJudged("Terraform (azurerm)")),
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
            ("serverless.json", r#"{"service": "a", "provider": {"name": "aws"}}"#, Unit(Serverless)),
            ("orders.yml", "service: a\nprovider:\n  runtime: x\n  name: 'aws'\nfunctions:\n", Unit(Serverless)),
            ("orders.yml", "service: a\nprovider:\n  name: x\nfunctions:\n", Nothing),
            ("serverless.yml", "service: a\nprovider:\n  name: google\n", NotJudged("Serverless Framework")),
            ("serverless.yml", "# \"provider\": google\nservice: a\nprovider:\n  # name: google\n  name: aws\n", Unit(Serverless)),
            // Part of a service, and judged there where one of the change takes it in. A variable proves nothing: anybody can write one into a
            // comment.
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
            ("serverless_rule.yaml", "Resources:\n  A: {Type: 'AWS::SQS::Queue'}\n", Unit(CloudFormation)),
            ("cdk.json", "{\"app\": \"npx ts-node bin/a.ts\"}", NotJudged("AWS CDK")),
            ("threagile.yaml", "threagile_version: 1.0.0\ntechnical_assets:\n", NotJudged("Threagile")),
            ("model.otm", "{\"otmVersion\": \"0.2.0\"}", NotJudged("Open Threat Model")),
            ("shop.hcl", "threatmodel \"Shop\" {\n}", NotJudged("threatcl")),
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
            ("package-lock.json", false),
            ("README.md", false),
            ("Makefile", false),
        ] {
            assert_eq!(may_be_unit(&RepoPath::new(name)), expected, "{name}");
        }
    }
}
