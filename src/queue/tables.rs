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
