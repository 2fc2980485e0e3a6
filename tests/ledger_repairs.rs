//! What must be repaired on the ledger's branch: its place is no path of the tree that is judged, and nothing links there.

mod shared;

use astride::change::Timestamp;
use astride::decisions::ledger_text;
use astride::judge::register::{change, register};
use astride::judge::{LedgerTexts, Step, judge};
use astride::report::register::{Stock, issue};
use astride::report::{Report, Whose, html, json, junit, sarif};
use astride::settings::SettingsTexts;
use astride::settings::owners::CodeOwners;
use astride::stride::rule::Severity;
use serde_json::Value;
use std::path::Path;

const WEB: &str = "https://github.com/acme/shop";

fn case() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/exports/page")
}

/// The branch was rewritten, and the file of the repository's scope is none.
fn ledger() -> LedgerTexts {
    let mut ledger =
        LedgerTexts { branch: "astride-ledger".to_owned(), broken: Some("it was rewritten".to_owned()), ..LedgerTexts::default() };
    ledger.files.insert(ledger_text::repository_scope(), Some("- [\n".to_owned()));
    ledger
}

fn report() -> Report {
    let mut between = shared::change(&case().join("base"), &case().join("head"));
    between.repository.web_url = WEB.to_owned();
    let mut ledger = ledger();
    loop {
        match judge(&between, &SettingsTexts::default(), &ledger, Timestamp(2_000)) {
            Step::Done(report) => return *report,
            Step::Needs(needs) => ledger.files.extend(needs.ledger.into_iter().map(|unit| (unit, None))),
        }
    }
}

#[test]
fn nothing_takes_a_place_on_the_ledger_for_one_in_the_tree() {
    let report = report();
    let on_ledger: Vec<&str> =
        report.repairs.iter().filter(|repair| repair.whose == Whose::Ledger).map(|repair| repair.place.path.as_str()).collect();
    assert_eq!(on_ledger, ["+repository.yml", "astride-ledger"], "{:?}", report.repairs);
    let page = html::render(&report);
    assert!(page.contains("+repository.yml, line 1") && page.contains("astride-ledger, line 1"), "they are named");
    let links: Vec<&str> = page.split("href=\"").filter(|link| link.starts_with(&format!("{WEB}/blob/"))).collect();
    assert!(!links.is_empty() && !links.iter().any(|link| link.contains("repository.yml") || link.contains("astride-ledger")), "{links:?}");
    let log = sarif::render(&report, Severity::Low);
    let notices = log["runs"][0]["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    let on_ledger = notices.iter().filter(|notice| notice["message"]["text"].as_str().unwrap().contains(", line 1: "));
    assert!(on_ledger.clone().count() == 2 && on_ledger.clone().all(|notice| notice["locations"].is_null()), "{notices:#?}");
    let printed: Value = serde_json::from_str(&json::report(&report)).unwrap();
    let marked = printed["repairs"].as_array().unwrap().iter().filter(|repair| repair["on"] == "ledger").count();
    assert_eq!(marked, 2, "{}", printed["repairs"]);
    let suites = junit::render(&report, Severity::Low);
    assert!(!suites.contains("file=\"+repository.yml\"") && !suites.contains("file=\"astride-ledger\""), "{suites}");
}

#[test]
fn the_registers_issue_links_to_no_such_place() {
    let between = shared::change(&case().join("base"), &case().join("head"));
    let whole = change(between.head, between.blobs);
    let (mut ledger, now) = (ledger(), Timestamp(1_795_507_200));
    let register = loop {
        match register(&whole, &SettingsTexts::default(), &ledger, now) {
            Ok(register) => break register,
            Err(needs) => ledger.files.extend(needs.ledger.into_iter().map(|unit| (unit, None))),
        }
    };
    let stock = Stock { name: "acme/shop".to_owned(), register, said: Vec::new(), owners: CodeOwners::default() };
    let places = issue::Places { web_url: WEB, branch: "main", ledger: "astride-ledger", every: "weekly" };
    let body = issue::render(&stock, &places, &issue::Edition::first(now.day()), now.day());
    assert!(body.contains("- astride-ledger, line 1: ") && !body.contains("/blob/main/astride-ledger"), "{body}");
    assert!(!body.contains("/blob/main/%2Brepository.yml") && body.contains("+repository.yml, line 1: "), "{body}");
}
