//! The queue: what is due, who works on it, and what happens when a worker dies.
//!
//! Level-triggered: a row says "this is due", never what happened. The newest event wins; one run at a time for each row; a run whose
//! worker died is taken over when its lease ends; what kills its worker again and again is given up.

use super::database::{Row, sql};
use super::due::{Due, ENQUEUE, json, rows};
use super::{Store, StoreError, signed, unsigned};
use crate::change::ObjectId;
use crate::clock::{AHEAD, Millis};
use std::fmt;
use std::time::Duration;

/// Runs of one row without success before it is given up. The last of them only tells the people so.
pub const MAX_ATTEMPTS: i64 = 8;
/// Runs in a row that newer events may cut short, before one is let finish.
const MAX_SUPERSEDED: i64 = 3;

/// A repository as the newest event named it. Identity is `id`; owner and name change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryKey {
    pub id: u64,
    pub owner: String,
    pub name: String,
    pub installation: u64,
}

/// What a job is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// One pull request.
    Pull(u64),
    /// A merge group, by its head.
    Group(ObjectId),
    /// Find the open pull requests with this head, and the merge group that it is, and make them due.
    Head(ObjectId),
    /// Make due what is judged with input of this commit: a workflow's run has ended there.
    Built(ObjectId),
    /// Find the open pull requests into this branch, and make them due.
    Base(String),
    /// Make all open pull requests due, because a bot moved the ledger's branch to this tip; not where the tip is a later commit of our own, with which
    /// the run that wrote it has judged.
    Ledger(ObjectId),
    /// Make all open pull requests due.
    Open,
    /// Make due the open pull requests whose check is missing or out of date.
    Stale,
    /// Do once in the repository what is done after the installation.
    FirstContact,
    /// Bring the register's issue up to date.
    Register,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pull(number) => write!(f, "pull/{number}"),
            Self::Group(head) => write!(f, "group/{head}"),
            Self::Head(head) => write!(f, "head/{head}"),
            Self::Built(commit) => write!(f, "built/{commit}"),
            Self::Base(branch) => write!(f, "base/{branch}"),
            Self::Ledger(tip) => write!(f, "ledger/{tip}"),
            Self::Open => f.write_str("open"),
            Self::Stale => f.write_str("stale"),
            Self::FirstContact => f.write_str("first-contact"),
            Self::Register => f.write_str("register"),
        }
    }
}

impl Subject {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text.split_once('/') {
            None => [Self::Open, Self::Stale, Self::FirstContact, Self::Register].into_iter().find(|subject| subject.to_string() == text),
            Some(("pull", number)) => number.parse().ok().map(Self::Pull),
            Some(("group", head)) => ObjectId::from_hex(head).map(Self::Group),
            Some(("head", head)) => ObjectId::from_hex(head).map(Self::Head),
            Some(("built", commit)) => ObjectId::from_hex(commit).map(Self::Built),
            Some(("ledger", tip)) => ObjectId::from_hex(tip).map(Self::Ledger),
            Some(("base", branch)) => Some(Self::Base(branch.to_owned())),
            Some(_) => None,
        }
    }

    /// Whether somebody looks at a head and waits for its check.
    pub fn is_waited_for(&self) -> bool {
        self.priority() >= 2
    }

    /// People who wait for an answer come first, sweeps last.
    pub(super) fn priority(&self) -> i64 {
        match self {
            Self::Group(_) => 3,
            Self::Pull(_) | Self::Head(_) | Self::Built(_) => 2,
            Self::Base(_) | Self::Ledger(_) | Self::Open => 1,
            Self::Stale | Self::FirstContact | Self::Register => 0,
        }
    }
}

/// A job that this process has taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    pub repository: RepositoryKey,
    pub subject: Subject,
    pub head: Option<(ObjectId, i64)>,
    pub base: Option<ObjectId>,
    /// 1 for the first run.
    pub attempts: i64,
    pub generation: i64,
    token: i64,
    superseded: i64,
}

impl Job {
    /// Of a merge group whether its event told of it, and not the name of a branch alone.
    pub fn is_told(&self) -> bool {
        self.head.is_some_and(|(_, at)| at > 0)
    }

    /// Whether this is the last run: it only says that the others failed.
    pub fn is_last(&self) -> bool {
        self.attempts >= MAX_ATTEMPTS
    }
}

/// What a heartbeat found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beat {
    Current,
    /// A newer event is waiting: stop before writing anything more.
    Superseded,
    /// Another worker has the row.
    Lost,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    Done,
    /// Cut short because something newer is waiting.
    Superseded,
    /// To be run again, not before that time.
    Again {
        at: Millis,
        error: String,
    },
    /// As `Again`, and nobody's fault: does not count as an attempt.
    Wait {
        at: Millis,
        error: String,
    },
    Dead {
        error: String,
    },
}

