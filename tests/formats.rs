//! Templates and what is read from them, in a dump that a person can check: `tests/cases/formats/cloudformation/<case>/`, and
//! `tests/cases/formats/serverless/<case>/` for what the Serverless Framework makes of its files. `template.yaml`, `template.json` or
//! `serverless.yml` is the entry file, other files lie beside it; `expected.txt` is rewritten by `BLESS=1`.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

use astride::formats;
use astride::formats::cloudformation;
use astride::formats::cloudformation::Template;
use astride::formats::serverless;
use astride::model::resource::{Maker, Property, Value};
use astride::source::{MemoryFiles, RepoPath, Sources, Span};
use astride::syntax;
use astride::syntax::yaml::Dialect;
use bumpalo::Bump;
use proptest::prelude::*;
use std::fmt::Write;
use std::path::Path;

#[test]
fn cloudformation_cases() {
    check_all("cloudformation");
}

#[test]
fn serverless_cases() {
    check_all("serverless");
}

fn check_all(format: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/formats").join(format);
    let mut cases: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    cases.sort();
    assert!(!cases.is_empty(), "no cases in {}", folder.display());
    let failed: Vec<String> = cases.iter().filter_map(|case| check(case)).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// What differs from the expectation.
fn check(case: &Path) -> Option<String> {
    let mut files = MemoryFiles::default();
    gather(case, case, &mut files);
    let entry = ["template.yaml", "template.json", "serverless.yml"]
        .map(RepoPath::new)
        .into_iter()
        .find(|path| files.0.contains_key(path))
        .unwrap();
    let dump = dump(&files, &entry);
    let expected = case.join("expected.txt");
    if std::env::var_os("BLESS").is_some_and(|bless| !bless.is_empty()) {
        std::fs::write(&expected, &dump).unwrap();
    }
    let before = std::fs::read_to_string(&expected).unwrap_or_default();
    (before != dump).then(|| format!("{}\n{}", case.display(), diffy::create_patch(&before, &dump)))
}

/// The texts of all cases of a format, to be broken in every way.
fn texts(format: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/formats").join(format);
    let mut files = MemoryFiles::default();
    gather(&folder, &folder, &mut files);
    files.0.into_values().collect()
}

/// Reads a text as a template, and as whatever it includes.
fn read_broken(text: &str) {
    read_broken_as("template.yaml", &["nested/storage.yaml", "api.yaml"], text);
}

/// The same for a service, and for the files that it takes values from.
fn read_broken_service(text: &str) {
    read_broken_as("serverless.yml", &["more.yml", "settings.json"], text);
}

fn read_broken_as(entry: &str, others: &[&str], text: &str) {
    let paths = others.iter().chain([&entry]).map(|path| (RepoPath::new(path), text.to_owned()));
    let files = MemoryFiles(paths.collect());
    let entry = RepoPath::new(entry);
    formats::claim(&entry, text);
    dump(&files, &entry);
}

#[test]
fn a_text_cut_anywhere_is_read_or_refused() {
    for text in texts("cloudformation") {
        for (end, _) in text.char_indices() {
            read_broken(&text[..end]);
        }
    }
    for text in texts("serverless") {
        for (end, _) in text.char_indices().step_by(31) {
            read_broken_service(&text[..end]);
        }
    }
}

/// Variables that grow beyond all bounds where nobody counts.
#[test]
fn hostile_services_are_bounded() {
    let service = |custom: &str, value: &str| {
        format!("service: s\ncustom:\n{custom}provider: {{name: aws}}\nfunctions:\n  f: {{handler: a, environment: {{X: '{value}'}}}}\n")
    };
    let doubled: String = (1..60).map(|level| format!("  d{level}: ${{self:custom.d{0}}}${{self:custom.d{0}}}\n", level - 1)).collect();
    let lists: String =
        (1..60).map(|level| format!("  l{level}: ['${{self:custom.l{0}}}', '${{self:custom.l{0}}}']\n", level - 1)).collect();
    let chain: String = (1..1000).map(|level| format!("  c{level}: ${{self:custom.c{}}}\n", level - 1)).collect();
    let nested = "${self:custom.".repeat(5_000) + &"}".repeat(5_000);
    let wide: String = (0..1_000).map(|key| format!("    K{key}: v\n")).collect();
    let functions: String = (0..1_000).map(|name| format!("  f{name}: {{handler: a, environment: {{A: b}}}}\n")).collect();
    let events: String = (0..5_000).map(|event| format!("      - http: {{path: a/b{event}, method: get}}\n")).collect();
    for (name, text) in [
        ("doubled texts", service(&format!("  d0: {}\n{doubled}", "x".repeat(100)), "${self:custom.d59}")),
        ("doubled lists", service(&format!("  l0: a\n{lists}"), "${self:custom.l59}")),
        ("chain", service(&format!("  c0: a\n{chain}"), "${self:custom.c999}")),
        ("itself", service("  a: ${self:}\n", "${self:custom.a}")),
        ("nested variables", service("  a: b\n", &nested)),
        ("unclosed variables", service("  a: b\n", &"${".repeat(50_000))),
        ("many alternatives", service("  a: b\n", &format!("${{{}'x'}}", "env:A, ".repeat(20_000)))),
        ("environment of all", format!("service: s\nprovider:\n  name: aws\n  environment:\n{wide}functions:\n{functions}")),
        ("many routes", format!("service: s\nprovider: {{name: aws}}\nfunctions:\n  f:\n    handler: a\n    events:\n{events}")),
        ("its own file", "service: s\nprovider: ${file(serverless.yml)}\nfunctions: ${file(serverless.yml):functions}\n".to_owned()),
    ] {
        let start = std::time::Instant::now();
        read_broken_service(&text);
        assert!(start.elapsed().as_secs() < 20, "{name} took {:?}", start.elapsed());
    }
}

/// What grows beyond all bounds where nobody counts: every one is read within seconds of an unoptimised build.
#[test]
fn hostile_templates_are_bounded() {
    let map = |body: &str| {
        format!(
            "Mappings:\n  M:\n    a:\n{body}Resources:\n  R:\n    Type: A::B::C\n    Properties:\n      X: !FindInMap [M, a, !Ref P]\nParameters: {{P: {{Type: String}}}}\n"
        )
    };
    let cells: String = (0..20).map(|cell| format!("      k{cell}: !FindInMap [M, a, !Ref P]\n")).collect();
    let laughs: String = (1..40).map(|level| format!("l{level}: &l{level} [*l{0}, *l{0}, *l{0}]\n", level - 1)).collect();
    let chain: String = (1..400).map(|level| format!("c{level}: &c{level} [[[*c{}]]]\n", level - 1)).collect();
    let long = "x".repeat(100_000);
    let holes = "${P}".repeat(50_000);
    let stacks: String = (0..300)
        .map(|stack| format!("  S{stack}: {{Type: 'AWS::CloudFormation::Stack', Properties: {{TemplateURL: nested/storage.yaml}}}}\n"))
        .collect();
    let nested_loops = (0..30).fold("\"${A0}\": {Type: A::B::C}".to_owned(), |body, level| {
        format!("\"Fn::ForEach::L{level}\": [A{level}, [a, b, c], {{{body}}}]")
    });
    for (name, text) in [
        ("nested flow", "[".repeat(100_000)),
        ("nested JSON", format!("{{\"Resources\": {}", "[".repeat(100_000))),
        ("nested blocks", "- ".repeat(50_000)),
        ("laughs", format!("l0: &l0 a\n{laughs}Resources: *l39\n")),
        ("deep aliases", format!("c0: &c0 a\n{chain}Resources: *c399\n")),
        ("mapping in itself", map(&cells)),
        (
            "nested conditions",
            format!("Resources: {{R: {{Type: A::B::C, Properties: {{X: {}a{}}}}}}}", "!If [C, b, ".repeat(110), "]".repeat(110)),
        ),
        (
            "long default",
            format!(
                "Parameters: {{P: {{Type: String, Default: {long}}}}}\nResources: {{R: {{Type: A::B::C, Properties: {{X: !Sub \"{holes}\"}}}}}}\n"
            ),
        ),
        ("many stacks", format!("Resources:\n{stacks}")),
        ("loops", format!("Resources: {{{nested_loops}}}")),
        ("same key", "{".to_owned() + &"a: 1, ".repeat(100_000) + "}"),
    ] {
        let start = std::time::Instant::now();
        read_broken(&text);
        assert!(start.elapsed().as_secs() < 20, "{name} took {:?}", start.elapsed());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Pieces of templates put together as no person would.
    #[test]
    fn a_broken_text_is_read_or_refused(
        which in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..40, prop::sample::select(PIECES.to_vec())), 1..8),
    ) {
        let texts = [texts("cloudformation"), texts("serverless")].concat();
        let mut text: Vec<char> = texts[which.index(texts.len())].chars().collect();
        for (at, length, piece) in edits {
            let start = at.index(text.len() + 1);
            let end = (start + length).min(text.len());
            text.splice(start..end, piece.chars());
        }
        let text: String = text.into_iter().collect();
        read_broken(&text);
        read_broken_service(&text);
    }
}

