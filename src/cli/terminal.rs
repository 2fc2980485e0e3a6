//! What the terminal can show: colours, and how wide it is.
//!
//! Comes in: `--color`, the environment, standard output. Goes out: whether to colour, and where to wrap.

use crate::report::text::Colour;
use std::ffi::OsStr;
use std::io::IsTerminal;

/// Columns of a terminal that does not say.
const USUAL: usize = 80;
/// Nobody reads longer lines with ease.
const WIDEST: usize = 120;

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum When {
    /// On a terminal, unless NO_COLOR is set or TERM is dumb; anywhere if CLICOLOR_FORCE is set.
    #[default]
    Auto,
    Always,
    Never,
}

/// Standard output, as far as it shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terminal {
    pub(super) colour: Colour,
    /// `None` where the output is no terminal: other programs get one line for each paragraph.
    pub(super) width: Option<usize>,
}

impl Terminal {
    /// Looks at the environment and at standard output.
    pub(super) fn look(when: When) -> Self {
        let is_terminal = std::io::stdout().is_terminal();
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0);
        let width = is_terminal.then(|| columns.or_else(columns_of_stdout).unwrap_or(USUAL)).or(columns);
        let colour = if is_coloured(when, is_terminal, &|name| std::env::var_os(name)) { Colour::Ansi } else { Colour::Never };
        Self { colour, width: width.map(|width| width.min(WIDEST)) }
    }
}

fn columns_of_stdout() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// <https://no-color.org> (set, and not to nothing), <https://bixense.com/clicolors>, both read 2026-11-28.
fn is_coloured<T: AsRef<OsStr>>(when: When, is_terminal: bool, variable: &dyn Fn(&str) -> Option<T>) -> bool {
    let is_set = |name: &str| variable(name).is_some_and(|value| !value.as_ref().is_empty());
    let is = |name: &str, word: &str| variable(name).is_some_and(|value| value.as_ref() == word);
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto if is_set("NO_COLOR") => false,
        When::Auto if is_set("CLICOLOR_FORCE") && !is("CLICOLOR_FORCE", "0") => true,
        When::Auto => is_terminal && !is("TERM", "dumb") && !is("CLICOLOR", "0"),
    }
}

/// Whether a spinner can be drawn and taken away again.
pub(super) fn can_redraw() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

#[cfg(test)]
mod tests {
    use super::{When, is_coloured};

    #[test]
    fn colours_are_what_the_standards_say() {
        for (when, is_terminal, variables, expected) in [
            (When::Auto, true, &[][..], true),
            (When::Auto, false, &[], false),
            (When::Auto, true, &[("NO_COLOR", "1")], false),
            (When::Auto, true, &[("NO_COLOR", "0")], false),
            (When::Auto, true, &[("NO_COLOR", "")], true),
            (When::Auto, true, &[("TERM", "dumb")], false),
            (When::Auto, false, &[("CLICOLOR_FORCE", "1")], true),
            (When::Auto, false, &[("CLICOLOR_FORCE", "0")], false),
            (When::Auto, true, &[("CLICOLOR", "0")], false),
            (When::Auto, false, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
            (When::Always, false, &[("NO_COLOR", "1"), ("TERM", "dumb")], true),
            (When::Never, true, &[("CLICOLOR_FORCE", "1")], false),
        ] {
            let find = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
            assert_eq!(is_coloured(when, is_terminal, &find), expected, "{when:?} {is_terminal} {variables:?}");
        }
    }
}
