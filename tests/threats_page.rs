//! The page of the gate's own threats names what shows each answer, and all of it exists; and what no other test shows.

mod service;
mod shared;

use astride::change::{Actor, Authors, Change, ObjectId, Posted, Pull, Right, Surface, Timestamp, UserId};
use astride::decisions::Block;
use astride::decisions::ledger_text::{self, parts};
use astride::forge::history::MAX_FILES;
use astride::judge::{LedgerTexts, Step, judge};
use astride::report::Report;
use astride::sandbox::github::people::{Opening, Push, Visibility};
use astride::sandbox::objects::Content;
use astride::settings::SettingsTexts;
use astride::source::RepoPath;
use astride::worker::judgement::Judgement;
use service::{SHOP, Service};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

#[test]
fn whatever_the_page_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/threats.md")).unwrap();
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| attack")).collect();
    assert!(rows.len() >= 40, "{} rows", rows.len());
    let mut missing = Vec::new();
    for row in rows {
        let shown_by = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let named: Vec<&str> = shown_by.split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "nothing shows this: {row}");
        missing.extend(named.into_iter().filter(|name| !exists(root, name)).map(str::to_owned));
    }
    assert!(missing.is_empty(), "not there: {missing:#?}");
}

fn exists(root: &Path, name: &str) -> bool {
    if let Some((file, test)) = name.split_once('#') {
        return fs::read_to_string(root.join(file)).is_ok_and(|text| text.contains(&format!("fn {test}(")));
    }
    let case = root.join("tests/cases").join(name);
    case.is_dir() || ["txt", "yml"].iter().any(|extension| case.with_extension(extension).is_file())
}

/// Nobody hides one file behind many: beyond the bound nothing is judged, and the check says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_unreadable_files_are_not_judged() {
    let service = Service::with(Judgement::new(ledger_text::append)).await;
    let names: Vec<String> = (0..=MAX_FILES).map(|number| format!("shop{number}.template.yaml")).collect();
    let files = |word: &str| -> Vec<(&str, Content)> {
        let text = format!("Resources:\n{{% for name in {word} %}}\n  - [\n");
        names.iter().map(|name| (name.as_str(), Content::Text(text.clone()))).collect()
    };
    service.standin.act(|github| {
        github.add_repository(SHOP, Visibility::Private, &files("names")).unwrap();
        github.install("acme", None);
        github.set_role(SHOP, "mona", Right::Write).unwrap();
        let changes: Vec<(&str, Option<Content>)> = files("others").into_iter().map(|(name, text)| (name, Some(text))).collect();
        github.push(&Push { repository: SHOP, branch: "orders", by: "mona", changes: &changes, message: "Orders" }).unwrap();
        let opening = Opening { repository: SHOP, by: "mona", head: "orders", base: "main", title: "Orders", body: "", draft: false };
        github.open_pull(&opening).unwrap();
    });
    service.settle().await;
    let dump = service.standin.dump();
    assert!(dump.contains("check astride of astride: failure") && dump.contains("Could not be judged"), "{dump}");
}

/// A case of the gate as a pull request on which an administrator calls an emergency.
fn called(shown_at: Option<i64>, said_at: i64) -> Report {
    called_beside(shown_at, said_at, &BTreeMap::new())
}

/// As that, with these files of the ledger.
fn called_beside(shown_at: Option<i64>, said_at: i64, files: &BTreeMap<RepoPath, String>) -> Report {
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/gate/link_that_leads_nowhere");
    let mut change: Change = shared::change(&case.join("base"), &case.join("head"));
    let actor = |id: u64| Actor { id: UserId(id), login: format!("user{id}"), bot: false };
    change.pull = Some(Pull {
        number: 1,
        author: actor(1),
        authors: Some(Ok(Authors::default())),
        sole_maintainer: Some(Ok(None)),
        draft: false,
        same_head: Vec::new(),
        base: "main".to_owned(),
    });
    change.shown_at = shown_at.map(Timestamp);
    change.posted = vec![Posted {
        id: 9,
        surface: Surface::Comment,
        url: "https://example.test/9".to_owned(),
        author: actor(2),
        at: Timestamp(said_at),
        body: "/stride emergency OPS-12 the shop is down".to_owned(),
        right: Some(Ok(Right::Admin)),
    }];
    let mut ledger = LedgerTexts::default();
    for _ in 0..4 {
        match judge(&change, &shared::enforced(&SettingsTexts::default()), &ledger, Timestamp(2_000)) {
            Step::Done(report) => return *report,
            Step::Needs(needs) => {
                ledger.files.extend(needs.ledger.into_iter().map(|unit| (unit, None)));
                ledger.files.extend(files.iter().map(|(scope, text)| (scope.clone(), Some(text.clone()))));
            }
        }
    }
    panic!("judgement still needs something")
}

#[test]
fn an_emergency_is_for_what_was_seen() {
    for (shown_at, said_at, blocks) in [(Some(1_000), 1_500, 1), (Some(1_000), 900, 0), (None, 1_500, 0)] {
        let report = called(shown_at, said_at);
        assert_eq!((report.blocks.len(), report.replies[0].done), (blocks, blocks == 1), "{shown_at:?} {said_at}");
    }
    assert_ne!(called(Some(1_000), 1_500).blocks[0].1.head, ObjectId([0; 20]));
}

/// Whoever fills a file of the ledger, or breaks it, takes nobody the way out.
#[test]
fn an_emergency_is_called_where_the_ledger_cannot_be_read() {
    let scope = ledger_text::repository_scope();
    let mut files = BTreeMap::from([(scope.clone(), format!("# full\n{}", " ".repeat(6 << 20)))]);
    let report = called_beside(Some(1_000), 1_500, &files);
    let broken = report.repairs.iter().find(|repair| repair.what.contains("the ledger file of the repository cannot be read"));
    assert_eq!(broken.map(|repair| (repair.place.path.as_str(), repair.acceptable)), Some(("+repository.yml", false)));
    assert!(report.replies[0].done && report.emergency.is_none(), "{:?}", report.replies);
    let blocks: Vec<Block> = report.blocks.iter().map(|(_, block)| block.clone()).collect();
    let grown = parts::grown(&[files[&scope].as_str()], &scope, &blocks, ledger_text::append);
    assert_eq!(grown.iter().map(|(part, _)| ledger_text::file_name(part)).collect::<Vec<_>>(), ["+repository+2.yml"]);
    files.extend(grown);
    let report = called_beside(Some(1_000), 1_500, &files);
    assert!(report.emergency.is_some() && report.blocks.is_empty() && report.replies[0].done, "{:?}", report.replies);
}
