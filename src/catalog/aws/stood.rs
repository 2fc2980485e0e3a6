//! Whether what witnesses a fact says no more than what witnessed it before, however either is spelled.
//!
//! Comes in: a fact with a witness of the head and those of the base. Goes out: whether each action of the fact's list that the one covers, or each
//! port of it, was covered: `s3:*` reads no more objects than `s3:Get*` did.

use crate::catalog::aws::actions::Access;
use crate::catalog::aws::{actions, ingress, role_facts};
use crate::model::fact::Fact;
use crate::model::pattern;

/// Whether a fact's witnesses can be compared at all.
pub(crate) fn is_compared(fact: Fact) -> bool {
    matches!(fact, Fact::WorldPorts | Fact::IamPrivesc | Fact::OpensNamed | Fact::EndsNamed) || !role_facts::listed(fact).is_empty()
}

/// Facts of which one more action may say no more in kind.
pub(crate) const READS: &[Fact] = &[Fact::IamDataReadAll, Fact::SecretReadAll, Fact::IamScope];

/// Whether a witness only reads data, and so did another one of its service: `dynamodb:Query` beside `dynamodb:Scan`.
pub(crate) fn is_of_a_kind(fact: Fact, witness: &str, others: &[&str]) -> bool {
    let only_reads = |action: &str| {
        let access = actions::access(action);
        !action.contains('*') && !access.is_empty() && access.iter().all(|access| matches!(access, Access::Read))
    };
    let is_beside = |other: &&str| actions::split(other).0 == actions::split(witness).0 && only_reads(other);
    READS.contains(&fact) && (others.contains(&witness) || only_reads(witness) && others.iter().any(is_beside))
}

/// Whether others cover all that a witness says.
pub(crate) fn is_covered<'a>(fact: Fact, witness: &str, mut others: impl Iterator<Item = &'a str> + Clone) -> bool {
    match fact {
        Fact::WorldPorts => others.any(|other| ingress::is_within(witness, other)),
        Fact::IamPrivesc => others.any(|other| is_within(witness, other)),
        Fact::OpensNamed | Fact::EndsNamed => others.any(|other| other == witness),
        _ => {
            let mut said = role_facts::listed(fact).iter().filter(|action| actions::covers(witness, action)).peekable();
            said.peek().is_some() && said.all(|action| others.clone().any(|other| actions::covers(other, action)))
        }
    }
}

/// Whether an action, or one on what a pattern names, is the other one or that on no more: `sts:AssumeRole on role/shop-*` of `sts:AssumeRole`.
fn is_within(witness: &str, other: &str) -> bool {
    let parts = |text: &str| text.split_once(" on ").map(|(action, named)| (action.to_owned(), named.to_owned()));
    witness == other
        || parts(witness).is_some_and(|(action, named)| match parts(other) {
            Some((before, pattern)) => action == before && pattern::is_at_least(&pattern, &named),
            None => action == other,
        })
}

#[cfg(test)]
mod tests {
    use super::{is_covered, is_of_a_kind};
    use crate::model::fact::Fact;

    #[test]
    fn a_read_beside_reads_says_no_more() {
        for (witness, other, expected) in [
            ("dynamodb:Query", "dynamodb:Scan", true),
            ("dynamodb:Query", "s3:GetObject", false),
            ("dynamodb:PutItem", "dynamodb:Scan", false),
            ("dynamodb:*", "dynamodb:Scan", false),
            ("dynamodb:Query", "dynamodb:PutItem", false),
        ] {
            assert_eq!(is_of_a_kind(Fact::IamScope, witness, &[other]), expected, "{witness} {other}");
        }
    }

    #[test]
    fn what_an_action_covers_counts_and_not_how_it_is_spelled() {
        for (fact, witness, others, expected) in [
            (Fact::IamDataReadAll, "s3:*", "s3:Get*", true),
            (Fact::IamDataReadAll, "s3:*", "dynamodb:Query", false),
            (Fact::IamDataReadAll, "*", "s3:*", false),
            (Fact::SecretReadAll, "ssm:*", "ssm:GetParameter*", true),
            (Fact::SecretReadAll, "ssm:*", "ssm:GetParameter", false),
            (Fact::IamPrivesc, "s3:PutBucketPolicy", "s3:PutBucketPolicy", true),
            (Fact::IamPrivesc, "sts:AssumeRole", "s3:PutBucketPolicy", false),
            (Fact::IamPrivesc, "sts:AssumeRole on role/shop-*", "sts:AssumeRole", true),
            (Fact::IamPrivesc, "sts:AssumeRole on role/shop-eu-*", "sts:AssumeRole on role/shop-*", true),
            (Fact::IamPrivesc, "sts:AssumeRole on role/*", "sts:AssumeRole on role/shop-*", false),
            (Fact::IamPrivesc, "sts:AssumeRole", "sts:AssumeRole on role/shop-*", false),
            (Fact::WorldPorts, "port 22", "ports 0 to 65535", true),
        ] {
            assert_eq!(is_covered(fact, witness, std::iter::once(others)), expected, "{witness} {others}");
        }
    }
}
