//! Who may decide.
//!
//! Comes in: a posted comment with its author's right, the pull request, the settings. Goes out: whether the author's word decides,
//! proposes, or is refused. Identity is the numeric id: logins can be renamed and reused. Any doubt is a refusal.

use crate::change::{Posted, Pull, Right};
use crate::settings::Settings;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authority {
    /// By this right, as the ledger keeps it.
    Decides(String),
    /// An author's word on the own pull request: somebody else must confirm it.
    Proposes(String),
    /// Why not, in plain words.
    Refused(String),
    /// The right has not been looked up yet.
    Unknown,
}

/// The authority of the comment's author over this pull request.
pub fn check(posted: &Posted, pull: &Pull, settings: &Settings) -> Authority {
    let right = match &posted.right {
        None => return Authority::Unknown,
        Some(Err(_)) => {
            return Authority::Refused(
                "your permission could not be looked up, and without it nobody decides; write the command again later".to_owned(),
            );
        }
        Some(Ok(right)) => *right,
    };
    if posted.author.id == pull.author.id || pull.commit_authors.contains(&posted.author.id) {
        return Authority::Proposes(format!("author, {}", right.word()));
    }
    if right < settings.decide {
        return Authority::Refused(format!("{} decides here, and you have `{}`", settings.deciders(), right.word()));
    }
    if pull.commits_truncated && right < Right::Admin {
        return Authority::Refused("this pull request has more commits than can be read, so nobody can tell whether you wrote one of them; an administrator decides".to_owned());
    }
    Authority::Decides(right.word().to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Authority, check};
    use crate::change::{Actor, Posted, Pull, Right, Surface, Timestamp, UserId};
    use crate::settings::Settings;

    fn actor(id: u64) -> Actor {
        Actor { id: UserId(id), login: format!("user{id}"), bot: false }
    }

    #[test]
    fn who_may() {
        let pull = |truncated| Pull {
            number: 1,
            author: actor(1),
            commit_authors: vec![UserId(2)],
            commits_truncated: truncated,
            draft: false,
            same_head: Vec::new(),
        };
        let posted = |id, right: Option<Result<Right, String>>| Posted {
            id: 9,
            surface: Surface::Comment,
            url: String::new(),
            author: actor(id),
            at: Timestamp(0),
            body: String::new(),
            right,
        };
        for (id, right, truncated, expected) in [
            (3, Some(Ok(Right::Write)), false, "decides"),
            (3, Some(Ok(Right::Triage)), false, "refused"),
            (3, Some(Err("timeout".to_owned())), false, "refused"),
            (3, Some(Ok(Right::Write)), true, "refused"),
            (3, Some(Ok(Right::Admin)), true, "decides"),
            (1, Some(Ok(Right::Admin)), false, "proposes"),
            (2, Some(Ok(Right::Write)), false, "proposes"),
            (1, Some(Ok(Right::None)), false, "proposes"),
            (3, None, false, "unknown"),
        ] {
            let word = match check(&posted(id, right.clone()), &pull(truncated), &Settings::default()) {
                Authority::Decides(_) => "decides",
                Authority::Proposes(_) => "proposes",
                Authority::Refused(_) => "refused",
                Authority::Unknown => "unknown",
            };
            assert_eq!(word, expected, "{id} {right:?} {truncated}");
        }
    }
}
