//! What is looked up of people, and of the ledger's branch, for one look at a change.
//!
//! Comes in: accounts, teams, a tip. Goes out: rights under the present name of an account and memberships, or why they cannot be known; what
//! is wrong with the branch. An error that may pass is an error; one that stays is an answer that lets nobody decide.

use super::error::{ForgeError, found};
use super::page::find_check;
use super::site::Site;
use super::snapshot::Snapshot;
use super::tree::escape;
use super::wire;
use crate::change::{Actor, ObjectId, Right, Timestamp, UserId};
use crate::decisions::ledger_text::file_name;
use crate::judge::{Needs, PushedText};
use crate::ledger::{Growth, Most, Pushed, Tip};
use crate::plan::StandingCheck;
use crate::queue::published::Published;
use crate::report::check;
use crate::source::RepoPath;
use std::collections::{BTreeMap, BTreeSet};

/// Commits, and other pull requests, whose checks are asked where the ledger was.
const MAX_ASKED: usize = 30;
/// Most of the ledger that is read to find what somebody said last.
const MOST_OF_OTHERS: Most = Most { files: 1_000, bytes: 16 * 1024 * 1024 };

/// Accounts that pushed to the ledger, under their present names and with their rights, as far as these were asked for.
pub(super) type Pushers = BTreeMap<UserId, (Actor, Result<Right, String>)>;

/// What the forge says of the right of a login.
enum AskedRight {
    Known(Result<Right, String>),
    /// The login is another account's.
    OfAnother,
    /// There is no such login, or it is not ours to see.
    OfNobody,
}

impl AskedRight {
    fn known(&self) -> Option<Result<Right, String>> {
        match self {
            Self::Known(right) => Some(right.clone()),
            Self::OfAnother | Self::OfNobody => None,
        }
    }

    /// What it comes to where the account has no other login.
    fn of_nobody(&self, actor: &Actor) -> Result<Right, String> {
        match self {
            Self::Known(right) => right.clone(),
            Self::OfAnother => Err(format!("the account {} is not the one that it was", actor.login)),
            Self::OfNobody => Ok(Right::None),
        }
    }
}

impl Site {
    /// What is wrong with the ledger's branch, and the way back.
    pub(super) fn broken(&self, what: &str, should_be: Option<ObjectId>) -> String {
        let back = should_be.map(|tip| format!("; it was at {tip}")).unwrap_or_default();
        format!("the ledger's branch `{}` has not only grown: {what}{back}", self.ledger.name)
    }

    /// Where our own store knows nothing of the branch, our check on this head may still say where it was.
    pub(super) async fn hold_against_check(&self, snapshot: &mut Snapshot, check: Option<&StandingCheck>) -> Result<(), ForgeError> {
        let Some(before) = check.and_then(|check| check::read_ledger_tip(&check.text)) else { return Ok(()) };
        if snapshot.ledger.broken.is_none() && !self.ledger.grew_from(snapshot.tip.commit, before).await? {
            snapshot.ledger.should_be = Some(before);
            let what = if snapshot.tip.commit.is_none() { "the branch is gone" } else { "it does not descend from where it was" };
            snapshot.ledger.broken = Some(self.broken(what, Some(before)));
            snapshot.growth.lags = match snapshot.tip.commit {
                Some(commit) => self.ledger.lags(commit, before).await?,
                None => false,
            };
        }
        Ok(())
    }

    /// Where our own store knows nothing of the branch, our checks on other heads may: those of the change's own commits, of which the head may be
    /// new or a group's, and those of other open pull requests. `None` where nothing speaks against the branch.
    pub(super) async fn hold_against_checks(&self, tip: &Tip, own: &[wire::Commit]) -> Result<Option<Growth>, ForgeError> {
        let (store, key) = (self.place.client.forge().store(), self.ledger.key());
        if store.ledger_is_known(&key).await? {
            return Ok(None);
        }
        let open = self.open_pulls(None).await?;
        let own = own.iter().rev().take(MAX_ASKED).map(|commit| commit.sha.as_str());
        let heads: BTreeSet<ObjectId> =
            own.chain(open.iter().take(MAX_ASKED).map(|pull| pull.head.sha.as_str())).filter_map(ObjectId::from_hex).collect();
        for head in heads {
            let check = find_check(&self.place, head).await?;
            let Some(before) = check.and_then(|check| check::read_ledger_tip(&check.text)) else { continue };
            if !self.ledger.grew_from(tip.commit, before).await? {
                let (what, lags) = match tip.commit {
                    None => ("the branch is gone", false),
                    Some(commit) => ("it does not descend from where it was", self.ledger.lags(commit, before).await?),
                };
                return Ok(Some(Growth { broken: Some(what.to_owned()), lags, should_be: Some(before), ..Growth::default() }));
            }
        }
        store.note_ledger_known(&key).await?;
        Ok(None)
    }

    /// Reads the ledger's files that `judge` asked for, and what of them people pushed; gives the number of bytes.
    pub(super) async fn fetch_ledger(&self, snapshot: &mut Snapshot, needs: &Needs) -> Result<usize, ForgeError> {
        let texts = self.ledger.texts(&snapshot.tip, &needs.ledger).await?;
        let mut bytes = texts.values().flatten().map(String::len).sum::<usize>();
        let mut scopes: Vec<RepoPath> = texts.keys().cloned().collect();
        if needs.others {
            let others = self.ledger.other_texts(&snapshot.tip, &snapshot.ledger.files, MOST_OF_OTHERS).await?;
            bytes += others.iter().flatten().map(|(_, text)| text.len()).sum::<usize>();
            scopes.extend(others.iter().flatten().map(|(scope, _)| scope.clone()));
            snapshot.ledger.others = Some(others);
        }
        for scope in scopes {
            let name = file_name(&scope);
            for pushed in snapshot.growth.pushed.iter().filter(|pushed| pushed.file == name) {
                let text = self.pushed_text(pushed, &mut snapshot.pushers).await?;
                snapshot.ledger.pushed.entry(scope.clone()).or_default().push(text);
            }
        }
        snapshot.ledger.files.extend(texts);
        Ok(bytes)
    }

