//! Threats that say the same along one entry path, reduced to the one nearest to the boundary.
//!
//! Comes in: threats with the spot that they were found on. Goes out: those that stand for themselves; each names what it stands for.
//! Drops nothing without a trace: key and fingerprint of what is dropped stay with the survivor.

use crate::model::cause::{Cause, CauseKind};
use crate::model::fact::{Fact, Reading};
use crate::model::{ElementKind, Flow, FlowKind, Means, Model, Outside};
use crate::stride::evaluate::facts_of;
use crate::stride::policy::{may_answer_for, may_stand_for, take_over};
use crate::stride::rule::{RuleKind, Subject};
use crate::stride::{Outcome, Threat};
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// Where a threat was found: an index into the model's elements or flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spot {
    Element(usize),
    Flow(usize),
}

#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) threat: Threat,
    /// The same for each cause that raises it alone: what is made of it in the end. Empty where the property as a whole is the cause.
    pub(crate) by_cause: Vec<Threat>,
    pub(crate) spot: Spot,
}

impl Found {
    /// The threats that it is in the end: what is covered is covered as a whole.
    fn into_threats(self) -> Vec<Threat> {
        if self.by_cause.is_empty() || !is_asked(&self.threat) { vec![self.threat] } else { self.by_cause }
    }
}

/// Ends of a flow, as indices of elements; `None` where the model does not hold the end.
type Ends = [Option<usize>; 2];

/// Lets a threat stand for those that its rule supersedes, and an open one for questions of its group and category, on one entry path.
/// What is unclear stands only for what is unclear too: one policy that cannot be read is one question, not nine.
///
/// Two spots lie on one entry path if they are the same, an element and a flow that starts or ends there, two elements joined by a flow,
/// or an element and the flow by which outsiders reach its caller. Further off, a question gives way where every way in asks it already:
/// whoever answers for the ways in answers for what is behind them; and where somebody outside drives an element past the one in front of
/// it, that one does not speak for it. A control that far away covers nothing, it only is not asked of.
/// *Findings* are dropped for listed pairs alone, since two of one group may be two facts; `design_question` is a group of single
/// questions, of which none stands for another.
pub(crate) fn supersede(mut found: Vec<Found>, model: &Model, ends: &[Ends]) -> Vec<Threat> {
    let map = Map::new(model, ends, &found);
    cover_flows(&mut found, &map);
    // A tick is a promise, and of what is switched off none is made.
    let is_kept = |found: &Found| is_asked(&found.threat) || !found.threat.is_off();
    if !found.iter().all(is_kept) {
        found.retain(is_kept);
        return supersede(found, model, ends);
    }
    let listed = survivors_by_list(&found, &map);
    let mut stands_for = listed.clone();
    for question in 0..found.len() {
        if listed[question].is_none() && may_give_way(&found[question].threat) {
            stands_for[question] =
                nearer_of_the_group(&found, &map, &listed, question).or_else(|| asked_on_every_way_in(&found, &map, &listed, question));
        }
    }
    merge(found, &stands_for, &map)
}

/// For each threat the one whose rule lists it: of several the one that weighs most.
fn survivors_by_list(found: &[Found], map: &Map<'_>) -> Vec<Option<usize>> {
    let mut stands_for = vec![None; found.len()];
    for (survivor, one) in found.iter().enumerate() {
        if !is_asked(&one.threat) || one.threat.rule.supersedes.is_empty() {
            continue;
        }
        map.each_near(one.spot, Joined::ByAnyFlow, |other| {
            let behind = &found[other];
            // What a role may do is said of whoever holds it, and of the flows that it makes: a neighbour has a role of its own.
            let is_of_identity = |found: &&Found| found.threat.rule.subject == Subject::Identity;
            let is_of_role = |found: &&Found| {
                is_of_identity(found) || found.threat.rule.subject == Subject::Process && found.threat.rule.rollup == "role_scope"
            };
            let of_role = [one, behind].iter().any(is_of_identity) || [one, behind].iter().all(is_of_role);
            let is_of_holder =
                !of_role || behind.spot == one.spot || matches!(behind.spot, Spot::Flow(_)) || matches!(one.spot, Spot::Flow(_));
            let listed = one.threat.rule.supersedes.contains(&behind.threat.rule.id) && !map.leads_past(one.spot, behind.spot);
            if listed && is_of_holder && may_stand_for(&one.threat, &found[other].threat) && better(found, survivor, stands_for[other]) {
                stands_for[other] = Some(survivor);
            }
        });
    }
    stands_for
}

