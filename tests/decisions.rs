//! What comes of what people say: stories of templates that change and of comments, told by `judge` alone.
//!
//! A story is `tests/cases/decisions/<name>.yml`: steps that push one of `heads/`, or that somebody comments. `{IntakeFn/S}` is the ID of
//! that cell's foremost threat at the head, `{line IntakeFn/S}` that of the line in which it is said, `{set IntakeFn}` the set that a refusal
//! has printed, `{was IntakeFn/S}` the ID with the first hash of the story. `<name>.txt` is how it went.

#![expect(clippy::unwrap_used, reason = "a test may")]

mod shared;

use astride::change::{Actor, Authors, Change, ObjectId, Posted, Pull, Right, Surface, Timestamp, UserId};
use astride::decisions::ledger_text::parts;
use astride::decisions::{Because, Decided, Reviewed, Standing, ledger_text};
use astride::judge::{LedgerTexts, Step, judge};
use astride::report::Report;
use astride::settings::SettingsTexts;
use astride::source::RepoPath;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Act {
    /// `YYYY-MM-DD`; the day before's where left out.
    on: Option<String>,
    /// A file of `heads/`, which comes to be the base; `plain` is the first one.
    base: Option<String>,
    /// A file of `heads/`.
    push: Option<String>,
    by: Option<String>,
    says: Option<String>,
    /// In a thread that asks about these cells.
    thread: Option<Vec<String>>,
    /// The commits cannot be listed whole.
    #[serde(default)]
    truncated: bool,
    /// A commit belongs to no account.
    #[serde(default)]
    unknown: bool,
    /// Who opened the pull request, if it is another one than before.
    opened_by: Option<String>,
    /// Who wrote its commits, where it is not `committer`.
    authors: Option<String>,
    /// The only one with write access.
    sole: Option<String>,
}

#[test]
fn stories_go_as_they_should() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/decisions");
    let mut wrong = Vec::new();
    for file in shared::files(&folder).into_iter().filter(|file| file.extension().is_some_and(|extension| extension == "yml")) {
        let acts: Vec<Act> =
            serde_saphyr::from_str(&fs::read_to_string(&file).unwrap()).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        wrong.extend(shared::expect(&file.with_extension("txt"), &Tale::begin(&folder).tell(&acts)).err());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A file that is full goes on in another one: in however many a ledger lies, it says the same.
#[test]
fn a_ledger_in_many_files_is_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/decisions");
    for file in shared::files(&folder).into_iter().filter(|file| file.extension().is_some_and(|extension| extension == "yml")) {
        let acts: Vec<Act> = serde_saphyr::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let told = Tale { in_parts: true, ..Tale::begin(&folder) }.tell(&acts);
        assert_eq!(told, fs::read_to_string(file.with_extension("txt")).unwrap(), "{}", file.display());
    }
}

/// A reason stands in the ledger once for each threat, and nothing is taken out of it again.
#[test]
fn a_comment_writes_no_more_than_its_share() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/decisions");
    let act = |push: Option<&str>, says: &str| Act {
        push: push.map(str::to_owned),
        by: Some("rita".to_owned()),
        says: Some(says.to_owned()),
        ..Act::default()
    };
    let long = |letters: usize| "\u{1F600}".repeat(letters);
    let acts = [
        act(Some("two_functions"), "/stride accept all public on purpose"),
        act(None, &format!("/stride accept {{set all}} public {}", long(1_990))),
    ];
    let told = Tale::begin(&folder).tell(&acts);
    assert!(told.contains("this comment takes") && told.contains("KiB of the ledger, and 64 KiB is the most"), "{told}");
}

