//! Whether a decision still rests on what it was made on.
//!
//! Comes in: a rule, the answers that stood when somebody decided, the answers that stand now. Goes out: in which direction they moved.
//! Knows no verdict: what a direction means for a decision is said where decisions are.
//!
//! Directions come from `config/facts.yml`: `weakest_first` orders the answers of a fact. For a set it names the words that let somebody
//! in, so that gaining one weakens and losing one strengthens. Where there is no order a change is sideways.

use crate::delta::FactChange;
use crate::model::fact::{Fact, FactType};
use crate::stride::Evidence;
use crate::stride::rule::Rule;
use std::collections::{BTreeMap, BTreeSet};

/// How the facts of a rule moved since a decision. The changes are those that make it so, ordered by fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Word for word what it was.
    Same,
    /// Nothing worsened and something improved.
    Strengthened,
    /// A control is gone, somebody is let in: the decision no longer holds, whoever made it.
    Weakened(Vec<FactChange>),
    /// It is otherwise, neither better nor worse: another principal, another target. The reason of a person may no longer hold.
    Sideways(Vec<FactChange>),
    /// What was known cannot be told any more.
    BecameUnresolvable(Vec<FactChange>),
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Move {
    None,
    Up,
    Sideways,
    Unresolvable,
    Down,
}

/// Compares a decision's vector (fact name to words) with the evidence of the same threat now; the worst move names the whole.
///
/// A fact that the decision's vector does not have is passed over: a rule whose meaning changed is a new rule.
pub fn compare(rule: &Rule, old: &BTreeMap<String, String>, now: &[Evidence]) -> Freshness {
    let mut worst = Move::None;
    let mut moves = Vec::new();
    for evidence in now.iter().filter(|evidence| rule.reads.contains(&evidence.fact)) {
        let Some(before) = old.get(evidence.fact.as_str()) else { continue };
        let words = evidence.words();
        let step = step(evidence.fact, before, &words);
        worst = worst.max(step);
        if step != Move::None {
            let change = FactChange { fact: evidence.fact, part: String::new(), from: stated(before), to: stated(&words) };
            moves.push((step, change));
        }
    }
    let of_worst = || moves.iter().filter(|(step, _)| *step == worst).map(|(_, change)| change.clone()).collect();
    match worst {
        Move::None => Freshness::Same,
        Move::Up => Freshness::Strengthened,
        Move::Sideways => Freshness::Sideways(of_worst()),
        Move::Unresolvable => Freshness::BecameUnresolvable(of_worst()),
        Move::Down => Freshness::Weakened(of_worst()),
    }
}

const UNREAD: &str = "unread";

fn stated(words: &str) -> Option<String> {
    (words != UNREAD).then(|| words.to_owned())
}

fn step(fact: Fact, before: &str, now: &str) -> Move {
    if before == now || (is_unsaid(before) && is_unsaid(now)) {
        return Move::None;
    }
    match (is_unresolved(before), is_unresolved(now)) {
        // Only the reason is another.
        (true, true) => return Move::None,
        (false, true) => return Move::Unresolvable,
        (true, false) => return Move::Sideways,
        (false, false) => {}
    }
    let (before_answer, before_witnesses) = split(before);
    let (now_answer, now_witnesses) = split(now);
    if before_answer == now_answer {
        return witness_step(fact, now_answer, &before_witnesses, &now_witnesses);
    }
    match fact.fact_type() {
        FactType::Enum | FactType::Flag => ordered_step(fact, before_answer, now_answer),
        FactType::Number => number_step(fact, before_answer, now_answer),
        FactType::Set => set_step(&words(before_answer), &words(now_answer), fact.weakest_first()),
        FactType::List => set_step(&words(before_answer), &words(now_answer), &[]),
    }
}

/// Nobody says: because nobody looked, or because a reader looked and found nothing. Neither is hidden.
fn is_unsaid(words: &str) -> bool {
    words == UNREAD || words == "unknown"
}

fn is_unresolved(words: &str) -> bool {
    words.starts_with("unresolved: ")
}

/// The answer, and the witnesses in the brackets behind it.
fn split(words: &str) -> (&str, BTreeSet<&str>) {
    match words.strip_suffix(')').and_then(|words| words.split_once(" (")) {
        Some((answer, witnesses)) => (answer, witnesses.split(", ").collect()),
        None => (words, BTreeSet::new()),
    }
}

fn words(answer: &str) -> BTreeSet<&str> {
    if answer == "nothing" || answer == UNREAD { BTreeSet::new() } else { answer.split(", ").collect() }
}

