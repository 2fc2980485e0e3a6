//! Streams of tables: whether anybody is told when a consumer falls behind, before what it has not read is gone.
//!
//! Comes in: a table with a stream, once its consumers are known. Goes out: `alarm` on the stream. What counts is an alarm on the age of the
//! records that a consumer is at; one on the table itself says nothing of its stream. A stream keeps 24 hours.
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html>, read 2026-11-24.

use crate::catalog::draft::{Draft, ElementIndex};
use crate::catalog::paths;
use crate::model::Means;
use crate::model::fact::{Fact, Origin, Reading, Word};
use crate::model::resource::{Property, Resource};
use crate::source::Span;

/// The resolver of tables.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, table: &Resource<'t>) {
    let Some((element, stream)) = draft.element(table.address).zip(table.properties.get("StreamSpecification")) else { return };
    let consumers: Vec<ElementIndex> = draft.leaving(element).filter(|(_, means)| *means == Means::Event).map(|(to, _)| to).collect();
    if consumers.is_empty() {
        return;
    }
    let watched = consumers.iter().find_map(|consumer| alarm(draft, *consumer));
    let reading = match watched {
        Some(span) => Reading::word(Word::On, draft.stated(span)),
        None => Reading::word(Word::Off, Origin::Derived(None)),
    };
    let part = draft.part(element, "table_stream", "", stream.span);
    draft.set_part_fact(part, Fact::Alarm, reading);
}

/// Where an alarm stands on how old the records are that a consumer is at.
fn alarm(draft: &Draft<'_, '_>, consumer: ElementIndex) -> Option<Span> {
    let address = &draft.element_at(consumer).address;
    let of_age = |alarm: &&Resource<'_>| {
        let metrics = ["MetricName", "Metrics[].MetricStat.Metric.MetricName"];
        let mut named = metrics.iter().flat_map(|path| paths::find(&alarm.properties, path));
        named.any(|metric| Property::literal(&metric) == Some("IteratorAge"))
    };
    let alarms = draft.mentioning(address).filter(|other| other.kind == "AWS::CloudWatch::Alarm");
    alarms.filter(of_age).map(|alarm| alarm.span).next()
}
