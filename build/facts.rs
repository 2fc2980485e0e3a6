//! `config/facts.yml` → `enum Fact`, `enum Word`.

use crate::stride::predicate::Vocabulary;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
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

pub struct Facts {
    /// By name; the position is the index.
    facts: Vec<(String, Entry)>,
    words: Vec<String>,
}

pub fn read(path: &Path) -> Result<Facts, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let entries: BTreeMap<String, Entry> = serde_saphyr::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    for (name, entry) in &entries {
        let wants_answers = matches!(entry.r#type.as_str(), "enum" | "set");
        if !wants_answers && !matches!(entry.r#type.as_str(), "flag" | "number" | "list") {
            return Err(format!("{}: `{name}` has the unknown type `{}`", path.display(), entry.r#type));
        }
        if wants_answers == entry.answers.is_empty() {
            return Err(format!("{}: `{name}` is a {} and its answers do not fit", path.display(), entry.r#type));
        }
        if entry.claimable && matches!(entry.r#type.as_str(), "number" | "list") {
            return Err(format!("{}: `{name}` is a {}, which nobody can state in a word", path.display(), entry.r#type));
        }
        check_order(entry).map_err(|error| format!("{}: `{name}`: {error}", path.display()))?;
    }
    if entries.len() > 255 {
        return Err(format!("{}: more than 255 facts", path.display()));
    }
    let words: BTreeSet<String> = entries.values().flat_map(|entry| entry.answers.iter().cloned()).collect();
    Ok(Facts { facts: entries.into_iter().collect(), words: words.into_iter().collect() })
}

/// An order names each answer that there is, once; of a set it names some.
fn check_order(entry: &Entry) -> Result<(), String> {
    let order: BTreeSet<&str> = entry.weakest_first.iter().map(String::as_str).collect();
    if order.len() != entry.weakest_first.len() {
        return Err("`weakest_first` names an answer twice".to_owned());
    }
    let answers: BTreeSet<&str> = entry.answers.iter().map(String::as_str).filter(|answer| *answer != "unknown").collect();
    let fits = match entry.r#type.as_str() {
        "enum" => order.is_empty() || order == answers,
        "set" => order.is_subset(&answers),
        "flag" => order.is_empty() || order == BTreeSet::from(["no", "yes"]),
        "number" => order.is_empty() || order == BTreeSet::from(["high", "low"]),
        _ => order.is_empty(),
    };
    if !entry.raising.iter().all(|answer| entry.claimable && order.contains(answer.as_str())) {
        return Err("`raising` names what cannot be claimed, or has no place in the order".to_owned());
    }
    if entry.control.is_some() && order.is_empty() {
        return Err("a `control` needs an order, by which it can be weaker".to_owned());
    }
    if fits { Ok(()) } else { Err(format!("`weakest_first` does not fit a {}", entry.r#type)) }
}

impl Facts {
    pub fn code(&self) -> String {
        let mut code = String::new();
        self.write(&mut code).expect("writing to a string cannot fail");
        code
    }

    fn write(&self, code: &mut String) -> std::fmt::Result {
        writeln!(
            code,
            "/// A fact of the vocabulary, in order of its name.\n#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]\n#[repr(u8)]\npub enum Fact {{"
        )?;
        for (name, entry) in &self.facts {
            writeln!(code, "    /// {}\n    {},", entry.meaning, camel(name))?;
        }
        writeln!(code, "}}\n\nimpl Fact {{\n    pub const ALL: &[Self] = &[")?;
        for (name, _) in &self.facts {
            writeln!(code, "        Self::{},", camel(name))?;
        }
        writeln!(code, "    ];\n\n    pub fn as_str(self) -> &'static str {{\n        match self {{")?;
        for (name, _) in &self.facts {
            writeln!(code, "            Self::{} => \"{name}\",", camel(name))?;
        }
        writeln!(code, "        }}\n    }}\n\n    pub fn fact_type(self) -> FactType {{\n        match self {{")?;
        for (name, entry) in &self.facts {
            writeln!(code, "            Self::{} => FactType::{},", camel(name), camel(&entry.r#type))?;
        }
        writeln!(code, "        }}\n    }}\n\n    pub fn meaning(self) -> &'static str {{\n        match self {{")?;
        for (name, entry) in &self.facts {
            writeln!(code, "            Self::{} => {:?},", camel(name), entry.meaning)?;
        }
        writeln!(
            code,
            "        }}\n    }}\n\n    /// Every answer of an enum or a set in words, as listed.\n    \
             pub fn answers(self) -> &'static [&'static str] {{\n        match self {{"
        )?;
        for (name, entry) in &self.facts {
            writeln!(code, "            Self::{} => &{:?},", camel(name), entry.answers)?;
        }
        writeln!(
            code,
            "        }}\n    }}\n\n    /// Answers in words from the weakest to the strongest; for a set those that let somebody in. Empty where there is no order.\n    \
             pub fn weakest_first(self) -> &'static [&'static str] {{\n        match self {{"
        )?;
        for (name, entry) in &self.facts {
            writeln!(code, "            Self::{} => &{:?},", camel(name), entry.weakest_first)?;
        }
        writeln!(
            code,
            "        }}\n    }}\n\n    /// Whether people may state it in an annotation.\n    pub fn is_claimable(self) -> bool {{\n        match self {{"
        )?;
        for (name, entry) in &self.facts {
            writeln!(code, "            Self::{} => {},", camel(name), entry.claimable)?;
        }
        writeln!(
            code,
            "        }}\n    }}\n\n    /// The answers that ask for more than silence does, where more than the weakest one do.\n    \
             pub fn raising(self) -> &'static [&'static str] {{\n        match self {{"
        )?;
        for (name, entry) in &self.facts {
            writeln!(code, "            Self::{} => &{:?},", camel(name), entry.raising)?;
        }
        writeln!(
            code,
            "        }}\n    }}\n\n    /// What it is called where it protects something; `None` of what is no control.\n    \
             pub fn control(self) -> Option<&'static str> {{\n        match self {{"
        )?;
        for (name, entry) in &self.facts {
            writeln!(code, "            Self::{} => {:?},", camel(name), entry.control)?;
        }
        writeln!(code, "        }}\n    }}\n}}\n")?;
        writeln!(
            code,
            "/// An answer of an enum or a set, in order of its name.\n#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]\n#[repr(u16)]\npub enum Word {{"
        )?;
        for word in &self.words {
            writeln!(code, "    {},", camel(word))?;
        }
        writeln!(code, "}}\n\nimpl Word {{\n    pub const ALL: &[Self] = &[")?;
        for word in &self.words {
            writeln!(code, "        Self::{},", camel(word))?;
        }
        writeln!(code, "    ];\n\n    pub fn as_str(self) -> &'static str {{\n        match self {{")?;
        for word in &self.words {
            writeln!(code, "            Self::{} => \"{word}\",", camel(word))?;
        }
        writeln!(code, "        }}\n    }}\n}}")
    }

    pub fn name(&self, fact: u8) -> &str {
        &self.facts[usize::from(fact)].0
    }

    pub fn word_name(&self, word: u16) -> &str {
        &self.words[usize::from(word)]
    }
}

impl Vocabulary for Facts {
    type Fact = u8;
    type Word = u16;

    fn fact(&self, name: &str) -> Option<u8> {
        self.facts.binary_search_by(|(known, _)| known.as_str().cmp(name)).ok().and_then(|index| u8::try_from(index).ok())
    }

    fn word(&self, fact: u8, name: &str) -> Option<u16> {
        let allowed = self.facts[usize::from(fact)].1.answers.iter().any(|answer| answer == name);
        self.words.iter().position(|word| allowed && word == name).and_then(|index| u16::try_from(index).ok())
    }

    fn fact_type(&self, fact: u8) -> &'static str {
        match self.facts[usize::from(fact)].1.r#type.as_str() {
            "enum" => "enum",
            "set" => "set",
            "flag" => "flag",
            "number" => "number",
            _ => "list",
        }
    }

    fn fact_names(&self) -> Vec<&str> {
        self.facts.iter().map(|(name, _)| name.as_str()).collect()
    }

    fn words_of(&self, fact: u8) -> Vec<&str> {
        self.facts[usize::from(fact)].1.answers.iter().map(String::as_str).collect()
    }
}

/// `at_rest` is `AtRest`, `wildcard_action` is `WildcardAction`; `self` would be a keyword.
pub fn camel(name: &str) -> String {
    if name == "self" {
        return "SelfService".to_owned();
    }
    let mut camel = String::new();
    for part in name.split(['_', '-']) {
        let mut letters = part.chars();
        camel.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        camel.extend(letters);
    }
    camel
}
