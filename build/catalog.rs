//! `config/catalog/**/*.yml` → `ENTRIES`, `FAMILIES`.
//!
//! A file is a map of resource types; a type that ends in `::` is a family. The grammar is closed, an unknown word fails the build:
//!
//! ```text
//! TYPE: WORD                        nothing but what it is
//! TYPE:
//!   is: process | store | external | boundary | part | flow | config | silent
//!   service, noun, rank, name, arn  see `catalog::entry::Entry`
//!   of: devices                      the outsider that a part belongs to
//!   attaches: {PATH: TYPE}          what it belongs to, by reference, name or ARN
//!   admits: [PATH]                   whom it lets in, by account, organisation or identity
//!   credentials: [ATTRIBUTE]         attributes whose value is a credential
//!   folds, absorbs, stands_for, joins, environment, roles, keys, network: [PATH]
//!   facts: {FACT: [READING, …]}     in order, the first that says something counts
//!   parts: [{service, each: PATH, labelled, facts}]
//!   flows: [{each: PATH, from: END, to: END, onto, after, means, kind, via, door, basis, rank, when, unless, facts}]
//!                                   ends and facts are read from each value under `each`, or from the resource
//!   keeps: {what, serves, replaced, retained, switched_off}   what is lost with it, see `build::holdings`
//!   resolvers: [NAME]
//! READING: {property: PATH, key, map: {TEXT: ANSWER} | present: ANSWER | above_zero: ANSWER, zero: ANSWER | reader: NAME}
//!        | {default: ANSWER, source: URL}
//! END: self | client | scheduler | devices | service:NAME | bus:PATH | call:PATH | PATH
//! PATH: names joined by dots; `name[]` is each item of a list, `*` each value of a map, a leading `@` reads beside the properties
//! ```

