//! What SAM makes of minimal templates, in a dump that a person can check: `tests/cases/formats/sam/<case>/`.
//! `template.yaml` is the entry file, other files lie beside it; `expected.txt` is rewritten by `BLESS=1`.

#![expect(clippy::unwrap_used, reason = "a test that fails says why")]

use astride::formats::cloudformation;
use astride::formats::sam;
use astride::model::resource::{Property, Resource, Value};
use astride::source::{MemoryFiles, RepoPath, Sources, Span};
use astride::syntax;
use astride::syntax::yaml::Dialect;
use bumpalo::Bump;
use std::fmt::Write;
use std::fs;
use std::path::Path;

#[test]
fn sam_cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/formats/sam");
    let mut cases: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(!cases.is_empty(), "no cases in {}", folder.display());
    let failed: Vec<String> = cases.iter().filter_map(|case| check(case)).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// A template that is cut off anywhere is expanded as far as it goes.
#[test]
fn cut_templates_are_no_trouble() {
    for case in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/formats/sam")).unwrap() {
        let text = fs::read_to_string(case.unwrap().path().join("template.yaml")).unwrap();
        for (end, _) in text.char_indices().step_by(7) {
            let mut files = MemoryFiles::default();
            files.0.insert(RepoPath::new("template.yaml"), text[..end].to_owned());
            dump(&files);
        }
    }
}

/// What differs from the expectation.
fn check(case: &Path) -> Option<String> {
    let files = fs::read_dir(case).unwrap().map(|entry| entry.unwrap().path()).filter(|path| !path.ends_with("expected.txt"));
    let named = files.map(|path| (RepoPath::new(&path.file_name().unwrap().to_string_lossy()), fs::read_to_string(&path).unwrap()));
    let dump = dump(&MemoryFiles(named.collect()));
    let expected = case.join("expected.txt");
    if std::env::var_os("BLESS").is_some_and(|bless| !bless.is_empty()) {
        fs::write(&expected, &dump).unwrap();
    }
    let before = fs::read_to_string(&expected).unwrap_or_default();
    (before != dump).then(|| format!("{}\n{}", case.display(), diffy::create_patch(&before, &dump)))
}

fn dump(files: &MemoryFiles) -> String {
    let arena = Bump::new();
    let sources = Sources::new(files);
    let path = RepoPath::new("template.yaml");
    let (file, text) = sources.open(&path, None).unwrap();
    let Ok(documents) = syntax::parse(text, Dialect::Yaml11, file, &arena, &mut |_, _, _| {}) else { return "unreadable\n".to_owned() };
    let mut out = String::new();
    for template in cloudformation::read(&documents, &path, &sources, &arena) {
        for resource in sam::expand(&template, &sources, &arena).list {
            dump_resource(&mut out, &resource);
        }
    }
    for note in sources.into_parts().1 {
        writeln!(out, "note {} {}:{} {}", note.kind.word(), note.place.path, note.place.line, note.text).unwrap();
    }
    out
}

fn dump_resource(out: &mut String, resource: &Resource<'_>) {
    write!(out, "{} {} {}", resource.address, resource.kind, lines(resource.span)).unwrap();
    if let Some(parent) = resource.implied_by {
        write!(out, " implied by {parent}").unwrap();
    }
    out.push('\n');
    let beside = resource.attributes.entries().iter().filter(|entry| entry.key != "Connectors");
    for entry in resource.properties.entries().iter().chain(beside) {
        dump_entry(out, entry.key, &entry.value, 1);
    }
}

/// A scalar on one line; collections indented.
fn dump_entry(out: &mut String, key: &str, property: &Property<'_>, level: usize) {
    let pad = "  ".repeat(level);
    match property.value {
        Value::Map(entries) if !entries.is_empty() => {
            writeln!(out, "{pad}{key}:").unwrap();
            entries.iter().for_each(|entry| dump_entry(out, entry.key, &entry.value, level + 1));
        }
        Value::List(items) if items.iter().any(|item| matches!(item.value, Value::Map(_))) => {
            writeln!(out, "{pad}{key}:").unwrap();
            items.iter().for_each(|item| dump_entry(out, "-", item, level + 1));
        }
        _ => writeln!(out, "{pad}{key}: {}", scalar(property)).unwrap(),
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

fn lines(span: Span) -> String {
    let file = if span.file.0 == 0 { String::new() } else { format!("file {} ", span.file.0) };
    format!("({file}{}-{})", span.line, span.end_line)
}