/// The ledgers are those that the release before causes wrote in these stories, and the ends are how that release told them.
#[test]
fn ledgers_of_the_first_edition_are_read_where_they_lie() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/decisions");
    let first_edition = folder.with_file_name("first_edition");
    let mut wrong = Vec::new();
    for file in shared::files(&first_edition).into_iter().filter(|file| file.extension().is_some_and(|extension| extension == "ledger")) {
        let story = folder.join(file.file_name().unwrap()).with_extension("yml");
        let acts: Vec<Act> = serde_saphyr::from_str(&fs::read_to_string(&story).unwrap()).unwrap();
        let ledger = fs::read_to_string(&file).unwrap();
        assert!(!ledger.contains("version:"), "{} is of a later edition", file.display());
        let end = Tale::begin(&folder).end(&acts, ledger);
        wrong.extend(shared::expect(&file.with_extension("txt"), &end).err());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The people: who they are to the pull request, and what they may.
fn person(login: &str) -> (Actor, Result<Right, String>) {
    let (id, right, bot) = match login {
        "author" => (1, Ok(Right::Write), false),
        "committer" => (2, Ok(Right::Admin), false),
        "rita" => (3, Ok(Right::Write), false),
        "omar" => (4, Ok(Right::Maintain), false),
        "ada" => (5, Ok(Right::Admin), false),
        "rex" => (6, Ok(Right::Read), false),
        "lost" => (7, Err("502".to_owned()), false),
        "robot" => (8, Ok(Right::Admin), true),
        "stranger" => (9, Ok(Right::None), false),
        other => panic!("who is {other}?"),
    };
    (Actor { id: UserId(id), login: login.to_owned(), bot }, right)
}

/// How far the story is.
struct Tale {
    heads: PathBuf,
    base: String,
    change: Change,
    now: Timestamp,
    ledger: BTreeMap<RepoPath, String>,
    /// Each comment begins another file of the ledger.
    in_parts: bool,
    /// IDs and sets in order of their first mention, so that the expectation does not depend on hashes.
    hashes: Vec<String>,
    last_set: String,
    out: String,
}

impl Tale {
    fn begin(folder: &Path) -> Self {
        let heads = folder.join("heads");
        let change = change(&heads, "plain", "plain");
        let now = Timestamp::parse("2026-11-24T08:00:00Z").unwrap();
        Self {
            heads,
            base: "plain".to_owned(),
            change,
            now,
            ledger: BTreeMap::new(),
            in_parts: false,
            hashes: Vec::new(),
            last_set: String::new(),
            out: String::new(),
        }
    }

    fn tell(mut self, acts: &[Act]) -> String {
        for (act, number) in acts.iter().zip(1..) {
            self.push(act);
            if let Some(head) = &act.push {
                writeln!(self.out, "# {head} is pushed onto {}", self.base).unwrap();
            }
            if let (Some(by), Some(says)) = (&act.by, &act.says) {
                self.comment(number, by, says, act.thread.as_deref());
            } else if act.push.is_none() {
                writeln!(self.out, "# {}", self.now.day()).unwrap();
            }
            let report = self.judge();
            self.stands(&report);
            self.change.numbers = report.numbers;
        }
        self.out.push_str("# ledger\n");
        let mut files: Vec<(&RepoPath, &String)> = self.ledger.iter().collect();
        files.sort_by_key(|(part, _)| parts::of_part(part));
        let blocks: Vec<_> = files.into_iter().flat_map(|(_, text)| ledger_text::parse(text).unwrap()).collect();
        for block in blocks {
            let mut line = format!("{} {} {}", block.by.login, block.verdict.word(), block.threat);
            line.push_str(if block.proposal { ", proposed" } else { "" });
            if let Some(until) = block.until {
                write!(line, ", until {until}").unwrap();
            }
            for (option, word) in [("ticket", &block.ticket), ("to", &block.to)] {
                if let Some(word) = word {
                    write!(line, ", {option} {word}").unwrap();
                }
            }
            writeln!(line, ", by right of {}: {:?}", block.by.right, block.reason).unwrap();
            let line = self.plain(&line);
            self.out.push_str(&line);
        }
        self.out
    }

    /// The pull request as it stands after an act.
    fn push(&mut self, act: &Act) {
        self.now = act.on.as_ref().map_or(Timestamp(self.now.0 + 60), |day| Timestamp::parse(&format!("{day}T08:00:00Z")).unwrap());
        if let Some(base) = &act.base {
            self.base.clone_from(base);
        }
        if let Some(head) = &act.push {
            let pushed = change(&self.heads, &self.base, head);
            self.change.base = pushed.base;
            (self.change.head, self.change.blobs) = (pushed.head, pushed.blobs);
        }
        self.change.pull = Some(pull(act));
        // Nobody writes before our check stands there.
        self.change.shown_at = Some(Timestamp(0));
    }

    /// How a story ends whose ledger is at hand: nobody speaks again. IDs are told without their digits.
    fn end(mut self, acts: &[Act], ledger: String) -> String {
        self.ledger.insert(RepoPath::new("template.yaml"), ledger);
        for act in acts {
            self.push(act);
        }
        let report = self.judge();
        self.stands(&report);
        self.out.split('#').enumerate().fold(String::new(), |out, (index, piece)| {
            if index == 0 { piece.to_owned() } else { format!("{out}#{}", piece.trim_start_matches(|c: char| c.is_ascii_digit())) }
        })
    }

    /// Somebody comments: the outcome goes into the ledger, and the comment is never posted again but once, to show that nothing comes of it.
    fn comment(&mut self, id: u64, by: &str, says: &str, thread: Option<&[String]>) {
        let before = self.judge();
        let body = self.filled(says, &before);
        let surface = if thread.is_some() { Surface::Thread(id) } else { Surface::Comment };
        let asks = thread.unwrap_or_default().iter().map(|cell| foremost(&before, cell).threat.fingerprint()).collect();
        self.change.threads.insert(id, asks);
        let (author, right) = person(by);
        let url = format!("https://example.test/pull/7#issuecomment-{id}");
        self.change.posted = vec![Posted { id, surface, url, author, at: self.now, body: body.clone(), right: Some(right) }];
        let report = self.judge();
        let told = self.plain(&body).replace('\n', "\n#    ");
        writeln!(self.out, "# {by}: {told}").unwrap();
        for reply in &report.replies {
            let word = if reply.done { "done" } else { "refused" };
            self.last_set = reply.text.rsplit_once('@').map(|(_, after)| after.chars().take(8).collect()).unwrap_or_default();
            let text = self.plain(&reply.text);
            writeln!(self.out, "{}", format!("{word}: {}", text.trim_end().replace('\n', "\n   ")).trim_end()).unwrap();
        }
        let first: Vec<RepoPath> = report.blocks.iter().map(|(unit, _)| self.next_part(unit)).collect();
        for ((unit, block), part) in report.blocks.iter().zip(first) {
            let part = if self.in_parts { part } else { unit.clone() };
            let text = self.ledger.entry(part.clone()).or_default();
            *text = ledger_text::append(text, &part, std::slice::from_ref(block));
        }
        let again = self.judge();
        assert!(again.blocks.is_empty() || report.blocks.is_empty(), "a comment takes effect twice: {body}");
        self.change.approvals.replied.extend(report.replies.iter().map(|reply| (format!("issuecomment-{}", reply.to), self.now)));
        self.change.posted.clear();
    }

    /// The first part of a unit's files that is not there yet.
    fn next_part(&self, unit: &RepoPath) -> RepoPath {
        (1..).map(|number| parts::part(unit, number)).find(|part| !self.ledger.contains_key(part)).unwrap()
    }

    fn judge(&self) -> Report {
        let mut ledger = LedgerTexts::default();
        loop {
            match judge(&self.change, &shared::enforced(&SettingsTexts::default()), &ledger, self.now) {
                Step::Done(report) => return *report,
                Step::Needs(needs) => {
                    assert!(needs.rights.is_empty() && needs.head.is_empty(), "{needs:?}");
                    for unit in needs.ledger {
                        let there =
                            (1..).map(|number| parts::part(&unit, number)).map_while(|part| Some((part.clone(), self.ledger.get(&part)?)));
                        ledger.files.extend(there.map(|(part, text)| (part, Some(text.clone()))));
                        ledger.files.entry(unit).or_default();
                    }
                    ledger.others = needs.others.then(|| Ok(BTreeMap::new()));
                }
            }
        }
    }

    /// What has been said, or blocks.
    fn stands(&mut self, report: &Report) {
        for reviewed in &report.reviewed {
            let words = match &reviewed.standing {
                Standing::SwitchedOff => "switched off".to_owned(),
                Standing::Open if reviewed.blocks => "open".to_owned(),
                Standing::Unclear if reviewed.blocks => "unclear, and blocks".to_owned(),
                Standing::Claimed if reviewed.blocks => format!("stated by the pull request: {}", claims(reviewed)),
                Standing::Open | Standing::Unclear | Standing::Covered | Standing::Claimed => continue,
                Standing::Proposed(decided) => format!("proposed: {}", said(decided)),
                Standing::Decided(decided) => format!("decided: {}", said(decided)),
                Standing::Reopened { was, because } => format!("reopened, {}; was {}", because_words(because), said(was)),
            };
            let line = self.plain(&format!("{} {words}\n", reviewed.threat.id()));
            self.out.push_str(&line);
        }
        let gate = if report.blocking().next().is_none() { "the gate is open\n" } else { "the gate is shut\n" };
        self.out.push_str(gate);
    }

    fn filled(&self, says: &str, report: &Report) -> String {
        let mut body = String::new();
        let mut rest = says;
        while let Some((before, (name, after))) = rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?))) {
            body.push_str(before);
            match name.split_once(' ') {
                Some(("line", cell)) => {
                    let threat = &foremost(report, cell).threat;
                    let arranged = report.arranged();
                    let mut lines = arranged.lines();
                    body.push_str(&lines.find(|line| line.members().any(|member| member.threat == *threat)).unwrap().id);
                }
                Some(("set", what)) => write!(body, "{what}@{}", self.last_set).unwrap(),
                Some((_, cell)) => write!(body, "{cell}-{}", self.hashes[0]).unwrap(),
                None => body.push_str(&foremost(report, name).threat.id()),
            }
            rest = after;
        }
        body + rest
    }

    /// The text with a number for each hash.
    fn plain(&mut self, text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['-', '@']) {
            let (before, after) = rest.split_at(at + 1);
            out.push_str(before);
            let hash: String = after.chars().take_while(char::is_ascii_hexdigit).collect();
            if hash.len() == 8 {
                let number = self.hashes.iter().position(|known| *known == hash).unwrap_or(self.hashes.len());
                if number == self.hashes.len() {
                    self.hashes.push(hash);
                }
                write!(out, "#{}", number + 1).unwrap();
                rest = &after[8..];
            } else {
                rest = after;
            }
        }
        out + rest
    }
}

