//! Facts: normalised, security-relevant properties with a closed list of answers, and where each answer comes from.
//!
//! `Fact` and `Word` are generated from `config/facts.yml` by `build.rs`: an unknown name cannot be written in code, and does not load from data.

use crate::model::cause::Cause;
use crate::source::Place;
use std::borrow::Cow;
use std::sync::Arc;

include!(concat!(env!("OUT_DIR"), "/facts.rs"));

/// What names of an organisation's own facts begin with: no built-in one does.
pub const OWN_FACT: &str = "own_";

/// A fact of an organisation's own, which people state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnFact {
    pub name: &'static str,
    pub fact_type: FactType,
    pub answers: &'static [&'static str],
    pub weakest_first: &'static [&'static str],
    pub raising: &'static [&'static str],
    pub control: Option<&'static str>,
    pub meaning: &'static str,
}

/// What a fact's answers look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FactType {
    /// One of the words.
    Enum,
    /// Any of the words, none included.
    Set,
    Flag,
    /// A number, or `never` where the vocabulary allows it.
    Number,
    /// Free texts (routes, fields); true when not empty.
    List,
}

impl Word {
    /// The word of an answer.
    pub fn of(answer: &'static str) -> Self {
        Self::ALL.iter().copied().find(|word| word.as_str() == answer).unwrap_or(Self::Own(answer))
    }
}

impl FactType {
    /// As the vocabulary spells it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Enum => "enum",
            Self::Set => "set",
            Self::Flag => "flag",
            Self::Number => "number",
            Self::List => "list",
        }
    }
}

/// A known answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    Word(Word),
    /// Ordered, unique.
    Set(Vec<Word>),
    Flag(bool),
    /// In thousandths, so that `1.2` is exact: 1200.
    Number(i64),
    /// Larger than any number.
    Never,
    /// Ordered, unique.
    List(Vec<String>),
}

impl Value {
    /// The answer in words, as shown to people and kept in the ledger.
    pub fn words(&self) -> Cow<'static, str> {
        match self {
            Self::Word(word) => Cow::Borrowed(word.as_str()),
            Self::Set(words) => match words.as_slice() {
                [] => Cow::Borrowed("nothing"),
                [only] => Cow::Borrowed(only.as_str()),
                several => Cow::Owned(several.iter().map(|word| word.as_str()).collect::<Vec<_>>().join(", ")),
            },
            Self::Flag(true) => Cow::Borrowed("yes"),
            Self::Flag(false) => Cow::Borrowed("no"),
            Self::Number(thousandths) if thousandths % 1000 == 0 => Cow::Owned((thousandths / 1000).to_string()),
            Self::Number(thousandths) => Cow::Owned(format!("{:.3}", *thousandths as f64 / 1000.0).trim_end_matches('0').to_owned()),
            Self::Never => Cow::Borrowed("never"),
            Self::List(texts) if texts.is_empty() => Cow::Borrowed("nothing"),
            Self::List(texts) => Cow::Owned(texts.join(", ")),
        }
    }
}

/// An answer's words as people say them, where the vocabulary's own word is not one of theirs.
pub fn said(words: &str) -> &str {
    match words {
        "default_on" => "on by default",
        "vpc_wide" => "the whole network",
        other => other,
    }
}

/// Where an answer comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// The template says so, here.
    Stated(Place),
    /// The provider does so when nothing is said; the page that says it.
    Default(&'static str),
    /// It follows from other facts or flows; the place is the one that settles it, where there is one.
    Derived(Option<Place>),
    /// A person says so in an annotation or a model file, here. A claim, shown as such.
    Claimed(Place),
}

/// One fact of one element: known, or unresolvable for a reason. A fact nobody reads is not in the list at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Known(Value),
    /// Why it cannot be told, in plain words.
    Unresolved(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    pub answer: Answer,
    pub origin: Origin,
    /// What makes it so (principals, origins, targets, actions): part of the evidence. Ordered, unique; no names of unrelated things.
    pub witnesses: Vec<String>,
    /// Unresolved because what would tell is defined in another unit, and not because a value is hidden.
    pub elsewhere: bool,
    /// The words that an unresolved set may hold, or that an unresolved word may be; empty where that may be any.
    pub among: Vec<Word>,
    /// What an unresolved answer hangs on, by the names under which that is written; empty where some of it has none. No part of the evidence.
    pub untold: Vec<String>,
    /// What of the answer comes of which cause; empty where the property as a whole is the cause. Each cause once, ordered.
    pub shares: Vec<Share>,
}

