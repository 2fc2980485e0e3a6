//! What the managed policies of AWS grant, as far as it matters for scope and flows: `config/managed_policies.yml`.
//!
//! Comes in: the name of a policy. Goes out: the actions that it allows, on every resource.

use crate::catalog::aws::actions::split;

include!(concat!(env!("OUT_DIR"), "/managed_policies.rs"));

/// A managed policy of AWS.
#[derive(Clone, Copy, Debug)]
pub struct ManagedPolicy {
    /// The last part of its ARN.
    pub name: &'static str,
    pub purpose: Purpose,
    pub allows: &'static [&'static str],
}

/// Whether a policy widens whoever holds it.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    Broad,
    /// Its reach is what a service needs to run something, nothing of the application's data: it does not widen a role.
    Execution,
    /// Far-reaching, and made for this service: it widens every role but one that this service alone may assume.
    Service(&'static str),
}

/// The policy that an ARN of AWS names: `arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole`.
pub fn find(name: &str) -> Option<&'static ManagedPolicy> {
    MANAGED_POLICIES.binary_search_by(|policy| policy.name.cmp(name)).ok().map(|index| &MANAGED_POLICIES[index])
}

/// Services that show how things run: metrics, logs, traces, alarms. No data of an application, and no secret, is kept in them on purpose.
const WATCHING: &[&str] = &[
    "application-autoscaling",
    "application-signals",
    "autoscaling",
    "cloudwatch",
    "health",
    "internetmonitor",
    "logs",
    "networkmonitor",
    "oam",
    "pi",
    "rum",
    "synthetics",
    "xray",
];

/// How actions begin that show something, or ask for it to be shown.
const SHOWING: &[&str] = &["BatchGet", "Describe", "Filter", "Get", "List", "StartQuery", "StopQuery", "Test"];

impl ManagedPolicy {
    /// Whether it only shows how things run: the provider keeps it for that, and nobody can make it narrower.
    pub(crate) fn only_watches(&self) -> bool {
        let shows = |action: &&str| {
            let (service, name) = split(action);
            WATCHING.contains(&service) && SHOWING.iter().any(|start| name.starts_with(start))
        };
        !self.allows.is_empty() && self.allows.iter().all(shows)
    }
}

#[cfg(test)]
mod tests {
    use super::{MANAGED_POLICIES, Purpose, find};

    #[test]
    fn policies_are_found_by_the_last_part_of_their_arn() {
        assert!(MANAGED_POLICIES.is_sorted_by_key(|policy| policy.name));
        assert!(matches!(find("AdministratorAccess").map(|policy| (policy.purpose, policy.allows)), Some((Purpose::Broad, ["*"]))));
        assert!(matches!(find("AWSLambdaBasicExecutionRole").map(|policy| policy.purpose), Some(Purpose::Execution)));
        assert!(find("administratoraccess").is_none());
        for (name, expected) in [
            ("CloudWatchReadOnlyAccess", true),
            ("CloudWatchLogsReadOnlyAccess", true),
            ("AmazonS3ReadOnlyAccess", false),
            ("AmazonSSMReadOnlyAccess", false),
            ("CloudWatchFullAccess", false),
        ] {
            assert_eq!(find(name).map(|policy| policy.only_watches()), Some(expected), "{name}");
        }
    }
}
