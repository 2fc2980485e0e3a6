//! Code owners where they cannot be told: whoever speaks is refused, and nothing is decided.

#![expect(clippy::unwrap_used, reason = "a helper that fails is a test that fails")]

mod service;
mod story;

use astride::decisions::ledger_text;
use astride::sandbox::github::people::Push;
use astride::sandbox::github::state::Github;
use astride::sandbox::objects::Content;
use astride::worker::judgement::Judgement;
use service::Service;
use story::{REVIEWER, SHOP, act, open, stories};

/// What our last reply says to the reviewer of a story whose code owners decide, and the conclusion of the check.
async fn answered(harm: impl FnOnce(&mut Github)) -> (String, String) {
    let service = Service::with(Judgement::new(ledger_text::append)).await;
    let stories = stories();
    let story = stories.iter().find(|story| story.name == "code_owners_decide").expect("the story is told");
    open(&service.standin, story);
    service.standin.act(|github| {
        github.set_team("acme", "platform", &[REVIEWER]);
        harm(github);
    });
    service.settle().await;
    act(&service.standin, &story::Act::Says(REVIEWER, "{}"));
    service.settle().await;
    service.standin.with(|github| {
        let shop = github.repository_named(SHOP).unwrap();
        let ours = shop.comments.values().rfind(|comment| comment.author == github.bot && comment.body.contains("astride:reply"));
        let check = shop.checks.values().rfind(|check| check.head == shop.pulls[&1].head.sha).unwrap();
        (ours.map(|comment| comment.body.clone()).unwrap_or_default(), check.conclusion.clone().unwrap_or_default())
    })
}

fn owners(github: &mut Github, content: Content) {
    let changes = [(".github/CODEOWNERS", Some(content))];
    github.push(&Push { repository: SHOP, branch: "main", by: REVIEWER, changes: &changes, message: "Owners" }).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_of_the_owning_team_decides() {
    assert_eq!(answered(|_| {}).await.1, "success");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_team_that_cannot_be_asked_about_refuses_everybody() {
    let (reply, conclusion) = answered(|github| {
        github.installations.values_mut().for_each(|installation| {
            installation.permissions.remove("members");
        });
    })
    .await;
    assert!(reply.contains("could not be looked up"), "{reply}");
    assert_eq!(conclusion, "action_required");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_cannot_be_read_refuses_everybody() {
    for content in [Content::Text(format!("* @rita\n{}", "#".repeat(3 * 1024 * 1024))), Content::Text("* @rita\0\n".to_owned())] {
        let (reply, conclusion) = answered(|github| owners(github, content)).await;
        assert!(reply.contains("who they are cannot be read"), "{reply}");
        assert_eq!(conclusion, "action_required");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_file_of_the_base_counts_as_it_is_now() {
    let (reply, _) = answered(|github| owners(github, "* @rex\n".into())).await;
    assert!(reply.contains("code owners of `template.yaml` decide: rex"), "{reply}");
}
