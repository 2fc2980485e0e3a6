//! Our readers of YAML against those that providers' tools stand on: PyYAML for templates, js-yaml for services.
//!
//! Tables of scalars, every YAML file of the corpora, and seeded mutations of texts are read by both: the trees are equal, or both refuse.
//! Where we refuse and they do not, the text is of a listed class. `ASTRIDE_MUTATIONS` says how many mutations, `ASTRIDE_JS_YAML` where the
//! package js-yaml lies.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot set itself up fails, and says what it compared")]

#[path = "shared/random.rs"]
mod random;
mod shared;

use astride::report::Verdict;
use astride::settings::SettingsTexts;
use astride::source::FileId;
use astride::syntax::yaml::{self, Dialect};
use astride::syntax::{Node, Value};
use bumpalo::Bump;
use random::Random;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Mutations of each reader where nothing else is said.
const MUTATIONS: usize = 4_000;
/// Largest file of the corpora that is compared, in bytes.
const LARGEST: u64 = 120_000;

/// Somebody else's reader, as a program that reads a JSON text a line and writes its documents.
struct Oracle {
    dialect: Dialect,
    command: Vec<String>,
}

impl Oracle {
    fn pyyaml() -> Option<Self> {
        let script = script("pyyaml.py");
        let there = Command::new("python3").args(["-c", "import yaml"]).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
        there.then(|| Self { dialect: Dialect::Yaml11, command: vec!["python3".to_owned(), script] })
    }

    fn jsyaml() -> Option<Self> {
        let package = std::env::var_os("ASTRIDE_JS_YAML").map(PathBuf::from).filter(|package| package.is_dir())?;
        let there = Command::new("node").arg("--version").stdout(Stdio::null()).status().is_ok_and(|status| status.success());
        let command = vec!["node".to_owned(), script("jsyaml.cjs"), package.to_string_lossy().into_owned()];
        there.then_some(Self { dialect: Dialect::Js, command })
    }

    fn read(&self, texts: &[String]) -> Vec<Json> {
        let (program, arguments) = self.command.split_first().unwrap();
        let mut child =
            Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let input: String = texts.iter().map(|text| format!("{}\n", json!(text))).collect();
        let mut stdin = child.stdin.take().unwrap();
        let feeding = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
        let output = child.wait_with_output().unwrap();
        feeding.join().unwrap().unwrap();
        // Half a surrogate pair is text in their language, and none in ours.
        let lines = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        let answers: Vec<Json> = lines.map(|line| serde_json::from_slice(line).unwrap_or_else(|_| json!("half a pair"))).collect();
        assert_eq!(answers.len(), texts.len(), "{program} answers each text");
        answers
    }
}

fn script(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance").join(name).to_string_lossy().into_owned()
}

/// The readers that are at hand. What is skipped is said.
fn oracles() -> Vec<Oracle> {
    let (pyyaml, jsyaml) = (Oracle::pyyaml(), Oracle::jsyaml());
    if pyyaml.is_none() {
        shared::skip("how PyYAML reads templates: python3 with PyYAML is not here");
    }
    if jsyaml.is_none() {
        shared::skip("how js-yaml reads services: node, or js-yaml where ASTRIDE_JS_YAML says, is not here");
    }
    pyyaml.into_iter().chain(jsyaml).collect()
}

/// Our reading in the form of the scripts; null where we refuse.
fn ours(text: &str, dialect: Dialect) -> (Json, Option<String>) {
    let arena = Bump::new();
    match yaml::parse(text, dialect, FileId::default(), &arena, &mut |_, _, _| {}) {
        Ok(documents) => (documents.iter().map(shown).collect(), None),
        Err(error) => (Json::Null, Some(error.message)),
    }
}

fn shown(node: &Node<'_>) -> Json {
    let value = match node.value {
        Value::Null => Json::Null,
        Value::Bool(flag) => json!(flag),
        Value::Number(text) => json!(["n", text]),
        Value::Text(text) => json!(["s", text]),
        Value::List(items) => json!(["l", items.iter().map(shown).collect::<Vec<_>>()]),
        Value::Map(entries) => json!(["m", entries.iter().map(|entry| json!([entry.key, shown(&entry.value)])).collect::<Vec<_>>()]),
    };
    node.tag.map_or_else(|| value.clone(), |tag| json!(["!", tag, value]))
}

