//! Runs a composite action as GitHub's runner does: steps in order, conditions, expressions in `env`, outputs, the summary.
//!
//! Comes in: the `action.yml` of a folder, inputs, and what the runner knows of the event. Goes out: what the run left behind. Only the
//! expressions that our files use are understood; any other is a failure of the test.

#![allow(dead_code, reason = "each suite uses a part")]
#![allow(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

pub(crate) mod hosted;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::future::Future;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// The pull request of the events.
pub(crate) const NUMBER: u64 = 7;

#[derive(Deserialize)]
pub(crate) struct Action {
    pub(crate) inputs: BTreeMap<String, Input>,
    #[serde(default)]
    pub(crate) outputs: BTreeMap<String, Output>,
    pub(crate) runs: Runs,
}

#[derive(Deserialize)]
pub(crate) struct Input {
    pub(crate) default: String,
}

#[derive(Deserialize)]
pub(crate) struct Output {
    value: String,
}

#[derive(Deserialize)]
pub(crate) struct Runs {
    pub(crate) steps: Vec<Step>,
}

#[derive(Deserialize)]
pub(crate) struct Step {
    #[serde(default)]
    pub(crate) id: String,
    #[serde(default, rename = "if")]
    condition: Option<String>,
    pub(crate) run: String,
    #[serde(default)]
    pub(crate) env: BTreeMap<String, String>,
}

/// What a run left behind.
#[derive(Debug, Default)]
pub(crate) struct Ran {
    /// The exit code of the step that failed, or 0.
    pub(crate) code: i32,
    /// Standard output and standard error of all steps.
    pub(crate) log: String,
    pub(crate) summary: String,
    /// The action's outputs, once all steps have passed or failed.
    pub(crate) outputs: BTreeMap<String, String>,
    /// Scripts that were run, in order.
    pub(crate) steps: Vec<String>,
}

/// A runner's machine for one job.
pub(crate) struct Runner {
    folder: TempDir,
    workspace: PathBuf,
    inputs: BTreeMap<String, String>,
    /// `github.…` in expressions, and `GITHUB_…` in the environment.
    context: BTreeMap<String, String>,
    environment: BTreeMap<String, String>,
}

impl Runner {
    /// A job of the repository `acme/shop` on an event, whose checkout is the workspace.
    pub(crate) fn new(workspace: &Path, event: &str, payload: &Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let event_path = folder.path().join("event.json");
        fs::write(&event_path, payload.to_string()).unwrap();
        fs::create_dir(folder.path().join("temp")).unwrap();
        let mut runner = Self {
            workspace: workspace.to_owned(),
            inputs: BTreeMap::from([("binary".to_owned(), env!("CARGO_BIN_EXE_astride").to_owned())]),
            context: BTreeMap::new(),
            environment: BTreeMap::new(),
            folder,
        };
        for (name, value) in [
            ("event_name", event),
            ("event_path", event_path.to_str().unwrap()),
            ("repository", "acme/shop"),
            ("server_url", "https://github.test"),
            ("api_url", "http://127.0.0.1:1"),
            ("workspace", workspace.to_str().unwrap()),
            ("token", ""),
            ("action_repository", "acme/astride"),
        ] {
            runner.context.insert(name.to_owned(), value.to_owned());
        }
        runner
    }

