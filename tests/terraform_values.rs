//! Terraform's functions and operators over values, known and not known.
//!
//! `tests/cases/formats/terraform/functions.json` holds answers of `terraform console` 1.11.4: an expression, and its `jsonencode`, or null
//! for an error.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

#[path = "hcl/evaluate.rs"]
mod evaluate;

use astride::formats::terraform::functions;
use astride::formats::terraform::types::Type;
use astride::formats::terraform::value::{External, Kind, Marks, Value};
use astride::source::{FileId, Span};
use astride::syntax::hcl::{self, Position};
use bumpalo::Bump;
use evaluate::shown;
use std::fs;
use std::path::Path;

const SPAN: Span = Span { line: 1, end_line: 1, column: 1, file: FileId(0) };

fn evaluated(text: &str, names: &[(&str, Value)]) -> Value {
    let arena = Bump::new();
    let expr = hcl::parse_expression(text, Position::File(FileId(0)), &arena, &mut |_, _, note| panic!("{text}: {note}"));
    evaluate::value(&expr, names)
}

fn at(kind: Kind) -> Value {
    Value::new(kind, SPAN)
}

/// Names for what is not known.
fn names() -> Vec<(&'static str, Value)> {
    let text = |text: &str| at(Kind::text(text));
    vec![
        ("unknown", at(Kind::unknown("nobody said"))),
        ("bucket", at(Kind::Reference { address: "aws_s3_bucket.b".into(), path: "".into() })),
        ("workspace", at(Kind::External(External::Workspace, "terraform.workspace".into()))),
        ("either", at(Kind::either(vec![text("a"), text("B")]))),
        ("flag", at(Kind::Unknown("nobody said".into(), Some(Type::Bool)))),
        ("password", text("hush").marked(Marks { sensitive: true, ephemeral: false })),
    ]
}

/// Expressions of which less is known here than to Terraform: files, digests, times.
const NOT_COMPUTED: [&str; 16] = [
    "abspath",
    "base64gzip",
    "base64sha256",
    "file",
    "fileexists",
    "fileset",
    "formatdate",
    "md5",
    "pathexpand",
    "sha1",
    "sha256",
    "templatestring",
    "textencodebase64",
    "timeadd",
    "timecmp",
    "uuidv5",
];

/// A pattern that the crate does not take may be one that RE2 takes.
const BROKEN_PATTERN: &str = "regex(\"(\", \"a\")";

/// Dates and `y` may be read in several ways: parts of this one are not known.
const OPEN_YAML: &str = "yamldecode(\"a: on\\nb: 010";

/// Where later versions of Terraform decide without the other side.
const SHORT_CIRCUIT: [(&str, &str); 2] = [("false && null", "false"), ("true || null", "true")];

#[test]
fn expressions_have_the_values_that_terraform_gives() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/formats/terraform/functions.json");
    let recorded: Vec<(String, Option<String>)> = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let mut wrong = Vec::new();
    let mut not_computed = 0;
    for (text, expected) in &recorded {
        let value = evaluated(text, &[]);
        let (name, _) = text.split_once('(').unwrap_or((text, ""));
        if NOT_COMPUTED.contains(&name) || text == BROKEN_PATTERN {
            not_computed += 1;
            assert!(matches!(value.kind, Kind::Unknown(..)), "{text}: {}", shown(&value));
            continue;
        }
        if text.starts_with(OPEN_YAML) {
            not_computed += 1;
            let expected = "{a: true, b: 10, c: 8, d: null, e: ?, f: \"1\", g: 1, h: false, i: ?}";
            assert_eq!(shown(&value).replace("?(YAML that is not read in one way only)", "?"), expected);
            continue;
        }
        let later = SHORT_CIRCUIT.iter().find(|(known, _)| known == text).map(|(_, value)| (*value).to_owned());
        let expected = later.or_else(|| expected.clone());
        let found = if value.is_whole() { evaluate::json(&value) } else { Some(shown(&value)).filter(|text| text != "error") };
        if found != expected {
            wrong.push(format!("{text}: {found:?} instead of {expected:?} ({})", value.reason()));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), recorded.len(), wrong.join("\n"));
    assert_eq!((recorded.len(), not_computed), (466, 18));
}

