//! `astride review` of what is not in git and is handed over: `--base-input` and `--head-input`.

#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up fails")]

mod local;

use local::{Local, OPEN_QUEUE, QUEUE};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use tempfile::TempDir;

const APP: &str = "{\"app\": \"npx ts-node bin/shop.ts\"}\n";
const TEMPLATE: &str = "cdk.out/Shop.template.json";

/// An app of the CDK whose stack changes, with nothing of what it synthesises in git.
fn app() -> Local {
    let local = Local::with(&[("cdk.json", APP), ("lib/shop.ts", "import { Stack } from 'aws-cdk-lib';\n"), (".gitignore", "cdk.out/\n")]);
    local.commit("open it", &[("lib/shop.ts", "import { Stack } from 'aws-cdk-lib';\n// open\n")]);
    local
}

fn input(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let file = folder.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    folder
}

fn review(local: &Local, base: Option<&Path>, head: &Path) -> local::Ran {
    let head = head.to_str().unwrap();
    let mut arguments = vec!["review", "--head", "HEAD", "--head-input", head];
    arguments.extend(base.iter().flat_map(|base| ["--base-input", base.to_str().unwrap()]));
    local.astride(&arguments)
}

#[test]
fn what_is_handed_over_is_judged_where_it_would_lie() {
    let local = app();
    let (closed, open) = (input(&[(TEMPLATE, QUEUE)]), input(&[(TEMPLATE, OPEN_QUEUE)]));
    let said = local.astride(&["review", "--head", "HEAD"]).ending(0);
    assert!(said.contains("not judged") && said.contains("not in git"), "{said}");
    let said = review(&local, Some(closed.path()), open.path()).ending(1);
    assert!(said.starts_with("Astride: 1 threat needs an answer\n") && said.contains("cdk.out/Shop.template.json"), "{said}");
    assert!(!said.contains("not in git"), "{said}");
    // The same template on both sides is no change.
    let said = review(&local, Some(open.path()), open.path()).ending(0);
    assert!(!said.contains("needs an answer"), "{said}");
}

/// What `helm template` and `kustomize build` write: taken, named, and nothing of it holds the gate.
#[test]
fn manifests_of_kubernetes_are_taken_and_not_judged() {
    const MANIFEST: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec: {type: LoadBalancer, ports: [{port: 80}]}\n";
    let local = app();
    let (before, after) = (input(&[("rendered/shop.yaml", MANIFEST)]), input(&[("rendered/shop.yaml", &MANIFEST.replace("80", "443"))]));
    let said = review(&local, Some(before.path()), after.path()).ending(0);
    assert!(said.contains("not judged") && said.contains("rendered/shop.yaml"), "{said}");
}

#[test]
fn without_a_base_all_of_it_is_new() {
    let local = app();
    let open = input(&[(TEMPLATE, OPEN_QUEUE)]);
    let ran = review(&local, None, open.path());
    assert!(ran.err.contains("nothing is given with --base-input"), "{}", ran.err);
    assert!(ran.ending(1).starts_with("Astride: 1 threat needs an answer\n"));
    let ran = local.astride(&["review", "--head", "HEAD", "--base-input", open.path().to_str().unwrap()]);
    assert!(ran.refused().contains("--head-input"), "a base alone would make everything removed");
}

#[test]
fn what_lies_in_the_working_tree_is_judged_once() {
    let local = Local::with(&[("cdk.json", APP)]);
    local.write("inputs/base/cdk.out/Shop.template.json", QUEUE);
    local.write("inputs/head/cdk.out/Shop.template.json", OPEN_QUEUE);
    let ran = local.astride(&["review", "--base-input", "inputs/base", "--head-input", "inputs/head", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ran.ending(1)).unwrap();
    let text = report.to_string();
    assert!(text.contains("cdk.out/Shop.template.json#Jobs") && !text.contains("inputs/"), "{text}");
}

#[test]
fn half_an_input_is_an_error_that_names_it() {
    let local = app();
    let closed = input(&[(TEMPLATE, QUEUE)]);
    let empty = input(&[]);
    let linked = input(&[(TEMPLATE, QUEUE)]);
    symlink("/etc/hostname", linked.path().join("cdk.out/Other.template.json")).unwrap();
    let settings = input(&[(".github/astride.yml", "mode: advise\n")]);
    let below = input(&[("cdk.json/Shop.template.json", QUEUE)]);
    let plan = input(&[("infra/plan.json", "{\"format_version\": \"1.2\", \"terraform_version\": \"1.9.5\", \"planned_values\": {}}")]);
    let missing = closed.path().join("nothing");
    for (folder, reason) in [
        (empty.path(), "it holds no file"),
        (linked.path(), "is a link"),
        (settings.path(), "settings of the gate"),
        (below.path(), "would lie below cdk.json"),
        (plan.path(), "no folder that it lies in has Terraform configuration"),
        (missing.as_path(), "it is no folder"),
    ] {
        for (base, head) in [(closed.path(), folder), (folder, closed.path())] {
            let said = review(&local, Some(base), head).refused();
            assert!(said.contains(reason) && said.contains(folder.to_str().unwrap()), "{said}");
        }
    }
}

/// Whoever writes the build could hide by it what git has.
#[test]
fn an_input_never_stands_for_what_git_has() {
    let local = Local::with(&[(TEMPLATE, QUEUE)]);
    local.commit("open it", &[(TEMPLATE, OPEN_QUEUE)]);
    let closed = input(&[(TEMPLATE, QUEUE)]);
    let said = review(&local, Some(closed.path()), closed.path()).refused();
    assert!(said.contains(TEMPLATE) && said.contains("is in git too"), "{said}");
    let open = input(&[(TEMPLATE, OPEN_QUEUE)]);
    assert!(review(&local, Some(closed.path()), open.path()).ending(1).starts_with("Astride: 1 threat needs an answer\n"));
}
