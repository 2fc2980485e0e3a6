//! Our expansion of SAM templates against what AWS's own translator makes of the same files.
//!
//! The corpus is read where it lies; nothing of it is copied here. What is compared: how often each resource type stands, and who may call,
//! feed or start whom. Routes and authorizers are left out, as the translator writes them into OpenAPI bodies and we do not.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test that fails says why, and this one prints what differs")]

mod shared;

use astride::formats::cloudformation;
use astride::formats::sam;
use astride::model::resource::{Property, Resource, Value};
use astride::source::{MemoryFiles, RepoPath, Sources};
use astride::syntax;
use astride::syntax::yaml::Dialect;
use bumpalo::Bump;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// Templates of the corpus of which every compared fact was equal when this was last committed.
const EQUAL_TEMPLATES: usize = 389;
/// The same for the translator's own test inputs.
const EQUAL_INPUTS: usize = 423;

/// Why an expansion differs, for those that are meant to.
const REASONS: &[(&str, &str)] = &[
    ("api_with_security_definition_and_none_components", "the published output has the parts of its intrinsics in the wrong order"),
    ("function_managed_inline_policy", "names a policy that AWS does not have: the translator leaves the bare name, we write the ARN"),
    ("function_with_conditional_policy_template", "the reader decides the condition by its parameter's default"),
    ("function_with_event_dest", "names no transform, so that the reader knows no Fn.DestinationTopic"),
    (
        "function_with_function_url_config_with_intrinsics",
        "AuthType is a parameter that defaults to NONE: the translator does not look, we do",
    ),
    ("http_api_custom_iam_auth", "the published output has the parts of its intrinsics in the wrong order"),
    ("http_api_local_iam_auth_enabled", "the published output has the parts of its intrinsics in the wrong order"),
    (
        "implicit_api_with_serverless_rest_api_resource",
        "a function bears the implicit API's name: the translator loses the function, we keep it",
    ),
    ("managed_policies_everything", "names a policy that AWS does not have: the translator leaves the bare name, we write the ARN"),
    ("managed_policies_minimal", "names a policy that AWS does not have: the translator leaves the bare name, we write the ARN"),
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

/// What the translator refuses must not break us either, nor what is cut off in the middle.
#[test]
fn inputs_that_the_translator_refuses_are_expanded_as_far_as_they_go() {
    let Some(corpora) = corpora() else { return };
    let repository = corpora.join("files/aws+serverless-application-model");
    for input in listed(&repository.join("tests/translator/input")).iter().filter(|input| file_name(input).starts_with("error_")) {
        let pair =
            Pair { repository: repository.clone(), path: format!("tests/translator/input/{}", file_name(input)), expanded: input.clone() };
        facts_of_ours(&pair, Expand::Always);
    }
}

fn corpora() -> Option<PathBuf> {
    shared::shared().map(|shared| shared.join("corpora"))
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
        let (ours, managed) = facts_of_ours(pair, expand);
        let (theirs, conditional) = facts_of_translator(&translated, &managed);
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

/// The facts, and the addresses of the APIs whose routes are those of events alone.
fn facts_of_ours(pair: &Pair, expand: Expand) -> (Facts, BTreeSet<String>) {
    let files = files_around(pair);
    let arena = Bump::new();
    let sources = Sources::new(&files);
    let path = RepoPath::new(&pair.path);
    let (file, text) = sources.open(&path, None).unwrap();
    let Ok(documents) = syntax::parse(text, Dialect::Yaml11, file, &arena, &mut |_, _, _| {}) else { return Default::default() };
    let templates = cloudformation::read(&documents, &path, &sources, &arena);
    let Some(template) = templates.first() else { return Default::default() };
    let resources = match expand {
        Expand::WhereNamed => sam::expand(template, &sources, &arena).list,
        Expand::Always => sam::expand_all(&template.resources.list, template.scope, template.globals, &sources, &arena),
    };
    let mut facts = Facts::new();
    let is_api = |resource: &&Resource<'_>| matches!(resource.kind, "AWS::ApiGateway::RestApi" | "AWS::ApiGatewayV2::Api");
    let managed = resources.iter().filter(is_api).filter(|api| !has_definition(api)).map(|api| api.address.to_owned()).collect();
    let names = Names(resources.iter().map(|resource| (resource.address.to_owned(), resource.address.to_owned())).collect());
    for resource in &resources {
        if is_of_body(resource, &resources) {
            add_our_route(&mut facts, resource, &managed);
        } else {
            add_facts(&mut facts, resource.kind, &spelt(&resource.properties), &names);
        }
    }
    (facts, managed)
}

fn has_definition(api: &Resource<'_>) -> bool {
    api.properties.get("Body").is_some() || api.properties.get("BodyS3Location").is_some()
}

/// A method or route that an event stands for, as far as bodies of OpenAPI tell it too: what it is, and what callers must show.
fn add_our_route(facts: &mut Facts, resource: &Resource<'_>, managed: &BTreeSet<String>) {
    let literal = |key: &str| resource.properties.get(key).and_then(Property::literal);
    let reference = |key: &str| resource.properties.get(key).and_then(Property::reference).map(|reference| reference.address);
    let Some(api) = reference("RestApiId").or_else(|| reference("ApiId")).filter(|api| managed.contains(*api)) else { return };
    let route = match (literal("HttpMethod"), literal("RouteKey")) {
        (Some(method), _) => format!("{method} {}", literal("Path").unwrap_or_default()),
        (None, Some("$default")) => "ANY $default".to_owned(),
        (None, Some(key)) => key.to_owned(),
        (None, None) => return,
    };
    let authorizer = reference("AuthorizerId").and_then(|id| id.strip_prefix(api)).and_then(|id| id.strip_suffix("Authorizer"));
    let mut shown: BTreeSet<&str> = authorizer.into_iter().collect();
    shown.extend(literal("AuthorizationType").filter(|kind| *kind == "AWS_IAM"));
    shown.extend(literal("ApiKeyRequired").filter(|required| *required == "true").map(|_| "api_key"));
    add_route(facts, api, &route, &shown);
}

fn add_route(facts: &mut Facts, api: &str, route: &str, shown: &BTreeSet<&str>) {
    let shown: Vec<_> = shown.iter().copied().collect();
    *facts.entry(format!("route {route} of {api} asks for [{}]", shown.join(" "))).or_default() += 1;
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

/// A property as a template would spell it, so that both sides are compared by the same code.
fn spelt(property: &Property<'_>) -> Json {
    let all = |items: &[Property<'_>]| Json::Array(items.iter().map(spelt).collect());
    match property.value {
        Value::Null | Value::Removed | Value::Unknown(_) => Json::Null,
        Value::Bool(flag) => flag.into(),
        Value::Number(text) | Value::Text(text) => text.into(),
        Value::List(items) => all(items),
        Value::Map(entries) => Json::Object(entries.iter().map(|entry| (entry.key.to_owned(), spelt(&entry.value))).collect()),
        Value::Reference(reference) => json!({"Ref": reference.address}),
        Value::External(external) => json!({"Ref": external.name}),
        Value::Ambient(name) => json!({"Ref": format!("AWS::{name}")}),
        Value::Joined(pieces) => json!({"Fn::Join": ["", all(pieces)]}),
        Value::Either(either) => json!({"Fn::If": all(either.branches)}),
    }
}

/// What is compared of one resource.
fn add_facts(facts: &mut Facts, kind: &str, properties: &Json, names: &Names) {
    let mut add = |fact: String| *facts.entry(fact).or_default() += 1;
    // What is published is deployed as a nested stack, and is somebody else's all the same.
    let kind = if kind == "AWS::ServerlessRepo::Application" { "AWS::CloudFormation::Stack" } else { kind };
    add(format!("type {kind}"));
    let at = |path: &str| path.split('.').fold(properties, |value, key| &value[key]);
    let of = |path: &str| joined(names.references(at(path)));
    let word = |path: &str| at(path).as_str().unwrap_or_default().to_owned();
    match kind {
        "AWS::Lambda::Permission" => {
            add(format!("permission on [{}] for {} from [{}]", of("FunctionName"), word("Principal"), of("SourceArn")));
        }
        "AWS::Lambda::EventSourceMapping" => add(format!("mapping from [{}] to [{}]", of("EventSourceArn"), of("FunctionName"))),
        "AWS::SNS::Subscription" => add(format!("subscription {} of [{}] to [{}]", word("Protocol"), of("TopicArn"), of("Endpoint"))),
        "AWS::Scheduler::Schedule" => add(format!("schedule of [{}] as [{}]", of("Target.Arn"), of("Target.RoleArn"))),
        "AWS::Events::Rule" => {
            let targets = properties["Targets"].as_array().map_or(&[][..], Vec::as_slice);
            targets.iter().for_each(|target| add(format!("rule target [{}]", joined(names.references(&target["Arn"])))));
        }
        "AWS::Lambda::Function" => add(format!("function as [{}]", of("Role"))),
        "AWS::StepFunctions::StateMachine" => add(format!("state machine as [{}]", of("RoleArn"))),
        "AWS::Lambda::EventInvokeConfig" => add(format!("invocations of [{}] go to [{}]", of("FunctionName"), of("DestinationConfig"))),
        "AWS::S3::Bucket" => add(format!("bucket notifies [{}]", of("NotificationConfiguration"))),
        "AWS::Cognito::UserPool" => add(format!("pool calls [{}]", of("LambdaConfig"))),
        "AWS::Logs::SubscriptionFilter" => add(format!("log group [{}] goes to [{}]", of("LogGroupName"), of("DestinationArn"))),
        "AWS::IAM::Role" => {
            add(format!("role reaches [{}] and is [{}]", of("Policies"), of("ManagedPolicyArns")));
            let (mut actions, mut policies) = (BTreeSet::new(), BTreeSet::new());
            collect_actions(&properties["Policies"], &mut actions);
            collect_managed(&properties["ManagedPolicyArns"], &mut policies);
            add(format!("role may [{}] and what [{}] may", joined(actions), joined(policies)));
        }
        "AWS::IAM::ManagedPolicy" => add(format!("policy of [{}] reaches [{}]", of("Roles"), of("PolicyDocument"))),
        _ => {}
    }
}

fn joined(names: BTreeSet<String>) -> String {
    names.into_iter().collect::<Vec<_>>().join(" ")
}

fn collect_actions(policies: &Json, actions: &mut BTreeSet<String>) {
    match policies {
        Json::Array(items) => items.iter().for_each(|item| collect_actions(item, actions)),
        Json::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Json::String(action) if key == "Action" => actions.extend([action.to_lowercase()]),
                    Json::Array(listed) if key == "Action" => actions.extend(listed.iter().filter_map(Json::as_str).map(str::to_lowercase)),
                    _ => collect_actions(value, actions),
                }
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// AWS's own policies, by name.
fn collect_managed(policies: &Json, names: &mut BTreeSet<String>) {
    match policies {
        Json::Array(items) => items.iter().for_each(|item| collect_managed(item, names)),
        Json::Object(fields) => fields.values().for_each(|value| collect_managed(value, names)),
        Json::String(text) => names.extend(text.split_once("aws:policy/").and_then(|(_, path)| path.rsplit('/').next()).map(str::to_owned)),
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// The facts, and those of them that a condition may leave out: the reader decides conditions, the translator does not.
fn facts_of_translator(template: &Json, managed: &BTreeSet<String>) -> (Facts, Facts) {
    let none = serde_json::Map::new();
    let resources = template["Resources"].as_object().unwrap_or(&none);
    let names = Names::of(resources);
    let (mut facts, mut conditional) = (Facts::new(), Facts::new());
    for (name, resource) in resources.iter().filter(|(name, _)| managed.contains(*name)) {
        add_their_routes(&mut facts, &mut conditional, name, &resource["Properties"]["Body"]);
    }
    for resource in resources.values() {
        let kind = resource["Type"].as_str().unwrap_or_default();
        add_facts(&mut facts, kind, &resource["Properties"], &names);
        if resource.get("Condition").is_some() {
            add_facts(&mut conditional, kind, &resource["Properties"], &names);
        }
    }
    (facts, conditional)
}

/// Operations of a body, without the preflight answers that stand for no event.
fn add_their_routes(facts: &mut Facts, conditional: &mut Facts, api: &str, body: &Json) {
    let none = serde_json::Map::new();
    for (path, operations) in body["paths"].as_object().unwrap_or(&none) {
        let whole = operations["Fn::If"].get(1);
        let operations = whole.unwrap_or(operations);
        for (method, operation) in operations.as_object().unwrap_or(&none) {
            let part = operation["Fn::If"].get(1);
            let operation = part.unwrap_or(operation);
            if operation["x-amazon-apigateway-integration"]["type"] == "mock" {
                continue;
            }
            let method = if method == "x-amazon-apigateway-any-method" { "ANY".to_owned() } else { method.to_uppercase() };
            let asked = operation["security"].as_array().map_or(&[][..], Vec::as_slice).iter();
            let shown: BTreeSet<&str> = asked
                .flat_map(|asked| asked.as_object().unwrap_or(&none).keys())
                .map(String::as_str)
                .filter(|name| *name != "NONE")
                .collect();
            let path = if path == "/$default" { "$default" } else { path };
            add_route(facts, api, &format!("{method} {path}"), &shown);
            if whole.or(part).is_some() {
                add_route(conditional, api, &format!("{method} {path}"), &shown);
            }
        }
    }
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
