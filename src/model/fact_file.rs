//! A file of facts as people write it: `config/facts.yml`, which `build.rs` compiles, and an organisation's own.
//!
//! Comes in: the text of a file. Goes out: its facts, each with answers that fit its type, or all that is wrong, with lines. This file is also
//! compiled into `build.rs`.

use crate::model::lined::{Mistake, line, read_yaml};
use serde::Deserialize;
use serde_saphyr::Spanned;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenFact {
    r#type: String,
    #[serde(default)]
    answers: Vec<String>,
    #[serde(default)]
    weakest_first: Vec<String>,
    #[serde(default)]
    claimable: bool,
    #[serde(default)]
    raising: Vec<String>,
    control: Option<String>,
    meaning: String,
}

/// A fact that was read.
#[derive(Debug, PartialEq, Eq)]
pub struct ReadFact {
    pub line: u32,
    pub name: String,
    /// `enum`, `set`, `flag`, `number` or `list`.
    pub r#type: String,
    pub answers: Vec<String>,
    pub weakest_first: Vec<String>,
    pub claimable: bool,
    pub raising: Vec<String>,
    pub control: Option<String>,
    pub meaning: String,
}

impl ReadFact {
    /// Whether another one has the same answers in the same order, whatever its words.
    pub fn answers_like(&self, other: &Self) -> bool {
        (&self.r#type, &self.answers, &self.weakest_first, &self.raising)
            == (&other.r#type, &other.answers, &other.weakest_first, &other.raising)
    }
}

/// Reads the facts of a file, ordered by name.
///
/// # Errors
/// Everything that is wrong with it, in order of the lines; of what is no mapping of facts the first.
pub fn read(text: &str) -> Result<Vec<ReadFact>, Vec<Mistake>> {
    let written: BTreeMap<String, Spanned<WrittenFact>> = read_yaml(text).map_err(|error| vec![Mistake::of(&error)])?;
    let mut mistakes = Vec::new();
    let facts: Vec<ReadFact> = written
        .into_iter()
        .map(|(name, written)| {
            let line = line(&written);
            let WrittenFact { r#type, answers, weakest_first, claimable, raising, control, meaning } = written.value;
            ReadFact { line, name, r#type, answers, weakest_first, claimable, raising, control, meaning }
        })
        .collect();
    for fact in &facts {
        mistakes.extend(check(fact).err().map(|message| Mistake::at(fact.line, format!("`{}`: {message}", fact.name))));
    }
    mistakes.sort();
    if mistakes.is_empty() { Ok(facts) } else { Err(mistakes) }
}

fn check(fact: &ReadFact) -> Result<(), String> {
    let kind = fact.r#type.as_str();
    let wants_answers = matches!(kind, "enum" | "set");
    if !wants_answers && !matches!(kind, "flag" | "number" | "list") {
        return Err(format!("the type `{kind}` is none of enum, set, flag, number, list"));
    }
    if wants_answers == fact.answers.is_empty() {
        return Err(if wants_answers {
            format!("a fact of type {kind} has answers")
        } else {
            format!("a fact of type {kind} has no answers")
        });
    }
    if fact.answers.iter().collect::<BTreeSet<_>>().len() != fact.answers.len() {
        return Err("an answer stands twice".to_owned());
    }
    if fact.claimable && matches!(kind, "number" | "list") {
        return Err(format!("nobody can state a {kind} in a word"));
    }
    check_order(fact)
}

/// An order names each answer that there is, once; of a set it names some.
fn check_order(fact: &ReadFact) -> Result<(), String> {
    let order: BTreeSet<&str> = fact.weakest_first.iter().map(String::as_str).collect();
    if order.len() != fact.weakest_first.len() {
        return Err("`weakest_first` names an answer twice".to_owned());
    }
    let answers: BTreeSet<&str> = fact.answers.iter().map(String::as_str).filter(|answer| *answer != "unknown").collect();
    let fits = match fact.r#type.as_str() {
        "enum" => order.is_empty() || order == answers,
        "set" => order.is_subset(&answers),
        "flag" => order.is_empty() || order == BTreeSet::from(["no", "yes"]),
        "number" => order.is_empty() || order == BTreeSet::from(["high", "low"]),
        _ => order.is_empty(),
    };
    if !fact.raising.iter().all(|answer| fact.claimable && order.contains(answer.as_str())) {
        return Err("`raising` names what cannot be claimed, or has no place in the order".to_owned());
    }
    if fact.control.is_some() && order.is_empty() {
        return Err("a `control` needs an order, by which it can be weaker".to_owned());
    }
    if fits {
        Ok(())
    } else {
        Err(format!("`weakest_first` does not fit a fact of type {}: it names each answer but `unknown`, once", fact.r#type))
    }
}
