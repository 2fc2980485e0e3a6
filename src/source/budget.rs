//! How much work one unit may make, and how many bytes it may become.
//!
//! Comes in: what readers and the catalogue are about to do. Goes out: whether they may. Counts work units and bytes and never time, so that
//! the same text meets the same bound on every machine. Each stage has a bound of its own: what was read is still judged when reading has
//! used up its share. The bounds stand in `docs/limits.md`, with what was measured at each of them.

use bumpalo::Bump;
use std::cell::Cell;

/// Most values that one unit may resolve to, loops, includes and nested stacks expanded.
pub const MAX_VALUES: usize = 1_000_000;
/// Most steps that the making of one model may take: each target of a property, each statement of each holder, each flow is one.
pub const MAX_STEPS: usize = 2_000_000;
/// Most bytes that the values of one unit, and the model made of them, may take.
pub const MAX_BYTES: usize = 128 * 1024 * 1024;
/// Most bytes that the units of one change may take on both sides together; what is changed beyond is not read.
pub const MAX_BYTES_OF_CHANGE: usize = 2 * MAX_BYTES;
/// Most work that they may be, in values and steps.
pub const MAX_WORK_OF_CHANGE: usize = 3 * (MAX_VALUES + MAX_STEPS);

/// What the work is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Values: parsing, variables, functions, loops, nested stacks.
    Read,
    /// The model: elements, flows and facts of what was read.
    Lower,
}

/// What a unit has cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    pub values: usize,
    pub steps: usize,
    pub bytes: usize,
}

impl Spent {
    /// With what another unit has cost.
    pub fn add(&mut self, other: Self) {
        self.values = self.values.saturating_add(other.values);
        self.steps = self.steps.saturating_add(other.steps);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }

    /// Whether a change that has cost so much is not read any further.
    pub fn is_too_much(self) -> bool {
        self.bytes > MAX_BYTES_OF_CHANGE || self.values.saturating_add(self.steps) > MAX_WORK_OF_CHANGE
    }
}

/// The counters of one unit.
#[derive(Debug, Default)]
pub struct Budget<'t> {
    arena: Option<&'t Bump>,
    values: Cell<usize>,
    steps: Cell<usize>,
    /// Of the model; those of the arena are the arena's own.
    bytes: Cell<usize>,
    is_read_spent: Cell<bool>,
    is_lowered_spent: Cell<bool>,
    is_cut: Cell<bool>,
}

impl<'t> Budget<'t> {
    /// Counts the bytes of an arena too.
    pub(super) fn with_arena(arena: &'t Bump) -> Self {
        Self { arena: Some(arena), ..Self::default() }
    }

    /// Counts work and bytes. Why nothing more may be done, where this is the first time that it may not.
    pub(super) fn spend(&self, stage: Stage, units: usize, bytes: usize) -> Option<String> {
        if self.is_spent(stage) {
            return None;
        }
        let counter = self.counter(stage);
        let before = (counter.get(), self.bytes.get());
        counter.set(before.0.saturating_add(units));
        self.bytes.set(before.1.saturating_add(bytes));
        let why = self.exceeded(stage)?;
        // What may not be done has cost nothing.
        counter.set(before.0);
        self.bytes.set(before.1);
        self.spent_flag(stage).set(true);
        self.is_cut.set(true);
        Some(why)
    }

    /// Says that something of the unit is left out for another reason than its work.
    pub(super) fn cut(&self) {
        self.is_cut.set(true);
    }

    /// Whether a part of the unit was not read that may hold anything.
    pub fn is_cut(&self) -> bool {
        self.is_cut.get()
    }

    /// Whether a stage has used up its share.
    pub fn is_spent(&self, stage: Stage) -> bool {
        self.spent_flag(stage).get()
    }

    /// How many units a stage may still spend.
    pub fn left(&self, stage: Stage) -> usize {
        let most = match stage {
            Stage::Read => MAX_VALUES,
            Stage::Lower => MAX_STEPS,
        };
        most.saturating_sub(self.counter(stage).get())
    }

    pub fn spent(&self) -> Spent {
        Spent { values: self.values.get(), steps: self.steps.get(), bytes: self.total_bytes() }
    }

    fn exceeded(&self, stage: Stage) -> Option<String> {
        let megabytes = MAX_BYTES / (1024 * 1024);
        match stage {
            _ if self.total_bytes() > MAX_BYTES => Some(format!("the unit grows past {megabytes} MB, the rest is not read")),
            Stage::Read if self.values.get() > MAX_VALUES => {
                Some(format!("the unit grows past {MAX_VALUES} values (loops, joins or nested stacks), the rest is not read"))
            }
            Stage::Lower if self.steps.get() > MAX_STEPS => {
                Some(format!("the resources are connected in more than {MAX_STEPS} steps, the rest is not read"))
            }
            Stage::Read | Stage::Lower => None,
        }
    }

    fn total_bytes(&self) -> usize {
        self.bytes.get().saturating_add(self.arena.map_or(0, Bump::allocated_bytes))
    }

    fn counter(&self, stage: Stage) -> &Cell<usize> {
        match stage {
            Stage::Read => &self.values,
            Stage::Lower => &self.steps,
        }
    }

    fn spent_flag(&self, stage: Stage) -> &Cell<bool> {
        match stage {
            Stage::Read => &self.is_read_spent,
            Stage::Lower => &self.is_lowered_spent,
        }
    }
}