#[test]
fn what_is_not_known_stays_so_and_no_more() {
    let names = names();
    for (text, expected) in [
        ("upper(unknown)", "?(nobody said)"),
        ("upper(either)", "either(\"A\", \"B\")"),
        ("length([unknown, 1])", "2"),
        ("length(toset([unknown, 1]))", "?(nobody said)"),
        ("keys({a = unknown})", "[\"a\"]"),
        ("merge({a = unknown}, {b = 1})", "{a: ?(nobody said), b: 1}"),
        ("merge({a = 1}, unknown)", "either({a: 1}, ?(nobody said))"),
        ("concat(unknown, [1])", "either([1], ?(nobody said))"),
        ("flatten([unknown, [1]])", "either([1], ?(nobody said))"),
        ("setsubtract(unknown, [1])", "?(nobody said)"),
        ("concat([unknown], [1])", "[?(nobody said), 1]"),
        ("lookup({a = 1, b = 2}, workspace, 3)", "either(1, 2, 3)"),
        ("{a = 1, b = 2}[workspace]", "either(1, 2)"),
        ("flag ? 1 : 2", "either(1, 2)"),
        ("flag ? {}.a : 2", "2"),
        ("flag ? {}.a : {}.b", "error"),
        ("flag && false", "false"),
        ("flag || true", "true"),
        ("flag && true", "?(nobody said)"),
        ("unknown.a || true", "true"),
        ("bucket.arn == null", "false"),
        ("bucket.arn == \"x\"", "?(depends on aws_s3_bucket.b.arn)"),
        ("\"pre-${bucket.id}\" == \"post-x\"", "false"),
        ("startswith(\"pre-${bucket.id}\", \"pre-\")", "true"),
        ("startswith(\"pre-${bucket.id}\", \"x\")", "false"),
        ("\"${bucket.arn}/*\"", "joined(aws_s3_bucket.b.arn, \"/*\")"),
        ("join(\",\", [\"a\", bucket.arn, \"b\"])", "joined(\"a,\", aws_s3_bucket.b.arn, \",b\")"),
        ("format(\"%s/*\", bucket.arn)", "joined(aws_s3_bucket.b.arn, \"/*\")"),
        ("format(\"${bucket.arn}:%s\", \"a\")", "joined(aws_s3_bucket.b.arn, \":a\")"),
        ("format(\"%s${unknown}%s\", 1, bucket.arn)", "joined(\"1\", ?(nobody said), aws_s3_bucket.b.arn)"),
        ("format(unknown, \"a\")", "?(nobody said)"),
        ("formatlist(\"${bucket.arn}/%s\", [\"a\"])", "[joined(aws_s3_bucket.b.arn, \"/a\")]"),
        ("formatlist(\"%s/*\", [bucket.arn])", "[joined(aws_s3_bucket.b.arn, \"/*\")]"),
        ("formatlist(\"%s\", unknown)", "?(nobody said)"),
        ("regex(\"x\", \"a${bucket.id}\")", "?(depends on aws_s3_bucket.b.id)"),
        ("jsonencode({Resource = bucket.arn})", "joined(\"{\\\"Resource\\\":\\\"\", aws_s3_bucket.b.arn, \"\\\"}\")"),
        ("try(bucket[0].arn, null)", "aws_s3_bucket.b[0].arn"),
        ("try({}.a, unknown)", "?(nobody said)"),
        ("can(unknown)", "?(nobody said)"),
        ("coalesce(bucket.name, \"x\")", "either(aws_s3_bucket.b.name, \"x\")"),
        ("coalesce(\"a${bucket.name}\", \"x\")", "joined(\"a\", aws_s3_bucket.b.name)"),
        ("compact([bucket.arn, null, \"\", \"x${bucket.name}\"])", "[aws_s3_bucket.b.arn, joined(\"x\", aws_s3_bucket.b.name)]"),
        ("compact([unknown])", "?(nobody said)"),
        ("distinct([bucket.arn, bucket.arn, bucket[0].arn])", "?(depends on aws_s3_bucket.b.arn)"),
        ("distinct([bucket.arn, bucket.arn])", "[aws_s3_bucket.b.arn]"),
        ("distinct([bucket.arn, \"a\"])", "either([\"a\"], ?(depends on aws_s3_bucket.b.arn))"),
        ("tolist([bucket.arn])", "[aws_s3_bucket.b.arn]"),
        ("contains([unknown, \"a\"], \"a\")", "true"),
        ("contains([unknown], \"a\")", "?(nobody said)"),
        ("alltrue([flag, false])", "false"),
        ("file(\"a\")", "?(file() reads a file)"),
        ("provider::aws::arn_parse(\"a\")", "?(provider::aws::arn_parse() is a provider's)"),
        ("upper(unknown, 1)", "error"),
    ] {
        assert_eq!(shown(&evaluated(text, &names)), expected, "{text}");
    }
}

