//! Arguments that are not taken: what clap says of them, and for some of them what was probably wanted.

use crate::cli::complain;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use std::process::ExitCode;

/// Says what is wrong, and gives the exit code. Help and the version come this way too.
pub(super) fn end(error: &clap::Error) -> ExitCode {
    let command = std::env::args().nth(1).unwrap_or_default();
    match hint(error, &command) {
        Some(hint) => {
            // The first line says what is wrong; what follows are suggestions that lead elsewhere.
            complain(error.to_string().lines().next().unwrap_or_default());
            complain(&format!("hint: {hint}"));
            ExitCode::from(2)
        }
        None => error.exit(),
    }
}

fn hint(error: &clap::Error, command: &str) -> Option<&'static str> {
    let word = |kind| match error.get(kind) {
        Some(ContextValue::String(word)) => word.as_str(),
        Some(_) | None => "",
    };
    match (error.kind(), command) {
        (ErrorKind::InvalidSubcommand, "explain") => {
            Some("`astride rules show RULE` explains a rule; `/stride explain ID` is for comments on a pull request")
        }
        (ErrorKind::UnknownArgument, "review") => match word(ContextKind::InvalidArg) {
            "--staged" | "--cached" => Some(
                "the working tree is judged, staged or not; this judges what is staged: astride review --base HEAD --head \"$(git commit-tree -p HEAD -m staged \"$(git write-tree)\")\"",
            ),
            word if !word.starts_with('-') => {
                Some("a change is judged whole, between --base and --head; `astride threats FILE` lists the threats of one file")
            }
            _ => None,
        },
        _ => None,
    }
}
