//! What operators are handed beside the program: dashboard and alerts speak of the metrics that there are.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod program;
mod service;
mod shared;
mod stores;

use astride::metrics::{ALL, Kind, Metrics};
use astride::sandbox::github::{Options, StandIn};
use axum::body::{Body, to_bytes};
use http::Request;
use program::{Played, Running, play, program, run};
use regex::Regex;
use serde_json::Value;
use service::Service;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
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

/// The words of a label that an expression counts increases of: `outcome=~"a|b"` has two.
fn counted(expressions: &[String]) -> BTreeSet<(String, String, String)> {
    let metric = Regex::new(r#"(astride_[a-z_]+_total)\{([a-z]+)=~?"([^"]+)"\}\["#).unwrap();
    let found = expressions.iter().flat_map(|expression| metric.captures_iter(expression));
    let words = found.flat_map(|found| {
        let (name, label) = (found[1].to_owned(), found[2].to_owned());
        found[3].split('|').map(|word| (name.clone(), label.clone(), word.to_owned())).collect::<Vec<_>>()
    });
    words.collect()
}

/// Of a counter that begins at 1, `increase()` sees no increase: the first of a burst would be missed.
#[tokio::test]
async fn whatever_an_alert_counts_is_exported_before_it_happens() {
    let exported = Service::new().await.bench.metrics.render();
    let counted = counted(&expressions());
    assert!(counted.len() > 10, "{counted:?}");
    for (name, label, word) in counted {
        let of_word = |line: &&str| line.starts_with(&format!("{name}{{")) && line.contains(&format!("{label}=\"{word}\""));
        let lines: Vec<&str> = exported.lines().filter(of_word).collect();
        assert!(!lines.is_empty() && lines.iter().all(|line| line.ends_with(" 0")), "{name}, {label} {word}:\n{exported}");
    }
}

/// Prometheus's own tool tries each rule: where it fires, and where it does not.
#[test]
fn each_alert_fires_where_it_should_and_nowhere_else() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tests = root.join("tests/cases/alerts/alerts.test.yml");
    let (alerts, tried): (Value, Value) =
        (serde_saphyr::from_str(&deployed("alerts.yml")).unwrap(), serde_saphyr::from_str(&fs::read_to_string(&tests).unwrap()).unwrap());
    let cases: Vec<&Value> =
        tried["tests"].as_array().unwrap().iter().flat_map(|test| test["alert_rule_test"].as_array().unwrap()).collect();
    for rule in alerts["groups"][0]["rules"].as_array().unwrap() {
        let of_rule = cases.iter().filter(|case| case["alertname"] == rule["alert"]);
        let (quiet, fires): (Vec<&&Value>, Vec<&&Value>) =
            of_rule.partition(|case| case["exp_alerts"].as_array().is_none_or(Vec::is_empty));
        assert!(!quiet.is_empty() && !fires.is_empty(), "{} is not tried both ways", rule["alert"]);
    }
    let promtool = |arguments: &[&str], file: &Path| Command::new("promtool").args(arguments).arg(file).output();
    for (arguments, file) in [(["check", "rules"], root.join("deploy/alerts.yml")), (["test", "rules"], tests)] {
        match promtool(&arguments, &file) {
            Ok(output) => {
                let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
                assert!(output.status.success(), "{arguments:?}: {said}");
            }
            Err(_) => return shared::skip("what promtool says of the alerts: it is not installed"),
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

/// The disk behind the log is full: each request is answered all the same, and the service ends when it is asked to.
#[test]
fn a_log_that_cannot_be_written_holds_nothing_up() {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key.pem");
    fs::write(&key, StandIn::new(Options::default()).private_key()).unwrap();
    let listen = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let full = || fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = program(&["serve"]);
    command
        .env("ASTRIDE_SERVER_LISTEN", listen.to_string())
        .env("ASTRIDE_GITHUB_API_URL", "http://127.0.0.1:1")
        .env("ASTRIDE_GITHUB_APP_ID", "4242")
        .env("ASTRIDE_GITHUB_PRIVATE_KEY_FILE", &key)
        .env("ASTRIDE_GITHUB_WEBHOOK_SECRETS", "secret")
        .env("ASTRIDE_STORE_URL", "sqlite::memory:")
        .stdout(full())
        .stderr(full());
    let mut child = command.spawn().unwrap();
    let mut stream = (0..200)
        .find_map(|_| {
            std::thread::sleep(Duration::from_millis(100));
            TcpStream::connect(listen).ok()
        })
        .unwrap();
    // Nobody has signed it, which is worth a line of the log.
    for _ in 0..3 {
        stream.write_all(b"POST /webhook HTTP/1.1\r\nhost: a\r\nx-github-event: ping\r\ncontent-length: 2\r\n\r\n{}").unwrap();
        let mut head = [0; 12];
        stream.read_exact(&mut head).unwrap();
        assert!(head.starts_with(b"HTTP/1.1 4"), "{}", String::from_utf8_lossy(&head));
        stream = TcpStream::connect(listen).unwrap();
    }
    drop(stream);
    rustix::process::kill_process(rustix::process::Pid::from_child(&child), rustix::process::Signal::TERM).unwrap();
    assert!(child.wait().unwrap().success());
}

/// The stand-in with an App, and the settings that `astride setup` would have written beside its key.
async fn installed() -> (Played, tempfile::TempDir) {
    let played = play(StandIn::new(Options::default())).await;
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key.pem");
    fs::write(&key, played.standin.private_key()).unwrap();
    let settings = format!(
        "server: {{listen: '127.0.0.1:0'}}\ngithub: {{app_id: 4242, private_key_file: {}, webhook_secrets: [s], api_url: '{}'}}\n",
        key.display(),
        played.api
    );
    fs::write(folder.path().join("server.yml"), settings).unwrap();
    (played, folder)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_unit_starts_the_service() {
    let (_played, folder) = installed().await;
    let unit = deployed("astride.service");
    let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    let line = line.strip_prefix("astride ").unwrap().replace("/etc/astride/", &format!("{}/", folder.path().display()));
    let mut command = program(&line.split(' ').collect::<Vec<_>>());
    command.current_dir(folder.path());
    tokio::task::spawn_blocking(|| Running::start(command).line_with("astride serves")).await.unwrap();
    assert!(folder.path().join("astride.db").is_file(), "the store lies in the working directory");
    // systemd itself, where it is: with a program that is there.
    let verified = folder.path().join("astride.service");
    fs::write(&verified, unit.replace("ExecStart=astride", "ExecStart=/bin/true").replace("User=astride", "User=root")).unwrap();
    match Command::new("systemd-analyze").arg("verify").arg(&verified).output() {
        Ok(output) => assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(_) => shared::skip("what systemd says of the unit: it is not installed"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn compose_hands_the_service_what_it_needs() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("compose.yaml")).unwrap();
    let compose: Value = serde_saphyr::from_str(&text).unwrap();
    let (service, database) = (&compose["services"]["astride"], &compose["services"]["postgres"]["environment"]);
    let url = service["environment"]["ASTRIDE_STORE_URL"].as_str().unwrap();
    let (user, name) = (database["POSTGRES_USER"].as_str().unwrap(), database["POSTGRES_DB"].as_str().unwrap());
    assert_eq!(url, format!("postgres://{user}@postgres/{name}?sslmode=disable"), "the database that is made is the one that is used");
    assert_eq!(service["environment"]["PGPASSWORD"], database["POSTGRES_PASSWORD"]);
    assert!(service["depends_on"]["postgres"]["condition"] == "service_healthy" && compose["volumes"]["postgres"].is_null());
    let Some(private) = stores::postgres("compose.yaml") else { return };
    let (_played, folder) = installed().await;
    let mut command = program(&["serve", "--check"]);
    for (variable, value) in service["environment"].as_object().unwrap() {
        let value = value.as_str().unwrap().replace("/etc/astride/", &format!("{}/", folder.path().display())).replace(url, &private);
        command.env(variable, value);
    }
    let ended = run(command).await;
    assert_eq!(ended.code, 0, "{}", ended.err);
    assert!(ended.out.contains("the store takes writes"), "{}", ended.out);
}

/// What `.Values.a.b` in the templates of the chart names.
fn asked_values(templates: &BTreeMap<String, String>) -> BTreeSet<String> {
    let value = Regex::new(r"\.Values\.([A-Za-z.]+)").unwrap();
    templates.values().flat_map(|text| value.captures_iter(text)).map(|found| found[1].to_owned()).collect()
}

fn leaves(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    // What is empty is for whoever installs it to fill.
    match value.as_object().filter(|members| !members.is_empty()) {
        Some(members) => members
            .iter()
            .for_each(|(key, member)| leaves(member, &format!("{path}{}{key}", if path.is_empty() { "" } else { "." }), found)),
        None => {
            found.insert(path.to_owned());
        }
    }
}

/// Each template as what it is once its values are filled in, whatever they are: a line that only decides is left out, and every value is `1`.
fn shapes(templates: &BTreeMap<String, String>) -> BTreeMap<String, Value> {
    let (decides, value) = (Regex::new(r"(?m)^\{\{-? (?:if|end)[^}]*\}\}\n").unwrap(), Regex::new(r"\{\{[^}]*\}\}").unwrap());
    let shape = |text: &String| serde_saphyr::from_str(&value.replace_all(&decides.replace_all(text, ""), "1")).unwrap();
    templates.iter().map(|(name, text)| (name.clone(), shape(text))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_chart_hands_the_service_what_it_needs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/helm/astride");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let (chart, values): (Value, Value) =
        (serde_saphyr::from_str(&read("Chart.yaml")).unwrap(), serde_saphyr::from_str(&read("values.yaml")).unwrap());
    assert_eq!((&chart["apiVersion"], &chart["name"]), (&Value::from("v2"), &Value::from("astride")));
    assert!(chart["version"] == env!("CARGO_PKG_VERSION") && chart["appVersion"] == env!("CARGO_PKG_VERSION"), "{chart}");
    let names = fs::read_dir(folder.join("templates")).unwrap().map(|entry| format!("templates/{}", entry.unwrap().file_name().display()));
    let templates: BTreeMap<String, String> = names.map(|name| (name.clone(), read(&name))).collect();
    let mut there = BTreeSet::new();
    leaves(&values, "", &mut there);
    assert_eq!(asked_values(&templates), there, "each value is used, and none that there is not");
    let shapes = shapes(&templates);
    assert!(shapes.values().all(|shape| shape["apiVersion"].is_string() && shape["kind"].is_string() && shape["metadata"]["name"] == 1));
    let pod = &shapes["templates/deployment.yaml"]["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    // The user and the folder of the image, the routes and the port of the service.
    let image = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Dockerfile")).unwrap();
    assert!(image.contains(&format!("--uid {} ", pod["securityContext"]["runAsUser"])), "{pod}");
    let service = Service::new().await;
    for probe in ["livenessProbe", "readinessProbe"] {
        let path = container[probe]["httpGet"]["path"].as_str().unwrap();
        let response = service.router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        assert_ne!(response.status().as_u16(), 404, "{path}");
    }
    let path = &shapes["templates/ingress.yaml"]["spec"]["rules"][0]["http"]["paths"][0]["path"];
    let posted = service.router.clone().oneshot(Request::post(path.as_str().unwrap()).body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(posted.status().as_u16(), 401, "the webhook is there, and asks for a signature");
    let pages = &shapes["templates/ingress.yaml"]["spec"]["rules"][0]["http"]["paths"][1]["path"];
    let page = format!("{}1/{}/{}", pages.as_str().unwrap(), "0".repeat(40), "A".repeat(43));
    let got = service.router.clone().oneshot(Request::get(page).body(Body::empty()).unwrap()).await.unwrap();
    assert!(got.status().as_u16() == 404 && got.headers().contains_key("content-security-policy"), "the pages of checks are there");
    // Memory: what the judgements may take, and what the service takes beside them.
    let limit: u64 = values["resources"]["memoryLimit"].as_str().unwrap().strip_suffix("Mi").unwrap().parse().unwrap();
    let (at_once, each) = (values["worker"]["concurrency"].as_u64().unwrap(), values["worker"]["judgementMib"].as_u64().unwrap());
    assert_eq!(limit, at_once * each + 256);
    // The command line and the settings are real: the program itself takes them, on the stand-in's App.
    let (_played, settings) = installed().await;
    let arguments: Vec<&str> = container["args"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).chain(["--check"]).collect();
    let mut command = program(&arguments);
    let variables = container["env"].as_array().unwrap();
    for variable in variables.iter().filter(|variable| variable["value"].is_string() || variable["value"].is_number()) {
        let name = variable["name"].as_str().unwrap();
        let value = match name {
            // As it comes there is none.
            "HTTPS_PROXY" | "NO_PROXY" => continue,
            "ASTRIDE_CONFIG" => {
                let mounted = container["volumeMounts"][0]["mountPath"].as_str().unwrap();
                let file = variable["value"].as_str().unwrap().strip_prefix(mounted).expect("the settings lie in the Secret's folder");
                format!("{}{file}", settings.path().display())
            }
            "ASTRIDE_STORE_URL" => "sqlite::memory:".to_owned(),
            "ASTRIDE_WORKER_CONCURRENCY" => at_once.to_string(),
            "ASTRIDE_WORKER_JUDGEMENT_MIB" => each.to_string(),
            _ => variable["value"].as_str().unwrap().replace("0.0.0.0:8080", "127.0.0.1:0"),
        };
        command.env(name, value);
    }
    let ended = run(command).await;
    assert_eq!(ended.code, 0, "{}", ended.err);
    let kinds: BTreeSet<&str> = shapes.values().filter_map(|shape| shape["kind"].as_str()).collect();
    let Some(rendered) = linted(&folder) else {
        shared::skip("what helm says of the chart: it is not installed");
        return;
    };
    assert_eq!(rendered.iter().filter_map(|object| object["kind"].as_str()).collect::<BTreeSet<_>>(), kinds);
    let deployment = rendered.iter().find(|object| object["kind"] == "Deployment").unwrap();
    let made = &deployment["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(made["args"], container["args"]);
    assert_eq!(made["image"], format!("ghcr.io/OWNER/astride:{}", env!("CARGO_PKG_VERSION")));
    assert_eq!(made["resources"]["limits"]["memory"], values["resources"]["memoryLimit"]);
    let set = |name: &str| made["env"].as_array().unwrap().iter().find(|variable| variable["name"] == name).unwrap()["value"].clone();
    assert_eq!(set("ASTRIDE_STORE_URL"), values["store"]["url"]);
    assert_eq!(set("ASTRIDE_WORKER_CONCURRENCY"), at_once.to_string());
    assert!(made["env"].as_array().unwrap().iter().all(|variable| variable["name"] != "HTTPS_PROXY"), "as it comes there is no proxy");
    let paths = |objects: &[Value]| {
        let ingress = objects.iter().find(|object| object["kind"] == "Ingress").unwrap();
        let paths = ingress["spec"]["rules"][0]["http"]["paths"].as_array().unwrap();
        let paths: Vec<String> = paths.iter().map(|path| path["path"].as_str().unwrap().to_owned()).collect();
        (paths, ingress["metadata"]["annotations"].clone())
    };
    assert_eq!(paths(&rendered), (vec!["/webhook".to_owned()], Value::Null));
    let set =
        ["ingress.pages=true", "ingress.annotations.a/b=25m", "proxy.https=http://proxy.acme.example:3128", "proxy.except=10.0.0.0/8"];
    let whole = rendered_with(&folder, &set);
    let (paths, annotations) = paths(&whole);
    assert_eq!((paths, annotations), (vec!["/webhook".to_owned(), "/checks/".to_owned()], serde_json::json!({"a/b": "25m"})));
    let deployment = whole.iter().find(|object| object["kind"] == "Deployment").unwrap();
    let env = deployment["spec"]["template"]["spec"]["containers"][0]["env"].as_array().unwrap();
    let value = |name: &str| env.iter().find(|variable| variable["name"] == name).unwrap()["value"].clone();
    assert_eq!((value("HTTPS_PROXY"), value("NO_PROXY")), ("http://proxy.acme.example:3128".into(), "10.0.0.0/8".into()));
}

/// What Helm makes of the chart, once it has no complaint; `None` where there is no Helm.
fn linted(chart: &Path) -> Option<Vec<Value>> {
    let lint = Command::new("helm").args(["lint", "--strict"]).arg(chart).output().ok()?;
    assert!(lint.status.success(), "{}", String::from_utf8_lossy(&lint.stdout));
    Some(rendered_with(chart, &[]))
}

/// With an Ingress, and these values set.
fn rendered_with(chart: &Path, values: &[&str]) -> Vec<Value> {
    let mut helm = Command::new("helm");
    helm.args(["template", "--set", "ingress.enabled=true"]);
    helm.args(values.iter().flat_map(|value| ["--set-string", value]));
    let made = helm.arg("astride").arg(chart).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let text = String::from_utf8(made.stdout).unwrap();
    let documents = text.split("---\n").filter(|document| document.lines().any(|line| !line.starts_with('#') && !line.trim().is_empty()));
    documents.map(|document| serde_saphyr::from_str(document).unwrap()).collect()
}
