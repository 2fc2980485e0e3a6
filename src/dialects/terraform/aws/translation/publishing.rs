//! Logs of a search domain: Terraform lists them, CloudFormation has a map by what they log.

use crate::dialects::terraform::aws::context::{Context, each};
use crate::dialects::terraform::aws::making::Made;
use crate::formats::sam::pen::Fields;
use crate::model::resource::Property;

const LIST: &str = "LogPublishingOptions";

pub(crate) fn by_kind<'t>(context: &Context<'t, '_>, made: &mut Made<'t, '_>) {
    let Some(making) = made.list.last_mut() else { return };
    let properties = making.properties(context);
    let Some(list) = properties.get(LIST).copied() else { return };
    making.tree.remove(LIST);
    for log in each(list) {
        let Some(kind) = log.get("LogType").and_then(Property::literal) else {
            making.tree.put(LIST, context.pen(log.span).unknown("what is logged cannot be told"), log.span, context.arena);
            continue;
        };
        let mut fields = Fields::of(context.pen(log.span), log, &["LogType"]);
        if log.get("Enabled").is_none() {
            fields.put("Enabled", context.pen(log.span).flag(true));
        }
        making.tree.put(&format!("{LIST}.{kind}"), fields.done(), log.span, context.arena);
    }
}
