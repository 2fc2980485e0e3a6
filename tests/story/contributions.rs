//! Pushes and pull requests, as git and the forge take them.

use super::{AUTHOR, FORK, Identity, LEDGER, SHOP, STRANGER, TEMPLATE, shop};
use astride::change::ObjectId;
use astride::sandbox::github::StandIn;
use astride::sandbox::github::people::{Opening, Push};
use astride::sandbox::github::state::Github;
use astride::sandbox::objects::Content;

pub(super) fn open_pull(github: &mut Github, repository: &str, by: &str, head: &str, base: &str) {
    let opening = Opening { repository, by, head, base, title: "Orders", body: "", draft: false };
    github.open_pull(&opening).unwrap();
}

pub(super) fn push_to_head(github: &mut Github, files: &[(&str, String)]) {
    let head = &shop(github).pulls[&1].head;
    let (repository, by) = if head.repository == shop(github).id { (SHOP, AUTHOR) } else { (FORK, STRANGER) };
    push(github, repository, "orders", by, files);
}

pub(super) fn open_own(standin: &StandIn, by: &str, path: &str, template: &str) {
    standin.act(|github| push(github, SHOP, "own", by, &[(path, template.to_owned())]));
    standin.act(|github| open_pull(github, SHOP, by, "own", "main"));
}

pub(super) fn push_as(github: &mut Github, by: &str, identity: Identity, template: &str) {
    let changes = [(TEMPLATE, Some(Content::Text(template.to_owned())))];
    let (name, email) = match identity {
        Identity::Nobody => ("n".to_owned(), "nobody@nowhere.test".to_owned()),
        Identity::Of(login) => (login.to_owned(), github.user_named(login).unwrap().email()),
    };
    let repository = if by == STRANGER { FORK } else { SHOP };
    let push = Push { repository, branch: "orders", by, changes: &changes, message: "Orders" };
    github.push_as(&push, &name, &email).unwrap();
}

pub(super) fn push(github: &mut Github, repository: &str, branch: &str, by: &str, files: &[(&str, String)]) {
    let changes: Vec<(&str, Option<Content>)> = files.iter().map(|(path, text)| (*path, Some(Content::Text(text.clone())))).collect();
    github.push(&Push { repository, branch, by, changes: &changes, message: "Orders" }).unwrap();
}

pub(super) fn rebase(github: &mut Github) {
    let head = shop(github).branch("orders").unwrap();
    let template = text_at(github, head, TEMPLATE);
    push(github, SHOP, "scratch", AUTHOR, &[(TEMPLATE, template)]);
    let rebased = shop(github).branch("scratch").unwrap();
    github.force_push(SHOP, "orders", AUTHOR, rebased).unwrap();
    github.delete_branch(SHOP, "scratch", AUTHOR).unwrap();
}

pub(super) fn rewrite_ledger(github: &mut Github, by: &str, rewrite: fn(&str) -> String) {
    let tip = shop(github).branch(LEDGER).unwrap();
    let (path, text) = github.objects(shop(github).id).unwrap().texts(tip).into_iter().next().unwrap();
    push(github, SHOP, LEDGER, by, &[(&path, rewrite(&text))]);
}

pub(super) fn text_at(github: &Github, commit: ObjectId, path: &str) -> String {
    let texts = github.objects(shop(github).id).unwrap().texts(commit);
    texts.into_iter().find(|(found, _)| found == path).unwrap().1
}
