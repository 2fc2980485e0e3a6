//! What Terraform's resources come to in CloudFormation's words: `tests/cases/dialects/terraform/<case>.json` and the dump beside it.
//! `BLESS=1` rewrites the dumps.
//!
//! A case is a root as the evaluator hands it over, in JSON: `{"resources": {ADDRESS: ARGUMENTS}, "majors": [5]}`. Blocks are lists of objects.
//! In a value `{"$ref": ADDRESS, "path": ".arn"}` is a reference, `{"$var": NAME}` a variable without a value, `{"$either": […]}`,
//! `{"$join": […]}` and `{"$unknown": REASON}` what they say. `$maybe` among the arguments is why the resource may not be there, `$source`
//! makes it a module that was not read, `$lifecycle` lists what `lifecycle` says.

#![expect(clippy::unwrap_used, reason = "a test that fails says why")]

use astride::dialects::terraform;
use astride::formats::terraform::decimal::Decimal;
use astride::formats::terraform::instance::{Instance, Lifecycle, Mode, Presence, Root};
use astride::formats::terraform::value::{External, Kind, Marks, Value as Evaluated};
use astride::model::resource::{Property, Resource, Value};
use astride::source::{MemoryFiles, RepoPath, Sources, Span};
use bumpalo::Bump;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::rc::Rc;

#[test]
fn terraform_cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/dialects/terraform");
    let mut cases: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|case| case.extension().is_some_and(|extension| extension == "json"));
    cases.sort();
    assert!(!cases.is_empty(), "no cases in {}", folder.display());
    let failed: Vec<String> = cases.iter().filter_map(|case| check(case)).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// What differs from the expectation.
fn check(case: &Path) -> Option<String> {
    let dump = dump(&serde_json::from_str(&fs::read_to_string(case).unwrap()).unwrap());
    let expected = case.with_extension("txt");
    if std::env::var_os("BLESS").is_some_and(|bless| !bless.is_empty()) {
        fs::write(&expected, &dump).unwrap();
    }
    let before = fs::read_to_string(&expected).unwrap_or_default();
    (before != dump).then(|| format!("{}\n{}", case.display(), diffy::create_patch(&before, &dump)))
}

/// Each resource stands on the line of its number.
fn root(case: &Json) -> Root {
    let mut root = Root::default();
    for (index, (address, arguments)) in case["resources"].as_object().unwrap().iter().enumerate() {
        let span = Span { line: u32::try_from(index).unwrap() + 1, ..Span::default() };
        root.instances.push(instance(address, arguments, span));
    }
    if let Some(majors) = case["majors"].as_array() {
        let majors = majors.iter().map(|major| u32::try_from(major.as_u64().unwrap()).unwrap()).collect();
        root.majors.insert("aws".into(), majors);
    }
    root
}

fn instance(address: &str, arguments: &Json, span: Span) -> Instance {
    let own: Vec<&str> = address.split('.').collect();
    let (mode, kind) = match (own.as_slice(), arguments["$source"].as_str()) {
        (_, Some(source)) => (Mode::Module, source),
        (["data", kind, ..], _) => (Mode::Data, *kind),
        (["module", _, kind, ..] | [kind, ..], _) => (Mode::Managed, *kind),
        ([], _) => panic!("no address"),
    };
    let said = |word: &str| arguments["$lifecycle"].as_array().is_some_and(|said| said.iter().any(|said| said == word));
    let mut stated = arguments.clone();
    stated.as_object_mut().unwrap().retain(|key, _| !key.starts_with('$'));
    Instance {
        address: address.into(),
        mode,
        kind: kind.into(),
        arguments: value(&stated, span),
        presence: arguments["$maybe"].as_str().map_or(Presence::Certain, |reason| Presence::Maybe(reason.into())),
        provider: "aws".into(),
        lifecycle: Lifecycle { prevent_destroy: said("prevent_destroy"), ..Lifecycle::default() },
        has_provisioner: false,
        version: None,
        span,
    }
}

fn value(json: &Json, span: Span) -> Evaluated {
    let all = |items: &Json| -> Vec<Evaluated> { items.as_array().unwrap().iter().map(|item| value(item, span)).collect() };
    let text = |key: &str| -> Rc<str> { json[key].as_str().unwrap_or_default().into() };
    let kind = match json {
        Json::Null => Kind::Null,
        Json::Bool(flag) => Kind::Bool(*flag),
        Json::Number(number) => Kind::Number(Decimal::parse(&number.to_string()).ok().unwrap()),
        Json::String(text) => Kind::text(text.as_str()),
        Json::Array(_) => Kind::tuple(all(json)),
        Json::Object(entries) if entries.contains_key("$ref") => Kind::Reference { address: text("$ref"), path: text("path") },
        Json::Object(entries) if entries.contains_key("$var") => Kind::External(External::Variable, text("$var")),
        Json::Object(entries) if entries.contains_key("$unknown") => Kind::unknown(text("$unknown")),
        Json::Object(entries) if entries.contains_key("$either") => Kind::either(all(&json["$either"])),
        Json::Object(entries) if entries.contains_key("$join") => Kind::joined(all(&json["$join"])),
        Json::Object(entries) => {
            let entries: BTreeMap<Rc<str>, Evaluated> =
                entries.iter().map(|(key, item)| (key.as_str().into(), value(item, span))).collect();
            Kind::object(entries)
        }
    };
    Evaluated { kind, marks: Marks::default(), span }
}

