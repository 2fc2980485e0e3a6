//! What a rule of a security group opens, as facts of the elements behind it.
//!
//! Comes in: the members of a group and one of its rules. Goes out: `world_ports` of machines and tasks that have a public address, with the ports;
//! `ingress_scope` of data stores and load balancers. Of several rules the widest counts.

use crate::catalog::aws::security_group::{is_open, may_be_open, names_list_elsewhere, reachable};
use crate::catalog::draft::{Draft, ElementIndex};
use crate::catalog::witnesses::bounded;
use crate::model::cause::Cause;
use crate::model::fact::{Answer, Fact, Reading, Value, Word};
use crate::model::resource::{Property, Resource};
use crate::model::strength::is_weaker;
use crate::model::{ElementKind, Rank};
use crate::source::Span;
use std::sync::Arc;

/// Ports by which machines are administered: shells, remote desktops, remote management, engines and agents of containers.
const ADMIN: &[u32] = &[22, 23, 135, 445, 2222, 2375, 2376, 3389, 5900, 5985, 5986, 10250];
/// Ports of databases, caches and search engines.
const DATABASES: &[u32] = &[
    1433, 1434, 1521, 2379, 2380, 3306, 5432, 5439, 5984, 6379, 7000, 7474, 7687, 8086, 8182, 9042, 9200, 9300, 11211, 27017, 27018, 27019,
];
/// Ports that are opened to everybody on purpose: names, mail, the web and what stands in for it in development, streams, calls, tunnels,
/// repositories. After <https://www.iana.org/assignments/service-names-port-numbers/>, and for the web's stand-ins what frameworks listen on.
const SERVED: &[u32] = &[
    25, 53, 80, 110, 143, 179, 443, 465, 554, 587, 853, 993, 995, 1194, 1883, 1935, 3000, 3478, 4443, 5000, 5060, 5061, 5222, 5349, 8000,
    8080, 8081, 8443, 8883, 9418, 51820,
];
/// The one of them that also answers to datagrams.
const MEMCACHED: u32 = 11_211;
/// What it takes to say of one rule what it opens for one member.
const STEPS_OF_CAUSE: usize = 8;
/// How a port is called that is filled in at deployment.
const UNTOLD_PORT: &str = "a port that cannot be told";
/// A range of at least this many ports is no service but everything.
const EVERYTHING: u32 = 1024;

/// Ports that a rule opens: from, to, both within.
pub(crate) type Range = (u32, u32);

/// Adds what the rules open to the facts of the group's members: the rules come to the same for all of them.
pub(crate) fn state<'t>(draft: &mut Draft<'t, '_>, members: &[ElementIndex], rules: &[Property<'t>], at: Span) {
    let widest = rules
        .iter()
        .filter_map(|rule| scope(draft, rule))
        .reduce(|known, found| if is_weaker(Fact::IngressScope, &found, &known) { found } else { known });
    let open = opening(draft, rules);
    // A group that opens nothing is known to: what cannot be told later is then more than it was.
    let none = Arc::new(Reading::known(Value::Set(Vec::new()), draft.stated(at)));
    // What is written out says more than what cannot be told.
    let gravest = open.iter().rfind(|rule| is_grave(draft, rule)).or(open.last());
    let second = gravest.map_or_else(|| Arc::clone(&none), |rule| Arc::new(open_ports(draft, rule, Rank::Second, "")));
    let is_web = |rule: &Property<'_>| ports(rule).is_ok_and(|range| class(rule, range) == Word::Web);
    let has_list_elsewhere = rules.iter().any(|rule| names_list_elsewhere(draft, rule) && !is_web(rule));
    for member in members {
        let element = draft.element_at(*member);
        if element.kind == ElementKind::DataStore || element.service == "load_balancer" {
            state_scope(draft, *member, widest.as_ref());
        } else if let Some(rank) = reachable(draft, *member) {
            let reading = if rank == Rank::First {
                if !draft.spend(open.len() * STEPS_OF_CAUSE, at) {
                    return;
                }
                let holder = draft.element_at(*member).home();
                let ports = open.iter().map(|rule| open_ports(draft, rule, Rank::First, &holder)).reduce(joined);
                ports.map_or_else(|| Arc::clone(&none), |reading| Arc::new(told(reading)))
            } else {
                Arc::clone(&second)
            };
            // Ports are closed to the world only where every rule says to whom they are open.
            if has_list_elsewhere && matches!(&reading.answer, Answer::Known(ports) if is_served(ports)) {
                continue;
            }
            // Of several groups each opens something.
            let reading = match draft.element_at(*member).facts.get(Fact::WorldPorts) {
                Some(known) => Arc::new(told(joined((**known).clone(), (*reading).clone()))),
                None => reading,
            };
            draft.set_fact(*member, Fact::WorldPorts, reading);
        }
    }
}

