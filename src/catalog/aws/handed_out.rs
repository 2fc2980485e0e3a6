//! What a role that an identity pool hands out lets everybody do at large who has one.
//!
//! Comes in: the grants of a role, and the pool that hands it out. Goes out: how wide the pool's role is, where that is worse than the same rights of code
//! would be. Whoever signs up sends and reads the messages of all others by `iot:Publish` and `iot:Subscribe` on everything; and to guests nothing
//! is to be given at large, but what their devices report of themselves.

use crate::catalog::aws::actions;
use crate::catalog::aws::iam::{Grant, Grants};
use crate::catalog::aws::role_facts::width;
use crate::catalog::draft::{Draft, ElementIndex};
use crate::catalog::witnesses::bounded;
use crate::model::cause::CauseKind;
use crate::model::fact::{Answer, Fact, Reading, Share, Value, Word};
use crate::model::resource::{Property, Resource};

/// Actions by which devices talk to each other.
const MESSAGES: [&str; 5] = ["iot:Connect", "iot:Publish", "iot:Receive", "iot:RetainPublish", "iot:Subscribe"];
/// Services to which whoever is not signed in reports what it does, or keeps what is its own.
const REPORTS: [&str; 6] = ["cognito-identity", "cognito-sync", "mobileanalytics", "mobiletargeting", "rum", "xray"];

pub(super) fn state<'t>(draft: &mut Draft<'t, '_>, role: &Resource<'t>, grants: &Grants<'t>, holder: ElementIndex) {
    if draft.element_at(holder).service != "identity_pool" {
        return;
    }
    let known = draft.element_at(holder).facts.get(Fact::IamScope).map(|reading| &reading.answer);
    if matches!(known, Some(Answer::Known(Value::Word(word))) if width(*word) >= width(Word::WildcardResource)) {
        return;
    }
    let for_guests = is_for_guests(draft, role, holder);
    let counts = |action: &str| {
        MESSAGES.iter().any(|message| actions::covers(action, message))
            || for_guests && !actions::is_harmless_on_everything(action) && !REPORTS.contains(&actions::split(action).0)
    };
    let statements = grants.statements.iter().filter(|statement| statement.is_at_large());
    let at_large: Vec<_> = statements.flat_map(|statement| grants.of(statement)).filter(|grant| counts(grant.action)).collect();
    let Some(first) = at_large.first() else { return };
    let share = |grant: &Grant<'_>| -> Share {
        let cause = draft.cause(CauseKind::Statement, grant.span, role, grant.source.meaning());
        draft.share(cause, Value::Word(Word::WildcardResource), Some(grant.action), grant.span)
    };
    let shares = at_large.iter().map(share).collect();
    let witnesses = bounded(at_large.iter().map(|grant| grant.action.to_owned()).collect());
    let reading = Reading::word(Word::WildcardResource, draft.stated(first.span)).shared(shares).witnessed(witnesses);
    draft.set_fact(holder, Fact::IamScope, reading);
}

/// Whether the pool gives a role to whoever does not sign in, and lets such people in at all.
fn is_for_guests(draft: &Draft<'_, '_>, role: &Resource<'_>, pool: ElementIndex) -> bool {
    let lets_in = draft.element_at(pool).facts.value(Fact::GuestAccess) != Some(&Value::Flag(false));
    let mut attachments = draft.of_kind("AWS::Cognito::IdentityPoolRoleAttachment");
    let gives = |roles: &Property<'_>| roles.reference().is_some_and(|reference| reference.address == role.address);
    lets_in && attachments.any(|attachment| attachment.properties.at("Roles.unauthenticated").is_some_and(gives))
}
