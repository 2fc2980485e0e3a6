//! The inbox: deliveries, and commands from the moment they arrive until they are answered.
//!
//! A command is stored with its body as it was when created, in the same transaction as its delivery. Its outcome is stored before it
//! is answered, refusals included: a refused command never becomes valid later, and an answer that a crash cut off is made up for.

use super::database::{Row, sql};
use super::due::{Due, ENQUEUE, json, rows};
use super::{Store, StoreError, signed, unsigned};
use crate::change::{Actor, Posted, Surface, Timestamp, UserId};
use crate::report::Reply;
use crate::report::marker;
use serde::Serialize;

/// One webhook delivery, reduced to what is to be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// `X-GitHub-Delivery`; a redelivery has the same.
    pub guid: String,
    pub due: Vec<Due>,
    pub command: Option<Command>,
}

/// A comment that may bear commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    pub repository: u64,
    pub pull: u64,
    pub posted: Posted,
}

#[derive(Serialize)]
struct DeliveryRow<'d> {
    guid: &'d str,
}

#[derive(Serialize)]
struct CommandRow<'c> {
    repository: i64,
    surface: &'static str,
    id: i64,
    pull: i64,
    thread: i64,
    url: &'c str,
    author: i64,
    login: &'c str,
    at: i64,
    body: &'c str,
}

const DELIVERIES: &str = "
INSERT INTO delivery (guid, at) SELECT each.value->>'guid', $2 FROM {each} WHERE true ORDER BY 1 ON CONFLICT DO NOTHING";
// What is there stays: the body as created, and the outcome.
const COMMANDS: &str = "
INSERT INTO command (repository, surface, id, pull, thread, url, author, login, at, body)
SELECT CAST(each.value->>'repository' AS BIGINT), each.value->>'surface', CAST(each.value->>'id' AS BIGINT),
       CAST(each.value->>'pull' AS BIGINT), CAST(each.value->>'thread' AS BIGINT), each.value->>'url',
       CAST(each.value->>'author' AS BIGINT), each.value->>'login', CAST(each.value->>'at' AS BIGINT), each.value->>'body'
FROM {each} WHERE true ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING";
const WAITING: &str = "
SELECT surface, id, thread, url, author, login, at, body, done, reply FROM command
WHERE repository = $1 AND pull = $2 AND answered = 0 ORDER BY at, id";
const KNOWN: &str = "SELECT surface, id FROM command WHERE repository = $1 AND pull = $2";
const SETTLE: &str = "
UPDATE command SET done = $4, reply = $5 WHERE repository = $1 AND surface = $2 AND id = $3 AND done IS NULL";
const ANSWER: &str = "UPDATE command SET answered = 1 WHERE repository = $1 AND surface = $2 AND id = $3 AND done IS NOT NULL";
/// Deliveries, answered commands and finished jobs are forgotten after thirty days.
const KEEP: i64 = 30 * 86_400_000;

/// What is open between a pull request's people and us.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Without an outcome, in order of time.
    pub open: Vec<Posted>,
    /// With an outcome that is not known to be posted.
    pub unanswered: Vec<Reply>,
}

impl Waiting {
    pub fn is_empty(&self) -> bool {
        self.open.is_empty() && self.unanswered.is_empty()
    }
}

impl Store {
    /// Stores a group of deliveries with all that follows from them, durably, in one transaction. Gives the number of deliveries that
    /// were here before.
    ///
    /// # Errors
    /// What the store says; then none of them is stored.
    pub async fn record(&self, arrivals: &[Arrival]) -> Result<u64, StoreError> {
        let now = self.clock.now();
        let guids: Vec<DeliveryRow<'_>> = arrivals.iter().map(|arrival| DeliveryRow { guid: &arrival.guid }).collect();
        let due = rows(arrivals.iter().flat_map(|arrival| &arrival.due));
        let commands: Vec<CommandRow<'_>> = arrivals.iter().filter_map(|arrival| arrival.command.as_ref()).map(command_row).collect();
        let mut transaction = self.database.begin().await?;
        let stored = sql(DELIVERIES).bind(json(&guids)).bind(now).run_in(&mut transaction).await?;
        if !commands.is_empty() {
            sql(COMMANDS).bind(json(&commands)).run_in(&mut transaction).await?;
        }
        if !due.is_empty() {
            sql(ENQUEUE).bind(json(&due)).bind(now).bind(0_i64).run_in(&mut transaction).await?;
        }
        transaction.commit().await?;
        if !due.is_empty() {
            self.wake();
        }
        Ok((arrivals.len() as u64).saturating_sub(stored))
    }

    /// Stores commands that were found on the page and had not arrived.
    ///
    /// # Errors
    /// What the store says.
    pub async fn remember_commands(&self, commands: &[Command]) -> Result<(), StoreError> {
        if !commands.is_empty() {
            let rows: Vec<CommandRow<'_>> = commands.iter().map(command_row).collect();
            sql(COMMANDS).bind(json(&rows)).run(&self.database).await?;
        }
        Ok(())
    }

