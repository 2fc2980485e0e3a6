//! What a change takes away: a control that was there and is not, or is weaker.
//!
//! Comes in: readings of a fact before and after, models of both sides. Goes out: whether that is a loss, and on the elements of the head what
//! rules ask about. What goes together with its element is not taken away.

use crate::delta::{Delta, FactChange, How, Loss};
use crate::model::fact::{Answer, Fact, Facts, Origin, Reading, Value, Word};
use crate::model::holding::Keeps;
use crate::model::resource::Maker;
use crate::model::spelling;
use crate::model::strength::is_weaker;
use crate::model::unweighed::Unweighed;
use crate::model::{Element, ElementId, ElementKind, FlowId, Model, Outside, Rank};
use crate::source::{Place, RepoPath};
use std::collections::{BTreeMap, BTreeSet};

/// Whether a control is gone or weaker. Where nobody can tell what it is now, nothing is said here; where nobody could tell what it was, it is
/// gone where it is off.
pub(super) fn takes_away(fact: Fact, before: Option<&Reading>, after: Option<&Reading>) -> bool {
    if is_left_to_the_account(fact, before, after) {
        return true;
    }
    let (Some(before), Some(after), Some(_)) = (before, after, fact.control()) else { return false };
    match (&before.answer, &after.answer) {
        (_, Answer::Unresolved(_)) => false,
        (Answer::Known(before), Answer::Known(after)) if let (Some(before), Some(after)) = (number(before), number(after)) => {
            if fact.weakest_first() == ["low", "high"] { after < before } else { after > before }
        }
        _ => is_weaker(fact, after, before),
    }
}

/// Whether a disk was encrypted by what is written, and nothing is written of it now: an account may encrypt all such disks, or none.
fn is_left_to_the_account(fact: Fact, before: Option<&Reading>, after: Option<&Reading>) -> bool {
    let is_open = |reading: &Reading| reading.answer == Answer::Known(Value::Word(Word::Unknown));
    let is_stated = before.is_some_and(|before| {
        let is_encrypted = matches!(before.answer, Answer::Known(Value::Word(word)) if !matches!(word, Word::None | Word::Unknown));
        is_encrypted && matches!(before.origin, Origin::Stated(_))
    });
    fact == Fact::AtRest && is_stated && after.is_none_or(is_open)
}

/// What stands behind a control, and the flows to it, have it by derivation: where the one that states it loses it, it is said there alone.
pub(super) fn count_once(delta: &mut Delta, base: &Model) {
    let is_derived = |id: &str, change: &FactChange| match base.element(&ElementId(id.to_owned())) {
        Some(element) => {
            let reading = element.facts.get(change.fact).filter(|_| change.part.is_empty());
            reading.is_some_and(|reading| matches!(reading.origin, Origin::Derived(_)))
        }
        None => base.flow(&FlowId(id.to_owned())).is_some(),
    };
    let stated: BTreeSet<Fact> =
        delta.controls_taken().filter(|(id, change)| !is_derived(id, change)).map(|(_, change)| change.fact).collect();
    let elements = delta.elements_changed.iter_mut().map(|(id, changes)| (id.as_str(), changes));
    let flows = delta.flows_changed.iter_mut().map(|(id, changes)| (id.as_str(), changes));
    for (id, changes) in elements.chain(flows) {
        for change in changes.iter_mut().filter(|change| change.takes_away && stated.contains(&change.fact)) {
            change.takes_away = !is_derived(id, change);
        }
    }
}

/// The controls whose loss has rules of its own, and the word for it.
const ASKED: [(Fact, Word); 13] = [
    (Fact::AccessLog, Word::AccessLog),
    (Fact::AtRest, Word::AtRest),
    (Fact::AuditLog, Word::AuditLog),
    (Fact::Backup, Word::Backup),
    (Fact::BoundaryPolicy, Word::BoundaryPolicy),
    (Fact::Facing, Word::Facing),
    (Fact::IngressScope, Word::IngressScope),
    (Fact::MalwareScan, Word::MalwareScan),
    (Fact::Mfa, Word::Mfa),
    (Fact::ObjectLock, Word::ObjectLock),
    (Fact::PublicBlock, Word::PublicBlock),
    (Fact::TrustConditions, Word::TrustCondition),
    (Fact::Waf, Word::Waf),
];

