//! Two models of one architecture, compared without their addresses and lines.
//!
//! Elements are paired within a service by what they have in common: kind, facts, flows to what kind of thing, and words of their names. Then
//! every difference is a line: the first notation's answer, `|`, the second's; `-` where there is none. Of a fact the answer counts; why
//! one is unresolved does not, nor do names among its witnesses.

use astride::model::fact::{Answer, Facts};
use astride::model::{Element, ElementId, Flow, Model, Outside};
use std::collections::{BTreeMap, BTreeSet};

/// What differs, and how much was compared.
#[derive(Default)]
pub(crate) struct Comparison {
    /// Ordered, unique.
    pub(crate) differences: BTreeSet<String>,
    /// Elements, flows and facts that both have and that are equal.
    pub(crate) equal: usize,
}

pub(crate) fn compare(first: &Model, second: &Model) -> Comparison {
    let pairs = paired(first, second);
    let mut comparison = Comparison::default();
    let names = [names(first, &pairs, true), names(second, &pairs, false)];
    for element in first.elements.iter().filter(|element| !pairs.iter().any(|(one, _)| *one == element.id)) {
        comparison.differences.insert(format!("element {}: {} | -", names[0][&element.id], element.kind.word()));
    }
    for element in second.elements.iter().filter(|element| !pairs.iter().any(|(_, other)| *other == element.id)) {
        comparison.differences.insert(format!("element {}: - | {}", names[1][&element.id], element.kind.word()));
    }
    for (one, other) in &pairs {
        let name = &names[0][one];
        let (one, other) = (first.element(one).unwrap(), second.element(other).unwrap());
        comparison.see(&format!("element {name}"), &element_words(one), &element_words(other));
        comparison.see_facts(&format!("fact {name}"), &facts(one), &facts(other));
    }
    let [first_flows, second_flows] = [flows(first, &names[0]), flows(second, &names[1])];
    for key in first_flows.keys().chain(second_flows.keys()).collect::<BTreeSet<_>>() {
        match (first_flows.get(key), second_flows.get(key)) {
            (Some(one), Some(other)) => {
                comparison.see(&format!("flow {key}"), &flow_words(one), &flow_words(other));
                comparison.see_facts(&format!("flow fact {key}"), &answers("", &one.facts), &answers("", &other.facts));
            }
            (one, _) => {
                let sides = if one.is_some() { "there | -" } else { "- | there" };
                comparison.differences.insert(format!("flow {key}: {sides}"));
            }
        }
    }
    comparison
}

impl Comparison {
    fn see(&mut self, what: &str, one: &str, other: &str) {
        if one == other {
            self.equal += 1;
        } else {
            self.differences.insert(format!("{what}: {one} | {other}"));
        }
    }

    fn see_facts(&mut self, what: &str, one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) {
        for fact in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
            let answer = |side: &BTreeMap<String, String>| side.get(fact).cloned().unwrap_or_else(|| "-".to_owned());
            self.see(&format!("{what} {fact}"), &answer(one), &answer(other));
        }
    }
}

/// Which element of the first is which of the second; those that have most in common first.
fn paired(first: &Model, second: &Model) -> Vec<(ElementId, ElementId)> {
    let mut candidates = Vec::new();
    for one in &first.elements {
        for other in second.elements.iter().filter(|other| sort(one) == sort(other)) {
            candidates.push((std::cmp::Reverse(in_common(first, one, second, other)), one.id.clone(), other.id.clone()));
        }
    }
    candidates.sort();
    let (mut pairs, mut taken) = (Vec::new(), BTreeSet::new());
    for (_, one, other) in candidates {
        if !taken.contains(&(false, one.clone())) && !taken.contains(&(true, other.clone())) {
            taken.extend([(false, one.clone()), (true, other.clone())]);
            pairs.push((one, other));
        }
    }
    pairs.sort();
    pairs
}

/// What two elements must share to be one.
fn sort(element: &Element) -> String {
    match &element.outside {
        Some(Outside::Service(name)) => format!("service {name}"),
        Some(Outside::OwnAccount) => format!("own {}", element.service),
        Some(Outside::Import(_) | Outside::OtherStack) => format!("elsewhere {}", element.service),
        Some(Outside::OtherAccount) => format!("other account {}", element.service),
        Some(Outside::World) => format!("outside {}", element.service),
        None => element.service.to_owned(),
    }
}

