//! Whether the pages that checks link to can be reached: what the address says by itself, and whether a service answers there.

use crate::doctor::{Diagnosis, State, answer};
use crate::forge::transport::Route;
use crate::server::config::Pages;
use crate::server::details::NO_PAGE;
use http::{StatusCode, Uri};
use std::net::IpAddr;

const AREA: &str = "pages";
const SET_IT: &str = "set server.public_url to where browsers reach the service: https://HOST, without a path of the service";

pub(super) async fn look(pages: Option<&Pages>, route: &Route, diagnosis: &mut Diagnosis) {
    let Some(pages) = pages else {
        let what = "checks link to no page of the service: server.public_url is not set, or server.pages is off";
        diagnosis.add(AREA, State::LeftOut, what, format!("if you want it: {SET_IT}"));
        return;
    };
    let url = &pages.public_url;
    if let Some(what) = trouble(url) {
        diagnosis.wrong(AREA, format!("server.public_url, {url}, {what}"), SET_IT);
        return;
    }
    match answers(url, route).await {
        Ok(()) => diagnosis.good(AREA, format!("the service answers below {url}/checks/, asked from here")),
        Err(why) => diagnosis.not_verifiable(
            AREA,
            format!("whether browsers reach {url}/checks/: asked from here, {why}"),
            "let the proxy pass GET /checks/ on to the service",
        ),
    }
}

/// What is wrong with an address, whoever asks; to be read after it.
fn trouble(url: &str) -> Option<&'static str> {
    let Ok(uri) = url.parse::<Uri>() else { return Some("is no address") };
    if uri.scheme_str() != Some("https") {
        return Some("is not https: whoever listens on the way reads the pages, and their addresses");
    }
    if uri.query().is_some() || url.contains('#') {
        return Some("has a query or a fragment, behind which no path can be put");
    }
    if uri.path().ends_with("/webhook") || uri.path().ends_with("/checks") {
        return Some("ends with a path of the service, which it adds by itself");
    }
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase();
    let is_here = host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback() || ip.is_unspecified());
    is_here.then_some("leads each reader to their own machine")
}

/// Asks for a page that is not there: the service alone says so in these words.
async fn answers(url: &str, route: &Route) -> Result<(), String> {
    let address = format!("{url}/checks/0/{}/0", "0".repeat(40));
    let (status, body) = answer::of(&address, route).await?;
    match status {
        StatusCode::NOT_FOUND if body == NO_PAGE.as_bytes() => Ok(()),
        status => Err(format!("/checks/ answered with {}, and not as Astride does", status.as_u16())),
    }
}

#[cfg(test)]
mod tests {
    use super::trouble;

    #[test]
    fn what_an_address_says_by_itself() {
        for (url, is_good) in [
            ("https://astride.acme.example", true),
            ("https://acme.example/astride", true),
            ("https://10.1.2.3:8443", true),
            ("http://astride.acme.example", false),
            ("https://astride.acme.example/webhook", false),
            ("https://astride.acme.example/checks", false),
            ("https://astride.acme.example/?a=b", false),
            ("https://localhost", false),
            ("https://127.0.0.1:8443", false),
            ("https://[::1]", false),
            ("https://0.0.0.0", false),
        ] {
            assert_eq!(trouble(url).is_none(), is_good, "{url}: {:?}", trouble(url));
        }
    }
}
