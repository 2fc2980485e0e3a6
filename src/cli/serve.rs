//! `astride serve`: the webhook service and its workers.

use crate::cli::serve_log::Lines;
use crate::cli::{Outcome, print};
use crate::clock::Clock;
use crate::decisions::ledger_text;
use crate::serve;
use crate::serve::{Checked, FoundStore};
use crate::server::config::{self, Config};
use crate::worker::judgement::Judgement;
use crate::worker::trial::Trial;
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::io::{IsTerminal, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::path::PathBuf;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

/// How long a health check waits for an answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Serve webhooks of a GitHub App, and work on the pull requests that they tell of.
///
/// Settings come from a YAML file and from the environment, which wins; config/server.yml documents all of them.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The settings file.
    #[arg(long, value_name = "FILE", env = "ASTRIDE_CONFIG")]
    config: Option<PathBuf>,
    /// Log lines of text instead of JSON.
    #[arg(long)]
    plain_log: bool,
    /// Ask a running service whether it is ready, and end: 0 it is, 2 it is not. Needs no settings but where it listens.
    #[arg(long)]
    health: bool,
    /// See whether the service could start: settings, key, store, and whether GitHub takes the credentials; then end. 0 it could, 2 it could not.
    #[arg(long, conflicts_with = "health")]
    check: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome> {
    let environment: BTreeMap<String, String> = std::env::vars().collect();
    if arguments.health {
        return health(&config::listen(arguments.config.as_deref(), &environment)?);
    }
    let settings = config::load(arguments.config.as_deref(), &environment)?;
    if arguments.check {
        return check(&settings);
    }
    // Whoever keeps the lines in a file keeps no colours; what cannot be written is told nowhere, since it would be told to the same disk.
    let log = tracing_subscriber::fmt()
        .with_writer(|| Lines)
        .log_internal_errors(false)
        .with_ansi(std::io::stdout().is_terminal())
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,octocrab=off")));
    let logs = if arguments.plain_log { log.try_init() } else { log.json().flatten_event(true).try_init() };
    if let Err(error) = logs {
        bail!("logs cannot be written: {error}");
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("no runtime")?;
    runtime.block_on(async {
        let listener = TcpListener::bind(&settings.listen).await.with_context(|| format!("{} cannot be listened on", settings.listen))?;
        let stop = CancellationToken::new();
        tokio::spawn(stop_on_signal(stop.clone()));
        let trial = Trial {
            program: std::env::current_exe().context("the program does not know where it lies")?,
            bytes: settings.worker.judgement_mib * 1024 * 1024,
            seconds: settings.worker.judgement_seconds,
        };
        let judgement = Judgement::new(ledger_text::append).on_trial(trial);
        serve::serve(settings, listener, Clock::system(), judgement, stop).await?;
        Ok(Outcome::Clear)
    })
}

fn check(settings: &Config) -> Result<Outcome> {
    settings.listen.to_socket_addrs().with_context(|| format!("server.listen: {} is no address that is known here", settings.listen))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime")?;
    let Checked { app, store, clock } = runtime.block_on(serve::check(settings, Clock::system()))?;
    let store = match store {
        FoundStore::TakesWrites => "the store takes writes".to_owned(),
        FoundStore::InUse => "the store is in use by a service that runs".to_owned(),
        FoundStore::NotYet(file) => {
            format!("the store {} will be made at the start, as user {} may do", file.display(), rustix::process::geteuid().as_raw())
        }
    };
    print(&format!("ready to serve: the settings hold, {store}, and GitHub takes the key of App {}, {app}\n", settings.github.app_id))?;
    if let Some(words) = clock {
        print(&format!("but this machine's clock is {words}: set it by a time server, or GitHub will soon refuse the key\n"))?;
    }
    Ok(Outcome::Clear)
}

/// The first signal drains, so that what is being written is written whole.
async fn stop_on_signal(stop: CancellationToken) {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else { return };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping: what is in progress is finished first");
    stop.cancel();
}

/// Asks `/readyz` of the service on this machine.
fn health(listen: &str) -> Result<Outcome> {
    let mut addresses = listen.to_socket_addrs().with_context(|| format!("{listen} is no address that is known here"))?;
    let address = addresses.next().with_context(|| format!("{listen} has no address"))?;
    let host = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    let address = SocketAddr::new(host, address.port());
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).with_context(|| format!("nothing answers on {address}"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET /readyz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, why) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    match head.lines().next().unwrap_or_default() {
        status if status.starts_with("HTTP/1.1 200") => {
            print(&format!("{}\n", why.trim()))?;
            Ok(Outcome::Clear)
        }
        status if why.trim().is_empty() => bail!("not ready: {}", if status.is_empty() { "no answer" } else { status }),
        _ => bail!("not ready: {}", why.trim()),
    }
}
