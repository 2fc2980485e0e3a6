//! Our reader of HCL: what trees are made of which text, what is kept of a broken file, and what a hostile one costs.
//!
//! Verdicts and values in `tests/cases/syntax/hcl` are recorded answers of Terraform 1.11.4; `tests/hcl_conformance.rs` asks it again
//! where it is at hand.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

#[path = "hcl/corpora.rs"]
mod corpora;
#[path = "hcl/evaluate.rs"]
mod evaluate;
#[path = "hcl/outline.rs"]
mod outline;
mod shared;

use astride::formats::terraform::schema::BLOCKS;
use astride::source::{FileId, MAX_FILE_BYTES, NoteKind, Span};
use astride::syntax::hcl::tree::{Body, Expr, ExprKind, Item, Part, Step};
use astride::syntax::hcl::{self, MAX_HEIGHT, Position};
use bumpalo::Bump;
use corpora::terraform_files;
use outline::{expr, meaning, outline};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

type Noted = Vec<(Span, NoteKind, String)>;

fn noted<T>(read: impl FnOnce(&mut dyn FnMut(Span, NoteKind, String)) -> T) -> (T, Noted) {
    let mut notes = Noted::new();
    let result = read(&mut |span, kind, text| notes.push((span, kind, text)));
    (result, notes)
}

fn parse<'t>(text: &'t str, arena: &'t Bump) -> (Body<'t>, Noted) {
    noted(|notes| hcl::parse(text, FileId(0), arena, notes).body)
}

/// The tree of one expression, with all of its brackets.
fn tree(text: &str) -> String {
    let arena = Bump::new();
    let file = format!("a = {text}\n");
    let (body, notes) = parse(&file, &arena);
    assert!(notes.is_empty(), "{text}: {notes:?}");
    expr(&body.attribute("a").unwrap().value)
}

#[test]
fn what_terraform_takes_is_read_and_nothing_else() {
    for (text, is_valid) in recorded("verdicts.json") {
        let text = text.as_str().unwrap();
        let arena = Bump::new();
        let (_, notes) = parse(text, &arena);
        assert_eq!(json!(notes.is_empty()), is_valid, "{text:?}: {notes:?}");
    }
}

#[test]
fn expressions_mean_what_they_mean_to_terraform() {
    for (text, expected) in recorded("values.json") {
        let file = format!("a = {}\n", text.as_str().unwrap());
        let arena = Bump::new();
        let (body, notes) = parse(&file, &arena);
        assert!(notes.is_empty(), "{text}: {notes:?}");
        assert_eq!(normal(&evaluated(&body.attribute("a").unwrap().value)), normal(&expected), "{text}");
    }
}

#[test]
fn templates_of_their_own_mean_what_they_mean_to_terraform() {
    for (text, expected) in recorded("templates.json") {
        let arena = Bump::new();
        let (template, notes) = noted(|notes| hcl::parse_template(text.as_str().unwrap(), Position::File(FileId(0)), &arena, notes));
        assert!(notes.is_empty(), "{text}: {notes:?}");
        assert_eq!(normal(&evaluated(&template)), normal(&expected), "{text}");
    }
}

/// Shapes on which readers of HCL differ; Terraform's reading is the right one.
#[test]
fn shapes_that_others_read_otherwise() {
    for (text, expected) in [
        ("{ for k in x : k => c ? 1 :\n 2 }", "[for k in x : k => (c ? 1 : 2)]"),
        ("{ for k in x : k => 1 +\n 2 }", "[for k in x : k => (1 + 2)]"),
        ("{ for k in x : k => x\n ? 1\n : 2 }", "[for k in x : k => (x ? 1 : 2)]"),
        ("[for k in x : c ? 1 :\n 2]", "[for k in x : (c ? 1 : 2)]"),
        ("( c\n ? 1\n : 2 )", "(c ? 1 : 2)"),
        ("{ k = 1, k = 2 }", "{\"k\": 1, \"k\": 2}"),
        ("(x\n .y)", "x.y"),
        ("x . y", "x.y"),
        ("x.0.y", "x[0].y"),
        ("x.*.y", "x.*(1).y"),
        ("x.*.y.0[1]", "x.*(2).y[0][1]"),
        ("x[*].y[0].*.z", "x[*].y[0].*(1).z"),
        ("provider::aws::f(x)", "provider::aws::f(x)"),
        ("a :: b (x...)", "a::b(x...)"),
        ("{ (k) = 1, k : 2, true = 3, \"${k}\" = 4, k.l = 5 }", "{k: 1, \"k\": 2, \"true\": 3, template(k): 4, k.l: 5}"),
        ("f(<<E\nx\nE\n, [<<-F\n  y\n  F\n])", "f(\"x\\n\", [\"y\\n\"])"),
        ("-a.b + !c[0] * 2", "((-a.b) + ((!c[0]) * 2))"),
        ("a || b && c == d < e + f * -g", "(a || (b && (c == (d < (e + (f * (-g)))))))"),
        ("a - b - c", "((a - b) - c)"),
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
        ("x-y - z", "(x-y - z)"),
        ("[for for in in : for]", "[for for in in : for]"),
        ("ähre.b", "ähre.b"),
        ("null.x", "null.x"),
        ("\"${x}\"", "template(x)"),
        (
            "\"%{ for k, v in m ~} ${k}=%{ if v }y%{ else }n%{ endif } %{~ endfor }\"",
            "template(for k, v in m (k \"=\" if v (\"y\") else (\"n\")))",
        ),
    ] {
        assert_eq!(tree(text), expected, "{text}");
    }
}

