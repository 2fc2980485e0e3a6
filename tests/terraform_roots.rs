//! Roots of Terraform and OpenTofu, evaluated.
//!
//! `tests/cases/terraform/*` are roots with what they come to in `expected.txt`, one instance a line; `values` names a file of values that
//! is handed over. `tests/cases/formats/terraform/traps.json` has what `terraform plan` 1.11.4 says of the configurations of
//! `corpora/terraform-traps`.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot set itself up fails, and says what it read")]

#[path = "hcl/evaluate.rs"]
mod evaluate;
mod shared;

use astride::change::{Blobs, Side, TreeView};
use astride::formats::terraform::instance::{Ignored, Instance, Lifecycle, Mode, Presence, Root};
use astride::formats::terraform::root;
use astride::formats::terraform::value::{Kind, Value};
use astride::source::{MemoryFiles, Note, NoteKind, RepoPath, Sources};
use bumpalo::Bump;
use evaluate::shown;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Every text below a folder.
fn files(folder: &Path) -> MemoryFiles {
    let text = |path: PathBuf| {
        let name = RepoPath::new(path.strip_prefix(folder).ok()?.to_str()?);
        Some((name, String::from_utf8(fs::read(&path).ok()?).ok()?))
    };
    MemoryFiles(shared::files(folder).into_iter().filter_map(text).collect())
}

fn read(files: &MemoryFiles, folder: &str, values: Option<&str>) -> (Root, Vec<Note>) {
    let arena = Bump::new();
    let sources = Sources::new(files).in_arena(&arena);
    let root = root::read(&RepoPath::new(folder), values.map(RepoPath::new).as_ref(), &sources, &arena);
    let (needs, mut notes) = sources.into_parts();
    assert!(needs.is_empty(), "{needs:?}");
    notes.sort();
    (root, notes)
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/terraform");
    let mut cases: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    cases
}

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

