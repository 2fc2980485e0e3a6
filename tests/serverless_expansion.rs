//! Our expansion of `serverless.yml` against what the Serverless Framework itself makes of the same files: every resource by its logical id
//! and type. The corpus is read where it lies; nothing of it is copied here.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test that fails says why, and this one prints what differs")]

mod shared;

use astride::formats::serverless;
use astride::source::{MemoryFiles, RepoPath, Sources};
use astride::syntax;
use astride::syntax::yaml::Dialect;
use bumpalo::Bump;
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Why an expansion differs, for those that are meant to: what only one side has.
const REASONS: &[(&str, &str, &str)] = &[
    ("lambda-sfn-sls", "HelloWorldStateMachine", "the framework was run without its plugins"),
    ("lambda-sfn-sls", "HelloWorldStateMachineRole", "the framework was run without its plugins"),
];

#[test]
fn services_expand_as_the_framework_expands_them() {
    let Some(corpora) = shared::shared().map(|shared| shared.join("corpora")) else { return };
    let (mut equal, mut all, mut services) = (0, 0, 0);
    let mut unexplained = Vec::new();
    for expanded in shared::files(&corpora.join("expanded/serverless")) {
        let name = expanded.file_stem().unwrap().to_string_lossy().into_owned();
        let (repository, service) = service(&corpora, &name);
        let theirs = theirs(&expanded);
        let ours = ours(&repository, &service);
        services += 1;
        all += theirs.union(&ours).count();
        equal += theirs.intersection(&ours).count();
        for (id, kind) in theirs.symmetric_difference(&ours) {
            let side = if ours.contains(&(id.clone(), kind.clone())) { "ours alone" } else { "theirs alone" };
            let reason = REASONS.iter().find(|(known, address, _)| name.ends_with(known) && id == address);
            match reason {
                Some((_, _, why)) => println!("{name}: {id} ({kind}) is {side}: {why}"),
                None => unexplained.push(format!("{name}: {id} ({kind}) is {side}")),
            }
        }
    }
    println!("{equal} of {all} resources of {services} services are the same");
    assert!(unexplained.is_empty(), "{}", unexplained.join("\n"));
}

/// `<repository>_<path with _ for slashes>.json` names a folder of that repository.
fn service(corpora: &Path, name: &str) -> (PathBuf, String) {
    let (repository, path) = name.split_once('_').unwrap();
    let root = corpora.join("files").join(repository);
    let file = format!("{}/serverless.yml", path.replace('_', "/"));
    assert!(root.join(&file).is_file(), "{name} is of no file of the corpus");
    (root, file)
}

fn theirs(expanded: &Path) -> BTreeSet<(String, String)> {
    let template: Json = serde_json::from_str(&fs::read_to_string(expanded).unwrap()).unwrap();
    let resources = template["Resources"].as_object().unwrap();
    resources.iter().map(|(id, resource)| (without_digest(id), resource["Type"].as_str().unwrap().to_owned())).collect()
}

/// Versions and deployments bear a digest or a time.
fn without_digest(id: &str) -> String {
    for kind in ["LambdaVersion", "ApiGatewayDeployment"] {
        if let Some(at) = id.find(kind) {
            return id[..at + kind.len()].to_owned();
        }
    }
    id.to_owned()
}

fn ours(repository: &Path, path: &str) -> BTreeSet<(String, String)> {
    let folder = repository.join(path).parent().unwrap().to_owned();
    let near = shared::files(&folder).into_iter().filter_map(|file| {
        let name = RepoPath::new(&file.strip_prefix(repository).ok()?.to_string_lossy());
        Some((name, fs::read_to_string(&file).ok()?))
    });
    let files = MemoryFiles(near.collect());
    let arena = Bump::new();
    let sources = Sources::new(&files);
    let path = RepoPath::new(path);
    let (file, text) = sources.open(&path, None).unwrap();
    let documents = syntax::parse(text, Dialect::Js, file, &arena, &mut |_, _, _| {}).unwrap();
    let templates = serverless::read(&documents, &path, &sources, &arena).templates;
    let resources = templates.iter().flat_map(|template| &template.resources.list);
    resources.map(|resource| (resource.address.to_owned(), resource.kind.to_owned())).collect()
}
