//! What keeps data, and what decides whether they outlive a change.
//!
//! Comes in: what the catalogue read of one resource. Goes out: values that both sides of a change are compared by.
//! Never says whether something is lost: `delta` does.

use crate::model::ElementId;
use crate::model::formula::Formula;
use crate::source::{Place, RepoPath};

/// A resource that keeps data, or without which data can no longer be read or are no longer recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Holding {
    /// Unit and address of the resource, which need not be an element: a key is part of whoever uses it.
    pub id: ElementId,
    pub unit: RepoPath,
    /// The type as the template states it.
    pub declared: String,
    /// What people call it.
    pub name: String,
    /// What people call one: `table`.
    pub noun: &'static str,
    pub keeps: Keeps,
    pub place: Place,
    /// What it works for, as written, with the resource where that is one: of a subscription filter the log group.
    pub serves: Vec<(String, Option<ElementId>)>,
    /// In the order of the entry.
    pub fixed: Vec<Fixed>,
    /// Ordered by what is kept; unique by it.
    pub retained: Vec<Retained>,
    /// Things may be kept for less time than `retained` says.
    pub hides_retention: bool,
    /// What becomes of the data when the resource is deleted.
    pub deleted: Fate,
    /// The same without a protection that goes with the resource itself; `None` where there is no such protection.
    pub behind: Option<Fate>,
    /// What becomes of them when another resource takes its place; `None` where nobody says so.
    pub replaced: Option<Fate>,
    /// Where it is switched off, so that nobody reads what is in it or behind it.
    pub off: Option<Place>,
    /// When the resource is made at all.
    pub made_when: Formula,
}

/// What is destroyed, whether or not anything of the unit says that it was there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destroyed {
    pub id: ElementId,
    /// What people call one.
    pub noun: &'static str,
    pub keeps: Keeps,
}

/// What is lost with a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Keeps {
    Data,
    /// Who did what: whoever investigates needs it.
    Records,
    /// What everything else is restored from.
    Backups,
    /// Not the data, but what they are read with.
    Key,
    /// Nothing itself: it records who does what.
    Audit,
    /// Nothing itself: it passes logs on.
    Shipping,
}

/// What becomes of data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    Deleted,
    Snapshot,
    Kept,
    /// Depends on what nobody can tell here.
    Unresolved,
}

/// A property that the provider sets once: to change it, it makes another resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fixed {
    pub property: &'static str,
    /// What it is where it is left out, as far as that is known.
    pub default: Option<&'static str>,
    /// Values of which the provider changes one into another in place.
    pub alike: &'static [&'static [&'static str]],
    pub branches: Vec<Branch>,
    /// Where it stands; the resource where it is left out.
    pub place: Place,
}

/// A value, and what must be so for it to hold: nothing where there is only one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Branch {
    pub when: String,
    pub value: Setting,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    Absent,
    /// With what is symbolic written `${…}`, and lists and maps in an order of their own.
    Known(String),
    Unresolved,
}

/// For how long something is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retained {
    /// `backups`, `objects`, `objects under tmp/`.
    pub what: String,
    /// What holds where nothing else is said of this: of `objects under tmp/` the `objects`. Empty where there is nothing of the kind.
    pub within: &'static str,
    /// Where nothing was said of it before, it begins now, and shortens nothing.
    pub begins: bool,
    /// In seconds; `None` for ever.
    pub seconds: Option<i64>,
    pub place: Place,
}

impl Keeps {
    /// Whether an investigation or a restoration depends on it.
    pub fn is_record(self) -> bool {
        match self {
            Self::Records | Self::Backups => true,
            Self::Data | Self::Key | Self::Audit | Self::Shipping => false,
        }
    }

    /// Whether it keeps something, rather than being what something is read or recorded with.
    pub fn is_store(self) -> bool {
        match self {
            Self::Data | Self::Records | Self::Backups => true,
            Self::Key | Self::Audit | Self::Shipping => false,
        }
    }
}
