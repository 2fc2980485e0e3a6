//! Whose words count.
//!
//! Comes in: who wrote a pull request, a posted comment with its author's right, the settings. Goes out: whether a word decides, proposes,
//! or is refused. It is always asked of the pull request at hand: whoever is among its authors has decided nothing for it, wherever and
//! whenever the word was written. Identity is the numeric id: logins can be renamed and reused. Any doubt is a refusal.

use crate::change::{Authors, Change, ObjectId, Posted, Pull, Right, UserId};
use crate::decisions::Signature;
use crate::settings::Settings;
use crate::stride::ThreatKey;
use std::collections::BTreeSet;

/// What the ledger keeps as the right of the only account that may write.
pub const SOLE_MAINTAINER: &str = "sole_maintainer";
/// How the right of an author begins, which lets nobody decide.
pub const AUTHOR: &str = "author, ";
/// What the ledger keeps as the right of a bot that the settings name: it proposes, and confirms nothing.
pub const BOT: &str = "bot";
/// How the right of somebody ends who confirms by an approving review.
pub const BY_APPROVAL: &str = ", approval";

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authority {
    /// By this right, as the ledger keeps it.
    Decides(String),
    /// The word counts once somebody else has confirmed it.
    Proposes(String, Lacking),
    /// Why not, in plain words.
    Refused(String),
    /// Something has not been looked up yet.
    Unknown,
}

/// Why a word is a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lacking {
    /// Its author wrote a part of the pull request.
    IsAuthor,
    /// It is a bot's, which the settings name.
    IsBot,
    /// Nobody knows who wrote this commit: it may have been the one who speaks, so that two must agree.
    Second(ObjectId),
}

/// The people of one pull request, as far as their words are concerned.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Panel {
    /// They decide nothing here.
    authors: BTreeSet<UserId>,
    /// It decides whatever it wrote.
    sole_maintainer: Option<UserId>,
    /// A commit of which nobody can tell who wrote it: two different people who are no authors must agree.
    unknown: Option<ObjectId>,
    /// Not all commits are known: only administrators are believed to have written none of the others.
    cut: bool,
    /// The authors could not be looked up: nobody is believed.
    failed: bool,
}

impl Panel {
    fn of(pull: &Pull) -> Self {
        let mut authors = BTreeSet::from([pull.author.id]);
        let nobody = Authors::default();
        let (known, failed) = match &pull.authors {
            Some(Ok(known)) => (known, false),
            Some(Err(_)) | None => (&nobody, true),
        };
        authors.extend(&known.people);
        let sole_maintainer = pull.sole_maintainer.as_ref().and_then(|sole| sole.as_ref().ok().copied().flatten());
        Self { authors, sole_maintainer, unknown: known.unknown.first().copied(), cut: known.cut, failed }
    }

    fn is_sole(&self, id: UserId) -> bool {
        self.sole_maintainer == Some(id)
    }

    fn counts(&self, by: &Signature) -> bool {
        !is_bot(by) && self.counts_as_person(by)
    }

    fn counts_as_person(&self, by: &Signature) -> bool {
        // What follows a comma says in which capacity.
        let right = by.right.split(", ").next();
        let deciding = right == Some(Right::Admin.word()) || right == Some(SOLE_MAINTAINER) || !self.cut;
        self.is_sole(by.id) || (!self.failed && !self.authors.contains(&by.id) && deciding)
    }

    /// Whether a verdict decides: `proposal` as it was written, with those who confirmed it and how many were needed then.
    fn decides(&self, by: &Signature, proposal: bool, confirmed: &[&Signature], needed: usize) -> bool {
        let mut people: BTreeSet<UserId> = BTreeSet::new();
        people.extend(Some(by.id).filter(|_| self.counts(by) && !is_author(by)));
        let seconded: Vec<UserId> =
            confirmed.iter().filter(|other| other.id != by.id && self.counts(other)).map(|other| other.id).collect();
        people.extend(&seconded);
        let least = if self.unknown.is_some() { 2 } else { 1 };
        let needed = if people.iter().any(|id| self.is_sole(*id)) { 1 } else { needed.max(least) };
        people.len() >= needed && (!proposal || !seconded.is_empty())
    }
}

/// Whether somebody spoke as an author of the pull request at hand then.
pub fn is_author(by: &Signature) -> bool {
    by.right.starts_with(AUTHOR)
}

/// Whether a bot spoke that the settings named.
pub fn is_bot(by: &Signature) -> bool {
    by.right == BOT
}

/// Whether a word is none of those that are needed, and only proposes.
pub fn only_proposes(by: &Signature) -> bool {
    is_author(by) || is_bot(by)
}

/// Whether somebody confirmed by an approving review, and not by a command.
pub fn is_by_approval(by: &Signature) -> bool {
    by.right.ends_with(BY_APPROVAL)
}

/// Those whose words count on one threat: with several panels, a word counts if it counts before each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Electorate(Vec<Panel>);

