//! What a change brings to one branch of a template that another branch had: production becomes what only development was.
//!
//! Comes in: the units of both sides, and the threats of the head. Goes out: those that stood on the base and are new for some value of a parameter,
//! and for which; and what is new there and is nothing as a whole, as a control that only one branch has lost. As a whole a template is read with the worst of its branches; here both sides are read again with one parameter given, and compared.
//! The stages of a Terraform root are files of values: what some of them raise and others do not names them.

use crate::change::{Change, TreeView, UnitModel};
use crate::delta::{self, Delta, FactChange};
use crate::formats::{self, Claim};
use crate::judge::introduced::Before;
use crate::judge::look;
use crate::judge::plans;
use crate::judge::trusted;
use crate::judge::units::Units;
use crate::model::{ElementId, Model};
use crate::settings::Settings;
use crate::source::budget::Spent;
use crate::source::given::{Given, Values};
use crate::source::{Note, NoteKind, RepoPath};
use crate::stride::rule::{Rule, RuleKind};
use crate::stride::threats::find_threats;
use crate::stride::{self, Outcome, Threat, ThreatKey};
use std::collections::{BTreeMap, BTreeSet};

/// What was found.
#[derive(Debug, Default)]
pub(super) struct News {
    /// In which branch a threat is new, in words that follow `where `.
    pub(super) branches: BTreeMap<ThreatKey, String>,
    /// What is a threat in one branch only, which it names.
    pub(super) threats: Vec<Threat>,
    /// Controls that one branch has lost, by element.
    taken: BTreeMap<ElementId, Vec<FactChange>>,
    /// Units that would have taken too much work.
    pub(super) left_out: Vec<Note>,
}

impl News {
    /// Adds to what changed the controls that only a branch has lost.
    pub(super) fn state_in(&mut self, delta: &mut Delta) {
        for (id, changes) in std::mem::take(&mut self.taken) {
            match delta.elements_changed.binary_search_by(|(known, _)| known.cmp(&id)) {
                Ok(index) => {
                    let known = &mut delta.elements_changed[index].1;
                    let is_new = |change: &FactChange| !known.iter().any(|other| (other.fact, &other.part) == (change.fact, &change.part));
                    let more: Vec<FactChange> = changes.into_iter().filter(is_new).collect();
                    known.extend(more);
                }
                Err(index) => delta.elements_changed.insert(index, (id, changes)),
            }
        }
    }

    fn take(&mut self, delta: Delta, given: &Given) {
        for (id, changes) in delta.elements_changed {
            for change in changes.into_iter().filter(|change| change.takes_away) {
                let known = self.taken.entry(id.clone()).or_default();
                if !known.iter().any(|other| (other.fact, &other.part) == (change.fact, &change.part)) {
                    let to = change.to.map(|to| format!("{to} where {given}"));
                    known.push(FactChange { to, ..change });
                }
            }
        }
    }
}

/// Both sides of a unit.
struct Pair<'u> {
    base: &'u UnitModel,
    head: &'u UnitModel,
}

