//! What is to be told to the outgoing webhook, from the moment it is known until it is told or given up.
//!
//! Comes in: notices, of which those that were here before are no news. Goes out: deliveries, each a group of notices of one event on one pull
//! request. A delivery has its id before it is first tried and keeps it, so that the receiver can tell what it has had before.

use super::database::{Row, sql};
use super::due::json;
use super::job::millis;
use super::{Store, StoreError, signed, unsigned};
use crate::clock::Millis;
use crate::report::notice::Notice;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// Most notices that may wait: a receiver that is gone must not fill the store.
const MAX_WAITING: i64 = 10_000;
/// Most notices of one delivery.
const MAX_TOGETHER: i64 = 100;
/// Told notices are remembered for half a year, so that they are not told again.
const KEEP: Millis = 180 * 86_400_000;

#[derive(Serialize)]
struct NoticeRow<'n> {
    key: &'n str,
    event: &'static str,
    pull: i64,
    place: &'n str,
    item: &'n str,
    line: &'n str,
}

#[derive(Serialize)]
struct KeyRow<'k> {
    key: &'k str,
}

/// Notices that are told together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub id: String,
    pub event: String,
    pub repository: u64,
    /// Repository and pull request, as JSON.
    pub place: String,
    /// In order of their keys: each as JSON, and for people.
    pub items: Vec<(String, String)>,
    /// When the first of them was known.
    pub at: Millis,
    /// 1 for the first attempt.
    pub attempts: i64,
}

const ADD: &str = "
INSERT INTO notice (repository, key, event, pull, place, item, line, at, due)
SELECT $2, each.value->>'key', each.value->>'event', CAST(each.value->>'pull' AS BIGINT), each.value->>'place', each.value->>'item',
       each.value->>'line', $3, $3
FROM {each} WHERE (SELECT count(*) FROM notice WHERE state = 0) < $4 ORDER BY 2 ON CONFLICT DO NOTHING";
const UNGROUPED: &str = "
SELECT repository, event, pull FROM notice WHERE state = 0 AND delivery = '' ORDER BY at, repository, key LIMIT 1";
const TOGETHER: &str = "
SELECT key FROM notice WHERE repository = $1 AND event = $2 AND pull = $3 AND state = 0 AND delivery = '' ORDER BY key LIMIT $4";
const GROUP: &str = "
UPDATE notice SET delivery = $3, due = $4 WHERE repository = $2 AND state = 0 AND delivery = ''
AND key IN (SELECT each.value->>'key' FROM {each})";
const CLAIM: &str = "
UPDATE notice SET due = $2, attempts = attempts + 1 WHERE state = 0 AND due <= $1 AND delivery = (
    SELECT delivery FROM notice WHERE state = 0 AND delivery <> '' AND due <= $1 ORDER BY due, delivery LIMIT 1)
RETURNING delivery, event, repository, place, item, line, at, attempts, key";
const END: &str = "UPDATE notice SET state = $2, due = $3 WHERE delivery = $1 AND state = 0";

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    Yes,
    /// To be tried again, not before that time.
    Again(Millis),
    /// Not to be tried again.
    Never,
}

impl Store {
    /// Adds what was not told before. Gives how many of them are news.
    ///
    /// # Errors
    /// What the store says; then none of them is added.
    pub async fn add_notices(&self, repository: u64, notices: &[Notice]) -> Result<u64, StoreError> {
        if notices.is_empty() {
            return Ok(0);
        }
        let rows: Vec<NoticeRow<'_>> = notices.iter().map(row).collect();
        let query = sql(ADD).bind(json(&rows)).bind(signed(repository)).bind(self.clock.now()).bind(MAX_WAITING);
        query.run(&self.database).await
    }

    /// Takes the delivery that has been due longest, for so long; what waits in no delivery yet is put into one first.
    ///
    /// # Errors
    /// What the store says.
    pub async fn claim_delivery(&self, lease: Duration) -> Result<Option<Delivery>, StoreError> {
        self.group().await?;
        let now = self.clock.now();
        let rows = sql(CLAIM).bind(now).bind(now.saturating_add(millis(lease))).rows(&self.database).await?;
        Ok(read(&rows))
    }

    /// Ends an attempt.
    ///
    /// # Errors
    /// What the store says; the delivery is then tried again, under the same id.
    pub async fn end_delivery(&self, id: &str, told: Told) -> Result<(), StoreError> {
        let now = self.clock.now();
        let (state, due) = match told {
            Told::Yes => (1_i64, now),
            Told::Again(at) => (0, at),
            Told::Never => (2, now),
        };
        sql(END).bind(id).bind(state).bind(due).run(&self.database).await?;
        Ok(())
    }

    /// How many notices wait.
    ///
    /// # Errors
    /// What the store says.
    pub async fn waiting_notices(&self) -> Result<i64, StoreError> {
        let row = sql("SELECT count(*) FROM notice WHERE state = 0").read_row(&self.database).await?;
        Ok(row.map_or(0, |row| row.get(0)))
    }

    /// Forgets what was told long ago.
    ///
    /// # Errors
    /// What the store says.
    pub async fn forget_notices(&self) -> Result<(), StoreError> {
        let since = self.clock.now().saturating_sub(KEEP);
        sql("DELETE FROM notice WHERE state <> 0 AND at < $1").bind(since).run(&self.database).await?;
        Ok(())
    }

    /// Puts what waits longest into a delivery, with what belongs to it.
    async fn group(&self) -> Result<(), StoreError> {
        let Some(first) = sql(UNGROUPED).read_row(&self.database).await? else { return Ok(()) };
        let (repository, event, pull): (i64, String, i64) = (first.get(0), first.get(1), first.get(2));
        let query = sql(TOGETHER).bind(repository).bind(&event).bind(pull).bind(MAX_TOGETHER);
        let keys: Vec<String> = query.read_rows(&self.database).await?.iter().map(|row| row.get(0)).collect();
        let rows: Vec<KeyRow<'_>> = keys.iter().map(|key| KeyRow { key }).collect();
        let query = sql(GROUP).bind(json(&rows)).bind(repository).bind(id_of(repository, &event, &keys)).bind(self.clock.now());
        query.run(&self.database).await?;
        Ok(())
    }
}

fn row(notice: &Notice) -> NoticeRow<'_> {
    NoticeRow {
        key: &notice.key,
        event: notice.event.word(),
        pull: signed(notice.pull),
        place: &notice.place,
        item: &notice.item,
        line: &notice.line,
    }
}

/// The id of what is told together: the same things have the same.
fn id_of(repository: i64, event: &str, keys: &[String]) -> String {
    let digest = Sha256::digest(format!("{repository} {event} {}", keys.join(" ")));
    digest[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read(rows: &[Row]) -> Option<Delivery> {
    let first = rows.first()?;
    let mut items: Vec<(String, String, String)> = rows.iter().map(|row| (row.get("key"), row.get("item"), row.get("line"))).collect();
    items.sort();
    Some(Delivery {
        id: first.get("delivery"),
        event: first.get("event"),
        repository: unsigned(first.get("repository")),
        place: first.get("place"),
        items: items.into_iter().map(|(_, item, line)| (item, line)).collect(),
        at: rows.iter().map(|row| row.get::<i64>("at")).min().unwrap_or_default(),
        attempts: rows.iter().map(|row| row.get::<i64>("attempts")).max().unwrap_or_default(),
    })
}
