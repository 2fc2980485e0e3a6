//! Holds requests, responses and webhook payloads to GitHub's published description (`shared/github-contract/contract.json`).
//!
//! What the service sends must conform: an unknown route, path, query or body property, or a schema violation is a finding and fails the
//! test. What the stand-in answers is judged likewise, against an allow-list of deviations that are GitHub's own or known.

#![allow(dead_code, reason = "each suite uses a part")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that says what it skipped")]

use astride::sandbox::github::deliveries::Delivery;
use astride::sandbox::github::faults::Recorded;
use jsonschema::Registry;
use jsonschema::Validator;
use serde_json::Value;
use serde_json::json;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::rc::Rc;

const ROOT: &str = "https://contract.test/root";
/// What the published description, or our cut of it, does not have.
const UNCHECKED: [(&str, &str); 2] = [("POST", "/graphql"), ("GET", "/repos/{owner}/{repo}/pulls/comments/{comment_id}/reactions")];
/// Operations that the shared cut of the description lacks, cut out of the same package.
const MORE: &str = include_str!("more.json");
/// One deviation a line: operation or event, place, and why; `*` stands for one step of the place.
const DEVIATIONS: &str = include_str!("deviations.txt");

pub(crate) struct Contract {
    document: Value,
    registry: Registry<'static>,
    validators: RefCell<BTreeMap<String, Rc<Validator>>>,
    operations: Vec<Operation>,
}

struct Operation {
    method: String,
    id: String,
    segments: Vec<Segment>,
    /// Where it stands in the document.
    pointer: String,
}

enum Segment {
    Literal(String),
    Parameter(String),
    /// May hold slashes.
    Rest(String),
}

/// The contract; `None`, and a line that says so, where it is not here.
pub(crate) fn load() -> Option<Contract> {
    let Some(path) = find_contract() else {
        eprintln!("skipped: shared/github-contract is not here");
        return None;
    };
    let mut document: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let more: Value = serde_json::from_str(MORE).unwrap();
    document["operations"].as_array_mut().unwrap().extend(more["operations"].as_array().unwrap().iter().cloned());
    document["webhooks"].as_object_mut().unwrap().extend(more["webhooks"].as_object().unwrap().clone());
    document["$defs"].as_object_mut().unwrap().extend(more["$defs"].as_object().unwrap().clone());
    let registry = Registry::new().add(ROOT, document.clone()).unwrap().prepare().unwrap();
    let mut operations: Vec<Operation> = document["operations"].as_array().unwrap().iter().enumerate().map(operation).collect();
    // The more literal text, the better the match.
    operations.sort_by_key(|operation| std::cmp::Reverse(literal_length(&operation.segments)));
    Some(Contract { document, registry, validators: RefCell::default(), operations })
}

/// Fails with all findings about what was asked; prints what could not be checked.
pub(crate) fn assert_requests(requests: &[Recorded]) {
    let Some(contract) = load() else { return };
    let findings: BTreeSet<String> = requests.iter().flat_map(|request| contract.check_request(request)).collect();
    let unchecked: BTreeSet<&str> = requests.iter().filter_map(|request| unchecked(&request.method, &request.path)).collect();
    eprintln!("{} requests checked, not in the contract: {unchecked:?}", requests.len());
    assert!(findings.is_empty(), "requests that GitHub's contract does not know:\n{}", join(&findings));
}

/// Fails with all findings about what the stand-in answered and delivered, but for the allowed ones.
pub(crate) fn assert_standin(requests: &[Recorded], deliveries: &[Delivery]) {
    let Some(contract) = load() else { return };
    let mut findings: BTreeSet<String> = requests.iter().flat_map(|request| contract.check_response(request)).collect();
    findings.extend(deliveries.iter().flat_map(|delivery| contract.check_delivery(delivery)));
    findings.retain(|finding| !is_allowed(finding));
    assert!(findings.is_empty(), "the stand-in deviates from GitHub's contract:\n{}", join(&findings));
}

impl Contract {
    /// Whether it describes an endpoint, as the documentation spells it.
    pub(crate) fn describes(&self, method: &str, path: &str) -> bool {
        self.operations
            .iter()
            .any(|operation| operation.method == method && self.document.pointer(&operation.pointer).unwrap()["path"] == path)
    }

    /// What is wrong with a request.
    pub(crate) fn check_request(&self, request: &Recorded) -> Vec<String> {
        let name = format!("{} {}", request.method, request.path);
        let Some((operation, parameters)) = self.find(&request.method, &request.path) else {
            let known = unchecked(&request.method, &request.path).is_some();
            return if known { Vec::new() } else { vec![format!("{name}: unknown route")] };
        };
        let mut findings = Vec::new();
        for (parameter, value) in parameters {
            findings.extend(self.check_text(&format!("{}/path_params/{parameter}", operation.pointer), &value));
        }
        for (parameter, value) in &request.query {
            let pointer = format!("{}/query/{parameter}/schema", operation.pointer);
            match self.document.pointer(&pointer) {
                None => findings.push(format!("unknown query parameter {parameter}")),
                Some(_) => findings.extend(self.check_text(&pointer, value)),
            }
        }
        findings.extend(self.check_body(operation, &request.body));
        findings.into_iter().map(|finding| format!("{name} ({}): {finding}", operation.id)).collect()
    }

