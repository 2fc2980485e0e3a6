//! The `astride` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    astride::cli::run()
}
