//! The store while the service runs: an outage is said once and so is its end, a file that is taken away stops the service, and nobody else reads it.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod logged;
mod program;
mod service;
mod shared;
mod stores;

use astride::clock::Clock;
use astride::queue::Store;
use astride::sandbox::github::{Options, StandIn};
use astride::worker::judgement::Judgement;
use astride::worker::work;
use logged::Log;
use program::{Running, mode, program};
use service::{Service, append, serve};
use std::fs;
use std::path::Path;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tracing::Level;

fn url(folder: &Path) -> String {
    format!("sqlite://{}", folder.join("astride.db").display())
}

/// The lines with these words.
fn said(log: &Log, words: &str) -> usize {
    log.text().lines().filter(|line| line.contains(words)).count()
}

async fn until(holds: impl Fn() -> bool) {
    for _ in 0..1_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never comes to hold");
}

#[tokio::test]
async fn a_store_that_fails_is_said_once_by_all_workers_and_so_is_its_end() {
    let (folder, standin) = (tempfile::tempdir().unwrap(), StandIn::new(Options::default()));
    for url in [Some(url(folder.path())), stores::postgres("a store that fails")].into_iter().flatten() {
        let (log, _logging) = Log::start(Level::INFO);
        let served = serve(&standin).await;
        let service = Service::around(standin.clone(), &served.api_url, &url, 0, Judgement::new(append)).await;
        let stop = CancellationToken::new();
        let working = tokio::spawn(work(service.bench.clone(), 4, service.pulse.clone(), stop.clone()));
        for outage in 1..=2 {
            stores::execute(&url, "ALTER TABLE job RENAME TO away");
            until(|| said(&log, "the store fails") == outage).await;
            // Each of the workers meets it again and again.
            tokio::time::sleep(Duration::from_millis(2_500)).await;
            assert_eq!((said(&log, "ERROR"), said(&log, "takes writes again")), (outage, outage - 1), "{}", log.text());
            stores::execute(&url, "ALTER TABLE away RENAME TO job");
            until(|| said(&log, "takes writes again") == outage).await;
            // What was asked while it was out may still come back as an error.
            tokio::time::sleep(Duration::from_millis(1_000)).await;
            // Of one that comes within minutes of another nothing is said unless it lasts.
            service.wait(301);
        }
        assert!(said(&log, "doing=\"reading the queue\"") == 2 && said(&log, "job") >= 2, "{}", log.text());
        stop.cancel();
        working.await.unwrap();
        service.bench.store.close().await;
    }
}

/// The program on a database in a folder, with an umask that hides nothing.
fn serving(folder: &Path) -> Running {
    let standin = StandIn::new(Options::default());
    let key = folder.join("key.pem");
    fs::write(&key, standin.private_key()).unwrap();
    let inner = program(&["serve"]);
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "umask 000; exec \"$0\" serve"]).arg(inner.get_program()).env_clear().env("PATH", "/usr/bin:/bin");
    command
        .env("ASTRIDE_SERVER_LISTEN", "127.0.0.1:0")
        .env("ASTRIDE_GITHUB_API_URL", "http://127.0.0.1:1")
        .env("ASTRIDE_GITHUB_APP_ID", "4242")
        .env("ASTRIDE_GITHUB_PRIVATE_KEY_FILE", &key)
        .env("ASTRIDE_GITHUB_WEBHOOK_SECRETS", "secret")
        .env("ASTRIDE_STORE_URL", url(folder))
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let mut running = Running::start(command);
    running.line_with("astride serves");
    running
}

#[test]
fn nobody_else_reads_the_database_whatever_the_umask() {
    let folder = tempfile::tempdir().unwrap();
    let running = serving(folder.path());
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    let of_store: Vec<_> = files.iter().filter(|file| file.display().to_string().contains("astride.db")).collect();
    assert!(of_store.len() >= 3, "the database, its log and the lock: {files:?}");
    for file in of_store {
        assert_eq!(mode(file), 0o600, "{}", file.display());
    }
    drop(running);
}

#[test]
fn a_database_that_is_moved_or_deleted_stops_the_service_with_one_line() {
    type Harm = fn(&Path);
    let harms: [Harm; 3] = [
        |file| fs::rename(file, file.with_extension("old")).unwrap(),
        |file| fs::remove_file(file).unwrap(),
        // Another one lies at its place.
        |file| {
            fs::copy(file, file.with_extension("copy")).unwrap();
            fs::rename(file.with_extension("copy"), file).unwrap();
        },
    ];
    for harm in harms {
        let folder = tempfile::tempdir().unwrap();
        let running = serving(folder.path());
        let file = folder.path().join("astride.db");
        harm(&file);
        let (status, _, complaints) = running.finish();
        assert_eq!((status.code(), complaints.lines().count()), (Some(2), 1), "{complaints}");
        assert!(complaints.contains(&format!("{} was moved or deleted while the service ran", file.display())), "{complaints}");
        assert!(complaints.contains("start it again"), "{complaints}");
    }
}

/// The file that lies there is used again, and a folder that is read only for a while is no file that is gone.
#[tokio::test]
async fn a_database_that_stays_is_not_said_to_be_gone() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&url(folder.path()), Clock::system()).await.unwrap();
    store.stays().unwrap();
    store.check().await.unwrap();
    fs::rename(folder.path().join("astride.db"), folder.path().join("elsewhere.db")).unwrap();
    let error = store.check().await.unwrap_err().to_string();
    assert!(error.contains("was moved or deleted"), "{error}");
    fs::rename(folder.path().join("elsewhere.db"), folder.path().join("astride.db")).unwrap();
    store.check().await.unwrap();
    store.close().await;
    Store::open("sqlite::memory:", Clock::system()).await.unwrap().stays().unwrap();
}
