//! What a resource states that nothing here weighs: no fact, flow or part is made of it.
//!
//! Comes in: what the catalogue leaves over. Goes out: values by which two sides of a change are compared.

use crate::model::ElementId;
use crate::model::limit::Way;
use crate::source::{Place, RepoPath};

/// The digest of what names a resource of its own unit, which is weighed: only that it names something elsewhere now is of interest.
pub const HERE: &str = "here";
/// The digest of a switch that is on its safe side: only that it is so no longer is of interest.
pub const SAFE: &str = "safe";
/// The digest of what stands where there is nothing yet that another value could be held against.
pub const NOTHING: &str = "nothing";
/// How the digest begins of one of several that open something each: only one that was not there before is of interest.
pub const ONE_OF: &str = "one of ";
/// How the digest begins of what nobody guards: that something guarded it is of interest, as a guard that is gone.
pub const BARE: &str = "bare ";

/// What the path of an argument of a module begins with that was not read.
pub const ARGUMENT: &str = "argument ";

/// The path of where a module comes from that was not read: each call of such a one has it.
pub const SOURCE: &str = "argument source";

/// What the path begins with of an argument that says to whom or to what a policy, a rule or a permission is given.
pub const TARGET: &str = "given to ";

/// The path of a part that a guard has which hangs on no condition, and of that of one which does.
pub const IN_EVERY_CASE: &str = "in every case";
pub const IN_SOME_CASES: &str = "in some cases";

/// What it is that nothing weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A property that no fact, flow or part is made of.
    Property,
    /// The same, called after being open to everybody: of something new it is of interest, too.
    Opening,
    /// A property that is weighed by whether it is there, or by what of this unit it names: only another value of it is of interest.
    Value,
    /// A whole resource of an unknown type.
    UnknownType,
    /// A whole resource of a type that makes nothing in the model.
    Silent,
    /// What decides how the unit is deployed and is no resource: a provider, a program that runs.
    Deployment,
    /// A resource that guards others as a whole, or a property or statement that does: only that it goes is of interest.
    Guard,
    /// One of the things by which a guard or a trigger works: that it goes while the resource stays is of interest.
    Part,
    /// A resource that starts something when something else happens, and guards nothing: that it goes while what it starts stays is of interest.
    Trigger,
    /// One of several ways by which something is let through: that it lets through more than each of those before it did is of interest, where there
    /// were any.
    Way,
    /// What decides by coming: that it comes to a resource that was there, or is another one, is of interest, and not that it goes.
    Arrival,
}

impl Kind {
    /// Whether it is a part of a resource, and not the whole.
    pub fn is_property(self) -> bool {
        matches!(self, Self::Property | Self::Opening | Self::Value | Self::Way | Self::Arrival)
    }

    /// Whether it guards, as a whole or by one of its parts.
    pub fn guards(self) -> bool {
        matches!(self, Self::Guard | Self::Part)
    }
}

/// Something that nothing weighs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unweighed {
    /// Unit and address of the resource.
    pub id: ElementId,
    pub unit: RepoPath,
    pub kind: Kind,
    /// Names joined by dots, those of lists without positions; of ways and arrivals what they are told as. Empty where it is the whole resource.
    pub path: String,
    /// The type as the template states it.
    pub declared: String,
    /// Equal where the value is.
    pub digest: String,
    /// The elements that a guard or trigger works for: what goes together with all of them is not taken away. Empty where it works for none here.
    pub works_for: Vec<ElementId>,
    /// What a way lets through, and what holds it back; `None` for everything else.
    pub way: Option<Way>,
    pub place: Place,
}