#[test]
fn of_a_broken_file_the_rest_is_kept() {
    let mut wrong = Vec::new();
    for path in files("broken", ".tf") {
        let text = fs::read_to_string(&path).unwrap();
        let arena = Bump::new();
        let (body, notes) = parse(&text, &arena);
        wrong.extend(shared::expect(&path.with_extension("txt"), &(outline(&body) + &shown(&notes))).err());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn json_is_the_same_tree() {
    let mut wrong = Vec::new();
    for path in files("json", ".tf.json") {
        let text = fs::read_to_string(&path).unwrap();
        let arena = Bump::new();
        let (body, notes) = noted(|notes| hcl::parse_json(&text, FileId(0), BLOCKS, &arena, notes));
        wrong.extend(shared::expect(&path.with_extension("txt"), &(outline(&body) + &shown(&notes))).err());
        let twin = path.with_extension("");
        if let Ok(native) = fs::read_to_string(twin) {
            assert_eq!(meaning(&body), meaning(&parse(&native, &arena).0), "{}", path.display());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Terraform 1.11.4 gives `x${1}$${y}` for that variable.
#[test]
fn values_of_variables_in_json_are_no_templates() {
    let arena = Bump::new();
    let text = r#"{"t": "x${1}$${y}", "l": [{"${k}": null}]}"#;
    let (body, notes) = noted(|notes| hcl::parse_json_values(text, FileId(0), &arena, notes));
    assert!(notes.is_empty(), "{notes:?}");
    assert_eq!(meaning(&body), "t = \"x${1}$${y}\"\nl = [{\"${k}\": null}]\n");
}

#[test]
fn a_text_in_quotes_may_be_an_expression() {
    let arena = Bump::new();
    let place = Position::Within(Span { line: 7, end_line: 7, column: 3, file: FileId(0) });
    let (reference, notes) = noted(|notes| hcl::parse_expression("aws_x.y[0].z", place, &arena, notes));
    assert_eq!((expr(&reference).as_str(), reference.span.line, notes.len()), ("aws_x.y[0].z", 7, 0));
    let (broken, notes) = noted(|notes| hcl::parse_expression("aws_x.y z", place, &arena, notes));
    assert!(matches!(broken.kind, ExprKind::Unreadable));
    assert_eq!(notes[0].0.line, 7);
}

#[test]
fn comments_are_kept_once() {
    let text = "# one\r\na = 1 // two\nb = x /* three\n */ + 1 #four\nc { # five\n d = [ # six\n 1]\n}\ne = ) # seven\n#eight";
    let arena = Bump::new();
    let (parsed, _) = noted(|notes| hcl::parse(text, FileId(0), &arena, notes));
    let comments: Vec<(&str, u32)> = parsed.comments.iter().map(|comment| (comment.text, comment.span.line)).collect();
    let expected = [(" one", 1), (" two", 2), (" three\n ", 3), ("four", 4), (" five", 5), (" six", 6), ("eight", 10)];
    assert_eq!(comments, expected);
}

/// A place says where the text of a node stands: lines, columns and bytes are of one mind, and that text alone reads as the node.
#[test]
fn places_are_those_of_the_text() {
    let own = files("broken", ".tf").into_iter().chain(files("json", ".tf"));
    for path in own.chain(terraform_files()) {
        let text = fs::read_to_string(&path).unwrap();
        let arena = Bump::new();
        let (body, notes) = parse(&text, &arena);
        let places = Places { text: &text, path: &path, is_valid: notes.is_empty() };
        places.body(&body);
    }
}

struct Places<'a> {
    text: &'a str,
    path: &'a Path,
    is_valid: bool,
}

impl Places<'_> {
    fn body(&self, body: &Body<'_>) {
        for item in body.items {
            match item {
                Item::Attribute(attribute) => {
                    self.place(attribute.span, attribute.bytes.start, attribute.bytes.end);
                    self.expr(&attribute.value);
                    let written = self.slice(&attribute.value);
                    if self.is_valid {
                        assert_eq!(tree(written), expr(&attribute.value), "{}", self.path.display());
                    }
                }
                Item::Block(block) => {
                    self.place(block.span, block.bytes.start, block.bytes.end);
                    self.body(&block.body);
                }
            }
        }
    }

    fn slice(&self, expr: &Expr<'_>) -> &str {
        &self.text[expr.bytes.start as usize..expr.bytes.end as usize]
    }

    fn place(&self, span: Span, start: u32, end: u32) {
        let (before, within) = (&self.text[..start as usize], &self.text[start as usize..end as usize]);
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        let line = before.matches('\n').count() + 1;
        let column = before[line_start..].trim_start_matches('\u{feff}').chars().count() + 1;
        let expected = (line, line + within.matches('\n').count(), column);
        let found = (span.line as usize, span.end_line as usize, usize::from(span.column));
        assert_eq!(found, expected, "{}: {within}", self.path.display());
    }

    fn expr(&self, expr: &Expr<'_>) {
        self.place(expr.span, expr.bytes.start, expr.bytes.end);
        children(expr, &mut |child| {
            assert!(child.height < expr.height);
            assert!(expr.bytes.start <= child.bytes.start && child.bytes.end <= expr.bytes.end);
            self.expr(child);
        });
    }
}

fn children(expr: &Expr<'_>, visit: &mut dyn FnMut(&Expr<'_>)) {
    match expr.kind {
        ExprKind::Null | ExprKind::Bool(_) | ExprKind::Number(_) | ExprKind::Text(_) | ExprKind::Variable(_) | ExprKind::Unreadable => {}
        ExprKind::Template(parts) => children_of(parts, visit),
        ExprKind::Traversal(traversal) => {
            visit(&traversal.source);
            traversal.steps.iter().for_each(|step| {
                if let Step::Index(key) = step {
                    visit(key);
                }
            });
        }
        ExprKind::Call(call) => call.arguments.iter().for_each(visit),
        ExprKind::Tuple(items) => items.iter().for_each(visit),
        ExprKind::Object(items) => items.iter().for_each(|item| {
            visit(&item.key);
            visit(&item.value);
        }),
        ExprKind::For(made) => {
            visit(&made.collection);
            made.key.iter().chain([&made.value]).chain(&made.condition).for_each(visit);
        }
        ExprKind::Unary(_, operand) => visit(operand),
        ExprKind::Binary(_, operands) => operands.iter().for_each(visit),
        ExprKind::Conditional(conditional) => [&conditional.condition, &conditional.yes, &conditional.no].into_iter().for_each(visit),
    }
}

fn children_of(parts: &[Part<'_>], visit: &mut dyn FnMut(&Expr<'_>)) {
    for part in parts {
        match part {
            Part::Text(text, _) => assert!(!text.is_empty() || parts.len() == 2),
            Part::Value(value) => visit(value),
            Part::If(directive) => {
                visit(&directive.condition);
                children_of(directive.yes, visit);
                children_of(directive.no, visit);
            }
            Part::For(directive) => {
                visit(&directive.collection);
                children_of(directive.parts, visit);
            }
        }
    }
}

/// What is hostile ends in notes, and takes memory in proportion to the text. Depth is bounded, so that no stack ends.
#[test]
fn what_is_hostile_is_bounded() {
    const BYTES: usize = 300_000;
    /// Of the arena, for each byte of the text; its chunks double.
    const MOST: usize = 64;
    let many = |text: &str| text.repeat(BYTES / text.len());
    let numbered = |text: &dyn Fn(usize) -> String| (0..BYTES / 20).map(text).collect::<String>();
    let limits = [
        format!("a = {}", many("(")),
        format!("a = {}", many("[")),
        format!("a = {}", many("{a=")),
        format!("a = 1{}", many("+1")),
        format!("a = x{}", many("[*]")),
        format!("a = {}x", many("!")),
        format!("a = {}1", many("x?1:")),
        format!("a = {}", many("\"${")),
        format!("a = \"{}{}\"", "%{if x}".repeat(20_000), "%{endif}".repeat(20_000)),
        format!("a = {}", many("f(")),
        format!("a = {}", many("[for x in ")),
        many("a {\n"),
        many("a {"),
        many("a = \"\n"),
        many("a = )\n"),
        many("}\n"),
        many("k = 1\n"),
        many("a = 1 /*\n"),
        many("a = <<E\n"),
        numbered(&|index| format!("a{index} = <<E{index}\n")),
        numbered(&|index| format!("a{index} = <<E{index}\n${{)}}\n")),
        "x".repeat(MAX_FILE_BYTES + 1),
        format!("a = [{}]", "1,".repeat(1_000_001)),
    ];
    let innocent = [
        format!("a = x{}", many("[0]")),
        format!("a = x{}", many(".y")),
        format!("a = \"{}\"", many("$${")),
        format!("a = \"{}\"", many("$")),
        format!("a = <<E\n{}E\n", many("line\n")),
        format!("a = <<-E\n{}E\n", many("  line ${x}\n")),
        format!("a {} {{}}\n", many("b ")),
        format!("a = {{\n{}}}\n", numbered(&|index| format!("k{index} = 1\n"))),
        numbered(&|index| format!("k{index} = 1\n")),
        many("\n"),
        format!("a = {}1{}\n", "(".repeat(127), ")".repeat(127)),
        format!("a = 1{}\n", "+1".repeat(usize::from(MAX_HEIGHT) - 1)),
    ];
    let read = |text: &str| {
        let arena = Bump::new();
        let (_, notes) = parse(text, &arena);
        let begin: String = text.chars().take(40).collect();
        assert!(arena.allocated_bytes() <= MOST * text.len().max(1_000), "{begin}: {}", arena.allocated_bytes());
        assert!(notes.iter().all(|(_, kind, _)| kind.hides()), "{begin}");
        (begin, notes)
    };
    for text in limits {
        let (begin, notes) = read(&text);
        assert!(notes.len() <= hcl::MAX_ERRORS + 1, "{begin}");
        assert!(notes.iter().any(|(_, kind, _)| *kind == NoteKind::Limit), "{begin}: {:?}", notes.first());
    }
    for text in innocent {
        let (begin, notes) = read(&text);
        assert!(notes.is_empty(), "{begin}: {:?}", notes.first());
    }
}

#[test]
fn a_text_that_is_cut_anywhere_is_read() {
    let texts = files("broken", ".tf").into_iter().chain(files("json", ".tf")).map(|path| fs::read_to_string(path).unwrap());
    let recorded: Vec<String> = recorded("values.json").into_iter().map(|(text, _)| format!("a = {}\n", text.as_str().unwrap())).collect();
    for text in texts.chain(recorded) {
        for (end, _) in text.char_indices() {
            let arena = Bump::new();
            parse(&text[..end], &arena);
            noted(|notes| hcl::parse_template(&text[end..], Position::File(FileId(0)), &arena, notes));
        }
    }
}

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/syntax/hcl")
}

/// Pairs of a text and what Terraform says of it.
fn recorded(file: &str) -> Vec<(Value, Value)> {
    let text = fs::read_to_string(cases().join(file)).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(cases().join(folder)).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.to_string_lossy().ends_with(ending));
    paths.sort();
    paths
}

fn shown(notes: &Noted) -> String {
    let mut text = String::new();
    for (span, kind, message) in notes {
        writeln!(text, "{}:{} {}: {message}", span.line, span.column, kind.word()).unwrap();
    }
    text
}

fn evaluated(expr: &Expr<'_>) -> Value {
    let text = evaluate::json(&evaluate::value(expr, &[])).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Numbers as they compare.
fn normal(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(items) => items.iter().map(normal).collect(),
        Value::Object(entries) => entries.iter().map(|(key, value)| (key.clone(), normal(value))).collect(),
        Value::Null | Value::Bool(_) | Value::String(_) => value.clone(),
    }
}
