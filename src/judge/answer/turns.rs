//! What people did that may count, one after the other.
//!
//! Comes in: posted comments, approving reviews. Goes out: both in order of time; and of a comment what it does, or what must be looked up first.

use super::{Answers, Desk};
use crate::change::{Approval, Change, Posted};
use crate::command::{Command, Refusal, Verb, grammar};
use crate::decisions::authority::{self, Authority};
use crate::judge::emergency;
use crate::settings::Settings;

pub(super) enum Turn<'c> {
    Says(&'c Posted),
    Approves(&'c Approval),
}

impl Turn<'_> {
    fn posted(&self) -> &Posted {
        match self {
            Self::Says(posted) => posted,
            Self::Approves(approval) => &approval.posted,
        }
    }
}

/// In order of time; of a review its text comes first.
pub(super) fn of<'c>(change: &'c Change, settings: &Settings) -> Vec<Turn<'c>> {
    let approvals = change.approvals.reviews.iter().filter(|_| settings.talk.approves()).map(Turn::Approves);
    let mut turns: Vec<Turn<'_>> = change.posted.iter().map(Turn::Says).chain(approvals).collect();
    let is_heard = |turn: &Turn<'_>| match turn {
        Turn::Says(posted) => !posted.author.bot || settings.names_bot(&posted.author),
        Turn::Approves(approval) => !approval.posted.author.bot,
    };
    turns.retain(is_heard);
    turns.sort_by_key(|turn| turn.posted().at);
    turns
}

/// What a bot may type: what proposes an answer, and what asks.
fn bots_own(command: Command) -> Result<Command, Refusal> {
    match command.verb {
        Verb::Show | Verb::Explain | Verb::Help => Ok(command),
        verb if verb.verdict().is_some() => Ok(command),
        _ => Err(Refusal {
            line: command.line,
            why: "Not done: a bot proposes answers, and nothing else; somebody who may decide types this.".to_owned(),
        }),
    }
}

impl Desk<'_> {
    /// Does what a comment commands, or notes what must be looked up first.
    pub(super) fn hear(&mut self, posted: &Posted, answers: &mut Answers) {
        let commands = grammar::parse(&posted.body, posted.at);
        let commands: Vec<_> = commands.into_iter().map(|command| command.map(|command| self.with_what_waits(posted, command))).collect();
        if commands.is_empty() {
            return;
        }
        // What a bot may is the settings' to say, and no permission's.
        if posted.author.bot {
            let commands = commands.into_iter().map(|command| command.and_then(bots_own)).collect();
            self.take(posted, commands, answers);
            return;
        }
        if posted.right.is_none() {
            answers.rights.insert((posted.surface, posted.id));
            return;
        }
        let undoes = commands.iter().flatten().any(|command| command.verb == Verb::Undo);
        let may_speak = !matches!(authority::check(posted, self.pull, self.settings), Authority::Refused(_) | Authority::Unknown);
        if undoes && may_speak && self.others.is_none() {
            answers.others = true;
            return;
        }
        let known = &self.change.members;
        let calls = commands.iter().flatten().any(|command| command.verb == Verb::Emergency);
        let question = emergency::question(self.change, self.settings, posted).filter(|_| calls);
        if let Some(question) = question.filter(|question| !known.contains_key(question)) {
            answers.members.insert(question);
            return;
        }
        let deciding: Vec<&Command> = commands.iter().flatten().collect();
        let mut teams = self.teams_to_ask(posted, &deciding);
        teams.retain(|question| !known.contains_key(question));
        if !teams.is_empty() {
            answers.members.extend(teams);
            return;
        }
        self.take(posted, commands, answers);
    }
}
