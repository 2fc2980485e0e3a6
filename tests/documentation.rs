//! The documentation: its links lead somewhere, its commands run, and each rule has a page.
//!
//! A block of shell commands that cannot be run here says so in its first line, `# not run by the tests: why`, where people see it.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

#[path = "../examples/book/pages.rs"]
mod pages;
#[path = "../examples/book/rules.rs"]
mod rules;
mod shared;

use astride::stride::rule::RULES;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// What the first line of a block says that is not run.
const NOT_RUN: &str = "# not run by the tests: ";
/// Blocks that may be so marked: each is a command whose effect no test sees.
const MOST_NOT_RUN: usize = 10;
/// Commands that serve until they are stopped: of these only the arguments are tried.
const SERVING: [&str; 4] = ["astride serve", "astride sandbox", "astride setup", "astride doctor"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn book() -> BTreeMap<String, String> {
    let book = pages::assemble(root()).unwrap();
    let pages = book.into_iter().filter(|(path, _)| path.ends_with(".md"));
    pages.map(|(path, bytes)| (path, String::from_utf8(bytes).unwrap())).collect()
}

/// The pages of the repository that people write.
fn written() -> Vec<PathBuf> {
    let mut pages: Vec<PathBuf> = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md"].map(|name| root().join(name)).into();
    pages.extend(fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path()));
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages.sort();
    pages
}

/// What a heading is called in an address, as GitHub and mdBook make it.
fn anchor(heading: &str) -> String {
    let plain = heading.trim().trim_start_matches('#').trim();
    let kept = plain.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect::<String>().to_lowercase()
}

fn anchors(text: &str) -> BTreeSet<String> {
    let mut is_fenced = false;
    let mut found = BTreeSet::new();
    for line in text.lines() {
        is_fenced ^= line.starts_with("```");
        if line.starts_with('#') && !is_fenced {
            found.insert(anchor(line));
        }
    }
    found
}

/// What is wrong with the links of a set of texts, by their paths.
fn broken(texts: &BTreeMap<String, String>, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let mut broken = Vec::new();
    for (path, text) in texts {
        for link in pages::links(text).iter().filter(|link| !link.target.contains("://")) {
            let (target, anchor) = link.target.split_once('#').map_or((link.target, None), |(target, anchor)| (target, Some(anchor)));
            let file = if target.is_empty() { path.clone() } else { pages::resolve(path, target) };
            let is_there = texts.contains_key(&file) || exists(&file);
            let is_anchored = anchor.is_none_or(|anchor| texts.get(&file).is_some_and(|text| anchors(text).contains(anchor)));
            if !is_there || !is_anchored {
                broken.push(format!("{path}: {}", link.target));
            }
        }
    }
    broken
}

#[test]
fn every_link_of_the_repository_leads_somewhere() {
    let relative = |path: &PathBuf| path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
    let texts: BTreeMap<String, String> = written().iter().map(|path| (relative(path), fs::read_to_string(path).unwrap())).collect();
    let links: usize = texts.values().map(|text| pages::links(text).len()).sum();
    assert!(links >= 60, "{links} links were found");
    let broken = broken(&texts, |file| root().join(file).exists());
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_link_of_the_book_leads_somewhere() {
    let assets = pages::assemble(root()).unwrap();
    let broken = broken(&book(), |file| assets.contains_key(file));
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_page_is_in_the_table_of_contents() {
    let book = book();
    let listed: BTreeSet<&str> = pages::links(&book["SUMMARY.md"]).iter().map(|link| link.target).collect();
    let pages: BTreeSet<&str> = book.keys().map(String::as_str).filter(|path| *path != "SUMMARY.md").collect();
    assert_eq!(listed, pages);
}

/// What is said to be shown is shown: each story, and each test of a file.
#[test]
fn what_the_conversation_is_tested_by_is_there() {
    let page = fs::read_to_string(root().join("docs/conversation-tests.md")).unwrap();
    let named: BTreeSet<&str> = page.split('`').skip(1).step_by(2).collect();
    let is_there = |name: &&str| match name.split_once('#') {
        Some((file, test)) => fs::read_to_string(root().join(file)).is_ok_and(|text| text.contains(&format!("fn {test}()"))),
        None => root().join(format!("tests/cases/stories/{name}.txt")).is_file(),
    };
    let is_name = |name: &&str| name.contains(".rs#") || name.contains('_') && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'_'));
    let (found, missing): (Vec<&str>, Vec<&str>) = named.into_iter().filter(is_name).partition(is_there);
    assert!(found.len() > 90 && missing.is_empty(), "{} are there, {missing:?} are not", found.len());
}

#[test]
fn every_rule_has_a_short_page_without_placeholders() {
    let book = book();
    for rule in RULES {
        let page = &book[&format!("rules/{}.md", rule.id)];
        let missing = ["## When it is raised", "## When it is silent", "## Fix", "## Examples"].iter().find(|part| !page.contains(**part));
        assert_eq!(missing, None, "{}", rule.id);
        assert!(page.contains("| raised |"), "{} has no example that raises it", rule.id);
        assert!(page.lines().count() <= 70, "{}: {} lines", rule.id, page.lines().count());
        let title = page.lines().nth(2).unwrap();
        assert!(title.starts_with("**") && !title.contains('{'), "{}: {title}", rule.id);
        assert!(book["rules.md"].matches(&format!("[{0}](rules/{0}.md)", rule.id)).count() == 2, "{} is not in both indexes", rule.id);
    }
}

