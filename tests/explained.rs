//! Is every wire of a template in our model? Held against what AWS's own translator and the Serverless Framework make of the same files.
//!
//! Each event source mapping, each permission and each target of a rule or schedule of the expanded template must be one of our flows, with
//! the same ends and a fitting means. A flow that a wildcard or a managed policy gives explains nothing. The corpus is read where it lies:
//! the templates that were expanded for it, and the translator's own test inputs.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test may")]

mod shared;

use astride::model::{Basis, Flow, Means, Model};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Hundredths of each kind that must be explained: the figures when this was last committed, rounded down.
const FLOORS: [(&str, usize); 3] = [("event source mapping", 99), ("permission", 99), ("target", 99)];

/// A wire of the expanded template: who may be at its start, and who is at its end.
struct Wire {
    kind: &'static str,
    starts: BTreeSet<String>,
    /// The service that a permission lets in, as it is written.
    principal: String,
    /// Where nothing is named: what the type of the start says, for the service that is let in.
    service: &'static str,
    end: String,
    what: String,
}

#[test]
fn every_wire_is_one_of_our_flows() {
    let Some(shared) = shared::shared() else { return };
    let corpora = shared.join("corpora/files");
    explained(&corpora, &pairs(&shared.join("corpora/expanded/sam"), &corpora), &FLOORS);
}

#[test]
fn every_wire_of_the_serverless_framework_is_one_of_our_flows() {
    let Some(shared) = shared::shared() else { return };
    let corpora = shared.join("corpora/files");
    explained(&corpora, &pairs_of_services(&shared.join("corpora/expanded/serverless"), &corpora), &[("permission", 97), ("target", 97)]);
}

/// Prints which wires are explained, and fails where they are fewer than the floors.
fn explained(corpora: &Path, pairs: &[(String, PathBuf)], floors: &[(&str, usize)]) {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut missing = Vec::new();
    for (path, expanded) in pairs {
        let model = shared::model(corpora, path);
        let template: Value = serde_json::from_str(&fs::read_to_string(expanded).unwrap()).unwrap();
        for wire in wires(&template).into_iter().filter(|wire| !is_left_out(&model, &template, wire)) {
            let count = counts.entry(wire.kind).or_default();
            count.1 += 1;
            if model.flows.iter().any(|flow| explains(&model, flow, &wire)) {
                count.0 += 1;
            } else {
                let starts: Vec<&str> = wire.starts.iter().map(String::as_str).collect();
                let Wire { kind, end, what, .. } = &wire;
                missing.push(format!("{}: {path}: {kind} {} → {end}: {what}", reason(&model, &wire), starts.join("|")));
            }
        }
    }
    missing.sort();
    for (kind, (explained, all)) in &counts {
        println!("{kind}: {explained} of {all}");
    }
    missing.iter().for_each(|wire| println!("not explained: {wire}"));
    for (kind, floor) in floors {
        let (explained, all) = counts[kind];
        assert!(explained * 100 >= all * floor, "{kind}: {explained} of {all}, less than {floor} in a hundred");
    }
}

/// Services, by the paths of their files below the corpora, with what the Serverless Framework makes of each:
/// `<repository>_<folder with _ for slashes>.json`.
fn pairs_of_services(expanded: &Path, corpora: &Path) -> Vec<(String, PathBuf)> {
    let pair = |output: PathBuf| {
        let name = output.file_stem().unwrap().to_string_lossy().into_owned();
        let (repository, folder) = name.split_once('_').unwrap();
        let path = format!("{repository}/{}/serverless.yml", folder.replace('_', "/"));
        assert!(corpora.join(&path).is_file(), "{name} is of no file of the corpus");
        (path, output)
    };
    shared::files(expanded).into_iter().map(pair).collect()
}

/// Templates, by their paths below the corpora, with what the translator makes of each: those of the corpora, whose expansions are named
/// `<repository without owner>__<path with __ for slashes>.json`, and the translator's own inputs, whose outputs lie beside them.
fn pairs(expanded: &Path, corpora: &Path) -> Vec<(String, PathBuf)> {
    let mut pairs = Vec::new();
    for file in shared::files(corpora) {
        let path = file.strip_prefix(corpora).unwrap().to_string_lossy().into_owned();
        let (repository, within) = path.split_once('/').unwrap();
        let own = repository.split_once('+').map_or(repository, |(_, own)| own);
        let output = match within.strip_prefix("tests/translator/input/").and_then(|name| name.strip_suffix(".yaml")) {
            Some(name) => corpora.join(repository).join(format!("tests/translator/output/{name}.json")),
            None => expanded.join(format!("{own}__{}.json", within.replace('/', "__"))),
        };
        if output.is_file() {
            pairs.push((path, output));
        }
    }
    pairs
}

/// Whether the end of a wire hangs on a condition that never holds.
fn is_left_out(model: &Model, template: &Value, wire: &Wire) -> bool {
    let conditional = !template["Resources"][&wire.end]["Condition"].is_null();
    conditional && !model.elements.iter().any(|element| element.id.address() == wire.end)
}

