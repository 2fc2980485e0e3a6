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
use crate::source::{Note, NoteKind, Place, RepoPath};
use crate::stride::policy::RuleSet;
use crate::stride::rule::RuleKind;
use crate::stride::threats::find_under;
use crate::stride::{self, Outcome, Threat, ThreatKey};
use std::collections::{BTreeMap, BTreeSet};

/// What was found.
#[derive(Debug, Default)]
pub(super) struct News {
    /// In which branch a threat is new, in words that follow `where `.
    pub(super) branches: BTreeMap<ThreatKey, String>,
    /// Where such a threat stands, if a file of values shows it.
    pub(super) places: BTreeMap<ThreatKey, Place>,
    /// What is a threat in one branch only, which it names.
    pub(super) threats: Vec<Threat>,
    /// Controls that one branch has lost, by element.
    taken: BTreeMap<ElementId, Vec<FactChange>>,
    /// Of them what a new root raises by its defaults and by no file of values: nobody says that the file is handed over.
    pub(super) by_default: BTreeSet<ThreatKey>,
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
                    for change in changes {
                        // Where nobody could tell as a whole whether it is taken away, the branch tells.
                        match known.iter_mut().find(|other| (other.fact, &other.part) == (change.fact, &change.part)) {
                            Some(other) if other.takes_away => {}
                            Some(other) => *other = change,
                            None => known.push(change),
                        }
                    }
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
    /// `None` where the unit is new.
    base: Option<&'u UnitModel>,
    head: &'u UnitModel,
    /// Folders that were moved, in the spelling of units.
    folders: &'u BTreeMap<String, String>,
}

/// Compares the units of the change branch by branch. `before` tells which of the threats of the head, `threats`, stood on the base.
pub(super) fn find(
    change: &Change,
    units: &Units,
    (threats, before): (&[Threat], &Before<'_>),
    settings: &Settings,
    rules: &RuleSet<'_>,
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
        let pair = Pair { base: units.base.iter().find(|unit| unit.unit == *old), head, folders: &units.folders };
        let older = older.get(&head.unit).map(Vec::as_slice).unwrap_or_default();
        let mut files = FilesOfValues::default();
        let is_planned = planned.contains(&head.unit);
        for given in pair.branches(change).into_iter().filter(|given| pair.base.is_some() || !is_planned || *given != Given::Defaults) {
            if spent.is_too_much() {
                let text = "the change makes more work than is done for one: what it brings to single stages and branches is not compared";
                news.left_out.push(Note::on_file(&head.unit, NoteKind::Limit, text.to_owned()));
                break;
            }
            spent.add(pair.spent());
            let (delta, found) = new_where(change, &pair, &given, settings, rules);
            news.take(delta, &given);
            if given == Given::Defaults {
                files.bare = Some(found.iter().filter_map(|found| as_a_whole(found, &new)).collect());
            }
            if let Given::Handed(values) = &given {
                files.seen += 1;
                for mut found in found {
                    match as_a_whole(&found, &new).or_else(|| as_a_whole(&found, older)) {
                        Some(known) => files.raise(known, values, found.place),
                        None if added.insert(found.key.clone()) => {
                            found.branch = Some(given.to_string());
                            news.threats.push(found);
                        }
                        None => {}
                    }
                }
                continue;
            }
            for mut found in found {
                // New in every branch, as the whole says.
                if as_a_whole(&found, &new).is_some_and(|key| key == found.key) {
                    continue;
                }
                match as_a_whole(&found, older) {
                    Some(known) => {
                        news.branches.entry(known).or_insert_with(|| given.to_string());
                    }
                    None if is_known(&found) => {}
                    None if added.insert(found.key.clone()) => {
                        found.branch = Some(given.to_string());
                        news.by_default.extend(pair.base.is_none().then(|| found.key.clone()));
                        news.threats.push(found);
                    }
                    None => {}
                }
            }
        }
        if files.bare.is_none() && !files.raised.is_empty() {
            spent.add(pair.spent());
            let (_, bare) = new_where(change, &pair, &Given::Defaults, settings, rules);
            files.bare = Some(bare.iter().filter_map(|found| as_a_whole(found, &new)).collect());
        }
        for (threat, raised) in files.named() {
            news.branches.entry(threat.clone()).or_insert_with(|| raised.words());
            if raised.by.first().is_some_and(|values| raised.place.path.as_str() == values.file) {
                news.places.insert(threat, raised.place);
            }
        }
    }
    news
}

