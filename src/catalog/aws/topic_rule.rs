//! Topic rules of AWS IoT: what the broker does with what devices publish.
//!
//! Comes in: a topic rule. Goes out: its part of the devices, with whether it has somewhere to put what it cannot deliver and how wide the
//! roles are that it acts with; and how devices prove themselves to the broker. The flows are the entry's.
//! Rules: <https://docs.aws.amazon.com/iot/latest/developerguide/iot-rules.html>.

use crate::catalog::aws::iam;
use crate::catalog::aws::role_facts;
use crate::catalog::draft::outsider::Outsider;
use crate::catalog::draft::{Draft, ElementIndex};
use crate::catalog::paths;
use crate::model::fact::{Fact, Origin, Reading, Word};
use crate::model::resource::{Property, Resource};
use crate::model::strength::is_weaker;
use crate::source::Span;

/// Nothing connects to the broker without a certificate, or credentials of the account or of an identity pool.
const PAGE: &str = "https://docs.aws.amazon.com/iot/latest/developerguide/client-authentication.html";

/// Where a rule names what it does.
const ACTIONS: &[&str] = &["TopicRulePayload.Actions[].*", "TopicRulePayload.ErrorAction.*"];

/// The resolver of `AWS::IoT::TopicRule`.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, rule: &Resource<'t>) {
    let devices = draft.external(Outsider::Devices, rule.span);
    state_login(draft, devices);
    let part = draft.part(devices, "iot_rule", rule.address, rule.span);
    draft.set_part_fact(part, Fact::Dlq, error_action(draft, rule));
    let roles = ACTIONS.iter().flat_map(|path| paths::find(&rule.properties, path));
    let scopes = roles.filter_map(|action| action.get("RoleArn").map(|role| scope(draft, role)));
    if let Some(widest) = scopes.reduce(|known, other| if is_weaker(Fact::IamScope, &other, &known) { other } else { known }) {
        draft.set_part_fact(part, Fact::IamScope, widest);
    }
}

fn error_action<'t>(draft: &Draft<'t, '_>, rule: &Resource<'t>) -> Reading {
    match rule.properties.at("TopicRulePayload.ErrorAction") {
        Some(error) => match error.unresolved() {
            Some(reason) => Reading::unresolved(reason, draft.stated(error.span)),
            None => Reading::word(Word::On, draft.stated(error.span)),
        },
        None => Reading::word(Word::Off, draft.stated(rule.span)),
    }
}

/// A custom authorizer decides by its own code who gets in.
fn state_login(draft: &mut Draft<'_, '_>, devices: ElementIndex) {
    let is_active = |authorizer: &&Resource<'_>| authorizer.properties.get("Status").and_then(Property::literal) != Some("INACTIVE");
    let custom: Option<Span> = draft.of_kind("AWS::IoT::Authorizer").find(is_active).map(|authorizer| authorizer.span);
    let reading = match custom {
        Some(span) => Reading::word(Word::Unknown, draft.stated(span)),
        None => Reading::word(Word::Iam, Origin::Default(PAGE)),
    };
    draft.set_fact(devices, Fact::FlowAuth, reading);
}

/// How wide the role of an action is.
fn scope<'t>(draft: &Draft<'t, '_>, named: &Property<'t>) -> Reading {
    let here = named.reference().and_then(|reference| draft.resource(reference.address));
    let Some(role) = here.filter(|role| role.kind == "AWS::IAM::Role") else {
        return draft.defined_elsewhere("the role", named.span);
    };
    role_facts::scope(draft, &iam::grants(draft, role), role)
}
