//! `astride sandbox`: the service beside a stand-in for GitHub, with a pull request to try it on.
//!
//! Nothing leaves this machine: the service listens on loopback, and GitHub is played by `sandbox::github`, with real git objects, signed
//! webhooks and people who comment. What the service writes is shown as it appears.

mod lines;
mod log;
mod markdown;
mod page;
mod push;
mod repository;
mod web;

use crate::cli::sandbox::lines::Lines;
use crate::cli::sandbox::log::Log;
use crate::cli::sandbox::page::Page;
use crate::cli::sandbox::repository::Example;
use crate::cli::sandbox::web::Door;
use crate::cli::terminal::Terminal;
use crate::cli::{Outcome, browser, print};
use crate::clock::Clock;
use crate::queue::Store;
use crate::queue::first_contact::{Note, Step};
use crate::sandbox::github::people::Opening;
use crate::sandbox::github::state::Github;
use crate::sandbox::github::{Options, StandIn};
use crate::sandbox::stage::Stage;
use anyhow::{Context, Result, anyhow};
use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What signs the stand-in's webhooks.
const SECRET: &str = "the sandbox signs with this";
/// Who opens the pull request, and who reviews it.
const AUTHOR: &str = "li";
const REVIEWER: &str = "maria";
/// How many names are tried for the folder that it plays in.
const SCRATCHES: u32 = 16;
/// How long the service may take to stop.
const STOPPING: Duration = Duration::from_secs(5);
const HELP: &str = "What you type is a comment by maria, who reviews the pull request.
  /stride …     a command of the comment above; `/stride help` lists them all
  @li …         the same by li, who wrote it
  push          what li can push: a fix, or a file as you leave it in your editor
  show          the comment again, as it stands
  quit          the end, as Ctrl-C
";

/// Try the bot without GitHub: the service beside a stand-in, an example pull request, and a prompt that takes your commands.
///
/// The lines that you type are comments on the pull request by its reviewer, until the check is green. Begin a line with `@li ` to
/// speak as the author instead; `push` commits a fix, and `help` says what else there is. Without a terminal a default script is played.
/// With `--web` it is a page in the browser instead, with the comment, its picture, threads, checks and files.
/// Exit code: 0 the check is green, 1 it is not, 2 the service did not come to an end.
#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  astride sandbox\n  astride sandbox --example terraform\n  astride sandbox --repo . --base main --head HEAD\n  astride sandbox --script answers.txt\n  astride sandbox --web"
)]
pub(super) struct Arguments {
    /// Play the lines of this file instead of asking.
    #[arg(long, value_name = "FILE")]
    script: Option<PathBuf>,
    /// The notation of the example.
    #[arg(long, value_enum, default_value_t = Example::Sam)]
    example: Example,
    /// Use a change of this git repository instead of the example.
    #[arg(long, value_name = "DIR", conflicts_with = "example")]
    repo: Option<PathBuf>,
    /// The revision that the pull request goes to. Without it, or where the two are the same, the newest change of something that is read
    /// is taken.
    #[arg(long, value_name = "REV", requires = "repo")]
    base: Option<String>,
    /// The revision that the pull request brings.
    #[arg(long, value_name = "REV", default_value = "HEAD")]
    head: String,
    /// Show the pull request as a page on this machine, until Ctrl-C; its address is printed.
    #[arg(long, conflicts_with = "script")]
    web: bool,
    /// Open the browser on the page.
    #[arg(long, requires = "web")]
    open: bool,
    /// Where the page listens on 127.0.0.1; 0 is any free port.
    #[arg(long, value_name = "PORT", default_value_t = 0, requires = "web")]
    port: u16,
    /// How long to wait for the service, each time.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    timeout: u64,
}

pub(super) fn run(arguments: &Arguments, terminal: Terminal) -> Result<Outcome> {
    let scratch = scratch()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("no runtime")?;
    let outcome = runtime.block_on(play(arguments, terminal, &scratch));
    // Whatever still runs has nothing left to do.
    runtime.shutdown_background();
    let _ = fs::remove_dir_all(&scratch);
    outcome
}

