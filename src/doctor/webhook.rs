//! Whether GitHub's webhooks arrive: where they go, and what became of the last ones.

use crate::doctor::{Diagnosis, answer};
use crate::forge::shared::Forge;
use crate::forge::transport::Route;
use crate::forge::wire;
use crate::setup::manifest::NO_WEBHOOK;

const AREA: &str = "webhook";
/// Deliveries that are looked at.
const RECENT: u32 = 50;

pub(super) async fn look(forge: &Forge, route: &Route, diagnosis: &mut Diagnosis) {
    match forge.app().get::<wire::HookConfig>("/app/hook/config").await {
        Ok(config) => configured(&config, route, diagnosis).await,
        Err(error) => diagnosis.failed(AREA, &error),
    }
    match forge.app().get::<Vec<wire::HookDelivery>>(&format!("/app/hook/deliveries?per_page={RECENT}")).await {
        Ok(deliveries) => delivered(&deliveries, diagnosis),
        Err(error) => diagnosis.failed(AREA, &error),
    }
}

async fn configured(config: &wire::HookConfig, route: &Route, diagnosis: &mut Diagnosis) {
    const WHERE: &str = "set it in the App's settings, under Webhook: https://HOST/webhook";
    let Some(url) = config.url.as_deref().filter(|url| !url.is_empty() && *url != NO_WEBHOOK) else {
        diagnosis.wrong(AREA, "the App has no webhook address, so that nothing is ever heard", WHERE);
        return;
    };
    if config.secret.as_deref().unwrap_or_default().is_empty() {
        diagnosis.wrong(
            AREA,
            "the App has no webhook secret: its deliveries bear no signature, and are refused",
            "set one in the App's settings, and the same one in github.webhook_secrets",
        );
    }
    let is_checked = !matches!(config.insecure_ssl.to_string().trim_matches('"'), "1" | "true");
    if !is_checked || !url.starts_with("https://") {
        let what = if is_checked { "goes over plain HTTP" } else { "is sent without looking at the receiver's certificate" };
        diagnosis.wrong(
            AREA,
            format!("what GitHub delivers to {url} {what}: whoever listens reads it"),
            "give the service a certificate, and use https",
        );
    }
    match answers(url, route).await {
        Ok(()) => diagnosis.good(AREA, format!("a service answers at {url}, asked from here")),
        Err(why) => diagnosis.not_verifiable(AREA, format!("whether a service answers at {url}: asked from here, {why}"), ""),
    }
}

/// Asks for `/livez` beside the webhook.
async fn answers(url: &str, route: &Route) -> Result<(), String> {
    let livez = url.rsplit_once('/').map(|(base, _)| format!("{base}/livez")).unwrap_or_default();
    match answer::of(&livez, route).await? {
        (status, body) if status.is_success() && body.starts_with(b"ok") => Ok(()),
        (status, _) => Err(format!("/livez beside it answered with {}, and not as Astride does", status.as_u16())),
    }
}

/// The last delivery decides, since what failed before may have been mended.
fn delivered(deliveries: &[wire::HookDelivery], diagnosis: &mut Diagnosis) {
    let Some(last) = deliveries.first() else {
        diagnosis.not_verifiable(
            AREA,
            "whether deliveries arrive: GitHub has sent none yet",
            "open a pull request, or redeliver the ping in the App's settings, under Advanced",
        );
        return;
    };
    let is_good = |delivery: &&wire::HookDelivery| (200..300).contains(&delivery.status_code);
    let failed = deliveries.iter().filter(|delivery| !is_good(delivery)).count();
    if is_good(&last) {
        let rest = if failed == 0 { String::new() } else { format!("; {failed} of the last {} did not", deliveries.len()) };
        diagnosis.good(AREA, format!("the last delivery arrived, `{}` at {}{rest}", last.event, last.delivered_at));
        return;
    }
    let way_out = match last.status_code {
        401 => "the secret in the App's settings is none of github.webhook_secrets: make them the same",
        404 | 405 => "the address has to end in /webhook, where the service takes it",
        400..=499 => "see the service's log for the delivery, and what stands between GitHub and it",
        _ => "let GitHub reach the address: DNS, firewall, certificate, and whether the service runs",
    };
    let what = format!("the last delivery failed, `{}` at {}: {} ({})", last.event, last.delivered_at, last.status, last.status_code);
    diagnosis.wrong(AREA, format!("{what}; {failed} of the last {} did", deliveries.len()), way_out);
}
