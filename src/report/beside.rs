//! What is told beside the threats and waits for nobody: states that two roots share, and ways into clusters in files that nobody judges.
//!
//! Comes in: a report. Goes out: the notes on it, in order of the places.

use crate::report::Report;
use crate::source::{Note, NoteKind};

impl Report {
    /// Roots that keep their state where another one does since the change.
    pub fn shared_states(&self) -> impl Iterator<Item = &Note> {
        self.notes.iter().filter(|note| note.kind == NoteKind::SharedState)
    }

    /// Lines of files that are not judged which ask for a load balancer that faces the internet, and are new.
    pub fn public_entries(&self) -> impl Iterator<Item = &Note> {
        self.notes.iter().filter(|note| note.kind == NoteKind::PublicEntry)
    }
}
