//! Attacks on the gate by people who may push, comment, edit and merge, and by a forge that answers wrongly: each got through once.

#![expect(clippy::unwrap_used, reason = "a test ends where it cannot go on")]

mod attack;
mod service;
#[expect(unused_imports, reason = "stories are told elsewhere")]
mod story;

use astride::change::ObjectId;
use astride::sandbox::github::people::Push;
use astride::sandbox::objects::Content;
use attack::{Gate, LEDGER, MAY_ALL, PLAIN, TEMPLATE, public, shop, story, tagged};
use story::SHOP;

const BUCKET: &str = "Resources:
  Data: {Type: AWS::S3::Bucket}
  P:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Data
      PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: '*', Action: 's3:GetObject', Resource: '*'}]}
";

fn accepts(id: &str) -> String {
    format!("/stride accept {id} fine by me")
}

/// A public function that waits for an answer, and the ID to give it by.
async fn asked() -> (Gate, String) {
    let gate = Gate::open(&story(public())).await;
    let id = gate.id_in(1, "OrdersFn");
    (gate, id)
}

fn told(gate: &Gate, pull: u64) -> (bool, String) {
    let (conclusion, title) = gate.check(pull);
    (conclusion == "success", format!("{conclusion}: {title}"))
}

macro_rules! red {
    ($gate:expr, $pull:expr) => {{
        let (green, words) = told(&$gate, $pull);
        assert!(!green, "green: {words}");
    }};
}
macro_rules! green {
    ($gate:expr, $pull:expr) => {{
        let (green, words) = told(&$gate, $pull);
        assert!(green, "red: {words}");
    }};
}

/// Mona's branch `dev`, which has the threat already, and a head on top of it.
fn green_elsewhere(gate: &Gate) -> ObjectId {
    let dev = gate.push("mona", "dev", &[(TEMPLATE, &public())]);
    gate.github(|github| github.force_push(SHOP, "evil", "mona", dev).unwrap());
    gate.push("mona", "evil", &[("notes.md", "n\n")])
}

/// Whoever may push to the ledger's branch adds a key to the App's newest block: it then answers any threat in rita's name.
#[tokio::test]
async fn a_block_of_the_apps_grows_by_another_hand() {
    let gate = Gate::open(&story(BUCKET.to_owned())).await;
    gate.says(1, "rita", &accepts(&gate.id_in(1, "Data/I"))).await;
    let (path, text) = gate.ledger_file("template");
    gate.push("mona", "evil", &[(TEMPLATE, &format!("{PLAIN}{MAY_ALL}"))]);
    let evil = gate.opens("mona", "evil", "main");
    gate.settles().await;
    red!(gate, evil);
    let (_, thread) = gate.threads(evil).pop().unwrap();
    let print = thread.split("astride:thread ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    gate.push("mona", LEDGER, &[(&path, &format!("{text}  covers: [\"{print}\"]\n"))]);
    gate.settles().await;
    red!(gate, evil);
}

/// Decided, and asked again as soon as nobody speaks: who wrote the pull request is not looked up for words in the repository's file.
#[tokio::test]
async fn a_decision_for_the_repository_holds_after_the_next_push() {
    let gate = Gate::open(&story(format!("{PLAIN}      Layers: ['arn:aws:lambda:eu-west-1:999999999999:layer:tools:3']\n"))).await;
    gate.says(1, "rita", &accepts(&gate.id_in(1, "OrdersFn"))).await;
    green!(gate, 1);
    gate.push("mona", "orders", &[("notes.md", "n\n")]);
    gate.settles().await;
    green!(gate, 1);
}

/// A folder where a ledger file should be is an error of every run, and no finding; the sweep sets the number of attempts back each time,
/// so that nobody ever gives up. What is green for `dev` is then green for `main`.
#[tokio::test]
async fn a_folder_in_the_ledger_breaks_it() {
    let gate = Gate::open(&story(tagged())).await;
    green_elsewhere(&gate);
    gate.opens("mona", "evil", "dev");
    gate.settles().await;
    let folder = gate.service.standin.with(|github| shop(github).id);
    gate.push("mona", LEDGER, &[(&format!("{folder}/template.yaml.yml/x"), "x\n")]);
    gate.settles().await;
    let evil = gate.opens("mona", "evil", "main");
    gate.hours(3).await;
    red!(gate, evil);
}

/// A link is a blob to git, and reads as an empty ledger if it leads to `#`.
#[tokio::test]
async fn a_link_in_the_ledger_breaks_it() {
    let gate = Gate::open(&story(tagged())).await;
    let folder = gate.service.standin.with(|github| shop(github).id);
    gate.says(1, "rita", "/stride recheck").await;
    let path = format!("{folder}/template.yaml.yml");
    let changes = [(path.as_str(), Some(Content::Symlink("#".to_owned())))];
    gate.push("mona", LEDGER, &[("notes.md", "n\n")]);
    gate.github(|github| github.push(&Push { repository: SHOP, branch: LEDGER, by: "mona", changes: &changes, message: "x" }).unwrap());
    gate.settles().await;
    red!(gate, 1);
}

/// Rita takes her word back, and nobody hears of it.
#[tokio::test]
async fn a_folder_in_the_ledger_lets_nothing_taken_back_stand() {
    let (gate, id) = asked().await;
    gate.says(1, "rita", &accepts(&id)).await;
    let folder = gate.service.standin.with(|github| shop(github).id);
    gate.push("mona", LEDGER, &[(&format!("{folder}/b.yml/x"), "x\n")]);
    gate.settles().await;
    gate.says(1, "rita", &format!("/stride reopen {id} not so")).await;
    gate.hours(3).await;
    red!(gate, 1);
}
