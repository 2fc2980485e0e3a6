//! Writes the sources of the documentation site: `cargo run --example book -- FOLDER`, then `mdbook build`.

mod pages;
mod rules;

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

fn main() -> io::Result<()> {
    let folder = env::args_os().nth(1).map(PathBuf::from).ok_or_else(|| io::Error::other("usage: book FOLDER"))?;
    let book = pages::assemble(Path::new(env!("CARGO_MANIFEST_DIR")))?;
    for (path, bytes) in book {
        let file = folder.join(path);
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(file, bytes)?;
    }
    Ok(())
}
