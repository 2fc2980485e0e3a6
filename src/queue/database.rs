//! The one door to the database: a statement that both kinds understand, its values, and the rows that it gives.
//!
//! Comes in: SQL with `$1` for the first value, which SQLite and PostgreSQL both take, and numbers, text and bytes. Goes out: rows. What they do
//! not have in common stands here and in `tables` alone. No statement waits for ever: a network that swallows everything says nothing.

use super::StoreError;
use sqlx::postgres::{PgPool, PgRow};
use sqlx::query::Query;
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{AssertSqlSafe, ColumnIndex, Decode, Encode, Postgres, Row as _, SqlSafeStr, SqlStr, Sqlite, Type};
use std::pin::Pin;
use std::time::Duration;
use tokio::time::timeout;

/// Longest that a statement may take, the wait for a connection included.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where the tables are.
#[derive(Clone, Debug)]
pub(super) enum Database {
    /// All writes go through one connection, so that they never wait for each other inside SQLite.
    Sqlite {
        writer: SqlitePool,
        reader: SqlitePool,
    },
    Postgres(PgPool),
}

/// A value that is bound to a statement, in a form that both databases have. Truth is 0 or 1.
#[derive(Clone, Debug)]
pub(super) enum Value {
    Number(i64),
    Text(Option<String>),
    Bytes(Vec<u8>),
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value {
    fn from(is: bool) -> Self {
        Self::Number(i64::from(is))
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        Self::Text(text.map(without_nul))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::from(Some(text))
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_owned())
    }
}

/// PostgreSQL's text has no character of the number 0, and what one store keeps the other keeps too.
pub(super) fn without_nul(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
}

/// A statement with the values that are bound so far.
#[derive(Debug)]
pub(super) struct Statement {
    text: &'static str,
    values: Vec<Value>,
}

/// A statement; `{each}` in it stands for the rows of the JSON array that is its first value, as `each.value` and `each.key`, and
/// `{skip locked}` for passing over what another replica is just taking.
pub(super) fn sql(text: &'static str) -> Statement {
    Statement { text, values: Vec::new() }
}

impl Statement {
    #[must_use]
    pub(super) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// The rows that it gives; it may write.
    pub(super) async fn rows(self, database: &Database) -> Result<Vec<Row>, StoreError> {
        self.rows_by(database, Way::Writing).await
    }

    /// The first row, if there is one; it may write.
    pub(super) async fn row(self, database: &Database) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(database).await?.into_iter().next())
    }

    /// The rows that it gives; it only reads.
    pub(super) async fn read_rows(self, database: &Database) -> Result<Vec<Row>, StoreError> {
        self.rows_by(database, Way::Reading).await
    }

    /// The first row, if there is one; it only reads.
    pub(super) async fn read_row(self, database: &Database) -> Result<Option<Row>, StoreError> {
        Ok(self.read_rows(database).await?.into_iter().next())
    }

    async fn rows_by(self, database: &Database, way: Way) -> Result<Vec<Row>, StoreError> {
        in_time(async {
            let rows = match database {
                Database::Sqlite { writer, reader } => {
                    let pool = if way == Way::Reading { reader } else { writer };
                    from_sqlite(self.on_sqlite().fetch_all(pool).await?)
                }
                Database::Postgres(pool) => from_postgres(self.on_postgres().fetch_all(pool).await?),
            };
            Ok(rows)
        })
        .await
    }

    /// Carries it out, and gives the number of rows that it changed.
    pub(super) async fn run(self, database: &Database) -> Result<u64, StoreError> {
        in_time(async {
            Ok(match database {
                Database::Sqlite { writer, .. } => self.on_sqlite().execute(writer).await?.rows_affected(),
                Database::Postgres(pool) => self.on_postgres().execute(pool).await?.rows_affected(),
            })
        })
        .await
    }

    /// The same within a transaction.
    pub(super) async fn run_in(self, transaction: &mut Transaction) -> Result<u64, StoreError> {
        in_time(async {
            Ok(match transaction {
                Transaction::Sqlite(open) => self.on_sqlite().execute(&mut **open).await?.rows_affected(),
                Transaction::Postgres(open) => self.on_postgres().execute(&mut **open).await?.rows_affected(),
            })
        })
        .await
    }

    fn on_sqlite(self) -> Query<'static, Sqlite, <Sqlite as sqlx::Database>::Arguments> {
        bound(spell(self.text, "json_each($1) AS each", ""), self.values)
    }

    fn on_postgres(self) -> Query<'static, Postgres, <Postgres as sqlx::Database>::Arguments> {
        const EACH: &str =
            "(SELECT value, key - 1 AS key FROM json_array_elements($1::json) WITH ORDINALITY AS all_rows (value, key)) AS each";
        bound(spell(self.text, EACH, "FOR UPDATE SKIP LOCKED"), self.values)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Reading,
    Writing,
}