/// States on the elements of the head which controls the change takes away from them, so that rules can ask about it.
pub fn state_taken(head: &mut Model, delta: &Delta) {
    let lost: BTreeMap<&ElementId, &[FactChange]> = delta
        .elements_changed
        .iter()
        .filter(|(_, changes)| changes.iter().any(|change| change.takes_away))
        .map(|(id, changes)| (id, changes.as_slice()))
        .collect();
    for element in head.elements.iter_mut() {
        let Some(changes) = lost.get(&element.id) else { continue };
        state(&mut element.facts, changes, "");
        for part in &mut element.parts {
            let name = super::part_name(part.service, part.identity());
            state(&mut part.facts, changes, &name);
        }
    }
    state_secrets(head, delta);
    state_lists(head, delta);
    state_losses(head, delta);
}

/// The same of variables that were read from a store of secrets and now stand in the environment, by their names.
fn state_secrets(head: &mut Model, delta: &Delta) {
    for (id, changes) in &delta.elements_changed {
        let Some(change) = changes.iter().find(|change| change.fact == Fact::SecretsInjected) else { continue };
        let Ok(index) = head.elements.binary_search_by(|element| element.id.cmp(id)) else { continue };
        let facts = &mut head.elements[index].facts;
        let Some(resolved) = facts.get(Fact::SecretResolved) else { continue };
        let names = |said: &Option<String>| said.iter().flat_map(|said| said.split(", ")).map(str::to_owned).collect::<BTreeSet<_>>();
        let (before, now) = (names(&change.from), names(&change.to));
        if resolved.witnesses.iter().any(|name| before.contains(name) && !now.contains(name)) {
            let place = resolved.place().cloned();
            add(facts, Word::Secret, place);
        }
    }
}

/// The same of lists of who is let in that name nobody any more, or everybody, by the names of their variables.
fn state_lists(head: &mut Model, delta: &Delta) {
    for (id, changes) in &delta.elements_changed {
        let Some(change) = changes.iter().find(|change| change.fact == Fact::AllowLists) else { continue };
        let Ok(index) = head.elements.binary_search_by(|element| element.id.cmp(id)) else { continue };
        let facts = &mut head.elements[index].facts;
        let before: BTreeSet<&str> = change.from.iter().flat_map(|said| said.split(", ")).collect();
        let Some(reading) = facts.get(Fact::AllowListsOpen).cloned() else { continue };
        let Answer::Known(Value::List(open)) = &reading.answer else { continue };
        let of_all = match facts.value(Fact::AllowListsOfAll) {
            Some(Value::List(names)) => names.clone(),
            _ => Vec::new(),
        };
        let taken = open.iter().filter(|name| before.contains(name.as_str())).cloned();
        // A page of whatever origin reads what anybody may read; who is let in is told otherwise.
        let (opened, emptied): (Vec<String>, Vec<String>) = taken.partition(|name| of_all.contains(name) && !is_of_origins(name));
        for (fact, names) in [(Fact::ListsOpened, opened), (Fact::ListsEmptied, emptied)] {
            if !names.is_empty() {
                facts.set(fact, Reading::known(Value::List(names), Origin::Derived(reading.place().cloned())));
            }
        }
    }
}

fn is_of_origins(name: &str) -> bool {
    spelling::words(name).any(|word| matches!(word.as_str(), "cors" | "origin" | "origins"))
}

/// States one more thing that was taken away.
fn add(facts: &mut Facts, word: Word, place: Option<Place>) {
    let mut words = match facts.value(Fact::TakenAway) {
        Some(Value::Set(words)) => words.clone(),
        _ => Vec::new(),
    };
    words.push(word);
    words.sort_unstable();
    words.dedup();
    facts.set(Fact::TakenAway, Reading::known(Value::Set(words), Origin::Derived(place)));
}

