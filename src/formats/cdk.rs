//! The AWS CDK by its files: apps are programs, of which only the templates that they synthesise can be read.
//!
//! Comes in: paths and texts. Goes out: what role a file has in an app. Never runs one.
//! <https://docs.aws.amazon.com/cdk/v2/guide/projects.html>, read 2026-11-24.

use crate::source::RepoPath;

/// What an app is called among the formats.
pub const NAME: &str = "AWS CDK";
/// The file that makes a folder an app.
pub const APP: &str = "cdk.json";
/// What the libraries of the CDK are called in the languages that they exist in.
const LIBRARIES: [&str; 6] = ["aws-cdk-lib", "@aws-cdk/", "aws_cdk", "awscdk", "Amazon.CDK", "aws-cdk-go"];
const LANGUAGES: [&str; 10] = ["ts", "mts", "js", "mjs", "py", "java", "kt", "cs", "fs", "go"];

/// Whether a file is of a language that apps are written in.
pub fn is_source(path: &RepoPath) -> bool {
    let ending = path.file_name().rsplit_once('.').map_or("", |(_, ending)| ending);
    LANGUAGES.contains(&ending)
}

/// Whether a source uses the CDK's libraries.
pub fn is_used(text: &str) -> bool {
    LIBRARIES.iter().any(|library| text.contains(library))
}

/// Whether a file is a template as the CDK writes them.
pub fn is_output(path: &RepoPath) -> bool {
    path.as_str().ends_with(".template.json")
}

/// Whether a file is by its name a template that the CDK nests in another of the same folder, and that nobody deploys alone.
pub fn is_nested_output(path: &RepoPath) -> bool {
    path.as_str().ends_with(".nested.template.json")
}
