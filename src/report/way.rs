//! The way that a threat opens: from somebody outside, hop by hop, to what holds data.
//!
//! Comes in: the model of the head and a threat of who gets in. Goes out: the hops of the shortest way, or none. What is not in the model is said
//! to be unread; the decision is that of the hop that opens the way, whose threat it is.

use crate::model::category::Category;
use crate::model::cause::CauseKind;
use crate::model::{Element, ElementKind, Flow, FlowKind, Model, Outside, Rank};
use crate::report::Report;
use crate::report::escape;
use crate::report::markup::line;
use crate::source::Place;
use crate::stride::{Threat, drives};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Most hops behind the one that opens the way.
const MOST_HOPS: usize = 6;

/// What a way leads over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hop<'m> {
    pub element: &'m Element,
    /// Where the flow that leads there is written; of the first hop the element's own place.
    pub place: &'m Place,
    /// Nothing of it stands in what was read.
    pub unread: bool,
}

/// The flows of a model by where they begin and where they end.
pub struct Ways<'m> {
    model: &'m Model,
    from: BTreeMap<&'m str, Vec<&'m Flow>>,
    /// By the element that they end in, and by their own id.
    to: BTreeMap<&'m str, Vec<&'m Flow>>,
}

impl<'m> Ways<'m> {
    pub fn new(model: &'m Model) -> Self {
        let (mut from, mut to): (BTreeMap<_, Vec<_>>, BTreeMap<_, Vec<_>>) = (BTreeMap::new(), BTreeMap::new());
        for flow in &model.flows {
            from.entry(flow.from.as_str()).or_default().push(flow);
            to.entry(flow.to.as_str()).or_default().push(flow);
            to.entry(flow.id.as_str()).or_default().push(flow);
        }
        Self { model, from, to }
    }

    /// The shortest way that a threat opens, from outside to data; empty where it opens none. Of those who share its cause, the first that opens one.
    pub fn opened_by(&self, threat: &Threat) -> Vec<Hop<'m>> {
        if !opens(threat) {
            return Vec::new();
        }
        threat.sharers().map(|sharer| self.opened_on(sharer)).find(|way| !way.is_empty()).unwrap_or_default()
    }

    fn opened_on(&self, threat: &Threat) -> Vec<Hop<'m>> {
        let Some((caller, opened)) = self.entry(threat) else { return Vec::new() };
        let behind = self.behind(threat, opened);
        if behind.is_empty() {
            return Vec::new();
        }
        [hop(caller, &caller.place), hop(opened, &opened.place)].into_iter().chain(behind).collect()
    }

    /// Who comes in, and where.
    fn entry(&self, threat: &Threat) -> Option<(&'m Element, &'m Element)> {
        let entries = self.to.get(&*threat.on)?.iter();
        let mut pairs = entries.filter_map(|flow| Some((self.model.element(&flow.from)?, self.model.element(&flow.to)?)));
        pairs.find(|(from, to)| from.outside == Some(Outside::World) && to.kind == ElementKind::Process)
    }

    /// The hops behind an element up to the nearest store, or to what was not read where no store is found.
    fn behind(&self, threat: &Threat, opened: &'m Element) -> Vec<Hop<'m>> {
        let mut reached: BTreeMap<&str, &'m Flow> = BTreeMap::new();
        let mut due = VecDeque::from([(opened, 0)]);
        let mut unread = None;
        let mut seen = BTreeSet::from([opened.id.as_str()]);
        while let Some((element, depth)) = due.pop_front() {
            for flow in self.leaving(threat, element, depth) {
                let Some(to) = self.model.element(&flow.to).filter(|to| to.rank == Rank::First) else { continue };
                if !seen.insert(to.id.as_str()) {
                    continue;
                }
                reached.insert(to.id.as_str(), flow);
                match (to.kind, &to.outside) {
                    (ElementKind::DataStore, None) if flow.kind == FlowKind::DataAccess => return self.back(&reached, to),
                    (_, Some(Outside::Import(_) | Outside::OtherStack)) => unread = unread.or(Some(to)),
                    (ElementKind::Process | ElementKind::DataStore, None) if depth < MOST_HOPS => due.push_back((to, depth + 1)),
                    _ => {}
                }
            }
        }
        unread.map_or_else(Vec::new, |to| self.back(&reached, to))
    }

    /// What leaves an element: of the one that is opened only what the route leads to, where the threat is of a route.
    fn leaving(&self, threat: &Threat, element: &Element, depth: usize) -> impl Iterator<Item = &'m Flow> {
        let cause = &threat.key.cause;
        let route = (cause.kind == CauseKind::Route && depth == 0).then(|| cause.name.clone());
        let goes_on = |flow: &&Flow| drives(flow) || flow.kind == FlowKind::DataAccess;
        let is_of_route = move |flow: &&Flow| route.as_ref().is_none_or(|route| flow.via.contains(route));
        let flows = self.from.get(element.id.as_str()).cloned().unwrap_or_default();
        flows.into_iter().filter(goes_on).filter(is_of_route)
    }

    /// The hops up to an element, by the flows that reached each.
    fn back(&self, reached: &BTreeMap<&str, &'m Flow>, to: &'m Element) -> Vec<Hop<'m>> {
        let mut hops = Vec::new();
        let mut at = Some(to);
        while let Some((element, flow)) = at.and_then(|at| Some((at, *reached.get(at.id.as_str())?))) {
            hops.push(Hop { unread: element.outside.is_some(), ..hop(element, &flow.place) });
            at = self.model.element(&flow.from);
        }
        hops.reverse();
        hops
    }
}

