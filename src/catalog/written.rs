//! Secrets that are written out in a unit, in whatever property of whatever type: whoever reads the repository has them.
//!
//! Comes in: the draft's resources with their elements, and what the unit says beside them. Goes out: the facts of the entries that ask for
//! literal secrets, and for each resource that bears others a part with the places. The secret itself goes nowhere.

use crate::catalog::aws::{Resolver, state_machine, user_data};
use crate::catalog::draft::outsider::Outsider;
use crate::catalog::draft::{Draft, ElementIndex};
use crate::catalog::entry::{Entry, Reader};
use crate::catalog::paths;
use crate::catalog::secrets::{self, Place, Search};
use crate::catalog::witnesses::bounded;
use crate::model::fact::{Answer as Known, Fact, Reading, Value as Answer, Word};
use crate::model::resource::{Output, Property, Resource};
use crate::source::Span;
use std::collections::BTreeSet;

/// The service of such a part, which rules name.
const WRITTEN_SECRET: &str = "written_secret";

/// Properties that are a credential whatever they are called: the value of a key that callers of an API show.
const CREDENTIALS: [(&str, &str); 1] = [("AWS::ApiGateway::ApiKey", "Value")];

pub(crate) fn lower<'t>(draft: &mut Draft<'t, '_>, asides: &[Output<'t>]) {
    let mut seen = BTreeSet::new();
    for resource in draft.resources() {
        if !draft.spend(1, resource.span) {
            return;
        }
        let entry = draft.entry(resource.address);
        if let Some((entry, element)) = entry.zip(draft.element(resource.address)) {
            state_asked(draft, entry, element, resource);
        }
        // What a transform copies from one place is written out once.
        let places: Vec<Place> =
            places(draft, resource, entry).into_iter().filter(|place| seen.insert((place.span, place.name.clone()))).collect();
        if !places.is_empty() {
            let bearer = draft.element(resource.address).unwrap_or_else(|| draft.alone(resource));
            state(draft, bearer, resource.address, places);
        }
    }
    for aside in asides {
        let places = Search::anywhere(&aside.value, &|_| false, &|bytes, span| draft.spend_text(bytes, span));
        if !places.is_empty() {
            let bearer = draft.external(Outsider::Aside(aside.name), aside.span);
            state(draft, bearer, aside.name, places);
        }
    }
}

/// The facts of an entry that are read by searching for literal secrets, and by which variables those hold that are about the environment.
fn state_asked<'t>(draft: &mut Draft<'t, '_>, entry: &Entry, element: ElementIndex, resource: &Resource<'t>) {
    for asked in entry.facts {
        let values = |reader: fn(Reader) -> bool| -> Vec<Property<'t>> {
            let readings = asked.readings.iter().filter(|reading| reader(reading.reader));
            readings.flat_map(|reading| paths::find(&resource.properties, reading.property)).collect()
        };
        let literal = values(|reader| matches!(reader, Reader::LiteralSecret));
        let spend = |bytes, span| draft.spend_text(bytes, span);
        let places: Vec<Place> = literal.iter().flat_map(|value| Search::variables(value, &spend)).collect();
        if !places.is_empty() {
            let reading = reading(draft, places);
            draft.set_fact(element, asked.fact, reading);
        }
        let stood_in: Vec<Place> = literal.iter().flat_map(secrets::stood_in).collect();
        if asked.fact == Fact::SecretsEnv && !stood_in.is_empty() {
            let reading = reading(draft, stood_in);
            draft.set_fact(element, Fact::SecretStandIn, reading);
            // That no secret is written out is promised of none of them.
            if draft.element_at(element).facts.value(asked.fact) == Some(&Answer::Flag(false)) {
                draft.unset_fact(element, asked.fact);
            }
        }
        let Some(known) = draft.element_at(element).facts.get(asked.fact).map(|known| Reading::clone(known)) else { continue };
        let names: Vec<String> = match known.answer {
            Known::Known(Answer::Word(word)) if word != Word::Hidden => {
                let echoed = values(|reader| matches!(reader, Reader::EchoedSecret));
                echoed.iter().flat_map(|variables| secrets::echoing(variables, word)).collect()
            }
            Known::Known(Answer::Flag(true)) => {
                let resolved = values(|reader| matches!(reader, Reader::ResolvedSecret));
                resolved.iter().flat_map(secrets::resolving).collect()
            }
            _ => Vec::new(),
        };
        if !names.is_empty() {
            draft.set_fact(element, asked.fact, known.witnessed(bounded(names)));
        }
    }
}

fn state(draft: &mut Draft<'_, '_>, bearer: ElementIndex, label: &str, places: Vec<Place>) {
    let Some(first) = places.first() else { return };
    let part = draft.part(bearer, WRITTEN_SECRET, label, first.span);
    let reading = reading(draft, places);
    draft.set_part_fact(part, Fact::SecretsLiteral, reading);
}

fn reading(draft: &Draft<'_, '_>, places: Vec<Place>) -> Reading {
    let span = places.first().map_or(Span::default(), |place| place.span);
    let names = places.into_iter().map(|place| place.name).collect();
    Reading::known(Answer::Flag(true), draft.stated(span)).witnessed(bounded(names))
}

/// Where a resource and what stands beside its properties hold secrets that no fact of its entry and no resolver is about.
fn places<'t>(draft: &Draft<'t, '_>, resource: &Resource<'t>, entry: Option<&'static Entry>) -> Vec<Place> {
    let judged = judged(entry);
    let is_judged = |path: &str| {
        judged.iter().any(|known| path.strip_prefix(known.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
    };
    let spend = |bytes, span| draft.spend_text(bytes, span);
    let mut places = Search::anywhere(&resource.properties, &is_judged, &spend);
    places.extend(Search::anywhere(&resource.attributes, &is_judged, &spend));
    let credentials = CREDENTIALS.iter().filter(|(kind, _)| *kind == resource.kind);
    let values = credentials.flat_map(|(_, path)| paths::find(&resource.properties, path).into_iter().map(move |value| (*path, value)));
    places.extend(values.filter(|(_, value)| is_text(value)).map(|(path, value)| Place { name: path.to_owned(), span: value.span }));
    places
}

fn is_text(value: &Property<'_>) -> bool {
    value.literal().is_some_and(|text| !crate::catalog::secrets::is_placeholder(text))
}

/// The paths that facts of the entry or its resolvers judge, without the marks of lists.
fn judged(entry: Option<&'static Entry>) -> Vec<String> {
    let Some(entry) = entry else { return Vec::new() };
    let reads = |reader: Reader| matches!(reader, Reader::LiteralSecret | Reader::Written | Reader::WrittenForGood);
    let by_facts =
        entry.facts.iter().flat_map(|fact| fact.readings).filter(|reading| reads(reading.reader)).map(|reading| reading.property);
    let by_resolvers = entry.resolvers.iter().flat_map(|resolver| match resolver {
        Resolver::Containers => &["ContainerDefinitions.Environment"][..],
        Resolver::StateMachine => state_machine::DEFINITIONS,
        Resolver::UserData => user_data::SCRIPTS,
        _ => &[],
    });
    by_facts.chain(by_resolvers.copied()).map(|path| path.replace("[]", "")).collect()
}
