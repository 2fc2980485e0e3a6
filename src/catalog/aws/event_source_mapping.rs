//! Polls of a queue or a stream: what a mapping can say depends on what it polls.
//!
//! Comes in: an event source mapping. Goes out: `batch_size`, and `partial_batch` and `throttle` where the source knows them. Queues, streams
//! and topics of Kafka in provisioned mode take back part of a batch; brokers and document databases do not. Only of a queue can a
//! mapping bound how many run at once: of a stream its shards do, of Kafka its pollers.
//! Sources: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>,
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html>,
//! <https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html>,
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html>, read 2026-11-24.

use crate::catalog::draft::Draft;
use crate::catalog::entry::{FactEntry, FactReading, Literal, Reader};
use crate::catalog::facts::Subject;
use crate::catalog::targets::Target;
use crate::model::Means;
use crate::model::fact::{Fact, Word};
use crate::model::resource::{Property, Resource};

/// What a mapping polls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    Queue,
    Stream,
    Kafka,
    /// A broker or a document database.
    Other,
}

const PAGE: &str = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-eventsourcemapping.html";

const PARTIAL_BATCH: FactEntry = FactEntry {
    fact: Fact::PartialBatch,
    readings: &[FactReading {
        property: "FunctionResponseTypes[]",
        key: "",
        reader: Reader::Map(&[("ReportBatchItemFailures", Literal::Word(Word::On)), ("*", Literal::Word(Word::Off))]),
    }],
    default: Some((Literal::Word(Word::Off), PAGE)),
};

const THROTTLE: FactEntry = FactEntry {
    fact: Fact::Throttle,
    readings: &[FactReading {
        property: "ScalingConfig.MaximumConcurrency",
        key: "",
        reader: Reader::Present(Literal::Word(Word::Configured)),
    }],
    default: Some((Literal::Word(Word::AccountDefault), PAGE)),
};

const BATCH_OF_QUEUE: FactEntry = batch(10_000);
const BATCH_OF_OTHERS: FactEntry = batch(100_000);

/// How many records one call takes, in thousandths where nothing is said.
const fn batch(default: i64) -> FactEntry {
    FactEntry {
        fact: Fact::BatchSize,
        readings: &[FactReading { property: "BatchSize", key: "", reader: Reader::Number }],
        default: Some((Literal::Number(default), PAGE)),
    }
}

/// The resolver of `AWS::Lambda::EventSourceMapping`.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, mapping: &Resource<'t>) {
    let source = source(draft, mapping);
    let facts: &[&FactEntry] = match source {
        Source::Queue => &[&BATCH_OF_QUEUE, &PARTIAL_BATCH, &THROTTLE],
        Source::Stream => &[&BATCH_OF_OTHERS, &PARTIAL_BATCH],
        Source::Kafka if mapping.properties.get("ProvisionedPollerConfig").is_some() => &[&BATCH_OF_OTHERS, &PARTIAL_BATCH],
        Source::Kafka | Source::Other => &[&BATCH_OF_OTHERS],
    };
    let subject = Subject { properties: mapping.properties, attributes: mapping.attributes, supplied: mapping.supplied };
    let mut from = draft.ends_under(&mapping.properties, "EventSourceArn");
    from.extend(draft.ends_under(&mapping.properties, "SelfManagedEventSource.Endpoints.KafkaBootstrapServers[]"));
    let to = draft.ends_under(&mapping.properties, "FunctionName");
    for flow in from.iter().flat_map(|from| to.iter().map(move |to| (*from, *to))) {
        let Some(flow) = draft.find_flow(flow.0, flow.1, Means::Event) else { continue };
        for entry in facts {
            if let Some(reading) = draft.read_fact(entry, &subject) {
                draft.set_flow_fact(flow, entry.fact, reading);
            }
        }
    }
}

/// By what the mapping names, or where that does not say by what it is configured with: only a queue needs neither names nor a position
/// to start from.
fn source<'t>(draft: &Draft<'t, '_>, mapping: &Resource<'t>) -> Source {
    let has = |key: &str| mapping.properties.get(key).is_some();
    let named = mapping.properties.get("EventSourceArn").and_then(|arn| service(draft, arn));
    match named.as_deref() {
        Some("sqs") => Source::Queue,
        Some("kinesis" | "dynamodb") => Source::Stream,
        Some("kafka") => Source::Kafka,
        Some("mq" | "rds") => Source::Other,
        Some(_) | None if has("Queues") || has("DocumentDBEventSourceConfig") => Source::Other,
        Some(_) | None if has("Topics") || has("SelfManagedEventSource") || has("AmazonManagedKafkaEventSourceConfig") => Source::Kafka,
        Some(_) | None if has("StartingPosition") => Source::Stream,
        Some(_) | None => Source::Queue,
    }
}

/// The service in the ARN of what a value names. A document database has none of its own: it is a relational one to ARNs.
fn service<'t>(draft: &Draft<'t, '_>, arn: &Property<'t>) -> Option<String> {
    match draft.targets(arn).into_iter().next()? {
        Target::Resource(reference) if draft.resource(reference.address)?.kind.starts_with("AWS::DocDB::") => Some("rds".to_owned()),
        Target::Resource(reference) => Some(draft.entry(reference.address)?.arn.to_owned()),
        Target::Arn(arn) => Some(arn.service),
        Target::External(_) | Target::Name(_) | Target::Wildcard | Target::Unknown(_) => None,
    }
}
