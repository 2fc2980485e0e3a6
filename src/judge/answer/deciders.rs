//! Who may decide on what lies at a path, and how many must agree.
//!
//! Comes in: the settings with their code owners, who speaks, what it is about. Goes out: whether somebody is an owner, teams that must be looked
//! up first, and words. Any doubt is a refusal. What is decided bears how many had to agree, so that it counts later as it counted then.

use super::{Desk, speaks};
use crate::change::Posted;
use crate::command::{Command, Verb};
use crate::decisions::authority::{SOLE_MAINTAINER, is_author};
use crate::decisions::{Block, Verdict};
use crate::judge::answer::standing::By;
use crate::judge::answer::tell::{fold, some};
use crate::judge::ownership::{self, Membership};
use crate::report::escape;
use crate::settings::owners::Owner;
use crate::source::RepoPath;
use crate::stride::rule::Severity;
use std::collections::BTreeSet;

/// Behind the right of somebody who decides as an owner of the code.
const AS_OWNER: &str = ", code owner";
/// Paths with those who own them.
type Owned<'o> = Vec<(RepoPath, &'o [Owner])>;

/// Most teams of which one command asks whether somebody is in them.
pub(in crate::judge) const MAX_TEAMS: usize = 20;
/// What is no threat weighs as much as this, when it is asked how many must agree.
pub(super) const OF_MATTERS: Severity = Severity::High;