    /// What is wrong with an answer of success; refusals have too many shapes.
    pub(crate) fn check_response(&self, request: &Recorded) -> Vec<String> {
        let Some(status) = request.status.filter(|status| (200..300).contains(status)) else { return Vec::new() };
        let Some((operation, _)) = self.find(&request.method, &request.path) else { return Vec::new() };
        let pointer = format!("{}/responses/{status}", operation.pointer);
        match self.document.pointer(&pointer) {
            None => vec![format!("{} : status {status} is not described", operation.id)],
            Some(Value::Null) => Vec::new(),
            Some(_) => {
                self.check_schema(&pointer, &request.response).into_iter().map(|finding| format!("{} {finding}", operation.id)).collect()
            }
        }
    }

    pub(crate) fn check_delivery(&self, delivery: &Delivery) -> Vec<String> {
        let name = delivery.name();
        let pointer = format!("/webhooks/{name}");
        if self.document.pointer(&pointer).is_none() {
            // The contract holds the events of 13 kinds; `repository` is none of them.
            return if delivery.event == "repository" { Vec::new() } else { vec![format!("{name} : unknown event")] };
        }
        let payload: Value = serde_json::from_str(&delivery.body).unwrap();
        self.check_schema(&pointer, &payload).into_iter().map(|finding| format!("{name} {finding}")).collect()
    }

    fn find(&self, method: &str, path: &str) -> Option<(&Operation, Vec<(String, String)>)> {
        let path = named(path);
        let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        self.operations.iter().filter(|operation| operation.method == method).find_map(|operation| {
            let mut parameters = Vec::new();
            matches(&operation.segments, &segments, &mut parameters).then_some((operation, parameters))
        })
    }

    fn check_body(&self, operation: &Operation, body: &Value) -> Vec<String> {
        let pointer = format!("{}/request_schema", operation.pointer);
        let schema = &self.document.pointer(&pointer).unwrap();
        let required = self.document.pointer(&format!("{}/request_required", operation.pointer)) == Some(&json!(true));
        match (schema.is_null(), body.is_null()) {
            (true, true) => Vec::new(),
            // An empty object where nothing is wanted does no harm.
            (true, false) => {
                if body == &json!({}) {
                    Vec::new()
                } else {
                    vec!["has a body, and none is described".to_owned()]
                }
            }
            (false, true) => {
                if required {
                    vec!["has no body".to_owned()]
                } else {
                    Vec::new()
                }
            }
            (false, false) => {
                let mut findings = self.check_schema(&pointer, body);
                self.undocumented(&[schema], body, "", &mut findings);
                findings
            }
        }
    }