    /// The commands of a pull request that are not answered yet.
    ///
    /// # Errors
    /// What the store says.
    pub async fn waiting(&self, repository: u64, pull: u64) -> Result<Waiting, StoreError> {
        let rows = sql(WAITING).bind(signed(repository)).bind(signed(pull)).read_rows(&self.database).await?;
        let mut waiting = Waiting::default();
        for row in &rows {
            let posted = read_posted(row);
            match row.get::<Option<i64>>("done").map(|done| done != 0) {
                None => waiting.open.push(posted),
                Some(done) => {
                    waiting.unanswered.push(Reply { to: posted.id, surface: posted.surface, done, text: row.get("reply") });
                }
            }
        }
        Ok(waiting)
    }

    /// Kind of surface and id of every comment of the pull request that was ever taken in.
    ///
    /// # Errors
    /// What the store says.
    pub async fn known_commands(&self, repository: u64, pull: u64) -> Result<Vec<(String, u64)>, StoreError> {
        let rows = sql(KNOWN).bind(signed(repository)).bind(signed(pull)).read_rows(&self.database).await?;
        Ok(rows.iter().map(|row| (row.get(0), unsigned(row.get(1)))).collect())
    }

    /// Stores outcomes; the first one of a command stands.
    ///
    /// # Errors
    /// What the store says.
    pub async fn settle(&self, repository: u64, replies: &[Reply]) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        for reply in replies {
            let statement = sql(SETTLE).bind(signed(repository)).bind(marker::surface_word(reply.surface)).bind(signed(reply.to));
            statement.bind(reply.done).bind(&reply.text).run_in(&mut transaction).await?;
        }
        transaction.commit().await
    }

    /// Notes that people have been told.
    ///
    /// # Errors
    /// What the store says; the next run then looks again and finds that they have.
    pub async fn answered(&self, repository: u64, replies: &[Reply]) -> Result<(), StoreError> {
        let mut transaction = self.database.begin().await?;
        for reply in replies {
            let statement = sql(ANSWER).bind(signed(repository)).bind(marker::surface_word(reply.surface)).bind(signed(reply.to));
            statement.run_in(&mut transaction).await?;
        }
        transaction.commit().await
    }

    /// Whether a delivery arrived, as far as that is remembered.
    ///
    /// # Errors
    /// What the store says.
    pub async fn is_delivered(&self, guid: &str) -> Result<bool, StoreError> {
        Ok(sql("SELECT at FROM delivery WHERE guid = $1").bind(guid).read_row(&self.database).await?.is_some())
    }

    /// Notes that the forge is asked to send a delivery again. Not where that was noted before.
    ///
    /// # Errors
    /// What the store says.
    pub async fn note_redelivery(&self, guid: &str) -> Result<bool, StoreError> {
        let note = sql("INSERT INTO redelivery (guid, at) VALUES ($1, $2) ON CONFLICT DO NOTHING");
        Ok(note.bind(guid).bind(self.clock.now()).run(&self.database).await? > 0)
    }

    /// Takes that back, where the forge could not be asked.
    ///
    /// # Errors
    /// What the store says.
    pub async fn drop_redelivery(&self, guid: &str) -> Result<(), StoreError> {
        sql("DELETE FROM redelivery WHERE guid = $1").bind(guid).run(&self.database).await?;
        Ok(())
    }

    /// Forgets what is old.
    ///
    /// # Errors
    /// What the store says.
    pub async fn forget(&self) -> Result<(), StoreError> {
        let before = self.clock.now() - KEEP;
        sql("DELETE FROM delivery WHERE at < $1").bind(before).run(&self.database).await?;
        sql("DELETE FROM redelivery WHERE at < $1").bind(before).run(&self.database).await?;
        sql("DELETE FROM job WHERE state IN (2, 3) AND run_at < $1").bind(before).run(&self.database).await?;
        sql("DELETE FROM command WHERE answered = 1 AND at < $1").bind(before / 1000).run(&self.database).await?;
        sql("DELETE FROM published WHERE at < $1").bind(before).run(&self.database).await?;
        sql("DELETE FROM input WHERE at < $1").bind(before).run(&self.database).await?;
        sql("DELETE FROM refused_request WHERE at < $1").bind(before).run(&self.database).await?;
        Ok(())
    }
}

fn command_row(command: &Command) -> CommandRow<'_> {
    let posted = &command.posted;
    CommandRow {
        repository: signed(command.repository),
        surface: marker::surface_word(posted.surface),
        id: signed(posted.id),
        pull: signed(command.pull),
        thread: match posted.surface {
            Surface::Thread(first) => signed(first),
            Surface::Comment | Surface::Review => 0,
        },
        url: &posted.url,
        author: signed(posted.author.id.0),
        login: &posted.author.login,
        at: posted.at.0,
        body: &posted.body,
    }
}

/// Of bots only those are stored whose login says so.
fn read_posted(row: &Row) -> Posted {
    let surface = match row.get::<&str>("surface") {
        "thread" => Surface::Thread(unsigned(row.get("thread"))),
        "review" => Surface::Review,
        _ => Surface::Comment,
    };
    Posted {
        id: unsigned(row.get("id")),
        surface,
        url: row.get("url"),
        author: Actor {
            id: UserId(unsigned(row.get("author"))),
            login: row.get("login"),
            bot: row.get::<&str>("login").ends_with("[bot]"),
        },
        at: Timestamp(row.get("at")),
        body: row.get("body"),
        right: None,
    }
}
