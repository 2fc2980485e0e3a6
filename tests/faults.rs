//! The fault plan: whatever goes wrong and wherever, the end is the same.
//!
//! Every story is acted out calmly, which numbers its requests, writes and deliveries. Then it is acted out again for each mishap: the
//! service is killed before or after a request is carried out, and comes up with its database or without; a write lands and is answered
//! with an error; a request is refused once; a delivery comes twice, late or never. How the story ends must be the same to the byte.
//!
//! By default one in nine of the mishaps of the first stories is taken, and one in so many of the others, from another place in each; `ASTRIDE_FAULTS=all` takes them all,
//! `ASTRIDE_FAULTS=7` one in seven, and `STORY=name` those of the stories whose names hold it. On PostgreSQL a sample is acted out too, one mishap in each of many stories, and must end as on
//! SQLite; `ASTRIDE_STORE=postgres` acts out all of it there. `ASTRIDE_FAULTS_REPORT=file` writes one line for each run that ends otherwise.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test may")]

mod endings;
mod service;
mod shared;
mod stores;
mod story;

use astride::decisions::ledger_text;
use astride::sandbox::github::deliveries::{Way, Which};
use astride::sandbox::github::faults::{Fault, Planned, Recorded, Then, When};
use astride::sandbox::github::{Options, StandIn};
use astride::worker::judgement::Judgement;
use astride::worker::sweep;
use http::StatusCode;
use service::{Served, Service};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Instant;
use story::{Act, Story, act, open, stories};
use tokio::sync::OnceCell;
use tokio::task::JoinSet;

/// Stories that are looked at more closely than the others.
const FIRST: [&str; 1] = ["a_reviewer_decides"];
/// Of their mishaps, one in so many is taken by default: no multiple of two, so that each way to be killed is met.
const STEP_OF_FIRST: usize = 9;
/// Of those of the others.
const STEP: usize = 447;
/// Of the first stories on PostgreSQL.
const STEP_ON_POSTGRES: usize = 31;
/// One in so many of the other stories meets one mishap there.
const STORIES_ON_POSTGRES: usize = 4;
/// Lives that are led side by side.
const AT_ONCE: usize = 3;
/// After this many seconds leases have run out, limits are lifted, and what was put back is due.
const AN_HOUR: i64 = 3_600;
/// Hours after which whatever still waits is stuck.
const PATIENCE: usize = 12;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Database {
    Kept,
    Lost,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Moment {
    Before,
    After,
}

/// What goes wrong, once. Requests, writes and deliveries are counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mishap {
    Killed(u64, Moment, Database),
    /// The write lands, and is answered 502.
    BadGateway(u64),
    /// The write lands, and the connection breaks.
    Dropped(u64),
    /// The write meets the secondary limit.
    Limited(u64),
    /// The request is answered 404.
    Missing(u64),
    /// The ledger's branch is said to have moved, at its update of this number.
    Moved(u32),
    Webhook(u64, Way),
}

impl Mishap {
    fn plan(self, standin: &StandIn) {
        let status = |status| Planned::status(status);
        let fault = match self {
            Self::Killed(number, Moment::Before, _) => Fault::new(When::Number(number), Then::Hang),
            Self::Killed(number, Moment::After, _) => Fault::new(When::Number(number), Then::ExecuteAndHang),
            Self::BadGateway(write) => Fault::new(When::Write(write), Then::ExecuteAndAnswer(status(StatusCode::BAD_GATEWAY))),
            Self::Dropped(write) => Fault::new(When::Write(write), Then::ExecuteAndDrop),
            Self::Limited(write) => Fault::new(When::Write(write), Then::Answer(Planned::secondary_limit(60))),
            Self::Missing(number) => Fault::new(When::Number(number), Then::Answer(status(StatusCode::NOT_FOUND))),
            Self::Moved(update) => {
                let updates = When::Matching { method: "PATCH", path: "/repos/*/*/git/refs/**" };
                Fault::new(updates, Then::Answer(status(StatusCode::UNPROCESSABLE_ENTITY))).after(update - 1)
            }
            Self::Webhook(number, way) => return standin.plan_delivery(Which::Number(number), way),
        };
        standin.plan(fault);
    }

