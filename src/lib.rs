//! Astride: git-native threat-model review.
//!
//! The product is two pure functions: [`judge`] says what is to be said about a change, [`plan`] what must be written so that the
//! page says it. Everything else feeds them or carries out what they ask for. `ARCHITECTURE.md` has the map.

pub mod capability;
pub mod catalog;
pub mod change;
pub mod cli;
pub mod clock;
pub mod command;
pub mod decisions;
pub mod delta;
pub mod dialects;
pub mod doctor;
pub mod forge;
pub mod formats;
pub mod judge;
pub mod ledger;
pub mod metrics;
pub mod model;
pub mod outage;
pub mod plan;
pub mod queue;
pub mod report;
pub mod sandbox;
pub mod serve;
pub mod server;
pub mod settings;
pub mod setup;
pub mod source;
pub mod stride;
pub mod syntax;
pub mod worker;

/// The edition of rules and catalogue, shown under every comment.
pub const CATALOGUE_VERSION: &str = "2026.11";