/// A statement that is taken back weakens, as does one that was never made and now says the worst.
fn ordered_step(fact: Fact, before: &str, now: &str) -> Move {
    match (place_in_order(fact, before), place_in_order(fact, now)) {
        (Some(before), Some(now)) if now < before => Move::Down,
        (Some(_), Some(_)) => Move::Up,
        (Some(_), None) if now == UNREAD => Move::Down,
        (None, Some(0)) if is_unsaid(before) => Move::Down,
        (Some(_), None) | (None, Some(_)) | (None, None) => Move::Sideways,
    }
}

fn place_in_order(fact: Fact, answer: &str) -> Option<usize> {
    fact.weakest_first().iter().position(|known| *known == answer)
}

/// The same answer for other reasons. More principals, actions or routes behind an answer that is not the strongest weaken it.
fn witness_step(fact: Fact, answer: &str, before: &BTreeSet<&str>, now: &BTreeSet<&str>) -> Move {
    let strongest = fact.weakest_first().last() == Some(&answer);
    if now.is_subset(before) {
        Move::Up
    } else if before.is_subset(now) && !strongest && !fact.weakest_first().is_empty() {
        Move::Down
    } else {
        Move::Sideways
    }
}

fn number_step(fact: Fact, before: &str, now: &str) -> Move {
    let Some((before, now)) = size(before).zip(size(now)) else { return Move::Sideways };
    match fact.weakest_first() {
        ["low", ..] => {
            if now < before {
                Move::Down
            } else {
                Move::Up
            }
        }
        ["high", ..] => {
            if now > before {
                Move::Down
            } else {
                Move::Up
            }
        }
        _ => Move::Sideways,
    }
}

fn size(answer: &str) -> Option<f64> {
    if answer == "never" { Some(f64::INFINITY) } else { answer.parse().ok() }
}

/// `letting_in` empty: every word lets in, as the routes without a credential do.
fn set_step(before: &BTreeSet<&str>, now: &BTreeSet<&str>, letting_in: &[&str]) -> Move {
    let counts = |word: &str| letting_in.is_empty() || letting_in.contains(&word);
    if now.difference(before).any(|word| counts(word)) {
        Move::Down
    } else if now.difference(before).next().is_some() {
        Move::Sideways
    } else if before.difference(now).all(|word| counts(word)) {
        Move::Up
    } else {
        Move::Sideways
    }
}

#[cfg(test)]
mod tests {
    use super::{Move, step};
    use crate::model::fact::Fact;

    #[test]
    fn the_direction_of_a_change() {
        for (fact, before, now, expected) in [
            (Fact::Authn, "iam", "iam", "same"),
            (Fact::Authn, "iam", "none", "down"),
            (Fact::Authn, "none", "jwt", "up"),
            (Fact::AtRest, "cmk", "provider_default", "down"),
            (Fact::Dlq, "off", "on", "up"),
            (Fact::SecretsEnv, "no", "yes (API_KEY)", "down"),
            (Fact::SecretsEnv, "yes (API_KEY)", "yes (API_KEY, DB_PASSWORD)", "down"),
            (Fact::SecretsEnv, "yes (API_KEY, DB_PASSWORD)", "yes (API_KEY)", "up"),
            (Fact::TlsMin, "1.2", "1", "down"),
            (Fact::RetentionDays, "never", "30", "down"),
            (Fact::RetentionDays, "30", "never", "up"),
            (Fact::TimeoutS, "30", "90", "down"),
            (Fact::Policy, "service_scoped (sns.amazonaws.com)", "public, service_scoped (*, sns.amazonaws.com)", "down"),
            (Fact::Policy, "service_scoped (arn:a)", "service_scoped (arn:b)", "sideways"),
            (Fact::Policy, "public, service_scoped", "service_scoped", "up"),
            (Fact::Policy, "nothing", "service_scoped", "sideways"),
            (Fact::AuthnWeakRoutes, "GET /a", "GET /a, POST /b", "down"),
            (Fact::AuthnWeakRoutes, "GET /a, POST /b", "nothing", "up"),
            (Fact::AtRest, "cmk", "unresolved: parameter Key has no default", "unresolvable"),
            (Fact::AtRest, "unresolved: parameter Key has no default", "cmk", "sideways"),
            (Fact::AtRest, "unresolved: a", "unresolved: b", "same"),
            (Fact::SignatureCheck, "on", "unread", "down"),
            (Fact::SignatureCheck, "unread", "on", "sideways"),
            (Fact::DataClass, "unread", "restricted", "down"),
            (Fact::Writers, "one", "unknown", "sideways"),
            (Fact::AuditLog, "unread", "unknown", "same"),
            (Fact::TargetKind, "queue", "bus", "sideways"),
        ] {
            let direction = match step(fact, before, now) {
                Move::None => "same",
                Move::Up => "up",
                Move::Sideways => "sideways",
                Move::Unresolvable => "unresolvable",
                Move::Down => "down",
            };
            assert_eq!(direction, expected, "{}: {before} to {now}", fact.as_str());
        }
    }
}