impl Desk<'_> {
    /// The teams that own what the commands are about, each with the login of whoever speaks.
    pub(super) fn teams_to_ask(&self, posted: &Posted, commands: &[&Command]) -> BTreeSet<(String, String)> {
        let deciding = commands.iter().filter(|command| speaks(command.verb));
        self.teams_of(posted, deciding.flat_map(|command| self.paths(posted, command)))
    }

    /// The teams that own these files, and those whose members alone decide, as far as they must be known to know who decides.
    pub(super) fn teams_of(&self, posted: &Posted, paths: impl Iterator<Item = RepoPath>) -> BTreeSet<(String, String)> {
        let mut deciding: BTreeSet<Owner> = BTreeSet::new();
        for path in paths {
            deciding.extend(self.teams());
            let owned = self.owners_of(&path).and_then(Result::ok).unwrap_or_default();
            deciding.extend(owned.into_iter().flat_map(|(_, owners)| owners).cloned());
        }
        let teams = deciding.into_iter().filter_map(|owner| match owner {
            Owner::Team(team) => Some((team, posted.author.login.clone())),
            Owner::Person(_) | Owner::Email(_) => None,
        });
        teams.take(MAX_TEAMS).collect()
    }

    /// The code owners of a file, of each path that it has and had, where they decide, and why nobody knows them; `None` where they do not.
    fn owners_of(&self, path: &RepoPath) -> Option<Result<Owned<'_>, &str>> {
        let owners = self.settings.deciding_owners()?;
        Some(owners.as_ref().map(|owners| ownership::owned(owners, path, self.moved)).map_err(String::as_str))
    }

    /// The teams whose members alone decide; of what has code owners who decide, those who are both.
    fn teams(&self) -> Vec<Owner> {
        self.settings.deciding_teams(&self.change.repository.owner)
    }

    /// The files that a command is about; none where it names nothing that is known.
    fn paths(&self, posted: &Posted, command: &Command) -> Vec<RepoPath> {
        // What is carried stands no longer under its first name.
        let of_carry = || Command { what: command.what.last().cloned().into_iter().collect(), ..command.clone() };
        let command = &(if command.verb == Verb::Carry { of_carry() } else { command.clone() });
        let Ok((matters, rest)) = self.named_matters(command) else { return Vec::new() };
        let threats = rest.and_then(|rest| self.find(posted, &rest).ok()).unwrap_or_default();
        let of_threats = threats.iter().map(|reviewed| reviewed.threat.place.path.clone());
        matters.iter().map(|matter| matter.place.path.clone()).chain(of_threats).collect()
    }

    /// The right by which somebody decides on what lies at a path, as the ledger keeps it: who owns it, where somebody does.
    ///
    /// # Errors
    /// Somebody else owns it, or nobody can tell, in words for the person.
    pub(super) fn right_at(&self, posted: &Posted, path: &RepoPath, verdict: Verdict, by: &By) -> Result<String, String> {
        let decides = verdict.is_answer() || verdict == Verdict::Confirmed;
        // Authors and bots propose to the owners, and the only one who may write has nobody to ask.
        if !decides || by.only_proposes() || by.right == SOLE_MAINTAINER {
            return Ok(by.right.clone());
        }
        let owned = match self.owners_of(path) {
            None => Vec::new(),
            Some(Err(why)) => {
                return Err(format!("Not done: code owners decide here, and who they are cannot be read: {}.", escape::text(why)));
            }
            Some(Ok(owned)) => owned,
        };
        for (owned, owners) in &owned {
            self.check_owner(posted, (path, owned), owners)?;
        }
        let right = self.right_in_team(posted, by)?;
        Ok(if owned.is_empty() { right } else { format!("{right}{AS_OWNER}") })
    }

    /// Whether somebody is among the owners of a path, which is the file's own or the one that it had.
    fn check_owner(&self, posted: &Posted, (path, owned): (&RepoPath, &RepoPath), owners: &[Owner]) -> Result<(), String> {
        if owners.iter().any(|owner| self.is(posted, owner) == Some(true)) {
            return Ok(());
        }
        let shown = escape::code(owned.as_str());
        if owners.iter().any(|owner| self.is(posted, owner).is_none()) {
            return Err(format!(
                "Not done: whether you are in a team that owns {shown} could not be looked up, and without it nobody decides; \
                 write the command again later."
            ));
        }
        let came = match path == owned {
            true => String::new(),
            false => format!(", from where this pull request takes what stands in {},", escape::code(path.as_str())),
        };
        Err(format!("Not done: code owners of {shown}{came} decide: {}.", names(owners)))
    }

    /// The right of somebody whom no code owners keep from deciding: that of a member, where teams decide.
    fn right_in_team(&self, posted: &Posted, by: &By) -> Result<String, String> {
        let teams = self.teams();
        if teams.is_empty() {
            return Ok(by.right.clone());
        }
        match ownership::membership(&teams, &posted.author.login, &self.change.members) {
            Membership::In(team) => Ok(format!("{}{}", by.right, in_team(team))),
            Membership::NotKnown => Err(format!(
                "Not done: whether you are in {} could not be looked up, and without it nobody decides; write the command again later.",
                names(&teams)
            )),
            Membership::InNone => Err(format!("Not done: members of {} decide here.", names(&teams))),
        }
    }

    /// Whether somebody is that owner, or one of the team; `None` where it is not known.
    fn is(&self, posted: &Posted, owner: &Owner) -> Option<bool> {
        match owner {
            Owner::Person(login) => Some(login.eq_ignore_ascii_case(&posted.author.login)),
            Owner::Team(team) => {
                let asked = self.change.members.get(&(team.clone(), posted.author.login.clone()));
                asked.and_then(|asked| asked.as_ref().ok().copied())
            }
            // Nobody can tell whose address it is, so that it is not this account's.
            Owner::Email(_) => Some(false),
        }
    }

    /// How many must agree on what has this weight. The only one who may write has nobody to agree with.
    pub(super) fn needed(&self, severity: Severity, verdict: Verdict, by: &By) -> usize {
        if verdict.is_answer() && by.right != SOLE_MAINTAINER { self.settings.needed_for(severity) } else { 1 }
    }

    /// What still needs others because of its weight: of each number of people, which IDs, and who may.
    pub(super) fn agreement_words(&self, blocks: &[Block]) -> Vec<String> {
        let waits = |block: &&Block| self.needed_of(block) > 1 && (block.proposal || self.is_proposed(block));
        let waiting: Vec<&Block> = blocks.iter().filter(waits).collect();
        let numbers: BTreeSet<usize> = waiting.iter().map(|block| self.needed_of(block)).collect();
        let line = |number: usize| {
            let of: Vec<&&Block> = waiting.iter().filter(|block| self.needed_of(block) == number).collect();
            let ids: Vec<&str> = of.iter().map(|block| block.threat.as_str()).collect();
            let author = of.iter().any(|block| block.proposal && is_author(&block.by));
            let others = if author { ", none of them an author of this pull request," } else { "" };
            let paths: BTreeSet<RepoPath> = of.iter().filter_map(|block| self.path_of(block)).collect();
            let who: Vec<String> = paths.iter().filter_map(|path| self.owners_in_words(path)).collect();
            let who = if who.is_empty() { String::new() } else { format!(" Who may: {}.", who.join("; ")) };
            let (types, fold) = (self.confirm(&ids), fold(&ids));
            let ids = some(&ids);
            format!(
                "Noted, and not enough yet: {number} people who may decide{others} must agree on {ids}. Who agrees types {types}.{who}{fold}"
            )
        };
        numbers.into_iter().map(line).collect()
    }

    /// How many must agree on what a block says, or on what it confirms.
    pub(super) fn needed_of(&self, block: &Block) -> usize {
        if block.verdict != Verdict::Confirmed {
            return block.needed;
        }
        let answers =
            self.ledger.blocks.values().flatten().filter(|other| other.fingerprint == block.fingerprint && other.verdict.is_answer());
        answers.max_by_key(|other| other.at).map_or(1, |answer| answer.needed)
    }

    fn path_of(&self, block: &Block) -> Option<RepoPath> {
        let matter = self.matters.iter().find(|matter| matter.fingerprint == block.fingerprint).map(|matter| &matter.place.path);
        let threat = || self.reviewed.iter().find(|reviewed| reviewed.threat.fingerprint() == block.fingerprint);
        matter.or_else(|| threat().map(|reviewed| &reviewed.threat.place.path)).cloned()
    }

    /// `` code owners of `template.yaml` (acme/platform, rita) ``; `None` where nobody owns it.
    fn owners_in_words(&self, path: &RepoPath) -> Option<String> {
        let owned = self.owners_of(path)?.ok()?;
        let each = owned.iter().map(|(path, owners)| format!("code owners of {} ({})", escape::code(path.as_str()), names(owners)));
        let each: Vec<String> = each.collect();
        let teams = self.teams();
        let members = if teams.is_empty() { String::new() } else { format!(" who are in {}", names(&teams)) };
        (!each.is_empty()).then(|| format!("{}{members}", each.join(" who are also ")))
    }
}

/// Behind the right of somebody who decides as a member of a team.
pub(in crate::judge) fn in_team(team: &Owner) -> String {
    format!(", team {}", team.name())
}

/// Nobody is mentioned by it.
pub(in crate::judge) fn names(owners: &[Owner]) -> String {
    owners.iter().map(|owner| escape::text(owner.name())).collect::<Vec<_>>().join(", ")
}
