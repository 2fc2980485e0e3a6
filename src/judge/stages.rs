//! What is said of a Terraform root as a whole, held to what its stages have.
//!
//! Comes in: the threats of one side. Goes out: the same, where of a root with several files of values each is one that a stage raises. As a
//! whole a variable may have the value of any file, and so two of them at once that stand in different files: a key then has the
//! administrators of all stages. Each stage is read with its own file, and what none of them raises is not said. A line names the stages
//! that raise it where the root is new; of one that stood before, `branches` does.

use crate::change::{Change, Side, TreeView, UnitModel};
use crate::delta::{self, Delta};
use crate::formats::{self, Claim};
use crate::judge::{look, plans};
use crate::model::{Model, exports};
use crate::settings::Settings;
use crate::source::RepoPath;
use crate::source::budget::Spent;
use crate::source::given::{Given, Values};
use crate::stride::policy::RuleSet;
use crate::stride::rule::RuleKind;
use crate::stride::threats::find_under;
use crate::stride::{Outcome, Threat};
use std::collections::{BTreeMap, BTreeSet};

/// The stages of the roots of a change, by the names that the roots have on the head.
#[derive(Debug, Default)]
pub(super) struct Stages {
    base: BTreeMap<RepoPath, Vec<Stage>>,
    head: BTreeMap<RepoPath, Vec<Stage>>,
}

/// A root as one file of values makes it.
#[derive(Debug)]
struct Stage {
    values: Values,
    model: Model,
}

/// Which roots are asked: of both sides the units, and what the base calls those that moved.
pub(super) struct Asked<'u> {
    pub(super) base: &'u [UnitModel],
    pub(super) head: &'u [UnitModel],
    pub(super) moved: &'u [(RepoPath, RepoPath)],
    /// Folders that were moved, in the spelling of units.
    pub(super) folders: &'u BTreeMap<String, String>,
}

impl Stages {
    /// Reads the stages of both sides. Roots in `stated` have statements that nobody has confirmed, and are left as they are; so are those of
    /// which there is a plan, and those that would take too much work.
    pub(super) fn read(change: &Change, asked: &Asked<'_>, settings: &Settings, stated: &BTreeSet<&RepoPath>) -> Self {
        let planned = plans::units(change);
        let mut stages = Self::default();
        let mut spent = Spent::default();
        for unit in asked.head {
            let old = asked.moved.iter().find(|(_, new)| *new == unit.unit).map_or(&unit.unit, |(old, _)| old);
            let base = asked.base.iter().find(|base| base.unit == *old);
            if stated.contains(&unit.unit) || planned.contains(&unit.unit) || planned.contains(old) {
                continue;
            }
            let mut read = |unit: Option<&UnitModel>, side: &Side, name: &RepoPath| {
                unit.filter(|unit| unit.choices.has_all && unit.choices.handed.len() > 1)
                    .map_or_else(Vec::new, |unit| of_unit(change, unit, (side, name), settings, &mut spent))
            };
            let head = read(Some(unit), &change.head, &unit.unit);
            let mut base = read(base, &change.base, &unit.unit);
            base.iter_mut().for_each(|stage| stage.model.move_folders(asked.folders));
            if owns_are_told(&head) && owns_are_told(&base) && owns_are_as_before(&base, &head) {
                stages.head.insert(unit.unit.clone(), head);
                stages.base.insert(unit.unit.clone(), base);
            }
        }
        stages
    }

    /// The threats of the head, whose model is `model`.
    pub(super) fn of_head(&self, threats: Vec<Threat>, (model, delta): (&Model, &Delta), rules: &RuleSet<'_>) -> Vec<Threat> {
        let raise = |unit: &RepoPath, stage: &Stage| {
            let mut model = with_stage(model, unit, stage);
            delta::state_taken(&mut model, delta);
            find_under(&model, rules)
        };
        let is_new = |unit: &RepoPath| self.base.get(unit).is_none_or(Vec::is_empty);
        hold(threats, &self.head, &raise, &is_new)
    }

    /// The threats of the base, whose model is `model`.
    pub(super) fn of_base(&self, threats: Vec<Threat>, model: &Model, rules: &RuleSet<'_>) -> Vec<Threat> {
        let raise = |unit: &RepoPath, stage: &Stage| find_under(&with_stage(model, unit, stage), rules);
        hold(threats, &self.base, &raise, &|_| false)
    }
}

