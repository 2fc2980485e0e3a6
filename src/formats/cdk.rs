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

/// Whether two texts of a source say different things: blank lines, indentation and lines of comment say nothing. In doubt they do.
pub fn says_else(path: &RepoPath, before: &str, after: &str) -> bool {
    let says = |line: &&str| !line.is_empty() && if path.as_str().ends_with(".py") { !line.starts_with('#') } else { !is_comment(line) };
    let said = |text| str::lines(text).map(str::trim).filter(says);
    !said(before).eq(said(after))
}

/// Whether a line of a language that comments as C does is nothing but a comment, or part of one that spans several.
fn is_comment(line: &str) -> bool {
    let closes_last = line.find("*/").is_none_or(|at| at + 2 == line.len());
    line.starts_with("//")
        || (line.starts_with("/*") && closes_last)
        || line == "*"
        || line == "*/"
        || (line.starts_with("* ") && closes_last)
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
        for (name, before, after, expected) in [
            ("a.ts", "new Queue(this);", "// why\nnew Queue(this);\n", false),
            ("a.ts", "a\n  b", "/**\n * text\n */\na\nb", false),
            ("a.ts", "a", "/* why */\na", false),
            ("a.ts", "a", "/* why */ new Topic(this);\na", true),
            ("a.ts", "a", "/*\n * why */ new Topic(this);\na", true),
            ("a.ts", "class A {}", "class A {\n#secret = 1;\n}", true),
            ("a.py", "import aws_cdk", "# why\nimport aws_cdk", false),
            ("a.py", "a = (b\n)", "a = (b\n// c\n)", true),
            ("a.ts", "new Queue(this);", "new Topic(this);", true),
            ("a.ts", "", "a", true),
        ] {
            assert_eq!(says_else(&RepoPath::new(name), before, after), expected, "{after}");
        }
    }
}