impl Electorate {
    /// Whether a verdict that is written so decides.
    pub fn decides(&self, by: &Signature, proposal: bool, confirmed: &[&Signature], needed: usize) -> bool {
        if self.0.is_empty() {
            let others: BTreeSet<UserId> = confirmed.iter().map(|other| other.id).filter(|id| *id != by.id).collect();
            let people = others.len() + usize::from(!only_proposes(by));
            return people >= needed && (!others.is_empty() || !(proposal || is_bot(by)));
        }
        self.0.iter().all(|panel| panel.decides(by, proposal, confirmed, needed))
    }

    /// Whether somebody's confirmation counts at all.
    pub fn confirms(&self, by: &Signature) -> bool {
        !is_bot(by) && self.0.iter().all(|panel| panel.counts(by))
    }
}

/// Those whose words count on a threat of a change. Without a pull request nobody is an author. In a merge group it is the people of
/// the pull requests that introduce the threat, or of all of them where none does by itself.
pub fn electorate(change: &Change, key: &ThreatKey) -> Electorate {
    if let Some(pull) = &change.pull {
        return Electorate(vec![Panel::of(pull)]);
    }
    let introducing = change.group.iter().filter(|constituent| constituent.introduces.contains(key));
    let panels: Vec<Panel> = introducing.map(|constituent| Panel::of(&constituent.pull)).collect();
    if panels.is_empty() {
        return Electorate(change.group.iter().map(|constituent| Panel::of(&constituent.pull)).collect());
    }
    Electorate(panels)
}

/// What must be looked up before the words of these people can be weighed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unasked {
    pub authors: bool,
    pub sole_maintainer: bool,
}

/// What is not known yet of a pull request on which these people have spoken.
pub fn unasked(pull: &Pull, speakers: &BTreeSet<UserId>) -> Unasked {
    let Some(authors) = &pull.authors else { return Unasked { authors: !speakers.is_empty(), sole_maintainer: false } };
    let Ok(authors) = authors else { return Unasked::default() };
    let by_author = speakers.iter().any(|id| *id == pull.author.id || authors.people.contains(id));
    let asks = by_author || (!speakers.is_empty() && !authors.unknown.is_empty());
    Unasked { authors: false, sole_maintainer: asks && pull.sole_maintainer.is_none() }
}

