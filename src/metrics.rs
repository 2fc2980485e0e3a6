//! What is counted, and how it is shown to Prometheus.
//!
//! Comes in: what server and workers report. Goes out: the text of `/metrics`. Holds a recorder of its own, none for the whole process,
//! so that several services can live in one process.

use metrics::{Key, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

const METADATA: Metadata<'static> = Metadata::new("astride", Level::INFO, None);

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
        Self { handle: recorder.handle(), recorder: Arc::new(recorder) }
    }
}

impl Metrics {
    /// A webhook delivery, by event and what became of it. The event is one of a closed list, or `other`.
    pub fn delivery(&self, event: &'static str, outcome: &'static str) {
        self.count(
            "astride_webhook_deliveries_total",
            vec![Label::from_static_parts("event", event), Label::from_static_parts("outcome", outcome)],
        );
    }

    /// A run of a job.
    pub fn run(&self, kind: &'static str, outcome: &'static str, took: Duration) {
        self.count("astride_runs_total", vec![Label::from_static_parts("kind", kind), Label::from_static_parts("outcome", outcome)]);
        let key = Key::from_parts("astride_run_seconds", vec![Label::from_static_parts("kind", kind)]);
        self.recorder.register_histogram(&key, &METADATA).record(took.as_secs_f64());
    }

    /// A request to the forge.
    pub fn request(&self, method: &'static str, outcome: &'static str) {
        self.count(
            "astride_forge_requests_total",
            vec![Label::from_static_parts("method", method), Label::from_static_parts("outcome", outcome)],
        );
    }

    /// An effect that was carried out.
    pub fn effect(&self, effect: &'static str) {
        self.count("astride_effects_total", vec![Label::from_static_parts("effect", effect)]);
    }

    /// Jobs by state, as the store counts them.
    pub fn depth(&self, [queued, running, done, dead]: [i64; 4]) {
        for (state, count) in [("queued", queued), ("running", running), ("done", done), ("dead", dead)] {
            let key = Key::from_parts("astride_jobs", vec![Label::from_static_parts("state", state)]);
            // Counts of rows stay far below 2^52.
            self.recorder.register_gauge(&key, &METADATA).set(count as f64);
        }
    }

    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Moves what was gathered into its buckets; to be called now and then, or memory grows.
    pub fn tidy(&self) {
        self.handle.run_upkeep();
    }

    fn count(&self, name: &'static str, labels: Vec<Label>) {
        self.recorder.register_counter(&Key::from_parts(name, labels), &METADATA).increment(1);
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}