/// Whether a threat is of somebody outside who gets in.
fn opens(threat: &Threat) -> bool {
    threat.rule.category == Category::Spoofing && threat.worst.exposed
}

fn hop<'m>(element: &'m Element, place: &'m Place) -> Hop<'m> {
    Hop { element, place, unread: false }
}

/// ``  Opens `client` → `OrdersApi` → `SubmitOrder` (line 12) → `OrdersTable` (line 31). ``; empty where the threat opens no way.
/// Of several threats that are told together, the first that opens one.
pub(super) fn in_markdown<'t>(report: &Report, threats: impl IntoIterator<Item = &'t Threat>) -> String {
    threats.into_iter().map(|threat| one_in_markdown(report, threat)).find(|way| !way.is_empty()).unwrap_or_default()
}

fn one_in_markdown(report: &Report, threat: &Threat) -> String {
    let name = |(index, hop): (usize, &Hop<'_>)| {
        let place = if index < 2 { String::new() } else { format!(" ({})", line(report, threat, hop.place)) };
        format!("{}{}{place}", escape::code(&hop.element.name), unread(hop))
    };
    told(&report.after, threat, name, " → ").map_or_else(String::new, |way| format!(" Opens {way}."))
}

/// `client > OrdersApi > SubmitOrder > OrdersTable`, for a terminal; not escaped.
pub(super) fn in_text<'t>(model: &Model, threats: impl IntoIterator<Item = &'t Threat>) -> Option<String> {
    threats.into_iter().find_map(|threat| one_in_text(model, threat))
}

fn one_in_text(model: &Model, threat: &Threat) -> Option<String> {
    told(model, threat, |(_, hop)| format!("{}{}", hop.element.name, unread(hop)), " > ")
}

fn told(model: &Model, threat: &Threat, name: impl Fn((usize, &Hop<'_>)) -> String, between: &str) -> Option<String> {
    let way = if opens(threat) { Ways::new(model).opened_by(threat) } else { Vec::new() };
    (!way.is_empty()).then(|| way.iter().enumerate().map(name).collect::<Vec<_>>().join(between))
}

fn unread(hop: &Hop<'_>) -> &'static str {
    if hop.unread { ", not read: what is behind it is unknown" } else { "" }
}