/// The open threat of the same group and category that lies nearest to the boundary, if one lies nearer than the question. What is as far
/// from the boundary on another spot has a way in of its own, which does not lead past the question's.
fn nearer_of_the_group(found: &[Found], map: &Map<'_>, listed: &[Option<usize>], question: usize) -> Option<usize> {
    let mut nearest: Option<usize> = None;
    map.each_near(found[question].spot, Joined::ByCall, |other| {
        let on_the_way = found[other].spot == found[question].spot || map.steps(found[other].spot) < map.steps(found[question].spot);
        let candidate = on_the_way && listed[other].is_none() && asks_the_same(&found[other].threat, &found[question].threat);
        if candidate && map.order(found, other) < map.order(found, nearest.unwrap_or(question)) {
            nearest = Some(other);
        }
    });
    nearest
}

/// The nearest to the boundary of the open threats that ask the same, one on each way that leads from an outsider to the question; `None`
/// where a way leads past all of them, or where there are more ways than anybody looks at.
fn asked_on_every_way_in(found: &[Found], map: &Map<'_>, listed: &[Option<usize>], question: usize) -> Option<usize> {
    let start = match found[question].spot {
        Spot::Element(element) => element,
        Spot::Flow(flow) => map.ends[flow][0]?,
    };
    let mut nearest: Option<usize> = None;
    let mut seen = BTreeSet::from([start]);
    let mut due = vec![start];
    let mut looked_at = 0;
    while let Some(element) = due.pop() {
        looked_at += map.driven_by[element].len();
        if looked_at > MOST_WAYS {
            return None;
        }
        for flow in &map.driven_by[element] {
            let from = map.ends[*flow][0]?;
            let asks = |other: &&usize| listed[**other].is_none() && asks_the_same(&found[**other].threat, &found[question].threat);
            let speaker = map.on_flow[*flow].iter().chain(&map.on_element[from]).filter(asks).min_by_key(|other| map.order(found, **other));
            match speaker {
                Some(other) if nearest.is_none_or(|nearest| map.order(found, *other) < map.order(found, nearest)) => nearest = Some(*other),
                Some(_) => {}
                None if map.model.elements[from].kind == ElementKind::ExternalEntity => return None,
                None if seen.insert(from) => due.push(from),
                None => {}
            }
        }
    }
    nearest.filter(|nearest| map.order(found, *nearest) < map.order(found, question))
}

fn asks_the_same(threat: &Threat, question: &Threat) -> bool {
    (question.rule.rollup, question.rule.category) == (threat.rule.rollup, threat.rule.category)
        && threat.rule.id != question.rule.id
        && threat.rule.kind != RuleKind::Baseline
        && threat.outcome == Outcome::Open
        && may_answer_for(threat, question)
}

/// A control found at the end of a flow answers for the flow, which leads nowhere else. What is behind an element may be reached on
/// other ways too, so nothing covers that from the front.
fn cover_flows(found: &mut [Found], map: &Map<'_>) {
    for index in 0..found.len() {
        let Spot::Flow(flow) = found[index].spot else { continue };
        let Some(to) = map.ends[flow][1].filter(|_| is_asked(&found[index].threat)) else { continue };
        let rule = found[index].threat.rule.id;
        let nearer = || map.on_element[to].iter().map(|other| &found[*other].threat).filter(|other| other.rule.supersedes.contains(&rule));
        if nearer().any(is_asked) {
            continue;
        }
        if let Some((outcome, claimed)) = nearer().next().map(|control| (control.outcome.clone(), control.claimed.clone())) {
            found[index].threat.outcome = outcome;
            found[index].threat.claimed = claimed;
        }
    }
}