/// What rules open of which nobody can tell here what lies behind them, as facts of the group or the rule itself.
pub(crate) fn state_alone<'t>(draft: &mut Draft<'t, '_>, bearer: &Resource<'t>, rules: &[Property<'t>]) {
    let open = opening(draft, rules);
    let is_light = |rule: &Property<'_>, range: Range| match class(rule, range) {
        Word::Web => true,
        Word::Other => !is_open(draft, rule),
        _ => false,
    };
    if open.iter().all(|rule| ports(rule).is_ok_and(|range| is_light(rule, range))) {
        return;
    }
    let holder = draft.home(bearer);
    let Some(reading) = open.iter().map(|rule| open_ports(draft, rule, Rank::First, &holder)).reduce(joined) else { return };
    let alone = draft.alone(bearer);
    let part = draft.part(alone, "security_group", bearer.address, bearer.span);
    draft.set_part_fact(part, Fact::WorldPorts, told(reading));
}

/// What a group opens to everybody though nothing that is placed in it has a public address: whoever gets one, or a way into the network, is
/// not kept out. Which are the ports of administration, of databases and all of them; what is served is open on purpose.
pub(crate) fn state_inside<'t>(draft: &mut Draft<'t, '_>, group: &Resource<'t>, rules: &[Property<'t>]) {
    let named = |rule: &Property<'t>| ports(rule).ok().map(|range| (shown(range), rule.span));
    let open: Vec<(String, Span)> = rules.iter().filter(|rule| is_grave(draft, rule)).filter_map(named).collect();
    let Some((_, first)) = open.first() else { return };
    let (origin, holder) = (draft.stated(*first), draft.home(group));
    let share = |(name, span): &(String, Span)| {
        let cause = Arc::new(Cause::property(holder.as_str(), name.as_str()));
        draft.share(cause, Value::List(vec![name.clone()]), None, *span)
    };
    let shares = open.iter().map(share).collect();
    let mut names: Vec<String> = open.iter().map(|(name, _)| name.clone()).collect();
    names.sort();
    names.dedup();
    let reading = Reading::known(Value::List(bounded(names)), origin).shared(shares);
    let alone = draft.alone(group);
    let part = draft.part(alone, "security_group", group.address, group.span);
    draft.set_part_fact(part, Fact::InnerPorts, reading);
}

/// Whether a rule lets in everybody, as it is written, by a port of administration or of a database, or by all of them.
pub(crate) fn is_grave(draft: &Draft<'_, '_>, rule: &Property<'_>) -> bool {
    let is_of_few = |range| matches!(class(rule, range), Word::Admin | Word::Db | Word::Any);
    is_open(draft, rule) && !is_ping(rule) && ports(rule).is_ok_and(is_of_few)
}

/// The rules that let in everybody, or may.
fn opening<'t>(draft: &Draft<'t, '_>, rules: &[Property<'t>]) -> Vec<Property<'t>> {
    let is_opening = |rule: &&Property<'t>| (is_open(draft, rule) || may_be_open(draft, rule).is_some()) && !is_ping(rule);
    rules.iter().filter(is_opening).copied().collect()
}

fn told(mut reading: Reading) -> Reading {
    let shares = std::mem::take(&mut reading.shares);
    Reading { witnesses: bounded(reading.witnesses), ..reading }.shared(shares)
}

fn state_scope(draft: &mut Draft<'_, '_>, store: ElementIndex, widest: Option<&Reading>) {
    let Some(reading) = widest else { return };
    let known = draft.element_at(store).facts.get(Fact::IngressScope);
    if known.is_none_or(|known| is_weaker(Fact::IngressScope, reading, known)) {
        draft.set_fact(store, Fact::IngressScope, reading.clone());
    }
}

