//! Is every wire of a template in our model? Held against what AWS's own translator makes of the same files.
//!
//! Each event source mapping, each permission and each target of a rule or schedule of the expanded template must be one of our flows, with
//! the same ends. The corpus is read where it lies.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test may")]

mod shared;

use astride::model::Model;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Hundredths of each kind that must be explained: the figures when this was last committed, rounded down.
const FLOORS: [(&str, usize); 3] = [("event source mapping", 96), ("permission", 97), ("target", 95)];

/// A wire of the expanded template: who may be at its start, and who is at its end.
struct Wire {
    kind: &'static str,
    starts: BTreeSet<String>,
    /// Where nothing is named: what the type of the start says, for the service that is let in.
    service: &'static str,
    end: String,
    what: String,
}

#[test]
fn every_wire_is_one_of_our_flows() {
    let Some(shared) = shared::shared() else { return };
    let corpora = shared.join("corpora/files");
    let sources = templates(&corpora);
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut missing = Vec::new();
    for expanded in shared::files(&shared.join("corpora/expanded/sam")) {
        let name = expanded.file_stem().unwrap().to_string_lossy().into_owned();
        let Some(path) = sources.get(&name) else { continue };
        let model = shared::model(&corpora, path);
        let template: Value = serde_json::from_str(&fs::read_to_string(&expanded).unwrap()).unwrap();
        for wire in wires(&template) {
            let count = counts.entry(wire.kind).or_default();
            count.1 += 1;
            if explains(&model, &wire) {
                count.0 += 1;
            } else {
                missing.push(format!(
                    "{name}: {} {} → {}: {}",
                    wire.kind,
                    wire.starts.iter().cloned().collect::<Vec<_>>().join("|"),
                    wire.end,
                    wire.what
                ));
            }
        }
    }
    for (kind, (explained, all)) in &counts {
        println!("{kind}: {explained} of {all}");
    }
    missing.iter().for_each(|wire| println!("not explained: {wire}"));
    for (kind, floor) in FLOORS {
        let (explained, all) = counts[kind];
        assert!(explained * 100 >= all * floor, "{kind}: {explained} of {all}, less than {floor} in a hundred");
    }
}

/// `<repository without owner>__<path with __ for slashes>` → where it lies.
fn templates(files: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for repository in fs::read_dir(files).unwrap().map(|entry| entry.unwrap().path()) {
        let name = repository.file_name().unwrap().to_string_lossy().into_owned();
        let own = name.split_once('+').map_or(name.as_str(), |(_, own)| own).to_owned();
        for file in shared::files(&repository) {
            let path = file.strip_prefix(&repository).unwrap().to_string_lossy().into_owned();
            found.insert(format!("{own}__{}", path.replace('/', "__")), format!("{name}/{path}"));
        }
    }
    found
}

fn explains(model: &Model, wire: &Wire) -> bool {
    model.flows.iter().any(|flow| {
        let from = flow.from.address();
        let start = from.split_once(':').map_or(from, |(_, name)| name);
        let of_service =
            || !wire.service.is_empty() && model.element(&flow.from).is_some_and(|element| element.declared.contains(wire.service));
        flow.to.address() == wire.end && (wire.starts.contains(from) || wire.starts.contains(start) || of_service())
    })
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
                push(&mut wires, "event source mapping", starts, &properties["FunctionName"], id);
            }
            "AWS::Lambda::Permission" => {
                let mut starts = starts(&[&properties["SourceArn"]]);
                starts.extend(starts.clone().iter().flat_map(|start| starts_of_rule(resources.get(start))));
                let principal = properties["Principal"].as_str().unwrap_or_default();
                if principal == "*" {
                    starts.insert("client".to_owned());
                }
                push(&mut wires, "permission", starts, &properties["FunctionName"], id);
                if let (Some(wire), true) = (wires.last_mut(), properties["SourceArn"].is_null()) {
                    wire.service = service(principal);
                }
            }
            "AWS::Events::Rule" | "AWS::Scheduler::Schedule" => {
                let starts = starts_of_rule(Some(resource));
                let targets = properties["Targets"].as_array().cloned().unwrap_or_else(|| vec![properties["Target"].clone()]);
                for target in &targets {
                    push(&mut wires, "target", starts.clone(), &target["Arn"], id);
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
fn push(wires: &mut Vec<Wire>, kind: &'static str, starts: BTreeSet<String>, end: &Value, what: &str) {
    let mut named = BTreeSet::new();
    names(end, &mut named);
    if let Some(end) = named.into_iter().next() {
        wires.push(Wire { kind, starts, service: "", end, what: what.to_owned() });
    }
}

/// What a rule or schedule starts at: the scheduler, a bus, or whatever its pattern names.
fn starts_of_rule(rule: Option<&Value>) -> BTreeSet<String> {
    let Some(rule) = rule else { return BTreeSet::new() };
    let properties = &rule["Properties"];
    let mut starts = BTreeSet::new();
    if !properties["ScheduleExpression"].is_null() {
        starts.insert("scheduler".to_owned());
    }
    if !properties["EventPattern"].is_null() {
        names(&properties["EventBusName"], &mut starts);
        names(&properties["EventPattern"], &mut starts);
        if starts.is_empty() || properties["EventBusName"].is_null() || properties["EventBusName"] == "default" {
            starts.insert("bus:default".to_owned());
        }
        starts.extend(properties["EventBusName"].as_str().map(str::to_owned));
    }
    starts
}

fn starts(values: &[&Value]) -> BTreeSet<String> {
    let mut starts = BTreeSet::new();
    for value in values {
        names(value, &mut starts);
        starts.extend(value.as_str().map(str::to_owned));
    }
    starts
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