/// Compares the units of the change branch by branch. `before` tells which of the threats of the head, `threats`, stood on the base.
pub(super) fn find(
    change: &Change,
    units: &Units,
    (threats, before): (&[Threat], &Before<'_>),
    settings: &Settings,
    rules: &[&'static Rule],
) -> News {
    let stands = |threat: &&Threat| is_raised(threat) && threat.rule.kind != RuleKind::Baseline && !before.lacks(threat);
    let mut older: BTreeMap<&RepoPath, Vec<&Threat>> = BTreeMap::new();
    for threat in threats.iter().filter(stands) {
        older.entry(&threat.unit).or_default().push(threat);
    }
    // A given value may be part of a cause's name, so that what is known is told by the element, and by the rule or the kind of threat.
    let of_sharers = |threat: &'_ Threat| -> Vec<String> { threat.sharers().map(|sharer| sharer.on.to_string()).collect() };
    let mut known: BTreeSet<(String, String)> = BTreeSet::new();
    let planned = plans::units(change);
    for threat in threats {
        // A plan is of one stage: what is covered there need not be in another.
        if is_raised(threat) || !planned.contains(&threat.unit) {
            let names = of_sharers(threat).into_iter();
            known.extend(names.map(|on| (threat.key.rule.to_owned(), on)));
        }
        if is_raised(threat) {
            known.extend(of_sharers(threat).into_iter().map(|on| (threat.rule.category.words().to_owned(), on)));
        }
    }
    let is_known = |found: &Threat| {
        let words = [found.key.rule, found.rule.category.words()];
        of_sharers(found).iter().any(|on| words.iter().any(|word| known.contains(&((*word).to_owned(), on.clone()))))
    };
    let new: Vec<&Threat> = threats.iter().filter(|threat| before.lacks(threat)).collect();
    let mut added: BTreeSet<ThreatKey> = BTreeSet::new();
    let mut news = News::default();
    let mut spent = Spent::default();
    for head in &units.head {
        let old = units.moved.iter().find(|(_, new)| *new == head.unit).map_or(&head.unit, |(old, _)| old);
        let Some(base) = units.base.iter().find(|unit| unit.unit == *old) else { continue };
        let older = older.get(&head.unit).map(Vec::as_slice).unwrap_or_default();
        let is_alone = is_alone(change, base, head);
        let mut files = FilesOfValues::default();
        for given in base.choices.with(&head.choices, is_alone) {
            if spent.is_too_much() {
                let text = "the change makes more work than is done for one: what it brings to single stages and branches is not compared";
                news.left_out.push(Note::on_file(&head.unit, NoteKind::Limit, text.to_owned()));
                break;
            }
            spent.add(base.spent);
            spent.add(head.spent);
            files.see(&given);
            let (delta, found) = new_where(change, &Pair { base, head }, &given, settings, rules);
            news.take(delta, &given);
            for mut found in found {
                // New in every branch, as the whole says.
                if let Some(known) = as_a_whole(&found, &new).filter(|key| *key == found.key || matches!(given, Given::Handed(_))) {
                    files.raise(known, &given);
                    continue;
                }
                match as_a_whole(&found, older) {
                    Some(known) => {
                        news.branches.entry(known).or_insert_with(|| given.to_string());
                    }
                    None if is_known(&found) => {}
                    None if added.insert(found.key.clone()) => {
                        found.branch = Some(given.to_string());
                        news.threats.push(found);
                    }
                    None => {}
                }
            }
        }
        if !files.raised.is_empty() {
            let (_, bare) = new_where(change, &Pair { base, head }, &Given::Defaults, settings, rules);
            files.bare.extend(bare.iter().filter_map(|found| as_a_whole(found, &new)));
        }
        for (threat, branch) in files.named() {
            news.branches.entry(threat).or_insert(branch);
        }
    }
    news
}

/// Which of the files of values that somebody may hand over raise what is new with all of them taken together.
#[derive(Default)]
struct FilesOfValues {
    seen: usize,
    raised: BTreeMap<ThreatKey, BTreeSet<Values>>,
    /// What is raised where nothing is handed over.
    bare: BTreeSet<ThreatKey>,
}

impl FilesOfValues {
    fn see(&mut self, given: &Given) {
        self.seen += usize::from(matches!(given, Given::Handed(_)));
    }

    fn raise(&mut self, threat: ThreatKey, given: &Given) {
        if let Given::Handed(values) = given {
            self.raised.entry(threat).or_default().insert(values.clone());
        }
    }

    /// The files, of threats that some raise and others do not, or that nothing raises without one, in words that follow `where `.
    fn named(self) -> impl Iterator<Item = (ThreatKey, String)> {
        let Self { seen, raised, bare } = self;
        let words = |raising: BTreeSet<Values>| {
            let named: Vec<String> = raising.iter().map(Values::to_string).collect();
            format!("{} is handed over", named.join(" or "))
        };
        let named = raised.into_iter().filter(move |(threat, raising)| raising.len() < seen || !bare.contains(threat));
        named.map(move |(threat, raising)| (threat, words(raising)))
    }
}

/// Whether the entry alone differs of all files that the two sides were read from.
fn is_alone(change: &Change, base: &UnitModel, head: &UnitModel) -> bool {
    let others = base.files.iter().chain(&head.files).filter(|file| **file != base.unit && **file != head.unit);
    let mut differing = others.filter(|file| change.base.listing.get(*file) != change.head.listing.get(*file));
    differing.next().is_none()
}

/// The key of the older threat that a branch's is: of the same cause, or where a given value is part of its name, of the same rule on the same
/// element.
fn as_a_whole(found: &Threat, older: &[&Threat]) -> Option<ThreatKey> {
    let exact = older.iter().find(|threat| threat.key == found.key);
    let alike = || older.iter().find(|threat| threat.key.rule == found.key.rule && threat.on == found.on);
    exact.or_else(alike).map(|threat| threat.key.clone())
}

/// What is new in a unit where something is given.
fn new_where(change: &Change, pair: &Pair<'_>, given: &Given, settings: &Settings, rules: &[&'static Rule]) -> (Delta, Vec<Threat>) {
    let base = TreeView { side: &change.base, blobs: &change.blobs };
    let head = TreeView { side: &change.head, blobs: &change.blobs };
    // Where the base's own version cannot be read, an earlier one was compared, as a whole.
    let Some(mut before) = read(&pair.base.unit, &base, given, settings) else { return (Delta::default(), Vec::new()) };
    if pair.base.unit != pair.head.unit {
        before.move_unit(&pair.base.unit, &pair.head.unit);
    }
    let Some(mut after) = read(&pair.head.unit, &head, given, settings) else { return (Delta::default(), Vec::new()) };
    let delta = delta::compare(&before, &after);
    delta::state_taken(&mut after, &delta);
    let threats: Vec<Threat> = stride::gather(trusted::cover(find_threats(&after, rules), settings));
    let known = Before::new(trusted::cover(find_threats(&before, rules), settings), &threats, (&before, &after), &delta);
    // What cannot be told of a branch cannot be told of the whole either.
    let new = threats.into_iter().filter(|threat| threat.outcome == Outcome::Open && known.lacks(threat)).collect();
    (delta, new)
}

fn read(unit: &RepoPath, view: &TreeView<'_>, given: &Given, settings: &Settings) -> Option<Model> {
    let claims = look::claims_of(settings);
    let reading = formats::read_with(unit, view, &claims, given);
    matches!(reading.claim, Claim::Unit(_)).then_some(reading.model)
}

fn is_raised(threat: &Threat) -> bool {
    !matches!(threat.outcome, Outcome::Covered { .. })
}
