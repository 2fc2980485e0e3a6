//! What must be done so that the page says what the report says.
//!
//! `plan` compares what should stand there with what stands there. The list is empty when the page already says it,
//! so running a job twice is harmless, and a crash between any two effects is mended by the next run.

use crate::change::{Actor, ObjectId, Surface, Timestamp};
use crate::decisions::Block;
use crate::source::RepoPath;

/// The conclusion of a completed check run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conclusion {
    Success,
    ActionRequired,
    Failure,
}

impl Conclusion {
    pub fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::ActionRequired => "action_required",
            Self::Failure => "failure",
        }
    }
}

/// The check run as it should stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    pub conclusion: Conclusion,
    pub title: String,
    /// Markdown, at most 65,535 characters each.
    pub summary: String,
    pub text: String,
}

/// A review thread of ours as it should stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// Identity, from the marker in its first comment: element and fingerprints.
    pub marker: String,
    pub path: RepoPath,
    /// `None` for a comment on the file as a whole.
    pub line: Option<u32>,
    pub body: String,
}

/// The page as it stands: what we posted before, and what people did to it.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Our App's user, the only author whose markers count.
    pub me: Option<Actor>,
    /// Our sticky comments, oldest first; there should be one at most.
    pub comments: Vec<StandingComment>,
    pub threads: Vec<StandingThread>,
    /// Our check run on the head, the newest.
    pub check: Option<StandingCheck>,
    /// Our replies and reactions, by the comment that they answer.
    pub answers: Vec<StandingAnswer>,
    /// The ledger's tip when its blocks were read.
    pub ledger_tip: Option<ObjectId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingComment {
    pub id: u64,
    pub body: String,
    pub updated_at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingThread {
    /// The first comment's id.
    pub id: u64,
    /// The GraphQL id, where it could be read: needed to resolve.
    pub node: Option<String>,
    pub marker: String,
    pub body: String,
    /// `None` where the forge did not tell.
    pub resolved: Option<bool>,
    /// A reply of ours that says how it was answered is already there.
    pub closed_by_us: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingCheck {
    pub id: u64,
    /// `None` while it is not completed.
    pub conclusion: Option<String>,
    pub title: String,
    pub summary: String,
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingAnswer {
    pub to: u64,
    pub surface: Surface,
    /// `eyes`, `+1`, `confused` that we left.
    pub reactions: Vec<String>,
    /// Whether a reply of ours with its marker stands there.
    pub replied: bool,
}

/// One write. Every creation carries a marker by which a retry finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    CreateCheck {
        head: ObjectId,
        check: Check,
    },
    UpdateCheck {
        id: u64,
        check: Check,
    },
    /// Appends blocks to the ledger; the tip is the one that was judged with. After it, everything is judged again.
    AppendLedger {
        tip: Option<ObjectId>,
        blocks: Vec<(RepoPath, Block)>,
    },
    CreateComment {
        body: String,
    },
    UpdateComment {
        id: u64,
        body: String,
    },
    /// A duplicate of our sticky comment, left by a race.
    DeleteComment {
        id: u64,
    },
    CreateThread {
        head: ObjectId,
        thread: Thread,
    },
    /// Says in the thread how it was answered.
    ReplyInThread {
        id: u64,
        body: String,
    },
    ResolveThread {
        node: String,
    },
    React {
        to: u64,
        surface: Surface,
        reaction: &'static str,
    },
    Reply {
        to: u64,
        surface: Surface,
        body: String,
    },
}