use crate::build::facts::{Facts, camel};
use crate::build::holdings::{self, Holding};
use crate::stride::predicate::{Vocabulary, thousandths};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// One resource type; a bare word is an entry that says nothing but what it is.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stated {
    Bare(String),
    Whole(Box<Entry>),
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Entry {
    is: String,
    service: String,
    noun: String,
    variants: Vec<Variant>,
    rank: String,
    name: String,
    arn: String,
    of: String,
    folds: Vec<String>,
    attaches: BTreeMap<String, String>,
    admits: Vec<String>,
    absorbs: Vec<String>,
    stands_for: Vec<String>,
    joins: Vec<String>,
    credentials: Vec<String>,
    environment: Vec<String>,
    roles: Vec<String>,
    keys: Vec<String>,
    network: Vec<String>,
    facts: BTreeMap<String, Vec<FactReading>>,
    parts: Vec<Part>,
    flows: Vec<Flow>,
    keeps: Option<Holding>,
    resolvers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Variant {
    property: String,
    is: String,
    service: String,
}

/// Exactly one of the readers, or a default with its source.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct FactReading {
    property: Option<String>,
    key: String,
    map: Option<BTreeMap<String, Answer>>,
    present: Option<Answer>,
    above_zero: Option<Answer>,
    zero: Option<Answer>,
    reader: Option<String>,
    default: Option<Answer>,
    source: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Flag(bool),
    Number(i64),
    Fraction(f64),
    Word(String),
    Set(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    service: String,
    each: String,
    #[serde(default)]
    labelled: bool,
    #[serde(default)]
    facts: BTreeMap<String, Vec<FactReading>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Flow {
    /// The items that make a flow each, with ends and facts of their own.
    #[serde(default)]
    each: String,
    #[serde(default = "itself")]
    from: String,
    #[serde(default = "itself")]
    to: String,
    /// `store` or `other`: only flows that end in such an element.
    onto: Option<String>,
    /// What stands in the text before the name at the end that is a property.
    after: Option<String>,
    means: String,
    kind: Option<String>,
    #[serde(default)]
    via: String,
    /// `function_url` or `action_group`: what the call comes in by, where that has facts of its own.
    door: Option<String>,
    basis: Option<String>,
    rank: Option<String>,
    when: Option<Condition>,
    unless: Option<Condition>,
    #[serde(default)]
    facts: BTreeMap<String, Vec<FactReading>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    pub property: String,
    #[serde(default)]
    pub is: String,
}

fn itself() -> String {
    "self".to_owned()
}

pub fn compile(folder: &Path, facts: &Facts) -> Result<String, String> {
    let mut entries = BTreeMap::new();
    for file in files(folder)? {
        let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let stated: BTreeMap<String, Stated> = serde_saphyr::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
        for (kind, entry) in stated {
            let entry = match entry {
                Stated::Bare(is) => Entry { is, ..Entry::default() },
                Stated::Whole(entry) => *entry,
            };
            let code = entry_code(&kind, &entry, facts).map_err(|error| format!("{}: {kind}: {error}", file.display()))?;
            if entries.insert(kind.clone(), code).is_some() {
                return Err(format!("{}: {kind} stands twice", file.display()));
            }
        }
    }
    let (families, types): (Vec<_>, Vec<_>) = entries.into_iter().partition(|(kind, _)| kind.ends_with("::"));
    Ok(format!(
        "/// Every resource type that is known, ordered by its name.\npub static ENTRIES: &[Entry] = &[\n{}];\n\n\
         /// Families of types by their common beginning: what is known of a type that has no entry. The longest comes first.\n\
         pub static FAMILIES: &[Entry] = &[\n{}];\n",
        types.into_iter().map(|(_, code)| code).collect::<String>(),
        families.into_iter().rev().map(|(_, code)| code).collect::<String>(),
    ))
}

pub fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))? {
            let path = entry.map_err(|error| format!("{}: {error}", folder.display()))?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "yml") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn entry_code(kind: &str, entry: &Entry, facts: &Facts) -> Result<String, String> {
    one_of("is", &entry.is, &["process", "store", "external", "boundary", "part", "flow", "config", "silent"])?;
    let element = matches!(entry.is.as_str(), "process" | "store" | "external" | "part");
    if entry.is == "part" && entry.service.is_empty() {
        return Err("a part needs a service".to_owned());
    }
    if entry.is != "part" && !entry.of.is_empty() {
        return Err("only a part is of something".to_owned());
    }
    if !element && !entry.service.is_empty() && entry.is != "boundary" {
        return Err(format!("a {} has no service", entry.is));
    }
    let service = if entry.service.is_empty() { "any" } else { &entry.service };
    let noun = if entry.noun.is_empty() { kind.rsplit("::").next().unwrap_or_default().to_lowercase() } else { entry.noun.clone() };
    let holds: Vec<&String> = entry.roles.iter().chain(&entry.keys).collect();
    let resolvers: Vec<String> = entry.resolvers.iter().map(|name| format!("Resolver::{}", camel(name))).collect();
    let parts = entry.parts.iter().map(|part| part_code(part, facts)).collect::<Result<Vec<_>, _>>()?;
    let flows = entry.flows.iter().map(|flow| flow_code(flow, facts)).collect::<Result<Vec<_>, _>>()?;
    Ok(format!(
        "    Entry {{ kind: {kind:?}, role: Role::{}, service: {service:?}, noun: {noun:?}, variants: &[{}], rank: {}, name: {:?}, arn: {:?}, folds: &{:?}, attaches: &{:?}, admits: &{:?}, of: {}, absorbs: &{:?}, stands_for: &{:?}, joins: &{:?}, \
         credentials: &{:?}, environment: &{:?}, holds: &{holds:?}, network: &{:?}, facts: &[{}], parts: &[{}], flows: &[{}], keeps: {}, resolvers: &[{}] }},\n",
        camel(&entry.is),
        entry.variants.iter().map(variant_code).collect::<String>(),
        rank_code(&entry.rank)?,
        entry.name,
        entry.arn,
        entry.folds,
        entry.attaches.iter().collect::<Vec<_>>(),
        entry.admits,
        whole_code(&entry.of)?,
        entry.absorbs,
        entry.stands_for,
        entry.joins,
        entry.credentials,
        entry.environment,
        entry.network,
        facts_code(&entry.facts, facts)?,
        parts.join(", "),
        flows.join(", "),
        holdings::code(&entry.is, entry.keeps.as_ref())?,
        resolvers.join(", "),
    ))
}

