//! The comment as the settings want it: one that is edited, one after the other, or none.
//!
//! Comes in: the report, the comments of ours that stand. Goes out: what must be written. A comment that another one replaces is cut to one line
//! once that one is there, so that a crash between the two leaves two for a while and never none.

use super::{Effect, Page, StandingComment};
use crate::report::comment;
use crate::report::marker;
use crate::report::{Report, asking};
use crate::settings::talk::CommentMode;

impl Page {
    /// The comment that says what is so now: the newest of those that replace each other, or else the oldest, which the others repeat.
    pub fn current_comment(&self) -> Option<&StandingComment> {
        let newest = self.comments.iter().rev().find(|comment| marker::read_asked(&comment.body).is_some());
        newest.or(self.comments.first())
    }
}

/// What must be written so that the comment says what the report says.
pub(super) fn plan_comment(report: &Report, page: &Page, effects: &mut Vec<Effect>) {
    let current = page.current_comment();
    match (report.asking.mode, current) {
        (CommentMode::Check, None) => {}
        (CommentMode::Check, Some(current)) => {
            let body = comment::in_the_check(&marker::read_numbers(&current.body).unwrap_or_default());
            edit(current, body, effects);
            delete_others(page, current, effects);
        }
        (CommentMode::Update | CommentMode::New, None) => {
            effects.extend(comment::render(report).map(|body| Effect::CreateComment { body }));
        }
        (CommentMode::Update, Some(current)) => {
            edit(current, comment::render_edit(report), effects);
            delete_others(page, current, effects);
        }
        (CommentMode::New, Some(current)) => replace(report, page, current, effects),
    }
}

/// A new comment where something else is asked than in the one that stands. What is asked of one that does not say is not known, and it is edited.
fn replace(report: &Report, page: &Page, current: &StandingComment, effects: &mut Vec<Effect>) {
    let body = comment::render_edit(report);
    let is_new = marker::read_asked(&current.body).is_some_and(|asked| asked != asking::digest(report));
    if is_new {
        effects.push(Effect::CreateComment { body: body.clone() });
    } else {
        edit(current, body.clone(), effects);
    }
    let first_line = |body: &str| body.lines().next().unwrap_or_default().to_owned();
    let successor = first_line(&body);
    for other in page.comments.iter().filter(|other| is_new || other.id != current.id) {
        // What begins as the one that stays was made by a race, and nobody has read it for anything else.
        effects.push(if !is_new && first_line(&other.body) == successor {
            Effect::DeleteComment { id: other.id }
        } else {
            Effect::CutComment { id: other.id, successor: successor.clone() }
        });
    }
}

fn edit(current: &StandingComment, body: String, effects: &mut Vec<Effect>) {
    if current.body != body {
        effects.push(Effect::UpdateComment { id: current.id, body });
    }
}

fn delete_others(page: &Page, current: &StandingComment, effects: &mut Vec<Effect>) {
    let others = page.comments.iter().filter(|other| other.id != current.id);
    effects.extend(others.map(|duplicate| Effect::DeleteComment { id: duplicate.id }));
}
