//! What has become due, on its way into the queue.

use super::database::without_nul;
use super::job::{RepositoryKey, Subject};
use super::signed;
use crate::change::ObjectId;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// Something that has become due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    pub repository: RepositoryKey,
    pub subject: Subject,
    /// The head that the event told of, and when the forge says that was (seconds since 1970).
    pub head: Option<(ObjectId, i64)>,
    /// The base's commit of a merge group; of a push to the ledger, where the branch was before.
    pub base: Option<ObjectId>,
}

/// A row of the JSON array that a group of events is inserted from.
#[derive(Serialize)]
pub(super) struct DueRow<'d> {
    repository: i64,
    subject: String,
    installation: i64,
    owner: &'d str,
    name: &'d str,
    head: Option<String>,
    head_at: i64,
    base: Option<String>,
    priority: i64,
    /// Its place in the group.
    place: usize,
}

/// One row for each repository and subject: PostgreSQL writes none twice in one statement. As if they came one after the other, the newest head
/// stands, of pushes to the ledger where the first began, and of the rest what came last.
pub(super) fn rows<'d>(due: impl IntoIterator<Item = &'d Due>) -> Vec<DueRow<'d>> {
    let mut rows: BTreeMap<(u64, &Subject), DueRow<'d>> = BTreeMap::new();
    for due in due {
        let place = rows.len();
        let key = (due.repository.id, &due.subject);
        let next = row(due, place);
        let merged = match rows.remove(&key) {
            None => next,
            Some(before) => {
                let is_newer = next.head.is_some() && next.head_at >= before.head_at;
                let (head, head_at) = if is_newer { (next.head, next.head_at) } else { (before.head, before.head_at) };
                // Of several pushes, where the first of them began.
                let (first, second) = if *key.1 == Subject::Open { (before.base, next.base) } else { (next.base, before.base) };
                DueRow { head, head_at, base: first.or(second), place: before.place, ..next }
            }
        };
        rows.insert(key, merged);
    }
    rows.into_values().collect()
}

fn row(due: &Due, place: usize) -> DueRow<'_> {
    DueRow {
        repository: signed(due.repository.id),
        subject: due.subject.to_string(),
        installation: signed(due.repository.installation),
        owner: &due.repository.owner,
        name: &due.repository.name,
        head: due.head.map(|(head, _)| head.to_string()),
        head_at: due.head.map_or(0, |(_, at)| at),
        base: due.base.map(|base| base.to_string()),
        priority: due.subject.priority(),
        place,
    }
}

/// $1 the rows as JSON, $2 when the first is due, $3 milliseconds from one to the next. Attempts are counted until a run ends well, is given up, or
/// another head comes: without that, what is due again and again for the same reason would never be given up. In one order everywhere, so that
/// replicas do not wait for each other in a circle.
pub(super) const ENQUEUE: &str = "
INSERT INTO job (repository, subject, installation, owner, name, head, head_at, base, priority, run_at,
                 state, generation, taken, token, attempts, superseded, lease_until)
SELECT CAST(each.value->>'repository' AS BIGINT), each.value->>'subject', CAST(each.value->>'installation' AS BIGINT), each.value->>'owner',
       each.value->>'name', each.value->>'head', CAST(each.value->>'head_at' AS BIGINT), each.value->>'base',
       CAST(each.value->>'priority' AS BIGINT), $2 + $3 * CAST(each.value->>'place' AS BIGINT), 0, 1, 0, 0, 0, 0, 0
FROM {each} WHERE true ORDER BY 1, 2
ON CONFLICT (repository, subject) DO UPDATE SET
    installation = excluded.installation,
    owner = excluded.owner,
    name = excluded.name,
    head = CASE WHEN excluded.head IS NOT NULL AND excluded.head_at >= job.head_at THEN excluded.head ELSE job.head END,
    head_at = CASE WHEN excluded.head_at > job.head_at THEN excluded.head_at ELSE job.head_at END,
    base = CASE
        WHEN job.subject = 'open' AND job.state IN (0, 1) THEN coalesce(job.base, excluded.base)
        ELSE coalesce(excluded.base, job.base) END,
    generation = job.generation + 1,
    attempts = CASE
        WHEN job.state IN (2, 3) THEN 0
        WHEN excluded.head IS NOT NULL AND excluded.head IS DISTINCT FROM job.head AND excluded.head_at >= job.head_at THEN 0
        ELSE job.attempts END,
    run_at = CASE WHEN job.state = 0 AND job.run_at < excluded.run_at THEN job.run_at ELSE excluded.run_at END,
    error = NULL,
    state = CASE WHEN job.state = 1 THEN 1 ELSE 0 END";

/// Rows as a JSON array, which the database takes apart: one statement for a group of events, whatever its size.
pub(super) fn json<R: Serialize>(rows: &[R]) -> String {
    let mut rows = serde_json::to_value(rows).expect("rows are plain structs of numbers and strings");
    let fields = rows.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut).flat_map(|row| row.values_mut());
    for field in fields {
        if let Value::String(text) = field {
            *text = without_nul(std::mem::take(text));
        }
    }
    rows.to_string()
}
