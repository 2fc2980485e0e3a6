//! Backup and restore, by the very commands of docs/operating.md: of a store that is in use, and what it holds is there afterwards.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod program;
mod shared;
mod stores;

use astride::change::ObjectId;
use astride::clock::Clock;
use astride::queue::Store;
use astride::queue::details::Details;
use astride::queue::job::Subject;
use program::mode;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use stores::{Server, due};

const HEAD: ObjectId = ObjectId([7; 20]);
const LEASE: Duration = Duration::from_secs(10);

/// The lines of docs/operating.md that hold some words.
fn documented(words: &str) -> String {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operating.md")).unwrap();
    let line = text.lines().find(|line| line.contains(words)).unwrap_or_else(|| panic!("docs/operating.md has no line with {words:?}"));
    line.to_owned()
}

async fn open(url: &str) -> Store {
    Store::open(url, Clock::by(|| 1_000_000)).await.unwrap()
}

/// Something of each kind: what is due, what came, what is shown.
async fn fill(store: &Store) {
    store.enqueue(&[due(1, 1, 10), due(2, 2, 20)]).await.unwrap();
    let page = Details { capability: "A".repeat(43), page: "<p>then</p>".to_owned() };
    store.keep_details(1, HEAD, &page).await.unwrap();
}

async fn is_whole(store: &Store) {
    let mut due = Vec::new();
    while let Some(job) = store.claim(LEASE).await.unwrap() {
        due.push(job.subject);
    }
    due.sort();
    assert_eq!(due, [Subject::Pull(1), Subject::Pull(2)]);
    assert_eq!(store.details(1, HEAD).await.unwrap().unwrap().page, "<p>then</p>");
    store.check().await.unwrap();
}

fn shell(line: &str) {
    let output = Command::new("bash").args(["-euc", line]).output().unwrap();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
}

fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

#[tokio::test]
async fn a_copy_of_a_database_file_that_is_in_use_is_put_back() {
    if !is_there("sqlite3") {
        return shared::skip("backup and restore of the database's file: sqlite3 is not installed");
    }
    let (library, backup) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let url = format!("sqlite://{}/astride.db", library.path().display());
    // As on the machine, but for the user.
    let here = |line: String| {
        let line = line.replace("sudo -u astride ", "").replace(" -o astride -g astride", "");
        line.replace("/var/lib/astride", &library.path().display().to_string()).replace("/backup", &backup.path().display().to_string())
    };
    let store = open(&url).await;
    fill(&store).await;
    shell(&here(documented("sqlite3 /var/lib/astride/astride.db")));
    assert_eq!(mode(&backup.path().join("astride.db")), 0o600, "file contents and reports are in it");
    // What came since is lost with the file.
    store.enqueue(&[due(3, 3, 30)]).await.unwrap();
    store.close().await;
    shell(&here(documented("mkdir /var/lib/astride/before")));
    shell(&here(documented("/backup/astride.db /var/lib/astride/astride.db")));
    assert_eq!(mode(&library.path().join("astride.db")), 0o600);
    let again = open(&url).await;
    is_whole(&again).await;
    again.close().await;
}

#[tokio::test]
async fn a_dump_of_postgresql_is_put_back_into_an_empty_database() {
    let Some(server) = Server::start() else { return shared::skip("backup and restore on PostgreSQL: it is not installed") };
    if !is_there("pg_dump") {
        return shared::skip("backup and restore on PostgreSQL: pg_dump is not installed");
    }
    let folder = tempfile::tempdir().unwrap();
    let store = open(&server.url("")).await;
    fill(&store).await;
    let here = |line: String| {
        let line = line.replace("docker compose exec -T postgres ", "").replace("docker compose exec postgres ", "");
        let line = line.replace("db.acme.example", &server.folder.display().to_string());
        line.replace("astride.sql", &folder.path().join("astride.sql").display().to_string())
    };
    let local = |line: String| format!("PGHOST={} {}", server.folder.display(), here(line));
    shell(&here(documented("pg_dump --host db.acme.example")));
    store.close().await;
    for words in ["dropdb --username", "createdb --username", "psql --username"] {
        shell(&local(documented(words)));
    }
    let again = open(&server.url("")).await;
    is_whole(&again).await;
    again.close().await;
}
