//! The tables, as they came to be: one list of scripts for both databases, written in SQLite's words.
//!
//! A script that was released never changes: the store keeps its digest, and refuses to go on with another one.

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr, SqlStr};

const SCRIPTS: [(&str, &str); 14] = [
    ("the first tables", include_str!("schema.sql")),
    ("neighbours", include_str!("second.sql")),
    ("what ends", include_str!("third.sql")),
    ("the ledger's branches", include_str!("fourth.sql")),
    ("heads and organisations", include_str!("fifth.sql")),
    ("first contact", include_str!("sixth.sql")),
    ("merges", include_str!("seventh.sql")),
    ("chores", include_str!("eighth.sql")),
    ("deliveries that were asked for again", include_str!("ninth.sql")),
    ("what is told", include_str!("tenth.sql")),
    ("commits whose input is judged", include_str!("eleventh.sql")),
    ("pages of checks", include_str!("twelfth.sql")),
    ("whom the forge would not ask", include_str!("thirteenth.sql")),
    ("what is said on what is merged", include_str!("fourteenth.sql")),
];

/// For SQLite, as they are written.
pub(super) fn for_sqlite() -> Migrator {
    migrator(|script| script.into_sql_str())
}

/// For PostgreSQL: its integers of 64 bits, its bytes, and none of SQLite's own kinds of tables.
pub(super) fn for_postgres() -> Migrator {
    const WORDS: [(&str, &str); 4] = [(" INTEGER", " BIGINT"), (" BLOB", " BYTEA"), (" WITHOUT ROWID", ""), (" STRICT", "")];
    migrator(|script| {
        let translated = WORDS.iter().fold(script.to_owned(), |script, (sqlite, postgres)| script.replace(sqlite, postgres));
        AssertSqlSafe(translated).into_sql_str()
    })
}

fn migrator(spell: impl Fn(&'static str) -> SqlStr) -> Migrator {
    let numbered = (1..).zip(SCRIPTS);
    let migrations =
        numbered.map(|(version, (name, script))| Migration::new(version, name.into(), MigrationType::Simple, spell(script), false));
    Migrator::with_migrations(migrations.collect())
}

#[cfg(test)]
mod tests {
    use super::{SCRIPTS, for_sqlite};
    use crate::clock::Clock;
    use crate::queue::Store;
    use crate::queue::job::Subject;
    use sqlx::migrate::Migrator;
    use sqlx::{Connection, Executor, SqliteConnection};
    use std::time::Duration;

    /// The tables as so many scripts leave them.
    async fn bring_to(connection: &mut SqliteConnection, scripts: usize) {
        let first = for_sqlite().iter().take(scripts).cloned().collect();
        Migrator::with_migrations(first).run(connection).await.unwrap();
    }

    /// What an older release has stored is read by this one, whichever that was.
    #[tokio::test]
    async fn the_store_of_every_older_release_is_brought_up_to_date_and_read() {
        const HEAD: &str = "0101010101010101010101010101010101010101";
        for scripts in 1..=SCRIPTS.len() {
            let folder = tempfile::tempdir().unwrap();
            let url = format!("sqlite://{}", folder.path().join("astride.db").display());
            let mut older = SqliteConnection::connect(&format!("{url}?mode=rwc")).await.unwrap();
            bring_to(&mut older, 1).await;
            let job = format!(
                "INSERT INTO job (repository, subject, installation, owner, name, head, head_at, state, generation, taken, token, attempts,
                     superseded, priority, run_at, lease_until) VALUES (1, 'pull/12', 7, 'acme', 'shop', '{HEAD}', 5, 0, 1, 0, 0, 0, 0, 2, 1, 0)"
            );
            older.execute(sqlx::AssertSqlSafe(job)).await.unwrap();
            older.execute("INSERT INTO delivery (guid, at) VALUES ('a delivery', 1)").await.unwrap();
            bring_to(&mut older, scripts).await;
            older.close().await.unwrap();
            let store = Store::open(&url, Clock::by(|| 1_000)).await.unwrap();
            let job = store.claim(Duration::from_secs(9)).await.unwrap().unwrap();
            assert_eq!((job.subject, job.repository.owner.as_str()), (Subject::Pull(12), "acme"), "after {scripts} scripts");
            assert_eq!(job.head.map(|(head, at)| (head.to_string(), at)), Some((HEAD.to_owned(), 5)));
            assert!(store.is_delivered("a delivery").await.unwrap());
            store.close().await;
        }
    }
}
