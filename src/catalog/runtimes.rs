//! Dated tables of the provider: which runtimes are still supported, which accounts publish its own layers.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>. A judgement must not change with the clock,
//! so the table states what it knew on its day and not dates to compare with.

use crate::model::fact::Word;

/// Supported when the table was made; a newer runtime is unknown to it.
const SUPPORTED: [&str; 19] = [
    "dotnet10",
    "dotnet8",
    "java11",
    "java17",
    "java21",
    "java25",
    "java8.al2",
    "nodejs22.x",
    "nodejs24.x",
    "provided.al2",
    "provided.al2023",
    "python3.10",
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
    "ruby3.2",
    "ruby3.3",
    "ruby3.4",
];

/// Past their deprecation when the table was made.
const DEPRECATED: [&str; 27] = [
    "dotnet5.0",
    "dotnet6",
    "dotnet7",
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
    "python2.7",
    "python3.6",
    "python3.7",
    "python3.8",
    "python3.9",
    "ruby2.7",
];

/// Accounts that publish the provider's own layers: Lambda Insights, Powertools, the parameters extension, the managed Python layers.
pub(crate) const LAYERS_OF_AWS: [&str; 8] =
    ["017000801446", "580247275435", "177933569100", "336392948345", "015030872274", "901920570463", "094274105915", "184161586896"];

pub(crate) fn support(runtime: &str) -> Word {
    if SUPPORTED.contains(&runtime) {
        Word::Supported
    } else if DEPRECATED.contains(&runtime) || runtime == "ruby2.5" {
        Word::Deprecated
    } else {
        Word::Unknown
    }
}
