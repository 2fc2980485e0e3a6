//! What several test files have in common: where the corpora are, and expectations that can be rewritten.

#![allow(dead_code, reason = "each test file uses its part of it")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may")]

use astride::catalog::claims::Claims;
use astride::change::{Blob, Blobs, Change, Listed, Listing, Mode, ObjectId, Repository, Side, Timestamp};
use astride::formats::{self, Claim};
use astride::judge::{LedgerTexts, Step};
use astride::model::Model;
use astride::report::Report;
use astride::settings::{self, SettingsTexts};
use astride::source::listing::{Entry, entries_of};
use astride::source::{FileState, Files, RepoPath};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The folder of material that nobody here wrote, if it is at hand: `$ASTRIDE_SHARED`, or `../shared` beside the project.
pub(crate) fn shared() -> Option<PathBuf> {
    let folder = std::env::var_os("ASTRIDE_SHARED").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    if folder.is_dir() {
        Some(folder)
    } else {
        skip(&format!("what is compared with {}: it is not here", folder.display()));
        None
    }
}

/// Says that tests are left out, and why: on standard error, and in the file that `ASTRIDE_SKIPPED` names.
pub(crate) fn skip(why: &str) {
    eprintln!("skipped: {why}");
    let Some(file) = std::env::var_os("ASTRIDE_SKIPPED") else { return };
    if let Ok(mut file) = fs::OpenOptions::new().append(true).create(true).open(file) {
        let _ = file.write_all(format!("{why}\n").as_bytes());
    }
}

/// Compares with an expectation, or rewrites it under `BLESS=1`.
pub(crate) fn expect(file: &Path, actual: &str) -> Result<(), String> {
    if std::env::var_os("BLESS").is_some_and(|bless| !bless.is_empty()) {
        fs::write(file, actual).map_err(|error| format!("{}: {error}", file.display()))?;
        return Ok(());
    }
    let expected = fs::read_to_string(file).unwrap_or_default();
    if expected == actual {
        return Ok(());
    }
    let first = expected
        .lines()
        .zip(actual.lines())
        .position(|(a, b)| a != b)
        .unwrap_or_else(|| expected.lines().count().min(actual.lines().count()));
    let context = |text: &str| text.lines().skip(first.saturating_sub(2)).take(6).map(|line| format!("    {line}\n")).collect::<String>();
    Err(format!(
        "{}: differs from line {}; BLESS=1 rewrites it\n  expected\n{}  actual\n{}",
        file.display(),
        first + 1,
        context(&expected),
        context(actual)
    ))
}

/// Every file below a folder, in order.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.is_symlink() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// Texts of a repository's folder, by their paths in the repository.
pub(crate) struct Folder(BTreeMap<RepoPath, String>);

impl Files for Folder {
    fn state(&self, path: &RepoPath) -> FileState<'_> {
        self.0.get(path).map_or(FileState::Absent, |text| FileState::Text(text))
    }

    fn list(&self, folder: &RepoPath) -> Option<Vec<Entry>> {
        Some(entries_of(folder, |start| self.0.range(RepoPath::new(start)..).next().map(|(path, _)| path)))
    }
}

/// The model of a file of the corpora, with what lies beside and below it at hand. The path begins with the repository's folder.
pub(crate) fn model(corpora: &Path, path: &str) -> Model {
    let (repository, path) = path.split_once('/').unwrap();
    let root = corpora.join(repository);
    let path = RepoPath::new(path);
    let folder = near(&root, path.folder());
    let FileState::Text(_) = folder.state(&path) else { panic!("{path} is not text") };
    let reading = formats::read(&path, &folder, &Claims::default());
    assert!(matches!(reading.claim, Claim::Unit(_)), "{path} is not read");
    reading.model
}

/// What lies in a folder of a repository, and below it.
pub(crate) fn near(repository: &Path, folder: &str) -> Folder {
    let text = |file: PathBuf| {
        let name = RepoPath::new(&file.strip_prefix(repository).ok()?.to_string_lossy());
        Some((name, fs::read_to_string(&file).ok()?))
    };
    Folder(files(&repository.join(folder)).into_iter().filter_map(text).collect())
}

/// A change between two folders, with every file at hand. Ids are not git's, which nothing of the core can tell.
pub(crate) fn change(base: &Path, head: &Path) -> Change {
    let mut blobs = Blobs::new();
    let (base, head) = (side(base, &mut blobs), side(head, &mut blobs));
    let repository = Repository {
        id: 1,
        owner: "acme".to_owned(),
        name: "shop".to_owned(),
        private: true,
        web_url: "https://example.test/acme/shop".to_owned(),
    };
    Change { repository, ..Change::between(base, head, blobs) }
}

/// The tree of a folder, symbolic links as such.
pub(crate) fn side(folder: &Path, blobs: &mut Blobs) -> Side {
    let mut listing = Listing::default();
    for file in files(folder) {
        let (mode, bytes) = if file.is_symlink() {
            (Mode::Symlink, fs::read_link(&file).unwrap().into_os_string().into_encoded_bytes())
        } else {
            (Mode::File, fs::read(&file).unwrap())
        };
        let id = object_id(&bytes);
        blobs.insert(id, Blob::from_bytes(bytes));
        let path = RepoPath::new(&file.strip_prefix(folder).unwrap().to_string_lossy());
        listing.insert(path, Listed { mode, id });
    }
    let names: Vec<u8> = listing.iter().flat_map(|(path, listed)| format!("{path} {}\n", listed.id).into_bytes()).collect();
    Side { commit: object_id(&names), listing, truncated: false, plans: BTreeMap::new() }
}

