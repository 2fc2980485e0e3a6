//! Whether a decision still rests on what it was made on.
//!
//! Comes in: a rule, the answers that stood when somebody decided, the answers that stand now. Goes out: in which direction they moved.
//! Knows no verdict: what a direction means for a decision is said where decisions are.
//!
//! Directions come from `config/facts.yml`: `weakest_first` orders the answers of a fact. For a set it names the words that let somebody
//! in, so that gaining one weakens and losing one strengthens. Where there is no order a change is sideways.

use crate::delta::FactChange;
use crate::model::cause::CauseKind;
use crate::model::fact::{Fact, FactType};
use crate::model::pattern::is_at_least;
use crate::stride::Evidence;
use crate::stride::evaluate::facts_of;
use crate::stride::rule::Rule;
use crate::stride::vector::{FactRecord, Vector};
use std::collections::BTreeSet;

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

/// Compares a decision's vector with the evidence of the same threat now; the worst move names the whole.
///
/// A fact that the decision's vector does not have is passed over: a rule whose meaning changed is a new rule. One that has none of those that
/// raise the threat says nothing of it.
pub fn compare(rule: &Rule, old: &Vector, now: &[Evidence]) -> Freshness {
    let raising: BTreeSet<Fact> = facts_of(rule.raised).collect();
    let mut unsaid = now.iter().filter(|evidence| raising.contains(&evidence.fact)).peekable();
    if unsaid.peek().is_some() && unsaid.clone().all(|evidence| !old.contains_key(evidence.fact.as_str())) {
        let news = |evidence: &Evidence| FactChange {
            fact: evidence.fact,
            part: String::new(),
            from: None,
            to: stated(&evidence.record()),
            takes_away: false,
        };
        return Freshness::Sideways(unsaid.map(news).collect());
    }
    let mut worst = Move::None;
    let mut moves = Vec::new();
    for evidence in now.iter().filter(|evidence| rule.reads.contains(&evidence.fact)) {
        let Some(before) = old.get(evidence.fact.as_str()) else { continue };
        let record = evidence.record();
        let (answer, reach) = (step(evidence.fact, before, &record), reach_step(evidence.fact, before, &record));
        let step = answer.max(reach);
        worst = worst.max(step);
        if step != Move::None {
            // Where the answer is the same, it is what it reaches that tells the two apart.
            let words = |record: &FactRecord| {
                if reach > answer && !record.reach().is_empty() { Some(record.reach().join(", ")) } else { stated(record) }
            };
            let change =
                FactChange { fact: evidence.fact, part: String::new(), from: words(before), to: words(&record), takes_away: false };
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

/// Whether a fact of one element says no more than before, though other names stand behind it: a control that is off for no more things than
/// it was, a route whose policy let everybody in and does.
pub fn says_no_more(fact: Fact, kind: CauseKind, before: &FactRecord, now: &FactRecord) -> bool {
    let (FactRecord::Known { answer: was, witnesses: old, .. }, FactRecord::Known { answer: is, witnesses: new, .. }) = (before, now)
    else {
        return false;
    };
    let is_worst = |word: &String| fact.weakest_first().first() == Some(&word.as_str());
    before.reach() == now.reach()
        && match fact.fact_type() {
            // What is so of other routes is nothing of this one.
            FactType::Enum if kind == CauseKind::Route && was == is => true,
            FactType::Enum => fact.control().is_some() && was == is && was.iter().all(is_worst) && new.len() <= old.len(),
            FactType::Set => kind == CauseKind::Route && [was, is].iter().all(|words| words.iter().any(is_worst)),
            FactType::Flag | FactType::Number | FactType::List => false,
        }
}

fn stated(record: &FactRecord) -> Option<String> {
    (*record != FactRecord::Unread).then(|| record.words().into_owned())
}

fn step(fact: Fact, before: &FactRecord, now: &FactRecord) -> Move {
    if before == now || (before.is_unsaid() && now.is_unsaid()) {
        return Move::None;
    }
    let (before, now) = match (before, now) {
        // Only the reason is another.
        (FactRecord::Unresolved(_), FactRecord::Unresolved(_)) => return Move::None,
        (_, FactRecord::Unresolved(_)) => return Move::Unresolvable,
        (FactRecord::Unresolved(_), _) => return Move::Sideways,
        (before, now) => (Said::of(before), Said::of(now)),
    };
    if before.answer == now.answer {
        return witness_step(fact, &before, &now);
    }
    match fact.fact_type() {
        FactType::Enum | FactType::Flag => ordered_step(fact, &before, &now),
        FactType::Number => number_step(fact, &before, &now),
        FactType::Set => set_step(&before.words(), &now.words(), fact.weakest_first()),
        FactType::List => set_step(&before.words(), &now.words(), &[]),
    }
}

/// The same statement or principal, and it reaches what it did not. Those who decided before anybody kept how far did not see it.
fn reach_step(fact: Fact, before: &FactRecord, now_record: &FactRecord) -> Move {
    let (then, now) = (before.reach(), now_record.reach());
    let is_within = |pattern: &String| then.iter().any(|wide| is_at_least(wide, pattern));
    // What is listed, or asks nobody, only under some condition reaches as far as that holds, and otherwise everywhere.
    let is_conditional = fact.fact_type() == FactType::List || fact == Fact::Authn;
    let is_everywhere_now = is_conditional && now.is_empty() && matches!(now_record, FactRecord::Known { .. });
    match then.is_empty() {
        false if is_everywhere_now || !now.iter().all(is_within) => Move::Down,
        true | false => Move::None,
    }
}

/// A record of which it is known that it is not unresolved.
struct Said<'r> {
    /// `None` where nobody stated it.
    answer: Option<&'r [String]>,
    witnesses: &'r [String],
}

impl<'r> Said<'r> {
    fn of(record: &'r FactRecord) -> Self {
        match record {
            FactRecord::Known { answer, witnesses, .. } => Self { answer: Some(answer), witnesses },
            FactRecord::Unread | FactRecord::Unresolved(_) => Self { answer: None, witnesses: &[] },
        }
    }

    fn word(&self) -> Option<&'r str> {
        match self.answer {
            Some([only]) => Some(only),
            Some(_) | None => None,
        }
    }

    fn words(&self) -> BTreeSet<&'r str> {
        self.answer.unwrap_or_default().iter().map(String::as_str).collect()
    }

    fn is_unsaid(&self) -> bool {
        self.answer.is_none() || self.word() == Some("unknown")
    }
}

