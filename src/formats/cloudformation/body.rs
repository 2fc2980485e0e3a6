//! Bodies that lie elsewhere: text that is deployed with a template and is not in the repository.
//!
//! Comes in: what a template names of macros, includes, nested templates, stack sets, modules and applications. Goes out: a list of
//! bodies, each with its source as it is written and without its version. What such a text opens nobody can read here.

use crate::formats::cloudformation::nested;
use crate::formats::cloudformation::scope::{Declaration, Scope};
use crate::formats::cloudformation::text;
use crate::model::resource::{Body, BodyKind};
use crate::source::Span;
use crate::syntax::Node;

/// Transforms that AWS provides (<https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-reference.html>, read
/// 2026-11-28), with what each changes:
/// * `AWS::CodeDeployBlueGreen` adds a hook that shifts traffic between the task sets of the template;
/// * `AWS::Include` brings in a text, which is read or named as a body of its own;
/// * `AWS::LanguageExtensions` adds functions, which are carried out here;
/// * `AWS::SecretsManager-…` adds the rotation functions that AWS publishes;
/// * `AWS::Serverless-…` is SAM, carried out here;
/// * `AWS::ServiceCatalog` replaces references to outputs of provisioned products.
const OF_THE_PROVIDER: [&str; 6] = [
    "AWS::CodeDeployBlueGreen",
    "AWS::Include",
    "AWS::LanguageExtensions",
    "AWS::SecretsManager-",
    "AWS::Serverless-",
    "AWS::ServiceCatalog",
];
/// Most parts of the end of a place, and most folders around a unit, that are tried for a file of the repository.
const MOST_PARTS: usize = 3;
/// What a module's type ends in.
const MODULE: &str = "::MODULE";
/// Fewer digits than these say nothing; as many as a content's hash has are another with each build.
const HASH: usize = 32;

/// Whether a transform is the provider's own, and does nothing that cannot be read here.
pub(super) fn is_provided(transform: &str) -> bool {
    OF_THE_PROVIDER.iter().any(|known| transform.starts_with(known))
}

/// Whether a transform only puts a text into its place.
pub(super) fn is_include(transform: &Node<'_>) -> bool {
    transform.get("Name").and_then(|name| name.scalar()) == Some("AWS::Include")
}

impl<'t> Scope<'t, '_> {
    /// Names a body that lies elsewhere.
    pub(super) fn add_body(&self, kind: BodyKind, written: &str, span: Span) {
        let arena = self.arena();
        self.unit.add_body(Body { kind, written: arena.alloc_str(written), source: arena.alloc_str(&without_version(written)), span });
    }

    /// What a macro or an include brings in that cannot be read here.
    pub(super) fn add_transform(&self, node: Node<'t>) {
        let name = node.get("Name").and_then(|name| name.scalar()).or_else(|| node.scalar()).unwrap_or("?");
        if name != "AWS::Include" {
            return self.add_body(BodyKind::Macro, name, node.span);
        }
        let location = node.get("Parameters").and_then(|parameters| parameters.get("Location"));
        let written = location.map_or_else(|| "?".to_owned(), |location| text::written(&[self.value(location)]));
        self.add_body(BodyKind::Include, &written, node.span);
    }

    /// A template that lies elsewhere. Those that have the names of files beside the unit and come from one place are one body: who may write
    /// there decides all of them. Where only the deployment knows the place, they are copies of those files for all that anybody can tell.
    fn add_template(&self, kind: BodyKind, written: &str, span: Span) {
        let Some((location, _)) = location(written).filter(|(_, name)| kind == BodyKind::Template && self.lies_here(written, name)) else {
            return self.add_body(kind, written, span);
        };
        let kind = if is_place_of_deployment(location) { BodyKind::Copy } else { kind };
        let source = self.arena().alloc_str(&format!("{}*", without_version(location)));
        self.unit.add_body(Body { kind, written: source, source, span });
    }

    /// Whether a file of that name lies beside the unit, or where the end of the place says, below one of the folders around it.
    fn lies_here(&self, written: &str, name: &str) -> bool {
        let is_here = |path: &str| self.frame.path.sibling(path).is_some_and(|path| !self.unit.sources.lacks(&path));
        let parts: Vec<&str> = written.split('/').collect();
        let ends = (2..=MOST_PARTS.min(parts.len())).map(|length| parts[parts.len() - length..].join("/"));
        let ends: Vec<String> = ends.take_while(|end| !end.contains(['$', ':', '*'])).collect();
        let around = (0..MOST_PARTS).map(|level| "../".repeat(level));
        is_here(name) || around.into_iter().any(|above| ends.iter().any(|end| is_here(&format!("{above}{end}"))))
    }

    /// What a resource deploys that is not in the repository: a module, an application, a nested template, a stack set.
    pub(super) fn add_body_of(&self, name: &'t str, declaration: &Declaration<'t>) {
        if declaration.kind.ends_with(MODULE) {
            return self.add_body(BodyKind::Module, declaration.kind, declaration.span);
        }
        let kind = match declaration.kind {
            "AWS::CloudFormation::StackSet" => BodyKind::StackSet,
            kind if nested::is_stack(kind) => BodyKind::Template,
            _ => return,
        };
        let places = self.template_places(declaration);
        if places.is_empty() && !self.is_read(name) {
            self.add_body(kind, &format!("the template of {name}"), declaration.span);
        }
        for place in places {
            let path = place.literal().and_then(|written| self.frame.path.sibling(written));
            if path.is_some_and(|path| !self.unit.sources.lacks(&path)) {
                continue;
            }
            // Under a key of a value that cannot be resolved anything might stand.
            match place.entries().iter().find(|entry| entry.key == "ApplicationId") {
                Some(id) => self.add_body(BodyKind::Application, &text::written(&[id.value]), place.span),
                None => self.add_template(kind, &text::written(&[place]), place.span),
            }
        }
    }
}

