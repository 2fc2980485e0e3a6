//! The holes in what people say, filled with what stands on the page.

use super::{AUTHOR, REVIEWER, shop};
use astride::sandbox::github::state::Github;

/// The text with `{login}` as that person's name and address.
pub(super) fn addressed(github: &Github, text: &str) -> String {
    let mut out = text.to_owned();
    for login in [AUTHOR, REVIEWER] {
        out = out.replace(&format!("{{{login}}}"), &format!("{login} <{}>", github.user_named(login).unwrap().email()));
    }
    out
}

/// The text with `{repair}` and `{settings}` as the IDs of that kind that our comment shows.
fn with_repair(github: &Github, text: &str) -> String {
    let mut out = text.to_owned();
    for (hole, kind) in [("{repair}", "repair/"), ("{settings}", "settings/")] {
        if out.contains(hole) {
            let ours = shop(github).comments.values().filter(|comment| comment.author == github.bot);
            let id = ours.filter_map(|comment| Some(comment.body.split_once(kind)?.1.split([' ', '`']).next()?.to_owned())).next_back();
            out = out.replace(hole, &format!("{kind}{}", id.expect("our comment names an ID of that kind")));
        }
    }
    out
}

pub(super) fn filled(github: &Github, text: &str) -> String {
    if !text.contains('{') {
        return text.to_owned();
    }
    let text = &with_repair(github, text);
    if !["{id}", "{now}", "{}"].iter().any(|hole| text.contains(hole)) {
        return text.clone();
    }
    let threads = shop(github).review_comments.values().filter(|comment| comment.author == github.bot);
    let named: Vec<&str> =
        threads.filter_map(|comment| comment.body.split('`').find(|word| word.contains('/') && !word.contains(' '))).collect();
    let (first, newest) = (named.first().expect("a thread names an ID"), named.last().expect("a thread names an ID"));
    text.replace("{id}", first).replace("{now}", newest).replace("{}", &format!("/stride accept {first} the form is public on purpose"))
}
