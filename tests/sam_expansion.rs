//! Our expansion of SAM templates against what AWS's own translator makes of the same files.
//!
//! The corpus is read where it lies; nothing of it is copied here. What is compared: how often each resource type stands, and who may call,
//! feed or start whom. Routes and authorizers are left out, as the translator writes them into OpenAPI bodies and we do not.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test that fails says why, and this one prints what differs")]

use astride::formats::cloudformation;
use astride::formats::sam;
use astride::model::resource::{Property, Resource, Value};
use astride::source::{MemoryFiles, RepoPath, Sources};
use astride::syntax;
use bumpalo::Bump;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Templates of the corpus of which every compared fact was equal when this was last committed.
const EQUAL_TEMPLATES: usize = 389;
/// The same for the translator's own test inputs.
const EQUAL_INPUTS: usize = 427;

/// Why an expansion differs, for those that are meant to.
const REASONS: &[(&str, &str)] = &[
    ("api_with_security_definition_and_none_components", "the published output has the parts of its intrinsics in the wrong order"),
    ("function_with_event_dest", "names no transform, so that the reader knows no Fn.DestinationTopic"),
    ("function_with_function_url_config_with_intrinsics", "AuthType is a parameter that defaults to NONE: the translator does not look, we do"),
    ("http_api_custom_iam_auth", "the published output has the parts of its intrinsics in the wrong order"),
    ("http_api_local_iam_auth_enabled", "the published output has the parts of its intrinsics in the wrong order"),
    ("implicit_api_with_serverless_rest_api_resource", "a function bears the implicit API's name: the translator loses the function, we keep it"),
    ("resource_with_invalid_type", "a resource has a type that is no text"),
    ("unsupported_resources", "a resource has no type"),
];

/// Facts of an expansion, with how often they hold.
type Facts = BTreeMap<String, usize>;

#[test]
fn templates_of_the_corpus_expand_as_the_translator_expands_them() {
    let Some(corpora) = corpora() else { return };
    let outcome = compare(&pairs_of_the_corpus(&corpora), Expand::WhereNamed);
    println!("{outcome}");
    assert!(outcome.equal_templates >= EQUAL_TEMPLATES, "{} templates are equal, were {EQUAL_TEMPLATES}", outcome.equal_templates);
}

/// Those inputs name no transform.
#[test]
fn inputs_of_the_translators_own_tests_expand_as_it_expands_them() {
    let Some(corpora) = corpora() else { return };
    let outcome = compare(&pairs_of_the_translator(&corpora), Expand::Always);
    println!("{outcome}");
    assert!(outcome.equal_templates >= EQUAL_INPUTS, "{} inputs are equal, were {EQUAL_INPUTS}", outcome.equal_templates);
}

fn corpora() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = env::var_os("ASTRIDE_SHARED").map_or(beside, PathBuf::from);
    let corpora = shared.join("corpora");
    if !corpora.join("expanded/sam").is_dir() {
        println!("skipped: shared/corpora is not here");
        return None;
    }
    Some(corpora)
}

/// A template and what the translator made of it.
struct Pair {
    repository: PathBuf,
    path: String,
    expanded: PathBuf,
}

/// `<repository without owner>__<path with __ for slashes>.json` names the file of that repository.
fn pairs_of_the_corpus(corpora: &Path) -> Vec<Pair> {
    let mut flat = BTreeMap::new();
    for repository in listed(&corpora.join("files")) {
        let name = file_name(&repository);
        let own = name.split_once('+').map_or(name.as_str(), |(_, own)| own).to_owned();
        let mut paths = Vec::new();
        paths_under(&repository, &repository, &mut paths);
        for path in paths {
            flat.insert(format!("{own}__{}.json", path.replace('/', "__")), (repository.clone(), path));
        }
    }
    let pair = |expanded: PathBuf| {
        let (repository, path) = flat.get(&file_name(&expanded)).expect("every expansion is of a file of the corpus").clone();
        Pair { repository, path, expanded }
    };
    listed(&corpora.join("expanded/sam")).into_iter().map(pair).collect()
}

