//! A gate under attack: people act, things go wrong, and the colour of the check at the end is compared with what it ought to be.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "each test file uses a part of it, and a test ends where it cannot go on"
)]

use crate::service::{self, Served, Service};
use crate::story::{Act, Head, SHOP, Story, act, open};
use astride::change::ObjectId;
use astride::decisions::ledger_text;
use astride::sandbox::github::deliveries::{Way, Which};
use astride::sandbox::github::faults::{Fault, Planned, Recorded, Then, When};
use astride::sandbox::github::people::{Opening, Push};
use astride::sandbox::github::state::{Github, Repository};
use astride::sandbox::objects::Content;
use astride::worker::judgement::Judgement;
use astride::worker::sweep;
use http::StatusCode;
use serde_json::{Value, json};

pub const TEMPLATE: &str = "template.yaml";
pub const SETTINGS: &str = ".github/astride.yml";
pub const LEDGER: &str = "astride-ledger";
pub const ENFORCE: &str = "mode: enforce\n";
pub const PLAIN: &str = "AWSTemplateFormatVersion: '2010-09-09'
Transform: AWS::Serverless-2016-10-31
Resources:
  OrdersFn:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      Runtime: nodejs22.x
      CodeUri: src/
";
pub const PUBLIC: &str = "      FunctionUrlConfig:
        AuthType: NONE
";
pub const TAGS: &str = "      Tags:
        team: orders
";
pub const MAY_ALL: &str = "      Policies:
        - Version: '2012-10-17'
          Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]
";
pub const READS_ALL: &str = "      Policies:
        - Version: '2012-10-17'
          Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: '*'}]
";
pub const BROKEN: &str = "  OrdersQueue: {Type: AWS::SQS::Queue
";
pub const SECOND: &str = "  AdminFn:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.admin
      Runtime: nodejs22.x
      CodeUri: admin/
";

/// The answer that the comment names, with a reason.
pub fn accepts(id: &str) -> String {
    format!("/stride accept {id} fine by me")
}

/// A public function that waits for an answer, and the ID to give it by.
pub async fn asked() -> (Gate, String) {
    let gate = Gate::open(&story(public())).await;
    let id = gate.id_in(1, "OrdersFn");
    (gate, id)
}

/// Mona's branch `dev`, which has the threat already, and a head on top of it.
pub fn green_elsewhere(gate: &Gate) -> ObjectId {
    let dev = gate.push("mona", "dev", &[(TEMPLATE, &public())]);
    gate.github(|github| github.force_push(SHOP, "evil", "mona", dev).unwrap());
    gate.push("mona", "evil", &[("notes.md", "n\n")])
}

/// The check of a pull request is red.
#[track_caller]
pub fn red(gate: &Gate, pull: u64) {
    let (conclusion, title) = gate.check(pull);
    assert!(["action_required", "failure"].contains(&&*conclusion), "not red, {conclusion}: {title}");
}

/// The check of a pull request is not green: it waits, or is red.
#[track_caller]
pub fn shut(gate: &Gate, pull: u64) {
    let (conclusion, title) = gate.check(pull);
    assert!(conclusion != "success", "green: {title}");
}

/// The check of a pull request is green.
#[track_caller]
pub fn green(gate: &Gate, pull: u64) {
    let (conclusion, title) = gate.check(pull);
    assert!(conclusion == "success", "red, {conclusion}: {title}");
}

pub fn public() -> String {
    format!("{PLAIN}{PUBLIC}")
}
pub fn tagged() -> String {
    format!("{PLAIN}{TAGS}")
}
pub fn story(brings: String) -> Story {
    Story {
        name: "",
        settings: Some(ENFORCE),
        base: Vec::new(),
        main: None,
        head: Head::Branch,
        brings: vec![(TEMPLATE, brings)],
        acts: Vec::new(),
    }
}

/// The service with its own stand-in, which may come up again without its database.
pub struct Gate {
    pub service: Service,
    served: Served,
}

impl Gate {
    pub async fn open(told: &Story) -> Self {
        let gate = Self::empty().await;
        open(&gate.service.standin, told);
        gate.service.settle().await;
        gate
    }

    pub async fn empty() -> Self {
        Self::with(astride::sandbox::github::Options::default()).await
    }