/// The same of records, of what records, and of what was protected until now.
fn state_losses(head: &mut Model, delta: &Delta) {
    for loss in delta.losses.iter().filter(|loss| loss.empties()) {
        let word = match loss {
            Loss { keeps, .. } if keeps.is_record() => Word::Records,
            Loss { keeps: Keeps::Audit, how: How::Deleted, .. } => Word::AuditLog,
            Loss { unprotected: true, .. } => Word::Protection,
            Loss { keeps: Keeps::Data | Keeps::Shipping, how: How::Deleted, .. } if names_a_record(loss) => Word::AuditPart,
            Loss { .. } => continue,
        };
        let facts = match head.elements.binary_search_by(|element| element.id.cmp(&loss.id)) {
            Ok(index) => &mut head.elements[index].facts,
            Err(index) if head.elements.iter().any(|element| element.unit.as_str() == loss.id.unit()) => {
                head.elements.insert(index, in_place_of(loss));
                &mut head.elements[index].facts
            }
            // The template itself is gone: nobody says that its stack is.
            Err(_) => continue,
        };
        add(facts, word, loss.place.clone());
    }
}

/// Whether the address of what is lost says that it is a part of a record of who did what: nobody can tell more of it.
fn names_a_record(loss: &Loss) -> bool {
    let name = loss.id.address().to_ascii_lowercase();
    let parts: Vec<&str> = name.split(|letter: char| !letter.is_ascii_alphanumeric()).collect();
    parts.iter().any(|part| matches!(*part, "audit" | "auditlog" | "auditlogs" | "audittrail" | "cloudtrail"))
}

/// What stands at the head for a store that is not there any more, so that somebody can answer for it. It is in no picture, and no flow ends in it.
fn in_place_of(loss: &Loss) -> Element {
    let unit = RepoPath::new(loss.id.unit());
    Element {
        id: loss.id.clone(),
        place: Place { path: unit.clone(), line: 1, end_line: 1 },
        unit,
        address: loss.id.address().to_owned(),
        logical_id: loss.id.address().to_owned(),
        maker: Maker::Author,
        declared: loss.noun.to_owned(),
        kind: ElementKind::ExternalEntity,
        service: "lost_store",
        outside: Some(Outside::OwnAccount),
        name: loss.name.clone(),
        by_folder: false,
        rank: Rank::Second,
        facts: Facts::default(),
        parts: Vec::new(),
    }
}

/// States it on the element itself, whose part has no name, or on a part.
fn state(facts: &mut Facts, changes: &[FactChange], part: &str) {
    let taken = |fact: Fact| changes.iter().any(|change| change.takes_away && change.fact == fact && change.part == part);
    let (at, words): (Vec<Fact>, Vec<Word>) = ASKED.iter().copied().filter(|(fact, _)| taken(*fact)).unzip();
    let Some(first) = at.first() else { return };
    let place = facts.get(*first).and_then(|reading| reading.place()).cloned();
    facts.set(Fact::TakenAway, Reading::known(Value::Set(words), Origin::Derived(place)));
}

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => Some(*number),
        Value::Never => Some(i64::MAX),
        _ => None,
    }
}

impl Delta {
    /// Whether a control or data are taken away, or something that guards others.
    pub fn takes_away(&self) -> bool {
        self.controls_taken().next().is_some() || !self.losses.is_empty() || self.guards_lost().next().is_some()
    }

    /// Guards that go: whole resources, statements that deny, what decides by being there.
    pub fn guards_lost(&self) -> impl Iterator<Item = &Unweighed> {
        self.unweighed.iter().filter(|other| other.kind.guards())
    }

    /// The controls that the change takes away or weakens, with the element or flow that had them.
    pub fn controls_taken(&self) -> impl Iterator<Item = (&str, &FactChange)> {
        let elements = self.elements_changed.iter().map(|(id, changes)| (id.as_str(), changes));
        let flows = self.flows_changed.iter().map(|(id, changes)| (id.as_str(), changes));
        elements.chain(flows).flat_map(|(id, changes)| changes.iter().filter(|change| change.takes_away).map(move |change| (id, change)))
    }
}
