//! Texts that are deployed with a unit and lie elsewhere: each is a party of its own, of which nobody can tell what it opens.
//!
//! Comes in: the bodies that a format has named. Goes out: external entities with the fact that says how they come in.

use crate::catalog::draft::Draft;
use crate::catalog::draft::outsider::Outsider;
use crate::model::fact::{Fact, Reading, Word};
use crate::model::resource::{Body, BodyKind};

pub(crate) fn lower<'t>(draft: &mut Draft<'t, '_>, bodies: &[Body<'t>]) {
    for body in bodies {
        let element = draft.external(Outsider::Body(body), body.span);
        let origin = draft.stated(body.span);
        draft.set_fact(element, Fact::BodyElsewhere, Reading::word(word(body.kind), origin));
    }
}

fn word(kind: BodyKind) -> Word {
    match kind {
        BodyKind::Macro => Word::Macro,
        BodyKind::Include => Word::Include,
        BodyKind::Template => Word::Template,
        BodyKind::StackSet => Word::StackSet,
        BodyKind::Module => Word::Module,
        BodyKind::Application => Word::Application,
        BodyKind::Copy => Word::Copy,
        BodyKind::Submodule => Word::Submodule,
    }
}
