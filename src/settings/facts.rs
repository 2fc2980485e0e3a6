//! What a repository's settings state of elements: a pattern of ids, and facts with their answers.
//!
//! Comes in: the section `facts` of the settings. Goes out: statements with the lines that they stand in.

use crate::model::claim::{self, About, Statement, weight};
use crate::model::fact::{Fact, FactType, OWN_FACT, Value};
use crate::settings::SettingsError;
use crate::settings::lock::Lock;
use crate::settings::sections::{Wrong, mapping, place};
use crate::source::{Place, RepoPath};
use crate::syntax::Node;
use globset::Glob;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;

/// Most patterns of elements; each is held against every element that is read.
const MAX_PATTERNS: usize = 200;

/// A statement of a fact of the organisation's own, as written: what it says is known where those facts are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnStatement {
    pub(super) about: About,
    name: String,
    answer: String,
    pub(super) place: Place,
    /// The organisation locks what people state, and does not state this itself.
    is_locked: bool,
}

impl OwnStatement {
    /// Locks it unless the organisation's settings state the same.
    pub(super) fn lock_unless_in(&mut self, organisation: &[Self]) {
        let is_same = |other: &Self| (&other.about, &other.name, &other.answer) == (&self.about, &self.name, &self.answer);
        self.is_locked |= !organisation.iter().any(is_same);
    }

    /// The statement, by the facts that the organisation has.
    ///
    /// # Errors
    /// It has no such fact, or the fact no such answer; or it is locked and would answer something.
    pub(super) fn taken(&self, own: &[Fact]) -> Result<Statement, SettingsError> {
        let (about, place) = (self.about.clone(), self.place.clone());
        match claim::parse(&self.name, &self.answer, own) {
            Ok((fact, value)) => {
                let statement = Statement { about, fact, value, place };
                if self.is_locked && asks_for_less(&statement) {
                    return Err(Lock::Facts.refusal(&words(&statement), &statement.place));
                }
                Ok(statement)
            }
            Err(message) => Err(SettingsError { place, message: format!("facts: {message}") }),
        }
    }
}

/// What the section `facts` states: of facts of the product, and of the organisation's own.
#[derive(Debug, Default)]
pub(super) struct Stated {
    pub(super) known: Vec<Statement>,
    pub(super) own: Vec<OwnStatement>,
}

/// The statements of the section `facts`.
pub(super) fn read(section: Node<'_>, path: &RepoPath) -> Result<Stated, Wrong> {
    const WANTED: &str = "facts: wants a mapping of elements to facts and their answers";
    let entries = mapping(section, WANTED)?;
    if entries.len() > MAX_PATTERNS {
        return Err((section.span, format!("facts: {} patterns, at most {MAX_PATTERNS} are possible", entries.len())));
    }
    let mut read = Stated::default();
    for entry in entries {
        let about = about(entry.key).map_err(|message| (entry.key_span, message))?;
        for stated in mapping(entry.value, WANTED)? {
            let answer = stated.value.scalar().ok_or_else(|| (stated.value.span, format!("facts: `{}` wants a word", stated.key)))?;
            if stated.key.starts_with(OWN_FACT) {
                let (name, answer, place) = (stated.key.to_owned(), answer.to_owned(), place(path, stated.key_span));
                read.own.push(OwnStatement { about: about.clone(), name, answer, place, is_locked: false });
                continue;
            }
            let (fact, value) = claim::parse(stated.key, answer, &[]).map_err(|message| (stated.key_span, format!("facts: {message}")))?;
            read.known.push(Statement { about: about.clone(), fact, value, place: place(path, stated.key_span) });
        }
    }
    Ok(read)
}

/// The JSON Schema of the section. It is stricter than the reader where YAML lets one thing be written in many ways.
pub(super) fn schema(_: &mut SchemaGenerator) -> Schema {
    let claimable = Fact::ALL.iter().filter(|fact| fact.is_claimable());
    let properties: Map<String, Json> = claimable.map(|fact| (fact.as_str().to_owned(), answers_schema(*fact))).collect();
    json_schema!({
        "type": "object",
        "propertyNames": {"pattern": "#"},
        "maxProperties": MAX_PATTERNS,
        "additionalProperties": {
            "type": "object",
            "additionalProperties": false,
            "properties": properties,
            // What may be stated of them, the organisation's own files say.
            "patternProperties": {format!("^{OWN_FACT}"): {"type": ["string", "boolean"]}},
        },
    })
}

fn answers_schema(fact: Fact) -> Json {
    let words = claim::answers(fact);
    match fact.fact_type() {
        FactType::Flag => json!({"enum": [true, false, "yes", "no"]}),
        FactType::Set => {
            let word = words.join("|");
            json!({"type": "string", "pattern": format!("^({word})( *\\+ *({word}))*$")})
        }
        FactType::Enum | FactType::Number | FactType::List => {
            let is_switch = ["on", "off"].iter().all(|word| words.contains(word));
            let switches = if is_switch { vec![json!(true), json!(false), json!("yes"), json!("no")] } else { Vec::new() };
            json!({"enum": words.into_iter().map(Json::from).chain(switches).collect::<Vec<_>>()})
        }
    }
}

fn about(pattern: &str) -> Result<About, String> {
    if !pattern.contains('#') {
        return Err(format!("facts: `{pattern}` names no element: write `path/of/template.yaml#Element`, or `**#Element`"));
    }
    let glob = Glob::new(pattern).map_err(|error| format!("facts: {error}"))?;
    Ok(About::Matching(glob.compile_matcher()))
}

/// The statements that `head` makes and that ask for less, and those that it leaves out and that ask for more; in words.
pub(super) fn asking_less(base: &[Statement], head: &[Statement]) -> (Vec<String>, Vec<String>) {
    let (before, after): (BTreeSet<_>, BTreeSet<_>) = (base.iter().map(key).collect(), head.iter().map(key).collect());
    let words = |(about, fact, value): &Key| format!("{about}: {}: {}", fact.as_str(), value.words());
    let gained = after.difference(&before).filter(|(_, fact, value)| weight(*fact, Some(value)) > 0).map(words);
    let lost = before.difference(&after).filter(|(_, fact, value)| weight(*fact, Some(value)) < 0).map(words);
    (gained.collect(), lost.collect())
}

/// What a statement says, wherever it stands.
pub(super) type Key = (String, Fact, Value);

pub(super) fn key(statement: &Statement) -> Key {
    (pattern(&statement.about), statement.fact, statement.value.clone())
}

/// `**#OrdersFn: signature_check: on`.
pub(super) fn words(statement: &Statement) -> String {
    format!("{}: {}: {}", pattern(&statement.about), statement.fact.as_str(), statement.value.words())
}

/// Whether a statement would answer something.
pub(super) fn asks_for_less(statement: &Statement) -> bool {
    weight(statement.fact, Some(&statement.value)) > 0
}

fn pattern(about: &About) -> String {
    match about {
        About::Element(id) => id.as_str().to_owned(),
        About::Matching(pattern) => pattern.glob().glob().to_owned(),
    }
}
