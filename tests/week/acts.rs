//! The five people and their repository, and what the lines of the script do on the stand-in.

use crate::script::Step;
use astride::change::{Day, ObjectId, Right, Timestamp};
use astride::sandbox::github::StandIn;
use astride::sandbox::github::people::{Opening, Push, Visibility};
use astride::sandbox::github::state::{Github, Repository, Talk, UserKind};
use astride::sandbox::objects::Content;
use std::collections::BTreeMap;
use std::path::Path;

pub const SHOP: &str = "acme/shop";
/// Who works here, and with which rights; `finn` has a fork and none.
const PEOPLE: [(&str, Right); 4] = [("ada", Right::Admin), ("rita", Right::Maintain), ("mona", Right::Write), ("nils", Right::Write)];
const STRANGER: &str = "finn";
const ORGANISATION: &str = "version: 1\ngate: {emergency_team: incident}\n";

/// What the script has done so far.
pub struct Scene {
    /// The branch of each pull request, and whose push it bears.
    heads: BTreeMap<u64, String>,
    /// What somebody said last: whether in a thread, its id.
    last_said: Option<(Talk, u64)>,
}

/// `2026-11-23 08:00`.
pub fn time(text: &str) -> Timestamp {
    let (day, hour) = text.split_once(' ').expect("a day and an hour");
    let (hour, minute) = hour.split_once(':').expect("an hour and a minute");
    let minutes = hour.parse::<i64>().unwrap() * 60 + minute.parse::<i64>().unwrap();
    Timestamp(Day::parse(day).expect("a day").0 * 86_400 + minutes * 60)
}

pub fn shop(github: &Github) -> &Repository {
    github.repository_named(SHOP).expect("the repository is there")
}

impl Scene {
    /// The repository, its people and the organisation's own settings.
    pub fn set(standin: &StandIn) -> Self {
        standin.act(|github| {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/week/base");
            let files = crate::shared::files(&folder);
            let files: Vec<(String, Content)> = files
                .iter()
                .map(|file| {
                    let path = file.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
                    (path, Content::Text(std::fs::read_to_string(file).unwrap()))
                })
                .collect();
            let files: Vec<(&str, Content)> = files.iter().map(|(path, content)| (path.as_str(), content.clone())).collect();
            github.add_repository(SHOP, Visibility::Private, &files).unwrap();
            github.add_repository("acme/.github", Visibility::Private, &[("astride.yml", ORGANISATION.into())]).unwrap();
            for (person, right) in PEOPLE {
                github.add_user(person, UserKind::Person);
                github.set_role(SHOP, person, right).unwrap();
            }
            github.add_user(STRANGER, UserKind::Person);
            github.set_team("acme", "incident", &["ada", "rita"]);
            let changes = [("notes.md", Some("What the next release brings.\n".into()))];
            github.push(&Push { repository: SHOP, branch: "release", by: "rita", changes: &changes, message: "Notes" }).unwrap();
            github.install("acme", None);
        });
        Self { heads: BTreeMap::new(), last_said: None }
    }

    /// Does what a step says; gives what the transcript says of it.
    pub fn act(&mut self, standin: &StandIn, step: &Step) -> String {
        if step.line.starts_with('#') {
            return format!("\n{}\n", step.line);
        }
        let mut said = String::new();
        if step.is_morning() {
            let now = time(&format!("{} {}", step.words[1], step.words[2]));
            standin.act(|github| github.set_now(now));
        } else {
            said = standin.act(|github| self.deed(github, step));
        }
        let now = standin.with(|github| github.now().0);
        let mut out = format!("\n### {:02}:{:02} {}\n", now / 3600 % 24, now / 60 % 60, step.line);
        if !said.is_empty() {
            out.push('\n');
            out.extend(said.lines().map(|line| format!("{}\n", format!("> {line}").trim_end())));
        }
        out
    }

