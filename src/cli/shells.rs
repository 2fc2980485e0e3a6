//! `astride completions` and `astride man`: made from the arguments that the program takes.

use crate::cli::{Outcome, print};
use anyhow::{Context, Result};
use clap::Command;
use clap_complete::Shell;
use std::fs;
use std::path::PathBuf;

/// The program's name, by which shells know it.
const NAME: &str = "astride";

/// Print the completions of a shell.
#[derive(clap::Args)]
#[command(
    after_help = "Where to put them:\n  bash        astride completions bash > ~/.local/share/bash-completion/completions/astride\n  zsh         astride completions zsh > a folder of $fpath, as _astride\n  fish        astride completions fish > ~/.config/fish/completions/astride.fish\n  powershell  astride completions powershell >> $PROFILE\n  elvish      astride completions elvish >> ~/.config/elvish/rc.elv"
)]
pub(super) struct Completions {
    #[arg(value_enum)]
    shell: Shell,
}

/// Write the manual pages, one for each command, to a folder.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  astride man ~/.local/share/man/man1 && man astride-review")]
pub(super) struct Man {
    /// The folder; it is made where it is not there.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(super) fn completions(arguments: &Completions, mut program: Command) -> Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut program, NAME, &mut script);
    print(&String::from_utf8(script).context("the completions are no text")?)?;
    Ok(Outcome::Clear)
}

pub(super) fn man(arguments: &Man, program: Command) -> Result<Outcome> {
    let folder = &arguments.folder;
    let unwritten = || format!("{} cannot be written", folder.display());
    fs::create_dir_all(folder).with_context(unwritten)?;
    clap_mangen::generate_to(program, folder).with_context(unwritten)?;
    Ok(Outcome::Clear)
}