const PIECES: [&str; 32] = [
    "",
    "\n",
    "\r\n",
    "\t",
    " ",
    "  ",
    ": ",
    "- ",
    "!Ref ",
    "!Sub ",
    "!GetAtt ",
    "!If ",
    "!Join ",
    "${",
    "}",
    "{",
    "[",
    "]",
    "&a ",
    "*a ",
    "<<: *a\n",
    "|\n",
    "\"",
    "'",
    "\u{feff}",
    "é\u{1f600}",
    "{{resolve:",
    "Fn::ForEach::X",
    "${self:",
    "${file(more.yml):",
    "${opt:stage, ",
    "#{",
];

fn gather(root: &Path, folder: &Path, files: &mut MemoryFiles) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(root, &path, files);
        } else if path.file_name().is_some_and(|name| name != "expected.txt") {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap();
            files.0.insert(RepoPath::new(name), std::fs::read_to_string(&path).unwrap());
        }
    }
}

fn dump(files: &MemoryFiles, entry: &RepoPath) -> String {
    let arena = Bump::new();
    let sources = Sources::new(files);
    let mut out = String::new();
    let (file, text) = sources.open(entry, None).unwrap();
    let mut notes = |span, kind, text| sources.note(span, kind, text);
    let dialect = if entry.file_name() == "serverless.yml" { Dialect::Js } else { Dialect::Yaml11 };
    match syntax::parse(text, dialect, file, &arena, &mut notes) {
        Ok(documents) => {
            let templates = match entry.file_name() {
                "serverless.yml" => serverless::read(&documents, entry, &sources, &arena).templates,
                _ => cloudformation::read(&documents, entry, &sources, &arena),
            };
            templates.iter().for_each(|template| dump_template(&mut out, template));
        }
        Err(error) => writeln!(out, "unreadable: {error}").unwrap(),
    }
    let mut notes = sources.into_parts().1;
    notes.sort();
    notes.dedup();
    for note in notes {
        writeln!(out, "note {} {}:{} {}", note.kind.word(), note.place.path, lines(note.place.line, note.place.end_line), note.text)
            .unwrap();
    }
    out
}

