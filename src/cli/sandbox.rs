//! `astride sandbox`: the service beside a stand-in for GitHub, with a pull request to try it on.
//!
//! Nothing leaves this machine: the service listens on loopback, and GitHub is played by `sandbox::github`, with real git objects, signed
//! webhooks and people who comment. What the service writes is shown as it appears.

mod page;

use crate::change::{ObjectId, Right};
use crate::cli::Outcome;
use crate::cli::sandbox::page::Page;
use crate::clock::Clock;
use crate::sandbox::github::people::{Opening, Push, Visibility};
use crate::sandbox::github::state::UserKind;
use crate::sandbox::github::{Options, StandIn};
use crate::sandbox::import::import_repository;
use crate::sandbox::objects::{Content, Objects};
use crate::sandbox::stage::Stage;
use crate::settings;
use anyhow::{Context, Result, anyhow};
use std::fs;
use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

/// What signs the stand-in's webhooks.
const SECRET: &str = "the sandbox signs with this";
/// Who opens the pull request, and who reviews it.
const AUTHOR: &str = "li";
const REVIEWER: &str = "maria";
/// The example pull request: a function gets a public URL and a table.
const BASE: &str = include_str!("../sandbox/example/base/intake/template.yaml");
const HEAD: &str = include_str!("../sandbox/example/head/intake/template.yaml");
const EXAMPLE: &str = "intake/template.yaml";

/// Try the bot without GitHub: the service beside a stand-in, an example pull request, and a prompt that takes your commands.
///
/// The lines that you type are comments on the pull request by its reviewer, until the check is green. Begin a line with `@li ` to
/// speak as the author instead. Without a terminal a default script is played.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  astride sandbox\n  astride sandbox --repo . --base main --head HEAD\n  astride sandbox --script answers.txt"
)]
pub(super) struct Arguments {
    /// Play the lines of this file instead of asking.
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// Use a change of this git repository instead of the example.
    #[arg(long, value_name = "DIR", requires = "base")]
    repo: Option<PathBuf>,
    /// The revision that the pull request goes to.
    #[arg(long, value_name = "REV", requires = "repo")]
    base: Option<String>,
    /// The revision that the pull request brings.
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    head: String,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome> {
    let scratch = std::env::temp_dir().join(format!("astride-sandbox-{}", std::process::id()));
    fs::create_dir_all(&scratch).with_context(|| format!("{}", scratch.display()))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("no runtime")?;
    let outcome = runtime.block_on(play(arguments, &scratch));
    let _ = fs::remove_dir_all(&scratch);
    outcome
}

async fn play(arguments: &Arguments, scratch: &Path) -> Result<Outcome> {
    let clock = Clock::system();
    let standin = StandIn::new(Options { start: clock.timestamp(), webhook_secret: SECRET.to_owned(), step: 1, ..Options::default() });
    let repository = match (&arguments.repo, &arguments.base) {
        (Some(folder), Some(base)) => local_repository(&standin, folder, base, &arguments.head)?,
        _ => example_repository(&standin)?,
    };
    let stage = Stage::set(standin, SECRET, &scratch.join("astride.db"), clock).await?;
    say(&format!(
        "GitHub is played on http://{}, the service listens on http://{}, its store is {}.\n{AUTHOR} opens pull request #1 of {repository}; {REVIEWER} reviews it.\n",
        stage.api,
        stage.service,
        scratch.join("astride.db").display()
    ))?;
    let title = "A form for submissions";
    let opening = Opening { repository: &repository, by: AUTHOR, head: "change", base: "main", title, body: "", draft: false };
    stage.standin.act(|github| github.open_pull(&opening)).map_err(|error| anyhow!("{error}"))?;
    stage.settle().await;
    let mut page = Page::default();
    page.show_news(&stage.standin, &repository)?;
    let mut script = Script::new(arguments, &page)?;
    while !page.is_green() {
        let Some(line) = script.next_line(&page)? else { break };
        let (by, body) = line.strip_prefix(&format!("@{AUTHOR} ")).map_or((REVIEWER, line.as_str()), |body| (AUTHOR, body));
        if script.is_played() {
            say(&format!("\n{by}> {body}\n"))?;
        }
        stage.standin.act(|github| github.comment(&repository, 1, by, body)).map_err(|error| anyhow!("{error}"))?;
        stage.settle().await;
        page.show_news(&stage.standin, &repository)?;
    }
    let green = page.is_green();
    say(if green { "\nThe check is green: the pull request can be merged.\n" } else { "\nThe check is not green.\n" })?;
    stage.strike().await;
    Ok(if green { Outcome::Clear } else { Outcome::NeedsAnswer })
}

/// The pull request that the program ships.
fn example_repository(standin: &StandIn) -> Result<String> {
    let name = "acme/intake";
    let made = standin.with(|github| {
        github.add_repository(name, Visibility::Private, &[(EXAMPLE, BASE.into()), (settings::PATH, "mode: enforce\n".into())])?;
        people(github, name)?;
        let changes: [(&str, Option<Content>); 1] = [(EXAMPLE, Some(HEAD.into()))];
        github.push(&Push { repository: name, branch: "change", by: AUTHOR, changes: &changes, message: "A form for submissions" })
    });
    made.map_err(|error| anyhow!("{error}"))?;
    Ok(name.to_owned())
}

/// A change of a repository on this machine; its objects are copied, and nothing is written to it.
fn local_repository(standin: &StandIn, folder: &Path, base: &str, head: &str) -> Result<String> {
    let mut objects = Objects::default();
    let imported = import_repository(&mut objects, folder, base, head).with_context(|| format!("{}", folder.display()))?;
    let folder_name = fs::canonicalize(folder).ok().and_then(|path| path.file_name().map(|name| name.to_string_lossy().into_owned()));
    let plain = |name: String| name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' }).collect::<String>();
    let name = format!("local/{}", folder_name.map_or_else(|| "repository".to_owned(), plain));
    let branches: [(&str, ObjectId); 2] = [("main", imported.base), ("change", imported.head)];
    let made = standin.with(|github| {
        github.adopt_repository(&name, Visibility::Private, objects, &branches)?;
        people(github, &name)
    });
    made.map_err(|error| anyhow!("{error}"))?;
    Ok(name)
}

fn people(github: &mut crate::sandbox::github::state::Github, repository: &str) -> Result<(), crate::sandbox::github::people::ActError> {
    let owner = repository.split_once('/').map_or(repository, |(owner, _)| owner);
    github.install(owner, None);
    for person in [AUTHOR, REVIEWER] {
        github.add_user(person, UserKind::Person);
        github.set_role(repository, person, Right::Write)?;
    }
    Ok(())
}

/// Where the lines come from.
enum Script {
    /// Lines in their order.
    Played(std::vec::IntoIter<String>),
    Prompt,
}

impl Script {
    fn new(arguments: &Arguments, page: &Page) -> Result<Self> {
        if let Some(file) = &arguments.script {
            let text = fs::read_to_string(file).with_context(|| format!("{}", file.display()))?;
            let lines: Vec<String> =
                text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect();
            return Ok(Self::Played(lines.into_iter()));
        }
        if std::io::stdin().is_terminal() { Ok(Self::Prompt) } else { Ok(Self::Played(default_lines(page).into_iter())) }
    }

