//! For which stage the variables are read.
//!
//! Comes in: the addresses of lookups, with a mark where the stage stands in them. Goes out: the address for one stage, and the stages for
//! which there is something. A stage that is part of a name is always the usual one: what is deployed is called alike in all of them.

use crate::formats::serverless::variables::Variables;
use crate::source::Span;
use crate::syntax::Node;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

/// Stands for the stage in an address that is put together.
pub(super) const MARK: &str = "\u{1}";
/// The parameter that stands for the stage where CloudFormation compares it or looks something up by it.
pub(super) const PARAMETER: &str = "sls:stage";
/// A stage that no lookup names.
const ANY_OTHER: &str = "any other stage";
/// Stages that files are looked for: a folder cannot be listed.
const FREQUENT: [&str; 14] =
    ["dev", "develop", "development", "int", "live", "preprod", "prod", "production", "qa", "sandbox", "stage", "staging", "test", "uat"];

/// How the stage is read where a variable stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reading {
    /// As the one that is deployed where nobody names one.
    Usual,
    /// As a mark, in the address of a lookup.
    Address,
    /// As a parameter, where CloudFormation compares it or looks something up by it.
    Parameter,
}

/// The stage that lookups are made for.
pub(super) struct Pass<'t> {
    stage: Option<&'t str>,
    /// The stage that is deployed where nobody names one.
    pub(super) usual: &'t str,
    pub(super) reading: Cell<Reading>,
    /// What another stage does not have is looked up for the usual one.
    is_usual: Cell<bool>,
    /// The last lookup for another stage came to a null.
    pub(super) is_null: Cell<bool>,
    pub(super) is_parameter: Cell<bool>,
    found: RefCell<BTreeSet<&'t str>>,
}

impl<'t> Pass<'t> {
    pub(super) fn of(stage: Option<&'t str>, usual: &'t str) -> Self {
        Self {
            stage,
            usual,
            reading: Cell::new(Reading::Usual),
            is_usual: Cell::new(false),
            is_null: Cell::new(false),
            is_parameter: Cell::new(false),
            found: RefCell::default(),
        }
    }

    /// Whether lookups are made for another stage than the usual one.
    pub(super) fn is_another(&self) -> bool {
        self.stage.is_some() && !self.is_usual.get()
    }

    /// The stage that lookups are made for now.
    pub(super) fn stage(&self) -> &'t str {
        self.stage.filter(|_| !self.is_usual.get()).unwrap_or(self.usual)
    }
}

impl<'t> Variables<'t, '_> {
    /// The stages other than the usual one for which something is looked up, with one for all that nothing names.
    pub(in crate::formats::serverless) fn other_stages(&self) -> Vec<&'t str> {
        let found = self.pass.found.borrow();
        let others = found.iter().copied().filter(|stage| *stage != self.pass.usual && *stage != ANY_OTHER);
        let any_other = (!found.is_empty()).then_some(ANY_OTHER);
        others.chain(any_other).collect()
    }

    /// Resolves with the stage read in another way, then goes back to the one before.
    pub(super) fn reading_as<R>(&self, reading: Reading, resolve: impl FnOnce() -> R) -> R {
        let before = self.pass.reading.replace(reading);
        let resolved = resolve();
        self.pass.reading.set(before);
        resolved
    }

    /// What a variable is for the usual stage.
    pub(super) fn for_usual_stage(&self, content: &'t str, span: Span) -> Node<'t> {
        let before = self.pass.is_usual.replace(true);
        let node = self.variable(content, span);
        self.pass.is_usual.set(before);
        node
    }

    /// An address for the stage of this pass.
    pub(super) fn staged<'a>(&self, address: &'a str) -> Cow<'a, str>
    where
        't: 'a,
    {
        if address.contains(MARK) { address.replace(MARK, self.pass.stage()).into() } else { address.into() }
    }

    /// Remembers the stages that a mapping has keys for, where a step of an address has the mark.
    pub(super) fn find_stages_in(&self, map: Node<'t>, step: &str) {
        let Some((before, after)) = step.split_once(MARK) else { return };
        let stages = map.entries().iter().filter_map(|entry| entry.key.strip_prefix(before)?.strip_suffix(after));
        self.pass.found.borrow_mut().extend(stages.filter(|stage| !stage.is_empty()));
        self.pass.found.borrow_mut().insert(ANY_OTHER);
    }

    /// Remembers the stages that parameters are given for.
    pub(super) fn find_stages_of_parameters(&self) {
        let sections = ["params", "stages"].into_iter().filter_map(|section| self.raw(section));
        let keys = sections.flat_map(|section| section.entries()).map(|entry| entry.key);
        self.pass.found.borrow_mut().extend(keys.filter(|key| *key != "default"));
    }

    /// Remembers the frequent stages that there are files for.
    pub(super) fn find_stages_of_files(&self, named: &str) {
        for stage in FREQUENT {
            let path = self.unit.sibling(&named.replace(MARK, stage));
            if path.is_some_and(|path| self.sources.has(&path)) {
                self.pass.found.borrow_mut().insert(stage);
            }
        }
    }
}