fn pairs_of_the_translator(corpora: &Path) -> Vec<Pair> {
    let repository = corpora.join("files/aws+serverless-application-model");
    let inputs = listed(&repository.join("tests/translator/input"));
    let pairs = inputs.iter().filter_map(|input| {
        let expanded = repository.join("tests/translator/output").join(format!("{}.json", input.file_stem()?.to_string_lossy()));
        let path = format!("tests/translator/input/{}", file_name(input));
        (expanded.is_file() && input.extension()? == "yaml").then(|| Pair { repository: repository.clone(), path, expanded })
    });
    pairs.collect()
}

fn file_name(path: &Path) -> String {
    path.file_name().expect("a listed path has a name").to_string_lossy().into_owned()
}

fn listed(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn paths_under(root: &Path, folder: &Path, paths: &mut Vec<String>) {
    for path in listed(folder) {
        if path.is_dir() {
            paths_under(root, &path, paths);
        } else {
            paths.push(path.strip_prefix(root).unwrap().to_string_lossy().into_owned());
        }
    }
}

#[derive(Clone, Copy)]
enum Expand {
    WhereNamed,
    Always,
}

#[derive(Default)]
struct Outcome {
    templates: usize,
    equal_templates: usize,
    facts: usize,
    equal_facts: usize,
    differences: String,
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { templates, equal_templates, facts, equal_facts, differences } = self;
        write!(f, "{differences}{equal_templates} of {templates} templates equal, {equal_facts} of {facts} facts")
    }
}

fn compare(pairs: &[Pair], expand: Expand) -> Outcome {
    let mut outcome = Outcome::default();
    for pair in pairs {
        let translated: Json = serde_json::from_str(&fs::read_to_string(&pair.expanded).unwrap()).unwrap();
        let (theirs, conditional) = facts_of_translator(&translated);
        let ours = facts_of_ours(pair, expand);
        let mut lines = String::new();
        for fact in theirs.keys().chain(ours.keys()).collect::<BTreeSet<_>>() {
            let count = |facts: &Facts| facts.get(fact).copied().unwrap_or(0);
            let (their, our) = (count(&theirs), count(&ours));
            let left_out = our < their && our + count(&conditional) >= their;
            let all = their.max(our);
            let equal = if left_out { all } else { their.min(our) };
            outcome.facts += all;
            outcome.equal_facts += equal;
            if equal != all {
                writeln!(lines, "    {fact}: translator {their}, ours {our}").unwrap();
            }
        }
        outcome.templates += 1;
        outcome.equal_templates += usize::from(lines.is_empty());
        if !lines.is_empty() {
            let name = file_name(&pair.expanded);
            let reason = REASONS.iter().find(|(known, _)| name.strip_suffix(".json") == Some(known)).map_or("unexplained", |(_, why)| why);
            writeln!(outcome.differences, "{name}: {reason}\n{lines}").unwrap();
        }
    }
    outcome
}

/// The files of the template's folder and of those above and below it, as far as templates name them.
fn files_around(pair: &Pair) -> MemoryFiles {
    let folder = pair.repository.join(&pair.path).parent().unwrap().to_owned();
    let mut paths = vec![pair.path.clone()];
    if !pair.path.contains("tests/translator/") {
        paths_under(&pair.repository, &folder, &mut paths);
    }
    let texts = paths.iter().filter_map(|path| Some((RepoPath::new(path), fs::read_to_string(pair.repository.join(path)).ok()?)));
    MemoryFiles(texts.collect())
}

fn facts_of_ours(pair: &Pair, expand: Expand) -> Facts {
    let files = files_around(pair);
    let arena = Bump::new();
    let sources = Sources::new(&files);
    let path = RepoPath::new(&pair.path);
    let (file, text) = sources.open(&path, None).unwrap();
    let Ok(documents) = syntax::parse(text, file, &arena, &mut |_, _, _| {}) else { return Facts::new() };
    let templates = cloudformation::read(&documents, &path, &sources, &arena);
    let template = &templates[0];
    let resources = match expand {
        Expand::WhereNamed => sam::expand(template, &sources, &arena).list,
        Expand::Always => sam::expand_all(&template.resources.list, template.scope, template.globals, &sources, &arena),
    };
    let mut facts = Facts::new();
    resources.iter().filter(|resource| !is_of_body(resource, &resources)).for_each(|resource| add_ours(&mut facts, resource));
    facts
}