/// A statement that is taken back weakens, as does one that was never made and now says the worst.
fn ordered_step(fact: Fact, before: &Said<'_>, now: &Said<'_>) -> Move {
    let place = |said: &Said<'_>| fact.weakest_first().iter().position(|known| Some(*known) == said.word());
    match (place(before), place(now)) {
        (Some(before), Some(now)) if now < before => Move::Down,
        (Some(_), Some(_)) => Move::Up,
        (Some(_), None) if now.answer.is_none() => Move::Down,
        (None, Some(0)) if before.is_unsaid() => Move::Down,
        (Some(_), None) | (None, Some(_)) | (None, None) => Move::Sideways,
    }
}

/// The same answer for other reasons. More principals, actions or routes behind an answer that is not the strongest weaken it.
fn witness_step(fact: Fact, before: &Said<'_>, now: &Said<'_>) -> Move {
    let strongest = now.word().is_some() && fact.weakest_first().last().copied() == now.word();
    let [then, now] = [before, now].map(|said| said.witnesses.iter().collect::<BTreeSet<_>>());
    if now.is_subset(&then) {
        Move::Up
    } else if then.is_subset(&now) && !strongest && !fact.weakest_first().is_empty() {
        Move::Down
    } else {
        Move::Sideways
    }
}

fn number_step(fact: Fact, before: &Said<'_>, now: &Said<'_>) -> Move {
    let Some((before, now)) = before.word().and_then(size).zip(now.word().and_then(size)) else { return Move::Sideways };
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
    use crate::model::fact::{Fact, FactType};
    use crate::stride::vector::FactRecord;

    /// `service_scoped (sns.amazonaws.com)`, `unresolved: why`, `unread`.
    fn record(fact: Fact, words: &str) -> FactRecord {
        if words == "unread" {
            return FactRecord::Unread;
        }
        if let Some(reason) = words.strip_prefix("unresolved: ") {
            return FactRecord::Unresolved(reason.to_owned());
        }
        let list = |text: &str| text.split(", ").map(str::to_owned).collect::<Vec<_>>();
        let (answer, witnesses) = words.strip_suffix(')').and_then(|words| words.split_once(" (")).unwrap_or((words, ""));
        let several = matches!(fact.fact_type(), FactType::Set | FactType::List);
        FactRecord::Known {
            answer: if !several {
                vec![answer.to_owned()]
            } else if answer == "nothing" {
                Vec::new()
            } else {
                list(answer)
            },
            witnesses: if witnesses.is_empty() { Vec::new() } else { list(witnesses) },
            reach: Vec::new(),
        }
    }

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
            let direction = match step(fact, &record(fact, before), &record(fact, now)) {
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
