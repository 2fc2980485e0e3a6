//! Which folders are root modules: by what stands in their files, and without evaluating anything.
//!
//! Comes in: the files of a tree that hold configuration. Goes out: the folders that somebody applies, so far as a tree can say. A folder
//! is a module where another one calls it; every folder that makes something is read, by itself or where it is called.
//! <https://developer.hashicorp.com/terraform/language/modules> (2026-11-29).

use crate::formats::terraform::schema::BLOCKS;
use crate::formats::terraform::state;
use crate::source::{FileId, FileState, Files, NoteKind, RepoPath, Span};
use crate::syntax::hcl::tree::{Attribute, Block, Body};
use crate::syntax::hcl::{parse, parse_json};
use bumpalo::Bump;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a file says of the folder that it stands in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    /// Where modules are called from, as it is written: `./network`, `../modules/app`.
    pub calls: Vec<String>,
    /// It has something that makes or asks for objects: resources, data sources, modules.
    pub makes: bool,
    /// It has what only a root may have or is told: a backend, an import, an object that is taken out of the state.
    pub is_applied: bool,
    /// Evaluating it can open files of any name.
    pub opens: bool,
    /// The providers of its resources, by the prefix of their types: `aws`, `google`.
    pub providers: BTreeSet<String>,
    /// What the state is called, and the line that says so; `None` where that is not written out.
    pub state: Option<(String, u32)>,
}

/// Whether a file of that name holds configuration.
pub fn is_configuration(path: &RepoPath) -> bool {
    // Every path of a tree is asked, and the ending says no to most.
    let stem = path.as_str().strip_suffix(".json").unwrap_or(path.as_str());
    (stem.ends_with(".tf") || stem.ends_with(".tofu"))
        && !path.file_name().starts_with('.')
        && !path.as_str().split('/').any(|part| part == ".terraform")
}

/// Folders beside a root in which its values lie.
pub const FOLDERS_OF_VALUES: [&str; 5] = ["env", "environments", "envs", "tfvars", "vars"];

/// Whether a file of that name has values for variables.
pub fn has_values(path: &RepoPath) -> bool {
    [".tfvars", ".tfvars.json"].iter().any(|ending| path.file_name().ends_with(ending))
}

/// Whether a file of that name is read with the configuration beside it, and says that the folder is a root.
fn is_of_root(name: &str) -> bool {
    name == ".terraform.lock.hcl"
        || name == "terraform.tfvars"
        || name == "terraform.tfvars.json"
        || name.ends_with(".auto.tfvars")
        || name.ends_with(".auto.tfvars.json")
}

/// Reads the signs of a file. What is not valid in it is for whoever evaluates it to say.
pub fn signs(path: &RepoPath, text: &str) -> Signs {
    const OPENING: [&str; 4] = ["file", "templatefile", "fileset", "filebase64"];
    let arena = Bump::new();
    let mut ignored = |_, _, _| {};
    let is_json = path.file_name().ends_with(".json");
    let body = match is_json {
        true => parse_json(text, FileId(0), BLOCKS, &arena, &mut ignored),
        false => parse(text, FileId(0), &arena, &mut ignored).body,
    };
    let mut signs = Signs { opens: OPENING.iter().any(|name| text.contains(&format!("{name}("))), ..Signs::default() };
    // What cannot be read may make anything.
    signs.makes |= !body.is_whole;
    for block in body.blocks() {
        match block.kind.text {
            "module" => {
                signs.makes = true;
                let source = block.body.attribute("source").and_then(|source| source.value.text());
                signs.calls.extend(source.filter(|source| is_local(source)).map(str::to_owned));
            }
            "resource" | "data" | "ephemeral" => {
                signs.makes = true;
                let provider = block.label(0).and_then(|kind| kind.split('_').next());
                signs.opens |= block.label(0) == Some("local_file");
                signs.providers.extend(provider.filter(|_| block.kind.text == "resource").map(str::to_owned));
            }
            "import" | "removed" => signs.is_applied = true,
            "terraform" => {
                signs.is_applied |= has_state(&block.body);
                let named = block.body.blocks().filter(|inner| matches!(inner.kind.text, "backend" | "cloud"));
                signs.state = named.filter_map(|inner| Some((state::written(inner)?, inner.span.line))).next().or(signs.state);
            }
            _ => {}
        }
    }
    signs
}

