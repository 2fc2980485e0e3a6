//! Roots of Terraform that are hostile, broken or real: what they cost, and that none of them is passed over in silence.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot set itself up fails, and says what it read")]

#[path = "hcl/evaluate.rs"]
mod evaluate;
#[path = "shared/random.rs"]
mod random;
#[path = "hcl/roots.rs"]
mod roots;
mod shared;

use astride::formats::terraform::instance::{Mode, Presence};
use astride::formats::terraform::value::{Kind, Value};
use astride::source::{MemoryFiles, NoteKind, RepoPath};
use random::Random;
use roots::{cases, files, line, name, read};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::{Duration, Instant};

/// What all instances of something have is listed once, and not once for each of the instances that take one of them.
#[test]
fn a_list_of_instances_is_made_once() {
    let takes: String = (0..10).map(|index| format!("  v{index} = element(test_a.a.*.id, count.index)\n")).collect();
    let text = format!("resource \"test_a\" \"a\" {{\n  count = 500\n}}\nresource \"test_a\" \"b\" {{\n  count = 500\n{takes}}}\n");
    let (root, notes) = read(&MemoryFiles(BTreeMap::from([(RepoPath::new("main.tf"), text)])), "", None);
    assert_eq!((root.instances.len(), notes.len()), (1000, 0), "{notes:?}");
    let last = root.instances.iter().find(|instance| &*instance.address == "test_a.b[7]").unwrap();
    let Kind::Object(arguments) = &last.arguments.kind else { panic!("{:?}", last.arguments) };
    let taken = &arguments.get("v3").unwrap().kind;
    assert!(matches!(taken, Kind::Reference { address, path } if &**address == "test_a.a[7]" && &**path == ".id"), "{taken:?}");
}

/// What a hostile text would make deep or large is not known from a limit on, which is noted.
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

/// A root may have as many files as somebody writes by hand; what is beyond is named.
#[test]
fn a_root_of_many_files_is_read() {
    for (count, instances) in [(2_000, 2_000), (5_001, 5_000)] {
        let file = |index| (RepoPath::new(&format!("f{index:04}.tf")), format!("resource \"test_a\" \"a{index}\" {{}}\n"));
        let (root, notes) = read(&MemoryFiles((0..count).map(file).collect()), "", None);
        assert_eq!(root.instances.len(), instances);
        let limits: Vec<_> = notes.iter().filter(|note| note.kind == NoteKind::Limit).map(|note| note.place.path.as_str()).collect();
        assert_eq!(limits, if count > instances { vec!["f5000.tf"] } else { vec![] });
    }
}

/// Roots from which something was taken away, or to which something was added: none of them is too much.
#[test]
fn broken_roots_are_read_all_the_same() {
    let mut random = Random(0x5eed_0011);
    let mut seeds: Vec<MemoryFiles> = cases().iter().map(|case| files(case)).collect();
    seeds.extend(shared::shared().into_iter().flat_map(|shared| {
        let traps = fs::read_dir(shared.join("corpora/terraform-traps")).unwrap().map(|entry| entry.unwrap().path());
        traps.filter(|path| path.is_dir()).map(|path| files(&path)).collect::<Vec<_>>()
    }));
    let rounds = std::env::var("ASTRIDE_MUTATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(1_000);
    let words = [
        "[*]",
        "[0]",
        ".*",
        "null",
        "for_each = ",
        "count = 2\n",
        "...",
        "{",
        "}",
        "\"",
        "${",
        "local.a",
        "each.value",
        "[",
        "]",
        "? 1 : 2",
        "%{",
        "(",
        ")",
        "try(",
        "data.",
        "module.",
    ];
    for _ in 0..rounds {
        let mut files = seeds[random.below(seeds.len())].clone();
        let at = random.below(files.0.len());
        let (_, text) = files.0.iter_mut().nth(at).unwrap();
        for _ in 0..=random.below(3) {
            let characters: Vec<char> = text.chars().collect();
            let from = random.below(characters.len() + 1);
            let longest = if random.below(2) == 0 { 4 } else { 60 };
            let to = (from + random.below(longest)).min(characters.len());
            let word = words[random.below(words.len())];
            *text = [&characters[..from].iter().collect::<String>(), word, &characters[to..].iter().collect::<String>()].concat();
        }
        read(&files, "", None);
    }
}

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
            let addresses: BTreeSet<_> = root.instances.iter().map(|instance| &instance.address).collect();
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
    let called: BTreeSet<String> = called.map(|folder| folder.to_string()).collect();
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