/// Whether two readings say the same. Keys of a mapping may come in another order in a language whose objects sort numbers first.
fn same(ours: &Json, theirs: &Json) -> bool {
    let (Json::Array(a), Json::Array(b)) = (ours, theirs) else { return ours == theirs };
    let kind = |list: &[Json]| list.first().and_then(Json::as_str).map(str::to_owned).unwrap_or_default();
    match (kind(a).as_str(), kind(b).as_str()) {
        ("n", "i") => a[1] == b[1],
        ("n", "f") => number(&a[1]).zip(number(&b[1])).is_some_and(|(a, b)| a == b || a.is_nan() && b.is_nan()),
        ("m", "m") => {
            let sorted = |list: &Json| {
                let mut entries: Vec<Json> = list.as_array().unwrap().clone();
                entries.sort_by_key(|entry| entry[0].as_str().unwrap_or_default().to_owned());
                entries
            };
            let (a, b) = (sorted(&a[1]), sorted(&b[1]));
            a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| key(&a[0]) == key(&b[0]) && same(&a[1], &b[1]))
        }
        _ => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
    }
}

/// A key; where JavaScript calls it `Infinity`, we call it as YAML does.
fn key(text: &Json) -> &str {
    match text.as_str().unwrap_or_default() {
        "Infinity" => ".inf",
        "-Infinity" => "-.inf",
        "NaN" => ".nan",
        text => text,
    }
}

fn number(text: &Json) -> Option<f64> {
    match text.as_str()? {
        ".inf" | "inf" | "Infinity" => Some(f64::INFINITY),
        "-.inf" | "-inf" | "-Infinity" => Some(f64::NEG_INFINITY),
        ".nan" | "nan" | "NaN" => Some(f64::NAN),
        text => text.parse().ok(),
    }
}

/// Compares the readings of texts, and gives back what differs.
fn differences(oracle: &Oracle, texts: &[String]) -> Vec<String> {
    let theirs = oracle.read(texts);
    let mut different = Vec::new();
    let mut more = BTreeMap::<&str, usize>::new();
    for (text, theirs) in texts.iter().zip(&theirs) {
        let (ours, why) = ours(text, oracle.dialect);
        if same(&ours, theirs) {
            continue;
        }
        let why = why.unwrap_or_default();
        match REFUSED_MORE.iter().find(|class| ours.is_null() && why.contains(**class)) {
            Some(class) => *more.entry(class).or_default() += 1,
            None => different.push(format!("{text:?}\n    ours {ours} {why}\n  theirs {theirs}")),
        }
    }
    eprintln!("{:?}: refused though the reader does not: {more:?}", oracle.dialect);
    different
}

/// What we refuse though the reader does not, by words of the refusal.
const REFUSED_MORE: &[&str] = &[
    // Nobody knows how CloudFormation reads these.
    "is a line break for readers of YAML 1.1",
    // Half a surrogate pair is text in Python and JavaScript, and none in JSON.
    "the escape names no character",
    // Trees without end, and limits.
    "an alias stands inside the node that it names",
    "nested deeper than",
    "nodes, aliases counted",
    "more digits than are read",
    // A tag of YAML's own on what it does not describe: Python converts what it can.
    "makes nothing of this value",
    "is no integer",
    "is no number",
    "is no date",
    "a value has two tags",
    // JavaScript merges whatever has properties.
    "`<<` wants a mapping",
];

fn report(oracle: &Oracle, what: &str, all: usize, different: &[String]) {
    eprintln!("{:?}, {what}: {} of {all} read alike", oracle.dialect, all - different.len());
    let mut shown = String::new();
    for difference in different.iter().take(30) {
        let _ = writeln!(shown, "{difference}");
    }
    assert!(different.is_empty(), "{:?}, {what}: {} differ\n{shown}", oracle.dialect, different.len());
}