const LAST_PACED: &str = "SELECT max(run_at) FROM job WHERE installation = $1 AND state = 0 AND attempts = 0 AND run_at > $2";
// Two statements, each with its partial index: in one, the OR would sort the whole backlog.
const CLAIM_QUEUED: &str = "
UPDATE job SET state = 1, taken = generation, token = token + 1, attempts = attempts + 1, lease_until = $2
WHERE (repository, subject) = (
    SELECT repository, subject FROM job WHERE state = 0 AND run_at <= $1 ORDER BY priority DESC, run_at LIMIT 1 {skip locked})
RETURNING *";
const CLAIM_ABANDONED: &str = "
UPDATE job SET taken = generation, token = token + 1, attempts = attempts + 1, lease_until = $2
WHERE (repository, subject) = (
    SELECT repository, subject FROM job WHERE state = 1 AND (lease_until <= $1 OR lease_until > $4) AND attempts < $3
    ORDER BY lease_until LIMIT 1 {skip locked})
RETURNING *";
const BURY_ABANDONED: &str = "
UPDATE job SET state = 3, token = token + 1, error = 'every run of it ended with the end of its worker'
WHERE state = 1 AND lease_until <= $1 AND attempts >= $2";
const BEAT: &str = "
UPDATE job SET lease_until = $4 WHERE repository = $1 AND subject = $2 AND token = $3 AND state = 1
RETURNING CASE WHEN generation > taken THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END AS is_superseded";
// An event that came meanwhile makes the row due at once, however the run ended. Attempts that were reset meanwhile, for another head, stay reset.
const END: &str = "
UPDATE job SET
    state = CASE WHEN generation > taken THEN 0 ELSE $4 END,
    run_at = CASE WHEN generation > taken THEN $5 ELSE $6 END,
    attempts = CASE WHEN generation > taken AND attempts = 0 THEN 0 ELSE $7 END,
    superseded = $8,
    error = $9
WHERE repository = $1 AND subject = $2 AND token = $3 AND state = 1";
const QUEUED: i64 = 0;
const DONE: i64 = 2;
const DEAD: i64 = 3;

impl Store {
    /// Makes things due.
    ///
    /// # Errors
    /// What the store says; then none of them is due.
    pub async fn enqueue(&self, due: &[Due]) -> Result<(), StoreError> {
        self.enqueue_from(due, self.clock.now(), 0).await
    }

    /// Makes things due one after the other, the first of them not before `after`, behind whatever of the installation waits so already; what is
    /// due sooner stays so.
    ///
    /// # Errors
    /// What the store says; then none of them is due.
    pub async fn enqueue_paced(&self, installation: u64, due: &[Due], after: Duration, gap: Duration) -> Result<(), StoreError> {
        let now = self.clock.now();
        let last = sql(LAST_PACED).bind(signed(installation)).bind(now).read_row(&self.database).await?;
        let last: Option<i64> = last.and_then(|row| row.get(0));
        self.enqueue_from(due, last.map_or(now + millis(after), |last| last + millis(gap)), millis(gap)).await
    }

    async fn enqueue_from(&self, due: &[Due], first: Millis, gap: Millis) -> Result<(), StoreError> {
        if due.is_empty() {
            return Ok(());
        }
        sql(ENQUEUE).bind(json(&rows(due))).bind(first).bind(gap).run(&self.database).await?;
        self.wake();
        Ok(())
    }

    /// Takes the most urgent job that is due, or one whose worker has stopped beating, or has beaten by a clock that was ahead. `None` when there is
    /// nothing to do.
    ///
    /// # Errors
    /// What the store says.
    pub async fn claim(&self, lease: Duration) -> Result<Option<Job>, StoreError> {
        let now = self.clock.now();
        let until = now.saturating_add(millis(lease));
        let queued = sql(CLAIM_QUEUED).bind(now).bind(until).row(&self.database).await?;
        if let Some(row) = queued {
            return Ok(read_job(&row));
        }
        sql(BURY_ABANDONED).bind(now).bind(MAX_ATTEMPTS).run(&self.database).await?;
        let abandoned = sql(CLAIM_ABANDONED).bind(now).bind(until).bind(MAX_ATTEMPTS).bind(until + AHEAD).row(&self.database).await?;
        Ok(abandoned.as_ref().and_then(read_job))
    }

