//! Words of a file with the lines that they stand in, and what is wrong in which line.
//!
//! Comes in: what the reader of YAML found. Goes out: values that a message can point at. This file is also compiled into `build.rs`.

use crate::model::meant;
use serde::de::DeserializeOwned;
use serde_saphyr::{Error, Spanned};

/// A word of a file, and its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lined {
    pub line: u32,
    pub text: String,
}

impl Lined {
    pub fn of(spanned: Spanned<String>) -> Self {
        Self { line: line(&spanned), text: spanned.value }
    }
}

/// Something of a file, and the line that it begins in. What says the same is equal, wherever it stands.
#[derive(Clone, Debug)]
pub struct At<T> {
    pub line: u32,
    pub value: T,
}

impl<T: PartialEq> PartialEq for At<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

/// What is wrong with a file, and in which line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    pub line: u32,
    pub message: String,
}

impl Mistake {
    pub fn at(line: u32, message: impl Into<String>) -> Self {
        Self { line, message: message.into() }
    }

    /// What the reader of YAML says, with the word that was probably meant.
    pub fn of(error: &Error) -> Self {
        Self::offering(error, &|_| true)
    }

    /// As that, where not every word that the reader knows is possible.
    pub fn offering(error: &Error, offers: &dyn Fn(&str) -> bool) -> Self {
        let line = error.location().map_or(1, |location| u32::try_from(location.line()).unwrap_or(1));
        Self::at(line.max(1), meant::offering(&error.to_string(), &[], offers))
    }
}

/// Reads a file of YAML.
///
/// The reader keeps the lines around each value to quote them in an error, which takes as long as the reading itself: so they are asked for only where
/// something is wrong.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn read_yaml<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    let without_lines = serde_saphyr::options! { with_snippet: false };
    serde_saphyr::from_str_with_options(text, without_lines).or_else(|_| serde_saphyr::from_str(text))
}

/// The line that a value stands in.
pub fn line<T>(spanned: &Spanned<T>) -> u32 {
    u32::try_from(spanned.referenced.line()).unwrap_or(1).max(1)
}