fn explains(model: &Model, flow: &Flow, wire: &Wire) -> bool {
    let fits = match wire.kind {
        "permission" => matches!(flow.means, Means::Invoke | Means::Event),
        _ => flow.means == Means::Event,
    };
    fits && !matches!(flow.basis, Basis::Wildcard | Basis::ManagedPolicy) && flow.to.address() == wire.end && begins(model, flow, wire)
}

fn begins(model: &Model, flow: &Flow, wire: &Wire) -> bool {
    let from = flow.from.address();
    let start = from.split_once(':').map_or(from, |(_, name)| name);
    let of_service = || {
        let service = from.strip_prefix("service:").is_some_and(|name| wire.principal.strip_suffix(".amazonaws.com") == Some(name));
        service
            || wire.principal == start
            || !wire.service.is_empty() && model.element(&flow.from).is_some_and(|element| element.declared.contains(wire.service))
    };
    // What a parameter's default names is part of the ARN around it, and the stream of a table begins with the table's.
    let within = |start: &String| start.len() > 3 && from.starts_with("arn:") && from.contains(start.as_str()) || start.starts_with(from);
    // Brokers are named by host and port.
    let at_port = |start: &String| start.split(':').next() == from.strip_prefix("name:").and_then(|name| name.split(':').next());
    let in_arn = |name: &String| from.starts_with("name:") && name.split([':', '/']).any(|part| part == start);
    let named = |name: &String| name == from || name == start || within(name) || at_port(name) || in_arn(name);
    wire.starts.iter().any(named) || of_service()
}

/// Why nothing explains a wire, in a word.
fn reason(model: &Model, wire: &Wire) -> &'static str {
    let ends = |address: &str| model.elements.iter().any(|element| element.id.address() == address);
    if model.elements.is_empty() {
        "nothing-read"
    } else if !ends(&wire.end) {
        "end-unknown"
    } else if !wire.starts.iter().any(|start| ends(start)) {
        "start-unknown"
    } else if model.flows.iter().any(|flow| flow.to.address() == wire.end && begins(model, flow, wire)) {
        "other-means"
    } else {
        "no-flow"
    }
}

fn wires(template: &Value) -> Vec<Wire> {
    let resources = template["Resources"].as_object().unwrap();
    let mut wires = Vec::new();
    for (id, resource) in resources {
        let properties = &resource["Properties"];
        let before = wires.len();
        let kind = resource["Type"].as_str().unwrap_or_default();
        match kind {
            "AWS::Lambda::EventSourceMapping" => {
                let starts = starts(&[&properties["EventSourceArn"], &properties["SelfManagedEventSource"]]);
                push(template, &mut wires, "event source mapping", starts, &properties["FunctionName"], id);
            }
            "AWS::Lambda::Permission" => {
                let principal = properties["Principal"].as_str().unwrap_or_default();
                let mut starts = starts(&[&properties["SourceArn"]]);
                let rules: Vec<&Value> = starts.iter().filter_map(|start| resources.get(start)).collect();
                starts.extend(rules.into_iter().flat_map(|rule| starts_of_rule(template, rule)).collect::<Vec<_>>());
                if principal == "iot.amazonaws.com" {
                    starts.insert("devices".to_owned());
                }
                if principal.is_empty() {
                    names(&properties["Principal"], &mut starts);
                }
                if principal == "*" {
                    starts.insert("client".to_owned());
                }
                push(template, &mut wires, "permission", starts, &properties["FunctionName"], id);
                if let Some(wire) = wires[before..].last_mut().filter(|_| names_no_source(&properties["SourceArn"])) {
                    wire.principal = principal.to_owned();
                    wire.service = service(principal);
                }
            }
            "AWS::Events::Rule" | "AWS::Scheduler::Schedule" => {
                let starts = starts_of_rule(template, resource);
                let targets = properties["Targets"].as_array().cloned().unwrap_or_else(|| vec![properties["Target"].clone()]);
                for target in &targets {
                    push(template, &mut wires, "target", starts.clone(), &target["Arn"], id);
                }
            }
            _ => {}
        }
        for wire in &mut wires[before..] {
            // An alias and a version are the function.
            let stands_for =
                resources.get(&wire.end).filter(|end| matches!(end["Type"].as_str(), Some("AWS::Lambda::Alias" | "AWS::Lambda::Version")));
            if let Some(function) = stands_for.map(|end| &end["Properties"]["FunctionName"]) {
                let mut named = BTreeSet::new();
                names(function, &mut named);
                if let Some(function) = named.into_iter().next() {
                    wire.end = function;
                }
            }
            // A consumer of a stream is a reader of the stream.
            let streams: Vec<&Value> =
                wire.starts.iter().filter_map(|start| resources.get(start)).map(|start| &start["Properties"]["StreamARN"]).collect();
            let mut named = BTreeSet::new();
            streams.into_iter().for_each(|stream| names(stream, &mut named));
            wire.starts.extend(named);
            // A parameter with a default is known by what it defaults to.
            let defaults: Vec<String> =
                wire.starts.iter().filter_map(|start| template["Parameters"][start]["Default"].as_str().map(str::to_owned)).collect();
            wire.starts.extend(defaults);
        }
    }
    wires
}

