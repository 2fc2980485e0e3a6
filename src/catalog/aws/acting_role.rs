//! Roles with which a rule of a bus or a schedule calls its target: how far they reach.
//!
//! Comes in: a role, or a rule or schedule whose role stands elsewhere. Goes out: `iam_scope` of the bus that a rule is on, the weakest of
//! several, and `schedule_scope` on the flow that a schedule makes: neither a rule nor a schedule is an element of the diagram. The bus that
//! every account has is no element either, and gets nothing. A role is read once, however many act with it.

use crate::catalog::aws::{iam, role_facts, scheduled_call};
use crate::catalog::draft::Draft;
use crate::catalog::draft::outsider::Outsider;
use crate::catalog::paths;
use crate::model::Means;
use crate::model::fact::{Fact, Reading};
use crate::model::resource::{Property, Resource};
use crate::model::strength::is_weaker;

const RULE: &str = "AWS::Events::Rule";
const SCHEDULE: &str = "AWS::Scheduler::Schedule";

/// The resolver of `AWS::IAM::Role`.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, role: &Resource<'t>) {
    let users: Vec<&Resource<'t>> = draft.attached(role.address).filter(|user| matches!(user.kind, RULE | SCHEDULE)).collect();
    if users.is_empty() {
        return;
    }
    let reading = role_facts::scope(draft, &iam::grants(draft, role), role);
    for user in users {
        state(draft, user, &reading);
    }
}

/// The resolver of rules and schedules: a role that is not here may grant anything.
pub(crate) fn resolve_user<'t>(draft: &mut Draft<'t, '_>, user: &Resource<'t>) {
    if !draft.is_attached_elsewhere(user.address, "AWS::IAM::Role") {
        return;
    }
    if let Some(named) = roles(user).first() {
        let reading = draft.defined_elsewhere("the role", named.span);
        state(draft, user, &reading);
    }
}

fn roles<'t>(user: &Resource<'t>) -> Vec<Property<'t>> {
    let named: &[&str] = if user.kind == SCHEDULE { &["Target.RoleArn"] } else { &["RoleArn", "Targets[].RoleArn"] };
    named.iter().flat_map(|path| paths::find(&user.properties, path)).collect()
}

fn state<'t>(draft: &mut Draft<'t, '_>, user: &Resource<'t>, reading: &Reading) {
    if user.kind == SCHEDULE {
        return state_schedule(draft, user, reading);
    }
    let Some(bus) = draft.element(user.address).filter(|bus| draft.element_at(*bus).service == "event_bus") else { return };
    if draft.element_at(bus).facts.get(Fact::IamScope).is_none_or(|known| is_weaker(Fact::IamScope, reading, known)) {
        draft.set_fact(bus, Fact::IamScope, reading.clone());
    }
}

fn state_schedule<'t>(draft: &mut Draft<'t, '_>, schedule: &Resource<'t>, reading: &Reading) {
    let scheduler = draft.external(Outsider::Scheduler, schedule.span);
    let called = schedule.properties.get("Target").and_then(|target| scheduled_call::ends(draft, target));
    let ends = called.unwrap_or_else(|| draft.ends_under(&schedule.properties, "Target.Arn"));
    for end in ends {
        let Some(flow) = draft.find_flow(scheduler, end, Means::Event) else { continue };
        // Several schedules of one target are one flow.
        let known = draft.flow_at(flow).facts.get(Fact::ScheduleScope);
        if known.is_none_or(|known| is_weaker(Fact::ScheduleScope, reading, known)) {
            draft.set_flow_fact(flow, Fact::ScheduleScope, reading.clone());
        }
    }
}