    pub async fn with(options: astride::sandbox::github::Options) -> Self {
        let standin = astride::sandbox::github::StandIn::new(options);
        let served = service::serve(&standin).await;
        let service = Service::around(standin, &served.api_url, "sqlite::memory:", 0, Judgement::new(ledger_text::append)).await;
        Self { service, served }
    }

    /// The service comes up again with an empty database; what was not handed in is lost.
    pub async fn forgets(&mut self) {
        let standin = self.service.standin.clone();
        self.service = Service::around(standin, &self.served.api_url, "sqlite::memory:", 0, Judgement::new(ledger_text::append)).await;
    }

    pub async fn then(&self, what: Act) -> &Self {
        self.quietly(&what);
        if let Act::Waits(_) = what {
            self.sweeps().await;
        }
        self.service.settle().await;
        self
    }

    /// Acts, and nobody has heard of it yet.
    pub fn quietly(&self, what: &Act) -> &Self {
        act(&self.service.standin, what);
        self
    }

    pub fn github<T>(&self, what: impl FnOnce(&mut Github) -> T) -> T {
        self.service.standin.act(what)
    }

    pub async fn settles(&self) -> &Self {
        self.service.settle().await;
        self
    }

    pub async fn sweeps(&self) -> &Self {
        let _ = sweep::begin(&self.service.bench).await;
        self.service.settle().await;
        self
    }

    /// Time passes until every back-off has ended, with a look around each time.
    pub async fn hours(&self, hours: i64) -> &Self {
        for _ in 0..hours * 4 {
            for _ in 0..15 {
                self.service.wait(60);
                self.settles().await;
            }
            self.sweeps().await;
        }
        self
    }

    pub fn push(&self, by: &str, branch: &str, files: &[(&str, &str)]) -> ObjectId {
        self.push_in(SHOP, by, branch, files)
    }

    pub fn push_in(&self, repository: &str, by: &str, branch: &str, files: &[(&str, &str)]) -> ObjectId {
        let changes: Vec<(&str, Option<Content>)> =
            files.iter().map(|(path, text)| (*path, Some(Content::Text((*text).to_owned())))).collect();
        self.github(|github| github.push(&Push { repository, branch, by, changes: &changes, message: "Orders" }).unwrap())
    }

    /// Pushes in a name that need not be the pusher's.
    pub fn push_named(&self, repository: &str, by: &str, named: &str, branch: &str, files: &[(&str, &str)]) -> ObjectId {
        let changes: Vec<(&str, Option<Content>)> =
            files.iter().map(|(path, text)| (*path, Some(Content::Text((*text).to_owned())))).collect();
        self.github(|github| {
            let email = github.user_named(named).map_or("nobody@nowhere.test".to_owned(), |user| user.email());
            github.push_as(&Push { repository, branch, by, changes: &changes, message: "Orders" }, named, &email).unwrap()
        })
    }

    pub fn opens(&self, by: &str, head: &str, base: &str) -> u64 {
        self.opens_in(SHOP, by, head, base)
    }

    pub fn opens_in(&self, repository: &str, by: &str, head: &str, base: &str) -> u64 {
        self.github(|github| github.open_pull(&Opening { repository, by, head, base, title: "Orders", body: "", draft: false }).unwrap())
    }

    pub fn head(&self, pull: u64) -> ObjectId {
        self.service.standin.with(|github| shop(github).pulls[&pull].head.sha)
    }

    pub fn branch(&self, name: &str) -> Option<ObjectId> {
        self.service.standin.with(|github| shop(github).branch(name))
    }

    /// Conclusion and title of our newest check on the head of a pull request.
    pub fn check(&self, pull: u64) -> (String, String) {
        self.check_on(SHOP, self.head(pull))
    }

    pub fn check_on(&self, repository: &str, head: ObjectId) -> (String, String) {
        self.service.standin.with(|github| {
            let app = github.app.id;
            let found = github.repository_named(repository).unwrap();
            let newest = found.checks.values().filter(|check| check.head == head && check.app == app).max_by_key(|check| check.id);
            newest.map_or(("none".to_owned(), String::new()), |check| {
                (check.conclusion.clone().unwrap_or_else(|| "pending".to_owned()), check.title.clone().unwrap_or_default())
            })
        })
    }