/// Which of the values that somebody may hand over raise what.
#[derive(Default)]
struct FilesOfValues {
    seen: usize,
    raised: BTreeMap<ThreatKey, Raised>,
    /// What is raised where nothing is handed over; `None` while nobody has looked.
    bare: Option<BTreeSet<ThreatKey>>,
}

/// What raises a threat, in order, and where the first of them shows it.
struct Raised {
    by: Vec<Values>,
    place: Place,
}

impl Raised {
    /// In words that follow `where `.
    fn words(&self) -> String {
        let named: Vec<String> = self.by.iter().map(Values::to_string).collect();
        format!("the values of {} are deployed", named.join(" or "))
    }
}

impl FilesOfValues {
    fn raise(&mut self, threat: ThreatKey, by: &Values, place: Place) {
        let raised = self.raised.entry(threat).or_insert_with(|| Raised { by: Vec::new(), place });
        if raised.by.last() != Some(by) {
            raised.by.push(by.clone());
        }
    }

    /// Threats that some raise and others do not, or that nothing raises without them.
    fn named(self) -> impl Iterator<Item = (ThreatKey, Raised)> {
        let Self { seen, raised, bare } = self;
        let bare = bare.unwrap_or_default();
        raised.into_iter().filter(move |(threat, raised)| raised.by.len() < seen || !bare.contains(threat))
    }
}

impl Pair<'_> {
    /// What to take for given, one after the other.
    fn branches(&self, change: &Change) -> Vec<Given> {
        match self.base {
            Some(base) => base.choices.with(&self.head.choices, is_alone(change, base, self.head)),
            // Of what is new as a whole, only values that it was not read with can be worse.
            None if self.head.choices.has_all && self.head.choices.handed.len() == 1 => vec![Given::Defaults],
            None if self.head.choices.has_all => Vec::new(),
            None => self.head.choices.handed.iter().cloned().map(Given::Handed).collect(),
        }
    }

    /// What reading both sides once more takes.
    fn spent(&self) -> Spent {
        let mut spent = self.head.spent;
        spent.add(self.base.map_or_else(Spent::default, |base| base.spent));
        spent
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
fn new_where(change: &Change, pair: &Pair<'_>, given: &Given, settings: &Settings, rules: &RuleSet<'_>) -> (Delta, Vec<Threat>) {
    let base = TreeView { side: &change.base, blobs: &change.blobs };
    let head = TreeView { side: &change.head, blobs: &change.blobs };
    let mut before = match pair.base {
        Some(unit) => match read(&unit.unit, &base, given, settings) {
            Some(model) => model,
            // Where the base's own version cannot be read, an earlier one was compared, as a whole.
            None => return (Delta::default(), Vec::new()),
        },
        None => Model::default(),
    };
    if let Some(unit) = pair.base.filter(|unit| unit.unit != pair.head.unit) {
        before.move_unit(&unit.unit, &pair.head.unit);
    }
    before.move_folders(pair.folders);
    let Some(mut after) = read(&pair.head.unit, &head, given, settings) else { return (Delta::default(), Vec::new()) };
    delta::name_as_the_head_does(&mut before, &after);
    let delta = delta::compare(&before, &after);
    delta::state_taken(&mut after, &delta);
    let threats: Vec<Threat> = stride::gather(trusted::cover(find_under(&after, rules), settings));
    let known = Before::new(trusted::cover(find_under(&before, &rules.of_base()), settings), &threats, (&before, &after), &delta, change);
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
