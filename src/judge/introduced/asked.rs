//! What is new and says little more than what stood: it is asked about, and holds nobody up.
//!
//! Comes in: a threat of the head, and those of the base. Goes out: whether rights that stood are only within reach now, whether a route reads what
//! was read, whether a secret only stands in another root.

use super::{Before, little, says_more};
use crate::judge::moved::Stood;
use crate::judge::{bodies, pairs, routes, siblings};
use crate::model::cause::CauseKind;
use crate::model::fact::{Answer, Fact, Value, Word};
use crate::model::{ElementId, ElementKind, Flow, Means, Model};
use crate::stride::freshness::{self, Freshness};
use crate::stride::{Evidence, Outcome, Threat, ThreatKey};
use std::collections::BTreeSet;

/// The rule on literal secrets, the address of whoever has them, and their names.
pub(super) type Literals = (&'static str, String, Vec<String>);

impl Before<'_> {
    /// Whether what is new adds so little to what stood, or to what everybody may do, that it is asked about.
    pub(super) fn says_little(&self, threat: &Threat) -> bool {
        self.opens_little(threat)
            || siblings::were_as_open(threat, &self.threats)
            || self.is_one_of_an_open_api(threat)
            || self.is_called_otherwise(threat)
            || self.is_only_reached(threat)
            || self.reads_what_was_open(threat)
            || self.took_in(threat)
            || self.is_meant_for_all(threat)
            || self.is_renamed_with_its_code(threat)
            || self.stood.covers_in_kind(threat) && !self.is_given_to_another(threat)
            || bodies::is_packaged_again(threat, &self.threats)
            || self.misplaced.contains(&threat.key)
            || self.is_new_inside(threat)
            || self.instances(threat) > 0
            || threat.sharers().all(|sharer| self.comes_into_an_open_group(sharer))
    }

    /// Whether a new route of an API is as open as all that it had, which let anybody do as much, or cannot ask who calls.
    fn is_one_of_an_open_api(&self, threat: &Threat) -> bool {
        let cause = &threat.key.cause;
        let api = self.old_id.get(&*threat.on).map_or(&*threat.on, ElementId::as_str);
        cause.kind == CauseKind::Route
            && !routes::is_greedy(&cause.name)
            && !self.threats.contains_key(&threat.key)
            && self.routes.are_open_throughout(threat.key.rule, api, &cause.name)
    }

    /// Whether an open route reads of a bucket of which another one of the API read before: pages and what belongs to them, one folder more.
    pub(super) fn reads_what_was_open(&self, threat: &Threat) -> bool {
        let ThreatKey { rule, cause } = &threat.key;
        let is_read = |route: &str| route.starts_with("GET ") || route.starts_with("HEAD ");
        let leads_to = pairs::leads_to(self.after, &threat.on, &cause.name);
        let leaving = self.after.flows.iter().filter(|flow| flow.from.as_str() == &*threat.on && flow.via.contains(&cause.name));
        let mut stores =
            leaving.map(|flow| self.after.element(&flow.to).is_some_and(|end| flow.means == Means::Read && end.service == "object_store"));
        let read_it = |(known, before): (&ThreatKey, &Threat)| {
            known.rule == *rule
                && known.cause.kind == CauseKind::Route
                && is_read(&known.cause.name)
                && before.outcome == Outcome::Open
                && pairs::leads_to(self.model, &before.on, &known.cause.name) == leads_to
        };
        cause.kind == CauseKind::Route
            && is_read(&cause.name)
            && !threat.rule.reads.contains(&Fact::CraftedCallRoutes)
            && !leads_to.is_empty()
            && stores.all(|is_store| is_store)
            && !self.threats.contains_key(&threat.key)
            && self.threats.iter().any(read_it)
    }

    /// Whether an open route leads to what it led to by the same path, and only its method is another, which deletes nothing.
    pub(super) fn is_called_otherwise(&self, threat: &Threat) -> bool {
        let path = |route: &str| route.split_once(' ').map(|(_, path)| path.to_owned());
        let is_known = |before: &Threat| {
            let [was, is] = [&before.key.cause, &threat.key.cause].map(|cause| cause.name.as_str());
            let leads_to = pairs::leads_to(self.model, &before.on, was);
            was != is
                && path(was) == path(is)
                && before.outcome == Outcome::Open
                && !leads_to.is_empty()
                && leads_to == pairs::leads_to(self.after, &threat.on, is)
        };
        let method = threat.key.cause.name.split(' ').next().unwrap_or_default();
        threat.key.cause.kind == CauseKind::Route
            && matches!(method, "GET" | "HEAD" | "PATCH" | "POST" | "PUT")
            && self.threats.get(&threat.key).is_some_and(is_known)
    }

    /// Whether an open door is new with all that stands behind it, and that is code which may do nothing.
    pub(super) fn opens_little(&self, threat: &Threat) -> bool {
        let is_old = |id: &ElementId| self.model.element(self.old_id.get(id.as_str()).unwrap_or(id)).is_some();
        little::is_new_with_it(threat, self.after, &is_old)
    }

    /// Whether an open door led to code that could do nothing, and leads to more now.
    pub(super) fn leads_to_more(&self, threat: &Threat) -> bool {
        let led_to_little = || self.threats.get(&threat.key).is_some_and(|before| little::is_behind(before, self.model));
        little::is_door(threat) && !little::is_behind(threat, self.after) && led_to_little()
    }

    /// Whether rights that all had who have them are word by word within reach of the internet for the first time: who gets there is said where it lets in. Those
    /// of an administrator are never asked about alone.
    pub(super) fn is_only_reached(&self, threat: &Threat) -> bool {
        let is_it = |before: &Threat| {
            before.outcome == Outcome::Open
                && threat.outcome == Outcome::Open
                && threat.worst.exposed
                && !before.worst.exposed
                && before.worst.data_class >= threat.worst.data_class
                && matches!(
                    freshness::compare(threat.rule, &before.vector(), &without_reach(&says_more(before, threat))),
                    Freshness::Same | Freshness::Strengthened
                )
        };
        let is_admin = |evidence: &Evidence| {
            let answer = evidence.reading.as_ref().map(|reading| &reading.answer);
            evidence.fact == Fact::IamScope && answer == Some(&Answer::Known(Value::Word(Word::Admin)))
        };
        threat.key.cause.kind == CauseKind::Statement
            && !threat.evidence.iter().any(is_admin)
            && !threat.sharers().any(|sharer| self.is_new(sharer))
            && self.threats.get(&threat.key).is_some_and(is_it)
    }

    /// Whether what a threat is about only stands in another file, root or module than before.
    pub(super) fn stood_elsewhere(&self, threat: &Threat) -> bool {
        self.stood_in_another_root(threat)
            || self.moved.stood(threat) == Some(Stood::InAnotherFile)
            || threat.sharers().all(|sharer| self.stood_out_of_sight(&sharer.on))
            || threat.sharers().all(|sharer| self.beside.contains(&*sharer.on))
    }

    /// Whether all that a threat is on is new, and did not go by another address, so that nothing of it was known before.
    pub(super) fn is_of_new(&self, threat: &Threat) -> bool {
        let is_moved = |on: &str| {
            self.after
                .moved
                .iter()
                .any(|(_, to)| on.strip_prefix(to.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '['])))
        };
        let is_new = |on: &str| {
            let id = ElementId(on.to_owned());
            self.after.element(&id).is_some() && self.model.element(self.old_id.get(on).unwrap_or(&id)).is_none() && !is_moved(on)
        };
        threat.sharers().all(|sharer| is_new(&sharer.on))
    }

    /// Whether a cache is new that asks nobody for a credential, and nobody but hosts of the network reach it: nobody from outside gets in. One that
    /// asked, and does no more, is another matter.
    fn is_new_inside(&self, threat: &Threat) -> bool {
        let is_of_network = |sharer: &Threat| {
            let element = self.after.element(&ElementId(sharer.on.to_string()));
            let is_outsider = |id: &ElementId| self.after.element(id).is_some_and(|from| from.kind == ElementKind::ExternalEntity);
            let from_outside = |flow: &Flow| flow.to.as_str() == &*sharer.on && is_outsider(&flow.from);
            element.is_some_and(|element| element.service == "cache") && !self.after.flows.iter().any(from_outside)
        };
        threat.rule.reads.contains(&Fact::Authn)
            && threat.outcome == Outcome::Open
            && self.is_of_new(threat)
            && threat.sharers().all(is_of_network)
    }

    /// Whether the gate waited for the same of what has the same address in another file, because the settings say so.
    pub(super) fn was_waited_for(&self, threat: &Threat) -> bool {
        threat.sharers().all(|sharer| self.waited.contains(&(threat.rule.id, address(&sharer.on).to_owned())))
    }

    /// Whether a group had as many rules as now, none of which let in everybody: it is not drawn then, and what it let in was known.
    pub(super) fn knew_rules(&self, id: &ElementId, on: &str) -> bool {
        let rules = |model: &Model, id: &ElementId| {
            let stated = model.stated.iter().find(|stated| stated.id == *id);
            stated.map_or(0, |stated| stated.parts.iter().filter(|part| part.path == "SecurityGroupIngress").count())
        };
        let (before, now) = (rules(self.model, id), rules(self.after, &ElementId(on.to_owned())));
        before > 0 && before >= now
    }

    /// Whether a principal that a value which is not at hand names could be anybody before, too: somebody who is written out beside it makes it no
    /// other.
    pub(super) fn was_asked_about_whom(&self, threat: &Threat) -> bool {
        let cause = &threat.key.cause;
        let could_be_anybody = |before: &&Threat| {
            let is_there = before.key.rule == threat.key.rule && before.on == threat.on && before.part == threat.part;
            is_there && matches!(before.outcome, Outcome::Unclear { .. })
        };
        cause.kind == CauseKind::Principal && cause.name.starts_with("${") && self.threats.values().any(|before| could_be_anybody(&before))
    }

    /// Whether all literal secrets that a threat is about were those of the same address in a root where it is gone.
    pub(super) fn stood_in_another_root(&self, threat: &Threat) -> bool {
        threat.sharers().all(|sharer| literals(sharer).is_some_and(|literals| self.moved_literals.contains(&literals)))
    }
}

