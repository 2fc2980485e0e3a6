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

/// Whether a source is by its name a test of an app rather than a part of it.
pub fn is_test(path: &RepoPath) -> bool {
    let folders = path.folder().split('/').any(|folder| matches!(folder, "test" | "tests" | "__tests__"));
    let (name, _) = path.file_name().rsplit_once('.').unwrap_or((path.file_name(), ""));
    let ends = [".test", ".spec", "_test", "Test", "Tests"];
    folders || name.starts_with("test_") || ends.iter().any(|end| name.ends_with(end))
}

/// Whether two texts of a source say different things: blank lines, indentation and lines of comment say nothing.
pub fn says_else(before: &str, after: &str) -> bool {
    !said(before).eq(said(after))
}

fn said(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !is_comment(line))
}

fn is_comment(line: &str) -> bool {
    line.is_empty() || line == "*" || line == "#" || ["//", "/*", "*/", "* ", "# "].iter().any(|mark| line.starts_with(mark))
}

#[cfg(test)]
mod tests {
    use super::{is_test, says_else};
    use crate::source::RepoPath;

    #[test]
    fn tests_are_told_from_parts_of_the_app() {
        for (path, expected) in [
            ("lib/shop.ts", false),
            ("lib/shop.test.ts", true),
            ("test/shop.ts", true),
            ("tests/unit/test_shop.py", true),
            ("src/ShopTest.java", true),
            ("shop_test.go", true),
            ("lib/latest.ts", false),
        ] {
            assert_eq!(is_test(&RepoPath::new(path)), expected, "{path}");
        }
    }

    #[test]
    fn comments_and_layout_say_nothing() {
        for (before, after, expected) in [
            ("new Queue(this);", "// why\nnew Queue(this);\n", false),
            ("a\n  b", "/**\n * text\n */\na\nb", false),
            ("import aws_cdk", "# why\nimport aws_cdk", false),
            ("new Queue(this);", "new Topic(this);", true),
            ("", "a", true),
        ] {
            assert_eq!(says_else(before, after), expected, "{after}");
        }
    }
}