/// Routes and authorizers that the translator writes into the API's body. Those of a WebSocket API are resources with it too.
fn is_of_body(resource: &Resource<'_>, resources: &[Resource<'_>]) -> bool {
    let kinds = [
        "AWS::ApiGateway::Method",
        "AWS::ApiGateway::Authorizer",
        "AWS::ApiGatewayV2::Route",
        "AWS::ApiGatewayV2::Integration",
        "AWS::ApiGatewayV2::Authorizer",
    ];
    let is_socket = |parent: &str| resources.iter().any(|other| other.address == parent && other.declared.ends_with("::WebSocketApi"));
    kinds.contains(&resource.kind) && resource.implied_by.is_some_and(|parent| !is_socket(parent))
}

fn add_ours(facts: &mut Facts, resource: &Resource<'_>) {
    let properties = &resource.properties;
    let references = |path: &str| properties.at(path).map(our_references).unwrap_or_default();
    let literal = |path: &str| properties.at(path).and_then(Property::literal).map(str::to_owned);
    let targets = properties.get("Targets").map_or(&[][..], Property::items);
    let targets: Vec<_> = targets.iter().map(|target| target.get("Arn").map(our_references).unwrap_or_default()).collect();
    add_facts(facts, resource.kind, references, literal, &targets);
}

fn our_references(property: &Property<'_>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    collect_ours(property, &mut found);
    found
}

fn collect_ours(property: &Property<'_>, found: &mut BTreeSet<String>) {
    match property.value {
        Value::Reference(reference) => {
            found.insert(reference.address.to_owned());
        }
        Value::List(items) | Value::Joined(items) | Value::Either(items) => items.iter().for_each(|item| collect_ours(item, found)),
        Value::Map(entries) => entries.iter().for_each(|entry| collect_ours(&entry.value, found)),
        _ => {}
    }
}

fn add_facts(
    facts: &mut Facts,
    kind: &str,
    references: impl Fn(&str) -> BTreeSet<String>,
    literal: impl Fn(&str) -> Option<String>,
    targets: &[BTreeSet<String>],
) {
    let mut add = |fact: String| *facts.entry(fact).or_default() += 1;
    add(format!("type {kind}"));
    let joined = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(" ");
    let of = |path: &str| joined(&references(path));
    let word = |path: &str| literal(path).unwrap_or_default();
    match kind {
        "AWS::Lambda::Permission" => {
            add(format!("permission on [{}] for {} from [{}]", of("FunctionName"), word("Principal"), of("SourceArn")));
        }
        "AWS::Lambda::EventSourceMapping" => add(format!("mapping from [{}] to [{}]", of("EventSourceArn"), of("FunctionName"))),
        "AWS::SNS::Subscription" => add(format!("subscription {} of [{}] to [{}]", word("Protocol"), of("TopicArn"), of("Endpoint"))),
        "AWS::Scheduler::Schedule" => add(format!("schedule of [{}] as [{}]", of("Target.Arn"), of("Target.RoleArn"))),
        "AWS::Events::Rule" => targets.iter().for_each(|target| add(format!("rule target [{}]", joined(target)))),
        "AWS::Lambda::Function" => add(format!("function as [{}]", of("Role"))),
        "AWS::StepFunctions::StateMachine" => add(format!("state machine as [{}]", of("RoleArn"))),
        "AWS::Lambda::EventInvokeConfig" => add(format!("invocations of [{}] go to [{}]", of("FunctionName"), of("DestinationConfig"))),
        "AWS::S3::Bucket" => add(format!("bucket notifies [{}]", of("NotificationConfiguration"))),
        "AWS::Cognito::UserPool" => add(format!("pool calls [{}]", of("LambdaConfig"))),
        "AWS::Logs::SubscriptionFilter" => add(format!("log group [{}] goes to [{}]", of("LogGroupName"), of("DestinationArn"))),
        "AWS::IAM::Role" => add(format!("role reaches [{}] and is [{}]", of("Policies"), of("ManagedPolicyArns"))),
        "AWS::IAM::ManagedPolicy" => add(format!("policy of [{}] reaches [{}]", of("Roles"), of("PolicyDocument"))),
        _ => {}
    }
}