    /// Keeps the job for another lease, and says whether it is still worth going on.
    ///
    /// # Errors
    /// What the store says.
    pub async fn beat(&self, job: &Job, lease: Duration) -> Result<Beat, StoreError> {
        let until = self.clock.now().saturating_add(millis(lease));
        let statement = sql(BEAT).bind(signed(job.repository.id)).bind(job.subject.to_string()).bind(job.token).bind(until);
        let row = statement.row(&self.database).await?;
        Ok(match row.map(|row| row.get::<i64>(0) != 0) {
            None => Beat::Lost,
            Some(true) if job.superseded < MAX_SUPERSEDED => Beat::Superseded,
            Some(_) => Beat::Current,
        })
    }

    /// Gives the job back. Nothing happens if another worker has taken it over meanwhile.
    ///
    /// # Errors
    /// What the store says; the lease then runs out and the job is taken over.
    pub async fn end(&self, job: &Job, end: End) -> Result<(), StoreError> {
        let now = self.clock.now();
        let (state, run_at, attempts, superseded, error) = match end {
            End::Done => (DONE, now, 0, 0, None),
            End::Superseded => (QUEUED, now, 0, job.superseded + 1, None),
            End::Again { at, error } => (QUEUED, at, job.attempts, job.superseded, Some(error)),
            End::Wait { at, error } => (QUEUED, at, job.attempts - 1, job.superseded, Some(error)),
            End::Dead { error } => (DEAD, now, job.attempts, 0, Some(error)),
        };
        sql(END)
            .bind(signed(job.repository.id))
            .bind(job.subject.to_string())
            .bind(job.token)
            .bind(state)
            .bind(now)
            .bind(run_at)
            .bind(attempts)
            .bind(superseded)
            .bind(error)
            .run(&self.database)
            .await?;
        self.wake();
        Ok(())
    }

    /// Whether something was ever due, as far as that is remembered.
    ///
    /// # Errors
    /// What the store says.
    pub async fn is_known(&self, repository: u64, subject: &Subject) -> Result<bool, StoreError> {
        let query = sql("SELECT generation FROM job WHERE repository = $1 AND subject = $2");
        let row = query.bind(signed(repository)).bind(subject.to_string()).read_row(&self.database).await?;
        Ok(row.is_some())
    }

    /// Whether an event told of a merge group with this head.
    ///
    /// # Errors
    /// What the store says.
    pub async fn is_told_group(&self, repository: u64, head: ObjectId) -> Result<bool, StoreError> {
        let query = sql("SELECT generation FROM job WHERE repository = $1 AND subject = $2 AND head_at > 0");
        let row = query.bind(signed(repository)).bind(Subject::Group(head).to_string()).read_row(&self.database).await?;
        Ok(row.is_some())
    }

    /// For how many milliseconds the job has been due that is due longest; 0 where none is.
    ///
    /// # Errors
    /// What the store says.
    pub async fn age(&self) -> Result<Millis, StoreError> {
        let now = self.clock.now();
        let oldest = sql("SELECT min(run_at) FROM job WHERE state = 0 AND run_at <= $1").bind(now).read_row(&self.database).await?;
        Ok(oldest.and_then(|row| row.get::<Option<i64>>(0)).map_or(0, |oldest| now - oldest))
    }

    /// How many rows are queued, running, done and dead.
    ///
    /// # Errors
    /// What the store says.
    pub async fn depth(&self) -> Result<[i64; 4], StoreError> {
        let rows = sql("SELECT state, count(*) FROM job GROUP BY state").read_rows(&self.database).await?;
        let mut depth = [0; 4];
        for row in rows {
            if let Some(count) = usize::try_from(row.get::<i64>(0)).ok().and_then(|state| depth.get_mut(state)) {
                *count = row.get(1);
            }
        }
        Ok(depth)
    }
}

fn read_job(row: &Row) -> Option<Job> {
    let head = row.get::<Option<&str>>("head").and_then(ObjectId::from_hex);
    Some(Job {
        repository: RepositoryKey {
            id: unsigned(row.get("repository")),
            owner: row.get("owner"),
            name: row.get("name"),
            installation: unsigned(row.get("installation")),
        },
        subject: Subject::parse(row.get::<&str>("subject"))?,
        head: head.map(|head| (head, row.get("head_at"))),
        base: row.get::<Option<&str>>("base").and_then(ObjectId::from_hex),
        attempts: row.get("attempts"),
        generation: row.get("generation"),
        token: row.get("token"),
        superseded: row.get("superseded"),
    })
}

pub(super) fn millis(duration: Duration) -> Millis {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