fn is_asked(threat: &Threat) -> bool {
    match threat.outcome {
        Outcome::Open | Outcome::Unclear { .. } => true,
        Outcome::Covered { .. } => false,
    }
}

fn may_give_way(threat: &Threat) -> bool {
    threat.rule.kind == RuleKind::Question && threat.rule.rollup != "design_question" && is_asked(threat)
}

/// Whether `candidate` stands for a threat rather than the one that does so far.
fn better(found: &[Found], candidate: usize, so_far: Option<usize>) -> bool {
    let rank = |index: usize| (std::cmp::Reverse(found[index].threat.found_with.1), found[index].threat.occurrence());
    so_far.is_none_or(|so_far| rank(candidate) < rank(so_far))
}

/// Moves every dropped threat into the list of the one that stands for it in the end. Chains are finite: `supersedes` has no cycle (the
/// build refuses one), and questions give way along a strict order.
///
/// One statement stands for what the same statement raises, and not for what another one does: that stays. A route stands for what it leads to.
fn merge(found: Vec<Found>, stands_for: &[Option<usize>], map: &Map<'_>) -> Vec<Threat> {
    // The one that stands for it in the end, and the last on the way there.
    let root = |mut index: usize| {
        let mut last = index;
        for _ in 0..stands_for.len() {
            match stands_for[index] {
                Some(next) => (last, index) = (index, next),
                None => break,
            }
        }
        (index, last)
    };
    let on: Vec<Arc<str>> = found.iter().map(|found| Arc::clone(&found.threat.on)).collect();
    let reads = Reads::of(&found);
    let is_of_reads: Vec<bool> = found.iter().map(|found| what_it_reads(&found.threat).is_some()).collect();
    let mut groups: Vec<Group> = found.into_iter().map(|found| Group::of(found.into_threats())).collect();
    let mut apart = Vec::new();
    for index in 0..groups.len() {
        if stands_for[index].is_none() {
            continue;
        }
        let (survivor, last) = root(index);
        for dropped in std::mem::take(&mut groups[index]).threats {
            if is_of_reads[survivor] && reads.leave_more_of(&dropped) {
                apart.push(dropped);
                continue;
            }
            match groups[survivor].standing_for(&dropped, &on[last], map) {
                Some(survivor) => take_over(survivor, &dropped),
                None => apart.push(dropped),
            }
        }
    }
    let survivors = groups.into_iter().flat_map(|group| group.threats);
    let mut survivors: Vec<Threat> = survivors.chain(merge_apart(apart)).collect();
    for threat in &mut survivors {
        threat.supersedes.sort();
    }
    survivors
}

/// What none of the last ones has the cause of: of those on one thing that share it, one stands for what its rule supersedes.
fn merge_apart(apart: Vec<Threat>) -> Vec<Threat> {
    let mut of_cause: BTreeMap<(&Arc<Cause>, &Arc<str>), Vec<usize>> = BTreeMap::new();
    for (index, threat) in apart.iter().enumerate() {
        of_cause.entry((&threat.key.cause, &threat.on)).or_default().push(index);
    }
    let nearer = |index: usize| {
        let dropped = &apart[index];
        let others = of_cause.get(&(&dropped.key.cause, &dropped.on)).into_iter().flatten().copied();
        let stands = |other: &usize| apart[*other].rule.supersedes.contains(&dropped.rule.id) && may_answer_for(&apart[*other], dropped);
        others.filter(stands).min()
    };
    // No rule supersedes itself, not even through others: each way ends.
    let keeper = |index: usize| std::iter::successors(nearer(index), |next| nearer(*next)).last();
    let keepers: Vec<Option<usize>> = (0..apart.len()).map(keeper).collect();
    let mut left: Vec<Option<Threat>> = apart.into_iter().map(Some).collect();
    for (index, keeper) in keepers.iter().enumerate() {
        let Some(keeper) = *keeper else { continue };
        let dropped = left[index].take();
        if let (Some(dropped), Some(keeper)) = (dropped, &mut left[keeper]) {
            take_over(keeper, &dropped);
        }
    }
    left.into_iter().flatten().collect()
}