const SCALARS: &[&str] = &[
    "yes",
    "Yes",
    "YES",
    "yEs",
    "no",
    "No",
    "NO",
    "on",
    "On",
    "ON",
    "off",
    "Off",
    "OFF",
    "y",
    "Y",
    "n",
    "N",
    "true",
    "True",
    "TRUE",
    "tRue",
    "false",
    "False",
    "FALSE",
    "null",
    "Null",
    "NULL",
    "nUll",
    "~",
    "",
    "0",
    "00",
    "-0",
    "+1",
    "01",
    "012",
    "0o17",
    "0O17",
    "-0o7",
    "08",
    "089",
    "0x1F",
    "0X1F",
    "-0x1f",
    "0b101",
    "0B1",
    "+0b1",
    "1_000",
    "1__0",
    "_1",
    "1_",
    "0x_1",
    "1:20",
    "1:60",
    "190:20:30",
    "-1:20",
    "1:20.5",
    "1.5",
    "1.",
    ".5",
    "-.5",
    "+.5",
    "1e3",
    "1.0e3",
    "1.0e+3",
    "1.5E-3",
    "1e",
    ".e1",
    "1.2.3",
    ".inf",
    "-.inf",
    "+.INF",
    ".Inf",
    ".iNf",
    ".nan",
    ".NaN",
    ".NAN",
    ".nAn",
    "inf",
    "NaN",
    "2010-09-09",
    "2010-9-9",
    "2010-02-30",
    "2001-12-14t21:59:43.10-05:00",
    "2001-12-14 21:59:43",
    "=",
    "<<",
    "123456789012",
    "99999999999999999999",
    "0.1",
    "1_0.5",
    "- 1",
    "'yes'",
    "\"yes\"",
    "'012'",
    "!!str yes",
    "!!str 012",
    "!!int '7'",
    "!!bool 'yes'",
    "!!float '1'",
    "! yes",
    "!Ref yes",
    "!Sub 012",
    "!<tag:yaml.org,2002:str> 1",
    "!!int 0x_",
    "0x_",
    "0b_",
    "0_",
    "1_:2_0",
    "1_0:20.5_",
    "2010-13-09",
    "2001-12-14T25:00:00Z",
    "2001-12-14T20:00:00+24",
    "!!null x",
    "!!timestamp 2010-09-09",
    "!!timestamp x",
    "!!binary aGk=",
    "!!set {a}",
    "!!omap [a: 1]",
    "!!seq [a]",
    "!!map {a: b}",
    "!!str [a]",
    "!!map [a]",
    "!!python/none x",
    "!<tag:example.com,2010:x> 1",
    "!Ref",
    "!!str",
    "!!int",
    "!GetAtt [A, B]",
    "!Sub {a: yes}",
    "! 'yes'",
    "{1: a, '1': b, 0x1: c}",
    "{yes: a, 'true': b}",
    "{1.50: a, .5: b, ~: c, 2010-09-09: d, 1:20: e}",
    "{[a]: b}",
    "{{a: b}: c}",
    "{!Ref a: b}",
    "{a: 1, a: 2}",
    "{<<: {a: 1, b: 2}, a: 3}",
    "{<<: [{a: 1, b: 2}, {a: 3, c: 4}], b: 5}",
    "{<<: {a: 1}, <<: {a: 2}}",
    "{<<: x}",
    "{<<: [x]}",
    "{'<<': {a: 1}}",
    "{=: a}",
    "[a: b, ? c, ? d: e]",
    "1e400",
    "1.0e+400",
    "123456789012345678901234567890",
    "0xffffffffffffffffffffffffffffffff",
    "9007199254740993",
    "1e-7",
    "\"\\ud83d\\ude00\\N\\L\\P\"",
    "\"\\ud83d\"",
    "'a\n\n  b'",
    "a\n\n  b",
];

#[test]
fn scalars_have_the_type_that_the_reader_gives_them() {
    for oracle in oracles() {
        let texts: Vec<String> =
            SCALARS.iter().flat_map(|scalar| [format!("a: {scalar}\n"), format!("[{scalar}]\n"), format!("- {scalar}\n")]).collect();
        report(&oracle, "scalars", texts.len(), &differences(&oracle, &texts));
    }
}

#[test]
fn files_of_the_corpora_are_read_alike() {
    let Some(folder) = shared::shared() else { return };
    let texts: Vec<String> = yaml_files(&folder).iter().filter_map(|file| fs::read_to_string(file).ok()).collect();
    for oracle in oracles() {
        report(&oracle, "files of the corpora", texts.len(), &differences(&oracle, &texts));
    }
}

fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let is_small = |file: &PathBuf| fs::metadata(file).is_ok_and(|metadata| metadata.len() <= LARGEST);
    let is_yaml = |file: &PathBuf| file.extension().is_some_and(|ending| ["yaml", "yml", "template"].iter().any(|known| ending == *known));
    shared::files(&folder.join("corpora/files")).into_iter().filter(|file| is_yaml(file) && is_small(file)).collect()
}