fn dump(case: &Json) -> String {
    let files = MemoryFiles::default();
    let arena = Bump::new();
    let sources = Sources::new(&files);
    let translated = terraform::translate(&root(case), &sources, &arena);
    let mut out = String::new();
    translated.resources.list.iter().for_each(|resource| dump_resource(&mut out, resource));
    for (provider, count) in &translated.not_judged {
        writeln!(out, "not judged {provider}: {count}").unwrap();
    }
    for note in sources.into_parts().1 {
        writeln!(out, "note {} :{} {}", note.kind.word(), note.place.line, note.text).unwrap();
    }
    out
}

fn dump_resource(out: &mut String, resource: &Resource<'_>) {
    write!(out, "{} {}", resource.address, resource.kind).unwrap();
    if let Some(parent) = resource.implied_by {
        write!(out, " implied by {parent}").unwrap();
    }
    out.push('\n');
    let at = resource.span.line;
    for entry in resource.properties.entries() {
        dump_entry(out, entry.key, &entry.value, (1, at));
    }
    for entry in resource.attributes.entries() {
        dump_entry(out, &format!("@{}", entry.key), &entry.value, (1, at));
    }
    for supplied in resource.supplied {
        writeln!(out, "  {} after {}", supplied.path, supplied.page).unwrap();
    }
}

/// A scalar on one line, with its own line where that is another resource's; collections indented.
fn dump_entry(out: &mut String, key: &str, property: &Property<'_>, (level, at): (usize, u32)) {
    let pad = "  ".repeat(level);
    match property.value {
        Value::Map(entries) if !entries.is_empty() => {
            writeln!(out, "{pad}{key}:").unwrap();
            entries.iter().for_each(|entry| dump_entry(out, entry.key, &entry.value, (level + 1, at)));
        }
        Value::List(items) if items.iter().any(|item| matches!(item.value, Value::Map(_))) => {
            writeln!(out, "{pad}{key}:").unwrap();
            items.iter().for_each(|item| dump_entry(out, "-", item, (level + 1, at)));
        }
        _ => {
            let elsewhere = if property.span.line == at { String::new() } else { format!(" (line {})", property.span.line) };
            writeln!(out, "{pad}{key}: {}{elsewhere}", scalar(property)).unwrap();
        }
    }
}

fn scalar(property: &Property<'_>) -> String {
    let all = |items: &[Property<'_>], between: &str| items.iter().map(scalar).collect::<Vec<_>>().join(between);
    match property.value {
        Value::Null => "null".to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(text) | Value::Text(text) => text.to_owned(),
        Value::List(items) => format!("[{}]", all(items, ", ")),
        Value::Map(entries) => {
            let entries: Vec<_> = entries.iter().map(|entry| format!("{}: {}", entry.key, scalar(&entry.value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Reference(reference) => match reference.attribute {
            Some(attribute) => format!("<{}.{attribute}>", reference.address),
            None => format!("<{}>", reference.address),
        },
        Value::External(external) => format!("<{}:{}>", external.kind.prefix(), external.name),
        Value::Ambient(name) => format!("<{name}>"),
        Value::Joined(pieces) => all(pieces, ""),
        Value::Either(either) => format!("either {}", all(either.branches, " or ")),
        Value::Removed => "removed".to_owned(),
        Value::Unknown(reason) => format!("unknown ({reason})"),
    }
}

/// A path of the repository stands for every note here.
#[test]
fn notes_bear_lines() {
    let case = serde_json::json!({"resources": {"aws_nobody_knows.x": {}}});
    let files = MemoryFiles::default();
    let arena = Bump::new();
    let sources = Sources::new(&files);
    let translated = terraform::translate(&root(&case), &sources, &arena);
    assert_eq!(translated.resources.list.len(), 1);
    let model = astride::catalog::lower(&RepoPath::new("."), &translated.resources, &sources, &astride::model::claim::Claims::default());
    assert!(model.elements.is_empty());
    let notes = sources.into_parts().1;
    assert!(notes.iter().any(|note| note.text.contains("aws_nobody_knows")), "{notes:?}");
}