/// What statements let roles read everywhere, as it is said, by the rule that it stands for, element, part and statement. `None` where something
/// graver stands for that rule as well.
struct Reads(BTreeMap<ReadKey, Option<BTreeSet<String>>>);

type ReadKey = (&'static str, Arc<str>, Arc<str>, Arc<Cause>);

impl Reads {
    fn of(found: &[Found]) -> Self {
        let mut all: BTreeMap<ReadKey, Option<BTreeSet<String>>> = BTreeMap::new();
        let of_role = |found: &&Found| found.threat.rule.subject == Subject::Identity && found.threat.outcome == Outcome::Open;
        for found in found.iter().filter(of_role) {
            for threat in std::iter::once(&found.threat).chain(&found.by_cause) {
                for id in threat.rule.supersedes {
                    let said = all.entry((id, threat.on.clone(), threat.part.clone(), Arc::clone(&threat.key.cause)));
                    let said = said.or_insert_with(|| Some(BTreeSet::new()));
                    match (said.as_mut(), what_it_reads(threat)) {
                        (Some(said), Some(more)) => said.extend(more.iter().cloned()),
                        _ => *said = None,
                    }
                }
            }
        }
        Self(all)
    }

    /// Whether a statement grants more at large than is said of what it reads: what it writes and deletes is no part of that.
    fn leave_more_of(&self, dropped: &Threat) -> bool {
        let key = (dropped.rule.id, dropped.on.clone(), dropped.part.clone(), Arc::clone(&dropped.key.cause));
        let said = self.0.get(&key).and_then(Option::as_ref).filter(|_| dropped.key.cause.kind == CauseKind::Statement);
        // Of a policy that the provider keeps its name says all, and nothing that it reaches is known.
        let is_written = |reading: &&Arc<Reading>| reading.shares.iter().any(|share| !share.reach.is_empty());
        let scopes = dropped.evidence.iter().filter(|evidence| evidence.fact == Fact::IamScope).filter_map(|of| of.reading.as_ref());
        let mut granted = scopes.filter(is_written).flat_map(|reading| &reading.witnesses);
        said.is_some_and(|said| granted.any(|action| !said.contains(action)))
    }
}

/// The actions by which a role reads everywhere, where a threat speaks of nothing else.
fn what_it_reads(threat: &Threat) -> Option<&[String]> {
    let mut raising = facts_of(threat.rule.raised).collect::<BTreeSet<Fact>>();
    raising.retain(|fact| !matches!(fact, Fact::IamDataReadAll | Fact::SecretReadAll));
    let read = threat.evidence.iter().find(|evidence| matches!(evidence.fact, Fact::IamDataReadAll | Fact::SecretReadAll))?;
    read.reading.as_ref().filter(|_| raising.is_empty()).map(|reading| &*reading.witnesses)
}

/// What one rule raises on one spot, by cause.
#[derive(Default)]
struct Group {
    threats: Vec<Threat>,
    by_cause: BTreeMap<Arc<Cause>, usize>,
}

impl Group {
    fn of(threats: Vec<Threat>) -> Self {
        let by_cause = threats.iter().enumerate().map(|(index, threat)| (Arc::clone(&threat.key.cause), index)).collect();
        Self { threats, by_cause }
    }

    /// The one that stands for another threat: that of the same cause; where either speaks of a property as a whole, that of the route which
    /// leads to what lies `behind` it, or the first.
    fn standing_for(&mut self, other: &Threat, behind: &str, map: &Map<'_>) -> Option<&mut Threat> {
        let is_property = |threat: &Threat| threat.key.cause.kind == CauseKind::Property;
        let of_cause = self.by_cause.get(&other.key.cause).copied();
        let is_whole = is_property(other) || self.threats.first().is_some_and(is_property);
        let index = of_cause.or_else(|| is_whole.then(|| self.route_to(behind, map).unwrap_or_default()));
        self.threats.get_mut(index?)
    }

    /// The first whose route leads to an element.
    fn route_to(&self, element: &str, map: &Map<'_>) -> Option<usize> {
        let first = self.threats.first().filter(|first| first.key.cause.kind == CauseKind::Route)?;
        let routes = map.flows_to(element).filter(|flow| flow.from.as_str() == &*first.on).flat_map(|flow| &flow.via);
        let cause = |route: &String| Cause { kind: CauseKind::Route, holder: first.key.cause.holder.clone(), name: route.clone() };
        routes.filter_map(|route| self.by_cause.get(&cause(route)).copied()).min()
    }
}

/// Bounds the work where many outsiders reach a hub with many targets.
const MOST_FROM_OUTSIDE: usize = 8;
/// Flows that are looked at on the ways from outside to one question.
const MOST_WAYS: usize = 256;
/// Most threats that are looked at in search of others that say the same. Beyond it each stands for itself: more is said, and never less.
const MOST_VISITS: usize = 4_000_000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Joined {
    ByAnyFlow,
    /// By a call, an event or a poll: what drives the element at its end. Reading a store drives nothing.
    ByCall,
}

/// Which threats lie next to which.
struct Map<'m> {
    model: &'m Model,
    ends: &'m [Ends],
    /// Flows that touch an element, by element.
    touching: Vec<Vec<usize>>,
    /// Those of them that drive it.
    driven_by: Vec<Vec<usize>>,
    /// Flows from external entities that reach an element, by element; a few of them where there are many.
    from_outside: Vec<Vec<usize>>,
    /// Threats found on an element, on a flow.
    on_element: Vec<Vec<usize>>,
    on_flow: Vec<Vec<usize>>,
    /// Flows from the nearest external entity to an element; `usize::MAX` where none leads there.
    distance: Vec<usize>,
    visits: Cell<usize>,
}