    fn deed(&mut self, github: &mut Github, step: &Step) -> String {
        let by = step.words[0].as_str();
        let is_change = ["opens", "pushes", "force-pushes"].contains(&step.words[1].as_str());
        let text = if is_change { step.text.clone() } else { filled(github, step) };
        match step.words[1].as_str() {
            "opens" => self.open(github, by, step),
            "pushes" | "force-pushes" => self.push(github, by, step),
            "comments" => {
                let id = github.comment(SHOP, step.pull(), by, &text).unwrap();
                self.last_said = Some((Talk::Issue, id));
            }
            "replies" => {
                let id = github.reply(SHOP, thread(github, step), by, &text).unwrap();
                self.last_said = Some((Talk::Review, id));
            }
            "edits" => {
                let (talk, id) = self.last_said.expect("somebody said something");
                github.change_comment(SHOP, talk, id, by, &text).unwrap();
            }
            "deletes" => {
                let (talk, id) = self.last_said.expect("somebody said something");
                github.delete_comment(SHOP, talk, id, by).unwrap();
            }
            "resolves" => github.set_resolved(SHOP, thread(github, step), Some(by)).unwrap(),
            "approves" => {
                github.review(SHOP, step.pull(), by, "APPROVED", &text).unwrap();
            }
            "reacts" => {
                let pull = step.pull();
                let ours = shop(github).comments.values().find(|comment| comment.issue == pull && comment.author == github.bot);
                let ours = ours.expect("a comment of ours").id;
                github.react(SHOP, Talk::Issue, ours, by, &step.words[2]).unwrap();
            }
            "readies" => github.ready_for_review(SHOP, step.pull(), by).unwrap(),
            "retargets" => github.retarget(SHOP, step.pull(), by, step.behind("to").unwrap()).unwrap(),
            "closes" => github.close(SHOP, step.pull(), by).unwrap(),
            "queues" => {
                github.queue(SHOP, step.pull(), by).unwrap();
            }
            "merges" => self.merge(github, by, step),
            "re-runs" => {
                let head = shop(github).pulls[&step.pull()].head.sha;
                github.rerequest_suite(SHOP, head, by).unwrap();
            }
            other => panic!("{other:?} of {:?} is no deed", step.line),
        }
        text
    }

    fn open(&mut self, github: &mut Github, by: &str, step: &Step) {
        let branch = step.behind("from").expect("a branch");
        let (repository, head) = if by == STRANGER {
            github.fork(SHOP, STRANGER).unwrap();
            ("finn/shop", format!("{STRANGER}:{branch}"))
        } else {
            (SHOP, branch.to_owned())
        };
        commit(github, repository, branch, by, step);
        let base = step.behind("into").unwrap_or("main");
        let draft = step.words.iter().any(|word| word == "draft");
        let opening = Opening { repository: SHOP, by, head: &head, base, title: &step.title, body: "", draft };
        let number = github.open_pull(&opening).unwrap();
        assert_eq!(number, step.pull(), "{:?}", step.line);
        self.heads.insert(number, branch.to_owned());
    }

    /// A force push puts the branch on the base's tip first.
    fn push(&self, github: &mut Github, by: &str, step: &Step) {
        let branch = &self.heads[&step.pull()];
        if step.words[1] == "force-pushes" {
            let tip = shop(github).branch("main").unwrap();
            github.push(&Push { repository: SHOP, branch: "scratch", by, changes: &[], message: "Begin anew" }).unwrap();
            github.force_push(SHOP, "scratch", by, tip).unwrap();
            commit(github, SHOP, "scratch", by, step);
            let tip = shop(github).branch("scratch").unwrap();
            github.force_push(SHOP, branch, by, tip).unwrap();
            github.delete_branch(SHOP, "scratch", by).unwrap();
            return;
        }
        let repository = if by == STRANGER { "finn/shop" } else { SHOP };
        commit(github, repository, branch, by, step);
    }

    /// Also takes the pull request's group out of the queue, if it is there.
    fn merge(&self, github: &mut Github, by: &str, step: &Step) {
        let queued = format!("/pr-{}-", step.pull());
        let group: Option<ObjectId> = shop(github).refs.iter().find(|(name, _)| name.contains(&queued)).map(|(_, tip)| *tip);
        github.merge(SHOP, step.pull(), by).unwrap();
        if let Some(group) = group {
            github.unqueue(SHOP, group, by, "merged").unwrap();
        }
    }
}

