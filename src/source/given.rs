//! What is taken for given of the parameters of a template.
//!
//! A template is read once with whatever its parameters may be, which shows the worst of all; and, to tell what a change does to one of its
//! stages, again with one of them given.

use crate::source::{MAX_FILES_PER_UNIT, NoteKind, Place, RepoPath, Sources};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What a deployer is taken to give.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Given {
    /// Anything.
    #[default]
    Anything,
    /// What each parameter has for a default.
    Defaults,
    /// One parameter has this value.
    One { parameter: String, value: String },
    /// These values, of those that nobody loads by itself.
    Handed(Values),
}

/// Values that somebody may hand over.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Values {
    /// Path of the file that they stand in.
    pub file: String,
    /// The environment that they are for, where a file has several.
    pub environment: Option<String>,
}

impl Values {
    /// All that a file has.
    pub fn of_file(file: &str) -> Self {
        Self { file: file.to_owned(), environment: None }
    }
}

impl fmt::Display for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.environment {
            Some(environment) => write!(f, "{environment} in {}", self.file),
            None => f.write_str(&self.file),
        }
    }
}

impl Sources<'_> {
    /// Names files of values that are not looked at, since too many others are. What changes in them is the unit's all the same.
    pub fn leave_out<'p>(&self, files: impl Iterator<Item = &'p RepoPath>) {
        for path in files.take(MAX_FILES_PER_UNIT) {
            if self.has(path) {
                let text = "the values of this file are not looked at: too many others are".to_owned();
                self.note_at(Place { path: path.clone(), line: 1, end_line: 1 }, NoteKind::LeftOut, text);
            }
        }
    }
}

/// Stands for a value that nothing compares a parameter with.
pub const ANY_OTHER: &str = "any other value";

impl Given {
    /// What a parameter is, if that is given.
    pub fn value<'g>(&'g self, parameter: &str, default: Option<&'g str>) -> Option<&'g str> {
        match self {
            Self::Anything => None,
            Self::Defaults => default,
            Self::One { parameter: given, value } => (given == parameter).then_some(value),
            Self::Handed(_) => None,
        }
    }
}

impl fmt::Display for Given {
    /// In words that follow `where `.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anything => f.write_str("anything is given"),
            Self::Defaults => f.write_str("the parameters have their defaults"),
            Self::One { parameter, value } => {
                let named = if parameter == "sls:stage" { "the stage" } else { parameter };
                let value = if value.is_empty() { "empty" } else { value };
                write!(f, "{named} is {value}")
            }
            Self::Handed(values) => write!(f, "the values of {values} are deployed"),
        }
    }
}

/// What a template says of its parameters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// Values that it compares a parameter with, looks up by it or allows it, of those that something depends on.
    pub values: BTreeMap<String, Vec<String>>,
    pub defaults: BTreeMap<String, String>,
    /// The parameters that it has.
    pub declared: BTreeSet<String>,
    /// Values of which somebody may hand over one; ordered, unique.
    pub handed: Vec<Values>,
    /// As a whole, it is read with all of these.
    pub has_all: bool,
    /// What of it depends on them, by name, with a digest of how it is written: resources, sections and the parameters themselves.
    pub dependent: BTreeMap<String, u64>,
}

impl Choices {
    /// What to take for given, one after the other, to see each branch of two templates that are compared. Values that the templates tell apart are
    /// passed over where what depends on them is written alike in both; `is_alone` says that no other file of the two differs. `other` is what the
    /// first one became: of a parameter that it has no more nobody chooses another value than its default, which is what there is.
    pub fn with<'c>(&'c self, other: &'c Self, is_alone: bool) -> Vec<Given> {
        let mut all = Vec::new();
        if !is_alone || self.dependent != other.dependent {
            let mut values: BTreeMap<&String, BTreeSet<&String>> = BTreeMap::new();
            for (parameter, known) in self.values.iter().chain(&other.values) {
                values.entry(parameter).or_default().extend(known);
            }
            let gone = |parameter: &str| self.declared.contains(parameter) && !other.declared.contains(parameter);
            for (parameter, mut values) in values {
                if let Some(default) = self.defaults.get(parameter).filter(|_| gone(parameter)) {
                    values.retain(|value| *value == default);
                }
                all.extend(values.into_iter().map(|value| Given::One { parameter: parameter.clone(), value: value.clone() }));
            }
        }
        if self.defaults != other.defaults || !all.is_empty() {
            all.push(Given::Defaults);
        }
        // What is handed over may stand anywhere in the template.
        let handed: BTreeSet<&Values> = self.handed.iter().chain(&other.handed).collect();
        all.extend(handed.into_iter().cloned().map(Given::Handed));
        all
    }
}
