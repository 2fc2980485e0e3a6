//! The numbers of the settings: what holds where nothing is said, and what is possible. Schema and checks both take them from here.

use crate::server::MAX_BODY;
use std::ops::RangeInclusive;

pub(super) const MIB: usize = 1024 * 1024;

pub(super) const HEADER_TIMEOUT_MS: u64 = 5_000;
/// GitHub itself hangs up after ten seconds.
pub(super) const BODY_TIMEOUT_MS: u64 = 10_000;
pub(super) const MAX_CONNECTIONS: usize = 1024;
/// GitHub delivers several at a time.
pub(super) const LEAST_CONNECTIONS: usize = 8;
pub(super) const UNSIGNED_MIB: usize = 128;
/// Twice the largest delivery.
pub(super) const LEAST_UNSIGNED_MIB: usize = 2 * MAX_BODY / MIB;
pub(super) const DAYS_OF_PAGES: u64 = 90;
pub(super) const PAGES_DAYS: RangeInclusive<u64> = 1..=3650;
pub(super) const CONCURRENT: usize = 4;
pub(super) const CONCURRENCY: RangeInclusive<usize> = 1..=64;
/// GitHub asks for a second.
pub(super) const WRITE_GAP_MS: u64 = 1_000;
pub(super) const MIB_OF_JUDGEMENT: u64 = 1024;
pub(super) const JUDGEMENT_MIB: RangeInclusive<u64> = 128..=65_536;
pub(super) const SECONDS_OF_JUDGEMENT: u64 = 60;
pub(super) const JUDGEMENT_SECONDS: RangeInclusive<u64> = 1..=3600;
