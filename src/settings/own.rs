//! What an organisation adds to the product: facts that people may state, rules and resource types of its own, as files in the folder `astride`
//! of its `.github` repository.
//!
//! Comes in: the texts of that folder. Goes out: all of it, checked by what the build checks the built-in rules with, or all that is wrong,
//! with file and line. Nothing of it is executed: a rule is a predicate over facts, and files, rules, words and depths are bounded.
//!
//! What was read lives as long as the process, as the built-in rules do. Whoever reads again and again bounds how often.

mod entries;
mod facts;
mod rules;
mod types;
mod vocabulary;

pub use rules::OwnRule;
pub use types::OwnTypeFile;

use crate::catalog::own_types::OwnTypes;
use crate::model::fact::Fact;
use crate::model::fact_file::ReadFact;
use crate::model::lined::{At, Mistake};
use crate::settings::SettingsError;
use crate::source::{Place, RepoPath};
use crate::stride::rule::{RULES, Rule};
use std::collections::BTreeMap;
use std::sync::Arc;
use vocabulary::Known;

/// The folder in the organisation's `.github` repository.
pub const FOLDER: &str = "astride";
/// Where the facts lie that people may state.
const FACTS: &str = "astride/facts.yml";
/// Where rules lie in it.
const RULES_FOLDER: &str = "astride/rules/";
/// Where what is decided for all repositories lies in it.
pub const DECISIONS_FOLDER: &str = "astride/decisions/";
/// Where resource types lie in it.
const TYPES_FOLDER: &str = "astride/types/";
/// Most files.
pub const MAX_FILES: usize = 50;
/// Largest file, in bytes.
pub const MAX_FILE_BYTES: usize = 64 * 1024;
/// Most bytes of all files.
pub const MAX_BYTES: usize = 256 * 1024;

/// The files of the folder by their path in the repository: `astride/rules/data.yml`.
pub type OwnTexts = BTreeMap<RepoPath, String>;

/// What an organisation has of its own; by default nothing.
#[derive(Clone, Debug, Default)]
pub struct Own(Option<Arc<Edition>>);

#[derive(Debug)]
struct Edition {
    texts: OwnTexts,
    name: String,
    facts: Vec<Fact>,
    rules: Vec<&'static Rule>,
    types: OwnTypes,
}

/// What was checked, and not taken yet.
#[derive(Default)]
pub struct Checked {
    pub facts: Vec<ReadFact>,
    pub rules: Vec<OwnRule>,
    pub types: Vec<At<OwnTypeFile>>,
}

/// Why what an organisation has of its own cannot be taken as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnBroken {
    pub error: SettingsError,
    /// Whether an earlier edition could be read, and applies.
    pub has_earlier: bool,
}

impl PartialEq for Own {
    fn eq(&self, other: &Self) -> bool {
        (self.texts().collect::<Vec<_>>(), self.edition()) == (other.texts().collect(), other.edition())
    }
}

impl Eq for Own {}

impl Own {
    /// Reads the files of the folder. `edition` names them in the record of what was judged by them.
    ///
    /// # Errors
    /// As `check`.
    pub fn read(texts: OwnTexts, edition: &str) -> Result<Self, Vec<SettingsError>> {
        let (known, types, rules) = checked(&texts)?;
        if texts.is_empty() {
            return Ok(Self::default());
        }
        let facts: Vec<Fact> = known.facts.iter().map(facts::made).collect();
        let rules = rules::made(rules, &known, &facts);
        let types = entries::made(types, &facts);
        Ok(Self(Some(Arc::new(Edition { texts, name: edition.to_owned(), facts, rules, types }))))
    }

    /// Whether a file of the `.github` repository is one of those that are read.
    pub fn holds(path: &RepoPath) -> bool {
        let folder = path.as_str().strip_prefix(FOLDER).is_some_and(|rest| rest.starts_with('/'));
        folder && [".yml", ".yaml"].iter().any(|end| path.as_str().ends_with(end))
    }

    /// The files that it was read from.
    pub fn texts(&self) -> impl Iterator<Item = (&RepoPath, &str)> {
        self.0.iter().flat_map(|edition| &edition.texts).map(|(path, text)| (path, text.as_str()))
    }

    /// The files with what is decided for all repositories. `decisions::organisation` reads them.
    pub fn decisions(&self) -> impl Iterator<Item = (&RepoPath, &str)> {
        self.0.iter().flat_map(|edition| decisions_in(&edition.texts))
    }