/// The site as mdBook built it, where `.ci/run` has.
#[test]
fn every_link_of_the_site_leads_somewhere() {
    let Some(site) = std::env::var_os("ASTRIDE_BOOK").map(PathBuf::from) else {
        shared::skip("links of the built documentation: ASTRIDE_BOOK names no folder");
        return;
    };
    let texts: BTreeMap<PathBuf, String> = shared::files(&site)
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "html"))
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect();
    assert!(texts.len() > RULES.len(), "{} pages", texts.len());
    let mut broken = Vec::new();
    for (path, text) in &texts {
        // The content alone: what stands around it is mdBook's.
        let Some((_, content)) = text.split_once("<main>") else { continue };
        let content = content.split_once("</main>").unwrap().0;
        for target in content.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            if target.contains("://") || target.is_empty() {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file).canonicalize().unwrap_or_default() };
            let page = texts.get(&file).or_else(|| texts.get(&site.join(file.strip_prefix(site.canonicalize().unwrap()).unwrap_or(&file))));
            let is_anchored = anchor.is_empty() || page.is_some_and(|page| page.contains(&format!("id=\"{anchor}\"")));
            if !file.exists() || !is_anchored {
                broken.push(format!("{}: {target}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// A small repository in which all that the documentation names is there.
fn repository() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .arg("-C")
            .arg(folder.path())
            .args(["-c", "user.name=mona", "-c", "user.email=mona@example.test", "-c", "commit.gpgsign=false"])
            .args(arguments)
            .output()
            .unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    let example = |side: &str| fs::read_to_string(root().join("src/sandbox/example").join(side).join("intake/template.yaml")).unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("template.yaml", &example("base"));
    write(".github/astride.yml", "version: 1\nmode: advise\n");
    write("infra/main.tf", "resource \"aws_sqs_queue\" \"jobs\" {\n  name = \"jobs\"\n}\n");
    git(&["init", "-q", "-b", "main"]);
    git(&["add", "-A"]);
    git(&["commit", "-q", "-m", "Take in registrations"]);
    git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    write("template.yaml", &example("head"));
    git(&["commit", "-q", "-a", "-m", "Take in forms"]);
    git(&["clone", "-q", "--bare", ".", "shop.git"]);
    let (named, made) = (r#""address":"aws_sqs_queue.jobs","mode":"managed","type":"aws_sqs_queue","name":"jobs""#, r#"{"name":"jobs"}"#);
    let change = format!(r#"{{{named},"change":{{"actions":["create"],"before":null,"after":{made}}}}}"#);
    let planned = format!(r#"{{"root_module":{{"resources":[{{{named},"values":{made}}}]}}}}"#);
    let plan =
        format!(r#"{{"format_version":"1.2","terraform_version":"1.11.4","planned_values":{planned},"resource_changes":[{change}]}}"#);
    ["plans/base.json", "plans/head.json"].iter().for_each(|path| write(path, &plan));
    write("old/template.yaml", &example("base"));
    write("new/template.yaml", &example("head"));
    folder
}

/// The commands of a page's blocks, continued lines joined; and how many blocks say that they are not run.
fn commands(text: &str) -> (Vec<String>, usize) {
    let mut commands = Vec::new();
    let mut not_run = 0;
    for block in text.split("\n```sh\n").skip(1) {
        let block = block.split("\n```").next().unwrap();
        if block.starts_with(NOT_RUN) {
            not_run += 1;
            continue;
        }
        let joined = block.replace("\\\n", " ");
        commands.extend(joined.lines().filter(|line| line.starts_with("astride ")).map(str::to_owned));
    }
    (commands, not_run)
}

#[test]
fn every_command_of_the_documentation_runs() {
    let repository = repository();
    let program = Path::new(env!("CARGO_BIN_EXE_astride"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let (mut ran, mut not_run) = (BTreeSet::new(), 0);
    for page in written() {
        let (commands, marked) = commands(&fs::read_to_string(&page).unwrap());
        not_run += marked;
        for command in commands.into_iter().filter(|command| ran.insert(command.clone())) {
            let command = match SERVING.iter().any(|serving| command.starts_with(serving)) {
                true => format!("{command} --help"),
                false => command,
            };
            let output = Command::new("bash").args(["-c", &command]).current_dir(repository.path()).env("PATH", &path).output().unwrap();
            // 1 is a verdict: something needs an answer.
            let is_good = matches!(output.status.code(), Some(0 | 1));
            assert!(is_good, "{}: {command}\n{}", page.display(), String::from_utf8_lossy(&output.stderr));
        }
    }
    assert!(ran.len() >= 15, "{ran:#?}");
    assert!(not_run <= MOST_NOT_RUN, "{not_run} blocks are not run");
}
