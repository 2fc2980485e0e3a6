//! Keys: whom their policies admit, who may delete them, and whether use is bound to a purpose.
//!
//! Comes in: a KMS key. Goes out: `policy`, `key_admins` and `key_conditions` on the key's part of everything that is encrypted with it.
//! The statement that hands a key over to the account's own policies, which every key has unless its policy says otherwise, is nobody's.
//! Source: <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>.

use crate::catalog::aws::actions;
use crate::catalog::aws::denial;
use crate::catalog::aws::iam;
use crate::catalog::aws::policy_document::{self, ConditionKey, Effect, Principal, Statement};
use crate::catalog::aws::resource_policy::Found;
use crate::catalog::aws::trust;
use crate::catalog::draft::Draft;
use crate::catalog::names::canonical;
use crate::catalog::witnesses::bounded;
use crate::model::fact::{Fact, Reading, Word};
use crate::model::resource::{Property, Resource};

/// What takes a key away from everybody.
const DELETING: &[&str] = &["kms:ScheduleKeyDeletion", "kms:PutKeyPolicy"];

/// The resolver of `AWS::KMS::Key`.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, key: &Resource<'t>) {
    let Some(document) = key.properties.get("KeyPolicy") else { return };
    let mut statements = policy_document::read(document);
    denial::narrow(&mut statements);
    let allowing: Vec<&Statement<'t>> = statements.iter().filter(|statement| statement.effect == Effect::Allow).collect();
    let mut found = Found::default();
    allowing.iter().for_each(|statement| found.add(statement));
    let policy = found.reading(draft, key, document.span);
    let admins = admins(draft, &allowing, document);
    let conditions = conditions(draft, &allowing, document);
    let mut holders = draft.holders(key.address);
    if holders.is_empty() {
        holders.push(draft.alone(key));
    }
    for holder in holders {
        let part = draft.part(holder, "key", key.address, key.span);
        draft.set_part_fact(part, Fact::Policy, policy.clone());
        draft.set_part_fact(part, Fact::KeyAdmins, admins.clone());
        draft.set_part_fact(part, Fact::KeyConditions, conditions.clone());
    }
}

/// Whether a statement only lets the account's own policies decide.
fn hands_over(statement: &Statement<'_>) -> bool {
    let is_account = |principal: &Principal<'_>| match principal {
        Principal::Identity(identity) => {
            canonical(identity).is_some_and(|text| text == "${account}" || text == "arn:aws:iam::${account}:root")
        }
        Principal::Everyone | Principal::Service(_) | Principal::Federated(_) | Principal::CanonicalUser(_) | Principal::Unknown(_) => {
            false
        }
    };
    !statement.principals.is_empty() && statement.principals.iter().all(is_account)
}

fn admins(draft: &Draft<'_, '_>, statements: &[&Statement<'_>], document: &Property<'_>) -> Reading {
    let deletes = |statement: &&&Statement<'_>| {
        iam::actions(statement).any(|grant| DELETING.iter().any(|action| actions::covers(grant.action, action)))
    };
    let mut shown = Vec::new();
    let mut everybody = None;
    for statement in statements.iter().filter(deletes).filter(|statement| !hands_over(statement)) {
        for principal in &statement.principals {
            match principal {
                Principal::Everyone if !statement.restricts_callers() => everybody = Some(statement.span),
                Principal::Unknown(value) => {
                    let reason = value.unresolved().unwrap_or_else(|| "a principal of an unknown kind".to_owned());
                    return Reading::unresolved(reason, draft.stated(value.span));
                }
                Principal::Everyone
                | Principal::Identity(_)
                | Principal::Service(_)
                | Principal::Federated(_)
                | Principal::CanonicalUser(_) => shown.extend(trust::witness(principal)),
            }
        }
    }
    shown.sort_unstable();
    shown.dedup();
    match everybody {
        Some(span) => Reading::word(Word::Wildcard, draft.stated(span)),
        None if shown.len() > 1 => Reading::word(Word::Many, draft.stated(document.span)).witnessed(bounded(shown)),
        None => Reading::word(Word::One, draft.stated(document.span)),
    }
}

fn conditions(draft: &Draft<'_, '_>, statements: &[&Statement<'_>], document: &Property<'_>) -> Reading {
    let binds = |statement: &&&Statement<'_>| {
        statement.is_pinned_by(ConditionKey::ViaService) || statement.is_pinned_by(ConditionKey::EncryptionContext)
    };
    match statements.iter().find(binds) {
        Some(statement) => Reading::word(Word::On, draft.stated(statement.span)),
        None => Reading::word(Word::Off, draft.stated(document.span)),
    }
}