fn line(instance: &Instance) -> String {
    let mut line = instance.address.to_string();
    if let Presence::Maybe(reason) = &instance.presence {
        write!(line, " (maybe: {reason})").unwrap();
    }
    match instance.mode {
        Mode::Module => write!(line, " from {} {}", instance.kind, instance.version.as_deref().unwrap_or("at any version")).unwrap(),
        Mode::Managed | Mode::Data | Mode::Ephemeral => {
            let default = instance.kind.split('_').next().unwrap();
            if *instance.provider != *default {
                write!(line, " by {}", instance.provider).unwrap();
            }
        }
    }
    let Lifecycle { prevent_destroy, keeps, ignores } = &instance.lifecycle;
    line.push_str(if *prevent_destroy { " prevent_destroy" } else { "" });
    line.push_str(if *keeps { " keeps" } else { "" });
    line.push_str(if instance.has_provisioner { " provisioner" } else { "" });
    match ignores {
        Ignored::Nothing => {}
        Ignored::Everything => line.push_str(" ignores everything"),
        Ignored::Arguments(names) => write!(line, " ignores {}", names.join(" ")).unwrap(),
    }
    format!("{line} = {}", shown(&instance.arguments))
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

fn name(folder: &Path) -> String {
    folder.file_name().unwrap().to_str().unwrap().to_owned()
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
        let root = root::read(&RepoPath::new("envs/prod"), None, &sources, &arena);
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

/// What a hostile text would make deep or large is not known from a limit on, which is noted; and it takes no long time.
#[test]
fn hostile_roots_meet_limits() {
    let chain: String = (0..20_000).map(|index| format!("  l{index} = local.l{}\n", index + 1)).collect();
    let sum = (0..250).map(|_| "1").collect::<Vec<_>>().join(" + ");
    let high: String = (0..2_000).map(|index| format!("  l{index} = {sum} + local.l{}\n", index + 1)).collect();
    let deep = |inner: &str| (0..100).fold(inner.to_owned(), |inner, _| format!("[{inner}]"));
    let nested: String = (0..200).map(|index| format!("  l{index} = {}\n", deep(&format!("local.l{}", index + 1)))).collect();
    let doubled: String = (1..200).map(|index| format!("  l{index} = [local.l{0}, local.l{0}]\n", index - 1)).collect();
    let fan = |name: &str| format!("module \"{name}\" {{\n  source = \"./{name}\"\n  count = 1024\n}}\n");
    let calls: String =
        (0..30_000).map(|index| format!("resource \"test_a\" \"a{index}\" {{\n  v = local.big\n  w = upper(local.big[0])\n}}\n")).collect();
    let counts: String = (0..5_000)
        .map(|index| format!("resource \"test_a\" \"a{index}\" {{\n  count = length(test_a.a{})\n}}\n", index + 1))
        .chain(["resource \"test_a\" \"a5000\" {\n  count = 1\n}\n".to_owned()])
        .collect();
    let passes: String = (0..5_000)
        .map(|index| format!("module \"m{index}\" {{\n  source = \"./m\"\n  in = [for x in [1] : [module.m{}.out]]\n}}\n", index + 1))
        .collect();
    let echo = "variable \"in\" {}\noutput \"out\" { value = var.in }\n".to_owned();
    let thing = "resource \"test_a\" \"a\" {}\n".to_owned();
    for (what, texts) in [
        ("chain", vec![("main.tf", format!("locals {{\n{chain}  l20000 = 1\n}}\noutput \"o\" {{ value = local.l0 }}\n"))]),
        ("high", vec![("main.tf", format!("locals {{\n{high}  l2000 = 1\n}}\noutput \"o\" {{ value = local.l0 }}\n"))]),
        ("nested", vec![("main.tf", format!("locals {{\n{nested}  l200 = 1\n}}\noutput \"o\" {{ value = local.l0 }}\n"))]),
        ("counts", vec![("main.tf", counts)]),
        ("passes", vec![("main.tf", format!("{passes}output \"o\" {{ value = module.m0.out }}\n")), ("m/main.tf", echo)]),
        (
            "loops",
            vec![(
                "main.tf",
                "output \"o\" { value = [for a in range(1000) : [for b in range(1000) : [for c in range(1000) : c]]] }\n".to_owned(),
            )],
        ),
        ("patterns", vec![("main.tf", "output \"o\" { value = [for a in range(1000) : [for b in range(1000) : regexall(\"\\\\w{12}${b}\", \"a\")]] }\n".to_owned())]),
        ("aliases", vec![("main.tf", "output \"o\" { value = [for a in range(1000) : [for b in range(1000) : yamldecode(\"a: &a [1,1,1,1,1,1,1,1]\\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\\nf: ${b}\")]] }\n".to_owned())]),
        ("products", vec![("main.tf", "output \"o\" { value = [for a in range(1000) : [for b in range(1000) : setproduct(range(300), range(300))]] }\n".to_owned())]),
        ("branches", vec![("main.tf", "output \"o\" { value = [for a in range(1000) : [for b in range(1000) : [for c in toset([a, b]) : c if c == terraform_data_x]]] }\n".to_owned())]),
        ("templates", vec![("main.tf", "output \"o\" { value = [for a in range(1000) : [for b in range(1000) : templatestring(\"x%%{ for i in range(200) }${i}%%{ endfor }\", {})]] }\n".to_owned())]),
        ("instances", vec![("main.tf", "resource \"test_a\" \"a\" {\n  count = 1024\n  v = [for a in range(1024) : a]\n}\n".to_owned())]),
        ("modules", vec![("main.tf", fan("a")), ("a/main.tf", fan("b")), ("a/b/main.tf", fan("c")), ("a/b/c/main.tf", thing.clone())]),
        ("values", vec![("main.tf", format!("locals {{ big = [for n in range(1000) : \"${{join(\"\", range(1000))}}\"] }}\n{calls}"))]),
    ] {
        let files = MemoryFiles(texts.into_iter().map(|(path, text)| (RepoPath::new(path), text)).collect());
        let started = Instant::now();
        let (root, notes) = read(&files, "", None);
        let elapsed = started.elapsed();
        eprintln!("{what}: {} instances, {} notes in {elapsed:?}", root.instances.len(), notes.len());
        assert!(notes.iter().any(|note| note.kind == NoteKind::Limit), "{what}: {notes:?}");
        assert!(elapsed < LONGEST, "{what}: {elapsed:?}");
    }
    let doubled = MemoryFiles(BTreeMap::from([(
        RepoPath::new("main.tf"),
        format!("locals {{\n  l0 = 1\n{doubled}}}\noutput \"o\" {{ value = local.l199 }}\n"),
    )]));
    let (root, _) = read(&doubled, "", None);
    assert!(!root.outputs[0].value.is_whole());
    let many: BTreeMap<RepoPath, String> = (0..40)
        .map(|index| (RepoPath::new(&format!("m{index}/main.tf")), format!("module \"m\" {{ source = \"../m{}\" }}\n", index + 1)))
        .collect();
    let (root, notes) = read(&MemoryFiles(many), "m0", None);
    assert!(root.instances.len() == 1 && notes.iter().any(|note| note.kind == NoteKind::Limit), "{notes:?}");
}

/// Longest that one root of the corpora may take in a debug build.
const LONGEST: Duration = Duration::from_secs(10);

#[test]
fn the_corpora_are_read_without_a_silence() {
    let Some(shared) = shared::shared() else { return };
    let mut notes_by_kind: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut roots, mut instances, mut errors, mut taken) = (0, BTreeMap::<&str, usize>::new(), 0, Duration::ZERO);
    let detail = std::env::var("ASTRIDE_DETAIL").unwrap_or_default();
    for repository in fs::read_dir(shared.join("corpora/files")).unwrap() {
        let repository = repository.unwrap().path();
        let files = files(&repository);
        for folder in root_folders(&files) {
            let started = Instant::now();
            let (root, notes) = read(&files, &folder, None);
            let elapsed = started.elapsed();
            assert!(elapsed < LONGEST, "{} {folder}: {elapsed:?}", repository.display());
            roots += 1;
            taken += elapsed;
            for instance in &root.instances {
                let mode = match instance.mode {
                    Mode::Managed => "managed",
                    Mode::Data => "data",
                    Mode::Ephemeral => "ephemeral",
                    Mode::Module => "unread modules",
                };
                *instances.entry(mode).or_default() += 1;
                *instances.entry(if instance.presence == Presence::Certain { "certain" } else { "maybe" }).or_default() += 1;
                if instance.presence != Presence::Certain && detail == "maybe" {
                    eprintln!("{}/{folder} {}", name(&repository), line(instance));
                }
                let is_error = errors_in(&instance.arguments);
                errors += is_error;
                if is_error > 0 && detail == "errors" {
                    eprintln!("{}/{folder} {}", repository.display(), line(instance));
                }
            }
            let addresses: std::collections::BTreeSet<_> = root.instances.iter().map(|instance| &instance.address).collect();
            assert_eq!(addresses.len(), root.instances.len(), "{} {folder}", repository.display());
            for note in notes {
                *notes_by_kind.entry(note.kind.word()).or_default() += 1;
                if detail == note.kind.word() {
                    eprintln!("{}/{}:{} {}", name(&repository), note.place.path, note.place.line, note.text);
                }
            }
        }
    }
    eprintln!("{roots} roots in {taken:?}: {instances:?}, values that are errors: {errors}, notes: {notes_by_kind:?}");
    assert!(roots > 250);
}

/// Folders with a module that no other folder calls by a relative path.
fn root_folders(files: &MemoryFiles) -> Vec<String> {
    let is_module = |path: &&RepoPath| [".tf", ".tofu", ".tf.json", ".tofu.json"].iter().any(|ending| path.as_str().ends_with(ending));
    let mut folders: Vec<String> = files.0.keys().filter(is_module).map(|path| path.folder().to_owned()).collect();
    folders.dedup();
    let called = files.0.iter().filter(|(path, _)| is_module(path)).flat_map(|(path, text)| {
        let sources =
            text.lines().filter_map(|line| line.trim().strip_prefix("source")?.trim().strip_prefix('=')?.trim().split('"').nth(1));
        sources.filter(|source| source.starts_with('.')).filter_map(|source| path.sibling(source)).collect::<Vec<_>>()
    });
    let called: std::collections::BTreeSet<String> = called.map(|folder| folder.to_string()).collect();
    folders.retain(|folder| !called.contains(folder));
    folders
}

fn errors_in(value: &Value) -> usize {
    match &value.kind {
        Kind::Error(_) => 1,
        Kind::Tuple(items) | Kind::List(items) | Kind::Set(items) | Kind::Either(items) | Kind::Joined(items) => {
            items.iter().map(errors_in).sum()
        }
        Kind::Object(entries) | Kind::Map(entries) => entries.values().map(errors_in).sum(),
        _ => 0,
    }
}