/// Whether only the deployment knows the place: the bucket, whatever is written before and behind it.
fn is_place_of_deployment(location: &str) -> bool {
    let rest = location.split_once("://").map_or(location, |(_, rest)| rest);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    // Of the service's own host the bucket is the first part of the path.
    let is_service = host.starts_with("s3.") || host.starts_with("s3-");
    host.starts_with("${") || is_service && path.starts_with("${")
}

/// Where a template lies and what it is called there: `${Location}` and `vpc.yml`, `https://bucket.s3.amazonaws.com/` and `vpc.yml`.
fn location(written: &str) -> Option<(&str, &str)> {
    let start = written.rfind(['/', '}'])? + 1;
    let (location, name) = written.split_at(start);
    (!name.is_empty() && !name.contains(['$', '*', '?'])).then_some((location, name))
}

/// A source without what only says which edition of it is meant: a query, numbers of versions, hashes of contents.
fn without_version(written: &str) -> String {
    let path = written.split_once('?').map_or(written, |(path, _)| path);
    let parts: Vec<&str> = path.split('/').map(|part| if is_version(part) { "*" } else { part }).collect();
    parts.join("/")
}

fn is_version(part: &str) -> bool {
    let (stem, _) = part.split_once(['.']).unwrap_or((part, ""));
    let is_hash = stem.len() >= HASH && stem.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = part.strip_prefix(['v', 'V']).unwrap_or(part);
    let is_number = number.starts_with(|first: char| first.is_ascii_digit())
        && number.contains('.')
        && number.split(['.', '-']).all(|piece| piece.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        && number.split('.').next().is_some_and(|major| major.bytes().all(|byte| byte.is_ascii_digit()));
    is_hash || is_number
}

#[cfg(test)]
mod tests {
    use super::{is_place_of_deployment, without_version};

    #[test]
    fn who_deploys_names_the_bucket_or_the_template_does() {
        for (location, expected) in [
            ("${Location}", true),
            ("https://s3.amazonaws.com/${Bucket}/cft/", true),
            ("https://${Bucket}.s3.amazonaws.com/cft/", true),
            ("https://s3.amazonaws.com/stacks/${Branch}/", false),
            ("https://stacks-other.s3.amazonaws.com/live/", false),
            ("https://others.example/${Bucket}/", false),
        ] {
            assert_eq!(is_place_of_deployment(location), expected, "{location}");
        }
    }

    #[test]
    fn a_source_is_known_without_its_version() {
        for (written, source) in [
            ("https://bucket.s3.amazonaws.com/vpc.yaml", "https://bucket.s3.amazonaws.com/vpc.yaml"),
            ("https://bucket.s3.amazonaws.com/vpc.yaml?versionId=3aZ", "https://bucket.s3.amazonaws.com/vpc.yaml"),
            ("s3://bucket/v1.2.3/vpc.yaml", "s3://bucket/*/vpc.yaml"),
            ("s3://bucket/1.4/vpc.yaml", "s3://bucket/*/vpc.yaml"),
            ("s3://bucket/2024/vpc.yaml", "s3://bucket/2024/vpc.yaml"),
            ("https://b/4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393.json", "https://b/*"),
            ("Expand", "Expand"),
        ] {
            assert_eq!(without_version(written), source, "{written}");
        }
    }
}