#[test]
fn marks_go_where_the_value_goes() {
    let names = names();
    for (text, expected) in [
        ("upper(password)", "$\"HUSH\""),
        ("\"a${password}\"", "$\"ahush\""),
        ("password == \"x\"", "$false"),
        ("length([password])", "1"),
        ("merge({a = password}, {b = 1})", "{a: $\"hush\", b: 1}"),
        ("{a = password}.a", "$\"hush\""),
        ("{a = password, b = 1}.b", "1"),
        ("{a = password, b = 1}[\"b\"]", "1"),
        ("[password][0]", "$\"hush\""),
        ("element([password], 0)", "$\"hush\""),
        ("lookup({a = password}, \"a\")", "$\"hush\""),
        ("coalesce(password, \"x\")", "$\"hush\""),
        ("try(password, \"x\")", "$\"hush\""),
        ("one([password])", "$\"hush\""),
        ("jsonencode({a = password})", "$\"{\\\"a\\\":\\\"hush\\\"}\""),
        ("password != null ? 1 : 2", "$1"),
        ("true ? password : \"a\"", "$\"hush\""),
        ("flatten([sensitive([1])])", "[$1]"),
        ("(flag ? {a = password} : {}).a", "$\"hush\""),
        ("{a = password}[workspace]", "$\"hush\""),
        ("lookup({a = password}, workspace)", "$\"hush\""),
        ("issensitive(password)", "true"),
        ("nonsensitive(password)", "\"hush\""),
        ("sensitive(1)", "$1"),
    ] {
        assert_eq!(shown(&evaluated(text, &names)), expected, "{text}");
    }
}

/// What a hostile text would make large is not known from the limit on.
#[test]
fn results_are_bounded() {
    let doubled = (0..40).fold("\"ab\"".to_owned(), |inner, _| format!("[for x in [{inner}] : [x, x]]"));
    let many = format!("\"{}\"", "a".repeat(2_000));
    for text in [
        "format(\"%1000000d\", 1)".to_owned(),
        "setproduct(range(1000), range(1000), range(1000))".to_owned(),
        "indent(1000000, \"\\n\\n\")".to_owned(),
        format!("replace({many}, \"\", {many})"),
        format!("replace({many}, \"/a/\", {many})"),
        format!("join({many}, range(1000))"),
        doubled,
    ] {
        let value = evaluated(&text, &[]);
        assert!(!value.is_whole(), "{}", text.chars().take(80).collect::<String>());
    }
    assert!(matches!(evaluated("range(1000000)", &[]).kind, Kind::Error(_)));
    let verbs = format!("format(\"{}\", 1)", "%9999[1]d".repeat(2_000));
    assert!(matches!(evaluated(&verbs, &[]).kind, Kind::Unknown(..)));
    let deep = |leaf: &str| (0..60).fold(leaf.to_owned(), |inner, _| format!("{{a = {inner}}}"));
    let low = "-99999999999999999999999999999999999999 - 70141183460469231731687303715884105729";
    for (text, expected) in [
        (format!("true ? {} : {}", deep("1"), deep("[]")), "error"),
        ("indent(100000000000000, \"a\")".to_owned(), "\"a\""),
        ("setproduct(range(1000), range(1000), [])".to_owned(), "[]"),
        ("cidrsubnets(\"10.0.0.0/8\", 4294967295)".to_owned(), "error"),
        ("cidrsubnet(\"::/0\", 128, 1)".to_owned(), "\"::1/128\""),
        (format!("-({low})"), "?(a number of more digits than are computed with)"),
    ] {
        assert_eq!(shown(&evaluated(&text, &[])), expected, "{text}");
    }
}

#[test]
fn a_call_takes_what_the_table_says() {
    for (name, count) in [("upper", 0), ("upper", 2), ("lookup", 1), ("max", 0), ("no_such_function", 1)] {
        let arguments = vec![at(Kind::text("1")); count];
        assert!(matches!(functions::call(name, &arguments, SPAN).kind, Kind::Error(_)), "{name} {count}");
    }
}