/// Our thread on the pull request that asks about the ID which begins as the step says: `at SignupFn/S`.
fn thread(github: &Github, step: &Step) -> u64 {
    let (pull, begins) = (step.pull(), format!("`{}-", step.behind("at").expect("a thread")));
    let first = |comment: &&astride::sandbox::github::state::ReviewComment| {
        comment.pull == pull && comment.author == github.bot && comment.reply_to.is_none() && comment.body.contains(&begins)
    };
    shop(github).review_comments.values().rfind(first).unwrap_or_else(|| panic!("{:?}: there is no such thread", step.line)).id
}

/// The step's text with its holes filled: `{SignupFn/S}` is the first ID on the pull request's page that begins so, `{#3 SignupFn/S}` the one
/// on another page, `{-SignupFn/S}` the digits alone, and `{all}` is `all` with the hash that our comment shows.
fn filled(github: &Github, step: &Step) -> String {
    let mut parts = step.text.split('{');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let Some((hole, rest)) = part.split_once('}').filter(|(hole, _)| !hole.contains(['\n', ':', '{'])) else {
            out.push('{');
            out.push_str(part);
            continue;
        };
        let (pull, begins) = match hole.strip_prefix('#').and_then(|hole| hole.split_once(' ')) {
            Some((pull, begins)) => (pull.parse().unwrap(), begins),
            None => (step.pull(), hole),
        };
        out.push_str(&id(github, pull, begins).unwrap_or_else(|| panic!("{:?}: nothing on #{pull} begins with {begins:?}", step.line)));
        out.push_str(rest);
    }
    out
}

fn id(github: &Github, pull: u64, begins: &str) -> Option<String> {
    let (is_hash, begins) = begins.strip_prefix('-').map_or((false, begins), |begins| (true, begins));
    let mark = if begins == "all" { '@' } else { '-' };
    let begins = format!("{begins}{mark}");
    let head = shop(github).pulls[&pull].head.sha;
    let comments = shop(github).comments.values().filter(|comment| comment.issue == pull && comment.author == github.bot);
    let threads = shop(github).review_comments.values().filter(|comment| comment.pull == pull && comment.author == github.bot);
    let checks = shop(github).checks.values().filter(|check| check.head == head).filter_map(|check| check.text.as_deref());
    let bodies = comments.map(|comment| comment.body.as_str()).chain(threads.map(|thread| thread.body.as_str())).chain(checks);
    let mut words = bodies.flat_map(|body| body.split(|mark: char| mark.is_whitespace() || mark == '`' || mark == ','));
    let found = words.find(|word| word.starts_with(&begins))?;
    Some(if is_hash { found.rsplit_once(mark)?.1.to_owned() } else { found.to_owned() })
}

/// Commits what the step's text says: `--- path`, then lines as a diff has them; `@@` begins another place of the file.
fn commit(github: &mut Github, repository: &str, branch: &str, by: &str, step: &Step) {
    let found = github.repository_named(repository).unwrap();
    let tip = found.branch(branch).or_else(|| found.branch("main")).unwrap();
    let texts: BTreeMap<String, String> = github.objects(found.id).unwrap().texts(tip).into_iter().collect();
    let mut changes: Vec<(&str, Option<Content>)> = Vec::new();
    for part in step.text.split("--- ").skip(1) {
        let (path, hunks) = part.split_once('\n').expect("a path and a change");
        let mut text = texts.get(path).cloned().unwrap_or_default();
        for hunk in hunks.split("@@\n") {
            let side = |other: char| {
                hunk.lines().filter(move |line| !line.starts_with(other)).map(|line| format!("{}\n", line.get(1..).unwrap_or_default()))
            };
            let (old, new): (String, String) = (side('+').collect(), side('-').collect());
            assert!(old.is_empty() || text.matches(&old).count() == 1, "{:?}: {path} does not have once\n{old}", step.line);
            text = if old.is_empty() { format!("{text}{new}") } else { text.replacen(&old, &new, 1) };
        }
        changes.push((path, Some(Content::Text(text))));
    }
    let message = if step.title.is_empty() { "More of it" } else { &step.title };
    github.push(&Push { repository, branch, by, changes: &changes, message }).unwrap();
}