/// A new folder that nobody else can look into: one that somebody has put there under such a name is not taken.
fn scratch() -> Result<PathBuf> {
    let named = |number: u32| std::env::temp_dir().join(format!("astride-sandbox-{}-{number}", std::process::id()));
    let mut last = None;
    for folder in (0..SCRATCHES).map(named) {
        match fs::DirBuilder::new().mode(0o700).create(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) => last = Some(anyhow::Error::new(error).context(format!("{}", folder.display()))),
        }
    }
    Err(last.unwrap_or_else(|| anyhow!("no folder for the sandbox")))
}

async fn play(arguments: &Arguments, terminal: Terminal, scratch: &Path) -> Result<Outcome> {
    let log = Log::keep();
    let clock = Clock::system();
    let door = if arguments.web { Some(Door::open(arguments.port).await?) } else { None };
    let mut options = Options { start: clock.timestamp(), webhook_secret: SECRET.to_owned(), step: 1, ..Options::default() };
    if let Some(door) = &door {
        // What the comment links to is on the page.
        options.web_url = door.url();
    }
    let standin = StandIn::new(options);
    let setting = match &arguments.repo {
        Some(folder) => repository::local(&standin, folder, arguments.base.as_deref(), &arguments.head)?,
        None => repository::example(&standin, arguments.example)?,
    };
    let repository = setting.repository;
    let database = scratch.join("astride.db");
    skip_first_contact(&standin, &repository, &database, clock.clone()).await?;
    let stage = match door {
        Some(_) => Stage::set_with_pages(standin, SECRET, &database, clock).await?,
        None => Stage::set(standin, SECRET, &database, clock).await?,
    };
    print(&setting.remark)?;
    print(&format!(
        "GitHub is played on http://{}, the service listens on http://{}, its store is {}.\n{AUTHOR} opens pull request #1 of {repository}; {REVIEWER} reviews it.\n",
        stage.api,
        stage.service,
        database.display()
    ))?;
    let opening =
        Opening { repository: &repository, by: AUTHOR, head: "change", base: "main", title: &setting.title, body: "", draft: false };
    stage.standin.act(|github| github.open_pull(&opening)).map_err(|error| anyhow!("{error}"))?;
    let mut game = Game { stage, repository, page: Page::of(terminal), scratch, patience: Duration::from_secs(arguments.timeout) };
    let ended = match door {
        Some(door) => game.show(door, arguments.open).await,
        None => game.play(arguments).await,
    };
    let green = game.is_green();
    let _ = tokio::time::timeout(STOPPING, game.stage.strike()).await;
    match ended? {
        Ended::Played if green => print("\nThe check is green: the pull request can be merged.\n")?,
        Ended::Played => print("\nThe check is not green.\n")?,
        Ended::Stopped => print("\nStopped.\n")?,
        Ended::Waiting => {
            let seconds = arguments.timeout;
            print(&format!("\nThe service did not come to an end within {seconds} s. What it logged last:\n{}", log.last_lines()))?;
            return Ok(Outcome::Undetermined);
        }
    }
    Ok(if green { Outcome::Clear } else { Outcome::NeedsAnswer })
}

/// Notes in the store that the first contact with the repository is over. It is paced for whole organisations, and would only be waited for:
/// what it writes is a check on the default branch and a pull request of its own.
async fn skip_first_contact(standin: &StandIn, repository: &str, database: &Path, clock: Clock) -> Result<()> {
    let Some(id) = standin.with(|github| github.repository_named(repository).map(|found| found.id)) else { return Ok(()) };
    let store = Store::open(&format!("sqlite://{}", database.display()), clock).await?;
    for step in Step::ALL {
        store.note_step(id, step, Note::Done).await?;
    }
    store.close().await;
    Ok(())
}

/// How it came to its end.
enum Ended {
    Played,
    /// By Ctrl-C while the service was at work.
    Stopped,
    /// The service was waited for in vain.
    Waiting,
}