impl<'m> Map<'m> {
    fn new(model: &'m Model, ends: &'m [Ends], found: &[Found]) -> Self {
        let mut touching = vec![Vec::new(); model.elements.len()];
        let mut driven_by = vec![Vec::new(); model.elements.len()];
        let mut from_outside = vec![Vec::new(); model.elements.len()];
        for (flow, [from, to]) in ends.iter().enumerate() {
            for end in [*from, *to].into_iter().flatten() {
                touching[end].push(flow);
            }
            if let Some(to) = to.filter(|to| *from != Some(*to) && drives(&model.flows[flow])) {
                driven_by[to].push(flow);
            }
            let outside = from.is_some_and(|from| model.elements[from].kind == ElementKind::ExternalEntity);
            if let Some(to) = to.filter(|to| outside && from_outside[*to].len() < MOST_FROM_OUTSIDE) {
                from_outside[to].push(flow);
            }
        }
        let mut on_element = vec![Vec::new(); model.elements.len()];
        let mut on_flow = vec![Vec::new(); model.flows.len()];
        for (index, found) in found.iter().enumerate() {
            match found.spot {
                Spot::Element(element) => on_element[element].push(index),
                Spot::Flow(flow) => on_flow[flow].push(index),
            }
        }
        let distance = distances(model, ends, &touching);
        Self { model, ends, touching, driven_by, from_outside, on_element, on_flow, distance, visits: Cell::new(0) }
    }