fn scope(draft: &Draft<'_, '_>, rule: &Property<'_>) -> Option<Reading> {
    let has = |keys: &[&str]| keys.iter().any(|key| rule.get(key).is_some());
    let word = if is_open(draft, rule) {
        Word::World
    } else if let Some(reason) = may_be_open(draft, rule) {
        return Some(Reading::unresolved(reason, draft.stated(rule.span)));
    } else if has(&["SourceSecurityGroupId", "SourceSecurityGroupName"]) {
        Word::SgRef
    } else if has(&["CidrIp", "CidrIpv6", "SourcePrefixListId"]) {
        Word::VpcWide
    } else {
        return None;
    };
    Some(Reading::word(word, draft.stated(rule.span)))
}

/// Each port that is no served one is a cause of its own: another one beside it is news, and it is none.
fn open_ports(draft: &Draft<'_, '_>, rule: &Property<'_>, rank: Rank, holder: &str) -> Reading {
    let origin = draft.stated(rule.span);
    let hidden = if is_open(draft, rule) { None } else { may_be_open(draft, rule) };
    match (rank, ports(rule)) {
        // Whoever comes, nothing but what is served on purpose is behind it.
        (_, Ok(range)) if class(rule, range) == Word::Web => Reading::known(Value::Set(vec![Word::Web]), origin),
        // So little is known of it that who may come in by it is not worth asking.
        (_, Ok(range)) if class(rule, range) == Word::Other && (hidden.is_some() || rank == Rank::Second) => {
            Reading::known(Value::Set(vec![Word::Web]), origin)
        }
        _ if hidden.is_some() => Reading::unresolved(hidden.unwrap_or_default(), origin),
        (Rank::Second, _) => Reading::unresolved("whether it has a public address is decided elsewhere", origin),
        (Rank::First, Err(reason)) => {
            let reading = Reading::unresolved(reason, origin);
            if !is_open(draft, rule) {
                return reading;
            }
            // The world is let in: which port it is let in by is another question than whether it is.
            let cause = Arc::new(Cause::property(holder, UNTOLD_PORT));
            let share = draft.share(cause, Value::Set(vec![Word::Any]), None, rule.span);
            reading.shared(vec![share])
        }
        (Rank::First, Ok(range)) => {
            let class = class(rule, range);
            let reading = Reading::known(Value::Set(vec![class]), origin);
            // What is served on purpose is nothing to point at.
            if class == Word::Web {
                return reading;
            }
            let name = shown(range);
            let cause = Arc::new(Cause::property(holder, name.as_str()));
            let share = draft.share(cause, Value::Set(vec![class]), Some(&name), rule.span);
            Reading { witnesses: vec![name], ..reading.shared(vec![share]) }
        }
    }
}

/// What is known to be open stays so, whatever else cannot be told; what is served on purpose hides nothing beside it.
fn joined(mut known: Reading, found: Reading) -> Reading {
    match (&known.answer, &found.answer) {
        (Answer::Known(Value::Set(before)), Answer::Known(Value::Set(after))) => {
            let mut words: Vec<Word> = before.iter().chain(after).copied().collect();
            words.sort_unstable();
            words.dedup();
            let is_light = |word: &Word| matches!(word, Word::Web | Word::Other);
            let worse = !after.iter().all(is_light) && before.iter().all(is_light);
            if worse {
                known.origin = found.origin;
            }
            known.witnesses.extend(found.witnesses);
            known.answer = Answer::Known(Value::Set(words));
            // Put together by cause once all are there.
            known.shares.extend(found.shares);
            known
        }
        (Answer::Known(set), Answer::Unresolved(_)) if is_served(set) => found,
        (Answer::Unresolved(_), Answer::Known(set)) if is_served(set) => known,
        (Answer::Known(_), Answer::Unresolved(_)) => known,
        (Answer::Unresolved(_), _) | (Answer::Known(_), Answer::Known(_)) => found,
    }
}

fn is_served(ports: &Value) -> bool {
    matches!(ports, Value::Set(words) if words.iter().all(|word| matches!(word, Word::Web | Word::Other)))
}

/// Control messages have no ports.
fn is_ping(rule: &Property<'_>) -> bool {
    matches!(rule.get("IpProtocol").and_then(Property::literal), Some("icmp" | "icmpv6" | "1" | "58"))
}

