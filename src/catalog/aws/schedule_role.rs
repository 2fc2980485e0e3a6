//! Schedules: how far the role reaches with which one calls its target.
//!
//! Comes in: a schedule. Goes out: `schedule_scope` on the flow that it makes: a schedule is no element of the diagram.

use crate::catalog::aws::event_rule;
use crate::catalog::draft::{Draft, Outsider};
use crate::model::Means;
use crate::model::fact::Fact;
use crate::model::resource::Resource;

/// The resolver of `AWS::Scheduler::Schedule`.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, schedule: &Resource<'t>) {
    let Some((role, target)) = schedule.properties.at("Target.RoleArn").zip(schedule.properties.at("Target.Arn")) else { return };
    let reading = event_rule::scope(draft, role);
    let scheduler = draft.external(Outsider::Scheduler, schedule.span);
    for target in draft.targets(target) {
        for end in draft.ends(&target, schedule.span) {
            if let Some(flow) = draft.find_flow(scheduler, end, Means::Event) {
                draft.set_flow_fact(flow, Fact::ScheduleScope, reading.clone());
            }
        }
    }
}
