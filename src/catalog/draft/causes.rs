//! Causes of what a draft states: what bears a property, a statement or a route.
//!
//! Comes in: a place in the text and what it says. Goes out: a cause, held by the resource that is written there.

use crate::catalog::draft::{Draft, ElementIndex, at};
use crate::model::cause::{Cause, CauseKind};
use crate::model::fact::{Share, Value};
use crate::model::resource::Resource;
use crate::model::{own_name, text_of};
use crate::source::{FileId, Span};
use std::sync::Arc;

/// Where a resource begins: its file and line, with its position among the unit's.
pub(super) type Start = (FileId, u32, u32);

impl<'t> Draft<'t, '_> {
    /// Where a resource is written, by its file: one name for all instances of a shared template.
    pub(crate) fn home(&self, resource: &Resource<'t>) -> String {
        let path = self.sources.path(resource.span.file);
        let text = text_of(&path, self.resources.by_folder);
        let is_own = text == self.unit.as_str() || self.resources.by_folder;
        let name = if is_own { resource.address } else { own_name(resource.called.in_template) };
        format!("{text}#{name}")
    }

    /// The cause of what is written at `span`: held by the resource that is written there, or else by `bearer`.
    pub(crate) fn cause(&self, kind: CauseKind, span: Span, bearer: &Resource<'t>, name: impl Into<String>) -> Arc<Cause> {
        let holder = self.home(self.written_at(span).filter(|_| !contains(bearer, span)).unwrap_or(bearer));
        Arc::new(Cause { kind, holder, name: name.into() })
    }

    /// The cause of what an element lets in: a route of its own, a principal of its policies.
    pub(crate) fn cause_on(&self, kind: CauseKind, element: ElementIndex, name: impl Into<String>) -> Arc<Cause> {
        Arc::new(Cause { kind, holder: self.element_at(element).home(), name: name.into() })
    }

    /// What one of several causes alone makes of a fact.
    pub(crate) fn share(&self, cause: Arc<Cause>, value: Value, witness: Option<&str>, span: Span) -> Share {
        Share {
            cause,
            value,
            witnesses: witness.map(str::to_owned).into_iter().collect(),
            reach: Vec::new(),
            place: self.sources.place(span),
        }
    }

    /// The cause of what a part of an element states.
    pub(super) fn cause_of_part(&self, element: ElementIndex, service: &str, label: &str) -> Arc<Cause> {
        let own = || {
            let name = format!("{service} {label}");
            Cause::property(self.element_at(element).home(), name.trim_end())
        };
        let resource = || self.resource(label).map(|resource| Cause::property(self.home(resource), service));
        Arc::new(Cause::layer(label).or_else(resource).unwrap_or_else(own))
    }

    /// The one resource whose text contains the span; `None` where there is none or more than one.
    fn written_at(&self, span: Span) -> Option<&Resource<'t>> {
        let starts = self.starts.get_or_init(|| {
            let numbered = self.resources.list.iter().zip(0_u32..).filter(|(resource, _)| resource.implied_by.is_none());
            let mut starts: Vec<Start> = numbered.map(|(resource, index)| (resource.span.file, resource.span.line, index)).collect();
            starts.sort_unstable();
            starts
        });
        let end = starts.partition_point(|(file, line, _)| (*file, *line) <= (span.file, span.line));
        let (file, line, _) = *starts.get(end.checked_sub(1)?)?;
        let first = starts.partition_point(|start| (start.0, start.1) < (file, line));
        let mut there =
            starts[first..end].iter().map(|(_, _, index)| &self.resources.list[at(*index)]).filter(|there| contains(there, span));
        let found = there.next()?;
        // Instances of one template lie on the same lines, and have one home.
        there
            .all(|other| {
                other.called.in_template == found.called.in_template
                    || own_name(other.called.in_template) == own_name(found.called.in_template)
            })
            .then_some(found)
    }
}

fn contains(resource: &Resource<'_>, span: Span) -> bool {
    resource.span.file == span.file && resource.span.line <= span.line && span.line <= resource.span.end_line
}