/// What the gate waited for because the settings say so, by rule and address.
pub(super) fn waited(raised: &[&Threat]) -> BTreeSet<(&'static str, String)> {
    let waited = raised.iter().filter(|threat| threat.waits() == Some(true));
    waited.flat_map(|threat| threat.sharers().map(|sharer| (threat.rule.id, address(&sharer.on).to_owned()))).collect()
}

fn address(on: &str) -> &str {
    on.rsplit_once('#').map_or(on, |(_, address)| address)
}

/// The evidence without what says whether the internet can drive it.
fn without_reach(evidence: &[Evidence]) -> Vec<Evidence> {
    evidence.iter().filter(|evidence| evidence.fact != Fact::ExposedUpstream).cloned().collect()
}

/// The literal secrets that a threat is about, by their names; `None` where it is about none that is certain.
pub(super) fn literals(threat: &Threat) -> Option<Literals> {
    const LITERALS: [Fact; 2] = [Fact::SecretsEnv, Fact::SecretsLiteral];
    let evidence = threat.evidence.iter().find(|evidence| LITERALS.contains(&evidence.fact))?;
    let reading = evidence.reading.as_ref().filter(|reading| reading.answer == Answer::Known(Value::Flag(true)))?;
    let is_open = threat.outcome == Outcome::Open && !reading.witnesses.is_empty();
    let (_, address) = threat.on.rsplit_once('#')?;
    is_open.then(|| (threat.key.rule, address.to_owned(), reading.witnesses.clone()))
}
