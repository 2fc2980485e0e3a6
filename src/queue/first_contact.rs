//! What of the first contact with each repository is done, so that it is not begun again at every sweep.

use super::database::sql;
use super::{Store, StoreError, signed};
use std::collections::BTreeSet;

/// One thing that is done once in each repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The check on the default branch's head.
    Check,
    /// The pull request that proposes a settings file, or the decision that there is none.
    Settings,
}

impl Step {
    pub const ALL: [Self; 2] = [Self::Check, Self::Settings];

    /// In the store and in the log.
    pub fn word(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Settings => "settings",
        }
    }
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    Done,
    /// It is to be done when something to judge was seen.
    NothingToJudge,
}

const NOTE_STEP: &str = "
INSERT INTO first_contact (repository, step, waits) VALUES ($1, $2, $3)
ON CONFLICT (repository, step) DO UPDATE SET waits = excluded.waits";

impl Store {
    /// The steps that are done in a repository.
    ///
    /// # Errors
    /// What the store says.
    pub async fn steps_done(&self, repository: u64) -> Result<BTreeSet<Step>, StoreError> {
        let query = sql("SELECT step FROM first_contact WHERE repository = $1").bind(signed(repository));
        let rows = query.read_rows(&self.database).await?;
        let words: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
        Ok(Step::ALL.into_iter().filter(|step| words.contains(step.word())).collect())
    }

    /// Notes how a step ended.
    ///
    /// # Errors
    /// What the store says; the step is then repeated, which is harmless.
    pub async fn note_step(&self, repository: u64, step: Step, note: Note) -> Result<(), StoreError> {
        let query = sql(NOTE_STEP);
        query.bind(signed(repository)).bind(step.word()).bind(note == Note::NothingToJudge).run(&self.database).await?;
        Ok(())
    }

    /// Notes that there is something to judge in a repository: the next sweep takes up what waited for it.
    ///
    /// # Errors
    /// What the store says.
    pub async fn note_something_to_judge(&self, repository: u64) -> Result<(), StoreError> {
        let query = sql("DELETE FROM first_contact WHERE repository = $1 AND waits = 1");
        query.bind(signed(repository)).run(&self.database).await?;
        Ok(())
    }
}