fn variant_code(variant: &Variant) -> String {
    let Variant { property, is, service } = variant;
    format!("Variant {{ when: Condition {{ property: {property:?}, is: {is:?} }}, service: {service:?} }}, ")
}

fn whole_code(of: &str) -> Result<&'static str, String> {
    match of {
        "" => Ok("None"),
        "devices" => Ok("Some(Whole::Devices)"),
        other => Err(format!("a part of `{other}` is unknown")),
    }
}

fn rank_code(rank: &str) -> Result<&'static str, String> {
    match rank {
        "" | "first" => Ok("Rank::First"),
        "second" => Ok("Rank::Second"),
        other => Err(format!("unknown rank `{other}`")),
    }
}

fn part_code(part: &Part, facts: &Facts) -> Result<String, String> {
    Ok(format!(
        "PartEntry {{ service: {:?}, each: {:?}, labelled: {}, facts: &[{}] }}",
        part.service,
        part.each,
        part.labelled,
        facts_code(&part.facts, facts)?
    ))
}

fn flow_code(flow: &Flow, facts: &Facts) -> Result<String, String> {
    one_of(
        "means",
        &flow.means,
        &[
            "invoke",
            "event",
            "publish",
            "read",
            "write",
            "read-write",
            "access",
            "dead-letter",
            "log",
            "authenticate",
            "network",
            "replicate",
            "configure",
        ],
    )?;
    let basis = flow.basis.as_deref().unwrap_or("property");
    one_of("basis", basis, &["property", "definition", "connector", "policy", "equal-name", "permission", "network"])?;
    let kind = match &flow.kind {
        None => "None".to_owned(),
        Some(kind) => {
            one_of("kind", kind, &["sync_request", "async_event", "poll", "data_access", "egress", "admin", "replication"])?;
            format!("Some(FlowKind::{})", camel(kind))
        }
    };
    let onto = match flow.onto.as_deref() {
        None => "Anything",
        Some("store") => "Store",
        Some("other") => "Other",
        Some(other) => return Err(format!("onto `{other}` is neither store nor other")),
    };
    let door = match &flow.door {
        None => "None".to_owned(),
        Some(door) => {
            one_of("door", door, &["function_url", "action_group"])?;
            format!("Some(Door::{})", camel(door))
        }
    };
    let rank = match &flow.rank {
        None => "None".to_owned(),
        Some(rank) => format!("Some({})", rank_code(rank)?),
    };
    Ok(format!(
        "FlowEntry {{ each: {:?}, from: {}, to: {}, onto: Onto::{onto}, means: Means::{}, kind: {kind}, via: {:?}, door: {door}, basis: Basis::{}, rank: {rank}, when: {}, unless: {}, facts: &[{}] }}",
        flow.each,
        end_code(&flow.from, flow.after.as_deref()),
        end_code(&flow.to, flow.after.as_deref()),
        camel(&flow.means),
        flow.via,
        camel(basis),
        condition_code(flow.when.as_ref()),
        condition_code(flow.unless.as_ref()),
        facts_code(&flow.facts, facts)?,
    ))
}

/// Properties begin with a capital letter, or with `@`; the made-up ends do not.
fn end_code(end: &str, after: Option<&str>) -> String {
    match (end, after) {
        ("self", _) => "End::Itself".to_owned(),
        ("client", _) => "End::Client".to_owned(),
        ("scheduler", _) => "End::Scheduler".to_owned(),
        ("devices", _) => "End::Devices".to_owned(),
        (property, Some(after)) => format!("End::After({property:?}, {after:?})"),
        (property, None) => match property.split_once(':') {
            Some(("bus", property)) => format!("End::Bus({property:?})"),
            Some(("call", property)) => format!("End::Call({property:?})"),
            Some(("service", name)) => format!("End::Service({name:?})"),
            Some(_) | None => format!("End::Property({property:?})"),
        },
    }
}

pub fn condition_code(condition: Option<&Condition>) -> String {
    match condition {
        None => "None".to_owned(),
        Some(condition) => format!("Some(Condition {{ property: {:?}, is: {:?} }})", condition.property, condition.is),
    }
}