/// Only constants of this crate are put together here; values are bound.
fn spell(text: &'static str, each: &str, skip_locked: &str) -> SqlStr {
    if text.contains('{') {
        AssertSqlSafe(text.replace("{each}", each).replace("{skip locked}", skip_locked)).into_sql_str()
    } else {
        text.into_sql_str()
    }
}

fn bound<D>(text: SqlStr, values: Vec<Value>) -> Query<'static, D, D::Arguments>
where
    D: sqlx::Database,
    i64: Encode<'static, D> + Type<D>,
    Option<String>: Encode<'static, D> + Type<D>,
    Vec<u8>: Encode<'static, D> + Type<D>,
{
    values.into_iter().fold(sqlx::query(text), |query, value| match value {
        Value::Number(number) => query.bind(number),
        Value::Text(text) => query.bind(text),
        Value::Bytes(bytes) => query.bind(bytes),
    })
}

/// Bounds what is asked of the database. On the heap, because whoever asks asks from within much else.
pub(super) fn in_time<'w, T>(work: impl Future<Output = Result<T, sqlx::Error>> + Send + 'w) -> Asking<'w, T> {
    Box::pin(async {
        match timeout(PATIENCE, work).await {
            Ok(done) => Ok(done?),
            Err(_) => Err(StoreError::Slow(PATIENCE.as_secs())),
        }
    })
}

type Asking<'w, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'w>>;

/// Several statements that count together or not at all; rolled back where it is dropped.
#[derive(Debug)]
pub(super) enum Transaction {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl Transaction {
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        in_time(async {
            match self {
                Self::Sqlite(open) => open.commit().await,
                Self::Postgres(open) => open.commit().await,
            }
        })
        .await
    }
}

impl Database {
    pub(super) async fn begin(&self) -> Result<Transaction, StoreError> {
        in_time(async {
            Ok(match self {
                Self::Sqlite { writer, .. } => Transaction::Sqlite(writer.begin().await?),
                Self::Postgres(pool) => Transaction::Postgres(pool.begin().await?),
            })
        })
        .await
    }

    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite { writer, reader } => {
                reader.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// A row of either database.
#[derive(Debug)]
pub(super) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// What a column can be read as, whatever the database.
pub(super) trait Read<'r>: Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres> {}

impl<'r, T> Read<'r> for T where T: Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres> {}

impl Row {
    pub(super) fn get<'r, T: Read<'r>>(&'r self, column: impl ColumnIndex<SqliteRow> + ColumnIndex<PgRow>) -> T {
        match self {
            Self::Sqlite(row) => row.get(column),
            Self::Postgres(row) => row.get(column),
        }
    }
}

fn from_sqlite(rows: Vec<SqliteRow>) -> Vec<Row> {
    rows.into_iter().map(Row::Sqlite).collect()
}

fn from_postgres(rows: Vec<PgRow>) -> Vec<Row> {
    rows.into_iter().map(Row::Postgres).collect()
}