/// The authority of the comment's author over this pull request.
pub fn check(posted: &Posted, pull: &Pull, settings: &Settings) -> Authority {
    if posted.author.bot {
        return match settings.names_bot(&posted.author) {
            true => Authority::Proposes(BOT.to_owned(), Lacking::IsBot),
            false => Authority::Refused("a bot decides nothing, and proposes where `decide.bots` names it".to_owned()),
        };
    }
    let right = match &posted.right {
        None => return Authority::Unknown,
        Some(Err(_)) => {
            return Authority::Refused(
                "your permission could not be looked up, and without it nobody decides; write the command again later".to_owned(),
            );
        }
        Some(Ok(right)) => *right,
    };
    let Some(authors) = &pull.authors else { return Authority::Unknown };
    let panel = Panel::of(pull);
    if panel.is_sole(posted.author.id) && right >= settings.decide {
        return Authority::Decides(SOLE_MAINTAINER.to_owned());
    }
    if panel.authors.contains(&posted.author.id) {
        return Authority::Proposes(format!("{AUTHOR}{}", right.word()), Lacking::IsAuthor);
    }
    if right < settings.decide {
        return Authority::Refused(format!("{} decides here, and you have `{}`", settings.deciders(), right.word()));
    }
    if authors.is_err() {
        return Authority::Refused(
            "it could not be looked up who wrote this pull request, and without that nobody decides; write the command again later"
                .to_owned(),
        );
    }
    if panel.cut && right < Right::Admin {
        return Authority::Refused(
            "this pull request has more commits than can be read, so nobody can tell whether you wrote one of them; \
             an administrator decides"
                .to_owned(),
        );
    }
    match panel.unknown {
        Some(commit) => Authority::Proposes(right.word().to_owned(), Lacking::Second(commit)),
        None => Authority::Decides(right.word().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Authority, Lacking, Panel, SOLE_MAINTAINER, check};
    use crate::change::{Actor, Authors, ObjectId, Posted, Pull, Right, Surface, Timestamp, UserId};
    use crate::decisions::Signature;
    use crate::settings::Settings;
    use std::collections::BTreeSet;

    fn actor(id: u64) -> Actor {
        Actor { id: UserId(id), login: format!("user{id}"), bot: false }
    }

    /// Opened by 1, with commits of 2.
    fn pull() -> Pull {
        Pull {
            number: 1,
            author: actor(1),
            authors: Some(Ok(Authors { people: BTreeSet::from([UserId(2)]), ..Authors::default() })),
            sole_maintainer: Some(Ok(None)),
            draft: false,
            same_head: Vec::new(),
            base: "main".to_owned(),
        }
    }

    fn cut() -> Pull {
        Pull { authors: Some(Ok(Authors { cut: true, ..Authors::default() })), ..pull() }
    }

    fn unknown() -> Pull {
        Pull { authors: Some(Ok(Authors { unknown: vec![ObjectId([1; 20])], ..Authors::default() })), ..pull() }
    }

    fn failed() -> Pull {
        Pull { authors: Some(Err("404".to_owned())), ..pull() }
    }

    fn sole(pull: Pull, id: u64) -> Pull {
        Pull { sole_maintainer: Some(Ok(Some(UserId(id)))), ..pull }
    }

    #[test]
    fn who_may() {
        let right = |right: Right| Some(Ok(right));
        for (pull, id, right, expected) in [
            (pull(), 3, right(Right::Write), "decides"),
            (pull(), 3, right(Right::Triage), "refused"),
            (pull(), 3, Some(Err("timeout".to_owned())), "refused"),
            (cut(), 3, right(Right::Write), "refused"),
            (cut(), 3, right(Right::Admin), "decides"),
            (pull(), 1, right(Right::Admin), "proposes"),
            (pull(), 2, right(Right::Write), "proposes"),
            (pull(), 1, right(Right::None), "proposes"),
            (pull(), 3, None, "unknown"),
            (Pull { authors: None, ..pull() }, 3, right(Right::Admin), "unknown"),
            (failed(), 3, right(Right::Admin), "refused"),
            (failed(), 1, right(Right::Admin), "proposes"),
            (unknown(), 3, right(Right::Admin), "second"),
            (unknown(), 1, right(Right::Admin), "proposes"),
            (sole(unknown(), 3), 3, right(Right::Admin), "decides"),
            (sole(pull(), 1), 1, right(Right::Admin), "decides"),
            (sole(pull(), 1), 1, right(Right::Read), "proposes"),
            (sole(pull(), 1), 2, right(Right::Write), "proposes"),
            (Pull { sole_maintainer: Some(Err("403".to_owned())), ..pull() }, 1, right(Right::Admin), "proposes"),
        ] {
            let posted = Posted {
                id: 9,
                surface: Surface::Comment,
                url: String::new(),
                author: actor(id),
                at: Timestamp(0),
                body: String::new(),
                right: right.clone(),
            };
            let word = match check(&posted, &pull, &Settings::default()) {
                Authority::Decides(_) => "decides",
                Authority::Proposes(_, Lacking::IsAuthor) => "proposes",
                Authority::Proposes(_, Lacking::Second(_)) => "second",
                Authority::Proposes(_, Lacking::IsBot) => "bot",
                Authority::Refused(_) => "refused",
                Authority::Unknown => "unknown",
            };
            assert_eq!(word, expected, "{id} {right:?} {pull:?}");
        }
    }

    /// Words that lie in the ledger, whatever pull request they were written on.
    #[test]
    fn which_words_count() {
        let by = |id: u64, right: &str| Signature { id: UserId(id), login: format!("user{id}"), right: right.to_owned() };
        for (what, pull, said, proposal, confirmed, decides) in [
            ("a decider's", pull(), by(3, "write"), false, vec![], true),
            ("of somebody who is an author here", pull(), by(2, "write"), false, vec![], false),
            ("of an author, confirmed by a decider", pull(), by(2, "write"), false, vec![by(3, "write")], true),
            ("of an author, confirmed by another author", pull(), by(2, "write"), false, vec![by(1, "admin")], false),
            ("of an author, confirmed by himself", pull(), by(2, "write"), false, vec![by(2, "write")], false),
            ("a proposal", pull(), by(4, "author, write"), true, vec![], false),
            ("a proposal of an author elsewhere, confirmed", pull(), by(4, "author, write"), true, vec![by(3, "write")], true),
            ("a proposal, confirmed by an author here", pull(), by(4, "author, write"), true, vec![by(1, "write")], false),
            ("a decider's where commits are cut", cut(), by(3, "write"), false, vec![], false),
            ("an administrator's where commits are cut", cut(), by(3, "admin"), false, vec![], true),
            ("a decider's where a commit is nobody's", unknown(), by(3, "write"), false, vec![], false),
            ("of two deciders where a commit is nobody's", unknown(), by(3, "write"), true, vec![by(4, "write")], true),
            ("of one decider twice", unknown(), by(3, "write"), true, vec![by(3, "write")], false),
            ("of an author and a decider where a commit is nobody's", unknown(), by(1, "author, write"), true, vec![by(3, "write")], false),
            ("of an author and two deciders", unknown(), by(1, "author, write"), true, vec![by(3, "write"), by(4, "write")], true),
            ("of the sole maintainer", sole(unknown(), 1), by(1, SOLE_MAINTAINER), false, vec![], true),
            ("of one who was the sole maintainer", pull(), by(1, SOLE_MAINTAINER), false, vec![], false),
            ("of anybody where the authors are not known", failed(), by(3, "admin"), false, vec![], false),
        ] {
            let confirmed: Vec<&Signature> = confirmed.iter().collect();
            assert_eq!(Panel::of(&pull).decides(&said, proposal, &confirmed, 1), decides, "{what}");
            assert!(
                !Panel::of(&pull).decides(&said, proposal, &confirmed, 9) || said.right == SOLE_MAINTAINER,
                "{what}, and nine are needed"
            );
        }
    }
}
