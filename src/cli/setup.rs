//! `astride setup`: registers the GitHub App by its manifest.

use crate::cli::{Outcome, browser, complain, print};
use crate::forge::permissions::Variant;
use crate::forge::transport::Route;
use crate::server::config;
use crate::setup::files::Folder;
use crate::setup::manifest::{MAX_NAME, default_name};
use crate::setup::{Registered, Setup, Wish};
use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// Register the GitHub App: a page on this machine sends you to GitHub, and the App's credentials are stored where you say.
///
/// The App asks for the permissions of SECURITY.md. Its id, private key and webhook secret are written to a folder that only you can read,
/// with settings for `astride serve`; nothing secret is shown.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  astride setup --org acme --webhook-url https://astride.acme.example/webhook --out /etc/astride\n  \
                  astride setup --variant read-only --no-webhook-url --out ./astride --no-browser")]
pub(super) struct Arguments {
    /// The folder for the credentials and the settings.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Replace what lies there.
    #[arg(long)]
    force: bool,
    /// What the App may do: `standard`; `read-only` to advise without ever writing to a repository; `separate-ledger` to keep decisions in a
    /// repository of their own.
    #[arg(long, value_name = "VARIANT", default_value = "standard")]
    variant: VariantArgument,
    /// The repository for decisions, with `--variant separate-ledger`.
    #[arg(long, value_name = "OWNER/NAME", required_if_eq("variant", "separate-ledger"))]
    ledger: Option<String>,
    /// The organisation that shall own the App; without it, it is yours.
    #[arg(long, value_name = "NAME")]
    org: Option<String>,
    /// What the App shall be called; names are unique on GitHub, and you can still change it there.
    #[arg(long)]
    name: Option<String>,
    /// Where GitHub reaches the service: https://HOST/webhook.
    #[arg(long, value_name = "URL", required_unless_present = "no_webhook_url")]
    webhook_url: Option<String>,
    /// Register the App without a webhook address, which has to be set later.
    #[arg(long, conflicts_with = "webhook_url")]
    no_webhook_url: bool,
    /// GitHub's address; for GitHub Enterprise Server https://HOST.
    #[arg(long, value_name = "URL", default_value_t = config::WEB_URL.to_owned())]
    web_url: String,
    /// GitHub's API; without it, taken from `--web-url`.
    #[arg(long, value_name = "URL")]
    api_url: Option<String>,
    /// A file of certificates in PEM that are trusted instead of the machine's own.
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Print the page's address, and open no browser.
    #[arg(long)]
    no_browser: bool,
    /// The port of the page on 127.0.0.1; any free one without it.
    #[arg(long, default_value_t = 0)]
    port: u16,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum VariantArgument {
    Standard,
    ReadOnly,
    SeparateLedger,
}

impl VariantArgument {
    fn variant(self) -> Variant {
        match self {
            Self::Standard => Variant::Standard,
            Self::ReadOnly => Variant::ReadOnly,
            Self::SeparateLedger => Variant::SeparateLedger,
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome> {
    let wish = wish(arguments)?;
    let environment: BTreeMap<String, String> = std::env::vars().collect();
    let mut route = Route::of_environment(&environment);
    if let Some(file) = &arguments.ca_file {
        route.authorities = fs::read(file).with_context(|| format!("{}", file.display()))?;
    }
    let folder = Folder::prepare(&arguments.out, arguments.force)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("no runtime")?;
    let registered = runtime.block_on(async {
        let setup = Setup::open(wish.clone(), folder, &route, arguments.port).await?;
        print(&format!("Open this page on this machine, within an hour:\n\n  {}\n\n", setup.url))?;
        if !arguments.no_browser {
            browser::open(&setup.url);
        }
        let registered = setup.finish(|what| complain(&format!("{what}; open the page anew to try again"))).await?;
        Ok::<Registered, anyhow::Error>(registered)
    })?;
    print(&next(&registered, &wish))?;
    Ok(Outcome::Clear)
}

fn wish(arguments: &Arguments) -> Result<Wish> {
    let variant = arguments.variant.variant();
    if arguments.ledger.is_some() && variant != Variant::SeparateLedger {
        bail!("--ledger goes with --variant separate-ledger");
    }
    let is_name = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if let Some(org) = arguments.org.as_deref().filter(|org| !is_name(org)) {
        bail!("--org: `{org}` is no name of an organisation");
    }
    let is_repository = |name: &str| name.split('/').count() == 2 && name.split('/').all(is_name);
    if let Some(ledger) = arguments.ledger.as_deref().filter(|name| !is_repository(name)) {
        bail!("--ledger: `{ledger}` is not OWNER/NAME");
    }
    let name = arguments.name.clone().unwrap_or_else(|| default_name(arguments.org.as_deref()));
    if name.trim().is_empty() || name.chars().count() > MAX_NAME {
        bail!("--name: GitHub takes 1 to {MAX_NAME} characters");
    }
    let url = |option: &'static str, url: &str| config::plain_url(url).map_err(|message| anyhow::anyhow!("{option}: {message}"));
    let webhook_url = arguments.webhook_url.as_deref().map(|text| url("--webhook-url", text)).transpose()?;
    if let Some(url) = webhook_url.as_deref().filter(|url| !url.ends_with("/webhook")) {
        complain(&format!(
            "--webhook-url: the service takes webhooks at /webhook, and {url} ends otherwise; that is right only behind a proxy that rewrites it"
        ));
    }
    if let Some(url) = webhook_url.as_deref().filter(|url| !url.starts_with("https://")) {
        complain(&format!("--webhook-url: {url} is not https: what GitHub sends there can be read on the way"));
    }
    let web_url = url("--web-url", &arguments.web_url)?;
    let api_url = match &arguments.api_url {
        Some(api_url) => url("--api-url", api_url)?,
        None if web_url == config::WEB_URL => config::API_URL.to_owned(),
        None => format!("{web_url}/api/v3"),
    };
    Ok(Wish { variant, organisation: arguments.org.clone(), name, webhook_url, web_url, api_url, ledger: arguments.ledger.clone() })
}

fn next(registered: &Registered, wish: &Wish) -> String {
    let plain = |text: &str| text.chars().filter(|letter| !letter.is_control()).collect::<String>();
    let settings = registered.files.settings.display();
    let mut text = format!(
        "{} is registered for {} as App {}.\n\n  {}  the private key\n  {settings}  settings with the webhook secret\n\nWhat comes next:\n",
        plain(&registered.name),
        plain(&registered.owner),
        registered.id,
        registered.files.key.display()
    );
    let mut steps = vec![format!("install it: {}", registered.install_url)];
    if let Some(ledger) = &wish.ledger {
        steps.push(format!("install it on {ledger} too, where decisions are kept"));
    }
    if !registered.has_secret {
        steps.push("set a webhook secret in the App's settings, and the same one in the settings file".to_owned());
    }
    if wish.webhook_url.is_none() {
        steps.push("set the webhook's address in the App's settings, https://HOST/webhook, and make it active".to_owned());
    }
    steps.push(format!("run it: astride serve --config {settings}"));
    steps.push(format!("see whether all is well: astride doctor --config {settings} --repo OWNER/NAME"));
    steps.push(
        "make the check `astride` required, with the App as its expected source, once a settings file says `mode: enforce`".to_owned(),
    );
    for (number, step) in (1..).zip(steps) {
        text.push_str(&format!("  {number}. {step}\n"));
    }
    text
}