/// What one cause has a share in: a statement of a role, a principal of a policy, a route of an API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    pub cause: Arc<Cause>,
    /// What the fact would read if this cause were the only one.
    pub value: Value,
    pub witnesses: Vec<String>,
    /// How far it reaches, in patterns: the actions and resources of a statement. Empty where that is no question.
    pub reach: Vec<String>,
    pub place: Place,
}

impl Reading {
    pub fn known(value: Value, origin: Origin) -> Self {
        Self {
            answer: Answer::Known(value),
            origin,
            witnesses: Vec::new(),
            elsewhere: false,
            among: Vec::new(),
            untold: Vec::new(),
            shares: Vec::new(),
        }
    }

    pub fn word(word: Word, origin: Origin) -> Self {
        Self::known(Value::Word(word), origin)
    }

    pub fn unresolved(reason: impl Into<String>, origin: Origin) -> Self {
        Self {
            answer: Answer::Unresolved(reason.into()),
            origin,
            witnesses: Vec::new(),
            elsewhere: false,
            among: Vec::new(),
            untold: Vec::new(),
            shares: Vec::new(),
        }
    }

    /// Unresolved because what would tell is defined in another unit.
    pub fn elsewhere(reason: impl Into<String>, origin: Origin) -> Self {
        Self { elsewhere: true, ..Self::unresolved(reason, origin) }
    }

    /// With the witnesses put in order.
    #[must_use]
    pub fn witnessed(mut self, mut witnesses: Vec<String>) -> Self {
        witnesses.sort();
        witnesses.dedup();
        self.witnesses = witnesses;
        self
    }

    /// With what comes of which cause. Shares of one cause are put together.
    #[must_use]
    pub fn shared(mut self, mut shares: Vec<Share>) -> Self {
        shares.sort_by(|a, b| a.cause.cmp(&b.cause));
        for share in shares {
            match self.shares.last_mut().filter(|last| last.cause == share.cause) {
                Some(last) => last.join(share),
                None => self.shares.push(share),
            }
        }
        self
    }

    /// The reading as it would be if one cause were the only one; `None` where that has no share in it.
    pub fn of_cause(&self, cause: &Cause) -> Option<Self> {
        let share = self.shares.iter().find(|share| *share.cause == *cause)?;
        let reading = Self::known(share.value.clone(), Origin::Stated(share.place.clone())).witnessed(share.witnesses.clone());
        Some(Self { shares: vec![share.clone()], ..reading })
    }

    /// The place that states it, if any.
    pub fn place(&self) -> Option<&Place> {
        match &self.origin {
            Origin::Stated(place) | Origin::Claimed(place) | Origin::Derived(Some(place)) => Some(place),
            Origin::Default(_) | Origin::Derived(None) => None,
        }
    }

    /// The answer with its witnesses, as kept in the evidence: `service_unscoped (sns.amazonaws.com)`.
    pub fn words(&self) -> Cow<'static, str> {
        let answer = match &self.answer {
            Answer::Known(value) => value.words(),
            Answer::Unresolved(reason) => Cow::Owned(format!("unresolved: {reason}")),
        };
        if self.witnesses.is_empty() { answer } else { Cow::Owned(format!("{answer} ({})", self.witnesses.join(", "))) }
    }
}

/// The texts in order, each once, with other names in them.
fn rename_all(texts: &mut Vec<String>, renamed: &dyn Fn(&str) -> Option<String>) {
    texts.iter_mut().for_each(|text| *text = renamed(text).unwrap_or_else(|| std::mem::take(text)));
    texts.sort();
    texts.dedup();
}

