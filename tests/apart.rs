//! Judgement in a process of its own: a child that answers, one that is killed, one that hangs, one that takes too much; and the service,
//! which stays up.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

#[expect(dead_code, reason = "one kind of many is asked for")]
#[path = "bounds/inputs.rs"]
mod inputs;
#[expect(dead_code, reason = "reports are made by the child")]
#[path = "bounds/run.rs"]
mod run;
mod service;

use astride::change::Timestamp;
use astride::judge::{LedgerTexts, Needs};
use astride::settings::SettingsTexts;
use astride::worker::apart::{Apart, Died, Limits};
use astride::worker::judgement::Judgement;
use astride::worker::request::{self, Answer};
use astride::worker::run::engine;
use service::{Service, append};
use std::path::PathBuf;
use std::time::Duration;

const MEGABYTE: u64 = 1024 * 1024;

fn own(memory: u64, seconds: u64) -> Apart {
    Apart::new(PathBuf::from(env!("CARGO_BIN_EXE_astride")), Limits { memory, seconds })
}

fn shell(script: &str) -> Apart {
    let arguments = ["-c", script].map(Into::into).to_vec();
    Apart { program: PathBuf::from("/bin/sh"), arguments, patience: Duration::from_millis(500) }
}

fn request(files: &[(String, String)], ledger: &LedgerTexts, version: &str) -> Vec<u8> {
    request::write(&run::change(files), &SettingsTexts::default(), ledger, Timestamp(1_780_000_000), version).unwrap()
}

fn kind(name: &str, size: usize) -> Vec<(String, String)> {
    (inputs::KINDS.iter().find(|kind| kind.name == name).unwrap().make)(size)
}

#[test]
fn a_child_says_what_it_needs_and_then_that_it_is_done() {
    let files = kind("resources", 10);
    let apart = own(512 * MEGABYTE, 20);
    let mut ledger = LedgerTexts::default();
    let Answer::Needs(missing) = apart.ask(request(&files, &ledger, &engine())).unwrap() else { panic!("nothing is needed") };
    let needs = Needs::from(missing);
    assert_eq!(needs.ledger.iter().map(ToString::to_string).collect::<Vec<_>>(), ["template.yaml"]);
    ledger.files.extend(needs.ledger.into_iter().map(|unit| (unit, None)));
    assert_eq!(apart.ask(request(&files, &ledger, &engine())), Ok(Answer::Done));
}

#[test]
fn a_request_of_another_version_is_refused() {
    let asked = own(512 * MEGABYTE, 20).ask(request(&kind("resources", 1), &LedgerTexts::default(), "another"));
    assert!(matches!(asked, Ok(Answer::Refused(_))), "{asked:?}");
}

#[test]
fn a_request_is_read_as_it_was_written() {
    let bytes = request(&kind("nested stacks", 2), &LedgerTexts::default(), "v");
    let read = request::read(&bytes, "v").unwrap();
    assert_eq!(request::write(&read.change, &read.settings, &read.ledger, read.now, "v").unwrap(), bytes);
}

#[test]
fn a_child_that_takes_too_much_memory_ends() {
    let asked = own(64 * MEGABYTE, 60).ask(request(&kind("resources", 12_000), &LedgerTexts::default(), &engine()));
    assert!(matches!(asked, Err(Died::Ended(_))), "{asked:?}");
}

#[test]
fn a_child_that_is_killed_hangs_or_talks_nonsense_gives_no_answer() {
    let request = || request(&kind("resources", 1), &LedgerTexts::default(), &engine());
    let killed = shell("kill -9 $$").ask(request());
    assert!(matches!(&killed, Err(Died::Ended(how)) if how.contains('9')), "{killed:?}");
    let hung = shell("exec sleep 30").ask(request());
    assert!(matches!(hung, Err(Died::TooSlow(_))), "{hung:?}");
    let nonsense = shell("echo nonsense").ask(request());
    assert!(matches!(nonsense, Err(Died::Ended(_))), "{nonsense:?}");
    let nobody = Apart { program: PathBuf::from("/nowhere"), ..shell("") }.ask(request());
    assert!(matches!(nobody, Err(Died::NotBegun(_))), "{nobody:?}");
}

#[test]
fn a_child_has_no_environment() {
    let asked = shell("[ -z \"$HOME$CARGO_MANIFEST_DIR\" ] && echo '\"Done\"'").ask(Vec::new());
    assert_eq!(asked, Ok(Answer::Done));
}

#[tokio::test]
async fn what_a_child_could_do_the_service_says() {
    let service = Service::with(Judgement::new(append).apart(own(512 * MEGABYTE, 20))).await;
    service.open_pull();
    service.settle().await;
    let expected = Service::new().await;
    expected.open_pull();
    expected.settle().await;
    assert_eq!(service.standin.dump(), expected.standin.dump());
}

#[tokio::test]
async fn the_third_death_of_one_input_is_said_and_the_service_stays_up() {
    let service = Service::with(Judgement::new(append).apart(shell("kill -9 $$"))).await;
    service.open_pull();
    service.settle().await;
    let first = service.standin.dump();
    assert!(!first.contains("Could not be judged"), "after one death it is tried again: {first}");
    for _ in 0..4 {
        service.standin.act(|github| github.advance(3600));
        service.settle().await;
    }
    let dump = service.standin.dump();
    assert!(dump.contains("Could not be judged"), "{dump}");
    let writes = service.writes();
    for _ in 0..4 {
        service.standin.act(|github| github.advance(3600));
        service.settle().await;
    }
    assert_eq!(service.standin.dump(), dump);
    assert_eq!(service.writes(), writes, "what is said is not said again");
}