    pub(crate) fn input(mut self, name: &str, value: &str) -> Self {
        self.inputs.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn context(mut self, name: &str, value: &str) -> Self {
        self.context.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Sets a variable of every step, over what the action says of it.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Runs the action that lies in a folder of the project.
    pub(crate) fn run(&self, action: &str) -> Ran {
        self.run_steps(action, |_| true)
    }

    /// Runs one step alone, whatever its condition says.
    pub(crate) fn run_only(&self, action: &str, script: &str) -> Ran {
        self.run_steps(action, |step| step.run.contains(script))
    }

    fn run_steps(&self, path: &str, chosen: impl Fn(&Step) -> bool) -> Ran {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        let action = action(path);
        for name in self.inputs.keys().filter(|name| *name != "binary") {
            assert!(action.inputs.contains_key(name), "{path} has no input {name}");
        }
        let mut ran = Ran::default();
        let mut outputs: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        let alone = !action.runs.steps.iter().all(&chosen);
        for step in action.runs.steps.iter().filter(|step| chosen(step)) {
            let evaluate = |text: &str| self.evaluate(&action, &outputs, text);
            if !alone && !step.condition.as_ref().is_none_or(|condition| self.holds(&action, &outputs, condition)) {
                continue;
            }
            let environment = step.env.iter().map(|(name, text)| (name.clone(), evaluate(text))).collect();
            let set = self.step(&folder, step, environment, &mut ran);
            outputs.insert(step.id.clone(), set);
            if ran.code != 0 {
                break;
            }
        }
        ran.outputs = action.outputs.iter().map(|(name, output)| (name.clone(), self.evaluate(&action, &outputs, &output.value))).collect();
        ran
    }

    fn step(&self, folder: &Path, step: &Step, environment: BTreeMap<String, String>, ran: &mut Ran) -> BTreeMap<String, String> {
        let (output, summary) = (self.folder.path().join("output"), self.folder.path().join("summary"));
        fs::write(&output, "").unwrap();
        fs::write(&summary, "").unwrap();
        let mut command = Command::new("bash");
        command.args(["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", &step.run]).current_dir(&self.workspace);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", self.folder.path());
        for (name, value) in &self.context {
            command.env(format!("GITHUB_{}", name.to_uppercase()), value);
        }
        command.env_remove("GITHUB_TOKEN");
        command.env("GITHUB_ACTION_PATH", folder).env("GITHUB_OUTPUT", &output).env("GITHUB_STEP_SUMMARY", &summary);
        command.env("RUNNER_TEMP", self.folder.path().join("temp")).envs(environment).envs(&self.environment);
        let done = command.output().unwrap();
        ran.steps.push(step.run.rsplit('/').next().unwrap().trim_end_matches('"').to_owned());
        ran.log += &String::from_utf8(done.stdout).unwrap();
        ran.log += &String::from_utf8(done.stderr).unwrap();
        ran.code = done.status.code().unwrap();
        ran.summary += &fs::read_to_string(&summary).unwrap();
        let text = fs::read_to_string(&output).unwrap();
        text.lines().map(|line| line.split_once('=').unwrap()).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn holds(&self, action: &Action, outputs: &BTreeMap<String, BTreeMap<String, String>>, condition: &str) -> bool {
        condition.split(" && ").all(|part| {
            let (left, right) = part.split_once(" == ").unwrap_or_else(|| panic!("`{part}` is not understood"));
            self.term(action, outputs, left) == self.term(action, outputs, right)
        })
    }

    fn evaluate(&self, action: &Action, outputs: &BTreeMap<String, BTreeMap<String, String>>, text: &str) -> String {
        let Some(inside) = text.strip_prefix("${{ ").and_then(|rest| rest.strip_suffix(" }}")) else {
            assert!(!text.contains("${{"), "`{text}` is not understood");
            return text.to_owned();
        };
        let mut terms = inside.split(" || ").map(|term| self.term(action, outputs, term));
        terms.find(|value| !value.is_empty()).unwrap_or_default()
    }

    fn term(&self, action: &Action, outputs: &BTreeMap<String, BTreeMap<String, String>>, term: &str) -> String {
        if let Some(literal) = term.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
            return literal.to_owned();
        }
        match term.split('.').collect::<Vec<_>>().as_slice() {
            ["inputs", name] => match self.inputs.get(*name) {
                Some(value) => value.clone(),
                None => self.evaluate(action, outputs, &action.inputs[*name].default),
            },
            ["github", name] => self.context.get(*name).unwrap_or_else(|| panic!("github.{name} is not known")).clone(),
            ["steps", id, "outputs", name] => {
                assert!(action.runs.steps.iter().any(|step| step.id == *id), "there is no step {id}");
                outputs.get(*id).and_then(|set| set.get(*name)).cloned().unwrap_or_default()
            }
            _ => panic!("`{term}` is not understood"),
        }
    }
}

/// The action that lies in a folder of the project.
pub(crate) fn action(path: &str) -> Action {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path).join("action.yml");
    serde_saphyr::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// What GitHub says of a pull request, as far as the scripts ask.
pub(crate) fn pull_event(head: &str, from: &str) -> Value {
    json!({
        "pull_request": {"number": NUMBER, "head": {"sha": head, "repo": {"full_name": from}}, "base": {"ref": "main"}},
        "repository": {"full_name": "acme/shop", "default_branch": "main"},
    })
}

/// Serves for the rest of the process.
pub(crate) fn serve<F: Future<Output = ()> + Send + 'static>(serving: impl FnOnce(TcpListener) -> F + Send + 'static) -> SocketAddr {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            sender.send(listener.local_addr().unwrap()).unwrap();
            serving(listener).await;
        });
    });
    receiver.recv().unwrap()
}

/// Answers from a table of paths, and remembers what was asked.
#[derive(Clone, Default)]
pub(crate) struct Answers {
    bodies: BTreeMap<String, (u16, Vec<u8>)>,
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
    /// What was sent as `Authorization`, in the order of the requests.
    pub(crate) authorizations: Arc<Mutex<Vec<String>>>,
}

impl Answers {
    pub(crate) fn with(mut self, path: &str, status: u16, body: impl Into<Vec<u8>>) -> Self {
        self.bodies.insert(path.to_owned(), (status, body.into()));
        self
    }

    pub(crate) fn serve(&self) -> String {
        let answers = self.clone();
        let router = Router::new().fallback(Self::answer).with_state(answers);
        format!("http://{}", serve(|listener| async move { axum::serve(listener, router).await.unwrap() }))
    }

    async fn answer(State(answers): State<Self>, request: Request) -> impl IntoResponse {
        let asked = format!("{} {}", request.method(), request.uri());
        answers.asked.lock().unwrap().push(asked.clone());
        let sent = request.headers().get_all("authorization").iter().map(|value| value.to_str().unwrap().to_owned());
        answers.authorizations.lock().unwrap().extend(sent);
        let (status, body) = answers.bodies.get(&asked).cloned().unwrap_or((404, Vec::new()));
        (http::StatusCode::from_u16(status).unwrap(), body)
    }
}