impl Reading {
    fn rename_in_texts(&mut self, renamed: &dyn Fn(&str) -> Option<String>) {
        match &mut self.answer {
            Answer::Known(Value::List(texts)) => rename_all(texts, renamed),
            Answer::Unresolved(reason) => *reason = renamed(reason).unwrap_or_else(|| std::mem::take(reason)),
            Answer::Known(_) => {}
        }
        rename_all(&mut self.witnesses, renamed);
        for share in &mut self.shares {
            share.cause = share.cause.renamed(renamed);
            if let Value::List(texts) = &mut share.value {
                rename_all(texts, renamed);
            }
            rename_all(&mut share.witnesses, renamed);
            rename_all(&mut share.reach, renamed);
        }
        self.shares.sort_by(|a, b| a.cause.cmp(&b.cause));
    }
}

impl Share {
    fn join(&mut self, other: Self) {
        match (&mut self.value, other.value) {
            (Value::Set(words), Value::Set(more)) => {
                words.extend(more);
                words.sort_unstable();
                words.dedup();
            }
            (Value::List(texts), Value::List(more)) => {
                texts.extend(more);
                texts.sort_unstable();
                texts.dedup();
            }
            (Value::Word(_) | Value::Set(_) | Value::Flag(_) | Value::Number(_) | Value::Never | Value::List(_), _) => {}
        }
        self.witnesses.extend(other.witnesses);
        self.reach.extend(other.reach);
        for list in [&mut self.witnesses, &mut self.reach] {
            list.sort();
            list.dedup();
        }
    }
}

/// How many facts most elements have at most.
const USUAL_FACTS: usize = 16;

/// The facts of one element, flow or part: ordered by fact, unique. Readings are shared with what rests on them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts(Vec<(Fact, Arc<Reading>)>);

impl Facts {
    pub fn get(&self, fact: Fact) -> Option<&Arc<Reading>> {
        self.0.binary_search_by_key(&fact, |(known, _)| *known).ok().map(|index| &self.0[index].1)
    }

    /// The known value; `None` where it is unread or unresolved.
    pub fn value(&self, fact: Fact) -> Option<&Value> {
        match &self.get(fact)?.answer {
            Answer::Known(value) => Some(value),
            Answer::Unresolved(_) => None,
        }
    }

    pub fn is(&self, fact: Fact, word: Word) -> bool {
        self.value(fact) == Some(&Value::Word(word))
    }

    /// Takes back a fact: nobody says anything.
    pub fn unset(&mut self, fact: Fact) {
        self.0.retain(|(known, _)| *known != fact);
    }

    /// Sets a fact, over what was there.
    pub fn set(&mut self, fact: Fact, reading: impl Into<Arc<Reading>>) {
        let reading = reading.into();
        if self.0.capacity() == 0 {
            self.0.reserve(USUAL_FACTS);
        }
        match self.0.binary_search_by_key(&fact, |(known, _)| *known) {
            Ok(index) => self.0[index].1 = reading,
            Err(index) => self.0.insert(index, (fact, reading)),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (Fact, &Arc<Reading>)> {
        self.0.iter().map(|(fact, reading)| (*fact, reading))
    }

    /// Names the holders of causes otherwise.
    pub(crate) fn move_holders(&mut self, renamed: &dyn Fn(&str) -> Option<String>) {
        for (_, reading) in self.0.iter_mut().filter(|(_, reading)| !reading.shares.is_empty()) {
            for share in &mut Arc::make_mut(reading).shares {
                share.cause = share.cause.held_by(renamed);
            }
        }
    }

    /// Puts other names into texts, witnesses and causes.
    pub(crate) fn rename_in_texts(&mut self, renamed: &dyn Fn(&str) -> Option<String>) {
        for (_, reading) in &mut self.0 {
            let mut other = Reading::clone(reading);
            other.rename_in_texts(renamed);
            if other != **reading {
                *reading = Arc::new(other);
            }
        }
    }

    /// Leaves out those of which `keep` says no.
    pub fn retain(&mut self, keep: impl Fn(Fact, &Reading) -> bool) {
        self.0.retain(|(fact, reading)| keep(*fact, reading));
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