/// What another tool replaces before Terraform sees the file: ERB, as Terraspace has it, and the like. None of them is a value in any version.
const FILLED_IN: [(&str, &str); 3] = [("<%", "%>"), ("{%", "%}"), ("{{", "}}")];

/// The lines of a file at which its syntax breaks on what another tool fills in: `x = <%= output('a.b') %>`.
pub fn lines_to_fill_in(path: &RepoPath, text: &str) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    if path.file_name().ends_with(".json") || !FILLED_IN.iter().any(|(opening, _)| text.contains(opening)) {
        return found;
    }
    let written: Vec<&str> = text.lines().collect();
    let mut is_filled_in = |span: Span, kind: NoteKind, _: String| {
        let line = usize::try_from(span.line).ok().and_then(|line| written.get(line.checked_sub(1)?));
        let has_name = |(opening, closing): &(&str, &str)| {
            let inside = line.and_then(|line| line.split_once(opening)).and_then(|(_, rest)| rest.split_once(closing));
            inside.is_some_and(|(name, _)| name.bytes().any(|byte| byte.is_ascii_alphanumeric()))
        };
        if kind == NoteKind::Unreadable && FILLED_IN.iter().any(has_name) {
            found.insert(span.line);
        }
    };
    parse(text, FileId(0), &Bump::new(), &mut is_filled_in);
    found
}

/// Whether a source leads into the tree.
fn is_local(source: &str) -> bool {
    source.starts_with("./") || source.starts_with("../")
}

fn has_state(body: &Body<'_>) -> bool {
    body.blocks().any(|block: &Block<'_>| matches!(block.kind.text, "backend" | "cloud"))
        || body.attributes().any(|attribute: &Attribute<'_>| matches!(attribute.name.text, "backend" | "cloud"))
}

/// The roots of a tree, in order. `files` are its files with configuration, `others` all its paths.
pub fn roots<'p>(files: &BTreeMap<&'p RepoPath, Arc<Signs>>, others: impl Iterator<Item = &'p RepoPath>) -> BTreeSet<RepoPath> {
    let mut folders: BTreeMap<&str, Folder> = BTreeMap::new();
    for (path, signs) in files {
        let folder = folders.entry(path.folder()).or_default();
        folder.makes |= signs.makes;
        folder.is_applied |= signs.is_applied;
        folder.calls.extend(signs.calls.iter().filter_map(|call| path.sibling(call)));
    }
    // In a tree without configuration nothing has to be looked for.
    if folders.is_empty() {
        return BTreeSet::new();
    }
    for path in others.filter(|path| is_of_root(path.file_name())) {
        if let Some(folder) = folders.get_mut(path.folder()) {
            folder.is_applied = true;
        }
    }
    // An example calls what is to be published: that is applied by nobody here, and is the product.
    let called: BTreeSet<&str> = folders
        .iter()
        .filter(|(name, folder)| !is_example(name) || folder.is_applied)
        .flat_map(|(_, folder)| &folder.calls)
        .filter_map(|path| folders.get_key_value(path.as_str()).map(|(folder, _)| *folder))
        .collect();
    let is_root = |name: &str, folder: &Folder| folder.makes && (!called.contains(name) || folder.is_applied);
    let mut roots: BTreeSet<&str> = folders.iter().filter(|(name, folder)| is_root(name, folder)).map(|(name, _)| *name).collect();
    let mut reached = BTreeSet::new();
    roots.iter().for_each(|root| reach(root, &folders, &mut reached));
    // Modules that call each other are called by no root: the first of them is taken for one, so that they are read.
    for (name, folder) in &folders {
        if folder.makes && !reached.contains(name) {
            roots.insert(name);
            reach(name, &folders, &mut reached);
        }
    }
    roots.into_iter().map(RepoPath::new).collect()
}

/// The roots among files that are at hand, in order; the folder of the files themselves is empty. Those that are not count as nothing.
pub fn roots_of(paths: &[RepoPath], files: &dyn Files) -> BTreeSet<RepoPath> {
    let signs_of = |path: &RepoPath| match files.state(path) {
        FileState::Text(text) | FileState::Undecodable { text, .. } => Arc::new(signs(path, text)),
        _ => Arc::default(),
    };
    let asked = paths.iter().filter(|path| is_configuration(path)).map(|path| (path, signs_of(path))).collect();
    roots(&asked, paths.iter())
}

/// What the files of one folder say together.
#[derive(Default)]
struct Folder {
    makes: bool,
    is_applied: bool,
    calls: BTreeSet<RepoPath>,
}

fn reach<'f>(from: &'f str, folders: &BTreeMap<&'f str, Folder>, reached: &mut BTreeSet<&'f str>) {
    let mut open = vec![from];
    while let Some(name) = open.pop() {
        if reached.insert(name) {
            let calls = folders.get(name).into_iter().flat_map(|folder| &folder.calls);
            open.extend(calls.filter_map(|call| folders.get_key_value(call.as_str()).map(|(name, _)| *name)));
        }
    }
}

