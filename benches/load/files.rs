//! One pull request that changes very many files, each of which is a template for all that its name says.

use crate::arguments::Arguments;
use crate::page::{asked, written};
use crate::process::{peak, ticks};
use crate::scene::{AUTHOR, OPEN, REVIEWER, fleet, keep_time, note_first_contact, settle, template, wait_until};
use astride::change::Right;
use astride::sandbox::github::people::{Opening, Push, Visibility};
use astride::sandbox::objects::Content;
use std::time::Instant;

const FILES: usize = 3_500;
/// One in so many is a template; the others are settings of some program.
const TEMPLATES: usize = 35;
const SHOP: &str = "acme/shop";

pub(crate) async fn measure(arguments: &Arguments) {
    let count = arguments.count.unwrap_or(FILES);
    let folder = tempfile::tempdir().expect("scratch can be written");
    let fleet = fleet(arguments, &folder).await;
    let standin = fleet.played.standin.clone();
    let (base, head) = (files(count, ""), files(count, OPEN));
    let id = standin.act(|github| {
        let mut before: Vec<(&str, Content)> = base.iter().map(|(path, text)| (path.as_str(), Content::Text(text.clone()))).collect();
        before.push((".github/astride.yml", "mode: enforce\n".into()));
        let id = github.add_repository(SHOP, Visibility::Private, &before).expect("a new name");
        github.install("acme", None);
        for (person, right) in [(AUTHOR, Right::Write), (REVIEWER, Right::Maintain)] {
            github.set_role(SHOP, person, right).expect("the repository is there");
        }
        id
    });
    note_first_contact(&fleet, &[id]).await;
    keep_time(&fleet);
    fleet.balance();
    let process = fleet.start().await;
    settle(&process).await;
    let began = Instant::now();
    standin.act(|github| {
        let changes: Vec<(&str, Option<Content>)> =
            head.iter().map(|(path, text)| (path.as_str(), Some(Content::Text(text.clone())))).collect();
        let push = Push { repository: SHOP, branch: "orders", by: AUTHOR, changes: &changes, message: "Orders" };
        github.push(&push).expect("the repository is there");
        let opening = Opening { repository: SHOP, by: AUTHOR, head: "orders", base: "main", title: "Orders", body: "", draft: false };
        github.open_pull(&opening).expect("the branch is there");
    });
    let judged = wait_until(began, || written(&standin).judged == 1).await;
    settle(&process).await;
    let comment = standin.with(|github| {
        let ours = github.repositories.values().flat_map(|found| found.comments.values()).find(|comment| comment.author == github.bot);
        ours.map(|comment| comment.body.lines().find(|line| line.starts_with('#')).unwrap_or_default().to_owned()).unwrap_or_default()
    });
    println!("a pull request of {count} files, one in {TEMPLATES} a template, write gap {} ms", arguments.write_gap);
    println!(
        "  its check stands after {:.1} s; nothing is left to do after {:.1} s: {comment}",
        judged.as_secs_f64(),
        began.elapsed().as_secs_f64()
    );
    println!("  {}", asked(&standin).each(1));
    println!("  {:.1} s of CPU without the trial, {:.1} MiB at most", f64::from(ticks(process.id())) / 100.0, peak(process.id()));
}

fn files(count: usize, more: &str) -> Vec<(String, String)> {
    let text = |number: usize| {
        if number.is_multiple_of(TEMPLATES) {
            format!("{}{more}", template(number))
        } else {
            format!("name: job-{number}\nopen: {}\n", !more.is_empty())
        }
    };
    (0..count).map(|number| (format!("folder-{}/file-{number}.yaml", number % 50), text(number))).collect()
}