    /// Properties that no variant of the schema names; plain OpenAPI lets them pass.
    fn undocumented(&self, schemas: &[&Value], value: &Value, place: &str, findings: &mut Vec<String>) {
        let mut flat = Vec::new();
        schemas.iter().for_each(|schema| self.flatten(schema, &mut flat));
        match value {
            Value::Object(members) => {
                let described = flat.iter().any(|schema| schema.get("properties").is_some());
                let open = flat.iter().any(|schema| schema.get("additionalProperties").is_some_and(|extra| *extra != json!(false)));
                for (name, member) in members {
                    let inner: Vec<&Value> = flat.iter().filter_map(|schema| schema["properties"].get(name)).collect();
                    if inner.is_empty() && described && !open {
                        findings.push(format!("{place}/{name} : undocumented property"));
                    }
                    self.undocumented(&inner, member, &format!("{place}/{name}"), findings);
                }
            }
            Value::Array(items) => {
                let inner: Vec<&Value> = flat.iter().filter_map(|schema| schema.get("items")).collect();
                items.iter().for_each(|item| self.undocumented(&inner, item, &format!("{place}/*"), findings));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn flatten<'c>(&'c self, schema: &'c Value, flat: &mut Vec<&'c Value>) {
        flat.push(schema);
        if let Some(target) = schema["$ref"].as_str().and_then(|target| self.document.pointer(target.trim_start_matches('#'))) {
            self.flatten(target, flat);
        }
        for combined in ["allOf", "anyOf", "oneOf"] {
            schema[combined].as_array().into_iter().flatten().for_each(|variant| self.flatten(variant, flat));
        }
    }

    /// A parameter comes as text; what it means depends on its schema.
    fn check_text(&self, pointer: &str, text: &str) -> Vec<String> {
        let kind = self.document.pointer(pointer).map(|schema| schema["type"].clone()).unwrap_or_default();
        let value = match kind.as_str() {
            Some("integer" | "number" | "boolean") => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
            _ => json!(text),
        };
        self.check_schema(pointer, &value)
    }

    fn check_schema(&self, pointer: &str, value: &Value) -> Vec<String> {
        let validator = self.validator(pointer);
        let findings = validator.iter_errors(value).map(|error| {
            let message: String = error.to_string().chars().rev().take(160).collect::<Vec<_>>().into_iter().rev().collect();
            format!("{} : {message} [{}]", error.instance_path(), error.schema_path())
        });
        findings.collect()
    }

    fn validator(&self, pointer: &str) -> Rc<Validator> {
        let mut validators = self.validators.borrow_mut();
        let build = || {
            let schema = json!({"$ref": format!("{ROOT}#{}", pointer.replace(' ', "%20"))});
            Rc::new(jsonschema::options().with_registry(&self.registry).build(&schema).unwrap())
        };
        Rc::clone(validators.entry(pointer.to_owned()).or_insert_with(build))
    }
}

fn find_contract() -> Option<PathBuf> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let shared = std::env::var_os("ASTRIDE_SHARED").map(PathBuf::from).into_iter();
    let shared = shared.chain(here.ancestors().map(|above| above.join("shared")).collect::<Vec<_>>());
    shared.map(|shared| shared.join("github-contract/contract.json")).find(|path| path.is_file())
}

fn operation((index, described): (usize, &Value)) -> Operation {
    let text = |name: &str| described[name].as_str().unwrap().to_owned();
    let (path, regex) = (text("path"), text("regex"));
    let segments = path.trim_start_matches('/').split('/').map(|segment| match segment.strip_prefix('{') {
        None => Segment::Literal(segment.to_owned()),
        Some(name) => {
            let name = name.trim_end_matches('}').to_owned();
            if regex.contains(&format!("(?P<{name}>.+)")) { Segment::Rest(name) } else { Segment::Parameter(name) }
        }
    });
    Operation { method: text("method"), id: text("operationId"), segments: segments.collect(), pointer: format!("/operations/{index}") }
}

fn literal_length(segments: &[Segment]) -> usize {
    let lengths = segments.iter().map(|segment| match segment {
        Segment::Literal(text) => text.len(),
        Segment::Parameter(_) | Segment::Rest(_) => 0,
    });
    lengths.sum()
}

fn matches(pattern: &[Segment], path: &[&str], parameters: &mut Vec<(String, String)>) -> bool {
    match (pattern, path) {
        ([], []) => true,
        ([Segment::Literal(literal), pattern @ ..], [first, path @ ..]) => literal == first && matches(pattern, path, parameters),
        ([Segment::Parameter(name), pattern @ ..], [first, path @ ..]) => {
            matches(pattern, path, parameters) && {
                parameters.push((name.clone(), (*first).to_owned()));
                true
            }
        }
        ([Segment::Rest(_), pattern @ ..], path) => (1..=path.len()).any(|taken| matches(pattern, &path[taken..], parameters)),
        ([], [_, ..]) | ([_, ..], []) => false,
    }
}

/// `/repositories/{id}/…` is the same resource as `/repos/{owner}/{repo}/…`.
fn named(path: &str) -> String {
    match path.strip_prefix("/repositories/") {
        None => path.to_owned(),
        Some(rest) => format!("/repos/owner/name{}", rest.find('/').map_or("", |slash| &rest[slash..])),
    }
}

fn unchecked(method: &str, path: &str) -> Option<&'static str> {
    let path = named(path);
    let same = |pattern: &str| {
        let (pattern, path): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
        pattern.len() == path.len() && pattern.iter().zip(path).all(|(wanted, found)| wanted.starts_with('{') || *wanted == found)
    };
    UNCHECKED.iter().find(|(verb, pattern)| *verb == method && same(pattern)).map(|(_, pattern)| *pattern)
}

/// Whether a line of the allow-list covers a finding: same operation or event, same place.
fn is_allowed(finding: &str) -> bool {
    let mut words = finding.split(' ');
    let (subject, place) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    DEVIATIONS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).any(|line| {
        let mut words = line.split(' ').filter(|word| !word.is_empty());
        let (wanted, pattern) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let subject_fits = wanted == subject || wanted.strip_suffix('*').is_some_and(|prefix| subject.starts_with(prefix));
        let (pattern, place): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), place.split('/').collect());
        subject_fits && pattern.len() == place.len() && pattern.iter().zip(place).all(|(wanted, found)| *wanted == "*" || *wanted == found)
    })
}

fn join(findings: &BTreeSet<String>) -> String {
    findings.iter().map(|finding| format!("  {finding}\n")).collect()
}