fn object_id(bytes: &[u8]) -> ObjectId {
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    let mut id = [0; 20];
    id.copy_from_slice(&digest[..20]);
    ObjectId(id)
}

/// Settings that enforce, unless they say what they want.
pub(crate) fn enforced(settings: &SettingsTexts) -> SettingsTexts {
    let (path, text) = settings.in_force.clone().unwrap_or_else(|| (RepoPath::new(astride::settings::PATH), String::new()));
    let mode = if text.contains("mode:") { "" } else { "\nmode: enforce\n" };
    SettingsTexts { in_force: Some((path, format!("{text}{mode}"))), ..settings.clone() }
}

/// The report on a change for which nothing has to be fetched, by a gate that enforces where the settings do not say otherwise.
pub(crate) fn judge(change: &Change, settings: &SettingsTexts) -> Report {
    let (mut change, mut ledger) = (change.clone(), LedgerTexts::default());
    let settings = enforced(settings);
    for _ in 0..4 {
        match astride::judge::judge(&change, &settings, &ledger, Timestamp(1_780_000_000)) {
            Step::Done(report) => return *report,
            Step::Needs(needs) => {
                ledger.files.extend(needs.ledger.into_iter().map(|unit| (unit, None)));
                change.history.extend(needs.history.into_iter().map(|path| (path, Vec::new())));
            }
        }
    }
    panic!("judgement still needs something")
}

/// The folders of `tests/cases/gate`, in order.
pub(crate) fn gate_cases() -> Vec<PathBuf> {
    folders("gate")
}

/// The folders of `tests/cases/<what>`, in order.
pub(crate) fn folders(what: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(what);
    let mut cases: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(!cases.is_empty(), "no cases in {}", folder.display());
    cases
}

/// The report on one of them.
pub(crate) fn gate_report(case: &Path) -> Report {
    let mut change = change(&case.join("base"), &case.join("head"));
    name_as_git_does(&mut change);
    add_submodules(&mut change.head, &fs::read_to_string(case.join("submodules")).unwrap_or_default());
    add_submodules(&mut change.base, &fs::read_to_string(case.join("submodules_before")).unwrap_or_default());
    add_history(&mut change, &case.join("history"));
    let own = case.join("base").join(settings::PATH);
    let text = fs::read_to_string(case.join("settings.yml")).ok().or_else(|| fs::read_to_string(own).ok());
    let in_force = text.map(|text| (RepoPath::new(settings::PATH), text));
    judge(&change, &SettingsTexts { in_force, ..SettingsTexts::default() })
}

/// Git would obey a `.gitattributes` among our own files: cases have `_gitattributes`.
fn name_as_git_does(change: &mut Change) {
    for side in [&mut change.base, &mut change.head] {
        let named = std::mem::take(&mut side.listing);
        side.listing = named.iter().map(|(path, listed)| (RepoPath::new(&path.as_str().replace("_git", ".git")), *listed)).collect();
    }
}

fn add_submodules(side: &mut Side, list: &str) {
    for line in list.lines() {
        // Another commit than the usual one stands behind the path.
        let (path, commit) = line.split_once('\t').map_or((line, 7), |(path, commit)| (path, commit.parse().unwrap_or(7)));
        let listed = Listed { mode: Mode::Submodule, id: ObjectId([commit; 20]) };
        side.listing.insert(RepoPath::new(path), listed);
    }
}

fn add_history(change: &mut Change, folder: &Path) {
    let mut versions: Vec<_> = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    versions.sort();
    for version in versions {
        let side = side(&version, &mut change.blobs);
        for path in side.listing.keys() {
            change.history.entry(path.clone()).or_default().push(side.clone());
        }
    }
}
/// A model of Threat Dragon in which every name is this one.
pub(crate) fn named_model(name: &str) -> String {
    let name = serde_json::to_string(name).unwrap();
    format!(
        r#"{{"version":"2.6.1","summary":{{"title":{name}}},"detail":{{"diagrams":[{{"id":0,"title":{name},"diagramType":"STRIDE","cells":[
        {{"id":"a","position":{{"x":0,"y":0}},"size":{{"width":10,"height":10}},"data":{{"type":"tm.Actor","name":{name},"providesAuthentication":false,"threats":[]}}}},
        {{"id":"p","position":{{"x":50,"y":0}},"size":{{"width":10,"height":10}},"data":{{"type":"tm.Process","name":{name},"threats":[
            {{"id":"t","title":{name},"type":"Tampering","status":"Open","mitigation":{name}}}]}}}},
        {{"id":"f","source":{{"cell":"a"}},"target":{{"cell":"p"}},"data":{{"type":"tm.Flow","name":{name},"isEncrypted":false,"isPublicNetwork":true,"protocol":{name},"threats":[]}}}}
        ]}}]}}}}"#
    )
}
