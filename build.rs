//! Checks and compiles `config/` into constants: the fact vocabulary, the rules, the catalogue, tables of the provider.
//!
//! A wrong word in the data fails the build with file and entry; nothing of it is parsed again when the program starts.

#![expect(unreachable_pub, reason = "a build script exports nothing")]

mod build {
    pub mod actions;
    pub mod catalog;
    pub mod catalog_paths;
    pub mod facts;
    pub mod governing;
    pub mod holdings;
    pub mod managed_policies;
    pub mod public_words;
    pub mod references;
    pub mod rules;
    pub mod sam;
    pub mod serverless;
    pub mod suppressions;
    pub mod terraform;
    pub mod terraform_modules;
    pub mod weighed;
    pub mod wording;
}
#[allow(dead_code, reason = "shared with the library, of which this uses what reading rules takes")]
#[path = "src/model"]
mod model {
    pub mod category;
    pub mod fact_file;
    pub mod lined;
    pub mod meant;
    pub mod nearest;
    pub mod type_file;
    pub mod vocabulary;
    pub mod words;
}
#[allow(dead_code, reason = "shared with the library, of which this uses the parsers alone")]
#[path = "src/stride"]
mod stride {
    pub mod predicate;
    pub mod rule_file;
}

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), String> {
    println!("cargo:rerun-if-changed=config");
    println!("cargo:rerun-if-changed=build");
    let model = ["category", "fact_file", "lined", "meant", "nearest", "type_file", "vocabulary", "words"];
    let parts = ["keeps", "paths", "reader", "written"].map(|name| format!("model/type_file/{name}"));
    let model = model.map(|name| format!("model/{name}")).into_iter().chain(parts);
    for shared in model.chain(["stride/predicate", "stride/rule_file"].map(str::to_owned)) {
        println!("cargo:rerun-if-changed=src/{shared}.rs");
    }
    let out = PathBuf::from(env::var("OUT_DIR").map_err(|error| format!("OUT_DIR: {error}"))?);
    let facts = build::facts::read(Path::new("config/facts.yml"))?;
    write(&out.join("facts.rs"), &facts.code())?;
    let mut references = build::references::References::read(Path::new("config/references.yml"))?;
    let rules = build::rules::compile(Path::new("config/rules"), &facts, &mut references)?;
    write(&out.join("rules.rs"), &rules.code)?;
    write(&out.join("references.rs"), &references.code()?)?;
    write(&out.join("suppressions.rs"), &build::suppressions::compile(Path::new("config/suppressions.yml"), &facts)?)?;
    write(&out.join("actions.rs"), &build::actions::compile(Path::new("config/actions"))?)?;
    write(&out.join("governing.rs"), &build::governing::compile(Path::new("config/governing.yml"))?)?;
    let catalog = build::catalog::read(Path::new("config/catalog"), &facts)?;
    let weighed = build::weighed::compile(Path::new("config/weighed.yml"), &catalog, Path::new("config/governing.yml"))?;
    write(&out.join("weighed.rs"), &weighed)?;
    write(&out.join("managed_policies.rs"), &build::managed_policies::compile(Path::new("config/managed_policies.yml"))?)?;
    write(&out.join("public_words.rs"), &build::public_words::compile(Path::new("config"))?)?;
    write(&out.join("sam.rs"), &build::sam::compile(Path::new("config/sam"))?)?;
    write(&out.join("serverless.rs"), &build::serverless::compile(Path::new("config/serverless"))?)?;
    for notation in ["serverless", "terraform"] {
        let phrases = build::wording::compile(&Path::new("config/wording").join(notation).with_extension("yml"), &rules.said)?;
        write(&out.join(format!("{notation}_phrases.rs")), &phrases)?;
    }
    let dialect = Path::new("config/dialects/terraform");
    write(&out.join("terraform_aws.rs"), &build::terraform::compile(dialect, &catalog)?)?;
    write(&out.join("terraform_modules.rs"), &build::terraform_modules::compile(&dialect.join("modules.yml"))?)?;
    write(&out.join("catalog.rs"), &build::catalog::compile(&catalog, &facts)?)
}

fn write(path: &Path, code: &str) -> Result<(), String> {
    fs::write(path, code).map_err(|error| format!("{}: {error}", path.display()))
}
