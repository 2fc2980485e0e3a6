//! `${env:…}` where the service has its variables read from a `.env` file of the repository.
//!
//! Comes in: the name of a variable. Goes out: its value, if it is a secret that is written out there. Of others the environment of the
//! deployment has the last word, so that nothing is taken from the file.
//! Source: <https://www.serverless.com/framework/docs/environment-variables>, read 2026-11-28.

use crate::catalog::secrets;
use crate::formats::serverless::pen::{Pen, present};
use crate::formats::serverless::variables::{Answer, Variables, answer};
use crate::source::Span;

pub(super) fn secret<'t>(variables: &Variables<'t, '_>, name: &str, span: Span) -> Option<Answer<'t>> {
    present(variables.root, "useDotenv").filter(|flag| flag.scalar() == Some("true"))?;
    let files = [format!(".env.{}", answer::DEFAULT_STAGE), ".env".to_owned()];
    let value = files.iter().find_map(|file| {
        let path = variables.unit.sibling(file).filter(|path| variables.sources.has(path))?;
        let (_, text) = variables.sources.open(&path, Some(span))?;
        text.lines().find_map(|line| assigned(line, name))
    })?;
    let pen = Pen::new(variables.arena, span);
    secrets::is_secret(name, value).then(|| Answer::Known(pen.text(value)))
}

/// The value that a line gives to a variable: `NAME=value`, `export NAME="value"`.
fn assigned<'l>(line: &'l str, name: &str) -> Option<&'l str> {
    let line = line.trim();
    let (key, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
    (key.trim() == name).then(|| value.trim().trim_matches(['"', '\'']))
}
