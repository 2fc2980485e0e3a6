//! A plan as it is handed to a trial: without its secrets, as the door for plans has left it.
//!
//! Comes in: a plan. Goes out: JSON of no more levels than the plan has, and the same plan again. A text is one behind `t`, a number one behind `n`;
//! what nobody knows yet is `l`, and what is hidden `h`.

use crate::source::plan::{Plan, Planned};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const LATER: &str = "l";
const HIDDEN: &str = "h";

#[derive(Serialize, Deserialize)]
pub(super) struct PlanForm {
    is_borrowed: bool,
    variables: BTreeMap<String, Value>,
    made: BTreeMap<String, Value>,
    answers: BTreeMap<String, Value>,
    replaced: BTreeMap<String, BTreeSet<String>>,
    destroyed: BTreeMap<String, String>,
}

impl PlanForm {
    pub(super) fn of(plan: &Plan) -> Self {
        let values = |values: &BTreeMap<Arc<str>, Planned>| values.iter().map(|(name, value)| (name.to_string(), form(value))).collect();
        let names = |names: &BTreeSet<Arc<str>>| names.iter().map(ToString::to_string).collect();
        Self {
            is_borrowed: plan.is_borrowed,
            variables: values(&plan.variables),
            made: values(&plan.made),
            answers: values(&plan.answers),
            replaced: plan.replaced.iter().map(|(address, properties)| (address.to_string(), names(properties))).collect(),
            destroyed: plan.destroyed.iter().map(|(address, kind)| (address.to_string(), kind.to_string())).collect(),
        }
    }

    pub(super) fn put(self) -> Plan {
        let values = |values: BTreeMap<String, Value>| values.into_iter().map(|(name, value)| (name.into(), planned(value))).collect();
        let names = |names: BTreeSet<String>| names.into_iter().map(Into::into).collect();
        Plan {
            is_borrowed: self.is_borrowed,
            variables: values(self.variables),
            made: values(self.made),
            answers: values(self.answers),
            replaced: self.replaced.into_iter().map(|(address, properties)| (address.into(), names(properties))).collect(),
            destroyed: self.destroyed.into_iter().map(|(address, kind)| (address.into(), kind.into())).collect(),
        }
    }
}

fn form(value: &Planned) -> Value {
    match value {
        Planned::Null => Value::Null,
        Planned::Bool(is_on) => Value::Bool(*is_on),
        Planned::Number(number) => Value::String(format!("n{number}")),
        Planned::Text(text) => Value::String(format!("t{text}")),
        Planned::List(items) => Value::Array(items.iter().map(form).collect()),
        Planned::Map(entries) => Value::Object(entries.iter().map(|(name, value)| (name.to_string(), form(value))).collect()),
        Planned::Later => Value::String(LATER.to_owned()),
        Planned::Hidden => Value::String(HIDDEN.to_owned()),
    }
}

/// What no form has is hidden: nobody knows it.
fn planned(form: Value) -> Planned {
    match form {
        Value::Null => Planned::Null,
        Value::Bool(is_on) => Planned::Bool(is_on),
        Value::Array(items) => Planned::List(items.into_iter().map(planned).collect()),
        Value::Object(entries) => Planned::Map(entries.into_iter().map(|(name, value)| (name.into(), planned(value))).collect()),
        Value::String(text) if text == LATER => Planned::Later,
        Value::String(text) => match (text.strip_prefix('t'), text.strip_prefix('n')) {
            (Some(text), _) => Planned::Text(text.into()),
            (None, Some(number)) => Planned::Number(number.into()),
            (None, None) => Planned::Hidden,
        },
        Value::Number(_) => Planned::Hidden,
    }
}

#[cfg(test)]
mod tests {
    use super::PlanForm;
    use crate::source::plan::{Plan, Planned};
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn a_plan_comes_out_as_it_went_in() {
        let text = |text: &str| Planned::Text(text.into());
        let values = [
            ("a", Planned::Map(BTreeMap::from([("list".into(), Planned::List(vec![Planned::Null, Planned::Bool(true), text("")]))]))),
            ("b", Planned::Number("15.4".into())),
            ("c", Planned::List(vec![text("l"), text("h"), text("n1"), Planned::Later, Planned::Hidden])),
        ];
        let plan = Plan {
            is_borrowed: true,
            variables: BTreeMap::from([("stage".into(), text("prod"))]),
            made: values.into_iter().map(|(name, value)| (name.into(), value)).collect(),
            answers: BTreeMap::from([("data.x".into(), Planned::Later)]),
            replaced: BTreeMap::from([("r".into(), BTreeSet::from(["name".into()]))]),
            destroyed: BTreeMap::from([("d".into(), "aws_s3_bucket".into())]),
        };
        let written = serde_json::to_string(&PlanForm::of(&plan)).unwrap();
        assert_eq!(serde_json::from_str::<PlanForm>(&written).unwrap().put(), plan);
    }
}