/// The ports that a rule opens; the error says why they cannot be told.
pub(crate) fn ports(rule: &Property<'_>) -> Result<Range, String> {
    if matches!(rule.get("IpProtocol").and_then(Property::literal), Some("-1" | "all")) {
        return Ok((0, 65_535));
    }
    // All protocols are all ports.
    if let Some(reason) = rule.get("IpProtocol").filter(|protocol| protocol.literal().is_none()).and_then(Property::unresolved) {
        return Err(reason);
    }
    let port = |key: &str| match rule.get(key) {
        None => Ok(None),
        Some(value) => match value.literal().and_then(|text| text.parse::<i64>().ok()) {
            Some(number) => Ok(u32::try_from(number).ok()),
            None => Err(value.unresolved().unwrap_or_else(|| "the port is no number".to_owned())),
        },
    };
    let (from, to) = (port("FromPort")?, port("ToPort")?);
    let from = from.unwrap_or(0);
    Ok((from, to.unwrap_or(if from == 0 { 65_535 } else { from })))
}

/// Whether a rule opens what is opened to everybody on purpose, so that no other rule says anything of it.
pub(crate) fn is_served_on_purpose(rule: &Property<'_>) -> bool {
    !is_ping(rule) && ports(rule).is_ok_and(|range| class(rule, range) == Word::Web)
}

/// Whether a rule is about connections, and not about datagrams.
pub(crate) fn is_of_connections(rule: &Property<'_>) -> bool {
    !matches!(rule.get("IpProtocol").and_then(Property::literal), Some("udp" | "17"))
}

fn class(rule: &Property<'_>, range: Range) -> Word {
    if is_of_connections(rule) { class_of_connections(range) } else { class_of_datagrams(range) }
}

/// Nothing is administered by datagrams alone, and media and tunnels take whole ranges of high ports.
fn class_of_datagrams((from, to): Range) -> Word {
    if from < EVERYTHING && to.saturating_sub(from) >= EVERYTHING {
        Word::Any
    } else if to.saturating_sub(from) < EVERYTHING && (from..=to).contains(&MEMCACHED) {
        Word::Db
    } else {
        Word::Web
    }
}

fn class_of_connections((from, to): Range) -> Word {
    let opens = |ports: &[u32]| ports.iter().any(|port| (from..=to).contains(port));
    if to.saturating_sub(from) >= EVERYTHING {
        Word::Any
    } else if opens(ADMIN) {
        Word::Admin
    } else if opens(DATABASES) {
        Word::Db
    } else if (from..=to).all(|port| SERVED.contains(&port)) {
        Word::Web
    } else {
        Word::Other
    }
}

fn shown((from, to): Range) -> String {
    if from == to { format!("port {from}") } else { format!("ports {from} to {to}") }
}

/// Whether ports are within others, both as they are shown.
pub(crate) fn is_within(ports: &str, others: &str) -> bool {
    match (read(ports), read(others)) {
        (Some((from, to)), Some((first, last))) => first <= from && to <= last,
        (_, _) => false,
    }
}

fn read(shown: &str) -> Option<Range> {
    let numbers = shown.strip_prefix("ports ").or_else(|| shown.strip_prefix("port "))?;
    let (from, to) = numbers.split_once(" to ").unwrap_or((numbers, numbers));
    Some((from.parse().ok()?, to.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{class_of_connections, class_of_datagrams, is_within, shown};
    use crate::model::fact::Word;

    #[test]
    fn ports_have_classes() {
        for (range, word, text) in [
            ((22, 22), Word::Admin, "port 22"),
            ((20, 25), Word::Admin, "ports 20 to 25"),
            ((443, 443), Word::Web, "port 443"),
            ((5432, 5432), Word::Db, "port 5432"),
            ((0, 65_535), Word::Any, "ports 0 to 65535"),
        ] {
            assert_eq!((class_of_connections(range), shown(range).as_str()), (word, text));
        }
    }

    #[test]
    fn ports_lie_within_others() {
        assert!(is_within("port 22", "ports 0 to 65535") && is_within("port 22", "port 22"));
        assert!(!is_within("ports 0 to 65535", "port 22") && !is_within("port 443", "ports 20 to 25"));
    }

    #[test]
    fn ports_of_datagrams_have_other_classes() {
        for (range, word) in [
            ((22, 22), Word::Web),
            ((1194, 1194), Word::Web),
            ((11_211, 11_211), Word::Db),
            ((10_000, 20_000), Word::Web),
            ((0, 65_535), Word::Any),
        ] {
            assert_eq!(class_of_datagrams(range), word, "{range:?}");
        }
    }
}
