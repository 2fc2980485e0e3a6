//! Which formats there are, which of them claims a file, and how a unit is read into a model.
//!
//! Comes in: the files of one side. Goes out: the model of one unit, the files it was read from, and what must be fetched first.
//! Infrastructure formats end at neutral resources, which the catalogue lowers; threat-model files read straight into a model.

mod stride_words;
mod threat_composer;
mod threat_dragon;

use crate::model::Model;
use crate::source::{Files, RepoPath, Sources};
use bumpalo::Bump;
use std::collections::BTreeSet;

/// A format that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// CloudFormation, with or without the SAM transform.
    CloudFormation,
    ThreatDragon,
    ThreatComposer,
}

/// What a file is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The entry file of a unit.
    Unit(Format),
    /// A format that describes architecture or threats and that is not judged yet, by its name.
    NotJudged(&'static str),
    /// Nothing of ours.
    Nothing,
}

/// A unit as far as it could be read.
#[derive(Debug)]
pub struct Reading {
    pub model: Model,
    /// Every file that was opened, entry first.
    pub files: Vec<RepoPath>,
    /// Files that must be fetched before the unit can be read whole; the model is not to be used while there are any.
    pub needs: BTreeSet<RepoPath>,
    /// The entry file is not valid in its syntax: nothing of it was read, `model.notes` say why.
    pub unreadable: bool,
}
