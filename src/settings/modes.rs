//! The words of settings that choose one of a few ways.

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// The App's check is always green, and its title says what is open: so it is until a settings file asks for more.
    Advise,
    /// The App's check is red until everything that blocks is answered.
    Enforce,
}

/// How often something is written at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cadence {
    Never,
    Daily,
    Weekly,
}

impl Cadence {
    /// As settings spell it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
        }
    }

    /// The days from one edition to the next; `None` where there is none.
    pub fn days(self) -> Option<i64> {
        match self {
            Self::Never => None,
            Self::Daily => Some(1),
            Self::Weekly => Some(7),
        }
    }
}

/// What becomes of changed files of formats that are not judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unread {
    /// They are named, and hold nobody up.
    Note,
    /// Each of them must be accepted by somebody who may.
    Fail,
}
