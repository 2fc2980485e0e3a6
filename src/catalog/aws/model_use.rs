//! Who asks a language model, and which.
//!
//! Comes in: the grants of one holder. Goes out: a part of it, by which the rules on model workloads speak of a function, a workflow or a
//! container as they do of an agent; on agents the width of what they may invoke. Whether prompts hold outside input follows from the flows.

use crate::catalog::aws::actions;
use crate::catalog::aws::iam::Grants;
use crate::catalog::aws::policy_document::{Scope, Statement};
use crate::catalog::draft::{Draft, ElementIndex};
use crate::catalog::names::canonical;
use crate::catalog::witnesses::bounded;
use crate::model::fact::{Fact, Reading, Word};
use crate::source::Span;

/// Calls that send a prompt. Of <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html>, with the two
/// that are no actions but stand in policies for the calls that they are named after.
const PROMPTING: &[&str] = &[
    "bedrock:InvokeModel",
    "bedrock:InvokeModelWithResponseStream",
    "bedrock:InvokeInlineAgent",
    "bedrock:RetrieveAndGenerate",
    "bedrock:Converse",
    "bedrock:ConverseStream",
];

/// What the names of models have in common that follow no instructions: they embed, rank or paint.
const WITHOUT_INSTRUCTIONS: &[&str] = &["embed", "rerank", "image", "canvas", "stability."];

/// A grant to ask a model.
struct Use {
    action: String,
    /// On every model.
    any: bool,
    span: Span,
}

/// Puts what the grants of the role at `at` say of models on the holder's part, or on the agent itself.
pub(crate) fn state(draft: &mut Draft<'_, '_>, grants: &Grants<'_>, holder: ElementIndex, at: Span) {
    let uses = uses(grants);
    if draft.element_at(holder).service == "llm_app" {
        if let Some(reading) = scope(draft, grants, &uses, at) {
            draft.set_fact(holder, Fact::ModelScope, reading);
        }
    } else if let Some(first) = uses.first() {
        let part = draft.part(holder, "llm_app", "", first.span);
        if let Some(span) = guarded(grants) {
            draft.set_part_fact(part, Fact::Guardrail, Reading::word(Word::On, draft.stated(span)));
        }
    }
}

/// Which models an agent may ask; `None` where its role grants none.
fn scope(draft: &Draft<'_, '_>, grants: &Grants<'_>, uses: &[Use], at: Span) -> Option<Reading> {
    Some(match (uses.iter().find(|found| found.any), &grants.untold, uses.first()) {
        (Some(wide), _, _) => {
            let witnesses = uses.iter().filter(|found| found.any).map(|found| found.action.clone()).collect();
            Reading::word(Word::Any, draft.stated(wide.span)).witnessed(bounded(witnesses))
        }
        (None, Some(untold), _) => Reading::unresolved(&untold.reason, draft.stated(at)),
        (None, None, Some(first)) => Reading::word(Word::Pinned, draft.stated(first.span)),
        (None, None, None) => return None,
    })
}

/// The grants to ask a model that follows instructions. Every action of every service is no sign that one is asked.
fn uses(grants: &Grants<'_>) -> Vec<Use> {
    let prompts = |action: &str| action.starts_with("bedrock:") && PROMPTING.iter().any(|known| actions::covers(action, known));
    let stated = grants.statements.iter().filter(|statement| follows_instructions(statement)).flat_map(|statement| {
        let any = statement.on_everything;
        grants.of(statement).map(move |grant| (grant, any))
    });
    let managed = grants.broadly_managed().map(|grant| (grant, true));
    let granted = stated.chain(managed).filter(|(grant, _)| prompts(grant.action));
    granted.map(|(grant, any)| Use { action: grant.action.to_owned(), any, span: grant.span }).collect()
}

/// Whether a statement names any model but those that only embed, rank or paint.
fn follows_instructions(statement: &Statement<'_>) -> bool {
    let Scope::Only(resources) = &statement.resources else { return true };
    resources.iter().any(|resource| {
        let name = canonical(resource).unwrap_or_default();
        !WITHOUT_INSTRUCTIONS.iter().any(|word| name.contains(word))
    })
}

/// Where a guardrail may be applied by name: evidence that one is, though not to what.
fn guarded(grants: &Grants<'_>) -> Option<Span> {
    let mut granted = grants.statements.iter().flat_map(|statement| grants.of(statement));
    granted.find(|grant| grant.action == "bedrock:ApplyGuardrail").map(|grant| grant.span)
}