    fn database(self) -> Database {
        match self {
            Self::Killed(_, _, database) => database,
            _ => Database::Kept,
        }
    }
}

impl fmt::Display for Mishap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Killed(number, moment, database) => write!(f, "killed {moment:?} request {number}, database {database:?}"),
            Self::BadGateway(write) => write!(f, "write {write} lands, 502"),
            Self::Dropped(write) => write!(f, "write {write} lands, connection breaks"),
            Self::Limited(write) => write!(f, "write {write} meets the secondary limit"),
            Self::Missing(number) => write!(f, "request {number} answered 404"),
            Self::Moved(update) => write!(f, "ledger update {update} answered 422"),
            Self::Webhook(number, way) => write!(f, "delivery {number} {way:?}"),
        }
    }
}

/// A service that can be killed and set up again around one stand-in.
struct Life {
    service: Service,
    served: Served,
    folder: tempfile::TempDir,
    store: Kind,
    store_url: String,
    mishap: Option<Mishap>,
    lives: i64,
}

impl Life {
    async fn new(mishap: Option<Mishap>, store: Kind) -> Self {
        let folder = memory_folder();
        let standin = StandIn::new(Options::default());
        let served = service::serve(&standin).await;
        if let Some(mishap) = mishap {
            mishap.plan(&standin);
        }
        let store_url = store.fresh(folder.path(), 0).await;
        let service = Service::around(standin, &served.api_url, &store_url, 0, judgement()).await;
        Self { service, served, folder, store, store_url, mishap, lives: 0 }
    }

    fn standin(&self) -> StandIn {
        self.service.standin.clone()
    }

    /// Works until all is done: killed where a request hangs on plan, and looking around again while something waits for its time.
    async fn settle(&mut self) {
        self.settle_after(false).await;
    }

    /// As that, after a sweep where time has passed.
    async fn settle_after(&mut self, swept: bool) {
        let standin = self.standin();
        let work = async {
            if swept && sweep::begin(&self.service.bench).await.is_err() {
                self.service.wait(AN_HOUR);
                let _ = sweep::begin(&self.service.bench).await;
            }
            self.service.settle().await
        };
        let hung = tokio::select! {
            biased;
            () = standin.on_hang().notified() => true,
            _ = work => false,
        };
        if hung {
            self.die().await;
            self.look_around().await;
        }
        // What no delivery told of, and what was left out, is the sweep's to find.
        let met = match self.mishap {
            Some(Mishap::Missing(number)) => self.standin().requests().len() as u64 >= number,
            Some(Mishap::Webhook(..)) => true,
            _ => false,
        };
        if met {
            self.look_around().await;
        }
        for _ in 0..PATIENCE {
            let [queued, running, ..] = self.service.bench.store.depth().await.unwrap();
            if queued + running == 0 {
                return;
            }
            self.service.wait(AN_HOUR);
            // What is due by time alone may be met too.
            let standin = self.standin();
            let hung = tokio::select! {
                biased;
                () = standin.on_hang().notified() => true,
                () = self.look_around() => false,
            };
            if hung {
                self.die().await;
                self.look_around().await;
            }
        }
        panic!("something is stuck");
    }

    async fn look_around(&self) {
        // A sweep that fails is tried again after a quarter of an hour.
        if sweep::begin(&self.service.bench).await.is_err() {
            self.service.wait(AN_HOUR);
            sweep::begin(&self.service.bench).await.unwrap();
        }
        self.service.settle().await;
    }

    async fn die(&mut self) {
        self.lives += 1;
        if self.mishap.is_some_and(|mishap| mishap.database() == Database::Lost) {
            self.store_url = self.store.fresh(self.folder.path(), self.lives).await;
        }
        self.service.bench.store.close().await;
        self.service = Service::around(self.standin(), &self.served.api_url, &self.store_url, AN_HOUR * self.lives, judgement()).await;
    }
}

