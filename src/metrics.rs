//! What is counted, and how it is shown to Prometheus.
//!
//! Comes in: what server and workers report. Goes out: the text of `/metrics`. Holds a recorder of its own, none for the whole process,
//! so that several services can live in one process.

use crate::clock::Millis;
use metrics::{Key, KeyName, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

const DELIVERIES: &str = "astride_webhook_deliveries_total";
const RUNS: &str = "astride_runs_total";
const REQUESTS: &str = "astride_forge_requests_total";
const METADATA: Metadata<'static> = Metadata::new("astride", Level::INFO, None);

/// What a metric is, for Prometheus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// Every metric: its name, its kind, and what it is. Whoever has several replicas adds counters up, and takes the greatest of what the store says.
pub const ALL: [(&str, Kind, &str); 11] = [
    ("astride_build_info", Kind::Gauge, "1, with the version of the program and of its catalogue as labels."),
    (DELIVERIES, Kind::Counter, "Webhook deliveries, by event and by what became of them."),
    (RUNS, Kind::Counter, "Runs of jobs, by what they are about and by how they ended."),
    ("astride_run_seconds", Kind::Histogram, "How long a run of a job took, by what it is about."),
    (REQUESTS, Kind::Counter, "Requests to GitHub, by method and by the class of their answer."),
    (
        "astride_forge_requests_left",
        Kind::Gauge,
        "Requests that GitHub allows an installation until the end of its hour, as it said last, of REST (core) and of GraphQL; 0 is the App itself.",
    ),
    ("astride_effects_total", Kind::Counter, "What was written to pull requests, by kind."),
    ("astride_judgements_total", Kind::Counter, "Judgements whose result stands on a pull request, by verdict."),
    ("astride_threats_total", Kind::Counter, "Threats in those judgements that the change brought, by rule and state."),
    ("astride_jobs", Kind::Gauge, "Jobs by state, as the store has them: the same in each replica."),
    (
        "astride_queue_age_seconds",
        Kind::Gauge,
        "How long the job has waited that is due longest, 0 where none is: the same in each replica.",
    ),
];

/// Cheap to clone; all clones count together.
#[derive(Clone)]
pub struct Metrics {
    recorder: Arc<PrometheusRecorder>,
    handle: PrometheusHandle,
}

impl Default for Metrics {
    fn default() -> Self {
        let recorder = PrometheusBuilder::new()
            .set_buckets(&[0.01, 0.05, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0])
            .unwrap_or_else(|_| PrometheusBuilder::new())
            .build_recorder();
        for (name, kind, help) in ALL {
            match kind {
                Kind::Counter => recorder.describe_counter(KeyName::from_const_str(name), None, help.into()),
                Kind::Gauge => recorder.describe_gauge(KeyName::from_const_str(name), None, help.into()),
                Kind::Histogram => recorder.describe_histogram(KeyName::from_const_str(name), None, help.into()),
            }
        }
        let metrics = Self { handle: recorder.handle(), recorder: Arc::new(recorder) };
        let (version, catalogue) = (env!("CARGO_PKG_VERSION"), crate::CATALOGUE_VERSION);
        let labels = vec![Label::from_static_parts("version", version), Label::from_static_parts("catalogue", catalogue)];
        metrics.set("astride_build_info", labels, 1.0);
        metrics
    }
}

impl Metrics {
    /// A webhook delivery, by event and what became of it. The event is one of a closed list, or `other`.
    pub fn delivery(&self, event: &'static str, outcome: &'static str) {
        self.count(DELIVERIES, two("event", event, outcome), 1);
    }

    /// Shows a delivery that may come as one that has not come yet: of a counter that begins at 1, `increase()` knows no increase.
    pub fn expect_delivery(&self, event: &'static str, outcome: &'static str) {
        self.count(DELIVERIES, two("event", event, outcome), 0);
    }

    /// As `expect_delivery`, of a run.
    pub fn expect_run(&self, kind: &'static str, outcome: &'static str) {
        self.count(RUNS, two("kind", kind, outcome), 0);
    }

    /// As `expect_delivery`, of a request.
    pub fn expect_request(&self, method: &'static str, outcome: &'static str) {
        self.count(REQUESTS, two("method", method, outcome), 0);
    }

    /// A run of a job.
    pub fn run(&self, kind: &'static str, outcome: &'static str, took: Duration) {
        self.count(RUNS, two("kind", kind, outcome), 1);
        let key = Key::from_parts("astride_run_seconds", vec![Label::from_static_parts("kind", kind)]);
        self.recorder.register_histogram(&key, &METADATA).record(took.as_secs_f64());
    }

    /// A request to the forge.
    pub fn request(&self, method: &'static str, outcome: &'static str) {
        self.count(REQUESTS, two("method", method, outcome), 1);
    }

    /// An effect that was carried out.
    pub fn effect(&self, effect: &'static str) {
        self.count("astride_effects_total", vec![Label::from_static_parts("effect", effect)], 1);
    }

    /// How many requests an installation has left.
    pub fn requests_left(&self, installation: u64, resource: &'static str, left: i64) {
        let labels = vec![Label::new("installation", installation.to_string()), Label::from_static_parts("resource", resource)];
        self.set("astride_forge_requests_left", labels, left as f64);
    }

    /// A judgement that stands on a pull request, and the threats that the change brought, each by rule and state.
    pub fn judgement(&self, verdict: &'static str, threats: impl Iterator<Item = (&'static str, &'static str)>) {
        self.count("astride_judgements_total", vec![Label::from_static_parts("verdict", verdict)], 1);
        for (rule, state) in threats {
            self.count("astride_threats_total", vec![Label::from_static_parts("rule", rule), Label::from_static_parts("state", state)], 1);
        }
    }

    /// Jobs by state, as the store counts them, and the milliseconds that one has been due longest.
    pub fn queue(&self, [queued, running, done, dead]: [i64; 4], age: Millis) {
        // Counts of rows stay far below 2^52.
        for (state, count) in [("queued", queued), ("running", running), ("done", done), ("dead", dead)] {
            self.set("astride_jobs", vec![Label::from_static_parts("state", state)], count as f64);
        }
        self.set("astride_queue_age_seconds", Vec::new(), age as f64 / 1000.0);
    }

    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Moves what was gathered into its buckets; to be called now and then, or memory grows.
    pub fn tidy(&self) {
        self.handle.run_upkeep();
    }

    fn set(&self, name: &'static str, labels: Vec<Label>, value: f64) {
        self.recorder.register_gauge(&Key::from_parts(name, labels), &METADATA).set(value);
    }

    fn count(&self, name: &'static str, labels: Vec<Label>, more: u64) {
        self.recorder.register_counter(&Key::from_parts(name, labels), &METADATA).increment(more);
    }
}

fn two(name: &'static str, value: &'static str, outcome: &'static str) -> Vec<Label> {
    vec![Label::from_static_parts(name, value), Label::from_static_parts("outcome", outcome)]
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}
