//! Stories through the real router with signed webhooks: how each ends on the page, in the threads, in the check and in the ledger.

mod service;
mod shared;
mod story;

use astride::decisions::ledger_text;
use astride::worker::judgement::Judgement;
use service::Service;
use std::path::Path;
use story::{act, open, stories};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stories_end_as_they_should() {
    let mut wrong = Vec::new();
    let only = std::env::var("STORY").unwrap_or_default();
    for story in stories().into_iter().filter(|story| story.name.contains(&only)) {
        let service = Service::with(Judgement::new(ledger_text::append)).await;
        open(&service.standin, &story);
        service.settle().await;
        for step in &story.acts {
            act(&service.standin, step);
            service.settle().await;
        }
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/cases/stories/{}.txt", story.name));
        wrong.extend(shared::expect(&file, &service.standin.dump()).err());
        // Whatever is run again writes nothing.
        let writes = service.writes();
        astride::worker::sweep::begin(&service.bench).await.unwrap();
        service.settle().await;
        if service.writes() != writes {
            wrong.push(format!("{}: running again wrote {} times", story.name, service.writes() - writes));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
