//! The forge: GitHub's API, spoken to with care.
//!
//! Comes in: what is asked for and what is to be written. Goes out: small values of our own, or a typed error that says whether and when
//! it is worth trying again. Reads are repeated, writes never blindly; waiting is left to the queue.

pub(crate) mod activity;
mod answer;
pub mod app;
mod applied;
pub mod apply;
pub(crate) mod authors;
pub(crate) mod blobs;
pub mod client;
mod commit;
mod deliveries;
pub mod error;
pub mod graph;
mod group;
pub mod history;
mod hunks;
pub mod input;
pub mod issue;
pub mod lane;
mod look;
mod look_up;
mod mechanical;
pub(crate) mod object;
mod own;
pub mod page;
pub mod past;
pub mod permissions;
pub mod proposal;
pub(crate) mod protection;
mod settings;
pub mod shared;
pub mod site;
pub mod snapshot;
pub mod talk;
pub mod token;
pub mod transport;
pub mod tree;
pub mod whole;
pub mod wire;