#[test]
fn mutations_are_read_alike() {
    let wanted = std::env::var("ASTRIDE_MUTATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(MUTATIONS);
    for oracle in oracles() {
        let mut random = Random(0x5eed_0001);
        let seeds = seeds(&mut random);
        let texts: Vec<String> = (0..wanted).map(|_| mutated(&seeds, &mut random)).collect();
        report(&oracle, "mutations", texts.len(), &differences(&oracle, &texts));
    }
}

const SEEDS: &[&str] = &[
    "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  Q: {Type: AWS::SQS::Queue, Properties: {VisibilityTimeout: 30}}\n",
    "Resources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: a.b # why\n      FunctionUrlConfig:\n        AuthType: NONE\n",
    "a: &x\n  b: 1\n  c: [yes, 'no', \"on\"]\nd:\n  <<: *x\n  b: 2\ne: *x\n",
    "a: |\n  one\n   two\n\n  three\nb: >-\n  folded\n  text\n\n  more\nc: \"x\\u0041\\\n  y\"\n",
    "- !Ref A\n- !Sub '${A}-b'\n- Fn::If: [C, {x: 1}, !Ref \"AWS::NoValue\"]\n- ? key\n  : value\n",
    "%YAML 1.1\n---\na: 1\n...\n---\nb: 2\n",
    "{\"a\": [1, 2, {\"b\": \"c\"}], 'd': e, f: g}\n",
    "a:\n- b\n- c:\n  - d\n-  e: f\n   g: h\n",
];
const PIECES: &[&str] = &[
    " ", "  ", "\t", "\n", "\r", "\r\n", ":", ": ", "-", "- ", "? ", "?", ",", "[", "]", "{", "}", "#", " #", "&a ", "*a", "!", "!!str ",
    "!x ", "|", ">", "|-\n", ">2\n", "'", "\"", "%", "@", "`", "\\", "\\n", "\\x41", "---\n", "...\n", "<<: ", "~", "yes", "012",
    "\u{feff}", "\u{a0}", "\u{7f}", "\u{1}", "é", "=", "\u{2028}", "\u{85}",
];

/// The texts above, and pieces of files of the corpora where they are at hand.
fn seeds(random: &mut Random) -> Vec<String> {
    const PIECES_OF_FILES: usize = 400;
    let mut seeds: Vec<String> = SEEDS.iter().map(|seed| (*seed).to_owned()).collect();
    let files = shared::shared().map(|folder| yaml_files(&folder)).unwrap_or_default();
    for _ in 0..PIECES_OF_FILES.min(files.len()) {
        let text = fs::read_to_string(&files[random.below(files.len())]).unwrap_or_default();
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let from = random.below(lines.len());
        let length = 1 + random.below(25);
        seeds.push(lines.into_iter().skip(from).take(length).collect());
    }
    seeds
}

fn mutated(seeds: &[String], random: &mut Random) -> String {
    let own = random.below(2) == 0;
    let mut text: Vec<char> = seeds[random.below(if own { SEEDS.len() } else { seeds.len() })].chars().collect();
    for _ in 0..=random.below(3) {
        let at = random.below(text.len() + 1);
        match random.below(6) {
            5 => {
                // Another indentation of one line.
                let mut lines: Vec<String> = text.iter().collect::<String>().split_inclusive('\n').map(str::to_owned).collect();
                let line = random.below(lines.len());
                if let Some(line) = lines.get_mut(line) {
                    *line = format!("{}{}", " ".repeat(random.below(5)), line.trim_start_matches(' '));
                }
                text = lines.concat().chars().collect();
            }
            0 => {
                let piece: Vec<char> = PIECES[random.below(PIECES.len())].chars().collect();
                text.splice(at..at, piece);
            }
            1 => {
                let end = (at + 1 + random.below(3)).min(text.len());
                text.drain(at.min(text.len())..end);
            }
            2 => {
                let piece: Vec<char> = PIECES[random.below(PIECES.len())].chars().collect();
                let end = (at + 1).min(text.len());
                text.splice(at.min(text.len())..end, piece);
            }
            3 => {
                let mut lines: Vec<String> = text.iter().collect::<String>().split_inclusive('\n').map(str::to_owned).collect();
                if lines.len() > 1 {
                    let (one, other) = (random.below(lines.len()), random.below(lines.len()));
                    lines.swap(one, other);
                }
                text = lines.concat().chars().collect();
            }
            _ => {
                let copy: Vec<char> = text[at..(at + random.below(12)).min(text.len())].to_vec();
                let to = random.below(text.len() + 1);
                text.splice(to..to, copy);
            }
        }
    }
    text.into_iter().collect()
}

/// Whatever is done to a changed template, the verdict is clear only if PyYAML reads from it the tree that was judged: the base had a unit
/// there, so that nothing else takes it out of judging.
#[test]
fn clear_is_only_what_the_provider_reads_as_we_do() {
    let Some(oracle) = Oracle::pyyaml() else {
        return shared::skip("whether what is clear is read alike: python3 with PyYAML is not here");
    };
    let wanted = std::env::var("ASTRIDE_MUTATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(MUTATIONS / 2);
    let mut random = Random(0x5eed_0002);
    let folder = tempfile::tempdir().unwrap();
    let [base, head] = ["base", "head"].map(|side| folder.path().join(side));
    fs::create_dir(&base).unwrap();
    fs::create_dir(&head).unwrap();
    fs::write(base.join("template.yaml"), TEMPLATE).unwrap();
    fs::write(head.join("template.yaml"), TEMPLATE).unwrap();
    let (mut texts, mut readings) = (Vec::new(), Vec::new());
    let mut clear = 0;
    for _ in 0..wanted {
        let bytes = damaged(&mut random);
        fs::write(head.join("template.yaml"), &bytes).unwrap();
        let report = shared::judge(&shared::change(&base, &head), &SettingsTexts::default());
        if matches!(report.verdict, Verdict::NeedsAnswer | Verdict::Undetermined) {
            continue;
        }
        clear += 1;
        let without_mark = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let text = match (without_mark, decoded(&bytes)) {
            (_, Some(text)) => text,
            (bytes, None) => String::from_utf8(bytes.to_vec()).unwrap_or_else(|_| panic!("clear, though no text: {bytes:?}")),
        };
        readings.push(ours(&text, Dialect::Yaml11).0);
        texts.push(text);
    }
    let theirs = oracle.read(&texts);
    for ((text, ours), theirs) in texts.iter().zip(&readings).zip(&theirs) {
        assert!(!ours.is_null() && !theirs.is_null(), "clear, though it cannot be read: {text:?}");
        assert!(theirs.is_string() || same(ours, theirs), "clear, though it is read otherwise: {text:?}\n{ours}\n{theirs}");
    }
    eprintln!("{clear} of {wanted} are clear, and read alike");
}

/// Text in UTF-16, where a mark says so.
fn decoded(bytes: &[u8]) -> Option<String> {
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return None,
    };
    let (pairs, rest) = bytes[2..].as_chunks::<2>();
    assert!(rest.is_empty(), "clear, though half a character is there");
    String::from_utf16(&pairs.iter().map(|pair| unit(*pair)).collect::<Vec<_>>()).ok()
}

const TEMPLATE: &str = "AWSTemplateFormatVersion: '2010-09-09'\nTransform: AWS::Serverless-2016-10-31\nResources:\n  Jobs:\n    Type: AWS::SQS::Queue\n    Properties: {VisibilityTimeout: 30}\n  # the handler\n  Worker:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: .\n      Handler: a.b\n      Runtime: python3.13\n      FunctionUrlConfig: {AuthType: AWS_IAM}\n";

/// The template with characters or bytes changed, cut, or in another encoding.
fn damaged(random: &mut Random) -> Vec<u8> {
    let mut text: Vec<char> = TEMPLATE.chars().collect();
    for _ in 0..=random.below(2) {
        let at = random.below(text.len() + 1);
        let piece: Vec<char> = PIECES[random.below(PIECES.len())].chars().collect();
        let end = (at + random.below(3)).min(text.len());
        text.splice(at..end, piece);
    }
    let text: String = text.into_iter().collect();
    let mut bytes = text.clone().into_bytes();
    match random.below(8) {
        0 => bytes.insert(random.below(bytes.len() + 1), [0x00, 0x80, 0xe4, 0xff][random.below(4)]),
        1 => bytes.truncate(random.below(bytes.len() + 1)),
        2 => bytes.splice(0..0, [0xef, 0xbb, 0xbf]).for_each(drop),
        3 => bytes = [0xff_u8, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect(),
        4 => bytes = text.replace('\n', "\r").into_bytes(),
        _ => {}
    }
    bytes
}