fn judgement() -> Judgement {
    Judgement::new(ledger_text::append)
}

/// Where the machine keeps files in memory, a thousand databases cost no writes to its disk.
fn memory_folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

/// What remembers between two lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    /// A store in which nothing is yet.
    async fn fresh(self, folder: &Path, life: i64) -> String {
        match self {
            Self::Sqlite => format!("sqlite://{}", folder.join(format!("{life}.db")).display()),
            Self::Postgres => stores::postgres("the fault plan").unwrap(),
        }
    }
}

struct Ending {
    dump: String,
    /// Comments that were refused because nobody remembers what stood there when they were written.
    unseen: BTreeSet<u64>,
    /// Whether some were written once more.
    again: bool,
    requests: Vec<Recorded>,
    /// How many requests had been made when an act began.
    begins: Vec<u64>,
    deliveries: u64,
}

/// `calm` is how it ends where nothing goes wrong; `None` if that is what this is.
async fn run(story: &Story, mishap: Option<Mishap>, store: Kind, calm: Option<&Ending>) -> Ending {
    let mut life = Life::new(mishap, store).await;
    let mut told = calm.map(|calm| calm.unseen.clone()).unwrap_or_default();
    let (mut again, forgets) = (false, mishap.is_some_and(|mishap| mishap.database() == Database::Lost));
    open(&life.standin(), story);
    life.settle().await;
    let mut begins = Vec::new();
    for step in &story.acts {
        begins.push(life.standin().requests().len() as u64);
        act(&life.standin(), step);
        life.settle_after(matches!(step, Act::Waits(_))).await;
        // Whoever is told that what they wrote is not known to be about this head writes it once more.
        if forgets && endings::write_again(&life.standin(), &mut told) {
            again = true;
            life.settle().await;
        }
    }
    begins.push(life.standin().requests().len() as u64);
    // What was held back comes now, when all is over.
    life.standin().recover();
    life.settle().await;
    life.service.bench.store.close().await;
    let standin = life.standin();
    let (dump, unseen) = (standin.dump(), endings::unseen(&standin));
    Ending { dump, unseen, again, requests: standin.requests(), begins, deliveries: standin.deliveries().len() as u64 }
}