/// Whether a permission lets in a service as a whole, or everything of one kind.
fn names_no_source(source: &Value) -> bool {
    source.is_null() || source["Fn::Sub"].as_str().is_some_and(|text| text.ends_with(":*"))
}

/// What the types of a service's resources have in them.
fn service(principal: &str) -> &'static str {
    match principal.split('.').next().unwrap_or_default() {
        "s3" => "::S3::",
        "sns" => "::SNS::",
        "apigateway" => "Api",
        "elasticloadbalancing" => "::ElasticLoadBalancingV2::",
        "logs" => "::Logs::",
        _ => "",
    }
}

/// A wire for the resource that `end` names; what names none of the template is not ours to explain.
fn push(template: &Value, wires: &mut Vec<Wire>, kind: &'static str, starts: BTreeSet<String>, end: &Value, what: &str) {
    let mut named = BTreeSet::new();
    names(end, &mut named);
    if let Some(end) = named.into_iter().find(|end| !template["Resources"][end].is_null()) {
        wires.push(Wire { kind, starts, principal: String::new(), service: "", end, what: what.to_owned() });
    }
}

/// What a rule or schedule starts at: the scheduler, a bus, or whatever its pattern names.
fn starts_of_rule(template: &Value, rule: &Value) -> BTreeSet<String> {
    let properties = &rule["Properties"];
    let mut starts = BTreeSet::new();
    if !properties["ScheduleExpression"].is_null() {
        starts.insert("scheduler".to_owned());
    }
    if !properties["EventPattern"].is_null() {
        names(&properties["EventPattern"], &mut starts);
        let bus = mapped(template, &properties["EventBusName"]);
        let joined = bus["Fn::Join"][1].as_array().and_then(|parts| parts.iter().map(Value::as_str).collect::<Option<String>>());
        match joined.as_deref().or(bus.as_str()) {
            Some("default") => drop(starts.insert("bus:default".to_owned())),
            Some(name) => starts.extend(named_like(template, name)),
            None if bus.is_null() => drop(starts.insert("bus:default".to_owned())),
            None => names(bus, &mut starts),
        }
    }
    starts
}

/// The value of a mapping, where all of its keys are written out.
fn mapped<'v>(template: &'v Value, value: &'v Value) -> &'v Value {
    let key = |position: usize| value["Fn::FindInMap"][position].as_str();
    match (key(0), key(1), key(2)) {
        (Some(map), Some(first), Some(second)) => &template["Mappings"][map][first][second],
        _ => value,
    }
}

/// A name, and the bus that bears it.
fn named_like(template: &Value, name: &str) -> Vec<String> {
    let resources = template["Resources"].as_object().into_iter().flatten();
    let bears = |resource: &Value| mapped(template, &resource["Properties"]["Name"]).as_str() == Some(name);
    resources.filter(|(_, resource)| bears(resource)).map(|(id, _)| id.clone()).chain([name.to_owned()]).collect()
}

fn starts(values: &[&Value]) -> BTreeSet<String> {
    let mut starts = BTreeSet::new();
    for value in values {
        names(value, &mut starts);
        literals(value, &mut starts);
    }
    starts
}

/// The texts that stand in a value by themselves, as they are and without what follows a comma.
fn literals(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => found.extend(text.split(',').map(as_we_write)),
        Value::Array(items) => items.iter().for_each(|item| literals(item, found)),
        Value::Object(map) => {
            map.iter().filter(|(key, _)| !key.starts_with("Fn::Get") && *key != "Ref").for_each(|(_, inner)| literals(inner, found))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The symbols that every template has, as they stand in the names of our external entities.
fn as_we_write(text: &str) -> String {
    [("${AWS::Partition}", "aws"), ("${AWS::Region}", "${region}"), ("${AWS::AccountId}", "${account}")]
        .iter()
        .fold(text.to_owned(), |text, (symbol, ours)| text.replace(symbol, ours))
}

/// Logical ids, parameters and imports that a value refers to; pseudo parameters are none.
fn names(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                let referred = match (key.as_str(), inner) {
                    ("Ref" | "Fn::ImportValue", Value::String(name)) if !name.starts_with("AWS::") => Some(name.as_str()),
                    ("Fn::GetAtt", Value::Array(parts)) => parts.first().and_then(Value::as_str),
                    ("Fn::GetAtt", Value::String(path)) => path.split('.').next(),
                    _ => None,
                };
                match referred {
                    Some(name) => {
                        found.insert(name.to_owned());
                    }
                    None if key == "Ref" => {}
                    None => names(inner, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| names(item, found)),
        Value::String(text) => names_in_text(text, found),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn names_in_text(text: &str, found: &mut BTreeSet<String>) {
    let holes = text.split("${").skip(1).filter_map(|rest| rest.split_once('}')).map(|(hole, _)| hole.trim());
    found.extend(
        holes
            .filter(|hole| !hole.starts_with("AWS::") && !hole.starts_with("__"))
            .map(|hole| hole.split('.').next().unwrap_or(hole).to_owned()),
    );
}
