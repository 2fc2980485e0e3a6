//! A GitHub to try Astride on without GitHub: real git objects in memory behind GitHub's API, with people to act and faults to plan.
//!
//! Used by `astride sandbox` and by the tests. Nothing of the service depends on it.

pub mod difference;
pub mod github;
pub mod history;
pub mod import;
pub mod objects;
pub mod stage;
