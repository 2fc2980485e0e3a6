//! `config/dialects/terraform/modules.yml` → `MODULES`: what modules of the public registry make that are not read.
//!
//! ```text
//! SOURCE: silent                            makes nothing that is shown
//! SOURCE: {is: AWS::X::Y, name: INPUT, rename: {INPUT: TARGET}, stands: {TARGET: VALUE}, since: MAJOR, page: URL}
//! ```
//! `stands` is what the module does where its inputs say nothing else, from the major version `since` on.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

#[derive(Deserialize)]
#[serde(untagged)]
enum Stated {
    Bare(String),
    Whole(Module),
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Module {
    is: String,
    rename: BTreeMap<String, String>,
    stands: BTreeMap<String, Answer>,
    since: Option<u32>,
    page: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Flag(bool),
    Number(i64),
    Text(String),
}

pub fn compile(file: &Path) -> Result<String, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let modules: BTreeMap<String, Stated> = serde_saphyr::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut code = String::from("/// In order of their sources.\npub(crate) static MODULES: &[Module] = &[\n");
    for (source, stated) in &modules {
        let module = match stated {
            Stated::Bare(word) if word == "silent" => &Module::default(),
            Stated::Bare(word) => return Err(format!("{}: {source}: `{word}` is not `silent`", file.display())),
            Stated::Whole(module) if module.is.starts_with("AWS::") => module,
            Stated::Whole(_) => return Err(format!("{}: {source}: it says nothing of what it is", file.display())),
        };
        if !module.stands.is_empty() && !module.page.starts_with("https://") {
            return Err(format!("{}: {source}: what stands needs its page", file.display()));
        }
        if module.stands.is_empty() != module.since.is_none() {
            return Err(format!("{}: {source}: what stands needs the version since which it does", file.display()));
        }
        let renames: Vec<_> = module.rename.iter().collect();
        let stands: Vec<_> = module.stands.iter().map(|(at, answer)| format!("({at:?}, {})", answer_code(answer))).collect();
        code += &format!(
            "    Module {{ source: {source:?}, kind: {:?}, renames: &{renames:?}, stands: &[{}], since: {}, page: {:?} }},\n",
            module.is,
            stands.join(", "),
            module.since.unwrap_or_default(),
            module.page
        );
    }
    code += "];\n";
    Ok(code)
}

fn answer_code(answer: &Answer) -> String {
    match answer {
        Answer::Flag(flag) => format!("Literal::Flag({flag})"),
        Answer::Number(number) => format!("Literal::Number(\"{number}\")"),
        Answer::Text(text) => format!("Literal::Text({text:?})"),
    }
}