fn in_common(first: &Model, one: &Element, second: &Model, other: &Element) -> usize {
    let words = |element: &Element| words(&format!("{} {}", element.address, element.name));
    let named = words(one).intersection(&words(other)).count();
    let facts_of = |element| facts(element).into_iter().collect::<BTreeSet<_>>();
    let facts = facts_of(one).intersection(&facts_of(other)).count();
    let flows = flow_shapes(first, one).intersection(&flow_shapes(second, other)).count();
    named * 4 + flows * 3 + facts
}

/// `OrderQueue_2` is about `order`, `queue` and `2`.
fn words(text: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let mut word = String::new();
    for letter in text.chars() {
        if !letter.is_ascii_alphanumeric() || letter.is_ascii_uppercase() && word.ends_with(|last: char| last.is_ascii_lowercase()) {
            words.insert(std::mem::take(&mut word).to_lowercase());
        }
        if letter.is_ascii_alphanumeric() {
            word.push(letter);
        }
    }
    words.insert(word.to_lowercase());
    words.remove("");
    words
}

fn flow_shapes(model: &Model, element: &Element) -> BTreeSet<String> {
    let end = |id: &ElementId| model.element(id).map(sort).unwrap_or_default();
    let shape = |flow: &Flow| match (flow.from == element.id, flow.to == element.id) {
        (true, _) => Some(format!("> {} {}", flow.means.word(), end(&flow.to))),
        (_, true) => Some(format!("< {} {}", flow.means.word(), end(&flow.from))),
        _ => None,
    };
    model.flows.iter().filter_map(shape).collect()
}

/// What each element is called in differences: its sort, and a number where there are several. Those of a pair bear one name.
fn names(model: &Model, pairs: &[(ElementId, ElementId)], is_first: bool) -> BTreeMap<ElementId, String> {
    let own = |pair: &(ElementId, ElementId)| if is_first { pair.0.clone() } else { pair.1.clone() };
    let paired: Vec<ElementId> = pairs.iter().map(own).collect();
    let alone = model.elements.iter().map(|element| element.id.clone()).filter(|id| !paired.contains(id));
    let mut counts = BTreeMap::<String, usize>::new();
    let mut name = |id: &ElementId| {
        let sort = model.element(id).map(sort).unwrap_or_default();
        let count = counts.entry(sort.clone()).or_default();
        *count += 1;
        if *count == 1 { sort } else { format!("{sort} {count}") }
    };
    let ids: Vec<ElementId> = paired.iter().cloned().chain(alone).collect();
    ids.into_iter().map(|id| (id.clone(), name(&id))).collect()
}

fn element_words(element: &Element) -> String {
    format!("{}, {:?}", element.kind.word(), element.rank)
}

fn flow_words(flow: &Flow) -> String {
    format!("{}, {}, {}, {:?}", flow.kind.word(), flow.basis.word(), flow.payload.word(), flow.rank)
}

/// The facts of an element and of its parts. Parts of one kind are told apart by what they say.
fn facts(element: &Element) -> BTreeMap<String, String> {
    let mut facts = answers("", &element.facts);
    let mut parts: Vec<(&str, BTreeMap<String, String>)> =
        element.parts.iter().map(|part| (part.service, answers("", &part.facts))).collect();
    parts.sort();
    let mut counts = BTreeMap::<&str, usize>::new();
    for (service, answers) in parts {
        let count = counts.entry(service).or_default();
        *count += 1;
        let number = if *count == 1 { String::new() } else { format!(" {count}") };
        facts.insert(format!("{service}{number}"), "there".to_owned());
        facts.extend(answers.into_iter().map(|(fact, answer)| (format!("{service}{number}: {fact}"), answer)));
    }
    facts
}

fn answers(prefix: &str, facts: &Facts) -> BTreeMap<String, String> {
    let answer = |answer: &Answer| match answer {
        Answer::Known(value) => value.words().into_owned(),
        Answer::Unresolved(_) => "unresolved".to_owned(),
    };
    facts.iter().map(|(fact, reading)| (format!("{prefix}{}", fact.as_str()), answer(&reading.answer))).collect()
}

/// The flows by their ends and means; several of one kind are numbered.
fn flows<'m>(model: &'m Model, names: &BTreeMap<ElementId, String>) -> BTreeMap<String, &'m Flow> {
    let mut flows = BTreeMap::new();
    let end = |id: &ElementId| names.get(id).cloned().unwrap_or_else(|| id.address().to_owned());
    for flow in &model.flows {
        let key = format!("{} > {}: {}", end(&flow.from), end(&flow.to), flow.means.word());
        let numbered = |number: usize| if number == 1 { key.clone() } else { format!("{key} {number}") };
        let number = (1..).find(|number| !flows.contains_key(&numbered(*number))).unwrap();
        flows.insert(numbered(number), flow);
    }
    flows
}
