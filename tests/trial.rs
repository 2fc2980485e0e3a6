//! Judgements on trial: what takes more than its limits takes nothing down, is tried again, and is something to repair after the third time.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod service;
mod shared;

use astride::decisions::ledger_text::append;
use astride::settings::SettingsTexts;
use astride::worker::judgement::Judgement;
use astride::worker::trial::{Matter, Trial, TrialError};
use service::Service;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

fn trial(bytes: u64, seconds: u64) -> Trial {
    Trial { program: PathBuf::from(env!("CARGO_BIN_EXE_astride")), bytes, seconds }
}

const GIB: u64 = 1024 * 1024 * 1024;

/// A template of so many functions that anybody can call.
fn functions(count: usize) -> String {
    let function = |number: usize| {
        format!(
            "  F{number}: {{Type: AWS::Serverless::Function, Properties: {{CodeUri: ., Handler: a.b, Runtime: python3.13, FunctionUrlConfig: {{AuthType: NONE}}}}}}\n"
        )
    };
    let functions: String = (0..count).map(function).collect();
    format!("AWSTemplateFormatVersion: '2010-09-09'\nTransform: AWS::Serverless-2016-10-31\nResources:\n{functions}")
}

async fn held(template: &str, trial: &Trial) -> Result<(), TrialError> {
    let folder = tempfile::tempdir().unwrap();
    let [base, head] = ["base", "head"].map(|side| folder.path().join(side));
    fs::create_dir(&base).unwrap();
    fs::create_dir(&head).unwrap();
    fs::write(head.join("template.yaml"), template).unwrap();
    let change = shared::change(&base, &head);
    trial.hold(Matter::Change, &change, &SettingsTexts::default(), astride::change::Timestamp(1_780_000_000)).await
}

#[tokio::test]
async fn what_fits_its_limits_is_judged() {
    held(&functions(20), &trial(GIB, 60)).await.unwrap();
}

#[tokio::test]
async fn what_takes_more_memory_than_there_may_be_ends_alone() {
    let error = held(&functions(4_000), &trial(64 * 1024 * 1024, 60)).await.unwrap_err();
    assert!(matches!(error, TrialError::TooHeavy { .. }), "{error}");
}

#[tokio::test]
async fn what_takes_more_time_than_there_may_be_ends_alone() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("hangs");
    fs::write(&program, "#!/bin/sh\nexec sleep 600\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let error = held(&functions(1), &Trial { program, ..trial(GIB, 0) }).await.unwrap_err();
    assert!(matches!(error, TrialError::TooHeavy { .. }), "{error}");
}

#[tokio::test]
async fn a_program_that_is_not_there_is_no_answer() {
    let missing = Trial { program: PathBuf::from("/nowhere/astride"), ..trial(GIB, 60) };
    let error = held(&functions(1), &missing).await.unwrap_err();
    assert!(matches!(error, TrialError::NotHeld(_)), "{error}");
}

#[tokio::test]
async fn the_third_time_is_a_repair() {
    // It ends as a judgement does that is killed for its memory.
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("killed");
    fs::write(&program, "#!/bin/sh\ncat >/dev/null\nkill -9 $$\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let service = Service::with(Judgement::new(append).on_trial(Trial { program, ..trial(GIB, 60) })).await;
    service.open_pull();
    service.settle().await;
    assert!(!service.standin.dump().contains("needs repair"), "{}", service.standin.dump());
    for _ in 0..6 {
        service.standin.act(|github| github.advance(3600));
        service.settle().await;
    }
    let dump = service.standin.dump();
    assert!(dump.contains("1 file needs repair") && dump.contains("the judgement takes more than"), "{dump}");
}
