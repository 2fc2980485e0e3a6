//! Dated tables of the provider: which runtimes are still supported, which accounts publish its own layers.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>, as public tools repeat its dates; as of 2026-11-24.
//! A judgement must not change with the clock, so the table states what it knew on its day and not dates to compare with.

use crate::model::fact::Word;

/// Supported when the table was made; a newer runtime is unknown to it.
const SUPPORTED: [&str; 19] = [
    "dotnet10",
    "java11",
    "java11.al2023",
    "java17",
    "java17.al2023",
    "java21",
    "java25",
    "java8.al2",
    "java8.al2023",
    "nodejs22.x",
    "nodejs24.x",
    "provided.al2023",
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
    "ruby3.3",
    "ruby3.4",
    "ruby4.0",
];

/// Past their deprecation when the table was made: the last of them are `provided.al2` (July), `python3.10` (October) and `dotnet8` (November).
const DEPRECATED: [&str; 33] = [
    "dotnet5.0",
    "dotnet6",
    "dotnet7",
    "dotnet8",
    "dotnet9",
    "dotnetcore1.0",
    "dotnetcore2.0",
    "dotnetcore2.1",
    "dotnetcore3.1",
    "go1.x",
    "java8",
    "nodejs",
    "nodejs10.x",
    "nodejs12.x",
    "nodejs14.x",
    "nodejs16.x",
    "nodejs18.x",
    "nodejs20.x",
    "nodejs4.3",
    "nodejs4.3-edge",
    "nodejs6.10",
    "nodejs8.10",
    "provided",
    "provided.al2",
    "python2.7",
    "python3.10",
    "python3.6",
    "python3.7",
    "python3.8",
    "python3.9",
    "ruby2.5",
    "ruby2.7",
    "ruby3.2",
];

/// Accounts that publish the provider's own layers: Lambda Insights, Powertools for Python and TypeScript, the SDK for pandas, the
/// distribution of OpenTelemetry, and the parameters and secrets extension, which has an account in each region. Pages:
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Lambda-Insights-extension-versions.html>,
/// <https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-integration-lambda-extensions.html>,
/// <https://docs.powertools.aws.dev/lambda/python/latest/>, <https://aws-sdk-pandas.readthedocs.io/en/stable/layers.html>,
/// <https://aws-otel.github.io/docs/getting-started/lambda>, each as public templates repeat it.
/// The account of the OpenTelemetry community (184161586896) is not the provider's.
pub(crate) const LAYERS_OF_AWS: [&str; 34] = [
    "015030872274",
    "017000801446",
    "044395824272",
    "070087711984",
    "094274105915",
    "127562683043",
    "129776340158",
    "133256977650",
    "133490724326",
    "176022468876",
    "177933569100",
    "187925254637",
    "200266452380",
    "287114880934",
    "287310001119",
    "317013901791",
    "325218067255",
    "336392948345",
    "345057560386",
    "427196147048",
    "490737872127",
    "524103009944",
    "576959938190",
    "580247275435",
    "590474943231",
    "665172237481",
    "738900069198",
    "768336418462",
    "772501565639",
    "780235371811",
    "832021897121",
    "901920570463",
    "933737806257",
    "997803712105",
];

pub(crate) fn support(runtime: &str) -> Word {
    if SUPPORTED.contains(&runtime) {
        Word::Supported
    } else if DEPRECATED.contains(&runtime) {
        Word::Deprecated
    } else {
        Word::Unknown
    }
}
