//! What people say of a resource where the template cannot show it: `Metadata: {astride: {data_class: confidential}}`, or a tag
//! `data-classification`.
//!
//! Comes in: a resource. Goes out: facts whose origin is a claim. A claim never stands before what the template states.

use crate::catalog::draft::{Draft, ElementIndex};
use crate::model::fact::{Answer, Fact, FactType, Origin, Reading, Value, Word};
use crate::model::resource::{Property, Resource};
use crate::source::{NoteKind, Span};

/// The key of `Metadata` under which facts are claimed.
const SECTION: &str = "astride";
/// Tags that state the class of data, in small letters without separators.
const CLASS_TAGS: [&str; 3] = ["dataclassification", "dataclass", "dataclassificationlevel"];

pub(crate) fn read(draft: &mut Draft<'_, '_>, resource: &Resource<'_>, element: ElementIndex) {
    if let Some(class) = tagged_class(resource) {
        claim(draft, element, Fact::DataClass, &class);
    }
    let Some(section) = resource.attributes.get("Metadata").and_then(|metadata| metadata.get(SECTION)) else { return };
    for entry in section.entries() {
        match Fact::ALL.iter().find(|fact| fact.as_str() == entry.key) {
            Some(fact) => claim(draft, element, *fact, &entry.value),
            None => draft.note(entry.key_span, NoteKind::Inconsistent, format!("`{}` is no fact that can be claimed", entry.key)),
        }
    }
}

/// The value of a classification tag, of a list of tags or of a map of them.
fn tagged_class<'t>(resource: &Resource<'t>) -> Option<Property<'t>> {
    let tags = resource.properties.get("Tags")?;
    let names_class = |key: &str| {
        let letters: String = key.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect();
        CLASS_TAGS.contains(&letters.as_str())
    };
    let in_map = tags.entries().iter().find(|entry| names_class(entry.key)).map(|entry| entry.value);
    in_map.or_else(|| {
        let tag = tags.items().iter().find(|tag| tag.get("Key").and_then(Property::literal).is_some_and(names_class))?;
        tag.get("Value").copied()
    })
}

fn claim(draft: &mut Draft<'_, '_>, element: ElementIndex, fact: Fact, value: &Property<'_>) {
    let Some(answer) = value.literal().and_then(|text| answer(fact, text)) else {
        draft.note(value.span, NoteKind::Inconsistent, format!("that is no answer of `{}`", fact.as_str()));
        return;
    };
    if is_open(draft, element, fact) {
        let origin = claimed(draft, value.span);
        draft.set_fact(element, fact, Reading::known(answer, origin));
    } else if draft.element_at(element).facts.value(fact) != Some(&answer) {
        draft.note(
            value.span,
            NoteKind::Inconsistent,
            format!("`{}` is read from the template, what is claimed does not count", fact.as_str()),
        );
    }
}

/// Whether nothing but a default that says "unknown" stands in the way.
fn is_open(draft: &Draft<'_, '_>, element: ElementIndex, fact: Fact) -> bool {
    draft.element_at(element).facts.get(fact).is_none_or(|known| {
        matches!((&known.answer, &known.origin), (Answer::Known(Value::Word(Word::Unknown)), Origin::Default(_) | Origin::Derived(_)))
    })
}

fn claimed(draft: &Draft<'_, '_>, span: Span) -> Origin {
    Origin::Claimed(draft.sources.place(span))
}

/// The answer that a text spells, in small letters. Only words and flags can be claimed.
fn answer(fact: Fact, text: &str) -> Option<Value> {
    let text = text.to_ascii_lowercase();
    match fact.fact_type() {
        FactType::Enum if fact.answers().contains(&text.as_str()) => {
            Word::ALL.iter().find(|word| word.as_str() == text).copied().map(Value::Word)
        }
        FactType::Flag => match text.as_str() {
            "true" => Some(Value::Flag(true)),
            "false" => Some(Value::Flag(false)),
            _ => None,
        },
        FactType::Enum | FactType::Set | FactType::Number | FactType::List => None,
    }
}
