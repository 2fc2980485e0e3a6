//! Roots of Terraform and OpenTofu, evaluated.
//!
//! `tests/cases/terraform/*` are roots with what they come to in `expected.txt`, one instance a line; `values` names a file of values that
//! is handed over. `tests/cases/formats/terraform/traps.json` has what `terraform plan` 1.11.4 says of the configurations of
//! `corpora/terraform-traps`.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot set itself up fails, and says what it read")]

#[path = "hcl/evaluate.rs"]
mod evaluate;
#[path = "hcl/roots.rs"]
mod roots;
mod shared;

use astride::change::{Blobs, Side, TreeView};
use astride::formats::terraform::instance::{Instance, Root};
use astride::formats::terraform::root;
use astride::formats::terraform::value::{Kind, Value};
use astride::source::{Note, NoteKind, RepoPath, Sources};
use bumpalo::Bump;
use evaluate::shown;
use roots::{cases, files, line, name, read};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn roots_make_what_they_say() {
    let mut wrong = Vec::new();
    for case in cases() {
        let mut files = files(&case);
        files.0.remove("expected.txt");
        let planned = files.0.remove("planned.json");
        let settings = files.0.remove("case.txt").unwrap_or_default();
        let setting = |name: &str| settings.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let (root, notes) = read(&files, setting("root:").unwrap_or_default(), setting("values:"));
        wrong.extend(shared::expect(&case.join("expected.txt"), &listing(&root, &notes)).err());
        if let Some(planned) = planned {
            let planned: serde_json::Value = serde_json::from_str(&planned).unwrap();
            agree_on_all(&root, planned.as_object().unwrap(), &name(&case));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_of_values_are_candidates_and_what_is_loaded_where_it_says_as_much() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/terraform");
    for (case, expected) in
        [("values_handed_over", &["env/dev.tfvars", "env/prod.tfvars"][..]), ("value_files", &["b.auto.tfvars.json", "prod.tfvars"])]
    {
        let files = files(&cases.join(case));
        let arena = Bump::new();
        let sources = Sources::new(&files);
        let found = root::candidates(&RepoPath::new(""), &sources, &arena);
        assert_eq!(found.iter().map(RepoPath::as_str).collect::<Vec<_>>(), expected, "{case}");
    }
}

/// A root as a text: instances, then what else it says, then notes.
fn listing(root: &Root, notes: &[Note]) -> String {
    let mut text = String::new();
    for instance in &root.instances {
        writeln!(text, "{}", line(instance)).unwrap();
    }
    for output in &root.outputs {
        let sign = if output.is_sensitive { " (sensitive)" } else { "" };
        writeln!(text, "output {}{sign} = {}", output.name, shown(&output.value)).unwrap();
    }
    for (address, provider) in &root.providers {
        writeln!(text, "provider {address} = {}", shown(&provider.arguments)).unwrap();
    }
    for (name, majors) in &root.majors {
        let majors: Vec<String> =
            majors.iter().map(|major| if *major == u32::MAX { "newest".to_owned() } else { major.to_string() }).collect();
        writeln!(text, "major {name}: {}", majors.join(" ")).unwrap();
    }
    root.moved.iter().for_each(|(from, to)| writeln!(text, "moved {from} -> {to}").unwrap());
    root.forgotten.iter().for_each(|address| writeln!(text, "forgotten {address}").unwrap());
    root.imported.iter().for_each(|address| writeln!(text, "imported {address}").unwrap());
    for note in notes {
        writeln!(text, "note {}:{} {}: {}", note.place.path, note.place.line, note.kind.word(), note.text).unwrap();
    }
    text
}

/// Where OpenTofu reads another file than Terraform, whose plan it is.
const OPENTOFU: &str = "14-tofu";

#[test]
fn traps_come_to_what_terraform_plans() {
    let Some(traps) = shared::shared().map(|shared| shared.join("corpora/terraform-traps")) else { return };
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/formats/terraform/traps.json");
    let mut folders: Vec<_> = fs::read_dir(&traps).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    if has_terraform() {
        let planned: BTreeMap<String, serde_json::Value> = folders.iter().map(|folder| (name(folder), planned(folder))).collect();
        shared::expect(&recorded, &format!("{}\n", serde_json::to_string_pretty(&planned).unwrap())).unwrap();
    } else {
        shared::skip("what Terraform plans for the traps: terraform is not here, recorded answers are");
    }
    let recorded: BTreeMap<String, serde_json::Value> = serde_json::from_str(&fs::read_to_string(recorded).unwrap()).unwrap();
    assert_eq!(folders.len(), recorded.len());
    for folder in folders.iter().filter(|folder| name(folder) != OPENTOFU) {
        let (root, _) = read(&files(folder), "", None);
        agree_on_all(&root, recorded[&name(folder)].as_object().unwrap(), &name(folder));
    }
}

/// Each instance of `terraform_data` is what Terraform plans, and no other is.
fn agree_on_all(root: &Root, planned: &serde_json::Map<String, serde_json::Value>, place: &str) {
    let ours = root.instances.iter().filter(|instance| &*instance.kind == "terraform_data");
    let found: serde_json::Map<String, serde_json::Value> =
        ours.map(|instance| (instance.address.to_string(), input(root, instance))).collect();
    assert!(found.keys().eq(planned.keys()), "{place}: {found:?}");
    for (address, planned) in planned {
        agree(&found[address], planned, &format!("{place} {address}"));
    }
}

/// Cases of `terraform_data` alone have the plan of Terraform 1.11.4 beside them; where it is at hand, it is asked again.
#[test]
fn cases_have_the_plans_of_terraform() {
    if !has_terraform() {
        return shared::skip("what Terraform plans for cases: terraform is not here, recorded plans are");
    }
    let mut wrong = Vec::new();
    for case in cases().into_iter().filter(|case| case.join("planned.json").exists()) {
        let planned = format!("{}\n", serde_json::to_string_pretty(&planned(&case)).unwrap());
        wrong.extend(shared::expect(&case.join("planned.json"), &planned).err());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn has_terraform() -> bool {
    Command::new("terraform").arg("version").output().is_ok()
}

/// What `terraform plan` says of each `terraform_data`: its input, `{"?": …}` for what is known after apply.
fn planned(folder: &Path) -> serde_json::Value {
    let work = tempfile::tempdir().unwrap();
    for (path, text) in files(folder).0 {
        let path = work.path().join(path.as_str());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let run = |arguments: &[&str]| {
        let mut command = Command::new("terraform");
        command.current_dir(work.path()).args(arguments).env("TF_CLI_CONFIG_FILE", "/dev/null").env("CHECKPOINT_DISABLE", "1");
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}: {}", folder.display(), String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    run(&["init", "-backend=false", "-input=false"]);
    run(&["plan", "-input=false", "-out=planned"]);
    let plan: serde_json::Value = serde_json::from_str(&run(&["show", "-json", "planned"])).unwrap();
    let changes = plan["resource_changes"].as_array().unwrap().iter();
    let input = |change: &serde_json::Value| {
        let (after, unknown) = (&change["change"]["after"]["input"], &change["change"]["after_unknown"]["input"]);
        (change["address"].as_str().unwrap().to_owned(), with_unknown(after, unknown))
    };
    serde_json::Value::Object(changes.map(input).collect())
}

fn with_unknown(after: &serde_json::Value, unknown: &serde_json::Value) -> serde_json::Value {
    match (after, unknown) {
        (_, serde_json::Value::Bool(true)) => serde_json::json!("(known after apply)"),
        (serde_json::Value::Object(after), serde_json::Value::Object(unknown)) => {
            let keys = after.keys().chain(unknown.keys().filter(|key| unknown[*key] != serde_json::json!(false)));
            let null = serde_json::Value::Null;
            keys.map(|key| (key.clone(), with_unknown(after.get(key).unwrap_or(&null), unknown.get(key).unwrap_or(&null)))).collect()
        }
        (serde_json::Value::Array(after), serde_json::Value::Array(unknown)) => {
            after.iter().zip(unknown).map(|(after, unknown)| with_unknown(after, unknown)).collect()
        }
        _ => after.clone(),
    }
}

/// The input of an instance, with references to inputs and outputs of others followed; an object `{"?": …}` for what is not known.
fn input(root: &Root, instance: &Instance) -> serde_json::Value {
    let Kind::Object(arguments) = &instance.arguments.kind else { panic!("{:?}", instance.arguments) };
    arguments.get("input").map_or(serde_json::Value::Null, |input| followed(root, input))
}

fn followed(root: &Root, value: &Value) -> serde_json::Value {
    match &value.kind {
        Kind::Reference { address, path } if matches!(&**path, ".input" | ".output") => {
            input(root, root.instances.iter().find(|instance| instance.address == *address).unwrap())
        }
        Kind::Tuple(items) | Kind::List(items) | Kind::Set(items) => items.iter().map(|item| followed(root, item)).collect(),
        Kind::Object(entries) | Kind::Map(entries) => entries.iter().map(|(key, value)| (key.to_string(), followed(root, value))).collect(),
        _ if value.is_whole() => serde_json::from_str(&evaluate::json(value).unwrap()).unwrap(),
        _ => serde_json::json!({"?": shown(value)}),
    }
}

/// What is known must be what Terraform says; what Terraform does not know must not be known here.
fn agree(found: &serde_json::Value, expected: &serde_json::Value, place: &str) {
    match (found, expected) {
        (serde_json::Value::Object(found), _) if found.contains_key("?") => eprintln!("{place}: {} for {expected}", found["?"]),
        (serde_json::Value::Object(found), serde_json::Value::Object(expected)) => {
            assert!(found.keys().eq(expected.keys()), "{place}: {found:?} {expected:?}");
            found.iter().for_each(|(key, value)| agree(value, &expected[key], &format!("{place}.{key}")));
        }
        (serde_json::Value::Array(found), serde_json::Value::Array(expected)) => {
            assert_eq!(found.len(), expected.len(), "{place}");
            found.iter().zip(expected).for_each(|(found, expected)| agree(found, expected, place));
        }
        _ => assert_eq!(found, expected, "{place}"),
    }
}

/// Symbolic links are followed within the tree, what is not fetched is asked for, and a tree that is not known whole is no silence.
#[test]
fn trees_of_git_are_read_as_terraform_reads_folders() {
    let work = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = work.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("envs/prod/main.tf", "module \"m\" { source = \"./linked/m\" }\nresource \"test_a\" \"a\" { v = local.common }\n");
    write("shared/common.tf", "locals { common = \"linked\" }\n");
    write("modules/m/main.tf", "resource \"test_b\" \"b\" { files = fileset(path.module, \"*.txt\") }\n");
    write("modules/m/x.txt", "");
    std::os::unix::fs::symlink("../../shared/common.tf", work.path().join("envs/prod/common.tf")).unwrap();
    std::os::unix::fs::symlink("../../modules", work.path().join("envs/prod/linked")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd.tf", work.path().join("envs/prod/z.tf")).unwrap();
    let mut blobs = Blobs::new();
    let side = shared::side(work.path(), &mut blobs);
    let read = |side: &Side, blobs: &Blobs| {
        let (view, arena) = (TreeView { side, blobs }, Bump::new());
        let sources = Sources::new(&view).in_arena(&arena);
        let root = root::read(&RepoPath::new("envs/prod"), root::Handed::Nothing, &sources, &arena);
        let instances: Vec<String> = root.instances.iter().map(line).collect();
        let (asked, listed) = (sources.asked(), sources.listed());
        let (needs, notes) = sources.into_parts();
        (instances, needs, notes, asked, listed)
    };

    let (instances, needs, notes, asked, listed) = read(&side, &blobs);
    let b = "module.m.test_b.b = {files: [\"x.txt\"]}";
    assert_eq!(instances, [b, "test_a.a = {v: \"linked\"}"], "{notes:?}");
    assert!(needs.is_empty() && notes.len() == 1 && notes[0].kind == NoteKind::Hidden, "{notes:?}");
    for path in ["envs/prod/common.tf", "shared/common.tf", "envs/prod/linked", "envs/prod/linked/m/main.tf", "modules/m/main.tf"] {
        assert!(asked.contains(path), "{path}: {asked:?}");
    }
    assert!(listed.contains("envs/prod") && listed.contains("envs/prod/linked/m"), "{listed:?}");

    let (_, needs, _, _, _) = read(&side, &Blobs::new());
    assert!(needs.contains("envs/prod/main.tf"), "{needs:?}");
    let (instances, _, notes, _, _) = read(&Side { truncated: true, ..side }, &blobs);
    assert!(instances.is_empty() && notes.iter().any(|note| note.kind.hides()), "{notes:?}");
}
