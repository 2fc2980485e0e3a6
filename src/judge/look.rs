//! What a path is on one side of the change.
//!
//! Comes in: a path, the tree, the settings. Goes out: the unit that it is the entry of, or why nothing of it is read.
//! What must be fetched first is added to a list of needs. Says nothing about what follows from it: that takes both sides.

use crate::catalog::claims::Claims;
use crate::change::{Change, Readings, TreeView};
use crate::formats::{Claim, Reading};
use crate::settings::Settings;
use crate::source::budget::Spent;
use crate::source::{FileState, Files, Note, RepoPath};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What was found at a path.
#[derive(Debug)]
pub(super) enum Seen {
    /// No file, or none that was fetched yet.
    Missing,
    /// The entry of a unit, as far as it could be read.
    Unit(Arc<Reading>),
    /// A format that is not judged yet, by its name.
    NotJudged(&'static str),
    /// The content cannot be seen, for this reason.
    Hidden(String),
    /// No tree of keys and values: where and why.
    Unparsed { note: Option<Note>, looks_like_unit: bool },
    /// Nothing of ours.
    Nothing,
}

impl Seen {
    pub(super) fn is_unit(&self) -> bool {
        matches!(self, Self::Unit(_))
    }

    /// What reading it took.
    pub(super) fn spent(&self) -> Spent {
        match self {
            Self::Unit(unit) => unit.spent,
            Self::Missing | Self::NotJudged(_) | Self::Hidden(_) | Self::Unparsed { .. } | Self::Nothing => Spent::default(),
        }
    }
}

/// Looks at a path.
pub(super) fn look(view: &TreeView<'_>, path: &RepoPath, settings: &Settings, readings: &Readings, needs: &mut BTreeSet<RepoPath>) -> Seen {
    let state = view.state(path);
    match state {
        FileState::Absent => Seen::Missing,
        FileState::NotFetched(missing) => {
            needs.insert(missing);
            Seen::Missing
        }
        FileState::TooLarge(_) | FileState::LfsPointer | FileState::Encrypted | FileState::Submodule | FileState::BrokenLink(_) => {
            Seen::Hidden(state.hidden().unwrap_or_default())
        }
        FileState::Text(_) | FileState::Undecodable { .. } => {
            let read = readings.read(path, view, claims_of(settings));
            needs.extend(read.needs);
            seen(read.reading)
        }
    }
}

/// What is stated of a unit elsewhere, in the settings, and what the organisation has of its own: facts that may be stated in it, and types.
pub(super) fn claims_of(settings: &Settings) -> Claims {
    let own = &settings.own;
    Claims {
        statements: settings.facts.clone(),
        own: own.facts().to_vec(),
        types: own.types(),
        own_accounts: settings.own_accounts.clone(),
        ..Claims::default()
    }
}

fn seen(reading: Arc<Reading>) -> Seen {
    let unreadable = || reading.model.notes.iter().find(|note| note.kind.hides()).cloned();
    match reading.claim {
        Claim::Unit(_) => Seen::Unit(reading),
        Claim::NotJudged(format) => Seen::NotJudged(format),
        Claim::Unreadable => Seen::Unparsed { note: unreadable(), looks_like_unit: true },
        Claim::Nothing => match unreadable() {
            Some(note) => Seen::Unparsed { note: Some(note), looks_like_unit: false },
            None => Seen::Nothing,
        },
    }
}

/// Whether the Serverless Framework made a file of a service that stays: that it is kept no more deletes nothing.
pub(super) fn is_output_of_service(change: &Change, path: &RepoPath) -> bool {
    let Some(folder) = path.folder().strip_suffix(".serverless").map(|folder| folder.trim_end_matches('/')) else { return false };
    let is_source = |other: &RepoPath| other.folder() == folder && other.file_name().starts_with("serverless.");
    change.head.listing.keys().any(is_source)
}