/// Whether a folder shows or tests what another one makes.
fn is_example(folder: &str) -> bool {
    folder.split('/').any(|part| matches!(part, "examples" | "example" | "wrappers" | "fixtures" | "tests" | "test"))
}

#[cfg(test)]
mod tests {
    use super::{lines_to_fill_in, roots_of};
    use crate::source::{MemoryFiles, RepoPath};

    fn found(tree: &[(&str, &str)]) -> String {
        let paths: Vec<RepoPath> = tree.iter().map(|(path, _)| RepoPath::new(path)).collect();
        let files = MemoryFiles(tree.iter().map(|(path, text)| (RepoPath::new(path), (*text).to_owned())).collect());
        let roots = roots_of(&paths, &files);
        roots.iter().map(|root| if root.as_str().is_empty() { "." } else { root.as_str() }).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_another_tool_fills_in_is_told_from_mistakes() {
        for (text, expected) in [
            ("a = 1\nb = <%= output('x.y', mock: {}) %>\n", vec![2]),
            ("a = {{ stage }}\n", vec![1]),
            ("a = \"<%= expansion(':ENV') %>-x\"\n", vec![]),
            ("a = <\n", vec![]),
            ("a = <%= %>\n", vec![]),
            ("# <%= x %>\na = \n", vec![]),
        ] {
            let found: Vec<u32> = lines_to_fill_in(&RepoPath::new("base.tfvars"), text).into_iter().collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn what_nobody_calls_is_a_root() {
        let call = |source: &str| format!("module \"m\" {{\n  source = \"{source}\"\n}}\n");
        let (up, down, own) = (call("../modules/app"), call("./modules/app"), call("../"));
        let queue = "resource \"aws_sqs_queue\" \"q\" {}\n";
        let json = "{\"module\": {\"m\": {\"source\": \"./modules/app\"}}}";
        for (tree, expected) in [
            (vec![("main.tf", queue)], "."),
            (vec![("main.tf", &*down), ("modules/app/main.tf", queue)], "."),
            (vec![("main.tf.json", json), ("modules/app/main.tf", queue)], "."),
            (vec![("live/main.tf", &*up), ("stage/main.tf", &*up), ("modules/app/main.tf", queue)], "live stage"),
            // An example is no use of what it shows.
            (vec![("main.tf", queue), ("examples/main.tf", &*own)], ". examples"),
            // A stage that is called `test` is none.
            (
                vec![("test/main.tf", &*up), ("test/backend.tf", "terraform {\n  backend \"s3\" {}\n}\n"), ("modules/app/main.tf", queue)],
                "test",
            ),
            // One that is called and has a state of its own is applied too.
            (
                vec![("main.tf", &*down), ("modules/app/main.tf", queue), ("modules/app/b.tf", "terraform {\n  backend \"s3\" {}\n}\n")],
                ". modules/app",
            ),
            (vec![("main.tf", &*down), ("modules/app/main.tf", queue), ("modules/app/terraform.tfvars", "a = 1\n")], ". modules/app"),
            // Two that call each other are read all the same.
            (
                vec![("a/main.tf", "module \"b\" {\n  source = \"../b\"\n}\n"), ("b/main.tf", "module \"a\" {\n  source = \"../a\"\n}\n")],
                "a",
            ),
            (vec![("variables.tf", "variable \"x\" {}\n")], ""),
            (vec![(".terraform/modules/x/main.tf", queue)], ""),
            (vec![("main.tf", "resource \"aws_sqs_queue\" \"q\" {\n")], "."),
        ] {
            assert_eq!(found(&tree), expected, "{tree:?}");
        }
    }
}
