//! Which format a file is of.
//!
//! Comes in: a path and a text. Goes out: a claim, by the words that the format cannot do without. Never parses: a file that is broken
//! in its syntax is claimed all the same, so that it is shown as unreadable instead of passing as nothing of ours.

use crate::formats::{Claim, Format};
use crate::source::RepoPath;

/// What files of our formats are called.
const EXTENSIONS: [&str; 15] =
    ["yaml", "yml", "json", "template", "cfn", "tf", "tofu", "hcl", "thf", "tm7", "otm", "drawio", "bicep", "py", "xml"];

pub(super) fn may_be_unit(path: &RepoPath) -> bool {
    let name = path.file_name().to_ascii_lowercase();
    let Some((_, extension)) = name.rsplit_once('.') else { return false };
    EXTENSIONS.contains(&extension) && !is_lock_or_tool(&name)
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
        "json" | "yaml" | "yml" | "template" | "cfn" => structured(&name, text),
        _ => Claim::Nothing,
    }
}

fn is_diagram_of_threats(name: &str, text: &str) -> bool {
    let named = ["threat", "dfd", "data-flow", "dataflow"].iter().any(|word| name.contains(word));
    named && (has(text, "<mxfile") || has(text, "<mxGraphModel"))
}

fn structured(name: &str, text: &str) -> Claim {
    let keys = Keys::of(text);
    if let Some(claim) = threat_model(&keys, text) {
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
    } else if TM_BOM.iter().all(|key| keys.has(key)) || has(text, "www-project-threat-model-library/blob/") {
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

/// `Resources` is not enough: other tools have such a key. A template names a type of a provider, a transform or its version.
fn is_cloudformation(keys: &Keys<'_>, text: &str) -> bool {
    let types = ["AWS::", "Custom::", "Alexa::"].iter().any(|prefix| has(text, prefix));
    keys.has("AWSTemplateFormatVersion") || (keys.has("Resources") && (types || keys.has("Transform")))
}

fn infrastructure(name: &str, keys: &Keys<'_>, text: &str) -> Option<&'static str> {
    if name == "cdk.json" && keys.has("app") {
        return Some("AWS CDK");
    }
    if name.starts_with("serverless.") && keys.has("service") && keys.has("provider") {
        return Some("Serverless Framework");
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
struct Keys<'t>(BTreeKeys<'t>);

type BTreeKeys<'t> = std::collections::BTreeSet<&'t str>;

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
fn braced(text: &str) -> BTreeKeys<'_> {
    let bytes = text.as_bytes();
    let (mut keys, mut depth, mut at) = (BTreeKeys::new(), 0_usize, 0);
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