    /// Summary and text of our newest check on the head of a pull request.
    pub fn check_text(&self, pull: u64) -> String {
        let head = self.head(pull);
        self.service.standin.with(|github| {
            let app = github.app.id;
            let newest = shop(github).checks.values().filter(|check| check.head == head && check.app == app).max_by_key(|check| check.id);
            newest
                .map(|check| format!("{}\n{}", check.summary.clone().unwrap_or_default(), check.text.clone().unwrap_or_default()))
                .unwrap()
        })
    }

    pub fn is_green(&self, pull: u64) -> bool {
        self.check(pull).0 == "success"
    }

    pub fn ledger_text(&self) -> String {
        self.service.standin.with(|github| {
            let shop = shop(github);
            let Some(tip) = shop.branch(LEDGER) else { return String::new() };
            github.objects(shop.id).unwrap().texts(tip).into_iter().map(|(path, text)| format!("{path}\n{text}")).collect()
        })
    }

    pub fn ledger_file(&self, wanted: &str) -> (String, String) {
        self.service.standin.with(|github| {
            let shop = shop(github);
            let tip = shop.branch(LEDGER).unwrap();
            github.objects(shop.id).unwrap().texts(tip).into_iter().find(|(path, _)| path.contains(wanted)).unwrap()
        })
    }

    /// Our sticky comment on a pull request.
    pub fn sticky(&self, pull: u64) -> (u64, String) {
        self.service.standin.with(|github| {
            let bot = github.bot;
            let comment = shop(github).comments.values().find(|c| c.author == bot && c.issue == pull && c.body.contains("astride:comment"));
            comment.map(|c| (c.id, c.body.clone())).unwrap()
        })
    }

    /// Ids and bodies of our threads.
    pub fn threads(&self, pull: u64) -> Vec<(u64, String)> {
        self.service.standin.with(|github| {
            let bot = github.bot;
            let ours = shop(github).review_comments.values().filter(|c| c.author == bot && c.pull == pull && c.reply_to.is_none());
            ours.map(|c| (c.id, c.body.clone())).collect()
        })
    }

    /// The ID of the threat that a thread of ours names.
    pub fn id_in(&self, pull: u64, part: &str) -> String {
        let threads = self.threads(pull);
        let mut ids = threads.iter().filter_map(|(_, body)| body.split('`').find(|word| word.contains('/') && !word.contains(' ')));
        ids.rfind(|id| id.contains(part)).unwrap_or_else(|| panic!("no ID with {part}: {threads:#?}")).to_owned()
    }

    pub async fn says(&self, pull: u64, by: &str, text: &str) -> &Self {
        self.says_quietly(pull, by, text);
        self.settles().await
    }

    pub fn says_quietly(&self, pull: u64, by: &str, text: &str) -> u64 {
        self.github(|github| github.comment(SHOP, pull, by, text).unwrap())
    }

    pub fn fails(&self, method: &'static str, path: &'static str, times: u32, answer: Planned) -> &Self {
        self.service.standin.plan(Fault::new(When::Matching { method, path }, Then::Answer(answer)).times(times));
        self
    }

    pub fn last_answer(&self, method: &str, part: &str) -> Value {
        let requests = self.service.standin.requests();
        let matching = |request: &&Recorded| {
            request.method == method
                && (request.path.contains(part) && (part.ends_with("...") || request.path.ends_with(part)))
                && request.status == Some(200)
        };
        requests.iter().rev().find(matching).map(|request| request.response.clone()).unwrap()
    }

    pub fn late(&self, name: &'static str, way: Way) -> &Self {
        self.service.standin.plan_delivery(Which::Named(name), way);
        self
    }
}

pub fn answer(body: Value) -> Planned {
    Planned { status: StatusCode::OK, headers: Vec::new(), body }
}

pub fn status(code: u16) -> Planned {
    Planned::status(StatusCode::from_u16(code).unwrap())
}

pub fn nothing() -> Planned {
    answer(json!([]))
}

pub fn shop(github: &Github) -> &Repository {
    github.repository_named(SHOP).unwrap()
}