    /// Calls `visit` with every threat on one entry path with the spot, those on the spot itself included.
    fn each_near(&self, spot: Spot, joined: Joined, visit: impl FnMut(usize)) {
        if self.visits.get() > MOST_VISITS {
            return;
        }
        let mut visit = self.counted(visit);
        match spot {
            Spot::Flow(flow) => {
                self.on_flow[flow].iter().copied().for_each(&mut visit);
                for end in self.ends[flow].into_iter().flatten() {
                    self.on_element[end].iter().copied().for_each(&mut visit);
                }
            }
            Spot::Element(element) => {
                self.on_element[element].iter().copied().for_each(&mut visit);
                for flow in &self.touching[element] {
                    if joined == Joined::ByCall && !drives(&self.model.flows[*flow]) {
                        continue;
                    }
                    self.on_flow[*flow].iter().copied().for_each(&mut visit);
                    let [from, to] = self.ends[*flow];
                    for end in [from, to].into_iter().flatten().filter(|end| *end != element) {
                        self.on_element[end].iter().copied().for_each(&mut visit);
                    }
                    if let Some(caller) = from.filter(|from| *from != element && drives(&self.model.flows[*flow])) {
                        self.from_outside[caller].iter().flat_map(|flow| &self.on_flow[*flow]).copied().for_each(&mut visit);
                    }
                }
            }
        }
    }

    fn counted(&self, mut visit: impl FnMut(usize)) -> impl FnMut(usize) {
        move |index| {
            self.visits.set(self.visits.get() + 1);
            visit(index);
        }
    }

    /// Whether an element in front of another is one way to it among others: somebody outside drives the other itself.
    fn leads_past(&self, front: Spot, behind: Spot) -> bool {
        let (Spot::Element(front), Spot::Element(behind)) = (front, behind) else { return false };
        let from = |flow: &usize| self.ends[*flow][0];
        let is_outside = |from: usize| matches!(self.model.elements[from].outside, Some(Outside::World | Outside::OtherAccount));
        let driven_by = &self.driven_by[behind];
        let is_in_front = front != behind && driven_by.iter().any(|flow| from(flow) == Some(front));
        is_in_front && driven_by.iter().filter_map(from).any(|from| from != front && is_outside(from))
    }

    /// The flows that drive an element.
    fn flows_to(&self, element: &str) -> impl Iterator<Item = &'m Flow> {
        let index = self.model.elements.binary_search_by(|known| known.id.as_str().cmp(element)).ok();
        index.into_iter().flat_map(|index| &self.driven_by[index]).map(|flow| &self.model.flows[*flow])
    }

    /// How far a spot is from the boundary: flows lie between their ends.
    fn steps(&self, spot: Spot) -> usize {
        match spot {
            Spot::Element(element) => self.distance[element].saturating_mul(2),
            Spot::Flow(flow) => self.ends[flow][0].map_or(usize::MAX, |from| self.distance[from].saturating_mul(2).saturating_add(1)),
        }
    }

    /// Nearest to the boundary first; on one spot what the facts show before what they raise, then the higher score.
    fn order<'f>(&self, found: &'f [Found], index: usize) -> impl Ord + use<'f> {
        let threat = &found[index].threat;
        (self.steps(found[index].spot), threat.rule.kind, std::cmp::Reverse(threat.found_with.1), threat.occurrence())
    }
}

/// Whether what is at the end of a flow acts on it. A look-up of who somebody is drives nothing, though it is a call.
pub fn drives(flow: &Flow) -> bool {
    match flow.kind {
        FlowKind::SyncRequest | FlowKind::AsyncEvent | FlowKind::Poll => flow.means != Means::Authenticate,
        FlowKind::DataAccess | FlowKind::Egress | FlowKind::Admin | FlowKind::Replication => false,
    }
}

fn distances(model: &Model, ends: &[Ends], touching: &[Vec<usize>]) -> Vec<usize> {
    let mut distance = vec![usize::MAX; model.elements.len()];
    let mut due = VecDeque::new();
    for (index, element) in model.elements.iter().enumerate() {
        if element.kind == ElementKind::ExternalEntity {
            distance[index] = 0;
            due.push_back(index);
        }
    }
    while let Some(index) = due.pop_front() {
        for flow in &touching[index] {
            let [from, to] = ends[*flow];
            if let Some(to) = to.filter(|to| from == Some(index) && drives(&model.flows[*flow]) && distance[*to] == usize::MAX) {
                distance[to] = distance[index] + 1;
                due.push_back(to);
            }
        }
    }
    distance
}