    fn is_played(&self) -> bool {
        matches!(self, Self::Played(_))
    }

    fn next_line(&mut self, page: &Page) -> Result<Option<String>> {
        match self {
            Self::Played(lines) => Ok(lines.next()),
            Self::Prompt => prompt(page),
        }
    }
}

/// What the comment offers to paste, with reasons: the author proposes, the reviewer confirms, and decides the rest.
fn default_lines(page: &Page) -> Vec<String> {
    let offered = page.offered();
    let filled = |line: &String| {
        line.replace("<why>", "the form is public on purpose").replace("<how>", "the handler checks every field against its schema")
    };
    let mut lines: Vec<String> = Vec::new();
    if let Some(first) = offered.first() {
        lines.push(format!("@{AUTHOR} {}", filled(first)));
        if let Some(id) = first.split_whitespace().nth(2) {
            lines.push(format!("/stride confirm {id} the security review agrees"));
        }
    }
    lines.extend(offered.iter().skip(1).map(filled));
    lines
}

fn prompt(page: &Page) -> Result<Option<String>> {
    let hint = if page.offered().is_empty() { "" } else { " (paste a command from the comment, `/stride help`, or `quit`)" };
    say(&format!("\n{REVIEWER}{hint}> "))?;
    let mut line = String::new();
    loop {
        line.clear();
        if std::io::stdin().lock().read_line(&mut line)? == 0 {
            return Ok(None);
        }
        match line.trim() {
            "" => say(&format!("{REVIEWER}> "))?,
            "quit" | "exit" => return Ok(None),
            said => return Ok(Some(said.to_owned())),
        }
    }
}

fn say(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}
