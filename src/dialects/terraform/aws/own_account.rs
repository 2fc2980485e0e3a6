//! The account that a stage of a root is deployed to, by the keys that it makes.
//!
//! Comes in: a root with one file of values. Goes out: the number of its own account. KMS refuses the policy of a key that whoever makes it
//! could not change again, so that the one account whose identities may do so is the own one:
//! <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>. Values are a stage's; what is written into a
//! configuration is the same in all of them, and `judge/stages` asks that each stage has another number.

use crate::catalog::aws::actions;
use crate::catalog::aws::own_account;
use crate::catalog::aws::policy_document::{self, Effect, Principal, Scope, Statement};
use crate::catalog::names::{Arn, canonical, is_account_number};
use crate::dialects::terraform::aws::context::{Context, argument};
use crate::formats::terraform::instance::{Instance, Mode};
use crate::formats::terraform::value::{Kind, Value as Evaluated};
use crate::model::resource::{Property, Value};
use crate::source::given::Given;
use std::collections::BTreeSet;

/// Who may write a key's policy anew.
const ADMINISTERS: &str = "kms:PutKeyPolicy";
/// What makes KMS take a policy that locks out whoever writes it.
const WITHOUT_CHECK: &str = "bypass_policy_lockout_safety_check";

/// The number, where all keys that tell it tell the same one.
pub(super) fn find<'t>(context: &Context<'t, '_>) -> Option<&'t str> {
    if !matches!(context.sources.given(), Given::Handed(_)) {
        return None;
    }
    let keys = context.root.instances.iter().filter(|instance| {
        let is_key = matches!(&*instance.kind, "aws_kms_key" | "aws_kms_key_policy");
        is_key && instance.mode == Mode::Managed && context.account(instance).is_none()
    });
    let told: BTreeSet<String> = keys.filter_map(|key| administrators(context, key)).collect();
    let mut told = told.into_iter();
    let only = told.next().filter(|_| told.next().is_none())?;
    Some(context.arena.alloc_str(&only))
}

/// The one account whose identities administer a key; none where there are several, or where one of them cannot be told.
fn administrators(context: &Context<'_, '_>, key: &Instance) -> Option<String> {
    let is_unchecked = argument(&key.arguments, WITHOUT_CHECK).is_some_and(|flag| !matches!(flag.kind, Kind::Bool(false)));
    let document = context.document_or_value(argument(&key.arguments, "policy").filter(|_| !is_unchecked)?);
    let statements = policy_document::read(&document);
    let administers = |statement: &&Statement<'_>| {
        let covers = match &statement.actions {
            Scope::Only(named) => named.iter().any(|action| actions::covers(action, ADMINISTERS)),
            Scope::AllBut(_) => true,
        };
        statement.effect == Effect::Allow && covers
    };
    let mut accounts = BTreeSet::new();
    for statement in statements.iter().filter(administers) {
        if statement.unresolved.is_some() || !statement.conditions.is_empty() {
            return None;
        }
        for principal in &statement.principals {
            let Principal::Identity(identity) = principal else { return None };
            accounts.insert(account_of(identity)?);
        }
    }
    let mut accounts = accounts.into_iter();
    accounts.next().filter(|_| accounts.next().is_none())
}

fn account_of(identity: &Property<'_>) -> Option<String> {
    let text = canonical(identity)?;
    let account = Arn::parse(&text).map_or(text, |arn| arn.account);
    is_account_number(&account).then_some(account)
}

impl<'t> Context<'t, '_> {
    /// A text in which the number of the own account stands as the one of whoever deploys.
    pub(super) fn with_own_account(&self, text: &'t str, value: &Evaluated) -> Value<'t> {
        let Some(own) = self.own.get().filter(|own| text.contains(own)) else { return Value::Text(text) };
        let pen = self.pen(value.span);
        let piece = |piece: Option<&'t str>| piece.map_or_else(|| pen.value(Value::Ambient("account")), |text| pen.text(text));
        let pieces: Vec<Property<'t>> = own_account::pieces(text, own).into_iter().map(piece).collect();
        pen.joined(&pieces).value
    }
}