/// The stage with the page that is played on it.
struct Game<'g> {
    stage: Stage,
    repository: String,
    page: Page,
    scratch: &'g Path,
    patience: Duration,
}

impl Game<'_> {
    /// Whether the check of the pull request is, as it stands.
    fn is_green(&self) -> bool {
        self.stage.standin.with(|github| {
            let repository = github.repository_named(&self.repository);
            let check = repository.and_then(|found| page::own_check(github, found, found.pulls.get(&page::PULL).map(|pull| pull.head.sha)));
            check.is_some_and(|check| check.conclusion.as_deref() == Some("success"))
        })
    }

    /// Serves the page in the browser until Ctrl-C, once the service has judged for the first time.
    async fn show(&mut self, door: Door, open: bool) -> Result<Ended> {
        let url = door.url();
        tokio::select! {
            () = self.stage.settle() => {}
            _ = tokio::signal::ctrl_c() => return Ok(Ended::Stopped),
            () = tokio::time::sleep(self.patience) => return Ok(Ended::Waiting),
        }
        print(&format!("\nThe pull request is this page; whoever has its address can use it. Ctrl-C ends it.\n\n  {url}\n"))?;
        if open {
            browser::open(&url);
        }
        let served = web::serve(door, self.stage.standin.clone(), self.stage.settling(), &self.repository, self.patience);
        tokio::select! {
            served = served => served?,
            _ = tokio::signal::ctrl_c() => {}
        }
        Ok(Ended::Played)
    }

    async fn play(&mut self, arguments: &Arguments) -> Result<Ended> {
        if let Some(ended) = self.wait().await? {
            return Ok(ended);
        }
        let mut lines = Lines::new(arguments, &self.page)?;
        // A check that advises is green from the start, and yet there is something to try.
        let is_open = !self.page.is_green();
        if !lines.are_played() {
            print("\nPaste a command of the comment, or type `help`.\n")?;
        }
        while !(is_open && self.page.is_green()) {
            let line = tokio::task::block_in_place(|| lines.next())?;
            let Some(line) = line.filter(|line| !matches!(line.as_str(), "quit" | "exit")) else { break };
            if lines.are_played() {
                let (by, body) = speaker(&line);
                print(&format!("\n{by}> {body}\n"))?;
            }
            if self.take(&line)?
                && let Some(ended) = self.wait().await?
            {
                return Ok(ended);
            }
        }
        Ok(Ended::Played)
    }

    /// Does what a line says; gives whether something may come of it.
    fn take(&mut self, line: &str) -> Result<bool> {
        let (word, rest) = line.split_once(' ').map_or((line, ""), |(word, rest)| (word, rest.trim()));
        match (word, rest) {
            ("help", "") => print(HELP)?,
            ("show", "") => print(&self.page.whole())?,
            ("push", "") => print(&push::choices(&self.stage.standin, &self.repository)?)?,
            ("push", wanted) => match push::push(&self.stage.standin, &self.repository, wanted, self.scratch) {
                Ok(said) => {
                    print(&format!("{said}\n"))?;
                    return Ok(true);
                }
                Err(error) => print(&format!("{error:#}\n"))?,
            },
            _ => {
                let (by, body) = speaker(line);
                let comment = |github: &mut Github| github.comment(&self.repository, page::PULL, by, body);
                self.stage.standin.act(comment).map_err(|error| anyhow!("{error}"))?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Waits until the service has worked everything off, and shows what came of it; an end where it did not, or where Ctrl-C came first.
    async fn wait(&mut self) -> Result<Option<Ended>> {
        let ended = tokio::select! {
            () = self.stage.settle() => None,
            _ = tokio::signal::ctrl_c() => Some(Ended::Stopped),
            () = tokio::time::sleep(self.patience) => Some(Ended::Waiting),
        };
        self.page.show_news(&self.stage.standin, &self.repository)?;
        Ok(ended)
    }
}

/// Who says a line, and what.
fn speaker(line: &str) -> (&'static str, &str) {
    line.strip_prefix(&format!("@{AUTHOR} ")).map_or((REVIEWER, line), |body| (AUTHOR, body))
}
