//! What a role that nothing here holds may do with resources of other accounts: no flow to them shows it.
//!
//! Comes in: a role, or a policy that is attached elsewhere, with its grants. Goes out: the fact `others_reached` on its part, with each resource
//! whose ARN has an account written out, and the actions on it that do more than look.

use crate::catalog::aws::actions::{self, Access};
use crate::catalog::aws::iam::Grants;
use crate::catalog::draft::{Draft, PartIndex};
use crate::catalog::names::Arn;
use crate::catalog::witnesses::bounded;
use crate::model::cause::CauseKind;
use crate::model::fact::{Fact, Reading, Share, Value};
use crate::model::resource::Resource;

/// Most actions that are named of one resource.
const MOST_ACTIONS: usize = 8;

pub(super) fn state<'t>(draft: &mut Draft<'t, '_>, bearer: &Resource<'t>, grants: &Grants<'t>, part: PartIndex) {
    let mut reached = Vec::new();
    let mut shares = Vec::new();
    let mut first = None;
    for statement in &grants.statements {
        let uses: Vec<&str> = grants.of(statement).map(|grant| grant.action).filter(|action| does_more_than_look(action)).collect();
        let resources = statement.reached_resources();
        let foreign = resources.iter().filter_map(|text| Some((text, Arn::parse(text).filter(|arn| arn.literal_account().is_some())?)));
        let own: Vec<String> = foreign.filter_map(|(text, arn)| shown(text, &arn, &uses)).collect();
        if own.is_empty() {
            continue;
        }
        first.get_or_insert(statement.span);
        let cause = draft.cause(CauseKind::Statement, statement.span, bearer, statement.meaning());
        let share = draft.share(cause, Value::List(bounded(own.clone())), None, statement.span);
        shares.push(Share { reach: own.clone(), ..share });
        reached.extend(own);
    }
    let Some(first) = first else { return };
    let reading = Reading::known(Value::List(bounded(reached)), draft.stated(first)).shared(shares);
    draft.set_part_fact(part, Fact::OthersReached, reading);
}

/// Looking at names and settings, pulling an image and writing a log change and disclose nothing of the other account's.
fn does_more_than_look(action: &str) -> bool {
    actions::access(action).iter().any(|access| !matches!(access, Access::Describe | Access::Log)) || action == "sts:AssumeRole"
}

/// What may be done with a resource, `sqs:SendMessage on arn:aws:sqs:eu-west-1:444455556666:jobs`; `None` where no action is about it.
fn shown(text: &str, arn: &Arn, uses: &[&str]) -> Option<String> {
    let is_about = |action: &&&str| {
        let (acting, _) = actions::split(action);
        acting == "*" || acting == arn.service || actions::keeper(acting) == arn.service || acting == "sts" && arn.service == "iam"
    };
    let mut about: Vec<&str> = uses.iter().filter(is_about).copied().collect();
    about.sort_unstable();
    about.dedup();
    if about.is_empty() {
        return None;
    }
    let more = about.len().saturating_sub(MOST_ACTIONS);
    about.truncate(MOST_ACTIONS);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(format!("{}{more} on {text}", about.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::{does_more_than_look, shown};
    use crate::catalog::names::Arn;

    #[test]
    fn looking_is_told_from_using() {
        for (action, expected) in
            [("dynamodb:DeleteItem", true), ("dynamodb:DescribeTable", false), ("ecr:BatchGetImage", false), ("sts:AssumeRole", true)]
        {
            assert_eq!(does_more_than_look(action), expected, "{action}");
        }
    }

    #[test]
    fn a_resource_is_shown_with_what_is_about_it() {
        let text = "arn:aws:sqs:eu-west-1:444455556666:jobs";
        let arn = Arn::parse(text).expect("it is one");
        assert_eq!(shown(text, &arn, &["sqs:SendMessage", "s3:GetObject"]), Some(format!("sqs:SendMessage on {text}")));
        assert_eq!(shown(text, &arn, &["s3:GetObject"]), None);
    }
}
