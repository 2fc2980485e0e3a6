//! When a resource is made: a condition over what the deployment fills in.
//!
//! Comes in: comparisons joined by and, or and not. Goes out: whether it may fail where another one holds.

use std::collections::{BTreeMap, BTreeSet};

/// Most comparisons that are tried in every combination.
const MAX_COMPARISONS: usize = 8;

/// A condition. What cannot be taken apart is known by its text alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Formula {
    Always,
    /// Something has this value: `Stage is live`.
    Is {
        question: String,
        answer: String,
    },
    /// Nobody can tell when; equal texts mean the same.
    Opaque(String),
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

impl Formula {
    /// Whether there is a case in which `before` holds and this one does not. Where there are too many to try, only equal ones are safe.
    pub fn is_narrower_than(&self, before: &Self) -> bool {
        if self == before || *self == Self::Always {
            return false;
        }
        Self::All(vec![before.clone(), Self::Not(Box::new(self.clone()))]).may_hold(&BTreeMap::new())
    }

    /// Whether there is a case in which it holds, or there are too many to try. `among` are the values that something may have, where they are
    /// known.
    pub fn may_hold(&self, among: &BTreeMap<String, BTreeSet<String>>) -> bool {
        let mut asked = BTreeSet::new();
        self.ask(&mut asked);
        let asked: Vec<(&str, &str)> = asked.into_iter().collect();
        if asked.len() > MAX_COMPARISONS {
            return true;
        }
        (0..1_usize << asked.len()).any(|bits| {
            let holds = |question: &str, answer: &str| {
                asked.iter().position(|known| *known == (question, answer)).is_some_and(|at| bits >> at & 1 == 1)
            };
            // One thing has one value.
            let clashes = asked.iter().enumerate().any(|(index, (question, answer))| {
                !question.is_empty()
                    && holds(question, answer)
                    && asked[..index].iter().any(|(other, value)| other == question && holds(other, value))
            });
            // And one of those that it may have.
            let is_possible = among.iter().all(|(question, values)| {
                let own = || asked.iter().filter(|(other, _)| other == question);
                match own().find(|(_, answer)| holds(question, answer)) {
                    Some((_, answer)) => values.contains(*answer),
                    None => values.iter().any(|value| !own().any(|(_, answer)| answer == value)),
                }
            });
            !clashes && is_possible && self.holds(&holds)
        })
    }

    /// The comparisons in it; what is opaque is one without a question.
    fn ask<'f>(&'f self, asked: &mut BTreeSet<(&'f str, &'f str)>) {
        match self {
            Self::Always => {}
            Self::Is { question, answer } => {
                asked.insert((question, answer));
            }
            Self::Opaque(text) => {
                asked.insert(("", text));
            }
            Self::Not(inner) => inner.ask(asked),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.ask(asked)),
        }
    }

    fn holds(&self, is: &impl Fn(&str, &str) -> bool) -> bool {
        match self {
            Self::Always => true,
            Self::Is { question, answer } => is(question, answer),
            Self::Opaque(text) => is("", text),
            Self::Not(inner) => !inner.holds(is),
            Self::All(parts) => parts.iter().all(|part| part.holds(is)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(is)),
        }
    }

    /// Whether all of it is known, so that it can be told when it fails.
    pub fn is_told(&self) -> bool {
        match self {
            Self::Always | Self::Is { .. } => true,
            Self::Opaque(_) => false,
            Self::Not(inner) => inner.is_told(),
            Self::All(parts) | Self::Any(parts) => parts.iter().all(Self::is_told),
        }
    }

    /// `Stage is live and not (Region is eu)`.
    pub fn words(&self) -> String {
        match self {
            Self::Always => "always".to_owned(),
            Self::Is { question, answer } => format!("{question} is {answer}"),
            Self::Opaque(text) => text.clone(),
            Self::Not(inner) => match &**inner {
                Self::Is { question, answer } => format!("{question} is not {answer}"),
                Self::Not(inner) => inner.words(),
                other => format!("not ({})", other.words()),
            },
            Self::All(parts) => Self::joined(parts, " and "),
            Self::Any(parts) => Self::joined(parts, " or "),
        }
    }

    fn joined(parts: &[Self], by: &str) -> String {
        let words = parts.iter().map(|part| match part {
            Self::All(_) | Self::Any(_) => format!("({})", part.words()),
            Self::Always | Self::Is { .. } | Self::Opaque(_) | Self::Not(_) => part.words(),
        });
        let mut said: Vec<String> = Vec::new();
        words.for_each(|part| {
            if !said.contains(&part) {
                said.push(part)
            }
        });
        said.join(by)
    }
}

#[cfg(test)]
mod tests {
    use super::Formula;
    use std::collections::{BTreeMap, BTreeSet};

    fn is(answer: &str) -> Formula {
        Formula::Is { question: "Stage".to_owned(), answer: answer.to_owned() }
    }

    #[test]
    fn narrower_is_what_fails_where_the_other_holds() {
        let not = |inner: Formula| Formula::Not(Box::new(inner));
        let opaque = |text: &str| Formula::Opaque(text.to_owned());
        for (before, after, narrower) in [
            (Formula::Always, is("live"), true),
            (is("live"), Formula::Always, false),
            (is("live"), is("live"), false),
            (is("live"), is("test"), true),
            (is("live"), Formula::Any(vec![is("live"), is("test")]), false),
            (Formula::Any(vec![is("live"), is("test")]), is("live"), true),
            (is("live"), not(is("test")), false),
            (not(is("test")), is("live"), true),
            (is("live"), not(not(is("live"))), false),
            (is("live"), Formula::All(vec![is("live"), opaque("the condition Kept")]), true),
            (opaque("the condition Kept"), opaque("the condition Kept"), false),
        ] {
            assert_eq!(after.is_narrower_than(&before), narrower, "{} to {}", before.words(), after.words());
        }
    }

    #[test]
    fn one_of_the_values_that_it_may_have_is_the_one() {
        let neither = Formula::Not(Box::new(Formula::Any(vec![is("live"), is("test")])));
        let values = |values: &[&str]| BTreeSet::from_iter(values.iter().map(|value| (*value).to_owned()));
        for (formula, among, expected) in [
            (&neither, BTreeMap::new(), true),
            (&neither, BTreeMap::from([("Stage".to_owned(), values(&["live", "test", "dev"]))]), true),
            (&neither, BTreeMap::from([("Stage".to_owned(), values(&["live", "test"]))]), false),
            (&is("live"), BTreeMap::from([("Stage".to_owned(), values(&["dev", "test"]))]), false),
            (&neither, BTreeMap::from([("Region".to_owned(), values(&["eu", "us"]))]), true),
        ] {
            assert_eq!(formula.may_hold(&among), expected, "{} {among:?}", formula.words());
        }
    }
}