    /// Notes since when a page that was merged has shown what stands on it.
    ///
    /// # Errors
    /// Of the store.
    pub async fn note_shown(&self, snapshot: &mut Snapshot, number: u64) -> Result<(), ForgeError> {
        let published = self.place.client.forge().store().published(self.repository.id, number).await?;
        let head = snapshot.change.head.commit;
        snapshot.change.shown_at = shown_at(published.as_ref(), head, snapshot.page.check.as_ref());
        Ok(())
    }

    /// A part of a ledger file that was pushed, with the right of whoever pushed it: each account is asked about once.
    pub(super) async fn pushed_text(&self, pushed: &Pushed, known: &mut Pushers) -> Result<PushedText, ForgeError> {
        let by = pushed.by.as_ref().map(|(id, login)| Actor { id: UserId(*id), login: login.clone(), bot: login.ends_with("[bot]") });
        let (by, right) = match by {
            Some(actor) => {
                let (actor, right) = match known.get(&actor.id) {
                    Some(known) => known.clone(),
                    None => known.entry(actor.id).insert_entry(self.right(&actor).await?).get().clone(),
                };
                (Some(actor), right)
            }
            None => (None, Err("nobody knows who pushed it".to_owned())),
        };
        Ok(PushedText { from: pushed.from, to: pushed.to, commit: pushed.commit.clone(), by, right })
    }

    /// The permission of an account, and the account under its present name. The login is only a way to ask: what counts is the id that comes back.
    /// Where the login is nobody's or another account's by now, it is asked which one the account has.
    ///
    /// # Errors
    /// Those that may pass.
    pub async fn right(&self, actor: &Actor) -> Result<(Actor, Result<Right, String>), ForgeError> {
        let asked = self.ask_right(actor).await?;
        if let Some(right) = asked.known() {
            return Ok((actor.clone(), right));
        }
        match self.present(actor).await? {
            Some(present) if present.login != actor.login => {
                let asked = self.ask_right(&present).await?;
                let right = asked.known().unwrap_or_else(|| asked.of_nobody(&present));
                Ok((present, right))
            }
            Some(_) | None => Ok((actor.clone(), asked.of_nobody(actor))),
        }
    }

    async fn ask_right(&self, actor: &Actor) -> Result<AskedRight, ForgeError> {
        let path = self.place.path(&format!("/collaborators/{}/permission", escape(&actor.login)));
        match self.place.client.get::<wire::Permission>(&path).await {
            Ok(answer) if answer.user.as_ref().map(|user| user.id) != Some(actor.id.0) => Ok(AskedRight::OfAnother),
            // Custom roles have names of their own; `permission` then says what they amount to.
            Ok(answer) => Ok(AskedRight::Known(
                Right::from_word(&answer.role_name)
                    .or_else(|| Right::from_word(&answer.permission))
                    .ok_or_else(|| "the permission is none that we know".to_owned()),
            )),
            Err(ForgeError::NotFound { .. }) => Ok(AskedRight::OfNobody),
            Err(error) if error.is_passing() => Err(error),
            Err(error) => {
                tracing::warn!(%error, "a permission could not be looked up");
                Ok(AskedRight::Known(Err("the permission could not be looked up".to_owned())))
            }
        }
    }

    /// An account under the login that it has now; `None` where there is none with its id, or nobody can tell.
    async fn present(&self, actor: &Actor) -> Result<Option<Actor>, ForgeError> {
        match found(self.place.client.get_fresh::<wire::User>(&format!("/user/{}", actor.id.0)).await) {
            Ok(user) => Ok(user.filter(|user| user.id == actor.id.0).map(|user| user.actor())),
            Err(error) if error.is_passing() => Err(error),
            Err(error) => {
                tracing::warn!(%error, "the present name of an account could not be looked up");
                Ok(None)
            }
        }
    }

    /// Whether an account is an active member of `organisation/team`. That the login is still the account's is for `right` to say.
    pub(super) async fn member(&self, team: &str, login: &str) -> Result<Result<bool, String>, ForgeError> {
        let (organisation, slug) = team.split_once('/').unwrap_or((&self.repository.owner, team));
        let path = format!("/orgs/{}/teams/{}/memberships/{}", escape(organisation), escape(slug), escape(login));
        match self.place.client.get::<wire::Membership>(&path).await {
            Ok(membership) => Ok(Ok(membership.state == "active")),
            Err(ForgeError::NotFound { .. }) => Ok(Ok(false)),
            Err(error) if error.is_passing() => Err(error),
            Err(error) => {
                tracing::warn!(%error, "a membership could not be looked up");
                Ok(Err("the membership could not be looked up".to_owned()))
            }
        }
    }
}

/// Since when our check has stood on the head, and the pull request has had that head. A check belongs to a commit, which may have been looked at on
/// another page or long ago.
pub(super) fn shown_at(published: Option<&Published>, head: ObjectId, check: Option<&StandingCheck>) -> Option<Timestamp> {
    let since = published.filter(|published| published.head == head).map(|published| published.head_since).filter(|since| since.0 > 0);
    since.zip(check.and_then(|check| check.started_at)).map(|(since, started)| since.max(started))
}
