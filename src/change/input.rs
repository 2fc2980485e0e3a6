//! Input that is not in git and that the repository's own CI makes, as far as it has come.
//!
//! The files themselves stand in the trees of the sides, as if they were committed. What is here says whether they do.

use crate::change::ObjectId;

/// What has become of the input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Input {
    /// Nobody has looked for it yet.
    Unasked,
    /// It stands in the trees, or whoever judges has put there what there is: on the command line people do.
    #[default]
    There,
    /// It is not there for one side or for both; never empty. Neither tree has any of it then.
    Missing(Vec<Missing>),
}

/// Why the input of one commit is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The commit that it has to be of: the merge base or the head.
    pub of: ObjectId,
    /// What is so, to be read after the commit: "has no run of the workflow yet". Foreign text may be in it.
    pub what: String,
    /// What people do about it.
    pub way_out: String,
    /// Whether it comes by itself, if all goes well.
    pub is_pending: bool,
}