    /// What it is called in records; empty where there is nothing.
    pub fn edition(&self) -> &str {
        self.0.as_ref().map_or("", |edition| &edition.name)
    }

    /// The facts that people may state besides those of the product, ordered by name.
    pub fn facts(&self) -> &[Fact] {
        self.0.as_ref().map_or(&[], |edition| &edition.facts)
    }

    /// The organisation's rules, in order of files.
    pub fn rules(&self) -> &[&'static Rule] {
        self.0.as_ref().map_or(&[], |edition| &edition.rules)
    }

    /// The organisation's resource types.
    pub fn types(&self) -> OwnTypes {
        self.0.as_ref().map_or_else(OwnTypes::default, |edition| edition.types)
    }

    /// The built-in rules and those of the organisation.
    pub fn all_rules(&self) -> Vec<&'static Rule> {
        RULES.iter().chain(self.rules().iter().copied()).collect()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

/// Those of the files that have what is decided for all repositories.
pub fn decisions_in(texts: &OwnTexts) -> impl Iterator<Item = (&RepoPath, &str)> {
    let files = texts.iter().filter(|(path, _)| path.as_str().starts_with(DECISIONS_FOLDER));
    files.map(|(path, text)| (path, text.as_str()))
}

/// Checks the files of the folder, and gives what they hold but the decisions. Nothing of it stays.
///
/// # Errors
/// Everything that is wrong, in order of files and lines.
pub fn check(texts: &OwnTexts) -> Result<Checked, Vec<SettingsError>> {
    checked(texts).map(|(known, types, rules)| Checked { facts: known.facts, rules, types })
}

/// The vocabulary with the facts, the types and the rules.
type ReadFiles = (Known, Vec<At<OwnTypeFile>>, Vec<OwnRule>);

fn checked(texts: &OwnTexts) -> Result<ReadFiles, Vec<SettingsError>> {
    check_sizes(texts).map_err(|error| vec![error])?;
    let misplaced: Vec<SettingsError> = texts.keys().filter_map(misplaced).collect();
    if !misplaced.is_empty() {
        return Err(misplaced);
    }
    let path = RepoPath::new(FACTS);
    // Without its facts no type and no rule can be read, and without the services of its types no rule.
    let facts = texts.get(&path).map_or(Ok(Vec::new()), |text| facts::check(&path, text))?;
    let known = Known::with(facts);
    let within = |folder: &'static str| texts.iter().filter(move |(path, _)| path.as_str().starts_with(folder));
    let types = types::check(within(TYPES_FOLDER), &known)?;
    let known = known.with_services_of(&types);
    let rules = rules::check(within(RULES_FOLDER), &known)?;
    Ok((known, types, rules))
}

fn check_sizes(texts: &OwnTexts) -> Result<(), SettingsError> {
    let root = RepoPath::new(FOLDER);
    if texts.len() > MAX_FILES {
        return Err(at(&root, Mistake::at(1, format!("{} files, at most {MAX_FILES} are possible", texts.len()))));
    }
    if let Some((path, text)) = texts.iter().find(|(_, text)| text.len() > MAX_FILE_BYTES) {
        return Err(at(path, Mistake::at(1, format!("the file has {} bytes, at most {MAX_FILE_BYTES} are possible", text.len()))));
    }
    let bytes: usize = texts.values().map(String::len).sum();
    if bytes > MAX_BYTES {
        return Err(at(&root, Mistake::at(1, format!("the files have {bytes} bytes together, at most {MAX_BYTES} are possible"))));
    }
    Ok(())
}

/// A file that nobody would read is a mistake: whoever wrote it takes it for one that counts.
fn misplaced(path: &RepoPath) -> Option<SettingsError> {
    let lies_in = |folder: &&str| path.as_str().strip_prefix(*folder).is_some_and(|name| !name.contains('/'));
    let is_read = path.as_str() == FACTS || [RULES_FOLDER, TYPES_FOLDER, DECISIONS_FOLDER].iter().any(lies_in);
    let message = || {
        format!(
            "nothing is read here: facts lie in {FACTS}, rules in {RULES_FOLDER}NAME.yml, resource types in {TYPES_FOLDER}NAME.yml, \
             decisions in {DECISIONS_FOLDER}NAME.yml"
        )
    };
    (!is_read).then(|| at(path, Mistake::at(1, message())))
}

fn at(path: &RepoPath, mistake: Mistake) -> SettingsError {
    SettingsError { place: Place { path: path.clone(), line: mistake.line, end_line: mistake.line }, message: mistake.message }
}
