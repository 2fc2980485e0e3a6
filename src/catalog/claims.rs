//! What people state of elements where the template cannot show it, and what they tell other tools to pass over.
//!
//! Comes in: a draft with everything that properties show, the remarks beside its resources, what is stated elsewhere. Goes out: facts whose
//! origin is a claim, and suppressions. A claim never stands before what the template states.

use crate::catalog::draft::{Draft, ElementIndex};
use crate::catalog::own_types::OwnTypes;
use crate::model::claim::{self, Statement};
use crate::model::fact::{Answer, Fact, Origin, Reading, Value, Word};
use crate::model::resource::{Remark, Said};
use crate::model::{ElementId, Suppression};
use crate::source::{NoteKind, Place};
use std::collections::BTreeSet;

/// What a reader is told besides what the files of a unit say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// Count where the unit itself states nothing; of several the first.
    pub statements: Vec<Statement>,
    /// What the unit itself states of an element and does not count.
    pub withheld: BTreeSet<(ElementId, Fact)>,
    /// The organisation's own facts, which may be stated too.
    pub own: Vec<Fact>,
    /// The organisation's own resource types.
    pub types: OwnTypes,
    /// Accounts of which the base has roles that code runs with: the own one, of a unit whose code runs with such a role.
    pub own_accounts: BTreeSet<String>,
}

pub(crate) fn read(draft: &mut Draft<'_, '_>, claims: &Claims) {
    for remark in draft.remarks() {
        let Some(element) = draft.element(remark.address) else {
            match remark.said {
                Said::Fact { .. } => {
                    let text = format!("`{}` is no element, and nothing can be stated of it", remark.address);
                    draft.note(remark.span, NoteKind::Annotation, text);
                }
                Said::Suppression { tool, id, reason } => {
                    for bearer in bearers(draft, remark.address) {
                        suppress(draft, bearer, remark, (tool, id, reason));
                    }
                }
            }
            continue;
        };
        match remark.said {
            Said::Fact { name, answer } => match claim::parse(name, answer, &claims.own) {
                Ok((fact, value)) => state(draft, element, (fact, value), remark, claims),
                Err(why) => draft.note(remark.span, NoteKind::Annotation, why),
            },
            Said::Suppression { tool, id, reason } => suppress(draft, element, remark, (tool, id, reason)),
        }
    }
    for element in draft.indices() {
        let id = draft.element_at(element).id.clone();
        for statement in claims.statements.iter().filter(|statement| statement.about.includes(&id)) {
            let (fact, place) = (statement.fact, statement.place.clone());
            if is_open(draft, element, fact) {
                set(draft, element, fact, statement.value.clone(), place);
            } else if is_contradicted(draft, element, fact, &statement.value) {
                let text =
                    format!("`{}` of `{id}` is read from the {}, what is stated here does not count", fact.as_str(), draft.words().text);
                draft.sources.note_at(place, NoteKind::Annotation, text);
            }
        }
    }
}

/// Whom a role, a security group or the like is about: its holders, else the elements that name it.
fn bearers(draft: &Draft<'_, '_>, address: &str) -> BTreeSet<ElementIndex> {
    let holders: BTreeSet<ElementIndex> = draft.holders(address).into_iter().collect();
    if !holders.is_empty() {
        return holders;
    }
    draft.mentioning(address).filter_map(|resource| draft.element(resource.address)).collect()
}

fn suppress(draft: &mut Draft<'_, '_>, on: ElementIndex, remark: &Remark<'_>, (tool, id, reason): (&'static str, &str, &str)) {
    let on = draft.element_at(on).id.clone();
    let place = draft.sources.place(remark.span);
    draft.suppress(Suppression { on, place, tool, id: id.to_owned(), reason: reason.to_owned() });
}

fn state(draft: &mut Draft<'_, '_>, element: ElementIndex, (fact, value): (Fact, Value), remark: &Remark<'_>, claims: &Claims) {
    if claims.withheld.contains(&(draft.element_at(element).id.clone(), fact)) {
        return;
    }
    let place = draft.sources.place(remark.span);
    if is_open(draft, element, fact) {
        set(draft, element, fact, value, place);
    } else if draft.element_at(element).facts.value(fact) != Some(&value) {
        let by = match draft.element_at(element).facts.get(fact).map(|known| &known.origin) {
            Some(Origin::Claimed(other)) => format!("stated otherwise in line {}", other.line),
            Some(Origin::Stated(_) | Origin::Default(_) | Origin::Derived(_)) | None => format!("read from the {}", draft.words().text),
        };
        draft.note(remark.span, NoteKind::Annotation, format!("`{}` is {by}, what is stated here does not count", fact.as_str()));
    }
}

/// Whether the template itself says otherwise. What is stated nearer to the element is no contradiction.
fn is_contradicted(draft: &Draft<'_, '_>, element: ElementIndex, fact: Fact, value: &Value) -> bool {
    draft.element_at(element).facts.get(fact).is_some_and(|known| match known.origin {
        Origin::Claimed(_) => false,
        Origin::Stated(_) | Origin::Default(_) | Origin::Derived(_) => known.answer != Answer::Known(value.clone()),
    })
}

fn set(draft: &mut Draft<'_, '_>, element: ElementIndex, fact: Fact, value: Value, place: Place) {
    draft.set_fact(element, fact, Reading::known(value, Origin::Claimed(place)));
}

/// Whether nothing but a default that says "unknown" stands in the way.
fn is_open(draft: &Draft<'_, '_>, element: ElementIndex, fact: Fact) -> bool {
    draft.element_at(element).facts.get(fact).is_none_or(|known| {
        matches!((&known.answer, &known.origin), (Answer::Known(Value::Word(Word::Unknown)), Origin::Default(_) | Origin::Derived(_)))
    })
}
