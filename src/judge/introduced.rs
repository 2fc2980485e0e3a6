//! Which threats a change brings: raised at the head, and not so before.
//!
//! Comes in: the threats of both sides and the delta. Goes out: for each threat at the head whether the change introduced it.
//! What was there before is counted and never judged, or every gate would be red for ever.

pub(super) mod added;
mod asked;
mod little;
mod names;
mod taken_in;

use crate::change::Change;
use crate::delta::{self, Delta, FactChange};
use crate::judge::groups::Groups;
use crate::judge::instances::Instances;
use crate::judge::moved::{self, Moved};
use crate::judge::routes::Routes;
use crate::judge::stood::Stood;
use crate::judge::{bodies, excepted, out_of_sight, pairs, siblings, untold};
use crate::model::cause::CauseKind;
use crate::model::fact::{Fact, FactType, Facts, Value, Word};
use crate::model::{ElementId, FlowId, Model};
use crate::source::{Place, RepoPath};
use crate::stride::freshness::{self, Freshness};
use crate::stride::rule::{RuleKind, Severity, find_rule};
use crate::stride::{self, Evidence, Outcome, Superseded, Threat, ThreatKey};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The threats of the base, by key, under the names that they have at the head.
pub(super) struct Before<'m> {
    model: &'m Model,
    after: &'m Model,
    threats: BTreeMap<ThreatKey, Threat>,
    /// What a nearer rule stood for: keys, and rules with elements.
    superseded: BTreeSet<ThreatKey>,
    superseded_on: BTreeSet<(&'static str, String)>,
    /// Rule, element and part of what was raised and of what was covered, by their names at the head.
    raised: BTreeSet<Spot>,
    covered: BTreeSet<Spot>,
    /// Literal secrets that somebody shared before, where they stand at the head.
    old_literals: BTreeSet<Literal>,
    /// Literal secrets of what is gone: the same text in another root tells nobody more.
    moved_literals: BTreeSet<asked::Literals>,
    /// The routes of the base's APIs, and those of the head's.
    routes: Routes<'m>,
    routes_now: Routes<'m>,
    /// Ids at the head of what is gone in a template beside, and the same by name and facts.
    beside: BTreeSet<String>,
    /// Routes and statements whose owner goes by another name.
    moved: Moved,
    /// What other instances of the same modules had.
    instances: Instances,
    /// What was said of machines in a group.
    groups: Groups,
    /// Nested templates by a path at which nothing lies.
    misplaced: BTreeSet<ThreatKey>,
    /// What open threats of the base were witnessed by.
    stood: Stood,
    /// The weight of the gravest open threat of each rule in each unit.
    usual: BTreeMap<(&'static str, RepoPath), Severity>,
    /// Id at the base by id at the head, of elements that were renamed.
    old_id: BTreeMap<String, ElementId>,
    /// Ids at the head of what a module of the base made that was not read: the change says where it went.
    out_of_sight: BTreeSet<String>,
    /// Rules and addresses of what the gate waited for because the settings say so.
    waited: BTreeSet<(&'static str, String)>,
    /// Policies, permissions and rules that are given to something else than before, by its name.
    given: BTreeSet<String>,
}

type Spot = (&'static str, String, Arc<str>);

/// The rule on literal secrets, their names, and their place outside of whoever has them.
type Literal = (&'static str, String, Place);

impl<'m> Before<'m> {
    /// `found` are the threats of the base as they were found, `head` those of the head by cause.
    pub(super) fn new(found: Vec<Threat>, head: &[Threat], (model, after): (&'m Model, &'m Model), delta: &Delta, change: &Change) -> Self {
        let narrowed = names::narrowed(model, delta);
        let homes = names::homes(&delta.elements_renamed, model, after);
        let elements = delta.elements_renamed.iter().map(|rename| (rename.from.as_str(), rename.to.as_str()));
        let elements = elements.chain(homes.iter().map(|(old, new)| (old.as_str(), new.as_str())));
        let flows = delta::renamed_flows(model, &delta.elements_renamed);
        let elements = elements.chain(flows.iter().map(|(old, new)| (old.as_str(), new.as_str())));
        let renamed: BTreeMap<&str, &str> = elements.chain(narrowed.iter().map(|(old, new)| (old.as_str(), new.as_str()))).collect();
        let new_name = |old: &str| renamed.get(old).map(|new| (*new).to_owned());
        // What is written in a module has a name there beside its id.
        let ids: BTreeMap<&str, &str> = delta.elements_renamed.iter().map(|rename| (rename.from.as_str(), rename.to.as_str())).collect();
        let new_id = |old: &str| ids.get(old).map(|new| (*new).to_owned()).or_else(|| new_name(old));
        let at_head = |key: &ThreatKey| ThreatKey { rule: key.rule, cause: key.cause.held_by(&new_name) };
        let (found, silenced) = excepted::counted(found, head, &at_head);
        let name = |on: &str| new_id(on).unwrap_or_else(|| on.to_owned());
        let spot = |threat: &Threat| (threat.key.rule, name(&threat.on), threat.part.clone());
        let (covered, raised): (Vec<&Threat>, Vec<&Threat>) = found.iter().partition(|threat| is_covered(threat));
        let stood = Stood::of(raised.iter().copied(), &spot);
        let gone: BTreeSet<&str> = delta.elements_removed.iter().map(ElementId::as_str).collect();
        let waited = asked::waited(&raised);
        let of_gone = raised.iter().filter(|threat| gone.contains(&*threat.on));
        let moved_literals = of_gone.filter_map(|threat| asked::literals(threat)).collect();
        let [covered, raised] = [covered, raised].map(|threats| threats.into_iter().map(spot).collect());
        let behind = || found.iter().flat_map(|threat| &threat.supersedes);
        let superseded: Vec<ThreatKey> = behind().map(|other| at_head(&other.key)).collect();
        let superseded_on = behind().map(|other| (other.key.rule, name(&other.on))).collect();
        let routes = Routes::of(model, found.iter());
        let routes_now = Routes::of(after, head.iter().flat_map(Threat::sharers));
        let groups = Groups::of(model, after, found.iter());
        // Of what an entry had out of the way where it was, nothing stood beside.
        let beside = delta.elements_beside.iter().filter(|(old, _)| !silenced.contains(old.as_str()));
        let beside = beside.map(|(_, new)| new.as_str().to_owned()).collect();
        let mut usual = BTreeMap::new();
        for threat in found.iter().filter(|threat| threat.outcome == Outcome::Open) {
            let weight = usual.entry((threat.key.rule, threat.unit.clone())).or_insert(threat.severity);
            *weight = threat.severity.max(*weight);
        }
        let old_id = delta.elements_renamed.iter().map(|rename| (rename.to.as_str().to_owned(), rename.from.clone())).collect();
        let out_of_sight = out_of_sight::of(model, after);
        let threats = stride::gather(found).into_iter().map(|threat| (at_head(&threat.key), threat));
        let (threats, elsewhere_now) = pairs::under_new_names(threats.collect(), head, (model, after), &new_id);
        let elsewhere = |key: ThreatKey| match elsewhere_now.get(&key.cause) {
            Some(cause) => ThreatKey { rule: key.rule, cause: Arc::clone(cause) },
            None => key,
        };
        let superseded = superseded.into_iter().map(elsewhere).collect();
        let old = head.iter().filter(|threat| threats.get(&threat.key).is_some_and(|before| before.outcome == Outcome::Open));
        let moved = Moved::of(&threats, head, (model, after), delta);
        let instances = Instances::of(&threats, head, (model, after), change);
        let old_literals = old.filter_map(|threat| inherited_literal(threat, after)).collect();
        Self {
            model,
            after,
            threats,
            superseded,
            superseded_on,
            raised,
            covered,
            old_literals,
            moved_literals,
            routes,
            routes_now,
            beside,
            moved,
            instances,
            groups,
            misplaced: bodies::misplaced(head, model, change),
            stood,
            usual,
            old_id,
            out_of_sight,
            waited,
            given: names::given(model, after, delta),
        }
    }

    /// Whether the change brought the threat to this element.
    pub(super) fn is_new(&self, threat: &Threat) -> bool {
        !self.raised.contains(&(threat.key.rule, threat.on.to_string(), threat.part.clone()))
    }

    /// Of what stands for the first time behind a threat (a new function behind an API that was open before) the kind that weighs most.
    fn stands_for_more(&self, threat: &Threat) -> Option<RuleKind> {
        let is_known = |other: &Superseded| {
            self.threats.contains_key(&other.key)
                || self.superseded.contains(&other.key)
                || self.superseded_on.contains(&(other.key.rule, other.on.to_string()))
        };
        let more = threat.supersedes.iter().filter(|other| !is_known(other));
        more.filter_map(|other| find_rule(other.key.rule)).map(|rule| rule.kind).min()
    }

    /// As what less than it is a threat that the change introduced counts for the gate; `None` where it counts as what it is. A finding that was
    /// there before is said again for a question about something new behind it, and holds nobody up that the question alone would not. What
    /// only stands in another file is asked about, also by those who have the gate wait for such questions, if it waited for this one.
    pub(super) fn counts_as(&self, threat: &Threat) -> Option<RuleKind> {
        let question = RuleKind::Question.max(threat.rule.kind);
        let is_less = |kind: &RuleKind| *kind != threat.rule.kind;
        if self.stood_elsewhere(threat) {
            return Some(question).filter(|kind| is_less(kind) || self.was_waited_for(threat));
        }
        if self.says_little(threat) {
            return Some(question).filter(is_less);
        }
        if !self.is_news(threat) && self.spreads(threat) {
            return Some(question).filter(is_less);
        }
        let more = self.stands_for_more(threat).filter(|_| !self.is_news(threat));
        more.map(|kind| kind.max(threat.rule.kind)).filter(is_less)
    }

    /// Whether what is said of a threat weighs as much as if it were known.
    ///
    /// What is hidden now and was known counts as if it were so, where the known value kept the rule from being raised: hiding it counts
    /// as much as stating it. Where the rule was raised before, it is asked. What was never known is asked, unless it is hidden in the unit
    /// itself and the one thing that is missing of a critical threat. What a role grants that a parameter or another stack gives is always asked, and so
    /// is what something new has from a place that is named and not read.
    pub(super) fn tells(&self, threat: &Threat) -> bool {
        let Outcome::Unclear { reasons } = &threat.outcome else { return true };
        if untold::is_of_a_role_elsewhere(threat, reasons) {
            return false;
        }
        // A principal that becomes a parameter takes its cause along: of the same element the rule was raised all the same.
        let is_spot = !self.is_new(threat) && threat.severity < Severity::Critical;
        let was_raised = is_spot || self.threats.get(&threat.key).is_some_and(|before| before.outcome == Outcome::Open);
        if self.knew(threat, reasons) {
            return !was_raised;
        }
        let [(hidden, _)] = reasons.as_slice() else { return false };
        let evidence = threat.evidence.iter().find(|evidence| evidence.fact == *hidden);
        let is_hidden_here = evidence.and_then(|evidence| evidence.reading.as_ref()).is_some_and(|reading| !reading.elsewhere);
        threat.severity == Severity::Critical && is_hidden_here && !(self.is_of_new(threat) && untold::has_a_name(threat, reasons))
    }

    /// Whether the rule was open in the unit before, and weighed as much there, and is open now on a new element. What changes on an old one,
    /// whom it lets in and where data go is never usual.
    pub(super) fn is_usual(&self, threat: &Threat) -> bool {
        let is_of_new = threat.key.cause.kind == CauseKind::Property && self.is_of_new(threat);
        is_of_new && self.usual.get(&(threat.key.rule, threat.unit.clone())).is_some_and(|weight| *weight >= threat.severity)
    }

    /// Whether what a threat is on is new, and stands in groups in which others were as open.
    fn comes_into_an_open_group(&self, threat: &Threat) -> bool {
        let id = ElementId(threat.on.to_string());
        let is_new = self.model.element(self.old_id.get(&*threat.on).unwrap_or(&id)).is_none();
        is_new && self.groups.took_in(threat, self.after)
    }

    /// How many instances of the same module had the same before, which the text of the module brings about.
    pub(super) fn instances(&self, threat: &Threat) -> usize {
        self.instances.beside(threat).unwrap_or_default()
    }

    /// Whether everybody was let in there before, so that whoever is now is nobody new.
    pub(super) fn let_everybody_in(&self, threat: &Threat) -> bool {
        const ADMITS: [Fact; 4] = [Fact::Policy, Fact::PolicyRead, Fact::PolicyWrite, Fact::Trust];
        let id = ElementId(threat.on.to_string());
        let Some(element) = self.model.element(self.old_id.get(&*threat.on).unwrap_or(&id)) else { return false };
        let is_public = |facts: &Facts| {
            ADMITS.iter().any(|fact| matches!(facts.value(*fact), Some(Value::Set(words)) if words.contains(&Word::Public)))
        };
        is_public(&element.facts) || element.parts.iter().any(|part| *part.label == *threat.part && is_public(&part.facts))
    }

    /// Whether a fact that the rule can no longer tell was known before.
    fn knew(&self, threat: &Threat, reasons: &[(Fact, String)]) -> bool {
        let id = ElementId(threat.on.to_string());
        let id = self.old_id.get(&*threat.on).unwrap_or(&id);
        let known = |facts: &Facts, fact: Fact| facts.value(fact).is_some();
        reasons.iter().any(|(fact, _)| match (self.model.element(id), self.model.flow(&FlowId(threat.on.to_string()))) {
            (Some(element), _) => known(&element.facts, *fact) || element.parts.iter().any(|part| known(&part.facts, *fact)),
            (None, Some(flow)) => known(&flow.facts, *fact),
            (None, None) => *fact == Fact::WorldPorts && self.knew_rules(id, &threat.on),
        })
    }

    /// Whether a threat is about what those get who were let in, and nobody was before: then it is said that they are let in.
    fn is_said_with_whom(&self, threat: &Threat) -> bool {
        if !threat.evidence.iter().any(|evidence| evidence.fact == Fact::GrantedOutside) {
            return false;
        }
        let id = ElementId(threat.on.to_string());
        let before = self.model.element(self.old_id.get(&*threat.on).unwrap_or(&id));
        let has = |facts: &Facts| facts.get(Fact::GrantedOutside).is_some();
        !before
            .is_some_and(|element| has(&element.facts) || element.parts.iter().any(|part| *part.label == *threat.part && has(&part.facts)))
    }

    /// Whether what the threat is on is given to somebody or something else than before, by name: nothing of it is what it was.
    fn is_given_to_another(&self, threat: &Threat) -> bool {
        let holder = &threat.key.cause.holder;
        let is_held_there = |id: &String| {
            let id = ElementId(id.clone());
            id.unit() == threat.unit.as_str() && holder.rsplit('#').next() == Some(id.address())
        };
        let is_given = || self.given.contains(&*threat.on) || self.given.iter().any(is_held_there);
        !matches!(threat.outcome, Outcome::Covered { .. }) && is_given()
    }

    /// Whether the change brought this threat, made it worse, states itself what would answer it, or put something new behind it.
    pub(super) fn lacks(&self, threat: &Threat) -> bool {
        if self.is_said_with_whom(threat) {
            return false;
        }
        let stands = !matches!(threat.outcome, Outcome::Covered { .. }) && self.threats.contains_key(&threat.key);
        self.is_news(threat) || (stands && self.stands_for_more(threat).is_some()) || self.spreads(threat)
    }

    /// Whether code of somebody else, or grave rights, which the base had elsewhere, come to one more that was there without them. What is new as a
    /// whole does as its neighbours do, but where the rights are all that there are.
    fn spreads(&self, threat: &Threat) -> bool {
        let old = |sharer: &Threat| self.old_id.get(&*sharer.on).cloned().unwrap_or_else(|| ElementId(sharer.on.to_string()));
        let (may_spread, counts_new) = match threat.key.cause.kind {
            CauseKind::Layer => (true, false),
            CauseKind::Statement => (threat.severity >= Severity::High, threat.severity == Severity::Critical),
            _ => (false, false),
        };
        let is_one_more = |before: &Threat| {
            let known: BTreeSet<&str> = before.sharers().map(|sharer| &*sharer.on).collect();
            threat.sharers().map(old).any(|id| !known.contains(id.as_str()) && (counts_new || self.model.element(&id).is_some()))
        };
        may_spread
            && threat.rule.kind == RuleKind::Finding
            && threat.outcome == Outcome::Open
            && self.threats.get(&threat.key).is_some_and(|before| before.outcome == Outcome::Open && is_one_more(before))
    }

    /// Whether an element, or what a flow comes from, stood before where nobody could look.
    fn stood_out_of_sight(&self, on: &str) -> bool {
        let from = || self.after.flow(&FlowId(on.to_owned())).is_some_and(|flow| self.out_of_sight.contains(flow.from.as_str()));
        !self.out_of_sight.is_empty() && (self.out_of_sight.contains(on) || from())
    }

    /// Whether an element had what cannot be told of it now, by its names.
    fn was_untold(&self, threat: &Threat) -> bool {
        let id = ElementId(threat.on.to_string());
        let before = self.model.element(self.old_id.get(&*threat.on).unwrap_or(&id));
        before.is_some_and(|before| untold::stood(threat, before))
    }

    /// Whether nothing weakened but the name of a route, which leads to what it led to.
    fn is_renamed_route(&self, before: &Threat, threat: &Threat, changes: &[FactChange]) -> bool {
        let is_of_names = changes.iter().all(|change| change.fact.fact_type() == FactType::List);
        is_of_names
            && pairs::is_renamed_route((self.model, before), (self.after, threat))
            && !self.routes.kept_out(threat.key.rule, &before.on, &threat.key.cause.name)
    }

    /// Whether the requests of a new route went to open ones before, which led to the same: `GET /users` behind an open `ANY /{proxy+}`.
    fn lay_open(&self, threat: &Threat) -> bool {
        let cause = &threat.key.cause;
        if cause.kind != CauseKind::Route {
            return false;
        }
        let api = self.old_id.get(&*threat.on).map_or(&*threat.on, ElementId::as_str);
        let leads_to = pairs::leads_to(self.after, &threat.on, &cause.name);
        let mut before = self.routes.before(api, &cause.name).peekable();
        !leads_to.is_empty()
            && before.peek().is_some()
            && !self.routes.kept_out(threat.key.rule, api, &cause.name)
            && before.all(|known| leads_to.is_subset(&pairs::leads_to(self.model, api, known)))
    }

    /// Whether the same workload was let in before under a name that differs in capitals alone: no two owners have such names.
    fn is_spelt_otherwise(&self, threat: &Threat) -> bool {
        let ThreatKey { rule, cause } = &threat.key;
        let is_workload = threat.rule.reads.contains(&Fact::Workloads) && cause.kind == CauseKind::Principal;
        let is_it = |known: &ThreatKey| {
            known.rule == *rule
                && known.cause.name.eq_ignore_ascii_case(&cause.name)
                && known.cause.holder.eq_ignore_ascii_case(&cause.holder)
        };
        is_workload && self.threats.keys().any(is_it)
    }

    fn is_news(&self, threat: &Threat) -> bool {
        if !threat.proposals().is_empty() || self.is_given_to_another(threat) || self.leads_to_more(threat) {
            return true;
        }
        if matches!(threat.outcome, Outcome::Covered { .. }) {
            return !self.threats.contains_key(&threat.key);
        }
        // Who shares the cause and had a control that is gone is news, whoever shared it before.
        let is_own = threat.key.cause.kind == CauseKind::Property;
        if is_own && threat.sharers().any(|sharer| self.covered.contains(&(sharer.key.rule, sharer.on.to_string(), sharer.part.clone()))) {
            return true;
        }
        if self.stood.covers(threat)
            && self.threats.get(&threat.key).is_none_or(|before| before.worst.data_class >= threat.worst.data_class)
        {
            return false;
        }
        if threat.sharers().all(|sharer| self.was_untold(sharer)) {
            return false;
        }
        match self.threats.get(&threat.key) {
            Some(before) if (threat.worst.exposed && !before.worst.exposed) || before.worst.data_class < threat.worst.data_class => true,
            None if inherited_literal(threat, self.after).is_some_and(|literal| self.old_literals.contains(&literal)) => false,
            None if self.moved.stood(threat) == Some(moved::Stood::Here) || self.groups.had(threat) => false,
            None if self.instances.replaced(threat) || self.was_asked_about_whom(threat) => false,
            None if self.lay_open(threat) || self.is_spelt_otherwise(threat) => false,
            None if siblings::share_the_module(threat, &self.threats) || bodies::was_taken(threat, &self.threats) => false,
            None => !self.superseded.contains(&threat.key),
            Some(before) => match (&before.outcome, &threat.outcome) {
                (Outcome::Covered { .. }, _) => true,
                // Hiding a value in a parameter must not pass for an answer.
                (Outcome::Open, Outcome::Unclear { .. }) => true,
                (Outcome::Unclear { .. }, Outcome::Open) => true,
                (Outcome::Open | Outcome::Unclear { .. }, Outcome::Open | Outcome::Unclear { .. } | Outcome::Covered { .. }) => {
                    match freshness::compare(threat.rule, &before.vector(), &says_more(before, threat)) {
                        Freshness::Weakened(changes) if self.is_renamed_route(before, threat, &changes) => false,
                        Freshness::Same | Freshness::Strengthened => false,
                        Freshness::Weakened(_) | Freshness::Sideways(_) | Freshness::BecameUnresolvable(_) => true,
                    }
                }
            },
        }
    }
}

/// The literal secrets that an element has from a place that others have them from too, as every function has the environment of its provider: the
/// place is the cause, and one more that has the same ones is no news.
fn inherited_literal(threat: &Threat, model: &Model) -> Option<Literal> {
    let evidence = threat.evidence.iter().find(|evidence| evidence.fact == Fact::SecretsEnv)?;
    let reading = evidence.reading.as_ref()?;
    let (names, Some(place)) = (reading.witnesses.join(", "), reading.place()) else { return None };
    let own = &model.element(&ElementId(threat.on.to_string()))?.place;
    let is_own = own.path == place.path && own.line <= place.end_line && place.line <= own.end_line;
    (!is_own && !names.is_empty() && threat.others.is_empty()).then(|| (threat.key.rule, names, place.clone()))
}

/// The evidence of a threat without what only goes by other names than before.
fn says_more(before: &Threat, threat: &Threat) -> Vec<Evidence> {
    let (old, kind) = (before.vector(), threat.key.cause.kind);
    let is_as_before = |evidence: &Evidence| {
        old.get(evidence.fact.as_str()).is_some_and(|old| freshness::says_no_more(evidence.fact, kind, old, &evidence.record()))
    };
    threat.counted().0.iter().filter(|evidence| !is_as_before(evidence)).cloned().collect()
}

fn is_covered(threat: &Threat) -> bool {
    matches!(threat.outcome, Outcome::Covered { .. })
}
