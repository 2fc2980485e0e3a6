//! The facts of a decision, as the ledger keeps them: answers and witnesses as lists, never a sentence.
//!
//! Comes in: evidence. Goes out: a record of each fact that can be compared years later, and words for people.

use crate::model::fact::{Answer, Reading, Value};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Name of a fact → how it read.
pub type Vector = BTreeMap<String, FactRecord>;

/// How one fact read when somebody decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactRecord {
    /// Nobody stated it.
    Unread,
    /// It could not be told, and why.
    Unresolved(String),
    /// One word, or any number of them where the fact is a set or a list; what made it so; and how far that reaches, in patterns.
    Known { answer: Vec<String>, witnesses: Vec<String>, reach: Vec<String> },
}

impl FactRecord {
    /// Of a reading; `None` where nothing states the fact.
    pub fn of(reading: Option<&Reading>) -> Self {
        let Some(reading) = reading else { return Self::Unread };
        let witnesses = reading.witnesses.clone();
        let answer = match &reading.answer {
            Answer::Unresolved(reason) => return Self::Unresolved(reason.clone()),
            Answer::Known(Value::Set(words)) => words.iter().map(|word| word.as_str().to_owned()).collect(),
            Answer::Known(Value::List(texts)) => texts.clone(),
            Answer::Known(value @ (Value::Word(_) | Value::Flag(_) | Value::Number(_) | Value::Never)) => vec![value.words().into_owned()],
        };
        let reach: BTreeSet<&String> = reading.shares.iter().flat_map(|share| &share.reach).collect();
        Self::Known { answer, witnesses, reach: reach.into_iter().cloned().collect() }
    }

    /// In words, as readings put it (`Reading::words`); `unread` where nobody stated it.
    pub fn words(&self) -> Cow<'_, str> {
        match self {
            Self::Unread => Cow::Borrowed("unread"),
            Self::Unresolved(reason) => Cow::Owned(format!("unresolved: {reason}")),
            Self::Known { answer, witnesses, .. } => {
                let said = match answer.as_slice() {
                    [] => Cow::Borrowed("nothing"),
                    [only] => Cow::Borrowed(only.as_str()),
                    several => Cow::Owned(several.join(", ")),
                };
                if witnesses.is_empty() { said } else { Cow::Owned(format!("{said} ({})", witnesses.join(", "))) }
            }
        }
    }

    /// Whether nobody says: because nobody looked, or because a reader looked and found nothing. Neither is hidden.
    pub(crate) fn is_unsaid(&self) -> bool {
        match self {
            Self::Unread => true,
            Self::Unresolved(_) => false,
            Self::Known { answer, .. } => matches!(answer.as_slice(), [only] if only == "unknown"),
        }
    }

    /// How far it reaches, in patterns; empty where that is no question.
    pub(crate) fn reach(&self) -> &[String] {
        match self {
            Self::Known { reach, .. } => reach,
            Self::Unread | Self::Unresolved(_) => &[],
        }
    }

    /// What made it so: witnesses, or the texts of a list.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let lists: [&[String]; 2] = match self {
            Self::Unread | Self::Unresolved(_) => [&[], &[]],
            Self::Known { answer, witnesses, .. } => [answer, witnesses],
        };
        lists.into_iter().flatten().map(String::as_str)
    }
}