/// The facts, and those of them that a condition may leave out: the reader decides conditions, the translator does not.
fn facts_of_translator(template: &Json) -> (Facts, Facts) {
    let none = serde_json::Map::new();
    let resources = template["Resources"].as_object().unwrap_or(&none);
    let names = Names::of(resources);
    let (mut facts, mut conditional) = (Facts::new(), Facts::new());
    for resource in resources.values() {
        let properties = &resource["Properties"];
        let at = |path: &str| path.split('.').fold(properties, |value, key| &value[key]);
        let references = |path: &str| names.references(at(path));
        let literal = |path: &str| at(path).as_str().map(str::to_owned);
        let targets: Vec<_> = properties["Targets"]
            .as_array()
            .map(|targets| targets.iter().map(|target| names.references(&target["Arn"])).collect())
            .unwrap_or_default();
        let kind = resource["Type"].as_str().unwrap_or_default();
        add_facts(&mut facts, kind, references, literal, &targets);
        if resource.get("Condition").is_some() {
            add_facts(&mut conditional, kind, references, literal, &targets);
        }
    }
    (facts, conditional)
}

/// How the translator's logical ids read without hashes, and aliases as their functions.
struct Names(BTreeMap<String, String>);

impl Names {
    fn of(resources: &serde_json::Map<String, Json>) -> Self {
        let mut names: BTreeMap<String, String> = resources.keys().map(|name| (name.clone(), without_hash(name).to_owned())).collect();
        for (name, resource) in resources {
            let parent = resource["Properties"]["FunctionName"]["Ref"].as_str();
            if let (Some("AWS::Lambda::Alias"), Some(parent)) = (resource["Type"].as_str(), parent)
                && name.starts_with(&format!("{parent}Alias"))
            {
                names.insert(name.clone(), parent.to_owned());
            }
        }
        Self(names)
    }

    fn references(&self, value: &Json) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        self.collect(value, &mut found);
        found
    }

    fn collect(&self, value: &Json, found: &mut BTreeSet<String>) {
        match value {
            Json::Array(items) => items.iter().for_each(|item| self.collect(item, found)),
            Json::Object(fields) => fields.iter().for_each(|(key, value)| match (key.as_str(), value) {
                ("Ref" | "Fn::GetAtt", Json::String(name)) => self.add(name, found),
                ("Fn::GetAtt", Json::Array(parts)) => self.add(parts[0].as_str().unwrap_or_default(), found),
                ("Fn::Sub", Json::String(text)) => placeholders(text).for_each(|name| self.add(name, found)),
                ("Fn::Sub", Json::Array(parts)) => {
                    let own = |name: &&str| parts[1].get(name).is_none();
                    placeholders(parts[0].as_str().unwrap_or_default()).filter(own).for_each(|name| self.add(name, found));
                    self.collect(&parts[1], found);
                    // An API may be named by its bare logical id.
                    found.extend(parts[1]["__ApiId__"].as_str().and_then(|name| self.0.get(name)).cloned());
                }
                _ => self.collect(value, found),
            }),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
        }
    }

    fn add(&self, name: &str, found: &mut BTreeSet<String>) {
        found.extend(name.split('.').next().and_then(|name| self.0.get(name)).cloned());
    }
}

/// The names in `${…}`.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split("${").skip(1).filter_map(|part| part.split('}').next())
}

/// `MyLayer1a2b3c4d5e` is `MyLayer`.
fn without_hash(name: &str) -> &str {
    let Some((before, hash)) = name.len().checked_sub(10).and_then(|at| name.split_at_checked(at)) else { return name };
    let is_hash = !before.is_empty() && hash.chars().all(|letter| matches!(letter, '0'..='9' | 'a'..='f'));
    if is_hash { before } else { name }
}