fn dump_template(out: &mut String, template: &Template<'_>) {
    writeln!(out, "template {} scope `{}` transforms {:?}", template.path, template.scope, template.transforms).unwrap();
    for parameter in &template.parameters {
        write!(out, "parameter {} {} = ", parameter.name, at(parameter.span)).unwrap();
        value(out, &parameter.value, 0);
    }
    if template.globals.is_present() {
        out.push_str("globals ");
        value(out, &template.globals, 0);
    }
    for resource in &template.resources.list {
        write!(out, "resource {} {} {} ", resource.address, resource.kind, at(resource.span)).unwrap();
        if resource.called.in_template != resource.address {
            write!(out, "called {} and {} ", resource.called.by_people, resource.called.in_template).unwrap();
        }
        if resource.called.maker == Maker::Toolkit {
            out.push_str("of the toolkit ");
        }
        value(out, &resource.properties, 0);
        if !resource.attributes.entries().is_empty() {
            out.push_str("  beside ");
            value(out, &resource.attributes, 1);
        }
    }
    for output in &template.outputs {
        write!(out, "output {} {} = ", output.name, at(output.span)).unwrap();
        value(out, &output.value, 0);
        if let Some(export) = &output.export {
            out.push_str("  export ");
            value(out, export, 1);
        }
    }
}

/// One line for a scalar, an indented block for a collection, always with the lines that it stands on.
fn value(out: &mut String, property: &Property<'_>, level: usize) {
    let pad = "  ".repeat(level + 1);
    let nested = |out: &mut String, word: &str, items: &[Property<'_>]| {
        writeln!(out, "{word} {}", at(property.span)).unwrap();
        for item in items {
            write!(out, "{pad}- ").unwrap();
            value(out, item, level + 1);
        }
    };
    match property.value {
        Value::List(items) => nested(out, "list", items),
        Value::Joined(pieces) => nested(out, "joined", pieces),
        Value::Either(either) => nested(out, "either", either.branches),
        Value::Map(entries) => {
            writeln!(out, "map {}", at(property.span)).unwrap();
            for entry in entries {
                write!(out, "{pad}{}: ", entry.key).unwrap();
                value(out, &entry.value, level + 1);
            }
        }
        Value::Null => writeln!(out, "null {}", at(property.span)).unwrap(),
        Value::Bool(flag) => writeln!(out, "{flag} {}", at(property.span)).unwrap(),
        Value::Number(number) => writeln!(out, "{number} {}", at(property.span)).unwrap(),
        Value::Text(text) => writeln!(out, "{text:?} {}", at(property.span)).unwrap(),
        Value::Reference(reference) => {
            let attribute = reference.attribute.map(|attribute| format!(".{attribute}")).unwrap_or_default();
            writeln!(out, "-> {}{attribute} {}", reference.address, at(property.span)).unwrap();
        }
        Value::External(external) => writeln!(out, "external {}:{} {}", external.kind.prefix(), external.name, at(property.span)).unwrap(),
        Value::Ambient(name) => writeln!(out, "ambient {name} {}", at(property.span)).unwrap(),
        Value::Removed => writeln!(out, "removed {}", at(property.span)).unwrap(),
        Value::Unknown(reason) => writeln!(out, "unknown ({reason}) {}", at(property.span)).unwrap(),
    }
}

fn at(span: Span) -> String {
    let file = if span.file.0 == 0 { String::new() } else { format!("f{}:", span.file.0) };
    format!("@{file}{}", lines(span.line, span.end_line))
}

fn lines(first: u32, last: u32) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}