/// The stages of a unit; none where reading all of them takes too much.
fn of_unit(change: &Change, unit: &UnitModel, (side, name): (&Side, &RepoPath), settings: &Settings, spent: &mut Spent) -> Vec<Stage> {
    let view = TreeView { side, blobs: &change.blobs };
    let claims = look::claims_of(settings);
    let mut stages = Vec::new();
    for values in &unit.choices.handed {
        spent.add(unit.spent);
        if spent.is_too_much() {
            return Vec::new();
        }
        let reading = formats::read_with(&unit.unit, &view, &claims, &Given::Handed(values.clone()));
        if !matches!(reading.claim, Claim::Unit(_)) {
            return Vec::new();
        }
        let mut model = reading.model;
        model.move_unit(&unit.unit, name);
        stages.push(Stage { values: values.clone(), model });
    }
    stages
}

/// Whether each stage that says what its own account is has another one: a number that all of them share is no stage's own.
fn owns_are_told(stages: &[Stage]) -> bool {
    let owns: Vec<&str> = stages.iter().filter_map(|stage| stage.model.own_account.as_deref()).collect();
    owns.is_empty() || owns.len() > 1 && owns.iter().collect::<BTreeSet<_>>().len() == owns.len()
}

/// Whether no stage that stood before has got another account of its own: whoever writes values may not say whose they are.
fn owns_are_as_before(base: &[Stage], head: &[Stage]) -> bool {
    let own_before = |values: &Values| base.iter().find(|stage| stage.values == *values);
    head.iter().all(|stage| own_before(&stage.values).is_none_or(|before| before.model.own_account == stage.model.own_account))
}

/// A model in which a unit is as one stage has it.
fn with_stage(whole: &Model, unit: &RepoPath, stage: &Stage) -> Model {
    let mut model = whole.clone();
    model.elements.retain(|element| element.unit != *unit);
    model.flows.retain(|flow| flow.unit != *unit);
    model.recorded.retain(|recorded| recorded.unit != *unit);
    model.holdings.retain(|holding| !holding.id.as_str().strip_prefix(unit.as_str()).is_some_and(|rest| rest.starts_with('#')));
    model.join(stage.model.clone());
    exports::connect(&mut model);
    model
}

fn hold(
    threats: Vec<Threat>,
    stages: &BTreeMap<RepoPath, Vec<Stage>>,
    raise: &dyn Fn(&RepoPath, &Stage) -> Vec<Threat>,
    is_new: &dyn Fn(&RepoPath) -> bool,
) -> Vec<Threat> {
    let mut threats = threats;
    for (unit, stages) in stages.iter().filter(|(_, stages)| !stages.is_empty()) {
        let counts = |threat: &Threat| threat.unit == *unit && is_raised(threat) && threat.rule.kind != RuleKind::Baseline;
        let (whole, mut held): (Vec<Threat>, Vec<Threat>) = threats.into_iter().partition(counts);
        if !whole.is_empty() {
            let of_stage = |stage| raise(unit, stage).into_iter().filter(counts).collect();
            let raised: Vec<(&Values, Vec<Threat>)> = stages.iter().map(|stage| (&stage.values, of_stage(stage))).collect();
            held.extend(by_stage(whole, &raised, is_new(unit)));
        }
        threats = held;
    }
    threats
}

/// What the stages raise of what the whole does, each once: as the whole says it where that is how a stage says it too, and else in the
/// words of the stage.
fn by_stage(whole: Vec<Threat>, raised: &[(&Values, Vec<Threat>)], names: bool) -> Vec<Threat> {
    let is_said = |found: &Threat| whole.iter().any(|threat| threat.key.rule == found.key.rule && threat.on == found.on);
    let is_same = |found: &Threat, threat: &Threat| found.key == threat.key && found.on == threat.on && found.part == threat.part;
    let by = |threat: &Threat| -> Vec<&Values> {
        raised.iter().filter(|(_, found)| found.iter().any(|found| is_same(found, threat))).map(|(values, _)| *values).collect()
    };
    let mut all: Vec<Threat> = Vec::new();
    for found in raised.iter().flat_map(|(_, found)| found).filter(|found| is_said(found)) {
        match all.iter_mut().find(|known| is_same(known, found)) {
            Some(known) if known.outcome != Outcome::Open && found.outcome == Outcome::Open => *known = found.clone(),
            Some(_) => {}
            None => all.push(found.clone()),
        }
    }
    for threat in whole {
        if let Some(known) = all.iter_mut().find(|known| is_same(known, &threat)) {
            *known = threat;
        }
    }
    for threat in all.iter_mut().filter(|threat| names && threat.outcome == Outcome::Open) {
        let stages = by(threat);
        if stages.len() < raised.len() {
            let named: Vec<String> = stages.iter().map(|values| values.to_string()).collect();
            threat.branch = Some(format!("the values of {} are deployed", named.join(" or ")));
        }
    }
    all
}

fn is_raised(threat: &Threat) -> bool {
    !matches!(threat.outcome, Outcome::Covered { .. })
}