fn change(heads: &Path, base: &str, head: &str) -> Change {
    let folder = tempfile::tempdir().unwrap();
    for (side, name) in [("base", base), ("head", head)] {
        fs::create_dir(folder.path().join(side)).unwrap();
        fs::copy(heads.join(format!("{name}.yaml")), folder.path().join(side).join("template.yaml")).unwrap();
    }
    shared::change(&folder.path().join("base"), &folder.path().join("head"))
}

fn pull(act: &Act) -> Pull {
    let people = act.authors.as_deref().unwrap_or("committer").split_whitespace().map(|login| person(login).0.id).collect();
    let unknown = if act.unknown { vec![ObjectId([1; 20])] } else { Vec::new() };
    Pull {
        number: 7,
        author: person(act.opened_by.as_deref().unwrap_or("author")).0,
        authors: Some(Ok(Authors { people, unknown, cut: act.truncated })),
        sole_maintainer: Some(Ok(act.sole.as_deref().map(|login| person(login).0.id))),
        draft: false,
        same_head: Vec::new(),
        base: "main".to_owned(),
    }
}

/// The foremost threat of a cell, `IntakeFn/S`, that the template does not cover.
fn foremost<'r>(report: &'r Report, cell: &str) -> &'r Reviewed {
    let cell = format!("{cell}-");
    let mut of_cell = report.reviewed.iter().filter(|reviewed| reviewed.threat.id().starts_with(&cell));
    of_cell.find(|reviewed| reviewed.standing != Standing::Covered).unwrap_or_else(|| panic!("nothing on {cell}"))
}

fn said(decided: &Decided) -> String {
    let mut words = format!("{} by {}", decided.verdict.word(), decided.by.login);
    if let Some(by) = &decided.confirmed_by {
        write!(words, ", confirmed by {}", by.login).unwrap();
    }
    if let Some(until) = decided.until {
        write!(words, " until {until}").unwrap();
    }
    if let Some(path) = &decided.see_changed {
        write!(words, ", {path} has changed since").unwrap();
    }
    words
}

fn claims(reviewed: &Reviewed) -> String {
    reviewed.threat.proposals().iter().map(|claim| claim.words.as_str()).collect::<Vec<_>>().join(", ")
}

fn because_words(because: &Because) -> String {
    match because {
        Because::FactsChanged(changes) => {
            let changes: Vec<String> = changes.iter().map(|(fact, from, to)| format!("{fact} went from {from} to {to}")).collect();
            changes.join(", ")
        }
        Because::Expired(day) => format!("expired on {day}"),
        Because::Unbacked(pin, loss) => pin.words(*loss, str::to_owned),
        Because::TakenBack { by, .. } => format!("taken back by {}", by.login),
    }
}
