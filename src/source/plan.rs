//! What a tool planned for a unit, as it was handed over: what it will have made, without what is secret.
//!
//! Comes in: from the reader of a notation, which leaves out what must not be shown. Goes out: to whoever reads the unit. A plan is no file of a
//! side: it is of whoever ran the tool, and nothing that lies in the tree stands for one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// The plans of a side, by the path of the unit that each is of.
pub type Plans = BTreeMap<super::RepoPath, Arc<Plan>>;

/// A plan of one unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// It is of the other side: what nothing gives a value here has the one that it has there.
    pub is_borrowed: bool,
    /// Values of what the unit leaves to its deployer, by name.
    pub variables: BTreeMap<Arc<str>, Planned>,
    /// What will be there, by address, each a map.
    pub made: BTreeMap<Arc<str>, Planned>,
    /// What the provider answered when it was asked, by address, each a map.
    pub answers: BTreeMap<Arc<str>, Planned>,
    /// What will be destroyed and made anew, by address; with the names of the properties that need it, where the plan says so.
    pub replaced: BTreeMap<Arc<str>, BTreeSet<Arc<str>>>,
    /// What will be destroyed and nothing made in its place: the type by the address.
    pub destroyed: BTreeMap<Arc<str>, Arc<str>>,
}

/// A value of a plan.
#[derive(Clone, PartialEq, Eq)]
pub enum Planned {
    Null,
    Bool(bool),
    /// In decimal.
    Number(Arc<str>),
    Text(Arc<str>),
    List(Vec<Self>),
    Map(BTreeMap<Arc<str>, Self>),
    /// Nobody knows it before it is there.
    Later,
    /// It is known, and a secret or may be one: it never left the reader.
    Hidden,
}

impl Planned {
    /// The value under a name; of what is no map none.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => entries.get(name),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::List(_) | Self::Later | Self::Hidden => None,
        }
    }

    /// Whether it says as much as a value that is left out: null, nothing, zero or no.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Bool(is_on) => !is_on,
            Self::Number(number) => &**number == "0",
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Map(entries) => entries.is_empty(),
            Self::Later | Self::Hidden => false,
        }
    }
}

/// The shape alone: what is not marked as a secret may be one all the same.
impl fmt::Debug for Planned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Number(_) => "number",
            Self::Text(_) => "text",
            Self::List(_) => "list",
            Self::Map(_) => "map",
            Self::Later => "later",
            Self::Hidden => "hidden",
        })
    }
}
