//! What operators are handed beside the program: dashboard and alerts speak of the metrics that there are.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod program;
mod service;

use astride::metrics::{ALL, Kind, Metrics};
use astride::sandbox::github::{Options, StandIn};
use axum::body::{Body, to_bytes};
use http::Request;
use program::{Running, program};
use regex::Regex;
use serde_json::Value;
use service::Service;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use tower::ServiceExt;

fn deployed(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(name)).unwrap()
}

/// The metrics that expressions name, each with the labels that they ask for.
fn asked(expressions: &[String]) -> BTreeMap<String, BTreeSet<String>> {
    let metric = Regex::new(r#"\b(astride_[a-z_]+)(?:\{([^}]*)\})?"#).unwrap();
    let label = Regex::new(r#"([a-z]+)=~?""#).unwrap();
    let mut asked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for found in expressions.iter().flat_map(|expression| metric.captures_iter(expression)) {
        let labels = found.get(2).map_or("", |labels| labels.as_str());
        let name = found[1].trim_end_matches("_bucket").to_owned();
        asked.entry(name).or_default().extend(label.captures_iter(labels).map(|label| label[1].to_owned()));
    }
    asked
}

fn expressions() -> Vec<String> {
    let dashboard: Value = serde_json::from_str(&deployed("grafana-dashboard.json")).unwrap();
    let targets = dashboard["panels"].as_array().unwrap().iter().flat_map(|panel| panel["targets"].as_array().unwrap());
    let mut expressions: Vec<String> = targets.map(|target| target["expr"].as_str().unwrap().to_owned()).collect();
    let alerts: Value = serde_saphyr::from_str(&deployed("alerts.yml")).unwrap();
    for rule in alerts["groups"].as_array().unwrap().iter().flat_map(|group| group["rules"].as_array().unwrap()) {
        for key in ["summary", "description"] {
            assert!(rule["annotations"][key].as_str().is_some_and(|text| !text.is_empty()), "{rule}");
        }
        assert!(rule["labels"]["severity"].is_string() && rule["alert"].is_string(), "{rule}");
        expressions.push(rule["expr"].as_str().unwrap().to_owned());
    }
    expressions
}

async fn exported() -> String {
    let service = Service::new().await;
    service.open_pull();
    service.settle().await;
    let response = service.router.clone().oneshot(Request::get("/metrics").body(Body::empty()).unwrap()).await.unwrap();
    String::from_utf8(to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn dashboard_and_alerts_ask_for_what_is_exported() {
    let (expressions, exported) = (expressions(), exported().await);
    let asked = asked(&expressions);
    let all: BTreeSet<&str> = ALL.iter().map(|(name, ..)| *name).collect();
    assert_eq!(asked.keys().map(String::as_str).collect::<BTreeSet<_>>(), all, "each is shown, and none that there is not");
    for (name, labels) in &asked {
        for label in labels {
            let has = exported.lines().any(|line| line.starts_with(name.as_str()) && line.contains(&format!("{label}=\"")));
            assert!(has, "{name} has no label {label}:\n{exported}");
        }
    }
    // A word that no sample has was mistyped, unless it is of something that goes wrong.
    let grouped = Regex::new(r"by \(([a-z, ]+)\) \([^)]*?(astride_[a-z_]+)").unwrap();
    for found in expressions.iter().flat_map(|expression| grouped.captures_iter(expression)) {
        for label in found[1].split(", ").filter(|label| *label != "le") {
            let name = found[2].trim_end_matches("_bucket");
            let has = exported.lines().any(|line| line.starts_with(name) && line.contains(&format!("{label}=\"")));
            assert!(has, "{name} has no label {label}:\n{exported}");
        }
    }
}

#[tokio::test]
async fn every_metric_says_what_it_is() {
    let exported = exported().await;
    for (name, kind, help) in ALL {
        assert!(exported.contains(&format!("# HELP {name} {help}\n")), "{name}:\n{exported}");
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        assert!(exported.contains(&format!("# TYPE {name} {kind}\n")), "{name}:\n{exported}");
    }
    let named: BTreeSet<&str> = exported.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    assert_eq!(named, ALL.iter().map(|(name, ..)| *name).collect(), "none is exported that is not described");
    assert!(exported.contains("astride_judgements_total{verdict=\"needs-answer\"} 1\n"), "{exported}");
    assert!(exported.contains("astride_queue_age_seconds 0\n") && exported.contains("installation=\""), "{exported}");
    assert!(exported.contains(&format!("astride_build_info{{version=\"{}\"", env!("CARGO_PKG_VERSION"))), "{exported}");
    assert!(Metrics::default().render().contains("# HELP astride_build_info"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_goes_to_a_file_has_no_colours() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key.pem");
    fs::write(&key, StandIn::new(Options::default()).private_key()).unwrap();
    let mut command = program(&["serve", "--plain-log"]);
    command
        .env("ASTRIDE_SERVER_LISTEN", "127.0.0.1:0")
        .env("ASTRIDE_GITHUB_API_URL", "http://127.0.0.1:1")
        .env("ASTRIDE_GITHUB_APP_ID", "4242")
        .env("ASTRIDE_GITHUB_PRIVATE_KEY_FILE", &key)
        .env("ASTRIDE_GITHUB_WEBHOOK_SECRETS", "secret")
        .env("ASTRIDE_STORE_URL", "sqlite::memory:");
    let line = tokio::task::spawn_blocking(|| Running::start(command).line_with("astride serves")).await.unwrap();
    assert!(line.contains("INFO") && !line.contains('\u{1b}'), "{line:?}");
}