fn facts_code(entries: &BTreeMap<String, Vec<FactReading>>, facts: &Facts) -> Result<String, String> {
    let mut code = String::new();
    for (name, readings) in entries {
        code += &fact_code(name, readings, facts).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(code)
}

fn fact_code(name: &str, stated: &[FactReading], facts: &Facts) -> Result<String, String> {
    let fact = facts.fact(name).ok_or("unknown fact")?;
    let mut readings = String::new();
    let mut default = "None".to_owned();
    for (position, reading) in stated.iter().enumerate() {
        if let Some(answer) = &reading.default {
            let source = reading.source.as_deref().ok_or("a default needs its source")?;
            if position + 1 != stated.len() || reading.property.is_some() {
                return Err("a default stands alone, and last".to_owned());
            }
            default = format!("Some(({}, {source:?}))", literal_code(fact, answer, facts)?);
            continue;
        }
        let property = reading.property.as_deref().ok_or("neither a property nor a default")?;
        readings +=
            &format!("FactReading {{ property: {property:?}, key: {:?}, reader: {} }}, ", reading.key, reader_code(fact, reading, facts)?);
    }
    Ok(format!("FactEntry {{ fact: Fact::{}, readings: &[{readings}], default: {default} }}, ", camel(name)))
}

fn reader_code(fact: u8, reading: &FactReading, facts: &Facts) -> Result<String, String> {
    match reading {
        FactReading { map: Some(map), present: None, above_zero: None, reader: None, .. } => {
            let mut pairs = String::new();
            for (text, answer) in map {
                pairs += &format!("({text:?}, {}), ", literal_code(fact, answer, facts)?);
            }
            Ok(format!("Reader::Map(&[{pairs}])"))
        }
        FactReading { map: None, present: Some(answer), above_zero: None, reader: None, .. } => {
            Ok(format!("Reader::Present({})", literal_code(fact, answer, facts)?))
        }
        FactReading { map: None, present: None, above_zero: Some(above), zero: Some(zero), reader: None, .. } => {
            Ok(format!("Reader::AboveZero({}, {})", literal_code(fact, above, facts)?, literal_code(fact, zero, facts)?))
        }
        FactReading { map: None, present: None, above_zero: None, reader: Some(reader), .. } => {
            let known = [
                "kms_key",
                "number",
                "runtime",
                "image",
                "layer_owner",
                "layer_integrity",
                "origins",
                "literal_secret",
                "echoed_secret",
                "resolved_secret",
                "written",
                "written_for_good",
                "stands_in",
                "secret_name",
                "keys",
                "password_policy",
                "insecure_callback",
            ];
            one_of("reader", reader, &known)?;
            Ok(format!("Reader::{}", camel(reader)))
        }
        _ => Err("needs exactly one of map, present, above_zero with zero, reader".to_owned()),
    }
}

fn literal_code(fact: u8, answer: &Answer, facts: &Facts) -> Result<String, String> {
    let word = |name: &String| match facts.word(fact, name) {
        Some(_) => Ok(format!("Word::{}", camel(name))),
        None => Err(format!("`{name}` is no answer of it")),
    };
    match (facts.fact_type(fact), answer) {
        ("flag", Answer::Flag(flag)) => Ok(format!("Literal::Flag({flag})")),
        ("number", Answer::Number(number)) => Ok(format!("Literal::Number({})", number * 1000)),
        ("number", Answer::Fraction(number)) => {
            Ok(format!("Literal::Number({})", thousandths(&number.to_string()).ok_or("more than three decimals")?))
        }
        ("number", Answer::Word(never)) if never == "never" => Ok("Literal::Never".to_owned()),
        ("enum", Answer::Word(name)) => Ok(format!("Literal::Word({})", word(name)?)),
        ("set", Answer::Set(names)) => {
            Ok(format!("Literal::Set(&[{}])", names.iter().map(word).collect::<Result<Vec<_>, _>>()?.join(", ")))
        }
        (kind, _) => Err(format!("that is no answer of a {kind}")),
    }
}

pub fn one_of(field: &str, value: &str, allowed: &[&str]) -> Result<(), String> {
    if allowed.contains(&value) { Ok(()) } else { Err(format!("{field} `{value}` is none of {}", allowed.join(", "))) }
}