/// What can go wrong in a story that goes like this, and how much of it is taken: one in `step`, beginning elsewhere in each story.
///
/// A service that is killed after a read is in the state of one that is killed before its next request, and one that has lost its database
/// besides is in the state that the last write or the last delivery has left: these are taken once.
fn mishaps(story: &Story, calm: &Ending, step: usize) -> (usize, Vec<Mishap>) {
    let mut all = Vec::new();
    let mut news = true;
    for request in &calm.requests {
        let killed = |moment, database| Mishap::Killed(request.number, moment, database);
        all.push(killed(Moment::Before, Database::Kept));
        if news || calm.begins.contains(&(request.number - 1)) {
            all.push(killed(Moment::Before, Database::Lost));
        }
        news = request.is_write();
        if news {
            all.extend([Database::Kept, Database::Lost].map(|database| killed(Moment::After, database)));
        }
    }
    // Who may what is asked once: no answer is a refusal, and nothing under a member's name says that somebody is none.
    let asks_for_rights = |path: &str| path.ends_with("/permission") || path.contains("/memberships/");
    let lags = |request: &&Recorded| request.method == "GET" && !asks_for_rights(&request.path);
    all.extend(calm.requests.iter().filter(lags).map(|request| Mishap::Missing(request.number)));
    for write in 1..=calm.requests.iter().filter(|request| request.is_write()).count() as u64 {
        all.extend([Mishap::BadGateway(write), Mishap::Dropped(write), Mishap::Limited(write)]);
    }
    let updates = calm.requests.iter().filter(|request| request.method == "PATCH" && request.path.contains("/git/refs/")).count();
    all.extend((1..=updates as u32).map(Mishap::Moved));
    for delivery in 1..=calm.deliveries {
        all.extend([Way::Twice, Way::Lost, Way::Late(u32::MAX)].map(|way| Mishap::Webhook(delivery, way)));
    }
    let places = step.min(all.len()).max(1);
    let from = story.name.bytes().fold(0, |sum: usize, byte| (sum * 31 + usize::from(byte)) % places);
    (all.len(), all.into_iter().skip(from).step_by(step).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_goes_wrong_the_end_is_the_same() {
    let asked = std::env::var("ASTRIDE_FAULTS").ok();
    let one_in = asked.and_then(|asked| if asked == "all" { Some(1) } else { asked.parse::<usize>().ok().filter(|step| *step > 0) });
    let on_postgres = std::env::var("ASTRIDE_STORE").is_ok_and(|store| store == "postgres");
    let store = if on_postgres { Kind::Postgres } else { Kind::Sqlite };
    act_out(store, |_, story| {
        let by_default = if FIRST.contains(&story.name) { STEP_OF_FIRST } else { STEP };
        Some(one_in.unwrap_or(by_default))
    })
    .await;
}

/// What is compared with is how the stories end on SQLite.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql_the_end_is_the_same_too() {
    if stores::server("the fault plan").is_some() {
        act_out(Kind::Postgres, |number, story| match FIRST.contains(&story.name) {
            true => Some(STEP_ON_POSTGRES),
            false => number.is_multiple_of(STORIES_ON_POSTGRES).then_some(usize::MAX),
        })
        .await;
    }
}

/// How each story ends where nothing goes wrong, which both plans compare with.
static CALM: LazyLock<BTreeMap<&str, OnceCell<Arc<Ending>>>> =
    LazyLock::new(|| stories().iter().map(|story| (story.name, OnceCell::new())).collect());

async fn act_out(store: Kind, step: impl Fn(usize, &Story) -> Option<usize>) {
    let only = std::env::var("STORY").unwrap_or_default();
    let began = Instant::now();
    let mut of = 0;
    let mut planned: Vec<(Arc<Story>, Arc<Ending>, Mishap)> = Vec::new();
    let told = stories().into_iter().map(Arc::new).enumerate();
    for (number, story) in told.filter(|(_, story)| story.name.contains(&only)) {
        let Some(step) = step(number, &story) else { continue };
        let calm = CALM[story.name].get_or_init(async || Arc::new(run(&story, None, Kind::Sqlite, None).await)).await.clone();
        let (possible, taken) = mishaps(&story, &calm, step);
        of += possible;
        planned.extend(taken.into_iter().map(|mishap| (story.clone(), calm.clone(), mishap)));
    }
    println!("calm after {} ms", began.elapsed().as_millis());
    println!("{} of {of} mishaps, on {store:?}; ASTRIDE_FAULTS=all takes every one of every story", planned.len());
    let mut wrong = Vec::new();
    let mut running = JoinSet::new();
    let mut left = planned.into_iter();
    loop {
        while running.len() < AT_ONCE
            && let Some((story, calm, mishap)) = left.next()
        {
            running.spawn(async move {
                // A panic of one run must not hide how the others end.
                let (told, rested) = (story.clone(), calm.clone());
                let ended = tokio::spawn(async move { run(&told, Some(mishap), store, Some(&rested)).await });
                let (met, difference) = match ended.await {
                    Ok(ending) if ending.dump == calm.dump || endings::is_excused(&story, mishap, &ending, &calm) => return None,
                    Ok(ending) => (endings::met(mishap, &ending), endings::first_difference(&calm.dump, &ending.dump)),
                    Err(error) => (String::new(), format!("    {error}\n")),
                };
                Some(format!("{}: {mishap}{met}\n{difference}", story.name))
            });
        }
        let Some(ended) = running.join_next().await else { break };
        wrong.extend(ended.unwrap());
    }
    wrong.sort();
    println!("{} end otherwise, in {} seconds", wrong.len(), began.elapsed().as_secs());
    if let Some(file) = std::env::var_os("ASTRIDE_FAULTS_REPORT") {
        std::fs::write(file, wrong.join("\n")).unwrap();
    }
    assert!(wrong.is_empty(), "{} end otherwise:\n{}", wrong.len(), wrong.join("\n"));
}
