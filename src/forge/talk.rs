//! What is said on a pull request's page, and what of it waits for us.
//!
//! Comes in: the page, as GraphQL and REST tell it, and the store's inbox. Goes out: both as one, and a snapshot that has them.

use super::error::ForgeError;
use super::graph::Graph;
use super::page;
use super::site::Site;
use super::snapshot::{Snapshot, object_id};
use super::wire;
use crate::change::{Approvals, ObjectId, Posted, Surface};
use crate::plan;
use crate::plan::Page;
use crate::queue::inbox::{Command, Waiting};
use crate::report::marker;

/// What is said on a page, and what of it waits for us.
#[derive(Clone, Debug)]
pub struct Talk {
    pub page: Page,
    pub approvals: Approvals,
    pub waiting: Waiting,
}

impl Snapshot {
    /// Adds what is said on its page.
    pub fn take_talk(&mut self, talk: Talk) {
        let Talk { page, approvals, waiting } = talk;
        let change = &mut self.change;
        change.threads = page.threads.iter().filter_map(|thread| Some((thread.id, marker::read_thread(&thread.body)?))).collect();
        change.numbers = page.current_comment().and_then(|comment| marker::read_numbers(&comment.body)).unwrap_or_default();
        change.posted.clone_from(&waiting.open);
        change.approvals = approvals;
        self.page = Page { ledger_tip: self.tip.commit, ..page };
        self.waiting = waiting;
    }
}

impl Site {
    /// What is said on a page, and what of it waits for us.
    pub(super) async fn listen(&self, number: u64, head: ObjectId, graph: Graph) -> Result<Talk, ForgeError> {
        let store = self.place.client.forge().store();
        let mut waiting = store.waiting(self.repository.id, number).await?;
        let known: page::Known = store.known_commands(self.repository.id, number).await?.into_iter().collect();
        let open = waiting.open.iter().map(|posted| (posted.surface, posted.id));
        let asked: Vec<(Surface, u64)> = open.chain(waiting.unanswered.iter().map(|reply| (reply.surface, reply.to))).collect();
        let read = page::read(&self.place, page::Asked { number, head, answers: &asked, known: &known }, graph).await?;
        self.take_in(number, &mut waiting, &read).await?;
        Ok(Talk { page: read.page, approvals: read.approvals, waiting })
    }

    /// What is said on the page of a pull request, open or not.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn hear(&self, pull: &wire::Pull) -> Result<Talk, ForgeError> {
        let graph = Graph::read(&self.place, pull.number).await?;
        Box::pin(self.listen(pull.number, object_id(&pull.head.sha, "the head")?, graph)).await
    }

    /// Adds the comments that no event told of, so that they are answered once and for all.
    async fn take_in(&self, number: u64, waiting: &mut Waiting, read: &page::Read) -> Result<(), ForgeError> {
        let reacted = |posted: &Posted| {
            read.page.answers.iter().any(|answer| {
                (answer.surface, answer.to) == (posted.surface, posted.id)
                    && answer.reactions.iter().any(|reaction| reaction == plan::DONE || reaction == plan::REFUSED)
            })
        };
        let new: Vec<Posted> = read.unanswered.iter().filter(|posted| !reacted(posted)).cloned().collect();
        let commands: Vec<Command> =
            new.iter().map(|posted| Command { repository: self.repository.id, pull: number, posted: posted.clone() }).collect();
        self.place.client.forge().store().remember_commands(&commands).await?;
        waiting.open.extend(new);
        waiting.open.sort_by_key(|posted| (posted.at, posted.id));
        waiting.unanswered.extend(read.unmarked.iter().cloned());
        Ok(())
    }
}
