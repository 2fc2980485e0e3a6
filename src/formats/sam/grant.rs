//! What SAM's policy templates and connectors grant, compiled from `config/sam/` at build time.
//!
//! Knowledge alone: nothing is computed here. In a pattern, `${AWS::…}` is filled in at deployment and any other `${Name}` is a
//! parameter of the template or an end of the connector.

/// A policy template: `SQSPollerPolicy` and what it allows.
#[derive(Debug)]
pub struct PolicyTemplate {
    pub name: &'static str,
    pub statements: &'static [Statement],
}

/// A statement with the effect Allow.
#[derive(Debug)]
pub struct Statement {
    pub actions: &'static [&'static str],
    /// Patterns.
    pub resources: &'static [&'static str],
    pub condition: Option<StatementCondition>,
}

#[derive(Debug)]
pub struct StatementCondition {
    pub operator: &'static str,
    pub key: &'static str,
    /// A pattern.
    pub value: &'static str,
}

/// What a connector between two types grants for one of its categories.
#[derive(Debug)]
pub struct ConnectorGrant {
    /// CloudFormation's type, as that of the destination.
    pub source: &'static str,
    pub destination: &'static str,
    /// `Read` or `Write`.
    pub category: &'static str,
    pub means: ConnectorMeans,
    /// Empty for a function's permission.
    pub statements: &'static [Statement],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectorMeans {
    /// A managed policy on the role of the source.
    SourceRole,
    /// A managed policy on the role of the destination.
    DestinationRole,
    TopicPolicy {
        principal: &'static str,
    },
    QueuePolicy {
        principal: &'static str,
    },
    FunctionPermission {
        principal: &'static str,
        /// A pattern.
        source_arn: &'static str,
        /// The caller must be of the same account.
        own_account: bool,
    },
}

include!(concat!(env!("OUT_DIR"), "/sam.rs"));

impl PolicyTemplate {
    pub fn find(name: &str) -> Option<&'static Self> {
        POLICY_TEMPLATES.binary_search_by(|template| template.name.cmp(name)).ok().and_then(|index| POLICY_TEMPLATES.get(index))
    }
}

#[cfg(test)]
mod tests {
    use super::{CONNECTORS, POLICY_TEMPLATES, PolicyTemplate};

    #[test]
    fn every_template_is_found_by_its_name() {
        assert_eq!(POLICY_TEMPLATES.len(), 81);
        for template in POLICY_TEMPLATES {
            assert_eq!(PolicyTemplate::find(template.name).map(|found| found.name), Some(template.name));
        }
        assert!(PolicyTemplate::find("NoSuchPolicy").is_none());
    }

    #[test]
    fn connectors_of_all_pairs_are_there() {
        assert_eq!(CONNECTORS.len(), 40);
    }
}
